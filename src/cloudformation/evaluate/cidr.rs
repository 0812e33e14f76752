//! `Fn::Cidr`: an address block cut into equal smaller ones.

use super::{derived, written};
use crate::cloudformation::expression::Expr;
use crate::cloudformation::stack::Stack;
use crate::source::Span;
use crate::value::{Type, Value};
use std::net::IpAddr;
use std::sync::Arc;

/// Most blocks that CloudFormation makes.
const MAX_BLOCKS: u128 = 256;

impl<'t> Stack<'t> {
    pub(super) fn call_cidr(&self, argument: Expr<'t>, span: Span) -> Value {
        let parts: Vec<Expr<'t>> = argument.items().into_iter().flatten().collect();
        if !(2..=3).contains(&parts.len()) {
            return written(self.world.invalid(span, "`Fn::Cidr` needs an address block, a count and the bits of a block"), span);
        }
        let texts: Result<Vec<Arc<str>>, Value> = parts.into_iter().map(|part| self.known_text(part)).collect();
        let texts = match texts {
            Ok(texts) => texts,
            Err(value) => return written(derived(&value, Type::Dynamic), span),
        };
        match blocks(&texts[0], &texts[1], texts.get(2).map(AsRef::as_ref)) {
            Ok(blocks) => written(self.list(blocks.into_iter().map(Value::string).collect(), span), span),
            Err(problem) => written(self.world.invalid(span, format!("`Fn::Cidr`: {problem}")), span),
        }
    }
}

fn blocks(block: &str, count: &str, bits: Option<&str>) -> Result<Vec<String>, String> {
    let (address, prefix) = block.split_once('/').ok_or_else(|| format!("`{block}` is no address block"))?;
    let address: IpAddr = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    let (start, width) = match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let number = |text: &str| text.trim().parse::<u128>().map_err(|_| format!("`{text}` is no number"));
    let (prefix, count) = (number(prefix)?, number(count)?);
    let bits = match bits {
        Some(bits) => number(bits)?,
        None if width == 32 => return Err("the bits of a block are missing".to_owned()),
        None => 64,
    };
    if prefix > width || bits > width || count > MAX_BLOCKS || count == 0 {
        return Err("the numbers are out of range".to_owned());
    }
    let room = u32::try_from(width - prefix).map_err(|_| "the numbers are out of range")?;
    let bits = u32::try_from(bits).map_err(|_| "the numbers are out of range")?;
    if bits > room || (room - bits < 127 && count > 1u128 << (room - bits)) {
        return Err(format!("{count} blocks of {bits} bits do not fit into `{block}`"));
    }
    let network = if room >= 128 { 0 } else { start >> room << room };
    let block_at = |index: u128| {
        let start = network + if bits >= 128 { 0 } else { index << bits };
        let address = if width == 32 { IpAddr::V4(u32::try_from(start).unwrap_or(u32::MAX).into()) } else { IpAddr::V6(start.into()) };
        format!("{address}/{}", width - u128::from(bits))
    };
    Ok((0..count).map(block_at).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_cut_and_bounded() {
        assert_eq!(blocks("192.168.0.0/24", "6", Some("5")).unwrap()[5], "192.168.0.160/27");
        assert_eq!(blocks("10.0.7.9/16", "2", Some("8")).unwrap(), ["10.0.0.0/24", "10.0.1.0/24"]);
        assert_eq!(blocks("2001:db8::/56", "2", None).unwrap()[1], "2001:db8:0:1::/64");
        for (block, count, bits) in [
            ("10.0.0.0/24", "9", "5"),
            ("10.0.0.0/99", "1", "1"),
            ("x", "1", "1"),
            ("::/0", "999", "8"),
            ("10.0.0.0/8", "0", "1"),
            ("::/0", "2", "128"),
        ] {
            assert!(blocks(block, count, Some(bits)).is_err(), "{block} {count} {bits}");
        }
    }
}
