//! The shapes of values: how each is read from what is entered, and written as it is entered.

use std::{
    borrow::Cow, collections::HashSet, fmt::Display, hash::Hash, marker::PhantomData,
    path::PathBuf, str::FromStr, time::Duration,
};

use dequeue_smtp::NameFault;

use super::{
    fault::FaultKind,
    value::{Range, TEXT_OCTETS, Value, format_duration, items, parse_duration, parse_name},
};

/// What is entered for a setting. It decides how the settings file and the form have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A length of time.
    Time,
    /// One of a few words.
    Choice,
    /// A program and its arguments.
    Command,
    /// A list of texts.
    Texts,
    /// Whole numbers.
    Numbers,
}

impl Kind {
    /// Its name in the window's table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Time => "time",
            Self::Choice => "choice",
            Self::Command => "command",
            Self::Texts => "texts",
            Self::Numbers => "numbers",
        }
    }

    const fn takes_list(self) -> bool {
        matches!(self, Self::Command | Self::Texts | Self::Numbers)
    }
}

/// A value as it was entered, on its way into a setting.
pub struct Typed<'a> {
    texts: Vec<Cow<'a, str>>,
    is_list: bool,
    range: Option<Range>,
}

impl<'a> Typed<'a> {
    /// `None` for a value of a kind that the setting does not take.
    pub(super) fn new(value: &Value<'a>, kind: Kind, range: Option<Range>) -> Option<Self> {
        let one = |value: &Value<'a>| match value {
            Value::Text(text) => Some(Cow::Borrowed(*text)),
            Value::Number(number) => Some(number.to_string().into()),
            Value::Flag(_) | Value::List(_) | Value::Other => None,
        };
        let texts = match value {
            Value::Text(text) => vec![text.trim().into()],
            Value::Flag(flag) if kind == Kind::Flag => vec![flag.to_string().into()],
            Value::List(items) if kind.takes_list() => {
                items.iter().map(one).collect::<Option<_>>()?
            }
            value => vec![one(value)?],
        };
        Some(Self {
            texts,
            is_list: matches!(value, Value::List(_)),
            range,
        })
    }

    /// The text; of a list, the first item.
    pub(super) fn text(&self) -> &str {
        self.texts.first().map_or("", Cow::as_ref)
    }

    /// The items of a list; of a text, those that it is divided into.
    fn items(&self) -> Vec<&str> {
        match self.is_list {
            true => self.texts.iter().map(Cow::as_ref).collect(),
            false => items(self.text()).collect(),
        }
    }

    /// The words of a list; `None` where it came as one text.
    pub(super) fn words(&self) -> Option<Vec<String>> {
        let words = || self.texts.iter().map(|text| text.clone().into_owned());
        self.is_list.then(|| words().collect())
    }

    fn within<V>(
        &self,
        value: V,
        check: impl FnOnce(Range, V) -> Result<V, FaultKind>,
    ) -> Result<V, FaultKind> {
        match self.range {
            Some(range) => check(range, value),
            None => Ok(value),
        }
    }
}

/// Why a value cannot be taken.
pub struct Wrong {
    pub(super) kind: FaultKind,
    /// The item that is wrong, where it is not the whole.
    pub(super) item: Option<String>,
}

impl<K: Into<FaultKind>> From<K> for Wrong {
    fn from(kind: K) -> Self {
        Self {
            kind: kind.into(),
            item: None,
        }
    }
}

/// How values are read from what is entered, and written as it is entered.
pub trait Shape {
    /// What the field of the struct is.
    type Value;
    /// What is entered.
    const KIND: Kind;

    /// The words that may be entered, where there are only a few.
    #[must_use]
    fn choices() -> Vec<String> {
        Vec::new()
    }

    /// Reads a value.
    ///
    /// # Errors
    /// Why it cannot be taken.
    fn read(typed: &Typed<'_>) -> Result<Self::Value, Wrong>;

    /// Writes a value as it is entered.
    fn write(value: &Self::Value) -> String;
}

/// A value with a text form of its own.
pub struct Parsed<V>(PhantomData<V>);

impl<V: FromStr<Err: Into<FaultKind>> + Display> Shape for Parsed<V> {
    type Value = V;
    const KIND: Kind = Kind::Text;

    fn read(typed: &Typed<'_>) -> Result<V, Wrong> {
        typed
            .text()
            .parse()
            .map_err(|fault: V::Err| fault.into().into())
    }

    fn write(value: &V) -> String {
        value.to_string()
    }
}

/// A value that may be left out: empty text.
pub struct Optional<S>(PhantomData<S>);

impl<S: Shape> Shape for Optional<S> {
    type Value = Option<S::Value>;
    const KIND: Kind = S::KIND;

    fn choices() -> Vec<String> {
        S::choices()
    }

    fn read(typed: &Typed<'_>) -> Result<Self::Value, Wrong> {
        match typed.text() {
            "" => Ok(None),
            _ => S::read(typed).map(Some),
        }
    }

    fn write(value: &Self::Value) -> String {
        value.as_ref().map(S::write).unwrap_or_default()
    }
}

/// Several values: a list in the file; elsewhere one a line, or with commas or semicolons between.
pub struct List<S>(PhantomData<S>);

impl<S: Shape> Shape for List<S> {
    type Value = Vec<S::Value>;
    const KIND: Kind = match S::KIND {
        Kind::Number => Kind::Numbers,
        _ => Kind::Texts,
    };

    fn read(typed: &Typed<'_>) -> Result<Self::Value, Wrong> {
        let read = |item: &str| {
            let alone = Typed {
                texts: vec![item.into()],
                is_list: false,
                range: typed.range,
            };
            S::read(&alone).map_err(|wrong| Wrong {
                item: Some(item.to_owned()),
                ..wrong
            })
        };
        typed.items().into_iter().map(read).collect()
    }

    fn write(value: &Self::Value) -> String {
        value.iter().map(S::write).collect::<Vec<_>>().join(", ")
    }
}

/// Several values, each once: one that comes again says nothing new.
pub struct Distinct<S>(PhantomData<S>);

impl<S: Shape<Value: Clone + Eq + Hash>> Shape for Distinct<S> {
    type Value = Vec<S::Value>;
    const KIND: Kind = List::<S>::KIND;

    fn read(typed: &Typed<'_>) -> Result<Self::Value, Wrong> {
        let mut values = List::<S>::read(typed)?;
        let mut known = HashSet::new();
        values.retain(|value| known.insert(value.clone()));
        Ok(values)
    }

    fn write(value: &Self::Value) -> String {
        List::<S>::write(value)
    }
}

/// What is one of a few words.
pub trait Choices: Clone + 'static {
    /// All of them, in the order in which a person is shown them.
    const ALL: &'static [Self];

    /// The word for it.
    #[must_use]
    fn word(&self) -> String;
}

/// One of a few words.
pub struct Choice<V>(PhantomData<V>);

impl<V: Choices> Shape for Choice<V> {
    type Value = V;
    const KIND: Kind = Kind::Choice;

    fn choices() -> Vec<String> {
        V::ALL.iter().map(Choices::word).collect()
    }

    fn read(typed: &Typed<'_>) -> Result<V, Wrong> {
        let mut all = V::ALL.iter();
        let found = all.find(|choice| choice.word() == typed.text());
        found.cloned().ok_or(FaultKind::UnknownChoice.into())
    }

    fn write(value: &V) -> String {
        value.word()
    }
}

/// `true` or `false`.
pub enum Flag {}

impl Shape for Flag {
    type Value = bool;
    const KIND: Kind = Kind::Flag;

    fn choices() -> Vec<String> {
        [true, false].map(|flag| flag.to_string()).into()
    }

    fn read(typed: &Typed<'_>) -> Result<bool, Wrong> {
        let flag = typed.text().parse();
        flag.map_err(|_| FaultKind::UnknownChoice.into())
    }

    fn write(value: &bool) -> String {
        value.to_string()
    }
}

/// A length of time.
pub enum Time {}

impl Shape for Time {
    type Value = Duration;
    const KIND: Kind = Kind::Time;

    fn read(typed: &Typed<'_>) -> Result<Duration, Wrong> {
        let time = parse_duration(typed.text())?;
        Ok(typed.within(time, Range::time_within)?)
    }

    fn write(value: &Duration) -> String {
        format_duration(*value)
    }
}

/// A value with a text form of its own that is a length of time.
pub struct ParsedTime<V>(PhantomData<V>);

impl<V: FromStr<Err: Into<FaultKind>> + Display> Shape for ParsedTime<V> {
    type Value = V;
    const KIND: Kind = Kind::Time;

    fn read(typed: &Typed<'_>) -> Result<V, Wrong> {
        Parsed::read(typed)
    }

    fn write(value: &V) -> String {
        Parsed::write(value)
    }
}

/// A whole number.
pub struct Number<N>(PhantomData<N>);

impl<N: TryFrom<i64> + Display> Shape for Number<N> {
    type Value = N;
    const KIND: Kind = Kind::Number;

    fn read(typed: &Typed<'_>) -> Result<N, Wrong> {
        let number: i64 = typed.text().parse().map_err(|_| FaultKind::NotANumber)?;
        let range = typed.range.unwrap_or(Range::of(0, u64::MAX));
        Ok(range.number_within(number)?)
    }

    fn write(value: &N) -> String {
        value.to_string()
    }
}

/// The name of an account.
pub enum AccountName {}

impl Shape for AccountName {
    type Value = String;
    const KIND: Kind = Kind::Text;

    fn read(typed: &Typed<'_>) -> Result<String, Wrong> {
        Ok(parse_name(typed.text())?)
    }

    fn write(value: &String) -> String {
        value.clone()
    }
}

/// A line of text, which may be empty.
pub enum Line {}

impl Shape for Line {
    type Value = String;
    const KIND: Kind = Kind::Text;

    fn read(typed: &Typed<'_>) -> Result<String, Wrong> {
        match typed.text() {
            text if text.contains(char::is_control) => Err(NameFault::Control.into()),
            text if text.len() > TEXT_OCTETS => {
                Err(NameFault::TooLong(text.chars().count()).into())
            }
            text => Ok(text.to_owned()),
        }
    }

    fn write(value: &String) -> String {
        value.clone()
    }
}

/// The path of a file.
pub enum FilePath {}

impl Shape for FilePath {
    type Value = PathBuf;
    const KIND: Kind = Kind::Text;

    fn read(typed: &Typed<'_>) -> Result<PathBuf, Wrong> {
        match typed.text() {
            text if text.contains(char::is_control) => Err(FaultKind::ControlInPath.into()),
            text => Ok(text.into()),
        }
    }

    fn write(value: &PathBuf) -> String {
        value.display().to_string()
    }
}
