//! The frame guard: nothing is read but one whole message of a type allowed now.
//!
//! What stands in it is for [`Message`]: here its length is checked against the limit of its
//! type before memory is given for it.
use bytes::{Buf, BytesMut};

use super::message::{Malformed, Message};

/// The longest first message of a connection, as PostgreSQL has it.
pub(crate) const STARTUP_BYTES_MAX: usize = 10_000;

/// The longest message that carries statements or data.
pub(crate) const MESSAGE_BYTES_MAX: usize = 256 << 20;

/// The longest message of any other type: names and numbers.
pub(crate) const SMALL_MESSAGE_BYTES_MAX: usize = 16 << 10;

/// What the peer may send now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Statements.
    Ready,
    /// Data of a COPY; statements of the extended protocol are passed over.
    CopyIn,
}

/// One whole message.
#[derive(Debug)]
pub(crate) struct Frame(BytesMut);

impl Frame {
    /// The byte that says what kind of message it is.
    pub(crate) fn kind(&self) -> u8 {
        self.0.first().copied().unwrap_or_default()
    }

    /// What it says.
    pub(crate) fn message(&self) -> Result<Message<'_>, Malformed> {
        Message::read(self.kind(), self.0.get(HEAD_BYTES..).unwrap_or_default())
    }
}

/// A message's type and length.
const HEAD_BYTES: usize = 5;

/// Why a connection is to be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) String);

/// A message before the connection has a user.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// Asks for TLS or GSS encryption.
    Encryption,
    /// Asks to stop what another connection runs.
    Cancel {
        /// The other connection.
        process: i32,
        /// What it was told at its start.
        secret: i32,
    },
    /// Begins a session: protocol version, then parameters in order.
    Startup {
        /// Major version in the high half, minor in the low one.
        version: u32,
        /// Names and values.
        parameters: Vec<(String, String)>,
    },
}

const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;
const CANCEL_REQUEST: u32 = 80_877_102;

/// Takes the first message from `input`, once it is whole.
pub(crate) fn first(input: &mut BytesMut) -> Result<Option<First>, Refusal> {
    let Some(length) = input.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes)) else {
        return Ok(None);
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if !(8..=STARTUP_BYTES_MAX).contains(&length) {
        return Err(Refusal("invalid length of startup packet".into()));
    }
    if input.len() < length {
        return Ok(None);
    }
    let mut body = input.split_to(length);
    body.advance(4);
    match body.get_u32() {
        SSL_REQUEST | GSS_REQUEST => Ok(Some(First::Encryption)),
        CANCEL_REQUEST if body.len() == 8 => {
            Ok(Some(First::Cancel { process: body.get_i32(), secret: body.get_i32() }))
        }
        version => Ok(Some(First::Startup { version, parameters: parameters(&body)? })),
    }
}

fn parameters(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let invalid =
        || Refusal("invalid startup packet layout: expected terminator as last byte".into());
    // Each text has its end, and behind all stands one that is empty.
    let body = body.strip_suffix(&[0]).ok_or_else(invalid)?;
    let Some(body) = body.strip_suffix(&[0]) else {
        return if body.is_empty() { Ok(vec![]) } else { Err(invalid()) };
    };
    let mut texts = body
        .split(|byte| *byte == 0)
        .map(|text| String::from_utf8(text.to_vec()).map_err(|_| invalid()));
    let mut found = vec![];
    while let Some(name) = texts.next() {
        let name = name?;
        if name.is_empty() {
            return Err(invalid());
        }
        found.push((name, texts.next().ok_or_else(invalid)??));
    }
    Ok(found)
}

/// Takes one message from `input`, once it is whole.
pub(crate) fn next(input: &mut BytesMut, phase: Phase) -> Result<Option<Frame>, Refusal> {
    let Some([kind, length @ ..]) = input.first_chunk::<HEAD_BYTES>() else { return Ok(None) };
    let kind = *kind;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let max = longest(kind, phase)
        .ok_or_else(|| Refusal(format!("invalid frontend message type {kind}")))?;
    if !(4..=max).contains(&length) {
        return Err(Refusal(format!("invalid message length {length} of type {kind}")));
    }
    if input.len() <= length {
        return Ok(None);
    }
    Ok(Some(Frame(input.split_to(length + 1))))
}

/// Whether the next message is there, and is a Sync.
pub(crate) fn is_sync_next(input: &[u8]) -> bool {
    input.starts_with(b"S\0\0\0\x04")
}

/// The limit of a type's length, if it may be sent in this phase.
fn longest(kind: u8, phase: Phase) -> Option<usize> {
    match (kind, phase) {
        (b'd', _) | (b'Q' | b'P' | b'B', _) => Some(MESSAGE_BYTES_MAX),
        (b'c' | b'f' | b'C' | b'D' | b'E' | b'F' | b'H' | b'S' | b'X', _) => {
            Some(SMALL_MESSAGE_BYTES_MAX)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_waits_until_it_is_whole() {
        let whole = b"Q\x00\x00\x00\x0dselect 1\0";
        for cut in 0..whole.len() {
            let mut input = BytesMut::from(&whole[..cut]);
            assert!(next(&mut input, Phase::Ready).unwrap().is_none(), "cut at {cut}");
        }
        let mut input = BytesMut::from(&whole[..]);
        let frame = next(&mut input, Phase::Ready).unwrap().unwrap();
        assert!(matches!(frame.message(), Ok(Message::Query("select 1"))));
        assert!(input.is_empty());
    }

    #[test]
    fn lying_lengths_are_refused_and_never_panic() {
        for kind in 0..=255u8 {
            for length in [0u32, 3, 4, 5, 6, 9, 12, 0x7fff_ffff, 0xffff_ffff] {
                for fill in [0u8, 0x41, 0x7f, 0xff] {
                    let mut input = BytesMut::from(&[kind][..]);
                    input.extend_from_slice(&length.to_be_bytes());
                    input.extend_from_slice(&[fill; 32]);
                    for phase in [Phase::Ready, Phase::CopyIn] {
                        if let Ok(Some(frame)) = next(&mut input, phase) {
                            let _ = frame.message();
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_startup_packet_gives_its_parameters() {
        let body = b"\x00\x03\x00\x00user\0me\0database\0tidemill\0\0";
        let mut input = BytesMut::new();
        input.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
        input.extend_from_slice(body);
        let expected = vec![
            ("user".to_owned(), "me".to_owned()),
            ("database".to_owned(), "tidemill".to_owned()),
        ];
        assert_eq!(
            first(&mut input).unwrap(),
            Some(First::Startup { version: 0x0003_0000, parameters: expected })
        );
    }

    #[test]
    fn a_startup_packet_without_an_end_is_refused() {
        let mut input = BytesMut::from(&b"\x00\x00\x00\x0c\x00\x03\x00\x00user"[..]);
        assert!(first(&mut input).is_err());
        let mut input = BytesMut::from(&b"\x00\x00\xff\xff"[..]);
        assert!(first(&mut input).is_err());
    }
}
