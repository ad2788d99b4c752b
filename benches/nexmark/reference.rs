//! The same queries by PostgreSQL, over the same files.
use tidemill_benches::{Digest, copy_file, copy_out, copy_rows};
use tidemill_tests::Postgres;
use tokio_postgres::Client;

use crate::events::Events;
use crate::queries::{Query, SIDE_INPUT, STREAMS, side_rows};

/// A PostgreSQL with all events in it.
pub struct Reference {
    client: Client,
    _server: Postgres,
}

impl Reference {
    /// Starts a server and loads the files.
    pub async fn load(events: &Events) -> Self {
        let server = Postgres::start();
        let client = server.connect().await;
        for (name, columns) in STREAMS {
            client.batch_execute(&format!("CREATE TABLE {name} ({columns})")).await.unwrap();
        }
        client.batch_execute(SIDE_INPUT).await.unwrap();
        copy_rows(&client, "side_input", side_rows()).await;
        for file in &events.files {
            copy_file(&client, file.stream, &file.path).await;
        }
        client.batch_execute("ANALYZE; SET work_mem = '1GB'").await.unwrap();
        Self { client, _server: server }
    }

    /// What the query's view must hold.
    pub async fn digest(&self, query: &Query) -> Digest {
        let select = query.reference.unwrap_or(query.view);
        let compared = query.compared;
        copy_out(&self.client, &format!("SELECT {compared} FROM ({select}) AS q")).await
    }
}
