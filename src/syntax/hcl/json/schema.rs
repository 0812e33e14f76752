//! Which properties of Terraform's JSON syntax are blocks, and how strings are read in the others.

/// How the strings of an argument are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Strings {
    /// As templates.
    Template,
    /// As they are.
    Literal,
    /// As expressions of the native syntax: references, keywords, types.
    Native,
    /// As they are, but references in `configuration_aliases`: an entry of `required_providers`.
    Requirement,
}

/// What one kind of body holds.
pub(super) struct Schema {
    literal: &'static [&'static str],
    native: &'static [&'static str],
    /// Block types, their numbers of labels and their content.
    blocks: &'static [(&'static str, usize, &'static Schema)],
    others: Strings,
}

impl Schema {
    /// Labels and content of a block type.
    pub fn block(&self, name: &str) -> Option<(usize, &'static Schema)> {
        self.blocks.iter().find(|(kind, ..)| *kind == name).map(|(_, labels, schema)| (*labels, *schema))
    }

    /// How the strings of an argument are read.
    pub fn strings(&self, name: &str) -> Strings {
        if self.literal.contains(&name) {
            Strings::Literal
        } else if self.native.contains(&name) {
            Strings::Native
        } else {
            self.others
        }
    }
}

/// A body of templates and nothing else.
const PLAIN: Schema = Schema { literal: &[], native: &[], blocks: &[], others: Strings::Template };

/// A file of variable values.
pub(super) static VALUES: Schema = Schema { others: Strings::Literal, ..PLAIN };

/// A configuration file.
pub(super) static ROOT: Schema = Schema {
    blocks: &[
        ("terraform", 0, &TERRAFORM),
        ("provider", 1, &PROVIDER),
        ("variable", 1, &VARIABLE),
        ("locals", 0, &LOCALS),
        ("output", 1, &OUTPUT),
        ("module", 1, &MODULE),
        ("resource", 2, &RESOURCE),
        ("data", 2, &RESOURCE),
        ("ephemeral", 2, &RESOURCE),
        ("moved", 0, &MOVED),
        ("import", 0, &IMPORT),
        ("removed", 0, &REMOVED),
        ("check", 1, &CHECK),
    ],
    ..PLAIN
};

static TERRAFORM: Schema = Schema {
    literal: &["required_version", "experiments", "language"],
    blocks: &[("required_providers", 0, &REQUIRED_PROVIDERS), ("backend", 1, &LOCALS), ("cloud", 0, &CLOUD), ("provider_meta", 1, &LOCALS)],
    ..PLAIN
};
static REQUIRED_PROVIDERS: Schema = Schema { others: Strings::Requirement, ..PLAIN };
static CLOUD: Schema = Schema { blocks: &[("workspaces", 0, &LOCALS)], ..PLAIN };
static LOCALS: Schema = PLAIN;
static PROVIDER: Schema = Schema { literal: &["alias", "version"], blocks: &[("dynamic", 1, &DYNAMIC)], ..PLAIN };
static VARIABLE: Schema = Schema {
    literal: &["default", "description", "sensitive", "nullable", "ephemeral", "deprecated"],
    native: &["type"],
    blocks: &[("validation", 0, &CONDITION)],
    ..PLAIN
};
static CONDITION: Schema = PLAIN;
static OUTPUT: Schema = Schema {
    literal: &["description", "sensitive", "ephemeral", "deprecated"],
    native: &["depends_on"],
    blocks: &[("precondition", 0, &CONDITION), ("postcondition", 0, &CONDITION)],
    ..PLAIN
};
static MODULE: Schema = Schema { literal: &["source", "version"], native: &["depends_on", "providers"], ..PLAIN };
static RESOURCE: Schema = Schema {
    native: &["depends_on", "provider"],
    blocks: &[("lifecycle", 0, &LIFECYCLE), ("connection", 0, &CONNECTION), ("provisioner", 1, &PROVISIONER), ("dynamic", 1, &DYNAMIC)],
    ..PLAIN
};
static LIFECYCLE: Schema = Schema {
    literal: &["create_before_destroy", "prevent_destroy", "destroy"],
    native: &["ignore_changes", "replace_triggered_by"],
    blocks: &[("precondition", 0, &CONDITION), ("postcondition", 0, &CONDITION)],
    ..PLAIN
};
static CONNECTION: Schema = PLAIN;
static PROVISIONER: Schema = Schema { native: &["when", "on_failure"], blocks: &[("connection", 0, &CONNECTION)], ..PLAIN };
static DYNAMIC: Schema = Schema { native: &["iterator"], blocks: &[("content", 0, &CONTENT)], ..PLAIN };
static CONTENT: Schema = Schema { blocks: &[("dynamic", 1, &DYNAMIC)], ..PLAIN };
static MOVED: Schema = Schema { native: &["from", "to"], ..PLAIN };
static IMPORT: Schema = Schema { native: &["to", "provider"], ..PLAIN };
static REMOVED: Schema = Schema {
    native: &["from"],
    blocks: &[("lifecycle", 0, &LIFECYCLE), ("connection", 0, &CONNECTION), ("provisioner", 1, &PROVISIONER)],
    ..PLAIN
};
static CHECK: Schema = Schema { blocks: &[("data", 2, &RESOURCE), ("assert", 0, &CONDITION)], ..PLAIN };
