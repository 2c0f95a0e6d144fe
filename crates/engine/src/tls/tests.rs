//! Handshakes in memory, with a rustls server and certificates made for the purpose, at a fixed time.

use std::fs;

use dequeue_core::settings::certificate::PinError;
use dequeue_smtp::{TlsFile, TlsFileFault};
use jiff::Timestamp;
use proptest::prelude::*;
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_rustls::TlsAcceptor;
use x509_cert::der::{Any, Tag, Tagged};

use super::*;

const HOST: &str = "mail.example.org";

/// The time at which all tests happen.
#[derive(Debug)]
struct Noon;

impl TimeProvider for Noon {
    fn current_time(&self) -> Option<UnixTime> {
        let noon: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let noon = noon.as_second().try_into().unwrap();
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            noon,
        )))
    }
}

/// A certificate with its key.
#[derive(Clone)]
struct Identity {
    certificate: CertificateDer<'static>,
    key: Arc<KeyPair>,
    /// Both.
    pem: String,
}

impl Identity {
    fn new(certificate: rcgen::Certificate, key: KeyPair) -> Self {
        Self {
            pem: key.serialize_pem() + &certificate.pem(),
            certificate: certificate.into(),
            key: Arc::new(key),
        }
    }

    fn pin(&self) -> Pin {
        pin_of(&self.certificate)
    }

    fn file(&self) -> NamedTempFile {
        file(&self.pem)
    }

    /// The key pair as rustls takes it without a look at whether the two belong together.
    fn certified(&self) -> CertifiedKey {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        CertifiedKey::new(
            vec![self.certificate.clone()],
            rustls::crypto::ring::sign::any_supported_type(&key).unwrap(),
        )
    }

    /// As `openssl x509 -req` made them before version 3: version 1, without extensions; and
    /// with a serial number that is longer than allowed, and negative.
    fn made_the_old_way(&self) -> Self {
        let mut whole = Vec::<Any>::from_der(&self.certificate).unwrap();
        let mut content = Vec::<Any>::from_der(&whole[0].to_der().unwrap()).unwrap();
        content.retain(|field| !field.tag().is_context_specific());
        content[0] = Any::new(Tag::Integer, [0x80; 25]).unwrap();
        whole[0] = Any::from_der(&content.to_der().unwrap()).unwrap();
        Self {
            certificate: whole.to_der().unwrap().into(),
            ..self.clone()
        }
    }
}

fn file(content: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), content).unwrap();
    file
}

/// What is in force from the beginning of the first to that of the second year.
fn params(name: &str, years: (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params
}

fn self_signed(params: CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    Identity::new(params.self_signed(&key).unwrap(), key)
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = params("authority.example", (2020, 2040));
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str, years: (i32, i32)) -> Identity {
        self.sign(params(name, years))
    }

    fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        Identity::new(params.signed_by(&key, &self.0).unwrap(), key)
    }

    fn file(&self) -> NamedTempFile {
        file(&self.0.pem())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }
}

fn provider_with(
    identity: CertifiedKey,
    versions: &[&'static SupportedProtocolVersion],
    clients_of: Option<&Authority>,
) -> ServerConfig {
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_details(provider.clone(), Arc::new(Noon))
        .with_protocol_versions(versions)
        .unwrap();
    match clients_of {
        None => builder.with_no_client_auth(),
        Some(authority) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(authority.roots(), provider)
                .build()
                .unwrap(),
        ),
    }
    .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)))
}

fn provider(identity: &Identity) -> ServerConfig {
    provider_with(identity.certified(), &[&TLS12, &TLS13], None)
}

fn wish(host: &str) -> TlsWish<'_> {
    TlsWish {
        host,
        ca_file: None,
        pin: None,
        client: None,
        strict: true,
    }
}

/// A provider that greets over TLS and hangs up without a goodbye. Gives the names that it was
/// called by, and the certificate that it was shown.
async fn greet(
    config: ServerConfig,
    stream: DuplexStream,
) -> io::Result<(Option<String>, Option<CertificateDer<'static>>)> {
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await?;
    stream.write_all(b"220 ready\r\n").await?;
    stream.flush().await?;
    let (_, connection) = stream.get_ref();
    Ok((
        connection.server_name().map(str::to_owned),
        connection
            .peer_certificates()
            .map(|chain| chain[0].clone().into_owned()),
    ))
}

struct Met {
    tls: Tls,
    /// What was read until the end, or why that failed.
    heard: io::Result<String>,
    called: Option<String>,
    shown: Option<CertificateDer<'static>>,
}

async fn meet(wish: &TlsWish<'_>, config: ServerConfig) -> Result<Met, Refused> {
    let (ours, theirs) = duplex(64 * 1024);
    let (met, greeted) = tokio::join!(
        async {
            let (mut stream, tls) = handshake_at(wish, ours, Arc::new(Noon)).await?;
            let mut heard = String::new();
            let heard = stream.read_to_string(&mut heard).await.map(|_| heard);
            Ok((tls, heard))
        },
        greet(config, theirs)
    );
    met.map(|(tls, heard)| {
        let (called, shown) = greeted.unwrap_or_default();
        Met {
            tls,
            heard,
            called,
            shown,
        }
    })
}

/// What becomes of a handshake whose other side answers the first bytes with these and hangs up.
async fn answered(bytes: &[u8]) -> TlsFault {
    let (ours, mut theirs) = duplex(64 * 1024);
    let (refused, ()) = tokio::join!(
        async {
            let relaxed = TlsWish {
                pin: Some(&Pin::of_digest([0; 32])),
                ..wish(HOST)
            };
            handshake_at(&relaxed, ours, Arc::new(Noon))
                .await
                .unwrap_err()
        },
        async {
            theirs.read_buf(&mut Vec::new()).await.unwrap();
            theirs.write_all(bytes).await.unwrap();
            drop(theirs);
        }
    );
    assert_eq!(refused.certificate, None);
    refused.fault
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_verified() {
    let authority = Authority::new();
    let identity = authority.issue(HOST, (2026, 2027));
    let file = authority.file();
    for (versions, version, cipher) in [
        (vec![&TLS12, &TLS13], "TLSv1.3", "TLS13_AES_256_GCM_SHA384"),
        (
            vec![&TLS12],
            "TLSv1.2",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        ),
    ] {
        let config = provider_with(identity.certified(), &versions, None);
        let wish = TlsWish {
            ca_file: Some(file.path()),
            ..wish("mail.example.org.")
        };
        let met = meet(&wish, config).await.unwrap();
        assert_eq!(
            met.tls,
            Tls {
                version: version.into(),
                cipher: cipher.into(),
                peer: HOST.into(),
                trust: CertificateTrust::Verified,
                certificate: Certificate {
                    fingerprint: identity.pin().to_string(),
                    valid_from: "2026-01-01T00:00:00Z"
                        .parse::<Timestamp>()
                        .unwrap()
                        .as_second(),
                    expires_at: "2027-01-01T00:00:00Z"
                        .parse::<Timestamp>()
                        .unwrap()
                        .as_second(),
                },
            }
        );
        assert_eq!(met.called.as_deref(), Some(HOST));
        assert_eq!(met.heard.unwrap(), "220 ready\r\n");
    }
}

#[tokio::test]
async fn each_way_not_to_hold_is_told_apart_and_can_be_let_pass_or_pinned() {
    let authority = Authority::new();
    let file = authority.file();
    let lone = self_signed(params(HOST, (2026, 2027)));
    let mut as_openssl_does = params(HOST, (2026, 2027));
    as_openssl_does.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let mut for_clients = params(HOST, (2026, 2027));
    for_clients.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let sound = authority.issue(HOST, (2026, 2027));
    for (what, host, identity, strictly) in [
        ("sound", HOST, &sound, Ok(())),
        (
            "an address",
            "192.0.2.25",
            &authority.issue("192.0.2.25", (2026, 2027)),
            Ok(()),
        ),
        (
            "an IPv6 address",
            "2001:db8::25",
            &authority.issue("2001:db8::25", (2026, 2027)),
            Ok(()),
        ),
        (
            "another address",
            "192.0.2.26",
            &authority.issue("192.0.2.25", (2026, 2027)),
            Err(CertificateFault::WrongName),
        ),
        (
            "another name",
            "mail.example.net",
            &sound,
            Err(CertificateFault::WrongName),
        ),
        (
            "over",
            HOST,
            &authority.issue(HOST, (2024, 2026)),
            Err(CertificateFault::Expired),
        ),
        (
            "to come",
            HOST,
            &authority.issue(HOST, (2027, 2028)),
            Err(CertificateFault::NotYetValid),
        ),
        (
            "self-signed",
            HOST,
            &lone,
            Err(CertificateFault::UnknownIssuer),
        ),
        (
            "self-signed, as an authority",
            HOST,
            &self_signed(as_openssl_does),
            Err(CertificateFault::UnknownIssuer),
        ),
        (
            "self-signed, of version 1",
            HOST,
            &lone.made_the_old_way(),
            Err(CertificateFault::UnknownIssuer),
        ),
        (
            "of an authority's namesake",
            HOST,
            &Authority::new().issue(HOST, (2026, 2027)),
            Err(CertificateFault::UnknownIssuer),
        ),
        (
            "for another purpose",
            HOST,
            &authority.sign(for_clients),
            Err(CertificateFault::Invalid),
        ),
    ] {
        let strict = TlsWish {
            ca_file: Some(file.path()),
            ..wish(host)
        };
        let met = meet(&strict, provider(identity)).await;
        match (met, strictly) {
            (Ok(met), Ok(())) => assert_eq!(met.tls.trust, CertificateTrust::Verified, "{what}"),
            (Err(refused), Err(fault)) => {
                assert_eq!(refused.fault, TlsFault::Certificate(fault), "{what}");
                let seen = refused.certificate.unwrap().fingerprint;
                assert_eq!(seen, identity.pin().to_string(), "{what}");
            }
            (met, _) => panic!("{what}: {:?}", met.map(|met| met.tls)),
        }

        for versions in [&TLS12, &TLS13] {
            let relaxed = TlsWish {
                strict: false,
                ..strict.clone()
            };
            let config = provider_with(identity.certified(), &[versions], None);
            let met = meet(&relaxed, config).await.unwrap();
            let trust = match strictly {
                Ok(()) => CertificateTrust::Verified,
                Err(_) => CertificateTrust::Unverified,
            };
            assert_eq!(met.tls.trust, trust, "{what}");
            assert_eq!(met.heard.unwrap(), "220 ready\r\n", "{what}");
        }

        for strict_too in [true, false] {
            let pinned = TlsWish {
                pin: Some(&identity.pin()),
                strict: strict_too,
                ..strict.clone()
            };
            let met = meet(&pinned, provider(identity)).await.unwrap();
            assert_eq!(met.tls.trust, CertificateTrust::Pinned, "{what}");

            let otherwise = TlsWish {
                pin: Some(&Pin::of_digest([7; 32])),
                ..pinned
            };
            let Err(refused) = meet(&otherwise, provider(identity)).await else {
                panic!("{what}: accepted for another");
            };
            assert_eq!(
                refused.fault,
                TlsFault::Certificate(CertificateFault::NotThePinned)
            );
            let seen = refused.certificate.unwrap().fingerprint;
            assert_eq!(seen, identity.pin().to_string(), "{what}");
        }
    }
}

#[tokio::test]
async fn a_ca_file_may_hold_the_servers_own_certificate() {
    for (years, host, expected) in [
        ((2026, 2027), HOST, Ok(())),
        ((2024, 2026), HOST, Err(CertificateFault::Expired)),
        ((2027, 2028), HOST, Err(CertificateFault::NotYetValid)),
        (
            (2026, 2027),
            "mail.example.net",
            Err(CertificateFault::WrongName),
        ),
    ] {
        let mut params = params(HOST, years);
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let identity = self_signed(params);
        let file = identity.file();
        let wish = TlsWish {
            ca_file: Some(file.path()),
            ..wish(host)
        };
        let met = meet(&wish, provider(&identity)).await;
        assert_eq!(
            met.map(|met| met.tls.trust)
                .map_err(|refused| refused.fault),
            expected
                .map(|()| CertificateTrust::Verified)
                .map_err(TlsFault::Certificate)
        );
    }
}

#[tokio::test]
async fn who_shows_a_certificate_must_hold_its_key() {
    let identity = self_signed(params(HOST, (2026, 2027)));
    for identity in [&identity, &identity.made_the_old_way()] {
        let thief = Identity {
            key: Arc::new(KeyPair::generate().unwrap()),
            ..identity.clone()
        };
        for version in [&TLS12, &TLS13] {
            for pin in [Some(identity.pin()), None] {
                let authority = Authority::new().file();
                let wish = TlsWish {
                    ca_file: Some(authority.path()),
                    pin: pin.as_ref(),
                    strict: false,
                    ..wish(HOST)
                };
                let config = provider_with(thief.certified(), &[version], None);
                let Err(refused) = meet(&wish, config).await else {
                    panic!("accepted from a thief");
                };
                assert_eq!(
                    refused.fault,
                    TlsFault::Certificate(CertificateFault::Invalid)
                );
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_invalid() {
    let mut identity = self_signed(params(HOST, (2026, 2027)));
    identity.certificate = b"no certificate".to_vec().into();
    let pin = identity.pin();
    let wish = TlsWish {
        pin: Some(&pin),
        strict: false,
        ..wish(HOST)
    };
    let Err(refused) = meet(&wish, provider(&identity)).await else {
        panic!("accepted");
    };
    assert_eq!(
        refused.fault,
        TlsFault::Certificate(CertificateFault::Invalid)
    );
    assert_eq!(refused.certificate, None);
}

#[test]
fn what_only_other_platforms_find_has_its_word_too() {
    let identity = self_signed(params(HOST, (2026, 2027)));
    let shown = Shown::read(&identity.certificate).unwrap();
    let fault = |error: CertificateError| shown.fault(&error.into());
    assert_eq!(fault(CertificateError::Revoked), CertificateFault::Revoked);
    assert_eq!(fault(CertificateError::Expired), CertificateFault::Expired);
    assert_eq!(
        fault(CertificateError::NotValidForName),
        CertificateFault::WrongName
    );
    assert_eq!(
        shown.fault(&rustls::Error::General("the store is closed".into())),
        CertificateFault::Invalid
    );
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let authority = Authority::new();
    let identity = authority.issue(HOST, (2026, 2027));
    let client = authority.issue("client.example.org", (2026, 2027));
    let (pin, both) = (identity.pin(), client.file());
    for version in [&TLS12, &TLS13] {
        let demanding = || provider_with(identity.certified(), &[version], Some(&authority));
        let without = TlsWish {
            pin: Some(&pin),
            ..wish(HOST)
        };
        match meet(&without, demanding()).await {
            // Before the handshake ends with TLS 1.2, after it with TLS 1.3.
            Err(refused) => {
                assert_eq!(version.version, ProtocolVersion::TLSv1_2);
                let wanted = matches!(refused.fault, TlsFault::ClientCertificate { .. });
                assert!(wanted, "{:?}", refused.fault);
            }
            Ok(met) => {
                assert_eq!(version.version, ProtocolVersion::TLSv1_3);
                let alert = alert_in(&met.heard.unwrap_err());
                assert_eq!(alert.and_then(Alert::name), Some("certificate_required"));
            }
        }

        let with = TlsWish {
            client: Some(ClientCertificate {
                certificate: both.path(),
                key: both.path(),
            }),
            ..without
        };
        let met = meet(&with, demanding()).await.unwrap();
        assert_eq!(met.shown.as_ref(), Some(&client.certificate));
        assert_eq!(met.heard.unwrap(), "220 ready\r\n");

        // Nobody who did not ask learns who we are.
        let config = provider_with(identity.certified(), &[version], None);
        assert_eq!(meet(&with, config).await.unwrap().shown, None);
    }
}

#[tokio::test]
async fn nothing_is_sent_when_a_file_or_the_host_will_not_do() {
    let authority = Authority::new();
    let good = authority.issue("client.example.org", (2026, 2027)).file();
    let other = authority.issue("client.example.org", (2026, 2027)).file();
    let absent = Path::new("/nowhere/at/all.pem");
    let garbled = file("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    let unfinished = file("-----BEGIN CERTIFICATE-----\nAAAA\n");
    let hollow = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let keyless = authority.file();
    let empty = file("");
    let ca = |file| TlsWish {
        ca_file: Some(file),
        ..wish(HOST)
    };
    let client = |certificate, key| TlsWish {
        client: Some(ClientCertificate { certificate, key }),
        ..ca(keyless.path())
    };
    use TlsFileFault as F;
    let broken = TlsFileFault::NotPem;
    let unreadable = |fault: &F| matches!(fault, F::Unreadable { .. });
    let folder = tempfile::tempdir().unwrap();
    let encrypted =
        file("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let small = file(RSA_1024);
    for (wish, of, expected) in [
        (ca(absent), TlsFile::CaFile, F::Missing),
        (ca(garbled.path()), TlsFile::CaFile, broken.clone()),
        (ca(unfinished.path()), TlsFile::CaFile, broken.clone()),
        (ca(hollow.path()), TlsFile::CaFile, F::BadCertificate),
        (ca(empty.path()), TlsFile::CaFile, broken.clone()),
        (ca(encrypted.path()), TlsFile::CaFile, F::NoCertificate),
        (
            ca(folder.path()),
            TlsFile::CaFile,
            F::Unreadable {
                error: String::new(),
            },
        ),
        (client(absent, good.path()), TlsFile::ClientCert, F::Missing),
        (client(good.path(), absent), TlsFile::ClientKey, F::Missing),
        (
            client(empty.path(), good.path()),
            TlsFile::ClientCert,
            broken.clone(),
        ),
        (
            client(encrypted.path(), good.path()),
            TlsFile::ClientCert,
            F::NoCertificate,
        ),
        (
            client(hollow.path(), good.path()),
            TlsFile::ClientCert,
            F::BadCertificate,
        ),
        (
            client(good.path(), garbled.path()),
            TlsFile::ClientKey,
            broken,
        ),
        (
            client(good.path(), keyless.path()),
            TlsFile::ClientKey,
            F::NoKey,
        ),
        (
            client(good.path(), encrypted.path()),
            TlsFile::ClientKey,
            F::EncryptedKey,
        ),
        (
            client(good.path(), small.path()),
            TlsFile::ClientKey,
            F::BadKey,
        ),
        (
            client(good.path(), other.path()),
            TlsFile::ClientKey,
            F::KeyOfAnother,
        ),
    ] {
        let refused = unsent(&wish).await;
        let TlsFault::File { file, path, fault } = &refused else {
            panic!("{wish:?}: {refused:?}");
        };
        assert_eq!(*file, of, "{wish:?}");
        assert!(
            *fault == expected || unreadable(fault) && unreadable(&expected),
            "{wish:?}: {fault:?}"
        );
        let named = match of {
            TlsFile::CaFile => wish.ca_file,
            TlsFile::ClientCert => wish.client.map(|client| client.certificate),
            TlsFile::ClientKey => wish.client.map(|client| client.key),
        };
        assert_eq!(Path::new(path), named.unwrap());
        // Who asks beforehand is told the same.
        let known = file_faults(wish.ca_file, wish.client);
        assert_eq!(known, [refused], "{wish:?}");
    }
    let misspelt = TlsWish {
        host: "mail example",
        ..ca(keyless.path())
    };
    assert_eq!(unsent(&misspelt).await, TlsFault::BadName);
    let right = client(good.path(), good.path());
    assert_eq!(file_faults(right.ca_file, right.client), []);
}

/// Why nothing was sent.
async fn unsent(wish: &TlsWish<'_>) -> TlsFault {
    let (ours, mut theirs) = duplex(1024);
    let refused = handshake_at(wish, ours, Arc::new(Noon)).await.unwrap_err();
    assert!(refused.fault.is_local(), "{wish:?}");
    assert_eq!(refused.certificate, None);
    let mut sent = Vec::new();
    theirs.read_to_end(&mut sent).await.unwrap();
    assert!(sent.is_empty(), "{wish:?}");
    refused.fault
}

#[tokio::test]
async fn what_is_no_tls_is_told_from_an_alert_and_from_a_provider_that_hangs_up() {
    let not_tls = |said: Option<&str>| TlsFault::NotTls {
        said: said.map(str::to_owned),
    };
    let nothing_in_common = TlsFault::NothingInCommon {
        alert: Some(Alert(40)),
    };
    for (bytes, expected) in [
        (
            &b"220 mail.example.org ESMTP\r\n"[..],
            not_tls(Some("220 mail.example.org ESMTP")),
        ),
        (b"HTTP/1.1 400 Bad", not_tls(Some("HTTP/1.1 400 Bad"))),
        (b"\0\0\0\0\0\0\0\0", not_tls(None)),
        (b"220 \x1b[2J\r\n", not_tls(None)),
        (&[0xff; 32 * 1024], not_tls(None)),
        (&[0x15, 3, 3, 0, 2, 2, 40], nothing_in_common),
        (&[0x15, 3, 3, 0, 2, 2, 70], TlsFault::Version),
        // Sendmail and others answer with the record's version of SSL 3.0.
        (&[0x15, 3, 0, 0, 2, 2, 70], TlsFault::Version),
        (
            &[0x15, 3, 3, 0, 2, 2, 112],
            TlsFault::Alerted { alert: Alert(112) },
        ),
        (
            &[0x15, 3, 3, 0, 2, 2, 200],
            TlsFault::Alerted { alert: Alert(200) },
        ),
        // A ServerHello of TLS 1.0, as Windows 2008's is.
        (&server_hello(1, 0x002f), TlsFault::Version),
        // One that chooses RSA key exchange, which was not offered.
        (
            &server_hello(3, 0x002f),
            TlsFault::NothingInCommon { alert: None },
        ),
    ] {
        assert_eq!(answered(bytes).await, expected, "{bytes:?}");
    }
    let broken = answered(&[0x16, 3, 3, 0, 4, 99, 0, 0, 0]).await;
    assert!(matches!(broken, TlsFault::Broken { .. }), "{broken:?}");
    // The beginning of a ServerHello, cut at every byte.
    let hello = [0x16, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3, 0];
    for length in 0..=hello.len() {
        assert_eq!(
            answered(&hello[..length]).await,
            TlsFault::Closed,
            "{length}"
        );
    }
}

/// A ServerHello (RFC 5246 7.4.1.3) of TLS 1.0 and so much, with this cipher suite.
fn server_hello(minor: u8, cipher: u16) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend(cipher.to_be_bytes());
    hello.push(0);
    let length = u8::try_from(hello.len()).unwrap();
    let head = [0x16, 3, minor, 0, length + 4, 2, 0, 0, length];
    [&head[..], &hello].concat()
}

/// A certificate with a 1024-bit key, and the key, as Windows and old appliances made them. ring signs
/// nothing with such a key, so that no server of ours can show it.
const RSA_1024: &str = include_str!("fixtures/rsa-1024.pem");

#[test]
fn a_key_that_is_too_small_is_told_with_its_certificate() {
    let certificate = CertificateDer::from_pem_slice(RSA_1024.as_bytes()).unwrap();
    let shown = Shown::read(&certificate).unwrap();
    assert!(shown.is_weak());
    let sound = self_signed(params(HOST, (2026, 2027)));
    assert!(!Shown::read(&sound.certificate).unwrap().is_weak());

    // Whether it was let pass, pinned, or judged.
    let unknown = rustls::Error::from(CertificateError::UnknownIssuer);
    for verdict in [
        Ok(CertificateTrust::Unverified),
        Ok(CertificateTrust::Pinned),
        Err(shown.fault(&unknown)),
    ] {
        let seen = Seen {
            certificate: shown.certificate(),
            is_weak: shown.is_weak(),
            verdict,
        };
        let error = io::Error::other(rustls::Error::from(CertificateError::BadSignature));
        let refused = Refused::by(&error, &[0x16, 3], false, Some(&seen));
        assert_eq!(
            refused.fault,
            TlsFault::Certificate(CertificateFault::WeakKey)
        );
        let fingerprint = refused.certificate.map(|it| it.fingerprint);
        assert_eq!(fingerprint, Some(pin_of(&certificate).to_string()));
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn without_a_ca_file_the_machines_authorities_count() {
    let authority = Authority::new();
    let identity = authority.issue(HOST, (2026, 2027));
    let (store, server) = (authority.file(), identity.file());
    let stranger = self_signed(params(HOST, (2026, 2027))).file();
    let nothing = file("");
    for (store, server, expected) in [
        (&store, &server, "strict Ok(Verified) relaxed Ok(Verified)"),
        (
            &store,
            &stranger,
            "strict Err(Certificate(UnknownIssuer)) relaxed Ok(Unverified)",
        ),
        (
            &nothing,
            &server,
            "strict Err(NoAuthorities) relaxed Ok(Unverified)",
        ),
    ] {
        // A variable of the environment cannot be set safely in a process with threads.
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tls::tests::in_a_process_of_its_own"])
            .args(["--ignored", "--nocapture"])
            .env("SSL_CERT_FILE", store.path())
            .env_remove("SSL_CERT_DIR")
            .env("TEST_SERVER", server.path())
            .output()
            .unwrap();
        let said = String::from_utf8(child.stdout).unwrap();
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
#[ignore = "run by without_a_ca_file_the_machines_authorities_count"]
async fn in_a_process_of_its_own() {
    let file = std::env::var("TEST_SERVER").unwrap();
    let pem = fs::read_to_string(file).unwrap();
    let identity = Identity {
        certificate: CertificateDer::from_pem_slice(pem.as_bytes()).unwrap(),
        key: Arc::new(KeyPair::from_pem(&pem).unwrap()),
        pem,
    };
    let provider_of_ours = Arc::new(default_provider());
    if let Ok(one) = verifier_of_this_machine(&provider_of_ours) {
        let other = verifier_of_this_machine(&provider_of_ours).unwrap();
        assert!(Arc::ptr_eq(&one, &other));
    }
    let mut said = String::new();
    for strict in [true, false] {
        let wish = TlsWish {
            strict,
            ..wish(HOST)
        };
        let met = meet(&wish, provider(&identity)).await;
        let outcome = met
            .map(|met| met.tls.trust)
            .map_err(|refused| refused.fault);
        let how = if strict { "strict" } else { " relaxed" };
        said += &format!("{how} {outcome:?}");
    }
    assert!(MACHINE.lock().unwrap().upgrade().is_none());
    println!("{said}");
}

#[test]
fn pins_are_read_as_people_find_them() {
    let bare = "00112233445566778899aabbccddeeff".repeat(2);
    let pairs = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
    let shown = format!("{pairs}:{pairs}");
    for text in [
        bare.clone(),
        bare.to_uppercase(),
        shown.clone(),
        shown.replace(':', " "),
        format!(" SHA256: {shown}\n"),
        format!("sha256:{bare}"),
    ] {
        assert_eq!(text.parse::<Pin>().unwrap().to_string(), shown, "{text}");
    }
    for text in [
        String::new(),
        "sha256:".into(),
        bare[1..].into(),
        format!("{bare}0"),
        bare.replace('a', "g"),
        bare.replace('a', "é"),
        format!("sha1:{bare}"),
        format!("sha256:sha256:{bare}"),
    ] {
        assert_eq!(text.parse::<Pin>(), Err(PinError), "{text}");
    }
}

proptest! {
    #[test]
    fn a_pin_is_read_as_it_is_written(bytes: [u8; 32]) {
        prop_assert_eq!(Pin::of_digest(bytes).to_string().parse(), Ok(Pin::of_digest(bytes)));
    }

    #[test]
    fn no_text_upsets_a_pin(text in "(sha256:|é)?[0-9a-fA-F: ]{0,140}.{0,3}") {
        if let Ok(pin) = text.parse::<Pin>() {
            prop_assert_eq!(pin.to_string().parse(), Ok(pin));
        }
    }
}
