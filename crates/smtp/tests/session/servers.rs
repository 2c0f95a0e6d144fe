//! What real servers were seen to say on the wire, in every situation that we can bring about, and
//! what a person would call the outcome. Recorded from Postfix 3.7, Exim 4.96, Sendmail 8.17 and
//! qmail 1.06.

use dequeue_smtp::{Method, Outcome, Reason};

use crate::provider::{Script, plan};
use Outcome::*;
use Reason::*;

struct Server {
    name: &'static str,
    greeting: &'static str,
    ehlo: &'static str,
    helo: &'static str,
    bye: &'static str,
    /// What is asked for, what is said to that, and what it comes to.
    etrn: &'static [(&'static str, &'static str, Outcome, Reason)],
    qsnd: &'static str,
    seen: Option<&'static str>,
}

const SERVERS: &[Server] = &[
    Server {
        name: "Postfix",
        greeting: "220 mail.provider.test ESMTP Postfix",
        ehlo: "250-mail.provider.test | 250-PIPELINING | 250-SIZE 10240000 | 250-VRFY | 250-ETRN | 250-ENHANCEDSTATUSCODES | 250-8BITMIME | 250-DSN | 250-SMTPUTF8 | 250 CHUNKING",
        helo: "250 mail.provider.test",
        bye: "221 2.0.0 Bye",
        etrn: &[
            (
                "customer.test",
                "250 Queuing started",
                Started,
                QueuingStarted,
            ),
            (
                "unknown.example",
                "459 <unknown.example>: service unavailable",
                Refused,
                NotAllowed,
            ),
            (
                "sub.customer.test",
                "250 Queuing started",
                Started,
                QueuingStarted,
            ),
            (
                "@customer.test",
                "250 Queuing started",
                Started,
                QueuingStarted,
            ),
            (
                "#mqueue",
                "459 <mqueue>: service unavailable",
                Refused,
                NotAllowed,
            ),
            (
                "#customer.test",
                "250 Queuing started",
                Started,
                QueuingStarted,
            ),
            (
                "[127.0.0.1]",
                "459 <[127.0.0.1]>: service unavailable",
                Refused,
                NotAllowed,
            ),
            (
                "customer.test",
                "503 Error: send HELO/EHLO first",
                Refused,
                BadSequence,
            ),
            (
                "customer.test",
                "554 5.7.1 <customer.test>: Etrn command rejected: Access denied",
                Refused,
                Denied,
            ),
            (
                "unknown.example",
                "554 5.7.1 <unknown.example>: Etrn command rejected: Access denied",
                Refused,
                Denied,
            ),
        ],
        qsnd: "500 5.5.2 Error: command not recognized",
        seen: None,
    },
    Server {
        name: "Exim",
        greeting: "220 mail.provider.test ESMTP Exim 4.96 Wed, 25 Nov 2026 01:50:21 +0000",
        ehlo: "250-mail.provider.test Hello probe.test [127.0.12.2] | 250-SIZE 52428800 | 250-8BITMIME | 250-ETRN | 250-PIPELINING | 250-PIPECONNECT | 250-CHUNKING | 250-SMTPUTF8 | 250 HELP",
        helo: "250 mail.provider.test Hello probe.test [127.0.12.2]",
        bye: "221 mail.provider.test closing connection",
        etrn: &[
            ("customer.test", "250 OK", Started, QueuingStarted),
            (
                "customer.test",
                "458 Already processing customer.test",
                Started,
                AlreadyRunning,
            ),
            (
                "unknown.example",
                "458 ETRN: unknown domain",
                Refused,
                CannotQueue,
            ),
            (
                "sub.customer.test",
                "458 ETRN: unknown domain",
                Refused,
                CannotQueue,
            ),
            ("@customer.test", "250 OK", Started, QueuingStarted),
            ("#mqueue", "458 ETRN: unknown domain", Refused, CannotQueue),
            ("#customer.test", "250 OK", Started, QueuingStarted),
            (
                "[127.0.0.1]",
                "458 ETRN: unknown domain",
                Refused,
                CannotQueue,
            ),
            (
                "customer.test",
                "458 ETRN not permitted from your address",
                Refused,
                CannotQueue,
            ),
            (
                "customer.test",
                "501 argument must begin with #",
                Refused,
                Syntax,
            ),
        ],
        qsnd: "500 unrecognized command",
        seen: Some("127.0.12.2"),
    },
    Server {
        name: "Sendmail",
        greeting: "220 mail.provider.test ESMTP Sendmail 8.17.1.9/8.17.1.9; Wed, 25 Nov 2026 01:54:59 GMT",
        ehlo: "250-mail.provider.test Hello [127.0.15.2], pleased to meet you | 250-ENHANCEDSTATUSCODES | 250-PIPELINING | 250-EXPN | 250-VERB | 250-8BITMIME | 250-SIZE | 250-DSN | 250-ETRN | 250-AUTH DIGEST-MD5 CRAM-MD5 | 250-DELIVERBY | 250 HELP",
        helo: "250 mail.provider.test Hello [127.0.15.2], pleased to meet you",
        bye: "221 2.0.0 mail.provider.test closing connection",
        etrn: &[
            (
                "customer.test",
                "250 2.0.0 Queuing for node customer.test started",
                Started,
                QueuingStarted,
            ),
            (
                "unknown.example",
                "459 5.7.1 unknown domain",
                Refused,
                NotAllowed,
            ),
            (
                "sub.customer.test",
                "459 5.7.1 unknown domain",
                Refused,
                NotAllowed,
            ),
            (
                "@customer.test",
                "250 2.0.0 Queuing for node @customer.test started",
                Started,
                QueuingStarted,
            ),
            ("#mqueue", "459 5.7.1 unknown domain", Refused, NotAllowed),
            (
                "#customer.test",
                "459 4.5.4 Queue customer.test unknown",
                Refused,
                NotAllowed,
            ),
            (
                "[127.0.0.1]",
                "459 5.7.1 unknown domain",
                Refused,
                NotAllowed,
            ),
            (
                "customer.test",
                "451 4.3.2 Please try again later",
                Refused,
                TryLater,
            ),
            (
                "customer.test",
                "502 5.7.0 Sorry, we do not allow this operation",
                Refused,
                NotImplemented,
            ),
            (
                "customer.test",
                "554 5.7.1 ETRN not permitted from your address",
                Refused,
                Denied,
            ),
        ],
        qsnd: "500 5.5.1 Command unrecognized: \"QSND customer.test\"",
        seen: Some("127.0.15.2"),
    },
    Server {
        name: "qmail",
        greeting: "220 mail.provider.test ESMTP",
        ehlo: "250-mail.provider.test | 250-PIPELINING | 250 8BITMIME",
        helo: "250 mail.provider.test",
        bye: "221 mail.provider.test",
        etrn: &[
            (
                "customer.test",
                "502 unimplemented (#5.5.1)",
                Refused,
                NotImplemented,
            ),
            (
                "@customer.test",
                "502 unimplemented (#5.5.1)",
                Refused,
                NotImplemented,
            ),
            (
                "#mqueue",
                "502 unimplemented (#5.5.1)",
                Refused,
                NotImplemented,
            ),
        ],
        qsnd: "502 unimplemented (#5.5.1)",
        seen: None,
    },
];

fn lines(reply: &str) -> String {
    reply
        .split(" | ")
        .map(|line| format!("< {line}\n"))
        .collect()
}

#[test]
fn every_recorded_reply_to_etrn() {
    for server in SERVERS {
        let Server {
            name,
            greeting,
            ehlo,
            bye,
            ..
        } = server;
        let start = format!(
            "connect\n< {greeting}\n> EHLO office.example\n{}",
            lines(ehlo)
        );
        for (target, reply, outcome, reason) in server.etrn {
            let script = format!("{start}> ETRN {target}\n> QUIT\n< {reply}\n< {bye}\n");
            let (report, _) = Script::new(&script).play(plan(Method::Etrn, &[target]));
            let verdict = &report.domains[0].verdict;
            assert_eq!(
                (verdict.outcome, verdict.reason),
                (*outcome, *reason),
                "{name}: {reply}"
            );
            let said = reply.split_once(' ').unwrap();
            assert_eq!(verdict.code, said.0.parse().ok());
            assert_eq!(verdict.text.as_deref(), Some(said.1));
            assert_eq!(report.round_trips, 4, "{name}");
            assert_eq!(
                report.seen_address,
                server.seen.map(|seen| seen.parse().unwrap())
            );
        }
        // All of them over one connection: none hides another.
        let targets: Vec<&str> = server.etrn.iter().map(|row| row.0).take(7).collect();
        let mut script = start;
        let last = targets.len() - 1;
        for (i, (target, reply, ..)) in server.etrn.iter().take(7).enumerate() {
            let quit = if i == last { "> QUIT\n" } else { "" };
            script += &format!("> ETRN {target}\n{quit}< {reply}\n");
        }
        let (report, _) =
            Script::new(&(script + &format!("< {bye}\n"))).play(plan(Method::Etrn, &targets));
        for (domain, row) in report.domains.iter().zip(server.etrn) {
            assert_eq!(
                (domain.verdict.outcome, domain.verdict.reason),
                (row.2, row.3),
                "{name}: {}",
                row.1
            );
        }
    }
}

#[test]
fn every_recorded_reply_after_helo_and_to_qsnd() {
    for Server {
        name,
        greeting,
        helo,
        bye,
        etrn,
        qsnd,
        seen,
        ..
    } in SERVERS
    {
        let (target, reply, outcome, reason) = etrn[0];
        let script = format!(
            "connect\n< {greeting}\n> EHLO office.example\nclose\n\
             connect\n< {greeting}\n> HELO office.example\n< {helo}\n> ETRN {target}\n< {reply}\n> QUIT\n< {bye}\n"
        );
        let (report, _) = Script::new(&script).play(plan(Method::Etrn, &[target]));
        assert_eq!(
            (report.verdict.outcome, report.verdict.reason),
            (outcome, reason),
            "{name}"
        );
        assert_eq!(
            report.seen_address,
            seen.map(|seen| seen.parse().unwrap()),
            "{name}"
        );

        let script =
            format!("connect\n< {greeting}\n> QSND customer.test\n< {qsnd}\n> QUIT\n< {bye}\n");
        let (report, _) = Script::new(&script).play(plan(Method::Qsnd, &["customer.test"]));
        assert_eq!(
            (report.verdict.outcome, report.verdict.reason),
            (Refused, NotImplemented),
            "{name}"
        );
    }
}

#[test]
fn each_server_is_asked_as_it_wants_to_be() {
    for Server {
        name,
        greeting,
        ehlo,
        bye,
        etrn,
        ..
    } in SERVERS
    {
        let start = format!(
            "connect\n< {greeting}\n> EHLO office.example\n{}",
            lines(ehlo)
        );
        let offers = ehlo.contains("ETRN");
        let rest = if offers {
            format!("> ETRN customer.test\n> QUIT\n< {}\n< {bye}\n", etrn[0].1)
        } else {
            // Whether it is known all the same, only the answer tells.
            format!("> ETRN customer.test\n< {}\n> QUIT\n< {bye}\n", etrn[0].1)
        };
        let (report, _) =
            Script::new(&(start + &rest)).play(plan(Method::Auto, &["customer.test"]));
        let expected = if offers {
            (Method::Etrn, Started)
        } else {
            (Method::Signal, Signalled)
        };
        assert_eq!(
            (report.method, report.domains[0].verdict.outcome),
            expected,
            "{name}"
        );
    }
}

/// qmail's manner, where the visit is the signal whatever ETRN gets.
#[test]
fn refusals_that_are_normal_are_no_refusals() {
    for reply in [
        "502 unimplemented (#5.5.1)",
        "459 <customer.test>: service unavailable",
    ] {
        let script = format!(
            "connect\n< 220 bsmtp.provider.test ESMTP\n> EHLO office.example\n< 250-bsmtp\n< 250 PIPELINING\n\
             > ETRN customer.test\n> QUIT\n< {reply}\n< 221 bye\n"
        );
        let mut plan = plan(Method::Etrn, &["customer.test"]);
        let (report, _) = Script::new(&script).play(plan.clone());
        assert_eq!(
            report.verdict.outcome, Refused,
            "nobody has said that it is normal"
        );
        plan.normal_codes = vec![502, 459];
        let (report, _) = Script::new(&script).play(plan);
        assert_eq!(
            (report.verdict.outcome, report.verdict.reason),
            (Signalled, NormalHere)
        );
        assert_eq!(report.verdict.exit_status(), 0);
    }
}
