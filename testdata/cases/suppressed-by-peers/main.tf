resource "aws_s3_bucket" "checkov" {
  #checkov:skip=CKV_AWS_21,CKV_AWS_18:no logs of logs
  bucket = "checkov"
}

# checkov:skip=CKV_AWS_18:Checkov reads comments inside of a block only
resource "aws_s3_bucket" "checkov_above" {
  bucket = "checkov-above"
}

#tfsec:ignore:aws-s3-enable-bucket-logging tfsec:ignore:aws-s3-enable-versioning
resource "aws_s3_bucket" "tfsec" {
  bucket = "tfsec"
}

resource "aws_s3_bucket" "trivy" { #trivy:ignore:avd-aws-0089:exp:2026-06-01
  bucket = "trivy"
}

# trivy:ignore:AVD-AWS-0089:exp:2026-05-31
resource "aws_s3_bucket" "trivy_run_out" {
  bucket = "trivy-run-out"
}

# trivy:ignore:AVD-AWS-0089[bucket=trivy-given]
resource "aws_s3_bucket" "trivy_given" {
  bucket = "trivy-given"
}

# trivy:ignore:AVD-AWS-0089[bucket=another]
resource "aws_s3_bucket" "trivy_not_given" {
  bucket = "trivy-not-given"
}

resource "aws_s3_bucket" "trivy_inside" {
  #trivy:ignore:AVD-AWS-0089
  bucket = "trivy-inside"
}

# kics-scan ignore-block
resource "aws_s3_bucket" "kics" {
  bucket = "kics"
}

# kics-scan ignore-line
resource "aws_s3_bucket" "kics_line" {
  bucket = "kics-line"
}

resource "aws_s3_bucket" "trail" {
  bucket = "trail"
}

resource "aws_cloudtrail" "terrascan" {
  #ts:skip=AC_AWS_0497 known
  name           = "terrascan"
  s3_bucket_name = aws_s3_bucket.trail.id
}
