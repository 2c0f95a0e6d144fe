//! `dequeue update check`: whether there is a newer version. Nothing is fetched but its announcement, and
//! nothing is installed.

use dequeue_api::{NewVersion, Request, Response};
use serde::Serialize;

use crate::{
    failure::Failure,
    home::{Home, unexpected},
    output::Output,
};

/// What came of the look, in `--json`.
#[derive(Serialize)]
struct Looked<'a> {
    version: &'a str,
    newer: Option<&'a NewVersion>,
}

/// Looks now, whatever `update_check` says.
///
/// # Errors
/// [`Failure`], also where it could not be looked.
pub(crate) async fn check(home: &Home, out: &mut Output) -> Result<u8, Failure> {
    let engine = home.engine_alone(out).await?;
    let answer = engine.ask(Request::CheckForUpdate).await;
    let version = engine.snapshot.version.clone();
    engine.leave().await;
    let Response::Update { newer } = answer? else {
        return Err(unexpected(&out.text));
    };
    out.object(&Looked {
        version: &version,
        newer: newer.as_ref(),
    });
    match &newer {
        Some(newer) => out.say(&sentence(newer, out)),
        None => {
            let values = [("version", version.as_str().into())];
            out.say(&out.text.format("cli-update-none", &values));
        }
    }
    Ok(0)
}

/// That there is a newer version, and where to read about it.
pub(crate) fn sentence(newer: &NewVersion, out: &Output) -> String {
    let values = [
        ("version", newer.version.as_str().into()),
        ("date", newer.date.as_str().into()),
        ("notes", newer.notes.as_str().into()),
    ];
    out.text.format("cli-update-newer", &values)
}
