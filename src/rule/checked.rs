//! What the rules of a run come to. What no report lists (what holds, where nobody reads that it does, and what is hidden) is kept as
//! small as what is asked of it: there is far more of it than of findings.

use crate::diagnostic::{Diagnostic, Level, counted};
use crate::graph::{Graph, ResourceId};
use crate::limits::Limit;
use crate::rule::finding::{Finding, Listing, Outcome, Severity};
use crate::rule::memo::Memo;
use crate::rule::{Rule, RuleSet, check};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The verdicts of a run.
#[derive(Debug)]
pub struct Checked<'a> {
    /// What is told, by rule and subject at first.
    pub findings: Vec<Finding>,
    /// How many subjects each rule holds for, in the order of the rules, besides those of which a finding tells it.
    passes: Vec<usize>,
    hidden: Vec<Hidden>,
    /// What is beyond the limit of findings, in the order of the rules.
    beyond: Vec<Beyond>,
    /// How much is kept of each rule, in the order of the rules.
    kept: Vec<Kept>,
    graph: &'a Graph,
    rules: &'a RuleSet,
}

/// What is open and in no list: which rule, by its place among the rules, and of whom it is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hidden {
    pub rule: u32,
    pub subject: ResourceId,
    pub other: Option<ResourceId>,
    pub is_suppressed: bool,
}

/// What sort of verdict it is that is counted and of which no more is told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Sort {
    /// The answer; never a pass.
    pub outcome: Outcome,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it would be in a list.
    pub is_listed: bool,
    /// In which way the rule is broken.
    pub defect: Option<Arc<str>>,
}

/// How many verdicts there are of each sort.
type Beyond = BTreeMap<Sort, usize>;

/// How many verdicts of a rule are kept.
#[derive(Clone, Default, Debug)]
struct Kept {
    passes: usize,
    others: usize,
    hidden: usize,
    cut: usize,
}

/// What comes of one rule for some of its subjects.
#[derive(Default)]
pub(super) struct Piece {
    findings: Vec<Finding>,
    hidden: Vec<Hidden>,
    passes: usize,
    beyond: Beyond,
    /// How many are open for want of steps.
    cut: usize,
}

impl Piece {
    /// A subject for which the rule holds, of which no more is told.
    pub fn pass(&mut self) {
        self.passes += 1;
    }

    /// What is open and in no list.
    pub fn hide(&mut self, hidden: Hidden, is_cut: bool) {
        self.cut += usize::from(is_cut);
        self.hidden.push(hidden);
    }

    /// What is told, as far as there is room for it.
    pub fn tell(&mut self, finding: Finding, room: Room, is_cut: bool) {
        self.cut += usize::from(is_cut && finding.outcome == Outcome::Open);
        match (finding.outcome, room) {
            (Outcome::Pass, Room { passes: false, .. }) => self.passes += 1,
            (Outcome::Fail | Outcome::Open, Room { others: false, .. }) => self.count(&finding),
            _ => self.findings.push(finding),
        }
    }

    fn count(&mut self, finding: &Finding) {
        *self.beyond.entry(Sort::of(finding)).or_default() += 1;
    }

    pub fn shrink_to_fit(&mut self) {
        self.findings.shrink_to_fit();
    }

    pub fn findings(&self) -> usize {
        self.findings.len()
    }
}

/// Whether more of a rule is kept.
#[derive(Clone, Copy)]
pub(super) struct Room {
    passes: bool,
    others: bool,
}

impl Sort {
    fn of(finding: &Finding) -> Self {
        Self {
            outcome: finding.outcome,
            severity: finding.severity,
            is_listed: finding.listing == Listing::Listed,
            defect: finding.defect.clone(),
        }
    }
}

impl<'a> Checked<'a> {
    /// No verdict yet.
    pub(super) fn new(graph: &'a Graph, rules: &'a RuleSet) -> Self {
        let of_each = rules.rules().len();
        let (beyond, kept) = (vec![Beyond::new(); of_each], vec![Kept::default(); of_each]);
        Self { findings: Vec::new(), passes: vec![0; of_each], hidden: Vec::new(), beyond, kept, graph, rules }
    }

    /// How many verdicts of a rule are kept, of each kind.
    fn most(&self) -> usize {
        self.graph.limits().count(Limit::Findings)
    }

    /// Whether more of a rule, by its number, is kept.
    pub(super) fn room(&self, rule: u32) -> Room {
        let (kept, most) = (&self.kept[rule as usize], self.most());
        Room { passes: kept.passes < most, others: kept.others < most }
    }

    /// Keeps what comes of a rule, by its number, for some subjects, as far as the limit lets it: of what is beyond it, just the number.
    pub(super) fn add(&mut self, rule: u32, mut piece: Piece) {
        let (at, most) = (rule as usize, self.most());
        for finding in std::mem::take(&mut piece.findings) {
            let kept = &mut self.kept[at];
            let kept = if finding.outcome == Outcome::Pass { &mut kept.passes } else { &mut kept.others };
            match (finding.outcome, *kept < most) {
                (_, true) => {
                    *kept += 1;
                    self.findings.push(finding);
                }
                (Outcome::Pass, false) => piece.passes += 1,
                (Outcome::Fail | Outcome::Open, false) => piece.count(&finding),
            }
        }
        let room = most.saturating_sub(self.kept[at].hidden);
        let more = piece.hidden.len().saturating_sub(room);
        piece.hidden.truncate(room);
        self.kept[at].hidden += piece.hidden.len();
        self.hidden.extend(piece.hidden);
        if more > 0 {
            let severity = self.rules.rules()[at].severity;
            let sort = Sort { outcome: Outcome::Open, severity, is_listed: false, defect: None };
            *piece.beyond.entry(sort).or_default() += more;
        }
        self.kept[at].cut += piece.cut;
        self.passes[at] += piece.passes;
        for (sort, count) in piece.beyond {
            *self.beyond[at].entry(sort).or_default() += count;
        }
    }

    /// What is beyond the limit of findings: rule, sort, how many. Nothing is asked of these verdicts: none of them counts as suppressed.
    pub fn beyond(&self) -> impl Iterator<Item = (&Rule, &Sort, usize)> {
        let of_rules = self.rules.rules().iter().map(|rule| &**rule).zip(&self.beyond).filter(|(_, beyond)| !beyond.is_empty());
        of_rules.flat_map(|(rule, beyond)| beyond.iter().map(move |(sort, count)| (rule, sort, *count)))
    }

    /// What of that a report would list that is at least so severe.
    pub fn listed_beyond(&self, least: Severity) -> impl Iterator<Item = (&Rule, &Sort, usize)> {
        self.beyond().filter(move |(_, sort, _)| sort.is_listed && sort.severity >= least)
    }

    /// Whether verdicts of a rule are beyond the limit, listed or not.
    pub fn is_beyond(&self, rule: &str) -> bool {
        self.beyond().any(|(other, ..)| *other.id == *rule)
    }

    /// What is said of each rule that met a limit: where a report would list more of it, and where more had to be looked at.
    pub fn limits_met(&self, severity: Severity) -> Vec<Diagnostic> {
        let mut more: BTreeMap<&Arc<str>, BTreeMap<Outcome, usize>> = BTreeMap::new();
        for (rule, sort, count) in self.listed_beyond(severity) {
            *more.entry(&rule.id).or_default().entry(sort.outcome).or_default() += count;
        }
        let told = |(rule, counts): (&Arc<str>, BTreeMap<Outcome, usize>)| {
            let verb = |outcome: &Outcome| if *outcome == Outcome::Fail { "fail" } else { "are open" };
            let more: Vec<String> = counts.iter().map(|(outcome, count)| format!("{count} more that {}", verb(outcome))).collect();
            let message = format!("{} findings of `{rule}` are told; {} are just counted", self.most(), more.join(" and "));
            let help = format!("suppressions, a baseline and fixes are not asked about these; {}", Limit::Findings.help());
            Diagnostic { place: None, level: Level::Warning, code: "limit-reached", message, help: Some(help) }
        };
        // To ask a rule for its severity is to read it.
        let of_rules = self.rules.rules().iter().zip(&self.kept).filter(|(rule, kept)| kept.cut > 0 && rule.severity >= severity);
        let cut = of_rules.map(|(rule, kept)| {
            let message = format!("{} left open by `{}`: there is more to look at than the share of one resource", are(kept.cut), rule.id);
            Diagnostic { place: None, level: Level::Warning, code: "limit-reached", message, help: Some(Limit::RuleSteps.help()) }
        });
        more.into_iter().map(told).chain(cut).collect()
    }

    /// Looks at every verdict that is no pass, listed or not, and may say that it is not counted.
    pub fn each_not_passed(&mut self, mut look: impl FnMut(&mut Finding)) {
        self.findings.iter_mut().filter(|finding| finding.outcome != Outcome::Pass).for_each(&mut look);
        let memo = Memo::default();
        for hidden in &mut self.hidden {
            let mut finding = check::hidden(&self.rules.rules()[hidden.rule as usize], (self.graph, &memo), hidden.subject, hidden.other);
            look(&mut finding);
            hidden.is_suppressed |= finding.suppressed.is_some();
        }
    }

    /// How many subjects each rule holds for besides those of which a finding tells it.
    pub fn passes(&self) -> impl Iterator<Item = (&Rule, usize)> {
        self.rules.rules().iter().map(|rule| &**rule).zip(self.passes.iter().copied()).filter(|(_, passes)| *passes > 0)
    }

    /// How many of them are of rules that are at least so severe.
    pub fn passes_from(&self, severity: Severity) -> usize {
        self.passes().filter(|(rule, _)| rule.severity >= severity).map(|(_, passes)| passes).sum()
    }

    /// The rule of everything that is hidden, and whether somebody asked to leave it out.
    pub fn hidden(&self) -> impl Iterator<Item = (&Rule, bool)> {
        self.hidden.iter().map(|hidden| (&*self.rules.rules()[hidden.rule as usize], hidden.is_suppressed))
    }
}

/// So many verdicts, and the verb that they take.
fn are(verdicts: usize) -> String {
    let verb = if verdicts == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(verdicts, "verdict"))
}
