//! Whom resources name: every property that names others becomes edges.
//!
//! A list of names that many resources share is linked for each of them, so that a little text may make many edges. Beyond a limit projects get
//! equal shares of as many again, and of what is not linked it is not known whom it names. What takes as long as many names counts as many.

use crate::diagnostic::{Diagnostic, counted};
use crate::graph::build::NO_PROJECT;
use crate::graph::possible::{Possible, Unresolved};
use crate::graph::{Edge, Graph, Resource, ResourceId, evidence};
use crate::limits::Limit;
use crate::source::Span;
use crate::value::{Cause, ProjectId, Truth, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A property of a resource that names others.
struct Naming {
    relation: Arc<str>,
    to: Arc<str>,
    /// What those who are named call the one who names them.
    inverse: Option<Arc<str>>,
    certainty: Truth,
    causes: Vec<Cause>,
    value: Value,
}

/// Kinds of which it is not known who names them, once something is not linked.
type Beyond = Option<BTreeSet<Arc<str>>>;

/// Notes that a relation is not linked.
fn leave(inverse: Option<&Arc<str>>, to: &Arc<str>, beyond: &mut Beyond) {
    beyond.get_or_insert_default().extend(inverse.map(|_| Arc::clone(to)));
}

/// How many references, pieces and resources that are looked at for one name are as much as another name.
const OF_A_NAME: usize = 16;

/// How many names are still linked.
struct Room {
    most: usize,
    left: usize,
    /// Once all are spent: what each project gets.
    share: Option<usize>,
    taken: BTreeMap<ProjectId, usize>,
}

impl Room {
    fn new(most: usize) -> Self {
        Self { most, left: most, share: None, taken: BTreeMap::new() }
    }

    /// How many names of a project are linked at most.
    fn of(&self, project: ProjectId) -> usize {
        self.share.map_or(self.left, |share| share.saturating_sub(self.taken.get(&project).copied().unwrap_or_default()))
    }

    fn take(&mut self, project: ProjectId, names: usize) {
        match self.share {
            None => self.left -= names,
            Some(_) => *self.taken.entry(project).or_default() += names,
        }
    }

    /// Goes on with shares for these.
    fn divide(&mut self, among: &[Resource]) {
        if self.share.is_none() {
            let projects: BTreeSet<Option<ProjectId>> = among.iter().map(|resource| resource.project).collect();
            self.share = Some(self.most / projects.len().max(1));
        }
    }
}

impl Graph {
    /// Resolves every property that names others.
    pub(super) fn link(&mut self, mut possible: Possible) {
        let mut room = Room::new(self.limits.count(Limit::Links));
        let mut told: BTreeSet<ProjectId> = BTreeSet::new();
        let mut at = 0;
        // Resources outside the code are added on the way; they name others too, by what satellites say of them.
        while at < self.resources.len() {
            let id = self.resources[at].id;
            at += 1;
            let resource = self.resource(id);
            if resource.exists.is_false() {
                continue;
            }
            let project = resource.project.unwrap_or(NO_PROJECT);
            let (named, mut beyond) = self.namings(resource, room.of(project));
            for naming in &named {
                match room.of(project) {
                    0 => leave(naming.inverse.as_ref(), &naming.to, &mut beyond),
                    left => room.take(project, self.add_edges(id, project, naming, &mut possible).min(left)),
                }
            }
            if let Some(beyond) = beyond {
                room.divide(&self.resources[at..]);
                self.unlinked.extend(beyond);
                let span = self.resource(id).span.filter(|_| told.insert(project));
                self.diagnostics.extend(span.map(|span| self.too_many_links(span)));
            }
        }
        self.overwhelmed.append(&mut possible.overwhelmed(self.limits.count(Limit::PossiblePairs)));
        self.tell_overwhelmed();
        self.note_places();
    }

    fn too_many_links(&self, span: Span) -> Diagnostic {
        let most = self.limits.count(Limit::Links);
        let message = format!("a run links up to {} of other resources: not all that stand here and behind", counted(most, "name"));
        Diagnostic::warning("limit-reached", span, message).with_help(Limit::Links.help())
    }

    /// What a resource names others by, up to so many.
    fn namings(&self, resource: &Resource, most: usize) -> (Vec<Naming>, Beyond) {
        let (mut named, mut beyond): (Vec<Naming>, Beyond) = (Vec::new(), None);
        let Some(kind) = self.linker.catalog.kind(&resource.kind) else { return (named, beyond) };
        for (path, relation) in &kind.relations {
            let mut steps = path.split('.');
            let Some(property) = steps.next().and_then(|name| resource.properties.get(name)) else { continue };
            let steps: Vec<&str> = steps.collect();
            for claim in &property.claims {
                let mut values = Vec::new();
                if !leaves(&claim.value, &steps, most - named.len(), &mut values) {
                    leave(relation.inverse.as_ref(), &relation.to, &mut beyond);
                }
                named.extend(values.into_iter().map(|value| Naming {
                    relation: Arc::clone(path),
                    to: Arc::clone(&relation.to),
                    inverse: relation.inverse.clone(),
                    certainty: claim.certainty,
                    causes: claim.causes.clone(),
                    value,
                }));
            }
        }
        (named, beyond)
    }

    /// Links one name. For how many names that counts.
    fn add_edges(&mut self, from: ResourceId, project: ProjectId, naming: &Naming, possible: &mut Possible) -> usize {
        let Naming { relation, to, inverse, value, .. } = naming;
        let (mut found, steps) = self.linker.resolve_counting(project, value, to);
        let names = 1 + (steps + found.candidates.len()) / OF_A_NAME;
        self.adopt_unmatched(&mut found, to, project, value);
        if let Some(inverse) = inverse {
            let unresolved = Unresolved { kind: to, project, value, found: &found };
            self.add_possible(possible, &unresolved, from, relation, inverse);
        }
        self.bound(possible, &mut found, to, project);
        let mut evidence = evidence::hops(&value.origin);
        evidence.extend(found.via);
        let is_alone = found.candidates.len() == 1 && found.open.is_empty();
        for (target, sure) in found.candidates {
            let at = self.edges.len();
            let certainty = naming.certainty.and(sure);
            let mut causes = Vec::new();
            if certainty.is_unknown() {
                causes.extend(naming.causes.iter().chain(&found.open).cloned());
            }
            let (relation, evidence) = (Arc::clone(relation), evidence.clone());
            self.edges.push(Edge { from, relation, to: target, certainty, is_alone, causes, evidence });
            if let Some(inverse) = inverse {
                self.incoming.entry((target, Arc::clone(inverse))).or_default().push(at);
            }
        }
        names
    }
}

/// The values at a path inside a property, up to so many; whether these are all.
fn leaves(value: &Value, steps: &[&str], most: usize, into: &mut Vec<Value>) -> bool {
    if let Some(items) = value.as_items() {
        return items.iter().all(|item| leaves(item, steps, most, into));
    }
    match steps.split_first() {
        None if value.is_null() => true,
        None if into.len() == most => false,
        None => {
            into.push(value.clone());
            true
        }
        Some((first, rest)) => value.get(first).is_none_or(|inner| leaves(inner, rest, most, into)),
    }
}
