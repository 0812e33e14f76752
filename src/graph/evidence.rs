//! The history of a value in words: hop by hop, from where it is used to where it was written.

use crate::graph::Hop;
use crate::value::{Origin, Reference, Step};

/// Most hops that are told; a reader follows no more.
const MAX_HOPS: usize = 16;

/// What is to be seen at each step of a value's way, latest first. Steps at the same place are told once.
pub fn hops(origin: &Origin) -> Vec<Hop> {
    let mut out: Vec<Hop> = Vec::new();
    for (step, span) in origin.hops() {
        let message = match step {
            Step::Written => "written here".to_owned(),
            Step::Variable(name) | Step::Local(name) => ["read from `", name, "`"].concat(),
            Step::Default(name) => ["the default of `", name, "`"].concat(),
            Step::Assigned(name) => ["`", name, "` is set here"].concat(),
            Step::Argument(name) => ["passed as `", name, "`"].concat(),
            Step::Output(name) => ["read from output `", name, "`"].concat(),
            Step::Attribute(reference) => match &**reference {
                // In a template's words that is `!Ref Logs`.
                Reference::Attribute { address, attribute, .. } if &**attribute == "Ref" => format!("refers to `{address}`"),
                other => format!("refers to `{other}`"),
            },
            Step::Parameter(name) => format!("read from parameter `{name}`"),
            Step::Mapping(name) => format!("found in mapping `{name}`"),
            Step::Condition(name) => format!("chosen by condition `{name}`"),
            Step::Import(name) => format!("imported as `{name}`"),
            Step::Fact(name) => format!("a fact that was given, not code: {name}"),
        };
        if out.last().is_some_and(|last| last.span == span) {
            continue;
        }
        if out.len() == MAX_HOPS {
            out[MAX_HOPS - 1].message.push_str(", and so on");
            break;
        }
        out.push(Hop { span, message });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, TextRange};
    use crate::value;

    #[test]
    fn a_way_that_is_too_long_to_tell_says_so() {
        let told = |steps: usize| {
            let way = (0..steps).fold(Origin::default(), |before, at| {
                let span = TextRange::new(at, at + 1).at(FileId(0));
                Origin::new(value::Hop { step: Step::Local("local.x".into()), span, before })
            });
            hops(&way)
        };
        assert_eq!(told(MAX_HOPS).last().unwrap().message, "read from `local.x`");
        let cut = told(MAX_HOPS + 1);
        assert_eq!((cut.len(), cut.last().unwrap().message.as_str()), (MAX_HOPS, "read from `local.x`, and so on"));
    }
}
