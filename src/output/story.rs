//! The whole story of one resource: what it says and how each value came to be, whom it names and who names it, what the rules say of it
//! and what would settle what is open.

use crate::analysis::Analysis;
use crate::graph::{Claim, Edge, Graph, Resource, ResourceId, Standing};
use crate::output::text::inert;
use crate::output::{value, word};
use crate::rule::finding::{Finding, Tried};
use crate::source::Span;
use crate::value::Cause;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Most lines of one value: a policy may be long, and its place is told.
const MAX_VALUE_LINES: usize = 16;
/// Most characters of one line of a value.
const MAX_LINE: usize = 160;
/// What a text of which nothing is known looks like.
const NOTHING_KNOWN: &str = "${?}";

/// The resources of an address, in whichever project; for a satellite, the resource that it configures.
pub fn find(graph: &Graph, address: &str) -> Vec<ResourceId> {
    let own = |resource: &&Resource| &*resource.address.0 == address;
    let satellite = |claim: &Claim| claim.satellite.is_some_and(|at| &*graph.declarations()[at].address.0 == address);
    let says = |resource: &&Resource| resource.properties.values().flat_map(|property| &property.claims).any(satellite);
    let found: Vec<ResourceId> = graph.resources().iter().filter(own).map(|resource| resource.id).collect();
    if !found.is_empty() {
        return found;
    }
    graph.resources().iter().filter(says).map(|resource| resource.id).collect()
}

/// The addresses that have a story, sorted.
pub fn addresses(graph: &Graph) -> BTreeSet<&str> {
    let claims = graph.resources().iter().flat_map(|resource| resource.properties.values()).flat_map(|property| &property.claims);
    let satellites = claims.filter_map(|claim| claim.satellite).map(|at| &*graph.declarations()[at].address.0);
    graph.resources().iter().map(|resource| &*resource.address.0).chain(satellites).collect()
}

/// The story of one resource.
pub fn of(analysis: &Analysis, id: ResourceId) -> String {
    let mut story = Story { analysis, text: String::new() };
    let resource = analysis.graph.resource(id);
    story.heading(resource);
    story.properties(resource);
    let edges = analysis.graph.edges();
    story.edges("names", edges.iter().filter(|edge| edge.from == id).map(|edge| (edge, edge.to)));
    story.edges("is named by", edges.iter().filter(|edge| edge.to == id).map(|edge| (edge, edge.from)));
    let about = |finding: &&Finding| Some(finding.project) == resource.project && finding.subject.address == resource.address.0;
    story.verdicts(analysis.findings.iter().filter(about));
    story.text
}

struct Story<'a> {
    analysis: &'a Analysis,
    text: String,
}

impl Story<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 2);
    }

    fn place(&self, span: Span) -> String {
        value::place(span, &self.analysis.sources, &self.analysis.working_directory)
    }

    fn heading(&mut self, resource: &Resource) {
        let project = resource.project.and_then(|id| self.analysis.projects.get(id.0 as usize));
        let whose = project.map(|analyzed| format!(" in {}", inert(&analyzed.project.label))).unwrap_or_default();
        self.line(0, &format!("{}: a {}{whose}", inert(&resource.address.0), resource.kind));
        let at = resource.span.map(|span| self.place(span));
        let standing = match (resource.standing, at) {
            (Standing::Declared, Some(at)) => format!("declared at {at}"),
            (Standing::Module, Some(at)) => format!("in module `{}`, which was not read; it is called at {at}", inert(&resource.type_name)),
            (Standing::Outside, Some(at)) => format!("not declared in this code; first named at {at}"),
            (_, None) => "not declared in this code; a fact speaks of it".to_owned(),
        };
        self.line(1, &standing);
        if resource.exists.is_unknown() {
            self.line(1, "it may not be created:");
            self.causes(2, &resource.exists_causes);
        }
        let graph = &self.analysis.graph;
        let known =
            [("name", graph.name(resource.id).clone()), ("Region", graph.region(resource.id)), ("account", graph.account(resource.id))];
        for (what, text) in known {
            let shown = text.display();
            if shown != NOTHING_KNOWN && !shown.is_empty() {
                self.line(1, &format!("{what}: {}", inert(&shown)));
            }
        }
    }

    fn properties(&mut self, resource: &Resource) {
        for (name, property) in &resource.properties {
            if property.claims.is_empty() {
                continue;
            }
            self.line(0, "");
            for claim in &property.claims {
                self.claim(name, claim);
            }
        }
    }

    fn claim(&mut self, name: &str, claim: &Claim) {
        let by = claim.satellite.map(|at| format!(", by {}", inert(&self.analysis.graph.declarations()[at].address.0)));
        let at = claim.span.map(|span| format!(" ({})", self.place(span)));
        let perhaps = if claim.certainty.is_unknown() { ", perhaps" } else { "" };
        self.line(1, &format!("{name}{}{perhaps}{}", by.unwrap_or_default(), at.unwrap_or_default()));
        self.causes(2, &claim.causes);
        let printed = value::print(&claim.value);
        let lines: Vec<&str> = printed.lines().collect();
        for line in lines.iter().take(MAX_VALUE_LINES) {
            let cut: String = line.chars().take(MAX_LINE).collect();
            let more = if cut.len() < line.len() { "…" } else { "" };
            self.line(2, &format!("{}{more}", inert(&cut)));
        }
        if lines.len() > MAX_VALUE_LINES {
            self.line(2, &format!("… and {} more lines", lines.len() - MAX_VALUE_LINES));
        }
        let trace = value::trace(&claim.value, &self.analysis.sources, &self.analysis.working_directory);
        for line in trace.lines() {
            self.line(2, line);
        }
    }

    fn edges<'e>(&mut self, verb: &str, edges: impl Iterator<Item = (&'e Edge, ResourceId)>) {
        for (edge, other) in edges {
            self.line(0, "");
            let other = self.analysis.graph.resource(other);
            let perhaps = if edge.certainty.is_unknown() { ", perhaps" } else { "" };
            self.line(1, &format!("{verb} {} ({}) as {}{perhaps}", inert(&other.address.0), other.kind, edge.relation));
            self.causes(2, &edge.causes);
            self.hops(edge.evidence.iter().map(|hop| (hop.span, &hop.message)));
        }
    }

    fn hops<'h>(&mut self, hops: impl Iterator<Item = (Span, &'h String)>) {
        for (span, message) in hops {
            self.line(2, &format!("{}: {}", self.place(span), inert(message)));
        }
    }

    fn causes(&mut self, depth: usize, causes: &[Cause]) {
        for cause in causes {
            self.line(depth, &value::not_known(cause, &self.analysis.sources, &self.analysis.working_directory));
        }
    }

    fn verdicts<'f>(&mut self, findings: impl Iterator<Item = &'f Finding>) {
        for finding in findings {
            self.line(0, "");
            self.line(1, &format!("{} {}: {}", word(finding), finding.rule, inert(&finding.message)));
            self.hops(finding.evidence.iter().map(|hop| (hop.span, &hop.message)));
            for unknown in &finding.unknown {
                self.line(2, &format!("not known: {}; to settle it, {}", inert(&unknown.message), inert(&unknown.settle)));
            }
            for tried in &finding.scenarios {
                self.line(2, &scenario(tried));
            }
        }
    }
}

fn scenario(tried: &Tried) -> String {
    let when: Vec<String> = tried.when.iter().map(|(input, value)| format!("{} is {}", inert(input), inert(value))).collect();
    let besides: Vec<String> = tried.unknown.iter().map(|unknown| inert(&unknown.message).to_string()).collect();
    let besides = if besides.is_empty() { String::new() } else { format!(", since {}", besides.join("; ")) };
    format!("when {}: {}{besides}", when.join(" and "), tried.outcome.name())
}
