//! How much a rule looks at: what is beyond it is open and says so, what was proven before stays, and neither threads nor what is told matter.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::Scratch;
use trailwarden::analysis::{Analysis, Options, analyze};
use trailwarden::limits::Limit;
use trailwarden::rule::finding::{Outcome, UnknownCause};
use trailwarden::rule::{Passes, RuleSet, examples};
use trailwarden::source::fs::Memory;

fn looked_at(files: &Memory, rules: RuleSet, steps: u64, passes: Passes, threads: usize) -> Analysis {
    let mut options = Options { passes, threads, offers_fixes: false, ..Options::new("repo", rules) };
    options.inputs.limits.set(Limit::RuleSteps, steps);
    analyze(files, &[PathBuf::from("repo")], &options, &mut |_| {})
}

/// The worst that is said of each subject.
fn outcomes(analysis: &Analysis) -> BTreeMap<(String, String), Outcome> {
    let mut worst = BTreeMap::new();
    for finding in &analysis.findings {
        let said = worst.entry((finding.rule.to_string(), finding.subject.address.to_string())).or_insert(finding.outcome);
        *said = finding.outcome.min(*said);
    }
    worst
}

fn says_limit(analysis: &Analysis) -> bool {
    let help = Limit::RuleSteps.help();
    analysis.diagnostics.iter().any(|diagnostic| diagnostic.help.as_ref() == Some(&help))
}

/// Every example of every rule, with ever less to look at.
#[test]
fn who_looks_at_less_knows_less_and_nothing_else() {
    let rules = RuleSet::embedded();
    let (mut same, mut opened) = (0, 0);
    for rule in rules.rules() {
        for case in rule.examples().iter().flat_map(|example| examples::cases(&rule.id, example)) {
            let files = case
                .files
                .iter()
                .fold(Memory::new("repo"), |files, (path, text)| files.with(PathBuf::from("repo").join(path), text.as_str()));
            let run = |steps, passes| looked_at(&files, rules.only(|other| other.id == rule.id), steps, passes, 1);
            let whole = outcomes(&run(Limit::RuleSteps.default(), Passes::Told));
            for steps in [2, 7, 30] {
                let told = run(steps, Passes::Told);
                for (of, outcome) in outcomes(&told).into_iter().filter(|(_, outcome)| *outcome != Outcome::Open) {
                    assert_eq!(whole.get(&of), Some(&outcome), "{} {steps}: {of:?}", case.name);
                    same += 1;
                }
                let fewer = outcomes(&told).len() < whole.len();
                if fewer || outcomes(&told) != whole {
                    opened += 1;
                    assert!(says_limit(&told), "{} {steps}", case.name);
                }
                // Whether anybody reads what holds does not change what is said of the rest.
                let counted = run(steps, Passes::Counted);
                let others = |analysis| outcomes(analysis).into_iter().filter(|(_, outcome)| *outcome != Outcome::Pass).collect::<Vec<_>>();
                assert_eq!(others(&counted), others(&told), "{} {steps}", case.name);
                assert_eq!((counted.summary.pass, counted.summary.open), (told.summary.pass, told.summary.open), "{} {steps}", case.name);
            }
        }
    }
    assert!(same > 1_000 && opened > 100, "{same} stay, {opened} do not");
}

/// Resources, each written with its number.
fn many(count: usize, written: &str) -> String {
    (0..count).map(|at| written.replace('#', &at.to_string())).collect()
}

/// Code of which the work grows faster than its size, and a rule that is asked about it.
fn shapes(size: usize) -> [(&'static str, String); 7] {
    let trail = "resource \"aws_cloudtrail\" \"t#\" {\n  name = \"t#\"\n  s3_bucket_name = aws_s3_bucket.b.id\n}\n";
    let statements =
        "{ Effect = \"Allow\", Principal = { Service = \"cloudtrail.amazonaws.com\" }, Action = \"s3:Get#\", Resource = \"*\" },";
    [
        // Flow logs, and VPCs of which each may be meant by all of them.
        (
            "vpc-without-flow-log",
            format!(
                "variable \"v\" {{}}\n{}",
                many(size, "resource \"aws_vpc\" \"v#\" {}\nresource \"aws_flow_log\" \"f#\" {\n  vpc_id = var.v\n}\n")
            ),
        ),
        // Keys, and users who have one each.
        (
            "iam-user-with-several-access-keys",
            many(
                size,
                "resource \"aws_iam_user\" \"u#\" {\n  name = \"u#\"\n}\nresource \"aws_iam_access_key\" \"k#\" {\n  user = aws_iam_user.u#.name\n}\n",
            ),
        ),
        // Buckets that log to one.
        (
            "access-log-prefix-ambiguous",
            many(
                size,
                "resource \"aws_s3_bucket\" \"b#\" {\n  bucket = \"b#\"\n  logging {\n    target_bucket = aws_s3_bucket.b0.id\n    target_prefix = \"p#/\"\n  }\n}\n",
            ),
        ),
        // Groups and network ACLs that share a long list.
        (
            "security-group-allows-remote-administration",
            format!(
                "locals {{\n  r = [{}]\n}}\n{}",
                many(size, "{ from_port = #, to_port = #, protocol = \"tcp\", cidr_blocks = [\"10.0.0.0/8\"] },"),
                many(size, "resource \"aws_security_group\" \"g#\" {\n  ingress = local.r\n}\n")
            ),
        ),
        (
            "nacl-allows-remote-administration",
            format!(
                "locals {{\n  r = [{}]\n}}\n{}",
                many(
                    size,
                    "{ rule_no = #, from_port = #, to_port = #, protocol = \"tcp\", action = \"allow\", cidr_block = \"10.0.0.0/8\" },"
                ),
                many(size, "resource \"aws_network_acl\" \"g#\" {\n  ingress = local.r\n}\n")
            ),
        ),
        // Trails that ask one long policy.
        (
            "cloudtrail-bucket-refuses-trail",
            format!(
                "resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"b\"\n}}\nresource \"aws_s3_bucket_policy\" \"b\" {{\n  bucket = aws_s3_bucket.b.id\n  policy = jsonencode({{ Statement = [{}] }})\n}}\n{}",
                many(size, statements),
                many(size, trail)
            ),
        ),
        // Instances that share a long text.
        (
            "instance-user-data-with-access-key",
            format!(
                "locals {{\n  t = \"{}\"\n}}\n{}",
                "text ".repeat(20 * size),
                many(size, "resource \"aws_instance\" \"i#\" {\n  user_data = local.t\n}\n")
            ),
        ),
    ]
}

#[test]
fn what_is_not_looked_at_is_open_and_names_the_limit() {
    for (rule, text) in shapes(12) {
        let files = Memory::new("repo").with("repo/main.tf", text.as_str());
        let run = |steps| looked_at(&files, RuleSet::embedded().only(|other| *other.id == *rule), steps, Passes::Told, 1);
        let whole = run(Limit::RuleSteps.default());
        assert!(!says_limit(&whole) && !whole.findings.is_empty(), "{rule}");
        let cut = run(4);
        assert!(says_limit(&cut), "{rule}");
        let mut open = cut.findings.iter().filter(|finding| finding.outcome == Outcome::Open);
        let names = |unknown: &UnknownCause| unknown.message.contains("(`rule-steps`)");
        assert!(open.all(|finding| finding.unknown.iter().any(names)), "{rule}: {:?}", outcomes(&cut));
        // Also where what is open is in no list, it is said of how many.
        let told = cut.diagnostics.iter().map(|diagnostic| &diagnostic.message);
        let told: Vec<_> = told.filter_map(|message| message.split_once(" verdicts are left open by `").map(|(count, _)| count)).collect();
        assert!(matches!(told.as_slice(), [count] if (10..=12).contains(&count.parse::<usize>().unwrap())), "{rule}: {told:?}");
    }
}

#[test]
fn what_is_looked_at_is_the_same_whatever_the_number_of_threads() {
    // More subjects than one thread asks at a time, and counts that several of them and several rules ask for.
    let mut files = Memory::new("repo").with("repo/keys/main.tf", shapes(270)[1].1.as_str());
    for (rule, text) in shapes(20) {
        files = files.with(format!("repo/{rule}/main.tf"), text.as_str());
    }
    for steps in [7, 60, 5_000] {
        let found = |threads, passes| {
            let analysis = looked_at(&files, RuleSet::embedded().clone(), steps, passes, threads);
            (format!("{:?}", analysis.findings), analysis.diagnostics, analysis.summary)
        };
        for passes in [Passes::Told, Passes::Counted] {
            let alone = found(1, passes);
            assert_eq!(alone.1.iter().any(|told| told.help == Some(Limit::RuleSteps.help())), steps < 5_000, "{steps}");
            for threads in [2, 3, 8] {
                assert_eq!(found(threads, passes), alone, "{steps} steps, {threads} threads");
            }
        }
    }
}

/// Buckets of one name, each of which every trail may mean: what they come to is open, and not worked out for each of them.
#[test]
fn too_many_of_one_name_are_not_looked_at_one_by_one() {
    let run = |count: usize| {
        let scratch = Scratch::new();
        let bucket = "resource \"aws_s3_bucket\" \"b#\" {\n  bucket = \"x\"\n}\n";
        let trail = "resource \"aws_cloudtrail\" \"t\" {\n  name = \"t\"\n  s3_bucket_name = \"x\"\n}\n";
        scratch.write("main.tf", many(count, bucket) + trail);
        let (report, _) = support::check(scratch.path(), &["--select", "cloudtrail-bucket-without-access-logging"]);
        let finding = &report["findings"][0];
        (finding["outcome"].as_str().unwrap().to_owned(), finding["unknown"].to_string())
    };
    assert_eq!(run(64).0, "fail");
    let (outcome, unknown) = run(65);
    assert_eq!(outcome, "open");
    assert!(unknown.contains("more than 64 cases"), "{unknown}");
}

/// Many settings of one property, each of which may be the one that holds.
#[test]
fn too_many_settings_are_not_looked_at_one_by_one() {
    let run = |count: usize| {
        let scratch = Scratch::new();
        let bucket = "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n";
        let versioning = "resource \"aws_s3_bucket_versioning\" \"v#\" {\n  bucket = aws_s3_bucket.b.id\n  versioning_configuration {\n    status = \"Suspended\"\n  }\n}\n";
        scratch.write("main.tf", bucket.to_owned() + &many(count, versioning));
        let (report, _) = support::check(scratch.path(), &["--select", "bucket-without-versioning"]);
        (report["findings"][0]["outcome"].as_str().unwrap().to_owned(), report["findings"][0]["unknown"].to_string())
    };
    assert_eq!(run(32).0, "fail");
    let (outcome, unknown) = run(33);
    assert_eq!(outcome, "open");
    assert!(unknown.contains("more than 32 possibilities"), "{unknown}");
}

/// Of the keys of other users, whose they are is all that is asked: that takes a fraction of the steps.
#[test]
fn who_plainly_names_another_is_not_asked_further() {
    let text = many(
        200,
        "resource \"aws_iam_user\" \"u#\" {\n  name = \"u#\"\n}\nresource \"aws_iam_access_key\" \"k#\" {\n  user = aws_iam_user.u#.name\n}\n",
    );
    let second =
        "resource \"aws_iam_access_key\" \"second\" {\n  user = \"u7\"\n}\nresource \"aws_iam_user\" \"twin\" {\n  name = \"u7\"\n}\n";
    let files = Memory::new("repo").with("repo/main.tf", text + second);
    let rules = RuleSet::embedded().only(|other| &*other.id == "iam-user-with-several-access-keys");
    let run = |steps| looked_at(&files, rules.clone(), steps, Passes::Told, 1);
    let whole = run(1_000_000);
    let fails: Vec<_> =
        whole.findings.iter().filter(|finding| finding.outcome == Outcome::Fail).map(|finding| &*finding.subject.address).collect();
    // Two blocks of one name may be one user.
    assert_eq!(fails, ["aws_iam_user.u7", "aws_iam_user.twin"], "{:?}", outcomes(&whole));
    let few = run(60);
    assert!(!says_limit(&few));
    assert_eq!(outcomes(&few), outcomes(&whole));
    assert!(says_limit(&run(10)));
}

/// Who names itself is not passed over because it names somebody else than an outer element of the same name.
#[test]
fn who_names_itself_is_counted() {
    let rule = r#"
id: a-rule
title: a title
severity: low
subject: bucket
applies_when: { present: subject.access_log_sources }
fails_when:
  - defect: a-defect
    when: { some: { in: subject.access_log_sources, where: { count: { kind: bucket, at_least: 1, where: { same: [it.logging.target, it] } } } } }
    message: "a message"
    at: [subject]
    label: "a label"
passes: "it passes"
open:
  - message: "it is open"
remedy: "a remedy"
description: |
  A description.
examples: []
"#;
    let bucket = |name: &str, target: &str| {
        format!(
            "resource \"aws_s3_bucket\" \"{name}\" {{\n  bucket = \"{name}\"\n  logging {{\n    target_bucket = aws_s3_bucket.{target}.id\n    target_prefix = \"p/\"\n  }}\n}}\n"
        )
    };
    let run = |text: String| {
        let rules = RuleSet::load([(Path::new("a-rule.yaml"), rule)]).unwrap();
        outcomes(&looked_at(&Memory::new("repo").with("repo/main.tf", text), rules, 1_000_000, Passes::Told, 1))
            .into_values()
            .collect::<Vec<_>>()
    };
    let logs = "resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"logs\"\n}\n";
    assert_eq!(run(bucket("source", "logs") + logs), [Outcome::Pass]);
    assert_eq!(run(bucket("source", "logs") + logs + &bucket("own", "own")), [Outcome::Fail; 2]);
}

/// Alarms on metrics that filters count, each in an account of its own: what is asked of every filter from every account is paid for by who asks.
#[test]
fn what_is_asked_from_many_accounts_is_bounded() {
    let filter = r#"
variable "v#" {}
provider "aws" {
  alias  = "a#"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::${var.v#}:role/x"
  }
}
resource "aws_cloudwatch_log_metric_filter" "f#" {
  provider       = aws.a#
  name           = "f#"
  log_group_name = "g"
  pattern        = "{ $.eventSource = ec2.amazonaws.com && $.eventName = *Vpc* }"
  metric_transformation {
    name      = "m#"
    namespace = "n"
    value     = "1"
  }
}
resource "aws_cloudwatch_metric_alarm" "a#" {
  provider            = aws.a#
  alarm_name          = "a#"
  metric_name         = "x#"
  namespace           = "n"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  threshold           = 1
}
"#;
    let run = |count: usize, threads: usize, passes: Passes| {
        let files = Memory::new("repo").with("repo/main.tf", many(count, filter));
        let rules = RuleSet::embedded().only(|other| &*other.id == "no-alarm-for-vpc-changes");
        looked_at(&files, rules, 4_000, passes, threads)
    };
    let few = run(12, 1, Passes::Told);
    assert!(!says_limit(&few) && few.findings.len() == 12, "{:?}", outcomes(&few));
    for passes in [Passes::Told, Passes::Counted] {
        let alone = run(20, 1, passes);
        assert!(says_limit(&alone) && alone.findings.iter().all(|finding| finding.outcome == Outcome::Open), "{:?}", outcomes(&alone));
        let by_four = run(20, 4, passes);
        assert_eq!((by_four.diagnostics, by_four.summary), (alone.diagnostics, alone.summary));
    }
}

/// Parameters of one name, each of which may be the one that is read.
#[test]
fn too_many_parameters_of_one_name_are_not_followed_one_by_one() {
    let run = |count: usize| {
        let parameter = "resource \"aws_s3_bucket\" \"b#\" {\n  bucket = \"b#\"\n}\nresource \"aws_ssm_parameter\" \"p#\" {\n  name = \"/x\"\n  type = \"String\"\n  value = aws_s3_bucket.b#.id\n}\n";
        let trail = "data \"aws_ssm_parameter\" \"x\" {\n  name = \"/x\"\n}\nresource \"aws_cloudtrail\" \"t\" {\n  name = \"t\"\n  s3_bucket_name = data.aws_ssm_parameter.x.value\n}\n";
        let files = Memory::new("repo").with("repo/main.tf", many(count, parameter) + trail);
        let rules = RuleSet::embedded()
            .only(|other| matches!(&*other.id, "cloudtrail-bucket-without-access-logging" | "bucket-without-access-logging"));
        outcomes(&looked_at(&files, rules, 1_000_000, Passes::Told, 1))
    };
    let of = |outcomes: &BTreeMap<(String, String), Outcome>, rule: &str, subject: &str| {
        outcomes.get(&(rule.to_owned(), subject.to_owned())).copied()
    };
    let few = run(3);
    assert_eq!(of(&few, "cloudtrail-bucket-without-access-logging", "aws_cloudtrail.t"), Some(Outcome::Open));
    let many = run(66);
    assert_eq!(of(&many, "cloudtrail-bucket-without-access-logging", "aws_cloudtrail.t"), Some(Outcome::Open));
    // Whether the trail delivers to one of those that were not followed is not known: its own rule may be the one to speak of it.
    assert_eq!(
        of(&many, "bucket-without-access-logging", "aws_s3_bucket.b65"),
        of(&few, "bucket-without-access-logging", "aws_s3_bucket.b2")
    );
}
