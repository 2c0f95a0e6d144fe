//! The real window with a thousand accounts, whose provider is not there: nothing of it may depend
//! on how many there are.

use serde_json::json;

use crate::{
    linux::{
        rig::{
            test_desktop::Theme,
            webdriver::{Element, Page},
        },
        window::Set,
    },
    programs::{Home, account},
    rig::{
        net,
        wait::{self, SOON},
    },
};

/// As a service firm has them.
const MANY: usize = 1000;

/// WebDriver's codes of keys (WebDriver, 17.4.2).
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DOWN: &str = "\u{e015}";
const END: &str = "\u{e010}";
const HOME: &str = "\u{e011}";

fn thousand() -> Home {
    let nobody = net::free_port(net::address());
    let accounts: Vec<String> = (1..=MANY)
        .map(|number| {
            let lines = format!(
                "method = \"etrn\"\ndomains = [\"customer{number}.test\"]\nevery = \"15m\""
            );
            account(&format!("account {number}"), nobody, &lines)
        })
        .collect();
    Home::with(&accounts)
}

/// The texts of these elements; the driver leaves out what is cut off at the end of a line.
fn texts(page: &Page<'_>, css: &str) -> Vec<String> {
    let texts =
        "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)";
    let texts = page.run(texts, &[json!(css)]);
    let texts = texts.as_array().unwrap().iter();
    texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// The names of the rows in the page, in their order.
fn names(page: &Page<'_>) -> Vec<String> {
    texts(page, "ol .row .name")
}

fn wait_for_names(page: &Page<'_>, what: &str, are_right: impl Fn(&[String]) -> bool) {
    wait::until(what, SOON, || are_right(&names(page)).then_some(()));
}

/// What the keyboard is at, for pressing more.
fn focused<'a>(page: &'a Page<'_>) -> Element<'a> {
    page.find(":focus")
}

#[test]
fn a_thousand_accounts_are_shown_found_and_scrolled_during_their_first_pokes() {
    let set = Set::new(Theme::Light, thousand());
    let page = set.open();
    page.find("ol .row");
    assert!(
        page.wait_for_text(".filter.all", "1,000", SOON)
            .starts_with("All")
    );
    // However many there are, the page holds those on the screen and a few more.
    assert!(names(&page).len() < 40, "{:?}", names(&page));

    // As their first pokes end, they are counted, while the page answers.
    page.find("input[type=search]").type_text("customer777");
    wait_for_names(&page, "the one that was searched for", |names| {
        names == ["account 777"]
    });
    page.wait_for_text(".filter.trouble", "1,000", SOON);
    wait::until("what came of its first poke", SOON, || {
        texts(&page, "ol .row .state")[0]
            .contains("Unreachable")
            .then_some(())
    });
    set.picture("thousand-found-light");

    // By keyboard: to the row, and unfolded.
    focused(&page).press(DOWN);
    wait::until("the keyboard at what was found", SOON, || {
        (texts(&page, ":focus .name") == ["account 777"]).then_some(())
    });
    focused(&page).press(ENTER);
    let detail = page.wait_for_text("ol article", "refuses connections", SOON);
    assert!(detail.contains("customer777.test"), "{detail}");
    page.find("button[aria-label=\"Pause: account 777\"]")
        .click();
    page.find("ol .menu [role=menuitem]:last-child").click();
    page.wait_for_text(".filter.paused", "1", SOON);
    page.find("input[type=search]").press(ESCAPE);
    wait_for_names(&page, "all again", |names| names.len() > 5);
    page.find(".filter.paused").click();
    wait_for_names(&page, "the paused one", |names| names == ["account 777"]);
    page.find(".filter.all").click();
    wait_for_names(&page, "all again", |names| names.len() > 5);

    // To the end and back, where the paused one stands behind the others that are in trouble.
    page.run(
        "window.scrollTo(0, document.documentElement.scrollHeight)",
        &[],
    );
    wait_for_names(&page, "the last", |names| {
        names.last().unwrap() == "account 777"
    });
    let rows = page.run("return document.querySelectorAll('ol > li').length", &[]);
    assert!(rows.as_u64().unwrap() < 40, "{rows}");
    let end = "const last = [...document.querySelectorAll('ol > li')].at(-1);
        return [last.ariaPosInSet, last.ariaSetSize]";
    assert_eq!(page.run(end, &[]), json!(["1000", "1000"]));
    set.picture("thousand-end-light");
    page.run("window.scrollTo(0, 0)", &[]);
    wait_for_names(&page, "the first", |names| names[0] == "account 1");

    // The keys go through all of them, not only those in the page.
    page.find("ol .row").press(END);
    wait::until("the keyboard at the last", SOON, || {
        (texts(&page, ":focus .name") == ["account 777"]).then_some(())
    });
    focused(&page).press(HOME);
    wait::until("the keyboard at the first", SOON, || {
        (texts(&page, ":focus .name") == ["account 1"]).then_some(())
    });
    focused(&page).press("/");
    let focus = page.run("return document.activeElement.type", &[]);
    assert_eq!(focus, "search");
    page.find("select option[value=name]").click();
    wait_for_names(&page, "by name", |names| {
        names[..3] == ["account 1", "account 2", "account 3"]
    });
    set.picture("thousand-light");
}
