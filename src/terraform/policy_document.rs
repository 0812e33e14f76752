//! `data "aws_iam_policy_document"`: pure, so its JSON is known as far as its arguments are.
//!
//! Merging and encoding follow the provider (FACTS B5): sources first, then the own statements, then overrides; statements of the same
//! non-empty Sid replace each other; one-element lists become strings; lists come out in reverse order, as the provider's do.

use crate::terraform::engine::Engine;
use crate::value::json::Writer;
use crate::value::{Entries, Origin, Type, Unknown, Value, ValueKind, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A policy document while it is being merged.
#[derive(Debug, Default)]
struct Document {
    version: Option<Value>,
    id: Option<Value>,
    statements: Vec<Statement>,
}

/// One statement, its parts in the order in which they are written.
#[derive(Debug, Default, Clone)]
struct Statement {
    sid: Option<Value>,
    effect: Option<Value>,
    /// As [`LISTS`] names them.
    lists: [Option<Value>; LISTS.len()],
    condition: Option<Value>,
}

/// How the document is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// `json`: two spaces a level.
    Indented,
    /// `minified_json`.
    Minified,
}

/// What becomes of a list of which nothing is known, not even how long it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsettled {
    /// It stays in the document, as one value that is not known: what else the document says is known all the same.
    Kept,
    /// There is no document.
    Refused,
}

/// The parts of a statement between effect and condition, as JSON names them.
const LISTS: [&str; 6] = ["Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"];

/// The same as arguments and blocks of the data source.
const ARGUMENTS: [&str; 6] = ["actions", "not_actions", "resources", "not_resources", "principals", "not_principals"];

/// The policy of the arguments of a data source: its attributes and blocks by name. `None` where so little is known that no document can be given.
pub fn render(arguments: &Entries, layout: Layout, unsettled: Unsettled) -> Option<Value> {
    let text = |name: &str| arguments.get(name).filter(|value| !value.is_null());
    let mut document = Document { version: Some(Value::string("2012-10-17")), ..Document::default() };
    for source in [text("source_json")].into_iter().flatten() {
        document.merge(read(source, unsettled)?);
    }
    if let Some(sources) = text("source_policy_documents") {
        for source in sources.as_items()?.iter().filter(|source| !source.is_null()) {
            document.merge(read(source, unsettled)?);
        }
    }
    let mut own = Document { version: text("version").cloned(), id: text("policy_id").cloned(), statements: Vec::new() };
    if let Some(statements) = text("statement") {
        for block in blocks(statements)? {
            own.statements.push(statement(block, unsettled)?);
        }
    }
    document.merge(own);
    if let Some(overrides) = text("override_policy_documents") {
        for source in overrides.as_items()?.iter().filter(|source| !source.is_null()) {
            document.merge(read(source, unsettled)?);
        }
    }
    for source in [text("override_json")].into_iter().flatten() {
        document.merge(read(source, unsettled)?);
    }
    Some(document.write(layout))
}

/// The blocks of a type: a tuple of objects, or one object.
fn blocks(value: &Value) -> Option<Vec<&Entries>> {
    match &value.kind {
        ValueKind::Object(entries) | ValueKind::Map(_, entries) => Some(vec![entries]),
        _ => value.as_items()?.iter().map(Value::as_entries).collect(),
    }
}

/// A document given as JSON text; the empty text is no document.
fn read(source: &Value, unsettled: Unsettled) -> Option<Document> {
    if source.as_str() == Some("") {
        return Some(Document::default());
    }
    let document = match &source.kind {
        ValueKind::Unknown(unknown) if unsettled == Unsettled::Kept && !unknown.pieces.is_empty() => {
            json::read(&unknown.pieces, json::Outside::OneValue, &Origin::default())?
        }
        _ => json::parse(source)?,
    };
    let entries = document.as_entries()?;
    let mut read = Document { version: entries.get("Version").cloned(), id: entries.get("Id").cloned(), statements: Vec::new() };
    let statements = match entries.get("Statement") {
        Some(value) => blocks(value)?,
        None => Vec::new(),
    };
    for entries in statements {
        let mut statement = Statement { sid: entries.get("Sid").cloned(), effect: entries.get("Effect").cloned(), ..Statement::default() };
        statement.lists = LISTS.map(|name| entries.get(name).cloned());
        statement.condition = entries.get("Condition").cloned();
        read.statements.push(statement);
    }
    Some(read)
}

/// A `statement` block.
fn statement(block: &Entries, unsettled: Unsettled) -> Option<Statement> {
    let mut statement = Statement {
        sid: Some(block.get("sid").filter(|sid| !sid.is_null()).cloned().unwrap_or_else(|| Value::string(""))),
        effect: Some(block.get("effect").filter(|effect| !effect.is_null()).cloned().unwrap_or_else(|| Value::string("Allow"))),
        ..Statement::default()
    };
    for (argument, kept) in ARGUMENTS.iter().zip(&mut statement.lists) {
        let Some(value) = block.get(argument).filter(|value| !value.is_null()) else { continue };
        if argument.ends_with("principals") {
            let principals = blocks(value)?;
            *kept = if principals.is_empty() { None } else { Some(principal(&principals, unsettled)?) };
        } else {
            let list = collapsed(items(value, unsettled)?);
            *kept = Some(list).filter(|list| list.as_items().is_none_or(|items| !items.is_empty()));
        }
    }
    if let Some(value) = block.get("condition").filter(|value| !value.is_null()) {
        let conditions = blocks(value)?;
        if !conditions.is_empty() {
            statement.condition = Some(condition(&conditions, unsettled)?);
        }
    }
    Some(statement)
}

fn principal(blocks: &[&Entries], unsettled: Unsettled) -> Option<Value> {
    let mut by_type: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for block in blocks {
        let kind: Arc<str> = block.get("type")?.as_str()?.into();
        by_type.entry(kind).or_default().extend(items(block.get("identifiers")?, unsettled)?);
    }
    if let Some([only]) = by_type.get("*").map(Vec::as_slice)
        && by_type.len() == 1
        && only.as_str() == Some("*")
    {
        return Some(Value::string("*"));
    }
    let entries = by_type.into_iter().map(|(kind, identifiers)| (kind, collapsed(identifiers))).collect::<Entries>();
    Some(Value::object(entries))
}

/// Conditions: operator to variable to values; blocks of the same operator and variable join their values.
fn condition(blocks: &[&Entries], unsettled: Unsettled) -> Option<Value> {
    let mut operators: BTreeMap<Arc<str>, Entries> = BTreeMap::new();
    for block in blocks {
        let test: Arc<str> = block.get("test")?.as_str()?.into();
        let variable: Arc<str> = block.get("variable")?.as_str()?.into();
        let mut values = items(block.get("values")?, unsettled)?;
        let variables = operators.entry(test).or_default();
        if let Some(before) = variables.get(&variable).and_then(Value::as_items) {
            values = before.iter().cloned().chain(values).collect();
        }
        variables.insert(variable, Value::tuple(values));
    }
    Some(Value::object(operators.into_iter().map(|(test, variables)| (test, Value::object(variables))).collect()))
}

/// The items of a list as far as they are known.
fn items(list: &Value, unsettled: Unsettled) -> Option<Vec<Value>> {
    policy_variables(list).or_else(|| Some(vec![not_known(list, unsettled)?]))
}

/// A list of which nothing is known, as one value.
fn not_known(list: &Value, unsettled: Unsettled) -> Option<Value> {
    let is_kept = unsettled == Unsettled::Kept && matches!(list.kind, ValueKind::Unknown(_) | ValueKind::Resource(_));
    let of = Type::List(Arc::new(Type::String));
    is_kept.then(|| Value::from(Unknown::new(of, Engine::opaque(list).causes()).not_null()).with_origin(list.origin.clone()))
}

/// The items of a list, each once, with `&{` written as `${`; an unknown list is no list of items.
fn policy_variables(value: &Value) -> Option<Vec<Value>> {
    let mut items: Vec<Value> = Vec::new();
    let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
    for item in value.as_items()? {
        let item = match &item.kind {
            ValueKind::String(text) if text.contains('&') && text.contains("&{") => {
                Value { kind: ValueKind::String(text.replace("&{", "${").into()), ..item.clone() }
            }
            _ => item.clone(),
        };
        let is_new = if let ValueKind::String(text) = &item.kind { seen.insert(Arc::clone(text)) } else { true };
        if is_new {
            items.push(item);
        }
    }
    Some(items)
}

/// A list as the provider writes it: one item alone, several in reverse order.
fn collapsed(mut items: Vec<Value>) -> Value {
    if let [only] = items.as_slice() {
        return only.clone();
    }
    // Partly known items keep their places at the end: where they would sort is not known.
    items.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
    Value::tuple(items)
}

impl Document {
    /// Merges a later document into this one.
    fn merge(&mut self, later: Self) {
        if later.version.is_some() {
            self.version = later.version;
        }
        if later.id.is_some() {
            self.id = later.id;
        }
        for statement in later.statements {
            let sid = statement.sid.as_ref().and_then(Value::as_str).filter(|sid| !sid.is_empty());
            let same = sid.and_then(|sid| self.statements.iter().position(|other| other.sid.as_ref().and_then(Value::as_str) == Some(sid)));
            match same {
                Some(at) => self.statements[at] = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn write(&self, layout: Layout) -> Value {
        let mut out = Out { writer: Writer::default(), layout, depth: 0 };
        let mut members: Vec<(&str, Member<'_>)> = Vec::new();
        members.extend(self.version.as_ref().map(|value| ("Version", Member::Value(value))));
        members.extend(self.id.as_ref().map(|value| ("Id", Member::Value(value))));
        members.push(("Statement", Member::Statements(&self.statements)));
        out.members(&members);
        out.writer.finish()
    }
}

/// What stands under a name.
#[derive(Clone, Copy)]
enum Member<'m> {
    Value(&'m Value),
    Statements(&'m [Statement]),
}

struct Out {
    writer: Writer,
    layout: Layout,
    depth: usize,
}

impl Out {
    fn line(&mut self) {
        if self.layout == Layout::Indented {
            self.writer.raw("\n");
            (0..self.depth).for_each(|_| self.writer.raw("  "));
        }
    }

    fn list<T>(&mut self, brackets: [&str; 2], items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.writer.raw(brackets[0]);
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.writer.raw(",");
            }
            self.line();
            write(self, item);
        }
        self.depth -= 1;
        if !items.is_empty() {
            self.line();
        }
        self.writer.raw(brackets[1]);
    }

    fn members(&mut self, members: &[(&str, Member<'_>)]) {
        self.list(["{", "}"], members, |out, (name, member)| {
            out.writer.name(name);
            out.writer.raw(if out.layout == Layout::Indented { ": " } else { ":" });
            match member {
                Member::Value(value) => out.value(value),
                Member::Statements(statements) => out.list(["[", "]"], statements, Self::statement),
            }
        });
    }

    fn statement(&mut self, statement: &Statement) {
        let mut members: Vec<(&str, Member<'_>)> = Vec::new();
        members.extend(statement.sid.as_ref().map(|value| ("Sid", Member::Value(value))));
        members.extend(statement.effect.as_ref().map(|value| ("Effect", Member::Value(value))));
        members.extend(LISTS.iter().zip(&statement.lists).filter_map(|(name, list)| Some((*name, Member::Value(list.as_ref()?)))));
        members.extend(statement.condition.as_ref().map(|value| ("Condition", Member::Value(value))));
        self.members(&members);
    }

    fn value(&mut self, value: &Value) {
        match &value.kind {
            ValueKind::Object(entries) | ValueKind::Map(_, entries) => {
                let members: Vec<(&str, Member<'_>)> = entries.iter().map(|(name, value)| (&**name, Member::Value(value))).collect();
                self.members(&members);
            }
            ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
                self.list(["[", "]"], items, Self::value);
            }
            ValueKind::Bool(value) => self.writer.raw(if *value { "true" } else { "false" }),
            ValueKind::Number(number) => self.writer.raw(&number.to_string()),
            ValueKind::Null(_) => self.writer.raw("null"),
            // Its JSON is not its text: a piece that refers to nothing.
            ValueKind::Unknown(unknown) if matches!(unknown.of, Type::List(_)) => {
                self.writer.piece(Unknown::new(Type::String, unknown.causes.clone()).not_null().into());
            }
            _ => self.writer.string(value),
        }
    }
}
