//! A stranger's words through every sink. Each has a rule of its own, which says what must not come out
//! whatever went in; a sink without a rule fails the test.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use dequeue_core::{shell_words, sink};
use proptest::prelude::*;

/// What comes out of a sink, and whether its rule allows that for what went in.
type Rule = fn(&str) -> Result<(), String>;

/// The rules, by the sinks' names.
fn rules() -> BTreeMap<&'static str, Rule> {
    BTreeMap::from([
        (
            "text",
            (|given| nothing_acts(&sink::text(given), "")) as Rule,
        ),
        ("line", |given| nothing_acts(&sink::line(given), "\n")),
        ("json", json),
        ("markup", markup),
        ("plugin", |given| nothing_acts(&sink::plugin(given), "\n|")),
        ("slack", |given| {
            let safe = sink::slack(given);
            nothing_acts(&safe, "<>")
        }),
        ("google_chat", |given| {
            nothing_acts(&sink::google_chat(given), "<>")
        }),
        ("markdown", markdown),
        ("shell_word", shell_word),
        ("fitting", fitting),
        ("log", log),
    ])
}

/// No control character but the line's end, none of Unicode's that act, and none of these.
fn nothing_acts(safe: &str, nor: &str) -> Result<(), String> {
    let acts = |c: char| {
        (c.is_control() && c != '\n')
            || nor.contains(c)
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
            || matches!(c, '\u{e0000}'..='\u{e007f}')
    };
    match safe.chars().find(|c| acts(*c)) {
        None => Ok(()),
        Some(c) => Err(format!("{c:?} in {safe:?}")),
    }
}

fn json(given: &str) -> Result<(), String> {
    let written = serde_json::to_string(&given).unwrap();
    let safe = sink::json(&written);
    nothing_acts(&safe, "\n")?;
    match serde_json::from_str::<String>(&safe) {
        Ok(read) if read == given => Ok(()),
        other => Err(format!("{other:?} of {safe}")),
    }
}

/// Every `&` begins an entity, and there is no `<`.
fn markup(given: &str) -> Result<(), String> {
    let safe = sink::markup(given);
    nothing_acts(&safe, "<>")?;
    let entities = ["amp;", "lt;", "gt;"];
    let is_entity = |rest: &str| entities.iter().any(|entity| rest.starts_with(entity));
    match safe.split('&').skip(1).all(is_entity) {
        true => Ok(()),
        false => Err(safe),
    }
}

/// Outside of code, every sign of Markdown has its backslash, and no word begins with `@`.
fn markdown(given: &str) -> Result<(), String> {
    let safe = sink::markdown(given);
    nothing_acts(&safe, "")?;
    let mut is_code = false;
    let mut before = ' ';
    let mut rest = safe.chars();
    while let Some(c) = rest.next() {
        let wrong = match c {
            '`' => {
                is_code = !is_code;
                false
            }
            _ if is_code => !(c.is_ascii_alphanumeric() || "@._-".contains(c)),
            '\\' => {
                before = rest.next().unwrap_or(' ');
                continue;
            }
            '@' => !before.is_alphanumeric(),
            c => "*_~|<>#[]()".contains(c),
        };
        if wrong {
            return Err(format!("{c:?} in {safe:?}"));
        }
        before = c;
    }
    match is_code {
        true => Err(format!("code without end: {safe:?}")),
        false => Ok(()),
    }
}

/// One word, in which a shell finds nothing to do.
fn shell_word(given: &str) -> Result<(), String> {
    let safe = sink::shell_word(given);
    nothing_acts(&safe, "\n")?;
    let is_plain = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
    if !safe.is_empty() && safe.chars().all(is_plain) {
        return Ok(());
    }
    if cfg!(windows) {
        let inner = safe.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        return match inner {
            Some(inner) if !inner.contains(['"', '%', '$', '`', '!', '^']) => Ok(()),
            _ => Err(safe.into_owned()),
        };
    }
    let read = shell_words::split(&safe.replace(r"'\''", "\u{1}"));
    match read.as_deref() {
        Some([one]) if one.replace('\u{1}', "'") == sink::line(given) => Ok(()),
        other => Err(format!("{other:?} of {safe}")),
    }
}

/// One line, in which nobody stands in front of an `@`.
fn log(given: &str) -> Result<(), String> {
    let safe = sink::log(&format!("said={given} of=joe.doe@x.test"));
    nothing_acts(&safe, "\n")?;
    let belongs = |c: char| c.is_alphanumeric() || ".-_+:".contains(c);
    let names_someone = |(at, _): (usize, &str)| {
        let is_address = safe[at + 1..].starts_with(char::is_alphanumeric);
        is_address && safe[..at].ends_with(belongs)
    };
    match safe.match_indices('@').any(names_someone) {
        false => Ok(()),
        true => Err(safe),
    }
}

fn fitting(given: &str) -> Result<(), String> {
    for most in [3, 10, 100] {
        let safe = sink::fitting(given, most, str::len, sink::markup);
        if safe.len() > most {
            return Err(safe);
        }
        nothing_acts(&safe, "<>")?;
    }
    Ok(())
}

/// The names of what the sinks' file offers.
fn sinks() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sink.rs");
    let source = fs::read_to_string(path).unwrap();
    let offered = |line: &'_ str| -> Option<String> {
        let item = ["pub fn ", "pub struct "]
            .iter()
            .find_map(|it| line.strip_prefix(it))?;
        item.split(['(', '<']).next().map(str::to_owned)
    };
    source.lines().filter_map(offered).collect()
}

#[test]
fn every_sink_has_its_rule() {
    let rules: BTreeSet<String> = rules().into_keys().map(str::to_owned).collect();
    assert_eq!(sinks(), rules);
}

/// Escape sequences, controls of C1, bidi, what has no width, markup, mentions, the plugin's bar, quotes,
/// what shells and formats run, ends of lines, and all of it a great many times.
#[test]
fn the_worst_goes_through_every_sink() {
    let evil = "\x1b]0;x\x07\x1b[31m\u{9b}2J\u{85}\u{202e}\u{2066}\u{200b}\u{2028}\u{ad} <b>&amp;</b> \
        <!channel> <users/all> <https://e.test|x> [x](https://e.test) @everyone @@here a@b.test `@c` | \
        \" ' ” $(touch x) `id` %s %PATH% !x ^ & ; \r\n\t\0 \\";
    for (name, rule) in rules() {
        for times in [0, 1, 500] {
            let outcome = rule(&evil.repeat(times));
            assert_eq!(
                outcome.map_err(|it| it.chars().take(300).collect::<String>()),
                Ok(()),
                "{name}"
            );
        }
    }
}

proptest! {
    #[test]
    fn whatever_comes_goes_through_every_sink(
        given in "([a-z @`'\"<>&|$%\\\\*_~#\\[\\]().\n\r\t\x1b\u{9b}\u{202e}\u{200b}\u{2028}]|\\PC|.){0,40}"
    ) {
        for (name, rule) in rules() {
            let outcome = rule(&given);
            prop_assert!(outcome.is_ok(), "{}: {:?}", name, outcome);
        }
    }
}
