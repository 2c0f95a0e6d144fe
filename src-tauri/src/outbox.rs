//! What the page has yet to hear. The page fetches it, as often as it draws: a page that is busy
//! gets more at once instead of more often, and one that nobody sees costs nothing.

use std::sync::{Mutex, PoisonError};

use dequeue_api::Event;
use tokio::sync::Notify;

/// Beyond so many the page is better off with the whole state.
const MOST: usize = 4096;

/// Events that wait for the page.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    events: Mutex<Vec<Event>>,
    filled: Notify,
}

impl Outbox {
    /// Adds events behind the others. Where there are too many, the page learns that it has missed some.
    pub(crate) fn add(&self, events: &[Event]) {
        let mut waiting = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.extend_from_slice(events);
        if waiting.len() > MOST {
            *waiting = vec![Event::Missed];
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// All that waits, as soon as anything does.
    pub(crate) async fn fetch(&self) -> Vec<Event> {
        loop {
            let filled = self.filled.notified();
            let events = self.take();
            if !events.is_empty() {
                return events;
            }
            filled.await;
        }
    }

    fn take(&self) -> Vec<Event> {
        let mut waiting = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_comes_in_order_and_once() {
        let outbox = Outbox::default();
        outbox.add(&[Event::CloseWindow]);
        outbox.add(&[Event::Missed, Event::Gone]);
        let expected = [Event::CloseWindow, Event::Missed, Event::Gone];
        assert_eq!(outbox.fetch().await, expected);
        // The next waits for what comes.
        let (next, ()) = tokio::join!(outbox.fetch(), async { outbox.add(&[Event::Gone]) });
        assert_eq!(next, [Event::Gone]);
    }

    #[tokio::test]
    async fn a_page_that_fetches_nothing_takes_no_memory() {
        let outbox = Outbox::default();
        for _ in 0..10 {
            outbox.add(&vec![Event::CloseWindow; MOST / 2]);
        }
        let events = outbox.fetch().await;
        assert!(events.contains(&Event::Missed) && events.len() <= MOST);
    }
}
