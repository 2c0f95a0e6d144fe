//! What can be typed: the command line of the old `dequeue.exe`, and the sub-commands.
//!
//! Only what was typed is parsed here. The values of an account are judged by the engine, so that
//! a fault is the same sentence as everywhere; the help and clap's own complaints are in [`usage`].
//!
//! The options that are settings are made from the settings' definitions, in [`options`].
//!
//! [`usage`]: crate::usage

mod options;

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dequeue_core::{import, settings::value::Value};
use dequeue_engine::demo;
use dequeue_smtp::Method;

use self::options::list;
pub(crate) use self::options::{Provider, Upkeep};

/// How the outcome is shown.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    #[arg(long, global = true, display_order = 90)]
    pub(crate) json: bool,
    #[arg(short, long, global = true, display_order = 91)]
    pub(crate) verbose: bool,
    #[arg(short, long, global = true, display_order = 92)]
    #[arg(conflicts_with_all = ["verbose", "json"])]
    pub(crate) quiet: bool,
}

/// One poke, in the words of the old `dequeue.exe`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostToPoke {
    pub(crate) host: String,
    #[arg(short, long, allow_hyphen_values = true)]
    pub(crate) port: Option<String>,
    #[arg(
        short,
        long = "domain",
        value_name = "DOMAIN",
        allow_hyphen_values = true
    )]
    pub(crate) domains: Vec<String>,
}

impl HostToPoke {
    /// The fields of the account to poke. How is left open, so that the provider decides and the
    /// reason is told.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value<'_>)> {
        let mut fields = vec![("host", Value::Text(&self.host))];
        fields.extend(self.port.as_deref().map(|port| ("port", Value::Text(port))));
        fields.push(("method", Value::Text(Method::Auto.name())));
        fields.push(("domains", list(&self.domains)));
        fields
    }
}

#[derive(Debug, Parser)]
#[command(name = "dequeue", version)]
struct HostForm {
    #[command(flatten)]
    host: HostToPoke,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, Parser)]
#[command(name = "dequeue", version, disable_help_subcommand = true)]
struct CommandForm {
    #[command(flatten)]
    shown: Shown,
    #[command(subcommand)]
    command: Command,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Command {
    /// The form without a sub-command.
    #[command(skip)]
    Host(HostToPoke),
    Poke(Box<Poke>),
    Run(Run),
    Stop,
    Status(Status),
    History(History),
    Notices(Notices),
    Pause(Pause),
    Resume(Resume),
    #[command(subcommand)]
    Account(Account),
    #[command(subcommand)]
    Secret(Secret),
    #[command(subcommand)]
    Settings(Settings),
    Demo(Demo),
    Doctor(Box<Doctor>),
    #[command(subcommand)]
    Service(Service),
    Logs(Logs),
    #[command(subcommand)]
    Update(Update),
    Man,
    Completions(Completions),
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Poke {
    #[arg(value_name = "ACCOUNT", conflicts_with = "Provider")]
    pub(crate) accounts: Vec<String>,
    #[arg(long, conflicts_with_all = ["accounts", "Provider"])]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) provider: Provider,
}

#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// As the machine's service; a service manager types it.
    #[arg(long, hide_short_help = true)]
    pub(crate) service: bool,
}

#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// In the form that monitoring plugins have.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) account: Option<String>,
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub(crate) limit: Option<u32>,
    #[arg(long)]
    pub(crate) dialogue: bool,
    /// What each day came to, in the place of its pokes.
    #[arg(long, conflicts_with_all = ["limit", "dialogue"])]
    pub(crate) days: bool,
}

#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notices {
    #[arg(long, value_name = "NUMBER")]
    pub(crate) limit: Option<u32>,
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    #[arg(value_name = "ACCOUNT", id = "paused")]
    pub(crate) accounts: Vec<String>,
    #[arg(
        long = "for",
        value_name = "TIME",
        id = "for",
        conflicts_with = "until_tomorrow"
    )]
    pub(crate) time: Option<String>,
    #[arg(long)]
    pub(crate) until_tomorrow: bool,
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resume {
    #[arg(value_name = "ACCOUNT", id = "paused")]
    pub(crate) accounts: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Account {
    List,
    Show {
        #[arg(value_name = "NAME")]
        account: String,
    },
    Add(Box<Add>),
    Set {
        #[arg(value_name = "NAME")]
        account: String,
        #[arg(value_name = "KEY=VALUE", required = true)]
        values: Vec<String>,
    },
    Remove {
        #[arg(value_name = "NAME")]
        account: String,
    },
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Add {
    #[arg(value_name = "NAME")]
    account: String,
    #[command(flatten)]
    provider: Provider,
    #[command(flatten)]
    upkeep: Upkeep,
}

impl Add {
    /// The fields that were given, by their keys in the settings.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value<'_>)> {
        let mut fields = vec![("name", Value::Text(&self.account))];
        fields.extend(self.provider.fields());
        fields.extend(self.upkeep.fields());
        fields
    }
}

/// The secret itself is never an argument: those stand in the list of processes.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Secret {
    Set {
        #[arg(value_name = "ACCOUNT")]
        account: String,
    },
    Clear {
        #[arg(value_name = "ACCOUNT")]
        account: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Settings {
    Path,
    Check,
    Show,
    Set {
        #[arg(value_name = "KEY=VALUE", required = true)]
        values: Vec<String>,
    },
    TryNotices,
    Export {
        #[arg(value_name = "FILE")]
        to: Option<PathBuf>,
    },
    Import(Import),
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "PROGRAM", value_enum, hide_possible_values = true)]
    pub(crate) from: Option<Program>,
    #[arg(long)]
    pub(crate) replace: bool,
    #[arg(long)]
    pub(crate) allow_commands: bool,
}

/// Another program, whose settings are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    Dequeue,
    Fetchmail,
    Msmtp,
    Etrn,
}

impl From<Program> for import::ImportFormat {
    fn from(program: Program) -> Self {
        match program {
            Program::Dequeue => Self::Dequeue,
            Program::Fetchmail => Self::Fetchmail,
            Program::Msmtp => Self::Msmtp,
            Program::Etrn => Self::Etrn,
        }
    }
}

#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demo {
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    #[arg(hide_possible_values = true)]
    pub(crate) manner: Manner,
}

/// How the demo's provider wants to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Manner {
    #[default]
    Etrn,
    Autoturn,
}

impl From<Manner> for demo::Manner {
    fn from(manner: Manner) -> Self {
        match manner {
            Manner::Etrn => Self::Etrn,
            Manner::Autoturn => Self::AutoTurn,
        }
    }
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doctor {
    #[arg(conflicts_with = "Provider")]
    pub(crate) account: Option<String>,
    /// Where to write the text for the provider's help desk to.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) provider: Provider,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Service {
    Install(Install),
    Uninstall(Uninstall),
    Start,
    Stop,
    Restart,
    Status,
    TakeOver(TakeOver),
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct TakeOver {
    /// Whose accounts.
    #[arg(long = "user", value_name = "NAME")]
    pub(crate) of_user: Option<String>,
    /// Where the data of that user's Dequeue are.
    #[arg(long = "home", value_name = "FOLDER")]
    pub(crate) own_home: Option<PathBuf>,
    /// Whether their settings may start programs.
    #[arg(long)]
    pub(crate) allow_commands: bool,
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Install {
    /// A settings file for the service.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
}

#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uninstall {
    /// With settings, passwords and history.
    #[arg(long)]
    pub(crate) purge: bool,
}

/// There is nothing but a look: nothing is ever installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum Update {
    Check,
}

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logs {
    #[arg(
        long,
        value_name = "TIME",
        id = "log_since",
        allow_hyphen_values = true
    )]
    pub(crate) since: Option<String>,
    #[arg(long, value_name = "LEVEL", id = "log_level", value_enum)]
    #[arg(hide_possible_values = true)]
    pub(crate) level: Option<LogLevel>,
    #[arg(long, value_name = "NUMBER", id = "log_limit")]
    pub(crate) limit: Option<u32>,
    #[arg(short, long, conflicts_with = "export")]
    pub(crate) follow: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
}

/// How important a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl From<LogLevel> for dequeue_api::LogLevel {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::Error,
            LogLevel::Warn => Self::Warn,
            LogLevel::Info => Self::Info,
            LogLevel::Debug => Self::Debug,
            LogLevel::Trace => Self::Trace,
        }
    }
}

#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Completions {
    #[arg(value_enum, hide_possible_values = true)]
    pub(crate) shell: Shell,
}

/// Both forms in one, for the help.
pub(crate) fn whole() -> clap::Command {
    CommandForm::augment_args(HostToPoke::augment_args(clap::Command::new("dequeue")))
}

/// What was typed and could not be understood, or asks for help.
#[derive(Debug)]
pub(crate) struct Misuse {
    /// What clap makes of it.
    pub(crate) error: clap::Error,
    /// What was typed.
    pub(crate) typed: Vec<OsString>,
    /// Whether it was the form without a sub-command.
    pub(crate) by_host: bool,
}

/// Understands what was typed, the program's own name left out.
///
/// # Errors
/// [`Misuse`].
pub(crate) fn parse(typed: Vec<OsString>) -> Result<(Shown, Command), Box<Misuse>> {
    let (by_host, typed) = form(typed);
    let whole = std::iter::once(OsString::from("dequeue")).chain(typed.iter().cloned());
    let parsed = if by_host {
        HostForm::try_parse_from(whole).map(|form| (form.shown, Command::Host(form.host)))
    } else {
        CommandForm::try_parse_from(whole).map(|form| (form.shown, form.command))
    };
    parsed.map_err(|error| {
        Box::new(Misuse {
            error,
            typed,
            by_host,
        })
    })
}

/// Whether this is the form without a sub-command, and what is to be parsed. A host with the name
/// of a sub-command can stand after an option of the form, or after `--`.
fn form(mut typed: Vec<OsString>) -> (bool, Vec<OsString>) {
    let leads = |argument: &&OsString| {
        ["-v", "--verbose", "-q", "--quiet", "--json"]
            .iter()
            .any(|flag| *argument == flag)
    };
    let at = typed.iter().take_while(leads).count();
    let Some(first) = typed.get(at).and_then(|argument| argument.to_str()) else {
        return (typed.len() > at, typed);
    };
    if first == "help" {
        typed.remove(at);
        typed.push("--help".into());
        return (false, typed);
    }
    let asks = ["-h", "--help", "-V", "--version"].contains(&first);
    (!asks && !Command::has_subcommand(first), typed)
}

/// Whether JSON is wanted, of what may not be understood.
pub(crate) fn wants_json(typed: &[OsString]) -> bool {
    typed
        .iter()
        .take_while(|argument| *argument != "--")
        .any(|argument| argument == OsStr::new("--json"))
}

#[cfg(test)]
mod tests {
    use dequeue_core::settings::{self, definition::Defined};

    use super::*;

    fn parsed(line: &[&str]) -> Result<(Shown, Command), clap::error::ErrorKind> {
        parse(line.iter().map(OsString::from).collect()).map_err(|misuse| misuse.error.kind())
    }

    #[test]
    fn the_command_line_of_the_old_program() {
        let host = |port: Option<&str>, domains: &[&str]| {
            Command::Host(HostToPoke {
                host: "h.test".into(),
                port: port.map(Into::into),
                domains: domains.iter().map(|domain| (*domain).into()).collect(),
            })
        };
        for (line, expected) in [
            (&["h.test"][..], host(None, &[])),
            (&["h.test", "-p", "25"], host(Some("25"), &[])),
            (&["h.test", "-p25"], host(Some("25"), &[])),
            (&["-p", "25", "h.test"], host(Some("25"), &[])),
            (
                &["-p25", "-d", "a.test", "h.test"],
                host(Some("25"), &["a.test"]),
            ),
            (
                &["h.test", "-d", "a.test", "-d", "b.test"],
                host(None, &["a.test", "b.test"]),
            ),
            (
                &["-da.test", "h.test", "-p", "2525"],
                host(Some("2525"), &["a.test"]),
            ),
            (
                &["h.test", "--domain", "a.test", "--port=25"],
                host(Some("25"), &["a.test"]),
            ),
            // What the engine is to judge comes through.
            (&["h.test", "-p", "-1"], host(Some("-1"), &[])),
            (&["h.test", "-d", "-a.test"], host(None, &["-a.test"])),
        ] {
            assert_eq!(
                parsed(line).unwrap(),
                (Shown::default(), expected),
                "{line:?}"
            );
        }
    }

    #[test]
    fn a_host_with_the_name_of_a_sub_command() {
        let name = |line: &[&str]| match parsed(line).unwrap().1 {
            Command::Host(host) => host.host,
            other => format!("{other:?}"),
        };
        for line in [
            &["--", "run"][..],
            &["-p", "25", "run"],
            &["-v", "--", "run"],
        ] {
            assert_eq!(name(line), "run", "{line:?}");
        }
        for line in [&["run"][..], &["-v", "run"], &["--json", "-v", "run"]] {
            assert_eq!(name(line), "Run(Run { service: false })", "{line:?}");
        }
    }

    #[test]
    fn flags_stand_anywhere() {
        let json = Shown {
            json: true,
            ..Shown::default()
        };
        for line in [
            &["--json", "status"][..],
            &["status", "--json"],
            &["settings", "--json", "path"],
            &["settings", "path", "--json"],
            &["h.test", "--json"],
            &["--json", "h.test"],
        ] {
            assert_eq!(parsed(line).unwrap().0, json, "{line:?}");
        }
        assert!(wants_json(&[
            "status".into(),
            "--json".into(),
            "--bogus".into()
        ]));
        assert!(!wants_json(&["--".into(), "--json".into()]));
    }

    #[test]
    fn what_does_not_go_together() {
        use clap::error::ErrorKind::*;
        for (line, kind) in [
            (&[][..], DisplayHelpOnMissingArgumentOrSubcommand),
            (&["-v"], MissingSubcommand),
            (&["h.test", "another"], UnknownArgument),
            (&["h.test", "--tls"], UnknownArgument),
            (&["h.test", "-p"], InvalidValue),
            (&["h.test", "-p", "1", "-p", "2"], ArgumentConflict),
            (&["h.test", "-q", "-v"], ArgumentConflict),
            (&["-q", "--json", "h.test"], ArgumentConflict),
            (&["poke", "vevida", "--all"], ArgumentConflict),
            (&["poke", "vevida", "--host", "h.test"], ArgumentConflict),
            (&["poke", "--all", "--host", "h.test"], ArgumentConflict),
            (&["poke", "vevida", "--port", "26"], ArgumentConflict),
            (&["poke", "--all", "--domain", "a.test"], ArgumentConflict),
            (&["poke", "--port", "26"], MissingRequiredArgument),
            (&["poke", "--host", "h.test", "-4", "-6"], ArgumentConflict),
            (&["account", "add"], MissingRequiredArgument),
            (&["account", "set", "vevida"], MissingRequiredArgument),
            (&["settings", "chekc"], InvalidSubcommand),
            (&["settings", "import"], MissingRequiredArgument),
            (&["settings", "set"], MissingRequiredArgument),
            (&["history", "--days", "--dialogue"], ArgumentConflict),
            (&["history", "--days", "--limit", "3"], ArgumentConflict),
            (&["settings", "import", "--from", "pine", "f"], InvalidValue),
            (&["history", "--limit", "many"], ValueValidation),
            (&["demo", "--manner", "turn"], InvalidValue),
            (&["poke", "--user", "me"], MissingRequiredArgument),
            (&["poke", "vevida", "--tls", "none"], ArgumentConflict),
            (&["poke", "--host", "h.test", "--tls"], InvalidValue),
            (
                &["poke", "--host", "h.test", "--password", "x"],
                UnknownArgument,
            ),
            (&["secret"], DisplayHelpOnMissingArgumentOrSubcommand),
            (&["secret", "set"], MissingRequiredArgument),
            (&["secret", "set", "vevida", "x"], UnknownArgument),
            (&["completions", "csh"], InvalidValue),
            (&["service"], DisplayHelpOnMissingArgumentOrSubcommand),
            (&["service", "install", "--settings"], InvalidValue),
            (&["service", "install", "settings.toml"], UnknownArgument),
            (&["logs", "--level", "loud"], InvalidValue),
            (&["update"], DisplayHelpOnMissingArgumentOrSubcommand),
            (&["update", "install"], InvalidSubcommand),
            (&["logs", "--follow", "--export", "f"], ArgumentConflict),
            (&["help"], DisplayHelp),
            (&["help", "poke"], DisplayHelp),
            (&["h.test", "--help"], DisplayHelp),
            (&["--version"], DisplayVersion),
        ] {
            assert_eq!(parsed(line).unwrap_err(), kind, "{line:?}");
        }
    }

    #[test]
    fn each_option_is_a_setting() {
        for (option, key) in [
            ("--tls", "tls"),
            ("--ca-file", "ca_file"),
            ("--pin", "pin"),
            ("--client-cert", "client_cert"),
            ("--client-key", "client_key"),
            ("--user", "user"),
            ("--auth", "auth"),
            ("--secret", "secret"),
            ("--mail-server", "mail_server"),
            ("--finger", "finger"),
            ("--turn-timeout", "turn_timeout"),
        ] {
            // What the engine is to judge comes through.
            let expected = [("host", Value::Text("h.test")), (key, Value::Text("-x"))];
            let line = ["--host", "h.test", option, "-x"];
            match parsed(&[&["poke"], &line[..]].concat()).unwrap().1 {
                Command::Poke(poke) => assert_eq!(poke.provider.fields(), expected),
                other => unreachable!("{other:?}"),
            }
            match parsed(&[&["account", "add", "a"], &line[..]].concat())
                .unwrap()
                .1
            {
                Command::Account(Account::Add(add)) => assert_eq!(add.fields()[1..], expected),
                other => unreachable!("{other:?}"),
            }
        }
    }

    #[test]
    fn each_option_of_an_account_alone_is_a_setting() {
        let command = whole();
        let add = command.find_subcommand("account").unwrap();
        let add = add.find_subcommand("add").unwrap();
        let poke = command.find_subcommand("poke").unwrap();
        let of_poke = |arg: &clap::Arg| poke.get_arguments().any(|it| it.get_id() == arg.get_id());
        let alone = |arg: &&clap::Arg| arg.get_long().is_some() && !of_poke(arg);
        let mut found = 0;
        for arg in add.get_arguments().filter(alone) {
            let option = format!("--{}", arg.get_long().unwrap());
            let (_, command) = parsed(&["account", "add", "a", &option, "-x"]).unwrap();
            let Command::Account(Account::Add(add)) = command else {
                unreachable!("{command:?}")
            };
            let key = arg.get_id().as_str();
            let value = match key {
                "other_hosts" => Value::List(vec![Value::Text("-x")]),
                _ => Value::Text("-x"),
            };
            let expected = [("name", Value::Text("a")), (key, value)];
            assert_eq!(add.fields(), expected);
            assert!(settings::Account::definition(key).is_some(), "{key}");
            found += 1;
        }
        assert!(found > 0);
    }

    #[test]
    fn the_fields_of_an_account() {
        let (_, command) = parsed(&[
            "poke",
            "--host",
            "h.test",
            "-p",
            "26",
            "--method",
            "etrn",
            "-d",
            "a,b",
            "-d",
            "c",
            "--helo",
            "me.test",
            "--bind",
            "192.0.2.1",
            "-4",
            "--normal-code",
            "502",
            "--connect-timeout",
            "5s",
            "--login-in-clear",
        ])
        .unwrap();
        let Command::Poke(poke) = command else {
            unreachable!("{command:?}")
        };
        assert_eq!(
            poke.provider.fields(),
            [
                ("host", Value::Text("h.test")),
                ("port", Value::Text("26")),
                ("method", Value::Text("etrn")),
                (
                    "domains",
                    Value::List(vec![Value::Text("a,b"), Value::Text("c")])
                ),
                ("login_in_clear", Value::Flag(true)),
                ("ehlo", Value::Text("me.test")),
                ("bind", Value::Text("192.0.2.1")),
                ("ip", Value::Text("4")),
                ("normal_codes", Value::List(vec![Value::Text("502")])),
                ("connect_timeout", Value::Text("5s")),
            ]
        );
        for domains in [Vec::new(), vec!["a.test".to_owned()]] {
            let host = HostToPoke {
                host: "h.test".into(),
                port: None,
                domains,
            };
            assert!(host.fields().contains(&("method", Value::Text("auto"))));
        }
    }
}
