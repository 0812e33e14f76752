//! Messages: templates with `{path}`, `{absence of path}`, `{near name of path}`, `{unknown}` and `{why}`.

use crate::graph::{ResourceId, Standing, shape};
use crate::rule::parse::Path;
use crate::rule::path::{Item, Scope};
use crate::rule::verdict::Verdict;
use crate::suggest::nearest;
use crate::table::IndexSet;
use crate::value::{Cause, CauseKind, Mode};
use std::fmt::Write as _;
use std::sync::Arc;

/// Fills a template. Names come out in backticks.
pub fn render(template: &str, scope: &Scope<'_>, verdict: Option<&Verdict>, causes: &[Cause]) -> String {
    // What a condition found has the name that it gave it.
    let found = verdict.map(|verdict| verdict.names(scope));
    let scope = found.as_ref().unwrap_or(scope);
    let mut out = String::with_capacity(template.len());
    let mut left = template;
    while let Some(start) = left.find('{') {
        let Some(length) = left[start..].find('}') else { break };
        out.push_str(&left[..start]);
        let hole = &left[start + 1..start + length];
        match hole {
            "why" => out.push_str(&verdict.map(|verdict| each_once(&verdict.why).join("; ")).unwrap_or_default()),
            "unknown" => out.push_str(&unknown(causes)),
            _ => out.push_str(&match hole.split_once(" of ") {
                Some(("absence", path)) => absence(scope, &scope.memo.path(path)),
                Some(("near name", path)) => near_name(scope, &scope.memo.path(path)),
                _ => named(scope, &scope.memo.path(hole)),
            }),
        }
        left = &left[start + length + 1..];
    }
    out.push_str(left);
    out
}

/// The same for a failing verdict, shared where the template has no holes.
pub fn shared(template: &Arc<str>, scope: &Scope<'_>, verdict: &Verdict) -> Arc<str> {
    if template.contains('{') { render(template, scope, Some(verdict), &[]).into() } else { Arc::clone(template) }
}

/// The paths in a template.
pub fn paths(template: &str) -> Vec<&str> {
    let holes = template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(hole, _)| hole));
    holes.filter(|hole| !matches!(*hole, "why" | "unknown")).map(|hole| hole.split_once(" of ").map_or(hole, |(_, path)| path)).collect()
}

/// Several conditions may give one reason.
fn each_once(reasons: &[String]) -> Vec<&str> {
    let mut told: Vec<&str> = Vec::new();
    for reason in reasons {
        if !told.contains(&reason.as_str()) {
            told.push(reason);
        }
    }
    told
}

/// What stands at a path, as a reader knows it.
fn named(scope: &Scope<'_>, path: &Path) -> String {
    let alternatives = scope.resources(path);
    let mut names: Vec<String> = Vec::new();
    for alternative in &alternatives {
        let name = match &alternative.item {
            Item::Resource(id) => format!("`{}`", address(scope, *id)),
            Item::Unknown(_) => match scope.walk(path).first().map(|first| &first.item) {
                Some(Item::Value { value, .. }) => quoted(&scope.graph.text(value).display()),
                _ => "one that is not known".to_owned(),
            },
            Item::Absent => "nothing".to_owned(),
            other => scope.text(other).map_or_else(|| "something".to_owned(), |text| quoted(&text.display())),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" or ")
}

fn quoted(text: &str) -> String {
    match text {
        "${?}" => "one that is not known".to_owned(),
        "" => "the empty text".to_owned(),
        text => format!("`{text}`"),
    }
}

/// A resource's address, or the name that people know it by better.
fn address(scope: &Scope<'_>, id: ResourceId) -> String {
    let resource = scope.graph.resource(id);
    let alias = resource.declaration.and_then(|at| scope.graph.declarations()[at].alias.as_deref());
    match alias {
        Some(alias) => format!("{alias} ({})", resource.address),
        None => resource.address.to_string(),
    }
}

/// Causes as what a verdict depends on.
pub fn unknown(causes: &[Cause]) -> String {
    let names: IndexSet<String> = causes.iter().map(noun).collect();
    match names.into_iter().collect::<Vec<_>>().as_slice() {
        [] => "something that is not known".to_owned(),
        [all @ .., last] if !all.is_empty() && all.len() < 3 => format!("{} and {last}", all.join(", ")),
        [only] => only.clone(),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
    }
}

/// A name as people read it: words stand as they are, whatever is written in code between backticks.
pub fn name_or_words(name: &str) -> String {
    let is_words = ["the ", "which ", "whether "].iter().any(|word| name.starts_with(word));
    if is_words { name.to_owned() } else { ["`", name, "`"].concat() }
}

/// A cause as something that a verdict can depend on.
fn noun(cause: &Cause) -> String {
    let name = &cause.name;
    match cause.kind {
        CauseKind::MissingModule => format!("module `{name}`, which is not in the tree"),
        CauseKind::File => format!("file `{name}`, which could not be read"),
        CauseKind::Macro => format!("macro `{name}`"),
        CauseKind::Limit => format!("a limit that was reached ({name})"),
        CauseKind::Undeclared => format!("what is missing ({name})"),
        CauseKind::Invalid => format!("what is not valid ({name})"),
        CauseKind::Unsupported => format!("what is not understood yet ({name})"),
        CauseKind::Unshown => name.to_string(),
        _ => name_or_words(name),
    }
}

/// In the language of the resource's own type: where the property would stand, and what else could set it; or that what is set there is not enough.
fn absence(scope: &Scope<'_>, path: &Path) -> String {
    let Some((property, owner)) = path.0.split_last() else { return String::new() };
    let owner = if owner.is_empty() { scope.memo.path("subject") } else { Path(owner.into()) };
    let Some(Item::Resource(id)) = scope.resources(&owner).into_iter().next().map(|alternative| alternative.item) else {
        return format!("no {property} is known");
    };
    let resource = scope.graph.resource(id);
    if let Some(claim) = scope.graph.property(id, property).0.iter().find(|claim| claim.span.is_some() && !claim.certainty.is_false()) {
        return match shape::plain(&claim.value).as_deref() {
            Some("") => "this is empty".to_owned(),
            Some(word) => format!("this is `{word}`"),
            None => "what is set here is not enough".to_owned(),
        };
    }
    let catalog = scope.graph.catalog();
    match resource.standing {
        Standing::Outside => return format!("no {property}, by what is known of it"),
        Standing::Module => return format!("no argument of this module call sets {property}"),
        Standing::Declared => {}
    }
    let inline = catalog.managed(&resource.type_name).and_then(|entry| entry.properties.get(property)?.written_as());
    let language = language(&resource.type_name);
    let parts = catalog.parts_of(&resource.kind);
    let satellites: Vec<String> = parts
        .filter(|(mode, entry)| *mode == Mode::Managed && entry.properties.contains_key(property))
        .filter(|(_, entry)| self::language(&entry.type_name) == language)
        .map(|(_, entry)| format!("`{}`", entry.type_name))
        .collect();
    let mut out = match inline {
        Some(inline) => format!("no `{inline}` here"),
        None => String::new(),
    };
    if !satellites.is_empty() {
        let and = if out.is_empty() { "" } else { ", and " };
        let _ = write!(out, "{and}no {} that is created names it", satellites.join(" or "));
    }
    out
}

/// A resource of this code whose name is nearly the one that stands at a path: perhaps it was meant.
fn near_name(scope: &Scope<'_>, path: &Path) -> String {
    let Some(Item::Resource(id)) = scope.resources(path).into_iter().next().map(|alternative| alternative.item) else {
        return String::new();
    };
    let (kind, wanted) = (&scope.graph.resource(id).kind, scope.graph.name(id));
    let Some(wanted) = wanted.as_known() else { return String::new() };
    let others = scope.graph.of_kind(kind).filter(|other| other.standing == Standing::Declared);
    let names = others.filter_map(|other| scope.graph.name(other.id).as_known());
    nearest(wanted, names).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

/// What tells the types of one provider or language from those of another: the text before the first separator.
fn language(type_name: &str) -> &str {
    type_name.split(['_', ':']).next().unwrap_or_default()
}
