//! Web addresses that may hold a key: many services that take heartbeats or notices know their
//! callers by the address alone. Such an address is no plain setting: an export leaves it out.

use crate::settings::value::{LEFT_OUT, SECRET_PLACE};

/// A word of an address is no longer than this.
const WORD_CHARACTERS: usize = 14;
/// A number of an address has no more digits than this.
const NUMBER_DIGITS: usize = 4;

/// Whether one of the web addresses in this text may hold a key: a user name or a password, a
/// query, or a part of its path that is no plain word or short number. What is certain to hold none
/// is only a host with plain words behind it, so in doubt the answer is yes. `{secret}` holds none.
#[must_use]
pub fn may_hold_key(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '<' | '>'))
        .filter_map(|word| word.split_once("://"))
        .any(|(_, rest)| rest_may_hold_key(rest))
}

fn rest_may_hold_key(rest: &str) -> bool {
    let (place, query) = match rest.split_once(['?', '#']) {
        Some((place, query)) => (place, query),
        None => (rest, ""),
    };
    let mut parts = place.split('/');
    let host = parts.next().unwrap_or_default();
    let query_holds = |pair: &str| {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        !value.is_empty() && value != SECRET_PLACE
    };
    host.contains('@') || query.split('&').any(query_holds) || parts.any(is_no_plain_word)
}

/// Whether a part of a path is more than words and short numbers, as `v1`, `api`, `my-check`.
fn is_no_plain_word(part: &str) -> bool {
    let is_plain = |word: &str| {
        let first = word.chars().next();
        let rest = word.get(first.map_or(0, char::len_utf8)..);
        let rest = rest.unwrap_or_default();
        let is_number =
            |digits: &str, most| digits.len() <= most && digits.chars().all(|c| c.is_ascii_digit());
        let is_word = first.is_some_and(char::is_alphabetic)
            && rest.chars().all(char::is_lowercase)
            && word.chars().count() <= WORD_CHARACTERS;
        is_number(word, NUMBER_DIGITS) || is_word || (first == Some('v') && is_number(rest, 2))
    };
    !part
        .replace(SECRET_PLACE, "")
        .replace(LEFT_OUT, "")
        .split(['-', '_', '.', '~'])
        .all(is_plain)
}

/// What an export has in the place of a value that may hold a key: of a web address enough to see
/// whose it is.
pub(super) fn without_key(text: &str) -> String {
    let plain = |host: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        !host.is_empty() && host.chars().all(plain)
    };
    match text.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let host = &rest[..end];
            if plain(host) {
                format!("{scheme}://{host}/{LEFT_OUT}")
            } else {
                LEFT_OUT.to_owned()
            }
        }
        _ => LEFT_OUT.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_key() {
        for (text, may) in [
            (
                "https://hc-ping.com/5f0cbd5a-3a4f-4f0c-8a53-0b9e3f1f6f0a",
                true,
            ),
            ("https://hc-ping.com/{secret}/vevida", false),
            (
                "https://hc-ping.com/fqOOd6-F4MMNuCEnzTU01w/db-backups",
                true,
            ),
            ("https://hooks.slack.com/services/T0AB1/B0CD2/x9YzQ", true),
            ("https://hooks.slack.com/services/{secret}", false),
            ("https://nosnch.in/c2354d53d2", true),
            ("https://ntfy.sh/office-mail", false),
            ("https://example.org/hook/abcdefghijklmnopqrstuvwxyz", true),
            ("https://kuma.example/api/push/Ab3dE5?status=up", true),
            ("https://example.org/push?token={secret}", false),
            ("https://example.org/push?token={secret}&user=me", true),
            ("https://example.org/push?s3cr3t", true),
            ("https://example.org/push#s3cr3t", true),
            ("http://user:hunter2@example.org/", true),
            ("http://user@example.org/", true),
            ("https://api.telegram.org/bot123:AbC/sendMessage", true),
            ("https://example.org/api/v1/notices.php", false),
            ("https://example.org/rooms/1234/Notices/", false),
            ("https://example.org/rooms/12345", true),
            ("http://192.0.2.7:8080", false),
            ("http://[2001:db8::7]:8080/notices", false),
            ("https://example.org/h%6C", true),
            ("curl -d @- \"https://u:p@example.org/x\"", true),
            ("curl -d @- https://example.org/notices", false),
            ("/usr/local/bin/tell --to a@b.test", false),
            ("", false),
        ] {
            assert_eq!(may_hold_key(text), may, "{text}");
            assert!(!may_hold_key(&without_key(text)), "{text}");
        }
    }

    #[test]
    fn what_stands_in_its_place() {
        for (text, instead) in [
            (
                "https://hc-ping.com/5f0cbd5a",
                "https://hc-ping.com/{left-out}",
            ),
            ("http://h.test:81?s3cr3t", "http://h.test:81/{left-out}"),
            ("http://u:p@h.test/x", "{left-out}"),
            ("curl https://u:p@h.test/x", "{left-out}"),
        ] {
            assert_eq!(without_key(text), instead);
        }
    }
}
