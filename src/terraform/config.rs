//! A module as configured: its files read and sorted into variables, locals, resources, calls, nothing evaluated.
//!
//! Override files are kept as further parts of the object that they override, latest last, so that every attribute keeps
//! the file it was written in. It knows Terraform's block types; it knows no resource type.

use crate::diagnostic::{Diagnostic, Level, Problems, counted};
use crate::limits::Limit;
use crate::project::Context;
use crate::source::fs::normalize;
use crate::source::{FileId, Span, TextRange};
use crate::syntax::HclFile;
use crate::syntax::hcl::{Attribute, Block, Expr, ExprKind, Operation};
use crate::table::IndexMap;
use crate::terraform::files;
use crate::value::Mode;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

/// One block of one file.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file.
    pub file: FileId,
    tree: Arc<HclFile>,
    index: usize,
}

impl Part {
    /// The block.
    pub fn block(&self) -> &Block {
        &self.tree.body.blocks[self.index]
    }
}

/// Blocks of one type, with the files that they are written in.
pub type Written<'o> = Vec<(FileId, &'o Block)>;

/// An object of the configuration: its block, then the blocks of override files, in the order in which they apply.
#[derive(Clone, Debug)]
pub struct Object {
    parts: Vec<Part>,
}

impl Object {
    /// Where it is first declared.
    pub fn base(&self) -> &Part {
        &self.parts[0]
    }

    /// The header, for messages and findings.
    pub fn header(&self) -> Span {
        self.base().block().header.at(self.base().file)
    }

    /// The whole block.
    pub fn body(&self) -> Span {
        self.base().block().range.at(self.base().file)
    }

    /// An attribute: the last part that sets it wins.
    pub fn attribute(&self, name: &str) -> Option<(FileId, &Attribute)> {
        self.parts.iter().rev().find_map(|part| part.block().body.attribute(name).map(|attribute| (part.file, attribute)))
    }

    /// Whether a block is of this type, a `dynamic` block included.
    fn is_block_of(block: &Block, kind: &str) -> bool {
        &*block.kind.name == kind || (&*block.kind.name == "dynamic" && block.labels.first().is_some_and(|label| &*label.name == kind))
    }

    /// The blocks of a type (with `dynamic` blocks that generate it): the last part that has any replaces all earlier ones.
    pub fn blocks(&self, kind: &str) -> Vec<(FileId, &Block)> {
        let part = self.parts.iter().rev().find(|part| part.block().body.blocks.iter().any(|block| Self::is_block_of(block, kind)));
        part.map_or_else(Vec::new, |part| {
            part.block().body.blocks.iter().filter(|block| Self::is_block_of(block, kind)).map(|block| (part.file, block)).collect()
        })
    }

    /// All attributes by name, in source order: of each name the one that [`Object::attribute`] gives.
    pub fn named_attributes(&self) -> Vec<(Arc<str>, FileId, &Attribute)> {
        if let [only] = self.parts.as_slice()
            && only.block().body.attributes.len() <= FEW
        {
            let attributes = &only.block().body.attributes;
            let mut named: Vec<(Arc<str>, FileId, &Attribute)> = Vec::with_capacity(attributes.len());
            for attribute in attributes {
                if !named.iter().any(|(name, ..)| *name == attribute.name.name) {
                    named.push((Arc::clone(&attribute.name.name), only.file, attribute));
                }
            }
            return named;
        }
        let mut named: Named<'_, (FileId, &Attribute)> = Named::default();
        for (number, part) in self.parts.iter().enumerate() {
            for attribute in &part.block().body.attributes {
                let of = named.of(&attribute.name.name, number);
                // A file that sets it twice means the first.
                if of.is_empty() {
                    of.push((part.file, attribute));
                }
            }
        }
        named
            .0
            .into_iter()
            .flat_map(|(name, (_, of))| of.into_iter().map(|(file, attribute)| (Arc::clone(name), file, attribute)))
            .collect()
    }

    /// The names of all attributes, in source order.
    pub fn attribute_names(&self) -> Vec<Arc<str>> {
        self.named_attributes().into_iter().map(|(name, ..)| name).collect()
    }

    /// Calls `visit` with every attribute's expression and its file, those of nested blocks included.
    pub fn expressions<'o>(&'o self, visit: &mut dyn FnMut(FileId, &'o Expr)) {
        self.parts.iter().for_each(|part| part.block().body.expressions(&mut |expr| visit(part.file, expr)));
    }

    /// All blocks by type, in source order, a `dynamic` block by the type it generates: of each type those that [`Object::blocks`] gives.
    pub fn named_blocks(&self) -> Vec<(Arc<str>, Written<'_>)> {
        let mut named: Named<'_, (FileId, &Block)> = Named::default();
        for (number, part) in self.parts.iter().enumerate() {
            for block in &part.block().body.blocks {
                let name = match (&*block.kind.name, block.labels.first()) {
                    ("dynamic", Some(label)) => &label.name,
                    _ => &block.kind.name,
                };
                named.of(name, number).push((part.file, block));
            }
        }
        named.0.into_iter().map(|(name, (_, of))| (Arc::clone(name), of)).collect()
    }

    /// The types of all blocks, in source order, a `dynamic` block by the type it generates.
    pub fn block_names(&self) -> Vec<Arc<str>> {
        self.named_blocks().into_iter().map(|(name, _)| name).collect()
    }
}

/// What an object says by name, in the order of the names' first mention, with the number of the last part that says it. An object may say very
/// much: looking for each name in all of it would take the square of that.
struct Named<'o, T>(IndexMap<&'o Arc<str>, (usize, Vec<T>)>);

/// As many names are looked for in each other sooner than they are hashed.
const FEW: usize = 32;

impl<T> Default for Named<'_, T> {
    fn default() -> Self {
        Self(IndexMap::default())
    }
}

impl<'o, T> Named<'o, T> {
    /// What a part says of a name, in the place of what earlier parts said.
    fn of(&mut self, name: &'o Arc<str>, part: usize) -> &mut Vec<T> {
        let (last, of) = self.0.entry(name).or_insert_with(|| (part, Vec::new()));
        if std::mem::replace(last, part) != part {
            of.clear();
        }
        of
    }
}

/// A resource or data source block.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Managed or read.
    pub mode: Mode,
    /// The type.
    pub type_name: Arc<str>,
    /// The name.
    pub name: Arc<str>,
    /// The address inside its module, without an instance key: `aws_s3_bucket.logs`, `data.aws_region.current`.
    pub local: Arc<str>,
    /// The block.
    pub object: Object,
}

/// The address of a resource inside its module, without an instance key.
pub fn local_address(mode: Mode, kind: &str, name: &str) -> String {
    let prefix = if mode == Mode::Data { "data." } else { "" };
    [prefix, kind, ".", name].concat()
}

/// A local value.
#[derive(Clone, Debug)]
pub struct Local {
    file: FileId,
    tree: Arc<HclFile>,
    block: usize,
    index: usize,
}

impl Local {
    /// The file and the attribute.
    pub fn attribute(&self) -> (FileId, &Attribute) {
        (self.file, &self.tree.body.blocks[self.block].body.attributes[self.index])
    }
}

/// A module.
#[derive(Debug, Default)]
pub struct Module {
    /// Its directory.
    pub dir: PathBuf,
    /// `variable` blocks by name.
    pub variables: IndexMap<Arc<str>, Object>,
    /// Local values by name.
    pub locals: IndexMap<Arc<str>, Local>,
    /// `output` blocks by name.
    pub outputs: IndexMap<Arc<str>, Object>,
    /// Resources and data sources by local address.
    pub resources: IndexMap<Arc<str>, Resource>,
    /// `module` blocks by name.
    pub calls: IndexMap<Arc<str>, Object>,
    /// `provider` blocks: local name, and alias or the empty string.
    pub providers: IndexMap<(Arc<str>, Arc<str>), Object>,
    /// `terraform` blocks.
    pub settings: Vec<Object>,
    /// `check` blocks, kept for their scoped data sources.
    pub checks: Vec<Object>,
    /// The files that it was read from.
    pub files: Vec<FileId>,
    /// Problems of its files and of its structure.
    pub diagnostics: Problems,
    /// The directories that local sources of its calls lead to: whoever calls the module asks for the same ones.
    pub(super) beside: Mutex<IndexMap<Box<str>, Arc<Path>>>,
}

impl Module {
    /// The directory that a local source leads to.
    pub fn beside(&self, source: &str) -> Arc<Path> {
        let mut beside = self.beside.lock().expect("no thread panics while it holds this lock");
        if let Some(known) = beside.get(source) {
            return Arc::clone(known);
        }
        let dir: Arc<Path> = Arc::from(normalize(&self.dir.join(source)));
        beside.insert(source.into(), Arc::clone(&dir));
        dir
    }
}

/// The words with which Terraform starts its own block types and references: no resource type may be called so.
const KNOWN_BLOCKS: [&str; 12] =
    ["terraform", "provider", "variable", "locals", "output", "module", "resource", "data", "moved", "import", "removed", "check"];

/// The modules of one run by directory, whichever project calls them.
#[derive(Debug, Default)]
pub struct Modules {
    loaded: Mutex<IndexMap<PathBuf, Arc<OnceLock<Arc<Module>>>>>,
}

impl Modules {
    /// The module of a directory, read by the first thread that asks.
    pub fn get(&self, context: &Context<'_>, dir: &Path) -> Arc<Module> {
        let slot = {
            let mut loaded = self.loaded.lock().expect("no thread panics while it holds this lock");
            match loaded.get(dir) {
                Some(slot) => Arc::clone(slot),
                None => Arc::clone(loaded.entry(dir.to_owned()).or_default()),
            }
        };
        Arc::clone(slot.get_or_init(|| Arc::new(load(context, dir))))
    }

    /// Lets go of the module of a directory, and of the trees of its files. Whoever asks for it again has it read again.
    pub fn forget(&self, context: &Context<'_>, dir: &Path) {
        let slot = self.loaded.lock().expect("no thread panics while it holds this lock").swap_remove(dir);
        let module = slot.and_then(|slot| slot.get().cloned());
        module.iter().flat_map(|module| &module.files).for_each(|file| context.trees.forget(*file));
    }
}

/// Reads a module's directory. A directory without configuration gives an empty module.
pub fn load(context: &Context<'_>, dir: &Path) -> Module {
    let mut module = Module { dir: dir.to_owned(), diagnostics: Problems::within(&context.inputs.limits), ..Module::default() };
    let (primary, overrides) = files::configuration(context, dir, &mut module.diagnostics);
    load_files(context, module, primary, overrides)
}

/// Reads these files as one module.
pub fn load_files(context: &Context<'_>, module: Module, primary: Vec<PathBuf>, overrides: Vec<PathBuf>) -> Module {
    let mut loader = Loader { module, most: context.inputs.limits.count(Limit::Declarations), is_cut: false };
    for path in primary {
        loader.file(context, &path, Role::Primary);
    }
    for path in overrides {
        loader.file(context, &path, Role::Override);
    }
    loader.module
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Primary,
    Override,
}

struct Loader {
    module: Module,
    /// As many resources of a module are kept: more could not be looked at.
    most: usize,
    /// Whether it is told that there are more.
    is_cut: bool,
}

impl Loader {
    fn file(&mut self, context: &Context<'_>, path: &Path, role: Role) {
        let (file, problem) = context.load(path);
        self.module.diagnostics.extend(problem);
        let Some(file) = file else { return };
        self.module.files.push(file);
        let tree = context.trees.hcl(context.sources, file);
        self.module.diagnostics.extend(tree.diagnostics.iter().cloned());
        for attribute in &tree.body.attributes {
            self.problem(
                file,
                attribute.range,
                "unsupported-argument",
                format!("an argument named `{}` is not expected here", attribute.name.name),
            );
        }
        for index in 0..tree.body.blocks.len() {
            self.block(Part { file, tree: Arc::clone(&tree), index }, role);
        }
    }

    fn problem(&mut self, file: FileId, range: TextRange, code: &'static str, message: String) {
        self.module.diagnostics.add(Diagnostic { level: Level::Error, ..Diagnostic::error(code, range.at(file), message) });
    }

    fn block(&mut self, part: Part, role: Role) {
        let tree = Arc::clone(&part.tree);
        let block = &tree.body.blocks[part.index];
        let wanted = match &*block.kind.name {
            "resource" | "data" | "ephemeral" => 2,
            "variable" | "output" | "module" | "provider" | "check" => 1,
            _ => 0,
        };
        if block.labels.len() < wanted {
            return self.problem(
                part.file,
                block.header,
                "missing-name",
                format!("a `{}` block needs {wanted} label{}", block.kind.name, if wanted == 1 { "" } else { "s" }),
            );
        }
        let label = |index: usize| Arc::clone(&block.labels[index].name);
        match &*block.kind.name {
            kind @ ("resource" | "data") => {
                let mode = if kind == "data" { Mode::Data } else { Mode::Managed };
                let (type_name, name) = (label(0), label(1));
                let local = Arc::from(local_address(mode, &type_name, &name));
                let resource = Resource { mode, type_name, name, local, object: Object { parts: vec![part] } };
                self.resource(resource, role);
            }
            "variable" => Self::insert(&mut self.module.diagnostics, &mut self.module.variables, label(0), part, role),
            "output" => Self::insert(&mut self.module.diagnostics, &mut self.module.outputs, label(0), part, role),
            "module" => Self::insert(&mut self.module.diagnostics, &mut self.module.calls, label(0), part, role),
            "provider" => {
                let alias = block.body.attribute("alias").and_then(|alias| literal(&alias.value)).unwrap_or_else(|| Arc::from(""));
                Self::insert(&mut self.module.diagnostics, &mut self.module.providers, (label(0), alias), part, role);
            }
            "locals" => self.locals(&part, role),
            "terraform" => self.module.settings.push(Object { parts: vec![part] }),
            "check" => self.module.checks.push(Object { parts: vec![part] }),
            // `moved`, `import` and `removed` say how to reach a state, not what the state is; `ephemeral` never reaches one.
            "moved" | "import" | "removed" | "ephemeral" => {}
            other => {
                let nearest = crate::suggest::nearest(other, KNOWN_BLOCKS);
                let help = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
                let diagnostic = Diagnostic::error(
                    "unsupported-block",
                    block.header.at(part.file),
                    format!("blocks of type `{other}` are not expected here"),
                );
                self.module.diagnostics.add(Diagnostic { help, ..diagnostic });
            }
        }
    }

    fn resource(&mut self, resource: Resource, role: Role) {
        let address = Arc::clone(&resource.local);
        let is_full = self.module.resources.len() >= self.most;
        match (self.module.resources.get_mut(&address), role) {
            (Some(base), Role::Override) => base.object.parts.extend(resource.object.parts),
            (Some(_), Role::Primary) => {
                let message = format!("a `{}` resource named `{}` was already declared", resource.type_name, resource.name);
                self.module.diagnostics.add(Diagnostic::error("duplicate-declaration", resource.object.header(), message));
            }
            (None, Role::Primary) if is_full => {
                if !std::mem::replace(&mut self.is_cut, true) {
                    let message = format!("a module is read up to {}: from here on, they are left out", counted(self.most, "resource"));
                    let met = Diagnostic::error("limit-reached", resource.object.header(), message);
                    self.module.diagnostics.add(met.with_help(Limit::Declarations.help()));
                }
            }
            (None, Role::Primary) => {
                self.module.resources.insert(address, resource);
            }
            (None, Role::Override) => self.no_base(&resource.object),
        }
    }

    fn no_base(&mut self, object: &Object) {
        self.module.diagnostics.add(Diagnostic::error(
            "missing-base-object",
            object.header(),
            "there is no base object that this override block could override",
        ));
    }

    fn insert<K: std::hash::Hash + Eq>(diagnostics: &mut Problems, into: &mut IndexMap<K, Object>, key: K, part: Part, role: Role) {
        let object = Object { parts: vec![part] };
        match (into.get_mut(&key), role) {
            (Some(base), Role::Override) => base.parts.extend(object.parts),
            (Some(_), Role::Primary) => {
                diagnostics.add(Diagnostic::error(
                    "duplicate-declaration",
                    object.header(),
                    "an object of this type and name was already declared in this module",
                ));
            }
            (None, Role::Primary) => {
                into.insert(key, object);
            }
            (None, Role::Override) => {
                diagnostics.add(Diagnostic::error(
                    "missing-base-object",
                    object.header(),
                    "there is no base object that this override block could override",
                ));
            }
        }
    }

    fn locals(&mut self, part: &Part, role: Role) {
        for (index, attribute) in part.block().body.attributes.iter().enumerate() {
            let local = Local { file: part.file, tree: Arc::clone(&part.tree), block: part.index, index };
            let name = Arc::clone(&attribute.name.name);
            if self.module.locals.contains_key(&name) && role == Role::Primary {
                let message = format!("a local value named `{name}` was already declared in this module");
                self.module.diagnostics.add(Diagnostic::error("duplicate-declaration", attribute.range.at(part.file), message));
                continue;
            }
            self.module.locals.insert(name, local);
        }
    }
}

/// The text of an expression that is a plain string, or a bare name as old configurations write it.
pub fn literal(expr: &Expr) -> Option<Arc<str>> {
    match &expr.kind {
        ExprKind::String(text) => Some(Arc::clone(text)),
        ExprKind::Parens(inner) => literal(inner),
        _ => None,
    }
}

/// The names of a traversal without indices: `aws.east` gives `["aws", "east"]`. A quoted form, as Terraform 0.11 wrote it, counts too.
pub fn dotted(expr: &Expr) -> Option<Vec<Arc<str>>> {
    match &expr.kind {
        ExprKind::Traversal { root, operations } => {
            let mut names = Vec::with_capacity(1 + operations.len());
            names.push(Arc::clone(&root.name));
            for operation in operations {
                match operation {
                    Operation::Attribute(name) => names.push(Arc::clone(&name.name)),
                    Operation::Index(_) => break,
                    _ => return None,
                }
            }
            Some(names)
        }
        ExprKind::String(text) => Some(text.split('.').map(Arc::from).collect()),
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => dotted(inner),
        _ => None,
    }
}
