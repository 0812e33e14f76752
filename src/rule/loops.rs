//! Whether a way that is followed again and again leads back to where it began: a bucket whose logs go to one whose logs go to the first.
//!
//! It knows no service: which way that is, the rule says.

use crate::rule::condition::same_resource;
use crate::rule::parse::Path;
use crate::rule::path::{Item, Scope};
use crate::rule::verdict::Verdict;
use crate::value::{Cause, CauseKind, Truth};

/// Most steps that a loop is followed.
const MAX_LOOP: usize = 32;

/// Whether following a path again and again leads back to the subject.
pub fn back(scope: &Scope<'_>, path: &Path) -> Verdict {
    let (mut at, mut hops, mut passed) = (scope.subject, Vec::new(), Vec::new());
    for _ in 0..MAX_LOOP {
        passed.push(at);
        let alternatives = Scope::new(scope.graph, scope.memo, at, scope.steps).resources(path);
        let [only] = alternatives.as_slice() else {
            let causes = alternatives.iter().flat_map(|alternative| alternative.causes.iter().cloned()).collect();
            return Verdict::of(Truth::Unknown, causes);
        };
        hops.extend(only.hops.iter().cloned());
        match &only.item {
            Item::Resource(next) if *next == scope.subject => return Verdict { hops, ..Verdict::of(Truth::True, Vec::new()) },
            // Where the logs of a bucket outside the code go is not known: perhaps back.
            Item::Resource(next) if scope.is_outside(*next) => {
                let (same, mut causes) = same_resource(scope, *next, scope.subject);
                causes.extend(scope.graph.property(*next, "").1);
                return Verdict::of(same.or(Truth::Unknown), causes);
            }
            // What goes round without the subject does not lead back to it.
            Item::Resource(next) if !passed.contains(next) => at = *next,
            // Who is not known to be the subject is taken to be another, unless it may be.
            Item::Unknown(causes) => return Verdict::of(Truth::Unknown, causes.clone()),
            _ => return Verdict::of(Truth::False, Vec::new()),
        }
    }
    let too_long = Cause::new(CauseKind::Limit, format!("more than {MAX_LOOP} steps along `{path}`"), None);
    Verdict::of(Truth::Unknown, vec![too_long])
}
