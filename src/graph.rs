//! The resource graph of a run: kinds and relations, whichever language declared them.
//!
//! Declarations come in from the frontends; the catalog says what their types are; what they name is resolved, satellites are folded
//! into the resource that they configure, and the rest of the program asks in the catalog's words. This floor does not know which
//! language spoke, and has no opinion on what is good or bad.

pub mod catalog;
mod forms;
mod index;
mod link;
pub mod shape;
pub mod text;

use crate::diagnostic::Diagnostic;
use crate::project::Facts;
use crate::source::Span;
use crate::value::{Address, Cause, Declaration, Lowered, ProjectId, Truth, Value};
use indexmap::IndexMap;
use std::sync::Arc;

pub use catalog::Catalog;

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
#[derive(Clone, Debug)]
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

/// One property of a resource: everything that claims to set it.
#[derive(Clone, Debug, Default)]
pub struct Property {
    /// The claims, the resource's own first. None: it is provably not set (for a resource outside the code: not known).
    pub claims: Vec<Claim>,
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
    /// Hop by hop, from the naming resource on.
    pub evidence: Vec<Hop>,
}

/// All resources of a run, and who names whom.
#[derive(Debug)]
pub struct Graph {
    catalog: Catalog,
    resources: Vec<Resource>,
    edges: Vec<Edge>,
    declarations: Vec<Declaration>,
    diagnostics: Vec<Diagnostic>,
}

impl Graph {
    /// Links everything that the frontends found, with what the user knows besides.
    pub fn build(lowered: Vec<Lowered>, catalog: &Catalog, _facts: &Facts) -> Self {
        let declarations = lowered.into_iter().flat_map(|lowered| lowered.declarations).collect();
        Self { catalog: catalog.clone(), resources: Vec::new(), edges: Vec::new(), declarations, diagnostics: Vec::new() }
    }

    /// The catalog it was built with.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Every resource of a kind that the catalog knows, by project and source order; those outside the code last.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// One resource.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// Who names whom, in the order of the naming resources.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Every declaration, those of satellites, data sources and unread modules included.
    pub fn declarations(&self) -> &[Declaration] {
        &self.declarations
    }

    /// Problems met while linking.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}
