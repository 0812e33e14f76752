//! `.terraform/modules/modules.json`: where `terraform init` put the modules that are not local.

use crate::diagnostic::{Diagnostic, Level};
use crate::project::Context;
use crate::source::fs::normalize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The directories of downloaded modules, by the path of call names: `a.b`.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    dirs: BTreeMap<String, PathBuf>,
}

#[derive(serde::Deserialize)]
struct Document {
    #[serde(rename = "Modules", default)]
    modules: Vec<Record>,
}

#[derive(serde::Deserialize)]
struct Record {
    #[serde(rename = "Key", default)]
    key: String,
    #[serde(rename = "Dir", default)]
    dir: String,
}

impl Manifest {
    /// Reads the manifest of a root module, if there is one.
    pub fn load(context: &Context<'_>, root: &Path, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let path = root.join(".terraform/modules/modules.json");
        let Ok(bytes) = context.fs.read(&path) else { return Self::default() };
        match serde_json::from_slice::<Document>(&bytes) {
            Ok(document) => {
                let usable = document.modules.into_iter().filter(|record| !record.key.is_empty());
                Self { dirs: usable.map(|record| (record.key, normalize(&root.join(record.dir)))).collect() }
            }
            Err(error) => {
                diagnostics.push(Diagnostic::at_path(
                    Level::Warning,
                    "module-manifest",
                    path,
                    format!("cannot read the module manifest: {error}"),
                ));
                Self::default()
            }
        }
    }

    /// Where the module of these call names lies.
    pub fn dir(&self, key: &str) -> Option<&Path> {
        self.dirs.get(key).map(PathBuf::as_path)
    }
}
