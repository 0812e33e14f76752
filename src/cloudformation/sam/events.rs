//! The resources that SAM makes for what starts a function: rules, mappings, permissions, and the APIs that no one declares.

use super::Sam;
use super::build::Builder;
use crate::cloudformation::expression::Expr;
use crate::cloudformation::stack::{Entry, Section, Stack};
use std::sync::Arc;

/// APIs that exist because events name none.
#[derive(Default)]
pub struct ImplicitApis<'t> {
    rest: Option<Entry<'t>>,
    http: Option<Entry<'t>>,
}

impl<'t> ImplicitApis<'t> {
    /// Adds the APIs that are needed.
    pub fn add_to(self, stack: &Stack<'t>, made: &mut Section<'t>) {
        let mut add = |entry: &Entry<'t>, resources: &[(&str, &str)]| {
            for (name, type_name) in resources {
                let builder = Builder::new(entry);
                let node = builder.resource(
                    type_name,
                    builder.mapping(Vec::new()),
                    Expr::new(stack.world.keep(builder.mapping(Vec::new())), entry.body.file),
                );
                let body = Expr::new(stack.world.keep(node), entry.body.file);
                made.insert(Arc::from(*name), Entry { body, ..entry.clone() });
            }
        };
        if let Some(entry) = &self.rest {
            let resources = [
                ("ServerlessRestApi", "AWS::ApiGateway::RestApi"),
                ("ServerlessRestApiDeployment", "AWS::ApiGateway::Deployment"),
                ("ServerlessRestApiProdStage", "AWS::ApiGateway::Stage"),
            ];
            add(entry, &resources);
        }
        if let Some(entry) = &self.http {
            let resources =
                [("ServerlessHttpApi", "AWS::ApiGatewayV2::Api"), ("ServerlessHttpApiApiGatewayDefaultStage", "AWS::ApiGatewayV2::Stage")];
            add(entry, &resources);
        }
    }
}

impl<'t> Sam<'_, 't> {
    /// What one event of a function makes.
    pub fn function_event(&self, made: &mut Section<'t>, apis: &mut ImplicitApis<'t>, event: &str, body: Expr<'t>) {
        let kind = body.get("Type").and_then(Expr::text).map_or("", |text| text.as_ref());
        let properties = body.get("Properties");
        let names_api = |key: &str| properties.is_some_and(|properties| properties.get(key).is_some());
        let builder = Builder::new(self.entry);
        let own = properties.map_or_else(|| builder.mapping(Vec::new()), |properties| properties.node.clone());
        let made_type = match kind {
            "SNS" => Some("AWS::SNS::Subscription"),
            "SQS" | "Kinesis" | "DynamoDB" | "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => Some("AWS::Lambda::EventSourceMapping"),
            "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => Some("AWS::Events::Rule"),
            "ScheduleV2" => Some("AWS::Scheduler::Schedule"),
            "CloudWatchLogs" => Some("AWS::Logs::SubscriptionFilter"),
            "IoTRule" => Some("AWS::IoT::TopicRule"),
            _ => None,
        };
        if let Some(made_type) = made_type {
            self.besides(made, event, made_type, own);
        }
        let permission = match kind {
            "S3" | "SNS" | "Schedule" | "CloudWatchEvent" | "EventBridgeRule" | "CloudWatchLogs" | "IoTRule" | "HttpApi" | "Cognito"
            | "AlexaSkill" => Some("Permission"),
            "Api" => Some("PermissionProd"),
            _ => None,
        };
        if let Some(permission) = permission {
            let properties =
                builder.mapping(vec![("Action", builder.text("lambda:InvokeFunction")), ("FunctionName", builder.reference(self.name))]);
            self.besides(made, &format!("{event}{permission}"), "AWS::Lambda::Permission", properties);
        }
        match kind {
            "ScheduleV2" => self.besides(made, &format!("{event}Role"), "AWS::IAM::Role", builder.mapping(Vec::new())),
            "Api" if !names_api("RestApiId") => apis.rest = apis.rest.take().or_else(|| Some(self.entry.clone())),
            "HttpApi" if !names_api("ApiId") => apis.http = apis.http.take().or_else(|| Some(self.entry.clone())),
            _ => {}
        }
    }

    /// What one event of a state machine makes: a rule, and the role by which it starts the machine.
    pub fn state_machine_event(&self, made: &mut Section<'t>, event: &str, body: Expr<'t>) {
        let kind = body.get("Type").and_then(Expr::text).map_or("", |text| text.as_ref());
        let made_type = match kind {
            "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => "AWS::Events::Rule",
            "ScheduleV2" => "AWS::Scheduler::Schedule",
            _ => return,
        };
        let builder = Builder::new(self.entry);
        let own = body.get("Properties").map_or_else(|| builder.mapping(Vec::new()), |properties| properties.node.clone());
        self.besides(made, event, made_type, own);
        self.besides(made, &format!("{event}Role"), "AWS::IAM::Role", builder.mapping(Vec::new()));
    }
}
