//! Lowering all projects of a run as far as its limits let it. A project is looked at whole or not at all; which are is settled by their
//! order, whatever the number of threads. It does not know what lowering is.

use crate::analysis::on_each;
use crate::diagnostic::{Diagnostic, Level, and_others, counted};
use crate::limits::{Limit, Limits};
use crate::project::Project;
use crate::value::Lowered;
use std::sync::atomic::{AtomicU64, Ordering};

/// What projects take together, by the limits of a run, with the words for it.
const OF_RUN: [(Limit, &str, &str); 4] = [
    (Limit::Resources, "a run holds up to", "resource instance"),
    (Limit::Steps, "the projects of a run take up to", "evaluation step"),
    (Limit::Text, "the templates and functions of a run make up to", "byte"),
    (Limit::Elements, "the expressions of a run make collections of up to", "element"),
];

/// So much of each.
type Taken = [u64; OF_RUN.len()];

/// What becomes of each project, and what to tell of those that are beyond a limit: of them there is nothing.
pub fn lower(projects: &[Project], limits: &Limits, lower: impl Fn(&Project) -> Lowered + Sync) -> (Vec<Lowered>, Vec<Diagnostic>) {
    let most: Taken = OF_RUN.map(|(limit, ..)| limits.get(limit));
    let beyond = |taken: &Taken| taken.iter().zip(&most).position(|(taken, most)| taken > most);
    let begun: [AtomicU64; OF_RUN.len()] = std::array::from_fn(|_| AtomicU64::new(0));
    // More than fit are held by no more threads than there are: one that begins when it is too late waits for what follows.
    let early = |project: &Project| {
        let is_full = beyond(&begun.each_ref().map(|taken| taken.load(Ordering::Relaxed))).is_some();
        (!is_full).then(|| {
            let lowered = lower(project);
            begun.iter().zip(taken_by(&lowered)).for_each(|(begun, taken)| {
                begun.fetch_add(taken, Ordering::Relaxed);
            });
            lowered
        })
    };
    let early: Vec<Option<Lowered>> = on_each(projects, early);
    let mut taken = Taken::default();
    let mut left: [Vec<&Project>; OF_RUN.len()] = Default::default();
    let mut settled = Vec::with_capacity(projects.len());
    for (project, early) in projects.iter().zip(early) {
        // Another order of work may have left out what belongs to the beginning.
        let lowered = if beyond(&taken).is_some() { None } else { Some(early.unwrap_or_else(|| lower(project))) };
        if let Some(lowered) = &lowered {
            let with = taken_by(lowered);
            taken.iter_mut().zip(with).for_each(|(taken, with)| *taken = taken.saturating_add(with));
        }
        settled.push(match (lowered, beyond(&taken)) {
            (Some(lowered), None) => lowered,
            (_, at) => {
                left[at.unwrap_or_default()].push(project);
                Lowered::default()
            }
        });
    }
    (settled, left.iter().zip(OF_RUN).zip(most).filter_map(|((left, words), most)| told(left, words, most)).collect())
}

fn taken_by(lowered: &Lowered) -> Taken {
    [lowered.declarations.len() as u64, lowered.taken.steps, lowered.taken.text, lowered.taken.elements]
}

/// That projects are not looked at: where the first of them lies.
fn told(left: &[&Project], (limit, words, unit): (Limit, &str, &str), most: u64) -> Option<Diagnostic> {
    let first = left.first()?;
    let others = and_others(left.len() - 1, "project");
    let message = format!("this project{others} are not looked at: {words} {}", counted(most, unit));
    let message = if left.len() == 1 { message.replace(" are not ", " is not ") } else { message };
    Some(Diagnostic::at_path(Level::Error, "limit-reached", &first.path, message).with_help(limit.help()))
}
