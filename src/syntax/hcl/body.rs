//! Bodies: attributes and blocks, and what is kept of those that are broken.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, TextRange};
use crate::syntax::hcl::lexer::{Kind, Newlines, Token, line_end};
use crate::syntax::hcl::parser::{Failed, Layout, Parsed, Parser};
use crate::syntax::hcl::places::Places;
use crate::syntax::hcl::recovery::MAX_BLOCK_REREADS;
use crate::syntax::hcl::{Attribute, Block, Body, Expr, ExprKind, Ident};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What must follow an attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The end of the line.
    Line,
    /// The brace that closes a block of one line.
    Brace,
}

/// A body that grows, and the names already set in it once they are many.
#[derive(Default)]
pub(super) struct Items {
    pub body: Body,
    names: BTreeSet<Arc<str>>,
}

/// Up to here a list of names is searched faster than it is indexed.
const FEW: usize = 16;

impl Items {
    /// Whether an attribute of this name is there; the name counts as set from now on.
    pub fn has(&mut self, name: &Ident) -> bool {
        if self.body.attributes.len() < FEW {
            return self.body.attribute(&name.name).is_some();
        }
        if self.names.is_empty() {
            self.names.extend(self.body.attributes.iter().map(|attribute| attribute.name.name.clone()));
        }
        !self.names.insert(Arc::clone(&name.name))
    }
}

impl Parser<'_> {
    /// A whole file. A block that the file's end cuts off is read again, with its braces checked against its indentation.
    pub fn file(&mut self) -> Body {
        let mut items = self.no_items();
        loop {
            self.unwinding = false;
            match self.token.kind {
                Kind::End => break,
                Kind::Newline => self.bump(),
                _ => {
                    let (start, errors) = (self.token.start, self.diagnostics.len());
                    let (attributes, blocks) = (items.body.attributes.len(), items.body.blocks.len());
                    self.item(&mut items);
                    if self.unclosed && self.layout == Layout::Ignored {
                        self.layout = Layout::Heeded;
                        self.unclosed = false;
                        self.wasted += self.text.len() - start;
                        self.diagnostics.truncate(errors);
                        items.body.attributes.truncate(attributes);
                        items.body.blocks.truncate(blocks);
                        self.jump(start);
                    } else if self.may_reread(MAX_BLOCK_REREADS) {
                        self.layout = Layout::Ignored;
                    }
                }
            }
        }
        let range = self.range(0, self.text.len());
        self.body(items, range)
    }

    /// A body to be filled.
    fn no_items(&mut self) -> Items {
        let body = Body { attributes: self.attributes.take(), blocks: self.blocks.take(), range: TextRange::default() };
        Items { body, names: BTreeSet::new() }
    }

    /// What a body was filled with.
    fn body(&mut self, Items { body, .. }: Items, range: TextRange) -> Body {
        Body { attributes: self.attributes.exact(body.attributes), blocks: self.blocks.exact(body.blocks), range }
    }

    fn item(&mut self, items: &mut Items) {
        let start = self.token;
        match start.kind {
            Kind::Name => self.bump(),
            Kind::Quote => return self.quoted_name(items),
            _ => {
                let message = "argument or block definition required: an argument or block definition is required here";
                return self.misplaced(message, start);
            }
        }
        match self.token.kind {
            Kind::Equal => self.attribute(start, Ending::Line, items),
            Kind::Quote | Kind::OpenBrace | Kind::Name => self.block(start, items),
            _ => {
                let message = "argument or block definition required: to set an argument, use the equals sign `=` to introduce its value";
                self.misplaced(message, start);
            }
        }
    }

    /// `"name" = value` or `"type" { … }`, as JSON and Terraform before 0.12 have it: reported, and read as if it were not quoted.
    fn quoted_name(&mut self, items: &mut Items) {
        let start = self.token;
        let name = match self.quoted_literal(start.start, start.end) {
            Ok((_, stop)) if self.text.as_bytes()[stop] == b'"' => Token { kind: Kind::Name, start: start.end, end: stop },
            _ => return self.misplaced("invalid argument name: argument names must not be quoted", start),
        };
        self.jump(name.end + 1);
        if !matches!(self.token.kind, Kind::Equal | Kind::OpenBrace | Kind::Quote) {
            return self.misplaced("argument or block definition required: an argument or block definition is required here", start);
        }
        if self.at(Kind::Equal) {
            self.error(start.start, name.end + 1, "invalid argument name: argument names must not be quoted");
            return self.attribute(name, Ending::Line, items);
        }
        self.error(start.start, name.end + 1, "invalid block definition: block types must not be quoted");
        self.block(name, items);
    }

    /// Reports what is no item, unless it is the rest of something that was reported, and skips it.
    fn misplaced(&mut self, message: &str, item: Token) {
        if !self.recovering {
            self.unexpected(message);
        }
        if item.kind == Kind::CloseBrace {
            self.jump(item.end);
            self.recovering = true;
            return;
        }
        self.recover(item.start, item.start);
    }

    /// `name =` is read up to the equals sign.
    fn attribute(&mut self, name: Token, ending: Ending, items: &mut Items) {
        let depth = self.depth;
        self.chain = 0;
        self.item = name.start;
        self.bump();
        let start = self.token.start;
        let value = self.expression().and_then(|value| self.attribute_end(ending).map(|()| value));
        let value = value.unwrap_or_else(|Failed| {
            self.depth = depth;
            self.recover(start, name.start);
            let end = start + self.text[start..self.token.start.max(start)].trim_end().len();
            Expr { kind: ExprKind::Invalid, range: self.range(start, end) }
        });
        let name = self.ident(name);
        if items.has(&name) {
            let span = name.range.at(self.file);
            let message =
                format!("attribute redefined: the argument `{}` was already set, and each argument may be set only once", name.name);
            self.report(Diagnostic::error("syntax-error", span, message));
            return;
        }
        let range = name.range.cover(value.range);
        items.body.attributes.push(Attribute { name, value, range });
    }

    /// What follows an attribute's value. The value stands where it cannot go on: before a comma or the brace of its block.
    fn attribute_end(&mut self, ending: Ending) -> Parsed<()> {
        match (ending, self.token.kind) {
            (Ending::Line, Kind::Newline) => self.bump(),
            (Ending::Line, Kind::End) | (Ending::Brace, Kind::CloseBrace) => {}
            (Ending::Line, Kind::CloseBrace) => {
                self.unexpected("missing newline after argument: an argument definition must end with a newline");
            }
            (Ending::Line, Kind::Comma) => {
                self.unexpected("unexpected comma after argument: argument definitions must be separated by newlines, not commas");
                self.bump();
            }
            (Ending::Line, Kind::Invalid) if self.slice(self.token) == ";" => {
                self.unexpected("");
                self.bump();
            }
            (Ending::Line, _) => {
                return Err(self.unexpected("missing newline after argument: an argument definition must end with a newline"));
            }
            (Ending::Brace, Kind::Comma) => {
                let message = "invalid single-argument block definition: single-line block syntax can include only one argument definition";
                self.unexpected(message);
                self.bump();
            }
            (Ending::Brace, Kind::Newline) => {
                let message =
                    "invalid single-argument block definition: a block that has an argument on its first line must be closed on that line";
                self.unexpected(message);
            }
            (Ending::Brace, _) => {
                let message =
                    "invalid single-argument block definition: a single-line block must end with a closing brace after its argument";
                return Err(self.unexpected(message));
            }
        }
        self.recovering = false;
        Ok(())
    }

    /// A block; its type is read, and a label or the opening brace is looked at.
    fn block(&mut self, kind: Token, items: &mut Items) {
        let mut labels = self.labels.take();
        loop {
            match self.token.kind {
                Kind::OpenBrace => break,
                Kind::Name => labels.push(self.name()),
                Kind::Quote => {
                    let Ok(label) = self.label() else { return self.broken_header(kind) };
                    labels.push(label);
                }
                _ => {
                    if !self.brace_on_next_line() {
                        return self.recover(kind.start, kind.start);
                    }
                }
            }
        }
        self.recovering = false;
        let header = (kind.start, self.previous_end);
        let depth = self.depth;
        if self.enter().is_err() {
            return self.recover(kind.start, kind.start);
        }
        let open = self.token;
        self.bump();
        let mut content = self.no_items();
        if !matches!(self.token.kind, Kind::Newline | Kind::End | Kind::CloseBrace) {
            self.one_line(&mut content);
        }
        let end = self.block_content(header, &mut content);
        self.depth = depth;
        let body = self.body(content, self.range(open.end, end));
        let labels = self.labels.exact(labels);
        let range = self.range(kind.start, self.previous_end.max(end));
        let kind = self.ident(kind);
        items.body.blocks.push(Block { kind, labels, body, header: self.range(header.0, header.1), range });
        self.block_end();
    }

    /// Skips a block whose header cannot be read; where the line ends in a brace, with what that brace opens.
    fn broken_header(&mut self, kind: Token) {
        let line = self.text[..line_end(self.text.as_bytes(), kind.start)].trim_end();
        let from = if line.ends_with('{') { line.len() - 1 } else { kind.start };
        self.recover(from, kind.start);
    }

    fn label(&mut self) -> Parsed<Ident> {
        let token = self.token;
        let (text, stop) = self.quoted_literal(token.start, token.end)?;
        if self.text.as_bytes()[stop] != b'"' {
            return Err(self.error(stop, stop + 2, "invalid string literal: template sequences are not allowed in this string"));
        }
        self.jump(stop + 1);
        Ok(Ident { name: Self::string(text), range: self.range(token.start, stop + 1) })
    }

    /// Reports a header without its brace. Where the brace stands on a line of its own it is gone to.
    fn brace_on_next_line(&mut self) -> bool {
        let message = match self.token.kind {
            Kind::Equal => {
                "invalid block definition: the equals sign `=` indicates an argument definition, and must not be used when defining a block"
            }
            Kind::Newline => "invalid block definition: a block must have its opening brace on the same line as its header",
            _ => "invalid block definition: either a quoted string block label or an opening brace (`{`) is expected here",
        };
        self.unexpected(message);
        if !self.at(Kind::Newline) {
            return false;
        }
        let header_end = self.previous_end;
        while self.at(Kind::Newline) {
            self.bump();
        }
        let found = self.at(Kind::OpenBrace);
        self.previous_end = header_end;
        found
    }

    /// The argument of a block that begins and ends on one line.
    fn one_line(&mut self, items: &mut Items) {
        let start = self.token;
        if start.kind != Kind::Name {
            return;
        }
        self.bump();
        match self.token.kind {
            Kind::Equal => self.attribute(start, Ending::Brace, items),
            Kind::Quote | Kind::OpenBrace | Kind::Name => {
                self.unexpected("argument definition required: a single-line block definition can contain only a single argument");
                self.recovering = true;
                self.block(start, items);
            }
            _ => self.misplaced("argument or block definition required: an argument is required here", start),
        }
    }

    /// The items up to the closing brace, which is gone past. Answers where the content ends.
    fn block_content(&mut self, header: (usize, usize), items: &mut Items) -> usize {
        let column = self.column(header.0);
        let mut first_column = None;
        loop {
            if self.unwinding {
                return self.token.start;
            }
            match self.token.kind {
                Kind::Newline => self.bump(),
                Kind::End => {
                    self.unclosed_block(header, "before the end of the file");
                    self.unclosed = true;
                    return self.token.start;
                }
                Kind::CloseBrace => {
                    let end = self.token.start;
                    if self.outdented(column) {
                        self.unclosed_block(header, "before that of the block around it");
                        return end;
                    }
                    self.bump();
                    return end;
                }
                _ => {
                    if self.layout == Layout::Heeded && self.leads_its_line() {
                        let here = self.column(self.token.start);
                        let first = *first_column.get_or_insert(here);
                        if self.begins_top_level_block() {
                            self.unwinding = true;
                        }
                        if self.unwinding || (first > column && here <= column) {
                            self.unclosed_block(header, "before what follows it at the same indentation");
                            return self.token.start;
                        }
                    }
                    self.item(items);
                }
            }
        }
    }

    fn unclosed_block(&mut self, header: (usize, usize), place: &str) {
        if !self.unclosed {
            self.error(header.0, header.1, format!("unclosed configuration block: there is no closing brace for this block {place}"));
        }
    }

    /// What follows a closed block must be the end of the line.
    fn block_end(&mut self) {
        let kind = self.token.kind;
        match kind {
            Kind::Newline => {
                self.bump();
                self.recovering = false;
            }
            Kind::End => {}
            _ if self.unwinding || self.leads_its_line() => {}
            _ => {
                if !self.recovering {
                    self.unexpected("missing newline after block definition: a block definition must end with a newline");
                }
                self.recovering = true;
                if kind != Kind::CloseBrace {
                    self.recover(self.token.start, self.token.start);
                }
            }
        }
    }
}

/// The tree of a file, and what is wrong with it.
pub(super) fn parse(text: &str, file: FileId) -> (Body, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, file, Newlines::Significant, Places::default());
    let body = parser.file();
    (body, parser.diagnostics)
}
