resource "aws_cloudtrail" "first" {
  name           = "first"
  s3_bucket_name = "central-trail"
  enable_logging = false # until the bucket is there
}

# One trail of all Regions is enough: this one stays as it is.
resource "aws_cloudtrail" "second" {
  name           = "second"
  s3_bucket_name = "central-trail"
}

resource "aws_iam_account_password_policy" "main" {
  minimum_password_length = 8
}

resource "aws_ebs_encryption_by_default" "main" {
  enabled = false
}
