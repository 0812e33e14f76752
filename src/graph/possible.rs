//! Whom a value may name that could not be resolved: every resource of its own project that it may turn out to be.
//!
//! Without this, what is not known would be silence: "nothing logs this bucket", "no trail delivers here". Only the value's own project counts:
//! an input is not taken to name what another project declares, or one variable without a value would leave every project of a run open.

use crate::diagnostic::{Diagnostic, counted};
use crate::graph::link::Resolution;
use crate::graph::text::{self, Atom, Key, Text};
use crate::graph::{Claim, Edge, Graph, Hop, Resource, ResourceId, Standing, evidence};
use crate::limits::Limit;
use crate::table::IndexMap;
use crate::value::{Address, Cause, CauseKind, Origin, ProjectId, Reference, Step, Truth, Value, ValueKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most resources of one kind and project among which one is looked for that may be the same as another.
const MAX_DOUBLES: usize = 2_000;

/// A kind's resources in one project.
type Place = (Arc<str>, ProjectId);

/// A value that names no declared resource for certain.
#[derive(Clone, Copy)]
pub struct Unresolved<'a> {
    /// The kind that it names.
    pub kind: &'a Arc<str>,
    /// Whose value it is.
    pub project: ProjectId,
    /// The value.
    pub value: &'a Value,
    /// What is known of whom it names.
    pub found: &'a Resolution,
}

/// The resources that may be meant, and how often that was asked.
#[derive(Default)]
pub struct Possible {
    /// By place, worked out when first asked for: those that are declared, which do not change while names are resolved.
    of: Option<IndexMap<Place, Vec<ResourceId>>>,
    asked: BTreeMap<Place, usize>,
}

impl Possible {
    /// The resources of a kind that a project declares.
    fn declared(&mut self, graph: &Graph, place: &Place) -> Option<&[ResourceId]> {
        let of = self.of.get_or_insert_with(|| {
            let mut of: IndexMap<Place, Vec<ResourceId>> = IndexMap::default();
            for resource in graph.resources() {
                if let Some(project) = resource.project
                    && resource.standing != Standing::Outside
                {
                    of.entry((Arc::clone(&resource.kind), project)).or_default().push(resource.id);
                }
            }
            of
        });
        of.get(place).map(Vec::as_slice)
    }

    /// Asks anew, of the same resources.
    pub fn again(self) -> Self {
        Self { of: self.of, ..Self::default() }
    }

    /// Whether so many pairs more of a value and a resource of a kind that it may name are worked out.
    pub fn has_room(&mut self, kind: &Arc<str>, project: ProjectId, pairs: usize, most: usize) -> bool {
        let asked = self.asked.entry((Arc::clone(kind), project)).or_default();
        *asked += pairs;
        *asked <= most
    }

    /// The places of which more was asked than is worked out.
    pub fn overwhelmed(&self, most: usize) -> BTreeSet<Place> {
        self.asked.iter().filter(|(_, asked)| **asked > most).map(|(place, _)| place.clone()).collect()
    }

    /// The resources of the value's own project that it may name, those that it is known to name left out.
    fn meant(&mut self, graph: &Graph, unresolved: &Unresolved<'_>) -> Vec<ResourceId> {
        let Unresolved { kind, project, value, found } = *unresolved;
        let is_outside = |(id, _): &(ResourceId, Truth)| graph.resource(*id).standing == Standing::Outside;
        if found.open.is_empty() && !found.candidates.iter().any(is_outside) {
            return Vec::new();
        }
        let place = (Arc::clone(kind), project);
        let Some(number) = self.declared(graph, &place).map(<[ResourceId]>::len) else { return Vec::new() };
        let asked = self.asked.entry(place.clone()).or_default();
        *asked += number;
        if *asked > graph.limits.count(Limit::PossiblePairs) {
            return Vec::new();
        }
        let Some(all) = self.declared(graph, &place) else { return Vec::new() };
        let forms = graph.catalog().kind(kind).map_or(&[][..], |kind| kind.forms.as_slice());
        let text = graph.linker.name_in(value, forms);
        let known = |id: &ResourceId| found.candidates.iter().any(|(known, _)| known == id);
        all.iter().copied().filter(|id| !known(id) && graph.may_be(*id, value, &text)).collect()
    }
}

impl Graph {
    /// Lets a satellite whose owner is not known weaken what is known of every resource that it may belong to.
    pub(super) fn weaken(
        &mut self,
        possible: &mut Possible,
        unresolved: &Unresolved<'_>,
        claims: &[(Arc<str>, Claim)],
        exists_causes: Vec<Cause>,
    ) {
        let open = unresolved.found.open.iter().cloned();
        let causes: Vec<Cause> = open.chain(unresolved.value.causes()).chain(exists_causes).collect();
        for id in possible.meant(self, unresolved) {
            self.add_claims(id, claims, Truth::Unknown, &causes);
        }
    }

    /// Notes that a resource may be named by one whose value is not known.
    pub(super) fn add_possible(
        &mut self,
        possible: &mut Possible,
        unresolved: &Unresolved<'_>,
        from: ResourceId,
        relation: &Arc<str>,
        inverse: &Arc<str>,
    ) {
        let meant = possible.meant(self, unresolved);
        if meant.is_empty() {
            return;
        }
        let mut causes: Vec<Cause> = unresolved.found.open.iter().cloned().chain(unresolved.value.causes()).collect();
        if causes.is_empty() {
            // The value is known, so it is the names that are not.
            causes.extend(meant.iter().flat_map(|id| self.name(*id).causes.iter().cloned()));
        }
        let evidence: Vec<Hop> = evidence::hops(&unresolved.value.origin);
        for to in meant {
            let edge = Edge {
                from,
                relation: Arc::clone(relation),
                to,
                certainty: Truth::Unknown,
                is_alone: false,
                causes: causes.clone(),
                evidence: evidence.clone(),
            };
            self.possible.entry((to, Arc::clone(inverse))).or_default().push(edge);
        }
    }

    /// Bounds how much is worked out where thousands have one name, and thousands name it: then the first of those that a value may name is left,
    /// and of the others it is not known any more who names them.
    pub(super) fn bound(&mut self, possible: &mut Possible, found: &mut Resolution, kind: &Arc<str>, project: ProjectId) {
        self.overwhelmed.extend(found.beyond.drain(..).map(|project| (Arc::clone(kind), project)));
        let named = found.candidates.len();
        if named < 2 || possible.has_room(kind, project, named, self.limits.count(Limit::PossiblePairs)) {
            return;
        }
        let mut last = None;
        for (id, _) in found.candidates.drain(1..) {
            let project = self.resource(id).project;
            if let Some(of) = project.filter(|_| project != last) {
                self.overwhelmed.insert((Arc::clone(kind), of));
            }
            last = project;
        }
        found.candidates.iter_mut().for_each(|(_, sure)| *sure = Truth::Unknown);
        found.open.push(self.too_many_pairs(kind));
    }

    /// Says of which projects too much is not known.
    pub(super) fn tell_overwhelmed(&mut self) {
        let mut told: IndexMap<Place, Diagnostic> = IndexMap::default();
        for resource in &self.resources {
            let (Some(project), Some(span)) = (resource.project, resource.span) else { continue };
            let place = (Arc::clone(&resource.kind), project);
            if self.overwhelmed.contains(&place) && !told.contains_key(&place) {
                let message = format!(
                    "more than {} of a name that is not known and a {} that it may mean: the rest is not worked out",
                    counted(self.limits.count(Limit::PossiblePairs), "pair"),
                    resource.kind
                );
                told.insert(place, Diagnostic::warning("limit-reached", span, message).with_help(Limit::PossiblePairs.help()));
            }
        }
        self.diagnostics.extend(told.into_values());
    }

    /// Why a resource outside the code may be the same as another one of the project that names it: then those who name the one may name the other.
    /// Empty where it is not.
    pub fn doubles(&self, id: ResourceId) -> Vec<Cause> {
        let resource = self.resource(id);
        if self.beside(resource).len() > MAX_DOUBLES {
            return vec![Cause::new(CauseKind::Limit, format!("more than {MAX_DOUBLES} {}s of one project", resource.kind), None)];
        }
        let Some(other) = self.may_be_same(id).next() else { return Vec::new() };
        let causes: Vec<Cause> = self.name(id).causes.iter().chain(&self.name(other).causes).cloned().collect();
        if !causes.is_empty() {
            return causes;
        }
        vec![Cause::new(CauseKind::External, Arc::clone(&resource.address.0), resource.span)]
    }

    /// The resources that one outside the code may be the same as; those beyond a limit are not looked for.
    pub(super) fn may_be_same(&self, id: ResourceId) -> impl Iterator<Item = ResourceId> {
        let resource = self.resource(id);
        let name = self.name(id);
        let is_early = !name.causes.is_empty() && name.causes.iter().all(|cause| is_early(cause.kind)) || name.as_known().is_some();
        let same = move |other: &ResourceId| {
            let other_name = self.name(*other);
            let apart = *other == id || self.resource(*other).exists.is_false() || (is_early && is_generated(other_name));
            !apart && text::same(name, other_name).is_unknown()
        };
        self.beside(resource).iter().copied().take(MAX_DOUBLES).filter(same)
    }

    /// The resources of the same kind in the project that names one outside the code first; none of any other.
    fn beside(&self, resource: &Resource) -> &[ResourceId] {
        let project = resource.project.filter(|_| resource.standing == Standing::Outside);
        project.and_then(|project| self.of_place.get(&(Arc::clone(&resource.kind), project))).map_or(&[], Vec::as_slice)
    }

    /// Notes which resources there are of each kind in each project, those outside the code with the project that names them first.
    pub(super) fn note_places(&mut self) {
        for resource in &self.resources {
            if let Some(project) = resource.project {
                self.of_place.entry((Arc::clone(&resource.kind), project)).or_default().push(resource.id);
            }
        }
    }

    /// Whether a value that could not be resolved may all the same name a resource of its own project.
    fn may_be(&self, id: ResourceId, value: &Value, text: &Text) -> bool {
        let name = self.linker.name(id);
        if text::same(name, text).is_false() {
            return false;
        }
        if let Some(reference) = value.as_unknown().and_then(|unknown| unknown.refers_to.as_deref()) {
            match reference {
                // What another stack or state offers was there before this one.
                Reference::Export { .. } | Reference::RemoteOutput { .. } => return false,
                // A module can only hand back what it was given.
                Reference::ModuleOutput { project, module, .. } => return self.is_given_to(id, *project, module),
                _ => {}
            }
        }
        let causes = value.causes();
        if Cause::are_undeclared(&causes) {
            // It names what this code does not declare, so nothing that it does.
            return false;
        }
        !(is_generated(name) && !causes.is_empty() && causes.iter().all(|cause| is_early(cause.kind)))
    }

    fn is_given_to(&self, id: ResourceId, project: ProjectId, module: &Address) -> bool {
        let Some(own) = self.resource(id).declaration.map(|at| self.linker.declarations[at].address.clone()) else { return true };
        self.linker.find(project, module).iter().any(|at| {
            let arguments = self.linker.declarations[*at].attributes.values();
            arguments.into_iter().any(|argument| refers(&argument.value, &own, 0))
        })
    }
}

fn is_generated(name: &Text) -> bool {
    name.atoms.iter().any(|atom| matches!(atom, Atom::Same(Key::Generated(_))))
}

/// Whether what is not known was there before the run: a name that is chosen at creation cannot be such an input.
fn is_early(kind: CauseKind) -> bool {
    use CauseKind::{Environment, External, File, Impure, Parameter, Variable};
    matches!(kind, Variable | Parameter | Environment | External | File | Impure)
}

/// Whether a value refers to a declaration, or holds a part that does.
fn refers(value: &Value, address: &Address, depth: usize) -> bool {
    const MAX_DEPTH: usize = 16;
    let is = |reference: &Reference| matches!(reference, Reference::Attribute { address: named, .. } if named == address);
    let on_the_way = |origin: &Origin| origin.hops().any(|(step, _)| matches!(step, Step::Attribute(reference) if is(reference)));
    if on_the_way(&value.origin) || depth == MAX_DEPTH {
        return true;
    }
    match &value.kind {
        ValueKind::Resource(reference) => is(reference),
        ValueKind::Unknown(unknown) => {
            unknown.refers_to.as_deref().is_some_and(is) || unknown.causes.iter().any(|cause| cause.name.starts_with(&*address.0))
        }
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            items.iter().any(|item| refers(item, address, depth + 1))
        }
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().any(|entry| refers(entry, address, depth + 1)),
        _ => false,
    }
}
