//! The only disk access of the core, behind a trait, and the place where the scan root is enforced.
//!
//! All text comes from strangers, so a path is never trusted: every access is resolved (symbolic links followed) and
//! refused when it leaves the scan root. It knows no language and keeps no text.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A regular file, or a link to one inside the scan root.
    File,
    /// A directory, or a link to one inside the scan root.
    Directory,
}

/// One name in a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The full path: the directory's path joined with the name.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
    /// Its length in bytes; 0 for a directory.
    pub len: u64,
}

/// Something that a walk or a read could not reach, with the reason in words fit for a diagnostic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreachable {
    /// The path as it was met.
    pub path: PathBuf,
    /// Why: "is a dangling symbolic link", "leads out of the scan root", "permission denied", …
    pub reason: String,
}

/// Files as the core sees them. Paths are absolute or relative to the working directory; both work, and a file keeps
/// one identity however it is named (see [`FileSystem::resolve`]).
pub trait FileSystem: Send + Sync {
    /// The bytes of a file. `NotFound`, `PermissionDenied` (also for a path that leaves the scan root), or whatever
    /// the disk says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The names in a directory, sorted by path.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>>;

    /// What stands at a path; `None` when nothing does, or when it leaves the scan root.
    fn kind(&self, path: &Path) -> Option<EntryKind>;

    /// The one name of a path: links followed, `.` and `..` gone. An error when it does not exist
    /// (`NotFound`) or leaves the scan root (`PermissionDenied`).
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;

    /// Every file at or below a path, by the rules of `.gitignore`, sorted by path; directories named `.terraform`, `.git`,
    /// `node_modules` and `.terragrunt-cache` are not entered. A link is followed once and never out of the scan root.
    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>);

    /// The scan root: nothing outside it is ever read.
    fn root(&self) -> &Path;
}

/// Removes `.` and `..` by text alone, as Terraform does with module sources; leading `..` of a relative path stay.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// Files in memory, for tests, fuzzing and editors. Paths are compared after [`normalize`].
#[derive(Debug, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    root: PathBuf,
}

impl Memory {
    /// An empty tree whose scan root is `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { files: BTreeMap::new(), root: normalize(&root.into()) }
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(normalize(path.as_ref()), text.into());
        self
    }

    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let path = normalize(path);
        let inside = if self.root == Path::new(".") {
            !path.is_absolute() && path.components().next() != Some(Component::ParentDir)
        } else {
            path.starts_with(&self.root)
        };
        if inside { Ok(path) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, "leads out of the scan root")) }
    }
}

impl FileSystem for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = self.inside(path)?;
        self.files.get(&path).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let path = self.inside(path)?;
        let mut found: BTreeMap<PathBuf, Entry> = BTreeMap::new();
        for (file, text) in &self.files {
            let relative = if path == Path::new(".") { Some(file.as_path()) } else { file.strip_prefix(&path).ok() };
            let Some(first) = relative.and_then(|relative| relative.components().next()) else { continue };
            let child = if path == Path::new(".") { PathBuf::from(first.as_os_str()) } else { path.join(first.as_os_str()) };
            let (kind, len) = if child == *file { (EntryKind::File, text.len() as u64) } else { (EntryKind::Directory, 0) };
            found.entry(child.clone()).or_insert(Entry { path: child, kind, len });
        }
        if found.is_empty() { Err(io::Error::new(io::ErrorKind::NotFound, "no such directory")) } else { Ok(found.into_values().collect()) }
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let path = self.inside(path).ok()?;
        if self.files.contains_key(&path) {
            return Some(EntryKind::File);
        }
        self.read_dir(&path).ok().map(|_| EntryKind::Directory)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let path = self.inside(path)?;
        if self.kind(&path).is_some() { Ok(path) } else { Err(io::Error::new(io::ErrorKind::NotFound, "no such file")) }
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        let Ok(path) = self.inside(path) else { return (Vec::new(), Vec::new()) };
        let skipped = |file: &Path| {
            file.components()
                .any(|part| matches!(part.as_os_str().to_str(), Some(".terraform" | ".git" | "node_modules" | ".terragrunt-cache")))
        };
        let below = |file: &Path| path == Path::new(".") || file.starts_with(&path);
        let files = self.files.iter().filter(|(file, _)| below(file) && !skipped(file));
        (files.map(|(file, text)| Entry { path: file.clone(), kind: EntryKind::File, len: text.len() as u64 }).collect(), Vec::new())
    }

    fn root(&self) -> &Path {
        &self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizing_removes_dots_and_keeps_leading_parents() {
        assert_eq!(normalize(Path::new("a/./b/../c")), Path::new("a/c"));
        assert_eq!(normalize(Path::new("../a/..")), Path::new(".."));
        assert_eq!(normalize(Path::new("./a/..")), Path::new("."));
        assert_eq!(normalize(Path::new("/../etc")), Path::new("/etc"));
    }

    #[test]
    fn memory_refuses_what_leaves_its_root() {
        let files = Memory::new("repo").with("repo/main.tf", "x").with("secret", "y");
        assert_eq!(files.read(Path::new("repo/../secret")).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(files.read(Path::new("repo/./main.tf")).unwrap(), b"x");
        assert_eq!(files.kind(Path::new("repo")), Some(EntryKind::Directory));
    }
}
