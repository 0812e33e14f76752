//! A panic is a fault of ours. One in a file or project is told there, and the others are checked all the same.
//!
//! What a panic may leave half done is that project's alone, or a cell that the next reader fills anew. What is worked out for all projects at
//! once is, where it fails, worked out again without the project at which it does. It knows nothing of what the work is.

use crate::analysis::heap;
use crate::diagnostic::{Diagnostic, Level};
use crate::project::Project;
use crate::value::ProjectId;
use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The code of the diagnostic that a panic becomes: it makes the exit code 3.
pub const INTERNAL_ERROR: &str = "internal-error";

/// Whether a project is among those that work is done for.
pub type Wanted<'w> = dyn Fn(ProjectId) -> bool + Sync + 'w;

/// Work on what lies at a path. The error is what to tell where it fails.
pub fn guarded<R>(path: &Path, work: impl FnOnce() -> R) -> Result<R, Diagnostic> {
    heap::make_room();
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| internal_error(path, panic.as_ref()))
}

/// Work for all projects, or as [`others`] do it.
pub fn all<R>(projects: &[Project], work: impl Fn(&Wanted<'_>) -> R) -> (R, Vec<Diagnostic>) {
    match catch_unwind(AssertUnwindSafe(|| work(&|_| true))) {
        Ok(done) => (done, Vec::new()),
        Err(_) => others(projects, work),
    }
}

/// Work that failed for all projects, for those at which it does not fail, and what to tell of the others. Where it fails at none alone, it fails here.
pub fn others<R>(projects: &[Project], work: impl Fn(&Wanted<'_>) -> R) -> (R, Vec<Diagnostic>) {
    let mut at_fault = BTreeSet::new();
    let alone = |project: &Project| guarded(&project.path, || work(&|wanted| wanted == project.id)).err();
    let faults: Vec<Diagnostic> = projects
        .iter()
        .filter_map(|project| {
            let fault = alone(project)?;
            at_fault.insert(project.id);
            Some(fault)
        })
        .collect();
    (work(&|project| !at_fault.contains(&project)), faults)
}

/// What a panic says of itself.
fn internal_error(path: &Path, panic: &(dyn Any + Send)) -> Diagnostic {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("trailwarden failed here: {}", said.unwrap_or("it did not say why"));
    Diagnostic::at_path(Level::Error, INTERNAL_ERROR, path, message)
        .with_help("this is a fault of trailwarden: please report it with the output of the same command under `RUST_BACKTRACE=1`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::ProjectKind;

    fn projects() -> Vec<Project> {
        let project =
            |(id, name): (u32, &str)| Project { id: ProjectId(id), kind: ProjectKind::Terraform, path: name.into(), label: name.into() };
        [(0, "a"), (1, "b"), (2, "c")].map(project).into()
    }

    /// The projects that work is done for, where it fails as soon as one is among them.
    fn without(faulty: &[u32]) -> (Vec<u32>, Vec<String>) {
        let work = |wanted: &Wanted<'_>| {
            let done: Vec<u32> = (0..3).filter(|id| wanted(ProjectId(*id))).collect();
            assert!(!done.iter().any(|id| faulty.contains(id)), "a fault");
            done
        };
        let (done, faults) = all(&projects(), work);
        (done, faults.iter().map(|fault| format!("{:?} {} {}", fault.place, fault.code, fault.message)).collect())
    }

    #[test]
    fn what_fails_at_one_project_is_done_for_the_others() {
        assert_eq!(without(&[]), (vec![0, 1, 2], vec![]));
        let (done, faults) = without(&[1]);
        assert_eq!(done, [0, 2]);
        assert_eq!(faults, ["Some(Path(\"b\")) internal-error trailwarden failed here: a fault"]);
        let (done, faults) = without(&[0, 2]);
        assert_eq!((done, faults.len()), (vec![1], 2));
    }
}
