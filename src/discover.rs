//! Which projects there are at and below the paths that a user named.
//!
//! A Terraform project is a root module: a directory with configuration files that no other directory of the walked tree calls
//! by a local `source`. A called one is analysed through its callers, and so is a template that another nests by a local path.
//! What the user names is always a project of its own. When everything in a ring calls each other, its first directory
//! stands for it. This floor knows names and calls; what a block means is for the frontends.

mod references;
#[cfg(test)]
mod tests;

use crate::diagnostic::{Diagnostic, Level, and_others, counted};
use crate::frontend;
use crate::limits::{Limit, Limits};
use crate::project::{Context, Project, ProjectKind};
use crate::source::fs::{EntryKind, FileSystem};
use crate::source::{Decoded, FileId, decode, label};
use crate::table::{IndexMap, IndexSet};
use crate::terraform;
use crate::value::ProjectId;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// The ends of names of files whose content decides whether they are templates or plans.
const DATA: [&str; 6] = [".yaml", ".yml", ".json", ".template", ".cform", ".cfn"];

/// What a file may be by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Role {
    /// Part of a Terraform module.
    Configuration,
    /// A template or a plan, or neither.
    Data,
    /// A Terragrunt unit, or what units include.
    Terragrunt,
}

impl Role {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy();
        if terraform::is_configuration(&name) {
            return Some(Self::Configuration);
        }
        if name == terraform::TERRAGRUNT_FILE {
            return Some(Self::Terragrunt);
        }
        if [".tf.json", ".tofu.json"].iter().any(|end| name.ends_with(end)) {
            // One that Terraform overlooks: an editor's copy.
            return None;
        }
        let name = name.to_ascii_lowercase();
        DATA.iter().any(|end| name.ends_with(end)).then_some(Self::Data)
    }
}

/// A file that may belong to a project.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Candidate {
    /// Where it is.
    pub path: PathBuf,
    role: Role,
}

/// What a walk of the named paths found, nothing read yet.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// The files that may belong to projects, sorted by path, each once.
    pub candidates: Vec<Candidate>,
    /// Paths that are not there, and places that could not be reached.
    pub diagnostics: Vec<Diagnostic>,
    /// Directories that the user named.
    directories: BTreeSet<PathBuf>,
    /// Files that the user named.
    files: BTreeSet<PathBuf>,
}

/// Walks the named paths.
pub fn walk(fs: &dyn FileSystem, paths: &[PathBuf]) -> Walked {
    let mut walked = Walked::default();
    let mut candidates = Vec::new();
    for path in paths {
        let resolved = match fs.resolve(path) {
            Ok(resolved) => resolved,
            Err(error) => {
                walked.diagnostics.push(refused(fs, path, &error));
                continue;
            }
        };
        let start = match fs.kind(&resolved) {
            Some(EntryKind::Directory) => {
                walked.directories.insert(resolved.clone());
                resolved
            }
            _ if Role::of(&resolved) == Some(Role::Data) => {
                walked.files.insert(resolved.clone());
                candidates.push(Candidate { path: resolved, role: Role::Data });
                continue;
            }
            _ => {
                // A file of a module names its module, whichever of its files it is: a variable file does too.
                let directory = resolved.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
                walked.files.insert(resolved);
                let names = fs.read_dir(&directory).unwrap_or_default();
                let of_module = names.into_iter().filter(|entry| entry.kind == EntryKind::File);
                candidates.extend(of_module.filter_map(|entry| {
                    let role = Role::of(&entry.path).filter(|role| *role != Role::Data)?;
                    Some(Candidate { path: entry.path, role })
                }));
                continue;
            }
        };
        let (entries, unreachable) = fs.walk(&start);
        candidates.extend(entries.into_iter().filter_map(|entry| Some(Candidate { role: Role::of(&entry.path)?, path: entry.path })));
        let told = unreachable.into_iter().filter(|unreachable| is_of_interest(&unreachable.path));
        walked.diagnostics.extend(told.map(|unreachable| {
            Diagnostic::at_path(Level::Warning, "unreachable", unreachable.path, format!("this {} and was not read", unreachable.reason))
        }));
    }
    candidates.sort_by(|one, other| in_order(&one.path, &other.path).then(one.role.cmp(&other.role)));
    candidates.dedup();
    walked.candidates = candidates;
    walked
}

/// Whether a name that could not be reached could have been ours: a directory, or a file of ours. Editors lock files by
/// dangling links with names that begin with a dot.
fn is_of_interest(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with(".#") && (path.extension().is_none() || Role::of(path).is_some())
}

/// A named path that is not there, or that must not be read.
fn refused(fs: &dyn FileSystem, path: &Path, error: &io::Error) -> Diagnostic {
    if error.kind() != io::ErrorKind::NotFound {
        return Diagnostic::at_path(Level::Error, "unreachable", path, format!("cannot read this path: it {error}"))
            .with_help("name a scan root that holds it with `--root`");
    }
    let diagnostic = Diagnostic::at_path(Level::Error, "no-such-path", path, "there is no such file or directory");
    let Some(wanted) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else { return diagnostic };
    let parent = path.parent().unwrap_or(Path::new(""));
    let here = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let names: Vec<String> = fs
        .read_dir(here)
        .unwrap_or_default()
        .iter()
        .filter_map(|entry| Some(entry.path.file_name()?.to_string_lossy().into_owned()))
        .collect();
    match crate::suggest::nearest(&wanted, names.iter().map(String::as_str)) {
        Some(name) => diagnostic.with_help(format!("did you mean `{}`?", parent.join(name).display())),
        None => diagnostic,
    }
}

/// A file that turned out to be ours, with its text.
#[derive(Debug)]
pub struct Read {
    path: PathBuf,
    kind: ProjectKind,
    decoded: io::Result<Decoded>,
}

/// Reads a candidate and tells what it is: `None` for the many JSON and YAML files that are something else. Safe to call from
/// many threads; nothing is kept.
pub fn read(fs: &dyn FileSystem, candidate: &Candidate) -> Option<Read> {
    let decoded = fs.read(&candidate.path).map(decode);
    let kind = match (candidate.role, &decoded) {
        (Role::Configuration, _) => ProjectKind::Terraform,
        (Role::Terragrunt, _) => ProjectKind::Terragrunt,
        (Role::Data, Ok(decoded)) => frontend::recognize(&candidate.path, &decoded.text)?,
        (Role::Data, Err(_)) => ProjectKind::CloudFormation,
    };
    Some(Read { path: candidate.path.clone(), kind, decoded })
}

/// Candidates that are read at once: there may be very many, of which most are not kept.
pub const AT_ONCE: usize = 16_384;

/// The files that turned out to be ours, in their order: with their texts as far as a run reads them.
#[derive(Debug, Default)]
pub struct Gathered<'w> {
    read: Vec<Read>,
    /// Bytes of text of all of them.
    bytes: usize,
    /// Those that came when there were enough for the text until then.
    left: Vec<&'w Candidate>,
}

impl<'w> Gathered<'w> {
    /// Takes one more.
    pub fn add(&mut self, candidate: &'w Candidate, read: Read, limits: &Limits) {
        self.bytes += read.decoded.as_ref().map_or(0, |decoded| decoded.text.len());
        if self.left.is_empty() && self.read.len() < limits.over(self.bytes).count(Limit::Files) {
            self.read.push(read);
        } else {
            self.left.push(candidate);
        }
    }
}

/// Files of a directory from which on they are all parsed beforehand, on all threads.
const MANY: usize = 32;

/// A file of ours with its calls still to be read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Where it is.
    pub path: PathBuf,
    kind: ProjectKind,
    file: FileId,
    /// Whether its directory has many files.
    is_of_many: bool,
}

/// Hands the texts to the run's sources, in the order given, so that files are numbered alike in every run. More than a run reads are left out.
pub fn load(gathered: Gathered<'_>, context: &Context<'_>) -> (Vec<Loaded>, Vec<Diagnostic>) {
    let Gathered { mut read, bytes, left } = gathered;
    let most = context.inputs.limits.over(bytes).count(Limit::Files);
    // With the text that came later, more may be read than there was room for.
    let (more, beyond) = left.split_at(most.saturating_sub(read.len()).min(left.len()));
    read.extend(more.iter().filter_map(|candidate| self::read(context.fs, candidate)));
    let mut loaded = Vec::with_capacity(read.len());
    let mut diagnostics: Vec<Diagnostic> = told_beyond(beyond, most).into_iter().collect();
    for Read { path, kind, decoded } in read {
        let (file, problem) = context.keep(&path, decoded);
        diagnostics.extend(problem);
        loaded.extend(file.map(|file| Loaded { path, kind, file, is_of_many: false }));
    }
    for of_directory in loaded.chunk_by_mut(|one, next| one.path.parent() == next.path.parent()) {
        let is_of_many = of_directory.len() >= MANY;
        of_directory.iter_mut().for_each(|loaded| loaded.is_of_many = is_of_many);
    }
    (loaded, diagnostics)
}

/// That nobody looks for projects in some files: the first of them, and how many there are.
fn told_beyond(beyond: &[&Candidate], most: usize) -> Option<Diagnostic> {
    let (first, others) = beyond.split_first()?;
    let message =
        format!("a run looks for projects in up to {}: not in this one{}", counted(most, "file"), and_others(others.len(), "file"));
    Some(Diagnostic::at_path(Level::Error, "limit-reached", &first.path, message).with_help(Limit::Files.help()))
}

/// A file and the local paths that it calls: module directories, or nested templates.
#[derive(Clone, Debug)]
pub struct Inspected {
    path: PathBuf,
    kind: ProjectKind,
    calls: Vec<PathBuf>,
    is_unit: bool,
}

/// Reads the calls of a file, which is parsed if it may have any, once for the whole run. Safe to call from many threads.
pub fn inspect(loaded: &Loaded, context: &Context<'_>) -> Inspected {
    let directory = loaded.path.parent().unwrap_or(Path::new("."));
    let beside = |calls: Vec<PathBuf>| calls.into_iter().map(|call| directory.join(call)).collect();
    let calls: Vec<PathBuf> = match loaded.kind {
        // Most files call no module and most templates name no other. Their trees need not be there before they are lowered, unless whoever
        // lowers them would have many to parse alone.
        ProjectKind::Terraform if loaded.is_of_many || references::may_call_modules(&context.sources.get(loaded.file).text) => {
            beside(references::modules(&context.trees.hcl(context.sources, loaded.file).body))
        }
        ProjectKind::CloudFormation if references::may_name_templates(&context.sources.get(loaded.file).text) => {
            beside(references::templates(&context.trees.nodes(context.sources, loaded.file).documents))
        }
        ProjectKind::Terragrunt => terraform::unit_module(context, directory).into_iter().collect(),
        ProjectKind::Terraform | ProjectKind::CloudFormation | ProjectKind::TerraformPlan => Vec::new(),
    };
    let calls = calls.into_iter().filter_map(|call| context.fs.resolve(&call).ok()).collect();
    let is_unit = loaded.kind == ProjectKind::Terragrunt && references::is_unit(&context.trees.hcl(context.sources, loaded.file).body);
    Inspected { path: loaded.path.clone(), kind: loaded.kind, calls, is_unit }
}

/// The projects of a run.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The projects, numbered in the order of their paths.
    pub projects: Vec<Project>,
    /// Projects that were named only by files of theirs: just what touches these is reported.
    pub narrowed: BTreeMap<ProjectId, BTreeSet<PathBuf>>,
}

/// What each unit calls. Units are looked up by hash, since comparing paths is slow, and put in order once.
type Calls = IndexMap<(PathBuf, ProjectKind), BTreeSet<PathBuf>>;

/// Settles which of the inspected files are projects of their own. `base` is the resolved working directory.
pub fn settle(walked: &Walked, inspected: Vec<Inspected>, base: &Path) -> Discovery {
    let mut calls = Calls::default();
    // Where the last file's calls stand: those of one directory follow each other.
    let mut last = None;
    for Inspected { path, kind, calls: called, is_unit } in inspected {
        let directory = path.parent().unwrap_or(Path::new("."));
        if kind == ProjectKind::Terraform
            && let Some(((known, ProjectKind::Terraform), of_known)) = last.and_then(|at| calls.get_index_mut(at))
            && known.as_os_str() == directory.as_os_str()
        {
            of_known.extend(called);
            continue;
        }
        let directory = || directory.to_owned();
        let key = match kind {
            ProjectKind::Terraform => (directory(), kind),
            // A unit whose module stands beside it is one project; what others include is none.
            ProjectKind::Terragrunt if is_unit => (directory(), kind),
            ProjectKind::Terragrunt => continue,
            ProjectKind::TerraformPlan | ProjectKind::CloudFormation => (path, kind),
        };
        let entry = calls.entry(key);
        last = Some(entry.index());
        entry.or_default().extend(called);
    }
    let units: Vec<PathBuf> = calls.keys().filter(|(_, kind)| *kind == ProjectKind::Terragrunt).map(|(path, _)| path.clone()).collect();
    for unit in units {
        if let Some(called) = calls.swap_remove(&(unit.clone(), ProjectKind::Terraform)) {
            calls.entry((unit, ProjectKind::Terragrunt)).or_default().extend(called);
        }
    }
    calls.sort_by(|(one, kind), _, (other, other_kind), _| in_order(one, other).then(kind.cmp(other_kind)));
    let named = |path: &Path| {
        walked.directories.contains(path) || walked.files.contains(path) || walked.files.iter().any(|file| file.parent() == Some(path))
    };
    let mut discovery = Discovery::default();
    for (path, kind) in roots(&calls, named) {
        let id = ProjectId(u32::try_from(discovery.projects.len()).expect("fewer than 2^32 projects"));
        // A template or plan that is named is asked for whole.
        if !walked.files.contains(&path) && !walked.directories.iter().any(|directory| path.starts_with(directory)) {
            let of_project = |file: &&PathBuf| file.parent() == Some(&path);
            discovery.narrowed.insert(id, walked.files.iter().filter(of_project).cloned().collect());
        }
        let label = label(&path, base).into();
        discovery.projects.push(Project { id, kind, path, label });
    }
    discovery
}

/// The units that nobody else calls or that are named, and one for each ring of calls that no root reaches; sorted.
fn roots(calls: &Calls, named: impl Fn(&Path) -> bool) -> Vec<(PathBuf, ProjectKind)> {
    let by_path: IndexMap<&Path, &BTreeSet<PathBuf>> = calls.iter().map(|((path, _), called)| (path.as_path(), called)).collect();
    let called: IndexSet<&Path> =
        by_path.iter().flat_map(|(caller, called)| called.iter().map(PathBuf::as_path).filter(move |callee| callee != caller)).collect();
    let is_first = |(_, (path, _)): &(usize, &(PathBuf, ProjectKind))| named(path) || !called.contains(path.as_path());
    let (firsts, rest): (Vec<_>, Vec<_>) = calls.keys().enumerate().partition(is_first);
    let mut reached: IndexSet<&Path> = IndexSet::default();
    // By their places, which are in order.
    let mut roots = BTreeSet::new();
    let marked = firsts.into_iter().map(|unit| (unit, true)).chain(rest.into_iter().map(|unit| (unit, false)));
    for ((at, (unit, _)), surely) in marked {
        if surely || !reached.contains(unit.as_path()) {
            roots.insert(at);
        }
        let mut open = vec![unit.as_path()];
        while let Some(path) = open.pop() {
            let Some(called) = by_path.get(path).filter(|_| reached.insert(path)) else { continue };
            open.extend(called.iter().map(PathBuf::as_path));
        }
    }
    roots.into_iter().filter_map(|at| calls.get_index(at)).map(|(unit, _)| unit.clone()).collect()
}

/// Paths in the order of their components. They are resolved: each is written in one way, and letters tell what takes several times as long
/// component by component.
fn in_order(one: &Path, other: &Path) -> Ordering {
    let (one, other) = (one.as_os_str().as_encoded_bytes(), other.as_os_str().as_encoded_bytes());
    // A name that ends comes before all that go on where it ends.
    let rank = |byte: u8| if std::path::is_separator(char::from(byte)) { 0 } else { byte };
    match one.iter().zip(other).find(|(a, b)| a != b) {
        Some((a, b)) => rank(*a).cmp(&rank(*b)),
        None => one.len().cmp(&other.len()),
    }
}
