//! Where a value was written, and through which variables, locals, outputs and module calls it came: the raw material of evidence.

use super::Reference;
use crate::source::Span;
use std::sync::Arc;

/// The history of a value, latest step first. The default is "nowhere": a value that a program made.
#[derive(Clone, Debug, Default)]
pub struct Origin(Way);

/// Most values were just written: that takes no memory of its own.
#[derive(Clone, Debug, Default)]
enum Way {
    #[default]
    Nowhere,
    Written(Span),
    Came(Arc<Hop>),
}

/// One step of a value's way.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What happened.
    pub step: Step,
    /// Where: the expression that was evaluated.
    pub span: Span,
    /// What came before.
    pub before: Origin,
}

/// What a step of a value's way is.
#[derive(Clone, Debug)]
pub enum Step {
    /// It was written here: a literal, or an expression that made a new value.
    Written,
    /// Read from a variable: `var.bucket`, with its module path (`module.logs.var.bucket`).
    Variable(Arc<str>),
    /// A variable's default.
    Default(Arc<str>),
    /// Set in a variable file, or by an option.
    Assigned(Arc<str>),
    /// Read from a local.
    Local(Arc<str>),
    /// Passed to a module call's argument.
    Argument(Arc<str>),
    /// Read from a module's or nested stack's output.
    Output(Arc<str>),
    /// Read from an attribute of a resource or data source.
    Attribute(Arc<Reference>),
    /// Read from a CloudFormation parameter.
    Parameter(Arc<str>),
    /// Found in a mapping.
    Mapping(Arc<str>),
    /// Chosen by a condition.
    Condition(Arc<str>),
    /// Imported from another stack's export, or another project's state.
    Import(Arc<str>),
    /// Said by a fact, not by code.
    Fact(Arc<str>),
}

/// What a value is that was written somewhere.
static WRITTEN: Step = Step::Written;

impl Origin {
    /// A history whose latest step is this one.
    pub fn new(hop: Hop) -> Self {
        Self(Way::Came(Arc::new(hop)))
    }

    /// Written here.
    pub fn written(span: Span) -> Self {
        Self(Way::Written(span))
    }

    /// Whether there is any step.
    pub fn is_known(&self) -> bool {
        !matches!(self.0, Way::Nowhere)
    }

    /// The latest step, where it was, and what came before.
    fn last(&self) -> Option<(&Step, Span, Option<&Self>)> {
        match &self.0 {
            Way::Nowhere => None,
            Way::Written(span) => Some((&WRITTEN, *span, None)),
            Way::Came(hop) => Some((&hop.step, hop.span, Some(&hop.before))),
        }
    }

    /// Where the value was last used or written.
    pub fn span(&self) -> Option<Span> {
        self.last().map(|(_, span, _)| span)
    }

    /// All steps and where they were, latest first.
    pub fn hops(&self) -> impl Iterator<Item = (&Step, Span)> {
        std::iter::successors(self.last(), |(_, _, before)| before.and_then(Self::last)).map(|(step, span, _)| (step, span))
    }

    /// The resource attribute that the value was read from, latest first, if it came through one unchanged.
    pub fn reference(&self) -> Option<&Arc<Reference>> {
        self.hops().find_map(|(step, _)| match step {
            Step::Attribute(reference) => Some(reference),
            _ => None,
        })
    }
}
