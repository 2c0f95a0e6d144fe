//! A small SMTP client that says exactly what a test tells it to say.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream},
    time::Duration,
};

use super::net;

/// A reply of a server: the code and the text of each line, without code and line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    pub lines: Vec<String>,
}

/// One connection to an SMTP server.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects from the address `source`; does not read the greeting.
    ///
    /// # Errors
    /// What the system says when the connection fails.
    pub fn connect(source: impl Into<IpAddr>, to: SocketAddr) -> io::Result<Self> {
        let stream = net::connect(source.into(), to)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Connects, reads the greeting and says EHLO, and returns the EHLO reply as well.
    ///
    /// # Panics
    /// When any of this fails.
    pub fn hello(source: impl Into<IpAddr>, to: SocketAddr) -> (Self, Reply) {
        let mut client =
            Self::connect(source, to).unwrap_or_else(|error| panic!("connecting to {to}: {error}"));
        client.expect(220);
        let ehlo = client.ask("EHLO client.test", 250);
        (client, ehlo)
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// What the system says.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads one reply, over several lines if need be.
    ///
    /// # Errors
    /// The system's error, `UnexpectedEof` at the end, `InvalidData` for a line without a code.
    pub fn reply(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let Some(code) = code else {
                return Err(io::Error::new(io::ErrorKind::InvalidData, line));
            };
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(Reply { code, lines });
            }
        }
    }

    /// Sends `line` with CRLF and returns the reply.
    ///
    /// # Errors
    /// As [`Client::send`] and [`Client::reply`].
    pub fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.send(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Sends `line` and expects a reply with `code`.
    ///
    /// # Panics
    /// When another reply comes, or none.
    pub fn ask(&mut self, line: &str, code: u16) -> Reply {
        let reply = self.command(line);
        match reply {
            Ok(reply) if reply.code == code => reply,
            other => panic!("expected {code} to {line:?}, got {other:?}"),
        }
    }

    /// Reads one reply and expects `code`.
    ///
    /// # Panics
    /// When another reply comes, or none.
    pub fn expect(&mut self, code: u16) -> Reply {
        match self.reply() {
            Ok(reply) if reply.code == code => reply,
            other => panic!("expected {code}, got {other:?}"),
        }
    }

    /// Reads to the end of the connection and returns what came.
    ///
    /// # Errors
    /// The system's, a reset among them.
    pub fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest)?;
        Ok(rest)
    }

    /// The connection itself, for a conversation in which the other side speaks next.
    ///
    /// # Panics
    /// When the server has spoken already.
    pub fn into_stream(self) -> TcpStream {
        assert!(self.stream.buffer().is_empty(), "the server spoke");
        self.stream.into_inner()
    }

    /// The address that the server sees.
    pub fn source(&self) -> SocketAddr {
        self.stream
            .get_ref()
            .local_addr()
            .expect("a connected socket")
    }

    /// Ends the connection with a reset.
    pub fn reset(self) {
        net::reset_on_close(self.stream.get_ref());
    }
}
