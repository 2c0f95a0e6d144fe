//! The meaning of a reply: one exhaustive table, and the exit status of each outcome.
//!
//! It rests on RFC 1985 5 and 6, on the sources of Postfix, Exim, Sendmail, IndiMail and hMailServer,
//! and on what these servers sent on the wire.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{limits, reply::Reply};

/// How a poke ended, in the terms that users and scripts see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The provider said that its delivery has started, or is about to.
    Started,
    /// The provider said that no mail is waiting.
    NothingWaiting,
    /// The provider does not answer such a request; its queue run follows the visit.
    Signalled,
    /// Messages came over the connection, and the mail server accepted every one.
    Delivered,
    /// The provider refused, temporarily or permanently.
    Refused,
    /// No connection could be opened, so nothing was asked.
    Unreachable,
    /// No answer, or one that proves nothing. It may have worked.
    Unknown,
    /// The mail server did not answer, so nothing was sent.
    Held,
    /// Something on this machine went wrong.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 9] = [
        Self::Started,
        Self::NothingWaiting,
        Self::Signalled,
        Self::Delivered,
        Self::Refused,
        Self::Unreachable,
        Self::Unknown,
        Self::Held,
        Self::Failed,
    ];

    /// Whether the poke did its work, as far as anyone can tell.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(
            self,
            Self::Started | Self::NothingWaiting | Self::Signalled | Self::Delivered
        )
    }

    /// The name in JSON and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::NothingWaiting => "nothing-waiting",
            Self::Signalled => "signalled",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

/// The reason for an outcome. Every language of the user has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// 250: queuing has started; mail may or may not be waiting.
    QueuingStarted,
    /// 252 or 253: messages are waiting, and their delivery has started.
    PendingStarted,
    /// 458 with "already processing": a queue run for the domain is under way.
    AlreadyRunning,
    /// 251, or a 250 that says so: no messages are waiting.
    NoMessages,
    /// The connection and its QUIT were the request.
    QuitSignals,
    /// A refusal that is normal at this provider: the visit itself was the request.
    NormalHere,
    /// Behind a firewall that masks the conversation a 250 proves nothing.
    MaskedByFirewall,
    /// 450, 451 and other 4xx: later.
    TryLater,
    /// 421: the provider is closing the connection.
    ServiceClosing,
    /// 458: the provider cannot queue now.
    CannotQueue,
    /// 459: the provider does not allow it for the domain.
    NotAllowed,
    /// 500, 501 and other syntax errors.
    Syntax,
    /// 502, 504, or a 500 that says so: the provider does not know the command.
    NotImplemented,
    /// 503: not at this point of the session.
    BadSequence,
    /// A finger request was answered, and is the request here.
    FingerSignals,
    /// The connection to the hello port was the request.
    HelloSignals,
    /// Messages came through the bridge, and the mail server accepted them all.
    MessagesDelivered,
    /// The provider and the mail server began TLS, so that nothing could be counted.
    DeliveredUncounted,
    /// The mail server refused at least one message that came through the bridge.
    MailServerRefused,
    /// The connection broke while messages were passing.
    DeliveryBroken,
    /// The mail server could not be reached.
    MailServerDown,
    /// The mail server did not say 220.
    MailServerNotReady,
    /// 530 that asks for STARTTLS, or 538: the provider requires TLS.
    TlsRequired,
    /// STARTTLS is required, and the provider does not offer it.
    TlsNotOffered,
    /// The TLS handshake failed.
    TlsFailed,
    /// More came in the clear than the reply to STARTTLS.
    Injected,
    /// No trusted authority has issued the provider's certificate.
    CertificateUnknown,
    /// The provider's certificate has expired.
    CertificateExpired,
    /// The provider's certificate is not valid yet.
    CertificateNotYetValid,
    /// The provider's certificate is for another name.
    CertificateWrongName,
    /// The provider's certificate has been revoked.
    CertificateRevoked,
    /// The provider's certificate is not the one that was pinned.
    CertificateChanged,
    /// The provider's certificate cannot be used.
    CertificateInvalid,
    /// A CA file, a client certificate or its key cannot be used.
    TlsLocal,
    /// The provider offers no login, or not on this connection.
    LoginNotOffered,
    /// None of the mechanisms that the provider offers can be used.
    LoginMechanism,
    /// The provider accepts the secret only in a form that an eavesdropper could read.
    LoginInClear,
    /// What the provider sent during the login cannot be understood.
    LoginConfused,
    /// The provider did not prove that it knows the secret too.
    ServerNotProved,
    /// The secret could not be read from its place.
    SecretMissing,
    /// 530, 534: the provider requires a login.
    LoginRequired,
    /// 535: the provider did not accept the login.
    LoginRefused,
    /// 550 to 554 and other 5xx: refused.
    Denied,
    /// An earlier domain was refused in a way that forbids asking for more (RFC 1985 5.2).
    NotAsked,
    /// The other side does not speak SMTP, or gave a command a reply that it cannot have.
    NotSmtp,
    /// The provider exceeded a limit on size.
    TooMuch,
    /// No answer within the time limit.
    NoAnswer,
    /// The provider hung up before it answered.
    HungUp,
    /// The name has no address.
    NoAddress,
    /// The connection was refused.
    ConnectionRefused,
    /// There is no route to the address.
    NoRoute,
    /// Nothing answered at the address within the time limit.
    ConnectTimeout,
    /// The connection could not be opened, for a reason on this machine.
    LocalFault,
}

/// The result of one domain, or of a whole poke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How the poke ended.
    pub outcome: Outcome,
    /// The reason for the outcome.
    pub reason: Reason,
    /// The number of messages that are on their way, where the provider gives one.
    pub pending: Option<u32>,
    /// The reply's code.
    pub code: Option<u16>,
    /// The reply's enhanced status code (RFC 3463).
    pub enhanced: Option<String>,
    /// The reply's text in one line, at most [`limits::VERDICT_TEXT`] characters and an ellipsis; for
    /// what is no reply, the line as it came.
    pub text: Option<String>,
}

impl Verdict {
    /// A verdict without a reply behind it.
    #[must_use]
    pub const fn new(outcome: Outcome, reason: Reason) -> Self {
        Self {
            outcome,
            reason,
            pending: None,
            code: None,
            enhanced: None,
            text: None,
        }
    }

    /// A verdict with the reply that it was read from.
    #[must_use]
    pub fn of_reply(outcome: Outcome, reason: Reason, reply: &Reply) -> Self {
        Self {
            code: Some(reply.code()),
            enhanced: reply.enhanced(),
            text: Some(shortened(reply.text())).filter(|text| !text.is_empty()),
            ..Self::new(outcome, reason)
        }
    }

    /// The exit status of the command line, as in `sysexits.h`: 0 success; 69 unreachable; 70 a fault
    /// on this machine; 75 try again, or may have worked; 76 the protocol is broken; 77 refused.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self.outcome {
            Outcome::Started
            | Outcome::NothingWaiting
            | Outcome::Signalled
            | Outcome::Delivered => 0,
            Outcome::Unreachable => 69,
            Outcome::Failed => 70,
            Outcome::Unknown | Outcome::Held => 75,
            Outcome::Refused => match self.reason {
                Reason::NotSmtp
                | Reason::TooMuch
                | Reason::TlsFailed
                | Reason::Injected
                | Reason::LoginConfused
                | Reason::Syntax
                | Reason::NotImplemented
                | Reason::BadSequence => 76,
                Reason::TryLater | Reason::ServiceClosing | Reason::CannotQueue => 75,
                _ => 77,
            },
        }
    }

    /// How bad the verdict is: the higher, the worse.
    #[must_use]
    pub const fn severity(&self) -> u8 {
        match self.exit_status() {
            0 => match self.outcome {
                // Among successes, the one that promises mail stands for the whole.
                Outcome::NothingWaiting => 0,
                Outcome::Signalled => 1,
                Outcome::Started => 2,
                _ => 3,
            },
            status => 3 + exit_status_severity(status),
        }
    }

    /// The worst of several, the first of equals; `None` where there is none.
    #[must_use]
    pub fn worst<'a>(verdicts: impl IntoIterator<Item = &'a Self>) -> Option<&'a Self> {
        let worse = |a: &'a Self, b: &'a Self| if b.severity() > a.severity() { b } else { a };
        verdicts.into_iter().reduce(worse)
    }
}

/// The worst of several exit statuses: refused before a broken protocol, before try again, before
/// unreachable; a fault of our own before all. 0 where there is none.
#[must_use]
pub fn worst_exit_status(statuses: impl IntoIterator<Item = u8>) -> u8 {
    let severity = |status: &u8| exit_status_severity(*status);
    statuses.into_iter().max_by_key(severity).unwrap_or(0)
}

/// The one order in which exit statuses are worse than each other.
const fn exit_status_severity(status: u8) -> u8 {
    match status {
        0 => 0,
        69 => 1,
        75 => 2,
        76 => 3,
        77 => 4,
        _ => 5,
    }
}

/// The meaning of a reply to ETRN (RFC 1985 5 and 6) or QSND. `normal_codes` are refusals that the
/// account calls normal at this provider; `masked` tells that a firewall masks the greeting
/// ([`crate::capabilities::is_masked_greeting`]).
#[must_use]
pub fn read_request_reply(reply: &Reply, normal_codes: &[u16], masked: bool) -> Verdict {
    use Outcome::{NothingWaiting, Refused, Signalled, Started, Unknown};
    let verdict = |outcome, reason| Verdict::of_reply(outcome, reason, reply);
    let code = reply.code();
    if normal_codes.contains(&code) {
        return verdict(Signalled, Reason::NormalHere);
    }
    let text = reply.text().to_ascii_lowercase();
    match code {
        // A goodbye in place of an answer.
        221 => verdict(Unknown, Reason::HungUp),
        200..=299 if masked => verdict(Unknown, Reason::MaskedByFirewall),
        251 => verdict(NothingWaiting, Reason::NoMessages),
        // IndiMail answers 250 with these words.
        250 if text.contains("no message") => verdict(NothingWaiting, Reason::NoMessages),
        252 | 253 => Verdict {
            pending: first_number(&text).filter(|_| code == 253),
            ..verdict(Started, Reason::PendingStarted)
        },
        200..=299 => verdict(Started, Reason::QueuingStarted),
        421 => verdict(Refused, Reason::ServiceClosing),
        // Exim, when a queue run for the domain is under way.
        458 if text.contains("already processing") => verdict(Started, Reason::AlreadyRunning),
        458 => verdict(Refused, Reason::CannotQueue),
        459 => verdict(Refused, Reason::NotAllowed),
        400..=499 => verdict(Refused, Reason::TryLater),
        502 | 504 => verdict(Refused, Reason::NotImplemented),
        // The command is unknown (RFC 5321 4.2.2), in the words of Postfix, Exim and Sendmail.
        500 if text.contains("recognized") => verdict(Refused, Reason::NotImplemented),
        503 => verdict(Refused, Reason::BadSequence),
        500..=509 => verdict(Refused, Reason::Syntax),
        530 if text.contains("starttls") => verdict(Refused, Reason::TlsRequired),
        538 => verdict(Refused, Reason::TlsRequired),
        530 | 534 => verdict(Refused, Reason::LoginRequired),
        535 => verdict(Refused, Reason::LoginRefused),
        510..=599 => verdict(Refused, Reason::Denied),
        // A 3xx asks for more input, which no request has.
        _ => verdict(Refused, Reason::NotSmtp),
    }
}

/// The meaning of a reply to ATRN or TURN other than 250, after which the roles are reversed (RFC 2645
/// 5.2.1; RFC 821 4.2.2 for TURN; IndiMail, Exim, MDaemon).
#[must_use]
pub fn read_refused_turn(reply: &Reply, normal_codes: &[u16]) -> Verdict {
    match reply.code() {
        453 => Verdict::of_reply(Outcome::NothingWaiting, Reason::NoMessages, reply),
        // No other positive code reverses the roles.
        200..=399 if reply.code() != 221 => {
            Verdict::of_reply(Outcome::Refused, Reason::NotSmtp, reply)
        }
        _ => read_request_reply(reply, normal_codes, false),
    }
}

/// The meaning of a reply to AUTH other than 235 and 334 (RFC 4954 4 and 6).
#[must_use]
pub fn read_refused_login(reply: &Reply) -> Verdict {
    let reason = match reply.code() {
        421 => Reason::ServiceClosing,
        400..=499 => Reason::TryLater,
        // These refuse the mechanism, its syntax or the moment, not the secret.
        500..=504 | 534 => Reason::LoginMechanism,
        538 => Reason::TlsRequired,
        530 if reply.text().to_ascii_lowercase().contains("starttls") => Reason::TlsRequired,
        200..=399 => Reason::NotSmtp,
        _ => Reason::LoginRefused,
    };
    Verdict::of_reply(Outcome::Refused, reason, reply)
}

/// The meaning of a refusal in the greeting or in reply to EHLO, for everything that was to be asked.
#[must_use]
pub fn read_refused_start(reply: &Reply) -> Verdict {
    match reply.code() {
        // A 2xx or 3xx in place of 220 does not come from a mail server.
        200..=399 => Verdict::of_reply(Outcome::Refused, Reason::NotSmtp, reply),
        // A greeting of 5xx refuses all service, whatever its last digits.
        500..=529 | 539..=599 => Verdict::of_reply(Outcome::Refused, Reason::Denied, reply),
        _ => read_request_reply(reply, &[], false),
    }
}

/// Whether no further domain may be asked for after this code (RFC 1985 5.2; IndiMail).
#[must_use]
pub const fn ends_requests(code: u16) -> bool {
    matches!(code, 550 | 551 | 553)
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(limits::VERDICT_TEXT) {
        text.truncate(end);
        text.push('…');
        // The cut-off rest may be hundreds of times as long.
        text.shrink_to_fit();
    }
    text
}

fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|part| !part.is_empty())?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ReplyParser;

    fn reply(line: &str) -> Reply {
        let mut parser = ReplyParser::default();
        parser.push(line.as_bytes());
        parser.push(b"\r\n");
        parser.next_reply().unwrap().unwrap()
    }

    #[test]
    fn the_text_of_a_verdict_is_shortened() {
        let line = |code: &str| code.to_owned() + &"é\u{1b}".repeat(500) + "\r\n";
        let mut parser = ReplyParser::default();
        parser.push((line("550-") + &line("550 ")).as_bytes());
        let reply = parser.next_reply().unwrap().unwrap();
        let text = read_refused_start(&reply).text.unwrap();
        assert_eq!(text.chars().count(), limits::VERDICT_TEXT + 1);
        assert!(reply.text().starts_with(text.trim_end_matches('…')));
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
            ("432 4.7.12 change your password", Refused, TryLater, 75),
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
            ("500 5.5.2 Parameter required", Refused, Syntax, 76),
            (
                "500 5.5.2 Error: command not recognized",
                Refused,
                NotImplemented,
                76,
            ),
            ("501 argument must begin with #", Refused, Syntax, 76),
            ("502 unimplemented (#5.5.1)", Refused, NotImplemented, 76),
            ("503 Error: send HELO/EHLO first", Refused, BadSequence, 76),
            ("504 5.5.4 mechanism", Refused, NotImplemented, 76),
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
            ("334 VXNlcm5hbWU6", Refused, NotSmtp, 76),
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
            let verdict = read_request_reply(&reply(&format!("{code} x")), &[], false);
            let expected = match code {
                221 => 75,
                200..=299 => 0,
                300..=399 => 76,
                459 => 77,
                400..=499 => 75,
                500..=509 => 76,
                _ => 77,
            };
            assert_eq!(verdict.exit_status(), expected, "{code}");
            assert_eq!(verdict.outcome.is_success(), expected == 0, "{code}");
            assert_eq!(verdict.code, Some(code));
            let start = read_refused_start(&reply(&format!("{code} x")));
            assert!(!start.outcome.is_success(), "{code} is no welcome");
            let normal = read_request_reply(&reply(&format!("{code} x")), &[code], false);
            assert_eq!(normal.exit_status(), 0, "{code} where it is normal");
        }
    }

    #[test]
    fn numbers_quirks_and_masks() {
        let pending = read_request_reply(
            &reply("253 OK, 12 pending messages for node 3.test started"),
            &[],
            false,
        );
        assert_eq!(pending.pending, Some(12));
        assert_eq!(
            read_request_reply(&reply("253 OK"), &[], false).pending,
            None
        );
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
        for (line, reason, exit) in [
            ("554 5.7.1 no service for you", Reason::Denied, 77),
            ("521 no mail here", Reason::Denied, 77),
            ("421 too many connections", Reason::ServiceClosing, 75),
            ("451 later", Reason::TryLater, 75),
            ("250 too eager", Reason::NotSmtp, 76),
        ] {
            let verdict = read_refused_start(&reply(line));
            assert_eq!(
                (verdict.reason, verdict.exit_status()),
                (reason, exit),
                "{line}"
            );
        }
    }

    #[test]
    fn the_worst_of_several_exit_statuses() {
        for (statuses, expected) in [
            (&[][..], 0),
            (&[0, 0], 0),
            (&[0, 69, 0], 69),
            (&[75, 69], 75),
            (&[75, 76, 69], 76),
            (&[76, 77, 75], 77),
            (&[77, 70, 0], 70),
        ] {
            assert_eq!(
                worst_exit_status(statuses.iter().copied()),
                expected,
                "{statuses:?}"
            );
        }
    }
}
