//! The other side: a server that does what its script says, an operation after the other.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// Whatever anybody does adds to it: while it grows, the clock stands still.
static EVENTS: AtomicU64 = AtomicU64::new(0);

/// Somebody did something.
pub(crate) fn happened() {
    EVENTS.fetch_add(1, Ordering::Relaxed);
}

/// How many things anybody has done.
pub(crate) fn events() -> u64 {
    EVENTS.load(Ordering::Relaxed)
}

/// What a server does next. After the last it reads what comes, until the other side is gone.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// Says this, in one go.
    Say(Vec<u8>),
    /// Says this over and over, so many octets in all; never reads.
    Pour(&'static [u8], u64),
    /// Says this over and over, an octet at a time, each after a pause.
    Drip(&'static [u8], Duration),
    /// Reads until a line that begins so.
    Hear(&'static str),
    /// Reads something.
    HearSome,
    /// Answers whatever line comes with this, for ever.
    Answer(&'static [u8]),
    /// Begins TLS.
    Tls(Arc<ServerConfig>),
    /// Holds the connection and does nothing.
    Sit,
    /// Hangs up.
    Close,
}

pub(crate) fn say(text: &str) -> Op {
    Op::Say(text.as_bytes().to_vec())
}

/// A server on loopback.
pub(crate) struct Peer {
    port: u16,
    told: Arc<Told>,
    _serving: JoinSet<()>,
}

/// What became of it.
#[derive(Debug, Default)]
struct Told {
    said: AtomicU64,
    /// Operations that were done to their end, on the first connection.
    done: AtomicUsize,
    connections: AtomicUsize,
    heard: Mutex<String>,
}

impl Peer {
    /// A server that plays the first script on the first connection, and so on; the last on all
    /// further ones.
    pub(crate) async fn new(scripts: Vec<Vec<Op>>) -> Self {
        Self::cut(scripts, usize::MAX).await
    }

    /// The same, and it hangs up on the first connection when it has said so many octets, those of
    /// TLS included.
    pub(crate) async fn cut(scripts: Vec<Vec<Op>>, octets: usize) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        // What the system holds in between is no part of what is measured, but takes time to fill.
        // With less than this it begins to wait, which no paused clock knows of.
        socket.set_send_buffer_size(256 * 1024).unwrap();
        socket.set_recv_buffer_size(256 * 1024).unwrap();
        let listener = socket.listen(16).unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = Arc::new(Told::default());
        let mut serving = JoinSet::new();
        let telling = told.clone();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                happened();
                let number = telling.connections.fetch_add(1, Ordering::Relaxed);
                let script = scripts[number.min(scripts.len() - 1)].clone();
                let wire = Wire {
                    stream,
                    left: if number == 0 { octets } else { usize::MAX },
                    told: telling.clone(),
                };
                connections.spawn(play(wire, script, telling.clone(), number == 0));
            }
        });
        Self {
            port,
            told,
            _serving: serving,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Octets said, on all connections.
    pub(crate) fn said(&self) -> u64 {
        self.told.said.load(Ordering::Relaxed)
    }

    /// Operations done to their end, on the first connection.
    pub(crate) fn done(&self) -> usize {
        self.told.done.load(Ordering::Relaxed)
    }

    pub(crate) fn connections(&self) -> usize {
        self.told.connections.load(Ordering::Relaxed)
    }

    /// All lines that were waited for and came, on all connections.
    pub(crate) fn heard(&self) -> String {
        self.told.heard.lock().unwrap().clone()
    }
}

/// A connection of which each octet is counted, and which breaks when there were enough.
struct Wire {
    stream: TcpStream,
    left: usize,
    told: Arc<Told>,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            happened();
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.left == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let some = octets.len().min(self.left);
        let written = Pin::new(&mut self.stream).poll_write(context, &octets[..some]);
        if let Poll::Ready(Ok(count)) = written {
            happened();
            self.left -= count;
            self.told.said.fetch_add(count as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn play(wire: Wire, script: Vec<Op>, told: Arc<Told>, first: bool) {
    let mut stream: Box<dyn Stream> = Box::new(wire);
    let mut unread = Vec::new();
    for op in script {
        // Whatever fails: the other side is gone, or the connection was cut.
        let Ok(same) = perform(stream, op, &mut unread, &told).await else {
            return;
        };
        let Some(same) = same else { return };
        stream = same;
        if first {
            told.done.fetch_add(1, Ordering::Relaxed);
        }
    }
    while let Ok(1..) = stream.read(&mut [0; 4096]).await {}
}

/// Does it; gives the connection back where there still is one.
async fn perform(
    mut stream: Box<dyn Stream>,
    op: Op,
    unread: &mut Vec<u8>,
    told: &Told,
) -> io::Result<Option<Box<dyn Stream>>> {
    match op {
        Op::Say(octets) => {
            stream.write_all(&octets).await?;
            stream.flush().await?;
        }
        Op::Pour(octets, in_all) => {
            let mut left = in_all;
            while left > 0 {
                stream.write_all(octets).await?;
                left = left.saturating_sub(octets.len() as u64);
            }
            stream.flush().await?;
        }
        Op::Drip(octets, pause) => {
            for octet in octets.iter().cycle() {
                stream.write_all(&[*octet]).await?;
                stream.flush().await?;
                tokio::time::sleep(pause).await;
            }
        }
        Op::Hear(start) => loop {
            let line = line(&mut stream, unread).await?;
            told.heard.lock().unwrap().push_str(&line);
            if line.starts_with(start) {
                break;
            }
        },
        Op::HearSome => {
            if stream.read(&mut [0; 4096]).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Op::Answer(octets) => loop {
            line(&mut stream, unread).await?;
            stream.write_all(octets).await?;
            stream.flush().await?;
        },
        Op::Tls(config) => {
            return Ok(Some(Box::new(
                TlsAcceptor::from(config).accept(stream).await?,
            )));
        }
        Op::Sit => std::future::pending().await,
        Op::Close => return Ok(None),
    }
    Ok(Some(stream))
}

/// The next line, with its end.
async fn line(stream: &mut Box<dyn Stream>, unread: &mut Vec<u8>) -> io::Result<String> {
    loop {
        if let Some(end) = unread.iter().position(|octet| *octet == b'\n') {
            let line = unread.drain(..=end).collect::<Vec<u8>>();
            return Ok(String::from_utf8_lossy(&line).into_owned());
        }
        let mut some = [0; 1024];
        match stream.read(&mut some).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => unread.extend(&some[..count]),
        }
    }
}
