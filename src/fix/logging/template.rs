//! The same in a template: a `LoggingConfiguration` among the bucket's properties.

use crate::fix::home::Home;
use crate::fix::target::{self, Logger};
use crate::fix::template::Template;
use crate::fix::written::Written;
use crate::fix::{World, lines};
use crate::graph::text::Text;
use crate::graph::{Resource, Standing};
use crate::rule::finding::{Applicability, Edit, Fix};
use crate::source::FileId;
use crate::syntax::node::{Node, NodeKind};
use crate::syntax::yaml;
use crate::value::Declaration;
use std::rc::Rc;
use std::sync::Arc;

/// A bucket for access logs that takes them, with `__ID__` where its logical id goes.
const NEW_TARGET: &str = include_str!("new_target.yaml");

/// Logical ids for it, the first that is free.
const IDS: [&str; 3] = ["AccessLogs", "AccessLogBucket", "ServerAccessLogs"];

/// The resources that make a bucket for access logs, by logical id.
pub type NewTarget = Vec<(String, Written)>;

/// What a target is, as it is written and as it is told.
struct Target {
    written: Written,
    prefix: Written,
    told: String,
}

/// What turns on the logging of a bucket of a template.
pub fn fix(world: &World<'_>, bucket: &Resource, home: &Home<'_>) -> Option<Fix> {
    let (root, (id, body)) = (home.root()?, home.part()?);
    let name = id.as_str()?;
    // A logical id that a loop makes stands for many.
    if home.declaration.address.0.rsplit('/').next() != Some(name) {
        return None;
    }
    let template = Template::new(home.text(), root);
    let (target, new) = match existing(world, bucket, home, name, body).or_else(|| stated(world, name)) {
        Some(target) => (target, None),
        None => new_target(world, root, name)?,
    };
    let title = format!("add `LoggingConfiguration` to `{}`, into {}", home.declaration.address, target.told);
    let logging = Written::Map(vec![("DestinationBucketName".into(), target.written), ("LogFilePrefix".into(), target.prefix)]);
    let mut edits: Vec<Edit> = vec![home.edit(template.set((id, body), &["Properties", "LoggingConfiguration"], &logging)?)];
    if let Some(new) = new.as_deref() {
        let (key, resources) = root.entry("Resources")?;
        let mut added: Option<Edit> = None;
        let gap = if are_apart(home.text(), resources) { lines::ending(home.text()) } else { "" };
        for (id, written) in new {
            let mut edit = home.edit(template.add((key, resources), id, written)?);
            edit.replacement.insert_str(0, gap);
            match &mut added {
                Some(first) => first.replacement.push_str(&edit.replacement),
                None => added = Some(edit),
            }
        }
        let mut added = added?;
        // Where the bucket is the last resource, both are added at one point: what belongs to the bucket comes first.
        if added.span == edits[0].span {
            added.replacement = format!("{}{}", edits[0].replacement, added.replacement);
            edits.clear();
        }
        edits.push(added);
    }
    let (applicability, once) = match new {
        Some(_) => (Applicability::Unsafe, Some(Arc::from(format!("a target in {}", home.source.path.display())))),
        None => (Applicability::Safe, None),
    };
    Some(Fix { applicability, title, edits, once })
}

/// A bucket that this template already sends access logs to; else one of its buckets that takes them.
fn existing(world: &World<'_>, bucket: &Resource, home: &Home<'_>, name: &str, body: &Node) -> Option<Target> {
    let own = format!("{name}/");
    let by_use = target::loggers(world, bucket).into_iter().find_map(|logger| {
        let written = written_target(world, home, &logger)?;
        let told = format!("the bucket that `{}` logs to", logger.source.address);
        match logger.target.filter(|target| target.standing != Standing::Outside) {
            Some(target) => {
                let declaration = world.graph.declarations().get(target.declaration?)?;
                let fits = target::is_possible(world, bucket, target)
                    && !target::is_broken(world, target)
                    && is_free(world, home, declaration, body);
                let arrives = !target::delivers(world, bucket, target, &Text::known(&own)).is_false();
                (fits && arrives).then(|| Target { written, prefix: Written::Text(own.clone()), told })
            }
            // A bucket that other stacks use too: the stack's name keeps their logs apart.
            None => Some(Target { written, prefix: Written::Function("Sub".into(), format!("${{AWS::StackName}}/{own}")), told }),
        }
    });
    by_use.or_else(|| {
        target::declared(world, bucket).into_iter().find_map(|target| {
            let declaration = world.graph.declarations().get(target.declaration?)?;
            if !is_free(world, home, declaration, body) || !target::is_possible(world, bucket, target) || target::is_broken(world, target) {
                return None;
            }
            let id = target.address.0.rsplit('/').next()?.to_owned();
            let arrives = target::delivers(world, bucket, target, &Text::known(&own)).is_true();
            arrives.then(|| Target {
                written: Written::Function("Ref".into(), id.clone()),
                prefix: Written::Text(own.clone()),
                told: format!("`{id}`"),
            })
        })
    })
}

/// Whether the resources of a template have empty lines between them.
fn are_apart(text: &str, resources: &Node) -> bool {
    let Some([.., (_, before), (last, _)]) = resources.as_mapping() else { return false };
    let between = text.get(before.range.end as usize..last.range.start as usize).unwrap_or_default();
    !text[resources.range.start as usize..].starts_with('{')
        && between.lines().skip(1).any(|line| line.trim().is_empty() && between.contains('\n'))
}

/// Whether a bucket stands in the same template, and under no condition that the other is not under.
fn is_free(world: &World<'_>, home: &Home<'_>, target: &Declaration, body: &Node) -> bool {
    let Some(other) = Home::of(world, target).filter(|other| other.file == home.file) else { return false };
    let condition = |body: &Node| body.get("Condition").and_then(Node::as_str).map(str::to_owned);
    other.part().is_some_and(|(_, part)| condition(part).is_none() || condition(part) == condition(body))
}

/// How another bucket of this template writes its target, if that can stand anywhere.
fn written_target(world: &World<'_>, home: &Home<'_>, logger: &Logger<'_>) -> Option<Written> {
    let other = Home::of(world, logger.declaration).filter(|other| other.file == home.file)?;
    let (_, body) = other.part()?;
    let target = body.get("Properties")?.get("LoggingConfiguration")?.get("DestinationBucketName")?;
    match &target.kind {
        NodeKind::Scalar { text, .. } => match &target.tag {
            Some(function) => Some(Written::Function(function.to_string(), text.to_string())),
            None => Some(Written::Text(text.to_string())),
        },
        NodeKind::Mapping(pairs) if target.tag.is_none() => match &**pairs {
            [(function, argument)] => {
                let name = function.as_str()?;
                let short = name.strip_prefix("Fn::").unwrap_or(name);
                matches!(short, "Ref" | "Sub" | "ImportValue")
                    .then(|| Some(Written::Function(short.to_owned(), argument.as_str()?.to_owned())))?
            }
            _ => None,
        },
        _ => None,
    }
}

/// The bucket that the team has stated.
fn stated(world: &World<'_>, name: &str) -> Option<Target> {
    let target = world.context.inputs.facts.access_log_target.as_ref()?;
    Some(Target {
        written: Written::Text(target.clone()),
        prefix: Written::Function("Sub".into(), format!("${{AWS::StackName}}/{name}/")),
        told: format!("`{target}`, which the facts name"),
    })
}

/// A bucket of its own for access logs.
fn new_target(world: &World<'_>, root: &Node, name: &str) -> Option<(Target, Option<Rc<NewTarget>>)> {
    let resources = root.get("Resources")?;
    let is_free = |id: &&str| resources.get(id).is_none() && resources.get(&format!("{id}Policy")).is_none();
    let id = IDS.into_iter().find(is_free)?;
    let read = || {
        let (trees, _) = yaml::parse(&NEW_TARGET.replace("__ID__", id), FileId(0));
        match trees.first().map(Written::of) {
            Some(Written::Map(resources)) => resources,
            _ => NewTarget::new(),
        }
    };
    let new = Rc::clone(world.new_targets.borrow_mut().entry(id).or_insert_with(|| Rc::new(read())));
    let target = Target {
        written: Written::Function("Ref".into(), id.to_owned()),
        prefix: Written::Text(format!("{name}/")),
        told: format!("a new bucket `{id}` that takes access logs of this account"),
    };
    Some((target, Some(new)))
}
