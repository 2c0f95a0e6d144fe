//! Newer versions, told by the command line, with an announcement that minisign itself has signed.

use crate::{
    linux::{rig::web::Web, tray::signal_account},
    programs::{Home, Run},
    rig::mail_server::MailServer,
};

const KEY: &str = include_str!("../../../crates/engine/tests/announcements/key.txt");
const FILE: &str = include_str!("../../../crates/engine/tests/announcements/9.9.9.json");
const SIGNATURE: &str =
    include_str!("../../../crates/engine/tests/announcements/9.9.9.json.minisig");

#[test]
fn a_newer_version_is_told_and_nothing_else_is_fetched() {
    let (provider, web) = (MailServer::up(), Web::start());
    web.serve("/latest.json", FILE);
    web.serve("/latest.json.minisig", SIGNATURE);
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let place = format!("{} {}", web.at("/latest.json"), KEY.trim());
    let run = |arguments: &[&str]| Run::of(home.command(arguments).env("DEQUEUE_UPDATES", &place));
    // It is off: an engine that runs asks nobody, until a person does.
    let engine = home.start_with(&["run"], &[("DEQUEUE_UPDATES", &place)]);
    home.wait_for_engine();
    let status = run(&["status", "--json"]).object();
    assert_eq!(
        (status["update"].is_null(), web.requests("GET").len()),
        (true, 0)
    );
    let looked = run(&["update", "check"]);
    assert_eq!(looked.status, 0, "{looked:?}");
    let words = "Dequeue 9.9.9 of 2025-01-15 is there. What is new, and where to get it: https://dequeue.example/9.9.9";
    assert_eq!(looked.out.trim(), words);
    let looked = run(&["update", "check", "--json"]).object();
    assert_eq!(looked["newer"]["version"], "9.9.9");
    assert_eq!(looked["version"], env!("CARGO_PKG_VERSION"));
    assert!(run(&["status"]).out.contains(words));
    assert_eq!(
        run(&["status", "--json"]).object()["update"]["date"],
        "2025-01-15"
    );
    engine.end();
    // It is known from then on, also without a network.
    drop(web);
    assert!(home.run(&["status"]).out.contains(words));
    run(&["update", "check"]).refuses(70, &["could not be looked for", "Check the network"]);
    // Nobody has said where to look.
    home.run(&["update", "check"])
        .refuses(70, &["does not know where newer versions are announced"]);
}
