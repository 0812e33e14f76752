//! Each limit that can be set: met, it says its name and how it is raised; raised, it is not met. And who may raise it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::Scratch;
use trailwarden::analysis::{Options, analyze};
use trailwarden::cli::Exit;
use trailwarden::limits::Limit;
use trailwarden::rule::RuleSet;
use trailwarden::source::fs::Memory;

/// Buckets whose logging goes to one that nobody knows.
const LOGGED: &str = "variable \"target\" {}\nresource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n\
    resource \"aws_s3_bucket_policy\" \"p\" {\n  bucket = var.target\n  policy = \"{}\"\n}\n";

/// A trail that is there in some stages, by inputs that have few values.
const STAGED: &str = "variable \"stage\" {\n  type = string\n  validation {\n    condition = contains([\"dev\", \"test\", \"prod\"], var.stage)\n    error_message = \"a stage\"\n  }\n}\n\
    variable \"logs\" {\n  type = bool\n}\n\
    resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n\
    resource \"aws_s3_bucket_versioning\" \"a\" {\n  bucket = aws_s3_bucket.a.id\n  versioning_configuration {\n    status = var.stage == \"prod\" ? \"Enabled\" : \"Suspended\"\n  }\n}\n\
    resource \"aws_s3_bucket_logging\" \"a\" {\n  count = var.logs ? 1 : 0\n  bucket = aws_s3_bucket.a.id\n  target_bucket = \"b\"\n  target_prefix = \"a/\"\n}\n";

/// The files that meet a limit when it is as low as this.
fn case(limit: Limit) -> (u64, Vec<(&'static str, String)>) {
    let bucket = |name: &str| format!("resource \"aws_s3_bucket\" \"{name}\" {{\n  bucket = \"{name}\"\n}}\n");
    let file = |name, text: &str| vec![(name, text.to_owned())];
    let template = |resources: &str| format!("Resources:\n  A:\n    Type: AWS::S3::Bucket\n{resources}");
    match limit {
        Limit::FileBytes => (20, file("main.tf", &bucket("a"))),
        Limit::FileParts => {
            (9, file("main.tf", &(bucket("a") + &"# a comment of some length, which is a part only by its line\n".repeat(75_000))))
        }
        Limit::Parts => (9, vec![("a/main.tf", bucket("a")), ("b/main.tf", bucket("b"))]),
        Limit::AliasNodes => (2, file("t.yaml", &template("    Metadata: {x: &x [1, 2, 3], y: *x}\n"))),
        Limit::ModuleSteps | Limit::Steps => {
            (3, file("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = join(\"-\", [for x in [1, 2, 3, 4] : x])\n}\n"))
        }
        Limit::ModuleElements | Limit::Elements => {
            (3, file("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = join(\"-\", [\"a\", \"b\", \"c\", \"d\"])\n}\n"))
        }
        Limit::ModuleText | Limit::Text => {
            (3, file("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = join(\"-\", [\"a\", \"b\", \"c\"])\n}\n"))
        }
        Limit::Instances => (4, file("main.tf", &bucket("a").replace('}', "  count = 5\n}"))),
        Limit::Modules => (
            1,
            vec![
                ("main.tf", "module \"a\" {\n  source = \"./m\"\n}\nmodule \"b\" {\n  source = \"./m\"\n}\n".to_owned()),
                ("m/main.tf", bucket("a")),
            ],
        ),
        Limit::Declarations => (1, file("main.tf", &(bucket("a") + &bucket("b")))),
        Limit::TemplateSteps => (2, file("t.yaml", &template("    Properties:\n      BucketName: !Join ['-', [a, b, c]]\n"))),
        Limit::TemplateText => (3, file("t.yaml", &template("    Properties:\n      BucketName: !Join ['-', [a, b, c]]\n"))),
        Limit::TemplateElements => (2, file("t.yaml", &template("    Properties:\n      BucketName: !Join ['-', [a, b, c]]\n"))),
        Limit::LoopNodes => (
            3,
            file(
                "t.yaml",
                "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::B:\n    - X\n    - [a, b, c]\n    - B${X}:\n        Type: AWS::S3::Bucket\n",
            ),
        ),
        Limit::TemplateFiles => (
            1,
            vec![
                (
                    "t.yaml",
                    "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./n.yaml\n".to_owned(),
                ),
                ("n.yaml", template("")),
            ],
        ),
        Limit::Includes => {
            let include = |name| {
                format!(
                    "  {name}:\n    Type: AWS::S3::Bucket\n    Properties:\n      Fn::Transform:\n        Name: AWS::Include\n        Parameters:\n          Location: ./p.yaml\n"
                )
            };
            (1, vec![("t.yaml", format!("Resources:\n{}{}", include("A"), include("B"))), ("p.yaml", "BucketName: x\n".to_owned())])
        }
        Limit::Stacks => {
            let stack = |name| format!("  {name}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./n.yaml\n");
            (1, vec![("t.yaml", format!("Resources:\n{}{}", stack("S"), stack("T"))), ("n.yaml", template(""))])
        }
        Limit::PolicyStatements => {
            let statement =
                "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}";
            let policy = format!("{{\"Statement\":[{statement},{statement}]}}").replace('"', "\\\"");
            let rest = format!("resource \"aws_s3_bucket_policy\" \"a\" {{\n  bucket = aws_s3_bucket.a.id\n  policy = \"{policy}\"\n}}\n");
            (1, file("main.tf", &(bucket("a") + &rest)))
        }
        Limit::PossiblePairs => (1, file("main.tf", LOGGED)),
        Limit::Links => (1, file("main.tf", &(trail("a", "a") + &trail("b", "b")))),
        Limit::RuleSteps => {
            let rule = |cidr| {
                format!(
                    "  ingress {{\n    from_port = 22\n    to_port = 22\n    protocol = \"tcp\"\n    cidr_blocks = [\"{cidr}\"]\n  }}\n"
                )
            };
            let rules = [rule("10.0.0.0/8"), rule("0.0.0.0/0")].concat();
            (1, file("main.tf", &format!("resource \"aws_security_group\" \"a\" {{\n{rules}}}\n")))
        }
        Limit::Scenarios => (2, file("main.tf", STAGED)),
        Limit::Fixes => (1, file("main.tf", &(bucket("a") + &bucket("b")))),
        Limit::FixText => (60, file("main.tf", &(bucket("a") + &bucket("b")))),
        Limit::ScenarioInputs => (1, file("main.tf", STAGED)),
        Limit::ScenarioValues => (2, file("main.tf", STAGED)),
        // Which bucket it is, and with it which other project, is seen as soon as the input is known.
        Limit::ScenarioRounds | Limit::ScenarioProjects => {
            let state = |key: &str| format!("bucket = \"states\", key = \"{key}\", region = \"eu-west-1\"");
            let backend = |key: &str| format!("terraform {{\n  backend \"s3\" {{\n    {}\n  }}\n}}\n", state(key).replace(", ", "\n    "));
            let other =
                |key: &str| backend(key) + "resource \"aws_s3_bucket\" \"b\" {}\noutput \"bucket\" {\n  value = aws_s3_bucket.b.id\n}\n";
            let data = |key: &str| {
                format!("data \"terraform_remote_state\" \"{key}\" {{\n  backend = \"s3\"\n  config  = {{ {} }}\n}}\n", state(key))
            };
            let output = |key: &str| format!("data.terraform_remote_state.{key}.outputs.bucket");
            let trail = format!(
                "variable \"test\" {{\n  type = bool\n}}\nlocals {{\n  buckets = {{ true = {}, false = {} }}\n}}\n{}{}\
                 resource \"aws_cloudtrail\" \"main\" {{\n  name = \"main\"\n  s3_bucket_name = local.buckets[var.test]\n}}\n",
                output("test"),
                output("prod"),
                data("test"),
                data("prod")
            );
            (1, vec![("main/main.tf", trail), ("test/main.tf", other("test")), ("prod/main.tf", other("prod"))])
        }
        Limit::Findings => (1, file("main.tf", &(bucket("a") + &bucket("b")))),
        Limit::Problems => (1, file("main.tf", "locals {\n  a = b\n}\nx {\n}\ny {\n}\n")),
        Limit::Resources => (1, file("main.tf", &(bucket("a") + &bucket("b")))),
        Limit::Files => (1, vec![("a/main.tf", bucket("a")), ("b/main.tf", bucket("b"))]),
    }
}

#[test]
fn a_limit_that_is_met_says_which_it_is() {
    for limit in Limit::all() {
        let (low, files) = case(limit);
        let scratch = Scratch::new();
        for (name, text) in &files {
            scratch.write(name, text);
        }
        let met = |setting: &str| {
            let (report, _) = support::check(scratch.path(), &["--limit", setting]);
            let told = report["diagnostics"].as_array().unwrap().iter().chain(report["findings"].as_array().unwrap());
            told.map(ToString::to_string).filter(|told| told.contains(&format!("`--limit {limit}=NUMBER`"))).collect::<Vec<_>>()
        };
        assert!(!met(&format!("{limit}={low}")).is_empty(), "{limit} is met at {low}");
        assert_eq!(met(&format!("{limit}={}", limit.default())), [""; 0], "{limit} is not met by default");
    }
}

/// A module of which a part is left out may say the opposite of what all of it says: it is read whole or not at all, whoever calls it.
#[test]
fn the_limit_of_files_holds_in_a_directory() {
    let bucket = |name: &str| format!("resource \"aws_s3_bucket\" \"{name}\" {{\n}}\n");
    let scratch = Scratch::new();
    scratch.write("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n");
    for name in ["a", "b", "c"] {
        scratch.write(&format!("m/{name}.tf"), bucket(name));
    }
    let seen = |limit: &str| {
        let (report, _) = support::check(scratch.path(), &["--select", "bucket-without-mfa-delete", "--limit", limit]);
        let told = report["diagnostics"].as_array().unwrap().iter().map(|told| told["message"].as_str().unwrap().to_owned());
        (report["summary"]["resources"].as_u64().unwrap(), told.collect::<Vec<_>>())
    };
    let (resources, told) = seen("files=2");
    assert_eq!(resources, 0);
    assert_eq!(
        told,
        [
            "this directory has 3 configuration files, and modules of up to 2 files are read",
            "a run looks for projects in up to 2 files: not in this one and another file"
        ]
    );
    // With three, the fourth is left out where projects are looked for, and nothing of the module that it belongs to.
    assert_eq!(seen("files=3").0, 3);
    assert_eq!(seen("files=4"), (3, Vec::new()));
    assert_eq!(seen("files=1").1[1], "a run looks for projects in up to 1 file: not in this one and 2 other files");
}

#[test]
fn what_is_beyond_a_limit_can_be_looked_at() {
    let scratch = Scratch::new();
    scratch.write("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  count = 5000\n}\n");
    let resources = |limit: &str| {
        let (report, _) = support::check(scratch.path(), &["--select", "bucket-without-mfa-delete", "--limit", limit]);
        report["summary"]["resources"].as_u64()
    };
    assert_eq!(resources("instances=4096"), Some(1));
    assert_eq!(resources("instances=5_000"), Some(5_000));
}

/// A trail that delivers to a bucket of this name.
fn trail(name: &str, bucket: &str) -> String {
    format!("resource \"aws_cloudtrail\" \"{name}\" {{\n  name = \"{name}\"\n  s3_bucket_name = \"{bucket}\"\n}}\n")
}

/// A bucket without anything, by its name.
fn bare(name: &str) -> String {
    format!("resource \"aws_s3_bucket\" \"{name}\" {{\n}}\n")
}

#[test]
fn findings_beyond_their_limit_are_counted() {
    let scratch = Scratch::new();
    scratch.write("a/main.tf", "# trailwarden: ignore[bucket-without-mfa-delete] reason=\"it holds nothing\"\n".to_owned() + &bare("a"));
    scratch.write("b/main.tf", bare("b") + &bare("c") + &bare("d"));
    let run = |more: &[&str]| {
        let (report, exit) = support::check(scratch.path(), &[&["--select", "bucket-without-mfa-delete"], more].concat());
        let findings = report["findings"].as_array().unwrap();
        let told: Vec<String> = findings.iter().map(|finding| finding["subject"]["address"].as_str().unwrap().to_owned()).collect();
        let said = report["diagnostics"].as_array().unwrap().iter().map(|diagnostic| diagnostic["message"].as_str().unwrap().to_owned());
        (told, report["summary"]["fail"].as_u64().unwrap(), said.collect::<Vec<_>>(), exit)
    };
    let (told, fails, said, exit) = run(&["--fail-on", "note"]);
    assert_eq!((told.len(), fails, said, exit), (4, 3, vec![], Exit::Findings));
    let (told, fails, said, exit) = run(&["--fail-on", "note", "--limit", "findings=2"]);
    assert_eq!((told, fails, exit), (vec!["aws_s3_bucket.a".to_owned(), "aws_s3_bucket.b".to_owned()], 3, Exit::Findings));
    assert_eq!(said, ["2 findings of `bucket-without-mfa-delete` are told; 2 more that fail are just counted"]);
    let concise = support::run(scratch.path(), &["check", "--select", "bucket-without-mfa-delete", "--limit", "findings=2"]).out;
    assert!(concise.contains("\n3 findings (3 low), 0 passed, 1 suppressed in 2 projects, 2 files; 1 warning"), "{concise}");
    // Those that are not told decide all the same what comes of the run.
    assert_eq!(run(&["--fail-on", "note", "--limit", "findings=1"]).3, Exit::Findings);
    assert_eq!(run(&["--fail-on", "high", "--limit", "findings=1"]).3, Exit::Clean);
}

#[test]
fn projects_beyond_the_resources_of_a_run_are_left_out_by_their_order() {
    let scratch = Scratch::new();
    scratch.write("a/main.tf", bare("a"));
    scratch.write("b/main.tf", bare("b") + &bare("c"));
    scratch.write("c/main.tf", bare("d"));
    let (report, exit) = support::check(scratch.path(), &["--limit", "resources=2"]);
    assert_eq!((report["summary"]["resources"].as_u64(), exit), (Some(1), Exit::Failed));
    let said = report["diagnostics"].as_array().unwrap().iter().map(|diagnostic| diagnostic["message"].as_str().unwrap());
    assert_eq!(said.collect::<Vec<_>>(), ["this project and another project are not looked at: a run holds up to 2 resource instances"]);
    assert_eq!(support::check(scratch.path(), &["--limit", "resources=4"]).0["summary"]["resources"].as_u64(), Some(4));
}

/// Each of many small projects may stay within its own limits.
#[test]
fn what_projects_take_together_is_bounded() {
    let scratch = Scratch::new();
    let bucket = |name: &str| {
        format!("resource \"aws_s3_bucket\" \"a\" {{\n  bucket = join(\"-\", [for x in [\"a\", \"b\"] : \"{name}${{x}}\"])\n}}\n")
    };
    scratch.write("a/main.tf", bucket("a"));
    scratch.write("b/t.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Join ['-', [b, c, d]]\n");
    scratch.write("c/main.tf", bucket("c"));
    scratch.write("d/main.tf", bucket("d"));
    let found = |limit: Limit, most: u64| {
        let (report, exit) = support::check(scratch.path(), &["--limit", &format!("{limit}={most}")]);
        let said = report["diagnostics"].as_array().unwrap().iter().map(|diagnostic| diagnostic["message"].as_str().unwrap().to_owned());
        (report["summary"]["resources"].as_u64().unwrap(), exit, said.collect::<Vec<_>>())
    };
    for (limit, most, words) in [
        (Limit::Steps, 20, "the projects of a run take up to 20 evaluation steps"),
        (Limit::Text, 16, "the templates and functions of a run make up to 16 bytes"),
        (Limit::Elements, 9, "the expressions of a run make collections of up to 9 elements"),
    ] {
        let said = format!("this project and another project are not looked at: {words}");
        assert_eq!(found(limit, most), (2, Exit::Failed, vec![said]), "{limit}");
        assert_eq!(found(limit, 100).2, [""; 0], "{limit}");
    }
}

/// All verdicts on a directory by rule and subject, and what was told.
fn verdicts(dir: &Path, more: &[&str]) -> (BTreeMap<(String, String), String>, String) {
    let (report, _) = support::check(dir, &[&["--show", "pass,open,fail"], more].concat());
    let verdict = |finding: &serde_json::Value| {
        let subject = format!("{} {}", finding["project"].as_str().unwrap(), finding["subject"]["address"].as_str().unwrap());
        ((finding["rule"].as_str().unwrap().to_owned(), subject), finding["outcome"].as_str().unwrap().to_owned())
    };
    (report["findings"].as_array().unwrap().iter().map(verdict).collect(), report["diagnostics"].to_string())
}

/// Holds that a limit that is met leaves verdicts open, and decides none otherwise; gives those that it opened.
fn opened(dir: &Path, limit: Limit, most: usize) -> Vec<(String, String)> {
    let (whole, said) = verdicts(dir, &[]);
    assert!(!said.contains("limit-reached"), "{said}");
    let (cut, said) = verdicts(dir, &["--limit", &format!("{limit}={most}")]);
    assert!(said.contains(&*limit.to_string()), "{said}");
    let decided = cut.iter().filter(|(of, outcome)| *outcome != "open" && whole.get(of) != Some(outcome));
    assert_eq!(decided.collect::<Vec<_>>(), []);
    let changed = cut.iter().filter(|(of, outcome)| whole.get(of).is_some_and(|before| before != *outcome));
    changed.map(|(of, _)| of.clone()).collect()
}

/// Thousands of trails that name thousands of buckets of one name would be millions of pairs. What is not worked out is open.
#[test]
fn pairs_of_one_name_that_are_not_worked_out_leave_verdicts_open_and_invent_none() {
    let scratch = Scratch::new();
    let bucket = |at: usize| format!("resource \"aws_s3_bucket\" \"b{at}\" {{\n  bucket = \"x\"\n}}\n");
    let logging = "resource \"aws_s3_bucket_logging\" \"l\" {\n  bucket = \"x\"\n  target_bucket = \"y\"\n  target_prefix = \"x/\"\n}\n";
    scratch.write("main.tf", (0..4).map(|at| bucket(at) + &trail(&format!("t{at}"), "x")).collect::<String>() + logging);
    assert!(!opened(scratch.path(), Limit::PossiblePairs, 3).is_empty());
}

/// Looking for a name of eight megabytes once for each of thousands of resources took minutes.
#[test]
fn what_is_longer_than_any_name_names_nobody_for_certain() {
    let scratch = Scratch::new();
    let of_length = |length: usize| {
        scratch.write(
            "main.tf",
            format!(
                "locals {{\n  name = join(\"\", [for x in range({}) : \"abcdefgh\"])\n}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = local.name\n}}\n\
                 resource \"aws_cloudtrail\" \"t\" {{\n  name = \"t\"\n  s3_bucket_name = local.name\n}}\n",
                length / 8
            ),
        );
        let (report, _) = support::check(scratch.path(), &["--select", "cloudtrail-bucket-without-access-logging"]);
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|finding| (finding["outcome"].as_str().unwrap().to_owned(), finding["unknown"].to_string())).collect::<Vec<_>>()
    };
    assert_eq!(of_length(2048), [("fail".to_owned(), "[]".to_owned())]);
    let longer = of_length(2056);
    assert!(!longer.is_empty());
    for (outcome, unknown) in longer {
        assert_eq!(outcome, "open");
        assert!(unknown.contains("a name of more than 2048 bytes"), "{unknown}");
    }
}

/// What the code names and does not declare goes by its name, which may stand in thousands of messages.
#[test]
fn of_a_long_name_its_beginning_is_told() {
    let scratch = Scratch::new();
    let long = "x".repeat(600);
    scratch.write("main.tf", trail("a", &format!("{long}a")) + &trail("b", &format!("{long}b")));
    let (report, _) = support::check(scratch.path(), &["--select", "cloudtrail-bucket-without-access-logging"]);
    let of =
        |finding: &serde_json::Value| finding["message"].as_str().unwrap().split('`').find(|word| word.contains("xxx")).unwrap().to_owned();
    let named: BTreeSet<String> = report["findings"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    for name in named {
        assert!(name.starts_with(&("x".repeat(512) + "…")), "{name}");
        assert_eq!(name.chars().count(), 529);
    }
}

/// A list of names that many share is linked for each of them. Whoever is not linked may be named all the same, also under an input that is tried;
/// and one project's names take nothing from those behind it.
#[test]
fn names_that_are_not_linked_leave_verdicts_open_and_invent_none() {
    let scratch = Scratch::new();
    let user = |name: &str| format!("resource \"aws_iam_user\" \"{name}\" {{\n  name = \"{name}\"\n}}\n");
    let attachment = |name: &str, users: &str| {
        let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        format!(
            "resource \"aws_iam_policy_attachment\" \"{name}\" {{\n  name = \"{name}\"\n  users = {users}\n  policy_arn = \"{policy}\"\n}}\n"
        )
    };
    let many: Vec<String> = (0..30).map(|at| format!("\"u{at}\"")).collect();
    let shared = (0..4).map(|at| attachment(&format!("s{at}"), "local.users")).collect::<String>();
    scratch.write("a/main.tf", format!("locals {{\n  users = [{}]\n}}\n{shared}", many.join(", ")) + &user("u29"));
    let input = "variable \"on\" {\n  type = bool\n}\n";
    scratch.write("b/main.tf", input.to_owned() + &user("b") + &user("c") + &user("d") + &attachment("b", "[var.on ? \"b\" : \"c\"]"));
    scratch.write("c/main.tf", user("e") + &user("f") + &attachment("e", "[\"e\"]"));
    let of = |address: &str| ("iam-user-with-direct-policy".to_owned(), address.to_owned());
    let (whole, _) = verdicts(scratch.path(), &[]);
    let before = ["a aws_iam_user.u29", "b aws_iam_user.b", "b aws_iam_user.d", "c aws_iam_user.e", "c aws_iam_user.f"];
    assert_eq!(before.map(|user| whole[&of(user)].as_str()), ["fail", "fail", "pass", "fail", "pass"]);
    let opened = opened(scratch.path(), Limit::Links, 29);
    for user in ["a aws_iam_user.u29", "b aws_iam_user.d", "c aws_iam_user.f"] {
        assert!(opened.contains(&of(user)), "{user}: {opened:?}");
    }
    assert!(!opened.contains(&of("c aws_iam_user.e")), "its project has a share: {opened:?}");
}

#[test]
fn files_beyond_those_of_a_run_are_left_out_by_their_order() {
    let scratch = Scratch::new();
    for name in ["a/main.tf", "b/main.tf", "c/main.tf", "c/more.tf"] {
        scratch.write(name, bare(&name.replace(['/', '.'], "_")));
    }
    let found = |most: &str| {
        let (report, exit) = support::check(scratch.path(), &["--limit", most]);
        let said = report["diagnostics"].as_array().unwrap().iter().map(|diagnostic| diagnostic["message"].as_str().unwrap().to_owned());
        (report["summary"]["resources"].as_u64().unwrap(), exit, said.collect::<Vec<_>>())
    };
    let said = |message: &str| vec![message.to_owned()];
    assert_eq!(found("files=2"), (2, Exit::Failed, said("a run looks for projects in up to 2 files: not in this one and another file")));
    // The rest of a directory of which a file is read is read with it.
    assert_eq!(found("files=3"), (4, Exit::Failed, said("a run looks for projects in up to 3 files: not in this one")));
    assert_eq!(found("files=4").2, Vec::<String>::new());
}

#[test]
fn limits_of_a_run_cut_at_the_same_place_whatever_the_number_of_threads() {
    let mut files = Memory::new("repo");
    for root in 0..200 {
        let named = "resource \"aws_s3_bucket\" \"n\" {\n  bucket = join(\"-\", [\"a\", \"b\"])\n}\n";
        files = files.with(format!("repo/r{root}/main.tf"), (0..root % 7).map(|at| bare(&format!("b{at}"))).collect::<String>() + named);
    }
    let found = |threads, limit, most| {
        let mut options = Options { threads, ..Options::new("repo", RuleSet::embedded().clone()) };
        options.inputs.limits.set(limit, most);
        options.inputs.limits.set(Limit::Findings, 70);
        let analysis = analyze(&files, &["repo".into()], &options, &mut |_| {});
        let findings = analysis.findings.iter().map(|finding| (finding.project, finding.subject.address.clone(), finding.rule.clone()));
        (findings.collect::<Vec<_>>(), analysis.diagnostics, analysis.summary)
    };
    for (limit, most, resources) in [(Limit::Resources, 300, 290..=300), (Limit::Text, 150, 190..=210), (Limit::Elements, 150, 290..=300)] {
        let alone = found(1, limit, most);
        assert!(resources.contains(&alone.2.resources), "{limit}: {:?}", alone.2);
        for threads in [2, 3, 8] {
            assert_eq!(found(threads, limit, most), alone, "{limit}, {threads} threads");
        }
    }
}

#[test]
fn a_chain_that_is_too_long_to_follow_leaves_it_open() {
    let chain = |buckets: usize, back_to: usize| {
        let bucket = |at: usize| {
            let next = if at + 1 == buckets { back_to } else { at + 1 };
            format!(
                "resource \"aws_s3_bucket\" \"b{at}\" {{\n  bucket = \"b{at}\"\n}}\nresource \"aws_s3_bucket_logging\" \"b{at}\" {{\n  bucket = aws_s3_bucket.b{at}.id\n  \
                 target_bucket = aws_s3_bucket.b{next}.id\n  target_prefix = \"\"\n}}\n"
            )
        };
        let scratch = Scratch::new();
        scratch.write("main.tf", (0..buckets).map(bucket).collect::<String>());
        let (report, _) = support::check(scratch.path(), &["--select", "access-log-target-is-source"]);
        let findings = report["findings"].as_array().unwrap();
        let first = findings.iter().find(|finding| finding["subject"]["address"] == "aws_s3_bucket.b0").unwrap();
        let last = first["evidence"].as_array().unwrap().last().unwrap();
        [first["outcome"].as_str(), first["message"].as_str(), last["message"].as_str()].map(|text| text.unwrap().to_owned())
    };
    let [outcome, _, last] = chain(5, 0);
    assert_eq!(outcome, "fail");
    assert!(!last.ends_with("more that is not listed"), "{last}");
    let [outcome, _, last] = chain(30, 0);
    assert_eq!(outcome, "fail");
    assert!(last.ends_with(", and more that is not listed"), "{last}");
    // A circle without the first bucket is none of its own.
    assert_eq!(chain(20, 5)[0], "pass");
    let [outcome, message, _] = chain(40, 0);
    assert_eq!(outcome, "open");
    assert!(message.contains("more than 32 steps along `logging.target`"), "{message}");
}

#[test]
fn a_match_that_takes_too_much_leaves_it_open() {
    let policy_with = |tests: usize| {
        let scratch = Scratch::new();
        let resource = "?a*".repeat(tests);
        scratch.write(
            "main.tf",
            format!(
                "resource \"aws_s3_bucket\" \"a\" {{\n  bucket = \"a-name-of-some-length\"\n}}\nresource \"aws_s3_bucket_policy\" \"a\" {{\n  bucket = aws_s3_bucket.a.id\n  \
                 policy = jsonencode({{ Statement = [{{ Effect = \"Deny\", Principal = \"*\", Action = \"s3:*\", Resource = \"arn:aws:s3:::{resource}\", \
                 Condition = {{ Bool = {{ \"aws:SecureTransport\" = \"false\" }} }} }}] }})\n}}\n"
            ),
        );
        let (report, _) = support::check(scratch.path(), &["--select", "bucket-allows-plain-http"]);
        let finding = &report["findings"][0];
        (finding["outcome"].as_str().unwrap().to_owned(), finding["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(policy_with(10).0, "fail");
    let (outcome, message) = policy_with(30_000);
    assert_eq!(outcome, "open");
    assert!(message.contains("more than 1000000 comparisons of a text with a pattern"), "{message}");
}

#[test]
fn of_too_many_causes_it_is_said_that_there_are_more() {
    let told = |variables: usize| {
        let scratch = Scratch::new();
        let declared: Vec<String> = (0..variables).map(|at| format!("variable \"v{at}\" {{}}\n")).collect();
        let joined: Vec<String> = (0..variables).map(|at| format!("${{var.v{at}}}")).collect();
        let bucket = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n";
        let versioning = format!(
            "resource \"aws_s3_bucket_versioning\" \"a\" {{\n  bucket = aws_s3_bucket.a.id\n  versioning_configuration {{\n    status = \"{}\"\n  }}\n}}\n",
            joined.concat()
        );
        scratch.write("main.tf", declared.concat() + bucket + &versioning);
        let (report, _) = support::check(scratch.path(), &["--select", "bucket-without-versioning"]);
        let unknown = report["findings"][0]["unknown"].as_array().unwrap().clone();
        unknown.iter().map(|unknown| unknown["cause"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(3).len(), 3);
    assert!(told(8).iter().all(|cause| cause.ends_with("has no value")), "{:?}", told(8));
    let cut = told(12);
    assert_eq!((cut.len(), cut[8].as_str()), (9, "more than 8 causes; the others are not listed"));
}

#[test]
fn only_who_runs_the_command_raises_a_limit() {
    let scratch = Scratch::new();
    scratch.write("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  count = 5000\n}\nresource \"aws_s3_bucket\" \"b\" {\n  count = 3\n}\n");
    let told = |arguments: &[&str]| {
        let one_rule = ["--select", "bucket-without-mfa-delete", "--min-severity", "note"];
        let arguments: Vec<&str> = one_rule.into_iter().chain(arguments.iter().copied()).collect();
        let (report, exit) = support::check(scratch.path(), &arguments);
        let codes = report["diagnostics"].as_array().unwrap().iter().map(|told| told["code"].as_str().unwrap().to_owned());
        (codes.collect::<Vec<_>>(), exit)
    };
    let raised = "[limits]\ninstances = 5_000\n";
    scratch.write("trailwarden.toml", raised);
    // A file that is part of what is checked may not.
    assert_eq!(told(&[]), (vec!["limit-reached".to_owned(), "limit-not-raised".to_owned()], Exit::Clean));
    // One that is named may, whatever it is called, and so may an option.
    assert_eq!(told(&["--config", "trailwarden.toml"]).0, [""; 0]);
    assert_eq!(told(&["--limit", "instances=5000"]).0, [""; 0]);
    assert_eq!(told(&["--no-config"]).0, ["limit-reached"]);
    // What it may not do is said to whoever fixes, too.
    for fixing in ["--fix", "--unsafe-fixes"] {
        let run =
            support::run(scratch.path(), &["check", "--root", ".", fixing, "--format", "concise", "--select", "bucket-without-mfa-delete"]);
        assert!(run.out.contains("limit-not-raised"), "{fixing}: {}", run.out);
    }
    // It may lower one, and an option beats it.
    scratch.write("trailwarden.toml", "[limits]\ninstances = 2\n");
    assert_eq!(told(&[]).0, ["limit-reached", "limit-reached"]);
    assert_eq!(told(&["--limit", "instances=5000"]).0, [""; 0]);
}

#[test]
fn a_slip_in_a_limit_is_told() {
    let scratch = Scratch::new();
    let failed = |arguments: &[&str]| {
        let run = support::run(scratch.path(), arguments);
        assert_eq!(run.exit, Exit::Failed);
        run.err
    };
    assert!(failed(&["--limit", "instnces=5"]).contains("did you mean `instances`?"));
    assert!(failed(&["--limit", "instances=0"]).contains("a whole number of at least 1"));
    assert!(failed(&["--limit", "instances"]).contains("expected `NAME=NUMBER`"));
    scratch.write("trailwarden.toml", "[limits]\nstaks = 1\n");
    assert!(failed(&["--root", "."]).contains("trailwarden.toml:2:1: unknown limit `staks`; did you mean `stacks`?"));
    scratch.write("trailwarden.toml", "[limits]\nstacks = 0\n");
    assert!(failed(&["--root", "."]).contains("trailwarden.toml:2:10: the limit `stacks` must be at least 1"));
}

#[test]
fn the_pages_and_the_schema_know_every_limit() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let page = read("SECURITY.md");
    for limit in Limit::all() {
        let row = format!("| `{limit}` | {} | {} |", limit.default(), limit.what());
        assert!(page.contains(&row), "SECURITY.md has no line: {row}");
    }
    let schema: serde_json::Value = serde_json::from_str(&read("schema/trailwarden.schema.json")).unwrap();
    let limits = &schema["properties"]["limits"];
    assert_eq!(limits["additionalProperties"], false);
    let properties = limits["properties"].as_object().unwrap();
    let names: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(names, Limit::all().map(Limit::name).collect());
    for limit in Limit::all() {
        let property = &properties[limit.name()];
        assert_eq!((property["default"].as_u64(), property["minimum"].as_u64()), (Some(limit.default()), Some(1)), "{limit}");
        assert_eq!(property["description"].as_str().map(str::to_lowercase), Some(limit.what().to_lowercase()), "{limit}");
    }
}
