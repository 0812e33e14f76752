//! The form of a rule file. The same types are read from the program's own files and from a user's; an error names the field.

mod operator;
mod template;

use crate::graph::catalog::spec::Literal;
use crate::rule::catches::Events;
use crate::rule::finding::Severity;
use crate::rule::mend::WrittenFix;
use crate::rule::shape::{Lazily, Shape};
use crate::table::IndexMap;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub use operator::OPERATORS;
pub use template::Template;

/// A way from a binding (or the subject) to a property or a resource: `bucket.logging.target`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path(pub Arc<[Arc<str>]>);

impl Path {
    /// The path of a dotted text.
    pub fn parse(text: &str) -> Self {
        Self(text.split('.').map(|step| Arc::from(step.trim())).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PathVisitor;
        impl Visitor<'_> for PathVisitor {
            type Value = Path;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Path, E> {
                let path = Path::parse(text);
                if path.0.iter().any(|step| step.is_empty()) {
                    return Err(E::custom(format!("`{text}` is not a path: words with dots between them are")));
                }
                Ok(path)
            }
        }
        deserializer.deserialize_str(PathVisitor)
    }
}

/// One file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// The id, which is the file's name.
    pub id: Arc<str>,
    /// The failing statement, in one sentence.
    pub title: Arc<str>,
    /// How bad a fail is.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// How bad it is in special cases: the first that surely holds.
    #[serde(default)]
    pub severity_when: Vec<SeverityWhen>,
    /// The kind that it is about.
    pub subject: Arc<str>,
    /// Other kinds that it is about too.
    #[serde(default, deserialize_with = "one_or_many")]
    pub also_subject: Vec<Arc<str>>,
    /// The types that can say what is asked, as patterns with `*`; subjects of other types are not judged. All, where nothing is said.
    #[serde(default)]
    pub only_types: Vec<String>,
    /// A property that code can set for a subject that it does not declare (by a satellite): such a subject is one too.
    #[serde(default)]
    pub outside_with: Option<Arc<str>>,
    /// Related resources, each with the path to it; the finding's other end is the first.
    #[serde(default)]
    pub follow: IndexMap<Arc<str>, Path>,
    /// The subjects that it says something about; all of them where nothing is said.
    #[serde(default)]
    pub applies_when: Option<Condition>,
    /// The ways to fail: the first that holds is told.
    pub fails_when: Vec<Defect>,
    /// What a pass says.
    pub passes: String,
    /// What an open finding says: the first whose condition holds. Where none does, it is not told: another rule tells it.
    pub open: Vec<OpenMessage>,
    /// Resources that a reader should see in the evidence besides.
    #[serde(default)]
    pub shows: Vec<Path>,
    /// What to do about a fail.
    pub remedy: Arc<str>,
    /// The same as a change of the code.
    #[serde(default)]
    pub fix: Option<WrittenFix>,
    /// Why it matters and what it decides: Markdown.
    pub description: String,
    /// Benchmark to numbers.
    #[serde(default)]
    pub frameworks: IndexMap<String, Vec<String>>,
    /// Peer to its ids for the same thing.
    #[serde(default)]
    pub peers: IndexMap<String, Vec<String>>,
    /// Examples, which are tests.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// One way to fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// A word for it, part of the fingerprint.
    pub defect: Arc<str>,
    /// When it holds.
    pub when: Condition,
    /// What it says.
    pub message: String,
    /// Where to point: the first of these that has a place.
    #[serde(default, deserialize_with = "one_or_many")]
    pub at: Vec<Path>,
    /// What is to be seen there.
    #[serde(default)]
    pub label: Option<Arc<str>>,
    /// How bad it is, if not as the rule says.
    #[serde(default, deserialize_with = "maybe_severity")]
    pub severity: Option<Severity>,
    /// What to do about it, if not as the rule says.
    #[serde(default)]
    pub remedy: Option<Arc<str>>,
    /// The same as a change of the code, if not as the rule says.
    #[serde(default)]
    pub fix: Option<WrittenFix>,
    /// Which of the rule's numbers in a benchmark it is about, if not all of them.
    #[serde(default)]
    pub frameworks: IndexMap<String, Vec<String>>,
}

/// A severity for a case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeverityWhen {
    /// The severity.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// When it holds.
    pub when: Condition,
}

/// A message for a case that is not known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenMessage {
    /// When it is the one to give; always, where nothing is said.
    #[serde(default)]
    pub when: Option<Condition>,
    /// What it says.
    pub message: String,
    /// Whether it is not listed: where every subject is open for the same reason, one by one would be noise.
    #[serde(default)]
    pub hidden: bool,
}

/// An example: input in either language or both, and what the rule says of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// `fail`, `open`, `pass`, or `none` where the rule says nothing.
    #[serde(deserialize_with = "outcome")]
    pub outcome: String,
    /// A part of the message that must be there.
    #[serde(default)]
    pub says: Option<String>,
    /// Terraform, one file.
    #[serde(default)]
    pub terraform: Option<String>,
    /// CloudFormation, one template.
    #[serde(default)]
    pub cloudformation: Option<String>,
    /// More files, by path.
    #[serde(default)]
    pub files: IndexMap<String, String>,
}

/// A condition, in three-valued logic.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Each holds.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// Something is set there.
    Present(Path),
    /// It names something outside the code.
    Outside(Path),
    /// It is not known which resource it names.
    Unresolved(Path),
    /// It names a resource of this code that is not there.
    Missing(Path),
    /// It is true.
    IsTrue(Path),
    /// It is false.
    IsFalse(Path),
    /// It is one of these.
    OneOf(Path, Vec<Literal>),
    /// It has this form, with `*` and `?`.
    Matches(Path, String),
    /// It holds the ID of an access key.
    HoldsAccessKey(Path),
    /// It is a number in these bounds.
    Between(Path, Option<i64>, Option<i64>),
    /// Both are the same resource, or the same text.
    Same(Path, Path),
    /// The first, a pattern with `*` and `?`, covers the second; both with `{path}` filled in.
    Covers(Template, Template),
    /// Some element has what is asked.
    Some(Box<Quantified>),
    /// Every element has it.
    Every(Box<Quantified>),
    /// Following this path leads back to where it began.
    Loops(Path),
    /// A policy allows.
    Allows(Box<Permission>),
    /// A policy denies.
    Denies(Box<Permission>),
    /// So many resources of a kind have what is asked.
    Count(Box<Count>),
    /// A filter pattern matches each of these events.
    Catches(Box<Caught>),
    /// A filter pattern matches one of these events, taken to have no other fields.
    CatchesSome(Box<Caught>),
    /// Code cannot show it: what is not known, in words.
    CannotBeShown(String),
}

/// Something that is asked of elements.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantified {
    /// Where the elements are.
    #[serde(rename = "in")]
    pub within: Path,
    /// What each is called.
    #[serde(rename = "as", default)]
    pub name: Option<Arc<str>>,
    /// What is asked; that there is one, where nothing is said.
    #[serde(rename = "where", default)]
    pub condition: Option<Condition>,
}

/// What is asked of a policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The policy.
    pub policy: Path,
    /// Who asks: kind to name. Anyone, where nothing is said.
    #[serde(default)]
    pub principal: IndexMap<String, Template>,
    /// For what. Anything, where nothing is said.
    #[serde(default)]
    pub action: Option<String>,
    /// On what; `…` at the end is whatever the service adds. Anything, where nothing is said.
    #[serde(default)]
    pub resource: Option<Template>,
    /// Condition keys of the request, with what they are.
    #[serde(default)]
    pub given: IndexMap<ConditionKey, Template>,
    /// Condition keys that the request does not have.
    #[serde(default)]
    pub missing: Vec<ConditionKey>,
    /// Condition keys that whoever asks sets as they like.
    #[serde(default)]
    pub chosen: Vec<ConditionKey>,
}

/// A condition key, in lower case: AWS makes no difference.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(from = "String")]
pub struct ConditionKey(pub Arc<str>);

impl From<String> for ConditionKey {
    fn from(key: String) -> Self {
        Self(key.to_lowercase().into())
    }
}

/// Events that a filter pattern is asked about.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caught {
    /// The filter pattern.
    pub pattern: Path,
    /// Their fields, each with one value, several (an event for each), or none (the field is not there).
    pub events: IndexMap<String, Option<Several>>,
    /// They, one by one.
    #[serde(skip)]
    pub each: Lazily<Events>,
}

/// One word or several.
#[derive(Clone, Debug)]
pub enum Several {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl<'de> Deserialize<'de> for Several {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SeveralVisitor;
        impl<'de> Visitor<'de> for SeveralVisitor {
            type Value = Several;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one text, or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Several, E> {
                Ok(Several::One(text.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, items: A) -> Result<Several, A::Error> {
                Vec::deserialize(de::value::SeqAccessDeserializer::new(items)).map(Several::Many)
            }
        }
        deserializer.deserialize_any(SeveralVisitor)
    }
}

/// Among which resources some are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// All of the run.
    #[default]
    Run,
    /// Those of the subject's account: of its project, unless another account is meant; of other projects, if the account is known to be the same.
    Account,
}

/// How many resources are asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Of this kind.
    pub kind: Arc<str>,
    /// Among which.
    #[serde(default)]
    pub within: Within,
    /// What each is called.
    #[serde(rename = "as", default)]
    pub name: Option<Arc<str>>,
    /// Which count.
    #[serde(rename = "where", default)]
    pub condition: Option<Condition>,
    /// So many or more.
    #[serde(default)]
    pub at_least: Option<usize>,
    /// So many or fewer.
    #[serde(default)]
    pub at_most: Option<usize>,
    /// What it asks.
    #[serde(skip)]
    pub shape: Lazily<Shape>,
}

/// One path or several.
struct Paths(Vec<Path>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_or_many(deserializer).map(Self)
    }
}

fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct OneOrMany<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one text, or a list of them")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            T::deserialize(de::value::StrDeserializer::new(text)).map(|one| vec![one])
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut out = Vec::new();
            while let Some(one) = items.next_element()? {
                out.push(one);
            }
            Ok(out)
        }
    }
    deserializer.deserialize_any(OneOrMany(PhantomData))
}

const SEVERITIES: &[&str] = &["note", "low", "medium", "high"];

fn severity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    let name = String::deserialize(deserializer)?;
    Severity::from_name(&name).ok_or_else(|| de::Error::unknown_variant(&name, SEVERITIES))
}

const OUTCOMES: &[&str] = &["fail", "open", "pass", "none"];

fn outcome<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if OUTCOMES.contains(&name.as_str()) { Ok(name) } else { Err(de::Error::unknown_variant(&name, OUTCOMES)) }
}

fn maybe_severity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Severity>, D::Error> {
    severity(deserializer).map(Some)
}
