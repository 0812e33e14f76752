//! Expressions: the conditional, operators by precedence, and the terms they are made of.

use crate::syntax::hcl::lexer::{self, Kind, Newlines};
use crate::syntax::hcl::names::{self, name};
use crate::syntax::hcl::parser::{Failed, MAX_OPERATOR_CHAIN, Parsed, Parser};
use crate::syntax::hcl::{BinaryOperator, Expr, ExprKind, Ident, UnaryOperator};

impl Parser<'_> {
    /// Any expression. The parser is past it, or wherever it failed.
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.enter()?;
        let condition = self.operators()?;
        if !self.at(Kind::Question) {
            self.leave();
            return Ok(condition);
        }
        self.bump();
        let then = self.expression()?;
        if !self.at(Kind::Colon) {
            return Err(self.unexpected("missing false expression in conditional: `condition ? a : b` needs a colon and a second result"));
        }
        self.bump();
        let otherwise = self.expression()?;
        self.leave();
        let range = condition.range.cover(otherwise.range);
        Ok(Expr { kind: ExprKind::Conditional(Box::new(condition), Box::new(then), Box::new(otherwise)), range })
    }

    /// Binary operators over terms. Those that bind more loosely wait on a stack, which is never longer than there are levels of precedence.
    fn operators(&mut self) -> Parsed<Expr> {
        let outer_chain = std::mem::take(&mut self.chain);
        let mut right = self.operand()?;
        // Most stand alone.
        if binary_operator(self.token.kind).is_none() {
            self.chain = self.chain.max(outer_chain);
            return Ok(right);
        }
        let mut waiting: Vec<(BinaryOperator, Expr)> = Vec::new();
        while let Some(operator) = binary_operator(self.token.kind) {
            self.chain += 1;
            if self.chain > MAX_OPERATOR_CHAIN {
                return Err(
                    self.limit(format!("this expression chains more than {MAX_OPERATOR_CHAIN} operators, which is as far as it is read"))
                );
            }
            self.bump();
            right = combine(&mut waiting, right, precedence(operator));
            waiting.push((operator, right));
            right = self.operand()?;
        }
        self.chain = self.chain.max(outer_chain);
        Ok(combine(&mut waiting, right, 0))
    }

    /// A term with its traversal, under any number of unary operators, which bind it more tightly than any other operator.
    fn operand(&mut self) -> Parsed<Expr> {
        let operator = match self.token.kind {
            Kind::Minus => UnaryOperator::Negate,
            Kind::Bang => UnaryOperator::Not,
            _ => {
                let term = self.term()?;
                return self.traversal(term);
            }
        };
        let start = self.token.start;
        self.enter()?;
        self.bump();
        let operand = self.operand()?;
        self.leave();
        Ok(self.expr(ExprKind::Unary(operator, Box::new(operand)), start))
    }

    fn term(&mut self) -> Parsed<Expr> {
        let start = self.token.start;
        match self.token.kind {
            Kind::Name => self.named_term(),
            Kind::Quote => self.quoted_template(),
            Kind::Heredoc => self.heredoc(),
            Kind::Number => self.number(),
            Kind::OpenBracket => self.tuple(),
            Kind::OpenBrace => self.object(),
            Kind::OpenParenthesis => {
                let outside = self.newlines;
                self.newlines = Newlines::Ignored;
                self.bump();
                let inner = self.expression()?;
                if !self.at(Kind::CloseParenthesis) {
                    return Err(self.unexpected("unbalanced parentheses: expected a closing parenthesis to terminate the expression"));
                }
                self.bump_out(outside);
                Ok(self.expr(ExprKind::Parens(Box::new(inner)), start))
            }
            _ => Err(self.no_expression()),
        }
    }

    fn no_expression(&mut self) -> Failed {
        let message = match self.token.kind {
            Kind::End => "unexpected end of file: expected the start of an expression",
            Kind::Newline => "invalid expression: expected the start of an expression, but found the end of the line",
            Kind::Less if self.text[self.token.end..].starts_with('<') => {
                "invalid expression: a heredoc begins with `<<` and a bare name, with which the line ends"
            }
            _ => "invalid expression: expected the start of an expression, but found an invalid expression token",
        };
        self.unexpected(message)
    }

    pub fn number(&mut self) -> Parsed<Expr> {
        let token = self.token;
        let text = self.slice(token);
        if !lexer::is_number(text) {
            return Err(self.error(token.start, token.end, format!("invalid number literal: `{text}` is not a number")));
        }
        self.bump();
        let text = name(text);
        Ok(self.expr(ExprKind::Number(text), token.start))
    }

    /// `true`, `false`, `null`, a function call, or the root of a traversal.
    fn named_term(&mut self) -> Parsed<Expr> {
        let token = self.token;
        self.bump();
        if matches!(self.token.kind, Kind::OpenParenthesis | Kind::DoubleColon) {
            return self.call(token.start);
        }
        let kind = match self.slice(token) {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => ExprKind::Traversal { root: self.ident(token), operations: Vec::new() },
        };
        Ok(self.expr(kind, token.start))
    }

    /// A call. The first word of the name is read, and `(` or `::` is looked at.
    fn call(&mut self, start: usize) -> Parsed<Expr> {
        let name = self.function_name(start)?;
        let open = self.token;
        let outside = self.newlines;
        self.newlines = Newlines::Ignored;
        self.bump();
        let mut arguments = self.expressions.take();
        let mut expand_final = false;
        while !self.at(Kind::CloseParenthesis) {
            arguments.push(self.expression()?);
            match self.token.kind {
                Kind::Comma => self.bump(),
                Kind::CloseParenthesis => break,
                Kind::Ellipsis => {
                    expand_final = true;
                    self.bump();
                    if !self.at(Kind::CloseParenthesis) {
                        let message =
                            "missing closing parenthesis: an expanded function argument (with `...`) must be immediately followed by it";
                        return Err(self.unexpected(message));
                    }
                }
                Kind::End => {
                    let message = "unterminated function call: there is no closing parenthesis for this call before the end of the file";
                    return Err(self.error(open.start, open.end, message));
                }
                _ => {
                    let message = "missing argument separator: a comma is required to separate each function argument from the next";
                    return Err(self.unexpected(message));
                }
            }
        }
        self.bump_out(outside);
        let arguments = self.expressions.exact(arguments);
        Ok(self.expr(ExprKind::Call { name, arguments, expand_final }, start))
    }

    /// The name of a function with its namespaces. The common form has none.
    fn function_name(&mut self, start: usize) -> Parsed<Ident> {
        let range = self.range(start, self.previous_end);
        if self.at(Kind::OpenParenthesis) {
            let name = name(&self.text[start..self.previous_end]);
            return Ok(Ident { name, range });
        }
        let mut name = self.text[start..self.previous_end].to_owned();
        while self.at(Kind::DoubleColon) {
            self.bump();
            if !self.at(Kind::Name) {
                return Err(self.unexpected("missing function name: the symbol `::` must be followed by a function name in its namespace"));
            }
            name.push_str("::");
            name.push_str(self.slice(self.token));
            self.bump();
        }
        if !self.at(Kind::OpenParenthesis) {
            return Err(self.unexpected("missing open parenthesis: a function name with `::` must be followed by its arguments"));
        }
        let name = names::name(&name);
        Ok(Ident { name, range: self.range(start, self.previous_end) })
    }
}

/// Gives `right` to the operators that wait and bind at least as tightly as `level`: operators of one level group from the left.
fn combine(waiting: &mut Vec<(BinaryOperator, Expr)>, mut right: Expr, level: u8) -> Expr {
    while let Some((operator, left)) = waiting.pop_if(|(operator, _)| precedence(*operator) >= level) {
        let range = left.range.cover(right.range);
        right = Expr { kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), range };
    }
    right
}

fn binary_operator(kind: Kind) -> Option<BinaryOperator> {
    Some(match kind {
        Kind::Or => BinaryOperator::Or,
        Kind::And => BinaryOperator::And,
        Kind::EqualEqual => BinaryOperator::Equal,
        Kind::NotEqual => BinaryOperator::NotEqual,
        Kind::Less => BinaryOperator::Less,
        Kind::LessOrEqual => BinaryOperator::LessOrEqual,
        Kind::Greater => BinaryOperator::Greater,
        Kind::GreaterOrEqual => BinaryOperator::GreaterOrEqual,
        Kind::Plus => BinaryOperator::Add,
        Kind::Minus => BinaryOperator::Subtract,
        Kind::Star => BinaryOperator::Multiply,
        Kind::Slash => BinaryOperator::Divide,
        Kind::Percent => BinaryOperator::Modulo,
        _ => return None,
    })
}

/// How tightly an operator binds, from 1.
fn precedence(operator: BinaryOperator) -> u8 {
    match operator {
        BinaryOperator::Or => 1,
        BinaryOperator::And => 2,
        BinaryOperator::Equal | BinaryOperator::NotEqual => 3,
        BinaryOperator::Less | BinaryOperator::LessOrEqual | BinaryOperator::Greater | BinaryOperator::GreaterOrEqual => 4,
        BinaryOperator::Add | BinaryOperator::Subtract => 5,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo => 6,
    }
}
