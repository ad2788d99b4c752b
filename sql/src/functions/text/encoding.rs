//! `encode` and `decode`: bytes as text and back, as `hex`, `base64` or `escape`.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{map2, overload};

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Characters of a line of base64.
const LINE_MAX: usize = 76;

fn unknown(format: &str) -> Error {
    Error::data("22023", format!("unrecognized encoding: \"{format}\""))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::data("22023", message.into())
}

fn letter(letters: &[u8], index: u32) -> char {
    letters.get(index as usize).map_or('=', |letter| char::from(*letter))
}

fn encode(bytes: &[u8], format: &str) -> Result<String> {
    match format.to_ascii_lowercase().as_str() {
        "hex" => Ok(bytes
            .iter()
            .flat_map(|byte| [u32::from(byte >> 4), u32::from(byte & 15)])
            .map(|digit| letter(DIGITS, digit))
            .collect()),
        "base64" => Ok(base64(bytes)),
        "escape" => Ok(bytes.iter().map(|byte| escaped(*byte)).collect()),
        _ => Err(unknown(format)),
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        b'\\' => "\\\\".to_owned(),
        0 | 0x80.. => format!("\\{byte:03o}"),
        _ => char::from(byte).to_string(),
    }
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 3 * 4 + 4);
    let mut line = 0;
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..4 {
            let known = place <= group.len();
            text.push(if known { letter(LETTERS, bits >> (18 - 6 * place) & 63) } else { '=' });
        }
        line += 4;
        if line >= LINE_MAX {
            text.push('\n');
            line = 0;
        }
    }
    text
}

fn decode(text: &str, format: &str) -> Result<Vec<u8>> {
    match format.to_ascii_lowercase().as_str() {
        "hex" => decode_hex(text),
        "base64" => decode_base64(text),
        "escape" => decode_escape(text),
        _ => Err(unknown(format)),
    }
}

fn decode_hex(text: &str) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let mut digits = text.chars().filter(|one| !matches!(one, ' ' | '\n' | '\t' | '\r'));
    let value = |one: char| {
        let digit = one.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digit.ok_or_else(|| wrong(format!("invalid hexadecimal digit: \"{one}\"")))
    };
    while let Some(high) = digits.next() {
        let high = value(high)?;
        let low =
            digits.next().ok_or_else(|| wrong("invalid hexadecimal data: odd number of digits"))?;
        bytes.push(high << 4 | value(low)?);
    }
    Ok(bytes)
}

fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let (mut bits, mut count, mut padding) = (0_u32, 0_usize, 0_usize);
    for one in text.chars().filter(|one| !matches!(one, ' ' | '\n' | '\t' | '\r')) {
        let value = match u8::try_from(one) {
            Ok(b'=') => {
                if padding == 0 && !matches!(count, 2 | 3) {
                    return Err(wrong("unexpected \"=\" while decoding base64 sequence"));
                }
                padding += 1;
                0
            }
            Ok(byte) => match LETTERS.iter().position(|letter| *letter == byte) {
                Some(value) if padding == 0 => value as u32,
                _ => return Err(invalid_symbol(one)),
            },
            Err(_) => return Err(invalid_symbol(one)),
        };
        bits = bits << 6 | value;
        count += 1;
        if count == 4 {
            bytes.extend(bits.to_be_bytes().iter().skip(1).take(3 - padding.min(2)));
            (bits, count, padding) = (0, 0, 0);
        }
    }
    match count {
        0 => Ok(bytes),
        _ => Err(wrong("invalid base64 end sequence")
            .with_hint("Input data is missing padding, is truncated, or is otherwise corrupted.")),
    }
}

fn invalid_symbol(one: char) -> Error {
    wrong(format!("invalid symbol \"{one}\" found while decoding base64 sequence"))
}

fn decode_escape(text: &str) -> Result<Vec<u8>> {
    let invalid = || Error::data("22P02", "invalid input syntax for type bytea");
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        match rest {
            [b'\\', after @ ..] => {
                bytes.push(b'\\');
                rest = after;
            }
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => return Err(invalid()),
        }
    }
    Ok(bytes)
}

/// The overloads of `encode` and `decode`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("encode", [Bytea, Text] -> Text, |arguments| map2(arguments, encode)),
        overload!("decode", [Text, Text] -> Bytea, |arguments| map2(arguments, decode)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            (r"encode('\x616263ff'::bytea, 'hex')", "616263ff"),
            (r"encode('\x616263ff'::bytea, 'BASE64')", "YWJj/w=="),
            (r"encode('\x6162'::bytea, 'base64')", "YWI="),
            (r"encode(''::bytea, 'base64')", ""),
            (r"encode('\x00615c80'::bytea, 'escape')", r"\000a\\\200"),
            ("decode('616263FF', 'hex')", r"\x616263ff"),
            ("decode('61 62', 'hex')", r"\x6162"),
            ("decode('YWJj/w==', 'base64')", r"\x616263ff"),
            ("decode('YWI=', 'base64')", r"\x6162"),
            (r"decode('\000a\\\200', 'escape')", r"\x00615c80"),
            (
                "encode(decode(repeat('00', 57), 'hex'), 'base64')",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
            ),
            ("length(encode(decode(repeat('00', 60), 'hex'), 'base64'))", "81"),
        ]);
        check_errors(&[
            ("encode(''::bytea, 'x')", "22023 unrecognized encoding: \"x\""),
            ("decode('6', 'hex')", "22023 invalid hexadecimal data: odd number of digits"),
            ("decode('6g', 'hex')", "22023 invalid hexadecimal digit: \"g\""),
            ("decode('YW', 'base64')", "22023 invalid base64 end sequence"),
            (
                "decode('Y*', 'base64')",
                "22023 invalid symbol \"*\" found while decoding base64 sequence",
            ),
        ]);
    }
}
