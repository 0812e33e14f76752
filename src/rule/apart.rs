//! Which of the resources that are counted plainly name somebody else than the one that is asked for, so that nothing more need be asked of
//! them: of thousands of keys of thousands of users, each names its own.
//!
//! It says of a resource that it does not count, or nothing.

use crate::graph::{Graph, ResourceId};
use crate::rule::parse::{Condition, Count, Path};
use crate::rule::path::{Item, Scope};
use crate::table::{IndexMap, IndexSet};
use crate::value::ProjectId;
use std::sync::Arc;

/// A name in a project, by number: two resources of one project that are written alike may be one.
type Name = (ProjectId, usize);

/// Whom the resources of a kind name by a relation, where that is one resource for sure.
#[derive(Debug, Default)]
pub struct Names {
    written: IndexSet<String>,
    of: IndexMap<ResourceId, Name>,
}

impl Names {
    /// Whom the resources of a kind name by a relation.
    pub fn new(graph: &Graph, kind: &str, relation: &str) -> Self {
        let mut names = Self::default();
        for id in graph.ids_of_kind(kind) {
            let named = graph.plainly_names(*id, relation).and_then(|to| Some((graph.resource(to).project?, graph.name(to).key())));
            if let Some((project, key)) = named {
                let number = names.written.insert_full(key).0;
                names.of.insert(*id, (project, number));
            }
        }
        names
    }
}

/// Those that name another one than this.
pub struct Apart {
    names: Arc<Names>,
    meant: (ProjectId, Option<usize>),
}

impl Apart {
    /// Whether a resource plainly names another one of the same project.
    pub fn has(&self, id: ResourceId) -> bool {
        let (project, meant) = self.meant;
        self.names.of.get(&id).is_some_and(|(of, number)| *of == project && Some(*number) != meant)
    }
}

/// Those that a count does not ask about, if it asks who names one resource.
pub fn apart(scope: &Scope<'_>, count: &Count, name: &str) -> Option<Apart> {
    let (relation, other) = naming(count.condition.as_ref()?, name)?;
    if !scope.graph.catalog().kind(&count.kind)?.relations.contains_key(relation.as_str()) {
        return None;
    }
    let [only] = scope.resources(other).try_into().ok()?;
    let Item::Resource(meant) = only.item else { return None };
    if scope.is_outside(meant) {
        return None;
    }
    let names = scope.memo.names(&count.kind, &relation, || Names::new(scope.graph, &count.kind, &relation));
    let number = names.written.get_index_of(&scope.graph.name(meant).key());
    Some(Apart { meant: (scope.graph.resource(meant).project?, number), names })
}

/// The relation by which a resource has to name what stands at another path, where a condition holds for no other.
fn naming<'c>(condition: &'c Condition, name: &str) -> Option<(String, &'c Path)> {
    match condition {
        Condition::All(parts) => parts.iter().find_map(|part| naming(part, name)),
        Condition::Not(inner) => match &**inner {
            Condition::Not(inner) => naming(inner, name),
            _ => None,
        },
        Condition::Same(one, other) => {
            let below = |path: &Path| {
                path.0.split_first().filter(|(first, rest)| &***first == name && !rest.is_empty()).map(|(_, rest)| rest.join("."))
            };
            // Who names itself is not known before it is asked.
            let is_elsewhere = |path: &Path| path.0.first().is_some_and(|first| &**first != name);
            match (below(one), below(other)) {
                (Some(relation), None) if is_elsewhere(other) => Some((relation, other)),
                (None, Some(relation)) if is_elsewhere(one) => Some((relation, one)),
                _ => None,
            }
        }
        _ => None,
    }
}
