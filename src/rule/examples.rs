//! A rule's examples as tests: each is input in one language, and what the rule says of it. Whoever can run the whole pipeline
//! runs them; this only says what to run and whether the answer is right.

use crate::rule::finding::{Finding, Outcome};
use crate::rule::parse::Example;
use std::path::PathBuf;

/// One example in one language.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rule.
    pub rule: String,
    /// The example's name, with the language.
    pub name: String,
    /// The files to analyse.
    pub files: Vec<(PathBuf, String)>,
    /// What the rule must say: the worst of its outcomes; `none` where it says nothing.
    outcome: String,
    says: Option<String>,
}

/// The cases of an example: one for each language that it is given in.
pub fn cases(rule: &str, example: &Example) -> Vec<Case> {
    let extra = || example.files.iter().map(|(path, text)| (PathBuf::from(path), text.clone()));
    let languages = [("terraform", "main.tf", &example.terraform), ("cloudformation", "template.yaml", &example.cloudformation)];
    let given = languages.into_iter().filter_map(|(language, file, text)| {
        let main = text.as_ref().map(|text| (PathBuf::from(file), text.clone()))?;
        Some((language, [main].into_iter().chain(extra()).collect()))
    });
    let mut given: Vec<(&str, Vec<(PathBuf, String)>)> = given.collect();
    if given.is_empty() {
        given.push(("files", extra().collect()));
    }
    let case = |(language, files): (&str, Vec<(PathBuf, String)>)| Case {
        rule: rule.to_owned(),
        name: format!("{} ({language})", example.name),
        files,
        outcome: example.outcome.clone(),
        says: example.says.clone(),
    };
    given.into_iter().map(case).collect()
}

impl Case {
    /// Whether it is to fail: then what is wrong with its text may be the very point.
    pub fn is_to_fail(&self) -> bool {
        self.outcome == Outcome::Fail.name()
    }

    /// What is wrong with the findings that the rule gave; `None` if they are right.
    pub fn wrong(&self, findings: &[Finding]) -> Option<String> {
        let own: Vec<&Finding> = findings.iter().filter(|finding| *finding.rule == *self.rule).collect();
        let worst = own.iter().map(|finding| finding.outcome).min();
        let got = worst.map_or("none", Outcome::name);
        let told =
            || own.iter().fold(String::new(), |told, finding| format!("{told}\n    {}: {}", finding.outcome.name(), finding.message));
        if got != self.outcome {
            return Some(format!("`{}`: expected {}, got {got}{}", self.name, self.outcome, told()));
        }
        let said = |part: &String| own.iter().any(|finding| finding.message.contains(part.as_str()));
        match &self.says {
            Some(part) if !said(part) => Some(format!("`{}`: no message says `{part}`{}", self.name, told())),
            _ => None,
        }
    }
}
