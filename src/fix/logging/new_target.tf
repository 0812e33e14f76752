resource "aws_s3_bucket" "__LABEL__" {
  bucket_prefix = "access-logs-"
}

resource "aws_s3_bucket_public_access_block" "__LABEL__" {
  bucket = aws_s3_bucket.__LABEL__.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "__LABEL__" {
  bucket = aws_s3_bucket.__LABEL__.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = 365
    }
  }
}

data "aws_caller_identity" "__LABEL__" {}

resource "aws_s3_bucket_policy" "__LABEL__" {
  bucket = aws_s3_bucket.__LABEL__.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "S3MayDeliverAccessLogs"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.__LABEL__.arn}/*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.__LABEL__.account_id } }
      },
      {
        Sid       = "NobodyWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.__LABEL__.arn, "${aws_s3_bucket.__LABEL__.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
