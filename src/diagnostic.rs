//! A problem with the input, or with our reach. Not a verdict: those are findings, several floors above.

use crate::limits::{Limit, Limits};
use crate::source::Span;
use crate::table::IndexSet;
use std::fmt;
use std::path::PathBuf;

/// How bad it is. `Error` makes the exit code 2: the run could not read something that it was asked to read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Part of the input could not be read, or Terraform or CloudFormation would refuse it.
    Error,
    /// Something was cut short or is suspicious; what was said stays true.
    Warning,
    /// Something that the reader may want to know.
    Note,
}

impl Level {
    /// Its name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Where a diagnostic points.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    /// A range of a source text.
    Span(Span),
    /// A file or directory that could not be read as text.
    Path(PathBuf),
}

/// One problem. `code` is a stable word (`syntax-error`, `parse-gap`, `limit-reached`, `module-missing`, …) by which people can look it up;
/// `message` starts in lower case and has no full stop.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Diagnostic {
    /// Where.
    pub place: Option<Place>,
    /// How bad.
    pub level: Level,
    /// Which kind of problem, in kebab case.
    pub code: &'static str,
    /// What is wrong, in the words of Terraform or CloudFormation.
    pub message: String,
    /// What would help, if anything is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a span.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { place: Some(Place::Span(span)), level: Level::Error, code, message: message.into(), help: None }
    }

    /// A warning at a span.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::error(code, span, message) }
    }

    /// A note at a span.
    pub fn note(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { level: Level::Note, ..Self::error(code, span, message) }
    }

    /// A problem with a whole file or directory.
    pub fn at_path(level: Level, code: &'static str, path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { place: Some(Place::Path(path.into())), level, code, message: message.into(), help: None }
    }

    /// The same with a word of help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The problems of one project or module in the order in which they were met, each once, as many as the limit lets be told.
#[derive(Clone, Debug)]
pub struct Problems {
    told: IndexSet<Diagnostic>,
    most: usize,
    /// What stands for those that are not told, as bad as the worst of them.
    cut: Option<Diagnostic>,
}

impl Default for Problems {
    fn default() -> Self {
        Self::within(&Limits::default())
    }
}

impl Problems {
    /// None yet.
    pub fn within(limits: &Limits) -> Self {
        Self { told: IndexSet::default(), most: limits.count(Limit::Problems), cut: None }
    }

    /// Whether no more are told.
    pub fn is_full(&self) -> bool {
        self.told.len() >= self.most
    }

    /// Adds one.
    pub fn add(&mut self, problem: Diagnostic) {
        if !self.is_full() {
            self.told.insert(problem);
        } else if !self.told.contains(&problem) {
            let level = problem.level;
            let message = format!("a project's problems are told up to {}: here is another, and there may be more", self.most);
            let help = Some(Limit::Problems.help());
            let cut = self.cut.get_or_insert(Diagnostic { code: "limit-reached", message, help, ..problem });
            cut.level = cut.level.min(level);
        }
    }

    /// Adds several.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = Diagnostic>) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }

    /// All that is told.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.told.iter().chain(&self.cut)
    }

    /// All that is told; none is left.
    pub fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.told).into_iter().chain(self.cut.take()).collect()
    }
}

/// What is said of those beside the first that is named: ` and another file`, ` and 3 other files`; nothing where there is none.
pub fn and_others(count: usize, noun: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!(" and another {noun}"),
        others => format!(" and {others} other {noun}s"),
    }
}

/// A count of things in words: `1 file`, `2 files`.
pub fn counted<N: Copy + fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let end = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{end}")
}
