//! Everything in the text of a run that asks for findings to be left out: comments, metadata of templates, ours and other tools'.
//!
//! A slip in one of ours is an error at its place, and that one does not count: what was meant to hide something must not do so by half.
//! Other tools' are read as they read them, and what they would not honour is not honoured here.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span, TextRange};
use crate::suggest;
use crate::suppress::layout::{Layout, Placed, Target};
use crate::suppress::note::{self, Note, Slip};
use crate::suppress::peer::{self, MAX_IN_ONE, PeerNote, Reach};
use crate::suppress::request::{Place, Request, Rules};
use crate::suppress::{Policy, metadata};
use crate::syntax::Trees;
use crate::syntax::comments::Placement;
use crate::syntax::node::Node;
use regex::Regex;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Most instructions that are read in one file.
pub const MAX_INSTRUCTIONS: usize = 5_000;

/// The code of a suppression that cannot be read.
pub const BAD: &str = "bad-suppression";

/// What a file must hold to be looked into: a part of every form that is read.
fn marks() -> &'static Regex {
    static MARKS: OnceLock<Regex> = OnceLock::new();
    MARKS.get_or_init(|| {
        let marks = "trailwarden|checkov|bridgecrew|cortex:skip|trivy:ignore|tfsec:ignore|kics-scan|ts:skip|rules_to_suppress|SuppressedRules|ignore_checks";
        Regex::new(marks).expect("a plain alternation")
    })
}

/// Requests, and what is wrong with some.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In the order of files and places.
    pub requests: Vec<Request>,
    /// Slips.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether a text has a mark in it: only then is it worth reading.
pub fn may_ask(text: &str) -> bool {
    marks().is_match(text)
}

/// What one file asks for.
pub fn of_file(file: FileId, sources: &Sources, trees: &Trees, policy: &Policy, known: &BTreeSet<Arc<str>>) -> Gathered {
    let mut gathered = Gathered::default();
    let layout = Layout::of(file, sources, trees);
    Reader { file, text: &sources.get(file).text, policy, known, into: &mut gathered }.read(&layout);
    gathered
}

/// Reads one file.
pub struct Reader<'a> {
    /// The file.
    pub file: FileId,
    text: &'a str,
    policy: &'a Policy,
    known: &'a BTreeSet<Arc<str>>,
    into: &'a mut Gathered,
}

impl Reader<'_> {
    fn read(&mut self, layout: &Layout) {
        // No mark has in it what stands at either end of a comment's words.
        let marks: Vec<usize> = marks().find_iter(self.text).map(|mark| mark.start()).collect();
        let has_mark =
            |words: &Range<usize>| marks.get(marks.partition_point(|mark| *mark < words.start)).is_some_and(|mark| *mark < words.end);
        let is_instruction = |words: Range<usize>| {
            has_mark(&words) && {
                let words = &self.text[words];
                words.starts_with(note::PREFIX) || !peer::parse(words).is_empty()
            }
        };
        let comments = layout.comments(is_instruction);
        if let Some((comment, _)) = comments.get(MAX_INSTRUCTIONS) {
            let message = format!("this file has more than {MAX_INSTRUCTIONS} suppressions; the rest is not read");
            self.into.diagnostics.push(Diagnostic::error("limit-reached", comment.range.at(self.file), message));
        }
        comments.iter().take(MAX_INSTRUCTIONS).for_each(|placed| self.comment(placed));
        for document in layout.json() {
            self.properties(document, layout);
        }
        for (key, body) in layout.resources() {
            metadata::read(self, key, body);
        }
    }

    fn comment(&mut self, (comment, target): &Placed) {
        let words = &self.text[comment.words.indices()];
        if let Some(read) = note::parse(words) {
            let place = self.place_of_ours(comment.placement, target);
            let at = |range: std::ops::Range<usize>| {
                let start = comment.words.indices().start;
                TextRange::new(start + range.start, start + range.end)
            };
            self.ours("comment", read, at, comment.range, place);
            return;
        }
        for note in self.of_peers(words, comment.range) {
            self.peers(note, comment.range, target);
        }
    }

    /// What other tools read in these words, and that some of it is not read here.
    fn of_peers(&mut self, words: &str, whole: TextRange) -> Vec<PeerNote> {
        if self.policy.peers_count && peer::has_more(words) {
            let message = format!("this comment has more than {MAX_IN_ONE} of another tool's suppressions; the rest is not read");
            self.into.diagnostics.push(Diagnostic::warning("limit-reached", whole.at(self.file), message));
        }
        peer::parse(words)
    }

    /// The whole block for a comment of its own line; on a line with code, what stands on that line.
    fn place_of_ours(&self, placement: Placement, target: &Target) -> Place {
        let item = target.item.filter(|_| placement == Placement::Trailing);
        match target.below.or(target.around) {
            Some(block) => Place::Block(self.file, block.start, item),
            None => Place::Nowhere,
        }
    }

    /// A property named `//` of Terraform's JSON syntax is its comment. The tree's depth is bounded by the parser's.
    fn properties(&mut self, node: &Node, layout: &Layout) {
        for item in node.as_sequence().unwrap_or_default() {
            self.properties(item, layout);
        }
        for (key, value) in node.as_mapping().unwrap_or_default() {
            if key.as_str() != Some("//") {
                self.properties(value, layout);
                continue;
            }
            let texts = value.as_sequence().unwrap_or(std::slice::from_ref(value));
            for text in texts {
                self.property(text, layout);
            }
        }
    }

    fn property(&mut self, text: &Node, layout: &Layout) {
        let Some(words) = text.as_str() else { return };
        let block = layout.block_at(text.range.start);
        let target = Target { around: block, below: None, item: None, line: 0, at_head: false };
        if let Some(read) = note::parse(words) {
            let place = block.map_or(Place::Nowhere, |block| Place::Block(self.file, block.start, None));
            self.ours("comment", read, |_| text.range, text.range, place);
            return;
        }
        for note in self.of_peers(words, text.range).into_iter().filter(|note| note.reach == Reach::Around || note.reach == Reach::Below) {
            self.peers(PeerNote { reach: Reach::Around, ..note }, text.range, &target);
        }
    }

    /// Takes what someone asked for in our own words, unless something is wrong with it.
    pub fn ours(
        &mut self,
        by: &'static str,
        read: Result<Note, Slip>,
        at: impl Fn(std::ops::Range<usize>) -> TextRange,
        whole: TextRange,
        place: Place,
    ) {
        match read.and_then(|note| self.held(note)) {
            Ok(_) if !self.policy.comments_count => {
                let message = "suppressions in code do not count here: the config file has `comments = false`";
                let refused = Diagnostic::warning("refused-suppression", whole.at(self.file), message);
                self.into.diagnostics.push(refused.with_help("state it as an `[[exception]]` in the config file"));
            }
            Ok(note) => {
                let rules = note.rules.into_iter().map(|(id, range)| (Arc::from(id), Some(at(range).at(self.file)))).collect();
                self.into.requests.push(Request {
                    by,
                    rules: Rules::Ours(rules),
                    reason: note.reason,
                    owner: note.owner,
                    expires: note.expires,
                    span: Some(whole.at(self.file)),
                    place,
                    given: Vec::new(),
                });
            }
            Err(slip) => {
                let range = at(slip.range.clone());
                self.slip(slip, range);
            }
        }
    }

    /// The note, if it names rules that there are and keeps to what the team agreed on.
    fn held(&self, note: Note) -> Result<Note, Slip> {
        for (id, range) in &note.rules {
            check_rule(id, range.clone(), self.known)?;
        }
        self.policy.check(&note)?;
        Ok(note)
    }

    /// Says what is wrong, and where.
    pub fn slip(&mut self, slip: Slip, range: TextRange) {
        let diagnostic = Diagnostic::error(BAD, range.at(self.file), slip.message);
        self.into.diagnostics.push(match slip.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        });
    }

    /// Takes what someone asked of another tool.
    pub fn peers(&mut self, note: PeerNote, whole: TextRange, target: &Target) {
        if !self.policy.peers_count {
            return;
        }
        let block = |block: TextRange, item| Place::Block(self.file, block.start, item);
        let place = match note.reach {
            Reach::Around => target.around.map(|around| block(around, None)),
            Reach::Below => match (target.below, target.around) {
                (Some(below), _) => Some(block(below, None)),
                // On the first or last line of a block it speaks of the block; inside, of what stands on or below its line.
                (None, Some(around)) => Some(block(around, target.item)),
                (None, None) => None,
            },
            Reach::Line => Some(Place::Line(self.file, target.line)),
            Reach::File => target.at_head.then_some(Place::File(self.file)),
        };
        let Some(place) = place else { return };
        self.into.requests.push(Request {
            by: note.peer,
            rules: Rules::Peer(note.peer, note.wanted),
            reason: note.reason,
            owner: None,
            expires: note.expires,
            span: Some(Span { file: self.file, range: whole }),
            place,
            given: note.given,
        });
    }
}

/// An error for an id that no rule has.
pub fn check_rule(id: &str, range: std::ops::Range<usize>, known: &BTreeSet<Arc<str>>) -> Result<(), Slip> {
    if known.contains(id) {
        return Ok(());
    }
    let slip = Slip::at(range, format!("there is no rule `{id}`"));
    Err(match suggest::nearest(id, known.iter().map(|known| &**known)) {
        Some(near) => slip.with_help(format!("did you mean `{near}`?")),
        None => slip,
    })
}
