//! Where the scan root is: nothing outside it is ever read.
#![expect(clippy::disallowed_methods, reason = "the scan root is found before there is a file system inside it")]

use crate::cli::Failure;
use crate::source::fs::Disk;
use std::fs;
use std::path::{Path, PathBuf};

/// The disk inside the scan root of some paths: `named`, else the nearest directory at or above all of them that holds `.git`, else the
/// working directory if they lie in it, else the directory that holds them all. Paths that are not there have no say.
pub fn disk(named: Option<&Path>, paths: &[PathBuf], working_directory: &Path) -> Result<Disk, Failure> {
    let root = match named {
        Some(named) if working_directory.join(named).is_dir() => named.to_owned(),
        Some(named) => return Err(Failure::Usage(format!("`--root {}`: there is no such directory", named.display()))),
        None => nearest(paths, working_directory),
    };
    Disk::new(&root, working_directory).map_err(|error| Failure::Usage(format!("cannot enter `{}`: {error}", root.display())))
}

fn nearest(paths: &[PathBuf], working_directory: &Path) -> PathBuf {
    let here = fs::canonicalize(working_directory).unwrap_or_else(|_| working_directory.to_owned());
    let directories = paths.iter().filter_map(|path| {
        let path = fs::canonicalize(here.join(path)).ok()?;
        if path.is_dir() { Some(path) } else { path.parent().map(Path::to_owned) }
    });
    let common = directories.reduce(|a, b| a.ancestors().find(|above| b.starts_with(above)).map_or_else(PathBuf::new, Path::to_owned));
    let common = common.unwrap_or_else(|| here.clone());
    if let Some(repository) = common.ancestors().find(|above| above.join(".git").exists()) {
        return repository.to_owned();
    }
    if common.starts_with(&here) { here } else { common }
}
