//! Things under numbers from 1; the numbers of what was removed are used again.

/// Keeps what does not fit in a group's words.
pub(super) struct Slab<T> {
    items: Vec<T>,
    free: Vec<u64>,
    none: T,
}

impl<T: Default> Default for Slab<T> {
    fn default() -> Self {
        Self { items: vec![], free: vec![], none: T::default() }
    }
}

impl<T: Default> Slab<T> {
    /// Keeps an item and says under which number.
    pub(super) fn insert(&mut self, item: T) -> u64 {
        if let Some(handle) = self.free.pop() {
            *self.get_mut(handle) = item;
            return handle;
        }
        self.items.push(item);
        self.items.len() as u64
    }

    /// The item of a number; none of 0.
    pub(super) fn get(&self, handle: u64) -> Option<&T> {
        self.items.get((handle as usize).checked_sub(1)?)
    }

    /// The item of a number to change; one that nobody sees for 0.
    pub(super) fn get_mut(&mut self, handle: u64) -> &mut T {
        let place = (handle as usize).checked_sub(1);
        place.and_then(|place| self.items.get_mut(place)).unwrap_or(&mut self.none)
    }

    /// Forgets an item.
    pub(super) fn remove(&mut self, handle: u64) {
        if self.get(handle).is_some() {
            *self.get_mut(handle) = T::default();
            self.free.push(handle);
        }
    }

    /// All items, also those that were removed (as their default).
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }

    /// How many items there are.
    pub(super) fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    /// Bytes of the slab, without what items own themselves.
    pub(super) fn bytes(&self) -> usize {
        self.items.capacity() * size_of::<T>() + self.free.capacity() * size_of::<u64>()
    }
}
