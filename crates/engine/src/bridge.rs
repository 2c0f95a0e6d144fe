//! Carries a [`Bridge`]: reads from a side only when all that it said before has been written to
//! the other, so that neither fills this machine's memory.

use std::{future::poll_fn, io, pin::Pin, task::Poll, time::Duration};

use dequeue_smtp::{Bridge, Side, limits};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, timeout_at},
};

/// How a bridge came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Both sides have ended.
    Over,
    /// Nothing passed for too long, it stood for too long, or too much passed.
    TimedOut,
}

/// How long a bridge may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until the provider says anything.
    pub opening: Duration,
    /// How long it may stand still after that.
    pub idle: Duration,
    /// When it must have ended.
    pub until: Instant,
}

/// Carries a bridge until it is over, the provider has said nothing at all for too long, nothing has
/// passed for too long, or its time is up. Where one side has ended, the other has
/// [`limits::BRIDGE_ENDING`] to end too.
pub async fn carry(
    bridge: &mut Bridge,
    provider: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mail_server: &mut (impl AsyncRead + AsyncWrite + Unpin),
    patience: Patience,
) -> End {
    let begun = Instant::now();
    // Of the provider and of the mail server: whether something is written, and may not be sent yet.
    let mut unsent = [false; 2];
    let mut buffer = vec![0; limits::BRIDGE_BUFFER];
    loop {
        if bridge.is_over() {
            return End::Over;
        }
        if bridge.is_too_much() {
            return End::TimedOut;
        }
        let now = Instant::now();
        let deadline = if bridge.is_ending() {
            now + limits::BRIDGE_ENDING.min(patience.idle)
        } else if bridge.has_begun() {
            now + patience.idle
        } else {
            begun + patience.opening
        };
        let deadline = deadline.min(patience.until);
        let [to_provider, to_mail_server] = &mut unsent;
        let passed = timeout_at(
            deadline,
            poll_fn(|context| {
                let mut poll = PollSide {
                    context,
                    bridge,
                    buffer: &mut buffer,
                };
                let moved = poll.side(Side::Provider, provider, to_provider)
                    | poll.side(Side::MailServer, mail_server, to_mail_server);
                if moved {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }),
        );
        if passed.await.is_err() {
            return End::TimedOut;
        }
    }
}

/// One look at both sides.
struct PollSide<'a, 'b> {
    context: &'a mut std::task::Context<'b>,
    bridge: &'a mut Bridge,
    buffer: &'a mut [u8],
}

impl PollSide<'_, '_> {
    /// Does with one side what can be done now; whether anything was. `unsent` tells whether octets
    /// were written to it that its stream may still hold.
    fn side(
        &mut self,
        side: Side,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        unsent: &mut bool,
    ) -> bool {
        let mut moved = false;
        let bridge = &mut *self.bridge;
        if !bridge.pending(side).is_empty() {
            match Pin::new(&mut *stream).poll_write(self.context, bridge.pending(side)) {
                Poll::Ready(Ok(count)) if count > 0 => {
                    bridge.wrote(side, count);
                    moved = true;
                    *unsent = true;
                }
                Poll::Ready(_) => {
                    bridge.lose(side);
                    moved = true;
                }
                Poll::Pending => {}
            }
        }
        // TLS keeps what it has made of the octets until it is told to send it, and may have to be
        // told again.
        if *unsent && bridge.pending(side).is_empty() {
            match Pin::new(&mut *stream).poll_flush(self.context) {
                Poll::Ready(Ok(())) => *unsent = false,
                Poll::Ready(Err(_)) => {
                    *unsent = false;
                    bridge.lose(side);
                    moved = true;
                }
                Poll::Pending => {}
            }
        }
        if bridge.wants_shutdown(side)
            && let Poll::Ready(_) = Pin::new(&mut *stream).poll_shutdown(self.context)
        {
            // Who cannot be told is gone already.
            bridge.shut(side);
            moved = true;
        }
        if bridge.wants(side) {
            let mut read = ReadBuf::new(self.buffer);
            match Pin::new(&mut *stream).poll_read(self.context, &mut read) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    bridge.take(side, read.filled());
                }
                Poll::Ready(Ok(()) | Err(_)) => bridge.end(side),
                Poll::Pending => return moved,
            }
            moved = true;
        }
        moved
    }
}

/// Says goodbye to a server that was not needed after all, as far as that goes without waiting.
pub fn take_leave(stream: &tokio::net::TcpStream) {
    let said: io::Result<usize> = stream.try_write(b"QUIT\r\n");
    if let Err(error) = said {
        tracing::debug!(%error, "your mail server did not hear the goodbye");
    }
}

#[cfg(test)]
mod tests {
    use std::task::Context;

    use dequeue_smtp::Recipients;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const IDLE: Duration = Duration::from_secs(660);
    const OPENING: Duration = Duration::from_secs(600);

    fn patience() -> Patience {
        Patience {
            opening: OPENING,
            idle: IDLE,
            until: Instant::now() + Duration::from_secs(100_000),
        }
    }

    fn bridge(greeting: &[u8], early: &[u8]) -> Bridge {
        Bridge::new(Recipients::new(&[], true), greeting, early)
    }

    /// 20 MB through pipes that hold a few octets, both ways at once.
    #[tokio::test]
    async fn every_octet_arrives_under_back_pressure() {
        let mail: Vec<u8> = (0..20_000_000_u32).map(|i| (i % 251) as u8).collect();
        let answers: Vec<u8> = (0..1_000_000_u32).map(|i| (i % 241) as u8).collect();
        let answers = [b"220 go\r\n".as_slice(), &answers].concat();
        let (mut provider, mut near_provider) = duplex(3000);
        let (mut mail_server, mut near_own) = duplex(700);
        // Under TLS, where all may pass.
        let mut bridge = bridge(b"220 hi\r\n", b"STARTTLS\r\n");
        let (mut from_provider, mut to_provider) = tokio::io::split(&mut provider);
        let (mut from_own, mut to_own) = tokio::io::split(&mut mail_server);
        let (mut got_mail, mut got_answers) = (Vec::new(), Vec::new());
        let (end, ..) = tokio::join!(
            carry(&mut bridge, &mut near_provider, &mut near_own, patience()),
            async {
                to_provider.write_all(&mail).await.unwrap();
                to_provider.shutdown().await.unwrap();
            },
            async {
                to_own.write_all(&answers).await.unwrap();
                to_own.shutdown().await.unwrap();
            },
            from_provider.read_to_end(&mut got_answers),
            from_own.read_to_end(&mut got_mail),
        );
        assert_eq!(end, End::Over);
        assert!(got_mail == [b"STARTTLS\r\n".as_slice(), &mail].concat());
        assert!(got_answers == [b"220 hi\r\n".as_slice(), &answers].concat());
    }

    #[tokio::test(start_paused = true)]
    async fn a_bridge_on_which_nothing_passes_ends() {
        // As long as the provider says nothing, whatever the mail server does.
        let start = Instant::now();
        let (_provider, mut near_provider) = duplex(1000);
        let (mut mail_server, mut near_own) = duplex(100);
        let mut waits = bridge(b"", b"");
        let (end, ()) = tokio::join!(
            carry(&mut waits, &mut near_provider, &mut near_own, patience()),
            async {
                for _ in 0..5 {
                    tokio::time::sleep(Duration::from_secs(100)).await;
                    mail_server.write_all(b"220 still here\r\n").await.unwrap();
                }
            }
        );
        assert_eq!((end, start.elapsed()), (End::TimedOut, OPENING));

        let start = Instant::now();
        let (mut provider, mut near_provider) = duplex(100);
        let (_mail_server, mut near_own) = duplex(100);
        provider.write_all(b"EHLO p\r\n").await.unwrap();
        let mut begun = bridge(b"", b"");
        let end = carry(&mut begun, &mut near_provider, &mut near_own, patience()).await;
        assert_eq!((end, start.elapsed()), (End::TimedOut, IDLE));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_end_with_the_other_is_left() {
        let start = Instant::now();
        let (mut provider, mut near_provider) = duplex(100);
        let (_mail_server, mut near_own) = duplex(100);
        provider.shutdown().await.unwrap();
        let mut bridge = bridge(b"220 hi\r\n", b"");
        let end = carry(&mut bridge, &mut near_provider, &mut near_own, patience()).await;
        assert_eq!(end, End::TimedOut);
        assert_eq!(start.elapsed(), limits::BRIDGE_ENDING);
    }

    /// A stream as TLS is one: what is written goes out only when it is flushed, and that takes
    /// several attempts.
    struct Lazy {
        inner: DuplexStream,
        held: Vec<u8>,
        attempts: u32,
    }

    impl AsyncRead for Lazy {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_read(context, buffer)
        }
    }

    impl AsyncWrite for Lazy {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            octets: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.held.extend_from_slice(octets);
            Poll::Ready(Ok(octets.len()))
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.attempts += 1;
            if !self.held.is_empty() && !self.attempts.is_multiple_of(3) {
                // The socket is full for now.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let held = std::mem::take(&mut self.held);
            let sent = Pin::new(&mut self.inner).poll_write(context, &held);
            assert!(matches!(sent, Poll::Ready(Ok(count)) if count == held.len()));
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_shutdown(context)
        }
    }

    /// The last words of a reply are sent even if the stream could not send them at once.
    #[tokio::test(start_paused = true)]
    async fn what_is_written_is_sent() {
        let (mut provider, inner) = duplex(10_000);
        let (mut mail_server, mut near_own) = duplex(10_000);
        let mut near_provider = Lazy {
            inner,
            held: Vec::new(),
            attempts: 0,
        };
        let mut bridge = bridge(b"220 hi\r\n", b"");
        let talk = async {
            let mut said = [0; 8];
            for (asks, answers) in [("NOOP\r\n", "250 hi\r\n"), ("QUIT\r\n", "221 ho\r\n")] {
                provider.read_exact(&mut said).await.unwrap();
                provider.write_all(asks.as_bytes()).await.unwrap();
                mail_server.read_exact(&mut said[..6]).await.unwrap();
                mail_server.write_all(answers.as_bytes()).await.unwrap();
            }
            provider.read_exact(&mut said).await.unwrap();
            assert_eq!(&said, b"221 ho\r\n");
            drop((provider, mail_server));
        };
        let start = Instant::now();
        let carried = carry(&mut bridge, &mut near_provider, &mut near_own, patience());
        let (end, ()) = tokio::join!(carried, talk);
        assert_eq!(end, End::Over);
        assert!(start.elapsed() < OPENING);
    }

    /// Two servers that answer each other's answers.
    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_none_ends_at_once() {
        let start = Instant::now();
        let (mut provider, mut near_provider) = duplex(1000);
        let (_mail_server, mut near_own) = duplex(1000);
        provider.write_all(b"500 what?\r\n").await.unwrap();
        let mut bridge = bridge(b"220 hi\r\n", b"");
        let end = carry(&mut bridge, &mut near_provider, &mut near_own, patience()).await;
        assert_eq!((end, start.elapsed()), (End::Over, Duration::ZERO));
    }
}
