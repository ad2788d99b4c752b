//! A client that sends bytes, whatever they are.
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const ANSWER_SECONDS_MAX: u64 = 30;

/// A connection without a driver.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
}

/// A message of the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) kind: u8,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Severity and SQLSTATE of an error.
    pub(crate) fn error(&self) -> Option<String> {
        let field = |kind: u8| {
            let mut fields = self.body.split(|byte| *byte == 0);
            let found = fields.find(|field| field.first() == Some(&kind))?;
            Some(String::from_utf8_lossy(&found[1..]).into_owned())
        };
        (self.kind == b'E').then(|| Some(format!("{} {}", field(b'S')?, field(b'C')?)))?
    }
}

/// A message with its type and length.
pub(crate) fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

impl Raw {
    /// A connection that has said nothing.
    pub(crate) fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream }
    }

    /// A connection that was let in.
    pub(crate) fn start(port: u16) -> Self {
        let mut raw = Self::open(port);
        let body = b"\0\x03\0\0user\0test\0database\0tidemill\0\0";
        let mut bytes = (body.len() as u32 + 4).to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        raw.send(&bytes);
        let last = raw.until_ready().pop().map(|answer| answer.kind);
        assert_eq!(last, Some(b'Z'), "the connection is let in");
        raw
    }

    /// Sends bytes; the server may have gone.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    pub(crate) fn query(&mut self, text: &str) -> Vec<Answer> {
        self.send(&frame(b'Q', format!("{text}\0").as_bytes()));
        self.until_ready()
    }

    /// The next message; `None` when the server has closed.
    pub(crate) fn next(&mut self) -> Option<Answer> {
        let mut head = [0; 5];
        self.read(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length - 4];
        self.read(&mut body)?;
        Some(Answer { kind: head[0], body })
    }

    fn read(&mut self, bytes: &mut [u8]) -> Option<()> {
        match self.stream.read_exact(bytes) {
            Ok(()) => Some(()),
            Err(error) => {
                let waits = matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                );
                assert!(!waits, "no answer in {ANSWER_SECONDS_MAX} s");
                None
            }
        }
    }

    /// All messages up to ReadyForQuery, or to the end.
    pub(crate) fn until_ready(&mut self) -> Vec<Answer> {
        let mut answers = vec![];
        while let Some(answer) = self.next() {
            let ready = answer.kind == b'Z';
            answers.push(answer);
            if ready {
                break;
            }
        }
        answers
    }

    /// Says that nothing more will come, and waits until the server has closed too.
    pub(crate) fn drain(mut self) -> Vec<Answer> {
        let _ = self.stream.shutdown(Shutdown::Write);
        let mut answers = vec![];
        while let Some(answer) = self.next() {
            answers.push(answer);
        }
        answers
    }
}
