//! The baseline file: one finding a line, sorted, so that a change of it reads as what it is.

use crate::baseline::{Baseline, Entry, SCHEMA_VERSION};
use crate::output::json::escaped;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct EntryOut<'a> {
    project: &'a str,
    rule: &'a str,
    address: &'a str,
    resource: Option<&'a str>,
    outcome: &'a str,
    fingerprint: &'a str,
}

/// The file's text, as [`Baseline::read`] reads it back.
pub fn text(baseline: &Baseline) -> io::Result<String> {
    let lines = baseline.entries.iter().map(line).collect::<io::Result<Vec<String>>>()?;
    let findings = if lines.is_empty() { "[]".to_owned() } else { format!("[\n    {}\n  ]", lines.join(",\n    ")) };
    Ok(format!("{{\n  \"schema_version\": {SCHEMA_VERSION},\n  \"findings\": {findings}\n}}\n"))
}

fn line(entry: &Entry) -> io::Result<String> {
    let out = EntryOut {
        project: &entry.project,
        rule: &entry.rule,
        address: &entry.address,
        resource: entry.resource.as_deref(),
        outcome: &entry.outcome,
        fingerprint: &entry.fingerprint,
    };
    Ok(escaped(&serde_json::to_string(&out)?).into_owned())
}
