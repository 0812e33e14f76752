//! What several rules or subjects ask alike, each worked out once: counts, what a filter pattern catches, what a policy says, how findings
//! name a resource, and the paths in messages.
//!
//! What an account has at least one of is asked again for each of its resources; without this a run would take the square of their number.
//! A policy is asked about one thing after another, and read once. It does not know what is counted or caught.

use crate::graph::pattern::Pattern;
use crate::graph::policy::Policy;
use crate::graph::{Graph, ResourceId};
use crate::rule::apart::Names;
use crate::rule::catches::{Events, Matched};
use crate::rule::count;
use crate::rule::finding::Named;
use crate::rule::parse::{Count, Path};
use crate::rule::path::{Scope, Wanted};
use crate::rule::shape::Shape;
use crate::rule::steps::{self, Steps};
use crate::rule::verdict::Verdict;
use crate::source::Span;
use crate::table::IndexMap;
use crate::value::{ProjectId, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Of which resources which count, from which project, for which account, and what is wanted of it. Counts and accounts go by number.
type Key = (usize, Vec<ResourceId>, Option<ProjectId>, Option<usize>, Wanted);

/// What a count comes to, how much was looked at for that, and whether it would have been more.
#[derive(Clone, Debug)]
struct Counted {
    verdict: Verdict,
    steps: usize,
    is_met: bool,
}

/// A kind, and a relation of it.
type Relation = (Arc<str>, String);

/// Where blocks stand.
pub type Places = BTreeSet<Option<Span>>;

/// A policy that was read, with the value that it was read from: as long as that is kept, no other has its identity.
type ReadPolicy = (Value, Arc<Policy>);

/// Most that the policies which are kept weigh together: a text that is listed weighs one, and more if it is long. Those of real code weigh some
/// thousands; others are read again each time.
const KEPT: usize = 1_000_000;

/// From more accounts and projects than these, what is asked of the resources of one is not asked of each of them for nothing.
const MANY_ACCOUNTS: usize = 16;

/// A text, which has its identity as long as it is kept, and which events it catches, if it is a pattern.
type Caught = (Arc<str>, Option<Arc<Matched>>);

/// A pattern, if it is one, and which events it catches.
#[derive(Debug, Default)]
struct Read {
    pattern: Option<Arc<Pattern>>,
    /// By the number of the events.
    matched: BTreeMap<usize, Arc<Matched>>,
}

/// The answers of one evaluation of rules.
#[derive(Debug, Default)]
pub struct Memo {
    counts: Mutex<IndexMap<Key, Counted>>,
    patterns: Mutex<IndexMap<Arc<str>, Read>>,
    /// The same by the identity of the text, and the number of the events: most texts are asked again and again, and are long.
    matched: Mutex<IndexMap<(usize, usize), Caught>>,
    /// By identity, and by where the value came from, which is told of its statements.
    policies: Mutex<BTreeMap<(usize, Option<Span>), ReadPolicy>>,
    /// What those weigh.
    weight: AtomicUsize,
    /// By kind and relation.
    names: Mutex<IndexMap<Relation, Arc<Names>>>,
    /// By whom they name, and what that calls them.
    at_home: Mutex<BTreeMap<(ResourceId, String), Arc<Places>>>,
    /// By how they are written in messages and fixes.
    paths: Mutex<IndexMap<Arc<str>, Path>>,
    /// By the places of resources.
    named: OnceLock<Vec<OnceLock<Arc<Named>>>>,
}

fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memo {
    /// A resource as findings name it, which all of them share; `None` for one that stands nowhere.
    pub fn named(&self, graph: &Graph, id: ResourceId) -> Option<Arc<Named>> {
        let named = self.named.get_or_init(|| graph.resources().iter().map(|_| OnceLock::new()).collect());
        let resource = graph.resource(id);
        let span = resource.span?;
        let name = || {
            let (kind, address, type_name) = (&resource.kind, &resource.address.0, &resource.type_name);
            Arc::new(Named { kind: Arc::clone(kind), address: Arc::clone(address), type_name: Arc::clone(type_name), span })
        };
        Some(Arc::clone(named[id.0 as usize].get_or_init(name)))
    }

    /// The path of a dotted text of a rule.
    pub fn path(&self, text: &str) -> Path {
        let mut paths = open(&self.paths);
        if let Some(path) = paths.get(text) {
            return path.clone();
        }
        let path = Path::parse(text);
        paths.insert(Arc::from(text), path.clone());
        path
    }

    /// The policy that a value says.
    pub fn policy(&self, value: &Value, read: impl FnOnce() -> Policy) -> Arc<Policy> {
        let Some(identity) = value.identity() else { return Arc::new(read()) };
        let key = (identity, value.origin.span());
        if let Some((_, known)) = open(&self.policies).get(&key) {
            return Arc::clone(known);
        }
        let policy = Arc::new(read());
        if self.weight.fetch_add(policy.weight, Ordering::Relaxed).saturating_add(policy.weight) > KEPT {
            self.weight.fetch_sub(policy.weight, Ordering::Relaxed);
            return policy;
        }
        open(&self.policies).insert(key, (value.clone(), Arc::clone(&policy)));
        policy
    }

    /// Whom the resources of a kind name by a relation.
    pub fn names(&self, kind: &Arc<str>, relation: &str, work_out: impl FnOnce() -> Names) -> Arc<Names> {
        // Under the lock: it asks for nothing else that is remembered.
        let mut names = open(&self.names);
        Arc::clone(names.entry((Arc::clone(kind), relation.to_owned())).or_insert_with(|| Arc::new(work_out())))
    }

    /// Where those stand who name a resource of their own project, by what it calls them.
    pub fn at_home(&self, of: ResourceId, inverse: &str, find: impl FnOnce() -> Places) -> Arc<Places> {
        // Under the lock: it asks for nothing else that is remembered.
        let mut at_home = open(&self.at_home);
        Arc::clone(at_home.entry((of, inverse.to_owned())).or_insert_with(|| Arc::new(find())))
    }

    /// What a count comes to: remembered, if it hangs on nothing but resources and the subject's account. Then it has a share of its own, so
    /// that it is the same for whoever asks first.
    pub fn count(&self, count: &Count, scope: &Scope<'_>, evaluate: impl FnOnce(&Scope<'_>) -> Verdict) -> Verdict {
        let shape = count.shape.get(|| Shape::new(count));
        let Some(asked_of) = shape.asked_of(scope) else { return evaluate(scope) };
        // Of a few resources there are few answers; those of pairs of them are as many as the pairs, and who asks pays for them. So it is where
        // the same is asked of each resource from many accounts.
        let is_asked_by_many = shape.of_account && !asked_of.is_empty() && scope.graph.neighbourhood(scope.subject) > MANY_ACCOUNTS;
        let is_of_pairs = asked_of.len() > 1 || is_asked_by_many;
        let among = count::among(scope, &asked_of).max(if is_asked_by_many { scope.graph.places() } else { 0 });
        let account = shape.of_account.then(|| scope.graph.account_number(scope.subject));
        let key = (shape.number, asked_of, scope.graph.resource(scope.subject).project, account, scope.wanted);
        let known = open(&self.counts).get(&key).cloned();
        let counted = known.unwrap_or_else(|| {
            // Not under the lock: counts stand inside counts. Two threads at once work out the same.
            let steps = Steps::of(steps::share(scope.graph.limits(), among));
            let verdict = evaluate(&scope.clone().stepping(&steps));
            let counted = Counted { verdict, steps: steps.taken(), is_met: steps.is_met() };
            open(&self.counts).insert(key, counted.clone());
            counted
        });
        if counted.is_met {
            scope.steps.meet();
        }
        if is_of_pairs {
            scope.steps.take(counted.steps);
        }
        counted.verdict
    }

    /// Which of these events a text catches as a pattern; `None` where it is no pattern for JSON events.
    pub fn matched(&self, text: &Arc<str>, events: &Events) -> Option<Arc<Matched>> {
        let key = (Arc::as_ptr(text).addr(), events.number);
        if let Some((_, known)) = open(&self.matched).get(&key) {
            return known.clone();
        }
        let matched = self.matched_anew(text, events);
        open(&self.matched).insert(key, (Arc::clone(text), matched.clone()));
        matched
    }

    fn matched_anew(&self, text: &str, events: &Events) -> Option<Arc<Matched>> {
        let known = |read: &Read| (read.pattern.clone(), read.matched.get(&events.number).cloned());
        let known = open(&self.patterns).get(text).map(known);
        let pattern = match known {
            Some((_, Some(matched))) => return Some(matched),
            Some((pattern, None)) => pattern,
            None => {
                let pattern = Pattern::parse(text).map(Arc::new);
                open(&self.patterns).insert(Arc::from(text), Read { pattern: pattern.clone(), matched: BTreeMap::new() });
                pattern
            }
        };
        let matched = Arc::new(events.held_against(&*pattern?));
        open(&self.patterns).entry(Arc::from(text)).or_default().matched.insert(events.number, Arc::clone(&matched));
        Some(matched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn policies_are_read_once_as_long_as_there_is_room_for_them() {
        let (memo, reads) = (Memo::default(), Cell::new(0));
        let read = || {
            reads.set(reads.get() + 1);
            Policy { weight: KEPT / 2 + 1, ..Policy::default() }
        };
        let texts = ["a", "b"].map(|text| Value::string(text.repeat(64)));
        for (text, expected) in [(0, 1), (0, 1), (1, 2), (0, 2), (1, 3), (0, 3)] {
            memo.policy(&texts[text], read);
            assert_eq!(reads.get(), expected);
        }
    }

    #[test]
    fn who_stands_at_home_is_found_once_for_each_who_is_named() {
        let (memo, looks) = (Memo::default(), Cell::new(0));
        let find = || {
            looks.set(looks.get() + 1);
            Places::from([None])
        };
        for (of, inverse, expected) in [(0, "trails", 1), (0, "trails", 1), (1, "trails", 2), (0, "grants", 3), (1, "trails", 3)] {
            assert_eq!((memo.at_home(ResourceId(of), inverse, find).len(), looks.get()), (1, expected));
        }
    }
}
