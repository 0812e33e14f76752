//! Kleene's strong three-valued logic: an unknown never turns into a guess.

/// True, false, or not known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Truth {
    /// Surely not.
    False,
    /// Not known.
    Unknown,
    /// Surely.
    True,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    /// False if either is false, true if both are true.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// True if either is true, false if both are false.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// True if all are; true for none. Those after one that decides are not asked.
    pub fn all(of: impl IntoIterator<Item = Self>) -> Self {
        Self::decided(of, Self::False)
    }

    /// True if any is; false for none. Those after one that decides are not asked.
    pub fn any(of: impl IntoIterator<Item = Self>) -> Self {
        Self::decided(of, Self::True)
    }

    fn decided(of: impl IntoIterator<Item = Self>, by: Self) -> Self {
        let mut truth = !by;
        for one in of {
            if one == by {
                return by;
            }
            if one.is_unknown() {
                truth = one;
            }
        }
        truth
    }

    /// Whether it is surely true.
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// Whether it is surely false.
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// Whether it is not known.
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::Unknown => Self::Unknown,
            Self::False => Self::True,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};
    use super::*;

    #[test]
    fn kleene_tables_hold() {
        for a in [True, Unknown, False] {
            assert_eq!(a.and(False), False);
            assert_eq!(a.or(True), True);
            assert_eq!(a.and(True), a);
            assert_eq!(a.or(False), a);
            assert_eq!(!!a, a);
        }
        assert_eq!(Unknown.and(Unknown), Unknown);
        assert_eq!(!Unknown, Unknown);
        assert_eq!(Truth::all([]), True);
        assert_eq!(Truth::any([]), False);
    }
}
