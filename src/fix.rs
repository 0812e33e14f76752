//! Fixes: what would mend a finding, as byte edits on the source text.
//!
//! A rule says in the catalog's words what has to be so; this floor knows both languages and writes it. Nothing is printed anew: comments, line
//! breaks and byte-order marks stay as they are. A fix is offered only where the code says plainly where it belongs: not in what was downloaded
//! or generated, not over an expression, not where several places compete. Whether a fix does what it promises is shown by whoever applies it
//! (`repair`): it checks again.

mod attribute;
mod hcl;
mod home;
mod lines;
mod logging;
mod owner;
mod provider;
mod satellite;
mod target;
mod template;
mod written;

pub use home::as_read;

use crate::graph::{Graph, Resource, ResourceId};
use crate::project::{Context, Project};
use crate::rule::finding::{Applicability, Finding, Fix, Named, Outcome};
use crate::rule::memo::Memo;
use crate::rule::mend::WrittenFix;
use crate::rule::parse::Path;
use crate::rule::{Rule, RuleSet, mend};
use crate::source::{FileId, SourceFile, TextRange};
use crate::value::ProjectId;
use owner::Module;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// Everything that fixes are made from.
pub struct World<'a> {
    graph: &'a Graph,
    context: &'a Context<'a>,
    projects: &'a [Project],
    rules: &'a RuleSet,
    by_place: BTreeMap<(FileId, TextRange), Vec<ResourceId>>,
    /// The buckets of each project.
    buckets: BTreeMap<Option<ProjectId>, Vec<ResourceId>>,
    /// Where each bucket sends its access logs, where that is one bucket for sure.
    targets: BTreeMap<ResourceId, Option<ResourceId>>,
    /// The places of buckets whose access logs are known not to arrive.
    broken: BTreeSet<(FileId, TextRange)>,
    memo: Memo,
    /// The Terraform modules that were looked at, by their directories.
    modules: RefCell<BTreeMap<PathBuf, Rc<Module>>>,
    /// Whether a file may be edited, of those that were looked at.
    editable: RefCell<BTreeMap<FileId, bool>>,
}

impl<'a> World<'a> {
    /// The world of a run.
    pub fn new(graph: &'a Graph, context: &'a Context<'a>, projects: &'a [Project], rules: &'a RuleSet, findings: &'a [Finding]) -> Self {
        let mut by_place: BTreeMap<(FileId, TextRange), Vec<ResourceId>> = BTreeMap::new();
        for resource in graph.resources() {
            if let Some(span) = resource.span {
                by_place.entry((span.file, span.range)).or_default().push(resource.id);
            }
        }
        let mut buckets: BTreeMap<Option<ProjectId>, Vec<ResourceId>> = BTreeMap::new();
        for resource in graph.resources().iter().filter(|resource| &*resource.kind == target::BUCKET) {
            buckets.entry(resource.project).or_default().push(resource.id);
        }
        let mut targets: BTreeMap<ResourceId, Option<ResourceId>> = BTreeMap::new();
        for edge in graph.edges().iter().filter(|edge| &*edge.relation == target::TARGET) {
            let is_one = edge.certainty.is_true() && !targets.contains_key(&edge.from);
            targets.insert(edge.from, is_one.then_some(edge.to));
        }
        let broken = findings.iter().filter(|finding| target::tells_of_a_broken_target(finding));
        let broken = broken.map(|finding| (finding.subject.span.file, finding.subject.span.range)).collect();
        Self {
            graph,
            context,
            projects,
            rules,
            by_place,
            buckets,
            targets,
            broken,
            memo: Memo::default(),
            modules: RefCell::default(),
            editable: RefCell::default(),
        }
    }

    fn is_editable(&self, file: FileId, source: &SourceFile) -> bool {
        *self.editable.borrow_mut().entry(file).or_insert_with(|| home::is_editable(self, source))
    }

    /// The resource that a finding names: in the finding's own project if there is one.
    fn resource(&self, named: &Named, project: ProjectId) -> Option<&'a Resource> {
        let at = self.by_place.get(&(named.span.file, named.span.range))?;
        let same = at
            .iter()
            .map(|id| self.graph.resource(*id))
            .filter(|resource| resource.kind == named.kind && resource.address.0 == named.address);
        same.min_by_key(|resource| resource.project != Some(project))
    }

    /// The resources that one block declares: its instances, in every project.
    fn instances(&self, of: &Resource) -> impl Iterator<Item = &'a Resource> {
        let ids = of.span.and_then(|span| self.by_place.get(&(span.file, span.range)));
        ids.into_iter().flatten().map(|id| self.graph.resource(*id))
    }
}

/// What would mend each of the findings, in their order.
pub fn offers(findings: &[Finding], graph: &Graph, context: &Context<'_>, projects: &[Project], rules: &RuleSet) -> Vec<Vec<Fix>> {
    let world = World::new(graph, context, projects, rules, findings);
    findings.iter().map(|finding| offer(finding, &world)).collect()
}

fn offer(finding: &Finding, world: &World<'_>) -> Vec<Fix> {
    if finding.outcome != Outcome::Fail || finding.suppressed.is_some() {
        return Vec::new();
    }
    let Some(rule) = world.rules.get(&finding.rule) else { return Vec::new() };
    let Some(written) = finding.defect.as_ref().and_then(|defect| rule.fix(defect)) else { return Vec::new() };
    let fix = match &written.log_accesses_of {
        Some(path) => end(path, finding, rule, world).and_then(|bucket| logging::fix(world, bucket)),
        None => set(finding, rule, written, world),
    };
    let Some(mut fix) = fix.filter(|fix| !fix.edits.is_empty()) else { return Vec::new() };
    if written.is_unsafe {
        fix.applicability = Applicability::Unsafe;
    }
    fix.edits.sort();
    vec![fix]
}

/// The resource that the first step of a path names: the subject, or the finding's other end.
fn end<'a>(path: &Path, finding: &Finding, rule: &Rule, world: &World<'a>) -> Option<&'a Resource> {
    let first = path.0.first()?;
    let named = if Some(&**first) == rule.other_end() { finding.resource.as_ref()? } else { &finding.subject };
    // Of instances that are not known, it is not known afterwards either.
    world.resource(named, finding.project).filter(|resource| !resource.address.0.contains("[*]"))
}

/// Every property that a fix sets, in one change.
fn set(finding: &Finding, rule: &Rule, written: &WrittenFix, world: &World<'_>) -> Option<Fix> {
    let subject = world.resource(&finding.subject, finding.project)?;
    let mut wanted: Vec<(&Resource, Vec<attribute::Set<'_>>)> = Vec::new();
    for (path, literal) in mend::wanted(rule, written, world.graph, &world.memo, subject.id)? {
        let is_end = path.0.first().is_some_and(|first| &**first == "subject" || Some(&**first) == rule.other_end());
        let words = path.0[usize::from(is_end)..].to_vec();
        let resource = end(&path, finding, rule, world)?;
        match wanted.iter_mut().find(|(known, _)| known.id == resource.id) {
            Some((_, sets)) => sets.push((words, literal)),
            None => wanted.push((resource, vec![(words, literal)])),
        }
    }
    let (mut edits, mut titles) = (Vec::new(), Vec::new());
    for (resource, sets) in &wanted {
        let (edit, title) = attribute::set(world, resource, sets)?;
        edits.push(edit);
        titles.push(title);
    }
    edits.sort();
    let apart = edits.windows(2).all(|pair| pair[0].span.file != pair[1].span.file || pair[0].span.range.end < pair[1].span.range.start);
    let once = written.one_is_enough.then(|| Arc::from(format!("{} {}", rule.id, finding.project.0)));
    apart.then(|| Fix { applicability: Applicability::Safe, title: titles.join(", and "), edits, once })
}
