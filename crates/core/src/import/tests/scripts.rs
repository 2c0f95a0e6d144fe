//! Calls in scripts, crontabs, batch files and scheduled tasks: each is taken over, or refused by its
//! line.

use super::*;

/// The hosts of the calls in a text, each with its line; or why it was refused.
fn hosts(text: &str) -> Result<Vec<(usize, String)>, (usize, ImportFaultKind)> {
    let imported = read(ImportFormat::Dequeue, text).map_err(|fault| (fault.line, fault.kind))?;
    let accounts = imported.accounts.into_iter();
    Ok(accounts
        .map(|it| (it.line, it.fields["host"].clone()))
        .collect())
}

#[test]
fn every_call_of_a_line() {
    for (text, expected) in [
        (
            r"*/15 * * * * sleep $((RANDOM \% 60)); /opt/dequeue a.test >> /l-$(date +\%F).log 2>&1",
            &["a.test"][..],
        ),
        (
            "*/15 * * * * cd /opt/dq && ./dequeue a.test; ./dequeue b.test -d x.test",
            &["a.test", "b.test"],
        ),
        ("dequeue a.test & dequeue b.test", &["a.test", "b.test"]),
        ("dequeue a.test || logger -t dequeue failed", &["a.test"]),
        (
            "if [ -x /bin/dequeue ]; then nice -n 10 dequeue a.test; fi",
            &["a.test"],
        ),
        (
            "@reboot root flock -n /run/dq.lock timeout -k 5 60 dequeue a.test",
            &["a.test"],
        ),
        (
            "0 * * * * mail FOO=bar /usr/local/bin/dequeue a.test | logger",
            &["a.test"],
        ),
        ("sh -c 'cd /x && dequeue a.test'", &["a.test"]),
        (
            "* * * * * dequeue a.test%what it reads: dequeue b.test",
            &["a.test"],
        ),
        ("dequeue a.test \\\n # b.test", &["a.test"]),
        ("dequeue a.te\\\nst", &["a.test"]),
        ("(dequeue a.test; dequeue 'b.test')", &["a.test", "b.test"]),
        ("FOO=bar dequeue a.test # dequeue b.test", &["a.test"]),
        (
            "@echo off\r\ncls\r\nnet use X: \\\\s\\x\r\n\"%ProgramFiles(x86)%\\SWINC\\dequeue.exe\" a.test\r\n",
            &["a.test"],
        ),
        (
            "@%~dp0dequeue.exe a.test\r\nif exist x.txt dequeue b.test\r\ncall dequeue c.test",
            &["a.test", "b.test", "c.test"],
        ),
        (
            "if not errorlevel 1 (C:\\dq\\dequeue a.test) else (dequeue b.test > nul)\r\n",
            &["a.test", "b.test"],
        ),
        (
            "cmd /c \"C:\\dq\\dequeue.exe a.test\"\r\nstart \"Get mail\" /min C:\\dequeue.exe b.test\r\n",
            &["a.test", "b.test"],
        ),
        (
            "& 'x'\r\nNew-ScheduledTaskAction -Execute 'C:\\dequeue.exe' -Argument 'a.test -d x.test'\r\n",
            &["a.test"],
        ),
        ("a.test\nb.test -d x.test\n", &["a.test", "b.test"]),
    ] {
        let found = hosts(text).unwrap_or_else(|fault| panic!("{fault:?} in {text}"));
        let found: Vec<&str> = found.iter().map(|(_, host)| host.as_str()).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn what_is_no_plain_call_is_refused_by_its_line() {
    use ImportFaultKind::{NeedsShell, NoHost, NoValue, Nothing, Unclear, Unclosed, Unknown};
    for (text, expected) in [
        ("\ndequeue $HOST", (2, NeedsShell)),
        ("dequeue a.test -d `hostname`", (1, NeedsShell)),
        (
            "for d in a.test b.test; do dequeue h.test -d $d; done",
            (1, NeedsShell),
        ),
        ("dequeue a.test\r\ndequeue.exe %1\r\n", (2, NeedsShell)),
        (
            "for %%d in (a.test) do dequeue h.test -d %%d\r\n",
            (1, NeedsShell),
        ),
        ("ssh mail.test dequeue a.test", (1, Unclear)),
        (
            "dequeue a.test\nssh mail.test 'cd /x; dequeue b.test'",
            (2, Unclear),
        ),
        ("echo a.test | xargs dequeue", (1, Unclear)),
        (
            "Start-Process -FilePath C:\\dequeue.exe -ArgumentList h.test\r\n",
            (1, Unclear),
        ),
        (
            "New-ScheduledTaskAction -Argument 'a.test' -Execute dequeue.vbs",
            (1, Unclear),
        ),
        ("dequeue a.test\ndequeue 'b.test", (2, Unclosed)),
        ("dequeue a.test\ndequeue\n", (2, NoHost)),
        ("dequeue a.test -d", (1, NoValue)),
        // No word that is unknown becomes a host.
        ("cleanup.bat", (1, Unknown)),
        ("net use X:", (1, Nothing)),
        ("backup -d a.test", (1, Unknown)),
        ("echo dequeue a.test; pkill dequeue", (1, Nothing)),
    ] {
        assert_eq!(hosts(text), Err(expected), "{text}");
    }
}

/// The settings of the rhythm, of the only account.
fn rhythm(text: &str) -> String {
    let imported =
        read(ImportFormat::Dequeue, text).unwrap_or_else(|it| panic!("{it:?} in {text}"));
    let [account] = imported.accounts.as_slice() else {
        panic!("one account in {text}")
    };
    let of_rhythm = |key: &str| ["every", "hours", "cron", "time_zone"].contains(&key);
    let fields = account.fields.iter().filter(|(key, _)| of_rhythm(key));
    let rhythm: Vec<String> = fields
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    for (key, value) in &account.fields {
        assert_eq!(
            Account::default().set(key, &Value::Text(value)),
            Ok(()),
            "{text}"
        );
    }
    let is_noted = imported
        .notes
        .iter()
        .any(|note| note.kind == NoteKind::Rhythm);
    assert_eq!(is_noted, rhythm.is_empty(), "{text}");
    rhythm.join(" ")
}

#[test]
fn when_a_scheduled_task_goes_off() {
    for (options, expected) in [
        ("/sc minute /mo 15", "every=15m"),
        (
            "/SC MINUTE /MO 15 /ST 07:00 /ET 19:00",
            "every=15m hours=07:00-19:00",
        ),
        (
            "/sc minute /mo 20 /st 22:00 /du 08:00 /k",
            "every=20m hours=22:00-06:00",
        ),
        ("/sc hourly", "every=60m"),
        ("/sc hourly /mo 4", "every=240m"),
        ("/sc daily", "every=1d"),
        ("/sc daily /mo 2 /st 06:30", "every=2d"),
        ("/sc daily /st 06:30", "cron=30 6 * * *"),
        (
            "/sc daily /st 08:00 /ri 10 /du 9:30",
            "every=10m hours=08:00-17:30",
        ),
        (
            "/sc weekly /d MON,WED,FRI /st 23:05",
            "cron=5 23 * * mon,wed,fri",
        ),
        (
            "/sc weekly /d TUE /st 08:00 /ri 30 /du 10:00",
            "every=30m hours=tue 08:00-18:00",
        ),
        ("/sc monthly /d 1 /st 00:00", "cron=0 0 1 * *"),
        ("/sc weekly /mo 2 /d MON /st 23:05", ""),
        ("/sc onlogon", ""),
        ("/sc once /st 10:00", ""),
    ] {
        let task = r#"schtasks /create /tn Mail /tr "\"C:\Program Files\dequeue.exe\" h.test""#;
        assert_eq!(rhythm(&format!("{task} {options}")), expected, "{options}");
    }
    assert_eq!(
        rhythm("CRON_TZ=Europe/Amsterdam\n0 7-19 * * mon-fri dequeue h.test"),
        "cron=0 7-19 * * mon-fri time_zone=Europe/Amsterdam"
    );
    assert_eq!(
        hosts("schtasks /run /tn dequeue\r\n").unwrap_err().1,
        ImportFaultKind::Nothing
    );
}

/// A task as Windows exports it.
fn task(triggers: &str, command: &str, arguments: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Poke &amp; dequeue</Description></RegistrationInfo>
  <Triggers>{triggers}</Triggers>
  <Settings><Enabled>true</Enabled></Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>"#
    )
}

#[test]
fn tasks_as_windows_exports_them() {
    let calendar = |inner: &str| {
        let start = "<StartBoundary>2024-01-31T07:30:00</StartBoundary><Enabled>true</Enabled>";
        format!("<CalendarTrigger>{inner}{start}</CalendarTrigger>")
    };
    let repeated = "<Repetition><Interval>PT15M</Interval><Duration>PT12H</Duration></Repetition>";
    let by_day = "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>";
    let by_week = "<ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek><Monday /><Friday /></DaysOfWeek></ScheduleByWeek>";
    for (trigger, expected) in [
        (calendar(by_day), "cron=30 7 * * *"),
        (
            calendar(&format!("{repeated}{by_day}")),
            "every=15m hours=07:30-19:30",
        ),
        (calendar(by_week), "cron=30 7 * * mon,fri"),
        (
            calendar(&format!("{repeated}{by_week}")),
            "every=15m hours=mon,fri 07:30-19:30",
        ),
        (calendar(&by_week.replace(">1<", ">2<")), ""),
        (
            calendar(
                "<ScheduleByMonth><DaysOfMonth><Day>1</Day></DaysOfMonth><Months><May /></Months></ScheduleByMonth>",
            ),
            "cron=30 7 1 may *",
        ),
        (
            "<TimeTrigger><Repetition><Interval>PT1H</Interval></Repetition></TimeTrigger>"
                .to_owned(),
            "every=60m",
        ),
        (
            "<BootTrigger><Enabled>true</Enabled></BootTrigger>".to_owned(),
            "",
        ),
        (String::new(), ""),
    ] {
        let text = task(
            &trigger,
            r"C:\Program Files\SWINC\dequeue.exe",
            "h.test -d &quot;a.test&quot;",
        );
        assert_eq!(rhythm(&text), expected, "{trigger}");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let imported = parse(ImportFormat::Dequeue, &Source::decode(&utf16)).unwrap();
        assert_eq!(imported.accounts[0].line, 7, "{trigger}");
        assert_eq!(
            imported.accounts[0].fields["domains"], "a.test",
            "{trigger}"
        );
    }
    let inside = task(
        &calendar(by_day),
        "cmd.exe",
        "/c C:\\dequeue.exe h.test &gt;&gt; C:\\l.txt",
    );
    assert_eq!(hosts(&inside), Ok(vec![(7, "h.test".to_owned())]));
    let disabled = inside.replace("<Settings><Enabled>true", "<Settings><Enabled>false");
    let notes = notes(ImportFormat::Dequeue, &disabled);
    assert_eq!(notes[0], (7, NoteKind::NotPolled, "dequeue".to_owned()));
    let both = format!(
        "<Tasks>{}{}</Tasks>",
        &disabled[39..],
        inside[39..].replace("h.test", "i.test")
    );
    let both: Vec<String> = hosts(&both)
        .unwrap()
        .into_iter()
        .map(|(_, host)| host)
        .collect();
    assert_eq!(both, ["h.test", "i.test"]);
    assert_eq!(
        hosts(&inside.replace("</Exec>", "")).unwrap_err().1,
        ImportFaultKind::Unknown
    );
}

#[test]
fn what_only_ascii_can_say_counts_in_an_unknown_encoding() {
    // A remark in the console's code page.
    let batch =
        b"rem w\x94chentlich gepr\x81ft\r\n\"C:\\Program Files\\SWINC\\dequeue.exe\" h.test\r\n";
    let imported = parse(ImportFormat::Dequeue, &Source::decode(batch)).unwrap();
    assert_eq!(imported.accounts[0].fields["host"], "h.test");
    for (kind, text) in [
        (ImportFormat::Dequeue, &b"dequeue b\x81ro.test"[..]),
        (
            ImportFormat::Msmtp,
            b"account x\nhost h.test\nauth on\nuser u\npassword p\xe4ss",
        ),
        (
            ImportFormat::Fetchmail,
            b"poll h.test proto odmr user x pass \"p\xe4ss\"",
        ),
    ] {
        let fault = parse(kind, &Source::decode(text)).unwrap_err();
        assert_eq!(
            (fault.line, fault.kind),
            (1, ImportFaultKind::CodePage),
            "{text:?}"
        );
    }
}

#[test]
fn a_command_for_a_password_needs_no_shell_or_is_left_out() {
    let secret = |command: &str| {
        let text = format!("account x\nhost h.test\nauth on\nuser u\npasswordeval {command}");
        let imported = read(ImportFormat::Msmtp, &text).unwrap();
        let secret = imported.accounts[0].fields.get("secret").cloned();
        let is_noted = imported
            .notes
            .iter()
            .any(|note| note.kind == NoteKind::ShellCommand);
        assert_eq!(is_noted, secret.is_none(), "{command}");
        secret.unwrap_or_default()
    };
    assert_eq!(
        secret("\"pass show 'my mail'\""),
        "command:pass show \"my mail\""
    );
    assert_eq!(secret("cat /run/a\\ b"), "command:cat \"/run/a b\"");
    for shell in [
        "tail -n +2 /pw | head -n 1",
        "cat ~/pw",
        "echo $PW",
        "A=b c",
        "a; b",
        "a > b",
        "a #",
    ] {
        assert_eq!(secret(shell), "", "{shell}");
    }
}

/// The settings of each account of a text with calls of fetchmail, as `key=value` without the name.
fn of_fetchmail(text: &str) -> Result<Vec<String>, (usize, ImportFaultKind, String)> {
    let imported = read(ImportFormat::Fetchmail, text);
    let imported = imported.map_err(|fault| (fault.line, fault.kind, fault.about))?;
    let shown = |account: &ImportedAccount| {
        let fields = account.fields.iter().filter(|(key, _)| *key != "name");
        let fields: Vec<String> = fields
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        fields.join(" ")
    };
    Ok(imported.accounts.iter().map(shown).collect())
}

#[test]
fn calls_of_fetchmail_mean_what_its_options_say() {
    for (text, expected) in [
        (
            "MAILTO=root\n*/15 * * * * root fetchmail -s -p ETRN --fetchdomains a.test,b.test mx.test >/dev/null\n",
            &["domains=a.test, b.test every=15m host=mx.test method=etrn"][..],
        ),
        (
            "0 7-19 * * 1-5 /usr/bin/fetchmail -f/dev/null --ssl -akpetrn -P 2525 h.test 'i.test'",
            &[
                "cron=0 7-19 * * 1-5 host=h.test method=auto port=2525 tls=implicit",
                "cron=0 7-19 * * 1-5 host=i.test method=auto port=2525 tls=implicit",
            ],
        ),
        // The last counts; a word may be cut short; what stands behind “--” is a host.
        (
            "set -e\nfetchmail --prot=odmr --timeo 60 -p etrn --fetchd a.test --fetchdomains=b.test -- h.test",
            &["command_timeout=60s domains=a.test, b.test host=h.test method=etrn"],
        ),
        // By itself it polls on and on.
        (
            "@reboot fetchmail -d 900 -p etrn --fetchdomains a.test h.test",
            &["domains=a.test every=900s host=h.test method=etrn"],
        ),
        (
            "fetchmail -q\nfetchmail --proto odmr -u office -S mail.test/2525 --fetchdomains a.test h.test",
            &[
                "auth=auto domains=a.test host=h.test mail_server=mail.test:2525 method=atrn port=366 user=office",
            ],
        ),
        (
            "10 * * * * su -c 'fetchmail -p etrn --fetchdomains a.test h.test' mail",
            &["domains=a.test every=1h host=h.test method=etrn"],
        ),
    ] {
        let expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
        assert_eq!(of_fetchmail(text), Ok(expected), "{text}");
    }
    let daemon = "@reboot fetchmail -d 900 -p etrn --fetchdomains a.test h.test";
    assert_eq!(notes(ImportFormat::Fetchmail, daemon), []);
    let other = "fetchmail -p etrn -k --fetchdomains a.test h.test; fetchmail -p pop3 i.test";
    let expected = [
        (1, NoteKind::NoCounterpart, "keep".to_owned()),
        (1, NoteKind::NotHeldMail, "i.test".to_owned()),
    ];
    assert_eq!(notes(ImportFormat::Fetchmail, other), expected);
}

#[test]
fn calls_of_fetchmail_that_say_too_little_are_refused_by_their_line() {
    use ImportFaultKind::{
        NeedsShell, NoHost, NoValue, Nothing, RcFile, Unclear, Unknown, WrongValue,
    };
    for (text, line, kind, about) in [
        (
            "# rc\n*/15 * * * * fetchmail -f /etc/rc -s",
            2,
            RcFile,
            "/etc/rc",
        ),
        ("\n*/15 * * * * fetchmail", 2, RcFile, "~/.fetchmailrc"),
        (
            "* * * * * fetchmail -s mx.test",
            1,
            RcFile,
            "~/.fetchmailrc",
        ),
        ("* * * * * fetchmail -f /x -p etrn mx.test", 1, RcFile, "/x"),
        ("exec fetchmail -f /dev/null -p etrn", 1, NoHost, ""),
        ("exec fetchmail -p etrn $HOST", 1, NeedsShell, "$HOST"),
        ("exec fetchmail -p etrnx h.test", 1, WrongValue, "-p"),
        (
            "exec fetchmail --protocol pop4 h.test",
            1,
            WrongValue,
            "--protocol",
        ),
        (
            "exec fetchmail --auth CRAM-MD5 -p etrn h.test",
            1,
            WrongValue,
            "--auth",
        ),
        ("exec fetchmail -t soon -p etrn h.test", 1, WrongValue, "-t"),
        (
            "exec fetchmail -S a -S b -p etrn h.test",
            1,
            WrongValue,
            "-S",
        ),
        ("exec fetchmail --sslc -p etrn h.test", 1, Unknown, "--sslc"),
        (
            "exec fetchmail --ssl=yes -p etrn h.test",
            1,
            Unknown,
            "--ssl",
        ),
        ("exec fetchmail -p etrn -kO h.test", 1, Unknown, "-O"),
        ("exec fetchmail h.test -p", 1, NoValue, "-p"),
        ("ssh h.test fetchmail -p etrn i.test", 1, Unclear, "ssh"),
        ("exec fetchmail -q", 1, Nothing, ""),
        ("* * * * * fetchmail -p imap i.test", 1, Nothing, ""),
    ] {
        assert_eq!(
            of_fetchmail(text),
            Err((line, kind, about.to_owned())),
            "{text}"
        );
    }
    // No call, but a file that fetchmail reads itself.
    let rc = "set logfile /var/log/fetchmail\npoll h.test proto etrn fetchdomains a.test\n";
    let expected = "domains=a.test host=h.test method=etrn".to_owned();
    assert_eq!(of_fetchmail(rc), Ok(vec![expected]));
    let sentence = read(ImportFormat::Fetchmail, "exec fetchmail -f /etc/rc")
        .unwrap_err()
        .sentence(Path::new("tab"), &Text::for_language("en"));
    assert!(sentence.starts_with("Line 1 of"), "{sentence}");
    assert!(
        sentence.contains("dequeue settings import --from fetchmail /etc/rc"),
        "{sentence}"
    );
}
