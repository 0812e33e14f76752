//! Data sources that can be answered without a provider: pure ones, and those whose answer is another thing of the code.

use crate::source::{Span, label};
use crate::syntax::hcl::{Expr, ExprKind, Operation};
use crate::table::IndexMap;
use crate::terraform::config::Resource;
use crate::terraform::engine::{Engine, Fidelity, Handle};
use crate::terraform::policy_document::{self, Layout, Unsettled};
use crate::terraform::{access, body, provider};
use crate::value::{Address, Attribute, Cause, CauseKind, Entries, Hop, Mode, Reference, Step, Type, Unknown, Value, json};
use std::sync::Arc;

/// What `terraform_remote_state` has beside the outputs that it reads.
const REMOTE_STATE: [&str; 6] = ["backend", "config", "defaults", "environment", "id", "workspace"];

/// The value of an attribute that a data source (or a resource that only computes) would give; `None` where only the provider knows, or the configuration says.
pub fn computed(engine: &Engine<'_>, handle: &Handle, resource: &Resource, reference: &Arc<Reference>, name: &str) -> Option<Value> {
    let facts = &engine.context.inputs.facts.data;
    if let Some(fact) = (!facts.is_empty()).then(|| facts.get(&reference.to_string())).flatten() {
        let step = Step::Fact(reference.to_string().into());
        return Some(json::from_json(fact.clone()).through(|before| Hop { step, span: resource.object.header(), before }));
    }
    let question = Question { engine, handle, resource, reference, span: resource.object.header() };
    if resource.mode != Mode::Data {
        return if name == "tags_all" { question.all_tags() } else { None };
    }
    match (&*resource.type_name, name) {
        ("aws_iam_policy_document", "json") => Some(question.policy(Layout::Indented)),
        ("aws_iam_policy_document", "minified_json") => Some(question.policy(Layout::Minified)),
        ("aws_region", "name" | "region" | "id") if resource.object.attribute_names().is_empty() => question.region(),
        ("aws_caller_identity", "account_id" | "id") => question.account(),
        ("aws_partition", "partition" | "id" | "dns_suffix" | "reverse_dns_prefix") => question.partition(name),
        ("aws_cloudtrail_service_account" | "aws_elb_service_account", "id" | "arn") => question.service_account(name),
        ("aws_ssm_parameter", "value" | "insecure_value") => question.stored_parameter(),
        ("aws_cloudformation_export", "value") => question.export(),
        ("terraform_remote_state", "outputs") if engine.fidelity == Fidelity::Plan && question.is_deferred() => {
            Some(question.unknown(Type::Dynamic, Vec::new()))
        }
        ("terraform_remote_state", "outputs") => Some(question.remote_state()),
        // Terraform before 0.12 had the outputs among the attributes; a plan of today does not.
        ("terraform_remote_state", output) if engine.fidelity == Fidelity::Scan && !REMOTE_STATE.contains(&output) => {
            access::attribute(&question.remote_state(), output).ok()
        }
        ("template_file", "rendered") => question.template_file(),
        ("null_data_source", "outputs") => Some(question.argument("inputs")),
        _ => None,
    }
}

/// Adds to a data source's attributes those that are computed here, so that a dump and the graph see them.
pub fn complete(engine: &Engine<'_>, resource: &Resource, address: &Address, attributes: &mut IndexMap<Arc<str>, Attribute>) {
    if &*resource.type_name != "aws_iam_policy_document" {
        return;
    }
    let name: Arc<str> = Arc::from("json");
    let Some(handle) = engine.handles.borrow().get(&address.0).cloned() else { return };
    let reference = Arc::new(Reference::Attribute { project: engine.project, address: address.clone(), attribute: Arc::clone(&name) });
    let of = engine.attributes.borrow_mut().id(&address.0);
    let value =
        engine.attribute_once((address, of), &name, || computed(engine, &handle, resource, &reference, &name).unwrap_or_else(Value::null));
    if !value.is_null() {
        attributes.insert(name, Attribute { name_span: resource.object.header(), value });
    }
}

struct Question<'q, 'e> {
    engine: &'q Engine<'e>,
    handle: &'q Handle,
    resource: &'q Resource,
    reference: &'q Arc<Reference>,
    span: Span,
}

impl Question<'_, '_> {
    /// All arguments and blocks. Who lowers the data source has evaluated them, or will.
    fn arguments(&self) -> Entries {
        let Reference::Attribute { address, .. } = &**self.reference else { return Entries::new() };
        let of = self.engine.attributes.borrow_mut().id(&address.0);
        let once = |name: &Arc<str>, compute: &dyn Fn() -> Value| self.engine.attribute_once((address, of), name, compute);
        let object = &self.resource.object;
        let attributes = object.attribute_names().into_iter().map(|name| (Arc::clone(&name), once(&name, &|| self.argument(&name))));
        let blocks = object.block_names().into_iter().map(|name| (Arc::clone(&name), once(&name, &|| self.blocks(&name))));
        attributes.chain(blocks).collect()
    }

    fn argument(&self, name: &str) -> Value {
        let Some((file, attribute)) = self.resource.object.attribute(name) else { return Value::null() };
        let scope = crate::terraform::scope::Scope::of(&self.handle.instance, file).repeated(&self.handle.repetition);
        self.engine.settle(self.engine.eval(&attribute.value, &scope))
    }

    /// The blocks of a type.
    fn blocks(&self, name: &str) -> Value {
        body::blocks(self.engine, &self.resource.object.blocks(name), &self.handle.instance, &self.handle.repetition, None)
    }

    fn unknown(&self, of: Type, more: Vec<Cause>) -> Value {
        let causes = if more.is_empty() { vec![Cause::new(CauseKind::Data, self.reference.to_string(), Some(self.span))] } else { more };
        let mut unknown = Unknown::new(of, causes).not_null();
        unknown.refers_to = Some(Arc::clone(self.reference));
        unknown.into()
    }

    fn policy(&self, layout: Layout) -> Value {
        if self.engine.fidelity == Fidelity::Plan && self.is_deferred() {
            return self.unknown(Type::String, Vec::new());
        }
        let arguments = self.arguments();
        let unsettled = if self.engine.fidelity == Fidelity::Plan { Unsettled::Refused } else { Unsettled::Kept };
        match policy_document::render(&arguments, layout, unsettled) {
            Some(value) => self.engine.settle(self.engine.made(value, || self.resource.object.header())),
            None => self.unknown(Type::String, arguments.values().flat_map(Value::causes).collect()),
        }
    }

    /// Terraform reads a data source only after the managed resources that it names have been made.
    fn is_deferred(&self) -> bool {
        let object = &self.resource.object;
        if object.attribute("depends_on").is_some() {
            return true;
        }
        let in_attributes = object
            .attribute_names()
            .iter()
            .filter_map(|name| object.attribute(name))
            .any(|(_, attribute)| names_resource(&attribute.value));
        let mut in_blocks = false;
        for (_, block) in object.block_names().iter().flat_map(|name| object.blocks(name)) {
            block.body.expressions(&mut |expr| in_blocks = in_blocks || names_resource(expr));
        }
        in_attributes || in_blocks
    }

    fn region(&self) -> Option<Value> {
        let provider = self.engine.provider(&self.handle.instance, self.resource);
        if provider.region.is_null() { None } else { Some(provider.region) }
    }

    fn account(&self) -> Option<Value> {
        let provider: provider::Provider = self.engine.provider(&self.handle.instance, self.resource);
        if provider.account.as_str().is_some() || provider.account.as_unknown().is_some_and(|unknown| unknown.refers_to.is_some()) {
            return Some(provider.account);
        }
        None
    }

    /// The account with which a service wrote into buckets before it had a principal.
    fn service_account(&self, name: &str) -> Option<Value> {
        let own = self.argument("region");
        let region = if own.is_null() { self.engine.provider(&self.handle.instance, self.resource).region } else { own };
        let account = crate::terraform::schema::service_account(&self.resource.type_name, region.as_str()?)?;
        if name == "id" {
            return Some(Value::string(account));
        }
        let (partition, ..) = partition_of(region.as_str()?);
        Some(Value::string(format!("arn:{partition}:iam::{account}:root")))
    }

    /// The partition follows the Region.
    fn partition(&self, name: &str) -> Option<Value> {
        let provider = self.engine.provider(&self.handle.instance, self.resource);
        let region = provider.region.as_str()?;
        let (partition, suffix, reverse) = partition_of(region);
        Some(Value::string(match name {
            "dns_suffix" => suffix,
            "reverse_dns_prefix" => reverse,
            _ => partition,
        }))
    }

    /// A resource's own tags over the provider's default tags.
    fn all_tags(&self) -> Option<Value> {
        let mut all = self.engine.default_tags(&self.handle.instance, self.resource)?;
        let own = self.argument("tags");
        if !own.is_null() {
            all.extend(own.as_entries()?.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
        }
        Some(crate::value::ValueKind::Map(Type::String, Arc::new(all)).into())
    }

    fn stored_parameter(&self) -> Option<Value> {
        let name = self.argument("name");
        let name = name.as_str()?;
        if let Some(fact) = self.engine.context.inputs.facts.ssm.get(name) {
            let step = Step::Fact(format!("parameter {name}").into());
            return Some(json::from_json(fact.clone()).through(|before| Hop { step, span: self.span, before }));
        }
        let cause = Cause::new(CauseKind::Stored, name, Some(self.span));
        let mut unknown = Unknown::new(Type::String, vec![cause]).not_null();
        unknown.refers_to = Some(Arc::new(Reference::StoredParameter { name: name.into() }));
        Some(unknown.into())
    }

    fn export(&self) -> Option<Value> {
        let name = self.argument("name");
        let name = name.as_str()?;
        if let Some(fact) = self.engine.context.inputs.facts.exports.get(name) {
            let step = Step::Fact(format!("export {name}").into());
            return Some(json::from_json(fact.clone()).through(|before| Hop { step, span: self.span, before }));
        }
        let cause = Cause::new(CauseKind::External, format!("export {name}"), Some(self.span));
        let mut unknown = Unknown::new(Type::String, vec![cause]).not_null();
        unknown.refers_to = Some(Arc::new(Reference::Export { name: name.into() }));
        Some(unknown.into())
    }

    /// The outputs of another state: of the local file where it lies in the scan root, else a reference that the graph may resolve.
    fn remote_state(&self) -> Value {
        let arguments = self.arguments();
        let kind = arguments.get("backend").and_then(Value::as_str).unwrap_or("local").to_owned();
        let configuration = match arguments.get("config").map(|value| &value.kind) {
            Some(crate::value::ValueKind::Object(entries) | crate::value::ValueKind::Map(_, entries)) => entries.as_ref().clone(),
            Some(crate::value::ValueKind::Tuple(items)) => items.first().and_then(Value::as_entries).cloned().unwrap_or_default(),
            _ => Entries::new(),
        };
        let defaults = arguments.get("defaults").and_then(Value::as_entries).cloned();
        let state = Engine::normal(&kind, &configuration, &self.engine.root);
        if let Some(state) = &state {
            if let Some(outputs) = self.engine.context.inputs.facts.remote_state.get(&**state) {
                let step = Step::Fact(format!("outputs of {state}").into());
                let known = outputs.iter().map(|(name, value)| (Arc::from(name.as_str()), json::from_json(value.clone()))).collect();
                return Value::object(known).through(|before| Hop { step, span: self.span, before });
            }
            if kind == "local"
                && let Some(outputs) = self.local_state(&configuration)
            {
                let mut merged = defaults.unwrap_or_default();
                merged.extend(outputs);
                return Value::object(merged);
            }
        }
        if kind == "local" && self.engine.fidelity == Fidelity::Plan && configuration.values().all(Value::is_wholly_known) {
            let message = "unable to find remote state: no stored state was found for the given workspace in the given backend";
            self.engine.report(crate::terraform::failure::Failure::new(self.span, message).to_diagnostic());
        }
        let cause = state.clone().unwrap_or_else(|| self.reference.to_string().into());
        let mut unknown = Unknown::new(Type::Dynamic, vec![Cause::new(CauseKind::External, cause, Some(self.span))]).not_null();
        let state = state.unwrap_or_else(|| self.own_state());
        unknown.refers_to = Some(Arc::new(Reference::RemoteOutput { state, output: Arc::from("") }));
        unknown.into()
    }

    /// A state of which nothing is known but who reads it: another project's data source of the same name may read another.
    fn own_state(&self) -> Arc<str> {
        let address = if let Reference::Attribute { address, .. } = &**self.reference { &*address.0 } else { "" };
        format!("{address} in {}", label(&self.engine.root, self.engine.context.fs.root())).into()
    }

    fn local_state(&self, configuration: &Entries) -> Option<Entries> {
        let path = configuration.get("path").map_or(Some("terraform.tfstate"), Value::as_str)?;
        let full = crate::source::fs::normalize(&self.engine.root.join(path));
        let bytes = self.engine.context.fs.read(&full).ok()?;
        let document: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let outputs = document.get("outputs")?.as_object()?;
        Some(
            outputs
                .iter()
                .filter_map(|(name, output)| Some((Arc::from(name.as_str()), json::from_json(output.get("value")?.clone()))))
                .collect(),
        )
    }

    /// A map that is written as a block, as Terraform before 0.12 took it; a plan of today does not.
    fn block(&self, name: &str) -> Option<Value> {
        if self.engine.fidelity == Fidelity::Plan {
            return None;
        }
        self.blocks(name).as_items()?.first().cloned()
    }

    /// The old `template_file`: `template` with `vars`.
    fn template_file(&self) -> Option<Value> {
        let template = self.argument("template");
        let text = template.as_str()?;
        let vars = self.argument("vars");
        let vars = if vars.is_null() { self.block("vars").unwrap_or_else(|| Value::object(Entries::new())) } else { vars };
        let rendered = self.engine.render_text(text, &format!("<template of {}>", self.reference), &vars, &self.handle.instance, self.span);
        Some(self.engine.settle(rendered))
    }
}

/// A Region's partition, its DNS suffix, and the same in reverse.
fn partition_of(region: &str) -> (&'static str, &'static str, &'static str) {
    match region {
        region if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
        region if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com", "com.amazonaws"),
        _ => ("aws", "amazonaws.com", "com.amazonaws"),
    }
}

/// Whether an expression names a managed resource directly.
fn names_resource(expr: &Expr) -> bool {
    expr.any(&|expr| match &expr.kind {
        ExprKind::Traversal { root, operations } => {
            let is_word =
                matches!(&*root.name, "var" | "local" | "module" | "data" | "each" | "count" | "path" | "terraform" | "self" | "ephemeral");
            !is_word && root.name.contains('_') && matches!(operations.first(), Some(Operation::Attribute(_)))
        }
        _ => false,
    })
}
