//! How things stand: pure functions from what is known of the accounts to what the icon shows.

use crate::api::Standing;

/// What is known of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
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
pub const fn of_account(known: Known) -> Standing {
    match known {
        Known { poking: true, .. } => Standing::Poking,
        Known { paused: true, .. } => Standing::Paused,
        Known {
            failures: 0,
            silent: false,
            ..
        } => Standing::Ok,
        Known { .. } => Standing::Trouble,
    }
}

/// How everything stands. Trouble anywhere shows before a pause somewhere; only where every
/// account is paused is the whole paused.
#[must_use]
pub fn of_all(accounts: impl Iterator<Item = Standing>, settings_fault: bool) -> Standing {
    let mut standings: Vec<Standing> = accounts.collect();
    standings.sort_by_key(|standing| match standing {
        Standing::Poking => 0,
        Standing::Trouble => 1,
        Standing::Ok => 2,
        Standing::Paused => 3,
        Standing::NotSetUp => 4,
    });
    match standings.first() {
        Some(Standing::Poking) => Standing::Poking,
        _ if settings_fault => Standing::Trouble,
        Some(standing) => *standing,
        None => Standing::NotSetUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::*;

    #[test]
    fn of_one() {
        let known = |poking, paused, failures| {
            of_account(Known {
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
        let silent = Known {
            silent: true,
            ..Known::default()
        };
        assert_eq!(of_account(silent), Trouble);
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
