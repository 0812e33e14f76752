//! Terraform's JSON syntax (`.tf.json`): the same bodies, blocks and expressions, written as JSON.
//!
//! JSON does not say what is a block and what is an argument: Terraform's own schema does, as far as it goes (`schema`). Below it, inside a
//! resource, every property is an argument, `dynamic` and the meta-arguments' blocks excepted.

mod schema;
mod value;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, TextRange};
use crate::syntax::hcl::body::Items;
use crate::syntax::hcl::names::name;
use crate::syntax::hcl::parser;
use crate::syntax::hcl::{Attribute, Block, Body, Ident};
use crate::syntax::json;
use crate::syntax::node::{Node, NodeKind, Style};
use schema::Schema;

/// The tree of a configuration file.
pub(super) fn parse(text: &str, file: FileId) -> (Body, Vec<Diagnostic>) {
    read(text, file, &schema::ROOT)
}

/// The tree of a file of variable values, in which strings mean themselves.
pub(super) fn parse_values(text: &str, file: FileId) -> (Body, Vec<Diagnostic>) {
    read(text, file, &schema::VALUES)
}

fn read(text: &str, file: FileId, schema: &'static Schema) -> (Body, Vec<Diagnostic>) {
    let (node, diagnostics) = json::parse_keeping_duplicates(text, file);
    let mut reader = Reader { text, file, diagnostics, depth: 0 };
    let mut items = Items::default();
    if let Some(node) = &node {
        reader.root(node, schema, &mut items);
    }
    items.body.range = TextRange::new(0, text.len());
    (items.body, reader.diagnostics)
}

/// Turns JSON nodes into HCL.
struct Reader<'t> {
    text: &'t str,
    file: FileId,
    diagnostics: Vec<Diagnostic>,
    /// How deep the current value is nested.
    depth: usize,
}

/// A block type's place in the schema, and the labels read so far.
struct Header<'n> {
    kind: &'n Node,
    labels: Vec<&'n Node>,
    missing: usize,
    schema: &'static Schema,
}

impl Reader<'_> {
    /// The whole file: an object, or a list of objects that count as one.
    fn root(&mut self, node: &Node, schema: &'static Schema, items: &mut Items) {
        match &node.kind {
            NodeKind::Mapping(pairs) => self.properties(pairs, schema, items),
            NodeKind::Sequence(parts) if parts.iter().all(|part| part.as_mapping().is_some()) => {
                parts.iter().filter_map(Node::as_mapping).for_each(|pairs| self.properties(pairs, schema, items));
            }
            _ => self.error(node, "root value must be an object: a configuration in JSON is an object or an array of objects"),
        }
    }

    /// The content of a body. A property named `//` is a comment.
    fn properties(&mut self, pairs: &[(Node, Node)], schema: &'static Schema, items: &mut Items) {
        for (key, value) in pairs {
            let name = key.as_str().unwrap_or_default();
            if name == "//" {
                continue;
            }
            match schema.block(name) {
                Some((labels, inner)) => {
                    let header = Header { kind: key, labels: Vec::new(), missing: labels, schema: inner };
                    self.blocks(&header, value, &mut items.body.blocks);
                }
                None => self.attribute(key, value, schema, items),
            }
        }
    }

    fn attribute(&mut self, key: &Node, value: &Node, schema: &'static Schema, items: &mut Items) {
        let name = Self::ident(key);
        if items.has(&name) {
            return self.error(key, &format!("duplicate argument: the argument `{}` was already set", name.name));
        }
        let value = self.value(value, schema.strings(&name.name));
        let range = name.range.cover(value.range);
        items.body.attributes.push(Attribute { name, value, range });
    }

    /// All blocks under one property: objects for each label that is missing, then objects that are bodies, and lists of either.
    fn blocks(&mut self, header: &Header<'_>, value: &Node, blocks: &mut Vec<Block>) {
        match &value.kind {
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.blocks(header, item, blocks)),
            NodeKind::Mapping(pairs) if header.missing == 0 => {
                let block = self.block(header, pairs, value.range);
                blocks.push(block);
            }
            NodeKind::Mapping(pairs) => {
                for (label, value) in pairs {
                    let labels = header.labels.iter().copied().chain([label]).collect();
                    self.blocks(&Header { labels, missing: header.missing - 1, ..*header }, value, blocks);
                }
            }
            NodeKind::Scalar { text, style: Style::Plain } if &**text == "null" => {}
            NodeKind::Scalar { .. } => {
                let kind = header.kind.as_str().unwrap_or_default();
                let message = match header.missing {
                    0 => {
                        format!("incorrect JSON value type: an object or an array is required, the contents of one or more `{kind}` blocks")
                    }
                    _ => format!(
                        "incorrect JSON value type: an object or an array of objects is required, with the labels of `{kind}` blocks"
                    ),
                };
                self.error(value, &message);
            }
        }
    }

    /// The header of a block in JSON is its last label: type and other labels may stand far above, before other blocks.
    fn block(&mut self, header: &Header<'_>, pairs: &[(Node, Node)], range: TextRange) -> Block {
        let mut content = Items::default();
        self.properties(pairs, header.schema, &mut content);
        content.body.range = TextRange { start: range.start + 1, end: range.end - 1 };
        let kind = Self::ident(header.kind);
        let labels: Vec<Ident> = header.labels.iter().map(|label| Self::ident(label)).collect();
        let header = labels.last().unwrap_or(&kind).range;
        Block { kind, labels, body: content.body, header, range: header.cover(range) }
    }

    fn ident(key: &Node) -> Ident {
        Ident { name: name(key.as_str().unwrap_or_default()), range: key.range }
    }

    fn error(&mut self, node: &Node, message: &str) {
        let diagnostic = Diagnostic::error("syntax-error", node.range.at(self.file), message);
        self.report(diagnostic);
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        parser::list(&mut self.diagnostics, diagnostic);
    }
}
