//! Drives a window made with WebKitGTK, such as ours, by the WebDriver protocol (W3C), through
//! Debian's WebKitWebDriver.
//!
//! Two ways: [`WebDriver::open`] starts the window's program; [`WebDriver::attach`] waits for a
//! window that another program, the tray for one, opens. Give that program
//! [`WebDriver::env_to_attach`].

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    process::{self, Process},
    test_desktop::TestDesktop,
};
use crate::rig::{
    net,
    wait::{self, SOON},
};

/// The name under which the protocol hands out an element's id (WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// WebKitWebDriver. Dropping it ends it.
pub struct WebDriver {
    process: Process,
    http: Http,
}

struct Http {
    agent: ureq::Agent,
    base: String,
}

impl WebDriver {
    /// Starts a driver on `desktop` that opens windows itself. `env` is added to the desktop's for it
    /// and for the programs it starts.
    pub fn start(desktop: &TestDesktop, env: &[(&str, &str)]) -> Self {
        Self::run(desktop, env, None)
    }

    /// Starts a driver for a window that another program opens with [`WebDriver::env_to_attach`]
    /// of the same `inspector` address.
    pub fn start_to_attach(desktop: &TestDesktop, inspector: std::net::SocketAddr) -> Self {
        Self::run(desktop, &[], Some(inspector))
    }

    /// What a window must find in its environment to be driven later from outside.
    pub fn env_to_attach(inspector: std::net::SocketAddr) -> [(&'static str, String); 2] {
        [
            ("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()),
            ("WEBKIT_INSPECTOR_SERVER", inspector.to_string()),
        ]
    }

    fn run(
        desktop: &TestDesktop,
        env: &[(&str, &str)],
        target: Option<std::net::SocketAddr>,
    ) -> Self {
        let address = net::free_port(net::address());
        let mut command = desktop.command(process::find("WebKitWebDriver", "webkit2gtk-driver"));
        command
            .arg(format!("--host={}", address.ip()))
            .arg(format!("--port={}", address.port()))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .envs(env.iter().copied());
        if let Some(target) = target {
            command.arg(format!("--target={target}"));
        }
        let agent = ureq::Agent::config_builder()
            // The driver tells the reason in the body of an error.
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(90)))
            .build()
            .new_agent();
        let http = Http {
            agent,
            base: format!("http://{address}"),
        };
        let mut process = Process::start(&command, &desktop.log("webdriver"));
        process.wait_until("answer of WebKitWebDriver", SOON, || {
            let status = http.get("/status").ok()?;
            status["ready"].as_bool().filter(|&ready| ready)
        });
        Self { process, http }
    }

    /// Starts `program` and takes hold of its window.
    ///
    /// # Panics
    /// When it shows none.
    pub fn open(&self, program: &Path, arguments: &[&str]) -> Page<'_> {
        let options = json!({ "binary": program, "args": arguments });
        let body =
            json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        match self.session(&body) {
            Ok(page) => page,
            Err(why) => panic!(
                "no window of {}: {why}; the driver's log:\n{}",
                program.display(),
                self.log()
            ),
        }
    }

    /// Waits for the window that another program opens, and takes hold of it.
    ///
    /// # Panics
    /// When there is none after `limit`.
    pub fn attach(&self, limit: Duration) -> Page<'_> {
        let body = json!({ "capabilities": {} });
        wait::until("a window to drive", limit, || self.session(&body).ok())
    }

    fn session(&self, body: &Value) -> Result<Page<'_>, String> {
        let session = self.http.post("/session", body)?;
        let id = session["sessionId"].as_str().expect("a session's id");
        Ok(Page {
            http: &self.http,
            path: format!("/session/{id}"),
        })
    }

    /// What the driver and the programs it started wrote.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// The page in the window. Dropping it closes the window.
pub struct Page<'a> {
    http: &'a Http,
    path: String,
}

impl Page<'_> {
    /// Goes to an address.
    pub fn go_to(&self, url: &str) {
        self.must("/url", &json!({ "url": url }));
    }

    /// The title of the page.
    pub fn title(&self) -> String {
        let title = self.http.get(&format!("{}/title", self.path));
        text(&title.expect("a title"))
    }

    /// The elements that the CSS selector finds.
    pub fn find_all(&self, css: &str) -> Vec<Element<'_>> {
        let body = json!({ "using": "css selector", "value": css });
        // A page that changes in that moment may lose what was found already.
        let found = wait::until("a page that stands still", SOON, || {
            match self.http.post(&format!("{}/elements", self.path), &body) {
                Ok(found) => Some(found),
                Err(why) if why.starts_with("stale element reference") => None,
                Err(why) => panic!("{css:?}: {why}"),
            }
        });
        let ids = found.as_array().into_iter().flatten();
        ids.map(|id| Element {
            page: self,
            id: text(&id[ELEMENT]),
        })
        .collect()
    }

    /// Waits for an element and returns the first.
    ///
    /// # Panics
    /// With the page's text when none is there after half a minute.
    pub fn find(&self, css: &str) -> Element<'_> {
        let start = std::time::Instant::now();
        loop {
            if let Some(found) = self.find_all(css).into_iter().next() {
                return found;
            }
            assert!(
                start.elapsed() < SOON,
                "no {css:?} on the page, which reads:\n{}",
                self.body()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the first element that `css` finds contains `part`, and returns its text.
    ///
    /// # Panics
    /// With the page's text when `limit` passes first.
    pub fn wait_for_text(&self, css: &str, part: &str, limit: Duration) -> String {
        let start = std::time::Instant::now();
        loop {
            let found = self.find_all(css).first().and_then(Element::try_text);
            if let Some(found) = found.filter(|found| found.contains(part)) {
                return found;
            }
            assert!(
                start.elapsed() < limit,
                "{part:?} does not show in {css:?}; the page reads:\n{}",
                self.body()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// All text that the page shows.
    pub fn body(&self) -> String {
        let body = self.find_all("body").first().and_then(Element::try_text);
        body.unwrap_or_default()
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Panics
    /// When the script throws.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.must(
            "/execute/sync",
            &json!({ "script": script, "args": arguments }),
        )
    }

    fn must(&self, path: &str, body: &Value) -> Value {
        match self.http.post(&format!("{}{path}", self.path), body) {
            Ok(value) => value,
            Err(why) => panic!("{path} {body}: {why}"),
        }
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        // The window may be gone already: closing it may be what the test was about.
        self.http.delete(&self.path).ok();
    }
}

/// An element of a page.
pub struct Element<'a> {
    page: &'a Page<'a>,
    id: String,
}

impl Element<'_> {
    /// Clicks it. It must be visible.
    pub fn click(&self) {
        self.page.must(&self.path("click"), &json!({}));
    }

    /// Replaces what stands in a field, by typing.
    pub fn type_text(&self, text: &str) {
        self.page.must(&self.path("clear"), &json!({}));
        self.press(text);
    }

    /// Presses keys, on top of what is there. Special keys have private code points (WebDriver,
    /// 17.4.2): Enter is `\u{e007}`, Tab `\u{e004}`, Escape `\u{e00c}`.
    pub fn press(&self, keys: &str) {
        self.page
            .must(&self.path("value"), &json!({ "text": keys }));
    }

    /// The text that it shows.
    ///
    /// # Panics
    /// When it has left the page.
    pub fn text(&self) -> String {
        self.try_text().expect("an element that is still there")
    }

    fn try_text(&self) -> Option<String> {
        let path = format!("{}{}", self.page.path, self.path("text"));
        self.page.http.get(&path).ok().map(|value| text(&value))
    }

    /// The value of a property, such as `value` or `checked`.
    pub fn property(&self, name: &str) -> Value {
        let path = format!("{}{}/{name}", self.page.path, self.path("property"));
        self.page.http.get(&path).expect("a property")
    }

    /// The value of an attribute; WebKit gives an empty one where it has none.
    pub fn attribute(&self, name: &str) -> String {
        let path = format!("{}{}/{name}", self.page.path, self.path("attribute"));
        text(&self.page.http.get(&path).expect("an attribute"))
    }

    /// Whether it can be seen.
    pub fn is_displayed(&self) -> bool {
        let path = format!("{}{}", self.page.path, self.path("displayed"));
        self.page.http.get(&path).is_ok_and(|shown| shown == true)
    }

    fn path(&self, what: &str) -> String {
        format!("/element/{}/{what}", self.id)
    }
}

impl Http {
    fn get(&self, path: &str) -> Result<Value, String> {
        result(self.agent.get(format!("{}{path}", self.base)).call())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        result(
            self.agent
                .post(format!("{}{path}", self.base))
                .send_json(body),
        )
    }

    fn delete(&self, path: &str) -> Result<Value, String> {
        result(self.agent.delete(format!("{}{path}", self.base)).call())
    }
}

type Response = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

/// Takes the value out of the driver's answer, or the reason why there is none.
fn result(response: Response) -> Result<Value, String> {
    let answer = response.and_then(|mut response| {
        let good = response.status().is_success();
        let body: Value = response.body_mut().read_json()?;
        Ok((good, body))
    });
    match answer {
        Ok((true, mut body)) => Ok(body["value"].take()),
        Ok((false, body)) => {
            let value = &body["value"];
            Err(format!(
                "{}: {}",
                text(&value["error"]),
                text(&value["message"])
            ))
        }
        Err(error) => Err(format!("no answer: {error}")),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{super::test_desktop::Theme, *};

    const PAGE: &str = "<!doctype html><title>A page</title>
        <label>Host <input id=host name=host-name value=old></label> <button id=go>Go</button>
        <p id=result></p><p id=hidden hidden>hidden</p>
        <script>go.onclick = () => setTimeout(() => result.textContent = `Hello ${host.value}`)</script>";

    /// WebKit's own little browser, which Debian has beside the library.
    fn browser() -> PathBuf {
        let libraries = std::fs::read_dir("/usr/lib").unwrap().flatten();
        libraries
            .map(|folder| folder.path().join("webkit2gtk-4.1/MiniBrowser"))
            .find(|path| path.is_file())
            .expect("this test needs MiniBrowser: install the Debian package libwebkit2gtk-4.1-0")
    }

    fn page_file(desktop: &TestDesktop) -> String {
        let file = desktop.home().join("page.html");
        std::fs::write(&file, PAGE).unwrap();
        format!("file://{}", file.display())
    }

    fn fill_in(page: &Page<'_>) {
        assert_eq!(page.title(), "A page");
        page.find("#host").type_text("bsmtp.example.org");
        page.find("#go").click();
        let hello = page.wait_for_text("#result", "Hello", SOON);
        assert_eq!(hello, "Hello bsmtp.example.org");
    }

    #[test]
    fn opens_a_window_and_drives_it() {
        let desktop = TestDesktop::bare(Theme::Dark);
        let driver = WebDriver::start(&desktop, &[]);
        let page = driver.open(&browser(), &["--automation"]);
        page.go_to(&page_file(&desktop));
        fill_in(&page);
        let host = page.find("#host");
        host.press("/x");
        assert_eq!(host.property("value"), "bsmtp.example.org/x");
        assert_eq!(host.attribute("name"), "host-name");
        assert_eq!(host.attribute("title"), "");
        assert_eq!(page.find("#go").text(), "Go");
        assert!(page.find("#go").is_displayed() && !page.find("#hidden").is_displayed());
        assert!(page.find_all("#nothing").is_empty());
        assert!(page.body().contains("Hello"));
        assert_eq!(page.run("return arguments[0] + 1", &[json!(2)]), 3);
        drop(page);
        wait::until("the window to close", SOON, || {
            desktop.windows().is_empty().then_some(())
        });
    }

    #[test]
    fn attaches_to_a_window_that_another_program_opens_later() {
        let desktop = TestDesktop::bare(Theme::Light);
        let inspector = net::free_port(net::address());
        let driver = WebDriver::start_to_attach(&desktop, inspector);
        let mut command = desktop.command(browser());
        command
            .arg("--automation")
            .arg(page_file(&desktop))
            .envs(WebDriver::env_to_attach(inspector));
        let _window = Process::start(&command, &desktop.log("window"));
        let page = driver.attach(SOON);
        page.go_to(&page_file(&desktop));
        fill_in(&page);
    }
}
