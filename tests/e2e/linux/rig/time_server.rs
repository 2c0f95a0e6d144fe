//! A time server (SNTP, RFC 5905) whose clock is as wrong as the test wants, or that says nothing.

use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The length of a packet without extensions.
const PACKET: usize = 48;
/// From 1900, where its time begins, to 1970.
const ERA: Duration = Duration::from_secs(2_208_988_800);

/// How its clock stands to this machine's.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    /// The same.
    Right,
    /// So many seconds more or less.
    Off(i64),
    /// Questions come in, and no answer goes out, as behind many a firewall.
    Nothing,
}

/// The server. Dropping it ends it.
pub struct TimeServer {
    socket: UdpSocket,
    answering: Option<JoinHandle<()>>,
}

impl TimeServer {
    /// Answers at port 123 of `ip`.
    ///
    /// # Panics
    /// When the port is taken.
    pub fn start(ip: IpAddr, says: Says) -> Self {
        let socket = UdpSocket::bind((ip, 123)).expect("port 123 of an own network is free");
        let answering = std::thread::spawn({
            let socket = socket.try_clone().expect("a second handle");
            move || {
                let mut question = [0; 512];
                while let Ok((length, from)) = socket.recv_from(&mut question) {
                    // What is empty ends it.
                    if length == 0 {
                        break;
                    }
                    if let Some(answer) = answer(&question[..length], says) {
                        socket.send_to(&answer, from).ok();
                    }
                }
            }
        });
        Self {
            socket,
            answering: Some(answering),
        }
    }
}

impl Drop for TimeServer {
    fn drop(&mut self) {
        let at: SocketAddr = self.socket.local_addr().expect("the address just bound");
        self.socket.send_to(b"", at).ok();
        if let Some(answering) = self.answering.take() {
            answering.join().ok();
        }
    }
}

/// The answer to a client (mode 3) of version 3 or 4.
fn answer(question: &[u8], says: Says) -> Option<[u8; PACKET]> {
    let off = match says {
        Says::Right => 0,
        Says::Off(seconds) => seconds,
        Says::Nothing => return None,
    };
    let (version, mode) = ((question[0] >> 3) & 7, question[0] & 7);
    if question.len() < PACKET || !matches!((version, mode), (3 | 4, 3)) {
        return None;
    }
    let since_1900 = SystemTime::now().duration_since(UNIX_EPOCH).ok()? + ERA;
    let seconds = since_1900.as_secs().checked_add_signed(off)?;
    let fraction = (u64::from(since_1900.subsec_nanos()) << 32) / 1_000_000_000;
    // The era that began in 2036 goes on where 32 bits end.
    let now = ((seconds << 32) | fraction).to_be_bytes();
    let mut answer = [0; PACKET];
    // No leap second, its version, a server, of the second stratum.
    answer[0] = (version << 3) | 4;
    answer[1] = 2;
    answer[24..32].copy_from_slice(&question[40..48]);
    for at in [16, 32, 40] {
        answer[at..at + 8].copy_from_slice(&now);
    }
    Some(answer)
}
