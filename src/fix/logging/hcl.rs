//! The same in Terraform: an `aws_s3_bucket_logging` after the bucket, one for each instance; a `logging` block where the provider is too old for
//! that.

use crate::fix::hcl::{self, quoted};
use crate::fix::home::{Home, Tree};
use crate::fix::owner::{Module, Owner, module_path};
use crate::fix::target::{self, Logger};
use crate::fix::{World, lines};
use crate::graph::text::Text;
use crate::graph::{Resource, Standing};
use crate::rule::finding::{Applicability, Fix};
use crate::syntax::hcl::{Block, Expr, ExprKind};
use crate::value::{Declaration, Truth};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A bucket for access logs that takes them, with `__LABEL__` where its name goes.
const NEW_TARGET: &str = include_str!("new_target.tf");

/// What turns on the logging of a bucket.
const LOGGING: &str = "aws_s3_bucket_logging";

/// Labels for it, the first that is free.
const LABELS: [&str; 3] = ["access_logs", "s3_access_logs", "server_access_logs"];

/// What a target is, as it is written and as it is told.
struct Target {
    expression: String,
    prefix: String,
    told: String,
}

/// What turns on the logging of a Terraform bucket.
pub fn fix(world: &World<'_>, bucket: &Resource, home: &Home<'_>) -> Option<Fix> {
    let source = Owner::of(bucket, home)?;
    let (block, module) = (source.block, Module::of(world, home.directory()));
    let is_old = module.is_before_4(world, bucket);
    let (target, new) = match existing(world, &source).or_else(|| stated(world, &source)) {
        Some(target) => (target, None),
        None if is_old => return None,
        None => new_target(&module, &source)?,
    };
    let mut edits = Vec::new();
    let title = if is_old {
        let body = logging_block(home.text(), block, &target);
        edits.push(home.edit(hcl::append(home.text(), block, &body)?));
        format!("add a `logging` block to `{}`, into {}", home.declaration.address, target.told)
    } else {
        let name = module.free_label(LOGGING, source.label, "access_logs")?;
        let mut text = resource(&source, &name, &target);
        if let Some(new) = &new {
            text.push('\n');
            text.push_str(new);
        }
        edits.push(home.edit(hcl::after(home.text(), block, &text)?));
        format!("add `{LOGGING}.{name}`, into {}", target.told)
    };
    let (applicability, once) = match new {
        Some(_) => (Applicability::Unsafe, Some(Arc::from(format!("a target in {}", home.directory().display())))),
        None => (Applicability::Safe, None),
    };
    Some(Fix { applicability, title, edits, once })
}

/// The beginning of the keys: one of its own for every bucket.
fn prefix(source: &Owner<'_, '_>) -> (String, Text) {
    if source.is_one() {
        return (quoted(&format!("{}/", source.label)), Text::known(&format!("{}/", source.label)));
    }
    (format!("\"${{{}.id}}/\"", source.instance()), Text::known(&format!("{}/", source.resource.address)))
}

/// A bucket that this module already sends access logs to, the most used one first; else one of its buckets that takes them.
fn existing(world: &World<'_>, source: &Owner<'_, '_>) -> Option<Target> {
    let mut used: BTreeMap<String, (usize, Logger<'_>, Option<String>)> = BTreeMap::new();
    for logger in target::loggers(world, source.resource) {
        let Some((expression, prefix)) = written_target(world, source, &logger) else { continue };
        used.entry(expression).or_insert((0, logger, prefix)).0 += 1;
    }
    let mut used: Vec<_> = used.into_iter().collect();
    used.sort_by_key(|(_, (count, ..))| std::cmp::Reverse(*count));
    let by_use = used.into_iter().find_map(|(expression, (_, logger, known))| {
        let told = format!("the bucket that `{}` logs to", logger.source.address);
        let declared = logger.target.filter(|target| target.standing != Standing::Outside);
        let fits = match declared {
            Some(bucket) => {
                target::is_possible(world, source.resource, bucket) && !target::is_broken(world, bucket) && is_unconditional(bucket)
            }
            None => true,
        };
        let same_place = provider_of(world, logger.source) == provider_of(world, source.resource);
        let prefix = fitting_prefix(world, source, declared, known.as_deref(), Truth::Unknown).filter(|_| fits && same_place)?;
        Some(Target { expression, prefix, told })
    });
    by_use.or_else(|| {
        target::declared(world, source.resource).into_iter().find_map(|bucket| {
            let declaration = world.graph.declarations().get(bucket.declaration?)?;
            let label = local_label(world, source, declaration)?;
            if !target::is_possible(world, source.resource, bucket) || !is_unconditional(bucket) || target::is_broken(world, bucket) {
                return None;
            }
            let prefix = fitting_prefix(world, source, Some(bucket), None, Truth::True)?;
            Some(Target { expression: format!("aws_s3_bucket.{label}.id"), prefix, told: format!("`{}`", bucket.address) })
        })
    })
}

fn provider_of<'a>(world: &World<'a>, resource: &Resource) -> Option<&'a Arc<str>> {
    Some(&world.graph.declarations().get(resource.declaration?)?.provider)
}

/// Whether a bucket is there once, whatever the inputs are.
fn is_unconditional(bucket: &Resource) -> bool {
    bucket.exists.is_true() && !bucket.address.0.ends_with(']')
}

/// The label of a bucket of the same module.
fn local_label(world: &World<'_>, source: &Owner<'_, '_>, declaration: &Declaration) -> Option<String> {
    let home = Home::of(world, declaration).filter(|home| home.directory() == source.home.directory())?;
    let label = home.block()?.labels.get(1)?.name.to_string();
    let is_bucket = &*declaration.type_name == "aws_s3_bucket";
    (is_bucket && module_path(declaration, &label)? == source.module_path).then_some(label)
}

/// How another bucket of this module writes its target, and its prefix where that is plain.
fn written_target(world: &World<'_>, source: &Owner<'_, '_>, logger: &Logger<'_>) -> Option<(String, Option<String>)> {
    let home = Home::of(world, logger.declaration).filter(|home| home.directory() == source.home.directory())?;
    let Tree::Hcl(_) = &home.tree else { return None };
    let block = home.block()?;
    if module_path(logger.declaration, &block.labels.get(1)?.name)? != source.module_path {
        return None;
    }
    let body = match block.body.attribute("target_bucket") {
        Some(_) => &block.body,
        None => &block.body.blocks_of("logging").next()?.body,
    };
    let target = &body.attribute("target_bucket")?.value;
    // What stands for an instance there stands for nothing here.
    let is_own = |expr: &Expr| matches!(&expr.kind, ExprKind::Traversal { root, .. } if matches!(&*root.name, "each" | "count" | "self"));
    // And where it is not known which bucket of this module is meant, it may be the very one.
    let names_a_bucket = |expr: &Expr| matches!(&expr.kind, ExprKind::Traversal { root, .. } if &*root.name == "aws_s3_bucket");
    if target.any(&is_own) || (logger.target.is_none() && target.any(&names_a_bucket)) {
        return None;
    }
    let text = home.text().get(target.range.indices()).filter(|text| !text.contains('\n'))?;
    let prefix = body.attribute("target_prefix").and_then(|prefix| match &prefix.value.kind {
        ExprKind::String(text) if !text.contains(logger.source.address.0.rsplit('.').next().unwrap_or_default()) => Some(text.to_string()),
        _ => None,
    });
    Some((text.to_owned(), prefix))
}

/// A prefix under which the target takes the logs: the bucket's own, else that behind the one which the project uses. `least` is how sure that
/// must be.
fn fitting_prefix(
    world: &World<'_>,
    source: &Owner<'_, '_>,
    target: Option<&Resource>,
    known: Option<&str>,
    least: Truth,
) -> Option<String> {
    let (written, own) = prefix(source);
    let behind = known.map(|known| known.trim_end_matches('/')).filter(|known| !known.is_empty());
    let behind = behind.map(|known| {
        (format!("\"{}/{}", quoted(known).trim_matches('"'), &written[1..]), Text::known(&format!("{known}/")).then(own.clone()))
    });
    let Some(target) = target else {
        return Some(behind.map_or(written, |(written, _)| written));
    };
    [(written, own)].into_iter().chain(behind).find_map(|(written, text)| {
        let answer = target::delivers(world, source.resource, target, &text);
        (answer.is_true() || (answer == least && least.is_unknown())).then_some(written)
    })
}

/// The bucket that the team has stated.
fn stated(world: &World<'_>, source: &Owner<'_, '_>) -> Option<Target> {
    let name = world.context.inputs.facts.access_log_target.as_ref()?;
    Some(Target { expression: quoted(name), prefix: prefix(source).0, told: format!("`{name}`, which the facts name") })
}

/// A bucket of its own for access logs.
fn new_target(module: &Module, source: &Owner<'_, '_>) -> Option<(Target, Option<String>)> {
    let kinds = [
        "aws_s3_bucket",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_public_access_block",
        "aws_caller_identity",
    ];
    let label = LABELS.into_iter().find(|label| kinds.iter().all(|kind| !module.has(kind, label)))?;
    let meta = source.place();
    let text = NEW_TARGET.replace("__LABEL__", label);
    let text =
        text.lines().map(|line| if line.starts_with("resource ") { format!("{line}\n{meta}") } else { format!("{line}\n") }).collect();
    let target = Target {
        expression: format!("aws_s3_bucket.{label}.id"),
        prefix: prefix(source).0,
        told: format!("a new bucket `aws_s3_bucket.{label}` that takes access logs of this account"),
    };
    Some((target, Some(text)))
}

fn resource(source: &Owner<'_, '_>, name: &str, target: &Target) -> String {
    let mut text = source.beside(LOGGING, name);
    let _ = writeln!(text, "  bucket        = {}.id", source.instance());
    let _ = writeln!(text, "  target_bucket = {}\n  target_prefix = {}\n}}", target.expression, target.prefix);
    text
}

fn logging_block(text: &str, block: &Block, target: &Target) -> String {
    let (end, indent) = (lines::ending(text), lines::indentation(text, block.range.start as usize));
    format!(
        "logging {{{end}{indent}    target_bucket = {}{end}{indent}    target_prefix = {}{end}{indent}  }}",
        target.expression, target.prefix
    )
}
