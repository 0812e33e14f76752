//! The YAML that people write, read straight into the tree: several times faster than by the events of a parser that knows all of YAML.
//!
//! Block mappings and sequences, plain and quoted scalars, literal and folded blocks, flow collections, local tags, comments. Whatever else there
//! is (anchors, directives, several documents, keys that are no scalars, tabs between tokens, quoted text over several lines), and whatever may
//! be wrong, is refused as soon as it is met, and the whole text is read by events instead: this reader has no errors of its own. What it does
//! accept, it reads exactly as the events would have it; tests and a fuzz target hold it to that.

mod flow;
mod scalar;

use super::{Builder, Content};
use crate::source::TextRange;
use crate::syntax::node::{Node, NodeKind, Style, Tag};

/// Longest key that a parser must look ahead for, in bytes: YAML allows 1,024 characters.
const MAX_KEY: usize = 1000;

/// What a reader refuses by: it is left to the events.
struct Unusual;

type Read<T> = Result<T, Unusual>;

/// Reads a text of one document; `None` if there is anything unusual in it.
pub(super) fn read(text: &str, builder: Builder) -> Option<Builder> {
    if !has_usual_characters(text.as_bytes()) {
        return None;
    }
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, line: 0, builder };
    reader.document().ok().map(|()| reader.builder)
}

/// Line feeds, tabs, printable ASCII, and of the rest what no version of YAML takes for a line break, a mark or an error.
fn has_usual_characters(bytes: &[u8]) -> bool {
    let is_usual = |(at, byte): (usize, &u8)| match *byte {
        b' '..=b'~' | b'\n' | b'\t' => true,
        // Control characters; U+2028 and U+2029; the byte order mark and what is no character.
        0xC2 => bytes.get(at + 1).is_some_and(|next| *next >= 0xA0),
        0xE2 => bytes.get(at + 1).is_some_and(|next| *next != 0x80) || bytes.get(at + 2).is_some_and(|next| !matches!(next, 0xA8 | 0xA9)),
        0xEF => false,
        byte => byte >= 0x80,
    };
    bytes.iter().enumerate().all(is_usual)
}

/// How a plain scalar ends on its first line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Line,
    Colon,
    Comment,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where the line begins that `at` stands in.
    line: usize,
    builder: Builder,
}

impl Reader<'_> {
    fn document(&mut self) -> Read<()> {
        let mut indent = self.next_content()?.ok_or(Unusual)?;
        if indent == 0 && self.bytes[self.at..].starts_with(b"---") {
            self.at += 3;
            self.rest_of_line()?;
            indent = self.next_content()?.ok_or(Unusual)?;
        }
        if self.is_item(self.at) {
            self.sequence(indent, false, None)?;
        } else if self.is_key(false) {
            self.mapping(indent, None)?;
        } else {
            return Err(Unusual);
        }
        match self.next_content()? {
            None => Ok(()),
            Some(_) => Err(Unusual),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Whether nothing but a space or the line's end stands there.
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), None | Some(b' ' | b'\n'))
    }

    fn is_item(&self, at: usize) -> bool {
        self.byte(at) == Some(b'-') && self.is_blank(at + 1)
    }

    fn skip_spaces(&mut self) {
        while self.byte(self.at) == Some(b' ') {
            self.at += 1;
        }
    }

    /// From the beginning of a line to the first that has content: how far that is indented. `None` at the end of the text.
    fn next_content(&mut self) -> Read<Option<usize>> {
        loop {
            self.line = self.at;
            self.skip_spaces();
            match self.byte(self.at) {
                None => return Ok(None),
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'\t') => return Err(Unusual),
                Some(b'.') if self.at == self.line && self.bytes[self.at..].starts_with(b"...") => {
                    return if self.text[self.at + 3..].trim_matches([' ', '\n']).is_empty() { Ok(None) } else { Err(Unusual) };
                }
                Some(_) => {
                    let indent = self.at - self.line;
                    self.refuse_marker(indent)?;
                    return Ok(Some(indent));
                }
            }
        }
    }

    /// Directives, and marks between documents: the one that may begin a text has been read.
    fn refuse_marker(&self, indent: usize) -> Read<()> {
        let rest = &self.bytes[self.at..];
        let is_marker = rest.first() == Some(&b'%') || indent == 0 && self.line > 0 && rest.starts_with(b"---");
        if is_marker { Err(Unusual) } else { Ok(()) }
    }

    /// To the beginning of the next line.
    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |length| length + 1);
    }

    /// After a value: spaces and a comment, and nothing else.
    fn rest_of_line(&mut self) -> Read<()> {
        let end = self.at;
        self.skip_spaces();
        match self.byte(self.at) {
            None => Ok(()),
            Some(b'\n') => {
                self.at += 1;
                Ok(())
            }
            Some(b'#') if self.at > end => {
                self.skip_line();
                Ok(())
            }
            Some(_) => Err(Unusual),
        }
    }

    fn attach(&mut self, text: &str, style: Style, range: (usize, usize), tag: Option<Tag>) {
        let range = TextRange::new(range.0, range.1);
        self.builder.attach(Node { kind: NodeKind::scalar(text, style), range, tag }, range);
    }

    fn start(&mut self, content: Content, range: (usize, usize), tag: Option<Tag>) -> Read<()> {
        if self.builder.start(content, TextRange::new(range.0, range.1), 0, tag) { Ok(()) } else { Err(Unusual) }
    }

    fn start_mapping(&mut self, range: (usize, usize), tag: Option<Tag>) -> Read<()> {
        let content = self.builder.mapping();
        self.start(content, range, tag)
    }

    /// Whether a key and its colon stand here.
    fn is_key(&mut self, in_flow: bool) -> bool {
        let start = self.at;
        let is_key = match self.byte(start) {
            Some(b'"' | b'\'') => self.quoted(None).is_ok() && self.byte(self.at) == Some(b':') && self.is_blank(self.at + 1),
            _ => self.plain_line(in_flow).is_ok_and(|(_, stop)| stop == Stop::Colon),
        };
        self.at = start;
        is_key
    }

    /// A mapping whose keys stand in this column, from its first key on.
    fn mapping(&mut self, column: usize, tag: Option<Tag>) -> Read<()> {
        self.start_mapping((self.at, self.at), tag)?;
        loop {
            if self.is_item(self.at) {
                return Err(Unusual);
            }
            let colon = self.key(false)?;
            self.value(column, Some(colon))?;
            match self.next_content()? {
                Some(indent) if indent == column => {}
                Some(indent) if indent > column => return Err(Unusual),
                _ => break,
            }
        }
        self.at = self.line;
        self.builder.end(TextRange::new(self.at, self.at));
        Ok(())
    }

    /// A key and its colon: where that stands.
    fn key(&mut self, in_flow: bool) -> Read<usize> {
        let start = self.at;
        self.scalar_on_line(in_flow, Stop::Colon, None)?;
        let colon = self.at;
        if self.byte(colon) != Some(b':') || !self.is_blank(colon + 1) || colon - start > MAX_KEY {
            return Err(Unusual);
        }
        self.at += 1;
        Ok(colon)
    }

    /// A quoted scalar, or a plain one that ends by this, on one line.
    fn scalar_on_line(&mut self, in_flow: bool, by: Stop, tag: Option<Tag>) -> Read<()> {
        let start = self.at;
        if let Some(b'"' | b'\'') = self.byte(start) {
            let text = self.quoted(None)?;
            self.attach(&text, Style::Quoted, (start, self.at), tag);
            return Ok(());
        }
        let (end, stop) = self.plain_line(in_flow)?;
        if stop != by {
            return Err(Unusual);
        }
        let text = self.text;
        self.attach(&text[start..end], Style::Plain, (start, end), tag);
        Ok(())
    }

    /// What follows a key's colon, or an item's dash: on the same line, or below it and further in.
    fn value(&mut self, column: usize, colon: Option<usize>) -> Read<()> {
        self.skip_spaces();
        let tag = self.tag()?;
        // A value that is not there stands where the colon does, or after its tag.
        let nowhere = if tag.is_some() { Some(self.at) } else { colon };
        self.skip_spaces();
        match self.byte(self.at) {
            None | Some(b'\n' | b'#') => {
                self.rest_of_tokens()?;
                let below = self.next_content()?;
                match below {
                    Some(indent) if indent > column => return self.below(indent, column, tag),
                    Some(indent) if indent == column && colon.is_some() && self.is_item(self.at) => {
                        return self.sequence(indent, true, tag);
                    }
                    _ => {}
                }
                let nowhere = nowhere.ok_or(Unusual)?;
                self.at = self.line;
                self.attach("", Style::Plain, (nowhere, nowhere), tag);
                Ok(())
            }
            Some(b'-') if self.is_blank(self.at + 1) => {
                if colon.is_some() || tag.is_some() {
                    return Err(Unusual);
                }
                self.sequence(self.at - self.line, false, None)
            }
            // A mapping may begin after a dash.
            _ if colon.is_none() && tag.is_none() && self.is_key(false) => self.mapping(self.at - self.line, None),
            _ => self.scalar_or_flow(column, tag),
        }
    }

    /// Before a value that begins on another line, a comment may stand.
    fn rest_of_tokens(&mut self) -> Read<()> {
        if self.byte(self.at) == Some(b'#') && self.byte(self.at - 1) != Some(b' ') {
            return Err(Unusual);
        }
        self.skip_line();
        Ok(())
    }

    /// A value that begins on a line of its own.
    fn below(&mut self, indent: usize, column: usize, tag: Option<Tag>) -> Read<()> {
        if self.is_item(self.at) {
            return self.sequence(indent, false, tag);
        }
        if self.byte(self.at) == Some(b'!') {
            if tag.is_some() {
                return Err(Unusual);
            }
            let own = self.tag()?;
            self.skip_spaces();
            if matches!(self.byte(self.at), None | Some(b'\n' | b'#')) {
                self.rest_of_tokens()?;
                let below = self.next_content()?.filter(|indent| *indent > column && self.byte(self.at) != Some(b'!')).ok_or(Unusual)?;
                return self.below(below, column, own);
            }
            if self.is_item(self.at) || self.is_key(false) {
                return Err(Unusual);
            }
            return self.scalar_or_flow(column, own);
        }
        if self.is_key(false) {
            return self.mapping(indent, tag);
        }
        self.scalar_or_flow(column, tag)
    }

    fn sequence(&mut self, column: usize, is_at_key: bool, tag: Option<Tag>) -> Read<()> {
        let start = if is_at_key { self.first_item() } else { self.at };
        let content = self.builder.sequence();
        self.start(content, (start, start), tag)?;
        loop {
            self.at += 1;
            self.value(column, None)?;
            match self.next_content()? {
                Some(indent) if indent == column && self.is_item(self.at) => {}
                Some(indent) if indent == column && is_at_key => break,
                Some(indent) if indent >= column => return Err(Unusual),
                _ => break,
            }
        }
        self.at = self.line;
        self.builder.end(TextRange::new(self.at, self.at));
        Ok(())
    }

    /// Where the line goes on after the dash of a first item: to the events, a sequence that is no further in than its key begins there.
    fn first_item(&mut self) -> usize {
        let at = self.at;
        self.at += 1;
        self.skip_spaces();
        if self.byte(self.at) == Some(b'#') {
            self.at += self.bytes[self.at..].iter().take_while(|byte| **byte != b'\n').count();
        }
        std::mem::replace(&mut self.at, at)
    }

    /// A local tag of letters, as intrinsic functions have it.
    fn tag(&mut self) -> Read<Option<Tag>> {
        if self.byte(self.at) != Some(b'!') {
            return Ok(None);
        }
        let start = self.at + 1;
        let length =
            self.bytes[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_')).count();
        self.at = start + length;
        if length == 0 || !self.is_blank(self.at) {
            return Err(Unusual);
        }
        Ok(Some(Tag::new(&self.text[start..self.at])))
    }

    /// A value that is no block collection, to the end of its last line.
    fn scalar_or_flow(&mut self, column: usize, tag: Option<Tag>) -> Read<()> {
        let start = self.at;
        match self.byte(start) {
            Some(b'"' | b'\'') => {
                let text = self.quoted(Some(column))?;
                self.attach(&text, Style::Quoted, (start, self.at), tag);
                self.rest_of_line()
            }
            Some(b'[' | b'{') => {
                self.flow(tag)?;
                self.rest_of_line()
            }
            Some(b'|' | b'>') => self.block(column, tag),
            _ => self.plain(column, tag),
        }
    }
}
