//! What a run pays for the data that is part of the program: the catalog, which a run without files leaves, every rule, where there are resources of
//! every kind, and the rules' names, which every run reads. The budget of all of it is 5 ms.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use trailwarden::graph::Catalog;
use trailwarden::rule::RuleSet;

fn load(criterion: &mut Criterion) {
    criterion.bench_function("load/catalog", |bench| bench.iter(|| black_box(Catalog::read_embedded())));
    criterion.bench_function("load/rules", |bench| {
        bench.iter(|| {
            let rules = RuleSet::read_embedded();
            // A rule is read when something of it is asked.
            for rule in rules.rules() {
                black_box(&rule.title);
            }
            rules
        });
    });
    criterion.bench_function("load/rules-by-name", |bench| bench.iter(|| black_box(RuleSet::read_embedded())));
}

criterion_group!(benches, load);
criterion_main!(benches);
