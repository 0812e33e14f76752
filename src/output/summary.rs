//! The closing line for people: how much was found, and in how much.

use crate::analysis::Analysis;
use crate::diagnostic::{Level, counted};
use crate::rule::finding::{Outcome, Severity};
use std::fmt::Write;

/// For example `2 findings (1 high, 1 medium), 3 open, 12 passed in 4 projects, 31 files`.
pub fn line(analysis: &Analysis) -> String {
    let summary = analysis.summary;
    if analysis.left_out.is_some() && analysis.projects.is_empty() && analysis.diagnostics.is_empty() {
        return "nothing to check: the change is about no Terraform module, CloudFormation template or plan".into();
    }
    if analysis.projects.is_empty() && analysis.diagnostics.is_empty() {
        return "nothing to check: there is no Terraform module, CloudFormation template or plan here".into();
    }
    let mut text = if summary.fail == 0 { "no findings".to_owned() } else { counted(summary.fail, "finding") };
    let counted_fails = || analysis.findings.iter().filter(|finding| finding.suppressed.is_none() && finding.outcome == Outcome::Fail);
    let by_severity: Vec<String> = [Severity::High, Severity::Medium, Severity::Low, Severity::Note]
        .into_iter()
        .map(|severity| {
            let told = counted_fails().filter(|finding| finding.severity == severity).count();
            (told + analysis.beyond.of(Outcome::Fail, severity), severity)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {}", severity.name()))
        .collect();
    if !by_severity.is_empty() {
        let _ = write!(text, " ({})", by_severity.join(", "));
    }
    if summary.open > 0 {
        let _ = write!(text, ", {} open", summary.open);
    }
    let _ = write!(text, ", {} passed", summary.pass);
    if summary.suppressed > 0 {
        let _ = write!(text, ", {} suppressed", summary.suppressed);
    }
    let _ = write!(text, " in {}, {}", counted(analysis.projects.len(), "project"), counted(summary.files, "file"));
    for (level, word) in [(Level::Error, "error"), (Level::Warning, "warning")] {
        let count = analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == level).count();
        if count > 0 {
            let _ = write!(text, "; {}", counted(count, word));
        }
    }
    if let Some(left_out) = analysis.left_out.filter(|left_out| left_out.findings + left_out.problems > 0) {
        let problems = if left_out.problems > 0 { format!(" and {}", counted(left_out.problems, "problem")) } else { String::new() };
        let _ = write!(text, "; {}{problems} outside of this change not listed", counted(left_out.findings, "finding"));
    }
    if let Some(compared) = &analysis.compared {
        let _ = write!(text, "; since the baseline: {} new, {} fixed, {} still there", compared.new, compared.fixed.len(), compared.still);
    }
    text
}
