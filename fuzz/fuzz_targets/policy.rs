//! A bucket's policy: read, and asked whether the logging service and a trail may write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::source::fs::Memory;

const CODE: &str = r#"
variable "u" {}
resource "aws_s3_bucket" "logs" { bucket = "logs" }
resource "aws_s3_bucket_logging" "data" {
  bucket        = aws_s3_bucket.data.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "log/"
}
resource "aws_s3_bucket" "data" { bucket = "data" }
resource "aws_cloudtrail" "t" {
  name           = "t"
  s3_bucket_name = aws_s3_bucket.data.id
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = templatefile("policy.json", { u = var.u, arn = aws_s3_bucket.logs.arn })
}
resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = file("policy.json")
}
"#;

fuzz_target!(|text: &str| {
    trailwarden_fuzz::check(&Memory::new("repo").with("repo/main.tf", CODE).with("repo/policy.json", text));
});
