//! Files in memory that can lose power.
//!
//! [`ForgetfulFiles::lose_power`] keeps any part of what was not synced, names included,
//! and hands out a new view; all handles of before are dead. A disk can be told to fail,
//! to run out of power at a certain operation, or to lie about syncs: so that a test can
//! prove that it would notice a missing one. Everything follows from the seeds given.
use super::disk::{Disk, Entry, Node, folder};
use super::{File, Files, Lock};
use crate::generator::Generator;
use crate::{Error, Result};
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a disk can be told to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Writes fail because the disk is full.
    NoSpace,
    /// Writes fail otherwise.
    FailedWrite,
    /// Syncs fail, and what they were to make durable is lost.
    FailedSync,
    /// Syncs succeed and do nothing.
    SkippedSync,
}

/// A view of the simulated disk, alive until the next loss of power.
pub struct ForgetfulFiles {
    state: Arc<Mutex<State>>,
    cycle: u64,
}

#[derive(Default)]
struct State {
    disk: Disk,
    /// Counts the processes that were ended; a view of another one is dead.
    cycle: u64,
    operations: u64,
    power_until: Option<u64>,
    faults: Vec<(Fault, String)>,
    locks: BTreeSet<String>,
}

struct ForgetfulFile {
    state: Arc<Mutex<State>>,
    cycle: u64,
    node: usize,
    path: String,
}

struct ForgetfulLock {
    state: Arc<Mutex<State>>,
    cycle: u64,
    path: String,
}

impl ForgetfulFiles {
    /// An empty disk.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { state: Arc::default(), cycle: 0 })
    }

    /// Ends the process and the power: any part of what was not synced is kept.
    pub fn lose_power(&self, seed: u64) -> Arc<Self> {
        // Under one lock: a process that lived on in between would take what it wrote before
        // for synced.
        let mut state = self.state.lock();
        state.disk.lose_power(&mut Generator::new(seed));
        self.end(&mut state)
    }

    /// Ends the process only: all that was written is still there, synced or not.
    pub fn kill(&self) -> Arc<Self> {
        self.end(&mut self.state.lock())
    }

    fn end(&self, state: &mut State) -> Arc<Self> {
        state.cycle += 1;
        state.power_until = None;
        state.locks.clear();
        Arc::new(Self { state: self.state.clone(), cycle: state.cycle })
    }

    /// Another disk with the same bytes on it, seen by a new process.
    pub fn copy(&self) -> Arc<Self> {
        let disk = self.state.lock().disk.clone();
        let state = State { disk, ..State::default() };
        Arc::new(Self { state: Arc::new(Mutex::new(state)), cycle: 0 })
    }

    /// Lets so many more operations that change something succeed, and no more.
    pub fn cut_power_after(&self, operations: u64) {
        let mut state = self.state.lock();
        state.power_until = Some(state.operations + operations);
    }

    /// Operations that changed something, so far.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations
    }

    /// Goes wrong wherever the path is `pattern`, or begins with what stands before its `*`.
    pub fn fail(&self, fault: Fault, pattern: &str) {
        self.state.lock().faults.push((fault, pattern.to_owned()));
    }

    /// Makes syncs of such paths a lie; see [`ForgetfulFiles::fail`].
    pub fn skip_syncs_of(&self, pattern: &str) {
        self.fail(Fault::SkippedSync, pattern);
    }

    /// Goes wrong no longer.
    pub fn heal(&self) {
        self.state.lock().faults.clear();
    }

    /// Changes one bit of a file, as rot does.
    pub fn flip_bit(&self, path: &str, offset: u64, bit: u32) {
        let state = &mut *self.state.lock();
        if let Some(Entry::File(node)) = state.disk.names.get(path)
            && let Some(node) = state.disk.nodes.get_mut(*node)
        {
            node.flip(offset, bit);
        }
    }

    /// The paths of all files with their lengths.
    pub fn lengths(&self) -> Vec<(String, u64)> {
        let state = self.state.lock();
        let length = |(path, entry): (&String, &Entry)| match entry {
            Entry::File(node) => {
                let node = state.disk.nodes.get(*node)?;
                Some((path.clone(), node.visible.len() as u64))
            }
            Entry::Folder => None,
        };
        state.disk.names.iter().filter_map(length).collect()
    }

    fn node(&self, path: &str) -> Result<Arc<dyn File>> {
        let state = reach(&self.state, self.cycle)?;
        match state.disk.names.get(path) {
            Some(Entry::File(node)) => Ok(Arc::new(ForgetfulFile {
                state: self.state.clone(),
                cycle: self.cycle,
                node: *node,
                path: path.to_owned(),
            })),
            _ => Err(Error::corrupt(format!("could not open file \"{path}\": it is not there"))),
        }
    }
}

impl State {
    /// Whether syncs of `path` work: not at all, only seemingly, or truly.
    fn check_sync(&self, path: &str) -> Result<bool> {
        if self.has(Fault::FailedSync, path) {
            return Err(Error::unavailable(format!("could not sync \"{path}\": broken")));
        }
        Ok(!self.has(Fault::SkippedSync, path))
    }

    fn has(&self, fault: Fault, path: &str) -> bool {
        self.faults.iter().any(|(found, pattern)| {
            *found == fault
                && match pattern.strip_suffix('*') {
                    Some(start) => path.starts_with(start),
                    None => path == pattern,
                }
        })
    }

    fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || self.disk.names.get(path) == Some(&Entry::Folder)
    }
}

/// The state, if the view of `cycle` still lives.
fn reach(state: &Mutex<State>, cycle: u64) -> Result<MutexGuard<'_, State>> {
    let state = state.lock();
    let is_dead =
        cycle != state.cycle || state.power_until.is_some_and(|end| state.operations >= end);
    if is_dead { Err(Error::unavailable("the power is off")) } else { Ok(state) }
}

/// The state for an operation that changes something, which counts.
fn reach_to_change(state: &Mutex<State>, cycle: u64) -> Result<MutexGuard<'_, State>> {
    let mut state = reach(state, cycle)?;
    state.operations += 1;
    Ok(state)
}

impl Files for ForgetfulFiles {
    fn create_directory(&self, path: &str) -> Result<()> {
        let mut state = reach_to_change(&self.state, self.cycle)?;
        if !state.has_folder(path) {
            state.disk.change(None, Some((path, Entry::Folder)));
        }
        Ok(())
    }

    fn list(&self, directory: &str) -> Result<Vec<String>> {
        let state = reach(&self.state, self.cycle)?;
        if !state.has_folder(directory) {
            return Err(Error::corrupt(format!("directory \"{directory}\" is not there")));
        }
        let names = state.disk.names.keys().filter(|path| folder(path) == directory);
        Ok(names.filter_map(|path| path.rsplit('/').next()).map(str::to_owned).collect())
    }

    fn create(&self, path: &str) -> Result<Arc<dyn File>> {
        {
            let mut state = reach_to_change(&self.state, self.cycle)?;
            if state.disk.names.contains_key(path) || !state.has_folder(folder(path)) {
                return Err(Error::invalid(format!("could not create file \"{path}\"")));
            }
            if state.has(Fault::NoSpace, path) {
                return Err(Error::unavailable(format!("could not create \"{path}\": disk full")));
            }
            state.disk.nodes.push(Node::default());
            let node = state.disk.nodes.len() - 1;
            state.disk.change(None, Some((path, Entry::File(node))));
        }
        self.node(path)
    }

    fn open(&self, path: &str) -> Result<Arc<dyn File>> {
        self.node(path)
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut state = reach_to_change(&self.state, self.cycle)?;
        let Some(entry) = state.disk.names.get(from).copied() else {
            return Err(Error::corrupt(format!("could not rename \"{from}\": it is not there")));
        };
        state.disk.change(Some(from), Some((to, entry)));
        Ok(())
    }

    fn remove(&self, path: &str) -> Result<()> {
        let mut state = reach_to_change(&self.state, self.cycle)?;
        if !state.disk.names.contains_key(path) {
            return Err(Error::corrupt(format!("could not remove \"{path}\": it is not there")));
        }
        state.disk.change(Some(path), None);
        Ok(())
    }

    fn sync_directory(&self, path: &str) -> Result<()> {
        let mut state = reach_to_change(&self.state, self.cycle)?;
        if state.check_sync(path)? {
            state.disk.sync_folder(path);
        }
        Ok(())
    }

    fn lock(&self, path: &str) -> Result<Lock> {
        let mut state = reach(&self.state, self.cycle)?;
        if !state.locks.insert(path.to_owned()) {
            return Err(Error::unavailable("data directory is in use by another process"));
        }
        let (state, cycle, path) = (self.state.clone(), self.cycle, path.to_owned());
        Ok(Arc::new(ForgetfulLock { state, cycle, path }))
    }
}

impl File for ForgetfulFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let state = reach(&self.state, self.cycle)?;
        let node = state.disk.nodes.get(self.node);
        let bytes = node.and_then(|node| node.visible.get(offset as usize..)).unwrap_or_default();
        let read = bytes.len().min(buffer.len());
        if let Some((to, from)) = buffer.get_mut(..read).zip(bytes.get(..read)) {
            to.copy_from_slice(from);
        }
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let mut state = reach_to_change(&self.state, self.cycle)?;
        let is_full = state.has(Fault::NoSpace, &self.path);
        let is_failed = is_full || state.has(Fault::FailedWrite, &self.path);
        // A write that fails may have written some of its bytes.
        let written = if is_failed { bytes.len() / 2 } else { bytes.len() };
        if let Some(node) = state.disk.nodes.get_mut(self.node) {
            node.write(bytes.get(..written).unwrap_or(bytes), offset);
        }
        let path = &self.path;
        let why = if is_full { "disk full" } else { "broken" };
        if is_failed {
            return Err(Error::unavailable(format!("could not write file \"{path}\": {why}")));
        }
        Ok(())
    }

    fn length(&self) -> Result<u64> {
        let state = reach(&self.state, self.cycle)?;
        Ok(state.disk.nodes.get(self.node).map_or(0, |node| node.visible.len() as u64))
    }

    fn sync(&self) -> Result<()> {
        let mut state = reach_to_change(&self.state, self.cycle)?;
        let is_true = state.check_sync(&self.path);
        if let Some(node) = state.disk.nodes.get_mut(self.node) {
            match is_true {
                Ok(true) => node.sync(),
                Ok(false) => {}
                Err(_) => node.forget_unsynced(),
            }
        }
        is_true.map(drop)
    }
}

impl Drop for ForgetfulLock {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        if state.cycle == self.cycle {
            state.locks.remove(&self.path);
        }
    }
}
