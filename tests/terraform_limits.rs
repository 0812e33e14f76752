//! Hostile Terraform: each case is answered within the named limits, says what it met, and loses nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use trailwarden::diagnostic::Diagnostic;
use trailwarden::frontend;
use trailwarden::limits::Limit;
use trailwarden::project::{Context, Demand, Inputs, Project, ProjectKind};
use trailwarden::source::Sources;
use trailwarden::source::fs::Memory;
use trailwarden::syntax::Trees;

use trailwarden::value::{Lowered, ProjectId, Value};

/// What every case keeps: a bucket that must still be there with its name.
const WITNESS: &str = "resource \"aws_s3_bucket\" \"witness\" {\n  bucket = \"witness\"\n}\n";

fn lower(files: &Memory) -> Lowered {
    lower_within(files, &[])
}

/// Lowers within other limits than usual: what is large enough for those takes long.
fn lower_within(files: &Memory, limits: &[(Limit, u64)]) -> Lowered {
    let (sources, trees, mut inputs, demand) = (Sources::default(), Trees::default(), Inputs::default(), Demand::default());
    limits.iter().for_each(|(limit, most)| inputs.limits.set(*limit, *most));
    let context = Context { fs: files, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let project = Project { id: ProjectId(0), kind: ProjectKind::Terraform, path: "root".into(), label: "root".into() };
    frontend::lower(&project, &context)
}

/// Lowers a root module of one file beside the witness, on a stack like a worker thread's.
fn case(main: &str) -> Lowered {
    case_of(Memory::new("root").with("root/main.tf", main))
}

fn case_of(files: Memory) -> Lowered {
    let files = files.with("root/witness.tf", WITNESS);
    let work = std::thread::Builder::new().stack_size(8 * 1024 * 1024).spawn(move || lower(&files)).unwrap();
    let lowered = work.join().expect("no panic");
    let witness =
        lowered.declarations.iter().find(|declaration| &*declaration.address.0 == "aws_s3_bucket.witness").expect("the witness is kept");
    assert_eq!(witness.attributes["bucket"].value.as_str(), Some("witness"));
    lowered
}

fn says<'l>(lowered: &'l Lowered, code: &str, text: &str) -> &'l Diagnostic {
    let found = lowered.diagnostics.iter().find(|diagnostic| diagnostic.code == code && diagnostic.message.contains(text));
    found.unwrap_or_else(|| panic!("no `{code}` with `{text}` in {:#?}", lowered.diagnostics))
}

fn bucket<'l>(lowered: &'l Lowered, address: &str) -> &'l Value {
    let declaration = lowered.declarations.iter().find(|declaration| &*declaration.address.0 == address);
    &declaration.unwrap_or_else(|| panic!("no `{address}`")).attributes["bucket"].value
}

/// A bucket whose name is this expression.
fn named(expression: &str) -> Lowered {
    case(&format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = {expression}\n}}\n"))
}

/// A long text that each of many instances makes a text of its own of would take gigabytes.
#[test]
fn what_instances_make_of_a_long_text_is_bounded() {
    let long = "x".repeat(200_000);
    for expression in ["\"${local.long}-${count.index}\"", "\"${local.long}-${timestamp()}\""] {
        let lowered = case(&format!(
            "locals {{\n  long = \"{long}\"\n}}\nresource \"aws_s3_bucket\" \"b\" {{\n  count = 1500\n  bucket = {expression}\n}}\n"
        ));
        says(&lowered, "limit-reached", "make more than 16777216 bytes of text");
    }
}

/// Each of thousands of blocks may stand for thousands of instances: none of them is made beyond the limit.
#[test]
fn instances_of_many_blocks_are_bounded() {
    let lower = |main: String| lower_within(&Memory::new("root").with("root/main.tf", main), &[(Limit::Declarations, 1_000)]);
    let count =
        |type_name: &str, number: usize| format!("resource \"{type_name}\" \"r{number}\" {{\n  count = 400\n  bucket = \"x\"\n}}\n");
    let lowered = lower((0..3).map(|number| count("aws_s3_bucket", number)).collect());
    says(&lowered, "limit-reached", "looked at up to 1000 instances");
    // Beyond it, one stands for all of a block.
    let of = |block: &str| lowered.declarations.iter().filter(|declaration| declaration.address.0.starts_with(block)).count();
    assert_eq!((of("aws_s3_bucket.r1["), of("aws_s3_bucket.r2[")), (400, 1));
    // Those that are only named, and calls of modules that are not there, count as well.
    let named: String = (0..3).map(|number| count("null_resource", number)).collect();
    let lengths = "${length(null_resource.r0)}-${length(null_resource.r1)}-${length(null_resource.r2)}";
    let lowered = lower(format!("resource \"aws_s3_bucket\" \"a\" {{\n  bucket = \"{lengths}\"\n}}\n{named}"));
    says(&lowered, "limit-reached", "looked at up to 1000 instances");
    let call = |number| format!("module \"m{number}\" {{\n  source = \"a/b/aws\"\n  count = 400\n}}\n");
    let lowered = lower((0..3).map(call).collect());
    says(&lowered, "limit-reached", "looked at up to 1000 instances");
    assert_eq!(lowered.declarations.len(), 801);
}

/// Collections of collections take gigabytes after few steps.
#[test]
fn what_expressions_fill_is_bounded() {
    for expression in [
        "length([for x in range(100) : [for y in range(100) : range(10)]])",
        "length([for x in range(100) : [for y in range(100) : [x, y, 1]]])",
        "length([for x in range(100) : [for y in range(100) : { a = x, b = y }]])",
        "length([for x in range(100) : [for y in range(100) : setproduct([1, 2], [x, y])]])",
        "length([for x in range(100) : [for y in range(100) : jsondecode(\"[[1, 2], [3]]\")]])",
        "length([for x in range(100) : [for y in range(100) : [[1, 2, 3]][*][0]]])",
    ] {
        let main = format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = {expression}\n}}\n");
        let lowered = lower_within(&Memory::new("root").with("root/main.tf", main), &[(Limit::ModuleElements, 20_000)]);
        says(&lowered, "limit-reached", "make collections of more than 20000 elements");
        assert!(bucket(&lowered, "aws_s3_bucket.b").is_unknown(), "{expression}");
    }
}

/// A function that looks at all of a long list is soon called too often.
#[test]
fn what_functions_look_at_is_bounded() {
    let list = (0..20_000).map(|number| format!("\"{number}\"")).collect::<Vec<_>>().join(", ");
    let lowered = lower(&Memory::new("root").with(
        "root/main.tf",
        format!(
        "locals {{\n  list = [{list}]\n}}\nresource \"aws_s3_bucket\" \"b\" {{\n  bucket = length([for x in local.list : contains(local.list, x)])\n}}\n"
        ),
    ));
    says(&lowered, "limit-reached", "needs more than 20000000 evaluations");
}

/// One of tens of thousands of names is looked for in all of them once, and not for each of the others.
#[test]
fn a_block_may_say_very_much() {
    let attributes: String = (0..20_000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "  a{number} = 1");
        text
    });
    let blocks: String = (0..20_000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "  b{number} {{\n  }}");
        text
    });
    let lowered = case(&format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = \"b\"\n{attributes}{blocks}}}\n"));
    assert_eq!(bucket(&lowered, "aws_s3_bucket.b").as_str(), Some("b"));
}

#[test]
fn functions_are_bounded() {
    for expression in [
        "join(\",\", range(0, 1000000000))",
        "join(\",\", cidrsubnets(\"10.0.0.0/8\", [for i in range(1000) : 24]...))",
        "format(\"%999999999d\", 1)",
        "join(\",\", [for p in setproduct(range(1000), range(1000), range(1000)) : \"x\"])",
        "indent(1000000000, \"a\\nb\")",
        "replace(join(\"\", [for i in range(1000) : \"a\"]), \"/(a*)*b/\", \"\")",
        "tostring(pow(10, 1000000000))",
    ] {
        let lowered = named(expression);
        let value = bucket(&lowered, "aws_s3_bucket.b");
        let is_settled = value.is_unknown() || value.as_str().is_some_and(|text| text.len() < 1_000_000);
        assert!(is_settled, "{expression} gave {value:?}");
    }
}

#[test]
fn a_million_instances_are_one_that_may_exist() {
    let lowered = case("resource \"aws_s3_bucket\" \"b\" {\n  count = 1000000\n  bucket = \"b-${count.index}\"\n}\n");
    says(&lowered, "limit-reached", "1000000");
    assert_eq!(lowered.declarations.iter().filter(|declaration| declaration.address.0.contains(".b[")).count(), 1);
    let each = "resource \"aws_s3_bucket\" \"b\" {\n  for_each = { for i in range(1000) : \"a-${i}\" => { for j in range(300) : \"b-${j}\" => j } }\n  bucket = each.key\n}\n";
    assert_eq!(case(each).declarations.iter().filter(|declaration| declaration.address.0.contains(".b[")).count(), 1000);
}

#[test]
fn locals_that_need_themselves_are_a_cycle() {
    let lowered = case("locals {\n  a = local.b\n  b = local.a\n}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = local.a\n}\n");
    says(&lowered, "evaluation-error", "refers to itself");
    assert!(bucket(&lowered, "aws_s3_bucket.b").is_unknown());
}

#[test]
fn long_chains_of_locals_end() {
    let mut text = String::from("locals {\n  l0 = \"end\"\n");
    for i in 1..5_000 {
        writeln!(text, "  l{i} = local.l{}", i - 1).unwrap();
    }
    text.push_str("}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = local.l4999\n}\n");
    let lowered = case(&text);
    assert!(bucket(&lowered, "aws_s3_bucket.b").is_unknown());
    says(&lowered, "limit-reached", "levels deep");
}

#[test]
fn a_module_may_not_call_itself() {
    let call = "module \"again\" {\n  source = \"./\"\n}\n";
    says(&case(call), "module-cycle", "calls itself");
    let files = Memory::new("root")
        .with("root/main.tf", "module \"a\" {\n  source = \"./a\"\n}\n")
        .with("root/a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\nresource \"aws_s3_bucket\" \"in_a\" {\n  bucket = \"a\"\n}\n")
        .with("root/b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n");
    let lowered = case_of(files);
    says(&lowered, "module-cycle", "calls itself");
    assert_eq!(bucket(&lowered, "module.a.aws_s3_bucket.in_a").as_str(), Some("a"));
}

#[test]
fn modules_that_multiply_end() {
    let mut files = Memory::new("root").with("root/main.tf", "module \"m\" {\n  source = \"./m0\"\n  count = 100\n}\n");
    for i in 0..20 {
        files = files.with(format!("root/m{i}/main.tf"), format!("module \"m\" {{\n  source = \"../m{}\"\n  count = 100\n}}\n", i + 1));
    }
    let lowered = case_of(files);
    says(&lowered, "limit-reached", "module");
}

#[test]
fn nothing_outside_of_the_scan_root_is_read() {
    let files = Memory::new("root")
        .with("secret/main.tf", "resource \"aws_s3_bucket\" \"stolen\" {}\n")
        .with("secret/word", "hunter2")
        .with("root/main.tf", "module \"m\" {\n  source = \"../secret\"\n}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = file(\"../secret/word\")\n}\nresource \"aws_s3_bucket\" \"c\" {\n  bucket = try(file(\"/etc/hostname\"), \"none\")\n}\n");
    let lowered = case_of(files);
    assert!(lowered.declarations.iter().all(|declaration| !declaration.address.0.contains("stolen")));
    says(&lowered, "module-missing", "outside the scan root");
    for address in ["aws_s3_bucket.b", "aws_s3_bucket.c"] {
        let value = bucket(&lowered, address);
        assert!(value.is_unknown() && !format!("{value:?}").contains("hunter2"), "{address}: {value:?}");
    }
}

#[test]
fn a_template_may_not_render_itself() {
    let files = Memory::new("root")
        .with("root/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = templatefile(\"t.tpl\", {})\n}\n")
        .with("root/t.tpl", "${templatefile(\"t.tpl\", {})}");
    let lowered = case_of(files);
    says(&lowered, "evaluation-error", "recursively");
}

#[test]
fn a_large_variable_file_is_read_in_linear_time() {
    let mut text = String::from("name = \"from-tfvars\"\nmany = [\n");
    while text.len() < 8 * 1024 * 1024 {
        text.push_str("  \"some value of a list that is long\",\n");
    }
    text.push_str("]\n");
    let main = "variable \"name\" {}\nvariable \"many\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = var.name\n}\n";
    let lowered = case_of(Memory::new("root").with("root/main.tf", main).with("root/terraform.tfvars", text));
    assert_eq!(bucket(&lowered, "aws_s3_bucket.b").as_str(), Some("from-tfvars"));
}

#[test]
fn deep_nesting_is_refused_and_the_rest_is_kept() {
    let deep = format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = {}1{}\n}}\n", "(".repeat(10_000), ")".repeat(10_000));
    let lowered = case(&deep);
    says(&lowered, "limit-reached", "nested");
    let long = format!("resource \"aws_s3_bucket\" \"b\" {{\n  bucket = tostring({})\n}}\n", vec!["1"; 1_000].join(" + "));
    assert_eq!(bucket(&case(&long), "aws_s3_bucket.b").as_str(), Some("1000"));
}

#[test]
fn conditionals_in_conditionals_are_evaluated_once_each() {
    // Two evaluations of each branch would be two to the power of sixty.
    let nested = (0..60).fold("0".to_owned(), |inner, level| match level % 2 {
        0 => format!("(true ? {inner} : {level})"),
        _ => format!("(var.on ? {inner} : {level})"),
    });
    for default in ["", "\n  default = true"] {
        let main = format!(
            "variable \"on\" {{\n  type = bool{default}\n}}\nresource \"aws_s3_bucket\" \"nested\" {{\n  count  = {nested}\n  bucket = \"nested\"\n}}\n"
        );
        let started = std::time::Instant::now();
        case(&main);
        assert!(started.elapsed() < std::time::Duration::from_secs(10), "{:?}", started.elapsed());
    }
}

/// What a scenario evaluates again hangs on this: an input that is missing here would leave a verdict as it was before it was known.
#[test]
fn each_declaration_names_the_inputs_that_were_read_for_it() {
    let main = "variable \"create\" {}\nvariable \"names\" {}\nvariable \"other\" {}\n\
        module \"unread\" {\n  count = var.create ? 1 : 0\n  source = \"example/logs/aws\"\n}\n\
        module \"read\" {\n  for_each = var.names\n  source = \"./inner\"\n  name = each.value\n}\n\
        resource \"aws_s3_bucket\" \"counted\" {\n  count = var.create ? 1 : 0\n}\n";
    let inner = "variable \"name\" {}\nlocals {\n  own = var.name\n}\n\
        resource \"aws_s3_bucket\" \"plain\" {}\nresource \"aws_s3_bucket\" \"named\" {\n  bucket = local.own\n}\n";
    let lowered = case_of(Memory::new("root").with("root/main.tf", main).with("root/inner/main.tf", inner));
    let inputs = |address: &str| -> Vec<String> {
        let declaration = lowered.declarations.iter().find(|declaration| &*declaration.address.0 == address);
        let inputs = declaration.and_then(|declaration| declaration.inputs.as_ref());
        inputs.unwrap_or_else(|| panic!("no `{address}`")).iter().map(ToString::to_string).collect()
    };
    assert_eq!(inputs("aws_s3_bucket.witness"), [""; 0]);
    assert_eq!(inputs("aws_s3_bucket.counted[0]"), ["var.create"]);
    assert_eq!(inputs("module.unread[0]"), ["var.create"]);
    assert_eq!(inputs("module.read[*].aws_s3_bucket.plain"), ["var.names"]);
    assert_eq!(inputs("module.read[*].aws_s3_bucket.named"), ["var.names"]);
}
