//! Draws a snippet: the place, the numbered lines, the marks underlined, and below them what is to be seen there.
//!
//! It draws what miette's graphical reports draw, which its tests hold it against, of the one shape that is needed here: all marks in one line and
//! no more than one label. A report of many findings draws tens of thousands of these, and a drawing for any shape takes ten times as long.

use crate::output::Style;
use crate::output::snippet::Snippet;
use crate::output::text::is_printable_ascii;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// Columns between the stops of tabs.
const TAB: usize = 4;

/// What ends every paint.
const PLAIN: &str = "\u{1b}[0m";

/// How line numbers are painted.
const NUMBER: &str = "\u{1b}[2m";

/// How a place is painted.
const PLACE: &str = "\u{1b}[36;1;4m";

/// How marks and what is said of them are painted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Red.
    Bad,
    /// Yellow.
    Warning,
    /// Cyan.
    Open,
    /// Green.
    Good,
    /// Dimmed.
    Quiet,
}

impl Ink {
    fn begins(self) -> &'static str {
        match self {
            Self::Bad => "\u{1b}[31m",
            Self::Warning => "\u{1b}[33m",
            Self::Open => "\u{1b}[36m",
            Self::Good => "\u{1b}[32;1m",
            Self::Quiet => NUMBER,
        }
    }
}

/// The characters of frames.
struct Strokes {
    top: &'static str,
    bottom: &'static str,
    bar: &'static str,
    gap: &'static str,
    under: char,
    /// Where the stem of a label begins.
    fork: char,
    /// Points at a place without extent.
    arrow: char,
    stem: &'static str,
}

const UNICODE: Strokes = Strokes {
    top: "╭─", bottom: "╰────", bar: "│", gap: "·", under: '─', fork: '┬', arrow: '▲', stem: "╰── "
};

const ASCII: Strokes = Strokes { top: ",-", bottom: "`----", bar: "|", gap: ":", under: '^', fork: '|', arrow: '^', stem: "`-- " };

/// Appends a snippet of the file of a name, with a label at its first mark if there is something to say. Everything is inert already.
pub fn push(out: &mut String, snippet: &Snippet, (name, label): (&str, &str), ink: Ink, style: Style) {
    let strokes = if style.unicode { &UNICODE } else { &ASCII };
    let lines = snippet.text.split_terminator('\n');
    let mut drawing = Drawing { out, strokes, color: style.color, digits: digits(snippet.first_line + lines.clone().count() - 1) };
    drawing.spaces(drawing.digits + 2);
    drawing.out.push_str(strokes.top);
    drawing.out.push('[');
    drawing.begin(PLACE);
    let _ = write!(drawing.out, "{name}:{}:{}", snippet.line, snippet.column);
    drawing.end();
    drawing.out.push_str("]\n");
    let mut start = 0;
    for (number, line) in (snippet.first_line..).zip(lines) {
        drawing.line(number, line);
        if number == snippet.line {
            drawing.marks(snippet, (start, line), label, ink);
        }
        start += line.len() + 1;
    }
    drawing.spaces(drawing.digits + 2);
    drawing.out.push_str(strokes.bottom);
    drawing.out.push('\n');
}

struct Drawing<'a> {
    out: &'a mut String,
    strokes: &'static Strokes,
    color: bool,
    /// How many the largest line number has.
    digits: usize,
}

impl Drawing<'_> {
    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }

    fn begin(&mut self, paint: &str) {
        if self.color {
            self.out.push_str(paint);
        }
    }

    fn end(&mut self) {
        self.begin(PLAIN);
    }

    /// Ends a line that began at a place, without the blanks at its end.
    fn end_line(&mut self, from: usize) {
        let end = from + self.out[from..].trim_end().len();
        self.out.truncate(end);
        self.out.push('\n');
    }

    fn line(&mut self, number: usize, line: &str) {
        let from = self.out.len();
        self.out.push(' ');
        self.begin(NUMBER);
        self.spaces(self.digits - digits(number));
        let _ = write!(self.out, "{number}");
        self.end();
        self.out.push(' ');
        self.out.push_str(self.strokes.bar);
        self.out.push(' ');
        let mut column = 0;
        // Between tabs, a line is as it is.
        for (index, part) in line.split('\t').enumerate() {
            if index > 0 {
                let to_stop = TAB - column % TAB;
                self.spaces(to_stop);
                column += to_stop;
            }
            self.out.push_str(part);
            column += columns(part);
        }
        self.end_line(from);
    }

    /// What stands before a line that has no number.
    fn gap(&mut self) {
        self.spaces(self.digits + 2);
        self.out.push_str(self.strokes.gap);
        self.out.push(' ');
    }

    /// Underlines the marks of a line that begins at a byte of the snippet.
    fn marks(&mut self, snippet: &Snippet, (start, line): (usize, &str), label: &str, ink: Ink) {
        let from = self.out.len();
        self.gap();
        let (mut drawn, mut stem) = (0, None);
        for mark in &snippet.marks {
            let first = columns(&line[..mark.start - start]).max(drawn);
            let end = if mark.is_empty() { first + 1 } else { columns(&line[..mark.end - start]).max(first + 1) };
            let middle = first.midpoint(end);
            let is_labelled = stem.is_none() && !label.is_empty();
            let shape = match (mark.is_empty(), is_labelled) {
                (true, _) => self.strokes.arrow,
                (false, true) => self.strokes.fork,
                (false, false) => self.strokes.under,
            };
            self.begin(ink.begins());
            self.spaces(first - drawn);
            self.out.extend(std::iter::repeat_n(self.strokes.under, middle - first));
            self.out.push(shape);
            self.out.extend(std::iter::repeat_n(self.strokes.under, end - middle - 1));
            self.end();
            stem = stem.or(Some(middle));
            drawn = end;
        }
        self.end_line(from);
        let Some(stem) = stem.filter(|_| !label.is_empty()) else { return };
        let from = self.out.len();
        self.gap();
        self.spaces(stem);
        self.begin(ink.begins());
        self.out.push_str(self.strokes.stem);
        self.begin(ink.begins());
        self.out.push_str(label);
        self.end();
        self.end();
        self.end_line(from);
    }
}

/// Columns that a text takes at the beginning of a line.
fn columns(text: &str) -> usize {
    // Most lines are printable ASCII.
    if is_printable_ascii(text) {
        return text.len();
    }
    text.chars()
        .fold(0, |column, character| column + if character == '\t' { TAB - column % TAB } else { character.width().unwrap_or_default() })
}

/// Digits of a number.
pub fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, TextRange};
    use miette::{
        GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents,
    };
    use proptest::prelude::*;
    use std::fmt;
    use std::path::Path;

    const INKS: [Ink; 5] = [Ink::Bad, Ink::Warning, Ink::Open, Ink::Good, Ink::Quiet];

    /// A snippet as miette asks for it.
    #[derive(Debug)]
    struct View<'a> {
        snippet: &'a Snippet,
        name: &'a str,
        label: &'a str,
    }

    impl fmt::Display for View<'_> {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Ok(())
        }
    }

    impl std::error::Error for View<'_> {}

    impl miette::Diagnostic for View<'_> {
        fn source_code(&self) -> Option<&dyn SourceCode> {
            Some(self)
        }

        fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
            let label = (!self.label.is_empty()).then(|| self.label.to_owned());
            let labels = self.snippet.marks.iter().enumerate().map(move |(index, mark)| match index {
                0 => LabeledSpan::new_primary_with_span(label.clone(), (mark.start, mark.len())),
                _ => LabeledSpan::new(None, mark.start, mark.len()),
            });
            Some(Box::new(labels))
        }
    }

    impl SourceCode for View<'_> {
        /// miette asks twice: with context for the lines to draw, and without for the place to name above them. Without context both are one line.
        fn read_span<'a>(&'a self, _: &SourceSpan, before: usize, _: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
            let snippet = self.snippet;
            let (line, column) = if before > 0 { (snippet.first_line, 1) } else { (snippet.line, snippet.column) };
            let all = SourceSpan::from((0, snippet.text.len()));
            let text = snippet.text.as_bytes();
            Ok(Box::new(MietteSpanContents::new_named(self.name.to_owned(), text, all, line - 1, column - 1, 1)))
        }
    }

    fn by_miette(snippet: &Snippet, context: usize, (name, label): (&str, &str), ink: Ink, style: Style) -> String {
        let mut theme = match (style.color, style.unicode) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::ascii(),
            (false, true) => GraphicalTheme::unicode_nocolor(),
            (false, false) => GraphicalTheme::none(),
        };
        theme.styles.highlights = vec![match ink {
            Ink::Bad => theme.styles.error,
            Ink::Warning => theme.styles.warning,
            Ink::Open => theme.styles.advice,
            Ink::Good => *theme.styles.highlights.last().expect("every theme has a highlight"),
            Ink::Quiet => theme.styles.linum,
        }];
        let drawing = GraphicalReportHandler::new_themed(theme).with_links(false).with_wrap_lines(false).with_context_lines(context);
        let mut drawn = String::new();
        drawing.render_report(&mut drawn, &View { snippet, name, label }).expect("the marks are within");
        // The first line is miette's own heading.
        drawn.lines().skip(1).flat_map(|line| [line.trim_end(), "\n"]).collect()
    }

    fn is_drawn_alike(text: &str, ranges: &[TextRange], context: usize, width: usize, label: &str) {
        let sources = Sources::default();
        let file = sources.get(sources.add(Path::new("a"), text));
        let snippet = Snippet::new(&file, ranges, context, width);
        for (index, ink) in INKS.into_iter().enumerate() {
            let style = Style { color: index < 4, unicode: index % 2 == 0, width };
            for color in [style.color, !style.color] {
                let style = Style { color, ..style };
                let mut drawn = String::new();
                push(&mut drawn, &snippet, ("dir/größe.tf", label), ink, style);
                assert_eq!(drawn, by_miette(&snippet, context, ("dir/größe.tf", label), ink, style), "{snippet:?}");
            }
        }
    }

    #[test]
    fn a_label_hangs_below_what_it_is_about() {
        let (sources, mut drawn) = (Sources::default(), String::new());
        let file = sources.get(sources.add(Path::new("a"), "one\n\ttwo = \"日本\" # three\n\nfour\n"));
        let style = Style { color: false, unicode: true, width: 80 };
        push(&mut drawn, &Snippet::new(&file, &[TextRange::new(11, 19)], 1, 80), ("a", "here"), Ink::Bad, style);
        assert_eq!(
            drawn,
            "   ╭─[a:2:8]\n 1 │ one\n 2 │     two = \"日本\" # three\n   ·           ───┬──\n   ·              ╰── here\n   ╰────\n"
        );
    }

    #[test]
    fn marks_without_extent_at_the_end_and_in_an_empty_file_are_pointed_at() {
        is_drawn_alike("", &[TextRange::new(0, 0)], 1, 80, "it is empty");
        is_drawn_alike("a\nb", &[TextRange::new(3, 3)], 1, 80, "");
        is_drawn_alike("a\nb  \n", &[TextRange::new(2, 2), TextRange::new(3, 4)], 0, 80, "");
    }

    proptest! {
        #[test]
        fn it_draws_what_miette_draws(
            lines in prop::collection::vec("[ a-c\t\"é日\u{301}\u{200b}\u{1b}…\u{a0}\u{1f600}]{0,24}", 1..14),
            marks in prop::collection::vec((0usize..30, 0usize..30), 1..4),
            marked in 0usize..14,
            context in 0usize..2,
            width in 12usize..40,
            label in "( ?[ab é]{0,8})?",
        ) {
            let text = lines.join("\n");
            let marked = marked % lines.len();
            let start: usize = lines[..marked].iter().map(|line| line.len() + 1).sum();
            let length = lines[marked].len();
            let at = |mark: usize| start + mark.min(length);
            let mut ranges: Vec<TextRange> =
                marks.iter().map(|(from, length)| TextRange::new(at(*from), at(from + length))).collect();
            ranges.sort_unstable();
            let label = if ranges.len() == 1 { label.as_str() } else { "" };
            is_drawn_alike(&text, &ranges, context, width, label);
        }
    }
}
