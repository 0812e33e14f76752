//! `trailwarden suppress`: write the comment for a finding, and see that it does what it should before it is written.

use crate::analysis::Analysis;
use crate::calendar::Date;
use crate::cli::arguments::Suppress;
use crate::cli::run::Prepared;
use crate::cli::{Exit, Failure, Process, report};
use crate::diagnostic::Level;
use crate::fix;
use crate::output::text::inert;
use crate::repair;
use crate::rule::finding::{Edit, Finding, Named, Outcome};
use crate::source::fs::{FileSystem, Seen};
use crate::source::{Span, label};
use crate::suggest;
use crate::suppress::insert::{self, Wanted};
use clap::ArgMatches;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// Directories that tools fill: what is written there is gone with the next download.
const DOWNLOADED: [&str; 2] = [".terraform", ".terragrunt-cache"];

/// What tells findings apart in two runs.
type Key = (String, String, String);

/// Runs the command.
pub fn run(suppress: &Suppress, matches: &ArgMatches, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let prepared = Prepared::new(&suppress.scope, matches, process)?;
    let wanted = wanted(suppress, &prepared)?;
    let before = prepared.analyze(&mut |_| {});
    let findings = chosen(suppress, &prepared, &before)?;
    let place = place(suppress, &findings, &before)?;
    let edit = insert::edit(place, &wanted, &before.sources, &before.trees);
    let path = before.sources.get(place.file).path.clone();
    let shown = label(&path, prepared.disk.working_directory());
    let by_hand = |why: &str| Failure::Usage(format!("cannot write into {shown}: {why}; the words are:\n# {}", wanted.words()));
    let edit = edit.map_err(|why| by_hand(&why))?;
    let bytes = spliced(&prepared, &before, &path, &edit).map_err(|why| by_hand(&why))?;

    // Believed only when seen.
    let after = prepared.analyze_as(&path, Seen::Content(bytes.clone().into()));
    let (hidden, hidden_before) = (suppressed(&after), suppressed(&before));
    if !findings.iter().all(|finding| hidden.contains(&key(&before, finding))) || errors(&after) > errors(&before) {
        return Err(by_hand("the finding would still be there"));
    }
    report::replace(&path, &bytes).map_err(|error| Failure::Write { what: format!("`{shown}`"), error })?;
    let line = before.sources.positions(edit.span).0.line;
    let mut said = format!("wrote {shown}:{line}: {}\n", inert(&wanted.words()));
    let asked: BTreeSet<Key> = findings.iter().map(|finding| key(&before, finding)).collect();
    for (project, _, address) in hidden.difference(&hidden_before).filter(|key| !asked.contains(key)) {
        let _ = writeln!(said, "it also suppresses `{}` in {}", inert(address), inert(project));
    }
    process.out.write_all(said.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Clean)
}

/// What is to be written, with the longest time that the team allows where nobody says how long.
fn wanted(suppress: &Suppress, prepared: &Prepared) -> Result<Wanted, Failure> {
    let policy = &prepared.options.suppress.policy;
    if !policy.comments_count {
        return Err(Failure::Usage("suppressions in code do not count here: state it as an `[[exception]]` in the config file".into()));
    }
    if suppress.reason.trim().is_empty() {
        return Err(Failure::Usage("`--reason` is empty: without a reason, nobody can judge a suppression later".into()));
    }
    if policy.owner_required && suppress.owner.is_none() {
        return Err(Failure::Usage("the config file asks for an owner: name one with `--owner`".into()));
    }
    let last = policy.max_days.map(|days| Date::from_days(policy.today.days() + i64::from(days)));
    if let (Some(expires), Some(last)) = (suppress.expires, last)
        && expires > last
    {
        return Err(Failure::Usage(format!("`--expires {expires}` is later than the config file allows; {last} is the last day")));
    }
    Ok(Wanted {
        rule: suppress.rule.clone(),
        reason: suppress.reason.clone(),
        owner: suppress.owner.clone(),
        expires: suppress.expires.or(last),
    })
}

/// The findings that are meant: of the rule, at the address.
fn chosen<'a>(suppress: &Suppress, prepared: &Prepared, analysis: &'a Analysis) -> Result<Vec<&'a Finding>, Failure> {
    let known = &prepared.options.suppress.known;
    if !known.contains(suppress.rule.as_str()) {
        let near = suggest::nearest(&suppress.rule, known.iter().map(|id| &**id)).map(|near| format!("; did you mean `{near}`?"));
        return Err(Failure::Usage(format!("there is no rule `{}`{}", suppress.rule.escape_debug(), near.unwrap_or_default())));
    }
    let of_rule: Vec<&Finding> =
        analysis.findings.iter().filter(|finding| *finding.rule == suppress.rule && finding.outcome != Outcome::Pass).collect();
    let found: Vec<&Finding> = of_rule.iter().copied().filter(|finding| named(suppress, finding).is_some()).collect();
    let Some(first) = found.first() else {
        let ends = of_rule.iter().flat_map(|finding| finding.resource.iter().chain([&finding.subject]));
        let near = suggest::nearest(&suppress.address, ends.map(|named| &*named.address)).map(|near| format!("; did you mean `{near}`?"));
        let (rule, address) = (&suppress.rule, suppress.address.escape_debug());
        return Err(Failure::Usage(format!("`{rule}` finds nothing at `{address}`{}", near.unwrap_or_default())));
    };
    let projects: BTreeSet<&str> = found.iter().map(|finding| &*analysis.project(finding.project).label).collect();
    if projects.len() > 1 {
        let names: Vec<String> = projects.into_iter().map(|name| format!("`{}`", inert(name))).collect();
        return Err(Failure::Usage(format!("there is one in each of {}; name the one that you mean as a path", names.join(", "))));
    }
    if let Some(by) = first.suppressed.as_ref().filter(|_| found.iter().all(|finding| finding.suppressed.is_some())) {
        return Err(Failure::Usage(format!("it is suppressed already, by {}: {}", by.by, inert(&by.reason))));
    }
    Ok(found)
}

/// The end of a finding that the address names; a fingerprint names its subject.
fn named<'f>(suppress: &Suppress, finding: &'f Finding) -> Option<&'f Named> {
    let is = |named: &&Named| *named.address == *suppress.address;
    let by_fingerprint = || (finding.fingerprint.to_string() == suppress.address).then_some(&*finding.subject);
    Some(&*finding.subject).filter(is).or(finding.resource.as_deref().filter(is)).or_else(by_fingerprint)
}

/// The block to write at: the resource's own, or the module call where that block stands for others too.
fn place(suppress: &Suppress, findings: &[&Finding], analysis: &Analysis) -> Result<Span, Failure> {
    let named =
        findings.first().and_then(|finding| named(suppress, finding)).ok_or_else(|| Failure::Usage("there is no such finding".into()))?;
    let same_block = || analysis.graph.declarations().iter().filter(|declaration| declaration.span == named.span);
    let own = same_block().find(|declaration| declaration.address.0 == named.address);
    let Some((_, call)) = own.and_then(|declaration| declaration.calls.first()) else { return Ok(named.span) };
    let is_shared = same_block().any(|declaration| declaration.calls.first().map(|(_, call)| call) != Some(call));
    let path = analysis.sources.get(named.span.file).path.clone();
    let is_downloaded = path.components().any(|part| DOWNLOADED.iter().any(|name| part.as_os_str() == *name));
    Ok(if is_shared || is_downloaded { *call } else { named.span })
}

/// The file's bytes with the edit in it.
fn spliced(prepared: &Prepared, analysis: &Analysis, path: &Path, edit: &Edit) -> Result<Vec<u8>, String> {
    let bytes = prepared.disk.read(path).map_err(|error| error.to_string())?;
    let text = &analysis.sources.get(edit.span.file).text;
    if fix::as_read(&bytes) != text.as_bytes() {
        return Err("it is not UTF-8 text, or has changed since it was read".into());
    }
    Ok(repair::splice(&bytes, &[edit]))
}

fn key(analysis: &Analysis, finding: &Finding) -> Key {
    (analysis.project(finding.project).label.to_string(), finding.fingerprint.to_string(), finding.subject.address.to_string())
}

fn suppressed(analysis: &Analysis) -> BTreeSet<Key> {
    analysis.findings.iter().filter(|finding| finding.suppressed.is_some()).map(|finding| key(analysis, finding)).collect()
}

fn errors(analysis: &Analysis) -> usize {
    analysis.diagnostics.iter().filter(|diagnostic| diagnostic.level == Level::Error).count()
}
