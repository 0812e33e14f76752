resource "aws_s3_bucket" "data" {
  bucket = "data"
}

resource "aws_s3_bucket" "x" {
  bucket = "x"
}

resource "aws_s3_bucket_logging" "x" {
  bucket        = aws_s3_bucket.x.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3-access/"
}

resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.logs.arn}/s3-access/*"
    }]
  })
}
