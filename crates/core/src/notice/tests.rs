use dequeue_smtp::Outcome;
use proptest::prelude::*;

use super::{
    given::GIVEN_KEPT,
    topic::{APART, GATHERED, GATHERED_FIRST},
    *,
};
use crate::{
    record::NoticeKind,
    text::{LANGUAGES, Text},
};

const AFTER_ONE: Wanted = Wanted {
    notify: Notify::Problems,
    after: 1,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn start() -> Timestamp {
    at("2026-11-25T09:00:00Z")
}

fn secs(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn news(outcome: Outcome, explanation: impl Into<String>) -> PokeNews {
    PokeNews {
        outcome,
        poke: 7,
        proves: false,
        needs_user: false,
        explanation: explanation.into(),
    }
}

/// A poke of an account of this provider.
fn at_provider(
    provider: &str,
    account: &str,
    wanted: Wanted,
    outcome: Outcome,
    failures: u32,
) -> Change {
    Change::Poked(PokeResult {
        account: account.into(),
        wanted,
        provider: provider.into(),
        news: news(outcome, format!("What happened to {account}. What to do.")),
        failures,
        first_success: false,
    })
}

fn poked(account: &str, wanted: Wanted, outcome: Outcome, failures: u32) -> Change {
    at_provider(
        &format!("{account}.test"),
        account,
        wanted,
        outcome,
        failures,
    )
}

fn failed(account: &str) -> Change {
    poked(account, AFTER_ONE, Outcome::Refused, 1)
}

fn worked(account: &str) -> Change {
    poked(account, AFTER_ONE, Outcome::Started, 0)
}

fn amsterdam() -> TimeZone {
    TimeZone::get("Europe/Amsterdam").unwrap()
}

fn is_empty(notices: &Notices) -> bool {
    notices.accounts.is_empty() && notices.ready().next().is_none()
}

/// What another run of the engine finds: all that was to be kept, in JSON.
fn after_a_restart(notices: &mut Notices, kept: &mut BTreeMap<String, String>) -> Notices {
    for (account, known) in notices.unkept() {
        match known {
            Some(known) => kept.insert(account.to_owned(), serde_json::to_string(known).unwrap()),
            None => kept.remove(account),
        };
    }
    notices.kept();
    let told = serde_json::to_string(notices.told()).unwrap();
    let mut again = Notices::after(serde_json::from_str(&told).unwrap(), Given::default());
    for (account, known) in kept {
        assert!(!known.contains("explanation"), "{known}");
        again.remember(account, serde_json::from_str(known).unwrap());
        // The engine makes the words anew.
        let state = &notices.accounts[account];
        let trouble = state.trouble.as_ref().map(|trouble| &trouble.last);
        let news = [&state.recovered, &state.first_success, &state.poked];
        for ended in news.into_iter().flatten().chain(trouble) {
            again.reword(account, &ended.news.explanation);
        }
    }
    assert_eq!(again.accounts, notices.accounts);
    assert_eq!(again.told, notices.told);
    // What may be told by now may be told, whatever kept it waiting before.
    let seen = notices.seen.unwrap_or(Timestamp::MIN);
    let by_now = |(topic, at): (Topic, Timestamp)| (topic, at.max(seen));
    assert!(again.ready().map(by_now).eq(notices.ready().map(by_now)));
    again
}

/// The usual snooze.
const DAY: Duration = Duration::from_secs(86_400);

static UTC: TimeZone = TimeZone::UTC;

/// Notices at any hour.
fn always() -> NoticeTimes<'static> {
    NoticeTimes {
        quiet: None,
        snooze: DAY,
        zone: &UTC,
    }
}

/// What is said until `end`, in order.
fn said_until(notices: &mut Notices, end: Timestamp, times: NoticeTimes<'_>) -> Vec<Said> {
    let mut said = Vec::new();
    // What was due long ago counts as due then, so that the tests can tell.
    let long_ago = Timestamp::UNIX_EPOCH;
    while let Some(next) = notices
        .next_due(long_ago, times)
        .filter(|next| *next <= end)
    {
        said.push(notices.due(next, times).expect("what is due is given"));
    }
    assert_eq!(notices.due(end, times), None);
    said
}

/// The same, each with its kind and accounts.
fn until(
    notices: &mut Notices,
    end: Timestamp,
    times: NoticeTimes<'_>,
) -> Vec<(NoticeKind, Timestamp, String)> {
    let said = said_until(notices, end, times).into_iter();
    said.map(|one| {
        let accounts: Vec<&str> = one.about.iter().map(|a| a.account.as_str()).collect();
        (one.kind, one.at, accounts.join(" "))
    })
    .collect()
}

#[test]
fn a_hundred_good_pokes_say_nothing_and_leave_nothing() {
    let mut notices = Notices::default();
    for i in 0..100 {
        notices.feed(start() + hours(i), worked("a"));
        assert_eq!(notices.next_due(start() + hours(i), always()), None);
    }
    assert!(is_empty(&notices));
}

#[test]
fn the_modes() {
    use NoticeKind::*;
    let life = [true, true, false, false, false, true, true];
    for (notify, after, expected) in [
        (Notify::Never, 1, vec![]),
        (
            Notify::Problems,
            1,
            vec![(0, FirstSuccess), (2, Failure), (5, Recovery)],
        ),
        (
            Notify::Problems,
            3,
            vec![(0, FirstSuccess), (4, Failure), (5, Recovery)],
        ),
        (Notify::Problems, 4, vec![(0, FirstSuccess)]),
        (
            Notify::Everything,
            2,
            vec![
                (0, FirstSuccess),
                (1, Poked),
                (2, Poked),
                (3, Failure),
                (4, Poked),
                (5, Recovery),
                (6, Poked),
            ],
        ),
    ] {
        let mut notices = Notices::default();
        let mut said = Vec::new();
        let mut failures = 0;
        for (i, worked) in life.into_iter().enumerate() {
            let now = start() + hours(i64::try_from(i).unwrap());
            failures = if worked { 0 } else { failures + 1 };
            let change = Change::Poked(PokeResult {
                account: "a".into(),
                wanted: Wanted { notify, after },
                provider: "a.test".into(),
                news: news(
                    if worked {
                        Outcome::Started
                    } else {
                        Outcome::Refused
                    },
                    "",
                ),
                failures,
                first_success: i == 0,
            });
            notices.feed(now, change);
            let kinds = until(&mut notices, now + secs(600), always());
            said.extend(kinds.into_iter().map(|(kind, ..)| (i, kind)));
        }
        assert_eq!(said, expected, "{notify:?} after {after}");
    }
}

#[test]
fn a_network_that_goes_down_is_one_notice() {
    let mut notices = Notices::default();
    let mut now = start();
    for i in 0..12 {
        let down = poked(
            &format!("account {i:02}"),
            AFTER_ONE,
            Outcome::Unreachable,
            1,
        );
        notices.feed(now, down);
        now += SignedDuration::from_millis(100);
    }
    assert_eq!(notices.due(now, always()), None);
    let said = notices.due(start() + secs(5), always()).unwrap();
    assert_eq!(notices.due(start() + secs(5), always()), None);
    let words = |said: &Said| said.notice(&Text::for_language("en"), &UTC);
    let english = words(&said);
    assert_eq!(english.title, "12 accounts cannot reach their provider");
    assert_eq!(english.account, None);
    // Something is reached: the network is not to blame.
    let advice = "Check this machine's network";
    assert!(!english.body.contains(advice), "{}", english.body);
    let nothing_reached = Said {
        nothing_reached: true,
        ..said.clone()
    };
    assert!(words(&nothing_reached).body.starts_with(advice));
    assert!(english.body.contains("account 04: What") && !english.body.contains("account 05"));
    assert!(english.body.contains("and 7 more"), "{}", english.body);

    // Those that find out later come together too, and where very many do, most of them.
    for i in 0..3 {
        notices.feed(start() + secs(60 + i), failed(&format!("late {i}")));
    }
    let mut said = until(&mut notices, start() + secs(66), always());
    for i in 0..50 {
        let at = start() + secs(70 + 10 * i);
        said.extend(until(&mut notices, at, always()));
        notices.feed(at, failed(&format!("later {i:02}")));
    }
    said.extend(until(&mut notices, start() + secs(3600), always()));
    let later = |these: std::ops::Range<i32>| {
        let names: Vec<String> = these.map(|i| format!("later {i:02}")).collect();
        names.join(" ")
    };
    let failure = |second, who| (NoticeKind::Failure, start() + secs(second), who);
    let expected = [
        failure(65, "late 0 late 1 late 2".to_owned()),
        failure(75, later(0..1)),
        failure(305, later(1..24)),
        failure(605, later(24..50)),
    ];
    assert_eq!(said, expected);

    // And all of them recover in one.
    let up = start() + secs(4000);
    for i in 0..12 {
        notices.feed(up, worked(&format!("account {i:02}")));
    }
    let said = until(&mut notices, up + secs(60), always());
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, NoticeKind::Recovery);
}

/// Each fails minutes after another was told of.
#[test]
fn a_failure_of_one_account_does_not_silence_the_next() {
    let mut notices = Notices::default();
    let mut said = Vec::new();
    for (account, second) in [("a", 0), ("b", 60), ("c", 110)] {
        let at = start() + secs(second);
        notices.feed(at, failed(account));
        // It is back before five minutes have passed since the first.
        said.extend(until(&mut notices, at + secs(30), always()));
        notices.feed(at + secs(30), worked(account));
        said.extend(until(&mut notices, at + secs(40), always()));
    }
    let said: Vec<_> = said
        .iter()
        .map(|(kind, at, who)| (*kind, start().duration_until(*at).as_secs(), who.as_str()))
        .collect();
    use NoticeKind::{Failure, Recovery};
    let expected = [
        (Failure, 5, "a"),
        (Recovery, 35, "a"),
        (Failure, 65, "b"),
        (Recovery, 95, "b"),
        (Failure, 115, "c"),
        (Recovery, 145, "c"),
    ];
    assert_eq!(said, expected);
}

/// It fails and works by turns; another fails once.
#[test]
fn one_that_comes_and_goes_is_told_of_now_and_then_and_keeps_nobody_waiting() {
    let mut notices = Notices::default();
    let mut kept = BTreeMap::new();
    let mut said = Vec::new();
    for turn in 0..60 {
        let at = start() + secs(20 * turn);
        said.extend(until(&mut notices, at, always()));
        notices.feed(
            at,
            if turn % 2 == 0 {
                failed("flaps")
            } else {
                worked("flaps")
            },
        );
        if turn == 35 {
            notices.feed(at, failed("other"));
        }
        notices = after_a_restart(&mut notices, &mut kept);
    }
    said.retain(|(kind, ..)| *kind == NoticeKind::Failure);
    let flaps = said.iter().filter(|(.., who)| who.contains("flaps"));
    let flaps: Vec<i64> = flaps
        .map(|(_, at, _)| start().duration_until(*at).as_secs())
        .collect();
    assert_eq!(flaps.len(), 4, "{said:?}");
    assert!(
        flaps.windows(2).all(|pair| pair[1] - pair[0] >= 300),
        "{flaps:?}"
    );
    let other = said.iter().find(|(.., who)| who.contains("other"));
    assert_eq!(other.unwrap().1, start() + secs(20 * 35 + 5));
}

#[test]
fn what_passes_before_it_is_told_is_not_told() {
    let mut notices = Notices::default();
    notices.feed(start(), failed("a"));
    notices.feed(start() + secs(2), worked("a"));
    assert!(is_empty(&notices));
}

#[test]
fn quiet_hours() {
    let (quiet, zone) = (Some(&"22:00-07:00".parse().unwrap()), &amsterdam());
    let night = NoticeTimes {
        quiet,
        snooze: DAY,
        zone,
    };
    let evening = at("2026-11-25T21:30:00Z");
    let morning = at("2026-11-26T06:00:00Z");
    let mut notices = Notices::default();
    // Told before the night: one is over within it, one is back when it ends.
    notices.feed(evening - hours(4), failed("back"));
    notices.feed(evening - hours(4), failed("told"));
    assert_eq!(until(&mut notices, evening - hours(3), night).len(), 1);
    for account in ["back", "told"] {
        notices.feed(evening, worked(account));
    }
    // Within the night: one passes, one lasts.
    notices.feed(evening, failed("passed"));
    notices.feed(evening, failed("lasts"));
    notices.feed(evening + hours(1), failed("back"));
    notices.feed(evening + hours(2), worked("passed"));
    assert_eq!(notices.due(evening + hours(3), night), None);
    assert_eq!(notices.next_due(evening + hours(3), night), Some(morning));
    let said = until(&mut notices, morning + hours(1), night);
    assert_eq!(
        said,
        [
            (NoticeKind::Failure, morning, "lasts".to_owned()),
            (NoticeKind::Recovery, morning, "told".to_owned()),
        ]
    );
}

/// The machine slept when it was due, and wakes in the quiet hours.
#[test]
fn what_was_due_before_the_night_waits_for_its_end() {
    let (quiet, zone) = (Some(&"22:00-07:00".parse().unwrap()), &amsterdam());
    let night = NoticeTimes {
        quiet,
        snooze: DAY,
        zone,
    };
    let mut notices = Notices::default();
    notices.feed(at("2026-11-25T20:59:50Z"), failed("a"));
    let now = at("2026-11-25T23:00:00Z");
    assert_eq!(notices.due(now, night), None);
    let morning = at("2026-11-26T06:00:00Z");
    assert_eq!(notices.next_due(now, night), Some(morning));
}

#[test]
fn when_quiet_hours_end() {
    let zone = &amsterdam();
    for (hours, now, end) in [
        ("22:00-07:00", "2026-11-25T20:59:59Z", None),
        (
            "22:00-07:00",
            "2026-11-25T21:00:00Z",
            Some("2026-11-26T06:00:00Z"),
        ),
        (
            "22:00-07:00",
            "2026-11-26T03:00:00Z",
            Some("2026-11-26T06:00:00Z"),
        ),
        ("22:00-07:00", "2026-11-26T06:00:00Z", None),
        (
            "12:00-13:30",
            "2026-11-26T11:15:00Z",
            Some("2026-11-26T12:30:00Z"),
        ),
        (
            "sat,sun 00:00-24:00",
            "2026-11-28T00:00:00Z",
            Some("2026-11-29T23:00:00Z"),
        ),
        ("sat,sun 00:00-24:00", "2026-11-26T00:00:00Z", None),
        // The night in which summer time begins, and the hour that is not there.
        (
            "22:00-07:00",
            "2026-03-28T23:00:00Z",
            Some("2026-03-29T05:00:00Z"),
        ),
        (
            "22:00-02:30",
            "2026-03-29T00:30:00Z",
            Some("2026-03-29T01:00:00Z"),
        ),
        // The night in which it ends, and the hour that is there twice.
        (
            "22:00-02:30",
            "2026-10-25T00:15:00Z",
            Some("2026-10-25T00:30:00Z"),
        ),
        (
            "22:00-02:30",
            "2026-10-25T01:15:00Z",
            Some("2026-10-25T01:30:00Z"),
        ),
    ] {
        let quiet = Some(&hours.parse().unwrap());
        let times = NoticeTimes {
            quiet,
            snooze: DAY,
            zone,
        };
        assert_eq!(times.quiet_until(at(now)), end.map(at), "{hours} {now}");
    }
}

#[test]
fn reminders_once_a_day_for_all() {
    let mut notices = Notices::default();
    notices.feed(start(), failed("a"));
    notices.feed(start() + hours(6), failed("b"));
    let said = until(&mut notices, start() + hours(75), always());
    let reminders: Vec<_> = said
        .iter()
        .filter(|(kind, ..)| *kind == NoticeKind::Reminder)
        .map(|(_, at, about)| (start().duration_until(*at).as_secs(), about.as_str()))
        .collect();
    let day = 86_400;
    assert_eq!(
        reminders,
        [(day + 5, "a b"), (2 * day + 5, "a b"), (3 * day + 5, "a b"),]
    );
    // No reminder during a pause, and none after it is over.
    notices.feed(
        start() + hours(76),
        Change::Paused {
            account: "a".into(),
            paused: true,
            ends: true,
        },
    );
    notices.feed(start() + hours(76), worked("b"));
    let said = until(&mut notices, start() + hours(200), always());
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, NoticeKind::Recovery);
    notices.feed(
        start() + hours(200),
        Change::Removed {
            account: "a".into(),
        },
    );
    assert!(is_empty(&notices));
}

#[test]
fn a_restart_a_new_name_and_a_wrong_clock() {
    let mut notices = Notices::default();
    notices.feed(start(), failed("a"));
    assert_eq!(until(&mut notices, start() + secs(10), always()).len(), 1);
    let mut notices = after_a_restart(&mut notices, &mut BTreeMap::new());
    notices.feed(start() + secs(20), failed("a"));
    assert_eq!(until(&mut notices, start() + hours(1), always()), []);
    notices.feed(
        start() + hours(1),
        Change::Renamed {
            from: "a".into(),
            to: "b".into(),
        },
    );
    // The clock is a year ahead when something fails, then it is set right.
    notices.feed(start() + hours(8760), failed("c"));
    notices.feed(start() + hours(2), worked("b"));
    let said = until(&mut notices, start() + hours(3), always());
    let kinds: Vec<_> = said
        .iter()
        .map(|(kind, _, who)| (*kind, who.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [(NoticeKind::Failure, "c"), (NoticeKind::Recovery, "b")]
    );
}

fn alarm(account: &str, change: AlarmChange) -> Change {
    Change::Alarm {
        account: account.into(),
        wanted: AFTER_ONE,
        change,
    }
}

fn example(kind: AlarmKind) -> Alarm {
    let now = start();
    match kind {
        AlarmKind::Silence => Alarm::Silence {
            since: now - hours(48),
            now,
        },
        AlarmKind::SeenAddress => Alarm::SeenAddress {
            before: [192, 0, 2, 1].into(),
            now: [192, 0, 2, 2].into(),
        },
        AlarmKind::ProviderAddresses => Alarm::ProviderAddresses {
            known: [[192, 0, 2, 1].into()].into(),
            new: [[192, 0, 2, 2].into()].into(),
        },
        AlarmKind::Certificate => Alarm::Certificate {
            expires: now,
            days: 14,
        },
        AlarmKind::Answer => {
            let answer = |method: &str| crate::alarm::Answer {
                method: method.into(),
                yes: crate::alarm::Yes::Queue,
                software: None,
            };
            Alarm::Answer {
                before: answer("etrn"),
                now: answer("signal"),
            }
        }
        AlarmKind::Unproved => Alarm::Unproved {
            since: now - hours(200),
            now,
        },
        AlarmKind::Slow => Alarm::Slow {
            usual_ms: 100,
            now_ms: 9000,
        },
    }
}

#[test]
fn alarms_are_told_and_their_ends() {
    use NoticeKind::{Alarm as Told, AlarmOver, Reminder};
    for kind in AlarmKind::ALL {
        let mut notices = Notices::default();
        notices.feed(start(), alarm("a", AlarmChange::Raised(example(kind))));
        notices.feed(start(), alarm("b", AlarmChange::Raised(example(kind))));
        let mut said = until(&mut notices, start() + hours(25), always());
        if kind.lasts() {
            notices.feed(start() + hours(25), alarm("a", AlarmChange::Over(kind)));
            notices.feed(start() + hours(25), alarm("b", AlarmChange::Over(kind)));
        }
        said.extend(until(&mut notices, start() + hours(100), always()));
        let kinds: Vec<_> = said
            .iter()
            .map(|(kind, _, who)| (*kind, who.as_str()))
            .collect();
        let expected: &[_] = match kind {
            AlarmKind::Silence => &[(Told, "a b"), (Reminder, "a b"), (AlarmOver, "a b")],
            AlarmKind::Certificate | AlarmKind::Unproved | AlarmKind::Slow => {
                &[(Told, "a b"), (AlarmOver, "a b")]
            }
            AlarmKind::SeenAddress | AlarmKind::ProviderAddresses | AlarmKind::Answer => {
                &[(Told, "a b")]
            }
        };
        assert_eq!(kinds, expected);
        assert!(notices.accounts.is_empty());
    }
    // A certificate of which less is left is told again.
    let mut notices = Notices::default();
    let mut said = Vec::new();
    for day in [0, 11] {
        let raised = AlarmChange::Raised(example(AlarmKind::Certificate));
        notices.feed(start() + hours(24 * day), alarm("a", raised));
        said.extend(until(&mut notices, start() + hours(24 * day + 1), always()));
    }
    assert_eq!(said.len(), 2);
}

#[test]
fn every_notice_says_what_happened_what_to_do_and_who() {
    let poke = |since| What::Poke {
        news: PokeNews {
            proves: true,
            ..news(Outcome::Refused, "It refused. Ask it.")
        },
        since,
        siblings: Siblings::default(),
    };
    for language in LANGUAGES {
        let text = Text::for_language(language);
        for (kind, what) in [
            (NoticeKind::FirstSuccess, poke(None)),
            (NoticeKind::Failure, poke(Some(start()))),
            (NoticeKind::Recovery, poke(None)),
            (NoticeKind::Poked, poke(None)),
            (NoticeKind::Reminder, poke(Some(start()))),
            (NoticeKind::Alarm, What::Alarm(example(AlarmKind::Slow))),
            (NoticeKind::AlarmOver, What::Over(AlarmKind::Slow)),
        ] {
            let about = |account: &str| About {
                account: account.into(),
                what: what.clone(),
            };
            let said = |about| Said {
                kind,
                at: start() + hours(53),
                about,
                more: 0,
                nothing_reached: false,
            };
            let one = said(vec![about("vevida")]).notice(&text, &UTC);
            assert_eq!(one.account.as_deref(), Some("vevida"));
            assert!(one.title.starts_with("vevida: "), "{one:?}");
            // What is over asks for nothing.
            let sentences = one.body.matches('.').count();
            assert!(
                sentences > usize::from(kind != NoticeKind::AlarmOver),
                "{one:?}"
            );
            let two = said(vec![about("vevida"), about("other")]).notice(&text, &UTC);
            assert!(
                two.title.contains('2') && !two.title.contains("notice-"),
                "{two:?}"
            );
            assert!(
                two.body.contains("vevida") && two.body.contains("other"),
                "{two:?}"
            );
            if kind == NoticeKind::Reminder {
                assert!(one.title.contains("2d5h"), "{one:?}");
            }
        }
    }
}

fn served(provider: &str, account: &str, outcome: Outcome, failures: u32) -> Change {
    at_provider(provider, account, AFTER_ONE, outcome, failures)
}

/// A desktop that counts: however many are set up at once, three pop-ups are the most.
#[test]
fn many_that_are_set_up_at_once_are_three_notices_at_most() {
    for (count, over) in [(1, 1), (30, 10), (30, 900), (1000, 60), (1000, 900)] {
        let mut notices = Notices::default();
        let mut said = Vec::new();
        for i in 0..count {
            let now = start() + secs(over) * i / count;
            said.extend(until(&mut notices, now, always()));
            let mut first = poked(&format!("a{i:04}"), AFTER_ONE, Outcome::Started, 0);
            if let Change::Poked(poked) = &mut first {
                poked.first_success = true;
            }
            notices.feed(now, first);
        }
        said.extend(until(&mut notices, start() + hours(48), always()));
        assert!(
            (1..=3).contains(&said.len()),
            "{count} over {over} s: {}",
            said.len()
        );
        // The first is told within seconds, and none is left out.
        assert_eq!(said[0].1, start() + GATHERED_FIRST);
        let told: usize = said.iter().map(|(.., who)| who.split(' ').count()).sum();
        assert_eq!(told, usize::try_from(count).unwrap());
    }
}

/// A provider of three accounts is down for ten minutes, beside one that works: one notice that names
/// all three, and one of its end, which says since when.
#[test]
fn a_provider_that_is_down_is_one_notice_for_all_its_accounts() {
    let mut notices = Notices::default();
    let all = ["a", "b", "c"];
    let mut given: Vec<Said> = Vec::new();
    let mut now = start();
    for turn in 0..30_i64 {
        now = start() + secs(60 * turn);
        let account = all[usize::try_from(turn).unwrap() % 3];
        let (outcome, failures) = if turn < 10 {
            (Outcome::Unreachable, u32::try_from(turn / 3).unwrap() + 1)
        } else {
            (Outcome::Started, 0)
        };
        notices.feed(now, served("p.test", account, outcome, failures));
        notices.feed(now, served("q.test", "other", Outcome::Started, 0));
        given.extend(said_until(&mut notices, now + secs(59), always()));
    }
    let kinds: Vec<_> = given.iter().map(|said| said.kind).collect();
    assert_eq!(
        kinds,
        [NoticeKind::Failure, NoticeKind::Recovery],
        "{given:?}"
    );
    let words = |said: &Said| said.notice(&Text::for_language("en"), &amsterdam());
    // The engine knows whom else the provider serves.
    given[0].name_siblings(|_| ["b", "c"].into_iter());
    let failure = words(&given[0]);
    assert!(failure.title.starts_with("a: "), "{failure:?}");
    assert!(failure.body.contains("b, c"), "{failure:?}");
    let recovery = words(&given[1]);
    // Down from ten o'clock on; the first poke that works is twelve minutes later.
    assert!(
        recovery
            .body
            .starts_with("Worked again at 10:12, after 12m. "),
        "{recovery:?}"
    );
    assert_eq!(until(&mut notices, now + hours(72), always()), []);
}

/// However many there are, some are named and the rest are counted: a notice is kept.
#[test]
fn a_notice_names_some_of_a_providers_accounts_and_counts_the_rest() {
    let mut notices = Notices::default();
    notices.feed(start(), served("p.test", "a", Outcome::Unreachable, 1));
    let mut said = notices.due(start() + GATHERED, always()).unwrap();
    let names: Vec<String> = (0..1000).map(|i| format!("b{i:03}")).collect();
    said.name_siblings(|_| names.iter().map(String::as_str));
    let body = said.notice(&Text::for_language("en"), &UTC).body;
    assert!(
        body.contains("b000, b001, b002, b003, b004 and 995 more"),
        "{body}"
    );
    assert!(serde_json::to_string(&said).unwrap().len() < 1000);
    // A refusal says nothing of the others.
    let mut notices = Notices::default();
    notices.feed(start(), served("p.test", "a", Outcome::Refused, 1));
    let mut said = notices.due(start() + GATHERED, always()).unwrap();
    said.name_siblings(|_| names.iter().map(String::as_str));
    let body = said.notice(&Text::for_language("en"), &UTC).body;
    assert!(!body.contains("b000"), "{body}");
}

/// What one of them has of its own is told of it.
#[test]
fn a_refusal_beside_a_provider_that_is_down_is_told() {
    let mut notices = Notices::default();
    notices.feed(start(), served("p.test", "a", Outcome::Unreachable, 1));
    let mut said = until(&mut notices, start() + secs(60), always());
    notices.feed(
        start() + secs(60),
        served("p.test", "b", Outcome::Unknown, 1),
    );
    notices.feed(
        start() + secs(120),
        served("p.test", "b", Outcome::Refused, 2),
    );
    said.extend(until(&mut notices, start() + secs(600), always()));
    // The others are well again, and it is not.
    notices.feed(
        start() + secs(600),
        served("p.test", "c", Outcome::Unreachable, 1),
    );
    notices.feed(
        start() + secs(660),
        served("p.test", "a", Outcome::Started, 0),
    );
    notices.feed(
        start() + secs(1200),
        served("p.test", "c", Outcome::Unreachable, 2),
    );
    said.extend(until(&mut notices, start() + secs(2400), always()));
    let told: Vec<_> = said
        .iter()
        .map(|(kind, _, who)| (*kind, who.as_str()))
        .collect();
    let (failure, recovery) = (NoticeKind::Failure, NoticeKind::Recovery);
    assert_eq!(
        told,
        [
            (failure, "a"),
            (failure, "b"),
            (recovery, "a"),
            (failure, "c")
        ]
    );
}

/// Nothing is told during a pause, except once a day that it goes on where nothing ends it.
#[test]
fn a_forgotten_pause_is_recalled_daily() {
    let paused = |account: &str, paused, ends| Change::Paused {
        account: account.into(),
        paused,
        ends,
    };
    let mut notices = Notices::default();
    notices.feed(start(), paused("a", true, false));
    notices.feed(start(), paused("b", true, true));
    let mut kept = BTreeMap::new();
    let mut notices = after_a_restart(&mut notices, &mut kept);
    // The engine hears of it again when it starts.
    notices.feed(start() + hours(5), paused("a", true, false));
    let said = until(&mut notices, start() + hours(80), always());
    let times: Vec<_> = said
        .iter()
        .map(|(kind, at, who)| (*kind, *at, who.as_str()))
        .collect();
    assert_eq!(
        times,
        [24, 48, 72].map(|at| (NoticeKind::Paused, start() + hours(at), "a"))
    );
    notices.feed(start() + hours(80), paused("a", false, false));
    assert_eq!(until(&mut notices, start() + hours(200), always()), []);
}

/// After a night away the list has what was told, the newest first, with words made today.
#[test]
fn what_was_given_is_there_to_be_seen() {
    let mut notices = Notices::default();
    for (after, outcome, failures) in [
        (0, Outcome::Unreachable, 1),
        (3, Outcome::Started, 0),
        (5, Outcome::Unreachable, 1),
    ] {
        let now = start() + hours(after);
        notices.feed(now, served("p.test", "a", outcome, failures));
        for said in said_until(&mut notices, now + hours(1), always()) {
            notices.give(said, false);
        }
    }
    assert_eq!(notices.given().unseen(), 3);
    let kept = serde_json::to_string(notices.unkept_given().unwrap()).unwrap();
    assert!(!kept.contains("What happened"), "{kept}");
    let mut given: Given = serde_json::from_str(&kept).unwrap();
    assert!(notices.see_given() && !notices.see_given());
    let words = BTreeMap::from([(7, "In the language of today.".to_owned())]);
    let mut list: Vec<Said> = given.newest_first().cloned().collect();
    for said in &mut list {
        assert_eq!(said.pokes().collect::<Vec<_>>(), [7]);
        said.reword(&words);
        let notice = said.notice(&Text::for_language("nl"), &amsterdam());
        assert!(
            notice.body.contains("In the language of today."),
            "{notice:?}"
        );
    }
    assert!(list.is_sorted_by_key(|said| std::cmp::Reverse(said.at)));
    // No more than there is room for, and the oldest go first.
    for _ in 0..2 * GIVEN_KEPT {
        given.add(list[0].clone(), false);
    }
    assert_eq!(
        (given.newest_first().count(), given.unseen()),
        (GIVEN_KEPT, GIVEN_KEPT)
    );
}

#[derive(Clone, Debug)]
enum Step {
    Poke { account: usize, works: bool },
    Alarm { account: usize, kind: AlarmKind },
    Wait { seconds: i64 },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..3_usize, any::<bool>()).prop_map(|(account, works)| Step::Poke { account, works }),
        2 => (0..3_usize, prop::sample::select(AlarmKind::ALL.to_vec()))
            .prop_map(|(account, kind)| Step::Alarm { account, kind }),
        5 => prop_oneof![1..10_i64, 60..4000_i64, 4000..100_000_i64]
            .prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..80)
}

/// What a person who hears all notices knows of an account.
#[derive(Default)]
struct Heard {
    trouble: bool,
    alarms: BTreeMap<AlarmKind, u32>,
    last: Option<Timestamp>,
}

/// What is true of it.
#[derive(Default)]
struct Truth {
    failures: u32,
    lasting: Vec<AlarmKind>,
    raised: BTreeMap<AlarmKind, u32>,
}

#[test]
fn the_reminder_comes_after_the_snooze_that_is_set() {
    for (snooze, reminders) in [("1h", 71), ("12h", 5), ("1d", 2), ("2d", 1), ("7d", 0)] {
        let mut settings = Settings::default();
        let value = crate::settings::value::Value::Text(snooze);
        settings.set("notice_snooze", &value).unwrap();
        let times = settings.notice_times(&UTC);
        let mut notices = Notices::default();
        notices.feed(start(), failed("a"));
        let said = until(&mut notices, start() + hours(72), times);
        let kinds: Vec<_> = said.iter().map(|(kind, ..)| *kind).collect();
        let expected = [NoticeKind::Failure].into_iter();
        let expected = expected.chain(std::iter::repeat_n(NoticeKind::Reminder, reminders));
        assert_eq!(kinds, expected.collect::<Vec<_>>(), "{snooze}");
        for pair in said.windows(2) {
            assert_eq!(pair[0].1 + times.snooze, pair[1].1, "{snooze}");
        }
    }
}

#[test]
fn a_clock_that_is_set_back_keeps_to_the_snooze() {
    let times = NoticeTimes {
        snooze: 3 * DAY,
        ..always()
    };
    let mut notices = Notices::default();
    notices.feed(start(), failed("a"));
    let told = until(&mut notices, start() + hours(1), times)[0].1;
    assert_eq!(notices.next_due(told, times), Some(told + hours(72)));
    // A year back: the reminder comes a snooze after that, not after a year and a snooze.
    let back = told - hours(365 * 24);
    notices.at(back);
    assert_eq!(notices.next_due(back, times), Some(back + hours(72)));
    // Set right by a minute: it is not put off.
    let mut kept = BTreeMap::new();
    let mut again = after_a_restart(&mut notices, &mut kept);
    again.at(back - secs(60));
    assert_eq!(
        again.next_due(back, times),
        Some(back - secs(60) + hours(72))
    );
}

fn hear(said: &Said, heard: &mut [Heard], truth: &[Truth], after: u32) {
    let mut names: Vec<&str> = said
        .about
        .iter()
        .map(|about| about.account.as_str())
        .collect();
    names.dedup();
    assert_eq!(
        names.len(),
        said.about.len(),
        "an account twice in {said:?}"
    );
    for about in &said.about {
        let i: usize = about.account.parse().unwrap();
        let (heard, truth) = (&mut heard[i], &truth[i]);
        match (said.kind, &about.what) {
            (NoticeKind::Failure, _) => {
                assert!(!heard.trouble && truth.failures >= after, "{said:?}");
                heard.trouble = true;
            }
            (NoticeKind::Recovery, _) => {
                assert!(heard.trouble && truth.failures == 0, "{said:?}");
                heard.trouble = false;
            }
            (NoticeKind::Reminder, what) => {
                let since = heard.last.unwrap().duration_until(said.at);
                match what {
                    What::Poke { .. } => {
                        assert!(heard.trouble && truth.failures > 0, "{said:?}");
                        assert!(since >= hours(12) || heard.alarms.values().sum::<u32>() > 0);
                    }
                    What::Alarm(alarm) => assert!(truth.lasting.contains(&alarm.kind())),
                    What::Over(_) | What::Paused { .. } => panic!("{said:?}"),
                }
            }
            (NoticeKind::Alarm, What::Alarm(alarm)) => {
                let told = heard.alarms.entry(alarm.kind()).or_default();
                *told += 1;
                assert!(*told <= truth.raised[&alarm.kind()], "{said:?}");
            }
            (NoticeKind::AlarmOver, What::Over(kind)) => {
                assert!(
                    heard.alarms[kind] > 0 && !truth.lasting.contains(kind),
                    "{said:?}"
                );
            }
            (kind, what) => panic!("{kind:?} {what:?}"),
        }
        heard.last = Some(said.at);
    }
}

proptest! {
    /// Whatever fails and works when: who was not told of lately is told of at once, as long as
    /// there have not been many; nobody is told of twice within minutes; and there is no flood.
    #[test]
    fn accounts_do_not_silence_each_other(
        turns in proptest::collection::vec((0..400_i64, 0..8_usize), 1..120),
    ) {
        let mut notices = Notices::default();
        let mut now = start();
        let mut failing: BTreeMap<usize, Timestamp> = BTreeMap::new();
        // When each notice of a failure was told, and of whom; the same of recoveries.
        let mut told: Vec<(Timestamp, Vec<String>)> = Vec::new();
        let mut recovered: Vec<(Timestamp, Vec<String>)> = Vec::new();
        // Each failure, with its end.
        let mut failures: Vec<(String, Timestamp, Timestamp)> = Vec::new();
        let mut hear = |notices: &mut Notices, end| {
            for (kind, at, who) in until(notices, end, always()) {
                let told = match kind {
                    NoticeKind::Failure => &mut told,
                    _ => &mut recovered,
                };
                told.push((at, who.split(' ').map(str::to_owned).collect()));
            }
        };
        for (wait, account) in turns {
            now += secs(wait);
            hear(&mut notices, now);
            let name = account.to_string();
            match failing.remove(&account) {
                Some(since) => {
                    notices.feed(now, worked(&name));
                    failures.push((name, since, now));
                }
                None => {
                    notices.feed(now, failed(&name));
                    failing.insert(account, now);
                }
            }
        }
        now += hours(1);
        hear(&mut notices, now);
        for (account, since) in failing {
            failures.push((account.to_string(), since, now));
        }
        // Three at once, and one every five minutes.
        let fits = |first: Timestamp, last: Timestamp| 3 + first.duration_until(last).as_secs() / 300;
        for (i, (first, _)) in told.iter().enumerate() {
            for (count, (last, _)) in (1_i64..).zip(&told[i..]) {
                prop_assert!(count <= fits(*first, *last), "{count} notices: {told:?}");
            }
        }
        let of = |name: &str, told: &[(Timestamp, Vec<String>)]| {
            let told = told.iter().filter(|(_, who)| who.iter().any(|it| it == name));
            told.map(|(at, _)| *at).collect::<Vec<_>>()
        };
        for (name, since, end) in failures {
            let times = of(&name, &told);
            prop_assert!(times.windows(2).all(|pair| pair[0] + APART <= pair[1]), "{name} {times:?}");
            let due = since + GATHERED;
            let was_told = times.iter().any(|at| *at < due && due < *at + APART);
            let before: Vec<Timestamp> = told.iter().map(|(at, _)| *at).filter(|at| *at < due).collect();
            let many = (1_i64..).zip(before.iter().rev()).any(|(count, at)| count + 1 > fits(*at, due));
            // It is still taken to fail where its recovery had yet to be told.
            let last = |times: Vec<Timestamp>| times.into_iter().filter(|at| *at < since).max();
            let is_known = last(times.clone()) > last(of(&name, &recovered));
            if due < end && !was_told && !many && !is_known {
                let is_told = times.iter().any(|at| since <= *at && *at <= due);
                prop_assert!(is_told, "{name} since {since}: {told:?}");
            }
        }
    }

    #[test]
    fn whatever_happens(steps in steps(), after in 1..4_u32, nights in any::<bool>()) {
        let wanted = Wanted { notify: Notify::Problems, after };
        let (quiet, zone) = (Some(&"22:00-07:00".parse().unwrap()), &amsterdam());
    let night = NoticeTimes { quiet, snooze: DAY, zone };
        let times = if nights { night } else { always() };
        let mut notices = Notices::default();
        let mut kept = BTreeMap::new();
        let mut truth: [Truth; 3] = Default::default();
        let mut heard: [Heard; 3] = Default::default();
        let mut now = start();
        // In the end nothing happens for three days, and all must have been said.
        let calm = Step::Wait { seconds: 3 * 86_400 };
        for step in steps.into_iter().chain([calm]) {
            match step {
                Step::Poke { account, works } => {
                    let failures = if works { 0 } else { truth[account].failures + 1 };
                    truth[account].failures = failures;
                    let outcome = if works { Outcome::Started } else { Outcome::Unreachable };
                    notices.feed(now, poked(&account.to_string(), wanted, outcome, failures));
                }
                Step::Alarm { account, kind } => {
                    let known = &mut truth[account];
                    let change = if known.lasting.contains(&kind) {
                        known.lasting.retain(|lasting| *lasting != kind);
                        AlarmChange::Over(kind)
                    } else {
                        known.lasting.extend(kind.lasts().then_some(kind));
                        *known.raised.entry(kind).or_default() += 1;
                        AlarmChange::Raised(example(kind))
                    };
                    notices.feed(now, Change::Alarm {
                        account: account.to_string(),
                        wanted,
                        change,
                    });
                }
                Step::Restart => {
                    notices = after_a_restart(&mut notices, &mut kept);
                }
                Step::Wait { seconds } => {
                    let end = now + secs(seconds);
                    while let Some(next) = notices.next_due(now, times).filter(|next| *next <= end) {
                        prop_assert!(next >= now);
                        now = next;
                        prop_assert!(times.quiet_until(now).is_none());
                        let said = notices.due(now, times).expect("what is due is given");
                        hear(&said, &mut heard, &truth, after);
                    }
                    now = end;
                    prop_assert_eq!(notices.due(now, times), None);
                }
            }
        }
        for (heard, truth) in heard.iter().zip(&truth) {
            prop_assert!(heard.trouble || truth.failures < after);
            prop_assert!(!heard.trouble || truth.failures > 0);
            for kind in &truth.lasting {
                prop_assert!(heard.alarms[kind] > 0);
            }
            for (kind, raised) in &truth.raised {
                let told = heard.alarms.get(kind).copied().unwrap_or_default();
                prop_assert!(told <= *raised);
                prop_assert!(told > 0 || kind.lasts());
            }
        }
        let well = truth.iter().all(|truth| truth.failures == 0 && truth.lasting.is_empty());
        prop_assert_eq!(notices.accounts.is_empty(), well);
    }
}
