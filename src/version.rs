//! Versions of modules and providers, and the constraints that name them: `~> 3.0`, `>= 2.7, < 4`.
//!
//! A constraint is a stretch of versions here: what lies in it. `!=` takes nothing away, versions before a release count as the release, and what is not
//! understood admits everything: then nothing is said of the version.

/// Major, minor, patch.
pub type Version = (u32, u32, u32);

/// The versions from one on, up to another that is not among them; without the other, all that follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    from: Version,
    before: Option<Version>,
}

impl Range {
    /// Every version.
    pub const ALL: Self = Self { from: (0, 0, 0), before: None };

    /// What a constraint admits.
    pub fn of(constraint: &str) -> Self {
        constraint.split(',').fold(Self::ALL, |range, part| range.and(Self::of_part(part.trim())))
    }

    /// The one version that a tag names: `v1.2.3`, `1.2.3`. `None` for a branch, a commit or a part of a version.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let is_whole =
            tag.split('.').count() == 3 && tag.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        is_whole.then(|| Self::of(tag))
    }

    fn of_part(part: &str) -> Self {
        let (operator, text) = part.split_at(part.find(|character: char| character.is_ascii_digit()).unwrap_or(part.len()));
        let Some(version) = numbers(text) else { return Self::ALL };
        let next = (version.0, version.1, version.2.saturating_add(1));
        let (from, before) = match operator.trim() {
            "" | "=" => (version, Some(next)),
            ">" => (next, None),
            ">=" => (version, None),
            "<" => ((0, 0, 0), Some(version)),
            "<=" => ((0, 0, 0), Some(next)),
            "~>" if text.split('.').count() > 2 => (version, Some((version.0, version.1.saturating_add(1), 0))),
            "~>" => (version, Some((version.0.saturating_add(1), 0, 0))),
            _ => return Self::ALL,
        };
        Self { from, before }
    }

    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let before = match (self.before, other.before) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        };
        Self { from: self.from.max(other.from), before }
    }

    /// Whether all of it lies in another, or nothing of it (`false`); `None` if a part of it does.
    pub fn lies_in(self, other: Self) -> Option<bool> {
        if self.and(other).is_empty() {
            return Some(false);
        }
        (self.and(other) == self).then_some(true)
    }

    fn is_empty(self) -> bool {
        self.before.is_some_and(|before| before <= self.from)
    }
}

fn numbers(text: &str) -> Option<Version> {
    let mut numbers = text.split('.').map_while(|number| {
        let digits = number.trim().split(|character: char| !character.is_ascii_digit()).next()?;
        digits.parse().ok()
    });
    Some((numbers.next()?, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_lie_before_a_version_after_it_or_on_both_sides() {
        let before = |constraint: &str| Range::of(constraint).lies_in(Range::of("< 3.9.0"));
        for constraint in ["3.7.0", "= 3.8.2", "~> 3.7.0", "~> 2.0", "~> 2", "< 3", "<= 3.8", ">= 2, < 3.9", "3.8.2-beta1"] {
            assert_eq!(before(constraint), Some(true), "{constraint}");
        }
        for constraint in ["3.9.0", "~> 4.0", "~> 3.9", ">= 3.9.0", "> 3.9", "5.2.0, < 6", ">= 4, != 4.1.0"] {
            assert_eq!(before(constraint), Some(false), "{constraint}");
        }
        for constraint in ["~> 3.0", ">= 2", "", "latest", "!= 3.9.0", "<= 3.9.0"] {
            assert_eq!(before(constraint), None, "{constraint}");
        }
    }

    #[test]
    fn a_tag_is_one_version_and_a_branch_is_none() {
        assert_eq!(Range::of_tag("v5.2.0"), Some(Range::of("5.2.0")));
        assert_eq!(Range::of_tag("5.2.0"), Some(Range::of("5.2.0")));
        for tag in ["main", "v5", "v5.2", "5.2.x", "8836d0f19b23bf36e9c250307e4f4858a5cb3f4c", "v5.2.0-1"] {
            assert_eq!(Range::of_tag(tag), None, "{tag}");
        }
    }
}
