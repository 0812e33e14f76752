//! GitLab's Code Quality report: one JSON array, fingerprints unique. It has no word for a run that could not read its input, so that what was wrong
//! with it is listed among the findings.

use crate::diagnostic::{Diagnostic, Level};
use crate::output::place::{Spot, of_diagnostic, spot};
use crate::output::text::inert;
use crate::output::{self, Show};
use crate::rule::finding::{Finding, Outcome, Severity};
use crate::rule::fingerprint::fingerprint;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the listed fails and opens. The report has no word for what is suppressed, so that is not in it.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listed = show.findings().filter(|finding| finding.outcome != Outcome::Pass && finding.suppressed.is_none());
    let mut issues: Vec<Issue<'_>> = listed
        .map(|finding| Issue {
            description: inert(&finding.message).into_owned(),
            check_name: &finding.rule,
            fingerprint: finding.fingerprint.to_string(),
            severity: severity(finding),
            location: location(&spot(show.analysis, finding.location)),
        })
        .collect();
    issues.extend(show.analysis.diagnostics.iter().filter_map(|diagnostic| of_input(show, diagnostic)));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for issue in &mut issues {
        let count = seen.entry(issue.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let _ = write!(issue.fingerprint, "-{count}");
        }
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

/// An error or a warning about a file.
fn of_input<'a>(show: Show<'a>, diagnostic: &Diagnostic) -> Option<Issue<'a>> {
    let severity = match diagnostic.level {
        Level::Error => "critical",
        Level::Warning => "minor",
        Level::Note => return None,
    };
    let at = of_diagnostic(show.analysis, diagnostic)?;
    Some(Issue {
        description: inert(&output::said(diagnostic)).into_owned(),
        check_name: diagnostic.code,
        fingerprint: fingerprint(&[diagnostic.code, &at.path, &diagnostic.message]).to_string(),
        severity,
        location: location(&at),
    })
}

fn location(at: &Spot) -> Location {
    Location { path: inert(&at.path).into_owned(), lines: Lines { begin: at.start.line } }
}

fn severity(finding: &Finding) -> &'static str {
    match (finding.outcome, finding.severity) {
        (Outcome::Fail, Severity::High) => "critical",
        (Outcome::Fail, Severity::Medium) => "major",
        (Outcome::Fail, Severity::Low) => "minor",
        _ => "info",
    }
}
