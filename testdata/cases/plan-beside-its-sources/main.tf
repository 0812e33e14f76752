variable "name" {
  default = "example-audit"
}

module "audit" {
  source = "./audit"
  name   = var.name
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = module.audit.bucket
}
