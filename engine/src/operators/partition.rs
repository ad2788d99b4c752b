//! One partition of a top-k: its rows in order, and which of them are shown.
use std::sync::Arc;

use crate::state::ordered::Ordered;

/// Which rows of a partition are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    /// How many are left out first.
    pub(crate) skip: u64,
    /// How many are shown then.
    pub(crate) limit: u64,
    /// Whether each is shown with its number.
    pub(crate) numbered: bool,
    /// Whether no row is ever retracted, so that what is not shown need not be kept.
    pub(crate) append_only: bool,
}

/// A row: what it sorts by, then the row itself; compared by all of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    bytes: Arc<[u8]>,
    start: u32,
}

/// A row that came into view, or left it.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The row.
    pub(crate) entry: Entry,
    /// Its number, from 1; 0 where numbers are not shown.
    pub(crate) number: u64,
    /// How many copies.
    pub(crate) weight: i64,
}

/// A row in view: its copies have consecutive numbers.
#[derive(Clone, Debug)]
struct Run {
    entry: Entry,
    first: u64,
    copies: u64,
}

/// The rows of one partition.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    rows: Ordered<Entry>,
    row_bytes: usize,
    /// The last row in view, if the view is full: what is behind it is not seen.
    last: Option<Entry>,
    /// What was in view before the tick, once something there has changed.
    before: Option<Vec<Run>>,
}

impl Entry {
    pub(crate) fn new(sort: &[u8], row: &[u8]) -> Self {
        Self { bytes: [sort, row].concat().into(), start: sort.len() as u32 }
    }

    /// The row's bytes.
    pub(crate) fn row(&self) -> &[u8] {
        self.bytes.get(self.start as usize..).unwrap_or_default()
    }
}

impl Range {
    fn end(&self) -> u64 {
        self.skip.saturating_add(self.limit)
    }
}

impl Partition {
    /// Adds `weight` copies of a row.
    pub(crate) fn add(&mut self, entry: Entry, weight: i64, range: Range) {
        let unseen = self.last.as_ref().is_some_and(|last| entry > *last);
        if unseen && range.append_only {
            return;
        }
        if !unseen && self.before.is_none() {
            self.before = Some(self.view(range));
        }
        let (length, before) = (entry.bytes.len(), self.rows.len());
        self.rows.add(entry, weight);
        match self.rows.len() {
            more if more > before => self.row_bytes += length,
            fewer if fewer < before => self.row_bytes = self.row_bytes.saturating_sub(length),
            _ => {}
        }
    }

    /// Appends what came into view and what left it since the last call.
    pub(crate) fn settle(&mut self, range: Range, shown: &mut Vec<Shown>) {
        let Some(before) = self.before.take() else { return };
        let after = self.view(range);
        let end = range.end();
        self.last = after
            .last()
            .filter(|run| run.first.saturating_add(run.copies) > end)
            .map(|run| run.entry.clone());
        if range.append_only && self.last.is_some() {
            let mut kept = Ordered::default();
            self.row_bytes = 0;
            let seen = self.rows.iter().take_while(|(entry, _)| Some(*entry) <= self.last.as_ref());
            for (entry, count) in seen {
                self.row_bytes += entry.bytes.len();
                kept.add(entry.clone(), count);
            }
            self.rows = kept;
        }
        differ(&before, &after, range.numbered, shown);
    }

    /// All rows and how often each is there.
    pub(crate) fn rows(&self) -> &Ordered<Entry> {
        &self.rows
    }

    /// Makes a row be there so often, without showing what comes of it.
    pub(crate) fn restore(&mut self, entry: Entry, count: i64, range: Range) {
        let weight = count.wrapping_sub(self.rows.count(&entry));
        if weight != 0 {
            self.last = None;
            self.add(entry, weight, range);
        }
    }

    /// Whether there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes allocated.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.bytes() + self.row_bytes + self.rows.len() * 2 * size_of::<usize>()
    }

    /// The rows in view, in order.
    fn view(&self, range: Range) -> Vec<Run> {
        let (mut runs, mut next) = (vec![], 1_u64);
        let end = range.end();
        for (entry, count) in self.rows.iter().filter(|(_, count)| *count > 0) {
            if next > end {
                break;
            }
            let after = next.saturating_add(count.unsigned_abs());
            let first = next.max(range.skip.saturating_add(1));
            let last = after.min(end.saturating_add(1));
            if first < last {
                runs.push(Run { entry: entry.clone(), first, copies: last - first });
            }
            next = after;
        }
        runs
    }
}

/// What must be added to `before` to make `after`; both are in order.
fn differ(before: &[Run], after: &[Run], numbered: bool, shown: &mut Vec<Shown>) {
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let (gone, come) = match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some(_), None) => (old.next(), None),
            (None, Some(_)) => (None, new.next()),
            (Some(left), Some(right)) => match left.entry.cmp(&right.entry) {
                std::cmp::Ordering::Less => (old.next(), None),
                std::cmp::Ordering::Equal => (old.next(), new.next()),
                std::cmp::Ordering::Greater => (None, new.next()),
            },
        };
        let Some(entry) = gone.or(come).map(|run| &run.entry) else { return };
        let numbers = |run: Option<&Run>| run.map_or(0..0, |run| run.first..run.first + run.copies);
        let (gone, come) = (numbers(gone), numbers(come));
        if numbered {
            let mut show = |number, weight| {
                shown.push(Shown { entry: entry.clone(), number, weight });
            };
            gone.clone().filter(|n| !come.contains(n)).for_each(|number| show(number, -1));
            come.filter(|n| !gone.contains(n)).for_each(|number| show(number, 1));
        } else {
            let weight = (come.end - come.start) as i64 - (gone.end - gone.start) as i64;
            if weight != 0 {
                shown.push(Shown { entry: entry.clone(), number: 0, weight });
            }
        }
    }
}
