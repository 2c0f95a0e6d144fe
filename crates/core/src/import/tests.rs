use std::path::Path;

use proptest::prelude::*;

mod bounds;
mod scripts;

use super::*;
use crate::{
    Text,
    settings::{Account, definition::Defined, file::SettingsFile, value::Value},
};

/// What comes of a text.
fn read(kind: ImportFormat, text: &str) -> Result<Imported, ImportFault> {
    parse(kind, &Source::decode(text.as_bytes()))
}

/// A settings file of this text.
fn file_of(source: &str) -> SettingsFile {
    SettingsFile::parse(Path::new("settings.toml"), source.into()).unwrap()
}

/// The accounts in short: each field as `key=value`, in the order of the keys; `(password)` at the
/// end where there was one.
fn accounts(kind: ImportFormat, text: &str) -> Vec<String> {
    let imported = read(kind, text).unwrap_or_else(|fault| panic!("{fault:?} in {text}"));
    let in_short = |account: &ImportedAccount| {
        let mut taken = Account::default();
        for (key, value) in &account.fields {
            if key != "method" && Account::definition(key).is_some() {
                let set = taken.set(key, &Value::Text(value));
                assert_eq!(set, Ok(()), "{key}={value} of {text}");
            }
        }
        let fields = account.fields.iter();
        let mut words: Vec<String> = fields
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        words.extend(account.password.as_ref().map(|_| "(password)".to_owned()));
        words.join(" ")
    };
    imported.accounts.iter().map(in_short).collect()
}

fn notes(kind: ImportFormat, text: &str) -> Vec<(usize, NoteKind, String)> {
    let notes = read(kind, text).unwrap().notes.into_iter();
    notes
        .map(|note| (note.line, note.kind, note.about))
        .collect()
}

fn fault(kind: ImportFormat, text: &str) -> (usize, ImportFaultKind, String) {
    let fault = read(kind, text).unwrap_err();
    (fault.line, fault.kind, fault.about)
}

#[test]
fn command_lines_of_the_old_program() {
    let one =
        "domains=example.org host=bsmtp.example.org method=auto name=bsmtp.example.org port=26";
    for (text, expected) in [
        (
            "dequeue bsmtp.example.org",
            "host=bsmtp.example.org method=signal name=bsmtp.example.org",
        ),
        (
            "bsmtp.example.org",
            "host=bsmtp.example.org method=signal name=bsmtp.example.org",
        ),
        ("dequeue bsmtp.example.org -p 26 -d example.org", one),
        ("dequeue -p26 -dexample.org bsmtp.example.org", one),
        (
            "dequeue.exe --port=26 bsmtp.example.org --domain example.org",
            one,
        ),
        (
            r#""C:\Program Files\Dequeue\dequeue.exe" bsmtp.example.org -p 26 -d example.org"#,
            one,
        ),
        (
            r"C:\Tools\DEQUEUE.EXE bsmtp.example.org -p 26 -d example.org > C:\log.txt 2>&1",
            one,
        ),
        (
            r"@C:\Tools\dequeue bsmtp.example.org -p 26 -d example.org >nul",
            one,
        ),
        (
            r"start /wait C:\Tools\dequeue.exe bsmtp.example.org -p 26 -d example.org & exit",
            one,
        ),
        (
            "\u{feff}@echo off\r\nrem every morning\r\n\r\ndequeue bsmtp.example.org ^\r\n  -p 26 -d example.org\r\nexit /b",
            one,
        ),
        (
            "rem 't was dequeue.exe old.test\r\ncd /d \"C:\\Program Files\\Dequeue\"\r\ndequeue.exe bsmtp.example.org -p 26 -d example.org",
            one,
        ),
        (
            r"pushd C:\Dequeue && dequeue.exe bsmtp.example.org -p 26 -d example.org",
            one,
        ),
        (
            "/usr/local/bin/dequeue \\\n bsmtp.example.org \\\n -p 26 -d example.org",
            one,
        ),
    ] {
        assert_eq!(accounts(ImportFormat::Dequeue, text), [expected], "{text}");
    }
    for (time, rhythm) in [
        ("*/15 * * * *", "every=15m"),
        ("0,30 * * * *", "every=30m"),
        ("7 * * * *", "every=1h"),
        ("0 */2 * * *", "every=2h"),
        ("30 6 * * *", "cron=30 6 * * *"),
        ("@hourly", "every=1h"),
        ("@daily", "cron=0 0 * * *"),
        ("*/15 8-18 * * 1-5", "cron=*/15 8-18 * * 1-5"),
        ("*/10 7-18 * * mon-fri", "cron=*/10 7-18 * * mon-fri"),
        ("0,10 * * * *", "cron=0,10 * * * *"),
        ("*/7 * * * *", "cron=*/7 * * * *"),
        ("@reboot", ""),
    ] {
        for user in ["", "root ", "www-data\t"] {
            let text = format!("MAILTO=root\n{time} {user}dequeue h.test");
            let imported = read(ImportFormat::Dequeue, &text).unwrap();
            let fields = imported.accounts[0].fields.iter();
            let found =
                fields.filter(|(key, _)| ["every", "cron", "hours"].contains(&key.as_str()));
            let found: Vec<String> = found.map(|(key, value)| format!("{key}={value}")).collect();
            assert_eq!(found.join(" "), rhythm, "{text}");
            let kinds: Vec<_> = imported.notes.iter().map(|note| note.kind).collect();
            let expected = [NoteKind::Rhythm].into_iter().filter(|_| rhythm.is_empty());
            assert_eq!(kinds, expected.collect::<Vec<_>>(), "{text}");
        }
    }
    for text in [
        r#"schtasks /create /tn "Mail" /tr "\"C:\Program Files\dequeue.exe\" h.test -d a.test" /sc minute /mo 15 /ru SYSTEM"#,
        r#"schtasks.exe /Create /SC MINUTE /MO 15 /TN Mail /TR "C:\dequeue.exe h.test -d a.test""#,
    ] {
        let expected = "domains=a.test every=15m host=h.test method=auto name=h.test";
        assert_eq!(accounts(ImportFormat::Dequeue, text), [expected], "{text}");
    }
    let text = r#"New-ScheduledTaskAction -Execute "C:\dequeue.exe" -Argument "h.test -d a.test -d b.test""#;
    let expected = "domains=a.test, b.test host=h.test method=auto name=h.test";
    assert_eq!(accounts(ImportFormat::Dequeue, text), [expected]);
    // No two with the same name.
    let names: Vec<String> = read(
        ImportFormat::Dequeue,
        "dequeue h.test\ndequeue h.test -d a.test\n# h.test\ndequeue h.test",
    )
    .unwrap()
    .accounts
    .iter()
    .map(|account| format!("{} {}", account.line, account.name()))
    .collect();
    assert_eq!(names, ["1 h.test", "2 h.test 2", "4 h.test 3"]);
}

#[test]
fn calls_of_etrn_pl() {
    for (text, expected) in [
        (
            "etrn.pl mx.test a.test b.test",
            "domains=a.test, b.test host=mx.test method=etrn name=mx.test",
        ),
        (
            "*/30 * * * * /usr/share/sendmail/etrn.pl -v mx.test a.test 2>/dev/null",
            "domains=a.test every=30m host=mx.test method=etrn name=mx.test",
        ),
        (
            "perl /opt/etrn.pl mx.test @a.test",
            "domains=@a.test host=mx.test method=etrn name=mx.test",
        ),
        ("etrn mx.test", "host=mx.test method=auto name=mx.test"),
    ] {
        assert_eq!(accounts(ImportFormat::Etrn, text), [expected], "{text}");
    }
    assert_eq!(
        notes(ImportFormat::Etrn, "\netrn mx.test"),
        [(2, NoteKind::NoDomains, "mx.test".to_owned())]
    );
}

#[test]
fn fetchmailrcs() {
    let odmr = "# of the office\nset daemon 900\nset syslog\n\npoll odmr.example.net with proto ODMR,\n  user \"office\" there\n  fetchdomains example.org example.com with password \"p#s 'w\\x22rd\"\n  smtphost mail.example.org/2525 options ssl sslcertck\n";
    assert_eq!(
        accounts(ImportFormat::Fetchmail, odmr),
        [
            "auth=auto domains=example.org, example.com every=900s host=odmr.example.net \
          mail_server=mail.example.org:2525 method=atrn name=odmr.example.net port=366 tls=implicit user=office \
          (password)"
        ]
    );
    let imported = read(ImportFormat::Fetchmail, odmr).unwrap();
    assert_eq!(
        imported.accounts[0].password.clone().unwrap().expose(),
        "p#s 'w\"rd"
    );
    assert!(!format!("{imported:?}").contains("p#s"));
    assert_eq!(
        notes(ImportFormat::Fetchmail, odmr),
        [(6, NoteKind::Password, "odmr.example.net".to_owned())]
    );
    for (text, expected) in [
        (
            "poll mx.test protocol etrn fetchdomains a.test, b.test",
            &["domains=a.test, b.test host=mx.test method=etrn name=mx.test"][..],
        ),
        (
            "poll mx.test proto ETRN port 2525 fetchdomains a.test sslproto \"\"",
            &["domains=a.test host=mx.test method=etrn name=mx.test port=2525 tls=none"],
        ),
        (
            "poll \"mx.test\" proto ETRN service 'smtp' esmtpname u esmtppassword p fetchdomains \"#queue\" sslproto TLS1",
            &[
                "auth=auto domains=#queue host=mx.test method=etrn name=mx.test port=25 user=u (password)",
            ],
        ),
        (
            "poll office via 192.0.2.7 proto etrn timeout 60 interval 4 fetchdomains a.test\nset daemon 300",
            &[
                "command_timeout=60s domains=a.test every=1200s host=192.0.2.7 method=etrn name=office",
            ],
        ),
        (
            "defaults proto etrn fetchdomains a.test\npoll one.test\npoll two.test fetchdomains b.test",
            &[
                "domains=a.test host=one.test method=etrn name=one.test",
                "domains=b.test host=two.test method=etrn name=two.test",
            ],
        ),
        (
            "poll o.test proto odmr user a pass b fetchdomains a.test user c pass d fetchdomains c.test",
            &[
                "auth=auto domains=a.test host=o.test mail_server=127.0.0.1:25 method=atrn name=o.test port=366 user=a (password)",
                "auth=auto domains=c.test host=o.test mail_server=127.0.0.1:25 method=atrn name=o.test 2 port=366 user=c (password)",
            ],
        ),
        (
            "poll o.test proto odmr: user 'a' is root here; pass b; no keep nofetchall;",
            &[
                "auth=auto host=o.test mail_server=127.0.0.1:25 method=atrn name=o.test port=366 user=a (password)",
            ],
        ),
    ] {
        assert_eq!(accounts(ImportFormat::Fetchmail, text), expected, "{text}");
    }
    let text = "poll pop.test proto pop3 user x pass y keep\nskip mx.test proto etrn\n plugin \"nc %h\" fetchall no sslcertck\nset daemon 0";
    assert_eq!(
        notes(ImportFormat::Fetchmail, text),
        [
            (1, NoteKind::NotHeldMail, "pop.test".to_owned()),
            (2, NoteKind::NotPolled, "mx.test".to_owned()),
            (2, NoteKind::NoDomains, "mx.test".to_owned()),
            (3, NoteKind::NoCounterpart, "fetchall".to_owned()),
            (3, NoteKind::Unchecked, "no sslcertck".to_owned()),
            (3, NoteKind::NoCounterpart, "plugin".to_owned()),
        ]
    );
}

#[test]
fn calls_of_msmtp_and_their_accounts() {
    const RC: &str = "# ours\ndefaults\ntls on\ntls_trust_file /etc/ssl/ours.pem\nlogfile ~/.msmtp.log\n\naccount office\nhost mx.test\nport 2525\nauth cram-md5\nuser \"of fice\"\npasswordeval \"gpg --quiet --decrypt /pw\"\n\naccount other : office\nhost mx2.test\ntls_starttls off\npassword s3cret\n\naccount default : office\n";
    for (text, expected) in [
        ("msmtp --host=mx.test --rmqs=a.test".to_owned(),
         &["domains=a.test host=mx.test method=etrn name=mx.test"][..]),
        ("*/20 * * * * /usr/bin/msmtp --host mx.test --port 26 --rmqs=@a.test --tls --tls-starttls=off >/dev/null".to_owned(),
         &["domains=@a.test every=20m host=mx.test method=etrn name=mx.test port=26 tls=implicit"]),
        ("msmtp --host=mx.test --tls=on --auth=on --user=u --passwordeval='cat /run/pw' --domain=me.test --source-ip=192.0.2.1 --timeout=30 --rmqs='#q'".to_owned(),
         &["auth=auto bind=192.0.2.1 command_timeout=30s connect_timeout=30s domains=#q ehlo=me.test host=mx.test method=etrn name=mx.test secret=command:cat /run/pw tls=required user=u"]),
        (format!("{RC}msmtp --rmqs=a.test\nmsmtp -a other --rmqs b.test --port=466\n"),
         &["auth=cram-md5 ca_file=/etc/ssl/ours.pem domains=a.test host=mx.test method=etrn name=mx.test port=2525 secret=command:gpg --quiet --decrypt /pw tls=required user=of fice",
           "auth=cram-md5 ca_file=/etc/ssl/ours.pem domains=b.test host=mx2.test method=etrn name=other port=466 tls=implicit user=of fice (password)"]),
        (RC.to_owned(),
         &["auth=cram-md5 ca_file=/etc/ssl/ours.pem host=mx.test method=auto name=office port=2525 secret=command:gpg --quiet --decrypt /pw tls=required user=of fice",
           "auth=cram-md5 ca_file=/etc/ssl/ours.pem host=mx2.test method=auto name=other port=2525 tls=implicit user=of fice (password)"]),
        (format!("account default\nhost mx.test\ntls on\ntls_starttls off\nuser never\ntls_fingerprint {}\n", "AB:".repeat(32).trim_end_matches(':')),
         &[&format!("host=mx.test method=auto name=default pin={} port=465 tls=implicit", "ab".repeat(32))]),
    ] {
        assert_eq!(accounts(ImportFormat::Msmtp, &text), expected, "{text}");
    }
    let text = "account x\nhost mx.test\ntls_certcheck off\ntls_fingerprint 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\nauth ntlm\nfrom a@b.test\ntls on";
    let found: Vec<_> = notes(ImportFormat::Msmtp, text)
        .into_iter()
        .map(|(line, kind, _)| (line, kind))
        .collect();
    assert_eq!(
        found,
        [
            (1, NoteKind::NoDomains),
            (3, NoteKind::Unchecked),
            (4, NoteKind::WeakFingerprint),
            (5, NoteKind::NoCounterpart),
            (6, NoteKind::NoCounterpart),
        ]
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    use ImportFaultKind::*;
    for (kind, text, line, expected, about) in [
        (ImportFormat::Dequeue, "", 1, Nothing, ""),
        (ImportFormat::Dequeue, "@echo off\r\nexit", 1, Nothing, ""),
        (ImportFormat::Dequeue, "\ndequeue", 2, NoHost, ""),
        (ImportFormat::Dequeue, "dequeue -p 25", 1, NoHost, ""),
        (ImportFormat::Dequeue, "dequeue h.test -p", 1, NoValue, "-p"),
        (
            ImportFormat::Dequeue,
            "h.test\ndequeue h.test --tls",
            2,
            Unknown,
            "--tls",
        ),
        (
            ImportFormat::Dequeue,
            "dequeue h.test other.test",
            1,
            Unknown,
            "other.test",
        ),
        (
            ImportFormat::Dequeue,
            "dequeue \"h.test",
            1,
            Unclosed,
            "dequeue",
        ),
        (
            ImportFormat::Dequeue,
            "dequeue h.test -\u{1b}[2J",
            1,
            NeedsShell,
            "-\\u{1b}[2J",
        ),
        (
            ImportFormat::Etrn,
            "etrn.pl --server h.test",
            1,
            Unknown,
            "--server",
        ),
        (
            ImportFormat::Dequeue,
            "dequeue status",
            1,
            Unknown,
            "status",
        ),
        (
            ImportFormat::Etrn,
            "etrn.pl mx.test -d a.test",
            1,
            Unknown,
            "-d",
        ),
        (ImportFormat::Fetchmail, "# nothing\n", 1, Nothing, ""),
        (
            ImportFormat::Fetchmail,
            "poll pop.test proto imap",
            1,
            Nothing,
            "",
        ),
        (ImportFormat::Fetchmail, "poll", 1, NoValue, "poll"),
        (ImportFormat::Fetchmail, "poll user x", 1, NoValue, "poll"),
        (
            ImportFormat::Fetchmail,
            "\nproto etrn",
            2,
            Misplaced,
            "protocol",
        ),
        (ImportFormat::Fetchmail, "POLL h.test", 1, Unknown, "POLL"),
        (
            ImportFormat::Fetchmail,
            "poll h.test\nprotocoll etrn",
            2,
            Unknown,
            "protocoll",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto\netrm",
            1,
            WrongValue,
            "protocol",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn\nport smtp",
            2,
            NoValue,
            "port",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn\nport 0",
            2,
            WrongValue,
            "port",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn\nservice ''",
            2,
            WrongValue,
            "port",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn\nport 99999999999999999999",
            2,
            WrongValue,
            "port",
        ),
        (
            ImportFormat::Fetchmail,
            "set daemon often",
            1,
            WrongValue,
            "daemon",
        ),
        (
            ImportFormat::Fetchmail,
            "set daemon -1",
            1,
            WrongValue,
            "daemon",
        ),
        (
            ImportFormat::Fetchmail,
            "set no daemon",
            1,
            Misplaced,
            "daemon",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn fetchdomains user x",
            1,
            NoValue,
            "fetchdomains",
        ),
        // An unknown word becomes no domain.
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn fetchdomains a.test\nsslcertk",
            2,
            Unknown,
            "sslcertk",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn user x no interval 3",
            1,
            Misplaced,
            "no",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn keep\nuser x",
            2,
            Misplaced,
            "user",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test user x\nproto etrn",
            2,
            Misplaced,
            "protocol",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto etrn\ndefaults",
            2,
            Misplaced,
            "defaults",
        ),
        // What may be part of a password is not shown.
        (
            ImportFormat::Fetchmail,
            "poll h.test proto odmr user x pass hunter2,hunter3",
            1,
            WrongValue,
            "password",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto odmr user x pass = hunter2",
            1,
            WrongValue,
            "password",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto odmr user x hunter2",
            1,
            WrongValue,
            "user",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test user \"x\npass y\"",
            1,
            Unclosed,
            "\"",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test\nuser 'x pass y",
            2,
            Unclosed,
            "'",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test\nuser x pass \"\\xff\"",
            2,
            CodePage,
            "\\",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto odmr pass y",
            1,
            NoUser,
            "password",
        ),
        (
            ImportFormat::Fetchmail,
            "poll h.test proto odmr user x ssl\nsslcertfile ca.pem",
            2,
            RelativePath,
            "sslcertfile",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --rmqs=a.test",
            1,
            NoSuchAccount,
            "default",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --rmqs=a.test -a office",
            1,
            NoSuchAccount,
            "office",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --host=h.test --rmqs=a.test -a x",
            1,
            Misplaced,
            "--account",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --rmqs=a.test -f me@a.test",
            1,
            Unknown,
            "--from",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --host=h.test --rmqs=a.test root@a.test",
            1,
            Unknown,
            "root@a.test",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --host=h.test --rmqs=a.test --tls=maybe",
            1,
            WrongValue,
            "--tls",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --host=h.test --rmqs=a.test --t=on",
            1,
            Unknown,
            "--t=on",
        ),
        (
            ImportFormat::Msmtp,
            "msmtp --host=h.test --rmqs=$DOMAIN",
            1,
            NeedsShell,
            "--rmqs=$DOMAIN",
        ),
        (
            ImportFormat::Msmtp,
            "account x\nhost h.test\nhosts h.test",
            3,
            Unknown,
            "hosts",
        ),
        (
            ImportFormat::Msmtp,
            "account x\nhost h.test\neval cat /pw",
            3,
            NeedsShell,
            "eval",
        ),
        (
            ImportFormat::Msmtp,
            "account x\nhost h.test\nport 0",
            3,
            WrongValue,
            "port",
        ),
        (
            ImportFormat::Msmtp,
            "account x\nhost h.test\ntls_trust_file ~/ca.pem\ntls on",
            3,
            RelativePath,
            "tls_trust_file",
        ),
        (ImportFormat::Msmtp, "account x : y", 1, NoSuchAccount, "y"),
        (
            ImportFormat::Msmtp,
            "account x\nhost h.test\naccount x",
            3,
            Misplaced,
            "x",
        ),
        (
            ImportFormat::Msmtp,
            "account x\npassword \"open",
            2,
            Unclosed,
            "password",
        ),
    ] {
        assert_eq!(
            fault(kind, text),
            (line, expected, about.to_owned()),
            "{text}"
        );
    }
    let large = "h.test\n".repeat(200_000);
    assert_eq!(fault(ImportFormat::Dequeue, &large).1, TooLarge);
}

#[test]
fn sentences_name_the_line_and_the_remedy() {
    let path = Path::new("old.bat");
    let text = Text::for_language("en");
    let fault = read(ImportFormat::Dequeue, "\ndequeue h.test -p").unwrap_err();
    assert_eq!(
        fault.sentence(path, &text),
        "Line 2 of old.bat: “-p” is not followed by a value. Add one, or remove it."
    );
    let note = &read(
        ImportFormat::Fetchmail,
        "poll h.test proto etrn fetchdomains a.test keep",
    )
    .unwrap()
    .notes[0];
    assert_eq!(
        note.sentence(path, &text),
        "Line 1 of old.bat: “keep” has no counterpart here and was left out."
    );
}

#[test]
fn our_own_settings_go_there_and_back() {
    let path = Path::new("settings.toml");
    let source = "# call 0123 and say hunter2\nversion = 1\nlanguage = \"nl\" # ours\nkeep_for = '30d'\n\n# the old one\n[[account]]\n  host = 'h.test' # hunter2\nname = \"a \\\"b\\\"\"\ndomains = [\n  # hunter2\n  'a.test', \"b.test\",\n]\n\n[[account]]\nname = \"c\"\nhost = \"c.test\"\nport = 2525\n";
    let Exported { settings, left_out } = export(&file_of(source));
    assert_eq!(left_out, []);
    let exported = settings;
    assert!(
        !exported.contains("hunter2") && !exported.contains('#'),
        "{exported}"
    );
    let imported = own(path, &exported).unwrap();
    let general: Vec<_> = imported
        .general
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(general, ["keep_for=30d", "language=nl"]);
    let there = file_of(source).settings().clone();
    assert_eq!(*file_of(&exported).settings(), there);
    for (account, imported) in there.accounts.iter().zip(&imported.accounts) {
        let mut again = Account::default();
        for (key, value) in &imported.fields {
            again.set(key, &Value::Text(value)).unwrap();
        }
        assert_eq!(again, *account);
    }
    assert_eq!(own(path, source).unwrap().accounts[1].line, 15);
    // Faults with their lines, all of them.
    let faults = own(path, "[[account]]\nname = 'x'\nport = 0\n").unwrap_err();
    assert_eq!(faults.len(), 2);
    assert_eq!(export(&file_of("")).settings, "version = 1\n");
}

#[test]
fn an_export_leaves_out_what_may_hold_a_key() {
    let path = Path::new("settings.toml");
    let source = "notice_webhook = \"https://hooks.test/services/T0/B0/hunter2x\"
notice_command = [\"curl\", \"https://us:hunter2@h.test/\"]
notice_mail_secret = \"env:MAIL\"

[[account]]
name = \"a\"
host = \"a.test\"
heartbeat = 'https://hc.test/5f0cbd5a-hunter2'
secret = \"command:curl https://vault.test/?hunter2\"

[[account]]
name = \"b\"
host = \"b.test\"
heartbeat = \"https://hc.test/{secret}/b\"
";
    let exported = export(&file_of(source));
    assert_eq!(
        exported.settings,
        "version = 1
notice_webhook = \"https://hooks.test/{left-out}\"
notice_command = \"{left-out}\"
notice_mail_secret = \"env:MAIL\"

[[account]]
name = \"a\"
host = \"a.test\"
heartbeat = \"https://hc.test/{left-out}\"
secret = \"{left-out}\"

[[account]]
name = \"b\"
host = \"b.test\"
heartbeat = \"https://hc.test/{secret}/b\"
"
    );
    let of = |account: Option<&str>, key: &str| Withheld {
        account: account.map(str::to_owned),
        key: key.to_owned(),
    };
    let left_out = [
        of(None, "notice_webhook"),
        of(None, "notice_command"),
        of(Some("a"), "heartbeat"),
        of(Some("a"), "secret"),
    ];
    assert_eq!(exported.left_out, left_out);
    let sorted = |mut withheld: Vec<Withheld>| {
        withheld.sort();
        withheld
    };
    let settings = file_of(source).settings().clone();
    assert_eq!(sorted(withheld(&settings)), sorted(left_out.to_vec()));
    // What was left out is given no value there, so that the one that is set stays.
    let imported = own(path, &exported.settings).unwrap();
    assert_eq!(imported.left_out, left_out);
    let general: Vec<_> = imported.general.into_keys().collect();
    assert_eq!(general, ["notice_mail_secret"]);
    let [a, b] = imported.accounts.as_slice() else {
        panic!("two accounts")
    };
    assert!(!a.fields.contains_key("heartbeat") && !a.fields.contains_key("secret"));
    assert_eq!(b.fields["heartbeat"], "https://hc.test/{secret}/b");
    assert_eq!((a.line, b.line), (6, 12));
    // Put in the place of the settings file, it is found to lack them.
    let faults = SettingsFile::parse(path, exported.settings.into_bytes()).unwrap_err();
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [Some(2), Some(3), Some(9), Some(10)]);
}

proptest! {
    /// No text brings the program down, none imports half, and every note and fault has its
    /// sentence and its line.
    #[test]
    fn any_text_is_understood_or_has_a_fault(
        kind in prop::sample::select(vec![ImportFormat::Dequeue, ImportFormat::Fetchmail, ImportFormat::Msmtp, ImportFormat::Etrn]),
        words in proptest::collection::vec(prop_oneof![
            8 => prop::sample::select(vec![
                "dequeue", "etrn.pl", "msmtp", "--rmqs=a.test", "--rmqs", "--host=h.test", "h.test", "-p", "-p25",
                "-d", "-dé", "-é", "--", "--=", "-", "=", "poll", "skip", "proto", "etrn", "odmr", "fetchdomains",
                "user", "pass", "no", "nokeep", "set", "daemon", "9", "99999999999999999999", "ssl", "interval",
                "defaults", "account", "x", ":", "x : y", "default", "host", "tls", "on", "off", "auth", "\n", "\n",
                "\r\n", "\\\n", "\"", "'", "\\", "#", "schtasks", "/tr", "/sc", "/mo", "*/15", "*", "*/0", "0,0",
                "@hourly", "\u{0}", "\u{1b}[2J", "\u{feff}",
            ]).prop_map(str::to_owned),
            1 => ".{0,12}",
        ], 0..40),
    ) {
        let source = words.join(" ");
        let lines = source.split('\n').count();
        let text = Text::for_language("nl");
        match read(kind, &source) {
            Ok(imported) => {
                prop_assert!(!imported.accounts.is_empty());
                let mut names: Vec<&str> = imported.accounts.iter().map(ImportedAccount::name).collect();
                names.sort_unstable();
                names.dedup();
                prop_assert_eq!(names.len(), imported.accounts.len());
                for account in &imported.accounts {
                    prop_assert!((1..=lines).contains(&account.line));
                    prop_assert!(account.fields.contains_key("host"));
                }
                for note in &imported.notes {
                    prop_assert!((1..=lines).contains(&note.line), "{:?}", note);
                    prop_assert!(note.sentence(Path::new("f"), &text).len() > 20);
                }
            }
            Err(fault) => {
                prop_assert!((1..=lines).contains(&fault.line), "{:?}", fault);
                let sentence = fault.sentence(Path::new("f"), &text);
                prop_assert!(sentence.len() > 20 && !sentence.contains('\u{1b}'), "{}", sentence);
            }
        }
    }
}
