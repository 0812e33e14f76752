//! Walking expressions: the direct parts of one, whatever it is.

use crate::syntax::hcl::{Block, Body, Expr, ExprKind, Operation, TemplatePart};

impl Expr {
    /// Calls `visit` with every expression that stands directly inside this one, in source order.
    pub fn children<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Invalid => {}
            ExprKind::Template(parts) => template_children(parts, visit),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) | ExprKind::Unary(_, inner) => visit(inner),
            ExprKind::Traversal { operations, .. } => operation_children(operations, visit),
            ExprKind::Relative { source, operations } => {
                visit(source);
                operation_children(operations, visit);
            }
            ExprKind::Call { arguments, .. } => arguments.iter().for_each(visit),
            ExprKind::Binary(_, left, right) => [left, right].into_iter().for_each(|expr| visit(expr)),
            ExprKind::Conditional(condition, then, otherwise) => [condition, then, otherwise].into_iter().for_each(|expr| visit(expr)),
            ExprKind::Tuple(items) => items.iter().for_each(visit),
            ExprKind::Object(items) => items.iter().flat_map(|item| [&item.key, &item.value]).for_each(visit),
            ExprKind::For(of) => {
                [Some(&of.collection), of.key.as_ref(), Some(&of.value), of.condition.as_ref()].into_iter().flatten().for_each(visit);
            }
        }
    }

    /// Whether this expression or one inside it fits.
    pub fn any(&self, fits: &dyn Fn(&Expr) -> bool) -> bool {
        let mut found = fits(self);
        self.children(&mut |child| found = found || child.any(fits));
        found
    }
}

fn template_children<'e>(parts: &'e [TemplatePart], visit: &mut dyn FnMut(&'e Expr)) {
    for part in parts {
        match part {
            TemplatePart::Literal(..) => {}
            TemplatePart::Interpolation(expr) => visit(expr),
            TemplatePart::If { condition, then, otherwise, .. } => {
                visit(condition);
                template_children(then, visit);
                template_children(otherwise, visit);
            }
            TemplatePart::For { collection, body, .. } => {
                visit(collection);
                template_children(body, visit);
            }
        }
    }
}

fn operation_children<'e>(operations: &'e [Operation], visit: &mut dyn FnMut(&'e Expr)) {
    for operation in operations {
        match operation {
            Operation::Index(key) => visit(key),
            Operation::Splat { each, .. } => operation_children(each, visit),
            Operation::Attribute(_) | Operation::LegacyIndex(..) => {}
        }
    }
}

impl Body {
    /// Calls `visit` with every attribute's expression, those of nested blocks included.
    pub fn expressions<'b>(&'b self, visit: &mut dyn FnMut(&'b Expr)) {
        self.attributes.iter().for_each(|attribute| visit(&attribute.value));
        self.blocks.iter().for_each(|block: &Block| block.body.expressions(visit));
    }
}
