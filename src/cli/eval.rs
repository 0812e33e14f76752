//! `trailwarden eval`: what an expression is worth in a project, and the two forms by which evaluators are held against
//! what real programs answered.

use crate::cli::arguments::Eval;
use crate::cli::{Exit, Failure, Process, inputs, root};
use crate::frontend;
use crate::output::value;
use crate::project::{Context, Demand};
use crate::source::Sources;
use crate::source::fs::Disk;
use crate::syntax::Trees;
use clap::ArgMatches;
use std::path::{Path, PathBuf};

/// Stack of the thread that evaluates, in bytes; as in a check.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Runs the command.
pub fn run(eval: &Eval, matches: &ArgMatches, process: &mut Process<'_>) -> Result<Exit, Failure> {
    let named = [&eval.dump, &eval.vectors, &eval.scope];
    let directory = eval.words.first().filter(|_| eval.words.len() == 2).map(PathBuf::from);
    let paths: Vec<PathBuf> = named.into_iter().flatten().cloned().chain(directory).collect();
    let disk = root::disk(eval.root.root.as_deref(), &paths, &process.working_directory)?;
    let disk = inputs::named_files(&eval.inputs).chain(eval.scope.as_deref()).fold(disk, Disk::with_named);
    let mut inputs = inputs::inputs(&eval.inputs, matches, process)?;
    (inputs.limits, _) = inputs::limits(&eval.inputs, None);
    let disk = disk.within(inputs.limits);
    let (sources, trees, demand) = (Sources::default(), Trees::within(inputs.limits), Demand::default());
    let context = Context { fs: &disk, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let printed = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let work = || evaluate(eval, &context, disk.working_directory());
        let thread = thread.spawn_scoped(scope, work).map_err(|error| Failure::Usage(format!("cannot start a thread: {error}")))?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    process.out.write_all(printed.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Clean)
}

fn evaluate(eval: &Eval, context: &Context<'_>, working_directory: &Path) -> Result<String, Failure> {
    if let Some(path) = &eval.dump {
        let path = context.fs.resolve(path).map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display())))?;
        return Ok(frontend::dump(&path, context) + "\n");
    }
    if let Some(path) = &eval.vectors {
        let text = read(&working_directory.join(path)).map_err(|error| Failure::Usage(format!("`{}`: {error}", path.display())))?;
        return Ok(frontend::vectors(&text, eval.scope.as_deref(), context));
    }
    let (directory, expression) = match eval.words.as_slice() {
        [expression] => (Path::new("."), expression),
        [directory, expression] => (Path::new(directory), expression),
        _ => return Err(Failure::Usage("name an expression: `trailwarden eval [DIR] EXPR`".into())),
    };
    let expression = expression.to_str().ok_or_else(|| Failure::Usage("the expression is not UTF-8 text".into()))?;
    let directory = context.fs.resolve(directory).map_err(|error| Failure::Usage(format!("`{}`: {error}", directory.display())))?;
    let value = frontend::expression(&directory, expression, context).map_err(Failure::Usage)?;
    let trace = if eval.trace { value::trace(&value, context.sources, working_directory) } else { String::new() };
    Ok(format!("{}\n{trace}", value::print(&value)))
}

#[expect(clippy::disallowed_methods, reason = "an option's file may lie outside the scan root: the user named it")]
fn read(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}
