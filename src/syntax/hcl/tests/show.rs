//! Trees as short texts, for expectations.

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::hcl::{
    BinaryOperator, Body, Expr, ExprKind, Ident, ObjectItem, Operation, SplatKind, TemplatePart, UnaryOperator, parse, parse_expression,
    parse_template,
};

pub const FILE: FileId = FileId(0);

/// The value of `a = …`, which must be without errors.
pub fn value(text: &str) -> String {
    let text = format!("a = {text}\n");
    let (body, diagnostics) = parse(&text, FILE);
    assert_eq!(diagnostics, [], "{text}");
    expr(&body.attributes[0].value)
}

/// A whole text as an expression.
pub fn whole(text: &str) -> String {
    complete(text, parse_expression(text, FILE))
}

/// A whole text as a template.
pub fn template(text: &str) -> String {
    complete(text, parse_template(text, FILE))
}

fn complete(text: &str, (tree, diagnostics): (Expr, Vec<Diagnostic>)) -> String {
    assert_eq!(diagnostics, [], "{text}");
    expr(&tree)
}

pub fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(text) => text.to_string(),
        ExprKind::String(text) => format!("{text:?}"),
        ExprKind::Template(content) => format!("<{}>", parts(content)),
        ExprKind::TemplateWrap(inner) => format!("<={}>", self::expr(inner)),
        ExprKind::Parens(inner) => format!("paren({})", self::expr(inner)),
        ExprKind::Traversal { root, operations } => format!("{}{}", root.name, following(operations)),
        ExprKind::Relative { source, operations } => format!("{{{}}}{}", self::expr(source), following(operations)),
        ExprKind::Call { name, arguments, expand_final } => {
            format!("{}({}{})", name.name, list(arguments), if *expand_final { "..." } else { "" })
        }
        ExprKind::Unary(operator, inner) => match operator {
            UnaryOperator::Negate => format!("(- {})", self::expr(inner)),
            UnaryOperator::Not => format!("(! {})", self::expr(inner)),
        },
        ExprKind::Binary(operator, left, right) => format!("({} {} {})", symbol(*operator), self::expr(left), self::expr(right)),
        ExprKind::Conditional(condition, then, otherwise) => {
            format!("(? {} {} {})", self::expr(condition), self::expr(then), self::expr(otherwise))
        }
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(", ")),
        ExprKind::For(of) => {
            let key = of.key.as_ref().map(|key| format!("{} => ", self::expr(key))).unwrap_or_default();
            let condition = of.condition.as_ref().map(|condition| format!(" if {}", self::expr(condition))).unwrap_or_default();
            let names = names(of.key_name.as_ref(), &of.value_name);
            let group = if of.group { "..." } else { "" };
            format!("for({names} in {}: {key}{}{group}{condition})", self::expr(&of.collection), self::expr(&of.value))
        }
        ExprKind::Invalid => "INVALID".to_owned(),
    }
}

fn list(items: &[Expr]) -> String {
    items.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn item(item: &ObjectItem) -> String {
    format!("{}: {}", expr(&item.key), expr(&item.value))
}

fn names(key: Option<&Ident>, value: &Ident) -> String {
    key.map(|key| format!("{}, ", key.name)).unwrap_or_default() + &value.name
}

fn following(operations: &[Operation]) -> String {
    let one = |operation: &Operation| match operation {
        Operation::Attribute(name) => format!(".{}", name.name),
        Operation::Index(key) => format!("[{}]", expr(key)),
        Operation::LegacyIndex(index, _) => format!(".{index}"),
        Operation::Splat { kind: SplatKind::Attribute, each, .. } => format!(".*{{{}}}", following(each)),
        Operation::Splat { kind: SplatKind::Full, each, .. } => format!("[*]{{{}}}", following(each)),
    };
    operations.iter().map(one).collect()
}

fn parts(content: &[TemplatePart]) -> String {
    let one = |part: &TemplatePart| match part {
        TemplatePart::Literal(text, _) => format!("{text:?}"),
        TemplatePart::Interpolation(inner) => expr(inner),
        TemplatePart::If { condition, then, otherwise, .. } => {
            format!("if({}: {} else {})", expr(condition), parts(then), parts(otherwise))
        }
        TemplatePart::For { key_name, value_name, collection, body, .. } => {
            format!("for({} in {}: {})", names(key_name.as_ref(), value_name), expr(collection), parts(body))
        }
    };
    content.iter().map(one).collect::<Vec<_>>().join(" ")
}

pub fn symbol(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Or => "||",
        BinaryOperator::And => "&&",
        BinaryOperator::Equal => "==",
        BinaryOperator::NotEqual => "!=",
        BinaryOperator::Less => "<",
        BinaryOperator::LessOrEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterOrEqual => ">=",
        BinaryOperator::Add => "+",
        BinaryOperator::Subtract => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
    }
}

/// Names alone: attributes (`!` where the value is invalid), then blocks with their labels and content.
pub fn outline(body: &Body) -> String {
    let mut words: Vec<String> = Vec::new();
    for attribute in &body.attributes {
        let invalid = if attribute.value.kind == ExprKind::Invalid { "!" } else { "" };
        words.push(format!("{}{invalid}", attribute.name.name));
    }
    for block in &body.blocks {
        let labels = block.labels.iter().map(|label| format!(".{}", label.name)).collect::<Vec<_>>().concat();
        words.push(format!("{}{labels}{{{}}}", block.kind.name, outline(&block.body)));
    }
    words.join(" ")
}

/// The whole content, on one line.
pub fn content(body: &Body) -> String {
    let mut words: Vec<String> =
        body.attributes.iter().map(|attribute| format!("{}={}", attribute.name.name, expr(&attribute.value))).collect();
    for block in &body.blocks {
        let labels = block.labels.iter().map(|label| format!(" {:?}", &*label.name)).collect::<Vec<_>>().concat();
        words.push(format!("{}{labels} {{{}}}", block.kind.name, content(&block.body)));
    }
    words.join("; ")
}
