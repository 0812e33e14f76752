//! Which files make up a module. It knows names, not what a block means.

use crate::diagnostic::{Diagnostic, Level, Problems, counted};
use crate::limits::Limit;
use crate::project::Context;
use crate::source::fs::EntryKind;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The ends of configuration file names: OpenTofu's own hide Terraform's of the same base name.
const EXTENSIONS: [(&str, &str); 4] = [(".tofu", ".tofu"), (".tofu.json", ".tofu.json"), (".tf", ".tofu"), (".tf.json", ".tofu.json")];

/// Whether Terraform overlooks a file of this name.
pub fn is_ignored(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

/// The base name of a configuration file: `main` for `main.tf`, `x` for `x.tofu.json`.
fn base_name(name: &str) -> Option<(&str, &'static str, &'static str)> {
    let (own, hiding) = EXTENSIONS.into_iter().find(|(own, _)| name.ends_with(own) && own.ends_with("json") == name.ends_with("json"))?;
    Some((name.strip_suffix(own)?, own, hiding))
}

/// Whether a file of this name is part of a module's configuration.
pub fn is_configuration(name: &str) -> bool {
    !is_ignored(name) && base_name(name).is_some()
}

/// The configuration files of a directory in the order in which they are read: primary ones, then override files.
pub fn configuration(context: &Context<'_>, dir: &Path, diagnostics: &mut Problems) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = match context.fs.read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            diagnostics.add(Diagnostic::at_path(
                Level::Error,
                "unreadable-directory",
                dir,
                format!("cannot read this directory: {}", crate::project::reason(&error)),
            ));
            return (Vec::new(), Vec::new());
        }
    };
    let names: Vec<(&str, &PathBuf)> = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::File)
        .filter_map(|entry| Some((entry.path.file_name()?.to_str()?, &entry.path)))
        .filter(|(name, _)| is_configuration(name))
        .collect();
    if let Some(met) = too_many(context, dir, names.len()) {
        diagnostics.add(met);
        return (Vec::new(), Vec::new());
    }
    // A directory may hold very many files, and few of them hide others.
    let hides = |name: &str| base_name(name).is_some_and(|(_, own, hiding)| own == hiding);
    let hiding_files: BTreeSet<&str> = names.iter().map(|(name, _)| *name).filter(|name| hides(name)).collect();
    let is_hidden = |base: &str, hiding: &str| !hiding_files.is_empty() && hiding_files.contains(&*format!("{base}{hiding}"));
    let (mut primary, mut overrides) = (Vec::new(), Vec::new());
    for (name, path) in &names {
        let Some((base, own, hiding)) = base_name(name) else { continue };
        if own != hiding && is_hidden(base, hiding) {
            continue;
        }
        let is_override = base == "override" || base.ends_with("_override");
        if is_override { overrides.push((*path).clone()) } else { primary.push((*path).clone()) }
    }
    (primary, overrides)
}

/// That a directory has more configuration files than a run looks at: what a part of a module says may be the opposite of what all of it says.
fn too_many(context: &Context<'_>, dir: &Path, count: usize) -> Option<Diagnostic> {
    let limits = &context.inputs.limits;
    if count <= limits.count(Limit::Files) {
        return None;
    }
    let most = limits.over(context.sources.bytes()).count(Limit::Files);
    let message = format!("this directory has {count} configuration files, and modules of up to {} are read", counted(most, "file"));
    (count > most).then(|| Diagnostic::at_path(Level::Error, "limit-reached", dir, message).with_help(Limit::Files.help()))
}

/// The variable files that Terraform reads unasked, in the order in which they apply.
pub fn automatic_variables(context: &Context<'_>, dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = context.fs.read_dir(dir) else { return Vec::new() };
    let named = |wanted: &str| {
        entries.iter().find(|entry| entry.kind == EntryKind::File && entry.path.file_name().is_some_and(|name| name == wanted))
    };
    let mut files: Vec<PathBuf> =
        ["terraform.tfvars", "terraform.tfvars.json"].into_iter().filter_map(named).map(|entry| entry.path.clone()).collect();
    let is_automatic = |name: &str| (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")) && !is_ignored(name);
    files.extend(
        entries
            .iter()
            .filter(|entry| {
                entry.kind == EntryKind::File && entry.path.file_name().and_then(|name| name.to_str()).is_some_and(is_automatic)
            })
            .map(|entry| entry.path.clone()),
    );
    files
}
