//! What a run found, in the forms that people and programs read. One file a form.
//!
//! A form is given the whole analysis and what to show of it, and writes text. Names, paths and source lines come from strangers: each
//! form makes them inert in its own way.

pub mod baseline;
pub mod concise;
pub mod coverage;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod markdown;
pub mod page;
pub mod place;
pub mod sarif;
pub mod snippet;
pub mod story;
pub mod summary;
#[cfg(test)]
mod tests;
pub mod text;
pub mod value;

use crate::analysis::Analysis;
use crate::config::OpenAs;
use crate::diagnostic::Diagnostic;
use crate::framework::{Coverage, Row};
use crate::rule::RuleSet;
use crate::rule::finding::{Finding, Outcome, Suppression};
use std::io::{self, Write};

/// A form of output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Format {
    /// For people: source lines, labels, the chain of proof.
    Full,
    /// A line a finding.
    Concise,
    /// The frozen machine-readable contract.
    Json,
    /// A line of JSON a finding and a project.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// Markdown, for comments and step summaries.
    Markdown,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 9] =
        [Self::Full, Self::Concise, Self::Json, Self::Jsonl, Self::Sarif, Self::Github, Self::Gitlab, Self::Junit, Self::Markdown];

    /// Whether it shows what would mend a finding.
    pub fn shows_fixes(self) -> bool {
        match self {
            Self::Full | Self::Json | Self::Jsonl | Self::Sarif => true,
            Self::Concise | Self::Github | Self::Gitlab | Self::Junit | Self::Markdown => false,
        }
    }

    /// Its name in options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
        }
    }
}

/// A kind of finding that can be listed or not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Listed {
    /// Rules that hold.
    Pass,
    /// Rules that are broken.
    Fail,
    /// Rules of which it is not known.
    Open,
    /// Findings that are not counted, whatever their outcome.
    Suppressed,
}

impl Listed {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Fail, Self::Open, Self::Suppressed];

    /// Its name in `--show`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Open => "open",
            Self::Suppressed => "suppressed",
        }
    }

    /// The kind of a finding.
    pub fn of(finding: &Finding) -> Self {
        match (&finding.suppressed, finding.outcome) {
            (Some(_), _) => Self::Suppressed,
            (None, Outcome::Pass) => Self::Pass,
            (None, Outcome::Fail) => Self::Fail,
            (None, Outcome::Open) => Self::Open,
        }
    }
}

/// What of a run is shown.
#[derive(Clone, Copy, Debug)]
pub struct Show<'a> {
    /// The run.
    pub analysis: &'a Analysis,
    /// The kinds of findings that are listed.
    pub kinds: &'a [Listed],
    /// What an open finding counts as.
    pub open: OpenAs,
    /// The rules, for reports that describe them.
    pub rules: &'a RuleSet,
    /// How a framework is met, where the run is about one.
    pub coverage: Option<&'a Coverage>,
}

impl<'a> Show<'a> {
    /// What counts of a run.
    pub fn of(analysis: &'a Analysis, rules: &'a RuleSet) -> Self {
        Self { analysis, kinds: &[Listed::Fail, Listed::Open], open: OpenAs::Note, rules, coverage: None }
    }

    /// The listed findings, in their order.
    pub fn findings(self) -> impl Iterator<Item = &'a Finding> {
        self.analysis.findings.iter().filter(move |finding| self.kinds.contains(&Listed::of(finding)))
    }

    /// The listed findings by the recommendation that they are about, the first of several; all of them in one group where no framework was asked for.
    pub fn groups(self) -> Vec<(Option<&'a Row>, Vec<&'a Finding>)> {
        let Some(coverage) = self.coverage else { return vec![(None, self.findings().collect())] };
        let mut groups: Vec<(Option<&'a Row>, Vec<&'a Finding>)> = coverage.rows.iter().map(|row| (Some(row), Vec::new())).collect();
        for finding in self.findings() {
            if let Some(at) = coverage.rows.iter().position(|row| row.is_about(finding)) {
                groups[at].1.push(finding);
            }
        }
        groups.retain(|(_, findings)| !findings.is_empty());
        groups
    }
}

/// The first word on a finding: a fail's severity, everything else's outcome.
pub fn word(finding: &Finding) -> &'static str {
    match Listed::of(finding) {
        Listed::Fail => finding.severity.name(),
        kind => kind.name(),
    }
}

/// Who asked to leave a finding out, where and why: `suppressed by comment (main.tf:3): holds no evidence; owner platform, until 2026-12-31`.
pub fn suppression(analysis: &Analysis, suppression: &Suppression) -> String {
    let at = suppression.span.map(|span| place::spot(analysis, span)).map(|at| format!(" ({}:{})", at.path, at.start.line));
    let reason = if suppression.reason.is_empty() { "no reason given" } else { &suppression.reason };
    let owner = suppression.owner.as_ref().map(|owner| format!("owner {owner}"));
    let expires = suppression.expires.as_ref().map(|expires| format!("until {expires}"));
    let more: Vec<String> = owner.into_iter().chain(expires).collect();
    let more = if more.is_empty() { String::new() } else { format!("; {}", more.join(", ")) };
    format!("suppressed by {}{}: {reason}{more}", suppression.by, at.unwrap_or_default())
}

/// What a diagnostic says, with what would help: `there is no rule `a`; did you mean `b`?`.
pub fn said(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// How text for people is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether colours are written; a stream that wants none strips them again.
    pub color: bool,
    /// Whether frames are drawn with more than ASCII.
    pub unicode: bool,
    /// Columns to wrap at.
    pub width: usize,
}

/// Writes a run in a form.
pub fn write(format: Format, show: Show<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Full => human::write(show, style, out),
        Format::Concise => concise::write(show, out),
        Format::Json => json::write(show, out),
        Format::Jsonl => jsonl::write(show, out),
        Format::Sarif => sarif::write(show, out),
        Format::Github => github::write(show, out),
        Format::Gitlab => gitlab::write(show, out),
        Format::Junit => junit::write(show, out),
        Format::Markdown => markdown::write(show, out),
    }
}
