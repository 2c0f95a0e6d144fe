//! Lets Tauri write down what the page may ask for: two commands, and nothing else.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(&["request", "events"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
