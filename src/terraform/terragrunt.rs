//! Terragrunt, read only: which module a `terragrunt.hcl` runs, with which inputs. Nothing is ever run, and nothing is downloaded.
//!
//! Paths that Terragrunt's functions give are relative to the directory of the `terragrunt.hcl`, so that they mean the same to `file(…)`.

mod functions;

use crate::project::Context;
use crate::source::fs::{EntryKind, normalize};
use crate::source::{FileId, Span};
use crate::syntax::hcl::{Attribute, Body, Expr, ExprKind, Operation};
use crate::terraform::config::{Module, literal};
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::failure::Failure;
use crate::terraform::scope::{Names, Scope};
use crate::value::ProjectId;
use crate::value::{Cause, CauseKind, Entries, Hop, Reference, Step, Type, Unknown, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The file that makes a directory a unit.
pub const FILE: &str = "terragrunt.hcl";
/// Configurations that read configurations.
const MAX_DEPTH: u32 = 8;

/// What a unit says.
#[derive(Debug, Default)]
pub struct Unit {
    /// The root module's inputs.
    pub inputs: Entries,
    /// Where the root module is.
    pub source: Option<UnitSource>,
    /// Files that it adds to the root module: name and text.
    pub generated: Vec<(String, String)>,
}

/// Where a unit's root module is.
#[derive(Clone, Debug)]
pub enum UnitSource {
    /// A directory of the scan root.
    Local(PathBuf),
    /// Anything else, as written.
    Remote(Arc<str>, Span),
}

/// How the outputs of a unit are known to other units.
pub fn state_of(dir: &Path) -> Arc<str> {
    format!("terragrunt:{}", dir.display()).into()
}

/// Reads the unit of a directory; `None` if it has no `terragrunt.hcl`. Problems are reported to the engine that is returned beside it.
pub fn read(context: &Context<'_>, project: ProjectId, dir: &Path) -> Option<(Unit, Vec<crate::diagnostic::Diagnostic>)> {
    let path = dir.join(FILE);
    if context.fs.kind(&path) != Some(EntryKind::File) {
        return None;
    }
    let engine = Engine::new(context, project, dir, Fidelity::Scan);
    let reader = Reader { engine: &engine, dir, depth: Cell::new(0) };
    let configuration = reader.file(&path, dir).unwrap_or_default();
    let unit =
        Unit { inputs: configuration.inputs, source: configuration.source, generated: configuration.generated.into_iter().collect() };
    Some((unit, engine.take_diagnostics()))
}

/// One configuration file, evaluated.
#[derive(Debug, Default)]
struct Configuration {
    locals: Entries,
    inputs: Entries,
    dependency: Entries,
    source: Option<UnitSource>,
    generated: BTreeMap<String, String>,
}

/// Reads configuration files for the unit of a directory.
pub struct Reader<'r, 'e> {
    engine: &'r Engine<'e>,
    dir: &'r Path,
    depth: Cell<u32>,
}

impl Reader<'_, '_> {
    /// Evaluates a configuration file. `home` is its own directory, which may be a parent of the unit's.
    fn file(&self, path: &Path, home: &Path) -> Option<Configuration> {
        let file = self.engine.load(path)?;
        let tree = self.engine.context.trees.hcl(self.engine.context.sources, file);
        tree.diagnostics.iter().for_each(|diagnostic| self.engine.report(diagnostic.clone()));
        if self.depth.get() >= MAX_DEPTH {
            let failure =
                Failure::limit(tree.body.range.at(file), format!("Terragrunt configurations are followed {MAX_DEPTH} levels deep"));
            self.engine.report(failure.to_diagnostic());
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let configuration = self.body(&tree.body, file, home);
        self.depth.set(self.depth.get() - 1);
        Some(configuration)
    }

    fn body(&self, body: &Body, file: FileId, home: &Path) -> Configuration {
        let mut configuration = Configuration::default();
        let mut include = Entries::new();
        // Includes come first: locals may use what they expose.
        for block in body.blocks_of("include") {
            let Some(attribute) = block.body.attribute("path") else { continue };
            let value = self.value(&attribute.value, file, home, &[]);
            let Some(path) = value.as_str() else { continue };
            let path = normalize(&self.dir.join(path));
            let Some(parent) = self.file(&path, path.parent().unwrap_or(home)) else { continue };
            let exposed = Value::object(
                [(Arc::from("locals"), Value::object(parent.locals)), (Arc::from("inputs"), Value::object(parent.inputs.clone()))]
                    .into_iter()
                    .collect(),
            );
            match block.labels.first() {
                Some(label) => {
                    include.insert(Arc::clone(&label.name), exposed);
                }
                None => include.extend(exposed.as_entries().cloned().unwrap_or_default()),
            }
            configuration.inputs.extend(parent.inputs);
            configuration.dependency.extend(parent.dependency);
            configuration.source = configuration.source.or(parent.source);
            configuration.generated.extend(parent.generated);
        }
        let include = ("include", Value::object(include));
        configuration.locals = self.locals(body, file, home, &include);
        let local = ("local", Value::object(configuration.locals.clone()));
        for block in body.blocks_of("dependency") {
            let (Some(label), Some(attribute)) = (block.labels.first(), block.body.attribute("config_path")) else { continue };
            let path = self.value(&attribute.value, file, home, &[include.clone(), local.clone()]);
            configuration.dependency.insert(Arc::clone(&label.name), self.dependency(&label.name, &path, block.header.at(file)));
        }
        let names = [include, local, ("dependency", Value::object(configuration.dependency.clone()))];
        if let Some(attribute) = body.attribute("inputs") {
            let value = self.value(&attribute.value, file, home, &names);
            if let Some(entries) = value.as_entries() {
                for (name, value) in entries {
                    let step = Step::Assigned(format!("var.{name}").into());
                    let span = value.origin.span().unwrap_or_else(|| attribute.range.at(file));
                    configuration.inputs.insert(Arc::clone(name), value.clone().through(|before| Hop { step, span, before }));
                }
            }
        }
        for block in body.blocks_of("terraform") {
            let Some(attribute) = block.body.attribute("source") else { continue };
            let value = self.value(&attribute.value, file, home, &names);
            if let Some(text) = value.as_str().filter(|text| !text.is_empty()) {
                configuration.source = Some(self.source(text, attribute.value.range.at(file)));
            }
        }
        for block in body.blocks_of("generate") {
            let (Some(label), Some(attribute)) = (block.labels.first(), block.body.attribute("contents")) else { continue };
            let contents = self.value(&attribute.value, file, home, &names);
            let name = block.body.attribute("path").and_then(|path| literal(&path.value)).unwrap_or_else(|| Arc::clone(&label.name));
            if let Some(text) = contents.as_str() {
                configuration.generated.insert(name.to_string(), text.to_owned());
            }
        }
        configuration
    }

    /// Locals, in the order in which they need each other.
    fn locals(&self, body: &Body, file: FileId, home: &Path, include: &(&'static str, Value)) -> Entries {
        let all: Vec<&Attribute> = body.blocks_of("locals").flat_map(|block| &block.body.attributes).collect();
        let declared: BTreeSet<&str> = all.iter().map(|attribute| &*attribute.name.name).collect();
        let mut locals = Entries::new();
        let mut pending = all.clone();
        while !pending.is_empty() {
            let (ready, waiting): (Vec<&Attribute>, Vec<&Attribute>) = pending.iter().partition(|attribute| {
                let mut is_ready = true;
                local_names(&attribute.value, &mut |name| is_ready = is_ready && (locals.contains_key(name) || !declared.contains(name)));
                is_ready
            });
            if ready.is_empty() {
                for attribute in waiting {
                    let failure =
                        Failure::new(attribute.range.at(file), format!("cycle: `local.{}` refers to itself", attribute.name.name));
                    locals.insert(Arc::clone(&attribute.name.name), self.engine.settle(Err(failure)));
                }
                break;
            }
            let known = ("local", Value::object(locals.clone()));
            for attribute in ready {
                locals
                    .insert(Arc::clone(&attribute.name.name), self.value(&attribute.value, file, home, &[include.clone(), known.clone()]));
            }
            pending = waiting;
        }
        locals
    }

    fn value(&self, expr: &Expr, file: FileId, home: &Path, names: &[(&'static str, Value)]) -> Value {
        let host = functions::Host { reader: self, home };
        let nothing = Module { dir: self.dir.to_owned(), ..Module::default() };
        let root = Engine::top_instance(Arc::new(nothing));
        self.engine.settle(self.bound(expr, file, names, None, &root, &host))
    }

    fn bound(
        &self,
        expr: &Expr,
        file: FileId,
        names: &[(&'static str, Value)],
        outer: Option<&Names<'_>>,
        root: &Rc<crate::terraform::instance::Instance>,
        host: &functions::Host<'_, '_, '_>,
    ) -> crate::terraform::eval::Evaluated {
        match names.split_first() {
            Some(((name, value), rest)) => {
                let inner = Names { name, value: value.clone(), outer };
                self.bound(expr, file, rest, Some(&inner), root, host)
            }
            None => {
                let scope = Scope { names: outer, only_names: true, host: Some(host), ..Scope::of(root, file) };
                self.engine.eval(expr, &scope)
            }
        }
    }

    /// A dependency's value: its outputs are those of the unit that it names.
    fn dependency(&self, name: &str, path: &Value, span: Span) -> Value {
        let cause = |text: String| Cause::new(CauseKind::External, text, Some(span));
        let unknown = match path.as_str() {
            Some(path) => {
                let state = state_of(&normalize(&self.dir.join(path)));
                let mut unknown = Unknown::new(Type::Dynamic, vec![cause(format!("dependency.{name}.outputs"))]).not_null();
                unknown.refers_to = Some(Arc::new(Reference::RemoteOutput { state, output: Arc::from("") }));
                unknown
            }
            None => Unknown::new(Type::Dynamic, path.causes()).not_null(),
        };
        Value::object([(Arc::from("outputs"), unknown.into())].into_iter().collect())
    }

    fn source(&self, text: &str, span: Span) -> UnitSource {
        let is_path = text.starts_with('.')
            || text.starts_with('/')
            || self.engine.context.fs.kind(&normalize(&self.dir.join(text))) == Some(EntryKind::Directory);
        if !is_path {
            return UnitSource::Remote(text.into(), span);
        }
        // The part before a double slash is what Terragrunt would copy as a whole.
        UnitSource::Local(normalize(&self.dir.join(text.replace("//", "/"))))
    }
}

/// Calls `visit` with the name of every local that an expression names.
fn local_names(expr: &Expr, visit: &mut dyn FnMut(&str)) {
    if let ExprKind::Traversal { root, operations } = &expr.kind
        && &*root.name == "local"
        && let Some(Operation::Attribute(name)) = operations.first()
    {
        visit(&name.name);
    }
    expr.children(&mut |child| local_names(child, visit));
}
