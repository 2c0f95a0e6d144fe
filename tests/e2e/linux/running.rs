//! An engine that runs: it tries a provider's hosts in turn, and takes over what a person changes in
//! the settings file, without a restart.

use std::{ops::RangeInclusive, time::Duration};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    programs::{Home, account, outcome},
    rig::{
        mail_server::MailServer,
        scripted::{Scripted, Step, hello, line},
        wait::{self, SOON},
    },
};

#[test]
fn where_the_first_host_does_not_listen_the_second_is_poked() {
    let (gone, there) = (MailServer::down(), MailServer::up());
    let lines = format!(
        "method = \"signal\"\nevery = \"1h\"\nother_hosts = [\"{}\"]",
        there.address()
    );
    let home = Home::with(&[account("vevida", gone.address(), &lines)]);
    let engine = home.start_engine();
    let first = home.wait_for_pokes("vevida", 1, SOON).remove(0);
    let second = home.run(&["poke", "vevida", "--json"]).object();
    let run = home.run(&["history", "vevida", "--json", "--dialogue"]);
    let first_whole = run.objects().pop().expect("a poke");
    for poke in [&first, &second] {
        assert_eq!(outcome(poke), ("signalled", "quit-signals"));
        assert_eq!(poke["address"], there.address().to_string());
        assert_eq!(poke["host"], there.ip().to_string());
    }
    // The first host was tried once, and then left alone for a time.
    assert_eq!(second["tried"], json!([]));
    let tried = &first["tried"][0];
    assert_eq!(outcome(tried), ("unreachable", "connection-refused"));
    assert_eq!(tried["host"], gone.ip().to_string());
    assert_eq!(tried["address"], gone.address().to_string());
    let why = format!(
        "Before {}, {} was tried: {} refuses connections.",
        there.ip(),
        gone.ip(),
        gone.ip()
    );
    let explanation = first["explanation"].as_str().unwrap();
    assert!(explanation.contains(&why), "{explanation}");
    assert_eq!(there.visits().len(), 2);
    let dialogue = first_whole["dialogue"].as_array().expect("a dialogue");
    let lines = dialogue.iter().filter_map(|line| line["line"].as_str());
    let lines: Vec<&str> = lines.collect();
    let next = format!("next-host {}", there.ip());
    assert_eq!(lines[..3], ["connect-failed", &next, "connected"]);
    let run = home.run(&["history", "vevida", "--dialogue"]);
    for words in [&why, &format!("--- Next host: {}\n", there.ip())] {
        assert!(run.out.contains(words.as_str()), "{words} in {}", run.out);
    }
    assert!(lines.contains(&"220 mail.customer.test ESMTP"), "{lines:?}");
    engine.end();
}

#[test]
fn edited_settings_are_taken_over_while_it_runs() {
    let steps = [
        Step::Expect("ETRN "),
        line("250 2.0.0 Queuing started"),
        Step::Expect("QUIT"),
        line("221 2.0.0 Bye"),
    ];
    let provider = Scripted::always([hello(&["ETRN"]), steps.to_vec()].concat());
    let home = Home::new();
    let set = |lines: &str| {
        let lines =
            format!("method = \"etrn\"\ndomains = [\"customer.test\"]\njitter = \"0s\"\n{lines}");
        home.set_up(&[account("etrn", provider.address(), &lines)]);
    };
    // From the last poke to the next, in minutes.
    let next = || -> Option<i64> {
        let account = home.run(&["status", "--json"]).object()["accounts"][0].take();
        let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
        let last = time(&account["last"]["started_at"])?;
        Some(time(&account["next_at"])?.duration_since(last).as_mins())
    };
    let wait_for_next = |minutes: RangeInclusive<i64>| {
        let what = format!("a poke in {minutes:?} minutes");
        wait::until(&what, SOON, || next().filter(|next| minutes.contains(next)));
    };
    set("every = \"2h\"");
    let engine = home.start_engine();
    wait_for_next(119..=121);
    set("every = \"45m\"");
    wait_for_next(44..=46);
    // Working hours that begin in six hours.
    let now = Timestamp::now().to_zoned_datetime(TimeZone::system());
    let from = (now + SignedDuration::from_hours(6)).time().hour();
    set(&format!(
        "hours = \"mon-sun {from:02}:00-{from:02}:59\"\nevery = \"10m\""
    ));
    wait_for_next(5 * 60 - 1..=6 * 60 + 1);

    // A mail server that is not there, then one that is.
    let (gone, there) = (MailServer::down(), MailServer::up());
    let own = |server: &MailServer| {
        let address = server.address();
        set(&format!("every = \"2h\"\nmail_server = \"{address}\""));
        wait::until("your mail server of the settings", SOON, || {
            let status = home.run(&["status", "--json"]).object();
            (status["accounts"][0]["fields"]["mail_server"] == address.to_string()).then_some(())
        });
    };
    own(&gone);
    let run = home.run(&["poke", "etrn", "--json"]);
    assert_eq!(run.status, 75, "{run:?}");
    assert_eq!(outcome(&run.object()), ("held", "mail-server-down"));
    assert_eq!(provider.conversations().len(), 1, "asked all the same");
    own(&there);
    // It looks three times a minute.
    let pokes = home.wait_for_pokes("etrn", 3, Duration::from_secs(60));
    assert_eq!(outcome(&pokes[0]), ("started", "queuing-started"));
    assert_eq!(pokes[0]["trigger"], "mail-server-back");
    engine.end();
}
