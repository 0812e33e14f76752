//! What is remembered of an evaluation, and what it hangs on.
//!
//! A scenario evaluates one project under one assignment of inputs after another. Whatever was evaluated notes which root inputs were read on
//! the way, itself or in what it was made of; another assignment forgets just what hangs on an input that has changed.

use crate::table::IndexMap;
use crate::terraform::engine::Engine;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Cache, Children, Instance, Slot};
use crate::value::{Value, bare, ops};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::ops::BitOr;
use std::sync::Arc;

/// A set of root inputs. It may hold more of them than were read, never fewer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct Inputs(u64);

impl Inputs {
    /// Most inputs that are told apart; the rest are one.
    const MOST: usize = 63;

    fn one(number: usize) -> Self {
        Self(1 << number.min(Self::MOST))
    }

    fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Inputs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The inputs of an evaluation: what is assigned to them, and which of them were read.
#[derive(Debug, Default)]
pub struct Reading {
    assigned: RefCell<BTreeMap<Arc<str>, Value>>,
    numbers: RefCell<BTreeMap<Arc<str>, usize>>,
    read: Cell<Inputs>,
    named: RefCell<BTreeMap<Inputs, Arc<[Arc<str>]>>>,
    /// Whether one was read that has no value.
    pub lacks: Cell<bool>,
}

impl Reading {
    /// With these assignments.
    pub fn new(assigned: BTreeMap<Arc<str>, Value>) -> Self {
        Self { assigned: RefCell::new(assigned), ..Self::default() }
    }

    /// What is assigned to an input (`var.environment`, `terraform.workspace`), which counts as read.
    pub fn input(&self, name: &str) -> Option<Value> {
        let known = self.numbers.borrow().get(name).copied();
        let number = known.unwrap_or_else(|| {
            let mut numbers = self.numbers.borrow_mut();
            let next = numbers.len();
            numbers.insert(Arc::from(name), next);
            next
        });
        self.add(Inputs::one(number));
        self.assigned.borrow().get(name).cloned()
    }

    /// Counts inputs as read.
    pub fn add(&self, inputs: Inputs) {
        self.read.set(self.read.get() | inputs);
    }

    /// What a computation gives, and which inputs it read.
    pub fn of<T>(&self, compute: impl FnOnce() -> T) -> (T, Inputs) {
        let before = self.read.take();
        let value = compute();
        let read = self.read.get();
        self.read.set(before | read);
        (value, read)
    }

    /// The names of inputs. Beyond the most that are told apart, all that there are of those.
    pub fn names(&self, inputs: Inputs) -> Arc<[Arc<str>]> {
        let numbers = self.numbers.borrow();
        let mut named = self.named.borrow_mut();
        let names = named.entry(inputs).or_insert_with(|| {
            numbers.iter().filter(|(_, number)| Inputs::one(**number).meets(inputs)).map(|(name, _)| Arc::clone(name)).collect()
        });
        Arc::clone(names)
    }

    /// Assigns anew. The inputs that were read and are not what they were.
    fn assign(&self, assignments: &BTreeMap<Arc<str>, Value>) -> Inputs {
        let before = self.assigned.replace(assignments.clone());
        let numbers = self.numbers.borrow();
        let is_same = |name: &Arc<str>| match (before.get(name), assignments.get(name)) {
            (Some(before), Some(now)) => ops::surely_equal(before, now),
            (before, now) => before.is_none() && now.is_none(),
        };
        let changed = before.keys().chain(assignments.keys()).filter(|name| !is_same(name));
        let number = |name: &Arc<str>| numbers.get(name).map_or(Inputs::default(), |number| Inputs::one(*number));
        changed.map(number).fold(Inputs::default(), Inputs::bitor)
    }
}

impl Engine<'_> {
    /// A value of an instance's cache, if it has been computed.
    pub fn recall<K: Hash + Eq, T: Clone>(&self, instance: &Instance, map: impl Fn(&Cache) -> &IndexMap<K, Slot<T>>, key: &K) -> Option<T> {
        match map(&instance.cache.borrow()).get(key) {
            Some(Slot::Done(value, read)) => {
                self.reading.add(*read);
                Some(value.clone())
            }
            _ => None,
        }
    }

    /// A value of an instance's cache, computed the first time; asked for again meanwhile, it is a cycle.
    pub fn remember<K: Hash + Eq + Clone, T: Clone>(
        &self,
        instance: &Instance,
        map: impl Fn(&mut Cache) -> &mut IndexMap<K, Slot<T>>,
        key: &K,
        cycle: impl FnOnce() -> Failure,
        compute: impl FnOnce() -> T,
    ) -> Result<T, Failure> {
        match map(&mut instance.cache.borrow_mut()).get(key) {
            Some(Slot::Done(value, read)) => {
                self.reading.add(*read);
                return Ok(value.clone());
            }
            Some(Slot::Busy) => return Err(cycle()),
            None => {}
        }
        let (at, _) = map(&mut instance.cache.borrow_mut()).insert_full(key.clone(), Slot::Busy);
        let (value, read) = self.reading.of(compute);
        let done = Slot::Done(value.clone(), read);
        let mut cache = instance.cache.borrow_mut();
        let slots = map(&mut cache);
        match slots.get_index_mut(at) {
            Some((known, slot)) if known == key => *slot = done,
            _ => drop(slots.insert(key.clone(), done)),
        }
        Ok(value)
    }

    /// Assigns values to inputs in the place of those that were assigned before, and forgets what hangs on any of them.
    pub fn assign(&self, assignments: &BTreeMap<Arc<str>, Value>) {
        let changed = self.reading.assign(assignments);
        let Some(root) = self.root_once.borrow().clone() else { return };
        let mut forgotten = Forgotten::default();
        let modules = forget(&root, changed, &mut forgotten);
        self.module_count.set(modules);
        self.restart();
        let stays = |address: &str| !forgotten.holds(address);
        self.attributes.borrow_mut().retain(|slot| slot.stays(changed), stays);
        self.handles.borrow_mut().retain(|address, _| stays(address));
        self.providers.borrow_mut().retain(|key, (_, read)| !read.meets(changed) && stays(key));
    }
}

/// Resources and modules whose instances are to be evaluated again, by address without instance keys.
#[derive(Default)]
struct Forgotten {
    resources: BTreeSet<String>,
    modules: BTreeSet<String>,
}

impl Forgotten {
    fn holds(&self, address: &str) -> bool {
        if self.resources.is_empty() && self.modules.is_empty() {
            return false;
        }
        let address = bare(address);
        let within = |module: &String| address.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with('.'));
        self.resources.contains(&*address) || self.modules.iter().any(within)
    }
}

impl<T> Slot<T> {
    fn stays(&self, changed: Inputs) -> bool {
        matches!(self, Self::Done(_, read) if !read.meets(changed))
    }
}

/// Forgets what hangs on these inputs in a module and those that it calls. How many module instances are left below it.
fn forget(instance: &Instance, changed: Inputs, forgotten: &mut Forgotten) -> usize {
    let mut cache = instance.cache.borrow_mut();
    cache.variables.retain(|_, slot| slot.stays(changed));
    cache.locals.retain(|_, slot| slot.stays(changed));
    cache.parts.retain(|_, slot| slot.stays(changed));
    cache.outputs.retain(|_, slot| slot.stays(changed));
    cache.expansions.retain(|local, slot| {
        let stays = slot.stays(changed);
        if !stays {
            forgotten.resources.insert(bare(&instance.address(local)).into_owned());
        }
        stays
    });
    let mut left = 0;
    cache.children.retain(|name, slot| match slot {
        Slot::Done(children, read) if !read.meets(changed) => {
            if let Children::Present(_, instances) = &**children {
                left += instances.len() + instances.iter().map(|child| forget(child, changed, forgotten)).sum::<usize>();
            }
            true
        }
        _ => {
            forgotten.modules.insert(bare(&instance.address_of("module", name)).into_owned());
            false
        }
    });
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_an_input_hangs_on_it() {
        let reading = Reading::default();
        let ((), outer) = reading.of(|| {
            assert!(reading.input("var.a").is_none());
            let ((), inner) = reading.of(|| drop(reading.input("var.b")));
            assert_eq!(inner, Inputs::one(1));
        });
        assert_eq!(outer, Inputs::one(0) | Inputs::one(1));
        assert!(outer.meets(reading.assign(&BTreeMap::from([(Arc::from("var.b"), Value::bool(true))]))));
        assert_eq!(reading.input("var.b").and_then(|value| value.as_bool()), Some(true));
        assert_eq!(reading.assign(&BTreeMap::from([(Arc::from("var.c"), Value::bool(true))])), Inputs::one(1), "`var.c` was never read");
    }

    #[test]
    fn what_lies_in_a_forgotten_module_is_forgotten() {
        let forgotten = Forgotten {
            resources: BTreeSet::from(["module.a.aws_s3_bucket.b".to_owned()]),
            modules: BTreeSet::from(["module.c".to_owned()]),
        };
        for address in ["module.a[0].aws_s3_bucket.b[\"k\"]", "module.c[1].module.d.aws_s3_bucket.b", "module.c.aws"] {
            assert!(forgotten.holds(address), "{address}");
        }
        for address in ["module.a.aws_s3_bucket.bc", "module.cd.aws_s3_bucket.b", "aws"] {
            assert!(!forgotten.holds(address), "{address}");
        }
    }
}
