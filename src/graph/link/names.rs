//! What things are called: resources' names, and values as texts in which equal means equal.

use super::{Holder, Linker, MAX_STEPS, Reach, export_key};
use crate::graph::catalog::{Part, spec::Path};
use crate::graph::index::is_one_of;
use crate::graph::text::{self, Atom, Key, Shared, Text};
use crate::graph::{ResourceId, forms, shape};
use crate::source::Span;
use crate::value::{Cause, CauseKind, Declaration, Mode, Piece, Reference, Unknown, Value, ValueKind};
use std::cell::Cell;
use std::sync::Arc;

/// Most bytes of a name by which resources are looked for. No service takes a longer one: an ARN has up to 2,048 characters, a parameter's path as many.
const MAX_NAME: usize = 2_048;

/// Whether a text is longer than any name.
pub(super) fn is_too_long(value: &Value) -> bool {
    match &value.kind {
        ValueKind::String(text) => text.len() > MAX_NAME,
        ValueKind::Unknown(unknown) => unknown.pieces.iter().map(Piece::known).sum::<usize>() > MAX_NAME,
        _ => false,
    }
}

/// Why it is not known whom such a text names.
pub(super) fn too_long(span: Option<Span>) -> Cause {
    Cause::new(CauseKind::Limit, format!("a name of more than {MAX_NAME} bytes"), span)
}

impl Linker {
    /// Works out the names of all resources that were added. Those outside the code are added later, with their names.
    pub fn name_all(&mut self) {
        let names: Vec<Text> = (0..self.holders.len()).map(|at| self.compute_name(at, Reach::new(&Cell::new(MAX_STEPS)))).collect();
        for (at, name) in names.iter().enumerate() {
            let id = ResourceId(u32::try_from(at).expect("fewer than 2^32 resources"));
            // What is not created has no name by which it could be found.
            if let Holder::Declared(declaration) = &self.holders[at].2
                && self.declarations[*declaration].exists.is_false()
            {
                continue;
            }
            self.named.entry((Arc::clone(&self.holders[at].0), name.key())).or_default().push(id);
        }
        self.names = names;
    }

    /// A resource's name, as far as it is known.
    pub fn name(&self, id: ResourceId) -> &Text {
        &self.names[id.0 as usize]
    }

    /// A resource's ARN, or whatever its kind's first form is.
    pub fn arn(&self, id: ResourceId) -> Text {
        let (kind, _, _) = &self.holders[id.0 as usize];
        let form = self.catalog.kind(kind).and_then(|kind| kind.forms.first()).map_or("{name}", String::as_str);
        forms::written(self.name(id), form)
    }

    /// A value as a text.
    pub fn text(&self, value: &Value) -> Text {
        self.text_of(value, Reach::new(&Cell::new(MAX_STEPS)))
    }

    /// The name that a value gives in one of these forms. Of what is longer than any name it is not known what it names.
    pub fn name_in(&self, value: &Value, forms: &[String]) -> Text {
        if is_too_long(value) { Text::atom(Atom::Opaque, vec![too_long(None)]) } else { forms::name_in(&self.text(value), forms) }
    }

    pub(super) fn text_of(&self, value: &Value, reach: Reach<'_>) -> Text {
        match &value.kind {
            ValueKind::String(text) => Text::shared(text),
            ValueKind::Bool(_) | ValueKind::Number(_) => Text::known(&shape::plain(value).unwrap_or_default()),
            ValueKind::Resource(reference) => self.reference_text(reference, &value.causes(), reach),
            ValueKind::Unknown(unknown) => self.unknown_text(unknown, &unknown.causes, reach),
            _ => Text::atom(Atom::Opaque, value.causes()),
        }
    }

    fn unknown_text(&self, unknown: &Arc<Unknown>, causes: &[Cause], reach: Reach<'_>) -> Text {
        if let Some(reference) = &unknown.refers_to {
            return self.reference_text(reference, causes, reach);
        }
        let mut out = Text { atoms: Vec::with_capacity(unknown.pieces.len().max(1)), causes: causes.to_vec() };
        self.push_pieces(unknown, reach, &mut out);
        out
    }

    /// Adds what an unknown value that refers to nothing is made of. The causes of the whole are told already.
    fn push_pieces(&self, unknown: &Arc<Unknown>, reach: Reach<'_>, out: &mut Text) {
        for piece in &unknown.pieces {
            match piece {
                Piece::Known(text) => out.push(Atom::Known(Arc::clone(text))),
                Piece::Unknown(inner) => match (reach.further(), &inner.refers_to) {
                    (Some(reach), Some(of)) => self.reference_text(of, &[], reach).atoms.into_iter().for_each(|atom| out.push(atom)),
                    (Some(reach), None) => self.push_pieces(inner, reach, out),
                    (None, _) => out.push(Atom::Opaque),
                },
            }
        }
        if unknown.pieces.is_empty() {
            unknown.prefix.iter().for_each(|prefix| out.push(Atom::Known(Arc::clone(prefix))));
            // Of the rest nothing is known, but that it is the rest of this.
            out.push(Atom::Same(Key::Shared(Shared(Arc::clone(unknown)))));
        }
    }

    fn reference_text(&self, reference: &Arc<Reference>, causes: &[Cause], reach: Reach<'_>) -> Text {
        let itself = || Text::atom(Atom::Same(Key::Reference(Arc::clone(reference))), causes.to_vec());
        let Some(reach) = reach.further() else { return itself() };
        let found = match &**reference {
            Reference::Attribute { project, address, attribute } => match self.find(*project, address).as_slice() {
                // Each of many has a name of its own.
                [at] if !is_one_of(&self.declarations[*at].address.0, &address.0) => self.attribute_text(*at, attribute, causes, reach),
                _ => None,
            },
            Reference::ModuleOutput { project, module, output } => match self.find(*project, module).as_slice() {
                [at] => self.module_output(*at, output).and_then(|(id, form)| self.in_form(id, form, causes)),
                _ => None,
            },
            Reference::Export { name } => self.export_text(&export_key(None, name), reach),
            Reference::RemoteOutput { state, output } => self.export_text(&export_key(Some(state), output), reach),
            Reference::Part { of, delimiter, index } => text::part(&self.reference_text(of, causes, reach), delimiter, *index),
            Reference::StoredParameter { .. } | Reference::Input { .. } => None,
        };
        found.unwrap_or_else(itself)
    }

    fn attribute_text(&self, at: usize, attribute: &str, causes: &[Cause], reach: Reach<'_>) -> Option<Text> {
        let declaration = &self.declarations[at];
        if declaration.mode == Mode::Data
            && let Some(place) = self.catalog.place(&declaration.type_name, attribute)
        {
            return Some(self.place_text(declaration, place, causes, reach));
        }
        let Some(entry) = self.entry(declaration) else {
            return declaration.attributes.get(attribute).map(|argument| self.text_of(&argument.value, reach));
        };
        let form = entry.exports.get(attribute).map_or("", |form| &**form);
        let name = match &entry.part {
            Part::Whole if !form.is_empty() || attribute.is_empty() => {
                let id = *self.held_by.get(&at)?.first()?;
                self.names.get(id.0 as usize).cloned().unwrap_or_else(|| self.compute_name(id.0 as usize, reach))
            }
            Part::Of(path) | Part::LooksUp(path) if !form.is_empty() || attribute.is_empty() => {
                let text = self.text_of(&shape::at_path(declaration, path).0?, reach);
                forms::name_in(&text, &self.catalog.kind(&entry.kind)?.forms)
            }
            _ => return declaration.attributes.get(attribute).map(|argument| self.text_of(&argument.value, reach)),
        };
        match form {
            "arn" => Some(forms::written(&name, self.catalog.kind(&entry.kind)?.forms.first()?)),
            "domain" => Some(name.then(Text::atom(Atom::Opaque, causes.to_vec()))),
            _ => Some(name),
        }
    }

    /// A resource's name in one of the forms of its kind, once names are worked out.
    fn in_form(&self, id: ResourceId, form: &str, causes: &[Cause]) -> Option<Text> {
        let name = self.names.get(id.0 as usize)?.clone();
        match form {
            "arn" => Some(self.arn(id)),
            "domain" => Some(name.then(Text::atom(Atom::Opaque, causes.to_vec()))),
            _ => Some(name),
        }
    }

    /// What a data source says of the place where it is read.
    fn place_text(&self, declaration: &Declaration, place: &str, causes: &[Cause], reach: Reach<'_>) -> Text {
        match place {
            "account" => self.place_of(declaration, "account", &declaration.account, reach),
            "region" => self.place_of(declaration, "region", &declaration.region, reach),
            _ => Text::atom(Atom::Opaque, causes.to_vec()),
        }
    }

    /// The account or Region of a declaration. Where it is not known, that of its provider configuration is all the same one.
    fn place_of(&self, declaration: &Declaration, what: &str, value: &Value, reach: Reach<'_>) -> Text {
        let text = self.text_of(value, reach);
        if text.has_identity() {
            return text;
        }
        let key = Key::Place { what: Arc::from(what), project: declaration.project, provider: Arc::clone(&declaration.provider) };
        Text::atom(Atom::Same(key), text.causes)
    }

    /// The account that a declaration is in.
    pub fn account(&self, at: usize) -> Text {
        self.place_of(&self.declarations[at], "account", &self.declarations[at].account, Reach::new(&Cell::new(MAX_STEPS)))
    }

    /// The Region that a declaration is in.
    pub fn region(&self, at: usize) -> Text {
        self.place_of(&self.declarations[at], "region", &self.declarations[at].region, Reach::new(&Cell::new(MAX_STEPS)))
    }

    fn export_text(&self, key: &str, reach: Reach<'_>) -> Option<Text> {
        match self.exports_by_name.get(key)?.as_slice() {
            [at] => Some(self.text_of(&self.exports[*at].value, reach)),
            _ => None,
        }
    }

    fn compute_name(&self, at: usize, reach: Reach<'_>) -> Text {
        let id = ResourceId(u32::try_from(at).expect("fewer than 2^32 resources"));
        let generated = |causes| Text::atom(Atom::Same(Key::Generated(id)), causes);
        let (entry, declaration) = match &self.holders[at].2 {
            Holder::Outside(name) => return name.clone(),
            Holder::Declared(declaration) => (self.entry(&self.declarations[*declaration]), &self.declarations[*declaration]),
            Holder::Module(declaration, name) => {
                let declaration = &self.declarations[*declaration];
                let summary = self.catalog.module(&declaration.type_name);
                (summary.and_then(|summary| summary.resources.get(name)).map(|resource| &resource.entry), declaration)
            }
        };
        let id_prefix = self.catalog.kind(&self.holders[at].0).and_then(|kind| kind.id_prefix.as_deref()).unwrap_or_default();
        let anonymous = || match (id_prefix, anonymous(id, declaration)) {
            ("", anonymous) => anonymous,
            (prefix, anonymous) => Text::known(prefix).then(anonymous),
        };
        // What is longer than any name has none by which it is found.
        let unfound = |value: &Value| Text { causes: vec![too_long(value.origin.span())], ..anonymous() };
        let Some(entry) = entry else { return anonymous() };
        let read = |path: &Option<Path>| path.as_ref().and_then(|path| shape::at_path(declaration, path).0);
        if let Some(value) = read(&entry.name) {
            if is_too_long(&value) {
                return unfound(&value);
            }
            let text = self.text_of(&value, reach);
            if text.has_identity() {
                return text;
            }
            if value.as_str().is_none() {
                return anonymous();
            }
        }
        match read(&entry.name_prefix) {
            Some(prefix) if is_too_long(&prefix) => unfound(&prefix),
            Some(prefix) => self.text_of(&prefix, reach).then(generated(Vec::new())),
            None if entry.name.is_some() => generated(Vec::new()),
            None => anonymous(),
        }
    }
}

/// A name of which nothing is known, but whose it is.
fn anonymous(id: ResourceId, declaration: &Declaration) -> Text {
    let attribute = Arc::from(["name of ", &id.0.to_string()].concat());
    let reference = Reference::Attribute { project: declaration.project, address: declaration.address.clone(), attribute };
    let cause = Cause::new(CauseKind::Computed, ["the name of ", &declaration.address.0].concat(), Some(declaration.span));
    Text::atom(Atom::Same(Key::Reference(Arc::new(reference))), vec![cause])
}
