//! Holds expressions and functions against what terraform 1.11.4 planned: `testdata/conformance/functions`, whose README has the format.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value as Json;
use std::path::Path;
use trailwarden::project::{Context, Demand, Inputs};
use trailwarden::source::Sources;
use trailwarden::source::fs::{Disk, FileSystem};
use trailwarden::syntax::Trees;
use trailwarden::terraform;
use trailwarden::value::Number;

fn text_of(disk: &Disk, name: &str) -> String {
    String::from_utf8(disk.read(Path::new(name)).unwrap()).unwrap()
}

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(&exact(line)).unwrap()).collect()
}

/// JSON with every number as the text `#…`, so that none passes through a machine float.
fn exact(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let is_number = first == '-' || first.is_ascii_digit();
        let end = match first {
            '"' => string_end(rest),
            _ if is_number => rest.find(|symbol: char| !symbol.is_ascii_alphanumeric() && !"+-.".contains(symbol)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        let quotes = if is_number { ("\"#", "\"") } else { ("", "") };
        out.extend([quotes.0, token, quotes.1]);
        rest = after;
    }
    out
}

/// The length of the string that a text begins with, with both quotes.
fn string_end(text: &str) -> usize {
    let mut symbols = text.char_indices().skip(1);
    while let Some((at, symbol)) = symbols.next() {
        match symbol {
            '"' => return at + 1,
            '\\' => drop(symbols.next()),
            _ => {}
        }
    }
    text.len()
}

/// What is wrong with an answer.
fn problem(wanted: &Json, answer: &Json) -> Option<String> {
    let is_error = answer.get("error").is_some();
    if wanted.get("error").is_some() {
        return (!is_error).then(|| format!("terraform refuses it, we say {answer}"));
    }
    if is_error {
        return Some(answer["error"].to_string());
    }
    if wanted.get("value_infinite").is_some() || wanted.get("impl_specific").is_some() {
        return None;
    }
    difference(wanted, answer)
        .or_else(|| {
            let typed = wanted.get("type").filter(|of| *of != "dynamic" && answer["unknown"] != true);
            typed.filter(|of| **of != answer["type"]).map(|of| format!("wanted type {of}, got {}", answer["type"]))
        })
        .or_else(|| {
            let (wanted, has) = (tidy(&wanted["sensitive"]), tidy(&answer["sensitive"]));
            (wanted != has).then(|| format!("wanted {wanted} sensitive, got {has}"))
        })
}

fn difference(wanted: &Json, answer: &Json) -> Option<String> {
    let (unknown, has) = (tidy(&wanted["unknown"]), tidy(&answer["unknown"]));
    if unknown != has {
        return Some(format!("wanted {unknown} unknown, got {has}"));
    }
    (unknown != Json::Bool(true) && !equal(&wanted["value"], &answer["value"]))
        .then(|| format!("wanted {}, got {}", wanted["value"], answer["value"]))
}

/// A tree without the branches in which nothing is marked.
fn tidy(tree: &Json) -> Json {
    let kept = match tree {
        Json::Object(entries) => {
            let kept: serde_json::Map<_, _> =
                entries.iter().map(|(name, part)| (name.clone(), tidy(part))).filter(|(_, part)| !part.is_null()).collect();
            if kept.is_empty() { Json::Null } else { Json::Object(kept) }
        }
        Json::Array(items) => {
            let items: Vec<Json> = items.iter().map(tidy).collect();
            if items.iter().all(Json::is_null) { Json::Null } else { Json::Array(items) }
        }
        _ => tree.clone(),
    };
    if kept == Json::Bool(false) { Json::Null } else { kept }
}

fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::String(a), Json::String(b)) if a.starts_with('#') && b.starts_with('#') => {
            a == b || matches!((Number::parse(&a[1..]), Number::parse(&b[1..])), (Some(a), Some(b)) if a == b)
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        // What is unknown is missing in one and null in the other.
        (Json::Object(a), Json::Object(b)) => {
            a.keys().chain(b.keys()).all(|name| equal(a.get(name).unwrap_or(&Json::Null), b.get(name).unwrap_or(&Json::Null)))
        }
        _ => a == b,
    }
}

#[test]
fn expressions_are_what_terraform_makes_of_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/conformance/functions");
    let disk = Disk::new(&root, &root).unwrap();
    let text = text_of(&disk, "functions.shared.jsonl");
    let (sources, trees, inputs, demand) = (Sources::default(), Trees::default(), Inputs::default(), Demand::default());
    let context = Context { fs: &disk, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let scope = disk.resolve(Path::new("functions.prelude.tf")).unwrap();
    let answers = lines(&terraform::vectors(&text, Some(&scope), &context));
    let vectors = lines(&text);
    assert!(vectors.len() > 3000 && vectors.len() == answers.len());
    let problems: Vec<String> = vectors
        .iter()
        .zip(&answers)
        .filter_map(|(vector, answer)| Some(format!("{}: {}", vector["expr"], problem(vector, answer)?)))
        .collect();
    assert!(problems.is_empty(), "{} wrong\n{}", problems.len(), problems.join("\n"));
}
