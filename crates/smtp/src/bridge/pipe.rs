//! The octets on their way in one direction of a bridge.

/// Octets that have yet to be written, and how far their source and destination are.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    buffer: Vec<u8>,
    written: usize,
    /// Octets that the source has sent, passed on or not.
    pub(super) taken: u64,
    /// The source has ended.
    pub(super) ended: bool,
    /// The destination has been told of the end, or is gone.
    pub(super) shut: bool,
}

impl Pipe {
    /// What has yet to be written.
    pub(super) fn pending(&self) -> &[u8] {
        &self.buffer[self.written..]
    }

    /// Adds octets to what has yet to be written; none where the destination is gone.
    pub(super) fn push(&mut self, octets: &[u8]) {
        if self.shut {
            return;
        }
        if self.written > 0 && self.written * 2 >= self.buffer.len() {
            self.buffer.drain(..self.written);
            self.written = 0;
        }
        self.buffer.extend_from_slice(octets);
    }

    /// Notes that this number of pending octets was written.
    pub(super) fn wrote(&mut self, count: usize) {
        self.written = self.written.saturating_add(count).min(self.buffer.len());
        if self.written == self.buffer.len() {
            self.buffer.clear();
            self.written = 0;
        }
    }

    /// Notes that nothing can be written any more.
    pub(super) fn lose(&mut self) {
        self.buffer = Vec::new();
        self.written = 0;
        self.shut = true;
        // What the source still sends is of no use either.
        self.ended = true;
    }
}
