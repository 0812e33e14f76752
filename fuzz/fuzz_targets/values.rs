//! Variable files and parameter files, and every function that reads a document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::project::ProjectKind;
use trailwarden::source::fs::Memory;

const CODE: &str = r#"
variable "a" {}
locals {
  text  = file("a.txt")
  many  = split("\n", local.text)
  first = local.many[0]
}
resource "x" "y" {
  a = var.a
  b = try(yamldecode(local.text), null)
  c = try(jsondecode(local.text), null)
  d = try(csvdecode(local.text), null)
  e = try(templatefile("a.txt", { a = 1, b = "x" }), null)
  f = try(regexall(local.first, local.text), null)
  g = try(format(local.first, 1, "a", [true]), null)
  h = try(base64decode(local.text), null)
  i = try(base64gunzip(local.text), null)
  j = try(formatdate(local.first, "2020-02-29T12:13:14Z"), null)
  k = try(timeadd("2020-02-29T12:13:14Z", local.first), null)
  l = try(cidrsubnet(local.first, 8, 3), null)
  m = try(tonumber(local.first) * 3 / 7, null)
  n = try(provider::terraform::decode_tfvars(local.text), null)
  o = try(replace(local.text, "/(a|b)*c/", local.first), null)
  p = try(fileset(".", local.first), null)
  q = try(yamlencode(local.text), null)
  r = try(urlencode(title(local.text)), null)
  s = try(textencodebase64(local.text, "UTF-16LE"), null)
  t = try(parseint(local.first, 36), null)
}
"#;

fuzz_target!(|text: &str| {
    let files = Memory::new("repo").with("repo/main.tf", CODE).with("repo/a.txt", text).with("repo/terraform.tfvars", text);
    trailwarden_fuzz::lower(&files, ProjectKind::Terraform, "");
});
