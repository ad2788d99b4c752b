//! What a data directory must hold after a crash, told by what was done to it.
use crate::{BlobId, Error, Generator, Pointer, Stores, Tick};
use std::collections::{BTreeMap, BTreeSet};

/// A promise that was broken, or the operation that failed.
#[derive(Debug)]
pub(super) enum Broken {
    Promise(String),
    Operation(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Operation(error)
    }
}

impl Broken {
    pub(super) fn is_power_off(&self) -> bool {
        matches!(self, Self::Operation(error) if error.message().contains("the power is off"))
    }
}

fn promise(is_kept: bool, what: impl FnOnce() -> String) -> Result<(), Broken> {
    if is_kept { Ok(()) } else { Err(Broken::Promise(what())) }
}

/// Everything that was done, as far as it may matter later.
#[derive(Clone, Default)]
pub(super) struct Model {
    frames: BTreeMap<Tick, Vec<u8>>,
    appended: Tick,
    synced: Tick,
    pointer: Option<Pointer>,
    /// A pointer whose commit did not return.
    in_doubt: Option<Pointer>,
    blobs: BTreeMap<BlobId, Vec<u8>>,
    /// Blobs that the next commit may name.
    nameable: BTreeSet<BlobId>,
}

impl Model {
    /// Does something at random.
    pub(super) fn act(
        &mut self,
        stores: &mut Stores,
        random: &mut Generator,
    ) -> Result<(), Broken> {
        match random.below(12) {
            0..5 => self.append(stores, random),
            5..8 => self.sync(stores),
            8..10 => self.put(stores, random),
            10 => self.commit(stores, random),
            _ => Ok(stores.log.cut(self.pointer_tick())?),
        }
    }

    pub(super) fn append(
        &mut self,
        stores: &mut Stores,
        random: &mut Generator,
    ) -> Result<(), Broken> {
        for _ in 0..=random.below(4) {
            let size = match random.below(20) {
                0 => random.below(10_000),
                1..4 => random.below(3000),
                _ => random.below(200),
            };
            let body = random.bytes(size as usize);
            self.appended += 1;
            self.frames.insert(self.appended, body.clone());
            stores.log.append(self.appended, &body)?;
        }
        Ok(())
    }

    pub(super) fn sync(&mut self, stores: &mut Stores) -> Result<(), Broken> {
        stores.log.sync()?;
        self.synced = self.appended;
        Ok(())
    }

    pub(super) fn put(&mut self, stores: &Stores, random: &mut Generator) -> Result<(), Broken> {
        let size = random.below(20_000) as usize;
        let bytes = random.bytes(size);
        let blob = stores.blobs.put(&bytes)?;
        promise(self.blobs.insert(blob, bytes).is_none(), || format!("{blob:?} came twice"))?;
        self.nameable.insert(blob);
        Ok(())
    }

    pub(super) fn commit(
        &mut self,
        stores: &mut Stores,
        random: &mut Generator,
    ) -> Result<(), Broken> {
        let before = self.pointer_tick();
        let blobs: Vec<_> = self.nameable.iter().copied().filter(|_| random.below(3) > 0).collect();
        let pointer = Pointer {
            epoch: self.pointer.as_ref().map_or(1, |pointer| pointer.epoch + 1),
            tick: before + random.below(self.synced - before + 1),
            blobs,
            manifest: random.bytes(30),
        };
        self.in_doubt = Some(pointer.clone());
        stores.blobs.commit(&pointer)?;
        self.nameable = pointer.blobs.iter().copied().collect();
        self.pointer = self.in_doubt.take();
        if random.below(4) > 0 {
            stores.log.cut(self.pointer_tick())?;
        }
        Ok(())
    }

    /// Compares what was found with what was promised, and goes on from there.
    pub(super) fn check(&mut self, stores: &mut Stores) -> Result<(), Broken> {
        let found = stores.blobs.pointer()?;
        let is_known = found == self.pointer || self.in_doubt.is_some() && found == self.in_doubt;
        promise(is_known, || format!("pointer is {found:?}, not {:?}", self.pointer))?;
        (self.pointer, self.in_doubt) = (found, None);
        let named = self.pointer.as_ref().map_or(&[][..], |pointer| &pointer.blobs);
        self.nameable = named.iter().copied().collect();
        for blob in named {
            let bytes = stores.blobs.get(*blob)?;
            promise(Some(&bytes) == self.blobs.get(blob), || format!("{blob:?} is another"))?;
        }
        self.check_log(stores)
    }

    fn check_log(&mut self, stores: &mut Stores) -> Result<(), Broken> {
        let after = self.pointer_tick();
        let mut last = after;
        let mut wrong = None;
        stores.log.replay(after, &mut |tick, body| {
            if tick != last + 1 || self.frames.get(&tick).map(Vec::as_slice) != Some(body) {
                wrong = wrong.or(Some(tick));
            }
            last = tick;
            Ok(())
        })?;
        promise(wrong.is_none(), || format!("frame {wrong:?} is not what was appended"))?;
        promise(self.synced <= last && last <= self.appended, || {
            format!("log ends at {last}, synced to {}, appended to {}", self.synced, self.appended)
        })?;
        (self.synced, self.appended) = (last, last);
        self.frames.retain(|tick, _| (after + 1..=last).contains(tick));
        Ok(())
    }

    pub(super) fn pointer_tick(&self) -> Tick {
        self.pointer.as_ref().map_or(0, |pointer| pointer.tick)
    }
}
