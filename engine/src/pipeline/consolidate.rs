//! A delta in which no row stands with both signs.
use arrow::array::{Int64Array, UInt32Array};
use arrow::row::{RowConverter, SortField};
use hashbrown::HashTable;

use crate::state::hash::Hash;
use crate::{Delta, Result};

/// Adds up the weights of equal rows (equal to the bit) and leaves out those that come
/// to nothing. Where all weights have one sign it changes nothing: equal rows may then
/// stand in it more than once.
pub(crate) fn consolidate(delta: Delta) -> Result<Delta> {
    let Some(weights) = delta.weights() else { return Ok(delta) };
    let retracted = weights.values().iter().filter(|weight| **weight < 0).count();
    let zero = weights.values().contains(&0);
    if !zero && (retracted == 0 || retracted == delta.len()) {
        return Ok(delta);
    }
    let fields = delta
        .schema()
        .fields()
        .iter()
        .map(|field| SortField::new(field.data_type().clone()))
        .collect();
    let rows = RowConverter::new(fields)?.convert_columns(delta.rows().columns())?;
    let hash = Hash::new(0);
    let mut index: HashTable<(u64, usize)> = HashTable::new();
    let mut sums: Vec<(u32, i64)> = vec![];
    for ((row, number), weight) in rows.iter().zip(0_u32..).zip(delta.weights_iter()) {
        let hashed = hash.bytes(row.data());
        let same = |(other, place): &(u64, usize)| {
            let first = sums.get(*place).map(|(first, _)| rows.row(*first as usize));
            *other == hashed && first == Some(row)
        };
        match index.find(hashed, same).map(|(_, place)| *place) {
            Some(place) => {
                if let Some((_, sum)) = sums.get_mut(place) {
                    *sum = sum.wrapping_add(weight);
                }
            }
            None => {
                index.insert_unique(hashed, (hashed, sums.len()), |(hash, _)| *hash);
                sums.push((number, weight));
            }
        }
    }
    sums.retain(|(_, weight)| *weight != 0);
    let kept: UInt32Array = sums.iter().map(|(number, _)| *number).collect::<Vec<_>>().into();
    let weights: Int64Array = sums.iter().map(|(_, weight)| *weight).collect::<Vec<_>>().into();
    Delta::new(arrow::compute::take_record_batch(delta.rows(), &kept)?, weights)
}
