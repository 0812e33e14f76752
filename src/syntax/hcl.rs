//! HCL, the language of Terraform and OpenTofu: its tree.
//!
//! The tree keeps what evaluation and fixes need (names, literals, byte ranges) and drops the rest (comments, spacing):
//! edits are byte splices on the source text, so no tree is ever printed.

mod body;
mod collection;
mod expression;
mod heredoc;
mod json;
mod lexer;
mod literal;
mod names;
mod parser;
mod places;
mod recovery;
mod template;
mod traversal;
mod walk;

#[cfg(test)]
mod tests;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, TextRange};
use crate::syntax::hcl::lexer::Newlines;
use crate::syntax::hcl::parser::Parser;
use crate::syntax::hcl::places::Places;
use std::sync::Arc;

/// A name and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name.
    pub name: Arc<str>,
    /// Its bytes, quotes included.
    pub range: TextRange,
}

/// A body: the content of a file or of a block, each list in source order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Body {
    /// `name = expression`.
    pub attributes: Vec<Attribute>,
    /// `type "label" { … }`.
    pub blocks: Vec<Block>,
    /// The bytes between the braces, or the whole file.
    pub range: TextRange,
}

impl Body {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name.name == name)
    }

    /// The blocks of this type, in order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| &*block.kind.name == kind)
    }
}

/// `name = expression`.
#[derive(Clone, PartialEq, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Ident,
    /// What it is set to.
    pub value: Expr,
    /// From the name to the end of the expression.
    pub range: TextRange,
}

/// `type "label" … { … }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// The block's type: `resource`, `variable`, `logging`, …
    pub kind: Ident,
    /// Its labels, quoted or bare.
    pub labels: Vec<Ident>,
    /// Its content.
    pub body: Body,
    /// From the type to the last label (or the type alone); in JSON syntax the last label alone. What a finding underlines.
    pub header: TextRange,
    /// From the header to the closing brace.
    pub range: TextRange,
}

/// An expression and its bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, without surrounding space.
    pub range: TextRange,
}

/// What an expression is. Names follow HCL's own specification.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as written: `010`, `1e6`, `0.1`.
    Number(Arc<str>),
    /// A quoted string or heredoc without interpolation, escapes resolved, normalized to NFC.
    String(Arc<str>),
    /// A quoted string or heredoc with at least one interpolation or directive beside other parts (or a directive alone).
    Template(Vec<TemplatePart>),
    /// `"${expression}"` and nothing else: the value passes through with its own type.
    TemplateWrap(Box<Expr>),
    /// `(expression)`.
    Parens(Box<Expr>),
    /// A root name with what follows it: `var.x`, `aws_s3_bucket.a[0].id`, `x[*].y`. `operations` may be empty.
    Traversal {
        /// The first name.
        root: Ident,
        /// What follows.
        operations: Vec<Operation>,
    },
    /// Any other expression with what follows it: `f(x).y`, `[1, 2][0]`. `operations` is not empty.
    Relative {
        /// What the operations start from.
        source: Box<Expr>,
        /// What follows.
        operations: Vec<Operation>,
    },
    /// `name(arguments)`; the name may be `provider::terraform::decode_tfvars`.
    Call {
        /// The function's name, namespaces included.
        name: Ident,
        /// The arguments.
        arguments: Vec<Expr>,
        /// Whether the last argument is followed by `...`.
        expand_final: bool,
    },
    /// `-x`, `!x`.
    Unary(UnaryOperator, Box<Expr>),
    /// `a + b`.
    Binary(BinaryOperator, Box<Expr>, Box<Expr>),
    /// `condition ? a : b`.
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `[a, b]`.
    Tuple(Vec<Expr>),
    /// `{ a = 1 }`, in source order, duplicates kept.
    Object(Vec<ObjectItem>),
    /// `[for …]`, `{for …}`.
    For(Box<ForExpr>),
    /// What could not be parsed; a diagnostic says why.
    Invalid,
}

/// One step after a source value.
#[derive(Clone, PartialEq, Debug)]
pub enum Operation {
    /// `.name`.
    Attribute(Ident),
    /// `[expression]`.
    Index(Box<Expr>),
    /// `.0`, the old way to index.
    LegacyIndex(u64, TextRange),
    /// `.*` (only attributes may follow inside `each`) or `[*]`.
    Splat {
        /// Which of the two.
        kind: SplatKind,
        /// What is done to each element.
        each: Vec<Operation>,
        /// The bytes of the splat symbol.
        range: TextRange,
    },
}

/// The two splat forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SplatKind {
    /// `.*`.
    Attribute,
    /// `[*]`.
    Full,
}

/// Unary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOperator {
    /// `-`.
    Negate,
    /// `!`.
    Not,
}

/// Binary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOperator {
    /// `||`.
    Or,
    /// `&&`.
    And,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Modulo,
}

/// One `key = value` of an object.
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectItem {
    /// The key. A bare name is `ExprKind::String`, `(name)` is `Parens`, everything else is itself.
    pub key: Expr,
    /// The value.
    pub value: Expr,
}

/// A `for` expression.
#[derive(Clone, PartialEq, Debug)]
pub struct ForExpr {
    /// The first of two names, if there are two.
    pub key_name: Option<Ident>,
    /// The only or second name.
    pub value_name: Ident,
    /// What is iterated.
    pub collection: Expr,
    /// Present in the object form: the key of each result.
    pub key: Option<Expr>,
    /// The value of each result.
    pub value: Expr,
    /// Whether `...` groups values by key.
    pub group: bool,
    /// The `if` clause.
    pub condition: Option<Expr>,
}

/// A part of a template. Strip markers and heredoc indentation are already resolved into the literals.
#[derive(Clone, PartialEq, Debug)]
pub enum TemplatePart {
    /// Text, escapes resolved.
    Literal(Arc<str>, TextRange),
    /// `${expression}`.
    Interpolation(Expr),
    /// `%{ if c }…%{ else }…%{ endif }`.
    If {
        /// The condition.
        condition: Expr,
        /// The parts when true.
        then: Vec<TemplatePart>,
        /// The parts when false.
        otherwise: Vec<TemplatePart>,
        /// The whole directive.
        range: TextRange,
    },
    /// `%{ for k, v in c }…%{ endfor }`.
    For {
        /// The first of two names, if there are two.
        key_name: Option<Ident>,
        /// The only or second name.
        value_name: Ident,
        /// What is iterated.
        collection: Expr,
        /// The parts for each element.
        body: Vec<TemplatePart>,
        /// The whole directive.
        range: TextRange,
    },
}

/// The tree of a file in HCL's native syntax. What does not parse is left out, block by block, with a diagnostic each.
pub fn parse(text: &str, file: FileId) -> (Body, Vec<Diagnostic>) {
    body::parse(text, file)
}

/// The tree of a text that is one expression, as `-var` takes it. Line breaks are space.
pub fn parse_expression(text: &str, file: FileId) -> (Expr, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, file, Newlines::Ignored, Places::default());
    let expression = parser.whole_expression();
    (expression, parser.diagnostics)
}

/// The tree of a text that is one template, as `templatefile` and `templatestring` take it.
pub fn parse_template(text: &str, file: FileId) -> (Expr, Vec<Diagnostic>) {
    let mut parser = Parser::new(text, file, Newlines::Significant, Places::default());
    let template = parser.whole_template();
    (template, parser.diagnostics)
}

/// The tree of a configuration file in HCL's JSON syntax (`.tf.json`).
pub fn parse_json(text: &str, file: FileId) -> (Body, Vec<Diagnostic>) {
    json::parse(text, file)
}

/// The tree of a file of variable values in JSON (`.tfvars.json`): attributes whose strings mean themselves.
pub fn parse_json_values(text: &str, file: FileId) -> (Body, Vec<Diagnostic>) {
    json::parse_values(text, file)
}
