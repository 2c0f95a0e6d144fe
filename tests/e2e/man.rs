//! The manual page, as a packager gets it.

use crate::programs::Home;

#[test]
fn the_manual_page_is_written() {
    let home = Home::new();
    let run = home.run(&["man"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains(".TH DEQUEUE 1 \"\" \"dequeue "), "{run:?}");
    assert!(home.files().is_empty(), "{:?}", home.files());
}
