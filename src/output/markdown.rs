//! Markdown for a pull request's comment or a step's summary: a table, and for each finding its chain as text and as a Mermaid graph.

use crate::framework::{Coverage, Status};
use crate::output::place::{Spot, spot};
use crate::output::text::inert;
use crate::output::{self, Show, coverage, summary, word};
use crate::rule::finding::{Finding, Named, Outcome};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::iter;

/// Edges of one graph.
const MAX_EDGES: usize = 200;

/// Writes the report.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## trailwarden\n")?;
    writeln!(out, "{}\n", escaped(&summary::line(show.analysis)))?;
    if let Some(coverage) = show.coverage {
        recommendations(coverage, out)?;
    }
    let groups = show.groups();
    if !groups.iter().all(|(_, findings)| findings.is_empty()) {
        let (more, line) = if show.coverage.is_some() { ("| recommendation ", "|---") } else { ("", "") };
        writeln!(out, "| {more}| rule | where | what |\n|---{line}|---|---|---|")?;
        for (row, finding) in groups.iter().flat_map(|(row, findings)| findings.iter().map(move |finding| (row, finding))) {
            let at = spot(show.analysis, finding.location);
            let number = row.map(|row| format!(" {} |", escaped(&row.recommendation.number))).unwrap_or_default();
            writeln!(out, "| {} |{number} {} | {} | {} |", word(finding), code(&finding.rule), place(&at), prose(&finding.message))?;
        }
        writeln!(out)?;
    }
    let findings = groups.into_iter().flat_map(|(_, findings)| findings);
    for finding in findings.filter(|finding| finding.outcome != Outcome::Pass) {
        details(show, finding, out)?;
    }
    for entry in show.analysis.compared.iter().flat_map(|compared| &compared.fixed) {
        writeln!(out, "- fixed: {} in {}: {}", code(&entry.address), code(&entry.project), code(&entry.rule))?;
    }
    for diagnostic in &show.analysis.diagnostics {
        let at = crate::output::place::of_diagnostic(show.analysis, diagnostic).map(|at| format!("{}: ", place(&at))).unwrap_or_default();
        writeln!(out, "- {at}{} {}: {}", diagnostic.level.name(), diagnostic.code, prose(&output::said(diagnostic)))?;
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
        let besides: Vec<String> = tried.unknown.iter().map(|unknown| prose(&unknown.message)).collect();
        let besides = if besides.is_empty() { String::new() } else { format!(": {}", besides.join("; ")) };
        writeln!(out, "- {} when {}{besides}", tried.outcome.name(), when.join(" and "))?;
    }
    for unknown in &finding.unknown {
        writeln!(out, "- not known: {}; to settle: {}", prose(&unknown.message), prose(&unknown.settle))?;
    }
    if !(finding.scenarios.is_empty() && finding.unknown.is_empty()) {
        writeln!(out)?;
    }
    if let Some(suppression) = &finding.suppressed {
        writeln!(out, "{}\n", prose(&output::suppression(show.analysis, suppression)))?;
    }
    if let Some(remedy) = &finding.remedy {
        writeln!(out, "{}\n", prose(remedy))?;
    }
    graph(finding, out)?;
    writeln!(out, "</details>\n")
}

/// The most nodes of a chain that is read from left to right; a longer one would be shrunk to the width of the page, and is read downwards.
const MAX_IN_ROW: usize = 4;

/// The chain as a graph: the subject, the hops, the resource, what decides. A resource that the chain meets again is the node that it was.
fn graph(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let resources: Vec<&Named> = iter::once(&*finding.subject).chain(finding.resource.as_deref()).collect();
    let mut chain = Chain::default();
    chain.visit(Node::Resource(&finding.subject));
    for hop in &finding.evidence {
        let resource = resources.iter().find(|resource| resource.span == hop.span);
        chain.visit(resource.map_or(Node::Text(&hop.message), |resource| Node::Resource(resource)));
    }
    finding.resource.iter().for_each(|resource| chain.visit(Node::Resource(resource)));
    chain.visit(Node::Text(&finding.label));
    let Chain { nodes, steps } = chain;
    let direction = if nodes.len() > MAX_IN_ROW { "TB" } else { "LR" };
    writeln!(out, "```mermaid\nflowchart {direction}")?;
    for (number, node) in nodes.iter().enumerate() {
        match node {
            Node::Resource(resource) => writeln!(out, "  n{number}[\"{}\"]", mermaid(&titled(resource)))?,
            Node::Text(text) => writeln!(out, "  n{number}(\"{}\")", mermaid(text))?,
        }
    }
    for pair in steps.windows(2) {
        writeln!(out, "  n{} --> n{}", pair[0], pair[1])?;
    }
    writeln!(out, "```\n")
}

/// A way through nodes, each of which is met once or more.
#[derive(Default)]
struct Chain<'a> {
    nodes: Vec<Node<'a>>,
    /// The nodes in the order in which they are met.
    steps: Vec<usize>,
}

impl<'a> Chain<'a> {
    fn visit(&mut self, node: Node<'a>) {
        if self.steps.len() > MAX_EDGES {
            return;
        }
        let known = match node {
            Node::Resource(resource) => {
                self.nodes.iter().position(|known| matches!(known, Node::Resource(other) if other.span == resource.span))
            }
            Node::Text(_) => None,
        };
        let at = known.unwrap_or(self.nodes.len());
        if known.is_none() {
            self.nodes.push(node);
        }
        if self.steps.last() != Some(&at) {
            self.steps.push(at);
        }
    }
}

/// A node of a chain.
#[derive(Clone, Copy)]
enum Node<'a> {
    Resource(&'a Named),
    Text(&'a str),
}

/// A resource's address with its type before it, where the address does not say that by itself: in a template. The kind is that of what the
/// resource is a part of, so that it would call the policy of a bucket a bucket; only what is not declared here has nothing else.
fn titled(resource: &Named) -> String {
    let title = if resource.type_name.is_empty() { &resource.kind } else { &resource.type_name };
    if resource.address.contains(&**title) { resource.address.to_string() } else { format!("{title} {}", resource.address) }
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

/// The most characters of a node's label.
const MAX_LABEL: usize = 200;

/// A label of Mermaid: everything that its grammar, Markdown or HTML could read is a character reference.
fn mermaid(text: &str) -> String {
    let mut out = String::new();
    let text = inert(text).replace('`', "'");
    let mut left = text.chars();
    for character in left.by_ref().take(MAX_LABEL) {
        if character.is_alphanumeric() || matches!(character, ' ' | '.' | '-' | '_' | '/') {
            out.push(character);
        } else {
            let _ = write!(out, "#{};", u32::from(character));
        }
    }
    if left.next().is_some() {
        let _ = write!(out, "#{};", u32::from('…'));
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
