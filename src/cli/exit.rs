//! The exit codes. Scripts rely on them.

/// How the process ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// There are findings.
    Findings,
    /// The job could not be done: a bad option, a missing path, or an input that could not be read. What was found in the rest is told.
    Failed,
    /// A fault of trailwarden.
    Internal,
}

impl Exit {
    /// The number that the process gives to its parent.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failed => 2,
            Self::Internal => 3,
        }
    }
}
