variable "log_bucket" {
  type = string
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.trail.id
}

resource "aws_s3_bucket" "trail" {}

resource "aws_s3_bucket" "x" {
  bucket = "x"
}

resource "aws_s3_bucket_logging" "x" {
  bucket        = aws_s3_bucket.x.id
  target_bucket = var.log_bucket
  target_prefix = "s3/"
}
