//! GitLab's Code Quality report: one JSON array, fingerprints unique.

use crate::output::Show;
use crate::output::place::spot;
use crate::output::text::inert;
use crate::rule::finding::{Finding, Outcome, Severity};
use serde::Serialize;
use std::collections::BTreeMap;
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
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let listed = show.findings().filter(|finding| finding.outcome != Outcome::Pass && finding.suppressed.is_none());
    let issues: Vec<Issue<'_>> = listed
        .map(|finding| {
            let count = seen.entry(&finding.fingerprint).or_default();
            *count += 1;
            let fingerprint = if *count == 1 { finding.fingerprint.clone() } else { format!("{}-{count}", finding.fingerprint) };
            let at = spot(show.analysis, finding.location);
            let location = Location { path: inert(&at.path).into_owned(), lines: Lines { begin: at.start.line } };
            Issue {
                description: inert(&finding.message).into_owned(),
                check_name: &finding.rule,
                fingerprint,
                severity: severity(finding),
                location,
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn severity(finding: &Finding) -> &'static str {
    match (finding.outcome, finding.severity) {
        (Outcome::Fail, Severity::High) => "critical",
        (Outcome::Fail, Severity::Medium) => "major",
        (Outcome::Fail, Severity::Low) => "minor",
        _ => "info",
    }
}
