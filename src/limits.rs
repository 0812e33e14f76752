//! The bounds of a run by their names: what each counts, how much of it is looked at, and how that is changed.
//!
//! A limit keeps a stranger's input from taking the machine. What is here can be set for a run; what the stack bounds (levels of
//! nesting) or what is the size of one value stands as a constant beside the code that keeps to it. It does not know who may set
//! what: that is the command line's.

use std::fmt;

/// One bound of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Limit {
    /// Bytes of a file that is read.
    FileBytes,
    /// Names, values and lines of a file of more than 1 MiB.
    FileParts,
    /// Names, values and lines of the files of a run, for each 50 MB of text.
    Parts,
    /// Files in which a run looks for projects, for each 50 MB of text.
    Files,
    /// Nodes that aliases copy in a YAML file.
    AliasNodes,
    /// Evaluation steps of a root module.
    ModuleSteps,
    /// Bytes of text that the templates and functions of a root module make.
    ModuleText,
    /// Elements of collections that the expressions of a root module make.
    ModuleElements,
    /// Instances of a resource, call or block that are looked at one by one.
    Instances,
    /// Module instances of a root module.
    Modules,
    /// Resource instances of a root module.
    Declarations,
    /// Evaluation steps of a template.
    TemplateSteps,
    /// Bytes of text that the functions of a template make.
    TemplateText,
    /// Elements of collections that the expressions of a template make.
    TemplateElements,
    /// Nodes that the loops, globals and aliases of a template and its includes copy.
    LoopNodes,
    /// Files that are read for a template.
    TemplateFiles,
    /// Includes that are followed for a template.
    Includes,
    /// Nested stacks of a template.
    Stacks,
    /// Statements of a policy.
    PolicyStatements,
    /// Pairs of a name that is not known and a resource that it may mean.
    PossiblePairs,
    /// Names of other resources that are linked, for each 50 MB of text; then as many again, in shares for the projects.
    Links,
    /// Elements that a rule looks at, in shares for its subjects.
    RuleSteps,
    /// Assignments that are tried for one set of inputs.
    Scenarios,
    /// Sets of inputs that are tried in one project.
    ScenarioInputs,
    /// Values of one input that are tried.
    ScenarioValues,
    /// Rounds in which what hangs together under one assignment is looked for.
    ScenarioRounds,
    /// Projects that are looked at together under one assignment.
    ScenarioProjects,
    /// Findings of a file for which fixes are worked out.
    Fixes,
    /// Bytes of files that are looked over for fixes, one's each time, for each 50 MB of text.
    FixText,
    /// Findings of a rule that are told, for each 50 MB of text.
    Findings,
    /// Resource instances of a run, for each 50 MB of text.
    Resources,
    /// Evaluation steps of all projects of a run, for each 50 MB of text.
    Steps,
    /// Bytes of text that all projects of a run make, for each 50 MB of text.
    Text,
    /// Elements of collections that all projects of a run make, for each 50 MB of text.
    Elements,
    /// Errors and warnings of a project that are told.
    Problems,
}

/// What is said of a limit: its name, its default, what it counts.
type Row = (Limit, &'static str, u64, &'static str);

/// Every limit, in the order of the variants.
const TABLE: [Row; 35] = [
    (Limit::FileBytes, "file-bytes", 64 << 20, "bytes of a file that is read"),
    (Limit::FileParts, "file-parts", 500_000, "names, values and lines of a file of more than 1 MiB"),
    (Limit::Parts, "parts", 8_000_000, "names, values and lines of the files of a run, for each 50 MB of text"),
    (Limit::Files, "files", 100_000, "files in which a run looks for projects, for each 50 MB of text"),
    (Limit::AliasNodes, "alias-nodes", 500_000, "nodes that aliases copy in a YAML file"),
    (Limit::ModuleSteps, "module-steps", 20_000_000, "evaluation steps of a root module"),
    (Limit::ModuleText, "module-text", 16 << 20, "bytes of text that the templates and functions of a root module make"),
    (Limit::ModuleElements, "module-elements", 1_000_000, "elements of collections that the expressions of a root module make"),
    (Limit::Instances, "instances", 4_096, "instances of a resource, call or block that are looked at one by one"),
    (Limit::Modules, "modules", 5_000, "module instances of a root module"),
    (Limit::Declarations, "declarations", 100_000, "resource instances of a root module"),
    (Limit::TemplateSteps, "template-steps", 10_000_000, "evaluation steps of a template"),
    (Limit::TemplateText, "template-text", 16 << 20, "bytes of text that the functions of a template make"),
    (Limit::TemplateElements, "template-elements", 1_000_000, "elements of collections that the expressions of a template make"),
    (Limit::LoopNodes, "loop-nodes", 1_000_000, "nodes that the loops, globals and aliases of a template and its includes copy"),
    (Limit::TemplateFiles, "template-files", 1_000, "files that are read for a template"),
    (Limit::Includes, "includes", 1_000, "includes that are followed for a template"),
    (Limit::Stacks, "stacks", 500, "nested stacks of a template"),
    (Limit::PolicyStatements, "policy-statements", 2_000, "statements of a policy"),
    (Limit::PossiblePairs, "possible-pairs", 100_000, "pairs of a name that is not known and a resource that it may mean"),
    (
        Limit::Links,
        "links",
        200_000,
        "names of other resources that are linked, for each 50 MB of text; beyond it projects get equal shares of as many again",
    ),
    (
        Limit::RuleSteps,
        "rule-steps",
        4_000_000,
        "elements that a rule looks at, in equal shares for its subjects, or 1,000 for each if that is more",
    ),
    (Limit::Scenarios, "scenarios", 64, "assignments that are tried for one set of inputs"),
    (Limit::ScenarioInputs, "scenario-inputs", 8, "sets of inputs that are tried in one project"),
    (Limit::ScenarioValues, "scenario-values", 16, "values of one input that are tried"),
    (Limit::ScenarioRounds, "scenario-rounds", 16, "rounds in which what hangs together under one assignment is looked for"),
    (Limit::ScenarioProjects, "scenario-projects", 64, "projects that are looked at together under one assignment"),
    (Limit::Fixes, "fixes", 1_000, "findings of a file for which fixes are worked out"),
    (Limit::FixText, "fix-text", 64 << 20, "bytes of files that are looked over for fixes, once for each, for each 50 MB of text"),
    (Limit::Findings, "findings", 10_000, "findings of a rule that are told, for each 50 MB of text; more are counted"),
    (Limit::Resources, "resources", 100_000, "resource instances of a run, for each 50 MB of text"),
    (Limit::Steps, "steps", 100_000_000, "evaluation steps of a run, for each 50 MB of text"),
    (Limit::Text, "text", 64 << 20, "bytes of text that the templates and functions of a run make, for each 50 MB of text"),
    (Limit::Elements, "elements", 2_000_000, "elements of collections that the expressions of a run make, for each 50 MB of text"),
    (Limit::Problems, "problems", 500, "errors and warnings of a project that are told"),
];

impl Limit {
    /// Every limit.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(limit, ..)| *limit)
    }

    /// The limit of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|limit| limit.name() == name)
    }

    const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// Its name in options, the config file and diagnostics.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it is where nobody says otherwise.
    pub const fn default(self) -> u64 {
        self.row().2
    }

    /// What it counts.
    pub fn what(self) -> &'static str {
        self.row().3
    }

    /// What is met, with the limit's name behind it: as a cause of what is not known.
    pub fn named(self, what: &str) -> String {
        format!("{what} (`{self}`)")
    }

    /// The limit whose name stands in a text as [`Limit::named`] puts it there.
    pub fn in_text(text: &str) -> Option<Self> {
        Self::from_name(text.strip_suffix("`)")?.rsplit_once("(`")?.1)
    }

    /// What a diagnostic says of it when it is met.
    pub fn help(self) -> String {
        format!("this is the limit `{}`: `--limit {0}=NUMBER` raises it, for code that you trust", self.name())
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The bytes of text that limits of a whole run are for.
const OF_TEXT: u128 = 50_000_000;

/// How much of everything a run looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits([u64; TABLE.len()]);

impl Default for Limits {
    fn default() -> Self {
        Self(TABLE.map(|(_, _, default, _)| default))
    }
}

impl Limits {
    /// A limit as a number of bytes or the like.
    pub fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The limits of a run over so many bytes of text: what a run holds may grow with what it was given.
    #[must_use]
    pub fn over(mut self, text: usize) -> Self {
        let text = u128::try_from(text).unwrap_or(u128::MAX).max(OF_TEXT);
        let of_run = [
            Limit::Parts,
            Limit::Files,
            Limit::Links,
            Limit::FixText,
            Limit::Findings,
            Limit::Resources,
            Limit::Steps,
            Limit::Text,
            Limit::Elements,
        ];
        for limit in of_run {
            let of_each = &mut self.0[limit as usize];
            *of_each = u64::try_from(u128::from(*of_each).saturating_mul(text) / OF_TEXT).unwrap_or(u64::MAX);
        }
        self
    }

    /// A limit as a number of things in memory.
    pub fn count(&self, limit: Limit) -> usize {
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// Sets a limit.
    pub fn set(&mut self, limit: Limit, value: u64) {
        self.0[limit as usize] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_stands_in_its_own_row() {
        for (at, (limit, name, default, what)) in TABLE.iter().enumerate() {
            assert_eq!(*limit as usize, at, "{name}");
            assert!(*default > 0 && !what.is_empty());
            assert_eq!(Limit::from_name(name), Some(*limit));
            assert!(name.chars().all(|symbol| symbol.is_ascii_lowercase() || symbol == '-'), "{name}");
        }
        assert_eq!(Limit::from_name("file_bytes"), None);
        assert_eq!(Limit::in_text(&Limit::Stacks.named("more than (`a`) few")), Some(Limit::Stacks));
        assert_eq!(Limit::in_text("more than 32 steps along `stacks`"), None);
    }
}
