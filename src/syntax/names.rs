//! Equal names share one allocation, as far as a small cache remembers them: files of a repository say the same words over and over.

use std::cell::RefCell;
use std::sync::Arc;

/// How many names each thread remembers. Slots are overwritten, so hostile names cost nothing but the sharing.
const SLOTS: usize = 1024;

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
    let slot = slot_of(text.as_bytes());
    SEEN.with_borrow_mut(|slots| {
        if slots.is_empty() {
            slots.resize(SLOTS, None);
        }
        let slot = &mut slots[slot];
        match slot {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::clone(slot.insert(Arc::from(text))),
        }
    })
}

/// The slot of a text: by its length, beginning and end, which is quicker than a hash of it all, and tells most words apart.
fn slot_of(text: &[u8]) -> usize {
    let length = text.len() as u64;
    let word = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
    let (first, last) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (word(text), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ (length << 56)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The upper bits of a product hang on all bits of what was multiplied.
    usize::from(u16::try_from(mixed >> 48).unwrap_or_default()) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_shared_and_others_are_not_mixed_up() {
        for text in ["", "a", "bucket", "aws_s3_bucket", "aws_s3_bucket_logging", "\u{e4}", &"x".repeat(LONGEST), &"y".repeat(LONGEST + 1)]
        {
            let (one, other) = (shared(text), shared(text));
            assert_eq!((&*one, &*other), (text, text));
            assert_eq!(Arc::ptr_eq(&one, &other), text.len() <= LONGEST, "{text}");
        }
        let slots: std::collections::BTreeSet<usize> = (0..500).map(|at| slot_of(format!("name_{at}").as_bytes())).collect();
        assert!(slots.len() > 300, "{}", slots.len());
    }
}
