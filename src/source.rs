//! Source text: which file a byte belongs to, and which line and column a byte is.
//!
//! Everything above speaks in [`Span`]s (a file and byte offsets). Lines and columns are computed only at the edge,
//! when something is shown. This module knows nothing of any language.

mod decode;
pub mod fs;
mod label;
mod lines;

use crate::table::IndexMap;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Arc, OnceLock, RwLock};

pub use decode::{Decoded, NotText, decode};
pub use label::label;
pub use lines::LineIndex;

/// A handle to one file of a [`Sources`]. Its number says nothing about order: sort by path wherever order is seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A half-open byte range inside one file, without the file: what a syntax tree stores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TextRange {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl TextRange {
    /// A range from byte offsets. Files over 4 GiB are refused before this is reached, so the cut never happens.
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: cut(start), end: cut(end) }
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same range in a file.
    pub fn at(self, file: FileId) -> Span {
        Span { file, range: self }
    }

    /// The range as indices into the text.
    pub fn indices(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A half-open byte range of one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub range: TextRange,
}

/// A place as people count: lines from 1, columns from 1 in Unicode code points.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode code points.
    pub column: u32,
}

/// One file's path and text.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as the file system knows it.
    pub path: PathBuf,
    /// The text, with a byte-order mark removed by the reader and everything else as it is on disk.
    pub text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// The line index, built when first asked for.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The place of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }
}

/// All source text of one run. It can be shared between threads; a path keeps the [`FileId`] that it first got.
#[derive(Debug, Default)]
pub struct Sources {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    files: Vec<Arc<SourceFile>>,
    /// By the letters of their paths, spelled plainly: to hash a path step by step takes longer than all else that is asked of it.
    by_path: IndexMap<OsString, FileId>,
}

/// The plain spelling of a path, without `//`, `/.` and the like.
fn plain(path: &Path) -> Cow<'_, OsStr> {
    let letters = path.as_os_str().as_encoded_bytes();
    let is_plain = MAIN_SEPARATOR == '/' && letters.last() != Some(&b'/') && !letters.windows(2).any(|pair| matches!(pair, b"//" | b"/."));
    if is_plain { Cow::Borrowed(path.as_os_str()) } else { Cow::Owned(path.components().collect::<PathBuf>().into_os_string()) }
}

impl Sources {
    /// Adds a file, or finds the one already there under this path (whose text is then kept).
    pub fn add(&self, path: &Path, text: impl Into<Arc<str>>) -> FileId {
        let mut inner = self.inner.write().expect("no thread panics while it holds this lock");
        let letters = plain(path);
        if let Some(id) = inner.by_path.get(&*letters) {
            return *id;
        }
        let id = FileId(u32::try_from(inner.files.len()).expect("fewer than 2^32 files"));
        inner.files.push(Arc::new(SourceFile { path: path.to_owned(), text: text.into(), lines: OnceLock::new() }));
        inner.by_path.insert(letters.into_owned(), id);
        id
    }

    /// The file of a handle.
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        Arc::clone(&self.inner.read().expect("no thread panics while it holds this lock").files[id.0 as usize])
    }

    /// The handle of a path that was added.
    pub fn id_of(&self, path: &Path) -> Option<FileId> {
        self.inner.read().expect("no thread panics while it holds this lock").by_path.get(&*plain(path)).copied()
    }

    /// The handles of all files, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(FileId)
    }

    /// Bytes of text of all files.
    pub fn bytes(&self) -> usize {
        self.ids().map(|file| self.get(file).text.len()).sum()
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.inner.read().expect("no thread panics while it holds this lock").files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text under a span.
    pub fn snippet(&self, span: Span) -> String {
        self.get(span.file).text.get(span.range.indices()).unwrap_or_default().to_owned()
    }

    /// Start and end of a span as people count.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let file = self.get(span.file);
        (file.position(span.range.start), file.position(span.range.end))
    }
}
