//! Tests that are left out for want of something this machine cannot have. Libtest knows passed and
//! failed only, so such a test would pass unseen: it says so here, and `cargo xtask test` counts and
//! names it at the end.
//!
//! Other packages' tests include this file by its path.

use std::{env, fs::File, io::Write, thread};

/// Names the file that takes a line for each test: `TEST: REASON`.
const VARIABLE: &str = "DEQUEUE_TEST_LEFT_OUT";

/// Notes that the test that runs is left out, and why; the test then returns.
///
/// # Panics
/// In CI where nobody counts these tests.
pub(crate) fn left_out(reason: &str) {
    let line = format!("{}: {}\n", test(), reason.replace('\n', " "));
    if let Some(file) = env::var_os(VARIABLE) {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(file)
            .expect("the list of tests left out");
        // In one piece, since tests run side by side.
        file.write_all(line.as_bytes())
            .expect("the list of tests left out");
        return;
    }
    assert!(
        env::var_os("CI").is_none(),
        "left out, and nobody counts it: set {VARIABLE}, as `cargo xtask test` does\n{line}"
    );
    eprint!("LEFT OUT: {line}");
}

/// The name of the test that runs: nextest says it, and libtest names the test's thread by it.
fn test() -> String {
    let said = |name| env::var(name).ok();
    match (said("NEXTEST_BINARY_ID"), said("NEXTEST_TEST_NAME")) {
        (Some(binary), Some(test)) => format!("{binary} {test}"),
        _ => thread::current().name().unwrap_or("a test").to_owned(),
    }
}
