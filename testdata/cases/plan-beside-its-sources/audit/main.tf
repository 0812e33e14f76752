variable "name" {}

resource "aws_s3_bucket" "this" {
  count         = 1
  bucket_prefix = var.name
}

output "bucket" {
  value = aws_s3_bucket.this[0].id
}
