//! Round trips, counted where they are waited for: at the provider.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
};

use crate::{
    programs::{Home, account, outcome},
    rig::{
        listener::Listener,
        net,
        wait::{self, SOON},
    },
};

/// A provider that answers what there is to answer, and keeps each segment as it came.
struct Counting {
    listener: Listener,
    visits: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Counting {
    fn start(extensions: &'static [&'static str]) -> Self {
        let visits = Arc::new(Mutex::new(Vec::new()));
        let kept = visits.clone();
        let at = SocketAddr::from((net::address(), 0));
        let listener = Listener::start(at, move |stream, _| {
            let segments = serve(stream, extensions);
            kept.lock().unwrap().push(segments);
        });
        Self { listener, visits }
    }

    /// The round trips of the one visit, with the handshake and the greeting; and its segments.
    fn round_trips(&self) -> (usize, Vec<String>) {
        wait::until("the visit to end", SOON, || {
            let visits = self.visits.lock().unwrap();
            let [segments] = visits.as_slice() else {
                return None;
            };
            Some((2 + segments.len(), segments.clone()))
        })
    }
}

fn serve(mut stream: &TcpStream, extensions: &[&str]) -> Vec<String> {
    let mut segments = Vec::new();
    let mut buffer = [0; 4096];
    stream.write_all(b"220 provider.test ESMTP\r\n").ok();
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        let segment = String::from_utf8_lossy(&buffer[..count]).into_owned();
        let mut answer = String::new();
        for line in segment.lines() {
            let verb = line.split(' ').next().unwrap_or_default();
            answer += &match verb {
                "EHLO" => {
                    let offered = extensions.iter().map(|word| format!("250-{word}\r\n"));
                    format!(
                        "250-provider.test\r\n{}250 HELP\r\n",
                        offered.collect::<String>()
                    )
                }
                "QUIT" => "221 Bye\r\n".to_owned(),
                "AUTH" => "235 in\r\n".to_owned(),
                _ => "250 Queuing started\r\n".to_owned(),
            };
        }
        segments.push(segment);
        stream.write_all(answer.as_bytes()).ok();
        if answer.ends_with("221 Bye\r\n") {
            break;
        }
    }
    segments
}

#[test]
fn a_poke_waits_no_oftener_than_it_must_and_reports_that() {
    const ETRN: &str = "method = \"etrn\"\ndomains = [\"customer.test\"]";
    const SEVERAL: &str = "method = \"etrn\"\ndomains = [\"a.test\", \"b.test\", \"c.test\"]";
    const QSND: &str = "method = \"qsnd\"\ndomains = [\"customer.test\"]";
    const LOGIN: &str = "method = \"etrn\"\ndomains = [\"customer.test\"]\nuser = \"customer\"\n\
         secret = \"command:echo open-sesame\"\nauth = \"plain\"\nlogin_in_clear = true";
    for (lines, extensions, expected, last) in [
        ("method = \"signal\"", &["PIPELINING"][..], 3, "QUIT\r\n"),
        (
            ETRN,
            &["ETRN", "PIPELINING"],
            4,
            "ETRN customer.test\r\nQUIT\r\n",
        ),
        (ETRN, &["ETRN"], 5, "QUIT\r\n"),
        // Two requests in one segment make Exim and Sendmail answer twice.
        (
            SEVERAL,
            &["ETRN", "PIPELINING"],
            6,
            "ETRN c.test\r\nQUIT\r\n",
        ),
        (QSND, &[], 4, "QUIT\r\n"),
        (
            LOGIN,
            &["AUTH PLAIN", "ETRN", "PIPELINING"],
            5,
            "ETRN customer.test\r\nQUIT\r\n",
        ),
    ] {
        let provider = Counting::start(extensions);
        let home = Home::with(&[account("counted", provider.listener.address(), lines)]);
        let run = home.run(&["poke", "counted", "--json"]);
        assert_eq!(run.status, 0, "{run:?}");
        let poke = run.object();
        let (counted, segments) = provider.round_trips();
        assert_eq!(counted, expected, "{lines}: {segments:?}");
        assert_eq!(poke["round_trips"], counted, "{lines}: {poke:#}");
        assert_eq!(segments.last().map(String::as_str), Some(last), "{lines}");
        assert!(
            ["started", "signalled"].contains(&outcome(&poke).0),
            "{poke:#}"
        );
    }
}

/// By each of the ways in which a person names domains to a poke.
#[test]
fn a_domain_that_is_named_in_several_spellings_is_asked_for_once() {
    let named = ["X.test", "x.test.", "@x.test", "x.test", "@X.TEST."];
    let asked = ["ETRN x.test\r\n", "ETRN @x.test\r\n"];
    let provider = Counting::start(&["ETRN"]);
    let at = provider.listener.address();
    let (ip, port) = (at.ip().to_string(), at.port().to_string());
    let each = named.iter().flat_map(|domain| ["-d", domain]);
    let each: Vec<&str> = each.collect();
    let lines = format!("method = \"etrn\"\ndomains = {named:?}\nevery = \"1h\"");
    let home = Home::with(&[account("a", at, &lines)]);
    for (visit, arguments) in [
        [&[&ip, "-p", &port], &each[..]].concat(),
        [
            &["poke", "--host", &ip, "-p", &port, "-m", "etrn"],
            &each[..],
        ]
        .concat(),
        vec!["poke", "a"],
    ]
    .into_iter()
    .enumerate()
    {
        let run = home.run(&arguments);
        assert_eq!(run.status, 0, "{run:?}");
        let segments = wait::until("the visit to end", SOON, || {
            provider.visits.lock().unwrap().get(visit).cloned()
        });
        let etrns = segments.iter().filter(|it| it.starts_with("ETRN"));
        assert_eq!(etrns.collect::<Vec<_>>(), asked, "{arguments:?}");
    }
}
