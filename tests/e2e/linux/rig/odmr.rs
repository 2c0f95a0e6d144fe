//! A real ODMR provider (RFC 2645): Exim 4.99 or newer, from Debian's backports, in a chroot of
//! its own. It holds mail for domains until the customer has logged in and said ATRN, and hands it
//! over on the same connection.
//!
//! It is the one server that may be out of reach where all others are not. Then
//! `DEQUEUE_TEST_NO_ODMR` says why, and its tests are left out.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::chown,
    path::PathBuf,
    process::Command,
};

use super::{
    certificate,
    process::{self, Process},
    provider::{self, Provider, Server},
};
use crate::rig::{client::Client, left_out::left_out, net};

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens.
    pub listen: Ipv4Addr,
    /// The domains of the customer: what it holds mail for, and what ATRN without an argument
    /// means.
    pub domains: Vec<String>,
    /// Whether it offers STARTTLS, and logins only after it. Over TLS this Exim brings one
    /// message a turn, and closes without QUIT where there are more.
    pub tls: bool,
}

impl Default for Options {
    /// A provider on an address of its own, without TLS, that holds `customer.test` and
    /// `second.test`.
    fn default() -> Self {
        Self {
            listen: net::address(),
            domains: vec!["customer.test".to_owned(), "second.test".to_owned()],
            tls: false,
        }
    }
}

/// The provider. Dropping it ends it and removes its folder.
pub struct Odmr {
    server: Server,
}

/// Where the chroot has the test's folder.
const INSIDE: &str = "/mnt";
const USER: &str = "customer";
const PASSWORD: &str = "open sesame";

impl Odmr {
    /// Starts the provider and waits until it answers. None where it cannot be had: the test is
    /// left out then.
    ///
    /// # Panics
    /// When it does not come up, with its log; when it is not there and nobody has said why.
    pub fn start(options: &Options) -> Option<Self> {
        if let Some(why) = std::env::var_os("DEQUEUE_TEST_NO_ODMR") {
            left_out(&format!("no ODMR provider: {}", why.to_string_lossy()));
            return None;
        }
        let root = provider::unpacked("odmr", "usr/sbin/exim4");
        let folder = provider::folder("odmr", &["spool", "log"]);
        let path = folder.path();
        let owner = provider::user_id(&root, "Debian-exim");
        if options.tls {
            certificate::make(path, options.listen);
            chown(path.join("key.pem"), Some(owner), None).expect("a file's owner");
        }
        let address = net::free_port(options.listen);
        fs::write(path.join("exim.conf"), configured(options, address)).expect("exim.conf");
        fs::write(path.join("peer"), "").expect("a file");
        for name in ["spool", "log", "peer"] {
            chown(path.join(name), Some(owner), None).expect("an owner");
        }

        // -bdf: a daemon in the foreground.
        let mut command = Command::new(process::find("chroot", "coreutils"));
        command.arg(&root);
        command.args([
            "/usr/sbin/exim4",
            "-C",
            &format!("{INSIDE}/exim.conf"),
            "-bdf",
        ]);
        command.env("FOLDER", path).env("ROOT", &root);
        let inside = format!("mount --bind \"$FOLDER\" \"$ROOT{INSIDE}\"");
        let daemon = Process::start_apart(&command, &inside, &path.join("log/daemon"));
        let server = Server::that_greets(address, daemon, folder, provider::EXIM_LOG);
        Some(Self { server })
    }

    /// The customer's login name.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// The customer's password.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The certificate of its TLS, for a client that is to trust it.
    pub fn certificate(&self) -> PathBuf {
        self.server.at("cert.pem")
    }
}

impl Provider for Odmr {
    fn server(&self) -> &Server {
        &self.server
    }

    fn queue_len(&self) -> usize {
        provider::exim_queue_len(&self.server)
    }
}

fn configured(options: &Options, address: SocketAddr) -> String {
    let domains = options.domains.join(" : ");
    let (ip, port) = (address.ip(), address.port());
    let tls = if options.tls {
        format!(
            "tls_advertise_hosts = *
tls_certificate = {INSIDE}/cert.pem
tls_privatekey = {INSIDE}/key.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}"
        )
    } else {
        "tls_advertise_hosts =".to_owned()
    };
    format!(
        "exim_path = /usr/sbin/exim4
spool_directory = {INSIDE}/spool
log_file_path = {INSIDE}/log/%slog
pid_file_path = {INSIDE}/exim.pid
primary_hostname = mail.provider.test
local_interfaces = <; {ip}
daemon_smtp_ports = {port}
# It runs itself again with this file, which only root and itself may ask for.
deliver_drop_privilege = true
trusted_users = root : Debian-exim
never_users = root
remote_max_parallel = 1
queue_run_in_order

# Whom it knows. No DNS at all.
disable_ipv6 = true
host_lookup =
rfc1413_query_timeout = 0s
{tls}
domainlist held = {domains}

# The service: hold mail for the domains, hand it over after ATRN.
acl_smtp_rcpt = acl_rcpt
acl_smtp_atrn = acl_atrn
log_selector = +smtp_connection +smtp_syntax_error
message_size_limit = 50M
begin acl
acl_rcpt:
  # Queued without an attempt: one on record would make the turn skip the message.
  accept domains = +held
         control = queue
  deny message = relay not permitted
acl_atrn:
  warn set acl_m0 = {commas}
  deny condition = ${{if def:smtp_command_argument}}
       set acl_m0 = ${{map {{<, $smtp_command_argument}}{{${{if inlist{{$item}}{{{colons}}} {{$value}}}}}}}}
       condition = ${{if !def:acl_m0}}
       message = 450 ATRN request refused
  defer !atrn_domains = <, $acl_m0
       message = 453 You have no mail
  accept set acl_m1 = ${{run{{/bin/sh -c \"echo 'peer: [$sender_host_address]:$sender_host_port' > {INSIDE}/peer\"}}}}
begin routers
to_customer:
  driver = manualroute
  domains = +held
  # For a second message on the turned connection Exim 4.100.1 runs itself again and forgets whom
  # it turned to: the list notes it down.
  route_data = <;${{if def:atrn_host {{$atrn_host}}{{${{lookup{{peer}}lsearch{{{INSIDE}/peer}}}}}}}}
  self = send
  transport = turned
hold:
  driver = redirect
  domains = +held
  allow_defer
  data = :defer: held until ATRN
begin transports
turned:
  driver = smtp
  allow_localhost
begin retry
* * F,4d,1s
begin authenticators
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{USER}}} {{{PASSWORD}}}fail}}
  server_set_id = $auth1
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{USER}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
",
        colons = options.domains.join(":"),
        commas = options.domains.join(","),
    )
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        net::{Shutdown, TcpStream},
        process::Stdio,
    };

    use super::*;
    use crate::rig::{
        mail::{self, Message},
        mail_server::MailServer,
    };

    /// Runs openssl on `input`.
    fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new(process::find("openssl", "openssl"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }

    /// CRAM-MD5 (RFC 2195): the user and the keyed digest of the challenge.
    fn log_in(client: &mut Client, user: &str, password: &str, code: u16) {
        let challenge = client.ask("AUTH CRAM-MD5", 334).lines.remove(0);
        let challenge = openssl(&["base64", "-d", "-A"], challenge.as_bytes());
        let digest = openssl(&["dgst", "-md5", "-hmac", password, "-r"], &challenge);
        let digest = String::from_utf8_lossy(&digest[..32]).into_owned();
        let answer = openssl(&["base64", "-A"], format!("{user} {digest}").as_bytes());
        client.ask(&String::from_utf8_lossy(&answer), code);
    }

    fn logged_in(odmr: &Odmr) -> Client {
        let (mut client, ehlo) = Client::hello(net::UNBOUND, odmr.address());
        for offer in ["ATRN", "AUTH CRAM-MD5 PLAIN"] {
            assert!(ehlo.lines.contains(&offer.to_owned()), "{ehlo:?}");
        }
        log_in(&mut client, odmr.user(), odmr.password(), 235);
        client
    }

    /// Joins the turned connection with the mail server until both sides have ended.
    fn bridge(turned: &TcpStream, mail_server: SocketAddr) {
        let own = net::connect(net::UNBOUND.into(), mail_server).unwrap();
        let pass = |mut from: &TcpStream, mut to: &TcpStream| {
            // Either side may reset what it has no more use for.
            std::io::copy(&mut from, &mut to).ok();
            to.shutdown(Shutdown::Write).ok();
        };
        std::thread::scope(|scope| {
            scope.spawn(|| pass(turned, &own));
            pass(&own, turned);
        });
    }

    #[test]
    fn hands_mail_over_byte_for_byte_on_the_connection_that_asked() {
        let Some(odmr) = Odmr::start(&Options::default()) else {
            return;
        };
        let mail_server = MailServer::up();
        let mut sent = mail::awkward(2, "a@customer.test");
        sent.push(Message::sized("b@second.test", mail::LARGE));
        odmr.inject(&sent);
        odmr.wait_until_held(3);
        let mut client = logged_in(&odmr);
        let reply = client.ask("ATRN", 250);
        assert_eq!(reply.lines, ["ODMR provider turning line around"]);
        bridge(&client.into_stream(), mail_server.address());
        mail::assert_arrived(&sent, &mail_server.arrivals());
        odmr.wait_until_held(0);
        let visits = mail_server.visits();
        assert_eq!(visits.len(), 1);
        assert_eq!(visits[0].commands[0], "EHLO mail.provider.test");
        assert_eq!(visits[0].commands.last().unwrap(), "QUIT");
    }

    #[test]
    fn brings_the_domains_that_are_named_and_answers_as_exim_does() {
        let Some(odmr) = Odmr::start(&Options::default()) else {
            return;
        };
        let mail_server = MailServer::up();
        let (mut client, _) = Client::hello(net::UNBOUND, odmr.address());
        let reply = client.ask("ATRN customer.test", 530);
        assert_eq!(
            reply.lines,
            ["ATRN is not permitted without authentication"]
        );
        log_in(&mut client, odmr.user(), "wrong", 535);
        client.ask("ATRN customer.test", 530);
        client.ask("QUIT", 221);

        let mut client = logged_in(&odmr);
        client.ask("ATRN", 453);
        client.ask("ATRN customer.test,second.test", 453);
        let reply = client.ask("ATRN stranger.test", 450);
        assert_eq!(reply.lines, ["ATRN request refused"]);
        let first = mail::awkward(1, "a@customer.test");
        let second = mail::awkward(1, "a@second.test");
        odmr.inject(&first);
        odmr.inject(&second);
        client.ask("ATRN second.test", 250);
        bridge(&client.into_stream(), mail_server.address());
        mail::assert_arrived(&second, &mail_server.arrivals());
        odmr.wait_until_held(1);
    }

    #[test]
    fn can_ask_for_tls_before_the_login() {
        let options = Options {
            tls: true,
            ..Options::default()
        };
        let Some(odmr) = Odmr::start(&options) else {
            return;
        };
        let (mut client, ehlo) = Client::hello(net::UNBOUND, odmr.address());
        assert!(ehlo.lines.contains(&"STARTTLS".to_owned()), "{ehlo:?}");
        assert!(!ehlo.lines.iter().any(|line| line.starts_with("AUTH")));
        client.ask("AUTH CRAM-MD5", 503);
        client.ask("STARTTLS", 220);
        assert!(odmr.certificate().is_file());
    }

    #[test]
    fn leaves_nothing_behind() {
        let Some(odmr) = Odmr::start(&Options::default()) else {
            return;
        };
        let folder = odmr.server.folder.path().to_owned();
        let processes = process::descendants(odmr.server.daemon.pid());
        assert!(processes.len() >= 2, "{processes:?}");
        drop(odmr);
        assert!(!folder.exists());
        process::wait_until_ended("the provider's", &processes);
        let inside = provider::unpacked("odmr", "usr/sbin/exim4").join(&INSIDE[1..]);
        assert_eq!(fs::read_dir(inside).unwrap().count(), 0);
    }
}
