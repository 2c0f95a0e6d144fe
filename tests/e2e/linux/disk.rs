//! A disk that is full, can only be read, or has damaged the history: the engine goes on poking,
//! says so, and keeps what happens again as soon as it can. Root only, for the disks of its own.

use std::{
    collections::BTreeSet,
    fs::{self, File, Permissions},
    io::Write,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use dequeue_api::Paths;
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    linux::{
        programs::{NOBODY, Nobody, tray},
        rig::process::{Process, find},
    },
    programs::{Home, Run, account},
    rig::{
        mail_server::MailServer,
        wait::{SOON, until},
    },
};

/// A disk of its own at a test's home. Dropping it takes it away.
struct Disk {
    at: PathBuf,
    // The image of one that is a file.
    _image: Option<tempfile::NamedTempFile>,
}

impl Disk {
    /// A small one, of 2 MB.
    fn small(at: &Path) -> Self {
        mount(&["-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs"], at);
        Self {
            at: at.to_owned(),
            _image: None,
        }
    }

    /// One that can break.
    fn fragile(at: &Path) -> Self {
        let image = tempfile::NamedTempFile::new().expect("a temporary file");
        image.as_file().set_len(16 << 20).expect("room for a disk");
        let mut format = Command::new(find("mkfs.ext4", "e2fsprogs"));
        let status = format.args(["-q", "-F"]).arg(image.path()).status();
        assert!(status.expect("mkfs.ext4 can be run").success());
        let path = image.path().to_str().expect("a plain path");
        mount(&["-o", "loop,errors=remount-ro", path], at);
        Self {
            at: at.to_owned(),
            _image: Some(image),
        }
    }

    /// From now on it can only be read, as after an error of the machine's disk.
    fn breaks(&self) {
        mount(&["-o", "remount,abort"], &self.at);
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut file = File::create(self.at.join("fill")).expect("a file");
        while file.write_all(&[b'.'; 512]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.at.join("fill")).expect("a file");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let umount = find("umount", "mount");
        Command::new(umount).arg("-l").arg(&self.at).status().ok();
    }
}

fn mount(arguments: &[&str], at: &Path) {
    let mut mount = Command::new(find("mount", "mount"));
    let status = mount.args(arguments).arg(at).status();
    assert!(
        status.expect("mount can be run").success(),
        "this test mounts a disk of its own: run it as root, where loop devices are"
    );
}

fn set_up(home: &Home, provider: &MailServer) {
    let lines = "method = \"signal\"\nevery = \"1h\"";
    home.set_up(&[account("vevida", provider.address(), lines)]);
}

/// What the engine says of how it stands, by `command`.
fn status(mut command: Command) -> String {
    let run = Run::of(&mut command);
    assert_eq!(run.status, 0, "{run:?}");
    run.out
}

/// A poke by hand, which works.
fn poke(home: &Home) {
    let run = home.run(&["poke", "vevida"]);
    assert_eq!(run.status, 0, "{run:?}");
}

/// The moments at which the pokes of the history began, each once.
fn moments(pokes: &[Value]) -> BTreeSet<String> {
    let moments: BTreeSet<String> = pokes
        .iter()
        .map(|poke| poke["started_at"].to_string())
        .collect();
    assert_eq!(moments.len(), pokes.len(), "each once: {pokes:?}");
    moments
}

/// How many pokes the days' figures count.
fn counted(home: &Home) -> u64 {
    let run = home.run(&["history", "--days", "--json"]);
    let pokes = |day: &Value| day["pokes"].as_u64().expect("a number");
    run.objects().iter().map(pokes).sum()
}

#[test]
fn a_disk_that_fills_up_stops_no_poke_and_is_written_again_once_there_is_room() {
    let provider = MailServer::up();
    let home = Home::new();
    let disk = Disk::small(home.path());
    set_up(&home, &provider);
    let engine = home.start_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    disk.fill();
    let said = |home: &Home| status(home.command(&["status"])).contains("The disk is full");
    // The room that the history's files have already is used up first.
    let mut pokes = 1;
    while !said(&home) {
        assert!(pokes < 20, "the disk is full, and nobody says so");
        poke(&home);
        pokes += 1;
    }
    for _ in 0..3 {
        poke(&home);
    }
    pokes += 3;
    assert_eq!(provider.visits().len(), pokes);
    let kept = home.history("vevida");
    assert_eq!(kept.len(), pokes, "those that wait for room are shown");

    disk.make_room();
    // By itself, without a poke.
    until("the history to be written", SOON, || {
        (!said(&home)).then_some(())
    });
    assert_eq!(moments(&home.history("vevida")), moments(&kept));
    poke(&home);
    engine.end();
    let all = home.history("vevida");
    assert_eq!(all.len(), pokes + 1);
    assert!(moments(&all).is_superset(&moments(&kept)));
    assert_eq!(counted(&home), all.len() as u64);
}

#[test]
fn what_waited_for_room_is_written_at_the_end_at_the_latest() {
    let provider = MailServer::up();
    let home = Home::new();
    let disk = Disk::small(home.path());
    set_up(&home, &provider);
    disk.fill();
    let engine = home.start_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    let said = status(home.command(&["status"]));
    assert!(said.contains("The disk is full"), "{said}");
    poke(&home);
    let said = status(home.command(&["status"]));
    assert!(said.contains("The disk is full"), "{said}");
    assert_eq!(provider.visits().len(), 2);
    disk.make_room();
    engine.end();
    assert_eq!(home.history("vevida").len(), 2);
    assert_eq!(counted(&home), 2);
}

#[test]
fn a_disk_that_can_only_be_read_from_now_on_stops_no_poke() {
    let provider = MailServer::up();
    let home = Home::new();
    let disk = Disk::fragile(home.path());
    set_up(&home, &provider);
    let mut engine = home.start_with(&["run"], &[("DEQUEUE_LOG", "error")]);
    home.wait_for_pokes("vevida", 1, SOON);
    disk.breaks();
    poke(&home);
    poke(&home);
    assert_eq!(provider.visits().len(), 3);
    let said = status(home.command(&["status"]));
    let sentence = format!(
        "The disk with the history {} is read-only",
        home.path().join("history.sqlite").display()
    );
    assert!(said.contains(&sentence), "{said}");
    assert_eq!(home.history("vevida").len(), 3);
    engine.signal(Signal::TERM);
    engine.wait(SOON);
    // Nothing else is left to do than to say so.
    let told = engine.log();
    assert!(told.contains("lost with this end pokes=2"), "{told}");
}

#[test]
fn a_history_that_can_only_be_read_is_written_once_it_can_be() {
    let provider = MailServer::up();
    let home = Home::new();
    set_up(&home, &provider);
    poke(&home);
    let nobody = home.of_nobody();
    // Somebody ran a command as root.
    let history = home.path().join("history.sqlite");
    chown(&history, Some(0), Some(0)).unwrap();
    fs::set_permissions(&history, Permissions::from_mode(0o644)).unwrap();
    let engine = home.start_command(&nobody.command(&["run"]));
    home.wait_for_engine();
    let poke = || {
        let run = Run::of(&mut nobody.command(&["poke", "vevida"]));
        assert_eq!(run.status, 0, "{run:?}");
    };
    let said = || status(nobody.command(&["status"]));
    poke();
    poke();
    let sentence = format!(
        "Dequeue is not allowed to write the history {}",
        history.display()
    );
    assert!(said().contains(&sentence), "{}", said());
    chown(&history, Some(NOBODY), None).unwrap();
    poke();
    assert!(!said().contains(&sentence), "{}", said());
    engine.end();
    let run = Run::of(&mut nobody.command(&["history", "vevida", "--json"]));
    let visits = provider.visits().len();
    assert!(visits >= 4, "{visits}");
    assert_eq!(moments(&run.objects()).len(), visits, "{run:?}");
}

/// What is started on a folder that cannot be written finds its way by the folders that stand in for
/// it, whatever the environment says.
struct Elsewhere<'a> {
    home: &'a Home,
    nobody: Option<&'a Nobody<'a>>,
    temporary: tempfile::TempDir,
}

impl<'a> Elsewhere<'a> {
    fn new(home: &'a Home, nobody: Option<&'a Nobody<'a>>) -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(temporary.path(), Permissions::from_mode(0o1777)).unwrap();
        Self {
            home,
            nobody,
            temporary,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        match self.nobody {
            Some(nobody) => nobody.command(arguments),
            None => self.home.command(arguments),
        }
    }

    fn start(&self, arguments: &[&str]) -> Process {
        self.home.start_command(&self.command(arguments))
    }

    /// As by a service manager that gives each of its services a temporary folder.
    fn start_as_service(&self, arguments: &[&str]) -> Process {
        let mut command = self.command(arguments);
        command.env("TMPDIR", self.temporary.path());
        self.home.start_command(&command)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    fn is_running(&self) -> bool {
        let run = self.run(&["status", "--json"]);
        run.status == 0 && run.object()["running"] == true
    }

    fn said(&self) -> String {
        status(self.command(&["status"]))
    }

    fn history(&self) -> Vec<Value> {
        self.run(&["history", "vevida", "--json"]).objects()
    }

    /// Starts an engine where it cannot write and `kept` pokes are, and looks whether all goes on;
    /// then `mends` that.
    fn goes_on(&self, provider: &MailServer, kept: usize, sentence: &str, mends: impl FnOnce()) {
        let before = self.run(&["history", "vevida", "--json"]);
        let files = self.home.files();
        assert_eq!(before.objects().len(), kept, "{before:?}, {files:?}");
        // By hand as well: what is not kept is said.
        let by_hand = self.run(&["poke", "vevida"]);
        assert_eq!(by_hand.status, 0, "{by_hand:?}");
        assert!(by_hand.err.contains(sentence), "{by_hand:?}");
        let visits = provider.visits().len();
        let engine = self.start_as_service(&["run"]);
        until("an engine that answers", SOON, || {
            self.is_running().then_some(())
        });
        assert!(self.said().contains(sentence), "{}", self.said());
        // A second one that starts only attaches.
        let other = self.start(&["run"]);
        until("the other to attach", SOON, || {
            other.log().contains("already").then_some(())
        });
        let run = self.run(&["poke", "vevida"]);
        assert_eq!(run.status, 0, "{run:?}");
        // The rhythm's poke is due where the history says of none.
        let rhythm = usize::from(kept == 0);
        let wanted = kept + 1 + rhythm;
        until("the pokes in the history", SOON, || {
            (self.history().len() == wanted).then_some(())
        });
        assert_eq!(provider.visits().len(), visits + 1 + rhythm, "one engine");
        let meanwhile = moments(&self.history());
        mends();
        until("the history to be written", SOON, || {
            (!self.said().contains(sentence)).then_some(())
        });
        // A third, which can write from the start, still finds the first.
        let third = self.start(&["run"]);
        until("the third to attach", SOON, || {
            third.log().contains("already").then_some(())
        });
        for client in [other, third] {
            client.end();
        }
        engine.end();
        assert!(!self.is_running());
        assert_eq!(moments(&self.history()), meanwhile);
    }
}

impl Drop for Elsewhere<'_> {
    fn drop(&mut self) {
        let user = if self.nobody.is_some() { NOBODY } else { 0 };
        let ours = Paths::in_folder(self.home.path()).fingerprint();
        let ours = format!("{ours:016x}-");
        let folders = [
            format!("/tmp/dequeue-{user}"),
            format!("/run/user/{user}/dequeue"),
        ];
        for entry in folders.iter().flat_map(fs::read_dir).flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&ours) {
                fs::remove_file(entry.path()).ok();
            }
        }
    }
}

fn remount(how: &str, at: &Path) {
    mount(&["-o", &format!("remount,{how}")], at);
}

#[test]
fn an_engine_starts_on_a_disk_that_can_only_be_read() {
    for has_history in [false, true] {
        let provider = MailServer::up();
        let home = Home::new();
        let _disk = Disk::small(home.path());
        set_up(&home, &provider);
        if has_history {
            poke(&home);
            // What an engine leaves that is killed.
            let mut engine = home.start_engine();
            engine.signal(Signal::KILL);
            engine.wait(SOON);
        }
        remount("ro", home.path());
        let elsewhere = Elsewhere::new(&home, None);
        let mends = || remount("rw", home.path());
        let kept = usize::from(has_history);
        elsewhere.goes_on(&provider, kept, "is read-only", mends);
    }
}

#[test]
fn the_tray_pokes_on_such_a_disk_too() {
    let provider = MailServer::up();
    let home = Home::new();
    let _disk = Disk::small(home.path());
    set_up(&home, &provider);
    remount("ro", home.path());
    let elsewhere = Elsewhere::new(&home, None);
    let mut tray = Command::new(tray());
    let variables = elsewhere.command(&[]);
    let variables = variables.get_envs();
    tray.arg("--quiet").env_remove("DBUS_SESSION_BUS_ADDRESS");
    tray.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    let trays = [home.start_command(&tray), home.start_command(&tray)];
    until("an engine that answers", SOON, || {
        elsewhere.is_running().then_some(())
    });
    until("the rhythm's poke", SOON, || {
        (elsewhere.history().len() == 1).then_some(())
    });
    assert!(elsewhere.said().contains("is read-only"));
    // One a session, here too.
    let [mut first, mut second] = trays;
    until("one of them to end", SOON, || {
        (first.status().is_some() != second.status().is_some()).then_some(())
    });
    assert_eq!(provider.visits().len(), 1);
}

#[test]
fn an_engine_starts_in_a_folder_that_its_user_may_not_write() {
    for has_history in [false, true] {
        let provider = MailServer::up();
        let home = Home::new();
        set_up(&home, &provider);
        if has_history {
            poke(&home);
        }
        let nobody = home.of_nobody();
        let own = |user| {
            for name in home.files() {
                chown(home.path().join(name), Some(user), None).unwrap();
            }
            chown(home.path(), Some(user), None).unwrap();
        };
        own(0);
        // What is there can be read.
        for name in home.files() {
            let open = Permissions::from_mode(0o644);
            fs::set_permissions(home.path().join(name), open).unwrap();
        }
        let open = Permissions::from_mode(0o755);
        fs::set_permissions(home.path(), open).unwrap();
        let elsewhere = Elsewhere::new(&home, Some(&nobody));
        let kept = usize::from(has_history);
        elsewhere.goes_on(&provider, kept, "is not allowed to write", || own(NOBODY));
    }
}

#[test]
fn a_damaged_history_is_put_aside_and_it_is_said() {
    let provider = MailServer::up();
    let home = Home::new();
    set_up(&home, &provider);
    let damaged = "this was a history once\n".repeat(1000);
    fs::write(home.path().join("history.sqlite"), &damaged).unwrap();
    let engine = home.start_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    // That the new one can be written does not make it untold.
    poke(&home);
    let said = status(home.command(&["status"]));
    assert!(
        said.contains("The history was damaged and has been put aside"),
        "{said}"
    );
    let aside = |name: &String| {
        let file = home.path().join(name);
        said.contains(&file.display().to_string())
            && fs::read(file).is_ok_and(|bytes| bytes == damaged.as_bytes())
    };
    assert!(home.files().iter().any(aside), "{:?}: {said}", home.files());
    engine.end();
    assert_eq!(home.history("vevida").len(), 2);
    let engine = home.start_engine();
    let said = status(home.command(&["status"]));
    assert!(!said.contains("damaged"), "{said}");
    engine.end();
}
