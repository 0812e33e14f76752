//! Taking away what is known: literals become inputs without a value, whole or in part, and inputs lose their defaults.
//!
//! It splices bytes at the places that the parsers give, so what is compared differs in nothing else.

use crate::cases::Case;
use proptest::sample::Index;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use trailwarden::source::FileId;
use trailwarden::syntax::hcl::{self, Attribute, Body, Expr, ExprKind, TemplatePart};
use trailwarden::syntax::node::{Node, NodeKind, Style};
use trailwarden::syntax::yaml;

/// A place whose value can be taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slot {
    file: PathBuf,
    range: Range<usize>,
    /// What stands there.
    pub text: String,
    kind: SlotKind,
}

/// What stands at a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SlotKind {
    /// A literal of HCL.
    Hcl,
    /// Text between a template's interpolations.
    HclPiece,
    /// A variable's `default = …`.
    HclDefault,
    /// A scalar of a template.
    Yaml,
    /// A scalar under `!Sub`.
    YamlSub,
    /// A parameter's `Default: …`.
    YamlDefault,
}

/// How much of a slot is taken away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// All of it.
    Whole,
    /// Its first half.
    Head,
    /// Its second half.
    Tail,
}

impl Slot {
    /// In which ways it can become unknown.
    pub fn forms(&self) -> Vec<Form> {
        let divides = match self.kind {
            SlotKind::Hcl => self.text.starts_with('"') && self.text.len() > 4,
            SlotKind::Yaml => self.text.len() > 3 && self.is_name(),
            SlotKind::YamlSub | SlotKind::HclPiece | SlotKind::HclDefault | SlotKind::YamlDefault => false,
        };
        if divides && !self.text.contains(['\\', '$', '%', '\n']) && self.text.is_ascii() {
            vec![Form::Whole, Form::Head, Form::Tail]
        } else {
            vec![Form::Whole]
        }
    }

    /// Whether a scalar of YAML can be written without quotes and is plainly text.
    fn is_name(&self) -> bool {
        self.text.chars().all(|character| character.is_ascii_alphanumeric() || "-_/.".contains(character))
            && self.text.starts_with(|first: char| first.is_ascii_alphabetic())
            && !["true", "false", "null", "yes", "no"].contains(&self.text.to_ascii_lowercase().as_str())
    }

    /// What an input in its place is called, and the text that it stands for.
    pub fn input(&self, number: usize) -> Option<(String, &str)> {
        match self.kind {
            SlotKind::Hcl => Some((format!("var.unknown_{number}"), self.text.trim_matches('"'))),
            SlotKind::Yaml => Some((format!("Unknown{number}"), self.text.trim_matches(['"', '\'']))),
            _ => None,
        }
    }

    fn language(&self) -> &'static str {
        match self.kind {
            SlotKind::Hcl | SlotKind::HclPiece | SlotKind::HclDefault => "terraform",
            SlotKind::Yaml | SlotKind::YamlSub | SlotKind::YamlDefault => "cloudformation",
        }
    }

    /// What stands there instead. `number` tells inputs apart.
    fn replacement(&self, number: usize, form: Form) -> String {
        let input = format!("unknown_{number}");
        let (variable, parameter) = (format!("var.{input}"), format!("Unknown{number}"));
        let half = self.text.len() / 2;
        match (self.kind, form) {
            (SlotKind::HclDefault, _) => String::new(),
            // A pair in the place of a pair, which keeps commas and lines right.
            (SlotKind::YamlDefault, _) => "ConstraintDescription: none".into(),
            (SlotKind::Hcl, Form::Whole) => variable,
            (SlotKind::Hcl, Form::Head) => format!("\"${{{variable}}}{}", &self.text[half..]),
            (SlotKind::Hcl, Form::Tail) => format!("{}${{{variable}}}\"", &self.text[..half]),
            (SlotKind::HclPiece, _) => format!("${{{variable}}}"),
            (SlotKind::Yaml, Form::Whole) => format!("!Ref {parameter}"),
            (SlotKind::Yaml, Form::Head) => format!("!Sub '${{{parameter}}}{}'", &self.text[half..]),
            (SlotKind::Yaml, Form::Tail) => format!("!Sub '{}${{{parameter}}}'", &self.text[..half]),
            (SlotKind::YamlSub, _) => format!("'${{{parameter}}}'"),
        }
    }
}

/// Some slots, each once, in the order of their places.
pub fn pick<'s>(slots: &'s [Slot], picks: &[(Index, Index)]) -> Vec<(&'s Slot, Form)> {
    let mut picked: Vec<(&Slot, Form)> = Vec::new();
    for (slot, form) in picks {
        if slots.is_empty() {
            break;
        }
        let slot = &slots[slot.index(slots.len())];
        let forms = slot.forms();
        let apart = |other: &Slot| other.file != slot.file || other.range.end <= slot.range.start || slot.range.end <= other.range.start;
        if picked.iter().all(|(other, _)| apart(other)) {
            picked.push((slot, forms[form.index(forms.len())]));
        }
    }
    picked
}

/// The case with these slots unknown. `None` where a file has no place for the inputs' declarations.
pub fn open(case: &Case, slots: &[(&Slot, Form)]) -> Option<Case> {
    change(case, slots, &|_, _| None)
}

/// The case with a slot replaced by an input that has the same value as its default. `None` where that cannot be written.
pub fn with_default(case: &Case, slot: &Slot) -> Option<Case> {
    // Which template nests which is read before parameters are.
    if !matches!(slot.kind, SlotKind::Hcl | SlotKind::Yaml)
        || slot.text.contains(".yaml")
        || (slot.kind == SlotKind::Yaml && !slot.is_name())
        || slot.text.contains("<<")
    {
        return None;
    }
    change(case, &[(slot, Form::Whole)], &|slot, _| Some(slot.text.clone()))
}

fn change(case: &Case, slots: &[(&Slot, Form)], default: &dyn Fn(&Slot, usize) -> Option<String>) -> Option<Case> {
    let mut changed = case.clone();
    let mut last_first: Vec<(usize, &(&Slot, Form))> = slots.iter().enumerate().collect();
    last_first.sort_by_key(|(_, (slot, _))| std::cmp::Reverse(slot.range.start));
    for (number, (slot, form)) in &last_first {
        changed.files.get_mut(&slot.file)?.replace_range(slot.range.clone(), &slot.replacement(*number, *form));
    }
    for (number, (slot, _)) in last_first {
        if matches!(slot.kind, SlotKind::HclDefault | SlotKind::YamlDefault) {
            continue;
        }
        let text = changed.files.get_mut(&slot.file)?;
        let value = default(slot, number);
        if slot.language() == "terraform" {
            let value = value.map(|value| format!("\n  default = {value}\n")).unwrap_or_default();
            let _ = write!(text, "\nvariable \"unknown_{number}\" {{{value}}}\n");
        } else {
            let value = value.map(|value| format!(", Default: {value}")).unwrap_or_default();
            declare(text, &format!("Unknown{number}: {{Type: String{value}}}"))?;
        }
    }
    Some(changed)
}

/// Adds a parameter to a template.
fn declare(text: &mut String, parameter: &str) -> Option<()> {
    let (documents, _) = yaml::parse(text, FileId(0));
    let root = documents.first()?;
    match root.get("Parameters") {
        None => {
            let at = root.range.start as usize;
            if text[at..].starts_with('{') {
                return None;
            }
            text.insert_str(at, &format!("Parameters:\n  {parameter}\n"));
        }
        Some(parameters) => {
            let at = parameters.range.start as usize;
            let is_flow = text[at..].starts_with('{');
            let indent = at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            let text_of = if is_flow { format!("{parameter}, ") } else { format!("{parameter}\n{}", " ".repeat(indent)) };
            text.insert_str(at + usize::from(is_flow), &text_of);
        }
    }
    Some(())
}

/// Every slot of a case. Modules that are called get no inputs without a value: their callers do.
pub fn slots(case: &Case) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (file, text) in &case.files {
        let slot = |range: Range<usize>, kind: SlotKind| Slot { file: file.clone(), text: text[range.clone()].to_owned(), range, kind };
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension {
            "tf" if is_root(file) => {
                let (body, _) = hcl::parse(text, FileId(0));
                in_hcl(&body, &mut |range, kind| slots.push(slot(range, kind)));
            }
            "yaml" | "yml" if text.trim_start().starts_with('{') => {}
            "yaml" | "yml" => {
                let (documents, _) = yaml::parse(text, FileId(0));
                documents.iter().for_each(|document| in_template(document, &mut |range, kind| slots.push(slot(range, kind))));
            }
            _ => {}
        }
    }
    slots
}

fn is_root(file: &Path) -> bool {
    file.parent().is_none_or(|parent| parent.as_os_str().is_empty())
}

fn in_hcl(file: &Body, add: &mut dyn FnMut(Range<usize>, SlotKind)) {
    for block in &file.blocks {
        match &*block.kind.name {
            "variable" => {
                // An input that names something is not taken to be the empty text unless the code says that it may be.
                let is_empty = |default: &Attribute| matches!(&default.value.kind, ExprKind::String(text) if text.is_empty());
                let default = block.body.attribute("default").filter(|default| !is_empty(default));
                default.into_iter().for_each(|default| add(default.range.indices(), SlotKind::HclDefault));
            }
            "resource" | "data" | "locals" | "module" | "output" | "provider" => in_body(&block.body, add),
            _ => {}
        }
    }
}

fn in_body(body: &Body, add: &mut dyn FnMut(Range<usize>, SlotKind)) {
    /// What must be written out.
    const CONSTANT: [&str; 6] = ["source", "version", "providers", "provider", "depends_on", "alias"];
    for attribute in body.attributes.iter().filter(|attribute| !CONSTANT.contains(&&*attribute.name.name)) {
        in_expression(&attribute.value, add);
    }
    body.blocks.iter().filter(|block| &*block.kind.name != "lifecycle").for_each(|block| in_body(&block.body, add));
}

fn in_expression(expression: &Expr, add: &mut dyn FnMut(Range<usize>, SlotKind)) {
    match &expression.kind {
        ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) => add(expression.range.indices(), SlotKind::Hcl),
        ExprKind::Template(parts) => {
            for part in parts {
                match part {
                    TemplatePart::Literal(_, range) if range.start < range.end => add(range.indices(), SlotKind::HclPiece),
                    TemplatePart::Interpolation(inner) => in_expression(inner, add),
                    _ => {}
                }
            }
        }
        // Keys are names.
        ExprKind::Object(items) => items.iter().for_each(|item| in_expression(&item.value, add)),
        // What stands in brackets after a name picks an instance or an element.
        _ => expression.children(&mut |child| in_expression(child, add)),
    }
}

fn in_template(document: &Node, add: &mut dyn FnMut(Range<usize>, SlotKind)) {
    let pairs = |section: &str| document.get(section).and_then(Node::as_mapping).unwrap_or_default();
    for (_, parameter) in pairs("Parameters") {
        if let Some((key, value)) = parameter.entry("Default") {
            // The pair, where it has a line of its own; a comma may follow in a flow mapping.
            add(key.range.start as usize..value.range.end as usize, SlotKind::YamlDefault);
        }
    }
    for (_, resource) in pairs("Resources") {
        resource.get("Properties").into_iter().for_each(|properties| in_node(properties, add));
    }
    for (_, output) in pairs("Outputs") {
        output.get("Value").into_iter().for_each(|value| in_node(value, add));
    }
}

fn in_node(node: &Node, add: &mut dyn FnMut(Range<usize>, SlotKind)) {
    /// Names of things, not values.
    const NAMES: [&str; 5] = ["Ref", "GetAtt", "Fn::GetAtt", "Condition", "Fn::Transform"];
    let tag = node.tag.as_deref().unwrap_or_default();
    if NAMES.contains(&tag) {
        return;
    }
    match &node.kind {
        NodeKind::Scalar { style, .. } => match tag {
            "" if *style != Style::Block => add(node.range.indices(), SlotKind::Yaml),
            "Sub" if *style != Style::Block => add(node.range.indices(), SlotKind::YamlSub),
            _ => {}
        },
        NodeKind::Sequence(items) => {
            // The condition of `If`, the text of `Sub`, the table of `FindInMap`.
            let skip = usize::from(["If", "Sub", "FindInMap"].contains(&tag));
            items.iter().skip(skip).for_each(|item| in_node(item, add));
        }
        NodeKind::Mapping(pairs) => {
            for (key, value) in pairs {
                match key.as_str().unwrap_or_default() {
                    name if NAMES.contains(&name) => {}
                    "Fn::If" | "Fn::Sub" | "Fn::FindInMap" => {
                        value.as_sequence().unwrap_or_default().iter().skip(1).for_each(|item| in_node(item, add));
                    }
                    _ => in_node(value, add),
                }
            }
        }
    }
}
