//! Small projects to experiment on: the rules' own examples, the links and twins of `testdata`, each with every rule applied.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use trailwarden::analysis::{self, Analysis, Options};
use trailwarden::config::OpenAs;
use trailwarden::output::{self, Format, Listed, Show, Style};
use trailwarden::rule::{RuleSet, examples};
use trailwarden::source::fs::Memory;

/// Where every case stands.
const ROOT: &str = "case";

/// One tree of files.
#[derive(Clone, Debug)]
pub struct Case {
    /// What to call it when it goes wrong.
    pub name: String,
    /// Texts by path, relative to its root.
    pub files: BTreeMap<PathBuf, String>,
}

impl Case {
    /// The whole pipeline on it.
    pub fn analyze(&self, threads: usize) -> Analysis {
        let fs = self.files.iter().fold(Memory::new(ROOT), |fs, (path, text)| fs.with(Path::new(ROOT).join(path), text.as_str()));
        let options = Options { threads, ..Options::new(ROOT, RuleSet::embedded().clone()) };
        analysis::analyze(&fs, &[PathBuf::from(ROOT)], &options, &mut |_| {})
    }

    /// Everything that a report says of it.
    pub fn report(&self, threads: usize) -> Vec<u8> {
        let analysis = self.analyze(threads);
        let show = Show { analysis: &analysis, kinds: &Listed::ALL, open: OpenAs::Note, rules: RuleSet::embedded(), coverage: None };
        let mut out = Vec::new();
        for format in Format::ALL {
            output::write(format, show, Style { color: false, unicode: true, width: 100 }, &mut out).unwrap();
        }
        out
    }

    /// Its files as text, for a message.
    pub fn shown(&self) -> String {
        self.files.iter().fold(String::new(), |shown, (path, text)| format!("{shown}-- {} --\n{text}", path.display()))
    }
}

/// Every case.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for rule in RuleSet::embedded().rules() {
        for example in rule.examples() {
            for case in examples::cases(&rule.id, &example) {
                cases.push(Case { name: format!("{}: {}", rule.id, case.name), files: case.files.into_iter().collect() });
            }
        }
    }
    for folder in ["links", "twins"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let files: BTreeMap<PathBuf, String> = crate::support::files(&text).1.into_iter().collect();
            if folder.ends_with("twins") {
                // Each twin alone: in one run they would name each other.
                let (terraform, template) =
                    files.into_iter().partition(|(path, _)| path.extension().is_some_and(|extension| extension == "tf"));
                cases.push(Case { name: format!("{name} (terraform)"), files: terraform });
                cases.push(Case { name: format!("{name} (cloudformation)"), files: template });
            } else {
                cases.push(Case { name, files });
            }
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}
