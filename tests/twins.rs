//! The same infrastructure in both languages must give the same graph and the same outcomes: each file of `testdata/twins` holds a root
//! module (`main.tf` and what it calls) and a template (`template.yaml` and what it nests), each file after a line `-- path --`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use trailwarden::analysis::{self, Analysis, Options};
use trailwarden::graph::ResourceId;
use trailwarden::project::Inputs;
use trailwarden::rule::finding::{Finding, Severity};
use trailwarden::rule::{Passes, RuleSet};
use trailwarden::source::fs::Memory;

/// An address as both languages would write it: no types, no separators, lower case.
fn plain(address: &str) -> String {
    let mut out = String::new();
    for part in address.split('.') {
        if part != "module" && part != "var" && !part.starts_with("aws_") {
            // What is there once or not at all has an index in Terraform only.
            let part = part.strip_suffix("[0]").unwrap_or(part);
            out.extend(part.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()));
        }
    }
    out
}

fn analyze(files: &[(PathBuf, String)]) -> Analysis {
    let fs = files.iter().fold(Memory::new("case"), |fs, (path, text)| fs.with(Path::new("case").join(path), text.as_str()));
    let options = Options {
        working_directory: PathBuf::from("case"),
        inputs: Inputs::default(),
        rules: RuleSet::embedded().clone(),
        min_severity: Severity::Note,
        suppress: trailwarden::suppress::Options::default(),
        baseline: None,
        passes: Passes::Told,
        offers_fixes: true,
        threads: 1,
    };
    analysis::analyze(&fs, &[PathBuf::from("case")], &options, &mut |_| {})
}

/// Resources, links and outcomes, each in a line.
fn shown(analysis: &Analysis) -> BTreeSet<String> {
    let graph = &analysis.graph;
    let name = |id: ResourceId| {
        let resource = graph.resource(id);
        format!("{} {}", resource.kind, plain(&resource.address.0))
    };
    // Parts of the code (modules, nested stacks) are resources in one language only; what is of no kind of ours is in neither graph.
    let resources = graph.resources().iter().map(|resource| format!("{} {:?} {:?}", name(resource.id), resource.standing, resource.exists));
    let edges = graph.edges().iter().map(|edge| format!("{} -{}-> {} {:?}", name(edge.from), edge.relation, name(edge.to), edge.certainty));
    // What one language cannot say is judged in the other only.
    let in_both = |finding: &&Finding| RuleSet::embedded().get(&finding.rule).is_some_and(|rule| rule.only_types.is_empty());
    let findings = analysis.findings.iter().filter(in_both).map(|finding| {
        // What configures another resource is a resource of its own in one language, and a part of it in the other.
        let in_graph = |address: &str| graph.resources().iter().any(|resource| &*resource.address.0 == address);
        let to = finding.resource.as_ref().filter(|resource| in_graph(&resource.address));
        let to = to.map_or(String::new(), |resource| format!(" {}", plain(&resource.address)));
        format!("{} {} {}{to}", finding.outcome.name(), finding.rule, plain(&finding.subject.address))
    });
    let errors =
        analysis.diagnostics.iter().map(|diagnostic| format!("{:?} {}: {}", diagnostic.level, diagnostic.code, diagnostic.message));
    resources.chain(edges).chain(findings).chain(errors).collect()
}

/// Files by path.
type Tree = Vec<(PathBuf, String)>;

fn twins(text: &str) -> (Tree, Tree) {
    support::files(text).1.into_iter().partition(|(path, _)| path.extension().is_some_and(|extension| extension == "tf"))
}

#[test]
fn both_languages_say_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/twins");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 25);
    let mut wrong = Vec::new();
    for case in cases {
        let (terraform, template) = twins(&std::fs::read_to_string(&case).unwrap());
        let (terraform, template) = (shown(&analyze(&terraform)), shown(&analyze(&template)));
        assert!(!terraform.is_empty(), "{}", case.display());
        let only = |of: &BTreeSet<String>, other: &BTreeSet<String>| {
            of.difference(other).fold(String::new(), |lines, line| lines + "\n    " + line)
        };
        if terraform != template {
            let (ours, theirs) = (only(&terraform, &template), only(&template, &terraform));
            wrong.push(format!("{}\n  only Terraform:{ours}\n  only CloudFormation:{theirs}", case.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
