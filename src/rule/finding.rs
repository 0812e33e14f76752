//! A verdict for one rule and one subject, with everything that a reader needs to believe it.

use crate::rule::fingerprint::Fingerprint;
use crate::source::Span;
use crate::value::{Cause, CauseKind, MAX_CAUSES, ProjectId};
use std::sync::Arc;

/// How bad a fail is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl Severity {
    /// Its name in options, rules and outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The severity of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Note, Self::Low, Self::Medium, Self::High].into_iter().find(|severity| severity.name() == name)
    }
}

/// Whether an open finding is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// It is.
    Listed,
    /// Another rule's finding tells the same: it is dropped unless a scenario settles it.
    ToldElsewhere,
    /// It would be open for every such subject: it is dropped, and no scenario is tried for it.
    Hidden,
}

/// The three answers. Ordered by how much they matter to a reader.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// The rule is broken.
    Fail,
    /// It is not known; the finding says what would settle it.
    Open,
    /// The rule holds.
    Pass,
}

impl Outcome {
    /// Its name in options and outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Open => "open",
            Self::Pass => "pass",
        }
    }
}

/// A resource as a finding names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// The catalog's kind: `trail`, `bucket`.
    pub kind: Arc<str>,
    /// Its address inside its project.
    pub address: Arc<str>,
    /// Its type in its language.
    pub type_name: Arc<str>,
    /// The header of its block.
    pub span: Span,
}

/// One hop of the proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// Where.
    pub span: Span,
    /// What is to be seen there: lower case, no full stop.
    pub message: String,
}

/// One thing that is not known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UnknownCause {
    /// The cause as the value carries it.
    pub cause: Cause,
    /// The same in words: "`var.bucket` has no value".
    pub message: String,
    /// What would settle it: "pass `--var-file`, or give the variable a default".
    pub settle: String,
}

/// One assignment of inputs that was tried, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// Input and value, as people write them, sorted by input.
    pub when: Vec<(Arc<str>, String)>,
    /// What the rule says then.
    pub outcome: Outcome,
    /// What is not known even then.
    pub unknown: Vec<UnknownCause>,
}

impl Tried {
    /// Whether nothing can be deployed with these values: with them the configuration is not valid.
    pub fn is_refused(&self) -> bool {
        let is_whole = (1..MAX_CAUSES).contains(&self.unknown.len());
        self.outcome == Outcome::Open && is_whole && self.unknown.iter().all(|unknown| unknown.cause.kind == CauseKind::Invalid)
    }
}

/// Why a finding is not counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppression {
    /// How it was said: `comment`, `metadata`, `config`, `baseline`, a peer's name.
    pub by: String,
    /// The reason given.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Until when, as `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Where it is said.
    pub span: Option<Span>,
}

/// Whether a fix may be applied unasked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Applicability {
    /// It keeps the meaning of everything else.
    Safe,
    /// It needs a human's eye.
    Unsafe,
}

/// A byte splice on a source text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edit {
    /// The bytes to replace; empty to insert.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
}

/// A change that would mend the finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// Whether it may be applied unasked.
    pub applicability: Applicability,
    /// What it does, in the imperative.
    pub title: String,
    /// The edits, sorted, none overlapping another.
    pub edits: Vec<Edit>,
    /// What it makes that is made once: of several fixes that say the same here, one is applied and the others are offered anew.
    pub once: Option<Arc<str>>,
}

/// A verdict for one rule and one subject. There may be a million of them: what several say alike is shared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: Arc<str>,
    /// How bad a fail is.
    pub severity: Severity,
    /// The answer.
    pub outcome: Outcome,
    /// The project of the subject.
    pub project: ProjectId,
    /// What the rule is about: the trail.
    pub subject: Arc<Named>,
    /// The other end, where the rule is about a relation: the bucket.
    pub resource: Option<Arc<Named>>,
    /// What is wrong (or right, or not known), in one sentence without a full stop.
    pub message: String,
    /// Whether it is listed as long as it is open.
    pub listing: Listing,
    /// The causes of an open finding, sorted.
    pub unknown: Vec<UnknownCause>,
    /// The assignments that were tried.
    pub scenarios: Vec<Tried>,
    /// Where to point: the primary place.
    pub location: Span,
    /// What is to be seen at the primary place: a short label under the source line.
    pub label: Arc<str>,
    /// The chain of proof, from the subject to what decides; the primary place is not repeated.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub remedy: Option<Arc<str>>,
    /// The rule's word for the way in which it is broken; none for a finding that is no fail.
    pub defect: Option<Arc<str>>,
    /// Stable across line moves: rule, normalized address and defect.
    pub fingerprint: Fingerprint,
    /// Why it is not counted.
    pub suppressed: Option<Box<Suppression>>,
    /// What would mend it.
    pub fixes: Vec<Fix>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_small() {
        assert!(size_of::<Finding>() <= 240, "{}", size_of::<Finding>());
    }
}
