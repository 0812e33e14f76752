//! Which projects a tree holds, as lists of labels.

use crate::discover;
use crate::project::{Context, Demand, Inputs, ProjectKind};
use crate::source::Sources;
use crate::source::fs::{FileSystem, Memory};
use crate::syntax::Trees;
use std::path::PathBuf;

/// The labels of the projects at or below some paths of a tree whose root is `repo`, with a mark for templates (`cfn`) and plans
/// (`plan`) and for projects of which only some files are reported (`narrowed`).
fn projects(fs: &Memory, paths: &[&str]) -> Vec<String> {
    let (sources, trees, inputs, demand) = (Sources::default(), Trees::default(), Inputs::default(), Demand::default());
    let context = Context { fs, sources: &sources, trees: &trees, inputs: &inputs, demand: &demand };
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let walked = discover::walk(fs, &paths);
    let mut gathered = discover::Gathered::default();
    for candidate in &walked.candidates {
        discover::read(fs, candidate).into_iter().for_each(|read| gathered.add(candidate, read, &inputs.limits));
    }
    let (loaded, _) = discover::load(gathered, &context);
    let inspected = loaded.iter().map(|loaded| discover::inspect(loaded, &context)).collect();
    let discovery = discover::settle(&walked, inspected, fs.root());
    let label = |project: &crate::project::Project| {
        let kind = match project.kind {
            ProjectKind::Terraform => "",
            ProjectKind::Terragrunt => " (unit)",
            ProjectKind::TerraformPlan => " (plan)",
            ProjectKind::CloudFormation => " (cfn)",
        };
        let narrowed = if discovery.narrowed.contains_key(&project.id) { " (narrowed)" } else { "" };
        format!("{}{kind}{narrowed}", project.label)
    };
    discovery.projects.iter().map(label).collect()
}

fn call(source: &str) -> String {
    format!("module \"m\" {{\n  source = \"{source}\"\n}}\n")
}

fn repository() -> Memory {
    Memory::new("repo")
        .with("repo/envs/prod/main.tf", call("../../modules/logs"))
        .with("repo/envs/dev/main.tofu.json", r#"{"module": {"m": {"source": "../../modules/logs"}}}"#)
        .with("repo/modules/logs/main.tf", call("./inner"))
        .with("repo/modules/logs/inner/main.tf", "")
        .with("repo/modules/unused/main.tf", call("registry/module/aws"))
        .with("repo/modules/unused/.hidden.tf", "")
        .with("repo/modules/backup/main.tf~", "")
        .with("repo/envs/prod/terraform.tfvars", "")
        .with("repo/README.md", "")
}

#[test]
fn a_called_directory_is_reported_through_its_callers() {
    assert_eq!(projects(&repository(), &["repo"]), ["envs/dev", "envs/prod", "modules/unused"]);
}

#[test]
fn a_named_directory_is_always_a_project() {
    assert_eq!(projects(&repository(), &["repo/modules/logs"]), ["modules/logs"]);
    assert_eq!(projects(&repository(), &["repo", "repo/modules/logs"]), ["envs/dev", "envs/prod", "modules/logs", "modules/unused"]);
    let module = Memory::new("repo").with("repo/main.tf", "").with("repo/examples/a/main.tf", call("../.."));
    assert_eq!(projects(&module, &["repo"]), [".", "examples/a"]);
}

#[test]
fn a_file_names_its_project_and_narrows_it() {
    assert_eq!(projects(&repository(), &["repo/envs/prod/main.tf"]), ["envs/prod (narrowed)"]);
    assert_eq!(projects(&repository(), &["repo/envs/prod/terraform.tfvars"]), ["envs/prod (narrowed)"]);
    assert_eq!(projects(&repository(), &["repo/envs/prod/main.tf", "repo/envs"]), ["envs/dev", "envs/prod"]);
    assert_eq!(projects(&repository(), &["repo/README.md"]), [""; 0]);
}

#[test]
fn a_ring_of_calls_is_not_lost() {
    let ring = Memory::new("repo")
        .with("repo/a/main.tf", call("../b"))
        .with("repo/b/main.tf", call("../c"))
        .with("repo/c/main.tf", call("../a"))
        .with("repo/self/main.tf", call("./"))
        .with("repo/d/main.tf", call("../c"));
    assert_eq!(projects(&ring, &["repo"]), ["d", "self"]);
    let ring = Memory::new("repo").with("repo/a/main.tf", call("../b")).with("repo/b/main.tf", call("../a"));
    assert_eq!(projects(&ring, &["repo"]), ["a"]);
}

#[test]
fn templates_and_plans_are_told_by_their_content() {
    let bucket = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";
    let tree = Memory::new("repo")
        .with("repo/a.yaml", bucket)
        .with("repo/b.template", bucket)
        .with("repo/c.json", r#"{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}"#)
        .with("repo/plan.json", r#"{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{}}"#)
        .with("repo/other.json", r#"{"policy": "AWS::S3::Bucket", "Resources": ["x"]}"#)
        .with("repo/values.yaml", "image: x\nresources:\n  limits: {}\n")
        .with("repo/workflow.yml", "on: push\njobs: {}\n")
        .with("repo/x.txt", bucket);
    assert_eq!(projects(&tree, &["repo"]), ["a.yaml (cfn)", "b.template (cfn)", "c.json (cfn)", "plan.json (plan)"]);
    assert_eq!(projects(&tree, &["repo/a.yaml"]), ["a.yaml (cfn)"]);
}

#[test]
fn a_nested_template_is_reported_through_its_parent() {
    let parent = |url: &str| format!("Resources:\n  N:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n");
    let child = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";
    let tree = Memory::new("repo")
        .with("repo/parent.yaml", parent("./nested/child.yaml"))
        .with("repo/nested/child.yaml", child)
        .with("repo/nested/other.yaml", child)
        .with("repo/remote.yaml", parent("https://bucket/nested/other.yaml"));
    assert_eq!(projects(&tree, &["repo"]), ["nested/other.yaml (cfn)", "parent.yaml (cfn)", "remote.yaml (cfn)"]);
}

#[test]
fn a_unit_stands_for_the_module_that_it_runs() {
    let tree = Memory::new("repo")
        .with("repo/terragrunt.hcl", "remote_state {\n  backend = \"s3\"\n}\n")
        .with(
            "repo/live/prod/terragrunt.hcl",
            "include {\n  path = find_in_parent_folders()\n}\n\nterraform {\n  source = \"../../modules/logs\"\n}\n",
        )
        .with("repo/live/beside/terragrunt.hcl", "include {\n  path = find_in_parent_folders()\n}\n")
        .with("repo/live/beside/main.tf", call("../../modules/inner"))
        .with("repo/modules/logs/main.tf", "")
        .with("repo/modules/inner/main.tf", "")
        .with("repo/modules/unused/main.tf", "");
    assert_eq!(projects(&tree, &["repo"]), ["live/beside (unit)", "live/prod (unit)", "modules/unused"]);
}

#[test]
fn a_missing_path_is_an_error_with_the_nearest_name() {
    let fs = repository();
    let walked = discover::walk(&fs, &[PathBuf::from("repo/env"), PathBuf::from("elsewhere")]);
    let told: Vec<_> = walked.diagnostics.iter().map(|diagnostic| (diagnostic.code, diagnostic.help.as_deref())).collect();
    assert_eq!(
        told,
        [("no-such-path", Some("did you mean `repo/envs`?")), ("unreachable", Some("name a scan root that holds it with `--root`"))]
    );
}
