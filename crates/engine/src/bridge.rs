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

/// Passes everything both ways until both sides have ended, nothing has passed for `idle`, or it is
/// `until`. Where one side has ended, the other has [`limits::BRIDGE_ENDING`] to end too.
pub async fn carry(
    bridge: &mut Bridge,
    provider: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mail_server: &mut (impl AsyncRead + AsyncWrite + Unpin),
    idle: Duration,
    until: Instant,
) -> End {
    let mut buffer = vec![0; limits::BRIDGE_BUFFER];
    loop {
        if bridge.is_over() {
            return End::Over;
        }
        if bridge.is_too_much() {
            return End::TimedOut;
        }
        let patience = if bridge.is_ending() {
            limits::BRIDGE_ENDING.min(idle)
        } else {
            idle
        };
        let deadline = (Instant::now() + patience).min(until);
        let passed = timeout_at(
            deadline,
            poll_fn(|context| {
                let moved = poll_side(context, bridge, Side::Provider, provider, &mut buffer)
                    | poll_side(context, bridge, Side::MailServer, mail_server, &mut buffer);
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

/// Does with one side what can be done now; whether anything was.
fn poll_side(
    context: &mut std::task::Context<'_>,
    bridge: &mut Bridge,
    side: Side,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    buffer: &mut [u8],
) -> bool {
    let mut moved = false;
    if !bridge.pending(side).is_empty() {
        let mut flushing = false;
        match Pin::new(&mut *stream).poll_write(context, bridge.pending(side)) {
            Poll::Ready(Ok(count)) if count > 0 => {
                bridge.wrote(side, count);
                moved = true;
                flushing = bridge.pending(side).is_empty();
            }
            Poll::Ready(_) => {
                bridge.lose(side);
                moved = true;
            }
            Poll::Pending => {}
        }
        // TLS keeps what it has made of the octets until it is told to send it.
        if flushing && let Poll::Ready(Err(_)) = Pin::new(&mut *stream).poll_flush(context) {
            bridge.lose(side);
        }
    }
    if bridge.wants_shutdown(side)
        && let Poll::Ready(_) = Pin::new(&mut *stream).poll_shutdown(context)
    {
        // Who cannot be told is gone already.
        bridge.shut(side);
        moved = true;
    }
    if bridge.wants(side) {
        let mut read = ReadBuf::new(buffer);
        match Pin::new(&mut *stream).poll_read(context, &mut read) {
            Poll::Ready(Ok(())) if !read.filled().is_empty() => bridge.take(side, read.filled()),
            Poll::Ready(Ok(()) | Err(_)) => bridge.end(side),
            Poll::Pending => return moved,
        }
        moved = true;
    }
    moved
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
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    /// 20 MB through pipes that hold a few octets, both ways at once.
    #[tokio::test]
    async fn every_octet_arrives_under_back_pressure() {
        let mail: Vec<u8> = (0..20_000_000_u32).map(|i| (i % 251) as u8).collect();
        let answers: Vec<u8> = (0..1_000_000_u32).map(|i| (i % 241) as u8).collect();
        let (mut provider, mut near_provider) = duplex(3000);
        let (mut mail_server, mut near_own) = duplex(700);
        let mut bridge = Bridge::new(b"220 hi\r\n", b"early ");
        let until = Instant::now() + Duration::from_secs(3600);
        let idle = Duration::from_secs(600);
        let (mut from_provider, mut to_provider) = tokio::io::split(&mut provider);
        let (mut from_own, mut to_own) = tokio::io::split(&mut mail_server);
        let (mut got_mail, mut got_answers) = (Vec::new(), Vec::new());
        let (end, ..) = tokio::join!(
            carry(&mut bridge, &mut near_provider, &mut near_own, idle, until),
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
        assert!(got_mail == [b"early ".as_slice(), &mail].concat());
        assert!(got_answers == [b"220 hi\r\n".as_slice(), &answers].concat());
    }

    #[tokio::test(start_paused = true)]
    async fn a_bridge_on_which_nothing_passes_ends() {
        let start = Instant::now();
        let (_provider, mut near_provider) = duplex(100);
        let (_mail_server, mut near_own) = duplex(100);
        let mut bridge = Bridge::new(b"", b"");
        let far = start + Duration::from_secs(100_000);
        let idle = Duration::from_secs(660);
        let end = carry(&mut bridge, &mut near_provider, &mut near_own, idle, far).await;
        assert_eq!((end, start.elapsed()), (End::TimedOut, idle));
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_end_with_the_other_is_left() {
        let start = Instant::now();
        let (mut provider, mut near_provider) = duplex(100);
        let (_mail_server, mut near_own) = duplex(100);
        provider.shutdown().await.unwrap();
        let mut bridge = Bridge::new(b"220 hi\r\n", b"");
        let far = start + Duration::from_secs(100_000);
        let idle = Duration::from_secs(660);
        let end = carry(&mut bridge, &mut near_provider, &mut near_own, idle, far).await;
        assert_eq!(end, End::TimedOut);
        assert_eq!(start.elapsed(), limits::BRIDGE_ENDING);
    }
}
