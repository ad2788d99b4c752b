//! The simple protocol: a text of statements, answered one by one, in one transaction.
use sql::{Parsed, Response, Rows, Session};

use super::connection::{Connection, End};
use super::encode::{Encoder, describe};
use super::format::Formats;

impl Connection<'_> {
    /// Answers a Query message.
    pub(crate) async fn query(&mut self, text: &str) -> Result<(), End> {
        // The unnamed portal and what a failed group left over end here.
        self.skipping = false;
        self.portals.remove("");
        match Session::parse(text) {
            Err(error) => {
                self.session.fail();
                self.complain(&error, text);
            }
            Ok(statements) if statements.is_empty() => {
                self.outbox.put_body(b'I', |_| ());
            }
            Ok(statements) => self.statements(&statements, text).await?,
        }
        self.ready();
        self.flush().await
    }

    async fn statements(&mut self, statements: &[Parsed], text: &str) -> Result<(), End> {
        let several = statements.len() > 1;
        if several {
            self.session.begin_implicit();
        }
        for statement in statements {
            if let Err(error) = self.statement(statement).await? {
                self.complain(&error, text);
                break;
            }
        }
        if several && let Err(error) = self.session.end_implicit().await {
            self.outbox.take_tags_back();
            self.complain(&error, "");
        }
        Ok(())
    }

    async fn statement(&mut self, statement: &Parsed) -> Result<Result<(), sql::Error>, End> {
        let response = match self.session.run(statement).await {
            Ok(response) => response,
            Err(error) => return Ok(Err(error)),
        };
        match response {
            Response::Rows(rows) => return self.rows(rows).await,
            Response::Done(tag) => {
                self.say_beside();
                self.outbox.put_tag(&tag);
            }
            Response::CopyIn(copy) => return self.copy_in(*copy).await,
            Response::CopyOut(copy) => return self.copy_out(copy).await,
            Response::Subscribe(changes) => return self.subscribe(changes, None).await,
            Response::Empty => {
                self.outbox.put_body(b'I', |_| ());
            }
        }
        Ok(Ok(()))
    }

    async fn rows(&mut self, mut rows: Rows) -> Result<Result<(), sql::Error>, End> {
        let formats = Formats::default();
        describe(&mut self.outbox, rows.columns(), &formats);
        let encoder = Encoder::new(rows.columns(), &formats, &self.session);
        let mut count = 0;
        loop {
            match rows.next().await {
                Ok(Some(batch)) => {
                    count += batch.num_rows() as u64;
                    for start in (0..batch.num_rows()).step_by(Encoder::STEP_ROWS) {
                        let piece =
                            batch.slice(start, Encoder::STEP_ROWS.min(batch.num_rows() - start));
                        if let Err(error) = encoder.encode(&piece, &mut self.outbox) {
                            return Ok(Err(error));
                        }
                        self.flush_if_large().await?;
                    }
                }
                Ok(None) => break,
                Err(error) => return Ok(Err(error)),
            }
        }
        self.say_beside();
        self.outbox.put_tag(rows.tag().text(count));
        Ok(Ok(()))
    }
}
