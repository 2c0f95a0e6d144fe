//! The line to a provider: a TCP connection, in the clear or under TLS; and the bounds of what is read
//! from anybody.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout_at},
};

use crate::tls::TlsStream;

/// A line to a provider.
#[derive(Debug)]
pub enum ProviderStream {
    /// In the clear.
    Clear(TcpStream),
    /// Under TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl ProviderStream {
    /// Whether something has come that was not read yet, as far as that can be told without
    /// waiting. Under TLS it cannot, and need not be: there nobody else can have said it.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        match self {
            Self::Clear(stream) => {
                let mut octet = [std::mem::MaybeUninit::uninit()];
                matches!(SockRef::from(stream).peek(&mut octet), Ok(1..))
            }
            Self::Tls(_) => false,
        }
    }
}

impl AsyncRead for ProviderStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for ProviderStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_write(context, octets),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Clear(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

/// What may still be read from a peer: a number of octets, until a moment. Whatever reads a socket outside
/// a [`Session`](dequeue_smtp::Session), which has bounds of its own, reads it through one of these: a
/// limit of time alone lets a peer keep a core busy for as long as that.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    octets: usize,
    until: Instant,
}

/// Why nothing more is read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The peer has said more than it may.
    #[error("the peer said more than it may")]
    TooMuch,
    /// The time is up.
    #[error("the time is up")]
    TimedOut,
    /// The connection broke.
    #[error(transparent)]
    Broken(#[from] io::Error),
}

impl Bounds {
    /// At most `octets`, until a moment.
    #[must_use]
    pub const fn new(octets: usize, until: Instant) -> Self {
        Self { octets, until }
    }

    /// The same octets until another moment.
    #[must_use]
    pub const fn until(self, until: Instant) -> Self {
        Self { until, ..self }
    }

    /// Reads what is there; 0 octets at the end of the stream.
    ///
    /// # Errors
    /// [`Unread`]; the octets that exceed the bounds are lost.
    pub async fn read(
        &mut self,
        from: &mut (impl AsyncRead + Unpin),
        buffer: &mut [u8],
    ) -> Result<usize, Unread> {
        let count = timeout_at(self.until, from.read(buffer))
            .await
            .map_err(|_| Unread::TimedOut)??;
        self.take(count)?;
        Ok(count)
    }

    /// Reads a line of text, without its end, of at most `at_most` octets; `None` at the end of the
    /// stream.
    ///
    /// # Errors
    /// [`Unread`]; a line that is no text is [`Unread::Broken`].
    pub async fn read_line(
        &mut self,
        from: &mut (impl AsyncBufRead + Unpin),
        at_most: usize,
    ) -> Result<Option<String>, Unread> {
        let mut line = String::new();
        let room = at_most.min(self.octets);
        let mut limited = from.take(room as u64);
        let count = timeout_at(self.until, limited.read_line(&mut line))
            .await
            .map_err(|_| Unread::TimedOut)??;
        self.take(count)?;
        if count == room && !line.ends_with('\n') {
            return Err(Unread::TooMuch);
        }
        line.truncate(line.trim_end().len());
        Ok((count > 0).then_some(line))
    }

    fn take(&mut self, count: usize) -> Result<(), Unread> {
        self.octets = self.octets.checked_sub(count).ok_or(Unread::TooMuch)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::BufReader;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn octets_have_their_bound_however_they_come() {
        for piece in [1, 7, 100, 4096] {
            let mut bounds = Bounds::new(1000, soon());
            let (mut endless, mut got) = (tokio::io::repeat(b'x'), 0);
            let mut buffer = vec![0; piece];
            let end = loop {
                match bounds.read(&mut endless, &mut buffer).await {
                    Ok(count) => got += count,
                    Err(end) => break end,
                }
            };
            assert!(matches!(end, Unread::TooMuch), "{end}");
            assert!(got <= 1000, "{got} in pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn lines_have_their_bound_and_keep_their_text() {
        let text = b"one\r\n\r\nthree\n".as_slice();
        let mut from = BufReader::new(text);
        let mut bounds = Bounds::new(text.len() + 1, soon());
        for line in [Some("one"), Some(""), Some("three"), None] {
            assert_eq!(
                bounds.read_line(&mut from, 100).await.unwrap().as_deref(),
                line
            );
        }
        let mut endless = BufReader::new(tokio::io::repeat(b'x'));
        let line = Bounds::new(1 << 20, soon())
            .read_line(&mut endless, 512)
            .await;
        assert!(matches!(line, Err(Unread::TooMuch)));
        let all = Bounds::new(100, soon()).read_line(&mut endless, 512).await;
        assert!(matches!(all, Err(Unread::TooMuch)));
    }

    #[tokio::test(start_paused = true)]
    async fn time_has_its_bound() {
        let (_peer, mut silent) = tokio::io::duplex(10);
        let begun = Instant::now();
        let mut bounds = Bounds::new(1000, begun + Duration::from_secs(9));
        let read = bounds.read(&mut silent, &mut [0; 10]).await;
        assert!(matches!(read, Err(Unread::TimedOut)));
        assert_eq!(begun.elapsed(), Duration::from_secs(9));
    }
}
