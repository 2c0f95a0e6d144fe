//! Whole conversations, each with what it comes to, and each again in every slicing.

use std::time::Duration;

use dequeue_smtp::{Method, Outcome, Reason, Report, Session, Speaker};

use crate::provider::{Script, plan};
use Method::*;
use Outcome::*;
use Reason::*;

struct Case {
    name: &'static str,
    method: Method,
    domains: &'static [&'static str],
    script: &'static str,
    /// Of each domain, or of the session where it asks for none.
    comes_to: &'static [(Outcome, Reason)],
    round_trips: u32,
}

const A: &[&str] = &["a.example"];
const AB: &[&str] = &["a.example", "b.example"];
const ABC: &[&str] = &["a.example", "b.example", "c.example"];

const CASES: &[Case] = &[
    Case {
        name: "signal",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 220 bsmtp.provider.test ESMTP
            > QUIT
            < 221 bsmtp.provider.test",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "signal, the domains told of all the same",
        method: Signal,
        domains: AB,
        script: "
            connect
            < 220 bsmtp.provider.test ESMTP
            > QUIT
            < 221 bsmtp.provider.test",
        comes_to: &[(Signalled, QuitSignals), (Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "etrn with PIPELINING",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250-PIPELINING
            < 250 ETRN
            > ETRN a.example
            > QUIT
            < 250 Queuing started
            < 221 Bye",
        comes_to: &[(Started, QueuingStarted)],
        round_trips: 4,
    },
    Case {
        name: "etrn without PIPELINING",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250 ETRN
            > ETRN a.example
            < 253 OK, 3 pending messages for node a.example started
            > QUIT
            < 221 Bye",
        comes_to: &[(Started, PendingStarted)],
        round_trips: 5,
    },
    Case {
        name: "qsnd",
        method: Qsnd,
        domains: AB,
        script: "
            connect
            < 220 post.office.test ESMTP
            > QSND a.example
            < 250 OK
            > QSND b.example
            < 250 OK
            > QUIT
            < 221 bye",
        comes_to: &[(Started, QueuingStarted), (Started, QueuingStarted)],
        round_trips: 5,
    },
    Case {
        name: "auto, where ETRN is offered",
        method: Auto,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250-etrn
            < 250 pipelining
            > ETRN a.example
            > QUIT
            < 250 OK
            < 221 Bye",
        comes_to: &[(Started, QueuingStarted)],
        round_trips: 4,
    },
    Case {
        name: "auto, where ETRN is not offered",
        method: Auto,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 502 unimplemented (#5.5.1)
            > QUIT
            < 221 Bye",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 5,
    },
    Case {
        name: "auto, where ETRN is not offered and yet answered",
        method: Auto,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 250 OK
            > ETRN b.example
            > QUIT
            < 251 none
            < 221 Bye",
        comes_to: &[(Started, QueuingStarted), (NothingWaiting, NoMessages)],
        round_trips: 5,
    },
    Case {
        name: "finger",
        method: Finger,
        domains: AB,
        script: "
            connect
            > a.example
            < delivery started
            close
            connect
            > b.example
            close",
        comes_to: &[(Signalled, FingerSignals), (Signalled, FingerSignals)],
        round_trips: 4,
    },
    Case {
        name: "hello",
        method: Hello,
        domains: AB,
        script: "connect",
        comes_to: &[(Signalled, HelloSignals), (Signalled, HelloSignals)],
        round_trips: 1,
    },
    Case {
        name: "auto without a domain",
        method: Auto,
        domains: &[],
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > QUIT
            < 221 Bye",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "auto, with a provider that knows only HELO",
        method: Auto,
        domains: A,
        script: "
            connect
            < 220 old.provider.test
            > EHLO office.example
            < 502 unimplemented
            > HELO office.example
            < 250 old.provider.test
            > ETRN a.example
            < 250 OK
            > QUIT
            < 221 bye",
        comes_to: &[(Started, QueuingStarted)],
        round_trips: 6,
    },
    Case {
        name: "the second of three is not allowed",
        method: Etrn,
        domains: ABC,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 250 Queuing started
            > ETRN b.example
            < 459 <b.example>: service unavailable
            > ETRN c.example
            > QUIT
            < 250 Queuing started
            < 221 Bye",
        comes_to: &[
            (Started, QueuingStarted),
            (Refused, NotAllowed),
            (Started, QueuingStarted),
        ],
        round_trips: 6,
    },
    Case {
        name: "the second of three is refused",
        method: Etrn,
        domains: ABC,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 251 OK, no messages waiting for node a.example
            > ETRN b.example
            < 554 5.7.1 <b.example>: Etrn command rejected: Access denied
            > ETRN c.example
            < 252 OK, pending messages for c.example started
            > QUIT
            < 221 Bye",
        comes_to: &[
            (NothingWaiting, NoMessages),
            (Refused, Denied),
            (Started, PendingStarted),
        ],
        round_trips: 7,
    },
    Case {
        name: "550 stops the rest",
        method: Etrn,
        domains: ABC,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 250 OK
            > ETRN b.example
            < 550 no
            > QUIT
            < 221 Bye",
        comes_to: &[
            (Started, QueuingStarted),
            (Refused, Denied),
            (Refused, NotAsked),
        ],
        round_trips: 6,
    },
    Case {
        name: "551 stops the rest",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 551 no
            > QUIT
            < 221 Bye",
        comes_to: &[(Refused, Denied), (Refused, NotAsked)],
        round_trips: 5,
    },
    Case {
        name: "553 to the last",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 250 OK
            > ETRN b.example
            > QUIT
            < 553 etrn service unavailable
            < 221 Bye",
        comes_to: &[(Started, QueuingStarted), (Refused, Denied)],
        round_trips: 5,
    },
    Case {
        name: "421 midway",
        method: Etrn,
        domains: ABC,
        script: "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 250 OK
            > ETRN b.example
            < 421 4.3.2 closing
            > QUIT
            close",
        comes_to: &[
            (Started, QueuingStarted),
            (Refused, ServiceClosing),
            (Refused, ServiceClosing),
        ],
        round_trips: 6,
    },
    Case {
        name: "hangs up on EHLO",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 old.provider.test
            > EHLO office.example
            close
            connect
            < 220 old.provider.test
            > HELO office.example
            < 250 old.provider.test
            > ETRN a.example
            < 250 OK
            > QUIT
            < 221 bye",
        comes_to: &[(Started, QueuingStarted)],
        round_trips: 8,
    },
    Case {
        name: "resets on EHLO, and on HELO",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 old.provider.test
            > EHLO office.example
            reset
            connect
            < 220 old.provider.test
            > HELO office.example
            reset",
        comes_to: &[(Unknown, HungUp), (Unknown, HungUp)],
        round_trips: 6,
    },
    Case {
        name: "hangs up on EHLO, then takes no connection",
        method: Auto,
        domains: A,
        script: "
            connect
            < 220 old.provider.test
            > EHLO office.example
            close
            refuse",
        comes_to: &[(Unreachable, ConnectionRefused)],
        round_trips: 3,
    },
    Case {
        name: "knows neither EHLO nor HELO",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 odd.provider.test
            > EHLO office.example
            < 500 what
            > HELO office.example
            < 500 what
            > QUIT
            < 221 bye",
        comes_to: &[(Refused, Denied)],
        round_trips: 5,
    },
    Case {
        name: "refuses after EHLO",
        method: Auto,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 554 5.7.1 go away
            > QUIT
            < 221 bye",
        comes_to: &[(Refused, Denied), (Refused, Denied)],
        round_trips: 4,
    },
    Case {
        name: "is busy after EHLO",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 421 4.3.2 too busy
            > QUIT
            close",
        comes_to: &[(Refused, ServiceClosing)],
        round_trips: 4,
    },
    Case {
        name: "greeting 554",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 554-5.7.1 no service
            < 554 5.7.1 for you
            > QUIT
            < 221 bye",
        comes_to: &[(Refused, Denied), (Refused, Denied)],
        round_trips: 3,
    },
    Case {
        name: "greeting 421, and gone",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 421 busy
            close",
        comes_to: &[(Refused, ServiceClosing)],
        round_trips: 3,
    },
    Case {
        name: "greeting of something else",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 200 POP, or so
            > QUIT
            < 200 bye
            silence 5s",
        comes_to: &[(Refused, NotSmtp)],
        round_trips: 3,
    },
    Case {
        name: "a greeting of many lines, slowly",
        method: Signal,
        domains: &[],
        script: "
            connect
            after 90s
            < 220-mail.provider.test ESMTP
            after 90s
            < 220-No spam.
            after 90s
            << 22
            after 29s
            << 0\\r
            after 500ms
            << \\n
            > QUIT
            < 221 bye",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "LF alone, and codes alone",
        method: Etrn,
        domains: AB,
        script: "
            connect
            << 220\\n
            > EHLO office.example
            << 250-mail.provider.test\\n250-PIPELINING\\n250\\n
            > ETRN a.example
            << 250\\n
            > ETRN b.example
            > QUIT
            << 251\\n221\\n",
        comes_to: &[(Started, QueuingStarted), (NothingWaiting, NoMessages)],
        round_trips: 5,
    },
    Case {
        name: "behind a firewall that masks",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 ************************************2******200***0*00
            > EHLO office.example
            < 500 5.5.1 Command unrecognized: \"XXXX office.example\"
            > HELO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 250 OK
            > QUIT
            < 221 bye",
        comes_to: &[(Unknown, MaskedByFirewall)],
        round_trips: 6,
    },
    Case {
        name: "silence at the greeting",
        method: Etrn,
        domains: AB,
        script: "
            connect
            silence 300s
            > QUIT
            silence 5s",
        comes_to: &[(Unknown, NoAnswer), (Unknown, NoAnswer)],
        round_trips: 3,
    },
    Case {
        name: "silence in the middle of the greeting",
        method: Signal,
        domains: &[],
        script: "
            connect
            after 200s
            < 220-mail.provider.test
            silence 100s
            > QUIT
            < 220 at last
            < 221 bye",
        comes_to: &[(Unknown, NoAnswer)],
        round_trips: 3,
    },
    Case {
        name: "silence at EHLO",
        method: Auto,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            silence 300s
            > QUIT
            < 221 bye",
        comes_to: &[(Unknown, NoAnswer)],
        round_trips: 4,
    },
    Case {
        name: "silence at the first ETRN",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            silence 300s
            > QUIT
            silence 5s",
        comes_to: &[(Unknown, NoAnswer), (Unknown, NoAnswer)],
        round_trips: 5,
    },
    Case {
        name: "silence at an ETRN with its QUIT",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            silence 300s",
        comes_to: &[(Unknown, NoAnswer)],
        round_trips: 4,
    },
    Case {
        name: "silence at QUIT, where all is answered",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 250 OK
            > QUIT
            silence 300s",
        comes_to: &[(Started, QueuingStarted)],
        round_trips: 5,
    },
    Case {
        name: "silence at QUIT, which is the signal",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 220 bsmtp.provider.test
            > QUIT
            silence 300s",
        comes_to: &[(Unknown, NoAnswer)],
        round_trips: 3,
    },
    Case {
        name: "the 221 comes when the queue has run",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 220 bsmtp.provider.test
            > QUIT
            after 299s
            < 221 bsmtp.provider.test",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "closes before the greeting",
        method: Signal,
        domains: &[],
        script: "
            connect
            close",
        comes_to: &[(Unknown, HungUp)],
        round_trips: 2,
    },
    Case {
        name: "resets in the middle of the greeting",
        method: Etrn,
        domains: A,
        script: "
            connect
            << 220 ma
            reset",
        comes_to: &[(Unknown, HungUp)],
        round_trips: 2,
    },
    Case {
        name: "takes no connection",
        method: Etrn,
        domains: AB,
        script: "refuse",
        comes_to: &[
            (Unreachable, ConnectionRefused),
            (Unreachable, ConnectionRefused),
        ],
        round_trips: 0,
    },
    Case {
        name: "closes at QUIT, which is the signal all the same",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 220 bsmtp.provider.test
            > QUIT
            close",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "resets at QUIT, where all is answered",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            < 250 OK
            reset",
        comes_to: &[(Started, QueuingStarted)],
        round_trips: 4,
    },
    Case {
        name: "closes at an ETRN: the rest over a further connection",
        method: Etrn,
        domains: ABC,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 250 OK
            > ETRN b.example
            close
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN c.example
            < 250 OK
            > QUIT
            < 221 bye",
        comes_to: &[
            (Started, QueuingStarted),
            (Unknown, HungUp),
            (Started, QueuingStarted),
        ],
        round_trips: 10,
    },
    Case {
        name: "resets in the middle of the answer to the last",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            << 250-Que
            reset",
        comes_to: &[(Unknown, HungUp)],
        round_trips: 4,
    },
    Case {
        name: "only the 221 (Sendmail under load)",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            < 221 2.0.0 mail.provider.test closing connection",
        comes_to: &[(Unknown, NoAnswer)],
        round_trips: 4,
    },
    Case {
        name: "a goodbye in place of an answer: the rest over a further connection",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            < 221 mail.provider.test closing connection
            close
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN b.example
            < 250 OK
            > QUIT
            < 221 bye",
        comes_to: &[(Unknown, HungUp), (Started, QueuingStarted)],
        round_trips: 10,
    },
    Case {
        name: "EHLO's reply twice (Exim 4.96)",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test Hello office.example [198.51.100.7]
            < 250-ETRN
            < 250 PIPELINING
            < 250-mail.provider.test Hello office.example [198.51.100.7]
            < 250-ETRN
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            < 459 not for you
            < 221 bye",
        comes_to: &[(Refused, NotAllowed)],
        round_trips: 4,
    },
    Case {
        name: "EHLO's reply again, late",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            < 250-mail.provider.test
            < 250 PIPELINING
            < 459 not for you
            < 221 bye",
        comes_to: &[(Refused, NotAllowed)],
        round_trips: 4,
    },
    Case {
        name: "a greeting of two replies where two lines were meant",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 220 welcome
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            > QUIT
            < 459 not for you
            < 221 bye",
        comes_to: &[(Refused, NotAllowed)],
        round_trips: 4,
    },
    Case {
        name: "an extra reply before the 221",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 250 OK
            < 250 OK
            > ETRN b.example
            > QUIT
            < 459 no
            < 250 OK
            < 221 bye",
        comes_to: &[(Started, QueuingStarted), (Refused, NotAllowed)],
        round_trips: 5,
    },
    Case {
        name: "answers before it is asked",
        method: Etrn,
        domains: A,
        script: "
            connect
            < 220 mail.provider.test
            < 250 OK
            > EHLO office.example
            < 250 mail.provider.test
            < 250 OK
            < 221 bye
            > ETRN a.example
            < 459 no
            < 221 bye
            > QUIT
            < 221 bye",
        comes_to: &[(Refused, NotAllowed)],
        round_trips: 5,
    },
    Case {
        name: "garbage before it is asked",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 220 mail.provider.test
            < what is this
            > QUIT
            < 221 bye",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "something else than a provider",
        method: Etrn,
        domains: A,
        script: "
            connect
            < SSH-2.0-OpenSSH_9.2p1
            > QUIT
            < Invalid SSH identification string.
            close",
        comes_to: &[(Refused, NotSmtp)],
        round_trips: 3,
    },
    Case {
        name: "garbage in place of the answer",
        method: Etrn,
        domains: AB,
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250 mail.provider.test
            > ETRN a.example
            << \\0\\0\\0
            > QUIT
            < 221 bye",
        comes_to: &[(Refused, NotSmtp), (Refused, NotSmtp)],
        round_trips: 5,
    },
    Case {
        name: "garbage in place of the 221",
        method: Signal,
        domains: &[],
        script: "
            connect
            < 220 mail.provider.test
            > QUIT
            < so long",
        comes_to: &[(Signalled, QuitSignals)],
        round_trips: 3,
    },
    Case {
        name: "garbage behind the 221, with more to ask",
        method: Etrn,
        domains: &[
            "a.example",
            "b.example",
            "c.example",
            "d.example",
            "e.example",
            "f.example",
            "g.example",
            "h.example",
        ],
        script: "
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN a.example
            < 250 OK
            > ETRN b.example
            < 250 OK
            > ETRN c.example
            < 250 OK
            > ETRN d.example
            < 250 OK
            > ETRN e.example
            < 250 OK
            > ETRN f.example
            < 250 OK
            > ETRN g.example
            > QUIT
            < 250 OK
            << 221 bye\\r\\n\\0\\0
            connect
            < 220 mail.provider.test
            > EHLO office.example
            < 250-mail.provider.test
            < 250 PIPELINING
            > ETRN h.example
            > QUIT
            < 459 no
            < 221 bye",
        comes_to: &[
            (Started, QueuingStarted),
            (Started, QueuingStarted),
            (Started, QueuingStarted),
            (Started, QueuingStarted),
            (Started, QueuingStarted),
            (Started, QueuingStarted),
            (Started, QueuingStarted),
            (Refused, NotAllowed),
        ],
        round_trips: 14,
    },
];

#[test]
fn every_conversation() {
    for case in CASES {
        let (report, _) = Script::new(case.script).play(plan(case.method, case.domains));
        let mut verdicts: Vec<_> = report
            .domains
            .iter()
            .map(|d| (d.verdict.outcome, d.verdict.reason))
            .collect();
        if verdicts.is_empty() {
            verdicts.push((report.verdict.outcome, report.verdict.reason));
        }
        assert_eq!(verdicts, case.comes_to, "{}", case.name);
        assert_eq!(report.round_trips, case.round_trips, "{}", case.name);
        let names: Vec<&str> = report.domains.iter().map(|d| d.target.as_str()).collect();
        assert_eq!(names, case.domains, "{}", case.name);
        let worst = report.domains.iter().map(|d| d.verdict.severity()).max();
        assert_eq!(
            report.verdict.severity(),
            worst.unwrap_or(report.verdict.severity()),
            "{}",
            case.name
        );
    }
}

/// A report as far as it may not depend on how the bytes came: without the times, and for what is
/// no SMTP without the line, which is judged by what there is of it.
fn essence(mut report: Report) -> Report {
    let garbage = report.verdict.reason == NotSmtp && report.verdict.code.is_none();
    for line in &mut report.dialogue {
        line.at_ms = 0;
    }
    // Of what is ignored and no reply, each piece makes a line.
    let is_reply = |line: &str| {
        line.get(..3)
            .is_some_and(|code| code.parse::<u16>().is_ok())
    };
    report
        .dialogue
        .retain(|line| line.from != Speaker::Provider || is_reply(&line.line));
    if garbage {
        report.verdict.text = None;
        for domain in &mut report.domains {
            domain.verdict.text = None;
        }
    }
    report
}

#[test]
fn every_conversation_in_every_slicing() {
    for case in CASES {
        let script = Script::new(case.script);
        let play = |script: Script| essence(script.play(plan(case.method, case.domains)).0);
        let whole = play(script.clone());
        for at in 1..script.octets() {
            assert_eq!(play(script.cut(at)), whole, "{}, cut at {at}", case.name);
        }
        assert_eq!(
            play(script.in_octets()),
            whole,
            "{}, an octet at a time",
            case.name
        );
    }
}

#[test]
fn the_reports_of_refusals_say_what_was_said() {
    let script = "
        connect
        < 220 mail.provider.test
        > EHLO office.example
        < 250 mail.provider.test Hello [192.0.2.7] [198.51.100.7]
        > ETRN a.example
        < 554-5.7.1 <a.example>: Etrn command rejected:
        < 554 5.7.1 Access denied
        > QUIT
        < 221 bye";
    let (report, _) = Script::new(script).play(plan(Etrn, A));
    let verdict = &report.domains[0].verdict;
    assert_eq!(
        (verdict.code, verdict.enhanced.as_deref()),
        (Some(554), Some("5.7.1"))
    );
    assert_eq!(
        verdict.text.as_deref(),
        Some("5.7.1 <a.example>: Etrn command rejected: 5.7.1 Access denied")
    );
    assert_eq!(report.seen_address, Some([198, 51, 100, 7].into()));
    let said: Vec<(Speaker, &str)> = report
        .dialogue
        .iter()
        .map(|line| (line.from, line.line.as_str()))
        .collect();
    use Speaker::*;
    assert_eq!(
        said,
        [
            (Connection, "connected"),
            (Provider, "220 mail.provider.test"),
            (Us, "EHLO office.example"),
            (
                Provider,
                "250 mail.provider.test Hello [192.0.2.7] [198.51.100.7]"
            ),
            (Us, "ETRN a.example"),
            (Provider, "554-5.7.1 <a.example>: Etrn command rejected:"),
            (Provider, "554 5.7.1 Access denied"),
            (Us, "QUIT"),
            (Provider, "221 bye"),
        ]
    );
}

#[test]
fn without_a_name_the_address_is_one() {
    let script = "
        connect
        < 220 mail.provider.test
        > EHLO [192.0.2.7]
        < 250 mail.provider.test
        > ETRN a.example
        < 250 OK
        > QUIT
        < 221 bye";
    let plan = dequeue_smtp::Plan {
        ehlo: None,
        ..plan(Auto, A)
    };
    Script::new(script).play(plan);
}

/// Sendmail answers ever more slowly from the 8th ETRN of a connection on.
#[test]
fn many_domains_go_over_several_connections() {
    for (count, connections) in [(7, 1), (8, 2), (14, 2), (15, 3)] {
        for pipelining in [true, false] {
            let domains: Vec<String> = (0..count).map(|i| format!("d{i}.example")).collect();
            let offer = if pipelining {
                "250 PIPELINING"
            } else {
                "250 HELP"
            };
            let mut script = String::new();
            for chunk in domains.chunks(7) {
                script +=
                    &format!("connect\n< 220 hi\n> EHLO office.example\n< 250-hi\n< {offer}\n");
                for (i, domain) in chunk.iter().enumerate() {
                    let last = i + 1 == chunk.len();
                    script += &format!("> ETRN {domain}\n");
                    script += match (last, pipelining) {
                        (false, _) => "< 250 OK\n",
                        (true, true) => "> QUIT\n< 250 OK\n< 221 bye\n",
                        (true, false) => "< 250 OK\n> QUIT\n< 221 bye\n",
                    };
                }
            }
            let names: Vec<&str> = domains.iter().map(String::as_str).collect();
            let (report, _) = Script::new(&script).play(plan(Etrn, &names));
            assert_eq!(report.verdict.outcome, Started);
            assert_eq!(report.domains.len(), count);
            let trips = count + connections * if pipelining { 3 } else { 4 };
            assert_eq!(report.round_trips as usize, trips, "{count} {pipelining}");
        }
    }
}

#[test]
fn each_limit_is_kept_to_the_moment() {
    let mut plan = plan(Etrn, A);
    plan.limits.greeting = Duration::from_secs(10);
    plan.limits.command = Duration::from_secs(20);
    plan.limits.session = Duration::from_secs(60);
    let slow = "
        connect
        after 9s
        < 220 mail.provider.test
        > EHLO office.example
        after 19s
        < 250 mail.provider.test
        > ETRN a.example
        silence 20s
        > QUIT
        silence 5s";
    let (report, end) = Script::new(slow).play(plan.clone());
    assert_eq!(
        (report.verdict.outcome, end),
        (Unknown, Duration::from_secs(53))
    );
    // The session's own limit comes before a command's, and leaves time for a goodbye.
    plan.limits.session = Duration::from_secs(40);
    let slow = slow.replace("silence 20s", "silence 12s");
    let (report, end) = Script::new(&slow).play(plan.clone());
    assert_eq!(
        (report.verdict.outcome, end),
        (Unknown, Duration::from_secs(45))
    );
    // What has been answered by then stays answered, and no further connection is opened.
    plan.targets = ["a.example", "b.example"]
        .iter()
        .map(|d| d.parse().unwrap())
        .collect();
    let late = "
        connect
        after 9s
        < 220 mail.provider.test
        > EHLO office.example
        after 19s
        < 250 mail.provider.test
        > ETRN a.example
        after 11s
        < 250 OK
        > ETRN b.example
        silence 1s
        > QUIT
        silence 5s";
    let (report, _) = Script::new(late).play(plan);
    let outcomes: Vec<Outcome> = report.domains.iter().map(|d| d.verdict.outcome).collect();
    assert_eq!(outcomes, [Started, Unknown]);
}

/// Whatever the method, a look asks for nothing and stays on one connection.
#[test]
fn a_look_introduces_itself_and_asks_for_nothing() {
    for method in Method::ALL.into_iter().filter(|method| method.is_smtp()) {
        let script = Script::new(
            "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250-ATRN
            < 250 ETRN
            > QUIT
            < 221 Bye",
        );
        let (report, _) = script.play_with(Session::look(plan(method, A)));
        assert_eq!(report.verdict.reason, QuitSignals, "{method}");
        assert!(report.domains.is_empty());
    }
}
