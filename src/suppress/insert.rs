//! Where and how a suppression is written: a comment above a block, an entry in a template's metadata, a property of Terraform's JSON syntax.
//!
//! What is written is read back by the rest of this module; an edit is a splice, so that every other byte stays.

use crate::calendar::Date;
use crate::rule::finding::Edit;
use crate::source::{SourceFile, Sources, Span, TextRange};
use crate::suppress::layout::Layout;
use crate::suppress::note;
use crate::syntax::Trees;
use crate::syntax::node::Node;
use serde_json::json;

/// What is to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}

impl Wanted {
    /// The words of a comment.
    pub fn words(&self) -> String {
        note::write(&self.rule, &self.reason, self.owner.as_deref(), self.expires)
    }

    /// An entry of a template's metadata, in JSON, which YAML reads too.
    fn entry(&self) -> String {
        let mut pairs = vec![("rule", self.rule.clone()), ("reason", self.reason.clone())];
        pairs.extend(self.owner.clone().map(|owner| ("owner", owner)));
        pairs.extend(self.expires.map(|expires| ("expires", expires.to_string())));
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("\"{name}\": {}", json!(value))).collect();
        format!("{{ {} }}", pairs.join(", "))
    }
}

/// The edit that writes a suppression for the block that holds a place; an error says why there is none.
pub fn edit(place: Span, wanted: &Wanted, sources: &Sources, trees: &Trees) -> Result<Edit, String> {
    let source = sources.get(place.file);
    let layout = Layout::of(place.file, sources, trees);
    let block = layout
        .block_at(place.range.start)
        .ok_or("it does not stand in a block of its own: state it as an `[[exception]]` in the config file")?;
    let at = |offset: usize, replacement: String| Edit { span: TextRange::new(offset, offset).at(place.file), replacement };
    if let Some(body) = layout.json_body(block) {
        let offset = body.range.indices().start + 1;
        if body.entry("//").is_some() {
            return Err("its object has a property `//` already; make that a list and add these words to it".into());
        }
        let property = format!("\"//\": {}", json!(wanted.words()));
        return Ok(at(offset, first(&source, offset, &property, is_empty(body))));
    }
    if let Some((key, body)) = layout.resource(block)
        && is_flow(&source, body)
    {
        return metadata(&source, key, body, wanted).map(|(offset, text)| at(offset, text));
    }
    let start = block.indices().start;
    let line = source.lines().range(&source.text, source.lines().line_of(block.start));
    let indentation = &source.text[line.start..start];
    if !indentation.trim().is_empty() {
        return Err("something else stands before it on its line".into());
    }
    Ok(at(line.start, format!("{indentation}# {}{}", wanted.words(), line_end(&source, line.end))))
}

/// A new pair, entry or list, as deep in the metadata as there is something to put it into.
fn metadata(source: &SourceFile, key: &Node, body: &Node, wanted: &Wanted) -> Result<(usize, String), String> {
    let mut open = body;
    let mut text = wanted.entry();
    let path = ["Metadata", "trailwarden", "ignore"];
    for (depth, name) in path.iter().enumerate() {
        let Some(inner) = open.get(name) else {
            // From the inside out: a list, and a mapping for each name that is missing.
            text = format!("[{text}]");
            for missing in path[depth + 1..].iter().rev() {
                text = format!("{{ \"{missing}\": {text} }}");
            }
            text = format!("\"{name}\": {text}");
            break;
        };
        open = inner;
    }
    if !is_flow(source, open) || open.tag.is_some() {
        let name = key.as_str().unwrap_or_default();
        return Err(format!("what stands under `Metadata` of `{name}` is written in another style than the rest"));
    }
    let offset = open.range.indices().start + 1;
    Ok((offset, first(source, offset, &text, is_empty(open))))
}

/// Whether a node is written with braces or brackets.
fn is_flow(source: &SourceFile, node: &Node) -> bool {
    source.text[node.range.indices()].starts_with(['{', '['])
}

fn is_empty(node: &Node) -> bool {
    node.as_mapping().is_some_and(<[_]>::is_empty) || node.as_sequence().is_some_and(<[_]>::is_empty)
}

/// A text put before everything else inside a bracket: on a line of its own where what follows stands on one.
fn first(source: &SourceFile, offset: usize, text: &str, is_alone: bool) -> String {
    let rest = &source.text[offset..];
    let space = &rest[..rest.len() - rest.trim_start().len()];
    match (space.rfind('\n'), is_alone) {
        (Some(feed), false) => {
            let end = if space[..feed].ends_with('\r') { "\r\n" } else { "\n" };
            format!("{end}{}{text},", &space[feed + 1..])
        }
        (None, false) => format!("{}{text},{}", if space.is_empty() { "" } else { " " }, if space.is_empty() { " " } else { "" }),
        (_, true) => format!(" {text}{}", if space.is_empty() { " " } else { "" }),
    }
}

/// How the line that ends here ends.
fn line_end(source: &SourceFile, end: usize) -> &'static str {
    if source.text[end..].starts_with('\r') { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn written(path: &str, text: &str, at: &str) -> Result<String, String> {
        let (sources, trees) = (Sources::default(), Trees::default());
        let file = sources.add(Path::new(path), text);
        let start = text.find(at).unwrap();
        let wanted = Wanted { rule: "a-rule".into(), reason: "a \"b\"".into(), owner: None, expires: Date::parse("2026-12-31") };
        let edit = edit(TextRange::new(start, start + 1).at(file), &wanted, &sources, &trees)?;
        let mut text = text.to_owned();
        text.replace_range(edit.span.range.indices(), &edit.replacement);
        Ok(text)
    }

    const WORDS: &str = "trailwarden: ignore[a-rule] reason=\"a \\\"b\\\"\" expires=2026-12-31";
    const ENTRY: &str = r#"{ "rule": "a-rule", "reason": "a \"b\"", "expires": "2026-12-31" }"#;

    #[test]
    fn comments_go_above_with_the_line_ends_that_are_there() {
        let text = "x = 1\r\n\r\nresource \"a\" \"b\" {\r\n}\r\n";
        assert_eq!(written("main.tf", text, "resource").unwrap(), format!("x = 1\r\n\r\n# {WORDS}\r\nresource \"a\" \"b\" {{\r\n}}\r\n"));
        assert_eq!(written("main.tf", "resource \"a\" \"b\" {}", "\"b\"").unwrap(), format!("# {WORDS}\nresource \"a\" \"b\" {{}}"));
        let text = "Resources:\n  A:\n    Type: T\n";
        assert_eq!(written("t.yaml", text, "A:").unwrap(), format!("Resources:\n  # {WORDS}\n  A:\n    Type: T\n"));
        assert_eq!(
            written("t.yaml", "Other: 1\n", "Other").unwrap_err().split(':').next(),
            Some("it does not stand in a block of its own")
        );
    }

    #[test]
    fn json_gets_metadata_in_its_own_style() {
        let lines = "{\n  \"Resources\": {\n    \"A\": {\r\n      \"Type\": \"T\"\r\n    }\n  }\n}\n";
        let expected = format!("\"A\": {{\r\n      \"Metadata\": {{ \"trailwarden\": {{ \"ignore\": [{ENTRY}] }} }},\r\n      \"Type\"");
        assert!(written("t.json", lines, "\"A\"").unwrap().contains(&expected));
        for (metadata, becomes) in [
            ("{}", format!("{{ \"trailwarden\": {{ \"ignore\": [{ENTRY}] }} }}")),
            ("{\"x\": 1}", format!("{{\"trailwarden\": {{ \"ignore\": [{ENTRY}] }}, \"x\": 1}}")),
            ("{ \"trailwarden\": { \"ignore\": [] } }", format!("{{ \"trailwarden\": {{ \"ignore\": [ {ENTRY} ] }} }}")),
            ("{\"trailwarden\": {\"ignore\": [{}]}}", format!("{{\"trailwarden\": {{\"ignore\": [{ENTRY}, {{}}]}}}}")),
        ] {
            let text = |metadata: &str| format!("{{\"Resources\": {{\"A\": {{\"Type\": \"T\", \"Metadata\": {metadata}}}}}}}");
            assert_eq!(written("t.json", &text(metadata), "\"A\"").unwrap(), text(&becomes));
        }
        // A template in YAML whose resource stands in braces.
        let flow = written("t.yaml", "Resources:\n  A: { Type: T }\n", "A:").unwrap();
        assert_eq!(flow, format!("Resources:\n  A: {{ \"Metadata\": {{ \"trailwarden\": {{ \"ignore\": [{ENTRY}] }} }}, Type: T }}\n"));
    }

    #[test]
    fn terraform_in_json_gets_a_property() {
        let text = "{\"resource\": {\"a\": {\"b\": {\"x\": 1}, \"c\": {\"//\": \"y\"}}}}";
        let property = format!("{{\"//\": {}, \"x\": 1}}", json!(WORDS));
        assert_eq!(written("main.tf.json", text, "\"b\"").unwrap(), text.replace("{\"x\": 1}", &property));
        assert!(written("main.tf.json", text, "\"c\"").unwrap_err().contains("has a property `//` already"));
    }
}
