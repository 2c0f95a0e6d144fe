//! The manual page and the completions, before the programs that read them.

use std::{io::Write, process::Command};

use tempfile::NamedTempFile;

use crate::{
    linux::rig::process::find,
    programs::{Home, Run},
};

/// What `dequeue` writes with these arguments, in a file.
fn written(arguments: &[&str]) -> NamedTempFile {
    let run = Home::new().run(arguments);
    assert_eq!(run.status, 0, "{run:?}");
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(run.out.as_bytes()).unwrap();
    file
}

#[test]
fn groff_finds_no_fault_with_the_manual_page() {
    let page = written(&["man"]);
    // Groff's warnings are the check; the words are checked where they are made.
    let mut groff = Command::new(find("groff", "groff-base"));
    groff.args(["-man", "-Kutf8", "-Tutf8", "-ww", "-z"]);
    let run = Run::of(groff.arg(page.path()));
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}

#[test]
fn a_shell_takes_the_completions() {
    let script = written(&["completions", "bash"]);
    let run = Run::of(Command::new("bash").arg("-n").arg(script.path()));
    assert_eq!((run.status, run.err.as_str()), (0, ""));
}
