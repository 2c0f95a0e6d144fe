//! The line to the engine: found, or started with the tray; kept, and taken up again when it comes
//! back.

use std::{
    io,
    path::PathBuf,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dequeue_api::{
    ApiError, Client, Connection, EngineSource, ErrorCode, Event, News, Paths, Request, Response,
    Text, attach, paths::service_is_silent, program,
};
use tokio::{
    process::{Child, Command},
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};

/// The program that hosts the engine.
const TRAY: &str = "dequeue-tray";
/// How long an engine that was started may take to answer.
const COMING_UP: Duration = Duration::from_secs(10);
/// Time between two looks at an engine that is coming up.
const LOOK: Duration = Duration::from_millis(50);
/// The longest time between two looks for an engine that has gone.
const AGAIN: Duration = Duration::from_secs(1);

/// What the link needs of the window: a test has another.
pub(crate) trait WindowShell: Send + Sync {
    /// Hands an event to the page, behind the earlier ones.
    fn tell(&self, event: Event);
    /// Comes to the front.
    fn to_front(&self);
    /// Whether anybody can see it.
    fn is_visible(&self) -> bool;
    /// Closes, and ends the program.
    fn leave(&self);
}

/// What stands at the other end.
#[derive(Clone, Debug)]
enum LinkState {
    /// An engine is being looked for.
    Starting,
    /// The engine answers.
    Ready(Client),
    /// None, and why.
    Gone(String),
}

/// The line. One for the whole program.
#[derive(Debug)]
pub(crate) struct Link {
    state: watch::Sender<LinkState>,
    /// The user wants the engine back.
    wanted: Notify,
    text: Text,
}

/// What is found at the other end.
#[derive(Debug)]
pub(crate) enum Found {
    /// An engine, and no other window.
    Engine(Client),
    /// An engine with another window, which has come to the front.
    AnotherWindow,
    /// No engine.
    Nobody,
}

/// Looks for an engine once. Another window is to show the account that this one was to.
pub(crate) async fn probe(paths: &Paths, account: Option<&str>) -> Found {
    match attach(paths).await {
        Some(client) => announce(client, account).await,
        None => Found::Nobody,
    }
}

/// Tells the engine that a window has come up.
async fn announce(client: Client, account: Option<&str>) -> Found {
    match client.request(Request::AttachWindow).await {
        Ok(Response::Window { open: true }) => {
            if let Some(account) = account {
                let account = Some(account.to_owned());
                // If it fails, that window is in front all the same.
                let _ = client.request(Request::ShowWindow { account }).await;
            }
            Found::AnotherWindow
        }
        _ => Found::Engine(client),
    }
}

impl Link {
    /// A line with nothing at its end yet.
    pub(crate) fn new(text: Text) -> Self {
        let (state, _) = watch::channel(LinkState::Starting);
        Self {
            state,
            wanted: Notify::new(),
            text,
        }
    }

    /// Passes a request on, once an engine has been found. Where it is known to have gone, the page
    /// asks for nothing unless the user wants it back: then it is started.
    ///
    /// # Errors
    /// The engine's, or one of [`ErrorCode::EngineGone`] with why it could not be had.
    pub(crate) async fn request(&self, request: Request) -> Result<Response, ApiError> {
        let mut state = self.state.subscribe();
        let was_gone = self.state.send_if_modified(|state| {
            let gone = matches!(state, LinkState::Gone(_));
            if gone {
                *state = LinkState::Starting;
            }
            gone
        });
        if was_gone {
            self.wanted.notify_one();
        }
        let settled = state
            .wait_for(|state| !matches!(state, LinkState::Starting))
            .await;
        let client = match settled.map(|state| state.clone()) {
            Ok(LinkState::Ready(client)) => client,
            Ok(LinkState::Gone(message)) => return Err(gone(message)),
            Ok(LinkState::Starting) | Err(_) => return Err(gone(String::new())),
        };
        client.request(request).await
    }

    /// Keeps the line for as long as the window lives.
    pub(crate) async fn keep(
        self: Arc<Self>,
        paths: Paths,
        first: Option<Client>,
        shell: impl WindowShell + 'static,
    ) {
        let shell = Arc::new(shell);
        let mut connection = Connection::relay(FindOrStart {
            link: self.clone(),
            paths,
            first: Mutex::new(first),
            start: AtomicBool::new(true),
            shell: shell.clone(),
        });
        let mut told_gone = false;
        loop {
            match connection.next().await {
                News::Attached => {
                    if let Some(client) = connection.engine() {
                        self.state.send_replace(LinkState::Ready(client.clone()));
                    }
                    if told_gone {
                        shell.tell(Event::Missed);
                    }
                }
                News::Event(event @ Event::ShowWindow { .. }) => {
                    shell.to_front();
                    // Which account it is to show is for the page.
                    shell.tell(event);
                }
                News::Event(Event::CloseWindow { .. } | Event::End) => shell.leave(),
                News::Event(event) => {
                    if event == Event::Gone {
                        self.state.send_replace(LinkState::Gone(String::new()));
                        told_gone = true;
                    }
                    shell.tell(event);
                }
                News::Unavailable(NoEngine::AnotherWindow) => return shell.leave(),
                News::Unavailable(NoEngine::Nobody) => {}
                News::Unavailable(NoEngine::NotStarted(why)) => {
                    self.state.send_replace(LinkState::Gone(why));
                    shell.tell(Event::Gone);
                    told_gone = true;
                }
            }
        }
    }
}

/// Where the window's engine comes from: it runs already, or the tray is started to host it.
struct FindOrStart<F> {
    link: Arc<Link>,
    paths: Paths,
    /// What the program found before it had a window.
    first: Mutex<Option<Client>>,
    /// Whether the tray is started where no engine runs. Starting the window also starts the tray;
    /// an engine that has gone later was ended by somebody, so it is only started again by the
    /// user's wish.
    start: AtomicBool,
    shell: Arc<F>,
}

/// Why there is no engine for this window.
enum NoEngine {
    /// Another window has it, and has come to the front.
    AnotherWindow,
    /// None runs.
    Nobody,
    /// It could not be started, and why.
    NotStarted(String),
}

impl<F: WindowShell + 'static> EngineSource for FindOrStart<F> {
    type Engine = Client;
    type Error = NoEngine;

    const LONGEST_PAUSE: Duration = AGAIN;

    async fn find(&self) -> Result<Client, NoEngine> {
        let first = self
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let found = match first {
            Some(client) => Found::Engine(client),
            None => match probe(&self.paths, None).await {
                Found::Nobody if self.start.load(Ordering::Relaxed) => {
                    let started = start_tray(&self.paths, &self.link.text).await;
                    announce(started.map_err(NoEngine::NotStarted)?, None).await
                }
                found => found,
            },
        };
        match found {
            Found::Engine(client) => Ok(client),
            Found::AnotherWindow => Err(NoEngine::AnotherWindow),
            Found::Nobody => Err(NoEngine::Nobody),
        }
    }

    /// The user's wish ends it; while nobody can see the window, nothing is looked for.
    async fn pause(&self, time: Duration) {
        let wished = async |time| timeout(time, self.link.wanted.notified()).await.is_ok();
        let mut start = wished(time).await;
        while !start && !self.shell.is_visible() {
            start = wished(AGAIN).await;
        }
        self.start.store(start, Ordering::Relaxed);
    }
}

/// Stands in for the window where there will be none: the tray is started where no engine runs, since
/// starting the window is, and the engine takes this for the window until what is given is dropped.
///
/// # Errors
/// One sentence on why there is no engine.
#[cfg(windows)]
pub(crate) async fn stand_in(
    found: Option<Client>,
    paths: &Paths,
    text: &Text,
) -> Result<Client, String> {
    match found {
        Some(client) => Ok(client),
        None => {
            let client = start_tray(paths, text).await?;
            announce(client.clone(), None).await;
            Ok(client)
        }
    }
}

/// Starts the tray and waits for its engine. The machine's engine is nobody's to start but its service
/// manager's.
async fn start_tray(paths: &Paths, text: &Text) -> Result<Client, String> {
    if paths.are_the_machines() {
        return Err(service_is_silent(text));
    }
    let mut tray = tray().map_err(|(path, error)| {
        let values = [
            ("error", error.to_string().into()),
            ("program", path.into()),
        ];
        text.format("window-no-engine", &values)
    })?;
    let give_up = Instant::now() + COMING_UP;
    while Instant::now() < give_up {
        if let Some(client) = attach(paths).await {
            return Ok(client);
        }
        if let Ok(Some(status)) = tray.try_wait()
            && !status.success()
        {
            let values = [
                ("status", status.to_string().into()),
                ("program", TRAY.into()),
            ];
            return Err(text.format("window-engine-ended", &values));
        }
        sleep(LOOK).await;
    }
    let values = [("seconds", COMING_UP.as_secs().into())];
    Err(text.format("window-engine-silent", &values))
}

/// Starts the tray, which outlives this window and says nothing here.
fn tray() -> Result<Child, (String, io::Error)> {
    let path = program::beside(TRAY).map_err(|error| (TRAY.to_owned(), error))?;
    let mut command = Command::new(&path);
    // Quietly: the window is here already.
    command
        .arg("--quiet")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    #[cfg(unix)]
    command.process_group(0);
    let told = |path: PathBuf| path.display().to_string();
    command.spawn().map_err(|error| (told(path), error))
}

fn gone(message: String) -> ApiError {
    ApiError {
        code: ErrorCode::EngineGone,
        message,
        fields: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dequeue_api::{PauseLength, Seat};
    use dequeue_engine::{Attached, Hosting, host_or_attach};
    use tokio::sync::mpsc;

    /// What a window was told, in order.
    #[derive(Debug, PartialEq)]
    enum Told {
        Event(Event),
        ToFront,
        Leave,
    }

    struct Window(mpsc::UnboundedSender<Told>);

    impl WindowShell for Window {
        fn tell(&self, event: Event) {
            let _ = self.0.send(Told::Event(event));
        }
        fn to_front(&self) {
            let _ = self.0.send(Told::ToFront);
        }
        fn is_visible(&self) -> bool {
            true
        }
        fn leave(&self) {
            let _ = self.0.send(Told::Leave);
        }
    }

    const DEADLINE: Duration = Duration::from_secs(20);

    async fn engine(paths: &Paths) -> Attached {
        host_or_attach(paths, Hosting::Rhythm)
            .await
            .expect("an engine on a folder of its own")
    }

    fn open(paths: &Paths, first: Option<Client>) -> (Arc<Link>, mpsc::UnboundedReceiver<Told>) {
        let (sender, told) = mpsc::unbounded_channel();
        let link = Arc::new(Link::new(Text::for_language("en")));
        tokio::spawn(link.clone().keep(paths.clone(), first, Window(sender)));
        (link, told)
    }

    async fn until(told: &mut mpsc::UnboundedReceiver<Told>, wanted: &Told) {
        let come = async { while told.recv().await.expect("the link lives") != *wanted {} };
        timeout(DEADLINE, come)
            .await
            .unwrap_or_else(|_| panic!("never told {wanted:?}"));
    }

    async fn client(paths: &Paths) -> Client {
        match probe(paths, None).await {
            Found::Engine(client) => client,
            found => panic!("{found:?}"),
        }
    }

    #[tokio::test]
    async fn requests_go_there_and_events_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::in_folder(folder.path());
        let engine = engine(&paths).await;
        let (link, mut told) = open(&paths, Some(client(&paths).await));
        let Ok(Response::Snapshot { snapshot }) = link.request(Request::Snapshot).await else {
            panic!("no snapshot");
        };
        assert!(snapshot.accounts.is_empty());
        link.request(Request::Pause {
            account: None,
            lasts: PauseLength::UntilResumed,
        })
        .await
        .expect("paused");
        let paused = |told: Told| matches!(told, Told::Event(Event::Changed { snapshot }) if snapshot.paused);
        let come = async { while !paused(told.recv().await.expect("the link lives")) {} };
        timeout(DEADLINE, come).await.expect("the pause is told");
        engine
            .client
            .request(Request::ShowWindow { account: None })
            .await
            .expect("shown");
        until(&mut told, &Told::ToFront).await;
    }

    #[tokio::test]
    async fn an_engine_that_ends_is_told_and_taken_up_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::in_folder(folder.path());
        let first = engine(&paths).await;
        let (link, mut told) = open(&paths, Some(client(&paths).await));
        link.request(Request::Snapshot).await.expect("an answer");
        first.stop().await;
        until(&mut told, &Told::Event(Event::Gone)).await;
        let _second = engine(&paths).await;
        until(&mut told, &Told::Event(Event::Missed)).await;
        link.request(Request::Snapshot).await.expect("an answer");
    }

    #[tokio::test]
    async fn without_an_engine_or_a_tray_it_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::in_folder(folder.path());
        let (link, mut told) = open(&paths, None);
        let refused = link
            .request(Request::Snapshot)
            .await
            .expect_err("there is none");
        assert_eq!(refused.code, ErrorCode::EngineGone);
        assert!(
            refused.message.contains("could not be started"),
            "{}",
            refused.message
        );
        assert!(refused.message.contains(TRAY), "{}", refused.message);
        until(&mut told, &Told::Event(Event::Gone)).await;
        // Asked again, it tries again.
        let refused = link
            .request(Request::Snapshot)
            .await
            .expect_err("there is none");
        assert!(
            refused.message.contains("could not be started"),
            "{}",
            refused.message
        );
    }

    #[tokio::test]
    async fn a_service_that_is_silent_is_not_the_windows_to_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let (link, mut told) = open(&Paths::as_the_machines(folder.path()), None);
        let refused = link
            .request(Request::Snapshot)
            .await
            .expect_err("there is none");
        assert_eq!(refused.code, ErrorCode::EngineGone);
        let silent = service_is_silent(&Text::for_language("en"));
        assert_eq!(refused.message, silent);
        until(&mut told, &Told::Event(Event::Gone)).await;
    }

    #[tokio::test]
    async fn a_second_window_brings_the_first_to_the_front_and_leaves() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::in_folder(folder.path());
        let _engine = engine(&paths).await;
        let (_link, mut first) = open(&paths, Some(client(&paths).await));
        let found = probe(&paths, Some("vevida")).await;
        assert!(matches!(found, Found::AnotherWindow));
        until(&mut first, &Told::ToFront).await;
        let account = Some("vevida".to_owned());
        let seat = Seat::default();
        let shown = Event::ShowWindow { account, seat };
        until(&mut first, &Told::Event(shown)).await;
        let (_link, mut second) = open(&paths, None);
        until(&mut second, &Told::Leave).await;
    }
}
