//! What the rules of a run come to. What no report lists (what holds, where nobody reads that it does, and what is hidden) is kept as
//! small as what is asked of it: there is far more of it than of findings.

use crate::graph::{Graph, ResourceId};
use crate::rule::finding::{Finding, Outcome, Severity};
use crate::rule::memo::Memo;
use crate::rule::{Rule, RuleSet, check};

/// The verdicts of a run.
#[derive(Debug)]
pub struct Checked<'a> {
    /// What is told, by rule and subject at first.
    pub findings: Vec<Finding>,
    /// How many subjects each rule holds for, in the order of the rules, besides those of which a finding tells it.
    pub(super) passes: Vec<usize>,
    pub(super) hidden: Vec<Hidden>,
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

impl<'a> Checked<'a> {
    /// No verdict yet.
    pub(super) fn new(graph: &'a Graph, rules: &'a RuleSet) -> Self {
        Self { findings: Vec::new(), passes: vec![0; rules.rules().len()], hidden: Vec::new(), graph, rules }
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
