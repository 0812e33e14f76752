//! From a value to a policy: an object, JSON text (known or known in part), or a list of either.

use crate::diagnostic::counted;
use crate::graph::policy::{Condition, Effect, Listed, Policy, Statement};
use crate::graph::text::{Atom, Text};
use crate::limits::Limit;
use crate::source::Span;
use crate::value::json::{self, Json, Outside};
use crate::value::{Cause, CauseKind, Origin, Piece, Value, ValueKind};
use std::borrow::Cow;
use std::sync::Arc;

/// Reads a policy of at most so many statements. Whatever in it is not known, or is no policy, leaves it open.
pub fn parse(value: &Value, most: usize, text: &dyn Fn(&Value) -> Text) -> Policy {
    let mut policy = Policy::default();
    document(value, most, text, &mut policy);
    policy.weight = policy.statements.iter().map(weight).sum();
    policy
}

/// How much is looked at to compare a statement with a request.
fn weight(statement: &Statement) -> usize {
    let principals = statement.principals.items.iter().map(|(_, name)| name);
    let listed = principals.chain(&statement.actions.items).chain(&statement.resources.items);
    let tests: usize = statement.conditions.iter().map(|test| test.values.iter().map(Text::weight).sum::<usize>() + 1).sum();
    listed.map(Text::weight).sum::<usize>() + tests + 1
}

/// A part of a policy: of a value, or of JSON text that was just read.
trait Part: Sized {
    fn get(&self, name: &str) -> Option<&Self>;

    fn is_object(&self) -> bool;

    /// What has a name in it, in the order of the names; `None` where it is no object.
    fn members(&self) -> Option<Vec<(&str, &Self)>>;

    /// What is listed in it; `None` where it is no list.
    fn items(&self) -> Option<&[Self]>;

    fn is_null(&self) -> bool;

    /// Its text, if that is known.
    fn as_str(&self) -> Option<&str>;

    /// Where it is written, in a document of this history.
    fn span(&self, of: &Origin) -> Option<Span>;

    fn value(&self, of: &Origin) -> Cow<'_, Value>;
}

impl Part for Value {
    fn get(&self, name: &str) -> Option<&Self> {
        Self::get(self, name)
    }

    fn is_object(&self) -> bool {
        self.as_entries().is_some()
    }

    fn members(&self) -> Option<Vec<(&str, &Self)>> {
        Some(self.as_entries()?.iter().map(|(name, member)| (&**name, member)).collect())
    }

    fn items(&self) -> Option<&[Self]> {
        self.as_items()
    }

    fn is_null(&self) -> bool {
        Self::is_null(self)
    }

    fn as_str(&self) -> Option<&str> {
        Self::as_str(self)
    }

    fn span(&self, _: &Origin) -> Option<Span> {
        self.origin.span()
    }

    fn value(&self, _: &Origin) -> Cow<'_, Value> {
        Cow::Borrowed(self)
    }
}

impl Part for Json<'_> {
    fn get(&self, name: &str) -> Option<&Self> {
        Self::get(self, name)
    }

    fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    fn members(&self) -> Option<Vec<(&str, &Self)>> {
        let Self::Object(members) = self else { return None };
        Some(members.iter().map(|(name, member)| (&**name, member)).collect())
    }

    fn items(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn span(&self, of: &Origin) -> Option<Span> {
        of.span()
    }

    fn value(&self, of: &Origin) -> Cow<'_, Value> {
        Cow::Owned(self.to_value(of))
    }
}

fn document(value: &Value, most: usize, text: &dyn Fn(&Value) -> Text, into: &mut Policy) {
    let reader = Reader { most, text, origin: &value.origin };
    let known;
    let pieces = match &value.kind {
        ValueKind::Null(_) => return,
        ValueKind::String(known) if known.is_empty() => return,
        ValueKind::String(text) => {
            known = [Piece::Known(Arc::clone(text))];
            &known[..]
        }
        ValueKind::Unknown(unknown) if !unknown.pieces.is_empty() => &unknown.pieces,
        ValueKind::Object(_) | ValueKind::Map(..) => return reader.statements(value.get("Statement"), into),
        ValueKind::List(_, items) | ValueKind::Set(_, items) | ValueKind::Tuple(items) => {
            return items.iter().for_each(|item| document(item, most, text, into));
        }
        _ => return into.open.extend(causes(value, "the policy")),
    };
    let read = json::take(pieces, Outside::OneValue, |read| {
        if read.is_object() {
            reader.statements(read.get("Statement"), into);
        }
        read.is_object()
    });
    if read != Some(true) {
        into.open.extend(causes(value, "the policy, which could not be read as JSON"));
    }
}

/// Reads the parts of one document.
struct Reader<'r> {
    /// Most statements of a policy.
    most: usize,
    text: &'r dyn Fn(&Value) -> Text,
    /// The history of the document.
    origin: &'r Origin,
}

impl Reader<'_> {
    fn statements<P: Part>(&self, listed: Option<&P>, into: &mut Policy) {
        let Some(listed) = listed else { return };
        let one = std::slice::from_ref(listed);
        let is_one = listed.is_object();
        if !is_one && listed.items().is_none() && matches!(listed.value(self.origin).kind, ValueKind::Unknown(_) | ValueKind::Resource(_)) {
            return into.open.extend(self.causes(listed, "the statements of the policy"));
        }
        for item in if is_one { one } else { listed.items().unwrap_or_default() } {
            if into.statements.len() == self.most {
                let limit = Limit::PolicyStatements.named(&format!("a policy with more than {}", counted(self.most, "statement")));
                return into.open.push(Cause::new(CauseKind::Limit, limit, self.origin.span()));
            }
            if item.is_object() {
                let number = into.statements.len() + 1;
                into.statements.push(self.statement(item, number));
            } else if !item.is_null() {
                into.open.extend(self.causes(item, "a statement of the policy"));
            }
        }
    }

    fn statement<P: Part>(&self, part: &P, number: usize) -> Statement {
        let mut open = Vec::new();
        let effect = match part.get("Effect").map(|effect| (effect, effect.as_str())) {
            Some((_, Some("Deny"))) => Some(Effect::Deny),
            Some((_, Some("Allow"))) => Some(Effect::Allow),
            Some((effect, None)) => {
                open.extend(self.causes(effect, "the effect of a statement"));
                None
            }
            _ => None,
        };
        let label = match part.get("Sid").and_then(P::as_str) {
            Some(sid) if !sid.is_empty() => ["statement `", sid, "`"].concat(),
            _ => ["statement ", &number.to_string()].concat(),
        };
        let span = part.get("Effect").and_then(|effect| effect.span(self.origin)).or_else(|| part.span(self.origin));
        Statement {
            label,
            effect,
            principals: self.principals(part),
            actions: lower(self.listed(part, "Action", "NotAction")),
            resources: self.listed(part, "Resource", "NotResource"),
            conditions: self.conditions(part.get("Condition"), &mut open),
            open,
            span,
        }
    }

    fn principals<P: Part>(&self, part: &P) -> Listed<(String, Text)> {
        let (negated, found) = either(part, "Principal", "NotPrincipal");
        let mut out = Listed { negated, items: Vec::new(), open: Vec::new() };
        let Some(found) = found else { return out };
        let mut names = Vec::new();
        if let Some(members) = found.members() {
            for (kind, named) in members {
                self.strings(named, &mut names, &mut out.open);
                out.items.extend(names.drain(..).map(|name| (kind.to_owned(), name)));
            }
            return out;
        }
        self.strings(found, &mut names, &mut out.open);
        out.items.extend(names.into_iter().map(|name| ("AWS".to_owned(), name)));
        out
    }

    fn listed<P: Part>(&self, part: &P, plain: &str, negative: &str) -> Listed<Text> {
        let (negated, found) = either(part, plain, negative);
        let mut out = Listed { negated, items: Vec::new(), open: Vec::new() };
        if let Some(found) = found {
            self.strings(found, &mut out.items, &mut out.open);
        }
        out
    }

    fn conditions<P: Part>(&self, part: Option<&P>, open: &mut Vec<Cause>) -> Vec<Condition> {
        let mut out = Vec::new();
        let Some(part) = part.filter(|part| !part.is_null()) else { return out };
        let Some(operators) = part.members() else {
            open.extend(self.causes(part, "the condition of a statement"));
            return out;
        };
        for (operator, tests) in operators {
            let Some(tests) = tests.members() else {
                open.extend(self.causes(tests, "the condition of a statement"));
                continue;
            };
            for (key, wanted) in tests {
                let (mut values, mut unlisted) = (Vec::new(), Vec::new());
                self.strings(wanted, &mut values, &mut unlisted);
                out.push(Condition { operator: operator.to_owned(), key: key.to_lowercase(), values, open: unlisted });
            }
        }
        out
    }

    /// The strings of a list, or the one that stands alone.
    fn strings<P: Part>(&self, part: &P, into: &mut Vec<Text>, open: &mut Vec<Cause>) {
        if let Some(items) = part.items() {
            into.reserve(items.len());
            return items.iter().for_each(|item| self.strings(item, into, open));
        }
        let value = part.value(self.origin);
        match &value.kind {
            ValueKind::Null(_) => {}
            ValueKind::Object(_) | ValueKind::Map(..) => open.extend(causes(&value, "a part of a statement that should be text")),
            // What is not even known to be one string may be a list of them.
            ValueKind::Unknown(unknown) if unknown.pieces.is_empty() && unknown.refers_to.is_none() && !is_text(&unknown.of) => {
                open.extend(causes(&value, "a part of a statement"));
            }
            _ => into.push(policy_variables((self.text)(&value))),
        }
    }

    fn causes<P: Part>(&self, part: &P, what: &str) -> Vec<Cause> {
        causes(&part.value(self.origin), what)
    }
}

fn either<'p, P: Part>(part: &'p P, plain: &str, negative: &str) -> (bool, Option<&'p P>) {
    match part.get(negative).filter(|found| !found.is_null()) {
        Some(found) => (true, Some(found)),
        None => (false, part.get(plain).filter(|found| !found.is_null())),
    }
}

/// The same in lower case: AWS makes no difference in the names of actions.
fn lower(listed: Listed<Text>) -> Listed<Text> {
    let is_lower =
        |atom: &Atom| !matches!(atom, Atom::Known(text) if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()));
    let lower = |text: Text| if text.atoms.iter().all(is_lower) { text } else { text.lower() };
    Listed { items: listed.items.into_iter().map(lower).collect(), ..listed }
}

fn is_text(of: &crate::value::Type) -> bool {
    matches!(of, crate::value::Type::String)
}

/// Policy variables (`${aws:PrincipalAccount}`) are filled in when a request is made: they are not known.
fn policy_variables(text: Text) -> Text {
    if !text.atoms.iter().any(|atom| matches!(atom, Atom::Known(known) if known.contains('$') && known.contains("${"))) {
        return text;
    }
    let mut out = Text { atoms: Vec::new(), causes: text.causes };
    for atom in text.atoms {
        let Atom::Known(known) = &atom else {
            out.push(atom);
            continue;
        };
        let mut rest = &**known;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            out.push(Atom::Known(Arc::from(&rest[..start])));
            // `${*}` and `${?}` are the characters, and no text says that: as wildcards they would cover anything.
            out.push(if &rest[start + 2..start + length] == "$" { Atom::Known(Arc::from("$")) } else { Atom::Opaque });
            rest = &rest[start + length + 1..];
        }
        out.push(Atom::Known(Arc::from(rest)));
    }
    out
}

fn causes(value: &Value, what: &str) -> Vec<Cause> {
    let causes = value.causes();
    if causes.is_empty() { vec![Cause::new(CauseKind::Unshown, what, value.origin.span())] } else { causes }
}
