# trailwarden: ignore[bucket-without-acces-logging] reason="a slip in the rule"
resource "aws_s3_bucket" "a" {
  bucket = "a"
}

# trailwarden: ignore[bucket-without-access-logging]
resource "aws_s3_bucket" "b" {
  bucket = "b"
}

# trailwarden: ignore[bucket-without-access-logging] reason="größe" expires=2026-02-30
resource "aws_s3_bucket" "c" {
  bucket = "c"
}

# trailwarden: ingore[bucket-without-access-logging] reason="x"
resource "aws_s3_bucket" "d" {
  bucket = "d"
}
