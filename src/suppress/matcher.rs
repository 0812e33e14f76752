//! Which requests speak of a finding: by the blocks that it is about, by its line and file, by addresses.

use crate::glob;
use crate::graph::shape::plain;
use crate::rule::finding::{Finding, Named};
use crate::source::{FileId, Span, TextRange, label};
use crate::suppress::layout::Layout;
use crate::suppress::request::{Place, Request, Rules};
use crate::suppress::{Options, Run};
use crate::value::{Declaration, ProjectId};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Finds the requests that speak of a finding.
pub struct Matcher<'a> {
    requests: &'a [Request],
    run: Run<'a>,
    config_directory: &'a Path,
    blocks: BTreeMap<(FileId, u32), Vec<usize>>,
    lines: BTreeMap<(FileId, usize), Vec<usize>>,
    files: BTreeMap<FileId, Vec<usize>>,
    addresses: Vec<usize>,
    /// The files that any request stands in.
    wanted: BTreeSet<FileId>,
    /// Declarations, sorted by header and address: a module's block is declared once for each instance, and once in each project.
    declarations: Vec<&'a Declaration>,
    layouts: RefCell<BTreeMap<FileId, Layout>>,
}

/// A block that a finding is about, and the resource that it declares.
struct About<'a> {
    file: FileId,
    block: TextRange,
    declaration: Option<&'a Declaration>,
}

impl<'a> Matcher<'a> {
    /// For some requests in a run.
    pub fn new(requests: &'a [Request], run: Run<'a>, options: &'a Options) -> Self {
        let config = options.config.as_ref().and_then(|(path, _)| path.parent());
        let mut matcher = Self {
            requests,
            run,
            config_directory: config.unwrap_or(Path::new(".")),
            blocks: BTreeMap::new(),
            lines: BTreeMap::new(),
            files: BTreeMap::new(),
            addresses: Vec::new(),
            wanted: BTreeSet::new(),
            declarations: Vec::new(),
            layouts: RefCell::default(),
        };
        for (at, request) in requests.iter().enumerate() {
            match request.place {
                Place::Block(file, start, _) => matcher.blocks.entry((file, start)).or_default().push(at),
                Place::Line(file, line) => matcher.lines.entry((file, line)).or_default().push(at),
                Place::File(file) => matcher.files.entry(file).or_default().push(at),
                Place::Address { .. } | Place::Under(_) => matcher.addresses.push(at),
                Place::Nowhere => {}
            }
            matcher.wanted.extend(request.span.map(|span| span.file));
        }
        // What stands elsewhere, and in no module that is called, leads to no request.
        let is_near = |declaration: &&Declaration| !declaration.calls.is_empty() || matcher.wanted.contains(&declaration.span.file);
        matcher.declarations = run.declarations.iter().filter(is_near).collect();
        matcher.declarations.sort_by(|one, other| place(one).cmp(&place(other)));
        matcher
    }

    /// The requests that fit, our own first.
    pub fn fitting(&self, finding: &Finding) -> Vec<usize> {
        let mut found = BTreeSet::new();
        let places = || std::iter::once(finding.location).chain(finding.evidence.iter().map(|hop| hop.span));
        for about in self.abouts(finding) {
            for at in self.blocks.get(&(about.file, about.block.start)).into_iter().flatten() {
                let request = &self.requests[*at];
                let Place::Block(_, _, item) = request.place else { continue };
                let touches = |item: TextRange| {
                    places().any(|span| span.file == about.file && item.start <= span.range.start && span.range.start < item.end)
                };
                if item.is_none_or(touches) && is_given(&request.given, about.declaration) {
                    found.insert(*at);
                }
            }
        }
        let spot = finding.location;
        if self.wanted.contains(&spot.file) {
            let line = self.run.sources.get(spot.file).lines().line_of(spot.range.start);
            found.extend(self.lines.get(&(spot.file, line)).into_iter().flatten());
            found.extend(self.files.get(&spot.file).into_iter().flatten());
        }
        found.extend(self.addresses.iter().filter(|at| self.is_named(&self.requests[**at], finding)));
        let means = |at: &usize| self.requests[*at].means(&finding.rule, self.run.rules);
        let mut found: Vec<usize> = found.into_iter().filter(means).collect();
        found.sort_by_key(|at| matches!(self.requests[*at].rules, Rules::Peer(..)));
        found
    }

    /// The blocks that a finding is about: those of its two ends, of its place, and of the module calls that lead to them.
    fn abouts(&self, finding: &Finding) -> Vec<About<'a>> {
        let mut abouts = Vec::new();
        for named in finding.resource.iter().chain([&finding.subject]) {
            let declaration = self.declaration(named, finding.project);
            self.about(named.span, declaration, &mut abouts);
            for (_, call) in declaration.map(|declaration| &declaration.calls).into_iter().flatten() {
                self.about(*call, None, &mut abouts);
            }
        }
        self.about(finding.location, None, &mut abouts);
        abouts
    }

    fn about(&self, span: Span, declaration: Option<&'a Declaration>, into: &mut Vec<About<'a>>) {
        if !self.wanted.contains(&span.file) {
            return;
        }
        let mut layouts = self.layouts.borrow_mut();
        let layout = layouts.entry(span.file).or_insert_with(|| Layout::of(span.file, self.run.sources, self.run.trees));
        let block = layout.block_at(span.range.start);
        into.extend(block.map(|block| About { file: span.file, block, declaration }));
    }

    /// The declaration of a finding's end. One in another project is taken only where there is no doubt which it is.
    fn declaration(&self, named: &Named, project: ProjectId) -> Option<&'a Declaration> {
        let wanted = (named.span, &*named.address);
        let first = self.declarations.partition_point(|declaration| place(declaration) < wanted);
        let found = &self.declarations[first..];
        let found = &found[..found.partition_point(|declaration| place(declaration) == wanted)];
        let own = found.iter().find(|declaration| declaration.project == project);
        own.or(found.first().filter(|_| found.len() == 1)).copied()
    }

    fn is_named(&self, request: &Request, finding: &Finding) -> bool {
        if let Place::Under(path) = &request.place {
            let file = label(&self.run.sources.get(finding.location.file).path, self.run.root);
            return path.is_empty() || file == *path || (path.ends_with('/') && file.starts_with(path.as_str()));
        }
        let Place::Address { address, project } = &request.place else { return false };
        let fits = |named: &Named| glob::covers(address, &named.address);
        let is_in_project = project.as_ref().is_none_or(|project| {
            let path = self.run.projects.get(finding.project.0 as usize).map(|project| label(&project.path, self.config_directory));
            path.is_some_and(|path| glob::covers(project, &path))
        });
        is_in_project && (fits(&finding.subject) || finding.resource.as_deref().is_some_and(fits))
    }
}

/// Where a declaration is, and its address there.
fn place(declaration: &Declaration) -> (Span, &str) {
    (declaration.span, &declaration.address.0)
}

/// Whether a resource's arguments have the values that a request names. What is not known has none.
fn is_given(given: &[(String, String)], declaration: Option<&Declaration>) -> bool {
    given.iter().all(|(path, wanted)| {
        let mut steps = path.split('.');
        let attribute = steps.next().and_then(|name| declaration?.attributes.get(name));
        let value = attribute.and_then(|attribute| {
            // Blocks are lists: the first one is meant.
            steps.try_fold(&attribute.value, |value, name| value.as_items().and_then(<[_]>::first).unwrap_or(value).get(name))
        });
        value.and_then(plain).is_some_and(|value| value == *wanted)
    })
}
