//! What a condition comes to, and how the verdicts of its parts make one.

use crate::graph::Hop;
use crate::rule::path::{Alternative, Scope};
use crate::value::{Cause, CauseKind, Truth};
use std::sync::Arc;

/// Whether a condition holds, and why.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Whether it holds.
    pub truth: Truth,
    /// Why that is not known. Empty where it is.
    pub causes: Vec<Cause>,
    /// What a message can say of it: near misses.
    pub why: Vec<String>,
    /// What shows it.
    pub hops: Vec<Hop>,
    /// What was found where some were asked for, by the name that the condition gives it.
    pub found: Vec<(Arc<str>, Alternative)>,
}

impl Verdict {
    /// A truth, and why it is not known: some cause is always told.
    pub fn of(truth: Truth, causes: Vec<Cause>) -> Self {
        let causes = match (truth, causes.is_empty()) {
            (Truth::Unknown, true) => vec![Cause::new(CauseKind::Unsupported, "a comparison of what is known only in part", None)],
            (Truth::Unknown, false) => causes,
            _ => Vec::new(),
        };
        Self { causes, ..Self::bare(truth) }
    }

    /// A truth alone, for those who ask for no more.
    pub fn bare(truth: Truth) -> Self {
        Self { truth, causes: Vec::new(), why: Vec::new(), hops: Vec::new(), found: Vec::new() }
    }

    /// The scope in which what was found has the names that the condition gives it.
    pub fn names<'g>(&self, scope: &Scope<'g>) -> Scope<'g> {
        self.found.iter().fold(scope.clone(), |scope, (name, meant)| scope.with(name, meant.clone()))
    }

    /// The opposite, of which nothing was found.
    pub fn not(self) -> Self {
        Self { truth: !self.truth, found: Vec::new(), ..self }
    }

    /// All of several: what shows it are the parts that decide.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::combine(parts, Truth::True)
    }

    /// Any of several.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::combine(parts, Truth::False)
    }

    /// The parts of a conjunction (neutral: true) or disjunction (neutral: false): one that decides stands alone, and those after it are not
    /// asked.
    pub fn combine(parts: impl IntoIterator<Item = Self>, neutral: Truth) -> Self {
        let mut out = Self::bare(neutral);
        for part in parts {
            if part.truth == !neutral {
                return part;
            }
            if part.truth.is_unknown() {
                out.truth = Truth::Unknown;
                out.causes.extend(part.causes);
            }
            out.why.extend(part.why);
            out.hops.extend(part.hops);
            out.found.extend(part.found);
        }
        out
    }
}
