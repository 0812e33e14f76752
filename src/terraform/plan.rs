//! A plan (`terraform show -json`) as a project: what will exist, with everything that planning resolved.
//!
//! Values that are known only after apply are joined with the references of the plan's `configuration`, so that links survive. The plan's
//! own addresses are the places, or the blocks that they name in the sources beside it; nothing of it is evaluated again.

mod beside;
mod configuration;
mod document;

use crate::diagnostic::Diagnostic;
use crate::project::{Context, Project};
use crate::source::{FileId, Span, TextRange};
use crate::table::IndexMap;
use crate::terraform::config::local_address;
use crate::value::{
    Address, Attribute, Cause, CauseKind, Declaration, Entries, Hop, Lowered, Mode, Origin, Reference, Step, Truth, Type, Unknown, Value,
    ValueKind, json,
};
use beside::{Beside, Block};
use configuration::{Configuration, References};
use document::{Document, ResourceChange};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How deep values of a plan may be nested.
const MAX_NESTING: usize = 64;

/// Lowers a plan.
pub fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    let mut lowered = Lowered { files: 1, ..Lowered::default() };
    let (file, problem) = context.load(&project.path);
    lowered.diagnostics.extend(problem);
    let Some(file) = file else { return lowered };
    let source = context.sources.get(file);
    let document: Document<'_> = match serde_json::from_str(&source.text) {
        Ok(document) => document,
        Err(error) => {
            let line = source.lines().range(&source.text, error.line().saturating_sub(1));
            let at = (line.start + error.column().saturating_sub(1)).min(source.text.len());
            lowered.diagnostics.push(Diagnostic::error(
                "syntax-error",
                TextRange::new(at, at).at(file),
                format!("this plan cannot be read: {error}"),
            ));
            return lowered;
        }
    };
    let configuration = Configuration::new(&document);
    let addresses: BTreeSet<&str> =
        document.resource_changes.iter().filter(|change| change.will_exist()).map(|change| change.address.as_str()).collect();
    let beside = project.path.parent().and_then(|directory| Beside::new(context, directory));
    let reader = Reader {
        project,
        context,
        file,
        configuration: &configuration,
        places: places(&source.text),
        addresses: &addresses,
        beside: beside.as_ref(),
    };
    for change in document.resource_changes.iter().filter(|change| change.will_exist()) {
        lowered.resources += usize::from(change.mode == "managed");
        if context.demand.wants(&change.kind) {
            lowered.declarations.push(reader.declare(change));
        }
    }
    lowered
}

/// The bytes of every `"address": "…"` of a plan, by address; the first one wins. One pass over the text.
fn places(text: &str) -> BTreeMap<String, TextRange> {
    const KEY: &str = "\"address\"";
    let mut found = BTreeMap::new();
    let mut from = 0;
    while let Some(at) = text[from..].find(KEY) {
        from += at + KEY.len();
        let rest = &text[from..];
        let Some(value) = rest.trim_start().strip_prefix(':').map(str::trim_start).filter(|value| value.starts_with('"')) else { continue };
        let start = text.len() - value.len();
        let mut stream = serde_json::Deserializer::from_str(value).into_iter::<String>();
        if let Some(Ok(address)) = stream.next() {
            let end = start + stream.byte_offset();
            found.entry(address).or_insert_with(|| TextRange::new(start, end));
            from = end;
        }
    }
    found
}

struct Reader<'r> {
    project: &'r Project,
    context: &'r Context<'r>,
    file: FileId,
    configuration: &'r Configuration<'r>,
    places: BTreeMap<String, TextRange>,
    addresses: &'r BTreeSet<&'r str>,
    beside: Option<&'r Beside<'r>>,
}

impl Reader<'_> {
    fn declare(&self, change: &ResourceChange<'_>) -> Declaration {
        let module = change.module_address.as_deref().unwrap_or_default();
        let mode = if change.mode == "data" { Mode::Data } else { Mode::Managed };
        let block = self.beside.and_then(|beside| beside.block(module, local_address(mode, &change.kind, &change.name)));
        let in_plan = || self.places.get(&change.address).copied().unwrap_or_default().at(self.file);
        let span = block.as_ref().map_or_else(in_plan, Block::header);
        let after: Json = serde_json::from_str(change.change.after.get()).unwrap_or(Json::Null);
        let after_unknown: Json = change.change.after_unknown.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or(Json::Null);
        let expressions = self.configuration.resource(module, &change.mode, &change.kind, &change.name);
        let mut attributes = IndexMap::default();
        let names: BTreeSet<&String> = after
            .as_object()
            .into_iter()
            .flat_map(|object| object.keys())
            .chain(after_unknown.as_object().into_iter().flat_map(|object| object.keys()))
            .collect();
        for name in names {
            let expression = expressions.and_then(|resource| resource.expressions.get(name));
            let argument = block.as_ref().and_then(|block| block.argument(name));
            let is_unknown = after_unknown.get(name) == Some(&Json::Bool(true));
            // A setting that nobody sets, which the provider reads back: new buckets have `logging` among these. A `dynamic` block of which
            // nothing is known looks the same in a plan; the sources beside it show that one.
            let is_unset = mode == Mode::Managed && expressions.is_some() && expression.is_none() && argument.is_none();
            if is_unknown && is_unset && !configuration::is_identity(name) {
                continue;
            }
            let value_span = argument.map_or(span, |argument| argument.value);
            let at = Place { address: &change.address, path: name.clone(), module, span: value_span };
            let value =
                self.value(after.get(name).unwrap_or(&Json::Null), after_unknown.get(name).unwrap_or(&Json::Null), expression, &at, 0);
            // What is neither set nor unknown is what the provider leaves empty.
            if !value.is_null() {
                let name_span = argument.map_or(span, |argument| argument.name);
                attributes.insert(Arc::from(name.as_str()), Attribute { name_span, value });
            }
        }
        let (region, account, provider) = self.provider(expressions.and_then(|resource| resource.provider_config_key.as_deref()), span);
        let own_region = attributes.get("region").map(|attribute: &Attribute| attribute.value.clone());
        Declaration {
            project: self.project.id,
            address: Address::from(change.address.as_str()),
            mode,
            type_name: Arc::from(change.kind.as_str()),
            exists: Truth::True,
            exists_causes: Vec::new(),
            span,
            body: block.as_ref().map_or(span, Block::body),
            calls: Vec::new(),
            attributes,
            unlisted: Vec::new(),
            region: own_region.unwrap_or(region),
            account,
            provider,
            alias: None,
            inputs: None,
        }
    }

    /// A value of the plan, with what is unknown in it taken from the configuration's references.
    fn value(&self, after: &Json, unknown: &Json, expression: Option<&Json>, at: &Place<'_>, depth: usize) -> Value {
        if unknown == &Json::Bool(true) {
            return self.unknown(expression, at);
        }
        let origin = Origin::written(at.span);
        if depth >= MAX_NESTING {
            let cause = Cause::new(CauseKind::Limit, format!("values nested more than {MAX_NESTING} levels deep"), Some(at.span));
            return Unknown::new(Type::Dynamic, vec![cause]).into();
        }
        let value = match after {
            Json::Object(members) => {
                let names: BTreeSet<&String> =
                    members.keys().chain(unknown.as_object().into_iter().flat_map(|object| object.keys())).collect();
                let entry = |name: &String| {
                    let inner = at.inner(format!("{}.{name}", at.path));
                    let part = self.value(
                        members.get(name).unwrap_or(&Json::Null),
                        unknown.get(name).unwrap_or(&Json::Null),
                        expression.and_then(|expression| expression.get(name)),
                        &inner,
                        depth + 1,
                    );
                    (Arc::from(name.as_str()), part)
                };
                Value::object(names.into_iter().map(entry).collect::<Entries>())
            }
            Json::Array(items) => {
                let blocks = expression.and_then(Json::as_array);
                let item = |(index, item): (usize, &Json)| {
                    let inner = at.inner(format!("{}[{index}]", at.path));
                    let expression = match blocks {
                        // A `dynamic` block stands once for all that it generates.
                        Some(blocks) => blocks.get(index).or(blocks.first()),
                        None => expression,
                    };
                    self.value(item, unknown.get(index).unwrap_or(&Json::Null), expression, &inner, depth + 1)
                };
                Value::tuple(items.iter().enumerate().map(item).collect())
            }
            scalar => json::from_json(scalar.clone()),
        };
        let value = value.with_origin(origin);
        // A known text may still be another resource's, read through a reference: that link is kept beside the text.
        match (&value.kind, self.only_reference(expression, at)) {
            (ValueKind::String(_), Some(reference)) => {
                value.through(|before| Hop { step: Step::Attribute(reference), span: at.span, before })
            }
            _ => value,
        }
    }

    fn unknown(&self, expression: Option<&Json>, at: &Place<'_>) -> Value {
        let cause = Cause::new(CauseKind::Computed, format!("{}.{}", at.address, at.path), Some(at.span));
        let mut unknown = Unknown::new(Type::Dynamic, vec![cause]);
        if let Some(reference) = self.only_reference(expression, at) {
            unknown.refers_to = Some(reference);
            unknown.not_null = true;
        } else if expression.is_none() {
            // The configuration does not set it: it is the resource's own computed attribute.
            let own = Reference::Attribute {
                project: self.project.id,
                address: Address::from(at.address),
                attribute: Arc::from(at.path.as_str()),
            };
            unknown.refers_to = Some(Arc::new(own));
            unknown.not_null = true;
        }
        Value::from(unknown).with_origin(Origin::written(at.span))
    }

    /// The one resource attribute that an expression is, if it names just one.
    fn only_reference(&self, expression: Option<&Json>, at: &Place<'_>) -> Option<Arc<Reference>> {
        let found = self.configuration.resolve(expression?, at.module);
        let References { resources, others } = found;
        if others > 0 {
            return None;
        }
        let present: BTreeSet<(String, String)> =
            resources.into_iter().filter_map(|(address, attribute)| Some((self.instance(&address)?, attribute))).collect();
        let mut present = present.into_iter();
        let (address, attribute) = present.next()?;
        if present.next().is_some() || !configuration::is_identity(&attribute) {
            return None;
        }
        Some(Arc::new(Reference::Attribute { project: self.project.id, address: Address::from(address), attribute: attribute.into() }))
    }

    /// The instance of the plan that an address of the configuration names: itself, or the only one that has keys besides.
    fn instance(&self, address: &str) -> Option<String> {
        if self.addresses.contains(address) {
            return Some(address.to_owned());
        }
        let bare = configuration::without_keys(address);
        let mut fitting =
            self.addresses.iter().filter(|known| configuration::without_keys(known) == bare && configuration::fits(address, known));
        let first = fitting.next()?;
        fitting.next().is_none().then(|| (*first).to_owned())
    }

    fn provider(&self, key: Option<&str>, span: Span) -> (Value, Value, Arc<str>) {
        let key = key.unwrap_or("aws");
        let unknown = |what: &str| {
            let facts = &self.context.inputs.facts;
            let fact = if what == "region" { &facts.region } else { &facts.account };
            if let Some(text) = fact {
                return Value::string(text.as_str()).through(|before| Hop { step: Step::Fact(what.into()), span, before });
            }
            // Not known, and the same wherever this provider is used.
            let cause = Cause::new(CauseKind::Environment, format!("the {what} of provider {key}"), Some(span));
            Value::from(Unknown::input(self.project.id, Type::String, cause).not_null())
        };
        let region = self
            .configuration
            .provider_region(key)
            .map_or_else(|| unknown("region"), |text| Value::string(text).with_origin(Origin::written(span)));
        (region, unknown("account"), Arc::from(key))
    }
}

/// Where a value of the plan stands.
struct Place<'p> {
    address: &'p str,
    path: String,
    module: &'p str,
    span: Span,
}

impl Place<'_> {
    /// A place inside this one.
    fn inner(&self, path: String) -> Self {
        Self { address: self.address, path, module: self.module, span: self.span }
    }
}
