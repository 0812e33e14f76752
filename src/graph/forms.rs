//! The forms in which a resource's name is written: name, ARN, domain name, URI. Data of the catalog, applied to texts.

use crate::graph::text::{Atom, Text};
use std::sync::Arc;

/// The name inside a text that has one of these forms; the text itself where none fits.
pub fn name_in(text: &Text, forms: &[String]) -> Text {
    forms.iter().find_map(|form| capture(text, form)).unwrap_or_else(|| text.clone())
}

/// The name written in a form. What the form leaves open is not known, but for the partition, which is left out of all comparisons.
pub fn written(name: &Text, form: &str) -> Text {
    let mut out = Text::default();
    let (before, after) = halves(form).unwrap_or((form, ""));
    push_pattern(&mut out, before);
    name.atoms.iter().for_each(|atom| out.push(atom.clone()));
    out.causes.extend_from_slice(&name.causes);
    push_pattern(&mut out, after);
    out
}

/// What stands before and after the name. Forms are short, and have no other brace.
fn halves(form: &str) -> Option<(&str, &str)> {
    let at = form.bytes().position(|byte| byte == b'{')?;
    Some((&form[..at], form[at..].strip_prefix("{name}")?))
}

fn push_pattern(out: &mut Text, pattern: &str) {
    let mut known = String::with_capacity(pattern.len() + "aws".len());
    for (at, part) in pattern.split('*').enumerate() {
        if at > 0 && out.atoms.is_empty() && known == "arn:" {
            known.push_str("aws");
        } else if at > 0 {
            out.push(Atom::Known(Arc::from(std::mem::take(&mut known))));
            out.push(Atom::Opaque);
        }
        known.push_str(part);
    }
    if !known.is_empty() {
        out.push(Atom::Known(Arc::from(known)));
    }
}

/// Matches a text with a form: literal text, `*` for anything up to the next literal, `{name}` for a name, which holds neither `:` nor `/`.
fn capture(text: &Text, form: &str) -> Option<Text> {
    let (before, after) = halves(form)?;
    let literal = before.split('*').next().unwrap_or_default();
    // Most texts are plain names: whether one can have the form at all is told without a copy.
    let may_hold = |literal: &str| match literal.as_bytes().first() {
        Some(first) => text.atoms.iter().any(|atom| matches!(atom, Atom::Known(known) if known.as_bytes().contains(first))),
        None => true,
    };
    if !text.known_beginning().starts_with(literal) || !may_hold(after.split('*').next().unwrap_or_default()) {
        return None;
    }
    let mut rest = text.atoms.clone();
    skip(&mut rest, before)?;
    let name = take_name(&mut rest, after)?;
    skip(&mut rest, after)?;
    let complete = rest.is_empty() || after.ends_with('*');
    (complete && !name.atoms.is_empty()).then(|| Text { causes: text.causes.clone(), ..name })
}

/// Removes what a pattern covers from the beginning.
fn skip(rest: &mut Vec<Atom>, pattern: &str) -> Option<()> {
    let mut parts = pattern.split('*');
    strip(rest, parts.next().unwrap_or_default())?;
    for part in parts {
        if part.is_empty() {
            rest.clear();
            return Some(());
        }
        // Whatever the star covers ends where the next literal first stands.
        loop {
            let first = rest.first().cloned()?;
            let Atom::Known(known) = first else {
                rest.remove(0);
                continue;
            };
            if let Some(at) = known.find(part) {
                replace_first(rest, &known[at + part.len()..]);
                break;
            }
            rest.remove(0);
        }
    }
    Some(())
}

fn strip(rest: &mut Vec<Atom>, literal: &str) -> Option<()> {
    if literal.is_empty() {
        return Some(());
    }
    let Atom::Known(known) = rest.first()?.clone() else { return None };
    replace_first(rest, known.strip_prefix(literal)?);
    Some(())
}

fn replace_first(rest: &mut Vec<Atom>, with: &str) {
    if with.is_empty() {
        rest.remove(0);
    } else {
        rest[0] = Atom::Known(Arc::from(with));
    }
}

/// Takes a name from the beginning: up to `:` or `/`, or to where the literal after it stands.
fn take_name(rest: &mut Vec<Atom>, after: &str) -> Option<Text> {
    let literal = after.split('*').next().unwrap_or_default();
    let mut name = Text::default();
    while let Some(first) = rest.first().cloned() {
        let Atom::Known(known) = &first else {
            name.push(first);
            rest.remove(0);
            continue;
        };
        let end = if literal.is_empty() { known.find([':', '/']) } else { known.find(literal) };
        let Some(end) = end else {
            if !literal.is_empty() && known.contains([':', '/']) {
                return None;
            }
            name.push(first);
            rest.remove(0);
            continue;
        };
        if known[..end].contains([':', '/']) {
            return None;
        }
        name.push(Atom::Known(Arc::from(&known[..end])));
        replace_first(rest, &known[end..]);
        break;
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::text::Key;
    use crate::value::{ProjectId, Reference};

    fn forms() -> Vec<String> {
        crate::graph::Catalog::embedded().kind("bucket").unwrap().forms.clone()
    }

    #[test]
    fn the_name_of_a_bucket_is_found_in_every_form() {
        for text in [
            "logs",
            "arn:aws:s3:::logs",
            "arn:aws-us-gov:s3:::logs/trail/",
            "arn:aws:s3:::logs/*",
            "s3://logs",
            "s3://logs/a/b",
            "logs.s3.amazonaws.com",
            "logs.s3.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(name_in(&Text::known(text), &forms()).as_known(), Some("logs"), "{text}");
        }
        assert_eq!(name_in(&Text::known("my.logs"), &forms()).as_known(), Some("my.logs"));
        assert_eq!(name_in(&Text::known("arn:aws:sns:eu-west-1:1:logs"), &forms()).as_known(), Some("arn:aws:sns:eu-west-1:1:logs"));
    }

    #[test]
    fn a_partly_known_arn_gives_a_partly_known_name() {
        let input = |name| Atom::Same(Key::Reference(Arc::new(Reference::Input { project: ProjectId(0), name: Arc::from(name) })));
        let mut text = Text::known("arn:");
        text.push(input("AWS::Partition"));
        text.push(Atom::Known(Arc::from(":s3:::")));
        text.push(input("var.prefix"));
        text.push(Atom::Known(Arc::from("-logs/AWSLogs/*")));
        let name = name_in(&text, &forms());
        assert_eq!(name.atoms, vec![input("var.prefix"), Atom::Known(Arc::from("-logs"))]);
        assert_eq!(written(&Text::known("logs"), "arn:*:s3:::{name}").as_known(), Some("arn:aws:s3:::logs"));
    }
}
