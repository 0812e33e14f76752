//! A scan of YAML by lines: keys at the left margin, and what stands under two of them.

use super::{Found, Sign, is_type};

/// Looks at the first document of a text.
pub fn scan(text: &str) -> Found {
    let mut found = Found::default();
    let mut margin: Option<usize> = None;
    let mut section = "";
    for line in text.lines() {
        let content = line.trim_start_matches([' ', '\t']);
        if content.is_empty() || content.starts_with('#') || content.starts_with('%') {
            continue;
        }
        let indent = line.len() - content.len();
        if indent == 0 && (line.starts_with("---") || line.starts_with("...")) {
            if margin.is_some() {
                break;
            }
            continue;
        }
        let left = *margin.get_or_insert(indent);
        let in_list = indent <= left && content.starts_with('-');
        if in_list && section.is_empty() {
            // The whole document is a list.
            return Found::default();
        }
        let value = if indent > left || in_list {
            content
        } else {
            let Some((key, value)) = key_of(content) else { continue };
            section = key;
            match key {
                "AWSTemplateFormatVersion" => found.add(Sign::Version),
                "service" => found.add(Sign::Service),
                "provider" => found.add(Sign::Provider),
                _ => {}
            }
            value
        };
        match section {
            // `Resources` is a mapping: a list there is something else's.
            "Resources" if !in_list && names_a_type(value) => found.add(Sign::Typed),
            "resources" if is_inner(value) => found.add(Sign::Inner),
            _ => {}
        }
        if found.is_template() {
            break;
        }
    }
    found
}

/// The key and the rest of a line: `key: value`, `"key": value`.
fn key_of(content: &str) -> Option<(&str, &str)> {
    let (key, rest) = match content.chars().next()? {
        quote @ ('"' | '\'') => content[1..].split_once(quote).and_then(|(key, rest)| Some((key, rest.trim_start().strip_prefix(':')?)))?,
        _ => content.split_once(':')?,
    };
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| (key.trim_end(), rest))
}

/// Whether a `Type:` on the line is followed by a type's name.
fn names_a_type(line: &str) -> bool {
    line.match_indices("Type").any(|(at, word)| {
        let after = line[at + word.len()..].trim_start_matches(['"', '\'']).trim_start();
        after.strip_prefix(':').is_some_and(|value| is_type(value.trim_start()))
    })
}

/// What tells that the section of a Serverless Framework file is a template, or a list of them.
fn is_inner(line: &str) -> bool {
    let line = line.trim_start_matches('-').trim();
    ["Resources", "Outputs", "Conditions", "${file("].iter().any(|start| line.trim_start_matches(['"', '\'', '{', ' ']).starts_with(start))
}
