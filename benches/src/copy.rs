//! COPY from a client: files and made-up rows in, digests out.
use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, pin_mut};
use tokio_postgres::Client;

use crate::Digest;

/// How much is sent at once.
const CHUNK_BYTES: usize = 256 << 10;

/// Rows of one COPY: into a table it is one transaction.
const ROWS_MAX: usize = 100_000;

/// Loads a CSV file; gives how many rows it had.
pub async fn copy_file(client: &Client, relation: &str, path: &Path) -> u64 {
    let statement = format!("COPY {relation} FROM STDIN (FORMAT csv)");
    let sink = client.copy_in::<_, Bytes>(&statement).await.expect("COPY begins");
    pin_mut!(sink);
    let mut input = std::fs::File::open(path).expect("the file is there");
    loop {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = input.read(&mut chunk).expect("the file can be read");
        if read == 0 {
            break;
        }
        chunk.truncate(read);
        sink.send(chunk.into()).await.expect("COPY takes its data");
    }
    sink.finish().await.expect("COPY ends")
}

/// Loads rows given as lines of COPY's text format.
pub async fn copy_rows(client: &Client, relation: &str, rows: impl Iterator<Item = String>) {
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let statement = format!("COPY {relation} FROM STDIN");
        let sink = client.copy_in::<_, Bytes>(&statement).await.expect("COPY begins");
        pin_mut!(sink);
        let mut chunk = String::new();
        for row in rows.by_ref().take(ROWS_MAX) {
            chunk.push_str(&row);
            chunk.push('\n');
            if chunk.len() >= CHUNK_BYTES {
                let full = std::mem::take(&mut chunk);
                sink.send(full.into()).await.expect("COPY takes its data");
            }
        }
        sink.send(chunk.into()).await.expect("COPY takes its data");
        sink.finish().await.expect("COPY ends");
    }
}

/// The digest of a query's rows.
pub async fn copy_out(client: &Client, select: &str) -> Digest {
    let stream = client.copy_out(&format!("COPY ({select}) TO STDOUT")).await.expect("COPY begins");
    pin_mut!(stream);
    let mut digest = Digest::default();
    let mut rest: Vec<u8> = vec![];
    while let Some(chunk) = stream.next().await {
        rest.extend_from_slice(&chunk.expect("COPY goes on"));
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines = rest[..whole].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.for_each(|line| digest.add(line));
        rest.drain(..whole);
    }
    assert!(rest.is_empty(), "COPY ended within a line");
    digest
}
