//! Rules: data that says what must hold of a resource and its relations, and the findings that they give.
//!
//! A rule is one YAML file: subject, condition, messages, remedy, frameworks, peers' ids, and examples that are its tests and its
//! documentation. Users' own rules are read by the same code. This floor knows neither language.

mod access_key;
mod apart;
pub mod catches;
mod check;
mod checked;
pub mod condition;
mod count;
pub mod examples;
pub mod finding;
pub mod fingerprint;
mod load;
mod loops;
pub mod memo;
pub mod mend;
mod message;
pub mod parse;
pub mod path;
mod permitted;
mod plain;
pub mod shape;
pub mod steps;
mod tree;
pub mod unknown;
mod verdict;
mod words;

use crate::graph::catalog::TAGS;
use crate::graph::{Catalog, Graph, ResourceId};
use mend::WrittenFix;
use parse::{Example, RuleFile, Within};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

pub use check::{Passes, check, check_some};
pub use checked::Checked;
pub use load::RuleError;
pub use message::unknown as named;
pub use words::EVERY_KIND;

/// One rule: what [`RuleFile`] says. Of a rule of the program's own only the id and the subjects are there from the start, and the rest is read
/// when somebody first asks for it: few runs have resources of every kind.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its id, which is also its file's name: `cloudtrail-bucket-without-access-logging`.
    pub id: Arc<str>,
    /// The kinds that it is about.
    pub subjects: Vec<Arc<str>>,
    text: Cow<'static, str>,
    /// The same without examples, as JSON, if it is the program's own.
    embedded: Option<&'static str>,
    file: OnceLock<RuleFile>,
    /// What it can come to, as soon as that is worked out.
    reach: OnceLock<words::Reach>,
}

impl Deref for Rule {
    type Target = RuleFile;

    fn deref(&self) -> &RuleFile {
        self.file.get_or_init(|| load::file(self.embedded.unwrap_or_default()).expect("the embedded rules are read by a test"))
    }
}

impl Rule {
    /// Whether it was read, for those who watch what a run costs. Not every run asks for every rule.
    pub fn is_read(&self) -> bool {
        self.file.get().is_some()
    }

    /// Its examples, read when asked for.
    pub fn examples(&self) -> Vec<Example> {
        load::examples(&self.text)
    }

    /// What would mend one of its defects: the defect's own fix, else the rule's.
    pub fn fix(&self, defect: &str) -> Option<&WrittenFix> {
        let own = self.fails_when.iter().find(|known| *known.defect == *defect).and_then(|known| known.fix.as_ref());
        own.or(self.fix.as_ref())
    }

    /// Whether nothing that is open is listed.
    fn hides_what_is_open(&self) -> bool {
        self.open.first().is_some_and(|says| says.when.is_none() && says.hidden)
    }

    /// What it can come to, worked out when first asked for.
    fn reach(&self, catalog: &Catalog) -> &words::Reach {
        self.reach.get_or_init(|| words::reach(self, catalog).expect("a rule's words are checked when it is read"))
    }

    /// Whether it asks for tags: of types that take none it has nothing to say.
    fn asks_tags(&self, catalog: &Catalog) -> bool {
        self.reach(catalog).kinds.contains(TAGS)
    }

    /// The resources that it looks at for a subject besides those that are tied to it: what it counts.
    pub fn counts(&self, graph: &Graph, subject: ResourceId) -> Vec<ResourceId> {
        let counted = &self.reach(graph.catalog()).counted;
        let among = |(kind, within): &(Arc<str>, Within)| match within {
            Within::Account => graph.near(subject, kind).collect::<Vec<_>>(),
            Within::Run => graph.of_kind(kind).map(|resource| resource.id).collect(),
        };
        counted.iter().flat_map(among).collect()
    }

    /// The numbers of a benchmark that one of its defects breaks, where these are not all of the rule's.
    pub fn numbers_of(&self, framework: &str, defect: &str) -> Option<&[String]> {
        let known = self.fails_when.iter().find(|known| *known.defect == *defect)?;
        known.frameworks.get(framework).map(Vec::as_slice)
    }

    /// The name of what it follows first: the finding's other end.
    pub fn other_end(&self) -> Option<&str> {
        self.follow.first().map(|(name, _)| &**name)
    }

    /// Its defects: the words that tell its ways to fail apart, each with its message.
    pub fn defects(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fails_when.iter().map(|defect| (&*defect.defect, defect.message.as_str()))
    }
}

/// Rules, in the order of their ids. Cloning is cheap: the rules are shared.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Arc<Rule>>,
}

impl RuleSet {
    /// The rules that are part of the program, read once.
    pub fn embedded() -> &'static Self {
        static RULES: OnceLock<RuleSet> = OnceLock::new();
        RULES.get_or_init(Self::read_embedded)
    }

    /// The same, made anew: for whoever measures that.
    pub fn read_embedded() -> Self {
        load::embedded()
    }

    /// Reads rule files (path and text). All that is wrong in any of them is reported at once.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a std::path::Path, &'a str)>) -> Result<Self, Vec<RuleError>> {
        load::files(files)
    }

    /// These and others; where both have an id, the other's rule wins.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        let mut rules = self.rules;
        rules.retain(|rule| others.get(&rule.id).is_none());
        rules.extend(others.rules);
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Self { rules }
    }

    /// Only those rules that are wanted.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&Rule) -> bool) -> Self {
        Self { rules: self.rules.iter().filter(|rule| wanted(rule)).cloned().collect() }
    }

    /// All of them, by id.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The kinds that these rules can come to: no other kind has a say in what they find.
    pub fn kinds(&self, catalog: &Catalog) -> BTreeSet<Arc<str>> {
        // What all of the program's own come to is known without reading them.
        let (own, others): (Vec<_>, Vec<_>) = self.rules.iter().partition(|rule| rule.embedded.is_some());
        if own.len() == load::embedded_count() {
            let every = catalog.kinds().map(|kind| Arc::clone(&kind.name)).chain([Arc::from(TAGS)]);
            let of_others = others.iter().flat_map(|rule| rule.reach(catalog).kinds.iter().cloned());
            return every.filter(|kind| !load::BEYOND.contains(&&**kind)).chain(of_others).collect();
        }
        self.rules.iter().flat_map(|rule| rule.reach(catalog).kinds.iter().cloned()).collect()
    }

    /// The rule of an id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.id == id).map(|rule| &**rule)
    }
}
