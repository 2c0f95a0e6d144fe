use dequeue_core::{record::NoticeKind, settings::webhook::WebhookBody::Known};
use serde_json::Value;

use super::*;

/// Markup of every service, mentions, links, control and format characters, and places of templates.
const HOSTILE: &str = "<!channel> <users/all> <@U1> <https://evil.test|bank> [bank](https://evil.test) \
    @everyone *b* _i_ ~s~ `c` ||d|| <b>x</b> &amp; \"},\"x\":{ {body} \x1b[31m\u{9b}\u{202e}\u{200b}\u{2028}";

fn hostile(length: usize) -> Outgoing {
    let words = HOSTILE.repeat(length);
    let outgoing = Outgoing {
        kind: NoticeKind::Failure,
        account: None,
        accounts: vec![words.clone()],
        title: format!("Heading {words}"),
        body: format!("First line {words}\nSecond line {words}"),
        text: String::new(),
        at: "2026-11-25T09:15:00Z".parse().unwrap(),
        machine: "SBS2011".to_owned(),
    };
    outgoing.with_text()
}

/// The words that a service shows, and how many characters and octets of them it takes at most; panics
/// where the service would not take the call.
fn shown(form: WebhookForm, post: &Post) -> (String, usize, usize) {
    let none = usize::MAX;
    let body = std::str::from_utf8(&post.body).unwrap();
    if matches!(form, WebhookForm::Text | WebhookForm::Ntfy) {
        assert!(post.content_type.starts_with("text/plain"));
        let title = post.title.as_deref().unwrap_or_default();
        assert!(
            title.bytes().all(|octet| matches!(octet, b' '..=b'~')),
            "{title}"
        );
        let most = if form == WebhookForm::Ntfy {
            4_096
        } else {
            none
        };
        return (body.to_owned(), none, most);
    }
    assert_eq!(post.content_type, "application/json");
    let json: Value = serde_json::from_str(body).unwrap();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    let keys: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    match form {
        WebhookForm::Json => (String::new(), none, none),
        WebhookForm::Text | WebhookForm::Ntfy => unreachable!("no JSON"),
        WebhookForm::Slack => {
            assert_eq!(json["mrkdwn"], false);
            (text("text"), 40_000, none)
        }
        WebhookForm::Mattermost => (text("text"), 4_000, none),
        WebhookForm::Discord => {
            assert_eq!(json["allowed_mentions"]["parse"], json!([]));
            (text("content"), 2_000, none)
        }
        WebhookForm::GoogleChat => {
            assert_eq!(keys, ["text"]);
            (text("text"), none, 4_096)
        }
        WebhookForm::Gotify => (text("title") + "\n" + &text("message"), none, none),
        WebhookForm::Pushover => {
            assert_eq!((text("token"), text("user")), ("a b".into(), "u".into()));
            assert!(text("title").chars().count() <= 250);
            assert!(text("message").chars().count() <= 1_024);
            (text("title") + "\n" + &text("message"), none, none)
        }
        WebhookForm::Telegram => {
            assert_eq!(text("chat_id"), "-100");
            assert!(!keys.contains(&"parse_mode"));
            (text("text"), 4_096, none)
        }
        WebhookForm::Teams => {
            assert_eq!(json["type"], "message");
            let card = &json["attachments"][0];
            assert_eq!(
                card["contentType"],
                "application/vnd.microsoft.card.adaptive"
            );
            assert_eq!(card["content"]["type"], "AdaptiveCard");
            assert!(body.len() < 28_000, "{}", body.len());
            let blocks = card["content"]["body"].as_array().unwrap();
            let run = |block: &Value| {
                assert_eq!(block["type"], "RichTextBlock");
                block["inlines"][0]["text"].as_str().unwrap().to_owned()
            };
            (
                blocks.iter().map(run).collect::<Vec<_>>().join("\n"),
                none,
                none,
            )
        }
    }
}

/// What must not be among the words for a service, since it would act there.
fn acting(form: WebhookForm) -> &'static [&'static str] {
    match form {
        WebhookForm::Slack | WebhookForm::GoogleChat => &["<", ">"],
        WebhookForm::Discord | WebhookForm::Mattermost => {
            &[" @everyone", " <", "](", " *b", " _i", " ~s", " `c", " ||"]
        }
        // They show text as it is.
        WebhookForm::Json
        | WebhookForm::Text
        | WebhookForm::Teams
        | WebhookForm::Gotify
        | WebhookForm::Ntfy
        | WebhookForm::Pushover
        | WebhookForm::Telegram => &[],
    }
}

fn address_of(form: WebhookForm) -> (&'static str, &'static str) {
    match form {
        WebhookForm::Pushover => (
            "https://api.pushover.net/1/messages.json?token=a+b&user=u",
            "https://api.pushover.net/1/messages.json",
        ),
        WebhookForm::Telegram => (
            "https://api.telegram.org/bot1:x/sendMessage?chat_id=-100",
            "https://api.telegram.org/bot1:x/sendMessage",
        ),
        _ => ("https://hook.test/x?key=1", "https://hook.test/x?key=1"),
    }
}

#[test]
fn each_service_gets_its_form_and_nothing_that_acts_there() {
    for form in WebhookForm::ALL {
        for length in [1, 2, 30, 3_000] {
            let (given, called) = address_of(form);
            let post = post(&Known(form), given, &hostile(length)).unwrap();
            assert_eq!(post.address, called, "{form:?}");
            let (words, characters, octets) = shown(form, &post);
            assert!(
                words.chars().count() <= characters && words.len() <= octets,
                "{form:?}"
            );
            for acts in acting(form) {
                assert!(!words.contains(acts), "{form:?}: {acts} in {words}");
            }
            assert_eq!(words, sink::text(&words), "{form:?}");
            if form == WebhookForm::Json {
                continue;
            }
            assert!(words.contains("First line"), "{form:?}: {words}");
            assert!(words.contains("SBS2011"), "{form:?}: {words}");
            if length == 1 {
                assert!(words.contains("\nSecond line"), "{form:?}: {words}");
                assert!(
                    words.contains(r"\u{202e}") || words.contains(r"\\u{202e}"),
                    "{words}"
                );
            }
        }
    }
}

#[test]
fn a_template_gets_its_places_filled() {
    let own: WebhookBody = r#"{"a": "{kind} {account} {machine}", "b": ["{title}", "{body}"]}"#
        .parse()
        .unwrap();
    let notice = hostile(1);
    let post = post(&own, "https://hook.test/x", &notice).unwrap();
    let json: Value = serde_json::from_slice(&post.body).unwrap();
    let expected = json!({
        "a": format!("failure {} SBS2011", sink::line(HOSTILE)),
        "b": [sink::line(&notice.title), sink::text(&notice.body)],
    });
    assert_eq!(json, expected);
}

#[test]
fn what_the_services_answer() {
    use WebhookForm as F;
    let card = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429";
    for (form, answer, taken) in [
        (F::Json, "whatever", true),
        (F::Text, "", true),
        (F::Slack, "ok", true),
        (F::Slack, r#"{"ok":true}"#, true),
        (F::Slack, r#"{"ok":false,"error":"ratelimited"}"#, false),
        (F::Slack, "no_service", false),
        (F::Slack, "<html>Log in</html>", false),
        (F::Mattermost, "ok", true),
        (
            F::Mattermost,
            r#"{"id":"web.incoming_webhook.invalid.app_error"}"#,
            false,
        ),
        (F::Discord, "", true),
        (F::Discord, r#"{"id":"1","content":"x"}"#, true),
        (
            F::Discord,
            r#"{"code":50006,"message":"Cannot send an empty message"}"#,
            false,
        ),
        (F::Teams, "", true),
        (F::Teams, "1", true),
        (F::Teams, card, false),
        (F::GoogleChat, r#"{"name":"spaces/x/messages/y"}"#, true),
        (F::GoogleChat, r#"{"error":{"code":400}}"#, false),
        (F::Gotify, r#"{"id":1,"message":"x"}"#, true),
        (
            F::Gotify,
            r#"{"error":"Unauthorized","errorCode":401}"#,
            false,
        ),
        (F::Ntfy, r#"{"id":"x","event":"message"}"#, true),
        (
            F::Ntfy,
            r#"{"code":40301,"http":403,"error":"forbidden"}"#,
            false,
        ),
        (F::Pushover, r#"{"status":1,"request":"x"}"#, true),
        (
            F::Pushover,
            r#"{"status":0,"errors":["application token is invalid"]}"#,
            false,
        ),
        (F::Pushover, "", false),
        (F::Telegram, r#"{"ok":true,"result":{}}"#, true),
        (F::Telegram, r#"{"ok":false,"error_code":400}"#, false),
    ] {
        let post = post(&Known(form), address_of(form).0, &hostile(1)).unwrap();
        let is_taken = post.is_taken.is_none_or(|is_taken| is_taken(answer));
        assert_eq!(is_taken, taken, "{form:?}: {answer}");
    }
}
