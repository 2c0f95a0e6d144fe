//! What the controller meets outside the program: providers, and the mail servers. Tests put a
//! script in their place, which takes no time but the clock's.

#[cfg(test)]
use std::{fmt::Debug, sync::Arc};

use dequeue_core::{arrivals::ArrivalMonitoring, settings::Account};
use dequeue_platform::system_events::{self, SystemEvent};
use dequeue_smtp::DialogueLine;
use tokio::sync::mpsc;

use crate::{
    arrivals::Watcher,
    poke::{Poked, Poking, is_mail_server_ready, poke_hosts},
};
#[cfg(test)]
use dequeue_core::{notice::Said, record::Trigger};

/// Who is poked.
#[derive(Clone, Debug, Default)]
pub(crate) enum Environment {
    /// Whoever answers over the network.
    #[default]
    Network,
    /// Nobody: all is made up.
    #[cfg(test)]
    Script(Arc<dyn Script>),
}

/// A world that is made up.
#[cfg(test)]
pub(crate) trait Script: Debug + Send + Sync {
    /// How a poke that begins now ends, after the time that it says it takes. The account's hosts
    /// are tried in this order.
    fn poke(
        &self,
        account: &Account,
        order: &[usize],
        trigger: Trigger,
    ) -> (Poked, Option<ArrivalMonitoring>);
    /// Where it is told that the machine has woken or its network is up.
    fn watch(&self, wakes: mpsc::Sender<SystemEvent>);
    /// Whether a mail server answers now.
    fn mail_server_is_ready(&self) -> bool;
    /// A notice was given.
    fn told(&self, said: &Said);
}

impl Environment {
    /// Pokes an account's hosts in this order, its arrivals watched since before.
    pub(super) async fn poke(
        &self,
        account: &Account,
        order: &[usize],
        poking: Poking<'_>,
        watcher: Option<&Watcher>,
        on_line: impl FnMut(&DialogueLine),
    ) -> (Poked, Option<ArrivalMonitoring>) {
        match self {
            Self::Network => {
                let monitoring = match watcher {
                    Some(watcher) => {
                        Some(watcher.watch(&account.mail_server(), account.watch).await)
                    }
                    None => None,
                };
                let poked = poke_hosts(account, order, poking, on_line).await;
                (poked, monitoring)
            }
            #[cfg(test)]
            Self::Script(script) => {
                let (poked, monitoring) = script.poke(account, order, poking.trigger);
                let takes = std::time::Duration::from_millis(poked.poke.duration_ms.into());
                tokio::time::sleep(takes).await;
                (poked, monitoring)
            }
        }
    }

    /// Watches for occasions for a poke beside the rhythm's, until what is given is dropped.
    pub(super) fn watch(&self, wakes: mpsc::Sender<SystemEvent>) -> Option<system_events::Watch> {
        match self {
            Self::Network => Some(system_events::watch(wakes)),
            #[cfg(test)]
            Self::Script(script) => {
                script.watch(wakes);
                None
            }
        }
    }

    /// Whether a mail server answers now.
    pub(super) async fn mail_server_is_ready(&self, account: &Account) -> bool {
        match self {
            Self::Network => is_mail_server_ready(account).await,
            #[cfg(test)]
            Self::Script(script) => script.mail_server_is_ready(),
        }
    }

    /// A notice is given.
    #[cfg(test)]
    pub(super) fn told(&self, said: &Said) {
        match self {
            Self::Network => {}
            Self::Script(script) => script.told(said),
        }
    }
}
