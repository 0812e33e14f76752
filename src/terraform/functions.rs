//! Terraform's functions: the table of what each takes, and the call.
//!
//! Functions that need their arguments unevaluated (`try`, `can`, `templatestring`'s rule for its first argument, `type`) are the evaluator's:
//! `names` lists them, `call` refuses them.

use crate::value::{Type, Unknown, Value};

/// Why a call failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FunctionError {
    /// The argument at fault, counted from 0, if one is.
    pub argument: Option<usize>,
    /// What is wrong, in Terraform's words.
    pub message: String,
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
}

/// Calls a function. `name` may carry a namespace: `core::upper`, `provider::terraform::encode_tfvars`.
pub fn call(name: &str, arguments: Vec<Value>, environment: &mut dyn Environment) -> Result<Value, FunctionError> {
    let _ = (name, environment);
    let causes = arguments.iter().flat_map(Value::causes).collect();
    Ok(Unknown::new(Type::Dynamic, causes).into())
}

/// Every function's name, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}
