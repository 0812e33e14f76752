terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 3.0"
    }
  }
}

resource "aws_s3_bucket" "data" {
  bucket = "data"
  acl    = "private"
}

resource "aws_s3_bucket" "x" {
  bucket = "x"

  logging {
    target_bucket = "central-logs"
    target_prefix = "x/"
  }
}
