//! One analysis, made by hand, in every form: its names hold what would move a terminal, and its lines are not ASCII.

use crate::analysis::{self, Analysis, Options};
use crate::config::OpenAs;
use crate::diagnostic::{Diagnostic, Level};
use crate::output::{self, Format, Listed, Show, Style};
use crate::project::Inputs;
use crate::rule::finding::{Applicability, Edit, Evidence, Finding, Fix, Listing, Named, Outcome, Severity, Tried, UnknownCause};
use crate::rule::fingerprint::Fingerprint;
use crate::rule::{Passes, RuleSet};
use crate::source::fs::{FileSystem, Memory};
use crate::source::{Span, TextRange};
use crate::value::{Cause, CauseKind, ProjectId};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const TRAIL: &str = "# größe\r\nresource \"aws_cloudtrail\" \"main\" {\r\n  s3_bucket_name = module.logs.bucket\r\n}\r\n";
const LOGS: &str = "variable \"name\" {}\n\nresource \"aws_s3_bucket\" \"this\" {\n\tbucket = var.name # \u{1b}[31m\u{202e}evil\n}\n";

fn analysis() -> Analysis {
    let fs = Memory::new("repo").with("repo/envs/prod/trail.tf", TRAIL).with("repo/modules/logs/main.tf", LOGS);
    let options = Options {
        working_directory: fs.root().to_owned(),
        inputs: Inputs::default(),
        rules: RuleSet::default(),
        min_severity: Severity::Note,
        suppress: crate::suppress::Options::default(),
        baseline: None,
        passes: Passes::Told,
        offers_fixes: true,
        threads: 1,
    };
    let mut analysis =
        analysis::analyze(&fs, &[PathBuf::from("repo/envs/prod"), PathBuf::from("repo/modules/logs")], &options, &mut |_| {});
    let place = |path: &str, text: &str| {
        let file = analysis.sources.id_of(Path::new(path)).unwrap();
        let start = analysis.sources.get(file).text.find(text).unwrap();
        Span { file, range: TextRange::new(start, start + text.len()) }
    };
    let trail = place("repo/envs/prod/trail.tf", "resource \"aws_cloudtrail\" \"main\"");
    let named = place("repo/envs/prod/trail.tf", "module.logs.bucket");
    let bucket = place("repo/modules/logs/main.tf", "resource \"aws_s3_bucket\" \"this\"");
    let name = place("repo/modules/logs/main.tf", "var.name");
    let fail = Finding {
        rule: "cloudtrail-bucket-without-access-logging".into(),
        severity: Severity::High,
        outcome: Outcome::Fail,
        project: ProjectId(0),
        subject: Arc::new(Named {
            kind: "trail".into(),
            address: "aws_cloudtrail.main".into(),
            type_name: "aws_cloudtrail".into(),
            span: trail,
        }),
        resource: Some(Arc::new(Named {
            kind: "bucket".into(),
            address: "module.logs.aws_s3_bucket.this".into(),
            type_name: "aws_s3_bucket".into(),
            span: bucket,
        })),
        message: "trail `aws_cloudtrail.main` delivers to bucket `module.logs.aws_s3_bucket.this`, which has no server access logging".into(),
        listing: Listing::Listed,
        unknown: Vec::new(),
        scenarios: vec![Tried { when: vec![("var.environment".into(), "dev".into())], outcome: Outcome::Fail, unknown: Vec::new() }],
        location: bucket,
        label: "no logging here, and no `aws_s3_bucket_logging` names it".into(),
        evidence: vec![
            Evidence { span: named, message: "the trail names its bucket by an output of `module.logs`".into() },
            Evidence { span: name, message: "whose name is a\u{1b}[31m variable".into() },
        ],
        remedy: Some("add an `aws_s3_bucket_logging` resource for this bucket, with a target bucket in the same Region and account, and let `logging.s3.amazonaws.com` write to it".into()),
        defect: Some("not-logged".into()),
        fingerprint: Fingerprint(0x1234),
        suppressed: None,
        fixes: Vec::new(),
    };
    let open = Finding {
        outcome: Outcome::Open,
        message: "it is not known whether the bucket of trail `aws_cloudtrail.main` is logged".into(),
        unknown: vec![UnknownCause {
            cause: Cause::new(CauseKind::Variable, "var.name", Some(name)),
            message: "`var.name` has no value".into(),
            settle: "pass `--var` or `--var-file`, or give the variable a default".into(),
        }],
        scenarios: Vec::new(),
        evidence: Vec::new(),
        location: trail,
        label: "which bucket this is, is not known".into(),
        ..fail.clone()
    };
    let pass = Finding { outcome: Outcome::Pass, location: trail, message: "it is logged".into(), label: "logged".into(), ..open.clone() };
    analysis.diagnostics = vec![
        Diagnostic::error("syntax-error", named, "expected `}`").with_help("close the block"),
        Diagnostic::at_path(
            Level::Warning,
            "unreachable",
            "repo/x\u{7}\u{9b}\u{202e}",
            "this is a dangling symbolic link and was not read",
        ),
    ];
    analysis.summary.fail = 1;
    analysis.summary.open = 1;
    analysis.summary.pass = 1;
    analysis.findings = vec![fail, open, pass];
    analysis
}

fn written(format: Format, style: Style) -> String {
    written_of(&analysis(), format, style)
}

fn written_of(analysis: &Analysis, format: Format, style: Style) -> String {
    let mut out = Vec::new();
    output::write(
        format,
        Show { analysis, kinds: &Listed::ALL, open: OpenAs::Note, rules: RuleSet::embedded(), coverage: None },
        style,
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// Compares with a file under `testdata/outputs`, or writes it anew where `UPDATE_EXPECT` is set.
#[expect(clippy::disallowed_methods, reason = "expected texts lie beside the other test data")]
fn expect(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/outputs").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), actual, "{name}: rewrite it with UPDATE_EXPECT=1 if this is meant");
}

#[test]
fn every_form_is_as_expected() {
    let plain = Style { color: false, unicode: true, width: 100 };
    expect("full.txt", &written(Format::Full, plain));
    expect("full-narrow-ascii.txt", &written(Format::Full, Style { unicode: false, width: 60, ..plain }));
    expect("full-color.txt", &written(Format::Full, Style { color: true, ..plain }));
    expect("concise.txt", &written(Format::Concise, plain));
    expect("json.json", &written(Format::Json, plain));
    expect("lines.jsonl", &written(Format::Jsonl, plain));
    expect("sarif.json", &written(Format::Sarif, plain));
    expect("github.txt", &written(Format::Github, plain));
    expect("gitlab.json", &written(Format::Gitlab, plain));
    expect("junit.xml", &written(Format::Junit, plain));
    expect("report.md", &written(Format::Markdown, plain));
}

#[test]
fn what_would_help_is_told_in_every_form_that_has_messages() {
    for format in Format::ALL {
        let text = written(format, Style { color: false, unicode: true, width: 100 });
        assert!(text.contains("close the block"), "{format:?}: {text}");
    }
}

#[test]
fn a_form_is_another_with_fixes_just_where_it_says_that_it_shows_them() {
    let plain = Style { color: false, unicode: true, width: 100 };
    let mut fixed = analysis();
    let edit = Edit { span: fixed.findings[0].location, replacement: "mended".into() };
    fixed.findings[0].fixes = vec![Fix { applicability: Applicability::Safe, title: "mend it".into(), edits: vec![edit], once: None }];
    for format in Format::ALL {
        let is_shown = written_of(&fixed, format, plain) != written(format, plain);
        assert_eq!(is_shown, format.shows_fixes(), "{format:?}");
    }
}

#[test]
fn a_resource_that_a_chain_meets_twice_is_one_node() {
    let mut analysis = analysis();
    let subject = analysis.findings[0].subject.clone();
    let policy =
        Named { kind: "bucket".into(), address: "AuditPolicy".into(), type_name: "AWS::S3::BucketPolicy".into(), ..(*subject).clone() };
    let policy = Named { span: analysis.findings[0].evidence[1].span, ..policy };
    let hop = |span, message: &str| Evidence { span, message: message.into() };
    let named = analysis.findings[0].evidence[0].span;
    let finding = &mut analysis.findings[0];
    finding.evidence =
        vec![hop(subject.span, "the trail"), hop(policy.span, "the policy"), hop(named, "`x` names it"), hop(policy.span, "the policy")];
    finding.resource = Some(Arc::new(policy));
    finding.label = "no `logging` here".into();
    let show = Show { analysis: &analysis, kinds: &[Listed::Fail], ..Show::of(&analysis, RuleSet::embedded()) };
    let mut out = Vec::new();
    output::write(Format::Markdown, show, Style { color: false, unicode: true, width: 100 }, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let graph = text.split("```").nth(1).unwrap();
    let expected = "mermaid\nflowchart LR\n  n0[\"aws_cloudtrail.main\"]\n  n1[\"AWS#58;#58;S3#58;#58;BucketPolicy AuditPolicy\"]\n  n2(\"#39;x#39; names it\")\n  n3(\"no #39;logging#39; here\")\n  n0 --> n1\n  n1 --> n2\n  n2 --> n1\n  n1 --> n3\n";
    assert_eq!(graph, expected);
}

#[test]
fn strangers_cannot_move_a_terminal() {
    for format in Format::ALL {
        let text = written(format, Style { color: false, unicode: true, width: 100 });
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{text}");
    }
}
