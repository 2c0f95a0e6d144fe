//! What a setting is. Each is defined once, in [`account_settings`](super::account_settings) or
//! [`general_settings`](super::general_settings): its key, what a person may enter, how it is read
//! and written, where it stands on the command line and in the form, and whether it may hold a
//! secret. The settings file, the api, the command line, the window, the manual and the tests are
//! made from these definitions.
//!
//! A definition names the field of its struct and the [`Shape`] of its values:
//!
//! ```ignore
//! setting!("watch", watch, Time).within(Range::time(0, 3600)).option(CommandOption::of("TIME"))
//! ```

use super::{
    fault::{Fault, FaultKind},
    shape::{Kind, Shape, Typed, Wrong},
    value::{Range, SECRET_PLACE, Value},
};
use crate::text::Text;

/// A setting of `T`: of an account, or of none.
pub struct Definition<T: 'static> {
    /// Its key in the settings file.
    pub key: &'static str,
    /// What is entered.
    pub kind: Kind,
    /// From where to where a number or a time goes.
    pub range: Option<Range>,
    /// How it is given on the command line; `None` where it is not.
    pub option: Option<CommandOption>,
    /// Where it stands in the form.
    pub group: Group,
    /// How soon it is shown there.
    pub depth: Depth,
    /// Whether it may hold a secret.
    pub secrecy: Secrecy,
    /// Whether it stands in the file even where it is as by default.
    pub is_always_written: bool,
    /// Whether there is nothing without it.
    pub is_needed: bool,
    choices: fn() -> Vec<String>,
    get: fn(&T) -> String,
    set: fn(&mut T, &Typed<'_>) -> Result<(), Wrong>,
}

/// What has settings that are defined.
pub trait Defined: Default + 'static {
    /// Its settings, in the order in which they are written.
    const DEFINITIONS: &'static [Definition<Self>];

    /// The definition of a key.
    #[must_use]
    fn definition(key: &str) -> Option<&'static Definition<Self>> {
        Self::DEFINITIONS.iter().find(|setting| setting.key == key)
    }
}

/// How an account's setting is given to `account add` and, some of them, to `poke --host`. The name
/// of the option is the key, with hyphens, unless `long` says otherwise.
#[derive(Clone, Copy, Debug)]
pub struct CommandOption {
    /// Its form.
    pub form: OptionForm,
    /// Whether `poke --host` and `doctor --host` take it, too.
    pub is_for_poke: bool,
    /// A letter for it.
    pub short: Option<char>,
    /// Its name, where that is not the key.
    pub long: Option<&'static str>,
    /// Another name.
    pub alias: Option<&'static str>,
}

/// What stands behind an option.
#[derive(Clone, Copy, Debug)]
pub enum OptionForm {
    /// A value; the placeholder for it in the help. Lists take it once for each item.
    Value(&'static str),
    /// Nothing: the option alone says `true`.
    Switch,
    /// Nothing, and there is an option for each value: its letter, its name and the value.
    Each(&'static [(char, &'static str, &'static str)]),
}

impl CommandOption {
    /// An option of `account add` with a value, by its placeholder.
    #[must_use]
    pub const fn of(placeholder: &'static str) -> Self {
        Self::with(OptionForm::Value(placeholder))
    }

    /// An option of `account add` in this form.
    #[must_use]
    pub const fn with(form: OptionForm) -> Self {
        Self {
            form,
            is_for_poke: false,
            short: None,
            long: None,
            alias: None,
        }
    }

    /// Its name, for a setting with this key.
    #[must_use]
    pub fn name(&self, key: &str) -> String {
        self.long
            .map_or_else(|| key.replace('_', "-"), str::to_owned)
    }

    /// `poke --host` takes it, too.
    #[must_use]
    pub const fn also_for_poke(mut self) -> Self {
        self.is_for_poke = true;
        self
    }

    /// It has a letter.
    #[must_use]
    pub const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    /// It has a name other than the key.
    #[must_use]
    pub const fn long(mut self, long: &'static str) -> Self {
        self.long = Some(long);
        self
    }

    /// It has a second name.
    #[must_use]
    pub const fn alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }
}

/// The part of the form that a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Who is poked, and what for.
    Provider,
    /// The times of pokes.
    Rhythm,
    /// Where the mail is to arrive.
    MailServer,
    /// TLS and login.
    Security,
    /// What is told, and where.
    Notices,
    /// How the conversation goes.
    Conversation,
    /// The program as a whole.
    Program,
}

impl Group {
    /// Its name in the window's table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Rhythm => "rhythm",
            Self::MailServer => "mail-server",
            Self::Security => "security",
            Self::Notices => "notices",
            Self::Conversation => "conversation",
            Self::Program => "program",
        }
    }
}

/// How soon a setting is shown in the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// At once: no account does without.
    First,
    /// With the whole form.
    Usual,
    /// Where it is unfolded: few need it.
    Expert,
}

impl Depth {
    /// Its name in the window's table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Usual => "usual",
            Self::Expert => "expert",
        }
    }
}

/// Whether a setting may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// It is nobody's secret.
    Open,
    /// A command, which may have a key among its words.
    Command,
    /// A web address, which is often a key itself.
    Address,
    /// Where a secret comes from; whoever misunderstands it enters the secret itself.
    Source,
}

impl Secrecy {
    /// Whether it says where a secret comes from.
    #[must_use]
    pub const fn is_source(self) -> bool {
        matches!(self, Self::Source)
    }

    /// Whether an export looks for keys in it, and leaves out what may be one.
    #[must_use]
    pub const fn may_hold_key(self) -> bool {
        !matches!(self, Self::Open)
    }

    /// Whether it may stand in a view, an event or a status, which others than its owner may see.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::Open | Self::Source)
    }

    /// Whether a sentence on a fault may repeat what was entered.
    const fn may_be_repeated(self) -> bool {
        matches!(self, Self::Open | Self::Command)
    }
}

impl<T> Definition<T> {
    /// A setting with values of a shape; `setting!` writes the two functions.
    pub(super) const fn new<S: Shape>(
        key: &'static str,
        get: fn(&T) -> String,
        set: fn(&mut T, &Typed<'_>) -> Result<(), Wrong>,
    ) -> Self {
        Self {
            key,
            kind: S::KIND,
            range: None,
            option: None,
            group: Group::Program,
            depth: Depth::Usual,
            secrecy: Secrecy::Open,
            is_always_written: false,
            is_needed: false,
            choices: S::choices,
            get,
            set,
        }
    }

    pub(super) const fn within(mut self, range: Range) -> Self {
        self.range = Some(range);
        self
    }

    pub(super) const fn option(mut self, option: CommandOption) -> Self {
        self.option = Some(option);
        self
    }

    pub(super) const fn place(mut self, group: Group, depth: Depth) -> Self {
        self.group = group;
        self.depth = depth;
        self
    }

    pub(super) const fn secrecy(mut self, secrecy: Secrecy) -> Self {
        self.secrecy = secrecy;
        self
    }

    pub(super) const fn always_written(mut self) -> Self {
        self.is_always_written = true;
        self
    }

    pub(super) const fn needed(mut self) -> Self {
        self.is_needed = true;
        self
    }

    /// The words that may be entered, where there are only a few.
    #[must_use]
    pub fn choices(&self) -> Vec<String> {
        (self.choices)()
    }

    /// The value, as a person enters it.
    #[must_use]
    pub fn text(&self, of: &T) -> String {
        (self.get)(of)
    }

    /// What it is where nobody says anything, as a person enters it.
    #[must_use]
    pub fn default_text(&self) -> String
    where
        T: Default,
    {
        self.text(&T::default())
    }

    /// What it is, in a sentence without its full stop.
    #[must_use]
    pub fn about(&self, text: &Text) -> String {
        let place = ("place", SECRET_PLACE.into());
        text.format(&format!("cli-option-{}", self.key), &[place])
    }

    /// What it is where nobody says anything, in words; `None` for nothing.
    #[must_use]
    pub fn default_words(&self, text: &Text) -> Option<String>
    where
        T: Default,
    {
        let entered = self.default_text();
        if !entered.is_empty() {
            return Some(entered);
        }
        // A key without words comes back as itself.
        let key = format!("default-{}", self.key);
        Some(text.get(&key)).filter(|words| *words != key)
    }

    /// Sets the value. Empty text takes an optional one away.
    ///
    /// # Errors
    /// What is wrong with the value; nothing was set.
    pub fn set(&self, of: &mut T, value: &Value<'_>) -> Result<(), Fault> {
        let Some(typed) = Typed::new(value, self.kind, self.range) else {
            return Err(Fault::new(self.key, "", FaultKind::WrongType));
        };
        (self.set)(of, &typed).map_err(|wrong| {
            let value = match self.secrecy.may_be_repeated() {
                true => wrong.item.as_deref().unwrap_or(typed.text()),
                false => "",
            };
            Fault::new(self.key, value, wrong.kind)
        })
    }
}

/// A setting by its key, the field that holds it, and the shape of its values.
macro_rules! setting {
    ($key:literal, $($field:ident).+, $shape:ty) => {
        Definition::new::<$shape>(
            $key,
            |it: &Self| <$shape as Shape>::write(&it.$($field).+),
            |it: &mut Self, typed| {
                it.$($field).+ = <$shape as Shape>::read(typed)?;
                Ok(())
            },
        )
    };
}
pub(super) use setting;
