//! From byte offsets to lines and columns. Built once a file, only for files that are shown.

use super::Position;

/// How many bytes of a long line are counted through for one column at most.
const STRIDE: usize = 4096;

/// The byte offsets at which lines start.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Where a line is longer than a stride: how many code points there are before each stride of the text, so that a column far into
    /// a line (a template of megabytes in one line) costs no more than one at its beginning.
    strides: Vec<u32>,
}

impl LineIndex {
    /// Indexes a text. Lines end with `\n` (a `\r` before it stays part of the line).
    pub fn new(text: &str) -> Self {
        let after = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        let starts: Vec<u32> = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(after)).collect();
        let ends = starts.iter().skip(1).copied().chain([u32::try_from(text.len()).unwrap_or(u32::MAX)]);
        let is_long = starts.iter().zip(ends).any(|(start, end)| (end.saturating_sub(*start)) as usize > STRIDE);
        let mut strides = Vec::new();
        if is_long {
            let mut before = 0;
            for stride in text.as_bytes().chunks(STRIDE) {
                strides.push(u32::try_from(before).unwrap_or(u32::MAX));
                before += code_points(stride);
            }
            strides.push(u32::try_from(before).unwrap_or(u32::MAX));
        }
        Self { starts, strides }
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
        let column = if offset - start > STRIDE {
            self.code_points_before(text, offset) - self.code_points_before(text, start)
        } else {
            code_points(&text.as_bytes()[start..offset])
        };
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position { line: count(line), column: count(column) }
    }

    fn code_points_before(&self, text: &str, offset: usize) -> usize {
        let stride = offset / STRIDE;
        self.strides.get(stride).map_or(0, |before| *before as usize) + code_points(&text.as_bytes()[stride * STRIDE..offset])
    }
}

/// How many code points begin in some bytes of UTF-8.
fn code_points(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
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

    #[test]
    fn columns_of_long_lines_are_those_of_short_ones() {
        let text = format!("first\n{}\nlast é here", "aé\u{1f600}".repeat(5_000));
        let lines = LineIndex::new(&text);
        let line = &text["first\n".len()..];
        for at in [0, 1, 3, 7, 4_090, 4_095, 4_096, 4_097, 8_191, 8_192, 20_000, 34_999] {
            let within = (0..=at).rev().find(|at| line.is_char_boundary(*at)).unwrap();
            let column = line[..within].chars().count() + 1;
            let offset = u32::try_from("first\n".len() + within).unwrap();
            assert_eq!(lines.position(&text, offset), Position { line: 2, column: u32::try_from(column).unwrap() }, "{at}");
        }
        let end = u32::try_from(text.len()).unwrap();
        assert_eq!(lines.position(&text, end), Position { line: 3, column: 12 });
    }
}
