//! A resource of its own for what another lacks: Terraform configures the parts of a bucket that way.
//!
//! Which type it is, and what stands in it, says the catalog: the first type that is part of the kind and can say everything that has to be so.

use crate::fix::World;
use crate::fix::attribute::{Sets, in_hcl, locate, plain, word};
use crate::fix::hcl;
use crate::fix::home::Home;
use crate::fix::owner::{Module, Owner};
use crate::graph::Resource;
use crate::graph::catalog::{Part, TypeEntry};
use crate::rule::finding::Edit;
use crate::syntax::hcl::ExprKind;
use crate::table::IndexMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Arguments by name, each as it is written.
type Arguments = Vec<(Arc<str>, String)>;

/// What stands in the new resource: arguments, and blocks of arguments.
#[derive(Default)]
struct Content {
    arguments: Arguments,
    blocks: IndexMap<Arc<str>, Arguments>,
}

/// The edit that adds a resource beside another which sets properties of it, and what it does in words.
pub fn add(world: &World<'_>, resource: &Resource, sets: &Sets<'_>) -> Option<(Edit, String)> {
    let home = Home::of(world, world.graph.declarations().get(resource.declaration?)?)?;
    let owner = Owner::of(resource, &home)?;
    // An instance that has its own already would get a second one.
    let has_own = sets.iter().filter_map(|(words, _)| words.first()).any(|word| world.is_said(resource, word));
    // Where it is not known how many there are, it is not known afterwards which of them have one; of one or none, it is.
    let is_some_number = owner.attribute("count").is_some_and(|count| !matches!(count.kind, ExprKind::Conditional { .. }));
    if has_own || (is_some_number && !resource.exists.is_true()) {
        return None;
    }
    let parts = world.graph.catalog().parts_of(&resource.kind).map(|(_, entry)| entry);
    let (entry, part, content) = parts.filter(|entry| entry.type_name.starts_with("aws_")).find_map(|entry| match &entry.part {
        Part::Of(part) => match part.0.as_slice() {
            [only] => Some((entry, only, content(entry, sets)?)),
            _ => None,
        },
        _ => None,
    })?;
    let name = Module::of(world, home.directory()).free_label(&entry.type_name, owner.label, "settings")?;
    let mut text = owner.beside(&entry.type_name, &name);
    let _ = writeln!(text, "  {part} = {}.id", owner.instance());
    write_block(&mut text, "", &content.arguments);
    content.blocks.iter().for_each(|(name, arguments)| write_block(&mut text, name, arguments));
    text.push_str("}\n");
    let said = sets.iter().filter_map(|(words, literal)| Some(format!("`{}` is `{}`", words.last()?, plain(literal))));
    let said: Vec<String> = said.collect();
    let title = format!("add `{}.{name}`, in which {}", entry.type_name, said.join(" and "));
    Some((home.edit(hcl::after(home.text(), owner.block, &text)?), title))
}

/// Arguments under each other, in a block of a name or, without one, in none.
fn write_block(text: &mut String, name: &str, arguments: &Arguments) {
    if arguments.is_empty() {
        return;
    }
    let width = arguments.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let indent = if name.is_empty() { "  " } else { "    " };
    text.push('\n');
    if !name.is_empty() {
        let _ = writeln!(text, "  {name} {{");
    }
    for (argument, value) in arguments {
        let _ = writeln!(text, "{indent}{argument:width$} = {value}");
    }
    if !name.is_empty() {
        text.push_str("  }\n");
    }
}

/// What a type has to say so that all is as wanted; `None` where it cannot say it all.
fn content(entry: &TypeEntry, sets: &Sets<'_>) -> Option<Content> {
    let mut content = Content::default();
    for (words, literal) in sets {
        let (property, fields) = words.split_first()?;
        let (path, spec) = locate(entry.properties.get(property)?, fields)?;
        let value = in_hcl(&word(spec, literal)?);
        match path.as_slice() {
            [name] => content.arguments.push((Arc::clone(name), value)),
            [block, name] => content.blocks.entry(Arc::clone(block)).or_default().push((Arc::clone(name), value)),
            _ => return None,
        }
    }
    Some(content)
}
