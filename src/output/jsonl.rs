//! JSON lines for fleets: a line for every finding, then one for every project, so that the absence of findings is on record too, and one for everything
//! that was wrong with the input.

use crate::output::Show;
use crate::output::json;
use std::io::{self, Write};

/// Writes the listed findings and all projects.
pub fn write(show: Show<'_>, out: &mut dyn Write) -> io::Result<()> {
    for line in json::lines(show)? {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
