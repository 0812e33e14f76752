//! Equal names share one allocation, as far as a small cache remembers them.

use std::borrow::Cow;
use std::sync::Arc;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How many names are remembered. Slots are overwritten, so hostile names cost nothing but the sharing.
const SLOTS: usize = 256;

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
        let (mut hash, mut all) = (0x811c_9dc5_u32, 0_u8);
        for byte in text.bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            all |= byte;
        }
        let text = if all.is_ascii() { Cow::Borrowed(text) } else { normalize(Cow::Borrowed(text)) };
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        let slot = &mut self.slots[(hash ^ (hash >> 15)) as usize % SLOTS];
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
