//! The window's page: npm packages, and the built page that `src-tauri` embeds when it compiles.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use super::say::say;
use crate::{
    process::{NPM, exists, npm, run, words},
    workspace::{fingerprint, root, ui},
};

/// Makes `ui/node_modules` match the lock file and `ui/dist` match its sources.
///
/// # Errors
/// When npm fails.
pub(super) fn build() -> Result<()> {
    if !exists(NPM) {
        bail!("the window's page needs Node.js 20 or newer, with its npm");
    }
    let folder = ui();
    let lock = fingerprint(
        &[
            folder.join("package.json"),
            folder.join("package-lock.json"),
        ],
        &[],
    )?;
    // Each mark lies where it goes away together with what it stands for; but `dist` is embedded
    // in the window as a whole, and the bundler empties it.
    let installed = folder.join("node_modules/.dequeue-lock");
    if !marked(&installed, &lock) {
        say("page", "installing the npm packages");
        run(words(&mut npm(), "ci --no-audit --no-fund"))?;
        fs::write(&installed, &lock).context("cannot mark ui/node_modules")?;
    }

    let sources = fingerprint(
        &[folder.clone(), root().join("locales")],
        &["node_modules", "dist"],
    )?;
    let built = folder.join("node_modules/.dequeue-dist");
    if !folder.join("dist/index.html").exists() || !marked(&built, &sources) {
        say("page", "building ui/dist");
        run(words(&mut npm(), "run build"))?;
        fs::write(&built, &sources).context("cannot mark ui/dist")?;
    }
    Ok(())
}

fn marked(mark: &Path, with: &str) -> bool {
    fs::read_to_string(mark).is_ok_and(|found| found == with)
}
