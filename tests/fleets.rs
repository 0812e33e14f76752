//! `scan-many`: shards, lines, taking up again, and the recipes that stand in `fleet/`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use support::{Scratch, run};
use trailwarden::cli::Exit;

const TRAIL: &str = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = aws_s3_bucket.logs.id\n}\n";

/// Twelve roots: most with a trail, one empty, one broken, one that is not there.
fn fleet() -> Scratch {
    let scratch = Scratch::new();
    let mut list = String::from("# the organisation\n\n");
    for root in 0..9 {
        scratch.write(&format!("repos/r{root}/main.tf"), TRAIL);
        list.extend(["repos/r", &root.to_string(), " # one of many\n"]);
    }
    scratch.write("repos/empty/readme", "").write("repos/broken/main.tf", "resource {{\n");
    scratch.write("fleet.txt", list + "repos/empty\nrepos/broken\nrepos/gone\nrepos/r0\n");
    scratch
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn roots(lines: &[Value]) -> Vec<(String, i64)> {
    let done = lines.iter().filter(|line| line["type"] == "root");
    done.map(|line| (line["root"].as_str().unwrap().to_owned(), line["exit"].as_i64().unwrap())).collect()
}

#[test]
fn every_root_has_its_lines_and_its_end() {
    let scratch = fleet();
    let done = run(scratch.path(), &["scan-many", "--repos", "fleet.txt"]);
    assert_eq!((done.exit, done.err.as_str()), (Exit::Clean, ""));
    let lines = lines(&done.out);
    let ends = roots(&lines);
    assert_eq!(ends.len(), 12, "each once: {ends:?}");
    let exit = |root: &str| ends.iter().find(|(name, _)| name == root).unwrap().1;
    assert_eq!([exit("repos/r3"), exit("repos/empty"), exit("repos/broken"), exit("repos/gone")], [1, 0, 2, 2]);
    let failing = lines.iter().filter(|line| line["rule"] == "cloudtrail-bucket-without-access-logging" && line["outcome"] == "fail");
    let failing: Vec<&Value> = failing.collect();
    assert_eq!(failing.len(), 9);
    assert_eq!(failing[4]["root"], "repos/r4");
    assert_eq!(failing[4]["subject"]["file"], "main.tf", "paths are the root's own");
    assert!(lines.iter().any(|line| line["root"] == "repos/broken" && line["type"] == "diagnostic" && line["level"] == "error"));
    assert!(run(scratch.path(), &["scan-many", "--repos", "fleet.txt"]).out == done.out, "two runs give the same bytes");
}

#[test]
fn shards_make_up_the_whole() {
    let scratch = fleet();
    let whole: BTreeSet<String> = run(scratch.path(), &["scan-many", "--repos", "fleet.txt"]).out.lines().map(str::to_owned).collect();
    let mut together = BTreeSet::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let part = run(scratch.path(), &["scan-many", "--repos", "fleet.txt", "--shard", shard]).out;
        for line in part.lines() {
            assert!(together.insert(line.to_owned()), "in one shard only: {line}");
        }
    }
    assert!(together == whole);
    assert_eq!(run(scratch.path(), &["scan-many", "--repos", "fleet.txt", "--shard", "4/3"]).exit, Exit::Failed);
    assert_eq!(run(scratch.path(), &["scan-many", "--repos", "nowhere.txt"]).exit, Exit::Failed);
}

#[test]
fn what_was_cut_short_is_taken_up_again() {
    let scratch = fleet();
    let arguments = ["scan-many", "--repos", "fleet.txt", "--to", "lines.jsonl"];
    assert_eq!(run(scratch.path(), &arguments).exit, Exit::Clean);
    let file = scratch.path().join("lines.jsonl");
    let whole = std::fs::read(&file).unwrap();
    for cut in [0, 1, whole.len() / 3, whole.len() / 2, whole.len() - 1, whole.len()] {
        std::fs::write(&file, &whole[..cut]).unwrap();
        assert_eq!(run(scratch.path(), &arguments).exit, Exit::Clean);
        assert!(std::fs::read(&file).unwrap() == whole, "cut after {cut} bytes");
    }
}

#[test]
fn options_of_check_are_handed_on() {
    let scratch = fleet();
    let done = run(scratch.path(), &["scan-many", "--repos", "fleet.txt", "--", "--select", "access-log-target-is-source"]);
    assert!(!done.out.contains("cloudtrail-bucket-without-access-logging"));
    assert_eq!(roots(&lines(&done.out)).iter().filter(|(_, exit)| *exit == 0).count(), 10);
    let wrong = run(scratch.path(), &["scan-many", "--repos", "fleet.txt", "--", "--no-such-option"]);
    assert!(lines(&wrong.out).iter().all(|line| line["exit"] == 2), "{}", wrong.out);
}

/// What a recipe passes to `scan-many` is an option that there is, and its shards are as many as it says.
#[test]
fn recipes_are_what_they_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fleet");
    let read = |name: &str| -> serde_yaml::Value { serde_yaml::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap() };
    let job = read("kubernetes-job.yaml");
    assert_eq!((job["apiVersion"].as_str(), job["kind"].as_str()), (Some("batch/v1"), Some("Job")));
    let spec = &job["spec"];
    assert_eq!(spec["completionMode"].as_str(), Some("Indexed"));
    let completions = spec["completions"].as_i64().unwrap();
    assert!(spec["parallelism"].as_i64().unwrap() <= completions);
    let pod = &spec["template"]["spec"];
    assert_eq!(pod["restartPolicy"].as_str(), Some("Never"));
    let container = &pod["containers"][0];
    let command = container["command"][2].as_str().unwrap();
    assert!(command.contains("--shard \"$((JOB_COMPLETION_INDEX + 1))/$SHARDS\""), "{command}");
    assert_eq!(container["env"][0]["value"].as_str(), Some(completions.to_string().as_str()), "as many shards as completions");
    let workflow = read("github-matrix.yml");
    let shards = workflow["jobs"]["scan"]["strategy"]["matrix"]["shard"].as_sequence().unwrap().len();
    let steps = workflow["jobs"]["scan"]["steps"].as_sequence().unwrap();
    let scan = steps.iter().filter_map(|step| step["run"].as_str()).find(|run| run.contains("scan-many")).unwrap();
    assert!(scan.contains(&format!("--shard \"$SHARD/{shards}\"")), "{scan}");
    // What they run is run here, on one shard.
    let scratch = fleet();
    let done = run(scratch.path(), &["scan-many", "--repos", "fleet.txt", "--shard", &format!("1/{shards}"), "--to", "lines-1.jsonl"]);
    assert_eq!(done.exit, Exit::Clean, "{}", done.err);
}
