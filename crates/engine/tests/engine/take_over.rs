//! The accounts of a user's engine move into the service: each of the three programs is killed at each
//! step, and in the end nothing is lost and no two engines poke one account.
//!
//! The programs are this one, started again.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use dequeue_api::{Client, Event, Paths, Request, Response, attach, socket::attach_to_another};
use dequeue_core::Text;
use dequeue_engine::{
    Hosting, host_or_attach,
    take_over::{Move, Step},
};

/// What the child is, and in which folder.
const ROLE: &str = "DEQUEUE_TEST_ROLE";
const FOLDER: &str = "DEQUEUE_TEST_MOVED_IN";
/// For everything that takes a moment only.
const SOON: Duration = Duration::from_secs(60);
/// The accounts of the user; the service has one of the first name already.
const NAMES: [&str; 3] = ["a", "b", "c"];
const MOVED: [&str; 3] = ["a (jan)", "b", "c"];

fn user_paths(folder: &Path) -> Paths {
    Paths::in_folder(&folder.join("user"))
}

fn machine(folder: &Path) -> PathBuf {
    folder.join("machine")
}

fn service_paths(folder: &Path) -> Paths {
    Paths::as_the_machines(&machine(folder))
}

/// Not a test of its own: the programs that the tests start and kill.
#[tokio::test]
async fn the_child() {
    let (Ok(role), Some(folder)) = (env::var(ROLE), env::var_os(FOLDER)) else {
        return;
    };
    let folder = Path::new(&folder);
    match role.as_str() {
        "user" => {
            let paths = user_paths(folder);
            let engine = host_or_attach(&paths, Hosting::Rhythm).await.unwrap();
            assert!(engine.is_hosting());
            let mut events = engine.client.events();
            eprintln!("up");
            while !matches!(events.recv().await, Ok(Event::Moved)) {}
            engine.stop().await;
            eprintln!("ended");
        }
        "service" => {
            let paths = service_paths(folder);
            let _engine = host_or_attach(&paths, Hosting::Service).await.unwrap();
            eprintln!("up");
            std::future::pending::<()>().await;
        }
        "mover" => {
            let (user, paths) = (user_paths(folder), service_paths(folder));
            let (theirs, service) = (attach_to_another(&user).await, attach(&paths).await);
            let moving = Move {
                user: &theirs.unwrap(),
                user_data: user.data(),
                service: &service.unwrap(),
                service_paths: &paths,
                service_in: Some(machine(folder)),
                of: "jan",
                allow_commands: false,
            };
            let on_step = |step: Step| {
                eprintln!("{step:?}");
                // Goes on when it is told to.
                let _ = std::io::stdin().read_line(&mut String::new());
            };
            match moving.carry_out(&Text::for_language("en"), on_step).await {
                Ok(moved) => eprintln!("moved {moved:?}"),
                Err(error) => eprintln!("failed {error:?}"),
            }
        }
        other => panic!("{other}"),
    }
}

/// A program under test, ended with this.
struct Program {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Receiver<String>,
}

impl Program {
    fn start(role: &str, folder: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "take_over::the_child", "--nocapture"])
            .env(ROLE, role)
            .env(FOLDER, folder)
            // Nobody's keyring is asked.
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, said) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let stdin = child.stdin.take();
        Self { child, stdin, said }
    }

    fn up(role: &str, folder: &Path) -> Self {
        let program = Self::start(role, folder);
        program.hear(|line| line == "up");
        program
    }

    /// Waits for a line.
    fn hear(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let mut heard = Vec::new();
        loop {
            let Ok(line) = self.said.recv_timeout(SOON) else {
                panic!("it only said {heard:?}");
            };
            if is_wanted(&line) {
                return line;
            }
            heard.push(line);
        }
    }

    /// Lets it go on from here.
    fn go_on(&mut self) {
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(b"\n");
        }
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A user's settings and a service's, nobody running.
fn prepare(folder: &Path) {
    let account = |name: &str, host: &str, more: &str| {
        format!(
            "\n[[account]]\nname = \"{name}\"\nhost = \"{host}\"\nport = 1\nevery = \"1d\"\n{more}"
        )
    };
    let login = "user = \"jan\"\ntls = \"required\"\nsecret = \"file\"\n";
    let user = user_paths(folder);
    fs::create_dir_all(user.data()).unwrap();
    let accounts = [
        account("a", "127.0.0.1", ""),
        account("b", "127.0.0.1", login),
        account("c", "127.0.0.1", "domains = [\"c.example\"]\n"),
    ];
    let text = format!(
        "version = 1\nnotice_quiet = \"22:00-07:00\"\n{}",
        accounts.concat()
    );
    fs::write(user.settings(), text).unwrap();
    let service = service_paths(folder);
    fs::create_dir_all(service.settings().parent().unwrap()).unwrap();
    if let Some(runtime) = service.runtime() {
        fs::create_dir_all(runtime).unwrap();
    }
    let text = format!("version = 1\n{}", account("a", "127.0.0.2", ""));
    fs::write(service.settings(), text).unwrap();
}

async fn names(client: &Client) -> BTreeSet<String> {
    let accounts = client.snapshot().await.unwrap().accounts;
    accounts.into_iter().map(|account| account.name).collect()
}

async fn wait_until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let give_up = Instant::now() + SOON;
    while !is_so().await {
        assert!(Instant::now() < give_up, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Each poke of these accounts: its account's name, when it began, and its report.
fn pokes(paths: &Paths) -> Vec<(String, i64, String)> {
    let Ok(history) = rusqlite::Connection::open(paths.history()) else {
        return Vec::new();
    };
    let query = "SELECT account, started_at, report FROM poke ORDER BY id";
    let mut query = history.prepare(query).unwrap();
    let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

async fn attached(paths: &Paths) -> Client {
    let mut client = None;
    wait_until("an engine to attach to", async || {
        client = attach(paths).await;
        client.is_some()
    })
    .await;
    client.unwrap()
}

/// Both engines are up; the user's has poked, and knows a password.
async fn set_up(folder: &Path) -> (Program, Program) {
    prepare(folder);
    let user = Program::up("user", folder);
    let service = Program::up("service", folder);
    let client = attached(&user_paths(folder)).await;
    let secret = Request::SetSecret {
        account: "b".into(),
        secret: "hunter2".to_owned().into(),
    };
    client.request(secret).await.unwrap();
    wait_until("the first pokes", async || {
        let snapshot = client.snapshot().await.unwrap();
        snapshot
            .accounts
            .iter()
            .all(|account| account.last.is_some())
    })
    .await;
    (user, service)
}

/// All is the service's, and nothing was lost or done twice.
async fn check(folder: &Path, what: &str) {
    let (user, service) = (user_paths(folder), service_paths(folder));
    let client = attached(&service).await;
    let there = names(&client).await;
    for name in MOVED {
        assert!(there.contains(name), "{what}: {there:?}");
    }
    assert!(there.contains("a") && there.len() == 4, "{what}: {there:?}");
    let text = fs::read_to_string(service.settings()).unwrap();
    assert!(text.contains("22:00-07:00"), "{what}: {text}");
    assert!(!user.settings().exists(), "{what}");
    let kept = fs::read_to_string(user.data().join("settings.moved-to-the-service.toml"));
    assert!(
        kept.is_ok_and(|kept| kept.contains("name = \"b\"")),
        "{what}"
    );
    assert!(!user.data().join("hand-over.json").exists(), "{what}");
    // The password came along: where it is kept there is one.
    let secrets = fs::read_dir(service.data().join("secrets")).unwrap();
    let secrets = secrets.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    assert!(
        secrets.into_iter().any(|text| text.contains("hunter2")),
        "{what}"
    );
    wait_until("the service's first pokes", async || {
        let snapshot = client.snapshot().await.unwrap();
        let moved = |name: &str| MOVED.contains(&name);
        let mut accounts = snapshot.accounts.iter().filter(|it| moved(&it.name));
        accounts.all(|account| account.last.is_some())
    })
    .await;
    let (theirs, ours) = (pokes(&user), pokes(&service));
    for (was, is) in NAMES.into_iter().zip(MOVED) {
        let of_user: Vec<_> = theirs.iter().filter(|it| it.0 == was).collect();
        let of_service: Vec<_> = ours.iter().filter(|it| it.0 == is).collect();
        let (mut copied, mut own) = (Vec::new(), Vec::new());
        for (_, at, report) in of_service {
            let is_copy = of_user.iter().any(|it| it.1 == *at && it.2 == *report);
            if is_copy { &mut copied } else { &mut own }.push(*at);
        }
        assert!(!copied.is_empty(), "{what}: no history of {is}");
        let last = of_user.iter().map(|it| it.1).max().unwrap();
        assert!(
            own.iter().all(|at| *at > last),
            "{what}: both poked {is}: {last} and {own:?}"
        );
    }
}

#[tokio::test]
async fn everything_moves_and_the_users_engine_ends() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (user, _service) = set_up(folder).await;
    let paused = attached(&user_paths(folder)).await;
    let pause = Request::Pause {
        account: Some("c".to_owned()),
        lasts: dequeue_api::PauseLength::UntilResumed,
    };
    paused.request(pause).await.unwrap();
    let mut mover = Program::start("mover", folder);
    mover.hear(|line| line == "Given");
    // Nothing is poked from here on, and what is asked is said to wait.
    let accounts = Vec::new();
    let refused = paused
        .request(Request::PokeNow { accounts })
        .await
        .unwrap_err();
    assert_eq!(refused.code, dequeue_api::ErrorCode::HandOver);
    for _ in 0..4 {
        mover.go_on();
    }
    let moved = mover.hear(|line| line.starts_with("moved") || line.starts_with("failed"));
    assert!(moved.starts_with("moved"), "{moved}");
    user.hear(|line| line == "ended");
    check(folder, "moved").await;
    let service = attached(&service_paths(folder)).await;
    let snapshot = service.snapshot().await.unwrap();
    let paused = snapshot.accounts.iter().find(|it| it.name == "c").unwrap();
    assert!(paused.paused, "its pause came along");
    // A second time there is nothing to move.
    let again = host_or_attach(&user_paths(folder), Hosting::Rhythm)
        .await
        .unwrap();
    assert!(again.client.snapshot().await.unwrap().accounts.is_empty());
    again.stop().await;
}

/// What becomes of it when one of the three is killed after a step.
async fn killed(victim: &str, step: Step) {
    let what = format!("{victim} killed after {step:?}");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (mut user, mut service) = set_up(folder).await;
    let mut mover = Program::start("mover", folder);
    let wanted = format!("{step:?}");
    loop {
        let said = mover.hear(|line| !line.is_empty() && !line.starts_with("running"));
        if said == wanted {
            break;
        }
        assert!(!said.starts_with("failed"), "{what}: {said}");
        mover.go_on();
    }
    match victim {
        "user" => user.kill(),
        "service" => service.kill(),
        _ => mover.kill(),
    }
    if victim != "mover" {
        for _ in 0..4 {
            mover.go_on();
        }
        mover.hear(|line| line.starts_with("moved") || line.starts_with("failed"));
    }
    // A service manager starts the service again, a login the user's engine.
    if victim == "service" {
        service = Program::up("service", folder);
    }
    if user_paths(folder).settings().exists()
        || user_paths(folder).data().join("hand-over.json").exists()
    {
        user.kill();
        user = Program::up("user", folder);
    }
    let note = user_paths(folder).data().join("hand-over.json");
    wait_until(&format!("{what}: the two to come to terms"), async || {
        !note.exists()
    })
    .await;
    let at_service = names(&attached(&service_paths(folder)).await)
        .await
        .contains("b");
    if at_service {
        wait_until(
            &format!("{what}: the settings to be put away"),
            async || !user_paths(folder).settings().exists(),
        )
        .await;
    } else {
        assert!(
            user_paths(folder).settings().exists(),
            "{what}: nobody has them"
        );
        let client = attached(&user_paths(folder)).await;
        wait_until(&format!("{what}: it takes its work up"), async || {
            client.snapshot().await.unwrap().hand_over.is_none()
        })
        .await;
        assert_eq!(names(&client).await.len(), 3, "{what}");
        // It is done again, and works.
        let mut mover = Program::start("mover", folder);
        for _ in 0..4 {
            mover.go_on();
        }
        let moved = mover.hear(|line| line.starts_with("moved") || line.starts_with("failed"));
        assert!(moved.starts_with("moved"), "{what}, then {moved}");
    }
    check(folder, &what).await;
    drop((user, service));
}

#[tokio::test]
async fn whoever_takes_them_there_is_killed() {
    for step in [Step::Given, Step::Copied, Step::Taken, Step::PutAway] {
        killed("mover", step).await;
    }
}

#[tokio::test]
async fn the_users_engine_is_killed() {
    for step in [Step::Given, Step::Copied, Step::Taken, Step::PutAway] {
        killed("user", step).await;
    }
}

#[tokio::test]
async fn the_service_is_killed() {
    for step in [Step::Given, Step::Copied, Step::Taken, Step::PutAway] {
        killed("service", step).await;
    }
}

/// Asks the service for the accounts of a move, as a user's engine does; gives whether it has them. While
/// it is busy with its settings file it does not say.
async fn has_them(service: &Client, token: &str) -> bool {
    let mut has = None;
    wait_until("an answer on whose the accounts are", async || {
        let token = token.to_owned();
        has = match service.request(Request::TakeBack { token }).await {
            Ok(Response::TakenBack { has_them }) => Some(has_them),
            Err(error) if error.code == dequeue_api::ErrorCode::HandOver => None,
            other => panic!("{other:?}"),
        };
        has.is_some()
    })
    .await;
    has.unwrap()
}

/// A service that has promised never to take accounts keeps that, whoever comes late.
#[tokio::test]
async fn what_was_taken_back_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let paths = service_paths(folder.path());
    let service = host_or_attach(&paths, Hosting::Service).await.unwrap();
    let token = || "0123".to_owned();
    assert!(!has_them(&service.client, &token()).await);
    let fields = [("name", "late"), ("host", "127.0.0.1")];
    let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let take_over = |token| Request::TakeOver {
        token,
        general: [].into(),
        accounts: vec![fields.clone().into()],
        passwords: [].into(),
        allow_commands: false,
    };
    service
        .client
        .request(take_over(token()))
        .await
        .unwrap_err();
    service.stop().await;
    // Also after a restart.
    let service = host_or_attach(&paths, Hosting::Service).await.unwrap();
    service
        .client
        .request(take_over(token()))
        .await
        .unwrap_err();
    assert_eq!(names(&service.client).await.len(), 1);
    let other = service.client.request(take_over("4567".to_owned())).await;
    assert!(matches!(other, Ok(Response::Imported { .. })), "{other:?}");
    assert!(has_them(&service.client, "4567").await);
    service.stop().await;
}
