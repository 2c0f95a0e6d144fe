//! Whole conversations, each a file below `scripts/`, and each played again in every slicing. A new
//! one needs no Rust: a file of three parts with an empty line between them.
//!
//! ```text
//! # The refusal of one domain hides no other.
//! method: etrn
//! domains: a.example b.example
//!
//! connect
//! < 220 mail.provider.test ESMTP
//! > EHLO office.example
//! < 250 mail.provider.test
//! > ETRN a.example
//! < 459 not for you
//! > ETRN b.example
//! < 250 OK
//! > QUIT
//! < 221 Bye
//!
//! a.example: refused not-allowed
//! b.example: started queuing-started
//! round-trips: 6
//! ```
//!
//! The first part is the plan: `method`, and where they matter `domains`, `ehlo` (or `none`),
//! `security`, `finger`, `normal-codes`, `connect-limit`, `greeting-limit`, `command-limit`,
//! `turn-limit`, `session-limit`; a login has `user`, `secret`, `login` (the choice of mechanism),
//! `login-in-clear` and `client-certificate`. Lines with `#` say what the script shows.
//!
//! The second is the conversation, in the words of [`crate::provider`].
//!
//! The third is what it comes to: outcome and reason of each domain, or of the `session` where there
//! is no domain, and the number of `round-trips`. Where they matter: of the session's verdict the
//! `exit-status`, `code`, `enhanced`, `text` and `pending`; the `method` and the `choice` that were
//! made of `auto`; `seen-address`; `tls` (version and trust) and the fingerprint of the `certificate`;
//! of a bridge the `messages` accepted, those `refused`, and the `octets` from the provider;
//! `ends-at`, the time at which the session is over; and `dialogue`, once for each line of the whole
//! dialogue, with who said it. What is absent is `none`.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::Duration,
};

use dequeue_smtp::{
    Login, LoginChoice, Method, Outcome, Plan, Reason, Report, Session, Speaker, Verdict,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::provider::{Script, duration, plan};

/// There are at least this many scripts; a new one raises it.
const SCRIPTS: usize = 123;

/// A script as its file has it.
struct Conversation {
    plan: Plan,
    script: Script,
    /// The lines of the third part.
    expected: Vec<(String, String)>,
}

impl Conversation {
    /// Reads a file, or says what is wrong with it.
    fn read(text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let wrong = || "a script has three parts, with an empty line between them".to_owned();
        let (head, rest) = text.trim_end().split_once("\n\n").ok_or_else(wrong)?;
        let (script, expected) = rest.rsplit_once("\n\n").ok_or_else(wrong)?;
        let plan = read_plan(pairs(head)?)?;
        let expected = pairs(expected)?;
        for (key, _) in &expected {
            let is_domain = plan.targets.iter().any(|target| target.as_str() == key);
            if !is_domain && !RESULTS.contains(&key.as_str()) {
                return Err(format!("no such result: {key}"));
            }
        }
        if !expected.iter().any(|(key, _)| key == "round-trips") {
            return Err("the number of round trips is missing".into());
        }
        if plan.targets.is_empty() && !expected.iter().any(|(key, _)| key == "session") {
            return Err("what the session comes to is missing".into());
        }
        Ok(Self {
            plan,
            script: Script::new(script),
            expected,
        })
    }

    /// Plays the script, and compares what it comes to.
    fn play(&self) {
        let (report, end) = self.script.clone().play(self.plan.clone());
        let is_domain = |key: &str| report.domains.iter().any(|d| d.target.as_str() == key);
        let found: Vec<(String, String)> = report
            .domains
            .iter()
            .map(|domain| (domain.target.to_string(), meaning(&domain.verdict)))
            .collect();
        let domains = self.expected.iter().filter(|(key, _)| is_domain(key));
        assert_eq!(found, domains.cloned().collect::<Vec<_>>());
        for (key, value) in self.expected.iter().filter(|(key, _)| !is_domain(key)) {
            if key != "dialogue" {
                assert_eq!(&result(&report, end, key), value, "{key}");
            }
        }
        let dialogue = self.expected.iter().filter(|(key, _)| key == "dialogue");
        let dialogue: Vec<&str> = dialogue.map(|(_, line)| line.as_str()).collect();
        if !dialogue.is_empty() {
            let said =
                |line: &dequeue_smtp::DialogueLine| format!("{} {}", name(line.from), line.line);
            assert_eq!(
                report.dialogue.iter().map(said).collect::<Vec<_>>(),
                dialogue
            );
        }
        if let Some(tls) = &report.tls {
            assert_eq!(report.certificate.as_ref(), Some(&tls.certificate));
        }
        let worst = report.domains.iter().map(|d| d.verdict.severity()).max();
        let severity = report.verdict.severity();
        assert_eq!(
            severity,
            worst.unwrap_or(severity),
            "the worst stands for all"
        );
    }

    /// Plays the script with what the provider says cut in two at each place, and an octet at a time.
    fn play_in_every_slicing(&self) {
        let play = |script: Script| essence(script.play(self.plan.clone()).0);
        let whole = play(self.script.clone());
        for at in 1..self.script.octets() {
            assert_eq!(play(self.script.cut(at)), whole, "cut at {at}");
        }
        assert_eq!(play(self.script.in_octets()), whole, "an octet at a time");
    }
}

/// The lines `key: value` of a part.
fn pairs(part: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for line in part.lines().filter(|line| !line.starts_with('#')) {
        let (key, value) = line
            .split_once(": ")
            .ok_or_else(|| format!("no key and value: {line}"))?;
        if key != "dialogue" && pairs.iter().any(|(known, _)| known == key) {
            return Err(format!("{key} stands there twice"));
        }
        pairs.push((key.to_owned(), value.to_owned()));
    }
    Ok(pairs)
}

fn read_plan(pairs: Vec<(String, String)>) -> Result<Plan, String> {
    let value = |wanted: &str| pairs.iter().find(|(key, _)| key == wanted).map(|(_, v)| v);
    let method = named(value("method").ok_or("the method is missing")?)?;
    let domains = value("domains").map(String::as_str).unwrap_or_default();
    let domains: Vec<&str> = domains.split_ascii_whitespace().collect();
    let mut plan = plan(method, &domains);
    let mut login = Login {
        user: String::new(),
        secret: None,
        choice: LoginChoice::Auto,
        in_clear: false,
        certificate: false,
    };
    let mut logs_in = false;
    for (key, value) in &pairs {
        match key.as_str() {
            "method" | "domains" => continue,
            "ehlo" if value == "none" => plan.ehlo = None,
            "ehlo" => plan.ehlo = Some(value.parse().map_err(|fault| format!("ehlo: {fault}"))?),
            "security" => plan.security = named(value)?,
            "finger" => plan.finger = Some(value.clone()),
            "normal-codes" => {
                let codes = value.split(' ').map(str::parse);
                plan.normal_codes = codes.collect::<Result<_, _>>().map_err(|_| value.clone())?;
            }
            "connect-limit" => plan.limits.connect = duration(value),
            "greeting-limit" => plan.limits.greeting = duration(value),
            "command-limit" => plan.limits.command = duration(value),
            "turn-limit" => plan.limits.turn = duration(value),
            "session-limit" => plan.limits.session = duration(value),
            "user" | "secret" | "login" | "login-in-clear" | "client-certificate" => {
                logs_in = true;
                match key.as_str() {
                    "user" => login.user.clone_from(value),
                    "secret" => login.secret = Some(value.clone().into()),
                    "login" => login.choice = named(value)?,
                    "login-in-clear" => login.in_clear = yes_or_no(value)?,
                    _ => login.certificate = yes_or_no(value)?,
                }
            }
            _ => return Err(format!("no such setting: {key}")),
        }
    }
    plan.login = logs_in.then_some(login);
    Ok(plan)
}

/// A value by its name in JSON.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(name.into()).map_err(|_| format!("no such value: {name}"))
}

fn yes_or_no(value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("neither yes nor no: {value}")),
    }
}

/// The name of a value in JSON.
fn name(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap();
    value.as_str().unwrap().to_owned()
}

fn meaning(verdict: &Verdict) -> String {
    format!("{} {}", name(verdict.outcome), name(verdict.reason))
}

/// What the third part of a script may say, besides its domains.
const RESULTS: [&str; 18] = [
    "session",
    "round-trips",
    "exit-status",
    "code",
    "enhanced",
    "text",
    "pending",
    "method",
    "choice",
    "seen-address",
    "tls",
    "certificate",
    "tls-fault",
    "messages",
    "refused",
    "octets",
    "ends-at",
    "dialogue",
];

fn result(report: &Report, end: Duration, key: &str) -> String {
    fn or_none(value: Option<impl ToString>) -> String {
        value.map_or_else(|| "none".to_owned(), |value| value.to_string())
    }
    let verdict = &report.verdict;
    match key {
        "session" => meaning(verdict),
        "round-trips" => report.round_trips.to_string(),
        "exit-status" => verdict.exit_status().to_string(),
        "code" => or_none(verdict.code),
        "enhanced" => or_none(verdict.enhanced.as_deref()),
        "text" => or_none(verdict.text.as_deref()),
        "pending" => or_none(verdict.pending),
        "method" => name(report.method),
        "choice" => or_none(report.choice.map(name)),
        "seen-address" => or_none(report.seen_address),
        "tls" => {
            let tls = report.tls.as_ref();
            or_none(tls.map(|tls| format!("{} {}", tls.version, name(tls.trust))))
        }
        "certificate" => {
            let certificate = report.certificate.as_ref();
            or_none(certificate.map(|certificate| &certificate.fingerprint))
        }
        "tls-fault" => {
            let fault = report.tls_fault.as_ref();
            or_none(fault.map(|fault| serde_json::to_string(fault).unwrap()))
        }
        "messages" => or_none(report.passed.and_then(|passed| passed.messages)),
        "refused" => or_none(report.passed.map(|passed| passed.refused)),
        "octets" => or_none(report.passed.map(|passed| passed.octets)),
        "ends-at" => format!("{}s", end.as_secs_f64()),
        _ => unreachable!("{key} is no single result"),
    }
}

/// A report without what may depend on how the bytes came: the times, and for what is no SMTP the
/// line, which is refused by as much as there is of it.
fn essence(mut report: Report) -> Report {
    let garbage = matches!(report.verdict.reason, Reason::NotSmtp | Reason::BadReply)
        && report.verdict.code.is_none();
    for line in &mut report.dialogue {
        line.at_ms = 0;
    }
    // What is ignored and no reply makes a line for each piece.
    let is_reply = |line: &str| {
        let code = line.split([' ', '-']).next().unwrap_or_default();
        code.len() == 3 && code.parse::<u16>().is_ok()
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

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_script_comes_to_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/session/scripts");
    let mut played = 0;
    let mut faults = Vec::new();
    for path in files(&folder) {
        let name = path.strip_prefix(&folder).unwrap().display();
        let text = fs::read_to_string(&path).unwrap();
        let result = catch_unwind(AssertUnwindSafe(|| -> Result<(), String> {
            if path.extension().is_none_or(|extension| extension != "txt") {
                return Err("a script's name ends in .txt".into());
            }
            let conversation = Conversation::read(&text)?;
            conversation.play();
            conversation.play_in_every_slicing();
            Ok(())
        }));
        played += 1;
        match result {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => faults.push(format!("{name}: {fault}")),
            Err(panic) => {
                let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let fault = panic.downcast_ref::<String>().cloned().or(literal);
                faults.push(format!("{name}: {}", fault.unwrap_or_default()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(played >= SCRIPTS, "{played} of {SCRIPTS} scripts are there");
}

/// A key that is misspelt would otherwise hold nothing.
#[test]
fn a_script_says_nothing_that_is_not_read() {
    const GOOD: &str = "\
# A comment.
method: signal
domains: a.example

connect
< 220 hi
> QUIT
< 221 bye

a.example: signalled quit-signals
round-trips: 3
";
    let fault = |text: &str| {
        let read = || Conversation::read(text).map(|conversation| conversation.play());
        !matches!(catch_unwind(read), Ok(Ok(())))
    };
    assert!(!fault(GOOD), "the one that all others are made from");
    for (from, to) in [
        ("method: signal", "method: semaphore"),
        ("method: signal\n", ""),
        ("domains:", "domain:"),
        ("# A comment", "no key"),
        ("connect\n", "connects\n"),
        ("round-trips: 3\n", ""),
        ("round-trips: 3", "round-trips: 4"),
        ("round-trips: 3", "round-trips: 3\nround-trips: 3"),
        ("round-trips: 3", "round-trips: 3\nround-trip: 3"),
        (
            "round-trips: 3",
            "round-trips: 3\nb.example: signalled quit-signals",
        ),
        ("a.example: signalled quit-signals\n", ""),
        ("quit-signals", "normal-here"),
        ("domains: a.example\n", ""),
        ("\n\n", "\n"),
    ] {
        let changed = GOOD.replace(from, to);
        assert_ne!(changed, GOOD);
        assert!(fault(&changed), "{from:?} -> {to:?} is taken");
    }
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
            let (report, _) = Script::new(&script).play(plan(Method::Etrn, &names));
            assert_eq!(report.verdict.outcome, Outcome::Started);
            assert_eq!(report.domains.len(), count);
            let trips = count + connections * if pipelining { 3 } else { 4 };
            assert_eq!(report.round_trips as usize, trips, "{count} {pipelining}");
        }
    }
}

/// Whatever the method, a probe asks for nothing and stays on one connection.
#[test]
fn a_probe_introduces_itself_and_asks_for_nothing() {
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
        let (report, _) = script.play_with(Session::probe(plan(method, &["a.example"])));
        assert_eq!(report.verdict.reason, Reason::QuitSignals, "{method}");
        assert!(report.domains.is_empty());
    }
}
