//! A scan of JSON by depth: the keys of the top object, and the `Type` of what stands in its `Resources`. Errors are not noticed: what is
//! cut or commented is for the parser to tell.

use super::{Found, Sign, is_type};

/// Deeper than this only brackets are counted.
const DEEPEST: usize = 4;

/// Looks at a text that begins with `{`.
pub fn scan(text: &str) -> Found {
    let bytes = text.as_bytes();
    let mut found = Found::default();
    // The keys on the way to the current place; `None` inside a list.
    let mut keys: [Option<&str>; DEEPEST] = [None; DEEPEST];
    let mut objects = [false; DEEPEST + 1];
    let mut depth = 0usize;
    let mut key_next = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            open @ (b'{' | b'[') => {
                depth += 1;
                if depth <= DEEPEST {
                    objects[depth] = open == b'{';
                    keys[depth - 1] = None;
                }
                key_next = open == b'{';
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                key_next = false;
            }
            b',' => key_next = depth <= DEEPEST && objects[depth],
            b'"' => {
                let end = end_of_string(bytes, at + 1);
                if depth <= DEEPEST && depth > 0 {
                    let string = text.get(at + 1..end).unwrap_or_default();
                    if key_next {
                        keys[depth - 1] = Some(string);
                        match (depth, string) {
                            (1, "AWSTemplateFormatVersion") => found.add(Sign::Version),
                            (1, "service") => found.add(Sign::Service),
                            (1, "provider") => found.add(Sign::Provider),
                            (2, "Resources" | "Outputs") if keys[0] == Some("resources") => found.add(Sign::Inner),
                            _ => {}
                        }
                        key_next = false;
                    } else if depth == 3 && keys[0] == Some("Resources") && keys[1].is_some() && keys[2] == Some("Type") && is_type(string)
                    {
                        found.add(Sign::Typed);
                    }
                }
                at = end;
            }
            _ => {}
        }
        if found.is_template() {
            break;
        }
        at += 1;
    }
    found
}

/// The offset of the quote that ends a string.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
