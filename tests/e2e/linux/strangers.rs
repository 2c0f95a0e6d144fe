//! The words of strangers, from every side at once: the provider by SMTP and by finger, the mail server,
//! the name server, and settings that came from somebody else. Each gets to people, and nowhere do they
//! act: not on a terminal, not in the lines of a monitoring plugin, not in the report for a help desk, not
//! in a command that a person is told to type, and JSON gives them as they came.

use std::{fs, net::UdpSocket, process::Command};

use simple_dns::{
    CLASS, Label, Name, Packet, QTYPE, ResourceRecord, TYPE,
    rdata::{MX, RData},
};

use crate::{
    programs::{Home, Run, account},
    rig::{
        mail_server::{MailServer, Stage},
        net,
        scripted::{Scripted, Step},
    },
};

/// A terminal's escape sequences, controls of C1, bidi, what has no width, markup and mentions, the bar of
/// plugins, and what shells and formats run.
const EVIL: &str = "\x1b]0;x\x07\x1b[31m\u{9b}2J\u{85}\u{202e}\u{2066}\u{200b}\u{2028}\u{ad}\t<b>&amp;</b> \
    <!channel> @everyone [x](https://e.test) | \"'`id`$(touch x)%s%PATH%";
/// What of it an account's name may have.
const EVIL_NAME: &str = "b \u{202e}\u{2066}\u{200b}<b>|`id`$(id)'\"%s";
/// The same in a TOML string.
const EVIL_NAME_TOML: &str = "b \u{202e}\u{2066}\u{200b}<b>|`id`$(id)'\\\"%s";

fn says(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

/// A provider whose every word is hostile, and which refuses.
fn provider() -> Scripted {
    let greeting = format!("220 greets {EVIL}\r\n");
    let hello = format!("250-hello {EVIL}\r\n250-X {EVIL}\r\n250 ETRN\r\n");
    let refusal = format!("459 refuses {EVIL}\r\n");
    Scripted::always(vec![
        says(&greeting),
        Step::Expect("EHLO "),
        says(&hello),
        Step::Expect("ETRN "),
        says(&refusal),
        Step::Expect("QUIT"),
        says(&format!("221 leaves {EVIL}\r\n")),
    ])
}

/// A name server whose mail exchanges are hostile, by its address. It ends with the test's process.
fn name_server() -> String {
    let socket = UdpSocket::bind((net::address(), 0)).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let Ok(asked) = Packet::parse(&buffer[..length]) else {
                continue;
            };
            let Some(question) = asked.questions.first().cloned() else {
                continue;
            };
            let mut reply = asked.into_reply();
            if question.qtype == QTYPE::TYPE(TYPE::MX) {
                let labels = [
                    Label::new_unchecked(b"\x1b]0;dns\x07\x1b[31m\n\xe2\x80\xae".as_slice()),
                    Label::new_unchecked(b"exchange".as_slice()),
                    Label::new_unchecked(b"test".as_slice()),
                ];
                let exchange = Name::new_with_labels(&labels);
                let rdata = RData::MX(MX {
                    preference: 10,
                    exchange,
                });
                let name = question.qname.clone();
                reply
                    .answers
                    .push(ResourceRecord::new(name, CLASS::IN, 60, rdata));
            }
            if let Ok(bytes) = reply.build_bytes_vec() {
                socket.send_to(&bytes, from).ok();
            }
        }
    });
    address
}

/// What has been written for people: nothing acts but the ends of lines.
fn is_safe(what: &str, written: &str) {
    let acts = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    if let Some(c) = written.chars().find(|c| acts(*c)) {
        panic!("{what}: {c:?} in {written}");
    }
}

/// Runs it for people; gives what it wrote.
fn for_people(command: &mut Command) -> String {
    let run = Run::of(command);
    let written = format!("{}\n{}", run.out, run.err);
    is_safe(&format!("{command:?}"), &written);
    assert!(!run.err.contains("panicked"), "{run:?}");
    written
}

#[test]
fn the_words_of_strangers_act_nowhere() {
    let provider = provider();
    let finger = Scripted::always(vec![
        Step::Expect(""),
        says(&format!("fingers {EVIL}\r\nmore {EVIL}\r\n")),
    ]);
    let mail_server = MailServer::up();
    mail_server.answer(Stage::Greeting, &format!("421 busy {EVIL}"));
    let resolver = name_server();
    let limits = "connect_timeout = \"1s\"\ngreeting_timeout = \"2s\"\ncommand_timeout = \"2s\"\nwatch = \"0s\"";
    let domains = "method = \"etrn\"\ndomains = [\"customer.test\"]";
    let server = format!("mail_server = \"{}\"", mail_server.address());
    let ca_file = "tls = \"required\"\nca_file = \"/no/\u{202e}\u{200b}<b>|`id`\"";
    let home = Home::with(&[
        account(
            EVIL_NAME_TOML,
            provider.address(),
            &format!("{domains}\n{limits}"),
        ),
        account(
            "finger",
            finger.address(),
            &format!("method = \"finger\"\n{limits}"),
        ),
        account(
            "held",
            provider.address(),
            &format!("{domains}\n{server}\n{limits}"),
        ),
        account(
            "file",
            provider.address(),
            &format!("{domains}\n{ca_file}\n{limits}"),
        ),
    ]);
    let command = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command
            .env("DEQUEUE_PUBLIC_DNS", &resolver)
            .env("DEQUEUE_TIME_SERVER", "none");
        command
    };
    let people = |arguments: &[&str]| for_people(&mut command(arguments));

    // Each source is heard, with its words.
    let poked = people(&["poke", "-v", EVIL_NAME]);
    for part in [
        "greets",
        "hello",
        "refuses",
        r"\u{202e}",
        r"\u{1b}",
        r"b \u{202e}",
    ] {
        assert!(poked.contains(part), "no {part}: {poked}");
    }
    assert!(people(&["poke", "-v", "finger"]).contains("fingers"));
    assert!(people(&["poke", "-v", "held"]).contains("busy"));
    assert!(people(&["settings", "check"]).contains(r"/no/\u{202e}"));
    let report = home.path().join("report.txt");
    let file = report.to_str().unwrap();
    for name in [EVIL_NAME, "held", "file"] {
        let found = people(&["doctor", name, "-v", "--report", file]);
        let report = fs::read_to_string(&report).unwrap();
        is_safe("the report", &report);
        for written in [&found, &report] {
            assert!(
                written.contains(r"\027]0"),
                "the name server is not heard: {written}"
            );
        }
    }

    // All that shows them afterwards.
    for arguments in [
        &["history", "--dialogue"][..],
        &["history", EVIL_NAME],
        &["history", "--days"],
        &["status"],
        &["account", "list"],
        &["account", "show", EVIL_NAME],
        &["account", "show", "file"],
        &["account", "set", EVIL_NAME, &format!("user={EVIL}")],
        &["account", "set", EVIL_NAME, "user=office"],
        &["account", "show", EVIL],
        &["poke", "-v", "file"],
        &["settings", "show"],
        &["settings", "set", EVIL],
        &["settings", "set", &format!("notice_mail_from={EVIL}")],
        &["secret", "clear", EVIL_NAME],
        &["poke", "--host", EVIL],
        &[EVIL],
        &["history", "--since", EVIL],
    ] {
        people(arguments);
    }

    // A monitoring plugin has one bar, before the figures.
    let checked = people(&["status", "--check"]);
    assert!(
        checked.lines().all(|line| line.matches('|').count() <= 1),
        "{checked}"
    );

    // What a person is told to type is one word of a shell.
    let set = people(&["account", "set", EVIL_NAME, "user=office", "auth=plain"]);
    if let Some((_, typed)) = set.split_once("dequeue secret set ") {
        let shown = r"b \u{202e}\u{2066}\u{200b}<b>|`id`$(id)'\''";
        let word = format!("'{shown}\"%s'");
        assert!(cfg!(windows) || typed.starts_with(&word), "{typed}");
    } else {
        panic!("no command for the password: {set}");
    }

    // JSON is safe to look at, and has what came.
    for arguments in [
        &["history", EVIL_NAME, "--json"][..],
        &["status", "--json"],
        &["account", "list", "--json"],
        &["doctor", EVIL_NAME, "--json"],
    ] {
        let run = Run::of(&mut command(arguments));
        is_safe("JSON", &run.out);
        assert!(
            run.objects().iter().any(|it| it
                .to_string()
                .contains(EVIL_NAME.split('\'').next().unwrap())),
            "{run:?}"
        );
    }
    let poke = home.history(EVIL_NAME).remove(0);
    let came = poke["text"].as_str().unwrap();
    assert!(came.starts_with(&format!("refuses {EVIL}")), "{came}");
}
