//! A value as `terraform console` prints it, in HCL; what is not known says why, and where it came from.

use crate::output::text::inert;
use crate::source::{Sources, Span, label};
use crate::value::{Cause, CauseKind, Entries, Marks, Piece, Step, Unknown, Value, ValueKind};
use hcl::expr::{FuncCall, ObjectKey, Variable};
use hcl::{Expression, Identifier};
use std::fmt::Write;
use std::path::Path;

/// The value in HCL, without a line feed at its end.
pub fn print(value: &Value) -> String {
    let text = hcl::format::to_string(&expression(value)).expect("formatting an expression that holds no strange type does not fail");
    text.trim_end().to_owned()
}

/// The way a value came, latest step first, a line each. Empty for a value that a program made.
pub fn trace(value: &Value, sources: &Sources, base: &Path) -> String {
    let mut text = String::new();
    for (taken, span) in value.origin.hops() {
        let _ = writeln!(text, "  {} at {}", inert(&step(taken)), place(span, sources, base));
    }
    for cause in value.causes() {
        let _ = writeln!(text, "  {}", not_known(&cause, sources, base));
    }
    text
}

/// Why something is not known, and where that is declared or written.
pub fn not_known(cause: &Cause, sources: &Sources, base: &Path) -> String {
    let at = cause.span.map(|span| format!(" at {}", place(span, sources, base))).unwrap_or_default();
    format!("not known: {}{at}", inert(&reason(cause)))
}

/// A place as people see it: `path:line:column`.
pub fn place(span: Span, sources: &Sources, base: &Path) -> String {
    let file = sources.get(span.file);
    let position = file.position(span.range.start);
    format!("{}:{}:{}", inert(&label(&file.path, base)), position.line, position.column)
}

fn expression(value: &Value) -> Expression {
    if value.marks.contains(Marks::SENSITIVE) {
        return raw("(sensitive value)");
    }
    match &value.kind {
        ValueKind::Null(_) => Expression::Null,
        ValueKind::Bool(known) => Expression::Bool(*known),
        ValueKind::Number(number) => raw(number.to_string()),
        ValueKind::String(text) => Expression::String(text.to_string()),
        ValueKind::List(_, items) => call("tolist", items),
        ValueKind::Set(_, items) => call("toset", items),
        ValueKind::Tuple(items) => array(items),
        ValueKind::Map(_, entries) => FuncCall::builder("tomap").arg(object(entries)).build().into(),
        ValueKind::Object(entries) => object(entries),
        ValueKind::Resource(reference) => raw(format!("({reference})")),
        ValueKind::Unknown(unknown) => raw(partly(unknown)),
    }
}

fn array(items: &[Value]) -> Expression {
    Expression::Array(items.iter().map(expression).collect())
}

fn object(entries: &Entries) -> Expression {
    let entries = entries.iter().map(|(name, value)| (ObjectKey::Expression(Expression::String(name.to_string())), expression(value)));
    Expression::Object(entries.collect())
}

fn call(name: &str, items: &[Value]) -> Expression {
    FuncCall::builder(name).arg(array(items)).build().into()
}

/// Text that stands as it is: what HCL has no word for.
fn raw(text: impl Into<String>) -> Expression {
    Expression::Variable(Variable::from(Identifier::unchecked(text.into())))
}

/// `"${var.prefix}-logs"` for a string that is known in part, else why it is not known.
fn partly(unknown: &Unknown) -> String {
    if unknown.pieces.is_empty() {
        return format!("({})", unknown.causes.first().map_or_else(|| "not known".into(), reason));
    }
    let pieces = unknown.pieces.iter().map(|piece| match piece {
        Piece::Known(text) => {
            let quoted = hcl::format::to_string(&Expression::String(text.to_string())).unwrap_or_default();
            quoted.trim().trim_matches('"').to_owned()
        }
        Piece::Unknown(inner) => format!("${{{}}}", inner.causes.first().map_or("…", |cause| &cause.name)),
    });
    format!("\"{}\"", pieces.collect::<String>())
}

fn reason(cause: &Cause) -> String {
    let name = &cause.name;
    match cause.kind {
        CauseKind::Variable | CauseKind::Parameter | CauseKind::Environment => format!("{name} has no value"),
        CauseKind::Computed => format!("{name} is known after apply"),
        CauseKind::Data => format!("{name} is read by the provider"),
        CauseKind::MissingModule => format!("the source of {name} is not there to be read"),
        CauseKind::External | CauseKind::Stored => format!("{name} is kept elsewhere"),
        CauseKind::Impure => format!("{name} differs from run to run"),
        CauseKind::File => format!("{name} could not be read"),
        CauseKind::Macro => format!("{name} is a macro"),
        CauseKind::Undeclared => format!("{name} is not declared"),
        CauseKind::Limit | CauseKind::Invalid | CauseKind::Unsupported | CauseKind::Unshown => name.to_string(),
    }
}

fn step(step: &Step) -> String {
    match step {
        Step::Written => "written".into(),
        Step::Variable(name) | Step::Local(name) => format!("read from {name}"),
        Step::Default(name) => format!("the default of {name}"),
        Step::Assigned(name) => format!("{name} is set"),
        Step::Argument(name) => format!("passed as {name}"),
        Step::Output(name) => format!("read from output {name}"),
        Step::Attribute(reference) => format!("read from {reference}"),
        Step::Parameter(name) => format!("read from parameter {name}"),
        Step::Mapping(name) => format!("found in mapping {name}"),
        Step::Condition(name) => format!("chosen by condition {name}"),
        Step::Import(name) => format!("imported from {name}"),
        Step::Fact(name) => format!("said by fact {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Number, Type};
    use std::sync::Arc;

    #[test]
    fn values_are_printed_in_hcl() {
        let entries: Entries = [("a b".into(), Value::int(1)), ("c".into(), Value::string("x\"y"))].into();
        assert_eq!(print(&Value::object(entries)), "{\n  \"a b\" = 1\n  \"c\" = \"x\\\"y\"\n}");
        assert_eq!(print(&Value::null()), "null");
        let list: Value = ValueKind::List(Type::Bool, Arc::new(vec![Value::bool(true)])).into();
        assert!(print(&list).replace(['\n', ' '], "").starts_with("tolist([true"), "{}", print(&list));
        let third = Number::parse("0.1234567890123456789012345678901234567890").unwrap();
        assert!(print(&Value::from(ValueKind::Number(third))).starts_with("0.123456789012345678901234567890123456789"));
        assert_eq!(print(&Value::string("secret").with_marks(Marks::SENSITIVE)), "(sensitive value)");
    }

    #[test]
    fn what_is_not_known_says_why() {
        let cause = Cause::new(CauseKind::Variable, "var.prefix", None);
        let inner = Unknown::new(Type::String, vec![cause.clone()]);
        assert_eq!(print(&Value::from(inner.clone())), "(var.prefix has no value)");
        let mut joined = Unknown::new(Type::String, vec![cause]);
        joined.pieces = vec![Piece::Unknown(Arc::new(inner)), Piece::Known("-logs".into())];
        assert_eq!(print(&Value::from(joined)), "\"${var.prefix}-logs\"");
    }
}
