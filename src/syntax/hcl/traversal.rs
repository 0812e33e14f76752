//! What follows a term: `.name`, `[key]`, `.0`, `.*`, `[*]`.

use crate::syntax::hcl::lexer::{Kind, Newlines, Token};
use crate::syntax::hcl::parser::{Parsed, Parser};
use crate::syntax::hcl::{Expr, ExprKind, Operation, SplatKind};

impl Parser<'_> {
    /// A term with the operations that follow it, if any do.
    pub fn traversal(&mut self, term: Expr) -> Parsed<Expr> {
        if !matches!(self.token.kind, Kind::Dot | Kind::OpenBracket) {
            return Ok(term);
        }
        let following = self.operations()?;
        let mut range = term.range;
        range.end = self.range(self.previous_end, self.previous_end).end;
        let kind = match term.kind {
            ExprKind::Traversal { root, .. } => ExprKind::Traversal { root, operations: following },
            kind => ExprKind::Relative { source: Box::new(Expr { kind, range: term.range }), operations: following },
        };
        Ok(Expr { kind, range })
    }

    fn operations(&mut self) -> Parsed<Vec<Operation>> {
        let mut operations = self.operations.take();
        loop {
            match self.token.kind {
                Kind::Dot => self.dot(&mut operations)?,
                Kind::OpenBracket => operations.push(self.index()?),
                _ => return Ok(self.operations.exact(operations)),
            }
        }
    }

    fn dot(&mut self, operations: &mut Vec<Operation>) -> Parsed<()> {
        let dot = self.token;
        self.bump();
        match self.token.kind {
            Kind::Name => operations.push(Operation::Attribute(self.name())),
            Kind::Number => self.legacy_index(dot, operations)?,
            Kind::Star => operations.push(self.attribute_splat(dot)?),
            _ => return Err(self.unexpected("invalid attribute name: an attribute name is required after a dot")),
        }
        Ok(())
    }

    /// `.0`. The form `.0.1` reads as one number and is refused, as it is there.
    fn legacy_index(&mut self, dot: Token, operations: &mut Vec<Operation>) -> Parsed<()> {
        let token = self.token;
        let text = self.slice(token);
        if let Some((first, second)) = text.split_once('.') {
            let message = format!("invalid legacy index syntax: two indexes in a row are not permitted, use `[{first}][{second}]`");
            self.error(dot.start, token.end, message);
            let range = self.range(dot.start, token.end);
            operations
                .extend([first, second].iter().filter_map(|part| part.parse().ok()).map(|index| Operation::LegacyIndex(index, range)));
            self.bump();
            return Ok(());
        }
        let operation = match text.parse() {
            Ok(index) => {
                self.bump();
                Operation::LegacyIndex(index, self.range(dot.start, token.end))
            }
            // `.1e3`, or more digits than any list has elements.
            Err(_) => Operation::Index(Box::new(self.number()?)),
        };
        operations.push(operation);
        Ok(())
    }

    /// `.*`, which takes the attributes and legacy indexes that follow for each element; an index in brackets is for the whole result.
    fn attribute_splat(&mut self, dot: Token) -> Parsed<Operation> {
        self.bump();
        let range = self.range(dot.start, self.previous_end);
        let mut each = Vec::new();
        while self.at(Kind::Dot) {
            let dot = self.token;
            self.bump();
            match self.token.kind {
                Kind::Name => each.push(Operation::Attribute(self.name())),
                Kind::Number => self.legacy_index(dot, &mut each)?,
                Kind::Star => {
                    let message = "nested splat expression not allowed: `*` cannot be used inside another attribute-only splat expression";
                    return Err(self.unexpected(message));
                }
                _ => return Err(self.unexpected("invalid attribute name: an attribute name is required after a dot")),
            }
        }
        Ok(Operation::Splat { kind: SplatKind::Attribute, each, range })
    }

    /// `[key]`, or `[*]` with everything that follows it.
    fn index(&mut self) -> Parsed<Operation> {
        let open = self.token;
        let outside = self.newlines;
        self.bump();
        if self.at(Kind::Star) {
            self.bump();
            if !self.at(Kind::CloseBracket) {
                return Err(self.unexpected("missing close bracket on splat index: the star must be immediately followed by `]`"));
            }
            self.bump();
            let range = self.range(open.start, self.previous_end);
            self.enter()?;
            let each = self.operations()?;
            self.leave();
            return Ok(Operation::Splat { kind: SplatKind::Full, each, range });
        }
        self.set_newlines(Newlines::Ignored);
        let key = self.expression()?;
        if !self.at(Kind::CloseBracket) {
            return Err(self.unexpected("missing close bracket on index: the index operator must end with a closing bracket"));
        }
        self.bump_out(outside);
        Ok(Operation::Index(Box::new(key)))
    }
}
