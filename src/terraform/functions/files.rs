//! Functions on files and paths. What lies outside of what may be read is unknown, never guessed.

use super::FunctionError;
use super::base64::encoded;
use super::glob::{Glob, Problem};
use super::spec::{Call, Function, Gives, MARKED, Nullness, Outcome, Parameter, Takes, unmark};
use super::{Environment, FileProblem};
use crate::value::{Cause, CauseKind, Marks, Piece, Type, Unknown, Value, text};
use std::sync::Arc;

const PATH: Parameter = Parameter::new("path", Takes::Text);
const MARKED_PATH: Parameter = PATH.lets(MARKED);

pub(super) const FUNCTIONS: &[Function] = &[
    function("abspath", &[PATH], abspath),
    function("basename", &[PATH], |call| path_part(call, basename)),
    function("dirname", &[PATH], |call| path_part(call, dirname)),
    function("file", &[MARKED_PATH], file),
    function("filebase64", &[MARKED_PATH], file_base64),
    Function { gives: Gives::Bool, ..function("fileexists", &[MARKED_PATH], file_exists) },
    Function {
        gives: Gives::SetOfText,
        ..function("fileset", &[MARKED_PATH, Parameter::new("pattern", Takes::Text).lets(MARKED)], file_set)
    },
    function("pathexpand", &[PATH], pathexpand),
];

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::Text, nullness: Nullness::Never, run }
}

/// What a file holds, or why nobody here can say.
pub(super) enum Contents {
    Bytes(Vec<u8>),
    OutOfReach(Cause),
}

/// Reads a file; an error where Terraform would fail, too.
pub(super) fn read(environment: &mut dyn Environment, path: &str) -> Result<Contents, FunctionError> {
    if let Some(home) = home_path(path)? {
        return Ok(Contents::OutOfReach(Cause::new(CauseKind::File, home, None)));
    }
    match environment.read_file(path) {
        Ok(bytes) => Ok(Contents::Bytes(bytes)),
        Err(FileProblem::OutOfReach(reason)) => Ok(Contents::OutOfReach(Cause::new(CauseKind::File, format!("{path}: {reason}"), None))),
        Err(FileProblem::NotAFile) => Err(FunctionError::argument(0, format!("{path} is a directory, not a file"))),
        Err(FileProblem::NotFound) => {
            let message = format!(
                "no file exists at {path:?}; this function works only with files that are distributed as part of the configuration source code, so if this file will be created by a resource in this configuration you must instead obtain this result from an attribute of that resource"
            );
            Err(FunctionError::argument(0, message))
        }
    }
}

/// The path, if it begins in a home directory: whose, only the machine knows.
fn home_path(path: &str) -> Result<Option<&str>, FunctionError> {
    match path.strip_prefix('~') {
        None => Ok(None),
        Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => Ok(Some(path)),
        Some(_) => Err(FunctionError::new("cannot expand user-specific home dir")),
    }
}

/// The error for a file that is no text.
pub(super) fn not_text(path: &str) -> FunctionError {
    FunctionError::new(format!(
        "contents of {path:?} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"
    ))
}

fn contents(call: &mut Call) -> Result<(Contents, String, Marks), FunctionError> {
    let (path, marks) = unmark(call.argument(0)?);
    let path = path.as_str().unwrap_or_default().to_owned();
    Ok((read(call.environment, &path)?, path, marks))
}

fn file(call: &mut Call) -> Outcome {
    let (contents, path, marks) = contents(call)?;
    let value = match contents {
        Contents::Bytes(bytes) => text::string(&String::from_utf8(bytes).map_err(|_| not_text(&path))?),
        Contents::OutOfReach(cause) => call.unknown_because(cause.kind, cause.name),
    };
    Ok(value.with_marks(marks))
}

fn file_base64(call: &mut Call) -> Outcome {
    let (contents, _, marks) = contents(call)?;
    let value = match contents {
        Contents::Bytes(bytes) => encoded(&bytes),
        Contents::OutOfReach(cause) => call.unknown_because(cause.kind, cause.name),
    };
    Ok(value.with_marks(marks))
}

fn file_exists(call: &mut Call) -> Outcome {
    let (path, marks) = unmark(call.argument(0)?);
    let path = path.as_str().unwrap_or_default().to_owned();
    if home_path(&path)?.is_some() {
        return Ok(call.unknown_because(CauseKind::File, path).with_marks(marks));
    }
    let value = match call.environment.read_file(&path) {
        Ok(_) => Value::bool(true),
        Err(FileProblem::NotFound) => Value::bool(false),
        Err(FileProblem::NotAFile) => return Err(FunctionError::argument(0, format!("{path} is a directory, not a file"))),
        Err(FileProblem::OutOfReach(reason)) => call.unknown_because(CauseKind::File, format!("{path}: {reason}")),
    };
    Ok(value.with_marks(marks))
}

fn file_set(call: &mut Call) -> Outcome {
    let (path, path_marks) = unmark(call.argument(0)?);
    let (pattern, pattern_marks) = unmark(call.argument(1)?);
    let marks = path_marks.union(pattern_marks);
    let path = clean(path.as_str().unwrap_or_default());
    let joined = clean(&format!("{path}/{}", pattern.as_str().unwrap_or_default()));
    let (base, rest) = Glob::split(&joined);
    let files = match call.environment.list_files(if base.is_empty() { "." } else { base }) {
        Ok(files) => files,
        Err(FileProblem::NotFound | FileProblem::NotAFile) => Vec::new(),
        Err(FileProblem::OutOfReach(reason)) => {
            return Ok(call.unknown_because(CauseKind::File, format!("{base}: {reason}")).with_marks(marks));
        }
    };
    let found = match Glob::find(rest, &files) {
        Ok(found) => found,
        Err(Problem::Malformed) => return Err(FunctionError::new(format!("failed to glob pattern \"{joined}\": syntax error in pattern"))),
        Err(Problem::TooLong) => {
            return Ok(call.unknown_because(CauseKind::Limit, "a file pattern that takes too long to match").with_marks(marks));
        }
    };
    let full = |file: &str| if base.is_empty() { file.to_owned() } else { clean(&format!("{base}/{file}")) };
    let found = found.into_iter().map(|file| text::string(&relative(&path, &full(file)))).collect();
    Ok(Value::set(Type::String, found).with_marks(marks))
}

/// A path from a directory; both are clean.
fn relative(directory: &str, path: &str) -> String {
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(directory), parts(path));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    let down = to[common..].iter().map(String::as_str);
    let joined = up.chain(down).collect::<Vec<_>>().join("/");
    if joined.is_empty() { ".".into() } else { joined }
}

/// A path without `.`, `..` and double slashes, as Go's `filepath.Clean` makes it.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            _ => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".into(),
        (false, path) => path,
    }
}

fn basename(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/".into() } else { trimmed.rsplit('/').next().unwrap_or(trimmed).into() }
}

fn dirname(path: &str) -> String {
    path.rfind('/').map_or_else(|| ".".into(), |slash| clean(&path[..=slash]))
}

fn path_part(call: &Call, part: fn(&str) -> String) -> Outcome {
    Ok(text::string(&part(call.text(0)?)))
}

fn abspath(call: &mut Call) -> Outcome {
    let path = call.text(0)?;
    if path.starts_with('/') {
        return Ok(text::string(&clean(path)));
    }
    if let Some(directory) = call.environment.working_directory() {
        return Ok(text::string(&clean(&format!("{directory}/{path}"))));
    }
    let path = clean(path);
    let cause = Cause::new(CauseKind::Environment, "path.cwd", None);
    let directory = Unknown { prefix: Some("/".into()), ..Unknown::new(Type::String, vec![cause]) }.not_null();
    if path == "." {
        return Ok(directory.into());
    }
    if path.starts_with("..") {
        return Ok(Unknown { refers_to: None, ..directory }.into());
    }
    let pieces = vec![Piece::Unknown(Arc::new(directory)), Piece::Known(format!("/{path}").into())];
    Ok(Unknown { prefix: Some("/".into()), ..text::partly_known(pieces) }.into())
}

fn pathexpand(call: &mut Call) -> Outcome {
    let path = call.text(0)?;
    let Some(home) = home_path(path)? else { return Ok(text::string(path)) };
    let cause = Cause::new(CauseKind::Environment, "the home directory", None);
    let directory = Unknown { prefix: Some("/".into()), ..Unknown::new(Type::String, vec![cause]) }.not_null();
    let rest = clean(&format!("/{}", &home[1..]));
    if rest == "/" {
        return Ok(directory.into());
    }
    let pieces = vec![Piece::Unknown(Arc::new(directory)), Piece::Known(rest.into())];
    Ok(Unknown { prefix: Some("/".into()), ..text::partly_known(pieces) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_and_cut_as_go_does() {
        for (path, cleaned) in [("", "."), ("a//b/./c/", "a/b/c"), ("/a/../../c", "/c"), ("../a/..", ".."), ("./x", "x"), ("/", "/")] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        for (path, base, dir) in
            [("a/b.txt", "b.txt", "a"), ("", ".", "."), ("/", "/", "/"), ("a/", "a", "a"), ("x", "x", "."), ("/x", "x", "/")]
        {
            assert_eq!((basename(path).as_str(), dirname(path).as_str()), (base, dir), "{path}");
        }
        assert_eq!(relative("a/b", "a/c/d"), "../c/d");
        assert_eq!(relative(".", "a/c"), "a/c");
    }
}
