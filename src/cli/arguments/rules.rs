//! The options of `trailwarden rules`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `trailwarden rules`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Rules {
    /// What to do with them; `list` where nothing is named.
    #[command(subcommand)]
    pub command: Option<RulesCommand>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub list: RulesList,
}

/// What is done with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules
    List(RulesList),
    /// Run the examples of rules, in both languages, and tell which are wrong
    Test(RulesTest),
    /// Write a commented rule file with examples, to start from
    New(RulesNew),
}

/// `trailwarden rules list`.
#[derive(Debug, Args)]
pub struct RulesList {
    /// The form of the list
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "markdown")]
    pub format: RulesFormat,

    /// Also list the rules in this directory
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// `trailwarden rules test`.
#[derive(Debug, Args)]
pub struct RulesTest {
    /// Directories of rule files, or such files [default: the program's own rules]
    #[arg(value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// `trailwarden rules new`.
#[derive(Debug, Args)]
pub struct RulesNew {
    /// Its id, which is also its file's name: the failing statement, as `bucket-without-owner`
    #[arg(value_name = "ID")]
    pub id: String,

    /// The directory that it is written to
    #[arg(long, value_name = "DIR", default_value = "rules")]
    pub directory: PathBuf,
}

/// A form of the list of rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum RulesFormat {
    /// A table
    Markdown,
    /// Everything that a rule says of itself but its conditions
    Json,
    /// For people: each with what fails, what to do, and its numbers in benchmarks
    Full,
}
