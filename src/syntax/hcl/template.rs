//! Templates: quoted strings, heredocs and whole template files, with their interpolations and directives.
//!
//! As in the reference, a template is first read as flat pieces, to which strip markers and heredoc indentation apply, and these are then
//! put together into a tree.

use crate::syntax::hcl::lexer::{Kind, Newlines};
use crate::syntax::hcl::names::{name, normalize};
use crate::syntax::hcl::parser::{MAX_NESTING, Parsed, Parser};
use crate::syntax::hcl::{Expr, ExprKind, Ident, TemplatePart};
use crate::syntax::names::shared;
use std::borrow::Cow;
use std::sync::Arc;

/// One step of a template that is not yet put together. Offsets are of the parsed text.
pub(super) enum Piece<'t> {
    Literal { text: Cow<'t, str>, start: usize, end: usize },
    Interpolation(Expr),
    If { condition: Expr, start: usize },
    For { key_name: Option<Ident>, value_name: Ident, collection: Expr, start: usize },
    Else { start: usize, end: usize },
    EndIf { start: usize, end: usize },
    EndFor { start: usize, end: usize },
}

/// The pieces of one template.
#[derive(Default)]
pub(super) struct Pieces<'t> {
    pub list: Vec<Piece<'t>>,
    /// Whether the sequence read last ended in `~}`. It strips the next piece only, and in a heredoc each line is a piece of its own.
    strip_next: bool,
}

impl<'t> Pieces<'t> {
    pub fn literal(&mut self, text: Cow<'t, str>, start: usize, end: usize) {
        if start == end {
            return;
        }
        let text = if std::mem::take(&mut self.strip_next) { trimmed(text, str::trim_start) } else { text };
        self.list.push(Piece::Literal { text, start, end });
    }

    fn strip_last(&mut self) {
        if let Some(Piece::Literal { text, .. }) = self.list.last_mut() {
            *text = trimmed(std::mem::take(text), str::trim_end);
        }
    }
}

pub(super) fn trimmed(text: Cow<'_, str>, trim: impl Fn(&str) -> &str) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
    }
}

/// A directive that waits for its end.
enum Open {
    Template,
    If { condition: Expr, start: usize },
    Else { condition: Expr, then: Vec<TemplatePart>, start: usize },
    For { key_name: Option<Ident>, value_name: Ident, collection: Expr, start: usize },
}

impl<'t> Parser<'t> {
    /// A quoted string; its opening quote is looked at.
    pub fn quoted_template(&mut self) -> Parsed<Expr> {
        let (start, content) = (self.token.start, self.token.end);
        if let Some(end) = plain_end(self.text.as_bytes(), content) {
            let text = Self::string(Cow::Borrowed(&self.text[content..end]));
            self.jump(end + 1);
            return Ok(self.expr(ExprKind::String(text), start));
        }
        let mut pieces = Pieces::default();
        let mut at = content;
        loop {
            let (text, stop) = self.quoted_literal(start, at)?;
            pieces.literal(text, at, stop);
            if self.text.as_bytes()[stop] == b'"' {
                self.jump(stop + 1);
                return self.template(pieces, start);
            }
            at = self.sequence(stop, &mut pieces)?;
        }
    }

    /// The whole text as a template, as `templatefile` reads it.
    pub fn bare_template(&mut self) -> Parsed<Expr> {
        let mut pieces = Pieces::default();
        let mut at = self.previous_end;
        let start = at;
        let mut line_end = at;
        while at < self.text.len() {
            if at >= line_end {
                line_end = self.line_break(at).map_or(self.text.len(), |end| end + 1);
            }
            let (text, stop) = self.raw_literal(at, line_end);
            if lone_carriage_return(&text) {
                // The reference gives up here, and takes what is left for one literal.
                let rest = self.text[at..].replace("$${", "${").replace("%%{", "%{");
                pieces.literal(Cow::Owned(rest), at, self.text.len());
                break;
            }
            pieces.literal(text, at, stop);
            at = if stop < line_end { self.sequence(stop, &mut pieces)? } else { stop };
        }
        self.jump(self.text.len());
        self.template(pieces, start)
    }

    /// `${…}` or `%{…}` at an offset; answers where it ends. The token is stale after it: the caller jumps.
    pub fn sequence(&mut self, at: usize, pieces: &mut Pieces<'t>) -> Parsed<usize> {
        let bytes = self.text.as_bytes();
        let mut start = at + 2;
        if bytes.get(start) == Some(&b'~') {
            pieces.strip_last();
            start += 1;
        }
        pieces.strip_next = false;
        let outside = std::mem::replace(&mut self.newlines, Newlines::Ignored);
        self.jump(start);
        let piece = if bytes[at] == b'$' { Piece::Interpolation(self.expression()?) } else { self.directive(at)? };
        match self.token.kind {
            Kind::CloseBrace => {}
            Kind::TildeBrace => pieces.strip_next = true,
            Kind::End | Kind::Quote => {
                let message = "unclosed template interpolation sequence: there is no closing brace for this sequence";
                return Err(self.error(at, at + 2, message));
            }
            _ => {
                let message =
                    "extra characters after interpolation expression: expected a closing brace; write `$${` if this is no interpolation";
                return Err(self.unexpected(message));
            }
        }
        let end = self.token.end;
        self.newlines = outside;
        pieces.list.push(match piece {
            Piece::Else { start, .. } => Piece::Else { start, end },
            Piece::EndIf { start, .. } => Piece::EndIf { start, end },
            Piece::EndFor { start, .. } => Piece::EndFor { start, end },
            other => other,
        });
        Ok(end)
    }

    fn directive(&mut self, start: usize) -> Parsed<Piece<'t>> {
        if !self.at(Kind::Name) {
            return Err(
                self.unexpected("invalid template directive: a keyword (`if`, `for`, …) is expected at the beginning of a `%{` sequence")
            );
        }
        let word = self.token;
        self.bump();
        Ok(match self.slice(word) {
            "if" => Piece::If { condition: self.expression()?, start },
            "for" => {
                let (key_name, value_name) = self.for_names("directive")?;
                Piece::For { key_name, value_name, collection: self.expression()?, start }
            }
            "else" => Piece::Else { start, end: start },
            "endif" => Piece::EndIf { start, end: start },
            "endfor" => Piece::EndFor { start, end: start },
            other => {
                let message = format!("invalid template control keyword: `{other}` is not one of `if`, `else`, `endif`, `for`, `endfor`");
                return Err(self.error(word.start, word.end, message));
            }
        })
    }

    /// Puts pieces together; `start` is where the template's expression begins, and the parser is past its end.
    pub fn template(&mut self, mut pieces: Pieces<'t>, start: usize) -> Parsed<Expr> {
        if let [Piece::Interpolation(_)] = &pieces.list[..]
            && let Some(Piece::Interpolation(inner)) = pieces.list.pop()
        {
            return Ok(self.expr(ExprKind::TemplateWrap(Box::new(inner)), start));
        }
        let only_text = pieces.list.iter().all(|piece| matches!(piece, Piece::Literal { .. }));
        let mut parts = self.assemble(pieces)?;
        let kind = match &parts[..] {
            [] if only_text => ExprKind::String(name("")),
            [TemplatePart::Literal(text, _)] if only_text => ExprKind::String(Arc::clone(text)),
            _ => {
                parts.shrink_to_fit();
                ExprKind::Template(parts)
            }
        };
        Ok(self.expr(kind, start))
    }

    fn assemble(&mut self, pieces: Pieces<'t>) -> Parsed<Vec<TemplatePart>> {
        let mut open: Vec<(Open, Vec<TemplatePart>)> = Vec::new();
        let (mut opened, mut parts) = (Open::Template, Vec::new());
        let mut literal: Option<(Cow<'t, str>, usize, usize)> = None;
        for piece in pieces.list {
            if let Piece::Literal { text, start, end } = piece {
                literal = Some(match literal {
                    None => (text, start, end),
                    Some((before, start, _)) => (before + text, start, end),
                });
                continue;
            }
            self.close_literal(&mut literal, &mut parts);
            match (piece, opened) {
                (Piece::Interpolation(inner), before) => {
                    parts.push(TemplatePart::Interpolation(inner));
                    opened = before;
                }
                (Piece::If { condition, start }, before) => {
                    open.push((before, std::mem::take(&mut parts)));
                    opened = Open::If { condition, start };
                }
                (Piece::For { key_name, value_name, collection, start }, before) => {
                    open.push((before, std::mem::take(&mut parts)));
                    opened = Open::For { key_name, value_name, collection, start };
                }
                (Piece::Else { .. }, Open::If { condition, start }) => {
                    opened = Open::Else { condition, then: std::mem::take(&mut parts), start };
                }
                (piece, closed) => {
                    let (part, before) = self.close_directive(&piece, closed, parts, open.pop())?;
                    (opened, parts) = before;
                    parts.push(part);
                }
            }
            if self.depth + open.len() > MAX_NESTING {
                return Err(self.limit(format!(
                    "template directives are nested more than {MAX_NESTING} levels deep, which is as far as they are read"
                )));
            }
        }
        self.close_literal(&mut literal, &mut parts);
        let (word, start) = match opened {
            Open::Template => return Ok(parts),
            Open::If { start, .. } | Open::Else { start, .. } => ("if", start),
            Open::For { start, .. } => ("for", start),
        };
        Err(self.error(
            start,
            start + 2,
            format!("unexpected end of template: the `{word}` directive is missing its `end{word}` directive"),
        ))
    }

    /// The directive that an `endif`, `endfor` or `else` closes, and what was open around it.
    fn close_directive(
        &mut self,
        piece: &Piece<'t>,
        closed: Open,
        parts: Vec<TemplatePart>,
        around: Option<(Open, Vec<TemplatePart>)>,
    ) -> Parsed<(TemplatePart, (Open, Vec<TemplatePart>))> {
        let (start, end, word) = match piece {
            Piece::EndIf { start, end } => (*start, *end, "endif"),
            Piece::EndFor { start, end } => (*start, *end, "endfor"),
            Piece::Else { start, end } => (*start, *end, "else"),
            _ => unreachable!("every other piece opens something or is content"),
        };
        match (word, closed, around) {
            ("endif", Open::If { condition, start }, Some(around)) => {
                let range = self.range(start, end);
                Ok((TemplatePart::If { condition, then: parts, otherwise: Vec::new(), range }, around))
            }
            ("endif", Open::Else { condition, then, start }, Some(around)) => {
                let range = self.range(start, end);
                Ok((TemplatePart::If { condition, then, otherwise: parts, range }, around))
            }
            ("endfor", Open::For { key_name, value_name, collection, start }, Some(around)) => {
                let range = self.range(start, end);
                Ok((TemplatePart::For { key_name, value_name, collection, body: parts, range }, around))
            }
            _ => {
                let message = format!("unexpected {word} directive: the control directives within this template are unbalanced");
                Err(self.error(start, end, message))
            }
        }
    }

    fn close_literal(&mut self, literal: &mut Option<(Cow<'t, str>, usize, usize)>, parts: &mut Vec<TemplatePart>) {
        let Some((text, start, end)) = literal.take() else { return };
        if !text.is_empty() {
            let text = Self::string(text);
            parts.push(TemplatePart::Literal(text, self.range(start, end)));
        }
    }

    /// A string's text, normalized.
    pub fn string(text: Cow<'_, str>) -> Arc<str> {
        match normalize(text) {
            Cow::Borrowed(text) => shared(text),
            Cow::Owned(text) => Arc::from(text),
        }
    }
}

/// Whether a part of a line has a carriage return elsewhere than before its line feed.
fn lone_carriage_return(line: &str) -> bool {
    line.strip_suffix("\r\n").unwrap_or(line).contains('\r')
}

/// Where a quoted string ends, if nothing before that needs a second look.
fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let length = bytes[start..].iter().position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r'))?;
    (bytes[start + length] == b'"').then_some(start + length)
}
