//! Trees to measure on: made here, the same in every run, or a folder that `TRAILWARDEN_BENCH_DIR` names.
#![allow(clippy::disallowed_methods, reason = "benches make and read files of their own")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use trailwarden::analysis::{Analysis, Options, Stage, analyze};
use trailwarden::config::OpenAs;
use trailwarden::limits::Limit;
use trailwarden::output::{self, Format, Listed, Show, Style};
use trailwarden::project::Inputs;
use trailwarden::rule::RuleSet;
use trailwarden::rule::finding::Severity;
use trailwarden::source::fs::Disk;

/// Files of a Terraform root; five roots share their module.
const FILES_OF_A_ROOT: usize = 10;

/// How much of a tree has findings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// As in real code: the corpus that this was measured on has 1.5 findings a template and 1.7 for ten files of Terraform, and most projects have none.
    Usual,
    /// Every template and every root: fourteen each.
    All,
}

/// A tree on disk, removed when dropped if it was made here.
pub struct Tree {
    /// What it is called in tables.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    made: bool,
}

impl Drop for Tree {
    fn drop(&mut self) {
        if self.made {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// A tree of about `files` files: Terraform roots with modules, counts and links, as many templates, and ten times as many files that are neither.
pub fn mixed(files: usize) -> Tree {
    let tree = empty(&format!("mixed-{files}"));
    terraform(&tree.path.join("terraform"), files / 2, Share::Usual);
    templates(&tree.path.join("templates"), files / 2, Share::Usual);
    noise(&tree.path.join("noise"), files * 10);
    tree
}

/// A tree of Terraform alone.
pub fn terraform_only(files: usize) -> Tree {
    tree_of("terraform", files, terraform, Share::Usual)
}

/// The same with findings in every root.
#[allow(dead_code, reason = "each bench uses a part of this")]
pub fn flawed_terraform(files: usize) -> Tree {
    tree_of("flawed-terraform", files, terraform, Share::All)
}

/// A tree of templates alone.
pub fn templates_only(files: usize) -> Tree {
    tree_of("templates", files, templates, Share::Usual)
}

/// The same with findings in every template.
#[allow(dead_code, reason = "each bench uses a part of this")]
pub fn flawed_templates(files: usize) -> Tree {
    tree_of("flawed-templates", files, templates, Share::All)
}

fn tree_of(name: &str, files: usize, fill: fn(&Path, usize, Share), share: Share) -> Tree {
    let tree = empty(&format!("{name}-{files}"));
    fill(&tree.path, files, share);
    tree
}

/// The folder that the environment names.
#[allow(dead_code, reason = "each bench uses a part of this")]
pub fn given() -> Option<Tree> {
    let path = PathBuf::from(std::env::var_os("TRAILWARDEN_BENCH_DIR")?);
    Some(Tree { name: path.file_name()?.to_string_lossy().into_owned(), path, made: false })
}

/// A whole check of a tree, its report written to nowhere.
pub fn check(path: &Path, threads: usize) -> Analysis {
    check_by(RuleSet::embedded(), path, threads)
}

/// The same by some of the rules.
#[allow(dead_code, reason = "each bench uses a part of this")]
pub fn check_by(rules: &RuleSet, path: &Path, threads: usize) -> Analysis {
    run(rules, path, threads, &mut |_| {})
}

/// How long each stage of a check takes on one thread, the report last.
#[allow(dead_code, reason = "each bench uses a part of this")]
pub fn stages(path: &Path) -> Vec<(&'static str, Duration)> {
    let mut stages = Vec::new();
    let mut begun = Instant::now();
    let mut note = |name| {
        stages.push((name, begun.elapsed()));
        begun = Instant::now();
    };
    run(RuleSet::embedded(), path, 1, &mut |stage| note(stage.name()));
    note("report");
    stages
}

fn run(rules: &RuleSet, path: &Path, threads: usize, ended: &mut (dyn FnMut(Stage) + Send)) -> Analysis {
    let disk = Disk::new(path, path).expect("the tree is there");
    // These trees are as large as they are: all of each is looked at.
    let mut inputs = Inputs::default();
    inputs.limits.set(Limit::Resources, u64::MAX);
    let options = Options {
        working_directory: disk.working_directory().to_owned(),
        inputs,
        rules: rules.clone(),
        min_severity: Severity::Note,
        suppress: trailwarden::suppress::Options::default(),
        baseline: None,
        passes: trailwarden::rule::Passes::Counted,
        offers_fixes: true,
        threads,
    };
    let analysis = analyze(&disk, &[PathBuf::from(".")], &options, ended);
    let show =
        Show { analysis: &analysis, kinds: &[Listed::Fail, Listed::Open], open: OpenAs::Note, rules: RuleSet::embedded(), coverage: None };
    output::write(Format::Full, show, Style { color: false, unicode: true, width: 100 }, &mut std::io::sink()).expect("a sink takes all");
    analysis
}

/// Bytes of the files below a directory that are infrastructure: those of `noise` are not.
#[allow(dead_code, reason = "each bench uses a part of this")]
pub fn bytes_of(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() && entry.file_name() != "noise" => bytes_of(&entry.path()),
            Ok(metadata) if metadata.is_file() => metadata.len(),
            _ => 0,
        })
        .sum()
}

fn empty(name: &str) -> Tree {
    let path = std::env::temp_dir().join(format!("trailwarden-bench-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the temporary directory is writable");
    Tree { name: name.to_owned(), path: path.canonicalize().expect("it was just made"), made: true }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a file has a directory")).expect("the temporary directory is writable");
    std::fs::write(path, text).expect("the temporary directory is writable");
}

fn terraform(directory: &Path, files: usize, share: Share) {
    let roots = (files / FILES_OF_A_ROOT).max(1);
    for shared in 0..roots.div_ceil(5) {
        let module = directory.join(format!("modules/logs-{shared}"));
        write(&module.join("main.tf"), MODULE);
        write(&module.join("variables.tf"), VARIABLES);
        write(&module.join("outputs.tf"), "output \"id\" {\n  value = aws_s3_bucket.this.id\n}\n");
        let queues = directory.join(format!("modules/queues-{shared}"));
        write(&queues.join("main.tf"), QUEUES);
        write(&queues.join("variables.tf"), VARIABLES);
        write(&queues.join("outputs.tf"), "output \"id\" {\n  value = aws_sqs_queue.this.id\n}\n");
    }
    for root in 0..roots {
        let here = directory.join(format!("envs/env-{root}"));
        let is_flawed = share == Share::All || root % 8 == 0;
        let (called, text) = if is_flawed { ("logs", TRAIL) } else { ("queues", ALARMS) };
        let target = match (is_flawed, root % 2) {
            (true, 0) => "\n  target = aws_s3_bucket.access.id",
            (false, 0) => "\n  target = aws_sns_topic.alarms.arn",
            _ => "",
        };
        let main =
            format!("module \"{called}\" {{\n  source = \"../../modules/{called}-{}\"\n  name   = local.name{target}\n}}\n", root / 5);
        write(&here.join("main.tf"), &main);
        write(
            &here.join("locals.tf"),
            "locals {\n  name = \"${var.prefix}-trail\"\n  tags = merge({ team = \"platform\" }, var.tags)\n}\n",
        );
        write(
            &here.join("variables.tf"),
            &format!("variable \"prefix\" {{\n  default = \"env-{root}\"\n}}\n\nvariable \"tags\" {{\n  default = {{}}\n}}\n"),
        );
        write(&here.join("main-resources.tf"), text);
        for other in 4..FILES_OF_A_ROOT {
            let mut text = String::new();
            for block in 0..6 {
                let _ = write!(text, "{}", OTHER.replace("NAME", &format!("r{other}_{block}")));
            }
            write(&here.join(format!("other-{other}.tf")), &text);
        }
    }
}

fn templates(directory: &Path, files: usize, share: Share) {
    for file in 0..files {
        let logged = if file % 2 == 0 { "\n      LoggingConfiguration:\n        DestinationBucketName: !Ref Access" } else { "" };
        let mut text = match (share, file % 10) {
            (Share::All, _) | (_, 0) => [HEAD, &TRAIL_TEMPLATE.replace("LOGGED", logged)].concat(),
            (_, 5) => [HEAD, SOUND_TEMPLATE].concat(),
            _ => [HEAD, QUEUE_TEMPLATE].concat(),
        };
        for other in 0..8 {
            let _ = write!(
                text,
                "\n  Function{other}:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n      Role: !GetAtt Role.Arn\n      Environment:\n        Variables: {{ STAGE: !Ref Stage, N: '{other}' }}\n"
            );
        }
        write(&directory.join(format!("stack-{file}.yaml")), &text);
    }
}

fn noise(directory: &Path, files: usize) {
    for file in 0..files {
        let path = directory.join(format!("d{}", file % 50));
        if file % 2 == 0 {
            let values: String = (0..40).fold(String::new(), |text, n| {
                format!("{text}key{n}:\n  image: registry/app:{n}\n  resources: {{ limits: {{ cpu: {n} }} }}\n")
            });
            write(&path.join(format!("values-{file}.yaml")), &values);
        } else {
            let items: Vec<String> =
                (0..60).map(|n| format!("{{\"id\": {n}, \"name\": \"item {n}\", \"tags\": [\"a\", \"b\"]}}")).collect();
            write(&path.join(format!("data-{file}.json")), &format!("[{}]", items.join(",\n")));
        }
    }
}

const TRAIL: &str = r#"resource "aws_cloudtrail" "main" {
  name                       = "main"
  s3_bucket_name             = module.logs.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  tags                       = local.tags
}

resource "aws_s3_bucket" "access" {
  bucket = "${var.prefix}-access"
}
"#;

const VARIABLES: &str = "variable \"name\" {\n  type = string\n}\n\nvariable \"target\" {\n  type    = string\n  default = null\n}\n";

const MODULE: &str = r#"resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_logging" "this" {
  count = var.target == null ? 0 : 1

  bucket        = aws_s3_bucket.this.id
  target_bucket = var.target
  target_prefix = "${var.name}/"
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.this.arn}/*"
    }]
  })
}
"#;

const OTHER: &str = r#"resource "aws_sqs_queue" "NAME" {
  for_each = toset(["a", "b"])

  name                       = "${var.prefix}-NAME-${each.key}"
  visibility_timeout_seconds = 30 + length(local.tags)

  dynamic "timeouts" {
    for_each = var.prefix == "none" ? [1] : []
    content {
      create = "5m"
    }
  }

  tags = merge(local.tags, {
    Name = upper("NAME")
  })
}

"#;

const QUEUES: &str = r#"resource "aws_sqs_queue" "this" {
  name = var.name
}

resource "aws_sns_topic_subscription" "this" {
  count = var.target == null ? 0 : 1

  topic_arn = var.target
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.this.arn
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.this.arn
    }]
  })
}
"#;

const ALARMS: &str = r#"resource "aws_sns_topic" "alarms" {
  name = "${var.prefix}-alarms"
  tags = local.tags
}

resource "aws_cloudwatch_metric_alarm" "depth" {
  alarm_name          = "${var.prefix}-depth"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 100
  evaluation_periods  = 5
  period              = 60
  statistic           = "Maximum"
  dimensions          = { QueueName = module.queues.id }
  alarm_actions       = [aws_sns_topic.alarms.arn]
}
"#;

const HEAD: &str = "AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
";

const TRAIL_TEMPLATE: &str = "  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub '${AWS::StackName}-${Stage}-trail'LOGGED
  Access:
    Type: AWS::S3::Bucket
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: !Ref Bucket
      IsLogging: !If [IsProd, true, true]
";

const QUEUE_TEMPLATE: &str = "  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub '${AWS::StackName}-${Stage}-queue'
      VisibilityTimeout: !If [IsProd, 60, 30]
  Topic:
    Type: AWS::SNS::Topic
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      TopicArn: !Ref Topic
";

const SOUND_TEMPLATE: &str = "  Files:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub '${AWS::StackName}-${Stage}-files'
      VersioningConfiguration: { Status: Enabled }
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
      LoggingConfiguration:
        DestinationBucketName: !Ref Access
        LogFilePrefix: files/
  FilesPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Files
      PolicyDocument:
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: [!GetAtt Files.Arn, !Sub '${Files.Arn}/*']
            Condition: { Bool: { aws:SecureTransport: false } }
  Access:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: { Status: Enabled }
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
      LifecycleConfiguration:
        Rules:
          - { Status: Enabled, ExpirationInDays: 365, NoncurrentVersionExpiration: { NoncurrentDays: 30 } }
  AccessPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Access
      PolicyDocument:
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: [!GetAtt Access.Arn, !Sub '${Access.Arn}/*']
            Condition: { Bool: { aws:SecureTransport: false } }
          - Effect: Allow
            Principal: { Service: logging.s3.amazonaws.com }
            Action: s3:PutObject
            Resource: !Sub '${Access.Arn}/*'
            Condition: { ArnLike: { aws:SourceArn: !GetAtt Files.Arn }, StringEquals: { aws:SourceAccount: !Ref AWS::AccountId } }
";
