//! The three ports to what outlives the process: the log, the blobs, the records.
use crate::Result;

/// The number of a tick: one frame of the log is one tick, counted from 1 without gaps.
pub type Tick = u64;

/// The number of an epoch, a durable cut through all state, counted from 1.
pub type Epoch = u64;

/// The largest blob, so that no single write or sync can stall the log.
pub const BLOB_BYTES_MAX: usize = 1 << 20;

/// The largest frame of the log.
pub const FRAME_BYTES_MAX: usize = 1 << 30;

/// The journal of ticks: every acknowledged change, in one order.
///
/// Frames that were synced survive any crash or loss of power; of those that
/// were appended after the last sync, a prefix may survive and nothing else.
pub trait Log: Send {
    /// Appends the frame of `tick`, which must be the last one's successor (any
    /// number for the first frame of an empty log). It is durable after [`Log::sync`].
    fn append(&mut self, tick: Tick, body: &[u8]) -> Result<()>;

    /// Makes all appended frames durable. After a failure the log is unusable:
    /// the caller must stop the process, since what is on disk is unknown.
    fn sync(&mut self) -> Result<()>;

    /// Lets the space of all frames up to and including `tick` be used again.
    fn cut(&mut self, tick: Tick) -> Result<()>;

    /// Hands each durable frame after `after`, in order, to `each`. Fails with
    /// [`crate::ErrorKind::Corrupt`] where a frame that was synced does not read back, and
    /// where the log begins after `after`'s successor or ends before `after`: then frames
    /// were cut away that are still needed, or lost. An empty log has nothing to hand out.
    fn replay(
        &mut self,
        after: Tick,
        each: &mut dyn FnMut(Tick, &[u8]) -> Result<()>,
    ) -> Result<()>;

    /// Bytes of frames not yet cut away.
    fn bytes(&self) -> u64;
}

/// The name of a blob: unique for the life of a data directory, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub u64);

/// What the last epoch is: where to begin when the process starts again.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Pointer {
    /// The epoch's number.
    pub epoch: Epoch,
    /// The tick at whose end the epoch was cut; the log is replayed after it.
    pub tick: Tick,
    /// Every blob that is alive in this epoch; the space of all others may be reused.
    pub blobs: Vec<BlobId>,
    /// What the engine needs to make sense of the blobs; opaque here.
    pub manifest: Vec<u8>,
}

/// State as immutable blobs, of which an epoch's pointer names those that count.
///
/// A blob that no committed pointer names may vanish with a crash.
pub trait Blobs: Send + Sync {
    /// Writes and syncs one blob of at most [`BLOB_BYTES_MAX`] bytes, and names it.
    fn put(&self, bytes: &[u8]) -> Result<BlobId>;

    /// Reads a blob back; [`crate::ErrorKind::Corrupt`] names it if its checksum is wrong.
    /// A blob outlives one commit that does not name it (it may be meant for the next), and
    /// its reader must not count on more.
    fn get(&self, blob: BlobId) -> Result<Vec<u8>>;

    /// Makes `pointer` the last epoch, wholly or not at all, with one small synced write.
    /// All blobs it names must have been put before.
    fn commit(&self, pointer: &Pointer) -> Result<()>;

    /// The last committed pointer; `None` in a new store.
    fn pointer(&self) -> Result<Option<Pointer>>;
}

/// An object of the catalog: the text that makes it, under an id that is never used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The object's id, chosen by the caller from [`Records::next_id`].
    pub id: u64,
    /// What kind of object it is, such as `stream` or `view`.
    pub kind: String,
    /// Its name with its schema, unique among the live ones of its kind or not: the caller's rule.
    pub name: String,
    /// The statement that makes it.
    pub text: String,
}

/// One change of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordChange {
    /// Adds an object, or replaces the one with the same id.
    Put(Record),
    /// Takes the object with this id away.
    Remove(u64),
}

/// A transaction's changes of the catalog, in the order in which the log made them live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordTransaction {
    /// The transaction's id, which the frame that makes it live carries.
    pub transaction: u64,
    /// Its changes, in order.
    pub changes: Vec<RecordChange>,
}

/// The catalog's rows. No commit spans two stores: changes are staged here as
/// pending, a frame of the log with the transaction's id makes them live, and
/// [`Records::settle`] tells the store later what became of them.
pub trait Records: Send + Sync {
    /// An id that was never given before and never will be again, crashes included.
    fn next_id(&self) -> Result<u64>;

    /// Makes `transaction` durable as pending.
    fn stage(&self, transaction: &RecordTransaction) -> Result<()>;

    /// Makes the changes of a pending transaction live (`true`) or forgets them (`false`),
    /// atomically. Settling what is no longer pending does nothing.
    fn settle(&self, transaction: u64, live: bool) -> Result<()>;

    /// All live records, by id.
    fn live(&self) -> Result<Vec<Record>>;

    /// All transactions still pending, by id.
    fn pending(&self) -> Result<Vec<RecordTransaction>>;
}
