//! All that this process logs, at every level and by every library: no secret may stand there.

use std::{
    io::{self, Write},
    sync::Mutex,
};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From now on it is kept.
pub(crate) fn keep() {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(|| Log)
        .init();
}

/// What has been logged so far.
pub(crate) fn kept() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}
