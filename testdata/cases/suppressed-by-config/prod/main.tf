module "logs" {
  source   = "./logs"
  for_each = toset(["a", "b"])
}

resource "aws_s3_bucket" "run_out" {
  bucket = "run-out"
}
