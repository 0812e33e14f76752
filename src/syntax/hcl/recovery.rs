//! Where to go on after an error.
//!
//! A broken item is skipped by its brackets. Where they do not match either, the lines after it are asked: one that looks like the next
//! item and is not indented deeper than the broken one is the next item, and a line that begins a top-level block begins one.

use crate::syntax::hcl::lexer::{self, Kind, Newlines, line_end};
use crate::syntax::hcl::parser::{Layout, Parser};

/// How often a file may be read over again, for errors found long after their cause; past that, the rest of it is not read.
const MAX_REREADS: usize = 8;

/// How often for blocks that are not closed alone; past that, indentation counts in the rest of the file.
pub(super) const MAX_BLOCK_REREADS: usize = 4;

/// How many bytes any file, however small, may have read over again.
const FREE_REREAD: usize = 1 << 20;

/// Terraform's top-level block types and their numbers of labels.
const TOP_LEVEL: [(&str, usize); 14] = [
    ("resource", 2),
    ("data", 2),
    ("ephemeral", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("check", 1),
    ("locals", 0),
    ("terraform", 0),
    ("moved", 0),
    ("import", 0),
    ("removed", 0),
    ("action", 2),
];

/// Where the search for an item's end stopped.
enum Stop {
    /// At the end of the item.
    Item(usize),
    /// At a heredoc that nothing closes.
    Heredoc(usize),
}

impl Parser<'_> {
    /// Goes to the end of a broken item: `from` is where to start to look (its value, or the item itself), `item` where it begins.
    pub fn recover(&mut self, from: usize, item: usize) {
        self.recovering = true;
        self.newlines = Newlines::Significant;
        let failed = self.token.start.max(from);
        let column = self.column(item);
        let skip = Skip { text: self.text, failed_line: self.line_start(failed), column };
        let stop = match skip.item(from) {
            Stop::Item(stop) => stop,
            Stop::Heredoc(at) => {
                self.unwinding = true;
                self.wasted += self.text.len() - at;
                next_top_level(self.text, at)
            }
        };
        self.wasted += failed.saturating_sub(stop);
        if !self.may_reread(MAX_REREADS) {
            self.limit("there are too many errors here; the rest of the file is not read".to_owned());
            self.unwinding = true;
            return self.jump(self.text.len());
        }
        self.jump(stop);
    }

    /// Whether less was read in vain than so many times the file.
    pub fn may_reread(&self, times: usize) -> bool {
        self.wasted <= self.text.len().saturating_mul(times).saturating_add(FREE_REREAD)
    }

    /// The column, in bytes from 0, of the first word on the line of an offset.
    pub fn column(&mut self, offset: usize) -> usize {
        let line = self.line_start(offset);
        indentation(self.text, line)
    }

    /// Whether only space stands before the current token on its line.
    pub fn leads_its_line(&mut self) -> bool {
        let line = self.line_start(self.token.start);
        line + indentation(self.text, line) == self.token.start
    }

    /// Whether the current token leads its line, stands left of a column, and indentation counts.
    pub fn outdented(&mut self, column: usize) -> bool {
        self.layout == Layout::Heeded && self.leads_its_line() && self.column(self.token.start) < column
    }

    /// Whether the current token stands at the beginning of its line and of a top-level block.
    pub fn begins_top_level_block(&mut self) -> bool {
        let start = self.token.start;
        self.line_start(start) == start && is_top_level(self.text, start)
    }

    fn line_start(&mut self, offset: usize) -> usize {
        let (known, start) = self.line;
        let line = if offset >= known {
            self.text[known..offset].rfind('\n').map_or(start, |end| known + end + 1)
        } else if offset >= start {
            start
        } else {
            self.text[..offset].rfind('\n').map_or(0, |end| end + 1)
        };
        self.line = (offset, line);
        line
    }
}

fn indentation(text: &str, line: usize) -> usize {
    text.as_bytes()[line..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The next line that begins a top-level block, or the end of the text.
fn next_top_level(text: &str, mut at: usize) -> usize {
    loop {
        at = line_end(text.as_bytes(), at) + 1;
        if at >= text.len() {
            return text.len();
        }
        if is_top_level(text, at) {
            return at;
        }
    }
}

/// Whether the header of a top-level block stands here.
fn is_top_level(text: &str, at: usize) -> bool {
    if !text.as_bytes().get(at).is_some_and(u8::is_ascii_lowercase) {
        return false;
    }
    let mut token = lexer::token(text, at, Newlines::Significant);
    let Some((_, labels)) = TOP_LEVEL.iter().find(|(name, _)| *name == &text[token.start..token.end]) else { return false };
    for _ in 0..*labels {
        token = lexer::token(text, token.end, Newlines::Significant);
        match token.kind {
            Kind::Name => {}
            Kind::Quote => {
                let label = text.as_bytes()[token.end..].iter().position(|byte| matches!(byte, b'"' | b'\n'));
                token.end += label.map_or(0, |length| length + 1);
            }
            _ => return false,
        }
    }
    lexer::token(text, token.end, Newlines::Significant).kind == Kind::OpenBrace
}

/// A search for the end of a broken item.
struct Skip<'t> {
    text: &'t str,
    /// The start of the line on which parsing failed.
    failed_line: usize,
    /// The indentation of the broken item.
    column: usize,
}

/// Brackets that are open, innermost last, by their opening byte: `"` for strings, `$` for sequences in them.
#[derive(Default)]
struct Brackets {
    open: Vec<u8>,
    round: usize,
    square: usize,
    curly: usize,
}

impl Brackets {
    fn count(&mut self, bracket: u8) -> Option<&mut usize> {
        match bracket {
            b'(' => Some(&mut self.round),
            b'[' => Some(&mut self.square),
            b'{' | b'$' => Some(&mut self.curly),
            _ => None,
        }
    }

    fn push(&mut self, bracket: u8) {
        self.open.push(bracket);
        if let Some(count) = self.count(bracket) {
            *count += 1;
        }
    }

    /// Closes the innermost bracket of this kind and all within it; `None` where there is none.
    fn close(&mut self, kind: u8) -> Option<u8> {
        if self.count(kind).is_none_or(|count| *count == 0) {
            return None;
        }
        while let Some(bracket) = self.open.pop() {
            if let Some(count) = self.count(bracket) {
                *count -= 1;
            }
            if bracket == kind || (kind == b'{' && bracket == b'$') {
                return Some(bracket);
            }
        }
        None
    }
}

impl Skip<'_> {
    fn item(&self, from: usize) -> Stop {
        let mut brackets = Brackets::default();
        let mut indented = None;
        let mut at = from;
        loop {
            let token = lexer::token(self.text, at, Newlines::Significant);
            at = token.end;
            match token.kind {
                Kind::End => return Stop::Item(token.start),
                Kind::Newline if brackets.open.is_empty() || self.next_line_is_an_item(at, &mut indented) => {
                    return Stop::Item(token.start);
                }
                Kind::OpenParenthesis => brackets.push(b'('),
                Kind::OpenBracket => brackets.push(b'['),
                Kind::OpenBrace => brackets.push(b'{'),
                Kind::CloseParenthesis => _ = brackets.close(b'('),
                Kind::CloseBracket => _ = brackets.close(b'['),
                Kind::CloseBrace | Kind::TildeBrace => match brackets.close(b'{') {
                    Some(b'$') => at = self.quoted(at, &mut brackets),
                    // The brace of the block around the item.
                    None if token.kind == Kind::CloseBrace => return Stop::Item(token.start),
                    _ => {}
                },
                Kind::Quote => {
                    brackets.push(b'"');
                    at = self.quoted(at, &mut brackets);
                }
                Kind::Heredoc => match self.heredoc(token) {
                    Some(end) => at = end,
                    None => return Stop::Heredoc(token.start),
                },
                _ => {}
            }
        }
    }

    /// Goes through the text of a string: to its end, or past the opening of a sequence. A string does not go over its line.
    fn quoted(&self, mut at: usize, brackets: &mut Brackets) -> usize {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => {
                    brackets.open.pop();
                    return at + 1;
                }
                b'\n' => break,
                b'\\' if bytes.get(at + 1).is_some_and(|next| *next != b'\n' && next.is_ascii()) => at += 2,
                b'$' | b'%' if bytes.get(at + 1) == Some(&byte) && bytes.get(at + 2) == Some(&b'{') => at += 3,
                b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => {
                    brackets.push(b'$');
                    return at + 2;
                }
                _ => at += 1,
            }
        }
        brackets.open.pop();
        at
    }

    /// Where the closing line of a heredoc ends.
    fn heredoc(&self, token: lexer::Token) -> Option<usize> {
        let marker = self.text[token.start..token.end].trim().trim_start_matches('<').trim_start_matches('-');
        let mut at = token.end;
        loop {
            let end = line_end(self.text.as_bytes(), at);
            if end == self.text.len() {
                return None;
            }
            if self.text[at..end].trim() == marker {
                return Some(end);
            }
            at = end + 1;
        }
    }

    /// Whether a line, met while brackets are open, is the next item nevertheless. Lines up to the error were read as part of the broken
    /// item; they are believed only where the item's own lines are indented deeper.
    fn next_line_is_an_item(&self, line: usize, indented: &mut Option<bool>) -> bool {
        let word = lexer::token(self.text, line, Newlines::Significant);
        if matches!(word.kind, Kind::Newline | Kind::End) {
            return false;
        }
        if is_top_level(self.text, line) {
            return true;
        }
        let column = indentation(self.text, line);
        let deeper = *indented.get_or_insert(column > self.column);
        if line < self.failed_line && !deeper {
            return false;
        }
        match word.kind {
            Kind::CloseBrace => column < self.column,
            Kind::Name if column <= self.column => {
                let next = lexer::token(self.text, word.end, Newlines::Significant);
                matches!(next.kind, Kind::Equal | Kind::OpenBrace | Kind::Quote)
            }
            _ => false,
        }
    }
}
