//! Setting one property, named in the catalog's words, in the language that its resource is declared in.
//!
//! Where nothing sets it, it is added to the resource's own block; where one place does, the literal there is changed. A property that several
//! places claim, or that only a satellite can set, is left to people.

use crate::fix::World;
use crate::fix::hcl;
use crate::fix::home::{Home, Tree};
use crate::fix::template::Template;
use crate::fix::written::Written;
use crate::graph::catalog::spec::{Literal, Shape, Spec};
use crate::graph::{Claim, Resource, Standing};
use crate::rule::finding::Edit;
use crate::value::Declaration;
use std::sync::Arc;

/// The edit that sets a property, and what it does in words.
pub fn set(world: &World<'_>, resource: &Resource, words: &[Arc<str>], literal: &Literal) -> Option<(Edit, String)> {
    let (property, fields) = words.split_first()?;
    let declaration = claimant(world, resource, property)?;
    let entry = world.graph.catalog().managed(&declaration.type_name)?;
    let (path, spec) = locate(entry.properties.get(property)?, fields)?;
    let language_word = word(spec, literal)?;
    let home = Home::of(world, declaration)?;
    let shown = path.iter().map(|step| &**step).collect::<Vec<_>>().join(".");
    let title = format!("set `{shown}` of `{}` to `{}`", declaration.address, plain(&language_word));
    let splice = match &home.tree {
        Tree::Hcl(_) => hcl::set(home.text(), home.block()?, &path, &in_hcl(&language_word))?,
        Tree::Template(_) => {
            let steps: Vec<&str> = std::iter::once("Properties").chain(path.iter().map(|step| &**step)).collect();
            Template::new(home.text(), home.root()?).set(home.part()?, &steps, &in_template(&language_word))?
        }
    };
    Some((home.edit(splice), title))
}

/// Whose block sets the property, or should.
fn claimant<'a>(world: &World<'a>, resource: &Resource, property: &str) -> Option<&'a Declaration> {
    if resource.standing != Standing::Declared {
        return None;
    }
    let (claims, _) = world.graph.property(resource.id, property);
    // What is so where nothing is said has no place.
    let written: Vec<&Claim> = claims.iter().filter(|claim| claim.span.is_some()).collect();
    let at = match written.as_slice() {
        [] if is_left_to_satellites(world, resource, property) => return None,
        [] => resource.declaration,
        [only] => only.satellite.or(resource.declaration),
        _ => return None,
    };
    world.graph.declarations().get(at?)
}

/// Whether the language has a resource of its own for the property: the argument beside it is then the old way.
fn is_left_to_satellites(world: &World<'_>, resource: &Resource, property: &str) -> bool {
    use crate::graph::catalog::Part;
    let same_language = |name: &str| name.contains("::") == resource.type_name.contains("::");
    world.graph.catalog().types().any(|(_, entry)| {
        matches!(entry.part, Part::Of(_))
            && entry.kind == resource.kind
            && same_language(&entry.type_name)
            && entry.properties.contains_key(property)
    })
}

/// The way to a field of a property in the language's words, and how its value is written.
fn locate<'s>(spec: &'s Spec, fields: &[Arc<str>]) -> Option<(Vec<Arc<str>>, &'s Spec)> {
    match &spec.shape {
        Shape::Paths(paths) if fields.is_empty() => {
            let path = paths.first().filter(|path| !path.0.is_empty() && path.0.iter().all(|step| !step.starts_with('[')))?;
            Some((path.0.clone(), spec))
        }
        Shape::Block(path) => {
            let (field, rest) = fields.split_first()?;
            let (inner, spec) = locate(spec.fields.get(field)?, rest)?;
            Some((path.0.iter().cloned().chain(inner).collect(), spec))
        }
        Shape::First(specs) => specs.iter().find_map(|spec| locate(spec, fields)),
        _ => None,
    }
}

/// The language's word for the catalog's.
fn word(spec: &Spec, literal: &Literal) -> Option<Literal> {
    if spec.map.is_empty() {
        return Some(literal.clone());
    }
    let written = spec.map.iter().find(|(_, word)| *word == literal).map(|(written, _)| written.as_str())?;
    Some(match written {
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        text => Literal::Text(text.to_owned()),
    })
}

fn plain(literal: &Literal) -> String {
    match literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Text(text) => text.clone(),
    }
}

fn in_hcl(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => hcl::quoted(text),
        other => plain(other),
    }
}

fn in_template(literal: &Literal) -> Written {
    match literal {
        Literal::Text(text) => Written::Text(text.clone()),
        other => Written::Word(plain(other)),
    }
}
