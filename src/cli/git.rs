//! What git says of a repository: which files a commit would change, and what they held before.
//!
//! The `git` command is asked, and no library: it is there wherever hooks run, and it alone knows every form of a repository that people
//! have (linked worktrees, partial and shallow clones, SHA-256, sparse and split indexes, reftables) by the very version that made it. The
//! libraries either bring a C library and its build, or some fifty crates, and know fewer of these. Arguments are fixed here; nothing from a
//! repository becomes one. Nothing of a repository is run: no hook, no file-system monitor, no external diff, no text conversion, no pager;
//! nothing is fetched, and nothing is locked.

use crate::cli::{Failure, Process};
use crate::source::fs::{SKIPPED_DIRECTORIES, Seen};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Options before every command.
const ALWAYS: [&str; 10] = [
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
    "-c",
    "diff.renameLimit=1000",
];

/// Options of every `diff`: the raw form with whole names, renames found, nothing run.
const DIFF: [&str; 8] =
    ["--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-color"];

/// Variables by which git tells hooks where its files are.
const PATHS: [&str; 5] = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];

/// The mode of a symbolic link.
const LINK: &str = "120000";
/// The mode of a submodule.
const SUBMODULE: &str = "160000";

/// What came of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Its path from the top of the working tree; the new one, if it was renamed.
    pub path: PathBuf,
    /// The path that it had, if it was renamed.
    pub renamed_from: Option<PathBuf>,
    /// The content that it had, by its object; none if it was not there.
    pub before: Option<String>,
    /// Whether it is there now.
    pub is_there: bool,
    /// Whether it was renamed and nothing else.
    pub is_same: bool,
    /// Whether it is, or was, something else than a file with one content: a link, a submodule, a file in conflict.
    pub is_special: bool,
}

/// A repository with a working tree.
pub struct Repository {
    /// The top of the working tree, resolved.
    pub top: PathBuf,
    environment: Vec<(String, String)>,
}

impl Repository {
    /// The repository that a directory lies in. `option`: what the user asked for that needs one.
    pub fn of(directory: &Path, option: &str, process: &Process<'_>) -> Result<Self, Failure> {
        Self::around(directory, process).with_top(option)
    }

    /// The same, with the directory in the place of the top, which is not asked for: what is asked of the index or of commits needs none.
    pub fn around(directory: &Path, process: &Process<'_>) -> Self {
        let mut environment = process.environment.clone();
        // What could run or fetch something, or change what is said.
        environment.retain(|(name, _)| !matches!(name.as_str(), "GIT_EXTERNAL_DIFF" | "GIT_DIFF_OPTS" | "GIT_PAGER"));
        let fixed = [("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_LAZY_FETCH", "1"), ("LC_ALL", "C")];
        environment.retain(|(name, _)| fixed.iter().all(|(of, _)| name != of));
        environment.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        // In a hook git says where its files are, as seen from where the hook runs.
        for (_, value) in environment.iter_mut().filter(|(name, _)| PATHS.contains(&name.as_str())) {
            *value = process.working_directory.join(&*value).to_string_lossy().into_owned();
        }
        let is_told = environment.iter().any(|(name, _)| name == "GIT_DIR");
        let start = if is_told { &process.working_directory } else { directory };
        Self { top: start.to_owned(), environment }
    }

    /// The same with its top.
    pub fn with_top(self, option: &str) -> Result<Self, Failure> {
        let said = self.ask(&["rev-parse", "--show-toplevel"]).map_err(|problem| match problem {
            Problem::Missing(error) => Failure::Usage(format!("`{option}` needs the `git` command, which could not be started: {error}")),
            Problem::Said(said) => Failure::Usage(format!("`{option}` needs a git repository with a working tree: {said}")),
        })?;
        let top = path_of(said.strip_suffix(b"\n").unwrap_or(&said));
        Ok(Self { top: canonical(&top), ..self })
    }

    /// The commit that a name stands for.
    pub fn commit(&self, name: &str) -> Option<String> {
        if name.starts_with('-') || name.contains(['\0', '\n']) {
            return None;
        }
        self.text(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")])
    }

    /// The latest commit that two have in common.
    pub fn common_ancestor(&self, one: &str, other: &str) -> Option<String> {
        self.text(&["merge-base", one, other])
    }

    /// Whether its history is cut off.
    pub fn is_shallow(&self) -> bool {
        self.text(&["rev-parse", "--is-shallow-repository"]).as_deref() == Some("true")
    }

    /// What would be committed, held against the latest commit, or against nothing where there is none yet.
    pub fn staged(&self) -> Result<Vec<Changed>, Failure> {
        self.diff(&[&["diff", "--cached"], &DIFF[..], &["--"]].concat())
    }

    /// What lies in the working tree, held against a commit.
    pub fn since(&self, base: &str) -> Result<Vec<Changed>, Failure> {
        self.diff(&[&["diff"], &DIFF[..], &[base, "--"]].concat())
    }

    /// What lies in the working tree, held against the index.
    pub fn unstaged(&self) -> Result<Vec<Changed>, Failure> {
        self.diff(&[&["diff"], &DIFF[..], &["--"]].concat())
    }

    /// Files that git does not know, those that it ignores left out.
    pub fn untracked(&self) -> Result<Vec<PathBuf>, Failure> {
        let listed = self.asked(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        let found = listed.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(path_of);
        // What tools download is never committed, and is there for the next commit as for the last.
        let is_downloaded = |path: &PathBuf| path.components().any(|part| SKIPPED_DIRECTORIES.iter().any(|name| part.as_os_str() == *name));
        Ok(found.filter(|path| !is_downloaded(path)).collect())
    }

    fn diff(&self, arguments: &[&str]) -> Result<Vec<Changed>, Failure> {
        parse(&self.asked(arguments)?).ok_or_else(|| Failure::Usage("git gave an answer of another form than `diff --raw -z`".into()))
    }

    /// The content of objects, of which each is a file of at most so many bytes; those that are not in this clone are left out.
    pub fn contents(&self, objects: &BTreeSet<String>, most: u64) -> Result<BTreeMap<String, Seen>, Failure> {
        if objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let cannot = |error: io::Error| Failure::Usage(format!("`git cat-file` failed: {error}"));
        let mut child = self.command(&["cat-file", "--batch"]).stdin(Stdio::piped()).spawn().map_err(cannot)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(mut input), Some(output)) = (input, output) else { return Err(Failure::Usage("`git cat-file` has no streams".into())) };
        let wanted: String = objects.iter().flat_map(|object| [object.as_str(), "\n"]).collect();
        let found = std::thread::scope(|scope| {
            // It answers while it is asked: neither side may wait for the other to end.
            scope.spawn(move || input.write_all(wanted.as_bytes()));
            read_batch(BufReader::new(output), most)
        });
        let _ = child.wait();
        found.map_err(cannot)
    }

    fn text(&self, arguments: &[&str]) -> Option<String> {
        let said = String::from_utf8(self.ask(arguments).ok()?).ok()?;
        Some(said.trim().to_owned()).filter(|said| !said.is_empty())
    }

    fn asked(&self, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        self.ask(arguments).map_err(|problem| match problem {
            Problem::Missing(error) => Failure::Usage(format!("the `git` command could not be started: {error}")),
            Problem::Said(said) => Failure::Usage(format!("`git {}` failed: {said}", arguments.first().unwrap_or(&""))),
        })
    }

    fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
        let output = self.command(arguments).stdin(Stdio::null()).output().map_err(Problem::Missing)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it did not say why").trim();
        Err(Problem::Said(line.trim_start_matches("fatal: ").chars().filter(|character| !character.is_control()).collect()))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(ALWAYS).args(arguments).current_dir(&self.top).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

enum Problem {
    Missing(io::Error),
    Said(String),
}

#[expect(clippy::disallowed_methods, reason = "the top of a working tree is named by git, and may be reached through a link")]
fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(&*String::from_utf8_lossy(bytes)))
}

/// Reads `:mode mode object object status NUL path NUL [path NUL]`, repeated.
fn parse(raw: &[u8]) -> Option<Vec<Changed>> {
    let mut fields = raw.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        let head = std::str::from_utf8(head).ok()?.strip_prefix(':')?;
        let [mode_before, mode, object, _, status] = head.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let first = path_of(fields.next()?);
        let is_rename = status.starts_with(['R', 'C']);
        let (path, renamed_from) = if is_rename { (path_of(fields.next()?), Some(first)) } else { (first, None) };
        let is_nothing = |object: &str| object.bytes().all(|byte| byte == b'0');
        found.push(Changed {
            path,
            renamed_from,
            before: (!is_nothing(object)).then(|| object.to_owned()),
            // What is in conflict is as it lies on disk.
            is_there: mode != "000000" || status == "U",
            is_same: status == "R100",
            is_special: status == "U" || [mode_before, mode].iter().any(|mode| *mode == LINK || *mode == SUBMODULE),
        });
    }
    Some(found)
}

/// Reads `object type size LF content LF`, repeated, and `object missing LF`.
fn read_batch(mut output: impl BufRead, most: u64) -> io::Result<BTreeMap<String, Seen>> {
    let mut found = BTreeMap::new();
    let mut head = String::new();
    loop {
        head.clear();
        if output.read_line(&mut head)? == 0 {
            return Ok(found);
        }
        let words: Vec<&str> = head.split_whitespace().collect();
        let [object, kind, size] = words[..] else { continue };
        let Ok(size) = size.parse::<u64>() else { continue };
        if kind != "blob" || size > most {
            io::copy(&mut output.by_ref().take(size + 1), &mut io::sink())?;
            if kind == "blob" {
                found.insert(object.to_owned(), Seen::TooLarge(most));
            }
            continue;
        }
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        output.by_ref().take(size).read_to_end(&mut content)?;
        output.read_exact(&mut [0])?;
        found.insert(object.to_owned(), Seen::Content(content.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_differences_are_read() {
        let raw = b":100644 100644 aaaa bbbb M\0a b.tf\0:100644 000000 aaaa 0000 D\0gone.tf\0:000000 100644 0000 bbbb A\0new\n.tf\0:100644 100644 aaaa aaaa R100\0old.tf\0moved.tf\0:120000 100644 aaaa 0000 T\0link\0";
        let found = parse(raw).unwrap();
        let shown: Vec<_> = found
            .iter()
            .map(|changed| {
                let before = changed.before.as_deref().unwrap_or("-");
                (changed.path.to_str().unwrap(), changed.renamed_from.as_deref().and_then(Path::to_str), before, changed.is_there)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("a b.tf", None, "aaaa", true),
                ("gone.tf", None, "aaaa", false),
                ("new\n.tf", None, "-", true),
                ("moved.tf", Some("old.tf"), "aaaa", true),
                ("link", None, "aaaa", true)
            ]
        );
        assert!(found[3].is_same && found[4].is_special && !found[0].is_special);
        assert_eq!(parse(b""), Some(Vec::new()));
        assert_eq!(parse(b"whatever\0"), None);
    }

    #[test]
    fn a_batch_of_objects_is_read() {
        let found = read_batch(&b"aaaa blob 3\na\nb\nbbbb missing\ncccc tree 2\nxx\ndddd blob 0\n\neeee blob 4\nlong\n"[..], 3).unwrap();
        let content = |text: &[u8]| Seen::Content(text.into());
        let wanted = [("aaaa", content(b"a\nb")), ("dddd", content(b"")), ("eeee", Seen::TooLarge(3))];
        assert_eq!(found, wanted.map(|(object, seen)| (object.to_owned(), seen)).into());
    }
}
