//! Every real server by every method: what `dequeue poke --host` says of it, as `servers.txt` has it.
//!
//! Finger is left out: a mail server does not end the connection after a finger request, so that such
//! a poke waits until its limit.

use std::net::SocketAddr;

use dequeue_smtp::Method;
use serde_json::Value;

use crate::{
    linux::{
        postfix::Held,
        rig::{
            exim::{self, Exim},
            odmr::{self, Odmr},
            postfix::{self, Postfix},
            provider::Provider,
            sendmail::{self, Sendmail},
            visited::{self, Visited},
        },
    },
    programs::{Home, account, outcome},
    rig::{mail_server::MailServer, net},
};

const DOMAIN: &str = "customer.test";
const TABLE: &str = include_str!("servers.txt");

/// A row: the server, the method, and what is expected.
struct Row {
    server: &'static str,
    method: &'static str,
    expected: String,
}

fn table() -> Vec<Row> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(Row {
                server: words.next()?,
                method: words.next().expect("a method"),
                expected: words.collect::<Vec<_>>().join(" "),
            })
        })
        .collect()
}

/// A test for each server, and one for the table. A server is given by its address, with what must
/// live as long as it; or not at all, where its tests are left out.
macro_rules! servers {
    ($($name:ident: $start:expr,)*) => {
        $(
            #[test]
            fn $name() {
                let Some((address, _keep)) = $start else {
                    return;
                };
                does_as_the_table_says(stringify!($name), address);
            }
        )*

        #[test]
        fn the_table_names_each_server_and_no_other() {
            let mut named: Vec<&str> = table().iter().map(|row| row.server).collect();
            named.dedup();
            assert_eq!(named, [$(stringify!($name)),*]);
        }
    };
}

servers! {
    courier: alone(&visited::COURIER),
    opensmtpd: alone(&visited::OPENSMTPD),
    chasquid: alone(&visited::CHASQUID),
    dovecot: alone(&visited::DOVECOT),
    nginx: in_front_of_postfix(&visited::NGINX),
    haproxy: in_front_of_postfix(&visited::HAPROXY),
    haproxy_before_nobody: in_front_of_nobody(&visited::HAPROXY),
    aiosmtpd: alone(&visited::AIOSMTPD),
    smtp_server: alone(&visited::SMTP_SERVER),
    postfix: providing(Postfix::start(&postfix::Options::new(nowhere()))),
    exim: providing(Exim::start(&exim::Options::new(nowhere()))),
    sendmail: providing(Sendmail::start(&sendmail::Options::new(nowhere()))),
    odmr: Odmr::start(&odmr::Options::default()).and_then(providing),
}

/// Where nobody listens: these providers hold no mail, and so have nothing to deliver.
fn nowhere() -> SocketAddr {
    net::free_port(net::address())
}

fn providing<P: Provider>(provider: P) -> Option<(SocketAddr, P)> {
    Some((provider.address(), provider))
}

fn alone(kind: &visited::Kind) -> Option<(SocketAddr, Visited)> {
    let server = Visited::start(kind);
    Some((server.address(), server))
}

fn in_front_of_postfix(kind: &visited::Kind) -> Option<(SocketAddr, (Visited, Postfix))> {
    let postfix = Postfix::start(&postfix::Options::new(nowhere()));
    let proxy = Visited::start_before(kind, postfix.address());
    Some((proxy.address(), (proxy, postfix)))
}

fn in_front_of_nobody(kind: &visited::Kind) -> Option<(SocketAddr, Visited)> {
    let mut behind = MailServer::up();
    let proxy = Visited::start_before(kind, behind.address());
    behind.stop();
    Some((proxy.address(), proxy))
}

/// Pokes the server twice by each method, and twice as an account of the method `auto`.
fn does_as_the_table_says(server: &str, address: SocketAddr) {
    let rows: Vec<Row> = table()
        .into_iter()
        .filter(|row| row.server == server)
        .collect();
    let methods = Method::ALL.into_iter().filter(|it| *it != Method::Finger);
    let methods: Vec<&str> = methods.map(Method::name).collect();
    let tabled: Vec<&str> = rows.iter().map(|row| row.method).collect();
    assert_eq!(tabled, methods, "the rows of {server}");

    let mail_server = MailServer::up();
    let home = Home::new();
    let mut wrong = String::new();
    for row in &rows {
        for turn in ["first", "second"] {
            let poke = poke_by_host(&home, row.method, &[DOMAIN], address, &mail_server);
            let (seen, expected) = (seen(&poke), &row.expected);
            if seen != *expected {
                let (method, said) = (row.method, &poke["explanation"]);
                let line = format!("{turn} {method}: {seen}, expected {expected}: {said}\n");
                wrong.push_str(&line);
            }
        }
    }
    assert!(wrong.is_empty(), "{server}\n{wrong}");
    assert!(mail_server.arrivals().is_empty());

    let lines = format!("every = \"1h\"\ndomains = [\"{DOMAIN}\"]");
    let home = Home::with(&[account("auto", address, &lines)]);
    let pokes = ["first", "second"].map(|turn| {
        let run = home.run(&["poke", "auto", "--json"]);
        let poke = run.object();
        assert_conversations_are_in_order(&poke);
        assert_eq!(seen(&poke), rows[0].expected, "{turn} {poke:#}");
        poke
    });
    if pokes[0]["choice"] == "etrn-unknown" {
        assert_eq!(pokes[1]["choice"], "remembered", "{pokes:#?}");
    }
}

/// `dequeue poke --host` for these domains.
fn poke_by_host(
    home: &Home,
    method: &str,
    domains: &[&str],
    to: SocketAddr,
    mail_server: &MailServer,
) -> Value {
    let (ip, port) = (to.ip().to_string(), to.port().to_string());
    let own = mail_server.address().to_string();
    let mut arguments = vec![
        "poke", "--host", &ip, "--port", &port, "--method", method, "--json",
    ];
    for domain in domains {
        arguments.extend(["--domain", domain]);
    }
    if matches!(method, "atrn" | "turn") {
        arguments.extend(["--mail-server", &own]);
    }
    let run = home.run(&arguments);
    let poke = run.object();
    assert_eq!(poke["exit_status"], run.status, "{run:?}");
    assert_conversations_are_in_order(&poke);
    poke
}

/// What the table has of a poke: exit status, outcome, reason, and the code of the first domain's
/// reply.
fn seen(poke: &Value) -> String {
    let (outcome, reason) = outcome(poke);
    let code = match &poke["domains"][0]["code"] {
        Value::Null => "-".to_owned(),
        code => code.to_string(),
    };
    format!("{} {outcome} {reason} {code}", poke["exit_status"])
}

/// On each connection of a poke nothing is said after QUIT, nor after a 421, with which a server
/// hangs up (RFC 5321 3.8); and one of them there is, unless the server hung up without a word.
fn assert_conversations_are_in_order(poke: &Value) {
    let lines = poke["dialogue"].as_array().expect("a dialogue");
    let mut over = true;
    for line in lines {
        let words = line["line"].as_str().expect("a line");
        match line["from"].as_str() {
            Some("connection") => match words {
                "connected" => {
                    assert!(over, "{poke:#}");
                    // A hello is a connection and not a word.
                    over = poke["method"] == "hello";
                }
                "closed" | "reset" => over = true,
                _ => {}
            },
            Some("provider") => over |= words.starts_with("421"),
            Some("us") => {
                assert!(!over, "{words} in {poke:#}");
                over = words == "QUIT";
            }
            _ => {}
        }
    }
    assert!(over, "{poke:#}");
}

/// chasquid hangs up with a 421 at the third command that it does not know.
#[test]
fn a_server_that_counts_errors_is_told_by_the_first() {
    let server = Visited::start(&visited::CHASQUID);
    let domains = ["a.test", "b.test", "c.test", "d.test"];
    for method in ["etrn", "qsnd", "auto"] {
        let mail_server = MailServer::down();
        let poke = poke_by_host(
            &Home::new(),
            method,
            &domains,
            server.address(),
            &mail_server,
        );
        let expected = match method {
            "auto" => "0 signalled quit-signals -",
            _ => "76 refused not-implemented 500",
        };
        assert_eq!(seen(&poke), expected, "{poke:#}");
        assert_eq!(poke["domains"].as_array().map(Vec::len), Some(4));
    }
}

#[test]
fn mail_comes_byte_for_byte_after_etrn_through_haproxy() {
    let mut held = Held::nothing();
    held.bring(DOMAIN);
    let proxy = Visited::start_before(&visited::HAPROXY, held.provider.address());
    let home = Home::new();
    for _ in 0..2 {
        let poke = poke_by_host(&home, "etrn", &[DOMAIN], proxy.address(), &held.mail_server);
        assert_eq!(outcome(&poke), ("started", "queuing-started"));
        assert_eq!(poke["address"], proxy.address().to_string());
        assert_eq!(poke["round_trips"], 4, "{poke:#}");
        held.assert_arrives();
    }
}
