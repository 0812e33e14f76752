//! The only disk access of the core, behind a trait, and the place where the scan root is enforced.
//!
//! All text comes from strangers, so a path is never trusted: every access is resolved (symbolic links followed) and
//! refused when it leaves the scan root. It knows no language and keeps no text.

mod disk;
mod memory;
mod overlay;

use crate::limits::Limit;
use std::io;
use std::path::{Component, Path, PathBuf};

pub use disk::Disk;
pub use memory::Memory;
pub use overlay::{Overlay, Seen};

/// Directories that are never entered by a walk: what tools download or generate there is not this repository's code.
pub const SKIPPED_DIRECTORIES: [&str; 4] = [".git", ".terraform", ".terragrunt-cache", "node_modules"];

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

/// What is said of a file of more bytes than are read.
pub fn too_large(most: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {most} bytes, the limit `{}`", Limit::FileBytes))
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
