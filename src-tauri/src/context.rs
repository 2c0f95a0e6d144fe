//! The page and what Tauri has to know, as the build script has put them together.

#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what Tauri has made"
)]
pub(crate) fn context() -> tauri::Context {
    tauri::tauri_build_context!()
}
