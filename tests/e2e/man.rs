//! The manual page and the completions, as whoever packages the program gets them.

use std::process::Command;

use crate::programs::{Home, Run};

#[test]
fn the_manual_page_is_sound() {
    let home = Home::new();
    let run = home.run(&["man"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains(".TH DEQUEUE 1 \"\" \"dequeue "), "{run:?}");
    assert!(home.files().is_empty(), "{:?}", home.files());
    let page = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(page.path(), &run.out).unwrap();
    // Groff's warnings are the check; the words are checked where they are made.
    let mut groff = Command::new("groff");
    groff.args(["-man", "-Kutf8", "-Tutf8", "-ww", "-z"]);
    groff.arg(page.path());
    if Command::new("groff").arg("--version").output().is_err() {
        eprintln!("SKIPPED: groff is not here to check the manual page");
        return;
    }
    let checked = Run::of(&mut groff);
    assert_eq!((checked.status, checked.err.as_str()), (0, ""));
}

#[test]
#[cfg(target_os = "linux")]
fn a_shell_takes_the_completions() {
    let home = Home::new();
    let run = home.run(&["completions", "bash"]);
    assert_eq!(run.status, 0, "{run:?}");
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), &run.out).unwrap();
    let mut check = Command::new("bash");
    check.arg("-n").arg(script.path());
    let run = Run::of(&mut check);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}
