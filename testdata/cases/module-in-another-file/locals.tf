locals {
  name = "${var.prefix}-logs"
}

variable "prefix" {
  default = "p"
}
