# What a list holds is not known, not even how long it is: what else the document says is.

variable "buckets" {
  type = list(string)
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = [for bucket in var.buckets : "${bucket}/*"]
  }
}

resource "aws_iam_policy" "read" {
  name   = "read"
  policy = data.aws_iam_policy_document.read.json
}

# Another document that is merged into this one.
data "aws_iam_policy_document" "more" {
  source_policy_documents = [data.aws_iam_policy_document.read.json]

  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "more" {
  name   = "more"
  policy = data.aws_iam_policy_document.more.json
}

variable "actions" {
  type = list(string)
}

data "aws_iam_policy_document" "any" {
  statement {
    actions   = var.actions
    resources = ["*"]
  }
}

# It may be everything.
resource "aws_iam_policy" "any" {
  name   = "any"
  policy = data.aws_iam_policy_document.any.json
}

variable "readers" {
  type = list(string)
}

resource "aws_s3_bucket" "data" {
  bucket = "data"
}

# Plain HTTP is refused to everyone, whoever may read.
data "aws_iam_policy_document" "data" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = var.readers
    }
  }

  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.data.json
}
