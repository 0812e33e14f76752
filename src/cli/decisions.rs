//! Where the config file lies: one a run, at the scan root or its nearest parent inside the same repository. There is none in anyone's home.
#![expect(clippy::disallowed_methods, reason = "the config file lies where the command line looks for it")]

use crate::cli::arguments::Check;
use crate::cli::{Failure, Process};
use crate::config::{Config, NAMES};
use crate::source::fs::{Disk, FileSystem};
use crate::source::label;
use std::path::{Path, PathBuf};

/// The config of a run, and the directory that its paths are relative to.
pub fn config(check: &Check, disk: &Disk, process: &Process<'_>) -> Result<(Config, PathBuf), Failure> {
    let file = match &check.config {
        Some(named) => Some(process.working_directory.join(named)),
        None if check.no_config => None,
        None => nearest(disk.root()),
    };
    let Some(file) = file else { return Ok((Config::default(), disk.root().to_owned())) };
    let shown = label(&file, disk.working_directory());
    let text = std::fs::read_to_string(&file).map_err(|error| Failure::Usage(format!("cannot read `{shown}`: {error}")))?;
    let config = Config::read(&text).map_err(|error| Failure::Usage(format!("{shown}:{error}")))?;
    Ok((config, file.parent().unwrap_or(Path::new(".")).to_owned()))
}

fn nearest(root: &Path) -> Option<PathBuf> {
    for directory in root.ancestors() {
        let found = NAMES.iter().map(|name| directory.join(name)).find(|file| file.is_file());
        if found.is_some() || directory.join(".git").exists() {
            return found;
        }
        // Without a repository there is no boundary, and what lies further up is someone else's.
        if !root.ancestors().any(|above| above.join(".git").exists()) {
            return None;
        }
    }
    None
}
