//! Function calls: evaluating arguments, the functions that take them unevaluated, and what functions may ask of the module.

use crate::source::Span;
use crate::source::fs::{EntryKind, normalize};
use crate::suggest::nearest;
use crate::syntax::hcl::{Expr, ExprKind, Ident};
use crate::terraform::constraint::Constraint;
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::functions::{self, Environment, FileProblem};
use crate::terraform::scope::{Names, Scope};
use crate::value::convert::convert;
use crate::value::{Cause, CauseKind, Marks, Origin, Type, Unknown, Value, ValueKind};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Files below a directory that `fileset` looks at.
const MAX_LISTED: usize = 100_000;
/// Bytes of a file that a function reads.
const MAX_FILE: usize = 32 * 1024 * 1024;

/// The function that gives the time of the plan.
const PLAN_TIME: &str = "plantimestamp";

/// The functions that may make collections of collections, none of which was there before.
const SPREADING: [&str; 11] = [
    "chunklist",
    "csvdecode",
    "jsondecode",
    "provider::terraform::decode_tfvars",
    "regexall",
    "setproduct",
    "tolist",
    "tomap",
    "toset",
    "transpose",
    "yamldecode",
];

/// How many steps it is to look at all of a value: an element of a list, or some bytes of a text, are looked at faster than an expression.
fn work(value: &Value) -> u64 {
    let steps = match &value.kind {
        ValueKind::String(text) => text.len() / 64,
        _ => elements_of(value) / 8,
    };
    steps as u64
}

/// How many elements a collection has; one with a name is as large as two.
fn elements_of(value: &Value) -> usize {
    value.as_items().map(<[Value]>::len).or_else(|| value.as_entries().map(|entries| 2 * entries.len())).unwrap_or_default()
}

/// The same with those of its elements, and so on.
pub fn all_elements(value: &Value) -> usize {
    let below: usize = match &value.kind {
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => items.iter().map(all_elements).sum(),
        ValueKind::Map(_, entries) | ValueKind::Object(entries) => entries.values().map(all_elements).sum(),
        _ => 0,
    };
    below + elements_of(value)
}

impl Engine<'_> {
    /// A function call.
    pub fn call(&self, name: &Ident, arguments: &[Expr], expand_final: bool, span: Span, scope: &Scope<'_>) -> Evaluated {
        let bare = name.name.strip_prefix("core::").unwrap_or(&name.name);
        match bare {
            "try" => return self.call_try(arguments, span, scope),
            "can" => return self.call_can(arguments, span, scope),
            "lookup" if !expand_final => {
                if let Some(value) = self.lookup_part(arguments, scope)? {
                    return Ok(value.or_written(span));
                }
            }
            "convert" => return self.call_convert(arguments, span, scope),
            "templatestring" if arguments.first().is_some_and(|first| !names_an_object(first)) => {
                let message = "invalid function argument: invalid template expression: must be a direct reference to a single string from elsewhere, containing valid Terraform template syntax";
                return Err(Failure::new(arguments[0].range.at(scope.file), message));
            }
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.eval(argument, scope)?);
        }
        let mut marks = Marks::NONE;
        if expand_final && let Some(last) = values.pop() {
            let at = arguments.last().map_or(span, |argument| argument.range.at(scope.file));
            marks = last.marks;
            match &last.kind {
                ValueKind::Null(_) => {
                    return Err(Failure::new(
                        at,
                        "invalid expanding argument value: the expanding argument (indicated by ...) must not be null",
                    ));
                }
                ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => values.extend(items.iter().cloned()),
                ValueKind::Unknown(unknown) if matches!(unknown.of, Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                    return Ok(Value::from(Unknown::new(Type::Dynamic, unknown.causes.clone())).with_marks(last.marks));
                }
                _ => {
                    return Err(Failure::new(
                        at,
                        "invalid expanding argument value: the expanding argument (indicated by ...) must be of a tuple, list, or set type",
                    ));
                }
            }
        }
        if let Some(result) = scope.host.and_then(|host| host.call(bare, &values, span)) {
            return result;
        }
        if bare == PLAN_TIME && values.is_empty() {
            return Ok(self.plan_time().with_origin(Origin::written(span)));
        }
        if self.fidelity == Fidelity::Scan
            && let Some(collection) = collection_of_old(bare, &values)
        {
            return Ok(collection.with_origin(Origin::written(span)).with_marks(marks));
        }
        if bare.starts_with("assume")
            && let Some((value, more)) = values.split_first()
        {
            return assumed(bare, value, more).map_err(|message| Failure::new(span, message));
        }
        // A function looks at all that it is given, however often it is called.
        self.spend(values.iter().map(work).sum(), || span)?;
        let mut environment = Caller { engine: self, scope, span };
        match functions::call(&name.name, values, &mut environment) {
            Ok(value) => {
                self.filled(if SPREADING.contains(&bare) { all_elements(&value) } else { elements_of(&value) }, || span)?;
                Ok(self.made(value, || span)?.or_written(span).with_marks(marks))
            }
            Err(error) => {
                let at = error.argument.and_then(|index| arguments.get(index)).map_or(span, |argument| argument.range.at(scope.file));
                let help = (!functions::is_known(bare)).then(|| nearest(bare, functions::names())).flatten();
                Err(Failure::new(at, error.describe(&name.name)).with_help(help.map(|known| format!("did you mean `{known}`?"))))
            }
        }
    }

    /// When the plan is made: not known, and one time for all of a plan.
    fn plan_time(&self) -> Value {
        let cause = Cause::new(CauseKind::Impure, format!("{PLAN_TIME}()"), None);
        Unknown::input(self.project, Type::String, cause).not_null().into()
    }

    /// The variables of a text in the syntax of variable files, as one object.
    fn assignments(&self, text: &str) -> Result<Value, String> {
        let file = self.virtual_file("<decode_tfvars>", text);
        let (body, diagnostics) = crate::syntax::hcl::parse(text, file);
        if let Some(problem) = diagnostics.first() {
            return Err(problem.message.clone());
        }
        if !body.blocks.is_empty() {
            return Err("blocks are not allowed here".into());
        }
        let value = |expr| self.constant(expr, file).map_err(|failure| failure.message().to_owned());
        let entries = body.attributes.iter().map(|attribute| Ok((Arc::clone(&attribute.name.name), value(&attribute.value)?)));
        Ok(Value::object(entries.collect::<Result<_, String>>()?))
    }

    /// A template of its own, rendered with these variables: nothing of the module is visible in it.
    pub fn render_text(
        &self,
        text: &str,
        name: &str,
        variables: &Value,
        instance: &Rc<crate::terraform::instance::Instance>,
        span: Span,
    ) -> Evaluated {
        self.may_make_text(|| span)?;
        if self.in_template.get() {
            return Err(Failure::new(span, "cannot recursively call templatefile or templatestring from inside another template"));
        }
        let file = self.virtual_file(name, text);
        let (expr, diagnostics) = crate::syntax::hcl::parse_template(text, file);
        if let Some(problem) = diagnostics.first() {
            return Err(Failure::new(span, problem.message.clone()));
        }
        let Some(entries) = variables.as_entries() else {
            if variables.is_unknown() {
                return Ok(Unknown::new(Type::Dynamic, variables.causes()).into());
            }
            return Err(Failure::new(span, "invalid vars value: must be a map"));
        };
        self.in_template.set(true);
        let bound: Vec<(Arc<str>, Value)> = entries.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect();
        let result = render(self, &expr, file, &bound, None, instance);
        self.in_template.set(false);
        result
    }

    /// The first argument that has a value.
    fn call_try(&self, arguments: &[Expr], span: Span, scope: &Scope<'_>) -> Evaluated {
        if arguments.is_empty() {
            return Err(Failure::new(span, "call to function `try` failed: at least one argument is required"));
        }
        let mut last = None;
        for argument in arguments {
            match self.eval(argument, scope) {
                Ok(value) => {
                    if self.fidelity == Fidelity::Plan && !value.is_wholly_known() && !matches!(value.kind, ValueKind::Resource(_)) {
                        // What is unknown now might turn out to have no value later, so Terraform does not commit to it.
                        let mut unknown = Unknown::new(Type::Dynamic, value.causes());
                        unknown.refers_to = value.as_unknown().and_then(|unknown| unknown.refers_to.clone());
                        return Ok(Value::from(unknown).with_marks(value.deep_marks()).with_origin(value.origin));
                    }
                    return Ok(value);
                }
                Err(failure) if failure.is_limit() => return Err(failure),
                Err(failure) => last = Some(failure),
            }
        }
        let reason = last.map(|failure| failure.message().to_owned()).unwrap_or_default();
        Err(Failure::new(span, format!("call to function `try` failed: no expression succeeded: {reason}")))
    }

    /// OpenTofu's `convert(value, type)`: the second argument is a type constraint, as a variable has one.
    fn call_convert(&self, arguments: &[Expr], span: Span, scope: &Scope<'_>) -> Evaluated {
        let [value, of] = arguments else {
            return Err(Failure::new(span, "call to function `convert` failed: a value and a type constraint are required"));
        };
        let at = of.range.at(scope.file);
        let mut literal = |expr: &Expr| self.constant(expr, scope.file).map_err(|failure| failure.message().to_owned());
        let constraint = Constraint::read(of, &mut literal).map_err(|message| Failure::new(at, message))?;
        let value = self.eval(value, scope)?;
        let converted = constraint.conform(&value);
        converted.map_err(|message| Failure::new(arguments[0].range.at(scope.file), format!("invalid function argument: {message}")))
    }

    fn call_can(&self, arguments: &[Expr], span: Span, scope: &Scope<'_>) -> Evaluated {
        let [argument] = arguments else {
            return Err(Failure::new(span, "call to function `can` failed: exactly one argument is required"));
        };
        match self.eval(argument, scope) {
            Ok(value) if value.is_wholly_known() || matches!(value.kind, ValueKind::Resource(_)) => {
                Ok(Value::bool(true).with_marks(value.deep_marks()).with_origin(Origin::written(span)))
            }
            Ok(value) => {
                Ok(Value::from(Unknown::new(Type::Bool, value.causes())).with_marks(value.deep_marks()).with_origin(Origin::written(span)))
            }
            Err(failure) if failure.is_limit() => Err(failure),
            Err(_) => Ok(Value::bool(false).with_origin(Origin::written(span))),
        }
    }
}

/// `list(…)` and `map(…)`, which Terraform has refused since 0.15: code of before is still scanned. `None` where they would not fit together.
fn collection_of_old(function: &str, values: &[Value]) -> Option<Value> {
    match function {
        "list" => convert(&Value::tuple(values.to_vec()), &Type::List(Arc::new(Type::Dynamic))).ok(),
        "map" if values.len().is_multiple_of(2) => {
            let pairs = values.chunks(2).map(|pair| Some((Arc::from(pair[0].as_str()?), pair[1].clone())));
            convert(&Value::object(pairs.collect::<Option<_>>()?), &Type::Map(Arc::new(Type::Dynamic))).ok()
        }
        _ => None,
    }
}

/// OpenTofu's `assume…` functions: the value itself, and what is assumed of it as far as it is unknown. Lengths and bounds are not kept.
fn assumed(function: &str, value: &Value, more: &[Value]) -> Result<Value, String> {
    let prefix = more.first().and_then(Value::as_str).filter(|_| function == "assumestringprefix");
    let Some(unknown) = value.as_unknown() else {
        if function == "assumenotnull" && value.is_null() {
            return Err("call to function `assumenotnull` failed: the value is null".into());
        }
        return match (prefix, value.as_str()) {
            (Some(prefix), Some(text)) if !text.starts_with(prefix) => {
                Err(format!("call to function `assumestringprefix` failed: the string does not start with {prefix:?}"))
            }
            _ => Ok(value.clone()),
        };
    };
    let mut unknown = unknown.clone();
    unknown.not_null |= function == "assumenotnull";
    if let Some(prefix) = prefix
        && unknown.prefix.as_ref().is_none_or(|known| prefix.starts_with(&**known))
    {
        unknown.prefix = Some(Arc::from(prefix));
    }
    Ok(Value { kind: ValueKind::Unknown(Arc::new(unknown)), marks: value.marks, origin: value.origin.clone() })
}

/// Whether an expression is a plain reference to something that has a name.
fn names_an_object(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Traversal { .. } => true,
        ExprKind::Parens(inner) => names_an_object(inner),
        _ => false,
    }
}

/// The module that calls a function.
struct Caller<'c, 'e> {
    engine: &'c Engine<'e>,
    scope: &'c Scope<'c>,
    span: Span,
}

impl Caller<'_, '_> {
    fn locate(&self, path: &str) -> Result<std::path::PathBuf, FileProblem> {
        let full = normalize(&self.engine.root.join(path));
        match self.engine.context.fs.resolve(&full) {
            Ok(_) => Ok(full),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(FileProblem::NotFound),
            Err(_) => Err(FileProblem::OutOfReach("it lies outside the scan root".into())),
        }
    }
}

impl Environment for Caller<'_, '_> {
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, FileProblem> {
        let full = self.locate(path)?;
        if self.engine.context.fs.kind(&full) != Some(EntryKind::File) {
            return Err(FileProblem::NotAFile);
        }
        let bytes = self.engine.context.fs.read(&full).map_err(|error| FileProblem::OutOfReach(crate::project::reason(&error)))?;
        if bytes.len() > MAX_FILE {
            return Err(FileProblem::OutOfReach(format!("it is larger than {MAX_FILE} bytes")));
        }
        Ok(bytes)
    }

    fn list_files(&mut self, directory: &str) -> Result<Vec<String>, FileProblem> {
        let top = self.locate(directory)?;
        let mut found = Vec::new();
        let mut pending = vec![top.clone()];
        while let Some(dir) = pending.pop() {
            let Ok(entries) = self.engine.context.fs.read_dir(&dir) else { continue };
            for entry in entries {
                match entry.kind {
                    EntryKind::Directory if entry.path.file_name().is_some_and(|name| name == ".terraform" || name == ".git") => {}
                    EntryKind::Directory => pending.push(entry.path),
                    EntryKind::File => {
                        if let Ok(relative) = entry.path.strip_prefix(&top) {
                            found.push(crate::source::label(relative, Path::new("")));
                        }
                    }
                }
                if found.len() + pending.len() > MAX_LISTED {
                    return Err(FileProblem::OutOfReach(format!("it holds more than {MAX_LISTED} files")));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn render_template(&mut self, text: &str, name: &str, variables: &Value) -> Result<Value, String> {
        self.engine.render_text(text, name, variables, self.scope.instance, self.span).map_err(|failure| failure.message().to_owned())
    }

    fn working_directory(&self) -> Option<String> {
        self.engine.working_directory()
    }

    fn read_assignments(&mut self, text: &str) -> Option<Result<Value, String>> {
        Some(self.engine.assignments(text))
    }
}

/// Binds the variables one after another, innermost last, and evaluates the template there.
fn render(
    engine: &Engine<'_>,
    expr: &Expr,
    file: crate::source::FileId,
    bound: &[(Arc<str>, Value)],
    outer: Option<&Names<'_>>,
    instance: &Rc<crate::terraform::instance::Instance>,
) -> Evaluated {
    // A list on the stack needs one frame a name; many names go in through chunks of the same recursion, which `MAX_NAMES` bounds.
    const MAX_NAMES: usize = 512;
    match bound.split_first() {
        Some(((name, value), rest)) if rest.len() < MAX_NAMES => {
            let names = Names { name, value: value.clone(), outer };
            render(engine, expr, file, rest, Some(&names), instance)
        }
        Some(_) => Err(Failure::limit(expr.range.at(file), format!("a template is given more than {MAX_NAMES} variables"))),
        None => {
            let repetition = crate::terraform::instance::Repetition::None;
            let scope = Scope { instance, file, repetition: &repetition, names: outer, own: None, only_names: true, host: None };
            engine.eval(expr, &scope)
        }
    }
}
