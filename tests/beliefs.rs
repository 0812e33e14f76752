//! What is commonly told of access logging of a trail's bucket, statement by statement, and where the program says what holds: no row of
//! the facts (section 0) may be without an answer, and no answer may fall out of the rule or page that gives it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use trailwarden::output::page;
use trailwarden::rule::RuleSet;

/// The rows of the facts' section 0.
const ROWS: u32 = 30;

const TRAIL: &str = "cloudtrail-bucket-without-access-logging";
const BUCKET: &str = "bucket-without-access-logging";
const PERMISSION: &str = "access-log-delivery-not-permitted";
const ACCOUNT: &str = "access-log-target-in-another-account";
const CIRCLE: &str = "access-log-target-is-source";
const LIFECYCLE: &str = "access-log-target-without-lifecycle";

/// The row, the statement in short, the rule whose page answers it, and words of that answer.
const ANSWERS: [(u32, &str, &str, &str); 43] = [
    (1, "access logs record every request", TRAIL, "Access logs are best effort: records may be late, missing or twice there"),
    (2, "the check is automated", TRAIL, "It is automated up to 4.0.0 and manual from 6.0.0 on"),
    (3, "3.4 of 3.0.0", TRAIL, "cis-aws-3.0.0: 3.4"),
    (3, "other numbers in other versions", TRAIL, "4.4 in 6.0.0 and 7.0.0, 3.6 in 1.3.0 to 2.0.0 and 2.6 in 1.2.0"),
    (4, "the guide below /dev/", BUCKET, "pages below `/dev/` are old, and know of ACLs only"),
    (5, "it detects", TRAIL, "It detects, it does not prevent"),
    (6, "on for every bucket", BUCKET, "AWS asks that it does not log itself"),
    (6, "Security Hub's own exception", BUCKET, "Hub's S3.9 be suppressed for it"),
    (7, "sensitive buckets", BUCKET, "medium where the bucket holds evidence"),
    (7, "personal and financial data", BUCKET, "Which buckets hold personal or financial data code does not show"),
    (8, "not worth the storage", BUCKET, "suppress the finding with a reason where logs are not worth their storage"),
    (8, "no exception for the trail's bucket", BUCKET, "The benchmark makes no such exception for a trail's bucket"),
    (9, "what it costs", LIFECYCLE, "Logging itself costs nothing; the log objects are stored and billed"),
    (10, "noisy, needs a tool", TRAIL, "best kept under partitioned keys and read with Athena"),
    (
        11,
        "the console does it",
        PERMISSION,
        "The console adds the permission by itself; Terraform, CloudFormation, the CLI and the API do not",
    ),
    (11, "the target is now called destination", BUCKET, "AWS now calls the target the destination bucket"),
    (12, "the target can be the same bucket", CIRCLE, "AWS advises against it"),
    (13, "the prefix is optional", BUCKET, "`target_prefix` is required and may be empty; in CloudFormation `LogFilePrefix` is optional"),
    (14, "put-bucket-logging is enough", PERMISSION, "the configuration is accepted, and no log ever arrives"),
    (15, "the target must exist", "access-log-target-missing", "The target must exist before logging is turned on"),
    (16, "other accounts are fine", ACCOUNT, "Server access logs cannot cross accounts"),
    (16, "the same Region", "access-log-target-in-another-region", "Server access logs cannot cross Regions"),
    (17, "PutBucketLogging is enough", TRAIL, "`s3:PutBucketLogging` alone does not make them arrive"),
    (18, "a policy for the source account's root", PERMISSION, "`arn:aws:iam::ACCOUNT:root` (the source account does not deliver)"),
    (19, "there is a guide across accounts", ACCOUNT, "though a well-known article says so"),
    (20, "a few minutes", TRAIL, "most of them, within a few hours"),
    (20, "a change acts late", TRAIL, "a change of the configuration takes an hour or more to act"),
    (21, "new requests only", TRAIL, "it covers requests made after it is on"),
    (22, "CloudTrail logs requests to S3", TRAIL, "CloudTrail does not log requests for objects by itself"),
    (23, "what only access logs hold", TRAIL, "object size, total and turn-around time, the HTTP referrer"),
    (24, "CloudTrail is slower", TRAIL, "With them it is the faster of the two"),
    (25, "data events cost", TRAIL, "data events (3.8 and 3.9), which cost extra"),
    (26, "CloudTrail is no replacement", TRAIL, "AWS recommends it for object-level logging; access logs add what it leaves out"),
    (27, "data events have their own page", TRAIL, "needs data events (3.8 and 3.9)"),
    (28, "2.9 is the trail in all Regions", TRAIL, "\"A trail in all Regions\" is another recommendation: 3.1 in 3.0.0"),
    (29, "Athena for access logs", TRAIL, "read with Athena over their prefix"),
    (30, "delivery permission", PERMISSION, "Logging that is configured but not let in fails in silence"),
    (30, "ownership and ACLs", PERMISSION, "which counts only where object ownership is `BucketOwnerPreferred` or `ObjectWriter`"),
    (30, "KMS", "access-log-target-encrypted-with-kms", "AWS supports only SSE-S3"),
    (30, "Object Lock", "access-log-target-locked", "default retention period does not receive access logs"),
    (30, "Requester Pays", "access-log-target-requester-pays", "Requester Pays cannot receive access logs"),
    (30, "grants by e-mail", "access-log-target-grants-unusable", "Grants by e-mail address ended in October 2025"),
    (30, "vended delivery", TRAIL, "logged, but does not satisfy the benchmark's audit"),
];

/// A page on one line, so that an answer may be set over two.
fn page_of(rule: &str) -> String {
    let rule = RuleSet::embedded().get(rule).unwrap_or_else(|| panic!("there is no rule `{rule}`"));
    page::rule(rule).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_common_belief_has_its_answer() {
    for (row, statement, rule, answer) in ANSWERS {
        assert!(page_of(rule).contains(answer), "row {row} ({statement}): the page of `{rule}` no longer says: {answer}");
    }
    let answered: BTreeSet<u32> = ANSWERS.iter().map(|(row, ..)| *row).collect();
    let missing: Vec<u32> = (1..=ROWS).filter(|row| !answered.contains(row)).collect();
    assert!(missing.is_empty(), "rows without an answer: {missing:?}");
}
