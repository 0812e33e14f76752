//! YAML text to the spanned tree of [`crate::syntax::node`].
//!
//! `granit-parser` scans, but for the YAML that people write, which `usual.rs` reads in a fraction of the time; this module builds the tree, copies what aliases name, applies merge keys, and reports keys that stand twice.
//! It does not decide what a scalar means: `On` and `010` keep their text and style. Everything that copying could multiply is bounded.

mod merge;
mod usual;

use crate::diagnostic::{Diagnostic, counted};
use crate::limits::{Limit, Limits};
use crate::source::{FileId, TextRange};
use crate::syntax::node::{self, Node, NodeFile, NodeKind, Style};
use crate::syntax::spare::Spare;
use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, Span, Tag, options};
use std::collections::{BTreeMap, BTreeSet};

/// Most nesting levels, those of aliased content included. Real templates stay under 40.
pub const MAX_DEPTH: usize = 200;

/// From this many pairs on, a set finds repeated keys faster than looking through the pairs.
const SMALL_MAPPING: usize = 8;

/// The trees of a YAML text, one a document. On an error the tree of what stands before it is kept, and a diagnostic tells the place.
pub fn parse(text: &str, file: FileId) -> (Vec<Node>, Vec<Diagnostic>) {
    let read = parse_within(text, file, &Limits::default());
    (read.documents, read.diagnostics)
}

/// The same within limits other than the usual ones.
pub fn parse_within(text: &str, file: FileId, limits: &Limits) -> NodeFile {
    match usual::read(text, Builder::new(file, limits.count(Limit::AliasNodes))) {
        Some(builder) => builder.finish(),
        None => by_events(text, file, limits),
    }
}

/// The same of any YAML, by the events of the parser that knows all of it: what the faster reader must agree with.
pub fn by_events(text: &str, file: FileId, limits: &Limits) -> NodeFile {
    let mut builder = Builder::new(file, limits.count(Limit::AliasNodes));
    for event in Parser::new_from_str_with_options(text, options()) {
        match event {
            Ok((event, span)) => {
                let range = range_of(span);
                if !builder.take(event, range) {
                    return builder.cut_off(TextRange::new(range.start as usize, text.len()));
                }
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                builder.refuse(error.kind(), &error.info(), TextRange::new(at, at));
                return builder.cut_off(TextRange::new(at, text.len()));
            }
        }
    }
    builder.finish()
}

fn options() -> Options {
    options! {
        // As libyaml, and so CloudFormation's own reader, does.
        block_scalar_eof_without_line_feed: true,
        // An unknown alias is reported, and the rest of the file still read.
        emit_unresolved_aliases: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

fn range_of(span: Span) -> TextRange {
    let bytes = span.byte_range().expect("a parser that reads from a string knows byte offsets");
    TextRange::new(bytes.start, bytes.end)
}

/// A collection whose end has not been met.
struct Open {
    content: Content,
    range: TextRange,
    tag: Option<node::Tag>,
    /// 0 when it has none.
    anchor: usize,
    /// How deep it stands: 1 at the top.
    depth: usize,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { pairs: Vec<(Node, Node)>, key: Option<Node>, merges: Vec<Node> },
}

/// An anchored node that is complete.
struct Anchored {
    node: Node,
    nodes: usize,
    height: usize,
}

struct Builder {
    file: FileId,
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchored>,
    copied: usize,
    /// Most nodes that anchors and aliases may copy, so that nine lines cannot become a billion nodes.
    most_copied: usize,
    items: Spare<Node>,
    pairs: Spare<(Node, Node)>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    fn new(file: FileId, most_copied: usize) -> Self {
        Self {
            file,
            documents: Vec::new(),
            open: Vec::new(),
            anchors: BTreeMap::new(),
            copied: 0,
            most_copied,
            items: Spare::default(),
            pairs: Spare::default(),
            diagnostics: Vec::new(),
        }
    }

    /// A sequence to be filled.
    fn sequence(&mut self) -> Content {
        Content::Sequence(self.items.take())
    }

    /// A mapping to be filled.
    fn mapping(&mut self) -> Content {
        Content::Mapping { pairs: self.pairs.take(), key: None, merges: Vec::new() }
    }

    /// Takes one event; `false` when reading has to stop.
    fn take(&mut self, event: Event<'_>, range: TextRange) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // A value that is not there comes as `~` without bytes.
                let text = if range.start == range.end && style == ScalarStyle::Plain { "" } else { &*text };
                let node = Node { kind: NodeKind::scalar(text, style_of(style)), range, tag: tag_of(tag.as_deref()) };
                self.keep_anchor(anchor, &node);
                self.attach(node, range);
            }
            Event::SequenceStart(_, anchor, tag) => {
                let content = self.sequence();
                return self.start(content, range, anchor, tag_of(tag.as_deref()));
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = self.mapping();
                return self.start(content, range, anchor, tag_of(tag.as_deref()));
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::UnresolvedAlias(name) => {
                self.report("syntax-error", range, format!("found undefined alias `{name}`"));
                self.attach(Node::unread(range), range);
            }
            _ => {}
        }
        true
    }

    fn start(&mut self, content: Content, range: TextRange, anchor: usize, tag: Option<node::Tag>) -> bool {
        let depth = self.open.len() + 1;
        if depth > MAX_DEPTH {
            self.report("limit-reached", range, format!("more than {MAX_DEPTH} nesting levels; the rest of the file is not read"));
            return false;
        }
        self.open.push(Open { content, range, tag, anchor, depth });
        true
    }

    /// Closes the innermost collection. `end` is empty for a block collection, whose last byte is that of its last child.
    fn end(&mut self, end: TextRange) {
        let Some(open) = self.open.pop() else { return };
        let range = if end.start == end.end { open.range } else { open.range.cover(end) };
        let kind = match open.content {
            Content::Sequence(items) => NodeKind::Sequence(self.items.exact(items).into()),
            Content::Mapping { pairs, merges, .. } => {
                self.report_duplicates(&pairs);
                NodeKind::Mapping(self.pairs.exact(merge::apply(pairs, merges)).into())
            }
        };
        let node = Node { kind, range, tag: open.tag };
        self.keep_anchor(open.anchor, &node);
        self.attach(node, range);
    }

    /// Puts a node where it belongs. `range` is where it is written, which for an aliased node is the alias.
    fn attach(&mut self, node: Node, range: TextRange) {
        let Some(open) = self.open.last_mut() else { return self.documents.push(node) };
        open.range = open.range.cover(range);
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { pairs, key, merges } => match key.take() {
                None => *key = Some(node),
                Some(name) if merge::is_merge_key(&name) => {
                    if !merge::accept(node, merges) {
                        self.report("syntax-error", name.range, "expected a mapping or list of mappings for merging".to_owned());
                    }
                }
                Some(name) => pairs.push((name, node)),
            },
        }
    }

    fn keep_anchor(&mut self, anchor: usize, node: &Node) {
        if anchor == 0 {
            return;
        }
        let (nodes, height) = measure(node);
        if self.spend(nodes, node.range) {
            self.anchors.insert(anchor, Anchored { node: node.clone(), nodes, height });
        }
    }

    fn alias(&mut self, anchor: usize, range: TextRange) {
        let node = self.copy(anchor, range).unwrap_or_else(|| Node::unread(range));
        self.attach(node, range);
    }

    /// The content of an anchor, unless it is not complete (an alias inside its own content), too deep or too much.
    fn copy(&mut self, anchor: usize, range: TextRange) -> Option<Node> {
        if self.open.iter().any(|open| open.anchor == anchor) {
            self.report("alias-cycle", range, "an alias stands inside the content of its own anchor".to_owned());
            return None;
        }
        let (nodes, height) = self.anchors.get(&anchor).map(|anchored| (anchored.nodes, anchored.height))?;
        let depth = self.open.last().map_or(0, |open| open.depth) + height;
        if depth > MAX_DEPTH {
            self.report("limit-reached", range, format!("more than {MAX_DEPTH} nesting levels; the alias is not followed"));
            return None;
        }
        if !self.spend(nodes, range) {
            return None;
        }
        self.anchors.get(&anchor).map(|anchored| anchored.node.clone())
    }

    /// Whether so many nodes may still be copied. The first refusal is reported, later ones are not.
    fn spend(&mut self, nodes: usize, range: TextRange) -> bool {
        let before = self.copied;
        self.copied = self.copied.saturating_add(nodes);
        let most = self.most_copied;
        if self.copied > most && before <= most {
            let message = format!("aliases copy more than {}; further ones are not followed", counted(most, "node"));
            self.diagnostics.push(Diagnostic::error("limit-reached", range.at(self.file), message).with_help(Limit::AliasNodes.help()));
        }
        self.copied <= most
    }

    fn report_duplicates(&mut self, pairs: &[(Node, Node)]) {
        let mut seen = BTreeSet::new();
        for (index, (key, _)) in pairs.iter().enumerate() {
            let Some(name) = key.as_str().filter(|_| !key.is_unread()) else { continue };
            let again = if pairs.len() <= SMALL_MAPPING {
                pairs[..index].iter().any(|(earlier, _)| earlier.as_str() == Some(name))
            } else {
                !seen.insert(name)
            };
            if again {
                let message = format!("duplicate key `{name}`; the last one counts");
                self.diagnostics.push(Diagnostic::warning("duplicate-key", key.range.at(self.file), message));
            }
        }
    }

    fn report(&mut self, code: &'static str, range: TextRange, message: String) {
        self.diagnostics.push(Diagnostic::error(code, range.at(self.file), message));
    }

    fn refuse(&mut self, kind: &ErrorKind, message: &str, range: TextRange) {
        match kind {
            ErrorKind::RecursionLimitExceeded => {
                let message = format!("more than {MAX_DEPTH} nesting levels; the rest of the file is not read");
                self.report("limit-reached", range, message);
            }
            _ => self.report("syntax-error", range, message.lines().next().unwrap_or("not valid YAML").to_owned()),
        }
    }

    /// Closes what an error left open, and marks in each collection that there was more.
    fn cut_off(mut self, rest: TextRange) -> NodeFile {
        while let Some(open) = self.open.last_mut() {
            match &mut open.content {
                Content::Sequence(items) => items.push(Node::unread(rest)),
                Content::Mapping { pairs, key, .. } => {
                    // A key whose value was not reached is not known to be there.
                    key.take();
                    pairs.push((Node::unread(rest), Node::unread(rest)));
                }
            }
            self.end(TextRange::default());
        }
        self.finish()
    }

    fn finish(self) -> NodeFile {
        NodeFile { documents: self.documents, diagnostics: self.diagnostics, copied: self.copied.min(self.most_copied) }
    }
}

/// How many nodes a tree has, and how many levels. Its depth is bounded, so recursion is.
fn measure(node: &Node) -> (usize, usize) {
    let join = |(nodes, height): (usize, usize), child: &Node| {
        let (more, deep) = measure(child);
        (nodes + more, height.max(deep))
    };
    match &node.kind {
        NodeKind::Scalar { .. } => (1, 0),
        NodeKind::Sequence(items) => {
            let (nodes, height) = items.iter().fold((1, 0), join);
            (nodes, height + 1)
        }
        NodeKind::Mapping(pairs) => {
            let (nodes, height) = pairs.iter().fold((1, 0), |sum, (key, value)| join(join(sum, key), value));
            (nodes, height + 1)
        }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    }
}

fn tag_of(tag: Option<&Tag>) -> Option<node::Tag> {
    let tag = tag?;
    match tag.handle() {
        "!" => Some(node::Tag::new(tag.suffix())),
        handle => Some(node::Tag::new(&format!("{handle}{}", tag.suffix()))),
    }
}

#[cfg(test)]
mod tests;
