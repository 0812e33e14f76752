//! Evaluating no more of a local value than a reference asks for.
//!
//! Real configurations keep everything that differs between environments in a few large objects and pick from them by key. Where such an object
//! is written out, with keys that are literals, a part of it is evaluated alone, through as many local values as it takes. Only a scan does so:
//! Terraform itself would refuse the whole object for a fault in another part of it.

use crate::syntax::hcl::{Expr, ExprKind, Ident, Operation};
use crate::terraform::engine::{Engine, Fidelity};
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Instance, Slot};
use crate::terraform::scope::Scope;
use crate::value::{Marks, Value};
use std::rc::Rc;
use std::sync::Arc;

/// Most keys that one way into an object is followed.
const MAX_KEYS: usize = 8;

/// The name of a local value, and the keys that lead into it.
pub type Way = (Arc<str>, Vec<Arc<str>>);

/// What stands at the end of a way of keys.
#[derive(Clone, Debug)]
pub enum Part {
    /// A value, and how many of the keys led to it.
    Value(Value, usize),
    /// The object before the last key has no such attribute.
    Absent,
    /// Only the whole can tell.
    Whole,
}

impl Engine<'_> {
    /// The part of a local value that these operations ask for.
    pub fn part_of_local(&self, name: &Arc<str>, operations: &[Operation], scope: &Scope<'_>) -> Result<Part, Failure> {
        if self.fidelity != Fidelity::Scan || operations.is_empty() || !Self::may_be_parted(scope.instance, name) {
            return Ok(Part::Whole);
        }
        let keys = self.keys(operations, scope)?;
        self.local_at(scope.instance, name, &keys)
    }

    /// `lookup(local.name…, key, default)`, where that needs no more than a part.
    pub fn lookup_part(&self, arguments: &[Expr], scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
        let [of, key, default] = arguments else { return Ok(None) };
        let Some((name, operations)) = local_of(of, scope) else { return Ok(None) };
        if self.fidelity != Fidelity::Scan || !Self::may_be_parted(scope.instance, &name.name) {
            return Ok(None);
        }
        let mut keys = self.keys(operations, scope)?;
        let key = self.eval(key, scope)?;
        if keys.len() != operations.len() || key.marks != Marks::NONE {
            return Ok(None);
        }
        let Some(key) = key.as_str() else { return Ok(None) };
        keys.push(Arc::from(key));
        match self.local_at(scope.instance, &name.name, &keys)? {
            Part::Value(value, used) if used == keys.len() => Ok(Some(value)),
            Part::Absent => self.eval(default, scope).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether a local value is written in a way that has parts, and was not evaluated as a whole.
    fn may_be_parted(instance: &Instance, name: &Arc<str>) -> bool {
        let has_parts = |expr: &Expr| matches!(expr.kind, ExprKind::Object(_) | ExprKind::Parens(_) | ExprKind::Traversal { .. });
        !instance.cache.borrow().locals.contains_key(name)
            && instance.module.locals.get(name).is_some_and(|local| has_parts(&local.attribute().1.value))
    }

    /// The keys that operations begin with, as far as they are known.
    fn keys(&self, operations: &[Operation], scope: &Scope<'_>) -> Result<Vec<Arc<str>>, Failure> {
        let mut keys = Vec::new();
        for operation in operations.iter().take(MAX_KEYS) {
            match operation {
                Operation::Attribute(name) => keys.push(Arc::clone(&name.name)),
                Operation::Index(key) => {
                    let key = self.eval(key, scope)?;
                    match key.as_str() {
                        Some(name) if key.marks == Marks::NONE => keys.push(Arc::from(name)),
                        _ => break,
                    }
                }
                Operation::LegacyIndex(..) | Operation::Splat { .. } => break,
            }
        }
        Ok(keys)
    }

    fn local_at(&self, instance: &Rc<Instance>, name: &Arc<str>, keys: &[Arc<str>]) -> Result<Part, Failure> {
        let Some(local) = instance.module.locals.get(name).filter(|_| !keys.is_empty() && Self::may_be_parted(instance, name)) else {
            return Ok(Part::Whole);
        };
        if let Some(part) = self.known_part(instance, name, keys) {
            return Ok(part);
        }
        let (file, attribute) = local.attribute();
        // Whoever asks for the same local value again meanwhile has found a cycle.
        instance.cache.borrow_mut().locals.insert(Arc::clone(name), Slot::Busy);
        let (part, read) = self.reading.of(|| self.part_of(&attribute.value, keys, &Scope::of(instance, file)));
        let mut cache = instance.cache.borrow_mut();
        cache.locals.swap_remove(name);
        let part = part?;
        let used = if let Part::Value(_, used) = part { used } else { keys.len() };
        cache.parts.insert((Arc::clone(name), keys[..used].to_vec()), Slot::Done(part.clone(), read));
        Ok(part)
    }

    /// A part that was evaluated before, the longest way first.
    fn known_part(&self, instance: &Instance, name: &Arc<str>, keys: &[Arc<str>]) -> Option<Part> {
        let cache = instance.cache.borrow();
        let mut way = (Arc::clone(name), keys.to_vec());
        while !way.1.is_empty() {
            match cache.parts.get(&way) {
                Some(Slot::Done(part @ Part::Value(..), read)) => {
                    self.reading.add(*read);
                    return Some(part.clone());
                }
                Some(Slot::Done(part, read)) if way.1.len() == keys.len() => {
                    self.reading.add(*read);
                    return Some(part.clone());
                }
                _ => drop(way.1.pop()),
            }
        }
        None
    }

    /// The part of an expression's value that stands at the end of a way of keys.
    fn part_of(&self, expr: &Expr, keys: &[Arc<str>], scope: &Scope<'_>) -> Result<Part, Failure> {
        match &expr.kind {
            ExprKind::Parens(inner) => self.deeper(|| expr.range.at(scope.file), || self.part_of(inner, keys, scope)),
            ExprKind::Object(items) => {
                let mut found = None;
                for item in items {
                    match &item.key.kind {
                        ExprKind::String(key) if *key == keys[0] => found = Some(&item.value),
                        ExprKind::String(_) => {}
                        _ => return Ok(Part::Whole),
                    }
                }
                let Some(value) = found else { return Ok(if keys.len() == 1 { Part::Absent } else { Part::Whole }) };
                if keys.len() > 1 {
                    let part = self.deeper(|| value.range.at(scope.file), || self.part_of(value, &keys[1..], scope))?;
                    match part {
                        Part::Value(value, used) => return Ok(Part::Value(value, used + 1)),
                        Part::Absent => return Ok(Part::Absent),
                        Part::Whole => {}
                    }
                }
                Ok(Part::Value(self.settle(self.eval(value, scope)), 1))
            }
            ExprKind::Traversal { .. } => {
                let Some((name, operations)) = local_of(expr, scope) else { return Ok(Part::Whole) };
                if !Self::may_be_parted(scope.instance, &name.name) {
                    return Ok(Part::Whole);
                }
                let mut way = self.keys(operations, scope)?;
                if way.len() != operations.len() {
                    return Ok(Part::Whole);
                }
                way.extend_from_slice(keys);
                let part = self.deeper(|| expr.range.at(scope.file), || self.local_at(scope.instance, &name.name, &way))?;
                match part {
                    Part::Value(value, used) if used > operations.len() => Ok(Part::Value(value, used - operations.len())),
                    Part::Absent => Ok(Part::Absent),
                    _ => Ok(Part::Whole),
                }
            }
            _ => Ok(Part::Whole),
        }
    }
}

/// The local value that an expression refers to, and what follows its name.
fn local_of<'e>(expr: &'e Expr, scope: &Scope<'_>) -> Option<(&'e Ident, &'e [Operation])> {
    match &expr.kind {
        ExprKind::Parens(inner) => local_of(inner, scope),
        ExprKind::Traversal { root, operations } if &*root.name == "local" && !scope.only_names && scope.bound("local").is_none() => {
            Engine::named(root, operations, scope).ok()
        }
        _ => None,
    }
}
