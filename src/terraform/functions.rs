//! Terraform's functions: what each takes and gives, and the call.
//!
//! What is the same for every function is done once, as Terraform's `cty` does it: the number of arguments, their conversion, null,
//! short circuits for unknown arguments, marks. A function is a row in a table of its family: parameters, result type, and the work.
//!
//! Functions that need their arguments unevaluated are the evaluator's: `try`, `can`, and the rule that `templatestring` takes only a plain
//! reference. `names` lists them all the same. OpenTofu's own functions are in the table, too.

mod base64;
mod call;
mod charset;
mod conversions;
mod csv;
mod files;
mod format;
mod glob;
mod hashes;
mod json;
mod mappings;
mod network;
mod numbers;
mod pattern;
mod provider;
mod queries;
mod rsa;
mod sequences;
mod sets;
mod spec;
mod strings;
mod templates;
mod time;
mod timestamp;
mod tofu;
mod verb;
mod yaml_decode;
mod yaml_encode;

use crate::table::IndexMap;
use crate::value::Value;
use spec::Function;

use std::sync::LazyLock;

pub use call::call;

/// Why a call failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FunctionError {
    /// The argument at fault, counted from 0, if one is.
    pub argument: Option<usize>,
    /// The parameter that the argument was given for.
    pub parameter: Option<&'static str>,
    /// What is wrong, in Terraform's words; a whole sentence where `argument` is `None` and the call was not even made (`arity`).
    pub message: String,
    /// Whether the number of arguments was wrong, or the function does not exist: nothing was called.
    pub uncalled: bool,
}

impl FunctionError {
    /// The function itself failed.
    pub fn new(message: impl Into<String>) -> Self {
        Self { argument: None, parameter: None, message: message.into(), uncalled: false }
    }

    /// An argument is at fault.
    pub fn argument(index: usize, message: impl Into<String>) -> Self {
        Self { argument: Some(index), ..Self::new(message) }
    }

    /// Nothing was called.
    fn uncalled(message: String) -> Self {
        Self { uncalled: true, ..Self::new(message) }
    }

    /// The whole message, as Terraform composes it.
    pub fn describe(&self, function: &str) -> String {
        match self.parameter {
            _ if self.uncalled => self.message.clone(),
            Some(parameter) => format!("invalid value for `{parameter}` parameter: {}", self.message),
            None => format!("call to function `{function}` failed: {}", self.message),
        }
    }
}

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileProblem {
    /// Nothing is there: Terraform would refuse it too.
    NotFound,
    /// It lies outside of what may be read, or cannot be read here: what it holds is unknown.
    OutOfReach(String),
    /// There is something, but no regular file.
    NotAFile,
}

/// What functions need from the module that calls them.
pub trait Environment {
    /// The bytes of a file; the path is as the module wrote it, relative to the root module's directory.
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, FileProblem>;

    /// Every regular file below a directory, relative to it, with `/`.
    fn list_files(&mut self, directory: &str) -> Result<Vec<String>, FileProblem>;

    /// The text as a template with these variables; `name` is the file's, for messages.
    fn render_template(&mut self, text: &str, name: &str, variables: &Value) -> Result<Value, String>;

    /// The absolute path of the root module's directory (`path.cwd`), if the run knows it.
    fn working_directory(&self) -> Option<String>;

    /// The values of a variable file's text (`name = expression`, constants only) as an object; `None` where nobody can read such a text.
    fn read_assignments(&mut self, text: &str) -> Option<Result<Value, String>> {
        let _ = text;
        None
    }
}

/// Functions that the evaluator handles, because they take expressions, not values.
const EVALUATORS: [&str; 3] = ["can", "convert", "try"];

static TABLE: LazyLock<IndexMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let families = [
        base64::FUNCTIONS,
        charset::FUNCTIONS,
        conversions::FUNCTIONS,
        csv::FUNCTIONS,
        files::FUNCTIONS,
        format::FUNCTIONS,
        hashes::FUNCTIONS,
        json::FUNCTIONS,
        mappings::FUNCTIONS,
        network::FUNCTIONS,
        numbers::FUNCTIONS,
        pattern::FUNCTIONS,
        provider::FUNCTIONS,
        queries::FUNCTIONS,
        sequences::FUNCTIONS,
        sets::FUNCTIONS,
        strings::FUNCTIONS,
        templates::FUNCTIONS,
        time::FUNCTIONS,
        tofu::FUNCTIONS,
        yaml_decode::FUNCTIONS,
        yaml_encode::FUNCTIONS,
    ];
    families.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// Every function's name, sorted; without `core::`, which all but a provider's may carry.
pub fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&'static str> = TABLE.keys().copied().chain(EVALUATORS).collect();
    names.sort_unstable();
    names.into_iter()
}

/// Whether there is a function of this name, which carries no `core::`.
pub fn is_known(name: &str) -> bool {
    TABLE.contains_key(name) || EVALUATORS.contains(&name)
}

/// The row of a function; `core::upper` is `upper`.
fn find(name: &str) -> Option<&'static Function> {
    let bare = name.strip_prefix("core::").unwrap_or(name);
    TABLE.get(bare).copied()
}

#[cfg(test)]
mod tests;
