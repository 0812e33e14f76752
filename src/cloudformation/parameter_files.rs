//! Parameter files: the forms in which tools keep the values of a template's parameters.
//!
//! The AWS CLI's list, the template configuration of CodePipeline and of Git sync, `samconfig.toml`, and the configurations of rain, sceptre and
//! formica. Only plain data counts: what another tool computes (a resolver's tag, a Jinja expression) is unknown, not unset.

use super::expression::Expr;
use super::parameter;
use super::world::World;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{FileId, Span, TextRange};
use crate::value::{Cause, CauseKind, Type, Unknown, Value};
use std::path::Path;
use std::sync::Arc;

/// A parameter's value in a file.
#[derive(Clone, Debug)]
pub struct Given {
    /// The parameter.
    pub name: Arc<str>,
    /// Its value.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// The values in a file that the user named.
pub fn named(world: &World<'_>, path: &Path) -> Vec<Given> {
    match world.read(path) {
        Ok(file) => read(world, file),
        Err(reason) => {
            world.report(Diagnostic::at_path(Level::Error, "unreadable-file", path, format!("the parameter file {reason}")));
            Vec::new()
        }
    }
}

/// The values in files that tools read unasked when they deploy a template: they lie beside it.
pub fn beside(world: &World<'_>, template: FileId) -> Vec<Given> {
    let path = world.context.sources.get(template).path.clone();
    let (Some(directory), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else { return Vec::new() };
    let tool = match name {
        "template.yaml" | "template.yml" | "template.json" => "samconfig.toml",
        _ if name.contains(".template.") => "stack.config.yaml",
        _ => return Vec::new(),
    };
    world.read(&directory.join(tool)).map(|file| read(world, file)).unwrap_or_default()
}

fn read(world: &World<'_>, file: FileId) -> Vec<Given> {
    let source = world.context.sources.get(file);
    if source.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return sam_config(world, file, &source.text);
    }
    let Some(root) = world.root(file) else { return Vec::new() };
    match root.items() {
        Some(items) => items.filter_map(listed).collect(),
        None => match root.get_any(&["Parameters", "parameters"]) {
            Some(parameters) => parameters.pairs().into_iter().flatten().filter_map(|(name, value)| pair(name, value)).collect(),
            None => sam_config_tree(root)
                .unwrap_or_else(|| root.pairs().into_iter().flatten().filter_map(|(name, value)| pair(name, value)).collect()),
        },
    }
}

/// `{"ParameterKey": "A", "ParameterValue": "x"}`, or `"A=x"`.
fn listed(item: Expr<'_>) -> Option<Given> {
    if let Some(text) = item.text() {
        let (name, value) = text.split_once('=')?;
        return Some(Given { name: Arc::from(name.trim()), value: Value::string(value), span: item.span() });
    }
    let name = item.get("ParameterKey").and_then(parameter::text_of)?;
    let value = item.get("ParameterValue");
    let span = value.unwrap_or(item).span();
    let value = value.and_then(plain).unwrap_or_else(|| elsewhere(&name, span));
    Some(Given { name, value, span })
}

fn pair(name: Expr<'_>, value: Expr<'_>) -> Option<Given> {
    let name = parameter::text_of(name)?;
    let span = value.span();
    let value = plain(value).unwrap_or_else(|| elsewhere(&name, span));
    Some(Given { name, value, span })
}

/// Plain data: text or a list of texts, without anything that another tool would replace.
fn plain(value: Expr<'_>) -> Option<Value> {
    let given = parameter::given(value)?;
    let single = std::slice::from_ref(&given);
    let computed = given
        .as_items()
        .unwrap_or(single)
        .iter()
        .any(|item| item.as_str().is_some_and(|text| text.contains("{{") && !text.contains("{{resolve:")));
    (!computed).then_some(given)
}

/// A value that the file does not hold but that is set all the same.
fn elsewhere(name: &str, span: Span) -> Value {
    let cause = Cause::new(CauseKind::Parameter, name, Some(span));
    Unknown::new(Type::Dynamic, vec![cause]).not_null().into()
}

/// `[default.deploy.parameters] parameter_overrides = "A=x B=y"`, or a list of such.
fn sam_config(world: &World<'_>, file: FileId, text: &str) -> Vec<Given> {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let error: toml::de::Error = error;
            let range = error.span().map_or(TextRange::default(), |range| TextRange::new(range.start, range.end));
            world.report(Diagnostic::error("syntax-error", range.at(file), error.message().to_owned()));
            return Vec::new();
        }
    };
    let overrides =
        ["deploy", "global"].iter().find_map(|command| table.get("default")?.get(command)?.get("parameters")?.get("parameter_overrides"));
    let pairs: Vec<(String, String)> = match overrides {
        Some(toml::Value::String(text)) => overrides_in(text),
        Some(toml::Value::Array(items)) => items.iter().filter_map(toml::Value::as_str).flat_map(overrides_in).collect(),
        Some(toml::Value::Table(pairs)) => {
            pairs.iter().map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect()
        }
        _ => Vec::new(),
    };
    let place = |name: &str| {
        let start = text.find(name).unwrap_or(0);
        TextRange::new(start, start + name.len()).at(file)
    };
    pairs.into_iter().map(|(name, value)| Given { span: place(&name), name: Arc::from(name), value: Value::string(value) }).collect()
}

/// The same in YAML: `samconfig.yaml`.
fn sam_config_tree(root: Expr<'_>) -> Option<Vec<Given>> {
    let default = root.get("default")?;
    let overrides = ["deploy", "global"].iter().find_map(|command| default.get(command)?.get("parameters")?.get("parameter_overrides"))?;
    if let Some(pairs) = overrides.pairs() {
        return Some(pairs.filter_map(|(name, value)| pair(name, value)).collect());
    }
    let texts: Vec<Expr<'_>> = overrides.items().map_or_else(|| vec![overrides], Iterator::collect);
    let given = texts.into_iter().filter_map(|text| Some((text.text()?, text.span()))).flat_map(|(text, span)| {
        overrides_in(text).into_iter().map(move |(name, value)| Given { name: Arc::from(name), value: Value::string(value), span })
    });
    Some(given.collect())
}

/// `A=x B="y z" ParameterKey=C,ParameterValue=w`.
fn overrides_in(text: &str) -> Vec<(String, String)> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote) = (String::new(), None);
    for character in text.chars() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, space) if space.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    let pair = |word: String| match word.strip_prefix("ParameterKey=").and_then(|rest| rest.split_once(",ParameterValue=")) {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())),
    };
    words.into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Context, Demand, Inputs, Project, ProjectKind};
    use crate::source::Sources;
    use crate::source::fs::Memory;
    use crate::syntax;
    use crate::value::ProjectId;

    fn shown(name: &str, text: &str) -> Vec<String> {
        let files = Memory::new(".").with(name, text);
        let (sources, trees, inputs, demand) = (Sources::default(), syntax::Trees::default(), Inputs::default(), Demand::default());
        let context = Context { fs: &files, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
        let project = Project { id: ProjectId(0), kind: ProjectKind::CloudFormation, path: "t.yaml".into(), label: "t.yaml".into() };
        let kept = crate::cloudformation::world::Trees::default();
        let world = World::new(&project, &context, crate::cloudformation::world::Mode::Analyze, &kept);
        let given = named(&world, Path::new(name));
        assert_eq!(world.finish().0, []);
        given
            .into_iter()
            .map(|given| {
                let texts =
                    given.value.as_items().map(|items| items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join("|"));
                format!("{}={}", given.name, texts.unwrap_or_else(|| given.value.as_str().unwrap_or("?").to_owned()))
            })
            .collect()
    }

    #[test]
    fn every_tools_form_is_read() {
        for (name, text, expected) in [
            ("p.json", r#"[{"ParameterKey": "A", "ParameterValue": "x"}, {"ParameterKey": "B", "UsePreviousValue": true}]"#, "A=x B=?"),
            ("p.json", r#"["A=x", "B=y=z"]"#, "A=x B=y=z"),
            ("p.json", r#"{"Parameters": {"A": "x", "N": 5, "T": true}, "Tags": {"k": "v"}}"#, "A=x N=5 T=true"),
            ("p.json", r#"{"A": "x"}"#, "A=x"),
            ("rain.yaml", "Parameters:\n  A: x\nTags:\n  k: v\n", "A=x"),
            ("git-sync.yaml", "template-file-path: t.yaml\nparameters:\n  A: x\n", "A=x"),
            (
                "sceptre.yaml",
                "template:\n  path: t.yaml\nparameters:\n  A: x\n  L: [a, b]\n  O: !stack_output vpc::Id\n  J: '{{ var.x }}'\n",
                "A=x L=a|b O=? J=?",
            ),
            ("samconfig.toml", "version = 0.1\n[default.deploy.parameters]\nparameter_overrides = \"A=x B=\\\"y z\\\"\"\n", "A=x B=y z"),
            (
                "samconfig.toml",
                "[default.deploy.parameters]\nparameter_overrides = [\"A=x\", \"ParameterKey=B,ParameterValue=y\"]\n",
                "A=x B=y",
            ),
            ("samconfig.yaml", "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      parameter_overrides: A=x B=y\n", "A=x B=y"),
        ] {
            assert_eq!(shown(name, text).join(" "), expected, "{name}: {text}");
        }
    }
}
