//! The form of a catalog file, of a module summary, and of the mapping of one property.
//!
//! A property is given as a path (`s3_bucket_name`), or as a mapping with one of `path`, `block` (an object that is there or not), `blocks`
//! (a list of them), `value` (what the type itself implies) or `sibling` (another resource of the same module), and then `fields`, `needs`,
//! `map`, `default`, `required`, `only_if`, `unless`, `versions`; or as a list of these, of which the first that says anything counts.

pub use crate::graph::catalog::literal::Literal;
use crate::graph::catalog::{ModuleResource, ModuleSummary, Part, Relation, TypeEntry};
use crate::table::IndexMap;
use crate::version::Range;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A way into the attributes of a declaration. Empty: the declaration itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Path(pub Vec<Arc<str>>);

impl Path {
    /// The path of a dotted text; `.` is the empty one. `[Key=access_logs.s3.bucket]` is a step of its own: the elements of a list that have that.
    pub fn parse(text: &str) -> Self {
        let (mut steps, mut step, mut inside) = (Vec::new(), String::new(), false);
        for letter in text.chars() {
            inside = (inside || letter == '[') && letter != ']';
            if (letter == '.' && !inside) || letter == '[' {
                steps.push(std::mem::take(&mut step));
            }
            if letter != '.' || inside {
                step.push(letter);
            }
        }
        steps.push(step);
        Self(steps.into_iter().filter(|step| !step.is_empty()).map(Arc::from).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step.strip_prefix('[') {
                Some(test) => write!(f, "[{}]", test.trim_end_matches(']'))?,
                None if at > 0 => write!(f, ".{step}")?,
                None => f.write_str(step)?,
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

/// Where a property's value stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Shape {
    /// At the first of these paths that has one.
    Paths(Vec<Path>),
    /// An object or block that is there or not.
    Block(Path),
    /// A list of objects or blocks.
    Blocks(Path),
    /// Implied by the type.
    Value(Literal),
    /// Another resource of the same summarized module, by its name there.
    Sibling(Arc<str>),
    /// The first of these that says anything.
    First(Vec<Spec>),
}

/// How a property is read from a declaration.
#[derive(Clone, PartialEq, Debug)]
pub struct Spec {
    /// Where it stands.
    pub shape: Shape,
    /// For blocks: what stands in them, by the catalog's words.
    pub fields: IndexMap<Arc<str>, Spec>,
    /// For a block: fields without which it counts as absent.
    pub needs: Vec<Arc<str>>,
    /// The language's words to the catalog's.
    pub map: BTreeMap<String, Literal>,
    /// What it is where nothing is said.
    pub default: Option<Fallback>,
    /// Whether the language asks for it: then it is set even where its value is not known.
    pub required: bool,
    /// Attributes of the same declaration that must have these words, or nothing is said.
    pub only_if: BTreeMap<Arc<str>, String>,
    /// Attributes of the same declaration that must not have these words.
    pub unless: BTreeMap<Arc<str>, String>,
    /// For a module: the versions that say it.
    pub versions: Option<Range>,
}

/// What a property is where nothing is said.
#[derive(Clone, PartialEq, Debug)]
pub enum Fallback {
    /// This.
    Literal(Literal),
    /// The resource itself.
    Itself,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Written {
    path: Option<OneOrMany>,
    block: Option<Path>,
    blocks: Option<Path>,
    value: Option<Literal>,
    sibling: Option<Arc<str>>,
    fields: IndexMap<Arc<str>, Spec>,
    needs: Vec<Arc<str>>,
    map: BTreeMap<String, Literal>,
    default: Option<Literal>,
    default_itself: bool,
    required: bool,
    only_if: BTreeMap<Arc<str>, String>,
    unless: BTreeMap<Arc<str>, String>,
    versions: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Path),
    Many(Vec<Path>),
}

impl Spec {
    fn of(shape: Shape) -> Self {
        Self {
            shape,
            fields: IndexMap::default(),
            needs: Vec::new(),
            map: BTreeMap::new(),
            default: None,
            required: false,
            only_if: BTreeMap::new(),
            unless: BTreeMap::new(),
            versions: None,
        }
    }

    /// Calls for each word that it gives, with its whole path.
    pub fn walk(&self, name: &str, each: &mut dyn FnMut(&str)) {
        each(name);
        if let Shape::First(specs) = &self.shape {
            specs.iter().for_each(|spec| spec.walk(name, each));
        }
        for (field, spec) in &self.fields {
            spec.walk(&format!("{name}.{field}"), each);
        }
    }

    /// The first place it would stand at, in the language's words: for messages.
    pub fn written_as(&self) -> Option<String> {
        let path = match &self.shape {
            Shape::Paths(paths) => paths.first()?,
            Shape::Block(path) | Shape::Blocks(path) => path,
            Shape::First(specs) => return specs.iter().find_map(Self::written_as),
            Shape::Value(_) | Shape::Sibling(_) => return None,
        };
        (!path.0.is_empty()).then(|| path.to_string())
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SpecVisitor;
        impl<'de> Visitor<'de> for SpecVisitor {
            type Value = Spec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path, or a mapping with `path`, `block`, `blocks` or `value`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Spec, E> {
                Ok(Spec::of(Shape::Paths(vec![Path::parse(text)])))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Spec, A::Error> {
                let mut specs = Vec::new();
                while let Some(spec) = items.next_element()? {
                    specs.push(spec);
                }
                Ok(Spec::of(Shape::First(specs)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spec, A::Error> {
                let written = Written::deserialize(MapAccessDeserializer::new(map))?;
                let shapes = [
                    written.path.map(|paths| match paths {
                        OneOrMany::One(path) => Shape::Paths(vec![path]),
                        OneOrMany::Many(paths) => Shape::Paths(paths),
                    }),
                    written.block.map(Shape::Block),
                    written.blocks.map(Shape::Blocks),
                    written.value.map(Shape::Value),
                    written.sibling.map(Shape::Sibling),
                ];
                let mut shapes = shapes.into_iter().flatten();
                let (Some(shape), None) = (shapes.next(), shapes.next()) else {
                    return Err(serde::de::Error::custom("exactly one of `path`, `block`, `blocks`, `value`, `sibling` is needed"));
                };
                let default = match written.default {
                    Some(literal) => Some(Fallback::Literal(literal)),
                    None if written.default_itself => Some(Fallback::Itself),
                    None => None,
                };
                Ok(Spec {
                    shape,
                    fields: written.fields,
                    needs: written.needs,
                    map: written.map,
                    default,
                    required: written.required,
                    only_if: written.only_if,
                    unless: written.unless,
                    versions: written.versions.as_deref().map(Range::of),
                })
            }
        }
        deserializer.deserialize_any(SpecVisitor)
    }
}

/// One file of `src/catalog/aws/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindFile {
    /// The kind's name.
    pub kind: Arc<str>,
    /// What people call it.
    pub title: String,
    /// Whether a name means one resource in all accounts.
    #[serde(default)]
    pub unique_everywhere: bool,
    /// Its words and what they mean.
    pub vocabulary: IndexMap<Arc<str>, String>,
    /// Words that name other resources.
    #[serde(default)]
    pub relations: IndexMap<Arc<str>, WrittenRelation>,
    /// The forms of its name.
    #[serde(default)]
    pub forms: Vec<String>,
    /// What the names begin with that AWS gives.
    #[serde(default)]
    pub id_prefix: Option<String>,
    /// Properties whose claims add up.
    #[serde(default)]
    pub adds_up: BTreeSet<Arc<str>>,
    /// What makes an unread module look as if it held one.
    #[serde(default)]
    pub suspects: Option<Suspects>,
    /// Types, by name; data sources as `data.aws_s3_bucket`.
    pub types: IndexMap<Arc<str>, WrittenType>,
    /// Cloud Control types whose attributes are those of a CloudFormation type in snake case.
    #[serde(default)]
    pub like: IndexMap<Arc<str>, Arc<str>>,
}

/// A relation as a file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRelation {
    to: Arc<str>,
    #[serde(default)]
    inverse: Option<Arc<str>>,
    #[serde(default)]
    role: Option<String>,
}

impl From<WrittenRelation> for Relation {
    fn from(written: WrittenRelation) -> Self {
        Self { to: written.to, inverse: written.inverse, role: written.role }
    }
}

/// What makes an unread module look as if it held one of a kind. Patterns with `*`, compared in lower case.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspects {
    /// Patterns for the module's source.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Patterns for the names of its arguments.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Patterns for the source that speak against it.
    #[serde(default)]
    pub unless: Vec<String>,
}

/// A type as a file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenType {
    #[serde(default)]
    part_of: Option<Path>,
    #[serde(default)]
    looks_up: Option<Path>,
    #[serde(default)]
    name: Option<Path>,
    #[serde(default)]
    name_prefix: Option<Path>,
    #[serde(default)]
    exports: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(default)]
    properties: IndexMap<Arc<str>, Spec>,
}

impl WrittenType {
    /// The entry of a type of this name.
    pub fn into_entry(self, type_name: Arc<str>, kind: &Arc<str>) -> TypeEntry {
        let part = match (self.part_of, self.looks_up) {
            (Some(path), _) => Part::Of(path),
            (None, Some(path)) => Part::LooksUp(path),
            (None, None) => Part::Whole,
        };
        TypeEntry {
            type_name,
            kind: Arc::clone(kind),
            part,
            name: self.name,
            name_prefix: self.name_prefix,
            exports: self.exports,
            properties: self.properties,
        }
    }
}

/// The file of data sources that say where they are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceFile {
    /// Type to attribute to `account`, `region` or `partition`.
    pub place: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
}

/// One file of `src/catalog/modules/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleFile {
    sources: Vec<String>,
    resources: IndexMap<Arc<str>, WrittenModuleResource>,
    #[serde(default)]
    outputs: BTreeMap<Arc<str>, Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenModuleResource {
    kind: Arc<str>,
    #[serde(default)]
    exists: Vec<Spec>,
    #[serde(default)]
    name: Option<Path>,
    #[serde(default)]
    name_prefix: Option<Path>,
    #[serde(default)]
    properties: IndexMap<Arc<str>, Spec>,
}

impl ModuleFile {
    /// The summary that the file gives.
    pub fn into_summary(self) -> ModuleSummary {
        let resources = self.resources.into_iter().map(|(name, written)| {
            let entry = TypeEntry {
                type_name: Arc::clone(&name),
                kind: written.kind,
                part: Part::Whole,
                name: written.name,
                name_prefix: written.name_prefix,
                exports: BTreeMap::new(),
                properties: written.properties,
            };
            (name, ModuleResource { exists: written.exists, entry })
        });
        ModuleSummary {
            sources: self.sources.iter().map(|source| normal_source(source)).collect(),
            resources: resources.collect(),
            outputs: self.outputs,
        }
    }
}

/// A module's source in one form, without version, protocol, credentials and `.git`: `terraform-aws-modules/s3-bucket/aws`,
/// `github.com/owner/repo//folder`.
pub fn normal_source(source: &str) -> String {
    let source = source.split('?').next().unwrap_or_default();
    let source = source.strip_prefix("git::").unwrap_or(source);
    let source = source.split_once("://").map_or(source, |(_, rest)| rest);
    let source = match source.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest.replacen(':', "/", 1),
        _ => source.to_owned(),
    };
    let (repository, folder) = source.split_once("//").map_or((source.as_str(), None), |(repository, folder)| (repository, Some(folder)));
    let repository = repository.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
    // A registry's address has three parts, and perhaps a host before them; a repository on a host has two.
    let parts: Vec<&str> = repository.split('/').collect();
    let repository = match parts.as_slice() {
        [host, rest @ ..] if rest.len() == 3 && host.contains('.') => rest.join("/"),
        _ => repository,
    };
    match folder.map(|folder| folder.trim_matches('/')) {
        Some(folder) if !folder.is_empty() => format!("{repository}//{folder}"),
        _ => repository,
    }
}

/// The entry of a Cloud Control type: that of the CloudFormation type with every word in snake case.
pub fn in_snake_case(entry: &TypeEntry, type_name: Arc<str>) -> TypeEntry {
    let part = match &entry.part {
        Part::Whole => Part::Whole,
        Part::Of(path) => Part::Of(snake_path(path)),
        Part::LooksUp(path) => Part::LooksUp(snake_path(path)),
    };
    let exports = entry.exports.iter().map(|(attribute, form)| match &**attribute {
        "Ref" => (Arc::from("id"), Arc::clone(form)),
        other => (Arc::from(snake(other)), Arc::clone(form)),
    });
    let mut exports: BTreeMap<Arc<str>, Arc<str>> = exports.collect();
    if let Some(name) = &entry.name {
        exports.insert(Arc::from(snake_path(name).to_string()), Arc::from("name"));
    }
    TypeEntry {
        type_name,
        kind: Arc::clone(&entry.kind),
        part,
        name: entry.name.as_ref().map(snake_path),
        name_prefix: entry.name_prefix.as_ref().map(snake_path),
        exports,
        properties: entry.properties.iter().map(|(name, spec)| (Arc::clone(name), snake_spec(spec))).collect(),
    }
}

fn snake_spec(spec: &Spec) -> Spec {
    let shape = match &spec.shape {
        Shape::Paths(paths) => Shape::Paths(paths.iter().map(snake_path).collect()),
        Shape::Block(path) => Shape::Block(snake_path(path)),
        Shape::Blocks(path) => Shape::Blocks(snake_path(path)),
        Shape::First(specs) => Shape::First(specs.iter().map(snake_spec).collect()),
        Shape::Value(_) | Shape::Sibling(_) => spec.shape.clone(),
    };
    let fields = spec.fields.iter().map(|(name, field)| (Arc::clone(name), snake_spec(field))).collect();
    let only_if = spec.only_if.iter().map(|(name, word)| (Arc::from(snake(name)), word.clone())).collect();
    Spec { shape, fields, only_if, ..spec.clone() }
}

fn snake_path(path: &Path) -> Path {
    let step = |step: &Arc<str>| match step.strip_prefix('[').and_then(|test| test.split_once('=')) {
        Some((key, word)) => Arc::from(format!("[{}={word}", snake(key))),
        None => Arc::from(snake(step)),
    };
    Path(path.0.iter().map(step).collect())
}

/// `SSEAlgorithm` as `sse_algorithm`, the way the Cloud Control provider names attributes.
fn snake(word: &str) -> String {
    let letters: Vec<char> = word.replace("CloudWatch", "Cloudwatch").chars().collect();
    let mut out = String::with_capacity(letters.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let after_lower = at > 0 && !letters[at - 1].is_uppercase() && letters[at - 1] != '_';
        let before_lower = at > 0 && letters[at - 1].is_uppercase() && letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase() && (after_lower || before_lower) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloud_control_names_are_snake_case() {
        for (word, expected) in [
            ("SSEAlgorithm", "sse_algorithm"),
            ("KMSMasterKeyID", "kms_master_key_id"),
            ("S3BucketName", "s3_bucket_name"),
            ("IsMultiRegionTrail", "is_multi_region_trail"),
            ("CloudWatchLogsLogGroupArn", "cloudwatch_logs_log_group_arn"),
            ("KMSKeyId", "kms_key_id"),
            ("BucketName", "bucket_name"),
        ] {
            assert_eq!(snake(word), expected);
        }
    }

    #[test]
    fn a_step_can_pick_elements() {
        let path = Path::parse("LoadBalancerAttributes[Key=access_logs.s3.bucket].Value");
        let steps: Vec<&str> = path.0.iter().map(|step| &**step).collect();
        assert_eq!(steps, ["LoadBalancerAttributes", "[Key=access_logs.s3.bucket]", "Value"]);
        assert_eq!(path.to_string(), "LoadBalancerAttributes[Key=access_logs.s3.bucket].Value");
        assert!(Path::parse(".").0.is_empty());
        assert_eq!(Path::parse("a.b").0.len(), 2);
    }

    #[test]
    fn one_module_has_one_normal_source() {
        for source in [
            "git@github.com:terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v4",
            "git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=abc",
            "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-s3-bucket",
            "github.com/terraform-aws-modules/terraform-aws-s3-bucket",
            "https://github.com/terraform-aws-modules/terraform-aws-s3-bucket/",
        ] {
            assert_eq!(normal_source(source), "github.com/terraform-aws-modules/terraform-aws-s3-bucket", "{source}");
        }
        assert_eq!(
            normal_source("terraform-aws-modules/s3-bucket/aws//modules/object"),
            "terraform-aws-modules/s3-bucket/aws//modules/object"
        );
        assert_eq!(normal_source("registry.example.com/a/b/aws"), "a/b/aws");
    }
}
