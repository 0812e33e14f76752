//! The program: hands the process's arguments, environment and streams to the command line, and ends as it says.

use anstream::AutoStream;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use trailwarden::cli::{self, Process, Terminal};

fn main() -> ExitCode {
    clock();
    quiet_panics();
    let out = std::io::stdout();
    let terminal = Terminal {
        color: AutoStream::choice(&out) != anstream::ColorChoice::Never,
        width: out.is_terminal().then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten(),
    };
    let working_directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(error) => {
            eprint(&format!("error: cannot find the working directory: {error}"));
            return ExitCode::from(cli::Exit::Failed.code());
        }
    };
    let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    let mut process =
        Process { working_directory, environment, out: &mut AutoStream::always(out), err: &mut std::io::stderr(), terminal, clock };
    ExitCode::from(cli::run(std::env::args_os(), &mut process).code())
}

/// The time since the first call.
fn clock() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// A panic in a project becomes a diagnostic; its raw message is shown only to those who look for it.
fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

fn eprint(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}
