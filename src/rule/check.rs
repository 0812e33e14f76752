//! Evaluating rules: every rule on every subject, in a fixed order.
//!
//! What a rule follows may lead to several resources of which one is meant: the rule is then evaluated for each, and what they agree on is
//! the verdict.

use crate::graph::catalog::{Catalog, TAGS};
use crate::graph::text;
use crate::graph::{Graph, Hop, Resource, ResourceId, Standing};
use crate::limits::Limit;
use crate::rule::checked::{Checked, Hidden, Piece};
use crate::rule::finding::{Evidence, Finding, Listing, Named, Outcome};
use crate::rule::fingerprint::fingerprint;
use crate::rule::memo::Memo;
use crate::rule::message;
use crate::rule::parse::{Defect, Path};
use crate::rule::path::{Alternative, Item, Scope, Wanted};
use crate::rule::steps::{self, Steps};
use crate::rule::verdict::Verdict;
use crate::rule::{Rule, RuleSet, unknown};
use crate::source::Span;
use crate::value::{Cause, CauseKind};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;

/// Most combinations of followed resources that one subject is evaluated for.
const MAX_CASES: usize = 64;

/// Most hops that a finding shows.
const MAX_EVIDENCE: usize = 24;

/// What is told of what holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passes {
    /// As much as of anything else.
    Told,
    /// Nothing but that it does: for runs in which nobody reads it.
    Counted,
}

/// Most subjects that one piece of work is about.
const SUBJECTS: usize = 256;

/// Pieces of work of which the findings are put together at once: those of all of them would be there twice.
const TOGETHER: usize = 64;

/// Every verdict of every rule on the subjects that are wanted, by rule and subject.
pub fn check<'a>(graph: &'a Graph, rules: &'a RuleSet, passes: Passes, wanted: impl Fn(&Resource) -> bool + Sync) -> Checked<'a> {
    let memo = Memo::default();
    let mut work: Vec<(u32, Asked<'_>, &[ResourceId])> = Vec::new();
    for (number, rule) in (0..).zip(rules.rules()) {
        // To ask a rule anything else is to read it.
        let asked = Asked::new(graph, &memo, rule);
        work.extend(
            rule.subjects.iter().flat_map(|kind| graph.ids_of_kind(kind).chunks(SUBJECTS)).map(|subjects| (number, asked, subjects)),
        );
    }
    let check = |checked: &Checked<'_>, (number, asked, subjects): &(u32, Asked<'_>, &[ResourceId])| {
        let mut piece = Piece::default();
        let rule = asked.rule;
        let room = checked.room(*number);
        let is_asked = |subject: &Resource| is_subject(graph.catalog(), rule, subject) && wanted(subject);
        for subject in subjects.iter().filter(|id| is_asked(graph.resource(**id))) {
            let (said, is_cut) = judge(*asked, *subject, passes);
            match said {
                Said::Nothing => {}
                Said::Passes(_) => piece.pass(),
                Said::Hidden(other) => piece.hide(Hidden { rule: *number, subject: *subject, other, is_suppressed: false }, is_cut),
                Said::Told(finding) => piece.tell(*finding, room, is_cut),
            }
        }
        piece.shrink_to_fit();
        piece
    };
    let mut checked = Checked::new(graph, rules);
    for work in work.chunks(TOGETHER) {
        // Whether there is room is settled between two such rounds, so that the same findings are told whatever the number of threads.
        let pieces: Vec<Piece> = work.par_iter().map(|work| check(&checked, work)).collect();
        let told: usize = pieces.iter().map(Piece::findings).sum();
        checked.findings.reserve(told.min(graph.limits().count(Limit::Findings)));
        for ((number, ..), piece) in work.iter().zip(pieces) {
            checked.add(*number, piece);
        }
    }
    checked
}

/// The verdicts of just the rules and subjects that are wanted, in the same order, each as a finding.
pub fn check_some(graph: &Graph, rules: &RuleSet, passes: Passes, wanted: impl Fn(&Rule, &Resource) -> bool) -> Vec<Finding> {
    let memo = Memo::default();
    let mut work: Vec<(Asked<'_>, ResourceId)> = Vec::new();
    for rule in rules.rules().iter().map(|rule| &**rule) {
        let asked = Asked::new(graph, &memo, rule);
        let subjects = rule
            .subjects
            .iter()
            .flat_map(|kind| graph.of_kind(kind))
            .filter(|resource| is_subject(graph.catalog(), rule, resource) && wanted(rule, resource));
        work.extend(subjects.map(|resource| (asked, resource.id)));
    }
    let said = |(asked, subject): &(Asked<'_>, ResourceId)| match judge(*asked, *subject, passes).0 {
        Said::Nothing => None,
        Said::Passes(other) => Some(bare(asked.rule, (graph, &memo), *subject, other, Outcome::Pass)),
        Said::Hidden(other) => Some(hidden(asked.rule, (graph, &memo), *subject, other)),
        Said::Told(finding) => Some(*finding),
    };
    work.par_iter().filter_map(said).collect()
}

fn is_subject(catalog: &Catalog, rule: &Rule, resource: &Resource) -> bool {
    let declared = resource.standing != Standing::Outside;
    let configured = || rule.outside_with.as_ref().is_some_and(|name| resource.span.is_some() && resource.properties.contains_key(name));
    let can_say = |pattern: &String| text::covers(pattern, &resource.type_name).is_true();
    let of_these = rule.only_types.is_empty() || resource.type_name.is_empty() || rule.only_types.iter().any(can_say);
    of_these && (declared || configured()) && !resource.exists.is_false() && (!rule.asks_tags(catalog) || takes_tags(catalog, resource))
}

/// Whether a type of a kind that may have tags takes some: a rule that asks for them has nothing to say of an `aws_iam_role_policy`.
fn takes_tags(catalog: &Catalog, resource: &Resource) -> bool {
    let may = catalog.kind(&resource.kind).is_some_and(|kind| kind.vocabulary.contains_key(TAGS));
    !may || catalog.managed(&resource.type_name).is_none_or(|entry| entry.properties.contains_key(TAGS))
}

/// A rule that is asked about the resources of a graph.
#[derive(Clone, Copy)]
struct Asked<'a> {
    graph: &'a Graph,
    memo: &'a Memo,
    rule: &'a Rule,
    /// How much may be looked at for each subject.
    share: u64,
}

impl<'a> Asked<'a> {
    fn new(graph: &'a Graph, memo: &'a Memo, rule: &'a Rule) -> Self {
        let subjects = rule.subjects.iter().map(|kind| graph.ids_of_kind(kind).len()).sum();
        Self { graph, memo, rule, share: steps::share(graph.limits(), subjects) }
    }
}

/// What a rule says in one case: one choice among what its follows may lead to.
struct Case<'g, 'r> {
    scope: Scope<'g>,
    /// Why this case may not be the real one.
    causes: Vec<Cause>,
    told: Told<'r>,
}

enum Told<'r> {
    /// The rule has nothing to say.
    Silent,
    Fail(&'r Defect, Verdict),
    Open(Vec<Cause>, Vec<Hop>),
    Pass(Vec<Hop>),
}

/// What a rule says of a subject, with the finding's other end where that is all that is told.
enum Said {
    /// It has nothing to say.
    Nothing,
    /// It holds.
    Passes(Option<ResourceId>),
    /// It is open and in no list: it is counted, and nobody reads why.
    Hidden(Option<ResourceId>),
    /// What somebody reads.
    Told(Box<Finding>),
}

impl Said {
    fn told(finding: Finding) -> Self {
        Self::Told(Box::new(finding))
    }
}

/// What a rule says of a subject, and whether more could be said if more were looked at. Of most nobody reads more than that it is there, and
/// what shows it is more work than it itself: that comes second.
fn judge(asked: Asked<'_>, subject: ResourceId, passes: Passes) -> (Said, bool) {
    let Asked { graph, memo, rule, share } = asked;
    let (first, second) = (Steps::of(share), Steps::of(share));
    let mut seen = Vec::new();
    if passes == Passes::Counted || rule.hides_what_is_open() {
        let glance = Scope::new(graph, memo, subject, &first).wanting(Wanted::Truth);
        collect(rule, &glance, &[], 0, &mut Vec::new(), &mut seen);
        if let Some(said) = at_a_glance(rule, &seen, passes) {
            return (said, first.is_met());
        }
    }
    // What is left out because it was seen leaves more for the rest: that must not matter.
    let seen = if first.is_met() { Vec::new() } else { seen };
    let mut cases = Vec::new();
    collect(rule, &Scope::new(graph, memo, subject, &second), &seen, 0, &mut Vec::new(), &mut cases);
    // However much that took, what is told of it has its share.
    let telling = Steps::of(share);
    (verdict(rule, cases, &telling), second.is_met())
}

/// The verdict of which nobody reads more than that it is there; `None` for one that somebody reads.
fn at_a_glance(rule: &Rule, cases: &[Case<'_, '_>], passes: Passes) -> Option<Said> {
    let speaks = |case: &&Case<'_, '_>| matches!(case.told, Told::Fail(..) | Told::Open(..));
    let passed = || cases.iter().find(|case| matches!(case.told, Told::Pass(_)));
    match (cases.iter().find(speaks), passed()) {
        (None, None) => Some(Said::Nothing),
        (None, Some(case)) if passes == Passes::Counted => Some(Said::Passes(other_end(&case.scope))),
        (Some(case), _) if rule.hides_what_is_open() && !cases.iter().all(|case| matches!(case.told, Told::Fail(..))) => {
            Some(Said::Hidden(other_end(&case.scope)))
        }
        _ => None,
    }
}

/// The verdict of one rule on one subject, by what it comes to in each case.
fn verdict(rule: &Rule, cases: Vec<Case<'_, '_>>, steps: &Steps) -> Said {
    let is_told = |case: &Case<'_, '_>| !matches!(case.told, Told::Silent);
    let speaks = |case: &Case<'_, '_>| matches!(case.told, Told::Fail(..) | Told::Open(..));
    if cases.iter().all(|case| matches!(case.told, Told::Fail(..))) || !cases.iter().any(speaks) {
        let Some(case) = cases.into_iter().find(is_told) else { return Said::Nothing };
        let scope = case.scope.stepping(steps);
        let exists = scope.graph.resource(scope.subject);
        return match case.told {
            // What Terraform would refuse to create cannot be said to fail.
            Told::Fail(_, verdict) if exists.exists_causes.iter().any(|cause| cause.kind == CauseKind::Invalid) => {
                open(rule, &scope, &exists.exists_causes, &verdict.hops)
            }
            Told::Fail(defect, verdict) => Said::told(failed(rule, &scope, defect, &verdict)),
            Told::Pass(hops) => Said::told(passed(rule, &scope, &hops)),
            Told::Open(..) | Told::Silent => Said::Nothing,
        };
    }
    // Some cases fail or are open, and others are not.
    let mut unknown: Vec<Cause> = Vec::new();
    let mut seen = Vec::new();
    for case in &cases {
        unknown.extend(case.causes.iter().cloned());
        match &case.told {
            Told::Open(why, found) => {
                unknown.extend(why.iter().cloned());
                seen.extend(found.iter().cloned());
            }
            Told::Fail(_, verdict) => seen.extend(verdict.hops.iter().cloned()),
            Told::Pass(_) | Told::Silent => {}
        }
    }
    cases.into_iter().find(speaks).map_or(Said::Nothing, |case| open(rule, &case.scope.stepping(steps), &unknown, &seen))
}

/// Binds what the rule follows, one name after another, and evaluates each combination. What was `seen` of the same combinations need not be looked for.
fn collect<'g, 'r>(
    rule: &'r Rule,
    scope: &Scope<'g>,
    seen: &[Case<'_, 'r>],
    at: usize,
    causes: &mut Vec<Cause>,
    into: &mut Vec<Case<'g, 'r>>,
) {
    let Some((name, path)) = rule.follow.get_index(at) else {
        let told = seen.get(into.len()).and_then(|case| shown(scope, case)).unwrap_or_else(|| evaluate(rule, scope));
        into.push(Case { scope: scope.clone(), causes: causes.clone(), told });
        return;
    };
    let alternatives = scope.resources(path);
    let kept = causes.len();
    // What is open whatever the cases come to is not looked at case by case.
    let too_many = into.len() + alternatives.len() > MAX_CASES;
    for alternative in alternatives {
        if into.len() >= if too_many { 1 } else { MAX_CASES } {
            let cause = Cause::new(CauseKind::Limit, format!("more than {MAX_CASES} cases of `{}`", rule.id), None);
            into.push(Case { scope: scope.clone(), causes: causes.clone(), told: Told::Open(vec![cause], Vec::new()) });
            return;
        }
        causes.extend(alternative.causes.iter().cloned());
        if matches!(alternative.item, Item::Absent) {
            into.push(Case { scope: scope.clone(), causes: causes.clone(), told: Told::Silent });
        } else {
            collect(rule, &scope.with(name, alternative), seen, at + 1, causes, into);
        }
        causes.truncate(kept);
    }
}

/// The proof of a fail that was seen: of all that the rule asks, just the defect has to be shown.
fn shown<'r>(scope: &Scope<'_>, seen: &Case<'_, 'r>) -> Option<Told<'r>> {
    let Told::Fail(defect, _) = seen.told else { return None };
    let verdict = defect.when.holds(scope);
    verdict.truth.is_true().then_some(Told::Fail(defect, verdict))
}

fn evaluate<'r>(rule: &'r Rule, scope: &Scope<'_>) -> Told<'r> {
    let applies = rule.applies_when.as_ref().map(|condition| condition.holds(scope));
    if applies.as_ref().is_some_and(|verdict| verdict.truth.is_false()) {
        return Told::Silent;
    }
    if scope.wanted == Wanted::Truth && rule.hides_what_is_open() && applies.as_ref().is_some_and(|verdict| verdict.truth.is_unknown()) {
        return Told::Open(Vec::new(), Vec::new());
    }
    let (mut causes, mut hops) = (Vec::new(), Vec::new());
    let mut is_open = false;
    let mut failed = None;
    for defect in &rule.fails_when {
        let verdict = defect.when.holds(scope);
        if verdict.truth.is_true() {
            failed = Some((defect, verdict));
            break;
        }
        hops.extend(verdict.hops);
        if verdict.truth.is_unknown() {
            is_open = true;
            causes.extend(verdict.causes);
        }
    }
    let may_not_apply = applies.filter(|verdict| verdict.truth.is_unknown());
    match (failed, may_not_apply) {
        (Some((defect, verdict)), None) => Told::Fail(defect, verdict),
        (Some((_, verdict)), Some(applies)) => Told::Open(applies.causes, verdict.hops),
        (None, applies) if is_open => {
            causes.extend(applies.into_iter().flat_map(|verdict| verdict.causes));
            Told::Open(causes, hops)
        }
        (None, _) => Told::Pass(hops),
    }
}

fn failed(rule: &Rule, scope: &Scope<'_>, defect: &Defect, verdict: &Verdict) -> Finding {
    let severity = defect.severity.unwrap_or_else(|| {
        let special = rule.severity_when.iter().find(|special| special.when.holds(scope).truth.is_true());
        special.map_or(rule.severity, |special| special.severity)
    });
    let message = message::render(&defect.message, scope, Some(verdict), &[]);
    let label = defect.label.as_ref().map_or_else(|| Arc::clone(&rule.title), |label| message::shared(label, scope, verdict));
    let found = verdict.names(scope);
    let pointed = Pointed {
        location: defect.at.iter().find_map(|path| place(&found, path)),
        satellite: defect.at.iter().find_map(|path| satellite(&found, path)),
    };
    let mut finding = finding(rule, scope, Outcome::Fail, message, label, pointed, &verdict.hops);
    finding.severity = severity;
    let subject = scope.graph.resource(scope.subject);
    // Of what is declared elsewhere nothing is known, and there is nothing to say of that beside what the message says.
    if subject.exists.is_unknown() && !subject.exists_causes.is_empty() {
        let _ = write!(finding.message, "; whether it is created depends on {}", message::unknown(&subject.exists_causes));
    }
    finding.remedy = Some(message::shared(defect.remedy.as_ref().unwrap_or(&rule.remedy), scope, verdict));
    finding.fingerprint = fingerprint(&[&rule.id, &finding.subject.address, &defect.defect]);
    finding.defect = Some(Arc::clone(&defect.defect));
    finding
}

fn passed(rule: &Rule, scope: &Scope<'_>, hops: &[Hop]) -> Finding {
    let message = message::render(&rule.passes, scope, None, &[]);
    finding(rule, scope, Outcome::Pass, message, Arc::from("this holds"), Pointed::default(), hops)
}

fn open(rule: &Rule, scope: &Scope<'_>, causes: &[Cause], hops: &[Hop]) -> Said {
    let says = rule.open.iter().find(|says| says.when.as_ref().is_none_or(|condition| condition.holds(scope).truth.is_true()));
    if says.is_some_and(|says| says.hidden) {
        return Said::Hidden(other_end(scope));
    }
    let message = says.map_or_else(|| rule.title.to_string(), |says| message::render(&says.message, scope, None, causes));
    let unknown = unknown::tell(causes);
    let label = unknown.first().map_or_else(|| "this is not known".to_owned(), |first| format!("not known: {}", first.message));
    let mut finding = finding(rule, scope, Outcome::Open, message, Arc::from(label), Pointed::default(), hops);
    finding.listing = if says.is_none() { Listing::ToldElsewhere } else { Listing::Listed };
    finding.unknown = unknown;
    Said::told(finding)
}

/// Where a finding points, if not at its subject.
#[derive(Default)]
struct Pointed {
    location: Option<Span>,
    satellite: Option<Named>,
}

fn finding(rule: &Rule, scope: &Scope<'_>, outcome: Outcome, message: String, label: Arc<str>, pointed: Pointed, hops: &[Hop]) -> Finding {
    let bare = bare(rule, (scope.graph, scope.memo), scope.subject, other_end(scope), outcome);
    let location = pointed.location.unwrap_or(bare.location);
    let resource = bare.resource.clone().or_else(|| pointed.satellite.map(Arc::new));
    Finding { resource, message, location, label, evidence: evidence(rule, scope, location, hops), ..bare }
}

/// What is open and in no list.
pub(super) fn hidden(rule: &Rule, from: (&Graph, &Memo), subject: ResourceId, other: Option<ResourceId>) -> Finding {
    Finding { listing: Listing::Hidden, ..bare(rule, from, subject, other, Outcome::Open) }
}

/// The resource that a rule looks at beside its subject.
fn other_end(scope: &Scope<'_>) -> Option<ResourceId> {
    scope.bound().into_iter().find_map(|meant| match meant.item {
        Item::Resource(id) => Some(id),
        _ => None,
    })
}

/// A verdict of which nothing is told.
fn bare(rule: &Rule, (graph, memo): (&Graph, &Memo), subject: ResourceId, other: Option<ResourceId>, outcome: Outcome) -> Finding {
    let project = graph.resource(subject).project.expect("a subject is declared, and so has a project");
    let subject = memo.named(graph, subject).expect("a subject is declared, and so has a place");
    Finding {
        rule: Arc::clone(&rule.id),
        severity: rule.severity,
        outcome,
        project,
        resource: other.and_then(|other| memo.named(graph, other)),
        message: String::new(),
        listing: Listing::Listed,
        unknown: Vec::new(),
        scenarios: Vec::new(),
        location: subject.span,
        label: Arc::clone(&rule.title),
        evidence: Vec::new(),
        remedy: None,
        defect: None,
        fingerprint: fingerprint(&[&rule.id, &subject.address, outcome.name()]),
        suppressed: None,
        fixes: Vec::new(),
        subject,
    }
}

/// The satellite that sets what stands at a path.
fn satellite(scope: &Scope<'_>, path: &Path) -> Option<Named> {
    let alternatives = scope.walk(path);
    let (owner, at, span) = alternatives.iter().find_map(|alternative| match &alternative.item {
        Item::Value { owner, at, .. } => Some((*owner, at.split('.').next()?, alternative.span?)),
        Item::List(..) => Some((scope.subject, path.0.last().map(|step| &**step)?, alternative.span?)),
        _ => None,
    })?;
    let claims = &scope.graph.resource(owner).properties.get(at)?.claims;
    let claim = claims.iter().find(|claim| claim.span == Some(span) && claim.satellite.is_some())?;
    let declaration = &scope.graph.declarations()[claim.satellite?];
    Some(Named {
        kind: Arc::clone(&scope.graph.resource(owner).kind),
        address: Arc::clone(&declaration.address.0),
        type_name: Arc::clone(&declaration.type_name),
        span: declaration.span,
    })
}

/// The first place at a path that is one.
fn place(scope: &Scope<'_>, path: &Path) -> Option<Span> {
    scope.walk(path).iter().find_map(|alternative: &Alternative| match &alternative.item {
        Item::Absent | Item::Unknown(_) => None,
        _ => alternative.span,
    })
}

/// The chain: the subject, the way to each followed resource, the resource, and what decides.
fn evidence(rule: &Rule, scope: &Scope<'_>, location: Span, hops: &[Hop]) -> Vec<Evidence> {
    let subject = scope.graph.resource(scope.subject);
    let mut chain: Vec<Evidence> = Vec::new();
    let mut is_cut = false;
    let mut tell = |span: Span, message: String| {
        if is_cut || span == location || chain.iter().any(|known| known.span == span) {
            return;
        }
        is_cut = chain.len() == MAX_EVIDENCE;
        if !is_cut {
            chain.push(Evidence { span, message });
        }
    };
    let title = |resource: &Resource| scope.graph.catalog().kind(&resource.kind).map_or("resource", |kind| kind.title.as_str()).to_owned();
    if let Some(span) = subject.span {
        tell(span, format!("{} `{}`", title(subject), subject.address));
    }
    for meant in scope.bound() {
        meant.hops.iter().for_each(|hop| tell(hop.span, hop.message.clone()));
        if let Item::Resource(id) = meant.item {
            let resource = scope.graph.resource(id);
            if let Some(span) = resource.span {
                tell(span, format!("{} `{}`", title(resource), resource.address));
            }
        }
    }
    hops.iter().for_each(|hop| tell(hop.span, hop.message.clone()));
    for alternative in rule.shows.iter().flat_map(|path| scope.walk(path)) {
        for element in scope.elements(alternative.item).unwrap_or_default() {
            element.hops.iter().for_each(|hop| tell(hop.span, hop.message.clone()));
        }
    }
    if let Some(last) = chain.last_mut().filter(|_| is_cut) {
        last.message.push_str(", and more that is not listed");
    }
    chain.shrink_to_fit();
    chain
}
