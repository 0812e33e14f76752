//! Equal names share one allocation, as far as a small cache remembers them: files of a repository say the same words over and over.

use foldhash::fast::FixedState;
use std::cell::RefCell;
use std::hash::BuildHasher;
use std::sync::Arc;

/// How many names each thread remembers. Slots are overwritten, so hostile names cost nothing but the sharing.
const SLOTS: usize = 4096;

/// Longer texts are seldom repeated.
const LONGEST: usize = 48;

thread_local! {
    /// The names and short strings seen last, by their hashes. Empty until the first name is asked for.
    static SEEN: RefCell<Vec<Option<Arc<str>>>> = const { RefCell::new(Vec::new()) };
}

/// The text, shared with an equal one that was asked for lately.
pub(super) fn shared(text: &str) -> Arc<str> {
    if text.len() > LONGEST {
        return Arc::from(text);
    }
    let [low, high, ..] = FixedState::default().hash_one(text).to_le_bytes();
    let at = usize::from(u16::from_le_bytes([low, high])) % SLOTS;
    SEEN.with_borrow_mut(|slots| match slots.get(at) {
        Some(Some(known)) if **known == *text => Arc::clone(known),
        _ => remember(slots, at, text),
    })
}

#[cold]
fn remember(slots: &mut Vec<Option<Arc<str>>>, at: usize, text: &str) -> Arc<str> {
    if slots.is_empty() {
        slots.resize(SLOTS, None);
    }
    Arc::clone(slots[at].insert(Arc::from(text)))
}
