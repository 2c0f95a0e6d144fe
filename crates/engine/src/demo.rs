//! The demo: a provider that holds three messages and a mail server that receives them, both in
//! this process and on loopback. What is shown is real: the same pokes, over TCP, and mail that
//! arrives by SMTP.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dequeue_core::settings::{Account, value::Value};
use dequeue_smtp::Method;
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::Instant,
};

use crate::stream::Bounds;

/// The domain that the demo's mail is for.
pub const DOMAIN: &str = "example.org";
/// How many messages the provider holds at first.
pub const HELD: u32 = 3;
/// Sessions of each server at once. Every user of this machine reaches them; one more is hung up on.
const SESSIONS: usize = 16;
/// Octets in a line, its end included.
const LINE: usize = 4096;
/// Octets that a session may send.
const SESSION: usize = 256 * 1024;
/// How long a session may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// Messages that are remembered.
const REMEMBERED: usize = 100;
/// How often the demo's account is poked.
const EVERY: &str = "1m";

/// How the demo's provider wants to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// ETRN, which tells how many messages are on their way (as IndiMail does).
    Etrn,
    /// The visit itself is the signal, and ETRN gets 502 (qmail with serialmail's AutoTURN).
    AutoTurn,
}

/// A message that the mail server received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Its Subject.
    pub subject: String,
    /// Its size in octets.
    pub octets: usize,
}

/// A running demo. Dropping it ends both servers.
#[derive(Debug)]
pub struct Demo {
    provider: SocketAddr,
    manner: Manner,
    arrived: watch::Receiver<Vec<Arrived>>,
    _servers: JoinSet<()>,
}

impl Demo {
    /// Starts both servers.
    ///
    /// # Errors
    /// What the system says when no port can be had.
    pub async fn start(manner: Manner) -> io::Result<Self> {
        let mail_server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let provider = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = provider.local_addr()?;
        let (arrivals, arrived) = watch::channel(Vec::new());
        let held = Arc::new(Mutex::new(messages()));
        let deliver_to = mail_server.local_addr()?;
        let mut servers = JoinSet::new();
        servers.spawn(run_mail_server(mail_server, arrivals));
        servers.spawn(run_provider(provider, manner, Held { held, deliver_to }));
        Ok(Self {
            provider: address,
            manner,
            arrived,
            _servers: servers,
        })
    }

    /// An account for the demo's provider.
    #[must_use]
    pub fn account(&self, name: String) -> Account {
        let mut account = Account {
            name,
            port: Some(self.provider.port()),
            method: match self.manner {
                Manner::Etrn => Method::Etrn,
                Manner::AutoTurn => Method::Auto,
            },
            ..Account::default()
        };
        let host = self.provider.ip().to_string();
        for (key, value) in [
            ("host", host.as_str()),
            ("domains", DOMAIN),
            ("every", EVERY),
        ] {
            // These are right by construction; a test sees to it.
            let _ = account.set(key, &Value::Text(value));
        }
        account
    }

    /// The messages that have arrived at the mail server so far, and those to come.
    #[must_use]
    pub fn arrivals(&self) -> watch::Receiver<Vec<Arrived>> {
        self.arrived.clone()
    }
}

/// The provider's queue.
#[derive(Clone)]
struct Held {
    held: Arc<Mutex<Vec<String>>>,
    deliver_to: SocketAddr,
}

impl Held {
    fn count(&self) -> usize {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Delivers all that is held. A message leaves the queue when the mail server has taken it.
    async fn deliver(&self) -> io::Result<()> {
        if self.count() == 0 {
            return Ok(());
        }
        let mut line = SmtpStream::new(TcpStream::connect(self.deliver_to).await?);
        line.expect(b'2').await?;
        line.say("EHLO provider.example.net", b'2').await?;
        loop {
            let next = self
                .held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .first()
                .cloned();
            let Some(message) = next else { break };
            line.say("MAIL FROM:<customer@example.com>", b'2').await?;
            line.say("RCPT TO:<office@example.org>", b'2').await?;
            line.say("DATA", b'3').await?;
            line.say(&format!("{message}."), b'2').await?;
            self.held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(0);
            // At the pace of a real line, so that there is something to see.
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        line.say("QUIT", b'2').await
    }
}

async fn run_provider(listener: TcpListener, manner: Manner, held: Held) {
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while sessions.try_join_next().is_some() {}
        if sessions.len() >= SESSIONS {
            continue;
        }
        let held = held.clone();
        sessions.spawn(async move {
            if let Err(error) = provider_session(stream, manner, &held).await {
                tracing::debug!(%error, "the demo's provider lost a session");
            }
        });
    }
}

async fn provider_session(stream: TcpStream, manner: Manner, held: &Held) -> io::Result<()> {
    let mut line = SmtpStream::new(stream);
    line.send("220 provider.example.net ESMTP, Dequeue's demo")
        .await?;
    let mut deliver = manner == Manner::AutoTurn;
    while let Some(command) = line.receive().await? {
        let verb = command
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        match (verb.as_str(), manner) {
            ("EHLO", Manner::Etrn) => {
                line.send("250-provider.example.net\r\n250-PIPELINING\r\n250 ETRN")
                    .await?;
            }
            ("EHLO", Manner::AutoTurn) => {
                line.send("250-provider.example.net\r\n250 PIPELINING")
                    .await?;
            }
            ("HELO" | "NOOP" | "RSET", _) => line.send("250 OK").await?,
            ("ETRN", Manner::Etrn) => match held.count() {
                0 => {
                    line.send(&format!("251 OK, no messages waiting for node {DOMAIN}"))
                        .await?
                }
                count => {
                    let started =
                        format!("253 OK, {count} pending messages for node {DOMAIN} started");
                    line.send(&started).await?;
                    deliver = true;
                }
            },
            ("QUIT", _) => {
                line.send("221 provider.example.net").await?;
                break;
            }
            _ => line.send("502 unimplemented (#5.5.1)").await?,
        }
    }
    // As with AutoTURN, the line stays open until the delivery is done.
    if deliver {
        held.deliver().await
    } else {
        Ok(())
    }
}

async fn run_mail_server(listener: TcpListener, arrivals: watch::Sender<Vec<Arrived>>) {
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while sessions.try_join_next().is_some() {}
        if sessions.len() >= SESSIONS {
            continue;
        }
        let arrivals = arrivals.clone();
        sessions.spawn(async move {
            if let Err(error) = mail_server_session(stream, &arrivals).await {
                tracing::debug!(%error, "the demo's mail server lost a session");
            }
        });
    }
}

async fn mail_server_session(
    stream: TcpStream,
    arrivals: &watch::Sender<Vec<Arrived>>,
) -> io::Result<()> {
    let mut line = SmtpStream::new(stream);
    line.send("220 mail.example.org ESMTP, Dequeue's demo")
        .await?;
    while let Some(command) = line.receive().await? {
        match command
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase()
            .as_str()
        {
            "DATA" => {
                line.send("354 go ahead").await?;
                let mut arrived = Arrived {
                    subject: String::new(),
                    octets: 0,
                };
                while let Some(text) = line.receive().await?.filter(|text| text != ".") {
                    arrived.octets += text.len() + 2;
                    if let Some(subject) = text.strip_prefix("Subject: ") {
                        arrived.subject = subject.to_owned();
                    }
                }
                arrivals.send_if_modified(|all| {
                    let room = all.len() < REMEMBERED;
                    all.extend(room.then_some(arrived));
                    room
                });
                line.send("250 OK").await?;
            }
            "QUIT" => return line.send("221 mail.example.org").await,
            _ => line.send("250 OK").await?,
        }
    }
    Ok(())
}

/// The messages that the provider holds, CRLF at each line's end.
fn messages() -> Vec<String> {
    ["Order 2041, two pallets", "Re: the meeting on Thursday", "Invoice 77"]
        .into_iter()
        .take(HELD as usize)
        .map(|subject| {
            format!(
                "From: A customer <customer@example.com>\r\nTo: The office <office@example.org>\r\nSubject: {subject}\r\n\r\nThis message was held by the demo's provider until it was asked for.\r\n"
            )
        })
        .collect()
}

/// A line of SMTP, either end of it.
struct SmtpStream {
    stream: BufReader<TcpStream>,
    bounds: Bounds,
}

impl SmtpStream {
    fn new(stream: TcpStream) -> Self {
        // A reply does not wait for company; where that cannot be had, the demo is slower.
        let _ = stream.set_nodelay(true);
        Self {
            stream: BufReader::new(stream),
            bounds: Bounds::new(SESSION, Instant::now() + SILENCE),
        }
    }

    async fn send(&mut self, text: &str) -> io::Result<()> {
        self.stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await
    }

    async fn receive(&mut self) -> io::Result<Option<String>> {
        self.bounds = self.bounds.until(Instant::now() + SILENCE);
        let line = self.bounds.read_line(&mut self.stream, LINE).await;
        line.map_err(io::Error::other)
    }

    async fn expect(&mut self, class: u8) -> io::Result<()> {
        match self.receive().await? {
            Some(reply) if reply.as_bytes().first() == Some(&class) => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    async fn say(&mut self, text: &str, class: u8) -> io::Result<()> {
        self.send(text).await?;
        self.expect(class).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poke::{Poking, poke};

    use dequeue_smtp::{Outcome, Reason};

    async fn poke_demo(demo: &Demo) -> dequeue_core::record::Poke {
        let account = demo.account("demo".into());
        let poked = poke(&account, Poking::by_host(None), |_| {}).await;
        poked.poke
    }

    #[tokio::test]
    async fn held_mail_arrives_after_the_poke_in_either_manner() {
        for (manner, first, again) in [
            (Manner::Etrn, Reason::PendingStarted, Reason::NoMessages),
            (Manner::AutoTurn, Reason::QuitSignals, Reason::QuitSignals),
        ] {
            let demo = Demo::start(manner).await.unwrap();
            let mut arrivals = demo.arrivals();
            assert!(
                arrivals.borrow().is_empty(),
                "nothing arrives before the poke"
            );
            let poked = poke_demo(&demo).await;
            assert_eq!(poked.reason, first);
            assert!(poked.outcome.is_success());
            arrivals
                .wait_for(|all| all.len() == HELD as usize)
                .await
                .unwrap();
            assert_eq!(arrivals.borrow()[0].subject, "Order 2041, two pallets");
            let poked = poke_demo(&demo).await;
            assert_eq!(poked.reason, again);
            assert_eq!(
                poked.domains[0].outcome == Outcome::NothingWaiting,
                manner == Manner::Etrn
            );
        }
    }
}
