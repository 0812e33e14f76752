//! The parts of the plan format (version 1) that are read. Values stay raw until someone asks for them.

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A plan.
#[derive(Deserialize)]
pub struct Document<'d> {
    /// What will become of each resource.
    #[serde(borrow, default)]
    pub resource_changes: Vec<ResourceChange<'d>>,
    /// The configuration that was planned.
    #[serde(default)]
    pub configuration: Tree,
    /// Values of root variables.
    #[serde(default)]
    pub variables: BTreeMap<String, VariableValue>,
}

/// The value of a root variable.
#[derive(Deserialize)]
pub struct VariableValue {
    /// The value.
    #[serde(default)]
    pub value: Json,
}

/// One resource instance.
#[derive(Deserialize)]
pub struct ResourceChange<'d> {
    /// Its address.
    pub address: String,
    /// Its module's address, with keys.
    #[serde(default)]
    pub module_address: Option<String>,
    /// `managed` or `data`.
    pub mode: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What will change.
    #[serde(borrow)]
    pub change: Change<'d>,
}

impl ResourceChange<'_> {
    /// Whether it is there after the plan has been applied.
    pub fn will_exist(&self) -> bool {
        self.change.after.get() != "null"
    }
}

/// A change.
#[derive(Deserialize)]
pub struct Change<'d> {
    /// The values afterwards; `null` if it will be gone.
    #[serde(borrow)]
    pub after: &'d RawValue,
    /// `true` at each value that is known only afterwards.
    #[serde(borrow, default)]
    pub after_unknown: Option<&'d RawValue>,
}

/// The configuration.
#[derive(Deserialize, Default)]
pub struct Tree {
    /// Providers by key.
    #[serde(default)]
    pub provider_config: BTreeMap<String, Provider>,
    /// The root module.
    #[serde(default)]
    pub root_module: Module,
}

/// A provider configuration.
#[derive(Deserialize)]
pub struct Provider {
    /// Its arguments.
    #[serde(default)]
    pub expressions: BTreeMap<String, Json>,
}

/// A module's configuration.
#[derive(Deserialize, Default)]
pub struct Module {
    /// Its outputs.
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    /// Its resources.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Its calls.
    #[serde(rename = "module_calls", default)]
    pub calls: BTreeMap<String, Call>,
}

/// An output.
#[derive(Deserialize)]
pub struct Output {
    /// Its value.
    #[serde(default)]
    pub expression: Json,
}

/// A resource block.
#[derive(Deserialize)]
pub struct Resource {
    /// `managed` or `data`.
    pub mode: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The key of its provider configuration.
    #[serde(default)]
    pub provider_config_key: Option<String>,
    /// Its arguments and blocks.
    #[serde(default)]
    pub expressions: Json,
}

/// A module call.
#[derive(Deserialize)]
pub struct Call {
    /// Its arguments.
    #[serde(default)]
    pub expressions: BTreeMap<String, Json>,
    /// The module.
    #[serde(default)]
    pub module: Module,
}
