//! The attributes of an object and the elements of a map, in the order of their names. It does not know what they are of.
//!
//! Nearly all have few: those stand side by side, in as much memory as they need. A tree has room for eleven in its smallest node, and there
//! are as many objects as blocks. Many make a tree, so that no order in which they come costs the square of their number.

use super::Value;
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;
use std::{slice, vec};

/// As many as stand side by side.
const FEW: usize = 16;

/// Values by name, in the order of the names.
#[derive(Clone, Debug)]
pub struct Entries(Kept);

/// More than [`FEW`] are always a tree, and fewer never: what is equal is kept alike.
#[derive(Clone, Debug)]
enum Kept {
    Few(Vec<(Arc<str>, Value)>),
    Many(BTreeMap<Arc<str>, Value>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::new()
    }
}

impl Entries {
    /// None.
    pub const fn new() -> Self {
        Self(Kept::Few(Vec::new()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Few(few) => few.len(),
            Kept::Many(many) => many.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match &self.0 {
            Kept::Few(few) => find(few, name).map(|at| &few[at].1),
            Kept::Many(many) => many.get(name),
        }
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Kept::Few(few) => find(few, name).map(|at| &mut few[at].1),
            Kept::Many(many) => many.get_mut(name),
        }
    }

    /// Whether there is a value of a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets the value of a name, and gives back the one that it had.
    pub fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        let few = match &mut self.0 {
            Kept::Few(few) => few,
            Kept::Many(many) => return many.insert(name, value),
        };
        match place(few, &name) {
            Ok(at) => return Some(std::mem::replace(&mut few[at].1, value)),
            Err(at) if few.len() < FEW => few.insert(at, (name, value)),
            Err(_) => {
                let mut many: BTreeMap<Arc<str>, Value> = std::mem::take(few).into_iter().collect();
                many.insert(name, value);
                self.0 = Kept::Many(many);
            }
        }
        None
    }

    /// Takes the value of a name out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        match &mut self.0 {
            Kept::Few(few) => find(few, name).map(|at| few.remove(at).1),
            Kept::Many(many) => {
                let removed = many.remove(name);
                if many.len() <= FEW {
                    self.0 = Kept::Few(std::mem::take(many).into_iter().collect());
                }
                removed
            }
        }
    }

    /// Each name and its value.
    pub fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Kept::Few(few) => Iter::Few(few.iter()),
            Kept::Many(many) => Iter::Many(many.iter()),
        }
    }

    /// The names.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Arc<str>> + ExactSizeIterator + Clone {
        self.iter().map(|(name, _)| name)
    }

    /// The values, in the order of their names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }
}

/// Where a name stands. Few names have the same length, which is seen before their letters are compared.
fn find(few: &[(Arc<str>, Value)], name: &str) -> Option<usize> {
    few.iter().position(|(other, _)| **other == *name)
}

/// Where a name stands, or would.
fn place(few: &[(Arc<str>, Value)], name: &str) -> Result<usize, usize> {
    few.binary_search_by(|(other, _)| (**other).cmp(name))
}

impl FromIterator<(Arc<str>, Value)> for Entries {
    /// Of several values of one name, the last.
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> Self {
        let mut all: Vec<(Arc<str>, Value)> = entries.into_iter().collect();
        if all.len() > FEW {
            let many: BTreeMap<Arc<str>, Value> = all.into_iter().collect();
            return Self(if many.len() > FEW { Kept::Many(many) } else { Kept::Few(many.into_iter().collect()) });
        }
        last_of_each(&mut all);
        all.shrink_to_fit();
        Self(Kept::Few(all))
    }
}

impl Extend<(Arc<str>, Value)> for Entries {
    fn extend<I: IntoIterator<Item = (Arc<str>, Value)>>(&mut self, entries: I) {
        if self.is_empty() {
            *self = entries.into_iter().collect();
        } else {
            entries.into_iter().for_each(|(name, value)| drop(self.insert(name, value)));
        }
    }
}

impl<const N: usize> From<[(Arc<str>, Value); N]> for Entries {
    fn from(entries: [(Arc<str>, Value); N]) -> Self {
        entries.into_iter().collect()
    }
}

/// Each name and its value.
#[derive(Clone, Debug)]
pub enum Iter<'a> {
    /// Of few.
    Few(slice::Iter<'a, (Arc<str>, Value)>),
    /// Of many.
    Many(btree_map::Iter<'a, Arc<str>, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Arc<str>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(few) => few.next().map(|(name, value)| (name, value)),
            Self::Many(many) => many.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(few) => few.size_hint(),
            Self::Many(many) => many.size_hint(),
        }
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(few) => few.next_back().map(|(name, value)| (name, value)),
            Self::Many(many) => many.next_back(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// Each name and its value, taken out.
#[derive(Debug)]
pub enum IntoIter {
    /// Of few.
    Few(vec::IntoIter<(Arc<str>, Value)>),
    /// Of many.
    Many(btree_map::IntoIter<Arc<str>, Value>),
}

impl Iterator for IntoIter {
    type Item = (Arc<str>, Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(few) => few.next(),
            Self::Many(many) => many.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(few) => few.size_hint(),
            Self::Many(many) => many.size_hint(),
        }
    }
}

impl IntoIterator for Entries {
    type Item = (Arc<str>, Value);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        match self.0 {
            Kept::Few(few) => IntoIter::Few(few.into_iter()),
            Kept::Many(many) => IntoIter::Many(many.into_iter()),
        }
    }
}

impl<'a> IntoIterator for &'a Entries {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// Sorts by name; of equal ones, which keep their order, the last counts.
pub(super) fn last_of_each<N: Ord, T>(all: &mut Vec<(N, T)>) {
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What there is, as a tree has it.
    fn told(entries: &Entries) -> Vec<(String, String)> {
        entries.iter().map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned())).collect()
    }

    proptest! {
        #[test]
        fn few_and_many_are_one_map(steps in prop::collection::vec((0..3_u8, 0..40_u8), 0..120)) {
            let (mut entries, mut tree) = (Entries::new(), BTreeMap::new());
            for (at, (what, name)) in steps.iter().enumerate() {
                let name: Arc<str> = format!("n{name}").into();
                if *what == 0 {
                    prop_assert_eq!(entries.remove(&name).is_some(), tree.remove(&*name.to_string()).is_some());
                } else {
                    let value = at.to_string();
                    let before = entries.insert(Arc::clone(&name), Value::string(value.as_str()));
                    let was = tree.insert(name.to_string(), value);
                    prop_assert_eq!(before.and_then(|value| value.as_str().map(str::to_owned)), was);
                }
                prop_assert_eq!((entries.len(), entries.contains_key(&name)), (tree.len(), tree.contains_key(&*name)));
            }
            let all: Vec<(String, String)> = tree.into_iter().collect();
            prop_assert_eq!(&told(&entries), &all);
            let back: Vec<(String, String)> = told(&entries).into_iter().rev().collect();
            prop_assert_eq!(back, all.iter().rev().cloned().collect::<Vec<_>>());
            // Of several of one name, the last.
            let twice = steps.iter().enumerate().map(|(at, (_, name))| (format!("n{name}"), at.to_string()));
            let collected: Entries = twice.clone().map(|(name, value)| (Arc::from(name), Value::string(value))).collect();
            prop_assert_eq!(told(&collected), twice.collect::<BTreeMap<_, _>>().into_iter().collect::<Vec<_>>());
        }
    }
}
