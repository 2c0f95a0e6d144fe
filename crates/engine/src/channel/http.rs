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
/// Telegram repeats a whole message, with up to twelve of them for a character.
const SAID_OCTETS: u64 = 64 * 1024;

/// A POST. Success is a status of 2xx, with an answer that does not deny it.
pub(super) async fn post(
    post: Post,
    token: Option<String>,
    limit: Duration,
    trust: CertificateRoots,
) -> Result<(), Why> {
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
        let response = checked(request.send(&post.body))?;
        match post.is_taken {
            Some(is_taken) if !is_taken(&said(response)) => Err(Why::Refused),
            Some(_) | None => Ok(()),
        }
    })
    .await
}

/// A GET. Success is a status of 2xx.
pub(super) async fn get(
    address: String,
    limit: Duration,
    trust: CertificateRoots,
) -> Result<(), Why> {
    apart(move || checked(agent(limit, 3, &trust).get(&address).call()).map(drop)).await
}

/// The body of a GET's answer; `None` where it has more octets than this. Nobody sends it elsewhere:
/// whoever it would be sent to is not who was asked.
pub(crate) async fn fetch(
    address: String,
    octets: u64,
    limit: Duration,
    trust: CertificateRoots,
) -> Result<Option<Vec<u8>>, Why> {
    apart(move || {
        let mut response = checked(agent(limit, 0, &trust).get(&address).call())?;
        let mut body = Vec::new();
        let reader = response.body_mut().as_reader();
        let read = reader.take(octets + 1).read_to_end(&mut body);
        read.map_err(|error| Why::NotConnected(error.kind().to_string()))?;
        Ok((body.len() as u64 <= octets).then_some(body))
    })
    .await
}

/// Makes a call on a thread of its own.
async fn apart<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, Why> + Send + 'static,
) -> Result<T, Why> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new()
        .name("web-call".to_owned())
        .spawn(move || {
            // The caller may have given up.
            let _ = done.send(call());
        })
        .map_err(|error| Why::NotConnected(error.kind().to_string()))?;
    result.await.unwrap_or(Err(Why::Protocol))
}

fn checked(called: Result<Response<ureq::Body>, ureq::Error>) -> Result<Response<ureq::Body>, Why> {
    let response = called.map_err(|error| why(&error))?;
    match response.status() {
        status if status.is_success() => Ok(response),
        status => Err(Why::Status(status.as_u16())),
    }
}

/// What stands in an answer. What breaks off tells what it has told so far.
fn said(mut response: Response<ureq::Body>) -> String {
    let mut said = Vec::new();
    let body = response.body_mut().as_reader();
    let _ = body.take(SAID_OCTETS).read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
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
