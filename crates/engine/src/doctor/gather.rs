//! The checks themselves: they ask the network and the disk, within limits, and hand over facts.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use dequeue_api::{Check, CheckState, Finding, paths::Paths};
use dequeue_core::{
    mail_server::MailServerState,
    secret_fault::SecretFault,
    settings::{
        Account,
        value::{Address, Host},
    },
};
use dequeue_smtp::{ConnectFault, Learned, Login, Method, Reason, Speaker};
use futures_util::future::join_all;
use tokio::{net::lookup_host, sync::OnceCell, task::JoinSet, time::timeout};

use super::{
    diagnosing::Diagnosing,
    dns::{Answer, Resolvers},
    facts::{
        AddressFacts, ClockFacts, Elsewhere, Exchange, FirewallFacts, FolderFacts, MxFacts,
        NameFacts, Place, Visit,
    },
    judge::{self, Found, Words},
    notes::Notes,
    time,
    words::host_name,
};
use crate::{
    connect::{addresses, connect_at, source, usable},
    mail_server::{self, host_is_here, probe_before_turn},
    poke::{Probed, at_host, login, probe},
};

/// How long this machine's resolver may take.
const RESOLVING: Duration = Duration::from_secs(15);
/// How long each phase of a visit may take, where the account does not allow it less.
const CONNECTING: Duration = Duration::from_secs(10);
const GREETING: Duration = Duration::from_secs(60);
const COMMAND: Duration = Duration::from_secs(30);
const VISIT: Duration = Duration::from_secs(90);
/// How long the exchanges of a domain may take, with their addresses.
const EXCHANGES: Duration = Duration::from_secs(30);
/// How long something else may take to show that it answers.
const PROBING: Duration = Duration::from_secs(3);
/// More addresses than this are not visited.
const ADDRESSES: usize = 8;
/// The exchanges of more domains than this are not looked up.
const DOMAINS: usize = 20;
/// Ports that mail servers often have open beside port 25, for a sign of life.
const OTHER_PORTS: [u16; 3] = [587, 465, 443];

/// One of the provider's hosts.
#[derive(Clone, Debug)]
pub(super) struct Visited {
    pub(super) host: Host,
    pub(super) port: u16,
    /// Where it was reached, if it was.
    pub(super) address: Option<SocketAddr>,
}

/// Does all checks; each tells `notes` what it found. Gives the provider's hosts.
pub(super) async fn all<F: FnMut(&Finding) + Send>(
    account: &Account,
    diagnosing: &Diagnosing<'_>,
    resolvers: &Resolvers,
    notes: &Notes<'_, F>,
) -> Vec<Visited> {
    let hosts: Vec<Account> = (0..=account.other_hosts.len())
        .map(|host| at_host(account, host).into_owned())
        .collect();
    let checking = Checking {
        diagnosing,
        resolvers,
        mail_server: OnceCell::new(),
        login: OnceCell::new(),
        notes,
    };
    let folders = async {
        if let Some(paths) = diagnosing.paths {
            notes.take(judge::folders(&folder_facts(paths)));
        }
    };
    let mail_server = async {
        let state = checking.mail_server(account).await;
        notes.take(judge::mail_server(account, state));
        notes.take(judge::firewall(&firewall_facts(account, diagnosing).await));
    };
    let provider = async {
        let several = hosts.len() > 1;
        let checks = hosts.iter().enumerate().map(|(number, host)| {
            let number = several.then_some(number);
            checking.host(host, number)
        });
        let checked = join_all(checks).await;
        if several {
            let names: Vec<String> = (0..hosts.len()).map(|at| host_name(account, at)).collect();
            notes.take(judge::hosts(&notes.so_far(), &names));
        }
        checked
    };
    let clock = async {
        let by_server = time::ask().await;
        if by_server.is_some() {
            notes.take(judge::clock(&ClockFacts {
                here: diagnosing.clock.now(),
                by_server,
                is_off: false,
                by_provider: None,
            }));
        }
        by_server.is_some()
    };
    let exchanges = mx_facts(account, resolvers);
    let (_, _, checked, told_time, exchanges) =
        tokio::join!(folders, mail_server, provider, clock, exchanges);

    let addresses: BTreeSet<IpAddr> = checked.iter().flat_map(|it| &it.0).copied().collect();
    let names: Vec<&str> = hosts.iter().map(|host| host.host.as_str()).collect();
    for facts in &exchanges {
        notes.take(judge::mx(facts, &names, &addresses));
    }
    let reached = |visit: &&Visit| visit.connected.is_ok();
    let visits = checked
        .iter()
        .map(|(_, visits)| visits.iter().find(reached));
    let looked: Vec<&Probed> = visits
        .clone()
        .filter_map(|visit| visit?.looked.as_ref())
        .collect();
    if !looked.is_empty() {
        notes.take(judge::public_address(&AddressFacts {
            seen: looked.iter().find_map(|looked| looked.report.seen_address),
            before: diagnosing
                .observed
                .last
                .as_ref()
                .and_then(|it| it.seen_address),
            own: own_exchanges(exchanges),
            turns: looked.iter().any(|looked| judge::turns(account, looked)),
        }));
    }
    if !told_time {
        let greetings = looked.iter().filter_map(|looked| greeting(looked));
        notes.take(judge::clock(&ClockFacts {
            here: diagnosing.clock.now(),
            by_server: None,
            is_off: time::is_off(),
            by_provider: greetings.filter_map(judge::date_in).next(),
        }));
    }
    let places = hosts.iter().zip(visits);
    places
        .map(|(host, visit)| Visited {
            host: host.host.clone(),
            port: host.port(),
            address: visit.map(|visit| visit.address),
        })
        .collect()
}

// ---- The provider ---------------------------------------------------------------------------

/// What the checks of all hosts share.
struct Checking<'a, F> {
    diagnosing: &'a Diagnosing<'a>,
    resolvers: &'a Resolvers,
    /// How the mail server stands, once someone has looked.
    mail_server: OnceCell<Option<MailServerState>>,
    /// The login, once someone has asked for it: a keyring may ask a person.
    login: OnceCell<Result<Option<Login>, SecretFault>>,
    notes: &'a Notes<'a, F>,
}

impl<F: FnMut(&Finding) + Send> Checking<'_, F> {
    async fn mail_server(&self, account: &Account) -> Option<&MailServerState> {
        let looked = self.mail_server.get_or_init(|| mail_server(account));
        looked.await.as_ref()
    }

    /// Looks at the account's own host, which is the one of this number where there are several. Gives
    /// the addresses that its name has, and the visits to those that this machine knows.
    async fn host(
        &self,
        account: &Account,
        number: Option<usize>,
    ) -> (BTreeSet<IpAddr>, Vec<Visit>) {
        let take = |found: Found| self.notes.take(found.at(number));
        let mut names = name_facts(account, self.diagnosing, self.resolvers).await;
        if judge::names_agree(&names) {
            take(judge::name(&names, true));
        }
        let visits = self.visits(account, &names, take).await;
        if !judge::names_agree(&names) {
            let reached = visits.iter().any(|visit| visit.connected.is_ok());
            take(judge::name(&names, reached));
        }
        if let Answer::Found(public) = &names.public {
            // A provider is known by either.
            names.system.extend(public);
        }
        (names.system, visits)
    }

    /// Visits each address of a host, and tells what that showed.
    async fn visits(
        &self,
        account: &Account,
        names: &NameFacts,
        take: impl Fn(Found),
    ) -> Vec<Visit> {
        let port = account.port();
        let found = match account.host.address() {
            // On which link it is has to be found out.
            Some(address) if address.scope().is_some() => {
                match addresses(&account.host, port, RESOLVING).await {
                    Ok(found) => found,
                    Err(_) => {
                        take(Found::unreachable(Check::Connection, Reason::NoInterface));
                        return Vec::new();
                    }
                }
            }
            Some(_) | None => {
                let found = names.system.iter();
                found.map(|ip| SocketAddr::new(*ip, port)).collect()
            }
        };
        let mut addresses = match usable(found, account.ip_versions()) {
            Ok(usable) => usable,
            Err(fault) => {
                take(match fault {
                    ConnectFault::NoIpv4Address => {
                        Found::unreachable(Check::Connection, Reason::NoIpv4Address)
                    }
                    ConnectFault::NoIpv6Address => {
                        Found::unreachable(Check::Connection, Reason::NoIpv6Address)
                    }
                    // What there is to say of a name without any is said of the name.
                    _ => Found::cannot_know(Check::Connection, "earlier"),
                });
                return Vec::new();
            }
        };
        addresses.truncate(ADDRESSES);
        if starts_at_any_visit(account, self.diagnosing.observed.learned.as_ref())
            && self.mail_server(account).await.is_some_and(turns_mail_away)
        {
            take(Found::cannot_know(Check::Connection, "connection-spared"));
            return Vec::new();
        }
        let asking = || login(account, self.diagnosing.secret);
        let (login, fault) = match self.login.get_or_init(asking).await {
            Ok(login) => (login.as_ref(), None),
            Err(fault) => (None, Some(fault.sentence(self.diagnosing.text))),
        };
        let visits = visits(account, addresses, login).await;
        let stands = visits.iter().find(|visit| visit.connected.is_ok());
        let silent = |visit: &Visit| visit.connected == Err(ConnectFault::TimedOut);
        let elsewhere = if stands.is_none() && visits.iter().any(silent) {
            elsewhere(&visits, port, names, self.resolvers).await
        } else {
            Elsewhere::Nothing
        };
        take(judge::connection(&visits, port, elsewhere));
        if let Some(visit) = stands {
            let now = self.diagnosing.clock.now();
            for found in judge::visit(account, visit, login.is_some(), now) {
                match &fault {
                    Some(fault) if found.check == Check::Login => take(Found {
                        state: CheckState::Failed,
                        words: Words::Said(fault.clone()),
                        exit_status: 70,
                        ..found
                    }),
                    Some(_) | None => take(found),
                }
            }
        }
        visits
    }
}

async fn name_facts(
    account: &Account,
    diagnosing: &Diagnosing<'_>,
    resolvers: &Resolvers,
) -> NameFacts {
    let host = account.host.as_str();
    let last = diagnosing.observed.last.as_ref();
    let last = last.filter(|poke| poke.host == host && poke.outcome.is_success());
    let before = last
        .and_then(|poke| poke.address.as_ref()?.parse::<SocketAddr>().ok())
        .map(|address| address.ip());
    if let Some(address) = account.host.address() {
        let ip = address.ip();
        return NameFacts {
            host: host.to_owned(),
            system: BTreeSet::from([ip]),
            in_hosts_file: false,
            public: Answer::Found(BTreeSet::from([ip])),
            before: None,
        };
    }
    let (system, public) = tokio::join!(
        timeout(RESOLVING, lookup_host((host, 0))),
        resolvers.addresses(host)
    );
    let system = match system {
        Ok(Ok(found)) => found.map(|address| address.ip().to_canonical()).collect(),
        Ok(Err(_)) | Err(_) => BTreeSet::new(),
    };
    NameFacts {
        host: host.to_owned(),
        system,
        in_hosts_file: is_in_hosts_file(host),
        public,
        before,
    }
}

fn is_in_hosts_file(host: &str) -> bool {
    let path = if cfg!(windows) {
        let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
        PathBuf::from(root).join(r"System32\drivers\etc\hosts")
    } else {
        PathBuf::from("/etc/hosts")
    };
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split('#').next())
        .flat_map(|line| line.split_ascii_whitespace().skip(1))
        .any(|name| name.eq_ignore_ascii_case(host))
}

/// Whether a visit by itself may start a delivery, as far as is known.
fn starts_at_any_visit(account: &Account, learned: Option<&Learned>) -> bool {
    match account.method {
        Method::Signal | Method::Finger | Method::Hello => true,
        Method::Etrn | Method::Qsnd | Method::Atrn | Method::Turn => false,
        Method::Auto => learned.is_none_or(|learned| learned.method == Method::Signal),
    }
}

/// Whether mail that comes now goes back to its senders. A server that nobody reaches leaves it where
/// it is.
fn turns_mail_away(state: &MailServerState) -> bool {
    use MailServerState as S;
    match state {
        S::RefusesDomain { .. } | S::TurnsAway { .. } | S::NotSmtp => true,
        S::Answering { .. }
        | S::TrustsUs { .. }
        | S::OpenRelay { .. }
        | S::Untestable { .. }
        | S::Postpones { .. }
        | S::Silent
        | S::HangsUp
        | S::Refusing
        | S::Unreachable => false,
    }
}

/// Visits all addresses side by side. The login is tried once, at the first that can be reached:
/// a wrong password that is tried often locks the user out.
async fn visits(
    account: &Account,
    addresses: Vec<SocketAddr>,
    login: Option<&Login>,
) -> Vec<Visit> {
    let mut account = account.clone();
    let limits = &mut account.limits;
    limits.connect = limits.connect.min(CONNECTING);
    limits.greeting = limits.greeting.min(GREETING);
    limits.command = limits.command.min(COMMAND);
    limits.session = limits.session.min(VISIT);
    let mut visits = JoinSet::new();
    for (place, address) in addresses.into_iter().enumerate() {
        let account = account.clone();
        let login = login.filter(|_| place == 0).cloned();
        visits.spawn(async move { (place, visit(&account, address, login).await) });
    }
    let mut visits = visits.join_all().await;
    visits.sort_by_key(|(place, _)| *place);
    let mut visits: Vec<Visit> = visits.into_iter().map(|(_, visit)| visit).collect();
    let stands = visits.iter().position(|visit| visit.connected.is_ok());
    if let (Some(at @ 1..), Some(login)) = (stands, login) {
        visits[at] = visit(&account, visits[at].address, Some(login.clone())).await;
    }
    visits
}

async fn visit(account: &Account, address: SocketAddr, login: Option<Login>) -> Visit {
    if !account.method.is_smtp() {
        let opened = connect_at(address, source(account), account.limits.connect).await;
        return Visit {
            address,
            connected: opened.map(drop).map_err(|not| not.fault),
            looked: None,
        };
    }
    let looked = probe(account, address, login).await;
    let mut lines = looked.report.dialogue.iter();
    let stood = lines.any(|line| line.from == Speaker::Connection && line.line == "connected");
    let connected = if stood {
        Ok(())
    } else {
        Err(match looked.report.verdict.reason {
            Reason::ConnectionRefused => ConnectFault::Refused,
            Reason::ConnectTimeout => ConnectFault::TimedOut,
            Reason::NoRoute => ConnectFault::NoRoute,
            Reason::HungUp | Reason::HungUpBeforeRequest | Reason::NotGreeted => {
                ConnectFault::Reset
            }
            _ => ConnectFault::Local,
        })
    };
    Visit {
        address,
        connected,
        looked: Some(looked),
    }
}

/// Looks what else answers, where the provider's port stays silent.
async fn elsewhere(
    visits: &[Visit],
    port: u16,
    names: &NameFacts,
    resolvers: &Resolvers,
) -> Elsewhere {
    let mut probes = JoinSet::new();
    for visit in visits {
        for other in OTHER_PORTS.into_iter().filter(|other| *other != port) {
            let mut address = visit.address;
            address.set_port(other);
            probes.spawn(async move {
                match connect_at(address, None, PROBING).await {
                    // Who refuses is there.
                    Ok(_) => Some(other),
                    Err(not) if not.fault == ConnectFault::Refused => Some(other),
                    Err(_) => None,
                }
            });
        }
    }
    let answered = probes.join_all().await;
    if let Some(other) = answered.into_iter().flatten().next() {
        return Elsewhere::SameHost(other);
    }
    if resolvers.are_off() {
        return Elsewhere::NotAsked;
    }
    let known = |answer: &Answer<_>| !matches!(answer, Answer::Unknown(_) | Answer::NotAsked);
    // For a provider that is named by its address nobody has been asked yet.
    let by_address = names.host.parse::<Address>().is_ok();
    if (!by_address && known(&names.public)) || known(&resolvers.addresses("example.com").await) {
        Elsewhere::Internet
    } else {
        Elsewhere::Nothing
    }
}

fn greeting(looked: &Probed) -> Option<&str> {
    let mut lines = looked.report.dialogue.iter();
    let greeting = lines.find(|line| line.from == Speaker::Provider)?;
    Some(&greeting.line)
}

// ---- The mail server -------------------------------------------------------------------------

/// How the mail server stands; nothing where the account does not say which it is: what is on this
/// machine may be something else.
async fn mail_server(account: &Account) -> Option<MailServerState> {
    let own = account.mail_server.as_ref()?;
    let limits = mail_server::ProbeLimits {
        connect: CONNECTING,
        reply: COMMAND,
        whole: VISIT,
    };
    if account.method.turns() {
        let asking = Account {
            mail_server_test: Some(true),
            ..account.clone()
        };
        return Some(probe_before_turn(&asking, own, limits).await.state);
    }
    Some(mail_server::probe(own, &account.mail_domains(), true, limits).await)
}

async fn firewall_facts(account: &Account, diagnosing: &Diagnosing<'_>) -> FirewallFacts {
    let own = account.mail_server();
    let port = own.port;
    let here = host_is_here(own.host.as_str()).await;
    FirewallFacts {
        turns: account.method.turns(),
        here,
        listening: if here && account.mail_server.is_some() {
            listening(port)
        } else {
            Vec::new()
        },
        arrived: diagnosing.observed.arrived,
        port,
    }
}

/// Where something listens on this port of this machine, by Linux's own table, which everybody may
/// read.
fn listening(port: u16) -> Vec<IpAddr> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let tables = [read("/proc/net/tcp"), read("/proc/net/tcp6")];
    tables
        .iter()
        .flat_map(|table| table.lines().skip(1))
        .filter_map(listener)
        .filter(|address| address.port() == port)
        .map(|address| address.ip())
        .collect()
}

/// The address of a line of the table, where it listens: `0: 0100007F:0019 00000000:0000 0A …`.
/// Addresses stand there in words of this machine's order.
fn listener(line: &str) -> Option<SocketAddr> {
    let mut words = line.split_ascii_whitespace().skip(1);
    let (ip, port) = words.next()?.split_once(':')?;
    if words.nth(1)? != "0A" {
        return None;
    }
    let word = |at: usize| {
        Some(
            u32::from_str_radix(ip.get(at * 8..at * 8 + 8)?, 16)
                .ok()?
                .to_ne_bytes(),
        )
    };
    let ip: IpAddr = if ip.len() == 8 {
        word(0)?.into()
    } else {
        let words = [word(0)?, word(1)?, word(2)?, word(3)?];
        let octets: [u8; 16] = words.concat().try_into().ok()?;
        octets.into()
    };
    Some((ip, u16::from_str_radix(port, 16).ok()?).into())
}

// ---- The domains ----------------------------------------------------------------------------

async fn mx_facts(account: &Account, resolvers: &Resolvers) -> Vec<MxFacts> {
    let mut facts = JoinSet::new();
    for (place, domain) in account.mail_domains().into_iter().take(DOMAINS).enumerate() {
        let resolvers = resolvers.clone();
        facts.spawn(async move {
            let facts = timeout(EXCHANGES, mx_of(domain.as_str(), &resolvers)).await;
            let late = |_| MxFacts {
                domain: domain.to_string(),
                exchanges: Answer::Unknown("no answer in time".to_owned()),
                has_address: false,
            };
            (place, facts.unwrap_or_else(late))
        });
    }
    let mut facts = facts.join_all().await;
    facts.sort_by_key(|(place, _)| *place);
    facts.into_iter().map(|(_, facts)| facts).collect()
}

async fn mx_of(domain: &str, resolvers: &Resolvers) -> MxFacts {
    let mut has_address = false;
    let exchanges = match resolvers.exchanges(domain).await {
        Answer::Found(names) => {
            let mut exchanges = Vec::new();
            for name in names {
                let addresses = resolvers.addresses(&name).await;
                exchanges.push(Exchange { name, addresses });
            }
            Answer::Found(exchanges)
        }
        Answer::Nothing => {
            has_address = matches!(resolvers.addresses(domain).await, Answer::Found(_));
            Answer::Nothing
        }
        Answer::NoName => Answer::NoName,
        Answer::Unknown(why) => Answer::Unknown(why),
        Answer::NotAsked => Answer::NotAsked,
    };
    MxFacts {
        domain: domain.to_owned(),
        exchanges,
        has_address,
    }
}

/// The exchanges that bear their domain's own name: those are the mail server.
fn own_exchanges(facts: Vec<MxFacts>) -> Vec<Exchange> {
    let of_domain = |MxFacts {
                         domain, exchanges, ..
                     }| match exchanges {
        Answer::Found(exchanges) => exchanges
            .into_iter()
            .filter(|it: &Exchange| it.name == domain || it.name.ends_with(&format!(".{domain}")))
            .collect(),
        Answer::NoName | Answer::Nothing | Answer::Unknown(_) | Answer::NotAsked => Vec::new(),
    };
    facts.into_iter().flat_map(of_domain).collect()
}

// ---- The disk -------------------------------------------------------------------------------

fn folder_facts(paths: &Paths) -> FolderFacts {
    FolderFacts {
        settings: place(paths.settings(), may_be_replaced),
        history: place(&paths.history(), may_be_written),
        data: place(paths.data(), may_hold_files),
    }
}

fn place(path: &Path, try_it: impl FnOnce(&Path) -> io::Result<()>) -> Place {
    let fault = match try_it(path) {
        // What is not there yet is made when it is needed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        tried => tried.err().map(|error| error.to_string()),
    };
    Place {
        path: path.display().to_string(),
        fault,
    }
}

/// Settings are written beside the file, which is then put in its place.
fn may_be_replaced(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), may_hold_files)
}

fn may_be_written(file: &Path) -> io::Result<()> {
    File::options().append(true).open(file).map(drop)
}

fn may_hold_files(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".doctor-{}", std::process::id()));
    File::options().write(true).create_new(true).open(&file)?;
    fs::remove_file(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_of_the_systems_table() {
        for (line, address) in [
            (
                "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1",
                Some("127.0.0.1:25"),
            ),
            (
                "   1: 0100007F:0019 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 1",
                None,
            ),
            (
                "   2: 00000000000000000000000000000000:0019 00000000000000000000000000000000:0000 0A",
                Some("[::]:25"),
            ),
            (
                "   3: B80D0120000000000000000019000000:0019 00000000000000000000000000000000:0000 0A",
                Some("[2001:db8::19]:25"),
            ),
            ("  sl  local_address rem_address   st", None),
        ] {
            // The table is in the machine's order; so are the lines above on little-endian ones.
            if cfg!(target_endian = "little") {
                let found = listener(line).map(|address| address.to_string());
                assert_eq!(found.as_deref(), address, "{line}");
            }
        }
    }
}
