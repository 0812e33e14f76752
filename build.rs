//! Embeds the data files (rules, frameworks, catalog, module summaries), so that a new one is a new file and nothing else. They are embedded as JSON:
//! every run pays for reading them. A rule's own text is embedded besides, for its examples, which few runs read.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// What is embedded of each file.
#[derive(Clone, Copy)]
enum Embedded {
    /// Its content.
    Content,
    /// The kinds that a rule is about, its content without examples, and its text.
    Rule,
}

#[allow(clippy::disallowed_methods, reason = "a build script reads the package's own folders")]
fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let lists = [
        ("catalog.rs", "CATALOG", "src/catalog/aws", Embedded::Content),
        ("modules.rs", "MODULES", "src/catalog/modules", Embedded::Content),
        ("rules.rs", "RULES", "rules/aws", Embedded::Rule),
        ("frameworks.rs", "FRAMEWORKS", "rules/frameworks", Embedded::Content),
    ];
    for (target, name, folder, embedded) in lists {
        println!("cargo::rerun-if-changed={folder}");
        let mut files: Vec<String> = fs::read_dir(Path::new(&root).join(folder))
            .expect("the folder is part of the package")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|file| Path::new(file).extension().is_some_and(|extension| extension == "yaml"))
            .collect();
        files.sort();
        let (of_each, what) = match embedded {
            Embedded::Content => ("&str, &str", "Name and content, as JSON,"),
            Embedded::Rule => ("&str, &[&str], &str, &str", "Name, kinds that it is about, content without examples, as JSON, and text"),
        };
        let mut text = format!("/// {what} of every file of `{folder}`.\npub static {name}: &[({of_each})] = &[\n");
        for file in files {
            let yaml = fs::read_to_string(Path::new(&root).join(folder).join(&file)).expect("the file is part of the package");
            let content = content(&file, &yaml);
            let json = serde_json::to_string(&content).unwrap_or_else(|error| panic!("{file}: {error}"));
            match embedded {
                Embedded::Content => writeln!(text, "    (\"{folder}/{file}\", {json:?}),"),
                Embedded::Rule => {
                    let whole = format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/{file}\"))");
                    writeln!(text, "    (\"{folder}/{file}\", &{:?}, {json:?}, {whole}),", subjects(&content))
                }
            }
            .expect("writing to a string cannot fail");
        }
        text.push_str("];\n");
        fs::write(Path::new(&out).join(target), text).expect("the output folder is writable");
    }
}

fn content(file: &str, yaml: &str) -> serde_yaml::Value {
    let mut content: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{file}: {error}"));
    if let Some(fields) = content.as_mapping_mut() {
        fields.remove("examples");
    }
    content
}

/// The kinds that a rule is about, the first one first. Whether they are kinds is for a test.
fn subjects(rule: &serde_yaml::Value) -> Vec<&str> {
    let also = &rule["also_subject"];
    let also = also.as_sequence().map_or_else(|| std::slice::from_ref(also), Vec::as_slice);
    std::iter::once(&rule["subject"]).chain(also).filter_map(serde_yaml::Value::as_str).collect()
}
