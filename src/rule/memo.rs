//! What several subjects and rules ask again, each worked out once: counts that come out the same for every subject of an account, and policies.
//!
//! What an account has at least one of is asked again for each of its resources; without this a run would take the square of their number.
//! A policy is asked about one thing after another, and read once. It does not know what is counted.

use crate::graph::policy::Policy;
use crate::graph::text::Atom;
use crate::rule::message;
use crate::rule::parse::{Condition, Count, Path, Permission, Within};
use crate::rule::path::Scope;
use crate::rule::verdict::Verdict;
use crate::source::Span;
use crate::value::{ProjectId, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Which count (by its place in memory: rules do not move while they are evaluated), from which project, for which account.
type Key = (usize, Option<ProjectId>, Vec<Atom>);

/// A policy that was read, with the value that it was read from: as long as that is kept, no other has its identity.
type Read = (Value, Arc<Policy>);

/// What one evaluation of rules remembers.
#[derive(Debug, Default)]
pub struct Memo {
    counts: Mutex<BTreeMap<Key, Verdict>>,
    /// By identity, and by where the value came from, which is told of its statements.
    policies: Mutex<BTreeMap<(usize, Option<Span>), Read>>,
}

impl Memo {
    /// The policy that a value says.
    pub fn policy(&self, value: &Value, read: impl FnOnce() -> Policy) -> Arc<Policy> {
        let Some(identity) = value.identity() else { return Arc::new(read()) };
        let key = (identity, value.origin.span());
        if let Some((_, known)) = self.policies.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(known);
        }
        let policy = Arc::new(read());
        self.policies.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (value.clone(), Arc::clone(&policy)));
        policy
    }

    /// What a count comes to: remembered, if it does not hang on the subject but for its account.
    pub fn count(&self, count: &Count, scope: &Scope<'_>, evaluate: impl FnOnce() -> Verdict) -> Verdict {
        if !is_closed(count, &mut Vec::new()) {
            return evaluate();
        }
        let account = if count.within == Within::Account { scope.graph.account(scope.subject).atoms } else { Vec::new() };
        let key = (std::ptr::from_ref(count).addr(), scope.graph.resource(scope.subject).project, account);
        if let Some(known) = self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        // Not under the lock: counts stand inside counts. Two threads at once work out the same.
        let verdict = evaluate();
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).insert(key, verdict.clone());
        verdict
    }
}

/// Whether a count asks of nothing but what it counts.
fn is_closed(count: &Count, names: &mut Vec<Arc<str>>) -> bool {
    within(count.name.as_ref(), count.condition.as_ref(), names)
}

fn within(name: Option<&Arc<str>>, condition: Option<&Condition>, names: &mut Vec<Arc<str>>) -> bool {
    let Some(condition) = condition else { return true };
    names.push(name.map_or_else(|| Arc::from("it"), Arc::clone));
    let closed = holds_for(condition, names);
    names.pop();
    closed
}

fn holds_for(condition: &Condition, names: &mut Vec<Arc<str>>) -> bool {
    let own = |path: &Path, names: &[Arc<str>]| path.0.first().is_some_and(|first| names.contains(first));
    let filled = |text: &str, names: &[Arc<str>]| message::paths(text).into_iter().all(|path| own(&Path::parse(path), names));
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(|part| holds_for(part, names)),
        Condition::Not(inner) => holds_for(inner, names),
        Condition::Outside(path)
        | Condition::Unresolved(path)
        | Condition::Missing(path)
        | Condition::Present(path)
        | Condition::IsTrue(path)
        | Condition::IsFalse(path)
        | Condition::OneOf(path, _)
        | Condition::Matches(path, _)
        | Condition::Between(path, ..) => own(path, names),
        Condition::Same(a, b) => own(a, names) && own(b, names),
        Condition::Covers(pattern, text) => filled(pattern, names) && filled(text, names),
        Condition::Some(asked) | Condition::Every(asked) => {
            own(&asked.within, names) && within(asked.name.as_ref(), asked.condition.as_ref(), names)
        }
        Condition::Allows(permission) | Condition::Denies(permission) => {
            let Permission { policy, principal, resource, given, .. } = &**permission;
            own(policy, names) && principal.values().chain(resource).chain(given.values()).all(|text| filled(text, names))
        }
        Condition::Count(count) => is_closed(count, names),
        Condition::Catches(caught) | Condition::CatchesSome(caught) => own(&caught.pattern, names),
        // Both speak of the subject.
        Condition::Loops(_) | Condition::CannotBeShown(_) => false,
    }
}
