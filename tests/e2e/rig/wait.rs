//! Waiting for something to become true, with a limit.

use std::time::{Duration, Instant};

/// Long enough for anything that happens at once on a busy machine: a process that starts, a
/// message that crosses the loopback. Tests wait this long only when they are about to fail.
pub const SOON: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(10);

/// Asks `look` again and again until it finds something, and returns that.
///
/// # Panics
/// When `limit` has passed, naming `what` was waited for.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < limit,
            "waited {limit:?} in vain for {what}"
        );
        std::thread::sleep(PAUSE);
    }
}
