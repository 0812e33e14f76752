//! What a count asks, and of whom: rules that ask the same of the same resources are answered from one evaluation.
//!
//! It reads a condition and evaluates none.

use crate::graph::ResourceId;
use crate::rule::message;
use crate::rule::parse::{Condition, Count, Path, Permission, Within};
use crate::rule::path::{Item, Scope};
use crate::table::IndexSet;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Something that follows from a part of a rule, worked out when it is first asked for. It is no part of what the rule says.
#[derive(Clone)]
pub struct Lazily<T>(OnceLock<Arc<T>>);

impl<T> Lazily<T> {
    /// What it is.
    pub fn get(&self, work_out: impl FnOnce() -> T) -> &Arc<T> {
        self.0.get_or_init(|| Arc::new(work_out()))
    }
}

impl<T> Default for Lazily<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> fmt::Debug for Lazily<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// A number for a part of a rule, by how it is written out: the same wherever that is written the same.
pub fn number_of(written: String) -> usize {
    static WRITTEN: Mutex<Option<IndexSet<String>>> = Mutex::new(None);
    let mut known = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_with(IndexSet::default).insert_full(written).0
}

/// What a count asks.
#[derive(Clone)]
pub struct Shape {
    /// Two that are written alike ask the same, and have the same.
    pub number: usize,
    /// Whether it, or a count inside it, is about an account.
    pub of_account: bool,
    /// The first steps of its paths that it does not name itself: names that were bound around it, or the subject and its words.
    free: BTreeSet<Arc<str>>,
}

impl Shape {
    /// The shape of a count.
    pub fn new(count: &Count) -> Self {
        let mut reader = Reader { names: Vec::new(), free: BTreeSet::new(), of_account: false };
        reader.count(count);
        Self { number: number_of(format!("{count:?}")), of_account: reader.of_account, free: reader.free }
    }

    /// The resources that the answer hangs on; `None` where it hangs on something else.
    pub fn asked_of(&self, scope: &Scope<'_>) -> Option<Vec<ResourceId>> {
        let meant = |name: &Arc<str>| match scope.meant(name) {
            None => Some(scope.subject),
            Some(alternative) => match alternative.item {
                Item::Resource(id) => Some(id),
                _ => None,
            },
        };
        self.free.iter().map(meant).collect()
    }
}

struct Reader {
    /// Names that stand for something inside.
    names: Vec<Arc<str>>,
    free: BTreeSet<Arc<str>>,
    of_account: bool,
}

impl Reader {
    fn count(&mut self, count: &Count) {
        self.of_account |= count.within == Within::Account;
        self.within(count.name.as_ref(), count.condition.as_ref());
    }

    fn within(&mut self, name: Option<&Arc<str>>, condition: Option<&Condition>) {
        let Some(condition) = condition else { return };
        self.names.push(name.map_or_else(|| Arc::from("it"), Arc::clone));
        self.condition(condition);
        self.names.pop();
    }

    fn path(&mut self, path: &Path) {
        if let Some(first) = path.0.first().filter(|first| !self.names.contains(first)) {
            self.free.insert(Arc::clone(first));
        }
    }

    fn filled(&mut self, text: &str) {
        message::paths(text).into_iter().for_each(|path| self.path(&Path::parse(path)));
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Not(inner) => self.condition(inner),
            Condition::Outside(path)
            | Condition::Unresolved(path)
            | Condition::Missing(path)
            | Condition::Present(path)
            | Condition::IsTrue(path)
            | Condition::IsFalse(path)
            | Condition::OneOf(path, _)
            | Condition::Matches(path, _)
            | Condition::HoldsAccessKey(path)
            | Condition::Between(path, ..) => self.path(path),
            Condition::Same(a, b) => {
                self.path(a);
                self.path(b);
            }
            Condition::Covers(pattern, text) => {
                self.filled(&pattern.text);
                self.filled(&text.text);
            }
            Condition::Some(asked) | Condition::Every(asked) => {
                self.path(&asked.within);
                self.within(asked.name.as_ref(), asked.condition.as_ref());
            }
            Condition::Allows(permission) | Condition::Denies(permission) => {
                let Permission { policy, principal, resource, given, .. } = &**permission;
                self.path(policy);
                principal.values().chain(resource).chain(given.values()).for_each(|template| self.filled(&template.text));
            }
            Condition::Count(count) => self.count(count),
            Condition::Catches(caught) | Condition::CatchesSome(caught) => self.path(&caught.pattern),
            // Both speak of the subject, whatever else they name.
            Condition::Loops(path) => {
                self.free.insert(Arc::from("subject"));
                self.path(path);
            }
            Condition::CannotBeShown(text) => {
                self.free.insert(Arc::from("subject"));
                self.filled(text);
            }
        }
    }
}
