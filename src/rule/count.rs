//! Counting: whether so many resources of a kind have what is asked.
//!
//! It knows which resources are asked and when enough were; what is asked of each is a condition like any other.

use crate::graph::{Hop, Resource, ResourceId};
use crate::rule::apart::apart;
use crate::rule::condition::{Answer, IT, known};
use crate::rule::parse::{Condition, Count, Within};
use crate::rule::path::{Alternative, Item, Scope, Wanted};
use crate::rule::verdict::Verdict;
use crate::value::{Cause, Truth};
use std::collections::BTreeSet;
use std::sync::Arc;

/// More causes than these are looked through for those that come several times: each of thousands of resources may have the same. Of more
/// resources of which it is not known, none is asked why.
const MANY: usize = 64;

/// The steps that a resource takes of which more is asked than whom it names.
const ASKED: usize = 4;

/// Of so many that are known to name somebody else, one is counted as a step.
const PASSED_OVER: usize = 16;

/// Keeps the first of each.
fn each_once(causes: &mut Vec<Cause>) {
    let mut seen = BTreeSet::new();
    let is_new: Vec<bool> = causes.iter().map(|cause| seen.insert(cause)).collect();
    let mut is_new = is_new.into_iter();
    causes.retain(|_| is_new.next().unwrap_or(true));
    causes.shrink_to_fit();
}

/// What was counted so far.
#[derive(Default)]
struct Tally {
    surely: usize,
    /// How many there may be besides; of what was not looked at, any number.
    maybe: usize,
    /// How many name somebody else.
    apart: usize,
    causes: Vec<Cause>,
    hops: Vec<Hop>,
}

/// Whether so many resources of a kind have what is asked.
pub fn counted(scope: &Scope<'_>, count: &Count) -> Verdict {
    let tally = match count.within {
        Within::Account => tally(scope, count, scope.graph.near(scope.subject, &count.kind).map(|id| scope.graph.resource(id))),
        Within::Run => tally(scope, count, scope.graph.of_kind(&count.kind)),
    };
    let Tally { surely, maybe, mut causes, hops, .. } = tally;
    if causes.len() > MANY {
        each_once(&mut causes);
    }
    let all = surely.saturating_add(maybe);
    let least = count.at_least.map_or(Truth::True, |least| bound(surely >= least, all >= least));
    let most = count.at_most.map_or(Truth::True, |most| bound(all <= most, surely <= most));
    Verdict { hops, ..Verdict::of(least.and(most), causes) }
}

fn tally<'g>(scope: &Scope<'g>, count: &Count, among: impl Iterator<Item = &'g Resource>) -> Tally {
    let mut tally = Tally::default();
    let name = count.name.as_ref().unwrap_or(&IT);
    let apart = apart(scope, count, name);
    for resource in among {
        // What is decided no other resource can change.
        if count.at_most.is_some_and(|most| tally.surely > most)
            || (count.at_most.is_none() && count.at_least.is_some_and(|least| tally.surely >= least))
        {
            break;
        }
        let is_apart = apart.as_ref().is_some_and(|apart| apart.has(resource.id));
        tally.apart += usize::from(is_apart);
        let steps = if is_apart { usize::from(tally.apart % PASSED_OVER == 1) } else { ASKED };
        if !scope.steps.take(steps) {
            tally.maybe = usize::MAX;
            tally.causes.push(scope.steps.cause());
            break;
        }
        if is_apart {
            continue;
        }
        if scope.is_outside(resource.id) || resource.exists.is_false() {
            continue;
        }
        let here = if count.within == Within::Account { in_account(scope, resource) } else { known(true) };
        if here.0.is_false() {
            continue;
        }
        let verdict = match &count.condition {
            None => Verdict::of(Truth::True, Vec::new()),
            Some(condition) => asked(scope, condition, name, resource, tally.maybe < MANY),
        };
        match verdict.truth.and(resource.exists).and(here.0) {
            Truth::True => {
                tally.surely += 1;
                let span = resource.span.filter(|_| scope.wanted == Wanted::Proof);
                tally.hops.extend(span.map(|span| Hop { span, message: format!("`{}` is one", resource.address) }));
            }
            Truth::Unknown => {
                tally.maybe += 1;
                if scope.wanted == Wanted::Truth {
                    continue;
                }
                tally.causes.extend(verdict.causes.into_iter().chain(resource.exists_causes.iter().cloned()).chain(here.1));
            }
            Truth::False => {}
        }
    }
    tally
}

/// Whether a resource has what is asked, and why that is not known. Of most it is known, and nobody asks what shows it: that comes second.
fn asked(scope: &Scope<'_>, condition: &Condition, name: &Arc<str>, resource: &Resource, says_why: bool) -> Verdict {
    let meant = Alternative { item: Item::Resource(resource.id), causes: Vec::new(), hops: Vec::new(), span: resource.span };
    let scope = scope.with(name, meant);
    let left = scope.steps.left();
    let verdict = condition.holds(&scope.clone().wanting(Wanted::Truth));
    if verdict.truth.is_unknown() && scope.wanted == Wanted::Proof && says_why {
        scope.steps.again(left);
        return condition.holds(&scope);
    }
    verdict
}

/// Whether a resource is in the subject's account. A neighbour in another project is, only if that is known.
fn in_account(scope: &Scope<'_>, resource: &Resource) -> Answer {
    let near = scope.graph.resource(scope.subject).project == resource.project;
    match scope.graph.in_one_account(scope.subject, resource.id) {
        (Truth::Unknown, causes) if near => (Truth::Unknown, causes),
        (truth, _) => known(truth.is_true()),
    }
}

fn bound(surely: bool, maybe: bool) -> Truth {
    match (surely, maybe) {
        (true, _) => Truth::True,
        (false, true) => Truth::Unknown,
        (false, false) => Truth::False,
    }
}

/// How many can be asked about: the answers of a count that hangs on a resource are as many as there are resources of its kind.
pub fn among(scope: &Scope<'_>, asked_of: &[ResourceId]) -> usize {
    match asked_of.first() {
        Some(id) => scope.graph.ids_of_kind(&scope.graph.resource(*id).kind).len(),
        None => scope.graph.places(),
    }
}
