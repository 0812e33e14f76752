//! From options to inputs: variables in the order in which they were written, the environment, facts.

use crate::cli::arguments::InputOptions;
use crate::cli::decisions::Decisions;
use crate::cli::{Failure, Process};
use crate::config::read_facts;
use crate::diagnostic::{Diagnostic, Level};
use crate::limits::{Limit, Limits};
use crate::project::{Facts, Inputs, VariableOption};
use crate::suggest;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// The inputs that options and environment give. The order between `--var` and `--var-file` is that of the command line, which only `matches` know.
pub fn inputs(options: &InputOptions, matches: &ArgMatches, process: &Process<'_>) -> Result<Inputs, Failure> {
    let mut inputs = Inputs {
        variables: variables(options, matches),
        parameters: options.parameter.clone(),
        parameter_files: options.parameter_file.clone(),
        ..Inputs::default()
    };
    if options.terraform_env {
        let variables =
            process.environment.iter().filter_map(|(name, value)| Some((name.strip_prefix("TF_VAR_")?.to_owned(), value.clone())));
        inputs.environment = variables.collect();
        inputs.environment.sort();
        inputs.workspace = process.variable("TF_WORKSPACE").filter(|name| !name.is_empty()).map(str::to_owned);
    }
    if let Some(path) = &options.facts {
        inputs.facts = facts(&process.working_directory.join(path), path)?;
    }
    Ok(inputs)
}

/// The limits of a run: those that the config file decides, then those of the command line. Warnings for those that it may not decide.
///
/// A config file that lies in the repository is part of what is checked, and may be a stranger's: it may lower limits. Only who runs the
/// command raises them, by an option or by naming a config file.
pub fn limits(options: &InputOptions, decisions: Option<&Decisions>) -> (Limits, Vec<Diagnostic>) {
    let mut limits = Limits::default();
    let mut refused = Vec::new();
    for (limit, value) in decisions.into_iter().flat_map(|decisions| &decisions.config.limits) {
        let wanted = *value.get_ref();
        if wanted > limit.default() && !decisions.is_some_and(|decisions| decisions.is_named) {
            refused.extend(decisions.and_then(|decisions| decisions.file.as_ref()).map(|(path, _)| not_raised(*limit, wanted, path)));
            continue;
        }
        limits.set(*limit, wanted);
    }
    for (limit, value) in &options.limit {
        limits.set(*limit, *value);
        // Whoever runs the command has said it after all.
        refused.retain(|(not_raised, _): &(Limit, Diagnostic)| not_raised != limit);
    }
    (limits, refused.into_iter().map(|(_, warning)| warning).collect())
}

fn not_raised(limit: Limit, wanted: u64, config: &Path) -> (Limit, Diagnostic) {
    let message =
        format!("the limit `{limit}` stays at {}: a config file that is found may lower it, not raise it to {wanted}", limit.default());
    let help = format!("give `--limit {limit}={wanted}`, or name the file with `--config`, if you trust the code that is checked");
    (limit, Diagnostic::at_path(Level::Warning, "limit-not-raised", config, message).with_help(help))
}

/// Files that the user named as inputs: they may lie outside the scan root.
pub fn named_files(options: &InputOptions) -> impl Iterator<Item = &Path> {
    options.var_file.iter().chain(&options.parameter_file).map(PathBuf::as_path)
}

fn variables(options: &InputOptions, matches: &ArgMatches) -> Vec<VariableOption> {
    let places = |id: &str| matches.indices_of(id).into_iter().flatten();
    let values = options.var.iter().map(|(name, value)| VariableOption::Value(name.clone(), value.clone()));
    let files = options.var_file.iter().map(|path| VariableOption::File(path.clone()));
    let mut variables: Vec<_> = places("var").zip(values).chain(places("var_file").zip(files)).collect();
    variables.sort_by_key(|(place, _)| *place);
    variables.into_iter().map(|(_, variable)| variable).collect()
}

/// Facts in TOML, or in JSON by the file's name.
#[expect(clippy::disallowed_methods, reason = "an option's file may lie outside the scan root: the user named it")]
fn facts(path: &Path, shown: &Path) -> Result<Facts, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::Usage(format!("`--facts {}`: {error}", shown.display())))?;
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return serde_json::from_str(&text).map_err(|error| {
            let (line, column, message) = suggest::of_json(&error);
            Failure::Usage(format!("{}:{line}:{column}: {message}", shown.display()))
        });
    }
    read_facts(&text).map_err(|error| Failure::Usage(format!("{}:{error}", shown.display())))
}
