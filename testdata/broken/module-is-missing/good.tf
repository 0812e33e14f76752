resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_cloudtrail" "good" {
  name           = "good"
  s3_bucket_name = aws_s3_bucket.logs.id
}
