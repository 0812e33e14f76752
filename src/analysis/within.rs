//! Lowering all projects of a run as far as its limit of resources lets it. A project is looked at whole or not at all; which are is settled by
//! their order, whatever the number of threads. It does not know what lowering is.

use crate::analysis::on_each;
use crate::diagnostic::{Diagnostic, Level, and_others, counted};
use crate::limits::{Limit, Limits};
use crate::project::Project;
use crate::value::Lowered;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What becomes of each project, and what to tell of those that are beyond the limit: of them there is nothing.
pub fn lower(projects: &[Project], limits: &Limits, lower: impl Fn(&Project) -> Lowered + Sync) -> (Vec<Lowered>, Vec<Diagnostic>) {
    let most = limits.count(Limit::Resources);
    let declared = AtomicUsize::new(0);
    // More than fit are held by no more threads than there are: one that begins when it is too late waits for what follows.
    let early = |project: &Project| {
        let is_full = declared.load(Ordering::Relaxed) > most;
        (!is_full).then(|| {
            let lowered = lower(project);
            declared.fetch_add(lowered.declarations.len(), Ordering::Relaxed);
            lowered
        })
    };
    let early: Vec<Option<Lowered>> = on_each(projects, early);
    let (mut taken, mut left) = (0, Vec::new());
    let mut settled = Vec::with_capacity(projects.len());
    for (project, early) in projects.iter().zip(early) {
        // Another order of work may have left out what belongs to the beginning.
        let lowered = if taken > most { None } else { Some(early.unwrap_or_else(|| lower(project))) };
        taken = taken.saturating_add(lowered.as_ref().map_or(0, |lowered| lowered.declarations.len()));
        settled.push(lowered.filter(|_| taken <= most).unwrap_or_else(|| {
            left.push(project);
            Lowered::default()
        }));
    }
    (settled, told(&left, most))
}

/// That projects are not looked at: where the first of them lies.
fn told(left: &[&Project], most: usize) -> Vec<Diagnostic> {
    let Some(first) = left.first() else { return Vec::new() };
    let others = and_others(left.len() - 1, "project");
    let message = format!("this project{others} are not looked at: a run holds up to {}", counted(most, "resource instance"));
    let message = if left.len() == 1 { message.replace(" are not ", " is not ") } else { message };
    vec![Diagnostic::at_path(Level::Error, "limit-reached", &first.path, message).with_help(Limit::Resources.help())]
}
