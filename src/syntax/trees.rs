//! The trees of one run: each file is parsed once, however many projects read it.

use super::hcl::{self, Body};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

/// A parsed HCL file.
#[derive(Debug)]
pub struct HclFile {
    /// Its tree.
    pub body: Body,
    /// What was wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parsed files by handle, shared between threads.
#[derive(Debug, Default)]
pub struct Trees {
    hcl: Mutex<BTreeMap<FileId, Arc<OnceLock<Arc<HclFile>>>>>,
}

impl Trees {
    /// The HCL tree of a file (JSON syntax by its name, `.json`), parsed by the first thread that asks.
    pub fn hcl(&self, sources: &Sources, file: FileId) -> Arc<HclFile> {
        let slot = {
            let mut hcl = self.hcl.lock().expect("no thread panics while it holds this lock");
            Arc::clone(hcl.entry(file).or_default())
        };
        Arc::clone(slot.get_or_init(|| {
            let source = sources.get(file);
            let json = source.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            let (body, diagnostics) = if json { hcl::parse_json(&source.text, file) } else { hcl::parse(&source.text, file) };
            Arc::new(HclFile { body, diagnostics })
        }))
    }
}
