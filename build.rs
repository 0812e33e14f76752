//! Embeds the data files (rules, frameworks, catalog, module summaries), so that a new one is a new file and nothing else. They are embedded as JSON:
//! every run pays for reading them. A rule's own text is embedded besides, for its examples, which few runs read.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// What is embedded of each file.
#[derive(Clone, Copy, PartialEq)]
enum Embedded {
    /// Its content.
    Content,
    /// Its content without examples, and its text.
    ContentAndText,
}

#[allow(clippy::disallowed_methods, reason = "a build script reads the package's own folders")]
fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let lists = [
        ("catalog.rs", "CATALOG", "src/catalog/aws", Embedded::Content),
        ("modules.rs", "MODULES", "src/catalog/modules", Embedded::Content),
        ("rules.rs", "RULES", "rules/aws", Embedded::ContentAndText),
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
        let of_each = if embedded == Embedded::Content { "&str, &str" } else { "&str, &str, &str" };
        let what =
            if embedded == Embedded::Content { "Name and content, as JSON," } else { "Name, content without examples, as JSON, and text" };
        let mut text = format!("/// {what} of every file of `{folder}`.\npub static {name}: &[({of_each})] = &[\n");
        for file in files {
            let yaml = fs::read_to_string(Path::new(&root).join(folder).join(&file)).expect("the file is part of the package");
            write!(text, "    (\"{folder}/{file}\", {:?}", json(&file, &yaml)).expect("writing to a string cannot fail");
            if embedded == Embedded::ContentAndText {
                write!(text, ", include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/{file}\"))")
                    .expect("writing to a string cannot fail");
            }
            text.push_str("),\n");
        }
        text.push_str("];\n");
        fs::write(Path::new(&out).join(target), text).expect("the output folder is writable");
    }
}

fn json(file: &str, yaml: &str) -> String {
    let mut content: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{file}: {error}"));
    if let Some(fields) = content.as_mapping_mut() {
        fields.remove("examples");
    }
    serde_json::to_string(&content).unwrap_or_else(|error| panic!("{file}: {error}"))
}
