//! How things stand: pure functions from what is known of the accounts to what is shown of them.
//!
//! There are three good kinds, and only one of them is green: that a provider says yes is no proof
//! that mail gets through. That a poke is under way is no state of health: it is a mark beside it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How things stand, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// The last poke did not work, nothing arrives, or the settings cannot be read.
    Trouble,
    /// Nothing is requested until the user has given something: a domain, a login, a password.
    NeedsYou,
    /// The last poke worked, and nothing shows whether mail gets through.
    Asked,
    /// No poke has ended yet.
    Waiting,
    /// The last poke worked, and lately mail was seen to arrive, or the provider gave its number or
    /// said that none waits.
    Proved,
    /// Paused by the user.
    Paused,
    /// There is no account yet.
    NotSetUp,
}

impl Health {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Trouble,
        Self::NeedsYou,
        Self::Asked,
        Self::Waiting,
        Self::Proved,
        Self::Paused,
        Self::NotSetUp,
    ];

    /// Whether somebody has to do something about it.
    #[must_use]
    pub const fn is_urgent(self) -> bool {
        match self {
            Self::Trouble | Self::NeedsYou => true,
            Self::Asked | Self::Waiting | Self::Proved | Self::Paused | Self::NotSetUp => false,
        }
    }
}

/// What is known of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthFacts {
    /// Whether a poke has ended, and was not broken off.
    pub poked: bool,
    /// Whether it is paused, by itself or with everything.
    pub paused: bool,
    /// Pokes in a row that did not work.
    pub failures: u32,
    /// Whether the last one did not for want of something that only the user can give
    /// ([`crate::record::Poke::needs_user`]).
    pub needs_user: bool,
    /// Nothing has arrived for longer than the user finds right.
    pub silent: bool,
    /// Whether it has been shown lately that mail gets through.
    pub proved: bool,
}

/// How one account stands.
#[must_use]
pub const fn of_account(known: HealthFacts) -> Health {
    if known.paused {
        Health::Paused
    } else if known.failures > 0 && known.needs_user {
        Health::NeedsYou
    } else if known.failures > 0 || known.silent {
        Health::Trouble
    } else if !known.poked {
        Health::Waiting
    } else if known.proved {
        Health::Proved
    } else {
        Health::Asked
    }
}

/// How everything stands: as the most urgent account does. Only where every account is paused is the
/// whole paused, and only where all that are not are proved is it proved.
#[must_use]
pub fn of_all(accounts: impl Iterator<Item = Health>, settings_fault: bool) -> Health {
    if settings_fault {
        return Health::Trouble;
    }
    accounts.min().unwrap_or(Health::NotSetUp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Health::*;

    /// Green is what was shown, and nothing else: of all that can be known, one row is.
    #[test]
    fn of_one() {
        for bits in 0..64_u8 {
            let is = |bit: u8| bits & (1 << bit) != 0;
            let known = HealthFacts {
                poked: is(0),
                paused: is(1),
                failures: u32::from(is(2)) * 3,
                needs_user: is(3),
                silent: is(4),
                proved: is(5),
            };
            let expected = match known {
                HealthFacts { paused: true, .. } => Paused,
                HealthFacts {
                    failures: 3,
                    needs_user: true,
                    ..
                } => NeedsYou,
                HealthFacts { failures: 3, .. } | HealthFacts { silent: true, .. } => Trouble,
                HealthFacts { poked: false, .. } => Waiting,
                HealthFacts { proved: true, .. } => Proved,
                HealthFacts { proved: false, .. } => Asked,
            };
            assert_eq!(of_account(known), expected, "{known:?}");
        }
    }

    #[test]
    fn of_several() {
        for (accounts, fault, whole) in [
            (vec![], false, NotSetUp),
            (vec![], true, Trouble),
            (vec![Proved, Trouble, NeedsYou], false, Trouble),
            (vec![Proved, NeedsYou, Asked], false, NeedsYou),
            (vec![Proved, Asked, Waiting], false, Asked),
            (vec![Proved, Waiting], false, Waiting),
            (vec![Proved, Paused], false, Proved),
            (vec![Asked, Paused], false, Asked),
            (vec![Paused, Paused], false, Paused),
            (vec![Proved], true, Trouble),
        ] {
            assert_eq!(
                of_all(accounts.iter().copied(), fault),
                whole,
                "{accounts:?} {fault}"
            );
        }
    }
}
