//! The content of resource blocks as values: nested blocks and `dynamic` blocks are tuples of objects.

use crate::diagnostic::counted;
use crate::limits::Limit;
use crate::source::FileId;
use crate::syntax::hcl::{Block, Body};
use crate::table::IndexMap;
use crate::terraform::engine::Engine;
use crate::terraform::eval::elements;
use crate::terraform::failure::Failure;
use crate::terraform::instance::{Instance, Repetition};
use crate::terraform::scope::{Names, Scope};
use crate::value::{Entries, Origin, Type, Unknown, Value};
use std::rc::Rc;
use std::sync::Arc;

/// How deep blocks may be nested.
const MAX_NESTING: usize = 32;

/// Blocks that tell Terraform how to manage a resource and are no part of what it is.
pub fn is_meta_block(name: &str) -> bool {
    matches!(name, "lifecycle" | "provisioner" | "connection")
}

/// Arguments that tell Terraform how to manage a resource.
pub fn is_meta_argument(name: &str) -> bool {
    matches!(name, "count" | "for_each" | "provider" | "depends_on")
}

/// All blocks of one type in one body, `dynamic` ones expanded, as a tuple of objects; unknown if their number is.
pub fn blocks(
    engine: &Engine<'_>,
    blocks: &[(FileId, &Block)],
    instance: &Rc<Instance>,
    repetition: &Repetition,
    names: Option<&Names<'_>>,
) -> Value {
    let builder = Builder { engine, instance, repetition };
    builder.list(blocks, names, 0)
}

struct Builder<'b, 'e> {
    engine: &'b Engine<'e>,
    instance: &'b Rc<Instance>,
    repetition: &'b Repetition,
}

impl Builder<'_, '_> {
    fn list(&self, blocks: &[(FileId, &Block)], names: Option<&Names<'_>>, depth: usize) -> Value {
        let origin = blocks.first().map(|(file, block)| Origin::written(block.header.at(*file))).unwrap_or_default();
        let mut items = Vec::new();
        for (file, block) in blocks {
            if depth > MAX_NESTING {
                let failure = Failure::limit(block.header.at(*file), format!("blocks are nested more than {MAX_NESTING} levels deep"));
                return self.engine.settle(Err(failure));
            }
            if &*block.kind.name != "dynamic" {
                items.push(self.body(&block.body, *file, names, depth).with_origin(Origin::written(block.header.at(*file))));
                continue;
            }
            match self.dynamic(block, *file, names, depth) {
                Ok(more) => items.extend(more),
                Err(unknown) => return unknown.with_origin(Origin::written(block.header.at(*file))),
            }
        }
        Value::tuple(items).with_origin(origin)
    }

    fn body(&self, body: &Body, file: FileId, names: Option<&Names<'_>>, depth: usize) -> Value {
        let scope = Scope { names, ..Scope::of(self.instance, file).repeated(self.repetition) };
        let mut entries = Vec::with_capacity(body.attributes.len() + body.blocks.len());
        for attribute in &body.attributes {
            entries.push((Arc::clone(&attribute.name.name), self.engine.settle(self.engine.eval(&attribute.value, &scope))));
        }
        let mut by_name: IndexMap<&Arc<str>, Vec<(FileId, &Block)>> = IndexMap::default();
        for block in &body.blocks {
            by_name.entry(generated(block)).or_default().push((file, block));
        }
        for (name, same) in by_name {
            entries.push((Arc::clone(name), self.list(&same, names, depth + 1)));
        }
        // There may be thousands of a `dynamic` block's.
        if let Err(failure) = self.engine.filled(2 * entries.len(), || body.range.at(file)) {
            return self.engine.settle(Err(failure));
        }
        // Of what has one name, the last counts.
        Value::object(Entries::from_iter(entries))
    }

    /// The blocks that a `dynamic` block generates; an unknown value if their number is not known.
    fn dynamic(&self, block: &Block, file: FileId, names: Option<&Names<'_>>, depth: usize) -> Result<Vec<Value>, Value> {
        let header = block.header.at(file);
        let scope = Scope { names, ..Scope::of(self.instance, file).repeated(self.repetition) };
        let refuse = |message: &str| Err(self.engine.settle(Err(Failure::new(header, message))));
        let Some(label) = block.labels.first() else {
            return refuse("a `dynamic` block needs the type of the blocks that it generates as its label");
        };
        let Some(for_each) = block.body.attribute("for_each") else {
            return refuse("missing required argument: the argument `for_each` is required in a `dynamic` block");
        };
        let Some(content) = block.body.blocks_of("content").next() else { return refuse("a `dynamic` block needs a `content` block") };
        let iterator = match block.body.attribute("iterator").and_then(|attribute| crate::terraform::config::dotted(&attribute.value)) {
            Some(iterator) => iterator.first().cloned().unwrap_or_else(|| Arc::clone(&label.name)),
            None => Arc::clone(&label.name),
        };
        let span = for_each.value.range.at(file);
        let collection = self.engine.settle(self.engine.eval(&for_each.value, &scope));
        if collection.is_null() {
            return Err(self.engine.settle(Err(Failure::new(span, "invalid dynamic for_each value: cannot use a null value in for_each"))));
        }
        let Some(elements) = elements(&collection) else {
            if collection.is_unknown() || matches!(collection.kind, crate::value::ValueKind::Resource(_)) {
                let causes = Engine::opaque(&collection).causes();
                return Err(Unknown::new(Type::Dynamic, causes).not_null().into());
            }
            return Err(self.engine.settle(Err(Failure::new(
                span,
                format!("invalid dynamic for_each value: cannot use a {} value in for_each", collection.type_of().friendly_name()),
            ))));
        };
        let most = self.engine.limits.count(Limit::Instances);
        if elements.len() > most {
            let message = format!("a `dynamic` block generates more than {}", counted(most, "block"));
            return Err(self.engine.settle(Err(Failure::reached(Limit::Instances, span, message))));
        }
        let generated = elements.into_iter().map(|(key, value)| {
            let value =
                Value::object([(Arc::from("key"), key), (Arc::from("value"), value)].into_iter().collect()).with_marks(collection.marks);
            let bound = Names { name: &iterator, value, outer: names };
            self.body(&content.body, file, Some(&bound), depth).with_origin(Origin::written(header))
        });
        Ok(generated.collect())
    }
}

/// The type of the blocks that a block is, or generates.
fn generated(block: &Block) -> &Arc<str> {
    match (&*block.kind.name, block.labels.first()) {
        ("dynamic", Some(label)) => &label.name,
        _ => &block.kind.name,
    }
}
