//! `cargo xtask fuzz`: each fuzz target for a while, on the compiler that is there.

use std::{
    fs,
    process::{Command, ExitCode},
};

use anyhow::{Result, bail};

use crate::{
    process::{cargo, run, words},
    setup, workspace,
};

/// The targets: the programs of `fuzz/Cargo.toml`.
const TARGETS: [&str; 6] = ["reply", "ehlo", "session", "bridge", "filter", "sasl"];
/// How long each runs when nothing is said.
const SECONDS: u32 = 60;

/// The command line of `fuzz`.
pub(crate) struct Options {
    targets: Vec<String>,
    seconds: u32,
}

impl Options {
    /// Reads what stands after `fuzz`.
    ///
    /// # Errors
    /// For an unknown target or option.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Options {
            targets: Vec::new(),
            seconds: SECONDS,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--seconds" => match rest.next().map(|seconds| seconds.parse()) {
                    Some(Ok(seconds)) => options.seconds = seconds,
                    _ => bail!("--seconds wants a number"),
                },
                target if TARGETS.contains(&target) => options.targets.push(target.to_owned()),
                _ => bail!(
                    "fuzz does not know `{argument}`; its targets: {}",
                    TARGETS.join(", ")
                ),
            }
        }
        if options.targets.is_empty() {
            options.targets = TARGETS.map(str::to_owned).to_vec();
        }
        Ok(options)
    }
}

/// Fuzzes one target after the other, from the seeds and what earlier runs have found. The first
/// input that brings one down ends it; it lies in `fuzz/artifacts` then.
///
/// # Errors
/// When something cannot be installed or built, or a fault was found.
pub(crate) fn fuzz(options: &Options) -> Result<ExitCode> {
    let path = setup::for_fuzzing()?;
    let folder = workspace::root().join("fuzz");
    let within = |mut command: Command| {
        command
            .current_dir(&folder)
            .env("PATH", &path)
            // Sanitizers and the fuzzer's own instrumentation are unstable options of the compiler,
            // the same in the stable one.
            .env("RUSTC_BOOTSTRAP", "1");
        command
    };
    run(within(cargo()).args(["run", "--quiet", "--example", "seeds", "corpus"]))?;
    for target in &options.targets {
        let corpus = folder.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        let mut command = within(cargo());
        words(&mut command, "fuzz run --fuzz-dir .")
            .arg(target)
            .arg(corpus)
            .args([
                "--",
                &format!("-max_total_time={}", options.seconds),
                "-timeout=20",
                "-rss_limit_mb=1024",
                "-print_final_stats=1",
                "-print_funcs=0",
                // Limits are reached with less; more only takes time.
                "-max_len=8192",
            ]);
        run(&mut command)?;
    }
    Ok(ExitCode::SUCCESS)
}
