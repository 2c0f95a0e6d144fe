//! A TCP listener with a thread a connection: the base of every server that a rig plays.

use std::{
    collections::HashMap,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

/// Listens until dropped; dropping ends the connections too.
pub struct Listener {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    open: Arc<Mutex<HashMap<SocketAddr, TcpStream>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens at `at` (port 0 takes any) and calls `serve` with each connection in a thread of
    /// its own. The connection is closed when `serve` returns.
    ///
    /// # Panics
    /// When the address cannot be bound.
    pub fn start(
        at: SocketAddr,
        serve: impl Fn(&TcpStream, SocketAddr) + Send + Sync + 'static,
    ) -> Self {
        let listener =
            TcpListener::bind(at).unwrap_or_else(|error| panic!("cannot listen at {at}: {error}"));
        let address = listener.local_addr().expect("the address just bound");
        let stopping = Arc::new(AtomicBool::new(false));
        let open = Arc::new(Mutex::new(HashMap::new()));
        let accepting = std::thread::spawn({
            let (stopping, open, serve) = (stopping.clone(), open.clone(), Arc::new(serve));
            move || {
                while let Ok((stream, peer)) = listener.accept() {
                    if stopping.load(Ordering::SeqCst) {
                        break;
                    }
                    // Small writes are part of what is tested: send each as it comes.
                    stream.set_nodelay(true).ok();
                    let second = stream.try_clone().expect("a second handle");
                    open.lock().unwrap().insert(peer, second);
                    let (open, serve) = (open.clone(), serve.clone());
                    std::thread::spawn(move || {
                        serve(&stream, peer);
                        // Both handles must go before the peer sees the end.
                        open.lock().unwrap().remove(&peer);
                    });
                }
            }
        });
        Self {
            address,
            stopping,
            open,
            accepting: Some(accepting),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // One last connection wakes the accepting thread, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            accepting.join().ok();
        }
        if let Ok(open) = self.open.lock() {
            for stream in open.values() {
                stream.shutdown(Shutdown::Both).ok();
            }
        }
    }
}
