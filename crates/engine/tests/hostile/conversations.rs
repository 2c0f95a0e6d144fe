//! Providers in the clear.

use std::time::Duration;

use dequeue_smtp::{Outcome::*, Reason::*};

use crate::{
    Case, all,
    peer::{Op, say},
};

const GIGABYTE: u64 = 1 << 30;
const XS: &[u8] = &[b'x'; 16 * 1024];
const AS: &[u8] = &[b'A'; 16 * 1024];
const NULS: &[u8] = &[0; 16 * 1024];
/// What the driver reads at once: what stands behind so many octets comes by itself.
const AT_ONCE: usize = 4096;

fn hello() -> [Op; 3] {
    [
        say("220 mail.provider.test ESMTP\r\n"),
        Op::Hear("EHLO"),
        say("250-mail.provider.test\r\n250 ETRN\r\n"),
    ]
}

fn after_hello(ops: impl IntoIterator<Item = Op>) -> Vec<Vec<Op>> {
    vec![hello().into_iter().chain(ops).collect()]
}

/// A reply of this code that fills one read, and what stands behind it.
fn filled(code: &str, last: &str, behind: &str) -> Op {
    let last = format!("{code} {last}\r\n");
    let mut text = String::new();
    while text.len() + last.len() < AT_ONCE {
        let room = AT_ONCE - text.len() - last.len();
        // A line is six octets at least, so that none too short is left over.
        let length = if room > 2000 { 1000 } else { room };
        text += &format!("{code}-{}\r\n", "y".repeat(length - 6));
    }
    text += &last;
    assert_eq!(text.len(), AT_ONCE);
    say(&(text + behind))
}

#[tokio::test(start_paused = true)]
async fn without_an_end() {
    let endless = [
        Case {
            what: "a greeting without an end",
            provider: vec![vec![Op::Pour(b"220-welcome\r\n", GIGABYTE)]],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "a greeting of a gigabyte",
            provider: vec![vec![say("220 "), Op::Pour(XS, GIGABYTE)]],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "greetings without an end",
            provider: vec![vec![Op::Pour(b"220 welcome\r\n", GIGABYTE)]],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "NULs without an end",
            provider: vec![vec![Op::Pour(NULS, GIGABYTE)]],
            meaning: (Refused, NotSmtp),
            ..Case::default()
        },
        Case {
            what: "an EHLO reply without an end",
            provider: vec![vec![
                say("220 hi\r\n"),
                Op::Hear("EHLO"),
                Op::Pour(b"250-ETRN\r\n", GIGABYTE),
            ]],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "an answer without an end",
            provider: after_hello([Op::Hear("ETRN"), Op::Pour(b"250-x\r\n", GIGABYTE)]),
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "an answer of a gigabyte",
            provider: after_hello([Op::Hear("ETRN"), say("250 "), Op::Pour(XS, GIGABYTE)]),
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            // What was answered stays answered.
            what: "a goodbye of a gigabyte",
            provider: after_hello([
                Op::Hear("ETRN"),
                say("250 OK\r\n"),
                Op::Hear("QUIT"),
                say("221 "),
                Op::Pour(XS, GIGABYTE),
            ]),
            meaning: (Started, QueuingStarted),
            ..Case::default()
        },
        Case {
            what: "an answer to finger of a gigabyte",
            account: &[("method", "finger")],
            provider: vec![vec![Op::Hear("example.org"), Op::Pour(XS, GIGABYTE)]],
            meaning: (Signalled, FingerSignals),
            ..Case::default()
        },
    ];
    all(endless.into(), &[]).await;
}

#[tokio::test(start_paused = true)]
async fn one_octet_a_second() {
    let second = Duration::from_secs(1);
    let slow = [
        Case {
            what: "a greeting",
            provider: vec![vec![Op::Drip(b"220-welcome, but slowly\r\n", second)]],
            meaning: (Unknown, NotGreeted),
            // The greeting's five minutes, and five seconds for the QUIT.
            seconds: 300 + 5,
            ..Case::default()
        },
        Case {
            what: "an EHLO reply",
            provider: vec![vec![
                say("220 hi\r\n"),
                Op::Hear("EHLO"),
                Op::Drip(b"250-x\r\n", second),
            ]],
            meaning: (Unknown, SilentBeforeRequest),
            seconds: 300 + 5,
            ..Case::default()
        },
        Case {
            what: "an answer",
            provider: after_hello([Op::Hear("ETRN"), Op::Drip(b"250-x\r\n", second)]),
            seconds: 300 + 5,
            ..Case::default()
        },
        Case {
            what: "a goodbye",
            provider: after_hello([
                Op::Hear("ETRN"),
                say("250 OK\r\n"),
                Op::Hear("QUIT"),
                Op::Drip(b"221-x\r\n", second),
            ]),
            meaning: (Started, QueuingStarted),
            seconds: 300,
            ..Case::default()
        },
        Case {
            what: "an answer to finger",
            account: &[("method", "finger")],
            provider: vec![vec![Op::Hear("example.org"), Op::Drip(b"x", second)]],
            seconds: 300,
            ..Case::default()
        },
    ];
    all(slow.into(), &[]).await;
}

/// What is said before it was asked for answers nothing.
#[tokio::test(start_paused = true)]
async fn before_it_was_asked() {
    let early = [
        Case {
            what: "all at once",
            provider: vec![vec![say(
                "220 hi\r\n250-hi\r\n250 ETRN\r\n250 queued\r\n221 bye\r\n",
            )]],
            seconds: 300 + 5,
            meaning: (Unknown, SilentBeforeRequest),
            ..Case::default()
        },
        Case {
            what: "a 250 behind the greeting, in a segment of its own",
            provider: vec![vec![
                filled("220", "hi", "250 queued\r\n"),
                Op::Hear("EHLO"),
                say("250-hi\r\n250 ETRN\r\n"),
                Op::Hear("ETRN"),
                say("459 no\r\n"),
                Op::Hear("QUIT"),
                say("221 bye\r\n"),
            ]],
            meaning: (Refused, NotAllowed),
            ..Case::default()
        },
        Case {
            what: "a 250 behind the EHLO reply, in a segment of its own",
            provider: vec![vec![
                say("220 hi\r\n"),
                Op::Hear("EHLO"),
                filled("250", "ETRN", "250 queued\r\n"),
                Op::Hear("ETRN"),
                say("459 no\r\n"),
                Op::Hear("QUIT"),
                say("221 bye\r\n"),
            ]],
            meaning: (Refused, NotAllowed),
            ..Case::default()
        },
        Case {
            what: "replies to what was never sent",
            provider: vec![vec![
                say(&("220 hi\r\n".to_owned() + &"250 OK\r\n".repeat(100))),
                Op::Hear("QUIT"),
                Op::Close,
            ]],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "a NUL in every word",
            provider: vec![vec![
                say("220 h\0i\r\n"),
                Op::Hear("EHLO"),
                say("250-\0\r\n250-ET\0RN\r\n250 \0ETRN\r\n"),
                Op::Hear("ETRN"),
                say("459 n\0o\r\n"),
                Op::Hear("QUIT"),
                say("221 \0\r\n"),
            ]],
            meaning: (Refused, NotAllowed),
            ..Case::default()
        },
        Case {
            what: "a NUL in a code",
            provider: after_hello([
                Op::Hear("ETRN"),
                say("2\x0050 OK\r\n"),
                Op::Hear("QUIT"),
                Op::Close,
            ]),
            meaning: (Refused, BadReply),
            ..Case::default()
        },
    ];
    all(early.into(), &[]).await;
}

/// Where every octet costs the most to show.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_shown_is_kept_in_bounds() {
    let line = [b"250-".as_slice(), &[0x1b; 4000], b"\r\n"].concat();
    let reply = [line.repeat(7).as_slice(), b"250 OK\r\n"].concat();
    let screaming = [Case {
        what: "control characters in all that may be said",
        account: &[(
            "domains",
            "a.example, b.example, c.example, d.example, e.example, f.example",
        )],
        provider: after_hello((0..6).flat_map(|_| [Op::Hear("ETRN"), Op::Say(reply.clone())])),
        meaning: (Started, QueuingStarted),
        seconds: 300,
        ..Case::default()
    }];
    all(screaming.into(), &[]).await;
}

fn logging_in(mechanisms: &str, then: Op) -> Vec<Vec<Op>> {
    vec![vec![
        say("220 hi\r\n"),
        Op::Hear("EHLO"),
        say(&format!("250-hi\r\n250-ETRN\r\n250 AUTH {mechanisms}\r\n")),
        Op::Hear("AUTH"),
        say("334 "),
        then,
    ]]
}

#[tokio::test(start_paused = true)]
async fn logins_without_an_end() {
    let login = [("user", "user"), ("login_in_clear", "true")];
    for (mechanism, reason) in [
        ("PLAIN", TooMuch),
        ("LOGIN", TooMuch),
        ("CRAM-MD5", LoginConfused),
        ("SCRAM-SHA-1", LoginConfused),
        ("SCRAM-SHA-256", LoginConfused),
    ] {
        let cases = [
            Case {
                what: "asks for ever",
                provider: vec![
                    logging_in(mechanism, say("\r\n"))
                        .remove(0)
                        .into_iter()
                        .chain([Op::Answer(b"334 \r\n")])
                        .collect(),
                ],
                meaning: (Refused, reason),
                // For the goodbye that does not come.
                seconds: 5,
                ..Case::default()
            },
            Case {
                what: "asks with a gigabyte",
                provider: logging_in(mechanism, Op::Pour(AS, GIGABYTE)),
                meaning: (Refused, TooMuch),
                ..Case::default()
            },
        ];
        all(cases.into(), &login).await;
    }
}
