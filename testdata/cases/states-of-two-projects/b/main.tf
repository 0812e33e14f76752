variable "state" {}
data "terraform_remote_state" "logs" {
  backend = "s3"
  config  = { bucket = var.state, key = "logs", region = "eu-west-1" }
}
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_s3_bucket_logging" "b" {
  bucket        = aws_s3_bucket.b.id
  target_bucket = data.terraform_remote_state.logs.outputs.bucket
  target_prefix = "logs/"
}
