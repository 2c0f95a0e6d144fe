//! Providers that keep to nothing. Whatever comes: the session ends, within its limits of time and
//! size, has said nothing that it must not say, and reports on every domain.

use std::{net::Ipv4Addr, time::Duration};

use dequeue_smtp::{
    ConnectFault, Input, Login, LoginChoice, Method, Outcome, Plan, Reason, Security, Session,
    Step, limits,
};
use proptest::prelude::*;

use crate::{
    anything::{Act, SECRET, drive},
    provider::plan,
};

/// The methods that speak SMTP.
const SMTP: [Method; 6] = [
    Method::Auto,
    Method::Signal,
    Method::Etrn,
    Method::Atrn,
    Method::Turn,
    Method::Qsnd,
];

fn any_plan() -> impl Strategy<Value = Plan> {
    let method = prop::sample::select(Method::ALL.to_vec());
    let normal = prop::sample::select(vec![vec![], vec![502, 459]]);
    let security = prop::sample::select(Security::ALL.to_vec());
    let login = prop::sample::select(LoginChoice::ALL.to_vec());
    let login = proptest::option::of((login, any::<bool>()).prop_map(|(choice, in_clear)| Login {
        user: "user".into(),
        secret: Some(SECRET.to_owned().into()),
        choice,
        in_clear,
        certificate: true,
    }));
    (method, 0..10_usize, normal, security, login).prop_map(
        |(method, count, normal, security, login)| {
            let domains: Vec<String> = (0..count).map(|i| format!("d{i}.example")).collect();
            let names: Vec<&str> = domains.iter().map(String::as_str).collect();
            Plan {
                normal_codes: normal,
                security,
                login,
                ..plan(method, &names)
            }
        },
    )
}

fn any_words() -> impl Strategy<Value = Vec<u8>> {
    let likely = prop::sample::select(vec![
        "220 mail.provider.test ESMTP\r\n",
        "220 mail.provider.test ESMTP\r\n",
        "250-mail.provider.test\r\n250 PIPELINING\r\n",
        "250-mail.provider.test\r\n250-ETRN\r\n250 PIPELINING\r\n",
        "250-mail.provider.test\r\n250 ETRN\r\n",
        "250-mail.provider.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n",
        "250-mail.provider.test\r\n250-ATRN\r\n250 AUTH=SCRAM-SHA-1 XOAUTH2\r\n",
        "235 in\r\n",
        "235 tanstaaftanstaaf\r\n",
        "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
        "334 \r\n",
        "504 no\r\n",
        "535 tanstaaftanstaaf is wrong\r\n",
        "453 no mail\r\n",
        "250 OK\r\n",
        "250 OK\r\n",
        "250 OK\r\n221 bye\r\n",
        "221 bye\r\n",
        "251 none\r\n",
        "421 closing\r\n",
        "458 no\r\n",
        "459 no\r\n",
        "502 no\r\n",
        "550 no\r\n",
        "554-no\r\n554 no\r\n",
        "220 ********\r\n",
        "334 go on\r\n",
        "25",
        "250-",
        "\r\n",
        "\n",
        "hello\r\n",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    prop_oneof![
        10 => likely,
        1 => proptest::collection::vec(any::<u8>(), 1..40),
    ]
}

fn any_act() -> impl Strategy<Value = Act> {
    let wait = (0..400_000_u64).prop_map(|ms| Act::Wait(Duration::from_millis(ms)));
    prop_oneof![
        22 => any_words().prop_map(Act::Say),
        2 => wait,
        1 => Just(Act::Close),
        1 => Just(Act::Reset),
        1 => Just(Act::Refuse),
    ]
}

#[derive(Clone, Debug)]
enum Feed {
    Connected,
    ConnectFailed,
    Sent,
    Received(Vec<u8>),
    Closed,
    Reset,
    TimedOut,
}

fn any_feed() -> impl Strategy<Value = Feed> {
    prop_oneof![
        2 => Just(Feed::Connected),
        1 => Just(Feed::ConnectFailed),
        3 => Just(Feed::Sent),
        6 => any_words().prop_map(Feed::Received),
        1 => Just(Feed::Closed),
        1 => Just(Feed::Reset),
        1 => Just(Feed::TimedOut),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_provider_that_does_anything(plan in any_plan(), acts in proptest::collection::vec(any_act(), 0..60)) {
        // A turn may be tried again as long as it brings mail.
        let turns = if plan.method.turns() || plan.method == Method::Auto { limits::TURNS as usize } else { 1 };
        let connections_at_most = (plan.targets.len() + 4) * turns;
        let mut acts = acts.into_iter();
        let ending = drive(plan, |_| acts.next());
        prop_assert!(ending.connections <= connections_at_most);
    }

    /// Nor does a driver that feeds what cannot be bring it down.
    #[test]
    fn a_driver_that_feeds_anything(plan in any_plan(), feeds in proptest::collection::vec((0..100_u64, any_feed()), 0..100)) {
        let domains = plan.targets.len();
        let mut session = Session::new(plan);
        let mut now = Duration::ZERO;
        for (seconds, feed) in feeds {
            now += Duration::from_secs(seconds);
            let ended = session.step() == Step::Done;
            session.feed(now, match &feed {
                Feed::Connected => Input::Connected { local: Ipv4Addr::LOCALHOST.into() },
                Feed::ConnectFailed => Input::ConnectFailed(ConnectFault::NoRoute),
                Feed::Sent => Input::Sent,
                Feed::Received(bytes) => Input::Received(bytes),
                Feed::Closed => Input::Closed,
                Feed::Reset => Input::Reset,
                Feed::TimedOut => Input::TimedOut,
            });
            prop_assert!(!ended || session.step() == Step::Done, "the end is the end");
        }
        prop_assert!(session.dialogue().len() <= limits::DIALOGUE_LINES);
        prop_assert_eq!(session.into_report().domains.len(), domains);
    }
}

/// Says one piece after the other whenever we listen, each after a pause.
fn slowly<'a>(
    pause: Duration,
    mut pieces: impl Iterator<Item = &'a [u8]>,
) -> impl FnMut(&Step<'_>) -> Option<Act> {
    let mut wait = false;
    move |step| {
        if !matches!(step, Step::Receive { .. }) {
            return None;
        }
        wait = !wait;
        if wait {
            Some(Act::Wait(pause))
        } else {
            pieces.next().map(|piece| Act::Say(piece.to_vec()))
        }
    }
}

const A: &[&str] = &["a.example"];

#[test]
fn nothing_endless_is_endless() {
    let big = vec![b'x'; 64 * 1024];
    let zeros = vec![0; 64 * 1024];
    for (what, piece, reason) in [
        (
            "greeting lines",
            b"220-welcome\r\n".as_slice(),
            Reason::TooMuch,
        ),
        ("greetings", b"220 welcome\r\n", Reason::TooMuch),
        (
            "greetings in one go",
            &b"220 welcome\r\n".repeat(5000),
            Reason::TooMuch,
        ),
        ("digits", b"2", Reason::NotSmtp),
        (
            "a line",
            &[b"220 ", big.as_slice()].concat(),
            Reason::TooMuch,
        ),
        ("NULs", &zeros, Reason::NotSmtp),
    ] {
        for method in SMTP {
            let ending = drive(plan(method, A), |step| match step {
                Step::Receive { .. } => Some(Act::Say(piece.to_vec())),
                _ => None,
            });
            let verdict = &ending.report.domains[0].verdict;
            if method == Method::Signal && what.starts_with("greetings") {
                // There was a greeting, and the QUIT was sent.
                assert_eq!(verdict.outcome, Outcome::Signalled, "{what}");
            } else {
                assert_eq!(
                    (verdict.outcome, verdict.reason),
                    (Outcome::Refused, reason),
                    "{method} {what}"
                );
            }
            assert!(
                ending.received <= limits::SESSION_RECEIVED + piece.len(),
                "{method} {what}"
            );
            assert_eq!(ending.at, Duration::ZERO);
        }
    }
}

/// What a finger request is answered does not count by lines, but by octets all the same.
#[test]
fn an_endless_answer_to_finger_is_not_kept() {
    let ending = drive(plan(Method::Finger, A), |step| match step {
        Step::Receive { .. } => Some(Act::Say(vec![b'x'; 4000])),
        _ => None,
    });
    assert!(ending.received <= limits::FINGER_ANSWER + 4000);
    // The request was made and answered.
    assert_eq!(ending.report.verdict.reason, Reason::FingerSignals);
}

/// A limit is for a phase, however often something comes in it.
#[test]
fn one_octet_a_second() {
    let second = Duration::from_secs(1);
    let greeting = b"220-a greeting that is longer than anybody would wait for it ".repeat(20);
    let ending = drive(plan(Method::Etrn, A), slowly(second, greeting.chunks(1)));
    assert_eq!(ending.report.verdict.reason, Reason::NotGreeted);
    // The greeting's five minutes, and five seconds for the QUIT.
    assert_eq!(ending.at, Duration::from_secs(305));

    let hello = [b"220 hi\r\n".as_slice(), &b"250-x\r\n".repeat(100)].concat();
    let ending = drive(plan(Method::Etrn, A), slowly(second, hello.chunks(1)));
    assert_eq!(ending.report.verdict.reason, Reason::SilentBeforeRequest);
    assert_eq!(ending.at, Duration::from_secs(8 + 300 + 5));
}

#[test]
fn replies_that_nobody_asked_for_come_to_an_end() {
    let flood = [
        b"220 hi\r\n".as_slice(),
        &b"250 OK\r\n".repeat(limits::UNASKED_REPLIES + 1),
    ]
    .concat();
    for method in SMTP {
        let mut said = Some(Act::Say(flood.clone()));
        let ending = drive(plan(method, A), |step| match step {
            Step::Receive { .. } => said.take(),
            _ => None,
        });
        let us: Vec<&str> = ending
            .report
            .dialogue
            .iter()
            .map(|line| line.line.as_str())
            .collect();
        assert!(us.contains(&"QUIT"), "{method} {us:?}");
    }
}

/// The session is over in its time, whatever the provider finds to say.
#[test]
fn the_whole_session_has_a_limit() {
    let domains: Vec<String> = (0..100).map(|i| format!("d{i}.example")).collect();
    let names: Vec<&str> = domains.iter().map(String::as_str).collect();
    // Each answer comes after four minutes: in time for a command, not for a hundred of them.
    let pieces = [b"220 hi\r\n".as_slice()]
        .into_iter()
        .chain([b"250 OK\r\n".as_slice()].into_iter().cycle());
    let ending = drive(
        plan(Method::Qsnd, &names),
        slowly(Duration::from_secs(240), pieces),
    );
    let session = plan(Method::Qsnd, &names).limits.session;
    assert!(ending.at <= session + limits::FAREWELL, "{:?}", ending.at);
    let started = ending
        .report
        .domains
        .iter()
        .filter(|domain| domain.verdict.outcome == Outcome::Started);
    // Seven quarters of an hour in all, two of them for greeting and QUIT of the first connection.
    assert_eq!(
        (started.count(), ending.report.verdict.outcome),
        (6, Outcome::Unknown)
    );
}

/// This program ends in the middle: what was asked may have worked, what was not asked has not.
#[test]
fn a_session_that_is_interrupted_tells_how_far_it_came() {
    let told = |method, connects: bool, replies: &[&str]| {
        let mut session = Session::new(plan(method, A));
        let mut replies = replies.iter();
        let at = Duration::from_secs(1);
        loop {
            let input = match session.step() {
                Step::Connect { .. } if connects => Input::Connected {
                    local: Ipv4Addr::LOCALHOST.into(),
                },
                Step::Send { .. } => Input::Sent,
                Step::Receive { .. } => match replies.next() {
                    Some(reply) => Input::Received(reply.as_bytes()),
                    None => break,
                },
                _ => break,
            };
            session.feed(at, input);
        }
        session.interrupt(at);
        assert!(matches!(session.step(), Step::Done));
        let report = session.into_report();
        let last = report.dialogue.last().map(|line| line.line.clone());
        assert_eq!(last.as_deref(), Some("interrupted"), "{report:?}");
        for domain in &report.domains {
            assert_eq!(domain.verdict, report.verdict, "{report:?}");
        }
        (report.verdict.outcome, report.verdict.reason)
    };
    let before = (Outcome::Unknown, Reason::InterruptedBeforeRequest);
    let asked = (Outcome::Unknown, Reason::Interrupted);
    let hello = ["220 hi\r\n", "250-hi\r\n250 ETRN\r\n"];
    for (method, connects, replies, expected) in [
        (Method::Etrn, false, &[][..], before),
        (Method::Signal, false, &[], before),
        (Method::Etrn, true, &[], before),
        (Method::Etrn, true, &hello[..1], before),
        (Method::Etrn, true, &hello, asked),
        // The visit is the request.
        (Method::Signal, true, &[], asked),
        // An answer stays one.
        (
            Method::Etrn,
            true,
            &[hello[0], hello[1], "253 OK, 3 pending messages\r\n"],
            (Outcome::Started, Reason::PendingStarted),
        ),
    ] {
        assert_eq!(
            told(method, connects, replies),
            expected,
            "{method} {replies:?}"
        );
    }
}
