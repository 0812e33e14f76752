//! Which resource a value names.
//!
//! A reference is followed to the resource, through satellites, data sources, arguments, outputs of summarized modules, exports, other states and
//! stored parameters; failing that, the text is compared with the names of resources: first those of the same project, then those of
//! others. What stays open says why. Who may be meant is never guessed.

use crate::graph::catalog::{Catalog, Part, STORED, TypeEntry, spec::Path};
use crate::graph::index::{Addresses, MAX_INSTANCES, is_one_of, may_be_another};
use crate::graph::text::{self, Atom, Key, Text};
use crate::graph::{Hop, ResourceId, forms, shape};
use crate::table::IndexMap;
use crate::value::{Address, Cause, CauseKind, Declaration, Export, Mode, Piece, ProjectId, Reference, Step, Truth, Value, ValueKind};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::Arc;

mod names;

/// How many references are followed one after another.
const MAX_DEPTH: usize = 24;

/// How many are followed for one question, whatever tree they form.
const MAX_STEPS: usize = 2_000;

/// How far a question may still go.
#[derive(Clone, Copy)]
struct Reach<'a> {
    depth: usize,
    steps: &'a Cell<usize>,
}

impl<'a> Reach<'a> {
    fn new(steps: &'a Cell<usize>) -> Self {
        Self { depth: MAX_DEPTH, steps }
    }

    /// One step further, unless it would be one too many.
    fn further(self) -> Option<Self> {
        let left = self.steps.get().checked_sub(1)?;
        self.steps.set(left);
        Some(Self { depth: self.depth.checked_sub(1)?, ..self })
    }
}

/// Whom a value names.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// Those that it may name: one that is certain, or several of which it is exactly one.
    pub candidates: Vec<(ResourceId, Truth)>,
    /// Why it may name none of them. Empty: it names one of them.
    pub open: Vec<Cause>,
    /// Its name as a text, where nothing in the graph has it (yet) and it has an identity.
    pub unmatched: Option<Text>,
    /// Whether it names one instance, and the candidate stands for several of which it is not known which there are.
    pub one_of_many: bool,
    /// Hops on the way that the value's own history does not hold: satellites, data sources, exports.
    pub via: Vec<Hop>,
    /// The projects of those of one name that are too many to be followed: what they lead to may be meant too.
    pub beyond: Vec<ProjectId>,
}

impl Resolution {
    /// Leaves out what is of these projects.
    fn go_no_further(&mut self, projects: impl Iterator<Item = ProjectId>, what: &str) {
        self.beyond.extend(projects);
        self.beyond.dedup();
        if !self.beyond.is_empty() {
            self.open.push(Cause::new(CauseKind::Limit, format!("more than {MAX_INSTANCES} {what}"), None));
        }
    }
}

/// What a resource is made from.
#[derive(Clone, Debug)]
pub enum Holder {
    /// Its declaration.
    Declared(usize),
    /// The call of a summarized module, and the resource's name in the summary.
    Module(usize, Arc<str>),
    /// Nothing but its name.
    Outside(Text),
}

/// Everything that is needed to say whom a value names.
#[derive(Debug)]
pub struct Linker {
    /// The kinds and types.
    pub catalog: Catalog,
    /// Every declaration of the run.
    pub declarations: Vec<Declaration>,
    addresses: Addresses,
    exports: Vec<Export>,
    exports_by_name: IndexMap<String, Vec<usize>>,
    holders: Vec<(Arc<str>, ProjectId, Holder)>,
    held_by: IndexMap<usize, Vec<ResourceId>>,
    names: Vec<Text>,
    named: IndexMap<(Arc<str>, String), Vec<ResourceId>>,
}

impl Linker {
    /// A linker that knows declarations and exports, but no resources yet.
    pub fn new(catalog: Catalog, declarations: Vec<Declaration>, exports: Vec<Export>) -> Self {
        let mut exports_by_name: IndexMap<String, Vec<usize>> = IndexMap::default();
        for (at, export) in exports.iter().enumerate() {
            if let Some(name) = export.name.as_str() {
                exports_by_name.entry(export_key(export.state.as_deref(), name)).or_default().push(at);
            }
        }
        let addresses = Addresses::new(&declarations);
        Self {
            catalog,
            declarations,
            addresses,
            exports,
            exports_by_name,
            holders: Vec::new(),
            held_by: IndexMap::default(),
            names: Vec::new(),
            named: IndexMap::default(),
        }
    }

    /// Makes room for so many resources.
    pub fn reserve(&mut self, resources: usize) {
        self.holders.reserve_exact(resources);
        self.held_by.reserve_exact(resources);
    }

    /// Adds a resource; its number is the next one.
    pub fn add(&mut self, kind: &Arc<str>, project: ProjectId, holder: Holder) -> ResourceId {
        let id = ResourceId(u32::try_from(self.holders.len()).expect("fewer than 2^32 resources"));
        if let Holder::Declared(declaration) | Holder::Module(declaration, _) = &holder {
            let held = self.held_by.entry(*declaration).or_default();
            held.reserve_exact(1);
            held.push(id);
        }
        if let Holder::Outside(name) = &holder {
            self.named.entry((Arc::clone(kind), name.key())).or_default().push(id);
            self.names.push(name.clone());
        }
        self.holders.push((Arc::clone(kind), project, holder));
        id
    }

    /// Everything that projects offer to others.
    pub fn exports(&self) -> &[Export] {
        &self.exports
    }

    /// The declarations that an address means.
    pub fn find(&self, project: ProjectId, address: &Address) -> Vec<usize> {
        self.addresses.find(&self.declarations, project, address)
    }

    /// The declarations that a block became, by its address without instance keys.
    pub fn of_block(&self, project: ProjectId, block: &str) -> &[usize] {
        self.addresses.of_block(&self.declarations, project, block)
    }

    /// What the catalog says of a declaration's type.
    pub fn entry(&self, declaration: &Declaration) -> Option<&TypeEntry> {
        match declaration.mode {
            Mode::Managed => self.catalog.managed(&declaration.type_name),
            Mode::Data => self.catalog.lookup(&declaration.type_name),
            Mode::Module => None,
        }
    }

    /// What the summary of a module says of a resource in it.
    pub fn module_entry(&self, id: ResourceId) -> Option<&TypeEntry> {
        let Holder::Module(at, name) = &self.holders[id.0 as usize].2 else { return None };
        let summary = self.catalog.module(&self.declarations[*at].type_name)?;
        summary.resources.get(name).map(|resource| &resource.entry)
    }

    /// Whom a value names among resources of a kind, seen from a project.
    pub fn resolve(&self, project: ProjectId, value: &Value, kind: &str) -> Resolution {
        self.resolve_counting(project, value, kind).0
    }

    /// The same, and how many references and pieces were followed for it.
    pub fn resolve_counting(&self, project: ProjectId, value: &Value, kind: &str) -> (Resolution, usize) {
        let steps = Cell::new(MAX_STEPS);
        let found = self.resolve_at(project, value, kind, Reach::new(&steps));
        (found, MAX_STEPS - steps.get())
    }

    fn resolve_at(&self, project: ProjectId, value: &Value, kind: &str, reach: Reach<'_>) -> Resolution {
        let Some(reach) = reach.further() else {
            let cause = Cause::new(CauseKind::Limit, "references that lead to references", value.origin.span());
            return Resolution { open: vec![cause], ..Resolution::default() };
        };
        // A list or an object is nobody's name.
        if value.as_items().is_some() || value.as_entries().is_some() {
            return Resolution::default();
        }
        if names::is_too_long(value) {
            return Resolution { open: vec![names::too_long(value.origin.span())], ..Resolution::default() };
        }
        let text = self.text_of(value, reach);
        for (reference, exact) in references(value) {
            if let Some(found) = self.follow(&reference, kind, reach)
                && (exact || self.fits(&found, &text))
            {
                return found;
            }
        }
        self.by_name(project, kind, &text, value)
    }

    /// What was read from a resource on the way still names it only if it was not changed since.
    fn fits(&self, found: &Resolution, text: &Text) -> bool {
        found.candidates.iter().all(|(id, _)| {
            let kind = self.catalog.kind(&self.holders[id.0 as usize].0);
            let name = kind.map_or_else(|| text.clone(), |kind| forms::name_in(text, &kind.forms));
            let same = text::same(self.name(*id), &name);
            // The name of what stands for many has the key of none of them.
            same.is_true() || (found.one_of_many && same.is_unknown())
        })
    }

    /// Whom a reference names; `None` if it names no resource of this kind.
    fn follow(&self, reference: &Reference, kind: &str, reach: Reach<'_>) -> Option<Resolution> {
        match reference {
            Reference::Attribute { project, address, attribute } => {
                let found = self.find(*project, address);
                let resolve = |at: &usize| {
                    let mut resolved = self.follow_into(*at, attribute, kind, reach)?;
                    let declared = &self.declarations[*at].address.0;
                    resolved.one_of_many |= is_one_of(declared, &address.0);
                    if may_be_another(declared, &address.0) {
                        let span = self.declarations[*at].span;
                        resolved.open.push(Cause::new(CauseKind::Computed, Arc::clone(&address.0), Some(span)));
                    }
                    Some(resolved)
                };
                among(&found, address, resolve)
            }
            Reference::ModuleOutput { project, module, output } => {
                let found = self.find(*project, module);
                among(&found, module, |at| self.follow_output(*at, output, kind))
            }
            Reference::Export { name } => self.follow_export(&export_key(None, name), kind, reach),
            Reference::RemoteOutput { state, output } => self.follow_export(&export_key(Some(state), output), kind, reach),
            Reference::StoredParameter { name } => self.follow_parameter(name, kind, reach),
            Reference::Input { .. } | Reference::Part { .. } => None,
        }
    }

    fn follow_into(&self, at: usize, attribute: &str, kind: &str, reach: Reach<'_>) -> Option<Resolution> {
        let declaration = &self.declarations[at];
        let entry = self.entry(declaration);
        let exported = attribute.is_empty() || entry.is_some_and(|entry| entry.exports.contains_key(attribute));
        if let Some(entry) = entry.filter(|entry| exported && &*entry.kind == kind) {
            return match &entry.part {
                Part::Whole => {
                    let id = *self.held_by.get(&at)?.first()?;
                    Some(Resolution { candidates: vec![(id, Truth::True)], ..Resolution::default() })
                }
                Part::Of(path) | Part::LooksUp(path) => self.follow_argument(declaration, path, kind, reach),
            };
        }
        // An argument of another resource that is itself a reference: `aws_cloudtrail.x.s3_bucket_name`.
        declaration.attributes.get(attribute)?;
        self.follow_argument(declaration, &Path(vec![Arc::from(attribute)]), kind, reach)
    }

    fn follow_argument(&self, declaration: &Declaration, path: &Path, kind: &str, reach: Reach<'_>) -> Option<Resolution> {
        let (value, _) = shape::at_path(declaration, path);
        let value = value?;
        let mut found = self.resolve_at(declaration.project, &value, kind, reach);
        let message = format!("`{}` names it by `{path}`", declaration.address);
        found.via.insert(0, Hop { span: value.origin.span().unwrap_or(declaration.span), message });
        Some(found)
    }

    fn follow_output(&self, at: usize, output: &str, kind: &str) -> Option<Resolution> {
        let (id, _) = self.module_output(at, output)?;
        let of_kind = &*self.holders[id.0 as usize].0 == kind;
        of_kind.then(|| Resolution { candidates: vec![(id, Truth::True)], ..Resolution::default() })
    }

    /// The resource that an output of a summarized module names, and in which form.
    fn module_output(&self, at: usize, output: &str) -> Option<(ResourceId, &str)> {
        let summary = self.catalog.module(&self.declarations[at].type_name)?;
        let (resource, form) = match output.strip_prefix(shape::SIBLING) {
            Some(resource) => (summary.resources.get_key_value(resource)?.0.as_ref(), "name"),
            None => {
                let target = summary.outputs.get(output).or_else(|| summary.outputs.get(output.split('.').next()?))?;
                target.split_once('.').unwrap_or((target, "name"))
            }
        };
        let holds = |id: &&ResourceId| matches!(&self.holders[id.0 as usize].2, Holder::Module(_, name) if &**name == resource);
        let id = self.held_by.get(&at)?.iter().find(holds)?;
        Some((*id, form))
    }

    fn follow_export(&self, key: &str, kind: &str, reach: Reach<'_>) -> Option<Resolution> {
        let found = self.exports_by_name.get(key)?;
        let resolve = |at: &usize| {
            let export = &self.exports[*at];
            let mut found = self.resolve_at(export.project, &export.value, kind, reach);
            let name = export.name.as_str().unwrap_or_default();
            found.via.insert(0, Hop { span: export.span, message: format!("`{name}` is given to others here") });
            found
        };
        let mut resolved = either(found.iter().take(MAX_INSTANCES).map(resolve).collect())?;
        resolved.go_no_further(found.iter().skip(MAX_INSTANCES).map(|at| self.exports[*at].project), "exports of one name");
        if found.len() > 1 {
            resolved.open.push(Cause::new(CauseKind::External, format!("which of {} exports of one name is meant", found.len()), None));
        }
        Some(resolved)
    }

    fn follow_parameter(&self, name: &str, kind: &str, reach: Reach<'_>) -> Option<Resolution> {
        let found = self.named.get(&(Arc::from(STORED), Text::known(name).key()))?;
        let mut resolved = Vec::new();
        for id in found.iter().take(MAX_INSTANCES) {
            let (_, _, Holder::Declared(at)) = &self.holders[id.0 as usize] else { continue };
            let declaration = &self.declarations[*at];
            let spec = self.entry(declaration)?.properties.get("value")?;
            let value = shape::read(declaration, spec)?.value;
            let mut found = self.resolve_at(declaration.project, &value, kind, reach);
            found.via.insert(0, Hop { span: declaration.span, message: format!("parameter `{name}` is written here") });
            resolved.push(found);
        }
        let several = resolved.len() > 1;
        let mut resolved = either(resolved)?;
        resolved.go_no_further(found.iter().skip(MAX_INSTANCES).map(|id| self.holders[id.0 as usize].1), "parameters of one name");
        if several {
            resolved.open.push(Cause::new(CauseKind::Stored, format!("which of several parameters `{name}` is meant"), None));
        }
        Some(resolved)
    }

    fn by_name(&self, project: ProjectId, kind: &str, text: &Text, value: &Value) -> Resolution {
        let Some(kind) = self.catalog.kind(kind) else { return Resolution::default() };
        let name = forms::name_in(text, &kind.forms);
        let span = value.origin.span();
        if !name.has_identity() {
            let mut open = if name.causes.is_empty() { value.causes() } else { name.causes.clone() };
            if open.is_empty() {
                open.push(Cause::new(CauseKind::Unshown, "whom an empty name means", span));
            }
            return Resolution { open, ..Resolution::default() };
        }
        // What is written in a form of another kind names another kind.
        let foreign = |atom: &Atom| matches!(atom, Atom::Known(known) if known.contains([':', '/']));
        if name.atoms.iter().any(foreign) || self.is_foreign_arn(&name) {
            return Resolution::default();
        }
        let found = self.named.get(&(Arc::clone(&kind.name), name.key())).map_or(&[][..], Vec::as_slice);
        let (inside, outside): (Vec<ResourceId>, Vec<ResourceId>) = found.iter().partition(|id| !self.is_outside(**id));
        let here: Vec<ResourceId> = inside.iter().copied().filter(|id| self.holders[id.0 as usize].1 == project).collect();
        if let Some(found) = one_of(&here) {
            return found;
        }
        if let Some(mut found) = one_of(&inside) {
            if inside.len() > 1 || !kind.unique_everywhere {
                found.candidates.iter_mut().for_each(|(_, certainty)| *certainty = Truth::Unknown);
                let what = format!("which {} named `{}` is meant", kind.title, name.display());
                found.open.push(Cause::new(CauseKind::External, what, span));
            }
            return found;
        }
        if let Some(found) = one_of(&outside) {
            return found;
        }
        if name.has_name() {
            return Resolution { unmatched: Some(name), ..Resolution::default() };
        }
        Resolution { open: if name.causes.is_empty() { value.causes() } else { name.causes }, ..Resolution::default() }
    }

    /// Whether a text is the ARN of a resource whose type the catalog does not know: whatever it is, it is not of the kind that is asked for.
    fn is_foreign_arn(&self, name: &Text) -> bool {
        let [Atom::Same(Key::Reference(reference))] = name.atoms.as_slice() else { return false };
        let Reference::Attribute { project, address, attribute } = &**reference else { return false };
        attribute.eq_ignore_ascii_case("arn") && self.find(*project, address).is_empty()
    }

    fn is_outside(&self, id: ResourceId) -> bool {
        matches!(self.holders[id.0 as usize].2, Holder::Outside(_))
    }
}

/// The references that a value carries: what it exactly is, then what it was read from on the way, latest first.
fn references(value: &Value) -> Vec<(Arc<Reference>, bool)> {
    let exactly = match &value.kind {
        ValueKind::Resource(reference) => Some(Arc::clone(reference)),
        ValueKind::Unknown(unknown) => match (&unknown.refers_to, unknown.pieces.as_slice()) {
            (Some(reference), _) => Some(Arc::clone(reference)),
            // A text that is just one piece is that piece.
            (None, [Piece::Unknown(inner)]) => inner.refers_to.clone(),
            _ => None,
        },
        ValueKind::String(_) => None,
        _ => return Vec::new(),
    };
    let on_the_way = value.origin.hops().filter_map(|(step, _)| match step {
        Step::Attribute(reference) => Some((Arc::clone(reference), false)),
        _ => None,
    });
    exactly.map(|reference| (reference, true)).into_iter().chain(on_the_way).take(MAX_DEPTH).collect()
}

/// Whom the instances name that an address may mean. Of too many, not all are asked.
fn among(found: &[usize], address: &Address, resolve: impl FnMut(&usize) -> Option<Resolution>) -> Option<Resolution> {
    let mut resolved: Vec<Resolution> = found.iter().take(MAX_INSTANCES).filter_map(resolve).collect();
    // All are of one type: where none names a resource, the others name none either.
    if found.len() > MAX_INSTANCES && !resolved.is_empty() {
        let cause = Cause::new(CauseKind::Limit, format!("more than {MAX_INSTANCES} instances that `{address}` may mean"), None);
        resolved.push(Resolution { open: vec![cause], ..Resolution::default() });
    }
    either(resolved)
}

/// Of several ways to read one reference: exactly one holds.
fn either(mut resolved: Vec<Resolution>) -> Option<Resolution> {
    if resolved.len() < 2 {
        return resolved.pop();
    }
    let mut out = Resolution::default();
    let mut known = BTreeSet::new();
    for one in resolved {
        out.candidates.extend(one.candidates.into_iter().map(|(id, _)| id).filter(|id| known.insert(*id)).map(|id| (id, Truth::Unknown)));
        out.open.extend(one.open);
        out.one_of_many |= one.one_of_many;
        out.unmatched = out.unmatched.or(one.unmatched);
        out.beyond.extend(one.beyond);
        // More than this nobody is shown.
        if out.via.len() < MAX_DEPTH {
            out.via.extend(one.via);
        }
    }
    if let ([only], true) = (out.candidates.as_mut_slice(), out.open.is_empty() && out.unmatched.is_none()) {
        only.1 = Truth::True;
    }
    Some(out)
}

/// Of several resources of one name, exactly one is meant.
fn one_of(ids: &[ResourceId]) -> Option<Resolution> {
    let certainty = if ids.len() == 1 { Truth::True } else { Truth::Unknown };
    let candidates: Vec<(ResourceId, Truth)> = ids.iter().map(|id| (*id, certainty)).collect();
    (!candidates.is_empty()).then(|| Resolution { candidates, ..Resolution::default() })
}

fn export_key(state: Option<&str>, name: &str) -> String {
    format!("{}\0{name}", state.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_instances_others_may_be_meant() {
        let address = Address::from("aws_cloudtrail.main");
        let same = |_: &usize| Some(Resolution { candidates: vec![(ResourceId(0), Truth::True)], ..Resolution::default() });
        let of = |instances: usize| {
            let found: Vec<usize> = (0..instances).collect();
            let resolved = among(&found, &address, same).unwrap();
            (resolved.candidates[0].1, resolved.open.iter().map(|cause| cause.name.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(of(MAX_INSTANCES), (Truth::True, Vec::new()));
        let more = "more than 64 instances that `aws_cloudtrail.main` may mean".to_owned();
        assert_eq!(of(MAX_INSTANCES + 1), (Truth::Unknown, vec![more]));
    }
}
