//! A stand-in for an AutoTURN provider: qmail with serialmail, the Vevida way.
//!
//! As seen on the real programs: the end of any connection from the customer's registered address
//! starts the delivery, be it QUIT, a close or a reset; a connection that stays open starts
//! nothing. After QUIT the socket stays open until the delivery is over (the deliverer inherits
//! it). While one runs, another poke does nothing (`setlock -nx`). Mail of the current second is
//! skipped; here the test says when a second has passed. A 4xx of the mail server keeps a message
//! for the next poke, a 5xx bounces it. Every command but the basic ones gets qmail's 502, or the
//! 459 that some providers have.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    sync::{Arc, Mutex, TryLockError},
    time::Duration,
};

use super::{
    client::Client,
    listener::Listener,
    mail::{self, Message},
    net, wait,
};

/// What the provider says to ETRN. The poke works whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToEtrn {
    /// `502 unimplemented (#5.5.1)`, as qmail does.
    Unimplemented502,
    /// `459 <domain>: service unavailable`.
    Unavailable459,
}

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct Options {
    pub to_etrn: ToEtrn,
    /// Where it delivers to: port 25 of the registered address in real life.
    pub mail_server: SocketAddr,
    /// The addresses whose connections are pokes.
    pub registered: Vec<IpAddr>,
}

impl Options {
    /// A provider for `mail_server` that takes pokes from its address and from
    /// [`net::UNBOUND`], where clients on this machine come from.
    pub fn new(mail_server: SocketAddr) -> Self {
        Self {
            to_etrn: ToEtrn::Unimplemented502,
            mail_server,
            registered: vec![mail_server.ip(), net::UNBOUND.into()],
        }
    }
}

/// How the client ended its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Quit,
    Closed,
    Reset,
}

/// What a poke led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The connection came from an address that is not registered.
    Stranger,
    /// Another delivery was running: nothing happened.
    Busy,
    /// Nothing was waiting.
    Nothing,
    /// The mail server could not be reached; all was kept.
    Unreachable,
    /// Messages were tried.
    Ran {
        delivered: usize,
        kept: usize,
        bounced: usize,
    },
}

/// One connection, once all that it led to is over.
#[derive(Debug, Clone)]
pub struct Poke {
    pub peer: SocketAddr,
    /// The command lines as they came, without line ends.
    pub commands: Vec<String>,
    pub ending: Ending,
    pub delivery: Delivery,
}

/// The provider. Dropping it ends it.
pub struct AutoTurn {
    listener: Listener,
    shared: Arc<Shared>,
}

struct Shared {
    ip: Ipv4Addr,
    options: Options,
    held: Mutex<Vec<Held>>,
    bounced: Mutex<Vec<Message>>,
    pokes: Mutex<Vec<Poke>>,
    /// Taken while a delivery runs.
    delivering: Mutex<()>,
}

struct Held {
    message: Message,
    /// Came in the current second.
    fresh: bool,
}

impl AutoTurn {
    /// Starts the provider on an address of its own.
    pub fn start(options: Options) -> Self {
        let ip = net::address();
        let shared = Arc::new(Shared {
            ip,
            options,
            held: Mutex::default(),
            bounced: Mutex::default(),
            pokes: Mutex::default(),
            delivering: Mutex::default(),
        });
        let listener = Listener::start(SocketAddr::from((ip, 0)), {
            let shared = shared.clone();
            move |stream, peer| {
                let mut commands = Vec::new();
                let ending = shared.converse(stream, &mut commands);
                let delivery = shared.poked_by(peer.ip());
                shared.pokes.lock().unwrap().push(Poke {
                    peer,
                    commands,
                    ending,
                    delivery,
                });
            }
        });
        Self { listener, shared }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Puts messages into the queue, from an earlier second.
    pub fn hold(&self, messages: &[Message]) {
        self.put(messages, false);
    }

    /// Puts messages into the queue that came in the current second: a poke skips them until
    /// [`AutoTurn::a_second_passes`].
    pub fn hold_just_now(&self, messages: &[Message]) {
        self.put(messages, true);
    }

    fn put(&self, messages: &[Message], fresh: bool) {
        let mut held = self.shared.held.lock().unwrap();
        held.extend(messages.iter().map(|message| Held {
            message: message.clone(),
            fresh,
        }));
    }

    /// The current second becomes a past one.
    pub fn a_second_passes(&self) {
        for held in self.shared.held.lock().unwrap().iter_mut() {
            held.fresh = false;
        }
    }

    /// How many messages wait.
    pub fn queue_len(&self) -> usize {
        self.shared.held.lock().unwrap().len()
    }

    /// The messages that went back to their senders.
    pub fn bounced(&self) -> Vec<Message> {
        self.shared.bounced.lock().unwrap().clone()
    }

    /// The connections that have ended, deliveries included.
    pub fn pokes(&self) -> Vec<Poke> {
        self.shared.pokes.lock().unwrap().clone()
    }

    /// Waits until `count` connections or more have ended.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for_pokes(&self, count: usize, limit: Duration) -> Vec<Poke> {
        wait::until(&format!("{count} pokes"), limit, || {
            Some(self.pokes()).filter(|pokes| pokes.len() >= count)
        })
    }
}

impl Shared {
    /// Speaks with the client until it ends the connection.
    fn converse(&self, stream: &TcpStream, commands: &mut Vec<String>) -> Ending {
        let mut reader = BufReader::new(stream);
        match self.dialogue(&mut reader, commands) {
            Ok(ending) => ending,
            Err(_) => Ending::Reset,
        }
    }

    fn dialogue(
        &self,
        reader: &mut BufReader<&TcpStream>,
        commands: &mut Vec<String>,
    ) -> io::Result<Ending> {
        reader
            .get_mut()
            .write_all(b"220 mail.provider.test ESMTP\r\n")?;
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            let command = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            let (verb, argument) = command.split_once(' ').unwrap_or((&command, ""));
            let reply = match verb.to_ascii_uppercase().as_str() {
                "EHLO" => "250-mail.provider.test\r\n250-PIPELINING\r\n250 8BITMIME".to_owned(),
                "HELO" => "250 mail.provider.test".to_owned(),
                "NOOP" => "250 ok".to_owned(),
                "RSET" => "250 flushed".to_owned(),
                "QUIT" => "221 mail.provider.test".to_owned(),
                "ETRN" if self.options.to_etrn == ToEtrn::Unavailable459 => {
                    format!("459 <{argument}>: service unavailable")
                }
                _ => "502 unimplemented (#5.5.1)".to_owned(),
            };
            let quit = verb.eq_ignore_ascii_case("QUIT");
            commands.push(command);
            reader
                .get_mut()
                .write_all(format!("{reply}\r\n").as_bytes())?;
            if quit {
                return Ok(Ending::Quit);
            }
        }
        Ok(Ending::Closed)
    }

    /// What the end of a connection from `ip` leads to.
    fn poked_by(&self, ip: IpAddr) -> Delivery {
        if !self.options.registered.contains(&ip) {
            return Delivery::Stranger;
        }
        let _running = match self.delivering.try_lock() {
            Ok(lock) => lock,
            Err(TryLockError::WouldBlock) => return Delivery::Busy,
            Err(TryLockError::Poisoned(error)) => panic!("a delivery failed: {error}"),
        };
        let mut due = Vec::new();
        self.held.lock().unwrap().retain(|held| {
            if !held.fresh {
                due.push(held.message.clone());
            }
            held.fresh
        });
        if due.is_empty() {
            return Delivery::Nothing;
        }
        let connection = Client::connect(self.ip, self.options.mail_server)
            .and_then(|mut client| Ok((client.reply()?.code, client)));
        let Ok((220, mut client)) = connection else {
            self.keep(due);
            return Delivery::Unreachable;
        };
        let (mut delivered, mut kept, mut bounced) = (0, 0, 0);
        let welcome = client.command("EHLO AutoTURN");
        let welcome = welcome.is_ok_and(|reply| reply.code == 250);
        for (n, message) in due.into_iter().enumerate() {
            let code = if welcome {
                // A connection that breaks is like a temporary failure.
                hand_over(&mut client, &message, n > 0).unwrap_or(451)
            } else {
                451
            };
            match code {
                200..=399 => delivered += 1,
                500.. => {
                    bounced += 1;
                    self.bounced.lock().unwrap().push(message);
                }
                _ => {
                    kept += 1;
                    self.keep(vec![message]);
                }
            }
        }
        client.command("QUIT").ok();
        Delivery::Ran {
            delivered,
            kept,
            bounced,
        }
    }

    fn keep(&self, messages: Vec<Message>) {
        let mut held = self.held.lock().unwrap();
        held.extend(messages.into_iter().map(|message| Held {
            message,
            fresh: false,
        }));
    }
}

/// Hands one message over, as serialsmtp does, and returns the last reply's code.
fn hand_over(client: &mut Client, message: &Message, again: bool) -> io::Result<u16> {
    if again {
        client.command("RSET")?;
    }
    for command in [
        format!("MAIL FROM:<{}>", message.from),
        format!("RCPT TO:<{}>", message.to),
        "DATA".to_owned(),
    ] {
        let reply = client.command(&command)?;
        if reply.code >= 400 {
            return Ok(reply.code);
        }
    }
    let received = b"Received: (qmail invoked from network); 24 Nov 2026 10:00:00 -0000\r\n";
    client.send(&mail::stuffed(
        &[received, message.bytes.as_slice()].concat(),
    ))?;
    Ok(client.reply()?.code)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            mail_server::{MailServer, Stage},
            wait::SOON,
        },
        *,
    };

    const TO: &str = "a@customer.test";

    /// Greeting, QUIT, end of file.
    fn signal(source: impl Into<IpAddr>, provider: &AutoTurn) {
        let mut client = Client::connect(source, provider.address()).unwrap();
        client.expect(220);
        client.ask("QUIT", 221);
        assert_eq!(client.rest().unwrap(), b"");
    }

    #[test]
    fn quit_brings_the_mail_and_the_end_of_file_says_when() {
        let mail_server = MailServer::up();
        let provider = AutoTurn::start(Options::new(mail_server.address()));
        let sent = mail::awkward(3, TO);
        provider.hold(&sent);
        assert_eq!(provider.queue_len(), 3);
        assert!(mail_server.arrivals().is_empty());
        signal(net::UNBOUND, &provider);
        // No waiting here: the socket stayed open until all was delivered.
        mail::assert_arrived(&sent, &mail_server.arrivals());
        let poke = provider.wait_for_pokes(1, SOON).remove(0);
        assert_eq!(poke.ending, Ending::Quit);
        assert_eq!(poke.commands, ["QUIT"]);
        assert_eq!(poke.peer.ip(), net::UNBOUND);
        let ran = Delivery::Ran {
            delivered: 3,
            kept: 0,
            bounced: 0,
        };
        assert_eq!(poke.delivery, ran);
        assert_eq!(provider.queue_len(), 0);
        signal(mail_server.ip(), &provider);
        assert_eq!(
            provider.wait_for_pokes(2, SOON)[1].delivery,
            Delivery::Nothing
        );
    }

    #[test]
    fn refuses_etrn_but_the_end_of_the_connection_still_counts() {
        for (to_etrn, code) in [
            (ToEtrn::Unimplemented502, 502),
            (ToEtrn::Unavailable459, 459),
        ] {
            let mail_server = MailServer::up();
            let options = Options {
                to_etrn,
                ..Options::new(mail_server.address())
            };
            let provider = AutoTurn::start(options);
            let sent = mail::awkward(1, TO);
            provider.hold(&sent);
            let (mut client, _) = Client::hello(net::UNBOUND, provider.address());
            client.ask("ETRN customer.test", code);
            assert!(mail_server.arrivals().is_empty());
            client.ask("QUIT", 221);
            client.rest().unwrap();
            mail::assert_arrived(&sent, &mail_server.arrivals());
        }
    }

    #[test]
    fn a_close_and_a_reset_are_pokes_too_but_not_from_strangers() {
        let mail_server = MailServer::up();
        let provider = AutoTurn::start(Options::new(mail_server.address()));
        provider.hold(&mail::awkward(1, TO));
        signal(net::address(), &provider);
        assert!(mail_server.arrivals().is_empty());
        drop(Client::hello(net::UNBOUND, provider.address()));
        mail_server.wait_for(1, SOON);
        provider.wait_for_pokes(2, SOON);
        provider.hold(&mail::awkward(1, TO));
        Client::hello(net::UNBOUND, provider.address()).0.reset();
        mail_server.wait_for(2, SOON);
        let pokes = provider.wait_for_pokes(3, SOON);
        assert_eq!(pokes[0].delivery, Delivery::Stranger);
        assert_eq!(pokes[1].ending, Ending::Closed);
        assert_eq!(pokes[2].ending, Ending::Reset);
    }

    #[test]
    fn a_poke_during_a_delivery_does_nothing() {
        let mail_server = MailServer::up();
        mail_server.hold_up(Stage::Message);
        let provider = AutoTurn::start(Options::new(mail_server.address()));
        provider.hold(&mail::awkward(1, TO));
        let mut first = Client::connect(net::UNBOUND, provider.address()).unwrap();
        first.expect(220);
        first.ask("QUIT", 221);
        wait::until("the delivery to start", SOON, || mail_server.visits().pop());
        signal(net::UNBOUND, &provider);
        assert_eq!(provider.wait_for_pokes(1, SOON)[0].delivery, Delivery::Busy);
        mail_server.release();
        assert_eq!(first.rest().unwrap(), b"");
        assert_eq!(mail_server.arrivals().len(), 1);
    }

    #[test]
    fn keeps_after_4xx_bounces_after_5xx_and_skips_the_current_second() {
        let mut mail_server = MailServer::down();
        let provider = AutoTurn::start(Options::new(mail_server.address()));
        provider.hold(&mail::awkward(1, TO));
        signal(net::UNBOUND, &provider);
        mail_server.start();
        mail_server.answer(Stage::Rcpt, "450 4.2.0 Later");
        signal(net::UNBOUND, &provider);
        assert_eq!(provider.queue_len(), 1);
        mail_server.answer(Stage::Rcpt, "550 5.1.1 Nobody");
        signal(net::UNBOUND, &provider);
        assert_eq!((provider.queue_len(), provider.bounced().len()), (0, 1));
        mail_server.answer_as_usual();
        let late = mail::awkward(1, TO);
        provider.hold_just_now(&late);
        signal(net::UNBOUND, &provider);
        assert!(mail_server.arrivals().is_empty());
        provider.a_second_passes();
        signal(net::UNBOUND, &provider);
        mail::assert_arrived(&late, &mail_server.arrivals());
        let pokes = provider.wait_for_pokes(5, SOON);
        let deliveries: Vec<Delivery> = pokes.iter().map(|poke| poke.delivery).collect();
        let ran = |delivered, kept, bounced| Delivery::Ran {
            delivered,
            kept,
            bounced,
        };
        assert_eq!(
            deliveries,
            [
                Delivery::Unreachable,
                ran(0, 1, 0),
                ran(0, 0, 1),
                Delivery::Nothing,
                ran(1, 0, 0)
            ]
        );
    }
}
