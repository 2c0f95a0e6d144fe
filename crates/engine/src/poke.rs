//! One poke: drives a [`Session`] over the network, within the session's limits.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    time::Duration,
};

use dequeue_core::{
    mail_server::MailServerState,
    record::{Delivered, DomainView, Poke, Tried, Trigger},
    retry::tries_next_host,
    secret_fault::SecretFault,
    settings::{Account, Credential, value::Host},
};
use dequeue_platform::clock::Clock;
use dequeue_smtp::{
    Capabilities, DialogueLine, DomainReport, Input, Learned, Login, Outcome, Plan, Reason,
    ReplyParser, Report, Secret, Session, Speaker, Step, TlsFault, Verdict,
};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    bridge::{self, Patience, carry},
    connect::{connect, connect_at, connect_mail_server, own_name, source},
    mail_server::{self, BeforeTurn, probe_before_turn},
    secrets::Secrets,
    stream::{Bounds, ProviderStream},
    tls::{TlsWish, alert_in, handshake},
};

/// How long a connection that a provider keeps open after its goodbye is listened to: qmail's own
/// limit on a connection.
const LINGERING: Duration = Duration::from_secs(1200);
/// What it may still say then. A mail server has said goodbye.
const LINGERING_OCTETS: usize = 4096;

/// How long what a provider said before its line broke is looked for: it is there already.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Says when it is a poke's turn at a host, where pokes at one host are bounded.
pub trait HostTurns: fmt::Debug + Send + Sync {
    /// The poke has done with the host that it was at, and goes on to this one: waits for its turn
    /// there.
    fn at<'a>(&'a self, host: &'a Host) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// Tells pokes under way that the engine ends, so that each breaks off and says how far it came.
#[derive(Clone, Debug)]
pub struct Ending(watch::Receiver<bool>);

impl Ending {
    /// Says so as soon as this becomes true, or its sender goes.
    #[must_use]
    pub const fn by(is_ending: watch::Receiver<bool>) -> Self {
        Self(is_ending)
    }

    /// Waits until the engine ends; for ever, where nothing breaks the poke off.
    pub async fn comes(ending: Option<&Self>) {
        match ending {
            Some(Self(is_ending)) => {
                let _ = is_ending.clone().wait_for(|it| *it).await;
            }
            None => std::future::pending().await,
        }
    }
}

/// What a poke goes by, beside the account.
#[derive(Clone, Copy, Debug)]
pub struct Poking<'a> {
    /// What set it off.
    pub trigger: Trigger,
    /// The time of day.
    pub clock: Clock,
    /// Where the secret of a login comes from.
    pub secret: SecretFrom<'a>,
    /// What an earlier poke of the account has found out.
    pub learned: Option<&'a Learned>,
    /// Whom to ask before it goes on to another of the account's hosts; `None` where it may at once.
    /// At the first it has its turn already.
    pub turns: Option<&'a dyn HostTurns>,
    /// What may break it off; `None` where it is seen to its end.
    pub ending: Option<&'a Ending>,
}

impl<'a> Poking<'a> {
    /// A poke by host, outside all accounts: with the secret that was given, if one was.
    #[must_use]
    pub const fn by_host(secret: Option<&'a Secret>) -> Self {
        Self {
            trigger: Trigger::Host,
            clock: Clock::System,
            secret: SecretFrom::Given(secret),
            learned: None,
            turns: None,
            ending: None,
        }
    }
}

/// Where the secret of a login comes from.
#[derive(Clone, Copy, Debug)]
pub enum SecretFrom<'a> {
    /// From the source that the account names.
    Account(&'a Secrets),
    /// From whoever asks for the poke.
    Given(Option<&'a Secret>),
}

/// What is left of a poke.
#[derive(Debug)]
pub struct Poked {
    /// What goes into the history.
    pub poke: Poke,
    /// What is to be remembered for the next one.
    pub learned: Option<Learned>,
    /// The connection, where the provider has said goodbye and not closed it yet.
    pub lingering: Option<Lingering>,
    /// Where it was connected, or tried last.
    pub address: Option<SocketAddr>,
    /// All addresses that the provider's name has; none where it is an address itself.
    pub resolved: BTreeSet<IpAddr>,
    /// Which host was poked last: 0 is the account's own, then the others.
    pub host: usize,
    /// Which hosts failed before it.
    pub failed: Vec<usize>,
}

/// A connection that the provider keeps open after its goodbye. At AutoTURN providers its end is
/// the end of the delivery.
#[derive(Debug)]
pub struct Lingering {
    line: ProviderStream,
    since: Instant,
}

impl Lingering {
    /// Waits for the end; gives how long after the goodbye it came. `None` after twenty minutes,
    /// where the connection broke, or where the provider goes on talking.
    pub async fn end(mut self) -> Option<Duration> {
        let mut bounds = Bounds::new(LINGERING_OCTETS, self.since + LINGERING);
        let mut buffer = [0; 256];
        loop {
            match bounds.read(&mut self.line, &mut buffer).await {
                Ok(0) => return Some(self.since.elapsed()),
                // Whatever it says after its goodbye.
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}

/// Pokes the account's provider once. `on_line` sees each line of the dialogue as it is said.
/// Whatever happens is in the result; it never fails to give one.
pub async fn poke(
    account: &Account,
    poking: Poking<'_>,
    mut on_line: impl FnMut(&DialogueLine),
) -> Poked {
    // As the history keeps it, so that it is the same before and after a restart.
    let started_at = whole_milliseconds(poking.clock.now());
    let mut ending = pin!(Ending::comes(poking.ending));
    let preparing = async {
        let login = login(account, poking.secret).await;
        (login, look_at_mail_server(account).await)
    };
    let prepared = tokio::select! {
        biased;
        prepared = preparing => Some(prepared),
        () = ending.as_mut() => None,
    };
    let is_interrupted = prepared.is_none();
    let (login, looked) = prepared.unwrap_or((Ok(None), None));
    let (login, missing) = match login {
        Ok(login) => (login, None),
        Err(fault) => (None, Some(fault)),
    };
    let mut session = Session::new(plan(account, login, poking.learned));
    if is_interrupted {
        session.interrupt(Duration::ZERO);
    }
    if missing.is_some() {
        session.call_off(Verdict::new(Outcome::Failed, Reason::SecretMissing));
    }
    if let Some(reason) = looked.as_ref().and_then(held) {
        session.call_off(Verdict::new(Outcome::Held, reason));
    }
    if account.method.turns() && account.mail_server.is_none() {
        // Not to whatever listens on this machine.
        session.call_off(Verdict::new(Outcome::Failed, Reason::MailServerUnset));
    }
    let mut drive = Drive::new(account);
    drive.run(&mut session, &mut on_line, ending).await;
    let duration_ms = u32::try_from(drive.origin.elapsed().as_millis()).unwrap_or(u32::MAX);
    let mut report = session.into_report();
    let mail_server = match report.verdict.outcome {
        Outcome::Held => looked.or_else(|| Some(drive.found_unready(&report.verdict))),
        _ => looked.or(drive.looked.map(|looked| looked.state)),
    };
    let learned = report.learned.take();
    let lingering = drive.line.filter(|_| report.lingers).map(|line| Lingering {
        line,
        since: Instant::now(),
    });
    let address = drive.address;
    let poke = Poke {
        mail_server_address: account.mail_server.as_ref().map(ToString::to_string),
        mail_server,
        secret_fault: missing,
        started_at,
        duration_ms,
        address: address.map(|address| address.to_string()),
        ..view(account, poking.trigger, report)
    };
    tracing::info!(
        account = account.name,
        outcome = poke.outcome.name(),
        duration_ms,
        "poked"
    );
    Poked {
        poke,
        learned,
        lingering,
        address,
        resolved: if account.host.address().is_some() {
            BTreeSet::new()
        } else {
            drive.resolved
        },
        host: 0,
        failed: Vec::new(),
    }
}

/// What came of a visit that asked for nothing.
#[derive(Debug)]
pub(crate) struct Probed {
    /// Its report. The method and the domains in it say nothing.
    pub(crate) report: Report,
    /// What the provider offers, on the line as it was at the end.
    pub(crate) capabilities: Capabilities,
    /// What the last EHLO reply offered, also where TLS has made it void since.
    pub(crate) offered: Capabilities,
    /// Whether a firewall masks its greeting.
    pub(crate) masked: bool,
}

/// Visits the provider at this one of its addresses as a poke would, logs in where there is a login,
/// and asks for nothing.
pub(crate) async fn probe(account: &Account, at: SocketAddr, login: Option<Login>) -> Probed {
    let mut drive = Drive {
        only_at: Some(at),
        ..Drive::new(account)
    };
    let mut session = Session::probe(plan(account, login, None));
    let to_the_end = pin!(std::future::pending());
    drive.run(&mut session, &mut |_| {}, to_the_end).await;
    Probed {
        capabilities: session.capabilities().clone(),
        offered: last_offered(session.dialogue()),
        masked: session.is_masked(),
        report: session.into_report(),
    }
}

/// What the last EHLO reply of a dialogue offers.
pub(crate) fn last_offered(dialogue: &[DialogueLine]) -> Capabilities {
    let is_ehlo = |line: &DialogueLine| line.from == Speaker::Us && line.line.starts_with("EHLO");
    let mut after = dialogue.iter();
    let mut offered = Capabilities::default();
    while after.by_ref().any(is_ehlo) {
        let said = after
            .clone()
            .take_while(|line| line.from == Speaker::Provider);
        let mut replies = ReplyParser::default();
        for line in said {
            replies.push(line.line.as_bytes());
            replies.push(b"\r\n");
        }
        if let Ok(Some(reply)) = replies.next_reply()
            && reply.code() == 250
        {
            offered = Capabilities::from_reply(&reply);
        }
    }
    offered
}

pub(crate) fn plan(account: &Account, login: Option<Login>, learned: Option<&Learned>) -> Plan {
    Plan {
        method: account.method,
        targets: account.domains.clone(),
        ehlo: account.ehlo.clone().or_else(own_name),
        security: account.tls,
        login,
        host: (account.host.to_string(), account.port()),
        nonce: nonce(),
        finger: Some(account.finger.clone()).filter(|query| !query.is_empty()),
        may_turn: account.may_turn(),
        learned: learned.cloned(),
        normal_codes: account.normal_codes.clone(),
        limits: account.limits,
    }
}

/// Pokes the account's hosts in this order, by their numbers (0 is its own, then the others), until
/// one answers for all: where one cannot be reached or cannot now, the next may.
pub async fn poke_hosts(
    account: &Account,
    order: &[usize],
    poking: Poking<'_>,
    mut on_line: impl FnMut(&DialogueLine),
) -> Poked {
    let mut failed = Vec::new();
    let mut tried = Vec::new();
    let mut said = Vec::new();
    let mut hosts = order.iter().copied().peekable();
    loop {
        let host = hosts.next().unwrap_or_default();
        let mut poked = poke(&at_host(account, host), poking, &mut on_line).await;
        let next = tries_next_host(poked.poke.outcome, poked.poke.reason);
        if let Some(after) = hosts.peek().filter(|_| next) {
            failed.push(host);
            said.append(&mut poked.poke.dialogue);
            tried.push(in_vain(poked.poke));
            let after = at_host(account, *after);
            let line = DialogueLine::next_host(after.host.as_str());
            on_line(&line);
            said.push(line);
            if let Some(turns) = poking.turns {
                tokio::select! {
                    () = turns.at(&after.host) => {}
                    () = Ending::comes(poking.ending) => {}
                }
            }
            continue;
        }
        if !tried.is_empty() {
            said.append(&mut poked.poke.dialogue);
            poked.poke.dialogue = said;
            poked.poke.tried = tried;
        }
        if !poked.poke.outcome.is_success() && next {
            failed.push(host);
        }
        return Poked {
            host,
            failed,
            ..poked
        };
    }
}

/// The account with the host of this number as its own: 0 is its own, then the others.
pub(crate) fn at_host(account: &Account, host: usize) -> Cow<'_, Account> {
    let other = host
        .checked_sub(1)
        .and_then(|at| account.other_hosts.get(at));
    match other {
        Some(other) => Cow::Owned(Account {
            host: other.host.clone(),
            port: other.port.or(account.port),
            ..account.clone()
        }),
        None => Cow::Borrowed(account),
    }
}

/// What is kept of a host after which another was tried.
fn in_vain(poke: Poke) -> Tried {
    Tried {
        host: poke.host,
        address: poke.address,
        outcome: poke.outcome,
        reason: poke.reason,
        code: poke.code,
        text: poke.text,
        tls_fault: poke.tls_fault,
        duration_ms: poke.duration_ms,
    }
}

/// How the mail server stands, where one is set: it is looked at first, since what it does not take
/// now may go back to its senders for good. Methods that turn the connection round look by
/// themselves, for it is the mail server that they connect.
async fn look_at_mail_server(account: &Account) -> Option<MailServerState> {
    let server = account
        .mail_server
        .as_ref()
        .filter(|_| account.mail_server_first && !account.method.turns())?;
    let tests = account.mail_server_test == Some(true);
    let domains = match tests {
        true => account.mail_domains(),
        false => Vec::new(),
    };
    let limits = mail_server::ProbeLimits::default();
    Some(mail_server::probe(server, &domains, tests, limits).await)
}

/// Why the poke has to wait, where it has to.
fn held(state: &MailServerState) -> Option<Reason> {
    (!state.is_ready()).then(|| not_ready(state))
}

/// What is to be told of a mail server because of which a poke has to wait.
const fn not_ready(state: &MailServerState) -> Reason {
    match state {
        MailServerState::Silent
        | MailServerState::Refusing
        | MailServerState::Unreachable
        | MailServerState::HangsUp => Reason::MailServerDown,
        MailServerState::Answering { .. }
        | MailServerState::TrustsUs { .. }
        | MailServerState::OpenRelay { .. }
        | MailServerState::Untestable { .. }
        | MailServerState::Postpones { .. }
        | MailServerState::RefusesDomain { .. }
        | MailServerState::TurnsAway { .. }
        | MailServerState::NotSmtp => Reason::MailServerNotReady,
    }
}

/// Whether a poke would not be held now.
pub(crate) async fn is_mail_server_ready(account: &Account) -> bool {
    let limits = mail_server::ProbeLimits::default();
    match &account.mail_server {
        Some(server) if account.method.turns() && account.mail_server_test == Some(false) => {
            let state = mail_server::probe(server, &[], false, limits).await;
            state.is_ready()
        }
        Some(server) if account.method.turns() => {
            !probe_before_turn(account, server, limits).await.holds
        }
        Some(_) | None => {
            let state = look_at_mail_server(account).await;
            state.is_none_or(|state| state.is_ready())
        }
    }
}

/// Who to log in as. An account without a user has no login, but where its certificate is one.
pub(crate) async fn login(
    account: &Account,
    from: SecretFrom<'_>,
) -> Result<Option<Login>, SecretFault> {
    let Some(credential) = account.credential() else {
        return Ok(None);
    };
    let secret = match from {
        _ if credential == Credential::Certificate => None,
        SecretFrom::Given(secret) => secret.cloned(),
        SecretFrom::Account(secrets) => match secrets.get(&account.name, &account.secret).await {
            Ok(secret) => Some(secret),
            Err(SecretFault::NotSet { .. }) if credential == Credential::PasswordOrCertificate => {
                None
            }
            Err(fault) => return Err(fault),
        },
    };
    Ok(Some(Login {
        user: account.user.clone(),
        secret,
        choice: account.auth,
        in_clear: account.login_in_clear,
        certificate: account.client_cert.is_some(),
    }))
}

fn nonce() -> [u8; 24] {
    let mut nonce = [0; 24];
    // Without the system's randomness SCRAM's proof could be recorded and played again; nothing
    // else uses it, and a machine without it has no TLS either.
    if SystemRandom::new().fill(&mut nonce).is_err() {
        tracing::error!("the system gives no random numbers");
    }
    nonce
}

/// The connections of a poke under way.
struct Drive<'a> {
    account: &'a Account,
    origin: Instant,
    line: Option<ProviderStream>,
    mail_server: Option<TcpStream>,
    /// How the mail server stood before the first turn.
    looked: Option<BeforeTurn>,
    /// Why it could not be connected, or did not greet.
    unready: Option<MailServerState>,
    address: Option<SocketAddr>,
    /// The only one of the provider's addresses that is tried.
    only_at: Option<SocketAddr>,
    resolved: BTreeSet<IpAddr>,
}

impl<'a> Drive<'a> {
    fn new(account: &'a Account) -> Self {
        Self {
            account,
            origin: Instant::now(),
            line: None,
            mail_server: None,
            looked: None,
            unready: None,
            address: None,
            only_at: None,
            resolved: BTreeSet::new(),
        }
    }

    /// Takes the session to its end, unless `ending` comes first.
    async fn run(
        &mut self,
        session: &mut Session,
        on_line: &mut impl FnMut(&DialogueLine),
        mut ending: Pin<&mut impl Future<Output = ()>>,
    ) {
        let mut shown = 0;
        let mut buffer = [0; 4096];
        while !matches!(session.step(), Step::Done) {
            let goes_on = tokio::select! {
                biased;
                () = self.take_step(session, &mut buffer) => true,
                () = ending.as_mut() => false,
            };
            if !goes_on {
                session.interrupt(self.origin.elapsed());
            }
            for line in &session.dialogue()[shown..] {
                on_line(line);
            }
            shown = session.dialogue().len();
        }
        for line in &session.dialogue()[shown..] {
            on_line(line);
        }
        self.leave_mail_server();
    }

    async fn take_step(&mut self, session: &mut Session, buffer: &mut [u8]) {
        match session.step() {
            Step::Done => {}
            Step::Connect { limit, until } => self.connect(session, limit, until).await,
            Step::ConnectMailServer { until } => self.connect_mail_server(session, until).await,
            Step::StartTls { strict, until } => self.start_tls(session, strict, until).await,
            Step::Bridge {
                opening,
                idle,
                until,
            } => self.bridge(session, opening, idle, until).await,
            Step::Send { bytes, until } => {
                // What is there before we have spoken is no answer to it.
                let unread = self.line.as_ref().is_some_and(ProviderStream::has_unread);
                if unread {
                    self.receive(session, buffer, until).await;
                } else {
                    let sent = send(self.line.as_mut(), bytes, self.origin + until).await;
                    session.feed(self.origin.elapsed(), sent);
                }
            }
            Step::Receive { until } => self.receive(session, buffer, until).await,
            Step::ReceiveFromMailServer { until } => {
                let from = self.mail_server.as_mut();
                let input = receive(from, buffer, self.origin + until).await;
                self.unready = match input {
                    Input::Closed | Input::Reset => Some(MailServerState::HangsUp),
                    Input::TimedOut => Some(MailServerState::Silent),
                    _ => None,
                };
                session.feed(self.origin.elapsed(), input);
            }
        }
    }

    async fn connect(&mut self, session: &mut Session, limit: Duration, until: Duration) {
        // The connection before has ended: it is closed before a new one is opened.
        self.line = None;
        let until = self.origin + until;
        let opened = match self.only_at {
            Some(address) => connect_at(address, source(self.account), limit).await,
            None => connect(self.account, limit, until, &mut self.resolved).await,
        };
        let input = match opened {
            Ok(stream) => {
                self.address = stream.peer_addr().ok().or(self.address);
                let local = stream.local_addr().map(|local| local.ip()).ok();
                let local = local.or(source(self.account));
                self.line = Some(ProviderStream::Clear(stream));
                Input::Connected {
                    local: local.unwrap_or_else(|| [127, 0, 0, 1].into()),
                }
            }
            Err(not) => {
                self.address = not.address.or(self.address);
                Input::ConnectFailed(not.fault)
            }
        };
        session.feed(self.origin.elapsed(), input);
    }

    async fn connect_mail_server(&mut self, session: &mut Session, until: Duration) {
        self.leave_mail_server();
        let Some(server) = &self.account.mail_server else {
            let input = Input::MailServerUnfit(Reason::MailServerUnset);
            return session.feed(self.origin.elapsed(), input);
        };
        let mut limit = (self.origin + until).saturating_duration_since(Instant::now());
        if self.looked.is_none() && self.account.mail_server_test != Some(false) {
            let limits = mail_server::ProbeLimits::default();
            let looked = probe_before_turn(self.account, server, limits).await;
            let unfit = looked.holds.then(|| not_ready(&looked.state));
            self.looked = Some(looked);
            if let Some(reason) = unfit {
                let input = Input::MailServerUnfit(reason);
                return session.feed(self.origin.elapsed(), input);
            }
            // The look took its own time.
            limit = limit.max(limits.connect);
        }
        let until = Instant::now() + limit;
        let input = match connect_mail_server(server, limit, until).await {
            Ok(stream) => {
                self.mail_server = Some(stream);
                let looked = self.looked.as_ref();
                Input::MailServerConnected {
                    refuses_relay: looked.is_some_and(|looked| looked.refuses_relay),
                }
            }
            Err(not) => {
                self.unready = Some(mail_server::unconnected(not.fault));
                Input::ConnectFailed(not.fault)
            }
        };
        session.feed(self.origin.elapsed(), input);
    }

    /// Why a session was held that had begun: by the look before the turn, by what came of the
    /// connection, or by the greeting, of which this verdict was read.
    fn found_unready(&mut self, verdict: &Verdict) -> MailServerState {
        let looked = self.looked.take().filter(|looked| looked.holds);
        let looked = looked.map(|looked| looked.state);
        looked
            .or(self.unready.take())
            .unwrap_or_else(|| match verdict.code {
                Some(code @ 400..) => MailServerState::TurnsAway {
                    answer: format!("{code} {}", verdict.text.as_deref().unwrap_or_default())
                        .trim_end()
                        .to_owned(),
                },
                Some(_) | None => MailServerState::NotSmtp,
            })
    }

    async fn start_tls(&mut self, session: &mut Session, strict: bool, until: Duration) {
        let Some(ProviderStream::Clear(stream)) = self.line.take() else {
            return session.feed(
                self.origin.elapsed(),
                Input::TlsFailed(&TlsFault::Closed, None),
            );
        };
        let wish = TlsWish {
            host: self.account.host.as_str(),
            ca_file: self.account.ca_file.as_deref(),
            pin: self.account.pin.as_ref(),
            client: self.account.client_certificate(),
            strict,
        };
        match timeout_at(self.origin + until, handshake(&wish, stream)).await {
            Ok(Ok((stream, tls))) => {
                self.line = Some(ProviderStream::Tls(Box::new(stream)));
                session.feed(self.origin.elapsed(), Input::TlsStarted(&tls));
            }
            Ok(Err(refused)) => {
                tracing::debug!(host = wish.host, error = %refused, "no TLS");
                let input = Input::TlsFailed(&refused.fault, refused.certificate.as_ref());
                session.feed(self.origin.elapsed(), input);
            }
            Err(_) => session.feed(
                self.origin.elapsed(),
                Input::TlsFailed(&TlsFault::TimedOut, None),
            ),
        }
    }

    async fn receive(&mut self, session: &mut Session, buffer: &mut [u8], until: Duration) {
        let input = receive(self.line.as_mut(), buffer, self.origin + until).await;
        session.feed(self.origin.elapsed(), input);
    }

    async fn bridge(
        &mut self,
        session: &mut Session,
        opening: Duration,
        idle: Duration,
        until: Duration,
    ) {
        let input = match (session.bridge(), self.line.take(), self.mail_server.take()) {
            (Some(bridge), Some(mut line), Some(mut mail_server)) => {
                let until = self.origin + until;
                let patience = Patience {
                    opening,
                    idle,
                    until,
                };
                match carry(bridge, &mut line, &mut mail_server, patience).await {
                    bridge::End::Over => Input::BridgeOver,
                    bridge::End::TimedOut => Input::TimedOut,
                }
            }
            _ => Input::Reset,
        };
        session.feed(self.origin.elapsed(), input);
    }

    /// Says goodbye to a mail server that was not needed after all.
    fn leave_mail_server(&mut self) {
        if let Some(stream) = self.mail_server.take() {
            bridge::take_leave(&stream);
        }
    }
}

async fn send(line: Option<&mut ProviderStream>, octets: &[u8], until: Instant) -> Input<'static> {
    let Some(line) = line else {
        return Input::Reset;
    };
    let writing = async {
        line.write_all(octets).await?;
        line.flush().await
    };
    match timeout_at(until, writing).await {
        Ok(Ok(())) => Input::Sent,
        Ok(Err(error)) => match (broken(&error), line) {
            // Whoever ends TLS by an alert and hangs up has said so before the line broke.
            (Input::Reset, line @ ProviderStream::Tls(_)) => {
                let mut last = [0; 64];
                let last = timeout(LAST_WORD, line.read(&mut last)).await;
                last.map_or(Input::Reset, |read| match read {
                    Ok(_) => Input::Reset,
                    Err(error) => broken(&error),
                })
            }
            (input, _) => input,
        },
        Err(_) => Input::TimedOut,
    }
}

async fn receive<'b>(
    from: Option<&mut (impl AsyncReadExt + Unpin)>,
    buffer: &'b mut [u8],
    until: Instant,
) -> Input<'b> {
    let got = match from {
        Some(from) => timeout_at(until, from.read(buffer)).await,
        None => Ok(Err(io::ErrorKind::NotConnected.into())),
    };
    match got {
        Ok(Ok(0)) => Input::Closed,
        Ok(Ok(count)) => Input::Received(&buffer[..count]),
        Ok(Err(error)) => broken(&error),
        Err(_) => Input::TimedOut,
    }
}

/// How a line broke: under TLS the provider may have said why.
fn broken(error: &io::Error) -> Input<'static> {
    alert_in(error).map_or(Input::Reset, Input::TlsAlert)
}

/// The report as the clients see it, except for what only the driver knows.
pub(crate) fn view(account: &Account, trigger: Trigger, report: Report) -> Poke {
    Poke {
        id: 0,
        account: account.name.clone(),
        host: account.host.to_string(),
        address: None,
        tried: Vec::new(),
        method: report.method,
        choice: report.choice,
        outcome: report.verdict.outcome,
        reason: report.verdict.reason,
        code: report.verdict.code,
        text: report.verdict.text,
        domains: report.domains.into_iter().map(domain_view).collect(),
        secret_fault: None,
        trigger,
        started_at: Timestamp::UNIX_EPOCH,
        duration_ms: 0,
        round_trips: report.round_trips,
        tls: report.tls,
        certificate: report.certificate,
        tls_fault: report.tls_fault,
        delivered: report.passed.map(|passed| Delivered {
            messages: passed.messages,
            refused: passed.refused,
            recipients_refused: passed.recipients_refused,
            foreign: passed.foreign,
            octets: passed.octets,
        }),
        busy_ms: None,
        mail_server: None,
        mail_server_address: None,
        monitoring: None,
        arrivals: None,
        seen_address: report.seen_address,
        dialogue: report.dialogue,
    }
}

fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn domain_view(domain: DomainReport) -> DomainView {
    DomainView {
        domain: domain.target.into(),
        outcome: domain.verdict.outcome,
        reason: domain.verdict.reason,
        pending: domain.verdict.pending,
        code: domain.verdict.code,
        enhanced: domain.verdict.enhanced,
        text: domain.verdict.text,
    }
}
