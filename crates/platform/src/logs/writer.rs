//! The thread that writes the files, so that a slow disk holds up nobody but itself. It waits for
//! lines and for nothing else.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};

use tracing::Level;

use super::{files::FileLog, form};

/// Lines that wait to be written; what comes while so many wait is lost, and counted.
const WAITING: usize = 4096;
/// So many octets are written at once at most.
const AT_ONCE: usize = 64 * 1024;
/// How long an end waits for the disk.
const PATIENCE: Duration = Duration::from_secs(2);

enum Wanted {
    Line(String),
    /// Tells when all before it is written.
    Flushed(SyncSender<()>),
}

/// The way to the files; cheap to clone.
#[derive(Clone)]
pub(super) struct Writer(Arc<Inner>);

struct Inner {
    program: &'static str,
    files: FileLog,
    /// To the thread, which begins with the first line.
    lines: OnceLock<SyncSender<Wanted>>,
    lost: Arc<AtomicU64>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(&self.0.files).finish()
    }
}

impl Writer {
    pub(super) fn new(files: FileLog, program: &'static str) -> Self {
        Self(Arc::new(Inner {
            program,
            files,
            lines: OnceLock::new(),
            lost: Arc::default(),
        }))
    }

    pub(super) fn keep_at_most(&self, octets: u64) {
        self.0.files.keep_at_most(octets);
    }

    pub(super) fn write(&self, line: String) {
        let lines = self.0.lines.get_or_init(|| self.begin());
        match lines.try_send(Wanted::Line(line)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.0.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn flush(&self) {
        let Some(lines) = self.0.lines.get() else {
            return;
        };
        let (tell, told) = mpsc::sync_channel(1);
        // Behind a full queue there is nothing that it could wait for in time.
        if lines.try_send(Wanted::Flushed(tell)).is_ok() {
            let _ = told.recv_timeout(PATIENCE);
        }
    }

    fn begin(&self) -> SyncSender<Wanted> {
        let (lines, wanted) = mpsc::sync_channel(WAITING);
        let (files, lost) = (self.0.files.clone(), self.0.lost.clone());
        let program = self.0.program;
        let thread = thread::Builder::new().name("log".into());
        // Without a thread, the receiver is gone and each line counts as lost.
        let _ = thread.spawn(move || write_all(files, program, &wanted, &lost));
        lines
    }
}

fn write_all(mut files: FileLog, program: &str, wanted: &Receiver<Wanted>, lost: &AtomicU64) {
    let mut octets = Vec::new();
    let mut flushed = Vec::new();
    while let Ok(first) = wanted.recv() {
        let mut next = Some(first);
        let mut lines = 0;
        while let Some(taken) = next {
            match taken {
                Wanted::Line(line) => {
                    octets.extend(line.as_bytes());
                    lines += 1;
                }
                Wanted::Flushed(tell) => flushed.push(tell),
            }
            if octets.len() >= AT_ONCE {
                break;
            }
            next = wanted.try_recv().ok();
        }
        let before = lost.swap(0, Ordering::Relaxed);
        if before > 0 {
            let words = format!("lines were lost, since the disk did not keep up count={before}");
            octets.extend(form::for_file(Level::WARN, program, module_path!(), &words).as_bytes());
        }
        if files.write(&octets).is_err() {
            // The disk is full, or gone: it is tried again with the next lines.
            lost.fetch_add(before + lines, Ordering::Relaxed);
        }
        octets.clear();
        for tell in flushed.drain(..) {
            let _ = tell.send(());
        }
    }
}
