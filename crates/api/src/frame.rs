//! The octets of one message between processes. A request may carry a password, so they are wiped
//! when they are let go of, and leave no copy where they grow.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

/// What is reserved at first: most messages fit, and nobody can claim more by announcing it.
const FIRST: usize = 16 * 1024;

/// The octets of a message.
#[derive(Debug)]
pub(crate) struct Frame(Zeroizing<Vec<u8>>);

impl Frame {
    pub(crate) fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(FIRST)))
    }

    /// Reads as many octets.
    ///
    /// # Errors
    /// What the stream says, or [`io::ErrorKind::UnexpectedEof`].
    pub(crate) async fn read(
        stream: &mut (impl AsyncRead + Unpin),
        length: usize,
    ) -> io::Result<Self> {
        let mut frame = Self::new();
        while frame.0.len() < length {
            frame.make_room(1);
            let room = frame.0.capacity().min(length) - frame.0.len();
            let mut some = (&mut *stream).take(room as u64);
            if some.read_buf(&mut *frame.0).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(frame)
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn octets_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Grows where `more` octets do not fit. What is left behind is wiped.
    fn make_room(&mut self, more: usize) {
        let needed = self.0.len() + more;
        if needed > self.0.capacity() {
            let mut wider = Zeroizing::new(Vec::with_capacity(needed.max(2 * self.0.capacity())));
            wider.extend_from_slice(&self.0);
            self.0 = wider;
        }
    }
}

impl io::Write for Frame {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.make_room(octets.len());
        self.0.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[tokio::test]
    async fn it_grows_by_what_comes_and_holds_all_of_it() {
        let sent: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        for length in [0, 1, FIRST - 1, FIRST, FIRST + 1, 100_000] {
            let frame = Frame::read(&mut &sent[..], length).await.unwrap();
            assert_eq!(frame.octets(), &sent[..length]);
            let mut written = Frame::new();
            for part in sent[..length].chunks(1000) {
                written.write_all(part).unwrap();
            }
            assert_eq!(written.octets(), frame.octets());
        }
        let announced = Frame::read(&mut &sent[..], usize::MAX).await;
        assert_eq!(announced.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
