resource "aws_s3_bucket" "other" {
  bucket = "other"
}

resource "aws_cloudtrail" "other" {
  name           = "other"
  s3_bucket_name = aws_s3_bucket.other.id
}
