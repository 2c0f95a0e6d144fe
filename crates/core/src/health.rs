//! How things stand: pure functions from what is known of the accounts to what the icon shows.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How things stand: what the icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// The last pokes worked, or the first has yet to come.
    Ok,
    /// A poke is under way.
    Poking,
    /// The last poke did not work, or the settings cannot be read.
    Trouble,
    /// Paused by the user.
    Paused,
    /// There is no account yet.
    NotSetUp,
}

/// What is known of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthFacts {
    /// Whether a poke is under way.
    pub poking: bool,
    /// Whether it is paused, by itself or with everything.
    pub paused: bool,
    /// Pokes in a row that did not work.
    pub failures: u32,
    /// Nothing has arrived for longer than the user finds right.
    pub silent: bool,
}

/// How one account stands. What goes on now comes first, then the user's own wish, then trouble.
#[must_use]
pub const fn of_account(known: HealthFacts) -> Health {
    match known {
        HealthFacts { poking: true, .. } => Health::Poking,
        HealthFacts { paused: true, .. } => Health::Paused,
        HealthFacts {
            failures: 0,
            silent: false,
            ..
        } => Health::Ok,
        HealthFacts { .. } => Health::Trouble,
    }
}

/// Whether all is well only because no poke has ended yet: people read “waiting for the first poke”.
#[must_use]
pub const fn is_waiting(health: Health, has_been_poked: bool) -> bool {
    matches!(health, Health::Ok) && !has_been_poked
}

/// How everything stands. Trouble anywhere shows before a pause somewhere; only where every
/// account is paused is the whole paused.
#[must_use]
pub fn of_all(accounts: impl Iterator<Item = Health>, settings_fault: bool) -> Health {
    let first = accounts.min_by_key(|health| match health {
        Health::Poking => 0,
        Health::Trouble => 1,
        Health::Ok => 2,
        Health::Paused => 3,
        Health::NotSetUp => 4,
    });
    match first {
        Some(Health::Poking) => Health::Poking,
        _ if settings_fault => Health::Trouble,
        Some(health) => health,
        None => Health::NotSetUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Health::*;

    #[test]
    fn of_one() {
        let known = |poking, paused, failures| {
            of_account(HealthFacts {
                poking,
                paused,
                failures,
                silent: false,
            })
        };
        assert_eq!(known(true, true, 3), Poking);
        assert_eq!(known(false, true, 3), Paused);
        assert_eq!(known(false, false, 1), Trouble);
        assert_eq!(known(false, false, 0), Ok);
        let silent = HealthFacts {
            silent: true,
            ..HealthFacts::default()
        };
        assert_eq!(of_account(silent), Trouble);
    }

    #[test]
    fn only_what_is_well_waits_for_its_first_poke() {
        for health in [Ok, Poking, Trouble, Paused, NotSetUp] {
            assert_eq!(is_waiting(health, false), health == Ok, "{health:?}");
            assert!(!is_waiting(health, true), "{health:?}");
        }
    }

    #[test]
    fn of_several() {
        for (accounts, fault, whole) in [
            (vec![], false, NotSetUp),
            (vec![], true, Trouble),
            (vec![Ok, Trouble, Poking], false, Poking),
            (vec![Ok, Trouble, Paused], false, Trouble),
            (vec![Ok, Paused], false, Ok),
            (vec![Paused, Paused], false, Paused),
            (vec![Ok], true, Trouble),
        ] {
            assert_eq!(
                of_all(accounts.iter().copied(), fault),
                whole,
                "{accounts:?} {fault}"
            );
        }
    }
}
