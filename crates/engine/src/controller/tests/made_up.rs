//! A world that is the network but for what tests make up in it: the connections of a mail server, and
//! the announcements of newer versions.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use dequeue_core::{
    arrivals::{Arrival, ArrivalMonitoring, Traffic},
    settings::Account,
    update::Announcement,
};
use dequeue_platform::clock::Clock;
use dequeue_smtp::DialogueLine;
use tokio::sync::{Notify, mpsc};

use crate::{
    arrivals::{ArrivalEvent, Watcher},
    channel::Why,
    controller::{Environment, Network, Pending, Signals, Watching},
    poke::{Poked, Poking},
    update::LookFault,
};

#[derive(Debug, Default)]
pub(super) struct MadeUp {
    arrivals: Mutex<Option<mpsc::Sender<ArrivalEvent>>>,
    looks: AtomicUsize,
    announcements: Mutex<VecDeque<Result<Announcement, LookFault>>>,
    /// Where looking for a newer version is held up.
    held: Option<Notify>,
}

impl MadeUp {
    /// One in which whoever looks for a newer version waits for [`Self::let_go`].
    pub(super) fn held_up() -> Self {
        Self {
            held: Some(Notify::new()),
            ..Self::default()
        }
    }

    /// Lets one who looks for a newer version go on.
    pub(super) fn let_go(&self) {
        self.held.as_ref().unwrap().notify_one();
    }

    /// A connection that brings mail from the provider to the mail server's usual port.
    pub(super) async fn arrive(&self, clock: Clock) {
        let arrives = self.arrivals.lock().unwrap().clone().unwrap();
        let arrival = Arrival {
            peer: ([127, 0, 0, 1], 40_000).into(),
            local: ([127, 0, 0, 1], 25).into(),
            traffic: Some(Traffic {
                received: 1000,
                sent: 100,
            }),
            at: clock.now(),
        };
        let event = ArrivalEvent::Arrival(arrival);
        arrives.send(event).await.unwrap();
    }

    /// How often it was looked for a newer version.
    pub(super) fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }

    /// What one who looks for a newer version finds, after all before.
    pub(super) fn next(&self, found: Result<Announcement, LookFault>) {
        self.announcements.lock().unwrap().push_back(found);
    }
}

impl Environment for MadeUp {
    fn poke<'a>(
        &'a self,
        account: &'a Account,
        order: &'a [usize],
        poking: Poking<'a>,
        on_line: &'a mut (dyn FnMut(&DialogueLine) + Send),
    ) -> Pending<'a, Poked> {
        Network.poke(account, order, poking, on_line)
    }

    fn watch_arrivals<'a>(
        &'a self,
        _account: &'a Account,
        _watcher: &'a Watcher,
    ) -> Pending<'a, ArrivalMonitoring> {
        Box::pin(async { ArrivalMonitoring::Watching })
    }

    fn is_mail_server_ready<'a>(&'a self, account: &'a Account) -> Pending<'a, bool> {
        Network.is_mail_server_ready(account)
    }

    fn look_for_update(&self) -> Pending<'_, Result<Announcement, LookFault>> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            if let Some(held) = &self.held {
                held.notified().await;
            }
            let answer = self.announcements.lock().unwrap().pop_front();
            answer.unwrap_or(Err(LookFault::Unreachable(Why::TimedOut)))
        })
    }

    fn watch(&self, _settings: &Path, signals: Signals) -> Watching {
        *self.arrivals.lock().unwrap() = Some(signals.arrivals);
        Box::new(())
    }
}
