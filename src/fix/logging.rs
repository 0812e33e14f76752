//! Server access logging for a bucket that has none: beside it, in its own language, into a bucket where the logs arrive.

mod hcl;
mod template;

pub use template::NewTarget;

use crate::fix::World;
use crate::fix::home::{Home, Tree};
use crate::graph::Resource;
use crate::rule::finding::Fix;

/// What turns on the access logging of a bucket; `None` where it cannot be said where or how.
pub fn fix(world: &World<'_>, bucket: &Resource) -> Option<Fix> {
    // A block that stands for several buckets is given logging only if none of them has any, and none receives access logs.
    if !world.is_untouched(bucket) {
        return None;
    }
    let home = Home::of(world, world.graph.declarations().get(bucket.declaration?)?)?;
    match (&*bucket.type_name, &home.tree) {
        ("aws_s3_bucket", Tree::Hcl(_)) => hcl::fix(world, bucket, &home),
        ("AWS::S3::Bucket", Tree::Template(_)) => template::fix(world, bucket, &home),
        _ => None,
    }
}
