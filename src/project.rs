//! A project (the unit of analysis) and everything that a frontend is given to lower it.
//!
//! A project is a Terraform root module, a CloudFormation template, or a Terraform plan. This floor knows no grammar.

use crate::diagnostic::{Diagnostic, Level};
use crate::limits::{Limit, Limits};
use crate::source::fs::FileSystem;
use crate::source::{Decoded, FileId, Sources, TextRange, decode};
use crate::syntax::Trees;
use crate::table::IndexSet;
use crate::value::{ProjectId, Value, bare};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The text that a scenario tries in the place of every text that the code does not mention.
pub const ANOTHER_VALUE: &str = "another-value";

/// What kind of project it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ProjectKind {
    /// A directory with `.tf` files (or `.tf.json`, `.tofu`, `.tofu.json`) that is a root module.
    Terraform,
    /// A file: `terraform show -json` of a plan.
    TerraformPlan,
    /// A directory with a `terragrunt.hcl` that names a local module.
    Terragrunt,
    /// A file: a CloudFormation template (YAML or JSON), SAM and CDK output included.
    CloudFormation,
}

impl ProjectKind {
    /// The word for it in the machine-readable outputs.
    pub fn frontend(self) -> &'static str {
        match self {
            Self::Terraform | Self::TerraformPlan | Self::Terragrunt => "terraform",
            Self::CloudFormation => "cloudformation",
        }
    }
}

/// One project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its number: projects are numbered in the order of their paths.
    pub id: ProjectId,
    /// What it is.
    pub kind: ProjectKind,
    /// Its directory (root module) or file (template, plan), as the file system names it.
    pub path: PathBuf,
    /// The same relative to the working directory, with `/`: what people see. `.` for the working directory itself.
    pub label: Arc<str>,
}

/// What the user said about inputs, options in command-line order.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `--var k=v` and `--var-file F`, in order: later ones win.
    pub variables: Vec<VariableOption>,
    /// `TF_VAR_*` (name without the prefix), only with `--terraform-env`; also `TF_WORKSPACE` as [`Inputs::workspace`].
    pub environment: Vec<(String, String)>,
    /// The Terraform workspace, where the user or the environment named one.
    pub workspace: Option<String>,
    /// `--parameter K=V`, in order.
    pub parameters: Vec<(String, String)>,
    /// `--parameter-file F`.
    pub parameter_files: Vec<PathBuf>,
    /// What the team knows and the code does not say.
    pub facts: Facts,
    /// A scenario's assignments: input (as [`crate::value::Cause::name`] gives it: `var.environment`, `Environment`, `terraform.workspace`) to value. They beat everything else.
    pub assignments: BTreeMap<Arc<str>, Value>,
    /// Treat inputs that have a default as unknown too (`--strict`).
    pub open_defaults: bool,
    /// How much of everything is looked at.
    pub limits: Limits,
}

impl Inputs {
    /// The Terraform workspace: what was named for this run, or else what the team states of its code.
    pub fn workspace(&self) -> Option<&str> {
        self.workspace.as_deref().or(self.facts.workspace.as_deref())
    }
}

/// One option that sets Terraform variables.
#[derive(Clone, Debug)]
pub enum VariableOption {
    /// `--var name=text`.
    Value(String, String),
    /// `--var-file path`.
    File(PathBuf),
}

/// What a team knows and the code does not say.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// The Region of stacks and of providers without one.
    pub region: Option<String>,
    /// The account id of stacks and of providers that do not say.
    pub account: Option<String>,
    /// The stack's name.
    pub stack_name: Option<String>,
    /// The Terraform workspace.
    pub workspace: Option<String>,
    /// The name of the bucket that server access logs of this account go to: what fixes write where the code has no such bucket.
    pub access_log_target: Option<String>,
    /// Exports of other stacks, by name.
    pub exports: BTreeMap<String, serde_json::Value>,
    /// Systems Manager parameters, by name.
    pub ssm: BTreeMap<String, serde_json::Value>,
    /// Data source attributes, by address: `"data.aws_caller_identity.current.account_id"`.
    pub data: BTreeMap<String, serde_json::Value>,
    /// Remote state outputs: `"s3://bucket/key"` to outputs by name.
    pub remote_state: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// Buckets outside the code.
    #[serde(rename = "bucket")]
    pub buckets: Vec<BucketFact>,
}

/// A bucket outside the code.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketFact {
    /// Its name.
    pub name: String,
    /// Whether server access logging is on.
    pub access_logging: Option<bool>,
    /// Its Region.
    pub region: Option<String>,
    /// Its account id.
    pub account: Option<String>,
}

/// The type under which calls of modules are asked for, as resources.
pub const MODULE: &str = "module";

/// The argument under which a resource's own tags and its provider's stand together; asked for like a type.
pub const ALL_TAGS: &str = "tags_all";

/// Attributes by type.
pub type Attributes = BTreeMap<Arc<str>, BTreeSet<Arc<str>>>;

/// Which resource types are asked for: what no rule asks for is not evaluated.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// The types, in both languages' spelling. `None`: all of them (for `eval --dump`).
    pub types: Option<IndexSet<Arc<str>>>,
    /// The blocks of these types that are asked for, by their address without instance keys; `None`: all of them. A frontend in which a block's
    /// address hangs on inputs may give more.
    pub blocks: Option<BTreeSet<Arc<str>>>,
    /// The attributes of a type that anyone asks for; of a type that is not here, all. A frontend may give more.
    pub attributes: Arc<Attributes>,
    /// The attributes of a type by which others know a resource of it: once it is created, each of them is a text.
    pub names: Arc<Attributes>,
}

impl Demand {
    /// Whether resources of this type are wanted.
    pub fn wants(&self, type_name: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(type_name))
    }

    /// Whether a block of a type that is wanted is wanted itself. Its address is asked for only where that matters.
    pub fn wants_block(&self, address: impl FnOnce() -> Arc<str>) -> bool {
        self.blocks.as_ref().is_none_or(|blocks| blocks.contains(&*bare(&address())))
    }

    /// The attributes that are wanted of a type; `None`: all of them.
    pub fn attributes_of(&self, type_name: &str) -> Option<&BTreeSet<Arc<str>>> {
        self.attributes.get(type_name)
    }

    /// Whether others know a resource of a type by this attribute.
    pub fn is_known_by(&self, type_name: &str, attribute: &str) -> bool {
        self.names.get(type_name).is_some_and(|names| names.contains(attribute))
    }

    /// Whether a module holds a block that is wanted, or is one.
    pub fn wants_within(&self, module: impl FnOnce() -> Arc<str>) -> bool {
        let Some(blocks) = &self.blocks else { return true };
        let module = module();
        let module = bare(&module);
        let is_within = |block: &str| block.strip_prefix(&*module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let from = (Bound::Included(&*module), Bound::Unbounded);
        // What sorts between a module and what is in it begins with its name, too: `module.a-b` before `module.a.c`.
        blocks.range::<str, _>(from).take_while(|block| block.starts_with(&*module)).any(|block| is_within(block))
    }

    /// Whether this is asked for by name: what is no resource (calls of modules, a provider's tags) is not told with all resources.
    pub fn names(&self, what: &str) -> bool {
        self.types.as_ref().is_some_and(|types| types.contains(what))
    }
}

/// Everything that a frontend is given.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The files.
    pub fs: &'a dyn FileSystem,
    /// Their text.
    pub sources: &'a Sources,
    /// Their trees, each parsed once a run.
    pub trees: &'a Trees,
    /// What the user said.
    pub inputs: &'a Inputs,
    /// What is asked for.
    pub demand: &'a Demand,
}

impl Context<'_> {
    /// Reads a file once a run. `None` when it cannot be read; what is no text in it is replaced, and the rest stays. Whoever asks
    /// first gets the diagnostic, so that each problem is told once.
    pub fn load(&self, path: &Path) -> (Option<FileId>, Option<Diagnostic>) {
        if let Some(file) = self.sources.id_of(path) {
            return (Some(file), None);
        }
        self.keep(path, self.fs.read(path).map(decode))
    }

    /// Keeps what reading a file gave, as [`Context::load`] does.
    pub fn keep(&self, path: &Path, decoded: io::Result<Decoded>) -> (Option<FileId>, Option<Diagnostic>) {
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                let message = format!("cannot read this file: {}", reason(&error));
                let unreadable = Diagnostic::at_path(Level::Error, "unreadable-file", path, message);
                let help = (error.kind() == io::ErrorKind::FileTooLarge).then(|| Limit::FileBytes.help());
                return (None, Some(Diagnostic { help, ..unreadable }));
            }
        };
        let file = self.sources.add(path, decoded.text);
        let diagnostic = decoded.problem.map(|problem| {
            let range = TextRange::new(problem.offset, problem.offset + char::REPLACEMENT_CHARACTER.len_utf8());
            let message = format!("byte {} of this file is not UTF-8 text", problem.byte);
            Diagnostic::error("not-utf-8", range.at(file), message)
                .with_help("bytes that are not text were replaced and the rest was read; save the file as UTF-8")
        });
        (Some(file), diagnostic)
    }
}

/// Why a file or directory could not be read, without the operating system's numbers.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".into(),
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_some() => "permission denied".into(),
        _ => format!("it {error}"),
    }
}
