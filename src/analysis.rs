//! The whole pipeline: from paths to findings. It reads no clock and no environment: whoever calls it is told when a
//! stage has ended, and gives it files and options.
//!
//! Work is spread over threads by order-preserving collects only, so that two runs give the same bytes. A panic in one project is a
//! fault of ours: it becomes a diagnostic, and the other projects go on.

mod gather;
mod heap;
mod isolate;
mod left_out;
mod within;

use crate::baseline::{self, Baseline, Entry};
use crate::diagnostic::{Diagnostic, Level, Place};
use crate::discover::{self, Discovery, Walked};
use crate::fix;
use crate::framework::Tallies;
use crate::frontend;
use crate::graph::{Catalog, Graph, Ties};
use crate::project::{Context, Demand, Inputs, Project};
use crate::rule::finding::{Finding, Listing, Outcome, Severity};
use crate::rule::{self, Checked, Passes, RuleSet};
use crate::scenario;
use crate::source::fs::FileSystem;
use crate::source::{FileId, Sources};
use crate::suppress::{self, Complete};
use crate::syntax::Trees;
use crate::value::{Lowered, ProjectId};
use isolate::{Wanted, guarded};
use left_out::Asking;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;

/// Stack of each worker thread, in bytes: parsers and evaluators recurse as deeply as their own limits allow.
const STACK_BYTES: usize = 8 * 1024 * 1024;

pub use isolate::INTERNAL_ERROR;

/// What the user decided.
#[derive(Clone, Debug)]
pub struct Options {
    /// The resolved working directory: labels are relative to it.
    pub working_directory: PathBuf,
    /// Values of variables and parameters, facts.
    pub inputs: Inputs,
    /// The rules to apply.
    pub rules: RuleSet,
    /// Findings below this severity are left out.
    pub min_severity: Severity,
    /// What the user decided about suppressions.
    pub suppress: suppress::Options,
    /// The findings that the team starts from.
    pub baseline: Option<Baseline>,
    /// What is told of what holds.
    pub passes: Passes,
    /// Whether anybody reads how findings would be mended, or mends them.
    pub offers_fixes: bool,
    /// How many threads work; 0 for as many as there are processors.
    pub threads: usize,
}

impl Options {
    /// The rules of a run with nothing else decided: no inputs, nothing left out, as many threads as there are processors.
    pub fn new(working_directory: impl Into<PathBuf>, rules: RuleSet) -> Self {
        Self {
            working_directory: working_directory.into(),
            inputs: Inputs::default(),
            rules,
            min_severity: Severity::Note,
            suppress: suppress::Options::default(),
            baseline: None,
            passes: Passes::Told,
            offers_fixes: true,
            threads: 0,
        }
    }
}

/// A stage of a run that has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The paths were walked.
    Walk,
    /// Files were read and told apart, and those that may call others were parsed.
    Read,
    /// Projects were lowered to declarations.
    Lower,
    /// Declarations were linked.
    Graph,
    /// Rules were evaluated.
    Rules,
}

impl Stage {
    /// Its name in `--timings`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Read => "read",
            Self::Lower => "lower",
            Self::Graph => "graph",
            Self::Rules => "rules",
        }
    }
}

/// A project and how large it is.
#[derive(Clone, Debug)]
pub struct Analyzed {
    /// The project.
    pub project: Project,
    /// How many resource instances it has.
    pub resources: usize,
    /// How many files it was read from.
    pub files: usize,
}

/// How much was found. A suppressed finding counts as suppressed only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Rules that hold.
    pub pass: usize,
    /// Rules that are broken.
    pub fail: usize,
    /// Rules of which it is not known.
    pub open: usize,
    /// Findings that are not counted.
    pub suppressed: usize,
    /// Files read.
    pub files: usize,
    /// Resource instances.
    pub resources: usize,
}

/// A run held against a baseline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compared {
    /// Fails and opens that are not in it.
    pub new: usize,
    /// Those that are.
    pub still: usize,
    /// Entries of it that were not found any more.
    pub fixed: Vec<Entry>,
}

/// What a run found.
#[derive(Debug)]
pub struct Analysis {
    /// The resolved working directory: labels are relative to it.
    pub working_directory: PathBuf,
    /// All text that was read.
    pub sources: Sources,
    /// Its trees.
    pub trees: Trees,
    /// The projects in the order of their paths.
    pub projects: Vec<Analyzed>,
    /// Every verdict, worst first within a project.
    pub findings: Vec<Finding>,
    /// Problems with the input, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// How much was found.
    pub summary: Summary,
    /// What has changed since the baseline, if there is one.
    pub compared: Option<Compared>,
    /// What was left out because a change is not about it, where only that was asked for.
    pub left_out: Option<LeftOut>,
    /// Fails and opens beyond the limit of findings: they are counted, and in no list.
    pub beyond: Beyond,
    /// What each rule came to, listed or not.
    pub tallies: Tallies,
    /// The resources and who names whom.
    pub graph: Graph,
}

/// How many findings are beyond their limit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Beyond(BTreeMap<(Outcome, Severity), usize>);

impl Beyond {
    /// Those that a report would list, were there no limit.
    fn counted_of(checked: &Checked<'_>, least: Severity) -> Self {
        let mut counts = BTreeMap::new();
        for (_, sort, count) in checked.listed_beyond(least) {
            *counts.entry((sort.outcome, sort.severity)).or_default() += count;
        }
        Self(counts)
    }

    /// What is more than there was before.
    fn since(mut self, before: &Self) -> Self {
        self.0.iter_mut().for_each(|(sort, count)| *count = count.saturating_sub(before.0.get(sort).copied().unwrap_or_default()));
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of an outcome are just so severe.
    pub fn of(&self, outcome: Outcome, severity: Severity) -> usize {
        self.0.get(&(outcome, severity)).copied().unwrap_or_default()
    }

    /// How many of an outcome are at least so severe.
    pub fn count(&self, outcome: Outcome, least: Severity) -> usize {
        self.0.iter().filter(|((of, severity), _)| *of == outcome && *severity >= least).map(|(_, count)| count).sum()
    }
}

/// How much was left out of a run because a change is not about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Fails and opens that were there before.
    pub findings: usize,
    /// Errors and warnings that were there before.
    pub problems: usize,
}

impl Analysis {
    /// The project of a number.
    pub fn project(&self, id: crate::value::ProjectId) -> &Project {
        &self.projects[id.0 as usize].project
    }

    /// Counts the findings again, after some were left out. Of what is beyond the limit nobody can say whether it was there `before`: what is
    /// more of it than there was counts.
    pub fn count_anew(&mut self, before: &Beyond) {
        self.beyond = std::mem::take(&mut self.beyond).since(before);
        self.summary = summarize(&self.findings, (0, &self.beyond), &self.projects, self.summary.files);
        if let Some(compared) = &mut self.compared {
            compared.new = self.summary.fail + self.summary.open;
        }
    }
}

/// Analyses every project at or below the paths.
pub fn analyze(fs: &dyn FileSystem, paths: &[PathBuf], options: &Options, ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
    let walked = discover::walk(fs, paths);
    // Most commits have nothing for us: threads are started where there is work.
    if is_nothing(&walked, options) {
        return run(fs, paths, &walked, options, ended);
    }
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(options.threads).stack_size(STACK_BYTES).start_handler(|_| heap::start()).build();
    // Without threads of our own the work is done on the caller's.
    let Ok(pool) = pool else { return run(fs, paths, &walked, options, ended) };
    if rayon::current_thread_index().is_none() {
        return pool.install(|| run(fs, paths, &walked, options, ended));
    }
    // A worker of the caller's pool would take up other work while it waits, such as the next analysis, and that one the next: each on top of
    // the last, until the stack is full. A thread that is nobody's worker just waits.
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.install(|| run(fs, paths, &walked, options, ended)));
        waiting.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Whether there is no resource to come: no file to read, and nothing that facts tell.
fn is_nothing(walked: &Walked, options: &Options) -> bool {
    walked.candidates.is_empty() && options.inputs.facts.buckets.is_empty()
}

/// Does work on each, on all threads. Where there is nothing to do, none is started.
fn on_each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Send + Sync) -> Vec<R> {
    if items.is_empty() { Vec::new() } else { items.par_iter().map(work).collect() }
}

fn run(fs: &dyn FileSystem, paths: &[PathBuf], walked: &Walked, options: &Options, ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
    // Then nobody asks the catalog.
    let is_empty = is_nothing(walked, options);
    let catalog = if is_empty { &Catalog::default() } else { Catalog::embedded() };
    // What no rule can come to need not be lowered.
    let demand = if is_empty { Demand::default() } else { catalog.demand_of(&options.rules.kinds(catalog)) };
    let (sources, trees) = (Sources::default(), Trees::within(options.inputs.limits));
    let context = Context { fs, sources: &sources, trees: &trees, inputs: &options.inputs, demand: &demand };

    let mut diagnostics = walked.diagnostics.clone();
    ended(Stage::Walk);

    let (gathered, faults) = gather::gather(fs, walked, &options.inputs.limits);
    diagnostics.extend(faults);
    let (loaded, problems) = discover::load(gathered, &context);
    diagnostics.extend(problems);
    // What a run holds and tells may be as much as there is text for.
    let limits = options.inputs.limits.over(sources.bytes());
    trees.bound(&sources, &limits);
    let asking = Asking::of(&sources);
    // What a comment hangs on may be any attribute.
    let every = Demand { attributes: Arc::default(), ..demand.clone() };
    let context = if asking.name_arguments(&sources) { Context { demand: &every, ..context } } else { context };
    let inspected = on_each(&loaded, |loaded| guarded(&loaded.path, || discover::inspect(loaded, &context)));
    diagnostics.extend(inspected.iter().filter_map(|inspected| inspected.as_ref().err().cloned()));
    let inspected = inspected.into_iter().flatten().collect();
    let discovery = discover::settle(walked, inspected, &options.working_directory);
    ended(Stage::Read);

    let (mut lowered, left) = within::lower(&discovery.projects, &limits, |project| lower(project, &context));
    diagnostics.extend(left);
    diagnostics.extend(lowered.iter_mut().flat_map(|lowered| std::mem::take(&mut lowered.diagnostics)));
    let projects = discovery.projects.iter().zip(&lowered);
    let projects: Vec<Analyzed> = projects
        .map(|(project, lowered)| Analyzed { project: project.clone(), resources: lowered.resources, files: lowered.files })
        .collect();
    ended(Stage::Lower);

    let link = |lowered| Graph::build(lowered, catalog, &options.inputs.facts, limits);
    let graph = catch_unwind(AssertUnwindSafe(|| link(lowered))).unwrap_or_else(|_| {
        let again = |which: &Wanted<'_>| {
            let wanted = discovery.projects.iter().filter(|project| which(project.id));
            link(within::lower(&wanted.cloned().collect::<Vec<_>>(), &limits, |project| lower(project, &context)).0)
        };
        let (graph, faults) = isolate::others(&discovery.projects, again);
        diagnostics.extend(faults);
        graph
    });
    diagnostics.extend_from_slice(graph.diagnostics());
    ended(Stage::Graph);

    // What touches the files that were named is known by its proof.
    let passes = if discovery.narrowed.is_empty() { options.passes } else { Passes::Told };
    let (mut checked, faults) = isolate::all(&discovery.projects, |wanted| {
        rule::check(&graph, &options.rules, passes, |subject| subject.project.is_none_or(wanted))
    });
    diagnostics.extend(faults);
    diagnostics.extend(settle(&mut checked.findings, &graph, &discovery.projects, &context, (&options.rules, passes)));
    let files = sources.len();
    let list = fs.root().join(suppress::LIST);
    let list = guarded(&list, || fs.kind(&list).and_then(|_| context.load(&list).0)).unwrap_or_else(|fault| {
        diagnostics.push(fault);
        None
    });
    let scope: Vec<PathBuf> = paths.iter().filter_map(|path| fs.resolve(path).ok()).collect();
    let of_run = suppress::Run {
        sources: &sources,
        trees: &trees,
        declarations: graph.declarations(),
        projects: &discovery.projects,
        rules: &options.rules,
        scope: &scope,
        root: fs.root(),
        list,
    };
    diagnostics.extend(checked.limits_met(options.min_severity));
    let is_cut = checked.beyond().next().is_some();
    let is_broken = diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error);
    let complete = if is_broken || is_cut { Complete::No } else { Complete::Yes };
    diagnostics.extend(left_out::mark(&mut checked, of_run, &asking, &options.suppress, complete));
    let compared_over = baseline::Scope { root: fs.root(), projects: &discovery.projects, rules: &options.rules, paths: &scope };
    let fixed = options.baseline.as_ref().map(|baseline| baseline.apply(&mut checked, compared_over));
    let tallies = Tallies::of(&checked);
    let counted = checked.passes_from(options.min_severity);
    let beyond = Beyond::counted_of(&checked, options.min_severity);
    let mut findings = checked.findings;
    findings.retain(|finding| {
        finding.severity >= options.min_severity && (finding.outcome != Outcome::Open || finding.listing == Listing::Listed)
    });
    let mut findings = report(findings, &discovery, &sources);
    if options.offers_fixes {
        let ((fixes, met), faults) = isolate::all(&discovery.projects, |wanted| {
            fix::offers(&findings, |finding| wanted(finding.project), &graph, &context, &discovery.projects, &options.rules)
        });
        diagnostics.extend(met.into_iter().chain(faults));
        findings.iter_mut().zip(fixes).for_each(|(finding, fixes)| finding.fixes = fixes);
    }
    let diagnostics = tell(diagnostics, &sources);
    let summary = summarize(&findings, (counted, &beyond), &projects, files);
    let still = || findings.iter().filter(|finding| finding.suppressed.as_ref().is_some_and(|by| by.by == "baseline")).count();
    let compared = fixed.map(|fixed| Compared { new: summary.fail + summary.open, still: still(), fixed });
    ended(Stage::Rules);
    Analysis {
        working_directory: options.working_directory.clone(),
        sources,
        trees,
        projects,
        findings,
        diagnostics,
        summary,
        compared,
        left_out: None,
        beyond,
        tallies,
        graph,
    }
}

/// Tries the scenarios of every project that has open findings. Where that fails, they stay open.
fn settle(
    findings: &mut Vec<Finding>,
    graph: &Graph,
    projects: &[Project],
    context: &Context<'_>,
    by: (&RuleSet, Passes),
) -> Vec<Diagnostic> {
    let mut of_project: BTreeMap<ProjectId, Vec<Finding>> = BTreeMap::new();
    // Most findings are not open: they stay where they are.
    for finding in findings.extract_if(.., |finding| finding.outcome == Outcome::Open) {
        of_project.entry(finding.project).or_default().push(finding);
    }
    if of_project.is_empty() {
        return Vec::new();
    }
    let ties = Ties::new(graph);
    let groups: Vec<(ProjectId, Vec<Finding>)> = of_project.into_iter().collect();
    let settle_one = |(id, open): (ProjectId, Vec<Finding>)| match projects.get(id.0 as usize) {
        Some(project) => {
            let kept = open.clone();
            let settled = guarded(&project.path, || scenario::settle(open, project, context, by, &ties));
            settled.map_or_else(|fault| (kept, Some(fault)), |settled| (settled, None))
        }
        None => (open, None),
    };
    let settled: Vec<(Vec<Finding>, Option<Diagnostic>)> = groups.into_par_iter().map(settle_one).collect();
    let (settled, faults): (Vec<Vec<Finding>>, Vec<Option<Diagnostic>>) = settled.into_iter().unzip();
    findings.extend(settled.into_iter().flatten());
    faults.into_iter().flatten().collect()
}

/// Lowers one project, whatever happens in there.
fn lower(project: &Project, context: &Context<'_>) -> Lowered {
    guarded(&project.path, || frontend::lower(project, context))
        .unwrap_or_else(|fault| Lowered { diagnostics: vec![fault], ..Lowered::default() })
}

/// The findings in their order: by project, worst first, then by place. Of projects that were named by files of theirs, just what touches these.
fn report(mut findings: Vec<Finding>, discovery: &Discovery, sources: &Sources) -> Vec<Finding> {
    findings.retain(|finding| {
        let Some(wanted) = discovery.narrowed.get(&finding.project) else { return true };
        let ends = finding.resource.iter().chain([&finding.subject]).map(|named| named.span.file);
        let files: BTreeSet<FileId> = finding.evidence.iter().map(|hop| hop.span.file).chain(ends).chain([finding.location.file]).collect();
        files.into_iter().any(|file| wanted.contains(&sources.get(file).path))
    });
    let files: BTreeSet<FileId> = findings.iter().map(|finding| finding.location.file).collect();
    let mut by_path: Vec<FileId> = files.into_iter().collect();
    by_path.sort_by_cached_key(|file| sources.get(*file).path.clone());
    let mut rank = vec![0; sources.len()];
    by_path.into_iter().enumerate().for_each(|(at, file)| rank[file.0 as usize] = at);
    let key = |finding: &Finding| {
        let order = (finding.project, finding.outcome, Reverse(finding.severity));
        (order, rank[finding.location.file.0 as usize], finding.location.range)
    };
    // Findings are large, and there may be many: their numbers are sorted, and then each is moved once.
    let mut order: Vec<u32> = (0..).take(findings.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&findings[*a as usize], &findings[*b as usize]);
        key(a).cmp(&key(b)).then_with(|| (&a.rule, &a.subject.address, &a.fingerprint).cmp(&(&b.rule, &b.subject.address, &b.fingerprint)))
    });
    for at in 0..order.len() {
        // What stood at an earlier place has been moved on from there.
        let mut from = order[at] as usize;
        while from < at {
            from = order[from] as usize;
        }
        order[at] = u32::try_from(from).expect("as many as there are numbers");
        findings.swap(at, from);
    }
    findings
}

/// The diagnostics by place, each once.
fn tell(mut diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    diagnostics.sort_by_cached_key(|diagnostic| {
        let place = match &diagnostic.place {
            Some(Place::Span(span)) => Some((sources.get(span.file).path.clone(), Some(span.range))),
            Some(Place::Path(path)) => Some((path.clone(), None)),
            None => None,
        };
        (place, diagnostic.level, diagnostic.code, diagnostic.message.clone())
    });
    diagnostics.dedup();
    diagnostics
}

/// Counts findings, and passes and what is beyond the limit, of which none tells.
fn summarize(findings: &[Finding], (passes, beyond): (usize, &Beyond), projects: &[Analyzed], files: usize) -> Summary {
    let count = |outcome: Outcome| findings.iter().filter(|finding| finding.suppressed.is_none() && finding.outcome == outcome).count();
    Summary {
        pass: passes + count(Outcome::Pass),
        fail: beyond.count(Outcome::Fail, Severity::Note) + count(Outcome::Fail),
        open: beyond.count(Outcome::Open, Severity::Note) + count(Outcome::Open),
        suppressed: findings.iter().filter(|finding| finding.suppressed.is_some()).count(),
        files,
        resources: projects.iter().map(|project| project.resources).sum(),
    }
}
