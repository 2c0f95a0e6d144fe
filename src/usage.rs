//! The help, and what is wrong with a command line, in the user's language.
//!
//! None of it is made before it is needed: a poke pays nothing for the help of everything else.

use std::ffi::OsString;

use clap::{
    Arg, ArgAction, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};
use dequeue_core::{
    Text,
    settings::{Account, definition::Defined},
    sink,
};

use crate::{
    arguments::{Misuse, whole},
    failure::Failure,
};

/// What to say to a command line that is not one, or that asks for help.
pub(crate) enum Answer {
    /// What was asked for.
    Asked(String),
    /// What is wrong.
    Wrong(Failure),
}

impl Misuse {
    /// What to say to it.
    pub(crate) fn answer(&self, text: &Text) -> Answer {
        let mut command = in_words(&whole(), "dequeue", text);
        command.build();
        let typed = if self.by_host {
            &[]
        } else {
            self.typed.as_slice()
        };
        let (path, command) = at(&command, typed);
        let help = || command.clone().render_help().to_string();
        match self.error.kind() {
            ErrorKind::DisplayHelp => Answer::Asked(help()),
            ErrorKind::DisplayVersion => {
                Answer::Asked(format!("dequeue {}\n", env!("CARGO_PKG_VERSION")))
            }
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                Answer::Wrong(Failure::usage(help().trim_end().to_owned()))
            }
            kind => {
                let mut message = if is_secret(&self.error, kind, &path) {
                    text.get("cli-no-secret-here")
                } else {
                    sentence(&self.error, kind, text)
                };
                message.push_str("\n\n");
                message.push_str(&usage(&path, text));
                Answer::Wrong(Failure::usage(message))
            }
        }
    }
}

/// The sub-command that was typed, and the path that its texts have.
fn at<'a>(whole: &'a Command, typed: &[OsString]) -> (String, &'a Command) {
    let mut at = ("dequeue".to_owned(), whole);
    for argument in typed {
        if let Some(found) = at.1.find_subcommand(argument) {
            at = (below(&at.0, found.get_name()), found);
        }
    }
    at
}

/// The path of a sub-command's texts.
pub(crate) fn below(path: &str, name: &str) -> String {
    if path == "dequeue" {
        name.to_owned()
    } else {
        format!("{path}-{name}")
    }
}

/// The command with its texts.
pub(crate) fn in_words(command: &Command, path: &str, text: &Text) -> Command {
    let words = |key: &str| text.get(&format!("cli-{key}"));
    let option = |arg: Arg| {
        let heading = if arg.is_positional() {
            "heading-arguments"
        } else {
            "heading-options"
        };
        let mut help = words(&format!("option-{}", arg.get_id()));
        let setting = Account::definition(arg.get_id().as_str());
        let setting = setting.filter(|_| arg.get_action().takes_values());
        if let Some(default) = setting.and_then(|setting| setting.default_words(text)) {
            let values = [("about", help.into()), ("default", default.into())];
            help = text.format("cli-option-default", &values);
        }
        arg.help(help).help_heading(words(heading))
    };
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .display_order(93);
    let mut command = command
        .clone()
        .about(words(&format!("about-{path}")))
        .help_template(format!(
            "{{about}}\n\n{}\n\n{{all-args}}\n",
            usage(path, text)
        ))
        .subcommand_help_heading(words("heading-commands"))
        .disable_help_flag(true)
        .arg(help);
    if path == "dequeue" {
        let version = Arg::new("version")
            .short('V')
            .long("version")
            .display_order(94);
        let version = version.action(ArgAction::Version);
        command = command.disable_version_flag(true).arg(version);
    }
    command.mut_args(option).mut_subcommands(|sub| {
        let path = below(path, sub.get_name());
        in_words(&sub, &path, text)
    })
}

/// How a command is used, under its heading.
fn usage(path: &str, text: &Text) -> String {
    let lines = lines(path, text);
    let lines = lines.lines().map(|line| format!("\n  {line}"));
    text.get("cli-heading-usage") + ":" + &lines.collect::<String>()
}

/// How a command is used, each way in a line.
pub(crate) fn lines(path: &str, text: &Text) -> String {
    text.get(&format!("cli-usage-{path}"))
}

/// Whether what is not known here is, or leads, a password that someone typed: it is not shown
/// again, and its place is told.
fn is_secret(error: &clap::Error, kind: ErrorKind, path: &str) -> bool {
    let named = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(named)) => named.as_str(),
        _ => "",
    };
    let is_password = ["--password", "--passwd", "--pass", "--token"].contains(&named);
    let is_after_account = path == "secret-set" && !named.starts_with('-');
    kind == ErrorKind::UnknownArgument && (is_password || is_after_account)
}

/// What is wrong, in one sentence, and what may have been meant.
fn sentence(error: &clap::Error, kind: ErrorKind, text: &Text) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => sink::line(one).into_owned(),
        Some(ContextValue::Strings(several)) => sink::line(&several.join(", ")).into_owned(),
        _ => String::new(),
    };
    let (option, other) = (named(ContextKind::InvalidArg), named(ContextKind::PriorArg));
    let value = named(ContextKind::InvalidValue);
    let key = match kind {
        ErrorKind::UnknownArgument => "cli-unknown-option",
        ErrorKind::InvalidSubcommand => "cli-unknown-command",
        ErrorKind::InvalidValue if value.is_empty() => "cli-value-missing",
        ErrorKind::InvalidValue => "cli-value-unknown",
        ErrorKind::ValueValidation => "cli-value-wrong",
        ErrorKind::MissingRequiredArgument => "cli-argument-missing",
        ErrorKind::ArgumentConflict if option == other => "cli-given-twice",
        ErrorKind::ArgumentConflict => "cli-conflict",
        ErrorKind::InvalidUtf8 => "cli-not-utf8",
        _ => "cli-not-understood",
    };
    let sentence = text.format(
        key,
        &[
            ("option", option.into()),
            ("other", other.into()),
            ("value", value.into()),
            ("choices", named(ContextKind::ValidValue).into()),
            ("command", named(ContextKind::InvalidSubcommand).into()),
            ("kind", kind.as_str().unwrap_or_default().into()),
        ],
    );
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(|kind| match error.get(kind)? {
        ContextValue::String(one) => Some(one),
        // The most similar comes last.
        ContextValue::Strings(several) => several.last(),
        _ => None,
    });
    match suggested {
        Some(suggested) => {
            let suggested = sink::line(suggested);
            sentence + " " + &text.format("cli-suggestion", &[("suggestion", suggested.into())])
        }
        None => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::parse;
    use dequeue_core::text::LANGUAGES;

    fn answer(line: &[&str], text: &Text) -> (u8, String) {
        match parse(line.iter().map(OsString::from).collect())
            .unwrap_err()
            .answer(text)
        {
            Answer::Asked(help) => (0, help),
            Answer::Wrong(failure) => (failure.status, failure.message),
        }
    }

    #[test]
    fn every_command_and_option_has_its_words() {
        fn look(command: &Command, path: &[&str], text: &Text) {
            let name: &[&str] = &path[1..];
            let line: Vec<&str> = name.iter().copied().chain(["--help"]).collect();
            let (status, help) = answer(&line, text);
            assert_eq!(status, 0);
            // A key without words comes back as itself.
            assert!(!help.contains("cli-"), "{help}");
            assert!(help.contains("dequeue"), "{help}");
            let shown = |arg: &&Arg| !arg.is_hide_short_help_set();
            let args = command.get_arguments().filter(shown);
            for arg in args.filter_map(|arg| arg.get_long()) {
                assert!(help.contains(&format!("--{arg}")), "{arg} in {help}");
            }
            for sub in command.get_subcommands() {
                let path: Vec<&str> = path.iter().copied().chain([sub.get_name()]).collect();
                look(sub, &path, text);
            }
        }
        for language in LANGUAGES {
            look(&whole(), &["dequeue"], &Text::for_language(language));
        }
    }

    #[test]
    fn complaints_name_what_is_wrong() {
        let text = Text::for_language("en");
        for (line, words) in [
            (
                &["h.test", "--prot", "25"][..],
                &["“--prot”", "“--port”", "dequeue HOST"][..],
            ),
            (&["h.test", "-p"], &["“--port <PORT>”"]),
            (&["h.test", "-p1", "-p2"], &["“--port <PORT>”", "twice"]),
            (
                &["poke", "a", "--all"],
                &["“--all”", "“[ACCOUNT]...”", "dequeue poke"],
            ),
            (&["account", "add"], &["<NAME>", "dequeue account add"]),
            (&["settings", "chekc"], &["“chekc”", "“check”"]),
            // Others resemble it as well.
            (&["service", "instal"], &["“instal”", "“install”"]),
            (&["demo", "--manner", "turn"], &["“turn”", "etrn, autoturn"]),
            (&["history", "--limit", "many"], &["“many”", "--limit"]),
            (&["h.test", "a\r\nb"], &["“a\\r\\nb”"]),
            (&["h.test", "--password=hunter2"], &["--secret env:NAME"]),
            (
                &["poke", "--host", "h.test", "--password", "hunter2"],
                &["--secret env:NAME", "dequeue secret set"],
            ),
            (&["account", "add", "a", "--passwd", "hunter2"], &["env:"]),
            (&["secret", "set", "vevida", "hunter2"], &["env:"]),
            (&["secret", "set", "vevida", "--host"], &["“--host”"]),
            (&["secret", "set"], &["<ACCOUNT>"]),
            (&["completions", "csh"], &["“csh”", "bash"]),
        ] {
            let (status, message) = answer(line, &text);
            assert_eq!(status, 64);
            for word in words {
                assert!(message.contains(word), "{word} in {message}");
            }
            assert!(!message.contains("hunter2"), "{message}");
        }
        let dutch = answer(&["h.test", "-p"], &Text::for_language("nl")).1;
        assert!(dutch.contains("Gebruik:"), "{dutch}");
    }
}
