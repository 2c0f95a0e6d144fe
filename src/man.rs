//! `dequeue man` and `dequeue completions`: made from what can be typed, so that neither can be
//! behind it. They are for whoever packages the program, and know no settings.

use clap::{Arg, Command};
use clap_complete::{Shell, generate};
use dequeue_core::{
    Text,
    settings::{
        Account, Settings,
        definition::{Defined, Definition},
    },
};
use roff::{Inline, Roff, bold, italic, roman};
use serde::Serialize;

use crate::{arguments::whole, guide, output::Output, usage};

/// The exit statuses that the page explains.
const STATUSES: [u8; 8] = [0, 64, 69, 70, 75, 76, 77, 78];
/// The variables of the environment that the page explains.
const VARIABLES: [&str; 5] = [
    "DEQUEUE_HOME",
    "DEQUEUE_LOG",
    "DEQUEUE_PUBLIC_DNS",
    "DEQUEUE_TIME_SERVER",
    "DEQUEUE_UPDATES",
];
/// The files that the page explains, by the ends of their texts' keys.
const FILES: [(&str, &str); 4] = [
    ("settings.toml", "settings"),
    ("history.sqlite", "history"),
    ("secrets/", "secrets"),
    ("logs/", "logs"),
];

#[derive(Serialize)]
struct Written {
    text: String,
}

/// Writes the manual page.
pub(crate) fn man(out: &mut Output) -> u8 {
    let text = page(&out.text);
    write(text, out)
}

/// Writes what lets a shell complete the command line.
pub(crate) fn completions(shell: Shell, out: &mut Output) -> u8 {
    let mut script = Vec::new();
    let mut command = usage::in_words(&whole(), "dequeue", &out.text);
    generate(shell, &mut command, "dequeue", &mut script);
    write(String::from_utf8_lossy(&script).into_owned(), out)
}

fn write(text: String, out: &mut Output) -> u8 {
    out.give_out(text.trim_end());
    out.object(&Written { text });
    0
}

/// The manual page, in roff.
fn page(text: &Text) -> String {
    let command = usage::in_words(&whole(), "dequeue", text);
    let version = concat!("dequeue ", env!("CARGO_PKG_VERSION"));
    let mut page = Page {
        roff: Roff::new(),
        text,
    };
    // No date: the same program writes the same page on any day.
    page.roff.control("TH", ["DEQUEUE", "1", "\"\"", version]);
    page.heading("name");
    let about = text.get("cli-about-dequeue");
    page.say(&format!("dequeue - {}", about.trim_end_matches('.')));
    page.heading("synopsis");
    page.example(&usage::lines("dequeue", text));
    page.heading("description");
    page.say(&text.get("man-description"));
    page.heading("options");
    page.options(&command, |_| true);
    page.heading("commands");
    page.commands(&command, "dequeue", "dequeue", &command);
    page.heading("providers");
    page.say(&text.get("man-providers"));
    for kind in &guide::KINDS {
        page.paragraph(&text.get(kind.words));
        page.example(&kind.settings.join("\n"));
    }
    page.heading("settings");
    page.say(&text.get("man-settings"));
    page.settings(Account::DEFINITIONS);
    page.paragraph(&text.get("man-settings-general"));
    page.settings(Settings::DEFINITIONS);
    page.heading("exit-status");
    for status in STATUSES {
        let about = text.get(&format!("man-status-{status}"));
        page.term(vec![bold(status.to_string())], &about);
    }
    page.heading("files");
    page.say(&text.get("man-files"));
    for (file, key) in FILES {
        page.term(vec![italic(file)], &text.get(&format!("man-file-{key}")));
    }
    page.heading("environment");
    for name in VARIABLES {
        let key = name.to_lowercase().replace('_', "-");
        page.term(vec![bold(name)], &text.get(&format!("man-variable-{key}")));
    }
    page.roff.to_roff()
}

struct Page<'a> {
    roff: Roff,
    text: &'a Text,
}

impl Page<'_> {
    fn heading(&mut self, key: &str) {
        let heading = self.text.get(&format!("man-heading-{key}"));
        self.roff.control("SH", [heading.as_str()]);
    }

    fn say(&mut self, words: &str) {
        self.roff.text([roman(words)]);
    }

    fn paragraph(&mut self, words: &str) {
        self.roff.control("PP", []);
        self.say(words);
    }

    /// Lines that stay as they are.
    fn example(&mut self, lines: &str) {
        self.roff.control("PP", []);
        self.roff.control("RS", ["4"]);
        self.roff.control("EX", []);
        for line in lines.lines() {
            self.say(line);
        }
        self.roff.control("EE", []);
        self.roff.control("RE", []);
    }

    fn term(&mut self, term: Vec<Inline>, about: &str) {
        self.roff.control("TP", []);
        self.roff.text(term);
        self.say(about);
    }

    fn options(&mut self, command: &Command, is_wanted: impl Fn(&Arg) -> bool) {
        for arg in command.get_arguments().filter(|arg| is_wanted(arg)) {
            let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
            self.term(label(arg), &about);
        }
    }

    /// Keys of the settings file: what each is, its default, and how it is entered.
    fn settings<T: Default>(&mut self, settings: &[Definition<T>]) {
        for setting in settings {
            let key = setting.key;
            let mut about = setting.about(self.text);
            if let Some(default) = setting.default_words(self.text) {
                let values = [("about", about.into()), ("default", default.into())];
                about = self.text.format("cli-option-default", &values);
            }
            let remedy = self.text.get(&format!("remedy-{key}"));
            self.term(vec![bold(key)], &format!("{about}. {remedy}"));
        }
    }

    /// Each command that does something, with what it alone takes.
    /// `name` is how it is typed.
    fn commands(&mut self, command: &Command, path: &str, name: &str, whole: &Command) {
        for sub in command.get_subcommands() {
            let path = usage::below(path, sub.get_name());
            let name = format!("{name} {}", sub.get_name());
            if sub.has_subcommands() {
                self.commands(sub, &path, &name, whole);
                continue;
            }
            self.roff.control("SS", [name.as_str()]);
            self.say(&sub.get_about().map(ToString::to_string).unwrap_or_default());
            self.example(&usage::lines(&path, self.text));
            let as_poke = matches!(path.as_str(), "account-add" | "doctor");
            let told = whole.find_subcommand("poke").filter(|_| as_poke);
            let told = |arg: &Arg| told.is_some_and(|poke| holds(poke, arg));
            self.options(sub, |arg| arg.get_id() != "help" && !told(arg));
            if as_poke {
                self.paragraph(&self.text.get("man-as-poke"));
            }
        }
    }
}

fn holds(command: &Command, arg: &Arg) -> bool {
    let mut args = command.get_arguments();
    args.any(|other| other.get_id() == arg.get_id())
}

/// How an argument is typed.
fn label(arg: &Arg) -> Vec<Inline> {
    let mut label = Vec::new();
    if let Some(short) = arg.get_short() {
        label.push(bold(format!("-{short}")));
    }
    if let Some(long) = arg.get_long() {
        if !label.is_empty() {
            label.push(roman(", "));
        }
        label.push(bold(format!("--{long}")));
    }
    if arg.get_action().takes_values() {
        if !label.is_empty() {
            label.push(roman(" "));
        }
        let names = arg.get_value_names().unwrap_or_default();
        label.push(italic(names.join(" ")));
    }
    label
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use dequeue_core::text::LANGUAGES;

    use super::*;

    #[test]
    fn the_page_tells_of_everything_in_words() {
        for language in LANGUAGES {
            let page = page(&Text::for_language(language)).replace("\\-", "-");
            for part in [
                "dequeue poke",
                // As it is typed.
                "SS \"dequeue settings try-notices\"",
                "--mail-server",
                "secret set",
                "normal_codes",
            ] {
                assert!(page.contains(part), "{part} in {page}");
            }
            // A key without words comes back as itself.
            for key in ["cli-", "man-", "guide-", "field-", "remedy-"] {
                let stray = |line: &&str| line.contains(key) && !line.contains("mail-token");
                assert_eq!(page.lines().find(stray), None, "{key}");
            }
        }
    }

    #[test]
    fn every_shell_completes_the_commands() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            let mut command = usage::in_words(&whole(), "dequeue", &Text::for_language("en"));
            generate(*shell, &mut command, "dequeue", &mut script);
            let script = String::from_utf8(script).unwrap();
            assert!(script.contains("mail-server"), "{shell}");
        }
    }
}
