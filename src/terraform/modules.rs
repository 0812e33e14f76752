//! Module calls: finding the callee's source, and its instances.

use crate::diagnostic::{Diagnostic, Problems, counted};
use crate::limits::Limit;
use crate::source::Span;
use crate::source::fs::EntryKind;
use crate::terraform::config::Object;
use crate::terraform::engine::{Engine, MAX_MODULE_DEPTH};
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Children, Instance, InstanceKey, Repetition};
use crate::terraform::memory::Inputs;
use crate::terraform::scope::Scope;
use crate::value::{Address, Cause, CauseKind, Truth};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The arguments of a `module` block that Terraform itself reads.
pub const META_ARGUMENTS: [&str; 6] = ["source", "version", "count", "for_each", "providers", "depends_on"];

/// Where a call's source leads.
enum Source {
    Found(Arc<Path>),
    Missing(Cause),
}

impl Engine<'_> {
    /// The root module's instance.
    pub fn root_instance(&self) -> Rc<Instance> {
        if let Some(root) = self.root_once.borrow().as_ref() {
            return Rc::clone(root);
        }
        let root = Self::top_instance(self.module(&self.root));
        *self.root_once.borrow_mut() = Some(Rc::clone(&root));
        root
    }

    /// The instance of a module that consists of just these files.
    pub fn instance_of_files(&self, dir: &Path, files: Vec<PathBuf>) -> Rc<Instance> {
        let diagnostics = Problems::within(&self.limits);
        let empty = crate::terraform::config::Module { dir: dir.to_owned(), diagnostics, ..Default::default() };
        let module = crate::terraform::config::load_files(self.context, empty, files, Vec::new());
        module.diagnostics.iter().for_each(|diagnostic| self.report(diagnostic.clone()));
        Self::top_instance(Arc::new(module))
    }

    /// An instance that nobody calls.
    pub fn top_instance(module: Arc<crate::terraform::config::Module>) -> Rc<Instance> {
        Rc::new(Instance {
            path: Arc::from(""),
            module,
            parent: None,
            repetition: Repetition::None,
            exists: Truth::True,
            exists_causes: Vec::new(),
            read: Inputs::default(),
            calls: Vec::new(),
            depth: 0,
            cache: std::cell::RefCell::default(),
        })
    }

    /// The instances of a module call, remembered.
    pub fn children(&self, instance: &Rc<Instance>, name: &Arc<str>, span: Span) -> Result<Rc<Children>, Failure> {
        if let Some(children) = self.recall(instance, |cache| &cache.children, name) {
            return Ok(children);
        }
        let module = Arc::clone(&instance.module);
        let Some(call) = module.calls.get(name) else {
            let help = self.nearest(name, module.calls.keys().map(|known| &**known)).map(|known| format!("did you mean `module.{known}`?"));
            return Err(
                Failure::new(span, format!("reference to undeclared module: no module call named `{name}` is declared")).with_help(help)
            );
        };
        self.remember(
            instance,
            |cache| &mut cache.children,
            name,
            || Failure::new(call.header(), format!("cycle: the number of instances of module `{name}` depends on itself")),
            || Rc::new(self.make_children(instance, name, call)),
        )
    }

    fn make_children(&self, instance: &Rc<Instance>, name: &Arc<str>, call: &Object) -> Children {
        let ((expansion, source), read) = self.reading.of(|| {
            let expansion = Rc::new(self.expand(instance, call, &["module.", name].concat()));
            (expansion, self.source(instance, name, call))
        });
        let dir = match source {
            Source::Found(dir) => dir,
            Source::Missing(cause) => return Children::Missing(expansion, cause),
        };
        let module = self.module(&dir);
        let mut children = Vec::with_capacity(expansion.instances.len());
        for (key, repetition) in &expansion.instances {
            let child = Self::child(instance, name, call, (key, repetition), &expansion, Arc::clone(&module));
            children.push(Rc::new(Instance { read: instance.read | read, ..child }));
        }
        self.module_count.set(self.module_count.get() + children.len());
        Children::Present(expansion, children)
    }

    fn child(
        parent: &Rc<Instance>,
        name: &Arc<str>,
        call: &Object,
        (key, repetition): (&InstanceKey, &Repetition),
        expansion: &crate::terraform::instance::Expansion,
        module: Arc<crate::terraform::config::Module>,
    ) -> Instance {
        let path = parent.address_of("module", &[name, &*key.suffix()].concat());
        let mut calls = parent.calls.clone();
        calls.push((Address(Arc::clone(&path)), call.header()));
        let mut exists_causes = parent.exists_causes.clone();
        exists_causes.extend(expansion.causes.iter().cloned());
        Instance {
            path,
            module,
            parent: Some((Rc::clone(parent), Arc::clone(name))),
            repetition: repetition.clone(),
            exists: parent.exists.and(expansion.exists),
            exists_causes,
            read: parent.read,
            calls,
            depth: parent.depth + 1,
            cache: std::cell::RefCell::default(),
        }
    }

    fn source(&self, instance: &Rc<Instance>, name: &Arc<str>, call: &Object) -> Source {
        let header = call.header();
        let missing = |kind: CauseKind, name: String, span: Span| Source::Missing(Cause::new(kind, name, Some(span)));
        let Some((file, attribute)) = call.attribute("source") else {
            self.report(
                Failure::new(header, "missing required argument: the argument `source` is required in a `module` block").to_diagnostic(),
            );
            return missing(CauseKind::Invalid, format!("module.{name} without `source`"), header);
        };
        let span = attribute.value.range.at(file);
        let value = self.settle(self.eval(&attribute.value, &Scope::of(instance, file)));
        let Some(text) = value.as_str() else {
            return missing(CauseKind::MissingModule, format!("{} (its source is not known)", instance.address_of("module", name)), span);
        };
        let most = self.limits.count(Limit::Modules);
        let too_deep = || Failure::limit(header, format!("module calls are followed {MAX_MODULE_DEPTH} levels deep"));
        let too_many = || Failure::reached(Limit::Modules, header, format!("module calls are followed to {}", counted(most, "instance")));
        let met = (instance.depth >= MAX_MODULE_DEPTH).then(too_deep).or_else(|| (self.module_count.get() >= most).then(too_many));
        if let Some(met) = met {
            self.report(met.to_diagnostic());
            return missing(CauseKind::Limit, met.cause().name.to_string(), header);
        }
        if is_local(text) {
            let dir = instance.module.beside(text);
            if self.context.fs.kind(&dir) != Some(EntryKind::Directory) {
                let outside = self.context.fs.resolve(&dir).is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
                let message = if outside {
                    format!("module `{name}` lies outside the scan root: `{text}` is not read")
                } else {
                    format!("unreadable module directory: the directory `{text}` of module `{name}` could not be read")
                };
                self.report(Diagnostic::warning("module-missing", span, message));
                return missing(CauseKind::MissingModule, text.to_owned(), span);
            }
            return self.checked(instance, dir, call);
        }
        match self.manifest.dir(&static_key(instance, name)) {
            Some(dir) if self.context.fs.kind(dir) == Some(EntryKind::Directory) => self.checked(instance, Arc::from(dir), call),
            _ => missing(CauseKind::MissingModule, text.to_owned(), span),
        }
    }

    /// Refuses a module that calls itself, directly or through others.
    fn checked(&self, instance: &Rc<Instance>, dir: Arc<Path>, call: &Object) -> Source {
        let own = self.resolved(&dir);
        let same = |a: &Path| *a == *dir || (own.is_some() && self.resolved(a) == own);
        let mut above = Some(Rc::clone(instance));
        while let Some(here) = above {
            if same(&here.module.dir) {
                let message = "module calls itself: a module may not be called by itself, directly or through other modules";
                self.report(Diagnostic::warning("module-cycle", call.header(), message));
                return Source::Missing(Cause::new(CauseKind::Invalid, message, Some(call.header())));
            }
            above = here.parent.as_ref().map(|(parent, _)| Rc::clone(parent));
        }
        Source::Found(dir)
    }
}

/// Whether a source address is a path.
pub fn is_local(source: &str) -> bool {
    source.starts_with("./")
        || source.starts_with("../")
        || source == "."
        || source == ".."
        || source.starts_with(".\\")
        || source.starts_with("..\\")
}

/// The path of call names, as the module manifest has it.
fn static_key(instance: &Instance, name: &str) -> String {
    let mut names = vec![name.to_owned()];
    let mut here = instance.parent.as_ref();
    while let Some((parent, name)) = here {
        names.push(name.to_string());
        here = parent.parent.as_ref();
    }
    names.reverse();
    names.join(".")
}
