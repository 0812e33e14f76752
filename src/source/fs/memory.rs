//! A tree of files in memory, for tests, fuzzing and editors. It has no links and no permissions.

use crate::source::fs::{Entry, EntryKind, FileSystem, SKIPPED_DIRECTORIES, Unreachable, normalize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

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
        for file in self.files.keys() {
            let relative = if path == Path::new(".") { Some(file.as_path()) } else { file.strip_prefix(&path).ok() };
            let Some(first) = relative.and_then(|relative| relative.components().next()) else { continue };
            let child = if path == Path::new(".") { PathBuf::from(first.as_os_str()) } else { path.join(first.as_os_str()) };
            let kind = if child == *file { EntryKind::File } else { EntryKind::Directory };
            found.entry(child.clone()).or_insert(Entry { path: child, kind });
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
        let skipped =
            |file: &Path| file.components().any(|part| part.as_os_str().to_str().is_some_and(|part| SKIPPED_DIRECTORIES.contains(&part)));
        let below = |file: &Path| path == Path::new(".") || file.starts_with(&path);
        let files = self.files.keys().filter(|file| below(file) && !skipped(file));
        (files.map(|file| Entry { path: file.clone(), kind: EntryKind::File }).collect(), Vec::new())
    }

    fn root(&self) -> &Path {
        &self.root
    }
}
