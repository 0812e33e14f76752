//! A scan of JSON by depth: the keys of the top object, and the `Type` of what stands in its `Resources`. Errors are not noticed: what is
//! cut or commented is for the parser to tell.

use super::{Found, is_type};

/// Deeper than this only brackets are counted.
const DEEPEST: usize = 4;

/// Looks at a text that begins with `{`.
pub fn scan(text: &str) -> Found {
    let bytes = text.as_bytes();
    let mut found = Found::default();
    let (mut service, mut provider) = (false, false);
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
                            (1, "AWSTemplateFormatVersion") => found.version = true,
                            (1, "service") => service = true,
                            (1, "provider") => provider = true,
                            (2, "Resources" | "Outputs") if keys[0] == Some("resources") => found.inner = true,
                            _ => {}
                        }
                        key_next = false;
                    } else if depth == 3 && keys[0] == Some("Resources") && keys[1].is_some() && keys[2] == Some("Type") {
                        found.typed |= is_type(string);
                    }
                }
                at = end;
            }
            _ => {}
        }
        if found.version || found.typed {
            break;
        }
        at += 1;
    }
    found.service = service && provider;
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
