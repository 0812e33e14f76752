//! The trees of one run: each file is parsed once, however many projects read it, until nobody is expected to ask for it again.

use super::hcl::{self, Body};
use super::node::NodeFile;
use super::{json, yaml};
use crate::diagnostic::{Diagnostic, Level};
use crate::limits::{Limit, Limits};
use crate::source::{FileId, Sources, TextRange};
use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

/// From this size on, in bytes, the parts (names, values, lines) of a file are counted before it is parsed: 1 MiB. A part takes some 150
/// bytes in a tree, and a resource that is checked some thousands; a thousand resources have ten thousand parts.
pub const LARGE: usize = 1024 * 1024;

/// A parsed HCL file.
#[derive(Debug)]
pub struct HclFile {
    /// Its tree.
    pub body: Body,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parsed files by handle, shared between threads.
#[derive(Debug, Default)]
pub struct Trees {
    hcl: Mutex<BTreeMap<FileId, Arc<OnceLock<Arc<HclFile>>>>>,
    nodes: Mutex<BTreeMap<FileId, Arc<OnceLock<Arc<NodeFile>>>>>,
    derived: Mutex<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    limits: Limits,
    /// Files that are not read, because those before them are of so many parts.
    beyond: OnceLock<BTreeSet<FileId>>,
    /// Whether all trees are kept, because there is little text.
    keeps_all: OnceLock<bool>,
}

/// Nodes that the aliases of a file may copy so that its tree is kept like others. Those of the files that people write copy some hundreds.
const FEW: usize = 5_000;

/// Bytes of text of a run of which no tree is let go of: what that would spare is less than to parse files again for comments and fixes.
const LITTLE: usize = 2 * 1024 * 1024;

impl Trees {
    /// No trees yet, of files that are read within limits.
    pub fn within(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Keeps the trees of a run's files, in their order, within its limits; of one that is beyond them nothing is read. To be called once, before
    /// the first of them is parsed.
    pub fn bound(&self, sources: &Sources, limits: &Limits) {
        self.keeps_all.get_or_init(|| sources.bytes() <= LITTLE);
        let most = limits.count(Limit::Parts);
        // No text has more parts than bytes.
        if sources.bytes() <= most {
            return;
        }
        let (mut taken, mut left) = (0, sources.bytes());
        let is_beyond = |file: &FileId| {
            // What is left surely fits.
            if taken + left <= most {
                return false;
            }
            let text = &sources.get(*file).text;
            left -= text.len();
            let with = taken + parts(text);
            let fits = with <= most;
            taken = if fits { with } else { taken };
            !fits
        };
        self.beyond.get_or_init(|| sources.ids().filter(is_beyond).collect());
    }

    fn beyond(&self, file: FileId) -> Option<Diagnostic> {
        self.beyond.get().filter(|beyond| beyond.contains(&file)).map(|_| {
            let message = "this file is not read: with it, the files of this run would have too many parts";
            Diagnostic::error("limit-reached", TextRange::new(0, 0).at(file), message).with_help(Limit::Parts.help())
        })
    }

    /// The HCL tree of a file (JSON syntax by its name: `.json`, values alone in `.tfvars.json`), parsed by the first thread that asks.
    pub fn hcl(&self, sources: &Sources, file: FileId) -> Arc<HclFile> {
        let slot = {
            let mut hcl = self.hcl.lock().expect("no thread panics while it holds this lock");
            Arc::clone(hcl.entry(file).or_default())
        };
        Arc::clone(slot.get_or_init(|| {
            let source = sources.get(file);
            let name = source.path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
            let read = match name.strip_suffix(".json") {
                Some(name) if name.ends_with(".tfvars") => hcl::parse_json_values,
                Some(_) => hcl::parse_json,
                None => hcl::parse,
            };
            if let Some(limit) = self.beyond(file).or_else(|| too_many_parts(&source.text, file, &self.limits)) {
                return Arc::new(HclFile { body: Body::default(), diagnostics: vec![limit] });
            }
            let (body, diagnostics) = read(&source.text, file);
            Arc::new(HclFile { body, diagnostics })
        }))
    }

    /// Lets go of the trees of a file, unless the run is a small one. Whoever asks for them again has it parsed again.
    pub fn forget(&self, file: FileId) {
        if self.keeps_all.get() == Some(&true) {
            return;
        }
        let hcl = self.hcl.lock().expect("no thread panics while it holds this lock").remove(&file);
        let nodes = self.nodes.lock().expect("no thread panics while it holds this lock").remove(&file);
        // What takes long is done without the locks.
        drop((hcl, nodes));
    }

    /// What a frontend keeps of the trees for the whole run, one of each type, empty at first.
    pub fn derived<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut derived = self.derived.lock().expect("no thread panics while it holds this lock");
        let kept = derived.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(kept).downcast().expect("it stands under its own type")
    }

    /// The trees of a YAML or JSON file, told apart by the text, parsed by the first thread that asks.
    pub fn nodes(&self, sources: &Sources, file: FileId) -> Arc<NodeFile> {
        let slot = {
            let mut nodes = self.nodes.lock().expect("no thread panics while it holds this lock");
            Arc::clone(nodes.entry(file).or_default())
        };
        let read = || match self.beyond(file) {
            Some(limit) => NodeFile::refused(limit),
            None => parse_nodes(&sources.get(file).text, file, &self.limits),
        };
        let parsed = Arc::clone(slot.get_or_init(|| Arc::new(read())));
        if parsed.copied > FEW {
            // Its tree has little to do with the size of its text: nobody but who asks holds it.
            drop(self.nodes.lock().expect("no thread panics while it holds this lock").remove(&file));
        }
        parsed
    }
}

/// The parts of a text, counted by the bytes that stand between them, before anything is parsed: a text of one long string has none.
fn parts(text: &str) -> usize {
    // Every byte of a large run is looked at: without branches, and in sums of a byte, sixteen are at a time.
    let in_chunk = |chunk: &[u8]| usize::from(chunk.iter().map(|byte| u8::from(is_between(*byte))).sum::<u8>());
    text.as_bytes().chunks(usize::from(u8::MAX)).map(in_chunk).sum()
}

/// Whether a byte stands between two parts: one of `!$&(*+,-.:=?[{|` or the end of a line.
#[expect(clippy::needless_bitwise_bool, reason = "branches cost more than what they save")]
const fn is_between(byte: u8) -> bool {
    let is_operator = (byte.wrapping_sub(b'*') <= b'.' - b'*') | (byte == b'!') | (byte == b'$') | (byte == b'&') | (byte == b'?');
    let is_opening = (byte == b'(') | (byte == b'[') | (byte == b'{') | (byte == b'|');
    is_operator | is_opening | (byte == b':') | (byte == b'=') | (byte == b'\n')
}

/// Says so where a text is of so many parts that its tree would take more memory than a run should.
fn too_many_parts(text: &str, file: FileId, limits: &Limits) -> Option<Diagnostic> {
    if text.len() <= LARGE {
        return None;
    }
    let most = limits.count(Limit::FileParts);
    (parts(text) > most).then(|| {
        let message = format!("this file is larger than {} MiB and has more than {most} parts: it is not read", LARGE >> 20);
        Diagnostic::error("limit-reached", TextRange::new(0, 0).at(file), message).with_help(format!(
            "generated data is better kept out of the code that is checked; everything else was read; {}",
            Limit::FileParts.help()
        ))
    })
}

/// JSON where the text starts like JSON, unless only YAML can read it: `{Key: !Ref X}` is a YAML flow mapping.
pub fn parse_nodes(text: &str, file: FileId, limits: &Limits) -> NodeFile {
    if let Some(limit) = too_many_parts(text, file, limits) {
        return NodeFile::refused(limit);
    }
    if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        let (node, diagnostics) = json::parse(text, file);
        if node.is_some() {
            return NodeFile { documents: node.into_iter().collect(), diagnostics, copied: 0 };
        }
        let read = yaml::parse_within(text, file, limits);
        let readable = read.diagnostics.iter().all(|diagnostic| diagnostic.level != Level::Error);
        return if readable { read } else { NodeFile { diagnostics, ..read } };
    }
    yaml::parse_within(text, file, limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_tree_that_aliases_make_large_is_nobodys_but_who_asks() {
        let (sources, trees) = (Sources::default(), Trees::default());
        let text = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(100), "*a, ".repeat(60));
        let (large, small) = (sources.add(Path::new("/a.yaml"), text), sources.add(Path::new("/b.yaml"), "a: &a [x]\nb: *a\n".to_owned()));
        let kept = |file| Arc::ptr_eq(&trees.nodes(&sources, file), &trees.nodes(&sources, file));
        assert!(!kept(large) && kept(small));
    }

    #[test]
    fn what_was_let_go_of_is_parsed_again() {
        let (sources, trees) = (Sources::default(), Trees::default());
        let of = |name: &str, text: &str| sources.add(Path::new(name), text.to_owned());
        let (hcl, template) = (of("/a.tf", "a { b = 1 }"), of("/a.yaml", "Resources: {A: [1, 2]}"));
        let (first, nodes) = (trees.hcl(&sources, hcl), trees.nodes(&sources, template));
        trees.forget(hcl);
        trees.forget(template);
        let (again, nodes_again) = (trees.hcl(&sources, hcl), trees.nodes(&sources, template));
        assert!(!Arc::ptr_eq(&first, &again) && !Arc::ptr_eq(&nodes, &nodes_again));
        assert_eq!((&first.body, &nodes.documents), (&again.body, &nodes_again.documents));
        assert!(Arc::ptr_eq(&again, &trees.hcl(&sources, hcl)));
    }

    #[test]
    fn parts_are_counted_by_what_stands_between_them() {
        let between: String = (0..128_u8).map(char::from).filter(|letter| parts(&letter.to_string()) == 1).collect();
        assert_eq!(between, "\n!$&(*+,-.:=?[{|");
        let text = "resource \"a\" \"b\" {\n  name = [1, 2]\n}\n".repeat(100);
        assert_eq!(parts(&text), text.matches(|letter| between.contains(letter)).count());
        assert_eq!(parts(&text), 700);
    }
}
