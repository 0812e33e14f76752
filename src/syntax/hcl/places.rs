//! Where the text that is parsed stands in its file: templates in JSON strings are parsed after their escapes are resolved, and their
//! ranges must still point into the JSON.

use crate::source::TextRange;

/// From offsets of the parsed text to offsets of the file.
#[derive(Default)]
pub(super) struct Places {
    /// Offset of the text and of the file from which on both advance together, ascending. Empty where the text is the file.
    pub steps: Vec<(usize, usize)>,
}

impl Places {
    pub fn range(&self, start: usize, end: usize) -> TextRange {
        if self.steps.is_empty() {
            return TextRange::new(start, end);
        }
        TextRange::new(self.offset(start), self.offset(end))
    }

    fn offset(&self, at: usize) -> usize {
        let step = self.steps.partition_point(|(text, _)| *text <= at).saturating_sub(1);
        let (text, file) = self.steps[step];
        let offset = file + at.saturating_sub(text);
        match self.steps.get(step + 1) {
            Some((_, next)) => offset.min(*next),
            None => offset,
        }
    }
}
