//! Which rules a run applies: the program's own and those of `--rules`, less what `--select` and `--ignore` leave out; and `trailwarden rules`.

mod examples;
mod list;
mod new;

use crate::cli::arguments::{Rules, RulesCommand, Scope};
use crate::cli::decisions::Decisions;
use crate::cli::{Exit, Failure, Process};
use crate::config::Config;
use crate::framework::Framework;
use crate::rule::{RuleError, RuleSet};
use crate::source::label;
use crate::suggest;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// `trailwarden rules`.
pub fn run(rules: &Rules, process: &mut Process<'_>) -> Result<Exit, Failure> {
    match &rules.command {
        None => list::run(&rules.list, process),
        Some(RulesCommand::List(options)) => list::run(options, process),
        Some(RulesCommand::Test(test)) => examples::run(test, process),
        Some(RulesCommand::New(new)) => new::run(new, process),
    }
}

/// Every rule that there is: the program's own, and those of the config file's and the command line's directories. A rule file that cannot
/// be read stops the run: a rule that is silently not applied would look like a pass.
pub fn all(scope: &Scope, decisions: &Decisions, working_directory: &Path) -> Result<RuleSet, Failure> {
    let mut rules = RuleSet::embedded().clone();
    for directory in &decisions.config.rules {
        let path = decisions.directory.join(directory.get_ref());
        rules = rules.and(read_all(&path, Path::new(&label(&path, working_directory)), &decisions.named(directory))?);
    }
    for directory in &scope.rules {
        rules = rules.and(load(directory, working_directory)?);
    }
    Ok(rules)
}

/// Those that a run applies. An id that no rule has stops the run.
pub fn applied(rules: &RuleSet, scope: &Scope, config: &Config) -> Result<RuleSet, Failure> {
    for (option, ids) in [("--select", &scope.select), ("--ignore", &scope.ignore)] {
        if let Some(unknown) = ids.iter().find(|id| rules.get(id).is_none()) {
            let known = rules.rules().iter().map(|rule| &*rule.id);
            let hint = suggest::nearest(unknown, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(Failure::Usage(format!("`{option} {unknown}`: there is no such rule{hint}")));
        }
    }
    let named = |ids: &[String], id: &str| ids.iter().any(|named| named == id);
    let select = if scope.select.is_empty() { &config.select } else { &scope.select };
    let ignored = |id: &str| named(&scope.ignore, id) || (named(&config.ignore, id) && !named(&scope.select, id));
    Ok(rules.only(|rule| (select.is_empty() || named(select, &rule.id)) && !ignored(&rule.id)))
}

/// The framework that the run is about, and its rules of those that are applied. A name that no rule and no list has stops the run.
pub fn framework(all: &RuleSet, applied: RuleSet, scope: &Scope) -> Result<(Option<Framework>, RuleSet), Failure> {
    let Some(name) = &scope.framework else { return Ok((None, applied)) };
    let framework =
        Framework::find(name, all, &applied).map_err(|error| Failure::Usage(format!("`--framework {}`: {error}", name.escape_debug())))?;
    let applied = applied.only(|rule| framework.is_served_by(rule));
    Ok((Some(framework), applied))
}

/// The rule files of a directory that an option names, at any depth.
fn load(directory: &Path, working_directory: &Path) -> Result<RuleSet, Failure> {
    read_all(&working_directory.join(directory), directory, &format!("`--rules {}`", directory.display()))
}

/// The rule files at or below a path. `shown` is the path as errors in a file name it, `what` what an error of the path itself begins with.
fn read_all(path: &Path, shown: &Path, what: &str) -> Result<RuleSet, Failure> {
    let cannot = |error: io::Error| Failure::Usage(format!("{what}: {error}"));
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let loops = error.to_string();
            cannot(error.into_io_error().unwrap_or_else(|| io::Error::other(loops)))
        })?;
        let is_rule = entry.path().extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if entry.file_type().is_file() && is_rule {
            let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
            let shown = if below.as_os_str().is_empty() { shown.to_owned() } else { shown.join(below) };
            files.push((shown, read(entry.path()).map_err(cannot)?));
        }
    }
    if files.is_empty() {
        return Err(Failure::Usage(format!("{what}: there is no rule file (`*.yaml`) in it")));
    }
    let texts = files.iter().map(|(path, text)| (path.as_path(), text.as_str()));
    RuleSet::load(texts).map_err(|errors| Failure::Usage(errors.iter().map(RuleError::to_string).collect::<Vec<_>>().join("\nerror: ")))
}

#[expect(clippy::disallowed_methods, reason = "rule packs lie where the user says, also outside the scan root")]
fn read(path: &Path) -> io::Result<String> {
    std::fs::read_to_string(path)
}
