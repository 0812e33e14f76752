//! Reading all candidates of a run, on all threads, and some thousands at a time: what is not kept is let go of before the next are read. It does
//! not know what makes a file one of ours.

use crate::analysis::isolate::guarded;
use crate::analysis::on_each;
use crate::diagnostic::Diagnostic;
use crate::discover::{self, Gathered, Walked};
use crate::limits::Limits;
use crate::source::fs::FileSystem;

/// The candidates that turned out to be ours.
pub fn gather<'w>(fs: &dyn FileSystem, walked: &'w Walked, limits: &Limits) -> (Gathered<'w>, Vec<Diagnostic>) {
    let (mut gathered, mut faults) = (Gathered::default(), Vec::new());
    for candidates in walked.candidates.chunks(discover::AT_ONCE) {
        let read = on_each(candidates, |candidate| guarded(&candidate.path, || discover::read(fs, candidate)));
        for (candidate, read) in candidates.iter().zip(read) {
            match read {
                Ok(Some(read)) => gathered.add(candidate, read, limits),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
    }
    (gathered, faults)
}
