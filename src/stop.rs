//! `dequeue stop`: ends the engine that runs here, and the trays and windows with it.

use std::time::Duration;

use dequeue_api::{ErrorCode, Request, attach};
use dequeue_engine::{StartError, host::has_ended};
use serde::Serialize;

use crate::{failure::Failure, home::Home, output::Output};

/// How long an engine may take to end: its pokes break off, and what is to be kept is written.
const ENDING: Duration = Duration::from_secs(20);

/// What was done.
#[derive(Serialize)]
struct Done {
    /// Whether anything ran that was to be ended.
    ended: bool,
}

/// Ends it, and waits until it has ended. Where nothing runs there is nothing to do.
///
/// # Errors
/// Where it may not be ended so, or does not end.
pub(crate) async fn stop(home: &Home, out: &mut Output) -> Result<u8, Failure> {
    out.text = home.text();
    let Some(client) = attach(&home.paths).await else {
        out.say(&out.text.get("cli-stop-not-running"));
        out.object(&Done { ended: false });
        return Ok(0);
    };
    match client.request(Request::End).await {
        // It may have gone before it could answer.
        Err(error) if error.code != ErrorCode::EngineGone => return Err(error.into()),
        Ok(_) | Err(_) => {}
    }
    if !has_ended(&home.paths, ENDING).await {
        let path = home.paths.data().to_owned();
        return Err(Failure::start(&StartError::Stuck { path }, &out.text));
    }
    out.say(&out.text.get("cli-run-ended"));
    out.object(&Done { ended: true });
    Ok(0)
}
