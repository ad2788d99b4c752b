//! What waits to be sent: messages gather here and leave in one write.
use std::fmt::Display;
use std::io::Write;

use bytes::BytesMut;
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::response::{ErrorResponse, NoticeResponse};
use sql::TransactionStatus;

/// A field of an error is cut at this length, so that no error is too long to send.
const FIELD_BYTES_MAX: usize = 4_000;

/// The buffer that a connection keeps between answers.
const KEPT_BYTES_MAX: usize = 256 << 10;

/// Messages not yet sent.
#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// Where the codec writes.
    scratch: BytesMut,
    /// Where the first statement that still waits for its commit ends.
    first_tag: Option<usize>,
}

impl Outbox {
    /// Adds a message.
    pub(crate) fn put(&mut self, message: &PgWireBackendMessage) {
        self.scratch.clear();
        // Only a message over the protocol's limit fails: it must not leave half of itself.
        if message.encode(&mut self.scratch).is_ok() {
            self.bytes.extend_from_slice(&self.scratch);
        }
    }

    /// Adds a message of `kind` whose body `write` appends.
    pub(crate) fn put_body(&mut self, kind: u8, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[kind, 0, 0, 0, 0]);
        write(&mut self.bytes);
        let length = u32::try_from(self.bytes.len() - start - 1).unwrap_or(u32::MAX);
        if let Some(place) = self.bytes.get_mut(start + 1..start + 5) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// Adds the end of a statement, such as `INSERT 0 3`.
    pub(crate) fn put_tag(&mut self, tag: impl Display) {
        self.first_tag.get_or_insert(self.bytes.len());
        self.put_body(b'C', |out| {
            // Memory takes all that is written.
            let _ = write!(out, "{tag}\0");
        });
    }

    /// The commit behind the statements since the last ReadyForQuery has failed: their ends,
    /// and what was said after the first, are taken back as far as they have not been sent,
    /// since many clients take an end for the outcome and read no further.
    pub(crate) fn take_tags_back(&mut self) {
        if let Some(first) = self.first_tag.take() {
            self.bytes.truncate(first);
        }
    }

    /// Adds ReadyForQuery.
    pub(crate) fn put_ready(&mut self, status: TransactionStatus) {
        self.first_tag = None;
        let status = match status {
            TransactionStatus::Idle => b'I',
            TransactionStatus::Block => b'T',
            TransactionStatus::Failed => b'E',
        };
        self.put_body(b'Z', |out| out.push(status));
    }

    /// Adds an error or a notice.
    pub(crate) fn put_report(&mut self, report: &Report) {
        let fields = report.fields();
        self.put(&if report.severity == "NOTICE" || report.severity == "WARNING" {
            PgWireBackendMessage::NoticeResponse(NoticeResponse::new(fields))
        } else {
            PgWireBackendMessage::ErrorResponse(ErrorResponse::new(fields))
        });
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// All that waits.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All was sent; the space is kept unless a large answer went through it.
    pub(crate) fn clear(&mut self) {
        self.first_tag = None;
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES_MAX);
    }
}

/// An error or notice as the wire says it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// `ERROR`, `FATAL`, `WARNING` or `NOTICE`.
    pub(crate) severity: &'static str,
    /// SQLSTATE.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    /// A character of the statement, from 1.
    pub(crate) position: Option<usize>,
    /// Where it happened, as COPY says it.
    pub(crate) context: Option<String>,
    /// Which table, column and constraint it is about.
    pub(crate) subject: sql::Subject,
}

impl Report {
    /// A FATAL error: the connection is closed after it.
    pub(crate) fn fatal(code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { severity: "FATAL", code: code.to_owned(), message, ..Self::default() }
    }

    /// An error of a statement, whose text tells the position.
    pub(crate) fn error(error: &sql::Error, statement: &str) -> Self {
        Self {
            severity: "ERROR",
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            detail: error.detail().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            position: error.position(statement),
            context: error.context().map(str::to_owned),
            subject: error.subject().clone(),
        }
    }

    fn fields(&self) -> Vec<(u8, String)> {
        let mut fields = vec![
            (b'S', self.severity.to_owned()),
            (b'V', self.severity.to_owned()),
            (b'C', self.code.clone()),
            (b'M', cut(&self.message)),
        ];
        fields.extend(self.detail.as_deref().map(|text| (b'D', cut(text))));
        fields.extend(self.hint.as_deref().map(|text| (b'H', cut(text))));
        fields.extend(self.position.map(|place| (b'P', place.to_string())));
        fields.extend(self.context.as_deref().map(|text| (b'W', cut(text))));
        let sql::Subject { schema, table, column, constraint } = &self.subject;
        let named = [(b's', schema), (b't', table), (b'c', column), (b'n', constraint)];
        let named =
            named.into_iter().filter_map(|(field, name)| Some((field, cut(name.as_ref()?))));
        fields.extend(named);
        fields
    }
}

/// The text, without NULs (which would end it on the wire) and not too long.
fn cut(text: &str) -> String {
    let text = text.replace('\0', "");
    if text.len() <= FIELD_BYTES_MAX {
        return text;
    }
    let end = (0..=FIELD_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}
