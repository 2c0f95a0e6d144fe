//! The tray's life: it has an engine, shows how things stand, and does what is chosen.

#[cfg(windows)]
use std::fs;
use std::{path::PathBuf, process::ExitStatus, time::Duration};

use dequeue_api::{
    ApiError, Client, Connection, Event, GivenNotice, News, Paths, PauseLength, Request, Response,
    Snapshot,
    program::{APP_ID, EXIT_NO_WEB_VIEW, QUIETLY, TRAY, beside},
};
use dequeue_core::{
    Text,
    record::{Notice, NoticeKind},
    sink,
    text::SYSTEM,
};
use dequeue_engine::{Attached, HostOrAttach, StartError};
#[cfg(windows)]
use dequeue_platform::files::{Access, write_whole};
use dequeue_platform::{
    desktop::{Button, Notification, Notifier, Urgency, Ways},
    start_at_login,
};
use jiff::ZonedDateTime;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    backend::{Choice, TrayBackend},
    model::{Action, NOTICES_IN_MENU, TrayModel},
    own::{Own, OwnNews, move_in},
    session,
    window::{NotStarted, Window, is_fault},
};

/// How long an engine may take to answer while the user waits for the end.
const ANSWERING: Duration = Duration::from_secs(2);
/// What moves a user's accounts, as an administrator types it.
const TAKE_OVER: &str = if cfg!(windows) {
    "dequeue service take-over"
} else {
    "sudo dequeue service take-over"
};
/// The panel is drawn no more often than this: a thousand accounts may change within seconds.
const DRAWN_APART: Duration = Duration::from_millis(100);

/// Lives until the user quits or the session ends. `quiet`: the window does not open by itself,
/// not even where nothing is set up.
pub(crate) async fn run(
    backend: impl TrayBackend,
    mut choices: UnboundedReceiver<Choice>,
    paths: Paths,
    quiet: bool,
) {
    let (press, mut pressed) = unbounded_channel();
    let own = paths.are_the_machines().then(Own::find).flatten();
    let (unshown, mut to_tell) = unbounded_channel();
    let ways = Ways {
        pressed: press,
        unshown,
        picture: picture_for_notifications(&paths),
        app_id: APP_ID,
    };
    let mut tray = Tray {
        backend,
        connection: Connection::new(HostOrAttach(paths)),
        text: Text::for_language(SYSTEM),
        shown: None,
        drawn: None,
        draw_at: None,
        notices: Vec::new(),
        window: Window::default(),
        welcome: !quiet,
        asked: JoinSet::new(),
        notifier: Notifier::new(ways),
        own,
        moving: JoinSet::new(),
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
            Some(pressed) = pressed.recv() => tray.choose(Choice {
                action: pressed.action,
                activation: pressed.activation,
            }),
            Some(notification) = to_tell.recv() => tray.backend.tell(notification),
            () = sleep_until(tray.draw_at.unwrap_or_else(Instant::now)), if tray.draw_at.is_some() => {
                tray.draw().await;
            }
            news = tray.connection.next() => match news {
                News::Event(Event::End) => break,
                news => tray.happened(news).await,
            },
            Some(answer) = tray.asked.join_next() => match answer {
                Ok(answer) => tray.answered(answer),
                Err(error) => tracing::warn!(%error, "request"),
            },
            news = next_own(&mut tray.own) => tray.happened_to_own(news).await,
            Some(moved) = tray.moving.join_next() => match moved {
                Ok(moved) => tray.moved_in(moved),
                Err(error) => tracing::warn!(%error, "moving accounts"),
            },
            status = tray.window.ended() => tray.window_ended(status),
        }
    }
    tray.end().await;
}

async fn next_own(own: &mut Option<Own>) -> OwnNews {
    match own {
        Some(own) => own.next().await,
        None => std::future::pending().await,
    }
}

struct Tray<P> {
    backend: P,
    connection: Connection<HostOrAttach>,
    text: Text,
    shown: Option<TrayModel>,
    /// When the state was drawn last.
    drawn: Option<Instant>,
    /// When it is to be drawn again, where it has changed since.
    draw_at: Option<Instant>,
    /// The last ones, the newest first.
    notices: Vec<GivenNotice>,
    window: Window,
    /// Whether the window is still to open by itself where nothing is set up.
    welcome: bool,
    asked: JoinSet<Answer>,
    notifier: Notifier<Action>,
    /// What is this user's own, where the engine is the service's.
    own: Option<Own>,
    /// Whether the user's own accounts are being moved into the service.
    moving: JoinSet<Result<(), String>>,
}

/// What came of a request.
struct Answer {
    /// Of what.
    about: About,
    result: Result<Response, ApiError>,
}

enum About {
    /// A window that is open is to come to the front, at this account; if none is, one is started.
    Window {
        account: Option<String>,
        activation: Option<String>,
    },
    /// The notices that were given lately.
    Notices,
    /// What the user asked for.
    Wish,
}

/// A notice on the desktop. One of an account takes the place of that account's last, so that a
/// recovery takes the failure's; one of several takes the place of the last of several.
fn notification(notice: &Notice, may_change: bool, text: &Text) -> Notification<Action> {
    let (urgency, is_trouble) = match notice.kind {
        NoticeKind::Failure => (Urgency::Critical, true),
        NoticeKind::Reminder => (Urgency::Normal, true),
        NoticeKind::FirstSuccess
        | NoticeKind::Recovery
        | NoticeKind::Poked
        | NoticeKind::Alarm
        | NoticeKind::AlarmOver
        | NoticeKind::Paused
        | NoticeKind::Summary
        | NoticeKind::Trial => (Urgency::Normal, false),
    };
    let account = notice.account.clone();
    let about = match &account {
        Some(account) => format!("account {account}"),
        None => "several accounts".to_owned(),
    };
    let mut buttons = Vec::new();
    if account.is_some() && is_trouble {
        let poke = Action::Poke(account.clone());
        buttons.push(button("tray-poke-again", poke, text));
        if may_change {
            let pause = Action::Pause(account.clone(), PauseLength::HOUR);
            buttons.push(button("tray-pause-for-hour", pause, text));
        }
    }
    Notification {
        click: button("tray-open", Action::Open(account), text),
        buttons,
        ..in_words(about, &notice.title, &notice.body, urgency, text)
    }
}

/// A notification that no stranger's words can change. A click opens the window.
fn in_words(
    about: String,
    title: &str,
    body: &str,
    urgency: Urgency,
    text: &Text,
) -> Notification<Action> {
    Notification {
        about,
        title: sink::line(title).into_owned(),
        body: sink::text(body).into_owned(),
        markup: sink::markup(body),
        urgency,
        click: button("tray-open", Action::Open(None), text),
        buttons: Vec::new(),
        is_answer: false,
    }
}

/// A picture of the program for notifications, where the system asks for a file: it is put into the
/// data folder.
#[cfg(windows)]
fn picture_for_notifications(paths: &Paths) -> Option<PathBuf> {
    const PICTURE: &[u8] = include_bytes!("../../../icons/128x128.png");
    // The machine's folder is for its service to write to.
    let own = paths.are_the_machines().then(Paths::for_user);
    let own = own.transpose().ok()?;
    let folder = own.as_ref().unwrap_or(paths).data();
    let path = folder.join("notification.png");
    if fs::read(&path).is_ok_and(|there| there == PICTURE) {
        return Some(path);
    }
    match write_whole(&path, PICTURE, Access::AsBefore) {
        Ok(()) => Some(path),
        Err(error) => {
            tracing::debug!(%error, "notifications have no picture");
            None
        }
    }
}

/// Elsewhere the system knows it by the program.
#[cfg(not(windows))]
const fn picture_for_notifications(_: &Paths) -> Option<PathBuf> {
    None
}

fn button(key: &str, action: Action, text: &Text) -> Button<Action> {
    Button {
        label: text.get(key),
        action,
    }
}

impl<P: TrayBackend> Tray<P> {
    async fn happened(&mut self, news: News<StartError>) {
        match news {
            News::Attached => {
                let hosting = self.connection.engine().is_some_and(Attached::is_hosting);
                tracing::info!(hosting, "engine");
                self.ask(Request::Notices { seen: false }, About::Notices);
                self.stands();
            }
            News::Unavailable(error) => {
                tracing::error!(%error, "no engine");
                let why = error.sentence(&self.text);
                (self.drawn, self.draw_at) = (None, None);
                self.show(TrayModel::without_engine(&why, &self.text)).await;
            }
            News::Event(Event::Changed { .. }) => self.stands(),
            News::Event(Event::Account { .. } | Event::PokeCompleted { .. }) => self.redraw(),
            News::Event(Event::Notice {
                notice, in_window, ..
            }) => {
                // What the window in front shows does not pop up over it.
                let is_wanted = self.own.as_ref().is_none_or(Own::shows_notices);
                if !in_window && is_wanted {
                    let state = self.connection.state();
                    let may_change = state.is_none_or(|state| state.may_change);
                    let notification = notification(&notice, may_change, &self.text);
                    self.notifier.show(notification);
                }
                self.ask(Request::Notices { seen: false }, About::Notices);
            }
            News::Event(Event::Gone) => tracing::info!("the engine has gone"),
            // For the window; what was missed comes as the whole state.
            News::Event(
                Event::Dialogue { .. }
                | Event::Poked { .. }
                | Event::Finding { .. }
                | Event::ShowWindow { .. }
                | Event::CloseWindow { .. }
                | Event::End
                | Event::Moved
                | Event::Missed,
            ) => {}
        }
    }

    /// The whole state may be another.
    fn stands(&mut self) {
        let Some(state) = self.connection.state() else {
            return;
        };
        let nothing_set_up = state.accounts.is_empty();
        if state.general.language_in_use != self.text.language() {
            self.text = Text::for_language(&state.general.language_in_use);
            self.ask(Request::Notices { seen: false }, About::Notices);
        }
        self.redraw();
        if std::mem::take(&mut self.welcome) && nothing_set_up {
            self.open(None, None);
        }
    }

    /// Draws the state: at once, unless it was only just drawn.
    fn redraw(&mut self) {
        let now = Instant::now();
        let next = self.drawn.map_or(now, |drawn| drawn + DRAWN_APART);
        self.draw_at = Some(next.max(now));
    }

    async fn draw(&mut self) {
        self.draw_at = None;
        if let Some(state) = self.connection.state() {
            self.drawn = Some(Instant::now());
            let personal = self.own.as_ref().map(Own::personal).unwrap_or_default();
            let now = ZonedDateTime::now();
            let model = TrayModel::new(state, &self.notices, personal, &now, &self.text);
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
            Action::Open(account) => self.open(account, activation),
            Action::Poke(account) => self.wish(Request::PokeNow {
                accounts: account.into_iter().collect(),
            }),
            Action::Pause(account, lasts) => self.wish(Request::Pause { account, lasts }),
            Action::Resume(Some(account)) => self.wish(Request::Resume {
                account: Some(account),
            }),
            Action::Resume(None) => {
                for account in paused(self.connection.state()) {
                    self.wish(Request::Resume { account });
                }
            }
            Action::StartAtLogin(on) => match &mut self.own {
                None => self.wish(Request::SetStartAtLogin { on }),
                Some(own) => {
                    if let Err(error) = own.start_at_login(on, TRAY, QUIETLY) {
                        let values = [("error", error.to_string().into())];
                        let sentence = self.text.format("error-start-at-login", &values);
                        self.notify(
                            Urgency::Critical,
                            &self.text.get("tray-not-done"),
                            &sentence,
                        );
                    }
                    self.redraw();
                }
            },
            Action::ShowNotices(shows) => {
                if let Some(own) = &mut self.own
                    && let Err(error) = own.show_notices(shows)
                {
                    self.notify(
                        Urgency::Critical,
                        &self.text.get("tray-not-done"),
                        &error.to_string(),
                    );
                }
                self.redraw();
            }
            Action::MoveIn => {
                if let Some(own) = self.own.as_ref().filter(|_| self.moving.is_empty()) {
                    self.moving.spawn(move_in(own.folder()));
                }
            }
            // Has ended the loop.
            Action::Quit => {}
        }
    }

    /// Something happened to the accounts that this user had before there was a service.
    async fn happened_to_own(&mut self, news: OwnNews) {
        match news {
            OwnNews::Ask(count) => {
                let title = self.text.get("tray-move-title");
                let values = [("count", count.into())];
                let body = self.text.format("tray-move-explained", &values);
                let about = "moving accounts into the service".to_owned();
                let mut asked = in_words(about, &title, &body, Urgency::Normal, &self.text);
                asked.buttons = vec![button("tray-move-now", Action::MoveIn, &self.text)];
                self.notifier.show(asked);
            }
            OwnNews::Notice(notice) => {
                let mut shown = notification(&notice, false, &self.text);
                // The service's engine does not know this account.
                shown.buttons.clear();
                shown.click.action = Action::Open(None);
                self.notifier.show(shown);
            }
            OwnNews::Moved => {
                if let Some(own) = &mut self.own {
                    own.end().await;
                }
                self.say(
                    Urgency::Normal,
                    "tray-move-done-title",
                    "tray-move-done",
                    &[],
                );
            }
            OwnNews::Other => {}
        }
        self.redraw();
    }

    /// An administrator's program has ended that was to move this user's accounts.
    fn moved_in(&self, moved: Result<(), String>) {
        // That it was done is told by the engine that had them.
        let Err(error) = moved else { return };
        let title = "tray-move-failed-title";
        if error.is_empty() {
            return self.say(Urgency::Normal, title, "tray-move-refused", &[]);
        }
        let values = [("error", error), ("command", TAKE_OVER.to_owned())];
        self.say(Urgency::Critical, title, "tray-move-failed", &values);
    }

    fn open(&mut self, account: Option<String>, activation: Option<String>) {
        if self.connection.engine().is_none() {
            self.start_window(account.as_deref(), activation);
            return;
        }
        let request = Request::ShowWindow {
            account: account.clone(),
        };
        self.ask(
            request,
            About::Window {
                account,
                activation,
            },
        );
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
            (
                About::Window {
                    account,
                    activation,
                },
                _,
            ) => self.start_window(account.as_deref(), activation),
            (About::Notices, Ok(Response::Notices { mut notices })) => {
                notices.truncate(NOTICES_IN_MENU);
                self.notices = notices;
                self.redraw();
            }
            (About::Notices, answer) => tracing::warn!(?answer, "no notices"),
            // What came of a poke is a notice's business.
            (About::Wish, Ok(_)) => {}
            (About::Wish, Err(error)) => {
                tracing::warn!(code = ?error.code, "not done");
                self.notify(
                    Urgency::Critical,
                    &self.text.get("tray-not-done"),
                    &error.message,
                );
            }
        }
    }

    fn start_window(&mut self, account: Option<&str>, activation: Option<String>) {
        let started = self.window.start(account, activation);
        if let Err(NotStarted { program, error }) = started {
            tracing::error!(program, %error, "the window could not be started");
            self.say(
                Urgency::Critical,
                "tray-window-not-started",
                "tray-window-not-started-explained",
                &[("program", program), ("error", error.to_string())],
            );
        }
    }

    fn window_ended(&self, status: ExitStatus) {
        // It has said so itself.
        let is_said = status.code() == Some(EXIT_NO_WEB_VIEW.into());
        if is_fault(status) && !is_said {
            tracing::warn!(%status, "the window ended with a fault");
            self.say(
                Urgency::Critical,
                "tray-window-ended",
                "tray-window-ended-explained",
                &[("status", status.to_string())],
            );
        }
    }

    fn say(&self, urgency: Urgency, title: &str, body: &str, values: &[(&str, String)]) {
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str().into()))
            .collect();
        self.notify(
            urgency,
            &self.text.get(title),
            &self.text.format(body, &values),
        );
    }

    fn notify(&self, urgency: Urgency, title: &str, body: &str) {
        let about = "the program".to_owned();
        let notification = in_words(about, title, body, urgency, &self.text);
        self.notifier.show(Notification {
            is_answer: true,
            ..notification
        });
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
        if let Some(own) = &mut self.own {
            own.end().await;
        }
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

    fn notice(kind: NoticeKind, account: Option<&str>) -> Notice {
        Notice {
            kind,
            account: account.map(str::to_owned),
            title: "A title".to_owned(),
            body: "A body".to_owned(),
        }
    }

    #[test]
    fn a_notice_opens_its_account_and_trouble_offers_what_helps() {
        let text = Text::for_language("en");
        let account = Some("vevida".to_owned());
        let again = ("Poke again", Action::Poke(account.clone()));
        let pause = (
            "Pause for an hour",
            Action::Pause(account.clone(), PauseLength::HOUR),
        );
        let helps = vec![again, pause];
        for (kind, of, opens, buttons) in [
            (NoticeKind::Failure, Some("vevida"), &account, helps.clone()),
            (NoticeKind::Reminder, Some("vevida"), &account, helps),
            (NoticeKind::Recovery, Some("vevida"), &account, vec![]),
            (NoticeKind::Paused, Some("vevida"), &account, vec![]),
            (NoticeKind::Failure, None, &None, vec![]),
        ] {
            let shown = notification(&notice(kind, of), true, &text);
            assert_eq!(shown.click.action, Action::Open(opens.clone()), "{kind:?}");
            let offered: Vec<_> = shown
                .buttons
                .iter()
                .map(|button| (button.label.as_str(), button.action.clone()))
                .collect();
            assert_eq!(offered, buttons, "{kind:?}");
        }
    }

    #[test]
    fn a_notice_takes_the_place_of_the_last_about_the_same() {
        let text = Text::for_language("en");
        let about = |kind, account| notification(&notice(kind, account), true, &text).about;
        let (one, other) = (Some("vevida"), Some("several accounts"));
        assert_eq!(
            about(NoticeKind::Failure, one),
            about(NoticeKind::Recovery, one)
        );
        assert_eq!(
            about(NoticeKind::Failure, None),
            about(NoticeKind::Recovery, None)
        );
        let apart = [one, other, None].map(|account| about(NoticeKind::Failure, account));
        for (place, about) in apart.iter().enumerate() {
            assert!(!apart[place + 1..].contains(about), "{apart:?}");
        }
    }

    #[test]
    fn a_strangers_words_act_nowhere_in_a_notification() {
        let evil = "<a href='https://e.test'>x</a> & \u{202e}\x1b[0m\0\u{2028}\n<img src='x'/>";
        let shown = in_words(
            String::new(),
            evil,
            evil,
            Urgency::Normal,
            &Text::for_language("en"),
        );
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
