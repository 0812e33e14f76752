//! Resource attributes that have been evaluated, by the resource's address and their names. It does not know how they are evaluated.
//!
//! Who asks for one attribute of a resource asks for more of them, and addresses are long: they go by number.

use crate::table::{IndexMap, IndexSet};
use crate::terraform::instance::Slot;
use crate::value::Value;
use std::sync::Arc;

/// A resource's address, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AddressId(usize);

/// Attributes by their resource's address and their name.
#[derive(Default, Debug)]
pub struct Attributes {
    addresses: IndexSet<Arc<str>>,
    slots: IndexMap<(AddressId, Arc<str>), Slot<Value>>,
}

impl Attributes {
    /// The number of an address.
    pub fn id(&mut self, address: &Arc<str>) -> AddressId {
        let known = self.addresses.get_index_of(address);
        AddressId(known.unwrap_or_else(|| self.addresses.insert_full(Arc::clone(address)).0))
    }

    /// Notes that an attribute is being evaluated. Where it stands, and what was known of it.
    pub fn begin(&mut self, of: AddressId, name: &Arc<str>) -> (usize, Option<Slot<Value>>) {
        self.slots.insert_full((of, Arc::clone(name)), Slot::Busy)
    }

    /// Sets what is known of an attribute that stood at a place when its evaluation began.
    pub fn end(&mut self, at: usize, of: AddressId, name: &Arc<str>, slot: Slot<Value>) {
        match self.slots.get_index_mut(at) {
            Some(((known, known_name), known_slot)) if *known == of && known_name == name => *known_slot = slot,
            _ => drop(self.slots.insert((of, Arc::clone(name)), slot)),
        }
    }

    /// Forgets an attribute.
    pub fn remove(&mut self, of: AddressId, name: &Arc<str>) {
        self.slots.swap_remove(&(of, Arc::clone(name)));
    }

    /// Keeps those that stay, of those addresses that stay.
    pub fn retain(&mut self, stays: impl Fn(&Slot<Value>) -> bool, address_stays: impl Fn(&str) -> bool) {
        let mut known: Vec<Option<bool>> = vec![None; self.addresses.len()];
        let addresses = &self.addresses;
        self.slots.retain(|(of, _), slot| stays(slot) && *known[of.0].get_or_insert_with(|| address_stays(&addresses[of.0])));
    }
}
