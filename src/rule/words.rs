//! Whether every path of a rule can lead somewhere: each step must be a word of the kind that it stands on.

use crate::graph::Catalog;
use crate::graph::catalog::TAGS;
use crate::rule::catches::{self, MAX_FIELDS};
use crate::rule::mend::WrittenFix;
use crate::rule::parse::{Condition, Path, Permission, Quantified, Within};
use crate::rule::{Rule, message};
use crate::source::TextRange;
use crate::suggest::nearest;
use crate::syntax::node::{Node, NodeKind};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Words that every resource has.
pub const EVERY_KIND: &[&str] = &["name", "arn", "region", "account", "type", "address", "exists"];

/// What a name stands for.
#[derive(Clone)]
enum Meaning {
    /// A resource of a kind.
    Resource(Arc<str>),
    /// A property of a kind, or a part of one, in the catalog's words.
    Property(Arc<str>, String),
    /// A text, or something of which nothing more can be asked.
    Text,
}

struct Words<'c> {
    catalog: &'c Catalog,
    also_subject: Vec<Arc<str>>,
    names: Vec<(Arc<str>, Meaning)>,
    /// Every kind that a path came to.
    seen: RefCell<BTreeSet<Arc<str>>>,
    counted: Vec<(Arc<str>, Within)>,
}

/// What a rule can come to.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The kinds that its paths come to, its subject's own included.
    pub kinds: BTreeSet<Arc<str>>,
    /// What it counts, and among which.
    pub counted: Vec<(Arc<str>, Within)>,
}

/// Checks every path of a rule. The error names the word, and the nearest right one.
pub fn check(rule: &Rule, catalog: &Catalog) -> Result<(), String> {
    reach(rule, catalog).map(drop)
}

/// What a rule can come to; the error is that of [`check`].
pub fn reach(rule: &Rule, catalog: &Catalog) -> Result<Reach, String> {
    let subjects: Vec<&Arc<str>> = [&rule.subject].into_iter().chain(&rule.also_subject).collect();
    if let Some(unknown) = subjects.iter().find(|subject| catalog.kind(subject).is_none()) {
        let near = nearest(unknown, catalog.kinds().map(|kind| &*kind.name));
        return Err(with_near(format!("there is no kind `{unknown}`"), near));
    }
    let seen = RefCell::new(subjects.into_iter().cloned().collect());
    let names = vec![(Arc::from("subject"), Meaning::Resource(Arc::clone(&rule.subject)))];
    let mut words = Words { catalog, also_subject: rule.also_subject.clone(), names, seen, counted: Vec::new() };
    if let Some(name) = &rule.outside_with {
        words.path(&Path::parse(name))?;
    }
    for (name, path) in &rule.follow {
        let meaning = words.resource(path)?;
        words.names.push((Arc::clone(name), meaning));
    }
    rule.applies_when.iter().try_for_each(|condition| words.condition(condition))?;
    rule.severity_when.iter().try_for_each(|special| words.condition(&special.when))?;
    rule.shows.iter().try_for_each(|path| words.path(path).map(drop))?;
    for defect in &rule.fails_when {
        words.condition(&defect.when)?;
        // What the condition finds has a name in what is said of it, and may be pointed at.
        let known = words.names.len();
        words.found(&defect.when)?;
        defect.at.iter().try_for_each(|path| words.path(path).map(drop))?;
        let texts = [Some(&*defect.message), defect.label.as_deref(), defect.remedy.as_deref()];
        texts.into_iter().flatten().try_for_each(|text| words.template(text))?;
        words.names.truncate(known);
    }
    let fixes = rule.fix.iter().chain(rule.fails_when.iter().filter_map(|defect| defect.fix.as_ref()));
    fixes.into_iter().try_for_each(|fix| words.fix(fix))?;
    for says in &rule.open {
        says.when.iter().try_for_each(|condition| words.condition(condition))?;
        words.template(&says.message)?;
    }
    words.template(&rule.passes)?;
    words.template(&rule.remedy)?;
    Ok(Reach { kinds: words.seen.into_inner(), counted: words.counted })
}

/// The place of what an error is about: the first scalar or key that holds the wrong word.
pub fn place(tree: &Node, message: &str) -> TextRange {
    let word = message.split('`').nth(1).unwrap_or_default();
    find(tree, word).unwrap_or_default()
}

fn find(node: &Node, word: &str) -> Option<TextRange> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    match &node.kind {
        NodeKind::Scalar { text, .. } => text.split(|letter| !is_part(letter)).any(|part| part == word).then_some(node.range),
        NodeKind::Sequence(items) => items.iter().find_map(|item| find(item, word)),
        NodeKind::Mapping(pairs) => pairs.iter().find_map(|(key, value)| find(key, word).or_else(|| find(value, word))),
    }
}

fn with_near(message: String, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("{message}, did you mean `{near}`?"),
        None => message,
    }
}

impl Words<'_> {
    /// Where a path leads. A rule about several kinds may ask what only one of them has.
    fn path(&self, path: &Path) -> Result<Meaning, String> {
        let found = self.path_from(path, &self.names[0].1);
        let of_another = |also: &Arc<str>| self.path_from(path, &Meaning::Resource(Arc::clone(also))).ok();
        found.or_else(|error| self.also_subject.iter().find_map(of_another).ok_or(error))
    }

    fn path_from(&self, path: &Path, subject: &Meaning) -> Result<Meaning, String> {
        let (first, rest) = path.0.split_first().expect("a path has a step");
        let named = self.names[1..].iter().rev().find(|(name, _)| name == first).map(|(_, meaning)| meaning.clone());
        let (mut at, rest) = match named {
            Some(meaning) => (meaning, rest),
            None if &**first == "subject" => (subject.clone(), rest),
            None => (subject.clone(), &path.0[..]),
        };
        for (place, step) in rest.iter().enumerate() {
            at = self
                .step(at, step)
                .map_err(|error| if place == 0 && rest.len() == path.0.len() { self.or_a_name(error, step) } else { error })?;
        }
        // What it names may be asked for.
        self.resolved(at.clone());
        Ok(at)
    }

    /// What is wrong with the first word of a path, which may have been meant as the name of something.
    fn or_a_name(&self, error: String, word: &str) -> String {
        let names = self.names.iter().map(|(name, _)| &**name);
        if error.contains("did you mean") { error } else { with_near(error, nearest(word, names)) }
    }

    /// Where a path leads, if that is to a resource.
    fn resource(&self, path: &Path) -> Result<Meaning, String> {
        match self.resolved(self.path(path)?) {
            Meaning::Resource(kind) => Ok(Meaning::Resource(kind)),
            _ => Err(format!("`{path}` does not lead to a resource")),
        }
    }

    /// A property that names resources, as these.
    fn resolved(&self, meaning: Meaning) -> Meaning {
        let Meaning::Property(kind, at) = &meaning else { return meaning };
        let Some(relation) = self.catalog.kind(kind).and_then(|kind| kind.relations.get(at.as_str())) else { return meaning };
        self.seen.borrow_mut().insert(Arc::clone(&relation.to));
        Meaning::Resource(Arc::clone(&relation.to))
    }

    fn step(&self, from: Meaning, step: &Arc<str>) -> Result<Meaning, String> {
        match self.resolved(from) {
            Meaning::Text => Err(format!("`{step}` stands behind a text, of which nothing more can be asked")),
            Meaning::Resource(kind) => self.of_resource(&kind, step),
            Meaning::Property(kind, at) => {
                let whole = format!("{at}.{step}");
                let vocabulary = self.catalog.kind(&kind).map(|kind| &kind.vocabulary);
                // A tag has whatever key people give it.
                if vocabulary.is_some_and(|words| words.contains_key(format!("{at}.*").as_str())) {
                    return Ok(Meaning::Property(kind, whole));
                }
                if vocabulary.is_some_and(|words| words.contains_key(whole.as_str())) {
                    return Ok(Meaning::Property(kind, whole));
                }
                let inside = format!("{at}.");
                let words = vocabulary.into_iter().flat_map(|words| words.keys().filter_map(|word| word.strip_prefix(inside.as_str())));
                Err(with_near(format!("`{step}` is no word of `{kind}.{at}`"), nearest(step, words)))
            }
        }
    }

    fn of_resource(&self, kind: &Arc<str>, step: &Arc<str>) -> Result<Meaning, String> {
        let own = self.catalog.kind(kind).is_some_and(|kind| kind.vocabulary.contains_key(step));
        if own {
            if &**step == TAGS {
                self.seen.borrow_mut().insert(Arc::clone(step));
            }
            return Ok(Meaning::Property(Arc::clone(kind), step.to_string()));
        }
        if EVERY_KIND.contains(&&**step) {
            return Ok(Meaning::Text);
        }
        let inverse = |from: &&crate::graph::catalog::Kind| {
            from.relations.values().any(|relation| relation.to == *kind && relation.inverse.as_ref() == Some(step))
        };
        if let Some(from) = self.catalog.kinds().find(inverse) {
            self.seen.borrow_mut().insert(Arc::clone(&from.name));
            return Ok(Meaning::Resource(Arc::clone(&from.name)));
        }
        let words = self.catalog.kind(kind).into_iter().flat_map(|kind| kind.vocabulary.keys().map(|word| &**word));
        let inverses = self.catalog.kinds().flat_map(|from| from.relations.values()).filter(|relation| relation.to == *kind);
        let inverses = inverses.filter_map(|relation| relation.inverse.as_deref());
        let near = nearest(step, words.chain(inverses).chain(EVERY_KIND.iter().copied()));
        Err(with_near(format!("`{step}` is no word of `{kind}`"), near))
    }

    fn condition(&mut self, condition: &Condition) -> Result<(), String> {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().try_for_each(|part| self.condition(part)),
            Condition::Not(inner) => self.condition(inner),
            Condition::Outside(path) | Condition::Unresolved(path) | Condition::Missing(path) | Condition::Loops(path) => {
                self.resource(path).map(drop)
            }
            Condition::Present(path)
            | Condition::IsTrue(path)
            | Condition::IsFalse(path)
            | Condition::OneOf(path, _)
            | Condition::Matches(path, _)
            | Condition::HoldsAccessKey(path)
            | Condition::Between(path, ..) => self.path(path).map(drop),
            Condition::Same(a, b) => self.path(a).and(self.path(b)).map(drop),
            Condition::Some(asked) | Condition::Every(asked) => self.quantified(asked),
            Condition::Allows(permission) | Condition::Denies(permission) => self.permission(permission),
            Condition::Count(count) => {
                let name = count.name.clone().unwrap_or_else(|| Arc::from("it"));
                if self.catalog.kind(&count.kind).is_none() {
                    let near = nearest(&count.kind, self.catalog.kinds().map(|kind| &*kind.name));
                    return Err(with_near(format!("there is no kind `{}`", count.kind), near));
                }
                self.seen.borrow_mut().insert(Arc::clone(&count.kind));
                self.counted.push((Arc::clone(&count.kind), count.within));
                self.within(name, Meaning::Resource(Arc::clone(&count.kind)), count.condition.as_ref())
            }
            Condition::Covers(pattern, text) => self.template(&pattern.text).and(self.template(&text.text)),
            Condition::Catches(caught) | Condition::CatchesSome(caught) => {
                self.path(&caught.pattern)?;
                let word = if matches!(condition, Condition::Catches(_)) { "catches" } else { "catches_some" };
                let too_many = || format!("`{word}` tells an event for each combination of values: more than {MAX_FIELDS} fields together");
                catches::are_few(caught).then_some(()).ok_or_else(too_many)
            }
            Condition::CannotBeShown(text) => self.template(text),
        }
    }

    fn quantified(&mut self, asked: &Quantified) -> Result<(), String> {
        let element = self.resolved(self.path(&asked.within)?);
        self.within(asked.name.clone().unwrap_or_else(|| Arc::from("it")), element, asked.condition.as_ref())
    }

    /// The names of what a condition finds where it holds.
    fn found(&mut self, condition: &Condition) -> Result<(), String> {
        match condition {
            Condition::All(parts) => parts.iter().try_for_each(|part| self.found(part)),
            Condition::Some(asked) => {
                let element = self.resolved(self.path(&asked.within)?);
                self.names.extend(asked.name.clone().map(|name| (name, element)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn within(&mut self, name: Arc<str>, meaning: Meaning, condition: Option<&Condition>) -> Result<(), String> {
        let Some(condition) = condition else { return Ok(()) };
        self.names.push((name, meaning));
        let result = self.condition(condition);
        self.names.pop();
        result
    }

    fn permission(&self, permission: &Permission) -> Result<(), String> {
        self.path(&permission.policy)?;
        let texts = permission.principal.values().chain(&permission.resource).chain(permission.given.values());
        texts.into_iter().try_for_each(|template| self.template(&template.text))
    }

    /// A fix sets properties, and turns on the logging of buckets.
    fn fix(&mut self, fix: &WrittenFix) -> Result<(), String> {
        fix.when.iter().try_for_each(|condition| self.condition(condition))?;
        for path in fix.set.keys() {
            match self.path(&Path::parse(path))? {
                Meaning::Property(..) => {}
                _ => return Err(format!("`{path}` does not lead to a property that can be set")),
            }
        }
        match &fix.log_accesses_of {
            Some(path) => self.resource(path).map(drop),
            None => Ok(()),
        }
    }

    fn template(&self, text: &str) -> Result<(), String> {
        message::paths(text).into_iter().try_for_each(|path| self.path(&Path::parse(path)).map(drop))
    }
}
