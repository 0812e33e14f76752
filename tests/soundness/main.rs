//! The project's promise, held by experiment: what is not known never turns a fail into a pass or a pass into a fail, but only into open.
//!
//! Every literal of every case (the rules' examples, `testdata/links`, `testdata/twins`, generated projects) is replaced by an input without a
//! value, whole or in part, and every default is taken away; then the verdicts before and after are held against each other. Where an input
//! has few values, a fail "when …" is right, and what is said of the value that stood there must be what was said before.
//! The same cases show that names of files, the order of blocks, and the number of threads decide nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "tests read files of their own")]

mod cases;
mod generate;
mod mutate;
mod order;
#[path = "../support/mod.rs"]
mod support;
mod verdicts;

use cases::Case;
use mutate::{Form, Slot};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use std::sync::Mutex;
use verdicts::{Verdicts, contradictions};

/// The same texts in every run: a failure is a failure for everyone.
fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(34), ..ProptestConfig::default() }
}

/// The contradictions between a case as it is and with some of its slots unknown.
fn compare(case: &Case, known: &Verdicts, slots: &[(&Slot, Form)]) -> Vec<String> {
    let Some(changed) = mutate::open(case, slots) else { return Vec::new() };
    let found = contradictions(known, &Verdicts::of(&changed), slots);
    let shown = |found: String| format!("{}: {found}\n{}", case.name, changed.shown());
    found.into_iter().map(shown).collect()
}

/// Works on all cases, some at a time. (Not by rayon: a thread of its that waits for a run takes up another case on the same stack.)
fn side_by_side<T: Send>(cases: &[Case], work: impl Fn(&Case) -> T + Sync) -> Vec<T> {
    let (next, done) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let case = next.lock().unwrap().next();
                    let Some(case) = case else { return };
                    let result = work(case);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} contradictions:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
}

#[test]
fn a_literal_that_is_not_known_contradicts_nothing() {
    let cases = cases::all();
    assert!(cases.len() > 150, "{} cases", cases.len());
    let of_case = |case: &Case| {
        let known = Verdicts::of(case);
        let slots = mutate::slots(case);
        let changes: Vec<(&Slot, Form)> = slots.iter().flat_map(|slot| slot.forms().into_iter().map(move |form| (slot, form))).collect();
        let wrong: Vec<String> = changes.iter().flat_map(|change| compare(case, &known, &[*change])).collect();
        (changes.len(), wrong)
    };
    let done: Vec<(usize, Vec<String>)> = side_by_side(&cases, of_case);
    let compared: usize = done.iter().map(|(compared, _)| compared).sum();
    assert!(compared > 2_000, "{compared} comparisons");
    assert_none(&done.into_iter().flat_map(|(_, wrong)| wrong).collect::<Vec<_>>());
}

#[test]
fn several_literals_that_are_not_known_contradict_nothing() {
    let cases: Vec<(Case, Vec<Slot>)> = cases::all()
        .into_iter()
        .map(|case| {
            let slots = mutate::slots(&case);
            (case, slots)
        })
        .filter(|(_, slots)| slots.len() > 1)
        .collect();
    proptest!(config(400), |(case in any::<Index>(), picks in prop::collection::vec((any::<Index>(), any::<Index>()), 2..5))| {
        let (case, slots) = &cases[case.index(cases.len())];
        let wrong = compare(case, &Verdicts::of(case), &mutate::pick(slots, &picks));
        prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn generated_projects_keep_the_promise() {
    proptest!(config(250), |(model in generate::model(), picks in prop::collection::vec((any::<Index>(), any::<Index>()), 1..4))| {
        for case in [model.terraform(), model.cloudformation()] {
            let known = Verdicts::of(&case);
            prop_assert!(known.errors.is_empty(), "{:?}\n{}", known.errors, case.shown());
            let slots = mutate::slots(&case);
            let wrong = compare(&case, &known, &mutate::pick(&slots, &picks));
            prop_assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        }
    });
}

#[test]
fn an_input_with_a_default_is_as_good_as_its_value() {
    let of_case = |case: &Case| {
        let known = Verdicts::of(case);
        let slots = mutate::slots(case);
        let changed = slots.iter().filter_map(|slot| mutate::with_default(case, slot));
        let wrong = changed.filter_map(|changed| {
            let after = Verdicts::of(&changed);
            // The few values that an input is compared with are literals: beside another input it has none to try, and stays open.
            let difference = known.difference(&after).filter(|_| !known.has_scenarios() || after.has_scenarios())?;
            Some(format!("{}: {difference}\n{}", case.name, changed.shown()))
        });
        wrong.collect::<Vec<_>>()
    };
    let wrong: Vec<Vec<String>> = side_by_side(&cases::all(), of_case);
    assert_none(&wrong.concat());
}

#[test]
fn order_and_names_decide_nothing() {
    let of_case = |case: &Case| {
        let before = Verdicts::of(case);
        let changed = order::variants(case).into_iter();
        let wrong = changed.filter_map(|(what, changed)| {
            let difference = before.difference(&Verdicts::of(&changed))?;
            Some(format!("{}, {what}: {difference}\n{}", case.name, changed.shown()))
        });
        wrong.collect::<Vec<_>>()
    };
    let wrong: Vec<Vec<String>> = side_by_side(&cases::all(), of_case);
    assert_none(&wrong.concat());
}

#[test]
fn two_runs_on_one_thread_and_on_two_give_the_same_bytes() {
    let wrong: Vec<String> = cases::all()
        .iter()
        .filter(|case| {
            let first = case.report(1);
            (0..2).any(|_| case.report(2) != first)
        })
        .map(|case| case.name.clone())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
