//! The TLS handshake with a provider: what an account asks of the certificate, and what was found.
//! The files that it needs are in `files`, what the provider answers in `answer`.
//!
//! Nothing is set up before a handshake is due, and nothing is kept beyond the last connection:
//! accounts without TLS pay nothing for it, and a poke every quarter of an hour is no reason to hold
//! the machine's authorities in memory. The words spoken here are those of [`dequeue_smtp`].

mod answer;
mod files;

use std::{
    io::{self, IoSlice},
    path::Path,
    pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use dequeue_core::settings::certificate::{ClientCertificate, Pin};
use dequeue_smtp::{
    Alert, AlertMoment, Certificate, CertificateFault, CertificateTrust, Tls, TlsFault,
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, PeerIncompatible, PeerMisbehaved,
    ProtocolVersion, SignatureScheme,
    client::{
        ResolvesClientCert, Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, ring::default_provider, verify_tls12_signature,
        verify_tls13_signature, verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::ParsedCertificate,
    sign::CertifiedKey,
    time_provider::{DefaultTimeProvider, TimeProvider},
};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsConnector;
use x509_cert::{
    certificate::{CertificateInner, Raw},
    der::{Any, Decode, Encode, oid::ObjectIdentifier},
    time::Time,
};

use self::answer::Listened;

/// What an account asks of a handshake.
#[derive(Clone, Debug)]
pub struct TlsWish<'a> {
    /// The provider, by its name (A-labels) or its IP address. The certificate is checked against
    /// it; a name is also told to the provider (SNI, RFC 6066 section 3).
    pub host: &'a str,
    /// A PEM file with the only authorities that are trusted, instead of the machine's. A server's
    /// own self-signed certificate may be among them.
    pub ca_file: Option<&'a Path>,
    /// The only certificate that will do, whatever its dates, name and issuer.
    pub pin: Option<&'a Pin>,
    /// What we show where the provider asks who we are.
    pub client: Option<ClientCertificate<'a>>,
    /// Whether a certificate that does not hold ends the handshake. One that is not the pinned one
    /// always does.
    pub strict: bool,
}

/// No handshake came about.
#[derive(Debug, thiserror::Error)]
#[error("no TLS handshake: {fault:?}")]
pub struct Refused {
    /// What was wrong with the line, the certificate or a file; holds no secret.
    pub fault: TlsFault,
    /// The certificate that was shown, if it came to that and could be read: what the user may be
    /// offered to pin.
    pub certificate: Option<Certificate>,
}

/// Protects `stream` and says how, and by whose word the other side is who it should be.
///
/// With TLS 1.3 a provider judges our certificate only after the handshake: its refusal then comes
/// with the first read. On Windows and macOS the platform may ask the network about a certificate,
/// which holds the thread up for some seconds at worst.
///
/// # Errors
/// [`Refused`]. Where the fault [is local](TlsFault::is_local) nothing has been sent.
pub async fn handshake<S>(wish: &TlsWish<'_>, stream: S) -> Result<(TlsStream<S>, Tls), Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    handshake_at(wish, stream, Arc::new(DefaultTimeProvider)).await
}

async fn handshake_at<S>(
    wish: &TlsWish<'_>,
    stream: S,
    time: Arc<dyn TimeProvider>,
) -> Result<(TlsStream<S>, Tls), Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // A final dot says that a name is whole; certificates never carry it.
    let peer = wish.host.strip_suffix('.').unwrap_or(wish.host);
    // Nor the interface of a link-local address, which only this machine knows.
    let peer = peer.split_once('%').map_or(peer, |(address, _)| address);
    let name = ServerName::try_from(peer)
        .map_err(|_| Refused::locally(TlsFault::BadName))?
        .to_owned();
    let provider = Arc::new(default_provider());
    let judge = Arc::new(Judge {
        standard: Standard::of(wish, &provider)?,
        strict: wish.strict,
        algorithms: provider.signature_verification_algorithms,
        seen: OnceLock::new(),
    });
    let ours = Arc::new(Ours::of(wish, &provider)?);
    let config = configure(provider, time, Arc::clone(&judge), Arc::clone(&ours))?;

    let connecting = TlsConnector::from(Arc::new(config))
        .connect(name, Listened::to(stream))
        .into_fallible();
    let stream = match connecting.await {
        Ok(mut stream) => {
            stream.get_mut().0.forget();
            stream
        }
        Err((error, stream)) => {
            let asked = ours.asked.load(Ordering::Relaxed);
            return Err(Refused::by(
                &error,
                stream.answer(),
                asked,
                judge.seen.get(),
            ));
        }
    };
    let Some(Seen {
        certificate,
        verdict: Ok(trust),
        ..
    }) = judge.seen.get()
    else {
        // Cannot be: rustls ends no handshake without its verifier's consent.
        return Err(Refused::locally(TlsFault::Local {
            error: "the certificate was not looked at".to_owned(),
        }));
    };
    let (_, connection) = stream.get_ref();
    let tls = Tls {
        version: connection
            .protocol_version()
            .map(spelled)
            .unwrap_or_default(),
        cipher: connection
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str())
            .unwrap_or_default()
            .to_owned(),
        peer: peer.to_owned(),
        trust: *trust,
        certificate: certificate.clone(),
    };
    Ok((TlsStream(stream), tls))
}

/// As OpenSSL, and with it every mail server's log, spells it.
fn spelled(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

fn configure(
    provider: Arc<CryptoProvider>,
    time: Arc<dyn TimeProvider>,
    judge: Arc<Judge>,
    ours: Arc<Ours>,
) -> Result<ClientConfig, Refused> {
    let mut config = ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .map_err(|error| Refused::locally(local(&error)))?
        .dangerous()
        .with_custom_certificate_verifier(judge)
        .with_client_cert_resolver(ours);
    // A session kept for the next poke would cost memory all the time, and save one of the few
    // round trips of a visit that nobody is waiting for. No ALPN either, which is the default: SMTP
    // has no name registered for it.
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// What is wrong with the account's files for TLS: what a handshake would find, file by file.
#[must_use]
pub fn file_faults(ca_file: Option<&Path>, client: Option<ClientCertificate<'_>>) -> Vec<TlsFault> {
    let provider = default_provider();
    let authorities = ca_file.and_then(|path| files::authorities(path).err());
    let client = client.and_then(|client| files::identity(client, &provider).err());
    authorities.into_iter().chain(client).collect()
}

/// Our own certificate, where there is one; notes whether the provider asks for it.
#[derive(Debug)]
struct Ours {
    identity: Option<Arc<CertifiedKey>>,
    asked: AtomicBool,
}

impl Ours {
    fn of(wish: &TlsWish<'_>, provider: &CryptoProvider) -> Result<Self, Refused> {
        let identity = wish.client.map(|client| files::identity(client, provider));
        Ok(Self {
            identity: identity
                .transpose()
                .map_err(Refused::locally)?
                .map(Arc::new),
            asked: AtomicBool::new(false),
        })
    }
}

impl ResolvesClientCert for Ours {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

/// The alert in an error of a line under TLS: the provider has ended it.
#[must_use]
pub fn alert_in(error: &io::Error) -> Option<Alert> {
    match tls_error(error)? {
        rustls::Error::AlertReceived(alert) => Some(Alert((*alert).into())),
        _ => None,
    }
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn local(error: &rustls::Error) -> TlsFault {
    TlsFault::Local {
        error: error.to_string(),
    }
}

impl Refused {
    /// By something on this machine.
    fn locally(fault: TlsFault) -> Self {
        Self {
            fault,
            certificate: None,
        }
    }

    /// By what came, or did not come, over the line; or by our own judgement of it. `answer` is how
    /// the provider's answer begins, `certificate_asked` whether it asked for a certificate of ours.
    fn by(error: &io::Error, answer: &[u8], certificate_asked: bool, seen: Option<&Seen>) -> Self {
        use rustls::Error as E;
        let fault = match (tls_error(error), error.kind()) {
            // A certificate that cannot be read, or whose key did not sign the handshake, is not
            // judged or was judged well.
            (Some(E::InvalidCertificate(_)), _) => {
                TlsFault::Certificate(match seen.map(|seen| (seen.verdict, seen.is_weak)) {
                    Some((Err(fault), _)) => fault,
                    Some((Ok(_), true)) => CertificateFault::WeakKey,
                    Some((Ok(_), false)) | None => CertificateFault::Invalid,
                })
            }
            (Some(error @ (E::FailedToGetCurrentTime | E::FailedToGetRandomBytes)), _) => {
                local(error)
            }
            (Some(_), _) if !answer::is_tls(answer) => TlsFault::NotTls {
                said: answer::first_line(answer),
            },
            (Some(E::AlertReceived(alert)), _) => {
                let moment = if answer::is_alert(answer) {
                    AlertMoment::AtOnce
                } else {
                    AlertMoment::Later { certificate_asked }
                };
                TlsFault::of_alert(Alert((*alert).into()), moment)
            }
            (Some(E::PeerIncompatible(incompatible)), _) => match incompatible {
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => TlsFault::Version,
                _ => TlsFault::NothingInCommon { alert: None },
            },
            (
                Some(E::PeerMisbehaved(
                    PeerMisbehaved::SelectedUnofferedCipherSuite
                    | PeerMisbehaved::SelectedUnofferedKxGroup
                    | PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme,
                )),
                _,
            ) => TlsFault::NothingInCommon { alert: None },
            (Some(error), _) => TlsFault::Broken {
                error: error.to_string(),
            },
            (None, io::ErrorKind::TimedOut) => TlsFault::TimedOut,
            (None, _) if !answer.is_empty() && !answer::is_tls(answer) => TlsFault::NotTls {
                said: answer::first_line(answer),
            },
            (None, _) => TlsFault::Closed,
        };
        Self {
            fault,
            certificate: seen.map(|seen| seen.certificate.clone()),
        }
    }
}

/// By what a certificate is judged.
#[derive(Debug)]
enum Standard {
    /// It is this one.
    Pinned(Pin),
    /// An authority stands behind it, or it is itself among the `named` ones of the CA file.
    Authorities {
        verifier: Arc<dyn ServerCertVerifier>,
        named: Vec<CertificateDer<'static>>,
    },
    /// Nothing could stand behind it: this machine has no authorities, and the account does not
    /// ask for them.
    Nothing,
}

impl Standard {
    fn of(wish: &TlsWish<'_>, provider: &Arc<CryptoProvider>) -> Result<Self, Refused> {
        match (wish.pin, wish.ca_file) {
            (Some(pin), _) => Ok(Self::Pinned(*pin)),
            (None, Some(path)) => Self::of_file(path, provider),
            (None, None) => match verifier_of_this_machine(provider) {
                Ok(verifier) => Ok(Self::Authorities {
                    verifier,
                    named: Vec::new(),
                }),
                Err(error) if wish.strict => {
                    tracing::debug!(%error, "no authorities");
                    Err(Refused::locally(TlsFault::NoAuthorities))
                }
                Err(_) => Ok(Self::Nothing),
            },
        }
    }

    fn of_file(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Self, Refused> {
        let (named, roots) = files::authorities(path).map_err(Refused::locally)?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider))
                .build()
                .map_err(|error| {
                    Refused::locally(TlsFault::Local {
                        error: error.to_string(),
                    })
                })?;
        Ok(Self::Authorities { verifier, named })
    }
}

/// The machine's authorities, as long as a connection lives that was judged by them.
static MACHINE: Mutex<Weak<Verifier>> = Mutex::new(Weak::new());

/// What judges by the machine's authorities. On Linux each would read some hundred and forty of them
/// (3 ms, 0.7 MiB), so that connections at the same time share one; the first after a rest finds
/// what has changed in the system's store, or in the one that `SSL_CERT_FILE` names.
fn verifier_of_this_machine(
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<Verifier>, rustls::Error> {
    let mut shared = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(verifier) = shared.upgrade() {
        return Ok(verifier);
    }
    let verifier = Arc::new(Verifier::new(Arc::clone(provider))?);
    *shared = Arc::downgrade(&verifier);
    Ok(verifier)
}

/// Judges the provider's certificate, and remembers what it found.
#[derive(Debug)]
struct Judge {
    standard: Standard,
    strict: bool,
    algorithms: WebPkiSupportedAlgorithms,
    /// Empty until a certificate came that can be read.
    seen: OnceLock<Seen>,
}

#[derive(Debug)]
struct Seen {
    certificate: Certificate,
    /// Whether its key is too small for a handshake to be checked by it.
    is_weak: bool,
    verdict: Result<CertificateTrust, CertificateFault>,
}

/// Why a certificate does not hold, in our words and in those of rustls, which picks its alert to
/// the provider by them.
type Objection = (CertificateFault, rustls::Error);

impl Judge {
    fn trust(
        &self,
        shown: &Shown<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<CertificateTrust, Objection> {
        let objection = match &self.standard {
            Standard::Pinned(pin) if *pin == shown.pin => return Ok(CertificateTrust::Pinned),
            Standard::Pinned(_) => {
                return Err((
                    CertificateFault::NotThePinned,
                    CertificateError::ApplicationVerificationFailure.into(),
                ));
            }
            // webpki takes no authority for a server, but a CA file with the self-signed
            // certificate of one server is what many are told to make.
            Standard::Authorities { named, .. } if named.contains(shown.der) => {
                shown.holds_by_itself(name, now)
            }
            Standard::Authorities { verifier, .. } => verifier
                .verify_server_cert(shown.der, intermediates, name, ocsp, now)
                .map(drop),
            Standard::Nothing => Err(CertificateError::UnknownIssuer.into()),
        };
        match objection {
            Ok(()) => Ok(CertificateTrust::Verified),
            Err(_) if !self.strict => Ok(CertificateTrust::Unverified),
            Err(error) => Err((shown.fault(&error), error)),
        }
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Shown::read(end_entity)?;
        let verdict = self.trust(&shown, intermediates, server_name, ocsp_response, now);
        let (verdict, answer) = match verdict {
            Ok(trust) => (Ok(trust), Ok(ServerCertVerified::assertion())),
            Err((fault, error)) => (Err(fault), Err(error)),
        };
        self.seen.get_or_init(|| Seen {
            certificate: shown.certificate(),
            is_weak: shown.is_weak(),
            verdict,
        });
        answer
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if ParsedCertificate::try_from(cert).is_ok() {
            return verify_tls12_signature(message, cert, dss, &self.algorithms);
        }
        let key = Shown::read(cert)?.key()?;
        let key = webpki::RawPublicKeyEntity::try_from(&key)
            .map_err(|_| CertificateError::BadEncoding)?;
        let signed = self
            .algorithms
            .mapping
            .iter()
            .filter(|(scheme, _)| *scheme == dss.scheme)
            .flat_map(|(_, candidates)| *candidates)
            .any(|algorithm| {
                key.verify_signature(*algorithm, message, dss.signature())
                    .is_ok()
            });
        if signed {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if ParsedCertificate::try_from(cert).is_ok() {
            return verify_tls13_signature(message, cert, dss, &self.algorithms);
        }
        let key = Shown::read(cert)?.key()?;
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The key of an RSA certificate (RFC 3279 2.3.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The pin that this certificate has, and no other.
fn pin_of(certificate: &CertificateDer<'_>) -> Pin {
    let mut digest = [0; 32];
    digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, certificate).as_ref());
    Pin::of_digest(digest)
}

/// A certificate as the provider shows it. Read apart from webpki, which refuses to look at the
/// ones of version 1 or with an odd serial number that OpenSSL has made by default for decades, and
/// tells of no certificate when it ends.
struct Shown<'a> {
    der: &'a CertificateDer<'a>,
    pin: Pin,
    content: CertificateInner<Raw>,
}

impl<'a> Shown<'a> {
    fn read(der: &'a CertificateDer<'a>) -> Result<Self, CertificateError> {
        Ok(Self {
            der,
            pin: pin_of(der),
            content: CertificateInner::from_der(der).map_err(|_| CertificateError::BadEncoding)?,
        })
    }

    fn certificate(&self) -> Certificate {
        let validity = self.content.tbs_certificate().validity();
        let seconds = |time: Time| {
            let since_1970 = time.to_unix_duration().as_secs();
            i64::try_from(since_1970).unwrap_or(i64::MAX)
        };
        Certificate {
            fingerprint: self.pin.to_string(),
            valid_from: seconds(validity.not_before),
            expires_at: seconds(validity.not_after),
        }
    }

    fn key(&self) -> Result<SubjectPublicKeyInfoDer<'static>, CertificateError> {
        self.content
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .map(SubjectPublicKeyInfoDer::from)
            .map_err(|_| CertificateError::BadEncoding)
    }

    /// Whether a certificate that needs no issuer is in time and for `name`.
    fn holds_by_itself(&self, name: &ServerName<'_>, now: UnixTime) -> Result<(), rustls::Error> {
        let validity = self.content.tbs_certificate().validity();
        if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
            return Err(CertificateError::NotValidYet.into());
        }
        if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
            return Err(CertificateError::Expired.into());
        }
        verify_server_name(&ParsedCertificate::try_from(self.der)?, name)
    }

    fn fault(&self, error: &rustls::Error) -> CertificateFault {
        use CertificateError as E;
        match error {
            rustls::Error::InvalidCertificate(error) => match error {
                // Nothing that mends this would make the key do.
                E::UnknownIssuer if self.is_weak() => CertificateFault::WeakKey,
                // A bad signature here is one by a namesake of an authority: its successor, or a
                // forger.
                E::UnknownIssuer | E::BadSignature => CertificateFault::UnknownIssuer,
                E::Expired | E::ExpiredContext { .. } => CertificateFault::Expired,
                E::NotValidYet | E::NotValidYetContext { .. } => CertificateFault::NotYetValid,
                E::NotValidForName | E::NotValidForNameContext { .. } => {
                    CertificateFault::WrongName
                }
                E::Revoked => CertificateFault::Revoked,
                _ if self.is_weak() => CertificateFault::WeakKey,
                // Before it looks for an issuer, webpki objects to what is usual in self-signed
                // ones: version 1, the mark of an authority.
                _ if self.is_self_signed() => CertificateFault::UnknownIssuer,
                E::UnsupportedSignatureAlgorithmContext { .. }
                | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                    CertificateFault::WeakSignature
                }
                _ => CertificateFault::Invalid,
            },
            _ => CertificateFault::Invalid,
        }
    }

    /// Whether it has an RSA key of fewer than 2048 bits, with which ring checks no signature.
    fn is_weak(&self) -> bool {
        let key = self.content.tbs_certificate().subject_public_key_info();
        let modulus = || {
            let parts = Vec::<Any>::from_der(key.subject_public_key.raw_bytes()).ok()?;
            Some(parts.first()?.value().to_vec())
        };
        let is_small = |modulus: Vec<u8>| {
            let zeros = modulus.iter().take_while(|octet| **octet == 0).count();
            let bits = modulus.get(zeros).map_or(0, |first| first.leading_zeros());
            (modulus.len() - zeros) * 8 - (bits as usize) < 2048
        };
        key.algorithm.oid == RSA && modulus().is_some_and(is_small)
    }

    fn is_self_signed(&self) -> bool {
        let content = self.content.tbs_certificate();
        content.issuer() == content.subject()
    }
}

/// A protected line. What is written goes out with a flush at the latest. A provider that hangs up
/// without TLS's own goodbye (close_notify), as mail servers do after their 221, reads as the plain
/// end: a reply, and a message over the bridge, has an end mark of its own, so that one cut short
/// is never taken for whole.
#[derive(Debug)]
pub struct TlsStream<S>(tokio_rustls::client::TlsStream<Listened<S>>);

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TlsStream<S> {
    fn poll_read(
        mut self: pin::Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(pin::Pin::new(&mut self.0).poll_read(context, buffer)) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            other => Poll::Ready(other),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TlsStream<S> {
    fn poll_write(
        mut self: pin::Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        pin::Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: pin::Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        pin::Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(
        mut self: pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        pin::Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: pin::Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        pin::Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
