//! Which bucket a new logging should send its logs to: the one that this code already uses, else one of its buckets that lets the logging service
//! in, else the one that the team has stated as a fact.
//!
//! What must be so for logs to arrive (same account and Region, a policy that lets them in, no KMS, no lock, no loop) is asked of each before it is
//! offered. How a bucket is written is for whoever knows the language.

use crate::fix::World;
use crate::graph::text::{Text, same};
use crate::graph::{Resource, ResourceId, Standing};
use crate::rule::finding::{Finding, Outcome};
use crate::rule::memo::Memo;
use crate::rule::parse::Condition;
use crate::rule::path::{Alternative, Item, Scope};
use crate::rule::steps::{self, Steps};
use crate::value::{Declaration, Truth};
use std::sync::{Arc, OnceLock};

/// The kind of what logs and is logged to.
pub const BUCKET: &str = "bucket";

/// The relation by which a bucket names where its access logs go.
pub const TARGET: &str = "logging.target";

/// Most steps that a chain of logging buckets is followed.
const MAX_CHAIN: usize = 16;

/// Most buckets of a project that are looked at for an offer: each finding asks them again.
const MAX_LOOKED_AT: usize = 1_000;

/// Most buckets of one project that are asked whether they could be the target.
const MAX_CANDIDATES: usize = 256;

/// A bucket that logs, and where to.
pub struct Logger<'a> {
    /// The bucket that logs.
    pub source: &'a Resource,
    /// The declaration that says so.
    pub declaration: &'a Declaration,
    /// Where to, if that is a bucket of this graph.
    pub target: Option<&'a Resource>,
}

/// The buckets of the same project that surely log, and by what.
pub fn loggers<'a>(world: &World<'a>, bucket: &Resource) -> Vec<Logger<'a>> {
    let logger = |source: &'a Resource| {
        let [claim] = world.graph.property(source.id, "logging").0 else { return None };
        let declaration = world.graph.declarations().get(claim.satellite.or(source.declaration)?)?;
        let is_example = claim.certainty.is_true() && source.standing == Standing::Declared && source.id != bucket.id;
        is_example.then(|| Logger { source, declaration, target: target_of(world, source.id) })
    };
    of_project(world, bucket).filter_map(logger).take(MAX_CANDIDATES).collect()
}

/// The buckets that the same project declares, that nothing makes conditional, and that may let somebody in.
pub fn declared<'a>(world: &World<'a>, bucket: &Resource) -> Vec<&'a Resource> {
    let says = |other: &Resource, name: &str| !world.graph.property(other.id, name).0.is_empty();
    let is_open = |other: &Resource| ["policy", "acl", "lets_logging_deliver"].into_iter().any(|name| says(other, name));
    let is_there = |other: &&Resource| other.standing == Standing::Declared && other.exists.is_true() && is_open(other);
    of_project(world, bucket).filter(is_there).take(MAX_CANDIDATES).collect()
}

fn of_project<'a>(world: &World<'a>, bucket: &Resource) -> impl Iterator<Item = &'a Resource> {
    let graph = world.graph;
    world.buckets.get(&bucket.project).into_iter().flatten().take(MAX_LOOKED_AT).map(|id| graph.resource(*id))
}

/// Where a bucket surely sends its access logs.
fn target_of<'a>(world: &World<'a>, source: ResourceId) -> Option<&'a Resource> {
    let target = (*world.targets.get(&source)?)?;
    Some(world.graph.resource(target))
}

/// Whether a bucket could take the access logs of another, as far as place and direction go: not itself, not one whose own logs end up there, in
/// the same account and Region.
pub fn is_possible(world: &World<'_>, source: &Resource, target: &Resource) -> bool {
    let graph = world.graph;
    if target.span == source.span || leads_to(world, target, source) {
        return false;
    }
    let differ = |a: &Text, b: &Text| same(a, b).is_false();
    let provider = |resource: &Resource| graph.declarations().get(resource.declaration?).map(|declaration| &declaration.provider);
    let elsewhere = matches!((provider(source), provider(target)), (Some(a), Some(b)) if a != b);
    !elsewhere
        && !differ(&graph.region(source.id), &graph.region(target.id))
        && !differ(&graph.account(source.id), &graph.account(target.id))
}

fn leads_to(world: &World<'_>, from: &Resource, to: &Resource) -> bool {
    let mut at = from.id;
    for _ in 0..MAX_CHAIN {
        let Some(next) = target_of(world, at) else { return false };
        if next.span == to.span {
            return true;
        }
        at = next.id;
    }
    true
}

/// Whether the logs of a bucket would arrive in another under a prefix.
pub fn delivers(world: &World<'_>, source: &Resource, target: &Resource, prefix: &Text) -> Truth {
    let meant = |item: Item| Alternative { item, causes: Vec::new(), hops: Vec::new(), span: None };
    let memo = Memo::default();
    let steps = Steps::of(steps::share(world.graph.limits(), world.graph.ids_of_kind(&source.kind).len()));
    let scope = Scope::new(world.graph, &memo, source.id, &steps)
        .with(&Arc::from("target"), meant(Item::Resource(target.id)))
        .with(&Arc::from("prefix"), meant(Item::Text(prefix.clone())));
    question().holds(&scope).truth
}

fn question() -> &'static Condition {
    static QUESTION: OnceLock<Condition> = OnceLock::new();
    QUESTION.get_or_init(|| serde_yaml::from_str(include_str!("delivers.yaml")).expect("the embedded condition is read by a test"))
}

/// Whether the access logs that already go to a bucket are known not to arrive: then no more should be sent there.
pub fn is_broken(world: &World<'_>, target: &Resource) -> bool {
    let mut sources = world.graph.incoming(target.id, "access_log_sources").filter_map(|edge| world.graph.resource(edge.from).span);
    sources.any(|span| world.broken.contains(&(span.file, span.range)))
}

/// Whether a finding tells that the access logs of its subject do not arrive.
pub fn tells_of_a_broken_target(finding: &Finding) -> bool {
    let harmless = ["access-log-target-without-lifecycle", "access-log-prefix-ambiguous"];
    finding.outcome == Outcome::Fail && finding.rule.starts_with("access-log-") && !harmless.contains(&&*finding.rule)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_question_can_be_read() {
        super::question();
    }
}
