//! The Terraform and OpenTofu frontend: one root module in, declarations out.

pub mod functions;
pub mod operators;
