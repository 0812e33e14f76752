//! The same code in another order and under other names: blocks reversed and rotated, files renamed, one file cut into many.

use crate::cases::Case;
use std::path::{Path, PathBuf};
use trailwarden::source::FileId;
use trailwarden::syntax::{hcl, yaml};

/// The case in other orders and under other names, each with a word for it.
pub fn variants(case: &Case) -> Vec<(&'static str, Case)> {
    let mut variants = vec![("blocks reversed", reordered(case)), ("files renamed", renamed(case)), ("a file for each block", cut(case))];
    variants.retain(|(_, changed)| changed.files != case.files);
    variants
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// A file's top-level blocks as texts, if blocks are all that there is.
fn blocks(text: &str) -> Vec<String> {
    let (body, _) = hcl::parse(text, FileId(0));
    if !body.attributes.is_empty() {
        return Vec::new();
    }
    body.blocks.iter().map(|block| text[block.range.indices()].to_owned() + "\n").collect()
}

fn reordered(case: &Case) -> Case {
    let mut changed = case.clone();
    for (path, text) in &mut changed.files {
        if is(path, "tf") {
            let blocks = blocks(text);
            if !blocks.is_empty() {
                *text = blocks.into_iter().rev().collect();
            }
        } else if is(path, "yaml") {
            *text = resources_reversed(text).unwrap_or_else(|| text.clone());
        }
    }
    changed
}

/// A template whose resources stand in the opposite order. `None` where they do not stand one below the other.
fn resources_reversed(text: &str) -> Option<String> {
    let (documents, _) = yaml::parse(text, FileId(0));
    let resources = documents.first()?.get("Resources")?;
    if text[resources.range.indices()].starts_with('{') {
        return None;
    }
    let start_of_line = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let pairs = resources.as_mapping()?;
    let mut starts: Vec<usize> = pairs.iter().map(|(key, _)| start_of_line(key.range.start as usize)).collect();
    let last = pairs.last()?.1.range.end as usize;
    let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline + 1);
    starts.push(end);
    // Comments, anchors and several pairs in a line do not move with what they belong to.
    if starts.windows(2).any(|pair| pair[0] >= pair[1]) || text.contains(['&', '#']) {
        return None;
    }
    let parts: String = starts.windows(2).rev().map(|pair| &text[pair[0]..pair[1]]).collect();
    Some(format!("{}{parts}{}", &text[..starts[0]], &text[end..]))
}

/// Every Terraform file under a name that sorts the other way round.
fn renamed(case: &Case) -> Case {
    let count = case.files.len();
    let rename = |(number, (path, text)): (usize, (&PathBuf, &String))| {
        let path = if is(path, "tf") { path.with_file_name(format!("renamed-{:03}.tf", count - number)) } else { path.clone() };
        (path, text.clone())
    };
    Case { name: case.name.clone(), files: case.files.iter().enumerate().map(rename).collect() }
}

/// Every Terraform block in a file of its own, the last in the file that is read first.
fn cut(case: &Case) -> Case {
    let mut changed = Case { name: case.name.clone(), files: case.files.clone() };
    for (path, text) in case.files.iter().filter(|(path, _)| is(path, "tf")) {
        let blocks = blocks(text);
        if blocks.is_empty() {
            continue;
        }
        changed.files.remove(path);
        let count = blocks.len();
        let stem = path.file_stem().unwrap().to_string_lossy();
        for (number, block) in blocks.into_iter().enumerate() {
            changed.files.insert(path.with_file_name(format!("{stem}-{:03}.tf", count - number)), block);
        }
    }
    changed
}
