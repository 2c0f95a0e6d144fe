//! A disk that is full, can only be read, or has damaged the history: the engine goes on poking,
//! says so, and keeps what happens again as soon as it can. Root only, for the disks of its own.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;

use crate::programs::{Home, NOBODY, Run, account};
use crate::rig::own_server::OwnServer;
use crate::rig::process::{Process, find};
use crate::rig::wait::SOON;

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

fn set_up(home: &Home, provider: &OwnServer) {
    let lines = "method = \"signal\"\nevery = \"1h\"";
    home.set_up(&[account("vevida", provider.address(), lines)]);
}

fn run(home: &Home) -> Process {
    let engine = home.start(&["run"]);
    home.wait_for_engine();
    engine
}

fn end(mut engine: Process) {
    engine.signal(Signal::TERM);
    assert!(engine.wait(SOON).success(), "{}", engine.log());
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

#[test]
fn a_disk_that_fills_up_stops_no_poke_and_is_written_again_once_there_is_room() {
    let provider = OwnServer::up();
    let home = Home::new();
    let disk = Disk::small(home.path());
    set_up(&home, &provider);
    let engine = run(&home);
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
    poke(&home);
    assert_eq!(provider.visits().len(), pokes + 1);
    let kept = home.history("vevida");
    assert_eq!(kept.len(), pokes - 1, "all but those that found no room");

    disk.make_room();
    poke(&home);
    assert!(!said(&home), "there is room");
    end(engine);
    assert_eq!(home.history("vevida").len(), pokes);
}

#[test]
fn on_a_disk_that_is_full_at_the_start_it_is_the_same() {
    let provider = OwnServer::up();
    let home = Home::new();
    let disk = Disk::small(home.path());
    set_up(&home, &provider);
    disk.fill();
    let engine = run(&home);
    home.wait_for_pokes("vevida", 1, SOON);
    let said = |home: &Home| status(home.command(&["status"])).contains("The disk is full");
    assert!(said(&home), "{}", status(home.command(&["status"])));
    poke(&home);
    assert!(said(&home), "{}", status(home.command(&["status"])));
    assert_eq!(provider.visits().len(), 2);
    disk.make_room();
    poke(&home);
    assert!(!said(&home), "there is room");
    end(engine);
    assert_eq!(home.history("vevida").len(), 1);
}

#[test]
fn a_disk_that_can_only_be_read_from_now_on_stops_no_poke() {
    let provider = OwnServer::up();
    let home = Home::new();
    let disk = Disk::fragile(home.path());
    set_up(&home, &provider);
    let mut engine = run(&home);
    home.wait_for_pokes("vevida", 1, SOON);
    disk.breaks();
    poke(&home);
    poke(&home);
    assert_eq!(provider.visits().len(), 3);
    let said = status(home.command(&["status"]));
    assert!(
        said.contains("The history cannot be read or written"),
        "{said}"
    );
    engine.signal(Signal::TERM);
    engine.wait(SOON);
}

#[test]
fn a_history_that_can_only_be_read_is_written_once_it_can_be() {
    let provider = OwnServer::up();
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
    let sentence = format!("The history {} cannot be written", history.display());
    assert!(said().contains(&sentence), "{}", said());
    assert!(provider.visits().len() >= 3);
    chown(&history, Some(NOBODY), None).unwrap();
    poke();
    assert!(!said().contains(&sentence), "{}", said());
    end(engine);
    let run = Run::of(&mut nobody.command(&["history", "vevida", "--json"]));
    assert_eq!(run.objects().len(), 2, "{run:?}");
}

#[test]
fn a_damaged_history_is_put_aside_and_it_is_said() {
    let provider = OwnServer::up();
    let home = Home::new();
    set_up(&home, &provider);
    let damaged = "this was a history once\n".repeat(1000);
    fs::write(home.path().join("history.sqlite"), &damaged).unwrap();
    let engine = run(&home);
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
    end(engine);
    assert_eq!(home.history("vevida").len(), 2);
    let engine = run(&home);
    let said = status(home.command(&["status"]));
    assert!(!said.contains("damaged"), "{said}");
    end(engine);
}
