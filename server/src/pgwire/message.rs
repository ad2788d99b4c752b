//! A message of a client, read where it lies.
//!
//! Counts and lengths inside it are checked against the bytes that are there, and text must
//! be UTF-8: what is not laid out as its type says is refused, and the connection goes on
//! behind it. Nothing is copied.
use super::format::{Format, Formats};

/// What a client says once it has a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    /// Statements, to be run at once.
    Query(&'a str),
    Parse(Parse<'a>),
    Bind(Bind<'a>),
    Describe(Target<'a>),
    Execute(Execute<'a>),
    Close(Target<'a>),
    Sync,
    Flush,
    Terminate,
    CopyData(&'a [u8]),
    CopyDone,
    /// The client gives its COPY up, and says why.
    CopyFail(&'a str),
}

/// A statement to be kept under a name, with the types of its parameters as far as given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parse<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    types: &'a [u8],
}

/// A portal to be made of a statement and its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bind<'a> {
    pub(crate) portal: &'a str,
    pub(crate) statement: &'a str,
    formats: Codes<'a>,
    /// How many values there are.
    pub(crate) count: usize,
    values: &'a [u8],
    results: Codes<'a>,
}

/// A statement or a portal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Statement(&'a str),
    Portal(&'a str),
}

/// A portal to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Execute<'a> {
    pub(crate) portal: &'a str,
    /// The most rows to send now.
    pub(crate) rows_max: usize,
}

/// A whole message that is not what its type says: the connection goes on behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// SQLSTATE.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Format codes, two bytes each; every one is known.
#[derive(Clone, Copy, Debug)]
struct Codes<'a>(&'a [u8]);

impl<'a> Message<'a> {
    /// Reads a message of `kind`, of which `body` is what stands behind its length.
    pub(crate) fn read(kind: u8, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut body = Body(body);
        let message = match kind {
            b'Q' => Message::Query(body.text()?),
            b'P' => Message::Parse(body.parse()?),
            b'B' => Message::Bind(body.bind()?),
            b'D' => Message::Describe(body.target("DESCRIBE")?),
            b'C' => Message::Close(body.target("CLOSE")?),
            b'E' => Message::Execute(body.execute()?),
            b'f' => Message::CopyFail(body.text()?),
            // Data are taken as they are, and a farewell needs no form.
            b'd' => return Ok(Message::CopyData(body.0)),
            b'X' => return Ok(Message::Terminate),
            b'S' => Message::Sync,
            b'H' => Message::Flush,
            b'c' => Message::CopyDone,
            b'F' => {
                let message = "function calls by the wire are not supported";
                return Err(Malformed { code: "0A000", message: message.into() });
            }
            _ => return Err(protocol(format!("invalid frontend message type {kind}"))),
        };
        if body.0.is_empty() { Ok(message) } else { Err(protocol("invalid message format")) }
    }
}

impl Parse<'_> {
    /// The oids of the parameters' types; 0 where the client does not say.
    pub(crate) fn types(&self) -> impl Iterator<Item = u32> {
        self.types.as_chunks::<4>().0.iter().map(|oid| u32::from_be_bytes(*oid))
    }
}

impl<'a> Bind<'a> {
    /// The values with their formats; `None` is NULL.
    pub(crate) fn values(&self) -> impl Iterator<Item = (Option<&'a [u8]>, Format)> {
        let formats = self.formats.read();
        let mut body = Body(self.values);
        (0..self.count).map_while(move |number| Some((body.value().ok()?, formats.of(number))))
    }

    /// The formats in which columns are to be sent.
    pub(crate) fn results(&self) -> Formats {
        self.results.read()
    }
}

impl Codes<'_> {
    fn read(self) -> Formats {
        let code = |code: &[u8; 2]| if *code == [0, 1] { Format::Binary } else { Format::Text };
        Formats::new(self.0.as_chunks::<2>().0.iter().map(code))
    }
}

/// What is left of a body.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn parse(&mut self) -> Result<Parse<'a>, Malformed> {
        let (name, text) = (self.text()?, self.text()?);
        let types = self.count()?.saturating_mul(4);
        Ok(Parse { name, text, types: self.bytes(types)? })
    }

    fn bind(&mut self) -> Result<Bind<'a>, Malformed> {
        let (portal, statement) = (self.text()?, self.text()?);
        let formats = self.codes()?;
        let count = self.count()?;
        let given = formats.0.len() / 2;
        if given > 1 && given != count {
            return Err(protocol(format!(
                "bind message has {given} parameter formats but {count} parameters"
            )));
        }
        let values = self.0;
        for _ in 0..count {
            self.value()?;
        }
        Ok(Bind { portal, statement, formats, count, values, results: self.codes()? })
    }

    /// A value behind its length; -1 is NULL.
    fn value(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        match self.take().map(i32::from_be_bytes)? {
            -1 => Ok(None),
            length => self.bytes(usize::try_from(length).map_err(|_| too_short())?).map(Some),
        }
    }

    fn codes(&mut self) -> Result<Codes<'a>, Malformed> {
        let count = self.count()?;
        let codes = self.bytes(count.saturating_mul(2))?;
        for code in codes.as_chunks::<2>().0 {
            let code = i16::from_be_bytes(*code);
            if !matches!(code, 0 | 1) {
                let message = format!("unsupported format code: {code}");
                return Err(Malformed { code: "22023", message });
            }
        }
        Ok(Codes(codes))
    }

    fn target(&mut self, message: &str) -> Result<Target<'a>, Malformed> {
        match self.take()? {
            [b'S'] => Ok(Target::Statement(self.text()?)),
            [b'P'] => Ok(Target::Portal(self.text()?)),
            [other] => Err(protocol(format!("invalid {message} message subtype {other}"))),
        }
    }

    fn execute(&mut self) -> Result<Execute<'a>, Malformed> {
        let portal = self.text()?;
        let most = usize::try_from(self.take().map(i32::from_be_bytes)?);
        let rows_max = most.ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
        Ok(Execute { portal, rows_max })
    }

    /// Text up to a NUL.
    fn text(&mut self) -> Result<&'a str, Malformed> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let end = end.ok_or_else(|| protocol("invalid string in message"))?;
        let text = self.bytes(end)?;
        self.take::<1>()?;
        std::str::from_utf8(text).map_err(|error| {
            let first = text.get(error.valid_up_to()).copied().unwrap_or_default();
            let message = format!("invalid byte sequence for encoding \"UTF8\": 0x{first:02x}");
            Malformed { code: "22021", message }
        })
    }

    fn count(&mut self) -> Result<usize, Malformed> {
        self.take().map(u16::from_be_bytes).map(usize::from)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(too_short)?;
        self.0 = rest;
        Ok(taken)
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
    use super::*;

    fn expect(kind: u8, body: &[u8], expected: &str) {
        let found = Message::read(kind, body).map_or_else(|malformed| malformed.code, |_| "ok");
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
        expect(b'B', b"\0\0\0\0\0\0\0\x01\0\x02", "22023");
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
        expect(b'v', b"", "08P01");
    }

    #[test]
    fn a_bind_gives_its_values_with_their_formats() {
        let body = b"p\0s\0\0\x02\0\x01\0\0\0\x02\xff\xff\xff\xff\0\0\0\x02xy\0\x01\0\x01";
        let Ok(Message::Bind(bind)) = Message::read(b'B', body) else { panic!("no bind") };
        let values: Vec<_> = bind.values().collect();
        let expected = [(None, Format::Binary), (Some(&b"xy"[..]), Format::Text)];
        assert_eq!((bind.portal, bind.statement, values.as_slice()), ("p", "s", &expected[..]));
        assert_eq!(bind.results().of(7), Format::Binary);
    }

    #[test]
    fn an_execute_without_a_limit_sends_all_rows() {
        let most = |body: &'static [u8]| match Message::read(b'E', body) {
            Ok(Message::Execute(execute)) => (execute.portal, execute.rows_max),
            other => panic!("{other:?}"),
        };
        assert_eq!(most(b"c\0\0\0\0\x05"), ("c", 5));
        assert_eq!(most(b"\0\0\0\0\0"), ("", usize::MAX));
        assert_eq!(most(b"\0\xff\xff\xff\xff"), ("", usize::MAX));
    }

    #[test]
    fn a_parse_gives_the_types_that_the_client_knows() {
        let Ok(Message::Parse(parse)) = Message::read(b'P', b"s\0q\0\0\x02\0\0\0\x17\0\0\0\0")
        else {
            panic!("no parse")
        };
        let types: Vec<u32> = parse.types().collect();
        assert_eq!((parse.name, parse.text, types), ("s", "q", vec![23, 0]));
    }
}
