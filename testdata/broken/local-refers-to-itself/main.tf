resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_cloudtrail" "good" {
  name           = "good"
  s3_bucket_name = aws_s3_bucket.logs.id
}

locals {
  a = local.a
  b = local.c
  c = local.b
}

resource "aws_cloudtrail" "ring" {
  name           = local.a
  s3_bucket_name = local.b
}
