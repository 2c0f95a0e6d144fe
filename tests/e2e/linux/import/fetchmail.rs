//! Thousands of files read by Debian's fetchmail and by ours: what fetchmail would do counts.

use std::{collections::BTreeMap, path::Path, process::Command};

use dequeue_core::import::{self, ImportFaultKind, ImportFormat, ImportedAccount, Source};

use super::rig::{Dice, answer, compare};
use crate::linux::rig::provider::cached;

/// What counts of an account: its settings as ours has them, with the password among them.
type Account = BTreeMap<&'static str, String>;

#[test]
fn as_fetchmail_reads_it() {
    let program = cached("fetchmail", "usr/bin/fetchmail").join("usr/bin/fetchmail");
    let home = tempfile::tempdir().unwrap();
    let taken = compare(2400, |seed| {
        let file = file(&mut Dice::new(seed));
        let ours = ours(&file)?;
        let theirs = theirs(&program, home.path(), &["-f", "-"], &file);
        // Passwords are made up here.
        let differs = theirs != Ok(ours.clone());
        Some(differs.then(|| format!("{file}\nours: {ours:?}\nfetchmail's: {theirs:?}")))
    });
    assert!(taken > 800, "{taken} were taken over");
}

/// Its own options, as a crontab has them.
#[test]
fn as_fetchmail_reads_its_options() {
    let program = cached("fetchmail", "usr/bin/fetchmail").join("usr/bin/fetchmail");
    let home = tempfile::tempdir().unwrap();
    let taken = compare(1200, |seed| {
        let arguments = arguments(&mut Dice::new(seed));
        let quoted = arguments.iter().map(|it| format!("'{it}'"));
        let line = format!("exec fetchmail {}", quoted.collect::<Vec<_>>().join(" "));
        let ours = ours(&line)?;
        let mut theirs = theirs(&program, home.path(), &arguments, "");
        // None is an option, and it takes one from elsewhere.
        for account in theirs.iter_mut().flatten() {
            account.remove("password");
        }
        let differs = theirs != Ok(ours.clone());
        Some(differs.then(|| format!("{line}\nours: {ours:?}\nfetchmail's: {theirs:?}")))
    });
    assert!(taken > 300, "{taken} were taken over");
}

/// What ours makes of a file; `None` where it is refused.
fn ours(file: &str) -> Option<Vec<Account>> {
    match import::parse(ImportFormat::Fetchmail, &Source::decode(file.as_bytes())) {
        Ok(imported) => Some(imported.accounts.iter().map(our_account).collect()),
        Err(fault) if fault.kind == ImportFaultKind::Nothing => Some(Vec::new()),
        Err(_) => None,
    }
}

fn our_account(account: &ImportedAccount) -> Account {
    const KEYS: [&str; 13] = [
        "host",
        "method",
        "domains",
        "every",
        "command_timeout",
        "port",
        "tls",
        "ca_file",
        "client_cert",
        "client_key",
        "user",
        "mail_server",
        "password",
    ];
    let password = account.password.as_ref().map(|it| it.expose());
    let value = |key| match key {
        "password" => password,
        key => account.fields.get(key).map(String::as_str),
    };
    KEYS.into_iter()
        .filter_map(|key| Some((key, value(key)?.to_owned())))
        .collect()
}

/// What fetchmail makes of a file, or what it says of one that it refuses.
fn theirs(
    program: &Path,
    home: &Path,
    arguments: &[&str],
    file: &str,
) -> Result<Vec<Account>, String> {
    let mut command = Command::new(program);
    let output = answer(
        command
            .arg("--configdump")
            .args(arguments)
            .env("HOME", home)
            .env("LC_ALL", "C.UTF-8"),
        file,
    );
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let dump = String::from_utf8(output.stdout).unwrap();
    let mut accounts = Vec::new();
    let (mut daemon, mut server) = (0, Values::new());
    for block in dump.split("# Entry for site") {
        let (head, users) = block.split_once("'users': [").unwrap_or((block, ""));
        let values = values(head);
        if let Some(interval) = values.get("poll_interval") {
            daemon = interval.parse().unwrap();
        }
        server.clone_from(&values);
        for user in users.split("\"remote\":").skip(1) {
            let user = self::values(&format!("\"remote\":{user}"));
            accounts.extend(their_account(daemon, &server, &user));
        }
    }
    Ok(accounts)
}

/// Texts by their key; lists as they stand.
type Values = BTreeMap<String, String>;

fn values(lines: &str) -> Values {
    let value = |line: &str| {
        let (key, value) = line.trim().split_once(':')?;
        let key = key.trim_matches(['"', '\'']);
        let value = value.strip_suffix(',')?;
        (value != "None").then(|| (key.to_owned(), value.to_owned()))
    };
    lines.lines().filter_map(value).collect()
}

fn their_account(daemon: u64, server: &Values, user: &Values) -> Option<Account> {
    let text = |values: &Values, key: &str| {
        let text = values.get(key)?;
        Some(unquoted(text.strip_prefix('"')?).0).filter(|text| !text.is_empty())
    };
    let is = |values: &Values, key: &str| values[key] == "TRUE";
    let is_odmr = match text(server, "protocol")?.as_str() {
        "ETRN" => false,
        "ODMR" => true,
        _ => return None,
    };
    let list = |key: &str| {
        let mut rest = user[key].as_str();
        let mut items = Vec::new();
        while let Some((_, item)) = rest.split_once('"') {
            let (item, length) = unquoted(item);
            items.push(item);
            rest = &rest[rest.find('"').unwrap() + 1 + length..];
        }
        items
    };
    let (implicit, proto) = (is(user, "ssl"), user.get("sslproto").map(String::as_str));
    // By itself it asks for this machine.
    let domains = list("fetchdomains");
    let own = domains == [host_name()];
    let mut account = Account::new();
    let mut set = |key, value: Option<String>| {
        if let Some(value) = value {
            account.insert(key, value);
        }
    };
    set("host", text(server, "via").or(text(server, "pollname")));
    set(
        "method",
        Some(
            match (is_odmr, own) {
                (true, _) => "atrn",
                (false, true) => "auto",
                (false, false) => "etrn",
            }
            .to_owned(),
        ),
    );
    set("domains", Some(domains.join(", ")).filter(|_| !own));
    let cycles: u64 = server["interval"].parse().unwrap();
    set(
        "every",
        (daemon > 0).then(|| format!("{}s", daemon * cycles.max(1))),
    );
    let timeout = server["timeout"].as_str();
    set(
        "command_timeout",
        (timeout != "300").then(|| format!("{timeout}s")),
    );
    let port = text(server, "service").map(|service| service_port(&service));
    set(
        "port",
        port.or(match (is_odmr, implicit) {
            (true, _) => Some("366".to_owned()),
            (false, true) => Some("465".to_owned()),
            (false, false) => None,
        }),
    );
    let tls = match (implicit, proto) {
        (true, _) => Some("implicit"),
        (false, Some("\"\"")) => Some("none"),
        (false, _) => None,
    };
    set("tls", tls.map(str::to_owned));
    // Without TLS it uses none of them.
    for (key, keyword) in [
        ("ca_file", "sslcertfile"),
        ("client_cert", "sslcert"),
        ("client_key", "sslkey"),
    ] {
        set(key, text(user, keyword).filter(|_| implicit));
    }
    if is_odmr {
        set("user", text(user, "remote"));
        set("password", text(user, "password"));
        let hunted = list("smtphunt").remove(0);
        let (host, port) = hunted.split_once('/').unwrap_or((&hunted, "25"));
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        let host = if host == "localhost" {
            "127.0.0.1".to_owned()
        } else {
            host
        };
        set(
            "mail_server",
            Some(format!("{host}:{}", service_port(port))),
        );
    } else if let Some(password) = text(server, "esmtppassword") {
        set("user", text(server, "esmtpname"));
        set("password", Some(password));
    }
    Some(account)
}

fn service_port(service: &str) -> String {
    match service {
        "smtp" => "25",
        "odmr" => "366",
        number => number,
    }
    .to_owned()
}

fn host_name() -> String {
    let fqdn = Command::new("hostname").arg("-f").output();
    let name = fqdn.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    name.unwrap_or_default()
}

/// A text of the dump behind its first quotation mark, and how long it was with the second.
fn unquoted(rest: &str) -> (String, usize) {
    let mut octets = Vec::new();
    let mut bytes = rest.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return (String::from_utf8(octets).unwrap(), at + 1),
            b'\\' => {
                let (_, escaped) = bytes.next().unwrap();
                octets.push(match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'a' => 7,
                    b'b' => 8,
                    b'v' => 11,
                    b'f' => 12,
                    b'0' => {
                        let digits: String = bytes
                            .by_ref()
                            .skip(1)
                            .take(2)
                            .map(|(_, byte)| char::from(byte))
                            .collect();
                        u8::from_str_radix(&digits, 16).unwrap()
                    }
                    other => other,
                });
            }
            other => octets.push(other),
        }
    }
    panic!("no end: {rest}");
}

// ---- Calls ------------------------------------------------------------------------------------

fn arguments(dice: &mut Dice) -> Vec<&'static str> {
    let mut arguments = vec!["-f", "/dev/null"];
    for _ in 0..dice.below(7) {
        arguments.extend(dice.pick(&[
            &["-s"][..],
            &["-vN"],
            &["-p", "etrn"],
            &["-pETRN"],
            &["--proto", "odmr", "-u", "office"],
            &["--protocol=Odmr", "--username=off ice"],
            &["--prot", "etrn"],
            &["-akp", "etrn"],
            &["-p", "pop3"],
            &["--fetchdomains", "a.test,b.test"],
            &["--fetchdomains=c.test,,d.test,"],
            &["--fetchd", "@e.test"],
            &["-S", "mail.test"],
            &["--smtphost=mail.test/2525,other.test"],
            &["--ssl"],
            &["--ssl", "--sslcert", "/c d.pem", "--sslkey", "/k.pem"],
            &["--sslcertfile", "/etc/ca.pem"],
            &["--sslcertck"],
            &["--nosslcertck"],
            &["--sslproto", ""],
            &["--sslproto", "TLS1.2+"],
            &["-P", "2525"],
            &["-Psmtp"],
            &["--port", "26"],
            &["--service=27"],
            &["-d", "900"],
            &["-d0"],
            &["--daem=60"],
            &["-t", "60"],
            &["--timeout=5"],
            &["--auth", "password"],
            &["--auth=cram-md5"],
            &["--auth", "any"],
            &["-k"],
            &["-K"],
            &["-F"],
            &["-n"],
            &["-U"],
            &["-l", "1000"],
            &["-w1"],
            &["-e", "3"],
            &["-b", "4", "-B5"],
            &["-r", "INBOX,b"],
            &["-Z", "571,550"],
            &["-E", "X-To"],
            &["-m", "/usr/bin/procmail -d %T"],
            &["--bsmtp", "/tmp/x"],
            &["--plugin", "nc %h %p"],
            &["-L", "/x"],
            &["--syslog"],
            &["--invisible"],
            &["--bad-header", "accept"],
            &["--tracepolls"],
            &["first.test"],
            &["--", "-k"],
            &["--sslc"],
            &["-y"],
            &["--ssl=1"],
            &["-t", "soon"],
        ]));
    }
    arguments.push("h.test");
    arguments
}

// ---- Files ------------------------------------------------------------------------------------

fn file(dice: &mut Dice) -> String {
    let mut file = String::new();
    for _ in 0..dice.below(3) {
        let set = dice.pick(&[
            "set daemon 900",
            "set daemon=60",
            "set syslog",
            "set no bouncemail",
            "set daemon 0",
            "set logfile \"/x y\"",
            "set postmaster 'me'",
            "set nospambounce",
            "set  daemon  300 ;",
            "set no syslog",
            "set properties 12",
            "set invisible",
        ]);
        file += set;
        file += gap(dice);
    }
    if dice.one_in(3) {
        file += "defaults";
        file += gap(dice);
        options(dice, &mut file, true);
    }
    for _ in 0..=dice.below(3) {
        file += dice.pick(&["poll", "poll", "server", "skip"]);
        file += gap(dice);
        file += dice.pick(&[
            "mx.test",
            "'b.test'",
            "\"mx2.test\"",
            "192.0.2.7",
            "o\\x66.test",
        ]);
        file += gap(dice);
        options(dice, &mut file, false);
    }
    if dice.one_in(4) {
        file += "# the end\n";
    }
    file
}

/// What stands between two words.
fn gap(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        " ",
        " ",
        " ",
        " ",
        "\n",
        "\n  ",
        ", ",
        " ; ",
        "\t",
        " with ",
        " and ",
        " # 'n \"x\n",
        "\r\n",
        " \\\n ",
        ": ",
        " options ",
        " has ",
        " wants ",
    ])
}

fn options(dice: &mut Dice, file: &mut String, is_default: bool) {
    if !(is_default && dice.one_in(2)) {
        *file += dice.pick(&["proto ", "protocol "]);
        *file += dice.pick(&[
            "etrn", "ETRN", "odmr", "ODMR", "etrn", "odmr", "pop3", "imap", "Etrn",
        ]);
        *file += gap(dice);
    }
    for _ in 0..dice.below(5) {
        server_option(dice, file);
        *file += gap(dice);
    }
    let users = if is_default {
        dice.below(2)
    } else {
        dice.below(4)
    };
    for _ in 0..users {
        *file += dice.pick(&["user ", "username ", "user\n"]);
        *file += name(dice);
        *file += gap(dice);
        *file += dice.pick(&[
            "",
            "",
            "",
            "there",
            "is me here",
            "is postmaster",
            "to * here",
        ]);
        *file += gap(dice);
        some_user_options(dice, file);
    }
    if users == 0 {
        some_user_options(dice, file);
    }
    if dice.one_in(25) {
        *file += dice.pick(&[
            "interval 3",
            "keep user x",
            "= ",
            "fetchdomain a.test",
            "proto",
            "Keep",
            "user",
            "nossl",
            "\"open",
            "noport",
            "set daemon -5",
            "password",
            "\"a\"b",
            "#queue",
        ]);
        *file += gap(dice);
    }
}

fn some_user_options(dice: &mut Dice, file: &mut String) {
    for _ in 0..dice.below(5) {
        user_option(dice, file);
        *file += gap(dice);
    }
}

fn name(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "customer1",
        "'office'",
        "\"a b\"",
        "keep",
        "12345",
        "user",
        "\"\\x6a\\0141e\"",
        "pass",
        "any",
        "\"q\\\\\"",
        "b\\x",
        "\"\"",
        "'it\"s'",
    ])
}

fn server_option(dice: &mut Dice, file: &mut String) {
    let option = dice.pick(&[
        "via relay.test",
        "via 'relay2.test'",
        "port 2525",
        "service smtp",
        "service 26",
        "service \"27\"",
        "interval 4",
        "interval 0",
        "timeout 60",
        "timeout 0",
        "auth cram",
        "auth password",
        "preauth any",
        "authenticate cram-md5",
        "auth external",
        "noenvelope",
        "no envelope",
        "envelope 2 'X-To'",
        "envelope Delivered-To",
        "dns",
        "no dns",
        "nodns",
        "nouidl",
        "uidl",
        "checkalias",
        "tracepolls",
        "no tracepolls",
        "aka a.test b.test",
        "local x.test",
        "localdomains 'y.test' z.test",
        "qvirtual 'q-'",
        "principal p",
        "bad-header accept",
        "bad-header reject",
        "plugin 'nc %h %p'",
        "monitor eth0",
        "auth kerberos_v5",
        "interface \"eth0/192.0.2.0\"",
        "esmtpname",
    ]);
    if option == "esmtpname" {
        *file += "esmtpname ";
        *file += dice.pick(&["u", "'u v'", "\"u\""]);
        *file += gap(dice);
        *file += "esmtppassword ";
        *file += dice.pick(&["p", "\"p\\x22w\\0479\"", "'p # w'", "\"\""]);
    } else {
        *file += option;
    }
}

fn user_option(dice: &mut Dice, file: &mut String) {
    let option = dice.pick(&[
        "password",
        "password",
        "pass",
        "fetchdomains a.test",
        "fetchdomains a.test, b.test",
        "fetchdomains '#queue' @c.test",
        "fetchdomains \"x\\x2etest\"",
        "smtphost mail.test",
        "smtp mail.test/2525 other.test",
        "smtphost \"2001:db8::1/26\"",
        "smtphost mail.test/smtp",
        "ssl",
        "no ssl",
        "sslcertck",
        "no sslcertck",
        "sslproto ''",
        "sslproto TLS1.2+",
        "sslcertfile /etc/ca.pem",
        "sslcert '/c d.pem' sslkey /k.pem",
        "sslcertpath /etc/ssl",
        "sslfingerprint '01:02'",
        "sslcommonname x.test",
        "keep",
        "nokeep",
        "no keep",
        "flush",
        "noflush",
        "limitflush",
        "fetchall",
        "no fetchall",
        "norewrite",
        "rewrite",
        "forcecr",
        "stripcr",
        "pass8bits",
        "pass8",
        "nopass8",
        "dropstatus",
        "nodropdelivered",
        "mimedec",
        "nomimedecode",
        "no idle",
        "folder INBOX",
        "folders 'a' b",
        "smtpaddress x.test",
        "smtpname me@x.test",
        "antispam 571 550",
        "mda \"/usr/bin/procmail -d %T\"",
        "bsmtp /tmp/x",
        "pre 'ssh -f x'",
        "preconnect y",
        "postconnect 'z'",
        "limit 1000",
        "warnings 0",
        "fetchlimit 3",
        "fetchsizelimit 4",
        "fastuidl 5",
        "batchlimit 6",
        "expunge 7",
        "properties 'x'",
        "is root here",
        "to a=b c here",
        "is you there",
    ]);
    *file += option;
    if option.starts_with("pass") && !option.contains('8') {
        *file += dice.pick(&[" ", "\n", "  ", "\t"]);
        *file += dice.pick(&[
            "hunter2",
            "\"p\\x22w\\0479\"",
            "'it is'",
            "\"a\\tb\\\\c\"",
            "12",
            "ssl",
            "\"p\\q\\'\"",
            "a\\x41b",
            "\"x\\0y\"",
            "p#q",
            "\"a\\\nb\"",
        ]);
    }
}
