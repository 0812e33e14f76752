//! The command line: options, streams, exit codes. The only place that names clap and reads the environment.
//!
//! It runs in process, over streams and an environment that it is given, so that tests call it as a shell would.

mod arguments;
mod baseline;
mod changed;
mod check;
mod decisions;
mod eval;
mod exit;
mod explain;
mod fixes;
mod generate;
mod git;
mod init;
mod inputs;
mod paths;
mod report;
mod root;
mod rules;
mod run;
mod scan_many;
mod summary;
mod suppress;

use clap::{CommandFactory, FromArgMatches};
use std::any::Any;
use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use arguments::{Arguments, Command};
pub use exit::Exit;

/// What a process gives a command: where it stands, what its environment says, and where to write.
pub struct Process<'a> {
    /// The working directory.
    pub working_directory: PathBuf,
    /// The environment, as far as it is Unicode.
    pub environment: Vec<(String, String)>,
    /// Standard output.
    pub out: &'a mut (dyn Write + Send),
    /// Standard error.
    pub err: &'a mut (dyn Write + Send),
    /// What standard output is.
    pub terminal: Terminal,
    /// The time since some fixed moment, for `--timings` alone.
    pub clock: fn() -> std::time::Duration,
}

/// What standard output is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Terminal {
    /// Whether people would see colours.
    pub color: bool,
    /// Its columns, where it is a terminal.
    pub width: Option<usize>,
}

impl Process<'_> {
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.as_str())
    }
}

/// Why a command could not do its job.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// An option or a file that an option names is wrong: the user's to mend.
    #[error("{0}")]
    Usage(String),
    /// A report could not be written.
    #[error("cannot write {what}: {error}")]
    Write {
        /// Which stream or file.
        what: String,
        /// What the system says.
        error: io::Error,
    },
    /// A fault of trailwarden.
    #[error("trailwarden failed: {0}; please report this with the output of the same command under `RUST_BACKTRACE=1`")]
    Internal(String),
    /// Whoever read the output has gone: that is their right.
    #[error("the reader has gone")]
    BrokenPipe,
}

impl Failure {
    /// A failure of writing to standard output.
    fn output(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::Write { what: "standard output".into(), error } }
    }

    /// A fault of ours, by what a panic says of itself.
    fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::Internal(text.unwrap_or("it did not say why").to_owned())
    }
}

/// Runs a command line, the program's name first, and says how the process should end.
pub fn run(arguments: impl IntoIterator<Item = OsString>, process: &mut Process<'_>) -> Exit {
    let parsed = Arguments::command()
        .try_get_matches_from(arguments::rewrite(arguments))
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return tell(&error, process),
    };
    let matches = matches.subcommand().map(|(_, matches)| matches).expect("clap asks for a command");
    let command = || match &arguments.command {
        Command::Check(check) => check::run(check, matches, process),
        Command::Baseline(baseline) => baseline::run(baseline, matches, process),
        Command::Eval(eval) => eval::run(eval, matches, process),
        Command::Explain(explain) => explain::run(explain, matches, process),
        Command::Init(init) => init::run(init, process),
        Command::Completions(shell) => generate::completions(shell, process),
        Command::Man(man) => generate::man(man, process),
        Command::Suppress(suppress) => suppress::run(suppress, matches, process),
        Command::Rules(rules) => rules::run(rules, process),
        Command::ScanMany(scan) => scan_many::run(scan, process),
    };
    // The streams are only written to after this, and a line cut short on them harms nothing.
    let done = catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|panic| Err(Failure::of_panic(panic.as_ref())));
    match done.and_then(|exit| process.out.flush().map(|()| exit).map_err(Failure::output)) {
        Ok(exit) => exit,
        Err(Failure::BrokenPipe) => Exit::Clean,
        Err(failure) => {
            // Nobody is left to tell when standard error is gone too.
            let _ = writeln!(process.err, "error: {failure}");
            if matches!(failure, Failure::Internal(_)) { Exit::Internal } else { Exit::Failed }
        }
    }
}

/// Help and version go to standard output; a wrong option to standard error.
fn tell(error: &clap::Error, process: &mut Process<'_>) -> Exit {
    let text = error.render();
    let ansi = process.terminal.color;
    let write = |stream: &mut dyn Write| if ansi { write!(stream, "{}", text.ansi()) } else { write!(stream, "{text}") };
    if error.use_stderr() {
        let _ = write(&mut *process.err);
        return Exit::Failed;
    }
    let _ = write(&mut *process.out).and_then(|()| process.out.flush());
    Exit::Clean
}
