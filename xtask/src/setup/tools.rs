//! The cargo tools that the tests run with. Those that are on the machine already are used;
//! the others go into a folder of their own, out of the way of a person's own.

use std::{env, ffi::OsString, path::PathBuf};

use anyhow::Result;

use super::say::say;
use crate::{
    process::{cargo, exists, run},
    workspace::cache,
};

/// One tool and how to install it.
pub(super) struct Tool {
    program: &'static str,
    install: &'static [&'static str],
}

/// Runs the tests, each in a process of its own.
pub(super) const NEXTEST: Tool = Tool {
    program: "cargo-nextest",
    install: &[
        "cargo-nextest@^0.9",
        "--no-default-features",
        "--features=default-no-update",
    ],
};

/// Checks licences, doubles, sources and advisories.
pub(super) const DENY: Tool = Tool {
    program: "cargo-deny",
    install: &["cargo-deny@^0.20"],
};

/// Runs the fuzz targets.
pub(super) const FUZZ: Tool = Tool {
    program: "cargo-fuzz",
    install: &["cargo-fuzz@^0.13"],
};

/// Builds those of `tools` that are missing.
///
/// # Errors
/// When one does not build.
pub(super) fn install(tools: &[Tool]) -> Result<()> {
    for tool in tools {
        let own =
            folder()?
                .join("bin")
                .join(format!("{}{}", tool.program, env::consts::EXE_SUFFIX));
        if own.exists() || exists(tool.program) {
            continue;
        }
        say("cargo tools", &format!("building {}", tool.program));
        // Unoptimised, in one piece a crate and without what a developer of it wants: a third of the
        // work, and quick enough at what it does.
        run(cargo()
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false")
            .env("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false")
            .env("CARGO_PROFILE_DEV_PANIC", "abort")
            .env("CARGO_PROFILE_DEV_CODEGEN_UNITS", "1")
            .env("CARGO_PROFILE_DEV_BUILD_OVERRIDE_CODEGEN_UNITS", "1")
            .args(["install", "--quiet", "--locked", "--debug", "--root"])
            .arg(folder()?)
            .args(tool.install))?;
    }
    Ok(())
}

/// `PATH` with the tools on it, last: what the machine has comes first.
///
/// # Errors
/// When there is no cache folder.
pub(super) fn path() -> Result<OsString> {
    let before = env::var_os("PATH").unwrap_or_default();
    let own = folder()?.join("bin");
    Ok(env::join_paths(env::split_paths(&before).chain([own]))?)
}

fn folder() -> Result<PathBuf> {
    Ok(cache()?.join("tools"))
}
