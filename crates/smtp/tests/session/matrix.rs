//! Every situation in which real servers were recorded, read as a person would read it: the reply
//! alone, and the whole session wherever we are able to say what was said there.

use dequeue_smtp::{
    Capabilities, Domain, EtrnTarget, Method, Outcome, Reply, ReplyParser,
    meaning::read_request_reply,
};

use crate::provider::{Script, plan};

const MATRIX: &str = include_str!("matrix.txt");

/// One server's part of the matrix.
struct Server {
    name: &'static str,
    /// `greeting`, `goodbye`, `normal`, `EHLO` and `HELO`, with what stands behind them.
    facts: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
}

/// One situation.
struct Row {
    situation: &'static str,
    sent: Vec<&'static str>,
    replies: Vec<&'static str>,
    /// Outcome and reason, by their names.
    meaning: &'static str,
}

/// A command that the server does not know.
const UNKNOWN: &str = "Refused NotImplemented";

impl Row {
    fn is_unknown(&self) -> bool {
        self.meaning == UNKNOWN
    }
}

impl Server {
    fn fact(&self, name: &str) -> &'static str {
        let fact = self.facts.iter().find(|fact| fact.0 == name);
        fact.unwrap_or_else(|| panic!("{} of {}", name, self.name))
            .1
    }

    /// What is said to EHLO and to HELO; what it shows is tested on its own.
    fn hello(&self, word: &str) -> &'static str {
        self.fact(word).rsplit_once(" => ").unwrap().0
    }

    fn normal_codes(&self) -> Vec<u16> {
        let normal = self.facts.iter().filter(|fact| fact.0 == "normal");
        normal.map(|fact| fact.1.parse().unwrap()).collect()
    }
}

fn servers() -> Vec<Server> {
    let mut servers: Vec<Server> = Vec::new();
    for line in MATRIX.lines().filter(|line| !line.is_empty()) {
        if line.starts_with('#') && servers.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            servers.push(Server {
                name: name.trim_end_matches(']'),
                facts: Vec::new(),
                rows: Vec::new(),
            });
            continue;
        }
        let server = servers.last_mut().expect("a server's name comes first");
        let (situation, rest) = line.split_once(": ").unwrap();
        let Some((sent, answer)) = rest.split_once(" -> ") else {
            server.facts.push((situation, rest));
            continue;
        };
        let (replies, meaning) = answer.rsplit_once(" => ").unwrap();
        server.rows.push(Row {
            situation,
            sent: sent.split(", ").collect(),
            replies: replies.split(" || ").collect(),
            meaning,
        });
    }
    assert_eq!(servers.len(), 4);
    servers
}

fn on_the_wire(reply: &str) -> String {
    let lines = reply.split(" | ");
    lines.map(|line| format!("{line}\r\n")).collect()
}

fn parsed(reply: &str) -> Reply {
    let mut parser = ReplyParser::default();
    parser.push(on_the_wire(reply).as_bytes());
    parser.next_reply().unwrap().unwrap()
}

/// The provider's lines of a [`Script`].
fn said(replies: &[&str]) -> String {
    let lines = replies.iter().flat_map(|reply| reply.split(" | "));
    lines.map(|line| format!("< {line}\n")).collect()
}

/// Outcome and reason as the matrix writes them.
fn meaning(verdict: &dequeue_smtp::Verdict) -> String {
    format!("{:?} {:?}", verdict.outcome, verdict.reason)
}

#[test]
fn every_reply_means_what_a_person_would_say() {
    for server in servers() {
        let normal = server.normal_codes();
        for row in server.rows.iter().filter(|row| row.replies.len() == 1) {
            let what = format!("{}, {}", server.name, row.situation);
            let reply = parsed(row.replies[0]);
            let verdict = read_request_reply(&reply, &[], false);
            assert_eq!(meaning(&verdict), row.meaning, "{what}");
            if normal.contains(&reply.code()) {
                let verdict = read_request_reply(&reply, &normal, false);
                assert_eq!(meaning(&verdict), "Signalled NormalHere", "{what}");
            }
        }
    }
}

#[test]
fn every_hello_shows_what_is_offered_and_which_address_was_seen() {
    for server in servers() {
        for word in ["EHLO", "HELO"] {
            let (reply, expected) = server.fact(word).rsplit_once(" => ").unwrap();
            let shown = Capabilities::from_reply(&parsed(reply));
            let mut found = Vec::new();
            found.extend(shown.etrn.then(|| "ETRN".to_owned()));
            found.extend(shown.pipelining.then(|| "PIPELINING".to_owned()));
            found.extend(shown.seen_address.map(|address| format!("saw {address}")));
            if found.is_empty() {
                found.push("nothing".to_owned());
            }
            assert_eq!(found.join(", "), expected, "{word} of {}", server.name);
        }
    }
}

#[test]
fn every_session_that_can_be_held_ends_as_a_person_would_say() {
    let mut held = 0;
    for server in servers() {
        for row in &server.rows {
            let Some((method, targets, script)) = conversation(&server, row) else {
                continue;
            };
            held += 1;
            let (report, _) = Script::new(&script).play(plan(method, &targets));
            let verdict = &report.domains.last().unwrap().verdict;
            let what = format!("{}, {}:\n{script}", server.name, row.situation);
            // Of a provider that offers a login the session knows one reason more.
            let expected = match row.meaning {
                "Refused Denied" if script.contains("250-AUTH ") => "Refused DeniedWithoutLogin",
                meaning => meaning,
            };
            assert_eq!(meaning(verdict), expected, "{what}");
            if let [reply] = row.replies[..] {
                let (code, text) = reply.split_once(' ').unwrap();
                assert_eq!(verdict.code, code.parse().ok(), "{what}");
                assert_eq!(verdict.text.as_deref(), Some(text), "{what}");
            }
        }
    }
    // We cannot be made to ask before EHLO, inside a transaction, or for what is not one domain;
    // TURN and ATRN are asked for in another way.
    assert_eq!(held, 74);
}

/// What is said to ETRN for each target that we can ask for, with what it means.
fn etrn_rows(server: &Server) -> Vec<(&'static str, &'static str, &'static str)> {
    let mut rows: Vec<(&str, &str, &str)> = Vec::new();
    for row in &server.rows {
        let (["EHLO", etrn], [reply]) = (&row.sent[..], &row.replies[..]) else {
            continue;
        };
        let Some(target) = etrn.strip_prefix("ETRN ") else {
            continue;
        };
        // The same target was refused to others, and when no more was wanted.
        let is_known = rows.iter().any(|(known, ..)| *known == target);
        if !is_known
            && target
                .parse::<EtrnTarget>()
                .is_ok_and(|sent| sent.as_str() == target)
        {
            rows.push((target, reply, row.meaning));
        }
    }
    rows
}

#[test]
fn several_domains_in_one_session_each_have_their_own_outcome() {
    for server in servers() {
        let rows = etrn_rows(&server);
        assert!(rows.len() > 2, "{}", server.name);
        let targets: Vec<&str> = rows.iter().map(|row| row.0).collect();
        let mut script = format!(
            "connect\n{}> EHLO office.example\n{}",
            said(&[server.fact("greeting")]),
            said(&[server.hello("EHLO")])
        );
        // Whoever does not know the command is asked for nothing more.
        let unknown = rows.iter().position(|row| row.2 == UNKNOWN);
        let asked = unknown.map_or(rows.len(), |first| first + 1);
        for (n, (target, reply, _)) in rows.iter().take(asked).enumerate() {
            let quit = if n + 1 == rows.len() { "> QUIT\n" } else { "" };
            script += &format!("> ETRN {target}\n{quit}< {reply}\n");
        }
        if asked < rows.len() {
            script += "> QUIT\n";
        }
        script += &said(&[server.fact("goodbye")]);
        let (report, _) = Script::new(&script).play(plan(Method::Etrn, &targets));
        for (domain, (target, reply, expected)) in report.domains.iter().zip(&rows) {
            let what = format!("{}: {target}: {reply}", server.name);
            let expected = if unknown.is_some() && asked == 1 {
                &UNKNOWN
            } else {
                expected
            };
            assert_eq!(meaning(&domain.verdict), *expected, "{what}");
        }
        assert_eq!(report.domains.len(), rows.len());
    }
}

#[test]
fn one_request_takes_four_round_trips_and_shows_our_address() {
    for server in servers() {
        let (target, reply, _) = etrn_rows(&server)[0];
        let script = format!(
            "connect\n{}> EHLO office.example\n{}> ETRN {target}\n> QUIT\n< {reply}\n{}",
            said(&[server.fact("greeting")]),
            said(&[server.hello("EHLO")]),
            said(&[server.fact("goodbye")])
        );
        let (report, _) = Script::new(&script).play(plan(Method::Etrn, &[target]));
        assert_eq!(report.round_trips, 4, "{}", server.name);
        let shown = server.fact("EHLO").rsplit_once("saw ");
        let seen = shown.map(|(_, address)| address.parse().unwrap());
        assert_eq!(report.seen_address, seen, "{}", server.name);
    }
}

#[test]
fn each_server_is_asked_as_it_wants_to_be() {
    for server in servers() {
        let (target, reply, _) = etrn_rows(&server)[0];
        let ehlo = said(&[server.hello("EHLO")]);
        let goodbye = said(&[server.fact("goodbye")]);
        let (rest, expected) = if ehlo.contains("ETRN") {
            (
                format!("> QUIT\n< {reply}\n"),
                (Method::Etrn, Outcome::Started),
            )
        } else {
            // Whether it is known all the same, only the answer tells.
            (
                format!("< {reply}\n> QUIT\n"),
                (Method::Signal, Outcome::Signalled),
            )
        };
        let script = format!(
            "connect\n{}> EHLO office.example\n{ehlo}> ETRN {target}\n{rest}{goodbye}",
            said(&[server.fact("greeting")])
        );
        let (report, _) = Script::new(&script).play(plan(Method::Auto, &[target]));
        let outcome = report.domains[0].verdict.outcome;
        assert_eq!((report.method, outcome), expected, "{}", server.name);
    }
}

/// What we are to do so that this situation comes about, and the script of the conversation; none
/// where nothing makes us say such a thing.
fn conversation(server: &Server, row: &Row) -> Option<(Method, Vec<&'static str>, String)> {
    let greeting = said(&[server.fact("greeting")]);
    let goodbye = said(&[server.fact("goodbye")]);
    let ehlo = said(&[server.hello("EHLO")]);
    let helo = said(&[server.hello("HELO")]);
    let quits_at_once = ehlo.contains("PIPELINING");
    let asked = |targets: &[&'static str], start: String, pipelining: bool| {
        let targets: Vec<EtrnTarget> = targets
            .iter()
            .map(|target| target.parse().ok())
            .collect::<Option<_>>()?;
        let mut script = start;
        for (n, target) in targets.iter().enumerate() {
            script += &format!("> ETRN {}\n", target.as_str());
            let answer = said(&row.replies);
            let first_of_several = n + 1 < targets.len();
            if first_of_several && server.rows[0].is_unknown() {
                script += &format!("{}> QUIT\n{goodbye}", said(&server.rows[0].replies));
                break;
            }
            script += &if first_of_several {
                // The first of several goes alone, and is one that works.
                said(&server.rows[0].replies)
            } else if pipelining {
                format!("> QUIT\n{answer}{goodbye}")
            } else {
                format!("{answer}> QUIT\n{goodbye}")
            };
        }
        Some(script)
    };
    let argument = |command: &'static str| Some(command.split_once(' ')?.1);
    match row.sent[..] {
        // What went in one segment there, we say as we always do.
        ["EHLO", etrn, "QUIT"] => {
            let target = argument(etrn)?;
            let script = if row.situation.contains("before the greeting") {
                // All is there before we have said a word: it answers nothing of ours.
                format!(
                    "connect\n{all}> EHLO office.example\nclose\nconnect\n{all}> HELO office.example\nclose\n",
                    all = said(&row.replies)
                )
            } else if row.replies[0].starts_with("250") {
                let (hello, rest) = row.replies.split_first()?;
                format!(
                    "connect\n{greeting}> EHLO office.example\n{}> ETRN {target}\n> QUIT\n{}close\n",
                    said(&[hello]),
                    said(rest)
                )
            } else {
                format!(
                    "connect\n{greeting}> EHLO office.example\n{}> QUIT\n{}",
                    said(&row.replies[..1]),
                    said(&row.replies[2..])
                )
            };
            Some((Method::Etrn, vec![target], script))
        }
        ["EHLO", qsnd] if qsnd.starts_with("QSND ") => {
            let target = argument(qsnd)?;
            let script = format!(
                "connect\n{greeting}> QSND {target}\n{}> QUIT\n{goodbye}",
                said(&row.replies)
            );
            Some((Method::Qsnd, vec![target], script))
        }
        ["HELO", etrn] => {
            let targets = vec![argument(etrn)?];
            let start = format!(
                "connect\n{greeting}> EHLO office.example\nclose\n\
                 connect\n{greeting}> HELO office.example\n{helo}"
            );
            let script = asked(&targets, start, false)?;
            Some((Method::Etrn, targets, script))
        }
        ["EHLO", ref etrns @ ..] if etrns.iter().all(|etrn| is_etrn(etrn)) => {
            let targets: Vec<&str> = etrns
                .iter()
                .map(|etrn| argument(etrn))
                .collect::<Option<_>>()?;
            let start = format!("connect\n{greeting}> EHLO office.example\n{ehlo}");
            let script = asked(&targets, start, quits_at_once)?;
            Some((Method::Etrn, targets, script))
        }
        _ => None,
    }
}

fn is_etrn(command: &str) -> bool {
    let verb = command.split(' ').next().unwrap_or_default();
    verb.eq_ignore_ascii_case("ETRN")
}

#[test]
fn what_no_server_should_hear_cannot_be_said() {
    for bad in ["", "customer.test second.test", "-bad..dom_ain!"] {
        assert!(bad.parse::<EtrnTarget>().is_err(), "{bad}");
    }
    // And what a person may write is put into words that servers take.
    for (written, sent) in [
        ("CUSTOMER.TEST", "customer.test"),
        ("customer.test.", "customer.test"),
        ("bücher.example", "xn--bcher-kva.example"),
    ] {
        assert_eq!(written.parse::<Domain>().unwrap().as_str(), sent);
    }
}
