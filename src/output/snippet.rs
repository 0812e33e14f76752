//! A few lines of a source file, fit to be shown: inert, cut to the width, with the marked bytes found again in the cut text.
//!
//! Only the shown lines are looked at, by the file's line index, so that a finding in a long file costs no more than one in a short one.

use crate::output::text::push_inert;
use crate::source::{SourceFile, TextRange};
use std::ops::Range;

/// What stands for text that was cut away.
const CUT: char = '…';

/// Characters kept before the mark when a line is cut in front.
const KEPT_BEFORE: usize = 24;

/// Some lines of a file with marks in one of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snippet {
    /// The lines, each ended by a line feed.
    pub text: String,
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// The line of the marks, from 1.
    pub line: usize,
    /// The column of the first mark in the file, from 1, in code points.
    pub column: usize,
    /// The marked bytes of `text`, in order, none within another. A mark over several lines is cut after its first.
    pub marks: Vec<Range<usize>>,
}

impl Snippet {
    /// The line on which some ranges begin (all on the same), and `context` lines before and after it. No line is longer than `width` characters.
    pub fn new(file: &SourceFile, ranges: &[TextRange], context: usize, width: usize) -> Self {
        let (text, lines) = (&file.text, file.lines());
        let start = ranges.iter().map(|range| range.start).min().unwrap_or_default();
        let marked = lines.line_of(start.min(u32::try_from(text.len()).unwrap_or(u32::MAX)));
        // Context that is empty tells nothing.
        let is_blank = |line: &usize| text[lines.range(text, *line)].trim().is_empty();
        let first = (marked.saturating_sub(context)..marked).find(|line| !is_blank(line)).unwrap_or(marked);
        let last = (marked + 1..=(marked + context).min(lines.len() - 1)).rev().find(|line| !is_blank(line)).unwrap_or(marked);
        let (mut out, mut marks) = (String::new(), Vec::new());
        for line in first..=last {
            let bytes = lines.range(text, line);
            let shown = &text[bytes.clone()];
            if line == marked {
                let within = |offset: u32| floor(shown, (offset as usize).clamp(bytes.start, bytes.end) - bytes.start);
                marks = push_marked(&mut out, shown, ranges.iter().map(|range| within(range.start)..within(range.end)).collect(), width);
            } else {
                push_marked(&mut out, shown, Vec::new(), width);
            }
            out.push('\n');
        }
        Self { text: out, first_line: first + 1, line: marked + 1, column: file.position(start).column as usize, marks }
    }
}

/// The nearest boundary of a character at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Appends a line, cut around its first mark, and gives back where the marks stand in `out`.
fn push_marked(out: &mut String, line: &str, mut marks: Vec<Range<usize>>, width: usize) -> Vec<Range<usize>> {
    marks.sort_by_key(|mark| (mark.start, std::cmp::Reverse(mark.end)));
    marks.dedup_by(|inner, outer| inner.end <= outer.end);
    let first = marks.first().cloned().unwrap_or_default();
    let before = line[..first.start].char_indices().rev();
    let begin = if first.end > width { before.take(KEPT_BEFORE).last().map_or(first.start, |(at, _)| at) } else { 0 };
    let is_long = line.len() - begin > width;
    let end = if is_long { line[begin..].char_indices().nth(width).map_or(line.len(), |(at, _)| begin + at) } else { line.len() };
    if begin > 0 {
        out.push(CUT);
    }
    let mut from = begin;
    let mut push_to = |out: &mut String, to: usize| {
        let to = to.clamp(from, end);
        push_inert(out, &line[from..to]);
        from = to;
        out.len()
    };
    let shown = marks.into_iter().map(|mark| push_to(out, mark.start)..push_to(out, mark.end)).collect();
    push_to(out, end);
    if end < line.len() {
        out.push(CUT);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use std::path::Path;

    fn snippet(text: &str, marked: &str, context: usize, width: usize) -> Snippet {
        let sources = Sources::default();
        let file = sources.get(sources.add(Path::new("a"), text));
        let start = text.find(marked).unwrap();
        Snippet::new(&file, &[TextRange::new(start, start + marked.len())], context, width)
    }

    #[test]
    fn lines_around_the_mark_are_shown() {
        let shown = snippet("a\r\nb é c\r\nd\n", "c", 1, 80);
        assert_eq!(shown.text, "a\nb é c\nd\n");
        assert_eq!((shown.first_line, shown.line, shown.column), (1, 2, 5));
        assert_eq!(&shown.text[shown.marks[0].clone()], "c");
    }

    #[test]
    fn a_mark_is_found_again_behind_escapes_and_cuts() {
        let shown = snippet("x\u{1b}[31m = here", "here", 0, 80);
        assert_eq!(&shown.text[shown.marks[0].clone()], "here");
        assert!(!shown.text.contains('\u{1b}'));
        let long = format!("{}here{}", "a".repeat(10_000), "b".repeat(10_000));
        let shown = snippet(&long, "here", 0, 60);
        assert_eq!(&shown.text[shown.marks[0].clone()], "here");
        assert_eq!(shown.text.chars().count(), 63);
        assert_eq!(shown.column, 10_001);
    }

    #[test]
    fn a_mark_over_several_lines_ends_with_its_first() {
        let shown = snippet("a {\n  b\n}\n", "a {\n  b\n}", 0, 80);
        assert_eq!(&shown.text[shown.marks[0].clone()], "a {");
    }

    #[test]
    fn marks_of_one_line_are_in_order_and_none_is_within_another() {
        let sources = Sources::default();
        let file = sources.get(sources.add(Path::new("a"), "a = b.c\n"));
        let ranges = [TextRange::new(4, 7), TextRange::new(0, 1), TextRange::new(5, 7)];
        let shown = Snippet::new(&file, &ranges, 0, 80);
        assert_eq!(shown.marks, [0..1, 4..7]);
        assert_eq!(shown.column, 1);
    }

    #[test]
    fn an_empty_file_has_an_empty_line() {
        let shown = snippet("", "", 1, 80);
        assert_eq!((shown.text.as_str(), &shown.marks[0]), ("\n", &(0..0)));
    }
}
