//! Variables: where their values come from, by Terraform's order of precedence, and what types make of them.

use crate::diagnostic::{Diagnostic, Level};
use crate::project::VariableOption;
use crate::source::{FileId, Span};
use crate::syntax::hcl::{Body, Expr, ExprKind};
use crate::syntax::node::{Node, NodeKind, Style};
use crate::terraform::call::all_elements;
use crate::terraform::config::{Module, Object};
use crate::terraform::constraint::{Constraint, Typed};
use crate::terraform::engine::Engine;
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::files;
use crate::terraform::instance::Instance;
use crate::terraform::scope::Scope;
use crate::value::{Cause, CauseKind, Entries, Hop, Marks, Number, Origin, Step, Type, Unknown, Value, ValueKind};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

impl Engine<'_> {
    /// Reads everything that sets root variables, lowest precedence first: these inputs (Terragrunt's, which it passes as environment
    /// variables), the environment, automatic files, options in their order.
    pub fn read_assignments(&mut self, inputs: Entries) {
        let root = self.module(&self.root.clone());
        let mut assigned: std::collections::BTreeMap<Arc<str>, Value> = inputs.into_iter().collect();
        for (name, text) in &self.context.inputs.environment {
            if let Some(object) = root.variables.get(name.as_str()) {
                let value = self.option_text(name, text, Some(object));
                assigned.insert(Arc::from(name.as_str()), value);
            }
        }
        for path in files::automatic_variables(self.context, &self.root) {
            self.variable_file(&path, &root, &mut assigned, Named::InFile);
        }
        for option in &self.context.inputs.variables {
            match option {
                VariableOption::Value(name, text) => {
                    let value = self.option_text(name, text, root.variables.get(name.as_str()));
                    if !root.variables.contains_key(name.as_str()) {
                        let message = format!(
                            "value for undeclared variable: a variable named `{name}` was assigned on the command line, but the root module does not declare it"
                        );
                        self.report(Diagnostic { place: None, level: Level::Warning, code: "undeclared-variable", message, help: None });
                    }
                    assigned.insert(Arc::from(name.as_str()), value);
                }
                VariableOption::File(path) => self.variable_file(path, &root, &mut assigned, Named::ByOption),
            }
        }
        self.assigned = assigned;
    }

    /// The value of an option or environment variable: an expression only where the declared type is no primitive.
    fn option_text(&self, name: &str, text: &str, object: Option<&Object>) -> Value {
        let constraint = object.and_then(|object| self.constraint(object).ok().flatten());
        let value = match constraint {
            None => Value::string(text),
            Some(constraint) if constraint.as_type().is_primitive() => Value::string(text),
            Some(_) => {
                let file = self.virtual_file(&format!("<value for var.{name}>"), text);
                let (expr, diagnostics) = crate::syntax::hcl::parse_expression(text, file);
                match diagnostics.first() {
                    Some(diagnostic) => self
                        .settle(Err(Failure::new(expr.range.at(file), format!("invalid value for `var.{name}`: {}", diagnostic.message)))),
                    None => self.settle(self.constant(&expr, file)),
                }
            }
        };
        let at = object.map(Object::header);
        match at {
            Some(span) => value.through(|before| Hop { step: Step::Assigned(format!("var.{name}").into()), span, before }),
            None => value,
        }
    }

    fn variable_file(&self, path: &Path, root: &Module, into: &mut std::collections::BTreeMap<Arc<str>, Value>, named: Named) {
        let Some(file) = self.load(path) else { return };
        let source = self.context.sources.get(file);
        let values: Vec<(Arc<str>, Span, Value)> = if path.extension().is_some_and(|extension| extension == "json") {
            self.json_variables(&source.text, file)
        } else {
            let tree = self.context.trees.hcl(self.context.sources, file);
            tree.diagnostics.iter().for_each(|diagnostic| self.report(diagnostic.clone()));
            self.hcl_variables(&tree.body, file)
        };
        for (name, span, value) in values {
            if !root.variables.contains_key(&name) {
                let known = self.nearest(&name, root.variables.keys().map(|known| &**known));
                let message = format!("value for undeclared variable: the root module does not declare a variable named `{name}`");
                let level = if named == Named::InFile { Level::Note } else { Level::Warning };
                self.report(Diagnostic {
                    level,
                    help: known.map(|known| format!("did you mean `{known}`?")),
                    ..Diagnostic::warning("undeclared-variable", span, message)
                });
            }
            let step = Step::Assigned(format!("var.{name}").into());
            into.insert(name, value.through(|before| Hop { step, span, before }));
        }
    }

    fn hcl_variables(&self, body: &Body, file: FileId) -> Vec<(Arc<str>, Span, Value)> {
        for block in &body.blocks {
            self.report(
                Failure::new(
                    block.header.at(file),
                    "invalid block in a variable file: only arguments of the form `name = value` are allowed here",
                )
                .to_diagnostic(),
            );
        }
        let value = |expr: &Expr| self.settle(self.constant(expr, file));
        body.attributes
            .iter()
            .map(|attribute| (Arc::clone(&attribute.name.name), attribute.range.at(file), value(&attribute.value)))
            .collect()
    }

    fn json_variables(&self, text: &str, file: FileId) -> Vec<(Arc<str>, Span, Value)> {
        let (node, diagnostics) = crate::syntax::json::parse(text, file);
        diagnostics.into_iter().for_each(|diagnostic| self.report(diagnostic));
        let Some(node) = node else { return Vec::new() };
        let pairs = node.as_mapping().unwrap_or_default().iter();
        pairs
            .filter(|(name, _)| name.as_str() != Some("//"))
            .filter_map(|(name, value)| Some((Arc::from(name.as_str()?), name.range.at(file), from_json(value, file))))
            .collect()
    }

    /// An expression that may use neither references nor functions.
    pub fn constant(&self, expr: &Expr, file: FileId) -> Evaluated {
        if let Some(range) = variable_part(expr) {
            return Err(Failure::new(range.at(file), "variables not allowed: variables and functions may not be used here"));
        }
        let nothing = || Self::top_instance(Arc::new(Module { dir: self.root.clone(), ..Module::default() }));
        let root = self.nothing.get_or_init(nothing);
        self.eval(expr, &Scope { only_names: true, ..Scope::of(root, file) })
    }

    /// The type constraint of a variable of a module, and the type that it makes, read once however often that is called.
    fn constraint_of(&self, module: &Arc<Module>, name: &Arc<str>, object: &Object) -> Result<Rc<Typed>, Failure> {
        let key = (Arc::as_ptr(module).addr(), Arc::clone(name));
        if let Some((_, known)) = self.constraints.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let constraint = self.constraint(object)?;
        let of = constraint.as_ref().map_or(Type::Dynamic, Constraint::as_type);
        let read = Rc::new((constraint, of));
        // As long as the module is kept, no other lies in its place.
        self.constraints.borrow_mut().insert(key, (Arc::clone(module), Rc::clone(&read)));
        Ok(read)
    }

    /// The type constraint of a `variable` block, if it has one.
    pub fn constraint(&self, object: &Object) -> Result<Option<Constraint>, Failure> {
        let Some((file, attribute)) = object.attribute("type") else { return Ok(None) };
        let span = attribute.value.range.at(file);
        Constraint::read(&attribute.value, &mut |expr| self.constant(expr, file).map_err(|failure| failure.message().to_owned()))
            .map(Some)
            .map_err(|message| Failure::new(span, message))
    }

    /// The value of a variable of a module.
    pub fn variable(&self, instance: &Rc<Instance>, name: &Arc<str>, span: Span) -> Evaluated {
        if let Some(value) = self.recall(instance, |cache| &cache.variables, name) {
            return Ok(value);
        }
        let module = Arc::clone(&instance.module);
        let Some(object) = module.variables.get(name) else {
            let help =
                self.nearest(name, module.variables.keys().map(|known| &**known)).map(|known| format!("did you mean `var.{known}`?"));
            return Err(Failure::new(
                span,
                format!("reference to undeclared input variable: an input variable with the name `{name}` has not been declared"),
            )
            .with_help(help));
        };
        self.remember(
            instance,
            |cache| &mut cache.variables,
            name,
            || Failure::new(object.header(), format!("cycle: `var.{name}` refers to itself")),
            || self.settle(self.variable_value(instance, name, object)),
        )
    }

    fn variable_value(&self, instance: &Rc<Instance>, name: &Arc<str>, object: &Object) -> Evaluated {
        let flag = |attribute: &str| {
            object.attribute(attribute).and_then(|(file, attribute)| self.settle(self.constant(&attribute.value, file)).as_bool())
        };
        let nullable = flag("nullable").unwrap_or(true);
        let mut marks = Marks::NONE;
        if flag("sensitive") == Some(true) {
            marks = marks.union(Marks::SENSITIVE);
        }
        if flag("ephemeral") == Some(true) {
            marks = marks.union(Marks::EPHEMERAL);
        }
        let known = self.constraint_of(&instance.module, name, object).unwrap_or_else(|failure| {
            self.report(failure.to_diagnostic());
            Rc::new((None, Type::Dynamic))
        });
        let (constraint, of) = &*known;
        let given = match &instance.parent {
            None => self.root_value(name, object),
            Some((parent, call)) => self.argument(instance, parent, call, name),
        };
        let given = given.filter(|value| nullable || !value.is_null());
        let value = match given {
            Some(value) => value,
            None => match object.attribute("default") {
                Some((file, attribute)) if !(instance.parent.is_none() && self.opens_default(name)) => {
                    let address: Arc<str> = instance.variable_address(name);
                    let at = attribute.range.at(file);
                    self.settle(self.constant(&attribute.value, file)).through(|before| Hop {
                        step: Step::Default(address),
                        span: at,
                        before,
                    })
                }
                _ => return Ok(self.missing_value(instance, name, object, of.clone()).with_marks(marks)),
            },
        };
        let conformed = match constraint {
            Some(constraint) => constraint.conform_to(&value, of).map_err(|message| {
                let span = value.origin.span().unwrap_or_else(|| object.header());
                Failure::new(span, format!("invalid value for input variable: the given value is not suitable for `var.{name}`: {message}"))
            })?,
            None => value.clone(),
        };
        // Each of thousands of calls may be given a collection of its own that is made of a large one.
        if constraint.is_some() {
            self.filled(all_elements(&conformed), || object.header())?;
        }
        let origin = if conformed.origin.is_known() { conformed.origin.clone() } else { value.origin.clone() };
        Ok(conformed.with_origin(origin).with_marks(marks))
    }

    /// Whether the default of a root variable is to be disregarded.
    fn opens_default(&self, name: &str) -> bool {
        self.context.inputs.open_defaults && !self.assigned.contains_key(name)
    }

    fn root_value(&self, name: &Arc<str>, object: &Object) -> Option<Value> {
        if let Some(value) = self.reading.input(&format!("var.{name}")) {
            let step = Step::Assigned(format!("var.{name}").into());
            return Some(value.through(|before| Hop { step, span: object.header(), before }));
        }
        self.assigned.get(name).cloned()
    }

    fn argument(&self, instance: &Rc<Instance>, parent: &Rc<Instance>, call: &Arc<str>, name: &Arc<str>) -> Option<Value> {
        let module = Arc::clone(&parent.module);
        let object = module.calls.get(call)?;
        let (file, attribute) = object.attribute(name)?;
        let scope = Scope::of(parent, file).repeated(&instance.repetition);
        let value = self.settle(self.eval(&attribute.value, &scope));
        let step = Step::Argument(instance.variable_address(name));
        Some(value.through(|before| Hop { step, span: attribute.range.at(file), before }))
    }

    /// A variable that nothing sets.
    fn missing_value(&self, instance: &Rc<Instance>, name: &Arc<str>, object: &Object, of: Type) -> Value {
        let header = object.header();
        let address = instance.variable_address(name);
        let cause = Cause::new(CauseKind::Variable, Arc::clone(&address), Some(header));
        let value: Value = if instance.parent.is_none() {
            self.reading.lacks.set(true);
            Unknown::input(self.project, of, cause).into()
        } else {
            self.report(
                Failure::new(
                    instance.calls.last().map_or(header, |(_, span)| *span),
                    format!("missing required argument: the argument `{name}` is required, but no definition was found"),
                )
                .to_diagnostic(),
            );
            Unknown::new(of, vec![Cause { kind: CauseKind::Invalid, ..cause }]).into()
        };
        value.with_origin(Origin::written(header))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    InFile,
    ByOption,
}

/// The first part of an expression that is no constant.
fn variable_part(expr: &Expr) -> Option<crate::source::TextRange> {
    if matches!(expr.kind, ExprKind::Traversal { .. } | ExprKind::Call { .. } | ExprKind::For(_)) {
        return Some(expr.range);
    }
    let mut found = None;
    expr.children(&mut |child| found = found.or_else(|| variable_part(child)));
    found
}

/// A JSON value, its strings taken as they stand.
pub fn from_json(node: &Node, file: FileId) -> Value {
    let value = match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } => match &**text {
            "null" => Value::null(),
            "true" => Value::bool(true),
            "false" => Value::bool(false),
            number => Number::parse(number).map_or_else(|| Value::string(number), |number| ValueKind::Number(number).into()),
        },
        NodeKind::Scalar { text, .. } => Value::string(Arc::clone(text)),
        NodeKind::Sequence(items) => Value::tuple(items.iter().map(|item| from_json(item, file)).collect()),
        NodeKind::Mapping(pairs) => Value::object(
            pairs.iter().filter_map(|(name, value)| Some((Arc::from(name.as_str()?), from_json(value, file)))).collect::<Entries>(),
        ),
    };
    value.with_origin(Origin::written(node.range.at(file)))
}
