//! What the `Metadata` of a template's resource asks for: `trailwarden.ignore`, and the sections of other tools.

use crate::source::TextRange;
use crate::suppress::gather::Reader;
use crate::suppress::layout::Target;
use crate::suppress::note::{self, Note, Slip};
use crate::suppress::peer::{PeerNote, Reach, Wanted};
use crate::suppress::request::Place;
use crate::syntax::node::Node;

/// A section of another tool: the path to a list, the fields of an entry's id and reason (none where entries are ids), and the tool.
type Section = (&'static [&'static str], Option<(&'static str, &'static str)>, &'static str);

/// The sections that are read.
const PEERS: [Section; 6] = [
    (&["checkov", "skip"], Some(("id", "comment")), "checkov"),
    (&["bridgecrew", "skip"], Some(("id", "comment")), "checkov"),
    (&["cfn_nag", "rules_to_suppress"], Some(("id", "reason")), "cfn_nag"),
    (&["cdk_nag", "rules_to_suppress"], Some(("id", "reason")), "cdk-nag"),
    (&["guard", "SuppressedRules"], None, "cfn-guard"),
    (&["cfn-lint", "config", "ignore_checks"], None, "cfn-lint"),
];

/// Reads the metadata of one resource.
pub fn read(reader: &mut Reader<'_>, key: &Node, body: &Node) {
    let Some(metadata) = body.get("Metadata") else { return };
    let block = key.range.cover(body.range);
    if let Some(section) = metadata.get("trailwarden") {
        ours(reader, section, block);
    }
    for (path, fields, peer) in PEERS {
        let Some(list) = path.iter().try_fold(metadata, |node, name| node.get(name)) else { continue };
        for entry in list.as_sequence().unwrap_or_default() {
            let (id, reason) = match fields {
                Some((id, reason)) => (entry.get(id), entry.get(reason)),
                None => (Some(entry), None),
            };
            let Some(id) = id.and_then(Node::as_str) else { continue };
            let wanted = if peer == "cfn-lint" { Wanted::Beginnings(vec![id.to_owned()]) } else { Wanted::Ids(vec![id.to_owned()]) };
            let reason = reason.and_then(Node::as_str).unwrap_or_default().to_owned();
            let target = Target { around: Some(block), below: None, item: None, line: 0, at_head: false };
            let note = PeerNote { peer, wanted, reach: Reach::Around, reason, expires: None, given: Vec::new() };
            reader.peers(note, entry.range, &target);
        }
    }
}

/// Where a slip's bytes are counted from: those of the file.
fn bytes(range: TextRange) -> std::ops::Range<usize> {
    range.indices()
}

fn ours(reader: &mut Reader<'_>, section: &Node, block: TextRange) {
    let slip = |node: &Node, message: &str| Slip::at(bytes(node.range), message);
    for (key, list) in section.as_mapping().unwrap_or_default() {
        let name = key.as_str().unwrap_or_default();
        if name != "ignore" {
            reader.slip(note::unknown_field(name, bytes(key.range), ["ignore"]), key.range);
            continue;
        }
        let Some(entries) = list.as_sequence() else {
            reader.slip(slip(list, "expected a list of suppressions, each with `rule` and `reason`"), list.range);
            continue;
        };
        for entry in entries {
            let place = Place::Block(reader.file, block.start, None);
            let at = |range: std::ops::Range<usize>| TextRange::new(range.start, range.end);
            reader.ours("metadata", note(entry), at, entry.range, place);
        }
    }
}

fn note(entry: &Node) -> Result<Note, Slip> {
    let whole = bytes(entry.range);
    let Some(pairs) = entry.as_mapping() else { return Err(Slip::at(whole, "expected `rule` and `reason`")) };
    let mut note = Note { rules: Vec::new(), reason: String::new(), owner: None, expires: None };
    for (key, value) in pairs {
        let name = key.as_str().unwrap_or_default();
        if name != "rule" && !note::FIELDS.contains(&name) {
            return Err(note::unknown_field(name, bytes(key.range), ["rule"].into_iter().chain(note::FIELDS)));
        }
        let text = value.as_str().filter(|_| value.tag.is_none());
        let Some(text) = text else { return Err(Slip::at(bytes(value.range), format!("`{name}` must be plain text"))) };
        match name {
            "rule" => note.rules.push((text.to_owned(), bytes(value.range))),
            "reason" => text.clone_into(&mut note.reason),
            "owner" => note.owner = Some(text.to_owned()),
            _ => note.expires = Some(note::date(text, bytes(value.range))?),
        }
    }
    if note.rules.is_empty() {
        return Err(Slip::at(whole, "this suppression names no `rule`"));
    }
    if note.reason.trim().is_empty() { Err(note::no_reason(whole)) } else { Ok(note) }
}
