//! What a help desk is shown without the user's name.

/// What stands in the place of a user's name.
pub(super) const MASK: &str = "****";

/// Text in which the user's name does not stand. Only whole words are masked: a user who is named
/// like a part of the host leaves the host as it is.
#[must_use]
pub fn masked(text: &str, user: &str) -> String {
    if user.is_empty() {
        return text.to_owned();
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(user) {
        let (before, after) = (&text[..at], &text[at + user.len()..]);
        masked.push_str(&text[done..at]);
        let alone = !goes_on(before.chars().rev()) && !goes_on(after.chars());
        masked.push_str(if alone { MASK } else { user });
        done = at + user.len();
    }
    masked + &text[done..]
}

/// Whether a word goes on with these characters.
fn goes_on(mut next: impl Iterator<Item = char>) -> bool {
    match next.next() {
        Some('.') => next.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric() || matches!(c, '-' | '_'),
        None => false,
    }
}
