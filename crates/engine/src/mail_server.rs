//! The mail server, which is to receive the mail: does it answer, and would it take it?
//!
//! [`probe`] visits it as a provider would, but never as far as DATA. It is to be asked before a
//! poke: a server that refuses sends the held mail back to its senders for good. The conversation
//! itself knows no socket and no clock.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use dequeue_core::{
    arrivals::are_neighbours,
    mail_server::MailServerState,
    settings::{Account, value::Server},
};
use dequeue_smtp::{
    Command, ConnectFault, Domain, EhloName, Reply, ReplyParser, limits::SESSION_RECEIVED,
};
use socket2::{Socket, Type};
use tokio::{
    io::AsyncWriteExt,
    net::lookup_host,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    connect::{connect_mail_server, own_name},
    stream::{Bounds, Unread},
};

/// How long a check may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeLimits {
    /// Resolving the host, and connecting to each of its addresses.
    pub connect: Duration,
    /// From the connection to the greeting, and from each command to its reply.
    pub reply: Duration,
    /// For the whole check.
    pub whole: Duration,
}

impl Default for ProbeLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            reply: Duration::from_secs(60),
            whole: Duration::from_secs(120),
        }
    }
}

/// How many domains are asked about in one check, at most.
pub const DOMAINS: usize = 20;

/// Domains that are nobody's own (RFC 2606), for the relay test; one that the user has named as an
/// own one is passed over.
const FOREIGN: [&str; 3] = ["example.com", "example.net", "example.org"];

/// Visits the mail server: does it greet, would it take mail for each of `domains`, and, where
/// `relay_test` says so, does it refuse mail for a foreign domain? Without domains and without that
/// test it is greeted only.
pub async fn probe(
    server: &Server,
    domains: &[Domain],
    relay_test: bool,
    limits: ProbeLimits,
) -> MailServerState {
    let foreign = relay_test.then(|| foreign_to(domains)).flatten();
    visit(server, domains, foreign, limits).await.state
}

/// Visits the mail server of an account before the connection to the provider is turned round to it,
/// and from where that will come: does it refuse mail for a foreign domain from this machine? Where
/// the account says so, it is also asked about the account's domains.
pub async fn probe_before_turn(
    account: &Account,
    server: &Server,
    limits: ProbeLimits,
) -> BeforeTurn {
    let own = account.mail_domains();
    let asked = match account.mail_server_test {
        Some(true) => own.as_slice(),
        Some(false) | None => &[],
    };
    let foreign = foreign_to(&own);
    let mut found = visit(server, asked, foreign, limits).await;
    if !found.refuses_relay && !account.names_domains() && found.state.is_ready() {
        // Nobody else would keep foreign mail from it.
        let answer = found.to_foreign.take().unwrap_or_default();
        if matches!(found.state, MailServerState::Answering { .. }) {
            found.state = MailServerState::Untestable { answer };
        }
    }
    BeforeTurn {
        holds: found.state.holds_a_turn(account.names_domains()),
        state: found.state,
        refuses_relay: found.refuses_relay,
    }
}

/// How a mail server stands before a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeforeTurn {
    /// How it stands.
    pub state: MailServerState,
    /// Whether it has refused mail for a foreign domain from this machine, for good.
    pub refuses_relay: bool,
    /// Whether there must be no turn.
    pub holds: bool,
}

/// A domain that is none of these.
fn foreign_to(own: &[Domain]) -> Option<&'static str> {
    let is_own = |name: &&str| own.iter().any(|own| own.as_str() == *name);
    FOREIGN.into_iter().find(|name| !is_own(name))
}

/// What came of a visit.
struct Found {
    state: MailServerState,
    refuses_relay: bool,
    /// What it said to the foreign recipient.
    to_foreign: Option<String>,
}

impl From<MailServerState> for Found {
    fn from(state: MailServerState) -> Self {
        Self {
            state,
            refuses_relay: false,
            to_foreign: None,
        }
    }
}

async fn visit(
    server: &Server,
    domains: &[Domain],
    foreign: Option<&'static str>,
    limits: ProbeLimits,
) -> Found {
    let until = Instant::now() + limits.whole;
    let mut bounds = Bounds::new(SESSION_RECEIVED, until);
    let mut stream = match connect_mail_server(server, limits.connect, until).await {
        Ok(stream) => stream,
        Err(not) => return unconnected(not.fault).into(),
    };
    let (Ok(us), Ok(server)) = (stream.local_addr(), stream.peer_addr()) else {
        return MailServerState::HangsUp.into();
    };
    let mut visit = Visit::new(us.ip(), server.ip(), domains, foreign);
    let mut buffer = [0; 4096];
    // The reply to a command is awaited from when it was sent.
    let mut due = until.min(Instant::now() + limits.reply);
    let mut step = Step::Receive;
    loop {
        step = match step {
            Step::Over => return visit.outcome(),
            Step::Send(line) => {
                due = until.min(Instant::now() + limits.reply);
                match timeout_at(due, stream.write_all(line.as_bytes())).await {
                    Ok(Ok(())) => Step::Receive,
                    Ok(Err(_)) => visit.hear(Heard::End),
                    Err(_) => visit.hear(Heard::Nothing),
                }
            }
            Step::Receive => {
                bounds = bounds.until(due);
                match bounds.read(&mut stream, &mut buffer).await {
                    Ok(count @ 1..) => visit.hear(Heard::Bytes(&buffer[..count])),
                    Ok(0) | Err(Unread::Broken(_)) => visit.hear(Heard::End),
                    Err(Unread::TimedOut) => visit.hear(Heard::Nothing),
                    Err(Unread::TooMuch) => visit.end(MailServerState::NotSmtp),
                }
            }
        };
    }
}

/// Whether a host is this machine: one of its addresses is one of ours. A name that does not resolve
/// within ten seconds is not.
pub async fn host_is_here(host: &str) -> bool {
    // The port plays no part.
    let found = timeout(ProbeLimits::default().connect, lookup_host((host, 0))).await;
    match found {
        Ok(Ok(mut addresses)) => addresses.any(is_here),
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Only an own address can be bound. Nothing is sent.
fn is_here(at: SocketAddr) -> bool {
    let socket = Socket::new(socket2::Domain::for_address(at), Type::STREAM, None);
    socket.is_ok_and(|socket| socket.bind(&at.into()).is_ok())
}

/// What it says of a server that no connection came about.
pub const fn unconnected(fault: ConnectFault) -> MailServerState {
    match fault {
        ConnectFault::Refused => MailServerState::Refusing,
        ConnectFault::Reset => MailServerState::HangsUp,
        ConnectFault::TimedOut => MailServerState::Silent,
        ConnectFault::NoAddress
        | ConnectFault::NoIpv4Address
        | ConnectFault::NoIpv6Address
        | ConnectFault::NoInterface
        | ConnectFault::NoRoute
        | ConnectFault::Local => MailServerState::Unreachable,
    }
}

/// What is to be done next in a visit.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Receive,
    /// A whole line, with its end.
    Send(String),
    Over,
}

/// What came.
enum Heard<'a> {
    Bytes(&'a [u8]),
    /// The server has closed the connection, or broken it.
    End,
    /// The limit has passed.
    Nothing,
}

/// What was asked last, and is being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Connection,
    Ehlo,
    Helo,
    Mail,
    /// For the domain at this place.
    Recipient(usize),
    Relay,
    Reset,
    Quit,
}

/// The conversation, from the greeting to the goodbye.
struct Visit<'a> {
    domains: &'a [Domain],
    foreign: Option<&'static str>,
    ehlo: EhloName,
    us: IpAddr,
    /// The server has reason to trust us: we are on its own network.
    trusted: bool,
    parser: ReplyParser,
    asked: Asked,
    worst: Option<MailServerState>,
    refuses_relay: bool,
    to_foreign: Option<String>,
}

impl<'a> Visit<'a> {
    fn new(
        us: IpAddr,
        server: IpAddr,
        domains: &'a [Domain],
        foreign: Option<&'static str>,
    ) -> Self {
        Self {
            domains: domains.get(..DOMAINS).unwrap_or(domains),
            foreign,
            ehlo: own_name().unwrap_or_else(|| EhloName::from_address(us)),
            us,
            trusted: is_on_own_network(us.to_canonical(), server.to_canonical()),
            parser: ReplyParser::default(),
            asked: Asked::Connection,
            worst: None,
            refuses_relay: false,
            to_foreign: None,
        }
    }

    /// What came of it, when it is over.
    fn outcome(self) -> Found {
        Found {
            state: self.worst.unwrap_or(MailServerState::Silent),
            refuses_relay: self.refuses_relay,
            to_foreign: self.to_foreign,
        }
    }

    fn hear(&mut self, heard: Heard<'_>) -> Step {
        let bytes = match heard {
            Heard::Bytes(bytes) => bytes,
            Heard::End => return self.end(MailServerState::HangsUp),
            Heard::Nothing => return self.end(MailServerState::Silent),
        };
        self.parser.push(bytes);
        match self.parser.next_reply() {
            Ok(None) => Step::Receive,
            Ok(Some(reply)) => self.answered(&reply),
            Err(_) => self.end(MailServerState::NotSmtp),
        }
    }

    /// Ends the visit without another word. What the server does after our goodbye is its own
    /// business.
    fn end(&mut self, state: MailServerState) -> Step {
        if self.asked != Asked::Quit {
            self.found(state);
        }
        Step::Over
    }

    fn found(&mut self, state: MailServerState) {
        let is_worse = |worst: &MailServerState| state.weight() > worst.weight();
        if self.worst.as_ref().is_none_or(is_worse) {
            self.worst = Some(state);
        }
    }

    fn answered(&mut self, reply: &Reply) -> Step {
        let (code, good) = (reply.code(), reply.code() < 300);
        if code == 421 && self.asked != Asked::Quit {
            self.found(MailServerState::TurnsAway {
                answer: answer(reply),
            });
            return self.ask(Asked::Quit);
        }
        match self.asked {
            Asked::Connection => {
                match code {
                    220 => self.found(MailServerState::Answering {
                        greeting: shortened(reply.text()),
                    }),
                    400.. => self.found(MailServerState::TurnsAway {
                        answer: answer(reply),
                    }),
                    _ => self.found(MailServerState::NotSmtp),
                }
                let to_test = !self.domains.is_empty() || self.foreign.is_some();
                self.ask(if code == 220 && to_test {
                    Asked::Ehlo
                } else {
                    Asked::Quit
                })
            }
            Asked::Ehlo if !good => self.ask(Asked::Helo),
            Asked::Ehlo | Asked::Helo if good => self.ask(Asked::Mail),
            Asked::Mail if good => self.ask_recipient(0),
            Asked::Ehlo | Asked::Helo | Asked::Mail => {
                self.found(MailServerState::Untestable {
                    answer: answer(reply),
                });
                self.ask(Asked::Quit)
            }
            Asked::Recipient(place) => {
                if let Some(domain) = self.domains.get(place) {
                    let domain = domain.to_string();
                    if let Some(state) = of_recipient(domain, reply) {
                        self.found(state);
                    }
                }
                self.ask_recipient(place + 1)
            }
            Asked::Relay => {
                let domain = self.foreign.unwrap_or_default().to_owned();
                self.refuses_relay = is_refusal_to_relay(reply);
                self.to_foreign = Some(answer(reply));
                if good && self.trusted {
                    self.found(MailServerState::TrustsUs { domain });
                } else if good {
                    let from = self.us.to_canonical().to_string();
                    self.found(MailServerState::OpenRelay { domain, from });
                }
                self.ask(Asked::Reset)
            }
            Asked::Reset => self.ask(Asked::Quit),
            Asked::Quit => Step::Over,
        }
    }

    /// The next domain, the foreign one after them, and then what was begun is given up.
    fn ask_recipient(&mut self, place: usize) -> Step {
        self.ask(if place < self.domains.len() {
            Asked::Recipient(place)
        } else if self.foreign.is_some() {
            Asked::Relay
        } else {
            Asked::Reset
        })
    }

    fn ask(&mut self, next: Asked) -> Step {
        self.asked = next;
        // What came unasked is no answer to what is asked now.
        self.parser = ReplyParser::default();
        let to = |domain: &str| format!("RCPT TO:<postmaster@{domain}>");
        let line = match next {
            Asked::Connection => return Step::Receive,
            Asked::Ehlo => Command::Ehlo(self.ehlo.clone()).to_string(),
            Asked::Helo => Command::Helo(self.ehlo.clone()).to_string(),
            Asked::Mail => "MAIL FROM:<>".to_owned(),
            Asked::Recipient(place) => to(self.domains.get(place).map_or("", Domain::as_str)),
            Asked::Relay => to(self.foreign.unwrap_or_default()),
            Asked::Reset => "RSET".to_owned(),
            Asked::Quit => Command::Quit.to_string(),
        };
        Step::Send(line + "\r\n")
    }
}

/// What a reply to RCPT says about an own domain, if it is bad.
fn of_recipient(domain: String, reply: &Reply) -> Option<MailServerState> {
    let answer = answer(reply);
    match reply.code() {
        ..400 => None,
        400..500 => Some(MailServerState::Postpones { domain, answer }),
        // A bad sequence, TLS or a login first: it says nothing about the domain.
        500..=504 | 530 | 538 => Some(MailServerState::Untestable { answer }),
        _ if knows_the_domain(reply) => None,
        _ => Some(MailServerState::RefusesDomain { domain, answer }),
    }
}

/// Whether a refusal is of the mailbox only (RFC 3463 X.1.1, X.1.6, X.1.10, X.2): many a domain has
/// no postmaster, though it should, and takes the mail of all others.
fn knows_the_domain(reply: &Reply) -> bool {
    reply.enhanced().is_some_and(|code| {
        code.split_once('.').is_some_and(|(_, detail)| {
            matches!(detail, "1.1" | "1.6" | "1.10") || detail.starts_with("2.")
        })
    })
}

/// Whether a reply to RCPT for a foreign domain says that such mail is not taken from this machine. A
/// bad sequence, TLS or a login first say nothing of the kind, and neither does what is wrong with
/// the address itself (RFC 3463 X.1): another foreign one might do.
fn is_refusal_to_relay(reply: &Reply) -> bool {
    let of_the_address = |code: &str| code.split('.').nth(1) == Some("1");
    match reply.code() {
        500..=504 | 530 | 538 => false,
        505..=599 => !reply.enhanced().is_some_and(|code| of_the_address(&code)),
        _ => false,
    }
}

/// A reply in one line, short enough for a sentence.
fn answer(reply: &Reply) -> String {
    let text = shortened(reply.text());
    format!("{} {text}", reply.code()).trim_end().to_owned()
}

/// A server's words, short enough to be kept with each poke.
fn shortened(text: String) -> String {
    const SHOWN: usize = 200;
    text.chars().take(SHOWN).collect()
}

/// Whether a server would let us relay as one of its own: most let their own machine, their subnet
/// or private addresses.
fn is_on_own_network(us: IpAddr, server: IpAddr) -> bool {
    let is_private = match us {
        IpAddr::V4(us) => us.is_loopback() || us.is_private() || us.is_link_local(),
        IpAddr::V6(us) => us.is_loopback() || us.is_unique_local() || us.is_unicast_link_local(),
    };
    is_private || are_neighbours(us, server)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dequeue_core::text::{LANGUAGES, Text};

    const US: &str = "198.51.100.7";
    const SERVER: &str = "192.0.2.25";

    /// Lets the server say its lines, one for each of ours, and gives the state and what we said.
    fn visit_from(
        us: &str,
        domains: &[&str],
        relay_test: bool,
        says: &[&str],
    ) -> (MailServerState, Vec<String>) {
        let domains: Vec<Domain> = domains.iter().map(|it| it.parse().unwrap()).collect();
        let server = SERVER.parse().unwrap();
        let foreign = relay_test.then(|| foreign_to(&domains)).flatten();
        let mut visit = Visit::new(us.parse().unwrap(), server, &domains, foreign);
        let mut said = Vec::new();
        let mut says = says.iter();
        let mut step = Step::Receive;
        loop {
            step = match step {
                Step::Over => break,
                Step::Send(line) => {
                    let line = line.strip_suffix("\r\n").unwrap();
                    assert!(!line.contains(['\r', '\n']));
                    let word = if line.contains("HLO") || line.contains("HELO") {
                        &line[..4]
                    } else {
                        line
                    };
                    said.push(word.to_owned());
                    Step::Receive
                }
                Step::Receive => match says.next() {
                    Some(&"…") => visit.hear(Heard::Nothing),
                    Some(line) => visit.hear(Heard::Bytes(format!("{line}\r\n").as_bytes())),
                    None => visit.hear(Heard::End),
                },
            };
        }
        assert_eq!(says.next(), None, "all of it was heard");
        (visit.outcome().state, said)
    }

    fn visit(domains: &[&str], relay_test: bool, says: &[&str]) -> MailServerState {
        visit_from(US, domains, relay_test, says).0
    }

    fn answering() -> MailServerState {
        MailServerState::Answering {
            greeting: "mail.example.test ESMTP".into(),
        }
    }

    const HELLO: &str = "220 mail.example.test ESMTP";

    #[test]
    fn a_good_server_is_asked_everything_but_data() {
        let says = [
            HELLO,
            "250-mail\r\n250 PIPELINING",
            "250 sender",
            "250 first",
            "251 second",
            "554 5.7.1 Relay access denied",
            "250 reset",
            "221 bye",
        ];
        let (state, said) = visit_from(US, &["a.test", "b.test"], true, &says);
        assert_eq!(state, answering());
        assert_eq!(
            said,
            [
                "EHLO",
                "MAIL FROM:<>",
                "RCPT TO:<postmaster@a.test>",
                "RCPT TO:<postmaster@b.test>",
                "RCPT TO:<postmaster@example.com>",
                "RSET",
                "QUIT"
            ]
        );
        let (state, said) = visit_from(US, &[], false, &[HELLO, "221 bye"]);
        assert_eq!((state, said), (answering(), vec!["QUIT".to_owned()]));
    }

    #[test]
    fn what_a_recipients_reply_means() {
        let of = |reply: &str| visit(&["a.test"], false, &[HELLO, "250", "250", reply, "250"]);
        let domain = || "a.test".to_owned();
        for (reply, state) in [
            ("250 2.1.5 Ok", answering()),
            ("550 5.1.1 <postmaster@a.test>: user unknown", answering()),
            ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", answering()),
            ("552 5.2.2 Mailbox full", answering()),
            (
                "554 5.7.1 Relay access denied",
                MailServerState::RefusesDomain {
                    domain: domain(),
                    answer: "554 5.7.1 Relay access denied".into(),
                },
            ),
            (
                "550 relay not permitted",
                MailServerState::RefusesDomain {
                    domain: domain(),
                    answer: "550 relay not permitted".into(),
                },
            ),
            (
                "450 4.2.0 Greylisted",
                MailServerState::Postpones {
                    domain: domain(),
                    answer: "450 4.2.0 Greylisted".into(),
                },
            ),
            (
                "530 5.7.0 Must issue a STARTTLS command first",
                MailServerState::Untestable {
                    answer: "530 5.7.0 Must issue a STARTTLS command first".into(),
                },
            ),
            (
                "421 4.3.2 Shutting down",
                MailServerState::TurnsAway {
                    answer: "421 4.3.2 Shutting down".into(),
                },
            ),
        ] {
            let found = of(reply);
            assert_eq!(found, state, "{reply}");
        }
    }

    #[test]
    fn the_worst_of_all_domains_counts() {
        let says = [
            HELLO,
            "250",
            "250",
            "451 later",
            "550 no",
            "250",
            "250",
            "250",
            "221",
        ];
        let found = visit(&["a.test", "b.test", "c.test"], true, &says);
        assert!(
            matches!(&found, MailServerState::RefusesDomain { domain, .. } if domain == "b.test"),
            "{found:?}"
        );
    }

    #[test]
    fn an_open_relay_is_one_only_for_strangers() {
        let says = [HELLO, "250", "250", "250", "250", "250", "221"];
        let domain = || "example.net".to_owned();
        for (us, state) in [
            (
                US,
                MailServerState::OpenRelay {
                    domain: domain(),
                    from: US.into(),
                },
            ),
            ("127.0.0.1", MailServerState::TrustsUs { domain: domain() }),
            ("10.1.2.3", MailServerState::TrustsUs { domain: domain() }),
            ("192.0.2.99", MailServerState::TrustsUs { domain: domain() }),
            ("fd00::1", MailServerState::TrustsUs { domain: domain() }),
        ] {
            let (found, said) = visit_from(us, &["example.com"], true, &says);
            assert_eq!(found, state, "{us}");
            assert!(found.is_ready());
            assert_eq!(said[3], "RCPT TO:<postmaster@example.net>");
        }
    }

    /// Only a refusal to relay shows that there is no relaying.
    #[test]
    fn what_a_foreign_recipients_reply_shows() {
        for (reply, refuses) in [
            ("554 5.7.1 Relay access denied", true),
            ("550 relay not permitted", true),
            ("550 5.7.1 Unable to relay", true),
            (
                "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
                true,
            ),
            ("250 2.1.5 Ok", false),
            ("450 4.2.0 Greylisted", false),
            ("550 5.1.1 user unknown", false),
            ("556 5.1.10 Domain does not accept mail (nullMX)", false),
            ("530 5.7.0 Must issue a STARTTLS command first", false),
            ("503 5.5.1 bad sequence", false),
        ] {
            let foreign = Some("example.com");
            let (us, server) = ("127.0.0.1".parse().unwrap(), "127.0.0.1".parse().unwrap());
            let mut visit = Visit::new(us, server, &[], foreign);
            for line in [HELLO, "250 own", "250 ok", reply, "250 ok", "221 bye"] {
                visit.hear(Heard::Bytes(format!("{line}\r\n").as_bytes()));
            }
            let found = visit.outcome();
            assert_eq!(found.refuses_relay, refuses, "{reply}");
            assert_eq!(
                found.state.holds_a_turn(true),
                reply.starts_with("250"),
                "{reply}"
            );
        }
    }

    #[test]
    fn servers_that_are_none_or_not_now() {
        let refused = |answer: &str| MailServerState::TurnsAway {
            answer: answer.into(),
        };
        let endless = "x".repeat(5000);
        for (says, state) in [
            (
                &["554 5.3.2 no service", "221"][..],
                refused("554 5.3.2 no service"),
            ),
            (&["421 busy"], refused("421 busy")),
            (&["…"], MailServerState::Silent),
            (&[], MailServerState::HangsUp),
            (&["SSH-2.0-OpenSSH_9.2"], MailServerState::NotSmtp),
            (&[endless.as_str()], MailServerState::NotSmtp),
            (&["250 what", "221"], MailServerState::NotSmtp),
            (&[HELLO, "…"], MailServerState::Silent),
            (&[HELLO], MailServerState::HangsUp),
            (
                &[HELLO, "250", "500 what", "221"],
                MailServerState::Untestable {
                    answer: "500 what".into(),
                },
            ),
            (
                &[HELLO, "502 no EHLO", "502 no HELO", "221"],
                MailServerState::Untestable {
                    answer: "502 no HELO".into(),
                },
            ),
            // The goodbye changes nothing.
            (
                &[HELLO, "502 no EHLO", "250", "250", "250", "250", "…"],
                answering(),
            ),
            (
                &[HELLO, "250", "250", "250", "250", "421 late"],
                answering(),
            ),
        ] {
            let found = visit(&["a.test"], false, says);
            assert_eq!(found, state, "{says:?}");
            assert_eq!(
                found.is_ready(),
                matches!(
                    found,
                    MailServerState::Answering { .. } | MailServerState::Untestable { .. }
                )
            );
        }
    }

    #[test]
    fn what_was_said_unasked_answers_nothing() {
        let says = [
            HELLO,
            "250",
            "250 ok\r\n250 twice",
            "554 5.7.1 no",
            "250",
            "221",
        ];
        let found = visit(&["a.test"], false, &says);
        assert!(
            matches!(found, MailServerState::RefusesDomain { .. }),
            "{found:?}"
        );
    }

    #[test]
    fn a_server_cannot_go_on_for_ever() {
        let mut visit = Visit::new(US.parse().unwrap(), SERVER.parse().unwrap(), &[], None);
        let mut heard = 0;
        while visit.hear(Heard::Bytes(b"220-more\r\n")) == Step::Receive {
            heard += 1;
            assert!(heard < SESSION_RECEIVED);
        }
        assert_eq!(visit.outcome().state, MailServerState::NotSmtp);
    }

    #[test]
    fn every_state_has_its_sentence() {
        let (domain, answer) = ("a.test".to_owned(), "550 no".to_owned());
        let from = US.to_owned();
        let own = Server::default();
        for state in [
            answering(),
            MailServerState::TrustsUs {
                domain: domain.clone(),
            },
            MailServerState::OpenRelay {
                domain: domain.clone(),
                from,
            },
            MailServerState::Untestable {
                answer: answer.clone(),
            },
            MailServerState::Postpones {
                domain: domain.clone(),
                answer: answer.clone(),
            },
            MailServerState::RefusesDomain {
                domain,
                answer: answer.clone(),
            },
            MailServerState::TurnsAway { answer },
            MailServerState::Silent,
            MailServerState::HangsUp,
            MailServerState::Refusing,
            MailServerState::Unreachable,
            MailServerState::NotSmtp,
        ] {
            for language in LANGUAGES {
                let text = Text::for_language(language);
                for said in [state.explain(&own, &text), state.explain_held(&own, &text)] {
                    assert!(said.contains(' ') && !said.contains("{ $"), "{said}");
                }
            }
        }
    }

    #[tokio::test]
    async fn which_hosts_are_this_machine() {
        for (host, here) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("127.9.8.7", !cfg!(target_os = "macos")),
            ("::1", true),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
            ("no such name", false),
        ] {
            assert_eq!(host_is_here(host).await, here, "{host}");
        }
    }
}
