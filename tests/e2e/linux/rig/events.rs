//! What an engine tells the clients attached to its control socket: every message as it came.

use std::{
    io::Read,
    os::unix::net::UnixStream,
    path::Path,
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use serde_json::Value;

use crate::rig::wait::{self, SOON};

/// A client that only listens. Dropping it detaches it.
pub struct Events {
    stream: UnixStream,
    heard: Arc<Mutex<Vec<Value>>>,
    listening: Option<JoinHandle<()>>,
}

impl Events {
    /// Attaches to the engine at this socket, waiting for it if need be.
    ///
    /// # Panics
    /// When none comes.
    pub fn attach(control: &Path) -> Self {
        let stream = wait::until("an engine that answers", SOON, || {
            UnixStream::connect(control).ok()
        });
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut reader = stream.try_clone().expect("a second handle");
        let kept = heard.clone();
        let listening = std::thread::spawn(move || {
            let mut length = [0; 4];
            while reader.read_exact(&mut length).is_ok() {
                let mut message = vec![0; u32::from_be_bytes(length) as usize];
                if reader.read_exact(&mut message).is_err() {
                    break;
                }
                let message = serde_json::from_slice(&message).expect("JSON on the socket");
                kept.lock().unwrap().push(message);
            }
        });
        Self {
            stream,
            heard,
            listening: Some(listening),
        }
    }

    /// All that was told so far.
    pub fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until something is told in which `find` finds something.
    ///
    /// # Panics
    /// When nothing is, with what was told.
    pub fn wait_for<T>(&self, what: &str, find: impl Fn(&Value) -> Option<T>) -> T {
        wait::until(what, SOON, || self.heard().iter().find_map(&find))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.stream.shutdown(std::net::Shutdown::Both).ok();
        if let Some(listening) = self.listening.take() {
            listening.join().ok();
        }
    }
}
