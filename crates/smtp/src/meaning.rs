//! The meaning of a reply: one exhaustive table, read from top to bottom.
//!
//! A code means what the RFCs say, whatever words stand behind it. Words decide only where a server is
//! known to tell two things apart by nothing else; such a row names it. The reference in
//! `docs/replies.md` is made from this table.

use crate::{
    reply::Reply,
    verdict::{Outcome, Reason, Verdict},
};

/// What a reply answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The connection: it is the greeting.
    Connection,
    /// HELO, or EHLO where HELO is of no use.
    Introduction,
    /// Whether the line may be encrypted: STARTTLS.
    StartTls,
    /// AUTH, and each step of the login.
    Login,
    /// ETRN or QSND.
    Request,
    /// ATRN or TURN.
    Turn,
}

impl Asked {
    /// Everything that is asked.
    pub const ALL: [Self; 6] = [
        Self::Connection,
        Self::Introduction,
        Self::StartTls,
        Self::Login,
        Self::Request,
        Self::Turn,
    ];
}

/// What else must hold for a row to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing else is needed.
    Always,
    /// The text has one of these words, in whatever case.
    Says(&'static [&'static str]),
    /// The text says that no message is waiting, in words or as the number 0.
    SaysNone,
    /// A firewall masks the conversation ([`crate::capabilities::is_masked_greeting`]).
    Masked,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What was asked; any of these.
    pub asked: &'static [Asked],
    /// The first and the last code.
    pub codes: (u16, u16),
    /// What else must hold.
    pub when: When,
    /// What the reply means.
    pub outcome: Outcome,
    /// What the reply is a reason of.
    pub reason: Reason,
    /// The section of an RFC that says so, or the server that does.
    pub source: &'static str,
}

const fn row(
    asked: &'static [Asked],
    codes: (u16, u16),
    when: When,
    (outcome, reason): (Outcome, Reason),
    source: &'static str,
) -> Meaning {
    Meaning {
        asked,
        codes,
        when,
        outcome,
        reason,
        source,
    }
}

const CONNECTION: &[Asked] = &[Asked::Connection];
const INTRODUCTION: &[Asked] = &[Asked::Introduction];
const STARTTLS: &[Asked] = &[Asked::StartTls];
const LOGIN: &[Asked] = &[Asked::Login];
const REQUEST: &[Asked] = &[Asked::Request];
const TURN: &[Asked] = &[Asked::Turn];
const REQUEST_OR_TURN: &[Asked] = &[Asked::Request, Asked::Turn];
const ANYTHING: &[Asked] = &Asked::ALL;

/// The names by which servers call what EHLO and HELO say.
const NAME_OF_CLIENT: When = When::Says(&["helo", "ehlo", "hostname", "host name"]);

/// The words by which a server asks for a certificate of ours that it did not get, or does not trust.
const CLIENT_CERTIFICATE: When = When::Says(&["client certificate"]);

/// Every meaning. The first row that applies counts; each code from 200 to 599 has one for whatever
/// was asked.
pub const MEANINGS: &[Meaning] = {
    use Outcome::{NothingWaiting, Refused, Started, Unknown};
    use Reason as R;
    use When::{Always, Masked, Says, SaysNone};
    &[
        // The RFCs have no code for it.
        row(
            ANYTHING,
            (400, 599),
            CLIENT_CERTIFICATE,
            (Refused, R::ClientCertificateRequired),
            "Postfix",
        ),
        row(
            ANYTHING,
            (421, 421),
            Always,
            (Refused, R::ServiceClosing),
            "RFC 5321 3.8 and 4.2.3",
        ),
        // What greets without 220 is no SMTP server.
        row(
            CONNECTION,
            (200, 399),
            Always,
            (Refused, R::NotSmtp),
            "RFC 5321 4.3.2: 220",
        ),
        row(
            CONNECTION,
            (400, 499),
            Always,
            (Refused, R::TryLater),
            "RFC 5321 4.2.1",
        ),
        row(
            CONNECTION,
            (530, 538),
            Says(&["starttls"]),
            (Refused, R::TlsRequired),
            "RFC 3207 4",
        ),
        row(
            CONNECTION,
            (530, 530),
            Always,
            (Refused, R::LoginRequired),
            "RFC 4954 6",
        ),
        // A greeting of 5xx refuses all service, whatever its last digits.
        row(
            CONNECTION,
            (500, 599),
            Always,
            (Refused, R::Denied),
            "RFC 5321 3.1: 554",
        ),
        row(
            INTRODUCTION,
            (200, 399),
            Always,
            (Refused, R::NotSmtp),
            "RFC 5321 4.3.2: 250",
        ),
        row(
            INTRODUCTION,
            (400, 499),
            Always,
            (Refused, R::TryLater),
            "RFC 5321 4.2.1",
        ),
        // Every SMTP server knows HELO; FTP and LMTP servers do not.
        row(
            INTRODUCTION,
            (500, 500),
            Always,
            (Refused, R::NotSmtp),
            "RFC 5321 4.5.1",
        ),
        row(
            INTRODUCTION,
            (502, 502),
            Always,
            (Refused, R::NotSmtp),
            "RFC 5321 4.5.1",
        ),
        row(
            INTRODUCTION,
            (501, 501),
            Always,
            (Refused, R::EhloRefused),
            "RFC 5321 4.2.2",
        ),
        row(
            INTRODUCTION,
            (504, 504),
            Always,
            (Refused, R::EhloRefused),
            "RFC 5321 4.3.2; Postfix",
        ),
        row(
            INTRODUCTION,
            (550, 554),
            NAME_OF_CLIENT,
            (Refused, R::EhloRefused),
            "RFC 5321 4.3.2; Postfix, Exim",
        ),
        row(
            INTRODUCTION,
            (530, 538),
            Says(&["starttls"]),
            (Refused, R::TlsRequired),
            "RFC 3207 4",
        ),
        row(
            INTRODUCTION,
            (530, 530),
            Always,
            (Refused, R::LoginRequired),
            "RFC 4954 6",
        ),
        row(
            INTRODUCTION,
            (500, 599),
            Always,
            (Refused, R::Denied),
            "RFC 5321 4.2.1",
        ),
        row(
            STARTTLS,
            (200, 399),
            Always,
            (Refused, R::BadReply),
            "RFC 3207 4: 220",
        ),
        row(
            STARTTLS,
            (400, 499),
            Always,
            (Refused, R::TryLater),
            "RFC 3207 4: 454",
        ),
        row(
            STARTTLS,
            (500, 599),
            Always,
            (Refused, R::TlsFailed),
            "RFC 3207 4: 501",
        ),
        row(
            LOGIN,
            (200, 399),
            Always,
            (Refused, R::BadReply),
            "RFC 4954 4: 235, 334",
        ),
        row(
            LOGIN,
            (432, 432),
            Always,
            (Refused, R::PasswordTransition),
            "RFC 4954 6",
        ),
        row(
            LOGIN,
            (400, 499),
            Always,
            (Refused, R::TryLater),
            "RFC 4954 6: 454",
        ),
        // These refuse the mechanism, its syntax or the moment, not the secret.
        row(
            LOGIN,
            (500, 504),
            Always,
            (Refused, R::LoginMechanism),
            "RFC 5321 4.2.2; RFC 4954 4",
        ),
        row(
            LOGIN,
            (534, 534),
            Always,
            (Refused, R::LoginMechanism),
            "RFC 4954 6",
        ),
        row(
            LOGIN,
            (538, 538),
            Always,
            (Refused, R::TlsRequired),
            "RFC 4954 6",
        ),
        row(
            LOGIN,
            (530, 530),
            Says(&["starttls"]),
            (Refused, R::TlsRequired),
            "RFC 3207 4",
        ),
        row(
            LOGIN,
            (500, 599),
            Always,
            (Refused, R::LoginRefused),
            "RFC 4954 6: 535",
        ),
        // A goodbye in place of an answer.
        row(
            REQUEST_OR_TURN,
            (221, 221),
            Always,
            (Unknown, R::HungUp),
            "RFC 5321 4.2.3",
        ),
        row(
            REQUEST,
            (200, 299),
            Masked,
            (Unknown, R::MaskedByFirewall),
            "Cisco PIX",
        ),
        row(
            REQUEST,
            (251, 251),
            Always,
            (NothingWaiting, R::NoMessages),
            "RFC 1985 5",
        ),
        row(
            REQUEST,
            (250, 253),
            SaysNone,
            (NothingWaiting, R::NoMessages),
            "IndiMail",
        ),
        row(
            REQUEST,
            (252, 253),
            Always,
            (Started, R::PendingStarted),
            "RFC 1985 5",
        ),
        row(
            REQUEST,
            (200, 299),
            Always,
            (Started, R::QueuingStarted),
            "RFC 1985 5",
        ),
        // Only 250 reverses the roles; and a 3xx asks for more, which neither has.
        row(
            REQUEST_OR_TURN,
            (200, 399),
            Always,
            (Refused, R::BadReply),
            "RFC 1985 5; RFC 2645 5.2.1",
        ),
        row(
            TURN,
            (453, 453),
            Always,
            (NothingWaiting, R::NoMessages),
            "RFC 2645 5.2.1",
        ),
        row(
            REQUEST_OR_TURN,
            (432, 432),
            Always,
            (Refused, R::PasswordTransition),
            "RFC 4954 6",
        ),
        row(
            REQUEST_OR_TURN,
            (458, 458),
            Says(&["already processing"]),
            (Started, R::AlreadyRunning),
            "Exim",
        ),
        row(
            REQUEST_OR_TURN,
            (458, 458),
            Always,
            (Refused, R::CannotQueue),
            "RFC 1985 5",
        ),
        row(
            REQUEST_OR_TURN,
            (459, 459),
            Always,
            (Refused, R::NotAllowed),
            "RFC 1985 5",
        ),
        row(
            REQUEST_OR_TURN,
            (400, 499),
            Always,
            (Refused, R::TryLater),
            "RFC 5321 4.2.1",
        ),
        row(
            REQUEST_OR_TURN,
            (500, 500),
            Always,
            (Refused, R::NotImplemented),
            "RFC 5321 4.2.2",
        ),
        row(
            REQUEST_OR_TURN,
            (502, 502),
            Always,
            (Refused, R::NotImplemented),
            "RFC 5321 4.2.2",
        ),
        row(
            REQUEST_OR_TURN,
            (503, 503),
            Always,
            (Refused, R::BadSequence),
            "RFC 5321 4.2.2",
        ),
        row(
            REQUEST_OR_TURN,
            (501, 509),
            Always,
            (Refused, R::Syntax),
            "RFC 5321 4.2.2: 501, 504",
        ),
        row(
            REQUEST_OR_TURN,
            (555, 555),
            Always,
            (Refused, R::Syntax),
            "RFC 5321 4.1.1.11",
        ),
        row(
            REQUEST_OR_TURN,
            (530, 530),
            Says(&["starttls"]),
            (Refused, R::TlsRequired),
            "RFC 3207 4",
        ),
        row(
            REQUEST_OR_TURN,
            (538, 538),
            Always,
            (Refused, R::TlsRequired),
            "RFC 4954 6",
        ),
        row(
            REQUEST_OR_TURN,
            (530, 530),
            Always,
            (Refused, R::LoginRequired),
            "RFC 4954 6",
        ),
        row(
            REQUEST_OR_TURN,
            (534, 534),
            Always,
            (Refused, R::LoginRequired),
            "RFC 4954 6",
        ),
        row(
            REQUEST_OR_TURN,
            (535, 535),
            Always,
            (Refused, R::LoginRefused),
            "RFC 4954 6",
        ),
        row(
            REQUEST_OR_TURN,
            (500, 599),
            Always,
            (Refused, R::Denied),
            "RFC 1985 5.2; RFC 5321 4.2.1",
        ),
    ]
};

/// The row of the table for this reply. `masked` tells that a firewall masks the conversation.
#[must_use]
pub fn meaning_of(asked: Asked, reply: &Reply, masked: bool) -> Option<&'static Meaning> {
    let code = reply.code();
    let text = reply.text().to_ascii_lowercase();
    let text = text.as_str();
    MEANINGS.iter().find(|row| {
        let applies = match row.when {
            When::Always => true,
            When::Says(words) => words.iter().any(|word| text.contains(word)),
            When::SaysNone => says_none(text),
            When::Masked => masked,
        };
        applies && row.asked.contains(&asked) && (row.codes.0..=row.codes.1).contains(&code)
    })
}

/// The meaning of a reply to what was asked. The greeting's 220, the 250 to EHLO and to a turn, and
/// the 235 and 334 of a login are not asked for here: they end nothing.
#[must_use]
pub fn read_reply(asked: Asked, reply: &Reply) -> Verdict {
    read(asked, reply, false)
}

/// The meaning of a reply to ETRN or QSND. `normal_codes` are refusals that the account calls normal
/// at this provider; `masked` tells that a firewall masks the conversation.
#[must_use]
pub fn read_request_reply(reply: &Reply, normal_codes: &[u16], masked: bool) -> Verdict {
    read_unless_normal(Asked::Request, reply, normal_codes, masked)
}

/// The meaning of a reply to ATRN or TURN other than 250, after which the roles are reversed (RFC 2645
/// 5.2.1; RFC 821 3.8 for TURN). `normal_codes` as for [`read_request_reply`].
#[must_use]
pub fn read_refused_turn(reply: &Reply, normal_codes: &[u16]) -> Verdict {
    read_unless_normal(Asked::Turn, reply, normal_codes, false)
}

fn read_unless_normal(asked: Asked, reply: &Reply, normal_codes: &[u16], masked: bool) -> Verdict {
    if normal_codes.contains(&reply.code()) {
        return Verdict::of_reply(Outcome::Signalled, Reason::NormalHere, reply);
    }
    read(asked, reply, masked)
}

fn read(asked: Asked, reply: &Reply, masked: bool) -> Verdict {
    // A test looks up every code there is.
    let found = meaning_of(asked, reply, masked);
    let (outcome, reason) = found.map_or((Outcome::Refused, Reason::BadReply), |row| {
        (row.outcome, row.reason)
    });
    let pending = || count_of_messages(&reply.text());
    Verdict {
        pending: (reason == Reason::PendingStarted).then(pending).flatten(),
        ..Verdict::of_reply(outcome, reason, reply)
    }
}

/// Whether a refusal of ETRN by a provider whose EHLO does not offer it says nothing of the domain:
/// it does not know the command (RFC 5321 4.2.2), or answers as the old providers do whose queue
/// starts at any visit (a 459 of "service unavailable").
#[must_use]
pub fn is_no_answer_to_etrn(reply: &Reply) -> bool {
    match reply.code() {
        500..=504 => true,
        459 => reply
            .text()
            .to_ascii_lowercase()
            .contains("service unavailable"),
        _ => false,
    }
}

/// Whether no further domain may be asked for after this code (RFC 1985 5.2; IndiMail).
#[must_use]
pub const fn ends_requests(code: u16) -> bool {
    matches!(code, 550 | 551 | 553)
}

/// The words that follow a number of messages, or "no".
const COUNTED: [&str; 2] = ["message", "pending"];

/// The number in front of "message" or "pending". A number elsewhere is part of an enhanced status
/// code, a host's name or a domain.
fn count_of_messages(text: &str) -> Option<u32> {
    before_counted(text).find_map(|word| word.parse().ok())
}

fn says_none(text: &str) -> bool {
    count_of_messages(text) == Some(0)
        || before_counted(text).any(|word| word.eq_ignore_ascii_case("no"))
}

/// The words in front of "message" and "pending".
fn before_counted(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split_ascii_whitespace();
    let next = text.split_ascii_whitespace().skip(1);
    words.zip(next).filter_map(|(word, next)| {
        let is_counted = |start: &str| {
            next.get(..start.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
        };
        COUNTED.into_iter().any(is_counted).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limits, reply::ReplyParser};
    use std::collections::BTreeSet;

    fn reply(line: &str) -> Reply {
        let mut parser = ReplyParser::default();
        parser.push(line.as_bytes());
        parser.push(b"\r\n");
        parser.next_reply().unwrap().unwrap()
    }

    #[test]
    fn every_code_means_something_whatever_was_asked() {
        for asked in Asked::ALL {
            for code in 200..=599_u16 {
                for masked in [false, true] {
                    let reply = reply(&format!("{code} x"));
                    let row = meaning_of(asked, &reply, masked);
                    assert!(row.is_some(), "{asked:?} {code}");
                }
            }
        }
    }

    #[test]
    fn every_row_is_reached_and_has_its_source() {
        let words = |row: &Meaning| match row.when {
            When::Always | When::Masked => vec!["x"],
            When::Says(words) => words.to_vec(),
            When::SaysNone => vec!["no messages", "OK, 0 pending", "No pending messages for x"],
        };
        for row in MEANINGS {
            assert!(!row.source.is_empty());
            for asked in row.asked {
                for word in words(row) {
                    let found = (row.codes.0..=row.codes.1).any(|code| {
                        let reply = reply(&format!("{code} {}", word.to_uppercase()));
                        let found = meaning_of(*asked, &reply, row.when == When::Masked);
                        found == Some(row)
                    });
                    assert!(found, "never reached: {asked:?} {row:?} {word}");
                }
            }
        }
    }

    /// Only the rows that name a server, or an extension that another RFC defines, look at words: a
    /// code means the same in every language.
    #[test]
    fn words_decide_nothing_where_a_code_is_enough() {
        let by_words: BTreeSet<u16> = (200..=599)
            .filter(|code| {
                Asked::ALL.into_iter().any(|asked| {
                    let read = |text: &str| {
                        let verdict = read_reply(asked, &reply(&format!("{code} {text}")));
                        (verdict.outcome, verdict.reason)
                    };
                    let plain = read("x");
                    let texts = [
                        "Befehl nicht erkannt",
                        "5.5.1 Unknown command",
                        "command not recognized",
                        "Error: invalid parameter, argument or domain",
                        "syntax, service unavailable, authentication, already processing",
                        "STARTTLS HELO EHLO hostname",
                        "no messages",
                    ];
                    texts.into_iter().any(|text| read(text) != plain)
                })
            })
            .collect();
        let known = [
            250, 252, 253, 458, 530, 531, 532, 533, 534, 535, 536, 537, 538,
        ];
        let of_names = [550, 551, 552, 553, 554];
        assert_eq!(by_words, known.into_iter().chain(of_names).collect());
    }

    #[test]
    fn every_reply_to_a_request() {
        use Outcome::*;
        use Reason::*;
        for (line, outcome, reason, exit) in [
            ("250 Queuing started", Started, QueuingStarted, 0),
            (
                "250 2.0.0 Queuing for node customer.test started",
                Started,
                QueuingStarted,
                0,
            ),
            ("250 OK", Started, QueuingStarted, 0),
            ("250", Started, QueuingStarted, 0),
            (
                "250 OK, No message waiting for node a.test",
                NothingWaiting,
                NoMessages,
                0,
            ),
            (
                "250 2.0.0 no pending messages for a.test",
                NothingWaiting,
                NoMessages,
                0,
            ),
            (
                "253 OK, 0 pending messages for node a.test started",
                NothingWaiting,
                NoMessages,
                0,
            ),
            (
                "251 OK, no messages waiting for node a.test",
                NothingWaiting,
                NoMessages,
                0,
            ),
            (
                "252 OK, pending messages for node a.test started",
                Started,
                PendingStarted,
                0,
            ),
            (
                "253 OK, 3 pending messages for node a.test started",
                Started,
                PendingStarted,
                0,
            ),
            ("221 bye", Unknown, HungUp, 75),
            ("421 4.3.2 closing", Refused, ServiceClosing, 75),
            (
                "421 4.7.1 Error: No client certificate presented",
                Refused,
                ClientCertificateRequired,
                77,
            ),
            (
                "454 4.7.1 Error: Client certificate not trusted",
                Refused,
                ClientCertificateRequired,
                77,
            ),
            (
                "432 4.7.12 change your password",
                Refused,
                PasswordTransition,
                77,
            ),
            ("450 4.7.1 later", Refused, TryLater, 75),
            ("451 4.3.2 Please try again later", Refused, TryLater, 75),
            (
                "458 Already processing customer.test",
                Started,
                AlreadyRunning,
                0,
            ),
            (
                "458 Unable to queue messages for node a.test",
                Refused,
                CannotQueue,
                75,
            ),
            ("459 <a.test>: service unavailable", Refused, NotAllowed, 77),
            ("459 4.5.4 Queue a.test unknown", Refused, NotAllowed, 77),
            ("500 5.5.2 Parameter required", Refused, NotImplemented, 76),
            ("500 5.5.1 Unknown command", Refused, NotImplemented, 76),
            ("500 Befehl nicht erkannt", Refused, NotImplemented, 76),
            ("501 argument must begin with #", Refused, Syntax, 76),
            ("502 unimplemented (#5.5.1)", Refused, NotImplemented, 76),
            ("503 Error: send HELO/EHLO first", Refused, BadSequence, 76),
            ("504 5.5.4 parameter", Refused, Syntax, 76),
            ("555 5.5.4 parameters not recognized", Refused, Syntax, 76),
            (
                "530 5.7.0 Must issue a STARTTLS command first",
                Refused,
                TlsRequired,
                77,
            ),
            (
                "530 5.7.0 Authentication required",
                Refused,
                LoginRequired,
                77,
            ),
            ("534 5.7.9 mechanism too weak", Refused, LoginRequired, 77),
            ("535 5.7.8 bad credentials", Refused, LoginRefused, 77),
            ("538 5.7.11 encryption required", Refused, TlsRequired, 77),
            ("550 no", Refused, Denied, 77),
            ("551 no", Refused, Denied, 77),
            ("553 etrn service unavailable", Refused, Denied, 77),
            (
                "554 5.7.1 <a.test>: Etrn command rejected: Access denied",
                Refused,
                Denied,
                77,
            ),
            ("334 VXNlcm5hbWU6", Refused, BadReply, 76),
        ] {
            let verdict = read_request_reply(&reply(line), &[], false);
            assert_eq!(
                (verdict.outcome, verdict.reason, verdict.exit_status()),
                (outcome, reason, exit),
                "{line}"
            );
        }
    }

    #[test]
    fn every_code_there_can_be_has_its_exit_status() {
        for code in 200..=599_u16 {
            let line = reply(&format!("{code} x"));
            let verdict = read_request_reply(&line, &[], false);
            let expected = match code {
                221 => 75,
                200..=299 => 0,
                300..=399 => 76,
                432 | 459 => 77,
                400..=499 => 75,
                500..=509 | 555 => 76,
                _ => 77,
            };
            assert_eq!(verdict.exit_status(), expected, "{code}");
            assert_eq!(verdict.outcome.is_success(), expected == 0, "{code}");
            assert_eq!(verdict.code, Some(code));
            for asked in [Asked::Connection, Asked::Introduction] {
                let start = read_reply(asked, &line);
                assert!(!start.outcome.is_success(), "{code} is no welcome");
            }
            let normal = read_request_reply(&line, &[code], false);
            assert_eq!(normal.exit_status(), 0, "{code} where it is normal");
        }
    }

    #[test]
    fn the_number_of_messages_is_the_one_in_front_of_them() {
        for (line, pending) in [
            (
                "253 OK, 12 pending messages for node 3.test started",
                Some(12),
            ),
            ("253 2.5.0 OK, 3 pending messages", Some(3)),
            ("253 OK, for node 163.test: 7 pending messages", Some(7)),
            ("253 mx1.provider.test: 4 Messages waiting", Some(4)),
            ("253 2.0.0 mail for 163.com started", None),
            ("253 OK", None),
            ("252 OK, pending messages for node 5.test started", None),
        ] {
            let verdict = read_request_reply(&reply(line), &[], false);
            assert_eq!(verdict.reason, Reason::PendingStarted, "{line}");
            assert_eq!(verdict.pending, pending, "{line}");
        }
    }

    #[test]
    fn quirks_and_masks() {
        for line in [
            "502 unimplemented (#5.5.1)",
            "459 <a.test>: service unavailable",
        ] {
            let normal = read_request_reply(&reply(line), &[502, 459], false);
            assert_eq!(
                (normal.outcome, normal.reason, normal.exit_status()),
                (Outcome::Signalled, Reason::NormalHere, 0)
            );
        }
        let masked = read_request_reply(&reply("250 OK"), &[], true);
        assert_eq!(
            (masked.outcome, masked.exit_status()),
            (Outcome::Unknown, 75)
        );
    }

    #[test]
    fn starts_that_are_no_welcome() {
        use Asked::{Connection, Introduction};
        for (asked, line, reason, exit) in [
            (
                Connection,
                "554 5.7.1 no service for you",
                Reason::Denied,
                77,
            ),
            (Connection, "521 no mail here", Reason::Denied, 77),
            (
                Connection,
                "421 too many connections",
                Reason::ServiceClosing,
                75,
            ),
            (Connection, "451 later", Reason::TryLater, 75),
            (Connection, "250 too eager", Reason::NotSmtp, 76),
            (Introduction, "500 HELO not understood", Reason::NotSmtp, 76),
            (Introduction, "502 5.5.1 what", Reason::NotSmtp, 76),
            (
                Introduction,
                "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
                Reason::EhloRefused,
                77,
            ),
            (
                Introduction,
                "550 5.7.1 <x>: Helo command rejected: Host not found",
                Reason::EhloRefused,
                77,
            ),
            (
                Introduction,
                "501 syntactically invalid argument",
                Reason::EhloRefused,
                77,
            ),
            (Introduction, "554 5.7.1 go away", Reason::Denied, 77),
        ] {
            let verdict = read_reply(asked, &reply(line));
            assert_eq!(
                (verdict.reason, verdict.exit_status()),
                (reason, exit),
                "{line}"
            );
        }
    }

    #[test]
    fn the_text_of_a_verdict_is_shortened() {
        let line = |code: &str| code.to_owned() + &"é\u{1b}".repeat(500) + "\r\n";
        let mut parser = ReplyParser::default();
        parser.push((line("550-") + &line("550 ")).as_bytes());
        let reply = parser.next_reply().unwrap().unwrap();
        let text = read_reply(Asked::Connection, &reply).text.unwrap();
        assert_eq!(text.chars().count(), limits::VERDICT_TEXT + 1);
        assert!(reply.text().starts_with(text.trim_end_matches('…')));
    }
}
