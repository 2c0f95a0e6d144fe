//! A secret from a program's output, such as `pass show provider` or one that fetches a token.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use dequeue_core::{
    secret_fault::SecretFault,
    settings::secret_source::{SECRET_OCTETS, SecretSource, program_and_arguments},
};
use dequeue_platform::program::{Family, command};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};
use zeroize::Zeroizing;

/// How much of what a command complains of is logged.
const COMPLAINT_OCTETS: usize = 4096;
/// How long its complaints are waited for when all else is done: a program that stays behind may
/// hold the line open for ever.
const COMPLAINT_LIMIT: Duration = Duration::from_millis(200);

/// Runs a command and returns what it writes, at most [`SECRET_OCTETS`] of it. What it says on the
/// side goes to the log at debug, without what it wrote.
pub(super) async fn output(line: &str, limit: Duration) -> Result<Zeroizing<Vec<u8>>, SecretFault> {
    let words = program_and_arguments(line)?;
    let program = words.first().cloned().unwrap_or_default();
    let not_started = |error: &io::Error| SecretFault::CommandNotStarted {
        program: program.clone(),
        error: error.to_string(),
    };
    let mut child = command(&words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SecretFault::CommandNotFound {
                program: program.clone(),
            },
            _ => not_started(&error),
        })?;
    let mut family = Family::of(&child);
    let (Some(mut stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(not_started(&io::ErrorKind::BrokenPipe.into()));
    };
    let mut complaints = Zeroizing::new(Vec::with_capacity(2 * COMPLAINT_OCTETS));

    let whole = async {
        // With room to spare: it must not move while it grows, and leave a copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_OCTETS + 128));
        let most = SECRET_OCTETS as u64 + 1;
        (&mut stdout).take(most).read_to_end(&mut bytes).await?;
        let status = if bytes.len() > SECRET_OCTETS {
            None
        } else {
            Some(child.wait().await?)
        };
        Ok::<_, io::Error>((bytes, status))
    };
    let with_complaints = async {
        tokio::pin!(whole);
        tokio::select! {
            biased;
            done = &mut whole => return done,
            () = listen(&mut stderr, &mut complaints) => {}
        }
        whole.await
    };
    let (bytes, status) = match timeout(limit, with_complaints).await {
        Ok(done) => done.map_err(|error| not_started(&error))?,
        Err(_) => {
            let seconds = limit.as_secs();
            return Err(SecretFault::CommandTimedOut { program, seconds });
        }
    };
    let Some(status) = status else {
        return Err(SecretFault::TooLong {
            from: (&SecretSource::Command(line.to_owned())).into(),
        });
    };
    family.has_ended();
    let _ = timeout(COMPLAINT_LIMIT, listen(&mut stderr, &mut complaints)).await;
    log(&program, status, &complaints, &bytes);
    if status.success() {
        Ok(bytes)
    } else {
        Err(SecretFault::CommandFailed {
            program,
            status: status.code(),
        })
    }
}

/// Keeps the beginning of what comes, and reads on to the end, so that the program never waits.
async fn listen(from: &mut (impl AsyncRead + Unpin), kept: &mut Vec<u8>) {
    let mut buffer = Zeroizing::new([0; 1024]);
    while let Ok(length @ 1..) = from.read(&mut *buffer).await {
        let room = COMPLAINT_OCTETS.saturating_sub(kept.len());
        kept.extend(buffer.iter().take(length.min(room)));
    }
}

fn log(program: &str, status: ExitStatus, complaints: &[u8], written: &[u8]) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let said = without(complaints, written);
    tracing::debug!(program, %status, said = said.as_str(), "a secret's command has ended");
}

/// The text without any line of what must not be shown.
fn without(text: &[u8], hidden: &[u8]) -> Zeroizing<String> {
    let hidden = Zeroizing::new(String::from_utf8_lossy(hidden).into_owned());
    let mut text = Zeroizing::new(String::from_utf8_lossy(text).trim_end().to_owned());
    for line in hidden.lines().filter(|line| !line.is_empty()) {
        text = Zeroizing::new(text.replace(line, "…"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_cut_out_of_what_was_said() {
        let said = without(b"+ echo hunter2\nhunter2? no\n", b"hunter2\r\n\nsecond\n");
        assert_eq!(said.as_str(), "+ echo …\n…? no");
        assert_eq!(without(b"all well", b"").as_str(), "all well");
    }
}
