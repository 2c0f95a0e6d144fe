//! A real Sendmail 8.17 as the provider: it holds mail for domains and delivers on ETRN.
//!
//! Nothing but ETRN makes it deliver: it runs its queue at no interval. Its configuration is made
//! with m4 from its own sources, as an administrator does it.

use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
};

use super::{
    process::{self, Process},
    provider::{self, Provider, Server},
};
use crate::rig::{client::Client, net, wait::SOON};

/// Who may ask for what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Etrn {
    /// Sendmail as it comes: anybody for anything.
    AsItComes,
    /// With a `check_etrn` rule set: 554 for addresses that are not the customer's, 459 for
    /// domains that it does not hold mail for.
    #[default]
    Checked,
    /// The privacy option `noetrn`: 502.
    Never,
}

/// How the provider is set up.
pub type Options = provider::Options<Etrn>;

/// The provider. Dropping it ends it and removes its folder.
pub struct Sendmail {
    server: Server,
}

/// All that it has said and heard.
const TRAFFIC: &str = "log/traffic";

impl Sendmail {
    /// Starts Sendmail and waits until it answers.
    ///
    /// # Panics
    /// When it is not unpacked, not started as root, or does not come up; with its log.
    pub fn start(options: &Options) -> Self {
        let unpacked = provider::unpacked("sendmail", "usr/libexec/sendmail/sendmail");
        let programs = unpacked.join("usr/libexec/sendmail");
        let folder = provider::folder("sendmail", &["queue", "log"]);
        let path = folder.path();
        let address = net::free_port(options.listen);
        let sources = unpacked.join("usr/share/sendmail/cf");
        let wishes = configured(options, address, path);
        for (name, text) in [
            ("sendmail.mc", wishes.as_str()),
            // No DNS.
            ("switch", "hosts files\naliases files\npasswd files\n"),
            ("routes", &routes(options)),
            ("statistics", ""),
            ("helpfile", ""),
        ] {
            fs::write(path.join(name), text).expect("a file");
        }
        let output = Command::new(process::find("m4", "m4"))
            .current_dir(&sources)
            .arg(format!("-D_CF_DIR_={}/", sources.display()))
            .arg("m4/cf.m4")
            .arg(path.join("sendmail.mc"))
            .output()
            .expect("m4 can be run");
        assert!(
            output.status.success(),
            "m4: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let configuration = path.join("sendmail.cf");
        fs::write(&configuration, output.stdout).expect("sendmail.cf");
        let routes = fs::File::open(path.join("routes")).expect("the routes");
        let made = Command::new(programs.join("makemap"))
            .arg("-C")
            .arg(&configuration)
            .arg("hash")
            .arg(path.join("routes.db"))
            .stdin(Stdio::from(routes))
            .output()
            .expect("makemap can be run");
        assert!(
            made.status.success(),
            "makemap: {}",
            String::from_utf8_lossy(&made.stderr)
        );

        // -bD: a daemon in the foreground.
        let mut command = Command::new(programs.join("sendmail"));
        command.current_dir(path).arg("-C").arg(&configuration);
        command.arg("-X").arg(path.join(TRAFFIC)).arg("-bD");
        // Without a dot in the machine's name it would wait a minute for one.
        let own_name = "hostname mail.provider.test";
        let daemon = Process::start_apart(&command, own_name, &path.join("log/daemon"));
        let server = Server::that_greets(address, daemon, folder, TRAFFIC);
        Self { server }
    }
}

impl Provider for Sendmail {
    fn server(&self) -> &Server {
        &self.server
    }

    fn queue_len(&self) -> usize {
        // Each has a control file, named qf, and its text in another.
        provider::count_files(&self.server.at("queue"), |name| name.starts_with("qf"))
    }
}

/// Where the mail of each domain goes.
fn routes(options: &Options) -> String {
    let ip = options.mail_server.ip();
    options
        .domains
        .iter()
        .fold(String::new(), |mut all, domain| {
            writeln!(all, "{domain}\trelay:[{ip}]").expect("writing to a string");
            all
        })
}

fn configured(options: &Options, address: SocketAddr, folder: &Path) -> String {
    let privacy = match options.own {
        Etrn::AsItComes | Etrn::Checked => "authwarnings",
        Etrn::Never => "authwarnings,noetrn",
    };
    let (listen, port, own_port) = (options.listen, address.port(), options.mail_server.port());
    let relayed: String = options
        .domains
        .iter()
        .map(|domain| format!("RELAY_DOMAIN(`{domain}')dnl\n"))
        .collect();
    let folder = folder.display();
    let mut text = format!(
        "divert(0)dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mail.provider.test')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`confPID_FILE', `{folder}/sendmail.pid')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`HELP_FILE', `{folder}/helpfile')dnl
define(`ALIAS_FILE', `')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/switch')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confPRIVACY_FLAGS', `{privacy}')dnl
define(`confTO_IDENT', `0s')dnl
define(`confTO_CONNECT', `5s')dnl
define(`confTO_ICONNECT', `5s')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
dnl A busy machine is no reason to do less.
define(`confREFUSE_LA', `1000')dnl
define(`confQUEUE_LA', `1000')dnl
dnl The test's folder lies in one that all may write to.
define(`confDONT_BLAME_SENDMAIL', `Safe,GroupWritableDirPathSafe,MapInUnsafeDirPath,NonRootSafeAddr')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {own_port}')dnl
CLIENT_OPTIONS(`Family=inet, Addr={listen}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`mailertable', `hash -o {folder}/routes.db')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr={listen}, Port={port}')dnl
{relayed}MAILER(`smtp')dnl
"
    );
    if options.own == Etrn::Checked {
        let domains = options.domains.join(" ");
        let clients: Vec<String> = options.may_etrn.iter().map(IpAddr::to_string).collect();
        let clients = clients.join(" ");
        write!(
            text,
            "LOCAL_CONFIG
C{{EtrnDomains}}{domains}
C{{EtrnClients}}{clients}
Kstorage macro
LOCAL_RULESETS
Scheck_etrn
R$*\t\t\t$: $1 $| $&{{client_addr}}
R$* $| $={{EtrnClients}}\t$: $1
R$* $| $*\t\t$#error $@ 5.7.1 $: \"554 ETRN not permitted from your address\"
R$={{EtrnDomains}}\t\t$@ OK
R@$={{EtrnDomains}}\t\t$@ OK
R$*\t\t\t$#error $@ 5.7.1 $: \"459 unknown domain\"
"
        )
        .expect("writing to a string");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::{mail, mail_server::MailServer};

    fn etrn(sendmail: &Sendmail, source: impl Into<IpAddr>, domain: &str, code: u16) -> String {
        let (mut client, _) = Client::hello(source, sendmail.address());
        let mut reply = client.ask(&format!("ETRN {domain}"), code);
        client.ask("QUIT", 221);
        reply.lines.remove(0)
    }

    #[test]
    fn holds_mail_and_delivers_it_byte_for_byte_on_etrn() {
        let mut mail_server = MailServer::down();
        let sendmail = Sendmail::start(&Options::new(mail_server.address()));
        let sent = mail::awkward(5, "a@customer.test");
        sendmail.inject(&sent);
        sendmail.wait_until_held(5);
        mail_server.start();
        assert!(mail_server.arrivals().is_empty());
        assert_eq!(
            etrn(&sendmail, net::UNBOUND, "customer.test", 250),
            "2.0.0 Queuing for node customer.test started"
        );
        mail::assert_arrived(&sent, &mail_server.wait_for(5, SOON));
        let peer = mail_server.arrivals()[0].peer.ip();
        assert_eq!(peer, sendmail.address().ip(), "{}", sendmail.log());
        sendmail.wait_until_held(0);
    }

    #[test]
    fn answers_as_sendmail_does() {
        let mail_server = MailServer::down();
        let mut options = Options::new(mail_server.address());
        let sendmail = Sendmail::start(&options);
        let customer = mail_server.ip();
        let unknown = "5.7.1 unknown domain";
        assert_eq!(etrn(&sendmail, customer, "other.test", 459), unknown);
        assert_eq!(
            etrn(&sendmail, net::address(), "customer.test", 554),
            "5.7.1 ETRN not permitted from your address"
        );

        options.own = Etrn::AsItComes;
        options.listen = net::address();
        let sendmail = Sendmail::start(&options);
        assert_eq!(
            etrn(&sendmail, net::address(), "other.test", 250),
            "2.0.0 Queuing for node other.test started"
        );
        assert_eq!(
            etrn(&sendmail, customer, "#customer.test", 459),
            "4.5.4 Queue customer.test unknown"
        );

        options.own = Etrn::Never;
        options.listen = net::address();
        let sendmail = Sendmail::start(&options);
        assert_eq!(
            etrn(&sendmail, customer, "customer.test", 502),
            "5.7.0 Sorry, we do not allow this operation"
        );
    }

    #[test]
    fn leaves_nothing_behind() {
        let mail_server = MailServer::down();
        let sendmail = Sendmail::start(&Options::new(mail_server.address()));
        let folder = sendmail.server.folder.path().to_owned();
        let processes = process::descendants(sendmail.server.daemon.pid());
        assert!(processes.len() >= 2, "{processes:?}");
        drop(sendmail);
        assert!(!folder.exists());
        process::wait_until_ended("Sendmail's", &processes);
    }
}
