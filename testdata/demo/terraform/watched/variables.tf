variable "prefix" {
  description = "What every name of this account begins with."
  type        = string
  default     = "acme-prod"
}
