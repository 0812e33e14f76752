//! Whole checks over generated trees, and each stage of one: walk, read (parsing included), lower, graph, rules, report. `cargo bench --bench check`.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;

fn checks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    let generated = [
        support::mixed(0),
        support::terraform_only(100),
        support::templates_only(100),
        support::mixed(200),
        support::terraform_only(1_000),
    ];
    for tree in generated.into_iter().chain(support::given()) {
        let files = support::check(&tree.path, 0).summary.files;
        group.throughput(Throughput::Elements(files as u64));
        group.bench_with_input(BenchmarkId::from_parameter(&tree.name), &tree, |bencher, tree| {
            bencher.iter(|| support::check(&tree.path, 0));
        });
    }
    group.finish();
}

fn stages(criterion: &mut Criterion) {
    for tree in [support::terraform_only(1_000), support::templates_only(100)].into_iter().chain(support::given()) {
        let mut group = criterion.benchmark_group(format!("stages of {}", tree.name));
        group.sample_size(10);
        let names: Vec<&str> = support::stages(&tree.path).into_iter().map(|(name, _)| name).collect();
        for name in names {
            let of_stage =
                |_| support::stages(&tree.path).into_iter().find(|(other, _)| *other == name).map_or(Duration::ZERO, |(_, time)| time);
            group.bench_function(name, |bencher| bencher.iter_custom(|turns| (0..turns).map(of_stage).sum()));
        }
        group.finish();
    }
}

criterion_group!(benches, checks, stages);
criterion_main!(benches);
