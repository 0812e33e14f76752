//! Names and short strings as Terraform keeps them: in Unicode normalization form C.

use crate::syntax::names::shared;
use std::borrow::Cow;
use std::sync::Arc;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text, normalized, shared with an equal one where that is cheap.
pub(super) fn name(text: &str) -> Arc<str> {
    if text.is_ascii() { shared(text) } else { shared(&normalize(Cow::Borrowed(text))) }
}

/// Unicode normalization form C, in which Terraform keeps every string.
pub(super) fn normalize(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    Cow::Owned(text.nfc().collect())
}
