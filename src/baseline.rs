//! A baseline: the findings that a team starts from, so that only new ones stop it.
//!
//! An entry is rule, project, addresses and defect (the fingerprint), never a line: it stays when lines move, and does not cover the same
//! address in another project, nor the same subject once it points elsewhere. This file knows text and findings, not where the file lies.

use crate::project::Project;
use crate::rule::finding::{Finding, Outcome, Suppression};
use crate::rule::{Checked, RuleSet};
use crate::source::{TextRange, label};
use crate::suggest;
use serde::de::{Deserialize, Deserializer, Error as _};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The version of the file's form.
pub const SCHEMA_VERSION: u32 = 1;

/// One finding of a baseline.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The project's path as seen from the scan root.
    pub project: String,
    /// The rule.
    pub rule: String,
    /// The subject's address.
    pub address: String,
    /// The other end's address.
    pub resource: Option<String>,
    /// `fail` or `open`.
    #[serde(deserialize_with = "counted_outcome")]
    pub outcome: String,
    /// Rule, address and defect.
    pub fingerprint: String,
}

/// The outcomes that an entry can have.
const OUTCOMES: [&str; 2] = ["fail", "open"];

fn counted_outcome<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let outcome = String::deserialize(deserializer)?;
    if OUTCOMES.contains(&&*outcome) { Ok(outcome) } else { Err(D::Error::unknown_variant(&outcome, &OUTCOMES)) }
}

/// The findings that a team starts from, sorted. One may stand there several times.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    /// The findings.
    pub entries: Vec<Entry>,
}

/// The file as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema_version: u32,
    findings: Vec<Entry>,
}

/// What is wrong in a baseline file, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct BaselineError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in bytes.
    pub column: usize,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

/// What a run is compared over.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The scan root: projects are named as seen from it.
    pub root: &'a Path,
    /// The projects, by their numbers.
    pub projects: &'a [Project],
    /// The applied rules.
    pub rules: &'a RuleSet,
    /// The resolved paths that were asked for.
    pub paths: &'a [PathBuf],
}

impl Baseline {
    /// The fails and opens that nobody asked to leave out.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>, root: &Path, projects: &[Project]) -> Self {
        let counted = |finding: &&Finding| finding.outcome != Outcome::Pass && finding.suppressed.is_none();
        let mut entries: Vec<Entry> = findings.into_iter().filter(counted).map(|finding| entry(finding, root, projects)).collect();
        entries.sort();
        Self { entries }
    }

    /// Reads a baseline file's text.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let written: Written = serde_json::from_str(text).map_err(|error| {
            let (line, column, message) = suggest::of_json(&error);
            BaselineError { line, column, message }
        })?;
        if written.schema_version != SCHEMA_VERSION {
            let before = text.split("\"schema_version\"").next().unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().len() + 1;
            let message = format!("this baseline has schema version {}; this program reads {SCHEMA_VERSION}", written.schema_version);
            return Err(BaselineError { line, column, message });
        }
        let mut entries = written.findings;
        entries.sort();
        Ok(Self { entries })
    }

    /// What its entries name that is no rule (another version's, or a slip), each once and where the file's text first names it.
    pub fn unknown_rules<'a>(&'a self, text: &str, known: &BTreeSet<Arc<str>>) -> Vec<(&'a str, TextRange)> {
        let named: BTreeSet<&str> = self.entries.iter().map(|entry| entry.rule.as_str()).collect();
        let unknown = named.into_iter().filter(|rule| !known.contains(*rule));
        let place =
            |rule: &str| text.find(&format!("\"{rule}\"")).map_or(TextRange::new(0, 0), |at| TextRange::new(at + 1, at + 1 + rule.len()));
        unknown.map(|rule| (rule, place(rule))).collect()
    }

    /// Suppresses the findings that stand in the baseline, each as often as it stands there, and gives back the entries that have been mended:
    /// their rules were applied and met no limit, their projects were looked at, and they were not found.
    pub fn apply(&self, checked: &mut Checked<'_>, scope: Scope<'_>) -> Vec<Entry> {
        let mut left: BTreeMap<&Entry, usize> = BTreeMap::new();
        self.entries.iter().for_each(|entry| *left.entry(entry).or_default() += 1);
        checked.each_not_passed(|finding| {
            let Some(count) = left.get_mut(&entry(finding, scope.root, scope.projects)).filter(|count| **count > 0) else { return };
            *count -= 1;
            finding.suppressed.get_or_insert_with(|| {
                Box::new(Suppression {
                    by: "baseline".into(),
                    reason: "it was there when the baseline was written".into(),
                    owner: None,
                    expires: None,
                    span: None,
                })
            });
        });
        let looked_at = |entry: &Entry| {
            let path = scope.root.join(&entry.project);
            scope.rules.get(&entry.rule).is_some()
                && !checked.is_beyond(&entry.rule)
                && scope.paths.iter().any(|asked| path.starts_with(asked))
        };
        let unmatched = left.into_iter().filter(|(entry, _)| looked_at(entry));
        unmatched.flat_map(|(entry, count)| std::iter::repeat_n(entry.clone(), count)).collect()
    }
}

/// A finding as an entry.
pub fn entry(finding: &Finding, root: &Path, projects: &[Project]) -> Entry {
    let project = projects.get(finding.project.0 as usize).map(|project| label(&project.path, root));
    Entry {
        project: project.unwrap_or_default(),
        rule: finding.rule.to_string(),
        address: finding.subject.address.to_string(),
        resource: finding.resource.as_ref().map(|resource| resource.address.to_string()),
        outcome: finding.outcome.name().to_owned(),
        fingerprint: finding.fingerprint.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Baseline::read(text).unwrap_err().to_string()
    }

    #[test]
    fn slips_are_told_at_their_place() {
        assert_eq!(
            error("{\n  \"schema_version\": 2,\n  \"findings\": []\n}"),
            "2:3: this baseline has schema version 2; this program reads 1"
        );
        assert!(
            error("{\n  \"schema_version\": 1,\n  \"findngs\": []\n}")
                .starts_with("3:11: unknown field `findngs`; did you mean `findings`?")
        );
        assert!(
            error("{\"schema_version\": 1, \"findings\": [{\"outcome\": \"opne\"}]}")
                .ends_with("unknown variant `opne`; did you mean `open`?")
        );
        assert!(error("[").starts_with("1:1"), "{}", error("["));
        assert!(error("").starts_with("1:1: EOF"), "{}", error(""));
        assert!(error("{\"schema_version\": 1, \"findings\": [{}]}").contains("missing field `project`"));
        assert!(Baseline::read("{\"schema_version\": 1, \"findings\": []}").unwrap().entries.is_empty());
    }
}
