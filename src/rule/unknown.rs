//! Causes in words: what is not known, and what would settle it.

use crate::graph::{Graph, ResourceId};
use crate::limits::Limit;
use crate::rule::finding::UnknownCause;
use crate::rule::message::name_or_words;
use crate::value::{Cause, CauseKind, MAX_CAUSES, Truth};

/// Most causes that a finding tells; more would tell a reader nothing.
const TOLD: usize = MAX_CAUSES - 1;

/// Causes as a finding tells them: sorted, each once.
pub fn tell(causes: &[Cause]) -> Vec<UnknownCause> {
    // There may be very many, most of them the same.
    let mut causes: Vec<&Cause> = causes.iter().collect();
    causes.sort_by(|a, b| a.in_order(b));
    causes.dedup();
    let mut told: Vec<UnknownCause> = causes.into_iter().map(one).collect();
    // One cause at several places is told once.
    told.dedup_by(|later, earlier| later.message == earlier.message);
    shorten(&mut told);
    told.shrink_to_fit();
    told
}

/// Keeps as many as a finding tells, and says that there are more.
pub fn shorten(told: &mut Vec<UnknownCause>) {
    if told.len() > TOLD {
        told.truncate(TOLD);
        let message = format!("more than {TOLD} causes; the others are not listed");
        let cause = Cause::new(CauseKind::Limit, &*message, None);
        told.push(UnknownCause { cause, message, settle: "settle these first".to_owned() });
    }
}

fn one(cause: &Cause) -> UnknownCause {
    let name = &cause.name;
    let quoted = || name_or_words(name);
    let (message, settle) = match cause.kind {
        CauseKind::Variable => {
            (["`", name, "` has no value"].concat(), "pass `--var` or `--var-file`, or give the variable a default".to_owned())
        }
        CauseKind::Parameter => (
            format!("parameter `{name}` has no value"),
            "pass `--parameter` or `--parameter-file`, or give the parameter a default".to_owned(),
        ),
        CauseKind::Environment => (quoted() + " is known only where it is deployed", stated(name)),
        CauseKind::Unshown => (format!("code cannot show {name}"), "look at what is deployed".to_owned()),
        CauseKind::Data => (
            quoted() + " is read from the account",
            "state its value as a fact, or check the code that creates it in the same run".to_owned(),
        ),
        CauseKind::Computed => (quoted() + " is known only when it is created", "name it in the code".to_owned()),
        CauseKind::MissingModule => (
            format!("module `{name}` is not in the tree"),
            "run `terraform init` before the check, or keep the module's source in the repository".to_owned(),
        ),
        CauseKind::External => {
            (format!("`{name}` is not in this code"), "check the code that declares it in the same run, or state it as a fact".to_owned())
        }
        CauseKind::Stored => (
            format!("`{name}` is stored outside the code"),
            "state its value as a fact, or check the code that writes it in the same run".to_owned(),
        ),
        CauseKind::Impure => (format!("`{name}` is different in every run"), "use a fixed value".to_owned()),
        CauseKind::File => (format!("file `{name}` could not be read"), "keep the file in the scan root".to_owned()),
        CauseKind::Macro => (format!("`{name}` changes the template when it is deployed"), "check the processed template".to_owned()),
        CauseKind::Limit => (format!("a limit was reached: {name}"), smaller(Limit::in_text(name))),
        CauseKind::Undeclared => (name.to_string(), "declare it, or name one that is declared".to_owned()),
        CauseKind::Invalid => (format!("it is not valid: {name}"), "mend what the diagnostics say".to_owned()),
        CauseKind::Unsupported => (format!("this is not understood yet: {name}"), "tell us, or write it more simply".to_owned()),
    };
    UnknownCause { cause: cause.clone(), message, settle }
}

/// How to keep to a limit.
fn smaller(limit: Option<Limit>) -> String {
    use Limit::{ScenarioInputs, ScenarioProjects, ScenarioRounds, ScenarioValues, Scenarios};
    let Some(limit) = limit else { return "write it more simply".to_owned() };
    let way = match limit {
        Scenarios | ScenarioInputs | ScenarioValues | ScenarioRounds | ScenarioProjects => "give its inputs values",
        _ => "split the project",
    };
    format!("{way}, or raise the limit with `--limit {limit}=NUMBER`")
}

/// How to state what only the place of deployment knows.
fn stated(name: &str) -> String {
    let by_fact = "state it as a fact, in `--facts` or under `[facts]` in the config";
    match name {
        "terraform.workspace" => format!("{by_fact} (`workspace = \"…\"`), or set `TF_WORKSPACE` and pass `--terraform-env`"),
        _ => by_fact.to_owned(),
    }
}

/// Why it is not known which of several resources is meant.
pub fn which(graph: &Graph, candidates: &[(ResourceId, Truth)], open: &[Cause]) -> Vec<Cause> {
    if !open.is_empty() {
        return open.to_vec();
    }
    let names: Vec<String> = candidates.iter().take(4).map(|(id, _)| graph.resource(*id).address.to_string()).collect();
    let span = candidates.first().and_then(|(id, _)| graph.resource(*id).span);
    vec![Cause::new(CauseKind::Computed, format!("which of {}", names.join(", ")), span)]
}
