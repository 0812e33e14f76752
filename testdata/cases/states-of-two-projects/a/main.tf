variable "state" {}
data "terraform_remote_state" "logs" {
  backend = "s3"
  config  = { bucket = var.state, key = "logs", region = "eu-west-1" }
}
# Each root reads a state by a name that an input gives: the two need not be one.
resource "aws_s3_bucket" "a" {
  bucket = "a"
}
resource "aws_s3_bucket_logging" "a" {
  bucket        = aws_s3_bucket.a.id
  target_bucket = data.terraform_remote_state.logs.outputs.bucket
  target_prefix = "logs/"
}
