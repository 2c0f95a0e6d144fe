//! `dequeue doctor` in networks made for it: for each thing that goes wrong around a poke the verdict
//! that a person would give, with its cause; and not a word of alarm where nothing is wrong.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    process::Command,
};

use serde_json::Value;

use crate::{
    linux::rig::{
        names::{Names, Record},
        netns::Network,
        process::find,
        time_server::{Says, TimeServer},
        tls::{TlsProvider, Wanted},
    },
    programs::{Home, Run},
    rig::{
        autoturn::{AutoTurn, Options},
        mail_server::{MailServer, Stage},
        scripted::{Scripted, Step, Unanswering, hello, line},
    },
};

const HOST: &str = "bsmtp.provider.test";
const DOMAIN: &str = "customer.test";

/// This machine, on which the mail server is as well.
const US: &str = "192.0.2.7";
const PROVIDER: &str = "198.51.100.25";
const PROVIDER_6: &str = "2001:db8::25";
/// The provider's other host.
const HOST_2: &str = "bsmtp2.provider.test";
const PROVIDER_2: &str = "198.51.100.26";
/// Two of the Internet's time servers.
const TIME: [&str; 2] = ["203.0.113.123", "203.0.113.124"];
/// Where the Internet's resolver is, and the one of the office.
const PUBLIC_DNS: &str = "203.0.113.53";
const OWN_DNS: &str = "192.0.2.53";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(text: &str, port: u16) -> SocketAddr {
    (ip(text), port).into()
}

/// An office with its mail server and its own resolver, and the Internet around it. At first nothing
/// is wrong with either; the provider is the test's.
struct Office {
    public: Names,
    own: Names,
    mail_server: MailServer,
    home: Home,
    // Dropped last: what stands above is in it.
    network: Network,
}

impl Office {
    fn new() -> Self {
        let addresses = [US, PROVIDER, PUBLIC_DNS, OWN_DNS].map(ip);
        let network = Network::new(&addresses, ip(OWN_DNS));
        let mut mail_server = MailServer::down_at(at(US, 25));
        mail_server.start();
        let office = Self {
            public: Names::start(ip(PUBLIC_DNS)),
            own: Names::start(ip(OWN_DNS)),
            mail_server,
            home: Home::new(),
            network,
        };
        office.provider_is_at(&[PROVIDER]);
        office.public.mx(DOMAIN, HOST);
        office.own.mx(DOMAIN, HOST);
        office.set_up("method = \"etrn\"");
        office
    }

    fn provider_is_at(&self, addresses: &[&str]) {
        let addresses: Vec<IpAddr> = addresses.iter().map(|text| ip(text)).collect();
        self.public.addresses(HOST, &addresses);
        self.own.addresses(HOST, &addresses);
    }

    /// The Internet has these time servers.
    fn time_is_told_by(&self, servers: &[Says]) -> Vec<TimeServer> {
        let at: Vec<IpAddr> = TIME.iter().map(|at| ip(at)).take(servers.len()).collect();
        self.own.addresses("pool.ntp.org", &at);
        let servers = at.iter().zip(servers);
        servers
            .map(|(at, says)| {
                self.network.add(*at);
                TimeServer::start(*at, *says)
            })
            .collect()
    }

    /// The provider has a second host, which the account knows as well.
    fn second_host(&self) {
        self.network.add(ip(PROVIDER_2));
        self.public.addresses(HOST_2, &[ip(PROVIDER_2)]);
        self.own.addresses(HOST_2, &[ip(PROVIDER_2)]);
        self.set_up(&format!("method = \"etrn\"\nother_hosts = [\"{HOST_2}\"]"));
    }

    /// The account, with these further lines.
    fn set_up(&self, lines: &str) {
        self.set_up_with_mail_server(&format!("{US}:25"), lines);
    }

    fn set_up_with_mail_server(&self, mail_server: &str, lines: &str) {
        self.home.write_settings(format!(
            "version = 1\nlanguage = \"en\"\n[[account]]\nname = \"office\"\nhost = \"{HOST}\"\n\
             domains = [\"{DOMAIN}\"]\nmail_server = \"{mail_server}\"\nconnect_timeout = \"2s\"\n\
             greeting_timeout = \"5s\"\ncommand_timeout = \"5s\"\n{lines}\n"
        ));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command(arguments);
        command.env("DEQUEUE_PUBLIC_DNS", PUBLIC_DNS);
        self.network.command(&command)
    }

    fn poke(&self) {
        let run = Run::of(&mut self.command(&["poke", "office"]));
        assert_eq!(run.status, 0, "{run:?}");
    }

    fn doctor(&self) -> Diagnosis {
        Diagnosis::of(&Run::of(&mut self.command(&["doctor", "office", "--json"])))
    }
}

/// What came of it.
#[derive(Debug)]
struct Diagnosis {
    status: i32,
    findings: Vec<Value>,
    verdict: String,
    cause: Option<String>,
    whole: Value,
}

impl Diagnosis {
    fn of(run: &Run) -> Self {
        let mut objects = run.objects();
        let whole = objects.pop().unwrap_or_else(|| panic!("{run:?}"));
        assert_eq!(whole["type"], "diagnosis", "{run:?}");
        // What came one by one is what stands together at the end.
        let findings = whole["findings"].as_array().unwrap().clone();
        assert_eq!(objects.len(), findings.len(), "{run:?}");
        for object in &objects {
            assert_eq!(object["type"], "finding");
            let mut finding = object.clone();
            let fields = finding.as_object_mut().unwrap();
            fields.remove("type");
            fields.remove("account");
            assert!(findings.contains(&finding), "{finding} in {findings:#?}");
        }
        assert_eq!(whole["exit_status"], run.status, "{run:?}");
        Self {
            status: run.status,
            findings,
            verdict: whole["verdict"].as_str().unwrap().to_owned(),
            cause: whole["cause"].as_str().map(str::to_owned),
            whole,
        }
    }

    fn sentence(&self) -> &str {
        self.whole["sentence"].as_str().unwrap()
    }

    /// The state of a check that is done once.
    fn state(&self, check: &str) -> &str {
        let found = self.findings.iter().find(|it| it["check"] == check);
        found.map_or("not done", |it| it["state"].as_str().unwrap())
    }

    /// How a check ended at one of several hosts.
    fn state_at(&self, host: &str, check: &str) -> &str {
        let at = |it: &&Value| it["check"] == check && it["host"] == host;
        let found = self.findings.iter().find(at);
        found.map_or("not done", |it| it["state"].as_str().unwrap())
    }

    /// Asserts the verdict, its cause, the exit status, and that its sentence holds these words.
    #[track_caller]
    fn says(&self, verdict: &str, cause: &str, status: i32, words: &[&str]) {
        let said = (self.verdict.as_str(), self.cause.as_deref(), self.status);
        assert_eq!(said, (verdict, Some(cause), status), "{:#}", self.whole);
        for word in words {
            assert!(
                self.sentence().contains(word),
                "{word} in {}",
                self.sentence()
            );
        }
    }

    #[track_caller]
    fn will_not_work(&self, cause: &str, status: i32, words: &[&str]) {
        self.says("will-not-work", cause, status, words);
    }

    #[track_caller]
    fn warns(&self, cause: &str, words: &[&str]) {
        self.says("warnings", cause, 0, words);
    }

    #[track_caller]
    fn is_well(&self) {
        let unsure = self
            .findings
            .iter()
            .filter(|it| it["state"] == "cannot-know");
        // Over what could not be looked at nothing is said to be well.
        let (unsure, sentence) = (unsure.count(), self.whole["sentence"].as_str().unwrap());
        let (verdict, words) = match unsure {
            0 => ("all-well", "everything could be checked".to_owned()),
            1 => ("unsure", "one thing could not be checked".to_owned()),
            count => ("unsure", format!("{count} things could not be checked")),
        };
        let said = (self.verdict.as_str(), self.status);
        assert_eq!(said, (verdict, 0), "{:#}", self.whole);
        assert!(sentence.contains(&words), "{sentence}");
        assert!(self.cause.is_none());
        for finding in &self.findings {
            let state = finding["state"].as_str().unwrap();
            assert!(matches!(state, "passed" | "cannot-know"), "{finding:#}");
        }
    }
}

/// A provider that does what is asked of it, with this greeting.
fn script(greeting: &str, extensions: &[&str]) -> Vec<Step> {
    let mut script = hello(extensions);
    script[0] = line(greeting);
    script.extend([Step::Expect("QUIT"), line("221 bye")]);
    script
}

fn usual() -> Vec<Step> {
    script("220 bsmtp.provider.test ESMTP", &["ETRN", "PIPELINING"])
}

fn provider(script: Vec<Step>) -> Scripted {
    Scripted::start_at(at(PROVIDER, 25), vec![script])
}

// ---- Nothing is wrong -----------------------------------------------------------------------

#[test]
fn a_healthy_provider_gets_no_alarm_and_no_request() {
    let office = Office::new();
    let provider = provider(usual());
    let diagnosis = office.doctor();
    diagnosis.is_well();
    for check in [
        "folders",
        "name",
        "connection",
        "greeting",
        "mx",
        "mail-server",
    ] {
        assert_eq!(diagnosis.state(check), "passed", "{check}");
    }
    // It has one host, of which no words are made.
    assert_eq!(diagnosis.state("hosts"), "not done");
    assert!(diagnosis.findings.iter().all(|it| it["host"].is_null()));
    let conversations = provider.conversations();
    assert_eq!(conversations.len(), 1);
    let lines = conversations[0].lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("EHLO ") && lines[1] == "QUIT",
        "{lines:?}"
    );
}

#[test]
fn healthy_under_tls() {
    let office = Office::new();
    let ca_file = office.home.path().join("ca.pem");
    let wanted = Wanted {
        name: HOST,
        from: -1,
        to: 90,
    };
    let _provider = TlsProvider::start(at(PROVIDER, 465), wanted, &ca_file);
    office.set_up(&format!(
        "method = \"etrn\"\ntls = \"implicit\"\nca_file = \"{}\"",
        ca_file.display()
    ));
    let diagnosis = office.doctor();
    diagnosis.is_well();
    assert_eq!(diagnosis.state("certificate"), "passed");
}

#[test]
fn healthy_over_both_kinds_of_addresses() {
    let office = Office::new();
    office.network.add(ip(PROVIDER_6));
    office.provider_is_at(&[PROVIDER, PROVIDER_6]);
    let _four = provider(usual());
    let _six = Scripted::start_at(at(PROVIDER_6, 25), vec![usual()]);
    office.doctor().is_well();
}

#[test]
fn a_provider_with_ipv6_is_healthy_on_a_machine_without() {
    let office = Office::new();
    office.provider_is_at(&[PROVIDER, PROVIDER_6]);
    let _provider = provider(usual());
    office.doctor().is_well();
}

#[test]
fn a_healthy_autoturn_provider() {
    let office = Office::new();
    let provider = AutoTurn::start(Options::new(at(US, 25)));
    office.provider_is_at(&[&provider.address().ip().to_string()]);
    office.set_up(&format!(
        "method = \"signal\"\nport = {}",
        provider.address().port()
    ));
    let diagnosis = office.doctor();
    diagnosis.is_well();
    let method = diagnosis
        .findings
        .iter()
        .find(|it| it["check"] == "method")
        .unwrap();
    let meaning = method["meaning"].as_str().unwrap();
    assert!(meaning.contains("this one too"), "{meaning}");
}

#[test]
fn healthy_by_a_time_server_though_another_is_wrong() {
    let office = Office::new();
    let _provider = provider(usual());
    let _time = office.time_is_told_by(&[Says::Off(-86_400), Says::Right]);
    let diagnosis = office.doctor();
    diagnosis.is_well();
    assert_eq!(diagnosis.state("clock"), "passed");
}

#[test]
fn healthy_where_no_time_server_can_be_asked() {
    let office = Office::new();
    let _provider = provider(usual());
    let _time = office.time_is_told_by(&[Says::Nothing, Says::Nothing]);
    let diagnosis = office.doctor();
    diagnosis.is_well();
    assert_eq!(diagnosis.state("clock"), "cannot-know");
}

#[test]
fn healthy_at_both_hosts() {
    let office = Office::new();
    office.second_host();
    let _first = provider(usual());
    let _second = Scripted::start_at(at(PROVIDER_2, 25), vec![usual()]);
    let diagnosis = office.doctor();
    diagnosis.is_well();
    assert_eq!(diagnosis.state("hosts"), "passed");
    for host in [HOST, HOST_2] {
        for check in [
            "name",
            "connection",
            "greeting",
            "capabilities",
            "certificate",
            "login",
            "method",
        ] {
            assert_eq!(
                diagnosis.state_at(host, check),
                "passed",
                "{check} at {host}"
            );
        }
    }
}

// ---- Several hosts --------------------------------------------------------------------------

#[test]
fn the_first_host_is_dead_and_the_second_does_it() {
    let office = Office::new();
    office.second_host();
    let _second = Scripted::start_at(at(PROVIDER_2, 25), vec![usual()]);
    let diagnosis = office.doctor();
    let why = [
        "go through bsmtp2.provider.test",
        HOST,
        "refuses connections",
    ];
    diagnosis.warns("hosts", &why);
    assert_eq!(diagnosis.state_at(HOST, "connection"), "failed");
    assert_eq!(diagnosis.state_at(HOST_2, "greeting"), "passed");
    // As a person reads it, and the help desk.
    let report = office.home.path().join("report.txt");
    let arguments = ["doctor", "office", "--report", report.to_str().unwrap()];
    let run = Run::of(&mut office.command(&arguments));
    assert_eq!(run.status, 0, "{run:?}");
    for words in [
        "✗ Connection, bsmtp.provider.test (FAIL): ",
        "✓ Connection, bsmtp2.provider.test (OK): ",
        "! Hosts (WARN): ",
        "\nIt works, but",
    ] {
        assert!(run.out.contains(words), "{words} in {}", run.out);
    }
    let report = fs::read_to_string(report).unwrap();
    for words in [
        "provider: bsmtp.provider.test, port 25\n",
        "provider: bsmtp2.provider.test, port 25 (198.51.100.26:25)\n",
        "[failed] connection bsmtp.provider.test\n",
        "[passed] connection bsmtp2.provider.test\n",
    ] {
        assert!(report.contains(words), "{words} in {report}");
    }
}

#[test]
fn the_second_host_could_not_take_over() {
    let office = Office::new();
    office.second_host();
    office.own.forget(HOST_2);
    let _first = provider(usual());
    let diagnosis = office.doctor();
    diagnosis.warns(
        "hosts",
        &["go through bsmtp.provider.test", HOST_2, "hides"],
    );
}

#[test]
fn both_hosts_are_dead() {
    let office = Office::new();
    office.second_host();
    office.own.forget(HOST_2);
    let diagnosis = office.doctor();
    let why = [
        "None of the account's hosts",
        HOST,
        HOST_2,
        "refuses connections",
    ];
    diagnosis.will_not_work("hosts", 69, &why);
    assert_eq!(diagnosis.state_at(HOST_2, "name"), "failed");
}

#[test]
fn the_first_host_refuses_for_good_and_the_second_is_not_asked() {
    let office = Office::new();
    office.second_host();
    let _first = provider(vec![
        line("554 5.7.1 Your address is not known here"),
        Step::Expect("QUIT"),
        line("221 bye"),
    ]);
    let _second = Scripted::start_at(at(PROVIDER_2, 25), vec![usual()]);
    let diagnosis = office.doctor();
    diagnosis.will_not_work("hosts", 77, &["end at bsmtp.provider.test", "refused"]);
}

// ---- Names ----------------------------------------------------------------------------------

#[test]
fn the_own_dns_hides_the_provider() {
    let office = Office::new();
    let _provider = provider(usual());
    office.own.forget(HOST);
    let diagnosis = office.doctor();
    diagnosis.will_not_work("name", 69, &["Your own DNS server hides", HOST, PROVIDER]);
}

#[test]
fn the_own_dns_sends_the_provider_into_the_house() {
    let office = Office::new();
    let _provider = provider(usual());
    office.own.addresses(HOST, &[ip("10.0.0.25")]);
    let diagnosis = office.doctor();
    diagnosis.will_not_work("name", 69, &["another address", "10.0.0.25", PROVIDER]);
}

#[test]
fn an_old_line_in_the_hosts_file() {
    let office = Office::new();
    let _provider = provider(usual());
    office
        .network
        .write("hosts", &format!("198.51.100.99 {HOST} bsmtp\n"));
    let diagnosis = office.doctor();
    diagnosis.will_not_work("name", 69, &["hosts file", "198.51.100.99"]);
}

#[test]
fn a_name_that_does_not_exist() {
    let office = Office::new();
    office.own.forget(HOST);
    office.public.forget(HOST);
    let diagnosis = office.doctor();
    diagnosis.will_not_work("name", 69, &["does not exist"]);
}

#[test]
fn no_resolver_answers() {
    let mut office = Office::new();
    // Their ports are closed from here on.
    let elsewhere = Names::start(ip(US));
    office.own = elsewhere;
    let other = Names::start(ip(PROVIDER));
    office.public = other;
    let diagnosis = office.doctor();
    diagnosis.will_not_work("name", 69, &["cannot be resolved"]);
    assert_eq!(diagnosis.state("mx"), "cannot-know");
}

#[test]
fn the_provider_has_moved() {
    let office = Office::new();
    let mut answers = hello(&["ETRN"]);
    answers.extend([
        Step::Expect("ETRN"),
        line("250 OK"),
        Step::Expect("QUIT"),
        line("221 bye"),
    ]);
    let old = provider(answers);
    office.poke();
    drop(old);
    let new = "203.0.113.26";
    office.network.add(ip(new));
    office.provider_is_at(&[new]);
    let _provider = Scripted::start_at(at(new, 25), vec![usual()]);
    office.doctor().warns("name", &["has moved", PROVIDER, new]);
}

// ---- Ways -----------------------------------------------------------------------------------

#[test]
fn only_an_ipv6_address_and_no_ipv6_here() {
    let office = Office::new();
    office.provider_is_at(&[PROVIDER_6]);
    let diagnosis = office.doctor();
    diagnosis.will_not_work("connection", 69, &["only IPv6", PROVIDER_6]);
}

/// The settings allow one version of IP, and the provider's name has addresses of the other. The
/// poke says the same.
#[test]
fn an_address_of_the_wrong_version() {
    let office = Office::new();
    for (lines, provider, version) in [
        ("ip = \"6\"", PROVIDER, "IPv6"),
        ("bind = \"2001:db8::1\"", PROVIDER, "IPv6"),
        ("ip = \"4\"", PROVIDER_6, "IPv4"),
        ("bind = \"192.0.2.1\"", PROVIDER_6, "IPv4"),
    ] {
        office.provider_is_at(&[provider]);
        office.set_up(&format!("method = \"etrn\"\n{lines}"));
        let sentence = format!(
            "{HOST} has no {version} address, and only {version} is allowed here. Correct “IP version” or the source address in the settings."
        );
        let diagnosis = office.doctor();
        diagnosis.will_not_work("connection", 69, &[&sentence]);
        let run = Run::of(&mut office.command(&["poke", "office", "--json"]));
        assert_eq!(run.status, 69, "{run:?}");
        assert_eq!(run.object()["explanation"], sentence.as_str(), "{run:?}");
        // By host, in words.
        let arguments = ["poke", "--host", HOST, "-m", "etrn", "-d", DOMAIN];
        let option = if version == "IPv6" { "-6" } else { "-4" };
        let run = Run::of(&mut office.command(&[&arguments[..], &[option]].concat()));
        assert_eq!(run.status, 69, "{run:?}");
        assert!(run.out.contains(&sentence), "{run:?}");
    }
}

#[test]
fn port_25_is_blocked() {
    let office = Office::new();
    let _silent = Unanswering::start_at(at(PROVIDER, 25));
    let diagnosis = office.doctor();
    diagnosis.will_not_work(
        "connection",
        69,
        &["Port 25 is blocked", "Internet provider"],
    );
}

#[test]
fn nothing_listens() {
    let office = Office::new();
    office
        .doctor()
        .will_not_work("connection", 69, &["refuses connections"]);
}

#[test]
fn no_way_to_the_provider() {
    let office = Office::new();
    office.provider_is_at(&["203.0.113.99"]);
    office
        .doctor()
        .will_not_work("connection", 69, &["no route", "203.0.113.99"]);
}

#[test]
fn only_ipv6_answers() {
    let office = Office::new();
    office.network.add(ip(PROVIDER_6));
    office.provider_is_at(&[PROVIDER, PROVIDER_6]);
    let _six = Scripted::start_at(at(PROVIDER_6, 25), vec![usual()]);
    office
        .doctor()
        .warns("connection", &["over IPv6 only", PROVIDER]);
}

// ---- The conversation -----------------------------------------------------------------------

#[test]
fn the_greeting_refuses() {
    let office = Office::new();
    let _provider = provider(vec![
        line("554 5.7.1 Your address is not known here"),
        Step::Expect("QUIT"),
        line("221 bye"),
    ]);
    office.doctor().will_not_work("greeting", 77, &["refused"]);
}

#[test]
fn what_answers_is_no_mail_server() {
    let office = Office::new();
    let _provider = provider(vec![line("SSH-2.0-OpenSSH_9.2"), Step::Silence]);
    office
        .doctor()
        .will_not_work("greeting", 76, &["not a mail server"]);
}

#[test]
fn a_firewall_masks_the_greeting() {
    let office = Office::new();
    let greeting = "220 ****************************02**0****";
    let _provider = provider(script(greeting, &["ETRN"]));
    office.doctor().warns("greeting", &["masks"]);
}

#[test]
fn the_clock_is_wrong() {
    let office = Office::new();
    let greeting = "220 bsmtp.provider.test ESMTP Exim 4.96 Wed, 01 Jan 2025 10:00:00 +0000";
    let _provider = provider(script(greeting, &["ETRN"]));
    office.doctor().warns("clock", &["2025-01-01 10:00"]);
    // A time server knows it better: it is the provider's that is.
    let _time = office.time_is_told_by(&[Says::Right]);
    let diagnosis = office.doctor();
    diagnosis.is_well();
    assert_eq!(diagnosis.state("clock"), "passed");
}

#[test]
fn the_clock_is_wrong_by_a_time_server() {
    let office = Office::new();
    let _provider = provider(usual());
    let _time = office.time_is_told_by(&[Says::Off(7200)]);
    office
        .doctor()
        .warns("clock", &["clock is wrong", "time server"]);
}

#[test]
fn the_login_is_refused_and_the_secret_stays_one() {
    let office = Office::new();
    let mut refuses = hello(&["ETRN", "AUTH PLAIN"]);
    refuses.extend([
        Step::Expect("AUTH PLAIN"),
        line("535 5.7.8 office17: wrong password"),
        Step::Expect("QUIT"),
        line("221 bye"),
    ]);
    let provider = provider(refuses);
    office
        .set_up("method = \"etrn\"\nuser = \"office17\"\nsecret = \"file\"\nlogin_in_clear = true");
    let secret = "correct horse";
    let run = Run::told(
        format!("{secret}\n"),
        &mut office.command(&["secret", "set", "office"]),
    );
    assert_eq!(run.status, 0, "{run:?}");
    let report = office.home.path().join("report.txt");
    let run = Run::of(&mut office.command(&[
        "doctor",
        "office",
        "--json",
        "--report",
        report.to_str().unwrap(),
    ]));
    let diagnosis = Diagnosis::of(&run);
    diagnosis.will_not_work("login", 77, &["did not accept the login"]);
    let report = fs::read_to_string(report).unwrap();
    assert!(
        report.contains("535 5.7.8 ****: wrong password"),
        "{report}"
    );
    let encoded = "AG9mZmljZTE3AGNvcnJlY3QgaG9yc2U=";
    let said = String::from_utf8_lossy(&provider.conversations()[0].said).into_owned();
    assert!(said.contains(encoded), "{said}");
    for text in [&run.out, &run.err, &report] {
        for never in [secret, encoded, "office17"] {
            assert!(!text.contains(never), "{never} in {text}");
        }
    }
}

#[test]
fn no_password_is_set() {
    let office = Office::new();
    let _provider = provider(usual());
    office.set_up("method = \"etrn\"\nuser = \"office17\"\nsecret = \"file\"");
    let diagnosis = office.doctor();
    diagnosis.will_not_work("login", 70, &["secret set"]);
    assert_eq!(diagnosis.state("greeting"), "passed");
}

#[test]
fn certificates() {
    let office = Office::new();
    let ca_file = office.home.path().join("ca.pem");
    office.set_up(&format!(
        "method = \"etrn\"\ntls = \"implicit\"\nca_file = \"{}\"",
        ca_file.display()
    ));
    let doctor = |name, from, to| {
        let wanted = Wanted { name, from, to };
        let _provider = TlsProvider::start(at(PROVIDER, 465), wanted, &ca_file);
        office.doctor()
    };
    let expired = doctor(HOST, -30, -1);
    expired.will_not_work("certificate", 77, &["has expired"]);
    let wrong_name = doctor("other.provider.test", -1, 90);
    wrong_name.will_not_work("certificate", 77, &["not for", HOST]);
    let ends_soon = doctor(HOST, -60, 5);
    ends_soon.warns("certificate", &["days"]);
    assert_eq!(ends_soon.state("greeting"), "passed");
}

// ---- The mail server -------------------------------------------------------------------------

#[test]
fn the_mail_server_is_down() {
    let mut office = Office::new();
    let _provider = provider(usual());
    office.mail_server.stop();
    let diagnosis = office.doctor();
    diagnosis.will_not_work("mail-server", 75, &["is not running", US]);
    assert_eq!(diagnosis.state("greeting"), "passed");
}

#[test]
fn the_mail_server_refuses_the_domain_and_nothing_is_lost() {
    let office = Office::new();
    let provider = provider(usual());
    office
        .mail_server
        .answer(Stage::Rcpt, "550 5.7.1 relaying denied");
    office.set_up("method = \"signal\"");
    let diagnosis = office.doctor();
    diagnosis.will_not_work("mail-server", 75, &[DOMAIN, "goes back to its sender"]);
    // A visit would have started what now bounces.
    assert!(provider.conversations().is_empty());
    assert_eq!(diagnosis.state("connection"), "cannot-know");
}

#[test]
fn the_mail_server_is_an_open_relay() {
    let office = Office::new();
    let _provider = provider(usual());
    let far = "203.0.113.30";
    office.network.add(ip(far));
    office.network.reach_from(ip(far), ip(US));
    let mut mail_server = MailServer::down_at(at(far, 25));
    mail_server.relay();
    mail_server.start();
    office.set_up_with_mail_server(&format!("{far}:25"), "method = \"etrn\"");
    office
        .doctor()
        .warns("mail-server", &["anyone can send spam"]);
}

#[test]
fn the_mail_server_listens_inside_only() {
    let office = Office::new();
    let _provider = provider(usual());
    let mut mail_server = MailServer::down_at(at("127.0.0.1", 2525));
    mail_server.start();
    office.set_up_with_mail_server("127.0.0.1:2525", "method = \"etrn\"");
    office.doctor().warns("firewall", &["2525"]);
}

// ---- The domain -----------------------------------------------------------------------------

#[test]
fn the_mail_goes_elsewhere() {
    let office = Office::new();
    let _provider = provider(usual());
    office.public.mx(DOMAIN, "mx.elsewhere.example");
    office
        .public
        .addresses("mx.elsewhere.example", &[ip("203.0.113.80")]);
    office
        .doctor()
        .warns("mx", &[DOMAIN, "mx.elsewhere.example"]);
}

#[test]
fn the_mail_goes_to_a_host_that_does_not_exist() {
    let office = Office::new();
    let _provider = provider(usual());
    office.public.mx(DOMAIN, "typo.elsewhere.example");
    let diagnosis = office.doctor();
    diagnosis.will_not_work("mx", 78, &["typo.elsewhere.example", "has no address"]);
}

#[test]
fn the_domain_does_not_exist() {
    let office = Office::new();
    let _provider = provider(usual());
    office.public.forget(DOMAIN);
    office
        .doctor()
        .will_not_work("mx", 78, &[DOMAIN, "does not exist"]);
}

// ---- Addresses ------------------------------------------------------------------------------

/// Says in its EHLO reply whom it sees.
fn seeing(seen: &str) -> Vec<Step> {
    let ehlo = format!("250-bsmtp.provider.test Hello office [{seen}]\r\n250 ETRN\r\n");
    vec![
        line("220 bsmtp.provider.test ESMTP"),
        Step::Expect("EHLO "),
        Step::Send(ehlo.into_bytes()),
    ]
}

fn then_quits(mut script: Vec<Step>) -> Vec<Step> {
    script.extend([Step::Expect("QUIT"), line("221 bye")]);
    script
}

#[test]
fn the_public_address_has_changed() {
    let office = Office::new();
    let mut poked = seeing("203.0.113.7");
    poked.extend([Step::Expect("ETRN"), line("250 OK")]);
    let old = provider(then_quits(poked));
    office.poke();
    drop(old);
    let _new = provider(then_quits(seeing("203.0.113.8")));
    office
        .doctor()
        .warns("public-address", &["203.0.113.8", "203.0.113.7"]);
}

#[test]
fn the_poke_leaves_by_another_address_than_the_mail_servers() {
    let office = Office::new();
    let own = "mail.customer.test";
    office.public.set(
        DOMAIN,
        vec![
            Record::Mx(10, own.to_owned()),
            Record::Mx(20, HOST.to_owned()),
        ],
    );
    office.public.addresses(own, &[ip("203.0.113.7")]);
    let same = provider(then_quits(seeing("203.0.113.7")));
    office.doctor().is_well();
    drop(same);
    let _other = provider(then_quits(seeing("203.0.113.8")));
    office
        .doctor()
        .warns("public-address", &["203.0.113.8", own]);
}

// ---- The disk, the words --------------------------------------------------------------------

#[test]
fn the_data_folder_is_read_only() {
    let office = Office::new();
    let _provider = provider(usual());
    let folder = office.home.path().display().to_string();
    // A mount of this command's own: root may write whatever the permissions say.
    let doctor = office.command(&["doctor", "office", "--json"]);
    let mut command = Command::new(find("unshare", "util-linux"));
    command
        .args(["--mount", "--", "/bin/sh", "-c"])
        .arg(format!(
            "mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec \"$@\""
        ))
        .arg("read-only")
        .arg(doctor.get_program())
        .args(doctor.get_args());
    for (name, value) in doctor.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let diagnosis = Diagnosis::of(&Run::of(&mut command));
    diagnosis.will_not_work("folders", 70, &["cannot be written", &folder]);
    // All else is told as well.
    assert_eq!(diagnosis.state("greeting"), "passed");
}

#[test]
fn in_words_and_by_host() {
    let office = Office::new();
    let _provider = provider(usual());
    let run = Run::of(&mut office.command(&["doctor", "office"]));
    assert_eq!(run.status, 0, "{run:?}");
    for words in [
        "✓ Greeting (OK): The provider greets",
        "? Way in (UNKNOWN)",
        "\nNothing wrong was found, but ",
    ] {
        assert!(run.out.contains(words), "{words} in {}", run.out);
    }
    let run = Run::of(&mut office.command(&["doctor", "--host", HOST, "-d", DOMAIN, "-m", "etrn"]));
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("Nothing wrong was found"), "{run:?}");
    assert!(!run.out.contains("Files"), "{run:?}");
    let run = Run::of(&mut office.command(&["doctor", "nobody"]));
    run.refuses(64, &["nobody", "office"]);
    Home::new().run(&["doctor"]).refuses(64, &["account add"]);
}
