//! One call of a web address. The client blocks, so each call has a thread of its own for as long
//! as it takes; that way nothing holds up the end of the program either.

use std::{
    io::{self, Read},
    sync::Arc,
    time::Duration,
};

use tokio::sync::oneshot;
use ureq::{
    Agent,
    http::Response,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

use super::{CertificateRoots, Why, webhook::Post};

/// Octets of an answer's head.
const ANSWER_OCTETS: usize = 16 * 1024;

/// Octets of an answer's body that are read, to see what a service says beside its status.
const SAID_OCTETS: u64 = 4 * 1024;

/// A POST. Success is a status of 2xx; gives what was said with it.
pub(super) async fn post(
    post: Post,
    token: Option<String>,
    limit: Duration,
    trust: CertificateRoots,
) -> Result<String, Why> {
    // One that is sent elsewhere would become a GET there.
    let agent = move || agent(limit, 0, &trust);
    apart(move || {
        let mut request = agent()
            .post(&post.address)
            .header("Content-Type", post.content_type);
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(title) = post.title {
            request = request.header("Title", title);
        }
        request.send(&post.body)
    })
    .await
}

/// A GET. Success is a status of 2xx.
pub(super) async fn get(
    address: String,
    limit: Duration,
    trust: CertificateRoots,
) -> Result<(), Why> {
    let called = apart(move || agent(limit, 3, &trust).get(&address).call()).await;
    called.map(drop)
}

/// Makes a call on a thread of its own.
async fn apart(
    call: impl FnOnce() -> Result<Response<ureq::Body>, ureq::Error> + Send + 'static,
) -> Result<String, Why> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new()
        .name("web-call".to_owned())
        .spawn(move || {
            // The caller may have given up.
            let _ = done.send(answer(call()));
        })
        .map_err(|error| Why::NotConnected(error.kind().to_string()))?;
    result.await.unwrap_or(Err(Why::Protocol))
}

fn answer(called: Result<Response<ureq::Body>, ureq::Error>) -> Result<String, Why> {
    let mut response = called.map_err(|error| why(&error))?;
    let status = response.status();
    if !status.is_success() {
        return Err(Why::Status(status.as_u16()));
    }
    let mut said = Vec::new();
    let body = response.body_mut().as_reader();
    // What breaks off after the status tells what it has told so far.
    let _ = body.take(SAID_OCTETS).read_to_end(&mut said);
    Ok(String::from_utf8_lossy(&said).into_owned())
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
