//! Restoring rows from the blobs that an image names.
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use storage::BlobId;

use super::CHUNK_ROWS;
use super::capture::VERSION;
use super::chunk::{Chunk, Sealed};
use super::image::{Image, Stored, corrupt};
use super::live::Live;
use super::rows::{Key, Rows};
use super::store::{Slot, Store};
use crate::codec::{get_u8, get_u64, read_batch};
use crate::columns::{Column, View};
use crate::{ErrorKind, Result};

/// Reads a blob back.
type Get<'a> = dyn FnMut(BlobId) -> Result<Vec<u8>> + 'a;

/// More numbers of chunks between the first chunk and the tail than can be.
const CHUNK_NUMBERS_MAX: u64 = 1 << 24;

impl Rows {
    /// The rows of an image, at the places they had. The primary index is built anew; the
    /// caller adds the others. Fails with [`ErrorKind::Corrupt`] if the blobs do not fit.
    pub fn restore(
        schema: SchemaRef,
        key: Key,
        seed: u64,
        image: &Image,
        get: &mut dyn FnMut(BlobId) -> Result<Vec<u8>>,
    ) -> Result<Self> {
        let stored = &image.0;
        let mut store = Store::new(&schema)?;
        let changed = Changed::read(&schema, stored, get)?;
        store.mark = stored.mark + 1;
        store.tail_changed = stored.mark;
        store.first = stored.chunks.first().map_or(stored.tail, |(number, _)| *number);
        store.slots = slots(&schema, stored, &changed, store.first, get)?;
        for (number, slot) in (store.first..).zip(&store.slots) {
            let Some(slot) = slot else { continue };
            store.chunks += 1;
            store.rows += slot.chunk.live.count();
            store.sealed_bytes += slot.chunk.sealed.bytes;
            if slot.chunk.is_sparse() {
                store.sparse.push_back(number);
            }
        }
        for batch in &changed.tail {
            let columns = crate::columns::columns_of(batch)?;
            let views: Vec<View<'_>> = columns.iter().map(Column::view).collect();
            store.tail.extend(&views, 0..batch.num_rows())?;
        }
        if stored.tail_rows > 0 {
            store.tail.live = changed.live(stored.tail, stored.tail_rows as usize)?;
        }
        store.rows += store.tail.live.count();
        let mut rows = Self::with_store(store, key, seed);
        if let Some((id, mut primary)) = rows.indexes.pop() {
            rows.fill(&mut primary).map_err(|error| match error.kind() {
                ErrorKind::Invalid => corrupt("two stored rows have the same key"),
                _ => error,
            })?;
            rows.indexes.push((id, primary));
        }
        Ok(rows)
    }
}

/// Bitmaps and tail rows, the latest of each.
#[derive(Default)]
struct Changed {
    /// By chunk, with the number of its rows.
    live: BTreeMap<u64, (Live, usize)>,
    tail: Vec<RecordBatch>,
}

impl Changed {
    fn read(schema: &SchemaRef, stored: &Stored, get: &mut Get<'_>) -> Result<Self> {
        let mut changed = Self::default();
        let (mut tail, mut rows) = (0, 0);
        for changes in &stored.changes {
            let bytes = read_all(&changes.blobs, get)?;
            let input = &mut &bytes[..];
            let version = get_u8(input)?;
            if version != VERSION {
                return Err(corrupt(format!("changes of rows have the unknown version {version}")));
            }
            let (number, from) = (get_u64(input)?, get_u64(input)?);
            if number != tail {
                (tail, rows) = (number, 0);
                changed.tail.clear();
            }
            if from != rows {
                return Err(corrupt(format!("rows {rows} to {from} of chunk {tail} are missing")));
            }
            if get_u8(input)? != 0 {
                let batch = read_batch(schema, input)?;
                rows += batch.num_rows() as u64;
                changed.tail.push(batch);
            }
            for _ in 0..get_u64(input)? {
                let chunk = get_u64(input)?;
                changed.live.insert(chunk, Live::read(input)?);
            }
        }
        if (tail, rows) != (stored.tail, stored.tail_rows) || rows > CHUNK_ROWS as u64 {
            return Err(corrupt(format!("the tail has {rows} rows of chunk {tail}")));
        }
        Ok(changed)
    }

    /// The bitmap of a chunk of `rows` rows.
    fn live(&self, chunk: u64, rows: usize) -> Result<Live> {
        match self.live.get(&chunk) {
            Some((live, same)) if *same == rows => Ok(live.clone()),
            _ => Err(corrupt(format!("chunk {chunk} of {rows} rows has no bitmap"))),
        }
    }
}

/// The sealed chunks, each in its slot.
fn slots(
    schema: &SchemaRef,
    stored: &Stored,
    changed: &Changed,
    first: u64,
    get: &mut Get<'_>,
) -> Result<VecDeque<Option<Slot>>> {
    if stored.tail.checked_sub(first).is_none_or(|count| count > CHUNK_NUMBERS_MAX) {
        return Err(corrupt(format!("chunks are numbered from {first} to {}", stored.tail)));
    }
    let mut slots = VecDeque::new();
    for (number, blobs) in &stored.chunks {
        let position = number.checked_sub(first + slots.len() as u64);
        let (Some(gone), true) = (position, *number < stored.tail) else {
            return Err(corrupt(format!("chunk {number} is not where it must be")));
        };
        slots.extend((0..gone).map(|_| None));
        let bytes = read_all(blobs, get)?;
        let batch = read_batch(schema, &mut &bytes[..])?;
        let live = changed.live(*number, batch.num_rows())?;
        let chunk = Chunk { sealed: Arc::new(Sealed::of(batch)?), live };
        slots.push_back(Some(Slot { chunk: Arc::new(chunk), changed: stored.mark }));
    }
    slots.extend((first + slots.len() as u64..stored.tail).map(|_| None));
    Ok(slots)
}

fn read_all(blobs: &[BlobId], get: &mut Get<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for blob in blobs {
        bytes.extend_from_slice(&get(*blob)?);
    }
    Ok(bytes)
}
