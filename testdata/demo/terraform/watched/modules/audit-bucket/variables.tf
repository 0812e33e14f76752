variable "name" {
  description = "The bucket's name."
  type        = string
}

variable "access_log_bucket" {
  description = "The bucket that receives this bucket's server access logs."
  type        = string
}
