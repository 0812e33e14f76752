//! The call: what is done for every function before and after its own work.

use super::spec::{Call, DYNAMIC, Function, MARKED, NULL, Nullness, Parameter, UNKNOWN, causes};
use super::{Environment, FunctionError, find};
use crate::value::convert::into_type;
use crate::value::{Marks, Type, Unknown, Value, ValueKind};
use std::sync::Arc;

/// Calls a function. `name` may carry a namespace: `core::upper`, `provider::terraform::encode_tfvars`.
pub fn call(name: &str, arguments: Vec<Value>, environment: &mut dyn Environment) -> Result<Value, FunctionError> {
    let Some(function) = find(name) else { return Err(FunctionError::uncalled(unknown_function(name))) };
    check_arity(name, function, arguments.len())?;
    let result = called(function, arguments, environment);
    result.map_err(|mut error| {
        if let Some(index) = error.argument {
            error.parameter = parameter(function, index).map(|parameter| parameter.name);
        }
        error
    })
}

fn called(function: &Function, arguments: Vec<Value>, environment: &mut dyn Environment) -> Result<Value, FunctionError> {
    let mut converted = arguments;
    for (index, argument) in converted.iter_mut().enumerate() {
        let takes = parameter(function, index).map_or(Type::Dynamic, |parameter| parameter.takes.of());
        let given = std::mem::replace(argument, Value::null());
        *argument = into_type(given, &takes).map_err(|error| FunctionError::argument(index, error))?;
    }
    // Marks that the function does not deal with are put on its result as a whole, also when it is not called.
    let mut marks = Marks::NONE;
    let mut open = false;
    let mut typeless = false;
    for (index, argument) in converted.iter_mut().enumerate() {
        let Some(parameter) = parameter(function, index) else { continue };
        marks = marks.union(prepare(argument, parameter));
        if typeless {
            continue;
        }
        if argument.is_null() && !parameter.allows(NULL) {
            return Err(FunctionError::argument(index, "argument must not be null"));
        }
        typeless = argument.is_of(&Type::Dynamic) && !parameter.allows(DYNAMIC);
        open |= argument.is_unknown() && !parameter.allows(UNKNOWN);
    }
    if typeless {
        let unknown = Unknown::new(Type::Dynamic, causes(&converted));
        return Ok(Value::from(unknown).with_marks(marks.union(kept(function, &converted))));
    }
    let of = function.gives.of(&converted)?;
    let mut call = Call { arguments: converted, of, environment };
    let result = if open { call.unknown().with_marks(kept(function, &call.arguments)) } else { (function.run)(&mut call)? };
    Ok(refined(result, function.nullness).with_marks(marks))
}

/// Takes the marks off an argument that the function does not deal with, and makes a whole resource the unknown that it is to functions.
fn prepare(argument: &mut Value, parameter: &Parameter) -> Marks {
    let mut marks = Marks::NONE;
    if !parameter.allows(MARKED) {
        marks = argument.deep_marks();
        if !marks.is_empty() {
            *argument = argument.without_marks();
        }
    }
    if let ValueKind::Resource(reference) = &argument.kind
        && !parameter.allows(NULL | UNKNOWN | MARKED | DYNAMIC)
    {
        let mut unknown = Unknown::new(Type::Dynamic, causes(std::slice::from_ref(argument))).not_null();
        unknown.refers_to = Some(Arc::clone(reference));
        argument.kind = ValueKind::Unknown(Arc::new(unknown));
    }
    marks
}

/// The marks that are still on arguments of a function that was not called.
fn kept(function: &Function, arguments: &[Value]) -> Marks {
    let own = |(index, argument): (usize, &Value)| {
        parameter(function, index).filter(|parameter| parameter.allows(MARKED)).map_or(Marks::NONE, |_| argument.marks)
    };
    arguments.iter().enumerate().map(own).fold(Marks::NONE, Marks::union)
}

/// An unknown result with what is known of every result: that it is not null. That may be enough to know it.
fn refined(result: Value, nullness: Nullness) -> Value {
    let ValueKind::Unknown(unknown) = &result.kind else { return result };
    let never = nullness == Nullness::Never && unknown.of != Type::Dynamic;
    if !never && !unknown.not_null {
        return result;
    }
    let mut unknown = (**unknown).clone();
    unknown.not_null |= never;
    let settled = unknown.settled();
    Value { origin: result.origin, ..settled.with_marks(result.marks) }
}

fn parameter(function: &Function, index: usize) -> Option<&Parameter> {
    function.parameters.get(index).or(function.rest.as_ref())
}

fn check_arity(name: &str, function: &Function, given: usize) -> Result<(), FunctionError> {
    let wanted = function.parameters.len();
    if let Some(missing) = function.parameters.get(given) {
        let least = if function.rest.is_some() { "at least " } else { "" };
        let message = format!("function `{name}` expects {least}{wanted} argument(s); missing value for `{}`", missing.name);
        return Err(FunctionError::uncalled(message));
    }
    if function.rest.is_none() && given > wanted {
        return Err(FunctionError::uncalled(format!("function `{name}` expects only {wanted} argument(s)")));
    }
    Ok(())
}

fn unknown_function(name: &str) -> String {
    match name.rsplit_once("::") {
        Some((namespace, _)) if namespace != "core" && namespace != "provider::terraform" => {
            format!("there are no functions in namespace `{namespace}::`")
        }
        _ => format!("there is no function named `{name}`"),
    }
}
