//! Heredocs: where they end, and the indentation that `<<-` takes off.

use crate::syntax::hcl::Expr;
use crate::syntax::hcl::lexer::Kind;
use crate::syntax::hcl::parser::{Failed, Parsed, Parser};
use crate::syntax::hcl::template::{Piece, Pieces, trimmed};

impl Parser<'_> {
    /// A heredoc; its introduction is looked at. It ends at the first line that says nothing but its name, with a line ending after it.
    pub fn heredoc(&mut self) -> Parsed<Expr> {
        let (start, mut at) = (self.token.start, self.token.end);
        let introduction = self.slice(self.token).trim_end().trim_start_matches('<');
        let marker = introduction.strip_prefix('-').unwrap_or(introduction);
        let mut pieces = Pieces::default();
        let mut line_end = at;
        let mut line_start = at;
        loop {
            if at >= line_end {
                let Some(end) = self.line_break(at) else { return Err(self.unclosed_heredoc(start)) };
                line_end = end + 1;
            }
            let line = &self.text[at..line_end];
            if at == line_start && line.trim() == marker {
                let end = at + line.trim_end().len();
                self.jump(end);
                if marker.len() < introduction.len() {
                    flush(&mut pieces.list);
                }
                return self.template(pieces, start);
            }
            let (text, stop) = self.raw_literal(at, line_end);
            if let Some(cr) = lone_carriage_return(&self.text.as_bytes()[at..stop]) {
                return Err(self.error(at + cr, at + cr + 1, "invalid character: a carriage return must be followed by a line feed"));
            }
            pieces.literal(text, at, stop);
            if stop < line_end {
                at = self.sequence(stop, &mut pieces)?;
            } else {
                at = stop;
                line_start = stop;
            }
        }
    }

    fn unclosed_heredoc(&mut self, start: usize) -> Failed {
        self.jump(self.text.len());
        debug_assert!(self.at(Kind::End));
        let end = start + self.text[start..].find(['\r', '\n']).unwrap_or(0);
        self.error(start, end, "unterminated template string: no closing marker was found for the heredoc before the end of the file")
    }
}

fn lone_carriage_return(bytes: &[u8]) -> Option<usize> {
    let at = bytes.iter().position(|byte| *byte == b'\r')?;
    let rest = &bytes[at + 1..];
    // A line holds one line feed, at its end.
    (rest != b"\n").then_some(at)
}

/// Takes off the indentation of the line that has least, not counting lines of nothing but space. Literals are looked at after strip
/// markers took effect, as in the reference: a stripped indentation counts as none, and a stripped line ending joins two lines.
fn flush(pieces: &mut [Piece<'_>]) {
    let mut least = usize::MAX;
    let mut indented = Vec::new();
    let mut at_line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Literal { text, .. } = piece else {
            if at_line_start {
                least = 0;
            }
            at_line_start = false;
            continue;
        };
        let content = text.trim_start();
        let blank = content.is_empty() && text.ends_with('\n');
        if at_line_start && !blank {
            least = least.min(text[..text.len() - content.len()].chars().count());
            indented.push(index);
        }
        at_line_start = text.ends_with('\n');
    }
    for index in indented {
        let Piece::Literal { text, .. } = &mut pieces[index] else { continue };
        *text = trimmed(std::mem::take(text), |text| {
            let cut = text.char_indices().nth(least).map_or(text.len(), |(offset, _)| offset);
            &text[cut..]
        });
    }
}
