//! A real Postfix as the provider: it holds mail for domains and delivers on ETRN.
//!
//! Nothing but ETRN makes it deliver: its own next attempt is an hour away.

use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    certificate,
    process::{self, Process},
    provider::{self, Provider, Server},
};
use crate::rig::{
    client::Client,
    mail::{self, Message},
    net,
    wait::SOON,
};

/// What the provider does about TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tls {
    /// It has none.
    #[default]
    None,
    /// It offers STARTTLS.
    Offered,
    /// It answers 530 to nearly everything before STARTTLS.
    Required,
    /// As required, and it asks for a certificate of the client, and hangs up on who has none. It
    /// trusts its own.
    WithClientCertificate,
    /// As required, but it speaks no version of TLS later than 1.1.
    Outdated,
}

/// What Postfix alone has to be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Own {
    /// Whether ETRN is answered without HELO or EHLO; else it gets 503.
    pub without_helo: bool,
    pub tls: Tls,
    /// The address that its certificate names, where that is not its own.
    pub certified: Option<Ipv4Addr>,
    /// The networks for which it relays to anyone, where those are not the addresses that may say
    /// ETRN.
    pub trusts: Option<&'static str>,
}

/// How the provider is set up. Addresses that may not say ETRN get 554.
pub type Options = provider::Options<Own>;

impl From<Tls> for Own {
    fn from(tls: Tls) -> Self {
        Self {
            tls,
            ..Self::default()
        }
    }
}

/// The provider. Dropping it ends it and removes its folder.
pub struct Postfix {
    server: Server,
    /// Where mail comes in, from senders who need not speak TLS.
    entrance: SocketAddr,
}

/// Postfix wants a user of its own for its queue and a group of its own for its drop folder.
/// These two are on every Debian machine and own nothing: no account need be made.
const OWNER: &str = "news";
const DROP_GROUP: &str = "uucp";

impl Postfix {
    /// Starts Postfix and waits until it answers.
    ///
    /// # Panics
    /// When it is not unpacked, not started as root, or does not come up; with its log.
    pub fn start(options: &Options) -> Self {
        let unpacked = provider::unpacked("postfix", "usr/lib/postfix/sbin/master");
        let folder = provider::folder("postfix", &["etc", "spool", "data", "log"]);
        let owner = provider::user_id(Path::new("/"), OWNER);
        chown(folder.path().join("data"), Some(owner), None).expect("a folder's owner");

        let address = net::free_port(options.listen);
        let entrance = net::free_port(net::address());
        let etc = folder.path().join("etc");
        let Own { tls, certified, .. } = options.own;
        if tls != Tls::None {
            certificate::make(&etc, certified.unwrap_or(options.listen));
        }
        // Postfix looks for both in its own folder; the first lists its files, the second is for
        // plug-ins, of which there are none here.
        fs::copy(
            unpacked.join("etc/postfix/postfix-files"),
            etc.join("postfix-files"),
        )
        .expect("the list of Postfix's files");
        fs::write(etc.join("dynamicmaps.cf"), "").expect("a file");
        fs::write(
            etc.join("main.cf"),
            main_cf(options, &unpacked, folder.path()),
        )
        .expect("main.cf");
        fs::write(etc.join("master.cf"), master_cf(address, entrance)).expect("master.cf");

        // It makes the queue's folders with the owners they must have.
        let check = at_home(&unpacked, &etc, "usr/sbin/postfix")
            .arg("check")
            .output()
            .expect("postfix can be run");
        assert!(
            check.status.success(),
            "postfix check: {}",
            String::from_utf8_lossy(&check.stderr)
        );
        // -s: stay in the foreground, as a child of ours.
        let mut command = at_home(&unpacked, &etc, "usr/lib/postfix/sbin/master");
        command.arg("-s");
        let daemon = Process::start_daemon(&command, &folder.path().join("log/master"));
        Self {
            server: Server::that_greets(address, daemon, folder, "log/maillog"),
            entrance,
        }
    }

    /// The certificate of its TLS, for a client that is to trust it.
    pub fn certificate(&self) -> PathBuf {
        self.server.at("etc/cert.pem")
    }

    fn count(&self, queue: &str) -> usize {
        provider::count_files(&self.server.at("spool").join(queue), |_| true)
    }
}

impl Provider for Postfix {
    fn server(&self) -> &Server {
        &self.server
    }

    fn inject(&self, messages: &[Message]) {
        mail::inject(self.entrance.ip(), self.entrance, messages);
    }

    fn queue_len(&self) -> usize {
        ["maildrop", "incoming", "active", "deferred"]
            .map(|queue| self.count(queue))
            .iter()
            .sum()
    }

    fn is_at_rest(&self) -> bool {
        self.count("deferred") == self.queue_len()
    }
}

/// A command of the unpacked Postfix that uses our configuration.
fn at_home(unpacked: &Path, etc: &Path, program: &str) -> Command {
    let mut command = Command::new(unpacked.join(program));
    let path = std::env::var("PATH").unwrap_or_default();
    let programs = unpacked.join("usr/sbin");
    command
        .arg("-c")
        .arg(etc)
        .env("MAIL_CONFIG", etc)
        .env("LD_LIBRARY_PATH", unpacked.join("usr/lib/postfix"))
        .env("PATH", format!("{}:{path}", programs.display()));
    command
}

fn main_cf(options: &Options, unpacked: &Path, folder: &Path) -> String {
    let list = |items: &[String]| items.join(", ");
    let domains = list(&options.domains);
    let may_etrn: Vec<String> = options.may_etrn.iter().map(IpAddr::to_string).collect();
    let may_etrn = (options.own.trusts).map_or_else(|| list(&may_etrn), str::to_owned);
    let helo_required = if options.own.without_helo {
        "no"
    } else {
        "yes"
    };
    let transports: String = options
        .domains
        .iter()
        .fold(String::new(), |mut all, domain| {
            let (ip, port) = (options.mail_server.ip(), options.mail_server.port());
            write!(all, " {{ {domain} = smtp:[{ip}]:{port} }}").expect("writing to a string");
            all
        });
    let tls = match options.own.tls {
        Tls::None => "none",
        Tls::Offered => "may",
        Tls::Required | Tls::WithClientCertificate | Tls::Outdated => "encrypt",
    };
    let (listen, unpacked, folder) = (options.listen, unpacked.display(), folder.display());
    let more_tls = match options.own.tls {
        Tls::None | Tls::Offered | Tls::Required => String::new(),
        Tls::WithClientCertificate => {
            format!("smtpd_tls_req_ccert = yes\nsmtpd_tls_CAfile = {folder}/etc/cert.pem")
        }
        Tls::Outdated => "smtpd_tls_mandatory_protocols = <=TLSv1.1\n\
                          smtpd_tls_mandatory_ciphers = low\n\
                          tls_low_cipherlist = ALL:@SECLEVEL=0"
            .to_owned(),
    };
    format!(
        "compatibility_level = 3.6

# Where things are: all private.
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = {unpacked}/usr/sbin
daemon_directory = {unpacked}/usr/lib/postfix/sbin
shlib_directory = {unpacked}/usr/lib/postfix
meta_directory = {folder}/etc
sendmail_path = {unpacked}/usr/sbin/sendmail
newaliases_path = {unpacked}/usr/sbin/sendmail
mailq_path = {unpacked}/usr/sbin/sendmail
manpage_directory = {unpacked}/usr/share/man
html_directory = no
readme_directory = no
mail_owner = {OWNER}
setgid_group = {DROP_GROUP}
# master(8) strips the environment; without this its daemons do not find their libraries.
import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH={unpacked}/usr/lib/postfix
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}/log

# Who it is and whom it knows. No DNS at all.
myhostname = mail.provider.test
mydestination =
local_recipient_maps =
alias_maps =
# Not the address that it listens on, which no interface has by name: that one is in master.cf.
inet_interfaces = loopback-only
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtp_bind_address = {listen}
mynetworks = {may_etrn}
message_size_limit = 50000000

# The service: hold mail for the domains, deliver on ETRN.
relay_domains = {domains}
relay_recipient_maps =
fast_flush_domains = $relay_domains
transport_maps = inline:{{{transports} }}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_etrn_restrictions = permit_mynetworks, reject
smtpd_helo_required = {helo_required}
smtpd_tls_security_level = {tls}
smtpd_tls_cert_file = {folder}/etc/cert.pem
smtpd_tls_key_file = {folder}/etc/key.pem
{more_tls}

# Only ETRN makes it deliver: its own attempts are far away.
queue_run_delay = 3600s
minimal_backoff_time = 3600s
maximal_backoff_time = 7200s
smtp_connect_timeout = 5s
"
    )
}

fn master_cf(address: SocketAddr, entrance: SocketAddr) -> String {
    format!(
        "{address} inet n - n - - smtpd
{entrance} inet n - n - - smtpd -o smtpd_tls_security_level=none
pickup     unix n - n 60 1 pickup
cleanup    unix n - n - 0 cleanup
qmgr       unix n - n 300 1 qmgr
tlsmgr     unix - - n 1000? 1 tlsmgr
rewrite    unix - - n - - trivial-rewrite
bounce     unix - - n - 0 bounce
defer      unix - - n - 0 bounce
trace      unix - - n - 0 bounce
flush      unix n - n 1000? 0 flush
proxymap   unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp       unix - - n - - smtp
relay      unix - - n - - smtp
showq      unix n - n - - showq
error      unix - - n - - error
retry      unix - - n - - error
discard    unix - - n - - discard
anvil      unix - - n - 1 anvil
scache     unix - - n - 1 scache
postlog    unix-dgram n - n - 1 postlogd
"
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::rig::mail_server::MailServer;

    fn etrn(source: impl Into<IpAddr>, postfix: &Postfix, domain: &str, code: u16) -> String {
        let (mut client, ehlo) = Client::hello(source, postfix.address());
        assert!(ehlo.lines.contains(&"ETRN".to_owned()), "{ehlo:?}");
        let mut reply = client.ask(&format!("ETRN {domain}"), code);
        client.ask("QUIT", 221);
        reply.lines.remove(0)
    }

    #[test]
    fn holds_mail_and_delivers_it_byte_for_byte_on_etrn() {
        let mut mail_server = MailServer::down();
        let postfix = Postfix::start(&Options::new(mail_server.address()));
        let mut sent = mail::awkward(5, "a@customer.test");
        sent.push(Message::sized("b@customer.test", 100_000));
        postfix.inject(&sent);
        postfix.wait_until_held(6);
        mail_server.start();
        assert!(mail_server.arrivals().is_empty());

        let before = SystemTime::now();
        let text = etrn(mail_server.ip(), &postfix, "customer.test", 250);
        assert_eq!(text, "Queuing started");
        let arrivals = mail_server.wait_for(6, SOON);
        mail::assert_arrived(&sent, &arrivals);
        assert!(arrivals.iter().all(|arrival| arrival.at >= before));
        let peer = arrivals[0].peer.ip();
        assert_eq!(peer, postfix.address().ip(), "{}", postfix.log());
        postfix.wait_until_held(0);
    }

    #[test]
    fn asks_for_one_domain_only_and_answers_as_postfix_does() {
        let mut mail_server = MailServer::down();
        let postfix = Postfix::start(&Options::new(mail_server.address()));
        let first = mail::awkward(1, "a@customer.test");
        let second = mail::awkward(1, "a@second.test");
        postfix.inject(&first);
        postfix.inject(&second);
        postfix.wait_until_held(2);
        mail_server.start();
        etrn(net::UNBOUND, &postfix, "second.test", 250);
        mail::assert_arrived(&second, &mail_server.wait_for(1, SOON));
        assert_eq!(
            etrn(net::UNBOUND, &postfix, "other.test", 459),
            "<other.test>: service unavailable"
        );
        assert_eq!(
            etrn(net::address(), &postfix, "customer.test", 554),
            "5.7.1 <customer.test>: Etrn command rejected: Access denied"
        );
        let mut client = Client::connect(net::UNBOUND, postfix.address()).unwrap();
        client.expect(220);
        client.ask("ETRN customer.test", 503);
        mail::assert_arrived(&second, &mail_server.arrivals());
        assert_eq!(postfix.queue_len(), 1);
    }

    #[test]
    fn can_do_without_helo_and_ask_for_tls() {
        let mail_server = MailServer::down();
        let postfix = Postfix::start(&Options::with(
            Own {
                without_helo: true,
                ..Tls::Required.into()
            },
            mail_server.address(),
        ));
        let mut client = Client::connect(net::UNBOUND, postfix.address()).unwrap();
        client.expect(220);
        client.ask("ETRN customer.test", 530);
        let ehlo = client.ask("EHLO client.test", 250);
        assert!(ehlo.lines.contains(&"STARTTLS".to_owned()), "{ehlo:?}");
        client.ask("ETRN customer.test", 530);
        client.ask("STARTTLS", 220);
    }

    #[test]
    fn leaves_nothing_behind() {
        let mail_server = MailServer::down();
        let postfix = Postfix::start(&Options::with(Tls::Offered, mail_server.address()));
        let processes = process::descendants(postfix.server.daemon.pid());
        assert!(processes.len() > 1, "{processes:?}");
        let folder = postfix.server.folder.path().to_owned();
        drop(postfix);
        assert!(!folder.exists());
        process::wait_until_ended("Postfix's", &processes);
    }
}
