//! Who may call out next. Notices wait for no heartbeat, and a host that does not answer holds up
//! the heartbeats of no other: it is asked once for all that wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

use super::fault::Why;

/// Notices that are sent at once, over all channels.
const NOTICES: usize = 4;
/// Heartbeats that are sent at once.
const HEARTBEATS: usize = 16;
/// Those among them to one host.
const TO_ONE_HOST: usize = 4;
/// How long a host that did not answer is taken to be silent: no other heartbeat tries it.
const SILENT: Duration = Duration::from_secs(30);

pub(super) struct Turns {
    notices: Semaphore,
    heartbeats: Semaphore,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

struct Host {
    turns: Semaphore,
    /// When it did not answer, and why.
    silent: Mutex<Option<(Instant, Why)>>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            notices: Semaphore::new(NOTICES),
            heartbeats: Semaphore::new(HEARTBEATS),
            hosts: Mutex::default(),
        }
    }

    /// Sends a notice when it is its turn.
    pub(super) async fn notice(
        &self,
        send: impl Future<Output = Result<(), Why>>,
    ) -> Result<(), Why> {
        let _turn = self.notices.acquire().await;
        send.await
    }

    /// Sends a heartbeat to a host when it is its turn; without trying, where the host has just shown
    /// that it does not answer.
    pub(super) async fn heartbeat(
        &self,
        host: String,
        send: impl Future<Output = Result<(), Why>>,
    ) -> Result<(), Why> {
        let host = self.host(host);
        let _of_host = host.turns.acquire().await;
        if let Some(why) = host.silence() {
            return Err(why);
        }
        let _turn = self.heartbeats.acquire().await;
        let result = send.await;
        if let Err(why @ (Why::TimedOut | Why::NotConnected(_))) = &result {
            *host.silent() = Some((Instant::now(), why.clone()));
        }
        result
    }

    fn host(&self, name: String) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            Arc::new(Host {
                turns: Semaphore::new(TO_ONE_HOST),
                silent: Mutex::new(None),
            })
        };
        hosts.entry(name).or_insert_with(new).clone()
    }
}

impl Host {
    fn silent(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Why)>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why it does not answer, where that is known.
    fn silence(&self) -> Option<Why> {
        let silent = self.silent().clone();
        let lasting = silent.filter(|(since, _)| since.elapsed() < SILENT);
        lasting.map(|(_, why)| why)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        pin::Pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn poll_once<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
        future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test(start_paused = true)]
    async fn notices_wait_for_no_heartbeat_and_hosts_not_for_each_other() {
        let turns = Turns::new();
        let mut waiting: Vec<_> = (0..1000)
            .map(|_| Box::pin(turns.heartbeat("silent.test".into(), pending())))
            .collect();
        for beat in &mut waiting {
            assert_eq!(poll_once(beat), Poll::Pending);
        }
        assert_eq!(turns.notice(ready(Ok(()))).await, Ok(()));
        let other = turns.heartbeat("other.test".into(), ready(Ok(())));
        assert_eq!(other.await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_does_not_answer_is_asked_once_for_all_that_wait() {
        let turns = Turns::new();
        let ask = |answer| turns.heartbeat("a.test".into(), ready(answer));
        for why in [Why::TimedOut, Why::NotConnected("refused".into())] {
            assert_eq!(ask(Err(why.clone())).await, Err(why.clone()));
            for _ in 0..1000 {
                assert_eq!(ask(Ok(())).await, Err(why.clone()), "it was asked again");
            }
            let other = turns.heartbeat("b.test".into(), ready(Ok(())));
            assert_eq!(other.await, Ok(()));
            tokio::time::advance(SILENT).await;
            assert_eq!(ask(Ok(())).await, Ok(()));
        }
        // What a host says of one account is no word on the others.
        assert_eq!(ask(Err(Why::Status(500))).await, Err(Why::Status(500)));
        assert_eq!(ask(Ok(())).await, Ok(()));
    }
}
