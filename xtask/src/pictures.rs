//! `cargo xtask pictures`: what the window, the tray and its notifications look like, photographed on
//! the end-to-end tests' desktop; and from them the README's pictures.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    process::{cargo, command, run, words},
    setup, workspace,
};

/// The picture makers, which no run of the tests takes along.
const FILTER: &str = "binary(e2e) & test(/^linux::pictures::/)";

/// The pictures of the README, which keeps them in `ui/pictures`.
const README: [&str; 2] = ["overview-light.png", "overview-dark.png"];
/// The part of the screen with something on it: width, height, and where it begins.
const PART: &str = "1030x790+250+10";

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
        "nextest run --workspace --run-ignored only --filterset",
    );
    run(nextest.arg(FILTER).env("PATH", path))?;

    let made = workspace::target()?.join("screenshots");
    for picture in README {
        let mut cut = command("convert");
        cut.arg(made.join(picture));
        words(&mut cut, "-strip +repage -crop")
            .arg(PART)
            .arg("+repage");
        run(cut.arg(workspace::ui().join("pictures").join(picture)))?;
    }
    println!("\nthe pictures lie in {}", made.display());
    println!("the README's, in ui/pictures, have been replaced");
    Ok(ExitCode::SUCCESS)
}
