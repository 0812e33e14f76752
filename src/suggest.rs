//! "Did you mean": the nearest of some names.

/// The name nearest to `wanted`, if one is near enough to have been meant: at most a third of its characters differ, or it goes on after them.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = wanted.chars().count();
    let limit = (length / 3).max(1);
    let rank = |name: &'a str| {
        let goes_on = length >= SHORTEST_BEGINNING && name.starts_with(wanted);
        // What is longer or shorter by more is no less far.
        let can_be_near = name.chars().count().min(LONGEST).abs_diff(length.min(LONGEST)) <= limit;
        let near = if can_be_near { distance(wanted, name, limit) } else { None };
        (near.is_some() || goes_on).then_some((near.is_none(), near, name))
    };
    names.into_iter().take(MOST_NAMES).filter_map(rank).min().map(|(.., name)| name)
}

/// As many names are compared: nothing is meant by one of very many that are generated.
const MOST_NAMES: usize = 1_000;

/// The least number of characters that say how a name goes on.
const SHORTEST_BEGINNING: usize = 4;

/// What serde says of a word that may not stand where it does, with the nearest one that may instead of all of them.
pub fn of_serde(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let near = if message.starts_with("unknown ") { names.next().and_then(|wrong| nearest(wrong, names)) } else { None };
    match near {
        Some(near) => format!("{}; did you mean `{near}`?", message.split(',').next().unwrap_or(message)),
        None => message.to_owned(),
    }
}

/// The same of JSON, after its line and column, from 1.
pub fn of_json(error: &serde_json::Error) -> (usize, usize, String) {
    let said = error.to_string();
    // The place stands before the message, where people and editors look for it.
    let said = said.split(" at line ").next().unwrap_or_default();
    (error.line().max(1), error.column().max(1), of_serde(said))
}

/// Longer words are compared by their beginning: the work grows with the square.
const LONGEST: usize = 64;

/// Insertions, deletions, replacements and swaps of neighbours between two words, in characters; `None` where they are more than a limit.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(LONGEST).collect(), b.chars().take(LONGEST).collect());
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let (mut previous, mut row) = (above.clone(), above.clone());
    let mut last_is_near = true;
    for i in 0..a.len() {
        row[0] = i + 1;
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut best = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                best = best.min(previous[j - 1] + 1);
            }
            row[j + 1] = best;
        }
        // Each row is made of the two before it: where nothing in them is near enough, nothing is later.
        let is_near = row.iter().any(|distance| *distance <= limit);
        if !is_near && !last_is_near {
            return None;
        }
        last_is_near = is_near;
        // The oldest row makes room for the next.
        std::mem::swap(&mut previous, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    Some(above[b.len()]).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_another_word_is_not() {
        let names = ["bucket", "buckets", "trail"];
        assert_eq!(nearest("bukcet", names), Some("bucket"));
        assert_eq!(nearest("trial", names), Some("trail"));
        assert_eq!(nearest("queue", names), None);
        assert_eq!(nearest("match", ["catches", "matches"]), Some("matches"));
        assert_eq!(nearest("mat", ["catches", "matches"]), None);
    }

    #[test]
    fn a_distance_is_told_up_to_a_limit() {
        let words = ["", "a", "ab", "ba", "abc", "bucket", "bukcet", "ubcket", "kitten", "sitting", "trail", "aliart"];
        for (a, b) in words.iter().flat_map(|a| words.iter().map(move |b| (a, b))) {
            let whole = distance(a, b, usize::MAX).unwrap();
            assert_eq!(distance(b, a, usize::MAX), Some(whole));
            for limit in 0..8 {
                assert_eq!(distance(a, b, limit), Some(whole).filter(|whole| *whole <= limit), "{a} {b} {limit}");
            }
        }
        assert_eq!((distance("kitten", "sitting", 9), distance("bukcet", "bucket", 9)), (Some(3), Some(1)));
    }
}
