//! `trailwarden rules new`: a commented rule file whose examples hold, to be changed step by step. It overwrites nothing.

use crate::cli::arguments::RulesNew;
use crate::cli::{Exit, Failure, Process};
use crate::rule::RuleSet;
use std::fs;
use std::io::{self, Write};

/// The file, with `ID` where the id goes.
const TEMPLATE: &str = include_str!("new/rule.yaml");

/// Runs the command.
pub fn run(new: &RulesNew, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let id = new.id.as_str();
    if !is_id(id) {
        let near = id.to_lowercase().replace([' ', '_', '.', '/'], "-");
        let hint = if is_id(&near) { format!("; did you mean `{near}`?") } else { String::new() };
        return Err(Failure::Usage(format!("`{}` is no id: lower-case words with hyphens between them are{hint}", id.escape_debug())));
    }
    if RuleSet::embedded().get(id).is_some() {
        return Err(Failure::Usage(format!("`{id}` is a rule of the program; one of this id would take its place")));
    }
    let shown = new.directory.join(format!("{id}.yaml"));
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::Usage(format!("`{}` is there already, and nothing is overwritten", shown.display())),
        _ => Failure::Write { what: format!("`{}`", shown.display()), error },
    };
    let path = process.working_directory.join(&shown);
    fs::create_dir_all(process.working_directory.join(&new.directory)).map_err(cannot)?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(cannot)?;
    file.write_all(TEMPLATE.replace("id: ID\n", &format!("id: {id}\n")).replace("explain ID", &format!("explain {id}")).as_bytes())
        .map_err(cannot)?;
    let directory = new.directory.display();
    writeln!(
        process.out,
        "wrote {}\n\n  trailwarden rules test {directory}       runs its examples\n  trailwarden check --rules {directory}    applies it",
        shown.display()
    )
    .map_err(Failure::output)?;
    Ok(Exit::Clean)
}

/// Words in lower case, with hyphens between them.
fn is_id(id: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    id.starts_with(|letter: char| letter.is_ascii_lowercase()) && id.split('-').all(is_word)
}
