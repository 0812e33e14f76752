//! A module as called: its path, its arguments, and what has been evaluated of it so far.

use crate::source::Span;
use crate::table::IndexMap;
use crate::terraform::config::Module;
use crate::terraform::memory::Inputs;
use crate::terraform::narrow::{Part, Way};
use crate::value::{Address, Cause, Truth, Value};
use std::cell::{OnceCell, RefCell};
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

/// What `count` or `for_each` says for one instance.
#[derive(Clone, Debug)]
pub enum Repetition {
    /// Neither.
    None,
    /// `count.index`.
    Count(Value),
    /// `each.key` and `each.value`.
    Each(Value, Value),
}

/// The key of an instance in an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InstanceKey {
    /// No `count`, no `for_each`.
    None,
    /// `[0]`.
    Index(u64),
    /// `["a"]`.
    Key(Arc<str>),
    /// `[*]`: any key of a `for_each` whose keys are not known.
    Any,
    /// `[?]`: one of them, and it is not known which.
    Some,
}

impl InstanceKey {
    /// As it is written after an address.
    pub fn suffix(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::None => {}
            Self::Index(index) => {
                let _ = write!(out, "[{index}]");
            }
            Self::Key(key) => {
                out.push('[');
                write_quoted(key, out);
                out.push(']');
            }
            Self::Any => out.push_str("[*]"),
            Self::Some => out.push_str("[?]"),
        }
    }
}

/// The address of an instance, from that of its block.
pub fn keyed(block: &Arc<str>, key: &InstanceKey) -> Arc<str> {
    if *key == InstanceKey::None {
        return Arc::clone(block);
    }
    let mut address = String::with_capacity(block.len() + if let InstanceKey::Key(key) = key { key.len() + 4 } else { 8 });
    address.push_str(block);
    key.write(&mut address);
    address.into()
}

/// Writes a string as HCL does in an address.
fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    if text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | b'\t')) {
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c => out.push(c),
            }
        }
    } else {
        out.push_str(text);
    }
    out.push('"');
}

/// The instances of a resource or module call.
#[derive(Debug)]
pub struct Expansion {
    /// How it is repeated.
    pub shape: Shape,
    /// The instances: all of them, or, if the set is not known, the one that stands for any.
    pub instances: Vec<(InstanceKey, Repetition)>,
    /// Of a resource: the addresses of its instances.
    pub addresses: Vec<Arc<str>>,
    /// Whether they exist: unknown if the set is not known.
    pub exists: Truth,
    /// Why that is not known.
    pub causes: Vec<Cause>,
    /// All of a resource's instances as one value, once somebody has asked for it.
    pub value: OnceCell<Value>,
}

/// How a resource or module call is repeated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Once.
    Single,
    /// By `count`.
    Count,
    /// By `for_each`.
    ForEach,
}

impl Expansion {
    /// Neither `count` nor `for_each`.
    pub fn single() -> Self {
        Self::of(Shape::Single, vec![(InstanceKey::None, Repetition::None)])
    }

    /// Just these instances.
    pub fn of(shape: Shape, instances: Vec<(InstanceKey, Repetition)>) -> Self {
        Self { shape, instances, addresses: Vec::new(), exists: Truth::True, causes: Vec::new(), value: OnceCell::new() }
    }
}

/// A value that is being evaluated, or has been.
#[derive(Clone, Debug)]
pub enum Slot<T> {
    /// Being evaluated: to ask for it again is a cycle.
    Busy,
    /// Evaluated, and the root inputs that were read for it.
    Done(T, Inputs),
}

/// The module instances of one call.
#[derive(Debug)]
pub enum Children {
    /// The module could be read.
    Present(Rc<Expansion>, Vec<Rc<Instance>>),
    /// It could not.
    Missing(Rc<Expansion>, Cause),
}

/// What has been evaluated of an instance so far.
#[derive(Debug, Default)]
pub struct Cache {
    /// Variables.
    pub variables: IndexMap<Arc<str>, Slot<Value>>,
    /// Locals.
    pub locals: IndexMap<Arc<str>, Slot<Value>>,
    /// Parts of locals, by name and keys.
    pub parts: IndexMap<Way, Slot<Part>>,
    /// Outputs.
    pub outputs: IndexMap<Arc<str>, Slot<Value>>,
    /// Expansions of resources, by local address.
    pub expansions: IndexMap<Arc<str>, Slot<Rc<Expansion>>>,
    /// Instances of module calls.
    pub children: IndexMap<Arc<str>, Slot<Rc<Children>>>,
    /// Which configuration a provider is, by its name and alias in this module: that hangs on no input.
    pub providers: IndexMap<(Arc<str>, Arc<str>), Configured>,
    /// Addresses of variables by their names: values that go through them all tell of them.
    variable_addresses: IndexMap<Arc<str>, Arc<str>>,
    /// The same of local values.
    local_addresses: IndexMap<Arc<str>, Arc<str>>,
}

/// The configuration of a provider.
#[derive(Clone, Debug)]
pub struct Configured {
    /// What tells it from others of this project.
    pub key: Arc<str>,
    /// Whether there is a block that configures it.
    pub is_written: bool,
}

/// A module as called.
#[derive(Debug)]
pub struct Instance {
    /// Its address: empty for the root module, else `module.a[0].module.b`.
    pub path: Arc<str>,
    /// Its configuration.
    pub module: Arc<Module>,
    /// The caller, and the call's name there.
    pub parent: Option<(Rc<Instance>, Arc<str>)>,
    /// The repetition of the call that made it, in the caller's terms.
    pub repetition: Repetition,
    /// Whether it exists.
    pub exists: Truth,
    /// Why that is not known.
    pub exists_causes: Vec<Cause>,
    /// The root inputs that were read for that there is this instance.
    pub read: Inputs,
    /// The calls on the way, outermost first.
    pub calls: Vec<(Address, Span)>,
    /// How many calls lie above it.
    pub depth: usize,
    /// What has been evaluated.
    pub cache: RefCell<Cache>,
}

impl Instance {
    /// Forgets the instances of its calls, and of theirs.
    pub fn forget_calls(&self) {
        let children = std::mem::take(&mut self.cache.borrow_mut().children);
        for slot in children.values() {
            if let Slot::Done(children, _) = slot
                && let Children::Present(_, instances) = &**children
            {
                instances.iter().for_each(|instance| instance.forget_calls());
            }
        }
    }

    /// An address inside this module: `module.a.` before the local one.
    pub fn address(&self, local: &str) -> Arc<str> {
        if self.path.is_empty() { Arc::from(local) } else { Arc::from([&self.path, ".", local].concat()) }
    }

    /// The address of a block inside this module, without an instance key; that of the root module's is its local one.
    pub fn address_of_block(&self, local: &Arc<str>) -> Arc<str> {
        if self.path.is_empty() { Arc::clone(local) } else { self.address(local) }
    }

    /// The address of a variable.
    pub fn variable_address(&self, name: &Arc<str>) -> Arc<str> {
        let address = || self.address_of("var", name);
        Arc::clone(self.cache.borrow_mut().variable_addresses.entry(Arc::clone(name)).or_insert_with(address))
    }

    /// The address of a local value.
    pub fn local_address(&self, name: &Arc<str>) -> Arc<str> {
        let address = || self.address_of("local", name);
        Arc::clone(self.cache.borrow_mut().local_addresses.entry(Arc::clone(name)).or_insert_with(address))
    }

    /// The same for a local address of two words: `var.name`.
    pub fn address_of(&self, kind: &str, name: &str) -> Arc<str> {
        let dot = if self.path.is_empty() { "" } else { "." };
        Arc::from([&self.path, dot, kind, ".", name].concat())
    }
}
