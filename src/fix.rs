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

use crate::diagnostic::{Diagnostic, counted};
use crate::graph::{Graph, Resource, ResourceId, Standing};
use crate::limits::Limit;
use crate::project::{Context, Project};
use crate::rule::finding::{Applicability, Finding, Fix, Named, Outcome};
use crate::rule::memo::Memo;
use crate::rule::mend::WrittenFix;
use crate::rule::parse::Path;
use crate::rule::{Rule, RuleSet, mend};
use crate::source::{FileId, SourceFile, TextRange};
use crate::value::ProjectId;
use logging::NewTarget;
use owner::Module;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

/// A block, by its header.
type Block = (FileId, TextRange);

/// Everything that fixes are made from.
pub struct World<'a> {
    graph: &'a Graph,
    context: &'a Context<'a>,
    projects: &'a [Project],
    rules: &'a RuleSet,
    /// What each block declares, by address.
    by_place: BTreeMap<Block, Vec<ResourceId>>,
    /// Whether an instance of a block says something of a property, of those that were asked.
    said: RefCell<BTreeMap<(Block, Arc<str>), bool>>,
    /// The instances of a block that receive access logs, of those that were asked; `None` where one sends some.
    receivers: RefCell<BTreeMap<Block, Option<Vec<ResourceId>>>>,
    /// The buckets of each project.
    buckets: BTreeMap<Option<ProjectId>, Vec<ResourceId>>,
    /// Where each bucket sends its access logs, where that is one bucket for sure.
    targets: BTreeMap<ResourceId, Option<ResourceId>>,
    /// The places of buckets whose access logs are known not to arrive.
    broken: BTreeSet<(FileId, TextRange)>,
    memo: Memo,
    /// The Terraform modules that were looked at, by their directories.
    modules: RefCell<BTreeMap<PathBuf, Rc<Module>>>,
    /// The buckets for access logs that were read, by the logical id that each gets.
    new_targets: RefCell<BTreeMap<&'static str, Rc<NewTarget>>>,
    /// Whether a file may be edited, of those that were looked at.
    editable: RefCell<BTreeMap<FileId, bool>>,
}

impl<'a> World<'a> {
    /// The world of a run.
    pub fn new(graph: &'a Graph, context: &'a Context<'a>, projects: &'a [Project], rules: &'a RuleSet, findings: &'a [Finding]) -> Self {
        let mut by_place: BTreeMap<Block, Vec<ResourceId>> = BTreeMap::new();
        for resource in graph.resources() {
            if let Some(span) = resource.span {
                by_place.entry((span.file, span.range)).or_default().push(resource.id);
            }
        }
        by_place.values_mut().for_each(|ids| ids.sort_by_key(|id| &graph.resource(*id).address));
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
            said: RefCell::default(),
            receivers: RefCell::default(),
            buckets,
            targets,
            broken,
            memo: Memo::default(),
            modules: RefCell::default(),
            new_targets: RefCell::default(),
            editable: RefCell::default(),
        }
    }

    fn is_editable(&self, file: FileId, source: &SourceFile) -> bool {
        *self.editable.borrow_mut().entry(file).or_insert_with(|| home::is_editable(self, source))
    }

    /// The resource that a finding names: in the finding's own project if there is one.
    fn resource(&self, named: &Named, project: ProjectId) -> Option<&'a Resource> {
        let at = self.by_place.get(&(named.span.file, named.span.range))?;
        let first = at.partition_point(|id| self.graph.resource(*id).address.0 < named.address);
        let at_address = at[first..].iter().map(|id| self.graph.resource(*id)).take_while(|resource| resource.address.0 == named.address);
        let same = at_address.filter(|resource| resource.kind == named.kind);
        same.min_by_key(|resource| resource.project != Some(project))
    }

    /// The resources that one block declares: its instances, in every project.
    fn instances(&self, block: Block) -> impl Iterator<Item = &'a Resource> {
        self.by_place.get(&block).into_iter().flatten().map(|id| self.graph.resource(*id))
    }

    /// Whether an instance of a resource's block says something of a property. Asked once for a block, since that may have thousands.
    fn is_said(&self, of: &Resource, property: &Arc<str>) -> bool {
        let Some(block) = of.span.map(|span| (span.file, span.range)) else { return false };
        let says = || self.instances(block).any(|instance| !self.graph.property(instance.id, property).0.is_empty());
        *self.said.borrow_mut().entry((block, Arc::clone(property))).or_insert_with(says)
    }

    /// Whether a bucket is one of a block of which no bucket logs, and no other receives access logs.
    fn is_untouched(&self, bucket: &Resource) -> bool {
        let Some(block) = bucket.span.map(|span| (span.file, span.range)) else { return true };
        let logs = |instance: &Resource| {
            let (claims, unsaid) = self.graph.property(instance.id, "logging");
            !claims.is_empty() || !unsaid.is_empty() || instance.standing != Standing::Declared
        };
        let receives = |instance: &&Resource| self.graph.incoming(instance.id, "access_log_sources").next().is_some();
        let mut known = self.receivers.borrow_mut();
        let receivers = known.entry(block).or_insert_with(|| {
            let no_one_logs = !self.instances(block).any(logs);
            no_one_logs.then(|| self.instances(block).filter(receives).map(|instance| instance.id).collect())
        });
        receivers.as_ref().is_some_and(|receivers| receivers.iter().all(|id| *id == bucket.id))
    }
}

/// What would mend each of the findings that are wanted, in the order of all, and of which files not all of it was worked out: to work out a fix takes a look over its
/// file, and a file has as many findings as it is long.
pub fn offers(
    findings: &[Finding],
    wanted: impl Fn(&Finding) -> bool,
    graph: &Graph,
    context: &Context<'_>,
    projects: &[Project],
    rules: &RuleSet,
) -> (Vec<Vec<Fix>>, Vec<Diagnostic>) {
    let world = World::new(graph, context, projects, rules, findings);
    let most = context.inputs.limits.count(Limit::Fixes);
    let most_text = context.inputs.limits.over(context.sources.bytes()).count(Limit::FixText);
    let mut asked: BTreeMap<FileId, usize> = BTreeMap::new();
    // How much has been looked over; the first file that was not, and how many findings of it and others may be fixed.
    let (mut looked_over, mut left): (usize, Option<(FileId, usize)>) = (0, None);
    let fixes = findings.iter().map(|finding| {
        let Some((rule, written)) = fixable(finding, &world).filter(|_| wanted(finding)) else { return Vec::new() };
        let file = finding.location.file;
        let asked = asked.entry(file).or_default();
        *asked += 1;
        if *asked > most {
            return Vec::new();
        }
        // A file is longer than what is mended in it, and may have to be parsed again for each fix.
        looked_over = looked_over.saturating_add(context.sources.get(file).text.len());
        if looked_over > most_text {
            left.get_or_insert((file, 0)).1 += 1;
            return Vec::new();
        }
        offer(finding, rule, written, &world)
    });
    let fixes = fixes.collect();
    let met = asked.into_iter().filter(|(_, asked)| *asked > most).map(|(file, asked)| {
        let message = format!("{asked} findings of this file may be fixed: fixes are worked out for {most}");
        Diagnostic::note("limit-reached", TextRange::new(0, 0).at(file), message).with_help(Limit::Fixes.help())
    });
    let left = left.map(|(file, count)| {
        let more = counted(count, "finding");
        let message =
            format!("{more} may be fixed, here and elsewhere, beyond the {most_text} bytes of files that are looked over for fixes");
        Diagnostic::note("limit-reached", TextRange::new(0, 0).at(file), message).with_help(Limit::FixText.help())
    });
    (fixes, met.chain(left).collect())
}

/// The fix that a finding's rule has for its defect.
fn fixable<'r>(finding: &Finding, world: &World<'r>) -> Option<(&'r Rule, &'r WrittenFix)> {
    if finding.outcome != Outcome::Fail || finding.suppressed.is_some() {
        return None;
    }
    let rule = world.rules.get(&finding.rule)?;
    Some((rule, rule.fix(finding.defect.as_ref()?)?))
}

fn offer(finding: &Finding, rule: &Rule, written: &WrittenFix, world: &World<'_>) -> Vec<Fix> {
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
