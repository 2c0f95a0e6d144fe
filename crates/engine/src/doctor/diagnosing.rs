//! What a diagnosis goes by.

use dequeue_api::paths::Paths;
use dequeue_core::{record::Poke, text::Text};
use dequeue_platform::clock::Clock;
use dequeue_smtp::Learned;

use crate::poke::SecretFrom;

/// What a diagnosis goes by, beside the account.
#[derive(Clone, Copy, Debug)]
pub struct Diagnosing<'a> {
    /// Where the settings and the history are; none where a provider is tested by its host.
    pub paths: Option<&'a Paths>,
    /// Where the secret of a login comes from.
    pub secret: SecretFrom<'a>,
    /// The language of the findings.
    pub text: &'a Text,
    /// The time of day.
    pub clock: Clock,
    /// What earlier pokes have shown.
    pub observed: &'a Observed,
}

/// What earlier pokes of an account have shown.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The last one.
    pub last: Option<Poke>,
    /// What the method `auto` has found out.
    pub learned: Option<Learned>,
    /// Whether mail has come after one lately: see [`arrived_lately`](super::arrived_lately).
    pub arrived: bool,
}
