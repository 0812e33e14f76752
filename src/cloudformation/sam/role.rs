//! The roles that SAM makes for functions and state machines that are given none.

use super::build::Builder;
use crate::cloudformation::expression::Expr;
use crate::syntax::node::Node;

/// What lets a function write its own log.
const BASIC_EXECUTION: &str = "service-role/AWSLambdaBasicExecutionRole";

/// The properties of a function's role.
pub fn of_function(builder: Builder, policies: Option<Expr<'_>>) -> Node {
    role(builder, "lambda.amazonaws.com", vec![managed(builder, BASIC_EXECUTION)], policies)
}

/// The properties of a state machine's role.
pub fn of_state_machine(builder: Builder, policies: Option<Expr<'_>>) -> Node {
    role(builder, "states.amazonaws.com", Vec::new(), policies)
}

fn role(builder: Builder, service: &str, mut arns: Vec<Node>, policies: Option<Expr<'_>>) -> Node {
    let mut documents = Vec::new();
    let listed: Vec<Expr<'_>> = policies.map_or_else(Vec::new, |policies| match policies.items() {
        Some(items) if policies.call().is_none() => items.collect(),
        _ => vec![policies],
    });
    for (index, policy) in listed.into_iter().enumerate() {
        match policy.text() {
            Some(name) if name.starts_with("arn:") => arns.push(policy.node.clone()),
            Some(name) => arns.push(managed(builder, name)),
            None if policy.call().is_some() => arns.push(policy.node.clone()),
            None if policy.get("Statement").is_some() => documents.push(
                builder.mapping(vec![("PolicyName", builder.text(&format!("Policy{index}"))), ("PolicyDocument", policy.node.clone())]),
            ),
            // A policy template: what it allows is in SAM's own list, and is bounded to a named resource.
            None => {}
        }
    }
    let statement = builder.mapping(vec![
        ("Action", builder.list(vec![builder.text("sts:AssumeRole")])),
        ("Effect", builder.text("Allow")),
        ("Principal", builder.mapping(vec![("Service", builder.list(vec![builder.text(service)]))])),
    ]);
    let trust = builder.mapping(vec![("Version", builder.text("2012-10-17")), ("Statement", builder.list(vec![statement]))]);
    let mut pairs = vec![("AssumeRolePolicyDocument", trust), ("ManagedPolicyArns", builder.list(arns))];
    if !documents.is_empty() {
        pairs.push(("Policies", builder.list(documents)));
    }
    builder.mapping(pairs)
}

/// The ARN of a policy of AWS's own, in the partition of the stack.
fn managed(builder: Builder, name: &str) -> Node {
    builder.mapping(vec![("Fn::Sub", builder.text(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}")))])
}
