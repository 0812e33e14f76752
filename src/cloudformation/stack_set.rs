//! Stack sets: one template, an instance in each of several accounts and Regions.
//!
//! It is lowered once, below the stack set, with the Region and account unknown unless there is only one: what is said of that instance holds
//! for each. The template is in the resource's own text (`TemplateBody`), or a file beside it.

use super::environment::Environment;
use super::expression::{Call, Expr, Function};
use super::stack::{Entry, Place, Stack};
use super::template::Template;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::TextRange;
use crate::syntax;
use crate::syntax::node::{Node, NodeKind, Style};
use crate::value::Value;
use std::rc::Rc;
use std::sync::Arc;

/// The type of stack sets.
pub const STACK_SET: &str = "AWS::CloudFormation::StackSet";

impl<'t> Stack<'t> {
    /// The stack of which a stack set makes instances.
    pub(super) fn make_stack_set(&self, name: &str, entry: &Entry<'t>) -> Option<Stack<'t>> {
        let properties = entry.body.get("Properties")?;
        let document = match properties.get("TemplateBody") {
            Some(body) => self.template_body(body)?,
            None => self.world.root(self.nested_file(entry, properties.get("TemplateURL")?)?)?,
        };
        if !self.world.may_add_stack(self.level + 1, entry.span) {
            return None;
        }
        let address = self.address_of(name);
        let place = Place {
            address: Arc::clone(&address),
            level: self.level + 1,
            ancestors: self.ancestors.clone(),
            provider: Arc::from(format!("stack-set:{address}")),
        };
        let given: Vec<Expr<'t>> = properties.get("Parameters").and_then(Expr::items).into_iter().flatten().collect();
        let given = |name: &str| {
            let item = given.iter().find(|item| item.get("ParameterKey").and_then(Expr::text).is_some_and(|key| **key == *name))?;
            let value = item.get("ParameterValue")?;
            Some((self.operand(value)?, value.span()))
        };
        let environment = self.set_environment(properties, &address);
        Some(Stack::new(Rc::clone(&self.world), Template::of(document), place, environment, |parameter| {
            given(&parameter.name).or_else(|| parameter.default.clone())
        }))
    }

    /// Region and account where all instances have the same.
    fn set_environment(&self, properties: Expr<'t>, address: &str) -> Environment {
        let groups: Vec<Expr<'t>> = properties.get("StackInstancesGroup").and_then(Expr::items).into_iter().flatten().collect();
        let only = |list: &dyn Fn(Expr<'t>) -> Option<Expr<'t>>| {
            let mut values: Vec<Value> = Vec::new();
            for group in &groups {
                values.extend(self.operand(list(*group)?)?.as_items()?.iter().cloned());
            }
            match values.as_slice() {
                [first, rest @ ..] if first.as_str().is_some() && rest.iter().all(|other| other.as_str() == first.as_str()) => {
                    Some(first.clone())
                }
                _ => None,
            }
        };
        let region = only(&|group| group.get("Regions"));
        let account = only(&|group| group.get("DeploymentTargets")?.get("Accounts"));
        self.environment.of_stack_set(address, region, account)
    }

    /// The document in a `TemplateBody`. Text is read where it stands, so that its places are places of the file.
    fn template_body(&self, body: Expr<'t>) -> Option<Expr<'t>> {
        match body.call() {
            Some(Call { function: Function::ToJsonString, argument }) => return Some(argument),
            Some(_) => {
                let value = self.operand(body)?;
                let Some(text) = value.as_str() else {
                    let message = "the template of this stack set is not wholly known, so what it makes is not either";
                    self.world.report(Diagnostic::note("stack-set-unread", body.span(), message));
                    return None;
                };
                return self.parsed(body, text, Places::All(body.node.range));
            }
            None => {}
        }
        let Some((text, style)) = body.scalar() else { return Some(body) };
        let source = self.world.context.sources.get(body.file);
        let range = body.node.range.indices();
        let start = source.text.get(..range.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
        match (style, source.text.get(start..range.end)) {
            // A block whose lines are as they stand in the file is YAML by itself, only further to the right.
            (Style::Block, Some(block)) if block.trim_start().starts_with(text.lines().next().unwrap_or_default()) => {
                let block = block.to_owned();
                self.parsed(body, &block, Places::From(start))
            }
            _ => self.parsed(body, text, Places::All(body.node.range)),
        }
    }

    fn parsed(&self, body: Expr<'t>, text: &str, places: Places) -> Option<Expr<'t>> {
        let read = syntax::parse_nodes(text, body.file, &self.world.context.inputs.limits);
        if let Some(first) = read.diagnostics.iter().find(|diagnostic| diagnostic.level == Level::Error) {
            let message = format!("the template of this stack set cannot be read: {}", first.message);
            self.world.report(Diagnostic::error(first.code, body.span(), message));
        }
        let mut node = read.documents.into_iter().next().filter(|_| self.world.may_copy(read.copied, body.span()))?;
        places.put(&mut node);
        Some(Expr::new(self.world.keep(node), body.file))
    }
}

/// Where the nodes of a text inside a file stand in that file.
#[derive(Clone, Copy)]
enum Places {
    /// So many bytes further.
    From(usize),
    /// The text was made or escaped: all of it stands where its source does.
    All(TextRange),
}

impl Places {
    /// Recursion is bounded by the depth that parsers let through.
    fn put(self, node: &mut Node) {
        node.range = match self {
            Self::From(start) => TextRange::new(node.range.start as usize + start, node.range.end as usize + start),
            Self::All(range) => range,
        };
        match &mut node.kind {
            NodeKind::Scalar { .. } => {}
            NodeKind::Sequence(items) => items.iter_mut().for_each(|item| self.put(item)),
            NodeKind::Mapping(pairs) => pairs.iter_mut().for_each(|(key, value)| {
                self.put(key);
                self.put(value);
            }),
        }
    }
}
