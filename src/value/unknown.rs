//! What is not known, and why. An unknown is never silent: it names its causes.

use super::{Number, ProjectId, Reference, Type, Value, ValueKind};
use crate::source::Span;
use std::sync::Arc;

/// Most causes kept on one value: one more than a finding tells, so that it is known that there are more.
pub const MAX_CAUSES: usize = 9;

/// Most elements that a list of known length and unknown elements is written out to.
const MAX_UNKNOWN_ELEMENTS: u64 = 1024;

/// A value that is not known, with everything that is known about it.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Its type; [`Type::Dynamic`] where not even that is known.
    pub of: Type,
    /// Whether it is known not to be null.
    pub not_null: bool,
    /// For a string: the known and unknown pieces it is joined from, in order. Empty when nothing is known of its text.
    /// No two known pieces are neighbours, and none is empty.
    pub pieces: Vec<Piece>,
    /// For a string: a known beginning, as Terraform would refine it (shortened to a safe boundary). For matching, prefer `pieces`.
    pub prefix: Option<Arc<str>>,
    /// For a collection: fewest and most elements.
    pub length: (u64, Option<u64>),
    /// For a number: the least and the most that it can be, both included; an infinity where there is no bound.
    pub bounds: Option<(Number, Number)>,
    /// What it is unless it is null: for something that is surely this or nothing (`Fn::If` with `AWS::NoValue` on a condition that is not known).
    pub unless_null: Option<Box<Value>>,
    /// For a text in Base64: what is known of the text that it encodes, a line for each piece. Nothing but words can be looked for in it.
    pub encodes: Option<Arc<str>>,
    /// Why it is not known: never empty for a value that a frontend hands out.
    pub causes: Vec<Cause>,
    /// Which attribute of which resource, or which input, it is, when it is exactly that.
    pub refers_to: Option<Arc<Reference>>,
}

/// A piece of a partly known string.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Known text.
    Known(Arc<str>),
    /// An unknown string: an input, an attribute of a resource, or anything derived from these. Two pieces with the same `refers_to` are
    /// the same text; causes alone say nothing of that (`upper(var.x)` and `var.x` have the same).
    Unknown(Arc<Unknown>),
}

/// One reason for which a value is not known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cause {
    /// What kind of reason.
    pub kind: CauseKind,
    /// What is not known, as it is written or addressed: `var.bucket`, `module.logs.var.name`, `data.aws_caller_identity.current.account_id`, `Environment`, …
    pub name: Arc<str>,
    /// Where that is declared or written.
    pub span: Option<Span>,
}

/// What kind of reason an unknown has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CauseKind {
    /// A Terraform variable of a root module without a value.
    Variable,
    /// A CloudFormation parameter without a value.
    Parameter,
    /// Something of the environment: `terraform.workspace`, `AWS::Region`, `AWS::AccountId`, `AWS::StackName`.
    Environment,
    /// A data source, which the provider reads.
    Data,
    /// An attribute of a resource that is known only after it is created.
    Computed,
    /// A module whose source is not there to be read.
    MissingModule,
    /// Another project's output: remote state, an export, a nested stack outside the code.
    External,
    /// A dynamic reference or parameter store value.
    Stored,
    /// What no code shows: how old a bucket is, what a default of the account is. The name says it as what a verdict depends on.
    Unshown,
    /// A function whose result changes from run to run: `timestamp`, `uuid`, …
    Impure,
    /// A file that could not be read (outside the scan root, missing, not UTF-8).
    File,
    /// A macro, transform or custom resource.
    Macro,
    /// A named limit was reached.
    Limit,
    /// It names a resource that this code does not declare, or declares no instance of; a diagnostic says so.
    Undeclared,
    /// The expression is not valid: nothing can be deployed with it. A diagnostic says what Terraform or CloudFormation would say.
    Invalid,
    /// Not supported yet.
    Unsupported,
}

impl Piece {
    /// Bytes of text that are known of it.
    pub fn known(&self) -> usize {
        if let Self::Known(text) = self { text.len() } else { 0 }
    }

    /// Bytes that it takes where it is kept: of one that is not known with what is worked out of it to compare it (measured: 130).
    pub fn size(&self) -> usize {
        match self {
            Self::Known(text) => text.len(),
            Self::Unknown(_) => 128,
        }
    }
}

impl Cause {
    /// A cause at a place.
    pub fn new(kind: CauseKind, name: impl Into<Arc<str>>, span: Option<Span>) -> Self {
        Self { kind, name: name.into(), span }
    }

    /// Whether something is not known for just this: it is declared nowhere.
    pub fn are_undeclared(causes: &[Self]) -> bool {
        !causes.is_empty() && causes.iter().all(|cause| cause.kind == CauseKind::Undeclared)
    }

    /// The order in which causes are told: by kind, name and place in the file, whichever file that is.
    pub fn in_order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |cause: &Self| (cause.kind, cause.span.map(|span| span.range));
        self.kind.cmp(&other.kind).then_with(|| self.name.cmp(&other.name)).then_with(|| key(self).cmp(&key(other)))
    }
}

impl Unknown {
    /// An unknown of a type, of which nothing else is known.
    pub fn new(of: Type, causes: Vec<Cause>) -> Self {
        let mut causes = causes;
        tidy(&mut causes);
        Self {
            of,
            not_null: false,
            pieces: Vec::new(),
            prefix: None,
            length: (0, None),
            bounds: None,
            unless_null: None,
            encodes: None,
            causes,
            refers_to: None,
        }
    }

    /// An unknown that is one attribute of one resource. It is never null.
    pub fn attribute(reference: Arc<Reference>, of: Type, cause: Cause) -> Self {
        Self { not_null: true, refers_to: Some(reference), ..Self::new(of, vec![cause]) }
    }

    /// An unknown that is one input of one project, unchanged.
    pub fn input(project: ProjectId, of: Type, cause: Cause) -> Self {
        let reference = Reference::Input { project, name: Arc::clone(&cause.name) };
        Self { refers_to: Some(Arc::new(reference)), ..Self::new(of, vec![cause]) }
    }

    /// A text that is this one in Base64.
    pub fn in_base64(text: &Value) -> Self {
        let mut known = Vec::new();
        text.as_unknown().into_iter().for_each(|unknown| unknown.known_pieces(&mut known));
        Self { encodes: (!known.is_empty()).then(|| known.join("\n").into()), ..Self::new(Type::String, text.causes()).not_null() }
    }

    fn known_pieces<'u>(&'u self, known: &mut Vec<&'u str>) {
        for piece in &self.pieces {
            match piece {
                Piece::Known(text) => known.push(text),
                Piece::Unknown(inner) => inner.known_pieces(known),
            }
        }
    }

    /// The same, known not to be null.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.not_null = true;
        self
    }
}

impl Unknown {
    /// Every reference that it is made of. A text that stands in another may come as often as it stands there.
    pub(super) fn each_reference(&self, found: &mut dyn FnMut(&Arc<Reference>)) {
        self.refers_to.iter().for_each(&mut *found);
        for piece in &self.pieces {
            if let Piece::Unknown(inner) = piece {
                inner.each_reference(found);
            }
        }
        self.unless_null.iter().for_each(|value| value.each_reference(found));
    }

    /// The value that it is when what is known of it leaves only one: an empty collection, a list of so many unknown elements, a number
    /// between equal bounds. Otherwise itself.
    pub fn settled(self) -> Value {
        if !self.not_null {
            return self.into();
        }
        if let (Type::Number, Some((least, most))) = (&self.of, &self.bounds)
            && least == most
        {
            return ValueKind::Number(least.clone()).into();
        }
        let (least, most) = self.length;
        if most != Some(least) {
            return self.into();
        }
        let elements = |of: &Type| {
            let element: Value = Self::new(of.clone(), self.causes.clone()).into();
            vec![element; usize::try_from(least).unwrap_or(usize::MAX)]
        };
        match &self.of {
            Type::List(of) if least <= MAX_UNKNOWN_ELEMENTS => ValueKind::List((**of).clone(), Arc::new(elements(of))).into(),
            Type::Set(of) if least <= 1 => Value::set((**of).clone(), elements(of)),
            Type::Map(of) if least == 0 => ValueKind::Map((**of).clone(), Arc::default()).into(),
            _ => self.into(),
        }
    }
}

/// Sorts causes, drops duplicates, and keeps at most [`MAX_CAUSES`]. The number of a file has no say: files that are read late get theirs in
/// the order in which threads come, and what is kept must not hang on that.
pub fn tidy(causes: &mut Vec<Cause>) {
    causes.sort_by(Cause::in_order);
    causes.dedup();
    causes.truncate(MAX_CAUSES);
    // Collected from thousands of pieces, they would keep room for all of them.
    if causes.capacity() > 4 * MAX_CAUSES {
        causes.shrink_to_fit();
    }
}
