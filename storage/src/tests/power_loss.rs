//! Hundreds of crashes, at random places and at every place.
use super::backends::open_small;
use super::model::{Broken, Model};
use crate::{Files, ForgetfulFiles, Generator};
use std::sync::Arc;

/// Works, crashes and looks, a few times over.
fn run(files: Arc<ForgetfulFiles>, seed: u64, first_cut: Option<u64>) -> Result<(), Broken> {
    let mut random = Generator::new(seed);
    let mut model = Model::default();
    let mut files = files;
    for round in 0..6 {
        match (round, first_cut) {
            (0, Some(operations)) => files.cut_power_after(operations),
            _ if random.below(2) == 0 => files.cut_power_after(random.below(120)),
            _ => {}
        }
        let stores = match work(&files, &mut model, &mut random) {
            Ok(stores) => Some(stores),
            Err(broken) if broken.is_power_off() => None,
            Err(broken) => return Err(broken),
        };
        // Closed in good order, or found open by the crash.
        let open = stores.filter(|_| random.below(3) > 0);
        files = match random.below(4) {
            0 => files.kill(),
            _ => files.lose_power(random.number()),
        };
        drop(open);
    }
    model.check(&mut open_small(&files)?)
}

fn work(
    files: &Arc<ForgetfulFiles>,
    model: &mut Model,
    random: &mut Generator,
) -> Result<crate::Stores, Broken> {
    let mut stores = open_small(files)?;
    model.check(&mut stores)?;
    for _ in 0..random.below(60) {
        model.act(&mut stores, random)?;
    }
    Ok(stores)
}

#[test]
fn what_was_synced_survives_crashes_anywhere() {
    for seed in 0..400 {
        run(ForgetfulFiles::new(), seed, None).unwrap_or_else(|b| panic!("seed {seed}: {b:?}"));
    }
}

#[test]
fn what_was_synced_survives_a_crash_at_each_operation() {
    for operations in 0..150 {
        for seed in 1000..1004 {
            run(ForgetfulFiles::new(), seed, Some(operations))
                .unwrap_or_else(|b| panic!("{operations} operations, seed {seed}: {b:?}"));
        }
    }
}

#[test]
fn a_missing_sync_is_caught() {
    let lies = [
        "log",
        "log/*",
        "blobs",
        "blobs/0*",
        "blobs/pointer*",
        "",
        "format.new",
        "blobs/pointer-b",
    ];
    for lie in lies {
        let is_caught = (0..600).any(|seed| {
            let files = ForgetfulFiles::new();
            files.skip_syncs_of(lie);
            run(files, seed, None).is_err()
        });
        assert!(is_caught, "nobody misses the syncs of \"{lie}\"");
    }
}

/// Frames that only the kernel had are taken for durable after a start, so they must be.
#[test]
fn what_a_killed_process_left_is_made_durable_by_the_next() {
    let survives = |lie: Option<&str>, seed: u64| {
        let files = ForgetfulFiles::new();
        let mut stores = open_small(&files).unwrap();
        stores.log.append(1, &[7; 100]).unwrap();
        stores.log.sync().unwrap();
        files.skip_syncs_of("log/*");
        stores.log.append(2, &[8; 100]).unwrap();
        stores.log.sync().unwrap();
        let files = files.kill();
        files.heal();
        if let Some(lie) = lie {
            files.skip_syncs_of(lie);
        }
        let mut stores = open_small(&files).unwrap();
        let mut last = 0;
        let each = &mut |tick, _: &[u8]| {
            last = tick;
            Ok(())
        };
        stores.log.replay(0, each).unwrap();
        assert_eq!(last, 2);
        let files = files.lose_power(seed);
        drop(stores);
        let mut stores = open_small(&files).unwrap();
        stores.log.replay(2, &mut |_, _| Ok(())).is_ok()
    };
    assert!((0..50).all(|seed| survives(None, seed)));
    assert!(!(0..50).all(|seed| survives(Some("log/*"), seed)), "the sync is not missed");
}

#[test]
fn a_torn_frame_does_not_bring_back_the_ones_behind_it() {
    // Two frames of one batch, the first torn and the second whole: both are gone, and the
    // second does not come back when a new first one of the same size has been written.
    for seed in 0..200 {
        let files = ForgetfulFiles::new();
        let mut stores = open_small(&files).unwrap();
        stores.log.append(1, &[1; 600]).unwrap();
        stores.log.sync().unwrap();
        for tick in 2..5 {
            stores.log.append(tick, &[2; 600]).unwrap();
        }
        files.skip_syncs_of("log/*");
        stores.log.sync().unwrap();
        let files = files.lose_power(seed);
        files.heal();
        drop(stores);
        let mut stores = open_small(&files).unwrap();
        let mut last = 0;
        let each = &mut |tick, _: &[u8]| {
            last = tick;
            Ok(())
        };
        stores.log.replay(0, each).unwrap();
        stores.log.append(last + 1, &[3; 600]).unwrap();
        stores.log.sync().unwrap();
        let files = files.lose_power(seed);
        drop(stores);
        let mut found = Vec::new();
        let each = &mut |tick, body: &[u8]| {
            found.push((tick, body[0]));
            Ok(())
        };
        open_small(&files).unwrap().log.replay(0, each).unwrap();
        assert_eq!(found.len() as u64, last + 1, "seed {seed}");
        assert_eq!(found.last(), Some(&(last + 1, 3)), "seed {seed}");
    }
}

#[test]
fn a_body_full_of_frames_is_not_taken_for_frames() {
    for seed in 0..200 {
        let files = ForgetfulFiles::new();
        let mut stores = open_small(&files).unwrap();
        for tick in 1..5 {
            stores.log.append(tick, &[tick as u8; 90]).unwrap();
            stores.log.sync().unwrap();
        }
        let (path, _) =
            files.lengths().into_iter().find(|(path, _)| path.starts_with("log")).unwrap();
        let mut body = vec![0; 900];
        files.open(&path).unwrap().read_at(&mut body, 0).unwrap();
        for tick in 5..9 {
            stores.log.append(tick, &body).unwrap();
        }
        files.skip_syncs_of("log/*");
        stores.log.sync().unwrap();
        let files = files.lose_power(seed);
        drop(stores);
        let mut ticks = Vec::new();
        let each = &mut |tick, _: &[u8]| {
            ticks.push(tick);
            Ok(())
        };
        open_small(&files).unwrap().log.replay(0, each).unwrap();
        assert!((4..=8).contains(&ticks.len()), "seed {seed}");
        assert!(ticks.iter().copied().eq(1..=ticks.len() as u64), "seed {seed}");
    }
}
