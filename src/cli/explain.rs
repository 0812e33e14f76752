//! `trailwarden explain`: what a rule says of itself, what is known of a resource, and what may be asked of a kind.

use crate::cli::arguments::Explain;
use crate::cli::run::Prepared;
use crate::cli::{Exit, Failure, Process};
use crate::graph::Catalog;
use crate::output::{page, story};
use crate::rule::RuleSet;
use crate::suggest::nearest;
use clap::ArgMatches;

/// Prints the page of a rule, the story of a resource, or the page of a kind.
pub fn run(explain: &Explain, matches: &ArgMatches, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let prepared = Prepared::new(&explain.scope, matches, process)?;
    if let Some(rule) = prepared.options.rules.get(&explain.what).or_else(|| RuleSet::embedded().get(&explain.what)) {
        write!(process.out, "{}", page::rule(rule)).map_err(Failure::output)?;
        return Ok(Exit::Clean);
    }
    let analysis = prepared.analyze(&mut |_| {});
    let found = story::find(&analysis.graph, &explain.what);
    if found.is_empty() {
        let catalog = Catalog::embedded();
        if let Some(kind) = catalog.kind(&explain.what) {
            write!(process.out, "{}", page::kind(kind, catalog)).map_err(Failure::output)?;
            return Ok(Exit::Clean);
        }
        let kinds = catalog.kinds().map(|kind| &*kind.name);
        let rules = prepared.options.rules.rules().iter().map(|rule| &*rule.id);
        let near = nearest(&explain.what, rules.chain(kinds).chain(story::addresses(&analysis.graph)));
        let help = near.map(|near| format!("; did you mean `{}`?", near.escape_debug())).unwrap_or_default();
        let what = explain.what.escape_debug();
        return Err(Failure::Usage(format!(
            "`{what}` is no rule and no kind, and no resource of a kind that rules look at has this address{help}"
        )));
    }
    let stories: Vec<String> = found.into_iter().map(|id| story::of(&analysis, id)).collect();
    write!(process.out, "{}", stories.join("\n")).map_err(Failure::output)?;
    Ok(Exit::Clean)
}
