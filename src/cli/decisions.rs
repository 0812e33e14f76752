//! Where the config file lies: one a run, at the scan root or its nearest parent inside the same repository. There is none in anyone's home.
#![expect(clippy::disallowed_methods, reason = "the config file lies where the command line looks for it")]

use crate::cli::arguments::Scope;
use crate::cli::{Failure, Process};
use crate::config::{Config, ConfigError, NAMES};
use crate::source::fs::{Disk, FileSystem};
use crate::source::label;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;

/// What a team decided, and where it stands.
pub struct Decisions {
    /// The config of the run.
    pub config: Config,
    /// The directory that its paths are relative to.
    pub directory: PathBuf,
    /// Whether the user named the file; else it was found, and is part of what is checked.
    pub is_named: bool,
    /// The file and its text, if there is one.
    pub file: Option<(PathBuf, Arc<str>)>,
    /// The file as people see it.
    shown: String,
}

impl Decisions {
    /// The config of a run.
    pub fn read(scope: &Scope, disk: &Disk, process: &Process<'_>) -> Result<Self, Failure> {
        let file = match &scope.config {
            Some(named) => Some(process.working_directory.join(named)),
            None if scope.no_config => None,
            None => nearest(disk.root()),
        };
        let Some(file) = file else {
            return Ok(Self {
                config: Config::default(),
                directory: disk.root().to_owned(),
                is_named: false,
                file: None,
                shown: String::new(),
            });
        };
        let file = std::fs::canonicalize(&file).unwrap_or(file);
        let shown = label(&file, disk.working_directory());
        let text = std::fs::read_to_string(&file).map_err(|error| Failure::Usage(format!("cannot read `{shown}`: {error}")))?;
        let config = Config::read(&text).map_err(|error| Failure::Usage(format!("{shown}:{error}")))?;
        let directory = file.parent().unwrap_or(Path::new(".")).to_owned();
        Ok(Self { config, directory, is_named: scope.config.is_some(), file: Some((file, text.into())), shown })
    }

    /// Holds the rules that the file names against those that there are.
    pub fn check_rules<'a>(&self, known: impl Iterator<Item = &'a str> + Clone) -> Result<(), Failure> {
        let Some((_, text)) = &self.file else { return Ok(()) };
        self.config.check_rules(text, known).map_err(|error: ConfigError| Failure::Usage(format!("{}:{error}", self.shown)))
    }

    /// A place of the file and what stands there, as an error begins: ``trailwarden.toml:2:9: `rules/own` ``.
    pub fn named(&self, named: &Spanned<PathBuf>) -> String {
        let text = self.file.as_ref().map_or("", |(_, text)| text);
        let what = format!("`{}`", named.get_ref().display());
        format!("{}:{}", self.shown, ConfigError::at(text, named.span().start, what))
    }
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
