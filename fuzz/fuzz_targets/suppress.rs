//! Suppressions, ours and other tools', in comments and metadata.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fmt::Write;
use trailwarden::source::fs::Memory;

fuzz_target!(|text: &str| {
    let mut hcl = String::new();
    for line in text.lines() {
        let _ = writeln!(hcl, "# {line}");
    }
    let hcl = format!("{hcl}resource \"aws_s3_bucket\" \"a\" {{\n  {hcl}  bucket = \"a\" # {}\n}}\n", text.lines().next().unwrap_or_default());
    let indented: String = text.lines().fold(String::new(), |out, line| format!("{out}      {line}\n"));
    let template = format!(
        "# {}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Metadata:\n{indented}    Properties: {{}} # {0}\n",
        text.lines().next().unwrap_or_default()
    );
    trailwarden_fuzz::check(&Memory::new("repo").with("repo/main.tf", hcl).with("repo/t.yaml", template));
});
