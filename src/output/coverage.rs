//! How a run meets a framework: the line for people, the table for a terminal, and the object of the JSON contract.

use crate::framework::{Coverage, Recommendation, Row, ShownByCode, Status};
use crate::output::Show;
use crate::output::text::{inert, push_wrapped};
use serde::Serialize;
use std::sync::Arc;

/// For example `cis-aws-3.0.0: 3 fail, 2 open, 9 pass, 11 nothing to judge, 30 not checked, 7 cannot be shown by code, of 62 recommendations`.
pub fn line(coverage: &Coverage) -> String {
    let counts = coverage.counts().into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(status, count)| format!("{count} {}", status.words())).collect();
    let named = if coverage.framework.about.is_some() { "" } else { " that rules name" };
    let mut line = format!("{}: {}, of {} recommendations{named}", coverage.framework.name, counts.join(", "), coverage.rows.len());
    if !coverage.is_complete {
        line.push_str("; not all input could be read, and passes speak of the rest");
    }
    line
}

/// What a row says besides its status and title; empty where that is all.
pub fn remark(row: &Row) -> String {
    let mut said: Vec<String> = Some(row.counts()).filter(|counts| !counts.is_empty()).into_iter().collect();
    if !row.recommendation.left_out.is_empty() {
        said.push(format!("left out: {}", row.recommendation.left_out.join(", ")));
    }
    if row.status == Status::Pass && row.recommendation.shown_by_code == Some(ShownByCode::Partly) {
        said.push("code shows a part of it".to_owned());
    }
    if row.status == Status::NotChecked && row.recommendation.left_out.is_empty() {
        said.push("no rule asks it".to_owned());
    }
    said.join("; ")
}

/// A row for each recommendation, in columns: number, status, title and counts, set to a width.
pub fn table(coverage: &Coverage, width: usize) -> Vec<(Status, String)> {
    let numbers = coverage.rows.iter().map(|row| row.recommendation.number.chars().count()).max().unwrap_or_default();
    let statuses = coverage.rows.iter().map(|row| row.status.words().len()).max().unwrap_or_default();
    let of_row = |row: &Row| {
        let first = format!("  {:numbers$}  {:statuses$}  ", row.recommendation.number, row.status.words());
        let said: Vec<String> =
            row.recommendation.title.clone().into_iter().chain(Some(remark(row)).filter(|remark| !remark.is_empty())).collect();
        let mut line = inert(&first).into_owned();
        push_wrapped(&mut line, first.chars().count(), &inert(&said.join(": ")), width);
        (row.status, line.trim_end().to_owned())
    };
    coverage.rows.iter().map(of_row).collect()
}

/// `3.4 Ensure …`: a recommendation as a heading.
pub fn heading(recommendation: &Recommendation) -> String {
    recommendation.title.as_ref().map_or_else(|| recommendation.number.clone(), |title| format!("{} {title}", recommendation.number))
}

/// The coverage as it stands in JSON.
#[derive(Serialize)]
pub struct CoverageOut<'a> {
    name: &'a str,
    title: Option<&'a str>,
    version: Option<&'a str>,
    /// Whether every recommendation of the framework is here, and not only those that rules name.
    all_recommendations: bool,
    /// Whether all input could be read.
    complete: bool,
    recommendations: Vec<RowOut<'a>>,
    summary: CountsOut,
}

#[derive(Serialize)]
struct RowOut<'a> {
    number: &'a str,
    title: Option<&'a str>,
    level: Option<u8>,
    shown_by_code: Option<&'static str>,
    status: &'static str,
    fail: usize,
    open: usize,
    suppressed: usize,
    pass: usize,
    rules: &'a [Arc<str>],
    left_out: &'a [Arc<str>],
    /// The fingerprints of the listed findings that are about it.
    findings: Vec<String>,
}

/// Every status has a field, zero or not.
#[derive(Serialize)]
#[serde(transparent)]
struct CountsOut(#[serde(with = "counts")] Vec<(Status, usize)>);

mod counts {
    use crate::framework::Status;
    use serde::Serializer;
    use serde::ser::SerializeMap;

    pub fn serialize<S: Serializer>(counts: &[(Status, usize)], serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(counts.len()))?;
        for (status, count) in counts {
            map.serialize_entry(status.name(), count)?;
        }
        map.end()
    }
}

/// The coverage of what is shown, if a framework was asked for.
pub fn out(show: Show<'_>) -> Option<CoverageOut<'_>> {
    let coverage = show.coverage?;
    let about = coverage.framework.about.as_ref();
    Some(CoverageOut {
        name: &coverage.framework.name,
        title: about.map(|about| about.title.as_str()),
        version: about.map(|about| about.version.as_str()),
        all_recommendations: about.is_some(),
        complete: coverage.is_complete,
        recommendations: coverage
            .rows
            .iter()
            .map(|row| RowOut {
                number: &row.recommendation.number,
                title: row.recommendation.title.as_deref(),
                level: row.recommendation.level,
                shown_by_code: row.recommendation.shown_by_code.map(ShownByCode::name),
                status: row.status.name(),
                fail: row.tally.fail,
                open: row.tally.open,
                suppressed: row.tally.suppressed,
                pass: row.tally.pass,
                rules: &row.recommendation.rules,
                left_out: &row.recommendation.left_out,
                findings: show.findings().filter(|finding| row.is_about(finding)).map(|finding| finding.fingerprint.to_string()).collect(),
            })
            .collect(),
        summary: CountsOut(coverage.counts()),
    })
}
