//! The real window, driven as a person would: the welcome, an account, a poke and its dialogue.

use std::fs;

use dequeue_core::Text;
use serde_json::json;

use crate::{
    linux::{
        postfix::Held,
        programs,
        rig::{
            process::{self, Process},
            provider::Provider as _,
            sni::{Item, Panel},
            test_desktop::{TestDesktop, Theme},
            webdriver::{Element, Page, WebDriver},
        },
    },
    programs::{Home, account, outcome},
    rig::{
        mail_server::{MailServer, Stage},
        net,
        scripted::{Scripted, Step, hello, line},
        wait::{self, SOON},
    },
};

/// The title of the window.
const TITLE: &str = "Dequeue";

/// A desktop with the tray on it, and the driver for its window.
pub struct Set {
    // In the order in which they must end.
    driver: WebDriver,
    tray: Process,
    icon: Item,
    pub home: Home,
    pub desktop: TestDesktop,
}

impl Set {
    pub fn new(theme: Theme, home: Home) -> Self {
        let desktop = TestDesktop::start(theme);
        let mut command = desktop.command(programs::tray());
        command.arg("--quiet").env("DEQUEUE_HOME", home.path());
        let tray = Process::start(&command, &desktop.log("tray"));
        let icon = Panel::connect(desktop.bus()).wait_for_item_of(tray.pid(), SOON);
        home.wait_for_engine();
        let folder = home.path().display().to_string();
        let driver = WebDriver::start(&desktop, &[("DEQUEUE_HOME", &folder)]);
        Self {
            driver,
            tray,
            icon,
            home,
            desktop,
        }
    }

    pub fn open(&self) -> Page<'_> {
        self.driver.open(&programs::window(), &[])
    }

    /// The window with the two accounts of [`good_and_bad`], once each has been poked.
    pub fn open_with_both(&self) -> Page<'_> {
        let page = self.open();
        self.home.wait_for_pokes("vevida", 1, SOON);
        self.home.wait_for_pokes("backup", 1, SOON);
        wait::until("both accounts", SOON, || {
            (page.find_all("article .outcome").len() == 2).then_some(())
        });
        page
    }

    pub fn picture(&self, name: &str) {
        self.desktop.screenshot(&programs::picture(name));
    }
}

/// A provider that has three messages for `customer.test` at every poke.
pub fn provider() -> Scripted {
    let mut script = hello(&["PIPELINING", "ETRN"]);
    script.extend([
        Step::Expect("ETRN customer.test"),
        line("253 OK, 3 pending messages for node customer.test started"),
        Step::Expect("QUIT"),
        line("221 provider.test"),
    ]);
    Scripted::always(script)
}

pub fn etrn_account(name: &str, provider: &Scripted) -> String {
    let lines = "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"1h\"";
    account(name, provider.address(), lines)
}

/// A home with an account of that provider, and one whose provider is not there.
pub fn good_and_bad(provider: &Scripted) -> Home {
    let nobody = net::free_port(net::address());
    let lines = "method = \"signal\"\nevery = \"4h\"";
    Home::with(&[
        etrn_account("vevida", provider),
        account("backup", nobody, lines),
    ])
}

/// The button or link that reads exactly this.
fn button<'a>(page: &'a Page<'_>, text: &str) -> Element<'a> {
    wait::until(&format!("a button {text:?}"), SOON, || {
        page.find_all("button, a.button, nav a")
            .into_iter()
            .find(|each| each.is_displayed() && each.text() == text)
    })
}

/// Ticks what is named so, or takes its tick away.
fn tick(page: &Page<'_>, label: &str) {
    let found = wait::until(&format!("a box {label:?}"), SOON, || {
        page.find_all("form label")
            .into_iter()
            .find(|each| each.text().starts_with(label))
    });
    found.click();
}

fn fill_in(page: &Page<'_>, fields: &[(&str, &str)]) {
    for (field, value) in fields {
        page.find(&format!("#account-{field}")).type_text(value);
    }
}

/// Where the provider is, and the domain that it has mail for.
fn fill_in_provider(page: &Page<'_>, provider: &Scripted) {
    let address = provider.address();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let fields = [
        ("host", ip.as_str()),
        ("port", &port),
        ("domains", "customer.test"),
    ];
    fill_in(page, &fields);
}

fn wait_for_heading(page: &Page<'_>, text: &str) {
    page.wait_for_text("h1", text, SOON);
}

#[test]
fn from_the_welcome_to_the_dialogue_of_the_first_poke() {
    let provider = provider();
    let set = Set::new(Theme::Light, Home::new());
    let page = set.open();
    set.desktop.wait_for_window(TITLE, SOON);
    wait_for_heading(&page, "Welcome to Dequeue");
    set.picture("welcome-light");

    button(&page, "More settings").click();
    fill_in_provider(&page, &provider);
    fill_in(&page, &[("every", "1h"), ("name", "vevida")]);
    set.picture("form-light");
    button(&page, "Start asking for mail").click();

    // It goes out at once, and the card says what came of it.
    page.wait_for_text("article h2", "vevida", SOON);
    page.wait_for_text("article .outcome", "Delivery started", SOON);
    let card = page.find("article").text();
    for part in [
        "Works: mail gets through",
        "The provider has started to deliver 3 messages.",
        "customer.test",
        "every 1h",
    ] {
        assert!(card.contains(part), "no {part:?} in {card}");
    }
    let heard = provider.wait_for(1, SOON).remove(0).lines();
    assert_eq!(heard[1..], ["ETRN customer.test", "QUIT"]);
    let poke = set.home.wait_for_pokes("vevida", 1, SOON).remove(0);
    assert_eq!(outcome(&poke), ("started", "pending-started"));
    let settings = fs::read_to_string(set.home.settings()).unwrap();
    let address = provider.address();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    for part in ["name = \"vevida\"", &ip, &port, "customer.test", "1h"] {
        assert!(settings.contains(part), "no {part:?} in {settings}");
    }

    // By hand, and the dialogue of the newest.
    page.find("button[aria-label=\"Poke now: vevida\"]").click();
    set.home.wait_for_pokes("vevida", 2, SOON);
    button(&page, "Recent pokes").click();
    wait_for_heading(&page, "Recent pokes");
    wait::until("both pokes in the list", SOON, || {
        (page.find_all("ol button.row").len() == 2).then_some(())
    });
    page.find("ol button.row").click();
    let dialogue = page.wait_for_text(".detail .dialogue", "221 provider.test", SOON);
    for part in [
        "Connected",
        "220 provider.test ESMTP",
        "EHLO [127.0.0.1]",
        "250-PIPELINING",
        "ETRN customer.test",
        "253 OK, 3 pending messages for node customer.test started",
        "QUIT",
    ] {
        assert!(dialogue.contains(part), "no {part:?} in {dialogue}");
    }
    let detail = page.find(".detail").text();
    assert!(detail.contains(&provider.address().to_string()), "{detail}");
    // A term and what it comes to stand in boxes of their own: no space is between their texts.
    assert!(detail.contains("Started byyou"), "{detail}");
    set.picture("dialogue-light");
}

#[test]
fn what_is_typed_wrong_is_said_beside_its_field_and_nothing_is_saved() {
    let set = Set::new(Theme::Light, Home::new());
    let page = set.open();
    wait_for_heading(&page, "Welcome to Dequeue");
    // While typing, only about what was touched.
    fill_in(&page, &[("host", "two words")]);
    let fault = page.wait_for_text("#account-host-fault", "“two words” contains a space.", SOON);
    assert!(fault.starts_with("Host: ") && fault.contains("Enter only"));
    assert!(page.find_all("#account-domains-fault").is_empty());

    button(&page, "More settings").click();
    fill_in(
        &page,
        &[
            ("port", "70000"),
            ("domains", "\"customer\".test"),
            ("every", "soon"),
            ("name", "vevida"),
        ],
    );
    button(&page, "Start asking for mail").click();
    for (field, part) in [
        ("port", "70000 is out of range."),
        ("domains", "which is not allowed here."),
        ("every", "“soon” is not a length of time."),
    ] {
        let css = format!("#account-{field}-fault");
        page.wait_for_text(&css, part, SOON);
        let input = page.find(&format!("#account-{field}"));
        assert_eq!(input.attribute("aria-invalid"), "true");
        let described = input.attribute("aria-describedby");
        assert!(described.contains(&css[1..]), "{described}");
    }
    // The first that is wrong has the keyboard.
    let focus = page.run("return document.activeElement.id", &[]);
    assert_eq!(focus, "account-host");
    assert!(!set.home.settings().exists(), "something was saved");
    set.picture("faults-light");

    let provider = provider();
    fill_in_provider(&page, &provider);
    fill_in(&page, &[("every", "15m")]);
    button(&page, "Start asking for mail").click();
    page.wait_for_text("article .outcome", "Delivery started", SOON);
    provider.wait_for(1, SOON);
}

#[test]
fn the_demo_shows_the_whole_job_and_leaves_nothing_behind() {
    let set = Set::new(Theme::Dark, Home::new());
    let before = set.home.files();
    let page = set.open();
    wait_for_heading(&page, "Welcome to Dequeue");
    set.picture("welcome-dark");
    button(&page, "Try the built-in demo").click();
    page.wait_for_text(".banner", "The demo is running", SOON);
    page.wait_for_text("article h2", "Demo", SOON);
    page.wait_for_text("article .outcome", "Delivery started", SOON);
    let card = page.find("article").text();
    assert!(card.contains("deliver 3 messages"), "{card}");
    set.picture("demo-dark");
    // When they have arrived, nothing is left to be asked for.
    wait::until("an empty queue", SOON, || {
        page.find("button[aria-label=\"Poke now: Demo\"], button[aria-label=\"Poking…: Demo\"]")
            .click();
        page.find("article .outcome")
            .text()
            .contains("Nothing waiting")
            .then_some(())
    });
    button(&page, "End the demo").click();
    wait_for_heading(&page, "Welcome to Dequeue");
    let run = set.home.run(&["history", "--json"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    assert_eq!(set.home.files(), before);
}

#[test]
fn an_account_is_changed_paused_and_removed() {
    let provider = provider();
    let home = Home::new();
    let comment = "# The office's provider; ask Anna before changing.\nversion = 1\n";
    home.write_settings(format!("{comment}{}", etrn_account("vevida", &provider)));
    let set = Set::new(Theme::Light, home);
    let page = set.open();
    page.wait_for_text("article .outcome", "Delivery started", SOON);

    page.find("button[aria-label=\"Pause: vevida\"]").click();
    page.find(".menu [role=menuitem]:last-child").click();
    page.wait_for_text("article .health", "Paused", SOON);
    set.icon.wait_for("a paused tray", SOON, |icon| {
        icon.tooltip_title == "Dequeue: paused"
    });
    page.find("button[aria-label=\"Resume: vevida\"]").click();
    page.wait_for_text("article .health", "Works: mail gets through", SOON);

    page.find("a[aria-label=\"Edit: vevida\"]").click();
    wait_for_heading(&page, "Edit “vevida”");
    fill_in(&page, &[("name", "office"), ("every", "2h")]);
    button(&page, "Save").click();
    page.wait_for_text("article h2", "office", SOON);
    page.wait_for_text("article", "every 2h", SOON);
    let settings = fs::read_to_string(set.home.settings()).unwrap();
    assert!(settings.starts_with(comment), "{settings}");
    // The history goes with the account under its new name.
    assert!(!set.home.history("office").is_empty());

    // What another client changes shows at once.
    let run = set.home.run(&["account", "remove", "office"]);
    assert_eq!(run.status, 0, "{run:?}");
    wait_for_heading(&page, "Welcome to Dequeue");
    set.home.set_up(&[
        etrn_account("one", &provider),
        etrn_account("two", &provider),
    ]);
    // The cards grow by what came of their first pokes: a click would miss what moves.
    wait::until("the first pokes", SOON, || {
        (page.find_all("article .outcome").len() == 2).then_some(())
    });
    page.find("button[aria-label=\"Remove: one\"]").click();
    page.wait_for_text("dialog h2", "Remove “one”?", SOON);
    button(&page, "Cancel").click();
    page.find("button[aria-label=\"Remove: one\"]").click();
    page.wait_for_text("dialog h2", "Remove “one”?", SOON);
    page.find("dialog button.danger").click();
    page.wait_for_text("article h2", "two", SOON);
    let settings = fs::read_to_string(set.home.settings()).unwrap();
    assert!(!settings.contains("\"one\"") && settings.contains("\"two\""));
}

#[test]
fn what_an_office_needs_is_set_in_the_form_and_the_files_comments_stay() {
    let provider = provider();
    let mut mail_server = MailServer::down();
    let home = Home::new();
    let lines = "method = \"etrn\" # as they told us\ndomains = [\"customer.test\"]\n\
                 # Not every minute, Anna!\nevery = \"1h\"\nnotify_after = 2 # the line is weak";
    let comment = "# The office's provider.\nversion = 1\n";
    let account = account("vevida", provider.address(), lines);
    home.write_settings(format!("{comment}{account}"));
    let set = Set::new(Theme::Light, home);
    let page = set.open();
    page.wait_for_text("article .outcome", "Delivery started", SOON);

    page.find("a[aria-label=\"Edit: vevida\"]").click();
    wait_for_heading(&page, "Edit “vevida”");
    tick(&page, "Less often outside working hours");
    let times = page.find_all(".times input");
    times[0].type_text("08:30");
    times[1].type_text("18:00");
    page.find("input[type=radio][name$=outside]:not(:checked)")
        .click();
    fill_in(
        &page,
        &[("mail_server", &mail_server.address().to_string())],
    );
    tick(&page, "Also test what it accepts");
    page.find("#account-notify-everything").click();
    set.picture("form-office-light");
    button(&page, "Save").click();
    page.wait_for_text("article", "Mon-Fri 08:30-18:00", SOON);

    let settings = fs::read_to_string(set.home.settings()).unwrap();
    assert!(
        settings.starts_with(&format!("{comment}{account}")),
        "{settings}"
    );
    for line in [
        "hours = \"mon-fri 08:30-18:00\"".to_owned(),
        "outside = \"2h\"".to_owned(),
        "notify = \"everything\"".to_owned(),
        format!("mail_server = \"{}\"", mail_server.address()),
        "mail_server_test = true".to_owned(),
    ] {
        let found = settings.lines().any(|each| each == line);
        assert!(found, "no {line:?} in {settings}");
    }

    // The mail server is looked at from here on, and its state is on the card.
    page.find("button[aria-label=\"Poke now: vevida\"]").click();
    page.wait_for_text("article .outcome", "Held back", SOON);
    let card = page.find("article").text();
    for part in [
        "Does not answer",
        "nothing listens at",
        "As soon as your mail server answers",
    ] {
        assert!(card.contains(part), "no {part:?} in {card}");
    }
    set.picture("held-light");
    mail_server.start();
    page.find("button[aria-label=\"Poke now: vevida\"]").click();
    page.wait_for_text("article .outcome", "Delivery started", SOON);
    let card = page.find("article").text();
    assert!(card.contains("Answers"), "{card}");
}

#[test]
fn what_really_arrives_is_told_on_the_card_and_with_the_poke() {
    let mut held = Held::nothing();
    held.bring("customer.test");
    let lines = format!(
        "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"1h\"\nmail_server = \"{}\"",
        held.mail_server.address()
    );
    let home = Home::with(&[account("postfix", held.provider.address(), &lines)]);
    let set = Set::new(Theme::Dark, home);
    let page = set.open();
    held.assert_arrives();

    let said = page.wait_for_text("article .arrived", "from the provider brought", SOON);
    assert!(
        said.contains("kB") && said.contains("Last mail arrived"),
        "{said}"
    );
    let card = page.find("article").text();
    assert_eq!(card.matches("from the provider").count(), 1, "{card}");
    assert!(card.contains("Answers"), "{card}");
    set.picture("arrivals-dark");

    page.find("a[aria-label=\"Show the dialogue: postfix\"]")
        .click();
    page.wait_for_text(".detail", "from the provider brought", SOON);
    page.wait_for_text(".detail", "Your mail server answers.", SOON);
    set.picture("arrivals-detail-dark");
}

#[test]
fn it_speaks_dutch_as_soon_as_it_is_chosen() {
    let set = Set::new(Theme::Light, Home::new());
    let page = set.open();
    wait_for_heading(&page, "Welcome to Dequeue");
    button(&page, "Settings").click();
    wait_for_heading(&page, "Settings");
    page.find("#language option[value=nl]").click();
    let dutch = Text::for_language("nl");
    wait_for_heading(&page, &dutch.get("window-settings"));
    assert_eq!(page.run("return document.documentElement.lang", &[]), "nl");
    let quit = dutch.get("tray-quit");
    set.icon
        .wait_for_entry("a Dutch menu", SOON, |entry| entry.label == quit);
    let settings = fs::read_to_string(set.home.settings()).unwrap();
    assert!(settings.contains("language = \"nl\""), "{settings}");
    let body = page.body();
    assert!(!body.contains("window-"), "a key without words: {body}");
}

#[test]
fn the_window_alone_starts_the_tray_and_its_end_is_not_the_trays() {
    let provider = provider();
    let home = Home::with(&[etrn_account("vevida", &provider)]);
    let desktop = TestDesktop::start(Theme::Light);
    let folder = home.path().display().to_string();
    let driver = WebDriver::start(&desktop, &[("DEQUEUE_HOME", &folder)]);
    let page = driver.open(&programs::window(), &[]);
    page.wait_for_text("article .outcome", "Delivery started", SOON);
    home.wait_for_engine();
    let panel = Panel::connect(desktop.bus());
    let icon = wait::until("the tray that it started", SOON, || panel.items().pop());
    let tray = icon.pid().expect("the tray's process");
    let running = process::descendants(std::process::id());
    assert!(running.len() > 3, "{running:?}");

    drop(page);
    desktop.wait_for_no_window(TITLE, SOON);
    icon.click("Poke now");
    home.wait_for_pokes("vevida", 2, SOON);
    assert!(process::runs(tray));
    icon.click("Quit");
    process::wait_until_ended("the tray's", &[tray]);
}

/// Waits until the page is at the account: its card has the focus.
fn wait_until_at(page: &Page<'_>, account: &str) {
    wait::until(&format!("the focus at {account}"), SOON, || {
        let focus = page.run("return document.activeElement.textContent", &[]);
        (focus == account).then_some(())
    });
    let name = page.run(
        "return decodeURIComponent(location.hash.split('/')[2])",
        &[],
    );
    assert_eq!(name, account);
}

#[test]
fn an_account_that_is_asked_for_in_the_tray_is_gone_to() {
    let provider = provider();
    let home = Home::with(&[
        etrn_account("vevida", &provider),
        etrn_account("back / up", &provider),
    ]);
    let set = Set::new(Theme::Light, home);
    let page = set.open();
    wait_for_heading(&page, "Accounts");
    page.run("location.hash = '#/settings'", &[]);
    wait_for_heading(&page, "Settings");
    set.icon.wait_for_entry("the account", SOON, |entry| {
        entry.label.starts_with("back / up: Delivery started, ")
    });
    set.icon.click_in("back / up: ", "Open back / up");
    wait_for_heading(&page, "Accounts");
    wait_until_at(&page, "back / up");
    let windows = set.desktop.windows();
    let ours = windows.iter().filter(|title| *title == TITLE);
    assert_eq!(ours.count(), 1, "{windows:?}");

    // One that is not open yet opens there.
    drop(page);
    set.desktop.wait_for_no_window(TITLE, SOON);
    let account = "--account=back / up";
    let page = set.driver.open(&programs::window(), &[account]);
    wait_for_heading(&page, "Accounts");
    wait_until_at(&page, "back / up");
}

#[test]
fn nothing_pops_up_over_the_window_that_is_in_front() {
    let provider = MailServer::up();
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let home = Home::with(&[account("vevida", provider.address(), lines)]);
    let set = Set::new(Theme::Light, home);
    set.desktop.wait_for_notification("vevida", SOON);
    let page = set.open();
    wait_for_heading(&page, "Accounts");
    wait::until("the window in front", SOON, || {
        (set.desktop.active_window()? == TITLE).then_some(())
    });
    provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
    set.icon.click("Poke all now");
    set.icon
        .wait_for_entry("the notice in the menu", SOON, |entry| {
            let last = entry.entries.first();
            entry.label == "Last notices"
                && last.is_some_and(|it| it.label.contains("could not request mail"))
        });
    // Without the window the next one pops up, and the one in between never has.
    drop(page);
    set.desktop.wait_for_no_window(TITLE, SOON);
    provider.answer_as_usual();
    set.icon.click("Poke all now");
    set.desktop
        .wait_for_notification("can be asked again", SOON);
    let shown = set.desktop.notifications();
    assert_eq!(shown.len(), 2, "{shown:?}");
}

#[test]
fn quit_in_the_tray_closes_also_a_window_that_was_there_before_it() {
    let home = Home::with(&[etrn_account("vevida", &provider())]);
    let desktop = TestDesktop::start(Theme::Light);
    let mut command = desktop.command(programs::window());
    command.env("DEQUEUE_HOME", home.path());
    let mut window = process::Process::start(&command, &desktop.log("window"));
    desktop.wait_for_window(TITLE, SOON);
    home.wait_for_engine();
    let panel = Panel::connect(desktop.bus());
    let icon = wait::until("the tray that it started", SOON, || panel.items().pop());
    icon.click("Quit");
    assert!(window.wait(SOON).success(), "closes in good order");
}

#[test]
fn it_says_when_the_engine_has_gone_and_starts_it_again() {
    let provider = provider();
    let home = Home::with(&[etrn_account("vevida", &provider)]);
    let mut set = Set::new(Theme::Light, home);
    // Taken out of the set so that the tray can be killed while the page is open.
    let tray = set.tray.pid();
    let page = set.driver.open(&programs::window(), &[]);
    page.wait_for_text("article .outcome", "Delivery started", SOON);
    let pid = rustix::process::Pid::from_raw(tray.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    set.tray.wait(SOON);
    page.wait_for_text(".banner", "Dequeue is not running", SOON);
    button(&page, "Start Dequeue").click();
    wait::until("the end of the warning", SOON, || {
        page.find_all(".banner").is_empty().then_some(())
    });
    set.home.wait_for_engine();
    page.find("button[aria-label=\"Poke now: vevida\"]").click();
    set.home.wait_for_pokes("vevida", 2, SOON);
    drop(page);
    let panel = Panel::connect(set.desktop.bus());
    let icon = wait::until("the new tray", SOON, || {
        panel.items().into_iter().find(|item| item.pid().is_some())
    });
    icon.click("Quit");
    wait::until("the new engine to end", SOON, || {
        std::os::unix::net::UnixStream::connect(set.home.control())
            .is_err()
            .then_some(())
    });
}

#[test]
fn it_follows_the_desktop_in_light_and_dark() {
    let provider = provider();
    for (theme, name, dark) in [(Theme::Light, "light", false), (Theme::Dark, "dark", true)] {
        let set = Set::new(theme, good_and_bad(&provider));
        let page = set.open_with_both();
        let found = page.run(
            "return matchMedia('(prefers-color-scheme: dark)').matches",
            &[],
        );
        assert_eq!(found, json!(dark));
        let red = "return +getComputedStyle(document.body).color.match(/[0-9]+/)[0]";
        let red = page.run(red, &[]).as_u64().unwrap();
        assert_eq!(red > 128, dark, "the red of the text is {red}");
        set.picture(&format!("window-{name}"));
        button(&page, "Settings").click();
        wait_for_heading(&page, "Settings");
        set.picture(&format!("settings-{name}"));
    }
}
