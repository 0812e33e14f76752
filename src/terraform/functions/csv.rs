//! `csvdecode`: RFC 4180 as Go's `encoding/csv` reads it.

use super::FunctionError;
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes, list, list_of};
use crate::value::{CauseKind, Entries, Type, Value, text};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most fields that are read.
const MAX_FIELDS: usize = 1 << 20;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "csvdecode",
    parameters: &[Parameter::new("str", Takes::Text)],
    rest: None,
    gives: Gives::Depends(decoded_type),
    nullness: Nullness::Never,
    run: decode,
}];

fn header(given: &str) -> Result<Vec<Arc<str>>, FunctionError> {
    let first = Records::new(given).next().ok_or_else(|| FunctionError::new("missing header line"))?;
    let first = first.map_err(FunctionError::new)?;
    let mut names: Vec<Arc<str>> = Vec::with_capacity(first.len());
    let mut seen = std::collections::BTreeSet::new();
    for name in first {
        let name: Arc<str> = text::normalize(&name).as_ref().into();
        if !seen.insert(Arc::clone(&name)) {
            return Err(FunctionError::new(format!("duplicate column name {name:?}")));
        }
        names.push(name);
    }
    Ok(names)
}

fn row_type(names: &[Arc<str>]) -> Type {
    Type::Object(Arc::new(names.iter().map(|name| (Arc::clone(name), Type::String)).collect::<BTreeMap<_, _>>()))
}

fn decoded_type(arguments: &[Value]) -> Result<Type, FunctionError> {
    let Some(given) = arguments[0].as_str() else { return Ok(Type::Dynamic) };
    Ok(list(row_type(&header(given)?)))
}

fn decode(call: &mut Call) -> Outcome {
    let given = call.text(0)?;
    let names = header(given)?;
    let mut rows = Vec::new();
    for (index, record) in Records::new(given).skip(1).enumerate() {
        let record = record.map_err(FunctionError::new)?;
        if record.len() != names.len() {
            return Err(FunctionError::new(format!("CSV parse error on line {}: wrong number of fields", index + 2)));
        }
        rows.push(Value::object(names.iter().cloned().zip(record.iter().map(|field| text::string(field))).collect::<Entries>()));
        if rows.len().saturating_mul(names.len().max(1)) > MAX_FIELDS {
            return Ok(call.unknown_because(CauseKind::Limit, "a table of more than 1,048,576 fields"));
        }
    }
    Ok(list_of(row_type(&names), rows))
}

/// The records of a table, one by one, up to the first error; empty lines are skipped.
struct Records<'a> {
    rest: &'a str,
    line: usize,
    failed: bool,
}

impl<'a> Records<'a> {
    fn new(given: &'a str) -> Self {
        Self { rest: given, line: 0, failed: false }
    }

    /// The next line with its end as `\n`; without one, the last.
    fn line(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(match line.strip_suffix("\r\n") {
            Some(line) => format!("{line}\n"),
            // A carriage return at the very end is dropped.
            None => line.strip_suffix('\r').unwrap_or(line).to_owned(),
        })
    }

    fn error<T>(&mut self, what: &str) -> Result<T, String> {
        self.failed = true;
        Err(format!("CSV parse error on line {}: {what}", self.line))
    }

    fn record(&mut self, first: &str) -> Result<Vec<String>, String> {
        let mut fields = Vec::new();
        let mut line = first.to_owned();
        let mut at = 0;
        loop {
            let rest = &line[at..];
            if let Some(quoted) = rest.strip_prefix('"') {
                let mut field = String::new();
                let mut from = line.len() - quoted.len();
                loop {
                    let Some(quote) = line[from..].find('"') else {
                        field.push_str(&line[from..]);
                        match self.line() {
                            Some(next) => line = next,
                            None => return self.error("extraneous or missing \" in quoted-field"),
                        }
                        from = 0;
                        continue;
                    };
                    field.push_str(&line[from..from + quote]);
                    let after = from + quote + 1;
                    match line.as_bytes().get(after) {
                        Some(b'"') => {
                            field.push('"');
                            from = after + 1;
                        }
                        Some(b',') => {
                            fields.push(field);
                            at = after + 1;
                            break;
                        }
                        None => {
                            fields.push(field);
                            return Ok(fields);
                        }
                        Some(b'\n') if after + 1 == line.len() => {
                            fields.push(field);
                            return Ok(fields);
                        }
                        Some(_) => return self.error("extraneous or missing \" in quoted-field"),
                    }
                }
                continue;
            }
            let end = rest.find(',').unwrap_or(rest.len());
            let field = &rest[..end];
            let last = end == rest.len();
            let field = if last { field.strip_suffix('\n').unwrap_or(field) } else { field };
            if field.contains('"') {
                return self.error("bare \" in non-quoted-field");
            }
            fields.push(field.to_owned());
            if last {
                return Ok(fields);
            }
            at += end + 1;
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        loop {
            let line = self.line()?;
            if line != "\n" && !line.is_empty() {
                return Some(self.record(&line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
        Records::new(text).collect()
    }

    #[test]
    fn fields_are_gos() {
        assert_eq!(read("a,b\r\n1,\"x,\"\"y\"\"\r\nz\"\n\n,\n").unwrap(), [vec!["a", "b"], vec!["1", "x,\"y\"\nz"], vec!["", ""]]);
        assert_eq!(read("a\n1").unwrap(), [["a"], ["1"]]);
        assert_eq!(read("\"a\"").unwrap(), [["a"]]);
        for text in ["a\"b", "\"a", "\"a\"b", "\"a\" ,b"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
