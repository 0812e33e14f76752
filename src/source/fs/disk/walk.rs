//! The walk of a directory tree: `.gitignore` files, links, and what cannot be reached.

use super::{Directory, Disk, Listed, ListedKind, reason};
use crate::source::fs::{Entry, EntryKind, FileSystem, SKIPPED_DIRECTORIES, Unreachable};
use crate::table::IndexSet;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the files that say what is not to be walked.
const GITIGNORE: &str = ".gitignore";

/// Every file at or below a path, sorted, and what could not be reached.
pub fn walk(disk: &Disk, path: &Path) -> (Vec<Entry>, Vec<Unreachable>) {
    let mut walk = Walk { disk, entries: Vec::new(), unreachable: Vec::new(), entered: IndexSet::default(), links: BTreeSet::new() };
    walk.start(path);
    walk.entries.sort_by(|a, b| a.path.cmp(&b.path));
    walk.unreachable.sort_by(|a, b| a.path.cmp(&b.path));
    (walk.entries, walk.unreachable)
}

/// The `.gitignore` of a directory, and those of the directories above it up to the scan root.
#[derive(Debug)]
struct Ignores {
    own: Option<Gitignore>,
    above: Option<Arc<Ignores>>,
}

impl Ignores {
    /// `present`: whether the directory holds such a file.
    fn of(directory: &Path, present: Presence, above: Option<Arc<Self>>) -> Arc<Self> {
        let own = (present == Presence::Present).then(|| {
            let mut builder = GitignoreBuilder::new(directory);
            // A line that is no pattern is skipped, as git does.
            let _ = builder.add(directory.join(GITIGNORE));
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

/// Whether a directory holds a `.gitignore` that is a regular file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Presence {
    Present,
    Absent,
}

impl Presence {
    fn in_listing(listing: &[Listed]) -> Self {
        let found = listing.iter().any(|listed| *listed.name == *GITIGNORE && listed.kind == ListedKind::File);
        if found { Self::Present } else { Self::Absent }
    }
}

/// A directory that is being walked.
struct Level {
    directory: Arc<Directory>,
    /// How many of its names have been met.
    at: usize,
    ignores: Arc<Ignores>,
}

/// One walk. Paths in it are resolved, except that a link keeps its own name.
struct Walk<'a> {
    disk: &'a Disk,
    entries: Vec<Entry>,
    unreachable: Vec<Unreachable>,
    /// The directories that were entered, by where they lie in memory: each is there once, and `known` keeps it there.
    entered: IndexSet<usize>,
    links: BTreeSet<PathBuf>,
}

impl Walk<'_> {
    fn start(&mut self, path: &Path) {
        let start = match self.disk.inside(path) {
            Ok(start) => start,
            Err(error) => return self.unreachable.push(Unreachable { path: path.to_owned(), reason: reason(&error) }),
        };
        match self.disk.kind(&start) {
            Some(EntryKind::Directory) => self.enter(&start),
            kind => self.entries.extend(kind.map(|kind| Entry { path: start, kind })),
        }
        // Directories behind links come last, and only those that the walk has not seen by their own name.
        while let Some(link) = self.links.pop_first() {
            match self.disk.inside(&link) {
                Ok(target) if link.starts_with(&target) => {
                    self.unreachable.push(Unreachable { path: link, reason: "is a circular symbolic link".into() });
                }
                Ok(target) => self.enter(&target),
                Err(error) => self.unreachable.push(Unreachable { path: link, reason: reason(&error) }),
            }
        }
    }

    /// Everything below a directory, without recursion: a path's depth is the input's to choose.
    fn enter(&mut self, directory: &Path) {
        let above: Vec<_> = directory.ancestors().skip(1).take_while(|above| above.starts_with(&self.disk.root)).collect();
        let ignores = above.into_iter().rev().fold(None, |above, directory| {
            let known = self.disk.resolved(directory);
            Some(Ignores::of(directory, Presence::in_listing(known.listing().unwrap_or_default()), above))
        });
        let mut open: Vec<Level> = self.level(directory, ignores).into_iter().collect();
        // Depth first and by name, which is the order of paths.
        while let Some(level) = open.last_mut() {
            let Some(listed) = level.directory.listing().unwrap_or_default().get(level.at) else {
                open.pop();
                continue;
            };
            level.at += 1;
            let below = self.meet(level.directory.path(), listed, &level.ignores);
            let below = below.and_then(|below| self.level(&below, Some(Arc::clone(&level.ignores))));
            open.extend(below);
        }
    }

    /// A directory that the walk has not entered and that can be read.
    fn level(&mut self, directory: &Path, above: Option<Arc<Ignores>>) -> Option<Level> {
        let directory = self.disk.resolved(directory);
        if !self.entered.insert(Arc::as_ptr(&directory).addr()) {
            return None;
        }
        let ignores = match directory.listing() {
            Ok(listing) => Ignores::of(directory.path(), Presence::in_listing(listing), above),
            Err(error) => {
                self.unreachable.push(Unreachable { path: directory.path().to_owned(), reason: reason(&error) });
                return None;
            }
        };
        Some(Level { directory, at: 0, ignores })
    }

    /// One name: a file is kept, a link is looked behind, a directory is given back.
    fn meet(&mut self, directory: &Path, listed: &Listed, ignores: &Ignores) -> Option<PathBuf> {
        let path = directory.join(&*listed.name);
        if ignores.ignores(&path, listed.kind == ListedKind::Directory) {
            return None;
        }
        if listed.kind == ListedKind::Directory {
            return (!SKIPPED_DIRECTORIES.iter().any(|skipped| *listed.name == **skipped)).then_some(path);
        }
        match self.disk.behind(&path, listed.kind) {
            Ok(Some(EntryKind::Directory)) => {
                self.links.insert(path);
            }
            Ok(kind) => self.entries.extend(kind.map(|kind| Entry { path, kind })),
            Err(error) => self.unreachable.push(Unreachable { path, reason: reason(&error) }),
        }
        None
    }
}
