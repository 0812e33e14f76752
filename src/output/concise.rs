//! A line a finding, as compilers write them: `path:line:column: severity rule: message`. Editors and `grep` read it.

use crate::diagnostic::Place;
use crate::output::text::inert;
use crate::output::{Show, coverage, said, summary, word};
use crate::source::{FileId, Position, label};
use std::io::{self, Write};

/// Writes the listed findings and the closing line.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    let analysis = show.analysis;
    // Findings of one file mostly stand together.
    let mut last: Option<(FileId, String)> = None;
    for finding in show.findings() {
        let file = analysis.sources.get(finding.location.file);
        let Position { line, column } = file.position(finding.location.range.start);
        let (_, path) = match last.take().filter(|(file, _)| *file == finding.location.file) {
            Some(known) => last.insert(known),
            None => last.insert((finding.location.file, inert(&label(&file.path, &analysis.working_directory)).into_owned())),
        };
        writeln!(out, "{path}:{line}:{column}: {} {}: {}", word(finding), finding.rule, inert(&finding.message))?;
    }
    for diagnostic in &analysis.diagnostics {
        let place = match &diagnostic.place {
            Some(Place::Span(span)) => {
                let file = analysis.sources.get(span.file);
                let position = file.position(span.range.start);
                format!("{}:{}:{}: ", inert(&label(&file.path, &analysis.working_directory)), position.line, position.column)
            }
            Some(Place::Path(path)) => format!("{}: ", inert(&label(path, &analysis.working_directory))),
            None => String::new(),
        };
        writeln!(out, "{place}{} {}: {}", diagnostic.level.name(), diagnostic.code, inert(&said(diagnostic)))?;
    }
    for entry in analysis.compared.iter().flat_map(|compared| &compared.fixed) {
        writeln!(out, "{}: fixed {}: `{}` is no longer found", inert(&entry.project), entry.rule, inert(&entry.address))?;
    }
    writeln!(out, "{}", summary::line(analysis))?;
    show.coverage.map_or(Ok(()), |coverage| writeln!(out, "{}", coverage::line(coverage)))
}
