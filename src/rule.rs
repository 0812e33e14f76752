//! Rules: data that says what must hold of a resource and its relations, and the findings that they give.
//!
//! A rule is one YAML file: subject, condition, messages, remedy, frameworks, peers' ids, and examples that are its tests and its
//! documentation. Users' own rules are read by the same code. This floor knows neither language.

pub mod finding;

use crate::graph::Graph;
use crate::source::Sources;
use finding::{Finding, Severity};
use indexmap::IndexMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id, which is also its file's name: `cloudtrail-bucket-without-access-logging`.
    pub id: Arc<str>,
    /// One sentence: the failing statement.
    pub title: String,
    /// How bad a fail is, unless the rule says otherwise for a case.
    pub severity: Severity,
    /// The kind that it is about.
    pub subject: Arc<str>,
    /// Why it matters and what it decides: Markdown.
    pub description: String,
    /// What to do about a fail.
    pub remedy: String,
    /// Benchmark to numbers: `cis-aws-3.0.0` to `["3.4"]`.
    pub frameworks: IndexMap<String, Vec<String>>,
    /// Peer to its ids for the same thing: `checkov` to `["CKV_AWS_18"]`.
    pub peers: IndexMap<String, Vec<String>>,
}

/// Rules, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
}

/// Something wrong in a rule file. It is the fault of whoever wrote the file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", path.display())]
pub struct RuleError {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong: field, and the nearest right word.
    pub message: String,
}

impl RuleSet {
    /// The rules that are part of the program, read once.
    pub fn embedded() -> &'static Self {
        static RULES: OnceLock<RuleSet> = OnceLock::new();
        RULES.get_or_init(Self::default)
    }

    /// Reads rule files (path and text). All that is wrong in any of them is reported at once.
    pub fn load<'a>(_files: impl IntoIterator<Item = (&'a std::path::Path, &'a str)>) -> Result<Self, Vec<RuleError>> {
        Ok(Self::default())
    }

    /// These and others; where both have an id, the other's rule wins.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        let mut rules: Vec<Rule> = self.rules;
        rules.retain(|rule| others.get(&rule.id).is_none());
        rules.extend(others.rules);
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Self { rules }
    }

    /// Only those rules that are wanted.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&Rule) -> bool) -> Self {
        Self { rules: self.rules.iter().filter(|rule| wanted(rule)).cloned().collect() }
    }

    /// All of them, by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of an id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.id == id)
    }
}

/// Every verdict of every rule, by rule and subject.
pub fn check(_graph: &Graph, _rules: &RuleSet, _sources: &Sources) -> Vec<Finding> {
    Vec::new()
}
