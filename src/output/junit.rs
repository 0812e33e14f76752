//! JUnit's XML: a test suite a project, a test case for every verdict. An open one is skipped, with what would settle it. What could not be read
//! is a test case with an error, in a suite of its own: without it, a project that nobody could judge would look like one without faults.

use crate::diagnostic::{Diagnostic, Level};
use crate::output::place::{of_diagnostic, spot};
use crate::output::text::inert;
use crate::output::{self, Listed, Show};
use crate::rule::finding::{Finding, Outcome};
use std::io::{self, Write};

/// Writes the suites. Verdicts that are not listed are not there.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"trailwarden\">")?;
    for analyzed in &show.analysis.projects {
        let findings: Vec<&Finding> = show.findings().filter(|finding| finding.project == analyzed.project.id).collect();
        let count = |kind: Listed| findings.iter().filter(|finding| Listed::of(finding) == kind).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" errors=\"0\">",
            escaped(&analyzed.project.label),
            findings.len(),
            count(Listed::Fail),
            count(Listed::Open) + count(Listed::Suppressed)
        )?;
        for finding in findings {
            case(show, finding, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    errors(show, out)?;
    writeln!(out, "</testsuites>")
}

/// What was wrong with the input, if anything was.
fn errors(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    let errors: Vec<&Diagnostic> = show.analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).collect();
    if errors.is_empty() {
        return Ok(());
    }
    writeln!(out, "  <testsuite name=\"input\" tests=\"{0}\" failures=\"0\" skipped=\"0\" errors=\"{0}\">", errors.len())?;
    for diagnostic in errors {
        let at = of_diagnostic(show.analysis, diagnostic);
        let name =
            at.as_ref().map_or_else(|| diagnostic.code.to_owned(), |at| format!("{}:{}:{}", at.path, at.start.line, at.start.column));
        let place = at.map(|at| format!(" file=\"{}\" line=\"{}\"", escaped(&at.path), at.start.line)).unwrap_or_default();
        writeln!(out, "    <testcase classname=\"{0}\" name=\"{1}\"{place}>", diagnostic.code, escaped(&name))?;
        writeln!(out, "      <error type=\"{}\" message=\"{}\"/>", diagnostic.code, escaped(&output::said(diagnostic)))?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

fn case(show: Show<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let at = spot(show.analysis, finding.location);
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\"",
        escaped(&finding.rule),
        escaped(&finding.subject.address),
        escaped(&at.path),
        at.start.line
    );
    if let Some(suppression) = &finding.suppressed {
        let message = output::suppression(show.analysis, suppression);
        return writeln!(out, "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>", escaped(&message));
    }
    match finding.outcome {
        Outcome::Pass => writeln!(out, "{head}/>"),
        Outcome::Open => {
            writeln!(out, "{head}>")?;
            let settle: Vec<String> = finding.unknown.iter().map(|unknown| format!("{}: {}", unknown.message, unknown.settle)).collect();
            let message = [vec![finding.message.clone()], settle].concat().join("; ");
            writeln!(out, "      <skipped message=\"{}\"/>\n    </testcase>", escaped(&message))
        }
        Outcome::Fail => {
            writeln!(out, "{head}>")?;
            writeln!(out, "      <failure type=\"{}\" message=\"{}\">", finding.severity.name(), escaped(&finding.message))?;
            writeln!(out, "{}:{}:{}: {}", escaped(&at.path), at.start.line, at.start.column, escaped(&finding.label))?;
            for hop in &finding.evidence {
                let at = spot(show.analysis, hop.span);
                writeln!(out, "{}:{}:{}: {}", escaped(&at.path), at.start.line, at.start.column, escaped(&hop.message))?;
            }
            writeln!(out, "      </failure>\n    </testcase>")
        }
    }
}

/// Text for XML, attributes included.
fn escaped(text: &str) -> String {
    inert(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}
