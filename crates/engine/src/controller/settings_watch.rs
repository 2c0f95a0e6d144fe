//! Tells when the settings file was changed by somebody.

use std::{io, path::Path, time::Duration};

use dequeue_platform::files::make_private;
use tokio::sync::mpsc;

/// An editor may write a file in several steps: it is read when it has been quiet for this long.
const SETTLED: Duration = Duration::from_millis(250);

/// Watches the file's folder, since editors put a new file in the old one's place. The watching
/// ends when what is given is dropped; `None` where the system does not tell, which is logged.
pub(super) fn watch(file: &Path, changed: mpsc::Sender<()>) -> Option<system::Watcher> {
    let (touched, mut touches) = mpsc::channel::<()>(1);
    let folder = file.parent().unwrap_or(Path::new(""));
    let watcher = make_private(folder)
        .and_then(|()| system::start(folder, file, touched))
        .inspect_err(|error: &io::Error| {
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

#[cfg(not(windows))]
mod system {
    use notify::Watcher as _;

    use super::*;

    pub(super) type Watcher = notify::RecommendedWatcher;

    pub(super) fn start(
        folder: &Path,
        file: &Path,
        touched: mpsc::Sender<()>,
    ) -> io::Result<Watcher> {
        let file = file.to_owned();
        let tell = move |event: notify::Result<notify::Event>| {
            let ours = event.is_ok_and(|event| {
                let mut paths = event.paths.iter();
                !event.kind.is_access() && paths.any(|path| path.file_name() == file.file_name())
            });
            if ours {
                // One that waits to be looked at is enough.
                let _ = touched.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(io::Error::other)?;
        let only_here = notify::RecursiveMode::NonRecursive;
        watcher.watch(folder, only_here).map_err(io::Error::other)?;
        Ok(watcher)
    }
}

/// Not by notify, which wakes up ten times a second on Windows.
#[cfg(windows)]
mod system {
    use dequeue_platform::folder_watch::{FolderWatch, watch};

    use super::*;

    pub(super) type Watcher = FolderWatch;

    pub(super) fn start(
        folder: &Path,
        file: &Path,
        touched: mpsc::Sender<()>,
    ) -> io::Result<Watcher> {
        let name = file.file_name().unwrap_or_default().to_owned();
        watch(folder, move |changed| {
            if changed.is_none_or(|changed| changed.eq_ignore_ascii_case(&name)) {
                // One that waits to be looked at is enough.
                let _ = touched.try_send(());
            }
        })
    }
}
