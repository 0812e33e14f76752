//! Base64 of text in other encodings than UTF-8, by their IANA names.
//!
//! What the web calls ISO-8859-1 is Windows-1252; here the names mean what IANA says, so the plain ones are done by hand, and `encoding_rs` does
//! the tables. IBM's code pages and HZ are not done: the result is unknown.

use super::FunctionError;
use super::base64::{decode, encoded};
use super::spec::{Call, Function, Gives, Nullness, Outcome, Parameter, Takes};
use crate::value::{CauseKind, text};
use encoding_rs::Encoding;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "textencodebase64",
        parameters: &[Parameter::new("string", Takes::Text), Parameter::new("encoding", Takes::Text)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: text_encode,
    },
    Function {
        name: "textdecodebase64",
        parameters: &[Parameter::new("source", Takes::Text), Parameter::new("encoding", Takes::Text)],
        rest: None,
        gives: Gives::Text,
        nullness: Nullness::Never,
        run: text_decode,
    },
];

/// How a character set is written in bytes.
#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Latin1,
    /// ISO 8859-9: Latin-1 with six Turkish letters.
    Latin5,
    Utf8,
    Utf16 {
        big_endian: bool,
        mark: bool,
    },
    Table(&'static Encoding),
    /// Terraform has it, this program does not.
    Missing,
}

const TURKISH: [(u8, char); 6] = [(0xd0, 'Ğ'), (0xdd, 'İ'), (0xde, 'Ş'), (0xf0, 'ğ'), (0xfd, 'ı'), (0xfe, 'ş')];

/// The character set of an IANA name or alias, in any case.
fn find(name: &str) -> Option<Charset> {
    use Charset::{Ascii, Latin1, Latin5, Missing, Table, Utf8, Utf16};
    Some(match &*name.to_ascii_lowercase() {
        "us-ascii" | "iso-ir-6" | "ansi_x3.4-1968" | "ansi_x3.4-1986" | "iso_646.irv:1991" | "iso646-us" | "us" | "ibm367" | "cp367"
        | "csascii" => Ascii,
        "iso_8859-1:1987" | "iso-ir-100" | "iso_8859-1" | "iso-8859-1" | "latin1" | "l1" | "ibm819" | "cp819" | "csisolatin1" => Latin1,
        "iso_8859-9:1989" | "iso-ir-148" | "iso_8859-9" | "iso-8859-9" | "latin5" | "l5" | "csisolatin5" => Latin5,
        "utf-8" | "csutf8" => Utf8,
        "utf-16" | "csutf16" => Utf16 { big_endian: true, mark: true },
        "utf-16be" | "csutf16be" => Utf16 { big_endian: true, mark: false },
        "utf-16le" | "csutf16le" => Utf16 { big_endian: false, mark: false },
        "iso_8859-2:1987" | "iso-ir-101" | "iso_8859-2" | "iso-8859-2" | "latin2" | "l2" | "csisolatin2" => Table(encoding_rs::ISO_8859_2),
        "iso_8859-3:1988" | "iso-ir-109" | "iso_8859-3" | "iso-8859-3" | "latin3" | "l3" | "csisolatin3" => Table(encoding_rs::ISO_8859_3),
        "iso_8859-4:1988" | "iso-ir-110" | "iso_8859-4" | "iso-8859-4" | "latin4" | "l4" | "csisolatin4" => Table(encoding_rs::ISO_8859_4),
        "iso_8859-5:1988" | "iso-ir-144" | "iso_8859-5" | "iso-8859-5" | "cyrillic" | "csisolatincyrillic" => {
            Table(encoding_rs::ISO_8859_5)
        }
        "iso_8859-6:1987" | "iso-ir-127" | "iso_8859-6" | "iso-8859-6" | "ecma-114" | "asmo-708" | "arabic" | "csisolatinarabic" => {
            Table(encoding_rs::ISO_8859_6)
        }
        "iso_8859-6-e" | "csiso88596e" | "iso-8859-6-e" | "iso_8859-6-i" | "csiso88596i" | "iso-8859-6-i" => Table(encoding_rs::ISO_8859_6),
        "iso_8859-7:1987" | "iso-ir-126" | "iso_8859-7" | "iso-8859-7" | "elot_928" | "ecma-118" | "greek" | "greek8"
        | "csisolatingreek" => Table(encoding_rs::ISO_8859_7),
        "iso_8859-8:1988" | "iso-ir-138" | "iso_8859-8" | "iso-8859-8" | "hebrew" | "csisolatinhebrew" => Table(encoding_rs::ISO_8859_8),
        "iso_8859-8-e" | "csiso88598e" | "iso-8859-8-e" => Table(encoding_rs::ISO_8859_8),
        "iso_8859-8-i" | "csiso88598i" | "iso-8859-8-i" => Table(encoding_rs::ISO_8859_8_I),
        "iso-8859-10" | "iso-ir-157" | "l6" | "iso_8859-10:1992" | "csisolatin6" | "latin6" => Table(encoding_rs::ISO_8859_10),
        "iso-8859-13" | "csiso885913" => Table(encoding_rs::ISO_8859_13),
        "iso-8859-14" | "iso-ir-199" | "iso_8859-14:1998" | "iso_8859-14" | "latin8" | "iso-celtic" | "l8" | "csiso885914" => {
            Table(encoding_rs::ISO_8859_14)
        }
        "iso-8859-15" | "iso_8859-15" | "latin-9" | "csiso885915" => Table(encoding_rs::ISO_8859_15),
        "iso-8859-16" | "iso-ir-226" | "iso_8859-16:2001" | "iso_8859-16" | "latin10" | "l10" | "csiso885916" => {
            Table(encoding_rs::ISO_8859_16)
        }
        "windows-874" | "cswindows874" => Table(encoding_rs::WINDOWS_874),
        "windows-1250" | "cswindows1250" => Table(encoding_rs::WINDOWS_1250),
        "windows-1251" | "cswindows1251" => Table(encoding_rs::WINDOWS_1251),
        "windows-1252" | "cswindows1252" => Table(encoding_rs::WINDOWS_1252),
        "windows-1253" | "cswindows1253" => Table(encoding_rs::WINDOWS_1253),
        "windows-1254" | "cswindows1254" => Table(encoding_rs::WINDOWS_1254),
        "windows-1255" | "cswindows1255" => Table(encoding_rs::WINDOWS_1255),
        "windows-1256" | "cswindows1256" => Table(encoding_rs::WINDOWS_1256),
        "windows-1257" | "cswindows1257" => Table(encoding_rs::WINDOWS_1257),
        "windows-1258" | "cswindows1258" => Table(encoding_rs::WINDOWS_1258),
        "koi8-r" | "cskoi8r" => Table(encoding_rs::KOI8_R),
        "koi8-u" | "cskoi8u" => Table(encoding_rs::KOI8_U),
        "macintosh" | "mac" | "csmacintosh" => Table(encoding_rs::MACINTOSH),
        "ibm866" | "cp866" | "866" | "csibm866" => Table(encoding_rs::IBM866),
        "gbk" | "cp936" | "ms936" | "windows-936" | "csgbk" => Table(encoding_rs::GBK),
        "gb18030" | "csgb18030" => Table(encoding_rs::GB18030),
        "big5" | "csbig5" => Table(encoding_rs::BIG5),
        "euc-jp" | "extended_unix_code_packed_format_for_japanese" | "cseucpkdfmtjapanese" => Table(encoding_rs::EUC_JP),
        "iso-2022-jp" | "csiso2022jp" => Table(encoding_rs::ISO_2022_JP),
        "shift_jis" | "ms_kanji" | "csshiftjis" => Table(encoding_rs::SHIFT_JIS),
        "euc-kr" | "cseuckr" => Table(encoding_rs::EUC_KR),
        "ibm037" | "cp037" | "ibm437" | "cp437" | "437" | "ibm850" | "cp850" | "850" | "ibm852" | "cp852" | "852" | "ibm855" | "cp855"
        | "855" | "ibm00858" | "cp00858" | "ibm860" | "cp860" | "860" | "ibm862" | "cp862" | "862" | "ibm863" | "cp863" | "863"
        | "ibm865" | "cp865" | "865" | "ibm1047" | "ibm-1047" | "ibm01140" | "cp01140" | "hz-gb-2312" => Missing,
        _ => return None,
    })
}

fn charset(call: &Call) -> Result<Charset, FunctionError> {
    let name = call.text(1)?;
    find(name).ok_or_else(|| {
        FunctionError::argument(1, format!("{name:?} is not a supported IANA encoding name or alias in this Terraform version"))
    })
}

fn text_encode(call: &mut Call) -> Outcome {
    let charset = charset(call)?;
    let given = call.text(0)?;
    let bytes = match charset {
        Charset::Missing => return Ok(missing(call)),
        Charset::Utf8 => Some(given.as_bytes().to_vec()),
        Charset::Ascii => given.is_ascii().then(|| given.as_bytes().to_vec()),
        Charset::Latin1 => given.chars().map(|symbol| u8::try_from(u32::from(symbol)).ok()).collect(),
        Charset::Latin5 => given.chars().map(latin5_byte).collect(),
        Charset::Utf16 { big_endian, mark } => {
            let units = mark.then_some(0xfeff).into_iter().chain(given.encode_utf16());
            Some(units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect())
        }
        Charset::Table(table) => {
            let (bytes, _, lossy) = table.encode(given);
            // Control characters stand where a table has holes; they are no characters of the set.
            let hole = is_windows(table) && given.chars().any(|symbol| ('\u{80}'..'\u{a0}').contains(&symbol));
            (!lossy && !hole).then(|| bytes.into_owned())
        }
    };
    let refused = || {
        FunctionError::argument(
            0,
            format!("the given string contains characters that cannot be represented in {}", call.text(1).unwrap_or_default()),
        )
    };
    Ok(encoded(&bytes.ok_or_else(refused)?))
}

fn text_decode(call: &mut Call) -> Outcome {
    let charset = charset(call)?;
    let bytes = decode(call.text(0)?).ok_or_else(|| FunctionError::argument(0, "the given value is has an invalid base64 symbol"))?;
    let decoded = match charset {
        Charset::Missing => return Ok(missing(call)),
        Charset::Utf8 => String::from_utf8(bytes).ok(),
        Charset::Ascii => String::from_utf8(bytes).ok().filter(|decoded| decoded.is_ascii()),
        Charset::Latin1 => Some(bytes.into_iter().map(char::from).collect()),
        Charset::Latin5 => Some(bytes.into_iter().map(latin5_char).collect()),
        Charset::Utf16 { big_endian, mark } => decode_utf16(&bytes, big_endian, mark),
        Charset::Table(table) => {
            let decoded = table.decode_without_bom_handling_and_without_replacement(&bytes).map(std::borrow::Cow::into_owned);
            decoded.filter(|decoded| !(is_windows(table) && decoded.chars().any(|symbol| ('\u{80}'..'\u{a0}').contains(&symbol))))
        }
    };
    let decoded = decoded.filter(|decoded| !decoded.contains('\u{fffd}'));
    let refused = || {
        FunctionError::argument(
            0,
            format!("the given string contains symbols that are not defined for {}", call.text(1).unwrap_or_default()),
        )
    };
    Ok(text::string(&decoded.ok_or_else(refused)?))
}

fn missing(call: &Call) -> crate::value::Value {
    call.unknown_because(CauseKind::Unsupported, format!("the character encoding {}", call.text(1).unwrap_or_default()))
}

fn is_windows(table: &'static Encoding) -> bool {
    table.name().starts_with("windows-")
}

fn latin5_byte(symbol: char) -> Option<u8> {
    let turkish = TURKISH.iter().find(|(_, letter)| *letter == symbol).map(|(byte, _)| *byte);
    turkish.or_else(|| u8::try_from(u32::from(symbol)).ok().filter(|byte| TURKISH.iter().all(|(taken, _)| taken != byte)))
}

fn latin5_char(byte: u8) -> char {
    TURKISH.iter().find(|(taken, _)| *taken == byte).map_or_else(|| char::from(byte), |(_, letter)| *letter)
}

fn decode_utf16(bytes: &[u8], big_endian: bool, mark: bool) -> Option<String> {
    let (bytes, big_endian) = match bytes {
        [0xfe, 0xff, rest @ ..] if mark => (rest, true),
        [0xff, 0xfe, rest @ ..] if mark => (rest, false),
        _ => (bytes, big_endian),
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
    if rest.is_empty() { char::decode_utf16(units).collect::<Result<_, _>>().ok() } else { None }
}
