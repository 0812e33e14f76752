//! The parser held against `hcl-edit`, another reader of the same language: the same blocks, attributes and expressions at the same bytes,
//! over this project's own cases and, where it is at hand, a corpus of real files beside the repository.
//!
//! Where the two differ by design: `hcl-edit` keeps heredocs and strip markers unresolved and strings as written, so literals of templates
//! are not compared; it refuses some valid files (a repeated object key, a line break after a unary operator or inside a `for`, more than 128
//! operators in one expression or 64 levels), which are counted and must stay few; and it takes files that Terraform refuses.

use super::show::{FILE, symbol};
use crate::source::TextRange;
use crate::source::fs::{Disk, EntryKind, FileSystem};
use crate::syntax::hcl::{BinaryOperator, Body, Expr, ExprKind, Ident, Operation, SplatKind, TemplatePart, UnaryOperator, parse};
use hcl_edit::Span;
use hcl_edit::expr::{self as theirs, Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure;
use hcl_edit::template::{Directive, Element, Template};
use std::io::Write;
use std::ops::Range;
use std::path::Path;

/// What stands in a file: a word for each thing and its bytes, in order.
#[derive(Default)]
struct Things(Vec<(String, Range<usize>)>);

impl Things {
    fn add(&mut self, what: impl Into<String>, range: TextRange) {
        self.0.push((what.into(), range.indices()));
    }

    fn name(&mut self, what: &str, name: &Ident) {
        self.add(format!("{what} {}", name.name), name.range);
    }

    fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.name("attribute", &attribute.name);
            self.add("definition", attribute.range);
            self.expr(&attribute.value);
        }
        for block in &body.blocks {
            self.name("block", &block.kind);
            block.labels.iter().for_each(|label| self.name("label", label));
            self.add("definition", block.range);
            self.body(&block.body);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let range = expr.range;
        match &expr.kind {
            ExprKind::Null => self.add("null", range),
            ExprKind::Bool(value) => self.add(value.to_string(), range),
            ExprKind::Number(_) => self.add("number", range),
            ExprKind::String(_) => self.add("string", range),
            ExprKind::Template(parts) => {
                self.add("string", range);
                self.parts(parts);
            }
            ExprKind::TemplateWrap(inner) => {
                self.add("string", range);
                self.expr(inner);
            }
            ExprKind::Parens(inner) => {
                self.add("parentheses", range);
                self.expr(inner);
            }
            ExprKind::Traversal { root, operations } => {
                if !operations.is_empty() {
                    self.add("traversal", range);
                }
                self.name("variable", root);
                self.operations(operations);
            }
            ExprKind::Relative { source, operations } => {
                self.add("traversal", range);
                self.expr(source);
                self.operations(operations);
            }
            ExprKind::Call { name, arguments, expand_final } => {
                self.add(format!("call {} {expand_final}", name.name), range);
                self.exprs(arguments);
            }
            // `hcl-edit` takes the sign for a part of the number.
            ExprKind::Unary(UnaryOperator::Negate, inner) if matches!(inner.kind, ExprKind::Number(_)) => self.add("number", range),
            ExprKind::Unary(operator, inner) => {
                self.add(if *operator == UnaryOperator::Not { "unary !" } else { "unary -" }, range);
                self.expr(inner);
            }
            ExprKind::Binary(operator, left, right) => {
                self.add(symbol(*operator), range);
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Conditional(condition, then, otherwise) => {
                self.add("conditional", range);
                self.exprs([&**condition, &**then, &**otherwise]);
            }
            ExprKind::Tuple(items) => {
                self.add("tuple", range);
                self.exprs(items);
            }
            ExprKind::Object(items) => {
                self.add("object", range);
                for item in items {
                    self.expr(&item.key);
                    self.expr(&item.value);
                }
            }
            ExprKind::For(of) => {
                self.add(format!("for {}", of.group), range);
                of.key_name.iter().for_each(|name| self.name("variable", name));
                self.name("variable", &of.value_name);
                let parts = [Some(&of.collection), of.key.as_ref(), Some(&of.value), of.condition.as_ref()];
                self.exprs(parts.into_iter().flatten());
            }
            ExprKind::Invalid => self.add("invalid", range),
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn operations(&mut self, operations: &[Operation]) {
        for operation in operations {
            match operation {
                Operation::Attribute(name) => self.name("get", name),
                Operation::Index(key) => {
                    self.0.push(("index".to_owned(), 0..0));
                    self.expr(key);
                }
                Operation::LegacyIndex(index, _) => self.0.push((format!("legacy index {index}"), 0..0)),
                Operation::Splat { kind, each, .. } => {
                    self.0.push((format!("splat {}", *kind == SplatKind::Full), 0..0));
                    self.operations(each);
                }
            }
        }
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(..) => {}
                TemplatePart::Interpolation(inner) => self.expr(inner),
                TemplatePart::If { condition, then, otherwise, range } => {
                    self.add("if directive", *range);
                    self.expr(condition);
                    self.parts(then);
                    self.parts(otherwise);
                }
                TemplatePart::For { collection, body, range, .. } => {
                    self.add("for directive", *range);
                    self.expr(collection);
                    self.parts(body);
                }
            }
        }
    }
}

/// The same of the other tree.
impl Things {
    fn put(&mut self, what: impl Into<String>, range: Option<Range<usize>>) {
        self.0.push((what.into(), range.expect("a parsed tree has spans")));
    }

    fn their_body(&mut self, body: &structure::Body) {
        for attribute in body.attributes() {
            self.put(format!("attribute {}", attribute.key.as_str()), attribute.key.span());
            self.put("definition", attribute.span());
            self.their_expr(&attribute.value);
        }
        for block in body.blocks() {
            self.put(format!("block {}", block.ident.as_str()), block.ident.span());
            for label in &block.labels {
                self.put(format!("label {}", label.as_str()), label.span());
            }
            self.put("definition", block.span());
            self.their_body(&block.body);
        }
    }

    fn their_expr(&mut self, expr: &Expression) {
        let range = expr.span();
        match expr {
            Expression::Null(_) => self.put("null", range),
            Expression::Bool(value) => self.put(value.to_string(), range),
            Expression::Number(_) => self.put("number", range),
            Expression::String(_) => self.put("string", range),
            Expression::StringTemplate(template) => {
                self.put("string", range);
                self.their_elements(template.iter());
            }
            Expression::HeredocTemplate(heredoc) => {
                self.put("string", range);
                self.their_template(&heredoc.template);
            }
            Expression::Parenthesis(inner) => {
                self.put("parentheses", range);
                self.their_expr(inner.inner());
            }
            Expression::Variable(name) => self.put(format!("variable {}", name.as_str()), range),
            Expression::Traversal(traversal) => {
                self.put("traversal", range);
                self.their_expr(&traversal.expr);
                for operator in &traversal.operators {
                    self.their_operation(operator);
                }
            }
            Expression::FuncCall(call) => {
                let namespace: String = call.name.namespace.iter().flat_map(|name| [name.as_str(), "::"]).collect();
                self.put(format!("call {namespace}{} {}", call.name.name.as_str(), call.args.expand_final()), range);
                self.their_exprs(call.args.iter());
            }
            Expression::UnaryOp(operation) => {
                let not = *operation.operator.value() == theirs::UnaryOperator::Not;
                self.put(if not { "unary !" } else { "unary -" }, range);
                self.their_expr(&operation.expr);
            }
            Expression::BinaryOp(operation) => {
                self.put(operation.operator.value().as_str(), range);
                self.their_expr(&operation.lhs_expr);
                self.their_expr(&operation.rhs_expr);
            }
            Expression::Conditional(conditional) => {
                self.put("conditional", range);
                self.their_exprs([&conditional.cond_expr, &conditional.true_expr, &conditional.false_expr]);
            }
            Expression::Array(array) => {
                self.put("tuple", range);
                self.their_exprs(array.iter());
            }
            Expression::Object(object) => {
                self.put("object", range);
                for (key, value) in object {
                    match key {
                        ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => self.put("string", name.span()),
                        ObjectKey::Expression(key) => self.their_expr(key),
                    }
                    self.their_expr(value.expr());
                }
            }
            Expression::ForExpr(of) => {
                self.put(format!("for {}", of.grouping), range);
                let names = of.intro.key_var.iter().chain([&of.intro.value_var]);
                for name in names {
                    self.put(format!("variable {}", name.as_str()), name.span());
                }
                let condition = of.cond.as_ref().map(|condition| &condition.expr);
                let parts = [Some(&of.intro.collection_expr), of.key_expr.as_ref(), Some(&of.value_expr), condition];
                self.their_exprs(parts.into_iter().flatten());
            }
        }
    }

    fn their_exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expression>) {
        for expr in exprs {
            self.their_expr(expr);
        }
    }

    fn their_operation(&mut self, operator: &TraversalOperator) {
        match operator {
            TraversalOperator::GetAttr(name) => self.put(format!("get {}", name.as_str()), name.span()),
            TraversalOperator::Index(key) => {
                self.put("index", Some(0..0));
                self.their_expr(key);
            }
            TraversalOperator::LegacyIndex(index) => self.put(format!("legacy index {}", index.value()), Some(0..0)),
            TraversalOperator::AttrSplat(_) => self.put("splat false", Some(0..0)),
            TraversalOperator::FullSplat(_) => self.put("splat true", Some(0..0)),
        }
    }

    fn their_template(&mut self, template: &Template) {
        self.their_elements(template.iter());
    }

    fn their_elements<'e>(&mut self, elements: impl Iterator<Item = &'e Element>) {
        for element in elements {
            match element {
                Element::Literal(_) => {}
                Element::Interpolation(interpolation) => self.their_expr(&interpolation.expr),
                Element::Directive(directive) => match &**directive {
                    Directive::If(of) => {
                        self.put("if directive", element.span());
                        self.their_expr(&of.if_expr.cond_expr);
                        self.their_template(&of.if_expr.template);
                        if let Some(otherwise) = &of.else_expr {
                            self.their_template(&otherwise.template);
                        }
                    }
                    Directive::For(of) => {
                        self.put("for directive", element.span());
                        self.their_expr(&of.for_expr.collection_expr);
                        self.their_template(&of.for_expr.template);
                    }
                },
            }
        }
    }
}

/// What became of a file.
#[derive(PartialEq, Debug)]
enum Outcome {
    Equal,
    /// Only `hcl-edit` refuses it.
    Refused,
    /// We refuse it, and so the trees are not comparable.
    Broken,
}

fn compare(text: &str) -> Result<Outcome, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (body, diagnostics) = parse(text, FILE);
    if !diagnostics.is_empty() {
        return Ok(Outcome::Broken);
    }
    let Ok(theirs) = hcl_edit::parser::parse_body(text) else { return Ok(Outcome::Refused) };
    let (mut ours, mut other) = (Things::default(), Things::default());
    ours.body(&body);
    other.their_body(&theirs);
    for (our, their) in ours.0.iter().zip(&other.0) {
        if our != their {
            let snippet = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default().to_owned();
            return Err(format!("ours {our:?} {:?}, theirs {their:?} {:?}", snippet(&our.1), snippet(&their.1)));
        }
    }
    if ours.0.len() == other.0.len() { Ok(Outcome::Equal) } else { Err(format!("{} things against {}", ours.0.len(), other.0.len())) }
}

/// Compares every file of a tree, or every so-many-th; answers how many were equal, refused by `hcl-edit` and broken.
fn compare_tree(root: &Path, every: usize) -> [usize; 3] {
    let disk = Disk::new(root, root).unwrap();
    let (entries, _) = disk.walk(root);
    let is_hcl = |path: &Path| path.extension().is_some_and(|extension| extension == "tf" || extension == "tfvars");
    let mut counts = [0; 3];
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::File && is_hcl(&entry.path)).step_by(every) {
        let Ok(text) = String::from_utf8(disk.read(&entry.path).unwrap()) else { continue };
        match compare(&text) {
            Ok(Outcome::Equal) => counts[0] += 1,
            Ok(Outcome::Refused) => counts[1] += 1,
            Ok(Outcome::Broken) => counts[2] += 1,
            Err(difference) => panic!("{}: {difference}", entry.path.display()),
        }
    }
    counts
}

#[test]
fn our_own_cases_are_read_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let [equal, refused, _] = compare_tree(&root, 16);
    assert!(equal > 0);
    assert_eq!(refused, 0);
    assert_eq!(compare(include_str!("sample.tf")), Ok(Outcome::Equal));
}

#[test]
fn real_files_are_read_alike() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/real");
    let mut log = std::io::stderr();
    let Ok(root) = Disk::new(&root, &root).and_then(|disk| disk.resolve(&root)) else {
        writeln!(log, "skipped: there is no corpus beside the repository").unwrap();
        return;
    };
    let [equal, refused, broken] = compare_tree(&root, 16);
    writeln!(log, "real files: {equal} equal, {refused} refused by hcl-edit alone, {broken} broken").unwrap();
    assert!(equal > 0);
    assert!(refused * 200 <= equal, "{refused} of {equal}");
}

/// `hcl-edit` names its operators as HCL writes them, which is what makes them comparable.
#[test]
fn operators_are_named_alike() {
    assert_eq!(theirs::BinaryOperator::LessEq.as_str(), symbol(BinaryOperator::LessOrEqual));
}
