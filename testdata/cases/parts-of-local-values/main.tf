# Everything that differs between environments stands in one object: what is asked for decides, and a fault elsewhere spoils nothing.
locals {
  environment = "production"

  environments = {
    development = local.development
    production  = local.production
    broken      = { targets = { trail = local.nowhere } }
  }
  chosen = local.environments[local.environment]

  development = { names = { trail = "trail-dev" } }
  production = {
    names   = { trail = "trail-prod", logs = "logs-prod" }
    targets = { trail = aws_s3_bucket.logs }
  }

  # Terraform refuses a local value that refers to itself, wherever in it.
  loop = { name = local.loop.other, other = "x" }
}

# Logged: the name and the target come from the chosen environment.
resource "aws_s3_bucket" "trail" {
  bucket = local.chosen.names.trail
}

resource "aws_s3_bucket_logging" "trail" {
  bucket        = lookup(local.chosen.names, "trail", "none")
  target_bucket = local.chosen.targets["trail"].id
  target_prefix = lookup(local.chosen, "prefix", "trail/")
}

resource "aws_s3_bucket" "logs" {
  bucket = local.environments["production"].names.logs
}

resource "aws_cloudtrail" "this" {
  name           = "this"
  s3_bucket_name = lookup(local.chosen.names, "trail", "none")
}

# Not logged: the name is the default.
resource "aws_s3_bucket" "other" {
  bucket = lookup(local.development, "bucket", "other")
}

resource "aws_cloudtrail" "other" {
  name           = "other"
  s3_bucket_name = lookup(local.chosen.names, "other", "other")
}

resource "aws_s3_bucket" "loop" {
  bucket = local.loop.name
}
