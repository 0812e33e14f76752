//! Filter patterns of CloudWatch Logs: is each event that an alarm should see matched?
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::source::fs::Memory;

const CODE: &str = r#"
resource "aws_cloudwatch_log_group" "g" { name = "trail" }
resource "aws_cloudtrail" "t" {
  name                       = "t"
  s3_bucket_name             = "b"
  is_multi_region_trail      = true
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.g.arn}:*"
}
resource "aws_cloudwatch_log_metric_filter" "f" {
  name           = "f"
  log_group_name = aws_cloudwatch_log_group.g.name
  pattern        = file("pattern.txt")
  metric_transformation {
    name      = "m"
    namespace = "n"
    value     = "1"
  }
}
resource "aws_cloudwatch_metric_alarm" "a" {
  alarm_name          = "a"
  metric_name         = "m"
  namespace           = "n"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  period              = 300
  statistic           = "Sum"
  threshold           = 1
  alarm_actions       = ["arn:aws:sns:eu-west-1:111122223333:t"]
}
"#;

fuzz_target!(|text: &str| {
    trailwarden_fuzz::check(&Memory::new("repo").with("repo/main.tf", CODE).with("repo/pattern.txt", text));
});
