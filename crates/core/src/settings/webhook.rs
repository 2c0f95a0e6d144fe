//! What is posted to the webhook (`notice_webhook_body`): in the form of a service that is known, or
//! after a template of one's own.

use std::{fmt, str::FromStr};

use dequeue_smtp::NameFault;
use serde::{Deserialize, Serialize};

use super::fault::FaultKind;
use crate::text;

/// More than any card takes.
const TEMPLATE_OCTETS: usize = 16 * 1024;

/// The forms that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookForm {
    /// All there is to know, as JSON.
    #[default]
    Json,
    /// Heading and sentences, as plain text.
    Text,
    /// An incoming webhook of Slack.
    Slack,
    /// A webhook of a channel of Discord.
    Discord,
    /// A workflow of Microsoft Teams that posts the adaptive card that it gets.
    Teams,
    /// An incoming webhook of Google Chat.
    GoogleChat,
    /// A message to an application of Gotify.
    Gotify,
    /// A message to a topic of ntfy.
    Ntfy,
    /// An incoming webhook of Mattermost.
    Mattermost,
    /// A message by Pushover; `token` and `user` stand in the address.
    Pushover,
    /// `sendMessage` of a bot of Telegram; `chat_id` stands in the address.
    Telegram,
}

impl WebhookForm {
    /// All of them, in the order in which a person is shown them.
    pub const ALL: [Self; 11] = [
        Self::Json,
        Self::Text,
        Self::Slack,
        Self::Discord,
        Self::Teams,
        Self::GoogleChat,
        Self::Gotify,
        Self::Ntfy,
        Self::Mattermost,
        Self::Pushover,
        Self::Telegram,
    ];

    /// The form that the service at this host takes: one that is known by its name, or one of those
    /// that people run themselves, which they like to call by its own.
    #[must_use]
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let is_of = |domain: &str| {
            let rest = host.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let known = [
            ("hooks.slack.com", Self::Slack),
            ("hooks.slack-gov.com", Self::Slack),
            ("discord.com", Self::Discord),
            ("discordapp.com", Self::Discord),
            ("webhook.office.com", Self::Teams),
            ("logic.azure.com", Self::Teams),
            ("api.powerplatform.com", Self::Teams),
            ("chat.googleapis.com", Self::GoogleChat),
            ("ntfy.sh", Self::Ntfy),
            ("api.pushover.net", Self::Pushover),
            ("api.telegram.org", Self::Telegram),
        ];
        let called = [
            ("gotify", Self::Gotify),
            ("ntfy", Self::Ntfy),
            ("mattermost", Self::Mattermost),
        ];
        let first = host.split('.').next().unwrap_or_default();
        let known = known.into_iter().find(|(domain, _)| is_of(domain));
        let called = called.into_iter().find(|(name, _)| *name == first);
        known.or(called).map(|(_, form)| form)
    }
}

/// What is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookBody {
    /// A form that is known.
    Known(WebhookForm),
    /// One's own.
    Own(Template),
}

impl FromStr for WebhookBody {
    type Err = FaultKind;

    fn from_str(typed: &str) -> Result<Self, FaultKind> {
        let mut known = WebhookForm::ALL.into_iter();
        match known.find(|form| text::name(form) == typed) {
            Some(form) => Ok(Self::Known(form)),
            None if typed.contains('{') => typed.parse().map(Self::Own),
            None => Err(FaultKind::UnknownChoice),
        }
    }
}

impl fmt::Display for WebhookBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(form) => f.write_str(&text::name(form)),
            Self::Own(template) => f.write_str(&template.0),
        }
    }
}

/// JSON with places in it, such as `{"message": "{title}: {body}"}`. Each stands within a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

/// The places of a template.
const PLACES: [&str; 5] = ["title", "body", "kind", "account", "machine"];

impl Template {
    /// The JSON, with what `value` gives for each of its places, of which there may be `title`, `body`,
    /// `kind`, `account` and `machine`, written as JSON has it in a string.
    #[must_use]
    pub fn filled(&self, value: impl Fn(&str) -> String) -> String {
        let mut filled = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let place = PLACES.iter().find_map(|name| {
                let rest = after.strip_prefix(name)?.strip_prefix('}')?;
                Some((name, rest))
            });
            match place {
                Some((name, after)) => {
                    let quoted = serde_json::Value::from(value(name)).to_string();
                    filled.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled + rest
    }
}

impl FromStr for Template {
    type Err = FaultKind;

    fn from_str(typed: &str) -> Result<Self, FaultKind> {
        let template = Self(typed.to_owned());
        let has_words = ["{title}", "{body}"].iter().any(|it| typed.contains(it));
        // A place outside of a string leaves no JSON where it is empty, or where it is a word.
        let reads = |value: &str| {
            let filled = template.filled(|_| value.to_owned());
            serde_json::from_str::<serde_json::Value>(&filled).is_ok()
        };
        if typed.len() > TEMPLATE_OCTETS {
            Err(NameFault::TooLong(typed.chars().count()).into())
        } else if has_words && reads("") && reads("x") {
            Ok(template)
        } else {
            Err(FaultKind::NotATemplate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_json_whatever_stands_in_its_places() {
        let template: Template =
            r#"{"a": {"text": "{title}: {body}"}, "from": "{machine}", "n": {}}"#
                .parse()
                .unwrap();
        let hostile = "\" , \"x\": {title} \\ \n\u{202e}";
        let filled = template.filled(|name| match name {
            "machine" => "office".to_owned(),
            _ => hostile.to_owned(),
        });
        let read: serde_json::Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "a": { "text": format!("{hostile}: {hostile}") }, "from": "office", "n": {}
            })
        );
        for wrong in [
            r#"{"text": {body}}"#,
            r#"{"text": "nothing of it"}"#,
            r#"{"text": "{body}""#,
            "{body}",
            r#"[{body}, "{title}"]"#,
        ] {
            assert_eq!(
                wrong.parse::<Template>(),
                Err(FaultKind::NotATemplate),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_service_is_known_by_its_host() {
        for (host, form) in [
            ("hooks.slack.com", Some(WebhookForm::Slack)),
            ("ptb.discord.com", Some(WebhookForm::Discord)),
            ("acme.webhook.office.com", Some(WebhookForm::Teams)),
            (
                "prod-1.westeurope.logic.azure.com",
                Some(WebhookForm::Teams),
            ),
            ("Chat.googleapis.com", Some(WebhookForm::GoogleChat)),
            ("gotify.office.example", Some(WebhookForm::Gotify)),
            ("ntfy.sh", Some(WebhookForm::Ntfy)),
            ("notslack.example", None),
            ("evildiscord.com", None),
            ("hooks.slack.com.evil.example", None),
        ] {
            assert_eq!(WebhookForm::of_host(host), form, "{host}");
        }
    }
}
