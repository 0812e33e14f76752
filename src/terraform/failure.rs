//! Why an expression has no value: what Terraform would refuse it for, or which of our limits it met.

use crate::diagnostic::Diagnostic;
use crate::limits::Limit;
use crate::source::Span;
use crate::value::{Cause, CauseKind};

/// An expression's failure. Boxed, since results of every evaluation carry it.
#[derive(Clone, Debug)]
pub struct Failure(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    span: Span,
    code: &'static str,
    message: String,
    help: Option<String>,
    limit: Option<Limit>,
}

impl Failure {
    /// What Terraform would refuse, in its words.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { span, code: "evaluation-error", message: message.into(), help: None, limit: None }))
    }

    /// A reference to a resource that is not there, in Terraform's words.
    pub fn undeclared(span: Span, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { span, code: "undeclared-reference", message: message.into(), help: None, limit: None }))
    }

    /// The same failure, of a reference to a resource that is not there.
    #[must_use]
    pub fn into_undeclared(mut self) -> Self {
        if !self.is_limit() {
            self.0.code = "undeclared-reference";
        }
        self
    }

    /// The kind of cause that it leaves on the value.
    pub fn kind(&self) -> CauseKind {
        match self.0.code {
            "limit-reached" => CauseKind::Limit,
            "undeclared-reference" => CauseKind::Undeclared,
            _ => CauseKind::Invalid,
        }
    }

    /// A limit of ours.
    pub fn limit(span: Span, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { span, code: "limit-reached", message: message.into(), help: None, limit: None }))
    }

    /// A limit of ours that can be set.
    pub fn reached(limit: Limit, span: Span, message: impl Into<String>) -> Self {
        let mut failure = Self::limit(span, message).with_help(Some(limit.help()));
        failure.0.limit = Some(limit);
        failure
    }

    /// The same with a word of help.
    #[must_use]
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.0.help = help;
        self
    }

    /// Whether it is one of our limits.
    pub fn is_limit(&self) -> bool {
        self.0.code == "limit-reached"
    }

    /// What, as Terraform would say it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The cause that it leaves on the value.
    pub fn cause(&self) -> Cause {
        let message = self.0.limit.map_or_else(|| self.0.message.clone(), |limit| limit.named(&self.0.message));
        Cause::new(self.kind(), message, Some(self.0.span))
    }

    /// As a diagnostic: the scan goes on, so it is a warning.
    pub fn to_diagnostic(&self) -> Diagnostic {
        Diagnostic { help: self.0.help.clone(), ..Diagnostic::warning(self.0.code, self.0.span, self.0.message.clone()) }
    }
}
