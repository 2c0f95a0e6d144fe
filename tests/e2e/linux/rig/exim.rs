//! A real Exim 4.96 as the provider: it holds mail for domains and delivers on ETRN.
//!
//! Nothing but ETRN makes it deliver: it runs its queue at no interval.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    process::{self, Process},
    provider::{self, Provider, Server},
    tls,
};
use crate::rig::{
    client::Client,
    net,
    wait::{self, SOON},
};

/// What the provider makes of an ETRN's argument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Etrn {
    /// Exim as it comes: `#` and any part of a domain's name; without the `#` it says 501.
    AsItComes,
    /// No rule says who may say it, so nobody may.
    NoRule,
    /// As a provider sets it up: one of its domains, with `@` or `#` in front or nothing, and 458
    /// for all else.
    #[default]
    Domains,
}

/// How the provider is set up.
pub type Options = provider::Options<Etrn>;

/// A user with a password; in neither is what Exim would expand.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    pub user: &'static str,
    pub password: &'static str,
}

/// The provider. Dropping it ends it and removes its folder.
pub struct Exim {
    server: Server,
}

/// The user that is compiled into Debian's Exim. It need not be on this machine: Exim sees a list
/// of users of its own.
const USER: &str = "Debian-exim";
const USER_ID: u32 = 20101;

impl Exim {
    /// Starts Exim and waits until it answers.
    ///
    /// # Panics
    /// When it is not unpacked, not started as root, or does not come up; with its log.
    pub fn start(options: &Options) -> Self {
        Self::start_for(options, None)
    }

    /// The same, but it takes mail only after STARTTLS and this login.
    ///
    /// # Panics
    /// As [`Exim::start`].
    pub fn start_with_login(options: &Options, login: Login) -> Self {
        Self::start_for(options, Some(login))
    }

    /// The authority behind its certificate, where it wants a login.
    pub fn authority(&self) -> PathBuf {
        self.server.at("ca.pem")
    }

    fn start_for(options: &Options, login: Option<Login>) -> Self {
        let unpacked = provider::unpacked("exim", "usr/sbin/exim4");
        let folder = provider::folder("exim", &["spool", "log"]);
        let path = folder.path();
        // It runs itself again as a user who may not pass through a home folder.
        let program = path.join("exim4");
        fs::copy(unpacked.join("usr/sbin/exim4"), &program).expect("a copy of Exim");
        for name in ["spool", "log"] {
            chown(path.join(name), Some(USER_ID), Some(USER_ID)).expect("a folder's owner");
        }
        for (list, entry) in [
            (
                "passwd",
                format!("{USER}:x:{USER_ID}:{USER_ID}::/:/bin/false"),
            ),
            ("group", format!("{USER}:x:{USER_ID}:")),
        ] {
            let system = fs::read_to_string(Path::new("/etc").join(list)).expect("a list of users");
            let others = system.lines().filter(|line| !line.starts_with(USER));
            let lines: Vec<&str> = others.chain([entry.as_str()]).collect();
            fs::write(path.join(list), lines.join("\n") + "\n").expect("a list of users");
        }
        let held: String = options
            .domains
            .iter()
            .map(|domain| format!("{domain}: {domain}\n"))
            .collect();
        fs::write(path.join("held"), held).expect("the list of domains");
        if login.is_some() {
            let issued = tls::issue(&options.listen.to_string(), -1, 30);
            for (file, text) in [
                ("ca.pem", issued.authority),
                ("cert.pem", issued.certificate.pem()),
                ("key.pem", issued.key.serialize_pem()),
            ] {
                fs::write(path.join(file), text).expect("a file");
                chown(path.join(file), Some(USER_ID), Some(USER_ID)).expect("a file's owner");
            }
        }
        let address = net::free_port(options.listen);
        let configuration = path.join("exim.conf");
        let text = configured(options, login, address, &program, path);
        fs::write(&configuration, text).expect("exim.conf");

        // -bdf: a daemon in the foreground.
        let mut command = Command::new(&program);
        command.arg("-C").arg(&configuration).arg("-bdf");
        command.env("FOLDER", path);
        let own_users = "for list in passwd group; do \
             mount --bind \"$FOLDER/$list\" /etc/$list; done";
        let daemon = Process::start_apart(&command, own_users, &path.join("log/daemon"));
        let server = Server::that_greets(address, daemon, folder, provider::EXIM_LOG);
        Self { server }
    }
}

impl Provider for Exim {
    fn server(&self) -> &Server {
        &self.server
    }

    fn queue_len(&self) -> usize {
        provider::exim_queue_len(&self.server)
    }
}

fn configured(
    options: &Options,
    login: Option<Login>,
    address: SocketAddr,
    program: &Path,
    folder: &Path,
) -> String {
    let domains = options.domains.join(" : ");
    let may_etrn: Vec<String> = options.may_etrn.iter().map(IpAddr::to_string).collect();
    let may_etrn = may_etrn.join(" ; ");
    let (ip, port) = (address.ip(), address.port());
    let (own_ip, own_port) = (options.mail_server.ip(), options.mail_server.port());
    let (program, folder) = (program.display(), folder.display());
    // Exim refuses what came over the network as a program's argument: the lookup gives a clean
    // copy.
    let command = format!(
        "smtp_etrn_command = {program} -C {folder}/exim.conf -R \
         ${{lookup{{${{sg{{${{lc:$domain}}}}{{^[@#]}}{{}}}}}}lsearch{{{folder}/held}}}}"
    );
    let known = "condition = ${if match_domain\
         {${sg{${lc:$smtp_command_argument}}{^[@#]}{}}}{+held}}";
    let rule = match options.own {
        Etrn::NoRule => "",
        Etrn::AsItComes | Etrn::Domains => "acl_smtp_etrn = acl_etrn",
    };
    let (tls, may_submit, authenticators) = match login {
        None => ("tls_advertise_hosts =".to_owned(), "", String::new()),
        Some(Login { user, password }) => (
            format!(
                "tls_certificate = {folder}/cert.pem\ntls_privatekey = {folder}/key.pem\n\
                 auth_advertise_hosts = ${{if def:tls_in_cipher{{*}}}}"
            ),
            "deny !authenticated = *\n       message = log in first",
            format!(
                "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  \
                 server_prompts = :\n  server_set_id = $auth2\n  server_condition = \
                 ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}\n"
            ),
        ),
    };
    let (command, known) = match options.own {
        Etrn::AsItComes | Etrn::NoRule => ("", ""),
        Etrn::Domains => (command.as_str(), known),
    };
    format!(
        "exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
primary_hostname = mail.provider.test
local_interfaces = <; {ip}
daemon_smtp_ports = {port}
# It runs itself again with this file, which only root and itself may ask for.
deliver_drop_privilege = true
trusted_users = root : {USER}
never_users = root

# Whom it knows. No DNS at all.
disable_ipv6 = true
host_lookup =
rfc1413_query_timeout = 0s
{tls}
domainlist held = {domains}
hostlist customers = <; {may_etrn}

# The service: hold mail for the domains, deliver on ETRN.
acl_smtp_rcpt = acl_rcpt
{rule}
{command}
log_selector = +etrn +smtp_connection +smtp_syntax_error
message_size_limit = 50M
begin acl
acl_rcpt:
  {may_submit}
  accept domains = +held
  deny message = relay not permitted
acl_etrn:
  deny !hosts = +customers
       message = ETRN not permitted from your address
  accept {known}
  deny message = ETRN: unknown domain
begin routers
to_customer:
  driver = manualroute
  domains = +held
  route_list = * {own_ip}::{own_port} byname
  transport = remote_smtp
  # 127.0.0.0/8 counts as itself.
  self = send
begin transports
remote_smtp:
  driver = smtp
  interface = {ip}
  allow_localhost
  hosts_try_fastopen =
  connect_timeout = 5s
begin retry
* * F,4d,1h
{authenticators}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{
        mail,
        mail_server::{MailServer, Stage},
    };

    #[test]
    fn holds_mail_and_delivers_it_byte_for_byte_on_etrn() {
        let mut mail_server = MailServer::down();
        let exim = Exim::start(&Options::new(mail_server.address()));
        let sent = mail::awkward(5, "a@customer.test");
        exim.inject(&sent);
        exim.wait_until_held(5);
        mail_server.start();
        assert!(mail_server.arrivals().is_empty());
        let (mut client, ehlo) = Client::hello(mail_server.ip(), exim.address());
        assert!(ehlo.lines.contains(&"ETRN".to_owned()), "{ehlo:?}");
        let reply = client.ask("ETRN customer.test", 250);
        assert_eq!(reply.lines, ["OK"]);
        client.ask("QUIT", 221);
        mail::assert_arrived(&sent, &mail_server.wait_for(5, SOON));
        let peer = mail_server.arrivals()[0].peer.ip();
        assert_eq!(peer, exim.address().ip(), "{}", exim.log());
        exim.wait_until_held(0);
    }

    #[test]
    fn answers_as_exim_does() {
        let mail_server = MailServer::down();
        let exim = Exim::start(&Options::new(mail_server.address()));
        let etrn = |source: IpAddr, argument: &str, code| {
            let (mut client, _) = Client::hello(source, exim.address());
            client
                .ask(&format!("ETRN {argument}"), code)
                .lines
                .remove(0)
        };
        let customer = mail_server.ip().into();
        let unknown = "ETRN: unknown domain";
        assert_eq!(etrn(customer, "other.test", 458), unknown);
        let stranger = "ETRN not permitted from your address";
        assert_eq!(etrn(net::address().into(), "customer.test", 458), stranger);
        for known in [
            "customer.test",
            "CUSTOMER.TEST",
            "@customer.test",
            "#customer.test",
        ] {
            assert_eq!(etrn(customer, known, 250), "OK");
            wait::until("its queue run to end", SOON, || {
                exim.is_at_rest().then_some(())
            });
        }
    }

    #[test]
    fn a_queue_run_that_is_under_way_is_said_to_be() {
        let mut mail_server = MailServer::down();
        let exim = Exim::start(&Options::new(mail_server.address()));
        exim.inject(&mail::awkward(1, "a@customer.test"));
        exim.wait_until_held(1);
        mail_server.start();
        mail_server.hold_up(Stage::Greeting);
        let (mut client, _) = Client::hello(net::UNBOUND, exim.address());
        client.ask("ETRN customer.test", 250);
        let reply = client.ask("ETRN customer.test", 458);
        assert_eq!(reply.lines, ["Already processing customer.test"]);
        client.ask("QUIT", 221);
        mail_server.release();
        exim.wait_until_held(0);
    }

    /// What makes asking twice in one segment unsafe: its forked queue run sends the buffered
    /// answers once more.
    #[test]
    fn answers_more_often_than_it_was_asked_when_asked_all_at_once() {
        let mail_server = MailServer::down();
        let exim = Exim::start(&Options::new(mail_server.address()));
        let mut client = Client::connect(net::UNBOUND, exim.address()).unwrap();
        client.expect(220);
        client
            .send(b"EHLO client.test\r\nETRN customer.test\r\nQUIT\r\n")
            .unwrap();
        let said = String::from_utf8_lossy(&client.rest().unwrap()).into_owned();
        assert_eq!(
            said.matches("250-mail.provider.test Hello").count(),
            2,
            "{said}"
        );
    }

    #[test]
    fn leaves_nothing_behind() {
        let mail_server = MailServer::down();
        let exim = Exim::start(&Options::new(mail_server.address()));
        let folder = exim.server.folder.path().to_owned();
        let processes = process::descendants(exim.server.daemon.pid());
        assert!(processes.len() >= 2, "{processes:?}");
        drop(exim);
        assert!(!folder.exists());
        process::wait_until_ended("Exim's", &processes);
        let users = fs::read_to_string("/etc/passwd").unwrap();
        assert!(!users.contains(&USER_ID.to_string()), "{users}");
    }
}
