//! Finding declarations by address: exactly, and also where one side has an instance key and the other has none.

use crate::table::IndexMap;
use crate::value::{Address, Declaration, ProjectId, bare, steps};
use memchr::memchr;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Most instances of one resource that a reference without a key is taken to mean one by one.
pub const MAX_INSTANCES: usize = 64;

/// The key of a declaration that stands for instances of which it is not known which there are.
const ANY: &str = "*";

/// The key of an address that means one instance, of which it is not known which.
const SOME: &str = "?";

/// How the two stand in an address; in quotes they may mean themselves.
const ANY_KEY: &str = "[*]";
const SOME_KEY: &str = "[?]";

/// The declarations of one project by their block, by address without instance keys.
type Blocks = IndexMap<Arc<str>, Vec<usize>>;

/// Declarations by address.
#[derive(Debug, Default)]
pub struct Addresses {
    exact: IndexMap<(ProjectId, Arc<str>), usize>,
    /// Where the declarations of each project stand, and they by their block: of many a project nobody asks for one.
    projects: BTreeMap<ProjectId, (Range<usize>, OnceLock<Blocks>)>,
}

impl Addresses {
    /// The index of these declarations.
    pub fn new(declarations: &[Declaration]) -> Self {
        let mut index = Self::default();
        for (at, declaration) in declarations.iter().enumerate() {
            index.exact.entry((declaration.project, Arc::clone(&declaration.address.0))).or_insert(at);
        }
        // Those of a project stand together.
        let mut start = 0;
        for together in declarations.chunk_by(|one, next| one.project == next.project) {
            let end = start + together.len();
            let (range, _) = index.projects.entry(together[0].project).or_insert_with(|| (start..end, OnceLock::new()));
            range.end = end;
            start = end;
        }
        index
    }

    /// The declarations that an address means: the one of exactly that address; else all whose keys do not contradict it, and of more than
    /// [`MAX_INSTANCES`] one more.
    pub fn find(&self, declarations: &[Declaration], project: ProjectId, address: &Address) -> Vec<usize> {
        if let Some(at) = self.exact.get(&(project, Arc::clone(&address.0))) {
            return vec![*at];
        }
        let all = self.of_block(declarations, project, &bare(&address.0));
        let fits = |at: &&usize| agree(&declarations[**at].address.0, &address.0);
        all.iter().filter(fits).take(MAX_INSTANCES + 1).copied().collect()
    }

    /// The declarations that a block became, by its address without instance keys.
    pub fn of_block(&self, declarations: &[Declaration], project: ProjectId, block: &str) -> &[usize] {
        let Some((range, blocks)) = self.projects.get(&project) else { return &[] };
        let blocks = blocks.get_or_init(|| {
            let mut blocks = Blocks::default();
            let own = range.clone().zip(&declarations[range.clone()]).filter(|(_, declaration)| declaration.project == project);
            for (at, declaration) in own {
                blocks.entry(declaration.address.block()).or_default().push(at);
            }
            blocks
        });
        blocks.get(block).map_or(&[], Vec::as_slice)
    }
}

/// Whether such a key stands in an address, which is mostly told by the letter that no other part of one has.
fn has(address: &str, key: &str) -> bool {
    memchr(key.as_bytes()[1], address.as_bytes()).is_some() && address.contains(key)
}

/// Whether a declaration stands for any instance, or is a certain one, and an address means one that may be another.
pub fn is_one_of(declared: &str, meant: &str) -> bool {
    let is_one_of = |key: Option<&str>, other: Option<&str>| (key == Some(ANY) && other != Some(ANY)) || other == Some(SOME);
    // Only such keys are told apart, and most addresses have none.
    let has_such = has(declared, ANY_KEY) || has(meant, SOME_KEY);
    has_such && declared != meant && steps(declared).zip(steps(meant)).any(|((_, key), (_, other))| is_one_of(key, other))
}

/// Whether a declaration is a certain instance, and an address means one that may be another.
pub fn may_be_another(declared: &str, meant: &str) -> bool {
    has(meant, SOME_KEY) && steps(declared).zip(steps(meant)).any(|((_, key), (_, other))| other == Some(SOME) && key != Some(ANY))
}

/// Whether a declaration is an instance, or stands for some of which it is one: `x[*]` for `x["a"]`.
pub fn stands_for(declared: &str, instance: &str) -> bool {
    if declared == instance || !has(declared, ANY_KEY) {
        return declared == instance;
    }
    let Some(key) = declared.find('[') else { return false };
    // Up to its first key they are the same, or their steps are not.
    if declared.as_bytes()[..key] != instance.as_bytes()[..key.min(instance.len())] {
        return false;
    }
    all_steps(declared, instance, |key, other| key == other || (key == Some(ANY) && other.is_some()))
}

/// Whether two addresses have the same steps, and all of their keys fit.
fn all_steps(a: &str, b: &str, fit: impl Fn(Option<&str>, Option<&str>) -> bool) -> bool {
    let (mut a, mut b) = (steps(a), steps(b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some((name, key)), Some((other, other_key))) if name == other && fit(key, other_key) => {}
            _ => return false,
        }
    }
}

/// Whether two addresses differ only in keys that one of them leaves out.
fn agree(a: &str, b: &str) -> bool {
    let open = |key: Option<&str>| key.is_none_or(|key| key == ANY || key == SOME);
    all_steps(a, b, |key, other| open(key) || open(other) || key == other)
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
    fn a_key_that_is_left_out_contradicts_none() {
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
