//! The notices, the channels by which they leave, and how those fare.

use std::{collections::BTreeMap, sync::Arc};

use dequeue_core::{
    notice::{Change, Notices, PokeNews, PokeResult, Said},
    record::{Notice, Notify, Poke},
    settings::{
        Settings,
        channel::{Channel, HEARTBEAT_SECRET, MAIL_SECRET, WEBHOOK_SECRET},
        channels::Summaries,
    },
    summary::{self, Summary},
    text::Text,
};
use jiff::{Timestamp, tz::TimeZone};

use super::account_state::{AccountState, EndedPoke};
use crate::{
    channel::{CertificateRoots, ChannelFault, ChannelLimits, Channels, Outgoing, SecretOf},
    connect::machine_name,
    secrets::Secrets,
};

/// Hears how a notice or a heartbeat fared.
pub(super) type OnResult = Arc<dyn Fn(Channel, Result<(), ChannelFault>) + Send + Sync>;

/// When summaries are sent. Where none is wanted it holds nothing.
struct SummaryTimes {
    /// When the last was sent, or when they were wanted first.
    from: Option<Timestamp>,
    /// When the next is due.
    due: Option<Timestamp>,
}

impl SummaryTimes {
    fn count_from(&mut self, from: Option<Timestamp>, zone: &TimeZone) {
        self.from = from;
        self.due = from.and_then(|from| summary::next_due(from, zone));
    }
}

/// The notices and their ways out.
pub(super) struct Announcer {
    pub(super) notices: Notices,
    summaries: SummaryTimes,
    channels: Channels,
    faults: BTreeMap<Channel, ChannelFault>,
    secrets: Arc<Secrets>,
    on_result: OnResult,
}

impl Announcer {
    pub(super) fn new(
        notices: Notices,
        summed_up_at: Option<Timestamp>,
        settings: &Settings,
        secrets: Arc<Secrets>,
        on_result: OnResult,
    ) -> Self {
        Self {
            notices,
            summaries: SummaryTimes {
                from: summed_up_at,
                due: None,
            },
            channels: channels(settings, &secrets, &on_result),
            faults: BTreeMap::new(),
            secrets,
            on_result,
        }
    }

    /// Takes new settings over.
    pub(super) fn take_settings(&mut self, before: &Settings, settings: &Settings) {
        let same = settings.channels == before.channels
            && settings.notice_mail_secret == before.notice_mail_secret
            && settings.notice_webhook_secret == before.notice_webhook_secret
            && settings.heartbeat_secret == before.heartbeat_secret;
        if !same {
            self.channels = channels(settings, &self.secrets, &self.on_result);
            self.faults.clear();
        }
    }

    // ---- Notices ----------------------------------------------------------------------------

    /// When a notice is due.
    pub(super) fn next_at(
        &self,
        now: Timestamp,
        settings: &Settings,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        self.notices.next_due(now, settings.notice_times(zone))
    }

    /// The notice that is due, if any. Ask again until there is none.
    pub(super) fn due(
        &mut self,
        now: Timestamp,
        settings: &Settings,
        zone: &TimeZone,
    ) -> Option<Said> {
        // Looking is cheap, and there is seldom one.
        let next = self.next_at(now, settings, zone)?;
        let times = settings.notice_times(zone);
        (next <= now)
            .then(|| self.notices.due(now, times))
            .flatten()
    }

    /// What a poke that has ended and is written down changes for the notices.
    pub(super) fn poked(&self, state: &AccountState, ended: &EndedPoke, text: &Text) -> Change {
        let worked = ended.poke.outcome.is_success();
        // That all is well with an account that has been well is told to nobody.
        let is_news = !worked
            || ended.first_success
            || state.account.notify == Notify::Everything
            || self.notices.know(state.name());
        let explanation = is_news.then(|| text.explain_with_answer(&ended.poke));
        Change::Poked(PokeResult {
            account: state.name().to_owned(),
            wanted: state.notices(),
            provider: state.account.host.to_string(),
            news: PokeNews::new(&ended.poke, explanation.unwrap_or_default()),
            failures: ended.failures,
            first_success: ended.first_success,
        })
    }

    // ---- Summaries --------------------------------------------------------------------------

    /// Takes over whether summaries are wanted, and what the clock says. Gives what they count from
    /// where that is to be noted.
    pub(super) fn look_at_summaries(
        &mut self,
        now: Timestamp,
        settings: &Settings,
        zone: &TimeZone,
    ) -> Option<Option<Timestamp>> {
        let before = self.summaries.from;
        let from = match settings.channels.mail.summaries {
            Summaries::Never => None,
            Summaries::Weekly => Some(before.map_or(now, |it| summary::counted_from(it, now))),
        };
        if from != before || from.is_some() && self.summaries.due.is_none() {
            self.summaries.count_from(from, zone);
        }
        (from != before).then_some(from)
    }

    /// When a summary is due. It keeps to the quiet hours, as every notice does.
    pub(super) fn next_summary_at(
        &self,
        now: Timestamp,
        settings: &Settings,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        let due = self.summaries.due?;
        if due > now {
            return Some(due);
        }
        let quiet_until = settings.notice_times(zone).quiet_until(now);
        Some(quiet_until.unwrap_or(due))
    }

    /// A summary is sent now.
    pub(super) fn summed_up(&mut self, now: Timestamp, zone: &TimeZone) {
        self.summaries.count_from(Some(now), zone);
    }

    /// Sends a summary by mail, in the background.
    pub(super) fn send_summary(&self, summary: &Summary, at: Timestamp, text: &Text) {
        let words = summary.words(text);
        (self.channels).mail(Outgoing::summary(words, at, &machine_name()));
    }

    // ---- Channels ---------------------------------------------------------------------------

    /// Sends a notice by every channel that is set, in the background.
    pub(super) fn send(&self, said: &Said, notice: &Notice) {
        self.channels
            .tell(Outgoing::new(said, notice, &machine_name()));
    }

    /// Gives the account's heartbeat after a poke, where it has one.
    pub(super) fn beat(&self, state: &AccountState, poke: &Poke, text: &Text) {
        if let Some(heartbeat) = state.account.heartbeat() {
            let why = (!poke.outcome.is_success()).then(|| text.explain_poke(poke));
            self.channels
                .beat(&heartbeat, why.as_deref().map_or(Ok(()), Err));
        }
    }

    /// Sends a notice that only tries the channels out. Gives how each fared.
    pub(super) fn try_out(
        &self,
        text: &Text,
        at: Timestamp,
    ) -> impl Future<Output = Vec<(Channel, Result<(), ChannelFault>)>> + use<> {
        let channels = self.channels.clone();
        let notice = Outgoing::trial(text, at, &machine_name());
        async move { channels.try_each(notice).await }
    }

    /// How a notice or a heartbeat fared on its way. Gives whether a channel works that did not, or
    /// the other way round.
    pub(super) fn fared(&mut self, channel: Channel, result: Result<(), ChannelFault>) -> bool {
        match result {
            Ok(()) => self.faults.remove(&channel).is_some(),
            Err(fault) => {
                tracing::warn!(fault = %fault.sentence(&Text::for_language("en")), "not told");
                self.faults.insert(channel, fault).is_none()
            }
        }
    }

    /// What does not work, in words.
    pub(super) fn faults(&self, text: &Text) -> Vec<String> {
        let faults = self.faults.values();
        faults.map(|fault| fault.sentence(text)).collect()
    }
}

fn channels(settings: &Settings, secrets: &Arc<Secrets>, on_result: &OnResult) -> Channels {
    let secrets = secrets.clone();
    let mail = settings.notice_mail_secret.clone();
    let webhook = settings.notice_webhook_secret.clone();
    let heartbeat = settings.heartbeat_secret.clone();
    let secret = move |of: SecretOf| {
        let secrets = secrets.clone();
        let (name, source) = match of {
            SecretOf::Mail => (MAIL_SECRET, mail.clone()),
            SecretOf::Webhook => (WEBHOOK_SECRET, webhook.clone()),
            SecretOf::Heartbeat => (HEARTBEAT_SECRET, heartbeat.clone()),
        };
        async move {
            match secrets.get(name, &source).await {
                Ok(secret) => Some(secret.expose().to_owned()),
                Err(fault) => {
                    tracing::debug!(%fault, "no secret for a notice");
                    None
                }
            }
        }
    };
    let on_result = on_result.clone();
    Channels::new(
        settings.channels.clone(),
        ChannelLimits::default(),
        CertificateRoots::System,
        secret,
        move |channel, result| on_result(channel, result),
    )
}
