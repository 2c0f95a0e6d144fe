//! A network of a test's own: a network namespace with only the addresses that the test gives it,
//! and resolvers of its choice. Everything in it is on this machine, so that what is not there has
//! no way to it. Root only.

use std::{
    fs::{self, File},
    net::IpAddr,
    os::fd::AsFd,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use super::process::find;

/// The network. The test's thread is in it until this is dropped, and so are the threads and programs
/// that it starts; rigs are dropped before it.
pub struct Network {
    name: String,
    outside: File,
    /// What stands in place of files in `/etc`, for programs of [`Network::command`].
    etc: PathBuf,
}

impl Network {
    /// A network with these addresses, in which `resolver` is asked for names.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn new(addresses: &[IpAddr], resolver: IpAddr) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dequeue-{}-{count}", std::process::id());
        ip(&["netns", "add", &name]);
        let etc = Path::new("/etc/netns").join(&name);
        fs::create_dir_all(&etc).expect("a folder below /etc/netns");
        let network = Self {
            outside: File::open("/proc/thread-self/ns/net").expect("this thread's network"),
            name,
            etc,
        };
        network.write("resolv.conf", &format!("nameserver {resolver}\n"));
        // Nothing that this machine has beside it answers for a name.
        network.write("nsswitch.conf", "hosts: files dns\n");
        network.write("hosts", "127.0.0.1 localhost\n");
        network.ip(&["link", "set", "lo", "up"]);
        for address in addresses {
            network.add(*address);
        }
        let inside = File::open(Path::new("/run/netns").join(&network.name));
        move_into(&inside.expect("the new network"));
        network
    }

    /// Gives the machine one more address.
    pub fn add(&self, address: IpAddr) {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let address = format!("{address}/{bits}");
        self.ip(&["address", "add", &address, "dev", "lo", "nodad"]);
    }

    /// Lets connections to `address` come from `source`, as if it were far away.
    pub fn reach_from(&self, address: IpAddr, source: IpAddr) {
        let (address, source) = (address.to_string(), source.to_string());
        self.ip(&[
            "route", "replace", "local", &address, "dev", "lo", "table", "local", "src", &source,
        ]);
    }

    /// Puts a file in the place of the one in `/etc`.
    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.etc.join(file), text).expect("a file below /etc/netns");
    }

    /// `command` in this network, with the files of [`Network::write`] in place of the machine's.
    pub fn command(&self, command: &Command) -> Command {
        let mut inside = Command::new(find("ip", "iproute2"));
        inside
            .args(["netns", "exec", &self.name])
            .arg(command.get_program())
            .args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }

    fn ip(&self, arguments: &[&str]) {
        ip(&[&["-n", self.name.as_str()], arguments].concat());
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        move_into(&self.outside);
        fs::remove_dir_all(&self.etc).ok();
        let ip = find("ip", "iproute2");
        Command::new(ip)
            .args(["netns", "delete", &self.name])
            .status()
            .ok();
    }
}

fn move_into(network: &File) {
    move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))
        .expect("only root moves between networks");
}

fn ip(arguments: &[&str]) {
    let output = Command::new(find("ip", "iproute2"))
        .args(arguments)
        .output()
        .expect("ip can be run");
    assert!(
        output.status.success(),
        "ip {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn only_what_is_there_can_be_reached() {
    use std::{
        io::ErrorKind,
        net::{TcpListener, TcpStream},
    };

    let here: IpAddr = [192, 0, 2, 1].into();
    let network = Network::new(&[here], here);
    let listener = TcpListener::bind((here, 25)).expect("port 25 of an own network is free");
    let error = TcpStream::connect(("198.51.100.1", 25)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NetworkUnreachable);
    let far: IpAddr = [203, 0, 113, 1].into();
    network.add(far);
    network.reach_from(far, here);
    let at_far = TcpListener::bind((far, 25)).unwrap();
    let stream = TcpStream::connect((far, 25)).unwrap();
    assert_eq!(stream.local_addr().unwrap().ip(), here);
    let shown = network
        .command(Command::new("cat").args(["/etc/resolv.conf"]))
        .output()
        .unwrap();
    assert_eq!(shown.stdout, b"nameserver 192.0.2.1\n");
    drop((listener, at_far, network));
    assert!(TcpListener::bind((here, 25)).is_err(), "back outside");
}
