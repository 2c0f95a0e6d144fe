//! Bridges between a provider and a mail server of which at least one keeps to nothing.

use std::time::Duration;

use dequeue_smtp::{Outcome::*, Reason::*};

use crate::{
    Case, all,
    peer::{Op, say},
    protected::Authority,
};

const ENDLESS: u64 = 1 << 40;
/// Lines of a kilobyte.
const LINES: &[u8] = &{
    let mut lines = [b'x'; 8 * 1024];
    let mut at = 1023;
    while at < lines.len() {
        lines[at] = b'\n';
        at += 1024;
    }
    lines
};

/// Up to the turn.
fn turn(then: impl IntoIterator<Item = Op>) -> Vec<Vec<Op>> {
    let ops = [
        say("220 odmr.provider.test\r\n"),
        Op::Hear("EHLO"),
        say("250-odmr.provider.test\r\n250 ATRN\r\n"),
        Op::Hear("ATRN"),
        say("250 turning\r\n"),
    ];
    vec![ops.into_iter().chain(then).collect()]
}

/// Up to the message.
fn message(then: Op) -> Vec<Vec<Op>> {
    turn([
        say("EHLO p\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"),
        Op::Hear("354"),
        then,
    ])
}

fn own(then: impl IntoIterator<Item = Op>) -> Vec<Op> {
    [say("220 own\r\n")].into_iter().chain(then).collect()
}

fn taking_a_message() -> Vec<Op> {
    own([
        Op::Hear("EHLO"),
        say("250 hi\r\n"),
        Op::Hear("DATA"),
        say("250 ok\r\n250 ok\r\n354 go on\r\n"),
    ])
}

/// The look before the turn would be a connection more; it has its own tests.
const ATRN: &[(&str, &str)] = &[
    ("method", "atrn"),
    ("domains", "d.test"),
    ("mail_server_test", "false"),
];
const MINUTE: Duration = Duration::from_secs(60);

fn cases() -> Vec<Case> {
    vec![
        Case {
            what: "a provider that pours and does not read",
            account: ATRN,
            provider: turn([Op::Pour(LINES, ENDLESS)]),
            mail_server: own([Op::Answer(LINES)]),
            // What it says is no client's.
            meaning: (Refused, DidNotTurn),
            seconds: 0,
            step: Duration::from_secs(10),
        },
        Case {
            what: "a mail server that does not read",
            account: ATRN,
            provider: message(Op::Pour(LINES, ENDLESS)),
            mail_server: taking_a_message().into_iter().chain([Op::Sit]).collect(),
            meaning: (Unknown, DeliveryBroken),
            // Nothing passes any more.
            seconds: 660,
            step: Duration::from_secs(10),
        },
        Case {
            what: "a mail server that pours and does not read",
            account: ATRN,
            provider: turn([Op::Sit]),
            mail_server: own([Op::Hear("QUIT"), Op::Pour(LINES, ENDLESS)]),
            meaning: (Unknown, NoAnswer),
            // The time that a provider may take before it brings mail.
            seconds: 600,
            step: Duration::from_secs(10),
        },
        Case {
            what: "two servers that answer each other",
            account: ATRN,
            provider: turn([Op::Answer(b"500 5.5.1 unrecognized\r\n")]),
            mail_server: own([Op::Answer(b"500 what?\r\n")]),
            meaning: (Refused, DidNotTurn),
            seconds: 0,
            ..Case::default()
        },
        Case {
            what: "a mail server that talks to itself",
            account: ATRN,
            provider: turn([Op::Sit]),
            mail_server: own([Op::Pour(b"250 and another thing\r\n", 1000), Op::Sit]),
            meaning: (Refused, DidNotTurn),
            seconds: 0,
            ..Case::default()
        },
        Case {
            what: "a patience that somebody has set",
            account: &[
                ("method", "atrn"),
                ("domains", "d.test"),
                ("mail_server_test", "false"),
                ("turn_timeout", "5s"),
            ],
            provider: turn([Op::Sit]),
            mail_server: own([Op::Sit]),
            meaning: (Unknown, NoAnswer),
            seconds: 5,
            ..Case::default()
        },
        Case {
            what: "nobody says anything",
            account: ATRN,
            provider: turn([Op::Sit]),
            mail_server: own([Op::Sit]),
            meaning: (Unknown, NoAnswer),
            seconds: 600,
            step: Duration::from_secs(10),
        },
        Case {
            what: "a message that never ends",
            account: ATRN,
            provider: message(Op::Drip(b"and on and on\r\n", MINUTE)),
            mail_server: taking_a_message(),
            meaning: (Unknown, DeliveryBroken),
            seconds: 12 * 3600,
            step: MINUTE,
        },
        Case {
            what: "thirty-two megabytes, and then an end in the middle",
            account: ATRN,
            provider: vec![
                message(Op::Pour(LINES, 32 << 20))
                    .remove(0)
                    .into_iter()
                    .chain([Op::Close])
                    .collect(),
            ],
            mail_server: taking_a_message(),
            meaning: (Unknown, DeliveryBroken),
            seconds: 0,
            ..Case::default()
        },
        Case {
            what: "commands without an end, and no answer",
            account: ATRN,
            provider: vec![
                turn([Op::Pour(
                    b"NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n",
                    1 << 20,
                )])
                .remove(0)
                .into_iter()
                .chain([Op::Close])
                .collect(),
            ],
            mail_server: own([]),
            meaning: (Unknown, DeliveryBroken),
            // No more is read before some are answered.
            seconds: 660,
            step: Duration::from_secs(10),
        },
        Case {
            what: "a mail server with a greeting without an end",
            account: ATRN,
            provider: vec![vec![Op::Close]],
            mail_server: vec![Op::Pour(b"220-x\r\n", ENDLESS)],
            meaning: (Held, MailServerNotReady),
            seconds: 0,
            ..Case::default()
        },
        Case {
            what: "a mail server with a greeting of one octet a second",
            account: ATRN,
            provider: vec![vec![Op::Close]],
            mail_server: vec![Op::Drip(b"220-x\r\n", Duration::from_secs(1))],
            meaning: (Held, MailServerNotReady),
            seconds: 300,
            ..Case::default()
        },
    ]
}

#[tokio::test(start_paused = true)]
async fn in_the_clear() {
    all(cases(), &[]).await;
}

#[tokio::test(start_paused = true)]
async fn under_tls() {
    let authority = Authority::new();
    let (file, config) = (
        authority.file(),
        authority.server("127.0.0.1", (2020, 2040)),
    );
    let mut cases = cases();
    for case in &mut cases {
        case.provider[0].insert(0, Op::Tls(config.clone()));
    }
    let more = [
        ("tls", "implicit"),
        ("ca_file", file.path().to_str().unwrap()),
    ];
    all(cases, &more).await;
}
