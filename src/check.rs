//! `dequeue status --check`: how everything stands, as monitoring systems want it of a plugin (Nagios,
//! Icinga and their kin): one line with the state and the figures, a line for each further problem,
//! and the exit status 0, 1, 2 or 3. Whatever keeps it from knowing is UNKNOWN.
//!
//! The state and the labels of the figures are the convention's, in English; the sentences are in the
//! user's language.

use std::fmt::Write as _;

use dequeue_api::{AccountView, Snapshot};
use dequeue_core::{Text, alarm::AlarmKind, health::Health, sink};
use dequeue_smtp::Outcome;
use serde::Serialize;

use crate::{failure::Failure, home::Home, open, output::Output};

/// From well to unknown; a worse one comes later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Ok,
    Warning,
    Critical,
    Unknown,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    const fn exit_status(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }
}

/// How everything stands.
#[derive(Debug, Serialize)]
struct Checked {
    state: State,
    exit_status: u8,
    /// The worst problem, or that there is none.
    message: String,
    /// The worst first.
    problems: Vec<Problem>,
    /// Nothing where it is not known.
    figures: Option<Figures>,
}

/// What is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Problem {
    state: State,
    /// The account, where it is about one.
    account: Option<String>,
    message: String,
}

/// Numbers of accounts; of faults and alarms, how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Figures {
    accounts: usize,
    paused: usize,
    /// Where it was shown lately that mail gets through.
    proved: usize,
    /// Whose pokes work, without a sign that mail gets through.
    asked: usize,
    /// Where something is needed from the user before anything is requested.
    needs_you: usize,
    /// Whose last poke did not work, or where nothing arrives.
    failing: usize,
    /// Other alarms.
    alarms: usize,
    /// Whose poke is held until the mail server is back.
    held: usize,
    /// Of the settings, the history and the ways out for notices.
    faults: usize,
}

/// Tells a monitoring system how everything stands; gives the exit status.
pub(crate) async fn check(out: &mut Output) -> u8 {
    let checked = match look(out).await {
        Ok(checked) => checked,
        Err(failure) => Checked::unknown(failure.message),
    };
    out.say(checked.lines(&out.text).trim_end());
    out.object(&checked);
    checked.exit_status
}

async fn look(out: &mut Output) -> Result<Checked, Failure> {
    let home: Home = open(out)?;
    let engine = home.engine(out).await?;
    let checked = if engine.runs() {
        judge(&engine.snapshot, &out.text)
    } else {
        Checked::unknown(out.text.get("cli-status-nobody"))
    };
    engine.leave().await;
    Ok(checked)
}

/// What a state comes to. Pure.
fn judge(snapshot: &Snapshot, text: &Text) -> Checked {
    let mut figures = Figures {
        accounts: snapshot.accounts.len(),
        ..Figures::default()
    };
    let mut problems = Vec::new();
    for account in &snapshot.accounts {
        if account.paused {
            figures.paused += 1;
        } else {
            judge_account(account, &mut figures, &mut problems);
        }
    }
    // With a fault the last good settings go on; where there are none nobody is poked.
    let of_settings = if snapshot.accounts.is_empty() {
        State::Critical
    } else {
        State::Warning
    };
    let settings = snapshot.settings_fault.iter();
    let others = snapshot
        .history_fault
        .iter()
        .chain(&snapshot.channel_faults);
    let faults = settings.map(|fault| (of_settings, fault));
    for (state, fault) in faults.chain(others.map(|fault| (State::Warning, fault))) {
        figures.faults += 1;
        problems.push(Problem {
            state,
            account: None,
            message: fault.clone(),
        });
    }
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.state));
    let Some(worst) = problems.first() else {
        if snapshot.accounts.is_empty() {
            return Checked::unknown(text.get("cli-no-accounts"));
        }
        let count = figures.accounts - figures.paused;
        let values = [
            ("count", count.into()),
            ("paused", figures.paused.into()),
            ("proved", figures.proved.into()),
        ];
        let key = if figures.paused == 0 {
            "cli-check-ok"
        } else {
            "cli-check-ok-paused"
        };
        return Checked {
            state: State::Ok,
            exit_status: State::Ok.exit_status(),
            message: text.format(key, &values),
            problems,
            figures: Some(figures),
        };
    };
    Checked {
        state: worst.state,
        exit_status: worst.state.exit_status(),
        message: worst.message.clone(),
        problems,
        figures: Some(figures),
    }
}

fn judge_account(account: &AccountView, figures: &mut Figures, problems: &mut Vec<Problem>) {
    let mut problem = |state, message: String| {
        problems.push(Problem {
            state,
            account: Some(account.name.clone()),
            message,
        });
    };
    figures.proved += usize::from(account.health == Health::Proved);
    figures.asked += usize::from(account.health == Health::Asked);
    let mut failing = false;
    if let Some(last) = account.last.as_ref().filter(|_| account.failures > 0) {
        let message = format!("{}: {}", account.name, last.explanation);
        if account.health == Health::NeedsYou {
            figures.needs_you += 1;
            problem(State::Warning, message);
        } else if last.outcome == Outcome::Held {
            figures.held += 1;
            problem(State::Warning, message);
        } else {
            failing = true;
            problem(State::Critical, message);
        }
    }
    for alarm in &account.alarms {
        if alarm.kind == AlarmKind::Silence {
            failing = true;
            problem(State::Critical, alarm.title.clone());
        } else {
            figures.alarms += 1;
            problem(State::Warning, alarm.title.clone());
        }
    }
    figures.failing += usize::from(failing);
}

impl Checked {
    const fn unknown(message: String) -> Self {
        Self {
            state: State::Unknown,
            exit_status: State::Unknown.exit_status(),
            message,
            problems: Vec::new(),
            figures: None,
        }
    }

    /// The output of a plugin.
    fn lines(&self, text: &Text) -> String {
        let mut lines = format!("DEQUEUE {} - ", self.state.word());
        let message = sink::plugin(&self.message);
        let more = self.problems.iter().skip(1);
        match more.len() {
            0 => lines += &message,
            count => {
                let values = [("message", message.into()), ("count", count.into())];
                lines += &text.format("cli-check-more", &values);
            }
        }
        if let Some(figures) = &self.figures {
            lines += &figures.as_perfdata();
        }
        for problem in more {
            let _ = write!(
                lines,
                "\n{}: {}",
                problem.state.word(),
                sink::plugin(&problem.message)
            );
        }
        lines
    }
}

impl Figures {
    /// As `label=value;warn;crit;min`: more than none of them is what the state warns of.
    fn as_perfdata(self) -> String {
        let Self {
            accounts,
            paused,
            proved,
            asked,
            needs_you,
            failing,
            alarms,
            held,
            faults,
        } = self;
        format!(
            " | accounts={accounts};;;0 paused={paused};;;0 proved={proved};;;0 asked={asked};;;0 \
             needs_you={needs_you};0;;0 failing={failing};;0;0 \
             alarms={alarms};0;;0 held={held};0;;0 faults={faults};0;;0"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::status::tests::{account, poke, snapshot};

    fn alarm(kind: &str) -> Value {
        json!({"kind": kind, "title": format!("a: {kind}"), "body": "Look."})
    }

    fn judged(accounts: &[Value], more: Value) -> Checked {
        judge(&snapshot(accounts, more), &Text::for_language("en"))
    }

    #[test]
    fn the_worst_of_everything_counts() {
        let well = || account("well", json!({"last": poke("started")}));
        let failing = json!({"health": "trouble", "failures": 1, "last": poke("unreachable")});
        let held = json!({"health": "trouble", "failures": 2, "held": true, "last": poke("held")});
        let silent =
            json!({"health": "trouble", "alarms": [alarm("silence")], "last": poke("started")});
        let expiring =
            json!({"alarms": [alarm("certificate"), alarm("slow")], "last": poke("started")});
        let paused =
            json!({"health": "paused", "paused": true, "failures": 3, "last": poke("refused")});
        let asked = json!({"health": "asked", "last": poke("started")});
        let needs = json!({"health": "needs-you", "failures": 1, "last": poke("failed")});
        let none = || json!({});
        for (accounts, more, state, figures) in [
            (vec![well()], none(), State::Ok, [1, 0, 1, 0, 0, 0, 0, 0, 0]),
            (
                vec![account("new", none())],
                none(),
                State::Ok,
                [1, 0, 1, 0, 0, 0, 0, 0, 0],
            ),
            (
                vec![well(), account("a", paused)],
                none(),
                State::Ok,
                [2, 1, 1, 0, 0, 0, 0, 0, 0],
            ),
            (
                vec![well(), account("a", asked)],
                none(),
                State::Ok,
                [2, 0, 1, 1, 0, 0, 0, 0, 0],
            ),
            (
                vec![well(), account("a", needs)],
                none(),
                State::Warning,
                [2, 0, 1, 0, 1, 0, 0, 0, 0],
            ),
            (
                vec![well(), account("a", failing.clone())],
                none(),
                State::Critical,
                [2, 0, 1, 0, 0, 1, 0, 0, 0],
            ),
            (
                vec![account("a", held.clone())],
                none(),
                State::Warning,
                [1, 0, 0, 0, 0, 0, 0, 1, 0],
            ),
            (
                vec![account("a", silent)],
                none(),
                State::Critical,
                [1, 0, 0, 0, 0, 1, 0, 0, 0],
            ),
            (
                vec![account("a", expiring)],
                none(),
                State::Warning,
                [1, 0, 1, 0, 0, 0, 2, 0, 0],
            ),
            (
                vec![account("b", held), account("a", failing)],
                none(),
                State::Critical,
                [2, 0, 0, 0, 0, 1, 0, 1, 0],
            ),
            (
                vec![well()],
                json!({"history_fault": "h", "channel_faults": ["c", "d"]}),
                State::Warning,
                [1, 0, 1, 0, 0, 0, 0, 0, 3],
            ),
            (
                vec![well()],
                json!({"settings_fault": "s"}),
                State::Warning,
                [1, 0, 1, 0, 0, 0, 0, 0, 1],
            ),
            (
                vec![],
                json!({"settings_fault": "s"}),
                State::Critical,
                [0, 0, 0, 0, 0, 0, 0, 0, 1],
            ),
        ] {
            let checked = judged(&accounts, more);
            let [
                accounts,
                paused,
                proved,
                asked,
                needs_you,
                failing,
                alarms,
                held,
                faults,
            ] = figures;
            let figures = Figures {
                accounts,
                paused,
                proved,
                asked,
                needs_you,
                failing,
                alarms,
                held,
                faults,
            };
            assert_eq!((checked.state, checked.figures), (state, Some(figures)));
            assert_eq!(checked.exit_status, state.exit_status());
        }
        let nothing = judged(&[], none());
        assert_eq!(nothing.state, State::Unknown);
    }

    #[test]
    fn one_line_with_the_figures_and_then_the_rest() {
        let text = Text::for_language("en");
        let mut unreachable = poke("unreachable");
        unreachable["explanation"] = json!("No\nway | there.");
        let accounts = [
            account("a", json!({"alarms": [alarm("slow")]})),
            account(
                "b",
                json!({"health": "trouble", "failures": 1, "last": unreachable}),
            ),
        ];
        let lines = judged(&accounts, json!({})).lines(&text);
        assert_eq!(
            lines,
            "DEQUEUE CRITICAL - b: No way / there. (and 1 more) | accounts=2;;;0 paused=0;;;0 \
             proved=1;;;0 asked=0;;;0 needs_you=0;0;;0 failing=1;;0;0 alarms=1;0;;0 held=0;0;;0 faults=0;0;;0\nWARNING: a: slow"
        );
        let well = judged(&[account("a", json!({}))], json!({}));
        let lines = well.lines(&text);
        assert!(lines.starts_with("DEQUEUE OK - "), "{lines}");
        assert!(lines.contains(" | accounts=1;;;0 "), "{lines}");
        let unknown = Checked::unknown("Why?".to_owned()).lines(&text);
        assert_eq!(unknown, "DEQUEUE UNKNOWN - Why?");
    }
}
