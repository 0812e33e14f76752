//! `.trivyignore.yaml` at the scan root: Trivy's list of what to leave out in a whole repository, with statements and dates.
//!
//! Only entries that are surely meant are honoured: a path pattern other than a name or `directory/**` is left to Trivy.

use crate::calendar::Date;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};
use crate::suppress::gather::{Gathered, MAX_INSTRUCTIONS};
use crate::suppress::peer::Wanted;
use crate::suppress::request::{Place, Request, Rules};
use crate::syntax::Trees;
use crate::syntax::node::Node;

/// The file's name.
pub const NAME: &str = ".trivyignore.yaml";

/// Reads the list.
pub fn read(file: FileId, sources: &Sources, trees: &Trees, into: &mut Gathered) {
    let tree = trees.nodes(sources, file);
    // It is another tool's file: what is wrong in it is no reason to fail, but what it hides then is not known.
    into.diagnostics
        .extend(tree.diagnostics.iter().map(|diagnostic| Diagnostic { level: crate::diagnostic::Level::Warning, ..diagnostic.clone() }));
    let entries = tree.documents.first().and_then(|document| document.get("misconfigurations")).and_then(Node::as_sequence);
    let entries = entries.unwrap_or_default();
    if let Some(entry) = entries.get(MAX_INSTRUCTIONS) {
        let message = format!("this file has more than {MAX_INSTRUCTIONS} suppressions; the rest is not read");
        into.diagnostics.push(Diagnostic::warning("limit-reached", entry.range.at(file), message));
    }
    for entry in entries.iter().take(MAX_INSTRUCTIONS) {
        let text = |name: &str| entry.get(name).and_then(Node::as_str);
        let Some(id) = text("id") else { continue };
        let expires = match text("expired_at") {
            None => None,
            // A date that is none cannot be held.
            Some(date) => match Date::parse(date) {
                Some(date) => Some(date),
                None => continue,
            },
        };
        let paths = match entry.get("paths").and_then(Node::as_sequence) {
            None => vec![String::new()],
            Some(paths) => paths.iter().filter_map(|path| prefix(path.as_str()?)).collect(),
        };
        into.requests.extend(paths.into_iter().map(|path| Request {
            by: "trivy",
            rules: Rules::Peer("trivy", Wanted::Ids(vec![id.to_owned()])),
            reason: text("statement").unwrap_or_default().to_owned(),
            owner: None,
            expires,
            span: Some(entry.range.at(file)),
            place: Place::Under(path),
            given: Vec::new(),
        }));
    }
}

/// The file, or the directory with its `/`, that a pattern stands for, as seen from the scan root; none for patterns of other forms.
fn prefix(pattern: &str) -> Option<String> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let (path, end) = match pattern.strip_suffix("/**") {
        Some(directory) => (directory, "/"),
        None => (pattern, ""),
    };
    (!path.is_empty() && !path.contains(['*', '?', '[', '{', '\\'])).then(|| format!("{path}{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_patterns_are_taken() {
        assert_eq!(prefix("infra/main.tf").as_deref(), Some("infra/main.tf"));
        assert_eq!(prefix("./infra/**").as_deref(), Some("infra/"));
        for pattern in ["**", "infra/*.tf", "**/x.tf", "a/**/b", ""] {
            assert_eq!(prefix(pattern), None, "{pattern}");
        }
    }
}
