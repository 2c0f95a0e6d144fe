//! TLS: when the handshake begins, and whether its result is good enough for the plan.

use std::time::Duration;

use super::state::{Said, Session, State};
use crate::{
    meaning::{Asked, read_reply},
    reply::{Reply, ReplyParser},
    report::DialogueLine,
    tls::{
        Alert, AlertMoment, Certificate, CertificateFault, CertificateTrust, Security, Tls,
        TlsFault,
    },
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    pub(super) fn handshake(&mut self, at: Duration, implicit: bool) {
        self.enter(at, State::Handshake { implicit }, self.plan.limits.command);
        self.round_trips += 1;
    }

    pub(super) fn tls_started(&mut self, at: Duration, tls: &Tls) {
        let State::Handshake { implicit } = self.state else {
            return;
        };
        self.dialogue.push(DialogueLine::event(at, "tls-started"));
        self.certificate = Some(tls.certificate.clone());
        self.tls = Some(tls.clone());
        self.said = Said::default();
        self.parser = ReplyParser::default();
        if implicit {
            self.await_greeting(at);
        } else {
            self.say_ehlo(at, false);
        }
    }

    pub(super) fn tls_failed(
        &mut self,
        at: Duration,
        fault: TlsFault,
        certificate: Option<&Certificate>,
    ) {
        self.dialogue.push(DialogueLine::event(at, "tls-failed"));
        self.certificate = certificate.cloned().or(self.certificate.take());
        // An alert that comes after the handshake undoes it.
        self.tls = None;
        let (outcome, reason) = match &fault {
            TlsFault::Certificate(fault)
                if self.plan.security != Security::Opportunistic
                    || *fault == CertificateFault::NotThePinned =>
            {
                (
                    Outcome::Refused,
                    match fault {
                        CertificateFault::UnknownIssuer => Reason::CertificateUnknown,
                        CertificateFault::Expired => Reason::CertificateExpired,
                        CertificateFault::NotYetValid => Reason::CertificateNotYetValid,
                        CertificateFault::WrongName => Reason::CertificateWrongName,
                        CertificateFault::Revoked => Reason::CertificateRevoked,
                        CertificateFault::NotThePinned => Reason::CertificateChanged,
                        CertificateFault::WeakKey
                        | CertificateFault::WeakSignature
                        | CertificateFault::Invalid => Reason::CertificateInvalid,
                    },
                )
            }
            fault if fault.is_local() => (Outcome::Failed, Reason::TlsLocal),
            // Like every mail server: a poke in the clear is better than none.
            _ if self.plan.security == Security::Opportunistic && !self.without_tls => {
                self.without_tls = true;
                self.tls_fault = Some(fault);
                return self.next_connection(at);
            }
            TlsFault::ClientCertificate { .. } => {
                (Outcome::Refused, Reason::ClientCertificateRequired)
            }
            _ => (Outcome::Refused, Reason::TlsFailed),
        };
        self.tls_fault = Some(fault);
        // After a failed handshake nothing more can be sent, not even a QUIT.
        self.give_up(Verdict::new(outcome, reason));
        self.state = State::Done;
    }

    /// The provider ended TLS on a line that was protected. Before it has said a word there, it ends
    /// what the handshake had left open: with TLS 1.3 it judges our certificate only then.
    pub(super) fn tls_alert(&mut self, at: Duration, alert: Alert) {
        let fault = TlsFault::of_alert(alert, AlertMoment::AfterHandshake);
        let is_first_word = !self.parser.has_partial()
            && match self.state {
                State::Greeting => true,
                State::Ehlo { helo: false } => self.plan.security != Security::Implicit,
                _ => false,
            };
        if is_first_word {
            self.tls_failed(at, fault, None);
        } else {
            self.tls_fault = Some(fault);
            self.lost(at, "reset");
        }
    }

    pub(super) fn starttls_answered(&mut self, at: Duration, reply: &Reply) {
        if reply.code() == 220 {
            if self.parser.has_partial() {
                // Injected in the clear, to be taken for the provider's words under TLS.
                self.give_up(Verdict::new(Outcome::Refused, Reason::Injected));
                self.state = State::Done;
            } else {
                self.handshake(at, false);
            }
        } else if self.plan.security == Security::Required {
            self.give_up(read_reply(Asked::StartTls, reply));
            self.quit(at);
        } else {
            self.without_tls = true;
            self.introduced(at);
        }
    }

    /// Whether nobody but the provider can read what is sent.
    pub(super) fn is_protected(&self) -> bool {
        let tls = self.tls.as_ref();
        tls.is_some_and(|tls| tls.trust != CertificateTrust::Unverified)
    }
}
