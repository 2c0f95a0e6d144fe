//! A web server that takes what it is sent: a webhook, or a service that expects heartbeats.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::rig::{listener::Listener, net, wait};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method and path, as in `POST /hook`.
    pub line: String,
    /// The header lines, their names in small letters.
    pub headers: Vec<String>,
    pub body: String,
}

/// The server. Dropping it ends it.
pub struct Web {
    listener: Listener,
    requests: Arc<Mutex<Vec<Request>>>,
    files: Arc<Mutex<HashMap<String, String>>>,
}

impl Web {
    /// Starts the server; everything is answered with 204, but for what [`serve`](Self::serve) has.
    pub fn start() -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let files = Arc::new(Mutex::new(HashMap::<String, String>::new()));
        let (kept, served) = (requests.clone(), files.clone());
        let listener = Listener::start(SocketAddr::from((net::address(), 0)), move |stream, _| {
            if let Some(request) = read(stream) {
                let path = request.line.strip_prefix("GET ").unwrap_or_default();
                let file = served.lock().unwrap().get(path).cloned();
                kept.lock().unwrap().push(request);
                let mut stream = stream;
                let answer = match file {
                    Some(file) => {
                        let length = file.len();
                        format!(
                            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{file}"
                        )
                    }
                    None => "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned(),
                };
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        Self {
            listener,
            requests,
            files,
        }
    }

    /// Gives this to whoever gets `path` from now on.
    pub fn serve(&self, path: &str, file: &str) {
        let mut files = self.files.lock().unwrap();
        files.insert(path.to_owned(), file.to_owned());
    }

    /// The address of `path`.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.address())
    }

    /// The requests so far that begin with `line`.
    pub fn requests(&self, line: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        let wanted = requests.iter().filter(|it| it.line.starts_with(line));
        wanted.cloned().collect()
    }

    /// Waits until there are `count` of them or more.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for(&self, line: &str, count: usize, limit: Duration) -> Vec<Request> {
        wait::until(&format!("{count} times {line}"), limit, || {
            Some(self.requests(line)).filter(|requests| requests.len() >= count)
        })
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?.strip_suffix(" HTTP/1.1")?.to_owned();
    let headers: Vec<String> = lines
        .map(|line| match line.split_once(':') {
            Some((name, value)) => format!("{}:{value}", name.to_ascii_lowercase()),
            None => line,
        })
        .collect();
    let length = headers
        .iter()
        .find_map(|it| it.strip_prefix("content-length:"));
    let length = length.map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        line,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
