//! One of each request that there is: a new one cannot be forgotten where all are tried.

use std::collections::BTreeSet;

use dequeue_api::Request;
use serde_json::{Value, json};
use ts_rs::TS;

/// One of each. They are about an account that does not exist, and change nothing that is asked for.
pub(crate) fn every_request() -> Vec<Request> {
    let requests = [
        json!({"type": "snapshot"}),
        json!({"type": "snapshot-part", "from": 0, "at_most": 1}),
        json!({"type": "poke-now", "accounts": ["nobody"]}),
        json!({"type": "pause", "account": null, "lasts": "tomorrow"}),
        json!({"type": "resume", "account": null}),
        json!({"type": "settings"}),
        json!({"type": "save-account", "original": null, "fields": {"name": "new", "host": "192.0.2.1"}, "dry_run": false}),
        json!({"type": "set-secret", "account": "a", "secret": "hunter2"}),
        json!({"type": "clear-secret", "account": "a"}),
        json!({"type": "remove-account", "account": "a"}),
        json!({"type": "save-general", "fields": {"language": "nl"}}),
        json!({"type": "import", "general": {}, "accounts": [{"name": "new", "host": "192.0.2.1"}], "left_out": [], "replace": true, "allow_commands": true, "dry_run": false}),
        json!({"type": "export"}),
        json!({"type": "history", "account": null, "since": null, "before": null, "limit": 10}),
        json!({"type": "poke", "id": 1}),
        json!({"type": "days", "account": null, "since": null}),
        json!({"type": "start-demo"}),
        json!({"type": "stop-demo"}),
        json!({"type": "set-start-at-login", "on": true}),
        json!({"type": "try-channels"}),
        json!({"type": "attach-window"}),
        json!({"type": "show-window", "account": null}),
        json!({"type": "window-in-front", "front": true}),
        json!({"type": "notices", "seen": true}),
        json!({"type": "check-for-update"}),
        json!({"type": "close-window"}),
        json!({"type": "diagnose", "account": "nobody"}),
        json!({"type": "end"}),
        json!({"type": "log", "since": null, "level": "info", "search": "", "from": null, "limit": 1}),
        json!({"type": "hand-over", "token": "t", "service_in": null}),
        json!({"type": "handed-over", "token": "t"}),
        json!({"type": "take-over", "token": "t", "general": {}, "accounts": [{"name": "new", "host": "192.0.2.1"}], "allow_commands": true}),
        json!({"type": "take-back", "token": "another"}),
    ];
    let name = |request: &Value| request["type"].as_str().unwrap().to_owned();
    let tried: BTreeSet<String> = requests.iter().map(name).collect();
    let declared = Request::inline(&ts_rs::Config::default());
    let there_are: BTreeSet<String> = declared
        .split("\"type\": \"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(tried, there_are, "a sample is missing here");
    let parsed = requests.into_iter().map(serde_json::from_value);
    parsed.collect::<Result<_, _>>().unwrap()
}
