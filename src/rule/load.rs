//! Reading rule files. The program's own and a user's go the same way; a user's errors name file, line, column, field and the nearest right word.

use crate::diagnostic::Place;
use crate::graph::Catalog;
use crate::graph::catalog::TAGS;
use crate::rule::parse::{Example, RuleFile};
use crate::rule::{Rule, RuleSet, tree, words};
use crate::source::{FileId, LineIndex, TextRange};
use crate::suggest::nearest;
use crate::syntax::yaml;
use serde::Deserialize;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The kinds of the catalog that no rule of the program's own comes to, tags among them: a test compares.
pub const BEYOND: [&str; 4] = ["log-source", "module", "parameter", TAGS];

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}

/// Something wrong in a rule file. It is the fault of whoever wrote the file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}:{line}:{column}: {message}", path.display())]
pub struct RuleError {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong: field, and the nearest right word.
    pub message: String,
}

/// The program's own rules, which were turned into JSON when it was built. Nothing of them is read here, since every run pays for that.
pub fn embedded() -> RuleSet {
    let rule = |(path, subjects, json, text): &(&'static str, &[&'static str], &'static str, &'static str)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        Arc::new(Rule {
            id: Arc::from(name.strip_suffix(".yaml").unwrap_or(name)),
            subjects: subjects.iter().map(|subject| Arc::from(*subject)).collect(),
            text: Cow::Borrowed(text),
            embedded: Some(json),
            file: OnceLock::new(),
            reach: OnceLock::new(),
        })
    };
    let mut rules: Vec<Arc<Rule>> = embedded::RULES.iter().map(rule).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    RuleSet { rules }
}

/// How many rules of its own the program has.
pub fn embedded_count() -> usize {
    embedded::RULES.len()
}

/// What a rule of the program's own says. Its words are checked by a test, not in every run.
pub fn file(json: &str) -> serde_json::Result<RuleFile> {
    serde_json::from_str(json)
}

/// A user's rules.
pub fn files<'a>(files: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Result<RuleSet, Vec<RuleError>> {
    let (mut rules, mut errors): (Vec<Arc<Rule>>, Vec<RuleError>) = (Vec::new(), Vec::new());
    for (path, text) in files {
        match read(path, text) {
            Ok(rule) if rules.iter().any(|known| known.id == rule.id) => {
                errors.push(RuleError {
                    path: path.to_owned(),
                    line: 1,
                    column: 1,
                    message: format!("rule `{}` is in two files", rule.id),
                });
            }
            Ok(rule) => rules.push(Arc::new(rule)),
            Err(error) => errors.push(error),
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    if errors.is_empty() { Ok(RuleSet { rules }) } else { Err(errors) }
}

/// The examples of a rule's text.
pub fn examples(text: &str) -> Vec<Example> {
    #[derive(Deserialize)]
    struct Only {
        #[serde(default)]
        examples: Vec<Example>,
    }
    serde_yaml::from_str::<Only>(text).map(|only| only.examples).unwrap_or_default()
}

fn read(path: &Path, text: &str) -> Result<Rule, RuleError> {
    let error = |range: TextRange, message: String| {
        let place = LineIndex::new(text).position(text, range.start);
        RuleError { path: path.to_owned(), line: place.line, column: place.column, message }
    };
    let (trees, problems) = yaml::parse(text, FileId(0));
    if let Some(problem) = problems.first() {
        let range = match problem.place {
            Some(Place::Span(span)) => span.range,
            _ => TextRange::default(),
        };
        return Err(error(range, problem.message.clone()));
    }
    let [tree] = trees.as_slice() else { return Err(error(TextRange::default(), "a rule file holds one rule".to_owned())) };
    let file: RuleFile = tree::read(tree).map_err(|wrong| error(wrong.range.unwrap_or_default(), suggest(&wrong.message)))?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if *file.id != *name {
        let at = tree.get("id").map(|id| id.range).unwrap_or_default();
        return Err(error(at, format!("rule `{}` stands in a file of another name", file.id)));
    }
    for defect in &file.fails_when {
        for (framework, numbers) in &defect.frameworks {
            let known = file.frameworks.get(framework).map(Vec::as_slice).unwrap_or_default();
            if let Some(unknown) = numbers.iter().find(|number| !known.contains(number)) {
                let near = nearest(unknown, known.iter().map(String::as_str)).map(|near| format!(", did you mean `{near}`?"));
                let message = format!("`{unknown}` is none of the rule's numbers in `{framework}`{}", near.unwrap_or_default());
                return Err(error(words::place(tree, &message), message));
            }
        }
    }
    let rule = made_of(file, text);
    words::check(&rule, Catalog::embedded()).map_err(|message| error(words::place(tree, &message), message))?;
    Ok(rule)
}

fn made_of(file: RuleFile, text: &str) -> Rule {
    Rule {
        id: Arc::clone(&file.id),
        subjects: [&file.subject].into_iter().chain(&file.also_subject).cloned().collect(),
        text: Cow::Owned(text.to_owned()),
        embedded: None,
        // Examples are read from the text by whoever asks.
        file: OnceLock::from(RuleFile { examples: Vec::new(), ..file }),
        reach: OnceLock::new(),
    }
}

/// The reader's message and, where a word is not one of those that may stand there, the nearest that is.
fn suggest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let [wrong, right @ ..] = quoted.as_slice()
        && message.contains("unknown")
        && let Some(near) = nearest(wrong, right.iter().copied())
    {
        return format!("{}, did you mean `{near}`?", message.split(',').next().unwrap_or(message));
    }
    message.replace("expected i64", "expected a whole number")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let path = Path::new("rules/my-rule.yaml");
        files([(path, text)]).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    const RULE: &str = "id: my-rule\ntitle: t\nseverity: low\nsubject: bucket\nfails_when:\n  - defect: d\n    when: { absent: logging }\n    message: m\npasses: p\nopen: []\nremedy: r\ndescription: d\n";

    #[test]
    fn a_users_error_names_the_place_and_the_nearest_right_word() {
        assert!(files([(Path::new("rules/my-rule.yaml"), RULE)]).is_ok());
        let cases = [
            ("severity: low", "severity: lwo", "my-rule.yaml:3:11: unknown variant `lwo`, did you mean `low`?"),
            ("subject:", "subjekt:", "my-rule.yaml:4:1: unknown field `subjekt`, did you mean `subject`?"),
            ("absent:", "absnet:", "my-rule.yaml:7:13: unknown field `absnet`, did you mean `absent`?"),
            ("absent: logging", "absent: loging", "my-rule.yaml:7:21: `loging` is no word of `bucket`, did you mean `logging`?"),
            ("subject: bucket", "subject: buket", "my-rule.yaml:4:10: there is no kind `buket`, did you mean `bucket`?"),
            (
                "message: m",
                "message: \"m {subject.loging}\"",
                "my-rule.yaml:8:14: `loging` is no word of `bucket`, did you mean `logging`?",
            ),
            ("id: my-rule", "id: other", "my-rule.yaml:1:5: rule `other` stands in a file of another name"),
            ("remedy: r\n", "", "my-rule.yaml:1:1: missing field `remedy`"),
            (
                "absent: logging",
                "absent: logging.targte",
                "my-rule.yaml:7:21: `targte` is no word of `bucket.logging`, did you mean `target`?",
            ),
            (
                "{ absent: logging }",
                "{ count: { kind: trial, at_least: 1 } }",
                "my-rule.yaml:7:28: there is no kind `trial`, did you mean `trail`?",
            ),
            (
                "{ absent: logging }",
                "{ at_least: { logging: many } }",
                "my-rule.yaml:7:34: invalid type: string \"many\", expected a whole number",
            ),
            ("{ absent: logging }", "{ same: [subject] }", "my-rule.yaml:7:11: two paths are compared: `[subject, bucket.logging.target]`"),
            (
                "{ absent: logging }",
                "{ some: { in: grants, were: { present: it } } }",
                "my-rule.yaml:7:33: unknown field `were`, did you mean `where`?",
            ),
            (
                "passes: p",
                "follow: { target: loging.target }\npasses: p",
                "my-rule.yaml:9:19: `loging` is no word of `bucket`, did you mean `logging`?",
            ),
            ("{ absent: logging }", "{ match: { name: a } }", "my-rule.yaml:7:13: unknown field `match`, did you mean `matches`?"),
            ("message: m", "message: \"{subjct}\"", "my-rule.yaml:8:14: `subjct` is no word of `bucket`, did you mean `subject`?"),
            (
                "subject: bucket",
                "subject: bucket\nalso_subject: [key, trial]",
                "my-rule.yaml:5:21: there is no kind `trial`, did you mean `trail`?",
            ),
            ("open: []", "open: [{ mesage: m }]", "my-rule.yaml:10:10: unknown field `mesage`, did you mean `message`?"),
            (
                "remedy: r",
                "fix: { set: { subject.acll: private } }\nremedy: r",
                "my-rule.yaml:11:15: `acll` is no word of `bucket`, did you mean `acl`?",
            ),
            (
                "description: d",
                "description: d\nexamples: [{ name: n, outcome: fial }]",
                "my-rule.yaml:13:32: unknown variant `fial`, did you mean `fail`?",
            ),
            ("severity: low", "severity: low\nseverity: low", "my-rule.yaml:4:1: duplicate key `severity`; the last one counts"),
        ];
        for (from, to, expected) in cases {
            let got = error(&RULE.replacen(from, to, 1));
            assert!(got.ends_with(expected), "{to}: {got}");
        }
    }

    #[test]
    fn a_rule_tells_no_more_events_than_anybody_would() {
        let listed = |values: usize| (0..values).map(|at| format!("v{at}")).collect::<Vec<_>>().join(", ");
        let rule = |lists: usize, values: usize, last: &str| {
            let fields = (0..lists).map(|at| format!("f{at}: [{}], ", listed(values))).collect::<Vec<_>>().concat();
            let asked = format!("{{ catches_some: {{ pattern: name, events: {{ {fields}{last} }} }} }}");
            RULE.replacen("{ absent: logging }", &asked, 1)
        };
        let message = "my-rule.yaml:7:13: `catches_some` tells an event for each combination of values: more than 100000 fields together";
        for (lists, values) in [(2, 300), (4, 100), (64, 2), (100_001, 1)] {
            // A list of none does not make up for the others.
            for last in ["", "last: []"] {
                assert!(error(&rule(lists, values, last)).ends_with(message), "{lists} lists of {values}");
            }
        }
        assert!(files([(Path::new("rules/my-rule.yaml"), rule(2, 200, "").as_str())]).is_ok());
    }

    #[test]
    fn every_embedded_rule_can_be_read() {
        let texts = embedded::RULES.iter().map(|(path, .., text)| (Path::new(*path), *text));
        files(texts).unwrap();
        let rules = embedded();
        for rule in rules.rules() {
            assert!(Catalog::embedded().kind(&rule.subject).is_some(), "{}: {}", rule.id, rule.subject);
            let read = (rule.id.clone(), [&rule.subject].into_iter().chain(&rule.also_subject).cloned().collect::<Vec<_>>());
            let file: &RuleFile = rule;
            assert_eq!((&file.id, &rule.subjects), (&read.0, &read.1));
            assert!(!rule.examples().is_empty(), "{} has no example", rule.id);
        }
    }

    #[test]
    fn a_rule_of_the_programs_own_is_read_when_it_is_asked() {
        let rules = embedded();
        let read = || rules.rules().iter().filter(|rule| rule.is_read()).map(|rule| &*rule.id).collect::<Vec<_>>();
        let all = rules.kinds(Catalog::embedded());
        assert!(rules.get("bucket-without-access-logging").is_some_and(|rule| *rule.subjects == [Arc::from("bucket")]));
        assert_eq!(read(), [""; 0]);
        assert!(!rules.get("bucket-without-access-logging").unwrap().title.is_empty());
        assert_eq!(read(), ["bucket-without-access-logging"]);
        // What is said of all of them without reading is what reading them comes to.
        let came_to: std::collections::BTreeSet<_> =
            rules.rules().iter().flat_map(|rule| rule.reach(Catalog::embedded()).kinds.clone()).collect();
        assert_eq!(all, came_to, "`BEYOND` is to say which kinds no rule comes to");
    }

    /// What a rule decides, without its events and the words for them.
    fn shape(text: &str) -> Vec<String> {
        let (words, decides) = text.split_once("\nsubject:").unwrap();
        let (_, what) = words.split_once("nobody is told of ").unwrap();
        let what = what.lines().next().unwrap();
        let id = text.lines().next().unwrap().strip_prefix("id: ").unwrap();
        let (decides, _) = decides.split_once("\nframeworks:").unwrap();
        let (mut kept, mut left_out) = (Vec::new(), usize::MAX);
        for line in decides.lines() {
            let depth = line.len() - line.trim_start().len();
            if depth > left_out {
                continue;
            }
            left_out = if line.ends_with("events: &events") { depth } else { usize::MAX };
            let line = line.split_once("&anything {").map_or(line, |(before, _)| before);
            kept.push(line.replace(what, "…").replace(id, "…"));
        }
        kept
    }

    #[test]
    fn the_rules_about_alarms_differ_in_events_and_words_only() {
        let alarms = || embedded::RULES.iter().filter(|(path, ..)| path.contains("/no-alarm-for-"));
        assert_eq!(alarms().count(), 15);
        let first = shape(alarms().next().unwrap().3);
        assert!(first.len() > 100, "{}", first.join("\n"));
        for (path, .., text) in alarms() {
            assert_eq!(shape(text), first, "{path}");
        }
    }
}
