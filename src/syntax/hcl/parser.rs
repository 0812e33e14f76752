//! The state of one parse, and the steps that every part of the grammar takes: look at a token, go to the next, report, descend.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, TextRange};
use crate::syntax::hcl::lexer::{self, Kind, Newlines, Token};
use crate::syntax::hcl::names::name;
use crate::syntax::hcl::places::Places;
use crate::syntax::hcl::{Attribute, Block, Expr, ExprKind, Ident, ObjectItem, Operation};
use crate::syntax::spare::Spare;

/// How deep blocks, expressions and template directives may nest, together. A tree is at most a few times as high, operators aside.
pub(super) const MAX_NESTING: usize = 256;

/// How many operators may stand on one path from an expression to a leaf: `1 + 1 + 1 + …` is a tree as high as it is long.
pub(super) const MAX_OPERATOR_CHAIN: usize = 1024;

/// How many errors of one file are listed.
pub(super) const MAX_ERRORS: usize = 100;

/// An expression could not be read; why is among the diagnostics. Whoever can go on without it catches this.
#[derive(Debug)]
pub(super) struct Failed;

/// Whether indentation is listened to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// No: braces alone count, as they should.
    Ignored,
    /// Yes: a brace of the current block is known to be missing.
    Heeded,
}

pub(super) type Parsed<T> = Result<T, Failed>;

/// One parse of one text.
pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub file: FileId,
    /// The token that is looked at.
    pub token: Token,
    /// Where the token before it ended.
    pub previous_end: usize,
    pub newlines: Newlines,
    pub depth: usize,
    /// The highest operator chain of the expression that is being read.
    pub chain: usize,
    /// Whether something was just skipped, so that what does not fit here is no news.
    pub recovering: bool,
    /// Whether all open blocks end here, because a top-level block begins where they were not closed.
    pub unwinding: bool,
    /// Whether the file ended in an open block.
    pub unclosed: bool,
    /// Whether indentation says where blocks end, because braces do not.
    pub layout: Layout,
    /// Where the attribute begins that is being read.
    pub item: usize,
    /// How many bytes were read in vain so far.
    pub wasted: usize,
    /// An offset and the start of its line, so that a long line is not searched for its start again and again.
    pub line: (usize, usize),
    pub places: Places,
    pub diagnostics: Vec<Diagnostic>,
    pub attributes: Spare<Attribute>,
    pub blocks: Spare<Block>,
    pub labels: Spare<Ident>,
    pub operations: Spare<Operation>,
    pub expressions: Spare<Expr>,
    pub items: Spare<ObjectItem>,
}

impl<'t> Parser<'t> {
    /// A parser that looks at the first token. A byte-order mark is skipped.
    pub fn new(text: &'t str, file: FileId, newlines: Newlines, places: Places) -> Self {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self {
            text,
            file,
            token: lexer::token(text, start, newlines),
            previous_end: start,
            newlines,
            depth: 0,
            chain: 0,
            recovering: false,
            unwinding: false,
            unclosed: false,
            layout: Layout::Ignored,
            item: 0,
            wasted: 0,
            line: (0, 0),
            places,
            diagnostics: Vec::new(),
            attributes: Spare::default(),
            blocks: Spare::default(),
            labels: Spare::default(),
            operations: Spare::default(),
            expressions: Spare::default(),
            items: Spare::default(),
        }
    }

    /// The whole text as one expression.
    pub fn whole_expression(&mut self) -> Expr {
        let start = self.token.start;
        let result = self.expression().and_then(|expression| match self.token.kind {
            Kind::End => Ok(expression),
            _ => Err(self.unexpected("extra characters after expression: an expression was read, but more characters were found after it")),
        });
        result.unwrap_or_else(|Failed| Expr { kind: ExprKind::Invalid, range: self.range(start, self.text.len()) })
    }

    /// The whole text as one template.
    pub fn whole_template(&mut self) -> Expr {
        self.bare_template().unwrap_or_else(|Failed| Expr { kind: ExprKind::Invalid, range: self.range(0, self.text.len()) })
    }

    pub fn at(&self, kind: Kind) -> bool {
        self.token.kind == kind
    }

    /// Goes to the next token.
    pub fn bump(&mut self) {
        self.previous_end = self.token.end;
        self.token = lexer::token(self.text, self.token.end, self.newlines);
    }

    /// Goes to the token at an offset, forwards or backwards.
    pub fn jump(&mut self, offset: usize) {
        self.previous_end = offset;
        self.token = lexer::token(self.text, offset, self.newlines);
    }

    /// Looks at the current token again, under other rules for line breaks.
    pub fn set_newlines(&mut self, newlines: Newlines) {
        if self.newlines != newlines {
            self.newlines = newlines;
            self.token = lexer::token(self.text, self.previous_end, newlines);
        }
    }

    /// Goes to the next token under the rules for line breaks that hold outside the bracket that is looked at.
    pub fn bump_out(&mut self, outside: Newlines) {
        self.newlines = outside;
        self.bump();
    }

    /// The text of a token.
    pub fn slice(&self, token: Token) -> &'t str {
        &self.text[token.start..token.end]
    }

    /// Whether the current token is this word.
    pub fn at_word(&self, word: &str) -> bool {
        self.at(Kind::Name) && self.slice(self.token) == word
    }

    /// The name that is looked at; goes past it.
    pub fn name(&mut self) -> Ident {
        let token = self.token;
        self.bump();
        self.ident(token)
    }

    /// A token as a name.
    pub fn ident(&mut self, token: Token) -> Ident {
        Ident { name: name(self.slice(token)), range: self.range(token.start, token.end) }
    }

    /// A range of the text as a range of the file.
    pub fn range(&self, start: usize, end: usize) -> TextRange {
        self.places.range(start, end)
    }

    /// An expression from an offset to the end of what was read last.
    pub fn expr(&self, kind: ExprKind, start: usize) -> Expr {
        Expr { kind, range: self.range(start, self.previous_end) }
    }

    /// Goes one level down. Every call has its `leave`, unless the expression fails: then who catches the failure restores the level.
    pub fn enter(&mut self) -> Parsed<()> {
        if self.depth >= MAX_NESTING {
            return Err(self.limit(format!("this is nested more than {MAX_NESTING} levels deep, which is as far as it is read")));
        }
        self.depth += 1;
        Ok(())
    }

    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Reports that a limit is passed at the current token.
    pub fn limit(&mut self, message: String) -> Failed {
        let span = self.range(self.token.start, self.token.end).at(self.file);
        self.report(Diagnostic::error("limit-reached", span, message));
        Failed
    }

    /// Reports an error at a range.
    pub fn error(&mut self, start: usize, end: usize, message: impl Into<String>) -> Failed {
        let span = self.range(start, end).at(self.file);
        self.report(Diagnostic::error("syntax-error", span, message));
        Failed
    }

    /// Reports that the current token may not stand here. A character that may stand nowhere is reported as that.
    pub fn unexpected(&mut self, message: impl Into<String>) -> Failed {
        let Token { kind, start, end } = self.token;
        if kind == Kind::Invalid {
            let slice = self.slice(self.token);
            if slice.starts_with("/*") {
                return self.error(start, start + 2, "unterminated comment: there is no `*/` before the end of the file");
            }
            return self.error(start, end, invalid_character(slice));
        }
        let end = if kind == Kind::Newline { start } else { end };
        self.error(start, end, message)
    }

    /// Lists a problem, unless there are too many already.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        list(&mut self.diagnostics, diagnostic);
    }
}

/// Lists a problem of a file, or once that there are too many.
pub(super) fn list(diagnostics: &mut Vec<Diagnostic>, diagnostic: Diagnostic) {
    match diagnostics.len() {
        ..MAX_ERRORS => diagnostics.push(diagnostic),
        MAX_ERRORS => {
            let message = format!("this file has more than {MAX_ERRORS} errors; the others are not listed");
            diagnostics.push(Diagnostic { code: "limit-reached", message, help: None, ..diagnostic });
        }
        _ => {}
    }
}

/// Why a character may not stand outside a string.
fn invalid_character(character: &str) -> String {
    match character {
        "'" => "invalid character: single quotes are not valid, use double quotes to enclose strings".to_owned(),
        "`" => "invalid character: backquotes are not valid, use a heredoc such as `<<EOT` for a string of several lines".to_owned(),
        ";" => "invalid character: use newlines to separate arguments and blocks, and commas to separate items in collections".to_owned(),
        "\u{201c}" | "\u{201d}" | "\u{2018}" | "\u{2019}" => {
            "invalid character: curly quotes are not valid here, use straight double quotes".to_owned()
        }
        "&" | "|" | "^" | "~" => format!("unsupported operator: bitwise operators such as `{character}` are not supported"),
        other => format!("invalid character: {} is not used within the language", printable(other)),
    }
}

fn printable(character: &str) -> String {
    match character.chars().next() {
        Some(first) if first.is_control() || first.is_whitespace() || first == '\u{feff}' => format!("U+{:04X}", u32::from(first)),
        _ => format!("`{character}`"),
    }
}
