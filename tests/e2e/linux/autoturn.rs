//! The provider that keeps the connection open while it delivers, and an engine that waits for it.

use crate::{
    autoturn::provider,
    linux::rig::events::Events,
    programs::{Home, account, outcome},
    rig::{
        autoturn::ToEtrn,
        mail,
        mail_server::{MailServer, Stage},
        wait::SOON,
    },
};

/// The provider keeps the connection open until its delivery is done.
#[test]
fn the_end_of_the_delivery_is_told_when_it_comes_and_holds_nothing_up() {
    let mail_server = MailServer::up();
    mail_server.hold_up(Stage::Message);
    let (provider, sent) = provider(&mail_server, ToEtrn::Unimplemented502);
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let home = Home::with(&[account("vevida", provider.address(), lines)]);
    let engine = home.start(&["run"]);
    let events = Events::attach(&home.control());
    // It is told at once, and the next one is not held up, while the mail is still on its way.
    let first = home.wait_for_pokes("vevida", 1, SOON).remove(0);
    assert_eq!(outcome(&first), ("signalled", "quit-signals"));
    assert!(first["busy_ms"].is_null(), "{first:#}");
    let run = home.run(&["poke", "vevida", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let second = run.object();
    // Nor one without an engine, which has nobody to tell.
    let settings = account("vevida", provider.address(), lines);
    assert_eq!(Home::with(&[settings]).run(&["poke", "vevida"]).status, 0);
    assert!(mail_server.arrivals().is_empty());
    mail_server.release();
    mail::assert_arrived(&sent, &mail_server.wait_for(3, SOON));

    let told = events.wait_for("the end of the first poke's delivery", |message| {
        let event = &message["event"];
        let poke = &event["poke"];
        let completed = event["type"] == "poke-completed" && poke["id"] == first["id"];
        completed.then(|| poke.clone())
    });
    let kept = home.history("vevida").pop().unwrap();
    assert_eq!(kept["id"], first["id"]);
    let busy = kept["busy_ms"].as_u64().expect("how long it was busy");
    assert_eq!(told["busy_ms"], busy);
    // The connection was open during the whole of the second.
    assert!(busy >= second["duration_ms"].as_u64().unwrap(), "{kept:#}");
    drop(engine);
}
