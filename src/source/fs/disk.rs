//! The real disk, inside one scan root.
//!
//! Every path is resolved before it is read, so that neither `..` nor a link leads out of the scan root; only regular
//! files are read, so that a pipe cannot stop a run. The walk keeps to `.gitignore` files at or below the scan root and
//! to nothing else (no user's settings, no `.git/info/exclude`), so that it finds the same on every machine.
#![expect(clippy::disallowed_methods, reason = "this is the file system that all others read through")]

use crate::source::fs::{Entry, EntryKind, FileSystem, MAX_FILE_BYTES, SKIPPED_DIRECTORIES, Unreachable};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The system's number for a link that leads to itself (`ELOOP`); the standard library's own word for it is not stable yet.
const TOO_MANY_LINKS: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

/// Why a path is refused.
const OUTSIDE: &str = "leads out of the scan root";

/// The files at or below a scan root, as a process in a working directory names them.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    working_directory: PathBuf,
    named: BTreeSet<PathBuf>,
}

impl Disk {
    /// The disk below `root`; relative paths start at `working_directory`. An error when either is not there.
    pub fn new(root: &Path, working_directory: &Path) -> io::Result<Self> {
        let working_directory = fs::canonicalize(working_directory)?;
        Ok(Self { root: fs::canonicalize(working_directory.join(root))?, working_directory, named: BTreeSet::new() })
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
        let path = fs::canonicalize(self.working_directory.join(path))?;
        if path.starts_with(&self.root) || self.named.contains(&path) {
            Ok(path)
        } else {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, OUTSIDE))
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
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        // The file may grow between the question and the answer.
        fs::File::open(&path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES { Err(too_large()) } else { Ok(bytes) }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(self.inside(path)?)? {
            let entry = entry?;
            let path = path.join(entry.file_name());
            let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            let Ok(metadata) = (if link { self.inside(&path).and_then(fs::metadata) } else { entry.metadata() }) else { continue };
            entries.extend(describe(path, &metadata));
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let metadata = fs::metadata(self.inside(path).ok()?).ok()?;
        describe(PathBuf::new(), &metadata).map(|entry| entry.kind)
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.inside(path)
    }

    fn walk(&self, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
        let mut walk = Walk { disk: self, entries: Vec::new(), unreachable: Vec::new(), entered: BTreeSet::new(), links: BTreeSet::new() };
        walk.start(path);
        walk.entries.sort_by(|a, b| a.path.cmp(&b.path));
        walk.unreachable.sort_by(|a, b| a.path.cmp(&b.path));
        (walk.entries, walk.unreachable)
    }

    fn root(&self) -> &Path {
        &self.root
    }
}

/// An entry for a file or a directory; nothing for pipes, sockets and devices.
fn describe(path: PathBuf, metadata: &fs::Metadata) -> Option<Entry> {
    match metadata {
        metadata if metadata.is_dir() => Some(Entry { path, kind: EntryKind::Directory, len: 0 }),
        metadata if metadata.is_file() => Some(Entry { path, kind: EntryKind::File, len: metadata.len() }),
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

/// The `.gitignore` of a directory, and those of the directories above it up to the scan root.
#[derive(Debug)]
struct Ignores {
    own: Option<Gitignore>,
    above: Option<Arc<Ignores>>,
}

impl Ignores {
    fn of(directory: &Path, above: Option<Arc<Self>>) -> Arc<Self> {
        let file = directory.join(".gitignore");
        let own = fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file()).then(|| {
            let mut builder = GitignoreBuilder::new(directory);
            // A line that is no pattern is skipped, as git does.
            let _ = builder.add(&file);
            builder.build().ok()
        });
        Arc::new(Self { own: own.flatten(), above })
    }

    /// The nearest file that speaks of a path decides.
    fn ignores(&self, path: &Path, is_dir: bool) -> bool {
        let mut level = Some(self);
        while let Some(ignores) = level {
            match ignores.own.as_ref().map_or(Match::None, |own| own.matched(path, is_dir)) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => level = ignores.above.as_deref(),
            }
        }
        false
    }
}

/// One walk. Paths in it are resolved, except that a link keeps its own name.
struct Walk<'a> {
    disk: &'a Disk,
    entries: Vec<Entry>,
    unreachable: Vec<Unreachable>,
    entered: BTreeSet<PathBuf>,
    links: BTreeSet<PathBuf>,
}

impl Walk<'_> {
    fn start(&mut self, path: &Path) {
        let start = match self.disk.inside(path) {
            Ok(start) => start,
            Err(error) => return self.unreachable.push(Unreachable { path: path.to_owned(), reason: reason(&error) }),
        };
        match fs::metadata(&start) {
            Ok(metadata) if metadata.is_dir() => self.enter(start),
            Ok(metadata) => self.entries.extend(describe(start, &metadata)),
            Err(error) => self.unreachable.push(Unreachable { path: start, reason: reason(&error) }),
        }
        // Directories behind links come last, and only those that the walk has not seen by their own name.
        while let Some(link) = self.links.pop_first() {
            match self.disk.inside(&link) {
                Ok(target) if link.starts_with(&target) => {
                    self.unreachable.push(Unreachable { path: link, reason: "is a circular symbolic link".into() });
                }
                Ok(target) => self.enter(target),
                Err(error) => self.unreachable.push(Unreachable { path: link, reason: reason(&error) }),
            }
        }
    }

    /// Everything below a directory, without recursion: a path's depth is the input's to choose.
    fn enter(&mut self, directory: PathBuf) {
        let above: Vec<_> = directory.ancestors().skip(1).take_while(|above| above.starts_with(&self.disk.root)).collect();
        let ignores = above.into_iter().rev().fold(None, |above, directory| Some(Ignores::of(directory, above)));
        let mut open = vec![(directory, ignores)];
        while let Some((directory, above)) = open.pop() {
            if !self.entered.insert(directory.clone()) {
                continue;
            }
            let names = match fs::read_dir(&directory) {
                Ok(names) => names,
                Err(error) => {
                    self.unreachable.push(Unreachable { path: directory, reason: reason(&error) });
                    continue;
                }
            };
            let ignores = Ignores::of(&directory, above);
            for name in names.flatten() {
                if let Some(below) = self.meet(&name, &ignores) {
                    open.push((below, Some(Arc::clone(&ignores))));
                }
            }
        }
    }

    /// One name: a file is kept, a link is looked behind, a directory is given back.
    fn meet(&mut self, name: &fs::DirEntry, ignores: &Ignores) -> Option<PathBuf> {
        let path = name.path();
        let kind = name.file_type().ok()?;
        if ignores.ignores(&path, kind.is_dir()) {
            return None;
        }
        if kind.is_dir() {
            return (!SKIPPED_DIRECTORIES.iter().any(|skipped| name.file_name() == *skipped)).then_some(path);
        }
        if !kind.is_symlink() {
            let metadata = name.metadata().ok()?;
            self.entries.extend(describe(path, &metadata));
            return None;
        }
        match self.disk.inside(&path).and_then(fs::metadata) {
            Ok(metadata) if metadata.is_dir() => {
                self.links.insert(path);
            }
            Ok(metadata) => self.entries.extend(describe(path, &metadata)),
            Err(error) => self.unreachable.push(Unreachable { path, reason: reason(&error) }),
        }
        None
    }
}
