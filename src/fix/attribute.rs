//! Setting properties, named in the catalog's words, in the language that their resource is declared in.
//!
//! Where nothing sets one, it is added to the resource's own block, or to a resource beside it where the language has one for that; where one place
//! does, the literal there is changed. A property that several places claim is left to people.

use crate::fix::hcl::{self, Splice};
use crate::fix::home::Home;
use crate::fix::owner::Module;
use crate::fix::written::Written;
use crate::fix::{World, satellite};
use crate::graph::catalog::spec::{Literal, Shape, Spec};
use crate::graph::{Claim, Resource, Standing};
use crate::rule::finding::Edit;
use crate::source::TextRange;
use crate::value::Declaration;
use std::sync::Arc;

/// A property, in the catalog's words, and what it has to be.
pub type Set<'s> = (Vec<Arc<str>>, &'s Literal);

/// Several of them.
pub type Sets<'s> = [Set<'s>];

/// The edit that sets properties of one resource, and what it does in words.
pub fn set(world: &World<'_>, resource: &Resource, sets: &Sets<'_>) -> Option<(Edit, String)> {
    if resource.standing != Standing::Declared {
        return None;
    }
    let (mut declared, mut missing): (Option<usize>, usize) = (None, 0);
    for (words, _) in sets {
        match claimant(world, resource, words.first()?)? {
            Claimant::Declaration(at) if declared.is_none_or(|known| known == at) => declared = Some(at),
            Claimant::Satellite => missing += 1,
            // Two blocks would have to change together.
            Claimant::Declaration(_) => return None,
        }
    }
    match declared {
        None if missing == sets.len() => satellite::add(world, resource, sets),
        Some(at) if missing == 0 => set_in(world, world.graph.declarations().get(at)?, sets),
        _ => None,
    }
}

/// Sets attributes of one declaration, as one splice.
fn set_in(world: &World<'_>, declaration: &Declaration, sets: &Sets<'_>) -> Option<(Edit, String)> {
    let entry = world.graph.catalog().managed(&declaration.type_name)?;
    let home = Home::of(world, declaration)?;
    let (mut places, mut titles) = (Vec::new(), Vec::new());
    for (words, literal) in sets {
        let (property, fields) = words.split_first()?;
        let (path, spec) = locate(entry.properties.get(property)?, fields)?;
        let word = word(spec, literal)?;
        let shown = path.iter().map(|step| &**step).collect::<Vec<_>>().join(".");
        titles.push(format!("`{shown}` to `{}`", plain(&word)));
        places.push((path, word));
    }
    let title = format!("set {} of `{}`", titles.join(" and "), declaration.address);
    let splice = match places.as_slice() {
        [(path, word)] => home.splice(home.text(), path, &in_hcl(word), &in_template(word)),
        _ => together(&home, &places).or_else(|| one_by_one(&home, &places)),
    };
    Some((home.edit(splice?), title))
}

/// Where an attribute stands, and what it has to be.
type Wanted = (Vec<Arc<str>>, Literal);

/// Attributes of one mapping of a template that is not there yet: it is added with all of them.
fn together(home: &Home<'_>, places: &[Wanted]) -> Option<Splice> {
    let (first, _) = places.first()?;
    let (_, parent) = first.split_last()?;
    let mut pairs: Vec<(String, Written)> = Vec::with_capacity(places.len());
    for (path, word) in places {
        let (name, above) = path.split_last()?;
        if above != parent || pairs.iter().any(|(known, _)| *known == **name) {
            return None;
        }
        pairs.push((name.to_string(), in_template(word)));
    }
    let (range, new) = home.add_mapping(parent, &Written::Map(pairs))?;
    (range.start == range.end).then(|| inserted(home.text(), range.start as usize, new))
}

/// Attributes that are set one after the other, each in the text that the one before it left.
fn one_by_one(home: &Home<'_>, places: &[Wanted]) -> Option<Splice> {
    let (mut text, mut splices) = (home.text().to_owned(), Vec::<Splice>::new());
    for (path, word) in places {
        if let Some((range, new)) = splices.last() {
            text.replace_range(range.indices(), new);
        }
        splices.push(home.splice(&text, path, &in_hcl(word), &in_template(word))?);
    }
    let (range, new) = splices.pop()?;
    // Around all that was changed, both texts are the same.
    let changed = || splices.iter().map(|(range, _)| range).chain([&range]);
    let before = changed().map(|range| range.start as usize).min().unwrap_or(0);
    let lengths = splices.iter().scan(home.text().len(), |length, (range, new)| {
        let behind = *length - range.end as usize;
        *length = *length - range.indices().len() + new.len();
        Some(behind)
    });
    let behind = lengths.chain([text.len() - range.end as usize]).min().unwrap_or(0);
    text.replace_range(range.indices(), &new);
    Some(difference(home.text(), &text, before, behind))
}

/// What is inserted at a point, as the difference of both texts: behind all that is the same, and with no look at the whole of a text that may be long.
fn inserted(text: &str, point: usize, mut new: String) -> Splice {
    let behind = &text[point..];
    let same = behind.bytes().zip(new.bytes().chain(behind.bytes())).take_while(|(a, b)| a == b).count();
    let same = (0..=same).rev().find(|at| behind.is_char_boundary(*at)).unwrap_or(0);
    new.push_str(&behind[..same]);
    (TextRange::new(point + same, point + same), new.split_off(same))
}

/// The one splice that makes one text of another. So many bytes at the start and at the end are known to be the same.
fn difference(before: &str, after: &str, same_start: usize, same_end: usize) -> Splice {
    let rest = before.bytes().skip(same_start).zip(after.bytes().skip(same_start));
    let start = same_start + rest.take_while(|(a, b)| a == b).count();
    let start = (0..=start).rev().find(|at| before.is_char_boundary(*at) && after.is_char_boundary(*at)).unwrap_or(0);
    let most = before.len().min(after.len()) - start;
    let known = same_end.min(most);
    let rest = before.bytes().rev().zip(after.bytes().rev()).take(most).skip(known);
    let same = known + rest.take_while(|(a, b)| a == b).count();
    let is_boundary = |end: &usize| before.is_char_boundary(before.len() - end) && after.is_char_boundary(after.len() - end);
    let end = (0..=same).rev().find(is_boundary).unwrap_or(0);
    (TextRange::new(start, before.len() - end), after[start..after.len() - end].to_owned())
}

/// Who sets a property, or should.
enum Claimant {
    /// A declaration.
    Declaration(usize),
    /// A resource beside it that is not there yet.
    Satellite,
}

fn claimant(world: &World<'_>, resource: &Resource, property: &str) -> Option<Claimant> {
    let (claims, _) = world.graph.property(resource.id, property);
    // What is so where nothing is said has no place.
    let written: Vec<&Claim> = claims.iter().filter(|claim| claim.span.is_some()).collect();
    match written.as_slice() {
        [] if is_left_to_satellites(world, resource, property) => Some(Claimant::Satellite),
        [] => resource.declaration.map(Claimant::Declaration),
        [only] if only.certainty.is_true() => only.satellite.or(resource.declaration).map(Claimant::Declaration),
        _ => None,
    }
}

/// Whether the language has a resource of its own for the property: the argument beside it is then the old way, which providers before 4 have.
fn is_left_to_satellites(world: &World<'_>, resource: &Resource, property: &str) -> bool {
    let catalog = world.graph.catalog();
    let same_language = |name: &str| name.contains("::") == resource.type_name.contains("::");
    let mut parts = catalog.parts_of(&resource.kind);
    let has_own = parts.any(|(_, entry)| same_language(&entry.type_name) && entry.properties.contains_key(property));
    let is_old_way = || {
        let has_argument = catalog.managed(&resource.type_name).is_some_and(|entry| entry.properties.contains_key(property));
        let declaration = resource.declaration.filter(|_| has_argument).and_then(|at| world.graph.declarations().get(at));
        let home = declaration.and_then(|declaration| Home::of(world, declaration));
        home.is_some_and(|home| home.block().is_some() && Module::of(world, home.directory()).is_before_4(world, resource))
    };
    has_own && !is_old_way()
}

/// The way to a field of a property in the language's words, and how its value is written.
pub fn locate<'s>(spec: &'s Spec, fields: &[Arc<str>]) -> Option<(Vec<Arc<str>>, &'s Spec)> {
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
pub fn word(spec: &Spec, literal: &Literal) -> Option<Literal> {
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

/// A literal as text.
pub fn plain(literal: &Literal) -> String {
    match literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Text(text) => text.clone(),
    }
}

/// A literal as HCL writes it.
pub fn in_hcl(literal: &Literal) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_one_splice() {
        for (before, after) in [("a = 1\n", "a = 1\nb = 2\n"), ("äöä", "äüä"), ("", "x"), ("aaa", "aaaa"), ("x", "")] {
            let (range, new) = difference(before, after, 0, 0);
            let mut text = before.to_owned();
            text.replace_range(range.indices(), &new);
            assert_eq!(text, after);
        }
    }

    #[test]
    fn what_is_inserted_is_the_difference() {
        for (text, point, new) in [
            ("a:\n  b: 1\n  c: 2\n", 8, "\n  c: 1\n  d: ä"),
            ("a: ä\nb", 5, "\na: ö"),
            ("äää", 2, "ä"),
            ("äö", 2, "å"),
            ("aaaa", 1, "aa"),
            ("a", 1, "\nb"),
            ("", 0, "x"),
        ] {
            let after = [&text[..point], new, &text[point..]].concat();
            assert_eq!(inserted(text, point, new.to_owned()), difference(text, &after, point, text.len() - point), "{text:?}");
        }
    }
}
