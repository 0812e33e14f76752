//! Whether the cost of a check grows with its input and no faster: processor time per file over trees of 1,000, 10,000 and 50,000 files, peak
//! memory per byte of what is read as infrastructure, and what starting up costs. `cargo bench --bench scaling`.
//!
//! Each measurement is a process of its own (this program again), so that its peak is its own. `--write DIR` writes the trees for other programs
//! instead; `TRAILWARDEN_BENCH_FILES` (`1000,10000`) chooses other sizes.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program of its own that reads files and prints a table")]
#![expect(clippy::cast_precision_loss, reason = "a table shows two digits")]

mod support;

use cpu_time::ProcessTime;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use support::Tree;

/// Sizes of trees, in files that are read as infrastructure.
const SIZES: [usize; 3] = [1_000, 10_000, 50_000];

/// Turns of each; the best counts.
const TURNS: usize = 5;

/// Turns of large trees.
const TURNS_OF_LARGE: usize = 3;

/// Most files of a tree that is not large.
const LARGE: usize = 10_000;

/// Where the program notes what this process was told to do.
const ONE: &str = "--one";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        // Cargo's test run asks every bench for its tests; there are none.
        all if all.iter().any(|argument| argument == "--test") => {}
        [one, directory, ..] if one == ONE => measure_here(Path::new(directory)),
        [write, directory, ..] if write == "--write" => write_trees(Path::new(directory)),
        _ => measure_all(),
    }
}

fn sizes() -> Vec<usize> {
    let named = std::env::var("TRAILWARDEN_BENCH_FILES").ok();
    let read = |text: String| text.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    named.map_or_else(|| SIZES.to_vec(), read)
}

fn measure_all() {
    println!("{:<18}{:>8}{:>10}{:>12}{:>8}{:>10}{:>12}", "tree", "files", "cpu ms", "us per file", "ratio", "peak MB", "per byte");
    let kinds: [fn(usize) -> Tree; 3] = [support::terraform_only, support::templates_only, support::mixed];
    for make in kinds {
        let trees: Vec<(usize, Tree)> = sizes().into_iter().map(|size| (size, make(size))).collect();
        let mut best: Vec<Option<One>> = trees.iter().map(|_| None).collect();
        // A machine is busy for minutes, too: the sizes are measured by turns.
        for turn in 0..TURNS {
            for ((size, tree), best) in trees.iter().zip(&mut best) {
                if turn < TURNS_OF_LARGE || *size <= LARGE {
                    *best = best.take().into_iter().chain([measure(&tree.path)]).min_by_key(|one| one.time);
                }
            }
        }
        let mut first: Option<f64> = None;
        for ((_, tree), one) in trees.iter().zip(best.into_iter().flatten()) {
            let each = one.time.as_secs_f64() * 1e6 / one.files as f64;
            let ratio = each / *first.get_or_insert(each);
            let bytes = support::bytes_of(&tree.path);
            println!(
                "{:<18}{:>8}{:>10.0}{each:>12.1}{ratio:>8.2}{:>10.1}{:>12.1}",
                tree.name,
                one.files,
                one.time.as_secs_f64() * 1e3,
                one.peak as f64 / 1e6,
                one.peak as f64 / bytes as f64
            );
        }
    }
    start_up();
}

/// What one check of a tree cost.
struct One {
    files: usize,
    time: Duration,
    /// Bytes.
    peak: u64,
}

/// Measures in a process of its own.
fn measure(directory: &Path) -> One {
    let program = std::env::current_exe().expect("a program knows where it is");
    let output = Command::new(program).arg(ONE).arg(directory).output().expect("this program can be run again");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [files, micros, peak] = numbers[..] else { panic!("{text}{}", String::from_utf8_lossy(&output.stderr)) };
    One { files: usize::try_from(files).expect("it fits"), time: Duration::from_micros(micros), peak }
}

/// Measures in this process: files, microseconds of processor time, peak bytes.
fn measure_here(directory: &Path) {
    let start = ProcessTime::now();
    let files = black_box(support::check(directory, 1)).summary.files;
    println!("{files} {} {}", start.elapsed().as_micros(), peak());
}

/// The most memory that this process has had, as far as the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kilobytes| kilobytes * 1024)
}

/// What a run costs that finds nothing to read.
fn start_up() {
    let tree = support::mixed(0);
    let empty = tree.path.join("empty");
    std::fs::create_dir_all(&empty).expect("the temporary directory is writable");
    let run = || {
        let start = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_trailwarden")).args(["check", "--root", "."]).current_dir(&empty).output();
        assert!(status.is_ok_and(|output| output.status.success()), "an empty directory is clean");
        start.elapsed()
    };
    let best = (0..50).map(|_| run()).min().expect("there are turns");
    println!("start-up on an empty directory: {:.1} ms", best.as_secs_f64() * 1e3);
}

/// Writes a tree of each language to a directory, and says where.
fn write_trees(directory: &Path) {
    let size = sizes().first().copied().unwrap_or(SIZES[0]);
    for tree in [support::terraform_only(size), support::templates_only(size)] {
        let to: PathBuf = directory.join(&tree.name);
        std::fs::create_dir_all(directory).expect("the directory can be made");
        let copied = Command::new("cp").arg("-r").arg(&tree.path).arg(&to).status();
        assert!(copied.is_ok_and(|status| status.success()), "the tree can be copied");
        println!("{}", to.display());
    }
}
