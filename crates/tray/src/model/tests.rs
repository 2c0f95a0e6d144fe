//! Snapshots to models, as a table, in both languages.

use std::collections::BTreeMap;

use dequeue_api::{General, PokeView, Whole};
use dequeue_core::record::Trigger;
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
        demo: false,
        last: None,
        last_success_at: None,
        failures: 0,
        next_at: None,
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
        whole: Whole {
            health,
            poking: accounts.iter().filter(|account| account.poking).count(),
        },
        paused: health == Health::Paused,
        accounts,
        general: General {
            fields: BTreeMap::new(),
            language_in_use: "en".to_owned(),
            channels: Vec::new(),
        },
        settings_path: "settings.toml".to_owned(),
        settings_fault: None,
        history_fault: None,
        channel_faults: Vec::new(),
        demo: false,
        start_at_login: Some(false),
    }
}

/// The menu as one line: `*` for what is on, brackets round what cannot be chosen, `|` between
/// groups.
fn menu(model: &TrayModel) -> String {
    let lines = model.menu.iter().map(|entry| match entry {
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
    let table: [(Snapshot, [(&str, &str); 2]); 9] = [
        (
            state(Health::NotSetUp, vec![]),
            [
                (
                    "Dequeue: not set up yet\nOpen Dequeue to set up your provider",
                    "Open Dequeue / [Poke now] / [Pause] / | / Start at login / Quit",
                ),
                (
                    "Dequeue: nog niet ingesteld\nOpen Dequeue om je provider in te stellen",
                    "Dequeue openen / [Nu opvragen] / [Pauzeren] / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Waiting, vec![waiting]),
            [
                (
                    "Dequeue: waiting for the first poke\nNext poke 10:30",
                    "Open Dequeue / Poke now / Pause / | / vevida: Waiting for the first poke / | / Start at login / Quit",
                ),
                (
                    "Dequeue: wacht op de eerste opvraging\nVolgende opvraging 10:30",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / vevida: Wacht op de eerste opvraging / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Asked, vec![well("vevida")]),
            [
                (
                    "Dequeue: asked; not confirmed that mail gets through\nLast poke 10:15 (vevida): Delivery started\nNext poke 10:30",
                    "Open Dequeue / Poke now / Pause / | / vevida: Delivery started, 10:15 / | / Start at login / Quit",
                ),
                (
                    "Dequeue: opgevraagd; niet bevestigd dat er mail doorkomt\nLaatste opvraging 10:15 (vevida): Aflevering gestart\nVolgende opvraging 10:30",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / vevida: Aflevering gestart, 10:15 / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Asked, vec![well("vevida"), poking.clone()]),
            [
                (
                    "Dequeue: asked; not confirmed that mail gets through\nPoking kpn…\nLast poke 10:15 (vevida): Delivery started\nNext poke 10:30",
                    "Open Dequeue / Poke now / Pause / | / vevida: Delivery started, 10:15 / kpn: Waiting for the first poke / | / Start at login / Quit",
                ),
                (
                    "Dequeue: opgevraagd; niet bevestigd dat er mail doorkomt\nBezig met kpn…\nLaatste opvraging 10:15 (vevida): Aflevering gestart\nVolgende opvraging 10:30",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / vevida: Aflevering gestart, 10:15 / kpn: Wacht op de eerste opvraging / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Waiting, vec![poking.clone(), poking]),
            [
                (
                    "Dequeue: waiting for the first poke\nPoking 2 accounts…",
                    "Open Dequeue / Poke now / Pause / | / kpn: Waiting for the first poke / kpn: Waiting for the first poke / | / Start at login / Quit",
                ),
                (
                    "Dequeue: wacht op de eerste opvraging\nBezig met 2 accounts…",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / kpn: Wacht op de eerste opvraging / kpn: Wacht op de eerste opvraging / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Trouble, vec![well("vevida"), failing_one("kpn")]),
            [
                (
                    "Dequeue: trouble with kpn\nkpn: Unreachable (3 times), last worked yesterday 23:55\nNext poke 10:25",
                    "Open Dequeue / Poke now / Pause / | / vevida: Delivery started, 10:15 / kpn: Unreachable, 10:10 / | / Start at login / Quit",
                ),
                (
                    "Dequeue: problemen met kpn\nkpn: Onbereikbaar (3 keer), laatst gelukt gisteren 23:55\nVolgende opvraging 10:25",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / vevida: Aflevering gestart, 10:15 / kpn: Onbereikbaar, 10:10 / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            state(Health::Trouble, vec![never.clone(), never]),
            [
                (
                    "Dequeue: trouble with 2 accounts\nkpn: Refused (once), has never worked\nkpn: Refused (once), has never worked\nNext poke tomorrow 09:00",
                    "Open Dequeue / Poke now / Pause / | / kpn: Refused, 10:12 / kpn: Refused, 10:12 / | / Start at login / Quit",
                ),
                (
                    "Dequeue: problemen met 2 accounts\nkpn: Geweigerd (één keer), nog nooit gelukt\nkpn: Geweigerd (één keer), nog nooit gelukt\nVolgende opvraging morgen 09:00",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / kpn: Geweigerd, 10:12 / kpn: Geweigerd, 10:12 / | / Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
        (
            fault,
            [
                (
                    "Dequeue: the settings file has a fault\nLine 3: no.\nNext poke 10:30",
                    "Open Dequeue / Poke now / Pause / | / vevida: Delivery started, 10:15 / | / Start at login / Quit",
                ),
                (
                    "Dequeue: het instellingenbestand bevat een fout\nLine 3: no.\nVolgende opvraging 10:30",
                    "Dequeue openen / Nu opvragen / Pauzeren / | / vevida: Aflevering gestart, 10:15 / | / Starten bij inloggen / Afsluiten",
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
                    "Open Dequeue / Poke now / Resume / | / vevida: Paused / | / *Start at login / Quit",
                ),
                (
                    "Dequeue: gepauzeerd\nEr wordt niets volgens schema opgevraagd tot je hervat\nLaatste opvraging 3 nov 10:15 (vevida): Er wacht niets",
                    "Dequeue openen / Nu opvragen / Hervatten / | / vevida: Gepauzeerd / | / *Starten bij inloggen / Afsluiten",
                ),
            ],
        ),
    ];
    for (state, models) in table {
        for (language, (tooltip, entries)) in ["en", "nl"].into_iter().zip(models) {
            let model = TrayModel::new(&state, &now(), &Text::for_language(language));
            assert_eq!(
                (model.icon.health, model.icon.poking),
                (state.health, state.poking > 0)
            );
            assert_eq!(model.tooltip, tooltip);
            assert_eq!(menu(&model), entries);
        }
    }
}

#[test]
fn what_the_entries_do() {
    let text = Text::for_language("en");
    let actions = |state: &Snapshot| -> Vec<Action> {
        let actions = TrayModel::new(state, &now(), &text)
            .menu
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Item { action, .. } | Entry::Check { action, .. } => Some(action),
                Entry::Separator => None,
            });
        actions.collect()
    };
    use Action::{Open, Pause, PokeNow, Quit, Resume, StartAtLogin};
    let mut one = state(Health::Asked, vec![well("vevida")]);
    assert_eq!(
        actions(&one),
        [Open, PokeNow, Pause, Open, StartAtLogin(true), Quit]
    );
    one.paused = true;
    one.start_at_login = Some(true);
    assert_eq!(
        actions(&one),
        [Open, PokeNow, Resume, Open, StartAtLogin(false), Quit]
    );
    (one.paused, one.whole.health) = (false, Health::Paused);
    assert_eq!(
        actions(&one),
        [Open, PokeNow, Resume, Open, StartAtLogin(false), Quit]
    );
    one.start_at_login = None;
    assert_eq!(actions(&one), [Open, PokeNow, Resume, Open, Quit]);
}

#[test]
fn many_accounts_stay_a_short_menu() {
    let text = Text::for_language("en");
    for (count, lines, last) in [
        (10, 10, "a9: Delivery started, 10:15"),
        (11, 11, "a10: Delivery started, 10:15"),
        (12, 11, "and 2 more…"),
        (1000, 11, "and 990 more…"),
    ] {
        let accounts = (0..count)
            .map(|number| well(&format!("a{number}")))
            .collect();
        let model = TrayModel::new(&state(Health::Asked, accounts), &now(), &text);
        let labels: Vec<&str> = model
            .menu
            .split(|entry| *entry == Entry::Separator)
            .nth(1)
            .unwrap()
            .iter()
            .filter_map(|entry| match entry {
                Entry::Item {
                    action: Action::Open,
                    label,
                    ..
                } => Some(label.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(
            (labels.len(), labels.last()),
            (lines, Some(&last)),
            "{count} accounts"
        );
    }
    let accounts = (0..50)
        .map(|number| failing_one(&format!("a{number}")))
        .collect();
    let tooltip = TrayModel::new(&state(Health::Trouble, accounts), &now(), &text).tooltip;
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
    assert_eq!(menu(&model), "Open Dequeue / | / Quit");
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
    let models = [
        TrayModel::new(&snapshot, &now(), &text),
        TrayModel::without_engine(evil, &text),
    ];
    for model in models {
        assert!(model.tooltip.contains(r"a\u{202e}b"), "{model:?}");
        assert_eq!(model.tooltip, sink::text(&model.tooltip));
        for entry in &model.menu {
            let (Entry::Item { label, .. } | Entry::Check { label, .. }) = entry else {
                continue;
            };
            assert_eq!(label, &sink::line(label));
        }
    }
}
