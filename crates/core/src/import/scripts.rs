//! Command lines as they stand in shells, batch files, crontabs and scheduled tasks.

use super::model::{ImportFault, ImportFaultKind, Note, NoteKind};
use crate::shell_words::split;

/// A call of a program.
pub(super) struct Call {
    pub(super) line: usize,
    /// What stands after the program's name.
    pub(super) arguments: Vec<String>,
    /// How often it is made, as `every` in the settings.
    pub(super) every: Option<String>,
}

/// What begins a line that is no call: comments, and what else stands in scripts.
const NO_CALL: [&str; 20] = [
    "set", "setlocal", "endlocal", "cd", "if", "goto", "exit", "pause", "ping", "sleep", "timeout",
    "then", "fi", "else", "export", "mailto", "path", "shell", "while", "done",
];

/// Which lines of a text are calls.
#[derive(Clone, Copy)]
pub(super) enum Lines {
    /// Those that name the program, and those that are no other command: the arguments alone.
    All,
    /// Those that name the program and contain this.
    With(&'static str),
}

impl Lines {
    pub(super) fn are(self, line: &str) -> bool {
        match self {
            Self::All => true,
            Self::With(part) => line.contains(part),
        }
    }
}

/// All calls of a program in a text.
pub(super) fn calls(
    text: &str,
    program: &str,
    wanted: Lines,
    notes: &mut Vec<Note>,
) -> Result<Vec<Call>, ImportFault> {
    let mut calls = Vec::new();
    for (line, whole) in lines(text) {
        if is_remark(&whole) || !wanted.are(&whole) {
            continue;
        }
        // The line itself may hold a secret.
        let unclosed = || ImportFault::new(line, ImportFaultKind::Unclosed, program);
        let words = split(&whole).ok_or_else(unclosed)?;
        let Some(first) = words.first() else {
            continue;
        };
        let mut every = None;
        let arguments = if let Some(inner) = task(&words, program) {
            every = task_rhythm(&words, line, notes);
            inner
        } else if let Some((before, arguments)) = after_program(&words, program) {
            every = rhythm(before, line, notes);
            arguments.to_vec()
        } else {
            match wanted {
                Lines::All if !is_no_call(first) => words,
                Lines::All | Lines::With(_) => continue,
            }
        };
        calls.push(Call {
            line,
            arguments: up_to_the_next_command(arguments),
            every,
        });
    }
    Ok(calls)
}

fn is_no_call(first: &str) -> bool {
    let first = first.to_lowercase();
    NO_CALL.contains(&first.as_str()) || first.contains('=')
}

/// A line for people, even where it has a call in it.
fn is_remark(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let word = first.trim_start_matches('@').to_lowercase();
    first.starts_with(['#', ';', ':']) || ["rem", "echo"].contains(&word.as_str())
}

/// The lines with those that go on in the next put together, each with its number.
pub(super) fn lines(text: &str) -> Vec<(usize, String)> {
    let mut whole: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (1..).zip(text.lines()) {
        let ends = line.strip_suffix([' ', '\t', '\r']).unwrap_or(line);
        let next = ends.strip_suffix(['\\', '^']);
        let content = next.unwrap_or(ends);
        match whole.last_mut().filter(|_| goes_on) {
            Some((_, begun)) => {
                begun.push(' ');
                begun.push_str(content);
            }
            None => whole.push((number, content.to_owned())),
        }
        goes_on = next.is_some();
    }
    whole
}

fn is_program(word: &str, program: &str) -> bool {
    let name = word
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(word)
        .to_lowercase();
    let name = name.trim_start_matches('@');
    let bare = [".exe", ".pl", ".bat", ".cmd"]
        .into_iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name);
    bare == program
}

fn after_program<'a>(words: &'a [String], program: &str) -> Option<(&'a [String], &'a [String])> {
    let is_call = |at: usize| is_program(&words[at], program) && !is_folder(&words[..at]);
    let at = (0..words.len()).find(|at| is_call(*at))?;
    Some((&words[..at], &words[at + 1..]))
}

/// Whether what comes next is a folder to go to, which may have the program's name.
fn is_folder(before: &[String]) -> bool {
    let mut before = before.iter().rev().map(|word| word.to_lowercase());
    let last = before.find(|word| word != "/d");
    last.is_some_and(|word| ["cd", "chdir", "pushd"].contains(&word.trim_start_matches('@')))
}

/// The arguments of a call inside a scheduled task: `schtasks /tr "…"`, or PowerShell's
/// `New-ScheduledTaskAction -Execute … -Argument "…"`.
fn task(words: &[String], program: &str) -> Option<Vec<String>> {
    let value = |option: &str| {
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(option))?;
        words.get(at + 1)
    };
    if let Some(command) = value("/tr") {
        let inner = split(command)?;
        return Some(after_program(&inner, program)?.1.to_vec());
    }
    words.iter().find(|word| is_program(word, program))?;
    split(value("-argument")?)
}

/// `/sc minute /mo 15`.
fn task_rhythm(words: &[String], line: usize, notes: &mut Vec<Note>) -> Option<String> {
    let value = |option: &str| {
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(option))?;
        words.get(at + 1).map(String::as_str)
    };
    let unit = value("/sc")?;
    let count = value("/mo").unwrap_or("1");
    let letter = match unit.to_lowercase().as_str() {
        "minute" => 'm',
        "hourly" => 'h',
        "daily" => 'd',
        _ => {
            notes.push(Note::new(line, NoteKind::Rhythm, unit));
            return None;
        }
    };
    Some(format!("{count}{letter}"))
}

/// The time of a crontab in front of a call.
fn rhythm(before: &[String], line: usize, notes: &mut Vec<Note>) -> Option<String> {
    let first = before.first()?;
    if let Some(name) = first.strip_prefix('@') {
        return match name {
            "hourly" => Some("1h".to_owned()),
            "daily" | "midnight" => Some("1d".to_owned()),
            "weekly" => Some("7d".to_owned()),
            _ => None,
        };
    }
    let is_time = |word: &String| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || "*/,-".contains(c))
    };
    let time = before.get(..5)?;
    if !time[..3].iter().all(is_time) {
        return None;
    }
    let every_day = time[2..].iter().all(|field| field == "*");
    let every = match (step(&time[0], 60), step(&time[1], 24)) {
        (Some(minutes), Some(1)) if every_day => Some(format!("{minutes}m")),
        (None, Some(hours)) if every_day && number(&time[0]) => Some(format!("{hours}h")),
        (None, None) if every_day && number(&time[0]) && number(&time[1]) => Some("1d".to_owned()),
        _ => None,
    };
    if every.is_none() {
        notes.push(Note::new(line, NoteKind::Rhythm, &time.join(" ")));
    }
    every
}

fn number(field: &str) -> bool {
    field.parse::<u8>().is_ok()
}

/// The even step of a field of a crontab: 1 for `*`, 15 for `*/15` and for `0,15,30,45`.
fn step(field: &str, of: u32) -> Option<u32> {
    if field == "*" {
        return Some(1);
    }
    if let Some(step) = field.strip_prefix("*/") {
        return step.parse().ok().filter(|step| (1..of).contains(step));
    }
    let listed: Option<Vec<u32>> = field.split(',').map(|part| part.parse().ok()).collect();
    let listed = listed.filter(|listed| listed.len() > 1)?;
    let step = of / u32::try_from(listed.len()).ok()?;
    let even = |pair: &[u32]| pair[1].checked_sub(pair[0]) == Some(step);
    listed.windows(2).all(even).then_some(step)
}

/// Where the output goes, and what else is to be done, is no argument.
fn up_to_the_next_command(mut arguments: Vec<String>) -> Vec<String> {
    let ends = |word: &String| {
        let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
        word.starts_with(['>', '<', '|', '&', ';'])
    };
    if let Some(at) = arguments.iter().position(ends) {
        arguments.truncate(at);
    }
    arguments
}
