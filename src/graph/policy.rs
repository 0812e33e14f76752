//! Resource policies: reading them however they are written, and asking them, in three-valued logic, whether they allow or deny a request.
//!
//! It knows the policy language of AWS, and no service: who asks, for what, and in which context is said by whoever asks.

mod condition;
mod evaluate;
mod parse;

use crate::graph::text::Text;
use crate::source::Span;
use crate::value::{Cause, Truth};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub use parse::parse;

/// A policy, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Why there may be more statements.
    pub open: Vec<Cause>,
    /// How much is looked at to answer a request: statements, what they list, and a part of each text.
    pub weight: usize,
}

/// What a statement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its Sid, or its number from 1, as a message names it.
    pub label: String,
    /// What it does, if that is known.
    pub effect: Option<Effect>,
    /// Whom it is about.
    pub principals: Listed<(String, Text)>,
    /// What they do, in lower case.
    pub actions: Listed<Text>,
    /// To what.
    pub resources: Listed<Text>,
    /// Under which conditions, all of which must hold.
    pub conditions: Vec<Condition>,
    /// Why there may be more to it.
    pub open: Vec<Cause>,
    /// Where it is written, if its place is known.
    pub span: Option<Span>,
}

/// What one element of a statement lists.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// Whether it is the `Not…` form: all but these.
    pub negated: bool,
    /// What is listed.
    pub items: Vec<T>,
    /// Why more may be listed.
    pub open: Vec<Cause>,
}

/// One test of a condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator: `StringEquals`, `ForAnyValue:ArnLike`, `BoolIfExists`.
    pub operator: String,
    /// The key: `aws:SourceArn`.
    pub key: String,
    /// The values, any of which will do.
    pub values: Vec<Text>,
    /// Why there may be more values.
    pub open: Vec<Cause>,
}

/// Who asks for what. What is not said may be anything: any principal, any action, any resource will do.
#[derive(Clone, Debug, Default)]
pub struct Request<'r> {
    /// The principal, after its kind: `Service`, `AWS`.
    pub principal: Option<(&'r str, Cow<'r, Text>)>,
    /// The action.
    pub action: Option<&'r str>,
    /// The resource; its end may be whatever the service chooses.
    pub resource: Option<Cow<'r, Text>>,
    /// Condition keys in lower case: what they are in this request, or that it has none. Of others nothing is known.
    pub context: BTreeMap<&'r str, Option<Cow<'r, Text>>>,
    /// Condition keys in lower case that whoever asks sets as they like: what is asked of them holds.
    pub chosen: Vec<&'r str>,
}

/// What a policy says to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Whether it does what was asked: allow, or deny.
    pub truth: Truth,
    /// Why that is not known.
    pub causes: Vec<Cause>,
    /// Why: the statement that does, or those that nearly do and what is missing.
    pub why: Vec<String>,
    /// Where those stand.
    pub spans: Vec<Span>,
}
