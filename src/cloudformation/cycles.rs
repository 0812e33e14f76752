//! Circular dependencies between resources, which CloudFormation refuses.
//!
//! Only what is surely evaluated counts: the chosen branch of `Fn::If`, resources that surely exist. Values need no order, so this is a check
//! of its own and nothing else depends on it.

use super::evaluate::substitute::{Part, parts};
use super::expression::{Call, Expr, Function};
use super::stack::Stack;
use super::world::MAX_DEPTH;
use crate::value::Truth;
use std::collections::BTreeSet;

/// Most names that a message lists.
const MAX_NAMED: usize = 8;

/// Reports the circular dependencies of a stack, one for each ring that is found first.
pub fn report(stack: &Stack<'_>) {
    let edges: Vec<Vec<usize>> = stack
        .resources
        .values()
        .map(|entry| {
            let mut found = Vec::new();
            if stack.exists(entry).truth.is_true() {
                if let Some(properties) = entry.body.get("Properties") {
                    collect(stack, properties, 0, &mut found);
                }
                depends_on(stack, entry.body.get("DependsOn"), &mut found);
            }
            found
        })
        .collect();
    let Some(ring) = ring(&edges) else { return };
    let names: Vec<&str> =
        ring.iter().take(MAX_NAMED).map(|index| &**stack.resources.get_index(*index).expect("an edge's end").0).collect();
    let more = if ring.len() > MAX_NAMED { ", …" } else { "" };
    let (_, first) = stack.resources.get_index(ring[0]).expect("an edge's end");
    stack.world.invalid(first.span, format!("circular dependency between resources: `{}`{more}", names.join("`, `")));
}

fn depends_on(stack: &Stack<'_>, depends_on: Option<Expr<'_>>, into: &mut Vec<usize>) {
    let Some(depends_on) = depends_on else { return };
    let names: Vec<Expr<'_>> = depends_on.items().map_or_else(|| vec![depends_on], Iterator::collect);
    into.extend(names.into_iter().filter_map(|name| stack.resources.get_index_of(&**name.text()?)));
}

/// The resources that an expression surely refers to.
fn collect<'t>(stack: &Stack<'t>, expr: Expr<'t>, depth: usize, into: &mut Vec<usize>) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut add = |name: &str| into.extend(stack.resources.get_index_of(name));
    if let Some(Call { function, argument }) = expr.call() {
        match function {
            Function::Ref => argument.text().into_iter().for_each(|name| add(name)),
            Function::GetAtt => {
                let name = argument.item(0).unwrap_or(argument).text();
                name.into_iter().for_each(|name| add(name.split('.').next().unwrap_or(name)));
            }
            Function::Sub => {
                let text = argument.item(0).unwrap_or(argument).text();
                let own = argument.item(1);
                let shadows: BTreeSet<&str> =
                    own.and_then(Expr::pairs).into_iter().flatten().filter_map(|(key, _)| key.text().map(AsRef::as_ref)).collect();
                for part in text.into_iter().flat_map(|text| parts(text)) {
                    if let Part::Variable(name) = part
                        && !shadows.contains(name)
                    {
                        add(name.split('.').next().unwrap_or(name));
                    }
                }
                own.into_iter().for_each(|own| collect(stack, own, depth + 1, into));
            }
            Function::If => {
                let (Some(name), Some(then), Some(otherwise)) = (argument.item(0), argument.item(1), argument.item(2)) else { return };
                let at = name.span();
                let Some(name) = name.text() else { return };
                match stack.condition(name, at).truth {
                    Truth::True => collect(stack, then, depth + 1, into),
                    Truth::False => collect(stack, otherwise, depth + 1, into),
                    Truth::Unknown => {}
                }
            }
            _ => collect(stack, argument, depth + 1, into),
        }
        return;
    }
    for item in expr.items().into_iter().flatten() {
        collect(stack, item, depth + 1, into);
    }
    for (_, value) in expr.pairs().into_iter().flatten() {
        collect(stack, value, depth + 1, into);
    }
}

/// A ring in a graph, from its first node in order.
fn ring(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut incoming = vec![0usize; edges.len()];
    edges.iter().flatten().for_each(|to| incoming[*to] += 1);
    let mut free: Vec<usize> = (0..edges.len()).filter(|node| incoming[*node] == 0).collect();
    let mut left = vec![true; edges.len()];
    while let Some(node) = free.pop() {
        left[node] = false;
        for to in &edges[node] {
            incoming[*to] -= 1;
            if incoming[*to] == 0 {
                free.push(*to);
            }
        }
    }
    // What is left has an incoming edge from what is left: going backwards must come around. Going forwards may end outside a ring, so
    // the walk follows predecessors.
    let mut before = vec![None; edges.len()];
    for (from, tos) in edges.iter().enumerate().filter(|(from, _)| left[*from]) {
        tos.iter().for_each(|to| before[*to] = Some(from));
    }
    let mut node = left.iter().position(|left| *left)?;
    let mut order = vec![usize::MAX; edges.len()];
    let mut path = Vec::new();
    while order[node] == usize::MAX {
        order[node] = path.len();
        path.push(node);
        node = before[node]?;
    }
    let mut ring = path.split_off(order[node]);
    ring.reverse();
    let first = (0..ring.len()).min_by_key(|index| ring[*index])?;
    ring.rotate_left(first);
    Some(ring)
}

#[cfg(test)]
mod tests {
    use super::ring;

    #[test]
    fn a_ring_is_found_behind_what_leads_to_and_from_it() {
        assert_eq!(ring(&[vec![1], vec![2], vec![]]), None);
        assert_eq!(ring(&[vec![0]]), Some(vec![0]));
        assert_eq!(ring(&[vec![3], vec![0, 2], vec![], vec![1]]), Some(vec![0, 3, 1]));
        assert_eq!(ring(&[vec![1], vec![2], vec![1], vec![2]]), Some(vec![1, 2]));
    }
}
