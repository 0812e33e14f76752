//! How much is looked at for one answer: so that no code, whoever wrote it, takes a run more than its size and a limit say.
//!
//! Every subject of a rule has the same share, and so has every count that is remembered. None of them takes from another: what one comes to
//! hangs neither on the order of the work nor on the number of threads. Who has used up a share knows nothing of the rest: what was proven
//! before stays, and anything else is open. It does not know what is looked at.

use crate::limits::{Limit, Limits};
use crate::value::{Cause, CauseKind};
use std::cell::Cell;

/// The least that a share is, unless the limit itself is less: however many subjects there are, this much is looked at for each.
const LEAST_SHARE: u64 = 1_000;

/// The share of each of so many that are asked about.
pub fn share(limits: &Limits, among: usize) -> u64 {
    let most = limits.get(Limit::RuleSteps);
    let among = u64::try_from(among).unwrap_or(u64::MAX).max(1);
    (most / among).max(most.min(LEAST_SHARE))
}

/// What is left of a share.
#[derive(Debug)]
pub struct Steps {
    share: u64,
    left: Cell<u64>,
    is_met: Cell<bool>,
}

impl Steps {
    /// A share that nothing was taken from.
    pub fn of(share: u64) -> Self {
        Self { share, left: Cell::new(share), is_met: Cell::new(false) }
    }

    /// Takes so many steps; false if there are fewer, and then none are left.
    pub fn take(&self, steps: usize) -> bool {
        let left = u64::try_from(steps).ok().and_then(|steps| self.left.get().checked_sub(steps));
        self.left.set(left.unwrap_or(0));
        if left.is_none() {
            self.is_met.set(true);
        }
        left.is_some()
    }

    /// Whether there are so many steps.
    pub fn has(&self, steps: usize) -> bool {
        u64::try_from(steps).is_ok_and(|steps| steps <= self.left.get())
    }

    /// Things one by one, as long as there are steps; then nothing, once.
    pub fn each<T>(&self, things: impl IntoIterator<Item = T>) -> impl Iterator<Item = Option<T>> {
        let mut is_over = false;
        things.into_iter().map_while(move |thing| {
            if is_over {
                return None;
            }
            is_over = !self.take(1);
            Some((!is_over).then_some(thing))
        })
    }

    /// How many are left.
    pub fn left(&self) -> u64 {
        self.left.get()
    }

    /// Gives back what was taken since so many were left: what comes next was paid for.
    pub fn again(&self, left: u64) {
        self.left.set(left);
    }

    /// How many were taken.
    pub fn taken(&self) -> usize {
        usize::try_from(self.share - self.left.get()).unwrap_or(usize::MAX)
    }

    /// Whether more was asked for than there was.
    pub fn is_met(&self) -> bool {
        self.is_met.get()
    }

    /// Notes that what an answer hangs on had used up a share of its own.
    pub fn meet(&self) {
        self.is_met.set(true);
    }

    /// Why the rest is not known.
    pub fn cause(&self) -> Cause {
        let what = format!("more than {} elements that a rule looks at for one resource", self.share);
        Cause::new(CauseKind::Limit, Limit::RuleSteps.named(&what), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_equal_and_never_too_small() {
        let mut limits = Limits::default();
        limits.set(Limit::RuleSteps, 100_000);
        assert_eq!([0, 1, 10, 100, 101, 1_000_000].map(|among| share(&limits, among)), [100_000, 100_000, 10_000, 1_000, 1_000, 1_000]);
        limits.set(Limit::RuleSteps, 7);
        assert_eq!([0, 1, 2, 100].map(|among| share(&limits, among)), [7; 4]);
    }

    #[test]
    fn what_is_beyond_a_share_is_one_unknown() {
        let steps = Steps::of(3);
        assert_eq!(steps.each(0..3).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
        assert!(!steps.is_met(), "a share that is just enough is not met");
        assert_eq!(steps.each(0..3).collect::<Vec<_>>(), [None]);
        assert!(steps.is_met() && !steps.take(1) && steps.take(0));
        let steps = Steps::of(3);
        assert_eq!(steps.each(0..10).collect::<Vec<_>>(), [Some(0), Some(1), Some(2), None]);
        assert_eq!((steps.taken(), steps.left()), (3, 0));
    }
}
