//! Where a declaration is written: its file, whether that may be edited, and its block or its part of the template.

use crate::fix::hcl::{self, Splice};
use crate::fix::template::Template;
use crate::fix::written::Written;
use crate::fix::{World, lines};
use crate::limits::Limits;
use crate::project::ProjectKind;
use crate::rule::finding::Edit;
use crate::source::{FileId, SourceFile, TextRange};
use crate::syntax;
use crate::syntax::hcl::Block;
use crate::syntax::node::Node;
use crate::syntax::{HclFile, NodeFile};
use crate::value::{Declaration, Mode};
use std::path::{Component, Path};
use std::sync::Arc;

/// Directories whose content a tool makes: what is edited there is lost.
const GENERATED: [&str; 7] = [".terraform", ".terragrunt-cache", "node_modules", "cdk.out", "cdktf.out", ".aws-sam", ".serverless"];

/// Where a declaration is written.
pub struct Home<'a> {
    /// The declaration.
    pub declaration: &'a Declaration,
    /// Its file.
    pub file: FileId,
    /// The file's path and text.
    pub source: Arc<SourceFile>,
    /// The file's tree.
    pub tree: Tree,
}

/// A file's tree.
pub enum Tree {
    /// Terraform.
    Hcl(Arc<HclFile>),
    /// A template.
    Template(Arc<NodeFile>),
}

impl<'a> Home<'a> {
    /// The home of a declaration; `None` where nothing may be edited.
    pub fn of(world: &World<'a>, declaration: &'a Declaration) -> Option<Self> {
        let file = declaration.span.file;
        let source = world.context.sources.get(file);
        let kind = world.projects.get(declaration.project.0 as usize)?.kind;
        // An alias is the name that a generator left in what it made.
        let is_generated = kind == ProjectKind::TerraformPlan || declaration.alias.is_some();
        if declaration.mode != Mode::Managed || is_generated || !world.is_editable(file, &source) {
            return None;
        }
        let tree = match kind {
            ProjectKind::CloudFormation => Tree::Template(world.context.trees.nodes(world.context.sources, file)),
            // The JSON syntax of Terraform is written by programs.
            _ if source.path.extension().is_some_and(|extension| extension == "json") => return None,
            _ => Tree::Hcl(world.context.trees.hcl(world.context.sources, file)),
        };
        Some(Self { declaration, file, source, tree })
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The block that declares it.
    pub fn block(&self) -> Option<&Block> {
        match &self.tree {
            Tree::Hcl(file) => hcl::block_at(&file.body, self.declaration.body.range),
            Tree::Template(_) => None,
        }
    }

    /// The template's tree.
    pub fn root(&self) -> Option<&Node> {
        match &self.tree {
            Tree::Template(file) => file.documents.first(),
            Tree::Hcl(_) => None,
        }
    }

    /// The logical id and the body that declare it.
    pub fn part(&self) -> Option<(&Node, &Node)> {
        let (_, resources) = self.root()?.entry("Resources")?;
        let pair = resources.as_mapping()?.iter().find(|(key, _)| key.range == self.declaration.span.range)?;
        (pair.1.get("Type")?.as_str() == Some(&self.declaration.type_name)).then_some((&pair.0, &pair.1))
    }

    /// What sets an attribute of the declaration in a text of the file, which may have been changed inside of the declaration.
    pub fn splice(&self, text: &str, path: &[Arc<str>], in_hcl: &str, in_template: &Written) -> Option<Splice> {
        if std::ptr::eq(text, self.text()) || text == self.text() {
            return self.splice_in(text, &self.tree, 0, path, in_hcl, in_template);
        }
        let in_lines = self.lines(text).and_then(|lines| {
            let own = &text[lines.indices()];
            let (range, new) = self.splice_in(own, &self.parse(own)?, lines.start, path, in_hcl, in_template)?;
            Some((TextRange { start: range.start + lines.start, end: range.end + lines.start }, new))
        });
        in_lines.or_else(|| self.splice_in(text, &self.parse(text)?, 0, path, in_hcl, in_template))
    }

    /// What adds a mapping to the properties of a declaration of a template, in lines; `None` where one is there, or where it would not be written in lines.
    pub fn add_mapping(&self, path: &[Arc<str>], mapping: &Written) -> Option<Splice> {
        // Of what could not be read as a whole, it takes a look at each change.
        let Tree::Template(file) = &self.tree else { return None };
        let (part, root) = (self.part()?, file.documents.first().filter(|_| file.diagnostics.is_empty())?);
        let steps: Vec<&str> = std::iter::once("Properties").chain(path.iter().map(|step| &**step)).collect();
        if steps.iter().try_fold(part.1, |node, step| node.get(step)).is_some() {
            return None;
        }
        let (range, new) = Template::new(self.text(), root).set(part, &steps, mapping)?;
        (!new.contains(['{', '['])).then_some((range, new))
    }

    /// The same in a part of the file, with the part's tree and where it begins in the file.
    fn splice_in(&self, text: &str, tree: &Tree, start: u32, path: &[Arc<str>], in_hcl: &str, in_template: &Written) -> Option<Splice> {
        match tree {
            Tree::Hcl(file) => {
                let block = file.body.blocks.iter().find(|block| block.range.start + start == self.declaration.body.range.start)?;
                hcl::set(text, block, path, in_hcl)
            }
            Tree::Template(file) => {
                self.part()?;
                let root = file.documents.first()?;
                let resources = root.get("Resources").unwrap_or(root);
                let is_it = |(key, _): &&(Node, Node)| key.range.start + start == self.declaration.span.range.start;
                let (id, body) = resources.as_mapping()?.iter().find(is_it)?;
                let steps: Vec<&str> = std::iter::once("Properties").chain(path.iter().map(|step| &**step)).collect();
                Template::new(text, root).set((id, body), &steps, in_template)
            }
        }
    }

    /// The lines of the declaration in a changed text of the file, where they can be parsed without the rest: a file is long, a declaration short.
    fn lines(&self, text: &str) -> Option<TextRange> {
        let own = match &self.tree {
            Tree::Hcl(_) => self.block()?.range,
            Tree::Template(_) => {
                let is_in_braces = self.text()[self.root()?.range.indices()].starts_with('{');
                let (id, body) = self.part().filter(|_| !is_in_braces)?;
                id.range.cover(body.range)
            }
        };
        let start = lines::start(self.text(), own.start as usize);
        let (before, behind) = (&self.text()[..start], &self.text()[lines::end(self.text(), own.end as usize)..]);
        // What could not be read ends sooner than it does, and then something was added behind it.
        let is_within = text.len() >= before.len() + behind.len() && text.starts_with(before) && text.ends_with(behind);
        (is_within && lines::is_first(self.text(), own.start as usize)).then(|| TextRange::new(start, text.len() - behind.len()))
    }

    /// The tree of a changed text, if nothing is wrong with it.
    fn parse(&self, text: &str) -> Option<Tree> {
        match &self.tree {
            Tree::Hcl(_) => {
                let (body, diagnostics) = syntax::hcl::parse(text, self.file);
                diagnostics.is_empty().then(|| Tree::Hcl(Arc::new(HclFile { body, diagnostics })))
            }
            Tree::Template(_) => {
                let file = syntax::parse_nodes(text, self.file, &Limits::default());
                file.diagnostics.is_empty().then(|| Tree::Template(Arc::new(file)))
            }
        }
    }

    /// A splice as an edit of the file.
    pub fn edit(&self, (range, replacement): Splice) -> Edit {
        Edit { span: range.at(self.file), replacement }
    }

    /// The directory of the file.
    pub fn directory(&self) -> &Path {
        self.source.path.parent().unwrap_or(Path::new(""))
    }
}

/// Whether a file is somebody's own, inside the scan root, and text byte by byte.
pub fn is_editable(world: &World<'_>, source: &SourceFile) -> bool {
    let fs = world.context.fs;
    let name = |part: Component<'_>| part.as_os_str().to_str().is_some_and(|name| GENERATED.contains(&name));
    let below = source.path.strip_prefix(fs.root()).unwrap_or(&source.path);
    fs.resolve(&source.path).is_ok_and(|path| path.starts_with(fs.root()))
        && !below.components().any(name)
        && fs.read(&source.path).is_ok_and(|bytes| as_read(&bytes) == source.text.as_bytes())
}

/// The bytes of a file after its byte-order mark, which is no part of its text.
pub fn as_read(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}
