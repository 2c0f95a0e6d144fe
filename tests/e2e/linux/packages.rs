//! The packages for Linux, from their installation to the last trace of them. `cargo xtask test` makes
//! them of the programs that it has built, and names their folder.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::{
    linux::rig::own_root::OwnRoot,
    programs::{Run, account, outcome},
    rig::{
        left_out::left_out,
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

const VARIABLE: &str = "DEQUEUE_TEST_PACKAGES";
/// What any package changes, and what a user's coming and going leaves: dpkg's, apt's and rpm's own books,
/// the copies that useradd makes of its files, caches.
const BOOKS: [&str; 7] = [
    "/var/lib/dpkg/",
    "/var/lib/apt/",
    "/var/lib/rpm/",
    // Where Debian's rpm has it.
    "/root/.rpmdb/",
    "/var/log/",
    "/var/cache/",
    "/usr/lib/sysimage/rpm/",
];
/// Written anew by useradd and userdel, with the same lines as before.
const ACCOUNTS: [&str; 7] = [
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/subuid",
    "/etc/subgid",
    "/etc/.pwd.lock",
];

/// A root to install the packages into; without them or without it, the test is left out.
fn root(make: impl FnOnce(&Path) -> Result<OwnRoot, String>) -> Option<OwnRoot> {
    match make(&packages()?) {
        Ok(root) => Some(root),
        Err(why) => {
            left_out(&format!("no root of its own to install into: {why}"));
            None
        }
    }
}

fn packages() -> Option<PathBuf> {
    let folder = env::var_os(VARIABLE).map(PathBuf::from);
    if folder.is_none() {
        left_out("no packages; `cargo xtask test` makes them");
    }
    folder
}

/// Its service as the unit starts it, as far as that is to be had without systemd.
struct Service(Child);

impl Service {
    fn start(root: &OwnRoot) -> Self {
        root.shell("install -d -o dequeue -g dequeue -m 755 /run/dequeue");
        let mut command = root.command(&[
            "setpriv",
            "--reuid=dequeue",
            "--regid=dequeue",
            "--init-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            "--",
            "/usr/bin/dequeue",
            "run",
            "--service",
        ]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the service"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // The last of nsenter, chroot and setpriv has become the program.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Gives the service one account, for which a provider is asked every hour.
fn set_up(root: &OwnRoot, provider: &MailServer) {
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let account = account("vevida", provider.address(), lines);
    root.shell(&format!(
        "cat > /etc/dequeue/settings.toml <<'END'\nversion = 1\n{account}END"
    ));
}

/// The account's pokes; none while nobody answers.
fn pokes(root: &OwnRoot) -> Vec<Value> {
    let history = root.run(&["dequeue", "history", "vevida", "--json"]);
    if history.status == 0 {
        history.objects()
    } else {
        Vec::new()
    }
}

fn wait_for_poke(root: &OwnRoot) {
    wait::until("a poke", SOON, || {
        let pokes = pokes(root);
        pokes
            .iter()
            .any(|it| outcome(it).0 == "signalled")
            .then_some(())
    });
}

/// The service pokes as its own user.
fn pokes_as_its_own_user(root: &OwnRoot) {
    let provider = MailServer::up();
    set_up(root, &provider);
    let service = Service::start(root);
    wait_for_poke(root);
    let user = root.shell(&format!("ps -o user= -p {}", service.0.id()));
    assert_eq!(user.trim(), "dequeue");
}

/// That everything is as it was before.
fn nothing_is_left(root: &OwnRoot, before: &BTreeSet<String>) {
    let is_left = |path: &&String| {
        let path = path.as_str();
        let is_account = ACCOUNTS
            .iter()
            .any(|it| path == *it || path == format!("{it}-"));
        !is_account && !BOOKS.iter().any(|it| path.starts_with(it))
    };
    let changed = root.changed();
    let left: Vec<&String> = changed.difference(before).filter(is_left).collect();
    assert!(left.is_empty(), "{left:#?}");
    let accounts = root.shell("cat /etc/passwd /etc/group");
    assert!(!accounts.contains("dequeue"), "{accounts}");
    root.shell("test ! -e /etc/dequeue && test ! -e /var/lib/dequeue");
}

/// The files of the packages with this ending, `dequeue` first.
fn files(root: &OwnRoot, ending: &str) -> Vec<String> {
    let found = root.shell(&format!("ls /mnt/packages/*{ending}"));
    let mut files: Vec<String> = found.lines().map(str::to_owned).collect();
    files.sort_by_key(|file| file.contains("desktop"));
    assert_eq!(files.len(), 2, "{files:?}");
    files
}

fn is_enabled(root: &OwnRoot) -> bool {
    let unit = "/etc/systemd/system/multi-user.target.wants/dequeue.service";
    root.run(&["test", "-L", unit]).status == 0
}

#[test]
fn debians_packages_come_upgrade_and_go() {
    let Some(root) = root(OwnRoot::as_here) else {
        return;
    };
    let before = root.changed();
    let [server, desktop] = files(&root, ".deb").try_into().expect("two packages");
    // The books of other packages (manual pages, menus) are not the matter here.
    let dpkg = ["dpkg", "--no-triggers"];
    root.succeed(&[&dpkg[..], &["--install", &server]].concat());
    assert!(is_enabled(&root));
    let folders = root.shell("stat -c '%U:%G %a' /etc/dequeue /var/lib/dequeue");
    assert_eq!(folders, "root:dequeue 2775\ndequeue:dequeue 700\n");
    let page = root.shell("zcat /usr/share/man/nl/man1/dequeue.1.gz");
    assert!(page.contains(".SH Afsluitcode"), "{page}");
    pokes_as_its_own_user(&root);

    // What an administrator has turned off stays off.
    root.shell("systemctl disable dequeue.service");
    root.succeed(&[&dpkg[..], &["--install", &server]].concat());
    assert!(!is_enabled(&root));
    root.shell("systemctl enable dequeue.service");

    // Its libraries need not be here: it is unpacked, and what it wants can be had.
    let wants = root.shell(&format!("dpkg-deb --field {desktop} Depends"));
    assert!(
        wants.contains("libwebkit2gtk-4.1-0") && wants.contains("dequeue (= "),
        "{wants}"
    );
    root.succeed(&[&dpkg[..], &["--install", &desktop]].concat());
    root.shell("test -x /usr/bin/dequeue-tray && test -x /usr/bin/dequeue-window");
    root.succeed(&["dpkg", "--verify", "dequeue", "dequeue-desktop"]);
    // What polkit knows of them is about these programs.
    let asked_for = root.shell(
        "sed -n 's|.*exec.path\">\\(.*\\)</annotate>|\\1|p' \
         /usr/share/polkit-1/actions/org.dequeue.policy | xargs ls",
    );
    assert_eq!(asked_for, "/usr/bin/dequeue\n/usr/bin/dequeue-window\n");

    root.succeed(&[&dpkg[..], &["--remove", "dequeue-desktop", "dequeue"]].concat());
    assert!(!is_enabled(&root));
    let kept = root.shell("cat /etc/dequeue/settings.toml");
    assert!(kept.contains("vevida"), "{kept}");
    root.succeed(&[&dpkg[..], &["--purge", "dequeue-desktop", "dequeue"]].concat());
    nothing_is_left(&root, &before);
}

/// The process of the service, which is up, starts at boot and is its own user's.
fn process_of_service(root: &OwnRoot) -> String {
    let state = root.shell(
        "systemctl is-active dequeue.service || :; systemctl is-enabled dequeue.service || :; \
         pid=$(systemctl show dequeue.service --property=MainPID --value); \
         stat -c %U /proc/$pid || :; echo $pid",
    );
    let pid = state.strip_prefix("active\nenabled\ndequeue\n");
    pid.map(str::to_owned).unwrap_or_else(|| {
        let log = root.shell("systemctl status --no-pager --full dequeue.service || :");
        panic!("{state}{log}")
    })
}

/// What the package does on a machine that boots: the programs for services are Debian's own, and so is the
/// whole of what runs there.
#[test]
fn debians_package_on_a_fresh_machine_is_up_from_its_installation_to_its_purge() {
    let Some(mut root) = root(|packages| {
        let mut root = OwnRoot::fresh(packages)?;
        root.boot()?;
        Ok(root)
    }) else {
        return;
    };
    let before = root.changed();
    let [server, _] = files(&root, ".deb").try_into().expect("two packages");
    let install = ["apt-get", "install", "--yes", "--no-install-recommends"];
    let install = [&install[..], &["--reinstall", &server]].concat();
    root.succeed(&install);
    let first = process_of_service(&root);
    let provider = MailServer::up();
    set_up(&root, &provider);
    wait_for_poke(&root);

    // Whatever ends the service while a provider is asked, what there is of the poke is kept.
    let interrupt = |root: &mut OwnRoot, end: &dyn Fn(&mut OwnRoot), number: usize| {
        provider.hold_up(Stage::Greeting);
        let visits = provider.visits().len();
        let mut poke = root.command(&["dequeue", "poke", "vevida"]);
        let poke = poke.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let mut poke = poke.expect("a poke");
        wait::until("a poke under way", SOON, || {
            (provider.visits().len() > visits).then_some(())
        });
        end(root);
        provider.release();
        poke.wait().expect("its end");
        let is_kept = |it: &&Value| outcome(it) == ("unknown", "interrupted");
        let pokes = pokes(root);
        let kept = pokes.iter().filter(is_kept).count();
        assert_eq!(kept, number, "{pokes:#?}");
    };
    let upgrade = |root: &mut OwnRoot| {
        root.succeed(&install);
        assert_ne!(process_of_service(root), first);
    };
    interrupt(&mut root, &upgrade, 1);
    let stop_and_start = |root: &mut OwnRoot| {
        root.shell("systemctl stop dequeue.service");
        let state = root.run(&["systemctl", "is-active", "dequeue.service"]);
        assert_eq!(state.out, "inactive\n", "{state:?}");
        root.shell("systemctl start dequeue.service");
    };
    interrupt(&mut root, &stop_and_start, 2);
    let reboot = |root: &mut OwnRoot| {
        root.power_off();
        root.boot().expect("it boots again");
        process_of_service(root);
    };
    interrupt(&mut root, &reboot, 3);
    // The machine that has booted has planned the next, and pokes.
    let status = root.run(&["dequeue", "status", "--json"]).object();
    assert!(status["accounts"][0]["next_at"].is_string(), "{status:#}");
    let poke = root.run(&["dequeue", "poke", "vevida", "--json"]).object();
    assert_eq!(outcome(&poke).0, "signalled", "{poke:#}");

    root.succeed(&["apt-get", "purge", "--yes", "dequeue"]);
    let unit = root.run(&["systemctl", "status", "dequeue.service"]);
    assert!(unit.err.contains("could not be found"), "{unit:?}");
    nothing_is_left(&root, &before);
    let left = root.shell("find / /run /tmp /var/tmp -xdev -iname '*dequeue*'");
    assert_eq!(left, "");
}

#[test]
fn rpms_packages_come_and_go() {
    let Some(root) = root(OwnRoot::as_here) else {
        return;
    };
    let before = root.changed();
    let packages = files(&root, ".rpm");
    // It knows nothing of what Debian has installed.
    let rpm = |how: &[&str]| root.succeed(&[&["rpm", "--nodeps"], how].concat());
    rpm(&["--install", &packages[0], &packages[1]]);
    assert!(is_enabled(&root));
    let requires = root.shell("rpm --query --requires dequeue");
    assert!(requires.contains("libc.so.6(GLIBC_2"), "{requires}");
    pokes_as_its_own_user(&root);
    rpm(&["--erase", "dequeue-desktop", "dequeue"]);
    assert!(!is_enabled(&root));
    // An RPM package has no purge; what stays is what it is told to leave.
    let kept = root.shell("cat /etc/dequeue/settings.toml");
    assert!(kept.contains("vevida"), "{kept}");
    root.shell("rm -r /etc/dequeue /var/lib/dequeue && userdel dequeue");
    nothing_is_left(&root, &before);
}

#[test]
fn the_image_for_containers_pokes() {
    let Some(packages) = packages() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (image, root) = (folder.path().join("image"), folder.path().join("root"));
    let unpack = |file: &Path, into: &Path| {
        fs::create_dir_all(into).unwrap();
        let mut tar = std::process::Command::new("tar");
        tar.arg("-xf").arg(file).arg("-C").arg(into);
        assert_eq!(Run::of(&mut tar).status, 0, "{}", file.display());
    };
    let file = fs::read_dir(&packages)
        .unwrap()
        .flatten()
        .map(|it| it.path());
    let file = file
        .into_iter()
        .find(|it| it.to_string_lossy().ends_with("-container.tar"));
    unpack(&file.expect("the image"), &image);
    // As the image's specification says: from the index by its digests to the layers.
    let blob = |named: &Value| {
        let digest = named["digest"].as_str().unwrap().replace(':', "/");
        let blob = image.join("blobs").join(digest);
        assert_eq!(
            fs::metadata(&blob).unwrap().len(),
            named["size"].as_u64().unwrap()
        );
        blob
    };
    let json = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let manifest = json(&blob(&json(&image.join("index.json"))["manifests"][0]));
    let config = json(&blob(&manifest["config"]));
    for layer in manifest["layers"].as_array().unwrap() {
        unpack(&blob(layer), &root);
    }
    let user = config["config"]["User"].as_str().unwrap();
    assert_eq!(user, "10001:10001");
    let provider = MailServer::up();
    let (host, port) = (
        provider.address().ip().to_string(),
        provider.address().port().to_string(),
    );
    let mut poke = std::process::Command::new("/usr/sbin/chroot");
    poke.arg(format!("--userspec={user}"))
        .arg(&root)
        .args([
            config["config"]["Entrypoint"][0].as_str().unwrap(),
            &host,
            "-p",
            &port,
        ])
        .env_clear()
        .env("DEQUEUE_HOME", "/data");
    let poke = Run::of(&mut poke);
    assert_eq!(poke.status, 0, "{poke:?}");
}
