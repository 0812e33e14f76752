//! Reading rule files. The program's own and a user's go the same way; a user's errors name file, line, column, field and the nearest right word.

use crate::rule::parse::{Example, RuleFile};
use crate::rule::{Rule, RuleSet};
use crate::suggest::nearest;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
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

/// The program's own rules, which were turned into JSON when it was built. Their examples are left for whoever asks, since every run pays for what is read here.
pub fn embedded() -> Result<RuleSet, Vec<RuleError>> {
    let mut rules = Vec::with_capacity(embedded::RULES.len());
    for (path, json, text) in embedded::RULES {
        let file: Result<RuleFile, _> = serde_json::from_str(json);
        let rule = file.map_err(|error| RuleError { path: path.into(), line: 1, column: 1, message: error.to_string() });
        rules.push(rule.and_then(|file| made_of(Path::new(path), text, file)).map_err(|error| vec![error])?);
    }
    rules.sort_by(|a: &Rule, b: &Rule| a.id.cmp(&b.id));
    Ok(RuleSet { rules })
}

/// A user's rules.
pub fn files<'a>(files: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Result<RuleSet, Vec<RuleError>> {
    let (mut rules, mut errors): (Vec<Rule>, Vec<RuleError>) = (Vec::new(), Vec::new());
    for (path, text) in files {
        match read(path, text) {
            Ok(rule) if rules.iter().any(|known| known.id == rule.id) => {
                errors.push(RuleError {
                    path: path.to_owned(),
                    line: 1,
                    column: 1,
                    message: format!("rule `{}` is in two files", rule.id),
                });
            }
            Ok(rule) => rules.push(rule),
            Err(error) => errors.push(error),
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    if errors.is_empty() { Ok(RuleSet { rules }) } else { Err(errors) }
}

/// The examples of a rule's text.
pub fn examples(text: &str) -> Vec<Example> {
    #[derive(Deserialize)]
    struct Only {
        #[serde(default)]
        examples: Vec<Example>,
    }
    serde_yaml::from_str::<Only>(text).map(|only| only.examples).unwrap_or_default()
}

fn read(path: &Path, text: &str) -> Result<Rule, RuleError> {
    made_of(path, text, serde_yaml::from_str(text).map_err(|error| explain(path, &error))?)
}

fn made_of(path: &Path, text: &str, file: RuleFile) -> Result<Rule, RuleError> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if *file.id != *name {
        return Err(RuleError {
            path: path.to_owned(),
            line: 1,
            column: 1,
            message: format!("rule `{}` stands in a file of another name", file.id),
        });
    }
    Ok(Rule {
        id: file.id,
        title: file.title,
        severity: file.severity,
        subject: file.subject,
        description: file.description,
        remedy: file.remedy,
        frameworks: file.frameworks,
        peers: file.peers,
        severity_when: file.severity_when,
        also_subject: file.also_subject,
        outside_with: file.outside_with,
        follow: file.follow,
        applies_when: file.applies_when,
        fails_when: file.fails_when,
        passes: file.passes,
        open: file.open,
        shows: file.shows,
        text: Arc::from(text),
    })
}

/// An error of the reader with its place and, where a word is not one of those that may stand there, the nearest that is.
fn explain(path: &Path, error: &serde_yaml::Error) -> RuleError {
    let (line, column) = error.location().map_or((1, 1), |location| (location.line(), location.column()));
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let mut message = said.to_owned();
    if let [wrong, right @ ..] = quoted.as_slice()
        && said.contains("unknown")
        && let Some(near) = nearest(wrong, right.iter().copied())
    {
        message = format!("{}, did you mean `{near}`?", said.split(',').next().unwrap_or(said));
    }
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    RuleError { path: path.to_owned(), line: number(line), column: number(column), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_rule_can_be_read() {
        let rules = embedded().unwrap();
        for rule in rules.rules() {
            assert!(crate::graph::Catalog::embedded().kind(&rule.subject).is_some(), "{}: {}", rule.id, rule.subject);
            assert!(!rule.examples().is_empty(), "{} has no example", rule.id);
        }
    }
}
