//! Which window is whose, where several people attach to one engine.

/// Where a client's user sits: the user, on a terminal server with the session. Everyone who sits
/// there has the same window. At a user's own engine there is one seat, the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seat(pub u64);
