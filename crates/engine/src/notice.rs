//! Which change deserves a notification: a pure function. A hundred good pokes make none.

use crate::api::{NoticeKind, Notify};

/// What is known of an account before a poke ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Whether any poke has ever worked.
    pub ever_worked: bool,
    /// Pokes in a row that did not work.
    pub failures: u32,
}

/// The notice that a poke which has `worked`, or not, deserves.
#[must_use]
pub const fn for_poke(wanted: Notify, before: Before, worked: bool) -> Option<NoticeKind> {
    let kind = match (worked, before) {
        (true, Before { failures: 1.., .. }) => NoticeKind::Recovery,
        (
            true,
            Before {
                ever_worked: false, ..
            },
        ) => NoticeKind::FirstSuccess,
        (false, Before { failures: 0, .. }) => NoticeKind::Failure,
        (true | false, _) => NoticeKind::Poked,
    };
    match (wanted, kind) {
        (Notify::Never, _) | (Notify::Problems, NoticeKind::Poked) => None,
        (Notify::Problems | Notify::Everything, kind) => Some(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life() {
        use NoticeKind::*;
        for (wanted, expected) in [
            (Notify::Never, [None; 8]),
            (
                Notify::Problems,
                [
                    Some(FirstSuccess),
                    None,
                    None,
                    Some(Failure),
                    None,
                    Some(Recovery),
                    None,
                    Some(Failure),
                ],
            ),
            (
                Notify::Everything,
                [
                    Some(FirstSuccess),
                    Some(Poked),
                    Some(Poked),
                    Some(Failure),
                    Some(Poked),
                    Some(Recovery),
                    Some(Poked),
                    Some(Failure),
                ],
            ),
        ] {
            let mut before = Before::default();
            for (worked, expected) in [true, true, true, false, false, true, true, false]
                .into_iter()
                .zip(expected)
            {
                assert_eq!(
                    for_poke(wanted, before, worked),
                    expected,
                    "{wanted:?} {before:?} {worked}"
                );
                before.ever_worked |= worked;
                before.failures = if worked { 0 } else { before.failures + 1 };
            }
        }
        assert_eq!(
            for_poke(Notify::Problems, Before::default(), false),
            Some(Failure)
        );
    }
}
