//! A Terraform resource as its module writes it, for a resource that is to stand beside it: its instances, what both have in common, and which labels
//! the module has already.

use crate::fix::home::Home;
use crate::fix::{World, provider};
use crate::graph::Resource;
use crate::source::fs::EntryKind;
use crate::syntax::HclFile;
use crate::syntax::hcl::{Block, Expr};
use crate::terraform;
use crate::value::Declaration;
use crate::version::Range;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Everything that one module declares, by type and label.
pub struct Module {
    /// Its files.
    pub files: Vec<Arc<HclFile>>,
    declared: BTreeSet<(String, String)>,
    /// What its files admit as the provider's version; asked of every resource, read once.
    provider: OnceCell<Range>,
}

impl Module {
    /// The module of a directory, read once a run.
    pub fn of(world: &World<'_>, directory: &Path) -> Rc<Self> {
        let known = world.modules.borrow().get(directory).cloned();
        known.unwrap_or_else(|| {
            let module = Rc::new(Self::read(world, directory));
            world.modules.borrow_mut().insert(directory.to_owned(), Rc::clone(&module));
            module
        })
    }

    fn read(world: &World<'_>, directory: &Path) -> Self {
        let entries = world.context.fs.read_dir(directory).unwrap_or_default();
        let paths = entries.into_iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.path);
        let paths = paths.filter(|path| path.file_name().is_some_and(|name| terraform::is_configuration(&name.to_string_lossy())));
        let files = paths.filter_map(|path| world.context.load(&path).0).map(|file| world.context.trees.hcl(world.context.sources, file));
        let files: Vec<Arc<HclFile>> = files.collect();
        let mut declared = BTreeSet::new();
        for block in files.iter().flat_map(|file| &file.body.blocks) {
            if let (true, [kind, label]) = (matches!(&*block.kind.name, "resource" | "data"), block.labels.as_slice()) {
                declared.insert((kind.name.to_string(), label.name.to_string()));
            }
        }
        Self { files, declared, provider: OnceCell::new() }
    }

    /// Whether it has a resource or data source of this type and label.
    pub fn has(&self, kind: &str, label: &str) -> bool {
        self.declared.contains(&(kind.to_owned(), label.to_owned()))
    }

    /// Whether a resource of it can only be made by a provider before version 4.
    pub fn is_before_4(&self, world: &World<'_>, resource: &Resource) -> bool {
        // The root module pins the provider's version.
        let root =
            resource.project.and_then(|project| world.projects.get(project.0 as usize)).map(|project| Self::of(world, &project.path));
        provider::is_before_4(root.iter().fold(self.provider(), |range, root| range.and(root.provider())))
    }

    fn provider(&self) -> Range {
        *self.provider.get_or_init(|| provider::admitted(self.files.iter().map(|file| &file.body)))
    }

    /// A label that no resource of a type has: that of its owner, or that with more.
    pub fn free_label(&self, kind: &str, owner: &str, more: &str) -> Option<String> {
        [owner.to_owned(), format!("{owner}_{more}")].into_iter().find(|label| !self.has(kind, label))
    }
}

/// The address of the module that declares a resource: `module.a.` for `module.a.aws_s3_bucket.b[0]`.
pub fn module_path<'d>(declaration: &'d Declaration, label: &str) -> Option<&'d str> {
    let address: &str = &declaration.address.0;
    let own = format!("{}.{label}", declaration.type_name);
    let at = address.rfind(&own)?;
    let rest = &address[at + own.len()..];
    (rest.is_empty() || rest.starts_with('[')).then(|| &address[..at])
}

/// A resource as its module writes it.
pub struct Owner<'a, 'b> {
    /// The resource.
    pub resource: &'b Resource,
    /// Where it is written.
    pub home: &'b Home<'a>,
    /// Its block.
    pub block: &'b Block,
    /// Its label.
    pub label: &'b str,
    /// The module's address, with a dot behind it; empty for the root.
    pub module_path: &'b str,
}

impl<'a, 'b> Owner<'a, 'b> {
    /// A resource that is written in HCL.
    pub fn of(resource: &'b Resource, home: &'b Home<'a>) -> Option<Self> {
        let block = home.block()?;
        let [_, label] = block.labels.as_slice() else { return None };
        Some(Self { resource, home, block, label: &label.name, module_path: module_path(home.declaration, &label.name)? })
    }

    /// What an argument of it is set to.
    pub fn attribute(&self, name: &str) -> Option<&Expr> {
        self.block.body.attribute(name).map(|attribute| &attribute.value)
    }

    /// Whether its block is one resource in every run.
    pub fn is_one(&self) -> bool {
        self.module_path.is_empty() && self.attribute("count").is_none() && self.attribute("for_each").is_none()
    }

    /// The instance of it that belongs to an instance of what stands beside it.
    pub fn instance(&self) -> String {
        let index = if self.attribute("count").is_some() {
            "[count.index]"
        } else if self.attribute("for_each").is_some() {
            "[each.key]"
        } else {
            ""
        };
        format!("{}.{}{index}", self.home.declaration.type_name, self.label)
    }

    /// The beginning of a resource beside it, with as many instances, in the same place.
    pub fn beside(&self, kind: &str, label: &str) -> String {
        let whole = format!("{}.{}", self.home.declaration.type_name, self.label);
        let mut text = format!("resource \"{kind}\" \"{label}\" {{\n");
        if self.attribute("count").is_some() {
            let _ = write!(text, "  count = length({whole})\n\n");
        } else if self.attribute("for_each").is_some() {
            let _ = write!(text, "  for_each = {whole}\n\n");
        }
        text.push_str(&self.place());
        text
    }

    /// The arguments that say where it is, each in a paragraph of its own.
    pub fn place(&self) -> String {
        let written = ["provider", "region"].into_iter().filter_map(|name| Some((name, self.attribute(name)?)));
        written.fold(String::new(), |out, (name, value)| {
            format!("{out}  {name} = {}\n\n", self.home.text().get(value.range.indices()).unwrap_or_default())
        })
    }
}
