//! A stranger's words, made safe where they go out.
//!
//! What a provider, a mail server, a name server, a certificate or another person's settings say is
//! kept as it came. Whatever shows it calls the function for that sink, on the whole of what it shows:
//! text in several lines ([`text()`]), in one ([`line()`]), and what has a language of its own, from
//! notification markup to a command for a shell. The dialogue with a provider is no exception.
//!
//! `tests/strangers.rs` has a rule for each of these functions, and takes the list of them from here.

use std::{borrow::Cow, fmt::Write as _};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Text in several lines: terminals, e-mail, plain text for a service. Line breaks stay; all else that
/// would not be seen itself, but changes what is seen, is shown by its number, as in `\u{202e}`.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    shown(text, |c| c != '\n' && acts(c))
}

/// Text in one line: labels of a menu, the subject of an e-mail, a line of the report for a help desk.
/// Line breaks are shown, too.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    shown(text, acts)
}

/// A line of the log: no stranger adds one. People send their logs to others, so that no mail address is
/// left in it, nor a user with a password in front of a host: of both only what comes after `@`.
#[must_use]
pub fn log(entry: &str) -> String {
    let line = line(entry);
    let mut safe = String::with_capacity(line.len());
    let mut rest = &*line;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        safe.push_str(before);
        let goes_on = |c: char| c.is_alphanumeric() || c == '[';
        if after[1..].starts_with(goes_on) {
            let kept = before_local_part(before).len();
            if kept < before.len() {
                safe.truncate(safe.len() - (before.len() - kept));
                safe.push('…');
            }
        }
        safe.push('@');
        rest = &after[1..];
    }
    safe.push_str(rest);
    safe
}

/// What stands in front of the part of a mail address that names the person (RFC 5322 3.4.1), or of a
/// web address that names the user (RFC 3986 3.2.1).
fn before_local_part(text: &str) -> &str {
    if let Some(quoted) = text.strip_suffix('"') {
        // As a log writes it: a quotation mark within quotation marks has a backslash before it.
        let quoted = quoted.strip_suffix('\\').unwrap_or(quoted);
        let begin = quoted.rfind('"').unwrap_or_default();
        return quoted[..begin].trim_end_matches('\\');
    }
    let belongs = |c: char| c.is_alphanumeric() || "!#$%&*+-.:?^_`{|}~".contains(c);
    text.trim_end_matches(belongs)
}

/// JSON as it was serialized, for a terminal: what [`text()`] shows by its number is written as JSON has
/// it, so that whoever parses it gets what came.
#[must_use]
pub fn json(json: &str) -> Cow<'_, str> {
    // What is serialized has the other control characters of ASCII escaped already.
    let is_plain = json.is_ascii() && !json.contains('\u{7f}');
    if is_plain || !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// The markup of notifications and tooltips (Desktop Notifications Specification, “Markup”).
#[must_use]
pub fn markup(markup: &str) -> String {
    let mut safe = String::with_capacity(markup.len());
    for c in text(markup).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            c => safe.push(c),
        }
    }
    safe
}

/// The text of a monitoring plugin: one line, without the sign that separates the figures from it.
#[must_use]
pub fn plugin(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    line(&words.join(" ")).replace('|', "/")
}

/// The text of a message to Slack, where `<!channel>` calls everyone and `<https://…|text>` hides where
/// a link leads. Bold type and the like are turned off in the message itself.
#[must_use]
pub fn slack(text: &str) -> String {
    // Slack wants the same three signs escaped as XML has.
    markup(text)
}

/// Markdown, as Discord and Mattermost read it. What looks like a mention becomes code, in which
/// neither looks for one.
#[must_use]
pub fn markdown(markdown: &str) -> String {
    let is_of_name = |c: &char| c.is_ascii_alphanumeric() || "@._-".contains(*c);
    let shown = text(markdown);
    let mut safe = String::with_capacity(shown.len());
    let mut before = ' ';
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        before = match c {
            '@' if !before.is_alphanumeric() => {
                safe.push_str("`@");
                let mut last = c;
                while let Some(c) = rest.next_if(is_of_name) {
                    safe.push(c);
                    last = c;
                }
                safe.push('`');
                last
            }
            c => {
                if "\\`*_~|<>#[]()".contains(c) {
                    safe.push('\\');
                }
                safe.push(c);
                c
            }
        };
    }
    safe
}

/// The text of a message to Google Chat. Nothing there takes their meaning from the signs around
/// `<users/all>` and `<https://…|text>`, so that others that look alike take their place.
#[must_use]
pub fn google_chat(message: &str) -> String {
    text(message).replace('<', "‹").replace('>', "›")
}

/// A word of a command that a person is told to type, for the shells of this system.
#[must_use]
pub fn shell_word(word: &str) -> Cow<'_, str> {
    if cfg!(windows) {
        word_of_windows(word)
    } else {
        word_of_posix(word)
    }
}

fn is_plain_in_shells(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
    !word.is_empty() && word.chars().all(plain)
}

fn word_of_posix(word: &str) -> Cow<'_, str> {
    match is_plain_in_shells(word) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", line(word).replace('\'', r"'\''"))),
    }
}

/// Neither cmd nor PowerShell knows the other's quotation marks, except for double ones. In these cmd
/// still replaces `%NAME%`, and PowerShell runs `$(…)` and takes typographic marks for the end: for
/// such a word stands a placeholder.
fn word_of_windows(word: &str) -> Cow<'_, str> {
    let lives_in_quotes = |c: char| "\"“”„%$`!^".contains(c) || acts(c);
    if is_plain_in_shells(word) {
        Cow::Borrowed(word)
    } else if word.contains(lives_in_quotes) || word.ends_with('\\') {
        Cow::Borrowed("NAME")
    } else {
        Cow::Owned(format!("\"{word}\""))
    }
}

/// As much of a text as fits once it is made safe for its sink: `safe` of its beginning, with a sign
/// of omission where that is not all, so that `length` of it is `most` or less.
#[must_use]
pub fn fitting(
    text: &str,
    most: usize,
    length: fn(&str) -> usize,
    safe: impl Fn(&str) -> String,
) -> String {
    let whole = safe(text);
    if length(&whole) <= most {
        return whole;
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let beginning = |end: usize| safe(&format!("{}…", text.get(..end).unwrap_or_default()));
    let fitting = ends.partition_point(|end| length(&beginning(*end)) <= most);
    let end = fitting.checked_sub(1).and_then(|last| ends.get(last));
    beginning(end.copied().unwrap_or_default())
}

fn shown(text: &str, is_shown: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_shown) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_shown(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Whether a character acts on what is around it instead of being seen: control characters, among them
/// those of terminals, and Unicode's for the direction of writing, for joining and for separating. Also
/// what Unicode keeps free for more of them: a font that knows none of these shows nothing.
fn acts(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c, '\u{2065}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || matches!(
            c.general_category(),
            Control | Format | LineSeparator | ParagraphSeparator
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What changes the words around it, on a screen or in a file.
    const HOSTILE: &str = "\0\x07\x08\t\x0b\x0c\r\x1b\x7f\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200d}\
        \u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{fff9}\u{e0041}";

    #[test]
    fn what_acts_is_shown_and_the_rest_is_as_it_was() {
        let safe = "Übel & <Co>: 日本 – 10 % 👍";
        assert!(matches!(line(safe), Cow::Borrowed(same) if same == safe));
        for c in HOSTILE.chars() {
            let given = format!("a{c}b");
            let expected = format!("a{}b", c.escape_default());
            assert_eq!((&*text(&given), &*line(&given)), (&*expected, &*expected));
        }
        assert_eq!((&*text("a\nb"), &*line("a\nb")), ("a\nb", r"a\nb"));
    }

    #[test]
    fn words_of_a_shell() {
        for (word, posix, windows) in [
            ("vevida", "vevida", "vevida"),
            ("büro.2", "büro.2", "büro.2"),
            ("", "''", "\"\""),
            ("my provider", "'my provider'", "\"my provider\""),
            (
                "o'neill; rm & x",
                r"'o'\''neill; rm & x'",
                "\"o'neill; rm & x\"",
            ),
            ("b $(touch x)", "'b $(touch x)'", "NAME"),
            ("a`id`", "'a`id`'", "NAME"),
            ("50 %PATH%", "'50 %PATH%'", "NAME"),
            ("a\" & calc", "'a\" & calc'", "NAME"),
            ("a” ; calc", "'a” ; calc'", "NAME"),
            (r"a b\", r"'a b\'", "NAME"),
            ("a\u{202e}b", r"'a\u{202e}b'", "NAME"),
        ] {
            assert_eq!(
                (&*word_of_posix(word), &*word_of_windows(word)),
                (posix, windows)
            );
        }
    }

    #[test]
    fn no_one_is_named_in_a_log() {
        for (given, expected) in [
            (
                "not told to=joe@example.org why=550",
                "not told to=…@example.org why=550",
            ),
            ("<a.b+c@x.test>, <d@y.test>", "<…@x.test>, <…@y.test>"),
            (
                "said=\"550 \\\"joe smith\\\"@x.test?\"",
                "said=\"550 …@x.test?\"",
            ),
            ("jörg.müller@büro.example", "…@büro.example"),
            ("joe@[192.0.2.1]", "…@[192.0.2.1]"),
            ("https://me:hunter2@web.test/x", "https://…@web.test/x"),
            ("@example.org and #queue", "@example.org and #queue"),
            ("2 @ 3, a@ b", "2 @ 3, a@ b"),
            ("a@b@c.test", "…@…@c.test"),
            ("none\n", "none\\n"),
        ] {
            assert_eq!(log(given), expected);
        }
    }

    #[test]
    fn no_mention_and_no_link_is_left_in_markdown() {
        for (given, expected) in [
            (
                "a_b@c.test: [x](https://e.test)",
                r"a\_b@c.test: \[x\]\(https://e.test\)",
            ),
            ("@everyone, @here", "`@everyone`, `@here`"),
            (
                "<@!123> **b** ~~c~~ ||d||",
                r"\<`@`!123\> \*\*b\*\* \~\~c\~\~ \|\|d\|\|",
            ),
            ("`@@all` x", r"\``@@all`\` x"),
            ("# a\n> b", "\\# a\n\\> b"),
        ] {
            assert_eq!(markdown(given), expected);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_between_what_is_escaped() {
        let length = |text: &str| text.chars().count();
        assert_eq!(fitting("abc", 3, length, str::to_owned), "abc");
        assert_eq!(fitting("abcd", 3, length, str::to_owned), "ab…");
        assert_eq!(fitting("a<<<", 9, length, markup), "a&lt;…");
        assert_eq!(fitting("éé", 3, str::len, str::to_owned), "…");
    }

    proptest! {
        /// A JSON parser gets what came, whatever that is.
        #[test]
        fn json_means_what_it_meant(text in ".{0,20}") {
            let text = text + HOSTILE;
            let written = serde_json::to_string(&text).unwrap();
            let safe = json(&written);
            prop_assert!(!safe.contains(acts));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        }
    }
}
