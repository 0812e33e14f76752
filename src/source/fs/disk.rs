//! The real disk, inside one scan root.
//!
//! Every path is resolved before it is read, so that neither `..` nor a link leads out of the scan root; only regular
//! files are read, so that a pipe cannot stop a run. The walk keeps to `.gitignore` files at or below the scan root and
//! to nothing else (no user's settings, no `.git/info/exclude`), so that it finds the same on every machine.
#![expect(clippy::disallowed_methods, reason = "this is the file system that all others read through")]

mod walk;

use crate::limits::{Limit, Limits};
use crate::source::fs::{Entry, EntryKind, FileSystem, Unreachable, too_large};
use crate::table::IndexMap;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock, RwLock};

/// The system's number for a link that leads to itself (`ELOOP`); the standard library's own word for it is not stable yet.
const TOO_MANY_LINKS: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

/// Why the locks here are never found poisoned.
const UNPOISONED: &str = "no thread panics while it holds this lock";

/// Longer paths, in bytes, are left to the system, which knows whether it takes them: each directory of a path is a step of recursion.
const LONGEST_PATH: usize = 4096;

/// Why a path is refused.
const OUTSIDE: &str = "leads out of the scan root";

/// The files at or below a scan root, as a process in a working directory names them. What it was told about directories it
/// remembers: a run sees one state of the disk.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    working_directory: PathBuf,
    named: BTreeSet<PathBuf>,
    limits: Limits,
    known: Arc<Known>,
}

/// What the disk said about directories, by the letters of their resolved paths and of other ways in which they were asked for. Paths are
/// looked up far more often than anything else is asked, hence by hash, and by letters: to hash a path step by step takes longer than to look
/// up another spelling again. There may be very many directories, so that little is kept of each.
#[derive(Debug, Default)]
struct Known(RwLock<IndexMap<Arc<OsStr>, Arc<Directory>>>);

/// A directory and, inside the scan root, what is in it, sorted by name; read when first asked for.
#[derive(Debug)]
struct Directory {
    /// Its one name, resolved.
    letters: Arc<OsStr>,
    is_inside: bool,
    listing: OnceLock<io::Result<Box<[Listed]>>>,
}

impl Directory {
    fn path(&self) -> &Path {
        Path::new(&self.letters)
    }

    /// An error, too, for a directory outside the scan root.
    fn listing(&self) -> io::Result<&[Listed]> {
        if !self.is_inside {
            return Err(outside());
        }
        match self.listing.get_or_init(|| list(self.path())) {
            Ok(listing) => Ok(listing),
            Err(error) => Err(repeat(error)),
        }
    }

    /// What the directory holds under a name; `None` where only the disk can tell.
    fn find(&self, name: &OsStr) -> Option<io::Result<ListedKind>> {
        let listing = self.listing().ok()?;
        match listing.binary_search_by(|listed| (*listed.name).cmp(name)) {
            Ok(at) => Some(Ok(listing[at].kind)),
            // Elsewhere a name may be found in another case or another form of Unicode.
            Err(_) => cfg!(target_os = "linux").then(|| Err(io::ErrorKind::NotFound.into())),
        }
    }
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, OUTSIDE)
}

/// The same error once more: the disk's own number, or its kind.
fn repeat(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

fn list(directory: &Path) -> io::Result<Box<[Listed]>> {
    let mut listing = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_dir() => ListedKind::Directory,
            Ok(kind) if kind.is_file() => ListedKind::File,
            Ok(kind) if kind.is_symlink() => ListedKind::Link,
            _ => ListedKind::Other,
        };
        listing.push(Listed { name: entry.file_name().into_boxed_os_str(), kind });
    }
    listing.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(listing.into_boxed_slice())
}

/// A name in a directory, and what stands there, links not followed.
#[derive(Clone, Debug)]
struct Listed {
    name: Box<OsStr>,
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
        Ok(Self { root, working_directory, named: BTreeSet::new(), limits: Limits::default(), known: Arc::default() })
    }

    /// Also lets one file be read that the user named, wherever it lies. One that is not there stays so.
    #[must_use]
    pub fn with_named(mut self, file: &Path) -> Self {
        self.named.extend(fs::canonicalize(self.working_directory.join(file)).ok());
        self
    }

    /// The limits that it keeps to.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The same within other limits.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The working directory, resolved.
    pub fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        self.look_up(path).map(|(path, _)| path)
    }

    /// Resolves a path, which is most of the work of a run, by what is known about its directory. With it, what its directory says
    /// stands there; `None`: nobody said.
    fn look_up(&self, path: &Path) -> io::Result<(PathBuf, Option<ListedKind>)> {
        let path = self.absolute(path);
        // Only of a directory inside the scan root is it known what it holds.
        if let Some(found) = self.look_in_parent(&path) {
            return found.map(|(directory, name, kind)| (directory.path().join(name), Some(kind)));
        }
        let (resolved, kind) = (fs::canonicalize(&path)?, None);
        if resolved.starts_with(&self.root) || self.named.contains(&resolved) { Ok((resolved, kind)) } else { Err(outside()) }
    }

    fn absolute<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        if path.is_absolute() { Cow::Borrowed(path) } else { Cow::Owned(self.working_directory.join(path)) }
    }

    /// The directory that a path stands in, its name there, and what that directory says of it. `None`: ask the disk.
    fn look_in_parent<'p>(&self, path: &'p Path) -> Option<io::Result<(Arc<Directory>, &'p OsStr, ListedKind)>> {
        let (parent, name) = parent_and_name(path)?;
        let directory = match self.directory(parent) {
            Ok(directory) => directory,
            Err(error) => return Some(Err(error)),
        };
        match directory.find(name)? {
            // A link leads elsewhere.
            Ok(ListedKind::Link) => None,
            Ok(kind) => Some(Ok((directory, name, kind))),
            Err(error) => Some(Err(error)),
        }
    }

    /// A directory by any of its names.
    fn directory(&self, path: &Path) -> io::Result<Arc<Directory>> {
        if let Some(directory) = self.known.0.read().expect(UNPOISONED).get(path.as_os_str()) {
            return Ok(Arc::clone(directory));
        }
        let resolved = match self.step(path) {
            Some(resolved) => resolved?,
            None => fs::canonicalize(path)?,
        };
        let directory = self.resolved(&resolved);
        if *directory.letters != *path.as_os_str() {
            self.known.0.write().expect(UNPOISONED).insert(path.as_os_str().into(), Arc::clone(&directory));
        }
        Ok(directory)
    }

    /// Resolves a directory by its parent's listing, or its child's name. `None`: ask the disk.
    fn step(&self, path: &Path) -> Option<io::Result<PathBuf>> {
        if path == self.root {
            return Some(Ok(path.to_owned()));
        }
        if path.as_os_str().len() > LONGEST_PATH {
            return None;
        }
        let parent = match self.directory(path.parent()?) {
            Ok(parent) => parent,
            Err(error) => return Some(Err(error)),
        };
        match path.components().next_back()? {
            Component::Normal(name) => match parent.find(name)? {
                Ok(ListedKind::Directory) => Some(Ok(parent.path().join(name))),
                Ok(ListedKind::Link) => None,
                Ok(_) => Some(Err(io::ErrorKind::NotADirectory.into())),
                Err(error) => Some(Err(error)),
            },
            // Where no link stands in a path, its parent is what its text says.
            Component::ParentDir => Some(Ok(parent.path().parent()?.to_owned())),
            _ => None,
        }
    }

    /// A directory by its one name.
    fn resolved(&self, path: &Path) -> Arc<Directory> {
        let letters = path.as_os_str();
        if let Some(directory) = self.known.0.read().expect(UNPOISONED).get(letters) {
            return Arc::clone(directory);
        }
        let mut known = self.known.0.write().expect(UNPOISONED);
        // Another thread may have been faster.
        if let Some(directory) = known.get(letters) {
            return Arc::clone(directory);
        }
        let is_inside = path.starts_with(&self.root);
        let directory = Arc::new(Directory { letters: letters.into(), is_inside, listing: OnceLock::new() });
        known.insert(Arc::clone(&directory.letters), Arc::clone(&directory));
        directory
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
        let (path, kind) = self.look_up(path)?;
        // To open a pipe would wait for its writer, so what is not known to be a file is looked at first.
        if kind != Some(ListedKind::File) && !fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file"));
        }
        let file = fs::File::open(&path)?;
        let metadata = file.metadata()?;
        let most = self.limits.get(Limit::FileBytes);
        if metadata.len() > most {
            return Err(too_large(most));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
        // The file may grow between the question and the answer.
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let directory = self.directory(&self.working_directory.join(path))?;
        let entries = directory.listing()?.iter().filter_map(|listed| {
            let path = path.join(&*listed.name);
            let kind = self.behind(&path, listed.kind).ok()??;
            Some(Entry { path, kind })
        });
        Ok(entries.collect())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let path = self.absolute(path);
        match self.look_in_parent(&path) {
            Some(Ok((_, _, ListedKind::File))) => return Some(EntryKind::File),
            Some(Ok((_, _, ListedKind::Directory))) => return Some(EntryKind::Directory),
            Some(Err(_)) => return None,
            _ => {}
        }
        match self.look_up(&path).ok()? {
            (_, Some(ListedKind::File)) => Some(EntryKind::File),
            (_, Some(ListedKind::Directory)) => Some(EntryKind::Directory),
            (resolved, _) => kind_of(&fs::metadata(resolved).ok()?),
        }
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

/// The directory that a path stands in and its name there, by the letters where that is all that it takes: most paths are written plainly.
fn parent_and_name(path: &Path) -> Option<(&Path, &OsStr)> {
    if cfg!(unix)
        && let Some((parent, name)) = path.to_str().and_then(|text| text.rsplit_once('/'))
        && !parent.is_empty()
        && !matches!(name, "" | "." | "..")
    {
        return Some((Path::new(parent), OsStr::new(name)));
    }
    Some((path.parent()?, path.file_name()?))
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
