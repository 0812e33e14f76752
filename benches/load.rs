//! What every run pays before it reads anything: the catalog and the rules that are part of the program, read and compiled. The budget is 5 ms.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use trailwarden::graph::Catalog;
use trailwarden::rule::RuleSet;

fn load(criterion: &mut Criterion) {
    criterion.bench_function("load/catalog", |bench| bench.iter(|| black_box(Catalog::read_embedded())));
    criterion.bench_function("load/rules", |bench| bench.iter(|| black_box(RuleSet::read_embedded())));
}

criterion_group!(benches, load);
criterion_main!(benches);
