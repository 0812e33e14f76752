//! What kinds there are, and how each language declares them: data, one YAML file a kind (`src/catalog/aws/`), plus summaries of
//! modules whose source may be missing (`src/catalog/modules/`).
//!
//! The catalog maps attributes of Terraform (`aws_*`, `awscc_*`) and CloudFormation types onto one vocabulary. It holds no opinion and no code:
//! a new resource type is one file.

mod literal;
pub mod spec;

use crate::project::{ALL_TAGS, Attributes, Demand};
use crate::table::IndexMap;
use crate::value::Mode;
use spec::{KindFile, ModuleFile, Path, PlaceFile, Shape, Spec};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// The kind of what one part of the code writes down for another: any name may be one of these.
pub const STORED: &str = "parameter";

/// What rules may ask for beside kinds: the tags that a provider adds to a resource's own.
pub const TAGS: &str = "tags";

/// What may be asked of the tags of any kind that has some, whichever form its types give them.
const PARTS_OF_TAGS: [(&str, &str); 3] = [
    ("tags.*", "the value of the tag of that key"),
    ("tags.key", "its key, of one of a list"),
    ("tags.value", "its value, of one of a list"),
];

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/catalog.rs"));
    include!(concat!(env!("OUT_DIR"), "/modules.rs"));
}

/// The kinds, the types that declare them, and the module summaries. Cloning is cheap.
#[derive(Clone, Default, Debug)]
pub struct Catalog(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    kinds: IndexMap<Arc<str>, Kind>,
    /// In the order of their names, and so are the lookups.
    types: IndexMap<Arc<str>, Arc<TypeEntry>>,
    lookups: IndexMap<Arc<str>, Arc<TypeEntry>>,
    /// A tenth of all, and asked for of most findings.
    parts: OnceLock<Parts>,
    places: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
    modules: BTreeMap<String, Arc<ModuleSummary>>,
    attributes: OnceLock<Arc<Attributes>>,
    names: OnceLock<Arc<Attributes>>,
}

/// Types that configure a kind, by the kind, each with the mode in which it is declared.
type Parts = BTreeMap<Arc<str>, Vec<(Mode, Arc<TypeEntry>)>>;

/// One kind of resource.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name: `bucket`.
    pub name: Arc<str>,
    /// What people call it: "S3 bucket".
    pub title: String,
    /// Whether a name means one resource in all accounts, and not only in one account and Region.
    pub unique_everywhere: bool,
    /// Its words, each with what it means: `logging`, `logging.target`.
    pub vocabulary: IndexMap<Arc<str>, String>,
    /// Properties that name other resources.
    pub relations: IndexMap<Arc<str>, Relation>,
    /// The forms in which others write its name, each with `{name}`: `arn:*:s3:::{name}`.
    pub forms: Vec<String>,
    /// What the name begins with that AWS gives each one when it is created: `vpc-`.
    pub id_prefix: Option<String>,
    /// Properties of which several claims add up, instead of contradicting each other.
    pub adds_up: BTreeSet<Arc<str>>,
    /// What makes an unread module look as if it held one.
    pub suspects: Option<spec::Suspects>,
}

/// A property that names resources of another kind.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The kind that is named.
    pub to: Arc<str>,
    /// What the named resource calls those that name it: `trails`.
    pub inverse: Option<Arc<str>>,
    /// Who names it, in the words of a message: "AWS Config".
    pub role: Option<String>,
}

/// What a type is to its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// It declares one.
    Whole,
    /// It configures one that this attribute names.
    Of(Path),
    /// It only reads one that this attribute names.
    LooksUp(Path),
}

/// How one type of one language declares a kind, a part of it, or looks one up.
#[derive(Clone, Debug)]
pub struct TypeEntry {
    /// The type: `aws_s3_bucket`.
    pub type_name: Arc<str>,
    /// The kind.
    pub kind: Arc<str>,
    /// What it is to the kind.
    pub part: Part,
    /// Where its name stands, if the author chooses it.
    pub name: Option<Path>,
    /// Where the beginning of a name stands that the provider completes.
    pub name_prefix: Option<Path>,
    /// Attributes by which others name it, each with its form: `id` to `name`, `arn` to `arn`.
    pub exports: BTreeMap<Arc<str>, Arc<str>>,
    /// Its properties, in the catalog's words.
    pub properties: IndexMap<Arc<str>, Spec>,
}

impl TypeEntry {
    /// The attributes that any of this is read from; `None`: from all of them.
    fn attributes(&self) -> Option<BTreeSet<Arc<str>>> {
        let mut paths: Vec<&Path> = self.name.iter().chain(&self.name_prefix).collect();
        if let Part::Of(path) | Part::LooksUp(path) = &self.part {
            paths.push(path);
        }
        let mut conditions = Vec::new();
        self.properties.values().for_each(|spec| reads(spec, &mut paths, &mut conditions));
        let firsts = paths.into_iter().map(|path| path.0.first().cloned()).collect::<Option<Vec<_>>>()?;
        // Since provider 6, a resource may name its own Region.
        let always = [Arc::from("region"), Arc::from(TAGS)];
        Some(firsts.into_iter().chain(conditions).chain(self.exports.keys().cloned()).chain(always).collect())
    }
}

/// The paths that a property is read from, and the attributes that its conditions name, those of its fields included.
fn reads<'s>(spec: &'s Spec, paths: &mut Vec<&'s Path>, conditions: &mut Vec<Arc<str>>) {
    match &spec.shape {
        Shape::Paths(own) => paths.extend(own),
        // What takes the declaration itself for a block has fields among its attributes.
        Shape::Block(own) | Shape::Blocks(own) if own.0.is_empty() && !spec.fields.is_empty() => {
            spec.fields.values().for_each(|field| reads(field, paths, conditions));
        }
        Shape::Block(own) | Shape::Blocks(own) => paths.push(own),
        Shape::First(specs) => specs.iter().for_each(|spec| reads(spec, paths, conditions)),
        Shape::Value(_) | Shape::Sibling(_) => {}
    }
    conditions.extend(spec.only_if.keys().chain(spec.unless.keys()).cloned());
    // The fields of a block stand in it; what they hang on may stand beside it.
    spec.fields.values().for_each(|field| reads(field, &mut Vec::new(), conditions));
}

/// What a well-known module does, for where its source is not there.
#[derive(Clone, Debug)]
pub struct ModuleSummary {
    /// The module's addresses: registry and git, as [`spec::normal_source`] writes them.
    pub sources: Vec<String>,
    /// The resources in it that matter, by name.
    pub resources: IndexMap<Arc<str>, ModuleResource>,
    /// Its outputs: to the resource that each names; nested ones as a path, `bucket.id`.
    pub outputs: BTreeMap<Arc<str>, Arc<str>>,
}

/// One resource inside a summarized module; its paths lead into the module's inputs.
#[derive(Clone, Debug)]
pub struct ModuleResource {
    /// When it exists: inputs that must be true; all of them.
    pub exists: Vec<Spec>,
    /// The rest, as for a type.
    pub entry: TypeEntry,
}

impl Catalog {
    /// The catalog that is part of the program, read once.
    pub fn embedded() -> &'static Self {
        static CATALOG: OnceLock<Catalog> = OnceLock::new();
        CATALOG.get_or_init(Self::read_embedded)
    }

    /// The same, read anew: for whoever measures that.
    pub fn read_embedded() -> Self {
        Self::read(embedded::CATALOG, embedded::MODULES).expect("the embedded catalog is read by a test")
    }

    /// Reads catalog files and module summaries (name, and content as JSON). The error names the file.
    pub fn read(kinds: &[(&str, &str)], modules: &[(&str, &str)]) -> Result<Self, String> {
        let mut inner = Inner::default();
        for (name, text) in kinds {
            if name.ends_with("place.yaml") {
                let file: PlaceFile = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
                inner.places = file.place;
                continue;
            }
            let file: KindFile = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
            inner.add_kind(file).map_err(|error| format!("{name}: {error}"))?;
        }
        inner.types.sort_unstable_keys();
        inner.lookups.sort_unstable_keys();
        for (name, text) in modules {
            let file: ModuleFile = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
            let summary = Arc::new(file.into_summary());
            inner.modules.extend(summary.sources.iter().map(|source| (source.clone(), Arc::clone(&summary))));
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The types that the catalog knows: what is asked of the frontends.
    pub fn demand(&self) -> Demand {
        let types = self.0.types.keys().chain(self.0.lookups.keys()).chain(self.0.places.keys());
        Demand { types: Some(types.cloned().collect()), ..Demand::default() }
    }

    /// The types that declare, configure or look up one of these kinds, and those that every answer may hang on: places and stored values.
    pub fn demand_of(&self, kinds: &BTreeSet<Arc<str>>) -> Demand {
        let is_wanted = |entry: &TypeEntry| kinds.contains(&entry.kind) || &*entry.kind == STORED;
        let entries = self.0.types.iter().chain(&self.0.lookups);
        let wanted = entries.filter(|(_, entry)| is_wanted(entry)).map(|(type_name, _)| type_name);
        let tags = kinds.contains(TAGS).then(|| Arc::from(ALL_TAGS));
        let types = wanted.chain(self.0.places.keys()).cloned().chain(tags).collect();
        let attributes = Arc::clone(self.0.attributes.get_or_init(|| Arc::new(self.attributes())));
        let names = Arc::clone(self.0.names.get_or_init(|| Arc::new(self.names())));
        Demand { types: Some(types), blocks: None, attributes, names }
    }

    /// What each type's properties, name and links are read from. A type that is read as a whole is not here.
    fn attributes(&self) -> Attributes {
        self.0.types.iter().filter_map(|(type_name, entry)| Some((Arc::clone(type_name), entry.attributes()?))).collect()
    }

    /// The attributes by which others know what a type declares.
    fn names(&self) -> Attributes {
        let declaring = self.0.types.iter().filter(|(_, entry)| matches!(entry.part, Part::Whole));
        declaring.map(|(type_name, entry)| (Arc::clone(type_name), entry.exports.keys().cloned().collect())).collect()
    }

    /// The kinds, in the order of their files.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.0.kinds.values()
    }

    /// The kind of a name.
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.0.kinds.get(name)
    }

    /// The number of a kind, for who asks for it again and again.
    pub fn number(&self, name: &str) -> Option<u16> {
        self.0.kinds.get_index_of(name).and_then(|number| u16::try_from(number).ok())
    }

    /// The kind of a number.
    pub fn numbered(&self, number: u16) -> Option<&Kind> {
        self.0.kinds.get_index(usize::from(number)).map(|(_, kind)| kind)
    }

    /// The entry of a resource type.
    pub fn managed(&self, type_name: &str) -> Option<&TypeEntry> {
        self.0.types.get(type_name).map(|entry| &**entry)
    }

    /// The entry of a data source type.
    pub fn lookup(&self, type_name: &str) -> Option<&TypeEntry> {
        self.0.lookups.get(type_name).map(|entry| &**entry)
    }

    /// Every type, with the mode in which it is declared.
    pub fn types(&self) -> impl Iterator<Item = (Mode, &TypeEntry)> {
        self.entries().map(|(mode, entry)| (mode, &**entry))
    }

    fn entries(&self) -> impl Iterator<Item = (Mode, &Arc<TypeEntry>)> {
        let managed = self.0.types.values().map(|entry| (Mode::Managed, entry));
        managed.chain(self.0.lookups.values().map(|entry| (Mode::Data, entry)))
    }

    /// The types that configure a resource of a kind which another declares, in the same order.
    pub fn parts_of(&self, kind: &str) -> impl Iterator<Item = (Mode, &TypeEntry)> {
        let parts = self.0.parts.get_or_init(|| {
            let mut parts = Parts::new();
            for (mode, entry) in self.entries().filter(|(_, entry)| matches!(entry.part, Part::Of(_))) {
                parts.entry(Arc::clone(&entry.kind)).or_default().push((mode, Arc::clone(entry)));
            }
            parts
        });
        parts.get(kind).into_iter().flatten().map(|(mode, entry)| (*mode, &**entry))
    }

    /// What an attribute of a data source says of the place where it is read: `account`, `region`, `partition`.
    pub fn place(&self, type_name: &str, attribute: &str) -> Option<&str> {
        self.0.places.get(type_name)?.get(attribute).map(|place| &**place)
    }

    /// The summary of a module, by its source address as written.
    pub fn module(&self, source: &str) -> Option<&ModuleSummary> {
        self.0.modules.get(&spec::normal_source(source)).map(|summary| &**summary)
    }
}

impl Inner {
    fn add_kind(&mut self, file: KindFile) -> Result<(), String> {
        for (type_name, declared) in file.types {
            let (data, bare) = match type_name.strip_prefix("data.") {
                Some(bare) => (true, Arc::from(bare)),
                None => (false, type_name),
            };
            let entry = declared.into_entry(Arc::clone(&bare), &file.kind);
            let into = if data { &mut self.lookups } else { &mut self.types };
            if into.insert(Arc::clone(&bare), Arc::new(entry)).is_some() {
                return Err(format!("`{bare}` is declared twice"));
            }
        }
        for (copy, original) in file.like {
            let entry = self.types.get(&original).ok_or_else(|| format!("`{copy}` is like `{original}`, which is not declared"))?;
            let entry = spec::in_snake_case(entry, Arc::clone(&copy));
            self.types.insert(copy, Arc::new(entry));
        }
        let mut vocabulary = file.vocabulary;
        if vocabulary.contains_key(TAGS) {
            vocabulary.extend(PARTS_OF_TAGS.map(|(word, meaning)| (Arc::from(word), meaning.to_owned())));
        }
        let kind = Kind {
            name: Arc::clone(&file.kind),
            title: file.title,
            unique_everywhere: file.unique_everywhere,
            vocabulary,
            relations: file.relations.into_iter().map(|(path, relation)| (path, relation.into())).collect(),
            forms: file.forms,
            id_prefix: file.id_prefix,
            adds_up: file.adds_up,
            suspects: file.suspects,
        };
        self.kinds.insert(file.kind, kind);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_of_every_type_is_in_its_kinds_vocabulary() {
        let catalog = Catalog::embedded();
        let mut unknown = Vec::new();
        let entries = catalog.types().map(|(_, entry)| entry);
        for entry in entries.chain(catalog.0.modules.values().flat_map(|module| module.resources.values().map(|resource| &resource.entry)))
        {
            let kind = catalog.kind(&entry.kind).unwrap_or_else(|| panic!("{} has no kind {}", entry.type_name, entry.kind));
            for (name, spec) in &entry.properties {
                spec.walk(name, &mut |path| {
                    if !kind.vocabulary.contains_key(path) {
                        unknown.push(format!("{}: {path}", entry.type_name));
                    }
                });
            }
        }
        assert!(unknown.is_empty(), "not in the vocabulary: {unknown:#?}");
    }

    #[test]
    fn every_relation_leads_to_a_kind_and_starts_at_a_word() {
        let catalog = Catalog::embedded();
        for kind in catalog.kinds() {
            for (path, relation) in &kind.relations {
                assert!(kind.vocabulary.contains_key(path), "{}: {path}", kind.name);
                assert!(catalog.kind(&relation.to).is_some(), "{}: {path} leads to {}", kind.name, relation.to);
            }
        }
    }
}
