//! SARIF 2.1.0, as code scanning reads it: rules with help, results with one-line regions, the chain of proof as a code flow.

use crate::diagnostic::{Diagnostic, Level};
use crate::framework::{Coverage, Row};
use crate::output::place::{Spot, of_diagnostic, spot, uri};
use crate::output::text::inert;
use crate::output::{self, Show};
use crate::rule::Rule;
use crate::rule::finding::{Finding, Fix, Outcome, Severity, Suppression};
use crate::source::label;
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that the report follows.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Results of one run that code scanning takes.
const MAX_RESULTS: usize = 25_000;
/// Tags of one rule that code scanning takes.
const MAX_TAGS: usize = 20;

/// Writes the report.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut findings: Vec<&Finding> = show.findings().filter(|finding| finding.outcome != Outcome::Pass).collect();
    let left_out = left_out(findings.len());
    findings.truncate(MAX_RESULTS);
    let mut ids: Vec<&str> = findings.iter().map(|finding| &*finding.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let rules: Vec<Json> = ids.iter().map(|id| descriptor(id, show.rules.get(id), show.coverage)).collect();
    let notify = |diagnostic: &Diagnostic| {
        let mut notification = json!({ "level": diagnostic.level.name(), "message": { "text": inert(&output::said(diagnostic)) }, "descriptor": { "id": diagnostic.code } });
        if let Some(at) = of_diagnostic(show.analysis, diagnostic) {
            notification["locations"] = json!([location(&at, None)]);
        }
        notification
    };
    let diagnostics = &show.analysis.diagnostics;
    let mut driver = json!({ "name": env!("CARGO_PKG_NAME"), "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules });
    if let Some(coverage) = show.coverage {
        driver["supportedTaxonomies"] = json!([component(coverage)]);
    }
    let run = Run {
        column_kind: "unicodeCodePoints",
        invocations: [Invocation {
            execution_successful: !diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error),
            tool_execution_notifications: Each(|| diagnostics.iter().map(notify).chain(left_out.clone())),
        }],
        properties: json!({ "suppressed": show.analysis.summary.suppressed }),
        results: Each(|| findings.iter().map(|finding| result(show, finding, index[&*finding.rule]))),
        taxonomies: show.coverage.map(|coverage| [taxonomy(coverage)]),
        tool: json!({ "driver": driver }),
    };
    serde_json::to_writer_pretty(&mut *out, &Report { schema: SCHEMA, runs: [run], version: "2.1.0" })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Report<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [R; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<N, R> {
    column_kind: &'static str,
    invocations: [Invocation<N>; 1],
    properties: Json,
    results: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    taxonomies: Option<[Json; 1]>,
    tool: Json,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<N> {
    execution_successful: bool,
    tool_execution_notifications: N,
}

/// A list of which each is made when it is written: one takes some hundred times the memory that it has in the report.
struct Each<F>(F);

impl<I: Iterator<Item = Json>, F: Fn() -> I> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The word on results that there is no room for.
fn left_out(count: usize) -> Option<Json> {
    let text = format!("the first {MAX_RESULTS} of {count} findings are listed here: code scanning takes no more of one run");
    (count > MAX_RESULTS).then(|| json!({ "level": "warning", "message": { "text": text }, "descriptor": { "id": "limit-reached" } }))
}

/// The framework that was asked for, as a taxonomy: its recommendations are the taxa, with what the run says of each.
fn taxonomy(coverage: &Coverage) -> Json {
    let framework = &coverage.framework;
    let taxa: Vec<Json> = coverage
        .rows
        .iter()
        .map(|row| {
            let recommendation = &row.recommendation;
            let mut taxon = json!({
                "id": recommendation.number,
                "properties": {
                    "status": row.status.name(),
                    "fail": row.tally.fail, "open": row.tally.open, "suppressed": row.tally.suppressed, "pass": row.tally.pass,
                },
            });
            if let Some(title) = &recommendation.title {
                taxon["shortDescription"] = json!({ "text": title });
            }
            taxon
        })
        .collect();
    let mut taxonomy = json!({ "name": framework.name, "isComprehensive": framework.about.is_some(), "taxa": taxa });
    if let Some(about) = &framework.about {
        taxonomy["version"] = json!(about.version);
        taxonomy["organization"] = json!(about.organization);
        taxonomy["shortDescription"] = json!({ "text": framework.title() });
    }
    taxonomy
}

/// A reference to the taxonomy.
fn component(coverage: &Coverage) -> Json {
    json!({ "name": coverage.framework.name, "index": 0 })
}

/// References to the taxa of the rows that are wanted.
fn taxa(coverage: &Coverage, wanted: impl Fn(&Row) -> bool) -> Vec<Json> {
    let rows = coverage.rows.iter().enumerate().filter(|(_, row)| wanted(row));
    rows.map(|(index, row)| json!({ "id": row.recommendation.number, "index": index, "toolComponent": component(coverage) })).collect()
}

fn descriptor(id: &str, rule: Option<&Rule>, coverage: Option<&Coverage>) -> Json {
    let Some(rule) = rule else { return json!({ "id": id }) };
    let numbers = rule.frameworks.iter().flat_map(|(name, numbers)| numbers.iter().map(move |number| format!("{name}/{number}")));
    let mut tags = vec!["security".to_owned(), "infrastructure-as-code".to_owned()];
    tags.extend(numbers);
    tags.truncate(MAX_TAGS);
    let help = if rule.remedy.is_empty() { rule.title.clone() } else { rule.remedy.clone() };
    let mut descriptor = json!({
        "id": id,
        "name": id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": if rule.description.is_empty() { &*rule.title } else { &*rule.description } },
        "help": { "text": help, "markdown": format!("{}\n\n{}", rule.description, help) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "security-severity": security_severity(rule.severity), "precision": "very-high", "tags": tags },
    });
    if let Some(coverage) = coverage {
        let targets = taxa(coverage, |row| row.recommendation.rules.iter().any(|served| **served == *id));
        let relationships: Vec<Json> = targets.into_iter().map(|target| json!({ "target": target, "kinds": ["relevant"] })).collect();
        descriptor["relationships"] = json!(relationships);
    }
    descriptor
}

fn result(show: Show<'_>, finding: &Finding, rule_index: usize) -> Json {
    let at = spot(show.analysis, finding.location);
    let steps: Vec<Json> = finding
        .evidence
        .iter()
        .map(|hop| (spot(show.analysis, hop.span), hop.message.as_str()))
        .chain([(at.clone(), &*finding.label)])
        .map(|(at, message)| json!({ "location": location(&at, Some(message)) }))
        .collect();
    let related: Vec<Json> = finding.evidence.iter().map(|hop| location(&spot(show.analysis, hop.span), Some(&hop.message))).collect();
    let mut text = inert(&finding.message).into_owned();
    for unknown in &finding.unknown {
        let _ = write!(text, "\nNot known: {}. To settle: {}", inert(&unknown.message), inert(&unknown.settle));
    }
    let mut result = json!({
        "ruleId": &*finding.rule,
        "ruleIndex": rule_index,
        "message": { "text": text },
        "locations": [location(&at, None)],
        "partialFingerprints": { "trailwarden/v1": finding.fingerprint.to_string() },
    });
    match finding.outcome {
        // What is not known is no fail: SARIF has a word for it, which goes without a level.
        Outcome::Open => {
            result["kind"] = json!("open");
            result["level"] = json!("none");
        }
        _ => result["level"] = json!(level(finding.severity)),
    }
    if let Some(coverage) = show.coverage {
        result["taxa"] = json!(taxa(coverage, |row| row.is_about(finding)));
    }
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
    }
    if !finding.fixes.is_empty() {
        result["fixes"] = json!(finding.fixes.iter().map(|change| fix(show, change)).collect::<Vec<Json>>());
    }
    if let Some(suppression) = &finding.suppressed {
        result["suppressions"] = json!([said(show, suppression)]);
    }
    result
}

/// A fix: the changes of each file that it touches.
fn fix(show: Show<'_>, fix: &Fix) -> Json {
    let mut files: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for edit in &fix.edits {
        // Not the one-line place of a finding: all that goes.
        let (start, end) = show.analysis.sources.positions(edit.span);
        let path = label(&show.analysis.sources.get(edit.span.file).path, &show.analysis.working_directory);
        files.entry(uri(&path)).or_default().push(json!({
            "deletedRegion": { "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column },
            "insertedContent": { "text": edit.replacement },
        }));
    }
    let changes: Vec<Json> =
        files.into_iter().map(|(uri, replacements)| json!({ "artifactLocation": { "uri": uri }, "replacements": replacements })).collect();
    json!({ "description": { "text": inert(&fix.title) }, "artifactChanges": changes })
}

/// Who asked to leave the result out, and where.
fn said(show: Show<'_>, suppression: &Suppression) -> Json {
    let kind = if matches!(suppression.by.as_str(), "config" | "baseline") { "external" } else { "inSource" };
    let mut said = json!({
        "kind": kind,
        "status": "accepted",
        "justification": inert(&suppression.reason),
        "properties": { "by": suppression.by, "owner": suppression.owner.as_deref().map(inert), "expires": suppression.expires },
    });
    if let Some(span) = suppression.span {
        said["location"] = location(&spot(show.analysis, span), None);
    }
    said
}

fn location(at: &Spot, message: Option<&str>) -> Json {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&at.path) },
            "region": { "startLine": at.start.line, "startColumn": at.start.column, "endLine": at.end.line, "endColumn": at.end.column },
        },
    });
    if let Some(message) = message {
        location["message"] = json!({ "text": inert(message) });
    }
    location
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Note => "note",
    }
}

/// The score that code scanning sorts by: a number, as text.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Note => "0.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_are_left_out_are_told() {
        assert_eq!(left_out(MAX_RESULTS), None);
        let said = left_out(MAX_RESULTS + 1).unwrap();
        assert_eq!(said["message"]["text"], "the first 25000 of 25001 findings are listed here: code scanning takes no more of one run");
    }
}
