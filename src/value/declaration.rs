//! What a frontend hands up: resources as declared, whichever language they were declared in.

use super::{Address, Cause, ProjectId, Truth, Value};
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::table::IndexMap;
use std::sync::Arc;

/// Managed by this code, or only read by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mode {
    /// A resource.
    Managed,
    /// A data source.
    Data,
    /// A call of a module whose source is not there to be read; `type_name` is its source address (`terraform-aws-modules/s3-bucket/aws`), the attributes are its arguments.
    Module,
}

/// One attribute or block type of a resource.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The attribute's name, or the header of the first block of that type.
    pub name_span: Span,
    /// The value. Blocks are tuples of objects, in order; an unknown number of blocks is an unknown value.
    pub value: Value,
}

/// One resource instance (or data source, or call of an unread module).
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its address there.
    pub address: Address,
    /// Managed, read, or a module.
    pub mode: Mode,
    /// Its type: `aws_s3_bucket`, `AWS::S3::Bucket`, a module's source.
    pub type_name: Arc<str>,
    /// Whether it will exist: unknown when its `count`, `for_each` or `Condition` is.
    pub exists: Truth,
    /// Why `exists` is unknown.
    pub exists_causes: Vec<Cause>,
    /// The header of its block, or its logical id: what a finding underlines.
    pub span: Span,
    /// Its whole block, or the pair of logical id and body.
    pub body: Span,
    /// The module calls on the way to it, outermost first: each call's address and header.
    pub calls: Vec<(Address, Span)>,
    /// Attributes in source order.
    pub attributes: IndexMap<Arc<str>, Attribute>,
    /// Why attributes that are not listed may be set all the same (a macro, an include from elsewhere): an absent one is then unknown, not
    /// unset. Empty where the list is complete.
    pub unlisted: Vec<Cause>,
    /// The Region it is created in: its own, its provider's, or unknown.
    pub region: Value,
    /// The account it is created in: from its provider, a fact, or unknown.
    pub account: Value,
    /// Its provider configuration, or its stack: two resources with the same one are in the same account and, unless `region` says otherwise, the same Region.
    pub provider: Arc<str>,
    /// A name that people know it by better than its address: `aws:cdk:path`.
    pub alias: Option<Arc<str>>,
    /// The inputs of its project that were read for it, as [`super::Cause::name`] gives them: with others unchanged it is the same whatever any
    /// other input is. `None`: any may have been.
    pub inputs: Option<Arc<[Arc<str>]>>,
}

/// A value that a project offers to others: a stack's export, a root module's output.
#[derive(Clone, Debug)]
pub struct Export {
    /// The project.
    pub project: ProjectId,
    /// The export's name (may be partly known), or the output's name.
    pub name: Value,
    /// Where the state of a Terraform project is kept, in the form of [`super::Reference::RemoteOutput`]; `None` for a stack's export.
    pub state: Option<Arc<str>>,
    /// What it is.
    pub value: Value,
    /// Where it is declared.
    pub span: Span,
}

/// What evaluating one project took: what of it is held is no more than that.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Taken {
    /// Expressions and references that were evaluated, and what functions did besides.
    pub steps: u64,
    /// Bytes of text that templates and functions made.
    pub text: u64,
    /// Elements of the collections that were made, one with a name as two.
    pub elements: u64,
}

/// What lowering one project gives. Diagnostics are part of it, not an alternative to it.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// Resources, data sources and unread modules, in source order.
    pub declarations: Vec<Declaration>,
    /// What the project offers to others.
    pub exports: Vec<Export>,
    /// Problems met on the way.
    pub diagnostics: Vec<Diagnostic>,
    /// How many resource instances the project has, evaluated or not.
    pub resources: usize,
    /// How many files it was read from.
    pub files: usize,
    /// Whether an input was asked for that has no value. Others of its values may be tried.
    pub lacks_inputs: bool,
    /// What that took.
    pub taken: Taken,
}
