//! Where a Terraform state is kept, in one normal form, so that a reader of a state finds the project that writes it.

use crate::source::fs::normalize;
use crate::terraform::engine::Engine;
use crate::terraform::instance::Instance;
use crate::terraform::scope::Scope;
use crate::value::{Entries, Value};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

impl Engine<'_> {
    /// The state of this project, as its `backend` block says; without one, the local file.
    pub fn state(&self, root: &Rc<Instance>) -> Option<Arc<str>> {
        let Some((file, block)) = root.module.settings.iter().find_map(|object| object.blocks("backend").into_iter().next()) else {
            return Engine::normal("local", &Entries::new(), &self.root);
        };
        let kind = block.labels.first()?;
        let mut entries = Entries::new();
        for attribute in &block.body.attributes {
            let value = self.settle(self.eval(&attribute.value, &Scope::of(root, file)));
            entries.insert(Arc::clone(&attribute.name.name), value);
        }
        Engine::normal(&kind.name, &entries, &self.root)
    }

    /// The normal form of a backend's configuration; `None` where what names the state is not known.
    pub fn normal(kind: &str, configuration: &Entries, dir: &Path) -> Option<Arc<str>> {
        let text = |name: &str| configuration.get(name).and_then(Value::as_str);
        let form = match kind {
            "s3" => format!("s3://{}/{}", text("bucket")?, text("key")?.trim_start_matches('/')),
            "gcs" => format!("gcs://{}/{}", text("bucket")?, text("prefix").unwrap_or_default()),
            "azurerm" => format!("azurerm://{}/{}/{}", text("storage_account_name")?, text("container_name")?, text("key")?),
            "local" => {
                let path = match configuration.get("path") {
                    None => "terraform.tfstate",
                    Some(value) => value.as_str()?,
                };
                format!("local:{}", normalize(&dir.join(path)).display())
            }
            "remote" | "cloud" => {
                let workspace = configuration
                    .get("workspaces")
                    .and_then(|value| value.get("name").or_else(|| value.as_items()?.first()?.get("name")))
                    .and_then(Value::as_str)?;
                format!("remote://{}/{}/{workspace}", text("hostname").unwrap_or("app.terraform.io"), text("organization")?)
            }
            "http" => format!("http:{}", text("address")?),
            _ => return None,
        };
        Some(form.into())
    }
}
