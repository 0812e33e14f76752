//! A file system with some files changed and none of it written: what a run would see if they were.

use crate::source::fs::{Entry, EntryKind, FileSystem, Unreachable};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Another file system, and the files that read differently. Only files that are there can be changed.
pub struct Overlay<'a> {
    base: &'a dyn FileSystem,
    changed: &'a BTreeMap<PathBuf, Vec<u8>>,
}

impl<'a> Overlay<'a> {
    /// The base with these files, by their resolved paths, changed.
    pub fn new(base: &'a dyn FileSystem, changed: &'a BTreeMap<PathBuf, Vec<u8>>) -> Self {
        Self { base, changed }
    }
}

impl FileSystem for Overlay<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.changed.get(&self.base.resolve(path)?) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.base.read(path),
        }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.base.read_dir(path)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.base.kind(path)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.base.resolve(path)
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        self.base.walk(path)
    }

    fn root(&self) -> &Path {
        self.base.root()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fs::Memory;

    #[test]
    fn only_what_was_changed_reads_differently() {
        let base = Memory::new("repo").with("repo/a", "1").with("repo/b", "2");
        let changed = BTreeMap::from([(base.resolve(Path::new("repo/a")).unwrap(), b"3".to_vec())]);
        let overlay = Overlay::new(&base, &changed);
        assert_eq!(overlay.read(Path::new("repo/./a")).unwrap(), b"3");
        assert_eq!(overlay.read(Path::new("repo/b")).unwrap(), b"2");
        assert!(overlay.read(Path::new("repo/c")).is_err());
        assert_eq!(overlay.read_dir(Path::new("repo")).unwrap().len(), 2);
    }
}
