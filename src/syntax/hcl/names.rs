//! Equal names share one allocation, as far as a small cache remembers them.

use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::hash::BuildHasher;
use std::sync::Arc;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How many names are remembered. Slots are overwritten, so hostile names cost nothing but the sharing.
const SLOTS: usize = 1 << u8::BITS;

/// Longer texts are seldom repeated.
const LONGEST: usize = 48;

/// The names and short strings seen last.
#[derive(Default)]
pub(super) struct Names {
    /// None until the first name is asked for.
    slots: Vec<Option<Arc<str>>>,
}

impl Names {
    /// The text, normalized to NFC, shared with an equal one that was asked for lately.
    pub fn get(&mut self, text: &str) -> Arc<str> {
        if text.len() > LONGEST {
            return Arc::from(normalize(Cow::Borrowed(text)));
        }
        let [slot, ..] = FixedState::default().hash_one(text).to_le_bytes();
        let text = normalize(Cow::Borrowed(text));
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        let slot = &mut self.slots[usize::from(slot)];
        match slot {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::clone(slot.insert(Arc::from(text))),
        }
    }
}

/// Unicode normalization form C, in which Terraform keeps every string.
pub(super) fn normalize(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    Cow::Owned(text.nfc().collect())
}
