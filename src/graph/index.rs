//! Finding declarations by address: exactly, and also where one side has an instance key and the other has none.

use crate::value::{Address, Declaration, ProjectId};
use indexmap::IndexMap;
use std::sync::Arc;

/// Most instances of one resource that a reference without a key is taken to mean one by one.
pub const MAX_INSTANCES: usize = 64;

/// The key of a declaration that stands for instances of which it is not known which there are.
const ANY: &str = "*";

/// The key of an address that means one instance, of which it is not known which.
const SOME: &str = "?";

/// Declarations by address.
#[derive(Debug, Default)]
pub struct Addresses {
    exact: IndexMap<(ProjectId, Arc<str>), usize>,
    bare: IndexMap<(ProjectId, String), Vec<usize>>,
}

impl Addresses {
    /// The index of these declarations.
    pub fn new(declarations: &[Declaration]) -> Self {
        let mut index = Self::default();
        for (at, declaration) in declarations.iter().enumerate() {
            index.exact.entry((declaration.project, Arc::clone(&declaration.address.0))).or_insert(at);
            index.bare.entry((declaration.project, bare(&declaration.address.0))).or_default().push(at);
        }
        index
    }

    /// The declarations that an address means: the one of exactly that address; else all whose keys do not contradict it.
    pub fn find(&self, declarations: &[Declaration], project: ProjectId, address: &Address) -> Vec<usize> {
        if let Some(at) = self.exact.get(&(project, Arc::clone(&address.0))) {
            return vec![*at];
        }
        let Some(all) = self.bare.get(&(project, bare(&address.0))) else { return Vec::new() };
        let fits = |at: &&usize| agree(&declarations[**at].address.0, &address.0);
        all.iter().filter(fits).take(MAX_INSTANCES).copied().collect()
    }
}

/// Whether a declaration stands for any instance, or is a certain one, and an address means one that may be another.
pub fn is_one_of(declared: &str, meant: &str) -> bool {
    let is_one_of = |key: Option<&str>, other: Option<&str>| (key == Some(ANY) && other != Some(ANY)) || other == Some(SOME);
    declared != meant && steps(declared).iter().zip(steps(meant)).any(|((_, key), (_, other))| is_one_of(*key, other))
}

/// Whether a declaration is a certain instance, and an address means one that may be another.
pub fn may_be_another(declared: &str, meant: &str) -> bool {
    steps(declared).iter().zip(steps(meant)).any(|((_, key), (_, other))| other == Some(SOME) && *key != Some(ANY))
}

/// An address without its instance keys.
pub fn bare(address: &str) -> String {
    steps(address).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(".")
}

/// Whether a declaration is an instance, or stands for some of which it is one: `x[*]` for `x["a"]`.
pub fn stands_for(declared: &str, instance: &str) -> bool {
    if declared == instance || !declared.contains('*') {
        return declared == instance;
    }
    let (declared, instance) = (steps(declared), steps(instance));
    declared.len() == instance.len()
        && declared
            .iter()
            .zip(&instance)
            .all(|((name, key), (other, other_key))| name == other && (key == other_key || (*key == Some(ANY) && other_key.is_some())))
}

/// Whether two addresses differ only in keys that one of them leaves out.
fn agree(a: &str, b: &str) -> bool {
    let (a, b) = (steps(a), steps(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|((name, key), (other_name, other_key))| {
            let open = |key: Option<&str>| key.is_none_or(|key| key == ANY || key == SOME);
            name == other_name && (open(*key) || open(*other_key) || key == other_key)
        })
}

/// The steps of an address, each with its key: `module.a["x.y"].aws_s3_bucket.this[0]` has four, of which two have keys.
fn steps(address: &str) -> Vec<(&str, Option<&str>)> {
    let mut out = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0_u32, false);
    let mut bytes = address.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quoted => {
                bytes.next();
            }
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => {
                out.push(split_key(&address[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.push(split_key(&address[start..]));
    out
}

fn split_key(step: &str) -> (&str, Option<&str>) {
    match step.split_once('[') {
        Some((name, key)) => (name, Some(key.strip_suffix(']').unwrap_or(key))),
        None => (step, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_any_instance_stands_for_each() {
        assert!(stands_for("module.m[\"a\"].aws_s3_bucket.x[*]", "module.m[\"a\"].aws_s3_bucket.x[\"b.c\"]"));
        assert!(stands_for("aws_s3_bucket.x[0]", "aws_s3_bucket.x[0]"));
        for other in ["aws_s3_bucket.x", "aws_s3_bucket.y[0]", "module.x.aws_s3_bucket.x[0]"] {
            assert!(!stands_for("aws_s3_bucket.x[*]", other), "{other}");
        }
        assert!(!stands_for("aws_s3_bucket.x[1]", "aws_s3_bucket.x[0]"));
    }

    #[test]
    fn keys_are_told_from_steps() {
        assert_eq!(bare("module.a[\"x.y[0]\"].aws_s3_bucket.this[0]"), "module.a.aws_s3_bucket.this");
        assert_eq!(bare("Nested/TrailBucket"), "Nested/TrailBucket");
        assert!(agree("aws_s3_bucket.x[0]", "aws_s3_bucket.x"));
        assert!(agree("module.a[\"k\"].aws_s3_bucket.x", "module.a.aws_s3_bucket.x[1]"));
        assert!(!agree("aws_s3_bucket.x[0]", "aws_s3_bucket.x[1]"));
        assert!(agree("aws_s3_bucket.x[*]", "aws_s3_bucket.x[\"a\"]"));
        assert!(is_one_of("aws_s3_bucket.x[*]", "aws_s3_bucket.x[\"a\"]"));
        assert!(!is_one_of("aws_s3_bucket.x[*]", "aws_s3_bucket.x[*]"));
        assert!(is_one_of("aws_s3_bucket.x[0]", "aws_s3_bucket.x[?]"));
        assert!(!is_one_of("aws_s3_bucket.x[0]", "aws_s3_bucket.x[0]"));
        assert!(!agree("aws_s3_bucket.x", "aws_s3_bucket.y"));
    }
}
