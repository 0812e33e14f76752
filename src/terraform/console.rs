//! One expression in the scope of a root module, as `terraform console` evaluates it, except that what is partly known stays so.

use crate::project::{Context, Demand};
use crate::terraform::engine::{Engine, Fidelity};
use crate::value::{Entries, ProjectId, Value};
use std::path::Path;

/// The value of an expression in the root module of a directory; the error is what Terraform would say.
pub fn console(directory: &Path, expression: &str, context: &Context<'_>) -> Result<Value, String> {
    let demand = Demand::default();
    let context = Context { demand: &demand, ..*context };
    let mut engine = Engine::new(&context, ProjectId(0), directory, Fidelity::Scan);
    engine.read_assignments(Entries::new());
    let root = engine.root_instance();
    let value = engine.expression(expression, "<expression>", &root)?;
    Ok(engine.exposed(&value))
}
