//! A provider that follows a script: silence, resets, garbage and odd replies at any step.
//!
//! Each connection takes the next script; the last one serves all that follow. Everything the
//! client says is kept, and how the connection ended.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{listener::Listener, net, wait};

/// One step of a script.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send these bytes.
    Send(Vec<u8>),
    /// Send these bytes one slice after the other, with a moment between them.
    Slices(Vec<Vec<u8>>),
    /// Read one line, which must start with this text, in any case. If not, the connection ends
    /// with [`Ending::Unexpected`].
    Expect(&'static str),
    /// Say nothing and read until the client goes away.
    Silence,
    /// End the connection with a reset.
    Reset,
    /// End the connection in order. A script that runs out does the same.
    Close,
}

/// `text` and CRLF as a [`Step::Send`].
pub fn line(text: &str) -> Step {
    Step::Send(format!("{text}\r\n").into_bytes())
}

/// The start of most scripts: the greeting, EHLO, a reply that offers `extensions`.
pub fn hello(extensions: &[&str]) -> Vec<Step> {
    let mut lines = vec!["provider.test"];
    lines.extend(extensions);
    let last = lines.len() - 1;
    let reply: String = lines
        .iter()
        .enumerate()
        .map(|(n, line)| format!("250{}{line}\r\n", if n == last { ' ' } else { '-' }))
        .collect();
    vec![
        line("220 provider.test ESMTP"),
        Step::Expect("EHLO "),
        Step::Send(reply.into_bytes()),
    ]
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The client closed it in order, in whatever step.
    ClientClosed,
    /// The client reset it.
    ClientReset,
    /// The script closed it.
    Closed,
    /// The script reset it.
    Reset,
    /// The client sent this line where the script expected another.
    Unexpected(String),
}

/// One connection, once it has ended.
#[derive(Debug, Clone)]
pub struct Conversation {
    pub peer: SocketAddr,
    /// All that the client sent.
    pub said: Vec<u8>,
    pub ending: Ending,
}

impl Conversation {
    /// What the client sent, a line each, without line ends.
    pub fn lines(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.said);
        text.lines().map(str::to_owned).collect()
    }
}

/// The provider. Dropping it ends it.
pub struct Scripted {
    listener: Listener,
    conversations: Arc<Mutex<Vec<Conversation>>>,
}

impl Scripted {
    /// Starts with one script a connection; the last is used for all that follow.
    pub fn start(scripts: Vec<Vec<Step>>) -> Self {
        Self::start_at((net::address(), 0).into(), scripts)
    }

    /// The same at an address of the test's choice.
    pub fn start_at(at: SocketAddr, scripts: Vec<Vec<Step>>) -> Self {
        assert!(!scripts.is_empty(), "a scripted provider needs a script");
        let conversations = Arc::new(Mutex::new(Vec::new()));
        let record = conversations.clone();
        let next = Mutex::new(scripts.into_iter().peekable());
        let listener = Listener::start(at, move |stream, peer| {
            let script = {
                let mut scripts = next.lock().unwrap();
                let script = scripts.next().expect("the last script stays");
                if scripts.peek().is_none() {
                    *scripts = vec![script.clone()].into_iter().peekable();
                }
                script
            };
            let conversation = play(stream, peer, &script);
            record.lock().unwrap().push(conversation);
        });
        Self {
            listener,
            conversations,
        }
    }

    /// Starts with the same script for every connection.
    pub fn always(script: Vec<Step>) -> Self {
        Self::start(vec![script])
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The connections that have ended, in the order of their ends.
    pub fn conversations(&self) -> Vec<Conversation> {
        self.conversations.lock().unwrap().clone()
    }

    /// Waits until `count` connections or more have ended.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Conversation> {
        wait::until(&format!("{count} conversations to end"), limit, || {
            Some(self.conversations()).filter(|all| all.len() >= count)
        })
    }
}

fn play(stream: &TcpStream, peer: SocketAddr, script: &[Step]) -> Conversation {
    let mut reader = BufReader::new(stream);
    let mut said = Vec::new();
    let ending = script
        .iter()
        .find_map(|step| perform(step, &mut reader, &mut said))
        .unwrap_or(Ending::Closed);
    if ending == Ending::Reset {
        net::reset_on_close(stream);
    } else if !matches!(ending, Ending::ClientReset) {
        // What the client sent on top would turn the close into a reset if left unread; and it is
        // part of what it said.
        stream.set_nonblocking(true).ok();
        reader.read_to_end(&mut said).ok();
    }
    Conversation { peer, said, ending }
}

/// Carries out one step. Returns how the connection ended, if it did.
fn perform(step: &Step, reader: &mut BufReader<&TcpStream>, said: &mut Vec<u8>) -> Option<Ending> {
    /// Long enough that the other side has most likely read the slice before the next comes.
    const BETWEEN_SLICES: Duration = Duration::from_millis(2);
    let result = match step {
        Step::Send(bytes) => reader.get_mut().write_all(bytes).map(|()| None),
        Step::Slices(slices) => slices
            .iter()
            .try_for_each(|slice| {
                reader.get_mut().write_all(slice)?;
                std::thread::sleep(BETWEEN_SLICES);
                Ok(())
            })
            .map(|()| None),
        Step::Expect(start) => expect(start, reader, said),
        Step::Silence => reader.read_to_end(said).map(|_| Some(Ending::ClientClosed)),
        Step::Reset => Ok(Some(Ending::Reset)),
        Step::Close => Ok(Some(Ending::Closed)),
    };
    result.unwrap_or(Some(Ending::ClientReset))
}

fn expect(
    start: &str,
    reader: &mut BufReader<&TcpStream>,
    said: &mut Vec<u8>,
) -> io::Result<Option<Ending>> {
    let from = said.len();
    if reader.read_until(b'\n', said)? == 0 {
        return Ok(Some(Ending::ClientClosed));
    }
    let line = String::from_utf8_lossy(&said[from..]).trim_end().to_owned();
    let as_expected = line
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start));
    Ok((!as_expected).then_some(Ending::Unexpected(line)))
}

/// An address where connecting neither succeeds nor fails: its queue of connections is full, so
/// the system drops every further SYN. For as long as this lives.
pub struct Unanswering {
    socket: Socket,
    _full: Vec<Socket>,
}

impl Unanswering {
    /// Listens and fills the queue.
    pub fn start() -> Self {
        Self::start_at((net::address(), 0).into())
    }

    /// The same at an address of the test's choice.
    pub fn start_at(at: SocketAddr) -> Self {
        let new = || Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
        let socket = new();
        socket.bind(&at.into()).unwrap();
        socket.listen(0).unwrap();
        let address = socket.local_addr().unwrap();
        let full = (0..4)
            .map(|_| {
                let filler = new();
                filler.set_nonblocking(true).unwrap();
                // In progress for ever, or done: both take a place.
                filler.connect(&address).ok();
                filler
            })
            .collect();
        Self {
            socket,
            _full: full,
        }
    }

    pub fn address(&self) -> SocketAddr {
        let address = self.socket.local_addr().unwrap();
        address.as_socket().expect("an IPv4 address")
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{client::Client, wait::SOON},
        *,
    };

    #[test]
    fn follows_the_script_and_keeps_what_was_said() {
        let mut script = hello(&["PIPELINING", "ETRN"]);
        script.extend([
            Step::Expect("ETRN "),
            Step::Slices(vec![b"25".into(), b"0 OK".into(), b"\r\n".into()]),
            Step::Expect("quit"),
            line("221 bye"),
        ]);
        let provider = Scripted::always(script);
        let (mut client, ehlo) = Client::hello(net::UNBOUND, provider.address());
        assert_eq!(ehlo.lines, ["provider.test", "PIPELINING", "ETRN"]);
        client.ask("ETRN customer.test", 250);
        client.ask("QUIT", 221);
        assert_eq!(client.rest().unwrap(), b"");
        let conversation = provider.wait_for(1, SOON).remove(0);
        assert_eq!(conversation.ending, Ending::Closed);
        assert_eq!(conversation.peer, client.source());
        assert_eq!(
            conversation.lines(),
            ["EHLO client.test", "ETRN customer.test", "QUIT"]
        );
    }

    #[test]
    fn resets_closes_and_stays_silent() {
        let provider = Scripted::start(vec![
            vec![Step::Reset],
            vec![Step::Close],
            vec![Step::Silence],
        ]);
        let reach = || Client::connect(net::UNBOUND, provider.address());
        let connect = || reach().unwrap();
        // Where it comes at once it is the connecting itself that fails.
        let error = reach().and_then(|mut client| client.rest()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        provider.wait_for(1, SOON);
        assert_eq!(connect().rest().unwrap(), b"");
        provider.wait_for(2, SOON);
        for _ in 0..2 {
            let mut client = connect();
            client.send(b"anyone there?").unwrap();
            drop(client);
        }
        connect().reset();
        let endings: Vec<Ending> = provider
            .wait_for(5, SOON)
            .into_iter()
            .map(|conversation| conversation.ending)
            .collect();
        assert_eq!(endings[..2], [Ending::Reset, Ending::Closed]);
        let of_the_client =
            |ending: &Ending| matches!(ending, Ending::ClientClosed | Ending::ClientReset);
        assert!(endings[2..].iter().all(of_the_client), "{endings:?}");
        assert!(endings.contains(&Ending::ClientReset));
        assert_eq!(
            provider
                .conversations()
                .iter()
                .filter(|c| c.said == b"anyone there?")
                .count(),
            2
        );
    }

    #[test]
    fn reports_the_line_that_was_not_expected() {
        let provider = Scripted::always(hello(&[]));
        let mut client = Client::connect(net::UNBOUND, provider.address()).unwrap();
        client.expect(220);
        client.send(b"QUIT\r\n").unwrap();
        assert_eq!(client.rest().unwrap(), b"");
        let conversation = provider.wait_for(1, SOON).remove(0);
        assert_eq!(conversation.ending, Ending::Unexpected("QUIT".into()));
    }
}
