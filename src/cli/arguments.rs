//! Every option, once: help, completions and manual are made from these definitions.

mod rules;

use crate::calendar::Date;
use crate::cli::scan_many::ScanMany;
use crate::config::{FailOn, OpenAs, SEVERITIES};
use crate::limits::Limit;
use crate::output::{Format, Listed};
use crate::rule::finding::Severity;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

pub use rules::{Rules, RulesCommand, RulesFormat, RulesList, RulesNew, RulesTest};

/// Proves, before deployment, that an AWS audit trail is itself watched.
///
/// Reads Terraform, OpenTofu and CloudFormation into one resource graph, follows each trail to the bucket that keeps its
/// logs, and says whether that bucket is logged: pass, fail, or open with what would settle it.
#[derive(Debug, Parser)]
#[command(name = "trailwarden", version, max_term_width = 100, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Arguments {
    /// What to do; `check` where none is named.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  the job could not be done: a bad option, a missing path, or an input that could not be parsed
  3  a fault of trailwarden

`trailwarden PATH` is short for `trailwarden check PATH`.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check every project at or below the paths
    Check(Check),
    /// Write today's findings to a file, so that `check --baseline FILE` tells new ones from these
    Baseline(Baseline),
    /// Write the comment that suppresses a finding
    Suppress(Suppress),
    /// Print the value of an expression in a project
    Eval(Eval),
    /// Print the page of a rule, or what is known of a resource: its values, its links, its verdicts
    Explain(Explain),
    /// List the rules, run their examples, or write a new one
    Rules(Rules),
    /// Write a commented config file; show, or write, a hook and a workflow
    Init(Init),
    /// Check many roots, or one shard of them, and write JSON lines
    ScanMany(ScanMany),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print a page of the manual
    Man(Man),
}

/// `trailwarden explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A rule's id, a resource's address (`aws_s3_bucket.logs`, `module.audit.aws_s3_bucket.this[0]`, `TrailBucket`), or a kind that rules are about (`bucket`)
    #[arg(value_name = "RULE|ADDRESS|KIND")]
    pub what: String,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub scope: Scope,
}

/// `trailwarden init`.
#[derive(Debug, Args)]
pub struct Init {
    /// A directory of the repository [default: .]
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,

    /// Also write `.pre-commit-config.yaml`, unless there is one
    #[arg(long)]
    pub hook: bool,

    /// Also write `.github/workflows/trailwarden.yml`, unless there is one
    #[arg(long)]
    pub workflow: bool,
}

/// `trailwarden completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

/// `trailwarden man`.
#[derive(Debug, Args)]
pub struct Man {
    /// A command [default: the program]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// `trailwarden check`.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub scope: Scope,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub change: ChangeOptions,

    /// List findings of these outcomes
    #[arg(long, value_name = "OUTCOMES", value_delimiter = ',', default_value = "fail,open", value_parser = named(Listed::ALL.map(|kind| (kind.name(), kind))))]
    pub show: Vec<Listed>,

    /// Exit with 1 for findings of this severity and above [default: medium]
    #[arg(long, value_name = "SEVERITY", value_parser = named(FailOn::ALL))]
    pub fail_on: Option<FailOn>,

    /// What an open finding counts as: a listed note, a listed warning, a fail, or hidden [default: note]
    #[arg(long, value_name = "HOW", value_parser = named(OpenAs::ALL))]
    pub open: Option<OpenAs>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub fixing: Fixing,

    /// Let only findings count that are not in this file, which `trailwarden baseline` writes
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Exit with 0 whatever was found
    #[arg(long)]
    pub exit_zero: bool,

    /// The form of standard output
    #[arg(long, value_name = "FORMAT", default_value = "full", value_parser = named(Format::ALL.map(|format| (format.name(), format))))]
    pub format: Format,

    /// Also write a report to a file; may be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output)]
    pub output: Vec<(Format, PathBuf)>,

    /// Also append a report in Markdown to the summary of a step of GitHub Actions (`$GITHUB_STEP_SUMMARY`)
    #[arg(long)]
    pub step_summary: bool,

    /// Print the time of each stage on standard error
    #[arg(long)]
    pub timings: bool,

    /// When to write colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorWhen,
}

/// Which change a check is about, if it is about one.
#[derive(Debug, Args)]
pub struct ChangeOptions {
    /// Report only what the next commit is about: what is staged, deletions included, held against `HEAD`
    #[arg(long, conflicts_with = "diff_base")]
    pub changed: bool,

    /// Report only what is new since this commit or branch, or lies in files that were changed since
    #[arg(long, value_name = "REF")]
    pub diff_base: Option<String>,
}

/// `trailwarden baseline`.
#[derive(Debug, Args)]
pub struct Baseline {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub scope: Scope,

    /// The file to write [default: the config file's `baseline`, else `trailwarden-baseline.json` at the scan root]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `trailwarden suppress`.
#[derive(Debug, Args)]
pub struct Suppress {
    /// The rule
    #[arg(value_name = "RULE")]
    pub rule: String,

    /// The address of the finding's subject or of its other resource, or the finding's fingerprint
    #[arg(value_name = "ADDRESS")]
    pub address: String,

    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,

    /// The last day on which it counts [default: the last that the config file allows, else none]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub expires: Option<Date>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub scope: Scope,
}

/// What is analysed, and by which rules.
#[derive(Debug, Args)]
pub struct Scope {
    /// Directories, Terraform files, templates or plan files (`terraform show -json`); `-` for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Also take paths from a file, one a line (or with NUL between them); `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,

    /// The file that standard input stands for, where a path is `-`
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,

    /// Apply only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Do not apply these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// Apply only the rules that serve this framework (`cis-aws-3.0.0`), and say of each of its recommendations how the code meets it
    #[arg(long, value_name = "NAME")]
    pub framework: Option<String>,

    /// Leave out findings below this severity [default: note]
    #[arg(long, value_name = "SEVERITY", value_parser = named(SEVERITIES))]
    pub min_severity: Option<Severity>,

    /// Treat inputs that have a default as unknown too, and suppressions that hide nothing as errors
    #[arg(long)]
    pub strict: bool,

    /// Read this config file instead of `trailwarden.toml` at the scan root or above
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,

    /// Read no config file
    #[arg(long)]
    pub no_config: bool,

    /// Also apply the rules in this directory
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,

    /// Let comments and metadata for other tools (Checkov, Trivy, tfsec, KICS, cfn_nag and more) suppress nothing
    #[arg(long)]
    pub no_foreign_ignores: bool,

    /// The day of the run, by which suppressions run out [default: that of `SOURCE_DATE_EPOCH`, else today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub now: Option<Date>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub root: Root,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub inputs: InputOptions,
}

/// `trailwarden eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// The project's directory or template, then the expression; the directory may be left out
    #[arg(value_name = "[DIR] EXPR", num_args = 0..=2)]
    pub words: Vec<OsString>,

    /// Print every output and resource of a project as JSON
    #[arg(long, value_name = "PATH", conflicts_with_all = ["words", "vectors"])]
    pub dump: Option<PathBuf>,

    /// Evaluate the expressions of a file of JSON lines, one answer a line
    #[arg(long, value_name = "FILE", conflicts_with = "words")]
    pub vectors: Option<PathBuf>,

    /// The Terraform file in whose scope `--vectors` are evaluated
    #[arg(long, value_name = "FILE", requires = "vectors")]
    pub scope: Option<PathBuf>,

    /// Print where the value was written, and the way it came
    #[arg(long)]
    pub trace: bool,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub root: Root,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub inputs: InputOptions,
}

/// Whether findings are mended.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub struct Fixing {
    /// Apply the fixes that are safe, and report what is left
    #[arg(long, conflicts_with_all = ["changed", "diff_base"])]
    pub fix: bool,

    /// Apply also the fixes that need a human's eye, such as a new bucket for access logs
    #[arg(long, conflicts_with_all = ["changed", "diff_base"])]
    pub unsafe_fixes: bool,

    /// Show what `--fix` (or `--unsafe-fixes`) would change as a unified diff, and change nothing
    #[arg(long, conflicts_with_all = ["changed", "diff_base"])]
    pub diff: bool,
}

impl Fixing {
    /// Whether fixes are applied, or shown as if they were.
    pub fn asks_for_fixes(&self) -> bool {
        self.fix || self.unsafe_fixes || self.diff
    }
}

/// Where the scan root is.
#[derive(Debug, Args)]
pub struct Root {
    /// Read nothing outside this directory [default: the nearest ancestor that holds `.git`, else the working directory]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// What the user knows and the code does not say.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs")]
pub struct InputOptions {
    /// Set a Terraform variable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub var: Vec<(String, String)>,

    /// Read Terraform variables from a file
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,

    /// Read `TF_VAR_*` and `TF_WORKSPACE` from the environment, as Terraform does
    #[arg(long)]
    pub terraform_env: bool,

    /// Set a CloudFormation parameter
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_pair)]
    pub parameter: Vec<(String, String)>,

    /// Read CloudFormation parameters from a file
    #[arg(long, value_name = "FILE")]
    pub parameter_file: Vec<PathBuf>,

    /// Read facts that the code does not say (account, Region, exports, buckets elsewhere) from a TOML or JSON file
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,

    /// Look at more or less of something than a run usually does (see SECURITY.md); may be given several times
    #[arg(long, value_name = "NAME=NUMBER", value_parser = parse_limit, help_heading = "Limits")]
    pub limit: Vec<(Limit, u64)>,
}

/// When colours are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless the environment says otherwise
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A parser of one of some names.
fn named<T: Copy + Send + Sync + 'static>(values: impl IntoIterator<Item = (&'static str, T)>) -> impl TypedValueParser<Value = T> {
    let values: Vec<(&'static str, T)> = values.into_iter().collect();
    let names: Vec<&'static str> = values.iter().map(|(name, _)| *name).collect();
    PossibleValuesParser::new(names).map(move |given| {
        let value = values.iter().find(|(name, _)| **name == given);
        value.expect("one of the possible values").1
    })
}

fn format(name: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| format.name() == name)
}

fn parse_output(text: &str) -> Result<(Format, PathBuf), String> {
    let Some((name, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("expected `FORMAT=FILE`".into());
    };
    let Some(format) = format(name) else {
        let names = Format::ALL.map(Format::name);
        let hint = crate::suggest::nearest(name, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("`{name}` is not one of {}{hint}", names.join(", ")));
    };
    Ok((format, file.into()))
}

fn parse_limit(text: &str) -> Result<(Limit, u64), String> {
    let Some((name, number)) = text.split_once('=') else { return Err("expected `NAME=NUMBER`".into()) };
    let Some(limit) = Limit::from_name(name.trim()) else {
        let names: Vec<&str> = Limit::all().map(Limit::name).collect();
        let hint = crate::suggest::nearest(name, names.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("`{name}` is not one of {}{hint}", names.join(", ")));
    };
    let number = number.trim().replace('_', "").parse().ok().filter(|number| *number > 0);
    number.map(|number| (limit, number)).ok_or_else(|| "expected a whole number of at least 1".into())
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "expected a day as `YYYY-MM-DD`".into())
}

/// A variable by its name alone. What findings name besides variables, `terraform.workspace`, is said in another way.
fn parse_variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = parse_pair(text)?;
    if name == "terraform.workspace" {
        return Err(
            "the workspace is no variable: set `TF_WORKSPACE` and give `--terraform-env`, or state it as a fact (`workspace = \"…\"`)"
                .into(),
        );
    }
    match name.strip_prefix("var.") {
        Some(name) => Err(format!("a variable is named without `var.` here: `--var {name}={value}`")),
        None => Ok((name, value)),
    }
}

fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("expected `NAME=VALUE`".into()),
    }
}

/// The commands by name, and what stands for one.
const FIRST_WORDS: [&str; 14] = [
    "explain",
    "rules",
    "check",
    "baseline",
    "suppress",
    "init",
    "scan-many",
    "completions",
    "man",
    "eval",
    "-h",
    "--help",
    "-V",
    "--version",
];

/// Terraform's options that are written with one dash there.
const SINGLE_DASH: [&str; 2] = ["-var", "-var-file"];

/// Puts `check` where no command is named, and accepts Terraform's `-var` and `-var-file` as they are written there.
pub fn rewrite(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.is_empty() {
        arguments.push("trailwarden".into());
    }
    if arguments.get(1).is_none_or(|first| !FIRST_WORDS.iter().any(|word| first == word)) {
        arguments.insert(1, "check".into());
    }
    let mut literal = false;
    for argument in &mut arguments {
        literal |= argument == "--";
        let Some(text) = argument.to_str().filter(|_| !literal) else { continue };
        let name = text.split('=').next().unwrap_or_default();
        if SINGLE_DASH.contains(&name) {
            *argument = format!("-{text}").into();
        }
    }
    arguments
}
