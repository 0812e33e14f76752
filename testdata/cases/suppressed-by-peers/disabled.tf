# kics-scan disable=f861041c-8c9f-4156-acfc-5e6e524f5884

resource "aws_s3_bucket" "kics_disabled" {
  bucket = "kics-disabled"
}
