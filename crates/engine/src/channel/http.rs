//! One call of a web address. The client blocks, so each call has a thread of its own for as long
//! as it takes; that way nothing holds up the end of the program either.

use std::{io, sync::Arc, time::Duration};

use tokio::sync::oneshot;
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

use super::{CertificateRoots, Why};

/// Octets of an answer's head.
const ANSWER_OCTETS: usize = 16 * 1024;

/// What is posted.
pub(super) enum Body {
    /// JSON in UTF-8.
    Json(Vec<u8>),
    /// Plain text in UTF-8.
    Text(String),
}

/// A POST of `body`, or a GET where there is none. Success is a status of 2xx.
pub(super) async fn call(
    address: String,
    body: Option<Body>,
    token: Option<String>,
    limit: Duration,
    trust: CertificateRoots,
) -> Result<(), Why> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new()
        .name("web-call".to_owned())
        .spawn(move || {
            // Who waited may have given up.
            let _ = done.send(call_blocking(&address, body, token, limit, &trust));
        })
        .map_err(|error| Why::NotConnected(error.kind().to_string()))?;
    result.await.unwrap_or(Err(Why::Protocol))
}

fn call_blocking(
    address: &str,
    body: Option<Body>,
    token: Option<String>,
    limit: Duration,
    trust: &CertificateRoots,
) -> Result<(), Why> {
    // A POST that is sent elsewhere would become a GET there.
    let redirects = if body.is_some() { 0 } else { 3 };
    let agent = agent(limit, redirects, trust);
    let authorization = token.map(|token| format!("Bearer {token}"));
    let called = match body {
        Some(body) => {
            let mut request = agent.post(address);
            if let Some(authorization) = authorization {
                request = request.header("Authorization", authorization);
            }
            match body {
                Body::Json(json) => request
                    .header("Content-Type", "application/json")
                    .send(&json),
                Body::Text(text) => request
                    .header("Content-Type", "text/plain; charset=utf-8")
                    .send(&text),
            }
        }
        None => agent.get(address).call(),
    };
    let status = called.map_err(|error| why(&error))?.status();
    if status.is_success() {
        Ok(())
    } else {
        Err(Why::Status(status.as_u16()))
    }
}

fn agent(limit: Duration, redirects: u32, trust: &CertificateRoots) -> Agent {
    let roots = match trust {
        CertificateRoots::System => RootCerts::PlatformVerifier,
        CertificateRoots::Only(roots) => {
            let roots: Vec<_> = roots
                .iter()
                .map(|der| Certificate::from_der(der).to_owned())
                .collect();
            RootCerts::new_with_certs(&roots)
        }
    };
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(roots)
        .build();
    Agent::config_builder()
        .timeout_global(Some(limit))
        .max_redirects(redirects)
        // Only the status counts; the body is not read.
        .max_response_header_size(ANSWER_OCTETS)
        .user_agent(concat!("dequeue/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .build()
        .new_agent()
}

/// Only what cannot hold any part of the address.
fn why(error: &ureq::Error) -> Why {
    match error {
        ureq::Error::StatusCode(code) => Why::Status(*code),
        ureq::Error::Timeout(_) => Why::TimedOut,
        ureq::Error::HostNotFound => Why::NotConnected("host not found".to_owned()),
        ureq::Error::ConnectionFailed => Why::NotConnected("connection failed".to_owned()),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Why::TimedOut,
        ureq::Error::Io(error) => match error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            Some(error) => Why::Tls(error.to_string()),
            None => Why::NotConnected(error.kind().to_string()),
        },
        ureq::Error::Rustls(error) => Why::Tls(error.to_string()),
        ureq::Error::Tls(what) => Why::Tls((*what).to_owned()),
        // The client's errors are open-ended.
        _ => Why::Protocol,
    }
}
