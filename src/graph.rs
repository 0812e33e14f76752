//! The resource graph of a run: kinds and relations, whichever language declared them.
//!
//! Declarations come in from the frontends; the catalog says what their types are; what they name is resolved, satellites are folded
//! into the resource that they configure, and the rest of the program asks in the catalog's words. This floor does not know which
//! language spoke, and has no opinion on what is good or bad.

mod accounts;
mod build;
pub mod catalog;
mod evidence;
mod forms;
mod index;
mod link;
mod naming;
pub mod pattern;
pub mod policy;
mod possible;
pub mod shape;
pub mod text;
mod ties;

use crate::diagnostic::Diagnostic;
use crate::limits::{Limit, Limits};
use crate::project::BucketFact;
use crate::source::Span;
use crate::table::IndexMap;
use crate::value::{Address, Cause, CauseKind, Declaration, ProjectId, Truth, Value};
use accounts::Near;
use catalog::Kind;
use indexmap::Equivalent;
use link::Linker;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};
use text::Text;

pub use catalog::Catalog;
pub use index::stands_for;
pub use link::Resolution;
pub use ties::{Slice, Ties};

/// A resource's place in its graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ResourceId(pub u32);

/// How a resource came into the graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standing {
    /// It is declared in code that was read.
    Declared,
    /// It stands in a module that was not read; a summary, or the module's name, says so.
    Module,
    /// It is only named in this code (or by a fact): what it lacks cannot be shown.
    Outside,
}

/// One resource of a kind, with everything that the run says about it.
#[derive(Debug)]
pub struct Resource {
    /// Its place in the graph.
    pub id: ResourceId,
    /// The catalog's kind: `trail`, `bucket`.
    pub kind: Arc<str>,
    /// How it came into the graph.
    pub standing: Standing,
    /// The project it belongs to; for one outside the code, the project that names it first (none for a fact).
    pub project: Option<ProjectId>,
    /// Its address in its project; for one outside the code, its name as far as it is known.
    pub address: Address,
    /// Its type in its language: `aws_s3_bucket`, a module's source; empty outside the code.
    pub type_name: Arc<str>,
    /// The header of its block; for one outside the code, where it is named first (none for a fact).
    pub span: Option<Span>,
    /// Its declaration in [`Graph::declarations`].
    pub declaration: Option<usize>,
    /// Whether it will exist.
    pub exists: Truth,
    /// Why that is not known.
    pub exists_causes: Vec<Cause>,
    /// What it says, and what its satellites say, in the catalog's words.
    pub properties: IndexMap<Arc<str>, Property>,
}

/// One property of a resource: everything that claims to set it. It is of one graph, whose words its text is in, and so never copied.
#[derive(Debug, Default)]
pub struct Property {
    /// The claims, the resource's own first. None: it is provably not set (for a resource outside the code: not known).
    pub claims: Vec<Claim>,
    /// The text of its only claim, once somebody has asked for it.
    text: OnceLock<Text>,
}

/// What a property is where nothing about it is in doubt.
#[derive(Clone, Copy, Debug)]
pub enum Plain<'g> {
    /// Provably not set.
    Unset,
    /// Set once, and surely, to this.
    Set(&'g Value, Said<'g>),
}

/// What is said of a property that is plainly set, in the graph's own words.
#[derive(Clone, Copy, Debug)]
pub struct Said<'g> {
    graph: &'g Graph,
    property: &'g Property,
    value: &'g Value,
}

impl<'g> Said<'g> {
    /// As a text.
    pub fn text(self) -> &'g Text {
        self.property.text.get_or_init(|| self.graph.text(self.value))
    }
}

/// One place that sets a property, or may do so.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Whether it does: false is never kept.
    pub certainty: Truth,
    /// Why that is not known.
    pub causes: Vec<Cause>,
    /// What it says, in the catalog's words.
    pub value: Value,
    /// Where: the argument, the block's header, or the satellite's header.
    pub span: Option<Span>,
    /// The satellite's declaration in [`Graph::declarations`], if one says it.
    pub satellite: Option<usize>,
}

/// One hop of the proof that one resource names another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hop {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub message: String,
}

/// A directed and labelled link: who names whom, and as what.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Who names.
    pub from: ResourceId,
    /// As what: the property that names, `bucket`, `logging.target`.
    pub relation: Arc<str>,
    /// Who is named.
    pub to: ResourceId,
    /// Whether it is so.
    pub certainty: Truth,
    /// Whether nobody else may be named there.
    pub is_alone: bool,
    /// Why that is not known.
    pub causes: Vec<Cause>,
    /// Hop by hop, from the naming resource on.
    pub evidence: Vec<Hop>,
}

/// A resource, and what it calls those who name it: a key of [`Graph::incoming`].
struct Named<'n>(ResourceId, &'n str);

impl Hash for Named<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, self.1).hash(state);
    }
}

impl Equivalent<(ResourceId, Arc<str>)> for Named<'_> {
    fn equivalent(&self, key: &(ResourceId, Arc<str>)) -> bool {
        self.0 == key.0 && *self.1 == *key.1
    }
}

/// All resources of a run, and who names whom.
#[derive(Debug)]
pub struct Graph {
    limits: Limits,
    near: OnceLock<Near>,
    linker: Linker,
    resources: Vec<Resource>,
    /// The number of each resource's kind in the catalog.
    kinds: Vec<Option<u16>>,
    by_kind: IndexMap<Arc<str>, Vec<ResourceId>>,
    edges: Vec<Edge>,
    incoming: IndexMap<(ResourceId, Arc<str>), Vec<usize>>,
    /// Edges that there may be besides, by whom they would lead to and what that calls them.
    possible: IndexMap<(ResourceId, Arc<str>), Vec<Edge>>,
    /// Projects of which too much is not known for saying what of it may be about which resource of a kind.
    overwhelmed: BTreeSet<(Arc<str>, ProjectId)>,
    /// Kinds whose resources may be named by more than was linked.
    unlinked: BTreeSet<Arc<str>>,
    /// The resources of each kind in each project.
    of_place: IndexMap<(Arc<str>, ProjectId), Vec<ResourceId>>,
    facts: IndexMap<ResourceId, BucketFact>,
    diagnostics: Vec<Diagnostic>,
}

impl Graph {
    /// The catalog it was built with.
    pub fn catalog(&self) -> &Catalog {
        &self.linker.catalog
    }

    /// Every resource of a kind that the catalog knows, by project and source order; those outside the code last.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources of a kind, in the same order.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Resource> {
        self.by_kind.get(kind).into_iter().flatten().map(|id| self.resource(*id))
    }

    /// The same by their places.
    pub fn ids_of_kind(&self, kind: &str) -> &[ResourceId] {
        self.by_kind.get(kind).map_or(&[], Vec::as_slice)
    }

    /// One resource.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// The catalog's kind of a resource.
    pub fn kind_of(&self, id: ResourceId) -> Option<&Kind> {
        self.catalog().numbered(self.kinds[id.0 as usize]?)
    }

    /// Who names whom, in the order of the naming resources.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The one resource that a value surely names, if it is all that a property of its owner plainly says there: what [`Graph::resolve`] would
    /// find was found when the graph was built.
    pub fn surely_named(&self, owner: ResourceId, relation: &str, value: &Value) -> Option<ResourceId> {
        let mut steps = relation.split('.');
        let [claim] = self.resource(owner).properties.get(steps.next()?)?.claims.as_slice() else { return None };
        let said = steps.try_fold(&claim.value, |value, step| value.get(step))?;
        if said.as_items().is_some() || said.identity() != Some(value.identity()?) {
            return None;
        }
        let first = self.edges.partition_point(|edge| edge.from < owner);
        let mut edges = self.edges[first..].iter().take_while(|edge| edge.from == owner).filter(|edge| *edge.relation == *relation);
        let (Some(only), None) = (edges.next(), edges.next()) else { return None };
        let is_sure = only.is_alone && only.certainty.is_true() && !self.resource(only.to).exists.is_false();
        is_sure.then_some(only.to)
    }

    /// The one resource that a resource surely names by a relation, if the property says nothing else; it is declared.
    pub fn plainly_names(&self, owner: ResourceId, relation: &str) -> Option<ResourceId> {
        let mut steps = relation.split('.');
        let [claim] = self.resource(owner).properties.get(steps.next()?)?.claims.as_slice() else { return None };
        let said = steps.try_fold(&claim.value, |value, step| value.get(step))?;
        let to = self.surely_named(owner, relation, said)?;
        (claim.certainty.is_true() && self.resource(to).standing != Standing::Outside).then_some(to)
    }

    /// How much was looked at.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Every declaration, those of satellites, data sources and unread modules included.
    pub fn declarations(&self) -> &[Declaration] {
        &self.linker.declarations
    }

    /// Problems met while linking.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The edges that lead to a resource, by the name that it gives to those who name it; those that may lead to it last.
    pub fn incoming(&self, id: ResourceId, inverse: &str) -> impl Iterator<Item = &Edge> {
        let key = Named(id, inverse);
        let found = self.incoming.get(&key).into_iter().flatten().map(|at| &self.edges[*at]);
        found.chain(self.possible.get(&key).into_iter().flatten())
    }

    /// Why more may be said of a resource, or name it, than was worked out of names that are not known.
    fn overwhelmed(&self, resource: &Resource) -> Option<Cause> {
        if self.overwhelmed.is_empty() {
            return None;
        }
        let found = self.overwhelmed.get(&(Arc::clone(&resource.kind), resource.project?))?;
        Some(self.too_many_pairs(&found.0))
    }

    /// Why more may name a resource than what does by all that was worked out.
    pub fn more_may_name(&self, resource: &Resource) -> impl Iterator<Item = Cause> {
        let unlinked = self.unlinked.contains(&resource.kind).then(|| {
            let most = self.limits.count(Limit::Links);
            Cause::new(CauseKind::Limit, Limit::Links.named(&format!("more than {most} names of other resources in one run")), None)
        });
        self.overwhelmed(resource).into_iter().chain(unlinked)
    }

    /// What the graph of the whole run could not work out is not known in one of its parts either.
    pub fn know_no_more_than(&mut self, whole: &Self) {
        self.overwhelmed.extend(whole.overwhelmed.iter().cloned());
        self.unlinked.extend(whole.unlinked.iter().cloned());
    }

    fn too_many_pairs(&self, kind: &str) -> Cause {
        let most = self.limits.count(Limit::PossiblePairs);
        Cause::new(CauseKind::Limit, Limit::PossiblePairs.named(&format!("more than {most} possible {kind}s of one project")), None)
    }

    /// What claims to set a property of a resource, and why it may be set all the same where nothing claims it.
    pub fn property(&self, id: ResourceId, name: &str) -> (&[Claim], Vec<Cause>) {
        let resource = self.resource(id);
        let claims = resource.properties.get(name).map_or(&[][..], |property| property.claims.as_slice());
        let unsaid = match resource.standing {
            Standing::Declared => self.overwhelmed(resource).into_iter().collect(),
            Standing::Module => match self.linker.module_entry(id) {
                Some(entry) if entry.properties.contains_key(name) => Vec::new(),
                _ => vec![Cause::new(CauseKind::MissingModule, Arc::clone(&resource.type_name), resource.span)],
            },
            Standing::Outside if self.facts.get(&id).is_some_and(|fact| name == "logging" && fact.access_logging.is_some()) => Vec::new(),
            Standing::Outside => vec![Cause::new(CauseKind::External, Arc::clone(&resource.address.0), resource.span)],
        };
        (claims, unsaid)
    }

    /// What a property of a resource plainly is; `None` where several things claim to set it, or may.
    pub fn plain(&self, id: ResourceId, name: &str) -> Option<Plain<'_>> {
        let resource = self.resource(id);
        let kind = self.kind_of(id)?;
        match resource.properties.get(name).map(|property| (property, property.claims.as_slice())) {
            // What is no word of the kind is no property of it: a resource has none but those.
            None | Some((_, [])) => {
                let is_unset = resource.standing == Standing::Declared && self.overwhelmed.is_empty() && kind.vocabulary.contains_key(name);
                is_unset.then_some(Plain::Unset)
            }
            Some((property, [claim])) if claim.certainty.is_true() && !kind.adds_up.contains(name) => {
                Some(Plain::Set(&claim.value, Said { graph: self, property, value: &claim.value }))
            }
            Some(_) => None,
        }
    }

    /// What the user said of a resource outside the code.
    pub fn fact(&self, id: ResourceId) -> Option<&BucketFact> {
        self.facts.get(&id)
    }

    /// Whom a value names among resources of a kind, seen from a project.
    pub fn resolve(&self, project: ProjectId, value: &Value, kind: &str) -> Resolution {
        self.linker.resolve(project, value, kind)
    }

    /// The history of a value in words, from where it is used to where it was written.
    pub fn history(value: &Value) -> Vec<Hop> {
        evidence::hops(&value.origin)
    }

    /// A value as a text in which equal means equal.
    pub fn text(&self, value: &Value) -> Text {
        self.linker.text(value)
    }

    /// A resource's name, as far as it is known.
    pub fn name(&self, id: ResourceId) -> &Text {
        self.linker.name(id)
    }

    /// A resource's ARN.
    pub fn arn(&self, id: ResourceId) -> Text {
        self.linker.arn(id)
    }

    /// The account that a resource is in.
    pub fn account(&self, id: ResourceId) -> Text {
        self.place(id, |fact| fact.account.as_deref(), Linker::account)
    }

    /// The Region that a resource is in.
    pub fn region(&self, id: ResourceId) -> Text {
        self.place(id, |fact| fact.region.as_deref(), Linker::region)
    }

    fn place(&self, id: ResourceId, fact: fn(&BucketFact) -> Option<&str>, declared: fn(&Linker, usize) -> Text) -> Text {
        let resource = self.resource(id);
        match (resource.declaration, self.facts.get(&id).and_then(fact)) {
            (_, Some(text)) => Text::known(text),
            (Some(at), None) => declared(&self.linker, at),
            (None, None) => {
                let cause = Cause::new(CauseKind::External, Arc::clone(&resource.address.0), resource.span);
                Text::atom(text::Atom::Opaque, vec![cause])
            }
        }
    }
}
