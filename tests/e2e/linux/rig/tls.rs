//! A provider that speaks TLS from the first byte, with any certificate that a test can think of,
//! and an authority behind it.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};

use crate::rig::listener::Listener;

/// A certificate: for whom, and from when to when, in days from now.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub name: &'static str,
    pub from: i32,
    pub to: i32,
}

/// The provider. Dropping it ends it.
pub struct TlsProvider {
    _listener: Listener,
}

impl TlsProvider {
    /// Listens at `at`. The authority's certificate is written to `ca_file`.
    ///
    /// # Panics
    /// When something of it cannot be made.
    pub fn start(at: SocketAddr, wanted: Wanted, ca_file: &Path) -> Self {
        let issued = issue(wanted.name, wanted.from, wanted.to);
        std::fs::write(ca_file, issued.authority).expect("a CA file");
        let chain: Vec<CertificateDer<'static>> = vec![issued.certificate.der().clone()];
        let key = PrivatePkcs8KeyDer::from(issued.key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key.into())
            .expect("a configuration");
        let config = Arc::new(config);
        let listener = Listener::start(at, move |stream, _| {
            let connection = ServerConnection::new(config.clone()).expect("a connection");
            // A client that does not like what it sees hangs up.
            serve(StreamOwned::new(connection, stream)).ok();
        });
        Self {
            _listener: listener,
        }
    }
}

/// A certificate, and who stands behind it.
pub struct Issued {
    /// The authority's certificate, as PEM.
    pub authority: String,
    pub certificate: Certificate,
    pub key: KeyPair,
}

/// An authority of its own vouches for `name`, a name or an address, from one day to another.
///
/// # Panics
/// When something of it cannot be made.
pub fn issue(name: &str, from: i32, to: i32) -> Issued {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
        .expect("an authority");
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.not_before = days_from_now(from).into();
    params.not_after = days_from_now(to).into();
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    Issued {
        authority: authority.pem(),
        certificate,
        key,
    }
}

fn days_from_now(days: i32) -> SystemTime {
    let length = Duration::from_secs(u64::from(days.unsigned_abs()) * 86_400);
    if days < 0 {
        SystemTime::now() - length
    } else {
        SystemTime::now() + length
    }
}

fn serve(stream: StreamOwned<ServerConnection, &TcpStream>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut say = "220 bsmtp.provider.test ESMTP".to_owned();
    loop {
        let out = stream.get_mut();
        out.write_all(format!("{say}\r\n").as_bytes())?;
        out.flush()?;
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        say = match line.split_ascii_whitespace().next() {
            Some("EHLO") => "250-bsmtp.provider.test\r\n250-ETRN\r\n250 PIPELINING".to_owned(),
            Some("QUIT") => "221 bye".to_owned(),
            _ => "250 Queuing started".to_owned(),
        };
    }
}
