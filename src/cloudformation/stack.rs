//! One instance of a template: its parameters have values, its loops are unrolled, its conditions are decided once.
//!
//! Everything else is evaluated when asked (`evaluate`). A stack knows its parent only through the values that it was given.

use super::environment::Environment;
use super::expression::Expr;
use super::parameter::Parameter;
use super::sam;
use super::template::Template;
use super::world::World;
use crate::source::{FileId, Span};
use crate::table::IndexMap;
use crate::value::{Cause, CauseKind, Truth, Type, Unknown, Value};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Most modules that are looked through for the owner of a name.
const MAX_MODULES: usize = 1_000;

/// A truth with the reasons for which it is not known.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The truth.
    pub truth: Truth,
    /// Empty unless the truth is unknown.
    pub causes: Vec<Cause>,
}

impl Verdict {
    /// Something that is surely so.
    pub const TRUE: Self = Self { truth: Truth::True, causes: Vec::new() };

    /// A truth with the causes that matter if it is unknown.
    pub fn new(truth: Truth, causes: Vec<Cause>) -> Self {
        // An unknown keeps its causes few and in order, however many conditions they came through.
        Self { truth, causes: if truth.is_unknown() { Unknown::new(Type::Bool, causes).causes } else { Vec::new() } }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let causes = self.causes.into_iter().chain(other.causes).collect();
        Self::new(self.truth.and(other.truth), causes)
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let causes = self.causes.into_iter().chain(other.causes).collect();
        Self::new(self.truth.or(other.truth), causes)
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { truth: !self.truth, causes: self.causes }
    }
}

/// An entry of a section after its loops are unrolled.
#[derive(Clone, Debug)]
pub struct Entry<'t> {
    /// Where its name stands.
    pub span: Span,
    /// What it is.
    pub body: Expr<'t>,
    /// Why it is not known whether it is there: a loop over something unknown. Empty when it surely is.
    pub causes: Vec<Cause>,
}

impl<'t> Entry<'t> {
    /// The type of a resource; empty where it has none.
    pub fn type_name(&self) -> &'t str {
        self.body.get("Type").and_then(Expr::text).map_or("", AsRef::as_ref)
    }
}

/// A section: names and bodies, in source order.
pub type Section<'t> = IndexMap<Arc<str>, Entry<'t>>;

/// A condition's state: being decided, or decided.
pub enum Decision {
    /// Asked for while it is being decided, it depends on itself.
    Pending,
    /// Decided.
    Done(Verdict),
}

/// A nested stack's state.
pub enum Nested<'t> {
    /// Asked for while its parameters are evaluated, it depends on itself.
    Pending,
    /// Made, or not there to be read.
    Done(Option<Rc<Stack<'t>>>),
}

/// The first and second key of a cell.
pub type Keys = (Arc<str>, Arc<str>);

/// A mapping of `Mappings`, indexed so that many lookups in a large one stay cheap.
#[derive(Default)]
pub struct Table<'t> {
    /// What stands under two keys.
    pub cells: BTreeMap<Keys, Expr<'t>>,
    /// How many first keys there are.
    pub rows: usize,
    /// What lookups gave.
    pub found: RefCell<BTreeMap<Keys, Value>>,
    /// What lookups gave of which only the second key is known.
    pub of_column: RefCell<BTreeMap<Arc<str>, Value>>,
}

/// The state of a variable of the Serverless Framework.
pub enum Variable {
    /// Asked for while it is being resolved, it depends on itself.
    Pending,
    /// Resolved.
    Done(Value),
}

/// One instance of a template.
pub struct Stack<'t> {
    /// What all stacks share.
    pub world: Rc<World<'t>>,
    /// What it is an instance of.
    pub template: Template<'t>,
    /// The address of the resource that makes it: empty for the root, `Nested` or `Outer/Inner` below.
    pub address: Arc<str>,
    /// How many stacks are above it.
    pub level: usize,
    /// The files of its template and of those above it.
    pub ancestors: Vec<FileId>,
    /// Which stack's account and Region it has: `stack` for the root and what is nested in it.
    pub provider: Arc<str>,
    /// Its pseudo-parameters.
    pub environment: Environment,
    /// Its parameters as declared.
    pub parameters: IndexMap<Arc<str>, Parameter<'t>>,
    /// Their values.
    pub values: BTreeMap<Arc<str>, Value>,
    /// `Mappings`.
    pub mappings: Section<'t>,
    /// `Conditions`.
    pub conditions: Section<'t>,
    /// `Resources`.
    pub resources: Section<'t>,
    /// `Outputs`.
    pub outputs: Section<'t>,
    of_formica: OnceCell<bool>,
    modules: OnceCell<Vec<Arc<str>>>,
    pub(super) decisions: RefCell<BTreeMap<Arc<str>, Decision>>,
    pub(super) nested: RefCell<BTreeMap<Arc<str>, Nested<'t>>>,
    /// Outputs that were asked for, so that stacks that hand values up evaluate each once.
    pub(super) handed_up: RefCell<BTreeMap<Arc<str>, Value>>,
    /// Mappings that were asked for, by their keys.
    pub(super) tables: RefCell<BTreeMap<Arc<str>, Rc<Table<'t>>>>,
    /// Variables of the Serverless Framework that were asked for.
    pub(super) variables: RefCell<BTreeMap<Arc<str>, Variable>>,
    /// Identifiers of loops over something unknown.
    pub(super) identifiers: RefCell<BTreeMap<Arc<str>, Value>>,
}

/// Where a stack stands among the others.
pub struct Place {
    /// Its address.
    pub address: Arc<str>,
    /// How many stacks are above it.
    pub level: usize,
    /// The files of the templates above it.
    pub ancestors: Vec<FileId>,
    /// Whose account and Region it has.
    pub provider: Arc<str>,
}

impl Place {
    /// The root's.
    pub fn root() -> Self {
        Self { address: Arc::from(""), level: 0, ancestors: Vec::new(), provider: Arc::from("stack") }
    }
}

impl<'t> Stack<'t> {
    /// Makes a stack of a template. `given` holds the values of parameters that are given any; they are checked here.
    pub fn new(
        world: Rc<World<'t>>,
        template: Template<'t>,
        place: Place,
        environment: Environment,
        given: impl Fn(&Parameter<'t>) -> Option<(Value, Span)>,
    ) -> Self {
        let mut ancestors = place.ancestors;
        ancestors.push(template.file);
        let mut stack = Self {
            world,
            template,
            address: place.address,
            level: place.level,
            ancestors,
            provider: place.provider,
            environment,
            parameters: IndexMap::default(),
            values: BTreeMap::new(),
            mappings: Section::default(),
            conditions: Section::default(),
            resources: Section::default(),
            outputs: Section::default(),
            of_formica: OnceCell::new(),
            modules: OnceCell::new(),
            decisions: RefCell::default(),
            nested: RefCell::default(),
            handed_up: RefCell::default(),
            tables: RefCell::default(),
            variables: RefCell::default(),
            identifiers: RefCell::default(),
        };
        stack.include_roots();
        for (name, entry) in stack.section("Parameters") {
            let parameter = Parameter::read(Arc::clone(&name), entry.span, entry.body);
            let value = match given(&parameter) {
                Some((value, span)) => parameter.accept(value, span, &stack.world),
                None => parameter.missing(&stack.world, &stack.address_of(&name)),
            };
            stack.values.insert(Arc::clone(&name), value);
            stack.parameters.insert(name, parameter);
        }
        stack.mappings = stack.section("Mappings");
        stack.conditions = stack.section("Conditions");
        stack.resources = stack.section("Resources");
        if stack.template.is_sam() {
            sam::expand(&mut stack);
        }
        stack.outputs = stack.section("Outputs");
        stack
    }

    /// The address of a name in this stack: `Bucket`, `Nested/Bucket`.
    pub fn address_of(&self, name: &str) -> Arc<str> {
        if self.address.is_empty() { Arc::from(name) } else { Arc::from(format!("{}/{name}", self.address)) }
    }

    /// A section with its loops unrolled and its includes read.
    fn section(&mut self, name: &str) -> Section<'t> {
        let mut section = Section::default();
        for root in self.template.sections(name) {
            let root = self.serverless_file(root).unwrap_or(root);
            if root.pairs().is_none() && !root.is_empty() {
                self.world.invalid(root.span(), format!("section `{name}` must be a mapping"));
            }
            let mut unlisted = Vec::new();
            for (key, entry) in self.expand(root, &mut unlisted) {
                // The last of two equal names counts, as in every mapping.
                section.insert(key, entry);
            }
            self.template.add_transforms(unlisted.into_iter().map(|cause| cause.name));
        }
        section
    }

    /// Whether a resource or output exists, as far as this stack decides it.
    pub fn exists(&self, entry: &Entry<'t>) -> Verdict {
        let there = match entry.causes.as_slice() {
            [] => Verdict::TRUE,
            causes => Verdict::new(Truth::Unknown, causes.to_vec()),
        };
        match entry.body.get("Condition") {
            Some(condition) => there.and(self.named_condition(condition)),
            None => there,
        }
    }

    fn named_condition(&self, condition: Expr<'t>) -> Verdict {
        match condition.text() {
            Some(name) => self.condition(name, condition.span()),
            None => self.condition_of(condition),
        }
    }

    /// Decides a condition by its name, once.
    pub fn condition(&self, name: &str, span: Span) -> Verdict {
        match self.decisions.borrow().get(name) {
            Some(Decision::Done(verdict)) => return verdict.clone(),
            Some(Decision::Pending) => return self.invalid(span, format!("circular dependency: condition `{name}` depends on itself")),
            None => {}
        }
        let Some((name, entry)) = self.conditions.get_key_value(name) else {
            if let Some(cause) = self.may_have(span) {
                return Verdict::new(Truth::Unknown, vec![cause]);
            }
            let message = format!("unresolved condition dependency `{name}`");
            self.world.refuse(span, message.as_str());
            return Verdict::new(Truth::Unknown, vec![Cause::new(CauseKind::Invalid, message, Some(span))]);
        };
        self.decisions.borrow_mut().insert(Arc::clone(name), Decision::Pending);
        let verdict = self.condition_of(entry.body);
        self.decisions.borrow_mut().insert(Arc::clone(name), Decision::Done(verdict.clone()));
        verdict
    }

    /// Why a name may be there that is nowhere in the template: a macro, another tool, a text that could not be read.
    pub fn may_have(&self, span: Span) -> Option<Cause> {
        if let Some(name) = self.template.macro_name() {
            return Some(Cause::new(CauseKind::Macro, Arc::clone(name), Some(span)));
        }
        // Formica makes one template of all that lie in a directory with its configuration.
        let of_formica = || {
            let names = ["stack.config.yaml", "stack.config.yml", "stack-set.config.yaml", "stack-set.config.yml"];
            let is_there = |name: &str| self.world.context.fs.kind(&self.world.beside(self.template.file, name)).is_some();
            names.into_iter().any(is_there)
        };
        self.of_formica.get_or_init(of_formica).then(|| Cause::new(CauseKind::Macro, "formica", Some(span)))
    }

    /// A module (`X::Y::Z::MODULE`) of which a name can be a part: the names of its resources begin with its own.
    pub fn module_of(&self, name: &str) -> Option<&'t str> {
        let modules = self.modules.get_or_init(|| {
            let is_module = |entry: &Entry<'t>| entry.type_name().ends_with("::MODULE");
            self.resources.iter().filter(|(_, entry)| is_module(entry)).map(|(id, _)| Arc::clone(id)).collect()
        });
        let of_first = modules.iter().take(MAX_MODULES).find(|id| name.starts_with(id.as_ref()));
        // Of too many, any may be the one.
        let id = of_first.or_else(|| modules.get(MAX_MODULES))?;
        self.resources.get(id).map(Entry::type_name)
    }

    fn invalid(&self, span: Span, message: String) -> Verdict {
        Verdict::new(Truth::Unknown, self.world.invalid(span, message).causes())
    }
}
