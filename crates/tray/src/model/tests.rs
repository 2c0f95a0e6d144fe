//! Snapshots to models, as a table, in both languages.

use std::collections::BTreeMap;

use dequeue_api::{General, NewVersion, PokeView, Whole};
use dequeue_core::record::{Notice, NoticeKind, Trigger};
use dequeue_smtp::{Method, Outcome, Reason};

use super::*;

/// Amsterdam, 25 November, 10:20.
fn now() -> ZonedDateTime {
    "2026-11-25T10:20:00+01:00[Europe/Amsterdam]"
        .parse()
        .unwrap()
}

fn at(utc: &str) -> Timestamp {
    let date_time = if utc.contains('T') {
        utc.to_owned()
    } else {
        format!("2026-11-25T{utc}")
    };
    format!("{date_time}:00Z").parse().unwrap()
}

fn poke(account: &str, outcome: Outcome, started: &str) -> Box<PokeView> {
    let poke = Poke {
        id: 1,
        account: account.to_owned(),
        host: "bsmtp.example.org".to_owned(),
        address: None,
        tried: Vec::new(),
        method: Method::Etrn,
        outcome,
        reason: Reason::QueuingStarted,
        code: None,
        text: None,
        domains: Vec::new(),
        secret_fault: None,
        tls_fault: None,
        trigger: Trigger::Schedule,
        started_at: at(started),
        duration_ms: 100,
        round_trips: 4,
        tls: None,
        choice: None,
        certificate: None,
        delivered: None,
        busy_ms: None,
        mail_server: None,
        mail_server_address: None,
        monitoring: None,
        arrivals: None,
        seen_address: None,
        dialogue: Vec::new(),
    };
    Box::new(PokeView::new(poke, &Text::for_language("en")))
}

fn account(name: &str, health: Health) -> AccountView {
    AccountView {
        name: name.to_owned(),
        fields: BTreeMap::new(),
        port: 25,
        heartbeat_host: String::new(),
        last_arrival_at: None,
        alarms: Vec::new(),
        held: false,
        health,
        poking: false,
        paused: health == Health::Paused,
        paused_until: None,
        demo: false,
        last: None,
        last_success_at: None,
        failures: 0,
        next_at: None,
        next_reason_words: None,
        arrived_today_words: None,
    }
}

/// An account whose last poke worked at 10:15.
fn well(name: &str) -> AccountView {
    AccountView {
        last: Some(poke(name, Outcome::Started, "09:15")),
        last_success_at: Some(at("09:15")),
        next_at: Some(at("09:30")),
        ..account(name, Health::Asked)
    }
}

/// An account that has failed three times, and worked yesterday.
fn failing_one(name: &str) -> AccountView {
    AccountView {
        last: Some(poke(name, Outcome::Unreachable, "09:10")),
        last_success_at: Some(at("2026-11-24T22:55")),
        failures: 3,
        next_at: Some(at("09:25")),
        ..account(name, Health::Trouble)
    }
}

fn state(health: Health, accounts: Vec<AccountView>) -> Snapshot {
    Snapshot {
        version: "0.1.0".to_owned(),
        may_change: true,
        whole: Whole {
            health,
            poking: accounts.iter().filter(|account| account.poking).count(),
        },
        paused: health == Health::Paused,
        paused_until: None,
        accounts,
        general: General {
            fields: BTreeMap::new(),
            language_in_use: "en".to_owned(),
            channels: Vec::new(),
        },
        settings_path: "settings.toml".to_owned(),
        settings_fault: None,
        hand_over: None,
        history_fault: None,
        channel_faults: Vec::new(),
        unseen_notices: 0,
        update: None,
        demo: false,
        start_at_login: Some(false),
    }
}

/// One that is paused, until then or for good.
fn paused(name: &str, until: Option<&str>) -> AccountView {
    AccountView {
        paused_until: until.map(at),
        ..account(name, Health::Paused)
    }
}

fn given(title: &str, account: Option<&str>, time: &str) -> GivenNotice {
    GivenNotice {
        at: at(time),
        notice: Notice {
            kind: NoticeKind::Failure,
            account: account.map(str::to_owned),
            title: title.to_owned(),
            body: String::new(),
        },
    }
}

/// The entries as one line: `*` for what is on, brackets round what cannot be chosen, `▸` behind
/// what opens a menu, `|` between groups.
fn line(entries: &[Entry]) -> String {
    let lines = entries.iter().map(|entry| match entry {
        Entry::Item {
            label,
            enabled: true,
            ..
        } => label.clone(),
        Entry::Item {
            label,
            enabled: false,
            ..
        } => format!("[{label}]"),
        Entry::Check { label, on, .. } => format!("{}{label}", if *on { "*" } else { "" }),
        Entry::Menu { label, enabled, .. } if *enabled => format!("{label} ▸"),
        Entry::Menu { label, .. } => format!("[{label} ▸]"),
        Entry::Separator => "|".to_owned(),
    });
    lines.collect::<Vec<_>>().join(" / ")
}

#[test]
fn every_state_in_both_languages() {
    let poking = AccountView {
        poking: true,
        next_at: None,
        ..account("kpn", Health::Waiting)
    };
    let fault = Snapshot {
        settings_fault: Some("Line 3: no.".to_owned()),
        ..state(Health::Trouble, vec![well("vevida")])
    };
    let waiting = AccountView {
        next_at: Some(at("09:30")),
        ..account("vevida", Health::Waiting)
    };
    let never = AccountView {
        last: Some(poke("kpn", Outcome::Refused, "09:12")),
        failures: 1,
        next_at: Some(at("2026-11-26T08:00")),
        ..account("kpn", Health::Trouble)
    };
    let table: [(Snapshot, [(&str, &str); 2]); 12] = [
        (
            state(Health::NotSetUp, vec![]),
            [
                (
                    "Dequeue: not set up yet\nOpen Dequeue to set up your provider",
                    "Open Dequeue / [Poke all now] / [Pause ▸] / | / Start at login / Quit",
                ),
                (
                    "Dequeue: nog niet ingesteld\nOpen Dequeue om je provider in te stellen",
                    "Dequeue openen / [Alles nu opvragen] / [Pauzeren ▸] / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Waiting, vec![waiting]),
            [
                (
                    "Dequeue: waiting for the first poke\nNext poke 10:30",
                    "Open Dequeue / Poke all now / Pause ▸ / | / vevida: Waiting for the first poke ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: wacht op de eerste opvraging\nVolgende opvraging 10:30",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / vevida: Wacht op de eerste opvraging ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Asked, vec![well("vevida")]),
            [
                (
                    "Dequeue: asked; not confirmed that mail gets through\nLast poke 10:15 (vevida): Delivery started\nNext poke 10:30",
                    "Open Dequeue / Poke all now / Pause ▸ / | / vevida: Delivery started, 10:15 ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: opgevraagd; niet bevestigd dat er mail doorkomt\nLaatste opvraging 10:15 (vevida): Aflevering gestart\nVolgende opvraging 10:30",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / vevida: Aflevering gestart, 10:15 ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Asked, vec![well("vevida"), poking.clone()]),
            [
                (
                    "Dequeue: asked; not confirmed that mail gets through\nPoking kpn…\nLast poke 10:15 (vevida): Delivery started\nNext poke 10:30",
                    "Open Dequeue / Poke all now / Pause ▸ / | / vevida: Delivery started, 10:15 ▸ / kpn: Waiting for the first poke (being poked) ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: opgevraagd; niet bevestigd dat er mail doorkomt\nBezig met kpn…\nLaatste opvraging 10:15 (vevida): Aflevering gestart\nVolgende opvraging 10:30",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / vevida: Aflevering gestart, 10:15 ▸ / kpn: Wacht op de eerste opvraging (wordt opgevraagd) ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Waiting, vec![poking.clone(), poking]),
            [
                (
                    "Dequeue: waiting for the first poke\nPoking 2 accounts…",
                    "Open Dequeue / Poke all now / Pause ▸ / | / kpn: Waiting for the first poke (being poked) ▸ / kpn: Waiting for the first poke (being poked) ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: wacht op de eerste opvraging\nBezig met 2 accounts…",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / kpn: Wacht op de eerste opvraging (wordt opgevraagd) ▸ / kpn: Wacht op de eerste opvraging (wordt opgevraagd) ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Trouble, vec![well("vevida"), failing_one("kpn")]),
            [
                (
                    "Dequeue: trouble with kpn\nkpn: Unreachable (3 times), last worked yesterday 23:55\nNext poke 10:25",
                    "Open Dequeue / Poke all now / Pause ▸ / | / kpn: Unreachable, 10:10 ▸ / vevida: Delivery started, 10:15 ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: problemen met kpn\nkpn: Onbereikbaar (3 keer), laatst gelukt gisteren 23:55\nVolgende opvraging 10:25",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / kpn: Onbereikbaar, 10:10 ▸ / vevida: Aflevering gestart, 10:15 ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Trouble, vec![never.clone(), never]),
            [
                (
                    "Dequeue: trouble with 2 accounts\nkpn: Refused (once), has never worked\nkpn: Refused (once), has never worked\nNext poke tomorrow 09:00",
                    "Open Dequeue / Poke all now / Pause ▸ / | / kpn: Refused, 10:12 ▸ / kpn: Refused, 10:12 ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: problemen met 2 accounts\nkpn: Geweigerd (één keer), nog nooit gelukt\nkpn: Geweigerd (één keer), nog nooit gelukt\nVolgende opvraging morgen 09:00",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / kpn: Geweigerd, 10:12 ▸ / kpn: Geweigerd, 10:12 ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            fault,
            [
                (
                    "Dequeue: the settings file has a fault\nLine 3: no.\nNext poke 10:30",
                    "Open Dequeue / Poke all now / Pause ▸ / | / vevida: Delivery started, 10:15 ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: het instellingenbestand bevat een fout\nLine 3: no.\nVolgende opvraging 10:30",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / vevida: Aflevering gestart, 10:15 ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            Snapshot {
                start_at_login: Some(true),
                ..state(
                    Health::Paused,
                    vec![AccountView {
                        health: Health::Paused,
                        next_at: None,
                        last: Some(poke("vevida", Outcome::NothingWaiting, "2026-11-03T09:15")),
                        ..well("vevida")
                    }],
                )
            },
            [
                (
                    "Dequeue: paused\nNo scheduled pokes until you resume\nLast poke 3 Nov 10:15 (vevida): Nothing waiting",
                    "Open Dequeue / Poke all now / Resume / | / vevida: Paused ▸ / | / *Start at login / Quit",
                ),
                (
                    "Dequeue: gepauzeerd\nEr wordt niets volgens schema opgevraagd tot je hervat\nLaatste opvraging 3 nov 10:15 (vevida): Er wacht niets",
                    "Dequeue openen / Alles nu opvragen / Hervatten / | / vevida: Gepauzeerd ▸ / | / *Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(
                Health::Trouble,
                vec![
                    well("vevida"),
                    AccountView {
                        last: Some(poke("xs4all", Outcome::Refused, "09:12")),
                        failures: 1,
                        ..account("xs4all", Health::NeedsYou)
                    },
                    AccountView {
                        poking: true,
                        ..failing_one("kpn")
                    },
                ],
            ),
            [
                (
                    "Dequeue: trouble with kpn\nkpn: Unreachable (3 times), last worked yesterday 23:55\nxs4all: Refused (once), has never worked\nPoking kpn…\nNext poke 10:25",
                    "Open Dequeue / Poke all now / Pause ▸ / | / kpn: Unreachable, 10:10 (being poked) ▸ / xs4all: Needs something from you ▸ / vevida: Delivery started, 10:15 ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: problemen met kpn\nkpn: Onbereikbaar (3 keer), laatst gelukt gisteren 23:55\nxs4all: Geweigerd (één keer), nog nooit gelukt\nBezig met kpn…\nVolgende opvraging 10:25",
                    "Dequeue openen / Alles nu opvragen / Pauzeren ▸ / | / kpn: Onbereikbaar, 10:10 (wordt opgevraagd) ▸ / xs4all: Wacht op jou ▸ / vevida: Aflevering gestart, 10:15 ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            Snapshot {
                paused_until: Some(at("10:20")),
                ..state(
                    Health::Paused,
                    vec![
                        paused("vevida", Some("10:20")),
                        paused("kpn", Some("10:20")),
                    ],
                )
            },
            [
                (
                    "Dequeue: paused\nNo scheduled pokes until 11:20",
                    "Open Dequeue / Poke all now / Resume (paused until 11:20) / | / vevida: Paused ▸ / kpn: Paused ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: gepauzeerd\nEr wordt niets volgens schema opgevraagd tot 11:20",
                    "Dequeue openen / Alles nu opvragen / Hervatten (gepauzeerd tot 11:20) / | / vevida: Gepauzeerd ▸ / kpn: Gepauzeerd ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            // Each by itself: everything goes on when the last of them does.
            Snapshot {
                paused: false,
                ..state(
                    Health::Paused,
                    vec![
                        paused("vevida", Some("10:20")),
                        paused("kpn", Some("2026-11-26T07:00")),
                    ],
                )
            },
            [
                (
                    "Dequeue: paused\nNo scheduled pokes until tomorrow 08:00",
                    "Open Dequeue / Poke all now / Resume (paused until tomorrow 08:00) / | / vevida: Paused ▸ / kpn: Paused ▸ / | / Start at login / Quit",
                ),
                (
                    "Dequeue: gepauzeerd\nEr wordt niets volgens schema opgevraagd tot morgen 08:00",
                    "Dequeue openen / Alles nu opvragen / Hervatten (gepauzeerd tot morgen 08:00) / | / vevida: Gepauzeerd ▸ / kpn: Gepauzeerd ▸ / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
    ];
    for (state, models) in table {
        for (language, (tooltip, entries)) in ["en", "nl"].into_iter().zip(models) {
            let model = TrayModel::new(
                &state,
                &[],
                Personal::default(),
                &now(),
                &Text::for_language(language),
            );
            assert_eq!(
                (model.icon.health, model.icon.poking),
                (state.health, state.poking > 0)
            );
            assert_eq!(model.tooltip, tooltip);
            assert_eq!(line(&model.menu), entries);
        }
    }
}

/// The entries of the sub-menu with this label, on whatever level.
fn below<'a>(entries: &'a [Entry], wanted: &str) -> &'a [Entry] {
    fn find<'a>(entries: &'a [Entry], wanted: &str) -> Option<&'a [Entry]> {
        entries.iter().find_map(|entry| match entry {
            Entry::Menu { label, entries, .. } if label == wanted => Some(entries.as_slice()),
            Entry::Menu { entries, .. } => find(entries, wanted),
            _ => None,
        })
    }
    find(entries, wanted).unwrap_or_else(|| panic!("no menu {wanted:?} in {}", line(entries)))
}

/// What the entries do, those in sub-menus left out.
fn actions(entries: &[Entry]) -> Vec<Action> {
    let actions = entries.iter().filter_map(|entry| match entry {
        Entry::Item { action, .. } | Entry::Check { action, .. } => Some(action.clone()),
        Entry::Menu { .. } | Entry::Separator => None,
    });
    actions.collect()
}

#[test]
fn each_account_has_a_menu_in_both_languages() {
    let mut three = state(
        Health::Asked,
        vec![
            well("vevida"),
            paused("kpn", Some("2026-11-26T07:00")),
            paused("xs4all", None),
        ],
    );
    let table = [
        (
            "en",
            [
                (
                    "vevida: Delivery started, 10:15",
                    "Open vevida / Poke now / Pause ▸",
                ),
                (
                    "kpn: Paused",
                    "Open kpn / Poke now / Resume (paused until tomorrow 08:00)",
                ),
                ("xs4all: Paused", "Open xs4all / Poke now / Resume"),
                (
                    "Pause",
                    "For an hour / Until tomorrow 8:00 / Until I resume",
                ),
            ],
        ),
        (
            "nl",
            [
                (
                    "vevida: Aflevering gestart, 10:15",
                    "vevida openen / Nu opvragen / Pauzeren ▸",
                ),
                (
                    "kpn: Gepauzeerd",
                    "kpn openen / Nu opvragen / Hervatten (gepauzeerd tot morgen 08:00)",
                ),
                (
                    "xs4all: Gepauzeerd",
                    "xs4all openen / Nu opvragen / Hervatten",
                ),
                ("Pauzeren", "Een uur / Tot morgen 8:00 / Tot ik hervat"),
            ],
        ),
    ];
    for (language, menus) in table {
        let text = Text::for_language(language);
        let model = TrayModel::new(&three, &[], Personal::default(), &now(), &text);
        for (label, entries) in menus {
            assert_eq!(line(below(&model.menu, label)), entries);
        }
    }
    // What is paused with everything goes on with everything.
    three.paused = true;
    let text = Text::for_language("en");
    let model = TrayModel::new(&three, &[], Personal::default(), &now(), &text);
    let entries = line(below(&model.menu, "kpn: Paused"));
    assert_eq!(entries, "Open kpn / Poke now");
}

#[test]
fn what_the_entries_do() {
    use Action::{Open, Pause, Poke, Quit, Resume, StartAtLogin};
    let text = Text::for_language("en");
    let name = || Some("vevida".to_owned());
    let lengths = |account: Option<String>| {
        [
            PauseLength::HOUR,
            PauseLength::Tomorrow,
            PauseLength::UntilResumed,
        ]
        .map(|length| Pause(account.clone(), length))
    };
    let mut one = state(Health::Asked, vec![well("vevida")]);
    let model =
        |state: &Snapshot| TrayModel::new(state, &[], Personal::default(), &now(), &text).menu;
    let menu = model(&one);
    let all = [Open(None), Poke(None), StartAtLogin(true), Quit];
    assert_eq!(actions(&menu), all);
    assert_eq!(actions(below(&menu, "Pause")), lengths(None));
    let of_account = below(&menu, "vevida: Delivery started, 10:15");
    assert_eq!(actions(of_account), [Open(name()), Poke(name())]);
    assert_eq!(actions(below(of_account, "Pause")), lengths(name()));

    one.paused = true;
    one.start_at_login = Some(false);
    let all_paused = [
        Open(None),
        Poke(None),
        Resume(None),
        StartAtLogin(true),
        Quit,
    ];
    assert_eq!(actions(&model(&one)), all_paused);
    (one.paused, one.whole.health) = (false, Health::Paused);
    one.accounts = vec![paused("vevida", None)];
    let menu = model(&one);
    assert_eq!(actions(&menu), all_paused);
    assert_eq!(
        actions(below(&menu, "vevida: Paused")),
        [Open(name()), Poke(name()), Resume(name())]
    );
    one.start_at_login = Some(true);
    assert_eq!(actions(&model(&one))[3], StartAtLogin(false));
    one.start_at_login = None;
    one.update = Some(NewVersion {
        version: "9.9.9".to_owned(),
        date: "2026-12-24".to_owned(),
        notes: "https://dequeue.example/9.9.9".to_owned(),
    });
    let menu = model(&one);
    assert_eq!(
        actions(&menu),
        [Open(None), Poke(None), Resume(None), Open(None), Quit]
    );
    assert!(
        format!("{menu:?}").contains("Dequeue 9.9.9 is there…"),
        "{menu:?}"
    );
    one.update = None;
    assert_eq!(
        actions(&model(&one)),
        [Open(None), Poke(None), Resume(None), Quit]
    );
}

#[test]
fn the_last_notices_open_their_accounts() {
    let snapshot = state(Health::Trouble, vec![failing_one("kpn")]);
    let notices = [
        given("kpn: could not request mail", Some("kpn"), "09:10"),
        given("2 accounts work", None, "2026-11-24T22:55"),
        given("gone: it works", Some("gone"), "2026-11-23T08:00"),
        given("kpn: it works", Some("kpn"), "2026-11-22T08:00"),
    ];
    for (language, label, group, entries) in [
        (
            "en",
            "Last notices",
            " / | / Last notices ▸ / | / Start at login / Quit",
            "10:10  kpn: could not request mail / yesterday 23:55  2 accounts work / 23 Nov 09:00  gone: it works",
        ),
        (
            "nl",
            "Laatste meldingen",
            " / | / Laatste meldingen ▸ / | / Starten bij inloggen / Afsluiten",
            "10:10  kpn: could not request mail / gisteren 23:55  2 accounts work / 23 nov 09:00  gone: it works",
        ),
    ] {
        let model = TrayModel::new(
            &snapshot,
            &notices,
            Personal::default(),
            &now(),
            &Text::for_language(language),
        );
        assert!(line(&model.menu).ends_with(group), "{}", line(&model.menu));
        let last = below(&model.menu, label);
        assert_eq!(line(last), entries);
        let open = |account: Option<&str>| Action::Open(account.map(str::to_owned));
        assert_eq!(actions(last), [open(Some("kpn")), open(None), open(None)]);
    }
}

#[test]
fn many_accounts_stay_a_short_menu() {
    let text = Text::for_language("en");
    for (count, listed, more, label, last) in [
        (10, 10, 0, "", ""),
        (11, 11, 0, "", ""),
        (12, 10, 2, "2 more", "a0: Delivery started, 10:15 ▸"),
        (35, 10, 25, "25 more", "a0: Delivery started, 10:15 ▸"),
        (
            36,
            10,
            26,
            "26 more",
            "a1: Delivery started, 10:15 ▸ / One more is in the window",
        ),
        (
            1000,
            10,
            26,
            "990 more",
            "a965: Delivery started, 10:15 ▸ / 965 more are in the window",
        ),
    ] {
        // The most urgent, at the end of the file, comes first.
        let mut accounts: Vec<_> = (0..count)
            .map(|number| well(&format!("a{}", count - 1 - number)))
            .collect();
        accounts.push(failing_one("kpn"));
        accounts.remove(0);
        let model = TrayModel::new(
            &state(Health::Trouble, accounts),
            &[],
            Personal::default(),
            &now(),
            &text,
        );
        let entries = model
            .menu
            .split(|entry| *entry == Entry::Separator)
            .nth(1)
            .unwrap();
        let shown = line(entries);
        assert!(
            shown.starts_with("kpn: Unreachable, 10:10 ▸ / a"),
            "{shown}"
        );
        assert_eq!(
            entries.len(),
            listed + usize::from(more > 0),
            "{count} accounts"
        );
        if more > 0 {
            assert!(shown.ends_with(&format!(" / {label} ▸")), "{shown}");
            let rest = below(entries, label);
            assert_eq!(rest.len(), more, "{count} accounts");
            let shown = line(rest);
            assert!(shown.ends_with(last), "{shown}");
        }
    }
    let accounts = (0..50)
        .map(|number| failing_one(&format!("a{number}")))
        .collect();
    let tooltip = TrayModel::new(
        &state(Health::Trouble, accounts),
        &[],
        Personal::default(),
        &now(),
        &text,
    )
    .tooltip;
    assert_eq!(tooltip.lines().count(), 5, "{tooltip}");
    assert!(tooltip.starts_with("Dequeue: trouble with 50 accounts\na0: "));
}

#[test]
fn no_engine_leaves_a_way_out() {
    let model = TrayModel::without_engine("The folder cannot be used.", &Text::for_language("en"));
    assert_eq!(model.icon.health, Health::Trouble);
    assert_eq!(
        model.tooltip,
        "Dequeue is not running\nThe folder cannot be used."
    );
    assert_eq!(line(&model.menu), "Open Dequeue / | / Quit");
}

/// A name that somebody's settings brought along turns no line of the panel round and adds none.
#[test]
fn a_strangers_words_act_nowhere_on_the_panel() {
    let evil = "a\u{202e}b\u{2066}\u{200b}\u{2028}\u{9b}31m\x1b[0m\nc";
    let text = Text::for_language("en");
    let mut failing = account(evil, Health::Trouble);
    failing.last = Some(poke(evil, Outcome::Refused, "09:00"));
    let mut well = account(evil, Health::Asked);
    well.last = Some(poke(evil, Outcome::Started, "09:05"));
    let mut snapshot = state(Health::Trouble, vec![failing, well]);
    snapshot.settings_fault = Some(format!("The settings of {evil} are wrong."));
    let notices = [given(evil, Some(evil), "09:00")];
    let models = [
        TrayModel::new(&snapshot, &notices, Personal::default(), &now(), &text),
        TrayModel::without_engine(evil, &text),
    ];
    fn is_harmless(entries: &[Entry]) {
        for entry in entries {
            let (Entry::Item { label, .. }
            | Entry::Check { label, .. }
            | Entry::Menu { label, .. }) = entry
            else {
                continue;
            };
            assert_eq!(label, &sink::line(label));
            if let Entry::Menu { entries, .. } = entry {
                is_harmless(entries);
            }
        }
    }
    for model in models {
        assert!(model.tooltip.contains(r"a\u{202e}b"), "{model:?}");
        assert_eq!(model.tooltip, sink::text(&model.tooltip));
        is_harmless(&model.menu);
    }
}

#[test]
fn who_may_only_look_pokes_and_sees_why_nothing_else_can_be_chosen() {
    let text = Text::for_language("en");
    let all = |menu: &[Entry]| -> Vec<(Action, String, bool)> {
        fn add(menu: &[Entry], found: &mut Vec<(Action, String, bool)>) {
            for entry in menu {
                match entry {
                    Entry::Item {
                        action,
                        label,
                        enabled,
                    } => found.push((action.clone(), label.clone(), *enabled)),
                    Entry::Check { action, label, .. } => {
                        found.push((action.clone(), label.clone(), true));
                    }
                    Entry::Menu {
                        entries, enabled, ..
                    } => {
                        assert!(enabled);
                        add(entries, found);
                    }
                    Entry::Separator => {}
                }
            }
        }
        let mut found = Vec::new();
        add(menu, &mut found);
        found
    };
    let personal = Personal {
        at_service: true,
        start_at_login: Some(true),
        shows_notices: false,
        to_move: 2,
    };
    for (paused, reason) in [
        (false, "Pause (needs an administrator)"),
        (true, "Resume (needs an administrator)"),
    ] {
        let accounts = vec![AccountView {
            paused,
            ..well("vevida")
        }];
        let snapshot = Snapshot {
            may_change: false,
            start_at_login: None,
            paused: false,
            ..state(Health::Asked, accounts)
        };
        let menu = all(&TrayModel::new(&snapshot, &[], personal, &now(), &text).menu);
        let disabled: Vec<_> = menu.iter().filter(|(_, _, enabled)| !enabled).collect();
        assert_eq!(disabled.len(), 2, "of all and of the account");
        assert!(disabled.iter().all(|(_, label, _)| label == reason));
        for (action, _, enabled) in &menu {
            let changes = matches!(action, Action::Pause(..) | Action::Resume(_));
            assert_eq!(changes, !enabled, "{action:?}");
        }
        let label = |wanted: &Action| {
            let found = menu.iter().find(|(action, ..)| action == wanted);
            found.map(|(_, label, _)| label.as_str())
        };
        assert_eq!(label(&Action::Poke(None)), Some("Poke all now"));
        assert_eq!(label(&Action::ShowNotices(true)), Some("Show notices"));
        assert_eq!(label(&Action::StartAtLogin(false)), Some("Start at login"));
        assert_eq!(label(&Action::Quit), Some("Quit (the service goes on)"));
        let move_in = "Move your own 2 accounts into the service…";
        assert_eq!(label(&Action::MoveIn), Some(move_in));
    }
}
