//! The same in Terraform: an `aws_s3_bucket_logging` after the bucket, one for each instance; a `logging` block where the provider is too old for
//! that.

use crate::fix::hcl::{self, quoted};
use crate::fix::home::{Home, Tree};
use crate::fix::target::{self, Logger};
use crate::fix::{World, lines, provider};
use crate::graph::text::Text;
use crate::graph::{Resource, Standing};
use crate::rule::finding::{Applicability, Fix};
use crate::source::fs::EntryKind;
use crate::syntax::HclFile;
use crate::syntax::hcl::{Block, Expr, ExprKind};
use crate::terraform;
use crate::value::{Declaration, Truth};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// A bucket for access logs that takes them, with `__LABEL__` where its name goes.
const NEW_TARGET: &str = include_str!("new_target.tf");

/// Labels for it, the first that is free.
const LABELS: [&str; 3] = ["access_logs", "s3_access_logs", "server_access_logs"];

/// Everything that one module declares, by type and label.
struct Module {
    files: Vec<Arc<HclFile>>,
    declared: BTreeSet<(String, String)>,
}

/// A bucket as the module writes it.
struct Source<'a, 'b> {
    bucket: &'b Resource,
    home: &'b Home<'a>,
    block: &'b Block,
    label: &'b str,
    /// The module's address, with a dot behind it; empty for the root.
    module_path: &'b str,
}

/// What a target is, as it is written and as it is told.
struct Target {
    expression: String,
    prefix: String,
    told: String,
}

/// What turns on the logging of a Terraform bucket.
pub fn fix(world: &World<'_>, bucket: &Resource, home: &Home<'_>) -> Option<Fix> {
    let block = home.block()?;
    let [_, label] = block.labels.as_slice() else { return None };
    let module_path = module_path(home.declaration, &label.name)?;
    let source = Source { bucket, home, block, label: &label.name, module_path };
    let module = Module::read(world, home.directory());
    let is_old =
        provider::is_before_4(module.files.iter().map(|file| &file.body).chain(root_files(world, bucket).iter().map(|file| &file.body)));
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
        let name = free_label(&module, &label.name)?;
        let mut text = resource(&source, &name, &target);
        if let Some(new) = &new {
            text.push('\n');
            text.push_str(new);
        }
        edits.push(home.edit(hcl::after(home.text(), block, &text)?));
        format!("add `aws_s3_bucket_logging.{name}`, into {}", target.told)
    };
    let (applicability, once) = match new {
        Some(_) => (Applicability::Unsafe, Some(Arc::from(format!("a target in {}", home.directory().display())))),
        None => (Applicability::Safe, None),
    };
    Some(Fix { applicability, title, edits, once })
}

impl Module {
    fn read(world: &World<'_>, directory: &Path) -> Self {
        let files = files_of(world, directory);
        let mut declared = BTreeSet::new();
        for block in files.iter().flat_map(|file| &file.body.blocks) {
            if let (true, [kind, label]) = (matches!(&*block.kind.name, "resource" | "data"), block.labels.as_slice()) {
                declared.insert((kind.name.to_string(), label.name.to_string()));
            }
        }
        Self { files, declared }
    }

    fn has(&self, kind: &str, label: &str) -> bool {
        self.declared.contains(&(kind.to_owned(), label.to_owned()))
    }
}

/// The configuration files of a directory, those in JSON syntax included.
fn files_of(world: &World<'_>, directory: &Path) -> Vec<Arc<HclFile>> {
    let entries = world.context.fs.read_dir(directory).unwrap_or_default();
    let is_ours = |name: &str| terraform::is_configuration(name);
    let paths = entries.into_iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.path);
    let paths = paths.filter(|path| path.file_name().is_some_and(|name| is_ours(&name.to_string_lossy())));
    paths.filter_map(|path| world.context.load(&path).0).map(|file| world.context.trees.hcl(world.context.sources, file)).collect()
}

/// The files of the project's root module, which pins the provider's version.
fn root_files(world: &World<'_>, bucket: &Resource) -> Vec<Arc<HclFile>> {
    let project = bucket.project.and_then(|project| world.projects.get(project.0 as usize));
    project.map_or_else(Vec::new, |project| files_of(world, &project.path))
}

/// The address of the module that declares a resource: `module.a.` for `module.a.aws_s3_bucket.b[0]`.
fn module_path<'d>(declaration: &'d Declaration, label: &str) -> Option<&'d str> {
    let address: &str = &declaration.address.0;
    let own = format!("{}.{label}", declaration.type_name);
    let at = address.rfind(&own)?;
    let rest = &address[at + own.len()..];
    (rest.is_empty() || rest.starts_with('[')).then(|| &address[..at])
}

/// A label that no other logging of the module has.
fn free_label(module: &Module, label: &str) -> Option<String> {
    [label.to_owned(), format!("{label}_access_logs")].into_iter().find(|label| !module.has("aws_s3_bucket_logging", label))
}

impl Source<'_, '_> {
    fn attribute(&self, name: &str) -> Option<&Expr> {
        self.block.body.attribute(name).map(|attribute| &attribute.value)
    }

    /// The instance of the bucket that belongs to an instance of its logging.
    fn instance(&self) -> String {
        let index = match () {
            () if self.attribute("count").is_some() => "[count.index]",
            () if self.attribute("for_each").is_some() => "[each.key]",
            () => "",
        };
        format!("aws_s3_bucket.{}{index}", self.label)
    }

    /// The beginning of the keys: one of its own for every bucket.
    fn prefix(&self) -> (String, Text) {
        let name = || self.bucket.address.0.clone();
        let is_one = self.module_path.is_empty() && self.attribute("count").is_none() && self.attribute("for_each").is_none();
        if is_one {
            return (quoted(&format!("{}/", self.label)), Text::known(&format!("{}/", self.label)));
        }
        (format!("\"${{{}.id}}/\"", self.instance()), Text::known(&format!("{}/", name())))
    }
}

/// A bucket that this module already sends access logs to, the most used one first; else one of its buckets that takes them.
fn existing(world: &World<'_>, source: &Source<'_, '_>) -> Option<Target> {
    let mut used: BTreeMap<String, (usize, Logger<'_>, Option<String>)> = BTreeMap::new();
    for logger in target::loggers(world, source.bucket) {
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
                target::is_possible(world, source.bucket, bucket) && !target::is_broken(world, bucket) && is_unconditional(bucket)
            }
            None => true,
        };
        let same_place = provider_of(world, logger.source) == provider_of(world, source.bucket);
        let prefix = fitting_prefix(world, source, declared, known.as_deref(), Truth::Unknown).filter(|_| fits && same_place)?;
        Some(Target { expression, prefix, told })
    });
    by_use.or_else(|| {
        target::declared(world, source.bucket).into_iter().find_map(|bucket| {
            let declaration = world.graph.declarations().get(bucket.declaration?)?;
            let label = local_label(world, source, declaration)?;
            if !target::is_possible(world, source.bucket, bucket) || !is_unconditional(bucket) || target::is_broken(world, bucket) {
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
fn local_label(world: &World<'_>, source: &Source<'_, '_>, declaration: &Declaration) -> Option<String> {
    let home = Home::of(world, declaration).filter(|home| home.directory() == source.home.directory())?;
    let label = home.block()?.labels.get(1)?.name.to_string();
    let is_bucket = &*declaration.type_name == "aws_s3_bucket";
    (is_bucket && module_path(declaration, &label)? == source.module_path).then_some(label)
}

/// How another bucket of this module writes its target, and its prefix where that is plain.
fn written_target(world: &World<'_>, source: &Source<'_, '_>, logger: &Logger<'_>) -> Option<(String, Option<String>)> {
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
    source: &Source<'_, '_>,
    target: Option<&Resource>,
    known: Option<&str>,
    least: Truth,
) -> Option<String> {
    let (written, own) = source.prefix();
    let behind = known.map(|known| known.trim_end_matches('/')).filter(|known| !known.is_empty());
    let behind = behind.map(|known| {
        (format!("\"{}/{}", quoted(known).trim_matches('"'), &written[1..]), Text::known(&format!("{known}/")).then(own.clone()))
    });
    let Some(target) = target else {
        return Some(behind.map_or(written, |(written, _)| written));
    };
    [(written, own)].into_iter().chain(behind).find_map(|(written, text)| {
        let answer = target::delivers(world, source.bucket, target, &text);
        (answer.is_true() || (answer == least && least.is_unknown())).then_some(written)
    })
}

/// The bucket that the team has stated.
fn stated(world: &World<'_>, source: &Source<'_, '_>) -> Option<Target> {
    let name = world.context.inputs.facts.access_log_target.as_ref()?;
    Some(Target { expression: quoted(name), prefix: source.prefix().0, told: format!("`{name}`, which the facts name") })
}

/// A bucket of its own for access logs.
fn new_target(module: &Module, source: &Source<'_, '_>) -> Option<(Target, Option<String>)> {
    let kinds = [
        "aws_s3_bucket",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_public_access_block",
        "aws_caller_identity",
    ];
    let label = LABELS.into_iter().find(|label| kinds.iter().all(|kind| !module.has(kind, label)))?;
    let meta = meta(source, &["provider", "region"]);
    let text = NEW_TARGET.replace("__LABEL__", label);
    let text =
        text.lines().map(|line| if line.starts_with("resource ") { format!("{line}\n{meta}") } else { format!("{line}\n") }).collect();
    let target = Target {
        expression: format!("aws_s3_bucket.{label}.id"),
        prefix: source.prefix().0,
        told: format!("a new bucket `aws_s3_bucket.{label}` that takes access logs of this account"),
    };
    Some((target, Some(text)))
}

/// Arguments that the new resource has like its bucket, each in a paragraph of its own.
fn meta(source: &Source<'_, '_>, names: &[&str]) -> String {
    let text = source.home.text();
    names
        .iter()
        .filter_map(|name| Some((name, source.attribute(name)?)))
        .fold(String::new(), |out, (name, value)| format!("{out}  {name} = {}\n\n", text.get(value.range.indices()).unwrap_or_default()))
}

fn resource(source: &Source<'_, '_>, name: &str, target: &Target) -> String {
    let whole = format!("aws_s3_bucket.{}", source.label);
    let mut text = format!("resource \"aws_s3_bucket_logging\" \"{name}\" {{\n");
    if source.attribute("count").is_some() {
        let _ = write!(text, "  count = length({whole})\n\n");
    } else if source.attribute("for_each").is_some() {
        let _ = write!(text, "  for_each = {whole}\n\n");
    }
    text.push_str(&meta(source, &["provider", "region"]));
    let _ = write!(
        text,
        "  bucket        = {}.id\n  target_bucket = {}\n  target_prefix = {}\n}}\n",
        source.instance(),
        target.expression,
        target.prefix
    );
    text
}

fn logging_block(text: &str, block: &Block, target: &Target) -> String {
    let (end, indent) = (lines::ending(text), lines::indentation(text, block.range.start as usize));
    format!(
        "logging {{{end}{indent}    target_bucket = {}{end}{indent}    target_prefix = {}{end}{indent}  }}",
        target.expression, target.prefix
    )
}
