//! Lists that grow while a parser reads, kept to be filled again.
//!
//! A tree's lists are kept as long as the run, in no more memory than they need, and nobody knows how long one becomes. What is read is put
//! into a list that was used before, and moved into its own at the end, in one piece. A list that an error interrupts is just dropped.

/// Empty lists with room.
pub(super) struct Spare<T>(Vec<Vec<T>>);

/// As many as most lists have.
const USUAL: usize = 8;

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Spare<T> {
    /// A list to be filled.
    pub fn take(&mut self) -> Vec<T> {
        self.0.pop().unwrap_or_else(|| Vec::with_capacity(USUAL))
    }

    /// What it was filled with.
    pub fn exact(&mut self, mut filled: Vec<T>) -> Vec<T> {
        let mut exact = Vec::with_capacity(filled.len());
        exact.append(&mut filled);
        self.0.push(filled);
        exact
    }
}
