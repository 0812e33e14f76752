//! A check opens no socket, starts no process, writes no file and reads nothing outside the scan root: shown by what the kernel was asked for.
//! Skipped with a word where `strace` is not installed or may not trace.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests make and read files of their own, and say what they skip")]

mod support;

use std::path::Path;
use std::process::Command;
use support::Scratch;

/// Calls with which something is said to the network.
const NETWORK: [&str; 5] = ["socket", "connect", "sendto", "bind", "listen"];

/// Whether a line of the log is one of these calls.
fn is(call: &str, names: &[&str]) -> bool {
    names.iter().any(|name| call.contains(&format!(" {name}(")))
}

/// A stranger's repository that tries to lead out, in every way that code has.
fn hostile() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .write("secret/main.tf", "resource \"aws_s3_bucket\" \"stolen\" {}\n")
        .write("secret/word.txt", "hunter2")
        .write("secret/stack.yaml", "Resources: {Stolen: {Type: AWS::S3::Bucket}}\n")
        .write("secret/secret.tfvars", "name = \"hunter2\"\n")
        .write("secret/terragrunt.hcl", "inputs = { name = \"hunter2\" }\n")
        .write(
            "repo/main.tf",
            r#"
module "up" {
  source = "../secret"
}
module "far" {
  source = "../../../../../../../../etc"
}
module "absolute" {
  source = "/etc"
}
module "downloaded" {
  source = "hashicorp/consul/aws"
}
module "linked" {
  source = "./linked"
}
resource "aws_s3_bucket" "a" {
  bucket = file("/etc/passwd")
}
resource "aws_s3_bucket" "b" {
  bucket = try(file("../secret/word.txt"), templatefile("../secret/word.txt", {}), "none")
}
resource "aws_s3_bucket" "c" {
  bucket = join("", fileset("../secret", "**"))
}
resource "aws_s3_bucket" "d" {
  bucket = filesha256("${path.module}/linked.txt")
}
resource "aws_s3_bucket" "e" {
  bucket = fileexists("/etc/shadow") ? "there" : "gone"
}
data "http" "x" {
  url = "http://127.0.0.1:1/"
}
data "external" "x" {
  program = ["/bin/sh", "-c", "touch /tmp/owned"]
}
terraform {
  backend "local" {
    path = "/etc/passwd"
  }
}
"#,
        )
        .write("repo/.terraform/modules/modules.json", r#"{"Modules":[{"Key":"downloaded","Source":"registry.terraform.io/hashicorp/consul/aws","Dir":"../secret"}]}"#)
        .write("repo/.terraform/environment", "../../secret")
        .write(
            "repo/stack.yaml",
            "Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ../secret/stack.yaml}\n  B:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: /etc/passwd}\n  C:\n    Type: AWS::S3::Bucket\n    Properties: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: ../secret/stack.yaml}}}\n",
        )
        .write("repo/serverless.yml", "service: x\nprovider: {name: aws}\ncustom: ${file(../secret/stack.yaml)}\nresources: {Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: '${file(../secret/word.txt)}'}}}}\n")
        .write(
            "repo/unit/terragrunt.hcl",
            "include \"root\" {\n  path = \"../../secret/terragrunt.hcl\"\n}\nterraform {\n  source = \"../../secret\"\n  before_hook \"x\" {\n    commands = [\"plan\"]\n    execute  = [\"touch\", \"/tmp/owned\"]\n  }\n}\ninputs = {\n  a = run_cmd(\"touch\", \"/tmp/owned\")\n  b = file(\"../../secret/word.txt\")\n  c = get_env(\"HOME\")\n}\n",
        )
        .link("../../secret", "repo/links/directory")
        .link("../../secret/main.tf", "repo/links/main.tf")
        .link("/etc/passwd", "repo/links/passwd.yaml")
        .link("../secret", "repo/linked")
        .link("../secret/word.txt", "repo/linked.txt");
    scratch
}

/// Every call of these families that a check of a repository makes, and its report; `None` where it cannot be watched.
fn calls(repository: &Path, families: &str, arguments: &[&str]) -> Option<(Vec<String>, String)> {
    let log = repository.join("../strace.log");
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-s", "400", "-e", &format!("trace={families}"), "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_trailwarden"))
        .args(["check", "--root", ".", "--format", "json", "--show", "pass,fail,open", "--exit-zero"])
        .args(arguments)
        .current_dir(repository)
        .output();
    let Ok(output) = traced else { return None };
    let log = std::fs::read_to_string(log).unwrap_or_default();
    if log.is_empty() && output.stdout.is_empty() {
        return None;
    }
    Some((log.lines().map(str::to_owned).collect(), String::from_utf8(output.stdout).unwrap()))
}

#[test]
fn a_check_of_a_hostile_repository_reaches_nothing_outside() {
    let scratch = hostile();
    let repository = scratch.path().join("repo");
    let Some((calls, report)) = calls(&repository, "network,process,file", &[]) else {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    };
    let network: Vec<_> = calls.iter().filter(|call| is(call, &NETWORK)).collect();
    assert!(network.is_empty(), "no network: {network:#?}");
    let started: Vec<_> = calls.iter().filter(|call| is(call, &["execve", "execveat", "fork", "vfork"])).collect();
    assert_eq!(started.len(), 1, "no process but its own start: {started:#?}");
    let written: Vec<_> = calls
        .iter()
        .filter(|call| ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.contains(flag)) || is(call, &["unlink", "rename", "mkdir"]))
        .filter(|call| !call.contains("/dev/"))
        .collect();
    assert!(written.is_empty(), "nothing is written: {written:#?}");
    let secret = scratch.path().join("secret").display().to_string();
    let opened: Vec<_> = calls
        .iter()
        .filter(|call| is(call, &["open", "openat"]) && !call.contains(" = -1 "))
        .filter(|call| call.contains(&secret) || call.contains("../secret") || call.contains("passwd") || call.contains("shadow"))
        .collect();
    assert!(opened.is_empty(), "nothing outside is opened: {opened:#?}");
    for stolen in ["hunter2", "stolen", "Stolen", "root:x:"] {
        assert!(!report.contains(stolen), "{stolen} is in the report: {report}");
    }
    for told in ["outside the scan root", "leads out of the scan root"] {
        assert!(report.contains(told), "`{told}` is told: {report}");
    }
    assert!(!Path::new("/tmp/owned").exists());
}

#[test]
fn a_check_of_nothing_starts_no_thread() {
    let scratch = Scratch::new();
    scratch.write("repo/README.md", "nothing of ours\n");
    let Some((calls, _)) = calls(&scratch.path().join("repo"), "process", &[]) else {
        eprintln!("skipped: strace is not installed, or may not trace here");
        return;
    };
    let started: Vec<_> = calls.iter().filter(|call| is(call, &["clone", "clone3", "fork", "vfork"])).collect();
    assert!(started.is_empty(), "{started:#?}");
}

#[test]
fn a_check_of_a_change_starts_git_alone_with_arguments_of_its_own() {
    let scratch = Scratch::new();
    scratch.write("main.tf", "resource \"aws_s3_bucket\" \"a\" {}\n");
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").args(identity).args(arguments).current_dir(scratch.path()).output();
        done.is_ok_and(|done| done.status.success())
    };
    if !git(&["init", "-q"]) || !git(&["add", "-A"]) || !git(&["commit", "-q", "-m", "first"]) {
        eprintln!("skipped: there is no `git` here");
        return;
    }
    for name in ["--output=owned.tf", "-c alias.x=!touch owned.tf", "$(touch owned).tf", "`touch owned`.tf", "HEAD.tf", ":(exclude)x.tf"] {
        scratch.write(name, "resource \"aws_s3_bucket\" \"b\" {}\n");
    }
    scratch.write("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n");
    assert!(git(&["add", "-A"]));
    scratch.write("main.tf", "# something else lies on disk\n");
    for arguments in [&["--changed"][..], &["--diff-base", "HEAD"]] {
        let Some((calls, report)) = calls(scratch.path(), "network,process", arguments) else {
            eprintln!("skipped: strace is not installed, or may not trace here");
            return;
        };
        assert!(report.contains("$(touch owned).tf"), "what was staged was read: {report}");
        let network: Vec<_> = calls.iter().filter(|call| is(call, &NETWORK)).collect();
        assert!(network.is_empty(), "no network: {network:#?}");
        // The first is its own start.
        let started: Vec<_> = calls.iter().filter(|call| is(call, &["execve", "execveat"])).skip(1).collect();
        assert!(!started.is_empty());
        for call in started {
            let fixed = r#"["git", "--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never","#;
            assert!(call.contains(fixed), "only git is started, and told to run nothing: {call}");
            assert!(!call.contains("owned") && !call.contains(".tf"), "no name of the repository is an argument: {call}");
        }
    }
}

#[test]
fn a_check_works_without_a_network() {
    let scratch = hostile();
    let without = Command::new("unshare")
        .args(["--user", "--net"])
        .arg(env!("CARGO_BIN_EXE_trailwarden"))
        .args(["check", "--root", ".", "--format", "json", "--exit-zero"])
        .current_dir(scratch.path().join("repo"))
        .output();
    let with = Command::new(env!("CARGO_BIN_EXE_trailwarden"))
        .args(["check", "--root", ".", "--format", "json", "--exit-zero"])
        .current_dir(scratch.path().join("repo"))
        .output()
        .unwrap();
    match without {
        Ok(without) if !without.stdout.is_empty() => assert_eq!(without.stdout, with.stdout),
        _ => eprintln!("skipped: `unshare --net` is not installed, or not allowed here"),
    }
}
