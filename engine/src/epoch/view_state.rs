//! Where the state of a view's operators is stored.
use std::collections::BTreeSet;

use storage::BlobId;

use super::piece::{Extents, Packer, Unpacker, add_blobs, length, read_extents, write_extents};
use crate::Result;
use crate::codec::{get_u8, get_u64, put_u64};

/// Pieces of a view from which on small ones are made one.
const PIECES_MAX: usize = 32;

/// Up to this size a piece is small.
const SMALL_BYTES_MAX: u64 = 512 << 10;

/// The pieces of a view, which fit only one plan and one form of state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ViewState {
    /// Of the plan, and of the form in which state is written.
    pub(crate) fingerprint: u64,
    pub(crate) pieces: Vec<Piece>,
}

/// What an epoch wrote of a view's state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Which shards' bases it has, a bit each.
    pub(crate) bases: u8,
    pub(crate) extents: Extents,
}

impl ViewState {
    /// Adds an epoch's piece, and lets go of those that it makes useless.
    pub(super) fn add(&mut self, piece: Piece) {
        if piece.bases != 0 || !piece.extents.is_empty() {
            self.pieces.push(piece);
        }
        let mut later = 0;
        let mut needed = 0;
        for piece in self.pieces.iter().rev() {
            if later == u8::MAX {
                break;
            }
            later |= piece.bases;
            needed += 1;
        }
        self.pieces.drain(..self.pieces.len() - needed);
    }

    /// Writes the first run of small pieces as one, if there are many pieces: returns its
    /// place among them, if there is such a run.
    pub(super) fn merge(
        &mut self,
        view: u64,
        unpacker: &mut Unpacker<'_>,
        packer: &mut Packer<'_>,
    ) -> Result<Option<usize>> {
        if self.pieces.len() <= PIECES_MAX {
            return Ok(None);
        }
        let small = |piece: &Piece| piece.bases == 0 && length(&piece.extents) <= SMALL_BYTES_MAX;
        let runs = self.pieces.chunk_by(|left, right| small(left) && small(right));
        let mut start = 0;
        let mut longest = 0..0;
        for run in runs {
            if run.len() > longest.len() {
                longest = start..start + run.len();
            }
            start += run.len();
        }
        if longest.len() < 2 {
            return Ok(None);
        }
        for piece in self.pieces.get(longest.clone()).unwrap_or_default() {
            packer.add(view, &unpacker.read(&piece.extents)?)?;
        }
        let place = longest.start;
        self.pieces.splice(longest, [Piece::default()]);
        Ok(Some(place))
    }

    /// Says where a merged piece is.
    pub(super) fn set(&mut self, place: usize, extents: Extents) {
        if let Some(piece) = self.pieces.get_mut(place) {
            piece.extents = extents;
        }
    }

    pub(super) fn add_blobs(&self, blobs: &mut BTreeSet<BlobId>) {
        self.pieces.iter().for_each(|piece| add_blobs(&piece.extents, blobs));
    }

    pub(super) fn write(&self, into: &mut Vec<u8>) {
        put_u64(into, self.fingerprint);
        put_u64(into, self.pieces.len() as u64);
        for piece in &self.pieces {
            into.push(piece.bases);
            write_extents(&piece.extents, into);
        }
    }

    pub(super) fn read(from: &mut &[u8]) -> Result<Self> {
        let fingerprint = get_u64(from)?;
        let mut pieces = vec![];
        for _ in 0..get_u64(from)? {
            pieces.push(Piece { bases: get_u8(from)?, extents: read_extents(from)? });
        }
        Ok(Self { fingerprint, pieces })
    }
}

#[cfg(test)]
mod tests {
    use storage::{Blobs, Memory};

    use super::*;

    fn add(state: &mut ViewState, blobs: &dyn Blobs, bases: u8, bytes: &[u8]) {
        let mut packer = Packer::new(blobs);
        packer.add(0, bytes).unwrap();
        let extents = packer.finish().unwrap().remove(&0).unwrap_or_default();
        state.add(Piece { bases, extents });
        let mut packer = Packer::new(blobs);
        let merged = state.merge(0, &mut Unpacker::new(blobs), &mut packer).unwrap();
        let mut extents = packer.finish().unwrap();
        if let Some(place) = merged {
            state.set(place, extents.remove(&0).unwrap_or_default());
        }
    }

    fn read(state: &ViewState, blobs: &dyn Blobs) -> Vec<u8> {
        let mut unpacker = Unpacker::new(blobs);
        let pieces = state.pieces.iter().map(|piece| unpacker.read(&piece.extents).unwrap());
        pieces.collect::<Vec<_>>().concat()
    }

    #[test]
    fn small_pieces_become_one_and_stay_in_order() {
        let blobs = Memory::new().open().blobs;
        let mut state = ViewState::default();
        add(&mut state, &*blobs, u8::MAX, b"base");
        let mut expected = b"base".to_vec();
        for step in 0..1_000 {
            let bytes = format!("{step} ");
            add(&mut state, &*blobs, 0, bytes.as_bytes());
            expected.extend(bytes.into_bytes());
            assert!(state.pieces.len() <= PIECES_MAX, "{}", state.pieces.len());
        }
        assert_eq!(read(&state, &*blobs), expected);
        add(&mut state, &*blobs, 0, b"");
        assert_eq!(read(&state, &*blobs), expected);
    }

    #[test]
    fn pieces_go_when_every_shard_has_a_later_base() {
        let blobs = Memory::new().open().blobs;
        let mut state = ViewState::default();
        add(&mut state, &*blobs, u8::MAX, b"a");
        add(&mut state, &*blobs, 0x0f, b"b");
        add(&mut state, &*blobs, 0, b"c");
        add(&mut state, &*blobs, 0xe0, b"d");
        assert_eq!(read(&state, &*blobs), b"abcd");
        add(&mut state, &*blobs, 0x10, b"e");
        assert_eq!(read(&state, &*blobs), b"bcde");
        add(&mut state, &*blobs, u8::MAX, b"");
        assert_eq!(read(&state, &*blobs), b"");
    }
}
