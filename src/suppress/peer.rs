//! What other tools read in comments: Checkov, Trivy and tfsec, KICS, Terrascan. It knows their words, not our rules.

use crate::calendar::Date;
use crate::glob;

/// Findings that another tool was asked to leave out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerNote {
    /// The tool, as rules name it in `peers`.
    pub peer: &'static str,
    /// Which of the tool's rules.
    pub wanted: Wanted,
    /// Where it counts.
    pub reach: Reach,
    /// The reason given, if that tool takes one.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Arguments of the resource that must have these values: path to value.
    pub given: Vec<(String, String)>,
}

/// Which of a tool's rules are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Those with one of these ids, in which `*` stands for any text; case does not count.
    Ids(Vec<String>),
    /// Those whose ids begin with one of these.
    Beginnings(Vec<String>),
    /// All of them.
    All,
}

/// Where a peer's comment counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// In the whole block that it stands in.
    Around,
    /// On the block or argument below it, or on its own line.
    Below,
    /// On the line below it, or on its own line.
    Line,
    /// In the whole file.
    File,
}

impl Wanted {
    /// Whether a rule's ids of the tool are meant.
    pub fn fits<'a>(&self, mut ids: impl Iterator<Item = &'a str>) -> bool {
        match self {
            Self::All => ids.next().is_some(),
            Self::Ids(wanted) => ids.any(|id| {
                let id = id.to_ascii_lowercase();
                wanted.iter().any(|wanted| glob::covers(&wanted.to_ascii_lowercase(), &id))
            }),
            Self::Beginnings(wanted) => ids.any(|id| wanted.iter().any(|wanted| !wanted.is_empty() && id.starts_with(wanted.as_str()))),
        }
    }
}

/// Most instructions that are read in one comment.
pub const MAX_IN_ONE: usize = 32;

/// Reads the words of a comment; nothing where no tool would.
pub fn parse(words: &str) -> Vec<PeerNote> {
    checkov(words).into_iter().chain(trivy(words)).chain(kics(words)).chain(terrascan(words)).collect()
}

fn note(peer: &'static str, wanted: Wanted, reach: Reach, reason: &str) -> PeerNote {
    PeerNote { peer, wanted, reach, reason: reason.trim().to_owned(), expires: None, given: Vec::new() }
}

fn ids(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// `checkov:skip=ID,ID:reason`, also under the product's other names.
fn checkov(words: &str) -> Option<PeerNote> {
    let rest = ["checkov:skip=", "bridgecrew:skip=", "cortex:skip="].iter().find_map(|mark| Some(words.split_once(mark)?.1))?;
    let rest = rest.trim_start();
    let length = rest.find(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '_' | ','))).unwrap_or(rest.len());
    let (named, rest) = rest.split_at(length);
    let named = ids(named);
    (!named.is_empty()).then(|| note("checkov", Wanted::Ids(named), Reach::Around, rest.strip_prefix(':').unwrap_or_default()))
}

/// Whether a text has a comment that hangs on the values of arguments.
pub fn names_arguments(text: &str) -> bool {
    const MARK: &str = ":ignore:";
    let names = |rest: &str| rest.split_whitespace().next().is_some_and(|word| word.contains('['));
    text.contains(MARK) && text.split(MARK).skip(1).any(names)
}

/// The instructions of Trivy that a comment begins with: whose word it is, and what follows it.
fn instructions(words: &str) -> impl Iterator<Item = (&'static str, &str)> {
    words.split_whitespace().map_while(|word| {
        let of = |peer, mark| word.strip_prefix(mark).map(|rest| (peer, rest));
        of("trivy", "trivy:ignore:").or_else(|| of("tfsec", "tfsec:ignore:"))
    })
}

/// Whether a comment has more than [`MAX_IN_ONE`] instructions: what is behind those is not read.
pub fn has_more(words: &str) -> bool {
    instructions(words).nth(MAX_IN_ONE).is_some()
}

/// `trivy:ignore:ID[name=value]:exp:YYYY-MM-DD`, several with spaces between; `tfsec:ignore:` is the same.
fn trivy(words: &str) -> Vec<PeerNote> {
    let mut found = Vec::new();
    for (peer, rest) in instructions(words).take(MAX_IN_ONE) {
        let mut sections = rest.split(':');
        let first = sections.next().unwrap_or_default();
        let (id, given) = match first.split_once('[') {
            Some((id, given)) => (id, given.strip_suffix(']').unwrap_or(given)),
            None => (first, ""),
        };
        if id.is_empty() {
            continue;
        }
        let mut read = note(peer, Wanted::Ids(vec![id.to_owned()]), Reach::Below, "");
        read.given = given.split(',').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect();
        let mut honoured = read.given.len() == given.split(',').filter(|pair| !pair.is_empty()).count();
        while let Some(section) = sections.next() {
            match (section, sections.next()) {
                // A date that is none cannot be held: what should end some day would never end.
                ("exp", Some(date)) => match Date::parse(date) {
                    Some(date) => read.expires = Some(date),
                    None => honoured = false,
                },
                // Which workspace this will be is not known here.
                _ => honoured = false,
            }
        }
        if honoured {
            found.push(read);
        }
    }
    found
}

/// `kics-scan ignore-line`, `kics-scan ignore-block`, and at the head of a file `kics-scan disable=ID,ID`.
fn kics(words: &str) -> Option<PeerNote> {
    let instruction = words.strip_prefix("kics-scan")?.trim();
    match instruction.split_once('=') {
        None if instruction == "ignore-line" => Some(note("kics", Wanted::All, Reach::Line, "")),
        None if instruction == "ignore-block" => Some(note("kics", Wanted::All, Reach::Below, "")),
        None if instruction == "ignore" => Some(note("kics", Wanted::All, Reach::File, "")),
        Some(("disable", named)) => Some(note("kics", Wanted::Ids(ids(named)), Reach::File, "")),
        _ => None,
    }
}

/// `ts:skip=ID,ID reason`.
fn terrascan(words: &str) -> Option<PeerNote> {
    let rest = words.strip_prefix("ts:skip=")?;
    let (named, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let named = ids(named);
    (!named.is_empty()).then(|| note("terrascan", Wanted::Ids(named), Reach::Around, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(words: &str) -> PeerNote {
        let mut read = parse(words);
        assert_eq!(read.len(), 1, "{words}");
        read.remove(0)
    }

    fn named(ids: &[&str]) -> Wanted {
        Wanted::Ids(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn each_tool_is_read_in_its_own_words() {
        assert_eq!(
            one("checkov:skip=CKV_AWS_18,CKV_AWS_21:no logs: of logs"),
            note("checkov", named(&["CKV_AWS_18", "CKV_AWS_21"]), Reach::Around, "no logs: of logs")
        );
        assert_eq!(one("bridgecrew:skip=CKV_AWS_18").wanted, named(&["CKV_AWS_18"]));
        assert_eq!(one("kics-scan ignore-block").reach, Reach::Below);
        assert_eq!(one("kics-scan disable=f861041c-8c9f-4156-acfc-5e6e524f5884").reach, Reach::File);
        assert_eq!(
            one("ts:skip=AC_AWS_0497 known, see ticket"),
            note("terrascan", named(&["AC_AWS_0497"]), Reach::Around, "known, see ticket")
        );
        assert_eq!(parse("kics-scan enable=x"), []);
        assert_eq!(parse("we wrote checkov:skip once"), []);
    }

    #[test]
    fn trivy_takes_dates_arguments_and_several() {
        let read = parse("trivy:ignore:AVD-AWS-0089 tfsec:ignore:aws-s3-*:exp:2026-12-31 trivy:ignore:x[bucket=a,b.c=d] and why");
        assert_eq!(read.len(), 3);
        assert_eq!((read[1].peer, read[1].expires), ("tfsec", Date::parse("2026-12-31")));
        assert_eq!(read[2].given, [("bucket".into(), "a".into()), ("b.c".into(), "d".into())]);
        assert_eq!(parse("trivy:ignore:x:exp:2026-31-12"), [], "what should end some day must not last for ever");
        assert_eq!(parse("trivy:ignore:x:ws:dev"), []);
    }

    #[test]
    fn ids_fit_without_case_and_with_stars() {
        assert!(named(&["avd-aws-*"]).fits(["AWS-0089", "AVD-AWS-0089"].into_iter()));
        assert!(!named(&["AVD"]).fits(["AVD-AWS-0089"].into_iter()));
        assert!(Wanted::Beginnings(vec!["E3".into()]).fits(["E3030"].into_iter()));
        assert!(!Wanted::All.fits(std::iter::empty()), "rules that the tool does not have are not silenced by it");
    }
}
