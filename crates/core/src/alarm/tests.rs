use jiff::SignedDuration;
use proptest::{prelude::*, sample::subsequence};

use super::*;
use crate::{
    settings::{fault::FaultKind, value::SilenceAfter},
    text::LANGUAGES,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn start() -> Timestamp {
    at("2026-11-02T08:00:00Z")
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn v4(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

fn queue(software: &str) -> Answer {
    Answer {
        method: "etrn".into(),
        yes: Yes::Queue,
        software: Some(software.into()),
    }
}

/// A poke of a provider that is well.
fn well() -> Observed {
    Observed {
        provider: "h.test:25 auto".into(),
        worked: true,
        proves: false,
        is_watched: false,
        duration: Some(Duration::from_millis(200)),
        seen_address: Some(v4(1)),
        resolved: BTreeSet::from([v4(25)]),
        certificate: None,
        answer: Some(queue("Postfix")),
    }
}

/// A life, a poke every 15 minutes, and what it raised.
struct Life {
    alarms: Alarms,
    now: Timestamp,
}

impl Life {
    /// One that has learnt what is well.
    fn learnt(observed: &Observed) -> Self {
        let mut life = Self {
            alarms: Alarms::default(),
            now: start(),
        };
        for _ in 0..DURATIONS {
            assert_eq!(life.poke(observed), []);
        }
        life
    }

    fn poke(&mut self, observed: &Observed) -> Vec<AlarmChange> {
        self.now += minutes(15);
        // As it is kept over a restart.
        let json = serde_json::to_string(&self.alarms).unwrap();
        self.alarms = serde_json::from_str(&json).unwrap();
        self.alarms.poked(self.now, observed)
    }

    /// What this many pokes raise.
    fn pokes(&mut self, count: usize, observed: &Observed) -> Vec<AlarmChange> {
        (0..count).flat_map(|_| self.poke(observed)).collect()
    }
}

#[test]
fn the_address_that_the_provider_sees() {
    let mut life = Life::learnt(&well());
    let from = |address| Observed {
        seen_address: address,
        ..well()
    };
    // A provider that does not say it this time; a line with IPv6 too.
    assert_eq!(life.pokes(3, &from(None)), []);
    assert_eq!(
        life.pokes(3, &from(Some("2001:db8::1".parse().unwrap()))),
        []
    );
    let change = Alarm::SeenAddress {
        before: v4(1),
        now: v4(2),
    };
    assert_eq!(
        life.pokes(5, &from(Some(v4(2)))),
        [AlarmChange::Raised(change)]
    );
    // A line with two ways out.
    for _ in 0..10 {
        assert_eq!(life.poke(&from(Some(v4(1)))), []);
        assert_eq!(life.poke(&from(Some(v4(2)))), []);
    }
    // A month later the old address is a change again.
    assert_eq!(life.pokes(31 * 96, &from(Some(v4(2)))), []);
    assert_eq!(life.pokes(5, &from(Some(v4(1)))).len(), 1);
    assert_eq!(life.alarms.raised().count(), 0);
}

#[test]
fn the_providers_addresses() {
    let to = |addresses: &[u8]| Observed {
        resolved: addresses.iter().copied().map(v4).collect(),
        ..well()
    };
    let mut life = Life::learnt(&to(&[25, 26]));
    // One less, none at all, another order, IPv6 in this network.
    assert_eq!(life.pokes(3, &to(&[26])), []);
    assert_eq!(life.pokes(3, &to(&[])), []);
    let mut both = to(&[25, 26]);
    both.resolved.insert("2001:db8::25".parse().unwrap());
    assert_eq!(life.pokes(3, &both), []);
    let changes = life.pokes(200, &to(&[25, 27]));
    let AlarmChange::Raised(Alarm::ProviderAddresses { known, new }) = &changes[0] else {
        panic!("{changes:?}")
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(new, &BTreeSet::from([v4(27)]));
    assert!(known.contains(&v4(25)) && known.contains(&v4(26)));
    // A move to other addresses one after the other is one alarm.
    assert_eq!(life.poke(&to(&[31])).len(), 1);
    assert_eq!(life.poke(&to(&[32])), []);
}

#[test]
fn the_answer() {
    let answers = |answer: &Answer| Observed {
        answer: Some(answer.clone()),
        ..well()
    };
    let visit = Answer {
        method: "signal".into(),
        yes: Yes::Visit,
        software: None,
    };
    let mut life = Life::learnt(&well());
    // Once or twice is a hiccup.
    assert_eq!(life.pokes(2, &answers(&visit)), []);
    assert_eq!(life.poke(&well()), []);
    assert_eq!(life.pokes(2, &answers(&visit)), []);
    let change = Alarm::Answer {
        before: queue("Postfix"),
        now: visit.clone(),
    };
    assert_eq!(
        life.pokes(50, &answers(&visit)),
        [AlarmChange::Raised(change)]
    );
    assert_eq!(life.pokes(5, &answers(&queue("Exim"))).len(), 1);
    // Failures are told as trouble.
    let failed = Observed {
        worked: false,
        answer: None,
        ..well()
    };
    assert_eq!(life.pokes(5, &failed), []);
}

#[test]
fn a_slow_poke() {
    let took = |ms| Observed {
        duration: Some(Duration::from_millis(ms)),
        ..well()
    };
    let mut life = Life::learnt(&took(900));
    // Ten times is not more than ten times; a failure that times out is no slow poke.
    assert_eq!(life.poke(&took(9000)), []);
    let timed_out = Observed {
        worked: false,
        ..took(60_000)
    };
    assert_eq!(life.poke(&timed_out), []);
    let slow = Alarm::Slow {
        usual_ms: 900,
        now_ms: 9100,
    };
    assert_eq!(life.poke(&took(9100)), [AlarmChange::Raised(slow)]);
    assert_eq!(life.pokes(3, &took(20_000)), []);
    assert_eq!(life.alarms.raised().count(), 1);
    assert_eq!(
        life.pokes(3, &took(1000)),
        [AlarmChange::Over(AlarmKind::Slow)]
    );
    // What goes on for long is the new usual.
    assert_eq!(life.pokes(100, &took(30_000)).len(), 2);
    // Twenty times 5 ms is nothing to speak of.
    let mut fast = Life::learnt(&took(5));
    assert_eq!(fast.poke(&took(4900)), []);
    // Twenty pokes make a usual.
    let mut young = Life {
        alarms: Alarms::default(),
        now: start(),
    };
    assert_eq!(young.pokes(DURATIONS_LEAST - 1, &took(100)), []);
    assert_eq!(young.poke(&took(60_000)), []);
    assert_eq!(young.poke(&took(60_000)).len(), 1);
}

#[test]
fn a_certificate() {
    // Where its beginning is not known, it was shown first 47 days before its end.
    for (from, expected) in [(Some("2025-12-20T00:00:00Z"), [14, 3]), (None, [9, 3])] {
        a_certificate_that_began(from, expected);
    }
}

fn a_certificate_that_began(from: Option<&str>, expected: [u32; 2]) {
    let of = |from: Option<&str>, until: &str| Observed {
        certificate: Some(Validity {
            from: from.map(at),
            until: at(until),
        }),
        ..well()
    };
    let old = of(from, "2026-12-20T00:00:00Z");
    let mut life = Life::learnt(&old);
    let mut told = Vec::new();
    while life.now < at("2026-12-21T00:00:00Z") {
        told.extend(life.poke(&old));
    }
    let days: Vec<u32> = told
        .iter()
        .map(|change| match change {
            AlarmChange::Raised(Alarm::Certificate { days, .. }) => *days,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(days, expected);
    let new = of(None, "2027-12-20T00:00:00Z");
    assert_eq!(
        life.pokes(3, &new),
        [AlarmChange::Over(AlarmKind::Certificate)]
    );
    // Another server of the pool still has the old one: it was told.
    assert_eq!(life.pokes(3, &old), []);
}

#[test]
fn renewed_certificates_raise_nothing() {
    // Let's Encrypt renews with a third of the life left; its short ones live six days.
    let lives = [(365, 30), (90, 30), (47, 15), (6, 2)];
    for ((life_days, left), told) in lives.into_iter().flat_map(|l| [(l, true), (l, false)]) {
        let day = SignedDuration::from_hours(24);
        let mut now = start();
        let mut from = now;
        let mut alarms = Alarms::default();
        for _ in 0..500 {
            if from + day * life_days - now <= day * left {
                from = now;
            }
            let observed = Observed {
                certificate: Some(Validity {
                    from: told.then_some(from),
                    until: from + day * life_days,
                }),
                ..well()
            };
            assert_eq!(alarms.poked(now, &observed), [], "{life_days}");
            now += day;
        }
    }
}

#[test]
fn silence() {
    let zone = TimeZone::UTC;
    let silence = Silence {
        after: Duration::from_secs(2 * 86_400),
        days: &[],
        zone: &zone,
    };
    let mut alarms = Alarms::default();
    let hours = SignedDuration::from_hours;
    let mut now = start();
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    assert_eq!(alarms.silence_due(&silence), Some(now + hours(48)));
    now += hours(47);
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    assert_eq!(alarms.arrived(now, now), []);
    now += hours(48);
    let raised = AlarmChange::Raised(Alarm::Silence {
        since: now - hours(48),
        now,
    });
    assert_eq!(alarms.tick(now, Some(&silence)), [raised]);
    assert_eq!(alarms.silence_due(&silence), None);
    assert_eq!(alarms.tick(now + hours(90), Some(&silence)), []);
    now += hours(100);
    assert_eq!(
        alarms.arrived(now, now),
        [AlarmChange::Over(AlarmKind::Silence)]
    );

    // The machine was off for a week: what was held meanwhile is asked for, and has an hour to come in.
    now += hours(168);
    alarms.began(now);
    assert_eq!(alarms.silence_due(&silence), None);
    now += hours(9);
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    alarms.poked(now, &well());
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    assert_eq!(alarms.silence_due(&silence), Some(now + hours(1)));
    let arrived = now + minutes(2);
    assert_eq!(alarms.arrived(arrived, arrived), []);
    assert_eq!(alarms.tick(now + hours(1), Some(&silence)), []);

    // Trouble is told as trouble, and after it mail has an hour too.
    let failed = Observed {
        worked: false,
        ..well()
    };
    alarms.poked(now, &failed);
    now += hours(72);
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    alarms.poked(now, &well());
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    now += hours(1);
    assert_eq!(alarms.tick(now, Some(&silence)).len(), 1);

    // Turned off by the user; and after a pause it counts anew.
    assert_eq!(
        alarms.tick(now, None),
        [AlarmChange::Over(AlarmKind::Silence)]
    );
    assert_eq!(alarms.tick(now + hours(900), None), []);
    alarms.resumed(now);
    assert_eq!(alarms.silence_due(&silence), Some(now + hours(48)));
    // None of this was an arrival.
    assert_eq!(alarms.arrived_at(), Some(arrived));

    // A clock that was ahead and is set right.
    let ahead = at("2031-01-01T00:00:00Z");
    alarms.arrived(ahead, ahead);
    assert_eq!(alarms.tick(now, Some(&silence)), []);
    assert_eq!(alarms.silence_due(&silence), Some(now + hours(48)));
}

/// The watches of pokes overlap, so that an account hears of one arrival from several of them, the
/// last some time after it.
#[test]
fn an_arrival_counts_once_however_often_it_is_heard_of() {
    let zone = TimeZone::UTC;
    let silence = Silence {
        after: Duration::from_secs(3600),
        days: &[],
        zone: &zone,
    };
    let (hours, came) = (SignedDuration::from_hours, start() + minutes(5));
    let mut alarms = Alarms::default();
    alarms.tick(start(), Some(&silence));
    assert_eq!(alarms.arrived(came, came), []);
    let once = alarms.clone();
    assert_eq!(alarms.arrived(came, came + minutes(10)), []);
    assert_eq!(alarms, once, "silence counts from the arrival");
    let now = came + hours(1);
    assert_eq!(alarms.tick(now, Some(&silence)).len(), 1);
    assert_eq!(alarms.arrived(came, now), [], "it is silent all the same");
    assert_eq!(alarms.raised().count(), 1);
    assert_eq!(
        alarms.arrived(now, now),
        [AlarmChange::Over(AlarmKind::Silence)]
    );
    // One of which is heard late, after the next.
    assert_eq!(alarms.arrived(now - minutes(1), now), []);
    assert_eq!(alarms.arrived_at(), Some(now));
}

#[test]
fn silence_on_working_days() {
    use Weekday::*;
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    let silence = |hours: u64, days: &'static [Weekday]| {
        let silence = Silence {
            after: Duration::from_secs(hours * 3600),
            days,
            zone: &zone,
        };
        move |since: &str| silence.due(at(since)).map(|due| due.to_string())
    };
    const WORK: &[Weekday] = &[Monday, Tuesday, Wednesday, Thursday, Friday];
    for (hours, days, since, due) in [
        // Friday afternoon to Tuesday afternoon.
        (48, WORK, "2026-11-27T16:00:00Z", "2026-12-01T16:00:00Z"),
        (48, WORK, "2026-11-23T16:00:00Z", "2026-11-25T16:00:00Z"),
        // From within the weekend it counts from Monday.
        (12, WORK, "2026-11-28T16:00:00Z", "2026-11-30T11:00:00Z"),
        // The weekend in which summer time ends has an hour more, and none of it counts.
        (24, WORK, "2026-10-23T12:00:00Z", "2026-10-26T13:00:00Z"),
        (24, &[], "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
    ] {
        assert_eq!(silence(hours, days)(since).as_deref(), Some(due), "{since}");
    }
}

#[test]
fn another_host_of_the_same_account_is_none_of_it() {
    let mut life = Life::learnt(&well());
    let other = Observed {
        duration: Some(Duration::from_secs(60)),
        resolved: BTreeSet::from([v4(99)]),
        certificate: Some(Validity {
            from: None,
            until: start(),
        }),
        answer: Some(queue("Exim")),
        ..well()
    };
    assert_eq!(life.pokes(100, &other.clone().at_another_host()), []);
    // All of it is news of the account's own.
    let moved = Observed {
        seen_address: Some(v4(9)),
        ..other
    };
    let there = life.poke(&moved.clone().at_another_host());
    assert!(matches!(
        there[..],
        [AlarmChange::Raised(Alarm::SeenAddress { .. })]
    ));
    assert_eq!(life.pokes(3, &moved).len(), 4);
}

#[test]
fn another_provider_is_learnt_anew() {
    let mut life = Life::learnt(&well());
    let slow = Observed {
        duration: Some(Duration::from_secs(60)),
        ..well()
    };
    life.poke(&slow);
    let other = Observed {
        provider: "other.test:25 auto".into(),
        seen_address: Some(v4(9)),
        resolved: BTreeSet::from([v4(99)]),
        answer: Some(queue("Exim")),
        ..slow
    };
    assert_eq!(life.poke(&other), [AlarmChange::Over(AlarmKind::Slow)]);
    assert_eq!(life.pokes(100, &other), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What varies with a healthy provider raises nothing: pools in DNS, pools of servers, mail
    /// or none, load, failures now and then.
    #[test]
    fn a_healthy_life_is_quiet(
        pool in 1_u8..40,
        pokes in proptest::collection::vec(
            (any::<u64>(), 100_u64..950, any::<bool>(), 0_u8..20), 200..400),
        part in 1_usize..5,
    ) {
        let mut alarms = Alarms::default();
        let mut now = start();
        for (random, ms, exim, fails) in pokes {
            now += minutes(15);
            let resolved = (0..part)
                .map(|i| v4(u8::try_from(random.rotate_left(u32::try_from(i).unwrap() * 13)
                    % u64::from(pool)).unwrap()))
                .collect();
            let worked = fails > 0;
            let observed = Observed {
                worked,
                duration: Some(Duration::from_millis(if worked { ms } else { 60_000 })),
                resolved,
                answer: worked.then(|| queue(if exim { "Exim" } else { "Postfix" })),
                ..well()
            };
            prop_assert_eq!(alarms.poked(now, &observed), []);
        }
        prop_assert!(serde_json::to_string(&alarms).unwrap().len() < 10_000);
    }

    /// Of a pool that is handed out in parts, a new address is found, and once.
    #[test]
    fn a_new_address_is_told_once(
        parts in proptest::collection::vec(
            subsequence((0..8).collect::<Vec<u8>>(), 3), 200..300),
    ) {
        let to = |part: &[u8]| Observed {
            resolved: part.iter().copied().map(v4).collect(),
            ..well()
        };
        let mut alarms = Alarms::default();
        let mut now = start();
        let mut told = 0;
        for part in &parts {
            now += minutes(15);
            prop_assert_eq!(alarms.poked(now, &to(part)), []);
        }
        for part in parts {
            now += minutes(15);
            told += alarms.poked(now, &to(&[&part[..2], &[200]].concat())).len();
        }
        prop_assert_eq!(told, 1);
    }
}

#[test]
fn answers_of_pokes() {
    for (greeting, found) in [
        (
            "220 mx.example.org ESMTP Postfix (Debian/GNU)",
            Some("Postfix"),
        ),
        (
            "220 mx.example.org ESMTP Exim 4.98 Wed, 25 Nov 2026",
            Some("Exim"),
        ),
        (
            "220 mx Microsoft ESMTP MAIL Service ready",
            Some("Microsoft"),
        ),
        ("220 mx.example.org ESMTP", None),
        ("220 ***************************", None),
    ] {
        assert_eq!(software(greeting).as_deref(), found, "{greeting}");
    }
}

#[test]
fn every_alarm_has_its_words() {
    let alarms = [
        Alarm::Silence {
            since: start(),
            now: start() + SignedDuration::from_hours(53),
        },
        Alarm::SeenAddress {
            before: v4(1),
            now: v4(2),
        },
        Alarm::ProviderAddresses {
            known: [v4(3)].into(),
            new: [v4(4), v4(5)].into(),
        },
        Alarm::Certificate {
            expires: start(),
            days: 14,
        },
        Alarm::Answer {
            before: queue("Postfix"),
            now: Answer {
                method: "signal".into(),
                yes: Yes::Visit,
                software: None,
            },
        },
        Alarm::Unproved {
            since: start() - SignedDuration::from_hours(8 * 24),
            now: start(),
        },
        Alarm::Slow {
            usual_ms: 250,
            now_ms: 8100,
        },
    ];
    for language in LANGUAGES {
        let text = Text::for_language(language);
        for (alarm, kind) in alarms.iter().zip(AlarmKind::ALL) {
            assert_eq!(alarm.kind(), kind);
            let (title, body) = alarm.words(&text, "vevida");
            assert!(title.starts_with("vevida: "), "{title}");
            assert!(body.len() > 40 && !body.contains("alarm-"), "{body}");
            let several = kind.title_of_several(&text, 12);
            assert!(several.contains("12"), "{several}");
            if kind.lasts() {
                let (title, body) = kind.words_when_over(&text, "vevida");
                assert!(
                    title.starts_with("vevida: ") && !body.contains("alarm-"),
                    "{body}"
                );
            }
        }
        for yes in [Yes::Queue, Yes::Visit, Yes::NormalHere, Yes::Other] {
            let key = format!("answer-{}", text::name(&yes));
            assert_ne!(text.get(&key), key);
        }
    }
    let english = Text::for_language("en");
    let title = alarms[0].words(&english, "vevida").0;
    assert_eq!(title, "vevida: nothing has arrived for 2d5h");
    let body = alarms[2].words(&english, "vevida").1;
    assert!(body.contains("192.0.2.4, 192.0.2.5"), "{body}");
}

#[test]
fn a_length_of_silence() {
    for (typed, shown) in [("2d", "2d"), ("48h", "2d"), ("1h", "1h")] {
        assert_eq!(typed.parse::<SilenceAfter>().unwrap().to_string(), shown);
    }
    assert_eq!("30m".parse::<SilenceAfter>(), Err(FaultKind::TooShort));
    assert_eq!("400d".parse::<SilenceAfter>(), Err(FaultKind::OutOfRange));
}

/// A provider that used to show that mail gets through, and only says yes from now on: told once, when
/// the last sign is too long ago, and over with the next one.
#[test]
fn what_is_no_longer_proved() {
    let asked = well();
    let proving = Observed {
        proves: true,
        ..well()
    };
    let day = 24 * 4;
    let mut life = Life::learnt(&asked);
    assert!(!life.alarms.is_proved(life.now), "a yes is no proof");
    assert_eq!(life.pokes(20 * day, &proving), []);
    assert!(life.alarms.is_proved(life.now));
    let last = life.now;
    // Over the longest weekend.
    assert_eq!(life.pokes(7 * day, &asked), []);
    assert!(life.alarms.is_proved(life.now));
    let raised = life.pokes(30 * day, &asked);
    assert!(
        matches!(raised.as_slice(), [AlarmChange::Raised(Alarm::Unproved { since, .. })] if *since == last),
        "{raised:?}"
    );
    assert!(!life.alarms.is_proved(life.now));
    assert_eq!(
        life.poke(&proving),
        [AlarmChange::Over(AlarmKind::Unproved)]
    );
    assert!(life.alarms.is_proved(life.now));
    // It was proved for too short a time to be missed.
    assert_eq!(life.pokes(20 * day, &asked), []);
    assert!(!life.alarms.is_proved(life.now));
}

/// Mail that is seen to arrive is a proof; what was proved of one provider says nothing of another.
#[test]
fn proof_is_of_one_provider_and_by_what_arrives() {
    let mut life = Life::learnt(&well());
    // It may have seemed so.
    assert_eq!(life.alarms.arrived(life.now, life.now), []);
    assert!(!life.alarms.is_proved(life.now));
    assert_eq!(life.alarms.proved(life.now, life.now), []);
    assert!(life.alarms.is_proved(life.now));
    let other = Observed {
        provider: "other.test:25 auto".into(),
        ..well()
    };
    life.poke(&other);
    assert!(!life.alarms.is_proved(life.now));
}

/// Whether a poke shows nothing is known when nothing more can arrive by it.
#[test]
fn a_proof_is_missed_when_the_watch_ends_and_not_before() {
    let asked = well().watched();
    let day = 24 * 4;
    for arrives in [true, false] {
        let mut life = Life::learnt(&asked);
        for _ in 0..20 {
            assert_eq!(life.pokes(day, &asked), []);
            assert_eq!(life.alarms.proved(life.now, life.now), []);
        }
        let last = life.now;
        // It was off, or nothing could be reached.
        life.now += SignedDuration::from_hours(8 * 24);
        assert_eq!(life.poke(&asked), []);
        if arrives {
            assert_eq!(life.alarms.proved(life.now, life.now), []);
            assert_eq!(life.alarms.watch_ended(life.now), []);
            assert!(life.alarms.is_proved(life.now));
        } else {
            let (since, now) = (last, life.now);
            let raised = [AlarmChange::Raised(Alarm::Unproved { since, now })];
            assert_eq!(life.alarms.watch_ended(now), raised);
            assert_eq!(life.alarms.watch_ended(now), []);
        }
    }
}

/// A poke that was broken off changes nothing but whom is learnt of.
#[test]
fn a_poke_that_is_broken_off_says_nothing() {
    let nothing = Observed {
        worked: false,
        resolved: BTreeSet::from([v4(99)]),
        ..well()
    };
    let mut life = Life::learnt(&well());
    let before = life.alarms.clone();
    assert_eq!(life.alarms.broken_off(&nothing), []);
    assert_eq!(life.alarms, before);
    let other = Observed {
        provider: "other.test:25 auto".into(),
        ..nothing
    };
    assert_eq!(life.alarms.broken_off(&other), []);
    // So that what is proved meanwhile is its.
    assert_eq!(life.alarms.proved(life.now, life.now), []);
    life.poke(&Observed {
        provider: other.provider,
        ..well()
    });
    assert!(life.alarms.is_proved(life.now));
}

/// After a kill the history may know of a poke that is missing here.
#[test]
fn what_the_last_poke_showed_is_caught_up_with() {
    let began = at("2026-11-25T09:15:00Z");
    let ms = |after| began + SignedDuration::from_millis(after);
    let count = |connections: u32| serde_json::json!({"connections": connections, "bytes": null, "first_after_ms": 4000, "bare": 0});
    let arrivals = |provider, elsewhere| {
        serde_json::json!({"arrivals":
        {"provider": count(provider), "elsewhere": count(elsewhere), "overrun": false}})
    };
    let delivered = |messages: Option<u32>| serde_json::json!({"delivered": {"messages": messages, "refused": 0, "octets": 9}});
    let broken_off = |mut json: serde_json::Value| {
        json["outcome"] = "unknown".into();
        json["reason"] = "interrupted".into();
        json
    };
    let last = |more: &serde_json::Value| -> Poke {
        let mut json = serde_json::json!({
            "id": 1, "account": "a", "host": "h.test", "address": null, "method": "etrn",
            "outcome": "started", "reason": "queuing-started", "code": null, "text": null,
            "domains": [], "trigger": "schedule", "started_at": began, "duration_ms": 1000,
            "round_trips": 1, "tls": null, "certificate": null, "seen_address": null, "dialogue": []
        });
        for (key, value) in more.as_object().unwrap() {
            json[key] = value.clone();
        }
        serde_json::from_value(json).unwrap()
    };
    for (more, arrived, proved) in [
        (serde_json::json!({}), None, false),
        (arrivals(1, 0), Some(ms(4000)), true),
        (arrivals(0, 7), None, false),
        (broken_off(arrivals(1, 0)), Some(ms(4000)), true),
        (delivered(Some(2)), Some(ms(1000)), true),
        (delivered(None), Some(ms(1000)), false),
        (delivered(Some(0)), None, false),
        (broken_off(delivered(Some(2))), Some(ms(1000)), true),
        (
            serde_json::json!({"busy_ms": 9000}),
            Some(ms(10_000)),
            false,
        ),
        (
            serde_json::json!({"domains": [{"domain": "d.test", "outcome": "nothing-waiting",
                "reason": "no-messages", "pending": null, "code": null, "enhanced": null, "text": null}]}),
            None,
            true,
        ),
    ] {
        let last = last(&more);
        let now = ms(60_000);
        let mut alarms = Alarms::default();
        assert_eq!(alarms.catch_up(&last, now), []);
        assert_eq!(
            (alarms.arrived_at(), alarms.is_proved(now)),
            (arrived, proved),
            "{more}"
        );
        // What is known already stays as it is, and what was raised is over.
        let known = alarms.clone();
        assert_eq!(alarms.catch_up(&last, now), []);
        assert_eq!(alarms, known);
        let since = ms(-9000);
        alarms.quiet_since = Some(since);
        alarms.raise(Alarm::Silence { since, now }, &mut Vec::new());
        alarms.raise(Alarm::Unproved { since, now }, &mut Vec::new());
        let over = [
            (arrived.is_some(), AlarmKind::Silence),
            (proved, AlarmKind::Unproved),
        ];
        let over = over.into_iter().filter(|(is, _)| *is);
        let over: Vec<_> = over.map(|(_, kind)| AlarmChange::Over(kind)).collect();
        assert_eq!(alarms.catch_up(&last, now), over, "{more}");
        // It is later than now where the clock was set back meanwhile.
        let mut alarms = Alarms::default();
        alarms.catch_up(&last, ms(-1));
        assert_eq!((alarms.arrived_at(), alarms.is_proved(now)), (None, false));
    }
}
