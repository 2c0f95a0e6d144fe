//! A Tauri window with nothing in it, of the size of Dequeue's: what `cargo xtask bench window`
//! measures that one beside.

#[path = "../src/context.rs"]
mod context;

use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let nothing = WebviewUrl::External("about:blank".parse()?);
            WebviewWindowBuilder::new(app, "main", nothing)
                .title("Empty")
                .inner_size(760.0, 560.0)
                .build()?;
            Ok(())
        })
        .run(context::context())
}
