//! What `SECURITY.md` says of limits is what the source says; and some of what it promises, tried.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod support;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io::Write;
use std::path::Path;
use support::Scratch;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_constants_are_those_of_the_source() {
    let page = read("SECURITY.md");
    let mut limits = 0;
    let constants = page.split("| constant |").nth(1).unwrap();
    for line in constants.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, name, value, file, ..] = cells.as_slice() else { panic!("{line}") };
        let source = read(file);
        let says = |line: &str| line.contains(&format!("const {name}: ")) && line.ends_with(&format!("= {value};"));
        assert!(source.lines().any(says), "{file} does not say that {name} is {value}");
        limits += 1;
    }
    assert!(limits > 5);
}

#[test]
fn the_tests_that_it_names_are_there() {
    for word in read("SECURITY.md").split('`').filter(|word| word.starts_with("tests/") || word.starts_with("fuzz/")) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(word).exists(), "{word}");
    }
}

#[test]
fn what_unpacks_to_very_much_is_not_unpacked() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b'0'; 1024 * 1024];
    for _ in 0..200 {
        packed.write_all(&zeros).unwrap();
    }
    let bomb = BASE64_STANDARD.encode(packed.finish().unwrap());
    assert!(bomb.len() < 400_000);
    let scratch = Scratch::new();
    scratch.write(
        "main.tofu",
        format!("resource \"aws_cloudtrail\" \"t\" {{\n  name           = \"t\"\n  s3_bucket_name = base64gunzip(\"{bomb}\")\n}}\n"),
    );
    let (report, _) = support::check(scratch.path(), &["--select", "cloudtrail-bucket-without-access-logging"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["outcome"], "open", "{report:#}");
    let cause = finding["unknown"][0]["cause"].as_str().unwrap();
    assert!(cause.contains("longer than") || cause.contains("limit"), "{cause}");
}
