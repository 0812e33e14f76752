//! `--changed` and `--diff-base`: what a change is, and the two states that it lies between.
//!
//! `--changed` is about a commit that is being made: now is the index, before is `HEAD`. `--diff-base REF` is about a branch: now is the
//! working tree, before is where the branch left `REF`. Both states are read as the disk with other content in some files.

use crate::change::Change;
use crate::cli::arguments::ChangeOptions;
use crate::cli::git::{Changed, Repository};
use crate::cli::{Failure, Process};
use crate::limits::Limit;
use crate::source::fs::{Disk, FileSystem, Seen};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Ends of names that a verdict may depend on: configurations, templates, values, and what is read into them.
const OURS: [&str; 22] = [
    ".tf",
    ".tofu",
    ".json",
    ".yaml",
    ".yml",
    ".template",
    ".cform",
    ".cfn",
    ".hcl",
    ".tfvars",
    ".tpl",
    ".tftpl",
    ".tmpl",
    ".j2",
    ".jinja",
    ".txt",
    ".csv",
    ".toml",
    ".properties",
    ".env",
    ".gitignore",
    ".tfbackend",
];

/// A change, and the states before and after it.
pub struct States {
    /// What it changes.
    pub change: Change,
    /// Files that are other now than on disk.
    pub now: BTreeMap<PathBuf, Seen>,
    /// Files that were other before than on disk.
    pub before: BTreeMap<PathBuf, Seen>,
    /// Whether a verdict may depend on anything of it.
    pub concerns_us: bool,
    /// What a reader should know about how it was found.
    pub note: Option<String>,
}

/// The change that options ask for, if any do.
pub fn states(scope: &ChangeOptions, disk: &Disk, process: &Process<'_>) -> Result<Option<States>, Failure> {
    if scope.changed {
        return staged(disk, process).map(Some);
    }
    let Some(base) = &scope.diff_base else { return Ok(None) };
    since(base, disk, process).map(Some)
}

fn staged(disk: &Disk, process: &Process<'_>) -> Result<States, Failure> {
    let around = Repository::around(disk.root(), process);
    let changed = around.staged();
    // Most commits are about nothing of ours, and one question tells that.
    if changed.as_ref().is_ok_and(|changed| !changed.iter().any(concerns)) {
        return Ok(States::of_nothing(disk));
    }
    // Where there is no repository, this says so.
    let repository = around.with_top("--changed")?;
    let changed = changed?;
    let (unstaged, untracked) = (repository.unstaged()?, repository.untracked()?);
    States::between(&repository, disk, &changed, &unstaged, &untracked)
}

fn since(name: &str, disk: &Disk, process: &Process<'_>) -> Result<States, Failure> {
    let repository = Repository::of(disk.root(), "--diff-base", process)?;
    let Some(commit) = repository.commit(name) else {
        let help = if repository.is_shallow() {
            "; this clone is shallow: fetch that branch, or check out with its whole history"
        } else {
            "; fetch it first if it is another repository's"
        };
        return Err(Failure::Usage(format!("`--diff-base {}`: git knows no such commit{help}", name.escape_debug())));
    };
    let ancestor = repository.common_ancestor(&commit, "HEAD");
    let base = ancestor.clone().unwrap_or(commit);
    let mut changed = repository.since(&base)?;
    let added = |path| Changed { path, renamed_from: None, before: None, is_there: true, is_same: false, is_special: false };
    changed.extend(repository.untracked()?.into_iter().map(added));
    if !changed.iter().any(concerns) {
        return Ok(States::of_nothing(disk));
    }
    let mut states = States::between(&repository, disk, &changed, &[], &[])?;
    if ancestor.is_none() {
        let why = if repository.is_shallow() { " in this shallow clone" } else { "" };
        let name = name.escape_debug();
        states.note = Some(format!("`{name}` and `HEAD` have no common ancestor{why}; held against `{name}` itself"));
    }
    Ok(states)
}

/// Whether a verdict may depend on a file, by its name. A link or a submodule may hold anything.
fn concerns(changed: &Changed) -> bool {
    let is_ours = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        OURS.iter().any(|end| name.ends_with(end))
    };
    changed.is_special || is_ours(&changed.path) || changed.renamed_from.as_deref().is_some_and(is_ours)
}

impl States {
    fn of_nothing(disk: &Disk) -> Self {
        let change = Change { root: disk.root().to_owned(), ..Change::default() };
        Self { change, now: BTreeMap::new(), before: BTreeMap::new(), concerns_us: false, note: None }
    }

    /// `changed`: from before to now. `unstaged`: from now to the disk, with the files that only the disk has in `untracked`.
    fn between(
        repository: &Repository,
        disk: &Disk,
        changed: &[Changed],
        unstaged: &[Changed],
        untracked: &[PathBuf],
    ) -> Result<Self, Failure> {
        let objects: BTreeSet<String> = changed
            .iter()
            .chain(unstaged)
            .filter(|changed| concerns(changed) && !changed.is_special)
            .filter_map(|changed| changed.before.clone())
            .collect();
        let contents = repository.contents(&objects, disk.limits().get(Limit::FileBytes))?;
        let content = |changed: &Changed| changed.before.as_ref().and_then(|object| contents.get(object)).cloned().unwrap_or(Seen::Nothing);
        let at = |path: &Path| repository.top.join(path);

        let mut now: BTreeMap<PathBuf, Seen> = untracked.iter().map(|path| (at(path), Seen::Nothing)).collect();
        undo(unstaged, &at, &content, &mut now);
        let mut before = now.clone();
        undo(changed, &at, &content, &mut before);

        let mut change = Change { root: disk.root().to_owned(), ..Change::default() };
        for changed in changed {
            if changed.is_there && !changed.is_same {
                change.files.insert(at(&changed.path));
            }
            if let Some(old) = &changed.renamed_from {
                change.renamed.insert(at(&changed.path), at(old));
            }
        }
        Ok(Self { change, now, before, concerns_us: true, note: None })
    }
}

/// Takes changes back. What is not there comes first, so that a name that two changes share ends as it was.
fn undo(changes: &[Changed], at: &dyn Fn(&Path) -> PathBuf, content: &dyn Fn(&Changed) -> Seen, into: &mut BTreeMap<PathBuf, Seen>) {
    let plain = || changes.iter().filter(|changed| concerns(changed) && !changed.is_special);
    into.extend(
        plain()
            .filter(|changed| changed.renamed_from.is_some() || changed.before.is_none())
            .map(|changed| (at(&changed.path), Seen::Nothing)),
    );
    for changed in plain().filter(|changed| changed.before.is_some()) {
        into.insert(at(changed.renamed_from.as_ref().unwrap_or(&changed.path)), content(changed));
    }
}
