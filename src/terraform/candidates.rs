//! The few values that decide an input: what a scenario tries.
//!
//! A bool has two. A variable whose validation lists its values has those. Otherwise the literals that the code compares the input
//! with matter, and one value that is none of them. The input is followed through locals and module arguments that merely rename it.

use crate::project::{ANOTHER_VALUE, Context, Project};
use crate::syntax::hcl::{BinaryOperator, Expr, ExprKind, Operation};
use crate::terraform::config::{Module, Object, literal};
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::instance::{Children, Instance};
use crate::value::{Number, Origin, Type, Value, ValueKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Most values that are tried of one input.
const MAX_CANDIDATES: usize = 16;

/// The few values of an input (`var.environment`, `terraform.workspace`); `None` if there are none, or too many.
pub fn candidates(project: &Project, context: &Context<'_>, input: &str) -> Option<Vec<Value>> {
    let engine = Engine::new(context, project.id, &project.path, Fidelity::Scan);
    let root = engine.root_instance();
    let (mut of, mut values) = (Type::Dynamic, Vec::new());
    if let Some(name) = input.strip_prefix("var.") {
        let object = root.module.variables.get(name)?;
        of = engine.constraint(object).ok().flatten().map_or(Type::Dynamic, |constraint| constraint.as_type());
        if of == Type::Bool {
            return Some(vec![Value::bool(true), Value::bool(false)]);
        }
        if let Some(listed) = listed(&engine, object, name) {
            return (listed.len() <= MAX_CANDIDATES).then_some(listed);
        }
    } else if input != "terraform.workspace" {
        return None;
    }
    let mut search = Search { names: BTreeMap::new(), found: BTreeMap::new() };
    search.names.entry(root.module.dir.clone()).or_default().insert(input.to_owned());
    search.follow(&engine, &root);
    search.collect(&engine, &root);
    if search.found.is_empty() {
        return None;
    }
    let has_bool = search.found.values().any(|value| value.as_bool().is_some());
    values.extend(search.found.into_values());
    if of == Type::Dynamic && has_bool {
        return Some(vec![Value::bool(true), Value::bool(false)]);
    }
    if of == Type::Number {
        values = around(&values);
    } else if matches!(of, Type::String | Type::Dynamic) {
        values.push(Value::string(ANOTHER_VALUE));
    } else {
        return None;
    }
    (values.len() <= MAX_CANDIDATES).then_some(values)
}

/// The values that a variable's validation lists: `contains([…], var.x)`.
fn listed(engine: &Engine<'_>, object: &Object, name: &str) -> Option<Vec<Value>> {
    for (file, block) in object.blocks("validation") {
        let Some(condition) = block.body.attribute("condition") else { continue };
        let ExprKind::Call { name: function, arguments, .. } = &condition.value.kind else { continue };
        let [list, tested] = arguments.as_slice() else { continue };
        if &*function.name == "contains" && reference(tested).as_deref() == Some(&format!("var.{name}")) {
            let values = engine.constant(list, file).ok()?;
            return Some(
                values
                    .as_items()?
                    .iter()
                    .filter(|item| item.is_wholly_known())
                    .map(|item| item.clone().with_origin(Origin::default()))
                    .collect(),
            );
        }
    }
    None
}

/// For numbers the comparison's sides: the literal, and one below and above.
fn around(values: &[Value]) -> Vec<Value> {
    let mut numbers: BTreeSet<i64> = BTreeSet::new();
    for value in values {
        if let Some(number) = value.as_number().and_then(Number::to_i64) {
            numbers.extend([number.saturating_sub(1), number, number.saturating_add(1)]);
        }
    }
    numbers.into_iter().map(Value::int).collect()
}

/// A plain reference without indices: `var.x`, `local.y`, `terraform.workspace`.
fn reference(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Traversal { root, operations } => match operations.as_slice() {
            [Operation::Attribute(name)] => Some(format!("{}.{}", root.name, name.name)),
            _ => None,
        },
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => reference(inner),
        // Changing the case of a name does not make another input of it.
        ExprKind::Call { name, arguments, .. } if matches!(&*name.name, "lower" | "upper" | "tostring" | "trimspace") => {
            reference(arguments.first()?)
        }
        _ => None,
    }
}

struct Search {
    /// What the input is called in each module.
    names: BTreeMap<PathBuf, BTreeSet<String>>,
    /// The literals that it is compared with, by their text.
    found: BTreeMap<String, Value>,
}

impl Search {
    /// Finds the names that the input goes by.
    fn follow(&mut self, engine: &Engine<'_>, instance: &Rc<Instance>) {
        let dir = instance.module.dir.clone();
        loop {
            let known = self.names.get(&dir).cloned().unwrap_or_default();
            let more: Vec<String> = instance
                .module
                .locals
                .iter()
                .filter(|(_, local)| reference(&local.attribute().1.value).is_some_and(|name| known.contains(&name)))
                .map(|(name, _)| format!("local.{name}"))
                .filter(|name| !known.contains(name))
                .collect();
            if more.is_empty() {
                break;
            }
            self.names.entry(dir.clone()).or_default().extend(more);
        }
        self.each_child(engine, instance, |search, child, call| {
            let known = search.names.get(&dir).cloned().unwrap_or_default();
            let passed: Vec<String> = call
                .attribute_names()
                .into_iter()
                .filter(|name| {
                    call.attribute(name).and_then(|(_, attribute)| reference(&attribute.value)).is_some_and(|name| known.contains(&name))
                })
                .map(|name| format!("var.{name}"))
                .collect();
            search.names.entry(child.module.dir.clone()).or_default().extend(passed);
            search.follow(engine, child);
        });
    }

    fn each_child(&mut self, engine: &Engine<'_>, instance: &Rc<Instance>, mut visit: impl FnMut(&mut Self, &Rc<Instance>, &Object)) {
        let module: Rc<Module> = Rc::clone(&instance.module);
        for (name, call) in &module.calls {
            let Ok(children) = engine.children(instance, name, call.header()) else { continue };
            if let Children::Present(_, instances) = &*children
                && let Some(first) = instances.first()
            {
                visit(self, first, call);
            }
        }
    }

    /// Collects the literals from every expression of the modules where the input has a name.
    fn collect(&mut self, engine: &Engine<'_>, instance: &Rc<Instance>) {
        let module = Rc::clone(&instance.module);
        let names = self.names.get(&module.dir).cloned().unwrap_or_default();
        if !names.is_empty() {
            let mut literals = BTreeMap::new();
            let mut look = |expr: &Expr| compared(expr, &names, &mut literals);
            module.locals.values().for_each(|local| look(&local.attribute().1.value));
            let objects =
                module.resources.values().map(|resource| &resource.object).chain(module.outputs.values()).chain(module.calls.values());
            objects.for_each(|object| object.expressions(&mut look));
            self.found.extend(literals);
        }
        self.each_child(engine, instance, |search, child, _| search.collect(engine, child));
    }
}

/// Literals that an expression compares one of these names with, or looks up by it.
fn compared(expr: &Expr, names: &BTreeSet<String>, into: &mut BTreeMap<String, Value>) {
    let is_input = |expr: &Expr| reference(expr).is_some_and(|name| names.contains(&name));
    match &expr.kind {
        ExprKind::Binary(operator, left, right) if !matches!(operator, BinaryOperator::And | BinaryOperator::Or) => {
            if is_input(left) {
                keep(right, into);
            } else if is_input(right) {
                keep(left, into);
            }
        }
        ExprKind::Conditional(condition, ..) if is_input(condition) => {
            into.insert("true".into(), Value::bool(true));
        }
        ExprKind::Unary(_, inner) if is_input(inner) => {
            into.insert("true".into(), Value::bool(true));
        }
        ExprKind::Call { name, arguments, .. } if &*name.name == "contains" && arguments.get(1).is_some_and(is_input) => {
            if let Some(ExprKind::Tuple(items)) = arguments.first().map(|list| &list.kind) {
                items.iter().for_each(|item| keep(item, into));
            }
        }
        ExprKind::Relative { source, operations } => {
            if let (ExprKind::Object(items), Some(Operation::Index(key))) = (&source.kind, operations.first())
                && is_input(key)
            {
                items.iter().for_each(|item| keep(&item.key, into));
            }
        }
        _ => {}
    }
    expr.children(&mut |child| compared(child, names, into));
}

fn keep(expr: &Expr, into: &mut BTreeMap<String, Value>) {
    let value = match &expr.kind {
        ExprKind::Bool(value) => Some((value.to_string(), Value::bool(*value))),
        ExprKind::Number(text) => Number::parse(text).map(|number| (text.to_string(), ValueKind::Number(number).into())),
        ExprKind::Null => Some(("null".into(), Value::null())),
        _ => literal(expr).map(|text: Arc<str>| (format!("{text:?}"), Value::string(text))),
    };
    into.extend(value);
}
