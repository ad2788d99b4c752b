//! A database in memory, reached without a wire.
use std::sync::Arc;

use arrow::array::RecordBatch;
use sql::TransactionStatus;
use sql::types::{TextStyle, TextWriter, Zone};
use sql::{Database, DatabaseOptions, OutputColumn, Response, Session, SessionOptions};
use sqllogictest::{DB, DBOutput};
use tokio::runtime::Runtime;

use crate::answer::{Answer, Failure};
use crate::letter::Letter;

/// An open database in memory.
pub struct World {
    database: Arc<Database>,
    runtime: Arc<Runtime>,
}

impl World {
    /// A new, empty one.
    pub fn new() -> Self {
        let database =
            Database::open(storage::Memory::new().open(), DatabaseOptions::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { database, runtime: Arc::new(runtime) }
    }

    /// A new session.
    pub fn session(&self) -> Local {
        let options = SessionOptions {
            user: "test".to_owned(),
            database: "tidemill".to_owned(),
            settings: vec![],
        };
        let session = self.database.session(options).unwrap();
        Local { session, runtime: Arc::clone(&self.runtime) }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.database.shutdown();
    }
}

/// A session in-process.
pub struct Local {
    session: Session,
    runtime: Arc<Runtime>,
}

impl Local {
    /// Runs all statements of a text as one simple query; gives the last answer.
    pub fn answer(&mut self, text: &str) -> Result<Answer, Failure> {
        let runtime = Arc::clone(&self.runtime);
        let answer = runtime.block_on(self.statements(text));
        self.session.take_notices();
        answer
    }

    /// Whether it is in a block.
    pub fn is_in_block(&self) -> bool {
        self.session.transaction_status() != TransactionStatus::Idle
    }

    async fn statements(&mut self, text: &str) -> Result<Answer, Failure> {
        let statements = Session::parse(text)?;
        let several = statements.len() > 1;
        if several {
            self.session.begin_implicit();
        }
        let mut answer = Ok(Answer::Count(0));
        for parsed in statements {
            answer = self.statement(&parsed).await;
            if answer.is_err() {
                self.session.fail();
                break;
            }
        }
        if several {
            let ended = self.session.end_implicit().await;
            answer = answer.and_then(|answer| Ok(ended.map(|()| answer)?));
        }
        answer
    }

    async fn statement(&mut self, parsed: &sql::Parsed) -> Result<Answer, Failure> {
        match self.session.run(parsed).await? {
            Response::Rows(mut rows) => {
                let columns = Arc::clone(rows.columns());
                let mut lines = vec![];
                while let Some(batch) = rows.next().await? {
                    write(&columns, &batch, &self.style(), &mut lines)?;
                }
                let types: Vec<Letter> =
                    columns.iter().map(|column| Letter::of(column.ty.oid())).collect();
                Ok(Answer::Rows(types, lines))
            }
            Response::Done(tag) => Ok(Answer::Count(count(&tag))),
            Response::Empty => Ok(Answer::Count(0)),
            Response::CopyOut(mut copy) => {
                let mut bytes = vec![];
                while let Some(piece) = copy.next().await? {
                    bytes.extend(piece);
                }
                let text = String::from_utf8(bytes).unwrap();
                let lines = text.lines().map(|line| Answer::line([Some(line)].into_iter()));
                Ok(Answer::Rows(vec![Letter('T')], lines.collect()))
            }
            Response::CopyIn(copy) => {
                let error = self.session.fail_copy(*copy, "no data").await;
                Err(error.into())
            }
            Response::Subscribe(_) => {
                Err(sql::Error::unsupported("SUBSCRIBE in a file of records").into())
            }
        }
    }

    fn style(&self) -> TextStyle {
        let zone = self.session.settings().get("timezone").ok().and_then(Zone::parse);
        TextStyle::in_zone(zone.unwrap_or_default())
    }
}

/// The number at the end of a tag.
fn count(tag: &str) -> u64 {
    tag.rsplit(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

fn write(
    columns: &[OutputColumn],
    batch: &RecordBatch,
    style: &TextStyle,
    lines: &mut Vec<String>,
) -> sql::Result<()> {
    let writers = columns
        .iter()
        .zip(batch.columns())
        .map(|(column, array)| TextWriter::new(array, &column.ty, style))
        .collect::<sql::Result<Vec<_>>>()?;
    for row in 0..batch.num_rows() {
        let cells: Vec<Option<String>> = writers
            .iter()
            .map(|writer| {
                let mut cell = vec![];
                writer.write(row, &mut cell);
                (!writer.is_null(row)).then(|| String::from_utf8(cell).unwrap())
            })
            .collect();
        lines.push(Answer::line(cells.iter().map(Option::as_deref)));
    }
    Ok(())
}

impl DB for Local {
    type Error = Failure;
    type ColumnType = Letter;

    fn run(&mut self, text: &str) -> Result<DBOutput<Letter>, Failure> {
        self.answer(text).map(Answer::output)
    }

    fn engine_name(&self) -> &str {
        "tidemill"
    }

    fn error_sql_state(failure: &Failure) -> Option<String> {
        Some(failure.code.clone())
    }
}
