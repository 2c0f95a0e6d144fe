//! What is fuzzed, each as a function from any octets to nothing: it returns, or it panics and has
//! found a fault. `cargo xtask fuzz` drives them by libFuzzer; an ordinary test of `dequeue-smtp`
//! includes this file and drives them for a moment, from the same seeds.
//!
//! Where an input has parts, octet 0xFF stands between them: it occurs in no UTF-8, and a part that
//! grows or shrinks leaves the others as they are. The first octet of a part says what it is.

#[path = "../../crates/smtp/tests/session/anything.rs"]
#[allow(dead_code, reason = "its ending is for the tests of whole sessions")]
mod anything;
mod filter;
mod seeds;

use std::{slice::Split, time::Duration};

use dequeue_smtp::{
    Bridge, Capabilities, Choice, Exchange, Learned, Login, LoginChoice, Mechanism, Method, Plan,
    Recipients, Reply, ReplyParser, Security, Side,
    capabilities::{greeting_shape, is_masked_greeting},
    limits,
    meaning::{Asked, meaning_of, read_refused_turn, read_reply, read_request_reply},
    sasl,
};

use self::anything::{Act, SECRET, drive};

pub use self::{filter::filter, seeds::seeds};

/// One thing that is fuzzed.
pub struct Target {
    /// Its name, which is that of its libFuzzer program.
    pub name: &'static str,
    /// What takes the octets.
    pub run: fn(&[u8]),
}

/// Everything that is fuzzed.
pub const TARGETS: [Target; 6] = [
    Target {
        name: "reply",
        run: reply,
    },
    Target {
        name: "ehlo",
        run: ehlo,
    },
    Target {
        name: "session",
        run: session,
    },
    Target {
        name: "bridge",
        run: bridge,
    },
    Target {
        name: "filter",
        run: filter,
    },
    Target {
        name: "sasl",
        run: exchange,
    },
];

/// What stands between the parts of an input.
const PART: u8 = 0xFF;

fn parts(octets: &[u8]) -> Split<'_, u8, impl FnMut(&u8) -> bool + use<>> {
    octets.split(|octet| *octet == PART)
}

/// One of these, by an octet; `0` is the first.
fn pick<T: Copy>(all: &[T], octet: u8) -> T {
    all[usize::from(octet.wrapping_sub(b'0')) % all.len()]
}

// ---- Replies --------------------------------------------------------------------------------

/// All replies in these octets, until there is no more or a fault; and whether it was a fault.
fn replies(parser: &mut ReplyParser, found: &mut Vec<Reply>) -> bool {
    loop {
        match parser.next_reply() {
            Ok(Some(reply)) => found.push(reply),
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Replies: the same from every slicing, octet for octet as they came, and safe to show.
pub fn reply(octets: &[u8]) {
    let mut parser = ReplyParser::default();
    parser.push(octets);
    let mut whole = Vec::new();
    let fault = replies(&mut parser, &mut whole);

    let mut parser = ReplyParser::default();
    let mut single = Vec::new();
    for octet in octets {
        parser.push(&[*octet]);
        if replies(&mut parser, &mut single) {
            assert!(fault, "a fault in octets that the whole does not have");
        }
    }
    assert_eq!(whole, single);

    let came: Vec<u8> = whole.iter().flat_map(Reply::as_bytes).copied().collect();
    assert!(octets.starts_with(&came));
    for reply in &whole {
        assert!((200..600).contains(&reply.code()));
        assert!(reply.as_bytes().len() <= limits::REPLY);
        let lines: Vec<_> = reply.lines().collect();
        assert!((1..=limits::REPLY_LINES).contains(&lines.len()));
        is_one_line(&reply.text());
        lines.iter().for_each(|line| is_one_line(line));
        reply.enhanced().iter().for_each(|code| is_one_line(code));
        for masked in [false, true] {
            for normal in [&[] as &[u16], &[reply.code()]] {
                may_exit_with(read_request_reply(reply, normal, masked).exit_status());
                may_exit_with(read_refused_turn(reply, normal).exit_status());
            }
        }
        for asked in Asked::ALL {
            assert!(meaning_of(asked, reply, false).is_some());
            may_exit_with(read_reply(asked, reply).exit_status());
        }
    }
}

fn is_one_line(text: &str) {
    assert!(!text.contains('\n'), "{text:?}");
}

fn may_exit_with(status: u8) {
    assert!(
        [0, 69, 70, 75, 76, 77].contains(&status),
        "exit status {status}"
    );
}

/// What a provider says of itself.
pub fn ehlo(octets: &[u8]) {
    let mut parser = ReplyParser::default();
    parser.push(octets);
    let mut found = Vec::new();
    replies(&mut parser, &mut found);
    for reply in &found {
        let offered = Capabilities::from_reply(reply);
        for (i, mechanism) in offered.auth.iter().enumerate() {
            assert!(
                !offered.auth[..i].contains(mechanism),
                "{mechanism:?} twice"
            );
        }
        let text = reply.text().to_ascii_uppercase();
        for (offers, word) in [
            (offered.pipelining, "PIPELINING"),
            (offered.etrn, "ETRN"),
            (offered.atrn, "ATRN"),
            (offered.starttls, "STARTTLS"),
            (!offered.auth.is_empty(), "AUTH"),
        ] {
            assert!(!offers || text.contains(word), "{word} out of nothing");
        }
        if let Some(address) = offered.seen_address {
            assert!(
                reply.lines().next().unwrap_or_default().contains('['),
                "{address}"
            );
        }
        is_one_line(&greeting_shape(reply));
        if is_masked_greeting(reply) {
            assert!(reply.text().starts_with('*'));
        }
    }
}

// ---- The session ----------------------------------------------------------------------------

/// A whole session. The first part makes the plan, an octet for each thing; each further one is what
/// the provider does when it is asked: `S` says the rest, `W` waits so many seconds, `C` closes, `R`
/// resets, `N` refuses; anything else does what was expected.
pub fn session(octets: &[u8]) {
    let mut parts = parts(octets);
    let plan = plan(parts.next().unwrap_or_default());
    drive(plan, |_| {
        let (what, rest) = parts.next()?.split_first()?;
        match what {
            b'S' => Some(Act::Say(rest.to_vec())),
            b'W' => {
                let digits = rest.iter().take(4).filter(|octet| octet.is_ascii_digit());
                let seconds = digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
                Some(Act::Wait(Duration::from_secs(seconds)))
            }
            b'C' => Some(Act::Close),
            b'R' => Some(Act::Reset),
            b'N' => Some(Act::Refuse),
            _ => None,
        }
    });
}

fn plan(octets: &[u8]) -> Plan {
    let octet = |at: usize| octets.get(at).copied().unwrap_or(b'0');
    let method = pick(&Method::ALL, octet(0));
    let count = usize::from(octet(1).wrapping_sub(b'0')) % 10;
    let domain = |i: usize| format!("d{i}.example").parse().ok();
    let login = (octet(3) != b'0').then(|| Login {
        user: "user".into(),
        secret: Some(SECRET.to_owned().into()),
        choice: pick(&LoginChoice::ALL, octet(3).wrapping_sub(1)),
        in_clear: octet(4) == b'1',
        certificate: octet(5) == b'1',
    });
    let learned = (octet(6) != b'0').then(|| Learned {
        method: pick(&[Method::Etrn, Method::Signal], octet(6)),
        choice: Choice::EtrnUnknown,
        greeting: "mail.provider.test esmtp".into(),
    });
    Plan {
        targets: (0..count).filter_map(domain).collect(),
        ehlo: "office.example".parse().ok(),
        security: pick(&Security::ALL, octet(2)),
        login,
        learned,
        normal_codes: if octet(7) == b'1' {
            vec![459, 502]
        } else {
            vec![]
        },
        ..Plan::new(method)
    }
}

// ---- The bridge -----------------------------------------------------------------------------

/// A bridge: it is read and ended as its rules say, and what is counted does not hang on how it was
/// cut. `P` and `O` are what the provider and the mail server say, `p` and `o` their ends, `x` and `y`
/// their loss; `w` and `v` write some octets to the mail server and to the provider.
pub fn bridge(octets: &[u8]) {
    let mut bridge = new_bridge();
    let mut from_provider = 0;
    for part in parts(octets) {
        let Some((what, rest)) = part.split_first() else {
            continue;
        };
        match what {
            b'P' | b'O' => {
                let from = match what {
                    b'P' => Side::Provider,
                    _ => Side::MailServer,
                };
                if bridge.wants(from) && !rest.is_empty() {
                    assert!(bridge.pending(from.other()).is_empty(), "read too soon");
                    let size = rest.len().min(limits::BRIDGE_BUFFER);
                    bridge.take(from, &rest[..size]);
                    if from == Side::Provider {
                        from_provider += size as u64;
                    }
                }
            }
            b'w' | b'v' => {
                let to = match what {
                    b'w' => Side::MailServer,
                    _ => Side::Provider,
                };
                bridge.wrote(to, rest.first().copied().map_or(usize::MAX, usize::from));
            }
            b'p' => bridge.end(Side::Provider),
            b'o' => bridge.end(Side::MailServer),
            b'x' => bridge.lose(Side::Provider),
            b'y' => bridge.lose(Side::MailServer),
            _ => {}
        }
        for to in [Side::MailServer, Side::Provider] {
            // What is held of one side, the other's answers and what a line held back.
            assert!(bridge.pending(to).len() <= 3 * limits::BRIDGE_BUFFER);
            if bridge.wants_shutdown(to) {
                assert!(
                    bridge.pending(to).is_empty(),
                    "told that nothing comes, and something does"
                );
                bridge.shut(to);
                assert!(!bridge.wants_shutdown(to), "told twice");
            }
        }
    }
    assert!(bridge.passed().octets <= from_provider);
    for side in [Side::Provider, Side::MailServer] {
        bridge.lose(side);
    }
    assert!(bridge.is_over());

    let (whole, single) = (talked(octets, usize::MAX), talked(octets, 1));
    assert_eq!(whole, single, "the count hangs on how it was cut");
}

fn new_bridge() -> Bridge {
    let targets = ["d.test".parse().ok()];
    let targets: Vec<_> = targets.into_iter().flatten().collect();
    Bridge::new(Recipients::new(&targets, true), b"220 own\r\n", b"")
}

/// What a bridge has counted when each part passed in pieces of at most `size`.
fn talked(octets: &[u8], size: usize) -> dequeue_smtp::Passed {
    let mut bridge = new_bridge();
    bridge.wrote(Side::Provider, usize::MAX);
    let mut good_lines = 0;
    for part in parts(octets) {
        let from = match part.first() {
            Some(b'P') => Side::Provider,
            Some(b'O') => Side::MailServer,
            Some(_) | None => continue,
        };
        if from == Side::MailServer {
            good_lines += part.iter().filter(|octet| **octet == b'2').count();
        }
        for piece in part[1..].chunks(size.min(part.len())) {
            bridge.take(from, piece);
            bridge.wrote(Side::MailServer, usize::MAX);
            bridge.wrote(Side::Provider, usize::MAX);
        }
    }
    let passed = bridge.passed();
    let messages = passed.messages.unwrap_or_default();
    assert!(
        messages as usize <= good_lines,
        "{messages} messages taken by nobody"
    );
    passed
}

// ---- Logins ---------------------------------------------------------------------------------

/// A login: the mechanism and the user, then what the server says: `C` is the text of a 334, `A` what
/// a 235 brings.
pub fn exchange(octets: &[u8]) {
    let mut parts = parts(octets);
    let (mechanism, user) = match parts.next().and_then(<[u8]>::split_first) {
        Some((mechanism, user)) => (
            pick(&Mechanism::ALL, *mechanism),
            String::from_utf8_lossy(user),
        ),
        None => return,
    };
    if user.contains(SECRET) {
        return;
    }
    let login = Login {
        user: user.into_owned(),
        secret: Some(SECRET.to_owned().into()),
        choice: LoginChoice::Only(mechanism),
        in_clear: false,
        certificate: true,
    };
    let Ok(mut exchange) = Exchange::new(mechanism, &login, "mail.provider.test", 25, &[7; 28])
    else {
        return;
    };
    let secret_patterns = exchange.secret_patterns();
    assert!(secret_patterns.iter().all(|pattern| !pattern.is_empty()));
    if let Some(initial) = exchange.initial() {
        keeps_its_secret(mechanism, &initial);
    }
    for part in parts {
        match part.split_first() {
            Some((b'C', text)) => {
                let text = String::from_utf8_lossy(text);
                let challenge = sasl::decode(&text).unwrap_or_default();
                // Nobody learns anything from a machine that hashes for hours, nor from who gives
                // the secret away.
                let challenge = String::from_utf8_lossy(&challenge).into_owned();
                if asks_for_much(&challenge) || challenge.contains(SECRET) {
                    return;
                }
                match exchange.answer(&text) {
                    Ok(line) => {
                        assert!(line.bytes().all(|octet| octet.is_ascii_graphic()));
                        let said = sasl::decode(&line).unwrap_or_default();
                        keeps_its_secret(mechanism, &said);
                    }
                    Err(_) => return,
                }
            }
            Some((b'A', data)) => {
                let data = (!data.is_empty()).then_some(data);
                let proves = matches!(mechanism, Mechanism::ScramSha1 | Mechanism::ScramSha256);
                // Nobody here knows the password.
                assert_eq!(exchange.accepted(data).is_ok(), !proves);
            }
            Some(_) | None => {}
        }
    }
}

fn keeps_its_secret(mechanism: Mechanism, said: &[u8]) {
    let gives_away = String::from_utf8_lossy(said).contains(SECRET);
    assert!(!gives_away || mechanism.reveals_secret());
}

/// Whether a SCRAM challenge asks for more rounds than are done here in a moment.
fn asks_for_much(challenge: &str) -> bool {
    challenge
        .split(',')
        .filter_map(|field| field.strip_prefix("i="))
        .any(|rounds| rounds.len() > 3)
}
