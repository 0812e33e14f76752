//! The configuration inside a plan: which resource an expression names, through module arguments and outputs.

use super::document::{Document, Module, Resource};
use serde_json::Value as Json;

/// How many module borders a reference is followed over.
const MAX_HOPS: usize = 32;

/// The configuration of a plan.
pub struct Configuration<'c> {
    document: &'c Document<'c>,
}

/// What an expression names.
#[derive(Default, Debug)]
pub struct References {
    /// Resource attributes: the address as far as it is known, and the attribute.
    pub resources: Vec<(String, String)>,
    /// Other things: locals, root variables, `each`, whole resources.
    pub others: usize,
}

impl<'c> Configuration<'c> {
    /// The configuration of a document.
    pub fn new(document: &'c Document<'c>) -> Self {
        Self { document }
    }

    /// The module of an address, and its calls on the way: name and key of each.
    fn module(&self, address: &str) -> Option<&'c Module> {
        let mut module = &self.document.configuration.root_module;
        for name in call_names(address) {
            module = &module.calls.get(&name)?.module;
        }
        Some(module)
    }

    /// The block of a resource.
    pub fn resource(&self, module: &str, mode: &str, kind: &str, name: &str) -> Option<&'c Resource> {
        self.module(module)?.resources.iter().find(|resource| resource.mode == mode && resource.kind == kind && resource.name == name)
    }

    /// A provider's Region, if it is written or is a root variable's value.
    pub fn provider_region(&self, key: &str) -> Option<String> {
        let expression = self.document.configuration.provider_config.get(key)?.expressions.get("region")?;
        if let Some(text) = expression.get("constant_value").and_then(Json::as_str) {
            return Some(text.to_owned());
        }
        let references = maximal(expression);
        match references.as_slice() {
            [only] => self.document.variables.get(only.strip_prefix("var.")?)?.value.as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// What an expression in a module names.
    pub fn resolve(&self, expression: &Json, module: &str) -> References {
        let mut found = References::default();
        self.collect(expression, module, 0, &mut found);
        found
    }

    fn collect(&self, expression: &Json, module: &str, hops: usize, found: &mut References) {
        let references = maximal(expression);
        if references.is_empty() || hops > MAX_HOPS {
            found.others += usize::from(hops > MAX_HOPS || expression.get("constant_value").is_some());
            return;
        }
        for reference in references {
            self.one(&reference, module, hops, found);
        }
    }

    fn one(&self, reference: &str, module: &str, hops: usize, found: &mut References) {
        let parts = split(reference);
        let bare = |index: usize| parts.get(index).map(|part| part.split('[').next().unwrap_or_default().to_owned());
        match bare(0).as_deref() {
            Some("var") => {
                let Some(name) = bare(1).filter(|_| parts.len() == 2 && !parts[1].contains('[')) else {
                    found.others += 1;
                    return;
                };
                let (parent, call) = split_last_call(module);
                let argument = call.and_then(|call| self.module(&parent)?.calls.get(&call)?.expressions.get(&name));
                match argument {
                    Some(argument) => self.collect(argument, &parent, hops + 1, found),
                    None => found.others += 1,
                }
            }
            Some("module") => {
                let (Some(call), Some(output)) = (parts.get(1), bare(2)) else {
                    found.others += 1;
                    return;
                };
                let child = if module.is_empty() { format!("module.{call}") } else { format!("{module}.module.{call}") };
                match self.module(&child).and_then(|module| module.outputs.get(&output)) {
                    Some(output) => {
                        let mut inner = References::default();
                        self.collect(&output.expression, &child, hops + 1, &mut inner);
                        // An output that is a whole resource leaves the attribute to the reference.
                        let rest = parts[3..].join(".");
                        found.others += inner.others;
                        found.resources.extend(
                            inner
                                .resources
                                .into_iter()
                                .map(|(address, attribute)| (address, if rest.is_empty() { attribute } else { rest.clone() })),
                        );
                    }
                    None => found.others += 1,
                }
            }
            Some("local" | "each" | "count" | "path" | "terraform" | "self") | None => found.others += 1,
            Some(first) => {
                let head = if first == "data" { 3 } else { 2 };
                if parts.len() < head {
                    found.others += 1;
                    return;
                }
                let local = parts[..head].join(".");
                let address = if module.is_empty() { local } else { format!("{module}.{local}") };
                found.resources.push((address, parts[head..].join(".")));
            }
        }
    }
}

/// Whether an attribute names its resource by itself.
pub fn is_identity(attribute: &str) -> bool {
    matches!(
        attribute,
        "" | "id" | "arn" | "bucket" | "name" | "key_id" | "self_link" | "bucket_domain_name" | "bucket_regional_domain_name"
    )
}

/// The references of an expression without those that are prefixes of others.
fn maximal(expression: &Json) -> Vec<String> {
    let all: Vec<&str> = expression.get("references").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let is_prefix = |reference: &str| {
        all.iter()
            .any(|other| other.len() > reference.len() && other.strip_prefix(reference).is_some_and(|rest| rest.starts_with(['.', '['])))
    };
    let mut kept: Vec<String> = all.iter().filter(|reference| !is_prefix(reference)).map(|reference| (*reference).to_owned()).collect();
    kept.sort();
    kept.dedup();
    kept
}

/// The parts of a reference or address between dots, keys kept with their part: `module.a["x.y"].b` gives `module`, `a["x.y"]`, `b`.
fn split(reference: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted) = (vec![String::new()], 0_usize, false);
    let mut before = ' ';
    for c in reference.chars() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == '.' && depth == 0 && !quoted {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        before = c;
    }
    parts
}

/// The names of the calls of a module address, without keys.
pub fn call_names(address: &str) -> Vec<String> {
    if address.is_empty() {
        return Vec::new();
    }
    split(address).chunks(2).filter_map(|pair| Some(pair.get(1)?.split('[').next()?.to_owned())).collect()
}

/// The address of the calling module, and the name of the call.
fn split_last_call(address: &str) -> (String, Option<String>) {
    let parts = split(address);
    if parts.len() < 2 {
        return (String::new(), None);
    }
    let call = parts[parts.len() - 1].split('[').next().map(str::to_owned);
    (parts[..parts.len() - 2].join("."), call)
}

/// An address without instance keys.
pub fn without_keys(address: &str) -> String {
    split(address).iter().map(|part| part.split('[').next().unwrap_or_default()).collect::<Vec<_>>().join(".")
}

/// Whether an instance's address agrees with every key that a reference gives.
pub fn fits(reference: &str, instance: &str) -> bool {
    let (reference, instance) = (split(reference), split(instance));
    reference.len() == instance.len() && reference.iter().zip(&instance).all(|(a, b)| a == b || !a.contains('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_outside_of_keys() {
        assert_eq!(split(r#"module.a["x.y"].aws_s3_bucket.b[0]"#), [r"module", r#"a["x.y"]"#, "aws_s3_bucket", "b[0]"]);
        assert_eq!(without_keys(r#"module.a["x.y"].aws_s3_bucket.b[0]"#), "module.a.aws_s3_bucket.b");
        assert_eq!(call_names(r#"module.a["x"].module.b"#), ["a", "b"]);
        assert_eq!(split_last_call("module.a.module.b[1]"), ("module.a".to_owned(), Some("b".to_owned())));
    }

    #[test]
    fn keys_of_a_reference_must_agree() {
        assert!(fits("aws_s3_bucket.b", "aws_s3_bucket.b[0]"));
        assert!(!fits("aws_s3_bucket.b[1]", "aws_s3_bucket.b[0]"));
    }

    #[test]
    fn only_the_longest_references_count() {
        let expression = serde_json::json!({ "references": ["aws_s3_bucket.b[0].id", "aws_s3_bucket.b[0]", "aws_s3_bucket.b"] });
        assert_eq!(maximal(&expression), ["aws_s3_bucket.b[0].id"]);
    }
}
