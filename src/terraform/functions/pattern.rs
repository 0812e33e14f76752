//! `regex`, `regexall`, and `replace`, whose search text may be a pattern.

mod syntax;

use super::FunctionError;
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes, UNKNOWN, list, list_of};
use crate::value::{CauseKind, Entries, Piece, Type, Unknown, Value, ValueKind, text};
use regex::bytes::{Captures, Regex, RegexBuilder};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Longest text that is searched with a pattern, in bytes.
const MAX_SEARCHED: usize = 1 << 20;
/// Most matches that are returned.
const MAX_MATCHES: usize = 1 << 17;
/// Largest compiled pattern, in bytes.
const MAX_PROGRAM: usize = 4 << 20;
/// Compiled patterns that a thread keeps: the same few are used over and over in loops.
const MAX_KEPT: usize = 64;

const STRING: &[Parameter] = &[Parameter::new("pattern", Takes::Text), Parameter::new("string", Takes::Text)];

/// Longest text that is looked for in one that is known in part, in bytes.
const MAX_PART: usize = 256;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "regex",
        parameters: STRING,
        rest: None,
        gives: Gives::Depends(|arguments| match_type(&arguments[0])),
        nullness: Nullness::Never,
        run: regex,
    },
    Function {
        name: "regexall",
        parameters: STRING,
        rest: None,
        gives: Gives::Depends(|arguments| Ok(list(match_type(&arguments[0])?))),
        nullness: Nullness::Never,
        run: regex_all,
    },
    Function {
        name: "replace",
        parameters: &[
            Parameter::new("str", Takes::Text).lets(UNKNOWN),
            Parameter::new("substr", Takes::Text),
            Parameter::new("replace", Takes::Text).lets(UNKNOWN),
        ],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: replace,
    },
];

/// A compiled pattern and the names of its groups.
struct Pattern {
    regex: Regex,
    groups: Vec<Option<Arc<str>>>,
}

thread_local! {
    static KEPT: RefCell<BTreeMap<String, Rc<Pattern>>> = const { RefCell::new(BTreeMap::new()) };
}

impl Pattern {
    fn compile(source: &str) -> Result<Rc<Self>, String> {
        if let Some(kept) = KEPT.with_borrow(|kept| kept.get(source).cloned()) {
            return Ok(kept);
        }
        let syntax::Translated { pattern, groups } = syntax::translate(source)?;
        let compiled = RegexBuilder::new(&pattern).size_limit(MAX_PROGRAM).dfa_size_limit(MAX_PROGRAM).build();
        let regex = compiled.map_err(|_| format!("the pattern is not valid or too large: {source}"))?;
        let compiled = Rc::new(Self { regex, groups });
        KEPT.with_borrow_mut(|kept| {
            if kept.len() >= MAX_KEPT {
                kept.clear();
            }
            kept.insert(source.to_owned(), Rc::clone(&compiled));
        });
        Ok(compiled)
    }

    /// The first match from a place on; matches lie between whole characters.
    fn find<'t>(&self, searched: &'t str, from: usize) -> Option<Captures<'t>> {
        let mut from = from;
        loop {
            let found = self.regex.captures_at(searched.as_bytes(), from)?;
            let whole = found.get(0)?;
            if searched.is_char_boundary(whole.start()) && searched.is_char_boundary(whole.end()) {
                return Some(found);
            }
            from = whole.start() + 1;
        }
    }

    /// The type of a match: the text where there are no groups, an object of named ones, a tuple of others.
    fn result_type(&self) -> Result<Type, String> {
        let named = self.groups.iter().flatten().count();
        if self.groups.is_empty() {
            Ok(Type::String)
        } else if named == 0 {
            Ok(Type::Tuple(self.groups.iter().map(|_| Type::String).collect()))
        } else if named == self.groups.len() {
            Ok(Type::Object(Arc::new(self.groups.iter().flatten().map(|name| (Arc::clone(name), Type::String)).collect())))
        } else {
            Err("invalid regexp pattern: cannot mix both named and unnamed capture groups".into())
        }
    }

    fn result(&self, searched: &str, found: &Captures) -> Value {
        let group = |index: usize| match found.get(index).and_then(|group| searched.get(group.range())) {
            Some(matched) => text::string(matched),
            None => ValueKind::Null(Type::String).into(),
        };
        if self.groups.is_empty() {
            return group(0);
        }
        if self.groups.iter().all(Option::is_none) {
            return Value::tuple((1..=self.groups.len()).map(group).collect());
        }
        let named = self.groups.iter().enumerate().filter_map(|(index, name)| Some((Arc::clone(name.as_ref()?), group(index + 1))));
        Value::object(named.collect::<Entries>())
    }
}

fn compile(source: &str) -> Result<Rc<Pattern>, FunctionError> {
    Pattern::compile(source).map_err(|error| FunctionError::argument(0, format!("invalid regexp pattern: {error}")))
}

fn match_type(pattern: &Value) -> Result<Type, FunctionError> {
    let Some(source) = pattern.as_str() else { return Ok(Type::Dynamic) };
    compile(source)?.result_type().map_err(|error| FunctionError::argument(0, error))
}

fn too_long(call: &Call) -> Value {
    call.unknown_because(CauseKind::Limit, "a search in more than 1 MiB of text, or with more than 131,072 matches")
}

fn regex(call: &mut Call) -> Outcome {
    let (pattern, searched) = (compile(call.text(0)?)?, call.text(1)?);
    if searched.len() > MAX_SEARCHED {
        return Ok(too_long(call));
    }
    let found = pattern.find(searched, 0).ok_or_else(|| FunctionError::new("pattern did not match any part of the given string"))?;
    Ok(pattern.result(searched, &found))
}

fn regex_all(call: &mut Call) -> Outcome {
    let (pattern, searched) = (compile(call.text(0)?)?, call.text(1)?);
    if searched.len() > MAX_SEARCHED {
        return Ok(too_long(call));
    }
    let mut matches = Vec::new();
    let mut from = 0;
    let mut last_end = None;
    while from <= searched.len() {
        let Some(found) = pattern.find(searched, from) else { break };
        let Some(whole) = found.get(0) else { break };
        let mut accept = true;
        if whole.end() == from {
            // An empty match counts unless it stands right after another match.
            accept = last_end != Some(whole.start());
            from += width(searched, from);
        } else {
            from = whole.end();
        }
        last_end = Some(whole.end());
        if accept {
            matches.push(pattern.result(searched, &found));
        }
        if matches.len() > MAX_MATCHES {
            return Ok(too_long(call));
        }
    }
    let of = pattern.result_type().map_err(FunctionError::new)?;
    Ok(list_of(of, matches))
}

/// Bytes of the character at a place; 1 at the end, to get past it.
fn width(searched: &str, at: usize) -> usize {
    searched[at..].chars().next().map_or(1, char::len_utf8)
}

fn replace(call: &mut Call) -> Outcome {
    if call.argument(0)?.is_unknown() || call.argument(2)?.is_unknown() {
        let replaced = call.argument(1)?.as_str().and_then(|wanted| replace_in_part(&call.arguments[0], wanted, &call.arguments[2]));
        return Ok(replaced.unwrap_or_else(|| call.unknown()));
    }
    let (searched, wanted, replacement) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let source = wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let Some(source) = source else {
        let count = if wanted.is_empty() { searched.chars().count() + 1 } else { searched.matches(wanted).count() };
        let grown = count.saturating_mul(replacement.len()).saturating_add(searched.len());
        return Ok(if grown > text::MAX_TEXT { text::too_long() } else { text::string(&searched.replace(wanted, replacement)) });
    };
    let pattern = Pattern::compile(source).map_err(|error| FunctionError::new(format!("error parsing regexp: {error}")))?;
    if searched.len() > MAX_SEARCHED {
        return Ok(too_long(call));
    }
    let mut out = String::new();
    let (mut last_end, mut from) = (0, 0);
    while from <= searched.len() {
        let Some(found) = pattern.find(searched, from) else { break };
        let Some(whole) = found.get(0) else { break };
        out.push_str(&searched[last_end..whole.start()]);
        if whole.end() > last_end || whole.start() == 0 {
            expand(replacement, searched, &pattern, &found, &mut out);
        }
        if out.len() > text::MAX_TEXT {
            return Ok(text::too_long());
        }
        last_end = whole.end();
        from = (from + width(searched, from)).max(whole.end());
    }
    out.push_str(&searched[last_end..]);
    Ok(text::string(&out))
}

/// Replaces in a text, or by a text, that is known in part. `None` where an unknown piece may be part of what is looked for.
fn replace_in_part(searched: &Value, wanted: &str, replacement: &Value) -> Option<Value> {
    let is_pattern = wanted.len() > 1 && wanted.starts_with('/') && wanted.ends_with('/');
    if wanted.is_empty() || wanted.len() > MAX_PART || is_pattern || searched.as_unknown().is_some_and(|unknown| unknown.pieces.is_empty())
    {
        return None;
    }
    let mut parts = Vec::new();
    let pieces = text::pieces(searched);
    let last = pieces.len().saturating_sub(1);
    for (at, piece) in pieces.into_iter().enumerate() {
        match piece {
            Piece::Known(known) => {
                let begins_match =
                    at < last && (1..wanted.len()).any(|cut| wanted.is_char_boundary(cut) && known.ends_with(&wanted[..cut]));
                let ends_match = at > 0 && (1..wanted.len()).any(|cut| wanted.is_char_boundary(cut) && known.starts_with(&wanted[cut..]));
                if begins_match || ends_match {
                    return None;
                }
                for (index, part) in known.split(wanted).enumerate() {
                    if index > 0 {
                        parts.extend(text::pieces(replacement));
                    }
                    parts.extend((!part.is_empty()).then(|| Piece::Known(Arc::from(part))));
                    if parts.len() > text::MAX_PIECES {
                        return None;
                    }
                }
            }
            // What is looked for may stand in it: it is made from what it was, and no longer the same.
            Piece::Unknown(unknown) => {
                parts.push(Piece::Unknown(Arc::new(Unknown::new(Type::String, unknown.causes.clone()).not_null())));
            }
        }
    }
    Some(text::partly_known(parts).into())
}

/// The replacement with `$1`, `${name}` and `$$` put in, as Go does it: a name is as long as can be, an unknown one is empty, a lone `$` stays.
fn expand(replacement: &str, searched: &str, pattern: &Pattern, found: &Captures, out: &mut String) {
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some((name, after)) = group_name(after) else {
            out.push('$');
            rest = after;
            continue;
        };
        let groups = match name.parse::<usize>() {
            Ok(index) => vec![index],
            Err(_) => (1..=pattern.groups.len()).filter(|index| pattern.groups[index - 1].as_deref() == Some(name)).collect(),
        };
        let matched = groups.iter().find_map(|index| found.get(*index));
        out.push_str(matched.and_then(|group| searched.get(group.range())).unwrap_or_default());
        rest = after;
    }
    out.push_str(rest);
}

fn group_name(text: &str) -> Option<(&str, &str)> {
    let (braced, body) = text.strip_prefix('{').map_or((false, text), |body| (true, body));
    let end = body.find(|symbol: char| !(symbol.is_alphanumeric() || symbol == '_')).unwrap_or(body.len());
    let (name, after) = body.split_at(end);
    if name.is_empty() {
        return None;
    }
    Some((name, if braced { after.strip_prefix('}')? } else { after }))
}
