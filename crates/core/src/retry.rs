//! What follows a poke that did not work: when to try again, and at which of several hosts.
//!
//! What may pass by itself is tried again soon, then less and less often, as mail servers do
//! (RFC 5321 4.5.4.1). What was refused for good stays with the ordinary rhythm and after some
//! times becomes rarer: a provider that sees the same refused question over and over bans the
//! address, or locks the login. But it is never given up, as fetchmail does after a refused login:
//! nobody may look here for years, and one day the provider's list is put right.

use std::time::Duration;

use dequeue_smtp::{Outcome, Reason};
use jiff::Timestamp;
use serde::Serialize;

use crate::schedule::{Draw, Rhythm, later};

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// At this distance from the beginning of the poke that failed; shorter than the interval.
    After(Duration),
    /// When the rhythm says so.
    OrdinaryRhythm,
    /// Not before this distance from the beginning of the poke that failed; longer than the interval.
    NotBefore(Duration),
    /// When the mail server is back: that is told, not waited for. The rhythm is the net below.
    MailServer,
}

/// Why the next poke is when it is, where that is not simply the rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextReason {
    /// The first pokes of several accounts are spread.
    First,
    /// A queue run that was under way may have passed over mail.
    Second,
    /// The last one failed, and may do so no longer.
    Sooner,
    /// It is refused again and again.
    Rarer,
    /// It waits for the mail server.
    Held,
    /// No pokes go in between, by the hours that are set.
    Hours,
}

/// The pauses after the first failures in a row, in seconds; the last one stays.
const PAUSES: [u64; 8] = [30, 60, 120, 300, 600, 900, 1800, 3600];
/// The number of refusals in a row from which on pokes become rarer.
const REFUSALS: u32 = 3;
/// The longest pause between refusals, in intervals, as a power of two.
const RARER: u32 = 2;
/// The longest pause between refusals; an interval that is longer stays.
const RAREST: Duration = Duration::from_secs(86_400);

/// When to try again after `failures` (1 or more) in a row, of which the last ended as `outcome`
/// says. `interval` is the ordinary one ([`Rhythm::interval`]); `started`, the beginning of the
/// poke that failed, `seed` and `name` make the pause one of this installation and account.
#[must_use]
pub fn after_failure(
    failures: u32,
    outcome: Outcome,
    reason: Reason,
    interval: Duration,
    started: Timestamp,
    seed: u64,
    name: &str,
) -> Retry {
    match outcome {
        Outcome::Started | Outcome::NothingWaiting | Outcome::Signalled | Outcome::Delivered => {
            Retry::OrdinaryRhythm
        }
        Outcome::Held => Retry::MailServer,
        Outcome::Refused | Outcome::Unreachable | Outcome::Unknown | Outcome::Failed => {
            if lasts(reason) {
                if failures < REFUSALS {
                    return Retry::OrdinaryRhythm;
                }
                let times = 1 << (failures - REFUSALS + 1).min(RARER);
                let rare = interval.saturating_mul(times).min(RAREST);
                return if rare > interval {
                    Retry::NotBefore(rare)
                } else {
                    Retry::OrdinaryRhythm
                };
            }
            let step = failures.saturating_sub(1) as usize;
            let pause = Duration::from_secs(PAUSES[step.min(PAUSES.len() - 1)]);
            // A fifth more or less, so that those who failed together do not come back together.
            let fifth = pause / 5;
            let spread = Draw { seed, name }.within(fifth * 2, started.as_millisecond());
            let pause = pause - fifth + spread;
            if pause < interval {
                Retry::After(pause)
            } else {
                Retry::OrdinaryRhythm
            }
        }
    }
}

impl Retry {
    /// When the next poke is due, given when the rhythm alone would have it. Never before `now`,
    /// nor when the rhythm allows none.
    #[must_use]
    pub fn due(
        self,
        rhythm: &Rhythm,
        ordinary: Option<Timestamp>,
        started: Timestamp,
        now: Timestamp,
        seed: u64,
        name: &str,
    ) -> Option<Timestamp> {
        // After the clock was set back it counts from now.
        let started = started.min(now);
        match self {
            Self::OrdinaryRhythm | Self::MailServer => ordinary,
            Self::After(pause) => {
                let at = later(started, pause);
                let overdue = at.max(now);
                // Where it may not go at its time the rhythm brings it, whenever that is worked
                // out: else working it out again within the hours would make it due at once.
                if rhythm.allows(at) && rhythm.allows(overdue) {
                    Some(ordinary.map_or(overdue, |ordinary| ordinary.min(overdue)))
                } else {
                    ordinary
                }
            }
            Self::NotBefore(pause) => {
                let at = later(started, pause);
                let at = rhythm.first_allowed(at, Draw { seed, name });
                ordinary.map(|ordinary| ordinary.max(at))
            }
        }
    }
}

/// Whether the reason will be the same next time, until a person changes something.
const fn lasts(reason: Reason) -> bool {
    match reason {
        Reason::MaskedByFirewall
        | Reason::NotAllowed
        | Reason::Syntax
        | Reason::NotImplemented
        | Reason::BadSequence
        | Reason::TlsRequired
        | Reason::LoginRequired
        | Reason::LoginRefused
        | Reason::Denied
        | Reason::DeniedWithoutLogin
        | Reason::EhloRefused
        | Reason::PasswordTransition
        | Reason::NotAsked
        | Reason::TlsNotOffered
        | Reason::Injected
        | Reason::CertificateUnknown
        | Reason::CertificateExpired
        | Reason::CertificateNotYetValid
        | Reason::CertificateWrongName
        | Reason::CertificateRevoked
        | Reason::CertificateChanged
        | Reason::CertificateInvalid
        | Reason::TlsLocal
        | Reason::ClientCertificateRequired
        | Reason::LoginNotOffered
        | Reason::LoginMechanism
        | Reason::LoginInClear
        | Reason::LoginUnverified
        | Reason::TokenRefused
        | Reason::LoginConfused
        | Reason::ServerNotProved
        // What the mail server does not take would be refused, and bounced, all the faster.
        | Reason::MailServerRefused
        | Reason::ForeignRecipients
        | Reason::DidNotTurn
        | Reason::DomainsNeeded
        | Reason::LoginNeeded
        | Reason::MailServerUnset => true,
        // What speaks no SMTP may be a server that is just starting, or a proxy before one.
        Reason::NotSmtp
        | Reason::BadReply
        | Reason::TooMuch
        | Reason::TryLater
        | Reason::ServiceClosing
        | Reason::CannotQueue
        | Reason::NoAnswer
        | Reason::HungUp
        | Reason::NotGreeted
        | Reason::ImplicitTlsExpected
        | Reason::SilentBeforeRequest
        | Reason::HungUpBeforeRequest
        | Reason::Interrupted
        | Reason::InterruptedBeforeRequest
        | Reason::NoAddress
        | Reason::NoIpv4Address
        | Reason::NoIpv6Address
        | Reason::NoInterface
        | Reason::ConnectionRefused
        | Reason::NoRoute
        | Reason::ConnectTimeout
        | Reason::LocalFault
        | Reason::TlsFailed
        // A keyring may be locked until someone logs on.
        | Reason::SecretMissing
        | Reason::DeliveryBroken
        | Reason::TurnAbandoned
        | Reason::MailServerDown
        | Reason::MailServerNotReady
        | Reason::QueuingStarted
        | Reason::PendingStarted
        | Reason::AlreadyRunning
        | Reason::NoMessages
        | Reason::QuitSignals
        | Reason::NormalHere
        | Reason::FingerSignals
        | Reason::HelloSignals
        | Reason::MessagesDelivered
        | Reason::DeliveredUncounted => false,
    }
}

/// How long a host that failed stands behind the others.
const HOST_RESTS: Duration = Duration::from_secs(30 * 60);

/// In which order an account's hosts are tried: the account's own, but those that failed lately
/// after the others, and of them the one that rested longest first. `failed` says when each failed
/// last, and is forgotten at its next success.
#[must_use]
pub fn host_order(failed: &[Option<Timestamp>], now: Timestamp) -> Vec<usize> {
    // A failure to come is one from before the clock was set back: it says nothing.
    let lately = |at: &Timestamp| *at <= now && later(*at, HOST_RESTS) > now;
    let mut order: Vec<usize> = (0..failed.len()).collect();
    order.sort_by_key(|host| failed[*host].filter(lately));
    order
}

/// Whether the next host is tried in the same poke: where this one was not reached, did not answer
/// or cannot now. A refusal is the provider's, whichever host says it.
#[must_use]
pub fn tries_next_host(outcome: Outcome, reason: Reason) -> bool {
    match outcome {
        // The program ends.
        Outcome::Unknown if reason.is_interruption() => false,
        Outcome::Unreachable | Outcome::Unknown | Outcome::Refused => !lasts(reason),
        // A second host does not mend what is wrong here.
        Outcome::Held | Outcome::Failed => false,
        Outcome::Started | Outcome::NothingWaiting | Outcome::Signalled | Outcome::Delivered => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        schedule::{Beat, next_due},
        settings::rhythm::Jitter,
    };
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    const QUARTER: Duration = Duration::from_secs(900);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    fn retry(failures: u32, outcome: Outcome, reason: Reason, interval: Duration) -> Retry {
        after_failure(failures, outcome, reason, interval, at(0), 7, "vevida")
    }

    #[test]
    fn pauses_grow_up_to_the_interval() {
        let pause = |failures, interval| {
            retry(
                failures,
                Outcome::Unreachable,
                Reason::ConnectTimeout,
                interval,
            )
        };
        for (failures, middle) in [(1, 30), (2, 60), (3, 120), (4, 300), (5, 600)] {
            let Retry::After(pause) = pause(failures, QUARTER) else {
                panic!("{failures}");
            };
            let middle = Duration::from_secs(middle);
            assert!(
                pause >= middle * 4 / 5 && pause <= middle * 6 / 5,
                "{pause:?}"
            );
        }
        for failures in [6, 7, 8, 9, 1000, u32::MAX] {
            let never_beyond = match pause(failures, QUARTER) {
                Retry::After(pause) => pause < QUARTER,
                Retry::OrdinaryRhythm => true,
                Retry::NotBefore(_) | Retry::MailServer => false,
            };
            assert!(never_beyond, "{failures}");
        }
        let day = Duration::from_secs(86_400);
        assert!(matches!(pause(1000, day), Retry::After(pause) if pause <= day / 20));
        let every_10s = Duration::from_secs(10);
        assert_eq!(pause(1, every_10s), Retry::OrdinaryRhythm);
    }

    #[test]
    fn what_each_failure_asks_for() {
        use Outcome::{Failed, Held, Refused, Unknown, Unreachable};
        let hours = |n: u64| Duration::from_secs(n * 3600);
        for (what, failures, outcome, reason, interval, expected) in [
            (
                "refused once",
                1,
                Refused,
                Reason::NotAllowed,
                QUARTER,
                Retry::OrdinaryRhythm,
            ),
            (
                "twice",
                2,
                Refused,
                Reason::NotImplemented,
                QUARTER,
                Retry::OrdinaryRhythm,
            ),
            (
                "three times",
                3,
                Refused,
                Reason::LoginRefused,
                QUARTER,
                Retry::NotBefore(QUARTER * 2),
            ),
            (
                "for long",
                99,
                Refused,
                Reason::Denied,
                QUARTER,
                Retry::NotBefore(QUARTER * 4),
            ),
            (
                "a day at most",
                99,
                Refused,
                Reason::Denied,
                hours(10),
                Retry::NotBefore(hours(24)),
            ),
            (
                "a rare rhythm",
                99,
                Refused,
                Reason::Denied,
                hours(48),
                Retry::OrdinaryRhythm,
            ),
            (
                "proves nothing",
                1,
                Unknown,
                Reason::MaskedByFirewall,
                QUARTER,
                Retry::OrdinaryRhythm,
            ),
            (
                "your mail server",
                5,
                Held,
                Reason::NoAnswer,
                QUARTER,
                Retry::MailServer,
            ),
        ] {
            assert_eq!(
                retry(failures, outcome, reason, interval),
                expected,
                "{what}"
            );
        }
        for (outcome, reason) in [
            (Refused, Reason::TryLater),
            (Refused, Reason::ServiceClosing),
            (Refused, Reason::CannotQueue),
            (Refused, Reason::NotSmtp),
            (Unknown, Reason::NoAnswer),
            (Unreachable, Reason::NoAddress),
            (Failed, Reason::LocalFault),
        ] {
            let soon = retry(1, outcome, reason, QUARTER);
            assert!(matches!(soon, Retry::After(_)), "{reason:?}: {soon:?}");
        }
    }

    #[test]
    fn those_that_failed_together_do_not_come_back_together() {
        let mut pauses: Vec<Retry> = (0..100)
            .map(|seed| {
                let (outcome, reason) = (Outcome::Unreachable, Reason::NoRoute);
                after_failure(3, outcome, reason, QUARTER, at(0), seed, "a")
            })
            .collect();
        pauses.dedup();
        assert!(pauses.len() > 90);
    }

    #[test]
    fn when_it_is_tried_again() {
        let rhythm = Rhythm::every(QUARTER);
        let office = Rhythm {
            beat: Beat::Hours {
                // 1790000000 is a Monday, 14:13:20 in UTC.
                hours: "mon-fri 07:00-14:14".parse().unwrap(),
                inside: QUARTER,
                outside: None,
            },
            zone: TimeZone::UTC,
            jitter: Jitter::NONE,
        };
        let morning = (16 * 3600 + 46 * 60) + 40;
        let after = |seconds| Retry::After(Duration::from_secs(seconds));
        let not_before = |seconds| Retry::NotBefore(Duration::from_secs(seconds));
        for (what, rhythm, retry, now, due) in [
            ("soon", &rhythm, after(60), 10, 60),
            ("late", &rhythm, after(60), 70, 70),
            ("the clock went back", &rhythm, after(60), -100, -40),
            ("rarer", &rhythm, not_before(1800), 10, 1800),
            ("rarer, late", &rhythm, not_before(1800), 2000, 2000),
            ("held", &rhythm, Retry::MailServer, 10, 900),
            ("still open", &office, after(30), 10, 30),
            ("closed by then", &office, after(60), 10, morning),
            ("rarer, and closed", &office, not_before(1800), 10, morning),
        ] {
            let ordinary = next_due(rhythm, Some(at(0)), at(now), 7, "a");
            let found = retry.due(rhythm, ordinary, at(0), at(now), 7, "a");
            assert_eq!(found, Some(at(due)), "{what}");
        }
    }

    #[test]
    fn hosts_that_failed_lately_stand_behind() {
        let order = |failed: &[Option<i64>]| {
            let failed: Vec<_> = failed.iter().map(|failed| failed.map(at)).collect();
            host_order(&failed, at(0))
        };
        assert_eq!(order(&[]), [0_usize; 0]);
        assert_eq!(order(&[Some(-1)]), [0]);
        assert_eq!(order(&[None, None, None]), [0, 1, 2]);
        assert_eq!(order(&[Some(-60), None, None]), [1, 2, 0]);
        assert_eq!(order(&[Some(-60), Some(-600), None]), [2, 1, 0]);
        assert_eq!(order(&[Some(-1800), None]), [0, 1], "it has rested");
        assert_eq!(
            order(&[Some(60), None]),
            [0, 1],
            "before the clock was set back"
        );
    }

    #[test]
    fn the_next_host_is_for_what_another_host_may_do_better() {
        assert!(tries_next_host(
            Outcome::Unreachable,
            Reason::ConnectTimeout
        ));
        assert!(tries_next_host(Outcome::Refused, Reason::ServiceClosing));
        assert!(tries_next_host(Outcome::Unknown, Reason::HungUp));
        assert!(!tries_next_host(Outcome::Refused, Reason::NotAllowed));
        assert!(!tries_next_host(Outcome::Held, Reason::NoAnswer));
        assert!(!tries_next_host(Outcome::Started, Reason::QueuingStarted));
    }

    proptest! {
        /// Never in the past; sooner than the rhythm or when it says, and rarer only where refused.
        #[test]
        fn a_retry_is_in_time(failures in 1..100_u32, every in 10..90_000_u64, passed in -90_000..90_000_i64, seed: u64) {
            let (every, now) = (Duration::from_secs(every), at(passed));
            let rhythm = Rhythm::every(every);
            let ordinary = next_due(&rhythm, Some(at(0)), now, seed, "a");
            for (outcome, reason) in [(Outcome::Unreachable, Reason::NoRoute), (Outcome::Refused, Reason::Denied)] {
                let retry = after_failure(failures, outcome, reason, every, at(0), seed, "a");
                let due = retry.due(&rhythm, ordinary, at(0), now, seed, "a").unwrap();
                prop_assert!(due >= now);
                if outcome == Outcome::Unreachable {
                    prop_assert!(due <= ordinary.unwrap());
                } else {
                    prop_assert!(due >= ordinary.unwrap());
                    prop_assert!(due <= ordinary.unwrap().max(at(0).min(now) + every * 4));
                }
            }
        }
    }
}
