//! Tests of the client with moto, an S3 server, and with a proxy that stops answering.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../tests/needs.rs"]
mod needs;
mod servers;

use std::sync::Barrier;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use planche_objects::{Objects, PATIENCE};
use servers::{Fault, Moto, Proxy, in_process, in_process_at, put};

fn open(url: &str) -> Objects {
    Objects::open(url, PATIENCE).unwrap()
}

#[test]
fn of_eight_writers_one_wins_and_no_object_is_torn() {
    if let Some(moto) = Moto::start() {
        in_process("races", moto.port);
    }
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn races() {
    let objects = open("s3://bucket/a/prefix");
    for round in 0..25 {
        let path = format!("variants/{round}");
        let barrier = Barrier::new(8);
        let wins: Vec<bool> = thread::scope(|scope| {
            let writers: Vec<_> = (0..8_u8)
                .map(|writer| {
                    let (objects, path, barrier) = (&objects, &path, &barrier);
                    scope.spawn(move || {
                        let bytes = vec![writer; 100_000];
                        barrier.wait();
                        let won = objects.create(path, bytes.clone()).unwrap();
                        let there = objects.get(path, u64::MAX).unwrap().unwrap();
                        assert_eq!(there.len(), 100_000);
                        let is_whole = there.iter().all(|byte| *byte == there[0]);
                        assert!(is_whole && (!won || there == bytes));
                        won
                    })
                })
                .collect();
            let wins = writers.into_iter().map(|writer| writer.join().unwrap());
            wins.collect()
        });
        let won = wins.iter().filter(|won| **won).count();
        assert_eq!(won, 1, "round {round}: {wins:?}");
    }
    assert_eq!(objects.list("variants").unwrap().len(), 25);
}

#[test]
fn objects_are_created_once_and_listed_below_their_url() {
    if let Some(moto) = Moto::start() {
        put(moto.port, "/bucket/prefix/variants/foreign", "text");
        in_process("creates_and_lists", moto.port);
    }
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn creates_and_lists() {
    let objects = open("s3://bucket/prefix/");
    let get = |path: &str| objects.get(path, 1_000).unwrap();
    assert_eq!(get("variants/01/a"), None);
    assert!(!objects.exists("variants/01/a").unwrap());
    assert!(objects.create("variants/01/a", b"one".to_vec()).unwrap());
    assert!(!objects.create("variants/01/a", b"two".to_vec()).unwrap());
    assert_eq!(get("variants/01/a").as_deref(), Some(&b"one"[..]));
    assert!(objects.exists("variants/01/a").unwrap());
    objects.replace("variants/01/a", b"two".to_vec()).unwrap();
    assert_eq!(get("variants/01/a").as_deref(), Some(&b"two"[..]));
    assert_eq!(objects.get("variants/01/a", 2).unwrap(), Some(Vec::new()));
    let mut names = objects.list("variants").unwrap();
    names.sort();
    assert_eq!(names, ["variants/01/a", "variants/foreign"]);
    // A folder matches whole segments of a path, not the beginning of a name.
    assert_eq!(objects.list("vari").unwrap(), [""; 0]);
    assert_eq!(open("s3://bucket/pre").list("variants").unwrap(), [""; 0]);
    assert_eq!(
        open("s3://bucket").list("prefix/variants/01").unwrap(),
        ["prefix/variants/01/a"]
    );
}

#[test]
fn a_store_that_fails_is_an_error_in_time() {
    for (test, fault) in [
        ("hangs", Fault::Hang),
        ("disconnects", Fault::Disconnect),
        ("forbids", Fault::Status(403)),
        ("is_full", Fault::Status(507)),
        ("is_broken", Fault::Status(500)),
    ] {
        let proxy = Proxy::start(0, 0, fault, |_| true);
        in_process(test, proxy.port);
        assert!(proxy.failed.load(Ordering::SeqCst) > 0, "{test}");
    }
    // Nobody listens there.
    in_process("disconnects", 1);
}

/// All calls fail; returns one of the errors.
#[track_caller]
fn all_fail(is_forbidden: bool) -> String {
    // Without a limit, some calls would wait forever.
    let objects = Objects::open("s3://bucket", Duration::from_millis(1_500)).unwrap();
    let errors = [
        objects.get("a", 9).unwrap_err(),
        objects.create("a", b"a".to_vec()).unwrap_err(),
        objects.replace("a", b"a".to_vec()).unwrap_err(),
        objects.exists("a").unwrap_err(),
    ];
    objects.list("a").unwrap_err();
    for error in &errors {
        assert_eq!(error.is_forbidden, is_forbidden, "{error}");
        assert!(
            !error.message.contains('\n') && error.message.len() < 300,
            "{error}"
        );
    }
    errors[1].message.clone()
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn hangs() {
    all_fail(false);
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn disconnects() {
    all_fail(false);
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn forbids() {
    assert_eq!(all_fail(true), "these credentials do not permit it");
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn is_full() {
    let message = all_fail(false);
    assert!(message.contains("507"), "{message}");
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn is_broken() {
    let message = all_fail(false);
    assert!(message.contains("500"), "{message}");
}

#[test]
fn a_connection_with_tls_is_checked() {
    // A server without TLS: the handshake fails, and nothing panics for want of a provider of
    // cryptography.
    if let Some(moto) = Moto::start() {
        in_process_at("needs_tls", &format!("https://127.0.0.1:{}", moto.port));
    }
}

#[test]
#[ignore = "run by another test, with the variables of the store"]
fn needs_tls() {
    let message = all_fail(false);
    assert!(message.contains("corrupt message"), "{message}");
}

#[test]
fn other_urls_are_refused() {
    for url in [
        "https://example.org/x",
        "file:///tmp",
        "bucket",
        "s3:",
        "ftp://x/y",
    ] {
        assert!(Objects::open(url, PATIENCE).is_err(), "{url}");
    }
}
