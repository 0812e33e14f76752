//! What `Ref` and `Fn::GetAtt` give where it follows from a resource's properties: names, and ARNs made of names.
//!
//! A table of the documentation's "return values", for the types that hold logs, watch them or are named in their policies. It serves to
//! take ARNs apart (`Fn::Split`) and to show what one deployment would make; links are made from references, not from this.

use super::environment::{self, Environment};
use super::text;
use crate::value::{Cause, Piece, Reference, Type, Unknown, Value};
use std::sync::Arc;

/// One type.
struct Named {
    type_name: &'static str,
    /// The property that holds the name.
    property: &'static str,
    /// What a name may hold beside letters and digits.
    characters: &'static str,
    /// Attributes, with `{N}` the name, `{P}` partition, `{R}` Region, `{A}` account, `{S}` URL suffix.
    attributes: &'static [(&'static str, &'static str)],
}

const NAMED: [Named; 11] = [
    Named {
        type_name: "AWS::S3::Bucket",
        property: "BucketName",
        characters: "-.",
        attributes: &[
            ("Ref", "{N}"),
            ("Arn", "arn:{P}:s3:::{N}"),
            ("DomainName", "{N}.s3.{S}"),
            ("RegionalDomainName", "{N}.s3.{R}.{S}"),
            ("DualStackDomainName", "{N}.s3.dualstack.{R}.{S}"),
        ],
    },
    Named {
        type_name: "AWS::CloudTrail::Trail",
        property: "TrailName",
        characters: "-._",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:cloudtrail:{R}:{A}:trail/{N}")],
    },
    Named {
        type_name: "AWS::Logs::LogGroup",
        property: "LogGroupName",
        characters: "-._/#",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:logs:{R}:{A}:log-group:{N}:*")],
    },
    Named {
        type_name: "AWS::IAM::Role",
        property: "RoleName",
        characters: "-._+=,@",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:iam::{A}:role/{N}")],
    },
    Named {
        type_name: "AWS::IAM::User",
        property: "UserName",
        characters: "-._+=,@",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:iam::{A}:user/{N}")],
    },
    Named {
        type_name: "AWS::IAM::Group",
        property: "GroupName",
        characters: "-._+=,@",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:iam::{A}:group/{N}")],
    },
    Named {
        type_name: "AWS::SNS::Topic",
        property: "TopicName",
        characters: "-._",
        attributes: &[("Ref", "arn:{P}:sns:{R}:{A}:{N}"), ("TopicArn", "arn:{P}:sns:{R}:{A}:{N}"), ("TopicName", "{N}")],
    },
    Named {
        type_name: "AWS::SQS::Queue",
        property: "QueueName",
        characters: "-._",
        attributes: &[("Arn", "arn:{P}:sqs:{R}:{A}:{N}"), ("QueueName", "{N}")],
    },
    Named {
        type_name: "AWS::Lambda::Function",
        property: "FunctionName",
        characters: "-_",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:lambda:{R}:{A}:function:{N}")],
    },
    Named { type_name: "AWS::KMS::Alias", property: "AliasName", characters: "-_/", attributes: &[("Ref", "{N}")] },
    Named {
        type_name: "AWS::DynamoDB::Table",
        property: "TableName",
        characters: "-._",
        attributes: &[("Ref", "{N}"), ("Arn", "arn:{P}:dynamodb:{R}:{A}:table/{N}")],
    },
];

fn named(type_name: &str) -> Option<&'static Named> {
    NAMED.iter().find(|named| named.type_name == type_name)
}

/// The property that holds the name of a resource of this type.
pub fn name_property(type_name: &str) -> Option<&'static str> {
    named(type_name).map(|named| named.property)
}

/// An attribute of a resource of this type, as the parts of its text, given the name.
pub fn attribute(type_name: &str, attribute: &str, name: &Value, environment: &Environment) -> Option<Vec<Value>> {
    let (_, form) = named(type_name)?.attributes.iter().find(|(known, _)| *known == attribute)?;
    let pseudo = |name: &str| environment.get(name).expect("a pseudo-parameter");
    let parts = form.split('{').enumerate().flat_map(|(index, part)| {
        if index == 0 {
            return vec![Value::string(part)];
        }
        let (variable, rest) = part.split_once('}').expect("the table closes its braces");
        let value = match variable {
            "N" => name.clone(),
            "P" => pseudo("AWS::Partition"),
            "R" => environment.region.clone(),
            "A" => environment.account.clone(),
            _ => pseudo("AWS::URLSuffix"),
        };
        vec![value, Value::string(rest)]
    });
    Some(parts.collect())
}

/// An attribute that a reference names, as the parts of its text: what it says of the resource's name stays a reference, `Ref`.
pub fn parts_of(type_name: &str, name: &str, unknown: &Unknown, environment: &Environment) -> Option<Vec<Value>> {
    let is_name = named(type_name)?.attributes.iter().any(|(attribute, form)| *attribute == "Ref" && *form == "{N}");
    if name == "Ref" || !is_name {
        return None;
    }
    let Reference::Attribute { project, address, .. } = unknown.refers_to.as_deref()? else { return None };
    let reference = Reference::Attribute { project: *project, address: address.clone(), attribute: Arc::from("Ref") };
    let cause = unknown.causes.first().map(|cause| Cause { name: Arc::from(format!("{address}.Ref")), ..cause.clone() })?;
    let reference = Unknown::attribute(Arc::new(reference), Type::String, cause);
    attribute(type_name, name, &reference.into(), environment)
}

/// Whether an attribute is surely text.
pub fn is_text(attribute: &str) -> bool {
    attribute == "Ref" || ["Arn", "Name", "Id", "Url", "URL"].iter().any(|end| attribute.ends_with(end))
}

/// Whether a delimiter cannot stand inside what an unknown text will be.
pub fn cannot_contain<'a>(unknown: &Unknown, delimiter: &str, type_at: impl Fn(&str) -> Option<&'a str>) -> bool {
    let holds = |characters: &str| delimiter.chars().all(|character| character.is_ascii_alphanumeric() || characters.contains(character));
    match unknown.refers_to.as_deref() {
        Some(Reference::Attribute { address, attribute, .. }) if &**attribute == "Ref" => {
            type_at(&address.0).and_then(named).is_some_and(|named| !holds(named.characters))
        }
        Some(Reference::Input { name, .. }) => {
            let pseudo = name.rsplit('/').next().unwrap_or(name);
            let is_pseudo = [environment::REGION, environment::ACCOUNT, environment::STACK_NAME, "AWS::Partition"].contains(&pseudo);
            is_pseudo && !holds("-")
        }
        _ => false,
    }
}

/// What stands at an index of an unknown text that is split: a part of what it refers to.
pub fn part_of(unknown: &Unknown, delimiter: &str, index: usize) -> Value {
    let part = |of: &Arc<Reference>| Arc::new(Reference::Part { of: Arc::clone(of), delimiter: Arc::from(delimiter), index });
    Unknown { refers_to: unknown.refers_to.as_ref().map(part), ..Unknown::new(Type::String, unknown.causes.clone()) }.into()
}

/// The same text with references to named resources replaced by their names, for showing what a deployment would make.
pub fn replace_references(value: &Value, lookup: &dyn Fn(&Reference) -> Option<Value>) -> Value {
    use crate::value::ValueKind;
    match &value.kind {
        ValueKind::Unknown(unknown) => {
            if let Some(found) = unknown.refers_to.as_deref().and_then(lookup) {
                return found;
            }
            let parts: Vec<Value> = unknown
                .pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Known(text) => Value::string(Arc::clone(text)),
                    Piece::Unknown(unknown) => replace_references(&ValueKind::Unknown(Arc::clone(unknown)).into(), lookup),
                })
                .collect();
            if parts.is_empty() { value.clone() } else { text::concat(&parts).unwrap_or_else(|_| value.clone()) }
        }
        ValueKind::Tuple(items) => Value::tuple(items.iter().map(|item| replace_references(item, lookup)).collect()),
        ValueKind::Object(entries) => {
            Value::object(entries.iter().map(|(name, entry)| (Arc::clone(name), replace_references(entry, lookup))).collect())
        }
        _ => value.clone(),
    }
}
