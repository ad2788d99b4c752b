//! Malformed messages of every type: each gets its error, and harms nobody.
use tidemill_tests::{Server, scratch};

use crate::raw::{Raw, frame};

/// Sends a message, then a Sync and a query; says which errors came, and whether the
/// connection lived on.
fn outcome(port: u16, message: &[u8]) -> String {
    let mut raw = Raw::start(port);
    raw.send(message);
    raw.send(&frame(b'S', b""));
    raw.send(&frame(b'Q', b"SELECT 7\0"));
    let answers = raw.drain();
    let errors: Vec<String> = answers.iter().filter_map(|answer| answer.error()).collect();
    let lives = answers.iter().any(|answer| answer.kind == b'D');
    let lives = if lives { "lives" } else { "closed" };
    format!("{} {lives}", errors.join(" "))
}

#[test]
fn a_malformed_message_gets_its_error_and_harms_nobody() {
    let data = scratch("wire-frames");
    let server = Server::start(&data, &[]);
    let mut witness = Raw::start(server.port);
    witness.query("CREATE TABLE t (n int, s text)");
    let mut check = |message: &[u8], expected: &str| {
        assert_eq!(outcome(server.port, message), expected, "{message:?}");
        let answers = witness.query("SELECT 1");
        assert!(answers.iter().any(|answer| answer.kind == b'D'), "another connection is harmed");
    };
    let alive = "ERROR 08P01 lives";
    let dead = "FATAL 08P01 closed";
    // Bodies that are not what their type says.
    for (kind, bodies) in [
        (b'Q', &[&b""[..], b"SELECT 1", b"SELECT 1\0x", b"\0\0"][..]),
        (
            b'P',
            &[
                b"",
                b"a",
                b"a\0",
                b"a\0SELECT 1",
                b"\0SELECT 1\0",
                b"\0SELECT 1\0\0",
                b"\0SELECT 1\0\0\x01\0\0",
                b"\0SELECT 1\0\xff\xff",
                b"\0SELECT 1\0\0\0x",
            ],
        ),
        (
            b'B',
            &[
                b"",
                b"\0",
                b"\0\0",
                b"\0\0\0\x01",
                b"\0\0\0\x02\0\0\0\x01\0\0\0\0\0\0",
                b"\0\0\xff\xff",
                b"\0\0\0\0\xff\xff",
                b"\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0",
                b"\0\0\0\0\0\x01\x80\0\0\0\0\0",
                b"\0\0\0\0\0\x01\x7f\xff\xff\xff\0\0",
                b"\0\0\0\0\0\0\xff\xff",
                b"\0\0\0\0\0\0\0\0x",
                b"\0\0\0\x02\0\0\0\0\0\x01\0\0\0\0\0\0",
            ],
        ),
        (b'D', &[b"", b"S", b"X\0", b"S\0x", b"Sx"]),
        (b'C', &[b"", b"P", b"x\0", b"P\0\0"]),
        (b'E', &[b"", b"\0", b"\0\0\0\0", b"\0\0\0\0\0\0", b"x"]),
        (b'H', &[b"x"]),
        (b'S', &[b"\0"]),
    ] {
        for body in bodies {
            check(&frame(kind, body), alive);
        }
    }
    check(&frame(b'B', b"\0\0\0\x01\0\x02\0\0\0\0"), "ERROR 22023 lives");
    check(&frame(b'Q', b"SELECT '\xff'\0"), "ERROR 22021 lives");
    check(&frame(b'Q', b"SELECT '\xc3\0"), "ERROR 22021 lives");
    check(&frame(b'P', b"\0SELECT '\xed\xa0\x80'\0\0\0"), "ERROR 22021 lives");
    check(&frame(b'P', b"\xfe\0SELECT 1\0\0\0"), "ERROR 22021 lives");
    check(&frame(b'F', b"\0\0\0\x01"), "ERROR 0A000 lives");
    check(&frame(b'E', b"none\0\0\0\0\0"), "ERROR 34000 lives");
    check(&frame(b'B', b"\0none\0\0\0\0\0\0\0"), "ERROR 26000 lives");
    check(&frame(b'E', b"none\0\xff\xff\xff\xff"), "ERROR 34000 lives");
    // What is left of a COPY is passed over, whatever it is.
    check(&frame(b'd', b"\xff\0"), " lives");
    check(&frame(b'f', b"because\0"), " lives");
    // Lengths that cannot be, types that do not exist or do not belong here.
    for kind in *b"QPBDCEHSXdcfF" {
        for length in [0_u32, 3, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
            let mut message = vec![kind];
            message.extend_from_slice(&length.to_be_bytes());
            check(&message, dead);
        }
    }
    for kind in [0, b'p', b'R', b'Z', b'q', b'~', 0x80, 0xff] {
        check(&frame(kind, b"x\0"), dead);
    }
    drop(witness);
    assert!(!server.said().contains("panicked"), "{}", server.said());
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}

#[test]
fn a_malformed_start_is_refused() {
    let data = scratch("wire-start");
    let server = Server::start(&data, &[]);
    let check = |bytes: &[u8], expected: Option<&str>| {
        let mut raw = Raw::open(server.port);
        raw.send(bytes);
        let errors: Vec<String> = raw.drain().iter().filter_map(|answer| answer.error()).collect();
        assert_eq!(errors.first().map(String::as_str), expected, "{bytes:?}");
    };
    let refused = Some("FATAL 08P01");
    for length in [0_u32, 4, 7, 10_001, 0x7fff_ffff, 0xffff_ffff] {
        check(&length.to_be_bytes(), refused);
    }
    check(b"\0\0\0\x08\0\x03\0\0", refused);
    check(b"\0\0\0\x0c\0\x03\0\0user", refused);
    check(b"\0\0\0\x0f\0\x03\0\0user\0x\0", refused);
    check(b"\0\0\0\x11\0\x03\0\0user\0\xff\xff\0\0", refused);
    check(b"\0\0\0\x09\0\x03\0\0\0", Some("FATAL 28000"));
    check(b"\0\0\0\x09\0\x02\0\0\0", Some("FATAL 0A000"));
    check(b"\0\0\0\x1b\0\x03\0\0user\0a\0database\0b\0\0", Some("FATAL 3D000"));
    check(b"\0\0\0\x1a\0\x03\0\0user\0a\0database\0b\0\0", refused);
    check(b"\0\0\0\x19\0\x03\0\0user\0a\0database\0\0", refused);
    // A cancel of nobody, cut short or whole, is answered by nothing.
    check(b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x07\0\0\0\x07", None);
    check(b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0", None);
    check(b"", None);
    // Bytes that were sent before the answer to a request for encryption.
    let mut raw = Raw::open(server.port);
    raw.send(b"\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\x09\0\x03\0\0\0");
    assert_eq!(raw.next().unwrap().error().as_deref(), refused);
    assert!(!server.said().contains("panicked"), "{}", server.said());
    drop(server);
    std::fs::remove_dir_all(data).unwrap();
}
