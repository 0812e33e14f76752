//! Lists the data files that are embedded (rules, catalog, module summaries), so that a new one is a new file and nothing else.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[allow(clippy::disallowed_methods, reason = "a build script reads the package's own folders")]
fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let lists = [
        ("catalog.rs", "CATALOG", "src/catalog/aws"),
        ("modules.rs", "MODULES", "src/catalog/modules"),
        ("rules.rs", "RULES", "rules/aws"),
    ];
    for (target, name, folder) in lists {
        println!("cargo::rerun-if-changed={folder}");
        let mut files: Vec<String> = fs::read_dir(Path::new(&root).join(folder))
            .expect("the folder is part of the package")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|file| Path::new(file).extension().is_some_and(|extension| extension == "yaml"))
            .collect();
        files.sort();
        let mut text = format!("/// Name and text of every file of `{folder}`.\npub static {name}: &[(&str, &str)] = &[\n");
        for file in files {
            writeln!(text, "    (\"{folder}/{file}\", include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{folder}/{file}\"))),")
                .expect("writing to a string cannot fail");
        }
        text.push_str("];\n");
        fs::write(Path::new(&out).join(target), text).expect("the output folder is writable");
    }
}
