//! Leaving out what someone asked to leave out: a fault of ours at one file's requests, or at one project's findings, is told there, and the
//! others' requests count all the same. What requests are and what they mean is known elsewhere.

use crate::analysis::isolate::{self, guarded};
use crate::diagnostic::Diagnostic;
use crate::rule::Checked;
use crate::source::{FileId, Sources};
use crate::suppress::{self, Complete, Gathered, Met, Options, Run};
use std::cell::RefCell;

/// The files whose text may hold requests, of those that were read so far. Every byte of a run is looked at for that: once.
pub struct Asking {
    files: Vec<FileId>,
    /// How many files there were: others have been read since.
    known: usize,
}

impl Asking {
    /// Those of these sources.
    pub fn of(sources: &Sources) -> Self {
        let files = sources.ids().filter(|file| suppress::may_ask(&sources.get(*file).text)).collect();
        Self { files, known: sources.len() }
    }

    /// Whether a request among them hangs on the values of arguments.
    pub fn name_arguments(&self, sources: &Sources) -> bool {
        self.files.iter().any(|file| suppress::names_arguments(&sources.get(*file).text))
    }

    /// The same of all that was read by now.
    fn by_now(&self, sources: &Sources) -> Vec<FileId> {
        let since = sources.ids().skip(self.known).filter(|file| suppress::may_ask(&sources.get(*file).text));
        self.files.iter().copied().chain(since).collect()
    }
}

/// Marks the findings that someone asked to leave out, and tells what is wrong with such requests. `complete`: whether all input could be read.
pub fn mark(checked: &mut Checked<'_>, run: Run<'_>, asking: &Asking, options: &Options, complete: Complete) -> Vec<Diagnostic> {
    let (mut all, mut faults) = (Gathered::default(), Vec::new());
    let mut take = |gathered: Result<Gathered, Diagnostic>| match gathered {
        Ok(gathered) => {
            all.requests.extend(gathered.requests);
            all.diagnostics.extend(gathered.diagnostics);
        }
        Err(fault) => faults.push(fault),
    };
    for file in asking.by_now(run.sources) {
        take(guarded(&run.sources.get(file).path, || suppress::of_file(file, run, options)));
    }
    take(guarded(run.root, || suppress::of_root(run, options)));
    let Gathered { requests, mut diagnostics } = all;
    let checked = RefCell::new(checked);
    let (met, of_projects): (Met, Vec<Diagnostic>) =
        isolate::all(run.projects, |wanted| suppress::mark(&mut checked.borrow_mut(), &requests, run, options, wanted));
    faults.extend(of_projects);
    // What is missing may be what a request hides.
    let complete = if faults.is_empty() { complete } else { Complete::No };
    diagnostics.extend(suppress::tell(&requests, &met, run, options, complete));
    diagnostics.extend(faults);
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{self, INTERNAL_ERROR};
    use crate::diagnostic::Place;
    use crate::rule::{self, Passes, RuleSet};
    use crate::source::fs::Memory;
    use std::path::PathBuf;

    #[test]
    fn a_fault_at_one_projects_findings_leaves_the_others_requests_in_force() {
        let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n";
        let list = "misconfigurations:\n  - id: AVD-AWS-0089\n    statement: known\n";
        let fs = Memory::new("repo").with("repo/a/main.tf", bucket).with("repo/b/main.tf", bucket).with("repo/.trivyignore.yaml", list);
        let rules = RuleSet::embedded().only(|rule| &*rule.id == "bucket-without-access-logging");
        let options = analysis::Options::new("repo", rules);
        let analysis = analysis::analyze(&fs, &[PathBuf::from("repo")], &options, &mut |_| {});
        assert_eq!(analysis.summary.suppressed, 2);
        let mut checked = rule::check(&analysis.graph, &options.rules, Passes::Told, |_| true);
        // A place that is none, as a fault of ours would leave it.
        checked.findings[0].location.file = FileId(u32::MAX);
        let projects: Vec<_> = analysis.projects.iter().map(|analyzed| analyzed.project.clone()).collect();
        let sources = &analysis.sources;
        let run = Run {
            sources,
            trees: &analysis.trees,
            declarations: analysis.graph.declarations(),
            projects: &projects,
            rules: &options.rules,
            scope: &[PathBuf::from("repo")],
            root: "repo".as_ref(),
            list: sources.ids().find(|file| sources.get(*file).path.ends_with(suppress::LIST)),
        };
        let told = mark(&mut checked, run, &Asking::of(sources), &options.suppress, Complete::Yes);
        let told: Vec<_> = told.iter().map(|told| (told.code, told.place.clone())).collect();
        assert_eq!(told, [(INTERNAL_ERROR, Some(Place::Path("repo/a".into())))]);
        let by: Vec<_> = checked.findings.iter().map(|finding| finding.suppressed.as_ref().map(|by| &*by.by)).collect();
        assert_eq!(by, [None, Some("trivy")]);
    }
}
