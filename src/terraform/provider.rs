//! Which provider configuration a resource uses, and what that says of its Region and account.

use crate::source::Span;
use crate::syntax::hcl::{Expr, ExprKind};
use crate::terraform::config::{Object, Resource, dotted};
use crate::terraform::engine::Engine;
use crate::terraform::instance::{Configured, Instance};
use crate::terraform::memory::Inputs;
use crate::terraform::scope::Scope;
use crate::value::{Cause, CauseKind, Entries, Origin, Reference, Type, Unknown, Value};
use indexmap::Equivalent;
use std::rc::Rc;
use std::sync::Arc;

/// A provider configuration as a resource meets it.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its Region.
    pub region: Value,
    /// Its account.
    pub account: Value,
    /// What tells it from others of this project: `aws`, `aws.east`, with the module that configures it.
    pub key: Arc<str>,
}

/// The provider that a resource means, by its name and alias in the resource's module.
#[derive(Hash)]
struct Meant<'r>(&'r str, &'r str);

impl<'r> Meant<'r> {
    fn of(resource: &'r Resource, named: Option<&'r [Arc<str>]>) -> Self {
        match named {
            Some(parts) => Self(parts.first().map_or("aws", |name| name), parts.get(1).map_or("", |alias| alias)),
            None => Self(resource.type_name.split('_').next().unwrap_or("aws"), ""),
        }
    }

    fn to_owned(&self) -> (Arc<str>, Arc<str>) {
        (Arc::from(self.0), Arc::from(self.1))
    }
}

impl Equivalent<(Arc<str>, Arc<str>)> for Meant<'_> {
    fn equivalent(&self, (name, alias): &(Arc<str>, Arc<str>)) -> bool {
        *self.0 == **name && *self.1 == **alias
    }
}

/// Where a provider is configured: the module, the local name there, the alias.
struct Place {
    instance: Rc<Instance>,
    name: Arc<str>,
    alias: Arc<str>,
}

impl Engine<'_> {
    /// The provider configuration of a resource.
    pub fn provider(&self, instance: &Rc<Instance>, resource: &Resource) -> Provider {
        let named = Self::named_provider(resource);
        let meant = Meant::of(resource, named.as_deref());
        let configured = instance.cache.borrow().providers.get(&meant).cloned();
        let unsaid = |key: &Arc<str>| {
            let said_of = |what| self.unsaid(what, key, resource.object.header(), None);
            let provider = Provider { region: said_of("region"), account: said_of("account"), key: Arc::clone(key) };
            // What is configured nowhere has no place, and is the same for all. A fact is told where it is used.
            let facts = &self.context.inputs.facts;
            if facts.region.is_none() && facts.account.is_none() {
                self.providers.borrow_mut().insert(Arc::clone(key), (provider.clone(), Inputs::default()));
            }
            provider
        };
        if let Some(Configured { key, is_written }) = &configured {
            if let Some((known, read)) = self.providers.borrow().get(key) {
                self.reading.add(*read);
                return known.clone();
            }
            if !is_written {
                return unsaid(key);
            }
        }
        let meant = meant.to_owned();
        let place = Self::place(Place { instance: Rc::clone(instance), name: Arc::clone(&meant.0), alias: Arc::clone(&meant.1) });
        let dotted = if place.alias.is_empty() { place.name.to_string() } else { format!("{}.{}", place.name, place.alias) };
        let key: Arc<str> = place.instance.address(&dotted);
        let module = Arc::clone(&place.instance.module);
        let configuration = module.providers.get(&(Arc::clone(&place.name), Arc::clone(&place.alias)));
        let configured = Configured { key: Arc::clone(&key), is_written: configuration.is_some() };
        instance.cache.borrow_mut().providers.insert(meant, configured);
        if let Some((known, read)) = self.providers.borrow().get(&key) {
            self.reading.add(*read);
            return known.clone();
        }
        let Some(object) = configuration else { return unsaid(&key) };
        let (provider, read) = self.reading.of(|| Provider {
            region: self.region(&place.instance, object, &key),
            account: self.account(&place.instance, object, &key),
            key: Arc::clone(&key),
        });
        self.providers.borrow_mut().insert(key, (provider.clone(), read));
        provider
    }

    /// The default tags of a resource's provider; empty where it has none.
    pub fn default_tags(&self, instance: &Rc<Instance>, resource: &Resource) -> Option<Entries> {
        let (name, alias) = Meant::of(resource, Self::named_provider(resource).as_deref()).to_owned();
        let place = Self::place(Place { instance: Rc::clone(instance), name, alias });
        let module = Arc::clone(&place.instance.module);
        let Some(object) = module.providers.get(&(Arc::clone(&place.name), Arc::clone(&place.alias))) else { return Some(Entries::new()) };
        let tags = object.blocks("default_tags").into_iter().find_map(|(file, block)| Some((file, block.body.attribute("tags")?)));
        let Some((file, attribute)) = tags else { return Some(Entries::new()) };
        let value = self.settle(self.eval(&attribute.value, &Scope::of(&place.instance, file)));
        value.as_entries().cloned()
    }

    /// The name and alias that a resource gives for its provider.
    fn named_provider(resource: &Resource) -> Option<Vec<Arc<str>>> {
        resource.object.attribute("provider").and_then(|(_, attribute)| dotted(&attribute.value))
    }

    /// Follows a provider up the module calls to where it is configured.
    fn place(from: Place) -> Place {
        let mut place = from;
        loop {
            let key = (Arc::clone(&place.name), Arc::clone(&place.alias));
            let Some((parent, call)) = place.instance.parent.clone() else { return place };
            let module = Arc::clone(&parent.module);
            let passed = module.calls.get(&call).and_then(|object| passed(object, &place.name, &place.alias));
            if passed.is_none() && place.instance.module.providers.contains_key(&key) {
                return place;
            }
            let (name, alias) = passed.unwrap_or(key);
            place = Place { instance: parent, name, alias };
        }
    }

    fn region(&self, instance: &Rc<Instance>, object: &Object, key: &str) -> Value {
        match object.attribute("region") {
            Some((file, attribute)) => self.settle(self.eval(&attribute.value, &Scope::of(instance, file))),
            None => self.unsaid("region", key, object.header(), Some(object.header())),
        }
    }

    /// The account: `allowed_account_ids` with one entry, or the account of the role that is assumed.
    fn account(&self, instance: &Rc<Instance>, object: &Object, key: &str) -> Value {
        if let Some((file, attribute)) = object.attribute("allowed_account_ids") {
            let value = self.settle(self.eval(&attribute.value, &Scope::of(instance, file)));
            if let Some([only]) = value.as_items() {
                return only.clone();
            }
        }
        let role = object.blocks("assume_role").into_iter().find_map(|(file, block)| Some((file, block.body.attribute("role_arn")?)));
        if let Some((file, attribute)) = role {
            let value = self.settle(self.eval(&attribute.value, &Scope::of(instance, file)));
            if let Some(account) = value.as_str().and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty()) {
                return Value::string(account).with_origin(Origin::written(attribute.value.range.at(file)));
            }
            return self.of_provider("account", key, Some(attribute.range.at(file))).into();
        }
        self.unsaid("account", key, object.header(), Some(object.header()))
    }

    /// A Region or account that the configuration leaves to the environment: a fact, or one input a run, the same for all who leave it. `user`: what is created there.
    fn unsaid(&self, what: &'static str, key: &str, user: Span, configured: Option<Span>) -> Value {
        let facts = &self.context.inputs.facts;
        let fact = if what == "region" { &facts.region } else { &facts.account };
        if let Some(text) = fact {
            let step = crate::value::Step::Fact(what.into());
            return Value::string(text.as_str()).through(|before| crate::value::Hop { step, span: user, before });
        }
        let mut unknown = self.of_provider(what, key, configured);
        let base = key.rsplit('.').next().unwrap_or(key);
        if base == "aws" || base == "awscc" {
            // All that leave it to the environment share it.
            let name: Arc<str> = format!("the default {what}").into();
            unknown.refers_to = Some(Arc::new(Reference::Input { project: self.project, name }));
        }
        unknown.into()
    }

    /// The Region or account of one provider configuration: not known, and the same wherever that provider is used.
    fn of_provider(&self, what: &str, key: &str, span: Option<Span>) -> Unknown {
        let cause = Cause::new(CauseKind::Environment, format!("the {what} of provider {key}"), span);
        Unknown::input(self.project, Type::String, cause).not_null()
    }
}

/// What a call passes for a provider of the callee: the caller's local name and alias.
fn passed(call: &Object, name: &str, alias: &str) -> Option<(Arc<str>, Arc<str>)> {
    let (_, attribute) = call.attribute("providers")?;
    let ExprKind::Object(items) = &attribute.value.kind else { return None };
    let key = if alias.is_empty() { name.to_owned() } else { format!("{name}.{alias}") };
    let value = items.iter().find(|item| key_text(&item.key).is_some_and(|text| text == key)).map(|item| &item.value)?;
    let parts = dotted(value)?;
    Some((parts.first().cloned()?, parts.get(1).cloned().unwrap_or_else(|| Arc::from(""))))
}

/// The key of a `providers` map: `aws`, `aws.east`, `"aws.east"`.
fn key_text(key: &Expr) -> Option<String> {
    match &key.kind {
        ExprKind::String(text) => Some(text.to_string()),
        _ => dotted(key).map(|parts| parts.join(".")),
    }
}
