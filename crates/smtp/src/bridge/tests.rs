//! Bridges: what passes, what is answered, and what is counted.

use std::collections::VecDeque;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

/// Recipients at these domains, for a mail server that refuses to relay, or one that may not.
fn recipients(targets: &[&str], refuses_relay: bool) -> Recipients {
    let targets: Vec<_> = targets.iter().map(|it| it.parse().unwrap()).collect();
    Recipients::new(&targets, refuses_relay)
}

/// A bridge of an account with `d.test` to a mail server that nobody has tested.
fn bridge() -> Bridge {
    let mut bridge = Bridge::new(recipients(&["d.test"], false), b"220 hi\r\n", b"");
    bridge.wrote(Side::Provider, 8);
    bridge
}

/// Lets one side say something, and gives what comes of it to the mail server and the provider.
fn say(bridge: &mut Bridge, from: Side, text: &str) -> [String; 2] {
    bridge.take(from, text.as_bytes());
    [Side::MailServer, Side::Provider].map(|to| {
        let said = String::from_utf8(bridge.pending(to).to_vec()).unwrap();
        bridge.wrote(to, said.len());
        said
    })
}

/// What each side says in turn, as it would over a real bridge.
const TALK: &[(Side, &str)] = &[
    (Side::Provider, "EHLO mail.provider.test\r\n"),
    (
        Side::MailServer,
        "250-mail.office.test\r\n250-CHUNKING\r\n250 PIPELINING\r\n",
    ),
    (
        Side::Provider,
        "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
    ),
    (Side::MailServer, "250 ok\r\n250 ok\r\n354 go on\r\n"),
    (
        Side::Provider,
        "Subject: x\r\n\r\nDATA\r\n..\r\n.\n.\r\r\nQUIT\r\n.\r\n",
    ),
    (Side::MailServer, "250 taken\r\n"),
    (
        Side::Provider,
        "mail from:<a@b.test>\r\nrcpt to:<c@d.test>\r\ndata\r\n",
    ),
    (Side::MailServer, "250 ok\r\n250 ok\r\n354 go on\r\n"),
    (Side::Provider, ".\r\n"),
    (Side::MailServer, "554 no empty mail\r\n"),
    (
        Side::Provider,
        "MAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<e@d.test>\r\nBDAT 7\r\nQUIT\r\n.BDAT 3 LAST\r\n\n\r\n",
    ),
    (
        Side::MailServer,
        "250 ok\r\n250 ok\r\n550 no such user\r\n250 7 octets\r\n250-taken\r\n250 really\r\n",
    ),
    (Side::Provider, "QUIT\r\n"),
    (Side::MailServer, "221 bye\r\n"),
];

#[test]
fn messages_are_counted_and_pass_without_a_look_into_them() {
    for slice in 1..60 {
        let mut bridge = bridge();
        let mut passed = String::new();
        for (from, text) in TALK {
            for part in text.as_bytes().chunks(slice) {
                assert!(bridge.wants(Side::Provider) || *from == Side::MailServer);
                let [ahead, back] = say(&mut bridge, *from, std::str::from_utf8(part).unwrap());
                passed += if *from == Side::Provider {
                    &ahead
                } else {
                    &back
                };
            }
        }
        let said: String = TALK.iter().map(|(_, text)| *text).collect();
        assert_eq!(passed, said);
        let passed = bridge.passed();
        assert_eq!(
            (passed.messages, passed.refused, passed.recipients_refused),
            (Some(2), 1, 1),
            "in slices of {slice}"
        );
        assert_eq!((passed.foreign, passed.end), (0, BridgeEnd::Good));
    }
}

/// The answers to a group of commands, in the order of the commands, whoever gives them.
#[test]
fn a_foreign_recipient_is_answered_in_its_turn() {
    let mut bridge = bridge();
    say(&mut bridge, Side::Provider, "EHLO p.test\r\n");
    say(&mut bridge, Side::MailServer, "250 own\r\n");
    let [ahead, back] = say(
        &mut bridge,
        Side::Provider,
        "MAIL FROM:<a@b.test>\r\nRCPT TO:<x@their.test>\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<y@their.test>\r\nDATA\r\n",
    );
    assert_eq!(
        ahead,
        "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"
    );
    assert_eq!(back, "", "MAIL has not been answered yet");
    let [_, back] = say(&mut bridge, Side::MailServer, "250-ok\r\n250 o");
    assert_eq!(back, "250-ok\r\n250 o");
    let [_, back] = say(&mut bridge, Side::MailServer, "k\r\n250 to\r\n354 go\r\n");
    let foreign = "550 5.7.1 Not a recipient of this account\r\n";
    assert_eq!(back, format!("k\r\n{foreign}250 to\r\n{foreign}354 go\r\n"));
    let text = "x\r\nRCPT TO:<x@their.test>\r\n.\r\n";
    let [ahead, _] = say(&mut bridge, Side::Provider, text);
    assert_eq!(ahead, text, "what stands in a message is not a command");
    say(&mut bridge, Side::MailServer, "250 taken\r\n");
    let passed = bridge.passed();
    assert_eq!(
        (passed.messages, passed.foreign, passed.refused),
        (Some(1), 2, 0)
    );

    // A message that is for nobody here.
    let [ahead, back] = say(
        &mut bridge,
        Side::Provider,
        "MAIL FROM:<a@b.test>\r\nRCPT TO:<x@their.test>\r\nDATA\r\n",
    );
    assert_eq!(
        (ahead.as_str(), back.as_str()),
        ("MAIL FROM:<a@b.test>\r\nDATA\r\n", "")
    );
    let [_, back] = say(
        &mut bridge,
        Side::MailServer,
        "250 ok\r\n503 no recipients\r\n",
    );
    assert_eq!(back, format!("250 ok\r\n{foreign}503 no recipients\r\n"));
    say(&mut bridge, Side::Provider, "QUIT\r\n");
    say(&mut bridge, Side::MailServer, "221 bye\r\n");
    let passed = bridge.passed();
    assert_eq!(
        (passed.messages, passed.foreign, passed.refused, passed.end),
        (Some(1), 3, 0, BridgeEnd::Good)
    );
}

/// Not even a reply that nobody asked for is broken in two.
#[test]
fn an_answer_waits_for_the_end_of_a_reply() {
    let mut bridge = bridge();
    say(&mut bridge, Side::MailServer, "421-I am\r\n421 clos");
    assert_eq!(say(&mut bridge, Side::Provider, "VRFY a\r\n"), ["", ""]);
    let [_, back] = say(&mut bridge, Side::MailServer, "ing\r\n");
    assert!(back.starts_with("ing\r\n502 5.5.1"), "{back}");
}

#[test]
fn only_what_brings_mail_passes() {
    for (command, answer) in [
        ("XCLIENT ADDR=192.0.2.1", "502 5.5.1"),
        ("XFORWARD ADDR=192.0.2.1", "502 5.5.1"),
        ("VRFY a", "502 5.5.1"),
        ("EXPN all", "502 5.5.1"),
        ("ETRN their.test", "502 5.5.1"),
        ("ATRN", "502 5.5.1"),
        ("TURN", "502 5.5.1"),
        ("AUTH PLAIN AGEAYg==", "502 5.5.1"),
        ("STARTTLS", "454 4.7.0"),
        ("BDAT 4", "502 5.5.1"),
        ("SEND FROM:<a@b.test>", "502 5.5.1"),
        ("RCPTTO:<c@d.test>", "502 5.5.1"),
        ("", "502 5.5.1"),
        (".", "502 5.5.1"),
        ("NOOP\rRCPT TO:<x@their.test>", "500 5.5.2"),
        ("NOOP\0", "500 5.5.2"),
    ] {
        let mut bridge = bridge();
        let [ahead, back] = say(&mut bridge, Side::Provider, &format!("{command}\r\n"));
        assert_eq!(ahead, "", "{command}");
        assert!(
            back.starts_with(answer) && back.ends_with("\r\n"),
            "{command}: {back}"
        );
        if command.starts_with("BDAT") {
            assert_eq!(
                say(&mut bridge, Side::Provider, "VRFY"),
                ["", ""],
                "its chunk"
            );
        }
        assert_eq!(say(&mut bridge, Side::Provider, "NOOP\r\n")[0], "NOOP\r\n");
    }
    // What a server might take for several lines.
    let mut bridge = bridge();
    let long = format!("NOOP {}RCPT TO:<x@their.test>\r\n", "x".repeat(3000));
    let [ahead, back] = say(&mut bridge, Side::Provider, &long);
    assert_eq!((ahead.as_str(), &back[..9]), ("", "500 5.5.2"));
}

/// TLS would hide the recipients: only from a server that does not trust us anyway.
#[test]
fn tls_begins_only_at_a_server_that_refuses_to_relay() {
    let offers = [
        "250-own\r\n250-STARTTLS\r\n250-SIZE\r\n250 DSN\r\n",
        "250-own\r\n250-SIZE\r\n250-DSN\r\n250 starttls\r\n",
        "250-own\r\n250 STARTTLS\r\n",
        "250-STARTTLS\r\n250 DSN\r\n",
        "250 STARTTLS\r\n",
        "250-own\r\n250-SIZE\r\n250-STARTTLS\r\n250 STARTTLSX\r\n",
    ];
    let without = [
        "250-own\r\n250-SIZE\r\n250 DSN\r\n",
        "250-own\r\n250-SIZE\r\n250 DSN\r\n",
        "250 own\r\n",
        "250-STARTTLS\r\n250 DSN\r\n",
        "250 STARTTLS\r\n",
        "250-own\r\n250-SIZE\r\n250 STARTTLSX\r\n",
    ];
    for (offer, without) in std::iter::zip(offers, without) {
        for refuses_relay in [false, true] {
            for slice in 1..offer.len() {
                let recipients = recipients(&["d.test"], refuses_relay);
                let mut bridge = Bridge::new(recipients, b"", b"EHLO p.test\r\n");
                let parts = offer.as_bytes().chunks(slice);
                let heard: String = parts
                    .map(|it| {
                        say(
                            &mut bridge,
                            Side::MailServer,
                            std::str::from_utf8(it).unwrap(),
                        )
                    })
                    .map(|[_, back]| back)
                    .collect();
                assert_eq!(heard, if refuses_relay { offer } else { without });
            }
        }
    }
    let mut bridge = Bridge::new(recipients(&["d.test"], true), b"", b"EHLO p.test\r\n");
    say(&mut bridge, Side::MailServer, "250-own\r\n250 STARTTLS\r\n");
    let hello = "STARTTLS\r\n\u{16}\u{3}\u{1}\nDATA\r\n";
    let [ahead, _] = say(&mut bridge, Side::Provider, hello);
    assert_eq!(
        ahead, "STARTTLS\r\n",
        "before the reply it may be a command"
    );
    let [ahead, back] = say(&mut bridge, Side::MailServer, "220 go\r\n\u{16}\u{3}\r\n");
    assert_eq!(ahead, "\u{16}\u{3}\u{1}\nDATA\r\n");
    assert_eq!(back, "220 go\r\n\u{16}\u{3}\r\n");
    assert_eq!(
        (bridge.passed().messages, bridge.passed().end),
        (None, BridgeEnd::Broken)
    );
    for side in [Side::Provider, Side::MailServer] {
        bridge.end(side);
        bridge.shut(side);
    }
    assert_eq!(bridge.passed().end, BridgeEnd::Good);
}

/// What stands behind DATA is read when it is known as what.
#[test]
fn nothing_is_read_before_it_is_known_how() {
    let mut bridge = bridge();
    let all =
        "MAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nRCPT TO:<x@their.test>\r\n.\r\nNOOP\r\n";
    let [ahead, _] = say(&mut bridge, Side::Provider, all);
    assert!(ahead.ends_with("DATA\r\n") && !bridge.wants(Side::Provider));
    let [ahead, back] = say(&mut bridge, Side::MailServer, "250 a\r\n250 b\r\n354 c\r\n");
    assert_eq!(ahead, "RCPT TO:<x@their.test>\r\n.\r\nNOOP\r\n");
    assert_eq!(back, "250 a\r\n250 b\r\n354 c\r\n");
    assert!(bridge.wants(Side::Provider));

    let mut bridge = super::tests::bridge();
    say(&mut bridge, Side::Provider, all);
    let [ahead, back] = say(&mut bridge, Side::MailServer, "250 a\r\n250 b\r\n451 c\r\n");
    assert_eq!(ahead, "NOOP\r\n");
    assert!(back.contains("451 c\r\n550 5.7.1") && back.contains("\r\n502 5.5.1"));
}

/// Servers of old end a message at a dot between line ends of any kind. What comes behind one passes
/// only as long as they could not take it for a foreign recipient.
#[test]
fn an_end_that_only_some_servers_see() {
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\n.\r"] {
        let start = |bridge: &mut Bridge| {
            say(
                bridge,
                Side::Provider,
                "MAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
            );
            say(bridge, Side::MailServer, "250 a\r\n250 b\r\n354 c\r\n");
        };
        for line_end in ["\n", "\r\n"] {
            let smuggled =
                format!("x{end}MAIL FROM:<>{line_end}rcpt to:<x@their.test>{line_end}y\r\n");
            let mut bridge = bridge();
            start(&mut bridge);
            let [ahead, _] = say(&mut bridge, Side::Provider, &smuggled);
            assert!(
                !ahead.contains("their.test\r") && !ahead.contains("their.test>\n"),
                "{ahead:?}"
            );
            assert!(bridge.is_over() && bridge.passed().end == BridgeEnd::Broken);
        }
        let mut bridge = bridge();
        start(&mut bridge);
        let harmless = format!("x{end}received by you\nRCPT TO:<e@d.test>\r\n.\r\n");
        let [ahead, _] = say(&mut bridge, Side::Provider, &harmless);
        assert_eq!(ahead, harmless);
        say(&mut bridge, Side::MailServer, "250 taken\r\n");
        assert_eq!(bridge.passed().messages, Some(1));

        // A server that says so.
        let mut bridge = super::tests::bridge();
        start(&mut bridge);
        say(&mut bridge, Side::Provider, &format!("x{end}"));
        say(&mut bridge, Side::MailServer, "250 taken\r\n");
        assert!(bridge.is_over() && bridge.passed().end == BridgeEnd::Broken);
    }
}

#[test]
fn a_chunk_whose_end_is_not_known_ends_the_bridge() {
    for chunk in [
        "BDAT",
        "BDAT x",
        "BDAT 4294967296",
        "BDAT 5 FIRST",
        "BDAT -1 LAST",
    ] {
        let mut bridge = bridge();
        let [ahead, _] = say(&mut bridge, Side::Provider, &format!("{chunk}\r\nNOOP\r\n"));
        assert_eq!((ahead.as_str(), bridge.is_over()), ("", true), "{chunk}");
        assert_eq!(bridge.passed().end, BridgeEnd::Broken);
    }
}

/// Two servers that answer each other's answers.
#[test]
fn a_provider_that_goes_on_as_a_server() {
    for said in [
        "500 5.5.1 unrecognized\r\n",
        "250-x\r\n",
        "220\r\n",
        "421 4.4.2 bye\r\n",
    ] {
        let mut bridge = bridge();
        let [ahead, _] = say(&mut bridge, Side::Provider, said);
        assert_eq!((ahead.as_str(), bridge.is_over()), ("", true), "{said}");
        assert_eq!(bridge.passed().end, BridgeEnd::DidNotTurn);
    }
    // One that says something else, for ever.
    let mut bridge = bridge();
    let mut times = 0;
    while !bridge.is_over() {
        say(&mut bridge, Side::Provider, "What do you want?\r\n");
        times += 1;
    }
    assert_eq!((times, bridge.passed().end), (10, BridgeEnd::DidNotTurn));
    // Commands that the mail server does not know.
    let mut bridge = super::tests::bridge();
    while !bridge.is_over() {
        say(&mut bridge, Side::Provider, "NOOP\r\n");
        say(&mut bridge, Side::MailServer, "500 what\r\n");
        times += 1;
    }
    assert_eq!((times, bridge.passed().end), (20, BridgeEnd::DidNotTurn));
    // A mail server that answers what nobody asked.
    let mut bridge = super::tests::bridge();
    while !bridge.is_over() {
        say(&mut bridge, Side::MailServer, "250 ok\r\n");
        times += 1;
        assert!(times < 100);
    }
    assert_eq!(bridge.passed().end, BridgeEnd::DidNotTurn);
}

/// Many recipients in one message may be refused.
#[test]
fn refused_recipients_are_no_sign_of_a_quarrel() {
    let mut bridge = bridge();
    say(&mut bridge, Side::Provider, "EHLO p\r\n");
    say(&mut bridge, Side::MailServer, "250 own\r\n");
    say(&mut bridge, Side::Provider, "MAIL FROM:<>\r\n");
    say(&mut bridge, Side::MailServer, "250 ok\r\n");
    for _ in 0..1000 {
        say(
            &mut bridge,
            Side::Provider,
            "RCPT TO:<c@d.test>\r\nRCPT TO:<c@e.test>\r\n",
        );
        say(&mut bridge, Side::MailServer, "550 no such user\r\n");
    }
    assert!(!bridge.is_over());
    assert_eq!(
        (bridge.passed().refused, bridge.passed().foreign),
        (1, 1000)
    );
}

#[test]
fn no_mail_is_a_goodbye() {
    let mut bridge = bridge();
    assert!(!bridge.passed().spoke);
    say(&mut bridge, Side::Provider, "EHLO p.test\r\nQUIT\r\n");
    assert_eq!(bridge.passed().end, BridgeEnd::Broken);
    bridge.ended_by = Some(Side::Provider);
    assert_eq!(
        bridge.passed().end,
        BridgeEnd::Abandoned,
        "nobody has said goodbye yet"
    );
    say(&mut bridge, Side::MailServer, "250 hi\r\n");
    say(&mut bridge, Side::MailServer, "221 bye\r\n");
    let passed = bridge.passed();
    assert_eq!(
        (passed.messages, passed.refused, passed.end),
        (Some(0), 0, BridgeEnd::Good)
    );
}

#[test]
fn commands_that_nobody_answers_are_not_gathered() {
    let mut bridge = bridge();
    let mut taken = 0;
    while bridge.wants(Side::Provider) {
        say(&mut bridge, Side::Provider, "NOOP\r\n");
        taken += 1;
    }
    assert!(taken <= limits::BRIDGE_COMMANDS + 1);
    say(&mut bridge, Side::MailServer, "250 ok\r\n");
    assert!(bridge.wants(Side::Provider), "it goes on with the replies");
    // Nor answers that nobody reads.
    let mut bridge = super::tests::bridge();
    bridge.take(Side::Provider, &[b'\n'; limits::BRIDGE_BUFFER]);
    assert!(bridge.pending(Side::Provider).len() < 2 * limits::BRIDGE_BUFFER);
}

// ---- Whatever is said -----------------------------------------------------------------------

/// A mail server: takes the octets that reach it, and answers each command.
#[derive(Default)]
struct MailServer {
    /// It takes a dot between line ends of any kind for the end of a message.
    is_old: bool,
    /// It takes nothing of anyone.
    refuses: bool,
    got: Vec<u8>,
    line: Vec<u8>,
    in_text: bool,
    chunk: usize,
    recipients: Vec<String>,
    commands: usize,
    accepted: usize,
}

impl MailServer {
    fn hear(&mut self, octets: &[u8]) -> String {
        let mut says = String::new();
        for octet in octets {
            self.got.push(*octet);
            if self.chunk > 0 {
                self.chunk -= 1;
                continue;
            }
            self.line.push(*octet);
            if *octet == b'\n' || self.is_old && self.in_text && *octet == b'\r' {
                let line = std::mem::take(&mut self.line);
                says += &self.line_ended(&String::from_utf8_lossy(&line));
            }
        }
        says
    }

    fn line_ended(&mut self, line: &str) -> String {
        let at_line_start = |got: &[u8]| {
            let before = &got[..got.len() - line.len()];
            before.ends_with(b"\r\n") || before.is_empty()
        };
        if self.in_text {
            let strict = line == ".\r\n" && at_line_start(&self.got);
            if strict || self.is_old && line.trim_end() == "." {
                self.in_text = false;
                return "250 taken\r\n".into();
            }
            return String::new();
        }
        if self.is_old && line == "\n" && self.got.ends_with(b"\r\n") {
            return String::new();
        }
        self.commands += 1;
        let upper = line.trim().to_ascii_uppercase();
        let word = upper.split([' ', '\t']).next().unwrap_or_default();
        let reply = match word {
            _ if self.refuses => "550 no",
            "EHLO" => "250-own\r\n250-STARTTLS\r\n250-CHUNKING\r\n250 8BITMIME",
            "RCPT" => {
                self.recipients.push(line.trim().to_owned());
                self.accepted += 1;
                "250 ok"
            }
            "DATA" if self.accepted > 0 => {
                self.accepted = 0;
                self.in_text = true;
                "354 go on"
            }
            "DATA" => "503 no recipients",
            "BDAT" => {
                let size = upper.split(' ').nth(1).and_then(|it| it.parse().ok());
                self.chunk = size.unwrap_or_default();
                "250 ok"
            }
            "MAIL" | "HELO" | "RSET" | "NOOP" | "HELP" => "250 ok",
            "QUIT" => "221 bye",
            // What it takes for commands is the rest of a message.
            _ if self.is_old => "500 what",
            _ => panic!("{line:?} reached the mail server"),
        };
        format!("{reply}\r\n")
    }
}

/// Takes all of `said` over a bridge to a mail server, cut at these places, with replies that come
/// in pieces of this size. Gives what the provider has heard.
fn converse(
    bridge: &mut Bridge,
    server: &mut MailServer,
    said: &[u8],
    cuts: &[usize],
    reply: usize,
) -> Vec<u8> {
    let mut heard = Vec::new();
    let mut replies: VecDeque<u8> = VecDeque::new();
    let mut cuts = cuts.iter().copied().cycle();
    let mut rest = said;
    loop {
        let mut moved = false;
        if !rest.is_empty() && bridge.wants(Side::Provider) {
            let size = cuts.next().unwrap_or(1).clamp(1, rest.len());
            bridge.take(Side::Provider, &rest[..size]);
            rest = &rest[size..];
            moved = true;
        }
        let ahead = bridge.pending(Side::MailServer).to_vec();
        bridge.wrote(Side::MailServer, ahead.len());
        replies.extend(server.hear(&ahead).into_bytes());
        let part: Vec<u8> = replies.drain(..replies.len().min(reply)).collect();
        if !part.is_empty() {
            bridge.take(Side::MailServer, &part);
        }
        let back = bridge.pending(Side::Provider).to_vec();
        bridge.wrote(Side::Provider, back.len());
        moved |= !ahead.is_empty() || !part.is_empty() || !back.is_empty();
        heard.extend(back);
        if !moved || bridge.is_over() {
            return heard;
        }
    }
}

/// What a provider may say, and what is to reach the mail server of it; with the answer's code.
#[derive(Clone, Debug)]
struct Said {
    text: Vec<u8>,
    passes: bool,
    code: &'static str,
}

fn any_command() -> impl Strategy<Value = Said> {
    let said = |text: &str, passes, code| Said {
        text: text.as_bytes().to_vec(),
        passes,
        code,
    };
    let ours = [
        "<c@d.test>",
        "c@D.TEST",
        "<@d.test:c@d.test>",
        "<postmaster>",
        "<\"x y>\"@d.test>",
    ];
    let theirs = [
        "<x@their.test>",
        "x@their.test",
        "<@d.test:x@their.test>",
        "<\"c@d.test\"@their.test>",
        "<x%their.test@d.test>",
        "<c@d.test> <x@their.test>",
        "<x@sub.d.test>",
        "<x@[192.0.2.1]>",
        "<>",
    ];
    let end = || select(vec!["\r\n", "\n"]);
    let to = || select(vec!["RCPT TO:", "rcpt to: ", " RCPT\tTo :", "Rcpt TO:"]);
    prop_oneof![
        (to(), select(ours.to_vec()), end()).prop_map(move |(to, path, end)| said(
            &format!("{to}{path}{end}"),
            true,
            "250"
        )),
        (to(), select(theirs.to_vec()), end()).prop_map(move |(to, path, end)| said(
            &format!("{to}{path}{end}"),
            false,
            "550"
        )),
        select(vec![
            "EHLO p.test\r\n",
            "MAIL FROM:<a@b.test> SIZE=5\r\n",
            "NOOP\n",
            "RSET\r\n"
        ])
        .prop_map(move |text| said(text, true, "250")),
        select(vec![
            "XCLIENT ADDR=192.0.2.1\r\n",
            "VRFY x@their.test\r\n",
            "ETRN x\n",
            "AUTH PLAIN\r\n"
        ])
        .prop_map(move |text| said(text, false, "502")),
        Just(said("STARTTLS\r\n", false, "454")),
    ]
}

/// A whole message, with a foreign recipient among its own: the text, what passes of it, the codes.
fn any_message() -> impl Strategy<Value = Vec<Said>> {
    let text = vec(
        select(vec![
            "x",
            "\r\n",
            "..",
            "RCPT TO:<x@their.test>",
            "é",
            "\r\nDATA\r\n",
        ]),
        0..20,
    );
    let said = |text: String, passes, code| Said {
        text: text.into_bytes(),
        passes,
        code,
    };
    (text, any::<bool>()).prop_map(move |(text, in_chunks)| {
        let text = text.concat();
        let mut all = vec![
            said("MAIL FROM:<a@b.test>\r\n".into(), true, "250"),
            said("RCPT TO:<x@their.test>\r\n".into(), false, "550"),
            said("RCPT TO:<c@d.test>\r\n".into(), true, "250"),
        ];
        match in_chunks {
            true => all.extend([
                said(format!("BDAT {}\r\n{text}", text.len()), true, "250"),
                said("BDAT 2 LAST\r\n\r\n".into(), true, "250"),
            ]),
            false => all.extend([
                said("DATA\r\n".into(), true, "354"),
                said(format!("{text}\r\n.\r\n"), true, "250"),
            ]),
        }
        all
    })
}

proptest! {
    /// Every octet that may pass does, once and in order; no other does; and each command has its
    /// answer in its turn. In any slicing, and however much is said at once.
    #[test]
    fn what_may_pass_passes_and_nothing_else(
        parts in vec(prop_oneof![any_command().prop_map(|it| vec![it]), any_message()], 1..20),
        cuts in vec(1..80_usize, 1..20),
        reply in 1..80_usize,
    ) {
        // It begins as it does with any client, so that what is refused does not end it.
        let hello = Said { text: b"EHLO p.test\r\n".to_vec(), passes: true, code: "250" };
        let all: Vec<Said> = std::iter::once(hello).chain(parts.into_iter().flatten()).collect();
        let said: Vec<u8> = all.iter().flat_map(|it| it.text.clone()).collect();
        let passing = all.iter().filter(|it| it.passes);
        let expected: Vec<u8> = passing.flat_map(|it| it.text.clone()).collect();
        let mut bridge = bridge();
        let mut server = MailServer::default();
        let heard = converse(&mut bridge, &mut server, &said, &cuts, reply);
        prop_assert!(!bridge.is_over());
        prop_assert_eq!(server.got.escape_ascii().to_string(), expected.escape_ascii().to_string());
        prop_assert!(!server.recipients.iter().any(|it| it.contains("their.test")));
        let heard = String::from_utf8(heard).unwrap();
        prop_assert!(!heard.contains("STARTTLS"));
        let codes: Vec<&str> = heard
            .lines()
            .filter(|line| !line[3..].starts_with('-'))
            .map(|line| &line[..3])
            .collect();
        prop_assert_eq!(codes, all.iter().map(|it| it.code).collect::<Vec<_>>());
        prop_assert_eq!(bridge.passed().octets, said.len() as u64);
    }

    /// Whatever a provider says, in whatever pieces, and whatever kind of server it is: no foreign
    /// recipient reaches it.
    #[test]
    fn no_foreign_recipient_reaches_any_mail_server(
        said in vec(select(vec![
            "\r\n", "\n", "\r", ".", "..", " ", "\r\n.\r\n", "\n.\n", "\r.\r", "\0", "x",
            "EHLO p\r\n", "HELO p\r\n", "MAIL FROM:<>\r\n", "DATA\r\n", "DATA", "QUIT\r\n", "RSET\r\n",
            "RCPT TO:<c@d.test>\r\n", "RCPT TO:<x@their.test>\r\n", "RCPT TO:<x@their.test>\n",
            "RCPT TO:", "<c@d.test>", "<x@their.test>", "x@their.test",
            "BDAT 26\r\n", "BDAT 26 LAST\r\n", "BDAT 1\r\n", "BDAT 0 LAST\r\n", "BDAT 30", "NOOP ", "STARTTLS\r\n",
            "MAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
        ]), 1..60),
        cuts in vec(1..60_usize, 1..12),
        reply in 1..60_usize,
        is_old in any::<bool>(),
        refuses in any::<bool>(),
    ) {
        let mut bridge = bridge();
        let mut server = MailServer { is_old, refuses, ..MailServer::default() };
        let said = ["EHLO p\r\n", &said.concat()].concat();
        converse(&mut bridge, &mut server, said.as_bytes(), &cuts, reply);
        let foreign = server.recipients.iter().find(|it| it.contains("their.test"));
        prop_assert_eq!(foreign, None);
    }

    /// Nothing is lost or doubled where everything may pass, however slowly the other side takes it.
    #[test]
    fn every_octet_passes_once_and_in_order(
        says in vec((any::<bool>(), vec(any::<u8>(), 1..200), 0..300_usize), 0..60)
    ) {
        // Under TLS.
        let mut bridge = Bridge::new(recipients(&[], true), b"", b"STARTTLS\r\n");
        bridge.wrote(Side::MailServer, usize::MAX);
        bridge.take(Side::MailServer, b"220 go\r\n");
        bridge.wrote(Side::Provider, usize::MAX);
        let (mut said, mut heard) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        let at = |side: Side| usize::from(side == Side::MailServer);
        for (is_provider, octets, room) in says {
            let from = if is_provider { Side::Provider } else { Side::MailServer };
            if bridge.wants(from) {
                said[at(from)].extend_from_slice(&octets);
                bridge.take(from, &octets);
            }
            let pending = bridge.pending(from.other());
            let part = pending[..pending.len().min(room)].to_vec();
            bridge.wrote(from.other(), part.len());
            heard[at(from)].extend(part);
        }
        for from in [Side::Provider, Side::MailServer] {
            bridge.end(from);
            let part = bridge.pending(from.other()).to_vec();
            bridge.wrote(from.other(), part.len());
            heard[at(from)].extend(part);
            prop_assert!(bridge.wants_shutdown(from.other()));
            bridge.shut(from.other());
        }
        prop_assert!(bridge.is_over());
        prop_assert_eq!(said, heard);
    }
}
