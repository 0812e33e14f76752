//! YAML as CloudFormation reads it, by example.

use super::*;
use crate::diagnostic::Place;
use std::fmt::Write as _;

fn tree(text: &str) -> Node {
    let (documents, diagnostics) = parse(text, FileId(0));
    assert_eq!(diagnostics, [], "{text}");
    documents.into_iter().next().unwrap()
}

/// The tree in one line: `'quoted'`, `|block|`, plain bare, tags in front.
fn show(node: &Node) -> String {
    if node.is_unread() {
        return "?".to_owned();
    }
    let tag = node.tag.as_deref().map(|tag| format!("!{tag} ")).unwrap_or_default();
    let content = match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } => text.to_string(),
        NodeKind::Scalar { text, style: Style::Quoted } => format!("'{text}'"),
        NodeKind::Scalar { text, style: Style::Block } => format!("|{text}|"),
        NodeKind::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        NodeKind::Mapping(pairs) => {
            format!("{{{}}}", pairs.iter().map(|(key, value)| format!("{}: {}", show(key), show(value))).collect::<Vec<_>>().join(", "))
        }
    };
    format!("{tag}{content}")
}

fn codes(text: &str) -> Vec<(&'static str, String)> {
    let snippet = |diagnostic: &Diagnostic| match &diagnostic.place {
        Some(Place::Span(span)) => text[span.range.indices()].to_owned(),
        _ => String::new(),
    };
    parse(text, FileId(0)).1.iter().map(|diagnostic| (diagnostic.code, snippet(diagnostic))).collect()
}

/// Each line: YAML, then the tree that it has.
#[test]
fn forms_of_scalars_tags_and_collections() {
    for (text, expected) in [
        ("a: 1\nb: '1'\nc: \"x\\n\"\n", "{a: 1, b: '1', c: 'x\n'}"),
        ("a:\nb: ~\nc: null\n", "{a: , b: ~, c: null}"),
        ("a: !Sub '${B}'\nb: !GetAtt C.D\n", "{a: !Sub '${B}', b: !GetAtt C.D}"),
        ("a: !If [X, !Ref Y, !Ref \"AWS::NoValue\"]", "{a: !If [X, !Ref Y, !Ref 'AWS::NoValue']}"),
        ("a: !Join\n  - ','\n  - - x\n    - y\n", "{a: !Join [',', [x, y]]}"),
        ("a: {b: !Ref C, d: [e]}", "{a: {b: !Ref C, d: [e]}}"),
        ("a: !!str 010\n", "{a: !tag:yaml.org,2002:str 010}"),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: |x\ny\n|, b: |x y|}"),
        ("a: |\n  last line", "{a: |last line|}"),
        ("On: yes\n010: 0x10\n", "{On: yes, 010: 0x10}"),
        ("- a\n-  - b\n", "[a, [b]]"),
        ("a: {Fn::Join: ['', [b]]}", "{a: {Fn::Join: ['', [b]]}}"),
        ("? a\n: b\n", "{a: b}"),
        ("a: 'it''s'\r\nb: c\r\n", "{a: 'it's', b: c}"),
    ] {
        assert_eq!(show(&tree(text)), expected, "{text:?}");
    }
}

#[test]
fn spans_are_bytes_of_the_text_itself() {
    let text = "Kö: &x 'ä'\nList: !Sub\n  - a\n  - {b: c}\nBlock:\n  k: v\n";
    let root = tree(text);
    let at = |node: &Node| &text[node.range.indices()];
    let (key, value) = root.entry("Kö").unwrap();
    assert_eq!((at(key), at(value)), ("Kö", "'ä'"));
    assert_eq!(at(root.get("List").unwrap()), "- a\n  - {b: c}");
    assert_eq!(at(&root.get("List").unwrap().as_sequence().unwrap()[1]), "{b: c}");
    assert_eq!(at(root.get("Block").unwrap()), "k: v");
    assert_eq!(at(&root), text.trim_end());
}

#[test]
fn aliases_are_copies_and_merge_keys_are_applied() {
    let text = "base: &b {x: 1, y: 2}\nuse: *b\nmerged:\n  <<: *b\n  y: 3\nboth: {<<: [{x: 9}, *b], z: 4}\n";
    assert_eq!(show(&tree(text)), "{base: {x: 1, y: 2}, use: {x: 1, y: 2}, merged: {y: 3, x: 1}, both: {z: 4, x: 9, y: 2}}");
    assert_eq!(show(&tree("'<<': {a: 1}")), "{'<<': {a: 1}}");
    assert_eq!(codes("a: {<<: 1}"), [("syntax-error", "<<".to_owned())]);
}

#[test]
fn several_documents_each_have_a_tree() {
    let (documents, diagnostics) = parse("---\na: 1\n---\nb: 2\n...\n", FileId(0));
    assert_eq!(diagnostics, []);
    assert_eq!(documents.iter().map(show).collect::<Vec<_>>(), ["{a: 1}", "{b: 2}"]);
    assert_eq!(parse("", FileId(0)).0, []);
}

#[test]
fn a_repeated_key_is_kept_and_reported() {
    let text = "a: 1\nb: 2\na: 3\n";
    assert_eq!(codes(text), [("duplicate-key", "a".to_owned())]);
    let (documents, _) = parse(text, FileId(0));
    assert_eq!(documents[0].get("a").unwrap().as_str(), Some("3"));
    let many: String = (0..20).map(|n| format!("k{n}: x\n")).chain(["k7: y\n".to_owned()]).collect();
    assert_eq!(codes(&many), [("duplicate-key", "k7".to_owned())]);
}

#[test]
fn an_error_keeps_what_stands_before_it() {
    let text = "a: {b: 1, c: 2}\nd: [e, f\ng: ]h\n";
    let (documents, diagnostics) = parse(text, FileId(0));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, "syntax-error");
    assert_eq!(show(&documents[0]), "{a: {b: 1, c: 2}, d: [e, ?], ?: ?}");
}

#[test]
fn an_alias_to_its_own_content_or_to_nothing_is_reported() {
    assert_eq!(codes("a: &x\n  b: *x\n"), [("alias-cycle", "*x".to_owned())]);
    assert_eq!(codes("a: *missing\nb: 1\n"), [("syntax-error", "*missing".to_owned())]);
}

#[test]
fn laughs_stay_bounded() {
    let mut text = "l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*l{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "l{level}: &l{level} [{below}]");
    }
    let codes = codes(&text);
    assert_eq!(codes.len(), 1);
    assert_eq!(codes[0].0, "limit-reached");
}

#[test]
fn nesting_stays_bounded() {
    let stairs = (0..3_000).fold(String::new(), |text, n| text + &" ".repeat(n) + "a:\n");
    for deep in ["[".repeat(10_000), "- ".repeat(10_000), "{a: ".repeat(10_000), stairs] {
        let (documents, diagnostics) = parse(&deep, FileId(0));
        assert_eq!(diagnostics.last().unwrap().code, "limit-reached", "{}", &deep[..20]);
        assert!(documents.len() <= 1);
    }
    let mut chain = String::from("a0: &a0 x\n");
    for n in 1..300 {
        let _ = writeln!(chain, "a{n}: &a{n} [*a{}]", n - 1);
    }
    let (_, diagnostics) = parse(&chain, FileId(0));
    assert!(diagnostics.iter().any(|diagnostic| diagnostic.code == "limit-reached"));
}

/// Whether the faster reader took a text. What it makes of it must be what the events make.
fn is_usual(text: &str) -> bool {
    let limits = Limits::default();
    let read = usual::read(text, Builder::new(FileId(0), limits.count(Limit::AliasNodes))).map(Builder::finish);
    if let Some(read) = &read {
        let wanted = by_events(text, FileId(0), &limits);
        let [read, wanted] = [read, &wanted].map(|read| format!("{read:#?}"));
        let differs = read.lines().zip(wanted.lines()).enumerate().find(|(_, (read, wanted))| read != wanted);
        assert!(read == wanted, "{text:?}\n{differs:?}");
    }
    read.is_some()
}

const USUAL: &str = "\
---
# A template as people write them.
AWSTemplateFormatVersion: '2010-09-09'
Description: >-
  Two lines
  of text

  and another
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, 'prod', \"te\\\"st\"] }
  Empty:

Conditions:
  IsProd: !Equals [!Ref Stage, prod]   # a comment
  Not: !Not
  - !Equals [!Ref Stage,
      { a: b, c: [] }]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub '${AWS::StackName}-it''s'
      \"Quoted Key\": plain text with 'quotes', {braces} and a colon:here
        that goes on

        for lines
      Tags:
        - Key: a
          Value: !If [IsProd, x, !Ref \"AWS::NoValue\"]
        -   Key: b
            Value: -1
        - - nested
          - [list]
        - !If
          - IsProd
          - !Sub |
            echo hello # no comment
              deeper

            end
          - Fn::GetAtt: [A, Arn]
        -
          Key: c
      Policy: !GetAtt
        A.Arn
      Note: |-

        kept
        text

      # bye
    Metadata:
      é: ünï → code
  End: !Tag
";

#[test]
fn what_people_write_is_read_without_events() {
    assert!(is_usual(USUAL));
    for text in [
        "a : b\n'c': \"d\n  e\n\n  f\"\n",
        "- [a: b, 'c': !Ref d]\n- {e: [\n]\n}\n...\n",
        "a:\n- # c\n  b: c\n-\n  - d\n",
        "a: |\n  x\n\n\nb: >\n\n  y\n",
        "a: !Sub\nb: !If\n- c\n",
        "a: b",
    ] {
        assert!(is_usual(text), "{text:?}");
    }
    // What is unusual or wrong is left to the events.
    assert!(!is_usual("a: &x b\nc: *x\n"));
    assert!(!is_usual("a: b\n---\nc: d\n"));
    assert!(!is_usual("? a\n: b\n"));
    assert!(!is_usual("a: [b\n"));
    assert!(!is_usual("a: b\n c\nd:\te\n"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the project's own files")]
fn every_yaml_file_of_ours_is_read_alike() {
    let (mut usual, mut all) = (0, 0);
    for directory in ["testdata", "rules", "src/catalog"] {
        for entry in walkdir::WalkDir::new(directory).into_iter().flatten() {
            let is_yaml = ["yaml", "yml", "template"].iter().any(|known| entry.path().extension().is_some_and(|own| own == *known));
            let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
            if is_yaml {
                usual += usize::from(is_usual(&text));
                all += 1;
            }
        }
    }
    assert!(usual * 10 > all * 7, "{usual} of {all}");
}

mod changed {
    use super::{USUAL, is_usual};
    use proptest::prelude::*;

    const PIECES: [&str; 44] = [
        " ", "  ", "\n", "\n\n", "\n  ", "\n    ", ":", ": ", ":\n", "- ", "-", "\n- ", "\n  - ", "#", " #", "!", "!Ref ", "!Sub\n", "[",
        "]", "{", "}", ",", "'", "\"", "|", ">", "|-\n", ">\n", "+", "\t", "\\", "&a ", "*a", "? ", "---", "\n---\n", "...", "%", "@",
        "<<: ", "a", "é", "\u{2028}",
    ];

    /// Takes some characters out at a place, and puts a piece there, or a part of the text from elsewhere.
    fn edit(text: &mut String, (place, taken, piece, from): (usize, usize, usize, usize)) {
        let whole = |text: &str, mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = whole(text, place % (text.len() + 1));
        let end = whole(text, (start + taken).min(text.len()));
        let new = PIECES.get(piece).map_or_else(
            || {
                let from = whole(text, from % (text.len() + 1));
                text[from..whole(text, (from + piece).min(text.len()))].to_owned()
            },
            |piece| (*piece).to_owned(),
        );
        text.replace_range(start..end.max(start), &new);
    }

    proptest! {
        #[test]
        fn texts_are_read_alike(
            part in (0..USUAL.len(), 1..400_usize),
            edits in proptest::collection::vec((0..4_000_usize, prop_oneof![3 => Just(0_usize), 1 => 0..6_usize], 0..70_usize, 0..4_000_usize), 0..5),
        ) {
            let lines: Vec<&str> = USUAL.lines().collect();
            let first = part.0 % lines.len();
            let mut text = lines[first..(first + part.1 / 8).min(lines.len())].join("\n") + "\n";
            edits.into_iter().for_each(|change| edit(&mut text, change));
            is_usual(&text);
        }
    }
}
