//! Markdown for a pull request's comment or a step's summary: a table, and for each finding its chain as text and as a Mermaid graph.

use crate::framework::{Coverage, Status};
use crate::output::place::{Spot, spot};
use crate::output::text::inert;
use crate::output::{self, Show, coverage, summary, word};
use crate::rule::finding::{Finding, Outcome};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Edges of one graph.
const MAX_EDGES: usize = 200;

/// Writes the report.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## trailwarden\n")?;
    writeln!(out, "{}\n", escaped(&summary::line(show.analysis)))?;
    if let Some(coverage) = show.coverage {
        recommendations(coverage, out)?;
    }
    let findings: Vec<&Finding> = show.groups().into_iter().flat_map(|(_, findings)| findings).collect();
    if !findings.is_empty() {
        writeln!(out, "| | rule | where | what |\n|---|---|---|---|")?;
        for finding in &findings {
            let at = spot(show.analysis, finding.location);
            writeln!(out, "| {} | {} | {} | {} |", word(finding), code(&finding.rule), place(&at), prose(&finding.message))?;
        }
        writeln!(out)?;
    }
    for finding in findings.into_iter().filter(|finding| finding.outcome != Outcome::Pass) {
        details(show, finding, out)?;
    }
    for entry in show.analysis.compared.iter().flat_map(|compared| &compared.fixed) {
        writeln!(out, "- fixed: {} in {}: {}", code(&entry.address), code(&entry.project), code(&entry.rule))?;
    }
    for diagnostic in &show.analysis.diagnostics {
        let at = crate::output::place::of_diagnostic(show.analysis, diagnostic).map(|at| format!("{}: ", place(&at))).unwrap_or_default();
        writeln!(out, "- {at}{} {}: {}", diagnostic.level.name(), diagnostic.code, prose(&diagnostic.message))?;
    }
    Ok(())
}

/// The table of a framework: each recommendation with what the run says of it.
fn recommendations(coverage: &Coverage, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}\n\n{}\n", escaped(&coverage.framework.title()), escaped(&coverage::line(coverage)))?;
    writeln!(out, "| | status | recommendation | verdicts |\n|---|---|---|---|")?;
    for row in &coverage.rows {
        let title = row.recommendation.title.as_deref().unwrap_or_default();
        let status = if row.status == Status::Fail { "**fail**" } else { row.status.words() };
        writeln!(out, "| {} | {status} | {} | {} |", escaped(&row.recommendation.number), escaped(title), escaped(&coverage::remark(row)))?;
    }
    writeln!(out)
}

fn details(show: Show<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<details><summary>{} {}</summary>\n", word(finding), html_prose(&finding.message))?;
    for (number, hop) in finding.evidence.iter().enumerate() {
        writeln!(out, "{}. {}: {}", number + 1, place(&spot(show.analysis, hop.span)), prose(&hop.message))?;
    }
    writeln!(out, "\n{}: {}\n", place(&spot(show.analysis, finding.location)), prose(&finding.label))?;
    for tried in &finding.scenarios {
        let when: Vec<String> = tried.when.iter().map(|(input, value)| format!("{} is {}", code(input), code(value))).collect();
        writeln!(out, "- {} when {}", tried.outcome.name(), when.join(" and "))?;
    }
    for unknown in &finding.unknown {
        writeln!(out, "- not known: {}; to settle: {}", prose(&unknown.message), prose(&unknown.settle))?;
    }
    if let Some(suppression) = &finding.suppressed {
        writeln!(out, "\n{}\n", prose(&output::suppression(show.analysis, suppression)))?;
    }
    if let Some(remedy) = &finding.remedy {
        writeln!(out, "\n{}\n", prose(remedy))?;
    }
    graph(finding, out)?;
    writeln!(out, "</details>\n")
}

/// The chain as a graph: the subject, the hops, the resource.
fn graph(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let mut nodes = vec![format!("{} {}", finding.subject.kind, finding.subject.address)];
    nodes.extend(finding.evidence.iter().skip(1).map(|hop| hop.message.clone()));
    if let Some(resource) = &finding.resource {
        nodes.push(format!("{} {}", resource.kind, resource.address));
    }
    nodes.push(finding.label.clone());
    nodes.truncate(MAX_EDGES + 1);
    writeln!(out, "```mermaid\nflowchart LR")?;
    for (number, node) in nodes.iter().enumerate() {
        writeln!(out, "  n{number}[\"{}\"]", mermaid(node))?;
    }
    for number in 1..nodes.len() {
        writeln!(out, "  n{} --> n{number}", number - 1)?;
    }
    writeln!(out, "```\n")
}

fn place(spot: &Spot) -> String {
    code(&format!("{}:{}", spot.path, spot.start.line))
}

/// A message of ours: what stands between back-ticks is code, the rest is text. A back-tick in a stranger's name only moves the border
/// between two forms that are both inert.
fn prose(text: &str) -> String {
    by_ticks(text, escaped, code)
}

/// The same for an HTML element.
fn html_prose(text: &str) -> String {
    by_ticks(text, html, |name| format!("<code>{}</code>", html(name)))
}

fn by_ticks(text: &str, plain: impl Fn(&str) -> String, name: impl Fn(&str) -> String) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let part = |(index, part): (usize, &&str)| if index % 2 == 1 && index < last && !part.is_empty() { name(part) } else { plain(part) };
    parts.iter().enumerate().map(part).collect()
}

/// Text as it is read: nothing in it formats, links, mentions or ends a table cell.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in inert(text).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention or a reference to an issue would notify people.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '`' => out.push('\''),
            '\\' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(character);
            }
            ':' => out.push_str("&#58;"),
            other => out.push(other),
        }
    }
    out
}

/// A code span; inside of one only the back-tick and the table's bar act.
fn code(text: &str) -> String {
    format!("`{}`", inert(text).replace('`', "'").replace('|', "\\|"))
}

/// Text inside an HTML element.
fn html(text: &str) -> String {
    inert(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('`', "'").replace('@', "&#64;")
}

/// A label of Mermaid: everything that its grammar or HTML could read is a character reference.
fn mermaid(text: &str) -> String {
    let mut out = String::new();
    for character in inert(text).chars().take(200) {
        if character.is_alphanumeric() || matches!(character, ' ' | '.' | '-' | '_' | '/') {
            out.push(character);
        } else {
            let _ = write!(out, "#{};", u32::from(character));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_text() {
        assert_eq!(escaped("[x](javascript:y) <b> @all #1 a|b"), "\\[x\\]\\(javascript&#58;y\\) &lt;b&gt; &#64;all &#35;1 a\\|b");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(prose("bucket `a_b` of <x`"), "bucket `a_b` of &lt;x");
        assert_eq!(mermaid("a\"]; click"), "a#34;#93;#59; click");
    }
}
