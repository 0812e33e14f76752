//! A framework (a benchmark, a catalogue of controls) and how a run meets it: which rules serve which of its recommendations, and what they came to.
//!
//! Which rules serve a recommendation stands in the rules; what it recommends, and whether code can show it, in `rules/frameworks`. Of a
//! framework that has no file there, no more is known than the numbers that rules name. This floor knows no output.

mod coverage;

use crate::rule::{Rule, RuleSet};
use crate::suggest::nearest;
use serde::Deserialize;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

pub use coverage::{Coverage, Row, Status, Tallies, Tally};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/frameworks.rs"));
}

/// A framework, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Framework {
    /// Its name in options and rules: `cis-aws-3.0.0`.
    pub name: String,
    /// What it is, where that is known.
    pub about: Option<About>,
    /// Its recommendations in their order; all of them where [`Self::about`] is known, else those that rules name.
    pub recommendations: Vec<Recommendation>,
}

/// What a framework is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// Its title.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Whose it is.
    pub organization: String,
}

/// One recommendation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recommendation {
    /// Its number: `3.4`.
    pub number: String,
    /// Its title, where that is known.
    pub title: Option<String>,
    /// Its profile level, where that is known.
    pub level: Option<u8>,
    /// Whether code can show it, where that is known.
    pub shown_by_code: Option<ShownByCode>,
    /// The rules that serve it and that the run applies.
    pub rules: Vec<Arc<str>>,
    /// The rules that serve it and that the run was told to leave out.
    pub left_out: Vec<Arc<str>>,
}

/// Whether code can show that something is as recommended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShownByCode {
    /// All of it.
    Fully,
    /// That something is declared; the rest is for people, or lies in the account.
    Partly,
    /// Nothing: it is a state of the account.
    Never,
}

impl ShownByCode {
    /// Its name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fully => "fully",
            Self::Partly => "partly",
            Self::Never => "never",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    version: String,
    organization: String,
    recommendations: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    number: String,
    title: String,
    level: u8,
    shown_by_code: ShownByCode,
}

impl Framework {
    /// The framework of a name. `all` are the rules that there are, `applied` those of the run. The error is what to say of a name that neither a
    /// rule nor a file has.
    pub fn find(name: &str, all: &RuleSet, applied: &RuleSet) -> Result<Self, String> {
        let listed = list(name);
        let named = all.rules().iter().any(|rule| rule.frameworks.contains_key(name));
        if listed.is_none() && !named {
            let names = names(all);
            let longer = names.iter().find(|known| known.starts_with(name) && !name.is_empty()).map(String::as_str);
            let near = longer.or_else(|| nearest(name, names.iter().map(String::as_str)));
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            let hint = hint.unwrap_or_else(|| format!("there are `{}`", names.iter().cloned().collect::<Vec<_>>().join("`, `")));
            return Err(format!("there is no such framework; {hint}"));
        }
        let (about, mut recommendations) = match listed {
            Some(File { title, version, organization, recommendations }) => {
                (Some(About { title, version, organization }), recommendations.into_iter().map(Recommendation::written).collect())
            }
            None => (None, Vec::new()),
        };
        let mut others: Vec<&String> = all.rules().iter().filter_map(|rule| rule.frameworks.get(name)).flatten().collect();
        others.sort_by(|a, b| by_number(a, b));
        others.dedup();
        others.retain(|number| !recommendations.iter().any(|known: &Recommendation| known.number == **number));
        recommendations.extend(others.into_iter().map(|number| Recommendation::named(number)));
        for recommendation in &mut recommendations {
            let serves = |rule: &&Rule| rule.frameworks.get(name).is_some_and(|numbers| numbers.contains(&recommendation.number));
            let (own, out): (Vec<&Rule>, Vec<&Rule>) =
                all.rules().iter().map(|rule| &**rule).filter(serves).partition(|rule| applied.get(&rule.id).is_some());
            recommendation.rules = own.into_iter().map(|rule| Arc::clone(&rule.id)).collect();
            recommendation.left_out = out.into_iter().map(|rule| Arc::clone(&rule.id)).collect();
        }
        Ok(Self { name: name.to_owned(), about, recommendations })
    }

    /// Whether a rule serves one of its recommendations.
    pub fn is_served_by(&self, rule: &Rule) -> bool {
        rule.frameworks.contains_key(&self.name)
    }

    /// What people call it: its title and version, else its name.
    pub fn title(&self) -> String {
        self.about.as_ref().map_or_else(|| self.name.clone(), |about| format!("{} {}", about.title, about.version))
    }
}

impl Recommendation {
    fn written(written: Written) -> Self {
        let Written { number, title, level, shown_by_code } = written;
        Self { title: Some(title), level: Some(level), shown_by_code: Some(shown_by_code), ..Self::named(&number) }
    }

    fn named(number: &str) -> Self {
        Self { number: number.to_owned(), title: None, level: None, shown_by_code: None, rules: Vec::new(), left_out: Vec::new() }
    }
}

/// Every name that a rule or a file has.
fn names(rules: &RuleSet) -> BTreeSet<String> {
    let of_rules = rules.rules().iter().flat_map(|rule| rule.frameworks.keys().cloned());
    let of_files = embedded::FRAMEWORKS.iter().filter_map(|(path, _)| Some(path.rsplit('/').next()?.strip_suffix(".yaml")?.to_owned()));
    of_rules.chain(of_files).collect()
}

/// The file of a framework, read when asked for.
fn list(name: &str) -> Option<File> {
    let (path, json) = embedded::FRAMEWORKS.iter().find(|(path, _)| path.ends_with(&format!("/{name}.yaml")))?;
    let file: File = serde_json::from_str(json).unwrap_or_else(|error| unreachable!("{path} is read by a test: {error}"));
    Some(file)
}

/// `3.4` stands before `3.10`, `AC-2` before `AC-10`.
fn by_number(a: &str, b: &str) -> Ordering {
    // Numbers stand before words, and are compared as numbers.
    let key = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        let runs = letters.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
        let part = |run: &[char]| {
            let text: String = run.iter().collect();
            (!run[0].is_ascii_digit(), text.parse::<u64>().unwrap_or_default(), text)
        };
        runs.map(part).collect::<Vec<_>>()
    };
    key(a).cmp(&key(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CIS: &str = "cis-aws-3.0.0";

    #[test]
    fn every_file_can_be_read_and_every_number_of_a_rule_stands_in_its_frameworks_file() {
        let rules = RuleSet::embedded();
        for (path, json) in embedded::FRAMEWORKS {
            let file: File = serde_json::from_str(json).unwrap();
            let name = path.rsplit('/').next().unwrap().strip_suffix(".yaml").unwrap();
            let mut numbers: Vec<&str> = file.recommendations.iter().map(|recommendation| recommendation.number.as_str()).collect();
            assert!(numbers.is_sorted_by(|a, b| by_number(a, b) == Ordering::Less), "{path}: {numbers:?}");
            numbers.sort_unstable();
            for rule in rules.rules() {
                let named = rule.frameworks.get(name).into_iter().flatten();
                let unknown: Vec<&String> = named.filter(|number| numbers.binary_search(&number.as_str()).is_err()).collect();
                assert!(unknown.is_empty(), "{}: {unknown:?} is not in {path}", rule.id);
            }
        }
        let cis = Framework::find(CIS, rules, rules).unwrap();
        assert_eq!(cis.recommendations.len(), 62);
    }

    #[test]
    fn a_defect_is_about_numbers_of_its_rule() {
        for rule in RuleSet::embedded().rules() {
            for (framework, numbers) in &rule.frameworks {
                for (defect, _) in rule.defects() {
                    let own = rule.numbers_of(framework, defect).unwrap_or_default();
                    assert!(own.iter().all(|number| numbers.contains(number)), "{}: {defect}: {framework}: {own:?}", rule.id);
                }
            }
        }
    }

    /// The text with each run of digits, capitals and small letters as one: `AC-2(10)` is `A-9(9)`.
    fn shape(text: &str) -> String {
        let mut shape: Vec<char> = text
            .chars()
            .map(|character| match character {
                '0'..='9' => '9',
                'A'..='Z' => 'A',
                'a'..='z' => 'a',
                other => other,
            })
            .collect();
        shape.dedup();
        shape.into_iter().collect()
    }

    #[test]
    fn numbers_have_the_form_of_their_framework() {
        for rule in RuleSet::embedded().rules() {
            for (framework, numbers) in &rule.frameworks {
                let forms: &[&str] = match framework.as_str() {
                    "aws-security-hub" => &["A9.9", "A.9", "Aa.9", "AaAa.9"],
                    "nist-800-53-r5" => &["A-9", "A-9(9)"],
                    "soc-2" => &["A9.9"],
                    "nist-800-171-r2" | "pci-dss-4.0" | "pci-dss-4.0.1" => &["9.9", "9.9.9", "9.9.9.9", "A9.9.9", "A9.9.9.9"],
                    cis if cis.starts_with("cis-aws-") => &["9.9", "9.9.9"],
                    "aws-config" => {
                        let words = |number: &String| {
                            number.chars().all(|letter| letter == '-' || letter.is_ascii_lowercase() || letter.is_ascii_digit())
                        };
                        assert!(numbers.iter().all(words), "{}: {framework}: {numbers:?}", rule.id);
                        continue;
                    }
                    other => panic!("{}: `{other}` is no framework that is known here", rule.id),
                };
                for number in numbers {
                    assert!(forms.contains(&&*shape(number)), "{}: {framework}: {number}: {}", rule.id, shape(number));
                }
                let mut once = numbers.clone();
                once.sort();
                once.dedup();
                assert_eq!(once.len(), numbers.len(), "{}: {framework}: {numbers:?}", rule.id);
            }
        }
    }

    /// A recommendation has one number in each version, whichever rule names it; and where a rule's defects name their own, none is left over.
    #[test]
    fn rules_of_one_recommendation_agree_on_its_numbers() {
        let versions = |rule: &Rule| {
            rule.frameworks
                .iter()
                .filter(|(name, _)| name.starts_with("cis-aws-"))
                .map(|(name, numbers)| (name.clone(), numbers.clone()))
                .collect::<Vec<_>>()
        };
        let rules = RuleSet::embedded().rules();
        for rule in rules {
            let numbers = rule.frameworks.get(CIS);
            if let Some(first) = rules.iter().find(|first| numbers.is_some() && first.frameworks.get(CIS) == numbers) {
                assert_eq!(versions(first), versions(rule), "{} and {}", first.id, rule.id);
            }
            for (framework, numbers) in &rule.frameworks {
                let mut own: Vec<&String> = rule.defects().filter_map(|(defect, _)| rule.numbers_of(framework, defect)).flatten().collect();
                own.sort();
                let mut all: Vec<&String> = numbers.iter().collect();
                all.sort();
                assert!(own.is_empty() || own == all, "{}: {framework}: {own:?}", rule.id);
            }
        }
    }

    #[test]
    fn numbers_have_an_order() {
        let mut numbers = ["AC-10", "3.10", "AC-2(1)", "3.4", "10.2.1", "AC-2", "A1.2"];
        numbers.sort_by(|a, b| by_number(a, b));
        assert_eq!(numbers, ["3.4", "3.10", "10.2.1", "A1.2", "AC-2", "AC-2(1)", "AC-10"]);
    }

    #[test]
    fn a_framework_without_a_file_is_what_rules_name() {
        let rules = RuleSet::embedded();
        let found = Framework::find("soc-2", rules, rules).unwrap();
        assert!(found.about.is_none() && !found.recommendations.is_empty());
        assert!(found.recommendations.iter().all(|recommendation| !recommendation.rules.is_empty()));
        let error = Framework::find("cis-aws-3.0", rules, rules).unwrap_err();
        assert!(error.starts_with("there is no such framework; did you mean `cis-aws-3.0.0`"), "{error}");
        assert!(Framework::find("x", rules, rules).unwrap_err().contains("there are `"), "no name is near");
    }
}
