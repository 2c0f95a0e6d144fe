//! From facts to findings. Nothing here asks anybody, and nothing waits.

use std::{collections::BTreeSet, net::IpAddr};

use dequeue_api::{Check, CheckState, DiagnosisVerdict};
use dequeue_core::{
    alarm::Validity, arrivals::are_neighbours, mail_server::MailServerState,
    retry::tries_next_host, settings::Account,
};
use dequeue_smtp::{
    Capabilities, CertificateTrust, ConnectFault, LoginChoice, Method, Outcome, Reason, Report,
    Security, Speaker, TlsFault, Verdict,
};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

use super::{
    dns::Answer,
    facts::{
        AddressFacts, ClockFacts, Elsewhere, FirewallFacts, FolderFacts, MxFacts, NameFacts, Stage,
        Visit,
    },
};
use crate::poke::Probed;

/// Clocks that differ by less are right.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// The exit status of what a poke needs and the account does not say.
const NEEDED: u8 = 64;
/// The exit status of what keeps a poke from reaching its provider.
const UNREACHABLE: u8 = 69;

/// What a check found, before it is put into words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) check: Check,
    /// The number of the host that was looked at, where there are several: 0 is the account's own.
    pub(super) host: Option<usize>,
    /// What it is about, where the check has several: a domain.
    pub(super) subject: Option<String>,
    pub(super) state: CheckState,
    pub(super) words: Words,
    /// For a help desk, as it came.
    pub(super) details: Vec<String>,
    /// The exit status of the whole where this is the cause.
    pub(super) exit_status: u8,
}

/// Where the sentences of a finding come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Words {
    /// `doctor-KEY`; what to do is `doctor-KEY-do`, but not for what has passed.
    Own(&'static str, Vec<(&'static str, String)>),
    /// What a poke that ends so would be told, with why TLS failed on the way, if it did.
    Poke(Verdict, Option<TlsFault>),
    /// `doctor-KEY` and `doctor-KEY-do`, with why TLS failed and what to do about it.
    Tls(&'static str, TlsFault),
    /// `doctor-KEY`, with what was found wrong with a host; what to do is what is to be done there.
    Hosts(&'static str, Vec<(&'static str, String)>, Box<Found>),
    /// What the check of the mail server says of it.
    MailServer {
        /// How it stands.
        state: MailServerState,
        /// Whether a turn would be held.
        holds: bool,
    },
    /// A sentence that is one already.
    Said(String),
}

impl Found {
    pub(super) fn new(check: Check, state: CheckState, key: &'static str) -> Self {
        Self {
            check,
            host: None,
            subject: None,
            state,
            words: Words::Own(key, Vec::new()),
            details: Vec::new(),
            exit_status: 0,
        }
    }

    pub(super) fn passed(check: Check, key: &'static str) -> Self {
        Self::new(check, CheckState::Passed, key)
    }

    pub(super) fn warning(check: Check, key: &'static str) -> Self {
        Self::new(check, CheckState::Warning, key)
    }

    pub(super) fn failed(check: Check, key: &'static str, exit_status: u8) -> Self {
        Self {
            exit_status,
            ..Self::new(check, CheckState::Failed, key)
        }
    }

    pub(super) fn cannot_know(check: Check, key: &'static str) -> Self {
        Self::new(check, CheckState::CannotKnow, key)
    }

    /// A poke would have ended here.
    fn refused(check: Check, report: &Report) -> Self {
        let status = match report.verdict.exit_status() {
            // Silence is no proof for a poke; a look that got no answer has failed.
            0 => 75,
            status => status,
        };
        Self {
            words: Words::Poke(unasked(report.verdict.clone()), report.tls_fault.clone()),
            ..Self::failed(check, "", status)
        }
    }

    /// A poke would not have come about, for this reason.
    pub(super) fn unreachable(check: Check, reason: Reason) -> Self {
        Self {
            words: Words::Poke(Verdict::new(Outcome::Unreachable, reason), None),
            ..Self::failed(check, "", UNREACHABLE)
        }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        if let Words::Own(_, values) = &mut self.words {
            values.push((name, value.to_string()));
        }
        self
    }

    pub(super) fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    pub(super) fn at(mut self, host: Option<usize>) -> Self {
        self.host = host;
        self
    }

    fn about(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }
}

/// The verdict on a visit that asks for nothing: however it ended, nothing can have worked by it.
fn unasked(verdict: Verdict) -> Verdict {
    Verdict {
        reason: match verdict.reason {
            Reason::NoAnswer => Reason::SilentBeforeRequest,
            Reason::HungUp => Reason::HungUpBeforeRequest,
            reason => reason,
        },
        ..verdict
    }
}

/// Whether the mail comes back over our own connection there.
pub(super) fn turns(account: &Account, looked: &Probed) -> bool {
    let has_login = !account.user.is_empty() || account.client_cert.is_some();
    let chosen = account.method == Method::Auto && looked.capabilities.atrn && has_login;
    account.method.turns() || chosen
}

/// Whether the two resolvers agree, so that it can be told without a visit.
pub(super) fn names_agree(facts: &NameFacts) -> bool {
    match &facts.public {
        Answer::Found(public) => facts.system.is_empty() || !facts.system.is_disjoint(public),
        Answer::NoName | Answer::Nothing | Answer::Unknown(_) | Answer::NotAsked => true,
    }
}

/// The provider's name. `reached` tells whether a provider answered at what the system found;
/// it counts only where [`names_agree`] does not hold.
pub(super) fn name(facts: &NameFacts, reached: bool) -> Found {
    const CHECK: Check = Check::Name;
    let list = |addresses: &BTreeSet<IpAddr>| {
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        addresses.join(", ")
    };
    let public = match &facts.public {
        Answer::Found(addresses) => list(addresses),
        Answer::NoName => "NXDOMAIN".to_owned(),
        Answer::Nothing => "no address".to_owned(),
        Answer::Unknown(why) => why.clone(),
        Answer::NotAsked => "not asked".to_owned(),
    };
    let system = match &facts.system {
        none if none.is_empty() => "no address".to_owned(),
        some => list(some),
    };
    let found = match (&facts.public, facts.system.is_empty()) {
        (Answer::Found(_), true) => Found::failed(CHECK, "name-hidden", 69),
        (Answer::NoName | Answer::Nothing, true) => Found::failed(CHECK, "name-wrong", 69),
        (Answer::Unknown(_), true) => Found::failed(CHECK, "name-unresolved", 69),
        (Answer::NotAsked, true) => Found::failed(CHECK, "name-unresolved-here", 69),
        (Answer::Found(_), false) if !names_agree(facts) => {
            match (facts.in_hosts_file, reached) {
                (true, true) => Found::warning(CHECK, "name-hosts-file"),
                (true, false) => Found::failed(CHECK, "name-hosts-file", 69),
                (false, false) => Found::failed(CHECK, "name-differs", 69),
                // A name may have more addresses than are told at once.
                (false, true) if facts.system.iter().all(is_public) => {
                    Found::passed(CHECK, "name-resolves")
                }
                (false, true) => Found::warning(CHECK, "name-differs"),
            }
        }
        (Answer::Unknown(_), false) => Found::passed(CHECK, "name-resolves-here"),
        (Answer::NotAsked, false) => Found::passed(CHECK, "name-not-compared"),
        (_, false) => {
            // Hosts that share the load are told a few at a time; they stand beside each other.
            let is_near = |before: &IpAddr| {
                let mut addresses = facts.system.iter();
                addresses.any(|ip| are_neighbours(*ip, *before))
            };
            match facts.before.filter(|before| !is_near(before)) {
                Some(before) => Found::warning(CHECK, "name-moved").with("before", before),
                None => Found::passed(CHECK, "name-resolves"),
            }
        }
    };
    found
        .with("host", &facts.host)
        .with("system", &system)
        .with("public", &public)
        .details([
            format!("system resolver: {system}"),
            format!("public resolver: {public}"),
        ])
}

/// Whether an address is one on the Internet.
fn is_public(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !(ip.is_private() || ip.is_loopback() || ip.is_link_local()),
        IpAddr::V6(ip) => !(ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local()),
    }
}

/// The ways to the provider: `visits` to each of its addresses, never empty.
pub(super) fn connection(visits: &[Visit], port: u16, elsewhere: Elsewhere) -> Found {
    use ConnectFault as F;
    const CHECK: Check = Check::Connection;
    let details = visits.iter().map(|visit| match &visit.connected {
        Ok(()) => format!("{}: connected", visit.address),
        Err(fault) => format!("{}: {fault:?}", visit.address),
    });
    let details: Vec<String> = details.collect();
    let all = |fault: F| visits.iter().all(|visit| visit.connected == Err(fault));
    let any = |fault: F| visits.iter().any(|visit| visit.connected == Err(fault));
    let reached: Vec<&Visit> = visits.iter().filter(|it| it.connected.is_ok()).collect();
    let four = |visit: &&Visit| visit.address.is_ipv4();
    let found = if let Some(first) = reached.first() {
        let lost = visits
            .iter()
            .find(|visit| visit.address.is_ipv4() && visit.connected.is_err());
        match lost {
            // Most machines have no IPv6, and pokes prefer IPv4.
            None => Found::passed(CHECK, "connection-stands").with("address", first.address),
            Some(lost) if reached.iter().any(four) => {
                Found::warning(CHECK, "connection-partly").with("address", lost.address)
            }
            Some(lost) => Found::warning(CHECK, "connection-ipv6").with("address", lost.address),
        }
    } else if visits.iter().all(|visit| visit.address.is_ipv6()) && any(F::NoRoute) {
        Found::failed(CHECK, "connection-only-ipv6", 69)
    } else if any(F::Refused) {
        Found::failed(CHECK, "connection-refused", 69)
    } else if any(F::TimedOut) {
        match elsewhere {
            Elsewhere::SameHost(other) if port == 25 => {
                Found::failed(CHECK, "connection-port-25-blocked", 69).with("other", other)
            }
            Elsewhere::SameHost(other) => {
                Found::failed(CHECK, "connection-port-blocked", 69).with("other", other)
            }
            Elsewhere::Internet if port == 25 => {
                Found::failed(CHECK, "connection-port-25-silent", 69)
            }
            Elsewhere::Internet => Found::failed(CHECK, "connection-silent", 69),
            Elsewhere::NotAsked => Found::failed(CHECK, "connection-not-compared", 69),
            Elsewhere::Nothing => Found::failed(CHECK, "connection-no-network", 69),
        }
    } else if any(F::Reset) {
        Found::failed(CHECK, "connection-reset", 75)
    } else if all(F::Local) {
        Found::failed(CHECK, "connection-local", 70)
    } else {
        Found::failed(CHECK, "connection-no-route", 69)
    };
    let host = visits.first().map(|visit| visit.address.ip().to_string());
    found
        .with("port", port)
        .with("host", host.unwrap_or_default())
        .details(details)
}

/// What the visit to the provider showed of its greeting, its offers, its certificate and its login.
/// `signed_on` tells whether a login is set.
pub(super) fn visit(
    account: &Account,
    visit: &Visit,
    signed_on: bool,
    now: Timestamp,
) -> Vec<Found> {
    let Some(looked) = &visit.looked else {
        return Vec::new();
    };
    let report = &looked.report;
    let stage = Stage::of(report);
    let dialogue = report.dialogue.iter().map(|line| {
        let mark = match line.from {
            Speaker::Provider => "<<<",
            Speaker::Us => ">>>",
            Speaker::Connection => "---",
        };
        format!("{mark} {}", line.line)
    });
    let said = |command: &str| {
        let mut lines = report.dialogue.iter();
        lines.any(|line| line.from == Speaker::Us && line.line.starts_with(command))
    };
    let introduced = said("EHLO") || said("HELO");
    let implicit_failed = stage == Stage::Tls && !introduced;

    let greeting = match stage {
        Stage::Greeting => Found::refused(Check::Greeting, report),
        _ if implicit_failed => Found::cannot_know(Check::Greeting, "earlier"),
        _ if looked.masked => Found::warning(Check::Greeting, "greeting-masked"),
        _ => Found::passed(Check::Greeting, "greeting-good"),
    };
    let greeting = greeting.details(dialogue);

    let offers = offers(looked);
    let capabilities = match stage {
        Stage::Hello => Found::refused(Check::Capabilities, report),
        Stage::Greeting => Found::cannot_know(Check::Capabilities, "earlier"),
        _ if implicit_failed => Found::cannot_know(Check::Capabilities, "earlier"),
        _ if offers.is_empty() => Found::passed(Check::Capabilities, "capabilities-none"),
        _ => Found::passed(Check::Capabilities, "capabilities-some").with("offers", offers),
    };

    vec![
        greeting,
        capabilities,
        certificate(account, report, stage, now),
        login(account, report, stage, signed_on),
        method(account, looked, stage, signed_on),
    ]
}

fn offers(looked: &Probed) -> String {
    // Where it broke off after TLS had begun, what counts is what had been offered before.
    let offered = Some(&looked.capabilities).filter(|it| **it != Capabilities::default());
    let offered = offered.unwrap_or(&looked.offered);
    let mut names: Vec<String> = [
        (offered.etrn, "ETRN"),
        (offered.atrn, "ATRN"),
        (offered.starttls, "STARTTLS"),
        (offered.pipelining, "PIPELINING"),
    ]
    .into_iter()
    .filter(|(offered, _)| *offered)
    .map(|(_, name)| name.to_owned())
    .collect();
    if !offered.auth.is_empty() {
        let mechanisms: Vec<&str> = offered.auth.iter().map(|it| it.name()).collect();
        names.push(format!("AUTH {}", mechanisms.join(" ")));
    }
    names.join(", ")
}

fn certificate(account: &Account, report: &Report, stage: Stage, now: Timestamp) -> Found {
    const CHECK: Check = Check::Certificate;
    let fingerprint = report
        .certificate
        .iter()
        .map(|it| format!("SHA-256 {}", it.fingerprint));
    let found = match (&report.tls, stage) {
        (_, Stage::Tls) => Found::refused(CHECK, report),
        (None, Stage::Greeting | Stage::Hello) => Found::cannot_know(CHECK, "earlier"),
        (None, Stage::Login | Stage::Over) => match (account.tls, &report.tls_fault) {
            (Security::None, _) => Found::passed(CHECK, "certificate-not-wanted"),
            (_, Some(fault)) => Found {
                words: Words::Tls("certificate-tls-failed", fault.clone()),
                ..Found::warning(CHECK, "certificate-tls-failed")
            },
            (_, None) => Found::passed(CHECK, "certificate-not-offered"),
        },
        (Some(tls), _) => {
            let validity = Validity::of(&tls.certificate);
            let ending = validity.filter(|validity| validity.ends_soon(now));
            match (tls.trust, ending) {
                (CertificateTrust::Verified, Some(validity)) => {
                    let days = validity.left(now).as_hours() / 24;
                    let days = days.max(0);
                    Found::warning(CHECK, "certificate-expires").with("days", days)
                }
                (CertificateTrust::Verified, None) => Found::passed(CHECK, "certificate-holds"),
                (CertificateTrust::Pinned, _) => Found::passed(CHECK, "certificate-pinned"),
                (CertificateTrust::Unverified, _) => Found::passed(CHECK, "certificate-unverified"),
            }
            .with("name", &tls.peer)
            .details([format!("{} {}", tls.version, tls.cipher)])
        }
    };
    found.details(fingerprint)
}

fn login(account: &Account, report: &Report, stage: Stage, signed_on: bool) -> Found {
    const CHECK: Check = Check::Login;
    match stage {
        Stage::Login => Found::refused(CHECK, report),
        Stage::Greeting | Stage::Hello | Stage::Tls => Found::cannot_know(CHECK, "earlier"),
        Stage::Over if signed_on => Found::passed(CHECK, "login-accepted"),
        Stage::Over if account.method.turns() => Found::warning(CHECK, "login-missing"),
        Stage::Over => Found::passed(CHECK, "login-none"),
    }
}

/// What each method would do there, by what the provider offers; the account's own is judged.
fn method(account: &Account, looked: &Probed, stage: Stage, signed_on: bool) -> Found {
    const CHECK: Check = Check::Method;
    let offered = &looked.capabilities;
    if stage < Stage::Login {
        return Found::cannot_know(CHECK, "earlier");
    }
    let known = |offered: bool| if offered { "offered" } else { "not offered" };
    let details = [
        "signal: needs no offer; this visit was one".to_owned(),
        format!("etrn: {}", known(offered.etrn)),
        format!("atrn: {}", known(offered.atrn)),
        "turn, qsnd: no server offers them in its EHLO reply".to_owned(),
    ];
    let found = match account.method {
        Method::Signal => Found::cannot_know(CHECK, "method-signal"),
        Method::Etrn if offered.etrn => Found::passed(CHECK, "method-offered"),
        Method::Etrn => Found::warning(CHECK, "method-etrn-not-offered"),
        Method::Atrn if offered.atrn => Found::passed(CHECK, "method-offered"),
        Method::Atrn => Found::failed(CHECK, "method-atrn-not-offered", 77),
        Method::Auto if offered.atrn && signed_on => {
            Found::passed(CHECK, "method-auto").with("chosen", Method::Atrn)
        }
        Method::Auto if account.domains.is_empty() => {
            let lacking = match account.user.is_empty() {
                _ if offered.etrn => Some(Reason::DomainsNeeded),
                true if offered.atrn => Some(Reason::LoginNeeded),
                _ => None,
            };
            match lacking {
                Some(reason) => Found {
                    words: Words::Poke(Verdict::new(Outcome::Failed, reason), None),
                    ..Found::failed(CHECK, "", NEEDED)
                },
                None => Found::cannot_know(CHECK, "method-signal"),
            }
        }
        Method::Auto if offered.etrn => {
            Found::passed(CHECK, "method-auto").with("chosen", Method::Etrn)
        }
        Method::Auto => Found::cannot_know(CHECK, "method-auto-tries"),
        Method::Turn | Method::Qsnd | Method::Finger | Method::Hello => {
            Found::cannot_know(CHECK, "method-unsaid")
        }
    };
    found.with("method", account.method).details(details)
}

/// The mail server; none where the account names none and needs none.
///
/// Where the connection is turned round to it, it stands as a poke would find it.
pub(super) fn mail_server(account: &Account, state: Option<&MailServerState>) -> Found {
    const CHECK: Check = Check::MailServer;
    use MailServerState as S;
    let Some(state) = state else {
        return Found::cannot_know(CHECK, "mail-server-unset");
    };
    let holds = account.method.turns() && state.holds_a_turn(account.names_domains());
    let state_of_check = match state {
        // Such a poke goes out only where it is not to be tested.
        _ if holds && state.is_ready() && account.mail_server_test == Some(false) => {
            CheckState::Warning
        }
        _ if holds => CheckState::Failed,
        S::Answering { .. } | S::TrustsUs { .. } => CheckState::Passed,
        S::Untestable { .. } => CheckState::CannotKnow,
        S::Postpones { .. } | S::OpenRelay { .. } => CheckState::Warning,
        S::RefusesDomain { .. }
        | S::TurnsAway { .. }
        | S::Silent
        | S::HangsUp
        | S::Refusing
        | S::Unreachable
        | S::NotSmtp => CheckState::Failed,
    };
    let answer = match state {
        S::Answering { greeting: answer }
        | S::Untestable { answer }
        | S::Postpones { answer, .. }
        | S::RefusesDomain { answer, .. }
        | S::TurnsAway { answer } => Some(answer.clone()),
        S::TrustsUs { .. }
        | S::OpenRelay { .. }
        | S::Silent
        | S::HangsUp
        | S::Refusing
        | S::Unreachable
        | S::NotSmtp => None,
    };
    Found {
        state: state_of_check,
        words: Words::MailServer {
            state: state.clone(),
            holds,
        },
        details: answer.into_iter().collect(),
        // As a poke that is held.
        ..Found::failed(CHECK, "", 75)
    }
}

/// Whether mail that comes from outside gets in.
pub(super) fn firewall(facts: &FirewallFacts) -> Found {
    const CHECK: Check = Check::Firewall;
    let only_here = !facts.listening.is_empty() && facts.listening.iter().all(IpAddr::is_loopback);
    let found = if facts.turns {
        Found::passed(CHECK, "firewall-not-needed")
    } else if facts.arrived {
        Found::passed(CHECK, "firewall-arrived")
    } else if !facts.here {
        Found::cannot_know(CHECK, "firewall-elsewhere")
    } else if only_here {
        Found::warning(CHECK, "firewall-loopback")
    } else {
        Found::cannot_know(CHECK, "firewall-unreadable")
    };
    let listening = facts.listening.iter().map(|ip| format!("listens at {ip}"));
    found.with("port", facts.port).details(listening)
}

/// Where the mail of a domain goes, and whether the provider is among it, by the names of its hosts or
/// by their addresses.
pub(super) fn mx(facts: &MxFacts, hosts: &[&str], addresses: &BTreeSet<IpAddr>) -> Found {
    const CHECK: Check = Check::Mx;
    let found = match &facts.exchanges {
        Answer::Unknown(_) => Found::cannot_know(CHECK, "mx-unknown"),
        Answer::NotAsked => Found::cannot_know(CHECK, "mx-not-asked"),
        Answer::NoName => Found::failed(CHECK, "mx-no-domain", 78),
        Answer::Nothing if facts.has_address => Found::warning(CHECK, "mx-none"),
        Answer::Nothing => Found::failed(CHECK, "mx-no-mail", 78),
        Answer::Found(exchanges) if exchanges.iter().all(|it| it.name.is_empty()) => {
            Found::failed(CHECK, "mx-no-mail", 78)
        }
        Answer::Found(exchanges) => {
            let dead = exchanges
                .iter()
                .find(|it| matches!(it.addresses, Answer::NoName | Answer::Nothing));
            let is_providers = |name: &str, ips: &Answer<BTreeSet<IpAddr>>| {
                let shares = matches!(ips, Answer::Found(ips) if !ips.is_disjoint(addresses));
                shares || hosts.iter().any(|host| same_house(name, host))
            };
            let provides = exchanges
                .iter()
                .any(|it| is_providers(&it.name, &it.addresses));
            match dead {
                Some(dead) if !provides => {
                    Found::failed(CHECK, "mx-dead", 78).with("exchange", &dead.name)
                }
                Some(dead) => Found::warning(CHECK, "mx-dead").with("exchange", &dead.name),
                None if provides => Found::passed(CHECK, "mx-provider"),
                None => Found::warning(CHECK, "mx-elsewhere"),
            }
        }
    };
    let names = match &facts.exchanges {
        Answer::Found(exchanges) => exchanges
            .iter()
            .map(|exchange| exchange.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        Answer::Unknown(why) => why.clone(),
        Answer::NoName | Answer::Nothing | Answer::NotAsked => String::new(),
    };
    found
        .with("domain", &facts.domain)
        .with("host", hosts.join(", "))
        .with("exchanges", &names)
        .details([format!("{} MX: {names}", facts.domain)])
        .about(&facts.domain)
}

/// Whether two hosts belong to the same firm: `mx1.isp.test` and `bsmtp.isp.test`. At least the last
/// two labels must be the same, and three where the last two are short, as in `co.uk`.
fn same_house(one: &str, other: &str) -> bool {
    let house = |name: &str| {
        let labels: Vec<&str> = name.trim_end_matches('.').rsplit('.').collect();
        let short = labels.get(..2)?.iter().all(|label| label.len() <= 3);
        let needed = if short { 3 } else { 2 };
        Some(labels.get(..needed)?.join(".").to_ascii_lowercase())
    };
    match (house(one), house(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// The address that the provider sees us come from.
pub(super) fn public_address(facts: &AddressFacts) -> Found {
    const CHECK: Check = Check::PublicAddress;
    let Some(seen) = facts.seen else {
        return Found::cannot_know(CHECK, "address-unsaid");
    };
    let other = facts.own.iter().find(|exchange| match &exchange.addresses {
        Answer::Found(ips) => {
            let mut of_kind = ips.iter().filter(|ip| ip.is_ipv4() == seen.is_ipv4());
            // Where there is none of this kind, nothing can be compared.
            ips.iter().any(|ip| ip.is_ipv4() == seen.is_ipv4()) && of_kind.all(|ip| *ip != seen)
        }
        Answer::NoName | Answer::Nothing | Answer::Unknown(_) | Answer::NotAsked => false,
    });
    let found = match (facts.before, other) {
        // Nothing is delivered to the address that the poke comes from.
        _ if facts.turns => Found::passed(CHECK, "address-same"),
        (Some(before), _) if before != seen => {
            Found::warning(CHECK, "address-changed").with("before", before)
        }
        (_, Some(exchange)) => {
            Found::warning(CHECK, "address-not-mail-server").with("exchange", &exchange.name)
        }
        (_, None) => Found::passed(CHECK, "address-same"),
    };
    found
        .with("seen", seen)
        .details([format!("the provider saw {seen}")])
}

/// The clock of this machine against a time server's; where none answered, against the provider's.
pub(super) fn clock(facts: &ClockFacts) -> Found {
    const CHECK: Check = Check::Clock;
    let by_server = facts.by_server.and_then(|answer| {
        let there = facts.here.checked_add(answer.offset).ok()?;
        Some((there, format!("time server {}", answer.server)))
    });
    let by_provider = || Some((facts.by_provider?, "provider".to_owned()));
    let Some((there, whose)) = by_server.clone().or_else(by_provider) else {
        return if facts.is_off {
            Found::cannot_know(CHECK, "clock-not-asked")
        } else {
            Found::cannot_know(CHECK, "clock-unsaid")
        };
    };
    let is_right = facts.here.duration_since(there).abs() <= CLOCK_TOLERANCE;
    let minute = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
    match (is_right, by_server.is_some()) {
        (true, true) => Found::passed(CHECK, "clock-right"),
        (true, false) if facts.is_off => Found::passed(CHECK, "clock-agrees-not-asked"),
        (true, false) => Found::passed(CHECK, "clock-agrees"),
        (false, true) => Found::warning(CHECK, "clock-wrong"),
        (false, false) => Found::warning(CHECK, "clock-differs"),
    }
    .with("here", minute(facts.here))
    .with("there", minute(there))
    .details([format!("here {:.0}, {whose} {there:.0}", facts.here)])
}

/// The date in a greeting (RFC 5322 3.3), as Exim, Sendmail and Exchange put it at the end.
pub(super) fn date_in(greeting: &str) -> Option<Timestamp> {
    const DAYS: [&str; 7] = [
        "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, ",
    ];
    let start = DAYS.iter().find_map(|day| greeting.find(day))?;
    let text = greeting.get(start..)?.trim_end();
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// What must be written.
pub(super) fn folders(facts: &FolderFacts) -> Found {
    const CHECK: Check = Check::Folders;
    let places = [&facts.settings, &facts.history, &facts.data];
    let wrong = places
        .iter()
        .find_map(|place| Some((&place.path, place.fault.as_ref()?)));
    match wrong {
        None => Found::passed(CHECK, "folders-writable"),
        Some((path, fault)) => Found::failed(CHECK, "folders-not-writable", 70)
            .with("path", path)
            .with("error", fault)
            .details([format!("{path}: {fault}")]),
    }
}

/// Which of several hosts a poke comes to, by what was found at each; `hosts` are their names, in the
/// order in which they are tried.
pub(super) fn hosts(found: &[Found], hosts: &[String]) -> Found {
    const CHECK: Check = Check::Hosts;
    let of = |host: usize| found.iter().filter(move |it| it.host == Some(host));
    let wrong = |host: usize| {
        let failed = of(host).filter(|it| it.state == CheckState::Failed);
        failed.min_by_key(|it| it.check)
    };
    let was_reached = |host: usize| {
        of(host).any(|it| {
            let through = matches!(it.state, CheckState::Passed | CheckState::Warning);
            it.check == Check::Connection && through
        })
    };
    let failed: Vec<usize> = (0..hosts.len()).filter(|at| wrong(*at).is_some()).collect();
    let Some((first, cause)) = failed.first().and_then(|at| Some((*at, wrong(*at)?))) else {
        return if (0..hosts.len()).all(was_reached) {
            Found::passed(CHECK, "hosts-all").with("hosts", hosts.join(", "))
        } else {
            Found::cannot_know(CHECK, "earlier")
        };
    };
    // A poke ends at the first host that works, or that fails in a way that the next does not mend.
    let end = (0..hosts.len()).find(|at| wrong(*at).is_none_or(|failed| !hands_over(failed)));
    let (state, key, at, failed, cause) = match end.map(|end| (end, wrong(end))) {
        None => (CheckState::Failed, "hosts-none", first, failed, cause),
        Some((end, Some(cause))) => (CheckState::Failed, "hosts-end", end, vec![end], cause),
        Some((end, None)) if !was_reached(end) => return Found::cannot_know(CHECK, "earlier"),
        Some((end, None)) if first < end => {
            let before = (0..end).collect();
            (CheckState::Warning, "hosts-other", end, before, cause)
        }
        Some((end, None)) => (CheckState::Warning, "hosts-reserve", end, failed, cause),
    };
    let names: Vec<&str> = failed.iter().map(|at| hosts[*at].as_str()).collect();
    let values = vec![("host", hosts[at].clone()), ("failed", names.join(", "))];
    Found {
        words: Words::Hosts(key, values, Box::new(cause.clone())),
        exit_status: cause.exit_status,
        ..Found::new(CHECK, state, key)
    }
}

/// Whether a poke that fails so at a host goes on to the next.
fn hands_over(failed: &Found) -> bool {
    match &failed.words {
        Words::Poke(verdict, _) => tries_next_host(verdict.outcome, verdict.reason),
        Words::Own(..) => failed.exit_status == UNREACHABLE,
        Words::Tls(..) | Words::Hosts(..) | Words::MailServer { .. } | Words::Said(_) => false,
    }
}

/// What all findings come to: the verdict, the place of the finding that explains most, and the exit
/// status. What failed at one of several hosts counts by what [`hosts`] makes of it.
pub(super) fn verdict(found: &[Found], account: &Account) -> (DiagnosisVerdict, Option<usize>, u8) {
    let first = |state| {
        let mut places: Vec<usize> = (0..found.len())
            .filter(|at| found[*at].state == state)
            .filter(|at| found[*at].host.is_none() || state != CheckState::Failed)
            .collect();
        // What comes first stands in the way of what comes after.
        places.sort_by_key(|at| found[*at].check);
        places.first().copied()
    };
    if let Some(failed) = first(CheckState::Failed) {
        let clock = found
            .iter()
            .position(|it| it.check == Check::Clock && it.state == CheckState::Warning);
        let cause = clock
            .filter(|_| is_by_date(&found[failed].words, account))
            .unwrap_or(failed);
        let status = found[failed].exit_status;
        return (DiagnosisVerdict::WillNotWork, Some(cause), status);
    }
    if let Some(cause) = first(CheckState::Warning) {
        return (DiagnosisVerdict::Warnings, Some(cause), 0);
    }
    match first(CheckState::CannotKnow) {
        Some(_) => (DiagnosisVerdict::Unsure, None, 0),
        None => (DiagnosisVerdict::AllWell, None, 0),
    }
}

/// Whether a wrong clock may be why: certificates and tokens hold for a time.
fn is_by_date(words: &Words, account: &Account) -> bool {
    let by_token = match account.auth {
        LoginChoice::Token => true,
        LoginChoice::Only(mechanism) => mechanism.takes_token(),
        LoginChoice::Auto => false,
    };
    match words {
        Words::Poke(verdict, _) => match verdict.reason {
            Reason::CertificateExpired | Reason::CertificateNotYetValid | Reason::TokenRefused => {
                true
            }
            reason => reason == Reason::LoginRefused && by_token,
        },
        Words::Hosts(_, _, cause) => is_by_date(&cause.words, account),
        Words::Own(..) | Words::Tls(..) | Words::MailServer { .. } | Words::Said(_) => false,
    }
}
