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

/// A server that runs. Dropping it ends it and removes its folder.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    // Before the folder: it must have ended when the folder goes.
    pub daemon: Process,
    pub folder: TempDir,
    log: &'static str,
}

impl Server {
    /// The one that `daemon` is, as soon as it greets a client at its own IP address. Its log is
    /// this file in the folder.
    ///
    /// # Panics
    /// With its log, when it has ended or says there why it cannot go on, or does not come up.
    pub fn that_greets(
        address: SocketAddr,
        daemon: Process,
        folder: TempDir,
        log: &'static str,
    ) -> Self {
        let mut server = Self {
            address,
            daemon,
            folder,
            log,
        };
        let log = server.at(log);
        server.daemon.wait_until("greeting", SOON, || {
            let Ok(mut client) = Client::connect(address.ip(), address) else {
                let log = read(&log);
                assert!(!log.contains("fatal:"), "it failed:\n{log}");
                return None;
            };
            client.reply().ok().filter(|reply| reply.code == 220)
        });
        server
    }

    /// A file or folder in its folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A server that holds mail until it is asked for it.
pub trait Provider {
    /// The server that it is.
    fn server(&self) -> &Server;

    /// How many messages it holds.
    fn queue_len(&self) -> usize;

    /// Whether it is neither receiving nor delivering; as it is here, for those that make a process
    /// for every reception and every delivery.
    fn is_at_rest(&self) -> bool {
        // Nothing is left but itself and the shell that holds it.
        let all = process::descendants(self.server().daemon.pid());
        all.into_iter().filter(|&pid| process::runs(pid)).count() == 2
    }

    /// Where it listens.
    fn address(&self) -> SocketAddr {
        self.server().address
    }

    /// What it has written of its work.
    fn log(&self) -> String {
        let server = self.server();
        read(&server.at(server.log))
    }

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

/// What a log says, which may not be there yet, and holds what clients said.
fn read(log: &Path) -> String {
    String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned()
}

/// How a provider is set up that answers ETRN; with what is its kind's `Own`.
#[derive(Debug, Clone)]
pub struct Options<Own> {
    /// Where it listens, and where its deliveries come from.
    pub listen: Ipv4Addr,
    /// The customer's mail server.
    pub mail_server: SocketAddr,
    /// The domains that it holds mail for.
    pub domains: Vec<String>,
    /// The addresses that may say ETRN, where it is asked who does.
    pub may_etrn: Vec<IpAddr>,
    pub own: Own,
}

impl<Own: Default> Options<Own> {
    /// A provider on an address of its own that holds `customer.test` and `second.test` and lets
    /// clients from this machine, bound to the mail server's address or to none, say ETRN.
    pub fn new(mail_server: SocketAddr) -> Self {
        Self {
            listen: net::address(),
            mail_server,
            domains: vec!["customer.test".to_owned(), "second.test".to_owned()],
            may_etrn: vec![net::UNBOUND.into(), mail_server.ip()],
            own: Own::default(),
        }
    }

    /// The same with what is its own.
    pub fn with(own: impl Into<Own>, mail_server: SocketAddr) -> Self {
        Self {
            own: own.into(),
            ..Self::new(mail_server)
        }
    }
}

/// The log of an Exim, in its folder.
pub const EXIM_LOG: &str = "log/mainlog";

/// How many messages lie in the queue of an Exim.
pub fn exim_queue_len(exim: &Server) -> usize {
    // Each has its envelope and headers in one file, its text in another.
    count_files(&exim.at("spool/input"), |name| name.ends_with("-H"))
}

/// The folder in which `server` is unpacked, as if it were `/`: as [`cached`].
///
/// # Panics
/// When `program` is not in it, or the test does not run as root.
pub fn unpacked(server: &str, program: &str) -> PathBuf {
    assert!(
        rustix::process::geteuid().is_root(),
        "this test starts a real mail server, which must be done as root"
    );
    cached(server, program)
}

/// The folder that set-up has made for `server`: the one that the variable `DEQUEUE_TEST_` with its
/// name says, else the one in the user's cache folder.
///
/// # Panics
/// When `program` is not in it.
pub fn cached(server: &str, program: &str) -> PathBuf {
    let variable = server.to_ascii_uppercase().replace('-', "_");
    let variable = format!("DEQUEUE_TEST_{variable}");
    let given = std::env::var_os(&variable).map(PathBuf::from);
    let in_home = || {
        let home = std::env::var_os("HOME").expect("HOME is set");
        Path::new(&home).join(".cache/dequeue-dev").join(server)
    };
    let folder = given.unwrap_or_else(in_home);
    assert!(
        folder.join(program).exists(),
        "this test needs {server} in {}, or in the folder that {variable} names; \
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
