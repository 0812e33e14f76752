//! Findings that someone asked to leave out: by a comment, a template's metadata, the config file, or the words of another tool.
//!
//! Nothing is left out in silence: a suppressed finding stays in the run, with who asked, why and where; a request that cannot be read, that
//! has run out, or that hides nothing is told. This floor decides what counts; it changes no verdict.

mod gather;
pub mod insert;
mod layout;
mod list;
mod matcher;
mod metadata;
pub mod note;
mod peer;
mod request;
#[cfg(test)]
mod tests;

use crate::calendar::Date;
use crate::diagnostic::{Diagnostic, Level};
use crate::project::Project;
use crate::rule::finding::{Evidence, Suppression};
use crate::rule::{Checked, RuleSet};
use crate::source::{FileId, Sources, TextRange};
use crate::suppress::matcher::Matcher;
use crate::suppress::note::{Note, Slip};
use crate::suppress::request::{Place, Rules};
use crate::syntax::Trees;
use crate::value::{Declaration, ProjectId};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use gather::{BAD, Gathered, may_ask};
pub use peer::names_arguments;
pub use request::Request;

/// The name of another tool's list of what to leave out, which is read at the scan root.
pub const LIST: &str = list::NAME;

/// What a team agreed on about suppressions.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the switches of a config section are just that")]
pub struct Policy {
    /// Whether comments and metadata count, or only what stands in the config file.
    pub comments_count: bool,
    /// Whether other tools' comments count.
    pub peers_count: bool,
    /// The longest that a suppression may last from today on, in days; one without an end then does not count.
    pub max_days: Option<u32>,
    /// Whether each must name an owner.
    pub owner_required: bool,
    /// Whether one that hides nothing is an error.
    pub unused_is_error: bool,
    /// The day of the run.
    pub today: Date,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            comments_count: true,
            peers_count: true,
            max_days: None,
            owner_required: false,
            unused_is_error: false,
            today: Date::from_days(0),
        }
    }
}

impl Policy {
    /// What of a note breaks the agreement.
    fn check(&self, note: &Note) -> Result<(), Slip> {
        let whole = note.rules.first().map_or(0..0, |(_, range)| range.clone());
        if self.owner_required && note.owner.as_deref().is_none_or(|owner| owner.trim().is_empty()) {
            return Err(Slip::at(whole, "this suppression names no `owner`, which the config file asks for"));
        }
        let Some(max) = self.max_days else { return Ok(()) };
        let last = Date::from_days(self.today.days() + i64::from(max));
        match note.expires {
            None => Err(Slip::at(whole, format!("this suppression has no `expires`, and the config file allows {max} days"))
                .with_help(format!("write `expires={last}` or earlier"))),
            Some(expires) if expires > last => {
                Err(Slip::at(whole, format!("this suppression lasts too long: the config file allows {max} days"))
                    .with_help(format!("write `expires={last}` or earlier")))
            }
            Some(_) => Ok(()),
        }
    }
}

/// A config file's `[[exception]]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// The rule.
    pub rule: String,
    /// The subject's or other resource's address, with `*` for any text.
    pub address: String,
    /// The project's path as seen from the config file, with `*` for any text.
    pub project: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// Its bytes in the file.
    pub range: TextRange,
}

/// What the user decided about suppressions.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the team agreed on.
    pub policy: Policy,
    /// Every rule that there is, also those that are not applied.
    pub known: BTreeSet<Arc<str>>,
    /// The config file and its text, if it has exceptions.
    pub config: Option<(PathBuf, Arc<str>)>,
    /// Its exceptions.
    pub exceptions: Vec<Exception>,
}

/// What a run holds that suppressions are about.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// All text.
    pub sources: &'a Sources,
    /// All trees.
    pub trees: &'a Trees,
    /// Every declaration.
    pub declarations: &'a [Declaration],
    /// The projects, by their numbers.
    pub projects: &'a [Project],
    /// The applied rules.
    pub rules: &'a RuleSet,
    /// The resolved paths that were asked for.
    pub scope: &'a [PathBuf],
    /// The scan root.
    pub root: &'a Path,
    /// [`LIST`], if it is there.
    pub list: Option<FileId>,
}

/// What the text of one file asks for.
pub fn of_file(file: FileId, run: Run<'_>, options: &Options) -> Gathered {
    gather::of_file(file, run.sources, run.trees, &options.policy, &options.known)
}

/// What stands in no file of a project: the exceptions of the config file, and the list at the scan root.
pub fn of_root(run: Run<'_>, options: &Options) -> Gathered {
    let mut gathered = Gathered { requests: exceptions(run.sources, options), ..Gathered::default() };
    if let Some(list) = run.list.filter(|_| options.policy.peers_count) {
        list::read(list, run.sources, run.trees, &mut gathered);
    }
    gathered
}

/// The requests that met a finding, each with the rule of that.
#[derive(Clone, Debug, Default)]
pub struct Met {
    used: BTreeSet<(usize, Arc<str>)>,
    expired: BTreeSet<(usize, Arc<str>)>,
}

/// Marks the findings of wanted projects that someone asked to leave out. To do so twice changes nothing.
pub fn mark(checked: &mut Checked<'_>, requests: &[Request], run: Run<'_>, options: &Options, wanted: &dyn Fn(ProjectId) -> bool) -> Met {
    let mut met = Met::default();
    if requests.is_empty() {
        return met;
    }
    let matcher = Matcher::new(requests, run, options);
    checked.each_not_passed(|finding| {
        if !wanted(finding.project) {
            return;
        }
        for at in matcher.fitting(finding) {
            let request = &requests[at];
            if !request.counts_on(options.policy.today) {
                met.expired.insert((at, Arc::clone(&finding.rule)));
                let ran_out = request.span.map(|span| Evidence { span, message: ran_out(request) });
                let told: Vec<Evidence> = ran_out.into_iter().filter(|told| !finding.evidence.contains(told)).collect();
                finding.evidence.extend(told);
                continue;
            }
            met.used.insert((at, Arc::clone(&finding.rule)));
            finding.suppressed.get_or_insert_with(|| Box::new(suppression(request)));
        }
    });
    met
}

/// What is to be told of requests: which ran out, and which hide nothing. `complete`: whether all input could be read; only then is it known
/// that a request hides nothing.
pub fn tell(requests: &[Request], Met { used, expired }: &Met, run: Run<'_>, options: &Options, complete: Complete) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (at, rule) in expired {
        let request = &requests[*at];
        diagnostics.extend(request.span.map(|span| {
            Diagnostic::warning("expired-suppression", span, format!("{}: `{rule}` counts again", ran_out(request)))
                .with_help("mend the finding, or give the suppression a new `expires`")
        }));
    }
    if complete == Complete::Yes {
        let told: BTreeSet<&(usize, Arc<str>)> = used.union(expired).collect();
        diagnostics.extend(unused(requests, &told, run, options));
    }
    diagnostics
}

/// Whether all input could be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Complete {
    /// Everything.
    Yes,
    /// Something is missing.
    No,
}

fn ran_out(request: &Request) -> String {
    let until = request.expires.map_or_else(String::new, |expires| format!(" on {expires}"));
    format!("this suppression ran out{until}")
}

fn suppression(request: &Request) -> Suppression {
    Suppression {
        by: request.by.to_owned(),
        reason: request.reason.clone(),
        owner: request.owner.clone(),
        expires: request.expires.map(|expires| expires.to_string()),
        span: request.span,
    }
}

fn exceptions(sources: &Sources, options: &Options) -> Vec<Request> {
    let Some((path, text)) = options.config.as_ref().filter(|_| !options.exceptions.is_empty()) else { return Vec::new() };
    let file = sources.add(path, Arc::clone(text));
    let request = |exception: &Exception| {
        let span = exception.range.at(file);
        Request {
            by: "config",
            rules: Rules::Ours(vec![(Arc::from(exception.rule.as_str()), Some(span))]),
            reason: exception.reason.clone(),
            owner: exception.owner.clone(),
            expires: exception.expires,
            span: Some(span),
            place: Place::Address { address: exception.address.clone(), project: exception.project.clone() },
            given: Vec::new(),
        }
    };
    options.exceptions.iter().map(request).collect()
}

/// Our own requests that hide nothing, where their rules were applied.
fn unused(requests: &[Request], told: &BTreeSet<&(usize, Arc<str>)>, run: Run<'_>, options: &Options) -> Vec<Diagnostic> {
    let level = if options.policy.unused_is_error { Level::Error } else { Level::Warning };
    let mut found = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let (Rules::Ours(rules), Some(span)) = (&request.rules, request.span) else { continue };
        // A module that others call too may need what these here do not.
        let path = &run.sources.get(span.file).path;
        let is_in_scope = request.by == "config" || run.scope.iter().any(|scope| path.starts_with(scope));
        for (rule, named) in rules.iter().filter(|_| is_in_scope) {
            if run.rules.get(rule).is_none() || told.contains(&(at, Arc::clone(rule))) {
                continue;
            }
            let message = match request.place {
                Place::Nowhere => "this suppression stands at no resource, data source or module call".to_owned(),
                _ => format!("unused suppression: `{rule}` has nothing to report here"),
            };
            let diagnostic = Diagnostic::warning("unused-suppression", named.unwrap_or(span), message);
            found.push(Diagnostic { level, ..diagnostic }.with_help("remove it: what it hid is gone"));
        }
    }
    found
}
