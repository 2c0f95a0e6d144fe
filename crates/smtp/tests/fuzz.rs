//! What `cargo xtask fuzz` runs for as long as one likes, for a moment: the seeds, and some thousand
//! changes of each kind to them, the same in every run. What a fuzzer has found stands here too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../fuzz/src/lib.rs"]
#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a library of its own elsewhere"
)]
mod fuzz;

use fuzz::{TARGETS, Target, seeds};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

/// Changes to seeds, for each target.
const CASES: u32 = 2000;

/// A change to an input.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Cut(Index, Index),
    Repeat(Index, Index, usize),
}

fn any_change() -> impl Strategy<Value = Change> {
    let octets = prop_oneof![
        vec(any::<u8>(), 1..6),
        select(vec![
            "\r\n",
            "\n",
            "250 ok\r\n",
            "250-",
            "\u{0}",
            "334 ",
            "220 ",
            "421 ",
            "DATA\r\n",
            "BDAT 3\r\n",
            "354 go\r\n",
            ".\r\n",
            "QUIT\r\n",
            "RCPT TO:<x@their.test>\r\n",
            "\n.\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        // A part of its own.
        select(vec![
            "S", "W400", "C", "R", "N", "P", "O", "w", "v", "p", "x", "A"
        ])
        .prop_map(|part| [&[0xFF], part.as_bytes()].concat()),
    ];
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, octet)| Change::Set(at, octet)),
        (at(), octets).prop_map(|(at, octets)| Change::Insert(at, octets)),
        (at(), at()).prop_map(|(from, to)| Change::Cut(from, to)),
        (at(), at(), 2..40_usize).prop_map(|(from, to, times)| Change::Repeat(from, to, times)),
    ]
}

fn changed(mut octets: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    const LONGEST: usize = 20_000;
    for change in changes {
        let places = octets.len() + 1;
        let between = |a: &Index, b: &Index| {
            let (a, b) = (a.index(places), b.index(places));
            a.min(b)..a.max(b)
        };
        match change {
            Change::Set(at, octet) => {
                if let Some(place) = octets.get_mut(at.index(places)) {
                    *place = *octet;
                }
            }
            Change::Insert(at, more) => {
                let at = at.index(places);
                octets.splice(at..at, more.iter().copied());
            }
            Change::Cut(from, to) => drop(octets.drain(between(from, to))),
            Change::Repeat(from, to, times) => {
                let range = between(from, to);
                let (end, part) = (range.end, octets[range].repeat(*times));
                octets.splice(end..end, part);
            }
        }
        octets.truncate(LONGEST);
    }
    octets
}

fn for_a_moment(name: &str) {
    let Target { run, .. } = *TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = seeds(name);
    assert!(seeds.len() >= 3, "nowhere to begin");
    seeds.iter().for_each(|seed| run(seed));
    let inputs = prop_oneof![
        8 => (select(seeds), vec(any_change(), 1..8))
            .prop_map(|(seed, changes)| changed(seed, &changes)),
        1 => vec(any::<u8>(), 0..300),
    ];
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(CASES)
    };
    let same = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, same)
        .run(&inputs, |octets| {
            run(&octets);
            Ok(())
        })
        .unwrap();
}

#[test]
fn replies() {
    for_a_moment("reply");
}

#[test]
fn what_a_provider_says_of_itself() {
    for_a_moment("ehlo");
}

#[test]
fn sessions() {
    for_a_moment("session");
}

#[test]
fn bridges() {
    for_a_moment("bridge");
}

#[test]
fn filters() {
    for_a_moment("filter");
}

#[test]
fn logins() {
    for_a_moment("sasl");
}

/// Behind the 220 to STARTTLS nothing can be read, also in the same segment. A 354 there was, so that
/// the count went on.
#[test]
fn found_a_bridge_that_was_read_under_tls() {
    let parts = [
        b"v".as_slice(),
        b"PSTARTTLS\r\nDATA\r\n",
        b"w",
        b"O220 go\r\n354 go\r\n",
        b"v",
    ];
    fuzz::bridge(&parts.join(&[0xFF][..]));
}
