//! The summary of a step of GitHub Actions: Markdown appended to the file that the runner names, as far as it takes it.

use crate::cli::{Failure, Process, report};
use crate::output::{self, Format, Show};
use std::fs;
use std::io::Write;

/// The variable in which the runner names the file.
const VARIABLE: &str = "GITHUB_STEP_SUMMARY";

/// What the runner takes of one step, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// What stands at the end of a summary that did not fit.
const CUT: &str = "\n\nThe rest does not fit into a step's summary; `--output markdown=FILE` has all of it.\n";

/// Appends the report. Outside of a workflow there is nothing to append to, and that is said.
#[expect(clippy::disallowed_methods, reason = "the runner says where its file lies")]
pub fn append(show: Show<'_>, process: &mut Process<'_>) -> Result<(), Failure> {
    let Some(path) = process.variable(VARIABLE).filter(|path| !path.is_empty()).map(|path| process.working_directory.join(path)) else {
        let _ = writeln!(process.err, "note: `--step-summary` wrote nothing: `{VARIABLE}` is not set, so this is no step of a workflow");
        return Ok(());
    };
    let cannot = |error| Failure::Write { what: format!("`{VARIABLE}`"), error };
    let mut text = Vec::new();
    output::write(Format::Markdown, show, report::plain(), &mut text).map_err(cannot)?;
    let text = String::from_utf8_lossy(&text);
    let taken = fs::metadata(&path).map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or(usize::MAX));
    let text = fitting(&text, MAX_BYTES.saturating_sub(taken));
    let mut file = fs::OpenOptions::new().append(true).create(true).open(&path).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)
}

/// As much of a report as fits: whole findings, or at least whole lines.
fn fitting(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let mut end = room.saturating_sub(CUT.len()).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = &text[..end];
    let whole = kept.rfind("\n<details>").or_else(|| kept.rfind('\n')).map_or("", |at| &kept[..at]);
    if room < CUT.len() { String::new() } else { format!("{whole}{CUT}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_findings_are_kept() {
        let text = format!("| a |\n| b |\n\n<details>one</details>\n\n<details>{}</details>\n", "ä".repeat(300));
        assert_eq!(fitting(&text, text.len()), text);
        assert_eq!(fitting(&text, 300), format!("| a |\n| b |\n\n<details>one</details>\n{CUT}"));
        assert_eq!(fitting(&text, CUT.len() + 14), format!("| a |\n| b |\n{CUT}"));
        assert_eq!(fitting(&text, 5), "");
    }
}
