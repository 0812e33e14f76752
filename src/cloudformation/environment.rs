//! The pseudo-parameters: what a stack's surroundings give it. `AWS::Partition` and `AWS::URLSuffix` follow the Region.

use super::text;
use crate::project::Inputs;
use crate::value::{Cause, CauseKind, ProjectId, Type, Unknown, Value};
use std::sync::Arc;

/// The Region of a stack.
pub const REGION: &str = "AWS::Region";
/// The account of a stack.
pub const ACCOUNT: &str = "AWS::AccountId";
/// The name of a stack.
pub const STACK_NAME: &str = "AWS::StackName";
const PARTITION: &str = "AWS::Partition";
const URL_SUFFIX: &str = "AWS::URLSuffix";

/// Beginnings of Region names, with partition and URL suffix. The last one fits all others.
const PARTITIONS: [(&str, &str, &str); 8] = [
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("", "aws", "amazonaws.com"),
];

/// The surroundings of one stack.
#[derive(Clone, Debug)]
pub struct Environment {
    project: ProjectId,
    /// `AWS::Region`.
    pub region: Value,
    /// `AWS::AccountId`.
    pub account: Value,
    /// `AWS::StackName`.
    pub stack_name: Value,
    partition: Option<Value>,
    url_suffix: Option<Value>,
}

impl Environment {
    /// The surroundings of a template that is deployed as a stack: scenario first, then facts, then unknown. `open`: unknown in any case.
    pub fn of_root(project: ProjectId, inputs: &Inputs, open: Option<&str>) -> Self {
        let value = |name: &str, fact: Option<&String>| match (inputs.assignments.get(name), fact) {
            _ if open == Some(name) => input(project, name),
            (Some(value), _) => value.clone(),
            (None, Some(text)) => Value::string(text.as_str()),
            (None, None) => input(project, name),
        };
        Self {
            project,
            region: value(REGION, inputs.facts.region.as_ref()),
            account: value(ACCOUNT, inputs.facts.account.as_ref()),
            stack_name: value(STACK_NAME, inputs.facts.stack_name.as_ref()),
            partition: inputs.assignments.get(PARTITION).cloned(),
            url_suffix: inputs.assignments.get(URL_SUFFIX).cloned(),
        }
    }

    /// The surroundings of a nested stack: a name that CloudFormation makes, everything else as its parent has it.
    pub fn of_nested(&self, logical_id: &str, address: &str) -> Self {
        let made = Unknown::input(self.project, Type::String, Cause::new(CauseKind::Computed, format!("{address}/{STACK_NAME}"), None));
        let name = [self.stack_name.clone(), Value::string(format!("-{logical_id}-")), made.not_null().into()];
        let stack_name = text::concat(&name).expect("a stack's name is text");
        Self { stack_name, ..self.clone() }
    }

    /// The surroundings of the stacks of a stack set: each is in some account and some Region.
    pub fn of_stack_set(&self, address: &str, region: Option<Value>, account: Option<Value>) -> Self {
        let own = |name: &str| input(self.project, &format!("{address}/{name}"));
        Self {
            project: self.project,
            region: region.unwrap_or_else(|| own(REGION)),
            account: account.unwrap_or_else(|| own(ACCOUNT)),
            stack_name: own(STACK_NAME),
            partition: None,
            url_suffix: None,
        }
    }

    /// The value of a pseudo-parameter; `None` for a name that is none.
    pub fn get(&self, name: &str) -> Option<Value> {
        match name {
            REGION => Some(self.region.clone()),
            ACCOUNT => Some(self.account.clone()),
            STACK_NAME => Some(self.stack_name.clone()),
            PARTITION => Some(self.of_region(self.partition.as_ref(), PARTITION, |(_, partition, _)| partition)),
            URL_SUFFIX => Some(self.of_region(self.url_suffix.as_ref(), URL_SUFFIX, |(_, _, suffix)| suffix)),
            "AWS::StackId" => Some(self.stack_id()),
            "AWS::NotificationARNs" => Some(input(self.project, name)),
            _ => None,
        }
    }

    fn of_region(
        &self,
        assigned: Option<&Value>,
        name: &str,
        choose: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str,
    ) -> Value {
        match (assigned, self.region.as_str()) {
            (Some(value), _) => value.clone(),
            (None, Some(region)) => {
                let row = PARTITIONS.iter().find(|(prefix, ..)| region.starts_with(prefix)).expect("the last row fits all");
                Value::string(choose(row)).with_origin(self.region.origin.clone())
            }
            (None, None) => input(self.project, name),
        }
    }

    fn stack_id(&self) -> Value {
        let partition = self.get(PARTITION).expect("a pseudo-parameter");
        let made = input(self.project, "AWS::StackId");
        let known = |text: &'static str| Value::string(text);
        let parts = [
            known("arn:"),
            partition,
            known(":cloudformation:"),
            self.region.clone(),
            known(":"),
            self.account.clone(),
            known(":stack/"),
            self.stack_name.clone(),
            known("/"),
            made,
        ];
        text::concat(&parts).expect("the parts of a stack's id are text")
    }
}

fn input(project: ProjectId, name: &str) -> Value {
    let cause = Cause::new(CauseKind::Environment, Arc::from(name), None);
    Unknown::input(project, Type::String, cause).not_null().into()
}
