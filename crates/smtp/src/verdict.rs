//! The result of a poke, or of one domain: an outcome with its reason, and the exit status of each.
//! [`crate::meaning`] reads them from replies.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::{
    limits,
    reply::{Reply, redact},
};

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
    /// No answer, or one that proves nothing. The reason tells whether anything was asked, so that it
    /// may have worked.
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
    /// 432: the provider wants the password to be changed or entered once in another way.
    PasswordTransition,
    /// 458: the provider cannot queue now.
    CannotQueue,
    /// 459: the provider does not allow it for the domain.
    NotAllowed,
    /// 501, 504, 555: the provider does not accept the domain as it was written.
    Syntax,
    /// 500, 502: the provider does not know the command.
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
    /// All that came through the bridge was for recipients at domains that are not the account's.
    ForeignRecipients,
    /// The connection broke while messages were passing.
    DeliveryBroken,
    /// The provider said that it turns the connection round, and ended it without a message and
    /// without a goodbye.
    TurnAbandoned,
    /// The provider said that it turns the connection round, and went on as a server.
    DidNotTurn,
    /// The provider offers ETRN, and there is no domain to ask for: nothing was asked.
    DomainsNeeded,
    /// The provider offers ATRN alone, which takes a login, and there is none: nothing was asked.
    LoginNeeded,
    /// No mail server is set to which the connection could be turned.
    MailServerUnset,
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
    /// The provider asks for a certificate of ours, and got none, or one that it does not accept.
    ClientCertificateRequired,
    /// The provider offers no login, or not on this connection.
    LoginNotOffered,
    /// None of the mechanisms that the provider offers can be used.
    LoginMechanism,
    /// The provider accepts the secret only in a form that an eavesdropper could read.
    LoginInClear,
    /// The same, on a line under TLS whose other end nobody vouches for.
    LoginUnverified,
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
    /// 535 to a mechanism that takes a token: the provider did not accept the token.
    TokenRefused,
    /// 550 to 554 and other 5xx: refused.
    Denied,
    /// The same from a provider that offers a login, where the account has none.
    DeniedWithoutLogin,
    /// The provider does not accept the name that EHLO gives.
    EhloRefused,
    /// An earlier domain was refused in a way that forbids asking for more (RFC 1985 5.2).
    NotAsked,
    /// The other side does not speak SMTP.
    NotSmtp,
    /// A mail server gave a command a reply that it cannot have, or one that is malformed.
    BadReply,
    /// The provider exceeded a limit on size.
    TooMuch,
    /// No answer to the request within the time limit.
    NoAnswer,
    /// The provider hung up before it answered the request.
    HungUp,
    /// The provider accepted the connection and did not greet, so that nothing was asked.
    NotGreeted,
    /// The same at port 465, where TLS begins with the first octet and the account's does not.
    ImplicitTlsExpected,
    /// The provider fell silent before it was asked.
    SilentBeforeRequest,
    /// The provider hung up before it was asked.
    HungUpBeforeRequest,
    /// This program was ended before the provider had answered.
    Interrupted,
    /// This program was ended before the provider was asked.
    InterruptedBeforeRequest,
    /// The name has no address.
    NoAddress,
    /// The name has addresses, but none of IPv4, which alone may be used.
    NoIpv4Address,
    /// The name has addresses, but none of IPv6, which alone may be used.
    NoIpv6Address,
    /// This machine has no such network interface as the address names.
    NoInterface,
    /// The connection was refused.
    ConnectionRefused,
    /// There is no route to the address.
    NoRoute,
    /// Nothing answered at the address within the time limit.
    ConnectTimeout,
    /// The connection could not be opened, for a reason on this machine.
    LocalFault,
}

impl Reason {
    /// Whether it says nothing of the provider: this program was ended meanwhile.
    #[must_use]
    pub const fn is_interruption(self) -> bool {
        matches!(self, Self::Interrupted | Self::InterruptedBeforeRequest)
    }
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

    /// The same verdict with these patterns redacted in its text.
    pub(crate) fn redacted(mut self, secret_patterns: &[Zeroizing<String>]) -> Self {
        if let Some(text) = &mut self.text
            && let Cow::Owned(redacted) = redact(text, secret_patterns)
        {
            *text = redacted;
        }
        self
    }

    /// The exit status of the command line, as in `sysexits.h`: 0 success; 64 more has to be given
    /// for this provider; 69 unreachable; 70 a fault
    /// on this machine; 75 try again, or may have worked; 76 the protocol is broken; 77 refused.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self.outcome {
            Outcome::Started
            | Outcome::NothingWaiting
            | Outcome::Signalled
            | Outcome::Delivered => 0,
            Outcome::Unreachable => 69,
            Outcome::Failed => match self.reason {
                Reason::DomainsNeeded | Reason::LoginNeeded => 64,
                _ => 70,
            },
            Outcome::Unknown | Outcome::Held => 75,
            Outcome::Refused => match self.reason {
                Reason::NotSmtp
                | Reason::BadReply
                | Reason::DidNotTurn
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

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(limits::VERDICT_TEXT) {
        text.truncate(end);
        text.push('…');
        // The cut-off rest may be hundreds of times as long.
        text.shrink_to_fit();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
