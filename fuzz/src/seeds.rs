//! Where the fuzzers begin: what real servers said, and whole conversations of each kind.

use super::PART;

/// What real mail servers said in every situation; how it is written stands at its top.
const MATRIX: &str = include_str!("../../crates/smtp/tests/session/matrix.txt");

/// The seeds of a target, by its name.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "reply" => answers().map(on_the_wire).collect(),
        "ehlo" => answers()
            .filter(|answer| answer.starts_with("250-"))
            .map(on_the_wire)
            .chain(EHLO.iter().map(|reply| on_the_wire(reply)))
            .collect(),
        "session" => recorded().chain(SESSIONS.iter().map(joined)).collect(),
        "bridge" => BRIDGES.iter().map(joined).collect(),
        "filter" => FILTERED
            .iter()
            .flat_map(|said| ["\u{7}0", "\u{7f}1", "\u{1}2"].map(|how| [how, said].concat()))
            .map(String::into_bytes)
            .collect(),
        "sasl" => LOGINS.iter().map(joined).collect(),
        _ => Vec::new(),
    }
}

/// Everything that stands behind a situation of the matrix, or is a fact about its server.
fn answers() -> impl Iterator<Item = &'static str> {
    let rows = MATRIX.lines().filter(|line| !line.starts_with(['#', '[']));
    let said = rows.filter_map(|row| row.split_once(": ").map(|(_, said)| said));
    let said = said.map(|said| said.split_once(" -> ").map_or(said, |(_, answer)| answer));
    let said = said.map(|said| said.rsplit_once(" => ").map_or(said, |(said, _)| said));
    said.filter(|said| said.starts_with(|first: char| first.is_ascii_digit()))
}

/// As the matrix has it: `|` parts the lines of a reply, `||` replies.
fn on_the_wire(answer: &str) -> Vec<u8> {
    let lines = answer.split('|').map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .flat_map(|line| [line, "\r\n"].concat().into_bytes())
        .collect()
}

fn joined(parts: &&[&str]) -> Vec<u8> {
    let parts = parts.iter().map(|part| part.as_bytes());
    parts.collect::<Vec<_>>().join(&[PART][..])
}

/// An ETRN session with every answer of the matrix.
fn recorded() -> impl Iterator<Item = Vec<u8>> {
    answers().map(|answer| {
        let (hello, answer) = (
            &b"250-mail.provider.test\r\n250 ETRN\r\n"[..],
            on_the_wire(answer),
        );
        let said = |what: &[u8]| [b"S", what].concat();
        // Nothing special at the connection, and before each of our own lines.
        [
            b"210".to_vec(),
            Vec::new(),
            said(b"220 mail.provider.test ESMTP\r\n"),
            Vec::new(),
            said(hello),
            Vec::new(),
            said(&answer),
            Vec::new(),
            said(b"221 bye\r\n"),
        ]
        .join(&[PART][..])
    })
}

const EHLO: &[&str] = &[
    "250-mail.provider.test Hello probe.test [192.0.2.7]|250-ATRN|250-STARTTLS|250 AUTH PLAIN LOGIN \
     CRAM-MD5 SCRAM-SHA-256",
    "250-mail.provider.test [10.0.0.1] [IPv6:2001:db8::7]|250-AUTH=LOGIN XOAUTH2 OAUTHBEARER \
     EXTERNAL|250 SCRAM-SHA-1",
    "220 ****************************02**0****",
];

/// The parts of whole sessions, as [`super::session`] reads them.
const SESSIONS: &[&[&str]] = &[
    // A visit.
    &[
        "100",
        "",
        "S220 mail.provider.test ESMTP\r\n",
        "",
        "S221 bye\r\n",
        "C",
    ],
    // Two domains, with QUIT in the segment of the second.
    &[
        "220",
        "",
        "S220 hi\r\n",
        "",
        "S250-hi\r\n250-ETRN\r\n250 PIPELINING\r\n",
        "",
        "S250 OK\r\n",
        "",
        "S459 no\r\n221 bye\r\n",
    ],
    // TLS by STARTTLS, and a login in it.
    &[
        "21210",
        "",
        "S220 hi\r\n",
        "",
        "S250-hi\r\n250 STARTTLS\r\n",
        "",
        "S220 go\r\n",
        "",
        "",
        "S250-hi\r\n250-ETRN\r\n250 AUTH PLAIN\r\n",
        "",
        "S235 in\r\n",
        "",
        "S250 OK\r\n",
        "",
        "S221 bye\r\n",
    ],
    // Injected after STARTTLS.
    &[
        "212",
        "",
        "S220 hi\r\n",
        "",
        "S250-hi\r\n250 STARTTLS\r\n",
        "",
        "S220 go\r\n250 hi\r\n",
    ],
    // A turn, with its mail server first.
    &[
        "30011",
        "",
        "",
        "",
        "S220 hi\r\n",
        "",
        "S250-hi\r\n250-ATRN\r\n250 AUTH CRAM-MD5\r\n",
        "",
        "S334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
        "",
        "S235 in\r\n",
        "",
        "S250 turning\r\n",
        "SEHLO x\r\nQUIT\r\n",
        "C",
    ],
    &[
        "410",
        "",
        "",
        "",
        "S220 hi\r\n",
        "",
        "S250 hi\r\n",
        "",
        "S250 turning\r\nEHLO x\r\n",
        "N",
    ],
    // Finds out by itself.
    &[
        "010",
        "",
        "S220 hi\r\n",
        "",
        "S250 hi\r\n",
        "",
        "S502 no\r\n",
        "",
        "S221 bye\r\n",
    ],
    &[
        "0100001",
        "",
        "S220 mail.provider.test ESMTP\r\n",
        "",
        "S221 bye\r\n",
    ],
    // An old server that hangs up on EHLO.
    &[
        "210",
        "",
        "S220 hi\r\n",
        "",
        "C",
        "",
        "S220 hi\r\n",
        "",
        "S250 hi\r\n",
        "W301",
    ],
    &["200", "N"],
    &["610", "", "S sent\r\n", "C"],
    &["700", ""],
];

/// The parts of what passes a bridge, as [`super::bridge`] reads them.
const BRIDGES: &[&[&str]] = &[
    &[
        "v",
        "PEHLO mail.provider.test\r\n",
        "w",
        "O250-mail.office.test\r\n250 PIPELINING\r\n",
        "v",
        "PMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
        "w",
        "O250 ok\r\n250 ok\r\n354 go on\r\n",
        "v",
        "PSubject: x\r\n\r\n..\r\n.\r\n",
        "w",
        "O250 taken\r\n",
        "v",
        "PQUIT\r\n",
        "w",
        "O221 bye\r\n",
        "v",
        "p",
        "o",
    ],
    &[
        "v",
        "PMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 7\r\nQUIT\r\n.BDAT 3 LAST\r\n\n\r\n",
        "w",
        "O250 ok\r\n250 ok\r\n250 7 octets\r\n250-taken\r\n554 really not\r\n",
        "v",
        "y",
        "p",
    ],
    &[
        "v",
        "PSTARTTLS\r\n",
        "w",
        "O220 go\r\n",
        "v",
        "P\u{16}\u{3}\u{1}",
        "w",
        "x",
        "o",
    ],
];

/// The parts of logins, as [`super::exchange`] reads them.
const LOGINS: &[&[&str]] = &[
    &["0user", "A"],
    // The nonce is the one of the target; the rounds are few, so that it is quick.
    &[
        "1user",
        SCRAM_FIRST,
        "Cdj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9",
        "A",
    ],
    &[
        "2user",
        "C",
        SCRAM_FIRST,
        "CZT1vdGhlci1lcnJvcg==",
        "Adj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9",
    ],
    &["3user", "CeyJzdGF0dXMiOiI0MDEifQ==", "A"],
    &["4user", "CeyJzdGF0dXMiOiI0MDEifQ==", "A"],
    &[
        "5user",
        "CPDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+",
        "A",
    ],
    &["6user", "Cok, go on", "A"],
    &["7user", "CVXNlcm5hbWU6", "CUGFzc3dvcmQ6", "A"],
];

const SCRAM_FIRST: &str =
    "Ccj1Cd2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCdz09eCxzPVFTWENSK1E2c2VrOGJmOTIsaT02NA==";

/// What a provider says over a bridge, as [`super::filter`] reads it.
const FILTERED: &[&str] = &[
    "EHLO p.test\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<x@their.test>\r\nDATA\r\nx\r\n.\r\n\
     QUIT\r\n",
    "EHLO p.test\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 24\r\nRCPT TO:<x@their.test>\r\nBDAT 0 LAST\r\n",
    "EHLO p.test\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nx\n.\nRCPT TO:<x@their.test>\r\n.\r\n",
    "HELO p.test\nMAIL FROM:<>\nrcpt to:c@d.test\nRCPT TO:<@d.test:x@their.test>\nSTARTTLS\nXCLIENT A=b\n",
];
