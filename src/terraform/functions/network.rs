//! Functions on IP networks in CIDR notation.
//!
//! Addresses are read as Terraform's own fork of Go's old parser reads them: parts of an IPv4 address may have leading zeros, and are decimal.

use super::FunctionError;
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes, texts, whole};
use crate::value::{Number, Value, text};
use dashu_int::{IBig, UBig};
use std::net::{Ipv4Addr, Ipv6Addr};

const PREFIX: Parameter = Parameter::new("prefix", Takes::Text);

pub(super) const FUNCTIONS: &[Function] = &[
    function("cidrhost", &[PREFIX, Parameter::new("hostnum", Takes::Number)], host),
    function("cidrnetmask", &[PREFIX], netmask),
    function("cidrsubnet", &[PREFIX, Parameter::new("newbits", Takes::Number), Parameter::new("netnum", Takes::Number)], subnet),
    Function {
        rest: Some(Parameter::new("newbits", Takes::Number)),
        gives: Gives::ListOfText,
        ..function("cidrsubnets", &[PREFIX], subnets)
    },
];

const fn function(name: &'static str, parameters: &'static [Parameter], run: fn(&mut Call) -> Outcome) -> Function {
    Function { name, parameters, rest: None, gives: Gives::Text, nullness: Nullness::Never, run }
}

/// A network: its first address, the bits of its prefix, and the bits of an address.
#[derive(Clone, Copy)]
pub(super) struct Network {
    address: u128,
    prefix: u32,
    bits: u32,
}

impl Network {
    /// Reads `10.0.0.0/8`, with bits beyond the prefix set to zero.
    pub fn parse(given: &str) -> Option<Self> {
        let (address, prefix) = given.split_once('/')?;
        let (address, bits) = parse_address(address)?;
        if prefix.is_empty() || prefix.len() > 9 || !prefix.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let prefix: u32 = prefix.parse().ok()?;
        (prefix <= bits).then(|| Self { address, prefix, bits }.masked())
    }

    fn masked(self) -> Self {
        Self { address: self.address & !self.host_mask(), ..self }
    }

    /// Ones where hosts are numbered.
    fn host_mask(&self) -> u128 {
        let hosts = self.bits.saturating_sub(self.prefix);
        if hosts >= 128 { u128::MAX } else { (1 << hosts) - 1 }
    }

    /// Whether an address of the same kind lies in it.
    pub fn contains(&self, address: u128, bits: u32) -> bool {
        bits == self.bits && address & !self.host_mask() == self.address
    }

    /// The last address.
    pub fn last(&self) -> u128 {
        self.address | self.host_mask()
    }

    /// The first address, and the bits of one.
    pub fn first(&self) -> (u128, u32) {
        (self.address, self.bits)
    }

    /// Whether it is one of IPv4 addresses written as IPv6 ones, of which Go can't make up its mind what they are.
    fn is_mapped(&self) -> bool {
        self.bits == 128 && Ipv6Addr::from(self.address).to_ipv4_mapped().is_some()
    }

    fn largest(bits: u32) -> u128 {
        if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
    }

    fn show(&self) -> String {
        format!("{}/{}", show_address(self.address, self.bits), self.prefix)
    }
}

/// An address and the bits of its kind.
pub(super) fn parse_address(given: &str) -> Option<(u128, u32)> {
    parse_ipv4(given).map(|address| (address, 32)).or_else(|| given.parse::<Ipv6Addr>().ok().map(|address| (u128::from(address), 128)))
}

fn parse_ipv4(given: &str) -> Option<u128> {
    let mut address = 0;
    let mut count = 0;
    for part in given.split('.') {
        count += 1;
        if count > 4 || part.is_empty() || !part.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let significant = part.trim_start_matches('0');
        let value: u128 = if significant.is_empty() { 0 } else { significant.parse().ok().filter(|value| *value <= 255)? };
        address = address << 8 | value;
    }
    (count == 4).then_some(address)
}

fn show_address(address: u128, bits: u32) -> String {
    match u32::try_from(address) {
        Ok(address) if bits == 32 => Ipv4Addr::from(address).to_string(),
        _ => {
            let address = Ipv6Addr::from(address);
            // Go prints addresses of IPv4 in IPv6 as the former.
            address.to_ipv4_mapped().map_or_else(|| address.to_string(), |mapped| mapped.to_string())
        }
    }
}

fn network(call: &Call) -> Result<Network, FunctionError> {
    let given = call.text(0)?;
    Network::parse(given).ok_or_else(|| FunctionError::new(format!("invalid CIDR expression: invalid CIDR address: {given}")))
}

fn integer(number: &Number) -> Result<IBig, FunctionError> {
    number.to_integer().ok_or_else(|| FunctionError::new("value must be a whole number"))
}

/// A number in the bits of an address after a prefix.
fn inserted(network: &Network, number: &IBig, prefix: u32) -> Option<u128> {
    let shift = usize::try_from(network.bits.checked_sub(prefix)?).ok()?;
    // Negative numbers go in as Go's big integers do: as their two's complement, of which the magnitude is taken.
    let (_, magnitude) = (IBig::from(network.address) | (number << shift)).into_parts();
    u128::try_from(magnitude).ok().filter(|address| *address <= Network::largest(network.bits))
}

fn host(call: &mut Call) -> Outcome {
    let mut number = integer(call.number(1)?)?;
    let network = network(call)?;
    let most = IBig::from((UBig::ONE << usize::try_from(network.bits - network.prefix).unwrap_or(0)) - UBig::ONE);
    // Negative numbers count from the end.
    let distance = if number < IBig::ZERO { -&number - IBig::ONE } else { number.clone() };
    let negative = number < IBig::ZERO;
    if negative {
        number = &most - &distance;
    }
    let refused = || FunctionError::new(format!("prefix of {} does not accommodate a host numbered {number}", network.prefix));
    if distance > most {
        return Err(refused());
    }
    let length = if network.is_mapped() { 32 } else { network.bits };
    let address = inserted(&network, &number, length).ok_or_else(refused)?;
    Ok(Value::string(show_address(address, network.bits)))
}

fn netmask(call: &mut Call) -> Outcome {
    let network = network(call)?;
    if network.bits != 32 && !network.is_mapped() {
        return Err(FunctionError::new(format!("IPv6 addresses cannot have a netmask: {}", call.text(0)?)));
    }
    Ok(Value::string(show_address(Network::largest(network.bits) & !network.host_mask(), network.bits)))
}

fn subnet(call: &mut Call) -> Outcome {
    let new_bits = call.whole(1)?;
    let number = integer(call.number(2)?)?;
    let network = network(call)?;
    let prefix = i64::from(network.prefix) + new_bits;
    if prefix > i64::from(network.bits) {
        return Err(FunctionError::new(format!("insufficient address space to extend prefix of {} by {new_bits}", network.prefix)));
    }
    let refused = || FunctionError::new(format!("prefix extension of {new_bits} does not accommodate a subnet numbered {number}"));
    let prefix = u32::try_from(prefix).map_err(|_| refused())?;
    // Go counts subnets in 64 bits, so from 64 new bits on it has no limit.
    let low = {
        let (_, magnitude) = number.clone().into_parts();
        u64::try_from(magnitude & UBig::from(u64::MAX)).unwrap_or(u64::MAX)
    };
    if (0..64).contains(&new_bits) && low > (1 << new_bits) - 1 {
        return Err(refused());
    }
    let address = inserted(&network, &number, prefix).ok_or_else(refused)?;
    Ok(text::string(&Network { address, prefix, ..network }.show()))
}

fn subnets(call: &mut Call) -> Outcome {
    let network = network(call).map_err(|error| FunctionError::argument(0, error.message))?;
    let sizes: Vec<Number> = call.arguments[1..].iter().filter_map(Value::as_number).cloned().collect();
    let mut found = Vec::with_capacity(sizes.len());
    let mut current: Option<Network> = None;
    for (index, size) in sizes.iter().enumerate() {
        let fail = |message: String| FunctionError::argument(index + 1, message);
        let size = whole(size).map_err(fail)?;
        if size < 1 {
            return Err(fail("must extend prefix by at least one bit".into()));
        }
        let Some(size) = u32::try_from(size).ok().filter(|size| *size <= 32) else {
            return Err(fail("may not extend prefix by more than 32 bits".into()));
        };
        let prefix = network.prefix + size;
        if prefix > network.bits {
            let kind = if network.bits == 32 { "IPv4" } else { "IPv6" };
            return Err(fail(format!("would extend prefix to {prefix} bits, which is too long for an {kind} address")));
        }
        let resized = |address: u128| Network { address, prefix, bits: network.bits }.masked();
        // The one before: at first, what lies just before the network.
        let before = current.unwrap_or_else(|| resized(network.address.wrapping_sub(1) & Network::largest(network.bits)));
        let last = resized(before.last()).last();
        let next =
            (last < Network::largest(network.bits)).then(|| resized(last + 1)).filter(|next| network.contains(next.address, next.bits));
        let Some(next) = next.filter(|_| !network.is_mapped()) else {
            let message = format!("not enough remaining address space for a subnet with a prefix of {prefix} bits after {}", before.show());
            return Err(fail(message));
        };
        found.push(next.show());
        current = Some(next);
    }
    Ok(texts(found))
}
