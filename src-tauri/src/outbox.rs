//! What the page has yet to hear. The page fetches it, as often as it draws: a page that is busy gets
//! more at once instead of more often, and one that nobody sees costs nothing. Each crossing costs the
//! page more than what it carries, so events are gathered, without those that a later one supersedes.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dequeue_api::Event;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// For how long events are gathered: seldom enough that a thousand pokes at once leave the page its
/// time, and too short for anybody to see.
const GATHERING: Duration = Duration::from_millis(100);
/// The first event after a rest waits for those that follow on its heels, and no longer.
const FIRST: Duration = Duration::from_millis(15);
/// Beyond so many the page is better off with the whole state.
const MOST: usize = 4096;

/// Events that wait for the page.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    batch: Mutex<Batch>,
    filled: Notify,
}

impl Outbox {
    /// Adds an event behind the others. Where there are too many, the page learns that it has missed
    /// some.
    pub(crate) fn add(&self, event: Event) {
        self.batch().add(event, Instant::now());
        self.filled.notify_one();
    }

    /// All that waits, as soon as anything does and what follows on its heels has come.
    pub(crate) async fn fetch(&self) -> Vec<Event> {
        loop {
            let filled = self.filled.notified();
            let due = self.batch().due;
            let Some(due) = due else {
                filled.await;
                continue;
            };
            sleep_until(due).await;
            return self.batch().take(Instant::now());
        }
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What has been gathered.
#[derive(Debug, Default)]
struct Batch {
    /// In the order in which they came; `None` where one was superseded.
    events: Vec<Option<Event>>,
    /// Where the newest state of each account is among them.
    accounts: HashMap<String, usize>,
    /// When it is to be handed over; `None` while it is empty.
    due: Option<Instant>,
    /// When the last one was.
    handed_over: Option<Instant>,
}

impl Batch {
    /// Adds an event that came now.
    fn add(&mut self, event: Event, now: Instant) {
        if self.due.is_none() {
            let next = self.handed_over.map(|at| at + GATHERING);
            self.due = Some(next.unwrap_or(now).max(now + FIRST));
        }
        match &event {
            Event::Account { account, .. } => {
                let place = self.events.len();
                if let Some(before) = self.accounts.insert(account.name.clone(), place) {
                    self.events[before] = None;
                }
            }
            Event::Changed { .. } => self
                .supersede(|event| matches!(event, Event::Account { .. } | Event::Changed { .. })),
            // The page forgets what is under way, and asks for everything.
            Event::Missed | Event::Gone => self.supersede(|event| {
                matches!(
                    event,
                    Event::Account { .. } | Event::Changed { .. } | Event::Dialogue { .. }
                )
            }),
            _ => {}
        }
        self.events.push(Some(event));
        if self.events.len() > MOST {
            self.accounts.clear();
            self.events = vec![Some(Event::Missed)];
        }
    }

    fn supersede(&mut self, is_superseded: impl Fn(&Event) -> bool) {
        for event in &mut self.events {
            event.take_if(|event| is_superseded(event));
        }
        self.accounts
            .retain(|_, place| self.events[*place].is_some());
    }

    /// What has been gathered, for handing it over now.
    fn take(&mut self, now: Instant) -> Vec<Event> {
        self.accounts.clear();
        self.due = None;
        self.handed_over = Some(now);
        mem::take(&mut self.events).into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use dequeue_api::{AccountView, Seat, Snapshot, Whole};
    use dequeue_engine::{Hosting, host_or_attach};

    use super::*;

    /// The accounts of an engine that has two.
    async fn snapshot() -> Snapshot {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = folder.path().join("settings.toml");
        let account = |name| {
            format!(
                "[[account]]\nname = \"{name}\"\nhost = \"127.0.0.1\"\nport = 1\nevery = \"1d\"\n"
            )
        };
        std::fs::write(
            settings,
            format!("version = 1\n{}{}", account("a"), account("b")),
        )
        .expect("a file");
        let paths = dequeue_api::Paths::in_folder(folder.path());
        let engine = host_or_attach(&paths, Hosting::Rhythm)
            .await
            .expect("an engine");
        let snapshot = engine.client.snapshot().await.expect("a snapshot");
        engine.stop().await;
        snapshot
    }

    fn show_window() -> Event {
        Event::ShowWindow {
            account: None,
            seat: Seat::default(),
        }
    }

    fn close_window() -> Event {
        let seat = Seat::default();
        Event::CloseWindow { seat }
    }

    fn told(account: &AccountView, failures: u32) -> Event {
        let changed = AccountView {
            failures,
            ..account.clone()
        };
        Event::Account {
            account: Box::new(changed),
            whole: Whole {
                health: account.health,
                poking: 0,
            },
        }
    }

    #[tokio::test]
    async fn only_the_newest_state_of_an_account_crosses_in_the_order_of_the_newest() {
        let accounts = snapshot().await.accounts;
        let [a, b] = &accounts[..] else {
            panic!("{accounts:?}")
        };
        let mut batch = Batch::default();
        for event in [
            told(a, 1),
            told(b, 1),
            told(a, 2),
            show_window(),
            told(a, 3),
        ] {
            batch.add(event, Instant::now());
        }
        assert_eq!(
            batch.take(Instant::now()),
            [told(b, 1), show_window(), told(a, 3)]
        );
        assert!(batch.take(Instant::now()).is_empty());
        batch.add(told(a, 4), Instant::now());
        assert_eq!(batch.take(Instant::now()), [told(a, 4)]);
    }

    #[tokio::test]
    async fn the_whole_state_supersedes_what_came_before_it() {
        let snapshot = snapshot().await;
        let mut batch = Batch::default();
        batch.add(told(&snapshot.accounts[0], 1), Instant::now());
        let changed = Event::Changed {
            snapshot: Box::new(snapshot.clone()),
        };
        batch.add(changed.clone(), Instant::now());
        let after = told(&snapshot.accounts[0], 2);
        batch.add(after.clone(), Instant::now());
        assert_eq!(batch.take(Instant::now()), [changed, after]);
        batch.add(told(&snapshot.accounts[0], 3), Instant::now());
        batch.add(Event::Missed, Instant::now());
        assert_eq!(batch.take(Instant::now()), [Event::Missed]);
    }

    #[test]
    fn the_first_after_a_rest_goes_at_once_and_those_behind_it_are_gathered() {
        let mut batch = Batch::default();
        let start = Instant::now();
        assert_eq!(batch.due, None);
        batch.add(show_window(), start);
        batch.add(show_window(), start + FIRST / 2);
        assert_eq!(batch.due, Some(start + FIRST));
        batch.take(start + FIRST);
        batch.add(show_window(), start + FIRST * 2);
        assert_eq!(batch.due, Some(start + FIRST + GATHERING));
        batch.take(start + FIRST + GATHERING);
        let later = start + Duration::from_secs(60);
        batch.add(show_window(), later);
        assert_eq!(batch.due, Some(later + FIRST));
    }

    #[tokio::test]
    async fn what_waits_comes_in_order_and_once() {
        let outbox = Outbox::default();
        for event in [close_window(), Event::Missed, Event::Gone] {
            outbox.add(event);
        }
        let expected = [close_window(), Event::Missed, Event::Gone];
        assert_eq!(outbox.fetch().await, expected);
        // The next waits for what comes.
        let (next, ()) = tokio::join!(outbox.fetch(), async { outbox.add(Event::Gone) });
        assert_eq!(next, [Event::Gone]);
    }

    #[tokio::test]
    async fn a_page_that_fetches_nothing_takes_no_memory() {
        let outbox = Outbox::default();
        for _ in 0..5 * MOST {
            outbox.add(close_window());
        }
        let events = outbox.fetch().await;
        assert!(events.contains(&Event::Missed) && events.len() <= MOST);
    }
}
