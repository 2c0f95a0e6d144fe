//! The options that are settings of an account, made from their definitions.

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, Error, FromArgMatches, Id};
use dequeue_core::settings::{
    self,
    definition::{CommandOption, Defined, Definition, OptionForm},
    shape::Kind,
    value::Value,
};

type Setting = Definition<settings::Account>;

/// The settings of a provider that a poke by host takes, as far as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Provider(Given);

/// The settings that only an account of the settings has, as far as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Upkeep(Given);

impl Provider {
    /// Whether a host was given, and with it all that is poked.
    pub(crate) fn has_host(&self) -> bool {
        self.0.0.iter().any(|(key, _)| *key == "host")
    }

    /// The fields that were given, by their keys in the settings.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Value<'_>)> {
        self.0.fields().collect()
    }
}

impl Upkeep {
    /// The fields that were given, by their keys in the settings.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        self.0.fields()
    }
}

/// Values by their keys, in the order of the definitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Given(Vec<(&'static str, Entered)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entered {
    Text(String),
    Items(Vec<String>),
    Yes,
}

impl Given {
    fn new(matches: &ArgMatches, is_for_poke: bool) -> Self {
        let given = settings(is_for_poke).filter_map(|(setting, option)| {
            let text = |key| matches.get_one::<String>(key).cloned().map(Entered::Text);
            let entered = match option.form {
                OptionForm::Value(_) if is_list(setting) => {
                    let items = matches.get_many::<String>(setting.key)?;
                    Some(Entered::Items(items.cloned().collect()))
                }
                OptionForm::Value(_) => text(setting.key),
                OptionForm::Switch => matches.get_flag(setting.key).then_some(Entered::Yes),
                OptionForm::Each(each) => {
                    let mut each = each.iter();
                    let found = each.find(|(_, name, _)| matches.get_flag(name));
                    found.map(|(_, _, value)| Entered::Text((*value).to_owned()))
                }
            };
            Some((setting.key, entered?))
        });
        Self(given.collect())
    }

    fn fields(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        self.0.iter().map(|(key, entered)| {
            let value = match entered {
                Entered::Text(text) => Value::Text(text),
                Entered::Items(items) => list(items),
                Entered::Yes => Value::Flag(true),
            };
            (*key, value)
        })
    }
}

/// The settings that are options.
fn settings(is_for_poke: bool) -> impl Iterator<Item = (&'static Setting, CommandOption)> {
    let all = settings::Account::DEFINITIONS.iter();
    all.filter_map(|setting| Some((setting, setting.option?)))
        .filter(move |(_, option)| option.is_for_poke == is_for_poke)
}

fn is_list(setting: &Setting) -> bool {
    matches!(setting.kind, Kind::Texts | Kind::Numbers)
}

/// The arguments of a setting: one, or one for each value.
fn arguments(setting: &Setting, option: CommandOption) -> Vec<Arg> {
    let mut argument = Arg::new(setting.key).long(option.name(setting.key));
    if let Some(short) = option.short {
        argument = argument.short(short);
    }
    if let Some(alias) = option.alias {
        argument = argument.alias(alias);
    }
    let arguments = match option.form {
        // What it must be is judged by the engine.
        OptionForm::Value(placeholder) => {
            let action = match is_list(setting) {
                true => ArgAction::Append,
                false => ArgAction::Set,
            };
            let argument = argument.value_name(placeholder).action(action);
            vec![argument.allow_hyphen_values(true)]
        }
        OptionForm::Switch => vec![argument.action(ArgAction::SetTrue)],
        OptionForm::Each(each) => {
            let names = each.iter().map(|(_, name, _)| *name);
            let argument = |(short, name, _): &(char, &'static str, &str)| {
                let others = names.clone().filter(|other| other != name);
                let argument = Arg::new(*name).short(*short).long(*name);
                argument
                    .action(ArgAction::SetTrue)
                    .conflicts_with_all(others)
            };
            each.iter().map(argument).collect()
        }
    };
    let needs_host = option.is_for_poke && setting.key != "host";
    let requiring = |argument: Arg| match needs_host {
        true => argument.requires("host"),
        false => argument,
    };
    arguments.into_iter().map(requiring).collect()
}

fn with_arguments(command: Command, is_for_poke: bool, group: &'static str) -> Command {
    let arguments: Vec<Arg> = settings(is_for_poke)
        .flat_map(|(setting, option)| arguments(setting, option))
        .collect();
    let names: Vec<Id> = arguments.iter().map(|it| it.get_id().clone()).collect();
    let group = ArgGroup::new(group).multiple(true).args(names);
    command.args(arguments).group(group)
}

macro_rules! arguments {
    ($options:ident, $is_for_poke:literal) => {
        impl Args for $options {
            fn augment_args(command: Command) -> Command {
                with_arguments(command, $is_for_poke, stringify!($options))
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }

            fn group_id() -> Option<Id> {
                Some(stringify!($options).into())
            }
        }

        impl FromArgMatches for $options {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                Ok(Self(Given::new(matches, $is_for_poke)))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

arguments!(Provider, true);
arguments!(Upkeep, false);

/// Each item is a value of its own, never split: what separates items elsewhere is a fault here.
pub(super) fn list(items: &[String]) -> Value<'_> {
    Value::List(items.iter().map(|item| Value::Text(item)).collect())
}
