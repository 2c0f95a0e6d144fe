//! Thousands of accounts and calls read by Debian's msmtp and by ours: what msmtp would do counts.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use dequeue_core::import::{self, ImportFormat, ImportedAccount, Source};

use super::rig::{Dice, answer, compare};
use crate::linux::rig::provider::cached;

/// What counts of an account.
type Account = BTreeMap<&'static str, String>;

/// msmtp, and the folders in which it finds nothing.
struct Msmtp {
    program: PathBuf,
    home: tempfile::TempDir,
}

impl Msmtp {
    fn new() -> Self {
        let program = cached("msmtp", "usr/bin/msmtp").join("usr/bin/msmtp");
        let home = tempfile::tempdir().unwrap();
        Self { program, home }
    }

    /// What it would do in a call that asks for held mail, or what it says of it.
    fn would(&self, arguments: &[impl AsRef<str>]) -> Result<Account, String> {
        let mut command = Command::new(&self.program);
        command
            .arg("--pretend")
            .args(arguments.iter().map(AsRef::as_ref));
        let output = answer(
            command
                .env("HOME", self.home.path())
                .env("LC_ALL", "C.UTF-8"),
            "",
        );
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(their_account(&String::from_utf8(output.stdout).unwrap()))
    }

    fn file(&self, seed: u64, text: &str) -> PathBuf {
        let path = self.home.path().join(seed.to_string());
        fs::write(&path, text).unwrap();
        path
    }
}

#[test]
fn as_msmtp_reads_its_file() {
    let msmtp = Msmtp::new();
    let taken = compare(300, |seed| {
        let text = file(&mut Dice::new(seed));
        let imported = import::parse(ImportFormat::Msmtp, &Source::decode(text.as_bytes())).ok()?;
        let path = msmtp.file(seed, &text);
        let differing = imported.accounts.iter().find_map(|account| {
            let ours = our_account(account);
            let arguments = [
                format!("--file={}", path.display()),
                format!("--account={}", name_there(account, &text)),
                "--rmqs=x.test".to_owned(),
            ];
            let theirs = msmtp.would(&arguments);
            let differs = !agree(&ours, &theirs);
            differs.then(|| format!("{text}\nours: {ours:?}\nmsmtp's: {theirs:?}"))
        });
        Some(differing)
    });
    assert!(taken > 150, "{taken} were taken over");
}

#[test]
fn as_msmtp_reads_a_call() {
    let msmtp = Msmtp::new();
    let config = "account one\nhost one.test\ntls on\ntls_starttls off\nauth plain\nuser u\n\
                  account default : one\nport 2525\n";
    let path = msmtp.file(0, config);
    let taken = compare(800, |seed| {
        let arguments = arguments(&mut Dice::new(seed), &path);
        let quoted: Vec<String> = arguments.iter().map(|it| format!("'{it}'")).collect();
        let text = format!("{config}/usr/bin/msmtp {}\n", quoted.join(" "));
        let imported = import::parse(ImportFormat::Msmtp, &Source::decode(text.as_bytes())).ok()?;
        let ours = our_account(&imported.accounts[0]);
        let theirs = msmtp.would(&arguments);
        let differs = !agree(&ours, &theirs);
        Some(differs.then(|| format!("{arguments:?}\nours: {ours:?}\nmsmtp's: {theirs:?}")))
    });
    assert!(taken > 400, "{taken} were taken over");
}

/// Whether both would do the same. msmtp shows a command that it would not ask, having a password.
fn agree(ours: &Account, theirs: &Result<Account, String>) -> bool {
    let Ok(theirs) = theirs else { return false };
    let mut theirs = theirs.clone();
    if ours["command"].is_empty() && !ours["password"].is_empty() {
        theirs.insert("command", String::new());
    }
    *ours == theirs
}

/// The name of an account in its file, which has a number here where ours has two of that name.
fn name_there(account: &ImportedAccount, text: &str) -> String {
    let line = text.split('\n').nth(account.line - 1).unwrap_or_default();
    match line.trim().strip_prefix("account") {
        Some(_) => account.fields["name"].clone(),
        None => "default".to_owned(),
    }
}

fn our_account(account: &ImportedAccount) -> Account {
    let field = |key: &str| account.fields.get(key).cloned();
    let mut ours = Account::new();
    // What a command gives it shows as a password.
    let has_password = account.password.is_some() || account.fields.contains_key("secret");
    let tls = field("tls");
    let implicit = tls.as_deref() == Some("implicit");
    ours.insert("host", account.fields["host"].clone());
    ours.insert(
        "port",
        field("port").unwrap_or_else(|| if implicit { "465" } else { "25" }.to_owned()),
    );
    ours.insert("tls", tls.filter(|tls| tls != "none").unwrap_or_default());
    for (key, value) in [
        ("auth", field("auth")),
        ("user", field("user")),
        ("ehlo", field("ehlo")),
        ("bind", field("bind")),
        ("timeout", field("command_timeout")),
        ("ca_file", field("ca_file")),
        ("client_cert", field("client_cert")),
        ("client_key", field("client_key")),
        ("pin", field("pin")),
        ("domains", field("domains").or(Some("x.test".to_owned()))),
        ("password", has_password.then(|| "*".to_owned())),
        (
            "command",
            field("secret").map(|secret| secret.replace("command:", "")),
        ),
    ] {
        ours.insert(key, value.unwrap_or_default());
    }
    ours
}

fn their_account(shown: &str) -> Account {
    let values = shown.lines().filter_map(|line| line.split_once(" = "));
    let values: BTreeMap<&str, &str> = values.filter(|(_, value)| *value != "(not set)").collect();
    let value = |key: &str| values.get(key).copied().unwrap_or_default();
    let logs_in = value("auth") != "none";
    let login = |text: &str| {
        if logs_in {
            text.to_owned()
        } else {
            String::new()
        }
    };
    let tls = match (value("tls"), value("tls_starttls")) {
        ("on", "off") => "implicit",
        ("on", _) => "required",
        _ => "",
    };
    let auth = match value("auth") {
        "none" => "",
        "choose" | "GSSAPI" | "DIGEST-MD5" | "NTLM" => "auto",
        mechanism => mechanism,
    };
    let timeout = value("timeout")
        .split(' ')
        .next()
        .filter(|timeout| *timeout != "off");
    let domain = Some(value("domain")).filter(|domain| *domain != "localhost");
    let ca_file = Some(value("tls_trust_file")).filter(|file| *file != "system");
    let fingerprint = value("tls_fingerprint").replace(':', "").to_lowercase();
    let with_tls = |text: &str| {
        if tls.is_empty() {
            String::new()
        } else {
            text.to_owned()
        }
    };
    let password = value("password");
    let command = value("passwordeval");
    Account::from([
        ("host", value("host").to_owned()),
        ("port", value("port").to_owned()),
        ("tls", tls.to_owned()),
        ("auth", auth.to_lowercase()),
        ("user", login(value("user"))),
        ("ehlo", domain.unwrap_or_default().to_owned()),
        ("bind", value("source ip").to_owned()),
        (
            "timeout",
            timeout
                .map(|seconds| format!("{seconds}s"))
                .unwrap_or_default(),
        ),
        // Without TLS it uses none of them.
        ("ca_file", with_tls(ca_file.unwrap_or_default())),
        ("client_cert", with_tls(value("tls_cert_file"))),
        ("client_key", with_tls(value("tls_key_file"))),
        (
            "pin",
            Some(with_tls(&fingerprint))
                .filter(|digits| digits.len() == 64)
                .unwrap_or_default(),
        ),
        ("domains", value("RMQS argument").to_owned()),
        ("password", login(password)),
        ("command", login(command)),
    ])
}

// ---- Files and calls ---------------------------------------------------------------------------

fn file(dice: &mut Dice) -> String {
    let mut file = String::new();
    let mut names: Vec<String> = Vec::new();
    if dice.one_in(8) {
        settings(dice, &mut file, true);
        names.push("default".to_owned());
    }
    for section in 0..1 + dice.below(6) {
        if dice.one_in(4) {
            file += dice.pick(&["defaults\n", "  defaults \r\n", "defaults\t\n"]);
            settings(dice, &mut file, false);
        }
        let name = dice
            .pick(&["a", "office", "my mail", "x.y", "B"])
            .to_owned()
            + &section.to_string();
        let quoted = if dice.one_in(4) {
            format!("\"{name}\"")
        } else {
            name.clone()
        };
        file += &format!("account{}{quoted}", dice.pick(&[" ", "\t", "  "]));
        if !names.is_empty() && !quoted.contains('"') && dice.one_in(2) {
            file += dice.pick(&[":", " : ", " :"]);
            for place in 0..=dice.below(2) {
                file += if place > 0 { ", " } else { "" };
                file += &names[dice.below(names.len())];
            }
        }
        file += "\n";
        settings(dice, &mut file, true);
        names.push(name);
    }
    if dice.one_in(20) {
        file += dice.pick(&[
            "hosts x\n",
            "account a0\n",
            "port 0\n",
            "tls maybe\n",
            "account z : y\n",
        ]);
    }
    file
}

fn settings(dice: &mut Dice, file: &mut String, has_host: bool) {
    if has_host && !dice.one_in(4) {
        *file += dice.pick(&["host h.test\n", "host \"mx.test\"\n", "  host 192.0.2.7 \n"]);
    }
    for _ in 0..dice.below(7) {
        let setting = dice.pick(&[
            "port 2525", "port 0x1a", "port 031", "port +27", "port \"28\"", "timeout 30",
            "timeout off", "connect_timeout 7", "protocol smtp", "domain me.test", "auth on", "auth",
            "auth off", "auth plain", "auth cram-md5", "auth scram-sha-1", "auth gssapi",
            "auth digest-md5", "user me", "user \"a b\"", "user", "user a\"b", "password p#w",
            "password \"a b\"", "password", "password \"a\"b\"", "passwordeval echo secret",
            "passwordeval /bin/echo \"a b\"", "passwordeval", "tls on", "tls", "tls off", "tls_starttls on",
            "tls_starttls off", "tls_starttls", "tls_trust_file /etc/ca.pem", "tls_trust_file system",
            "tls_certcheck on", "source_ip 192.0.2.1", "source_ip",
            "tls_fingerprint", "from me@x.test", "logfile ~/log", "syslog LOG_MAIL", "aliases /x",
            "# a comment", "", "   # another", "\ttls_priorities NORMAL", "set_from_header auto",
            "tls_cert_file /c.pem\ntls_key_file /k.pem", "dsn_notify never", "keepbcc on",
            "tls_fingerprint 00:11:22:33:44:55:66:77:88:99:aa:BB:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:BB:cc:dd:ee:ff",
            "tls_fingerprint 00 11 22 33 44 55 66 77 88 99 aa BB cc dd ee ff 00 11 22 33",
        ]);
        *file += setting;
        *file += dice.pick(&["\n", "\n", " \n", "\r\n", "\t\n"]);
    }
}

fn arguments(dice: &mut Dice, config: &Path) -> Vec<String> {
    let mut arguments = vec![format!("--file={}", config.display())];
    if dice.one_in(3) {
        arguments.push("--host=h.test".to_owned());
    } else if dice.one_in(2) {
        let account = dice.pick(&["-aone", "--account=default", "-a|one", "--acc|one", "-a|no"]);
        arguments.extend(account.split('|').map(str::to_owned));
    }
    for _ in 0..dice.below(5) {
        let option = dice.pick(&[
            "--port=26",
            "--port|27",
            "--po=0x1c",
            "--tls",
            "--tls=on",
            "--tls=off",
            "--tls-starttls",
            "--tls-starttls=off",
            "--tls-s=off",
            "--auth",
            "--auth=login",
            "--auth=off",
            "--user=me",
            "--user|a b",
            "--timeout=9",
            "--connect-timeout|off",
            "--domain=me.test",
            "--source-ip=192.0.2.1",
            "--passwordeval=echo x",
            "--tls-trust-file=/ca.pem",
            "--tls-certcheck=on",
            "--tls-certcheck",
            "-v",
            "-oi",
            "-o|x",
            "-tv",
            "--syslog",
            "--logfile=/x",
            "-X|/y",
            "-i",
            "--proxy-host=p.test",
            "--protocol=smtp",
            "--keepbcc=off",
            "--t=1",
            "--tls=maybe",
            "--port=0",
            "root@x.test",
            "--debugs",
        ]);
        arguments.extend(option.split('|').map(str::to_owned));
    }
    let asks = dice.pick(&[
        "--rmqs=x.test",
        "--rmqs|@y.test",
        "--rmq=#queue",
        "--rm|z.test",
    ]);
    let place = dice.below(2) * arguments.len();
    let asks = asks.split('|').map(str::to_owned);
    arguments.splice(place..place, asks);
    arguments
}
