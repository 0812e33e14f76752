//! Texts that are known in part, in a form in which equal means equal: what stands for the same unknown has the same key.
//!
//! Matching with wildcards is three-valued: an unknown piece may be any text, so that a mismatch elsewhere still proves "no", and
//! nothing but agreement piece by piece proves "yes".

use crate::glob;
use crate::graph::ResourceId;
use crate::value::{Cause, CauseKind, ProjectId, Reference, Truth, Unknown};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;
use table::{MAX_CELLS, Wildcards, between, cells, compare, tokens};

mod table;

/// One piece of a text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Atom {
    /// Known text.
    Known(Arc<str>),
    /// An unknown text that has an identity.
    Same(Key),
    /// An unknown text of which nothing is known.
    Opaque,
    /// Whatever the service adds at the end of a key: not empty, and it begins with a digit.
    Rest,
}

/// What an unknown text is. Equal keys are equal texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// The name of a resource, chosen when it is created: unlike any other resource's, and unlike any text that was written before.
    Generated(ResourceId),
    /// Exactly an input, or an attribute.
    Reference(Arc<Reference>),
    /// What was worked out once and is used at several places: `local.prefix`, whatever it is made from.
    Shared(Shared),
    /// The account or Region of a provider configuration or stack.
    Place {
        /// `account`, `region`.
        what: Arc<str>,
        /// The project.
        project: ProjectId,
        /// The provider configuration, or the stack.
        provider: Arc<str>,
    },
}

/// An unknown value, told apart from others by being the very same one. Values never change, so that what is shared is equal.
#[derive(Clone, Debug)]
pub struct Shared(pub Arc<Unknown>);

impl Shared {
    fn place(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Shared {}

impl PartialOrd for Shared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Shared {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl Key {
    /// Whether what it stands for may hold a text. Names of buckets and the like, accounts, Regions and partitions hold neither `:` nor `/`.
    fn may_hold(&self, text: &str) -> bool {
        let plain = match self {
            Self::Generated(_) | Self::Place { .. } => true,
            Self::Shared(_) => false,
            Self::Reference(reference) => reference.is_place(),
        };
        !(plain && text.contains([':', '/']))
    }

    /// Whether it is what a resource is known by: its name, ID or ARN.
    fn names_a_resource(&self) -> bool {
        match self {
            Self::Generated(_) => true,
            Self::Reference(reference) => reference.names_a_resource(),
            Self::Place { .. } | Self::Shared(_) => false,
        }
    }
}

/// A text, known as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    /// Its pieces; no two known ones are neighbours.
    pub atoms: Vec<Atom>,
    /// Why it is not wholly known.
    pub causes: Vec<Cause>,
}

impl Text {
    /// A wholly known text.
    pub fn known(text: &str) -> Self {
        Self { atoms: if text.is_empty() { Vec::new() } else { vec![Atom::Known(Arc::from(text))] }, causes: Vec::new() }
    }

    /// The same of a text that is shared.
    pub fn shared(text: &Arc<str>) -> Self {
        Self { atoms: if text.is_empty() { Vec::new() } else { vec![Atom::Known(Arc::clone(text))] }, causes: Vec::new() }
    }

    /// A text that is just this piece.
    pub fn atom(atom: Atom, causes: Vec<Cause>) -> Self {
        Self { atoms: vec![atom], causes }
    }

    /// This and then another.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        if self.atoms.is_empty() {
            self.atoms = other.atoms;
        } else {
            other.atoms.into_iter().for_each(|atom| self.push(atom));
        }
        self.causes.extend(other.causes);
        self
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, atom: Atom) {
        match (self.atoms.last_mut(), &atom) {
            (_, Atom::Known(text)) if text.is_empty() => {}
            (Some(Atom::Known(last)), Atom::Known(text)) => *last = Arc::from([&**last, text].concat()),
            _ => self.atoms.push(atom),
        }
    }

    /// The text, if it is wholly known.
    pub fn as_known(&self) -> Option<&str> {
        match self.atoms.as_slice() {
            [] => Some(""),
            [Atom::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// How much of it there is to look at: one for any text, and more for one that is long.
    pub fn weight(&self) -> usize {
        const CHARACTERS: usize = 64;
        let of = |atom: &Atom| if let Atom::Known(text) = atom { text.len() / CHARACTERS } else { 1 };
        self.atoms.iter().map(of).sum::<usize>() + 1
    }

    /// The known text at its beginning.
    pub fn known_beginning(&self) -> &str {
        match self.atoms.first() {
            Some(Atom::Known(text)) => text,
            _ => "",
        }
    }

    /// Whether any other text with the same [`Text::key`] is the same text.
    pub fn has_identity(&self) -> bool {
        !self.atoms.is_empty() && !self.atoms.iter().any(|atom| matches!(atom, Atom::Opaque | Atom::Rest))
    }

    /// Whether it can be told to a reader: all its unknown pieces have names.
    pub fn has_name(&self) -> bool {
        self.has_identity() && !self.atoms.iter().any(|atom| matches!(atom, Atom::Same(Key::Shared(_))))
    }

    /// A key for an index: equal keys of texts that have an identity are equal texts.
    pub fn key(&self) -> String {
        let length = |atom: &Atom| match atom {
            Atom::Known(text) => text.len(),
            Atom::Same(Key::Reference(reference)) => reference.length() + 8,
            _ => 24,
        };
        let mut out = String::with_capacity(self.atoms.iter().map(length).sum());
        for atom in &self.atoms {
            match atom {
                Atom::Known(text) => out.push_str(text),
                Atom::Same(Key::Generated(id)) => {
                    let _ = write!(out, "\0g{}\0", id.0);
                }
                Atom::Same(Key::Reference(reference)) => push_reference(reference, &mut out),
                Atom::Same(Key::Shared(shared)) => {
                    let _ = write!(out, "\0s{:x}\0", shared.place());
                }
                Atom::Same(Key::Place { what, project, provider }) => {
                    let _ = write!(out, "\0p{what} {} {provider}\0", project.0);
                }
                Atom::Opaque => out.push_str("\0?\0"),
                Atom::Rest => out.push_str("\0…\0"),
            }
        }
        out
    }

    /// The same as people read it: `${var.prefix}-logs`.
    pub fn display(&self) -> String {
        let mut out = String::new();
        for atom in &self.atoms {
            match atom {
                Atom::Known(text) => out.push_str(text),
                Atom::Same(Key::Generated(_)) => out.push_str("${generated name}"),
                Atom::Same(Key::Reference(reference)) => {
                    let _ = write!(out, "${{{reference}}}");
                }
                Atom::Same(Key::Place { what, .. }) => {
                    let _ = write!(out, "${{{what}}}");
                }
                Atom::Opaque | Atom::Same(Key::Shared(_)) => out.push_str("${?}"),
                Atom::Rest => out.push('…'),
            }
        }
        out
    }

    /// The text with every known letter in lower case.
    #[must_use]
    pub fn lower(&self) -> Self {
        let lower = |atom: &Atom| match atom {
            Atom::Known(text) => Atom::Known(Arc::from(text.to_lowercase())),
            other => other.clone(),
        };
        Self { atoms: self.atoms.iter().map(lower).collect(), causes: self.causes.clone() }
    }

    /// An ARN with its partition made `aws`, so that partitions do not tell ARNs apart; any other text as it is.
    pub fn without_partition(&self) -> Cow<'_, Self> {
        let beginning = self.known_beginning();
        let Some(rest) = beginning.strip_prefix("arn:").filter(|_| !beginning.starts_with("arn:aws:")) else { return Cow::Borrowed(self) };
        let mut out = Self { atoms: Vec::new(), causes: self.causes.clone() };
        out.push(Atom::Known(Arc::from("arn:aws")));
        let mut inside = true;
        for (at, atom) in self.atoms.iter().enumerate() {
            match atom {
                Atom::Known(text) => {
                    let text = if at == 0 { rest } else { text };
                    if !inside {
                        out.push(Atom::Known(Arc::from(text)));
                    } else if let Some(colon) = text.find(':') {
                        out.push(Atom::Known(Arc::from(&text[colon..])));
                        inside = false;
                    }
                }
                other if !inside => out.push(other.clone()),
                _ => {}
            }
        }
        Cow::Owned(out)
    }
}

/// Adds what tells a reference from every other. Most are attributes, and these are written in the shortest way.
fn push_reference(reference: &Reference, out: &mut String) {
    match reference {
        Reference::Attribute { project, address, attribute } if !address.0.contains('\0') && !attribute.contains('\0') => {
            out.push_str("\0a");
            let [a, b, c, d] = project.0.to_le_bytes().map(char::from);
            out.extend([a, b, c, d]);
            out.push_str(&address.0);
            out.push('\0');
            out.push_str(attribute);
            out.push('\0');
        }
        other => {
            let _ = write!(out, "\0r{other:?}\0");
        }
    }
}

/// Whether two texts are the same.
pub fn same(a: &Text, b: &Text) -> Truth {
    if let (Some(a), Some(b)) = (a.as_known(), b.as_known()) {
        return (a == b).into();
    }
    if is_never(a, b) || is_never(b, a) || begin_apart(a.known_beginning(), b.known_beginning()) {
        return Truth::False;
    }
    if let Some(truth) = same_alone(&a.atoms, &b.atoms).or_else(|| same_alone(&b.atoms, &a.atoms)) {
        return truth;
    }
    if let (Some(a), Some(b)) = (measure(a), measure(b))
        && a.unknown == b.unknown
        && a.known != b.known
    {
        return Truth::False;
    }
    compare(&tokens(a, Wildcards::Literal), &tokens(b, Wildcards::Literal))
}

/// Whether a piece that stands alone is the same as one other, or as nothing: what [`compare`] would say, with less work.
fn same_alone(alone: &[Atom], other: &[Atom]) -> Option<Truth> {
    match (alone, other) {
        ([Atom::Same(a)], [Atom::Same(b)]) if a == b => Some(Truth::True),
        ([Atom::Same(Key::Generated(_))], [Atom::Same(Key::Generated(_)) | Atom::Known(_)]) => Some(Truth::False),
        ([Atom::Same(key)], []) if key.names_a_resource() => Some(Truth::False),
        ([Atom::Same(_) | Atom::Opaque], [] | [Atom::Same(_) | Atom::Opaque | Atom::Known(_)]) => Some(Truth::Unknown),
        _ => None,
    }
}

/// Whether a pattern with `*` and `?` covers a text; both are known.
pub fn covers(pattern: &str, subject: &str) -> Truth {
    if is_simple(pattern, subject) { glob::covers(pattern, subject).into() } else { matches(&Text::known(pattern), &Text::known(subject)) }
}

/// Whether a pattern has no other wildcard than `*`, and neither it nor its subject is so long that nobody compares them.
fn is_simple(pattern: &str, subject: &str) -> bool {
    !pattern.contains('?') && (pattern.len() + 1).saturating_mul(subject.len() + 1) <= MAX_CELLS
}

/// Whether a pattern with `*` and `?` covers a text.
pub fn matches(pattern: &Text, subject: &Text) -> Truth {
    if let (Some(pattern), Some(subject)) = (pattern.as_known(), subject.as_known())
        && is_simple(pattern, subject)
    {
        return glob::covers(pattern, subject).into();
    }
    let beginning = pattern.known_beginning();
    let until_wildcard = beginning.find(['*', '?']).map_or(beginning, |at| &beginning[..at]);
    if is_never(subject, pattern) || begin_apart(until_wildcard, subject.known_beginning()) {
        return Truth::False;
    }
    compare(&tokens(pattern, Wildcards::Meant), &tokens(subject, Wildcards::Literal))
}

/// Why it is not known whether a pattern covers a text, as far as neither of the two says it.
pub fn why_unknown(pattern: &Text, subject: &Text) -> Option<Cause> {
    let (pattern_tokens, subject_tokens) = (tokens(pattern, Wildcards::Meant), tokens(subject, Wildcards::Literal));
    let (a, b) = between(&pattern_tokens, &subject_tokens)?;
    if cells(a, b) > MAX_CELLS {
        let what = format!("more than {MAX_CELLS} comparisons of a text with a pattern");
        return Some(Cause::new(CauseKind::Limit, what, None));
    }
    let is_told = !pattern.causes.is_empty() || !subject.causes.is_empty();
    (!is_told && subject.atoms.contains(&Atom::Rest)).then(|| Cause::new(CauseKind::Unshown, "what the service adds to a key", None))
}

/// Whether two texts differ before the shorter one of these beginnings ends.
fn begin_apart(a: &str, b: &str) -> bool {
    let both = a.len().min(b.len());
    a.as_bytes()[..both] != b.as_bytes()[..both]
}

/// Whether an unknown text is known not to be a certain one, by what it stands for.
fn is_never(unknown: &Text, known: &Text) -> bool {
    match (unknown.atoms.as_slice(), known.as_known()) {
        ([Atom::Same(Key::Reference(reference))], Some(text)) => reference.is_never(text),
        _ => false,
    }
}

/// How long a text is: the bytes that are known, and whatever the unknown pieces have.
struct Measure<'a> {
    known: usize,
    unknown: Vec<&'a Key>,
}

/// `None` where an unknown piece is not told apart from others.
fn measure(text: &Text) -> Option<Measure<'_>> {
    let mut measure = Measure { known: 0, unknown: Vec::new() };
    for atom in &text.atoms {
        match atom {
            Atom::Known(text) => measure.known += text.len(),
            Atom::Same(key) => measure.unknown.push(key),
            Atom::Opaque | Atom::Rest => return None,
        }
    }
    measure.unknown.sort();
    Some(measure)
}

/// The part at an index of a text that is split at a delimiter; `None` where something unknown before its end may hold the delimiter.
pub fn part(text: &Text, delimiter: &str, index: usize) -> Option<Text> {
    let mut out = Text { causes: text.causes.clone(), ..Text::default() };
    let mut at = 0;
    for atom in &text.atoms {
        match atom {
            Atom::Known(known) => {
                for (more, piece) in known.split(delimiter).enumerate() {
                    at += usize::from(more > 0);
                    if at == index {
                        out.push(Atom::Known(Arc::from(piece)));
                    }
                }
            }
            Atom::Same(key) if !key.may_hold(delimiter) => {
                if at == index {
                    out.push(atom.clone());
                }
            }
            _ if at > index => break,
            _ => return None,
        }
    }
    (at >= index).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str) -> Atom {
        Atom::Same(Key::Reference(Arc::new(Reference::Input { project: ProjectId(0), name: Arc::from(name) })))
    }

    fn text(atoms: &[Atom]) -> Text {
        let mut out = Text::default();
        atoms.iter().for_each(|atom| out.push(atom.clone()));
        out
    }

    fn known(text: &str) -> Atom {
        Atom::Known(Arc::from(text))
    }

    #[test]
    fn equality_is_three_valued() {
        let logs = text(&[input("var.prefix"), known("-logs")]);
        assert_eq!(same(&logs, &logs.clone()), Truth::True);
        assert_eq!(same(&logs, &text(&[input("var.prefix"), known("-trail")])), Truth::False);
        assert_eq!(same(&logs, &text(&[input("var.other"), known("-logs")])), Truth::Unknown);
        assert_eq!(same(&logs, &Text::known("x-logs")), Truth::Unknown);
        assert_eq!(same(&logs, &Text::known("x-trail")), Truth::False);
        assert_eq!(same(&Text::known("a*"), &Text::known("ab")), Truth::False);
        assert_eq!(same(&Text::default(), &text(&[input("var.x")])), Truth::Unknown);
        let prefix = |middle: &str| text(&[known("s3/"), input("var.b"), known(middle), input("var.e"), known("/")]);
        assert_eq!(same(&prefix("-"), &prefix("-daily-")), Truth::False);
        let turned = text(&[known("s3/"), input("var.e"), known("-"), input("var.b"), known("/")]);
        assert_eq!(same(&prefix("-"), &turned), Truth::Unknown);
    }

    #[test]
    fn what_stands_alone_is_compared_as_any_text_is() {
        let name = |attribute: &str| {
            let address = crate::value::Address::from("aws_kms_key.main");
            Atom::Same(Key::Reference(Arc::new(Reference::Attribute { project: ProjectId(0), address, attribute: Arc::from(attribute) })))
        };
        let generated = |id| Atom::Same(Key::Generated(ResourceId(id)));
        let alone =
            [generated(1), generated(2), name("arn"), name("description"), input("var.x"), Atom::Opaque, known("x"), known("longer")];
        let texts: Vec<Vec<Atom>> = alone.into_iter().map(|atom| vec![atom]).chain([Vec::new()]).collect();
        for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
            if let Some(truth) = same_alone(a, b) {
                let (one, other) = (text(a), text(b));
                assert_eq!(truth, compare(&tokens(&one, Wildcards::Literal), &tokens(&other, Wildcards::Literal)), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn what_a_resource_is_known_by_is_not_empty() {
        let attribute = |name: &str| {
            let address = crate::value::Address::from("aws_kms_key.main");
            Atom::Same(Key::Reference(Arc::new(Reference::Attribute { project: ProjectId(0), address, attribute: Arc::from(name) })))
        };
        assert_eq!(same(&text(&[attribute("arn")]), &Text::default()), Truth::False);
        assert_eq!(same(&text(&[attribute("description")]), &Text::default()), Truth::Unknown);
    }

    #[test]
    fn what_a_reference_is_says_what_it_is_not() {
        let attribute = |address: &str, name: &str| {
            let (address, attribute) = (crate::value::Address::from(address), Arc::from(name));
            text(&[Atom::Same(Key::Reference(Arc::new(Reference::Attribute { project: ProjectId(0), address, attribute })))])
        };
        let (everyone, managed) = (Text::known("0.0.0.0/0"), Text::known("arn:aws:iam::aws:policy/AdministratorAccess"));
        assert_eq!(same(&attribute("data.aws_vpc.shared", "cidr_block"), &everyone), Truth::False);
        assert_eq!(same(&attribute("data.aws_vpc.shared", "cidr_block"), &Text::known("10.0.0.0/16")), Truth::Unknown);
        assert_eq!(same(&attribute("aws_route.all", "cidr_block"), &everyone), Truth::Unknown);
        assert_eq!(same(&attribute("aws_iam_policy.own", "arn"), &managed), Truth::False);
        assert_eq!(same(&attribute("data.aws_iam_policy.read", "arn"), &managed), Truth::Unknown);
        assert_eq!(matches(&Text::known("arn:*:iam::aws:policy/X"), &attribute("aws_iam_policy.own", "arn")), Truth::False);
    }

    #[test]
    fn a_generated_name_is_like_no_other() {
        let generated = |id| text(&[Atom::Same(Key::Generated(ResourceId(id)))]);
        assert_eq!(same(&generated(1), &generated(1)), Truth::True);
        assert_eq!(same(&generated(1), &generated(2)), Truth::False);
        assert_eq!(same(&generated(1), &Text::known("logs")), Truth::False);
    }

    #[test]
    fn wildcards_cover_known_and_unknown_text() {
        let key = text(&[known("arn:aws:s3:::logs/"), input("var.prefix"), Atom::Rest]);
        assert_eq!(matches(&Text::known("arn:aws:s3:::logs/*"), &key), Truth::True);
        assert_eq!(matches(&Text::known("*"), &key), Truth::True);
        assert_eq!(matches(&Text::known("arn:aws:s3:::other/*"), &key), Truth::False);
        assert_eq!(matches(&text(&[known("arn:aws:s3:::logs/"), input("var.prefix"), known("*")]), &key), Truth::True);
        assert_eq!(matches(&text(&[known("arn:aws:s3:::logs/"), input("var.other"), known("*")]), &key), Truth::Unknown);
        assert_eq!(matches(&Text::known("arn:aws:s3:::logs/a/*"), &text(&[known("arn:aws:s3:::logs/"), Atom::Rest])), Truth::False);
        assert_eq!(matches(&Text::known("arn:aws:s3:::logs/2024*"), &text(&[known("arn:aws:s3:::logs/"), Atom::Rest])), Truth::Unknown);
        assert_eq!(matches(&Text::known("arn:aws:s3:::logs"), &text(&[known("arn:aws:s3:::logs/"), Atom::Rest])), Truth::False);
        let why = |pattern: &str, subject: &Text| why_unknown(&Text::known(pattern), subject).map(|cause| (cause.kind, cause.name));
        let rest = text(&[known("logs/"), Atom::Rest]);
        assert_eq!(why("logs/2024*", &rest), Some((CauseKind::Unshown, Arc::from("what the service adds to a key"))));
        let (long, told) = ("?a*".repeat(5_000), Arc::from("more than 1000000 comparisons of a text with a pattern"));
        let subject = Text::known(&"b".repeat(100));
        assert_eq!(matches(&Text::known(&long), &subject), Truth::Unknown);
        assert_eq!(why(&long, &subject), Some((CauseKind::Limit, told)));
        let shared = text(&[known(&long), input("var.x"), known(&long)]);
        assert_eq!(same(&shared, &shared.clone()), Truth::True, "what both begin with takes no table");
        let account = text(&[known("arn:aws:s3:::logs/"), input("AWS::AccountId"), known("/*")]);
        assert_eq!(matches(&account, &text(&[known("arn:aws:s3:::logs/"), Atom::Rest])), Truth::Unknown);
        assert_eq!(matches(&Text::known("arn:aws:s3:::logs/2024/*"), &text(&[known("arn:aws:s3:::logs/"), Atom::Rest])), Truth::Unknown);
    }

    #[test]
    fn partitions_do_not_tell_arns_apart() {
        let variable = text(&[known("arn:"), input("data.aws_partition.current.partition"), known(":s3:::logs/*")]);
        assert_eq!(*variable.without_partition(), Text::known("arn:aws:s3:::logs/*"));
        assert_eq!(*Text::known("arn:aws-cn:s3:::logs").without_partition(), Text::known("arn:aws:s3:::logs"));
        assert_eq!(*Text::known("logs").without_partition(), Text::known("logs"));
    }

    #[test]
    fn parts_are_taken_where_nothing_unknown_can_hold_the_delimiter() {
        let generated = |text: &str| Text::known(text).then(Text::atom(Atom::Same(Key::Generated(ResourceId(1))), Vec::new()));
        let arn = generated("arn:aws:s3:::");
        assert_eq!(part(&arn, ":", 5), Some(generated("")));
        assert_eq!(part(&arn, ":", 2), Some(Text::known("s3")));
        assert_eq!(part(&arn, ":", 6), None);
        assert_eq!(part(&generated("logs-"), "-", 1), None, "a generated name may hold dashes");
        assert_eq!(part(&Text::known("a/").then(Text::atom(Atom::Opaque, Vec::new())), "/", 1), None);
        assert_eq!(part(&Text::known("a/").then(Text::atom(Atom::Opaque, Vec::new())), "/", 0), Some(Text::known("a")));
    }
}
