//! The sources beside a plan: the blocks and arguments that its addresses name, so that a reader is led to the code and not into a file
//! that a program wrote. They only give places: what the plan says holds, whatever the code says by now.

use super::configuration::call_names;
use crate::diagnostic::Problems;
use crate::project::Context;
use crate::source::Span;
use crate::source::fs::normalize;
use crate::syntax::hcl::ExprKind;
use crate::terraform::config::{Module, Modules, Object};
use crate::terraform::files;
use crate::terraform::is_local;
use crate::terraform::manifest::Manifest;
use std::path::Path;
use std::sync::Arc;

/// The root module in the directory of a plan.
pub struct Beside<'a> {
    context: &'a Context<'a>,
    modules: Arc<Modules>,
    root: Arc<Module>,
    manifest: Manifest,
}

/// A module and a resource of it.
pub struct Block {
    module: Arc<Module>,
    address: String,
}

/// Where an argument or a nested block stands: its name, and what it is set to.
#[derive(Clone, Copy)]
pub struct Argument {
    /// The name; of nested blocks, the header of the first.
    pub name: Span,
    /// The value; of nested blocks, the first one.
    pub value: Span,
}

impl<'a> Beside<'a> {
    /// The module of a directory; none where it has no configuration. Problems of it are told by whoever checks it.
    pub fn new(context: &'a Context<'a>, directory: &Path) -> Option<Self> {
        let (primary, _) = files::configuration(context, directory, &mut Problems::default());
        if primary.is_empty() {
            return None;
        }
        let modules: Arc<Modules> = context.trees.derived();
        let root = modules.get(context, directory);
        Some(Self { context, modules, root, manifest: Manifest::load(context, directory, &mut Vec::new()) })
    }

    /// The block of a resource; `module` is the address of its module, empty for the root, and `local` its address inside that, without keys.
    pub fn block(&self, module: &str, local: String) -> Option<Block> {
        let mut here = Arc::clone(&self.root);
        let mut key = String::new();
        for name in call_names(module) {
            key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            let directory = match source(here.calls.get(name.as_str())?) {
                Some(source) if is_local(source) => normalize(&here.dir.join(source)),
                _ => self.manifest.dir(&key)?.to_owned(),
            };
            here = self.modules.get(self.context, &directory);
        }
        here.resources.contains_key(&*local).then_some(Block { module: here, address: local })
    }
}

/// The source of a module call, which Terraform wants to be written out.
fn source(call: &Object) -> Option<&str> {
    match &call.attribute("source")?.1.value.kind {
        ExprKind::String(source) => Some(source),
        _ => None,
    }
}

impl Block {
    fn object(&self) -> &Object {
        &self.module.resources[&*self.address].object
    }

    /// Its header.
    pub fn header(&self) -> Span {
        self.object().header()
    }

    /// All of it.
    pub fn body(&self) -> Span {
        self.object().body()
    }

    /// An argument of it, or nested blocks of a type.
    pub fn argument(&self, name: &str) -> Option<Argument> {
        if let Some((file, attribute)) = self.object().attribute(name) {
            return Some(Argument { name: attribute.name.range.at(file), value: attribute.value.range.at(file) });
        }
        let (file, first) = self.object().blocks(name).into_iter().next()?;
        Some(Argument { name: first.header.at(file), value: first.range.at(file) })
    }
}
