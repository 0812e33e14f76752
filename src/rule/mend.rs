//! The fix that a rule writes, and what it comes to for one finding: whether it is for this case at all, and which of the things that it asks for are not so yet.
//!
//! It asks the graph as the rule itself does, and knows no language and no text.

use crate::graph::catalog::spec::Literal;
use crate::graph::{Graph, ResourceId};
use crate::rule::Rule;
use crate::rule::memo::Memo;
use crate::rule::parse::{Condition, Path};
use crate::rule::path::{self, Item, Scope};
use crate::rule::steps::{self, Steps};
use crate::table::IndexMap;
use serde::Deserialize;

/// What would mend a fail, in the catalog's words: whoever knows the languages turns it into edits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenFix {
    /// When it is the one to make: it has to hold surely. Always, where nothing is said.
    #[serde(default)]
    pub when: Option<Condition>,
    /// Properties, by their paths, and what they have to be: `subject.log_file_validation` to `true`.
    #[serde(default)]
    pub set: IndexMap<String, Literal>,
    /// The bucket that is to have server access logging.
    #[serde(default)]
    pub log_accesses_of: Option<Path>,
    /// Whether it needs a human's eye.
    #[serde(default, rename = "unsafe")]
    pub is_unsafe: bool,
    /// Whether mending one subject mends the others of its project: they are asked again before another one is changed.
    #[serde(default)]
    pub one_is_enough: bool,
}

/// A property, by its path, and what it has to be.
pub type Wanted<'r> = (Path, &'r Literal);

/// The properties that a fix sets for a subject, those left out that surely are so; `None` where the fix is not for this case.
pub fn wanted<'r>(rule: &Rule, fix: &'r WrittenFix, graph: &Graph, memo: &Memo, subject: ResourceId) -> Option<Vec<Wanted<'r>>> {
    let steps = Steps::of(steps::share(graph.limits(), graph.ids_of_kind(&graph.resource(subject).kind).len()));
    let scope = scope(rule, Scope::new(graph, memo, subject, &steps).wanting(path::Wanted::Truth))?;
    if fix.when.as_ref().is_some_and(|condition| !condition.holds(&scope).truth.is_true()) {
        return None;
    }
    let wanted = fix.set.iter().map(|(path, literal)| (memo.path(path), literal));
    Some(wanted.filter(|(path, literal)| !is_so(path, literal).holds(&scope).truth.is_true()).collect())
}

/// The scope in which the finding was made: each name means the first thing that it can mean.
fn scope<'g>(rule: &Rule, mut scope: Scope<'g>) -> Option<Scope<'g>> {
    for (name, path) in &rule.follow {
        let meant = scope.resources(path).into_iter().find(|meant| matches!(meant.item, Item::Resource(_)))?;
        scope = scope.with(name, meant);
    }
    Some(scope)
}

fn is_so(path: &Path, literal: &Literal) -> Condition {
    match literal {
        Literal::Bool(true) => Condition::IsTrue(path.clone()),
        Literal::Bool(false) => Condition::IsFalse(path.clone()),
        other => Condition::OneOf(path.clone(), vec![other.clone()]),
    }
}
