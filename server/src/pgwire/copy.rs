//! COPY on the wire, in and out.
use pgwire::messages::PgWireBackendMessage as Answer;
use pgwire::messages::copy::{CopyInResponse, CopyOutResponse};
use sql::statement::copy::{CopyIn, CopyOut};

use super::connection::{Connection, End};
use super::encode::count;
use super::guard::Phase;
use super::message::Message;
use super::outbox::Report;

impl Connection<'_> {
    /// Takes a COPY's data until the client ends it.
    pub(crate) async fn copy_in(&mut self, mut copy: CopyIn) -> Result<sql::Result<()>, End> {
        let columns = copy.columns();
        let answer = CopyInResponse::new(0, count(columns), vec![0; columns]);
        self.outbox.put(&Answer::CopyInResponse(answer));
        self.flush().await?;
        loop {
            let frame = self.next(Phase::CopyIn).await?;
            let message = match frame.message() {
                Ok(message) => message,
                Err(malformed) => {
                    let reason = format!("{}: {}", malformed.code, malformed.message);
                    self.session.fail_copy(copy, &reason).await;
                    return Ok(Err(sql::Error::new(malformed.code, malformed.message)));
                }
            };
            match message {
                Message::CopyData(data) => {
                    // What the client has sent before it hears of the error is passed over
                    // by the loop that reads statements.
                    if let Err(error) = copy.push(data).await {
                        self.session.fail();
                        return Ok(Err(error));
                    }
                }
                Message::CopyDone => match self.session.finish_copy(copy).await {
                    Ok(tag) => {
                        self.say_beside();
                        self.outbox.put_tag(&tag);
                        return Ok(Ok(()));
                    }
                    Err(error) => return Ok(Err(error)),
                },
                Message::CopyFail(reason) => {
                    return Ok(Err(self.session.fail_copy(copy, reason).await));
                }
                // Allowed in between, and without meaning here.
                Message::Flush | Message::Sync => {}
                Message::Terminate => return Err(End::Gone),
                _ => {
                    let message = "unexpected message type during COPY from stdin";
                    return Err(End::Fatal(Box::new(Report::fatal("08P01", message))));
                }
            }
        }
    }

    /// Sends a COPY's data.
    pub(crate) async fn copy_out(&mut self, mut copy: CopyOut) -> Result<sql::Result<()>, End> {
        let columns = copy.columns();
        let answer = CopyOutResponse::new(0, count(columns), vec![0; columns]);
        self.outbox.put(&Answer::CopyOutResponse(answer));
        loop {
            match copy.next_piece().await {
                Ok(Some(piece)) => {
                    // Clients take each message for a row.
                    for record in piece.records() {
                        self.outbox.put_body(b'd', |out| out.extend_from_slice(record));
                        self.flush_if_large().await?;
                    }
                }
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        self.outbox.put_body(b'c', |_| ());
        self.say_beside();
        self.outbox.put_tag(copy.tag());
        Ok(Ok(()))
    }
}
