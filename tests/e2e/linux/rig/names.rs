//! A DNS server that knows what the test tells it, and denies all else.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use simple_dns::{
    CLASS, Name, Packet, QTYPE, RCODE, ResourceRecord, TYPE,
    rdata::{A, AAAA, MX, RData},
};

/// What is known of a name.
#[derive(Debug, Clone)]
pub enum Record {
    Address(IpAddr),
    /// A mail exchange, with its preference.
    Mx(u16, String),
}

type Known = HashMap<String, Vec<Record>>;

/// The server. Dropping it ends it.
pub struct Names {
    socket: UdpSocket,
    known: Arc<Mutex<Known>>,
    answering: Option<JoinHandle<()>>,
}

impl Names {
    /// Answers at port 53 of `ip`.
    ///
    /// # Panics
    /// When the port is taken.
    pub fn start(ip: IpAddr) -> Self {
        let socket = UdpSocket::bind((ip, 53)).expect("port 53 of an own network is free");
        let known = Arc::<Mutex<Known>>::default();
        let answering = std::thread::spawn({
            let (socket, known) = (socket.try_clone().expect("a second handle"), known.clone());
            move || {
                let mut buffer = [0; 512];
                while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    // What is empty ends it.
                    if length == 0 {
                        break;
                    }
                    if let Some(reply) = reply(&buffer[..length], &known.lock().unwrap()) {
                        socket.send_to(&reply, from).ok();
                    }
                }
            }
        });
        Self {
            socket,
            known,
            answering: Some(answering),
        }
    }

    /// From now on `name` has these records, and no others.
    pub fn set(&self, name: &str, records: Vec<Record>) {
        self.known.lock().unwrap().insert(name.to_owned(), records);
    }

    /// From now on `name` has these addresses, and no other records.
    pub fn addresses(&self, name: &str, addresses: &[IpAddr]) {
        let records = addresses.iter().map(|ip| Record::Address(*ip));
        self.set(name, records.collect());
    }

    /// From now on the mail of `domain` goes to `exchange`.
    pub fn mx(&self, domain: &str, exchange: &str) {
        self.set(domain, vec![Record::Mx(10, exchange.to_owned())]);
    }

    /// From now on `name` is not known.
    pub fn forget(&self, name: &str) {
        self.known.lock().unwrap().remove(name);
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        let at: SocketAddr = self.socket.local_addr().expect("the address just bound");
        self.socket.send_to(b"", at).ok();
        if let Some(answering) = self.answering.take() {
            answering.join().ok();
        }
    }
}

fn reply(question: &[u8], known: &Known) -> Option<Vec<u8>> {
    let asked = Packet::parse(question).ok()?;
    let question = asked.questions.first()?.clone();
    let mut reply = asked.into_reply();
    let name = question.qname.to_string().to_ascii_lowercase();
    let records = known.get(&name);
    if records.is_none() {
        *reply.rcode_mut() = RCODE::NameError;
    }
    for record in records.into_iter().flatten() {
        let rdata = match (record, question.qtype) {
            (Record::Address(IpAddr::V4(ip)), QTYPE::TYPE(TYPE::A)) => RData::A(A::from(*ip)),
            (Record::Address(IpAddr::V6(ip)), QTYPE::TYPE(TYPE::AAAA)) => {
                RData::AAAA(AAAA::from(*ip))
            }
            (Record::Mx(preference, exchange), QTYPE::TYPE(TYPE::MX)) => RData::MX(MX {
                preference: *preference,
                exchange: Name::new(exchange).ok()?,
            }),
            _ => continue,
        };
        reply.answers.push(ResourceRecord::new(
            question.qname.clone(),
            CLASS::IN,
            60,
            rdata,
        ));
    }
    reply.build_bytes_vec().ok()
}
