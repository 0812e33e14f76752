//! Which major versions of the AWS provider a module admits: before 4 access logging is a block of the bucket, from then on a resource.
//!
//! It reads `required_providers` and the old `version` of a provider block as text; a constraint that it does not understand admits everything.

use crate::syntax::hcl::{Body, Expr, ExprKind};

/// The first and last version of each major in which something about buckets changed.
const PROBES: [(u32, u32, u32); 7] = [(3, 0, 0), (3, 76, 1), (4, 9, 0), (4, 67, 0), (5, 100, 0), (6, 99, 0), (99, 0, 0)];

/// Whether a module can only be used with a provider before version 4.
pub fn is_before_4<'b>(bodies: impl IntoIterator<Item = &'b Body>) -> bool {
    let constraints: Vec<String> = bodies.into_iter().flat_map(constraints).collect();
    let admitted: Vec<u32> =
        PROBES.into_iter().filter(|version| constraints.iter().all(|text| admits(text, *version))).map(|(major, ..)| major).collect();
    if admitted.is_empty() {
        // One version that is none of the probes.
        return constraints.iter().all(|text| numbers(text).is_some_and(|wanted| wanted.0 < 4));
    }
    admitted.iter().all(|major| *major < 4)
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

fn admits(constraint: &str, version: (u32, u32, u32)) -> bool {
    constraint.split(',').all(|part| {
        let part = part.trim();
        let (operator, wanted) = part.split_at(part.find(|character: char| character.is_ascii_digit()).unwrap_or(part.len()));
        let parts = wanted.split('.').count();
        let Some(wanted) = numbers(wanted) else { return true };
        match operator.trim() {
            "" | "=" => version == wanted,
            ">" => version > wanted,
            ">=" => version >= wanted,
            "<" => version < wanted,
            "<=" => version <= wanted,
            "~>" if parts > 2 => version >= wanted && (version.0, version.1) == (wanted.0, wanted.1),
            "~>" => version >= wanted && version.0 == wanted.0,
            _ => true,
        }
    })
}

/// The first version that a constraint names.
fn numbers(text: &str) -> Option<(u32, u32, u32)> {
    let start = text.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = text[start..].split('.').map_while(|number| {
        let digits = number.trim().split(|character: char| !character.is_ascii_digit()).next()?;
        digits.parse().ok()
    });
    Some((numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
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
            is_before_4([&parse(&text, FileId(0)).0])
        };
        for version in ["~> 3.0", "< 4.0", ">= 2.7, < 4", "3.76.1", "= 3.27.0", "~> 3.27.1"] {
            assert!(case(version), "{version}");
        }
        for version in [">= 3.0", "~> 4.0", "~> 5.30", "6.0.0", "garbage"] {
            assert!(!case(version), "{version}");
        }
        assert!(!is_before_4([&parse("", FileId(0)).0]));
        assert!(is_before_4([&parse("provider \"aws\" {\n  version = \"~> 2.70\"\n}\n", FileId(0)).0]));
    }
}
