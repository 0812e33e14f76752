//! Where reports go: one form to standard output, any number to files. A file is written aside and renamed, so that a full disk or an
//! interrupt leaves no half of one; one that cannot be written, and a fault of ours in one, does not stop the others. Only what is whole in memory is written, so that the
//! moment in which an interrupt leaves the file aside is that of one call.
#![expect(clippy::disallowed_methods, reason = "reports lie where the user says")]

use crate::cli::arguments::{Check, ColorWhen};
use crate::cli::{Failure, Process, summary};
use crate::output::{self, Format, Show, Style};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Columns of text that nobody's terminal measures.
const WIDTH: usize = 100;

/// The widest that source lines and messages are set, however wide the terminal is: longer lines read badly.
const WIDEST: usize = 140;

/// What standard output carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stdout {
    /// The report.
    Report,
    /// Something else, which is already written.
    Taken,
}

/// Writes every report that was asked for. Each that cannot be written is told; the last of them is the run's failure.
pub fn write(check: &Check, show: Show<'_>, stdout: Stdout, process: &mut Process<'_>) -> Result<(), Failure> {
    let mut failures = Vec::new();
    for (format, path) in &check.output {
        let target = process.working_directory.join(path);
        let write = || write_file(*format, show, &target).map_err(|error| Failure::Write { what: format!("`{}`", path.display()), error });
        failures.extend(apart(write).err());
    }
    if check.step_summary {
        failures.extend(apart(|| summary::append(show, process)).err());
    }
    let style =
        Style { color: color(check.color, process), unicode: unicode(process), width: process.terminal.width.unwrap_or(WIDTH).min(WIDEST) };
    let mut out = BufWriter::new(&mut *process.out);
    let of_stdout = apart(|| {
        let report = if stdout == Stdout::Report { output::write(check.format, show, style, &mut out) } else { Ok(()) };
        report.and_then(|()| out.flush()).map_err(Failure::output)
    });
    failures.extend(of_stdout.err());
    // A fault of ours is what the run ends with, whatever else failed.
    failures.sort_by_key(|failure| matches!(failure, Failure::Internal(_)));
    let last = failures.pop();
    for failure in failures {
        let _ = writeln!(process.err, "error: {failure}");
    }
    last.map_or(Ok(()), Err)
}

/// One report: a fault of ours in it does not stop the others.
fn apart(write: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref())))
}

/// Whether standard output gets colours: the option, then `NO_COLOR`, then `CLICOLOR_FORCE`, then what it is.
fn color(when: ColorWhen, process: &Process<'_>) -> bool {
    let set = |name: &str| process.variable(name).is_some_and(|value| !value.is_empty());
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto if set("NO_COLOR") => false,
        ColorWhen::Auto if set("CLICOLOR_FORCE") && process.variable("CLICOLOR_FORCE") != Some("0") => true,
        ColorWhen::Auto => process.terminal.color,
    }
}

/// Whether frames are drawn with more than ASCII: unless the locale says that it cannot be read.
fn unicode(process: &Process<'_>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(|name| process.variable(name)).find(|value| !value.is_empty());
    locale.is_none_or(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"))
}

fn write_file(format: Format, show: Show<'_>, target: &Path) -> io::Result<()> {
    let mut report = Vec::new();
    output::write(format, show, plain(), &mut report)?;
    replace(target, &report)
}

/// The style of a file.
pub fn plain() -> Style {
    Style { color: false, unicode: true, width: WIDTH }
}

/// Writes a file aside and puts it in its place. A link is followed, so that it stays one; what is no regular file (a pipe, `/dev/stdout`) is
/// written to, not replaced.
pub fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let resolved = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    if fs::metadata(&resolved).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return fs::OpenOptions::new().write(true).open(&resolved)?.write_all(bytes);
    }
    let mut name = resolved.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let aside = resolved.with_file_name(name);
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&aside).and_then(|mut file| {
        file.write_all(bytes)?;
        // What may be done with a file is its owner's to say.
        if let Ok(metadata) = fs::metadata(&resolved) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&aside, &resolved));
    if placed.is_err() {
        // It may never have come to be.
        let _ = fs::remove_file(&aside);
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_one_report_is_a_fault_of_ours() {
        assert!(apart(|| Ok(())).is_ok());
        let fault = apart(|| panic!("a fault")).unwrap_err();
        assert!(matches!(&fault, Failure::Internal(said) if said == "a fault"), "{fault}");
    }
}
