//! For people: each finding with its source lines, then the chain of proof hop by hop, what is not known and how to settle it, and what to
//! do. The only file that names miette, which draws the source lines.
//!
//! Everything from the repository is made inert before it comes here to miette, and everything else is our own.

use crate::config::OpenAs;
use crate::diagnostic::{Diagnostic, Level, Place};
use crate::framework::Status;
use crate::output::snippet::Snippet;
use crate::output::text::{inert, push_wrapped};
use crate::output::{self, Listed, Show, Style, coverage, summary, word};
use crate::rule::finding::{Applicability, Finding, Outcome, Severity, Tried, UnknownCause};
use crate::source::{FileId, Span, TextRange, label};
use anstyle::{AnsiColor, Style as Paint};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::sync::Arc;

/// Lines of source shown around the primary place.
const CONTEXT: usize = 1;

/// Assignments that are listed of one finding.
const SCENARIOS: usize = 6;

/// Bytes that most drawings take.
const DRAWN: usize = 512;

/// Columns that line numbers and frames take.
const FRAME: usize = 12;

/// Writes the listed findings, the diagnostics and the closing line.
pub fn write(show: Show<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new(show, style);
    let mut text = String::new();
    for (row, findings) in show.groups() {
        if let Some(row) = row {
            let title = inert(&coverage::heading(&row.recommendation)).into_owned();
            writeln!(out, "{}: {}\n", page.painted(Paint::new().bold(), &title), row.status.words())?;
        }
        for finding in findings {
            text.clear();
            page.finding(&mut text, finding);
            out.write_all(text.as_bytes())?;
        }
    }
    for diagnostic in &show.analysis.diagnostics {
        text.clear();
        page.diagnostic(&mut text, diagnostic);
        out.write_all(text.as_bytes())?;
    }
    for entry in show.analysis.compared.iter().flat_map(|compared| &compared.fixed) {
        text.clear();
        page.head(&mut text, Tone::Good, "fixed", &entry.rule, &format!("`{}` in {} is no longer found", entry.address, entry.project));
        writeln!(out, "{text}")?;
    }
    let failed = show.analysis.summary.fail > 0 || show.analysis.diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let tone = if failed { Tone::Bad } else { Tone::Good };
    if let Some(coverage) = show.coverage {
        writeln!(out, "{}", page.painted(Paint::new().bold(), &inert(&coverage.framework.title())))?;
        for (status, line) in coverage::table(coverage, page.style.width) {
            writeln!(out, "{}", page.painted(Tone::of_status(status).paint(), &line))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", page.painted(tone.paint(), &summary::line(show.analysis)))?;
    show.coverage.map_or(Ok(()), |coverage| writeln!(out, "{}", coverage::line(coverage)))
}

/// How loud something is, which decides colour and sign.
#[derive(Clone, Copy)]
enum Tone {
    Bad,
    Warning,
    Open,
    Good,
    Quiet,
    Step,
}

impl Tone {
    /// Every tone, in order.
    const ALL: [Self; 6] = [Self::Bad, Self::Warning, Self::Open, Self::Good, Self::Quiet, Self::Step];

    fn of(finding: &Finding, open: OpenAs) -> Self {
        match (Listed::of(finding), finding.severity) {
            (Listed::Open, _) if matches!(open, OpenAs::Warn | OpenAs::Fail) => Self::Warning,
            (Listed::Fail, Severity::High) => Self::Bad,
            (Listed::Fail, _) => Self::Warning,
            (Listed::Open, _) => Self::Open,
            (Listed::Pass, _) => Self::Good,
            (Listed::Suppressed, _) => Self::Quiet,
        }
    }

    fn of_status(status: Status) -> Self {
        match status {
            Status::Fail => Self::Bad,
            Status::Open => Self::Open,
            Status::Pass => Self::Good,
            Status::Suppressed | Status::NothingToJudge | Status::NotChecked | Status::CannotBeShown => Self::Quiet,
        }
    }

    fn paint(self) -> Paint {
        match self {
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Open => AnsiColor::Cyan.on_default().bold(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Quiet => Paint::new().dimmed(),
            Self::Step => Paint::new().bold(),
        }
    }
}

/// What draws source lines whose marks have some tone.
struct Drawing {
    /// The marked line alone.
    line: GraphicalReportHandler,
    /// With those around it.
    context: GraphicalReportHandler,
}

impl Drawing {
    fn new(theme: &GraphicalTheme, tone: Tone) -> Self {
        let mut theme = theme.clone();
        theme.styles.highlights = vec![match tone {
            Tone::Bad => theme.styles.error,
            Tone::Warning => theme.styles.warning,
            Tone::Open => theme.styles.advice,
            Tone::Good => *theme.styles.highlights.last().expect("every theme has a highlight"),
            Tone::Quiet | Tone::Step => theme.styles.linum,
        }];
        let of =
            |lines, theme| GraphicalReportHandler::new_themed(theme).with_links(false).with_wrap_lines(false).with_context_lines(lines);
        Self { line: of(0, theme.clone()), context: of(CONTEXT, theme) }
    }
}

/// What is the same for everything on a page.
struct Page<'a> {
    show: Show<'a>,
    style: Style,
    /// The file that was named last: what is told next is most often in it, too.
    named: RefCell<Option<(FileId, Arc<str>)>>,
    /// By tone.
    drawings: [Drawing; 6],
}

impl<'a> Page<'a> {
    fn new(show: Show<'a>, style: Style) -> Self {
        let theme = match (style.color, style.unicode) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::ascii(),
            (false, true) => GraphicalTheme::unicode_nocolor(),
            (false, false) => GraphicalTheme::none(),
        };
        Self { show, style, named: RefCell::default(), drawings: Tone::ALL.map(|tone| Drawing::new(&theme, tone)) }
    }

    fn finding(&self, page: &mut String, finding: &Finding) {
        let tone = Tone::of(finding, self.show.open);
        self.head(page, tone, word(finding), &finding.rule, &finding.message);
        self.lines(page, tone, &[finding.location], &finding.label, CONTEXT);
        let mut number = 0;
        // Hops on one line are shown on it together.
        for hops in finding.evidence.chunk_by(|a, b| self.line(a.span) == self.line(b.span)) {
            for hop in hops {
                number += 1;
                self.step(page, number, &hop.message);
            }
            let spans: Vec<Span> = hops.iter().map(|hop| hop.span).collect();
            self.lines(page, Tone::Step, &spans, "", 0);
        }
        if finding.outcome == Outcome::Open {
            finding.unknown.iter().for_each(|unknown| self.unknown(page, unknown));
        }
        self.scenarios(page, &finding.scenarios);
        if let Some(suppression) = &finding.suppressed {
            self.note(page, "note", &output::suppression(self.show.analysis, suppression));
        }
        if finding.outcome == Outcome::Fail
            && let Some(remedy) = &finding.remedy
        {
            self.note(page, "help", remedy);
        }
        for fix in &finding.fixes {
            let option = match fix.applicability {
                Applicability::Safe => "--fix",
                Applicability::Unsafe => "--unsafe-fixes",
            };
            self.note(page, "fix", &format!("{} (`{option}`)", fix.title));
        }
        page.push('\n');
    }

    fn diagnostic(&self, page: &mut String, diagnostic: &Diagnostic) {
        let tone = match diagnostic.level {
            Level::Error => Tone::Bad,
            Level::Warning => Tone::Warning,
            Level::Note => Tone::Quiet,
        };
        let at_path = match &diagnostic.place {
            Some(Place::Path(path)) => format!("{}: ", label(path, &self.show.analysis.working_directory)),
            _ => String::new(),
        };
        self.head(page, tone, diagnostic.level.name(), diagnostic.code, &format!("{at_path}{}", diagnostic.message));
        if let Some(Place::Span(span)) = &diagnostic.place {
            self.lines(page, tone, &[*span], "", 0);
        }
        if let Some(help) = &diagnostic.help {
            self.note(page, "help", help);
        }
        page.push('\n');
    }

    /// `high  rule`, and the message below: ids are long.
    fn head(&self, page: &mut String, tone: Tone, word: &str, code: &str, message: &str) {
        self.push_painted(page, tone.paint(), word);
        page.push_str("  ");
        self.push_painted(page, Paint::new().bold(), code);
        page.push_str("\n  ");
        push_wrapped(page, 2, &inert(message), self.style.width);
    }

    /// `  1 the trail delivers to this bucket`.
    fn step(&self, page: &mut String, number: usize, message: &str) {
        page.push_str("  ");
        self.push_painted(page, Tone::Step.paint(), number);
        page.push(' ');
        let digits = number.checked_ilog10().map_or(1, |log| log as usize + 1);
        push_wrapped(page, digits + 3, &inert(message), self.style.width);
    }

    /// `  help: do this`.
    fn note(&self, page: &mut String, word: &str, text: &str) {
        page.push_str("  ");
        self.push_painted(page, AnsiColor::Cyan.on_default(), format_args!("{word}:"));
        page.push(' ');
        push_wrapped(page, word.chars().count() + 4, &inert(text), self.style.width);
    }

    fn unknown(&self, page: &mut String, unknown: &UnknownCause) {
        let place = unknown.cause.span.map(|span| format!(" ({})", self.place(span))).unwrap_or_default();
        self.note(page, "not known", &format!("{}{place}", unknown.message));
        self.note(page, "to settle", &unknown.settle);
    }

    /// The assignments that were tried, those that fail first, and how many more there are.
    fn scenarios(&self, page: &mut String, tried: &[Tried]) {
        let mut tried: Vec<&Tried> = tried.iter().collect();
        tried.sort_by_key(|tried| tried.outcome);
        for tried in tried.iter().take(SCENARIOS) {
            let when: Vec<String> = tried.when.iter().map(|(input, value)| format!("`{input}` is `{value}`")).collect();
            let word = match tried.outcome {
                Outcome::Fail => "fails",
                Outcome::Pass => "passes",
                Outcome::Open if tried.is_refused() => "cannot be",
                Outcome::Open => "stays open",
            };
            let besides = match tried.unknown.as_slice() {
                [] => String::new(),
                [only] => format!(": {}", only.message),
                [first, more @ ..] => format!(": {} (and {} more)", first.message, more.len()),
            };
            self.note(page, word, &format!("when {}{besides}", when.join(" and ")));
        }
        if tried.len() > SCENARIOS {
            self.note(page, "and", &format!("{} more of {} assignments that were tried", tried.len() - SCENARIOS, tried.len()));
        }
    }

    /// The file and line on which a place begins.
    fn line(&self, span: Span) -> (FileId, u32) {
        (span.file, self.show.analysis.sources.get(span.file).position(span.range.start).line)
    }

    /// The source lines of places that begin on one line, the places underlined. There is at least one.
    fn lines(&self, page: &mut String, tone: Tone, spans: &[Span], label: &str, context: usize) {
        let Some(first) = spans.first() else { return };
        let file = self.show.analysis.sources.get(first.file);
        let width = self.style.width.saturating_sub(FRAME).max(FRAME);
        let ranges: Vec<TextRange> = spans.iter().map(|span| span.range).collect();
        let view = View {
            snippet: Snippet::new(&file, &ranges, context, width),
            name: self.name(*first),
            label: (!label.is_empty()).then(|| inert(label).into_owned()),
        };
        let drawing = &self.drawings[tone as usize];
        let drawing = if context == 0 { &drawing.line } else { &drawing.context };
        let mut drawn = String::with_capacity(DRAWN);
        if drawing.render_report(&mut drawn, &view).is_err() {
            // Only a mark outside of its own snippet could do that.
            return;
        }
        // The first line is miette's own heading, which `head` and `step` replace.
        for line in drawn.lines().skip(1) {
            page.push_str(line.trim_end());
            page.push('\n');
        }
    }

    fn name(&self, span: Span) -> Arc<str> {
        let mut named = self.named.borrow_mut();
        match &*named {
            Some((file, name)) if *file == span.file => Arc::clone(name),
            _ => {
                let name = Arc::from(inert(&label(&self.show.analysis.sources.get(span.file).path, &self.show.analysis.working_directory)));
                *named = Some((span.file, Arc::clone(&name)));
                name
            }
        }
    }

    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.name(span), self.show.analysis.sources.positions(span).0.line)
    }

    fn painted<'t>(&self, paint: Paint, text: &'t str) -> Cow<'t, str> {
        if self.style.color { Cow::Owned(format!("{paint}{text}{paint:#}")) } else { Cow::Borrowed(text) }
    }

    fn push_painted(&self, page: &mut String, paint: Paint, text: impl Display) {
        let _ = if self.style.color { write!(page, "{paint}{text}{paint:#}") } else { write!(page, "{text}") };
    }
}

/// A snippet as miette asks for it.
#[derive(Debug)]
struct View {
    snippet: Snippet,
    name: Arc<str>,
    label: Option<String>,
}

impl fmt::Display for View {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for View {}

impl miette::Diagnostic for View {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.snippet.marks.iter().enumerate().map(|(index, mark)| match index {
            0 => LabeledSpan::new_primary_with_span(self.label.clone(), (mark.start, mark.len())),
            _ => LabeledSpan::new(None, mark.start, mark.len()),
        });
        Some(Box::new(labels))
    }
}

impl SourceCode for View {
    /// miette asks twice: with context for the lines to draw, and without for the place to name above them. Without context both are one line.
    fn read_span<'a>(&'a self, _: &SourceSpan, before: usize, _: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let snippet = &self.snippet;
        let (line, column) = if before > 0 { (snippet.first_line, 1) } else { (snippet.line, snippet.column) };
        let all = SourceSpan::from((0, snippet.text.len()));
        let text = snippet.text.as_bytes();
        Ok(Box::new(MietteSpanContents::new_named(self.name.to_string(), text, all, line - 1, column - 1, 1)))
    }
}
