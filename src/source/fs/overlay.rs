//! A file system as another one shows it, but for some files: those that have other content there, and those that are not there at all.
//!
//! So a commit, an index or an editor's buffer is read as if it lay on disk. It knows nothing of where the other content comes from.

use crate::source::fs::{Entry, EntryKind, FileSystem, SKIPPED_DIRECTORIES, Unreachable, too_large};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is to be seen of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// This content.
    Content(Arc<[u8]>),
    /// More than so many bytes, which is as much as is read of a file.
    TooLarge(u64),
    /// Nothing: there is no such file.
    Nothing,
}

/// A file system with some files changed. Their paths are resolved ones inside the scan root.
pub struct Overlay<'a> {
    below: &'a dyn FileSystem,
    files: BTreeMap<PathBuf, Seen>,
}

impl<'a> Overlay<'a> {
    /// `below`, with `files` as they are said to be. Files outside the scan root are left out.
    pub fn new(below: &'a dyn FileSystem, mut files: BTreeMap<PathBuf, Seen>) -> Self {
        files.retain(|path, _| path.starts_with(below.root()));
        Self { below, files }
    }

    /// The resolved name of a path whose last parts need not be there.
    fn locate(&self, path: &Path) -> io::Result<PathBuf> {
        match self.below.resolve(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match (path.parent(), path.file_name()) {
                (Some(parent), Some(name)) => {
                    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
                    Ok(self.locate(parent)?.join(name))
                }
                _ => Err(error),
            },
            resolved => resolved,
        }
    }

    /// Files that are there at or below a directory.
    fn below<'s>(&'s self, directory: &'s Path) -> impl Iterator<Item = &'s PathBuf> {
        let from = self.files.range::<Path, _>((std::ops::Bound::Included(directory), std::ops::Bound::Unbounded));
        let inside = from.take_while(move |(path, _)| path.starts_with(directory));
        inside.filter(|(_, seen)| **seen != Seen::Nothing).map(|(path, _)| path)
    }

    fn is_hidden(&self, path: &Path) -> bool {
        self.files.get(path) == Some(&Seen::Nothing)
    }
}

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no such file")
}

impl FileSystem for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.files.get(&self.locate(path)?) {
            Some(Seen::Content(bytes)) => Ok(bytes.to_vec()),
            Some(Seen::TooLarge(most)) => Err(too_large(*most)),
            Some(Seen::Nothing) => Err(not_found()),
            None => self.below.read(path),
        }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let directory = self.locate(path)?;
        let mut found: BTreeMap<PathBuf, EntryKind> = BTreeMap::new();
        match self.below.read_dir(path) {
            Ok(entries) => found.extend(entries.into_iter().map(|entry| (entry.path, entry.kind))),
            Err(error) if self.below(&directory).next().is_none() => return Err(error),
            Err(_) => {}
        }
        found.retain(|entry, _| entry.file_name().is_none_or(|name| !self.is_hidden(&directory.join(name))));
        for file in self.below(&directory) {
            let Some(name) = file.strip_prefix(&directory).ok().and_then(|rest| rest.components().next()) else { continue };
            let kind = if directory.join(name) == *file { EntryKind::File } else { EntryKind::Directory };
            found.entry(path.join(name)).or_insert(kind);
        }
        Ok(found.into_iter().map(|(path, kind)| Entry { path, kind }).collect())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let path = self.locate(path).ok()?;
        match self.files.get(&path) {
            Some(Seen::Content(_) | Seen::TooLarge(_)) => Some(EntryKind::File),
            Some(Seen::Nothing) => None,
            None => self.below.kind(&path).or_else(|| self.below(&path).next().map(|_| EntryKind::Directory)),
        }
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let located = self.locate(path)?;
        if self.kind(&located).is_some() { Ok(located) } else { Err(not_found()) }
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        let is_below = self.below.kind(path).is_some() || self.locate(path).is_ok_and(|start| self.below(&start).next().is_none());
        let (entries, unreachable) = if is_below { self.below.walk(path) } else { Default::default() };
        let mut found: BTreeMap<PathBuf, EntryKind> = entries.into_iter().map(|entry| (entry.path, entry.kind)).collect();
        found.retain(|entry, _| !self.is_hidden(entry));
        let skipped = |file: &Path| file.components().any(|part| SKIPPED_DIRECTORIES.iter().any(|skipped| part.as_os_str() == *skipped));
        if let Ok(start) = self.locate(path) {
            let added = self.below(&start).filter(|file| !skipped(file.strip_prefix(&start).unwrap_or(file)));
            found.extend(added.map(|file| (file.clone(), EntryKind::File)));
        }
        (found.into_iter().map(|(path, kind)| Entry { path, kind }).collect(), unreachable)
    }

    fn root(&self) -> &Path {
        self.below.root()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fs::Memory;

    #[test]
    fn some_files_are_other_than_below() {
        let below = Memory::new("repo").with("repo/a/main.tf", "old").with("repo/a/new.tf", "new").with("repo/b/main.tf", "b");
        let content = |text: &str| Seen::Content(Arc::from(text.as_bytes()));
        let files = [
            ("repo/a/main.tf", content("other")),
            ("repo/a/new.tf", Seen::Nothing),
            ("repo/gone/deep/main.tf", content("gone")),
            ("repo/.terraform/x.tf", content("downloaded")),
            ("elsewhere/x.tf", content("outside")),
        ];
        let fs = Overlay::new(&below, files.into_iter().map(|(path, seen)| (PathBuf::from(path), seen)).collect());
        let read = |path: &str| fs.read(Path::new(path)).map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.kind());
        assert_eq!(read("repo/a/main.tf").unwrap(), "other");
        assert_eq!(read("repo/a/../gone/deep/main.tf").unwrap(), "gone");
        assert_eq!(read("repo/b/main.tf").unwrap(), "b");
        assert_eq!(read("repo/a/new.tf"), Err(io::ErrorKind::NotFound));
        assert!(read("elsewhere/x.tf").is_err());
        assert_eq!(fs.kind(Path::new("repo/gone")), Some(EntryKind::Directory));
        assert_eq!(fs.kind(Path::new("repo/a/new.tf")), None);
        let shown = |entries: Vec<Entry>| entries.iter().map(|entry| entry.path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(shown(fs.walk(Path::new("repo")).0), ["repo/a/main.tf", "repo/b/main.tf", "repo/gone/deep/main.tf"]);
        assert_eq!(shown(fs.read_dir(Path::new("repo/a")).unwrap()), ["repo/a/main.tf"]);
        assert!(shown(fs.read_dir(Path::new("repo")).unwrap()).contains(&"repo/gone".to_owned()));
        assert_eq!(shown(fs.read_dir(Path::new("repo/gone")).unwrap()), ["repo/gone/deep"]);
    }
}
