//! Whether a policy allows or denies what a rule asks of it: the request is put together for each subject, and the policy answers it.

use crate::graph::Hop;
use crate::graph::policy::{self, Effect, Policy, Request};
use crate::limits::Limit;
use crate::rule::condition::{each, fill, known};
use crate::rule::parse::Permission;
use crate::rule::path::{Item, Scope};
use crate::rule::verdict::Verdict;
use crate::value::{Cause, Truth, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a policy allows or denies what is asked. Without a policy it does neither.
pub fn permitted(scope: &Scope<'_>, permission: &Permission, effect: Effect) -> Verdict {
    let policies = scope.walk(&permission.policy);
    let is_asked = policies.iter().any(|policy| matches!(policy.item, Item::Value { .. }));
    // Nobody reads a request where there is no policy, as long as there would be one.
    let request = if is_asked || !is_surely_known(scope, permission) { request(scope, permission) } else { Ok(Request::default()) };
    let request = match request {
        Ok(request) => request,
        Err(causes) => return Verdict::of(Truth::Unknown, causes),
    };
    let mut why = Vec::new();
    let mut spans = Vec::new();
    let mut verdict = each(&policies, |item| match item {
        Item::Absent => {
            why.push("there is no policy".to_owned());
            known(false)
        }
        Item::Unknown(causes) => (Truth::Unknown, causes.clone()),
        Item::Value { value, .. } => {
            let policy = read(scope, value);
            if !scope.steps.take(policy.weight) {
                return (Truth::Unknown, vec![scope.steps.cause()]);
            }
            let answer = policy.answers(effect, &request);
            why.extend(answer.why);
            spans.extend(answer.spans);
            (answer.truth, answer.causes)
        }
        _ => known(false),
    });
    if why.is_empty() && verdict.truth.is_false() {
        why.push("no statement of its policy is about it".to_owned());
    }
    verdict.why = why;
    verdict.hops.extend(spans.into_iter().map(|span| Hop { span, message: "this statement".to_owned() }));
    verdict
}

/// The same for those who want no more, of the value that is the policy, if there is one.
pub fn truth(scope: &Scope<'_>, permission: &Permission, effect: Effect, policy: Option<&Value>) -> Truth {
    if policy.is_none() && is_surely_known(scope, permission) {
        return Truth::False;
    }
    match (policy, request(scope, permission)) {
        (_, Err(_)) => Truth::Unknown,
        (None, Ok(_)) => Truth::False,
        (Some(value), Ok(request)) => {
            let policy = read(scope, value);
            if scope.steps.take(policy.weight) { policy.truth(effect, &request) } else { Truth::Unknown }
        }
    }
}

/// The policy that a value says.
fn read(scope: &Scope<'_>, value: &Value) -> Arc<Policy> {
    let most = scope.graph.limits().count(Limit::PolicyStatements);
    scope.memo.policy(value, || policy::parse(value, most, &|part: &Value| scope.graph.text(part)))
}

/// Whether everything that the request is filled with is what every resource has: there is one of that, and always.
fn is_surely_known(scope: &Scope<'_>, permission: &Permission) -> bool {
    let templates = permission.principal.values().take(1).chain(permission.given.values()).chain(&permission.resource);
    templates.flat_map(|template| &template.filled).all(|(_, path)| scope.is_own_word_of_one(path))
}

fn request<'r>(scope: &Scope<'_>, permission: &'r Permission) -> Result<Request<'r>, Vec<Cause>> {
    let principal = match permission.principal.first() {
        Some((kind, name)) => Some((kind.as_str(), fill(scope, name)?)),
        None => None,
    };
    let mut context = BTreeMap::new();
    for (key, template) in &permission.given {
        context.insert(&*key.0, Some(fill(scope, template)?));
    }
    context.extend(permission.missing.iter().map(|key| (&*key.0, None)));
    Ok(Request {
        principal,
        action: permission.action.as_deref(),
        resource: permission.resource.as_ref().map(|template| fill(scope, template)).transpose()?,
        context,
        chosen: permission.chosen.iter().map(|key| &*key.0).collect(),
    })
}
