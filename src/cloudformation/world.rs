//! What all stacks of one lowering share: the project, the files read, the problems found, and the limits.
//!
//! It knows no function of CloudFormation. Everything that an input could multiply is counted here against a named limit.

use super::arena::Arena;
use super::expression::Expr;
use super::text;
use crate::diagnostic::{Diagnostic, Problems, counted};
use crate::limits::Limit;
use crate::project::{Context, Project};
use crate::source::{FileId, Span};
use crate::syntax::NodeFile;
use crate::syntax::node::Node;
use crate::value::{Cause, CauseKind, Piece, Taken, Type, Unknown, Value};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most levels of functions, maps, lists and conditions inside each other. Real templates stay under 40.
pub const MAX_DEPTH: usize = 120;

/// Most levels of nested stacks.
pub const MAX_NESTING: usize = 12;

/// Most items of a list that is made by splitting text.
pub const MAX_ITEMS: usize = 100_000;

/// What evaluation is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// To find out what can be said of every deployment: an input without a value is unknown.
    Analyze,
    /// To say what one deployment would make (`eval --dump`): a parameter without a value is an error, and names that follow from
    /// properties stand in the place of references.
    Simulate,
}

/// Trees that live as long as a lowering.
#[derive(Debug, Default)]
pub struct Trees {
    files: Arena<Arc<NodeFile>>,
    made: Arena<Node>,
}

/// What all stacks of one lowering share.
pub struct World<'t> {
    /// The project.
    pub project: &'t Project,
    /// What the frontend was given.
    pub context: &'t Context<'t>,
    /// What evaluation is for.
    pub mode: Mode,
    /// An input that is unknown whatever is said of it: the one whose candidates are looked for.
    pub open: Option<&'t str>,
    trees: &'t Trees,
    diagnostics: RefCell<Problems>,
    files: RefCell<BTreeMap<FileId, &'t [Node]>>,
    depth: Cell<usize>,
    steps: Cell<usize>,
    includes: Cell<usize>,
    out_of_steps: OnceCell<Span>,
    made_text: Cell<usize>,
    out_of_text: OnceCell<Span>,
    elements: Cell<usize>,
    out_of_elements: OnceCell<Span>,
    guesses: Cell<usize>,
    copied: Cell<usize>,
    stacks: Cell<usize>,
    /// Whether a parameter was asked for that has no value.
    pub lacks_parameters: Cell<bool>,
}

impl<'t> World<'t> {
    /// A world without anything in it.
    pub fn new(project: &'t Project, context: &'t Context<'t>, mode: Mode, trees: &'t Trees) -> Self {
        Self {
            project,
            context,
            mode,
            open: None,
            trees,
            diagnostics: RefCell::new(Problems::within(&context.inputs.limits)),
            files: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            includes: Cell::new(0),
            out_of_steps: OnceCell::new(),
            made_text: Cell::new(0),
            out_of_text: OnceCell::new(),
            elements: Cell::new(0),
            out_of_elements: OnceCell::new(),
            guesses: Cell::new(0),
            copied: Cell::new(0),
            stacks: Cell::new(0),
            lacks_parameters: Cell::new(false),
        }
    }

    /// The same with an input that is unknown whatever is said of it.
    #[must_use]
    pub fn with_open(mut self, input: &'t str) -> Self {
        self.open = Some(input);
        self
    }

    /// The problems found, in the order in which they were met, and how many files were read.
    pub fn finish(&self) -> (Vec<Diagnostic>, usize) {
        (self.diagnostics.borrow_mut().take(), self.files.borrow().len())
    }

    /// Reports a problem, once.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().add(diagnostic);
    }

    /// Reports what CloudFormation would refuse, unless it stands where it may never be evaluated; gives the unknown that stands in for it.
    pub fn invalid(&self, span: Span, message: impl Into<String>) -> Value {
        let message = message.into();
        if self.guesses.get() == 0 {
            self.report(Diagnostic::error("invalid-template", span, message.clone()));
        }
        unknown(CauseKind::Invalid, message, Some(span))
    }

    /// Reports what CloudFormation would refuse wherever it stands, evaluated or not: a name that nothing has.
    pub fn refuse(&self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error("invalid-template", span, message));
    }

    /// Reports a limit that is a constant; gives the unknown that stands in for what lies past it.
    pub fn limit(&self, span: Span, message: impl Into<String>) -> Value {
        let message = message.into();
        self.report(Diagnostic::error("limit-reached", span, message.clone()));
        unknown(CauseKind::Limit, message, Some(span))
    }

    /// The same of a limit that can be set.
    fn reached(&self, limit: Limit, span: Span, message: String) -> Value {
        let cause = limit.named(&message);
        self.report(Diagnostic::error("limit-reached", span, message).with_help(limit.help()));
        unknown(CauseKind::Limit, cause, Some(span))
    }

    /// Evaluates what may turn out not to be used at all: errors in it are not errors yet.
    pub fn guess<T>(&self, evaluate: impl FnOnce() -> T) -> T {
        self.guesses.set(self.guesses.get() + 1);
        let result = evaluate();
        self.guesses.set(self.guesses.get() - 1);
        result
    }

    /// Goes one level deeper, unless that is too deep.
    pub fn deeper<T>(&self, span: Span, evaluate: impl FnOnce() -> T) -> Result<T, Value> {
        if self.depth.get() >= MAX_DEPTH {
            return Err(self.limit(span, format!("more than {MAX_DEPTH} levels of functions, conditions and collections")));
        }
        self.steps.set(self.steps.get() + 1);
        let most = self.most(Limit::TemplateSteps);
        if self.steps.get() > most {
            return Err(self.reached(
                Limit::TemplateSteps,
                self.first_step(span),
                format!("more than {} to evaluate", counted(most, "expression")),
            ));
        }
        self.depth.set(self.depth.get() + 1);
        let result = evaluate();
        self.depth.set(self.depth.get() - 1);
        Ok(result)
    }

    /// The place at which the steps ran out, so that it is reported once.
    fn first_step(&self, span: Span) -> Span {
        *self.out_of_steps.get_or_init(|| span)
    }

    /// A text that a function made, unless functions made too much.
    pub fn made(&self, value: Value, span: Span) -> Value {
        let size: usize = text::pieces_of(&value).iter().map(Piece::size).sum();
        self.made_text.set(self.made_text.get().saturating_add(size));
        let most = self.most(Limit::TemplateText);
        if self.made_text.get() <= most {
            return value;
        }
        let first = *self.out_of_text.get_or_init(|| span);
        self.reached(Limit::TemplateText, first, format!("functions make more than {} of text", counted(most, "byte")))
    }

    /// A collection that was made of so many elements, one with a name as two, unless all that were made are too many.
    pub fn filled(&self, elements: usize, span: Span, collection: impl FnOnce() -> Value) -> Value {
        self.elements.set(self.elements.get().saturating_add(elements));
        let most = self.most(Limit::TemplateElements);
        if self.elements.get() <= most {
            return collection();
        }
        let first = *self.out_of_elements.get_or_init(|| span);
        self.reached(Limit::TemplateElements, first, format!("expressions make collections of more than {}", counted(most, "element")))
    }

    /// What evaluation took. What met a limit was counted, and not made.
    pub fn taken(&self) -> Taken {
        let within = |counted: &Cell<usize>, limit| counted.get().min(self.most(limit)) as u64;
        Taken {
            steps: within(&self.steps, Limit::TemplateSteps),
            text: within(&self.made_text, Limit::TemplateText),
            elements: within(&self.elements, Limit::TemplateElements),
        }
    }

    /// Whether one more include may be followed.
    pub fn may_include(&self, span: Span) -> bool {
        self.includes.set(self.includes.get() + 1);
        self.is_within(Limit::Includes, self.includes.get(), span, |most| format!("more than {}", counted(most, "include")))
    }

    /// Whether a loop, what is said globally, or the aliases of a file may copy so many more nodes.
    pub fn may_copy(&self, nodes: usize, span: Span) -> bool {
        let before = self.copied.get();
        let copied = before.saturating_add(nodes);
        self.copied.set(copied);
        let most = self.most(Limit::LoopNodes);
        if copied > most && before <= most {
            self.reached(Limit::LoopNodes, span, format!("loops, globals and aliases make more than {}", counted(most, "node")));
        }
        copied <= most
    }

    /// Whether one more stack may be made.
    pub fn may_add_stack(&self, depth: usize, span: Span) -> bool {
        if depth > MAX_NESTING {
            self.limit(span, format!("stacks are nested more than {MAX_NESTING} levels deep"));
            return false;
        }
        self.stacks.set(self.stacks.get() + 1);
        self.is_within(Limit::Stacks, self.stacks.get(), span, |most| format!("more than {}", counted(most, "nested stack")))
    }

    /// How much of something is looked at.
    fn most(&self, limit: Limit) -> usize {
        self.context.inputs.limits.count(limit)
    }

    /// Whether a count that grows by one is within a limit; the first that is not is reported.
    fn is_within(&self, limit: Limit, count: usize, span: Span, message: impl FnOnce(usize) -> String) -> bool {
        let most = self.most(limit);
        if count == most.saturating_add(1) {
            self.reached(limit, span, message(most));
        }
        count <= most
    }

    /// Keeps a tree that was made, not read.
    pub fn keep(&self, node: Node) -> &'t Node {
        self.trees.made.keep(node)
    }

    /// The documents of a file, read once.
    pub fn documents(&self, file: FileId) -> &'t [Node] {
        if let Some(documents) = self.files.borrow().get(&file) {
            return documents;
        }
        let parsed = self.context.trees.nodes(self.context.sources, file);
        parsed.diagnostics.iter().for_each(|diagnostic| self.report(diagnostic.clone()));
        let documents: &[Node] = match parsed.documents.first() {
            Some(first) if !self.may_copy(parsed.copied, first.range.at(file)) => &[],
            _ => &self.trees.files.keep(parsed).documents,
        };
        self.files.borrow_mut().insert(file, documents);
        documents
    }

    /// The first document of a file; `None` for a file without any.
    pub fn root(&self, file: FileId) -> Option<Expr<'t>> {
        self.documents(file).first().map(|node| Expr::new(node, file))
    }

    /// A file below the scan root; the error is a reason in words.
    pub fn read(&self, path: &Path) -> Result<FileId, String> {
        let most = self.most(Limit::TemplateFiles);
        if self.files.borrow().len() >= most {
            return Err(format!(
                "is beyond the {} read for one template: `--limit {}=NUMBER` raises that, for code that you trust",
                counted(most, "file"),
                Limit::TemplateFiles
            ));
        }
        let path = self.context.fs.resolve(path).map_err(|error| describe(&error))?;
        match self.context.load(&path) {
            (Some(file), problem) => {
                problem.into_iter().for_each(|problem| self.report(problem));
                Ok(file)
            }
            (None, _) => Err("cannot be read".to_owned()),
        }
    }

    /// The path that a template means by a relative path: seen from its own directory.
    pub fn beside(&self, file: FileId, relative: &str) -> PathBuf {
        let source = self.context.sources.get(file);
        source.path.parent().unwrap_or(Path::new("")).join(relative)
    }
}

fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "leads out of the scan root, or may not be read".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

/// An unknown with one cause.
pub fn unknown(kind: CauseKind, name: impl Into<Arc<str>>, span: Option<Span>) -> Value {
    Unknown::new(Type::Dynamic, vec![Cause::new(kind, name, span)]).into()
}
