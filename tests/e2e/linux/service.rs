//! The service of a machine: installed and removed, run as its own user as systemd runs it, attached to by
//! everyone, hosted by nobody else, and killed again and again.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    linux::rig::machine::{Machine, Told},
    programs::{account, outcome},
    rig::{
        left_out::left_out,
        mail_server::{MailServer, Stage},
        scripted::{Scripted, Step, hello, line},
        wait::{self, SOON},
    },
};

const IS_ROOT: fn() -> bool = || rustix::process::geteuid().is_root();
/// Why a test of this file may be left out.
const ROOT_ONLY: &str = "only root makes a machine of its own";

/// A machine with the service installed, and these accounts.
fn machine_with(accounts: &[String]) -> Machine {
    let machine = Machine::new();
    let settings = machine.folder().join("settings.toml");
    std::fs::write(&settings, format!("version = 1\n{}", accounts.concat())).unwrap();
    let run = machine.run(&[
        "service",
        "install",
        "--settings",
        settings.to_str().unwrap(),
    ]);
    assert_eq!(run.status, 0, "{run:?}");
    machine
}

/// An account that is only visited.
fn signal_account(name: &str, provider: &MailServer, every: &str) -> String {
    let lines = format!("method = \"signal\"\nevery = \"{every}\"");
    account(name, provider.address(), &lines)
}

/// All files of the machine that an installation could leave, with their owners and modes. What the
/// system's own programs for accounts keep beside theirs is not ours.
fn files(machine: &Machine) -> BTreeSet<String> {
    let found = machine.shell(
        "find /etc /var/lib /run -xdev ! -name 'passwd-' ! -name 'group-' ! -name 'shadow-' \
         ! -name 'gshadow-' ! -name .pwd.lock ! -name 'sub[ug]id-' -printf '%p %M %u %g\\n'",
    );
    found.lines().map(str::to_owned).collect()
}

#[test]
fn it_is_installed_once_and_leaves_nothing() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let machine = Machine::new();
    // A number that no other test's service has, whose account could not be removed while that runs.
    machine.shell("useradd --system --user-group --uid 61235 --no-create-home dequeue");
    let before = files(&machine);
    let status = machine.run(&["service", "status", "--json"]);
    assert_eq!(status.status, 69, "{status:?}");
    let status = status.object();
    assert_eq!(status["installed"], false, "{status}");
    assert_eq!(
        status["message"],
        "The Dequeue service is not installed. Install it as an administrator with “dequeue service install”."
    );

    let install = machine.run(&["service", "install", "--json"]).object();
    assert_eq!(install["changed"], true, "{install}");
    assert_eq!(install["installed"], true, "{install}");
    assert_eq!(install["starts_at_boot"], true, "{install}");
    // Nothing runs systemd here.
    assert_eq!(install["runs"], Value::Null, "{install}");
    let modes = machine.shell(
        "stat -c '%n %a %U %G' /etc/dequeue /etc/dequeue/settings.toml /var/lib/dequeue \
         /etc/systemd/system/dequeue.service",
    );
    assert_eq!(
        modes,
        "/etc/dequeue 2775 root dequeue\n\
         /etc/dequeue/settings.toml 660 dequeue dequeue\n\
         /var/lib/dequeue 700 dequeue dequeue\n\
         /etc/systemd/system/dequeue.service 644 root root"
    );
    let unit = machine.shell("cat /etc/systemd/system/dequeue.service");
    assert!(
        unit.contains("\nExecStart=/usr/local/bin/dequeue run --service\n"),
        "{unit}"
    );
    let between = files(&machine);

    let again = machine.run(&["service", "install", "--json"]).object();
    assert_eq!(again["changed"], false, "{again}");
    assert_eq!(files(&machine), between);
    // It cannot be started without a service manager, and is stopped as it is.
    machine
        .run(&["service", "start"])
        .refuses(69, &["dequeue run --service"]);
    let stop = machine.run(&["service", "stop", "--json"]);
    assert_eq!(
        (stop.status, &stop.object()["changed"]),
        (0, &Value::Bool(false)),
        "{stop:?}"
    );

    let uninstall = machine.run(&["service", "uninstall", "--json"]).object();
    assert_eq!(uninstall["changed"], true, "{uninstall}");
    assert_eq!(uninstall["installed"], false, "{uninstall}");
    assert_eq!(machine.shell("ls /etc/dequeue"), "settings.toml");
    let again = machine.run(&["service", "uninstall", "--json"]).object();
    assert_eq!(again["changed"], false, "{again}");
    let purge = machine
        .run(&["service", "uninstall", "--purge", "--json"])
        .object();
    assert_eq!(purge["changed"], true, "{purge}");
    assert_eq!(files(&machine), before);
    assert_eq!(
        machine.shell("id dequeue 2>/dev/null || echo nobody"),
        "nobody"
    );
}

#[test]
fn an_administrators_own_unit_and_settings_stay() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let machine = Machine::new();
    let own = "[Service]\nExecStart=/usr/local/bin/dequeue run --service\n[Install]\nWantedBy=multi-user.target";
    machine.write("/etc/systemd/system/dequeue.service", own);
    let given = machine.folder().join("given.toml");
    let given = given.to_str().unwrap();
    let install = ["service", "install", "--settings", given, "--json"];
    // Settings with a fault, and such that are not there, are refused before anything is done.
    let missing = ["service", "install", "--settings", "/nowhere.toml"];
    (machine.run(&missing)).refuses(64, &["/nowhere.toml cannot be read", "--settings"]);
    std::fs::write(given, "version = 1\nlanguage = \"xx\"\n").unwrap();
    let refused = machine.run(&install);
    assert_eq!(refused.status, 78, "{refused:?}");
    assert_eq!(refused.object()["error"]["fields"][0]["field"], "language");
    assert_eq!(
        machine.shell("ls /var/lib; ls -d /etc/dequeue || echo none"),
        "none"
    );

    std::fs::write(given, "version = 1\n# the first\n").unwrap();
    let first = machine.run(&install).object();
    assert_eq!(first["changed"], true, "{first}");
    assert_eq!(
        machine.shell("cat /etc/systemd/system/dequeue.service"),
        own
    );
    assert_eq!(machine.run(&install).object()["changed"], false);
    std::fs::write(given, "version = 1\n# the second\n").unwrap();
    assert_eq!(machine.run(&install).object()["changed"], true);
    let kept = machine.shell("cd /etc/dequeue; cat settings.toml settings.toml.old");
    assert_eq!(kept, "version = 1\n# the second\nversion = 1\n# the first");
    let uninstall = machine.run(&["service", "uninstall", "--json"]).object();
    assert_eq!(uninstall["starts_at_boot"], false, "{uninstall}");
    assert_eq!(
        machine.shell("cat /etc/systemd/system/dequeue.service"),
        own
    );
}

#[test]
fn only_root_changes_it_and_everyone_may_ask() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let machine = Machine::new();
    for command in ["install", "uninstall"] {
        let refused = machine.run_as_nobody(&["service", command]);
        refused.refuses(77, &[&format!("sudo dequeue service {command}")]);
    }
    machine.run(&["service", "install"]);
    let status = machine.run_as_nobody(&["service", "status", "--json"]);
    assert_eq!(status.status, 69, "{status:?}");
    let status = status.object();
    assert_eq!(status["starts_at_boot"], true, "{status}");
    assert_eq!(status["answers"], false, "{status}");
}

#[test]
fn it_pokes_as_its_own_user_and_tells_systemd_how_it_does() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let provider = MailServer::up();
    let machine = machine_with(&[signal_account("vevida", &provider, "1h")]);
    let told = Told::new();
    let mut command = machine.service();
    command
        .env("NOTIFY_SOCKET", told.name())
        .env("WATCHDOG_USEC", "200000");
    let mut service = machine.start(&command);
    told.wait_for("READY=1", SOON);
    told.wait_for("WATCHDOG=1", SOON);
    told.wait_for("WATCHDOG=1", SOON);
    // What a face sees, though there is nothing of its own user's.
    let history = wait::until("a poke on time", SOON, || {
        let history = machine.run(&["history", "vevida", "--json"]).objects();
        (!history.is_empty()).then_some(history)
    });
    assert_eq!(outcome(&history[0]).0, "signalled");
    let status = machine.run(&["status", "--json"]).object();
    assert_eq!(status["running"], true, "{status:#}");
    assert_eq!(
        status["settings_path"], "/etc/dequeue/settings.toml",
        "{status:#}"
    );
    let standing = machine.run(&["service", "status", "--json"]);
    assert_eq!(standing.object()["answers"], true, "{standing:?}");
    // So does a user who owns nothing, and pokes, and changes nothing.
    let look = machine.run_as_nobody(&["status", "--json"]);
    assert_eq!(
        (look.status, &look.object()["running"]),
        (0, &true.into()),
        "{look:?}"
    );
    let poke = machine.run_as_nobody(&["poke", "vevida", "--json"]);
    assert_eq!(outcome(&poke.object()).0, "signalled", "{poke:?}");
    let settings = machine.shell("cat /etc/dequeue/settings.toml");
    let refused = machine.run_as_nobody(&["account", "set", "vevida", "every=2h", "--json"]);
    assert_eq!(
        refused.object()["error"]["code"],
        "not-allowed",
        "{refused:?}"
    );
    assert_eq!(machine.shell("cat /etc/dequeue/settings.toml"), settings);
    // Nothing is left behind for others, whatever the umask.
    let open = machine.shell("find /var/lib/dequeue ! -user dequeue -o -perm /077");
    assert_eq!(open, "");
    // Its settings are edited on the disk, and taken up.
    machine.shell(
        "sed -i 's/^version = 1$/version = 1\\nlanguage = \"nl\"/' /etc/dequeue/settings.toml",
    );
    wait::until("the new language", SOON, || {
        let status = machine.run(&["status", "--json"]).object();
        (status["general"]["language_in_use"] == "nl").then_some(())
    });
    service.signal(Signal::TERM);
    told.wait_for("STOPPING=1", SOON);
    let ended = service.wait(SOON);
    assert!(ended.success(), "{ended}: {}", service.log());
    // The write-ahead log of a history that was closed is gone.
    let left = machine.shell("ls /var/lib/dequeue");
    assert!(!left.contains("-wal"), "{left}");
}

#[test]
fn no_face_hosts_an_engine_in_the_services_place() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let provider = MailServer::up();
    let machine = machine_with(&[signal_account("vevida", &provider, "1h")]);
    let before = machine.shell("ls -A /var/lib/dequeue /run/dequeue 2>/dev/null || :");
    for face in [
        &["status"][..],
        &["run"],
        &["poke", "vevida"],
        &["account", "add", "other", "--host", "127.0.0.1"],
        &["history"],
        &["pause"],
    ] {
        let refused = machine.run(face);
        refused.refuses(70, &["does not answer", "sudo dequeue service start"]);
    }
    assert_eq!(
        machine.shell("ls -A /var/lib/dequeue /run/dequeue 2>/dev/null || :"),
        before
    );
    assert_eq!(provider.visits().len(), 0);
    // Where the service is not in charge, the user's own engine is.
    machine.run(&["service", "uninstall"]);
    let status = machine.run(&["status", "--json"]).object();
    assert_eq!(
        status["settings_path"], "/run/home/.config/dequeue/settings.toml",
        "{status:#}"
    );
    // Not enabled, as under another init system: who answers is in charge.
    let told = Told::new();
    let _service = machine.start_service(&told);
    let status = machine.run(&["status", "--json"]).object();
    assert_eq!(
        status["settings_path"], "/etc/dequeue/settings.toml",
        "{status:#}"
    );
    // A second one does not take its place.
    let mut second = machine.start(&machine.service());
    let ended = second.wait(SOON);
    assert_eq!(ended.code(), Some(70), "{}", second.log());
    assert!(
        second.log().contains("/var/lib/dequeue"),
        "{}",
        second.log()
    );
}

#[test]
fn what_was_planted_in_its_places_is_refused() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let machine = machine_with(&[]);
    for (plant, names, clear) in [
        // Folders.
        (
            "mv /var/lib/dequeue /var/lib/moved; ln -s moved /var/lib/dequeue",
            "/var/lib/dequeue is not a folder but a link",
            "rm /var/lib/dequeue; mv /var/lib/moved /var/lib/dequeue",
        ),
        (
            "chown 61234 /var/lib/dequeue",
            "/var/lib/dequeue was made by another user",
            "chown dequeue /var/lib/dequeue",
        ),
        (
            "chmod 777 /etc/dequeue",
            "Others can write to /etc/dequeue",
            "chmod 2775 /etc/dequeue",
        ),
        (
            "mkdir -p /run/dequeue; chown 61234 /run/dequeue",
            "/run/dequeue was made by another user",
            "chown dequeue /run/dequeue",
        ),
        // What was in a folder from before it was closed.
        (
            "touch /var/lib/dequeue/engine.lock; chown 61234 /var/lib/dequeue/engine.lock",
            "/var/lib/dequeue/engine.lock was made by another user",
            "rm /var/lib/dequeue/engine.lock",
        ),
        (
            "ln -s /etc/passwd /var/lib/dequeue/history.sqlite; chown -h 61234 /var/lib/dequeue/history.sqlite",
            "/var/lib/dequeue/history.sqlite was made by another user",
            "rm /var/lib/dequeue/history.sqlite",
        ),
        (
            "touch /run/dequeue/control.sock; chown 61234 /run/dequeue/control.sock",
            "/run/dequeue/control.sock was made by another user",
            "rm /run/dequeue/control.sock",
        ),
    ] {
        let mut command = machine.service();
        command.env_remove("NOTIFY_SOCKET");
        machine.shell(plant);
        let mut service = machine.start(&command);
        let ended = service.wait(SOON);
        assert_eq!(ended.code(), Some(70), "{plant}: {}", service.log());
        assert!(service.log().contains(names), "{plant}: {}", service.log());
        machine.shell(clear);
    }
    // Nor does an installation use it.
    machine.run(&["service", "uninstall", "--purge"]);
    machine.shell("mkdir /var/lib/dequeue; chown 61234 /var/lib/dequeue");
    machine
        .run(&["service", "install"])
        .refuses(70, &["/var/lib/dequeue was made by another user"]);
    assert_eq!(machine.shell("stat -c %u /var/lib/dequeue"), "61234");
}

#[test]
fn killed_a_hundred_times_it_pokes_on_time() {
    const KILLS: u32 = 100;
    /// The shortest that the settings know.
    const EVERY: Duration = Duration::from_secs(60);
    /// So that kills come before, while and after the next poke is due.
    const APART: Duration = Duration::from_millis(605);

    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let provider = MailServer::up();
    let machine = machine_with(&[signal_account("vevida", &provider, "1m")]);
    let told = Told::new();
    let mut service = machine.start_service(&told);
    let pokes = || machine.run(&["history", "vevida", "--json"]).objects();
    let at = |value: &Value| -> Timestamp { value.as_str().unwrap().parse().unwrap() };
    let first = wait::until("the first poke", SOON, || pokes().pop());
    let first = at(&first["started_at"]);
    let next = || {
        let status = machine.run(&["status", "--json"]).object();
        status["accounts"][0]["next_at"]
            .as_str()
            .map(|next| next.parse::<Timestamp>().unwrap())
    };
    let due = wait::until("the time of the next poke", SOON, next);
    let begun = Instant::now();
    for kill in 1..=KILLS {
        wait::until("the time of the next kill", EVERY, || {
            (begun.elapsed() > APART * (kill - 1)).then_some(())
        });
        service.signal(Signal::KILL);
        service.wait(SOON);
        service = machine.start_service(&told);
        if kill == 1 && Timestamp::now() < due {
            assert_eq!(next(), Some(due), "the plan is another after a kill");
        }
    }
    let second = wait::until("the next poke", EVERY + SOON, || {
        let pokes: Vec<Timestamp> = pokes().iter().map(|poke| at(&poke["started_at"])).collect();
        pokes.into_iter().filter(|poke| *poke > first).min()
    });
    // Not before it was due, and as soon as that on a busy machine.
    let late = second.duration_since(due);
    assert!(
        late.as_millis() >= -50 && late < SOON.try_into().unwrap(),
        "{late:?}"
    );
}

#[test]
fn systemd_starts_confines_restarts_and_stops_it() {
    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let machine = match Machine::with_systemd() {
        Ok(machine) => machine,
        Err(reason) => return left_out(&reason),
    };
    let provider = MailServer::up();
    let settings = machine.folder().join("settings.toml");
    let account = signal_account("vevida", &provider, "1h");
    std::fs::write(&settings, format!("version = 1\n{account}")).unwrap();
    let install = [
        "service",
        "install",
        "--settings",
        settings.to_str().unwrap(),
        "--json",
    ];
    let installed = machine.run(&install).object();
    assert_eq!(installed["runs"], false, "{installed}");
    for (command, changed) in [("start", true), ("start", false), ("restart", true)] {
        let done = machine.run(&["service", command, "--json"]);
        assert_eq!(done.status, 0, "{done:?}");
        let done = done.object();
        assert_eq!(done["changed"], changed, "{done}");
        assert_eq!(
            (&done["runs"], &done["answers"]),
            (&true.into(), &true.into()),
            "{done}"
        );
    }
    let history = wait::until("a poke on time", SOON, || {
        let history = machine.run(&["history", "vevida", "--json"]).objects();
        (!history.is_empty()).then_some(history)
    });
    assert_eq!(outcome(&history[0]).0, "signalled");

    // Its own user, in a world of its own.
    let main = || machine.shell("systemctl show dequeue.service --property=MainPID --value");
    let pid = main();
    let confined = machine.shell(&format!(
        "stat -c %U /proc/{pid}; grep -E '^(CapBnd|CapEff|NoNewPrivs|Seccomp):' /proc/{pid}/status"
    ));
    assert_eq!(
        confined,
        "dequeue\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2"
    );
    machine.shell(&format!(
        "mount=$(nsenter --mount --target {pid} -- cat /proc/self/mountinfo); \
         echo \"$mount\" | grep -q ' / / ro'; \
         nsenter --mount --target {pid} -- test -w /var/lib/dequeue"
    ));

    // It ends by itself, and systemd starts it again.
    machine.shell(&format!("kill -9 {pid}"));
    wait::until("another one in its place", SOON, || {
        let status = machine.run(&["service", "status", "--json"]).object();
        (status["answers"] == true && main() != pid).then_some(())
    });
    assert_eq!(
        machine.run(&["history", "vevida", "--json"]).objects(),
        history
    );

    // Stopped in the middle of a poke, it keeps what there is of it.
    provider.hold_up(Stage::Greeting);
    let visits = provider.visits().len();
    let poke = machine.start_dequeue(&["poke", "vevida"]);
    wait::until("a poke under way", SOON, || {
        (provider.visits().len() > visits).then_some(())
    });
    assert_eq!(machine.run(&["service", "stop"]).status, 0);
    provider.release();
    drop(poke);
    assert_eq!(machine.run(&["service", "start"]).status, 0);
    let kept = machine.run(&["history", "vevida", "--json"]).objects();
    // Another may have followed it by now.
    let interrupted = ("unknown", "interrupted");
    assert!(
        kept.iter().any(|it| outcome(it) == interrupted),
        "{kept:#?}"
    );

    // One that cannot start is told as that.
    assert_eq!(machine.run(&["service", "stop"]).status, 0);
    machine.shell("chmod 777 /etc/dequeue");
    let refused = machine.run(&["service", "start"]);
    assert_eq!(refused.status, 70, "{refused:?}");
    assert!(refused.err.contains("journalctl -u dequeue"), "{refused:?}");
    machine.shell("chmod 2775 /etc/dequeue");

    let purged = machine
        .run(&["service", "uninstall", "--purge", "--json"])
        .object();
    assert_eq!(purged["installed"], false, "{purged}");
    let left = machine
        .shell("find /etc/systemd/system /var/lib /etc/dequeue -name '*dequeue*' 2>/dev/null || :");
    assert_eq!(left, "");
    let known = machine.run(&["service", "status", "--json"]).object();
    assert_eq!(
        (&known["runs"], &known["answers"]),
        (&false.into(), &false.into()),
        "{known}"
    );
}

/// A password that root keeps, and systemd gives to the service alone.
#[test]
fn a_password_of_systemds_credentials_reaches_the_provider() {
    // The example of RFC 2195, section 2.
    const USER: &str = "tim";
    const PASSWORD: &str = "tanstaaftanstaaf";
    const CHALLENGE: &str = "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
    const DIGEST: &str = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw";

    if !IS_ROOT() {
        return left_out(ROOT_ONLY);
    }
    let machine = match Machine::with_systemd() {
        Ok(machine) => machine,
        Err(reason) => return left_out(&reason),
    };
    let provider = Scripted::always(
        [
            hello(&["ETRN", "AUTH CRAM-MD5"]),
            vec![
                Step::Expect("AUTH CRAM-MD5"),
                line(CHALLENGE),
                Step::Expect(DIGEST),
                line("235 Welcome."),
                Step::Expect("ETRN example.org"),
                line("250 Queuing started."),
                Step::Expect("QUIT"),
                line("221 Bye."),
            ],
        ]
        .concat(),
    );
    let lines = format!(
        "method = \"etrn\"\ndomains = [\"example.org\"]\ntls = \"none\"\nuser = \"{USER}\"\n\
         secret = \"file:$CREDENTIALS_DIRECTORY/vevida\""
    );
    let account = account("vevida", provider.address(), &lines);
    let settings = machine.folder().join("settings.toml");
    std::fs::write(&settings, format!("version = 1\n{account}")).unwrap();
    let settings = settings.to_str().unwrap();
    let installed = machine.run(&["service", "install", "--settings", settings]);
    assert_eq!(installed.status, 0, "{installed:?}");
    machine.shell("mkdir -p /etc/credstore /etc/systemd/system/dequeue.service.d");
    machine.write("/etc/credstore/vevida", &format!("{PASSWORD}\n"));
    machine.shell("chmod 600 /etc/credstore/vevida");
    machine.write(
        "/etc/systemd/system/dequeue.service.d/password.conf",
        "[Service]\nLoadCredential=vevida:/etc/credstore/vevida\n",
    );
    machine.shell("systemctl daemon-reload");
    let started = machine.run(&["service", "start"]);
    assert_eq!(started.status, 0, "{started:?}");
    let history = wait::until("a poke on time", SOON, || {
        let history = machine.run(&["history", "vevida", "--json"]).objects();
        (!history.is_empty()).then_some(history)
    });
    assert_eq!(outcome(&history[0]).0, "started", "{history:#?}");
    let kept = machine.shell("grep -rl tanstaaf /var/lib/dequeue /etc/dequeue || :");
    assert_eq!(kept, "");
}
