//! Questions to a resolver on the Internet, past the one that this machine uses.
//!
//! Only the doctor asks here: what it looks for is where the two disagree. A resolver that says
//! nothing, or that it cannot say, is passed over for the next.

use std::{
    collections::BTreeSet,
    env, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use ring::rand::{SecureRandom, SystemRandom};
use simple_dns::{
    CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE, rdata::RData,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// The variable that names other public resolvers: addresses with commas between them, each with
/// or without a port; `none` to ask nobody.
pub const PUBLIC_DNS_VARIABLE: &str = "DEQUEUE_PUBLIC_DNS";

/// Quad9, Cloudflare, Google: three firms, of which one will be reachable.
const PUBLIC: [Ipv4Addr; 3] = [
    Ipv4Addr::new(9, 9, 9, 9),
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(8, 8, 8, 8),
];
const PORT: u16 = 53;
/// How long one resolver may take over one question.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest answer over UDP without EDNS (RFC 1035 4.2.1); a longer one comes over TCP.
const DATAGRAM: usize = 512;

/// Public resolvers, in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolvers {
    /// Whether the environment says that nobody is to be asked.
    are_off: bool,
    resolvers: Vec<SocketAddr>,
}

/// What a public resolver says of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer<T> {
    /// What was asked for.
    Found(T),
    /// There is no such name (NXDOMAIN).
    NoName,
    /// The name exists, but has nothing of this kind.
    Nothing,
    /// Nobody said. With what was wrong.
    Unknown(String),
    /// Nobody was asked: [`PUBLIC_DNS_VARIABLE`] says so.
    NotAsked,
}

impl Resolvers {
    /// Those that the environment names, else three well-known ones.
    #[must_use]
    pub fn from_environment() -> Self {
        match env::var(PUBLIC_DNS_VARIABLE) {
            Ok(text) if !text.trim().is_empty() => Self::from_text(&text),
            Ok(_) | Err(_) => Self::these(PUBLIC.map(|ip| (ip, PORT).into()).into()),
        }
    }

    const fn these(resolvers: Vec<SocketAddr>) -> Self {
        Self {
            are_off: false,
            resolvers,
        }
    }

    /// Whether nobody is to be asked.
    pub(super) const fn are_off(&self) -> bool {
        self.are_off
    }

    fn from_text(text: &str) -> Self {
        let address = |part: &str| {
            let with_port = part.parse::<SocketAddr>().ok();
            with_port.or_else(|| Some((part.parse::<IpAddr>().ok()?, PORT).into()))
        };
        Self {
            are_off: text.trim() == "none",
            resolvers: text
                .split(',')
                .filter_map(|part| address(part.trim()))
                .collect(),
        }
    }

    /// The addresses of a name, of both kinds.
    pub(super) async fn addresses(&self, name: &str) -> Answer<BTreeSet<IpAddr>> {
        let (four, six) = tokio::join!(self.ask(name, TYPE::A), self.ask(name, TYPE::AAAA));
        let records = |answer: Answer<Vec<Record>>| {
            answer.map(|records| {
                let addresses = records.into_iter().filter_map(|record| match record {
                    Record::Address(ip) => Some(ip),
                    Record::Mx(..) => None,
                });
                addresses.collect::<BTreeSet<_>>()
            })
        };
        match (records(four), records(six)) {
            (Answer::Found(mut four), Answer::Found(six)) => {
                four.extend(six);
                Answer::Found(four)
            }
            (Answer::Found(found), _) | (_, Answer::Found(found)) => Answer::Found(found),
            (Answer::NoName, _) | (_, Answer::NoName) => Answer::NoName,
            (Answer::Unknown(why), _) | (_, Answer::Unknown(why)) => Answer::Unknown(why),
            (Answer::NotAsked, _) | (_, Answer::NotAsked) => Answer::NotAsked,
            (Answer::Nothing, Answer::Nothing) => Answer::Nothing,
        }
    }

    /// The mail exchanges of a domain, the preferred one first. One with an empty name says that
    /// the domain takes no mail (RFC 7505).
    pub(super) async fn exchanges(&self, domain: &str) -> Answer<Vec<String>> {
        self.ask(domain, TYPE::MX).await.map(|records| {
            let mut exchanges: Vec<(u16, String)> = records
                .into_iter()
                .filter_map(|record| match record {
                    Record::Mx(preference, exchange) => Some((preference, exchange)),
                    Record::Address(_) => None,
                })
                .collect();
            exchanges.sort();
            exchanges
                .into_iter()
                .map(|(_, exchange)| exchange)
                .collect()
        })
    }

    async fn ask(&self, name: &str, kind: TYPE) -> Answer<Vec<Record>> {
        if self.are_off {
            return Answer::NotAsked;
        }
        let mut last = Answer::Unknown("no public resolver is set".to_owned());
        for resolver in &self.resolvers {
            last = match timeout(PATIENCE, ask(*resolver, name, kind)).await {
                Ok(Ok(Answer::Unknown(why))) => Answer::Unknown(format!("{resolver}: {why}")),
                Ok(Ok(answer)) => return answer,
                Ok(Err(error)) => Answer::Unknown(format!("{resolver}: {error}")),
                Err(_) => Answer::Unknown(format!("{resolver}: no answer")),
            };
        }
        last
    }
}

impl<T> Answer<T> {
    fn map<U>(self, with: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Found(found) => Answer::Found(with(found)),
            Self::NoName => Answer::NoName,
            Self::Nothing => Answer::Nothing,
            Self::Unknown(why) => Answer::Unknown(why),
            Self::NotAsked => Answer::NotAsked,
        }
    }
}

/// What an answer holds that is looked for.
#[derive(Debug, PartialEq, Eq)]
enum Record {
    Address(IpAddr),
    Mx(u16, String),
}

async fn ask(resolver: SocketAddr, name: &str, kind: TYPE) -> io::Result<Answer<Vec<Record>>> {
    let mut id = [0; 2];
    SystemRandom::new()
        .fill(&mut id)
        .map_err(|_| io::Error::other("the system gives no random numbers"))?;
    let id = u16::from_ne_bytes(id);
    let question = question(id, name, kind)?;
    let mut buffer = [0; DATAGRAM];
    let local: IpAddr = match resolver {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((local, 0)).await?;
    // From now on the system passes on only what comes from there.
    socket.connect(resolver).await?;
    socket.send(&question).await?;
    loop {
        let length = socket.recv(&mut buffer).await?;
        match read(&buffer[..length], id, name) {
            Some(Said::Answer(answer)) => return Ok(answer),
            Some(Said::TooLong) => break,
            // Not the answer to this.
            None => {}
        }
    }
    let mut stream = TcpStream::connect(resolver).await?;
    let length = u16::try_from(question.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(&question).await?;
    let mut answer = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    match read(&answer, id, name) {
        Some(Said::Answer(answer)) => Ok(answer),
        Some(Said::TooLong) | None => Ok(Answer::Unknown("its answer makes no sense".to_owned())),
    }
}

fn question(id: u16, name: &str, kind: TYPE) -> io::Result<Vec<u8>> {
    let name = Name::new(name.trim_end_matches('.')).map_err(io::Error::other)?;
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(Question::new(
        name,
        QTYPE::TYPE(kind),
        QCLASS::CLASS(CLASS::IN),
        false,
    ));
    packet.build_bytes_vec().map_err(io::Error::other)
}

enum Said {
    Answer(Answer<Vec<Record>>),
    /// It did not fit.
    TooLong,
}

/// Reads an answer; `None` where it is not the answer to this question.
fn read(bytes: &[u8], id: u16, name: &str) -> Option<Said> {
    let packet = Packet::parse(bytes).ok()?;
    let about = presented(&packet.questions.first()?.qname);
    let ours = about.eq_ignore_ascii_case(name.trim_end_matches('.'));
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) || !ours {
        return None;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Some(Said::TooLong);
    }
    Some(Said::Answer(match packet.rcode() {
        RCODE::NoError => {
            let found: Vec<Record> = packet.answers.iter().filter_map(record).collect();
            if found.is_empty() {
                Answer::Nothing
            } else {
                Answer::Found(found)
            }
        }
        RCODE::NameError => Answer::NoName,
        other => Answer::Unknown(format!("{other:?}")),
    }))
}

/// A name that stands for another is followed by the resolver; what counts is what it found.
fn record(record: &simple_dns::ResourceRecord<'_>) -> Option<Record> {
    match &record.rdata {
        RData::A(a) => Some(Record::Address(Ipv4Addr::from(a.address).into())),
        RData::AAAA(a) => Some(Record::Address(Ipv6Addr::from(a.address).into())),
        RData::MX(mx) => {
            let exchange = presented(&mx.exchange).to_ascii_lowercase();
            Some(Record::Mx(mx.preference, exchange))
        }
        _ => None,
    }
}

/// A name as people write it, whatever its octets are (RFC 1035 5.1, RFC 4343 2.1): those that are no
/// visible ASCII by their numbers, as in `\027`.
fn presented(name: &Name<'_>) -> String {
    let mut text = String::new();
    for label in name.get_labels() {
        if !text.is_empty() {
            text.push('.');
        }
        for octet in label.as_ref() {
            match octet {
                b'.' | b'\\' => text.extend(['\\', char::from(*octet)]),
                b'!'..=b'~' => text.push(char::from(*octet)),
                octet => text.push_str(&format!("\\{octet:03}")),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_as_a_person_writes_them() {
        let addresses = |text: &str| {
            let addresses = Resolvers::from_text(text).resolvers;
            addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            addresses("192.0.2.53, 192.0.2.54:5353,2001:db8::53, [2001:db8::54]:5353"),
            [
                "192.0.2.53:53",
                "192.0.2.54:5353",
                "[2001:db8::53]:53",
                "[2001:db8::54]:5353"
            ]
        );
        assert!(addresses("none").is_empty());
    }

    #[test]
    fn only_the_answer_to_the_question_counts() {
        let asked = question(7, "mail.provider.test.", TYPE::A).unwrap();
        let mut reply = Packet::parse(&asked).unwrap().into_reply();
        let bytes = |reply: &Packet<'_>| reply.build_bytes_vec().unwrap();
        let said = |bytes: &[u8], id, name| match read(bytes, id, name) {
            Some(Said::Answer(answer)) => format!("{answer:?}"),
            Some(Said::TooLong) => "too long".to_owned(),
            None => "nothing".to_owned(),
        };
        assert_eq!(
            said(&asked, 7, "mail.provider.test"),
            "nothing",
            "a question"
        );
        reply.set_flags(PacketFlag::RESPONSE);
        let empty = bytes(&reply);
        assert_eq!(said(&empty, 7, "Mail.provider.TEST"), "Nothing");
        assert_eq!(said(&empty, 8, "mail.provider.test"), "nothing");
        assert_eq!(said(&empty, 7, "other.provider.test"), "nothing");
        *reply.rcode_mut() = RCODE::NameError;
        assert_eq!(said(&bytes(&reply), 7, "mail.provider.test"), "NoName");
        *reply.rcode_mut() = RCODE::ServerFailure;
        assert_eq!(
            said(&bytes(&reply), 7, "mail.provider.test"),
            "Unknown(\"ServerFailure\")"
        );
        reply.set_flags(PacketFlag::TRUNCATION);
        assert_eq!(said(&bytes(&reply), 7, "mail.provider.test"), "too long");
        assert_eq!(said(b"\x00\x07", 7, "mail.provider.test"), "nothing");
    }

    /// A resolver whose answer does not fit into a datagram gives it over TCP; one that says nothing
    /// is passed over.
    #[tokio::test]
    async fn a_long_answer_comes_over_tcp_and_a_silent_resolver_is_passed_over() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(address).await.unwrap();
        let serving = tokio::spawn(async move {
            let mut buffer = [0; DATAGRAM];
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            let mut reply = Packet::parse(&buffer[..length]).unwrap().into_reply();
            reply.set_flags(PacketFlag::RESPONSE | PacketFlag::TRUNCATION);
            let short = reply.build_bytes_vec().unwrap();
            socket.send_to(&short, from).await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut question = vec![0; stream.read_u16().await.unwrap().into()];
            stream.read_exact(&mut question).await.unwrap();
            let mut reply = Packet::parse(&question).unwrap().into_reply();
            for (preference, exchange) in [(20, "two.test"), (10, "One.test")] {
                let mx = simple_dns::rdata::MX {
                    preference,
                    exchange: Name::new_unchecked(exchange),
                };
                let name = reply.questions[0].qname.clone();
                let record = simple_dns::ResourceRecord::new(name, CLASS::IN, 60, RData::MX(mx));
                reply.answers.push(record);
            }
            let whole = reply.build_bytes_vec().unwrap();
            let length = u16::try_from(whole.len()).unwrap();
            stream.write_all(&length.to_be_bytes()).await.unwrap();
            stream.write_all(&whole).await.unwrap();
        });
        // Nobody is at the first: its port is closed.
        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let nobody = closed.local_addr().unwrap();
        drop(closed);
        let resolvers = Resolvers::these(vec![nobody, address]);
        let found = resolvers.exchanges("customer.test").await;
        let expected = ["one.test", "two.test"].map(str::to_owned);
        assert_eq!(found, Answer::Found(expected.into()));
        serving.await.unwrap();
        let nobody = Resolvers::these(vec![nobody]);
        let nobody = nobody.addresses("customer.test").await;
        assert!(matches!(nobody, Answer::Unknown(_)), "{nobody:?}");
        let off = Resolvers::from_text("none");
        assert_eq!(off.addresses("customer.test").await, Answer::NotAsked);
        assert_eq!(off.exchanges("customer.test").await, Answer::NotAsked);
    }
}
