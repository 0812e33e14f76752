//! The real disk: what a walk enters, what links may do, and that nothing leads out of the scan root.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests make and read files of their own")]

mod support;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use support::Scratch;
use trailwarden::limits::Limit;
use trailwarden::source::fs::{Disk, EntryKind, FileSystem};

fn disk(scratch: &Scratch, root: &str) -> Disk {
    Disk::new(Path::new(root), scratch.path()).unwrap()
}

/// Files and unreachable places of a walk, relative to the scratch directory.
fn walk(scratch: &Scratch, disk: &Disk, from: &str) -> (Vec<String>, Vec<String>) {
    let short = |path: &Path| path.strip_prefix(scratch.path()).unwrap_or(path).display().to_string();
    let (entries, unreachable) = disk.walk(Path::new(from));
    let told = |path: &PathBuf, reason: &str| format!("{} {reason}", short(path));
    (entries.iter().map(|entry| short(&entry.path)).collect(), unreachable.iter().map(|place| told(&place.path, &place.reason)).collect())
}

#[test]
fn ignored_files_are_not_walked_and_hidden_ones_are() {
    let scratch = Scratch::new();
    scratch
        .write("repo/.gitignore", "build/\n*.gen.tf\n!keep.gen.tf\n/only-at-root.tf\n")
        .write("repo/main.tf", "")
        .write("repo/only-at-root.tf", "")
        .write("repo/a/only-at-root.tf", "")
        .write("repo/a/.gitignore", "!x.gen.tf\n")
        .write("repo/a/x.gen.tf", "")
        .write("repo/a/y.gen.tf", "")
        .write("repo/keep.gen.tf", "")
        .write("repo/build/b.tf", "")
        .write("repo/.settings/s.tf", "")
        .write("repo/.terraform/modules/m/m.tf", "")
        .write("repo/.terragrunt-cache/t.tf", "")
        .write("repo/node_modules/n/n.tf", "")
        .write("repo/.git/config.tf", "");
    let disk = disk(&scratch, "repo");
    let (files, unreachable) = walk(&scratch, &disk, "repo");
    let files: Vec<_> =
        files.iter().filter(|file| Path::new(file).extension().is_some_and(|extension| extension == "tf")).map(String::as_str).collect();
    assert_eq!(files, ["repo/.settings/s.tf", "repo/a/only-at-root.tf", "repo/a/x.gen.tf", "repo/keep.gen.tf", "repo/main.tf"]);
    assert_eq!(unreachable, [""; 0]);
    // What is named is walked, ignored or not; the rules from above still hold below it.
    assert_eq!(walk(&scratch, &disk, "repo/build").0, ["repo/build/b.tf"]);
    assert_eq!(walk(&scratch, &disk, "repo/a").0, ["repo/a/.gitignore", "repo/a/only-at-root.tf", "repo/a/x.gen.tf"]);
}

#[test]
fn ignore_files_above_the_scan_root_have_no_say() {
    let scratch = Scratch::new();
    scratch.write(".gitignore", "*.tf\n").write("repo/main.tf", "");
    assert_eq!(walk(&scratch, &disk(&scratch, "repo"), "repo").0, ["repo/main.tf"]);
}

#[test]
fn links_are_followed_once_and_never_out() {
    let scratch = Scratch::new();
    scratch
        .write("secret.tf", "")
        .write("outside/o.tf", "")
        .write("repo/a/main.tf", "")
        .write("repo/.gitignore", "hidden\n")
        .write("repo/hidden/h.tf", "")
        .link("../../secret.tf", "repo/a/secret.tf")
        .link("../../outside", "repo/a/outside")
        .link("nowhere", "repo/a/dangling.tf")
        .link("self.tf", "repo/a/self.tf")
        .link("..", "repo/a/up")
        .link("../a/main.tf", "repo/b/main.tf")
        .link("../a", "repo/b/again")
        .link("hidden", "repo/through");
    let (files, unreachable) = walk(&scratch, &disk(&scratch, "repo"), "repo");
    assert_eq!(files, ["repo/.gitignore", "repo/a/main.tf", "repo/b/main.tf", "repo/hidden/h.tf"]);
    assert_eq!(
        unreachable,
        [
            "repo/a/dangling.tf is a dangling symbolic link",
            "repo/a/outside leads out of the scan root",
            "repo/a/secret.tf leads out of the scan root",
            "repo/a/self.tf is a circular symbolic link",
            "repo/a/up is a circular symbolic link",
        ]
    );
}

#[test]
fn nothing_outside_the_scan_root_is_read() {
    let scratch = Scratch::new();
    scratch.write("secret", "x").write("repo/main.tf", "y").link("../secret", "repo/link");
    let disk = disk(&scratch, "repo");
    for path in ["secret", "repo/../secret", "repo/link", "/etc/passwd"] {
        assert_eq!(disk.read(Path::new(path)).unwrap_err().kind(), ErrorKind::PermissionDenied, "{path}");
        assert_eq!(disk.kind(Path::new(path)), None, "{path}");
    }
    assert_eq!(disk.read(Path::new("repo/main.tf")).unwrap(), b"y");
    assert_eq!(disk.resolve(Path::new("repo/./x/../main.tf")).unwrap_err().kind(), ErrorKind::NotFound);
    // What the user named may lie anywhere.
    assert_eq!(disk.clone().with_named(Path::new("secret")).read(Path::new("secret")).unwrap(), b"x");
}

#[test]
fn only_regular_files_of_a_sane_size_are_read() {
    let scratch = Scratch::new();
    scratch.write("repo/main.tf", "");
    let large = std::fs::File::create(scratch.path().join("repo/large.tf")).unwrap();
    large.set_len(Limit::FileBytes.default() + 1).unwrap();
    let pipe = scratch.path().join("repo/pipe.tf");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let disk = disk(&scratch, "repo");
    assert_eq!(disk.read(Path::new("repo/large.tf")).unwrap_err().kind(), ErrorKind::FileTooLarge);
    assert_eq!(disk.read(Path::new("repo")).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(disk.read(&pipe).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(disk.kind(&pipe), None);
    assert_eq!(disk.kind(Path::new("repo")), Some(EntryKind::Directory));
}
