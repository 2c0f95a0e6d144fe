//! Why an authentication fails on our side.

/// Why an exchange cannot go on. AUTH is then cancelled with `*` (RFC 4954 4), except for
/// [`SaslFault::Unprintable`], which is known before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SaslFault {
    /// The challenge cannot be understood, or is too long.
    #[error("the challenge cannot be understood")]
    Challenge,
    /// The server did not prove that it knows the password: it may be an impostor.
    #[error("the server did not prove that it knows the password")]
    ServerNotProved,
    /// The server sends another challenge when the mechanism has nothing left to answer.
    #[error("the server asks for more than the mechanism has")]
    TooManySteps,
    /// The user's name or the secret is missing, or contains what the mechanism cannot carry: NUL in
    /// any of them, what SASLprep prohibits in SCRAM, anything but visible ASCII in a token. Another
    /// mechanism may carry it.
    #[error("the mechanism cannot carry this user or secret")]
    Unprintable,
    /// The server asks for fewer or more rounds of hashing than [`crate::limits::SCRAM_ITERATIONS`].
    #[error("the server asks for too few or too many rounds of hashing")]
    Iterations,
}
