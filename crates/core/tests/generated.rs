//! Writes what is made from the definitions of the settings: their reference in `docs/`, and the
//! table that the window's form is made of. A stale file is rewritten and fails the test, so that CI
//! never passes with one that tells of other settings.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{fs, path::Path};

use dequeue_core::{
    Text,
    settings::{
        Account, Settings,
        definition::{Defined, Definition, Depth, Group, OptionForm},
        secret_source::SecretSource,
        shape::Kind,
    },
};
use dequeue_smtp::{
    Method, Security, Verdict,
    meaning::{Asked, MEANINGS, Meaning, When},
};
use serde_json::json;

fn write(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    if fs::read_to_string(&path).ok().as_deref() != Some(text) {
        fs::write(&path, text).unwrap();
        panic!("{file} was stale and has been written anew: commit it");
    }
}

#[test]
fn the_reference_tells_of_every_setting() {
    let text = Text::for_language("en");
    let mut page = String::from(
        "<!-- Generated from crates/core/src/settings by `cargo test -p dequeue-core --test generated`. -->\n\n\
         # The settings\n\n\
         `dequeue settings path` tells where the settings file is. It is TOML. `dequeue settings set KEY=VALUE` and \
         `dequeue account set NAME KEY=VALUE` change it without an editor; comments survive. A change on disk is \
         picked up at once; a fault is told with its line, and the last good settings go on running.\n",
    );
    page.push_str("\n## Of an account\n\nEach account is a table `[[account]]`.\n");
    page.push_str(&table(Account::DEFINITIONS, &text));
    page.push_str("\n## Of no account\n\nThese stand above the accounts.\n");
    page.push_str(&table(Settings::DEFINITIONS, &text));
    write("docs/settings.md", &page);
}

fn table<T: Default>(settings: &[Definition<T>], text: &Text) -> String {
    let mut table = String::from(
        "\n| setting | what it is | default | values | option |\n|---|---|---|---|---|\n",
    );
    for setting in settings {
        let cells = [
            format!("`{}`", setting.key),
            setting.about(text),
            default(setting, text),
            values(setting, text),
            options(setting),
        ];
        table.push_str(&format!(
            "| {} |\n",
            cells.map(|cell| cell.replace('|', "\\|")).join(" | ")
        ));
    }
    table
}

fn default<T: Default>(setting: &Definition<T>, text: &Text) -> String {
    match setting.default_words(text) {
        Some(words) if words == setting.default_text() => format!("`{words}`"),
        Some(words) => words,
        None if setting.is_needed => "needed".to_owned(),
        None => "none".to_owned(),
    }
}

/// What may be entered: the choices or the range, else in words.
fn values<T>(setting: &Definition<T>, text: &Text) -> String {
    let kind = match setting.kind {
        Kind::Text | Kind::Choice | Kind::Flag => "",
        Kind::Number => "a number",
        Kind::Time => "a time",
        Kind::Command => "a program with its arguments",
        Kind::Texts => "a list",
        Kind::Numbers => "a list of numbers",
    };
    let choices = setting.choices().into_iter();
    let choices: Vec<String> = choices.map(|choice| format!("`{choice}`")).collect();
    let range = setting.range.map(|range| {
        let [least, most] = range.ends();
        format!("from `{least}` to `{most}`")
    });
    let parts = [
        kind.to_owned(),
        choices.join(", "),
        range.unwrap_or_default(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match setting.range.is_some() || !choices.is_empty() {
        true => parts.join(" "),
        false => text.get(&format!("remedy-{}", setting.key)),
    }
}

/// The options of the command line, those of `poke --host` without a remark.
fn options<T>(setting: &Definition<T>) -> String {
    let Some(option) = setting.option else {
        return String::new();
    };
    let names: Vec<String> = match option.form {
        OptionForm::Each(each) => each
            .iter()
            .map(|(_, name, _)| format!("`--{name}`"))
            .collect(),
        OptionForm::Value(_) | OptionForm::Switch => {
            vec![format!("`--{}`", option.name(setting.key))]
        }
    };
    match option.is_for_poke {
        true => names.join(", "),
        false => format!("{} (`account add`)", names.join(", ")),
    }
}

#[test]
fn the_reference_tells_of_every_reply() {
    let text = Text::for_language("en");
    let mut page = String::from(
        "<!-- Generated from crates/smtp/src/meaning.rs by `cargo test -p dequeue-core --test generated`. -->\n\n\
         # What a provider's replies mean\n\n\
         The first row that fits counts. A code means what the RFCs say, whatever words stand behind it; words decide \
         only where a server tells two things apart by nothing else. Codes that the account calls normal \
         (`normal_codes`) come before all rows: there the visit is the request, and the poke is `signalled`. Where \
         EHLO does not offer ETRN, `auto` takes 500 to 504 and “459 … service unavailable” to it in the same way.\n",
    );
    for asked in Asked::ALL {
        let title = match asked {
            Asked::Connection => "The greeting, other than 220",
            Asked::Introduction => "HELO, other than 250",
            Asked::StartTls => "STARTTLS, other than 220",
            Asked::Login => "AUTH, other than 235 and 334",
            Asked::Request => "ETRN and QSND",
            Asked::Turn => "ATRN and TURN, other than 250",
        };
        page.push_str(&format!(
            "\n## {title}\n\n| code | outcome | reason | exit status | what it means | by |\n|---|---|---|---|---|---|\n"
        ));
        let rows = MEANINGS.iter().filter(|row| row.asked.contains(&asked));
        for row in rows {
            page.push_str(&reply_row(row, &text));
        }
    }
    write("docs/replies.md", &page);
}

fn reply_row(row: &Meaning, text: &Text) -> String {
    let (first, last) = row.codes;
    let codes = match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    let when = match row.when {
        When::Always => String::new(),
        When::Says(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("“{word}”")).collect();
            format!(" with {}", words.join(" or "))
        }
        When::SaysNone => " with no message, or 0".to_owned(),
        When::Masked => " behind a firewall that masks the greeting".to_owned(),
    };
    let verdict = Verdict {
        code: Some(first),
        ..Verdict::new(row.outcome, row.reason)
    };
    let cells = [
        codes + &when,
        format!("`{}`", row.outcome.name()),
        format!("`{}`", dequeue_core::text::name(&row.reason)),
        verdict.exit_status().to_string(),
        text.explain("the host", &verdict, None),
        row.source.to_owned(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

#[test]
fn the_form_has_every_setting() {
    let mut page = String::from(
        "// Generated from crates/core/src/settings by `cargo test -p dequeue-core --test generated`.\n\n\
         import type { Method } from \"./api\";\n\n",
    );
    let union = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        names.join(" | ")
    };
    let kinds = [
        Kind::Text,
        Kind::Number,
        Kind::Flag,
        Kind::Time,
        Kind::Choice,
        Kind::Command,
        Kind::Texts,
        Kind::Numbers,
    ];
    let groups = [
        Group::Provider,
        Group::Rhythm,
        Group::MailServer,
        Group::Security,
        Group::Notices,
        Group::Conversation,
        Group::Program,
    ];
    let depths = [Depth::First, Depth::Usual, Depth::Expert];
    page.push_str(&format!(
        "export type Kind = {};\nexport type Group = {};\nexport type Depth = {};\n",
        union(&kinds.map(Kind::name)),
        union(&groups.map(Group::name)),
        union(&depths.map(Depth::name)),
    ));
    page.push_str(
        "\n/** A setting, with its values as they are entered. */\nexport type Setting<Key extends string = string> = {\n\
         \x20 key: Key;\n  kind: Kind;\n  default: string;\n  choices: readonly string[];\n\
         \x20 /** From where to where a number or a time goes. */\n  range: readonly [string, string] | null;\n\
         \x20 group: Group;\n  depth: Depth;\n  /** Whether it says where a secret comes from. */\n  secret: boolean;\n};\n",
    );
    page.push_str(&array("ACCOUNT", "AccountKey", Account::DEFINITIONS));
    page.push_str(&array("GENERAL", "GeneralKey", Settings::DEFINITIONS));
    page.push_str(
        "\n/** The port that is used where none is entered: without TLS or with STARTTLS, and with TLS from the first byte. */\n\
         export const USUAL_PORTS: Readonly<Record<Method, readonly [number, number]>> = {\n",
    );
    for method in Method::ALL {
        let port = |tls| {
            let account = Account {
                method,
                tls,
                ..Account::default()
            };
            account.port()
        };
        let ports = json!([port(Security::Opportunistic), port(Security::Implicit)]);
        page.push_str(&format!("  {}: {ports},\n", method.name()));
    }
    page.push_str("};\n");
    let turning = Method::ALL.into_iter().filter(|method| method.turns());
    page.push_str(&set(
        "The methods whose mail comes over the same connection.",
        "TURNING",
        "Method",
        turning.map(Method::name),
    ));
    page.push_str(&set(
        "The sources of secrets that are kept here; from the others they are only read.",
        "KEPT_HERE",
        "string",
        [
            "stored",
            "keyring",
            "file",
            "file:PATH",
            "env:NAME",
            "command:PROGRAM",
        ]
        .into_iter()
        .filter(|source| source.parse::<SecretSource>().unwrap().is_kept_here()),
    ));
    write("ui/src/settings.ts", &page);
}

fn set<'a>(about: &str, name: &str, kind: &str, members: impl Iterator<Item = &'a str>) -> String {
    let members: Vec<String> = members.map(|member| format!("\"{member}\"")).collect();
    let members = members.join(", ");
    format!(
        "\n/** {about} */\nexport const {name}: ReadonlySet<{kind}> = new Set<{kind}>([{members}]);\n"
    )
}

fn array<T: Default>(name: &str, keys: &str, settings: &[Definition<T>]) -> String {
    let names: Vec<String> = settings
        .iter()
        .map(|it| format!("\n  | \"{}\"", it.key))
        .collect();
    let mut array = format!("\nexport type {keys} ={};\n", names.concat());
    array.push_str(&format!(
        "\nexport const {name}: readonly Setting<{keys}>[] = [\n"
    ));
    for setting in settings {
        let fields = [
            ("key", json!(setting.key)),
            ("kind", json!(setting.kind.name())),
            ("default", json!(setting.default_text())),
            ("choices", json!(setting.choices())),
            ("range", json!(setting.range.map(|range| range.ends()))),
            ("group", json!(setting.group.name())),
            ("depth", json!(setting.depth.name())),
            ("secret", json!(setting.secrecy.is_source())),
        ];
        let fields = fields.map(|(name, value)| format!("{name}: {value}"));
        array.push_str(&format!("  {{ {} }},\n", fields.join(", ")));
    }
    array.push_str("];\n");
    array
}
