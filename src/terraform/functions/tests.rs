//! What the vectors of `testdata/conformance/functions` cannot show: calls step by step, causes, pieces of text, files and limits.

use super::{Environment, FileProblem, FunctionError, call, names};
use crate::value::{Cause, CauseKind, Marks, Number, Piece, Type, Unknown, Value, ValueKind};
use std::time::{Duration, Instant};

/// A module with one file, beside others that may not be read.
struct Module;

impl Environment for Module {
    fn read_file(&mut self, path: &str) -> Result<Vec<u8>, FileProblem> {
        match path {
            "a.txt" => Ok(b"hi".to_vec()),
            "bytes" => Ok(vec![0xff, 0xfe]),
            "folder" => Err(FileProblem::NotAFile),
            _ if path.starts_with('/') => Err(FileProblem::OutOfReach("it lies outside the scan root".into())),
            _ => Err(FileProblem::NotFound),
        }
    }

    fn list_files(&mut self, _: &str) -> Result<Vec<String>, FileProblem> {
        Ok(["a.txt", "b/c.txt", "b/.hidden"].map(str::to_owned).to_vec())
    }

    fn render_template(&mut self, text: &str, _: &str, _: &Value) -> Result<Value, String> {
        if text == "null" { Ok(Value::null()) } else { Ok(Value::string(text)) }
    }

    fn working_directory(&self) -> Option<String> {
        None
    }
}

fn calling(name: &str, arguments: Vec<Value>) -> Result<Value, FunctionError> {
    call(name, arguments, &mut Module)
}

fn done(name: &str, arguments: Vec<Value>) -> Value {
    calling(name, arguments).unwrap()
}

fn open(of: Type, name: &str) -> Value {
    Unknown::new(of, vec![Cause::new(CauseKind::Variable, name, None)]).into()
}

fn strings(items: &[&str]) -> Value {
    Value::tuple(items.iter().copied().map(Value::string).collect())
}

fn secret(value: Value) -> Value {
    value.with_marks(Marks::SENSITIVE)
}

/// The pieces of a string, `?` for each that is not known.
fn pieces(value: &Value) -> Vec<String> {
    let shown = |piece: &Piece| match piece {
        Piece::Known(text) => text.to_string(),
        Piece::Unknown(_) => "?".into(),
    };
    value.as_unknown().map(|unknown| unknown.pieces.iter().map(shown).collect()).unwrap_or_default()
}

#[test]
fn names_are_sorted_and_complete() {
    let names: Vec<_> = names().collect();
    assert!(names.is_sorted());
    assert!(names.len() >= 118, "{}", names.len());
}

#[test]
fn calls_that_cannot_be_made_say_so() {
    let told = |name: &str, arguments: Vec<Value>| calling(name, arguments).unwrap_err().describe(name);
    assert!(told("uper", vec![]).contains("uper"));
    assert!(told("upper", vec![]).contains("str"), "the missing parameter is named");
    assert!(told("upper", strings(&["a", "b"]).as_items().unwrap().to_vec()).contains("expects only 1"));
    assert_eq!(told("upper", vec![Value::null()]), "invalid value for `str` parameter: argument must not be null");
    assert_eq!(told("upper", vec![strings(&["a"])]), "invalid value for `str` parameter: string required");
    let error = calling("substr", vec![Value::string("a"), Value::string("x"), Value::int(1)]).unwrap_err();
    assert_eq!((error.argument, error.parameter), (Some(1), Some("offset")));
    assert_eq!(
        told("core::parseint", strings(&["z", "10"]).as_items().unwrap().to_vec()),
        told("parseint", strings(&["z", "10"]).as_items().unwrap().to_vec()).replace("parseint`", "core::parseint`")
    );
}

#[test]
fn arguments_are_converted_and_unknown_ones_spread_with_their_causes() {
    assert_eq!(done("upper", vec![Value::int(1)]).as_str(), Some("1"));
    let result = done("substr", vec![open(Type::String, "var.a"), open(Type::Number, "var.b"), Value::int(1)]);
    let unknown = result.as_unknown().unwrap();
    assert_eq!((&unknown.of, unknown.not_null), (&Type::String, true));
    assert_eq!(unknown.causes.iter().map(|cause| &*cause.name).collect::<Vec<_>>(), ["var.a", "var.b"]);
    // Not even the result's type is known while an argument's is not.
    assert_eq!(done("element", vec![open(Type::Dynamic, "var.a"), Value::int(0)]).type_of(), Type::Dynamic);
    // A mistake in one argument is found although another is unknown.
    assert!(calling("substr", vec![open(Type::String, "var.a"), Value::string("x"), Value::int(1)]).is_err());
}

#[test]
fn marks_go_to_the_result_or_stay_where_they_are() {
    assert!(done("upper", vec![secret(Value::string("a"))]).marks.contains(Marks::SENSITIVE));
    assert!(done("upper", vec![secret(open(Type::String, "var.a"))]).marks.contains(Marks::SENSITIVE));
    let items = Value::tuple(vec![secret(Value::string("a")), Value::string("b")]);
    assert!(done("join", vec![Value::string(","), items.clone()]).marks.contains(Marks::SENSITIVE));
    let joined = done("concat", vec![items.clone(), strings(&["c"])]);
    assert!(joined.marks.is_empty() && joined.as_items().unwrap()[0].marks.contains(Marks::SENSITIVE));
    assert_eq!(done("length", vec![items.clone()]).marks, Marks::NONE);
    assert_eq!(done("issensitive", vec![items]).as_bool(), Some(false));
    assert_eq!(done("nonsensitive", vec![secret(Value::int(1))]).marks, Marks::NONE);
}

#[test]
fn joined_text_keeps_its_pieces() {
    let name = open(Type::String, "var.name");
    let joined = done("join", vec![Value::string("-"), Value::tuple(vec![Value::string("logs"), name.clone(), Value::string("x")])]);
    assert_eq!(pieces(&joined), ["logs-", "?", "-x"]);
    let printed = done("format", vec![Value::string("arn:%s/%d"), name.clone(), Value::int(7)]);
    assert_eq!(pieces(&printed), ["arn:", "?", "/7"]);
    assert_eq!(printed.as_unknown().unwrap().prefix.as_deref(), Some("arn:"));
    // What changes its text is not a piece of it.
    assert!(pieces(&done("format", vec![Value::string("a-%q"), name.clone()])).is_empty());
    assert!(pieces(&done("upper", vec![name])).is_empty());
}

#[test]
fn files_are_read_refused_or_unknown() {
    let told = |name: &str, path: &str| calling(name, vec![Value::string(path)]);
    assert_eq!(told("file", "a.txt").unwrap().as_str(), Some("hi"));
    assert_eq!(told("filebase64", "bytes").unwrap().as_str(), Some("//4="));
    assert!(told("file", "bytes").is_err() && told("file", "nope").is_err() && told("file", "folder").is_err());
    assert_eq!(told("fileexists", "nope").unwrap().as_bool(), Some(false));
    for name in ["file", "fileexists", "filemd5"] {
        let causes = told(name, "/etc/passwd").unwrap().causes();
        assert_eq!(causes.iter().map(|cause| cause.kind).collect::<Vec<_>>(), [CauseKind::File], "{name}");
    }
    let found = done("fileset", vec![Value::string("."), Value::string("**/*.txt")]);
    assert_eq!(found.as_items().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>(), ["a.txt", "b/c.txt"]);
}

#[test]
fn what_differs_in_every_run_is_unknown() {
    for (name, arguments) in [("timestamp", vec![]), ("uuid", vec![]), ("plantimestamp", vec![]), ("bcrypt", vec![Value::string("a")])] {
        let causes = done(name, arguments).causes();
        assert_eq!(causes.iter().map(|cause| cause.kind).collect::<Vec<_>>(), [CauseKind::Impure], "{name}");
    }
}

/// An error, or unknown because of a limit; and at once.
fn is_bounded(name: &str, arguments: Vec<Value>) {
    let start = Instant::now();
    let limited = calling(name, arguments).map_or(true, |value| value.causes().iter().any(|cause| cause.kind == CauseKind::Limit));
    assert!(limited, "{name} has no bound");
    assert!(start.elapsed() < Duration::from_secs(5), "{name} takes {:?}", start.elapsed());
}

#[test]
fn hostile_arguments_meet_a_limit() {
    let long = || Value::string("a".repeat(1 << 20));
    let many = || ValueKind::List(Type::Number, std::sync::Arc::new((0..2_000).map(Value::int).collect())).into();
    let huge = |text: &str| ValueKind::Number(Number::parse(text).unwrap()).into();
    is_bounded("range", vec![Value::int(0), Value::int(1_000_000_000)]);
    is_bounded("setproduct", vec![many(), many(), many()]);
    is_bounded("indent", vec![Value::int(1 << 40), Value::string("a\nb")]);
    is_bounded("join", vec![long(), many()]);
    is_bounded("replace", vec![long(), Value::string("a"), long()]);
    is_bounded("replace", vec![long(), Value::string("/a/"), long()]);
    is_bounded("regex", vec![Value::string("((a{1000}){1000}){1000}"), long()]);
    is_bounded("jsondecode", vec![Value::string("[".repeat(1 << 20))]);
    is_bounded("yamldecode", vec![Value::string("- ".repeat(1 << 18))]);
    is_bounded("cidrsubnets", vec![Value::string("10.0.0.0/8"), Value::int(1 << 40)]);
    is_bounded("tostring", vec![huge("1e100000000")]);
    is_bounded("timeadd", vec![Value::string("2024-01-01T00:00:00Z"), Value::string("9999999999999h")]);
    is_bounded("format", vec![Value::string("%9000000s%9000000s"), Value::int(1), Value::int(1)]);
}

#[test]
fn large_sets_are_compared_without_walking_both() {
    let start = Instant::now();
    let names = || strings(&(0..30_000).map(|at| format!("name-{at}")).collect::<Vec<_>>().iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(done("setsubtract", vec![names(), names()]).as_items().map(<[Value]>::len), Some(0));
    assert_eq!(done("setintersection", vec![names(), names()]).as_items().map(<[Value]>::len), Some(30_000));
    assert_eq!(done("matchkeys", vec![names(), names(), names()]).as_items().map(<[Value]>::len), Some(30_000));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
