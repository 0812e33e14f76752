//! The Serverless Application Model: globals, and the resources that its transform makes of its own types.
//!
//! What counts is which resources there are, of which types, and what roles may do. What serves only a function's running (code packaging,
//! API definitions) stays as it is written. Names that end in a hash of content are given without the hash.

mod build;
mod events;
mod role;

use super::expression::Expr;
use super::foreach::count;
use super::stack::{Entry, Section, Stack};
use build::Builder;
use std::sync::Arc;

/// The beginning of SAM's types.
const TYPES: &str = "AWS::Serverless::";

/// Replaces a stack's SAM resources by what the transform makes of them.
pub fn expand(stack: &mut Stack<'_>) {
    let written = std::mem::take(&mut stack.resources);
    let mut made = Section::default();
    let mut apis = events::ImplicitApis::default();
    for (name, entry) in written {
        let type_name = entry.type_name();
        let Some(kind) = type_name.strip_prefix(TYPES) else {
            made.insert(name, entry);
            continue;
        };
        let kind = kind.to_owned();
        // What each resource is given of its own, and the one that it becomes.
        let copied = 2 * globals_of(stack, &kind).map_or(0, |globals| count(globals.node));
        if !stack.world.may_copy(copied, entry.span) {
            made.insert(name, entry);
            continue;
        }
        let sam = Sam { stack, name: &name, entry: &entry, properties: with_globals(stack, &kind, &entry) };
        match kind.as_str() {
            "Function" => sam.function(&mut made, &mut apis),
            "StateMachine" => sam.state_machine(&mut made),
            "SimpleTable" => sam.same(&mut made, "AWS::DynamoDB::Table"),
            "LayerVersion" => sam.same(&mut made, "AWS::Lambda::LayerVersion"),
            "Application" => sam.same(&mut made, "AWS::CloudFormation::Stack"),
            "Api" => sam.api(&mut made),
            "HttpApi" => sam.http_api(&mut made),
            "Connector" => sam.besides(&mut made, "Policy", "AWS::IAM::ManagedPolicy", Builder::new(&entry).mapping(Vec::new())),
            _ => {
                made.insert(Arc::clone(&name), entry);
            }
        }
    }
    apis.add_to(stack, &mut made);
    stack.resources = made;
}

/// One SAM resource.
struct Sam<'a, 't> {
    stack: &'a Stack<'t>,
    name: &'a Arc<str>,
    entry: &'a Entry<'t>,
    /// Its properties with the globals merged in.
    properties: Option<Expr<'t>>,
}

impl<'t> Sam<'_, 't> {
    /// The resource under its own name, as another type.
    fn same(&self, made: &mut Section<'t>, type_name: &str) {
        let builder = Builder::new(self.entry);
        let properties = self.properties.map_or_else(|| builder.mapping(Vec::new()), |properties| properties.node.clone());
        self.insert(made, Arc::clone(self.name), type_name, properties);
    }

    /// A resource whose name begins with this one's.
    fn besides(&self, made: &mut Section<'t>, suffix: &str, type_name: &str, properties: crate::syntax::node::Node) {
        self.insert(made, Arc::from(format!("{}{suffix}", self.name)), type_name, properties);
    }

    fn insert(&self, made: &mut Section<'t>, name: Arc<str>, type_name: &str, properties: crate::syntax::node::Node) {
        let node = Builder::new(self.entry).resource(type_name, properties, self.entry.body);
        let body = Expr::new(self.stack.world.keep(node), self.entry.body.file);
        made.insert(name, Entry { body, ..self.entry.clone() });
    }

    fn property(&self, name: &str) -> Option<Expr<'t>> {
        self.properties?.get(name)
    }

    fn function(&self, made: &mut Section<'t>, apis: &mut events::ImplicitApis<'t>) {
        let builder = Builder::new(self.entry);
        self.same(made, "AWS::Lambda::Function");
        if self.property("Role").is_none() {
            self.besides(made, "Role", "AWS::IAM::Role", role::of_function(builder, self.property("Policies")));
        }
        if let Some(alias) = self.property("AutoPublishAlias") {
            let name = alias.text().map_or("", |text| text.as_ref());
            self.besides(made, "Version", "AWS::Lambda::Version", builder.mapping(Vec::new()));
            self.besides(made, &format!("Alias{name}"), "AWS::Lambda::Alias", builder.mapping(Vec::new()));
        }
        if let Some(url) = self.property("FunctionUrlConfig") {
            self.besides(made, "Url", "AWS::Lambda::Url", url.node.clone());
            if url.get("AuthType").and_then(Expr::text).is_some_and(|text| &**text == "NONE") {
                self.besides(made, "UrlPublicPermissions", "AWS::Lambda::Permission", builder.mapping(Vec::new()));
            }
        }
        for (event, body) in self.property("Events").and_then(Expr::pairs).into_iter().flatten() {
            if let Some(event) = event.text() {
                self.function_event(made, apis, event, body);
            }
        }
    }

    fn state_machine(&self, made: &mut Section<'t>) {
        self.same(made, "AWS::StepFunctions::StateMachine");
        if self.property("Role").is_none() {
            let role = role::of_state_machine(Builder::new(self.entry), self.property("Policies"));
            self.besides(made, "Role", "AWS::IAM::Role", role);
        }
        for (event, body) in self.property("Events").and_then(Expr::pairs).into_iter().flatten() {
            if let Some(event) = event.text() {
                self.state_machine_event(made, event, body);
            }
        }
    }

    fn api(&self, made: &mut Section<'t>) {
        let stage = self.property("StageName").and_then(Expr::text).map_or(String::new(), ToString::to_string);
        self.same(made, "AWS::ApiGateway::RestApi");
        let builder = Builder::new(self.entry);
        self.besides(made, "Deployment", "AWS::ApiGateway::Deployment", builder.mapping(Vec::new()));
        let properties = self.properties.map_or_else(|| builder.mapping(Vec::new()), |properties| properties.node.clone());
        self.besides(made, &format!("{stage}Stage"), "AWS::ApiGateway::Stage", properties);
    }

    fn http_api(&self, made: &mut Section<'t>) {
        let stage = match self.property("StageName").and_then(Expr::text) {
            Some(stage) => format!("{stage}Stage"),
            None => "ApiGatewayDefaultStage".to_owned(),
        };
        self.same(made, "AWS::ApiGatewayV2::Api");
        let builder = Builder::new(self.entry);
        let properties = self.properties.map_or_else(|| builder.mapping(Vec::new()), |properties| properties.node.clone());
        self.besides(made, &stage, "AWS::ApiGatewayV2::Stage", properties);
    }
}

/// What `Globals` says of a kind.
fn globals_of<'t>(stack: &Stack<'t>, kind: &str) -> Option<Expr<'t>> {
    stack.template.sections("Globals").into_iter().find_map(|globals| globals.get(kind))
}

/// The properties of a SAM resource, with what `Globals` says of its kind merged in.
fn with_globals<'t>(stack: &Stack<'t>, kind: &str, entry: &Entry<'t>) -> Option<Expr<'t>> {
    let properties = entry.body.get("Properties");
    let Some(globals) = globals_of(stack, kind) else { return properties };
    let node = match properties {
        Some(properties) => build::merged(globals.node, properties.node),
        None => globals.node.clone(),
    };
    Some(Expr::new(stack.world.keep(node), entry.body.file))
}
