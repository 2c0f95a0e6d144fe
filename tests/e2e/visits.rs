//! The two methods that are a visit and nothing more: finger (RFC 1288) and the hello port.

use std::net::SocketAddr;

use crate::{
    programs::{Home, account, outcome},
    rig::{
        scripted::{Conversation, Ending, Scripted, Step, line},
        wait::SOON,
    },
};

fn poke(method: &str, lines: &str, provider: SocketAddr) -> serde_json::Value {
    let lines = format!("method = \"{method}\"\n{lines}");
    let home = Home::with(&[account("visited", provider, &lines)]);
    let run = home.run(&["poke", "visited", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    run.object()
}

fn said(conversations: &[Conversation]) -> Vec<String> {
    let text = |c: &Conversation| String::from_utf8_lossy(&c.said).into_owned();
    conversations.iter().map(text).collect()
}

/// It answers in words of its own and hangs up.
fn answering() -> Scripted {
    Scripted::always(vec![
        Step::Expect(""),
        line("The queue has been started."),
        Step::Close,
    ])
}

#[test]
fn a_finger_request_is_one_line_for_each_domain() {
    let provider = answering();
    let lines = "domains = [\"customer.test\", \"second.test\"]";
    let poke = poke("finger", lines, provider.address());
    assert_eq!(outcome(&poke), ("signalled", "finger-signals"));
    for domain in poke["domains"].as_array().unwrap() {
        assert_eq!(domain["outcome"], "signalled");
        assert_eq!(domain["text"], "The queue has been started.");
    }
    let conversations = provider.wait_for(2, SOON);
    assert_eq!(
        said(&conversations),
        ["customer.test\r\n", "second.test\r\n"]
    );
    assert!(conversations.iter().all(|c| c.ending == Ending::Closed));
}

#[test]
fn a_finger_request_of_the_users_own_is_made_once() {
    let provider = answering();
    let lines = "domains = [\"customer.test\", \"second.test\"]\nfinger = \"customer@queue\"";
    let poke = poke("finger", lines, provider.address());
    assert_eq!(outcome(&poke), ("signalled", "finger-signals"));
    assert_eq!(poke["domains"].as_array().unwrap().len(), 2);
    assert_eq!(said(&provider.wait_for(1, SOON)), ["customer@queue\r\n"]);
}

#[test]
fn a_hello_is_a_connection_and_not_a_word() {
    let provider = Scripted::always(vec![Step::Silence]);
    let poke = poke("hello", "", provider.address());
    assert_eq!(outcome(&poke), ("signalled", "hello-signals"));
    assert_eq!(poke["round_trips"], 1);
    let conversations = provider.wait_for(1, SOON);
    assert_eq!(said(&conversations), [""]);
    assert_eq!(conversations[0].ending, Ending::ClientClosed);
}

#[test]
fn nobody_there_is_no_signal() {
    let gone = crate::rig::mail_server::MailServer::down();
    for method in ["hello", "finger"] {
        let lines = format!("method = \"{method}\"\ndomains = [\"customer.test\"]");
        let home = Home::with(&[account("visited", gone.address(), &lines)]);
        let run = home.run(&["poke", "visited", "--json"]);
        assert_eq!(run.status, 69, "{run:?}");
        assert_eq!(
            outcome(&run.object()),
            ("unreachable", "connection-refused")
        );
    }
}
