//! Names of things: which project, which resource, which attribute.

use memchr::memchr;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A project of this run: a Terraform root module, or a CloudFormation template. Numbered in the order of its path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProjectId(pub u32);

/// A resource's address inside its project, as its language writes it: `module.logs["a"].aws_s3_bucket.this[0]`,
/// `data.aws_s3_bucket.x`, `TrailBucket`, `Nested/TrailBucket`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address(pub Arc<str>);

impl Address {
    /// The address without its instance keys: of the block that the instance comes from.
    pub fn block(&self) -> Arc<str> {
        match bare(&self.0) {
            Cow::Borrowed(_) => Arc::clone(&self.0),
            Cow::Owned(bare) => bare.into(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: Into<Arc<str>>> From<T> for Address {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

/// An address without its instance keys.
pub fn bare(address: &str) -> Cow<'_, str> {
    let Some(key) = memchr(b'[', address.as_bytes()) else { return Cow::Borrowed(address) };
    if let Some(bare) = without_keys(address, key) {
        return Cow::Owned(bare);
    }
    let mut bare = String::with_capacity(address.len());
    for (name, _) in steps(address) {
        if !bare.is_empty() {
            bare.push('.');
        }
        bare.push_str(name);
    }
    Cow::Owned(bare)
}

/// The same for an address whose first key begins here, and in which quotes stand only inside of keys: what is between keys is copied in one piece.
fn without_keys(address: &str, first: usize) -> Option<String> {
    if matches!(address.as_bytes().first(), None | Some(b'.' | b'[')) {
        return None;
    }
    let mut bare = String::with_capacity(address.len());
    let (mut rest, mut key) = (address, Some(first));
    loop {
        let names = &rest[..key.unwrap_or(rest.len())];
        if memchr(b'"', names.as_bytes()).is_some() {
            return None;
        }
        bare.push_str(names);
        let Some(length) = key.and_then(|at| key_length(&rest.as_bytes()[at..])) else { return Some(bare) };
        rest = &rest[names.len() + length..];
        key = memchr(b'[', rest.as_bytes());
    }
}

/// How long a key is, with whatever stands behind it up to the dot of the next step; `None` where there is no next one.
fn key_length(key: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut at) = (0_u32, false, 0);
    loop {
        match key.get(at)? {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

/// The steps of an address, each with its key: `module.a["x.y"].aws_s3_bucket.this[0]` has four, of which two have keys.
pub fn steps(address: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(address);
    std::iter::from_fn(move || {
        let here = rest?;
        let (mut depth, mut quoted) = (0_u32, false);
        let mut bytes = here.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\\' if quoted => {
                    bytes.next();
                }
                b'"' => quoted = !quoted,
                b'[' if !quoted => depth += 1,
                b']' if !quoted => depth = depth.saturating_sub(1),
                b'.' if !quoted && depth == 0 => {
                    rest = Some(&here[at + 1..]);
                    return Some(split_key(&here[..at]));
                }
                _ => {}
            }
        }
        rest = None;
        Some(split_key(here))
    })
}

fn split_key(step: &str) -> (&str, Option<&str>) {
    match step.split_once('[') {
        Some((name, key)) => (name, Some(key.strip_suffix(']').unwrap_or(key))),
        None => (step, None),
    }
}

/// Something that a value refers to and that its project alone cannot resolve to text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reference {
    /// An attribute of a resource or data source: `aws_s3_bucket.logs.id`, `!GetAtt Logs.Arn`; `attribute` is `Ref` for `!Ref`, and empty for the whole resource.
    Attribute {
        /// The project.
        project: ProjectId,
        /// The instance.
        address: Address,
        /// The attribute, as the language names it; nested ones as a path: `rule[0].id`.
        attribute: Arc<str>,
    },
    /// What another stack exports under a name (`Fn::ImportValue`); `name` is the wholly or partly known name in text form,
    /// with `${…}` for what is not known.
    Export {
        /// The export's name.
        name: Arc<str>,
    },
    /// An output of another Terraform state: `data.terraform_remote_state.x.outputs.y`.
    RemoteOutput {
        /// The state, in a normal form of its backend's configuration: `s3://bucket/key`, `local:path`.
        state: Arc<str>,
        /// The output's name.
        output: Arc<str>,
    },
    /// A parameter of the Systems Manager parameter store, by name.
    StoredParameter {
        /// The parameter's name.
        name: Arc<str>,
    },
    /// An input that has no value: `var.prefix`, `Environment`, `AWS::Region`. Only for what is exactly that input; what is derived from
    /// it (`upper(var.prefix)`, `Fn::Select` of it) has its cause, but refers to nothing.
    Input {
        /// The project.
        project: ProjectId,
        /// The input, as [`super::Cause::name`] gives it.
        name: Arc<str>,
    },
    /// One part of a text that is another reference: what `Fn::Select [5, Fn::Split [":", …]]` takes from an imported ARN.
    Part {
        /// The whole.
        of: Arc<Reference>,
        /// What it is split at.
        delimiter: Arc<str>,
        /// Which of the parts, from 0.
        index: usize,
    },
    /// An output of a module whose source is not there to be read.
    ModuleOutput {
        /// The project.
        project: ProjectId,
        /// The module call's address: `module.logs`.
        module: Address,
        /// The output's name.
        output: Arc<str>,
    },
}

impl Reference {
    /// Whether it is known, by what it is, not to be a text: the range of a VPC or subnet (a /16 to a /28) is not everyone, and the ARN of what
    /// this code creates is not that of a policy of AWS's own.
    pub fn is_never(&self, text: &str) -> bool {
        let Self::Attribute { address, attribute, .. } = self else { return false };
        let is_range = || match &**attribute {
            "cidr_block" => ["aws_vpc.", "aws_subnet.", "aws_default_vpc.", "aws_default_subnet."].iter().any(|of| address.0.contains(of)),
            "CidrBlock" => true,
            _ => false,
        };
        let is_created = || matches!(&**attribute, "arn" | "Arn" | "Ref") && !address.0.split('.').any(|step| step == "data");
        (text.ends_with("/0") && is_range()) || (text.contains(":iam::aws:") && is_created())
    }

    /// About how many letters it takes to write it.
    pub fn length(&self) -> usize {
        match self {
            Self::Attribute { address, attribute: name, .. } | Self::ModuleOutput { module: address, output: name, .. } => {
                address.0.len() + name.len()
            }
            Self::RemoteOutput { state, output } => state.len() + output.len(),
            Self::Export { name } | Self::StoredParameter { name } | Self::Input { name, .. } => name.len(),
            Self::Part { of, delimiter, .. } => of.length() + delimiter.len(),
        }
    }

    /// Whether it is what a resource is known by, in either language: its name, ID or ARN. That is never null, and never empty.
    pub fn names_a_resource(&self) -> bool {
        let is_name = |attribute: &str| matches!(attribute, "id" | "arn" | "Arn" | "Ref") || attribute.starts_with("name of ");
        matches!(self, Self::Attribute { attribute, .. } if is_name(attribute))
    }

    /// Whether it is an account or a Region that an environment, a provider configuration or a stack decides: `AWS::AccountId`, the default
    /// Region. Such a text is never a wildcard, and holds neither `:` nor `/`.
    pub fn is_place(&self) -> bool {
        let Self::Input { name, .. } = self else { return false };
        let last = name.rsplit('/').next().unwrap_or(name);
        let of_provider = |what: &str| name.strip_prefix(what).is_some_and(|rest| rest.starts_with(" of provider "));
        last.starts_with("AWS::")
            || matches!(&**name, "the default account" | "the default region")
            || of_provider("the account")
            || of_provider("the region")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute { address, attribute, .. } if attribute.is_empty() => write!(f, "{address}"),
            Self::Attribute { address, attribute, .. } => write!(f, "{address}.{attribute}"),
            Self::Export { name } => write!(f, "export {name}"),
            Self::RemoteOutput { state, output } => write!(f, "output {output} of {state}"),
            Self::StoredParameter { name } => write!(f, "parameter {name}"),
            Self::Input { name, .. } => f.write_str(name),
            Self::Part { of, delimiter, index } => write!(f, "part {index} of {of} at `{delimiter}`"),
            Self::ModuleOutput { module, output, .. } => write!(f, "{module}.{output}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_steps() {
        assert_eq!(bare("module.a[\"x.y[0]\"].aws_s3_bucket.this[0]"), "module.a.aws_s3_bucket.this");
        assert_eq!(bare("Nested/TrailBucket"), "Nested/TrailBucket");
        // However an address is written, what is found in one piece is what its steps say.
        for address in [
            "a[0]",
            "a[0].b",
            "a[0][1].b.c[2]",
            "a[\"x\\\"].y\"].b",
            "a[0]b.c",
            "a..b[0].c",
            "a[[0].b].c",
            "a[0]].b",
            "a[0",
            "a\"b[0].c",
            "[0].a",
            ".a[0].b",
            "a[0].\"b[1]\".c",
            "a[0].",
        ] {
            let names: Vec<&str> = steps(address).map(|(name, _)| name).collect();
            let expected = names.join(".");
            assert_eq!(bare(address), expected.trim_start_matches('.'), "{address}");
        }
    }
}
