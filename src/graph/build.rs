//! Building the graph: resources, what they and their satellites say, and whom they name. Each step is linear in what it is given.

use crate::glob;
use crate::graph::catalog::{Catalog, Kind, Part};
use crate::graph::link::{Holder, Linker, Resolution};
use crate::graph::possible::{Possible, Unresolved};
use crate::graph::text::{Atom, Key, Text};
use crate::graph::{Claim, Graph, Resource, ResourceId, Standing, shape};
use crate::limits::{Limit, Limits};
use crate::project::Facts;
use crate::table::IndexMap;
use crate::value::{Address, Cause, CauseKind, Declaration, Lowered, Mode, ProjectId, Truth, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// The project of what no project names.
pub(super) const NO_PROJECT: ProjectId = ProjectId(u32::MAX);

impl Graph {
    /// Links everything that the frontends found, with what the user knows besides.
    pub fn build(lowered: Vec<Lowered>, catalog: &Catalog, facts: &Facts, limits: Limits) -> Self {
        let declared = lowered.iter().map(|project| project.declarations.len()).sum();
        let (mut declarations, mut exports) = (Vec::with_capacity(declared), Vec::new());
        for project in lowered {
            declarations.extend(project.declarations);
            exports.extend(project.exports);
        }
        let linker = Linker::new(catalog.clone(), declarations, exports);
        let mut graph = Self {
            linker,
            limits,
            resources: Vec::new(),
            kinds: Vec::new(),
            by_kind: IndexMap::default(),
            near: OnceLock::new(),
            edges: Vec::new(),
            incoming: IndexMap::default(),
            possible: IndexMap::default(),
            overwhelmed: BTreeSet::new(),
            unlinked: BTreeSet::new(),
            of_place: IndexMap::default(),
            facts: IndexMap::default(),
            diagnostics: Vec::new(),
        };
        graph.add_resources();
        graph.linker.name_all();
        graph.add_facts(facts);
        graph.read_own_properties();
        let possible = graph.fold_satellites();
        graph.link(possible.again());
        for resource in &graph.resources {
            graph.by_kind.entry(Arc::clone(&resource.kind)).or_default().push(resource.id);
        }
        graph
    }

    fn add_resources(&mut self) {
        let mut found: Vec<(Arc<str>, usize, Option<Arc<str>>)> = Vec::new();
        for (at, declaration) in self.linker.declarations.iter().enumerate() {
            match declaration.mode {
                Mode::Managed => {
                    if let Some(entry) = self.linker.entry(declaration).filter(|entry| entry.part == Part::Whole) {
                        found.push((Arc::clone(&entry.kind), at, None));
                    }
                }
                Mode::Data => {}
                Mode::Module => match self.linker.catalog.module(&declaration.type_name) {
                    Some(summary) => {
                        found.extend(
                            summary.resources.iter().map(|(name, resource)| (Arc::clone(&resource.entry.kind), at, Some(Arc::clone(name)))),
                        );
                    }
                    None => {
                        let lower = Lower::of(declaration);
                        let suspects = self.linker.catalog.kinds().filter(|kind| lower.looks_like(kind));
                        found.extend(suspects.map(|kind| (Arc::clone(&kind.name), at, Some(Arc::from("")))));
                    }
                },
            }
        }
        self.resources.reserve_exact(found.len());
        self.kinds.reserve_exact(found.len());
        self.linker.reserve(found.len());
        for (kind, at, in_module) in found {
            self.add_resource(&kind, at, in_module);
        }
    }

    fn add_resource(&mut self, kind: &Arc<str>, at: usize, in_module: Option<Arc<str>>) {
        let declaration = &self.linker.declarations[at];
        let (mut exists, mut exists_causes) = (declaration.exists, declaration.exists_causes.clone());
        if let Some(name) = &in_module {
            let (truth, causes) = self.exists_in_module(declaration, name);
            exists = exists.and(truth);
            exists_causes.extend(causes);
        }
        let resource = Resource {
            id: ResourceId(0),
            kind: Arc::clone(kind),
            standing: if in_module.is_some() { Standing::Module } else { Standing::Declared },
            project: Some(declaration.project),
            address: declaration.address.clone(),
            type_name: Arc::clone(&declaration.type_name),
            span: Some(declaration.span),
            declaration: Some(at),
            exists,
            exists_causes: if exists.is_unknown() { exists_causes } else { Vec::new() },
            properties: IndexMap::default(),
        };
        let project = declaration.project;
        let holder = match in_module {
            Some(name) => Holder::Module(at, name),
            None => Holder::Declared(at),
        };
        self.push(resource, project, holder);
    }

    fn push(&mut self, mut resource: Resource, project: ProjectId, holder: Holder) -> ResourceId {
        let id = self.linker.add(&resource.kind, project, holder);
        resource.id = id;
        self.kinds.push(self.linker.catalog.number(&resource.kind));
        self.resources.push(resource);
        id
    }

    fn exists_in_module(&self, declaration: &Declaration, name: &str) -> (Truth, Vec<Cause>) {
        let Some(resource) = self.linker.catalog.module(&declaration.type_name).and_then(|summary| summary.resources.get(name)) else {
            return (Truth::Unknown, vec![missing_module(declaration)]);
        };
        let (mut exists, mut causes) = (Truth::True, Vec::new());
        for condition in &resource.exists {
            let truth = match shape::read(declaration, condition) {
                None => Truth::False,
                Some(read) => match shape::plain(&read.value).as_deref() {
                    Some("false" | "") => Truth::False,
                    Some(_) => Truth::True,
                    None if read.value.is_unknown() => Truth::Unknown,
                    None => Truth::True,
                },
            };
            if truth.is_unknown() {
                causes.extend(shape::read(declaration, condition).map(|read| read.value.causes()).unwrap_or_default());
            }
            exists = exists.and(truth);
        }
        (exists, causes)
    }

    /// What the user says of buckets outside the code.
    fn add_facts(&mut self, facts: &Facts) {
        let bucket: Arc<str> = Arc::from("bucket");
        for fact in &facts.buckets {
            let found = self.linker.resolve(NO_PROJECT, &Value::string(fact.name.as_str()), &bucket);
            let id = match found.candidates.first() {
                // The code says more of a bucket that it declares.
                Some((id, _)) if self.resource(*id).standing != Standing::Outside => continue,
                Some((id, _)) => *id,
                None => self.add_outside(&bucket, NO_PROJECT, &Text::known(&fact.name), None),
            };
            if fact.access_logging == Some(true) {
                let value = Value::object(crate::value::Entries::new());
                let claim = Claim { certainty: Truth::True, causes: Vec::new(), value, span: None, satellite: None };
                self.resources[id.0 as usize].properties.entry(Arc::from("logging")).or_default().claims.push(claim);
            }
            self.facts.insert(id, fact.clone());
        }
    }

    fn add_outside(&mut self, kind: &Arc<str>, project: ProjectId, name: &Text, value: Option<&Value>) -> ResourceId {
        let resource = Resource {
            id: ResourceId(0),
            kind: Arc::clone(kind),
            standing: Standing::Outside,
            project: Some(project).filter(|_| value.is_some()),
            address: Address::from(display_name(name)),
            type_name: Arc::from(""),
            span: value.and_then(|value| value.origin.span()),
            declaration: None,
            exists: Truth::Unknown,
            exists_causes: Vec::new(),
            properties: IndexMap::default(),
        };
        self.push(resource, project, Holder::Outside(name.clone()))
    }

    fn read_own_properties(&mut self) {
        for at in 0..self.resources.len() {
            let Some(declaration_at) = self.resources[at].declaration else { continue };
            let declaration = &self.linker.declarations[declaration_at];
            let entry = match self.resources[at].standing {
                Standing::Declared => self.linker.entry(declaration),
                _ => self.linker.module_entry(self.resources[at].id),
            };
            let Some(entry) = entry else { continue };
            let mut claims = Vec::new();
            for (name, spec) in &entry.properties {
                if let Some(read) = shape::read(declaration, spec) {
                    let claim =
                        Claim { certainty: read.certainty, causes: read.causes, value: read.value, span: read.span, satellite: None };
                    claims.push((Arc::clone(name), claim));
                }
            }
            // There are many resources, and mostly one claim of each property: room for more would be most of the graph.
            let properties = &mut self.resources[at].properties;
            properties.reserve_exact(claims.len());
            for (name, claim) in claims {
                let told = &mut properties.entry(name).or_default().claims;
                told.reserve_exact(1);
                told.push(claim);
            }
        }
    }

    /// Gives what satellites say to the resources that they belong to. What may be meant by those whose owner is not known is handed on.
    fn fold_satellites(&mut self) -> Possible {
        let mut possible = Possible::default();
        for at in 0..self.linker.declarations.len() {
            let declaration = &self.linker.declarations[at];
            if declaration.mode != Mode::Managed || declaration.exists.is_false() {
                continue;
            }
            let Some(entry) = self.linker.entry(declaration) else { continue };
            let Part::Of(path) = &entry.part else { continue };
            let kind = Arc::clone(&entry.kind);
            let (project, header) = (declaration.project, declaration.span);
            let claims: Vec<(Arc<str>, Claim)> = entry
                .properties
                .iter()
                .filter_map(|(name, spec)| {
                    let shape::Read { certainty, causes, value, .. } = shape::read(declaration, spec)?;
                    Some((Arc::clone(name), Claim { certainty, causes, value, span: Some(header), satellite: Some(at) }))
                })
                .collect();
            let (Some(owner), _) = shape::at_path(declaration, path) else { continue };
            let (exists, exists_causes) = (declaration.exists, declaration.exists_causes.clone());
            let mut found = self.linker.resolve(project, &owner, &kind);
            self.adopt_unmatched(&mut found, &kind, project, &owner);
            self.bound(&mut possible, &mut found, &kind, project);
            for (id, certainty) in &found.candidates {
                // It configures one of the instances, and which the resource stands for is not known.
                let owner = self.resource(*id);
                let (mut certainty, mut causes) =
                    if found.one_of_many { (Truth::Unknown, owner.exists_causes.clone()) } else { (*certainty, Vec::new()) };
                if !follows(&exists_causes, owner) {
                    certainty = certainty.and(exists);
                    causes.extend(exists_causes.iter().cloned());
                }
                self.add_claims(*id, &claims, certainty, &causes);
            }
            if found.open.is_empty() && found.candidates.iter().all(|(id, _)| self.resource(*id).standing != Standing::Outside) {
                continue;
            }
            self.weaken(&mut possible, &Unresolved { kind: &kind, project, value: &owner, found: &found }, &claims, exists_causes);
        }
        self.overwhelmed.append(&mut possible.overwhelmed(self.limits.count(Limit::PossiblePairs)));
        possible
    }

    pub(super) fn add_claims(&mut self, id: ResourceId, claims: &[(Arc<str>, Claim)], certainty: Truth, causes: &[Cause]) {
        for (name, claim) in claims {
            let mut claim = claim.clone();
            claim.certainty = claim.certainty.and(certainty);
            claim.causes.extend(causes.iter().cloned());
            self.resources[id.0 as usize].properties.entry(Arc::clone(name)).or_default().claims.push(claim);
        }
    }

    /// A name that nothing in the graph has is a resource outside the code.
    pub(super) fn adopt_unmatched(&mut self, found: &mut Resolution, kind: &Arc<str>, project: ProjectId, value: &Value) {
        if let Some(name) = found.unmatched.take() {
            let id = self.add_outside(kind, project, &name, Some(value));
            let certainty = if found.candidates.is_empty() { Truth::True } else { Truth::Unknown };
            found.candidates.push((id, certainty));
        }
    }
}

fn missing_module(declaration: &Declaration) -> Cause {
    Cause::new(CauseKind::MissingModule, Arc::clone(&declaration.type_name), Some(declaration.span))
}

/// The words of a call of a module that was not read, in lower case.
struct Lower {
    source: String,
    arguments: Vec<String>,
}

impl Lower {
    fn of(call: &Declaration) -> Self {
        Self { source: call.type_name.to_lowercase(), arguments: call.attributes.keys().map(|name| name.to_lowercase()).collect() }
    }

    /// Whether the module looks as if it held a resource of a kind.
    fn looks_like(&self, kind: &Kind) -> bool {
        let Some(suspects) = &kind.suspects else { return false };
        let covers = |patterns: &[String], text: &str| patterns.iter().any(|pattern| glob::covers(pattern, text));
        if covers(&suspects.unless, &self.source) {
            return false;
        }
        covers(&suspects.sources, &self.source) || self.arguments.iter().any(|name| covers(&suspects.arguments, name))
    }
}

/// Whether a satellite exists just where its owner does: `for_each = aws_s3_bucket.logs`, whichever instances that has.
fn follows(exists_causes: &[Cause], owner: &Resource) -> bool {
    let is_owner = |cause: &Cause| cause.kind == CauseKind::Computed && cause.name == owner.address.0;
    !exists_causes.is_empty() && exists_causes.iter().all(is_owner)
}

/// A name as people read it: an input alone without the marks of a template, and of a long one the beginning, and what tells it from others.
fn display_name(name: &Text) -> String {
    /// Characters: more than a name has, but for an ARN or a path in a hostile repository, which may stand in thousands of messages.
    const MOST: usize = 512;
    let shown = match name.atoms.as_slice() {
        [Atom::Same(Key::Reference(reference))] => reference.to_string(),
        _ => name.display(),
    };
    match shown.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…{:.16}", &shown[..at], format!("{:x}", Sha256::digest(&shown))),
        None => shown,
    }
}
