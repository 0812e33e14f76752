//! `trailwarden rules list`: what the rules say of themselves.

use crate::cli::arguments::{RulesFormat, RulesList};
use crate::cli::rules::load;
use crate::cli::{Exit, Failure, Process};
use crate::output::page;
use crate::rule::{Rule, RuleSet};
use serde_json::json;

/// Prints the list.
pub fn run(options: &RulesList, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let mut set = RuleSet::embedded().clone();
    for directory in &options.rules {
        set = set.and(load(directory, &process.working_directory)?);
    }
    match options.format {
        RulesFormat::Markdown => write!(process.out, "{}", page::list(&set)),
        RulesFormat::Full => write!(process.out, "{}", page::entries(&set)),
        RulesFormat::Json => {
            let rule = |rule: &Rule| {
                json!({
                    "id": &*rule.id, "title": rule.title, "severity": rule.severity.name(), "subject": &*rule.subject,
                    "description": rule.description, "remedy": rule.remedy, "frameworks": rule.frameworks, "peers": rule.peers,
                    "defects": rule.defects().map(|(defect, _)| defect).collect::<Vec<_>>(),
                })
            };
            let all: Vec<_> = set.rules().iter().map(|shared| rule(shared)).collect();
            writeln!(process.out, "{:#}", json!(all))
        }
    }
    .map_err(Failure::output)?;
    Ok(Exit::Clean)
}
