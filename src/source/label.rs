//! Paths as people see them: relative to the working directory, with `/` on every system.

use std::path::{Component, Path};

/// `path` as seen from `base`, both of them resolved: `envs/prod/main.tf`, `../other/main.tf`, `.` for `base` itself. Names that are
/// not UTF-8 are shown as far as they are.
pub fn label(path: &Path, base: &Path) -> String {
    if path.is_absolute() != base.is_absolute() {
        return join(path.components());
    }
    let mut here = base.components().peekable();
    let mut there = path.components().peekable();
    while here.peek().is_some() && here.peek() == there.peek() {
        here.next();
        there.next();
    }
    let up = here.filter(|part| matches!(part, Component::Normal(_))).map(|_| Component::ParentDir);
    join(up.chain(there))
}

fn join<'a>(parts: impl Iterator<Item = Component<'a>>) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Component::CurDir => continue,
            Component::RootDir => {
                text.push('/');
                continue;
            }
            _ => {}
        }
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        text.push_str(&part.as_os_str().to_string_lossy());
    }
    if text.is_empty() { ".".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_relative_with_slashes() {
        let of = |path: &str, base: &str| label(Path::new(path), Path::new(base));
        assert_eq!(of("/w/envs/prod", "/w"), "envs/prod");
        assert_eq!(of("/w", "/w"), ".");
        assert_eq!(of("/other/main.tf", "/w/a"), "../../other/main.tf");
        assert_eq!(of("repo/main.tf", "."), "repo/main.tf");
        assert_eq!(of(".", "."), ".");
        assert_eq!(of("repo/main.tf", "repo"), "main.tf");
    }
}
