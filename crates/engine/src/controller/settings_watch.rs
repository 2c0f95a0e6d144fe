//! Tells when the settings file was changed by somebody.

use std::{path::Path, time::Duration};

use dequeue_platform::files::make_private;
use notify::Watcher as _;
use tokio::sync::mpsc;

/// An editor may write a file in several steps: it is read when it has been quiet for this long.
const SETTLED: Duration = Duration::from_millis(250);

/// Watches the file's folder, since editors put a new file in the old one's place. The watching
/// ends when what is given is dropped; `None` where the system does not tell, which is logged.
pub(super) fn watch(file: &Path, changed: mpsc::Sender<()>) -> Option<notify::RecommendedWatcher> {
    let (touched, mut touches) = mpsc::channel::<()>(1);
    let watcher = start(file, touched)
        .inspect_err(|error| {
            tracing::warn!(%error, "the settings file is not watched for changes");
        })
        .ok()?;
    tokio::spawn(async move {
        while touches.recv().await.is_some() {
            tokio::time::sleep(SETTLED).await;
            let _ = touches.try_recv();
            if changed.send(()).await.is_err() {
                break;
            }
        }
    });
    Some(watcher)
}

fn start(file: &Path, touched: mpsc::Sender<()>) -> notify::Result<notify::RecommendedWatcher> {
    let file = file.to_owned();
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    make_private(&folder).map_err(notify::Error::io)?;
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let ours = event.is_ok_and(|event| {
            let mut paths = event.paths.iter();
            !event.kind.is_access() && paths.any(|path| path.file_name() == file.file_name())
        });
        if ours {
            // One that waits to be looked at is enough.
            let _ = touched.try_send(());
        }
    })?;
    watcher.watch(&folder, notify::RecursiveMode::NonRecursive)?;
    Ok(watcher)
}
