# trailwarden: ignore[bucket-without-access-logging] reason="holds no evidence" owner=platform expires=2026-06-01
resource "aws_s3_bucket" "above" {
  bucket = "above"
}

resource "aws_s3_bucket" "inside" {
  /* trailwarden: ignore[bucket-without-access-logging] reason="inside" */
  bucket = "inside"
}

resource "aws_s3_bucket" "run_out" {
  # trailwarden: ignore[bucket-without-access-logging] reason="only in spring" expires=2026-05-31
  bucket = "run-out"
}

resource "aws_s3_bucket" "text" {
  bucket = "text"
  tags = {
    note = "# trailwarden: ignore[bucket-without-access-logging] reason=\"a string is no comment\""
  }
}

# trailwarden: ignore[bucket-without-access-logging] reason="a blank line stands between"

resource "aws_s3_bucket" "far" {
  bucket = "far"
}

resource "aws_s3_bucket" "trail" {
  bucket = "trail"
}

resource "aws_cloudtrail" "one" {
  name           = "one"
  s3_bucket_name = aws_s3_bucket.trail.id # trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason="the argument is part of the proof"
}

resource "aws_cloudtrail" "two" {
  name           = "two" # trailwarden: ignore[cloudtrail-bucket-without-access-logging] reason="the name has no part in it"
  s3_bucket_name = aws_s3_bucket.trail.id
}

# trailwarden: ignore[bucket-without-access-logging] reason="one call, not the other"
module "a" {
  source = "./modules/logs"
}

module "b" {
  source = "./modules/logs"
}

# trailwarden: ignore[cloudtrail-bucket-without-access-logging, bucket-without-access-logging] reason="only one of them has something to say"
resource "aws_s3_bucket" "each" {
  for_each = toset(["x", "y"])
  bucket   = each.key
}
