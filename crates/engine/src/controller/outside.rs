//! What the controller meets outside the program: providers, and the own servers. Tests put a
//! script in their place, which takes no time but the clock's.

#[cfg(test)]
use std::{fmt::Debug, sync::Arc};

use dequeue_smtp::DialogueLine;

#[cfg(test)]
use crate::{api::Trigger, notice::Said};
use crate::{
    arrivals::{Sight, Watcher},
    poke::{Poked, Poking, is_own_server_ready, poke_hosts},
    settings::Account,
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
    /// How a poke that begins now ends, after the time that it says it takes.
    fn poke(&self, account: &Account, trigger: Trigger) -> (Poked, Option<Sight>);
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
                let (poked, sight) = script.poke(account, poking.trigger);
                let takes = std::time::Duration::from_millis(poked.poke.duration_ms.into());
                tokio::time::sleep(takes).await;
                (poked, sight)
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
