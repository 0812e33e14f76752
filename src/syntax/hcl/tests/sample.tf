# A file with a bit of everything, for the property tests to damage.
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "~> 6.0" } }
}

variable "names" {
  type    = map(object({ acl = optional(string, "private"), é = bool }))
  default = { "logs" : { acl = null, é = true } }
}

locals {
  all = merge({ for k, v in var.names : upper(k) => v.acl... if v.é }, { (var.x) = [1, -2.5e3, !true] })
  one = var.a != null && (var.b > 1 || var.c[0].d[*].e.0 == "x${var.f}") ? provider::x::y(1, 2...) : null
}

resource "aws_s3_bucket" "this" {
  for_each = var.names
  bucket   = "$${literal}-${each.key}-%{ if var.suffix != "" ~} ${var.suffix} %{~ else }none%{ endif }"

  dynamic "logging" {
    for_each = var.logging[*]
    content {
      target_bucket = logging.value.bucket
    }
  }

  policy = <<-EOT
    {
      "Statement": ${jsonencode([for s in local.statements : { Sid = s }])}
      %{ for p in local.all ~}
      ${p}
      %{ endfor ~}
    }
  EOT

  lifecycle { prevent_destroy = true } // one line
}
