//! Which block of a file a place belongs to, and which one a comment speaks of.
//!
//! A block is what a reader would point at: a resource, a module call, a pair of logical id and body. It knows syntax; what a comment says
//! is not known here.

use crate::source::{FileId, SourceFile, Sources, TextRange};
use crate::syntax::comments::{self, Comment, Placement};
use crate::syntax::hcl::Body;
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::{HclFile, NodeFile, Trees};
use std::ops::Range;
use std::sync::Arc;

/// The section of a template that holds resources.
const RESOURCES: &str = "Resources";

/// How deep a `Resources` section may stand: `resources.Resources` of the Serverless Framework is the deepest.
const SECTION_DEPTH: usize = 2;

/// A file's blocks.
pub struct Layout {
    source: Arc<SourceFile>,
    tree: Tree,
    /// Sorted by their start; none holds another.
    blocks: Vec<Block>,
}

enum Tree {
    Hcl(Arc<HclFile>),
    /// Terraform's JSON syntax: its blocks, and the document that they were read from.
    HclJson(Arc<HclFile>, Arc<NodeFile>),
    Nodes(Arc<NodeFile>),
}

#[derive(Clone, Copy)]
struct Block {
    range: TextRange,
    /// Up to where comments belong to it: the start of what follows.
    extent: u32,
}

/// What a comment speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// The block that it stands in, or on whose first or last line it stands.
    pub around: Option<TextRange>,
    /// The block that begins right below it.
    pub below: Option<TextRange>,
    /// The argument or inner block on its line, or right below it if it stands alone.
    pub item: Option<TextRange>,
    /// The line, from 0, that it stands on, or the next one with code if it stands alone.
    pub line: usize,
    /// Whether only comments and blank lines stand before it in the file.
    pub at_head: bool,
}

/// A comment, and what it speaks of.
pub type Placed = (Comment, Target);

impl Layout {
    /// The layout of a file, by its name.
    pub fn of(file: FileId, sources: &Sources, trees: &Trees) -> Self {
        let source = sources.get(file);
        let name = source.path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let end_of_text = u32::try_from(source.text.len()).unwrap_or(u32::MAX);
        let mut blocks = Vec::new();
        let tree = if ends(&[".tf", ".tofu", ".hcl"]) {
            let tree = trees.hcl(sources, file);
            blocks.extend(tree.body.blocks.iter().map(|block| Block { range: block.range, extent: block.range.end }));
            Tree::Hcl(tree)
        } else if ends(&[".tf.json", ".tofu.json"]) {
            let tree = trees.hcl(sources, file);
            blocks.extend(tree.body.blocks.iter().map(|block| Block { range: block.range, extent: block.range.end }));
            Tree::HclJson(tree, trees.nodes(sources, file))
        } else {
            let tree = trees.nodes(sources, file);
            for document in &tree.documents {
                sections(document, end_of_text, SECTION_DEPTH, &mut |pairs, end| {
                    for (at, (key, value)) in pairs.iter().enumerate() {
                        let extent = pairs.get(at + 1).map_or(end, |(next, _)| next.range.start);
                        blocks.push(Block { range: key.range.cover(value.range), extent });
                    }
                });
            }
            Tree::Nodes(tree)
        };
        blocks.sort_by_key(|block| block.range);
        Self { source, tree, blocks }
    }

    /// The block that holds an offset.
    pub fn block_at(&self, offset: u32) -> Option<TextRange> {
        let block = self.last_before(offset)?;
        (offset < block.range.end).then_some(block.range)
    }

    fn last_before(&self, offset: u32) -> Option<Block> {
        let after = self.blocks.partition_point(|block| block.range.start <= offset);
        after.checked_sub(1).map(|at| self.blocks[at])
    }

    /// The comments whose words, by where they stand, are wanted, and what they speak of.
    pub fn comments(&self, wanted: impl Fn(Range<usize>) -> bool) -> Vec<Placed> {
        let text = &self.source.text;
        let comments = match &self.tree {
            Tree::Hcl(tree) => comments::in_hcl(text, &tree.body),
            Tree::Nodes(tree) if !is_json(text) => comments::in_yaml(text, &tree.documents),
            Tree::HclJson(..) | Tree::Nodes(_) => Vec::new(),
        };
        let lines = self.source.lines();
        // From the last to the first: where comments follow each other, all of them speak of what follows the last.
        let mut placed: Vec<Placed> = Vec::with_capacity(comments.len());
        let mut following: Option<(usize, usize)> = None;
        for comment in comments.iter().rev() {
            let own = lines.line_of(comment.range.start);
            let line = match comment.placement {
                Placement::Trailing => own,
                Placement::Alone => following.filter(|(of, _)| *of == own + 1).map_or(own + 1, |(_, line)| line),
            };
            following = (comment.placement == Placement::Alone).then_some((own, line)).or(following.filter(|(of, _)| *of == own));
            if wanted(comment.words.indices()) {
                placed.push((*comment, self.target(*comment, line)));
            }
        }
        placed.reverse();
        let code = self.first_code(&comments);
        placed.iter_mut().for_each(|(comment, target)| target.at_head = comment.range.start < code);
        placed
    }

    /// The offset of the first byte that is neither space nor comment.
    fn first_code(&self, comments: &[Comment]) -> u32 {
        let mut at = 0;
        for comment in comments {
            if !self.source.text[at..comment.range.indices().start].trim().is_empty() {
                break;
            }
            at = comment.range.indices().end;
        }
        let rest = &self.source.text[at..];
        u32::try_from(at + rest.len() - rest.trim_start().len()).unwrap_or(u32::MAX)
    }

    /// `line`: the line of code that the comment is on, or above.
    fn target(&self, comment: Comment, line: usize) -> Target {
        let text = &self.source.text;
        let (start, column) = self.first_of_line(line);
        let begins_here = |block: &Block| self.source.lines().line_of(block.range.start) == line;
        let on_line = self.last_before(start).filter(|block| start < block.range.end);
        let is_yaml = matches!(self.tree, Tree::Nodes(_));
        let mut target = Target { around: None, below: None, item: None, line, at_head: false };
        if comment.placement == Placement::Trailing {
            target.around = on_line.map(|block| block.range);
            let ends_here = |block: &Block| !is_yaml && self.source.lines().line_of(block.range.end) == line;
            let is_border = on_line.is_some_and(|block| begins_here(&block) || ends_here(&block));
            target.item = on_line.filter(|_| !is_border).and_then(|block| self.item_at(block.range, start));
            return target;
        }
        let own_line = self.source.lines().line_of(comment.range.start);
        let own_column = self.first_of_line(own_line).1;
        // In YAML a comment that is indented more than the next logical id still belongs to the body above.
        target.below = on_line.filter(|block| begins_here(block) && (!is_yaml || own_column <= column)).map(|block| block.range);
        let around = self.last_before(comment.range.start).filter(|block| {
            let is_inside = comment.range.start < block.range.end;
            let is_indented = || is_yaml && own_column > self.first_of_line(self.source.lines().line_of(block.range.start)).1;
            is_inside || (comment.range.start < block.extent && is_indented())
        });
        target.around = around.filter(|_| target.below.is_none()).map(|block| block.range);
        let is_code = text.get(start as usize..).is_some_and(|rest| !rest.is_empty());
        target.item = target.around.filter(|around| is_code && start < around.end).and_then(|around| self.item_at(around, start));
        target
    }

    /// The first byte of a line that is no space, and how many bytes stand before it.
    fn first_of_line(&self, line: usize) -> (u32, usize) {
        let range = self.source.lines().range(&self.source.text, line);
        let shown = &self.source.text[range.clone()];
        let column = shown.len() - shown.trim_start().len();
        (u32::try_from(range.start + column).unwrap_or(u32::MAX), column)
    }

    /// The innermost argument or block inside a block that holds an offset.
    fn item_at(&self, block: TextRange, offset: u32) -> Option<TextRange> {
        match &self.tree {
            Tree::Hcl(tree) | Tree::HclJson(tree, _) => {
                let at = tree.body.blocks.binary_search_by_key(&block.start, |inner| inner.range.start).ok()?;
                item_in_body(&tree.body.blocks[at].body, offset)
            }
            Tree::Nodes(_) => {
                let (_, body) = self.resource(block)?;
                item_in_node(body.get("Properties")?, offset)
            }
        }
    }

    /// Logical ids and bodies, if this is a template.
    pub fn resources(&self) -> Vec<(&Node, &Node)> {
        let Tree::Nodes(tree) = &self.tree else { return Vec::new() };
        let mut found = Vec::new();
        for document in &tree.documents {
            sections(document, 0, SECTION_DEPTH, &mut |pairs, _| found.extend(pairs.iter().map(|(key, value)| (key, value))));
        }
        found
    }

    /// The logical id and body of a template's resource, by its block.
    pub fn resource(&self, block: TextRange) -> Option<(&Node, &Node)> {
        self.resources().into_iter().find(|(key, value)| key.range.cover(value.range) == block)
    }

    /// The object that is the body of a block in Terraform's JSON syntax.
    pub fn json_body(&self, block: TextRange) -> Option<&Node> {
        let Tree::HclJson(_, nodes) = &self.tree else { return None };
        nodes.documents.iter().find_map(|document| object_that_ends(document, block))
    }

    /// The document of a file in Terraform's JSON syntax.
    pub fn json(&self) -> &[Node] {
        match &self.tree {
            Tree::HclJson(_, nodes) => &nodes.documents,
            _ => &[],
        }
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
}

/// Visits the pairs of every `Resources` section, with the offset at which the section ends.
fn sections<'n>(node: &'n Node, end: u32, depth: usize, visit: &mut dyn FnMut(&'n [(Node, Node)], u32)) {
    let Some(pairs) = node.as_mapping().filter(|_| depth > 0) else { return };
    for (at, (key, value)) in pairs.iter().enumerate() {
        let end = pairs.get(at + 1).map_or(end, |(next, _)| next.range.start);
        match value.as_mapping() {
            Some(resources) if key.as_str() == Some(RESOURCES) => visit(resources, end),
            Some(_) => sections(value, end, depth - 1, visit),
            None => {}
        }
    }
}

/// The innermost object that ends where a block does. The tree's depth is bounded by the parser's.
fn object_that_ends(node: &Node, block: TextRange) -> Option<&Node> {
    let is_around = |range: TextRange| range.start < block.end && block.end <= range.end;
    let inner = match &node.kind {
        NodeKind::Mapping(pairs) => pairs.iter().find_map(|(_, value)| object_that_ends(value, block).filter(|_| is_around(value.range))),
        NodeKind::Sequence(items) => items.iter().find_map(|item| object_that_ends(item, block).filter(|_| is_around(item.range))),
        NodeKind::Scalar { .. } => None,
    };
    inner.or_else(|| (node.as_mapping().is_some() && node.range.end == block.end && node.range.start >= block.start).then_some(node))
}

fn holds(range: TextRange, offset: u32) -> bool {
    range.start <= offset && offset < range.end
}

fn item_in_body(body: &Body, offset: u32) -> Option<TextRange> {
    if let Some(attribute) = body.attributes.iter().find(|attribute| holds(attribute.range, offset)) {
        return Some(attribute.range);
    }
    let block = body.blocks.iter().find(|block| holds(block.range, offset))?;
    Some(item_in_body(&block.body, offset).unwrap_or(block.range))
}

/// Its depth is bounded by the parser's.
fn item_in_node(node: &Node, offset: u32) -> Option<TextRange> {
    if let Some(pairs) = node.as_mapping() {
        let (key, value) = pairs.iter().find(|(key, value)| holds(key.range.cover(value.range), offset))?;
        return Some(item_in_node(value, offset).unwrap_or_else(|| key.range.cover(value.range)));
    }
    node.as_sequence()?.iter().find(|item| holds(item.range, offset)).and_then(|item| item_in_node(item, offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn shown(path: &str, text: &str) -> Vec<String> {
        let (sources, trees) = (Sources::default(), Trees::default());
        let file = sources.add(Path::new(path), text);
        let first_line =
            |range: Option<TextRange>| range.map_or("-", |range| text[range.indices()].lines().next().unwrap_or_default().trim());
        let of = |(comment, target): Placed| {
            let words = &text[comment.words.indices()];
            format!("{words}: {} | {} | {}", first_line(target.around), first_line(target.below), first_line(target.item))
        };
        Layout::of(file, &sources, &trees).comments(|_| true).into_iter().map(of).collect()
    }

    #[test]
    fn comments_of_hcl_find_their_block() {
        let text = "# 1\n\n# 2\n# 3\nresource \"a\" \"b\" { # 4\n  # 5\n  x = 1 # 6\n  inner {\n    y = [ # 7\n      2,\n    ]\n    # 8\n  }\n} # 9\n# 10\n";
        assert_eq!(
            shown("main.tf", text),
            [
                "1: - | - | -",
                "2: - | resource \"a\" \"b\" { # 4 | -",
                "3: - | resource \"a\" \"b\" { # 4 | -",
                "4: resource \"a\" \"b\" { # 4 | - | -",
                "5: resource \"a\" \"b\" { # 4 | - | x = 1",
                "6: resource \"a\" \"b\" { # 4 | - | x = 1",
                "7: resource \"a\" \"b\" { # 4 | - | y = [ # 7",
                "8: resource \"a\" \"b\" { # 4 | - | inner {",
                "9: resource \"a\" \"b\" { # 4 | - | -",
                "10: - | - | -",
            ]
        );
    }

    #[test]
    fn comments_of_yaml_find_their_resource() {
        let text = "# 0\nResources:\n  # 1\n  A: # 2\n    # 3\n    Type: AWS::S3::Bucket # 4\n    Properties:\n      # 5\n      LoggingConfiguration: # 6\n        LogFilePrefix: x # 7\n    # 8\n  # 9\n  B:\n    Type: T\n    # 10\n# 11\nOutputs:\n  X:\n    # 12\n    Value: y\n";
        assert_eq!(
            shown("t.yaml", text),
            [
                "0: - | - | -",
                "1: - | A: # 2 | -",
                "2: A: # 2 | - | -",
                "3: A: # 2 | - | -",
                "4: A: # 2 | - | -",
                "5: A: # 2 | - | LoggingConfiguration: # 6",
                "6: A: # 2 | - | LoggingConfiguration: # 6",
                "7: A: # 2 | - | LogFilePrefix: x",
                "8: A: # 2 | - | -",
                "9: - | B: | -",
                "10: B: | - | -",
                "11: - | - | -",
                "12: - | - | -",
            ]
        );
    }
}
