//! Where reports go: one form to standard output, any number to files. A file is written aside and renamed, so that a full disk or an
//! interrupt leaves no half of one; one that cannot be written does not stop the others.
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

/// Writes every report that was asked for. The first failure is told after all were tried.
pub fn write(check: &Check, show: Show<'_>, stdout: Stdout, process: &mut Process<'_>) -> Result<(), Failure> {
    let mut failure = None;
    for (format, path) in &check.output {
        let target = process.working_directory.join(path);
        if let Err(error) = write_file(*format, show, &target) {
            failure.get_or_insert(Failure::Write { what: format!("`{}`", path.display()), error });
        }
    }
    if check.step_summary
        && let Err(error) = summary::append(show, process)
    {
        failure.get_or_insert(error);
    }
    let style =
        Style { color: color(check.color, process), unicode: unicode(process), width: process.terminal.width.unwrap_or(WIDTH).min(WIDEST) };
    let mut out = BufWriter::new(&mut *process.out);
    let report = if stdout == Stdout::Report { output::write(check.format, show, style, &mut out) } else { Ok(()) };
    let written = report.and_then(|()| out.flush());
    match (written, failure) {
        (Err(error), _) => Err(Failure::output(error)),
        (Ok(()), Some(failure)) => Err(failure),
        (Ok(()), None) => Ok(()),
    }
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
    replace_with(target, &mut |out| output::write(format, show, plain(), out))
}

/// The style of a file.
pub fn plain() -> Style {
    Style { color: false, unicode: true, width: WIDTH }
}

/// Writes a file aside and puts it in its place.
pub fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(target, &mut |out| out.write_all(bytes))
}

/// A link is followed, so that it stays one; what is no regular file (a pipe, `/dev/stdout`) is written to, not replaced.
fn replace_with(target: &Path, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let resolved = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    if fs::metadata(&resolved).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(&resolved)?);
        return write(&mut out).and_then(|()| out.flush());
    }
    let mut name = resolved.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let aside = resolved.with_file_name(name);
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&aside).and_then(|file| {
        let mut out = BufWriter::new(file);
        write(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
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
