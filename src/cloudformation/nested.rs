//! Nested stacks: `AWS::CloudFormation::Stack` and `AWS::Serverless::Application` with a template in the repository.
//!
//! Before packaging, `TemplateURL` names a file beside the template; after it, CDK's metadata or asset manifest still tells which file an
//! address stands for. What is nowhere in the scan root stays unread, and its outputs are unknown.

use super::expression::Expr;
use super::scalar;
use super::stack::{Entry, Nested, Place, Stack};
use super::stack_set::STACK_SET;
use super::template::Template;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::value::{Cause, Hop, Piece, Step, Value};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Whether resources of this type are stacks.
pub fn is_stack(type_name: &str) -> bool {
    matches!(type_name, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// Whether resources of this type have resources of a template below them.
pub fn holds_stack(type_name: &str) -> bool {
    is_stack(type_name) || type_name == STACK_SET
}

impl<'t> Stack<'t> {
    /// The stack that a resource makes, made once; `None` when its template is not there to be read.
    pub fn nested_stack(&self, name: &str, entry: &Entry<'t>) -> Option<Rc<Stack<'t>>> {
        match self.nested.borrow().get(name) {
            Some(Nested::Done(stack)) => return stack.clone(),
            Some(Nested::Pending) => {
                self.world.invalid(entry.span, format!("circular dependency: nested stack `{name}` depends on its own outputs"));
                return None;
            }
            None => {}
        }
        let key: Arc<str> = Arc::from(name);
        self.nested.borrow_mut().insert(Arc::clone(&key), Nested::Pending);
        let made = if entry.type_name() == STACK_SET { self.make_stack_set(name, entry) } else { self.make_nested(name, entry) };
        let stack = made.map(Rc::new);
        self.nested.borrow_mut().insert(key, Nested::Done(stack.clone()));
        stack
    }

    fn make_nested(&self, name: &str, entry: &Entry<'t>) -> Option<Stack<'t>> {
        let properties = entry.body.get("Properties")?;
        let location = properties.get_any(&["TemplateURL", "Location"])?;
        let file = self.nested_file(entry, location)?;
        if self.ancestors.contains(&file) {
            self.world
                .invalid(location.span(), format!("circular dependency: the template of nested stack `{name}` holds that stack itself"));
            return None;
        }
        if !self.world.may_add_stack(self.level + 1, entry.span) {
            return None;
        }
        let document = self.world.root(file)?;
        let address = self.address_of(name);
        let ancestors = self.ancestors.clone();
        let place = Place { address: Arc::clone(&address), level: self.level + 1, ancestors, provider: Arc::clone(&self.provider) };
        let environment = self.environment.of_nested(name, &address);
        let mut unlisted = Vec::new();
        let passed = self.passed(properties.get("Parameters"), &mut unlisted);
        let root = Template::of(document);
        Some(Stack::new(Rc::clone(&self.world), root, place, environment, |parameter| {
            let value = passed.get(&parameter.name).cloned().or_else(|| parameter.default.clone());
            if value.is_none() && unlisted.is_empty() {
                let message = format!("nested stack `{name}` must give parameter `{}` a value", parameter.name);
                self.world.invalid(entry.span, message);
            }
            value
        }))
    }

    /// The values that a stack resource passes, by the names of parameters.
    fn passed(&self, parameters: Option<Expr<'t>>, unlisted: &mut Vec<Cause>) -> BTreeMap<Arc<str>, (Value, Span)> {
        let Some(parameters) = parameters else { return BTreeMap::new() };
        if parameters.call().is_some() && parameters.get("Fn::Transform").is_none() {
            // All of them come from a function: which there are is not known.
            unlisted.extend(self.operand(parameters).map(|value| value.causes()).unwrap_or_default());
        }
        let pairs = self.expand(parameters, unlisted);
        pairs
            .into_iter()
            .filter_map(|(name, entry)| {
                let value = self.operand(entry.body)?;
                // A list is passed as one text, and the parameter takes it apart again.
                let value = value.through(|before| Hop { step: Step::Argument(Arc::clone(&name)), span: entry.span, before });
                Some((name, (value, entry.body.span())))
            })
            .collect()
    }

    /// The file of a nested template.
    pub(super) fn nested_file(&self, entry: &Entry<'t>, location: Expr<'t>) -> Option<FileId> {
        let asset = entry.body.get("Metadata").and_then(|metadata| metadata.get("aws:asset:path")).and_then(Expr::text);
        if let Some(path) = asset {
            return self.read_nested(entry, location.span(), path);
        }
        let value = self.operand(location)?;
        match scalar::text_of(&value) {
            Some(text) if !text.contains("://") => self.read_nested(entry, location.span(), &text),
            _ => self.asset(entry, &value).or_else(|| self.unread(entry, location.span(), &value)),
        }
    }

    /// Says that a template lies where only a deployment finds it.
    fn unread(&self, entry: &Entry<'t>, span: Span, location: &Value) -> Option<FileId> {
        let why = location.causes().first().map(|cause| format!(": its place depends on `{}`", cause.name)).unwrap_or_default();
        let message = format!("the template of this {} is not in this code{why}; what it declares is not known", entry.type_name());
        self.world.report(Diagnostic::note("nested-stack-missing", span, message));
        None
    }

    fn read_nested(&self, entry: &Entry<'t>, span: Span, path: &str) -> Option<FileId> {
        match self.world.read(&self.world.beside(entry.body.file, path)) {
            Ok(file) => Some(file),
            Err(reason) => {
                self.world.report(Diagnostic::warning("nested-stack-missing", span, format!("the nested template `{path}` {reason}")));
                None
            }
        }
    }

    /// The file that CDK's asset manifests beside the template list under the hash at the end of an address.
    fn asset(&self, entry: &Entry<'t>, location: &Value) -> Option<FileId> {
        let last = match location.as_unknown() {
            Some(unknown) => match unknown.pieces.last()? {
                Piece::Known(text) => Arc::clone(text),
                Piece::Unknown(_) => return None,
            },
            None => scalar::text_of(location)?,
        };
        let name = last.rsplit('/').next()?;
        let hash = name.split('.').next().filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let directory = self.world.beside(entry.body.file, ".");
        let manifests = self.world.context.fs.read_dir(&directory).ok()?;
        manifests.iter().filter(|manifest| manifest.path.to_string_lossy().ends_with(".assets.json")).find_map(|manifest| {
            let bytes = self.world.context.fs.read(&manifest.path).ok()?;
            let manifest: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
            let path = manifest.get("files")?.get(hash)?.get("source")?.get("path")?.as_str()?;
            self.world.read(&directory.join(path)).ok()
        })
    }
}
