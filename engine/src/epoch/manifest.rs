//! The manifest: what the blobs of an epoch mean.
use std::collections::{BTreeMap, BTreeSet};

use storage::{BlobId, Blobs};

use super::failure_state::FailureState;
use super::view_state::ViewState;
use crate::codec::{get_bytes, get_u64, put_bytes, put_u64};
use crate::commit::Position;
use crate::plan::RelationId;
use crate::relation::Relation;
use crate::rows::Image;
use crate::{Error, ErrorKind, Result};

const VERSION: u64 = 2;

/// The version that knew of no views.
const VERSION_WITHOUT_VIEWS: u64 = 1;

/// Catalog transactions that are remembered beyond the log. A transaction is settled in
/// the records right after its frame, so only the last few can still be pending.
pub(crate) const TRANSACTIONS_MAX: usize = 4_096;

/// One relation of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The `_position` that a stream's next row gets.
    pub(crate) next_position: i64,
    /// Where its rows are.
    pub(crate) image: Image,
}

/// What an epoch knows beside its blobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The hash seed of the data directory.
    pub(crate) seed: u64,
    /// The time of the epoch's tick.
    pub(crate) time: i64,
    /// The last catalog transactions that became live.
    pub(crate) transactions: Vec<u64>,
    /// How far sources have been read.
    pub(crate) positions: Vec<Position>,
    /// The rows of all relations.
    pub(crate) relations: BTreeMap<RelationId, Kept>,
    /// The state of views' operators.
    pub(crate) views: BTreeMap<RelationId, ViewState>,
    /// What fails, and what failed.
    pub(crate) failures: FailureState,
}

impl Manifest {
    /// Every blob that must stay alive.
    pub(crate) fn blobs(&self) -> Vec<BlobId> {
        let rows = self.relations.values().flat_map(|kept| kept.image.blobs());
        let mut blobs: BTreeSet<BlobId> = rows.collect();
        self.views.values().for_each(|state| state.add_blobs(&mut blobs));
        self.failures.add_blobs(&mut blobs);
        blobs.into_iter().collect()
    }

    /// As bytes.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut into = vec![];
        put_u64(&mut into, VERSION);
        put_u64(&mut into, self.seed);
        put_u64(&mut into, self.time.cast_unsigned());
        put_u64(&mut into, self.transactions.len() as u64);
        self.transactions.iter().for_each(|transaction| put_u64(&mut into, *transaction));
        put_u64(&mut into, self.positions.len() as u64);
        for position in &self.positions {
            put_u64(&mut into, position.relation.0);
            put_bytes(&mut into, position.part.as_bytes());
            put_bytes(&mut into, &position.place);
        }
        put_u64(&mut into, self.relations.len() as u64);
        for (id, kept) in &self.relations {
            put_u64(&mut into, id.0);
            put_u64(&mut into, kept.next_position.cast_unsigned());
            kept.image.write(&mut into);
        }
        put_u64(&mut into, self.views.len() as u64);
        for (id, state) in &self.views {
            put_u64(&mut into, id.0);
            state.write(&mut into);
        }
        self.failures.write(&mut into);
        into
    }

    /// From bytes.
    pub(crate) fn read(mut bytes: &[u8]) -> Result<Self> {
        let from = &mut bytes;
        let version = get_u64(from)?;
        if version != VERSION && version != VERSION_WITHOUT_VIEWS {
            return Err(corrupt("the manifest has an unknown version"));
        }
        let (seed, time) = (get_u64(from)?, get_u64(from)?.cast_signed());
        let mut manifest = Self { seed, time, ..Self::default() };
        for _ in 0..get_u64(from)? {
            manifest.transactions.push(get_u64(from)?);
        }
        for _ in 0..get_u64(from)? {
            let relation = RelationId(get_u64(from)?);
            let part = String::from_utf8(get_bytes(from)?.to_vec())
                .map_err(|_| corrupt("a source's part is not text"))?;
            manifest.positions.push(Position { relation, part, place: get_bytes(from)?.to_vec() });
        }
        for _ in 0..get_u64(from)? {
            let id = RelationId(get_u64(from)?);
            let next_position = get_u64(from)?.cast_signed();
            manifest.relations.insert(id, Kept { next_position, image: Image::read(from)? });
        }
        if version == VERSION_WITHOUT_VIEWS {
            return Ok(manifest);
        }
        for _ in 0..get_u64(from)? {
            let id = RelationId(get_u64(from)?);
            manifest.views.insert(id, ViewState::read(from)?);
        }
        manifest.failures = FailureState::read(from)?;
        Ok(manifest)
    }

    /// Forgets relations that are not what they were: what was kept of them is of no use to
    /// the next epoch.
    pub(crate) fn retain(&mut self, is_restored: &dyn Fn(RelationId) -> bool) {
        self.relations.retain(|id, _| is_restored(*id));
        self.views.retain(|id, _| is_restored(*id));
    }

    /// Puts the rows that were kept into a relation that has none yet.
    pub(crate) fn restore(&self, relation: &mut Relation, blobs: &dyn Blobs) -> Result<()> {
        let Some(kept) = self.relations.get(&relation.id()) else { return Ok(()) };
        relation.restore(kept.next_position, &kept.image, blobs)
    }
}

fn corrupt(message: &str) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}

#[cfg(test)]
mod tests {
    use super::super::view_state::Piece;
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_half_of_one_does_not() {
        let position =
            Position { relation: RelationId(7), part: "a.csv".into(), place: vec![1, 2, 3] };
        let kept = Kept { next_position: 42, image: Image::default() };
        let pieces = vec![Piece { bases: 7, extents: vec![] }, Piece::default()];
        let state = ViewState { fingerprint: 99, pieces };
        let manifest = Manifest {
            seed: u64::MAX,
            time: -5,
            transactions: vec![1, 2],
            positions: vec![position],
            relations: BTreeMap::from([(RelationId(9), kept)]),
            views: BTreeMap::from([(RelationId(10), state)]),
            failures: FailureState::default(),
        };
        let bytes = manifest.write();
        assert_eq!(Manifest::read(&bytes).unwrap(), manifest);
        for cut in 0..bytes.len() {
            assert_eq!(Manifest::read(&bytes[..cut]).unwrap_err().kind(), ErrorKind::Corrupt);
        }
    }
}
