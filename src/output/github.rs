//! Annotations for GitHub Actions: workflow commands on standard output.
//!
//! The runner shows ten of a level in a step, so the worst come first and the last says how many were left out. What strangers wrote is
//! escaped as the runner's own toolkit does it, so that a name cannot become a command.

use crate::config::OpenAs;
use crate::diagnostic::Level;
use crate::output::place::{Spot, of_diagnostic, spot};
use crate::output::text::inert;
use crate::output::{self, Listed, Show};
use crate::rule::finding::{Finding, Outcome, Severity};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Annotations of one level that a step shows.
const MAX_OF_LEVEL: usize = 10;
/// Characters of a message that are kept.
const MAX_MESSAGE: usize = 4_096;

/// The level of an annotation, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Command {
    Error,
    Warning,
    Notice,
}

impl Command {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

struct Annotation {
    command: Command,
    spot: Option<Spot>,
    title: String,
    message: String,
}

/// Writes the annotations.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut annotations: Vec<Annotation> = show.findings().filter_map(|finding| annotation(show, finding)).collect();
    annotations.extend(show.analysis.diagnostics.iter().filter_map(|diagnostic| {
        let command = match diagnostic.level {
            Level::Error => Command::Error,
            Level::Warning => Command::Warning,
            Level::Note => return None,
        };
        Some(Annotation {
            command,
            spot: of_diagnostic(show.analysis, diagnostic),
            title: diagnostic.code.to_owned(),
            message: output::said(diagnostic),
        })
    }));
    annotations.sort_by_key(|annotation| annotation.command);
    let mut left_out: BTreeMap<Command, usize> = BTreeMap::new();
    let mut written: BTreeMap<Command, usize> = BTreeMap::new();
    let count = |command: Command| annotations.iter().filter(|annotation| annotation.command == command).count();
    for annotation in &annotations {
        // The last place of a level that has too many is for the line that says so.
        let room = if count(annotation.command) > MAX_OF_LEVEL { MAX_OF_LEVEL - 1 } else { MAX_OF_LEVEL };
        let so_far = written.entry(annotation.command).or_default();
        if *so_far >= room {
            *left_out.entry(annotation.command).or_default() += 1;
            continue;
        }
        *so_far += 1;
        writeln!(out, "{}", line(annotation))?;
    }
    let suppressed = show.analysis.summary.suppressed;
    if suppressed > 0 && !show.kinds.contains(&Listed::Suppressed) {
        let verb = if suppressed == 1 { "finding is" } else { "findings are" };
        writeln!(out, "::notice title=trailwarden::{suppressed} {verb} suppressed; `--show suppressed` lists who asked for it and why")?;
    }
    for (command, count) in left_out {
        writeln!(out, "::{} title=trailwarden::{count} more of this level are not shown here", command.name())?;
    }
    Ok(())
}

fn annotation(show: Show<'_>, finding: &Finding) -> Option<Annotation> {
    let command = match (finding.outcome, finding.severity, show.open) {
        (Outcome::Pass, ..) => return None,
        _ if finding.suppressed.is_some() => Command::Notice,
        (Outcome::Fail, Severity::High, _) | (Outcome::Open, _, OpenAs::Fail) => Command::Error,
        (Outcome::Fail, Severity::Medium, _) | (Outcome::Open, _, OpenAs::Warn) => Command::Warning,
        (Outcome::Fail | Outcome::Open, ..) => Command::Notice,
    };
    let mut message = finding.message.clone();
    for hop in &finding.evidence {
        let at = spot(show.analysis, hop.span);
        let _ = write!(message, "\n{}:{}: {}", at.path, at.start.line, hop.message);
    }
    if let Some(suppression) = &finding.suppressed {
        let _ = write!(message, "\n{}", output::suppression(show.analysis, suppression));
    }
    for unknown in &finding.unknown {
        let _ = write!(message, "\nnot known: {}; to settle: {}", unknown.message, unknown.settle);
    }
    Some(Annotation { command, spot: Some(spot(show.analysis, finding.location)), title: finding.rule.to_string(), message })
}

fn line(annotation: &Annotation) -> String {
    let mut properties = Vec::new();
    if let Some(spot) = &annotation.spot {
        properties.push(format!("file={}", property(&spot.path)));
        properties.push(format!("line={},endLine={}", spot.start.line, spot.end.line));
        properties.push(format!("col={},endColumn={}", spot.start.column, spot.end.column));
    }
    properties.push(format!("title={}", property(&annotation.title)));
    let mut message: String = annotation.message.chars().take(MAX_MESSAGE).collect();
    if message.len() < annotation.message.len() {
        message.push('…');
    }
    format!("::{} {}::{}", annotation.command.name(), properties.join(","), data(&message))
}

/// The message of a command: lines stay, everything else that could act is shown.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| inert(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_commands() {
        assert_eq!(property("a,b:c%\r\n::error::x"), "a%2Cb%3Ac%25\\u{d}%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(data("100%\n::set-output name=x::y"), "100%25%0A::set-output name=x::y");
    }
}
