//! Scalars of usual YAML: plain, quoted, literal and folded.

use super::{Read, Reader, Stop, Unusual};
use crate::syntax::node::{Style, Tag};
use std::borrow::Cow;

impl<'t> Reader<'t> {
    /// A plain scalar's part on this line: where its text ends, and by what. `at` moves to what ended it.
    pub(super) fn plain_line(&mut self, in_flow: bool) -> Read<(usize, Stop)> {
        let first = self.byte(self.at).ok_or(Unusual)?;
        let may_begin = match first {
            b'-' | b':' => !self.is_blank(self.at + 1) && !in_flow,
            b'?' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => false,
            _ => true,
        };
        if !may_begin {
            return Err(Unusual);
        }
        self.plain_rest(in_flow)
    }

    /// The same, wherever in the scalar.
    fn plain_rest(&mut self, in_flow: bool) -> Read<(usize, Stop)> {
        let mut end = self.at;
        let stop = loop {
            match self.byte(self.at) {
                None | Some(b'\n') => break Stop::Line,
                Some(b' ') => {
                    self.at += 1;
                    continue;
                }
                Some(b'\t') => return Err(Unusual),
                Some(b'#') if end < self.at => break Stop::Comment,
                Some(b':') if self.is_blank(self.at + 1) => break Stop::Colon,
                Some(b':') if in_flow && matches!(self.byte(self.at + 1), Some(b',' | b'[' | b']' | b'{' | b'}')) => return Err(Unusual),
                Some(b':') if self.byte(self.at + 1) == Some(b'\t') => return Err(Unusual),
                Some(b',' | b'[' | b']' | b'{' | b'}') if in_flow => break Stop::Line,
                Some(_) => {}
            }
            self.at += 1;
            end = self.at;
        };
        Ok((end, stop))
    }

    /// A plain scalar in a block, with the lines that it goes on in: those further in than the collection around it.
    pub(super) fn plain(&mut self, column: usize, tag: Option<Tag>) -> Read<()> {
        let start = self.at;
        let (mut end, mut stop) = self.plain_line(false)?;
        let mut folded: Option<String> = None;
        loop {
            match stop {
                Stop::Colon => return Err(Unusual),
                Stop::Comment | Stop::Line => {}
            }
            self.skip_line();
            if stop == Stop::Comment {
                break;
            }
            let mut breaks = 0;
            let next = self.at;
            loop {
                self.line = self.at;
                self.skip_spaces();
                if self.byte(self.at) != Some(b'\n') {
                    break;
                }
                self.at += 1;
                breaks += 1;
            }
            let indent = self.at - self.line;
            match self.byte(self.at) {
                None | Some(b'#') => {
                    self.at = next;
                    break;
                }
                Some(b'\t') => return Err(Unusual),
                Some(_) if indent <= column => {
                    self.at = next;
                    break;
                }
                Some(_) => {}
            }
            let text = self.text;
            let so_far = folded.get_or_insert_with(|| text[start..end].to_owned());
            if breaks == 0 {
                so_far.push(' ');
            }
            so_far.extend(std::iter::repeat_n('\n', breaks));
            let from = self.at;
            (end, stop) = self.plain_rest(false)?;
            folded.get_or_insert_default().push_str(&text[from..end]);
        }
        let text = self.text;
        self.attach(folded.as_deref().unwrap_or(&text[start..end]), Style::Plain, (start, end), tag);
        Ok(())
    }

    /// A quoted scalar: on one line, or where it stands in a collection of this column, on several that are further in.
    pub(super) fn quoted(&mut self, column: Option<usize>) -> Read<Cow<'t, str>> {
        let quote = self.bytes[self.at];
        let start = self.at + 1;
        let text = self.text;
        let mut unescaped = String::new();
        let mut from = start;
        let mut at = start;
        loop {
            match self.byte(at).ok_or(Unusual)? {
                b'\t' => return Err(Unusual),
                b'\n' => {
                    let column = column.ok_or(Unusual)?;
                    unescaped.push_str(text[from..at].trim_end_matches(' '));
                    let mut breaks = 0;
                    self.at = at;
                    while self.byte(self.at) == Some(b'\n') {
                        self.at += 1;
                        breaks += 1;
                        self.line = self.at;
                        self.skip_spaces();
                    }
                    if self.at - self.line <= column {
                        return Err(Unusual);
                    }
                    if breaks == 1 {
                        unescaped.push(' ');
                    }
                    unescaped.extend(std::iter::repeat_n('\n', breaks - 1));
                    (at, from) = (self.at, self.at);
                }
                b'\'' if quote == b'\'' && self.byte(at + 1) == Some(b'\'') => {
                    unescaped.push_str(&text[from..=at]);
                    at += 2;
                    from = at;
                }
                b'\\' if quote == b'"' => {
                    let escaped = match self.byte(at + 1).ok_or(Unusual)? {
                        b'n' => '\n',
                        b't' => '\t',
                        b'r' => '\r',
                        same @ (b'"' | b'\\' | b'/') => char::from(same),
                        _ => return Err(Unusual),
                    };
                    unescaped.push_str(&text[from..at]);
                    unescaped.push(escaped);
                    at += 2;
                    from = at;
                }
                byte if byte == quote => break,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        if from == start {
            return Ok(Cow::Borrowed(&text[start..at]));
        }
        unescaped.push_str(&text[from..at]);
        Ok(Cow::Owned(unescaped))
    }

    /// A literal or folded block; `column` is that of the collection around it.
    pub(super) fn block(&mut self, column: usize, tag: Option<Tag>) -> Read<()> {
        let is_folded = self.bytes[self.at] == b'>';
        self.at += 1;
        let is_stripped = self.byte(self.at) == Some(b'-');
        self.at += usize::from(is_stripped);
        self.skip_spaces();
        if self.byte(self.at) != Some(b'\n') {
            return Err(Unusual);
        }
        self.at += 1;
        let mut content = String::new();
        // Line breaks that have been read and not yet written: whether they count shows in what follows.
        let mut breaks = 0;
        let mut indent = 0;
        let mut start = None;
        loop {
            self.line = self.at;
            self.skip_spaces();
            let own = self.at - self.line;
            match self.byte(self.at) {
                // The text must end with a line.
                None if own > 0 => return Err(Unusual),
                None => break,
                Some(b'\n') if start.is_none() && own > 0 || own > indent => return Err(Unusual),
                Some(b'\n') => {
                    breaks += 1;
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            if start.is_none() {
                if own <= column || self.byte(self.at) == Some(b'\t') {
                    return Err(Unusual);
                }
                indent = own;
                start = Some(self.at);
                breaks += 1;
            }
            if own < indent {
                if self.byte(self.at) == Some(b'\t') {
                    return Err(Unusual);
                }
                break;
            }
            if is_folded && (own > indent || self.byte(self.at) == Some(b'\t')) {
                return Err(Unusual);
            }
            let from = self.line + indent;
            let rest = &self.bytes[self.at..];
            let end = self.at + rest.iter().position(|byte| *byte == b'\n').ok_or(Unusual)?;
            match breaks {
                1 if is_folded && !content.is_empty() => content.push(' '),
                // The first line has no break before it, and of folded lines the first of several breaks is folded.
                _ if content.is_empty() || is_folded => content.extend(std::iter::repeat_n('\n', breaks - 1)),
                _ => content.extend(std::iter::repeat_n('\n', breaks)),
            }
            content.push_str(&self.text[from..end]);
            breaks = 1;
            self.at = end + 1;
        }
        let start = start.ok_or(Unusual)?;
        if !is_stripped {
            content.push('\n');
        }
        self.attach(&content, Style::Block, (start, self.at), tag);
        self.at = self.line;
        Ok(())
    }
}
