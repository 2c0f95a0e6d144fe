//! What a client holds of the engine: a [`Client`], the same whether the engine runs in this process
//! or behind the control socket.

use std::time::Duration;

use dequeue_core::text::{SYSTEM, Text};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::timeout,
};

use crate::{
    messages::{ApiError, ErrorCode, Event, Request, Response},
    views::Snapshot,
};

/// Events that a slow client may be behind before it loses some and gets [`Event::Missed`].
const EVENTS_KEPT: usize = 1024;
/// Requests that may wait for the controller.
const REQUESTS_KEPT: usize = 64;

/// Which client asks: the window is known by it.
pub type ClientId = u64;

/// A request on its way to the controller, or over the socket.
#[derive(Debug)]
pub struct Envelope {
    /// Who asks.
    pub from: ClientId,
    /// What is asked.
    pub request: Request,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Result<Response, ApiError>>,
}

/// A client's connection to the engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
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
    pub fn for_client(&self, id: ClientId) -> Self {
        Self { id, ..self.clone() }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The engine's [`ApiError`], or one of [`ErrorCode::EngineGone`] when it has ended or does not
    /// answer in time.
    pub async fn request(&self, request: Request) -> Result<Response, ApiError> {
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
