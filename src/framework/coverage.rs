//! What a run says of each recommendation of a framework.
//!
//! A recommendation is as good as the worst that any of its rules says of any subject: a fail, then what is not known, then what somebody
//! decided to accept, then a pass. No verdict at all is never a pass: either its rules found nothing to judge, or no rule of the run asks
//! it, or code cannot show it.

use crate::framework::{Framework, Recommendation, ShownByCode};
use crate::rule::finding::{Finding, Listing, Outcome};
use crate::rule::{Checked, RuleSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many verdicts there are of each sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Fails that count.
    pub fail: usize,
    /// Opens that count.
    pub open: usize,
    /// Those opens that are in no list, because each subject is open for the same reason, or another rule tells it.
    pub unlisted: usize,
    /// Fails and opens that were left out by a decision: a comment, the config file, a baseline.
    pub suppressed: usize,
    /// Passes.
    pub pass: usize,
}

/// What every rule came to, listed or not, by rule and defect. It is of the whole projects, whatever part of the findings is listed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tallies(BTreeMap<Arc<str>, BTreeMap<Option<Arc<str>>, Tally>>);

impl Tallies {
    /// Counts verdicts.
    pub fn of(checked: &Checked<'_>) -> Self {
        let mut tallies = Self::default();
        for (rule, passes) in checked.passes() {
            tallies.0.entry(Arc::clone(&rule.id)).or_default().entry(None).or_default().pass += passes;
        }
        for (rule, is_suppressed) in checked.hidden() {
            let tally = match tallies.0.get_mut(&rule.id) {
                Some(of_rule) => of_rule.entry(None).or_default(),
                None => tallies.0.entry(Arc::clone(&rule.id)).or_default().entry(None).or_default(),
            };
            tally.suppressed += usize::from(is_suppressed);
            tally.open += usize::from(!is_suppressed);
            tally.unlisted += usize::from(!is_suppressed);
        }
        for (rule, sort, count) in checked.beyond() {
            let tally = tallies.0.entry(Arc::clone(&rule.id)).or_default().entry(sort.defect.clone()).or_default();
            match sort.outcome {
                Outcome::Pass => tally.pass += count,
                Outcome::Fail => tally.fail += count,
                Outcome::Open => {
                    tally.open += count;
                    tally.unlisted += if sort.is_listed { 0 } else { count };
                }
            }
        }
        for finding in &checked.findings {
            let of_rule = match tallies.0.get_mut(&finding.rule) {
                Some(of_rule) => of_rule,
                None => tallies.0.entry(Arc::clone(&finding.rule)).or_default(),
            };
            let tally = of_rule.entry(finding.defect.clone()).or_default();
            match (finding.outcome, &finding.suppressed) {
                (Outcome::Pass, _) => tally.pass += 1,
                (_, Some(_)) => tally.suppressed += 1,
                (Outcome::Fail, None) => tally.fail += 1,
                (Outcome::Open, None) => {
                    tally.open += 1;
                    tally.unlisted += usize::from(finding.listing != Listing::Listed);
                }
            }
        }
        tallies
    }

    /// How many opens of a rule are in no list.
    pub fn unlisted(&self, rule: &str) -> usize {
        self.0.get(rule).into_iter().flat_map(BTreeMap::values).map(|tally| tally.unlisted).sum()
    }
}

/// What a run says of one recommendation. The order is from bad to good to nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Status {
    /// A rule is broken.
    Fail,
    /// No rule is known to be broken, and of one it is not known.
    Open,
    /// All that is broken or not known is so by a decision.
    Suppressed,
    /// Every verdict is a pass, and there is one.
    Pass,
    /// Rules ask it, and the code declares nothing that they judge.
    NothingToJudge,
    /// No rule of this run asks it, or one that does was left out.
    NotChecked,
    /// Code cannot show it.
    CannotBeShown,
}

impl Status {
    /// Every status, in their order.
    pub const ALL: [Self; 7] =
        [Self::Fail, Self::Open, Self::Suppressed, Self::Pass, Self::NothingToJudge, Self::NotChecked, Self::CannotBeShown];

    /// Its name in outputs for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Open => "open",
            Self::Suppressed => "suppressed",
            Self::Pass => "pass",
            Self::NothingToJudge => "nothing-to-judge",
            Self::NotChecked => "not-checked",
            Self::CannotBeShown => "cannot-be-shown-by-code",
        }
    }

    /// The same for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NothingToJudge => "nothing to judge",
            Self::NotChecked => "not checked",
            Self::CannotBeShown => "cannot be shown by code",
            other => other.name(),
        }
    }
}

/// One recommendation and what the run says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The recommendation.
    pub recommendation: Recommendation,
    /// What the run says of it.
    pub status: Status,
    /// The verdicts of its rules.
    pub tally: Tally,
    /// Defects of its rules that are about other recommendations.
    others: Vec<(Arc<str>, Arc<str>)>,
}

impl Row {
    /// Whether a finding is about it.
    pub fn is_about(&self, finding: &Finding) -> bool {
        let other = |defect: &Arc<str>| self.others.iter().any(|(rule, other)| *rule == finding.rule && other == defect);
        self.recommendation.rules.contains(&finding.rule) && !finding.defect.as_ref().is_some_and(other)
    }

    /// The verdicts that the status comes from, for people: `2 fail, 1 open, 4 pass`.
    pub fn counts(&self) -> String {
        let Tally { fail, open, unlisted, suppressed, pass } = self.tally;
        let open_word = match unlisted {
            0 => "open".to_owned(),
            _ if unlisted == open => "open (not listed)".to_owned(),
            _ => format!("open ({unlisted} not listed)"),
        };
        let counts = [(fail, "fail"), (open, open_word.as_str()), (suppressed, "suppressed"), (pass, "pass")];
        let counts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        counts.join(", ")
    }
}

/// How a run meets a framework.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// The framework.
    pub framework: Framework,
    /// Its recommendations, in their order.
    pub rows: Vec<Row>,
    /// Whether all input could be read: else passes speak of the rest.
    pub is_complete: bool,
}

impl Coverage {
    /// What the verdicts of a run say of a framework.
    pub fn new(framework: Framework, rules: &RuleSet, tallies: &Tallies, is_complete: bool) -> Self {
        let rows = framework.recommendations.iter().map(|recommendation| row(&framework.name, recommendation, rules, tallies)).collect();
        Self { framework, rows, is_complete }
    }

    /// How many recommendations have each status.
    pub fn counts(&self) -> Vec<(Status, usize)> {
        Status::ALL.map(|status| (status, self.rows.iter().filter(|row| row.status == status).count())).to_vec()
    }
}

fn row(framework: &str, recommendation: &Recommendation, rules: &RuleSet, tallies: &Tallies) -> Row {
    let (mut tally, mut others) = (Tally::default(), Vec::new());
    for id in &recommendation.rules {
        let Some(rule) = rules.get(id) else { continue };
        for (defect, of_defect) in tallies.0.get(id).into_iter().flatten() {
            let numbers = defect.as_ref().and_then(|defect| rule.numbers_of(framework, defect));
            let is_other = numbers.is_some_and(|numbers| !numbers.contains(&recommendation.number));
            if is_other {
                // A rule tells the first of its defects: of the ones behind it nothing is known.
                tally.open += of_defect.fail;
                tally.unlisted += of_defect.fail;
                tally.suppressed += of_defect.suppressed;
                others.extend(defect.iter().map(|defect| (Arc::clone(id), Arc::clone(defect))));
                continue;
            }
            tally.fail += of_defect.fail;
            tally.open += of_defect.open;
            tally.unlisted += of_defect.unlisted;
            tally.suppressed += of_defect.suppressed;
            tally.pass += of_defect.pass;
        }
    }
    Row { recommendation: recommendation.clone(), status: status(recommendation, tally), tally, others }
}

fn status(recommendation: &Recommendation, tally: Tally) -> Status {
    let is_asked = !recommendation.rules.is_empty();
    if tally.fail > 0 {
        Status::Fail
    } else if tally.open > 0 {
        Status::Open
    } else if tally.suppressed > 0 {
        Status::Suppressed
    } else if !recommendation.left_out.is_empty() {
        // What a rule that was left out would say is not known.
        Status::NotChecked
    } else if tally.pass > 0 {
        Status::Pass
    } else if is_asked {
        Status::NothingToJudge
    } else if recommendation.shown_by_code == Some(ShownByCode::Never) {
        Status::CannotBeShown
    } else {
        Status::NotChecked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recommendation(rules: &[&str], left_out: &[&str], shown: ShownByCode) -> Recommendation {
        let ids = |ids: &[&str]| ids.iter().map(|id| Arc::from(*id)).collect();
        Recommendation {
            number: "1".into(),
            title: None,
            level: None,
            shown_by_code: Some(shown),
            rules: ids(rules),
            left_out: ids(left_out),
        }
    }

    #[test]
    fn the_worst_verdict_counts_and_none_is_no_pass() {
        let one = recommendation(&["a"], &[], ShownByCode::Fully);
        let tally = |fail, open, suppressed, pass| Tally { fail, open, suppressed, pass, unlisted: 0 };
        assert_eq!(status(&one, tally(1, 1, 1, 1)), Status::Fail);
        assert_eq!(status(&one, tally(0, 1, 1, 1)), Status::Open);
        assert_eq!(status(&one, tally(0, 0, 1, 1)), Status::Suppressed);
        assert_eq!(status(&one, tally(0, 0, 0, 1)), Status::Pass);
        assert_eq!(status(&one, tally(0, 0, 0, 0)), Status::NothingToJudge);
        let narrowed = recommendation(&["a"], &["b"], ShownByCode::Fully);
        assert_eq!(status(&narrowed, tally(0, 0, 0, 1)), Status::NotChecked);
        assert_eq!(status(&narrowed, tally(1, 0, 0, 1)), Status::Fail);
        assert_eq!(status(&recommendation(&[], &[], ShownByCode::Partly), tally(0, 0, 0, 0)), Status::NotChecked);
        assert_eq!(status(&recommendation(&[], &[], ShownByCode::Never), tally(0, 0, 0, 0)), Status::CannotBeShown);
    }
}
