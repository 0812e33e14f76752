//! Functions that render templates: the evaluator does the rendering, and holds their recursion.

use super::FunctionError;
use super::files::{Contents, read};
use super::spec::{Call, Function, Gives, MARKED, Nullness, Outcome, Parameter, Takes, UNKNOWN, unmark};
use crate::value::convert::convert;
use crate::value::{Type, Value, text};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "templatefile",
        parameters: &[Parameter::new("path", Takes::Text).lets(MARKED), Parameter::new("vars", Takes::Any)],
        rest: None,
        gives: Gives::Depends(|_| Ok(Type::Dynamic)),
        nullness: Nullness::Maybe,
        run: template_file,
    },
    Function {
        name: "templatestring",
        parameters: &[Parameter::new("template", Takes::Any).lets(MARKED | UNKNOWN), Parameter::new("vars", Takes::Any)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: template_string,
    },
];

fn check_variables(variables: &Value) -> Result<(), FunctionError> {
    let Some(entries) = variables.as_entries() else { return Err(FunctionError::argument(1, "invalid vars value: must be a map")) };
    let letter = |symbol: char| symbol.is_alphabetic() || symbol == '_';
    let valid = |name: &str| name.starts_with(letter) && name.chars().all(|symbol| letter(symbol) || symbol.is_numeric() || symbol == '-');
    if let Some(name) = entries.keys().find(|name| !valid(name)) {
        let message = format!(
            "invalid template variable name {name:?}: must start with a letter, followed by zero or more letters, digits, and underscores"
        );
        return Err(FunctionError::argument(1, message));
    }
    Ok(())
}

fn template_file(call: &mut Call) -> Outcome {
    let (path, marks) = unmark(call.argument(0)?);
    let path = path.as_str().unwrap_or_default().to_owned();
    let bytes = match read(call.environment, &path)? {
        Contents::Bytes(bytes) => bytes,
        Contents::OutOfReach(cause) => return Ok(call.unknown_because(cause.kind, cause.name).with_marks(marks)),
    };
    let source = String::from_utf8(bytes).map_err(|_| super::files::not_text(&path))?;
    let variables = call.argument(1)?.clone();
    check_variables(&variables)?;
    let rendered = render(call, &text::normalize(&source), &path, &variables)?;
    Ok(rendered.with_marks(marks))
}

fn template_string(call: &mut Call) -> Outcome {
    let (template, marks) = unmark(call.argument(0)?);
    if template.is_unknown() {
        return Ok(call.unknown().with_marks(marks));
    }
    let Some(source) = template.as_str() else { return Err(FunctionError::argument(0, "invalid template value: a string is required")) };
    let variables = call.argument(1)?.clone();
    check_variables(&variables)?;
    let rendered = render(call, source, "<templatestring argument>", &variables)?;
    let rendered = convert(&rendered, &Type::String).map_err(|error| FunctionError::new(format!("invalid template result: {error}")))?;
    Ok(rendered.with_marks(marks))
}

fn render(call: &mut Call, source: &str, name: &str, variables: &Value) -> Outcome {
    let rendered = call.environment.render_template(source, name, variables).map_err(FunctionError::new)?;
    if rendered.is_null() {
        return Err(FunctionError::new(
            "template result is null: the result of the template is null, which is not a valid result for a template",
        ));
    }
    Ok(rendered)
}
