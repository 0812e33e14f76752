//! `trailwarden.toml`: what a team decides once for a repository. The command line beats it.
//!
//! This file reads text and knows neither where the file lies nor what the command line says.

mod limits;

use crate::calendar::Date;
use crate::limits::Limit;
use crate::project::Facts;
use crate::rule::finding::Severity;
use crate::source::TextRange;
use crate::suggest;
use crate::suppress::Exception;
use limits::WrittenLimits;
use std::path::PathBuf;
use toml::Spanned;

/// The names under which a config file is looked for, the first one first.
pub const NAMES: [&str; 2] = ["trailwarden.toml", ".trailwarden.toml"];

/// What a config file says. What it does not say is `None` or empty.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Apply only these rules.
    pub select: Vec<String>,
    /// Do not apply these rules.
    pub ignore: Vec<String>,
    /// Leave out findings below this severity.
    pub min_severity: Option<Severity>,
    /// Exit with 1 from this severity on.
    pub fail_on: Option<FailOn>,
    /// What an open finding counts as.
    pub open: Option<OpenAs>,
    /// Treat inputs that have a default as unknown too.
    pub strict: bool,
    /// Directories with more rules, relative to the file.
    pub rules: Vec<Spanned<PathBuf>>,
    /// The baseline, relative to the file.
    pub baseline: Option<PathBuf>,
    /// What suppressions must keep to.
    pub suppressions: Suppressions,
    /// Findings that the team decided to live with.
    pub exceptions: Vec<Exception>,
    /// What the team knows and the code does not say.
    pub facts: Facts,
    /// How much of everything is looked at: whoever reads the file knows whether it may say so.
    pub limits: Vec<(Limit, Spanned<u64>)>,
    /// Every rule that the file names, and where, in bytes.
    named: Vec<(String, usize)>,
}

/// What suppressions must keep to: `[suppressions]`.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Suppressions {
    /// Whether comments and metadata count.
    pub comments: Option<bool>,
    /// Whether other tools' comments count.
    pub peers: Option<bool>,
    /// The longest that one may last, in days.
    pub max_days: Option<u32>,
    /// Whether each must name an owner.
    pub owner_required: bool,
}

/// From which severity on the exit code is 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailOn {
    /// From this one on.
    Severity(Severity),
    /// From none on.
    Never,
}

impl FailOn {
    /// Every choice by its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("note", Self::Severity(Severity::Note)),
        ("low", Self::Severity(Severity::Low)),
        ("medium", Self::Severity(Severity::Medium)),
        ("high", Self::Severity(Severity::High)),
        ("never", Self::Never),
    ];
}

/// What an open finding counts as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenAs {
    /// Listed; the exit code does not change.
    Note,
    /// Listed as a warning; the exit code does not change.
    Warn,
    /// It counts as a finding of its rule's severity.
    Fail,
    /// Not listed.
    Hide,
}

impl OpenAs {
    /// Every choice by its name.
    pub const ALL: [(&'static str, Self); 4] = [("note", Self::Note), ("warn", Self::Warn), ("fail", Self::Fail), ("hide", Self::Hide)];
}

/// The severities by their names.
pub const SEVERITIES: [(&str, Severity); 4] =
    [("note", Severity::Note), ("low", Severity::Low), ("medium", Severity::Medium), ("high", Severity::High)];

/// The file as written.
#[derive(serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    select: Vec<Spanned<String>>,
    ignore: Vec<Spanned<String>>,
    min_severity: Option<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    open: Option<Spanned<String>>,
    strict: bool,
    rules: Vec<Spanned<PathBuf>>,
    baseline: Option<PathBuf>,
    suppressions: Suppressions,
    #[serde(rename = "exception")]
    exceptions: Vec<Spanned<WrittenException>>,
    facts: Facts,
    limits: WrittenLimits,
}

/// An exception as written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenException {
    rule: Spanned<String>,
    address: String,
    project: Option<String>,
    reason: Spanned<String>,
    owner: Option<String>,
    expires: Option<Spanned<WrittenDate>>,
}

/// A date of TOML, or the same as a text.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum WrittenDate {
    Date(toml::value::Datetime),
    Text(String),
}

/// What is wrong in a config file, and where. It is the fault of whoever wrote the file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in code points.
    pub column: usize,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

impl ConfigError {
    /// What is wrong at a byte of the file's text.
    pub fn at(text: &str, offset: usize, message: String) -> Self {
        let before = &text[..offset.min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, message }
    }

    fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        let message = error.message().lines().next().unwrap_or_default();
        Self::at(text, error.span().map_or(0, |span| span.start), suggest::of_serde(message))
    }
}

impl Config {
    /// Reads a config file's text.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        let written: Written = toml::from_str(text).map_err(|error| ConfigError::of_toml(text, &error))?;
        let excepted = written.exceptions.iter().map(|exception| &exception.get_ref().rule);
        let named = written.select.iter().chain(&written.ignore).chain(excepted);
        let named = named.map(|rule| (rule.get_ref().clone(), rule.span().start)).collect();
        let ids = |rules: Vec<Spanned<String>>| rules.into_iter().map(Spanned::into_inner).collect();
        Ok(Self {
            named,
            select: ids(written.select),
            ignore: ids(written.ignore),
            min_severity: choose(text, written.min_severity, &SEVERITIES)?,
            fail_on: choose(text, written.fail_on, &FailOn::ALL)?,
            open: choose(text, written.open, &OpenAs::ALL)?,
            strict: written.strict,
            rules: written.rules,
            baseline: written.baseline,
            suppressions: written.suppressions,
            exceptions: written.exceptions.into_iter().map(|written| exception(text, written)).collect::<Result<_, _>>()?,
            facts: written.facts,
            limits: written.limits.check(text)?,
        })
    }

    /// An error for a rule that the file names and that there is not.
    pub fn check_rules<'a>(&self, text: &str, known: impl Iterator<Item = &'a str> + Clone) -> Result<(), ConfigError> {
        let Some((unknown, at)) = self.named.iter().find(|(named, _)| known.clone().all(|id| id != named)) else { return Ok(()) };
        let hint = suggest::nearest(unknown, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(ConfigError::at(text, *at, format!("there is no rule `{unknown}`{hint}")))
    }
}

/// An exception with a reason, whose date is one.
fn exception(text: &str, written: Spanned<WrittenException>) -> Result<Exception, ConfigError> {
    let range = written.span();
    let written = written.into_inner();
    if written.reason.get_ref().trim().is_empty() {
        return Err(ConfigError::at(
            text,
            written.reason.span().start,
            "an exception needs a reason: without one, nobody can judge it later".into(),
        ));
    }
    let expires = written.expires.map(|expires| {
        let shown = match expires.get_ref() {
            WrittenDate::Date(date) => date.to_string(),
            WrittenDate::Text(date) => date.clone(),
        };
        let wrong = || ConfigError::at(text, expires.span().start, format!("`{shown}` is no day of the form `YYYY-MM-DD`"));
        Date::parse(&shown).ok_or_else(wrong)
    });
    Ok(Exception {
        rule: written.rule.into_inner(),
        address: written.address,
        project: written.project,
        reason: written.reason.into_inner(),
        owner: written.owner,
        expires: expires.transpose()?,
        range: TextRange::new(range.start, range.end),
    })
}

/// Facts in TOML, as they stand in a file of their own.
pub fn read_facts(text: &str) -> Result<Facts, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::of_toml(text, &error))
}

fn choose<T: Copy>(text: &str, written: Option<Spanned<String>>, choices: &[(&str, T)]) -> Result<Option<T>, ConfigError> {
    let Some(written) = written else { return Ok(None) };
    if let Some((_, value)) = choices.iter().find(|(name, _)| name == written.get_ref()) {
        return Ok(Some(*value));
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let hint = suggest::nearest(written.get_ref(), names.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
    let message = format!("`{}` is not one of {}{}", written.get_ref(), names.join(", "), hint.unwrap_or_default());
    Err(ConfigError::at(text, written.span().start, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_a_team_decided() {
        let config = Config::read(
            "fail-on = \"never\"\nmin-severity = \"low\"\nignore = [\"a\"]\n\n[facts]\nregion = \"eu-west-1\"\n\n[[facts.bucket]]\nname = \"central\"\naccess_logging = true\n",
        )
        .unwrap();
        assert_eq!(config.fail_on, Some(FailOn::Never));
        assert_eq!(config.min_severity, Some(Severity::Low));
        assert_eq!(config.ignore, ["a"]);
        assert_eq!(config.facts.region.as_deref(), Some("eu-west-1"));
        assert_eq!(config.facts.buckets[0].access_logging, Some(true));
        assert_eq!(config.open, None);
    }

    #[test]
    fn a_slip_is_told_with_its_place() {
        let error = |text: &str| Config::read(text).unwrap_err().to_string();
        assert_eq!(error("# größe\nselekt = []\n"), "2:1: unknown field `selekt`; did you mean `select`?");
        assert_eq!(error("fail-on = \"hihg\"\n"), "1:11: `hihg` is not one of note, low, medium, high, never; did you mean `high`?");
        assert_eq!(error("strict = 1\n"), "1:10: invalid type: integer `1`, expected a boolean");
        assert_eq!(error("[facts]\nregoin = \"x\"\n"), "2:1: unknown field `regoin`; did you mean `region`?");
        assert!(error("strict = \n").starts_with("1:"), "{}", error("strict = \n"));
    }
}
