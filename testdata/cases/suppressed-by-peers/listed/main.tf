resource "aws_s3_bucket" "listed" {
  bucket = "listed"
}
