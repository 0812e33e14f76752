//! The functions of Terraform's built-in provider: values written and read as HCL.

use super::FunctionError;
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes};
use crate::value::{CauseKind, Entries, Type, Value, ValueKind, text};
use std::fmt::Write as _;

/// Deepest nesting that is written.
const MAX_DEPTH: usize = 128;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "provider::terraform::decode_tfvars",
        parameters: &[Parameter::new("src", Takes::Text)],
        rest: None,
        gives: Gives::Depends(|_| Ok(Type::Dynamic)),
        nullness: Nullness::Maybe,
        run: decode_tfvars,
    },
    Function {
        name: "provider::terraform::encode_expr",
        parameters: &[Parameter::new("value", Takes::Any)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: encode_expr,
    },
    Function {
        name: "provider::terraform::encode_tfvars",
        parameters: &[Parameter::new("value", Takes::Any)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: encode_tfvars,
    },
];

fn decode_tfvars(call: &mut Call) -> Outcome {
    let source = call.text(0)?.to_owned();
    match call.environment.read_assignments(&source) {
        Some(Ok(values)) => Ok(values),
        Some(Err(error)) => Err(FunctionError::argument(0, format!("invalid tfvars syntax: {error}"))),
        None => Ok(call.unknown_because(CauseKind::Unsupported, "provider::terraform::decode_tfvars()")),
    }
}

fn encode_expr(call: &mut Call) -> Outcome {
    let value = call.argument(0)?;
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut out = String::new();
    write_value(value, 0, 0, &mut out).map_err(FunctionError::new)?;
    Ok(text::string(&out))
}

fn encode_tfvars(call: &mut Call) -> Outcome {
    let value = call.argument(0)?;
    let Some(entries) = value.as_entries() else {
        return Err(FunctionError::argument(
            0,
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
        ));
    };
    if let Some(name) = entries.keys().find(|name| !is_identifier(name)) {
        return Err(FunctionError::argument(
            0,
            format!("invalid variable name {name:?}: must be a valid identifier, per Terraform's rules for input variable declarations"),
        ));
    }
    if !value.is_wholly_known() {
        return Ok(call.unknown());
    }
    let mut out = String::new();
    write_entries(entries, 0, 0, &mut out).map_err(FunctionError::new)?;
    Ok(text::string(&out))
}

fn is_identifier(name: &str) -> bool {
    let starts = |symbol: char| unicode_ident::is_xid_start(symbol);
    name.starts_with(starts) && name.chars().all(|symbol| unicode_ident::is_xid_continue(symbol) || symbol == '-')
}

/// A value as an expression, the way `terraform fmt` would leave it: objects on lines of their own, indented from the line that opens them.
fn write_value(value: &Value, indent: usize, depth: usize, out: &mut String) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err("the value is nested too deeply");
    }
    match &value.kind {
        ValueKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ValueKind::Number(number) => {
            let _ = write!(out, "{number}");
        }
        ValueKind::String(text) => write_string(text, out),
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_value(item, indent, depth + 1, out)?;
            }
            out.push(']');
        }
        ValueKind::Map(_, entries) | ValueKind::Object(entries) if entries.is_empty() => out.push_str("{}"),
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => {
            out.push_str("{\n");
            write_entries(entries, indent + 2, depth, out)?;
            let _ = write!(out, "{:indent$}}}", "");
        }
        ValueKind::Null(_) | ValueKind::Unknown(_) | ValueKind::Resource(_) => out.push_str("null"),
    }
    Ok(())
}

/// One `name = value` a line; the equals signs of neighbours that are each on one line stand below each other.
fn write_entries(entries: &Entries, indent: usize, depth: usize, out: &mut String) -> Result<(), &'static str> {
    let mut lines = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        let mut key = String::new();
        if is_identifier(name) {
            key.push_str(name);
        } else {
            write_string(name, &mut key);
        }
        let mut written = String::new();
        write_value(entry, indent, depth + 1, &mut written)?;
        lines.push((key, written));
    }
    let single = |line: &(String, String)| !line.1.contains('\n');
    let width = |key: &str| text::characters(key).count();
    let mut at = 0;
    while at < lines.len() {
        let end = at + lines[at..].iter().take_while(|line| single(line)).count();
        let end = end.max(at + 1);
        let widest = lines[at..end].iter().map(|(key, _)| width(key)).max().unwrap_or(0);
        for (key, written) in &lines[at..end] {
            let padding = widest - width(key);
            let _ = writeln!(out, "{:indent$}{key}{:padding$} = {written}", "", "");
        }
        at = end;
    }
    Ok(())
}

/// A quoted string with no interpolation in it.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut symbols = text.chars().peekable();
    while let Some(symbol) = symbols.next() {
        match symbol {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => {
                out.push('\\');
                out.push(symbol);
            }
            '$' | '%' => {
                out.push(symbol);
                if symbols.peek() == Some(&'{') {
                    out.push(symbol);
                }
            }
            _ if symbol != ' ' && (symbol.is_control() || symbol.is_whitespace()) => {
                let code = u32::from(symbol);
                let _ = if code < 0x1_0000 { write!(out, "\\u{code:04x}") } else { write!(out, "\\U{code:08x}") };
            }
            _ => out.push(symbol),
        }
    }
    out.push('"');
}
