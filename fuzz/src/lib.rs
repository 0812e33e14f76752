//! What the targets share: a tree of files in memory, lowered or checked whole. A panic, a hang or more memory than is allowed is a finding.

use std::path::{Path, PathBuf};
use trailwarden::analysis::{self, Analysis, Options};
use trailwarden::config::OpenAs;
use trailwarden::output::{self, Format, Listed, Show, Style};
use trailwarden::project::{Context, Demand, Inputs, Project, ProjectKind};
use trailwarden::rule::RuleSet;
use trailwarden::source::Sources;
use trailwarden::source::fs::Memory;
use trailwarden::syntax::Trees;
use trailwarden::value::{Lowered, ProjectId};

/// Where every tree stands.
pub const ROOT: &str = "repo";

/// Lowers one project of a tree, everything in it asked for.
pub fn lower(files: &Memory, kind: ProjectKind, path: &str) -> Lowered {
    let (sources, trees, inputs, demand) = (Sources::default(), Trees::default(), Inputs::default(), Demand::default());
    let context = Context { fs: files, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let project = Project { id: ProjectId(0), kind, path: Path::new(ROOT).join(path), label: path.into() };
    trailwarden::frontend::lower(&project, &context)
}

/// The whole pipeline on a tree, and every report of it.
pub fn check(files: &Memory) {
    let options = Options { threads: 1, ..Options::new(ROOT, RuleSet::embedded().clone()) };
    let analysis: Analysis = analysis::analyze(files, &[PathBuf::from(ROOT)], &options, &mut |_| {});
    let show = Show { analysis: &analysis, kinds: &Listed::ALL, open: OpenAs::Note, rules: RuleSet::embedded(), coverage: None };
    for format in Format::ALL {
        output::write(format, show, Style { color: false, unicode: true, width: 80 }, &mut std::io::sink()).expect("a sink takes all");
    }
}

/// A tree from one text: each file after a line `-- path --`, as in `testdata/links`.
pub fn tree(text: &str) -> Memory {
    let mut files = Memory::new(ROOT);
    let (mut path, mut content) = (PathBuf::from("main.tf"), String::new());
    for line in text.lines() {
        match line.strip_prefix("-- ").and_then(|line| line.strip_suffix(" --")) {
            Some(next) => {
                files = files.with(Path::new(ROOT).join(&path), std::mem::take(&mut content));
                path = PathBuf::from(next);
            }
            None => {
                content.push_str(line);
                content.push('\n');
            }
        }
    }
    files.with(Path::new(ROOT).join(path), content)
}
