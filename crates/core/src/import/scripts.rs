//! Calls of a program in whatever runs it: a shell script, a crontab, a batch file, a scheduled
//! task. Each call is found with its line and the rhythm in which it is made, or it is a fault.

use std::rc::Rc;

use super::{
    command_line::{Command, Shell, Unclosed, Word, windows_words},
    model::{ImportFault, ImportFaultKind, ImportedAccount, Note, NoteKind},
    rhythm::{self, Days, Repetition, Rhythm, Trigger},
    task_xml,
};

/// A call of a program.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) line: usize,
    /// What stands after the program's name.
    pub(super) arguments: Vec<Word>,
    /// When it is made; a line may have many calls.
    rhythm: Rc<Rhythm>,
}

impl Call {
    /// Its arguments as texts.
    ///
    /// # Errors
    /// The one that only a shell knows.
    pub(super) fn texts(&self) -> Result<Vec<&str>, ImportFault> {
        match self.arguments.iter().find(|word| word.is_expanded) {
            Some(word) => Err(self.fault(ImportFaultKind::NeedsShell, &word.text)),
            None => Ok(self
                .arguments
                .iter()
                .map(|word| word.text.as_str())
                .collect()),
        }
    }

    pub(super) fn fault(&self, kind: ImportFaultKind, about: &str) -> ImportFault {
        ImportFault::new(self.line, kind, about)
    }

    pub(super) fn set_rhythm(&self, account: &mut ImportedAccount) {
        for (key, value) in self.rhythm.iter() {
            account.set(key, value.as_str());
        }
    }
}

/// All calls of a program in a text. Where no line names it, each line is taken for its arguments.
pub(super) fn calls(
    text: &str,
    program: &'static str,
    notes: &mut Vec<Note>,
) -> Result<Vec<Call>, ImportFault> {
    let mut found = Calls {
        program,
        calls: Vec::new(),
        notes,
        time_zone: None,
    };
    if task_xml::is_task(text) {
        found.tasks(text)?;
        return Ok(found.calls);
    }
    let shell = if is_batch(text) {
        Shell::Cmd
    } else {
        Shell::Posix
    };
    let is_named = text.lines().any(|line| names(line, program));
    for (line, whole) in lines(text, shell) {
        if is_remark(&whole, shell) {
            continue;
        }
        if is_named {
            found.line(line, &whole, shell)?;
        } else {
            found.arguments(line, &whole, shell)?;
        }
    }
    Ok(found.calls)
}

/// Whether a text is for Windows, and none for a POSIX shell.
fn is_batch(text: &str) -> bool {
    let is_drive = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_some_and(|c| c.is_ascii_alphabetic())
    };
    let begins = |line: &str| {
        let word = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_lowercase();
        word.starts_with(['@', ':']) && !is_nickname(&word)
            || matches!(
                word.as_str(),
                "rem" | "schtasks" | "schtasks.exe" | "setlocal"
            )
    };
    text.contains("\r\n")
        || text.match_indices(":\\").any(|(at, _)| is_drive(at))
        || text.lines().any(begins)
}

fn is_nickname(word: &str) -> bool {
    word == "@reboot" || rhythm::nickname(word).is_some()
}

/// The lines, those put together that go on in the next one, each with the number of its first.
fn lines(text: &str, shell: Shell) -> Vec<(usize, String)> {
    let goes_on = match shell {
        Shell::Posix => '\\',
        Shell::Cmd => '^',
    };
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut is_begun = false;
    for (number, line) in (1..).zip(text.lines()) {
        let marks = line.chars().rev().take_while(|c| *c == goes_on).count();
        let next = marks % 2 == 1 && !is_remark(line, shell);
        let content = if next { &line[..line.len() - 1] } else { line };
        match lines.last_mut().filter(|_| is_begun) {
            Some((_, begun)) => begun.push_str(content),
            None => lines.push((number, content.to_owned())),
        }
        is_begun = next;
    }
    lines
}

/// A line for people, even where it has a call in it.
fn is_remark(line: &str, shell: Shell) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    match shell {
        Shell::Posix => first.starts_with('#'),
        Shell::Cmd => {
            let word = first.trim_start_matches('@').to_lowercase();
            first.starts_with(['#', ';', ':']) || word == "rem"
        }
    }
}

/// Whether a program's name stands in a line.
pub(super) fn names(line: &str, program: &str) -> bool {
    let line = line.to_lowercase().replace("%~dp0", "/");
    let is_of_name = |c: char| c.is_alphanumeric() || "-_".contains(c);
    line.match_indices(program).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + program.len()..].chars().next();
        !before.is_some_and(is_of_name) && !after.is_some_and(is_of_name)
    })
}

/// Whether a word is the path of a program.
fn is_program(word: &str, program: &str) -> bool {
    base_name(word) == program
}

/// A program's name without its folder and its ending, in lower case.
fn base_name(path: &str) -> String {
    // `%~dp0`, the batch file's folder, stands right in front of a name.
    let (_, name) = path.rsplit_once(['/', '\\', '%']).unwrap_or(("", path));
    let name = name.trim_start_matches('@').to_lowercase();
    let name = name.strip_prefix("~dp0").unwrap_or(&name);
    let mut endings = [".exe", ".pl", ".bat", ".cmd", ".com"].into_iter();
    let bare = endings.find_map(|end| name.strip_suffix(end));
    bare.unwrap_or(name).to_owned()
}

/// What a command is.
enum Found<'a> {
    /// The program's call, with its arguments.
    Call(&'a [Word]),
    /// A command line inside it.
    Line(String, Shell),
    /// A command of Windows' task scheduler.
    Task,
    /// No call.
    Other,
    /// It has the program's name in it, and it is not known what it does with it.
    Unclear,
}

/// A program that runs another.
struct Runner {
    name: &'static str,
    /// Its options that have a value behind them.
    with_value: &'static [&'static str],
    /// How many other words stand in front of the command.
    words: usize,
}

const RUNNERS: [Runner; 16] = [
    Runner::plain("call"),
    Runner::plain("chronic"),
    Runner::plain("cronic"),
    Runner::with("env", &["-u", "-C", "-S"], 0),
    Runner::plain("exec"),
    Runner::with("flock", &["-w", "-E"], 1),
    Runner::with("ionice", &["-c", "-n"], 0),
    Runner::with("nice", &["-n"], 0),
    Runner::plain("nohup"),
    Runner::plain("perl"),
    Runner::plain("setsid"),
    Runner::with("start", &["/d", "/node", "/affinity", "/machine"], 0),
    Runner::with("sudo", &["-u", "-g"], 0),
    Runner::with("systemd-cat", &["-t", "-p"], 0),
    Runner::plain("time"),
    Runner::with("timeout", &["-k", "-s"], 1),
];

impl Runner {
    const fn plain(name: &'static str) -> Self {
        Self::with(name, &[], 0)
    }

    const fn with(name: &'static str, with_value: &'static [&'static str], words: usize) -> Self {
        Self {
            name,
            with_value,
            words,
        }
    }

    /// The command behind what is this program's own.
    fn command<'a>(&self, mut rest: &'a [Word]) -> &'a [Word] {
        let mut words = self.words;
        while let [word, after @ ..] = rest {
            let option = word.text.to_lowercase();
            let is_option = option.starts_with('-') && option.len() > 1
                || self.name == "start" && option.starts_with('/');
            // `start` takes a title first, `env` assignments.
            let is_title = self.name == "start" && word.text.contains(' ') && !is_file(&word.text);
            let is_empty = word.text.is_empty();
            rest = if self.with_value.contains(&option.as_str()) {
                after.get(1..).unwrap_or_default()
            } else if is_option || is_title || is_empty || is_assignment(word) {
                after
            } else if words > 0 {
                words -= 1;
                after
            } else {
                break;
            };
        }
        rest
    }
}

/// Whether a word is the path of a file, and no title.
fn is_file(word: &str) -> bool {
    word.contains(['/', '\\', '.'])
}

fn is_assignment(word: &Word) -> bool {
    word.text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Shells, and what passes a line to one.
const SHELLS: [&str; 7] = ["ash", "bash", "dash", "ksh", "sh", "su", "zsh"];

/// Words of a shell's language in front of a command.
const KEYWORDS: [&str; 10] = [
    "then", "do", "else", "elif", "if", "while", "until", "!", "{", "in",
];

/// What runs no program that is named behind it.
const RUNS_NOTHING: [&str; 55] = [
    "", "[", "[[", "cat", "cd", "chdir", "chmod", "chown", "copy", "cp", "del", "dir", "done",
    "echo", "egrep", "endlocal", "erase", "esac", "exit", "export", "fi", "findstr", "for", "goto",
    "grep", "kill", "killall", "ln", "logger", "ls", "mail", "mailx", "md", "mkdir", "mv", "net",
    "path", "pause", "pgrep", "pidof", "ping", "pkill", "printf", "pushd", "rem", "rm", "sc",
    "set", "setlocal", "sleep", "tail", "taskkill", "tasklist", "test", "touch",
];

/// The commands of `if` in a batch file, behind its condition.
fn behind_condition(mut words: &[Word]) -> &[Word] {
    let mut is = |text: &str| {
        let found = words
            .first()
            .is_some_and(|word| word.text.eq_ignore_ascii_case(text));
        if found {
            words = &words[1..];
        }
        found
    };
    is("/i");
    is("not");
    let has_operand = is("exist") || is("errorlevel") || is("defined");
    let is_comparison = words.first().is_some_and(|word| word.text.contains("=="));
    let length = usize::from(has_operand || is_comparison);
    words.get(length..).unwrap_or_default()
}

/// What a command does.
fn look<'a>(mut words: &'a [Word], program: &str, shell: Shell) -> Found<'a> {
    let whole = words;
    while let [first, rest @ ..] = words {
        if is_program(&first.text, program) {
            return Found::Call(rest);
        }
        let name = base_name(&first.text);
        words = match name.as_str() {
            "schtasks" => return Found::Task,
            "if" if shell == Shell::Cmd => behind_condition(rest),
            "cmd" => match behind(rest, |word| matches!(word, "/c" | "/C" | "/k" | "/K")) {
                [] => return Found::Other,
                [line] => return Found::Line(line.text.clone(), Shell::Cmd),
                words => return Found::Line(joined(words), Shell::Cmd),
            },
            // `-c`, also among others: `-lc`.
            name if SHELLS.contains(&name) => {
                match behind(rest, |word| word.starts_with('-') && word.ends_with('c')) {
                    [line, ..] => return Found::Line(line.text.clone(), Shell::Posix),
                    [] => break,
                }
            }
            name if KEYWORDS.contains(&name) || is_assignment(first) => rest,
            name if RUNS_NOTHING.contains(&name) => return Found::Other,
            name => match RUNNERS.iter().find(|runner| runner.name == name) {
                Some(runner) => runner.command(rest),
                None => break,
            },
        };
    }
    let has_program = |word: &Word| {
        let mut parts = word
            .text
            .split(|c: char| c.is_whitespace() || "\"';,=(){}".contains(c));
        parts.any(|part| is_program(part, program))
    };
    if whole.iter().any(has_program) {
        Found::Unclear
    } else {
        Found::Other
    }
}

/// What stands behind a switch.
fn behind(words: &[Word], is_switch: fn(&str) -> bool) -> &[Word] {
    let at = words.iter().position(|word| is_switch(&word.text));
    at.map_or(&[], |at| &words[at + 1..])
}

/// A Windows command line of these words.
fn joined(words: &[Word]) -> String {
    let quoted = words.iter().map(|word| match word.text.as_str() {
        word if word.contains(' ') && !word.contains('"') => format!("\"{word}\""),
        word => word.to_owned(),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// What has been found of a program's calls.
struct Calls<'a> {
    program: &'static str,
    calls: Vec<Call>,
    notes: &'a mut Vec<Note>,
    /// The clock by which a crontab's times go.
    time_zone: Option<String>,
}

/// A line of a command in a command is the last.
const DEEPEST: usize = 4;

impl Calls<'_> {
    /// Takes the calls of a line of a script or a crontab.
    fn line(&mut self, line: usize, whole: &str, shell: Shell) -> Result<(), ImportFault> {
        if let Some(zone) = whole.trim().strip_prefix("CRON_TZ=") {
            self.time_zone = Some(zone.trim_matches(['"', '\'', ' ']).to_owned());
            return Ok(());
        }
        if !names(whole, self.program) {
            return Ok(());
        }
        if whole.to_lowercase().contains("new-scheduledtaskaction") {
            return self.power_shell(line, whole);
        }
        let Some(entry) = CrontabEntry::new(whole) else {
            return self.commands(line, whole, shell, &Rc::default(), 0);
        };
        let rhythm = match (entry.rhythm, &self.time_zone) {
            (Some(mut rhythm), Some(zone)) if rhythm.iter().any(|(key, _)| *key == "cron") => {
                rhythm.push(("time_zone", zone.clone()));
                rhythm
            }
            (Some(rhythm), _) => rhythm,
            (None, _) => {
                self.note_rhythm(line, entry.time);
                Vec::new()
            }
        };
        let command = self.without_user(&entry.command);
        self.commands(line, command, Shell::Posix, &Rc::new(rhythm), 0)
    }

    fn note_rhythm(&mut self, line: usize, time: &str) {
        self.notes.push(Note::new(line, NoteKind::Rhythm, time));
    }

    /// A system's crontab names in front of each command whose it is.
    fn without_user<'c>(&self, command: &'c str) -> &'c str {
        let Some((user, rest)) = command.split_once([' ', '\t']) else {
            return command;
        };
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        let is_known = is_program(user, self.program)
            || user == "cd"
            || RUNNERS.iter().any(|runner| runner.name == user)
            || KEYWORDS.contains(&user)
            // It is a user as well.
            || RUNS_NOTHING.contains(&user) && user != "mail"
            || SHELLS.contains(&user);
        if user.chars().all(is_name) && !is_known {
            rest
        } else {
            command
        }
    }

    fn commands(
        &mut self,
        line: usize,
        whole: &str,
        shell: Shell,
        rhythm: &Rc<Rhythm>,
        depth: usize,
    ) -> Result<(), ImportFault> {
        let unclosed = |Unclosed| ImportFault::new(line, ImportFaultKind::Unclosed, self.program);
        for command in shell.commands(whole).map_err(unclosed)? {
            match look(&command, self.program, shell) {
                Found::Call(arguments) => self.calls.push(Call {
                    line,
                    arguments: arguments.to_vec(),
                    rhythm: rhythm.clone(),
                }),
                Found::Line(inner, shell) if depth < DEEPEST => {
                    self.commands(line, &inner, shell, rhythm, depth + 1)?;
                }
                Found::Task => self.scheduled(line, &command, depth)?,
                Found::Other => {}
                Found::Line(..) | Found::Unclear => {
                    let about = command.first().map_or("", |word| word.text.as_str());
                    return Err(ImportFault::new(line, ImportFaultKind::Unclear, about));
                }
            }
        }
        Ok(())
    }

    /// `schtasks /create /tr "…" /sc minute /mo 15`.
    fn scheduled(
        &mut self,
        line: usize,
        command: &Command,
        depth: usize,
    ) -> Result<(), ImportFault> {
        let task = Switches(command);
        if let Some(inner) = task.value("/tr") {
            let rhythm = task.trigger().and_then(|trigger| trigger.rhythm());
            if rhythm.is_none() {
                self.note_rhythm(line, task.value("/sc").unwrap_or("schtasks"));
            }
            return self.commands(
                line,
                inner,
                Shell::Cmd,
                &Rc::new(rhythm.unwrap_or_default()),
                depth + 1,
            );
        }
        Ok(())
    }

    /// `New-ScheduledTaskAction -Execute … -Argument "…"`; when it goes off stands elsewhere.
    fn power_shell(&mut self, line: usize, whole: &str) -> Result<(), ImportFault> {
        let fault = |kind| ImportFault::new(line, kind, self.program);
        let words = crate::shell_words::split(whole).ok_or(fault(ImportFaultKind::Unclosed))?;
        let value = |option: &str| {
            let at = words
                .iter()
                .position(|word| word.eq_ignore_ascii_case(option))?;
            words.get(at + 1)
        };
        let execute = value("-execute").filter(|path| is_program(path, self.program));
        let Some(arguments) = execute.and(value("-argument")) else {
            return Err(fault(ImportFaultKind::Unclear));
        };
        let arguments =
            windows_words(arguments).map_err(|Unclosed| fault(ImportFaultKind::Unclosed))?;
        self.note_rhythm(line, "New-ScheduledTaskTrigger");
        self.calls.push(Call {
            line,
            arguments,
            rhythm: Rc::default(),
        });
        Ok(())
    }

    /// The tasks of an XML export.
    fn tasks(&mut self, text: &str) -> Result<(), ImportFault> {
        for task in task_xml::tasks(text)? {
            let before = self.calls.len();
            let mut rhythms = task.triggers.iter().map(Trigger::rhythm);
            let rhythm = rhythms.find_map(|rhythm| rhythm).unwrap_or_default();
            let is_empty = rhythm.is_empty();
            let rhythm = Rc::new(rhythm);
            for program in &task.programs {
                self.commands(
                    program.line,
                    &program.command_line(),
                    Shell::Cmd,
                    &rhythm,
                    0,
                )?;
            }
            let Some(call) = self.calls.get(before) else {
                continue;
            };
            let line = call.line;
            if is_empty || task.triggers.len() > 1 {
                self.note_rhythm(line, "Triggers");
            }
            if !task.is_enabled {
                let note = Note::new(line, NoteKind::NotPolled, self.program);
                self.notes.push(note);
            }
        }
        Ok(())
    }

    /// Takes a line for the arguments alone, where no line names the program.
    fn arguments(&mut self, line: usize, whole: &str, shell: Shell) -> Result<(), ImportFault> {
        let unclosed = |Unclosed| ImportFault::new(line, ImportFaultKind::Unclosed, self.program);
        for arguments in shell.commands(whole).map_err(unclosed)? {
            let first = &arguments[0];
            let name = base_name(&first.text);
            if RUNS_NOTHING.contains(&name.as_str()) || is_assignment(first) {
                continue;
            }
            if !first.text.starts_with('-') && !is_host(&first.text) {
                return Err(ImportFault::new(
                    line,
                    ImportFaultKind::Unknown,
                    &first.text,
                ));
            }
            self.calls.push(Call {
                line,
                arguments,
                rhythm: Rc::default(),
            });
        }
        Ok(())
    }
}

/// Whether a word can be nothing but a host: it has a domain, or it is an address; and it is no
/// program's file.
fn is_host(word: &str) -> bool {
    let is_file = [
        ".exe", ".bat", ".cmd", ".com", ".vbs", ".ps1", ".sh", ".pl", ".py",
    ];
    word.contains(['.', ':'])
        && !word.contains(['/', '\\'])
        && !is_file.iter().any(|end| word.to_lowercase().ends_with(end))
}

/// The options of `schtasks`, each with what stands behind it.
struct Switches<'a>(&'a [Word]);

impl<'a> Switches<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        let is_it = |word: &Word| word.text.eq_ignore_ascii_case(name);
        let at = self.0.iter().position(is_it)?;
        self.0.get(at + 1).map(|word| word.text.as_str())
    }

    fn trigger(&self) -> Option<Trigger> {
        let count = |name: &str, otherwise| match self.value(name) {
            Some(text) => text.parse::<u32>().ok(),
            None => Some(otherwise),
        };
        let at = match self.value("/st") {
            Some(time) => Some(rhythm::minute_of_day(time)?),
            None => None,
        };
        let lasts = match (self.value("/du"), self.value("/et")) {
            (Some(duration), _) => Some(rhythm::hours_and_minutes(duration)?),
            // Until then on each day.
            (None, Some(end)) => {
                let end = rhythm::minute_of_day(end)? + 24 * 60;
                Some((end - at?) % (24 * 60))
            }
            (None, None) => None,
        };
        let repetition = |interval| Repetition {
            interval,
            duration: lasts,
        };
        let each_day = if lasts.is_some() {
            Days::Every(1)
        } else {
            Days::Once
        };
        let unit = self.value("/sc")?.to_lowercase();
        let within = match self.value("/ri") {
            Some(minutes) => Some(repetition(minutes.parse().ok()?)),
            None => None,
        };
        let (days, repetition) = match unit.as_str() {
            "minute" => (each_day, Some(repetition(count("/mo", 1)?))),
            "hourly" => (
                each_day,
                Some(repetition(count("/mo", 1)?.checked_mul(60)?)),
            ),
            "daily" => (Days::Every(count("/mo", 1)?), within),
            "weekly" if count("/mo", 1)? == 1 => {
                let days = self
                    .value("/d")?
                    .split(',')
                    .map(|day| day.trim().to_lowercase());
                (Days::OfWeek(days.collect()), within)
            }
            "monthly" if count("/mo", 1)? == 1 && self.value("/m").is_none() => {
                let days = self.value("/d").unwrap_or("1").split(',');
                let days: Result<_, _> = days.map(|day| day.trim().parse()).collect();
                (
                    Days::OfMonth {
                        days: days.ok()?,
                        months: Vec::new(),
                    },
                    within,
                )
            }
            _ => return None,
        };
        Some(Trigger {
            days,
            at,
            repetition,
        })
    }
}

/// A line of a crontab.
struct CrontabEntry<'a> {
    time: &'a str,
    /// `None` where it is no time, as at the start of the machine.
    rhythm: Option<Rhythm>,
    /// Behind a percent sign stands what the command reads.
    command: String,
}

impl<'a> CrontabEntry<'a> {
    fn new(line: &'a str) -> Option<Self> {
        let line = line.trim_start().trim_start_matches('-');
        let (first, behind) = line.split_once([' ', '\t'])?;
        let (time, rhythm, rest) = if is_nickname(first) {
            (first, rhythm::nickname(first), behind)
        } else {
            let mut rest = line;
            let mut fields = [""; 5];
            for field in &mut fields {
                (*field, rest) = rest.trim_start().split_once([' ', '\t'])?;
                if !is_time(field) {
                    return None;
                }
            }
            let time = line[..line.len() - rest.len()].trim_end();
            (time, Some(rhythm::cron(fields)), rest)
        };
        Some(Self {
            time,
            rhythm,
            command: before_percent(rest.trim_start()),
        })
    }
}

/// Whether a word is a field of a crontab's time.
fn is_time(field: &str) -> bool {
    const NAMES: [&str; 19] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon",
        "tue", "wed", "thu", "fri", "sat", "sun",
    ];
    let mut parts = field.split(['*', '/', ',', '-', '~']);
    parts.all(|part| {
        part.chars().all(|c| c.is_ascii_digit()) || NAMES.contains(&part.to_lowercase().as_str())
    })
}

/// cron ends a command at a percent sign, unless a backslash stands in front of it.
fn before_percent(text: &str) -> String {
    let mut command = String::new();
    for part in text.split_inclusive('%') {
        match part.strip_suffix('%') {
            None => command.push_str(part),
            Some(escaped) => match escaped.strip_suffix('\\') {
                None => {
                    command.push_str(escaped);
                    break;
                }
                Some(escaped) => {
                    command.push_str(escaped);
                    command.push('%');
                }
            },
        }
    }
    command
}
