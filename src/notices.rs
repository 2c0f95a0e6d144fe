//! `dequeue notices`: the notices that were given lately, the newest first.

use dequeue_api::{Request, Response};

use crate::{
    arguments,
    failure::Failure,
    home::{Home, unexpected},
    output::{Output, local},
};

/// Shows the notices that were given lately. They count as seen.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn notices(
    home: &Home,
    wanted: &arguments::Notices,
    out: &mut Output,
) -> Result<u8, Failure> {
    let engine = home.engine(out).await?;
    let answer = engine.ask(Request::Notices { seen: true }).await;
    engine.leave().await;
    let Response::Notices { notices } = answer? else {
        return Err(unexpected(&out.text));
    };
    let most = wanted.limit.map_or(usize::MAX, |limit| limit as usize);
    if notices.is_empty() {
        out.say(&out.text.get("cli-notices-none"));
    }
    for given in notices.iter().take(most) {
        out.object(given);
        out.say(&format!("{}  {}", local(given.at), given.notice.title));
        for line in given.notice.body.lines() {
            out.say(&format!("    {line}"));
        }
    }
    Ok(0)
}
