//! Tests that are left out for want of something this machine cannot have. They pass, as far as the
//! test runner can tell; but each adds a line to a list, which is shown at the end.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::workspace;

/// Tells the tests where the list is (`tests/e2e/rig/left_out.rs`).
const VARIABLE: &str = "DEQUEUE_TEST_LEFT_OUT";

/// The list of one run: a line for each test, `TEST: REASON`.
pub(super) struct List(PathBuf);

impl List {
    /// An empty one.
    ///
    /// # Errors
    /// When the list of an earlier run cannot be removed.
    pub(super) fn start() -> Result<Self> {
        let file = workspace::target()?.join("tests-left-out");
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| file.display().to_string())
            }
            _ => Ok(Self(file)),
        }
    }

    /// Has the tests that `command` runs add to it.
    pub(super) fn is_for(&self, command: &mut Command) {
        command.env(VARIABLE, &self.0);
    }

    /// What it says in the end.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub(super) fn read(&self) -> Result<LeftOut> {
        read(&self.0).with_context(|| self.0.display().to_string())
    }
}

fn read(file: &Path) -> io::Result<LeftOut> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(LeftOut::of(&text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(LeftOut::default()),
        Err(error) => Err(error),
    }
}

/// The tests left out, by the reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut(BTreeMap<String, Vec<String>>);

impl LeftOut {
    fn of(text: &str) -> Self {
        let mut by_reason = BTreeMap::<String, Vec<String>>::new();
        for line in text.lines() {
            let (test, reason) = line.split_once(": ").unwrap_or((line, "no reason given"));
            let tests = by_reason.entry(reason.to_owned()).or_default();
            tests.push(test.to_owned());
        }
        for tests in by_reason.values_mut() {
            tests.sort();
        }
        Self(by_reason)
    }

    /// How many there are; one that was to run twice, here and under Wine, counts twice.
    pub(super) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Each reason with its tests, in lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().flat_map(|(reason, tests)| {
            let head = format!("LEFT OUT, {}: {reason}", tests.len());
            let tests = tests.iter().map(|test| format!("    {test}"));
            std::iter::once(head).chain(tests)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_named_once_with_its_tests() {
        let list =
            "b e2e::z: no moon: none: here\na e2e::y: no sun\na e2e::x: no moon: none: here\n";
        let left_out = LeftOut::of(list);
        assert_eq!(left_out.count(), 3);
        let lines: Vec<String> = left_out.lines().collect();
        assert_eq!(
            lines,
            [
                "LEFT OUT, 2: no moon: none: here",
                "    a e2e::x",
                "    b e2e::z",
                "LEFT OUT, 1: no sun",
                "    a e2e::y",
            ]
        );
        assert_eq!(LeftOut::of("").count(), 0);
    }
}
