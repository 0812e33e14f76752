//! `trailwarden explain RULE` and `trailwarden rules`: what the rules say of themselves.

use crate::cli::arguments::{Explain, Rules, RulesFormat};
use crate::cli::{Exit, Failure, Process};
use crate::output::page;
use crate::rule::RuleSet;
use crate::suggest::nearest;
use serde_json::json;

/// Prints the page of a rule.
pub fn run(explain: &Explain, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let rules = RuleSet::embedded();
    let Some(rule) = rules.get(&explain.rule) else {
        let near = nearest(&explain.rule, rules.rules().iter().map(|rule| &*rule.id));
        let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(Failure::Usage(format!("there is no rule `{}`{help}", explain.rule.escape_debug())));
    };
    write!(process.out, "{}", page::rule(rule)).map_err(Failure::output)?;
    Ok(Exit::Clean)
}

/// Prints the list of rules.
pub fn list(rules: &Rules, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let set = RuleSet::embedded();
    match rules.format {
        RulesFormat::Markdown => write!(process.out, "{}", page::list(set)),
        RulesFormat::Json => {
            let rule = |rule: &crate::rule::Rule| {
                json!({
                    "id": &*rule.id, "title": rule.title, "severity": rule.severity.name(), "subject": &*rule.subject,
                    "remedy": rule.remedy, "frameworks": rule.frameworks, "peers": rule.peers,
                })
            };
            let all: Vec<_> = set.rules().iter().map(rule).collect();
            writeln!(process.out, "{:#}", json!(all))
        }
    }
    .map_err(Failure::output)?;
    Ok(Exit::Clean)
}
