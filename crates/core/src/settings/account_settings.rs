//! The settings of an account, each defined once: see [`Definition`].

use dequeue_smtp::{EhloName, EtrnTarget, LoginChoice, Method, Security};

use super::{
    Account,
    certificate::Pin,
    channels::{OnFailure, WebAddress},
    definition::{
        CommandOption, Defined, Definition,
        Depth::{Expert, First, Usual},
        Group, OptionForm, Secrecy, setting,
    },
    fault::{Fault, FaultKind},
    rhythm::{CronPattern, Hours, Jitter, OffHours, Zone},
    secret_source::SecretSource,
    shape::{
        AccountName, Choice, Choices, Distinct, FilePath, Flag, Line, List, Number, Optional,
        Parsed, ParsedTime, Shape, Time,
    },
    value::{
        Address, EVERY, Every, Host, IpVersion, OtherHost, Range, SILENCE, Server, SilenceAfter,
        Value,
    },
};
use crate::{record::Notify, text};

const PORTS: Range = Range::of(1, u16::MAX as u64);
const PHASE: Range = Range::time(1, 3600);

impl Defined for Account {
    const DEFINITIONS: &'static [Definition<Self>] = &[
        setting!("name", name, AccountName)
            .place(Group::Provider, Usual)
            .always_written()
            .needed(),
        setting!("host", host, Parsed<Host>)
            .option(CommandOption::of("HOST").also_for_poke())
            .place(Group::Provider, First)
            .always_written()
            .needed(),
        setting!("port", port, Optional<Number<u16>>)
            .within(PORTS)
            .option(CommandOption::of("PORT").also_for_poke().short('p'))
            .place(Group::Provider, Usual),
        setting!("other_hosts", other_hosts, List<Parsed<OtherHost>>)
            .option(CommandOption::of("HOST").long("other-host"))
            .place(Group::Provider, Expert),
        setting!("method", method, Choice<Method>)
            .option(CommandOption::of("METHOD").also_for_poke().short('m'))
            .place(Group::Provider, Usual)
            .always_written(),
        setting!("domains", domains, Distinct<Parsed<EtrnTarget>>)
            .option(
                CommandOption::of("DOMAIN")
                    .also_for_poke()
                    .short('d')
                    .long("domain"),
            )
            .place(Group::Provider, First)
            .always_written(),
        setting!("every", rhythm.every, ParsedTime<Every>)
            .within(EVERY)
            .option(CommandOption::of("TIME"))
            .place(Group::Rhythm, First)
            .always_written(),
        setting!("hours", rhythm.hours, Optional<Parsed<Hours>>)
            .option(CommandOption::of("HOURS"))
            .place(Group::Rhythm, Usual),
        setting!("outside", rhythm.outside, Parsed<OffHours>)
            .within(EVERY)
            .option(CommandOption::of("TIME"))
            .place(Group::Rhythm, Usual),
        setting!("time_zone", rhythm.zone, Parsed<Zone>)
            .option(CommandOption::of("ZONE"))
            .place(Group::Rhythm, Expert),
        setting!("cron", rhythm.cron, Optional<Parsed<CronPattern>>)
            .option(CommandOption::of("EXPRESSION"))
            .place(Group::Rhythm, Expert),
        setting!("jitter", rhythm.jitter, Parsed<Jitter>)
            .within(Jitter::RANGE)
            .option(CommandOption::of("TIME"))
            .place(Group::Rhythm, Expert),
        setting!("notify", notify, Choice<Notify>)
            .option(CommandOption::of("WHICH"))
            .place(Group::Notices, Usual),
        setting!("notify_after", notify_after, Number<u32>)
            .within(Range::of(1, 100))
            .option(CommandOption::of("NUMBER"))
            .place(Group::Notices, Usual),
        setting!(
            "silence_alarm",
            silence_alarm,
            Optional<ParsedTime<SilenceAfter>>
        )
        .within(SILENCE)
        .option(CommandOption::of("TIME"))
        .place(Group::Notices, Usual),
        setting!("heartbeat", heartbeat, Optional<Parsed<WebAddress>>)
            .option(CommandOption::of("ADDRESS"))
            .place(Group::Notices, Expert)
            .secrecy(Secrecy::Address),
        setting!(
            "heartbeat_on_failure",
            heartbeat_on_failure,
            Choice<OnFailure>
        )
        .option(CommandOption::of("CHOICE"))
        .place(Group::Notices, Expert),
        setting!(
            "heartbeat_failure",
            heartbeat_failure,
            Optional<Parsed<WebAddress>>
        )
        .option(CommandOption::of("ADDRESS"))
        .place(Group::Notices, Expert)
        .secrecy(Secrecy::Address),
        setting!("tls", tls, Choice<Security>)
            .option(CommandOption::of("CHOICE").also_for_poke())
            .place(Group::Security, Usual),
        setting!("ca_file", ca_file, Optional<FilePath>)
            .option(CommandOption::of("FILE").also_for_poke())
            .place(Group::Security, Expert),
        setting!("pin", pin, Optional<Parsed<Pin>>)
            .option(CommandOption::of("FINGERPRINT").also_for_poke())
            .place(Group::Security, Usual),
        setting!("client_cert", client_cert, Optional<FilePath>)
            .option(CommandOption::of("FILE").also_for_poke())
            .place(Group::Security, Expert),
        setting!("client_key", client_key, Optional<FilePath>)
            .option(CommandOption::of("FILE").also_for_poke())
            .place(Group::Security, Expert),
        setting!("user", user, Line)
            .option(CommandOption::of("NAME").also_for_poke())
            .place(Group::Security, Usual),
        setting!("auth", auth, Choice<LoginChoice>)
            .option(CommandOption::of("CHOICE").also_for_poke())
            .place(Group::Security, Expert),
        setting!("secret", secret, Parsed<SecretSource>)
            .option(CommandOption::of("SOURCE").also_for_poke())
            .place(Group::Security, Usual)
            .secrecy(Secrecy::Source),
        setting!("login_in_clear", login_in_clear, Flag)
            .option(CommandOption::with(OptionForm::Switch).also_for_poke())
            .place(Group::Security, Expert),
        setting!("mail_server", mail_server, Optional<Parsed<Server>>)
            .option(CommandOption::of("SERVER").also_for_poke())
            .place(Group::MailServer, Usual),
        setting!("mail_server_first", mail_server_first, Flag)
            .option(CommandOption::of("WHETHER"))
            .place(Group::MailServer, Usual),
        setting!("mail_server_test", mail_server_test, Optional<Flag>)
            .option(CommandOption::of("WHETHER"))
            .place(Group::MailServer, Usual),
        setting!("watch", watch, Time)
            .within(Range::time(0, 3600))
            .option(CommandOption::of("TIME"))
            .place(Group::MailServer, Expert),
        setting!("finger", finger, Line)
            .option(CommandOption::of("TEXT").also_for_poke())
            .place(Group::Conversation, Expert),
        setting!("ehlo", ehlo, Optional<Parsed<EhloName>>)
            .option(
                CommandOption::of("NAME")
                    .also_for_poke()
                    .long("helo")
                    .alias("ehlo"),
            )
            .place(Group::Conversation, Expert),
        setting!("bind", bind, Optional<Parsed<Address>>)
            .option(CommandOption::of("ADDRESS").also_for_poke())
            .place(Group::Conversation, Expert),
        setting!("ip", ip, Choice<IpVersion>)
            .option(
                CommandOption::with(OptionForm::Each(&[('4', "ipv4", "4"), ('6', "ipv6", "6")]))
                    .also_for_poke(),
            )
            .place(Group::Conversation, Expert),
        setting!("normal_codes", normal_codes, List<Number<u16>>)
            .within(Range::of(400, 599))
            .option(
                CommandOption::of("CODE")
                    .also_for_poke()
                    .long("normal-code"),
            )
            .place(Group::Conversation, Expert),
        setting!("connect_timeout", limits.connect, Time)
            .within(PHASE)
            .option(CommandOption::of("TIME").also_for_poke())
            .place(Group::Conversation, Expert),
        setting!("greeting_timeout", limits.greeting, Time)
            .within(PHASE)
            .option(CommandOption::of("TIME").also_for_poke())
            .place(Group::Conversation, Expert),
        setting!("command_timeout", limits.command, Time)
            .within(PHASE)
            .option(CommandOption::of("TIME").also_for_poke())
            .place(Group::Conversation, Expert),
        setting!("turn_timeout", limits.turn, Time)
            .within(PHASE)
            .option(CommandOption::of("TIME").also_for_poke())
            .place(Group::Conversation, Expert),
    ];
}

impl Account {
    /// The values by their keys, as a person enters them and [`Account::set`] takes them.
    #[must_use]
    pub fn texts(&self) -> Vec<(&'static str, String)> {
        let settings = Self::DEFINITIONS.iter();
        settings.map(|it| (it.key, it.text(self))).collect()
    }

    /// Sets one value by its key in the settings file. Empty text takes an optional value away.
    ///
    /// # Errors
    /// What is wrong with the key or the value; the account is as it was.
    pub fn set(&mut self, key: &str, value: &Value<'_>) -> Result<(), Fault> {
        match Self::definition(key) {
            Some(setting) => setting.set(self, value),
            None => Err(Fault::new("unknown-key", key, FaultKind::UnknownKey)),
        }
    }
}

impl Choices for Method {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(&self) -> String {
        self.name().to_owned()
    }
}

impl Choices for Notify {
    const ALL: &'static [Self] = &[Self::Never, Self::Problems, Self::Everything];

    fn word(&self) -> String {
        text::name(self)
    }
}

impl Choices for OnFailure {
    const ALL: &'static [Self] = &[Self::Nothing, Self::Fail];

    fn word(&self) -> String {
        text::name(self)
    }
}

impl Choices for Security {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(&self) -> String {
        text::name(self)
    }
}

impl Choices for LoginChoice {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(&self) -> String {
        self.name().to_owned()
    }
}

impl Choices for IpVersion {
    const ALL: &'static [Self] = &[Self::Auto, Self::V4, Self::V6];

    fn word(&self) -> String {
        self.name().to_owned()
    }
}
