//! What a client holds of the engine: a [`Client`], the same whether the engine runs in this process
//! or behind the control socket.

use std::time::Duration;

use dequeue_core::text::{SYSTEM, Text};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::timeout,
};

use crate::{
    messages::{ACCOUNTS_IN_PART, ApiError, ErrorCode, Event, Request, Response},
    seat::Seat,
    views::Snapshot,
};

/// Events that a slow client may be behind before it loses some and gets [`Event::Missed`].
const EVENTS_KEPT: usize = 1024;
/// How often the state is put together anew, since the settings have changed meanwhile.
const TRIES: usize = 5;
/// Requests that may wait for the controller.
const REQUESTS_KEPT: usize = 64;

/// Which client asks: the window is known by it.
pub type ClientId = u64;

/// A request on its way to the controller, or over the socket.
#[derive(Debug)]
pub struct Envelope {
    /// Who asks.
    pub from: ClientId,
    /// Where.
    pub seat: Seat,
    /// What is asked.
    pub request: Request,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Response, ApiError>>,
}

/// A client's connection to the engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    seat: Seat,
    asks: mpsc::Sender<Envelope>,
    events: broadcast::Sender<Event>,
    /// How long another process may take to answer what it knows at once.
    patience: Option<Duration>,
}

impl AsRef<Self> for Client {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// The other end of a [`Client`].
#[derive(Debug)]
pub struct ServerEnd {
    /// What is asked.
    pub asks: mpsc::Receiver<Envelope>,
    /// What is told.
    pub events: broadcast::Sender<Event>,
}

impl Client {
    /// A client, and what has to serve it.
    #[must_use]
    pub fn new() -> (Self, ServerEnd) {
        let (asks, asked) = mpsc::channel(REQUESTS_KEPT);
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        (
            Self {
                id: 0,
                seat: Seat::default(),
                asks,
                events: events.clone(),
                patience: None,
            },
            ServerEnd {
                asks: asked,
                events,
            },
        )
    }

    /// The same for an engine in another process, which may be stopped, or too busy: what it knows
    /// at once it answers within this time, or the request ends with an error.
    #[must_use]
    pub fn attached(patience: Duration) -> (Self, ServerEnd) {
        let (client, served) = Self::new();
        let patience = Some(patience);
        (Self { patience, ..client }, served)
    }

    /// The same connection for another client.
    pub fn for_client(&self, id: ClientId, seat: Seat) -> Self {
        Self {
            id,
            seat,
            ..self.clone()
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The engine's [`ApiError`], or one of [`ErrorCode::EngineGone`] when it has ended or does not
    /// answer in time.
    pub async fn request(&self, request: Request) -> Result<Response, ApiError> {
        match request {
            Request::Snapshot => self.put_together(ACCOUNTS_IN_PART).await,
            request => self.one(request).await,
        }
    }

    /// The whole state out of parts with so many accounts.
    async fn put_together(&self, at_most: usize) -> Result<Response, ApiError> {
        for _ in 0..TRIES {
            let mut whole: Option<(Box<Snapshot>, u64)> = None;
            loop {
                let from = whole.as_ref().map_or(0, |(whole, _)| whole.accounts.len());
                let (mut part, of, edition) =
                    match self.one(Request::SnapshotPart { from, at_most }).await? {
                        Response::SnapshotPart {
                            snapshot,
                            of,
                            edition,
                        } => (snapshot, of, edition),
                        other => return Ok(other),
                    };
                let is_end = part.accounts.is_empty();
                if let Some((before, of_edition)) = whole {
                    if of_edition != edition {
                        break;
                    }
                    // All else is the newest.
                    let mut accounts = before.accounts;
                    accounts.append(&mut part.accounts);
                    part.accounts = accounts;
                }
                if part.accounts.len() >= of || is_end {
                    return Ok(Response::Snapshot { snapshot: part });
                }
                whole = Some((part, edition));
            }
        }
        // Somebody changes the settings all the time.
        self.one(Request::Snapshot).await
    }

    async fn one(&self, request: Request) -> Result<Response, ApiError> {
        match self.patience.filter(|_| request.is_answered_at_once()) {
            None => self.ask(request).await,
            Some(patience) => match timeout(patience, self.ask(request)).await {
                Ok(answer) => answer,
                Err(_) => Err(error(
                    ErrorCode::EngineGone,
                    Text::for_language(SYSTEM).get("error-engine-silent"),
                )),
            },
        }
    }

    async fn ask(&self, request: Request) -> Result<Response, ApiError> {
        let (reply, answer) = oneshot::channel();
        let ask = Envelope {
            from: self.id,
            seat: self.seat,
            request,
            reply,
        };
        if self.asks.send(ask).await.is_err() {
            return Err(engine_gone());
        }
        answer.await.unwrap_or_else(|_| Err(engine_gone()))
    }

    /// The whole state. Subscribe to the events first.
    ///
    /// # Errors
    /// The engine's error, or one of [`ErrorCode::Protocol`] where it answers something else.
    pub async fn snapshot(&self) -> Result<Snapshot, ApiError> {
        match self.request(Request::Snapshot).await? {
            Response::Snapshot { snapshot } => Ok(*snapshot),
            _ => Err(error(
                ErrorCode::Protocol,
                Text::for_language(SYSTEM).get("error-protocol"),
            )),
        }
    }

    /// The state without the accounts, and how many there are.
    ///
    /// # Errors
    /// As of [`Client::snapshot`].
    pub async fn overview(&self) -> Result<(Snapshot, usize), ApiError> {
        let nothing = Request::SnapshotPart {
            from: 0,
            at_most: 0,
        };
        match self.one(nothing).await? {
            Response::SnapshotPart { snapshot, of, .. } => Ok((*snapshot, of)),
            _ => Err(error(
                ErrorCode::Protocol,
                Text::for_language(SYSTEM).get("error-protocol"),
            )),
        }
    }

    /// The events from now on. Subscribe first, then ask for [`Request::Snapshot`].
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }
}

/// The error of a line that has no engine at its end any more.
pub fn engine_gone() -> ApiError {
    error(
        ErrorCode::EngineGone,
        Text::for_language(SYSTEM).get("error-engine-gone"),
    )
}

/// An error without fields.
pub fn error(code: ErrorCode, message: String) -> ApiError {
    ApiError {
        code,
        message,
        fields: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::views::AccountView;

    /// A state with accounts of these names.
    fn state(names: &[String]) -> Snapshot {
        let cases: Value = serde_json::from_str(include_str!("../tests/apply.json")).unwrap();
        let mut state: Snapshot = serde_json::from_value(cases["before"].clone()).unwrap();
        let one = state.accounts[0].clone();
        let named = |name: &String| AccountView {
            name: name.clone(),
            ..one.clone()
        };
        state.accounts = names.iter().map(named).collect();
        state
    }

    fn names(prefix: char, count: usize) -> Vec<String> {
        (0..count)
            .map(|number| format!("{prefix}{number}"))
            .collect()
    }

    /// Answers one request for a part out of this state; gives what was asked for.
    async fn give(served: &mut ServerEnd, whole: &Snapshot, edition: u64) -> (usize, usize) {
        let Envelope { request, reply, .. } = served.asks.recv().await.unwrap();
        let Request::SnapshotPart { from, at_most } = request else {
            panic!("{request:?}")
        };
        let accounts = whole.accounts.iter().skip(from).take(at_most);
        let part = Snapshot {
            accounts: accounts.cloned().collect(),
            ..whole.clone()
        };
        let of = whole.accounts.len();
        let snapshot = Box::new(part);
        let part = Response::SnapshotPart {
            snapshot,
            of,
            edition,
        };
        reply.send(Ok(part)).unwrap();
        (from, at_most)
    }

    #[tokio::test]
    async fn the_state_comes_in_parts() {
        let (client, mut served) = Client::new();
        for count in [0, 1, 3, 4, 7] {
            let whole = state(&names('a', count));
            let asking = client.clone();
            let asking = tokio::spawn(async move { asking.put_together(3).await });
            for part in 0..count.div_ceil(3).max(1) {
                assert_eq!(give(&mut served, &whole, 1).await, (3 * part, 3));
            }
            let snapshot = Box::new(whole);
            assert_eq!(asking.await.unwrap(), Ok(Response::Snapshot { snapshot }));
        }
    }

    /// Parts of different settings are not put together: it begins anew, and in the end asks for all.
    #[tokio::test]
    async fn parts_that_do_not_belong_together_are_asked_for_anew() {
        let (client, mut served) = Client::new();
        let (before, after) = (state(&names('a', 5)), state(&names('b', 5)));
        let asking = client.clone();
        let asking = tokio::spawn(async move { asking.put_together(3).await });
        assert_eq!(give(&mut served, &before, 1).await, (0, 3));
        assert_eq!(give(&mut served, &after, 2).await, (3, 3));
        assert_eq!(give(&mut served, &after, 2).await, (0, 3));
        assert_eq!(give(&mut served, &after, 2).await, (3, 3));
        let snapshot = Box::new(after.clone());
        assert_eq!(asking.await.unwrap(), Ok(Response::Snapshot { snapshot }));
        let asking = tokio::spawn(async move { client.put_together(3).await });
        for edition in 0..2 * TRIES as u64 {
            give(&mut served, &after, edition).await;
        }
        let Envelope { request, reply, .. } = served.asks.recv().await.unwrap();
        assert_eq!(request, Request::Snapshot);
        let snapshot = Box::new(after);
        let whole = Response::Snapshot { snapshot };
        reply.send(Ok(whole.clone())).unwrap();
        assert_eq!(asking.await.unwrap(), Ok(whole));
    }

    /// An engine that answers something else is not asked for more.
    #[tokio::test]
    async fn what_is_no_part_is_passed_on() {
        let (client, mut served) = Client::new();
        let asking = tokio::spawn(async move { client.request(Request::Snapshot).await });
        let Envelope { reply, .. } = served.asks.recv().await.unwrap();
        reply.send(Ok(Response::Done)).unwrap();
        assert_eq!(asking.await.unwrap(), Ok(Response::Done));
    }
}
