//! trailwarden: a static analyzer for infrastructure as code.
//!
//! It loads Terraform/OpenTofu and CloudFormation into one resource graph, links each trail to the bucket that
//! keeps its logs, and proves whether that bucket is itself watched. The house is built in floors (`src/tidy.rs`
//! holds them): a module may use only what stands below it.

pub mod analysis;
pub mod baseline;
pub mod calendar;
pub mod change;
pub mod cli;
pub mod cloudformation;
pub mod config;
pub mod diagnostic;
pub mod discover;
pub mod fix;
pub mod framework;
pub mod frontend;
pub mod glob;
pub mod graph;
pub mod limits;
pub mod output;
pub mod project;
pub mod repair;
pub mod rule;
pub mod scenario;
pub mod source;
pub mod suggest;
pub mod suppress;
pub mod syntax;
pub mod table;
pub mod terraform;
#[cfg(test)]
mod tidy;
pub mod value;
pub mod version;
