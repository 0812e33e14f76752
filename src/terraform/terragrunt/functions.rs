//! Terragrunt's own functions, as far as files and names answer them. `run_cmd` and its like are never run: they are unknown.

use crate::source::fs::{EntryKind, normalize};
use crate::source::{Span, label};
use crate::terraform::eval::Evaluated;
use crate::terraform::failure::Failure;
use crate::terraform::scope::FunctionHost;
use crate::terraform::terragrunt::{FILE, Reader};
use crate::value::{Cause, CauseKind, Type, Unknown, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Directories above a unit that are looked into.
const MAX_PARENTS: usize = 100;

/// The functions, for expressions of a configuration file in `home`.
pub struct Host<'h, 'r, 'e> {
    /// The unit's reader.
    pub reader: &'h Reader<'r, 'e>,
    /// The file's own directory.
    pub home: &'h Path,
}

impl FunctionHost for Host<'_, '_, '_> {
    fn call(&self, name: &str, arguments: &[Value], span: Span) -> Option<Evaluated> {
        let text = |index: usize| arguments.get(index).and_then(Value::as_str);
        let unknown =
            |kind: CauseKind| Some(Ok(Unknown::new(Type::Dynamic, vec![Cause::new(kind, format!("{name}()"), Some(span))]).into()));
        let path = |path: PathBuf| Some(Ok(Value::string(self.relative(&path))));
        match name {
            "find_in_parent_folders" => Some(self.find_in_parents(text(0), arguments.get(1), span)),
            "get_terragrunt_dir" | "get_original_terragrunt_dir" => path(self.reader.dir.to_owned()),
            "get_parent_terragrunt_dir" => path(self.home.to_owned()),
            "get_repo_root" | "get_path_to_repo_root" => path(self.reader.engine.context.fs.root().to_owned()),
            "get_path_from_repo_root" => Some(Ok(Value::string(between(self.reader.engine.context.fs.root(), self.reader.dir)))),
            "path_relative_to_include" => Some(Ok(Value::string(between(self.home, self.reader.dir)))),
            "path_relative_from_include" => Some(Ok(Value::string(between(self.reader.dir, self.home)))),
            "get_env" => match arguments.get(1) {
                Some(default) => Some(Ok(default.clone())),
                None => unknown(CauseKind::Environment),
            },
            "read_terragrunt_config" => Some(self.read(text(0)?, arguments.get(1), span)),
            "get_aws_account_id" => match &self.reader.engine.context.inputs.facts.account {
                Some(account) => Some(Ok(Value::string(account.as_str()))),
                None => unknown(CauseKind::Environment),
            },
            "run_cmd"
            | "sops_decrypt_file"
            | "get_aws_caller_identity_arn"
            | "get_aws_caller_identity_user_id"
            | "get_aws_account_alias"
            | "get_platform"
            | "get_terraform_command"
            | "get_terraform_cli_args"
            | "get_terragrunt_source_cli_flag"
            | "get_default_retryable_errors"
            | "get_working_dir" => unknown(CauseKind::Impure),
            "get_terraform_commands_that_need_vars"
            | "get_terraform_commands_that_need_input"
            | "get_terraform_commands_that_need_locking"
            | "get_terraform_commands_that_need_parallelism" => unknown(CauseKind::Unsupported),
            _ => None,
        }
    }
}

impl Host<'_, '_, '_> {
    /// A path relative to the unit's directory.
    fn relative(&self, path: &Path) -> String {
        between(self.reader.dir, path)
    }

    fn find_in_parents(&self, name: Option<&str>, fallback: Option<&Value>, span: Span) -> Evaluated {
        let fs = self.reader.engine.context.fs;
        let names: Vec<&str> = name.map_or_else(|| vec!["root.hcl", FILE], |name| vec![name]);
        let mut dir = self.reader.dir.to_owned();
        for _ in 0..MAX_PARENTS {
            let above = normalize(&dir.join(".."));
            if above == dir || fs.resolve(&above).is_err() {
                break;
            }
            dir = above;
            for name in &names {
                let candidate = dir.join(name);
                if fs.kind(&candidate).is_some() {
                    return Ok(Value::string(self.relative(&candidate)));
                }
            }
        }
        match fallback {
            Some(fallback) => Ok(fallback.clone()),
            None => Err(Failure::new(span, format!("no `{}` in any of the parent folders", names.join("` or `")))),
        }
    }

    fn read(&self, path: &str, fallback: Option<&Value>, span: Span) -> Evaluated {
        let path = normalize(&self.reader.dir.join(path));
        if self.reader.engine.context.fs.kind(&path) != Some(EntryKind::File) {
            return fallback.cloned().ok_or_else(|| Failure::new(span, "there is no such Terragrunt configuration"));
        }
        let home = path.parent().unwrap_or(self.home).to_owned();
        let Some(configuration) = self.reader.file(&path, &home) else {
            return Ok(Unknown::new(Type::Dynamic, vec![Cause::new(CauseKind::File, path.display().to_string(), Some(span))]).into());
        };
        let parts = [("locals", configuration.locals), ("inputs", configuration.inputs), ("dependency", configuration.dependency)];
        Ok(Value::object(parts.into_iter().map(|(name, entries)| (Arc::from(name), Value::object(entries))).collect()))
    }
}

/// The way from one directory to another path, with `/`; `.` for the same.
fn between(from: &Path, to: &Path) -> String {
    label(&normalize(to), &normalize(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_up_and_down() {
        assert_eq!(between(Path::new("live/prod/trail"), Path::new("live/root.hcl")), "../../root.hcl");
        assert_eq!(between(Path::new("a"), Path::new("a")), ".");
        assert_eq!(between(Path::new("live"), Path::new("live/prod")), "prod");
    }
}
