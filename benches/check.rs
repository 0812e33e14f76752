//! Whole checks over generated trees, and what starting up costs. `cargo bench --bench check`.

mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

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

criterion_group!(benches, checks);
criterion_main!(benches);
