//! Memory from the system in large steps.
//!
//! glibc gives every thread a heap of its own that it grows by as many pages as an allocation lacks, with a call of the system each, and
//! gives its end back as soon as 128 KiB of it are free: a fifth of a check went by there. Room that is asked for and handed back at once
//! stays with the heap. Nothing hangs on it; other allocators are not harmed by a request that they serve and forget.

use std::cell::Cell;
use std::hint::black_box;

/// What a thread asks for when it starts. glibc's bound for what a heap keeps rises with the largest block of its own that was freed,
/// so this is larger than what is asked for later.
const AT_START: usize = 24 * 1024 * 1024;

/// What a thread asks for before pieces of work: more than most of them need together.
const FOR_WORK: usize = 4 * 1024 * 1024;

/// How many pieces of work that is for: most are one small file, and to ask costs as much as reading it.
const PIECES: u32 = 16;

thread_local! {
    /// How many pieces of work still have room.
    static LEFT: Cell<u32> = const { Cell::new(0) };
}

/// Makes room in the heap of a thread that starts.
pub fn start() {
    ask(AT_START);
    ask(FOR_WORK);
}

/// Makes room for a piece of work, and for those after it.
pub fn make_room() {
    let left = LEFT.get().checked_sub(1).unwrap_or_else(|| {
        ask(FOR_WORK);
        PIECES - 1
    });
    LEFT.set(left);
}

fn ask(bytes: usize) {
    drop(black_box(Vec::<u8>::with_capacity(bytes)));
}
