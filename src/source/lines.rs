//! From byte offsets to lines and columns. Built once a file, only for files that are shown.

use super::Position;

/// The byte offsets at which lines start.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes a text. Lines end with `\n` (a `\r` before it stays part of the line).
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next));
        Self { starts }
    }

    /// How many lines there are; an empty text has one.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: even an empty text has one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The index, from 0, of the line that holds this offset.
    pub fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The byte range of a line, counted from 0, without its line ending.
    pub fn range(&self, text: &str, line: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(line).map_or(text.len(), |start| *start as usize);
        let end = self.starts.get(line + 1).map_or(text.len(), |next| *next as usize - 1);
        let end = if end > start && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end };
        start..end
    }

    /// The place of an offset. An offset past the end is the end; one inside a code point is that code point.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = (offset as usize).min(text.len());
        let line = self.line_of(u32::try_from(offset).unwrap_or(u32::MAX));
        let start = self.starts[line] as usize;
        let before = &text.as_bytes()[start..offset];
        let column = before.iter().filter(|byte| (**byte & 0xC0) != 0x80).count();
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(column) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points_and_lines_keep_crlf_out() {
        let text = "ä = 1\r\nßx = \"é\"\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.len(), 3);
        assert_eq!(&text[lines.range(text, 0)], "ä = 1");
        let at = u32::try_from(text.find("\"é").unwrap()).unwrap();
        assert_eq!(lines.position(text, at), Position { line: 2, column: 6 });
        assert_eq!(lines.position(text, 1000), Position { line: 3, column: 1 });
    }
}
