//! What was asked for, whoever asked and in whatever form: leave findings of some rules out, at some place, up to some day.

use crate::calendar::Date;
use crate::rule::{Rule, RuleSet};
use crate::source::{FileId, Span, TextRange};
use crate::suppress::peer::Wanted;
use std::sync::Arc;

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// How it was said: `comment`, `metadata`, `config`, or a peer's name.
    pub by: &'static str,
    /// Whose rules are meant.
    pub rules: Rules,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Where it is said.
    pub span: Option<Span>,
    /// Where it counts.
    pub place: Place,
    /// Arguments of the resource that must have these values.
    pub given: Vec<(String, String)>,
}

/// Which rules are meant.
#[derive(Clone, Debug)]
pub enum Rules {
    /// Ours, by id; each with where it is named.
    Ours(Vec<(Arc<str>, Option<Span>)>),
    /// Those that name a peer's ids.
    Peer(&'static str, Wanted),
}

/// Where a request counts.
#[derive(Clone, Debug)]
pub enum Place {
    /// On a block, by its start; or only on a part of it.
    Block(FileId, u32, Option<TextRange>),
    /// On a line, counted from 0.
    Line(FileId, usize),
    /// In a file.
    File(FileId),
    /// On resources whose address fits, in projects whose path fits.
    Address {
        /// The address, with `*` for any text.
        address: String,
        /// The project's path as seen from the config file.
        project: Option<String>,
    },
    /// In a file, or below a directory that ends in `/`, as seen from the scan root; everywhere if it is empty.
    Under(String),
    /// Nowhere: there is nothing at its place.
    Nowhere,
}

impl Request {
    /// Whether it still counts on a day.
    pub fn counts_on(&self, today: Date) -> bool {
        self.expires.is_none_or(|expires| today <= expires)
    }

    /// Whether a rule is meant.
    pub fn means(&self, rule: &str, rules: &RuleSet) -> bool {
        match &self.rules {
            Rules::Ours(ids) => ids.iter().any(|(id, _)| &**id == rule),
            Rules::Peer(peer, wanted) => rules.get(rule).is_some_and(|rule| wanted.fits(peers_ids(rule, peer))),
        }
    }
}

/// A rule's ids of a peer. Trivy took over tfsec's comments, so each of the two is read with the ids of both.
fn peers_ids<'r>(rule: &'r Rule, peer: &'static str) -> impl Iterator<Item = &'r str> {
    let other = match peer {
        "trivy" => "tfsec",
        "tfsec" => "trivy",
        peer => peer,
    };
    let also = (other != peer).then_some(other);
    std::iter::once(peer).chain(also).filter_map(|name| rule.peers.get(name)).flatten().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(peer: &str, id: &str) -> bool {
        let digits = |rest: &str, count: std::ops::RangeInclusive<usize>| {
            count.contains(&rest.len()) && rest.chars().all(|character| character.is_ascii_digit())
        };
        let after = |start: &str, count| id.strip_prefix(start).is_some_and(|rest| digits(rest, count));
        let of = |may: fn(char) -> bool| !id.is_empty() && id.chars().all(may);
        let words = || of(|character| character == '-' || character.is_ascii_lowercase() || character.is_ascii_digit());
        match peer {
            "checkov" => after("CKV_AWS_", 1..=3) || after("CKV2_AWS_", 1..=3),
            "trivy" => after("AWS-", 4..=4) || after("AVD-AWS-", 4..=4) || words(),
            "tfsec" => after("AWS", 3..=3) || id.starts_with("aws-") && words(),
            "kics" => {
                let lengths: Vec<usize> = id.split('-').map(str::len).collect();
                lengths == [8, 4, 4, 4, 12] && of(|character| matches!(character, '-' | '0'..='9' | 'a'..='f'))
            }
            "cfn_nag" => after("W", 1..=4) || after("F", 1..=4),
            "cfn-guard" => of(|character| character == '_' || character.is_ascii_uppercase() || character.is_ascii_digit()),
            "terrascan" => after("AC_AWS_", 4..=4) || id.starts_with("AWS."),
            "regula" => after("FG_R", 5..=5),
            "snyk" => after("SNYK-CC-TF-", 1..=3) || after("SNYK-CC-AWS-", 1..=3) || after("SNYK-CC-", 5..=5),
            "cdk-nag" => after("AwsSolutions-S", 1..=2) || of(|character| character.is_ascii_alphanumeric()),
            "semgrep" => words(),
            "prowler" => of(|character| character == '_' || character.is_ascii_lowercase() || character.is_ascii_digit()),
            _ => false,
        }
    }

    /// A comment for another tool counts by these ids: a slip in one would not be seen otherwise.
    #[test]
    fn every_id_of_a_peer_has_the_form_that_the_peer_gives_it() {
        for rule in RuleSet::embedded().rules() {
            for (peer, ids) in &rule.peers {
                assert!(!ids.is_empty(), "{}: {peer}", rule.id);
                for (place, id) in ids.iter().enumerate() {
                    assert!(fits(peer, id), "{}: {peer}: {id}", rule.id);
                    assert!(!ids[..place].contains(id), "{}: {peer}: {id} stands there twice", rule.id);
                    // Trivy takes both.
                    let other = id.strip_prefix("AVD-").map_or_else(|| format!("AVD-{id}"), str::to_owned);
                    let is_numbered = peer == "trivy" && id.contains("AWS-");
                    assert!(!is_numbered || ids.contains(&other), "{}: {id} without {other}", rule.id);
                }
            }
        }
    }
}
