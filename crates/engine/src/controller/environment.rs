//! What the controller meets outside the program: providers, mail servers, and a system that tells
//! of itself. [`Network`] is the real one; a simulation puts a world of its own in its place, which
//! takes no time except the clock's.

use std::{fmt, path::Path, pin::Pin, time::Duration};

use dequeue_api::{Paths, Request, Response, attach, paths::is_service_in_charge};
use dequeue_core::{
    arrivals::ArrivalMonitoring, notice::Said, settings::Account, update::Announcement,
};
use dequeue_platform::system_events::{self, SystemEvent};
use dequeue_smtp::DialogueLine;
use tokio::sync::mpsc;

use super::settings_watch;
use crate::{
    arrivals::{ArrivalEvent, Watcher},
    poke::{Poked, Poking, is_mail_server_ready, poke_hosts},
    update::{LookFault, Source},
};

/// Pokes break off at once; each still closes its connection and is heard.
const BREAKING_OFF: Duration = Duration::from_millis(500);

/// Something that takes its time.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the controller is told of what happens by itself. What is full is behind, and need not be
/// told the same again.
#[derive(Clone, Debug)]
pub struct Signals {
    /// The machine has woken, or its network has come up.
    pub system: mpsc::Sender<SystemEvent>,
    /// Connections have reached a mail server. A [`Watcher`] sends them here by itself.
    pub arrivals: mpsc::Sender<ArrivalEvent>,
    /// The settings file may have been changed, and is at rest.
    pub settings: mpsc::Sender<()>,
}

/// Lasts for as long as it is watched; dropping it ends that.
pub type Watching = Box<dyn Send>;

/// The world that the controller lives in.
pub trait Environment: fmt::Debug + Send + Sync {
    /// Pokes an account's hosts in this order, by their numbers (0 is its own, then the others).
    /// `on_line` sees each line of the dialogue as it is said.
    fn poke<'a>(
        &'a self,
        account: &'a Account,
        order: &'a [usize],
        poking: Poking<'a>,
        on_line: &'a mut (dyn FnMut(&DialogueLine) + Send),
    ) -> Pending<'a, Poked>;

    /// Sees to it that the watcher tells of arrivals by the account's next poke; gives whether it
    /// can.
    fn watch_arrivals<'a>(
        &'a self,
        account: &'a Account,
        watcher: &'a Watcher,
    ) -> Pending<'a, ArrivalMonitoring>;

    /// Whether a poke of the account would not be held for its mail server now.
    fn is_mail_server_ready<'a>(&'a self, account: &'a Account) -> Pending<'a, bool>;

    /// Tells from now on of what happens by itself, until what is given is dropped. Called once by
    /// each controller that pokes on time, within its runtime.
    fn watch(&self, settings: &Path, signals: Signals) -> Watching;

    /// The newest version that is announced.
    fn look_for_update(&self) -> Pending<'_, Result<Announcement, LookFault>> {
        Box::pin(async { Err(LookFault::NoSource) })
    }

    /// How long its pokes may take to break off when the engine ends. Those that take longer leave
    /// nothing behind.
    fn breaking_off(&self) -> Duration {
        BREAKING_OFF
    }

    /// Asks the machine's service, or another one in that folder, whether it has taken over the
    /// accounts of a move ([`dequeue_api::Request::TakeBack`]); `None` where that cannot be known for now.
    fn take_back<'a>(
        &'a self,
        token: &'a str,
        service_in: Option<&'a Path>,
    ) -> Pending<'a, Option<bool>> {
        let _ = (token, service_in);
        Box::pin(async { None })
    }

    /// A notice was given.
    fn told(&self, said: &Said) {
        let _ = said;
    }
}

/// Whoever answers over the network, and this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Network;

impl Environment for Network {
    fn poke<'a>(
        &'a self,
        account: &'a Account,
        order: &'a [usize],
        poking: Poking<'a>,
        on_line: &'a mut (dyn FnMut(&DialogueLine) + Send),
    ) -> Pending<'a, Poked> {
        Box::pin(poke_hosts(account, order, poking, on_line))
    }

    fn watch_arrivals<'a>(
        &'a self,
        account: &'a Account,
        watcher: &'a Watcher,
    ) -> Pending<'a, ArrivalMonitoring> {
        Box::pin(async {
            let server = account.mail_server();
            watcher.watch(&server, account.watch).await
        })
    }

    fn is_mail_server_ready<'a>(&'a self, account: &'a Account) -> Pending<'a, bool> {
        Box::pin(is_mail_server_ready(account))
    }

    fn look_for_update(&self) -> Pending<'_, Result<Announcement, LookFault>> {
        Box::pin(async {
            let source = Source::from_environment().ok_or(LookFault::NoSource)?;
            source.look().await
        })
    }

    fn take_back<'a>(
        &'a self,
        token: &'a str,
        service_in: Option<&'a Path>,
    ) -> Pending<'a, Option<bool>> {
        Box::pin(async move {
            let service = match service_in {
                Some(folder) => Paths::as_the_machines(folder),
                None if !is_service_in_charge() => return Some(false),
                None => Paths::for_machine().ok()?,
            };
            let token = token.to_owned();
            let client = attach(&service).await?;
            match client.request(Request::TakeBack { token }).await {
                Ok(Response::TakenBack { has_them }) => Some(has_them),
                Ok(_) | Err(_) => None,
            }
        })
    }

    fn watch(&self, settings: &Path, signals: Signals) -> Watching {
        let file = settings_watch::watch(settings, signals.settings);
        Box::new((file, system_events::watch(signals.system)))
    }
}
