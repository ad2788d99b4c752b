//! Conversations of which some bytes are others: the server never panics.
use tidemill_tests::{Random, Server, scratch};

use crate::raw::{Raw, frame};

fn conversation(random: &mut Random) -> Vec<u8> {
    let texts: [&[u8]; 6] = [
        b"SELECT n, s FROM t ORDER BY n\0",
        b"INSERT INTO t VALUES (1, 'a'), (2, 'b')\0",
        b"BEGIN; UPDATE t SET n = n + 1; COMMIT\0",
        b"COPY t FROM STDIN\0",
        b"COPY t TO STDOUT\0",
        b"SELECT count(*) FROM t; SELECT 1/0\0",
    ];
    let mut bytes = vec![];
    for _ in 0..=random.below(4) {
        if random.chance(50) {
            bytes.extend(frame(b'Q', random.pick::<&[u8]>(&texts)));
        } else {
            let parameter = b"\0\0\0\x01\0\0\0\x01\0\0\0\x01\x37\0\0";
            bytes.extend(frame(b'P', b"\0SELECT n FROM t WHERE n > $1\0\0\x01\0\0\0\x17"));
            bytes.extend(frame(b'B', parameter));
            bytes.extend(frame(b'D', b"P\0"));
            bytes.extend(frame(b'E', b"\0\0\0\0\x02"));
            bytes.extend(frame(b'C', b"P\0"));
            bytes.extend(frame(b'S', b""));
        }
        if random.chance(30) {
            bytes.extend(frame(b'd', b"5\tx\n6\t\\N\n"));
            bytes.extend(frame(b'c', b""));
        }
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = (random.number() % bytes.len() as u64) as usize;
        match random.below(5) {
            0 => bytes[at] = random.number() as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            3 => drop(bytes.remove(at)),
            _ => bytes.insert(at, random.number() as u8),
        }
    }
}

#[test]
fn mutated_conversations_harm_nobody() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
    };
    let seed = number("TIDEMILL_SEED", u64::from(std::process::id()));
    let count = number("TIDEMILL_WIRE_MUTATIONS", 1_000);
    eprintln!("seed {seed}, {count} conversations");
    let data = scratch("wire-mutations");
    let server = Server::start(&data, &[]);
    let mut witness = Raw::start(server.port);
    witness.query("CREATE TABLE t (n int, s text)");
    let mut random = Random(seed);
    for round in 0..count {
        let mut bytes = conversation(&mut random);
        mutate(&mut bytes, &mut random);
        let mut raw = Raw::start(server.port);
        raw.send(&bytes);
        raw.drain();
        if round % 20 == 0 {
            let answers = witness.query("SELECT count(*) FROM t");
            assert!(answers.iter().any(|answer| answer.kind == b'D'), "round {round}: {bytes:?}");
            witness.query("DELETE FROM t");
        }
        let said = server.said();
        assert!(!said.contains("panicked"), "seed {seed}, round {round}, {bytes:?}: {said}");
    }
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}
