//! How a provider's answer to the first message of a handshake begins: what is no TLS is told by it,
//! and an alert that came at once from one that came later.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many octets are kept: enough for a greeting.
const KEPT: usize = 128;
/// The content types of TLS (RFC 8446 5.1): change_cipher_spec, alert, handshake, application_data.
const RECORDS: std::ops::RangeInclusive<u8> = 20..=23;
const ALERT: u8 = 21;
/// The major version of SSL 3.0 and of every TLS.
const MAJOR: u8 = 3;

/// Whether an answer that begins so is TLS; one that has hardly begun may be.
pub(super) fn is_tls(answer: &[u8]) -> bool {
    let is_record = |octet: &u8| RECORDS.contains(octet);
    answer.first().is_none_or(is_record) && answer.get(1).is_none_or(|octet| *octet == MAJOR)
}

/// Whether an answer that begins so is an alert.
pub(super) fn is_alert(answer: &[u8]) -> bool {
    answer.first() == Some(&ALERT)
}

/// The first line of what is no TLS, where it is text.
pub(super) fn first_line(answer: &[u8]) -> Option<String> {
    let line = answer
        .split(|octet| matches!(octet, b'\r' | b'\n'))
        .next()?;
    let is_text = |octet: &u8| octet.is_ascii_graphic() || *octet == b' ';
    if line.is_empty() || !line.iter().all(is_text) {
        return None;
    }
    String::from_utf8(line.to_vec()).ok()
}

/// A line whose first octets are kept as they are read.
#[derive(Debug)]
pub(super) struct Listened<S> {
    line: S,
    /// What was read first; `None` once nobody wants to know.
    answer: Option<Vec<u8>>,
}

impl<S> Listened<S> {
    pub(super) fn to(line: S) -> Self {
        Self {
            line,
            answer: Some(Vec::new()),
        }
    }

    /// How the answer begins.
    pub(super) fn answer(&self) -> &[u8] {
        self.answer.as_deref().unwrap_or_default()
    }

    /// Keeps nothing any more.
    pub(super) fn forget(&mut self) {
        self.answer = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Listened<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.line).poll_read(context, buffer));
        if let Some(answer) = &mut self.answer {
            let came = buffer.filled().get(before..).unwrap_or_default();
            let room = KEPT.saturating_sub(answer.len());
            answer.extend(came.iter().take(room));
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Listened<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.line).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.line).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(context)
    }
}
