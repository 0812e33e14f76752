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
