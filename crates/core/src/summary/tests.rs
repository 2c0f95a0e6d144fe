use super::*;

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn day(day: &str, outcomes: &[(&str, u64)], messages: u64) -> Day {
    Day {
        day: day.parse().unwrap(),
        pokes: outcomes.iter().map(|(_, pokes)| pokes).sum(),
        outcomes: outcomes
            .iter()
            .map(|(name, pokes)| ((*name).to_owned(), *pokes))
            .collect(),
        arrived: ArrivedAmount {
            connections: messages,
            messages,
            bytes: messages * 50_000,
        },
        duration_ms: 0,
        shortest_ms: 0,
        longest_ms: 0,
    }
}

/// The week before Monday, 30 November 2026.
fn week() -> Week {
    Week::before("2026-11-30".parse().unwrap())
}

fn accounts<'a>(accounts: &'a [(&'a str, Health)]) -> impl Iterator<Item = (&'a str, Health)> {
    accounts.iter().copied()
}

fn said(summary: &Summary, language: &str) -> String {
    let SummaryWords { title, body } = summary.words(&Text::for_language(language));
    assert!(!title.contains('\n'), "{title}");
    format!("{title}\n\n{body}")
}

#[test]
fn it_is_due_on_the_first_monday_at_eight_after_the_last() {
    let amsterdam = zone("Europe/Amsterdam");
    for (last, due) in [
        // A Wednesday, a Sunday a second before midnight, a Monday before eight, at eight, after it.
        ("2026-11-25T09:15:00Z", "2026-11-30T07:00:00Z"),
        ("2026-11-29T22:59:59Z", "2026-11-30T07:00:00Z"),
        ("2026-11-29T23:00:00Z", "2026-11-30T07:00:00Z"),
        ("2026-11-30T06:59:59Z", "2026-11-30T07:00:00Z"),
        ("2026-11-30T07:00:00Z", "2026-12-07T07:00:00Z"),
        ("2026-11-30T07:00:01Z", "2026-12-07T07:00:00Z"),
        // Over the end of the year.
        ("2026-12-28T07:00:00Z", "2027-01-04T07:00:00Z"),
        // Summer time begins on 29 March 2026 and ends on 25 October: a week of 167 hours, one of 169.
        ("2026-03-23T07:00:00Z", "2026-03-30T06:00:00Z"),
        ("2026-10-19T06:00:00Z", "2026-10-26T07:00:00Z"),
        // One hour is there twice, one is not at all.
        ("2026-10-25T00:30:00Z", "2026-10-26T07:00:00Z"),
        ("2026-10-25T01:30:00Z", "2026-10-26T07:00:00Z"),
        ("2026-03-29T00:59:59Z", "2026-03-30T06:00:00Z"),
    ] {
        assert_eq!(
            next_due(at(last), &amsterdam),
            Some(at(due)),
            "after {last}"
        );
    }
    // On the other side of the date line it is Monday sooner.
    let last = at("2026-11-29T12:00:00Z");
    assert_eq!(
        next_due(last, &zone("Pacific/Auckland")),
        Some(at("2026-11-29T19:00:00Z"))
    );
    assert_eq!(
        next_due(last, &zone("Pacific/Honolulu")),
        Some(at("2026-11-30T18:00:00Z"))
    );
    assert_eq!(next_due(Timestamp::MAX, &amsterdam), None);
}

/// Through a year of weeks each has one, wherever the engine looks and however long it was off.
#[test]
fn a_week_has_one_and_several_missed_ones_are_one() {
    let amsterdam = zone("Europe/Amsterdam");
    let mut last = at("2026-01-01T00:00:00Z");
    let mut weeks = Vec::new();
    while let Some(due) = next_due(last, &amsterdam).filter(|due| *due < at("2027-01-01T00:00:00Z"))
    {
        let local = due.to_zoned_datetime(amsterdam.clone());
        assert_eq!((local.weekday(), local.hour()), (Weekday::Monday, 8));
        weeks.push(local.iso_week_date().week());
        // It goes out a little later than it was due.
        last = due + SignedDuration::from_secs(3);
    }
    assert_eq!(weeks, (2..=53).collect::<Vec<i8>>());

    // Off for three weeks, and on again on a Wednesday.
    let due = next_due(at("2026-11-02T07:00:00Z"), &amsterdam).unwrap();
    assert_eq!(due, at("2026-11-09T07:00:00Z"));
    let now = at("2026-11-25T09:15:00Z");
    assert!(due < now);
    assert_eq!(next_due(now, &amsterdam), Some(at("2026-11-30T07:00:00Z")));
}

#[test]
fn a_clock_that_is_set_back_neither_repeats_it_nor_puts_it_off_for_long() {
    let amsterdam = zone("Europe/Amsterdam");
    let last = at("2026-11-30T07:00:03Z");
    // By an hour, by five days: that Monday has had its own.
    for now in ["2026-11-30T06:00:00Z", "2026-11-25T09:15:00Z"] {
        let from = counted_from(last, at(now));
        assert_eq!(from, last);
        assert_eq!(next_due(from, &amsterdam), Some(at("2026-12-07T07:00:00Z")));
    }
    // A clock that was years ahead: the summaries go on by the right one.
    let now = at("2026-11-25T09:15:00Z");
    let from = counted_from(at("2031-05-05T06:00:00Z"), now);
    assert_eq!(from, now);
    assert_eq!(next_due(from, &amsterdam), Some(at("2026-11-30T07:00:00Z")));
}

#[test]
fn the_week_is_the_seven_whole_days_before() {
    let days = |today: &str| {
        let Week { first, last } = Week::before(today.parse().unwrap());
        format!("{first} {last}")
    };
    assert_eq!(days("2026-11-30"), "2026-11-23 2026-11-29");
    assert_eq!(days("2027-01-04"), "2026-12-28 2027-01-03");
    assert_eq!(days("2028-03-06"), "2028-02-28 2028-03-05");
}

#[test]
fn a_week_in_words() {
    let days = [
        day("2026-11-23", &[("started", 90), ("unreachable", 2)], 40),
        day("2026-11-24", &[("nothing-waiting", 96)], 91),
        day("2026-11-28", &[("signalled", 95), ("held", 1)], 0),
        day("2026-11-29", &[("delivered", 96)], 0),
    ];
    let accounts = accounts(&[
        ("office", Health::Proved),
        ("shop", Health::NeedsYou),
        ("vevida", Health::Trouble),
        ("old", Health::Paused),
        ("backup", Health::Asked),
        ("new", Health::Waiting),
    ]);
    let summary = Summary::new(week(), Some(&days), true, accounts);
    assert_eq!(
        said(&summary, "en"),
        "Dequeue, week to 29 November: 2 of 6 accounts need a look\n\
         \n\
         From Monday 23 November to Sunday 29 November 2026:\n\
         380 pokes; 3 did not work.\n\
         Arrived: 131 messages, 6.6 MB.\n\
         Days on which nothing arrived: Saturday, Sunday.\n\
         \n\
         The accounts now:\n\
         Trouble: 1\n\
         Needs something from you: 1\n\
         Asked; not confirmed: 1\n\
         Waiting for the first poke: 1\n\
         Works: mail gets through: 1\n\
         Paused: 1\n\
         \n\
         Accounts that need a look:\n\
         vevida: Trouble\n\
         shop: Needs something from you"
    );
    assert_eq!(
        said(&summary, "nl"),
        "Dequeue, week tot en met 29 november: 2 van 6 accounts vragen aandacht\n\
         \n\
         Van maandag 23 november tot en met zondag 29 november 2026:\n\
         380 opvragingen; 3 lukten niet.\n\
         Binnengekomen: 131 berichten, 6,6 MB.\n\
         Dagen waarop niets binnenkwam: zaterdag, zondag.\n\
         \n\
         Zo staan de accounts er nu voor:\n\
         Problemen: 1\n\
         Wacht op jou: 1\n\
         Opgevraagd; niet bevestigd: 1\n\
         Wacht op de eerste opvraging: 1\n\
         Werkt: er komt mail door: 1\n\
         Gepauzeerd: 1\n\
         \n\
         Deze accounts vragen aandacht:\n\
         vevida: Problemen\n\
         shop: Wacht op jou"
    );
}

/// What was not seen is not said: neither that all is well, nor that nothing came.
#[test]
fn it_claims_no_more_than_is_known() {
    let days = [day("2026-11-24", &[("started", 96)], 0)];
    let told = |days: Option<&[Day]>, sees, language| {
        let one = accounts(&[("office", Health::Asked)]);
        said(&Summary::new(week(), days, sees, one), language)
    };
    let unseen = told(Some(&days), false, "en");
    assert_eq!(
        unseen,
        "Dequeue, week to 29 November: the account is not in trouble\n\
         \n\
         From Monday 23 November to Sunday 29 November 2026:\n\
         96 pokes; none failed.\n\
         Whether anything arrived is not known here.\n\
         \n\
         The accounts now:\n\
         Asked; not confirmed: 1"
    );
    let seen = told(Some(&days), true, "nl");
    assert!(seen.contains("96 opvragingen; geen enkele mislukte.\nEr kwam niets binnen.\n\n"));
    let off = told(Some(&[]), false, "nl");
    assert!(
        off.contains("2026:\nGeen opvragingen.\nOf er iets binnenkwam, is hier niet bekend.\n")
    );
    let unread = told(None, true, "en");
    assert!(unread.contains(
        "2026:\nThe history could not be read, so there are no figures for this week.\n\n"
    ));

    let one = [day("2026-11-24", &[("refused", 1)], 0)];
    assert!(told(Some(&one), true, "en").contains("One poke; it did not work."));
    assert!(told(Some(&one), true, "nl").contains("Eén opvraging; die lukte niet."));
    let gap = [
        day("2026-11-24", &[("started", 2), ("failed", 1)], 1),
        day("2026-11-25", &[("started", 3)], 0),
    ];
    let told_gap = told(Some(&gap), true, "en");
    assert!(told_gap.contains(
        "6 pokes; one did not work.\nArrived: 1 message, 50 kB.\nNothing arrived on Wednesday.\n"
    ));
    assert!(told(Some(&gap), true, "nl").contains("Op woensdag kwam er niets binnen.\n"));

    let nobody = Summary::new(week(), Some(&[]), false, accounts(&[]));
    assert_eq!(
        said(&nobody, "en"),
        "Dequeue, week to 29 November: no account set up\n\
         \n\
         From Monday 23 November to Sunday 29 November 2026:\n\
         No pokes.\n\
         Whether anything arrived is not known here."
    );
}

#[test]
fn of_many_accounts_ten_are_named_the_most_urgent_first() {
    let names: Vec<String> = (0..5000).map(|number| format!("a{number}")).collect();
    let health = |number: usize| match number {
        0..4 => Health::NeedsYou,
        4..13 => Health::Trouble,
        13..20 => Health::Paused,
        _ => Health::Proved,
    };
    let all = names.iter().enumerate();
    let all = all.map(|(number, name)| (name.as_str(), health(number)));
    let summary = Summary::new(week(), Some(&[]), true, all);
    let english = said(&summary, "en");
    assert!(english.starts_with("Dequeue, week to 29 November: 13 of 5000 accounts need a look\n"));
    assert!(english.contains(
        "\nTrouble: 9\nNeeds something from you: 4\nWorks: mail gets through: 4980\nPaused: 7\n"
    ));
    let named: Vec<&str> = english
        .split_once("Accounts that need a look:\n")
        .unwrap()
        .1
        .lines()
        .collect();
    assert_eq!(named.len(), 11);
    assert_eq!(named[0], "a4: Trouble");
    assert_eq!(named[8], "a12: Trouble");
    assert_eq!(named[9], "a0: Needs something from you");
    assert_eq!(named[10], "… and 3 more. Open Dequeue to see all of them.");
    let dutch = said(&summary, "nl");
    assert!(dutch.starts_with(
        "Dequeue, week tot en met 29 november: 13 van 5000 accounts vragen aandacht\n"
    ));
    assert!(dutch.ends_with("\na0: Wacht op jou\n… en nog 3. Open Dequeue om alles te zien."));
    // Of ten nobody is left out.
    let ten = (0..10).map(|_| ("a", Health::Trouble));
    let ten = said(&Summary::new(week(), None, true, ten), "en");
    assert!(ten.ends_with("\na: Trouble"));
}
