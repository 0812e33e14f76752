//! Hash tables that keep the order in which things were put in, since order is part of what this program says.
//!
//! Names are short and looked up by the million: they are hashed quickly, from a seed that each run draws, so that no repository can choose names
//! that all fall into one place.

use foldhash::fast::RandomState;

/// A map in the order in which its keys were put in.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;

/// A set in the order in which its members were put in.
pub type IndexSet<T> = indexmap::IndexSet<T, RandomState>;
