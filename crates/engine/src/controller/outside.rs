//! What the controller meets outside the program: providers, and the own servers. Tests put a
//! script in their place, which takes no time but the clock's.

#[cfg(test)]
use std::{fmt::Debug, sync::Arc};

use dequeue_smtp::DialogueLine;
use tokio::sync::mpsc;

#[cfg(test)]
use crate::{api::Trigger, notice::Said};
use crate::{
    arrivals::{Sight, Watcher},
    poke::{Poked, Poking, is_own_server_ready, poke_hosts},
    settings::Account,
    wake::{self, Woken},
};

/// Who is poked.
#[derive(Clone, Debug, Default)]
pub(crate) enum Outside {
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
    fn poke(&self, account: &Account, order: &[usize], trigger: Trigger) -> (Poked, Option<Sight>);
    /// Where it is told that the machine has woken or its network is up.
    fn watch(&self, wakes: mpsc::Sender<Woken>);
    /// Whether an own server answers now.
    fn own_server_is_ready(&self) -> bool;
    /// A notice was given.
    fn told(&self, said: &Said);
}

impl Outside {
    /// Pokes an account's hosts in this order, its arrivals watched since before.
    pub(super) async fn poke(
        &self,
        account: &Account,
        order: &[usize],
        poking: Poking<'_>,
        watcher: Option<&Watcher>,
        on_line: impl FnMut(&DialogueLine),
    ) -> (Poked, Option<Sight>) {
        match self {
            Self::Network => {
                let sight = match watcher {
                    Some(watcher) => {
                        Some(watcher.watch(&account.own_server(), account.watch).await)
                    }
                    None => None,
                };
                let poked = poke_hosts(account, order, poking, on_line).await;
                (poked, sight)
            }
            #[cfg(test)]
            Self::Script(script) => {
                let (poked, sight) = script.poke(account, order, poking.trigger);
                let takes = std::time::Duration::from_millis(poked.poke.duration_ms.into());
                tokio::time::sleep(takes).await;
                (poked, sight)
            }
        }
    }

    /// Watches for occasions for a poke beside the rhythm's, until what is given is dropped.
    pub(super) fn watch(&self, wakes: mpsc::Sender<Woken>) -> Option<wake::Watch> {
        match self {
            Self::Network => Some(wake::watch(wakes)),
            #[cfg(test)]
            Self::Script(script) => {
                script.watch(wakes);
                None
            }
        }
    }

    /// Whether an own server answers now.
    pub(super) async fn own_server_is_ready(&self, account: &Account) -> bool {
        match self {
            Self::Network => is_own_server_ready(account).await,
            #[cfg(test)]
            Self::Script(script) => script.own_server_is_ready(),
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
