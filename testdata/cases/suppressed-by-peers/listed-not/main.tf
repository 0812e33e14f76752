resource "aws_s3_bucket" "not_listed" {
  bucket = "not-listed"
}
