//! Following a path through the graph: from a binding over properties and relations to what stands at its end.
//!
//! Where it is not known which of several things stands there, each is kept: exactly one of the alternatives is real. A condition that
//! holds for all of them holds.

use crate::graph::text::{Atom, Text};
use crate::graph::{Graph, Hop, ResourceId, Standing};
use crate::rule::memo::Memo;
use crate::rule::parse::Path;
use crate::rule::steps::Steps;
use crate::rule::unknown;
use crate::rule::words::EVERY_KIND;
use crate::source::Span;
use crate::value::{Cause, CauseKind, ProjectId, Truth, Value, ValueKind};
use std::iter;
use std::rc::Rc;
use std::sync::Arc;

mod property;

/// Most alternatives that are kept for one path.
const MAX_ALTERNATIVES: usize = 32;

/// Most resources of one name that are taken to be meant one by one.
const MAX_MEANT: usize = 64;

/// What a path leads to.
#[derive(Clone, Debug)]
pub enum Item {
    /// A resource.
    Resource(ResourceId),
    /// What a property says, or a part of it.
    Value {
        /// The value.
        value: Value,
        /// Whose property it is.
        owner: ResourceId,
        /// The property, and the way inside it, in the catalog's words: as far as what stands there may name resources.
        at: Arc<str>,
    },
    /// A text of which only the graph knows: a name, an ARN, a Region.
    Text(Text),
    /// Whether something is so.
    Truth(Truth),
    /// Several things.
    List(Vec<Element>, Vec<Cause>),
    /// Nothing: it is provably not set.
    Absent,
    /// It is not known what.
    Unknown(Vec<Cause>),
}

/// One of several things.
#[derive(Clone, Debug)]
pub struct Element {
    /// The thing.
    pub item: Item,
    /// Whether it is one of them.
    pub certainty: Truth,
    /// Why that is not known.
    pub causes: Vec<Cause>,
    /// What shows that it is.
    pub hops: Vec<Hop>,
}

/// One possibility of what stands at the end of a path.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// What stands there.
    pub item: Item,
    /// Why it may be another one.
    pub causes: Vec<Cause>,
    /// The way to it.
    pub hops: Vec<Hop>,
    /// Its own place.
    pub span: Option<Span>,
}

impl Alternative {
    fn of(item: Item) -> Self {
        Self { item, causes: Vec::new(), hops: Vec::new(), span: None }
    }

    fn unknown(causes: Vec<Cause>) -> Self {
        Self::of(Item::Unknown(causes))
    }
}

/// What is wanted of an evaluation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Wanted {
    /// Whether something holds.
    Truth,
    /// And what shows it, or why it is not known.
    Proof,
}

/// What names mean while a rule is evaluated.
#[derive(Clone)]
pub struct Scope<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// Counts that are the same for several subjects.
    pub memo: &'g Memo,
    /// The subject.
    pub subject: ResourceId,
    /// The name that was bound last, and those before it.
    bound: Option<Rc<Binding>>,
    /// What is wanted of an evaluation.
    pub wanted: Wanted,
    /// How much may be looked at.
    pub steps: &'g Steps,
}

/// A name and what it means, after those that were bound before it.
#[derive(Debug)]
struct Binding {
    name: Arc<str>,
    meant: Alternative,
    before: Option<Rc<Binding>>,
}

/// Whether a step asks for what every resource has.
pub fn is_own_word(step: &str) -> bool {
    EVERY_KIND.contains(&step)
}

impl<'g> Scope<'g> {
    /// A scope in which only the subject has a name.
    pub fn new(graph: &'g Graph, memo: &'g Memo, subject: ResourceId, steps: &'g Steps) -> Self {
        Self { graph, memo, subject, bound: None, wanted: Wanted::Proof, steps }
    }

    /// The same with another share of what may be looked at.
    #[must_use]
    pub fn stepping<'s>(&self, steps: &'s Steps) -> Scope<'s>
    where
        'g: 's,
    {
        Scope { steps, ..self.clone() }
    }

    /// The same for whoever wants this of an evaluation.
    #[must_use]
    pub fn wanting(self, wanted: Wanted) -> Self {
        Self { wanted, ..self }
    }

    /// The same with one more name.
    #[must_use]
    pub fn with(&self, name: &Arc<str>, meant: Alternative) -> Self {
        let bound = Some(Rc::new(Binding { name: Arc::clone(name), meant, before: self.bound.clone() }));
        Self { bound, ..self.clone() }
    }

    /// What a name was bound to.
    pub fn meant(&self, name: &str) -> Option<&Alternative> {
        self.latest_first().find(|binding| &*binding.name == name).map(|binding| &binding.meant)
    }

    /// What names were bound to, the first first.
    pub fn bound(&self) -> Vec<&Alternative> {
        let mut bound: Vec<_> = self.latest_first().map(|binding| &binding.meant).collect();
        bound.reverse();
        bound
    }

    /// Whether a path leads to what every resource has, of one resource: to one thing, and always.
    pub fn is_own_word_of_one(&self, path: &Path) -> bool {
        match &*path.0 {
            [word] => self.meant(word).is_none() && is_own_word(word),
            [first, word] if is_own_word(word) => match self.meant(first) {
                Some(meant) => matches!(meant.item, Item::Resource(_)),
                None => &**first == "subject",
            },
            _ => false,
        }
    }

    fn latest_first(&self) -> impl Iterator<Item = &Binding> {
        iter::successors(self.bound.as_deref(), |binding| binding.before.as_deref())
    }

    /// What a path leads to.
    pub fn walk(&self, path: &Path) -> Vec<Alternative> {
        let (first, rest) = path.0.split_first().expect("a path has a step");
        let (start, rest) = match self.meant(first) {
            // The way to what is bound was told when it was bound.
            Some(meant) => (Alternative { span: meant.span, ..Alternative::of(meant.item.clone()) }, rest),
            None if &**first == "subject" => (self.itself(self.subject), rest),
            None => (self.itself(self.subject), &path.0[..]),
        };
        let Some((first, rest)) = rest.split_first() else { return vec![start] };
        // Most steps lead to one thing.
        let mut alternatives = Vec::with_capacity(1);
        self.step(start, first, &mut alternatives);
        for step in rest {
            if alternatives.len() > MAX_ALTERNATIVES {
                break;
            }
            let before = std::mem::replace(&mut alternatives, Vec::with_capacity(1));
            before.into_iter().for_each(|alternative| self.step(alternative, step, &mut alternatives));
        }
        if alternatives.len() > MAX_ALTERNATIVES {
            let cause = Cause::new(CauseKind::Limit, format!("more than {MAX_ALTERNATIVES} possibilities for {path}"), None);
            return vec![Alternative::unknown(vec![cause])];
        }
        alternatives
    }

    /// What a path leads to, as resources: a value that names some is resolved.
    pub fn resources(&self, path: &Path) -> Vec<Alternative> {
        let mut alternatives = self.walk(path);
        let names = |alternative: &Alternative| matches!(&alternative.item, Item::Value { owner, at, .. } if self.names_a_kind(*owner, at));
        if alternatives.iter().any(names) {
            alternatives = alternatives.into_iter().flat_map(|alternative| self.resolved(alternative)).collect();
        }
        alternatives
    }

    fn itself(&self, id: ResourceId) -> Alternative {
        Alternative { span: self.graph.resource(id).span, ..Alternative::of(Item::Resource(id)) }
    }

    fn step(&self, from: Alternative, step: &Arc<str>, into: &mut Vec<Alternative>) {
        match &from.item {
            Item::Resource(id) => {
                let id = *id;
                self.property(id, step, from, into);
            }
            Item::Value { value, owner, at } => {
                if self.names_a_kind(*owner, at) {
                    return self.resolved(from).into_iter().for_each(|resolved| self.step(resolved, step, into));
                }
                let (item, own) = self.inside(value, *owner, at, step);
                into.push(Alternative { item, span: own.or(from.span), ..from });
            }
            Item::Absent | Item::Text(_) | Item::Truth(_) => into.push(Alternative { item: Item::Absent, ..from }),
            Item::Unknown(_) => into.push(from),
            Item::List(..) => {
                let cause =
                    Cause::new(CauseKind::Unsupported, format!("a path through a list, at `{step}`: `some` and `every` look inside"), None);
                into.push(Alternative::unknown(vec![cause]));
            }
        }
    }

    /// Whether a property names resources.
    pub fn names_a_kind(&self, owner: ResourceId, at: &str) -> bool {
        self.kind_named(owner, at).is_some()
    }

    /// The kind that a property names, if it names any.
    fn kind_named(&self, owner: ResourceId, at: &str) -> Option<&'g Arc<str>> {
        self.graph.kind_of(owner)?.relations.get(at).map(|relation| &relation.to)
    }

    /// The way to a field of what stands at a way. Below that no resource may be named: then it needs no name of its own.
    fn way_to(&self, owner: ResourceId, at: &Arc<str>, field: &str) -> Arc<str> {
        let is_below = |path: &Arc<str>| path.strip_prefix(&**at).is_some_and(|rest| rest.starts_with('.'));
        let named_below = self.graph.kind_of(owner).is_some_and(|kind| kind.relations.keys().any(is_below));
        if named_below { Arc::from([at, ".", field].concat()) } else { Arc::clone(at) }
    }

    /// A field of a value, and its own place.
    fn inside(&self, value: &Value, owner: ResourceId, at: &Arc<str>, step: &str) -> (Item, Option<Span>) {
        match &value.kind {
            ValueKind::Unknown(unknown) => (Item::Unknown(unknown.causes.clone()), None),
            _ if value.as_items().is_some() => self.of_key(value, owner, at, step),
            _ => match value.get(step).filter(|field| !field.is_null()) {
                Some(field) => self.field(field, owner, at, step),
                None => (Item::Absent, None),
            },
        }
    }

    /// The value of a key, in a list of objects with `key` and `value`: tags, as CloudFormation writes them.
    fn of_key(&self, list: &Value, owner: ResourceId, at: &Arc<str>, step: &str) -> (Item, Option<Span>) {
        let mut causes = Vec::new();
        for item in list.as_items().unwrap_or_default() {
            let key = item.get("key");
            if key.and_then(Value::as_str) == Some(step) {
                return item.get("value").map_or((Item::Absent, None), |value| self.field(value, owner, at, step));
            }
            // It may be this key.
            causes.extend(key.unwrap_or(item).causes());
        }
        (if causes.is_empty() { Item::Absent } else { Item::Unknown(causes) }, None)
    }

    fn field(&self, value: &Value, owner: ResourceId, at: &Arc<str>, step: &str) -> (Item, Option<Span>) {
        (Item::Value { value: value.clone(), owner, at: self.way_to(owner, at, step) }, value.origin.span())
    }

    /// The resources that a value names; anything else as it is.
    pub fn resolved(&self, from: Alternative) -> Vec<Alternative> {
        let Item::Value { value, owner, at } = &from.item else { return vec![from] };
        let Some(kind) = self.kind_named(*owner, at) else { return vec![from] };
        if self.wanted == Wanted::Truth
            && let Some(to) = self.graph.surely_named(*owner, at, value)
        {
            return vec![Alternative { item: Item::Resource(to), hops: Vec::new(), span: self.graph.resource(to).span, ..from }];
        }
        let project = self.graph.resource(*owner).project.unwrap_or(ProjectId(u32::MAX));
        let found = self.graph.resolve(project, value, kind);
        let mut hops = from.hops.clone();
        if self.wanted == Wanted::Proof {
            hops.extend(Graph::history(value));
            hops.extend(found.via);
        }
        let several = found.candidates.len() + usize::from(!found.open.is_empty()) > 1;
        let which = if several { unknown::which(self.graph, &found.candidates, &found.open) } else { Vec::new() };
        let mut out = Vec::new();
        for (id, _) in found.candidates.iter().take(MAX_MEANT) {
            let resource = self.graph.resource(*id);
            if resource.exists.is_false() {
                let cause = Cause::new(CauseKind::Undeclared, format!("`{}` is not created", resource.address), resource.span);
                out.push(Alternative { item: Item::Unknown(vec![cause]), hops: hops.clone(), ..from.clone() });
                continue;
            }
            let causes = from.causes.iter().chain(&which).cloned().collect();
            out.push(Alternative { item: Item::Resource(*id), causes, hops: hops.clone(), span: self.graph.resource(*id).span });
        }
        let more = found.candidates.len() > MAX_MEANT;
        if !found.open.is_empty() || found.unmatched.is_some() || more {
            let mut causes = found.open;
            let too_many = || Cause::new(CauseKind::Limit, format!("more than {MAX_MEANT} {kind}s that may be meant"), value.origin.span());
            causes.extend(more.then(too_many));
            causes.extend(found.unmatched.map(|name| Cause::new(CauseKind::External, name.display(), value.origin.span())));
            out.push(Alternative { item: Item::Unknown(causes), hops, ..from });
        } else if out.is_empty() {
            // It names something, but nothing of this kind.
            out.push(Alternative { item: Item::Absent, hops, ..from });
        }
        out
    }

    /// The elements of what a path leads to, for `some` and `every`. The error is why they are not known.
    pub fn elements(&self, item: Item) -> Result<Vec<Element>, Vec<Cause>> {
        match item {
            Item::List(elements, open) if open.is_empty() => Ok(elements),
            Item::List(mut elements, open) => {
                // One more that may be there, of which nothing is known.
                elements.push(Element { item: Item::Unknown(open.clone()), certainty: Truth::Unknown, causes: open, hops: Vec::new() });
                Ok(elements)
            }
            Item::Absent => Ok(Vec::new()),
            Item::Unknown(causes) => Err(causes),
            Item::Value { value, owner, at } => {
                if let ValueKind::Unknown(unknown) = &value.kind {
                    return Err(unknown.causes.clone());
                }
                let items = value.as_items().unwrap_or(std::slice::from_ref(&value));
                let element = |value: &Value| Element {
                    item: Item::Value { value: value.clone(), owner, at: Arc::clone(&at) },
                    certainty: Truth::True,
                    causes: Vec::new(),
                    hops: Vec::new(),
                };
                Ok(items.iter().filter(|item| !item.is_null()).take(self.affordable()).map(element).collect())
            }
            other => Ok(vec![Element { item: other, certainty: Truth::True, causes: Vec::new(), hops: Vec::new() }]),
        }
    }

    /// How many elements are worth putting together: one more than may be looked at, which says that there are more.
    fn affordable(&self) -> usize {
        usize::try_from(self.steps.left()).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// Something as a text, where it is one.
    pub fn text(&self, item: &Item) -> Option<Text> {
        match item {
            Item::Resource(id) => Some(self.graph.name(*id).clone()),
            Item::Value { value, .. } => Some(self.graph.text(value)),
            Item::Text(text) => Some(text.clone()),
            Item::Truth(truth) => match truth {
                Truth::True => Some(Text::known("true")),
                Truth::False => Some(Text::known("false")),
                Truth::Unknown => None,
            },
            Item::Unknown(causes) => Some(Text::atom(Atom::Opaque, causes.clone())),
            Item::List(..) | Item::Absent => None,
        }
    }

    /// Whether a resource is not declared in code that was read.
    pub fn is_outside(&self, id: ResourceId) -> bool {
        self.graph.resource(id).standing == Standing::Outside
    }
}
