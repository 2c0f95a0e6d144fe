//! Just enough of the WebDriver protocol (W3C) to open a window and run a script in its page.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A script that takes longer has hung.
const ANSWERING: Duration = Duration::from_secs(120);

/// The page in a window. Dropping it closes the window.
pub(super) struct Page {
    port: u16,
    path: String,
}

impl Page {
    /// Has the driver at `port` start `program` and takes hold of its window.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn open(port: u16, program: &Path) -> Result<Self> {
        let options = json!({ "binary": program, "args": [] });
        let always =
            json!({ "webkitgtk:browserOptions": options, "timeouts": { "script": 90_000 } });
        let wanted = json!({ "capabilities": { "alwaysMatch": always } });
        let session = call(port, "POST", "/session", &wanted)?;
        let id = session["sessionId"].as_str().context("no session")?;
        let path = format!("/session/{id}");
        Ok(Self { port, path })
    }

    /// Runs a script in the page and gives what it returns.
    ///
    /// # Errors
    /// When it throws.
    pub(super) fn run(&self, script: &str) -> Result<Value> {
        self.execute("sync", script)
    }

    /// Runs a script in the page and gives what it calls its last argument with.
    ///
    /// # Errors
    /// When it throws, or does not end in time.
    pub(super) fn await_script(&self, script: &str) -> Result<Value> {
        self.execute("async", script)
    }

    fn execute(&self, how: &str, script: &str) -> Result<Value> {
        let path = format!("{}/execute/{how}", self.path);
        call(
            self.port,
            "POST",
            &path,
            &json!({ "script": script, "args": [] }),
        )
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = call(self.port, "DELETE", &self.path, &Value::Null);
    }
}

/// Whether a driver answers at `port`.
pub(super) fn is_ready(port: u16) -> bool {
    call(port, "GET", "/status", &Value::Null).is_ok_and(|status| status["ready"] == true)
}

fn call(port: u16, method: &str, path: &str, body: &Value) -> Result<Value> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(ANSWERING))?;
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let mut body: Value = serde_json::from_str(body)?;
    let value = body["value"].take();
    if let Some(error) = value.get("error").and_then(Value::as_str) {
        bail!("{method} {path}: {error}: {}", value["message"]);
    }
    Ok(value)
}
