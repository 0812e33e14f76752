resource "aws_s3_bucket" "data" {
  for_each = toset(["a", "b"])
  provider = aws.west
  bucket   = "data-${each.key}"
}

resource "aws_s3_bucket" "logs" {
  provider = aws.west
  bucket   = "logs"
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

resource "aws_s3_bucket_policy" "logs" {
  provider = aws.west
  bucket   = aws_s3_bucket.logs.id
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/*"
    }]
  })
}
