//! Which major versions of the AWS provider a module admits: before 4 access logging is a block of the bucket, from then on a resource.
//!
//! It reads `required_providers` and the old `version` of a provider block as text; a constraint that it does not understand admits everything.

use crate::syntax::hcl::{Body, Expr, ExprKind};
use crate::version::Range;

/// The versions of the provider that files admit.
pub fn admitted<'b>(bodies: impl IntoIterator<Item = &'b Body>) -> Range {
    bodies.into_iter().flat_map(constraints).fold(Range::ALL, |range, text| range.and(Range::of(&text)))
}

/// Whether what is admitted is a provider before version 4 only.
pub fn is_before_4(admitted: Range) -> bool {
    admitted.lies_in(Range::of("< 4")) == Some(true)
}

/// The version constraints on the AWS provider in a file.
fn constraints(body: &Body) -> Vec<String> {
    let text = |expr: &Expr| match &expr.kind {
        ExprKind::String(text) => Some(text.to_string()),
        _ => None,
    };
    let mut found = Vec::new();
    for required in body.blocks_of("terraform").flat_map(|block| block.body.blocks_of("required_providers")) {
        let Some(aws) = required.body.attribute("aws") else { continue };
        match &aws.value.kind {
            ExprKind::Object(items) => {
                let is_version = |key: &Expr| text(key).is_some_and(|key| key == "version");
                found.extend(items.iter().filter(|item| is_version(&item.key)).filter_map(|item| text(&item.value)));
            }
            _ => found.extend(text(&aws.value)),
        }
    }
    let providers = body.blocks_of("provider").filter(|block| block.labels.first().is_some_and(|label| &*label.name == "aws"));
    found.extend(providers.filter_map(|block| text(&block.body.attribute("version")?.value)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::hcl::parse;

    #[test]
    fn the_major_version_is_told_by_its_constraints() {
        let case = |version: &str| {
            let text = format!(
                "terraform {{\n  required_providers {{\n    aws = {{\n      source = \"hashicorp/aws\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n"
            );
            is_before_4(admitted([&parse(&text, FileId(0)).0]))
        };
        for version in ["~> 3.0", "< 4.0", ">= 2.7, < 4", "3.76.1", "= 3.27.0", "~> 3.27.1"] {
            assert!(case(version), "{version}");
        }
        for version in [">= 3.0", "~> 4.0", "~> 5.30", "6.0.0", "garbage"] {
            assert!(!case(version), "{version}");
        }
        assert!(!is_before_4(admitted([&parse("", FileId(0)).0])));
        assert!(is_before_4(admitted([&parse("provider \"aws\" {\n  version = \"~> 2.70\"\n}\n", FileId(0)).0])));
    }
}
