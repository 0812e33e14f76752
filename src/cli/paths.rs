//! Which paths a command looks at: those that are named, those of `--files-from`, standard input in a file's place, or the working directory.

use crate::cli::arguments::Scope;
use crate::cli::{Failure, Process, inputs};
use crate::limits::Limit;
use crate::source::fs::too_large;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was asked for.
pub struct Asked {
    /// The paths.
    pub paths: Vec<PathBuf>,
    /// Whether nobody named any.
    pub is_default: bool,
    /// The content of standard input, and the file that it stands for.
    pub stdin: Option<(PathBuf, Arc<[u8]>)>,
}

/// The paths of a run.
pub fn paths(scope: &Scope, process: &Process<'_>) -> Result<Asked, Failure> {
    // It stands for a file. What a config file says of limits is known only after the paths are.
    let stdin = || stdin(inputs::limits(&scope.inputs, None).0.get(Limit::FileBytes));
    let mut asked = Asked { paths: scope.paths.clone(), is_default: false, stdin: None };
    let is_stdin = |path: &Path| path == Path::new("-");
    let named_stdin = scope.paths.iter().any(|path| is_stdin(path));
    if named_stdin {
        let Some(name) = &scope.stdin_filename else {
            return Err(Failure::Usage("`-` needs `--stdin-filename FILE`: the file that standard input stands for".into()));
        };
        asked.paths.retain(|path| !is_stdin(path));
        asked.paths.push(name.clone());
        asked.stdin = Some((name.clone(), stdin()?.into()));
    } else if scope.stdin_filename.is_some() {
        return Err(Failure::Usage("`--stdin-filename` needs `-` among the paths".into()));
    }
    match &scope.files_from {
        None if asked.paths.is_empty() => {
            asked.paths.push(PathBuf::from("."));
            asked.is_default = true;
        }
        None => {}
        Some(list) if is_stdin(list) && named_stdin => {
            return Err(Failure::Usage("standard input cannot be both a file and a list of files".into()));
        }
        Some(list) if is_stdin(list) => asked.paths.extend(listed(&stdin()?)),
        Some(list) => asked.paths.extend(listed(&read(&process.working_directory.join(list), list)?)),
    }
    Ok(asked)
}

fn stdin(most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(most.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Usage(format!("cannot read standard input: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(Failure::Usage(format!("standard input {}; {}", too_large(most), Limit::FileBytes.help())));
    }
    Ok(bytes)
}

#[expect(clippy::disallowed_methods, reason = "an option's file may lie outside the scan root: the user named it")]
fn read(path: &Path, shown: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::Usage(format!("`--files-from {}`: {error}", shown.display())))
}

/// Paths with line ends between them, or NULs where there is one.
fn listed(bytes: &[u8]) -> Vec<PathBuf> {
    let text = String::from_utf8_lossy(bytes);
    if text.contains('\0') {
        return text.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    }
    text.lines().filter(|path| !path.trim().is_empty()).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_lines_or_nuls() {
        let shown = |bytes: &[u8]| listed(bytes).iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(shown(b"a.tf\r\nb c.tf\n\n"), ["a.tf", "b c.tf"]);
        assert_eq!(shown(b"a\nb.tf\0c.tf\0"), ["a\nb.tf", "c.tf"]);
        assert!(shown(b"").is_empty());
    }
}
