//! Files that a command writes: aside first and then renamed, so that a full disk or an interrupt leaves no half of one.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Makes or replaces a file, keeping its mode bits, with what `fill` writes.
#[expect(clippy::disallowed_methods, reason = "the mode bits of what is about to be replaced")]
pub fn write(target: &Path, fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut name = target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let aside = target.with_file_name(name);
    let written = fs::File::create(&aside).and_then(|file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        // What a file may be used for is its owner's to say.
        if let Ok(metadata) = fs::metadata(target) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&aside, target));
    if placed.is_err() {
        // It may never have come to be.
        let _ = fs::remove_file(&aside);
    }
    placed
}

/// Replaces a file's bytes, unless somebody else has changed them since they were read.
#[expect(clippy::disallowed_methods, reason = "what is about to be replaced is read again")]
pub fn replace(target: &Path, before: &[u8], after: &[u8]) -> io::Result<()> {
    if fs::read(target)? != before {
        return Err(io::Error::other("it has changed since it was read"));
    }
    write(target, &mut |out| out.write_all(after))
}
