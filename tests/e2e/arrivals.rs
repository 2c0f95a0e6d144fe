//! A real Postfix delivers after a poke, and its deliveries are seen from outside the own server.
//! A real Postfix as the own server, too, is asked whether it would take the mail.

use std::net::SocketAddr;

use dequeue_engine::arrivals::{Event, Provider, Sight, Tally, USUAL_LENGTH, Watcher};
use dequeue_engine::clock::Clock;
use dequeue_engine::{
    own_server::{Limits, OwnServerState, check},
    settings::Server,
};
use dequeue_smtp::Domain;
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::postfix::Held;
use crate::rig::client::Client;
use crate::rig::postfix::{Options, Postfix, Tls};
use crate::rig::{mail, net};
use crate::rig::{provider::Provider as _, wait::SOON};

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

fn at(address: SocketAddr) -> Server {
    Server {
        host: address.ip().to_string().parse().expect("an address"),
        port: address.port(),
    }
}

#[test]
fn real_deliveries_are_counted_with_their_bytes() {
    let mut held = Held::nothing();
    held.bring("customer.test");
    runtime().block_on(async {
        let (sender, mut events) = mpsc::channel(16);
        let watcher = Watcher::new(Clock::System, sender);
        let own = at(held.own_server.address());
        assert_eq!(watcher.watch(&own, USUAL_LENGTH).await, Sight::Watching);

        let started = Timestamp::now();
        // A stranger looks in and says nothing.
        drop(net::connect(net::UNBOUND.into(), held.own_server.address()));
        let provider = held.provider.address();
        let (mut client, _) = Client::hello(net::UNBOUND, provider);
        client.ask("ETRN customer.test", 250);
        client.ask("QUIT", 221);
        held.assert_arrives();

        let messages = held.own_server.arrivals();
        let bodies: usize = messages
            .iter()
            .map(|it| mail::stuffed(&it.bytes).len())
            .sum();
        let mut tally = Tally::new(Provider::At(vec![provider.ip()]), started);
        loop {
            match timeout(SOON, events.recv())
                .await
                .expect("an event in time")
            {
                Some(Event::Arrival(arrival)) => tally.add(&arrival),
                other => panic!("{other:?}"),
            };
            let visits = held.own_server.visits();
            let deliveries: Vec<_> = visits
                .iter()
                .filter(|visit| visit.commands.iter().any(|line| line == "DATA"))
                .collect();
            let commands = deliveries.iter().flat_map(|visit| &visit.commands);
            let sent = bodies + commands.map(|line| line.len() + 2).sum::<usize>();
            let count = tally.arrivals().provider;
            if usize::try_from(count.connections).unwrap() < deliveries.len() {
                continue;
            }
            // An end of the stream may count as one octet more.
            let bytes = usize::try_from(count.bytes.unwrap()).unwrap();
            assert!(
                (sent..=sent + deliveries.len()).contains(&bytes),
                "{bytes} of {sent}"
            );
            assert_eq!(
                usize::try_from(count.connections).unwrap(),
                deliveries.len()
            );
            assert_eq!(count.bare, 0);
            assert!(count.first_after_ms.is_some());
            break;
        }
        assert_eq!(tally.arrivals().elsewhere.connections, 0);
    });
}

#[test]
fn a_real_server_is_asked_whether_it_would_take_the_mail() {
    let own = net::free_port(net::address());
    let asked = |options: &Options, domain: &str| {
        let postfix = Postfix::start(options);
        let domains: Vec<Domain> = vec![domain.parse().unwrap()];
        let server = at(postfix.address());
        let checked = check(&server, &domains, true, Limits::default());
        let state = runtime().block_on(checked);
        // Postfix begins a file in its queue at the first RCPT and removes it at RSET.
        postfix.wait_until_held(0);
        assert!(!postfix.log().contains("status="), "{}", postfix.log());
        state
    };
    let stranger = Options {
        may_etrn: Vec::new(),
        ..Options::new(own)
    };
    match asked(&stranger, "customer.test") {
        OwnServerState::Answering { greeting } => {
            assert!(
                greeting.starts_with("mail.provider.test ESMTP"),
                "{greeting}"
            );
        }
        other => panic!("{other:?}"),
    }
    let answer = "554 5.7.1 <postmaster@other.test>: Relay access denied".to_owned();
    let domain = "other.test".to_owned();
    assert_eq!(
        asked(&stranger, "other.test"),
        OwnServerState::RefusesDomain { domain, answer }
    );
    // Postfix trusts its own machine with everything, as it does wherever it is installed.
    let domain = "example.com".to_owned();
    assert_eq!(
        asked(&Options::new(own), "customer.test"),
        OwnServerState::TrustsUs { domain }
    );
    let with_tls = Options {
        tls: Tls::Required,
        ..stranger
    };
    let answer = "530 5.7.0 Must issue a STARTTLS command first".to_owned();
    assert_eq!(
        asked(&with_tls, "customer.test"),
        OwnServerState::Untestable { answer }
    );
}
