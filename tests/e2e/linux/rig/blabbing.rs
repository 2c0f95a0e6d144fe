//! A provider behind TLS that knows every way to log in, and says the secret back wherever it can.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    num::NonZeroU32,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use ring::{digest, hmac, pbkdf2};
use rustls::{
    DigitallySignedStruct, DistinguishedName, ServerConfig, ServerConnection, SignatureScheme,
    StreamOwned,
    client::danger::HandshakeSignatureValid,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use tempfile::TempDir;

use super::certificate;
use crate::rig::{listener::Listener, net};

/// Whom it knows.
pub const USER: &str = "customer";

/// Called with each AUTH that begins, while the client waits.
pub type AtLogin = Box<dyn Fn() + Send + Sync>;

/// The provider. Dropping it ends it.
pub struct Blabbing {
    listener: Listener,
    shared: Arc<Shared>,
    folder: TempDir,
}

struct Shared {
    secret: String,
    /// Whether it turns down every login, rightly or wrongly.
    refusing: AtomicBool,
    at_login: AtLogin,
    /// The mechanisms of the logins that were right.
    logins: Mutex<Vec<String>>,
}

impl Blabbing {
    /// Starts it, for a customer with this secret.
    pub fn start(secret: &str, at_login: AtLogin) -> Self {
        let ip = net::address();
        let folder = tempfile::tempdir().expect("a temporary folder");
        certificate::make(folder.path(), ip);
        let config = Arc::new(configured(&folder));
        let shared = Arc::new(Shared {
            secret: secret.to_owned(),
            refusing: AtomicBool::new(false),
            at_login,
            logins: Mutex::default(),
        });
        let listener = Listener::start(SocketAddr::from((ip, 0)), {
            let shared = shared.clone();
            move |stream, _| {
                let Ok(tls) = ServerConnection::new(config.clone()) else {
                    return;
                };
                let stream = stream.try_clone().expect("a second handle");
                let line = BufReader::new(StreamOwned::new(tls, stream));
                // A client that hangs up has its reasons.
                Session {
                    line,
                    shared: &shared,
                    by_certificate: false,
                }
                .run()
                .ok();
            }
        });
        Self {
            listener,
            shared,
            folder,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// From now on turns down every login.
    pub fn refuse(&self) {
        self.shared.refusing.store(true, Ordering::SeqCst);
    }

    /// The mechanisms of the logins that were right, in order.
    pub fn logins(&self) -> Vec<String> {
        self.shared.logins.lock().unwrap().clone()
    }
}

fn configured(folder: &TempDir) -> ServerConfig {
    let path = |name: &str| folder.path().join(name);
    let chain = CertificateDer::pem_file_iter(path("cert.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(path("key.pem")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_client_cert_verifier(Arc::new(Anyone(provider)))
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .expect("a certificate with its key")
}

/// Asks for a certificate, and takes any.
#[derive(Debug)]
struct Anyone(Arc<rustls::crypto::CryptoProvider>);

impl ClientCertVerifier for Anyone {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

struct Session<'a> {
    line: BufReader<StreamOwned<ServerConnection, TcpStream>>,
    shared: &'a Shared,
    /// The client has shown a certificate, and no secret that could be said back.
    by_certificate: bool,
}

impl Session<'_> {
    fn run(&mut self) -> io::Result<()> {
        self.say("220 provider.test ESMTP")?;
        while let Some(command) = self.hear()? {
            let (verb, argument) = command.split_once(' ').unwrap_or((&command, ""));
            match verb {
                "EHLO" => self.say(
                    "250-provider.test\r\n250-ETRN\r\n250 AUTH EXTERNAL SCRAM-SHA-256 SCRAM-SHA-1 \
                     OAUTHBEARER XOAUTH2 CRAM-MD5 PLAIN LOGIN",
                )?,
                "AUTH" => self.log_in(argument)?,
                "QUIT" => {
                    self.blab("221 Bye.")?;
                    break;
                }
                _ => self.blab("250 Queuing started.")?,
            }
        }
        Ok(())
    }

    fn hear(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let heard = self.line.read_line(&mut line)? > 0;
        Ok(heard.then(|| line.trim_end().to_owned()))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let line = self.line.get_mut();
        line.write_all(format!("{text}\r\n").as_bytes())?;
        line.flush()
    }

    /// Says this, and the secret, plain and in base64, over several lines.
    fn blab(&mut self, text: &str) -> io::Result<()> {
        if self.by_certificate {
            return self.say(text);
        }
        let (code, rest) = text.split_at(3);
        let secret = &self.shared.secret;
        let lines = [
            format!("{code}-{}", rest.trim()),
            format!("{code}-You are {USER} with {secret},"),
            format!("{code}-which is {}", BASE64.encode(secret)),
            format!(
                "{code} or {}.",
                BASE64.encode(format!("\0{USER}\0{secret}"))
            ),
        ];
        self.say(&lines.join("\r\n"))
    }

    /// Asks on; gives the answer in the clear.
    fn ask(&mut self, challenge: &[u8]) -> io::Result<Vec<u8>> {
        self.say(&format!("334 {}", BASE64.encode(challenge)))?;
        let answer = self.hear()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        decoded(&answer)
    }

    fn log_in(&mut self, argument: &str) -> io::Result<()> {
        (self.shared.at_login)();
        let (mechanism, initial) = argument.split_once(' ').unwrap_or((argument, ""));
        let initial = decoded(initial)?;
        let secret = self.shared.secret.clone();
        let right = match mechanism {
            "EXTERNAL" => {
                self.by_certificate = true;
                self.line.get_ref().conn.peer_certificates().is_some()
            }
            "PLAIN" => initial == format!("\0{USER}\0{secret}").as_bytes(),
            "LOGIN" => {
                let user = self.ask(b"User Name")?;
                // Some prompts say more than they should.
                let word = self.ask(secret.as_bytes())?;
                (user, word) == (USER.into(), secret.into())
            }
            // Against real servers it is shown to be right.
            "CRAM-MD5" => self.ask(b"<1@provider.test>")?.starts_with(USER.as_bytes()),
            "XOAUTH2" | "OAUTHBEARER" => {
                let bearer = format!("\x01auth=Bearer {secret}\x01");
                contains(&initial, bearer.as_bytes())
            }
            "SCRAM-SHA-1" => self.scram(&SHA1, &initial)?,
            "SCRAM-SHA-256" => self.scram(&SHA256, &initial)?,
            _ => return self.say("504 5.5.4 What is that?"),
        };
        if right {
            let mut logins = self.shared.logins.lock().unwrap();
            logins.push(mechanism.to_owned());
        }
        if right && !self.shared.refusing.load(Ordering::SeqCst) {
            self.blab("235 Welcome.")
        } else {
            self.blab("535 Go away.")
        }
    }

    /// RFC 5802 3, the server's side. True when the client has proved that it knows the secret.
    fn scram(&mut self, hash: &Hash, initial: &[u8]) -> io::Result<bool> {
        const SALT: &[u8] = b"salt of this server";
        let initial = String::from_utf8_lossy(initial).into_owned();
        let bare = initial.trim_start_matches("n,,");
        let nonce = bare.split("r=").nth(1).unwrap_or_default();
        let first = format!("r={nonce}server,s={},i=4096", BASE64.encode(SALT));
        let last = self.ask(first.as_bytes())?;
        let last = String::from_utf8_lossy(&last).into_owned();
        let (without_proof, proof) = last.split_once(",p=").unwrap_or_default();
        let spoken = format!("{bare},{first},{without_proof}");

        let mut salted = vec![0; hash.digest.output_len()];
        let rounds = NonZeroU32::new(4096).expect("not zero");
        pbkdf2::derive(
            hash.pbkdf2,
            rounds,
            SALT,
            self.shared.secret.as_bytes(),
            &mut salted,
        );
        let keyed = |key: &[u8], text: &[u8]| {
            let key = hmac::Key::new(hash.hmac, key);
            hmac::sign(&key, text).as_ref().to_vec()
        };
        let client_key = keyed(&salted, b"Client Key");
        let stored = digest::digest(hash.digest, &client_key);
        let signature = keyed(stored.as_ref(), spoken.as_bytes());
        let expected = std::iter::zip(&client_key, &signature).map(|(a, b)| a ^ b);
        let right = decoded(proof)? == expected.collect::<Vec<u8>>();
        if right {
            let signature = keyed(&keyed(&salted, b"Server Key"), spoken.as_bytes());
            self.ask(format!("v={}", BASE64.encode(signature)).as_bytes())?;
        }
        Ok(right)
    }
}

/// What SCRAM needs of a hash.
struct Hash {
    digest: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
    pbkdf2: pbkdf2::Algorithm,
}

static SHA1: Hash = Hash {
    digest: &digest::SHA1_FOR_LEGACY_USE_ONLY,
    hmac: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
    pbkdf2: pbkdf2::PBKDF2_HMAC_SHA1,
};
static SHA256: Hash = Hash {
    digest: &digest::SHA256,
    hmac: hmac::HMAC_SHA256,
    pbkdf2: pbkdf2::PBKDF2_HMAC_SHA256,
};

fn decoded(text: &str) -> io::Result<Vec<u8>> {
    match text {
        "" | "=" => Ok(Vec::new()),
        text => BASE64
            .decode(text)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
