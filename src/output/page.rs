//! A rule as a page: what it decides, why it matters, what to do, how others call it, and its examples, which are its tests. And a kind of
//! resource: the words that a rule of one's own may ask of it.

use crate::graph::Catalog;
use crate::graph::catalog::{Kind, Part};
use crate::rule::{EVERY_KIND, Rule, RuleSet};
use crate::value::Mode;
use std::fmt::Write as _;

/// The page of a rule, in Markdown.
pub fn rule(rule: &Rule) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "# {}\n\n{}. Severity: {}. About: {}.\n", rule.id, upper_first(&rule.title), rule.severity.name(), rule.subject);
    if !rule.description.trim().is_empty() {
        let _ = writeln!(page, "{}\n", rule.description.trim());
    }
    page.push_str("## Fails when\n\n");
    for (defect, message) in rule.defects() {
        let _ = writeln!(page, "* `{defect}`: {message}");
    }
    if !rule.remedy.is_empty() {
        let _ = writeln!(page, "\n## What to do\n\n{}.", upper_first(rule.remedy.trim()));
    }
    names(&mut page, "Frameworks", &rule.frameworks);
    names(&mut page, "The same in other tools", &rule.peers);
    for example in rule.examples() {
        let _ = writeln!(page, "\n## Example: {} ({})", example.name, example.outcome);
        let texts = [("hcl", example.terraform), ("yaml", example.cloudformation)];
        for (language, text) in texts.into_iter().filter_map(|(language, text)| Some((language, text?))) {
            let _ = writeln!(page, "\n```{language}\n{}\n```", text.trim_end());
        }
        for (path, text) in &example.files {
            let _ = writeln!(page, "\n`{path}`:\n\n```\n{}\n```", text.trim_end());
        }
    }
    page
}

fn names(page: &mut String, title: &str, lists: &crate::table::IndexMap<String, Vec<String>>) {
    if lists.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n## {title}\n");
    for (name, numbers) in lists {
        let _ = writeln!(page, "* {name}: {}", numbers.join(", "));
    }
}

/// The page of a kind, in Markdown: its words, and the types that declare it.
pub fn kind(kind: &Kind, catalog: &Catalog) -> String {
    let mut page = format!(
        "# {}\n\n{}. A rule with `subject: {}` may ask for these words.\n\n## Words\n\n",
        kind.name,
        upper_first(&kind.title),
        kind.name
    );
    for (word, meaning) in &kind.vocabulary {
        let leads = kind.relations.get(word).map(|relation| format!("; leads to a `{}`", relation.to)).unwrap_or_default();
        let _ = writeln!(page, "* `{word}`: {meaning}{leads}");
    }
    for other in catalog.kinds() {
        for (word, relation) in other.relations.iter().filter(|(_, relation)| relation.to == kind.name) {
            if let Some(inverse) = &relation.inverse {
                let _ = writeln!(page, "* `{inverse}`: each `{}` whose `{word}` it is", other.name);
            }
        }
    }
    let _ = writeln!(page, "* of every kind: `{}`\n\n## Types\n", EVERY_KIND.join("`, `"));
    for (mode, entry) in catalog.types().filter(|(_, entry)| entry.kind == kind.name) {
        let part = match &entry.part {
            Part::Whole => String::new(),
            Part::Of(path) => format!(": a part of what `{path}` names"),
            Part::LooksUp(path) => format!(": reads what `{path}` names"),
        };
        let data = if mode == Mode::Data { "data." } else { "" };
        let _ = writeln!(page, "* `{data}{}`{part}", entry.type_name);
    }
    let others: Vec<&str> = catalog.kinds().map(|other| &*other.name).filter(|other| *other != &*kind.name).collect();
    let _ = writeln!(page, "\n## Other kinds\n\n`{}`", others.join("`, `"));
    page
}

/// The list of rules, as a Markdown table.
pub fn list(rules: &RuleSet) -> String {
    let mut page = String::from("| rule | severity | about | fails when | CIS AWS 3.0.0 |\n|---|---|---|---|---|\n");
    for rule in rules.rules() {
        let numbers = rule.frameworks.get("cis-aws-3.0.0").map(|numbers| numbers.join(", ")).unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {} | {} | {} | {numbers} |", rule.id, rule.severity.name(), rule.subject, rule.title);
    }
    page
}

/// The list of rules for people: each with what fails, what to do, and its numbers in benchmarks.
pub fn entries(rules: &RuleSet) -> String {
    let mut page = String::new();
    for rule in rules.rules() {
        let numbers = rule.frameworks.iter().map(|(name, numbers)| format!("{name} {}", numbers.join(" ")));
        let _ = writeln!(page, "{}  {}\n  about: {}\n  fails when: {}", rule.severity.name(), rule.id, rule.subject, rule.title);
        if !rule.remedy.is_empty() {
            let _ = writeln!(page, "  what to do: {}", rule.remedy.trim());
        }
        if !rule.frameworks.is_empty() {
            let _ = writeln!(page, "  frameworks: {}", numbers.collect::<Vec<_>>().join(", "));
        }
        page.push('\n');
    }
    let _ = writeln!(page, "{} rules", rules.rules().len());
    page
}

fn upper_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_that_names_it() {
        for one in RuleSet::embedded().rules() {
            let page = rule(one);
            assert!(page.starts_with(&format!("# {}\n", one.id)), "{page}");
            assert!(page.contains("## Fails when\n\n*"), "{page}");
        }
        assert_eq!(list(RuleSet::embedded()).lines().count(), RuleSet::embedded().rules().len() + 2);
    }

    #[test]
    fn a_kind_has_a_page_of_all_that_may_be_asked_of_it() {
        let catalog = Catalog::embedded();
        let page = kind(catalog.kind("bucket").unwrap(), catalog);
        for line in [
            "# bucket\n\nS3 bucket. A rule with `subject: bucket` may ask for these words.\n",
            "\n* `logging.target`: the bucket that its access logs go to; leads to a `bucket`\n",
            "\n* `tags.*`: the value of the tag of that key\n",
            "\n* `trails`: each `trail` whose `bucket` it is\n",
            "\n* `aws_s3_bucket_logging`: a part of what `bucket` names\n",
            "\n* `data.aws_s3_bucket`: reads what `bucket` names\n",
            "\n* `AWS::S3::Bucket`\n",
            "`access-key`, ",
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the generated list lies beside the rules")]
    fn the_list_of_rules_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/LIST.md");
        let head = "# The rules\n\nMade by `trailwarden rules`; a test compares. `trailwarden explain RULE` prints the page of one.\n\n";
        let wanted = format!("{head}{}", list(RuleSet::embedded()));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), wanted, "rewrite it with UPDATE_EXPECT=1");
    }
}
