//! Whether a policy allows, or denies, a request; and if it nearly does, what is missing.

use crate::graph::policy::condition::{self, Asked};
use crate::graph::policy::{Answer, Condition, Effect, Listed, Policy, Request, Statement};
use crate::graph::text::{self, Atom, Key, Text};
use crate::value::{Cause, Reference, Truth};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter;

/// The kind of whoever is named by nobody: only what is for everyone is for them.
pub const STRANGER: &str = "stranger";

/// Most near misses that are told.
const MAX_REASONS: usize = 3;

/// What one element of a statement says to a request.
struct Part {
    truth: Truth,
    causes: Vec<Cause>,
}

impl Policy {
    /// Whether some statement with this effect covers the request, for those who ask for no reason.
    pub fn truth(&self, effect: Effect, request: &Request<'_>) -> Truth {
        let asked = AskedFor::new(request);
        let of_effect = self.statements.iter().filter(|statement| statement.effect.is_none_or(|own| own == effect));
        let any = Truth::any(of_effect.map(|statement| covers(statement, request, &asked)));
        if self.open.is_empty() { any } else { any.or(Truth::Unknown) }
    }

    /// Whether some statement with this effect covers the request, and why.
    pub fn answers(&self, effect: Effect, request: &Request<'_>) -> Answer {
        let (mut truth, mut causes) = (Truth::False, Vec::new());
        let mut reasons: Vec<(u8, String, Option<crate::source::Span>)> = Vec::new();
        let asked = AskedFor::new(request);
        for statement in &self.statements {
            if statement.effect.is_some_and(|own| own != effect) {
                continue;
            }
            let parts = parts(statement, request, &asked);
            let covers = Truth::all(parts.iter().map(|(_, part)| part.truth)).and(known(statement.effect.is_some()));
            truth = truth.or(covers);
            if covers.is_unknown() {
                causes.extend(parts.iter().filter(|(_, part)| part.truth.is_unknown()).flat_map(|(_, part)| part.causes.iter().cloned()));
                causes.extend(statement.open.iter().cloned());
            }
            if let Some((nearness, reason)) = reason(statement, &parts, covers, request) {
                reasons.push((nearness, reason, statement.span));
            }
        }
        if !self.open.is_empty() {
            truth = truth.or(Truth::Unknown);
            causes.extend(self.open.iter().cloned());
        }
        reasons.sort_by_key(|(nearness, ..)| *nearness);
        reasons.truncate(if truth.is_true() { 1 } else { MAX_REASONS });
        let spans = reasons.iter().filter_map(|(.., span)| *span).collect();
        let why = reasons.into_iter().map(|(_, reason, _)| reason).collect();
        Answer { truth, causes: if truth.is_unknown() { causes } else { Vec::new() }, why, spans }
    }
}

fn known(is: bool) -> Truth {
    if is { Truth::True } else { Truth::Unknown }
}

/// What a request is for, in the forms in which statements are compared with it.
struct AskedFor<'r> {
    action: Option<Text>,
    resource: Option<Cow<'r, Text>>,
}

impl<'r> AskedFor<'r> {
    fn new(request: &'r Request<'_>) -> Self {
        Self {
            action: request.action.map(|action| Text::known(&action.to_ascii_lowercase())),
            resource: request.resource.as_deref().map(Text::without_partition),
        }
    }
}

/// Whether a statement covers a request: what its [`parts`] come to. One that does not decides alone, and those after it are not asked.
fn covers(statement: &Statement, request: &Request<'_>, asked: &AskedFor<'_>) -> Truth {
    let of_principal = request.principal.as_ref().map(|asks| in_list(&statement.principals, |(kind, name)| principal(kind, name, asks)));
    let of_action = || asked.action.as_ref().map(|action| in_list(&statement.actions, |pattern| text::matches(pattern, action)));
    let of_resource = || {
        let covers = |pattern: &Text, resource: &Text| text::matches(&pattern.without_partition(), resource);
        asked.resource.as_ref().map(|resource| in_list(&statement.resources, |pattern| covers(pattern, resource)))
    };
    let of_conditions = statement.conditions.iter().map(|test| holds(test, request, in_request(test, request)));
    let is_whole = known(statement.effect.is_some() && statement.open.is_empty());
    let lists = of_principal.into_iter().chain(iter::once_with(of_action).flatten()).chain(iter::once_with(of_resource).flatten());
    Truth::all(lists.chain(of_conditions).chain([is_whole]))
}

/// What a request has under the key of a test.
fn in_request<'r>(test: &Condition, request: &'r Request<'_>) -> Asked<'r> {
    match request.context.get(test.key.as_str()) {
        Some(Some(text)) => Asked::Has(text),
        Some(None) => Asked::HasNot,
        None => Asked::NotKnown,
    }
}

fn holds(test: &Condition, request: &Request<'_>, asked: Asked<'_>) -> Truth {
    if request.chosen.iter().any(|key| **key == *test.key) { Truth::True } else { condition::holds(test, asked) }
}

fn parts<'s>(statement: &'s Statement, request: &Request<'_>, asked: &AskedFor<'_>) -> Vec<(Element<'s>, Part)> {
    let mut out = Vec::new();
    if let Some(asks) = &request.principal {
        out.push((Element::Principal, listed(&statement.principals, |(kind, name)| principal(kind, name, asks))));
    }
    if let Some(action) = &asked.action {
        out.push((Element::Action, matching(&statement.actions, |pattern| Cow::Borrowed(pattern), action)));
    }
    if let Some(resource) = &asked.resource {
        out.push((Element::Resource, matching(&statement.resources, Text::without_partition, resource)));
    }
    for test in &statement.conditions {
        let asked = in_request(test, request);
        let truth = holds(test, request, asked);
        let mut causes: Vec<Cause> = test.open.clone();
        causes.extend(test.values.iter().flat_map(|value| value.causes.iter().cloned()));
        if let Asked::Has(text) = asked {
            causes.extend(text.causes.iter().cloned());
            if truth.is_unknown() {
                causes.extend(test.values.iter().filter_map(|value| text::why_unknown(value, text)));
            }
        }
        if causes.is_empty() {
            causes.push(Cause::new(crate::value::CauseKind::Unshown, format!("the condition key {}", test.key), statement.span));
        }
        out.push((Element::Condition(test), Part { truth, causes }));
    }
    if !statement.open.is_empty() {
        out.push((Element::Open, Part { truth: Truth::Unknown, causes: statement.open.clone() }));
    }
    out
}

/// The element of a statement that a part is about.
enum Element<'s> {
    Principal,
    Action,
    Resource,
    Condition(&'s Condition),
    Open,
}

/// Whether a pattern of a list covers what is asked for.
fn matching(patterns: &Listed<Text>, form: impl Fn(&Text) -> Cow<'_, Text>, asked: &Text) -> Part {
    let mut part = listed(patterns, |pattern| text::matches(&form(pattern), asked));
    if part.truth.is_unknown() {
        part.causes.extend(patterns.items.iter().filter_map(|pattern| text::why_unknown(&form(pattern), asked)));
    }
    part
}

/// Whether anything that is listed covers what is asked for.
fn in_list<T>(listed: &Listed<T>, covers: impl FnMut(&T) -> Truth) -> Truth {
    let any = Truth::any(listed.items.iter().map(covers));
    let any = if listed.open.is_empty() { any } else { any.or(Truth::Unknown) };
    if listed.negated { !any } else { any }
}

fn listed<T>(listed: &Listed<T>, covers: impl FnMut(&T) -> Truth) -> Part
where
    T: HasCauses,
{
    let mut causes = listed.open.clone();
    causes.extend(listed.items.iter().flat_map(|item| item.causes().iter().cloned()));
    Part { truth: in_list(listed, covers), causes }
}

/// Whatever knows why it is not wholly known.
trait HasCauses {
    fn causes(&self) -> &[Cause];
}

impl HasCauses for Text {
    fn causes(&self) -> &[Cause] {
        &self.causes
    }
}

impl HasCauses for (String, Text) {
    fn causes(&self) -> &[Cause] {
        &self.1.causes
    }
}

/// Whether a named principal is the one that asks. `*` is everyone, services too.
fn principal(kind: &str, name: &Text, (asking_kind, asking): &(&str, Cow<'_, Text>)) -> Truth {
    if name.as_known() == Some("*") {
        return (kind == "AWS" || kind == *asking_kind).into();
    }
    if kind == *asking_kind && *asking_kind != STRANGER {
        return text::same(name, asking);
    }
    // Only `*` crosses kinds; an input may be `*`, what a resource exports is not.
    let may_be_everyone = name.atoms.iter().all(|atom| match atom {
        Atom::Opaque | Atom::Same(Key::Shared(_)) => true,
        Atom::Same(Key::Reference(reference)) => matches!(&**reference, Reference::Input { .. }) && !reference.is_place(),
        _ => false,
    });
    if kind == "AWS" && may_be_everyone { Truth::Unknown } else { Truth::False }
}

/// Why a statement covers the request, or what keeps it from doing so when little does. The number says how near it is: lower is nearer.
fn reason(statement: &Statement, parts: &[(Element<'_>, Part)], covers: Truth, request: &Request<'_>) -> Option<(u8, String)> {
    if covers.is_true() {
        return Some((0, statement.label.clone()));
    }
    let misses: Vec<&Element<'_>> = parts.iter().filter(|(_, part)| part.truth.is_false()).map(|(element, _)| element).collect();
    let action_fits = !parts.iter().any(|(element, part)| matches!(element, Element::Action) && part.truth.is_false());
    if covers.is_unknown() {
        let open: Vec<String> =
            parts.iter().filter(|(_, part)| part.truth.is_unknown()).map(|(element, _)| in_words(element, statement, request)).collect();
        return Some((1, format!("{} may, but it is not known whether {}", statement.label, open.join(" and "))));
    }
    if misses.len() > 2 || !action_fits {
        return None;
    }
    let words: Vec<String> = misses.iter().map(|element| miss(element, statement, request)).collect();
    let nearness = 1 + u8::try_from(misses.len()).unwrap_or(u8::MAX - 1);
    Some((nearness, format!("{} does not, {}", statement.label, words.join(" and "))))
}

fn in_words(element: &Element<'_>, statement: &Statement, request: &Request<'_>) -> String {
    match element {
        Element::Principal => format!("it is for {}", asking(request)),
        Element::Action => format!("it is about `{}`", request.action.unwrap_or("*")),
        Element::Resource => format!("it covers {}", asked_for(request)),
        Element::Condition(test) => format!("its condition `{}` on `{}` holds", test.operator, test.key),
        Element::Open => format!("{} says more", statement.label),
    }
}

fn miss(element: &Element<'_>, statement: &Statement, request: &Request<'_>) -> String {
    match element {
        Element::Principal => {
            let names: Vec<&Text> = statement.principals.items.iter().map(|(_, name)| name).collect();
            let not = if statement.principals.negated { "all but " } else { "" };
            format!("because its principal is {not}{}, not {}", some(&names), asking(request))
        }
        Element::Action => format!("because it is not about `{}`", request.action.unwrap_or("*")),
        Element::Resource => {
            let names: Vec<&Text> = statement.resources.items.iter().collect();
            let not = if statement.resources.negated { "all but " } else { "" };
            format!("because its resource is {not}{}, not {}", some(&names), asked_for(request))
        }
        Element::Condition(test) => {
            let names: Vec<&Text> = test.values.iter().collect();
            format!("because its condition `{}` asks that `{}` be {}", test.operator, test.key, some(&names))
        }
        Element::Open => "because of what is not known of it".to_owned(),
    }
}

fn asking(request: &Request<'_>) -> String {
    request.principal.as_ref().map_or_else(|| "anyone".to_owned(), |(_, name)| quoted(name))
}

fn asked_for(request: &Request<'_>) -> String {
    request.resource.as_deref().map_or_else(|| "anything".to_owned(), quoted)
}

fn quoted(text: &Text) -> String {
    format!("`{}`", text.display())
}

/// The first few of some texts.
fn some(texts: &[&Text]) -> String {
    const SHOWN: usize = 2;
    let mut out = texts.iter().take(SHOWN).map(|text| quoted(text)).collect::<Vec<_>>().join(" or ");
    if texts.len() > SHOWN {
        let _ = write!(out, " or {} more", texts.len() - SHOWN);
    }
    if out.is_empty() { "nobody".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::policy::parse;
    use crate::graph::text::Text;
    use crate::value::Value;
    use Truth::{False, True, Unknown};
    use std::collections::BTreeMap;

    fn ask(effect: Effect, statement: &str) -> Answer {
        let text = |value: &Value| match value.as_str() {
            Some(known) => Text::known(known),
            None => Text::atom(Atom::Opaque, value.causes()),
        };
        let policy = parse(&Value::string(format!("{{\"Statement\":[{statement}]}}")), 10, &text);
        let mut resource = Text::known("arn:aws:s3:::logs/data/");
        resource.push(Atom::Rest);
        let context = [("aws:sourcearn", Some(Text::known("arn:aws:s3:::data"))), ("s3:x-amz-server-side-encryption", None)];
        let context: BTreeMap<&str, Option<Cow<'_, Text>>> = context.into_iter().map(|(key, value)| (key, value.map(Cow::Owned))).collect();
        let principal = Text::known("logging.s3.amazonaws.com");
        let request = Request {
            principal: Some(("Service", Cow::Owned(principal))),
            action: Some("s3:PutObject"),
            resource: Some(Cow::Owned(resource)),
            context,
            chosen: Vec::new(),
        };
        policy.answers(effect, &request)
    }

    fn allow(rest: &str) -> Truth {
        ask(Effect::Allow, &format!("{{\"Effect\":\"Allow\",{rest}}}")).truth
    }

    const WHO: &str = r#""Principal":{"Service":"logging.s3.amazonaws.com"}"#;
    const WHAT: &str = r#""Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*""#;

    #[test]
    fn every_element_must_cover_the_request() {
        assert_eq!(allow(&format!("{WHO},{WHAT}")), True);
        assert_eq!(allow(&format!(r#""Principal":"*",{WHAT}"#)), True);
        assert_eq!(allow(&format!(r#""Principal":{{"AWS":"arn:aws:iam::1:root"}},{WHAT}"#)), False);
        assert_eq!(allow(&format!(r#"{WHO},"Action":["S3:Put*"],"Resource":"*""#)), True);
        assert_eq!(allow(&format!(r#"{WHO},"Action":"s3:GetObject","Resource":"*""#)), False);
        assert_eq!(allow(&format!(r#"{WHO},"NotAction":"s3:DeleteObject","Resource":"*""#)), True);
        assert_eq!(allow(&format!(r#"{WHO},"Action":"*","NotResource":"arn:aws:s3:::logs/*""#)), False);
        assert_eq!(allow(&format!(r#"{WHO},"Action":"*","Resource":"arn:aws:s3:::logs""#)), False);
        assert_eq!(allow(&format!(r#""NotPrincipal":{{"Service":"logging.s3.amazonaws.com"}},{WHAT}"#)), False);
    }

    #[test]
    fn a_stranger_is_let_in_with_everyone_only() {
        let text = |value: &Value| match value.as_str() {
            Some("var") => Text::atom(Atom::Opaque, value.causes()),
            Some(known) => known.strip_suffix("var").map_or_else(
                || Text::known(known),
                |start| {
                    let mut text = Text::known(start);
                    text.push(Atom::Opaque);
                    text
                },
            ),
            None => Text::atom(Atom::Opaque, value.causes()),
        };
        let request = Request { principal: Some((STRANGER, Cow::Owned(Text::known("a stranger")))), ..Request::default() };
        let ask = |principal: &str| {
            let policy = format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"*"}}]}}"#);
            parse(&Value::string(policy), 10, &text).answers(Effect::Allow, &request).truth
        };
        assert_eq!(ask(r#""*""#), True);
        assert_eq!(ask(r#"{"AWS":"*"}"#), True);
        assert_eq!(ask(r#"{"AWS":"arn:aws:iam::123456789012:root"}"#), False);
        assert_eq!(ask(r#"{"AWS":"arn:aws:iam::var"}"#), False);
        assert_eq!(ask(r#"{"AWS":"var"}"#), Unknown, "an input may be a wildcard");
        assert_eq!(ask(r#"{"Service":"cloudtrail.amazonaws.com"}"#), False);
    }

    #[test]
    fn conditions_are_three_valued() {
        let with = |condition: &str| allow(&format!(r#"{WHO},{WHAT},"Condition":{condition}"#));
        assert_eq!(with(r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::data"}}"#), True);
        assert_eq!(with(r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::other"}}"#), False);
        assert_eq!(with(r#"{"StringEquals":{"aws:SomethingElse":"x"}}"#), Unknown);
        assert_eq!(with(r#"{"ArnLike":{"aws:SourceArn":"${aws:PrincipalArn}"}}"#), Unknown);
        assert_eq!(with(r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::${*}"}}"#), Unknown, "a star is meant, and no wildcard");
    }

    #[test]
    fn a_deny_of_missing_headers_hits_the_service_and_a_near_miss_is_named() {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*","Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}}}"#;
        assert_eq!(ask(Effect::Deny, deny).truth, True);
        let near = ask(Effect::Allow, &format!(r#"{{"Sid":"Near","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::1:root"}},{WHAT}}}"#));
        assert!(near.why[0].contains("statement `Near` does not, because its principal is `arn:aws:iam::1:root`"), "{:?}", near.why);
    }
}
