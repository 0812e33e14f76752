resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = module.audit_bucket.id
  is_multi_region_trail      = true
  enable_log_file_validation = true

  depends_on = [module.audit_bucket]
}
