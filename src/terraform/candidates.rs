//! The few values that decide an input: what a scenario tries.
//!
//! A bool has two. A variable whose validation lists its values has those. Otherwise the literals that the code compares the input
//! with matter, and one value that is none of them. The input is followed through locals and module arguments that merely rename it.

use crate::project::ANOTHER_VALUE;
use crate::source::FileId;
use crate::syntax::hcl::{BinaryOperator, Expr, ExprKind, Operation};
use crate::terraform::config::{Object, literal};
use crate::terraform::engine::Engine;
use crate::terraform::instance::{Children, Instance};
use crate::terraform::scope::Scope;
use crate::value::{Number, Origin, Type, Value, ValueKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// The few values of an input (`var.environment`, `terraform.workspace`); `None` if there are none.
pub fn of(engine: &Engine<'_>, input: &str) -> Option<Vec<Value>> {
    let root = engine.root_instance();
    let (mut of, mut values) = (Type::Dynamic, Vec::new());
    if let Some(name) = input.strip_prefix("var.") {
        let object = root.module.variables.get(name)?;
        of = engine.constraint(object).ok().flatten().map_or(Type::Dynamic, |constraint| constraint.as_type());
        if of == Type::Bool {
            return Some(vec![Value::bool(true), Value::bool(false)]);
        }
        if let Some(listed) = listed(engine, object, name) {
            return Some(listed);
        }
    } else if input != "terraform.workspace" {
        return None;
    }
    let mut search = Search::default();
    let name = input.split_once('.').map(|(root, name)| (Arc::from(root), Arc::from(name)))?;
    search.names.entry(root.module.dir.clone()).or_default().insert(name, Form::default());
    search.follow(engine, &root);
    search.collect(engine, &root);
    if !search.keys.is_empty() {
        // The code looks things up by the input: a value that is no key of theirs cannot be deployed.
        values.extend(search.keys.into_values());
        return Some(values);
    }
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
    Some(values)
}

/// The values that a variable's validation lists: `contains([…], var.x)`.
fn listed(engine: &Engine<'_>, object: &Object, name: &str) -> Option<Vec<Value>> {
    for (file, block) in object.blocks("validation") {
        let Some(condition) = block.body.attribute("condition") else { continue };
        let ExprKind::Call { name: function, arguments, .. } = &condition.value.kind else { continue };
        let [list, tested] = arguments.as_slice() else { continue };
        if &*function.name == "contains" && reference(tested).is_some_and(|(root, tested)| &**root == "var" && &**tested == name) {
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

/// A plain reference without indices, as its two words: `var.x`, `local.y`, `terraform.workspace`.
fn reference(expr: &Expr) -> Option<(&Arc<str>, &Arc<str>)> {
    match &expr.kind {
        ExprKind::Traversal { root, operations } => match operations.as_slice() {
            [Operation::Attribute(name)] => Some((&root.name, &name.name)),
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

/// How an input is made of a name that stands for a part of it: the name's value between two known texts.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
struct Form {
    prefix: String,
    suffix: String,
}

impl Form {
    /// The input's value, given the name's.
    fn whole(&self, part: &Value) -> Value {
        match part.as_str().filter(|_| !self.prefix.is_empty() || !self.suffix.is_empty()) {
            Some(text) => Value::string([&self.prefix, text, &self.suffix].concat()),
            None => part.clone(),
        }
    }
}

/// A text as a literal, by which literals are in order.
fn quoted(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
    if is_plain { ["\"", text, "\""].concat() } else { format!("{text:?}") }
}

/// What the input is called in one module, as two words, and how it is made of each name.
type Aliases = BTreeMap<(Arc<str>, Arc<str>), Form>;

/// How the input is made of what an expression names.
fn form_of<'n>(expr: &Expr, names: &'n Aliases) -> Option<&'n Form> {
    let (root, name) = reference(expr)?;
    // Names are few, and expressions many.
    names.iter().find(|((of_root, of_name), _)| of_root == root && of_name == name).map(|(_, form)| form)
}

#[derive(Default)]
struct Search {
    /// What the input is called in each module.
    names: BTreeMap<PathBuf, Aliases>,
    /// The calls that hand it on, with the module that they stand in.
    calls: BTreeSet<(Arc<str>, PathBuf)>,
    /// The literals that it is compared with, by their text.
    found: BTreeMap<String, Value>,
    /// The keys of known collections that are looked into by it.
    keys: BTreeMap<String, Value>,
}

impl Search {
    /// Finds the names that the input goes by. Modules that are given none of them have none for it.
    fn follow(&mut self, engine: &Engine<'_>, instance: &Rc<Instance>) {
        let dir = instance.module.dir.clone();
        let local: Arc<str> = Arc::from("local");
        loop {
            let known = self.names.get(&dir).cloned().unwrap_or_default();
            let mut more = Aliases::new();
            for (name, value) in &instance.module.locals {
                let (file, attribute) = value.attribute();
                let alias = || (Arc::clone(&local), Arc::clone(name));
                if let Some(form) = renamed(engine, &attribute.value, &known, &Scope::of(instance, file))
                    && !known.contains_key(&alias())
                {
                    more.insert(alias(), form);
                }
            }
            if more.is_empty() {
                break;
            }
            self.names.entry(dir.clone()).or_default().extend(more);
        }
        let known = self.names.get(&dir).cloned().unwrap_or_default();
        let var: Arc<str> = Arc::from("var");
        for (name, call) in &instance.module.calls {
            let given = call.attribute_names().into_iter().filter_map(|argument| {
                let (file, attribute) = call.attribute(&argument)?;
                let form = renamed(engine, &attribute.value, &known, &Scope::of(instance, file))?;
                Some(((Arc::clone(&var), argument), form))
            });
            let given: Aliases = given.collect();
            if !given.is_empty()
                && let Some(child) = first_child(engine, instance, name, call)
            {
                self.names.entry(child.module.dir.clone()).or_default().extend(given);
                self.calls.insert((Arc::clone(name), dir.clone()));
                self.follow(engine, &child);
            }
        }
    }

    /// Collects the literals from every expression of the modules where the input has a name.
    fn collect(&mut self, engine: &Engine<'_>, instance: &Rc<Instance>) {
        let module = Arc::clone(&instance.module);
        let Some(names) = self.names.get(&module.dir).cloned() else { return };
        let mut looker = Looker { engine, instance, names: &names, search: self, guards: 0 };
        for local in module.locals.values() {
            let (file, attribute) = local.attribute();
            looker.look(&attribute.value, file);
        }
        let objects =
            module.resources.values().map(|resource| &resource.object).chain(module.outputs.values()).chain(module.calls.values());
        objects.for_each(|object| object.expressions(&mut |file, expr| looker.look(expr, file)));
        for (name, call) in &module.calls {
            if self.calls.contains(&(Arc::clone(name), module.dir.clone()))
                && let Some(child) = first_child(engine, instance, name, call)
            {
                self.collect(engine, &child);
            }
        }
    }
}

/// The first instance of a module call, which stands for all.
fn first_child(engine: &Engine<'_>, instance: &Rc<Instance>, name: &Arc<str>, call: &Object) -> Option<Rc<Instance>> {
    match &*engine.children(instance, name, call.header()).ok()? {
        Children::Present(_, instances) => instances.first().cloned(),
        Children::Missing(..) => None,
    }
}

/// Whether an expression is one of these names, perhaps without a known beginning or end: then how the input is made of it.
fn renamed(engine: &Engine<'_>, expr: &Expr, names: &Aliases, scope: &Scope<'_>) -> Option<Form> {
    if let Some(form) = form_of(expr, names) {
        return Some(form.clone());
    }
    let ExprKind::Call { name, arguments, .. } = &expr.kind else { return None };
    let [inner, cut] = arguments.as_slice() else { return None };
    let form = renamed(engine, inner, names, scope)?;
    let cut = engine.eval(cut, scope).ok()?;
    let cut = cut.as_str()?;
    match &*name.name {
        "trimprefix" => Some(Form { prefix: format!("{}{cut}", form.prefix), suffix: form.suffix }),
        "trimsuffix" => Some(Form { prefix: form.prefix, suffix: format!("{cut}{}", form.suffix) }),
        _ => None,
    }
}

/// Whether keys that are looked up are all that can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    All,
    Some,
}

/// Looks through the expressions of one module.
struct Looker<'l, 'e> {
    engine: &'l Engine<'e>,
    instance: &'l Rc<Instance>,
    names: &'l Aliases,
    search: &'l mut Search,
    /// Calls of `try` and `can` around: what fails inside of them is no failure.
    guards: usize,
}

impl Looker<'_, '_> {
    fn form(&self, expr: &Expr) -> Option<Form> {
        form_of(expr, self.names).cloned()
    }

    /// Literals that an expression compares one of the names with, and keys of what it looks into by one of them.
    fn look(&mut self, expr: &Expr, file: FileId) {
        match &expr.kind {
            ExprKind::Binary(operator, left, right) if !matches!(operator, BinaryOperator::And | BinaryOperator::Or) => {
                if let Some(form) = self.form(left) {
                    self.keep(right, &form);
                } else if let Some(form) = self.form(right) {
                    self.keep(left, &form);
                }
            }
            ExprKind::Conditional(condition, ..) | ExprKind::Unary(_, condition) if self.form(condition).is_some() => {
                self.search.found.insert("true".into(), Value::bool(true));
            }
            ExprKind::Call { name, arguments, .. } if &*name.name == "contains" => {
                if let (Some(ExprKind::Tuple(items)), Some(form)) =
                    (arguments.first().map(|list| &list.kind), arguments.get(1).and_then(|tested| self.form(tested)))
                {
                    items.iter().for_each(|item| self.keep(item, &form));
                }
            }
            ExprKind::Call { name, arguments, .. } if &*name.name == "lookup" => {
                if let (Some(collection), Some(form)) = (arguments.first(), arguments.get(1).and_then(|key| self.form(key)))
                    && let Ok(collection) = self.engine.eval(collection, &Scope::of(self.instance, file))
                {
                    let keys = if arguments.len() == 2 && self.guards == 0 { Keys::All } else { Keys::Some };
                    self.keep_keys(&collection, &form, keys);
                }
            }
            ExprKind::Relative { source, operations } => self.index(
                operations,
                |before| Expr { kind: ExprKind::Relative { source: source.clone(), operations: before }, range: expr.range },
                file,
            ),
            ExprKind::Traversal { root, operations } => self.index(
                operations,
                |before| Expr { kind: ExprKind::Traversal { root: root.clone(), operations: before }, range: expr.range },
                file,
            ),
            _ => {}
        }
        let is_guard = matches!(&expr.kind, ExprKind::Call { name, .. } if matches!(&*name.name, "try" | "can"));
        self.guards += usize::from(is_guard);
        expr.children(&mut |child| self.look(child, file));
        self.guards -= usize::from(is_guard);
    }

    /// The keys of a known collection that is indexed by one of the names.
    fn index(&mut self, operations: &[Operation], before: impl Fn(Vec<Operation>) -> Expr, file: FileId) {
        for (at, operation) in operations.iter().enumerate() {
            let Operation::Index(key) = operation else { continue };
            let Some(form) = self.form(key) else { continue };
            let scope = Scope::of(self.instance, file);
            let Ok(collection) = self.engine.eval(&before(operations[..at].to_vec()), &scope) else { continue };
            let keys = if self.guards == 0 { Keys::All } else { Keys::Some };
            self.keep_keys(&collection, &form, keys);
        }
    }

    /// Keeps the keys of a collection: as all that can be, where nothing else would be deployed, or as some of what can be.
    fn keep_keys(&mut self, collection: &Value, form: &Form, keys: Keys) {
        let into = if keys == Keys::All { &mut self.search.keys } else { &mut self.search.found };
        for name in collection.as_entries().into_iter().flat_map(crate::value::Entries::keys) {
            into.insert(quoted(name), form.whole(&Value::string(Arc::clone(name))));
        }
    }

    fn keep(&mut self, expr: &Expr, form: &Form) {
        let value = match &expr.kind {
            ExprKind::Bool(value) => Some((value.to_string(), Value::bool(*value))),
            ExprKind::Number(text) => Number::parse(text).map(|number| (text.to_string(), ValueKind::Number(number).into())),
            ExprKind::Null => Some(("null".into(), Value::null())),
            _ => literal(expr).map(|text: Arc<str>| (quoted(&text), Value::string(text))),
        };
        self.search.found.extend(value.map(|(text, value)| (text, form.whole(&value))));
    }
}
