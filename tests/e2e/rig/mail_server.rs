//! The customer's mail server: a strict SMTP server that keeps every message as it came.
//!
//! It can be down at first and come up later, refuse at any stage, and be held up at a stage until
//! the test lets it go on. What is not SMTP (a bare LF, a command out of order, a line too long)
//! it refuses, so that a client's slip shows. It takes mail for every domain but those that are
//! nobody's (RFC 2606), unless it is told to relay.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use super::{listener::Listener, net, wait};

/// A command line may have 512 octets (RFC 5321 4.5.3.1.4), more with extensions such as SIZE.
const COMMAND_LIMIT: u64 = 1024;
/// A line of text may have 1000 octets, CRLF included (RFC 5321 4.5.3.1.6); a doubled dot is not
/// counted.
const TEXT_LIMIT: u64 = 1000;
/// What SIZE offers, in octets.
const SIZE_LIMIT: usize = 50_000_000;

/// The points at which the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The greeting.
    Greeting,
    /// EHLO and HELO.
    Hello,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before the text.
    Data,
    /// After the text and its dot.
    Message,
}

/// A message that was accepted.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Who brought it.
    pub peer: SocketAddr,
    /// When the server had it whole.
    pub at: SystemTime,
    pub from: String,
    pub to: Vec<String>,
    /// The text with its dots undone.
    pub bytes: Vec<u8>,
}

/// A connection that somebody made, with or without a message.
#[derive(Debug, Clone)]
pub struct Visit {
    pub peer: SocketAddr,
    /// The command lines as they came, without CRLF.
    pub commands: Vec<String>,
    /// Whether the connection has ended.
    pub over: bool,
}

/// The server. Dropping it ends it.
pub struct MailServer {
    address: SocketAddr,
    listener: Option<Listener>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<HashMap<Stage, String>>,
    relays: AtomicBool,
    held_up: Mutex<Option<Stage>>,
    released: Condvar,
    arrivals: Mutex<Vec<Arrival>>,
    visits: Mutex<Vec<Visit>>,
}

impl MailServer {
    /// A server with a fixed address that does not listen yet: connecting to it is refused.
    pub fn down() -> Self {
        Self::down_at(net::free_port(net::address()))
    }

    /// The same at an address of the test's choice.
    pub fn down_at(address: SocketAddr) -> Self {
        Self {
            address,
            listener: None,
            shared: Arc::default(),
        }
    }

    /// A server that listens.
    pub fn up() -> Self {
        let mut server = Self::down();
        server.start();
        server
    }

    /// Starts listening. Does nothing when it listens already.
    pub fn start(&mut self) {
        if self.listener.is_none() {
            let shared = self.shared.clone();
            self.listener = Some(Listener::start(self.address, move |stream, peer| {
                let index = shared.visit(peer);
                // A broken connection needs no word: what came until then is on record.
                Session::new(stream, peer, index, &shared).run().ok();
                shared.visits()[index].over = true;
            }));
        }
    }

    /// Stops listening and cuts every connection.
    pub fn stop(&mut self) {
        self.release();
        self.listener = None;
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn ip(&self) -> Ipv4Addr {
        match self.address {
            SocketAddr::V4(address) => *address.ip(),
            SocketAddr::V6(_) => unreachable!("the rigs use IPv4"),
        }
    }

    /// From now on answers with `reply`, a whole line such as `451 4.3.0 Later`, at `stage`.
    pub fn answer(&self, stage: Stage, reply: &str) {
        let mut answers = self.shared.answers.lock().unwrap();
        answers.insert(stage, reply.to_owned());
    }

    /// Answers as usual again, at every stage.
    pub fn answer_as_usual(&self) {
        self.shared.answers.lock().unwrap().clear();
    }

    /// From now on takes mail for anyone.
    pub fn relay(&self) {
        self.shared.relays.store(true, Ordering::Relaxed);
    }

    /// Keeps whoever reaches `stage` waiting for the reply until [`MailServer::release`].
    pub fn hold_up(&self, stage: Stage) {
        *self.shared.held_up.lock().unwrap() = Some(stage);
    }

    /// Lets those go on who were held up.
    pub fn release(&self) {
        *self.shared.held_up.lock().unwrap() = None;
        self.shared.released.notify_all();
    }

    /// The messages so far, in the order of their arrival.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared.arrivals.lock().unwrap().clone()
    }

    /// Waits until `count` messages or more have arrived.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Arrival> {
        wait::until(&format!("{count} messages to arrive"), limit, || {
            // Looked at before it is copied: it may be large.
            let enough = self.shared.arrivals.lock().unwrap().len() >= count;
            enough.then(|| self.arrivals())
        })
    }

    /// Every connection so far.
    pub fn visits(&self) -> Vec<Visit> {
        self.shared.visits().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn visits(&self) -> MutexGuard<'_, Vec<Visit>> {
        self.visits.lock().unwrap()
    }

    fn visit(&self, peer: SocketAddr) -> usize {
        let mut visits = self.visits();
        visits.push(Visit {
            peer,
            commands: Vec::new(),
            over: false,
        });
        visits.len() - 1
    }

    /// The reply at `stage`, after having waited if that stage is held up.
    fn reply(&self, stage: Stage, usual: &str) -> String {
        let held_up = self.held_up.lock().unwrap();
        drop(
            self.released
                .wait_while(held_up, |held_up| *held_up == Some(stage))
                .unwrap(),
        );
        let answers = self.answers.lock().unwrap();
        answers.get(&stage).map_or(usual, String::as_str).to_owned()
    }
}

struct Session<'a> {
    stream: BufReader<&'a TcpStream>,
    peer: SocketAddr,
    visit: usize,
    shared: &'a Shared,
    greeted: bool,
    /// Sender and recipients of the transaction under way.
    transaction: Option<(String, Vec<String>)>,
}

impl<'a> Session<'a> {
    fn new(stream: &'a TcpStream, peer: SocketAddr, visit: usize, shared: &'a Shared) -> Self {
        Self {
            stream: BufReader::new(stream),
            peer,
            visit,
            shared,
            greeted: false,
            transaction: None,
        }
    }

    fn run(&mut self) -> io::Result<()> {
        if !self.answer(Stage::Greeting, "220 mail.customer.test ESMTP")? {
            return Ok(());
        }
        while let Some(line) = self.line(COMMAND_LIMIT)? {
            let Some(command) = line.strip_suffix(b"\r\n") else {
                return self.say("500 5.5.2 Bare LF or line too long");
            };
            let command = String::from_utf8_lossy(command).into_owned();
            let mut visits = self.shared.visits();
            visits[self.visit].commands.push(command.clone());
            drop(visits);
            if !self.command(&command)? {
                break;
            }
        }
        Ok(())
    }

    /// Carries one command out. False ends the session.
    fn command(&mut self, line: &str) -> io::Result<bool> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let in_transaction = self.transaction.is_some();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if argument.trim().is_empty() => self.say("501 5.5.4 Name wanted")?,
            "EHLO" => {
                let usual = format!(
                    "250-mail.customer.test Hello [{}]\r\n250-PIPELINING\r\n\
                     250-SIZE {SIZE_LIMIT}\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME",
                    self.peer.ip()
                );
                self.greeted = self.answer(Stage::Hello, &usual)?;
                self.transaction = None;
            }
            "HELO" => {
                self.greeted = self.answer(Stage::Hello, "250 mail.customer.test")?;
                self.transaction = None;
            }
            "MAIL" if !self.greeted => self.say("503 5.5.1 EHLO first")?,
            "MAIL" if in_transaction => self.say("503 5.5.1 In a transaction already")?,
            "MAIL" => match path(argument, "FROM:") {
                Some((from, parameters)) if parameters.split(' ').all(is_mail_parameter) => {
                    if self.answer(Stage::Mail, "250 2.1.0 Ok")? {
                        self.transaction = Some((from.to_owned(), Vec::new()));
                    }
                }
                _ => self.say("501 5.5.4 Syntax of MAIL")?,
            },
            "RCPT" if !in_transaction => self.say("503 5.5.1 MAIL first")?,
            "RCPT" => match path(argument, "TO:") {
                Some((to, "")) if !to.is_empty() => {
                    let nobodys = ["@example.com", "@example.net", "@example.org"];
                    let foreign = nobodys.iter().any(|domain| to.ends_with(domain));
                    let usual = match foreign && !self.shared.relays.load(Ordering::Relaxed) {
                        true => "554 5.7.1 Relay access denied",
                        false => "250 2.1.5 Ok",
                    };
                    if self.answer(Stage::Rcpt, usual)?
                        && let Some((_, recipients)) = &mut self.transaction
                    {
                        recipients.push(to.to_owned());
                    }
                }
                _ => self.say("501 5.5.4 Syntax of RCPT")?,
            },
            "DATA" => match self.transaction.take() {
                Some((from, to)) if !to.is_empty() => return self.data(from, to),
                _ => self.say("503 5.5.1 RCPT first")?,
            },
            "RSET" => {
                self.transaction = None;
                self.say("250 2.0.0 Ok")?;
            }
            "NOOP" => self.say("250 2.0.0 Ok")?,
            "QUIT" => {
                self.say("221 2.0.0 Bye")?;
                return Ok(false);
            }
            _ => self.say("500 5.5.2 Unknown command")?,
        }
        Ok(true)
    }

    /// Reads the text of a message and keeps it. False when the session must end.
    fn data(&mut self, from: String, to: Vec<String>) -> io::Result<bool> {
        if !self.answer(Stage::Data, "354 End with a dot")? {
            return Ok(true);
        }
        let mut bytes = Vec::new();
        loop {
            let Some(line) = self.line(TEXT_LIMIT + 1)? else {
                return Ok(false);
            };
            let text = line.strip_prefix(b".").unwrap_or(&line);
            if !line.ends_with(b"\r\n") || text.len() as u64 > TEXT_LIMIT {
                self.say("554 5.6.0 Bare LF or line too long")?;
                return Ok(false);
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend(text);
        }
        if bytes.len() > SIZE_LIMIT {
            self.say("552 5.3.4 Too large")?;
            return Ok(true);
        }
        let reply = self.shared.reply(Stage::Message, "250 2.0.0 Stored");
        // On record before the reply: who has read the reply may look at once.
        if reply.starts_with('2') {
            self.shared.arrivals.lock().unwrap().push(Arrival {
                peer: self.peer,
                at: SystemTime::now(),
                from,
                to,
                bytes,
            });
        }
        self.say(&reply)?;
        Ok(true)
    }

    /// A line with its end, at most `limit` octets of it; none at the end of the connection.
    fn line(&mut self, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.stream
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)?;
        Ok(Some(line).filter(|line| !line.is_empty()))
    }

    /// Replies at `stage`; true when the reply was a good one.
    fn answer(&mut self, stage: Stage, usual: &str) -> io::Result<bool> {
        let reply = self.shared.reply(stage, usual);
        self.say(&reply)?;
        Ok(reply.starts_with(['2', '3']))
    }

    fn say(&mut self, reply: &str) -> io::Result<()> {
        // One write: a reply split over two would be the server's fault, not the client's.
        self.stream
            .get_mut()
            .write_all(format!("{reply}\r\n").as_bytes())
    }
}

/// Splits `FROM:<path> parameters` into the path and the parameters.
fn path<'a>(argument: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (head, rest) = argument.split_at_checked(keyword.len())?;
    let (path, parameters) = rest.strip_prefix('<')?.split_once('>')?;
    head.eq_ignore_ascii_case(keyword)
        .then_some((path, parameters.trim_start()))
}

/// The parameters of MAIL that the EHLO reply offers.
fn is_mail_parameter(parameter: &str) -> bool {
    let parameter = parameter.to_ascii_uppercase();
    match parameter.split_once('=') {
        Some(("BODY", body)) => ["7BIT", "8BITMIME"].contains(&body),
        Some(("SIZE", size)) => size.parse::<usize>().is_ok_and(|size| size <= SIZE_LIMIT),
        _ => parameter.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            client::Client,
            mail::{self, Message},
            wait::SOON,
        },
        *,
    };

    #[test]
    fn keeps_awkward_mail_byte_for_byte() {
        let server = MailServer::up();
        let mut sent = mail::awkward(12, "a@customer.test");
        sent.push(Message::sized("b@customer.test", 200_000));
        let source = net::address();
        let before = SystemTime::now();
        mail::inject(source, server.address(), &sent);
        let arrivals = server.wait_for(13, SOON);
        mail::assert_arrived(&sent, &arrivals);
        assert!(arrivals.iter().all(|arrival| arrival.peer.ip() == source));
        assert!(arrivals.iter().all(|arrival| arrival.at >= before));
        assert!(arrivals.iter().all(|arrival| arrival.from == sent[0].from));
    }

    #[test]
    fn is_down_until_started_and_after_stopping() {
        let mut server = MailServer::down();
        assert!(Client::connect(net::UNBOUND, server.address()).is_err());
        server.start();
        let (mut client, _) = Client::hello(net::UNBOUND, server.address());
        client.ask("QUIT", 221);
        server.stop();
        assert!(Client::connect(net::UNBOUND, server.address()).is_err());
        assert_eq!(server.ip(), server.address().ip());
    }

    #[test]
    fn answers_as_told_and_keeps_nothing_then() {
        let server = MailServer::up();
        server.answer(Stage::Message, "451 4.3.0 Later");
        let (mut client, _) = Client::hello(net::UNBOUND, server.address());
        client.ask("MAIL FROM:<>", 250);
        client.ask("RCPT TO:<a@customer.test>", 250);
        client.ask("DATA", 354);
        client.ask(".", 451);
        server.answer(Stage::Rcpt, "550 5.1.1 Nobody");
        client.ask("MAIL FROM:<> SIZE=100 BODY=8BITMIME", 250);
        client.ask("RCPT TO:<a@customer.test>", 550);
        assert!(server.arrivals().is_empty());
        server.answer_as_usual();
        client.ask("RCPT TO:<a@customer.test>", 250);
        client.ask("QUIT", 221);
        let visit = wait::until("the visit's end", SOON, || {
            server.visits().pop().filter(|visit| visit.over)
        });
        assert_eq!(visit.peer, client.source());
        assert_eq!(visit.commands.first().unwrap(), "EHLO client.test");
        assert_eq!(visit.commands.last().unwrap(), "QUIT");
    }

    #[test]
    fn refuses_what_is_not_smtp() {
        let server = MailServer::up();
        let (mut client, _) = Client::hello(net::UNBOUND, server.address());
        client.ask("RCPT TO:<a@customer.test>", 503);
        client.ask("DATA", 503);
        client.ask("MAIL FROM: <a@b.test>", 501);
        client.ask("MAIL FROM:<a@b.test> SIZE=99999999999", 501);
        client.ask("ETRN customer.test", 500);
        client.send(b"NOOP\n").unwrap();
        client.expect(500);
        assert_eq!(client.rest().unwrap(), b"");
    }

    #[test]
    fn holds_up_until_released() {
        let server = MailServer::up();
        server.hold_up(Stage::Message);
        let sent = mail::awkward(1, "a@customer.test");
        let (address, mail) = (server.address(), sent.clone());
        let sender = std::thread::spawn(move || mail::inject(net::UNBOUND, address, &mail));
        wait::until("DATA", SOON, || {
            let visits = server.visits();
            visits
                .first()?
                .commands
                .contains(&"DATA".into())
                .then_some(())
        });
        assert!(server.arrivals().is_empty());
        server.release();
        sender.join().unwrap();
        mail::assert_arrived(&sent, &server.arrivals());
    }
}
