//! `eval`: what a project's outputs, resources and expressions are worth, in the form that the conformance judge reads.

use crate::diagnostic::{Diagnostic, Level};
use crate::project::{Context, Demand, Inputs};
use crate::source::FileId;
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::instance::Instance;
use crate::terraform::printed;
use crate::terraform::scope::Scope;
use crate::value::{Entries, Marks, Mode, ProjectId, Value, ValueKind};
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The project number of a project that is evaluated alone.
const ALONE: ProjectId = ProjectId(0);

/// One JSON object for a root module: `outputs`, `resources`, `errors`.
pub fn dump(dir: &Path, context: &Context<'_>) -> String {
    let inputs = planned(context.inputs);
    let demand = Demand::default();
    let context = Context { inputs: &inputs, demand: &demand, ..*context };
    let mut engine = Engine::new(&context, ALONE, dir, Fidelity::Plan);
    engine.read_assignments(crate::value::Entries::new());
    let lowered = engine.lower(None, &demand);
    let mut diagnostics = lowered.diagnostics;
    let root = engine.root_instance();
    engine.check_required(&root);
    engine.validate(&root);
    let mut outputs = Vec::new();
    for (name, object) in &root.module.outputs {
        let value = engine.settle(engine.output(&root, name, object.header()));
        let shown = engine.exposed(&value);
        if !shown.deep_marks().is_empty() && !value.marks.contains(Marks::SENSITIVE) {
            engine.report(
                Failure::new(object.header(), "output refers to sensitive values: the output must be declared as sensitive")
                    .to_diagnostic(),
            );
        }
        outputs.push(format!("{}:{}", printed::quoted(name), printed::answer(&shown)));
    }
    diagnostics.extend(engine.take_diagnostics());
    let mut resources = Vec::new();
    for declaration in lowered.declarations.iter().filter(|declaration| declaration.mode != Mode::Module) {
        let entries: Entries =
            declaration.attributes.iter().map(|(name, attribute)| (Arc::clone(name), engine.exposed(&attribute.value))).collect();
        let values = Value::object(entries);
        resources.push(format!(
            "{}:{{\"values\":{},\"unknown\":{}}}",
            printed::quoted(&declaration.address.0),
            printed::value(&values),
            printed::unknown(&values)
        ));
    }
    let errors: Vec<String> =
        diagnostics.iter().filter(|diagnostic| is_refusal(diagnostic)).map(|diagnostic| printed::quoted(&diagnostic.message)).collect();
    format!("{{\"outputs\":{{{}}},\"resources\":{{{}}},\"errors\":[{}]}}", outputs.join(","), resources.join(","), errors.join(","))
}

/// Whether Terraform would refuse a configuration for this.
fn is_refusal(diagnostic: &Diagnostic) -> bool {
    diagnostic.level == Level::Error || matches!(diagnostic.code, "evaluation-error" | "module-missing" | "module-cycle" | "limit-reached")
}

/// A plan has a workspace.
fn planned(inputs: &Inputs) -> Inputs {
    let mut inputs = inputs.clone();
    inputs.workspace = Some(inputs.workspace().unwrap_or("default").to_owned());
    inputs
}

/// One JSON line for each input line `{"expr": …}`, evaluated in the scope of a file (or in an empty one).
pub fn vectors(text: &str, scope: Option<&Path>, context: &Context<'_>) -> String {
    let inputs = planned(context.inputs);
    let demand = Demand::default();
    let context = Context { inputs: &inputs, demand: &demand, ..*context };
    let dir = scope.and_then(Path::parent).filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let engine = Engine::new(&context, ALONE, dir, Fidelity::Plan);
    let root = engine.instance_of_files(dir, scope.map(Path::to_owned).into_iter().collect());
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let answer = match serde_json::from_str::<Line>(line) {
            Ok(line) => match engine.expression(&line.expr, &format!("<expression {}>", number + 1), &root) {
                Ok(value) => printed::answer(&engine.exposed(&value)),
                Err(message) => format!("{{\"error\":{}}}", printed::quoted(&message)),
            },
            Err(error) => format!("{{\"error\":{}}}", printed::quoted(&format!("not a vector: {error}"))),
        };
        let _ = writeln!(out, "{answer}");
    }
    out
}

#[derive(serde::Deserialize)]
struct Line {
    expr: String,
}

impl Engine<'_> {
    /// The value of an expression given as text, in a module's scope; the error is what Terraform would say.
    pub fn expression(&self, text: &str, name: &str, root: &Rc<Instance>) -> Result<Value, String> {
        // As it would stand in a file: a heredoc's closing marker needs the end of its line.
        let text = format!("{text}\n");
        let file = self.virtual_file(name, &text);
        let (expr, diagnostics) = crate::syntax::hcl::parse_expression(&text, file);
        if let Some(problem) = diagnostics.first() {
            return Err(problem.message.clone());
        }
        let _ = self.take_diagnostics();
        let scope = Scope::of(root, file);
        crate::terraform::references::check(&expr, &scope).map_err(|failure| failure.message().to_owned())?;
        let value: Evaluated = self.eval(&expr, &scope);
        let value = value.map_err(|failure| failure.message().to_owned())?;
        match self.take_diagnostics().into_iter().find(is_refusal) {
            Some(problem) => Err(problem.message),
            None if self.exposed(&value).deep_marks().contains(Marks::EPHEMERAL) => {
                Err("ephemeral value not allowed: this value is derived from an ephemeral value".into())
            }
            None => Ok(value),
        }
    }

    /// Text that stands in no file of its own. Equal names with other text get names of their own.
    pub fn virtual_file(&self, name: &str, text: &str) -> FileId {
        for attempt in 0_u32.. {
            let path = if attempt == 0 { name.to_owned() } else { format!("{name} ({attempt})") };
            let path = Path::new(&path);
            match self.context.sources.id_of(path) {
                Some(file) if *self.context.sources.get(file).text == *text => return file,
                Some(_) => {}
                None => return self.context.sources.add(path, text),
            }
        }
        self.context.sources.add(Path::new(name), text)
    }

    /// The value with whole resources opened: what the configuration sets, and unknown what the provider computes.
    pub fn exposed(&self, value: &Value) -> Value {
        let again = |kind: ValueKind| Value { kind, marks: value.marks, origin: value.origin.clone() };
        match &value.kind {
            ValueKind::Resource(reference) => self.resource_object(reference).with_marks(value.marks),
            ValueKind::Tuple(items) => again(ValueKind::Tuple(Arc::new(items.iter().map(|item| self.exposed(item)).collect()))),
            ValueKind::List(of, items) => {
                again(ValueKind::List(of.clone(), Arc::new(items.iter().map(|item| self.exposed(item)).collect())))
            }
            ValueKind::Object(entries) => {
                again(ValueKind::Object(Arc::new(entries.iter().map(|(name, value)| (Arc::clone(name), self.exposed(value))).collect())))
            }
            ValueKind::Map(of, entries) => again(ValueKind::Map(
                of.clone(),
                Arc::new(entries.iter().map(|(name, value)| (Arc::clone(name), self.exposed(value))).collect()),
            )),
            _ => value.clone(),
        }
    }
}
