//! A simulated disk: what is visible now, and what would outlive a loss of power.
//!
//! For each file it keeps the writes since the last sync apart, and for each folder the
//! changes of names. [`Disk::lose_power`] keeps any of them, whole or torn.
use crate::generator::Generator;
use std::collections::BTreeMap;

/// Bytes that a disk writes wholly or not at all, most of the time.
const SECTOR_BYTES: u64 = 512;

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Folder,
    /// The index of a node.
    File(usize),
}

/// The bytes of a file.
#[derive(Clone, Default)]
pub(super) struct Node {
    pub(super) visible: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<(u64, Vec<u8>)>,
}

/// A change of names that is not durable yet.
#[derive(Clone)]
struct Change {
    folder: String,
    unlinked: Option<String>,
    linked: Option<(String, Entry)>,
}

/// All files, by their paths.
#[derive(Clone, Default)]
pub(super) struct Disk {
    pub(super) nodes: Vec<Node>,
    pub(super) names: BTreeMap<String, Entry>,
    durable_names: BTreeMap<String, Entry>,
    changes: Vec<Change>,
}

impl Node {
    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) {
        overwrite(&mut self.visible, bytes, offset);
        self.unsynced.push((offset, bytes.to_vec()));
    }

    pub(super) fn sync(&mut self) {
        for (offset, bytes) in self.unsynced.drain(..) {
            overwrite(&mut self.durable, &bytes, offset);
        }
    }

    /// As Linux does when a sync fails: what was to be written counts as written.
    pub(super) fn forget_unsynced(&mut self) {
        self.unsynced.clear();
    }

    /// Changes a bit where it is stored.
    pub(super) fn flip(&mut self, offset: u64, bit: u32) {
        for bytes in [&mut self.visible, &mut self.durable] {
            if let Some(byte) = bytes.get_mut(offset as usize) {
                *byte ^= 1 << (bit % 8);
            }
        }
    }

    fn lose_power(&mut self, generator: &mut Generator) {
        for (offset, bytes) in std::mem::take(&mut self.unsynced) {
            match generator.below(4) {
                0 => {}
                1 => overwrite(&mut self.durable, &bytes, offset),
                2 => {
                    let kept = generator.below(bytes.len() as u64 + 1) as usize;
                    overwrite(&mut self.durable, bytes.get(..kept).unwrap_or(&bytes), offset);
                }
                _ => self.keep_sectors(&bytes, offset, generator),
            }
        }
        self.visible.clone_from(&self.durable);
    }

    fn keep_sectors(&mut self, mut bytes: &[u8], mut offset: u64, generator: &mut Generator) {
        while !bytes.is_empty() {
            let length = (SECTOR_BYTES - offset % SECTOR_BYTES).min(bytes.len() as u64);
            let (sector, rest) = bytes.split_at(length as usize);
            if generator.below(2) == 0 {
                overwrite(&mut self.durable, sector, offset);
            }
            (bytes, offset) = (rest, offset + length);
        }
    }
}

impl Disk {
    /// Changes a folder's names: one goes, one comes, at the same moment.
    pub(super) fn change(&mut self, unlinked: Option<&str>, linked: Option<(&str, Entry)>) {
        let path = linked.map(|(path, _)| path).or(unlinked).unwrap_or_default();
        let change = Change {
            folder: folder(path).to_owned(),
            unlinked: unlinked.map(str::to_owned),
            linked: linked.map(|(path, entry)| (path.to_owned(), entry)),
        };
        change.apply(&mut self.names);
        self.changes.push(change);
    }

    pub(super) fn sync_folder(&mut self, path: &str) {
        let (synced, rest) = std::mem::take(&mut self.changes)
            .into_iter()
            .partition::<Vec<_>, _>(|change| change.folder == path);
        self.changes = rest;
        for change in synced {
            change.apply(&mut self.durable_names);
        }
    }

    /// Keeps any part of what was not synced, chosen by `generator`.
    pub(super) fn lose_power(&mut self, generator: &mut Generator) {
        for node in &mut self.nodes {
            node.lose_power(generator);
        }
        for change in std::mem::take(&mut self.changes) {
            if generator.below(2) == 0 {
                change.apply(&mut self.durable_names);
            }
        }
        let names = &self.durable_names;
        let is_reachable = |path: &str| folder(path).is_empty() || names.contains_key(folder(path));
        self.names = names.clone().into_iter().filter(|(path, _)| is_reachable(path)).collect();
        self.durable_names.clone_from(&self.names);
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, Entry>) {
        if let Some(unlinked) = &self.unlinked {
            names.remove(unlinked);
        }
        if let Some((path, entry)) = &self.linked {
            names.insert(path.clone(), *entry);
        }
    }
}

/// The folder of a path; `""` is the directory itself.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn overwrite(all: &mut Vec<u8>, bytes: &[u8], offset: u64) {
    let (begin, end) = (offset as usize, offset as usize + bytes.len());
    if bytes.is_empty() {
        return;
    }
    if all.len() < end {
        all.resize(end, 0);
    }
    if let Some(part) = all.get_mut(begin..end) {
        part.copy_from_slice(bytes);
    }
}
