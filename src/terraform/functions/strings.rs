//! Functions on strings. Letters change case one by one, as Go changes them; characters are counted and cut as grapheme clusters.

use super::FunctionError;
use super::spec::{Call, DYNAMIC, Function, Gives, Nullness, Outcome, Parameter, Takes, UNKNOWN, texts};
use crate::value::{Piece, Type, Value, ValueKind, text};
use std::sync::Arc;

const STR: Parameter = Parameter::new("str", Takes::Text);
const STR_OF_ANY_KIND: Parameter = Parameter::new("str", Takes::Text).lets(DYNAMIC);

pub(super) const FUNCTIONS: &[Function] = &[
    function("chomp", &[STR], |call| Ok(text::string(call.text(0)?.trim_end_matches(['\r', '\n'])))),
    Function { gives: Gives::Bool, ..function("endswith", &[STR, Parameter::new("suffix", Takes::Text)], ends_with) },
    function("indent", &[Parameter::new("spaces", Takes::Number), STR], indent),
    Function {
        rest: Some(Parameter::new("lists", Takes::ListOfText)),
        ..function("join", &[Parameter::new("separator", Takes::Text)], join)
    },
    function("lower", &[STR_OF_ANY_KIND], |call| mapped(call, lower)),
    Function {
        gives: Gives::ListOfText,
        ..function("split", &[Parameter::new("separator", Takes::Text), Parameter::new("str", Takes::Text)], split)
    },
    Function {
        gives: Gives::Bool,
        ..function("startswith", &[Parameter::new("str", Takes::Text).lets(UNKNOWN), Parameter::new("prefix", Takes::Text)], starts_with)
    },
    Function {
        gives: Gives::Bool,
        nullness: Nullness::Maybe,
        ..function("strcontains", &[STR, Parameter::new("substr", Takes::Text)], |call| {
            Ok(Value::bool(call.text(0)?.contains(call.text(1)?)))
        })
    },
    function("strrev", &[STR_OF_ANY_KIND], |call| Ok(text::string(&text::characters(call.text(0)?).rev().collect::<String>()))),
    function(
        "substr",
        &[STR_OF_ANY_KIND, Parameter::new("offset", Takes::Number).lets(DYNAMIC), Parameter::new("length", Takes::Number).lets(DYNAMIC)],
        substr,
    ),
    function("title", &[STR], |call| Ok(text::string(&title(call.text(0)?)))),
    function("trim", &[STR, Parameter::new("cutset", Takes::Text)], trim),
    function("trimprefix", &[STR, Parameter::new("prefix", Takes::Text)], trim_prefix),
    function("trimspace", &[STR], |call| Ok(text::string(call.text(0)?.trim()))),
    function("trimsuffix", &[STR, Parameter::new("suffix", Takes::Text)], trim_suffix),
    function("upper", &[STR_OF_ANY_KIND], |call| mapped(call, upper)),
];

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::Text, nullness: Nullness::Never, run }
}

fn mapped(call: &Call, change: fn(char) -> char) -> Outcome {
    // A value of unknown type comes in here unasked.
    let Some(given) = call.argument(0)?.as_str() else { return Ok(call.unknown()) };
    Ok(text::string(&given.chars().map(change).collect::<String>()))
}

/// The upper case letter of one letter, where there is a single one.
fn upper(letter: char) -> char {
    match u32::from(letter) {
        // Their full mapping has two letters; the simple one is the letter with the iota beside it.
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => char::from_u32(u32::from(letter) + 8).unwrap_or(letter),
        0x1fb3 | 0x1fc3 | 0x1ff3 => char::from_u32(u32::from(letter) + 9).unwrap_or(letter),
        _ => single(letter.to_uppercase(), letter),
    }
}

fn lower(letter: char) -> char {
    // The only letter whose full lower case has two: a dotted capital I.
    if letter == '\u{130}' { 'i' } else { single(letter.to_lowercase(), letter) }
}

fn single(mut letters: impl Iterator<Item = char>, otherwise: char) -> char {
    match (letters.next(), letters.next()) {
        (Some(only), None) => only,
        _ => otherwise,
    }
}

/// The first letter of each word in title case; words are parted by ASCII that is no letter, digit or underscore, and by spaces.
fn title(given: &str) -> String {
    let separates =
        |symbol: char| if symbol.is_ascii() { !symbol.is_ascii_alphanumeric() && symbol != '_' } else { symbol.is_whitespace() };
    let mut before = ' ';
    given
        .chars()
        .map(|symbol| {
            let changed = if separates(before) { title_letter(symbol) } else { symbol };
            before = symbol;
            changed
        })
        .collect()
}

fn title_letter(letter: char) -> char {
    match letter {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian letters have capitals, but no title case.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => letter,
        _ => upper(letter),
    }
}

fn ends_with(call: &mut Call) -> Outcome {
    Ok(Value::bool(call.text(0)?.ends_with(call.text(1)?)))
}

fn starts_with(call: &mut Call) -> Outcome {
    let prefix = call.text(1)?;
    match &call.argument(0)?.kind {
        ValueKind::String(text) => Ok(Value::bool(text.starts_with(prefix))),
        _ if prefix.is_empty() => Ok(Value::bool(true)),
        ValueKind::Unknown(unknown) => match &unknown.prefix {
            Some(known) if known.starts_with(prefix) => Ok(Value::bool(true)),
            Some(known) if !known.is_empty() && known.len() >= prefix.len() => Ok(Value::bool(false)),
            _ => Ok(call.unknown()),
        },
        _ => Ok(call.unknown()),
    }
}

fn indent(call: &mut Call) -> Outcome {
    let spaces = call.whole(0)?;
    let given = call.text(1)?;
    let spaces = usize::try_from(spaces).map_err(|_| FunctionError::new("the number of spaces must not be negative"))?;
    let breaks = given.matches('\n').count();
    if breaks.checked_mul(spaces).is_none_or(|added| added > text::MAX_TEXT) || spaces > text::MAX_TEXT {
        return Ok(text::too_long());
    }
    Ok(text::string(&given.replace('\n', &format!("\n{}", " ".repeat(spaces)))))
}

fn join(call: &mut Call) -> Outcome {
    let separator: Arc<str> = call.text(0)?.into();
    let lists = &call.arguments[1..];
    if lists.is_empty() {
        return Err(FunctionError::new("at least one list is required"));
    }
    let mut pieces = Vec::new();
    let mut first = true;
    for (at, list) in lists.iter().enumerate() {
        for (index, item) in list.as_items().unwrap_or_default().iter().enumerate() {
            if item.is_null() {
                let place = if lists.len() > 1 { format!("element {index} of list {}", at + 1) } else { format!("element {index}") };
                // With an unknown element anywhere, Terraform does not look.
                if lists.iter().all(Value::is_wholly_known) {
                    return Err(FunctionError::argument(at + 1, format!("{place} is null; cannot concatenate null values")));
                }
                return Ok(call.unknown());
            }
            if !std::mem::take(&mut first) {
                pieces.push(Piece::Known(Arc::clone(&separator)));
            }
            pieces.extend(text::pieces(item));
        }
    }
    if lists.iter().all(Value::is_wholly_known) {
        let size: usize = pieces.iter().map(Piece::known).sum();
        if size > text::MAX_TEXT {
            return Ok(text::too_long());
        }
        let joined: String = pieces.iter().map(|piece| if let Piece::Known(text) = piece { &**text } else { "" }).collect();
        return Ok(text::string(&joined));
    }
    // Terraform keeps no beginning of what it joins; the pieces are for links alone.
    Ok(text::partly_known(pieces).into())
}

fn split(call: &mut Call) -> Outcome {
    /// Most parts that a string is split into.
    const MAX_PARTS: usize = 1 << 20;
    let (separator, given) = (call.text(0)?, call.text(1)?);
    if separator.is_empty() {
        let symbols: Vec<String> = given.chars().take(MAX_PARTS + 1).map(String::from).collect();
        if symbols.len() > MAX_PARTS {
            return Ok(call.unknown_because(crate::value::CauseKind::Limit, "a string split into more than 1,048,576 parts"));
        }
        return Ok(texts(symbols));
    }
    let parts: Vec<&str> = given.split(separator).take(MAX_PARTS + 1).collect();
    if parts.len() > MAX_PARTS {
        return Ok(call.unknown_because(crate::value::CauseKind::Limit, "a string split into more than 1,048,576 parts"));
    }
    Ok(texts(parts))
}

fn substr(call: &mut Call) -> Outcome {
    if call.arguments.iter().any(|argument| argument.type_of() == Type::Dynamic) {
        return Ok(call.unknown());
    }
    let given = call.text(0)?;
    let (mut offset, length) = (call.whole(1)?, call.whole(2)?);
    let counts_from_end = offset < 0;
    if counts_from_end {
        offset = offset.saturating_add(i64::try_from(text::characters(given).count()).unwrap_or(i64::MAX));
    } else if length == 0 {
        return Ok(Value::string(""));
    }
    let rest = text::characters(given).skip(usize::try_from(offset).unwrap_or(0));
    // From the end, a length of zero never stops it: so it is in Terraform.
    Ok(text::string(&match usize::try_from(length) {
        Ok(length) if length > 0 => rest.take(length).collect::<String>(),
        _ => rest.collect::<String>(),
    }))
}

fn trim(call: &mut Call) -> Outcome {
    let cutset = call.text(1)?;
    Ok(text::string(call.text(0)?.trim_matches(|symbol| cutset.contains(symbol))))
}

fn trim_prefix(call: &mut Call) -> Outcome {
    let given = call.text(0)?;
    Ok(text::string(given.strip_prefix(call.text(1)?).unwrap_or(given)))
}

fn trim_suffix(call: &mut Call) -> Outcome {
    let given = call.text(0)?;
    Ok(text::string(given.strip_suffix(call.text(1)?).unwrap_or(given)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_change_one_by_one() {
        let change = |text: &str, by: fn(char) -> char| text.chars().map(by).collect::<String>();
        assert_eq!(change("straße", upper), "STRAßE");
        assert_eq!(change("\u{1fb3}\u{1f80}", upper), "\u{1fbc}\u{1f88}");
        assert_eq!(change("ΑΣ", lower), "ας".replace('ς', "σ"));
        assert_eq!(change("\u{130}", lower), "i");
    }

    #[test]
    fn words_begin_after_spaces_and_ascii_punctuation() {
        assert_eq!(title("hello wörld it's a_b c-d 1st"), "Hello Wörld It'S A_b C-D 1st");
        assert_eq!(title("\u{1c6}a élan"), "\u{1c5}a Élan");
    }
}
