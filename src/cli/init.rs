//! `trailwarden init`: a commented config file, and the words for a hook and a workflow. It asks nothing and overwrites nothing.
#![expect(clippy::disallowed_methods, reason = "the files are written where the user says")]

use crate::cli::arguments::Init;
use crate::cli::{Exit, Failure, Process, root};
use crate::config::NAMES;
use crate::source::fs::FileSystem;
use crate::source::label;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The config file, every setting as a comment.
pub const CONFIG: &str = include_str!("init/trailwarden.toml");
/// A hook for `pre-commit`.
pub const HOOK: &str = include_str!("init/pre-commit-config.yaml");
/// A workflow for GitHub Actions.
pub const WORKFLOW: &str = include_str!("init/workflow.yml");

/// Where `pre-commit` looks for its hooks.
const HOOK_PATH: &str = ".pre-commit-config.yaml";
/// Where the workflow goes.
const WORKFLOW_PATH: &str = ".github/workflows/trailwarden.yml";

/// What came of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    New,
    WasThere,
}

/// Runs the command.
pub fn run(init: &Init, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let directory = init.directory.clone().unwrap_or_else(|| PathBuf::from("."));
    if !process.working_directory.join(&directory).is_dir() {
        return Err(Failure::Usage(format!("`{}`: there is no such directory", directory.display())));
    }
    let disk = root::disk(None, &[directory], &process.working_directory)?;
    let (top, here) = (disk.root(), disk.working_directory());
    let mut said = String::new();
    let mut tell = |line: String| {
        said.push_str(&line);
        said.push('\n');
    };

    match NAMES.iter().map(|name| top.join(name)).find(|path| path.exists()) {
        Some(path) => tell(format!("kept {}: it is there already", label(&path, here))),
        None => {
            write_new(&top.join(NAMES[0]), CONFIG, here)?;
            tell(format!("wrote {}: every setting, as a comment", label(&top.join(NAMES[0]), here)));
        }
    }
    for (wanted, path, text, what) in [(init.hook, HOOK_PATH, HOOK, "hook"), (init.workflow, WORKFLOW_PATH, WORKFLOW, "workflow")] {
        let shown = label(&top.join(path), here);
        if wanted && write_new(&top.join(path), text, here)? == Written::New {
            tell(format!("wrote {shown}"));
            continue;
        }
        let lead = if wanted {
            format!("kept {shown}: it is there already; this is what to put into it:")
        } else {
            format!("\nA {what}, for {shown} (`trailwarden init --{what}` writes it where there is none):")
        };
        tell(format!("{lead}\n\n{}", indented(text)));
    }
    process.out.write_all(said.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Clean)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str, here: &Path) -> Result<Written, Failure> {
    let cannot = |error: io::Error| Failure::Write { what: format!("`{}`", label(path, here)), error };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(cannot)?;
    }
    let mut file = match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Written::WasThere),
        Err(error) => return Err(cannot(error)),
    };
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file is worse than none.
        let _ = fs::remove_file(path);
    }
    written.map(|()| Written::New).map_err(cannot)
}
