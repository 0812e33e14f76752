//! Small projects that nobody wrote: buckets that log to each other or not, and trails that name them in every way, in both languages.

use crate::cases::Case;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::PathBuf;

/// Most buckets of a project.
const BUCKETS: usize = 4;

/// How something is turned on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Switch {
    On,
    /// In the stage that is the default.
    InDefaultStage,
    /// In a stage that is not.
    InOtherStage,
    /// By an input with this default.
    ByFlag(bool),
}

/// How a name or a reference is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Reference,
    Literal,
    ByLocal,
    /// This bucket in the default stage, the first one otherwise.
    ByStage,
}

#[derive(Clone, Debug)]
struct Bucket {
    named: bool,
    logging: Option<(usize, Way, Switch)>,
    versioned: Option<bool>,
    policy: Option<bool>,
}

#[derive(Clone, Debug)]
struct Trail {
    bucket: usize,
    way: Way,
    exists: Switch,
    multi_region: Option<bool>,
}

/// A project in no language.
#[derive(Clone, Debug)]
pub struct Model {
    buckets: Vec<Bucket>,
    trails: Vec<Trail>,
}

fn switch() -> impl Strategy<Value = Switch> {
    prop_oneof![3 => Just(Switch::On), 1 => Just(Switch::InDefaultStage), 1 => Just(Switch::InOtherStage), 1 => any::<bool>().prop_map(Switch::ByFlag)]
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::Reference), Just(Way::Literal), Just(Way::ByLocal), Just(Way::ByStage)]
}

fn bucket() -> impl Strategy<Value = Bucket> {
    (any::<bool>(), prop::option::of((0..BUCKETS, way(), switch())), prop::option::of(any::<bool>()), prop::option::of(any::<bool>()))
        .prop_map(|(named, logging, versioned, policy)| Bucket { named, logging, versioned, policy })
}

fn trail() -> impl Strategy<Value = Trail> {
    (0..BUCKETS, way(), switch(), prop::option::of(any::<bool>())).prop_map(|(bucket, way, exists, multi_region)| Trail {
        bucket,
        way,
        exists,
        multi_region,
    })
}

/// Any project of one to four buckets and one or two trails.
pub fn model() -> impl Strategy<Value = Model> {
    (prop::collection::vec(bucket(), 1..=BUCKETS), prop::collection::vec(trail(), 1..3)).prop_map(|(buckets, trails)| {
        let count = buckets.len();
        let mut model = Model { buckets, trails };
        for (number, bucket) in model.buckets.iter_mut().enumerate() {
            // One that logs to itself by reference would need itself.
            bucket.logging = bucket.logging.map(|(target, way, on)| (target % count, way, on)).filter(|(target, ..)| *target < number);
        }
        for trail in &mut model.trails {
            trail.bucket %= count;
        }
        for bucket in model.literally_named() {
            model.buckets[bucket].named = true;
        }
        model
    })
}

impl Model {
    /// Buckets that someone names by text.
    fn literally_named(&self) -> Vec<usize> {
        let is_text = |way: Way| matches!(way, Way::Literal | Way::ByLocal);
        let targets = self.buckets.iter().filter_map(|bucket| bucket.logging).map(|(target, way, _)| (target, way));
        let trails = self.trails.iter().map(|trail| (trail.bucket, trail.way));
        targets.chain(trails).filter(|(_, way)| is_text(*way)).map(|(bucket, _)| bucket).collect()
    }

    /// As a root module.
    pub fn terraform(&self) -> Case {
        let mut text = String::from(
            "variable \"stage\" {\n  default = \"dev\"\n}\nvariable \"on\" {\n  default = true\n}\nvariable \"off\" {\n  default = false\n}\nlocals {\n  stem = \"example\"\n}\n",
        );
        let count = |switch: Switch| match switch {
            Switch::On => String::new(),
            Switch::InDefaultStage => "  count = var.stage == \"dev\" ? 1 : 0\n".into(),
            Switch::InOtherStage => "  count = var.stage == \"prod\" ? 1 : 0\n".into(),
            Switch::ByFlag(default) => format!("  count = var.{} ? 1 : 0\n", if default { "on" } else { "off" }),
        };
        let name = |bucket: usize, way: Way| match way {
            Way::Reference => format!("aws_s3_bucket.b{bucket}.id"),
            Way::Literal => format!("\"example-{bucket}\""),
            Way::ByLocal => format!("\"${{local.stem}}-{bucket}\""),
            Way::ByStage => format!("var.stage == \"dev\" ? aws_s3_bucket.b{bucket}.id : aws_s3_bucket.b0.id"),
        };
        for (number, bucket) in self.buckets.iter().enumerate() {
            let named = if bucket.named { format!("  bucket = \"example-{number}\"\n") } else { String::new() };
            let _ = write!(text, "resource \"aws_s3_bucket\" \"b{number}\" {{\n{named}}}\n");
            if let Some((target, way, on)) = bucket.logging {
                let target = name(target, way);
                let _ = write!(
                    text,
                    "resource \"aws_s3_bucket_logging\" \"b{number}\" {{\n{}  bucket = aws_s3_bucket.b{number}.id\n  target_bucket = {target}\n  target_prefix = \"log/\"\n}}\n",
                    count(on)
                );
            }
            if let Some(versioned) = bucket.versioned {
                let status = if versioned { "Enabled" } else { "Suspended" };
                let _ = write!(
                    text,
                    "resource \"aws_s3_bucket_versioning\" \"b{number}\" {{\n  bucket = aws_s3_bucket.b{number}.id\n  versioning_configuration {{\n    status = \"{status}\"\n  }}\n}}\n"
                );
            }
            if let Some(allow) = bucket.policy {
                let effect = if allow { "Allow" } else { "Deny" };
                let _ = write!(
                    text,
                    "resource \"aws_s3_bucket_policy\" \"b{number}\" {{\n  bucket = aws_s3_bucket.b{number}.id\n  policy = jsonencode({{\n    Statement = [{{\n      Effect = \"{effect}\"\n      Principal = {{ Service = \"logging.s3.amazonaws.com\" }}\n      Action = \"s3:PutObject\"\n      Resource = \"${{aws_s3_bucket.b{number}.arn}}/*\"\n    }}]\n  }})\n}}\n"
                );
            }
        }
        for (number, trail) in self.trails.iter().enumerate() {
            let multi = trail.multi_region.map(|multi| format!("  is_multi_region_trail = {multi}\n")).unwrap_or_default();
            let _ = write!(
                text,
                "resource \"aws_cloudtrail\" \"t{number}\" {{\n{}  name = \"trail-{number}\"\n  s3_bucket_name = {}\n{multi}}}\n",
                count(trail.exists),
                name(trail.bucket, trail.way)
            );
        }
        Case { name: "generated".into(), files: [(PathBuf::from("main.tf"), text)].into() }
    }

    /// As a template.
    pub fn cloudformation(&self) -> Case {
        let mut text = String::from(
            "Parameters:\n  Stage: {Type: String, Default: dev}\n  On: {Type: String, Default: 'true'}\n  Off: {Type: String, Default: 'false'}\n  Stem: {Type: String, Default: example}\nConditions:\n  IsDev: !Equals [!Ref Stage, dev]\n  IsProd: !Equals [!Ref Stage, prod]\n  IsOn: !Equals [!Ref On, 'true']\n  IsOff: !Equals [!Ref Off, 'true']\nResources:\n",
        );
        let condition = |switch: Switch| match switch {
            Switch::On => None,
            Switch::InDefaultStage => Some("IsDev"),
            Switch::InOtherStage => Some("IsProd"),
            Switch::ByFlag(true) => Some("IsOn"),
            Switch::ByFlag(false) => Some("IsOff"),
        };
        let name = |bucket: usize, way: Way| match way {
            Way::Reference => format!("!Ref B{bucket}"),
            Way::Literal => format!("example-{bucket}"),
            Way::ByLocal => format!("!Sub '${{Stem}}-{bucket}'"),
            Way::ByStage => format!("!If [IsDev, !Ref B{bucket}, !Ref B0]"),
        };
        for (number, bucket) in self.buckets.iter().enumerate() {
            let _ = write!(text, "  B{number}:\n    Type: AWS::S3::Bucket\n    Properties:\n      Tags: []\n");
            if bucket.named {
                let _ = writeln!(text, "      BucketName: example-{number}");
            }
            if let Some((target, way, on)) = bucket.logging {
                let logging = format!("{{DestinationBucketName: {}, LogFilePrefix: log/}}", name(target, way));
                let _ = match condition(on) {
                    None => writeln!(text, "      LoggingConfiguration: {logging}"),
                    Some(condition) => {
                        writeln!(text, "      LoggingConfiguration: !If [{condition}, {logging}, !Ref 'AWS::NoValue']")
                    }
                };
            }
            if let Some(versioned) = bucket.versioned {
                let _ = writeln!(text, "      VersioningConfiguration: {{Status: {}}}", if versioned { "Enabled" } else { "Suspended" });
            }
            if let Some(allow) = bucket.policy {
                let effect = if allow { "Allow" } else { "Deny" };
                let _ = write!(
                    text,
                    "  P{number}:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref B{number}\n      PolicyDocument:\n        Statement:\n          - Effect: {effect}\n            Principal: {{Service: logging.s3.amazonaws.com}}\n            Action: s3:PutObject\n            Resource: !Sub '${{B{number}.Arn}}/*'\n"
                );
            }
        }
        for (number, trail) in self.trails.iter().enumerate() {
            let exists = condition(trail.exists).map(|condition| format!("    Condition: {condition}\n")).unwrap_or_default();
            let multi = trail.multi_region.map(|multi| format!("      IsMultiRegionTrail: {multi}\n")).unwrap_or_default();
            let _ = write!(
                text,
                "  T{number}:\n    Type: AWS::CloudTrail::Trail\n{exists}    Properties:\n      IsLogging: true\n      S3BucketName: {}\n{multi}",
                name(trail.bucket, trail.way)
            );
        }
        Case { name: "generated".into(), files: [(PathBuf::from("template.yaml"), text)].into() }
    }
}
