//! Flow collections of usual YAML: `[a, b]`, `{a: b}`.

use super::{Read, Reader, Stop, Unusual};
use crate::source::TextRange;
use crate::syntax::node::Tag;

impl Reader<'_> {
    /// A flow collection, up to behind its bracket.
    pub(super) fn flow(&mut self, tag: Option<Tag>) -> Read<()> {
        let is_mapping = self.bytes[self.at] == b'{';
        let close = if is_mapping { b'}' } else { b']' };
        let range = (self.at, self.at + 1);
        if is_mapping {
            self.start_mapping(range, tag)?;
        } else {
            let content = self.builder.sequence();
            self.start(content, range, tag)?;
        }
        self.at += 1;
        self.skip_lines()?;
        while self.byte(self.at) != Some(close) {
            if is_mapping {
                self.flow_pair()?;
            } else if self.is_key(true) {
                // `[a: b]` is a list of a mapping of one pair.
                self.start_mapping((self.at, self.at), None)?;
                self.flow_pair()?;
                self.builder.end(TextRange::new(self.at, self.at));
            } else {
                self.flow_value()?;
            }
            self.skip_lines()?;
            match self.byte(self.at) {
                Some(b',') => {
                    self.at += 1;
                    self.skip_lines()?;
                    if self.byte(self.at) == Some(close) {
                        return Err(Unusual);
                    }
                }
                Some(byte) if byte == close => {}
                _ => return Err(Unusual),
            }
        }
        self.at += 1;
        self.builder.end(TextRange::new(self.at - 1, self.at));
        Ok(())
    }

    fn flow_pair(&mut self) -> Read<()> {
        self.key(true)?;
        self.skip_lines()?;
        self.flow_value()
    }

    fn flow_value(&mut self) -> Read<()> {
        let tag = self.tag()?;
        if tag.is_some() {
            self.skip_lines()?;
        }
        match self.byte(self.at) {
            Some(b'[' | b'{') => self.flow(tag),
            _ => self.scalar_on_line(true, Stop::Line, tag),
        }
    }

    /// Spaces and line breaks between the tokens of a flow collection.
    fn skip_lines(&mut self) -> Read<()> {
        loop {
            self.skip_spaces();
            if self.byte(self.at) != Some(b'\n') {
                return Ok(());
            }
            self.at += 1;
            self.line = self.at;
            if matches!(self.byte(self.at), Some(b'-' | b'.' | b'%')) {
                return Err(Unusual);
            }
        }
    }
}
