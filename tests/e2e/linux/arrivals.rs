//! A real Postfix delivers after a poke, and its deliveries are seen from outside the mail server.
//! The same by an engine, as any user. A real Postfix as the mail server, too, is asked whether it would take the mail.

use std::net::SocketAddr;

use dequeue_api::PokeView;
use dequeue_core::{
    arrivals::{ArrivalCounter, ArrivalMonitoring, Arrivals, Count, Provider},
    mail_server::MailServerState,
    settings::value::Server,
};
use dequeue_engine::{
    arrivals::{ArrivalEvent, USUAL_LENGTH, Watcher},
    mail_server::{ProbeLimits, probe},
};
use dequeue_platform::clock::Clock;
use dequeue_smtp::Domain;
use jiff::Timestamp;
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
    time::timeout,
};

use crate::{
    linux::{
        postfix::Held,
        rig::{
            postfix::{Options, Postfix, Tls},
            provider::Provider as _,
        },
    },
    programs::{Home, Run, account},
    rig::{
        client::Client,
        mail,
        mail_server::MailServer,
        net,
        wait::{self, SOON},
    },
};

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

/// What the provider has brought, by the mail server's record.
struct Brought {
    /// The connections with mail.
    deliveries: u32,
    /// What they sent in all: the messages and the commands.
    octets: u64,
}

fn brought(held: &Held) -> Brought {
    let messages = held.mail_server.arrivals();
    let bodies = messages.iter().map(|it| mail::stuffed(&it.bytes).len());
    let mut visits = held.mail_server.visits();
    visits.retain(|visit| visit.commands.iter().any(|line| line == "DATA"));
    let commands = visits.iter().flat_map(|visit| &visit.commands);
    let octets = bodies.sum::<usize>() + commands.map(|line| line.len() + 2).sum::<usize>();
    Brought {
        deliveries: visits.len().try_into().unwrap(),
        octets: octets.try_into().unwrap(),
    }
}

#[test]
fn real_deliveries_are_counted_with_their_bytes() {
    let mut held = Held::nothing();
    held.bring("customer.test");
    runtime().block_on(async {
        let (sender, mut events) = mpsc::channel(16);
        let watcher = Watcher::new(Clock::System, sender);
        let own = at(held.mail_server.address());
        assert_eq!(
            watcher.watch(&own, USUAL_LENGTH).await,
            ArrivalMonitoring::Watching
        );

        let started = Timestamp::now();
        // A stranger looks in and says nothing.
        drop(net::connect(
            net::UNBOUND.into(),
            held.mail_server.address(),
        ));
        let provider = held.provider.address();
        let (mut client, _) = Client::hello(net::UNBOUND, provider);
        client.ask("ETRN customer.test", 250);
        client.ask("QUIT", 221);
        held.assert_arrives();

        let mut counter = ArrivalCounter::new(Provider::At(vec![provider.ip()]), started);
        loop {
            match timeout(SOON, events.recv())
                .await
                .expect("an event in time")
            {
                Some(ArrivalEvent::Arrival(arrival)) => counter.add(&arrival),
                other => panic!("{other:?}"),
            };
            let Brought { deliveries, octets } = brought(&held);
            let count = counter.arrivals().provider;
            if count.connections < deliveries {
                continue;
            }
            // An end of the stream may count as one octet more.
            let bytes = count.bytes.unwrap();
            assert!(
                (octets..=octets + u64::from(deliveries)).contains(&bytes),
                "{bytes} of {octets}"
            );
            assert_eq!(count.connections, deliveries);
            assert_eq!(count.bare, 0);
            assert!(count.first_after_ms.is_some());
            break;
        }
        assert_eq!(counter.arrivals().elsewhere.connections, 0);
    });
}

#[test]
fn a_real_server_is_asked_whether_it_would_take_the_mail() {
    let own = net::free_port(net::address());
    let asked = |options: &Options, domain: &str| {
        let postfix = Postfix::start(options);
        let domains: Vec<Domain> = vec![domain.parse().unwrap()];
        let server = at(postfix.address());
        let checked = probe(&server, &domains, true, ProbeLimits::default());
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
        MailServerState::Answering { greeting } => {
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
        MailServerState::RefusesDomain { domain, answer }
    );
    // Postfix trusts its own machine with everything, as it does wherever it is installed.
    let domain = "example.com".to_owned();
    assert_eq!(
        asked(&Options::new(own), "customer.test"),
        MailServerState::TrustsUs { domain }
    );
    let with_tls = Options {
        own: Tls::Required.into(),
        ..stranger
    };
    let answer = "530 5.7.0 Must issue a STARTTLS command first".to_owned();
    assert_eq!(
        asked(&with_tls, "customer.test"),
        MailServerState::Untestable { answer }
    );
}

/// An engine's account at this Postfix, which looks for arrivals at the mail server.
fn watching(held: &Held) -> String {
    let own = held.mail_server.address();
    let lines = format!(
        "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"1h\"\nwatch = \"1m\"\n\
         mail_server = \"{own}\""
    );
    account("postfix", held.provider.address(), &lines)
}

/// The newest poke, as soon as its arrivals are as wanted.
fn with_arrivals(history: impl Fn() -> Run, wanted: impl Fn(&Arrivals) -> bool) -> PokeView {
    wait::until("a poke with what has arrived", SOON, || {
        let newest = history().objects().into_iter().next()?;
        let poke: PokeView = serde_json::from_value(newest).expect("a poke of the api");
        poke.arrivals.is_some_and(|it| wanted(&it)).then_some(poke)
    })
}

/// An engine runs on mail that is held: what it says of the arrivals is what came.
fn assert_counted(held: &Held, history: impl Fn() -> Run) {
    held.assert_arrives();
    wait::until("the deliveries to end", SOON, || {
        held.mail_server
            .visits()
            .iter()
            .all(|visit| visit.over)
            .then_some(())
    });
    let Brought { deliveries, octets } = brought(held);
    let poke = with_arrivals(&history, |it| it.provider.connections >= deliveries);
    // The kernel tells of a connection some time after both sides have ended it.
    let told = Timestamp::now();
    assert_eq!(poke.monitoring, Some(ArrivalMonitoring::Watching));
    let count = poke.arrivals.expect("arrivals").provider;
    assert_eq!(
        (count.connections, count.bare),
        (deliveries, 0),
        "{poke:#?}"
    );
    let bytes = count.bytes.expect("bytes");
    assert!(
        (octets..=octets + u64::from(deliveries)).contains(&bytes),
        "{bytes} of {octets}"
    );
    // A connection ends after its first message, before the engine reports it.
    let first = held.mail_server.arrivals()[0].at;
    let first: Timestamp = first.try_into().expect("a time");
    let first_after = first.as_millisecond() - poke.started_at.as_millisecond();
    let told_after = told.as_millisecond() - poke.started_at.as_millisecond();
    let after = i64::try_from(count.first_after_ms.expect("a time")).expect("a time");
    assert!(
        (first_after - 1..=told_after).contains(&after),
        "{first_after} {after} {told_after}"
    );
    assert!(
        poke.explanation.contains("from the provider"),
        "{}",
        poke.explanation
    );

    // The provider looks in, and says nothing.
    drop(net::connect(held.provider.address().ip(), held.mail_server.address()).expect("a look"));
    let poke = with_arrivals(&history, |it| it.provider.bare > 0);
    let after = poke.arrivals.expect("arrivals");
    assert_eq!(after.provider, Count { bare: 1, ..count });
    assert_eq!(after.elsewhere, Count::default());
}

#[test]
fn an_engine_says_what_has_arrived_after_its_poke() {
    let mut held = Held::nothing();
    held.bring("customer.test");
    let home = Home::with(&[watching(&held)]);
    let engine = home.start_engine();
    assert_counted(&held, || home.run(&["history", "postfix", "--json"]));
    engine.end();
}

#[test]
fn a_user_without_rights_is_told_the_same() {
    let mut held = Held::nothing();
    held.bring("customer.test");
    let home = Home::with(&[watching(&held)]);
    let nobody = home.of_nobody();
    let engine = home.start_command(&nobody.command(&["run"]));
    home.wait_for_engine();
    let status = std::fs::read_to_string(format!("/proc/{}/status", engine.pid())).unwrap();
    assert!(
        status.contains("\nUid:\t65534\t65534\t65534\t65534\n"),
        "{status}"
    );
    assert!(status.contains("\nCapEff:\t0000000000000000\n"), "{status}");
    assert_counted(&held, || {
        Run::of(&mut nobody.command(&["history", "postfix", "--json"]))
    });
    engine.end();
}

#[test]
fn where_arrivals_cannot_be_seen_it_is_said() {
    let provider = MailServer::up();
    let silent = MailServer::down().address();
    let cases = [
        // A documentation address (RFC 5737): some other machine.
        ("192.0.2.1:25".to_owned(), ArrivalMonitoring::NotHere),
        (silent.to_string(), ArrivalMonitoring::NotListening),
        (provider.address().to_string(), ArrivalMonitoring::Watching),
    ];
    for (own, expected) in cases {
        let lines = format!(
            "method = \"signal\"\nevery = \"1h\"\nmail_server = \"{own}\"\nmail_server_first = false"
        );
        let home = Home::with(&[account("vevida", provider.address(), &lines)]);
        let engine = home.start_engine();
        let poke = home.wait_for_pokes("vevida", 1, SOON).remove(0);
        let poke: PokeView = serde_json::from_value(poke).expect("a poke of the api");
        assert!(poke.outcome.is_success(), "{poke:#?}");
        assert_eq!(
            (poke.monitoring.clone(), poke.arrivals),
            (Some(expected), None),
            "{own}"
        );
        engine.end();
    }
}
