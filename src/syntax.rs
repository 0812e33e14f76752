//! One file in, one spanned tree out. Parsing never fails: there is always a tree, plus diagnostics.
//!
//! It knows text and grammar; it knows neither what an attribute means nor what a value is.

pub mod comments;
pub mod hcl;
pub mod json;
mod names;
pub mod node;
mod spare;
mod trees;
pub mod yaml;

pub use node::NodeFile;
pub use trees::{HclFile, Trees, parse_nodes};
