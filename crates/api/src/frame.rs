//! The octets of one message between processes. A request may carry a password, so its octets are wiped
//! when they are let go of, and leave no copy where they grow. What the engine says carries none, and
//! may be long.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroize;

/// What is reserved at first: most messages fit, and nobody can claim more by announcing it.
const FIRST: usize = 16 * 1024;

/// Whose message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Engine,
    /// Who may send a password along.
    Client,
}

/// The octets of a message.
#[derive(Debug)]
pub(crate) struct Frame {
    octets: Vec<u8>,
    from: Sender,
}

impl Drop for Frame {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Frame {
    pub(crate) fn new(from: Sender) -> Self {
        Self {
            octets: Vec::with_capacity(FIRST),
            from,
        }
    }

    /// Reads as many octets.
    ///
    /// # Errors
    /// What the stream says, or [`io::ErrorKind::UnexpectedEof`].
    pub(crate) async fn read(
        stream: &mut (impl AsyncRead + Unpin),
        length: usize,
        from: Sender,
    ) -> io::Result<Self> {
        let mut frame = Self::new(from);
        while frame.octets.len() < length {
            frame.make_room(1);
            let room = frame.octets.capacity().min(length) - frame.octets.len();
            let mut some = (&mut *stream).take(room as u64);
            if some.read_buf(&mut frame.octets).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(frame)
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets
    }

    pub(crate) fn octets_mut(&mut self) -> &mut [u8] {
        &mut self.octets
    }

    /// Grows where `more` octets do not fit. What is left behind is wiped.
    fn make_room(&mut self, more: usize) {
        let needed = self.octets.len() + more;
        if needed > self.octets.capacity() {
            let mut wider = Vec::with_capacity(needed.max(2 * self.octets.capacity()));
            wider.extend_from_slice(&self.octets);
            self.wipe();
            self.octets = wider;
        }
    }

    /// Nothing was ever written behind the octets that it has.
    fn wipe(&mut self) {
        if self.from == Sender::Client {
            self.octets.as_mut_slice().zeroize();
        }
    }
}

impl io::Write for Frame {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.make_room(octets.len());
        self.octets.extend_from_slice(octets);
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
            let frame = Frame::read(&mut &sent[..], length, Sender::Client)
                .await
                .unwrap();
            assert_eq!(frame.octets(), &sent[..length]);
            let mut written = Frame::new(Sender::Engine);
            for part in sent[..length].chunks(1000) {
                written.write_all(part).unwrap();
            }
            assert_eq!(written.octets(), frame.octets());
        }
        let announced = Frame::read(&mut &sent[..], usize::MAX, Sender::Engine).await;
        assert_eq!(announced.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
