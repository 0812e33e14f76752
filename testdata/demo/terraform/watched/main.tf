terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

data "aws_caller_identity" "current" {}

module "audit_bucket" {
  source = "./modules/audit-bucket"

  name              = "${var.prefix}-audit-trail"
  access_log_bucket = aws_s3_bucket.access_logs.id
}
