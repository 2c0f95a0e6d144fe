use std::{
    io,
    sync::{Arc, Mutex},
};

use dequeue_core::{
    notice::{About, PokeNews, Siblings, What},
    settings::{Account, Settings, channels::OnFailure, fault::FaultKind, value::Value},
};
use dequeue_smtp::Outcome;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use jiff::tz::TimeZone;

use super::*;

const PASSWORD: &str = "correct-horse-battery";
const TOKEN: &str = "tk_dont_show_this";
const KEY: &str = "fqOOd6F4MMNu";

fn notice() -> Outgoing {
    let said = Said {
        more: 0,
        nothing_reached: false,
        kind: NoticeKind::Failure,
        at: "2026-11-25T09:15:00Z".parse().unwrap(),
        about: vec![About {
            account: "vevida".into(),
            what: What::Poke {
                news: PokeNews {
                    outcome: Outcome::Refused,
                    poke: 1,
                    proves: false,
                    needs_user: false,
                    explanation: "Geweigerd: é. Ask the provider.".into(),
                },
                siblings: Siblings::default(),
                since: None,
            },
        }],
    };
    let words = said.notice(&Text::for_language("en"), &TimeZone::UTC);
    Outgoing::new(&said, &words, "office.example.org")
}

fn settings(values: &[(&str, &str)]) -> ChannelSettings {
    let mut settings = Settings::default();
    for (key, value) in values {
        settings.set(key, &Value::Text(value)).unwrap();
    }
    assert_eq!(settings.channels.check(), []);
    settings.channels
}

/// Channels that try three times without a pause, and what they report.
fn channels(
    settings: ChannelSettings,
    trust: CertificateRoots,
) -> (Channels, mpsc::UnboundedReceiver<(Channel, Option<Why>)>) {
    channels_within(settings, trust, Duration::from_secs(20))
}

fn channels_within(
    settings: ChannelSettings,
    trust: CertificateRoots,
    one: Duration,
) -> (Channels, mpsc::UnboundedReceiver<(Channel, Option<Why>)>) {
    let (report, reports) = mpsc::unbounded_channel();
    let limits = ChannelLimits {
        one,
        pauses: vec![Duration::ZERO; 2],
    };
    let secrets = |of| async move {
        match of {
            SecretOf::Mail => Some(PASSWORD.to_owned()),
            SecretOf::Webhook => Some(TOKEN.to_owned()),
            SecretOf::Heartbeat => Some(KEY.to_owned()),
        }
    };
    let on_result = move |channel, result: Result<(), ChannelFault>| {
        report
            .send((channel, result.err().map(|fault| fault.why)))
            .unwrap();
    };
    (
        Channels::new(settings, limits, trust, secrets, on_result),
        reports,
    )
}

// ---- Servers on loopback ------------------------------------------------------------------------

/// A certificate for 127.0.0.1, and who may trust it.
fn certificate() -> (TlsAcceptor, CertificateRoots) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let der = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    let trust = CertificateRoots::Only(vec![der.to_vec()]);
    (TlsAcceptor::from(Arc::new(config)), trust)
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

async fn accept(listener: &TcpListener, tls: Option<&TlsAcceptor>) -> io::Result<Box<dyn Stream>> {
    let (stream, _) = listener.accept().await?;
    Ok(match tls {
        Some(tls) => Box::new(tls.accept(stream).await?),
        None => Box::new(stream),
    })
}

struct Asked {
    head: String,
    body: String,
}

/// A web server that gives these statuses one after the other, the last again and again.
async fn web(
    tls: Option<TlsAcceptor>,
    statuses: &'static [u16],
) -> (String, mpsc::UnboundedReceiver<Asked>) {
    web_that_says(tls, statuses, "").await
}

/// The same, with words.
async fn web_that_says(
    tls: Option<TlsAcceptor>,
    statuses: &'static [u16],
    words: &'static str,
) -> (String, mpsc::UnboundedReceiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{}", listener.local_addr().unwrap());
    let (seen, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut statuses = statuses.iter().copied();
        let mut status = 0;
        loop {
            let Ok(line) = accept(&listener, tls.as_ref()).await else {
                continue;
            };
            let mut line = BufStream::new(line);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                line.read_line(&mut head).await.unwrap();
            }
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().unwrap());
            let mut body = vec![0; length];
            line.read_exact(&mut body).await.unwrap();
            let body = String::from_utf8(body).unwrap();
            status = statuses.next().unwrap_or(status);
            // Before the answer, so that it is there when who asked goes on.
            let _ = seen.send(Asked { head, body });
            let reply = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{words}",
                words.len()
            );
            let _ = line.write_all(reply.as_bytes()).await;
            let _ = line.flush().await;
            let _ = line.shutdown().await;
        }
    });
    (address, asked)
}

/// A web server whose answer has no end. Counts the octets that went.
async fn endless_web() -> (String, Arc<std::sync::atomic::AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let said = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = said.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX: ").await;
            while let Ok(count) = stream.write(&[b'x'; 1 << 16]).await {
                counted.fetch_add(count as u64, std::sync::atomic::Ordering::Relaxed);
            }
        }
    });
    (address, said)
}

/// A mail server that accepts everything except commands that begin with `refused` so many times,
/// and tells each line that it got.
async fn mail_server(
    acceptor: TlsAcceptor,
    implicit: bool,
    refusal: Option<(&'static str, &'static str, usize)>,
) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, lines) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut refusals = refusal.map_or(0, |(_, _, times)| times);
        loop {
            let Ok(line) = accept(&listener, implicit.then_some(&acceptor)).await else {
                continue;
            };
            let mut line = BufStream::new(line);
            let mut secure = implicit;
            let mut in_data = false;
            let mut reply = "220 mx.test ESMTP\r\n".to_owned();
            loop {
                line.write_all(reply.as_bytes()).await.unwrap();
                line.flush().await.unwrap();
                let mut said = String::new();
                if line.read_line(&mut said).await.unwrap_or(0) == 0 {
                    break;
                }
                let _ = seen.send(said.trim_end().to_owned());
                let verb = said.split_whitespace().next().unwrap_or_default();
                reply = match (in_data, verb) {
                    (true, ".") => {
                        in_data = false;
                        "250 taken\r\n".to_owned()
                    }
                    (true, _) => String::new(),
                    (false, verb) => match refusal.filter(|(refused, ..)| *refused == verb) {
                        Some((_, reply, _)) if refusals > 0 => {
                            refusals -= 1;
                            format!("{reply}\r\n")
                        }
                        _ => match verb {
                            "EHLO" if secure => "250-mx.test\r\n250 AUTH PLAIN LOGIN\r\n".into(),
                            "EHLO" => "250-mx.test\r\n250 STARTTLS\r\n".into(),
                            "AUTH" => "235 welcome\r\n".into(),
                            "DATA" => {
                                in_data = true;
                                "354 go on\r\n".into()
                            }
                            "STARTTLS" => {
                                line.write_all(b"220 go on\r\n").await.unwrap();
                                line.flush().await.unwrap();
                                let open = line.into_inner();
                                let tls = acceptor.accept(open).await.unwrap();
                                line = BufStream::new(Box::new(tls));
                                secure = true;
                                String::new()
                            }
                            _ => "250 fine\r\n".into(),
                        },
                    },
                };
            }
        }
    });
    (port, lines)
}

fn mail_settings(port: u16, tls: &str) -> ChannelSettings {
    settings(&[
        ("notice_mail_host", "127.0.0.1"),
        ("notice_mail_port", &port.to_string()),
        ("notice_mail_tls", tls),
        ("notice_mail_user", "dequeue"),
        ("notice_mail_from", "Dequeue <dequeue@example.org>"),
        ("notice_mail_to", "admin@example.org, second@example.org"),
    ])
}

fn heartbeat(address: &str, on_failure: OnFailure) -> Heartbeat {
    Heartbeat {
        address: address.parse().unwrap(),
        on_failure,
        failure: None,
    }
}

fn all<T>(receiver: &mut mpsc::UnboundedReceiver<T>) -> Vec<T> {
    std::iter::from_fn(|| receiver.try_recv().ok()).collect()
}

// ---- Webhook and heartbeat ----------------------------------------------------------------------

#[tokio::test]
async fn a_webhook_gets_json_over_tls() {
    let (acceptor, trust) = certificate();
    let (address, mut asked) = web(Some(acceptor), &[200]).await;
    let hook = format!("{address}/hook?key=1");
    let (channels, mut reports) = channels(settings(&[("notice_webhook", &hook)]), trust);
    channels.tell(notice());
    assert_eq!(reports.recv().await, Some((Channel::Webhook, None)));
    let asked = asked.recv().await.unwrap();
    assert!(
        asked.head.starts_with("POST /hook?key=1 HTTP/1.1\r\n"),
        "{}",
        asked.head
    );
    let head = asked.head.to_lowercase();
    assert!(
        head.contains("content-type: application/json\r\n"),
        "{head}"
    );
    assert!(head.contains(&format!("authorization: bearer {TOKEN}\r\n")));
    let json: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "kind": "failure",
            "account": "vevida",
            "accounts": ["vevida"],
            "title": "vevida: could not request mail",
            "body": "Geweigerd: é. Ask the provider.",
            "text": "vevida: could not request mail\n\nGeweigerd: é. Ask the provider.\n\nDequeue, office.example.org",
            "at": "2026-11-25T09:15:00Z",
            "machine": "office.example.org",
        })
    );
}

#[tokio::test]
async fn a_webhook_gets_plain_text() {
    let (address, mut asked) = web(None, &[204]).await;
    let set = settings(&[
        ("notice_webhook", &address),
        ("notice_webhook_body", "text"),
    ]);
    let (channels, mut reports) = channels(set, CertificateRoots::System);
    channels.tell(notice());
    assert_eq!(reports.recv().await, Some((Channel::Webhook, None)));
    let asked = asked.recv().await.unwrap();
    assert_eq!(
        asked.body,
        "vevida: could not request mail\n\nGeweigerd: é. Ask the provider.\n\nDequeue, office.example.org"
    );
}

/// What a service says beside a status of success counts, too.
#[tokio::test]
async fn a_service_may_say_no_in_a_success() {
    for (words, expected) in [("ok", None), ("invalid_token", Some(Why::Refused))] {
        let (address, mut asked) = web_that_says(None, &[200], words).await;
        let set = settings(&[
            ("notice_webhook", &address),
            ("notice_webhook_body", "slack"),
        ]);
        let (channels, mut reports) = channels(set, CertificateRoots::System);
        channels.tell(notice());
        assert_eq!(reports.recv().await, Some((Channel::Webhook, expected)));
        assert_eq!(all(&mut asked).len(), 1);
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for (statuses, expected, tries) in [
        (&[503, 429, 200][..], None, 3),
        (&[500, 500, 500, 200], Some(Why::Status(500)), 3),
        (&[404, 200], Some(Why::Status(404)), 1),
        // A page to log in at is no success.
        (&[302, 200], Some(Why::Status(302)), 1),
    ] {
        let (address, mut asked) = web(None, statuses).await;
        let set = settings(&[("notice_webhook", &address)]);
        let (channels, mut reports) = channels(set, CertificateRoots::System);
        channels.tell(notice());
        assert_eq!(reports.recv().await, Some((Channel::Webhook, expected)));
        assert_eq!(all(&mut asked).len(), tries, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_webhook_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let set = settings(&[("notice_webhook", &address)]);
    let (channels, mut reports) =
        channels_within(set, CertificateRoots::System, Duration::from_millis(50));
    channels.tell(notice());
    // Nobody waits for it meanwhile.
    assert_eq!(all(&mut reports), []);
    assert_eq!(
        reports.recv().await,
        Some((Channel::Webhook, Some(Why::TimedOut)))
    );
    drop(listener);
    channels.tell(notice());
    let (_, why) = reports.recv().await.unwrap();
    assert!(matches!(why, Some(Why::NotConnected(_))), "{why:?}");
}

#[tokio::test]
async fn a_webhook_whose_answer_has_no_end() {
    let (address, said) = endless_web().await;
    let set = settings(&[("notice_webhook", &address)]);
    let (channels, mut reports) = channels(set, CertificateRoots::System);
    channels.tell(notice());
    let (_, why) = reports.recv().await.unwrap();
    assert!(why.is_some());
    let said = said.load(std::sync::atomic::Ordering::Relaxed);
    // In all its tries, with the buffers of the sockets.
    assert!(said < 64 << 20, "{said} octets were taken");
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts() {
    let (acceptor, _) = certificate();
    let (_, other) = certificate();
    let (address, mut asked) = web(Some(acceptor), &[200]).await;
    let set = settings(&[("notice_webhook", &address)]);
    let (channels, mut reports) = channels(set, other);
    channels.tell(notice());
    let (_, why) = reports.recv().await.unwrap();
    assert!(matches!(why, Some(Why::Tls(_))), "{why:?}");
    assert_eq!(all(&mut asked).len(), 0);
}

#[tokio::test]
async fn heartbeats() {
    let (address, mut asked) = web(None, &[200]).await;
    let address = format!("{address}/ping/uuid");
    let (channels, mut reports) = channels(ChannelSettings::default(), CertificateRoots::System);
    for (on_failure, outcome, line) in [
        (OnFailure::Nothing, Ok(()), "GET /ping/uuid HTTP/1.1"),
        (OnFailure::Fail, Err("why"), "GET /ping/uuid/fail HTTP/1.1"),
        (OnFailure::Fail, Ok(()), "GET /ping/uuid HTTP/1.1"),
    ] {
        channels.beat(&heartbeat(&address, on_failure), outcome);
        assert_eq!(reports.recv().await, Some((Channel::Heartbeat, None)));
        let head = asked.recv().await.unwrap().head;
        assert_eq!(head.lines().next(), Some(line));
    }
    channels.beat(&heartbeat(&address, OnFailure::Nothing), Err("why"));
    assert!(channels.0.beating().is_empty());
}

#[tokio::test]
async fn a_key_in_an_address_need_not_stand_in_the_settings() {
    let (address, mut asked) = web(None, &[200]).await;
    let set = settings(&[("notice_webhook", &format!("{address}/services/{{secret}}"))]);
    let (channels, mut reports) = channels(set, CertificateRoots::System);
    channels.tell(notice());
    assert_eq!(reports.recv().await, Some((Channel::Webhook, None)));
    let head = asked.recv().await.unwrap().head;
    let line = format!("POST /services/{TOKEN} ");
    assert!(head.starts_with(&line), "{head}");
    assert!(!head.to_lowercase().contains("authorization"), "{head}");
    for (outcome, path) in [
        (Ok(()), format!("/{KEY}/a?b=c")),
        (Err("why"), format!("/{KEY}/a/fail?b=c")),
    ] {
        let heartbeat = heartbeat(&format!("{address}/{{secret}}/a?b=c"), OnFailure::Fail);
        channels.beat(&heartbeat, outcome);
        assert_eq!(reports.recv().await, Some((Channel::Heartbeat, None)));
        let head = asked.recv().await.unwrap().head;
        assert!(head.starts_with(&format!("GET {path} ")), "{head}");
    }
    // Neither leads a secret elsewhere.
    for wrong in [
        "https://h{secret}/x",
        "https://{secret}.h.test/x",
        "{secret}",
    ] {
        assert!(wrong.parse::<WebAddress>().is_err(), "{wrong}");
    }
    let plain: WebAddress = "https://h.test/{secret}".parse().unwrap();
    assert_eq!(plain.with_secret("a b"), None);
    assert!(
        plain
            .with_secret("a/b")
            .unwrap()
            .as_str()
            .ends_with("h.test/a/b")
    );
}

#[tokio::test]
async fn without_the_secret_nobody_is_called() {
    let (address, mut asked) = web(None, &[200]).await;
    let set = settings(&[("notice_webhook", &format!("{address}/{{secret}}"))]);
    let (report, mut reports) = mpsc::unbounded_channel();
    let on_result = move |_, result: Result<(), ChannelFault>| {
        let fault = result.unwrap_err();
        report
            .send(fault.sentence(&Text::for_language("en")))
            .unwrap();
    };
    let none = |_| async { None };
    let channels = Channels::new(
        set,
        ChannelLimits::default(),
        CertificateRoots::System,
        none,
        on_result,
    );
    channels.tell(notice());
    let told = reports.recv().await.unwrap();
    assert!(told.contains("secret set notice_webhook_secret"), "{told}");
    let heartbeat = heartbeat(&format!("{address}/{{secret}}"), OnFailure::Nothing);
    channels.beat(&heartbeat, Ok(()));
    let told = reports.recv().await.unwrap();
    assert!(told.contains("secret set heartbeat_secret"), "{told}");
    assert_eq!(all(&mut asked).len(), 0);
}

/// However many pokes there are, one heartbeat is on its way to an address and one may follow.
#[tokio::test]
async fn heartbeats_that_cannot_keep_up() {
    let (address, mut asked) = web(None, &[200]).await;
    let heartbeat = heartbeat(&address, OnFailure::Fail);
    let (channels, mut reports) = channels(ChannelSettings::default(), CertificateRoots::System);
    for i in 0..100 {
        channels.beat(&heartbeat, if i < 99 { Ok(()) } else { Err("why") });
    }
    for _ in 0..2 {
        assert_eq!(reports.recv().await, Some((Channel::Heartbeat, None)));
    }
    let heads: Vec<String> = all(&mut asked)
        .into_iter()
        .map(|asked| asked.head)
        .collect();
    assert_eq!(heads.len(), 2);
    assert!(
        heads[1].starts_with("GET /fail "),
        "the latest counts: {heads:?}"
    );
    assert!(channels.0.beating().is_empty());
}

// ---- E-mail -------------------------------------------------------------------------------------

#[tokio::test]
async fn an_e_mail_over_tls() {
    for (tls, implicit) in [("implicit", true), ("required", false)] {
        let (acceptor, trust) = certificate();
        let (port, mut lines) = mail_server(acceptor, implicit, None).await;
        let (channels, mut reports) = channels(mail_settings(port, tls), trust);
        channels.tell(notice());
        assert_eq!(reports.recv().await, Some((Channel::Mail, None)), "{tls}");
        let lines = all(&mut lines);
        let has = |wanted: &str| assert!(lines.iter().any(|line| line == wanted), "{lines:#?}");
        // RFC 4616: NUL, user, NUL, password.
        has("AUTH PLAIN AGRlcXVldWUAY29ycmVjdC1ob3JzZS1iYXR0ZXJ5");
        has("MAIL FROM:<dequeue@example.org>");
        has("RCPT TO:<admin@example.org>");
        has("RCPT TO:<second@example.org>");
        has("Subject: vevida: could not request mail");
        has("Date: Wed, 25 Nov 2026 09:15:00 +0000");
        has("Auto-Submitted: auto-generated");
        has("Dequeue, office.example.org");
        let starttls = lines.iter().position(|line| line == "STARTTLS");
        let auth = lines.iter().position(|line| line.starts_with("AUTH"));
        assert_eq!(starttls.is_some(), !implicit);
        assert!(starttls < auth, "{lines:#?}");
    }
}

/// No header of its own, no line of the message turned round.
#[tokio::test]
async fn a_strangers_words_act_nowhere_in_an_e_mail() {
    let (acceptor, trust) = certificate();
    let (port, mut lines) = mail_server(acceptor, true, None).await;
    let (channels, mut reports) = channels(mail_settings(port, "implicit"), trust);
    let evil = "x\r\nBcc: all@e.test\n\n<b>\u{2028}\u{9b}\x1b[0m.\n.\n";
    channels.tell(Outgoing {
        title: evil.to_owned(),
        body: evil.to_owned(),
        ..notice()
    });
    assert_eq!(reports.recv().await, Some((Channel::Mail, None)));
    let lines = all(&mut lines);
    let data = lines.iter().position(|line| line == "DATA").unwrap();
    let end = lines[data..].iter().position(String::is_empty).unwrap();
    let (head, body) = lines[data + 1..].split_at(end - 1);
    let head = head.join("\n");
    assert!(
        !head.contains("\nBcc:") && head.contains("Subject:"),
        "{head}"
    );
    assert!(head.contains(r"\r\nBcc"), "{head}");
    assert_eq!(lines.iter().filter(|line| *line == ".").count(), 1);
    let body = body.join("");
    for acts in ["\u{2028}", "\u{9b}", "\x1b", "=E2=80=A8", "=1B", "=9B"] {
        assert!(!body.contains(acts), "{body}");
    }
}

#[tokio::test]
async fn a_mail_server_that_refuses() {
    for (refusal, expected, tries) in [
        (("MAIL", "451 later", 1), None, 2),
        (("RCPT", "450 full", 9), Some(Why::Reply(450)), 3),
        (("AUTH", "535 no", 9), Some(Why::Reply(535)), 1),
    ] {
        let (acceptor, trust) = certificate();
        let (port, mut lines) = mail_server(acceptor, true, Some(refusal)).await;
        let (channels, mut reports) = channels(mail_settings(port, "implicit"), trust);
        channels.tell(notice());
        assert_eq!(reports.recv().await, Some((Channel::Mail, expected)));
        let lines = all(&mut lines);
        let tried = lines.iter().filter(|line| line.starts_with("EHLO")).count();
        assert_eq!(tried, tries, "{lines:#?}");
    }
}

#[tokio::test]
async fn no_password_goes_over_an_open_line() {
    // A server without STARTTLS, where it is required.
    let (acceptor, trust) = certificate();
    let refusal = ("STARTTLS", "454 not now", 9);
    let (port, mut lines) = mail_server(acceptor, false, Some(refusal)).await;
    let (channels, mut reports) = channels(mail_settings(port, "required"), trust);
    channels.tell(notice());
    let (_, why) = reports.recv().await.unwrap();
    assert_eq!(why, Some(Why::Reply(454)));
    assert!(!all(&mut lines).iter().any(|line| line.starts_with("AUTH")));

    let mut open = Settings {
        channels: mail_settings(port, "required"),
        ..Settings::default()
    };
    open.set("notice_mail_tls", &Value::Text("none")).unwrap();
    assert_eq!(open.channels.check()[0].kind, FaultKind::OpenLine);
}

// ---- Command ------------------------------------------------------------------------------------

#[cfg(unix)]
mod command {
    use super::{super::command::PASSED_ON, *};

    fn shell(script: &str) -> ChannelSettings {
        let mut settings = Settings::default();
        let words = ["/bin/sh", "-c", script].map(Value::Text).to_vec();
        settings.set("notice_command", &Value::List(words)).unwrap();
        settings.channels
    }

    #[tokio::test]
    async fn gets_the_notice_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().display();
        let script = format!("cat >{out}/stdin; env >{out}/env");
        let (channels, mut reports) = channels(shell(&script), CertificateRoots::System);
        channels.tell(notice());
        assert_eq!(reports.recv().await, Some((Channel::Command, None)));
        let stdin = std::fs::read_to_string(folder.path().join("stdin")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&stdin).unwrap();
        assert_eq!(json["account"], "vevida");
        let env = std::fs::read_to_string(folder.path().join("env")).unwrap();
        for line in [
            "DEQUEUE_NOTICE_KIND=failure",
            "DEQUEUE_NOTICE_ACCOUNT=vevida",
            "DEQUEUE_NOTICE_TITLE=vevida: could not request mail",
            "DEQUEUE_NOTICE_BODY=Geweigerd: é. Ask the provider.",
            "DEQUEUE_NOTICE_AT=2026-11-25T09:15:00Z",
            "DEQUEUE_NOTICE_MACHINE=office.example.org",
        ] {
            assert!(env.lines().any(|other| other == line), "{line} in {env}");
        }
        // The shell's own, and what is passed on.
        let own = ["PWD", "OLDPWD", "SHLVL", "_"];
        for line in env.lines() {
            let name = line.split('=').next().unwrap();
            let known = name.starts_with("DEQUEUE_NOTICE_")
                || own.contains(&name)
                || PASSED_ON.contains(&name);
            assert!(known, "{line}");
        }
    }

    /// However many accounts a notice is about: no system takes them all in one variable.
    #[tokio::test]
    async fn gets_as_much_as_a_variable_holds() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().display();
        let set = shell(&format!("cat > '{out}/stdin'; env > '{out}/env'"));
        let (channels, mut reports) = channels(set, CertificateRoots::System);
        let accounts: Vec<String> = (0..5000).map(|i| format!("{i:>060}")).collect();
        let many = Outgoing {
            accounts: accounts.clone(),
            body: "é\0".repeat(100_000),
            ..notice()
        };
        channels.tell(many);
        assert_eq!(reports.recv().await, Some((Channel::Command, None)));
        let env = std::fs::read_to_string(folder.path().join("env")).unwrap();
        assert!(env.contains("DEQUEUE_NOTICE_ACCOUNT=0000"));
        assert!(env.lines().all(|line| line.len() < 10_000));
        let stdin = std::fs::read_to_string(folder.path().join("stdin")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&stdin).unwrap();
        assert_eq!(json["accounts"], serde_json::json!(accounts));
    }

    #[tokio::test]
    async fn that_fails_or_is_not_there() {
        let (channels, mut reports) = channels(shell("exit 3"), CertificateRoots::System);
        channels.tell(notice());
        assert_eq!(
            reports.recv().await,
            Some((Channel::Command, Some(Why::Exit(Some(3)))))
        );
        let set = settings(&[("notice_command", "/no/such/program")]);
        let (channels, mut reports) = super::channels(set, CertificateRoots::System);
        channels.tell(notice());
        let (_, why) = reports.recv().await.unwrap();
        assert!(matches!(why, Some(Why::NotStarted(_))), "{why:?}");
    }

    #[tokio::test]
    async fn that_does_not_read_its_input() {
        let long = Outgoing {
            body: "x".repeat(100_000),
            ..notice()
        };
        let (channels, _) = channels(shell("exec <&-; exit 0"), CertificateRoots::System);
        assert_eq!(channels.try_each(long).await, [(Channel::Command, Ok(()))]);
    }

    /// The clock stands while the pipe is read in a thread, then jumps to the limit.
    #[cfg(target_os = "linux")]
    #[tokio::test(start_paused = true)]
    async fn that_hangs_is_killed() {
        use rustix::{
            fs::{CWD, FileType, Mode, mknodat},
            process::{Pid, test_kill_process},
        };
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let script = format!("echo $$ >{}; sleep 600; true", pipe.display());
        let (channels, _) = channels_within(
            shell(&script),
            CertificateRoots::System,
            Duration::from_secs(3600),
        );
        let started = tokio::task::spawn_blocking(move || std::fs::read_to_string(pipe).unwrap());
        let (results, pid) = tokio::join!(channels.try_each(notice()), started);
        let fault = ChannelFault {
            channel: Channel::Command,
            why: Why::TimedOut,
        };
        assert_eq!(results, [(Channel::Command, Err(fault))]);
        let pid = Pid::from_raw(pid.unwrap().trim().parse().unwrap()).unwrap();
        assert_eq!(test_kill_process(pid), Err(rustix::io::Errno::SRCH));
    }
}

// ---- Secrets, settings, words -------------------------------------------------------------------

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_in_the_log_or_in_what_is_reported() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // For all threads: what one thread logs to may be asked of another. No other test needs one.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (acceptor, trust) = certificate();
    let refusal = ("AUTH", "535 what is Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5?", 9);
    let (port, _lines) = mail_server(acceptor, true, Some(refusal)).await;
    let (address, _asked) = web(None, &[404]).await;
    let mut set = Settings {
        channels: mail_settings(port, "implicit"),
        ..Settings::default()
    };
    let hook = format!("{address}/services/{TOKEN}");
    set.set("notice_webhook", &Value::Text(&hook)).unwrap();
    let (channels, mut reports) = channels(set.channels, trust);
    channels.tell(notice());
    channels.beat(&heartbeat(&hook, OnFailure::Fail), Ok(()));
    let mut seen = format!("{channels:?}");
    for _ in 0..3 {
        seen += &format!("{:?}", reports.recv().await.unwrap());
    }
    seen += &String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(seen.contains("was not delivered"), "{seen}");
    for secret in [PASSWORD, TOKEN, "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"] {
        assert!(!seen.contains(secret), "{seen}");
    }
    let fault = Settings::default()
        .set(
            "notice_webhook",
            &Value::Text("ftp://x/services/tk_dont_show_this"),
        )
        .unwrap_err();
    assert!(!fault.sentence(&Text::for_language("en")).contains(TOKEN));
}

#[test]
fn what_people_type() {
    for (key, typed, shown) in [
        ("notice_command", "/opt/tell  admin", "/opt/tell admin"),
        (
            "notice_command",
            r#""C:\Program Files\tell.exe" --a="b c" """#,
            r#""C:\Program Files\tell.exe" "--a=b c" """#,
        ),
        ("notice_command", "", ""),
        (
            "notice_webhook",
            "https://ntfy.sh/topic",
            "https://ntfy.sh/topic",
        ),
        ("notice_webhook_body", "google-chat", "google-chat"),
        (
            "notice_webhook_body",
            r#"{"x": "{title}, {body}"}"#,
            r#"{"x": "{title}, {body}"}"#,
        ),
        ("notice_webhook_body", "", ""),
        ("notice_mail_host", "mail.example.org", "mail.example.org"),
        ("notice_mail_port", "2525", "2525"),
        ("notice_mail_tls", "required", "required"),
        ("notice_mail_user", "me", "me"),
        ("notice_mail_from", "me@example.org", "me@example.org"),
        (
            "notice_mail_to",
            "a@example.org; b@example.org",
            "a@example.org, b@example.org",
        ),
    ] {
        let set = settings_unchecked(key, typed).unwrap();
        let texts = set.general_texts();
        let (_, text) = texts.iter().find(|(field, _)| *field == key).unwrap();
        assert_eq!(text, shown);
        let mut again = Settings::default();
        for (key, text) in &texts {
            again.set(key, &Value::Text(text)).unwrap();
        }
        assert_eq!(again, set);
    }
    for (key, typed, kind) in [
        ("notice_command", "say \"hello", FaultKind::OpenQuote),
        ("notice_webhook", "ntfy.sh/topic", FaultKind::NotAWebAddress),
        (
            "notice_webhook",
            "https://me:secret@ntfy.sh/topic",
            FaultKind::LoginInAddress,
        ),
        (
            "notice_webhook",
            "file:///etc/passwd",
            FaultKind::NotAWebAddress,
        ),
        (
            "notice_webhook",
            "https://ntfy.sh/{left-out}",
            FaultKind::LeftOut,
        ),
        ("notice_command", "{left-out}", FaultKind::LeftOut),
        ("notice_webhook_body", "xml", FaultKind::UnknownChoice),
        (
            "notice_webhook_body",
            "{\"text\": \"x\"}",
            FaultKind::NotATemplate,
        ),
        ("notice_mail_port", "0", FaultKind::OutOfRange),
        ("notice_mail_tls", "opportunistic", FaultKind::UnknownChoice),
        ("notice_mail_from", "me", FaultKind::NotAMailAddress),
        (
            "notice_mail_to",
            "a@example.org, b",
            FaultKind::NotAMailAddress,
        ),
        ("notice_pigeon", "coo", FaultKind::UnknownKey),
    ] {
        assert_eq!(
            settings_unchecked(key, typed).unwrap_err().kind,
            kind,
            "{key} {typed}"
        );
    }
    let alone = settings_unchecked("notice_mail_host", "mail.example.org").unwrap();
    let missing: Vec<String> = alone
        .channels
        .check()
        .into_iter()
        .map(|fault| fault.field)
        .collect();
    assert_eq!(missing, ["notice_mail_from", "notice_mail_to"]);
}

#[test]
fn where_each_way_leads_is_told_without_what_may_be_a_key() {
    let set = settings(&[
        ("notice_command", "/opt/pager/send --token hunter2"),
        ("notice_webhook", "https://ntfy.test:8443?topic=hunter2"),
        ("notice_mail_host", "mail.test"),
        ("notice_mail_from", "Dequeue <dequeue@office.test>"),
        ("notice_mail_to", "Anna <anna@office.test>, ben@office.test"),
    ]);
    let told = set.destinations();
    assert_eq!(
        told,
        [
            (Channel::Command, "send".to_owned()),
            (Channel::Webhook, "ntfy.test:8443".to_owned()),
            (
                Channel::Mail,
                "anna@office.test, ben@office.test".to_owned()
            ),
        ]
    );
    assert_eq!(ChannelSettings::default().destinations(), []);
}

fn settings_unchecked(
    key: &str,
    value: &str,
) -> Result<Settings, dequeue_core::settings::fault::Fault> {
    let mut settings = Settings::default();
    settings.set(key, &Value::Text(value)).map(|()| settings)
}

#[test]
fn a_failed_heartbeats_address() {
    let why = "Refused: “no” & 50 %?\u{202e}";
    let told = "status=down&msg=Refused%3A+%E2%80%9Cno%E2%80%9D+%26+50+%25%3F%5Cu%7B202e%7D";
    for (address, failed) in [
        (
            "https://hc-ping.com/uuid",
            "https://hc-ping.com/uuid/fail".to_owned(),
        ),
        (
            "https://hc-ping.com/uuid/",
            "https://hc-ping.com/uuid/fail".to_owned(),
        ),
        (
            "https://h.test/p?key=1",
            "https://h.test/p/fail?key=1".to_owned(),
        ),
        (
            "https://uptime.betterstack.com/api/v1/heartbeat/key",
            "https://uptime.betterstack.com/api/v1/heartbeat/key/fail".to_owned(),
        ),
        (
            "https://kuma.test/api/push/key?status=up&msg=OK&ping=",
            format!("https://kuma.test/api/push/key?{told}&ping="),
        ),
        (
            "https://kuma.test/sub/api/push/key",
            format!("https://kuma.test/sub/api/push/key?{told}"),
        ),
        (
            "https://push.test/{secret}?status=up",
            format!("https://push.test/{{secret}}?{told}"),
        ),
    ] {
        let heartbeat = heartbeat(address, OnFailure::Fail);
        assert_eq!(heartbeat.address_of_success().as_str(), address);
        assert_eq!(heartbeat.address_of_failure(why).unwrap().as_str(), failed);
    }
    let quiet = heartbeat("https://h.test/up", OnFailure::Nothing);
    assert_eq!(quiet.address_of_failure(why), None);
    let apart = Heartbeat {
        failure: Some("https://h.test/down".parse().unwrap()),
        ..quiet
    };
    let called = apart.address_of_failure(why).unwrap();
    assert_eq!(called.as_str(), "https://h.test/down");
}

/// A secret over an open line is refused by the settings and, where it is stored elsewhere, when it
/// would be sent.
#[tokio::test]
async fn no_secret_goes_over_an_open_line() {
    let faults = |values: &[(&str, &str)]| {
        let fields = values
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        match Settings::default().with_general(&fields.collect()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.into_iter().map(|it| (it.field, it.kind)).collect(),
        }
    };
    let open = vec![("notice_webhook".to_owned(), FaultKind::SecretInClear)];
    let token = ("notice_webhook_secret", "env:TOKEN");
    for (address, more, expected) in [
        ("http://hook.test/x", Some(token), &open),
        ("http://192.0.2.7/x?token={secret}", None, &open),
        ("HTTP://localhost.evil.test/{secret}", None, &open),
        ("http://hook.test/x", None, &Vec::new()),
        ("https://hook.test/{secret}", Some(token), &Vec::new()),
        ("http://127.0.0.1:8080/x", Some(token), &Vec::new()),
        ("http://[::1]/{secret}", None, &Vec::new()),
    ] {
        let values: Vec<_> = std::iter::once(("notice_webhook", address))
            .chain(more)
            .collect();
        assert_eq!(&faults(&values), expected, "{values:?}");
    }
    for key in ["heartbeat", "heartbeat_failure"] {
        let fields = [
            ("heartbeat", "https://hc.test/x"),
            (key, "http://hc.test/{secret}"),
        ];
        let fields = fields.map(|(key, value)| (key, Value::Text(value)));
        let faults = Account::unnamed(fields.into_iter().chain([("host", Value::Text("h.test"))]));
        let faults: Vec<_> = faults
            .unwrap_err()
            .into_iter()
            .map(|it| (it.field, it.kind))
            .collect();
        assert_eq!(faults, [(key.to_owned(), FaultKind::SecretInClear)]);
    }
    let set = settings(&[("notice_webhook", "http://hook.test/x")]);
    let (channels, mut reports) = channels(set, CertificateRoots::System);
    channels.tell(notice());
    let expected = Some((Channel::Webhook, Some(Why::OpenLine)));
    assert_eq!(reports.recv().await, expected);
}

#[test]
fn every_fault_has_its_words() {
    for language in dequeue_core::text::LANGUAGES {
        let text = Text::for_language(language);
        for channel in Channel::ALL {
            for why in [
                Why::NotStarted("no such file".into()),
                Why::Exit(Some(3)),
                Why::TimedOut,
                Why::NotConnected("refused".into()),
                Why::Tls("unknown issuer".into()),
                Why::Status(404),
                Why::Reply(535),
                Why::NoSecret,
                Why::SecretUnfit,
                Why::Protocol,
                Why::Refused,
                Why::OpenLine,
            ] {
                let sentence = ChannelFault { channel, why }.sentence(&text);
                assert!(
                    !sentence.contains("channel-") && sentence.contains(". "),
                    "{sentence}"
                );
            }
        }
    }
}
