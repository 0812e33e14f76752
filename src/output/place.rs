//! Places as reports name them: a path with `/` relative to the working directory, lines and columns as people count.

use crate::analysis::Analysis;
use crate::diagnostic::{Diagnostic, Place};
use crate::source::{Position, Span, label};
use std::fmt::Write as _;

/// A place in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The file.
    pub path: String,
    /// Where it starts.
    pub start: Position,
    /// Where it ends: on the line where it starts, since a report's reader shows one line well and many lines badly.
    pub end: Position,
}

/// The place of a span, cut to its first line.
pub fn spot(analysis: &Analysis, span: Span) -> Spot {
    let file = analysis.sources.get(span.file);
    let start = file.position(span.range.start);
    let mut end = file.position(span.range.end);
    if end.line != start.line {
        let line = file.lines().range(&file.text, start.line as usize - 1);
        end = file.position(u32::try_from(line.end).unwrap_or(u32::MAX));
    }
    Spot { path: label(&file.path, &analysis.working_directory), start, end }
}

/// The place of a diagnostic; a whole file is its first line.
pub fn of_diagnostic(analysis: &Analysis, diagnostic: &Diagnostic) -> Option<Spot> {
    match diagnostic.place.as_ref()? {
        Place::Span(span) => Some(spot(analysis, *span)),
        Place::Path(path) => {
            let first = Position { line: 1, column: 1 };
            Some(Spot { path: label(path, &analysis.working_directory), start: first, end: first })
        }
    }
}

/// A path as a URI reference: what is not plain in one is percent-encoded.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    // A first segment with a colon would read as a scheme.
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~' | b'+' | b'@') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_hide_nothing_and_forge_nothing() {
        assert_eq!(uri("a b/größe.tf"), "a%20b/gr%C3%B6%C3%9Fe.tf");
        assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
    }
}
