//! One of many: a resource or module whose instances are not known is evaluated once, for the one that stands for any; what is then said of
//! a certain instance is said again in that instance's name, or two instances would be taken for one.

use crate::source::Span;
use crate::terraform::engine::Engine;
use crate::terraform::instance::{InstanceKey, Repetition};
use crate::value::{Address, Cause, Origin, Piece, Reference, Unknown, Value, ValueKind};
use std::sync::Arc;

impl InstanceKey {
    /// The instance that a key picks, where it is not known which there are.
    pub fn picked(key: &Value) -> Self {
        match &key.kind {
            ValueKind::String(name) => Self::Key(Arc::clone(name)),
            ValueKind::Number(number) => {
                let index = number.to_i64().and_then(|index| u64::try_from(index).ok());
                index.map_or(Self::Some, Self::Index)
            }
            _ => Self::Some,
        }
    }
}

impl Engine<'_> {
    /// One instance by its key, of a resource of which it is not known which keys it has: two keys are two instances.
    pub fn instance_of_unsettled(&self, resource: &Arc<Reference>, key: &Value) -> Arc<Reference> {
        let Reference::Attribute { project, address, attribute } = &**resource else { return Arc::clone(resource) };
        let standing = [InstanceKey::Any, InstanceKey::Index(0)].into_iter().find_map(|key| address.0.strip_suffix(&key.suffix()));
        let Some(base) = standing else { return Arc::clone(resource) };
        let own: Arc<str> = format!("{base}{}", InstanceKey::picked(key).suffix()).into();
        let any = self.handles.borrow().get(&address.0).cloned();
        if let Some(mut handle) = any {
            handle.repetition = match handle.repetition {
                Repetition::Each(_, value) => Repetition::Each(key.clone(), value),
                Repetition::Count(_) => Repetition::Count(key.clone()),
                Repetition::None => Repetition::None,
            };
            self.handles.borrow_mut().entry(Arc::clone(&own)).or_insert(handle);
        }
        Arc::new(Reference::Attribute { project: *project, address: Address(own), attribute: Arc::clone(attribute) })
    }

    /// What a module's standing instance (`module.a[*]`) gives, as what another one of its instances gives.
    pub fn of_instance(&self, value: &Value, picked: &Picked<'_>) -> Value {
        let Picked { standing, own, span, causes } = *picked;
        let kind = match &value.kind {
            ValueKind::Resource(reference) => {
                let reference = rekeyed(reference, standing, own);
                if let Reference::Attribute { address, .. } = &*reference {
                    let of_standing = address.0.strip_prefix(own).map(|rest| format!("{standing}{rest}"));
                    let handle = of_standing.and_then(|standing| self.handles.borrow().get(standing.as_str()).cloned());
                    if let Some(handle) = handle {
                        self.handles.borrow_mut().entry(Arc::clone(&address.0)).or_insert(handle);
                    }
                }
                ValueKind::Resource(reference)
            }
            ValueKind::Unknown(unknown) => ValueKind::Unknown(of_instance(unknown, standing, own)),
            // The standing instance of a `count` is the first: what is made of its index is not so of another.
            ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::String(_) if standing.ends_with("[0]") => {
                ValueKind::Unknown(Arc::new(Unknown::new(value.type_of(), causes.to_vec()).not_null()))
            }
            _ => value.map_parts(|part| self.of_instance(part, picked)).kind,
        };
        Value { kind, marks: value.marks, origin: Origin::written(span) }
    }
}

/// An instance of a module that another one stands for.
#[derive(Clone, Copy)]
pub struct Picked<'a> {
    /// The address of the one that stands for any.
    pub standing: &'a str,
    /// Its own address.
    pub own: &'a str,
    /// Where it is picked.
    pub span: Span,
    /// Why it is not known which instances there are.
    pub causes: &'a [Cause],
}

fn of_instance(unknown: &Arc<Unknown>, standing: &str, own: &str) -> Arc<Unknown> {
    if let Some(reference) = &unknown.refers_to {
        let reference = rekeyed(reference, standing, own);
        return Arc::new(Unknown { refers_to: Some(reference), ..(**unknown).clone() });
    }
    // A new one: what was shared between uses of the standing instance is not shared with this one.
    let pieces = unknown.pieces.iter().map(|piece| match piece {
        Piece::Known(text) => Piece::Known(Arc::clone(text)),
        Piece::Unknown(inner) => Piece::Unknown(of_instance(inner, standing, own)),
    });
    Arc::new(Unknown { pieces: pieces.collect(), ..(**unknown).clone() })
}

fn rekeyed(reference: &Arc<Reference>, standing: &str, own: &str) -> Arc<Reference> {
    let inside = |address: &Address| {
        let rest = address.0.strip_prefix(standing).filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
        Some(Address(format!("{own}{rest}").into()))
    };
    match &**reference {
        Reference::Attribute { project, address, attribute } => match inside(address) {
            Some(address) => Arc::new(Reference::Attribute { project: *project, address, attribute: Arc::clone(attribute) }),
            None => Arc::clone(reference),
        },
        Reference::ModuleOutput { project, module, output } => match inside(module) {
            Some(module) => Arc::new(Reference::ModuleOutput { project: *project, module, output: Arc::clone(output) }),
            None => Arc::clone(reference),
        },
        Reference::Part { of, delimiter, index } => {
            Arc::new(Reference::Part { of: rekeyed(of, standing, own), delimiter: Arc::clone(delimiter), index: *index })
        }
        _ => Arc::clone(reference),
    }
}
