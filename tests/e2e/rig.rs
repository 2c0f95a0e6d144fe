//! What the tests stand on, wherever they run. One module a rig; each proves itself by tests of its own.

pub mod autoturn;
pub mod client;
pub mod left_out;
pub mod listener;
pub mod mail;
pub mod mail_server;
pub mod net;
pub mod scripted;
pub mod wait;
pub mod wine;

#[cfg(test)]
mod tests {
    use std::{env, fs, process::Command};

    use super::left_out::left_out;
    use crate::programs::Run;

    #[test]
    #[ignore = "run by the one below"]
    fn one_that_is_left_out() {
        left_out("it wants\nthe moon");
    }

    /// That test, run by itself as nobody counts, in CI or not.
    fn alone() -> Command {
        let mut test = Command::new(env::current_exe().unwrap());
        test.args(["--exact", "--ignored", "--nocapture"])
            .arg("rig::tests::one_that_is_left_out");
        for variable in ["DEQUEUE_TEST_LEFT_OUT", "NEXTEST_TEST_NAME", "CI"] {
            test.env_remove(variable);
        }
        test
    }

    #[test]
    fn what_is_left_out_is_counted_and_never_passes_unseen() {
        let line = "rig::tests::one_that_is_left_out: it wants the moon\n";
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        for count in 1..3 {
            let run = Run::of(
                alone()
                    .env("DEQUEUE_TEST_LEFT_OUT", &list)
                    .env("CI", "true"),
            );
            assert_eq!(run.status, 0, "{run:?}");
            assert_eq!(fs::read_to_string(&list).unwrap(), line.repeat(count));
        }
        let run = Run::of(&mut alone());
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.err.contains(&format!("LEFT OUT: {line}")), "{run:?}");
        let run = Run::of(alone().env("CI", "true"));
        assert_ne!(run.status, 0, "{run:?}");
        assert!(run.err.contains("nobody counts it"), "{run:?}");
    }
}
