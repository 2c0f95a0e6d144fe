//! What is posted to a webhook: a notice in the form that the service there takes, as much of it as it
//! takes, and what its answer means. Bold type, links and mentions are ours or nobody's.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use dequeue_core::{
    settings::webhook::{WebhookBody, WebhookForm},
    sink::{self, fitting},
    text,
};
use serde_json::{Map, Value, json};

use super::{Outgoing, Why};

/// A call of a service.
pub(super) struct Post {
    /// The address, without what goes into the body.
    pub(super) address: String,
    /// The media type of the body.
    pub(super) content_type: &'static str,
    /// The heading, where the service takes it apart from the body.
    pub(super) title: Option<String>,
    /// The body.
    pub(super) body: Vec<u8>,
    /// Whether the service has taken it, by what it answers beside a status of 2xx; `None` where only
    /// the status counts.
    pub(super) is_taken: Option<fn(&str) -> bool>,
}

/// Characters of a message to Slack that are not cut off or put into several.
const SLACK: usize = 4_000;
/// Characters of a message to Discord.
const DISCORD: usize = 2_000;
/// Octets of a text on a card for Teams; a whole message has 28 KB.
const TEAMS: usize = 16_000;
/// Octets of a message to Google Chat.
const GOOGLE_CHAT: usize = 4_096;
/// Octets of a message to ntfy: a longer one becomes a file.
const NTFY: usize = 4_000;
/// Characters of a message to Mattermost before version 5.
const MATTERMOST: usize = 4_000;
/// Characters of a message of Pushover, which has 250 for a heading.
const PUSHOVER: usize = 1_024;
/// Characters of a message of Telegram.
const TELEGRAM: usize = 4_096;
/// Characters of a heading, everywhere.
const HEADING: usize = 200;

/// The notice in the form that is wanted, for this address.
///
/// # Errors
/// [`Why::Protocol`] where it cannot be written, which does not happen.
pub(super) fn post(wanted: &WebhookBody, address: &str, notice: &Outgoing) -> Result<Post, Why> {
    let form = match wanted {
        WebhookBody::Known(form) => *form,
        WebhookBody::Own(template) => {
            let filled = template.filled(|place| of_place(place, notice));
            return Ok(Post::json_text(address, filled.into_bytes()));
        }
    };
    let heading = fitting(
        &sink::line(&notice.title),
        HEADING,
        characters,
        str::to_owned,
    );
    let bold = || format!("**{}**", sink::markdown(&heading));
    Ok(match form {
        WebhookForm::Json => {
            let json = serde_json::to_vec(notice).map_err(|_| Why::Protocol)?;
            Post::json_text(address, json)
        }
        WebhookForm::Text => Post::text(address, None, &plain(&notice.text)),
        WebhookForm::Slack => {
            let text = headed(
                sink::slack(&heading),
                notice,
                SLACK,
                characters,
                sink::slack,
            );
            Post::json(address, &json!({ "text": text, "mrkdwn": false })).judged_by(says_ok)
        }
        WebhookForm::Discord => {
            let content = headed(bold(), notice, DISCORD, characters, sink::markdown);
            // Nobody is called, and no link gets a picture (SUPPRESS_EMBEDS).
            let nobody = json!({ "parse": [] });
            let json = json!({ "content": content, "allowed_mentions": nobody, "flags": 4 });
            Post::json(address, &json).judged_by(names_no_error)
        }
        WebhookForm::Mattermost => {
            let text = headed(bold(), notice, MATTERMOST, characters, sink::markdown);
            Post::json(address, &json!({ "text": text })).judged_by(says_ok)
        }
        WebhookForm::Teams => {
            let message = message(notice, TEAMS, str::len, plain);
            Post::json(address, &card(&heading, &message)).judged_by(teams_has_it)
        }
        WebhookForm::GoogleChat => {
            let safe = sink::google_chat;
            let text = headed(safe(&heading), notice, GOOGLE_CHAT, str::len, safe);
            Post::json(address, &json!({ "text": text })).judged_by(names_no_error)
        }
        WebhookForm::Gotify => {
            let message = message(notice, usize::MAX, str::len, plain);
            let json = json!({ "title": heading, "message": message });
            Post::json(address, &json).judged_by(names_no_error)
        }
        WebhookForm::Ntfy => {
            let message = message(notice, NTFY, str::len, plain);
            Post::text(address, Some(encoded_word(&heading)), &message).judged_by(names_no_error)
        }
        WebhookForm::Pushover => {
            let message = message(notice, PUSHOVER, characters, plain);
            let json = json!({ "title": heading, "message": message });
            Post::with_query(address, json).judged_by(has_status_1)
        }
        WebhookForm::Telegram => {
            let text = headed(heading, notice, TELEGRAM, characters, plain);
            let no_preview = json!({ "is_disabled": true });
            let json = json!({ "text": text, "link_preview_options": no_preview });
            Post::with_query(address, json).judged_by(says_ok)
        }
    })
}

/// As Slack, Mattermost and Telegram say that they have taken it.
fn says_ok(answer: &str) -> bool {
    answer.trim() == "ok" || field(answer, "ok") == Some(Value::Bool(true))
}

/// As services say so that answer with the message, or with nothing.
fn names_no_error(answer: &str) -> bool {
    let names = ["error", "code"];
    !names.into_iter().any(|name| field(answer, name).is_some())
}

/// A workflow of Teams takes it without a word, or with an object of its own. A connector says 1, or in
/// words what went wrong, with a status of success.
fn teams_has_it(answer: &str) -> bool {
    let answer = answer.trim();
    matches!(answer, "" | "1") || (answer.starts_with('{') && names_no_error(answer))
}

/// Pushover's status is 1 for success.
fn has_status_1(answer: &str) -> bool {
    field(answer, "status") == Some(Value::from(1))
}

/// A field of an answer that is a JSON object.
fn field(answer: &str, name: &str) -> Option<Value> {
    let mut object: Map<String, Value> = serde_json::from_str(answer).ok()?;
    object.remove(name)
}

impl Post {
    fn json_text(address: &str, body: Vec<u8>) -> Self {
        Self {
            address: address.to_owned(),
            content_type: "application/json",
            title: None,
            body,
            is_taken: None,
        }
    }

    /// One whose answer counts, too.
    fn judged_by(mut self, is_taken: fn(&str) -> bool) -> Self {
        self.is_taken = Some(is_taken);
        self
    }

    fn json(address: &str, json: &Value) -> Self {
        Self::json_text(address, json.to_string().into_bytes())
    }

    /// JSON with what stands in the query of the address, where the service wants all of it together.
    fn with_query(address: &str, mut json: Value) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            json[&*name] = value.into();
        }
        Self::json(path, &json)
    }

    fn text(address: &str, title: Option<String>, text: &str) -> Self {
        Self {
            address: address.to_owned(),
            content_type: "text/plain; charset=utf-8",
            title,
            body: text.as_bytes().to_vec(),
            is_taken: None,
        }
    }
}

fn plain(text: &str) -> String {
    sink::text(text).into_owned()
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

fn of_place(place: &str, notice: &Outgoing) -> String {
    match place {
        "title" => sink::line(&notice.title).into_owned(),
        "body" => plain(&notice.body),
        "kind" => text::name(&notice.kind),
        "account" => plain(&notice.accounts.join(", ")),
        "machine" => plain(&notice.machine),
        _ => String::new(),
    }
}

/// The message below a heading, as far as there is room for both.
fn headed(
    heading: String,
    notice: &Outgoing,
    most: usize,
    length: fn(&str) -> usize,
    safe: fn(&str) -> String,
) -> String {
    let heading = heading + "\n\n";
    let left = most.saturating_sub(length(&heading));
    heading + &message(notice, left, length, safe)
}

/// What happened and what to do, as far as there is room for it, and which machine says so.
fn message(
    notice: &Outgoing,
    most: usize,
    length: fn(&str) -> usize,
    safe: fn(&str) -> String,
) -> String {
    let signature = safe(&format!("\n\n{}", notice.signature()));
    let left = most.saturating_sub(length(&signature));
    fitting(&notice.body, left, length, safe) + &signature
}

/// An adaptive card as a workflow of Teams posts it. Its texts are runs, which know no markup, unlike
/// its text blocks.
fn card(heading: &str, message: &str) -> Value {
    let run = |text: &str, weight| {
        let run = json!({ "type": "TextRun", "text": text, "weight": weight });
        json!({ "type": "RichTextBlock", "inlines": [run] })
    };
    let lines = message.lines().filter(|line| !line.is_empty());
    let blocks: Vec<Value> = std::iter::once(run(heading, "Bolder"))
        .chain(lines.map(|line| run(line, "Default")))
        .collect();
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    });
    let attachment = json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": content,
    });
    json!({ "type": "message", "attachments": [attachment] })
}

/// Text in a header, where only ASCII is sure to arrive (RFC 2047 2). ntfy takes a word of any length.
fn encoded_word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
}

#[cfg(test)]
mod tests;
