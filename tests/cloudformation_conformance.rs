//! Holds the CloudFormation frontend against what emulators answered: `testdata/conformance/cfn`, whose README has the rules of comparison.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use trailwarden::cloudformation;
use trailwarden::project::{Context, Demand, Facts, Inputs, Project, ProjectKind};
use trailwarden::source::Sources;
use trailwarden::source::fs::{Disk, FileSystem};
use trailwarden::syntax::Trees;
use trailwarden::value::{Declaration, Lowered, ProjectId, Truth, Value};

/// Vectors whose expectation contradicts the documentation, with what is right.
const MISTAKEN: [&str; 1] = ["findinmap-default-langext"];

struct Vector {
    name: String,
    folder: PathBuf,
    expected: Json,
}

fn vectors() -> Vec<Vector> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/conformance/cfn");
    let disk = Disk::new(&root, &root).unwrap();
    let entries = disk.read_dir(Path::new(".")).unwrap();
    let names: Vec<String> = entries.iter().map(|entry| entry.path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let bytes = disk.read(&Path::new(&name).join("expected.json")).ok()?;
            Some(Vector { folder: root.join(&name).join("input"), expected: serde_json::from_slice(&bytes).unwrap(), name })
        })
        .collect()
}

impl Vector {
    fn inputs(&self) -> Inputs {
        let keys = ["region", "account", "stack_name", "exports", "ssm"];
        let facts: Map<String, Json> = keys.iter().map(|key| ((*key).to_owned(), self.expected[*key].clone())).collect();
        Inputs { facts: serde_json::from_value::<Facts>(Json::Object(facts)).unwrap(), ..Inputs::default() }
    }

    fn with<T>(&self, inputs: &Inputs, work: impl FnOnce(&Project, &Context<'_>) -> T) -> T {
        let disk = Disk::new(&self.folder, &self.folder).unwrap();
        let context = Context { fs: &disk, sources: &Sources::default(), trees: &Trees::default(), inputs, demand: &Demand::default() };
        let main = self.expected["main"].as_str().unwrap();
        let path = disk.resolve(Path::new(main)).unwrap();
        work(&Project { id: ProjectId(0), kind: ProjectKind::CloudFormation, path, label: main.into() }, &context)
    }

    fn dump(&self, inputs: &Inputs) -> Json {
        self.with(inputs, |project, context| cloudformation::dump(&project.path, context))
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::Null) || value == &json!("") || value == &json!([]) || value == &json!({})
}

/// What is wrong with a value, as a path and two values; nothing when it is as wanted.
fn difference(wanted: &Json, got: &Json, unknown: &Json) -> Option<String> {
    let placeholder = |text: &str| text.contains("{{") || text == "unknown";
    if wanted.as_str().is_some_and(placeholder) {
        return None;
    }
    if unknown == &Json::Bool(true) {
        return Some(format!("wanted {wanted}, got something unknown"));
    }
    match (wanted, got) {
        (wanted, got) if is_empty(wanted) && is_empty(got) => None,
        (Json::Object(wanted), Json::Object(got)) => {
            let keys = wanted.keys().chain(got.keys().filter(|key| !wanted.contains_key(*key)));
            let no = Json::Null;
            keys.into_iter()
                .chain(
                    unknown.as_object().into_iter().flat_map(Map::keys).filter(|key| !wanted.contains_key(*key) && !got.contains_key(*key)),
                )
                .find_map(|key| {
                    let of = |map: &'_ Map<String, Json>| map.get(key).unwrap_or(&no).clone();
                    difference(&of(wanted), &of(got), &unknown[key]).map(|problem| format!("{key}: {problem}"))
                })
        }
        (Json::Array(wanted), Json::Array(got)) if wanted.len() == got.len() => wanted
            .iter()
            .zip(got)
            .enumerate()
            .find_map(|(at, (wanted, got))| difference(wanted, got, &unknown[at]).map(|problem| format!("{at}: {problem}"))),
        (Json::Object(_) | Json::Array(_), _) | (_, Json::Object(_) | Json::Array(_)) => Some(format!("wanted {wanted}, got {got}")),
        (wanted, got) => (text(wanted) != text(got)).then(|| format!("wanted {wanted}, got {got}")),
    }
}

/// What is wrong with a dump.
fn judge(expected: &Json, got: &Json) -> Vec<String> {
    if expected["error"] == Json::Bool(true) {
        let refused = got["errors"].as_array().is_some_and(|errors| !errors.is_empty());
        return if refused { Vec::new() } else { vec!["not refused".to_owned()] };
    }
    let wanted = expected["resources"].as_object().unwrap();
    let there: BTreeMap<&String, &Json> =
        got["resources"].as_object().unwrap().iter().filter(|(_, resource)| resource["exists"] != Json::Bool(false)).collect();
    let mut problems: Vec<String> = Vec::new();
    problems.extend(wanted.keys().filter(|id| !there.contains_key(id)).map(|id| format!("{id} is missing")));
    problems.extend(there.keys().filter(|id| !wanted.contains_key(**id)).map(|id| format!("{id} should not exist")));
    for (id, wanted) in wanted {
        let Some(resource) = there.get(id) else { continue };
        if resource["exists"] != Json::Bool(true) {
            problems.push(format!("{id}: it is not known whether it exists"));
        }
        if let Some(properties) = wanted.get("properties") {
            problems.extend(difference(properties, &resource["properties"], &resource["unknown"]).map(|problem| format!("{id}.{problem}")));
        }
    }
    problems
}

#[test]
fn deployments_are_as_emulators_make_them() {
    let mut problems = Vec::new();
    let mut scored = 0;
    for vector in vectors() {
        for run in vector.expected["runs"].as_array().unwrap() {
            let mut inputs = vector.inputs();
            for (name, value) in run["params"].as_object().unwrap() {
                let text = value.as_array().map_or_else(|| text(value), |items| items.iter().map(text).collect::<Vec<_>>().join(","));
                inputs.parameters.push((name.clone(), text));
            }
            let got = vector.dump(&inputs);
            if matches!(run["status"].as_str(), Some("disputed" | "split")) || run.get("expected").is_none() {
                continue;
            }
            scored += 1;
            let found = judge(&run["expected"], &got);
            if MISTAKEN.contains(&vector.name.as_str()) {
                assert!(!found.is_empty(), "{} agrees now", vector.name);
                continue;
            }
            problems.extend(found.into_iter().map(|problem| format!("{} {}: {problem}", vector.name, run["params"])));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!(scored, 70);
}

fn find<'a>(lowered: &'a Lowered, id: &str) -> Option<&'a Declaration> {
    lowered.declarations.iter().find(|declaration| *declaration.address.0 == *id)
}

/// All assignments of the swept parameters.
fn assignments(parameters: &Map<String, Json>) -> Vec<BTreeMap<Arc<str>, Value>> {
    parameters.iter().fold(vec![BTreeMap::new()], |before, (name, values)| {
        let values = values.as_array().unwrap();
        let with = |assignment: &BTreeMap<Arc<str>, Value>, value: &Json| {
            let mut assignment = assignment.clone();
            assignment.insert(Arc::from(name.as_str()), Value::string(text(value)));
            assignment
        };
        before.iter().flat_map(|assignment| values.iter().map(move |value| with(assignment, value))).collect()
    })
}

#[test]
fn unknown_parameters_leave_open_what_they_decide_and_nothing_else() {
    let mut swept = 0;
    for vector in vectors() {
        let Some(expected) = vector.expected.get("if_swept_parameters_unknown") else { continue };
        let name = &vector.name;
        swept += 1;
        let open = Inputs { open_defaults: true, ..vector.inputs() };
        let lowered = vector.with(&open, cloudformation::lower);
        let parameters = expected["parameters"].as_object().unwrap();
        let each = assignments(parameters);
        let runs: Vec<(Lowered, Json)> = each
            .into_iter()
            .map(|assignments| {
                let inputs = Inputs { assignments, ..vector.inputs() };
                (vector.with(&inputs, cloudformation::lower), vector.dump(&inputs))
            })
            .collect();
        for (id, wanted) in expected["resources"].as_object().unwrap() {
            let always = wanted["exists"] == json!("always");
            let declaration = find(&lowered, id).unwrap_or_else(|| panic!("{name}: {id} is not declared"));
            assert_eq!(declaration.exists, if always { Truth::True } else { Truth::Unknown }, "{name}: {id}");
            let open_inputs = declaration.exists_causes.iter().filter(|cause| parameters.contains_key(&*cause.name)).count();
            assert_eq!(open_inputs > 0, !always, "{name}: {id} names the parameters that decide it");
            let exists = |(lowered, _): &&(Lowered, Json)| find(lowered, id).is_some_and(|declaration| declaration.exists.is_true());
            assert_eq!(runs.iter().filter(exists).count() == runs.len(), always, "{name}: {id}");
            let variants = wanted["property_variants"].as_array().unwrap();
            let made: Vec<&Json> =
                runs.iter().map(|(_, dump)| &dump["resources"][id]).filter(|resource| resource["exists"] == Json::Bool(true)).collect();
            let is = |variant: &Json, resource: &Json| difference(variant, &resource["properties"], &resource["unknown"]).is_none();
            for variant in variants {
                assert!(made.iter().any(|resource| is(variant, resource)), "{name}: nothing makes {id} {variant}");
            }
            for resource in made {
                assert!(variants.iter().any(|variant| is(variant, resource)), "{name}: {id} is made {resource}");
            }
        }
        for input in parameters.keys() {
            let candidates = vector.with(&open, |project, context| cloudformation::candidates(project, context, input));
            assert!(candidates.is_some(), "{name}: {input} has few values");
        }
    }
    assert_eq!(swept, 10);
}
