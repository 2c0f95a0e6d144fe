//! `dequeue-window`: the window, a process of its own that is gone, with all its memory, when it is
//! closed. It takes no decision: [`link`] carries requests to the engine and events to the page.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod absent;
mod context;
mod elevated;
mod link;
mod outbox;
mod save;

use std::{env, fmt::Write as _, process::ExitCode, sync::Arc};

use dequeue_api::{
    ApiError, Event, Paths, Request, Response, Text, program::AT_ACCOUNT, text::SYSTEM,
};
use tauri::{
    AppHandle, Manager, State, WebviewUrl, WebviewWindow, WebviewWindowBuilder, async_runtime,
    webview::PageLoadEvent,
};

use crate::{
    link::{Found, Link, WindowShell},
    outbox::Outbox,
};

/// The window's label, as in `capabilities/window.json`.
const WINDOW: &str = "main";
/// In logical pixels.
const SIZE: (f64, f64) = (760.0, 560.0);
const LEAST: (f64, f64) = (420.0, 400.0);

fn main() -> ExitCode {
    #[cfg(windows)]
    dequeue_api::program::name_windows();
    let text = Text::for_language(SYSTEM);
    if let Some(sentence) = absent::display(&text) {
        return absent::say(&sentence);
    }
    let paths = match Paths::find() {
        Ok(paths) => paths,
        Err(error) => return absent::say(&error.sentence(&text)),
    };
    let account = env::args().find_map(|it| it.strip_prefix(AT_ACCOUNT).map(str::to_owned));
    let first = match async_runtime::block_on(link::probe(&paths, account.as_deref())) {
        // The window that is open has come to the front.
        Found::AnotherWindow => return ExitCode::SUCCESS,
        Found::Engine(client) => Some(client),
        Found::Nobody => None,
    };
    #[cfg(windows)]
    if !absent::has_web_view() {
        let engine = async_runtime::block_on(link::stand_in(first, &paths, &text));
        return absent::say_no_web_view(engine.as_ref().err(), &text);
    }
    // The toolkit gives up by a panic where the display is named but does not answer.
    absent::while_opening(&text);
    let built = tauri::Builder::default()
        .manage(Arc::new(Link::new(text.clone())))
        .manage(Outbox::default())
        .invoke_handler(tauri::generate_handler![
            request,
            events,
            save,
            change_as_administrator
        ])
        .setup(move |app| {
            open(app.handle(), account.as_deref())?;
            let link = app.state::<Arc<Link>>().inner().clone();
            async_runtime::spawn(link.keep(paths, first, Shell(app.handle().clone())));
            Ok(())
        })
        .build(context::context());
    absent::opened();
    match built {
        Ok(app) => {
            app.run(|_, _| {});
            ExitCode::SUCCESS
        }
        Err(error) => absent::say(&absent::window(&error, &text)),
    }
}

/// The page's way to the engine.
#[tauri::command]
async fn request(link: State<'_, Arc<Link>>, request: Request) -> Result<Response, ApiError> {
    link.request(request).await
}

/// The engine's events since the page asked last, as soon as there are any.
#[tauri::command]
async fn events(outbox: State<'_, Outbox>) -> Result<Vec<Event>, ()> {
    Ok(outbox.fetch().await)
}

/// Saves a text as a new file among the user's downloads; gives where that is, or what the system says.
#[tauri::command]
async fn save(app: AppHandle, name: String, text: String) -> Result<String, String> {
    let folder = app.path().download_dir();
    let folder = folder.map_err(|error| error.to_string())?;
    let saved = save::save(&folder, &name, &text);
    saved
        .map(|path| path.display().to_string())
        .map_err(|error| format!("{}: {error}", folder.display()))
}

/// Opens the window anew as an administrator; where that takes this one's place, this one closes.
#[tauri::command]
async fn change_as_administrator(app: AppHandle) -> Result<(), ApiError> {
    let text = Text::for_language(SYSTEM);
    if elevated::open(&text).await? {
        app.exit(0);
    }
    Ok(())
}

fn open(app: &AppHandle, account: Option<&str>) -> tauri::Result<WebviewWindow> {
    let page = account.map_or_else(WebviewUrl::default, |account| {
        WebviewUrl::App(address(account).into())
    });
    WebviewWindowBuilder::new(app, WINDOW, page)
        .title("Dequeue")
        .inner_size(SIZE.0, SIZE.1)
        .min_inner_size(LEAST.0, LEAST.1)
        // No white flash: it is shown once there is something to see.
        .visible(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                // A window that cannot be shown cannot say so either.
                let _ = window.show();
            }
        })
        // Nothing but the page itself is ever shown.
        .on_navigation(is_the_page)
        .build()
}

/// The address within the page where an account is shown, as in `ui/src/route.svelte.ts`.
fn address(account: &str) -> String {
    let mut address = "#/overview/".to_owned();
    for byte in account.bytes() {
        if byte.is_ascii_alphanumeric() {
            address.push(byte.into());
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

/// Whether an address is the page's own: WebView2 has it below `http`, the others have a scheme for it.
/// A server on this machine is another, whatever its port.
fn is_the_page(url: &tauri::Url) -> bool {
    let place = (url.scheme(), url.host_str(), url.port());
    matches!(
        place,
        ("tauri", Some("localhost"), None) | ("http" | "https", Some("tauri.localhost"), None)
    )
}

/// The window as [`Link`] sees it. What a window that is closing does not do any more is lost.
struct Shell(AppHandle);

impl WindowShell for Shell {
    fn tell(&self, event: Event) {
        self.0.state::<Outbox>().add(event);
    }

    fn to_front(&self) {
        let Some(window) = self.0.get_webview_window(WINDOW) else {
            return;
        };
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }

    fn is_visible(&self) -> bool {
        self.0
            .get_webview_window(WINDOW)
            .is_some_and(|window| !window.is_minimized().unwrap_or(false))
    }

    fn leave(&self) {
        self.0.exit(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_part_of_the_address() {
        for (name, expected) in [
            ("vevida", "#/overview/vevida"),
            ("a/b #?%", "#/overview/a%2Fb%20%23%3F%25"),
            ("..", "#/overview/%2E%2E"),
            ("é", "#/overview/%C3%A9"),
        ] {
            assert_eq!(address(name), expected);
            let page: tauri::Url = "tauri://localhost/".parse().unwrap();
            let there = page.join(&address(name)).unwrap();
            assert_eq!(there.path(), "/");
            assert_eq!(there.fragment(), expected.strip_prefix('#'));
        }
    }

    #[test]
    fn nothing_but_the_page_is_shown() {
        for (url, is_shown) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html#recent", true),
            ("http://tauri.localhost/", true),
            ("https://tauri.localhost/index.html", true),
            ("http://localhost/", false),
            ("http://localhost:8080/", false),
            ("http://tauri.localhost:8080/", false),
            ("https://dequeue.example/", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(is_the_page(&url.parse().unwrap()), is_shown, "{url}");
        }
    }
}
