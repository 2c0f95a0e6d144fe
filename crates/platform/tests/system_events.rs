//! What the kernel tells of a network that comes up: real links, addresses and routes in a network
//! namespace, as root and as an ordinary user.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use dequeue_platform::system_events::{CALM, SystemEvent, Watch, watch};
use tokio::{sync::mpsc, task::yield_now, time::timeout};

/// Starts a test of this program in a network of its own, beside it a shell that may change that
/// network: it takes a line from one pipe and puts its outcome into another. It ends with the
/// namespace of its processes, which ends with the test.
const NAMESPACE: &str = r#"
folder=$1 user=$2; shift 2
mkfifo -m 666 "$folder/ask" "$folder/answer" || exit
while read -r line <"$folder/ask"; do
    sh -ec "$line" >"$folder/said" 2>&1
    echo $? >"$folder/answer"
done &
setpriv --reuid "$user" "$folder/wake" "$@"
"#;
/// A cable with both its ends here; `d0` is the one that is used.
const CABLE: &str = "ip link add d0 type veth peer name d1; ip link set d1 up";
const FOLDER: &str = "DEQUEUE_TEST_NAMESPACE";
const NOBODY: u32 = 65534;

/// A network that is watched while it is changed. Time is paused and goes on by what is waited for.
struct Network {
    _watch: Watch,
    events: mpsc::Receiver<SystemEvent>,
}

impl Network {
    fn new() -> Self {
        let (sender, events) = mpsc::channel(16);
        Self {
            _watch: watch(sender),
            events,
        }
    }

    async fn is_up(&mut self) {
        assert_eq!(self.events.recv().await, Some(SystemEvent::NetworkUp));
        self.tells_nothing().await;
    }

    async fn tells_nothing(&mut self) {
        self.tells_nothing_for(Duration::from_secs(3600)).await;
    }

    async fn tells_nothing_for(&mut self, time: Duration) {
        // Paused time would not wait for what the kernel has told and nobody has read.
        for _ in 0..100 {
            yield_now().await;
        }
        let told = timeout(time, self.events.recv()).await;
        assert!(told.is_err(), "{told:?}");
    }
}

/// Changes the network, and gives back what was said.
fn change(line: &str) -> String {
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap());
    fs::write(folder.join("ask"), format!("{line}\n")).unwrap();
    let outcome = fs::read_to_string(folder.join("answer")).unwrap();
    let said = fs::read_to_string(folder.join("said")).unwrap();
    assert_eq!(outcome.trim(), "0", "{line}: {said}");
    said
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn each_burst_is_one_event() {
    change(CABLE);
    let mut network = Network::new();
    change(
        "ip link set lo up; ip link set d0 up; ip address add 192.0.2.7/24 dev d0; \
         ip route add default via 192.0.2.1",
    );
    network.is_up().await;
    for line in [
        "ip address add 192.0.2.8/24 dev d0",
        "ip route add default via 192.0.2.2 metric 9",
        "ip address add 198.51.100.7 peer 198.51.100.1 dev d0",
        "ip address add 2001:db8::7/64 dev d0 nodad",
        "ip route add default via 2001:db8::1",
        "ip address add 2001:db8:1::7/64 dev d0 nodad; ip address add 203.0.113.7/24 dev d0",
    ] {
        change(line);
        network.is_up().await;
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn a_burst_ends_with_calm() {
    const MOMENT: Duration = Duration::from_millis(1);
    change(CABLE);
    let mut network = Network::new();
    for line in [
        "ip link set d0 up",
        "ip address add 192.0.2.7/24 dev d0",
        "ip route add default via 192.0.2.1",
    ] {
        change(line);
        network.tells_nothing_for(CALM - MOMENT).await;
    }
    let told = timeout(MOMENT * 2, network.events.recv()).await;
    assert_eq!(told, Ok(Some(SystemEvent::NetworkUp)));
    network.tells_nothing().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn what_is_no_way_out_is_no_event() {
    let mut network = Network::new();
    for line in [
        "ip link set lo up; ip address add 127.0.0.2/8 dev lo",
        CABLE,
        "ip link set d0 up",
        "ip address add 169.254.7.7/16 dev d0",
        "ip address add fe80::7/64 dev d0 nodad",
        "ip route add 198.51.100.0/24 dev d0",
        "ip route add unreachable default metric 4000",
        "ip -6 route add blackhole default metric 4000",
        "ip link set d0 mtu 1400; ip link set d0 alias it",
    ] {
        change(line);
        network.tells_nothing().await;
    }
    change("ip address add 192.0.2.7/24 dev d0");
    network.is_up().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn what_was_there_is_told_of_only_after_it_was_gone() {
    const ADDRESS: &str = "address add 192.0.2.7/24 dev d0 valid_lft 900 preferred_lft 900";
    const ROUTE: &str = "route add default via 192.0.2.1";
    change(&format!(
        "{CABLE}; ip link set d0 up; ip {ADDRESS}; ip {ROUTE}"
    ));
    let mut network = Network::new();
    network.tells_nothing().await;
    for line in [
        // As DHCP prolongs them.
        "ip address change 192.0.2.7/24 dev d0 valid_lft 800 preferred_lft 800",
        "ip route replace default via 192.0.2.1",
        "ip route replace default via 192.0.2.1 mtu 1400",
        // As a client does that begins anew.
        &format!("ip address flush dev d0; ip {ADDRESS}; ip {ROUTE}"),
        "ip route del default",
    ] {
        change(line);
        network.tells_nothing().await;
    }
    change(&format!("ip {ROUTE}"));
    network.is_up().await;
    // Its routes go without a word.
    change("ip link set d0 down");
    network.tells_nothing().await;
    change(&format!("ip link set d0 up; ip {ROUTE}"));
    network.is_up().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn a_cable_that_is_put_in_again() {
    change(&format!(
        "{CABLE}; ip link set d0 up; ip address add 192.0.2.7/24 dev d0; \
         ip route add default via 192.0.2.1"
    ));
    let mut network = Network::new();
    change("ip link set d1 down");
    while !change("ip route show default").contains("linkdown") {}
    // The kernel tells of the loss before it takes another change.
    change("ip link set d0 alias unplugged");
    network.tells_nothing().await;
    change("ip link set d1 up");
    network.is_up().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn more_changes_than_the_kernel_keeps() {
    change(&format!(
        "{CABLE}; ip link set d0 up; ip address add 192.0.2.7/24 dev d0"
    ));
    let mut network = Network::new();
    // What fills it is no way out; the last one, which is, is dropped.
    change(
        "seq 1 20 | while read -r a; do seq 1 250 | while read -r b; do \
         echo address add 169.254.$a.$b/32 dev d0; done; done | ip -batch -; \
         ip route add default via 192.0.2.1",
    );
    network.is_up().await;
}

#[tokio::test(start_paused = true)]
#[ignore = "runs in a namespace"]
async fn dropping_the_guard_ends_it() {
    let (sender, mut events) = mpsc::channel(1);
    drop(watch(sender));
    change(&format!(
        "{CABLE}; ip link set d0 up; ip address add 192.0.2.7/24 dev d0"
    ));
    assert_eq!(events.recv().await, None);
}

#[test]
fn in_a_network_of_its_own() {
    let root = rustix::process::geteuid().is_root();
    // Who is not root is it there, and has no power elsewhere.
    let (apart, users): (&[_], &[_]) = match root {
        true => (&["--net", "--pid", "--kill-child"], &[0, NOBODY]),
        false => (
            &[
                "--net",
                "--pid",
                "--kill-child",
                "--user",
                "--map-root-user",
            ],
            &[0],
        ),
    };
    for user in users {
        for test in [
            "each_burst_is_one_event",
            "a_burst_ends_with_calm",
            "what_is_no_way_out_is_no_event",
            "what_was_there_is_told_of_only_after_it_was_gone",
            "a_cable_that_is_put_in_again",
            "more_changes_than_the_kernel_keeps",
            "dropping_the_guard_ends_it",
        ] {
            let folder = tempfile::tempdir().unwrap();
            run(folder.path(), apart, *user, test);
        }
    }
}

/// The test program may lie where only root can go.
fn run(folder: &Path, apart: &[&str], user: u32, test: &str) {
    fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    fs::copy(env::current_exe().unwrap(), folder.join("wake")).unwrap();
    // What is never told of would be waited for without end.
    let output = Command::new("timeout")
        .args(["60", "unshare"])
        .args(apart)
        .args(["sh", "-c", NAMESPACE, "sh"])
        .arg(folder)
        .arg(user.to_string())
        .args(["--exact", "--ignored", test])
        .env(FOLDER, folder)
        .current_dir("/")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    let passed = output.status.success() && said.contains("test result: ok. 1 passed");
    assert!(passed, "{test} as {user}: {said}{failed}");
}
