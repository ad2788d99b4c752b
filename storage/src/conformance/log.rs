//! What a log promises, as an exam.
#![expect(clippy::unwrap_used, reason = "an exam fails by panicking")]
use super::Opener;
use crate::{Error, ErrorKind, FRAME_BYTES_MAX, Generator, Log, Stores, Tick};

/// Panics where a log does not do what [`Log`] says.
pub fn check_log(fresh: &dyn Fn() -> Opener) {
    for fact in [
        synced_frames_come_back_in_order,
        of_frames_not_synced_a_prefix_may_come_back,
        frames_of_any_size_come_back,
        a_log_may_begin_anywhere_and_has_no_gaps,
        what_was_cut_is_gone_and_the_rest_stays,
        a_log_that_was_cut_away_still_knows_its_last_tick,
        frames_that_are_missing_are_missed,
        a_replay_ends_where_its_reader_fails,
        many_cuts_and_restarts_lose_nothing,
    ] {
        fact(&fresh());
    }
}

fn body(tick: Tick) -> Vec<u8> {
    Generator::new(tick).bytes((tick % 1000) as usize)
}

fn append(log: &mut dyn Log, ticks: std::ops::RangeInclusive<Tick>) {
    for tick in ticks {
        log.append(tick, &body(tick)).unwrap();
    }
}

fn replay(log: &mut dyn Log, after: Tick) -> Vec<Tick> {
    let mut ticks = Vec::new();
    let each = &mut |tick, found: &[u8]| {
        assert_eq!(found, body(tick), "frame of tick {tick}");
        ticks.push(tick);
        Ok(())
    };
    log.replay(after, each).unwrap();
    ticks
}

fn ticks(range: std::ops::RangeInclusive<Tick>) -> Vec<Tick> {
    range.collect()
}

fn synced_frames_come_back_in_order(open: &Opener) {
    let Stores { mut log, .. } = open();
    assert!(replay(&mut *log, 0).is_empty());
    append(&mut *log, 1..=20);
    log.sync().unwrap();
    append(&mut *log, 21..=30);
    log.sync().unwrap();
    log.sync().unwrap();
    assert_eq!(replay(&mut *log, 0), ticks(1..=30));
    drop(log);
    let Stores { mut log, .. } = open();
    assert_eq!(replay(&mut *log, 0), ticks(1..=30));
    assert_eq!(replay(&mut *log, 25), ticks(26..=30));
    assert!(replay(&mut *log, 30).is_empty());
}

fn of_frames_not_synced_a_prefix_may_come_back(open: &Opener) {
    let Stores { mut log, .. } = open();
    append(&mut *log, 1..=3);
    log.sync().unwrap();
    append(&mut *log, 4..=9);
    assert_eq!(replay(&mut *log, 0), ticks(1..=3), "only synced frames are replayed");
    drop(log);
    let Stores { mut log, .. } = open();
    let found = replay(&mut *log, 0);
    let last = found.len() as Tick;
    assert!((3..=9).contains(&last));
    assert_eq!(found, ticks(1..=last));
    append(&mut *log, last + 1..=12);
    log.sync().unwrap();
    drop(log);
    assert_eq!(replay(&mut *open().log, 0), ticks(1..=12));
}

fn frames_of_any_size_come_back(open: &Opener) {
    let sizes = [0, 1, 7, 8, 9, 4056, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000, 3];
    let body = |size: usize| Generator::new(size as u64).bytes(size);
    let Stores { mut log, .. } = open();
    for (size, tick) in sizes.into_iter().zip(1..) {
        log.append(tick, &body(size)).unwrap();
    }
    log.sync().unwrap();
    for _ in 0..2 {
        let mut sizes = sizes.into_iter();
        let each = &mut |tick, found: &[u8]| {
            assert!(found == body(sizes.next().unwrap()), "frame of tick {tick}");
            Ok(())
        };
        log.replay(0, each).unwrap();
        assert_eq!(sizes.next(), None);
        drop(log);
        log = open().log;
    }
    let error = log.append(13, &vec![0; FRAME_BYTES_MAX + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    log.append(13, &[]).unwrap();
}

fn a_log_may_begin_anywhere_and_has_no_gaps(open: &Opener) {
    let Stores { mut log, .. } = open();
    assert_eq!(log.append(0, &[]).unwrap_err().kind(), ErrorKind::Invalid);
    append(&mut *log, 57..=58);
    for wrong in [0, 57, 58, 60] {
        assert_eq!(log.append(wrong, &[]).unwrap_err().kind(), ErrorKind::Invalid);
    }
    append(&mut *log, 59..=60);
    log.sync().unwrap();
    drop(log);
    let Stores { mut log, .. } = open();
    assert_eq!(replay(&mut *log, 56), ticks(57..=60));
    assert_eq!(log.append(62, &[]).unwrap_err().kind(), ErrorKind::Invalid);
    append(&mut *log, 61..=61);
}

fn what_was_cut_is_gone_and_the_rest_stays(open: &Opener) {
    let Stores { mut log, .. } = open();
    append(&mut *log, 1..=900);
    log.sync().unwrap();
    let all = log.bytes();
    assert!(all >= (1..=900).sum());
    log.cut(600).unwrap();
    assert!(log.bytes() < all && log.bytes() >= (601..=900).sum());
    assert_eq!(replay(&mut *log, 600), ticks(601..=900));
    drop(log);
    let Stores { mut log, .. } = open();
    assert_eq!(replay(&mut *log, 600), ticks(601..=900));
    log.cut(900).unwrap();
    assert_eq!(log.bytes(), 0);
    append(&mut *log, 901..=902);
    log.sync().unwrap();
    assert!(log.bytes() > 0);
    assert_eq!(replay(&mut *log, 900), ticks(901..=902));
}

fn a_log_that_was_cut_away_still_knows_its_last_tick(open: &Opener) {
    let Stores { mut log, .. } = open();
    append(&mut *log, 1..=9);
    log.sync().unwrap();
    log.cut(9).unwrap();
    for _ in 0..3 {
        assert_eq!(log.append(1, &[]).unwrap_err().kind(), ErrorKind::Invalid);
        assert!(replay(&mut *log, 9).is_empty());
        drop(log);
        log = open().log;
    }
    append(&mut *log, 10..=10);
}

fn frames_that_are_missing_are_missed(open: &Opener) {
    let Stores { mut log, .. } = open();
    append(&mut *log, 5..=9);
    log.sync().unwrap();
    for after in [0, 3, 10, 100] {
        let error = log.replay(after, &mut |_, _| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "after {after}");
    }
    for after in [4, 9] {
        log.replay(after, &mut |_, _| Ok(())).unwrap();
    }
}

fn a_replay_ends_where_its_reader_fails(open: &Opener) {
    let Stores { mut log, .. } = open();
    append(&mut *log, 1..=9);
    log.sync().unwrap();
    let mut last = 0;
    let each = &mut |tick, _: &[u8]| {
        last = tick;
        if tick < 4 { Ok(()) } else { Err(Error::new(ErrorKind::Internal, "enough")) }
    };
    assert_eq!(log.replay(0, each).unwrap_err().message(), "enough");
    assert_eq!(last, 4);
    assert_eq!(replay(&mut *log, 0), ticks(1..=9));
}

fn many_cuts_and_restarts_lose_nothing(open: &Opener) {
    let mut generator = Generator::new(7);
    let (mut cut, mut last) = (0, 0);
    for _ in 0..20 {
        let Stores { mut log, .. } = open();
        assert_eq!(replay(&mut *log, cut), ticks(cut + 1..=last));
        for _ in 0..generator.below(6) {
            let end = last + generator.below(30);
            append(&mut *log, last + 1..=end);
            log.sync().unwrap();
            last = end;
            cut += generator.below(last - cut + 1);
            log.cut(cut).unwrap();
        }
    }
}
