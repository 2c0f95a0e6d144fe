//! How set-up speaks: one line for each thing that it finds or does.

/// Tells what a part found or does.
pub(super) fn say(part: &str, what: &str) {
    println!("setup: {part}: {what}");
}
