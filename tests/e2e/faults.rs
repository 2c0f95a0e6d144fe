//! Providers that are not there, fall silent, hang up, or are no mail servers: the right outcome,
//! within the time limit, and a QUIT wherever a connection stands.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;

use crate::{
    programs::{Home, Run, account, outcome},
    rig::{
        net,
        scripted::{Conversation, Ending, Scripted, Step, Unanswering, hello, line},
        wait::SOON,
    },
};

/// A lost QUIT's reply is awaited for 5 s; the limits set below are of 1 s. A machine that is busy
/// with the other tests gets some time on top. Without its limits a poke takes minutes.
const IN_TIME: Duration = Duration::from_secs(20);

const SHORT_LIMITS: &str =
    "connect_timeout = \"1s\"\ngreeting_timeout = \"1s\"\ncommand_timeout = \"1s\"";

/// Pokes an account at `provider` with short limits and one domain.
fn poke(provider: SocketAddr) -> (Run, Value) {
    let lines = format!("method = \"etrn\"\ndomains = [\"customer.test\"]\n{SHORT_LIMITS}");
    let home = Home::with(&[account("faulty", provider, &lines)]);
    let run = home.run(&["poke", "faulty", "--json"]);
    assert!(run.took < IN_TIME, "{run:?}");
    let poke = run.object();
    assert_eq!(poke["exit_status"], run.status, "{poke:#}");
    let explanation = poke["explanation"].as_str().unwrap();
    assert!(explanation.len() > 20 && !explanation.starts_with("reason-"));
    // The history has the same.
    let mut kept = home.history("faulty").remove(0);
    for part in ["outcome", "reason", "exit_status", "domains", "explanation"] {
        assert_eq!(kept[part].take(), poke[part], "{part}");
    }
    (run, poke)
}

/// Pokes a provider that follows the scripts, one a connection.
fn poke_scripted(scripts: Vec<Vec<Step>>) -> (i32, Value, Vec<Conversation>) {
    let connections = scripts.len();
    let provider = Scripted::start(scripts);
    let (run, poke) = poke(provider.address());
    let conversations = provider.wait_for(connections, SOON);
    assert_eq!(conversations.len(), connections, "{conversations:?}");
    (run.status, poke, conversations)
}

/// The same with a single connection: its exit status, outcome, reason, and what was heard.
fn heard(script: Vec<Step>) -> (i32, String, String, Conversation) {
    let (status, poke, mut conversations) = poke_scripted(vec![script]);
    let (outcome, reason) = outcome(&poke);
    (
        status,
        outcome.to_owned(),
        reason.to_owned(),
        conversations.remove(0),
    )
}

/// The first word of each line.
fn verbs(conversation: &Conversation) -> Vec<String> {
    let lines = conversation.lines();
    let verb = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    lines.iter().map(verb).collect()
}

/// The greeting, EHLO and ETRN; what follows is the script's.
fn up_to_etrn(rest: Vec<Step>) -> Vec<Step> {
    let mut script = hello(&["ETRN"]);
    script.push(Step::Expect("ETRN customer.test"));
    script.extend(rest);
    script
}

#[test]
fn nobody_listens() {
    let (run, poke) = poke(net::free_port(net::address()));
    assert_eq!(run.status, 69);
    assert_eq!(outcome(&poke), ("unreachable", "connection-refused"));
    assert_eq!(poke["domains"][0]["outcome"], "unreachable");
}

#[test]
fn nobody_answers() {
    let silent = Unanswering::start();
    let (run, poke) = poke(silent.address());
    assert_eq!(run.status, 69);
    assert_eq!(outcome(&poke), ("unreachable", "connect-timeout"));
    assert_eq!(poke["address"], silent.address().to_string());
}

#[test]
fn a_name_without_an_address() {
    let home = Home::new();
    let run = home.run(&["provider.invalid", "-d", "customer.test", "--json"]);
    assert_eq!(run.status, 69, "{run:?}");
    assert!(run.took < IN_TIME, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("unreachable", "no-address"));
    assert_eq!(poke["address"], Value::Null);
    let explanation = poke["explanation"].as_str().unwrap();
    assert!(explanation.contains("provider.invalid"), "{explanation}");
}

#[test]
fn silence_at_the_greeting() {
    let (status, outcome, reason, conversation) = heard(vec![Step::Silence]);
    assert_eq!((status, outcome.as_str()), (75, "unknown"));
    assert_eq!(reason, "not-greeted");
    // Nothing before the greeting but the goodbye at the end.
    assert_eq!(conversation.lines(), ["QUIT"]);
    assert_eq!(conversation.ending, Ending::ClientClosed);
}

#[test]
fn silence_after_etrn() {
    let (status, outcome, reason, conversation) = heard(up_to_etrn(vec![Step::Silence]));
    assert_eq!((status, outcome.as_str()), (75, "unknown"));
    assert_eq!(reason, "no-answer");
    assert_eq!(verbs(&conversation), ["EHLO", "ETRN", "QUIT"]);
}

#[test]
fn silence_after_quit_does_not_undo_what_was_answered() {
    let script = up_to_etrn(vec![
        line("250 Queuing started"),
        Step::Expect("QUIT"),
        Step::Silence,
    ]);
    let (status, outcome, reason, _) = heard(script);
    assert_eq!((status, outcome.as_str()), (0, "started"));
    assert_eq!(reason, "queuing-started");
}

#[test]
fn a_greeting_in_pieces_is_one() {
    let script = [
        vec![Step::Slices(
            ["2", "20-provider", ".test\r", "\n220 ", "ESMTP\r\n"]
                .map(|slice| slice.as_bytes().to_vec())
                .into(),
        )],
        hello(&["ETRN"])[1..].to_vec(),
        vec![
            Step::Expect("ETRN "),
            Step::Slices(vec![b"25".to_vec(), b"3 OK, 7 pending\r\n".to_vec()]),
            Step::Expect("QUIT"),
            line("221 bye"),
        ],
    ]
    .concat();
    let (status, poke, _) = poke_scripted(vec![script]);
    assert_eq!(status, 0);
    assert_eq!(outcome(&poke), ("started", "pending-started"));
    assert_eq!(poke["domains"][0]["pending"], 7);
}

#[test]
fn resets_at_each_step() {
    let greeted = || vec![line("220 provider.test ESMTP"), Step::Expect("EHLO ")];
    let answered = || {
        up_to_etrn(vec![
            line("250 Queuing started"),
            Step::Expect("QUIT"),
            Step::Reset,
        ])
    };
    for (step, scripts, status, expected, reason) in [
        (
            "before the greeting",
            vec![vec![Step::Reset]],
            75,
            "unknown",
            "not-greeted",
        ),
        (
            // Once more, with HELO, as old servers want it.
            "after EHLO, twice",
            vec![
                [greeted(), vec![Step::Reset]].concat(),
                vec![
                    line("220 provider.test ESMTP"),
                    Step::Expect("HELO "),
                    Step::Reset,
                ],
            ],
            75,
            "unknown",
            "hung-up-before-request",
        ),
        (
            "after ETRN",
            vec![up_to_etrn(vec![Step::Reset])],
            75,
            "unknown",
            "hung-up",
        ),
        (
            "after QUIT",
            vec![answered()],
            0,
            "started",
            "queuing-started",
        ),
    ] {
        let (found, poke, conversations) = poke_scripted(scripts);
        assert_eq!(found, status, "{step}: {poke:#}");
        assert_eq!(outcome(&poke), (expected, reason), "{step}");
        for conversation in conversations {
            assert_eq!(conversation.ending, Ending::Reset, "{step}");
        }
    }
}

#[test]
fn a_provider_that_knows_only_helo() {
    let helo = || {
        vec![
            Step::Expect("HELO "),
            line("250 provider.test"),
            Step::Expect("ETRN customer.test"),
            line("251 OK, no messages waiting"),
            Step::Expect("QUIT"),
            line("221 bye"),
        ]
    };
    let greeted = || vec![line("220 provider.test SMTP"), Step::Expect("EHLO ")];
    let refused = [greeted(), vec![line("502 what?")], helo()].concat();
    let hung_up = [greeted(), vec![Step::Close]].concat();
    let again = [vec![line("220 provider.test SMTP")], helo()].concat();
    for scripts in [vec![refused], vec![hung_up, again]] {
        let (status, poke, _) = poke_scripted(scripts);
        assert_eq!(status, 0, "{poke:#}");
        assert_eq!(outcome(&poke), ("nothing-waiting", "no-messages"));
    }
}

#[test]
fn what_is_no_mail_server() {
    let endless = [b"220 ".as_slice(), &b"x".repeat(1_000_000)].concat();
    let many = b"250-more\r\n".repeat(100_000);
    for (what, bytes, reason) in [
        (
            "a web server",
            b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n".to_vec(),
            "not-smtp",
        ),
        ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(), "not-smtp"),
        ("POP3", b"+OK ready\r\n".to_vec(), "not-smtp"),
        (
            "octets",
            vec![0x16, 0x03, 0x01, 0xff, 0x00, b'\n'],
            "not-smtp",
        ),
        ("no lines", endless, "too-much"),
        ("no end", many, "too-much"),
    ] {
        let script = vec![Step::Send(bytes), Step::Expect("QUIT")];
        let (status, poke, conversations) = poke_scripted(vec![script]);
        assert_eq!(status, 76, "{what}: {poke:#}");
        assert_eq!(outcome(&poke), ("refused", reason), "{what}");
        let said = conversations[0].lines();
        assert!(
            said.is_empty() || said == ["QUIT"],
            "{what} heard more than a goodbye: {said:?}"
        );
        let shown = poke.to_string().len();
        assert!(shown < 100_000, "{what}: the report has {shown} octets");
    }
}

#[test]
fn garbage_in_place_of_a_reply() {
    let script = up_to_etrn(vec![line("certainly, sir"), Step::Silence]);
    let (status, outcome, reason, conversation) = heard(script);
    assert_eq!((status, outcome.as_str()), (76, "refused"));
    assert_eq!(reason, "bad-reply");
    assert_eq!(verbs(&conversation), ["EHLO", "ETRN", "QUIT"]);
}

#[test]
fn greetings_that_refuse() {
    for (greeting, status, reason) in [
        ("554 5.7.1 no service for you", 77, "denied"),
        ("421 4.3.2 too many connections", 75, "service-closing"),
        ("250 hello", 76, "not-smtp"),
    ] {
        // Nothing is sent after a 421.
        let goodbye = !greeting.starts_with("421");
        let rest = match goodbye {
            true => vec![Step::Expect("QUIT"), line("221 bye")],
            false => vec![],
        };
        let script = [vec![line(greeting)], rest].concat();
        let (found, poke, conversations) = poke_scripted(vec![script]);
        assert_eq!(found, status, "{greeting}");
        assert_eq!(outcome(&poke), ("refused", reason), "{greeting}");
        assert_eq!(poke["code"], greeting[..3].parse::<u16>().unwrap());
        assert_eq!(poke["text"], greeting[4..]);
        let said = conversations[0].lines();
        assert_eq!(said == ["QUIT"], goodbye, "{greeting}: {said:?}");
        assert!(goodbye || said.is_empty(), "{greeting}: {said:?}");
    }
}

#[test]
fn replies_to_etrn_and_their_exit_statuses() {
    for (reply, status, expected, reason) in [
        ("250 OK", 0, "started", "queuing-started"),
        (
            "251 no messages waiting",
            0,
            "nothing-waiting",
            "no-messages",
        ),
        ("252 pending messages", 0, "started", "pending-started"),
        (
            "253 OK, 12 pending messages",
            0,
            "started",
            "pending-started",
        ),
        (
            "458 Already processing customer.test",
            0,
            "started",
            "already-running",
        ),
        ("421 closing", 75, "refused", "service-closing"),
        ("451 later", 75, "refused", "try-later"),
        ("458 Unable to queue", 75, "refused", "cannot-queue"),
        ("459 not allowed", 77, "refused", "not-allowed"),
        ("500 what?", 76, "refused", "not-implemented"),
        ("501 # wanted", 76, "refused", "syntax"),
        (
            "502 unimplemented (#5.5.1)",
            76,
            "refused",
            "not-implemented",
        ),
        ("503 EHLO first", 76, "refused", "bad-sequence"),
        (
            "530 5.7.0 Must issue a STARTTLS command first",
            77,
            "refused",
            "tls-required",
        ),
        ("550 no", 77, "refused", "denied"),
        ("554 no", 77, "refused", "denied"),
        ("", 75, "unknown", "hung-up"),
    ] {
        let rest = match reply {
            "" => vec![Step::Close],
            // Nothing is sent after it.
            "421 closing" => vec![line(reply), Step::Close],
            _ => vec![line(reply), Step::Expect("QUIT"), line("221 bye")],
        };
        let (found, poke, conversations) = poke_scripted(vec![up_to_etrn(rest)]);
        assert_eq!(found, status, "{reply}");
        assert_eq!(outcome(&poke), (expected, reason), "{reply}");
        assert_eq!(conversations[0].ending, Ending::Closed, "{reply}");
    }
}

#[test]
fn a_masking_firewall_makes_a_good_answer_prove_nothing() {
    let script = vec![
        line("220 ******************************"),
        Step::Expect("EHLO "),
        line("250 provider.test"),
        Step::Expect("ETRN "),
        line("250 OK"),
        Step::Expect("QUIT"),
        line("221 bye"),
    ];
    let (status, outcome, reason, _) = heard(script);
    assert_eq!((status, outcome.as_str()), (75, "unknown"));
    assert_eq!(reason, "masked-by-firewall");
}
