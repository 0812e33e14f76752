//! The engine of one project: what is shared by everything that is evaluated there, and the limits.
//!
//! Evaluation is by demand and remembered: a variable, local, output or resource attribute is evaluated when something asks
//! for it, once. One engine works on one thread.

use crate::diagnostic::{Diagnostic, Problems, counted};
use crate::limits::{Limit, Limits};
use crate::project::Context;
use crate::source::{FileId, Span};
use crate::suggest::nearest;
use crate::table::IndexMap;
use crate::terraform::attributes::Attributes;
use crate::terraform::config::{self, Module, Modules};
use crate::terraform::constraint::Typed;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Instance, Repetition};
use crate::terraform::manifest::Manifest;
use crate::terraform::memory::{Inputs, Reading};
use crate::terraform::provider::Provider;
use crate::value::{Piece, ProjectId, Taken, Type, Unknown, Value, ValueKind};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Evaluations inside evaluations: expressions in expressions, references to references.
pub const MAX_DEPTH: u32 = 400;
/// Module calls inside module calls.
pub const MAX_MODULE_DEPTH: usize = 32;

/// How near to the letter of `terraform plan` evaluation stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fidelity {
    /// As `terraform plan` on new infrastructure: for `eval`.
    Plan,
    /// For finding links: where Terraform would say "unknown" although the parts are known, the parts are kept.
    Scan,
}

/// Where to find a resource instance again.
#[derive(Clone, Debug)]
pub struct Handle {
    /// Its module.
    pub instance: Rc<Instance>,
    /// Its address there, without key.
    pub local: Arc<str>,
    /// What `count` or `each` says for it.
    pub repetition: Repetition,
}

/// The types of variables, each with its module, by where that lies in memory and the variable's name.
pub type Types = IndexMap<(usize, Arc<str>), (Arc<Module>, Rc<Typed>)>;

/// The engine of one project.
pub struct Engine<'a> {
    /// What the frontend was given.
    pub context: &'a Context<'a>,
    /// How much is looked at.
    pub limits: Limits,
    /// The project.
    pub project: ProjectId,
    /// The root module's directory.
    pub root: PathBuf,
    /// How near to a plan.
    pub fidelity: Fidelity,
    /// Where downloaded modules lie.
    pub manifest: Manifest,
    /// Modules by the letters of their directories.
    modules: RefCell<IndexMap<OsString, Arc<Module>>>,
    /// Directories by their letters, and by their one name.
    directories: RefCell<IndexMap<OsString, Option<Arc<Path>>>>,
    loaded: Arc<Modules>,
    /// The types of variables by where their module lies in memory, with that module, and their names.
    pub constraints: RefCell<Types>,
    /// A module in which nothing is declared: what may name nothing is evaluated there.
    pub nothing: OnceCell<Rc<Instance>>,
    /// The inputs, and which of them were read for what is being evaluated.
    pub reading: Reading,
    /// Provider configurations evaluated so far, by key, and the inputs that were read for them.
    pub providers: RefCell<IndexMap<Arc<str>, (Provider, Inputs)>>,
    /// Resource instances met so far, by address.
    pub handles: RefCell<IndexMap<Arc<str>, Handle>>,
    /// Resource attributes evaluated so far, by address and name.
    pub attributes: RefCell<Attributes>,
    /// Values of root variables, before conversion.
    pub assigned: BTreeMap<Arc<str>, Value>,
    diagnostics: RefCell<Problems>,
    depth: Cell<u32>,
    steps: Cell<u64>,
    /// Bytes of text that templates and functions have made.
    text: Cell<u64>,
    /// Elements of collections that expressions have made.
    elements: Cell<u64>,
    /// Instances of resources that were made.
    instances: Cell<usize>,
    /// Module instances made so far.
    pub module_count: Cell<usize>,
    /// Whether a template of its own is being rendered: Terraform does not let one render another.
    pub in_template: Cell<bool>,
    /// Whether there are as many declarations as the limit lets there be, and it was told.
    pub is_full: Cell<bool>,
    /// The root module's instance, once made.
    pub root_once: RefCell<Option<Rc<Instance>>>,
}

impl<'a> Engine<'a> {
    /// An engine for a root module.
    pub fn new(context: &'a Context<'a>, project: ProjectId, root: &Path, fidelity: Fidelity) -> Self {
        let mut diagnostics = Vec::new();
        let manifest = Manifest::load(context, root, &mut diagnostics);
        let mut problems = Problems::within(&context.inputs.limits);
        problems.extend(diagnostics);
        Self {
            context,
            limits: context.inputs.limits,
            project,
            root: root.to_owned(),
            fidelity,
            manifest,
            modules: RefCell::default(),
            directories: RefCell::default(),
            loaded: context.trees.derived(),
            constraints: RefCell::default(),
            nothing: OnceCell::new(),
            reading: Reading::new(context.inputs.assignments.clone()),
            providers: RefCell::default(),
            handles: RefCell::default(),
            attributes: RefCell::default(),
            assigned: BTreeMap::new(),
            diagnostics: RefCell::new(problems),
            depth: Cell::new(0),
            steps: Cell::new(0),
            text: Cell::new(0),
            elements: Cell::new(0),
            instances: Cell::new(0),
            module_count: Cell::new(0),
            in_template: Cell::new(false),
            is_full: Cell::new(false),
            root_once: RefCell::default(),
        }
    }

    /// The module of a directory, read once a run; its problems are every project's that calls it.
    pub fn module(&self, dir: &Path) -> Arc<Module> {
        if let Some(module) = self.modules.borrow().get(dir.as_os_str()) {
            return Arc::clone(module);
        }
        let module = self.loaded.get(self.context, dir);
        for diagnostic in module.diagnostics.iter() {
            self.report(diagnostic.clone());
        }
        self.modules.borrow_mut().insert(dir.as_os_str().to_owned(), Arc::clone(&module));
        module
    }

    /// A directory by its one name, if there is one of that; looked up once.
    pub fn resolved(&self, dir: &Path) -> Option<Arc<Path>> {
        if let Some(known) = self.directories.borrow().get(dir.as_os_str()) {
            return known.clone();
        }
        let resolved: Option<Arc<Path>> = self.context.fs.resolve(dir).ok().map(Arc::from);
        self.directories.borrow_mut().insert(dir.as_os_str().to_owned(), resolved.clone());
        resolved
    }

    /// The root module with files that are generated beside its own.
    pub fn add_generated(&self, generated: &[(String, String)]) {
        let names: Vec<PathBuf> = generated
            .iter()
            .filter(|(name, _)| crate::terraform::files::is_configuration(name))
            .map(|(name, text)| {
                let path = self.root.join(format!("<generated {name}>"));
                let file = self.virtual_file(&path.to_string_lossy(), text);
                self.context.sources.get(file).path.clone()
            })
            .collect();
        if names.is_empty() {
            return;
        }
        let own = config::load(self.context, &self.root);
        let module = Arc::new(config::load_files(self.context, own, names, Vec::new()));
        module.diagnostics.iter().for_each(|diagnostic| self.report(diagnostic.clone()));
        self.modules.borrow_mut().insert(self.root.clone().into_os_string(), module);
    }

    /// Reads a file once a run; what is wrong with it is reported.
    pub fn load(&self, path: &Path) -> Option<FileId> {
        let (file, problem) = self.context.load(path);
        problem.into_iter().for_each(|problem| self.report(problem));
        file
    }

    /// How many files have been read as configuration.
    pub fn files(&self) -> usize {
        self.modules.borrow().values().map(|module| module.files.len()).sum()
    }

    /// Keeps a diagnostic, once.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().add(diagnostic);
    }

    /// The nearest of some names, for a diagnostic. Nobody looks for one that will not be told.
    pub fn nearest<'n>(&self, wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        if self.diagnostics.borrow().is_full() { None } else { nearest(wanted, names) }
    }

    /// All diagnostics so far, sorted.
    pub fn take_diagnostics(&self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.borrow_mut().take();
        diagnostics.sort();
        diagnostics
    }

    /// Runs an evaluation one level deeper, within the limits.
    pub fn deeper<T>(&self, span: impl FnOnce() -> Span, run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let depth = self.depth.get();
        let steps = self.steps.get();
        if depth >= MAX_DEPTH {
            return Err(Failure::limit(span(), format!("expressions and references are nested more than {MAX_DEPTH} levels deep")));
        }
        if steps >= self.limits.get(Limit::ModuleSteps) {
            return Err(self.out_of_steps(span()));
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        let result = run();
        self.depth.set(depth);
        result
    }

    #[cold]
    fn out_of_steps(&self, span: Span) -> Failure {
        let most = self.limits.get(Limit::ModuleSteps);
        Failure::reached(Limit::ModuleSteps, span, format!("this project needs more than {}", counted(most, "evaluation")))
    }

    /// Counts work as so many steps; of nothing more than a text or a list that is given to a function, many make one.
    pub fn spend(&self, steps: u64, span: impl FnOnce() -> Span) -> Result<(), Failure> {
        let steps = self.steps.get().saturating_add(steps);
        self.steps.set(steps);
        if steps > self.limits.get(Limit::ModuleSteps) { Err(self.out_of_steps(span())) } else { Ok(()) }
    }

    /// Counts elements of a collection that was made, one with a name as two.
    pub fn filled(&self, elements: usize, span: impl FnOnce() -> Span) -> Result<(), Failure> {
        let elements = self.elements.get().saturating_add(elements as u64);
        self.elements.set(elements);
        if elements > self.limits.get(Limit::ModuleElements) { Err(self.out_of_elements(span())) } else { Ok(()) }
    }

    #[cold]
    fn out_of_elements(&self, span: Span) -> Failure {
        let most = counted(self.limits.get(Limit::ModuleElements), "element");
        Failure::reached(Limit::ModuleElements, span, format!("the expressions of this project make collections of more than {most}"))
    }

    /// Counts instances of resources, which are kept as long as the project is looked at.
    pub fn repeated(&self, instances: usize, span: Span) -> Result<(), Failure> {
        let instances = self.instances.get().saturating_add(instances);
        let most = self.limits.count(Limit::Declarations);
        if instances > most {
            let message = format!("a project's resources are looked at up to {}", counted(most, "instance"));
            return Err(Failure::reached(Limit::Declarations, span, message));
        }
        self.instances.set(instances);
        Ok(())
    }

    /// Refuses to make more text where too much was made.
    pub fn may_make_text(&self, span: impl FnOnce() -> Span) -> Result<(), Failure> {
        if self.text.get() > self.limits.get(Limit::ModuleText) { Err(self.out_of_text(span())) } else { Ok(()) }
    }

    #[cold]
    fn out_of_text(&self, span: Span) -> Failure {
        let most = counted(self.limits.get(Limit::ModuleText), "byte");
        Failure::reached(Limit::ModuleText, span, format!("the templates and functions of this project make more than {most} of text"))
    }

    /// What a template or function made, unless these made too much: each of thousands of instances may make a text of its own of a long one.
    pub fn made(&self, value: Value, span: impl FnOnce() -> Span) -> Result<Value, Failure> {
        let made = match &value.kind {
            ValueKind::String(text) => text.len(),
            ValueKind::Unknown(unknown) => unknown.pieces.iter().map(Piece::size).sum(),
            _ => 0,
        };
        let made = self.text.get().saturating_add(made as u64);
        self.text.set(made);
        self.may_make_text(span).map(|()| value)
    }

    /// What evaluation took since it was last counted from the beginning. What met a limit was counted, and not made.
    pub fn taken(&self) -> Taken {
        let within = |counted: &Cell<u64>, limit| counted.get().min(self.limits.get(limit));
        Taken {
            steps: within(&self.steps, Limit::ModuleSteps),
            text: within(&self.text, Limit::ModuleText),
            elements: within(&self.elements, Limit::ModuleElements),
        }
    }

    /// Counts from the beginning.
    pub fn restart(&self) {
        self.steps.set(0);
        self.text.set(0);
        self.elements.set(0);
        self.instances.set(0);
    }

    /// What stands in for a value whose expression failed: unknown, with the failure as its cause, and a diagnostic.
    pub fn settle(&self, result: Result<Value, Failure>) -> Value {
        result.unwrap_or_else(|failure| {
            self.report(failure.to_diagnostic());
            Unknown::new(Type::Dynamic, vec![failure.cause()]).into()
        })
    }
}

impl Drop for Engine<'_> {
    /// Instances know their callers, which remember them: a circle of `Rc`, which nobody would free.
    fn drop(&mut self) {
        if let Some(root) = self.root_once.take() {
            root.forget_calls();
        }
    }
}
