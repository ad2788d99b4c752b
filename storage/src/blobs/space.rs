//! Which pages of the containers are free.
//!
//! Best fit: the smallest free extent that is large enough, so that small blobs fill
//! the gaps that large ones leave. Knows no files.
use std::collections::{BTreeMap, BTreeSet};

/// Consecutive pages of one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Extent {
    pub(super) container: u32,
    pub(super) page: u32,
    pub(super) pages: u32,
}

/// The free extents, none of which touch.
#[derive(Default)]
pub(super) struct Space {
    by_place: BTreeMap<(u32, u32), u32>,
    by_size: BTreeSet<(u32, u32, u32)>,
}

impl Space {
    /// Makes an extent free, joined with its free neighbours.
    pub(super) fn give(&mut self, extent: Extent) {
        let Extent { container, mut page, mut pages } = extent;
        let before = self.by_place.range(..(container, page)).next_back();
        if let Some((&(before_container, before_page), &before_pages)) = before
            && before_container == container
            && before_page + before_pages == page
        {
            self.remove(Extent { container, page: before_page, pages: before_pages });
            (page, pages) = (before_page, before_pages + pages);
        }
        if let Some(&after_pages) = self.by_place.get(&(container, page + pages)) {
            self.remove(Extent { container, page: page + pages, pages: after_pages });
            pages += after_pages;
        }
        self.insert(Extent { container, page, pages });
    }

    /// Takes that many pages, wherever they fit best.
    pub(super) fn take(&mut self, pages: u32) -> Option<Extent> {
        let &(_, container, page) = self.by_size.range((pages, 0, 0)..).next()?;
        let extent = Extent { container, page, pages };
        self.reserve(extent).then_some(extent)
    }

    /// Takes these very pages, if they are free.
    pub(super) fn reserve(&mut self, extent: Extent) -> bool {
        let Extent { container, page, pages } = extent;
        let around = self.by_place.range(..=(container, page)).next_back();
        let Some((&(found, free_page), &free_pages)) = around else { return false };
        let (end, free_end) = (page.saturating_add(pages), free_page + free_pages);
        if found != container || end > free_end {
            return false;
        }
        self.remove(Extent { container, page: free_page, pages: free_pages });
        if free_page < page {
            self.insert(Extent { container, page: free_page, pages: page - free_page });
        }
        if end < free_end {
            self.insert(Extent { container, page: end, pages: free_end - end });
        }
        true
    }

    /// Whether all of that extent is free.
    pub(super) fn is_free(&self, extent: Extent) -> bool {
        self.by_place.get(&(extent.container, extent.page)).is_some_and(|&p| p >= extent.pages)
    }

    fn insert(&mut self, extent: Extent) {
        self.by_place.insert((extent.container, extent.page), extent.pages);
        self.by_size.insert((extent.pages, extent.container, extent.page));
    }

    fn remove(&mut self, extent: Extent) {
        self.by_place.remove(&(extent.container, extent.page));
        self.by_size.remove(&(extent.pages, extent.container, extent.page));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(container: u32, page: u32, pages: u32) -> Extent {
        Extent { container, page, pages }
    }

    #[test]
    fn the_smallest_gap_that_is_large_enough_is_filled_first() {
        let mut space = Space::default();
        space.give(extent(1, 0, 10));
        space.give(extent(2, 4, 3));
        assert_eq!(space.take(2), Some(extent(2, 4, 2)));
        assert_eq!(space.take(2), Some(extent(1, 0, 2)));
        assert_eq!(space.take(9), None);
        assert_eq!(space.take(1), Some(extent(2, 6, 1)));
    }

    #[test]
    fn pages_given_back_in_any_order_are_whole_again() {
        for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]] {
            let mut space = Space::default();
            space.give(extent(2, 0, 9));
            let taken = [3, 2, 4].map(|pages| space.take(pages).unwrap());
            assert_eq!(space.take(1), None);
            for index in order {
                space.give(taken[index]);
            }
            assert!(space.is_free(extent(2, 0, 9)));
            assert_eq!((space.by_place.len(), space.by_size.len()), (1, 1));
        }
    }

    #[test]
    fn containers_do_not_run_together() {
        let mut space = Space::default();
        space.give(extent(1, 0, 4));
        space.give(extent(2, 0, 4));
        assert_eq!(space.take(5), None);
    }

    #[test]
    fn what_is_taken_cannot_be_reserved() {
        let mut space = Space::default();
        space.give(extent(1, 0, 8));
        assert!(space.reserve(extent(1, 2, 3)));
        for taken in [extent(1, 2, 3), extent(1, 1, 2), extent(1, 4, 1), extent(1, 5, 4)] {
            assert!(!space.reserve(taken), "{taken:?}");
        }
        assert!(!space.reserve(extent(0, 0, 1)));
        assert!(space.reserve(extent(1, 5, 3)) && space.reserve(extent(1, 0, 2)));
        assert_eq!(space.take(1), None);
    }
}
