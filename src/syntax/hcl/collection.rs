//! `[…]` and `{…}`: tuples, objects, and the `for` expressions that share their brackets.

use crate::syntax::hcl::lexer::{Kind, Newlines, Token};
use crate::syntax::hcl::parser::{Failed, Layout, Parsed, Parser};
use crate::syntax::hcl::{Expr, ExprKind, ForExpr, Ident, ObjectItem};

impl Parser<'_> {
    /// `[a, b]` or `[for …]`; line breaks are space.
    pub fn tuple(&mut self) -> Parsed<Expr> {
        let open = self.token;
        let outside = self.newlines;
        self.newlines = Newlines::Ignored;
        self.bump();
        if self.at_word("for") {
            return self.for_expression(open, outside);
        }
        let mut elements = self.expressions.take();
        while !self.at(Kind::CloseBracket) {
            elements.push(self.expression()?);
            match self.token.kind {
                Kind::Comma => self.bump(),
                Kind::CloseBracket => break,
                Kind::End => {
                    let message = "unterminated tuple constructor expression: there is no corresponding closing bracket";
                    return Err(self.error(open.start, open.end, message));
                }
                _ => return Err(self.unexpected("missing item separator: expected a comma to mark the beginning of the next item")),
            }
        }
        self.bump_out(outside);
        let elements = self.expressions.exact(elements);
        Ok(self.expr(ExprKind::Tuple(elements), open.start))
    }

    /// `{ a = 1 }`, where line breaks separate items, or `{for …}`, where they are space.
    pub fn object(&mut self) -> Parsed<Expr> {
        let open = self.token;
        let outside = self.newlines;
        self.newlines = Newlines::Ignored;
        self.bump();
        if self.at_word("for") {
            return self.for_expression(open, outside);
        }
        self.set_newlines(Newlines::Significant);
        let mut items = self.items.take();
        let mut indentation = None;
        loop {
            while self.at(Kind::Newline) {
                self.bump();
            }
            if self.at(Kind::End) || (self.layout == Layout::Heeded && self.layout_ends_object(&mut indentation)) {
                return Err(self.unclosed_object(open));
            }
            if self.at(Kind::CloseBrace) {
                break;
            }
            items.push(self.object_item(open)?);
            match self.token.kind {
                Kind::Comma | Kind::Newline => self.bump(),
                Kind::CloseBrace => break,
                Kind::End => return Err(self.unclosed_object(open)),
                _ => {
                    let message = "missing attribute separator: expected a newline or comma to mark the beginning of the next attribute";
                    return Err(self.unexpected(message));
                }
            }
        }
        self.bump_out(outside);
        let items = self.items.exact(items);
        Ok(self.expr(ExprKind::Object(items), open.start))
    }

    /// Whether the current line is no part of this object, going by indentation.
    fn layout_ends_object(&mut self, first: &mut Option<usize>) -> bool {
        if !self.leads_its_line() {
            return false;
        }
        let (attribute, here) = (self.column(self.item), self.column(self.token.start));
        match self.token.kind {
            Kind::CloseBrace => here < attribute,
            _ => *first.get_or_insert(here) > attribute && here <= attribute,
        }
    }

    fn unclosed_object(&mut self, open: Token) -> Failed {
        let message = "unterminated object constructor expression: there is no corresponding closing brace";
        self.error(open.start, open.end, message)
    }

    fn object_item(&mut self, open: Token) -> Parsed<ObjectItem> {
        let mut key = self.expression()?;
        match self.token.kind {
            Kind::Equal | Kind::Colon => self.bump(),
            Kind::End => return Err(self.unclosed_object(open)),
            Kind::Newline | Kind::Comma => {
                return Err(self.unexpected("missing attribute value: expected an attribute value, introduced by an equals sign (`=`)"));
            }
            _ => {
                return Err(self.unexpected(
                    "missing key/value separator: expected an equals sign (`=`) to mark the beginning of the attribute value",
                ));
            }
        }
        let value = self.expression()?;
        // A bare name as a key is that name, not a reference.
        if let ExprKind::Traversal { root, operations } = &key.kind
            && operations.is_empty()
        {
            key.kind = ExprKind::String(root.name.clone());
        }
        Ok(ObjectItem { key, value })
    }

    /// `for` is looked at, after the bracket `open`.
    fn for_expression(&mut self, open: Token, outside: Newlines) -> Parsed<Expr> {
        let word = self.token;
        self.bump();
        let (key_name, value_name) = self.for_names("expression")?;
        let collection = self.expression()?;
        if !self.at(Kind::Colon) {
            return Err(self.unexpected("invalid `for` expression: a colon is required after the collection expression"));
        }
        self.bump();
        let mut value = self.expression()?;
        let mut key = None;
        if self.at(Kind::FatArrow) {
            self.bump();
            key = Some(std::mem::replace(&mut value, self.expression()?));
        }
        let group = self.at(Kind::Ellipsis);
        if group {
            self.bump();
        }
        let condition = if self.at_word("if") {
            self.bump();
            Some(self.expression()?)
        } else {
            None
        };
        let object = open.kind == Kind::OpenBrace;
        if !self.at(if object { Kind::CloseBrace } else { Kind::CloseBracket }) {
            return Err(self.unexpected("invalid `for` expression: extra characters after the end of the `for` expression"));
        }
        self.bump_out(outside);
        let wrong = match (object, &key, group) {
            (false, Some(_), _) => "invalid `for` expression: a key expression is not valid when building a tuple",
            (false, None, true) => "invalid `for` expression: a grouping ellipsis (`...`) cannot be used when building a tuple",
            (true, None, _) => "invalid `for` expression: a key expression is required when building an object",
            _ => "",
        };
        if !wrong.is_empty() {
            return Err(self.error(word.start, word.end, wrong));
        }
        let parts = ForExpr { key_name, value_name, collection, key, value, group, condition };
        Ok(self.expr(ExprKind::For(Box::new(parts)), open.start))
    }

    /// `v in` or `k, v in`, in a `for` expression or directive.
    pub fn for_names(&mut self, place: &str) -> Parsed<(Option<Ident>, Ident)> {
        if !self.at(Kind::Name) {
            return Err(self.unexpected(format!("invalid `for` {place}: a variable name is required after `for`")));
        }
        let mut value_name = self.name();
        let mut key_name = None;
        if self.at(Kind::Comma) {
            self.bump();
            if !self.at(Kind::Name) {
                return Err(self.unexpected(format!("invalid `for` {place}: a value variable name is required after the comma")));
            }
            key_name = Some(std::mem::replace(&mut value_name, self.name()));
        }
        if !self.at_word("in") {
            return Err(self.unexpected(format!("invalid `for` {place}: the `in` keyword is required after the names")));
        }
        self.bump();
        Ok((key_name, value_name))
    }
}
