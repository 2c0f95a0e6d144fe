//! A provider and a mail server that are known by addresses of a link only, with the interface that
//! this machine has on it.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use crate::{
    linux::rig::netns::Network,
    programs::{Home, outcome},
    rig::{
        mail_server::MailServer,
        scripted::{Scripted, Step, hello, line},
    },
};

const USAGE: i32 = 64;
const UNREACHABLE: i32 = 69;
/// The provider, the mail server, and where our connections come from.
const PROVIDER: &str = "fe80::25";
const OURS: &str = "fe80::1";
const SOURCE: &str = "fe80::9";
/// The number of `lo`, which is the first interface of each network.
const LO: u32 = 1;

fn on_link(address: &str) -> SocketAddr {
    SocketAddrV6::new(address.parse().unwrap(), 25, 0, LO).into()
}

fn asked_by_etrn() -> Vec<Step> {
    let mut script = hello(&["ETRN"]);
    script.extend([
        Step::Expect("ETRN customer.test"),
        line("250 OK"),
        Step::Expect("QUIT"),
        line("221 bye"),
    ]);
    script
}

#[test]
fn they_are_taken_by_the_name_of_the_interface_and_by_its_number() {
    let addresses: [IpAddr; 3] = [PROVIDER, OURS, SOURCE].map(|it| it.parse().unwrap());
    let network = Network::new(&addresses, addresses[0]);
    let provider = Scripted::start_at(on_link(PROVIDER), vec![asked_by_etrn(); 6]);
    let mut mail_server = MailServer::down_at(on_link(OURS));
    mail_server.start();
    let home = Home::new();
    let run = |arguments: &[&str]| {
        let mut command = network.command(&home.command(arguments));
        crate::programs::Run::of(&mut command)
    };

    // By host: in each of the spellings that people have, with and without a source of the link.
    let sources: [&[&str]; 3] = [&[], &["--bind", SOURCE], &["--bind", "fe80::9%lo"]];
    let hosts = ["fe80::25%lo", "[FE80::25%lo]", "fe80:0::25%1"];
    for (visit, (host, source)) in hosts.into_iter().zip(sources).enumerate() {
        let asked = [
            "poke",
            "--host",
            host,
            "-m",
            "etrn",
            "-d",
            "customer.test",
            "--json",
        ];
        let run = run(&[&asked, source].concat());
        assert_eq!(run.status, 0, "{run:?}");
        let shown = host
            .trim_matches(['[', ']'])
            .to_lowercase()
            .replace("fe80:0:", "fe80:");
        assert_eq!(run.object()["host"], shown.as_str());
        let peer = provider.conversations()[visit].peer;
        assert_eq!(peer.ip() == addresses[2], !source.is_empty(), "{peer}");
    }

    // As an account, whose mail server is on the link too and is looked at before each poke.
    let settings = "version = 1\nlanguage = \"en\"\n[[account]]\nname = \"office\"\n\
                    host = \"fe80::25%lo\"\nmethod = \"etrn\"\ndomains = [\"customer.test\"]\n\
                    mail_server = \"[fe80::1%lo]:25\"\nbind = \"fe80::9%lo\"\n";
    home.write_settings(settings);
    let poked = run(&["poke", "office", "--json"]);
    assert_eq!(poked.status, 0, "{poked:?}");
    assert_eq!(outcome(&poked.object()).0, "started");
    assert_eq!(mail_server.visits().len(), 1);
    let shown = run(&["account", "show", "office"]);
    for entered in ["fe80::25%lo", "[fe80::1%lo]:25", "fe80::9%lo"] {
        assert!(shown.out.contains(entered), "{shown:?}");
    }
    let doctor = run(&["doctor", "office", "--json"]);
    let findings = doctor.objects().pop().unwrap();
    let state = |check: &str| {
        let findings = findings["findings"].as_array().unwrap();
        let found = findings.iter().find(|it| it["check"] == check);
        found.unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state("connection"), "passed", "{findings:#}");
    assert_ne!(state("mail-server"), "failed", "{findings:#}");

    // An interface that is not there, and an address that has none.
    let wrong = [
        "poke",
        "--host",
        "fe80::25%eth7",
        "-m",
        "etrn",
        "-d",
        "customer.test",
    ];
    let poked = run(&wrong);
    assert_eq!(poked.status, UNREACHABLE, "{poked:?}");
    let sentence = "This machine has no network interface as named after the % in fe80::25%eth7.";
    assert!(poked.out.contains(sentence), "{poked:?}");
    let doctor = run(&[
        "doctor",
        "--host",
        "fe80::25%eth7",
        "-m",
        "etrn",
        "-d",
        "customer.test",
    ]);
    assert!(doctor.out.contains(sentence), "{doctor:?}");
    for host in ["2001:db8::1%lo", "fe80::1%", "fe80::1%l o", "192.0.2.1%lo"] {
        run(&["poke", "--host", host, "-d", "customer.test"]).refuses(USAGE, &["Host", host]);
    }
}
