//! Holds the Terraform frontend against what terraform 1.11.4 planned: `testdata/conformance/modules`, whose README has the rules of comparison.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};
use trailwarden::project::{Context, Demand, Facts, Inputs, VariableOption};
use trailwarden::source::Sources;
use trailwarden::source::fs::{Disk, FileSystem};
use trailwarden::syntax::Trees;
use trailwarden::terraform;

struct Vector {
    name: String,
    input: PathBuf,
    expected: Json,
}

fn vectors() -> Vec<Vector> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/conformance/modules");
    let disk = Disk::new(&root, &root).unwrap();
    let file_name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let folders = disk.read_dir(Path::new(".")).unwrap().into_iter().map(|entry| file_name(&entry.path));
    folders
        .filter_map(|name| {
            let bytes = disk.read(&Path::new(&name).join("expected.json")).ok()?;
            Some(Vector { input: root.join(&name).join("input"), expected: serde_json::from_slice(&bytes).unwrap(), name })
        })
        .collect()
}

impl Vector {
    fn dump(&self) -> Json {
        let disk = Disk::new(&self.input, &self.input).unwrap();
        let inputs = Inputs {
            variables: strings(&self.expected["args"]).iter().map(|option| variable(option)).collect(),
            environment: self.expected["env"].as_object().into_iter().flatten().filter_map(environment).collect(),
            workspace: self.expected["env"]["TF_WORKSPACE"].as_str().map(str::to_owned),
            facts: facts(&self.name),
            ..Inputs::default()
        };
        let context =
            Context { fs: &disk, sources: &Sources::default(), trees: &Trees::default(), inputs: &inputs, demand: &Demand::default() };
        serde_json::from_str(&terraform::dump(&disk.resolve(Path::new(".")).unwrap(), &context)).unwrap()
    }

    fn problems(&self) -> Vec<String> {
        let got = self.dump();
        if self.expected.get("error").is_some() {
            let refused = got["errors"].as_array().is_some_and(|errors| !errors.is_empty());
            return if refused { Vec::new() } else { vec!["terraform refuses this module".into()] };
        }
        let mut problems = Vec::new();
        for (name, wanted) in self.expected["outputs"].as_object().unwrap() {
            let has = &got["outputs"][name];
            let problem = difference(Strictness::Exact, (&wanted["value"], &wanted["unknown"]), (&has["value"], &has["unknown"]));
            problems.extend(problem.map(|problem| format!("output {name}: {problem}")));
        }
        let managed = |resources: &Json, is_managed: &dyn Fn(&str, &Json) -> bool| -> Map<String, Json> {
            resources
                .as_object()
                .unwrap()
                .iter()
                .filter(|(address, resource)| is_managed(address, resource))
                .map(|(a, r)| (a.clone(), r.clone()))
                .collect()
        };
        let wanted = managed(&self.expected["resources"], &|_, resource| resource["mode"] == "managed");
        let has = managed(&got["resources"], &|address, _| !format!(".{address}").contains(".data."));
        problems.extend(wanted.keys().filter(|address| !has.contains_key(*address)).map(|address| format!("{address} is missing")));
        problems.extend(has.keys().filter(|address| !wanted.contains_key(*address)).map(|address| format!("{address} is not in the plan")));
        for (address, wanted) in &wanted {
            let Some(has) = has.get(address) else { continue };
            let keys = |of: &Json| of.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
            let known: Vec<String> = keys(&wanted["values"]).into_iter().chain(keys(&wanted["unknown"])).collect();
            let mut own: Vec<String> =
                keys(&has["values"]).into_iter().chain(keys(&has["unknown"])).filter(|key| known.contains(key)).collect();
            own.sort();
            own.dedup();
            for key in own {
                let wanted = (&wanted["values"][&key], at(&wanted["unknown"], &key));
                let has = (&has["values"][&key], at(&has["unknown"], &key));
                problems.extend(difference(Strictness::Loose, wanted, has).map(|problem| format!("{address}.{key}: {problem}")));
            }
        }
        problems
    }
}

/// What only the simulated provider's answers say, stated as facts.
fn facts(name: &str) -> Facts {
    match name {
        "aws-cloudtrail-basic" => Facts { account: Some("123456789012".into()), ..Facts::default() },
        "aws-data-source-deferred" => Facts {
            data: [("data.aws_s3_bucket.by_known.arn".to_owned(), json!("arn:aws:s3:::sim"))].into_iter().collect(),
            ..Facts::default()
        },
        _ => Facts::default(),
    }
}

fn strings(of: &Json) -> Vec<String> {
    of.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn variable(option: &str) -> VariableOption {
    if let Some(path) = option.strip_prefix("-var-file=") {
        return VariableOption::File(PathBuf::from(path));
    }
    let (name, text) = option.strip_prefix("-var=").and_then(|pair| pair.split_once('=')).unwrap();
    VariableOption::Value(name.into(), text.into())
}

fn environment((name, text): (&String, &Json)) -> Option<(String, String)> {
    Some((name.strip_prefix("TF_VAR_")?.to_owned(), text.as_str()?.to_owned()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Exact,
    Loose,
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::Null) || value == &json!("") || value == &json!([]) || value == &json!({})
}

/// The part of an unknown tree.
fn at<'t>(tree: &'t Json, key: &str) -> &'t Json {
    match tree {
        Json::Bool(true) => tree,
        _ => &tree[key],
    }
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is wrong with a value and its unknown parts.
fn difference(strictness: Strictness, (wanted, wanted_unknown): (&Json, &Json), (has, has_unknown): (&Json, &Json)) -> Option<String> {
    let is_unknown = |tree: &Json| tree == &Json::Bool(true);
    if is_unknown(wanted_unknown) {
        let fine = is_unknown(has_unknown) || (strictness == Strictness::Loose && is_empty(has));
        return (!fine).then(|| format!("terraform does not know it, we say {has}"));
    }
    if is_unknown(has_unknown) {
        return Some(format!("wanted {wanted}, got something unknown"));
    }
    if strictness == Strictness::Loose && is_empty(wanted) && is_empty(has) {
        return None;
    }
    match (wanted, has) {
        (Json::Object(a), Json::Object(b)) => {
            let trees =
                [wanted_unknown, has_unknown].into_iter().filter_map(Json::as_object).flatten().filter(|(_, tree)| tree != &&json!(false));
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).chain(trees.map(|(key, _)| key)).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| {
                difference(strictness, (&wanted[key], at(wanted_unknown, key)), (&has[key], at(has_unknown, key)))
                    .map(|problem| format!("{key}: {problem}"))
            })
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => a.iter().zip(b).enumerate().find_map(|(index, (a, b))| {
            let part = |tree: &'_ Json| if is_unknown(tree) { json!(true) } else { tree[index].clone() };
            difference(strictness, (a, &part(wanted_unknown)), (b, &part(has_unknown))).map(|problem| format!("{index}: {problem}"))
        }),
        (Json::Object(_) | Json::Array(_), _) | (_, Json::Object(_) | Json::Array(_)) => Some(format!("wanted {wanted}, got {has}")),
        (Json::Number(a), Json::Number(b)) => (a.as_f64() != b.as_f64()).then(|| format!("wanted {wanted}, got {has}")),
        _ if strictness == Strictness::Loose => (text(wanted) != text(has)).then(|| format!("wanted {wanted}, got {has}")),
        _ => (wanted != has).then(|| format!("wanted {wanted}, got {has}")),
    }
}

#[test]
fn modules_are_planned_as_terraform_plans_them() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 95);
    let problems: Vec<String> =
        vectors.iter().flat_map(|vector| vector.problems().into_iter().map(|problem| format!("{}: {problem}", vector.name))).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
