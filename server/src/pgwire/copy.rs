//! COPY on the wire, in and out.
use pgwire::messages::PgWireBackendMessage as Answer;
use pgwire::messages::PgWireFrontendMessage as Message;
use pgwire::messages::copy::{CopyDone, CopyInResponse, CopyOutResponse};
use sql::statement::copy::{CopyIn, CopyOut};

use super::connection::{Connection, End};
use super::guard::{Incoming, Phase};
use super::outbox::Report;

impl Connection<'_> {
    /// Takes a COPY's data until the client ends it.
    pub(crate) async fn copy_in(&mut self, mut copy: CopyIn) -> Result<sql::Result<()>, End> {
        let columns = copy.columns();
        let answer = CopyInResponse::new(0, count(columns), vec![0; columns]);
        self.outbox.put(&Answer::CopyInResponse(answer));
        self.flush().await?;
        loop {
            let message = match self.next(Phase::CopyIn).await? {
                Incoming::Message(message) => message,
                Incoming::Malformed(_, malformed) => {
                    let reason = format!("{}: {}", malformed.code, malformed.message);
                    self.session.fail_copy(copy, &reason).await;
                    return Ok(Err(sql::Error::new(malformed.code, malformed.message)));
                }
            };
            match message {
                Message::CopyData(data) => {
                    // What the client has sent before it hears of the error is passed over
                    // by the loop that reads statements.
                    if let Err(error) = copy.push(&data.data).await {
                        self.session.fail();
                        return Ok(Err(error));
                    }
                }
                Message::CopyDone(_) => match self.session.finish_copy(copy).await {
                    Ok(tag) => {
                        self.say_beside();
                        self.outbox.put_tag(&tag);
                        return Ok(Ok(()));
                    }
                    Err(error) => return Ok(Err(error)),
                },
                Message::CopyFail(fail) => {
                    return Ok(Err(self.session.fail_copy(copy, &fail.message).await));
                }
                // Allowed in between, and without meaning here.
                Message::Flush(_) | Message::Sync(_) => {}
                Message::Terminate(_) => return Err(End::Gone),
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
                        self.outbox.put_copy(record);
                        self.flush_if_large().await?;
                    }
                }
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        self.outbox.put(&Answer::CopyDone(CopyDone::new()));
        self.say_beside();
        self.outbox.put_tag(&copy.tag());
        Ok(Ok(()))
    }
}

fn count(columns: usize) -> i16 {
    i16::try_from(columns).unwrap_or(i16::MAX)
}
