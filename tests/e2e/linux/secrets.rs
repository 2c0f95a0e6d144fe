//! No secret is to be found anywhere after sessions with every mechanism, though the provider says
//! it back in every reply: not in the log at its most talkative, the history, the output, the
//! events, the process list or what a crash leaves.

use std::{
    collections::BTreeSet,
    fs,
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::{
    linux::rig::{
        blabbing::{Blabbing, USER},
        certificate,
        events::Events,
    },
    programs::{Home, Run, account, outcome},
    rig::wait::{self, SOON},
};

const SECRET: &str = "Kwz7qVx-geheim.woord_31415926";
const MECHANISMS: [&str; 8] = [
    "external",
    "scram-sha-256",
    "scram-sha-1",
    "oauthbearer",
    "xoauth2",
    "cram-md5",
    "plain",
    "login",
];

/// All that gives a secret away: itself, in hexadecimal, and in base64 wherever it stands in what
/// is encoded.
fn needles(secret: &str) -> Vec<Vec<u8>> {
    let mut needles = vec![secret.as_bytes().to_vec()];
    needles.push(
        secret
            .bytes()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
            .into(),
    );
    for before in 0..3 {
        let encoded = BASE64.encode([&vec![b'.'; before][..], secret.as_bytes()].concat());
        // The digits at both ends hold a part of what stands beside it.
        let start = [0, 2, 3][before];
        let end = (before + secret.len()) * 8 / 6;
        needles.push(encoded[start..end].into());
    }
    needles
}

/// Looks for what gives a secret away.
pub struct Search {
    needles: Vec<Vec<u8>>,
}

impl Search {
    /// Looks for this secret.
    pub fn of(secret: &str) -> Self {
        Self {
            needles: needles(secret),
        }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let found = |needle: &Vec<u8>| {
            bytes
                .windows(needle.len())
                .any(|window| window == needle.as_slice())
        };
        self.needles.iter().any(found)
    }

    /// Asserts that no secret is in `bytes`.
    #[track_caller]
    pub fn assert_clean(&self, what: &str, bytes: &[u8]) {
        assert!(
            !self.is_in(bytes),
            "a secret in {what}:\n{}",
            String::from_utf8_lossy(bytes)
        );
    }

    /// The same of all files in a folder.
    pub fn assert_clean_files(&self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => self.assert_clean_files(&path),
                kind if kind.is_file() => {
                    let bytes = fs::read(&path).unwrap();
                    self.assert_clean(&path.display().to_string(), &bytes);
                }
                // The socket.
                _ => {}
            }
        }
    }
}

/// The processes of this machine in whose arguments or environment a secret stands.
pub fn telling_processes(search: &Search) -> Vec<PathBuf> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .flat_map(|process| ["cmdline", "environ"].map(|name| process.path().join(name)))
        .filter(|path| fs::read(path).is_ok_and(|bytes| search.is_in(&bytes)))
        .collect()
}

/// The secret and the client's certificate, outside of any home.
fn kept_elsewhere() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    certificate::make(folder.path(), Ipv4Addr::LOCALHOST);
    folder
}

fn accounts(provider: &Blabbing, kept: &Path) -> Vec<String> {
    let kept = kept.display();
    let lines = |(n, mechanism): (usize, &str)| {
        // Two of the ways to a secret that are no keyring.
        let secret = match n % 2 {
            0 => format!("file:{kept}/secret"),
            _ => format!("command:cat {kept}/secret"),
        };
        let certificate = match mechanism {
            "external" => {
                format!("client_cert = \"{kept}/cert.pem\"\nclient_key = \"{kept}/key.pem\"\n")
            }
            _ => String::new(),
        };
        let lines = format!(
            "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"1h\"\ntls = \"implicit\"\n\
             ca_file = \"{}\"\nuser = \"{USER}\"\nauth = \"{mechanism}\"\n\
             secret = \"{secret}\"\n{certificate}",
            provider.certificate().display()
        );
        account(mechanism, provider.address(), &lines)
    };
    MECHANISMS.into_iter().enumerate().map(lines).collect()
}

#[test]
fn no_secret_is_found_anywhere_after_every_mechanism() {
    let kept = kept_elsewhere();
    let key = fs::read_to_string(kept.path().join("key.pem")).unwrap();
    let mut needles = needles(SECRET);
    // A line of the key is enough to know it by.
    needles.push(key.lines().nth(1).unwrap().into());
    let search = Arc::new(Search { needles });
    assert!(search.is_in(BASE64.encode(format!("\0{USER}\0{SECRET}")).as_bytes()));

    let telling = Arc::new(Mutex::new(BTreeSet::new()));
    let provider = Blabbing::start(SECRET, {
        let (search, telling) = (search.clone(), telling.clone());
        Box::new(move || telling.lock().unwrap().extend(telling_processes(&search)))
    });
    let home = Home::with(&accounts(&provider, kept.path()));

    // In an engine: every account at its start, and again while a client listens.
    let mut engine = home.start_with(&["run"], &[("DEQUEUE_LOG", "trace"), ("RUST_LOG", "trace")]);
    let events = Events::attach(&home.control());
    for mechanism in MECHANISMS {
        let pokes = home.wait_for_pokes(mechanism, 1, SOON);
        assert_eq!(
            outcome(&pokes[0]),
            ("started", "queuing-started"),
            "{:#}",
            pokes[0]
        );
    }
    let ask = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("DEQUEUE_LOG", "trace").env("RUST_LOG", "trace");
        let run = Run::of(&mut command);
        search.assert_clean(&format!("{arguments:?}"), format!("{run:?}").as_bytes());
        run
    };
    for mechanism in MECHANISMS {
        let run = ask(&["poke", mechanism, "--json"]);
        assert_eq!(run.status, 0, "{run:?}");
        let said = run.object()["dialogue"].to_string();
        assert_eq!(
            said.contains("with ****,"),
            mechanism != "external",
            "{said}"
        );
    }
    events.wait_for("a line of a dialogue", |message| {
        let line = &message["event"]["line"]["line"];
        line.as_str()?.contains("AUTH").then_some(())
    });
    provider.refuse();
    for mechanism in MECHANISMS {
        let run = ask(&["poke", mechanism, "--json"]);
        assert_eq!(run.status, 77, "{run:?}");
        let reason = match mechanism {
            "xoauth2" | "oauthbearer" => "token-refused",
            _ => "login-refused",
        };
        assert_eq!(outcome(&run.object()), ("refused", reason));
        // And as a person reads it.
        ask(&["poke", mechanism, "--verbose"]);
        ask(&["account", "show", mechanism]);
    }
    for question in [
        &["status", "--json"][..],
        &["history", "--json", "--dialogue"],
        &["history"],
        &["settings", "check"],
    ] {
        ask(question);
    }
    for message in events.heard() {
        search.assert_clean("an event", message.to_string().as_bytes());
    }

    // A crash, and what is left behind.
    engine.signal(Signal::ABORT);
    wait::until("the engine to end", SOON, || engine.status());
    assert!(engine.log().contains("poked"), "no log: {}", engine.log());
    search.assert_clean("the log", engine.log().as_bytes());
    search.assert_clean_files(home.path());
    assert!(home.files().contains(&"history.sqlite".to_owned()));
    let telling = telling.lock().unwrap().clone();
    assert!(telling.is_empty(), "{telling:?}");

    // All of it was for real.
    let logins: BTreeSet<String> = provider.logins().into_iter().collect();
    let logins: Vec<String> = logins
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    let mut all = MECHANISMS.map(str::to_owned);
    all.sort();
    assert_eq!(logins, all);
}
