//! SUBSCRIBE on the wire: rows that have no end, sent as soon as they are there.
use sql::statement::subscribe::Changes;

use super::connection::{Connection, End};
use super::encode::{Encoder, describe};
use super::format::Formats;

impl Connection<'_> {
    /// Sends changes until the client cancels or goes away. `formats` are those of a portal,
    /// whose columns were described; a simple query's are described here.
    pub(crate) async fn subscribe(
        &mut self,
        mut changes: Changes,
        formats: Option<&Formats>,
    ) -> Result<sql::Result<()>, End> {
        if formats.is_none() {
            describe(&mut self.outbox, changes.columns(), &Formats::default());
        }
        let text = Formats::default();
        let formats = formats.unwrap_or(&text);
        let encoder = Encoder::new(changes.columns(), formats, &self.session);
        loop {
            self.flush().await?;
            let batch = tokio::select! {
                batch = changes.next() => batch,
                // What the client says meanwhile waits; that it went away ends the connection.
                stirred = self.stirs() => {
                    stirred?;
                    continue;
                }
            };
            match batch {
                Ok(Some(batch)) => {
                    if let Err(error) = encoder.encode(&batch, &mut self.outbox) {
                        return Ok(Err(error));
                    }
                }
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}
