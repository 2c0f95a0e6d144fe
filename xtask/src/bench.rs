//! `cargo xtask bench [poke|tray|many|history|window]`: the figures that may be quoted, measured on the
//! release build. Nothing here passes or fails; a figure is worth what the machine it was taken on is worth.

mod web_driver;
mod window;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    process::{cargo, exists, run},
    setup, workspace,
};

/// How often the one-shot poke is run for its time.
const POKES: usize = 21;
/// How long the tray comes to rest after its poke, and how long it is watched then.
const SETTLING: Duration = Duration::from_secs(15);
const WATCHED: Duration = Duration::from_secs(60);
/// The number of accounts, each poked every quarter of an hour, and how long they are watched after
/// each has been poked once: at least one more round.
const VERY_MANY: usize = 10_000;
const VERY_MANY_WATCHED: Duration = Duration::from_secs(16 * 60);

/// What can be measured by itself, and how.
const PARTS: [(&str, Measure); 5] = [
    ("poke", one_poke),
    ("tray", idle_tray),
    ("many", very_many),
    ("history", long_history),
    ("window", window::window),
];

/// Measures the parts that are named, or all, and prints a table.
///
/// # Errors
/// For an unknown part, when the build fails, or when a program does not do what it is measured at.
pub(crate) fn bench(wanted: &[String]) -> Result<ExitCode> {
    let is_known = |name: &String| PARTS.iter().any(|(part, _)| part == name);
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        bail!("bench does not know `{unknown}`; it measures poke, tray, many, history and window");
    }
    setup::for_running()?;
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    if ["poke", "tray", "many"].into_iter().any(is_wanted) {
        run(cargo().args(["build", "--release", "-p", "dequeue", "-p", "dequeue-tray"]))?;
    }
    let mut table = Vec::new();
    for (part, measure) in PARTS {
        let works_here = cfg!(target_os = "linux") || ["poke", "history"].contains(&part);
        if works_here && is_wanted(part) {
            println!("measuring: {part}");
            measure(&mut table)?;
        }
    }
    println!("\nmeasured on the release build:");
    for (what, figure) in table {
        println!("  {what:<58} {figure}");
    }
    Ok(ExitCode::SUCCESS)
}

type Table = Vec<(Cow<'static, str>, String)>;
type Measure = fn(&mut Table) -> Result<()>;

fn release(program: &str) -> Result<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    Ok(workspace::target()?.join("release").join(name))
}

/// One ETRN poke of a provider on loopback that answers at once.
fn one_poke(table: &mut Table) -> Result<()> {
    let dequeue = release("dequeue")?;
    let provider = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = provider.local_addr()?.port().to_string();
    let poke = |program: &mut Command| {
        let arguments = ["127.0.0.1", "-p", &port, "-d", "example.org", "--json"];
        program
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    };

    let mut times = Vec::new();
    let mut json = String::new();
    for _ in 0..POKES {
        let started = Instant::now();
        let child = poke(&mut Command::new(&dequeue))?;
        answer(&provider, || Ok(()))?;
        json = outcome(child)?;
        times.push(started.elapsed());
    }
    times.sort();
    let round_trips = json.split_once("\"round_trips\":").map(|(_, rest)| {
        rest.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
    });
    table.push((
        "one ETRN poke: round trips".into(),
        round_trips.context("no round trips in the JSON")?,
    ));
    table.push((
        "one ETRN poke: whole process, median".into(),
        format!("{:.1} ms", times[times.len() / 2].as_secs_f64() * 1e3),
    ));

    let child = poke(&mut Command::new(&dequeue))?;
    let pid = child.id();
    let mut peak = String::new();
    // While it waits for the answer to QUIT it has used all that it will use.
    answer(&provider, || {
        peak = field(
            &fs::read_to_string(format!("/proc/{pid}/status"))?,
            "VmHWM:",
        )?;
        Ok(())
    })?;
    outcome(child)?;
    table.push(("one ETRN poke: peak resident memory".into(), kib(&peak)?));

    if exists("valgrind") {
        let out = std::env::temp_dir().join(format!("dequeue-bench-{}", std::process::id()));
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--log-file=/dev/null"]);
        valgrind
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(&dequeue);
        let child = poke(&mut valgrind)?;
        answer(&provider, || Ok(()))?;
        outcome(child)?;
        let counted = field(&fs::read_to_string(&out)?, "summary:")?;
        fs::remove_file(out)?;
        table.push((
            "one ETRN poke: instructions, loading included".into(),
            counted,
        ));
    } else {
        table.push((
            "one ETRN poke: instructions".into(),
            "not measured: no valgrind".to_owned(),
        ));
    }
    Ok(())
}

/// The provider's part of one session.
fn answer(provider: &TcpListener, mut before_goodbye: impl FnMut() -> Result<()>) -> Result<()> {
    let (stream, _) = provider.accept()?;
    stream.set_nodelay(true)?;
    let mut say = &stream;
    let mut heard = BufReader::new(TcpStream::try_clone(&stream)?).lines();
    say.write_all(b"220 provider.example ESMTP\r\n")?;
    while let Some(command) = heard.next().transpose()? {
        match command.split(' ').next() {
            Some("EHLO") => {
                say.write_all(b"250-provider.example\r\n250-PIPELINING\r\n250 ETRN\r\n")?
            }
            Some("ETRN") => say.write_all(b"250 Queuing started\r\n")?,
            Some("QUIT") => {
                before_goodbye()?;
                say.write_all(b"221 bye\r\n")?;
                return Ok(());
            }
            _ => bail!("the poke sent `{command}`"),
        }
    }
    bail!("the poke hung up")
}

fn outcome(child: Child) -> Result<String> {
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the poke ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The tray with its engine, on a bus of its own: its one account was poked when it started, and is
/// not due again.
fn idle_tray(table: &mut Table) -> Result<()> {
    for (program, package) in [("dbus-run-session", "dbus-daemon"), ("Xvfb", "xvfb")] {
        if !exists(program) {
            bail!(
                "the idle tray needs {program} (Debian's {package}; `cargo xtask setup` installs it)"
            );
        }
    }
    let provider = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let home = std::env::temp_dir().join(format!("dequeue-bench-home-{}", std::process::id()));
    fs::create_dir_all(&home)?;
    fs::write(
        home.join("settings.toml"),
        format!(
            "version = 1\n[[account]]\nname = \"idle\"\nhost = \"127.0.0.1\"\nport = {}\n\
             method = \"etrn\"\ndomains = [\"example.org\"]\nevery = \"1d\"\n",
            provider.local_addr()?.port()
        ),
    )?;
    // A display number far from those that people use.
    let display = format!(":{}", 2000 + std::process::id() % 30000);
    let mut screen = Command::new("Xvfb")
        .args([&display, "-nolisten", "tcp"])
        .stderr(Stdio::null())
        .spawn()?;
    let mut session = Command::new("dbus-run-session")
        .arg("--")
        .arg(release("dequeue-tray")?)
        .arg("--quiet")
        .env("DEQUEUE_HOME", &home)
        .env("DISPLAY", &display)
        .stderr(Stdio::null())
        .spawn()?;
    answer(&provider, || Ok(()))?;
    thread::sleep(SETTLING);
    let measured = find_tray(session.id()).and_then(|tray| {
        let measured = measure_idle(tray);
        run(Command::new("kill").arg(tray.to_string()))?;
        measured
    });
    session.wait()?;
    screen.kill()?;
    screen.wait()?;
    fs::remove_dir_all(home)?;
    table.extend(measured?);
    Ok(())
}

/// The tray that a session's first process has started.
fn find_tray(session: u32) -> Result<u32> {
    fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .find(|pid| {
            let read = |file| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
            let parent = field(&read("status"), "PPid:");
            parent.is_ok_and(|parent| parent == session.to_string())
                && read("comm").starts_with("dequeue-tray")
        })
        .context("the tray did not start")
}

fn measure_idle(tray: u32) -> Result<Table> {
    let before = wake_ups(tray)?;
    thread::sleep(WATCHED);
    let woken = wake_ups(tray)? - before;
    let memory = field(
        &fs::read_to_string(format!("/proc/{tray}/smaps_rollup"))?,
        "Pss:",
    )?;
    Ok(vec![
        (
            "tray with its engine, idle: proportional memory (PSS)".into(),
            kib(&memory)?,
        ),
        (
            "tray with its engine, idle: wake-ups in 60 s".into(),
            woken.to_string(),
        ),
    ])
}

/// The engine with ten thousand accounts at one provider on loopback.
fn very_many(table: &mut Table) -> Result<()> {
    let provider = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = provider.local_addr()?.port();
    // It ends with this program. A poke that goes wrong shows in the figures.
    thread::spawn(move || {
        loop {
            let _ = answer(&provider, || Ok(()));
        }
    });
    let home = std::env::temp_dir().join(format!("dequeue-bench-many-{}", std::process::id()));
    fs::create_dir_all(&home)?;
    let mut settings = "version = 1\n".to_owned();
    for number in 0..VERY_MANY {
        settings += &format!(
            "[[account]]\nname = \"a{number}\"\nhost = \"127.0.0.1\"\nport = {port}\n\
             method = \"etrn\"\ndomains = [\"example.org\"]\nevery = \"15m\"\nwatch = \"0s\"\n"
        );
    }
    fs::write(home.join("settings.toml"), settings)?;
    let program = || -> Result<Command> {
        let mut program = Command::new(release("dequeue")?);
        program.env("DEQUEUE_HOME", &home).stderr(Stdio::null());
        Ok(program)
    };
    let begun = Instant::now();
    let mut engine = program()?.arg("run").stdout(Stdio::null()).spawn()?;
    let measured = measure_very_many(engine.id(), begun, program);
    run(Command::new("kill").arg(engine.id().to_string()))?;
    engine.wait()?;
    fs::remove_dir_all(&home)?;
    table.extend(measured?);
    Ok(())
}

fn measure_very_many(
    engine: u32,
    begun: Instant,
    program: impl Fn() -> Result<Command>,
) -> Result<Table> {
    let lines = |arguments: &[&str]| -> Result<String> {
        let output = program()?.args(arguments).output()?;
        Ok(String::from_utf8(output.stdout)?)
    };
    // When each is due next, after its first poke.
    let (due, first_round) = loop {
        thread::sleep(Duration::from_secs(1));
        let status = lines(&["status", "--json"])?;
        let poked = status.matches("\"last_success_at\":\"").count();
        if poked == VERY_MANY {
            break (times(&status, "name", "next_at")?, begun.elapsed());
        }
        if begun.elapsed() > 10 * VERY_MANY_WATCHED {
            bail!("only {poked} of {VERY_MANY} accounts were poked");
        }
    };
    let resident = || -> Result<String> {
        field(
            &fs::read_to_string(format!("/proc/{engine}/status"))?,
            "VmRSS:",
        )
    };
    let (memory, used) = (resident()?, cpu_ticks(engine)?);
    let watched_from = Timestamp::now().as_millisecond() as f64 / 1e3;
    thread::sleep(VERY_MANY_WATCHED);
    let (memory_then, used) = (resident()?, cpu_ticks(engine)? - used);
    let since = format!("{}s", VERY_MANY_WATCHED.as_secs());
    let history = lines(&["history", "--json", "--since", &since])?;
    // Of several pokes of one account, the newest comes first and the oldest is meant.
    let poked = times(&history, "account", "started_at")?;
    let due_then = due.iter().filter(|(_, due)| **due >= watched_from);
    let mut late: Vec<f64> = due_then
        .clone()
        .filter_map(|(account, due)| Some(poked.get(account)? - due))
        .collect();
    let missed = due_then.count() - late.len();
    late.sort_by(f64::total_cmp);
    let percentile = |of: usize| late.get((late.len().saturating_sub(1)) * of / 100);
    let seconds = |of| percentile(of).map_or("none".to_owned(), |late| format!("{late:.3} s"));
    Ok(vec![
        (
            "10,000 accounts: all poked once after".into(),
            format!("{:.1} s", first_round.as_secs_f64()),
        ),
        (
            "10,000 accounts, every 15 minutes: pokes watched".into(),
            late.len().to_string(),
        ),
        ("10,000 accounts: pokes missed".into(), missed.to_string()),
        ("10,000 accounts: lateness, median".into(), seconds(50)),
        ("10,000 accounts: lateness, 99 in 100".into(), seconds(99)),
        ("10,000 accounts: lateness, the worst".into(), seconds(100)),
        ("10,000 accounts: resident memory".into(), kib(&memory)?),
        (
            "10,000 accounts: the same at the end".into(),
            kib(&memory_then)?,
        ),
        (
            "10,000 accounts: processor time".into(),
            // A tick is a hundredth of a second.
            format!("{:.1} %", used as f64 / VERY_MANY_WATCHED.as_secs_f64()),
        ),
    ])
}

/// A history of ten million pokes.
fn long_history(table: &mut Table) -> Result<()> {
    let program = [
        "run",
        "--release",
        "-p",
        "dequeue-engine",
        "--example",
        "history_bench",
    ];
    let output = cargo().args(program).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the history's bench ended with {}", output.status);
    }
    for line in String::from_utf8(output.stdout)?.lines() {
        let (what, figure) = line.split_once('\t').context("a line without a figure")?;
        table.push((format!("a long history: {what}").into(), figure.to_owned()));
    }
    Ok(())
}

/// The name and the time, in seconds since 1970, of each object of the JSON that has both; what is
/// within such an object is not looked at.
fn times(json: &str, name: &str, time: &str) -> Result<BTreeMap<String, f64>> {
    let mut times = BTreeMap::new();
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    while let Some(value) = values.next().transpose()? {
        let mut objects = vec![&value];
        while let Some(object) = objects.pop() {
            let text = |key| object.get(key).and_then(Value::as_str);
            if let (Some(name), Some(time)) = (text(name), text(time)) {
                let time: Timestamp = time.parse()?;
                times.insert(name.to_owned(), time.as_millisecond() as f64 / 1e3);
            } else if let Some(list) = object.as_array() {
                objects.extend(list);
            } else if let Some(object) = object.as_object() {
                objects.extend(object.values());
            }
        }
    }
    Ok(times)
}

/// Processor time that a process has used, in hundredths of a second.
fn cpu_ticks(pid: u32) -> Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name before it is in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || -> Result<u64> { Ok(fields.next().context("a short stat")?.parse()?) };
    Ok(next()? + next()?)
}

/// How often the threads of a process have gone to sleep since they began.
fn wake_ups(pid: u32) -> Result<u64> {
    let mut all = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let status = fs::read_to_string(thread?.path().join("status"))?;
        all += field(&status, "voluntary_ctxt_switches:")?.parse::<u64>()?;
    }
    Ok(all)
}

/// The first word behind `name` at the start of a line.
fn field(text: &str, name: &str) -> Result<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|rest| rest.split_whitespace().next());
    Ok(word.with_context(|| format!("no {name}"))?.to_owned())
}

fn kib(number: &str) -> Result<String> {
    Ok(format!("{:.1} MiB", number.parse::<f64>()? / 1024.0))
}
