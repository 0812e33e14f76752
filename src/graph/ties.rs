//! What hangs together in a run: whom a resource names, who names, configures or may mean it, and what their values are made of.
//!
//! A scenario evaluates again what hangs together with the resources that it asks about, and nothing else. What is not tied to them while
//! inputs are unknown cannot come to be tied to them when these are known: to know more only takes possibilities away. There are two
//! exceptions, which are looked for when more is known: a value that then shows what it refers to ([`Slice::follow`]), and a name that others
//! speak of ([`Slice::meet`]).

use crate::graph::catalog::STORED;
use crate::graph::{Graph, Resource, ResourceId};
use crate::project::Demand;
use crate::value::{Declaration, Export, Lowered, Mode, ProjectId, Reference, Value, bare};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// Things by what they are found by, and its name.
type Named<K, T> = BTreeMap<(K, Arc<str>), Vec<T>>;

/// The ties between everything that a run found.
#[derive(Debug)]
pub struct Ties<'g> {
    graph: &'g Graph,
    /// For each declaration: the resources that it makes or configures.
    declared: Vec<Vec<ResourceId>>,
    /// For each declaration its block, once somebody has asked for it.
    blocks: Vec<OnceLock<Arc<str>>>,
    /// For each resource: those with an edge to or from it.
    linked: Vec<Vec<ResourceId>>,
    /// Resources of a kind by their whole name.
    named: Named<Arc<str>, ResourceId>,
    /// What projects offer to others, by state and name.
    exports: Named<Option<Arc<str>>, usize>,
}

impl<'g> Ties<'g> {
    /// The ties in the graph of a whole run.
    pub fn new(graph: &'g Graph) -> Self {
        let mut declared = vec![Vec::new(); graph.declarations().len()];
        let mut linked = vec![Vec::new(); graph.resources().len()];
        for edge in graph.edges().iter().chain(graph.possible.values().flatten()) {
            linked[edge.from.0 as usize].push(edge.to);
            linked[edge.to.0 as usize].push(edge.from);
        }
        let mut named: Named<Arc<str>, ResourceId> = BTreeMap::new();
        for resource in graph.resources() {
            for at in satellites(resource).chain(resource.declaration) {
                declared[at].push(resource.id);
            }
            if let Some(name) = graph.name(resource.id).as_known() {
                named.entry((Arc::clone(&resource.kind), Arc::from(name))).or_default().push(resource.id);
            }
        }
        let mut exports: Named<Option<Arc<str>>, usize> = BTreeMap::new();
        for (at, export) in graph.linker.exports().iter().enumerate() {
            if let Some(name) = export.name.as_str() {
                exports.entry((export.state.clone(), Arc::from(name))).or_default().push(at);
            }
        }
        let blocks = declared.iter().map(|_| OnceLock::new()).collect();
        Self { graph, declared, blocks, linked, named, exports }
    }

    /// The block of a declaration.
    fn block(&self, at: usize) -> &Arc<str> {
        self.blocks[at].get_or_init(|| self.graph.declarations()[at].address.block())
    }

    /// The graph whose ties they are.
    pub fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// What hangs together with these resources, as far as it is of the types that are asked for.
    pub fn slice<'t>(&'t self, around: impl IntoIterator<Item = ResourceId>, demand: &'t Demand) -> Slice<'t, 'g> {
        let mut slice = Slice {
            ties: self,
            demand,
            resources: BTreeSet::new(),
            declarations: BTreeSet::new(),
            exports: BTreeSet::new(),
            open: around.into_iter().map(Node::Resource).collect(),
        };
        slice.grow();
        slice
    }
}

/// The declarations whose claims a resource holds.
fn satellites(resource: &Resource) -> impl Iterator<Item = usize> {
    resource.properties.values().flat_map(|property| &property.claims).filter_map(|claim| claim.satellite)
}

#[derive(Clone, Copy)]
enum Node {
    Resource(ResourceId),
    Declaration(usize),
    Export(usize),
}

/// A part of a run that hangs together.
#[derive(Clone)]
pub struct Slice<'t, 'g> {
    ties: &'t Ties<'g>,
    demand: &'t Demand,
    resources: BTreeSet<ResourceId>,
    declarations: BTreeSet<usize>,
    exports: BTreeSet<usize>,
    open: Vec<Node>,
}

impl Slice<'_, '_> {
    fn grow(&mut self) {
        while let Some(node) = self.open.pop() {
            match node {
                Node::Resource(id) => self.add_resource(id),
                Node::Declaration(at) => self.add_declaration(at),
                Node::Export(at) => {
                    if self.exports.insert(at) {
                        let ties = self.ties;
                        self.refer(&ties.graph.linker.exports()[at].value);
                    }
                }
            }
        }
    }

    fn add_resource(&mut self, id: ResourceId) {
        let graph = self.ties.graph;
        let resource = graph.resource(id);
        if resource.declaration.is_some_and(|at| !self.is_asked(&graph.declarations()[at])) || !self.resources.insert(id) {
            return;
        }
        let declarations = satellites(resource).chain(resource.declaration).map(Node::Declaration);
        self.open.extend(declarations);
        let others = self.ties.linked[id.0 as usize].iter().copied().chain(graph.may_be_same(id));
        self.open.extend(others.map(Node::Resource));
    }

    fn add_declaration(&mut self, at: usize) {
        let ties = self.ties;
        let declaration = &ties.graph.declarations()[at];
        if !self.is_asked(declaration) || !self.declarations.insert(at) {
            return;
        }
        let resources = &ties.declared[at];
        let instances = ties.graph.linker.of_block(declaration.project, ties.block(at));
        self.open.extend(instances.iter().map(|at| Node::Declaration(*at)));
        self.open.extend(resources.iter().map(|id| Node::Resource(*id)));
        values(declaration).for_each(|value| self.refer(value));
    }

    /// A module that was not read may be of any kind.
    fn is_asked(&self, declaration: &Declaration) -> bool {
        declaration.mode == Mode::Module || self.demand.wants(&declaration.type_name)
    }

    /// Adds what a value refers to.
    fn refer(&mut self, value: &Value) {
        value.each_reference(&mut |reference| self.refer_to(reference));
    }

    fn refer_to(&mut self, reference: &Reference) {
        let ties = self.ties;
        let block = |project: ProjectId, address: &str| ties.graph.linker.of_block(project, &bare(address));
        let exports =
            |state: Option<&Arc<str>>, name: &Arc<str>| ties.exports.get(&(state.cloned(), Arc::clone(name))).into_iter().flatten();
        match reference {
            Reference::Attribute { project, address, .. } | Reference::ModuleOutput { project, module: address, .. } => {
                self.open.extend(block(*project, &address.0).iter().map(|at| Node::Declaration(*at)));
            }
            Reference::Export { name } => self.open.extend(exports(None, name).map(|at| Node::Export(*at))),
            Reference::RemoteOutput { state, output } => self.open.extend(exports(Some(state), output).map(|at| Node::Export(*at))),
            Reference::StoredParameter { name } => {
                let stored = ties.named.get(&(Arc::from(STORED), Arc::clone(name)));
                self.open.extend(stored.into_iter().flatten().map(|id| Node::Resource(*id)));
            }
            Reference::Part { of, .. } => self.refer_to(of),
            Reference::Input { .. } => {}
        }
    }

    /// What is asked for.
    pub fn demand(&self) -> &Demand {
        self.demand
    }

    /// The blocks of a project that are part of it and hang on any of these inputs, by their address without instance keys.
    pub fn blocks(&self, project: ProjectId, inputs: &BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
        let hangs =
            |declaration: &Declaration| declaration.inputs.as_ref().is_none_or(|read| read.iter().any(|input| inputs.contains(input)));
        let declarations = self.ties.graph.declarations();
        let own = self.declarations.iter().filter(|at| declarations[**at].project == project && hangs(&declarations[**at]));
        own.map(|at| Arc::clone(self.ties.block(*at))).collect()
    }

    /// What is lowered of these blocks of a project, and what the run found in its others, in their order.
    pub fn merge(&self, project: ProjectId, blocks: &BTreeSet<Arc<str>>, lowered: Lowered) -> Lowered {
        let ties = self.ties;
        let declarations = ties.graph.declarations();
        let kept = self.declarations.iter().filter(|at| declarations[**at].project == project && !blocks.contains(ties.block(**at)));
        let mut merged: Vec<(usize, Declaration)> = kept.map(|at| (*at, declarations[*at].clone())).collect();
        // A new instance comes after the last one before it that was there, or where its block's first stood.
        let mut last = 0;
        for declaration in lowered.declarations {
            let instances = ties.graph.linker.of_block(project, &bare(&declaration.address.0));
            let same = instances.iter().find(|at| declarations[**at].address == declaration.address);
            last = same.or(instances.first()).copied().unwrap_or(last);
            merged.push((last, declaration));
        }
        merged.sort_by_key(|(at, _)| *at);
        Lowered { declarations: merged.into_iter().map(|(_, declaration)| declaration).collect(), ..lowered }
    }

    /// Whether it holds a declaration, or the run did not come to its block.
    fn holds(&self, declaration: &Declaration) -> bool {
        let instances = self.ties.graph.linker.of_block(declaration.project, &bare(&declaration.address.0));
        instances.is_empty() || instances.iter().any(|at| self.declarations.contains(at))
    }

    /// Adds what a project's declarations refer to now that more is known. Whether there was anything to add.
    pub fn follow(&mut self, lowered: &Lowered) -> bool {
        let before = self.declarations.len();
        for declaration in lowered.declarations.iter().filter(|declaration| self.holds(declaration)).collect::<Vec<_>>() {
            values(declaration).for_each(|value| self.refer(value));
        }
        self.grow();
        self.declarations.len() > before
    }

    /// Adds what speaks of a resource's name that is known now. Whether there was anything to add.
    pub fn meet(&mut self, graph: &Graph) -> bool {
        let before = self.declarations.len();
        for resource in graph.resources() {
            let of_name = |name: &str| self.ties.named.get(&(Arc::clone(&resource.kind), Arc::from(name)));
            let others = graph.name(resource.id).as_known().and_then(of_name);
            self.open.extend(others.into_iter().flatten().map(|id| Node::Resource(*id)));
        }
        self.grow();
        self.declarations.len() > before
    }

    /// All that it holds, each project by itself and in their order, with this of one of them instead of what the run found there.
    pub fn with(&self, project: ProjectId, own: Lowered) -> Vec<Lowered> {
        let graph = self.ties.graph;
        let mut of_project: BTreeMap<ProjectId, Lowered> = BTreeMap::new();
        for declaration in
            self.declarations.iter().map(|at| &graph.declarations()[*at]).filter(|declaration| declaration.project != project)
        {
            of_project.entry(declaration.project).or_default().declarations.push(declaration.clone());
        }
        for export in self.exports.iter().map(|at| &graph.linker.exports()[*at]).filter(|export: &&Export| export.project != project) {
            of_project.entry(export.project).or_default().exports.push(export.clone());
        }
        let declarations = own.declarations.into_iter().filter(|declaration| self.holds(declaration)).collect();
        of_project.insert(project, Lowered { declarations, exports: own.exports, ..Lowered::default() });
        of_project.into_values().collect()
    }
}

/// All values of a declaration.
fn values(declaration: &Declaration) -> impl Iterator<Item = &Value> {
    declaration.attributes.values().map(|attribute| &attribute.value).chain([&declaration.region, &declaration.account])
}
