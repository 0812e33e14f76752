//! The real disk, inside one scan root.
//!
//! Every path is resolved before it is read, so that neither `..` nor a link leads out of the scan root; only regular
//! files are read, so that a pipe cannot stop a run. The walk keeps to `.gitignore` files at or below the scan root and
//! to nothing else (no user's settings, no `.git/info/exclude`), so that it finds the same on every machine.
#![expect(clippy::disallowed_methods, reason = "this is the file system that all others read through")]

mod walk;

use crate::source::fs::{Entry, EntryKind, FileSystem, MAX_FILE_BYTES, Unreachable};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

/// The system's number for a link that leads to itself (`ELOOP`); the standard library's own word for it is not stable yet.
const TOO_MANY_LINKS: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

/// Why a path is refused.
const OUTSIDE: &str = "leads out of the scan root";

/// The files at or below a scan root, as a process in a working directory names them. What it was told about directories it
/// remembers: a run sees one state of the disk.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    working_directory: PathBuf,
    named: BTreeSet<PathBuf>,
    known: Arc<Known>,
}

/// What the disk said about directories.
#[derive(Debug, Default)]
struct Known {
    /// Directories as asked for to their resolved paths.
    resolved: RwLock<BTreeMap<PathBuf, PathBuf>>,
    /// Resolved directories to what is in them, sorted by name.
    listings: RwLock<BTreeMap<PathBuf, Arc<Vec<Listed>>>>,
}

/// A name in a directory, and what stands there, links not followed.
#[derive(Clone, Debug)]
struct Listed {
    name: OsString,
    kind: ListedKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ListedKind {
    File,
    Directory,
    Link,
    /// A pipe, a socket, a device.
    Other,
}

impl Disk {
    /// The disk below `root`; relative paths start at `working_directory`. An error when either is not there.
    pub fn new(root: &Path, working_directory: &Path) -> io::Result<Self> {
        let working_directory = fs::canonicalize(working_directory)?;
        let root = fs::canonicalize(working_directory.join(root))?;
        Ok(Self { root, working_directory, named: BTreeSet::new(), known: Arc::default() })
    }

    /// Also lets one file be read that the user named, wherever it lies. One that is not there stays so.
    #[must_use]
    pub fn with_named(mut self, file: &Path) -> Self {
        self.named.extend(fs::canonicalize(self.working_directory.join(file)).ok());
        self
    }

    /// The working directory, resolved.
    pub fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let path = self.working_directory.join(path);
        let resolved = match self.look_up(&path) {
            Some(resolved) => resolved,
            None => fs::canonicalize(&path)?,
        };
        if resolved.starts_with(&self.root) || self.named.contains(&resolved) {
            return Ok(resolved);
        }
        Err(io::Error::new(io::ErrorKind::PermissionDenied, OUTSIDE))
    }

    /// Resolves a path by what is known about its directory, which is most of the work of a run. `None`: ask the disk.
    fn look_up(&self, path: &Path) -> Option<PathBuf> {
        let (parent, name) = (path.parent()?, path.file_name()?);
        let directory = self.directory(parent).ok().filter(|directory| directory.starts_with(&self.root))?;
        let listing = self.listing(&directory).ok()?;
        let at = listing.binary_search_by(|listed| listed.name.as_os_str().cmp(name)).ok()?;
        (listing[at].kind != ListedKind::Link).then(|| directory.join(name))
    }

    fn directory(&self, path: &Path) -> io::Result<PathBuf> {
        let unpoisoned = "no thread panics while it holds this lock";
        if let Some(resolved) = self.known.resolved.read().expect(unpoisoned).get(path) {
            return Ok(resolved.clone());
        }
        let resolved = fs::canonicalize(path)?;
        self.known.resolved.write().expect(unpoisoned).insert(path.to_owned(), resolved.clone());
        Ok(resolved)
    }

    /// What is in a resolved directory inside the scan root.
    fn listing(&self, directory: &Path) -> io::Result<Arc<Vec<Listed>>> {
        let unpoisoned = "no thread panics while it holds this lock";
        if let Some(listing) = self.known.listings.read().expect(unpoisoned).get(directory) {
            return Ok(Arc::clone(listing));
        }
        let mut listing = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_dir() => ListedKind::Directory,
                Ok(kind) if kind.is_file() => ListedKind::File,
                Ok(kind) if kind.is_symlink() => ListedKind::Link,
                _ => ListedKind::Other,
            };
            listing.push(Listed { name: entry.file_name(), kind });
        }
        listing.sort_by(|a, b| a.name.cmp(&b.name));
        let listing = Arc::new(listing);
        self.known.listings.write().expect(unpoisoned).insert(directory.to_owned(), Arc::clone(&listing));
        Ok(listing)
    }

    /// What stands at a path whose name was listed; links are followed inside the scan root.
    fn behind(&self, path: &Path, listed: ListedKind) -> io::Result<Option<EntryKind>> {
        match listed {
            ListedKind::File => Ok(Some(EntryKind::File)),
            ListedKind::Directory => Ok(Some(EntryKind::Directory)),
            ListedKind::Link => self.inside(path).and_then(fs::metadata).map(|metadata| kind_of(&metadata)),
            ListedKind::Other => Ok(None),
        }
    }
}

impl FileSystem for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = self.inside(path)?;
        let metadata = fs::metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file"));
        }
        let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {} MiB", MAX_FILE_BYTES >> 20));
        if metadata.len() > MAX_FILE_BYTES {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
        // The file may grow between the question and the answer.
        fs::File::open(&path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes) }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let listing = self.listing(&self.inside(path)?)?;
        let entries = listing.iter().filter_map(|listed| {
            let path = path.join(&listed.name);
            let kind = self.behind(&path, listed.kind).ok()??;
            Some(Entry { path, kind })
        });
        Ok(entries.collect())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        kind_of(&fs::metadata(self.inside(path).ok()?).ok()?)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.inside(path)
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        walk::walk(self, path)
    }

    fn root(&self) -> &Path {
        &self.root
    }
}

/// A file or a directory; nothing for pipes, sockets and devices.
fn kind_of(metadata: &fs::Metadata) -> Option<EntryKind> {
    match metadata {
        metadata if metadata.is_dir() => Some(EntryKind::Directory),
        metadata if metadata.is_file() => Some(EntryKind::File),
        _ => None,
    }
}

/// The words for an error of the disk.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "is a dangling symbolic link".into(),
        _ if error.raw_os_error() == Some(TOO_MANY_LINKS) => "is a circular symbolic link".into(),
        io::ErrorKind::PermissionDenied if error.raw_os_error().is_none() => OUTSIDE.into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}
