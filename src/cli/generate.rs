//! `trailwarden completions SHELL` and `trailwarden man [COMMAND]`: made from the definitions of the options, so that they cannot drift.

use crate::cli::arguments::{Arguments, Completions, Man};
use crate::cli::{Exit, Failure, Process};
use crate::suggest;
use clap::CommandFactory;

/// Prints a script that completes commands, options and their values.
pub fn completions(completions: &Completions, process: &mut Process<'_>) -> Result<Exit, Failure> {
    // The generator panics where it cannot write, so it writes where it always can.
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut Arguments::command(), env!("CARGO_PKG_NAME"), &mut script);
    process.out.write_all(&script).map_err(Failure::output)?;
    Ok(Exit::Clean)
}

/// Prints a page of the manual.
pub fn man(man: &Man, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let mut command = Arguments::command();
    command.build();
    let page = match &man.command {
        None => command,
        Some(name) => {
            let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            let found = command.get_subcommands().find(|command| command.get_name() == name).cloned();
            let Some(found) = found else {
                let near = suggest::nearest(name, names.iter().map(String::as_str));
                let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(Failure::Usage(format!("there is no command `{}`{help}", name.escape_debug())));
            };
            found
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).map_err(Failure::output)?;
    process.out.write_all(&text).map_err(Failure::output)?;
    Ok(Exit::Clean)
}
