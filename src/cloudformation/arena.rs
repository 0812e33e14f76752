//! A place that hands out references to what is put into it while more is put in.
//!
//! A stack borrows the trees of its templates, and evaluation finds further templates, includes and copies on its way. Chunks never move, so
//! earlier references stay good; no value is dropped before all are.

use std::cell::{Cell, OnceCell};

/// Chunks double in size, so this many are more than memory holds.
const CHUNKS: usize = 40;

/// How many values the first chunk has room for.
const FIRST: usize = 16;

/// The arena.
#[derive(Debug)]
pub struct Arena<T> {
    chunks: [OnceCell<Box<[OnceCell<T>]>>; CHUNKS],
    len: Cell<usize>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { chunks: [const { OnceCell::new() }; CHUNKS], len: Cell::new(0) }
    }
}

impl<T> Arena<T> {
    /// Keeps a value as long as the arena lives.
    pub fn keep(&self, value: T) -> &T {
        let index = self.len.get();
        self.len.set(index + 1);
        let chunk = (index / FIRST + 1).ilog2() as usize;
        let before = FIRST * ((1 << chunk) - 1);
        let room = FIRST << chunk;
        let slots = self.chunks[chunk].get_or_init(|| (0..room).map(|_| OnceCell::new()).collect());
        slots[index - before].get_or_init(|| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stay_good_while_more_is_kept() {
        let arena = Arena::default();
        let kept: Vec<&String> = (0..1000).map(|n| arena.keep(n.to_string())).collect();
        assert!(kept.iter().enumerate().all(|(n, text)| **text == n.to_string()));
    }
}
