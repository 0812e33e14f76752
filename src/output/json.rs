//! The machine-readable contract, `schema_version: 1`. Its structs are frozen: a field may be added, none may change or go.
//!
//! They are its own, so that no change of a core type can change the contract unseen. JSON escapes what strangers wrote.

use crate::analysis::Analysis;
use crate::baseline::Entry;
use crate::diagnostic::{Diagnostic, Place};
use crate::output::Show;
use crate::output::coverage::{self, CoverageOut};
use crate::output::text::is_active;
use crate::rule::finding::{Applicability, Edit, Evidence, Finding, Fix, Named, Suppression, Tried, UnknownCause};
use crate::source::{Position, Span, label};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The version of the contract.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    tool: Tool,
    projects: Vec<ProjectOut<'a>>,
    findings: Vec<FindingOut<'a>>,
    diagnostics: Vec<DiagnosticOut<'a>>,
    summary: SummaryOut,
    baseline: Option<BaselineOut<'a>>,
    /// Only where a framework was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<CoverageOut<'a>>,
}

#[derive(Serialize)]
struct BaselineOut<'a> {
    new: usize,
    still: usize,
    fixed: Vec<FixedOut<'a>>,
}

#[derive(Serialize)]
struct FixedOut<'a> {
    rule: &'a str,
    project: &'a str,
    address: &'a str,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct ProjectOut<'a> {
    path: &'a str,
    frontend: &'static str,
    resources: usize,
    files: usize,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    rule: &'a str,
    severity: &'static str,
    outcome: &'static str,
    suppressed: Option<SuppressionOut<'a>>,
    project: &'a str,
    frontend: &'static str,
    subject: NamedOut<'a>,
    resource: Option<NamedOut<'a>>,
    message: &'a str,
    unknown: Vec<UnknownOut<'a>>,
    scenarios: Vec<ScenarioOut<'a>>,
    location: Location,
    evidence: Vec<EvidenceOut<'a>>,
    remedy: Option<&'a str>,
    fingerprint: String,
    fixes: Vec<FixOut<'a>>,
}

#[derive(Serialize)]
struct SuppressionOut<'a> {
    by: &'a str,
    reason: &'a str,
    owner: Option<&'a str>,
    expires: Option<&'a str>,
    #[serde(flatten)]
    location: Option<Location>,
}

#[derive(Serialize)]
struct NamedOut<'a> {
    kind: &'a str,
    address: &'a str,
    #[serde(rename = "type")]
    type_name: &'a str,
    file: String,
    line: u32,
}

#[derive(Serialize)]
struct UnknownOut<'a> {
    cause: &'a str,
    file: Option<String>,
    line: Option<u32>,
    settle: &'a str,
}

#[derive(Serialize)]
struct ScenarioOut<'a> {
    when: BTreeMap<&'a str, &'a str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UnknownOut<'a>>,
}

#[derive(Serialize)]
struct Location {
    file: String,
    start: PositionOut,
    end: PositionOut,
}

#[derive(Serialize)]
struct PositionOut {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct EvidenceOut<'a> {
    role: &'static str,
    #[serde(flatten)]
    location: Location,
    message: &'a str,
}

#[derive(Serialize)]
struct FixOut<'a> {
    applicability: &'static str,
    title: &'a str,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    #[serde(flatten)]
    location: Location,
    replacement: &'a str,
}

#[derive(Serialize)]
struct DiagnosticOut<'a> {
    level: &'static str,
    code: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    file: Option<String>,
    start: Option<PositionOut>,
    end: Option<PositionOut>,
}

#[derive(Serialize)]
struct SummaryOut {
    pass: usize,
    fail: usize,
    open: usize,
    suppressed: usize,
    files: usize,
    resources: usize,
    /// Only where a change was asked about: fails and opens that were there before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    outside_of_change: Option<usize>,
}

/// Writes the report and a line feed.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&report(show))?;
    writeln!(out, "{}", escaped(&text))
}

/// The listed findings and all projects, each as one line of JSON; then diagnostics, and the framework that was asked for.
pub fn lines(show: Show<'_>) -> io::Result<Vec<String>> {
    let report = report(show);
    let line = |kind: &str, text: String| escaped(&format!("{{\"type\":\"{kind}\",{}", &text[1..])).into_owned();
    let mut lines = Vec::with_capacity(report.findings.len() + report.projects.len());
    for finding in &report.findings {
        lines.push(line("finding", serde_json::to_string(finding)?));
    }
    for project in &report.projects {
        lines.push(line("project", serde_json::to_string(project)?));
    }
    for diagnostic in &report.diagnostics {
        lines.push(line("diagnostic", serde_json::to_string(diagnostic)?));
    }
    if let Some(coverage) = &report.framework {
        lines.push(line("framework", serde_json::to_string(coverage)?));
    }
    Ok(lines)
}

/// The same JSON with what could move a terminal written as escapes. Such characters stand in strings only; the line feeds are ours.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|character| character != '\n' && is_active(character)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if character == '\n' || !is_active(character) {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    Cow::Owned(out)
}

fn report(show: Show<'_>) -> Report<'_> {
    let analysis = show.analysis;
    let places = Places { analysis };
    let summary = analysis.summary;
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        projects: analysis
            .projects
            .iter()
            .map(|analyzed| ProjectOut {
                path: &analyzed.project.label,
                frontend: analyzed.project.kind.frontend(),
                resources: analyzed.resources,
                files: analyzed.files,
            })
            .collect(),
        findings: show.findings().map(|finding| places.finding(finding)).collect(),
        diagnostics: analysis.diagnostics.iter().map(|diagnostic| places.diagnostic(diagnostic)).collect(),
        summary: SummaryOut {
            pass: summary.pass,
            fail: summary.fail,
            open: summary.open,
            suppressed: summary.suppressed,
            files: summary.files,
            resources: summary.resources,
            outside_of_change: analysis.left_out.map(|left_out| left_out.findings),
        },
        baseline: analysis.compared.as_ref().map(|compared| BaselineOut {
            new: compared.new,
            still: compared.still,
            fixed: compared.fixed.iter().map(fixed).collect(),
        }),
        framework: coverage::out(show),
    }
}

fn fixed(entry: &Entry) -> FixedOut<'_> {
    FixedOut { rule: &entry.rule, project: &entry.project, address: &entry.address, fingerprint: &entry.fingerprint }
}

impl From<Position> for PositionOut {
    fn from(position: Position) -> Self {
        Self { line: position.line, column: position.column }
    }
}

/// Turns spans into places.
struct Places<'a> {
    analysis: &'a Analysis,
}

impl<'a> Places<'a> {
    fn location(&self, span: Span) -> Location {
        let (start, end) = self.analysis.sources.positions(span);
        Location { file: self.file(span), start: start.into(), end: end.into() }
    }

    fn file(&self, span: Span) -> String {
        label(&self.analysis.sources.get(span.file).path, &self.analysis.working_directory)
    }

    fn line(&self, span: Span) -> u32 {
        self.analysis.sources.positions(span).0.line
    }

    fn finding(&self, finding: &'a Finding) -> FindingOut<'a> {
        let project = self.analysis.project(finding.project);
        let primary = EvidenceOut { role: "primary", location: self.location(finding.location), message: &finding.label };
        let related = |hop: &'a Evidence| EvidenceOut { role: "related", location: self.location(hop.span), message: &hop.message };
        FindingOut {
            rule: &finding.rule,
            severity: finding.severity.name(),
            outcome: finding.outcome.name(),
            suppressed: finding.suppressed.as_ref().map(|suppression| self.suppression(suppression)),
            project: &project.label,
            frontend: project.kind.frontend(),
            subject: self.named(&finding.subject),
            resource: finding.resource.as_ref().map(|resource| self.named(resource)),
            message: &finding.message,
            unknown: finding.unknown.iter().map(|unknown| self.unknown(unknown)).collect(),
            scenarios: finding.scenarios.iter().map(|tried| self.scenario(tried)).collect(),
            location: self.location(finding.location),
            evidence: std::iter::once(primary).chain(finding.evidence.iter().map(related)).collect(),
            remedy: finding.remedy.as_deref(),
            fingerprint: finding.fingerprint.to_string(),
            fixes: finding.fixes.iter().map(|fix| self.fix(fix)).collect(),
        }
    }

    fn suppression(&self, suppression: &'a Suppression) -> SuppressionOut<'a> {
        SuppressionOut {
            by: &suppression.by,
            reason: &suppression.reason,
            owner: suppression.owner.as_deref(),
            expires: suppression.expires.as_deref(),
            location: suppression.span.map(|span| self.location(span)),
        }
    }

    fn named(&self, named: &'a Named) -> NamedOut<'a> {
        NamedOut {
            kind: &named.kind,
            address: &named.address,
            type_name: &named.type_name,
            file: self.file(named.span),
            line: self.line(named.span),
        }
    }

    fn unknown(&self, unknown: &'a UnknownCause) -> UnknownOut<'a> {
        let span = unknown.cause.span;
        UnknownOut {
            cause: &unknown.message,
            file: span.map(|span| self.file(span)),
            line: span.map(|span| self.line(span)),
            settle: &unknown.settle,
        }
    }

    fn scenario(&self, tried: &'a Tried) -> ScenarioOut<'a> {
        ScenarioOut {
            when: tried.when.iter().map(|(input, value)| (&**input, value.as_str())).collect(),
            outcome: tried.outcome.name(),
            unknown: tried.unknown.iter().map(|unknown| self.unknown(unknown)).collect(),
        }
    }

    fn fix(&self, fix: &'a Fix) -> FixOut<'a> {
        let applicability = match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        };
        let edit = |edit: &'a Edit| EditOut { location: self.location(edit.span), replacement: &edit.replacement };
        FixOut { applicability, title: &fix.title, edits: fix.edits.iter().map(edit).collect() }
    }

    fn diagnostic(&self, diagnostic: &'a Diagnostic) -> DiagnosticOut<'a> {
        let (file, range) = match &diagnostic.place {
            Some(Place::Span(span)) => (Some(self.file(*span)), Some(self.analysis.sources.positions(*span))),
            Some(Place::Path(path)) => (Some(label(path, &self.analysis.working_directory)), None),
            None => (None, None),
        };
        DiagnosticOut {
            level: diagnostic.level.name(),
            code: diagnostic.code,
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            file,
            start: range.map(|(start, _)| start.into()),
            end: range.map(|(_, end)| end.into()),
        }
    }
}
