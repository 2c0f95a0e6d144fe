//! The tray's life: it has an engine, shows how things stand, and does what is chosen.

use std::{process::ExitStatus, time::Duration};

use dequeue_api::{
    ApiError, Client, Connection, Event, News, Paths, PauseLength, Request, Response, Snapshot,
    program::{QUIETLY, TRAY, beside},
};
use dequeue_core::{
    Text,
    record::{Notice, NoticeKind},
    sink,
    text::SYSTEM,
};
use dequeue_engine::{Attached, HostOrAttach, StartError};
use dequeue_platform::{
    desktop::{Notification, Notifier, Urgency},
    start_at_login,
};
use jiff::ZonedDateTime;
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinSet, time::timeout};

use crate::{
    backend::{Choice, TrayBackend},
    model::{Action, TrayModel},
    session,
    window::{NotStarted, Window, is_fault},
};

/// How long an engine may take to answer while the user waits for the end.
const ANSWERING: Duration = Duration::from_secs(2);

/// Lives until the user quits or the session ends. `quiet`: the window does not open by itself,
/// not even where nothing is set up.
pub(crate) async fn run(
    backend: impl TrayBackend,
    mut choices: UnboundedReceiver<Choice>,
    paths: Paths,
    quiet: bool,
) {
    let mut tray = Tray {
        backend,
        connection: Connection::new(HostOrAttach(paths)),
        text: Text::for_language(SYSTEM),
        shown: None,
        window: Window::default(),
        welcome: !quiet,
        asked: JoinSet::new(),
        notifier: Notifier::default(),
    };
    let over = session::ended();
    tokio::pin!(over);
    if let Ok(tray) = beside(TRAY) {
        start_at_login::refresh(&tray, &[QUIETLY]);
    }
    loop {
        tokio::select! {
            // The end comes before whatever else is waiting.
            biased;
            () = &mut over => break,
            // Where there is no desktop, nobody chooses anything, and mail goes on.
            Some(choice) = choices.recv() => match choice.action {
                Action::Quit => {
                    tray.close_window().await;
                    break;
                }
                _ => tray.choose(choice),
            },
            news = tray.connection.next() => tray.happened(news).await,
            Some(answer) = tray.asked.join_next() => match answer {
                Ok(answer) => tray.answered(answer),
                Err(error) => tracing::warn!(%error, "request"),
            },
            status = tray.window.ended() => tray.window_ended(status),
        }
    }
    tray.end().await;
}

struct Tray<P> {
    backend: P,
    connection: Connection<HostOrAttach>,
    text: Text,
    shown: Option<TrayModel>,
    window: Window,
    /// Whether the window is still to open by itself where nothing is set up.
    welcome: bool,
    asked: JoinSet<Answer>,
    notifier: Notifier,
}

/// What came of a request.
struct Answer {
    /// Of what.
    about: About,
    result: Result<Response, ApiError>,
}

enum About {
    /// A window that is open is to come to the front; if none is, one is started.
    Window { activation: Option<String> },
    /// What the user asked for.
    Wish,
}

/// A notice on the desktop: one an account, and one for what is about none.
fn notification(notice: &Notice) -> Notification {
    let urgency = match notice.kind {
        NoticeKind::Failure => Urgency::Critical,
        NoticeKind::FirstSuccess
        | NoticeKind::Recovery
        | NoticeKind::Poked
        | NoticeKind::Reminder
        | NoticeKind::Alarm
        | NoticeKind::AlarmOver
        | NoticeKind::Paused
        | NoticeKind::Summary
        | NoticeKind::Trial => Urgency::Normal,
    };
    let about = notice.account.as_deref().unwrap_or_default();
    in_words(about, &notice.title, &notice.body, urgency)
}

/// A notification that no stranger's words can change.
fn in_words(about: &str, title: &str, body: &str, urgency: Urgency) -> Notification {
    Notification {
        about: about.to_owned(),
        title: sink::line(title).into_owned(),
        body: sink::text(body).into_owned(),
        markup: sink::markup(body),
        urgency,
    }
}

impl<P: TrayBackend> Tray<P> {
    async fn happened(&mut self, news: News<StartError>) {
        match news {
            News::Attached => {
                let hosting = self.connection.engine().is_some_and(Attached::is_hosting);
                tracing::info!(hosting, "engine");
                self.stands().await;
            }
            News::Unavailable(error) => {
                tracing::error!(%error, "no engine");
                let why = error.sentence(&self.text);
                self.show(TrayModel::without_engine(&why, &self.text)).await;
            }
            News::Event(Event::Changed { .. }) => self.stands().await,
            News::Event(Event::Account { .. } | Event::PokeCompleted { .. }) => {
                self.show_state().await;
            }
            // What the window in front shows does not pop up over it.
            News::Event(Event::Notice {
                in_window: true, ..
            }) => {}
            News::Event(Event::Notice { notice, .. }) => {
                self.notifier.show(notification(&notice));
            }
            News::Event(Event::Gone) => tracing::info!("the engine has gone"),
            // For the window; what was missed comes as the whole state.
            News::Event(
                Event::Dialogue { .. }
                | Event::Poked { .. }
                | Event::Finding { .. }
                | Event::ShowWindow { .. }
                | Event::CloseWindow
                | Event::Missed,
            ) => {}
        }
    }

    /// The whole state may be another.
    async fn stands(&mut self) {
        let Some(state) = self.connection.state() else {
            return;
        };
        if state.general.language_in_use != self.text.language() {
            self.text = Text::for_language(&state.general.language_in_use);
        }
        let nothing_set_up = state.accounts.is_empty();
        self.show_state().await;
        if std::mem::take(&mut self.welcome) && nothing_set_up {
            self.ask(
                Request::ShowWindow { account: None },
                About::Window { activation: None },
            );
        }
    }

    async fn show_state(&mut self) {
        if let Some(state) = self.connection.state() {
            let model = TrayModel::new(state, &ZonedDateTime::now(), &self.text);
            self.show(model).await;
        }
    }

    /// The desktop is touched only where something has changed.
    async fn show(&mut self, model: TrayModel) {
        if self.shown.as_ref() != Some(&model) {
            self.shown = Some(model.clone());
            self.backend.show(model).await;
        }
    }

    fn choose(&mut self, Choice { action, activation }: Choice) {
        match action {
            Action::Open if self.connection.engine().is_none() => self.start_window(activation),
            Action::Open => self.ask(
                Request::ShowWindow { account: None },
                About::Window { activation },
            ),
            Action::PokeNow => self.wish(Request::PokeNow {
                accounts: Vec::new(),
            }),
            Action::Pause => self.wish(Request::Pause {
                account: None,
                lasts: PauseLength::UntilResumed,
            }),
            Action::Resume => {
                for account in paused(self.connection.state()) {
                    self.wish(Request::Resume { account });
                }
            }
            Action::StartAtLogin(on) => self.wish(Request::SetStartAtLogin { on }),
            // Has ended the loop.
            Action::Quit => {}
        }
    }

    fn wish(&mut self, request: Request) {
        self.ask(request, About::Wish);
    }

    /// Asks the engine, without waiting for the answer: a poke takes its time.
    fn ask(&mut self, request: Request, about: About) {
        let Some(client) = self.client() else { return };
        self.asked.spawn(async move {
            Answer {
                about,
                result: client.request(request).await,
            }
        });
    }

    fn client(&self) -> Option<Client> {
        let engine = self.connection.engine();
        engine.map(|engine| engine.client.clone())
    }

    fn answered(&mut self, Answer { about, result }: Answer) {
        match (about, result) {
            (About::Window { .. }, Ok(Response::Window { open: true })) => {}
            // Whatever came, the user wants a window.
            (About::Window { activation }, _) => self.start_window(activation),
            // What came of a poke is a notice's business.
            (About::Wish, Ok(_)) => {}
            (About::Wish, Err(error)) => {
                tracing::warn!(code = ?error.code, "not done");
                self.notify(&self.text.get("tray-not-done"), &error.message);
            }
        }
    }

    fn start_window(&mut self, activation: Option<String>) {
        if let Err(NotStarted { program, error }) = self.window.start(activation) {
            tracing::error!(program, %error, "the window could not be started");
            self.say(
                "tray-window-not-started",
                "tray-window-not-started-explained",
                &[("program", program), ("error", error.to_string())],
            );
        }
    }

    fn window_ended(&self, status: ExitStatus) {
        if is_fault(status) {
            tracing::warn!(%status, "the window ended with a fault");
            self.say(
                "tray-window-ended",
                "tray-window-ended-explained",
                &[("status", status.to_string())],
            );
        }
    }

    fn say(&self, title: &str, body: &str, values: &[(&str, String)]) {
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str().into()))
            .collect();
        self.notify(&self.text.get(title), &self.text.format(body, &values));
    }

    fn notify(&self, title: &str, body: &str) {
        let notification = in_words("", title, body, Urgency::Critical);
        self.notifier.show(notification);
    }

    /// Quit means quit: also a window that this tray has not started closes. At the end of the
    /// session the desktop sees to that.
    async fn close_window(&self) {
        if let Some(client) = self.client() {
            // An engine that does not answer holds nobody up.
            let _ = timeout(ANSWERING, client.request(Request::CloseWindow)).await;
        }
    }

    /// The icon goes first, so that nobody clicks on what is ending. The window would start a tray
    /// if it saw the engine go.
    async fn end(mut self) {
        self.backend.remove().await;
        self.window.close().await;
        if let Some(engine) = self.connection.into_engine() {
            engine.stop().await;
        }
        tracing::info!("ended");
    }
}

/// What is to be resumed: everything, or each account that is paused by itself.
fn paused(state: Option<&Snapshot>) -> Vec<Option<String>> {
    match state {
        Some(state) if !state.paused => {
            let paused = state.accounts.iter().filter(|account| account.paused);
            paused.map(|account| Some(account.name.clone())).collect()
        }
        _ => vec![None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_words_act_nowhere_in_a_notification() {
        let evil = "<a href='https://e.test'>x</a> & \u{202e}\x1b[0m\0\u{2028}\n<img src='x'/>";
        let shown = in_words("vevida", evil, evil, Urgency::Normal);
        assert_eq!(shown.title, sink::line(evil));
        assert_eq!(shown.body, sink::text(evil));
        assert!(
            shown.body.contains("<a href="),
            "a desktop without markup shows what came"
        );
        assert!(
            !shown.markup.contains(['<', '>', '\0', '\u{202e}']),
            "{}",
            shown.markup
        );
        assert!(
            shown
                .markup
                .contains("&lt;a href='https://e.test'&gt;x&lt;/a&gt; &amp; ")
        );
    }
}
