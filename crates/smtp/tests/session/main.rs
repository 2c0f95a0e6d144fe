//! Whole conversations with a provider that keeps to a script, in virtual time; the replies that
//! real servers were seen to give; and providers that keep to nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod anything;
mod conversations;
mod hostile;

mod matrix;
mod protected;
mod provider;
mod turns;
