//! Lets Tauri write down what the page may ask for: four commands, and nothing else; and gives the
//! program the same manifest as ours have.

use std::fs;

const MANIFEST: &str = "../icons/program.manifest";

fn main() {
    println!("cargo::rerun-if-changed={MANIFEST}");
    if let Err(error) = build() {
        println!("cargo::error={error:#}");
    }
}

fn build() -> Result<(), Box<dyn std::error::Error>> {
    let commands = &["request", "events", "save", "change_as_administrator"];
    let commands = tauri_build::AppManifest::new().commands(commands);
    let windows = tauri_build::WindowsAttributes::new_without_app_manifest()
        .app_manifest(fs::read_to_string(MANIFEST)?);
    // The page is put into the programs from here: a macro in each of them would write it, compressed,
    // into the same folder, and what is compiled beside it would take a half of it for the whole.
    let attributes = tauri_build::Attributes::new()
        .app_manifest(commands)
        .windows_attributes(windows)
        .codegen(tauri_build::CodegenContext::new());
    tauri_build::try_build(attributes)?;
    Ok(())
}
