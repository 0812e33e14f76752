//! The one type that values of several types can all be converted to, as `cty` finds it.
//!
//! Collections of one kind unify by their elements, objects with the same attributes by attribute, tuples of one length by element; objects
//! and tuples that differ become a map or a list. Failing that, the most general of the given types that all others convert to.

use super::shape::convertible;
use super::{MAX_DEPTH, Safety};
use crate::value::Type;
use std::cmp::Ordering;
use std::sync::Arc;

/// The type that values of all of these types can be converted to, if need be by conversions that can fail; `None` if there is none.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_with(types, Safety::Unsafe, 0)
}

/// How many of the given types are of each kind.
#[derive(Default)]
struct Kinds {
    maps: usize,
    lists: usize,
    sets: usize,
    objects: usize,
    tuples: usize,
    dynamic: usize,
}

pub(super) fn unify_with(types: &[Type], safety: Safety, depth: usize) -> Option<Type> {
    let first = types.first()?;
    if depth > MAX_DEPTH {
        return None;
    }
    let mut kinds = Kinds::default();
    for of in types {
        match of {
            Type::Map(_) => kinds.maps += 1,
            Type::List(_) => kinds.lists += 1,
            Type::Set(_) => kinds.sets += 1,
            Type::Object(_) => kinds.objects += 1,
            Type::Tuple(_) => kinds.tuples += 1,
            Type::Dynamic => kinds.dynamic += 1,
            Type::Bool | Type::Number | Type::String => {}
        }
    }
    if kinds.dynamic == 0 && types.iter().all(|of| of == first) {
        return Some(first.clone());
    }
    let all = types.len();
    let Kinds { maps, lists, sets, objects, tuples, dynamic } = kinds;
    // With an element of unknown type, nobody can say which way this will go.
    let collections = |collection: fn(Arc<Type>) -> Type| {
        if dynamic > 0 { Some(Type::Dynamic) } else { of_elements(types, collection, safety, depth) }
    };
    if maps > 0 && maps + dynamic == all {
        return collections(Type::Map);
    }
    if maps > 0 && maps + objects + dynamic == all {
        if let Some(map @ Type::Map(_)) = disguised(types, safety, depth) {
            return Some(map);
        }
    } else if lists > 0 && lists + dynamic == all {
        return collections(Type::List);
    } else if lists > 0 && lists + tuples + dynamic == all {
        if let Some(list @ Type::List(_)) = disguised(types, safety, depth) {
            return Some(list);
        }
    } else if sets > 0 && sets + dynamic == all {
        return collections(Type::Set);
    } else if objects > 0 && objects + dynamic == all {
        return if dynamic > 0 { Some(Type::Dynamic) } else { of_objects(types, safety, depth) };
    } else if tuples > 0 && tuples + dynamic == all {
        return if dynamic > 0 { Some(Type::Dynamic) } else { of_tuples(types, safety, depth) };
    } else if objects > 0 && tuples > 0 {
        return None;
    }
    let reached = |wanted: &Type| types.iter().all(|of| of == wanted || convertible(of, wanted, safety, depth + 1));
    by_generality(types).into_iter().map(|at| &types[at]).find(|wanted| reached(wanted)).cloned()
}

/// Collections of one kind.
fn of_elements(types: &[Type], collection: fn(Arc<Type>) -> Type, safety: Safety, depth: usize) -> Option<Type> {
    let elements: Vec<Type> = types
        .iter()
        .filter_map(|of| match of {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some((**element).clone()),
            _ => None,
        })
        .collect();
    reachable(types, collection(Arc::new(unify_with(&elements, safety, depth + 1)?)), safety, depth)
}

/// Lists with tuples, maps with objects: the tuples (objects) as lists (maps), and then all together.
fn disguised(types: &[Type], safety: Safety, depth: usize) -> Option<Type> {
    let structural: Vec<Type> = types.iter().filter(|of| matches!(of, Type::Tuple(_) | Type::Object(_))).cloned().collect();
    let collection = match structural.first()? {
        Type::Tuple(_) => to_list(&structural, safety, depth),
        _ => to_map(&structural, safety, depth),
    }?;
    let shown: Vec<Type> =
        types.iter().map(|of| if matches!(of, Type::Tuple(_) | Type::Object(_)) { collection.clone() } else { of.clone() }).collect();
    unify_with(&shown, safety, depth + 1)
}

fn of_objects(types: &[Type], safety: Safety, depth: usize) -> Option<Type> {
    let objects: Vec<_> = types.iter().filter_map(|of| if let Type::Object(attributes) = of { Some(attributes) } else { None }).collect();
    let first = objects.first()?;
    if objects.iter().any(|other| !other.keys().eq(first.keys())) {
        return to_map(types, safety, depth);
    }
    let mut attributes = std::collections::BTreeMap::new();
    for name in first.keys() {
        let across: Vec<Type> = objects.iter().filter_map(|object| object.get(name).cloned()).collect();
        attributes.insert(Arc::clone(name), unify_with(&across, safety, depth + 1)?);
    }
    reachable(types, Type::Object(Arc::new(attributes)), safety, depth).or_else(|| to_map(types, safety, depth))
}

fn of_tuples(types: &[Type], safety: Safety, depth: usize) -> Option<Type> {
    let tuples: Vec<_> = types.iter().filter_map(|of| if let Type::Tuple(items) = of { Some(items) } else { None }).collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|other| other.len() != length) {
        return to_list(types, safety, depth);
    }
    let across = |at: usize| tuples.iter().map(|tuple| tuple[at].clone()).collect::<Vec<_>>();
    let items: Option<Arc<[Type]>> = (0..length).map(|at| unify_with(&across(at), safety, depth + 1)).collect();
    reachable(types, Type::Tuple(items?), safety, depth).or_else(|| to_list(types, safety, depth))
}

/// Objects as a map of all their attributes.
fn to_map(types: &[Type], safety: Safety, depth: usize) -> Option<Type> {
    let attributes =
        types.iter().filter_map(|of| if let Type::Object(attributes) = of { Some(attributes.values().cloned()) } else { None });
    let element = unify_with(&attributes.flatten().collect::<Vec<_>>(), safety, depth + 1)?;
    reachable(types, Type::Map(Arc::new(element)), safety, depth)
}

/// Tuples as a list of all their elements.
fn to_list(types: &[Type], safety: Safety, depth: usize) -> Option<Type> {
    let items = types.iter().filter_map(|of| if let Type::Tuple(items) = of { Some(items.iter().cloned()) } else { None });
    let element = unify_with(&items.flatten().collect::<Vec<_>>(), safety, depth + 1)?;
    reachable(types, Type::List(Arc::new(element)), safety, depth)
}

fn reachable(types: &[Type], wanted: Type, safety: Safety, depth: usize) -> Option<Type> {
    types.iter().all(|of| *of == wanted || convertible(of, &wanted, safety, depth + 1)).then_some(wanted)
}

/// The places of the types, more general ones first: a topological order of "more general than". Where `cty` leaves places of its result
/// unset (types that no order reaches), it means the first type again; so does this.
fn by_generality(types: &[Type]) -> Vec<usize> {
    let mut below = vec![Vec::new(); types.len()];
    let mut waiting = vec![0_usize; types.len()];
    for a in 0..types.len() {
        for b in a + 1..types.len() {
            match generality(&types[a], &types[b]) {
                Ordering::Less => below[a].push(b),
                Ordering::Greater => below[b].push(a),
                Ordering::Equal => {}
            }
        }
    }
    below.iter().flatten().for_each(|at| waiting[*at] += 1);
    let mut order: Vec<usize> = (0..types.len()).filter(|at| waiting[*at] == 0).collect();
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        for to in &below[at] {
            waiting[*to] -= 1;
            if waiting[*to] == 0 {
                order.push(*to);
            }
        }
    }
    order.resize(types.len(), 0);
    order
}

/// Less: the first is more general.
fn generality(a: &Type, b: &Type) -> Ordering {
    let compound = |pairs: &mut dyn Iterator<Item = (&Type, &Type)>| {
        let orders: Vec<Ordering> = pairs.map(|(a, b)| generality(a, b)).collect();
        match (orders.contains(&Ordering::Less), orders.contains(&Ordering::Greater)) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => Ordering::Equal,
        }
    };
    match (a, b) {
        (Type::Dynamic, Type::Dynamic) => Ordering::Equal,
        // Anything can become dynamic, and a dynamic value is hoped to become what its neighbours are: the last resort.
        (_, Type::Dynamic) | (Type::String, Type::Number | Type::Bool) => Ordering::Less,
        (Type::Dynamic, _) | (Type::Number | Type::Bool, Type::String) => Ordering::Greater,
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => generality(a, b),
        (Type::List(_), Type::Tuple(_)) | (Type::Map(_), Type::Object(_)) | (Type::List(_) | Type::Tuple(_), Type::Set(_)) => {
            Ordering::Less
        }
        (Type::Tuple(_), Type::List(_)) | (Type::Object(_), Type::Map(_)) | (Type::Set(_), Type::List(_) | Type::Tuple(_)) => {
            Ordering::Greater
        }
        (Type::Object(a), Type::Object(b)) if a.keys().eq(b.keys()) => compound(&mut a.values().zip(b.values())),
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => compound(&mut a.iter().zip(b.iter())),
        _ => Ordering::Equal,
    }
}
