//! Functions as Terraform has them, by example.

#[test]
fn names_are_sorted_and_complete() {
    let names: Vec<_> = super::names().collect();
    assert!(names.is_sorted());
    assert!(names.len() >= 118, "{}", names.len());
}
