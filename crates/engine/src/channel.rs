//! Where notices go besides the desktop, for servers that nobody looks at: a command, a webhook,
//! an e-mail; and a heartbeat after each poke, for a service that misses it when it stays away.
//!
//! [`Channels`] sends in the background, within a time limit and with a few more tries, so that no
//! poke ever waits. Nothing is set up before there is something to send. What could not be
//! delivered is in the log and is reported as a [`ChannelFault`], which ends with the next success.
//!
//! Web addresses often hold a key, so neither logs nor `Debug` show more of them than the host.

mod command;
mod fault;
pub(crate) mod http;
mod mail;
mod turns;
mod webhook;

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dequeue_core::{
    notice::Said,
    record::{Notice, NoticeKind},
    settings::{
        channel::Channel,
        channels::{ChannelSettings, Heartbeat, WebAddress},
    },
    summary::SummaryWords,
    text::Text,
};
use jiff::Timestamp;
use serde::Serialize;

pub use self::fault::{ChannelFault, Why};
use self::turns::Turns;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretOf {
    /// The password of the e-mail account.
    Mail,
    /// What stands in the webhook's address at `{secret}`. Where it stands nowhere, a token that
    /// the webhook wants as `Authorization: Bearer`; many want none.
    Webhook,
    /// What stands in the heartbeats' addresses at `{secret}`.
    Heartbeat,
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// What it is about.
    pub kind: NoticeKind,
    /// The account, where it is about one.
    pub account: Option<String>,
    /// All accounts that it is about.
    pub accounts: Vec<String>,
    /// The heading: one line.
    pub title: String,
    /// What happened, and what to do.
    pub body: String,
    /// Heading, body and machine in one, where a web service shows only this.
    pub text: String,
    /// When it was given.
    pub at: Timestamp,
    /// The machine that gives it.
    pub machine: String,
}

impl Outgoing {
    /// A notice and its words.
    #[must_use]
    pub fn new(said: &Said, words: &Notice, machine: &str) -> Self {
        let accounts = said.about.iter().map(|about| about.account.clone());
        let outgoing = Self {
            kind: words.kind,
            account: words.account.clone(),
            accounts: accounts.collect(),
            title: words.title.clone(),
            body: words.body.clone(),
            text: String::new(),
            at: said.at,
            machine: machine.to_owned(),
        };
        outgoing.with_text()
    }

    /// One that only tries the channels out.
    #[must_use]
    pub fn trial(text: &Text, at: Timestamp, machine: &str) -> Self {
        let outgoing = Self {
            kind: NoticeKind::Trial,
            account: None,
            accounts: Vec::new(),
            title: text.get("channel-trial-title"),
            body: text.format("channel-trial", &[("machine", machine.into())]),
            text: String::new(),
            at,
            machine: machine.to_owned(),
        };
        outgoing.with_text()
    }

    /// A summary.
    #[must_use]
    pub fn summary(words: SummaryWords, at: Timestamp, machine: &str) -> Self {
        let outgoing = Self {
            kind: NoticeKind::Summary,
            account: None,
            accounts: Vec::new(),
            title: words.title,
            body: words.body,
            text: String::new(),
            at,
            machine: machine.to_owned(),
        };
        outgoing.with_text()
    }

    fn with_text(mut self) -> Self {
        self.text = format!("{}\n\n{}\n\n{}", self.title, self.body, self.signature());
        self
    }

    /// Who gives it.
    fn signature(&self) -> String {
        format!("Dequeue, {}", self.machine)
    }
}

/// How long things may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelLimits {
    /// One attempt.
    pub one: Duration,
    /// The pause before each further attempt.
    pub pauses: Vec<Duration>,
}

impl Default for ChannelLimits {
    fn default() -> Self {
        Self {
            one: Duration::from_secs(30),
            pauses: [10, 60, 300].map(Duration::from_secs).to_vec(),
        }
    }
}

/// Whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum CertificateRoots {
    /// Those that the system believes.
    #[default]
    System,
    /// Only those that one of these signed, each in DER.
    Only(Vec<Vec<u8>>),
}

type Secrets =
    dyn Fn(SecretOf) -> Pin<Box<dyn Future<Output = Option<String>> + Send>> + Send + Sync;
type OnResult = dyn Fn(Channel, Result<(), ChannelFault>) + Send + Sync;

/// Sends notices. Cheap to clone; what is under way ends with the runtime.
#[derive(Clone)]
pub struct Channels(Arc<Inner>);

struct Inner {
    settings: ChannelSettings,
    limits: ChannelLimits,
    trust: CertificateRoots,
    secrets: Box<Secrets>,
    on_result: Box<OnResult>,
    turns: Turns,
    /// Web addresses that a heartbeat is on its way to, each with the one that is to follow.
    beating: Mutex<HashMap<String, Option<WebAddress>>>,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Channels").field(&self.0.settings).finish()
    }
}

impl Channels {
    /// Channels by these settings. `secrets` is asked when one is needed, and may take its time;
    /// `on_result` hears how each notice and heartbeat fared in the end.
    pub fn new<F: Future<Output = Option<String>> + Send + 'static>(
        settings: ChannelSettings,
        limits: ChannelLimits,
        trust: CertificateRoots,
        secrets: impl Fn(SecretOf) -> F + Send + Sync + 'static,
        on_result: impl Fn(Channel, Result<(), ChannelFault>) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            settings,
            limits,
            trust,
            secrets: Box::new(move |of| Box::pin(secrets(of))),
            on_result: Box::new(on_result),
            turns: Turns::new(),
            beating: Mutex::default(),
        }))
    }

    /// Sends a notice by every channel that is set, in the background. Must be called within a
    /// tokio runtime.
    pub fn tell(&self, notice: Outgoing) {
        let notice = Arc::new(notice);
        for channel in self.0.settings.channels() {
            self.tell_by(channel, notice.clone());
        }
    }

    /// Sends a notice by mail alone, where that is set, in the background. Must be called within a
    /// tokio runtime.
    pub fn mail(&self, notice: Outgoing) {
        if self.0.settings.channels().contains(&Channel::Mail) {
            self.tell_by(Channel::Mail, Arc::new(notice));
        }
    }

    fn tell_by(&self, channel: Channel, notice: Arc<Outgoing>) {
        let inner = self.0.clone();
        tokio::spawn(async move {
            let result = inner
                .persist(channel, || {
                    let sending = inner.clone().send(channel, notice.clone());
                    inner.turns.notice(sending)
                })
                .await;
            (inner.on_result)(channel, result);
        });
    }

    /// Sends a notice once by every channel that is set, and tells how each fared: for trying them
    /// out.
    pub async fn try_each(&self, notice: Outgoing) -> Vec<(Channel, Result<(), ChannelFault>)> {
        let notice = Arc::new(notice);
        let mut results = Vec::new();
        for channel in self.0.settings.channels() {
            let sending = self.0.clone().send(channel, notice.clone());
            let sent = self.0.turns.notice(sending).await;
            results.push((channel, sent.map_err(|why| ChannelFault { channel, why })));
        }
        results
    }

    /// Gives a heartbeat after a poke that worked or failed for a reason in words, in the background.
    /// Of several for one address that cannot keep up, the latest counts. Must be called within a
    /// tokio runtime.
    pub fn beat(&self, heartbeat: &Heartbeat, outcome: Result<(), &str>) {
        let wanted = match outcome {
            Ok(()) => Some(heartbeat.address_of_success()),
            Err(why) => heartbeat.address_of_failure(why),
        };
        let Some(wanted) = wanted else { return };
        let key = heartbeat.address.as_str().to_owned();
        {
            let mut beating = self.0.beating();
            if let Some(next) = beating.get_mut(&key) {
                *next = Some(wanted);
                return;
            }
            beating.insert(key.clone(), None);
        }
        let inner = self.0.clone();
        let mut next = Some(wanted);
        tokio::spawn(async move {
            while let Some(address) = next {
                let result = inner
                    .persist(Channel::Heartbeat, || {
                        let sending = inner.clone().get(address.clone());
                        inner.turns.heartbeat(address.host(), sending)
                    })
                    .await;
                (inner.on_result)(Channel::Heartbeat, result);
                let mut beating = inner.beating();
                next = beating.get_mut(&key).and_then(Option::take);
                if next.is_none() {
                    beating.remove(&key);
                }
            }
        });
    }
}

impl Inner {
    fn beating(&self) -> std::sync::MutexGuard<'_, HashMap<String, Option<WebAddress>>> {
        self.beating.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries, and tries again after each pause, as long as that may help.
    async fn persist<F>(
        &self,
        channel: Channel,
        mut once: impl FnMut() -> F,
    ) -> Result<(), ChannelFault>
    where
        F: Future<Output = Result<(), Why>>,
    {
        let mut pauses = self.limits.pauses.iter();
        loop {
            let Err(why) = once().await else {
                return Ok(());
            };
            tracing::warn!(?channel, ?why, "a notice or heartbeat was not delivered");
            match pauses.next().filter(|_| why.may_pass()) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(ChannelFault { channel, why }),
            }
        }
    }

    async fn send(self: Arc<Self>, channel: Channel, notice: Arc<Outgoing>) -> Result<(), Why> {
        let one = self.limits.one;
        match (channel, &self.settings) {
            (
                Channel::Command,
                ChannelSettings {
                    command: Some(command),
                    ..
                },
            ) => command::run(command, &notice, one).await,
            (
                Channel::Webhook,
                ChannelSettings {
                    webhook: Some(address),
                    ..
                },
            ) => {
                let secret = (self.secrets)(SecretOf::Webhook).await;
                if secret.is_some() && !address.keeps_secrets() {
                    return Err(Why::OpenLine);
                }
                let wanted = self.settings.webhook_body(address);
                let (address, token) = if address.wants_secret() {
                    let secret = secret.ok_or(Why::NoSecret)?;
                    let whole = address.with_secret(&secret).ok_or(Why::SecretUnfit)?;
                    (whole, None)
                } else {
                    (address.clone(), secret)
                };
                let post = webhook::post(&wanted, address.as_str(), &notice)?;
                http::post(post, token, one, self.trust.clone()).await
            }
            (Channel::Mail, ChannelSettings { mail, .. }) => {
                let password = match mail.user {
                    Some(_) => Some((self.secrets)(SecretOf::Mail).await.ok_or(Why::NoSecret)?),
                    None => None,
                };
                mail::send(mail, &notice, password, one, &self.trust).await
            }
            // Which channels are set is known before; heartbeats go their own way.
            (Channel::Command | Channel::Webhook | Channel::Heartbeat, _) => Ok(()),
        }
    }

    async fn get(self: Arc<Self>, address: WebAddress) -> Result<(), Why> {
        let address = if address.wants_secret() {
            let secret = (self.secrets)(SecretOf::Heartbeat).await;
            let secret = secret.ok_or(Why::NoSecret)?;
            address.with_secret(&secret).ok_or(Why::SecretUnfit)?
        } else {
            address
        };
        let address = address.as_str().to_owned();
        http::get(address, self.limits.one, self.trust.clone()).await
    }
}

#[cfg(test)]
mod tests;
