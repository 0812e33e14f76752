//! What a check costs beside the least that it could: walking, reading and parsing the same files. `cargo bench --bench floor`.
//!
//! Processor time is measured, on one thread, and the best of several turns counts, taken by turns, so that a busy machine harms both
//! alike. A check is measured twice: with all rules, and with the three that the program began with. The floor parses with the libraries that one
//! would take (`hcl-edit`, the events of `granit-parser` as the plainest tree, `jsonc-parser`); beside it stands what the same costs with the parsers
//! of the check (`own ms`).
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own that reads files and prints a table")]

mod support;

use cpu_time::ProcessTime;
use granit_parser::Event;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;
use trailwarden::rule::RuleSet;
use trailwarden::source::FileId;
use trailwarden::syntax;
use walkdir::WalkDir;

/// A trail's bucket without access logging, any bucket without it, and one that is its own target.
const FIRST_RULES: [&str; 3] = ["cloudtrail-bucket-without-access-logging", "bucket-without-access-logging", "access-log-target-is-source"];

/// Turns of each; the best counts.
const TURNS: usize = 7;

/// Stack of the thread that measures: parsers recurse.
const STACK_BYTES: usize = 64 * 1024 * 1024;

fn main() {
    // Cargo's test run asks every bench for its tests; there are none.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(measure).expect("a thread can be started");
    thread.join().expect("the measurement does not panic");
}

fn measure() {
    let first_rules = RuleSet::embedded().only(|rule| FIRST_RULES.contains(&&*rule.id));
    println!(
        "{:<24}{:>8}{:>12}{:>10}{:>14}{:>8}{:>14}{:>8}",
        "tree", "files", "floor ms", "own ms", "three rules", "ratio", "all rules", "ratio"
    );
    let generated = [
        support::mixed(0),
        support::terraform_only(100),
        support::terraform_only(1_000),
        support::templates_only(100),
        support::templates_only(1_000),
        support::mixed(500),
        support::flawed_terraform(100),
        support::flawed_templates(100),
    ];
    for tree in generated.into_iter().chain(support::given()) {
        let (mut files, mut floor, mut own, mut by_first, mut by_all) = (0, Duration::MAX, Duration::MAX, Duration::MAX, Duration::MAX);
        for _ in 0..TURNS {
            floor = floor.min(time(|| files = parse_all(&tree.path, &by_libraries)));
            own = own.min(time(|| files = parse_all(&tree.path, &by_own)));
            by_first = by_first.min(time(|| drop(black_box(support::check_by(&first_rules, &tree.path, 1)))));
            by_all = by_all.min(time(|| drop(black_box(support::check(&tree.path, 1)))));
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let ratio = |check: Duration| milliseconds(check) / milliseconds(floor);
        println!(
            "{:<24}{files:>8}{:>12.1}{:>10.1}{:>14.1}{:>8.2}{:>14.1}{:>8.2}",
            tree.name,
            milliseconds(floor),
            milliseconds(own),
            milliseconds(by_first),
            ratio(by_first),
            milliseconds(by_all),
            ratio(by_all)
        );
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = ProcessTime::now();
    work();
    start.elapsed()
}

/// A language that is read.
enum Language {
    Hcl,
    Yaml,
    Json,
}

fn by_libraries(language: &Language, text: &str) {
    match language {
        Language::Hcl => drop(black_box(hcl_edit::parser::parse_body(text))),
        Language::Yaml => drop(black_box(yaml_tree(text))),
        Language::Json => {
            drop(black_box(jsonc_parser::parse_to_ast(
                text,
                &jsonc_parser::CollectOptions::default(),
                &jsonc_parser::ParseOptions::default(),
            )));
        }
    }
}

fn by_own(language: &Language, text: &str) {
    match language {
        Language::Hcl => drop(black_box(syntax::hcl::parse(text, FileId(0)))),
        Language::Yaml => drop(black_box(syntax::yaml::parse(text, FileId(0)))),
        Language::Json => drop(black_box(syntax::json::parse(text, FileId(0)))),
    }
}

/// Walks, reads and parses; how many files were parsed.
fn parse_all(directory: &Path, parse: &dyn Fn(&Language, &str)) -> usize {
    let mut files = 0;
    for entry in
        WalkDir::new(directory).into_iter().filter_entry(|entry| entry.file_name() != ".git" && entry.file_name() != ".terraform").flatten()
    {
        let extension = entry.path().extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !entry.file_type().is_file() || !matches!(extension, "tf" | "tofu" | "yaml" | "yml" | "json" | "template") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let is_template = || text.contains("AWS::") && text.contains("Resources");
        let language = match extension {
            "tf" | "tofu" => Language::Hcl,
            "json" if is_template() => Language::Json,
            "yaml" | "yml" | "template" if is_template() => Language::Yaml,
            _ => continue,
        };
        parse(&language, &text);
        files += 1;
    }
    files
}

/// A YAML node, with no more than what makes it a tree.
#[expect(dead_code, reason = "a tree keeps what it was made of, whoever reads it")]
enum Yaml {
    Scalar(String, granit_parser::Span),
    Sequence(Vec<Yaml>, granit_parser::Span),
    Mapping(Vec<Yaml>, granit_parser::Span),
    Alias,
}

/// The documents of a text as far as it parses.
fn yaml_tree(text: &str) -> Vec<Yaml> {
    let mut open: Vec<Yaml> = Vec::new();
    let mut documents = Vec::new();
    let close = |node: Yaml, open: &mut Vec<Yaml>, documents: &mut Vec<Yaml>| match open.last_mut() {
        Some(Yaml::Sequence(items, _) | Yaml::Mapping(items, _)) => items.push(node),
        _ => documents.push(node),
    };
    for (event, span) in granit_parser::Parser::new_from_str(text).map_while(Result::ok) {
        match event {
            Event::Scalar(text, ..) => close(Yaml::Scalar(text.into_owned(), span), &mut open, &mut documents),
            Event::Alias(..) => close(Yaml::Alias, &mut open, &mut documents),
            Event::SequenceStart(..) => open.push(Yaml::Sequence(Vec::new(), span)),
            Event::MappingStart(..) => open.push(Yaml::Mapping(Vec::new(), span)),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = open.pop().expect("the parser closes what it opened");
                close(node, &mut open, &mut documents);
            }
            _ => {}
        }
    }
    documents
}
