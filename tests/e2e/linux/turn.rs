//! TURN (RFC 821): a provider that turns the line round for who has logged in, and what the bridge
//! does when the mail server is slower than the provider.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    sync::mpsc,
    time::Duration,
};

use socket2::SockRef;

use crate::{
    linux::rig::process,
    programs::{Home, account, outcome},
    rig::{
        listener::Listener,
        mail::{self, Message},
        mail_server::{MailServer, Stage},
        net,
        scripted::{Ending, Scripted, Step, hello, line},
        wait::{self, SOON},
    },
};

/// A home with the account `turn`, which logs in as `customer`.
fn home(provider: SocketAddr, mail_server: SocketAddr) -> Home {
    home_with(provider, mail_server, "")
}

/// The same with these further lines.
pub(super) fn home_with(provider: SocketAddr, mail_server: SocketAddr, more: &str) -> Home {
    let home = Home::new();
    let secret = home.path().join("secret");
    fs::write(&secret, "open sesame\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let lines = format!(
        "method = \"turn\"\nevery = \"1h\"\nmail_server = \"{mail_server}\"\nuser = \"customer\"\n\
         secret = \"file:secret\"\nlogin_in_clear = true\n{more}"
    );
    home.set_up(&[account("turn", provider, &lines)]);
    home
}

/// Up to the turn.
pub(super) fn turned() -> Vec<Step> {
    let mut script = hello(&["AUTH PLAIN LOGIN"]);
    script.extend([
        // NUL, the user, NUL, the password.
        Step::Expect("AUTH PLAIN AGN1c3RvbWVyAG9wZW4gc2VzYW1l"),
        line("235 2.7.0 Welcome"),
        Step::Expect("TURN"),
        line("250 Turning"),
        Step::Expect("220 "),
    ]);
    script
}

/// The EHLO of the provider, and what the mail server answers.
fn introduced() -> Vec<Step> {
    let mut script = vec![line("EHLO mail.provider.test")];
    script.extend((0..4).map(|_| Step::Expect("250-")));
    script.push(Step::Expect("250 "));
    script
}

fn goodbye() -> [Step; 2] {
    [line("QUIT"), Step::Expect("221 ")]
}

#[test]
fn after_the_login_the_line_turns_and_mail_comes_until_there_is_no_more() {
    let mail_server = MailServer::up();
    let mut sent = mail::awkward(2, "office@customer.test");
    sent.push(Message::sized("office@customer.test", mail::LARGE));
    let mut with_mail = turned();
    with_mail.extend(introduced());
    for message in &sent {
        with_mail.extend([
            Step::Send(
                format!(
                    "MAIL FROM:<{}>\r\nRCPT TO:<{}>\r\nDATA\r\n",
                    message.from, message.to
                )
                .into(),
            ),
            Step::Expect("250 "),
            Step::Expect("250 "),
            Step::Expect("354 "),
            Step::Send(mail::stuffed(&message.bytes)),
            Step::Expect("250 "),
        ]);
    }
    with_mail.extend(goodbye());
    let mut without = turned();
    without.extend(introduced());
    without.extend(goodbye());
    let provider = Scripted::start(vec![with_mail, without]);

    let run = home(provider.address(), mail_server.address()).run(&["poke", "turn", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("delivered", "messages-delivered"));
    assert_eq!(poke["method"], "turn");
    assert_eq!(poke["delivered"]["messages"], 3, "{poke:#}");
    mail::assert_arrived(&sent, &mail_server.arrivals());
    let conversations = provider.wait_for(2, SOON);
    assert_eq!(conversations.len(), 2);
    for conversation in conversations {
        assert!(
            matches!(conversation.ending, Ending::Closed | Ending::ClientClosed),
            "{:?}",
            conversation.ending
        );
    }
    assert!(!run.out.contains("sesame"), "{run:?}");
}

#[test]
fn who_is_not_ready_for_mail_does_not_ask_for_it() {
    let mail_server = MailServer::up();
    mail_server.answer(Stage::Greeting, "554 5.3.2 No service");
    let provider = Scripted::always(turned());
    let run = home(provider.address(), mail_server.address()).run(&["poke", "turn", "--json"]);
    assert_eq!(run.status, 75, "{run:?}");
    assert_eq!(outcome(&run.object()), ("held", "mail-server-not-ready"));
    assert!(provider.conversations().is_empty());
}

#[test]
fn a_turn_that_is_not_given_is_told_as_it_is() {
    let mail_server = MailServer::up();
    for (reply, status, expected) in [
        ("502 5.5.1 No TURN here", 76, ("refused", "not-implemented")),
        ("550 5.7.1 Not you", 77, ("refused", "denied")),
        ("451 4.3.0 Later", 75, ("refused", "try-later")),
    ] {
        let mut script = turned();
        script.truncate(script.len() - 2);
        script.extend([line(reply), Step::Expect("QUIT"), line("221 Bye")]);
        let provider = Scripted::always(script);
        let run = home(provider.address(), mail_server.address()).run(&["poke", "turn", "--json"]);
        assert_eq!(run.status, status, "{run:?}");
        assert_eq!(outcome(&run.object()), expected);
        provider.wait_for(1, SOON);
        // The mail server was told that nothing comes.
        wait::until("your mail server's visit to end", SOON, || {
            let visit = mail_server.visits().pop()?;
            (visit.over && visit.commands == ["QUIT"]).then_some(())
        });
    }
}

/// How long a peer that takes nothing is waited for: then every buffer on the way is full.
const FULL: Duration = Duration::from_millis(300);
/// What the system keeps of a connection at either end.
const SMALL: usize = 64 * 1024;
/// What the engine may grow by while 20 MB pass through it.
const GROWTH: u64 = 6_000_000;

/// The most memory that a process has had, in octets.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1024
}

/// Writes all, and says `stuck` the first time that nothing is taken.
fn push(mut stream: &TcpStream, mut octets: &[u8], stuck: &dyn Fn(usize)) -> io::Result<()> {
    let mut left = octets.len();
    stream.set_write_timeout(Some(FULL))?;
    while !octets.is_empty() {
        match stream.write(octets) {
            Ok(count) => octets = &octets[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                stuck(std::mem::take(&mut left) - octets.len());
                stream.set_write_timeout(None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A mail server that takes nothing of the text until the provider is stuck.
#[test]
fn a_slow_mail_server_holds_the_provider_up_and_fills_no_memory() {
    let mail_server = MailServer::up();
    let message = Message::sized("office@customer.test", mail::LARGE);
    let (go_on, wait_here) = mpsc::channel::<()>();
    let wait_here = std::sync::Mutex::new(wait_here);
    // Passes a little to the mail server, then no more until it is told to.
    let behind = mail_server.address();
    let slow = Listener::start(SocketAddr::from((net::address(), 0)), move |stream, _| {
        SockRef::from(stream).set_recv_buffer_size(SMALL).ok();
        let own = net::connect(net::UNBOUND.into(), behind).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                io::copy(&mut &own, &mut &*stream).ok();
                stream.shutdown(std::net::Shutdown::Write).ok();
            });
            io::copy(&mut stream.take(1000), &mut &own).ok();
            wait_here.lock().unwrap().recv_timeout(SOON).ok();
            io::copy(&mut &*stream, &mut &own).ok();
            own.shutdown(std::net::Shutdown::Write).ok();
        });
    });
    let (tell, told) = mpsc::channel();
    let text = mail::stuffed(&message.bytes);
    let (from, to) = (message.from.clone(), message.to.clone());
    let provider = Listener::start(SocketAddr::from((net::address(), 0)), move |stream, _| {
        SockRef::from(stream).set_send_buffer_size(SMALL).ok();
        let mut reader = BufReader::new(stream);
        let mut says = |said: &str, lines: usize| -> io::Result<()> {
            (&*stream).write_all(said.as_bytes())?;
            for _ in 0..lines {
                reader.read_line(&mut String::new())?;
            }
            Ok(())
        };
        let mut converse = || -> io::Result<()> {
            says("220 provider.test\r\n", 1)?;
            says("250-provider.test\r\n250 AUTH PLAIN\r\n", 1)?;
            says("235 in\r\n", 1)?;
            says("250 turning\r\n", 1)?;
            says("EHLO mail.provider.test\r\n", 5)?;
            says(
                &format!("MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n"),
                3,
            )?;
            push(stream, &text, &|passed| {
                tell.send(passed).ok();
                go_on.send(()).ok();
            })?;
            says("", 1)?;
            says("QUIT\r\n", 1)
        };
        converse().ok();
    });

    // Whoever looks at it first would be held up, too.
    let lines = "domains = [\"customer.test\"]\nmail_server_test = false";
    let home = home_with(provider.address(), slow.address(), lines);
    // The poke at its start brings the message; later visits find that the provider is gone.
    let mut engine = home.start(&["run"]);
    let passed = told.recv_timeout(SOON).expect("a provider that is held up");
    assert!(passed < mail::LARGE, "all of it was taken by someone");
    let before = peak(engine.pid());
    let arrivals = mail_server.wait_for(1, SOON);
    mail::assert_arrived(&[message], &arrivals);
    let after = peak(engine.pid());
    assert!(after < before + GROWTH, "{before} and then {after} octets");
    assert!(after < 40_000_000, "{after} octets");
    assert!(process::runs(engine.pid()));
    engine.stop();
}
