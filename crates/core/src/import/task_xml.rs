//! Tasks of Windows' task scheduler as it exports them: XML, one `Task`, or all of them in `Tasks`
//! (“Task Scheduler Schema” of Microsoft's documentation).

use quick_xml::{
    Reader,
    events::{BytesRef, Event},
};

use super::{
    model::{ImportFault, ImportFaultKind},
    rhythm::{Days, Repetition, Trigger, minute_of_day},
};

/// A task.
#[derive(Default)]
pub(super) struct Task {
    pub(super) triggers: Vec<Trigger>,
    pub(super) programs: Vec<Program>,
    pub(super) is_enabled: bool,
}

/// What a task starts.
#[derive(Default)]
pub(super) struct Program {
    pub(super) line: usize,
    command: String,
    arguments: String,
}

impl Program {
    pub(super) fn command_line(&self) -> String {
        format!("\"{}\" {}", self.command.trim_matches('"'), self.arguments)
    }
}

/// No element of a task is deeper in others.
const DEEPEST: usize = 32;

/// Whether a text is XML, and no script.
pub(super) fn is_task(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("<?xml") || text.starts_with("<Task")
}

/// The tasks of a text.
///
/// # Errors
/// What is no XML, with its line.
pub(super) fn tasks(text: &str) -> Result<Vec<Task>, ImportFault> {
    let mut reader = Reader::from_str(text);
    let mut tasks: Vec<Task> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    loop {
        let event = reader.read_event();
        let line = lines.at(usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX));
        let fault = |about: &str| ImportFault::new(line, ImportFaultKind::Unknown, about);
        let event = event.map_err(|error| fault(&error.to_string()))?;
        match event {
            Event::Start(start) if path.len() == DEEPEST => {
                return Err(fault(start.local_name().as_ref()));
            }
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                content.clear();
                begin(&path, &mut tasks, line);
            }
            Event::Empty(empty) => {
                path.push(empty.local_name().as_ref().to_owned());
                begin(&path, &mut tasks, line);
                end(&path, "", &mut tasks);
                path.pop();
            }
            Event::Text(text) => content.push_str(&text),
            Event::CData(text) => content.push_str(&text),
            Event::GeneralRef(reference) => {
                content.push(character(&reference).ok_or_else(|| fault("&"))?);
            }
            Event::End(_) => {
                end(&path, content.trim(), &mut tasks);
                path.pop();
                content.clear();
            }
            Event::Eof if path.is_empty() => return Ok(tasks),
            Event::Eof => return Err(fault(&path.join("/"))),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The number of a line, asked for at places that only go forward.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, place: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..place).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = self.at.max(place);
        self.line
    }
}

/// What a reference stands for: `&quot;`, `&#34;`.
fn character(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character);
    }
    Some(match &**reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The names of the innermost element and of the one around it.
fn innermost(path: &[String]) -> (&str, &str) {
    let mut path = path.iter().rev().map(String::as_str);
    let inner = path.next().unwrap_or_default();
    (path.next().unwrap_or_default(), inner)
}

fn begin(path: &[String], tasks: &mut Vec<Task>, line: usize) {
    match innermost(path) {
        (_, "Task") => tasks.push(Task {
            is_enabled: true,
            ..Task::default()
        }),
        (around, inner) => {
            let Some(task) = tasks.last_mut() else { return };
            match (around, inner) {
                ("Triggers", _) => task.triggers.push(Trigger::default()),
                ("Actions", "Exec") => task.programs.push(Program {
                    line,
                    ..Program::default()
                }),
                _ => {}
            }
        }
    }
}

fn end(path: &[String], content: &str, tasks: &mut [Task]) {
    let Some(task) = tasks.last_mut() else { return };
    let (around, inner) = innermost(path);
    match (around, inner) {
        ("Settings", "Enabled") => task.is_enabled = content == "true",
        ("Exec", "Command" | "Arguments") => {
            if let Some(program) = task.programs.last_mut() {
                match inner {
                    "Command" => content.clone_into(&mut program.command),
                    _ => content.clone_into(&mut program.arguments),
                }
            }
        }
        _ => {
            let trigger = task.triggers.last_mut();
            if let Some(trigger) = trigger.filter(|_| path.iter().any(|name| name == "Triggers")) {
                of_trigger(trigger, around, inner, content);
            }
        }
    }
}

fn of_trigger(trigger: &mut Trigger, around: &str, inner: &str, content: &str) {
    let in_short = || inner.chars().take(3).collect::<String>().to_lowercase();
    match (around, inner) {
        ("Repetition", "Interval") => {
            trigger.repetition = Some(Repetition {
                interval: minutes(content).unwrap_or(0),
                duration: None,
            });
        }
        ("Repetition", "Duration") => {
            if let Some(repetition) = &mut trigger.repetition {
                repetition.duration = minutes(content);
            }
        }
        (_, "StartBoundary") => trigger.at = time_of_day(content),
        (_, "Enabled") if content == "false" => trigger.days = Days::Other,
        (_, "ScheduleByMonthDayOfWeek") => trigger.days = Days::Other,
        ("ScheduleByWeek", "WeeksInterval") if content != "1" => trigger.days = Days::Other,
        ("ScheduleByDay", "DaysInterval") => {
            trigger.days = content.parse().map_or(Days::Other, Days::Every);
        }
        ("DaysOfWeek", _) => match &mut trigger.days {
            Days::OfWeek(days) => days.push(in_short()),
            Days::Once => trigger.days = Days::OfWeek(vec![in_short()]),
            _ => {}
        },
        ("DaysOfMonth", "Day") => match (&mut trigger.days, content.parse()) {
            (Days::OfMonth { days, .. }, Ok(day)) => days.push(day),
            (Days::Once, Ok(day)) => {
                trigger.days = Days::OfMonth {
                    days: vec![day],
                    months: Vec::new(),
                };
            }
            // “Last” is none that a cron expression has.
            (days, _) => *days = Days::Other,
        },
        ("Months", _) => {
            if let Days::OfMonth { months, .. } = &mut trigger.days {
                months.push(in_short());
            }
        }
        _ => {}
    }
}

/// The minute of the day of `2026-01-31T07:30:00`, which is by the machine's clock where nothing
/// stands behind it.
fn time_of_day(moment: &str) -> Option<u32> {
    let moment: jiff::civil::DateTime = moment.parse().ok()?;
    minute_of_day(&moment.time().strftime("%H:%M").to_string())
}

/// A length of time as `P1D`, `PT15M`, `PT1H30M`, in minutes.
fn minutes(text: &str) -> Option<u32> {
    let span: jiff::Span = text.parse().ok()?;
    let minutes = span.total((
        jiff::Unit::Minute,
        jiff::SpanRelativeTo::days_are_24_hours(),
    ));
    let minutes = minutes.ok()?;
    // A task's times are whole minutes.
    (0.0..1e6).contains(&minutes).then_some(minutes as u32)
}
