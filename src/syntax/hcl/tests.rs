//! The parser by example. What Terraform 1.11.4 made of each text was asked of Terraform itself.

mod bodies;
mod expressions;
mod json;
mod limits;
mod properties;
mod recovery;
mod reference;
mod show;
mod templates;
