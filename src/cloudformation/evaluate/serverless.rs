//! Variables of the Serverless Framework: `${self:custom.bucket}`, `${opt:stage, 'dev'}`, `${file(resources.yml)}`.
//!
//! They are resolved as far as the file itself and its neighbours say; what comes from the command line, the environment or other
//! stacks is unknown. Names that CloudFormation substitutes (`${AWS::Region}`) are left to it.

use super::lookup::template_text;
use super::substitute::{Part, parts};
use super::written;
use crate::cloudformation::expression::Expr;
use crate::cloudformation::stack::{Stack, Variable};
use crate::cloudformation::template::Dialect;
use crate::cloudformation::world::unknown;
use crate::cloudformation::{parameter, text};
use crate::source::Span;
use crate::value::{Cause, CauseKind, Type, Unknown, Value};
use std::sync::Arc;

/// What variables begin with.
const SOURCES: [&str; 9] = ["self:", "opt:", "sls:", "env:", "param:", "cf:", "cf(", "ssm:", "aws:"];

impl<'t> Stack<'t> {
    /// The file that a text names and nothing else: `${file(resources.yml)}`, `${file(resources.yml):Resources}`.
    pub(in crate::cloudformation) fn serverless_file(&self, expr: Expr<'t>) -> Option<Expr<'t>> {
        if self.template.dialect != Dialect::Serverless {
            return None;
        }
        let (path, key) = expr.text()?.trim().strip_prefix("${file(")?.strip_suffix('}')?.split_once(')')?;
        if path.contains("${") || !self.world.may_include(expr.span()) {
            return None;
        }
        let file = match self.world.read(&self.world.beside(expr.file, path)) {
            Ok(file) => file,
            Err(reason) => {
                let message = format!("the file `{path}` {reason}");
                self.world.report(crate::diagnostic::Diagnostic::warning("include-missing", expr.span(), message));
                return None;
            }
        };
        let root = self.world.root(file)?;
        at_path(root, key.trim_start_matches(':'))
    }

    /// A text in which variables stand; `None` where none does.
    pub(super) fn serverless_text(&self, text: &str, span: Span) -> Option<Value> {
        if self.template.dialect != Dialect::Serverless {
            return None;
        }
        let mut any = false;
        let values: Vec<Value> = parts(text)
            .into_iter()
            .map(|part| match part {
                Part::Variable(name) => {
                    self.serverless_variable(name, span).inspect(|_| any = true).unwrap_or_else(|| Value::string(format!("${{{name}}}")))
                }
                Part::Escaped(name) => Value::string(format!("${{!{name}}}")),
                Part::Literal(text) => Value::string(text),
            })
            .collect();
        any.then(|| text::concat(&values).unwrap_or_else(|place| values[place].clone()))
    }

    /// The value of a variable, each resolved once; `None` for a name that is none.
    pub(super) fn serverless_variable(&self, name: &str, span: Span) -> Option<Value> {
        if self.template.dialect != Dialect::Serverless
            || !(SOURCES.iter().any(|source| name.starts_with(source)) || name.starts_with("file("))
        {
            return None;
        }
        match self.variables.borrow().get(name) {
            Some(Variable::Done(value)) => return Some(value.clone()),
            Some(Variable::Pending) => return Some(self.world.invalid(span, format!("variable `${{{name}}}` depends on itself"))),
            None => {}
        }
        self.variables.borrow_mut().insert(Arc::from(name), Variable::Pending);
        let value = match self.world.deeper(span, || self.resolve_variable(name, span)) {
            Ok(value) | Err(value) => value,
        };
        self.variables.borrow_mut().insert(Arc::from(name), Variable::Done(value.clone()));
        Some(value)
    }

    fn resolve_variable(&self, name: &str, span: Span) -> Value {
        let name = match self.serverless_text(name, span) {
            None => name.to_owned(),
            Some(value) => match value.as_str() {
                Some(text) => text.to_owned(),
                None => return unknown_variable(&template_text(&value), &value),
            },
        };
        let (address, fallback) = name.split_once(',').map_or((name.as_str(), None), |(address, rest)| (address.trim(), Some(rest.trim())));
        if let Some(assigned) = self.world.context.inputs.assignments.get(address) {
            return assigned.clone();
        }
        let found = match address.split_once(':') {
            Some(("self", path)) => self.of_self(path),
            Some(("sls", "stage")) => self.of_self("provider.stage").or_else(|| Some(Value::string("dev"))),
            Some(("aws", "region")) => Some(self.environment.region.clone()),
            Some(("aws", "accountId")) => Some(self.environment.account.clone()),
            Some(("ssm", path)) => return parameter::stored(path, Some(span), &self.world),
            _ => None,
        };
        if let Some(value) = found {
            return value;
        }
        match fallback {
            Some(fallback) if !self.world.context.inputs.open_defaults => self.fallback(fallback, span),
            _ => self.input(address, span),
        }
    }

    /// `'text'`, or another variable without its braces.
    fn fallback(&self, fallback: &str, span: Span) -> Value {
        let literal = fallback.strip_prefix(['\'', '"']).and_then(|rest| rest.strip_suffix(['\'', '"']));
        match literal {
            Some(text) => Value::string(text),
            None => self.serverless_variable(fallback, span).unwrap_or_else(|| Value::string(fallback)),
        }
    }

    fn of_self(&self, path: &str) -> Option<Value> {
        let found = at_path(self.template.document, path)?;
        // `service: {name: x}` is the long form of `service: x`.
        let found = if path == "service" { found.get("name").unwrap_or(found) } else { found };
        self.operand(found)
    }

    fn input(&self, address: &str, span: Span) -> Value {
        let kind = if address.starts_with("cf") { CauseKind::External } else { CauseKind::Environment };
        let cause = Cause::new(kind, address, Some(span));
        written(Unknown::input(self.world.project.id, Type::String, cause).not_null().into(), span)
    }
}

fn unknown_variable(name: &str, from: &Value) -> Value {
    let causes = from.causes();
    if causes.is_empty() { unknown(CauseKind::Environment, name, None) } else { Unknown::new(Type::Dynamic, causes).into() }
}

/// What stands at a dotted path of a document.
fn at_path<'t>(root: Expr<'t>, path: &str) -> Option<Expr<'t>> {
    path.split('.').filter(|step| !step.is_empty()).try_fold(root, |at, step| match step.parse::<usize>() {
        Ok(index) if at.items().is_some() => at.item(index),
        _ => at.get(step),
    })
}
