//! Texts of a rule with `{path}` in them, which are filled in for each subject: taken apart once, when the rule is read.

use crate::graph::text::{Atom, Text};
use crate::rule::parse::Path;
use serde::Deserialize;
use std::sync::Arc;

/// A text with `{path}` in it; `…` at its end is whatever the service adds.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub struct Template {
    /// As it is written.
    pub text: String,
    /// Known texts, each with the path that is filled in after it.
    pub filled: Vec<(Arc<str>, Path)>,
    /// What comes after the last of these.
    pub end: Arc<str>,
    /// Whether the service adds something.
    pub has_rest: bool,
    /// What it is filled in to where it has no path: the same for every subject.
    pub same: Option<Text>,
}

impl From<String> for Template {
    fn from(text: String) -> Self {
        let (template, has_rest) = text.strip_suffix('…').map_or((&*text, false), |template| (template, true));
        let (mut left, mut filled) = (template, Vec::new());
        while let Some(start) = left.find('{') {
            let Some(length) = left[start..].find('}') else { break };
            filled.push((Arc::from(&left[..start]), Path::parse(&left[start + 1..start + length])));
            left = &left[start + length + 1..];
        }
        let end: Arc<str> = Arc::from(left);
        let rest = if has_rest { Text::atom(Atom::Rest, Vec::new()) } else { Text::default() };
        let same = filled.is_empty().then(|| Text::shared(&end).then(rest));
        Self { text, filled, end, has_rest, same }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_taken_apart() {
        let template = Template::from("arn:{bucket.name}/{prefix}x…".to_owned());
        let filled: Vec<(&str, String)> = template.filled.iter().map(|(before, path)| (&**before, path.to_string())).collect();
        assert_eq!(filled, [("arn:", "bucket.name".to_owned()), ("/", "prefix".to_owned())]);
        assert_eq!((&*template.end, template.has_rest), ("x", true));
        let plain = Template::from("a{b".to_owned());
        assert!(plain.filled.is_empty() && &*plain.end == "a{b" && !plain.has_rest);
    }
}
