//! Whether the body of a message is laid out as its type says.
//!
//! The codec trusts counts and lengths inside a message, and turns bytes that are no text
//! into other characters: here both are refused before it sees them. The message is whole
//! by then, so that the connection goes on behind it.
use super::guard::Malformed;

/// What is left of a body.
struct Body<'a>(&'a [u8]);

/// Checks a message of `kind`, of which `body` is what stands behind its length.
pub(crate) fn check(kind: u8, body: &[u8]) -> Result<(), Malformed> {
    let mut body = Body(body);
    match kind {
        b'Q' | b'f' => body.text()?,
        b'P' => {
            body.text()?;
            body.text()?;
            let types = body.count()?;
            body.skip(types.saturating_mul(4))?;
        }
        b'B' => body.bind()?,
        b'D' => body.target("DESCRIBE")?,
        b'C' => body.target("CLOSE")?,
        b'E' => {
            body.text()?;
            body.skip(4)?;
        }
        b'F' => {
            let message = "function calls by the wire are not supported";
            return Err(Malformed { code: "0A000", message: message.into() });
        }
        // Data are taken as they are, and a farewell needs no form.
        b'd' | b'X' => return Ok(()),
        _ => {}
    }
    if body.0.is_empty() { Ok(()) } else { Err(protocol("invalid message format")) }
}

impl Body<'_> {
    fn bind(&mut self) -> Result<(), Malformed> {
        self.text()?;
        self.text()?;
        let formats = self.formats()?;
        let parameters = self.count()?;
        if formats > 1 && formats != parameters {
            return Err(protocol(format!(
                "bind message has {formats} parameter formats but {parameters} parameters"
            )));
        }
        for _ in 0..parameters {
            let length = self.take::<4>().map(i32::from_be_bytes)?;
            if length != -1 {
                self.skip(usize::try_from(length).map_err(|_| too_short())?)?;
            }
        }
        self.formats().map(drop)
    }

    /// How many formats there are; each must be known.
    fn formats(&mut self) -> Result<usize, Malformed> {
        let count = self.count()?;
        for _ in 0..count {
            let format = self.take::<2>().map(i16::from_be_bytes)?;
            if !matches!(format, 0 | 1) {
                let message = format!("unsupported format code: {format}");
                return Err(Malformed { code: "22023", message });
            }
        }
        Ok(count)
    }

    /// A statement's or a portal's name.
    fn target(&mut self, message: &str) -> Result<(), Malformed> {
        let [target] = self.take::<1>()?;
        if !matches!(target, b'S' | b'P') {
            return Err(protocol(format!("invalid {message} message subtype {target}")));
        }
        self.text()
    }

    /// Text up to a NUL.
    fn text(&mut self) -> Result<(), Malformed> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let end = end.ok_or_else(|| protocol("invalid string in message"))?;
        let (text, rest) = self.0.split_at_checked(end).ok_or_else(too_short)?;
        if let Err(error) = std::str::from_utf8(text) {
            let first = text.get(error.valid_up_to()).copied().unwrap_or_default();
            let message = format!("invalid byte sequence for encoding \"UTF8\": 0x{first:02x}");
            return Err(Malformed { code: "22021", message });
        }
        self.0 = rest.get(1..).unwrap_or_default();
        Ok(())
    }

    fn count(&mut self) -> Result<usize, Malformed> {
        self.take::<2>().map(u16::from_be_bytes).map(usize::from)
    }

    fn skip(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.0 = self.0.get(bytes..).ok_or_else(too_short)?;
        Ok(())
    }

    fn take<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<BYTES>().ok_or_else(too_short)?;
        self.0 = rest;
        Ok(*taken)
    }
}

fn protocol(message: impl Into<String>) -> Malformed {
    Malformed { code: "08P01", message: message.into() }
}

fn too_short() -> Malformed {
    protocol("insufficient data left in message")
}

#[cfg(test)]
mod tests {
    use super::check;

    fn expect(kind: u8, body: &[u8], expected: &str) {
        let found = check(kind, body).map_or_else(|malformed| malformed.code, |()| "ok");
        assert_eq!(found, expected, "{} {body:?}", char::from(kind));
    }

    #[test]
    fn bodies_are_laid_out_as_their_type_says() {
        expect(b'Q', b"select 1\0", "ok");
        expect(b'Q', b"select 1", "08P01");
        expect(b'Q', b"select 1\0x", "08P01");
        expect(b'Q', b"\xff\0", "22021");
        expect(b'P', b"\0select\0\0\x01\0\0\0\x17", "ok");
        expect(b'P', b"\0select\0\0\x02\0\0\0\x17", "08P01");
        expect(b'P', b"\0select\0\xff\xff", "08P01");
        expect(b'B', b"\0\0\0\x01\0\0\0\x02\xff\xff\xff\xff\0\0\0\x01x\0\0", "ok");
        expect(b'B', b"\0\0\0\x01\0\0\0\x01\xff\xff\xff\xfe\0\0", "08P01");
        expect(b'B', b"\0\0\0\x01\0\0\0\x01\x7f\xff\xff\xff\0\0", "08P01");
        expect(b'B', b"\0\0\0\x02\0\0\0\0\0\x01\0\0\0\x01x\0\0", "08P01");
        expect(b'B', b"\0\0\0\x01\0\x07\0\0\0\0", "22023");
        expect(b'D', b"S\0", "ok");
        expect(b'D', b"Sx", "08P01");
        expect(b'C', b"X\0", "08P01");
        expect(b'C', b"", "08P01");
        expect(b'E', b"\0\0\0\0\0", "ok");
        expect(b'E', b"\0\0\0", "08P01");
        expect(b'S', b"", "ok");
        expect(b'S', b"x", "08P01");
        expect(b'H', b"x", "08P01");
        expect(b'c', b"x", "08P01");
        expect(b'd', b"\xff\0x", "ok");
        expect(b'X', b"x", "ok");
        expect(b'F', b"", "0A000");
    }
}
