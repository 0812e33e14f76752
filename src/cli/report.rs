//! Where reports go: one form to standard output, any number to files. A file is written aside and renamed, so that a full disk or an
//! interrupt leaves no half of one; one that cannot be written does not stop the others. Only what is whole in memory is written, so that the
//! moment in which an interrupt leaves the file aside is that of one call.
#![expect(clippy::disallowed_methods, reason = "reports lie where the user says")]

use crate::cli::arguments::{Check, ColorWhen};
use crate::cli::{Failure, Process, summary};
use crate::output::{self, Format, Show, Style};
use std::fs;
use std::io::{self, BufWriter, Write};
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
        if let Err(error) = write_file(*format, show, &target) {
            failures.push(Failure::Write { what: format!("`{}`", path.display()), error });
        }
    }
    if check.step_summary
        && let Err(error) = summary::append(show, process)
    {
        failures.push(error);
    }
    let style =
        Style { color: color(check.color, process), unicode: unicode(process), width: process.terminal.width.unwrap_or(WIDTH).min(WIDEST) };
    let mut out = BufWriter::new(&mut *process.out);
    let report = if stdout == Stdout::Report { output::write(check.format, show, style, &mut out) } else { Ok(()) };
    let written = report.and_then(|()| out.flush());
    let of_stdout = written.map_err(Failure::output).err();
    let last = if of_stdout.is_some() { of_stdout } else { failures.pop() };
    for failure in failures {
        let _ = writeln!(process.err, "error: {failure}");
    }
    last.map_or(Ok(()), Err)
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
