//! `cargo xtask pictures`: what the window, the tray and its notifications look like, photographed on
//! the end-to-end tests' desktop; and from them the README's pictures.

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    process::{cargo, run, words},
    setup, workspace,
};

/// What photographs: the picture makers, which no run of the tests takes along, and the test of the
/// window in light and dark.
const FILTER: &str = "binary(e2e) & (test(/^linux::pictures::/) \
    | test(=linux::window::it_follows_the_desktop_in_light_and_dark))";

/// The pictures for the README: each as it is made, and as it is kept in `ui/pictures`.
const README: [(&str, &str); 2] = [
    ("window-light.png", "overview-light.png"),
    ("window-dark.png", "overview-dark.png"),
];

/// Makes all of them, and says where they lie.
///
/// # Errors
/// When something cannot be installed or built, or a picture is not made.
pub(crate) fn pictures() -> Result<ExitCode> {
    let path = setup::for_pictures()?;
    run(words(&mut cargo(), "build --workspace --all-targets"))?;
    let mut nextest = cargo();
    words(
        &mut nextest,
        "nextest run --workspace --run-ignored all --filterset",
    );
    run(nextest.arg(FILTER).env("PATH", path))?;

    let made = workspace::target()?.join("screenshots");
    for (picture, kept) in README {
        let kept = workspace::ui().join("pictures").join(kept);
        fs::copy(made.join(picture), &kept)
            .with_context(|| format!("cannot copy {picture} to {}", kept.display()))?;
    }
    println!("\nthe pictures lie in {}", made.display());
    println!("the README's, in ui/pictures, have been replaced");
    Ok(ExitCode::SUCCESS)
}
