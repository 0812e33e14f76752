//! `--changed` and `--diff-base` over real repositories, made with the real `git`. Skipped with a word where there is none.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests make files of their own")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod support;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::{Run, Scratch};
use trailwarden::cli::{self, Exit, Process, Terminal};

const BUCKET: &str = "resource \"aws_s3_bucket\" \"trail\" {\n  bucket = \"trail\"\n}\n";
const TRAIL: &str = "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = aws_s3_bucket.trail.id\n}\n";
const LOGGING: &str = "resource \"aws_s3_bucket_logging\" \"trail\" {\n  bucket        = aws_s3_bucket.trail.id\n  target_bucket = \"logs\"\n  target_prefix = \"trail/\"\n}\n";

/// A repository whose hooks, monitor, external diff and text conversion would leave a mark if anything ran them.
struct Repository {
    scratch: Scratch,
}

fn environment() -> Vec<(String, String)> {
    ["PATH", "HOME", "SystemRoot"].iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect()
}

fn has_git() -> bool {
    let has = Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success());
    if !has {
        eprintln!("skipped: there is no `git` here");
    }
    has
}

fn git_in(directory: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"];
    let quiet = ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"];
    let mut command = Command::new("git");
    command.args(identity).args(quiet).args(arguments).current_dir(directory).env_clear().envs(environment());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn run_in(directory: &Path, more: &[(&str, &str)], arguments: &[&str]) -> Run {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut all = environment();
    all.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut process = Process {
        working_directory: directory.to_owned(),
        environment: all,
        out: &mut out,
        err: &mut err,
        terminal: Terminal::default(),
        clock: || Duration::ZERO,
    };
    let always = ["trailwarden", "check", "--select", "cloudtrail-bucket-without-access-logging"];
    let format = if arguments.contains(&"--format") { &[][..] } else { &["--format", "concise"] };
    let exit = cli::run(always.iter().chain(format).chain(arguments).map(Into::into), &mut process);
    Run { out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap(), exit }
}

impl Repository {
    /// With one commit: a trail whose bucket is logged.
    fn new() -> Self {
        let repository = Self { scratch: Scratch::new() };
        repository.git(&["init", "-q"]);
        repository.write("infra/bucket.tf", BUCKET).write("infra/trail.tf", TRAIL).write("infra/logging.tf", LOGGING);
        repository.write("README.md", "# infra\n");
        repository.commit("start");
        repository
    }

    fn path(&self) -> &Path {
        self.scratch.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        git_in(self.path(), arguments)
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        self.scratch.write(path, text);
        self
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    fn check(&self, arguments: &[&str]) -> Run {
        run_in(self.path(), &[], arguments)
    }
}

#[test]
fn a_commit_that_only_deletes_the_logging_is_caught() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.git(&["rm", "-q", "infra/logging.tf"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Findings, "{}{}", done.out, done.err);
    assert!(done.out.starts_with("infra/bucket.tf:1:1: high cloudtrail-bucket-without-access-logging"), "{}", done.out);
    repository.git(&["commit", "-q", "-m", "unwatched"]);
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Clean, "once committed it is no longer what the next commit does");
    assert_eq!(repository.check(&["--diff-base", "HEAD~1"]).exit, Exit::Findings);
    assert_eq!(repository.check(&["--diff-base", "HEAD"]).exit, Exit::Clean);
}

#[test]
fn a_commit_that_is_about_nothing_of_ours_returns_at_once() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.write("README.md", "# changed\n").write("broken.tf", "resource {{\n");
    repository.git(&["add", "README.md"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Clean, "the broken file is not part of the commit: {}", done.out);
    assert_eq!(done.out, "nothing to check: the change is about no Terraform module, CloudFormation template or plan\n");
    let json: serde_json::Value = serde_json::from_str(&repository.check(&["--changed", "--format", "json"]).out).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 0);
}

#[test]
fn what_was_there_before_is_left_out_and_counted() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.write("old/main.tf", &format!("{BUCKET}{TRAIL}")).write("old/broken/main.tf", "resource {{\n");
    repository.commit("an old finding, and an old mistake");
    repository.write("infra/more.tf", "locals {\n  x = 1\n}\n");
    repository.git(&["add", "-A"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.out);
    assert!(done.out.contains("; 1 finding and 3 problems outside of this change not listed"), "{}", done.out);
    // Whoever touches its file sees it.
    repository.write("old/main.tf", &format!("# touched\n{BUCKET}{TRAIL}"));
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Clean, "not staged");
    repository.git(&["add", "-A"]);
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Findings);
}

#[test]
fn the_index_is_what_will_be_committed() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    // Staged: unwatched. On disk: mended again, but not staged.
    repository.git(&["rm", "-q", "--cached", "infra/logging.tf"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Findings, "the file is on disk, but will not be in the commit: {}", done.out);
    repository.git(&["add", "-A"]);
    repository.write("infra/logging.tf", "# nothing\n");
    repository.write("infra/bucket.tf", &format!("# staged\n{BUCKET}"));
    repository.git(&["add", "infra/bucket.tf"]);
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Clean, "what is emptied on disk only is still in the commit");
    std::fs::remove_file(repository.path().join("infra/logging.tf")).unwrap();
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Clean, "and so is what is deleted on disk only");
}

#[test]
fn downloaded_modules_are_there_though_nobody_commits_them() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    let module = "module \"logs\" {\n  source = \"example/logs/aws\"\n}\n";
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"logs","Source":"registry.terraform.io/example/logs/aws","Dir":".terraform/modules/logs"}]}"#;
    repository.write("root/main.tf", &format!("{module}{}", TRAIL.replace("aws_s3_bucket.trail.id", "module.logs.bucket")));
    repository.write("root/.terraform/modules/modules.json", manifest);
    repository
        .write("root/.terraform/modules/logs/main.tf", &format!("{BUCKET}output \"bucket\" {{\n  value = aws_s3_bucket.trail.id\n}}\n"));
    repository.git(&["add", "root/main.tf"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Findings, "{}", done.out);
}

#[test]
fn the_first_commit_is_all_new() {
    if !has_git() {
        return;
    }
    let scratch = Scratch::new();
    git_in(scratch.path(), &["init", "-q"]);
    scratch.write("main.tf", format!("{BUCKET}{TRAIL}"));
    git_in(scratch.path(), &["add", "-A"]);
    let done = run_in(scratch.path(), &[], &["--changed"]);
    assert_eq!(done.exit, Exit::Findings, "{}{}", done.out, done.err);
}

#[test]
fn a_renamed_directory_brings_nothing_new() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.git(&["rm", "-q", "infra/logging.tf"]);
    repository.commit("unwatched");
    repository.git(&["mv", "infra", "audit"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.out);
    assert!(done.out.contains("1 finding outside of this change not listed"), "{}", done.out);
    repository.write("audit/bucket.tf", &format!("{BUCKET}# and changed\n"));
    repository.git(&["add", "-A"]);
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Findings, "renamed and changed is changed");
}

#[test]
fn a_branch_is_held_against_where_it_left() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.git(&["checkout", "-q", "-b", "feature"]);
    repository.git(&["rm", "-q", "infra/logging.tf"]);
    repository.commit("unwatched");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("other/main.tf", &format!("{BUCKET}{TRAIL}"));
    repository.commit("main goes on, with a finding of its own");
    repository.git(&["checkout", "-q", "feature"]);
    let done = repository.check(&["--diff-base", "main"]);
    assert_eq!(done.exit, Exit::Findings);
    assert!(done.out.contains("infra/bucket.tf:1:1: high") && !done.out.contains("other/"), "{}", done.out);
    // Files that are not even added are part of the working tree.
    repository.write("infra/logging.tf", LOGGING);
    assert_eq!(repository.check(&["--diff-base", "main"]).exit, Exit::Clean);
    let unknown = repository.check(&["--diff-base", "no-such-branch"]);
    assert_eq!(unknown.exit, Exit::Failed);
    assert!(unknown.err.contains("`--diff-base no-such-branch`: git knows no such commit"), "{}", unknown.err);
    let option = repository.check(&["--diff-base=--output=owned"]);
    assert_eq!(option.exit, Exit::Failed, "a name never becomes an option");
    assert!(!repository.path().join("owned").exists());
}

#[test]
fn shallow_clones_say_what_they_lack() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.write("infra/more.tf", "locals {}\n");
    repository.commit("more");
    repository.git(&["checkout", "-q", "-b", "feature"]);
    repository.git(&["rm", "-q", "infra/logging.tf"]);
    repository.commit("unwatched");
    let clones = Scratch::new();
    let from = format!("file://{}", repository.path().display());
    git_in(clones.path(), &["clone", "-q", "--depth", "1", "--branch", "feature", &from, "clone"]);
    let clone = clones.path().join("clone");
    let missing = run_in(&clone, &[], &["--diff-base", "origin/main"]);
    assert_eq!(missing.exit, Exit::Failed);
    assert!(missing.err.contains("this clone is shallow: fetch that branch"), "{}", missing.err);
    git_in(&clone, &["fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let done = run_in(&clone, &[], &["--diff-base", "origin/main"]);
    assert_eq!(done.exit, Exit::Findings, "{}{}", done.out, done.err);
    assert!(done.out.contains("have no common ancestor in this shallow clone"), "{}", done.out);
}

#[test]
fn linked_worktrees_and_hooks_find_their_index() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    let other = Scratch::new();
    let tree = other.path().join("tree");
    repository.git(&["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "linked"]);
    git_in(&tree, &["rm", "-q", "infra/logging.tf"]);
    assert_eq!(run_in(&tree, &[], &["--changed"]).exit, Exit::Findings);
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Clean, "the main tree has its own index");
    // As git calls a hook, and with paths as seen from there.
    let git_dir = git_in(&tree, &["rev-parse", "--absolute-git-dir"]);
    let index = PathBuf::from(&git_dir).join("index");
    let told = [("GIT_DIR", git_dir.as_str()), ("GIT_INDEX_FILE", index.to_str().unwrap()), ("GIT_WORK_TREE", ".")];
    assert_eq!(run_in(&tree, &told, &["--changed"]).exit, Exit::Findings);
    assert_eq!(run_in(&tree.join("infra"), &[], &["--changed"]).exit, Exit::Findings, "from a directory below");
    repository.git(&["rm", "-q", "infra/logging.tf"]);
    assert_eq!(run_in(repository.path(), &[("GIT_INDEX_FILE", ".git/index")], &["--changed"]).exit, Exit::Findings);
}

#[test]
#[cfg(unix)]
fn git_itself_stops_the_commit_by_a_hook() {
    use std::os::unix::fs::PermissionsExt;
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    let hook = repository.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let command = format!(
        "#!/bin/sh\nexec '{}' check --changed --select cloudtrail-bucket-without-access-logging\n",
        env!("CARGO_BIN_EXE_trailwarden")
    );
    std::fs::write(&hook, command).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let commits = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "x"]);
        command.args(arguments).current_dir(repository.path()).env_clear().envs(environment());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").output().unwrap().status.success()
    };
    std::fs::remove_file(repository.path().join("infra/logging.tf")).unwrap();
    assert!(!commits(&["-a"]), "git names an index of its own for `commit -a`");
    repository.git(&["rm", "-q", "--cached", "infra/logging.tf"]);
    repository.write("infra/trail.tf", &format!("# touched\n{TRAIL}"));
    assert!(commits(&["infra/trail.tf"]), "the deletion is staged, but not part of this commit");
    assert!(!commits(&[]), "and now it is");
}

#[test]
fn no_repository_and_no_git_are_told() {
    let scratch = Scratch::new();
    scratch.write("main.tf", TRAIL);
    if has_git() {
        // The scratch directory may lie in somebody's repository: its own top is named.
        let done =
            run_in(scratch.path(), &[("GIT_CEILING_DIRECTORIES", scratch.path().parent().unwrap().to_str().unwrap())], &["--changed"]);
        assert_eq!(done.exit, Exit::Failed);
        assert!(done.err.contains("`--changed` needs a git repository with a working tree: not a git repository"), "{}", done.err);
    }
    let done = run_in(scratch.path(), &[("PATH", "/nowhere")], &["--diff-base", "main"]);
    assert_eq!(done.exit, Exit::Failed);
    assert!(done.err.contains("`--diff-base` needs the `git` command, which could not be started"), "{}", done.err);
}

#[test]
fn a_staged_file_that_is_too_large_is_told() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.write("infra/large.tf", &format!("# {}\n", "long ".repeat(1_000)));
    repository.git(&["add", "-A"]);
    // What lies on disk is not what will be committed.
    repository.write("infra/large.tf", "# short\n");
    let small = ["--changed", "--limit", "file-bytes=4_000"];
    let done = repository.check(&small);
    assert_eq!(done.exit, Exit::Failed, "{}", done.out);
    assert!(done.out.contains("infra/large.tf: "), "{}", done.out);
    assert!(done.out.contains("is larger than 4000 bytes, the limit `file-bytes`"), "{}", done.out);
    let full = repository.check(&[&small[..], &["--format", "full"]].concat());
    assert!(full.out.contains("`--limit file-bytes=NUMBER`"), "how it is raised is said: {}", full.out);
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Clean);
}

#[test]
#[cfg(unix)]
fn nothing_that_a_repository_names_is_run() {
    use std::os::unix::fs::PermissionsExt;
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    let mark = repository.path().join("ran");
    let script = repository.path().join(".git/evil");
    std::fs::write(&script, format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display())).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let evil = script.to_str().unwrap();
    for name in ["core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command", "core.pager", "core.sshCommand"] {
        repository.git(&["config", name, evil]);
    }
    for hook in ["post-index-change", "reference-transaction", "post-checkout"] {
        let path = repository.path().join(".git/hooks").join(hook);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(&script, &path).unwrap();
    }
    std::fs::write(repository.path().join(".gitattributes"), "*.tf diff=evil\n").unwrap();
    std::fs::remove_file(repository.path().join("infra/logging.tf")).unwrap();
    git_in(repository.path(), &["-c", "core.fsmonitor=false", "add", "-A"]);
    let _ = std::fs::remove_file(&mark);
    let index = std::fs::read(repository.path().join(".git/index")).unwrap();
    assert_eq!(repository.check(&["--changed"]).exit, Exit::Findings);
    assert_eq!(repository.check(&["--diff-base", "HEAD"]).exit, Exit::Findings);
    assert!(!mark.exists(), "nothing of the repository was run");
    assert_eq!(std::fs::read(repository.path().join(".git/index")).unwrap(), index, "and its index was not written");
}

#[test]
fn a_change_that_suppresses_is_told_to_whoever_reviews_it() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    repository.git(&["rm", "-q", "infra/logging.tf"]);
    let ignored = format!("# trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason=\"trust me\"\n{TRAIL}");
    repository.write("infra/trail.tf", &ignored).write("trailwarden.toml", "strict = false\n");
    repository.git(&["add", "-A"]);
    let done = repository.check(&["--changed"]);
    assert_eq!(done.exit, Exit::Clean);
    assert!(
        done.out.contains("infra/trail.tf:1:1: warning new-suppression: this change suppresses `cloudtrail-bucket-without-access-logging` for `aws_cloudtrail.main`: trust me"),
        "{}",
        done.out
    );
    assert!(done.out.contains("trailwarden.toml: warning config-changed: this change changes the config file"), "{}", done.out);
    repository.write("known.json", "{\"schema_version\": 1, \"findings\": []}\n");
    repository.git(&["add", "-A"]);
    let done = repository.check(&["--changed", "--baseline", "known.json"]);
    assert!(done.out.contains("known.json: warning baseline-changed: this change changes the baseline"), "{}", done.out);
    repository.git(&["commit", "-q", "-m", "suppressed"]);
    repository.write("infra/more.tf", "locals {}\n");
    repository.git(&["add", "-A"]);
    let done = repository.check(&["--changed"]);
    assert!(!done.out.contains("new-suppression"), "it was there before: {}", done.out);
}

#[test]
fn names_of_every_kind_are_found() {
    if !has_git() {
        return;
    }
    let repository = Repository::new();
    for directory in ["größe", "a b", "quo\"te", "100%"] {
        repository.write(&format!("{directory}/main.tf"), &format!("{BUCKET}{TRAIL}")).write(&format!("{directory}/log.tofu"), LOGGING);
        repository.write(&format!("{directory}/stack.template"), "Resources:\n  B:\n    Type: AWS::S3::Bucket\n");
    }
    repository.commit("more");
    for directory in ["größe", "a b", "quo\"te", "100%"] {
        repository.git(&["rm", "-q", &format!("{directory}/log.tofu")]);
    }
    let done = repository.check(&["--changed"]);
    for directory in ["größe", "a b", "quo\"te", "100%"] {
        assert!(done.out.contains(&format!("{directory}/main.tf:1:1: high")), "{directory}:\n{}", done.out);
    }
}

#[test]
fn lists_of_files_and_standard_input_are_taken() {
    let scratch = Scratch::new();
    scratch.write("a/main.tf", format!("{BUCKET}{TRAIL}")).write("b/main.tf", format!("{BUCKET}{TRAIL}")).write("list", "a/main.tf\n");
    let done = run_in(scratch.path(), &[], &["--root", ".", "--files-from", "list"]);
    assert!(done.out.contains("a/main.tf:1:1") && !done.out.contains("b/main.tf"), "{}", done.out);
    scratch.write("list", "");
    let nothing = run_in(scratch.path(), &[], &["--root", ".", "--files-from", "list"]);
    assert!(nothing.out.starts_with("nothing to check"), "an empty list is no list of everything: {}", nothing.out);
    assert!(run_in(scratch.path(), &[], &["--files-from", "nowhere"]).err.contains("`--files-from nowhere`"));
    assert!(run_in(scratch.path(), &[], &["-"]).err.contains("`--stdin-filename FILE`"));
    // The program itself has a standard input.
    let program = |arguments: &[&str], input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailwarden"));
        command
            .args(["check", "--root", ".", "--format", "concise", "--select", "cloudtrail-bucket-without-access-logging"])
            .args(arguments)
            .current_dir(scratch.path());
        let mut child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    assert!(program(&["--files-from", "-"], "b/main.tf\0").contains("b/main.tf:1:1"));
    // An editor's buffer in the place of a file, which may not even be there yet.
    let edited = program(&["-", "--stdin-filename", "a/main.tf"], &format!("{BUCKET}{TRAIL}{LOGGING}"));
    assert!(edited.contains("no findings") || !edited.contains(": high"), "{edited}");
    let new = program(&["-", "--stdin-filename", "c/new.tf"], &format!("{BUCKET}{TRAIL}"));
    assert!(new.contains("c/new.tf:1:1: high"), "{new}");
}
