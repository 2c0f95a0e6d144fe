//! What the real mail servers have in common. They are not installed, only unpacked (Debian's
//! exclude one another), and start as root only. Configuration, queue and log are private to the
//! test.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::process::{self, Process};
use crate::rig::{
    client::Client,
    mail::{self, Message},
    net,
    wait::{self, SOON},
};

/// A server that holds mail until it is asked for it.
pub trait Provider {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// How many messages it holds.
    fn queue_len(&self) -> usize;

    /// Whether it is neither receiving nor delivering.
    fn is_at_rest(&self) -> bool;

    /// What it has written of its work.
    fn log(&self) -> String;

    /// Hands it mail, as strangers' servers do, and returns when it has accepted all.
    fn inject(&self, messages: &[Message]) {
        mail::inject(self.address().ip(), self.address(), messages);
    }

    /// Waits until exactly `count` messages are held and nothing is under way: what it delivers
    /// by itself has been tried once in vain, as the mail server was down, and put aside.
    ///
    /// # Panics
    /// When that is not so after half a minute.
    fn wait_until_held(&self, count: usize) {
        wait::until(&format!("{count} messages to be held"), SOON, || {
            (self.is_at_rest() && self.queue_len() == count).then_some(())
        });
    }
}

/// How a provider is set up that answers ETRN by the rules of `Etrn`.
#[derive(Debug, Clone)]
pub struct Options<Etrn> {
    /// Where it listens, and where its deliveries come from.
    pub listen: Ipv4Addr,
    /// The customer's mail server.
    pub mail_server: SocketAddr,
    /// The domains that it holds mail for.
    pub domains: Vec<String>,
    /// The addresses that may say ETRN, where it is asked who does.
    pub may_etrn: Vec<IpAddr>,
    pub etrn: Etrn,
}

impl<Etrn: Default> Options<Etrn> {
    /// A provider on an address of its own that holds `customer.test` and `second.test` and lets
    /// clients from this machine, bound to the mail server's address or to none, say ETRN.
    pub fn new(mail_server: SocketAddr) -> Self {
        Self {
            listen: net::address(),
            mail_server,
            domains: vec!["customer.test".to_owned(), "second.test".to_owned()],
            may_etrn: vec![net::UNBOUND.into(), mail_server.ip()],
            etrn: Etrn::default(),
        }
    }
}

/// Waits until the daemon greets who comes from `from`.
///
/// # Panics
/// When it has ended, with its log, or does not come up.
pub fn wait_for_greeting(daemon: &mut Process, from: Ipv4Addr, address: SocketAddr) {
    daemon.wait_until("greeting", SOON, || {
        let mut client = Client::connect(from, address).ok()?;
        client.reply().ok().filter(|reply| reply.code == 220)
    });
}

/// How many messages lie in the queue of an Exim with this folder.
pub fn exim_queue_len(folder: &Path) -> usize {
    // Each has its envelope and headers in one file, its text in another.
    count_files(&folder.join("spool/input"), |name| name.ends_with("-H"))
}

/// The folder in which `server` is unpacked, as if it were `/`: the one that the variable
/// `DEQUEUE_TEST_` with its name says, else the one in the user's cache folder.
///
/// # Panics
/// When `program` is not in it, or the test does not run as root.
pub fn unpacked(server: &str, program: &str) -> PathBuf {
    assert!(
        rustix::process::geteuid().is_root(),
        "this test starts a real mail server, which must be done as root"
    );
    let variable = format!("DEQUEUE_TEST_{}", server.to_ascii_uppercase());
    let given = std::env::var_os(&variable).map(PathBuf::from);
    let cached = || {
        let home = std::env::var_os("HOME").expect("HOME is set");
        Path::new(&home).join(".cache/dequeue-dev").join(server)
    };
    let folder = given.unwrap_or_else(cached);
    assert!(
        folder.join(program).exists(),
        "this test needs {server} unpacked in {}, or in the folder that {variable} names; \
         `cargo xtask setup` does it",
        folder.display()
    );
    folder.canonicalize().expect("an existing folder")
}

/// A folder of the test's own with these folders in it. The server's users may pass through,
/// whatever the umask is.
pub fn folder(server: &str, inside: &[&str]) -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix(&format!("dequeue-{server}-"))
        .tempdir()
        .expect("a temporary folder");
    let open = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a folder's mode");
    };
    open(folder.path());
    for name in inside {
        let path = folder.path().join(name);
        fs::create_dir(&path).expect("a folder");
        open(&path);
    }
    folder
}

/// The id of a user of the system whose `/` is `root`.
///
/// # Panics
/// When it has none.
pub fn user_id(root: &Path, name: &str) -> u32 {
    let users = fs::read_to_string(root.join("etc/passwd")).expect("/etc/passwd");
    users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields[0] == name)
        .and_then(|fields| fields.get(2)?.parse().ok())
        .unwrap_or_else(|| panic!("this test needs the user {name} of {}", root.display()))
}

/// How many files below `folder` have a name that `counts`.
pub fn count_files(folder: &Path, counts: fn(&str) -> bool) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => count_files(&entry.path(), counts),
            Ok(_) => usize::from(counts(&entry.file_name().to_string_lossy())),
            Err(_) => 0,
        })
        .sum()
}

/// Whether of a daemon that was started apart there is nothing but itself and the shell that
/// holds it; for those that make a process for every reception and every delivery.
pub fn is_alone(daemon: &Process) -> bool {
    let all = process::descendants(daemon.pid());
    all.into_iter().filter(|&pid| process::runs(pid)).count() == 2
}
