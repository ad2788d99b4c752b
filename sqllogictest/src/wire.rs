//! A server reached over the wire: ours, or a PostgreSQL.
use std::sync::Arc;

use sqllogictest::{DB, DBOutput};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::answer::{Answer, Failure};
use crate::letter::Letter;

/// Where a server is.
#[derive(Clone)]
pub struct Site {
    engine: &'static str,
    config: String,
    runtime: Arc<Runtime>,
}

impl Site {
    /// A server of ours on this port of 127.0.0.1.
    pub fn tidemill(port: u16) -> Self {
        Self::new("tidemill", format!("host=127.0.0.1 port={port} user=test dbname=tidemill"))
    }

    /// A database of a PostgreSQL on this port.
    pub fn postgres(port: u16, database: &str) -> Self {
        let options = "-ctimezone=UTC -cdatestyle=ISO";
        Self::new(
            "postgres",
            format!(
                "host=127.0.0.1 port={port} user=postgres dbname={database} options='{options}'"
            ),
        )
    }

    fn new(engine: &'static str, config: String) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { engine, config, runtime: Arc::new(runtime) }
    }

    /// A new connection.
    pub fn connect(&self) -> Result<Remote, Failure> {
        let client = self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.config, NoTls).await?;
            tokio::spawn(connection);
            Ok::<_, Failure>(client)
        })?;
        Ok(Remote { engine: self.engine, client, runtime: Arc::clone(&self.runtime) })
    }
}

/// A connection over the wire.
pub struct Remote {
    engine: &'static str,
    client: Client,
    runtime: Arc<Runtime>,
}

impl Remote {
    /// Runs a text as one simple query; gives the last answer.
    pub fn answer(&mut self, text: &str) -> Result<Answer, Failure> {
        let messages = self.runtime.block_on(self.client.simple_query(text))?;
        let mut answer = Answer::Count(0);
        let mut rows: Option<(usize, Vec<String>)> = None;
        for message in messages {
            match message {
                SimpleQueryMessage::RowDescription(columns) => rows = Some((columns.len(), vec![])),
                SimpleQueryMessage::Row(row) => {
                    let line = Answer::line((0..row.len()).map(|place| row.get(place)));
                    rows.get_or_insert((row.len(), vec![])).1.push(line);
                }
                SimpleQueryMessage::CommandComplete(count) => {
                    answer = match rows.take() {
                        Some((width, lines)) => Answer::Rows(vec![Letter('?'); width], lines),
                        None => Answer::Count(count),
                    };
                }
                _ => {}
            }
        }
        Ok(answer)
    }

    /// The types of a query's columns, as the server describes them.
    pub fn describe(&mut self, query: &str) -> Result<Vec<Letter>, Failure> {
        let statement = self.runtime.block_on(self.client.prepare(query))?;
        Ok(statement.columns().iter().map(|column| Letter::of(column.type_().oid())).collect())
    }

    /// A query's columns, and its rows as bytes in binary, through the extended protocol.
    pub fn binary(&mut self, query: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
        self.runtime.block_on(async {
            let statement = self.client.prepare(query).await?;
            let columns = statement
                .columns()
                .iter()
                .map(|column| format!("{} {}", column.name(), column.type_()))
                .collect();
            let mut rows = vec![];
            for row in self.client.query(&statement, &[]).await? {
                let mut cells = vec![];
                for place in 0..row.len() {
                    let cell: Option<Bytes> = row.try_get(place)?;
                    cells.push(cell.map_or("NULL".to_owned(), |cell| cell.0));
                }
                rows.push(cells.join("|"));
            }
            Ok((columns, rows))
        })
    }
}

/// A value's bytes, in hexadecimal.
struct Bytes(String);

impl<'a> tokio_postgres::types::FromSql<'a> for Bytes {
    fn from_sql(
        _: &tokio_postgres::types::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    fn accepts(_: &tokio_postgres::types::Type) -> bool {
        true
    }
}

impl DB for Remote {
    type Error = Failure;
    type ColumnType = Letter;

    fn run(&mut self, text: &str) -> Result<DBOutput<Letter>, Failure> {
        self.answer(text).map(Answer::output)
    }

    fn engine_name(&self) -> &str {
        self.engine
    }

    fn error_sql_state(failure: &Failure) -> Option<String> {
        Some(failure.code.clone())
    }
}
