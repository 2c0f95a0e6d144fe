//! A client's lasting connection: an engine found, its state followed, its loss told, and the next
//! one found.
//!
//! Tray, window and `dequeue run` all live on one of these. It promises:
//!
//! * Events are subscribed to before the snapshot is asked for, and none is told before the
//!   snapshot that it may have to be merged into.
//! * The state is always the whole state: events are merged into it by [`Snapshot::apply`], and
//!   where some were lost the snapshot is asked for anew.
//! * A loss is told once, and the next engine is looked for after a pause; each pause is twice as
//!   long as the one before. There is no loop without one, whatever stands at the other end.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, sleep},
};

use crate::{
    client::Client,
    messages::{ApiError, Event},
    views::Snapshot,
};

/// The pause before the second attempt at an engine; each next pause is twice as long, up to
/// [`EngineSource::LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Where a client's engine comes from: attached to, hosted, or started.
pub trait EngineSource: Send + Sync + 'static {
    /// What the client holds of its engine: the client itself, or a host with it.
    type Engine: AsRef<Client> + Send;
    /// Why there is none.
    type Error: Send;

    /// The longest pause between two attempts. A connection that lasts longer than this makes the
    /// pauses short again.
    const LONGEST_PAUSE: Duration = Duration::from_secs(60);

    /// Tries once to find an engine.
    fn find(&self) -> impl Future<Output = Result<Self::Engine, Self::Error>> + Send;

    /// Waits before the next attempt: this long, or less where the user wants the engine now, or
    /// more where nobody looks.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send {
        sleep(time)
    }
}

/// What a connection tells.
#[derive(Debug, PartialEq)]
pub enum News<E> {
    /// An engine has been found. Where the connection follows the state, it is known.
    Attached,
    /// Something happened. The state knows it already.
    Event(Event),
    /// No engine can be had. It is tried again after a pause.
    Unavailable(E),
}

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Search<S> = Pending<Result<<S as EngineSource>::Engine, <S as EngineSource>::Error>>;

/// A lasting connection to whichever engine there is.
pub struct Connection<S: EngineSource> {
    source: Arc<S>,
    follows_state: bool,
    attachment: Option<Attachment<S::Engine>>,
    state: Option<Snapshot>,
    search: Option<Search<S>>,
    /// Before the next attempt; none before the first.
    pause: Option<Duration>,
}

/// A connection to one engine.
struct Attachment<E> {
    engine: E,
    events: broadcast::Receiver<Event>,
    since: Instant,
    /// The snapshot that has been asked for.
    asked: Option<Pending<Result<Snapshot, ApiError>>>,
    /// Whether [`News::Attached`] has been told.
    is_told: bool,
}

impl<S: EngineSource> Connection<S> {
    /// A connection that follows the engine's state.
    pub fn new(source: S) -> Self {
        Self {
            source: Arc::new(source),
            follows_state: true,
            attachment: None,
            state: None,
            search: None,
            pause: None,
        }
    }

    /// A connection whose events are only passed on, [`Event::Missed`] among them: whoever gets
    /// them asks for the snapshot and follows the state.
    pub fn relay(source: S) -> Self {
        Self {
            follows_state: false,
            ..Self::new(source)
        }
    }

    /// The engine that is attached to.
    pub fn engine(&self) -> Option<&S::Engine> {
        self.attachment
            .as_ref()
            .map(|attachment| &attachment.engine)
    }

    /// The state as last known; that of an engine that has gone until the next one's is known.
    pub fn state(&self) -> Option<&Snapshot> {
        self.state.as_ref()
    }

    /// Ends the connection and gives up the engine, for the caller to stop.
    pub fn into_engine(self) -> Option<S::Engine> {
        self.attachment.map(|attachment| attachment.engine)
    }

    /// The next news. The future can be dropped at any point: nothing is lost or begun anew.
    pub async fn next(&mut self) -> News<S::Error> {
        loop {
            let Some(attachment) = &mut self.attachment else {
                match self.search().await {
                    Ok(engine) => self.attach(engine),
                    Err(error) => {
                        self.lengthen_pause();
                        return News::Unavailable(error);
                    }
                }
                continue;
            };
            if let Some(asked) = &mut attachment.asked {
                let answer = asked.await;
                attachment.asked = None;
                match answer {
                    Ok(snapshot) => return self.take(snapshot),
                    Err(error) => {
                        tracing::debug!(code = ?error.code, "no snapshot");
                        return self.lost();
                    }
                }
            }
            if !attachment.is_told {
                attachment.is_told = true;
                return News::Attached;
            }
            match attachment.events.recv().await {
                Ok(Event::Gone) | Err(RecvError::Closed) => return self.lost(),
                Ok(Event::Missed) | Err(RecvError::Lagged(_)) if self.follows_state => {
                    attachment.ask()
                }
                Err(RecvError::Lagged(_)) => return News::Event(Event::Missed),
                Ok(event) => {
                    if let Some(state) = &mut self.state {
                        state.apply(&event);
                    }
                    return News::Event(event);
                }
            }
        }
    }

    async fn search(&mut self) -> Result<S::Engine, S::Error> {
        let search = self.search.get_or_insert_with(|| {
            let (source, pause) = (self.source.clone(), self.pause);
            Box::pin(async move {
                if let Some(time) = pause {
                    source.pause(time).await;
                }
                source.find().await
            })
        });
        let found = search.await;
        self.search = None;
        found
    }

    fn attach(&mut self, engine: S::Engine) {
        let events = engine.as_ref().events();
        let mut attachment = Attachment {
            engine,
            events,
            since: Instant::now(),
            asked: None,
            is_told: false,
        };
        if self.follows_state {
            attachment.ask();
        }
        self.attachment = Some(attachment);
    }

    fn take(&mut self, snapshot: Snapshot) -> News<S::Error> {
        self.state = Some(snapshot.clone());
        match &mut self.attachment {
            Some(attachment) if !attachment.is_told => {
                attachment.is_told = true;
                News::Attached
            }
            // In place of what was missed.
            _ => News::Event(Event::Changed {
                snapshot: Box::new(snapshot),
            }),
        }
    }

    fn lost(&mut self) -> News<S::Error> {
        let lasted = self
            .attachment
            .take()
            .map(|attachment| attachment.since.elapsed());
        if lasted.is_some_and(|lasted| lasted > S::LONGEST_PAUSE) {
            self.pause = None;
        }
        self.lengthen_pause();
        News::Event(Event::Gone)
    }

    fn lengthen_pause(&mut self) {
        let next = self.pause.map_or(FIRST_PAUSE, |pause| pause * 2);
        self.pause = Some(next.min(S::LONGEST_PAUSE));
    }
}

impl<E: AsRef<Client>> Attachment<E> {
    fn ask(&mut self) {
        let client = self.engine.as_ref().clone();
        self.asked = Some(Box::pin(async move { client.snapshot().await }));
    }
}

#[cfg(test)]
mod tests;
