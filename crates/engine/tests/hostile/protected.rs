//! Providers under TLS, and those that should be.

use std::{io::Write, sync::Arc};

use dequeue_smtp::{Outcome::*, Reason::*};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tempfile::NamedTempFile;

use crate::{
    Case, all,
    peer::{Op, say},
};

const GIGABYTE: u64 = 1 << 30;
const XS: &[u8] = &[b'x'; 16 * 1024];
/// TLS's fatal alert "handshake failure".
const ALERT: &[u8] = b"\x15\x03\x03\x00\x02\x02\x28";
/// A ServerHello's beginning, of a message of 16 MiB.
const HUGE: &[u8] = b"\x16\x03\x03\x00\x08\x02\xff\xff\xff\x03\x03\0\0";

/// An authority of our own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The file that an account names.
    pub(crate) fn file(&self) -> NamedTempFile {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(self.0.pem().as_bytes()).unwrap();
        file
    }

    /// A server with a certificate for this name, in force in these years.
    pub(crate) fn server(&self, name: &str, years: (i32, i32)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate: CertificateDer<'static> = params.signed_by(&key, &self.0).unwrap().into();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        // Nothing is said behind the handshake but what a script says.
        config.send_tls13_tickets = 0;
        Arc::new(config)
    }
}

/// Up to the 220 to STARTTLS.
fn starttls(then: impl IntoIterator<Item = Op>) -> Vec<Op> {
    [
        say("220 hi\r\n"),
        Op::Hear("EHLO"),
        say("250-hi\r\n250-ETRN\r\n250 STARTTLS\r\n"),
        Op::Hear("STARTTLS"),
    ]
    .into_iter()
    .chain(then)
    .collect()
}

/// A whole conversation in the clear, without TLS on offer.
fn bare() -> Vec<Op> {
    vec![
        say("220 hi\r\n"),
        Op::Hear("EHLO"),
        say("250-hi\r\n250-AUTH PLAIN\r\n250 ETRN\r\n"),
        Op::Hear("ETRN"),
        say("250 OK\r\n"),
        Op::Hear("QUIT"),
        say("221 bye\r\n"),
    ]
}

#[tokio::test(start_paused = true)]
async fn who_should_speak_tls_and_does_not() {
    let answers = [
        (
            "an alert",
            vec![say("220 go\r\n"), Op::HearSome, Op::Say(ALERT.into())],
            TlsFailed,
            0,
        ),
        (
            "SMTP",
            vec![say("220 go\r\n"), Op::HearSome, say("250 what?\r\n")],
            TlsFailed,
            0,
        ),
        (
            "an end",
            vec![say("220 go\r\n"), Op::HearSome, Op::Close],
            TlsFailed,
            0,
        ),
        (
            "NULs",
            vec![
                say("220 go\r\n"),
                Op::HearSome,
                Op::Pour(&[0; 4096], GIGABYTE),
            ],
            TlsFailed,
            0,
        ),
        (
            "a huge message",
            vec![say("220 go\r\n"), Op::HearSome, Op::Pour(HUGE, GIGABYTE)],
            TlsFailed,
            0,
        ),
        (
            "silence",
            vec![say("220 go\r\n"), Op::HearSome],
            TlsFailed,
            300,
        ),
        (
            "no",
            vec![say("454 not now\r\n"), Op::Hear("QUIT"), Op::Close],
            TryLater,
            0,
        ),
        // Somebody in between hopes that these words will be taken for the provider's.
        (
            "injected",
            vec![say("220 go\r\n250-hi\r\n250 ETRN\r\n")],
            Injected,
            0,
        ),
        (
            "injected",
            vec![Op::Say(b"220 go\r\n\x16".into())],
            Injected,
            0,
        ),
    ];
    let mut cases = Vec::new();
    for (what, then, reason, seconds) in answers {
        let wait = seconds;
        cases.push(Case {
            what,
            account: &[("tls", "required")],
            provider: vec![starttls(then.clone())],
            meaning: (Refused, reason),
            seconds,
            ..Case::default()
        });
        // Who only wishes for it is served without, except for what was injected.
        let meaning = match reason {
            Injected => (Refused, Injected),
            _ => (Started, QueuingStarted),
        };
        let mut then = then;
        if what == "no" {
            then.truncate(1);
            then.extend([
                Op::Hear("ETRN"),
                say("250 OK\r\n"),
                Op::Hear("QUIT"),
                Op::Close,
            ]);
        }
        cases.push(Case {
            what,
            account: &[("tls", "opportunistic")],
            provider: vec![starttls(then), bare()],
            meaning,
            seconds: wait,
            ..Case::default()
        });
    }
    all(cases, &[]).await;
}

#[tokio::test(start_paused = true)]
async fn tls_from_the_first_octet() {
    let cases = [
        ("a greeting in the clear", vec![say("220 hi\r\n")], 0),
        ("an alert", vec![Op::HearSome, Op::Say(ALERT.into())], 0),
        (
            "a huge message",
            vec![Op::HearSome, Op::Pour(HUGE, GIGABYTE)],
            0,
        ),
        ("silence", vec![Op::Sit], 300),
    ]
    .map(|(what, ops, seconds)| Case {
        what,
        account: &[("tls", "implicit")],
        provider: vec![ops],
        meaning: (Refused, TlsFailed),
        seconds,
        ..Case::default()
    });
    all(cases.into(), &[]).await;
}

/// STARTTLS taken out of the EHLO reply by somebody in between.
#[tokio::test(start_paused = true)]
async fn starttls_stripped() {
    let cases = [
        Case {
            what: "required",
            account: &[("tls", "required")],
            provider: vec![bare()],
            meaning: (Refused, TlsNotOffered),
            ..Case::default()
        },
        Case {
            what: "required, with a login",
            account: &[("tls", "required"), ("user", "user")],
            provider: vec![bare()],
            meaning: (Refused, TlsNotOffered),
            ..Case::default()
        },
        Case {
            what: "opportunistic, with a login",
            account: &[("tls", "opportunistic"), ("user", "user")],
            provider: vec![bare()],
            meaning: (Refused, LoginInClear),
            ..Case::default()
        },
        Case {
            what: "opportunistic",
            account: &[("tls", "opportunistic")],
            provider: vec![bare()],
            meaning: (Started, QueuingStarted),
            ..Case::default()
        },
    ];
    // Neither QUIT's answer nor its end is waited for where the poke has failed.
    let cases = cases.map(|case| Case {
        seconds: if case.meaning.0 == Refused { 5 } else { 0 },
        ..case
    });
    all(cases.into(), &[]).await;
}

#[tokio::test(start_paused = true)]
async fn certificates_that_do_not_hold() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let file = ours.file();
    let mut cases = Vec::new();
    for (what, config, reason) in [
        (
            "of another authority",
            theirs.server("127.0.0.1", (2020, 2040)),
            CertificateUnknown,
        ),
        (
            "of another name",
            ours.server("127.0.0.2", (2020, 2040)),
            CertificateWrongName,
        ),
        (
            "expired",
            ours.server("127.0.0.1", (2001, 2002)),
            CertificateExpired,
        ),
        (
            "not yet valid",
            ours.server("127.0.0.1", (2090, 2091)),
            CertificateNotYetValid,
        ),
    ] {
        cases.push(Case {
            what,
            account: &[("tls", "implicit")],
            provider: vec![vec![Op::Tls(config.clone()), say("220 hi\r\n")]],
            meaning: (Refused, reason),
            ..Case::default()
        });
        cases.push(Case {
            what,
            account: &[("tls", "required")],
            provider: vec![starttls([say("220 go\r\n"), Op::Tls(config)])],
            meaning: (Refused, reason),
            ..Case::default()
        });
    }
    cases.push(Case {
        what: "another than the pinned one",
        account: &[
            ("tls", "required"),
            (
                "pin",
                "0000000000000000000000000000000000000000000000000000000000000000",
            ),
        ],
        provider: vec![starttls([
            say("220 go\r\n"),
            Op::Tls(ours.server("127.0.0.1", (2020, 2040))),
        ])],
        meaning: (Refused, CertificateChanged),
        ..Case::default()
    });
    all(cases, &[("ca_file", file.path().to_str().unwrap())]).await;
}

#[tokio::test(start_paused = true)]
async fn a_gigabyte_under_tls() {
    let authority = Authority::new();
    let (file, config) = (
        authority.file(),
        authority.server("127.0.0.1", (2020, 2040)),
    );
    let cases = [
        Case {
            what: "a greeting of a gigabyte",
            account: &[("tls", "implicit")],
            provider: vec![vec![
                Op::Tls(config.clone()),
                say("220 "),
                Op::Pour(XS, GIGABYTE),
            ]],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
        Case {
            what: "an EHLO reply without an end",
            account: &[("tls", "required")],
            provider: vec![starttls([
                say("220 go\r\n"),
                Op::Tls(config),
                Op::Hear("EHLO"),
                Op::Pour(b"250-x\r\n", GIGABYTE),
            ])],
            meaning: (Refused, TooMuch),
            ..Case::default()
        },
    ];
    all(cases.into(), &[("ca_file", file.path().to_str().unwrap())]).await;
}
