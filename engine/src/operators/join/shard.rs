//! One shard of a join: the keys it has, and both sides' rows by key.
//!
//! The sides take turns: what changed on the left meets the right as it was, then what
//! changed on the right meets the left as it is.
use super::bag::{Added, Bag, List};
use super::operator::Written;
use super::pairs::{Half, PAIRS_MAX, Shape, Side};
use crate::expression::Failures;
use crate::state::key::{KeyEncoder, Keys};
use crate::state::record::{Reader, Writer};
use crate::state::row_bytes::Encoded;
use crate::state::table::{PASS_ROWS, StateTable};
use crate::state::unwritten::Change;
use crate::{Delta, Error, ErrorKind, Result};

/// How a key that is gone is written, and one that is there; rows are written as of their
/// side, 0 or 1.
const KEY_GONE: u64 = 2;
const KEY: u64 = 3;

/// A key's row has two words: how many rows of either side have the key.
pub(super) struct Shard {
    keys: StateTable,
    /// The rows of a key, by its slot.
    lists: Vec<[List; 2]>,
    bags: [Bag; 2],
}

/// What changed on one side, as seen by all shards.
pub(super) struct Input<'a> {
    pub(super) side: Side,
    pub(super) delta: &'a Delta,
    pub(super) keys: Keys,
    pub(super) rows: Encoded,
    /// Rows whose key matches nothing, since a part of it is NULL.
    pub(super) unmatchable: Option<Vec<bool>>,
}

/// What one shard puts out.
#[derive(Default)]
pub(super) struct Found {
    pub(super) deltas: Vec<Delta>,
    pub(super) failures: Failures,
    pub(super) operator: i32,
}

/// A row of the delta on its way through a turn.
struct Turn {
    row: u32,
    weight: i64,
    /// Its key's slot, unless it can match nothing.
    slot: Option<u32>,
    /// How many rows of the other side match it.
    matches: i64,
}

/// Pairs that wait to be looked at together.
#[derive(Default)]
struct Waiting {
    turns: Vec<usize>,
    rows: Vec<u32>,
    numbers: Vec<u32>,
    weights: Vec<i64>,
}

impl Shard {
    pub(super) fn new(encoder: &KeyEncoder) -> Self {
        let bag = || Bag::new(encoder.hasher());
        Self { keys: StateTable::new(encoder, 2), lists: vec![], bags: [bag(), bag()] }
    }

    /// Lets some rows of a side meet the other side, then keeps them.
    pub(super) fn process(
        &mut self,
        shape: &Shape,
        input: &Input<'_>,
        rows: &[u32],
        found: &mut Found,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.keys.begin();
        let mut turns = self.turns(input, rows)?;
        let mut turned = vec![];
        if shape.shows_pairs() || shape.residual.is_some() {
            turned = self.meet(shape, input, &mut turns, found)?;
        } else {
            for turn in &mut turns {
                turn.matches = turn.slot.map_or(0, |slot| self.total(slot, input.side.other()));
            }
        }
        show_given(shape, input, &turns, found)?;
        for turn in &turns {
            self.keep(shape, input, turn)?;
        }
        if shape.has_alone(input.side.other()) {
            self.show_turned(shape, input.side.other(), turned, found)?;
        }
        self.remove_empty();
        Ok(())
    }

    /// Finds or makes the key of each row.
    fn turns(&mut self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<Turn>> {
        let weights = input.delta.weights().map(|weights| weights.values());
        let turn = |row: u32, slot: Option<u32>| Turn {
            row,
            weight: weights.map_or(Some(1), |w| w.get(row as usize).copied()).unwrap_or_default(),
            slot,
            matches: 0,
        };
        let mut turns = Vec::with_capacity(rows.len());
        let mut matchable = rows.to_vec();
        if let Some(unmatchable) = &input.unmatchable {
            let alone = |row: &u32| unmatchable.get(*row as usize).copied().unwrap_or_default();
            turns.extend(rows.iter().filter(|row| alone(row)).map(|row| turn(*row, None)));
            matchable.retain(|row| !alone(row));
        }
        let mut slots = vec![];
        for pass in matchable.chunks(PASS_ROWS) {
            self.keys.touch(&input.keys, pass, &mut slots)?;
            turns.extend(pass.iter().zip(&slots).map(|(row, slot)| turn(*row, Some(*slot))));
        }
        let needed = turns.iter().filter_map(|turn| turn.slot).max().map_or(0, |max| max + 1);
        if self.lists.len() < needed as usize {
            self.lists.resize_with(needed as usize, Default::default);
        }
        Ok(turns)
    }

    fn total(&self, slot: u32, side: Side) -> i64 {
        self.keys.row(slot).get(side.at()).map_or(0, |total| *total as i64)
    }

    /// Puts out the pairs that rows make with the other side, counts the matches of both,
    /// and returns rows of the other side whose matches changed, with what they had.
    fn meet(
        &mut self,
        shape: &Shape,
        input: &Input<'_>,
        turns: &mut [Turn],
        found: &mut Found,
    ) -> Result<Vec<(u32, i64)>> {
        let other = input.side.other();
        let mut changed = vec![];
        let mut waiting = Waiting::default();
        for place in 0..turns.len() {
            let Some(turn) = turns.get(place) else { break };
            let Some(slot) = turn.slot else { continue };
            let (row, weight) = (turn.row, turn.weight);
            let numbers = self.list(slot, other).len();
            let mut start = 0;
            while start < numbers {
                let room = PAIRS_MAX - waiting.rows.len();
                let end = numbers.min(start + room);
                for number in self.list(slot, other).get(start..end).unwrap_or_default() {
                    let count = self.bag(other)?.get(*number).map_or(0, |record| record.weight);
                    waiting.turns.push(place);
                    waiting.rows.push(row);
                    waiting.numbers.push(*number);
                    waiting.weights.push(weight.wrapping_mul(count));
                }
                start = end;
                if waiting.rows.len() == PAIRS_MAX {
                    self.look(shape, input, &mut waiting, (turns, &mut changed, found))?;
                }
            }
        }
        self.look(shape, input, &mut waiting, (turns, &mut changed, found))?;
        Ok(changed)
    }

    /// Looks at the pairs that wait.
    fn look(
        &mut self,
        shape: &Shape,
        input: &Input<'_>,
        waiting: &mut Waiting,
        (turns, changed, found): (&mut [Turn], &mut Vec<(u32, i64)>, &mut Found),
    ) -> Result<()> {
        if waiting.rows.is_empty() {
            return Ok(());
        }
        let other = input.side.other();
        let mut pairs = std::mem::take(waiting);
        if shape.residual.is_some() {
            let halves = (
                &Half::Given(input.delta.rows(), &pairs.rows),
                &Half::Kept(self.bag(other)?, &pairs.numbers),
            );
            let failures = (&mut found.failures, found.operator);
            let matching = shape.matching(input.side, halves, &pairs.weights, failures)?;
            pairs.retain(&matching);
        }
        for (place, number) in pairs.turns.iter().zip(&pairs.numbers) {
            let Some(turn) = turns.get_mut(*place) else { continue };
            let Some(bag) = self.bags.get_mut(other.at()) else { continue };
            let weight = bag.get(*number).map_or(0, |record| record.weight);
            turn.matches = turn.matches.wrapping_add(weight);
            if shape.residual.is_some() {
                changed.push((*number, bag.match_more(*number, turn.weight)));
            }
        }
        if shape.shows_pairs() && !pairs.rows.is_empty() {
            let halves = (
                &Half::Given(input.delta.rows(), &pairs.rows),
                &Half::Kept(self.bag(other)?, &pairs.numbers),
            );
            found.deltas.push(shape.show_pairs(input.side, halves, pairs.weights)?);
        }
        Ok(())
    }

    /// From now on changes are noted; what is there counts as written, or is to be.
    pub(super) fn track(&mut self, shape: &Shape, written: bool) {
        for side in [Side::Left, Side::Right] {
            if let Some(bag) = self.bags.get_mut(side.at()).filter(|_| shape.keeps(side)) {
                bag.track(written);
            }
        }
        if !shape.keeps(Side::Right) {
            self.keys.track(written);
        }
    }

    /// How many rows are to be written at most.
    pub(super) fn unwritten(&self) -> usize {
        self.bags.iter().map(Bag::unwritten).sum::<usize>() + self.keys.unwritten()
    }

    /// Writes rows of both sides that have changed since they were written; where a side's
    /// are only counted, the keys.
    pub(super) fn capture(&mut self, writer: &mut Writer) {
        for (kind, bag) in (0..).zip(&mut self.bags) {
            while !writer.is_full() && bag.write_change(kind, writer) {}
        }
        while !writer.is_full() {
            let Some(change) = self.keys.next_change() else { break };
            match change {
                Change::Nothing => writer.pass(),
                Change::Gone(key) => {
                    writer.row();
                    writer.number(KEY_GONE);
                    writer.bytes(&key);
                }
                Change::Row(slot) => {
                    writer.row();
                    writer.number(KEY);
                    self.keys.write_key(slot, writer);
                    writer.signed(self.total(slot, Side::Right));
                }
            }
        }
    }

    /// Takes back rows of a side, as they were captured.
    pub(super) fn restore_rows(
        &mut self,
        shape: &Shape,
        input: &Input<'_>,
        rows: &[Written<'_>],
    ) -> Result<()> {
        self.keys.begin();
        let numbers: Vec<u32> = (0..rows.len() as u32).collect();
        let mut turns = self.turns(input, &numbers)?;
        turns.sort_by_key(|turn| turn.row);
        for (mut turn, (bytes, weight, matches)) in turns.into_iter().zip(rows) {
            let bag = self.bag(input.side)?;
            let before = bag.find(bytes).and_then(|number| bag.get(number));
            turn.weight = weight.wrapping_sub(before.map_or(0, |record| record.weight));
            turn.matches = *matches;
            if turn.weight != 0 {
                self.keep(shape, input, &turn)?;
            }
            let bag = self.bags.get_mut(input.side.at());
            if let Some(record) = bag.and_then(|bag| {
                let number = bag.find(bytes)?;
                bag.get_mut(number)
            }) {
                record.matches = *matches;
            }
        }
        self.remove_empty();
        Ok(())
    }

    /// Takes back how many rows of the right side a key has.
    pub(super) fn restore_key(&mut self, kind: u64, reader: &mut Reader<'_>) -> Result<()> {
        if kind == KEY_GONE {
            if let Some(slot) = self.keys.find_removed(reader.bytes()?)? {
                self.set_total(slot, 0);
                if self.list(slot, Side::Left).is_empty() {
                    self.keys.remove(slot);
                }
            }
            return Ok(());
        }
        if kind != KEY {
            return Err(Error::new(ErrorKind::Corrupt, "XX001", "a join's key has no known form"));
        }
        let slot = self.keys.read_key(reader)?;
        self.set_total(slot, reader.signed()?);
        if self.lists.len() <= slot as usize {
            self.lists.resize_with(slot as usize + 1, Default::default);
        }
        Ok(())
    }

    fn set_total(&mut self, slot: u32, total: i64) {
        if let Some(word) = self.keys.row_mut(slot).get_mut(Side::Right.at()) {
            *word = total as u64;
        }
    }

    /// Adds a row to its side.
    fn keep(&mut self, shape: &Shape, input: &Input<'_>, turn: &Turn) -> Result<()> {
        let Some(slot) = turn.slot else { return Ok(()) };
        let side = input.side.at();
        if let Some(total) = self.keys.row_mut(slot).get_mut(side) {
            *total = total.wrapping_add(turn.weight as u64);
        }
        if !shape.keeps(input.side) {
            return Ok(());
        }
        let list = self.lists.get_mut(slot as usize).and_then(|lists| lists.get_mut(side));
        let (Some(bag), Some(list)) = (self.bags.get_mut(side), list) else {
            return Err(Error::internal("a join has two sides"));
        };
        match bag.add(input.rows.get(turn.row), turn.weight)? {
            Added::New(number) => {
                let place = list.push(number);
                if let Some(record) = bag.get_mut(number) {
                    record.place = place;
                    record.matches = turn.matches;
                }
            }
            Added::Kept(_) => {}
            Added::Gone(number) => {
                let place = bag.get(number).map_or(0, |record| record.place);
                if let Some(moved) = list.remove(place).and_then(|moved| bag.get_mut(moved)) {
                    moved.place = place;
                }
            }
        }
        Ok(())
    }

    /// Puts out the rows of `side` that were not touched but have now, or have no longer,
    /// a match; `turned` are those whose matches were counted one by one.
    fn show_turned(
        &mut self,
        shape: &Shape,
        side: Side,
        turned: Vec<(u32, i64)>,
        found: &mut Found,
    ) -> Result<()> {
        let mut numbers = vec![];
        let mut weights = vec![];
        let bag = self.bag(side)?;
        let mut show = |number: u32, before: bool, after: bool| {
            let weight = bag.get(number).map_or(0, |record| record.weight);
            let sign = match before != after {
                true if shape.shows_alone(side, after) => 1,
                true => -1,
                false => return,
            };
            numbers.push(number);
            weights.push(weight.wrapping_mul(sign));
        };
        if shape.residual.is_some() {
            // The first count of each is the one before the tick.
            let mut turned = turned;
            turned.sort_by_key(|(number, _)| *number);
            turned.dedup_by_key(|(number, _)| *number);
            for (number, before) in turned {
                let after = bag.get(number).map_or(0, |record| record.matches);
                show(number, before > 0, after > 0);
            }
        } else {
            for (place, touch) in self.keys.touched().iter().enumerate() {
                let other = side.other().at();
                let old = self.keys.old(place).get(other).map_or(0, |total| *total as i64);
                let new = self.total(touch.slot, side.other());
                if (old > 0) != (new > 0) {
                    let list = self.list(touch.slot, side);
                    list.iter().for_each(|number| show(*number, old > 0, new > 0));
                }
            }
        }
        for (numbers, weights) in numbers.chunks(PAIRS_MAX).zip(weights.chunks(PAIRS_MAX)) {
            let half = Half::Kept(bag, numbers);
            found.deltas.push(shape.show_alone(side, &half, weights.to_vec())?);
        }
        Ok(())
    }

    fn remove_empty(&mut self) {
        for place in 0..self.keys.touched().len() {
            let Some(slot) = self.keys.touched().get(place).map(|touch| touch.slot) else { return };
            let empty = |side| self.list(slot, side).is_empty();
            if self.keys.row(slot) == [0, 0] && empty(Side::Left) && empty(Side::Right) {
                self.keys.remove(slot);
            }
        }
    }

    fn list(&self, slot: u32, side: Side) -> &[u32] {
        let lists = self.lists.get(slot as usize);
        lists.and_then(|lists| lists.get(side.at())).map_or(&[], List::as_slice)
    }

    fn bag(&self, side: Side) -> Result<&Bag> {
        self.bags.get(side.at()).ok_or_else(|| Error::internal("a join has two sides"))
    }

    /// Bytes of the keys, of the left and of the right rows.
    pub(super) fn bytes(&self) -> [usize; 3] {
        let lists = self.lists.iter().flatten().map(List::bytes).sum::<usize>();
        let lists = lists + self.lists.capacity() * size_of::<[List; 2]>();
        let [left, right] = &self.bags;
        [self.keys.bytes() + lists, left.bytes(), right.bytes()]
    }
}

impl Waiting {
    fn retain(&mut self, keep: &[bool]) {
        fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
            let mut keep = keep.iter();
            items.retain(|_| keep.next().copied().unwrap_or_default());
        }
        retain(&mut self.turns, keep);
        retain(&mut self.rows, keep);
        retain(&mut self.numbers, keep);
        retain(&mut self.weights, keep);
    }
}

/// Puts out the rows of the delta that stand alone.
fn show_given(shape: &Shape, input: &Input<'_>, turns: &[Turn], found: &mut Found) -> Result<()> {
    let alone = turns.iter().filter(|turn| shape.shows_alone(input.side, turn.matches > 0));
    let (rows, weights): (Vec<u32>, Vec<i64>) = alone.map(|turn| (turn.row, turn.weight)).unzip();
    if rows.is_empty() {
        return Ok(());
    }
    let half = Half::Given(input.delta.rows(), &rows);
    found.deltas.push(shape.show_alone(input.side, &half, weights)?);
    Ok(())
}
