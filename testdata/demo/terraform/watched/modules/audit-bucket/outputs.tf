output "id" {
  description = "The bucket's name, once its policy lets the trail write."
  value       = aws_s3_bucket.this.id
}
