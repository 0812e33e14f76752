//! Which projects of a run speak of each other: what one of them alone says of its resources is not all that is said of them.
//!
//! A scenario lowers one project again. Whoever names its resources from another project, configures them, or is named by them must be in the
//! graph too, or a bucket that is logged from elsewhere would be one that is not.

use crate::graph::{Graph, ResourceId};
use crate::project::Demand;
use crate::value::{Declaration, Lowered, Mode, ProjectId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most other projects that one is looked at with.
const MAX_NEIGHBOURS: usize = 64;

/// The projects of a run, and what joins them.
#[derive(Debug)]
pub struct Neighbours<'g> {
    graph: &'g Graph,
    /// Projects with links between them.
    linked: BTreeMap<ProjectId, BTreeSet<ProjectId>>,
    /// Projects that say anything of a kind's resource of this name.
    named: BTreeMap<(Arc<str>, Arc<str>), BTreeSet<ProjectId>>,
}

impl<'g> Neighbours<'g> {
    /// What the graph of a whole run says.
    pub fn new(graph: &'g Graph) -> Self {
        let mut neighbours = Self { graph, linked: BTreeMap::new(), named: BTreeMap::new() };
        for resource in graph.resources() {
            let satellites = resource.properties.values().flat_map(|property| &property.claims).filter_map(|claim| claim.satellite);
            let speakers: BTreeSet<ProjectId> = satellites.map(|at| graph.declarations()[at].project).chain(resource.project).collect();
            neighbours.meet(resource.id, &speakers);
        }
        for edge in graph.edges() {
            let ends = [edge.from, edge.to].into_iter().filter_map(|id| graph.resource(id).project);
            neighbours.meet(edge.to, &ends.collect());
        }
        neighbours
    }

    /// Notes that some projects speak of one resource.
    fn meet(&mut self, id: ResourceId, speakers: &BTreeSet<ProjectId>) {
        let resource = self.graph.resource(id);
        if speakers.len() > 1 {
            for speaker in speakers {
                self.linked.entry(*speaker).or_default().extend(speakers.iter().filter(|other| *other != speaker));
            }
        }
        if let Some(name) = self.graph.name(id).as_known() {
            self.named.entry((Arc::clone(&resource.kind), Arc::from(name))).or_default().extend(speakers);
        }
    }

    /// What the others say that a project must be looked at with, whose own graph this is; all of it and the project's own, in the order of
    /// projects; just of the types that are asked for. Nothing where the project stands alone; the error is that there are too many.
    pub fn with(&self, alone: &Graph, project: ProjectId, demand: &Demand) -> Result<Option<Vec<Lowered>>, TooMany> {
        let mut open: Vec<ProjectId> = self.linked.get(&project).into_iter().flatten().copied().collect();
        for resource in alone.resources() {
            let of_name = |name: &str| self.named.get(&(Arc::clone(&resource.kind), Arc::from(name)));
            open.extend(alone.name(resource.id).as_known().and_then(of_name).into_iter().flatten());
        }
        let mut together = BTreeSet::new();
        while let Some(next) = open.pop() {
            if next != project && together.insert(next) {
                if together.len() > MAX_NEIGHBOURS {
                    return Err(TooMany);
                }
                open.extend(self.linked.get(&next).into_iter().flatten());
            }
        }
        if together.is_empty() {
            return Ok(None);
        }
        together.insert(project);
        Ok(Some(
            together.into_iter().map(|id| if id == project { alone.said_by(id, demand) } else { self.graph.said_by(id, demand) }).collect(),
        ))
    }
}

/// More projects hang together than are looked at under an assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooMany;

impl Graph {
    /// What one project declares and offers.
    fn said_by(&self, project: ProjectId, demand: &Demand) -> Lowered {
        // A module that was not read may be of any kind.
        let is_asked = |declaration: &&Declaration| declaration.mode == Mode::Module || demand.wants(&declaration.type_name);
        let of_project = self.declarations().iter().filter(|declaration| declaration.project == project);
        let declarations = of_project.filter(is_asked).cloned().collect();
        let exports = self.linker.exports().iter().filter(|export| export.project == project).cloned().collect();
        Lowered { declarations, exports, ..Lowered::default() }
    }
}
