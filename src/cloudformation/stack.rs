//! One instance of a template: its parameters have values, its loops are unrolled, its conditions are decided once.
//!
//! Everything else is evaluated when asked (`evaluate`). A stack knows its parent only through the values that it was given.

use super::environment::Environment;
use super::expression::Expr;
use super::parameter::Parameter;
use super::sam;
use super::template::Template;
use super::world::World;
use crate::source::Span;
use crate::value::{Cause, CauseKind, Truth, Value};
use indexmap::IndexMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

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
        Self { truth, causes: if truth.is_unknown() { causes } else { Vec::new() } }
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
    pub(super) decisions: RefCell<BTreeMap<Arc<str>, Decision>>,
    pub(super) nested: RefCell<BTreeMap<Arc<str>, Nested<'t>>>,
    /// Outputs that were asked for, so that stacks that hand values up evaluate each once.
    pub(super) handed_up: RefCell<BTreeMap<Arc<str>, Value>>,
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
    /// Whose account and Region it has.
    pub provider: Arc<str>,
}

impl Place {
    /// The root's.
    pub fn root() -> Self {
        Self { address: Arc::from(""), level: 0, provider: Arc::from("stack") }
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
        let mut stack = Self {
            world,
            template,
            address: place.address,
            level: place.level,
            provider: place.provider,
            environment,
            parameters: IndexMap::new(),
            values: BTreeMap::new(),
            mappings: Section::new(),
            conditions: Section::new(),
            resources: Section::new(),
            outputs: Section::new(),
            decisions: RefCell::default(),
            nested: RefCell::default(),
            handed_up: RefCell::default(),
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
    fn section(&self, name: &str) -> Section<'t> {
        let mut section = Section::new();
        for root in self.template.sections(name) {
            let root = self.serverless_file(root).unwrap_or(root);
            if root.pairs().is_none() && !root.is_empty() {
                self.world.invalid(root.span(), format!("section `{name}` must be a mapping"));
            }
            let entries = self.expand(root, &mut Vec::new());
            for (key, entry) in entries {
                // The last of two equal names counts, as in every mapping.
                section.insert(key, entry);
            }
        }
        section
    }

    /// The type of a resource; empty where it has none.
    pub fn type_of(&self, entry: &Entry<'t>) -> &'t str {
        entry.body.get("Type").and_then(Expr::text).map_or("", |text| text.as_ref())
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
            if let Some(name) = self.template.macro_name() {
                return Verdict::new(Truth::Unknown, vec![Cause::new(CauseKind::Macro, Arc::clone(name), Some(span))]);
            }
            return self.invalid(span, format!("unresolved condition dependency `{name}`"));
        };
        self.decisions.borrow_mut().insert(Arc::clone(name), Decision::Pending);
        let verdict = self.condition_of(entry.body);
        self.decisions.borrow_mut().insert(Arc::clone(name), Decision::Done(verdict.clone()));
        verdict
    }

    fn invalid(&self, span: Span, message: String) -> Verdict {
        Verdict::new(Truth::Unknown, self.world.invalid(span, message).causes())
    }
}
