//! Where reports go: one form to standard output, any number to files. One that cannot be written does not stop the others.

use crate::cli::arguments::{Check, ColorWhen};
use crate::cli::{Failure, Process, files};
use crate::output::{self, Show, Style};
use std::io::{BufWriter, Write};

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
        let plain = Style { color: false, unicode: true, width: WIDTH };
        if let Err(error) = files::write(&target, &mut |out| output::write(*format, show, plain, out)) {
            failure.get_or_insert(Failure::Write { what: format!("`{}`", path.display()), error });
        }
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
