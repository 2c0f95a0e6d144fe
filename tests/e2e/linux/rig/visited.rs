//! Real mail servers that hold mail for nobody, and real proxies in front of others: what a poke
//! meets at a host that is not the provider's own. They know none of ETRN and its kin; what they
//! answer to it is what is tested.
//!
//! Debian's have their places compiled in, and users of their own. So each runs in a root of its
//! own, made of its package, this system's libraries and the few files that it wants.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use super::{
    certificate,
    process::{self, Process},
    provider::{self, Server},
};
use crate::rig::{listener::Listener, net};

/// A kind of server, and how one is set up. In commands and files `@IP@` and `@PORT@` stand for
/// where it listens, `@BEHIND@` for the server that it is in front of, `@JUDGE@` for who tells it
/// of that one.
pub struct Kind {
    /// The folder in the cache.
    name: &'static str,
    /// A file in that folder, without which it is not there.
    proof: &'static str,
    command: &'static [&'static str],
    /// Folders and files in its root.
    folders: &'static [&'static str],
    files: &'static [(&'static str, &'static str)],
    /// The folder in its root that certbot would write a certificate to.
    certificate: Option<&'static str>,
    runs: Runs,
}

/// What a server runs in.
enum Runs {
    /// A root of its own.
    Apart,
    /// This system, where the variable says in which part of the cached folder the library is.
    WithLibrary {
        variable: &'static str,
        part: &'static str,
    },
}

/// What most have in common.
const PLAIN: Kind = Kind {
    name: "",
    proof: "",
    command: &[],
    folders: &[],
    files: &[],
    certificate: None,
    runs: Runs::Apart,
};

/// Courier's esmtpd, under its own listener.
pub const COURIER: Kind = Kind {
    name: "courier",
    proof: "usr/sbin/courieresmtpd",
    command: &[
        "/usr/sbin/couriertcpd",
        "-address=@IP@",
        "-user=courier",
        "-group=courier",
        "-nodnslookup",
        "-noidentlookup",
        "-maxprocs=10",
        "-maxperc=10",
        "-maxperip=10",
        "@PORT@",
        "/usr/sbin/courieresmtpd",
    ],
    folders: &["var/lib/courier"],
    files: &[("etc/courier/me", "mail.provider.test\n")],
    ..PLAIN
};

/// OpenSMTPD.
pub const OPENSMTPD: Kind = Kind {
    name: "opensmtpd",
    proof: "usr/sbin/smtpd",
    command: &["/usr/sbin/smtpd", "-d"],
    folders: &["var/lib/opensmtpd/empty", "var/run", "var/spool/smtpd"],
    files: &[
        ("etc/smtpd.conf", include_str!("visited/smtpd.conf")),
        ("etc/mailname", "mail.provider.test\n"),
    ],
    ..PLAIN
};

/// chasquid, which offers STARTTLS.
pub const CHASQUID: Kind = Kind {
    name: "chasquid",
    proof: "usr/bin/chasquid",
    command: &["/usr/bin/chasquid"],
    folders: &[
        "etc/chasquid/certs/mail.provider.test",
        "etc/chasquid/domains/customer.test",
        "var/lib/chasquid",
    ],
    files: &[(
        "etc/chasquid/chasquid.conf",
        include_str!("visited/chasquid.conf"),
    )],
    certificate: Some("etc/chasquid/certs/mail.provider.test"),
    ..PLAIN
};

/// Dovecot's submission service.
pub const DOVECOT: Kind = Kind {
    name: "dovecot",
    proof: "usr/lib/dovecot/submission-login",
    command: &["/usr/sbin/dovecot", "-F"],
    folders: &["run/dovecot", "var/lib/dovecot"],
    files: &[(
        "etc/dovecot/dovecot.conf",
        include_str!("visited/dovecot.conf"),
    )],
    ..PLAIN
};

/// nginx as an SMTP proxy: it speaks to clients itself, and to the server behind only once there is
/// a recipient.
pub const NGINX: Kind = Kind {
    name: "nginx",
    proof: "usr/lib/nginx/modules/ngx_mail_module.so",
    command: &["/usr/sbin/nginx", "-e", "stderr"],
    files: &[("etc/nginx/nginx.conf", include_str!("visited/nginx.conf"))],
    ..PLAIN
};

/// HAProxy, which passes octets on.
pub const HAPROXY: Kind = Kind {
    name: "haproxy",
    proof: "usr/sbin/haproxy",
    command: &["/usr/sbin/haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"],
    folders: &["var/empty"],
    files: &[(
        "etc/haproxy/haproxy.cfg",
        include_str!("visited/haproxy.cfg"),
    )],
    ..PLAIN
};

/// The library for servers in Python.
pub const AIOSMTPD: Kind = Kind {
    name: "aiosmtpd",
    proof: "aiosmtpd/smtp.py",
    command: &["python3", "server.py", "@IP@", "@PORT@"],
    files: &[("server.py", include_str!("visited/aiosmtpd.py"))],
    runs: Runs::WithLibrary {
        variable: "PYTHONPATH",
        part: "",
    },
    ..PLAIN
};

/// The library for servers in Node.js; it offers STARTTLS.
pub const SMTP_SERVER: Kind = Kind {
    name: "smtp-server",
    proof: "node_modules/smtp-server/package.json",
    command: &["node", "server.js", "@IP@", "@PORT@"],
    files: &[("server.js", include_str!("visited/smtp-server.js"))],
    runs: Runs::WithLibrary {
        variable: "NODE_PATH",
        part: "node_modules",
    },
    ..PLAIN
};

/// The users that they change to, each with a group of its name. Each root has its own list; the numbers mean nothing outside.
const USERS: &[(&str, u32)] = &[
    ("root", 0),
    ("courier", 20201),
    ("opensmtpd", 20202),
    ("opensmtpq", 20203),
    ("dovecot", 20204),
    ("dovenull", 20205),
    ("nobody", 65534),
    ("nogroup", 65533),
];

/// What the roots have from this system, which none may change.
const SHARED: &str = r#"
mount -o bind,ro "$PACKAGE/usr" "$ROOT/usr"
for folder in bin lib lib64; do
  [ ! -e "/$folder" ] || mount -o bind,ro "/$folder" "$ROOT/$folder"
done
mount --bind /dev "$ROOT/dev""#;

/// A server that runs. Dropping it ends it and removes its folder.
pub struct Visited {
    server: Server,
    // Asked as long as the server runs.
    _judge: Option<Listener>,
}

impl Visited {
    /// Starts a server of this kind and waits until it greets.
    ///
    /// # Panics
    /// When it is not in the cache, not started as root where it has a root of its own, or does not
    /// come up; with its log.
    pub fn start(kind: &Kind) -> Self {
        Self::start_before(kind, None)
    }

    /// The same for a proxy in front of the server at `behind`, which must greet too.
    ///
    /// # Panics
    /// As [`Visited::start`].
    pub fn start_before(kind: &Kind, behind: impl Into<Option<SocketAddr>>) -> Self {
        let behind = behind.into();
        let judge = behind.map(judge);
        let package = match kind.runs {
            Runs::Apart => provider::unpacked(kind.name, kind.proof),
            Runs::WithLibrary { .. } => provider::cached(kind.name, kind.proof),
        };
        let folder = provider::folder(kind.name, &["root", "log"]);
        let root = folder.path().join("root");
        let address = net::free_port(net::address());
        let filled_in = |text: &str| {
            let mut text = text
                .replace("@IP@", &address.ip().to_string())
                .replace("@PORT@", &address.port().to_string());
            if let (Some(behind), Some(judge)) = (behind, &judge) {
                text = text
                    .replace("@BEHIND@", &behind.to_string())
                    .replace("@JUDGE@", &judge.address().to_string());
            }
            text
        };
        for name in kind.folders {
            let folder = root.join(name);
            fs::create_dir_all(&folder).expect("a folder");
            // OpenSMTPD insists on it.
            fs::set_permissions(&folder, Permissions::from_mode(0o711)).expect("a folder's mode");
        }
        for (name, text) in kind.files {
            let file = root.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, filled_in(text)).expect("a file");
        }
        if let Some(inside) = kind.certificate {
            let inside = root.join(inside);
            certificate::make(&inside, net::UNBOUND);
            for (made, wanted) in [("cert.pem", "fullchain.pem"), ("key.pem", "privkey.pem")] {
                fs::rename(inside.join(made), inside.join(wanted)).expect("a file's new name");
            }
        }
        let arguments: Vec<String> = kind.command.iter().map(|part| filled_in(part)).collect();
        let log = folder.path().join(LOG);
        let daemon = match kind.runs {
            Runs::Apart => start_apart(&arguments, &package, &root, &log),
            Runs::WithLibrary { variable, part } => {
                let mut command = Command::new(process::find(&arguments[0], &arguments[0]));
                command.args(&arguments[1..]).current_dir(&root);
                Process::start(command.env(variable, package.join(part)), &log)
            }
        };
        Self {
            server: Server::that_greets(address, daemon, folder, LOG),
            _judge: judge,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }
}

const LOG: &str = "log/daemon";

/// Starts the program in a root of its own, of which `root` has the beginnings.
fn start_apart(arguments: &[String], package: &Path, root: &Path, log: &Path) -> Process {
    for name in ["usr", "bin", "lib", "lib64", "dev", "run", "tmp", "etc"] {
        fs::create_dir_all(root.join(name)).expect("a folder");
    }
    for (file, rest) in [("etc/passwd", ":/:/bin/false"), ("etc/group", "")] {
        let line = |(name, id): &(&str, u32)| match rest {
            "" => format!("{name}:x:{id}:\n"),
            rest => format!("{name}:x:{id}:{id}:{rest}\n"),
        };
        let list: String = USERS.iter().map(line).collect();
        fs::write(root.join(file), list).expect("a list of users or groups");
    }
    let mut command = Command::new(process::find("chroot", "coreutils"));
    command.arg(root).args(arguments);
    command.env("PACKAGE", package).env("ROOT", root);
    Process::start_apart(&command, SHARED, log)
}

/// Tells nginx where each recipient's mail goes: to the server at `behind`.
fn judge(behind: SocketAddr) -> Listener {
    Listener::start((net::address(), 0).into(), move |mut stream, _| {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        // The question ends with its first empty line, and whatever it is, the answer is the same.
        lines.take_while(|line| !line.is_empty()).for_each(drop);
        let answer = format!(
            "HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Server: {}\r\nAuth-Port: {}\r\n\r\n",
            behind.ip(),
            behind.port()
        );
        stream.write_all(answer.as_bytes()).ok();
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{mail, mail_server::MailServer, wait::SOON};

    #[test]
    fn proxies_pass_mail_on_byte_for_byte() {
        for kind in [NGINX, HAPROXY] {
            let mail_server = MailServer::up();
            let proxy = Visited::start_before(&kind, mail_server.address());
            let sent = mail::awkward(3, "a@customer.test");
            mail::inject(net::UNBOUND, proxy.address(), &sent);
            mail::assert_arrived(&sent, &mail_server.wait_for(3, SOON));
        }
    }

    #[test]
    fn leaves_nothing_behind() {
        let dovecot = Visited::start(&DOVECOT);
        let folder = dovecot.server.folder.path().to_owned();
        let processes = process::descendants(dovecot.server.daemon.pid());
        assert!(processes.len() > 2, "{processes:?}");
        // What it has of this system is not to be seen from outside.
        let lib = fs::read_dir(folder.join("root/lib")).unwrap();
        assert_eq!(lib.count(), 0);
        drop(dovecot);
        assert!(!folder.exists());
        process::wait_until_ended("Dovecot's", &processes);
    }
}
