//! Lowers each template under `testdata/cloudformation` and compares what comes out with `expected.txt` beside it
//! (`UPDATE_EXPECT=1` rewrites it). A case is a folder with `template.yaml` or `template.json` (or another single file of these kinds named
//! `main.*`), whatever it names, and maybe `inputs.json`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value as Json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trailwarden::cloudformation::{self, Sniff};
use trailwarden::diagnostic::{Diagnostic, Level, Place};
use trailwarden::project::{Context, Demand, Inputs, Project, ProjectKind};
use trailwarden::source::fs::{Disk, FileSystem};
use trailwarden::source::{Sources, Span};
use trailwarden::syntax::Trees;
use trailwarden::value::{Cause, Declaration, Lowered, Piece, ProjectId, Step, Truth, Unknown, Value, ValueKind};

const MAINS: [&str; 8] =
    ["template.yaml", "template.json", "template.template", "serverless.yml", "main.template.yaml", "bom.yaml", "crlf.yaml", "utf16.yaml"];

fn unknown(unknown: &Unknown) -> String {
    let causes = |causes: &[Cause]| causes.iter().map(|cause| format!("{:?} {}", cause.kind, cause.name)).collect::<Vec<_>>().join(", ");
    match &unknown.refers_to {
        Some(reference) => format!("<{reference}>"),
        None if unknown.pieces.is_empty() => format!("<{}{}>", causes(&unknown.causes), if unknown.not_null { "" } else { "?" }),
        None => unknown
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Known(text) => text.to_string(),
                Piece::Unknown(inner) => self::unknown(inner),
            })
            .collect::<String>(),
    }
}

fn show(value: &Value) -> String {
    match &value.kind {
        ValueKind::Null(_) => "null".to_owned(),
        ValueKind::Bool(value) => value.to_string(),
        ValueKind::Number(number) => number.to_string(),
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Tuple(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        ValueKind::Object(entries) => {
            format!("{{{}}}", entries.iter().map(|(name, entry)| format!("{name}: {}", show(entry))).collect::<Vec<_>>().join(", "))
        }
        ValueKind::Unknown(inner) => unknown(inner),
        other => format!("{other:?}"),
    }
}

struct Shown<'a> {
    sources: &'a Sources,
    out: String,
}

impl Shown<'_> {
    fn place(&self, span: Span) -> String {
        let (start, _) = self.sources.positions(span);
        let path = &self.sources.get(span.file).path;
        format!("{}:{}:{}", path.file_name().unwrap().to_string_lossy(), start.line, start.column)
    }

    fn origin(value: &Value) -> String {
        let steps: Vec<String> = value
            .origin
            .hops()
            .filter(|(step, _)| !matches!(step, Step::Written))
            .map(|(step, _)| format!("{step:?}").replace("Attribute(Attribute { project: ProjectId(0), address: Address(", "Attribute(("))
            .collect();
        if steps.is_empty() { String::new() } else { format!("  via {}", steps.join(" <- ")) }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        let exists = match declaration.exists {
            Truth::True => String::new(),
            Truth::False => " never".to_owned(),
            Truth::Unknown => {
                format!(" maybe ({})", declaration.exists_causes.iter().map(|cause| &*cause.name).collect::<Vec<_>>().join(", "))
            }
        };
        let alias = declaration.alias.as_ref().map(|alias| format!(" alias {alias}")).unwrap_or_default();
        let provider = if &*declaration.provider == "stack" { String::new() } else { format!(" of {}", declaration.provider) };
        let place = self.place(declaration.span);
        let _ = writeln!(self.out, "{} {}{exists}{alias}{provider} at {place}", declaration.address, declaration.type_name);
        for (name, attribute) in &declaration.attributes {
            let _ = writeln!(self.out, "    {name}: {}{}", show(&attribute.value), Self::origin(&attribute.value));
        }
        if !declaration.unlisted.is_empty() {
            let causes: Vec<&str> = declaration.unlisted.iter().map(|cause| &*cause.name).collect();
            let _ = writeln!(self.out, "    and maybe more: {}", causes.join(", "));
        }
    }

    fn diagnostic(&mut self, diagnostic: &Diagnostic) {
        let place = match &diagnostic.place {
            Some(Place::Span(span)) => self.place(*span),
            Some(Place::Path(path)) => path.file_name().unwrap().to_string_lossy().into_owned(),
            None => String::new(),
        };
        let level = match diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let _ = writeln!(self.out, "{level} {} at {place}: {}", diagnostic.code, diagnostic.message);
    }

    fn lowered(&mut self, lowered: &Lowered) {
        lowered.declarations.iter().for_each(|declaration| self.declaration(declaration));
        for export in &lowered.exports {
            let _ = writeln!(self.out, "export {} = {}", show(&export.name), show(&export.value));
        }
        lowered.diagnostics.iter().for_each(|diagnostic| self.diagnostic(diagnostic));
    }
}

fn inputs(json: &Json) -> Inputs {
    let texts = |key: &str| {
        json.get(key)
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
    };
    Inputs {
        parameters: texts("parameters").collect(),
        parameter_files: texts("parameter_files").map(|(_, file)| file.into()).collect(),
        facts: json.get("facts").map(|facts| serde_json::from_value(facts.clone()).unwrap()).unwrap_or_default(),
        assignments: texts("assignments").map(|(name, text)| (Arc::from(name), Value::string(text))).collect(),
        open_defaults: json.get("open_defaults").is_some(),
        ..Inputs::default()
    }
}

fn lower(folder: &Path) -> String {
    let disk = Disk::new(folder, folder).unwrap();
    let json: Json = disk.read(Path::new("inputs.json")).map_or(Json::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
    let (inputs, sources, trees, demand) = (inputs(&json), Sources::default(), Trees::default(), Demand::default());
    let context = Context { fs: &disk, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let main =
        MAINS.iter().find(|main| disk.kind(Path::new(main)).is_some()).unwrap_or_else(|| panic!("{} has no template", folder.display()));
    let path = disk.resolve(Path::new(main)).unwrap();
    let project = Project { id: ProjectId(0), kind: ProjectKind::CloudFormation, path: path.clone(), label: (*main).into() };
    let mut shown = Shown { sources: &sources, out: String::new() };
    let (file, _) = context.load(&path);
    let sniffed =
        cloudformation::sniff(&sources.get(file.unwrap()).text, Path::new(main).extension().is_some_and(|extension| extension == "json"));
    if sniffed != Sniff::Template {
        let _ = writeln!(shown.out, "{sniffed:?}");
    }
    shown.lowered(&cloudformation::lower(&project, &context));
    for input in json.get("candidates").and_then(Json::as_array).into_iter().flatten() {
        let input = input.as_str().unwrap();
        let values = cloudformation::candidates(&project, &context, input);
        let values = values.map_or("none".to_owned(), |values| values.iter().map(show).collect::<Vec<_>>().join(", "));
        let _ = writeln!(shown.out, "candidates of {input}: {values}");
    }
    shown.out
}

#[expect(clippy::disallowed_methods, reason = "expectations are rewritten on request")]
fn run(root: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let disk = Disk::new(&root, &root).unwrap();
    let folders: Vec<PathBuf> =
        disk.read_dir(Path::new(".")).unwrap().into_iter().map(|entry| root.join(entry.path.file_name().unwrap())).collect();
    let update = std::env::var("UPDATE_EXPECT").is_ok();
    let mut problems = Vec::new();
    for folder in &folders {
        let got = lower(folder);
        let expected = Disk::new(folder, folder).unwrap().read(Path::new("expected.txt")).unwrap_or_default();
        let expected = String::from_utf8(expected).unwrap();
        if got == expected {
            continue;
        }
        if update {
            std::fs::write(folder.join("expected.txt"), &got).unwrap();
        } else {
            problems.push(format!("{}:\n--- expected\n{expected}--- got\n{got}", folder.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    folders.len()
}

#[test]
fn templates_lower_as_expected() {
    assert!(run("testdata/cloudformation") > 40);
}
