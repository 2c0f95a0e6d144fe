//! A notice by e-mail, through an SMTP host.

use std::{error::Error, io, time::Duration};

use dequeue_core::{
    settings::{
        channels::{Mail, MailTls},
        mailbox::Mailbox,
    },
    sink,
};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::header::{ContentType, HeaderName, HeaderValue},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};
use tokio::time::timeout;

use super::{CertificateRoots, Outgoing, Why};
use crate::connect::own_name;

/// Sends the notice, and waits for the host's word that it has it no longer than `limit`.
pub(super) async fn send(
    mail: &Mail,
    notice: &Outgoing,
    password: Option<String>,
    limit: Duration,
    trust: &CertificateRoots,
) -> Result<(), Why> {
    let Some(host) = &mail.host else {
        return Err(Why::Protocol);
    };
    let message = message(mail, notice)?;
    let tls = match mail.tls {
        MailTls::None => Tls::None,
        MailTls::Required => Tls::Required(tls(host.as_str(), trust)?),
        MailTls::Implicit => Tls::Wrapper(tls(host.as_str(), trust)?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.as_str())
        .port(mail.port())
        .timeout(Some(limit))
        .tls(tls);
    if let Some(name) = own_name() {
        builder = builder.hello_name(ClientId::Domain(name.to_string()));
    }
    if let (Some(user), Some(password)) = (&mail.user, password) {
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    let transport = builder.build::<Tokio1Executor>();
    match timeout(limit, transport.send(message)).await {
        Ok(sent) => sent.map(drop).map_err(|error| why(&error)),
        Err(_) => Err(Why::TimedOut),
    }
}

fn message(mail: &Mail, notice: &Outgoing) -> Result<Message, Why> {
    let from = mailbox(mail.from.as_ref().ok_or(Why::Protocol)?)?;
    let mut builder = Message::builder()
        .from(from)
        .subject(sink::line(&notice.title))
        .date(notice.at.try_into().map_err(|_| Why::Protocol)?)
        .header(ContentType::TEXT_PLAIN)
        // So that no out-of-office answer comes back (RFC 3834 5).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    builder
        .body(format!(
            "{}\n\n-- \n{}\n",
            sink::text(&notice.body),
            sink::line(&notice.signature())
        ))
        .map_err(|_| Why::Protocol)
}

/// The address as lettre takes it: both read addresses by the same rules.
fn mailbox(mailbox: &Mailbox) -> Result<lettre::message::Mailbox, Why> {
    let address = Address::new(mailbox.local(), mailbox.domain()).map_err(|_| Why::Protocol)?;
    let name = mailbox.name().map(str::to_owned);
    Ok(lettre::message::Mailbox::new(name, address))
}

fn tls(host: &str, trust: &CertificateRoots) -> Result<TlsParameters, Why> {
    let failed = |error: lettre::transport::smtp::Error| Why::Tls(error.to_string());
    let mut builder = TlsParameters::builder(host.to_owned());
    if let CertificateRoots::Only(roots) = trust {
        builder = builder.certificate_store(CertificateStore::None);
        for root in roots {
            builder =
                builder.add_root_certificate(Certificate::from_der(root.clone()).map_err(failed)?);
        }
    }
    builder.build_rustls().map_err(failed)
}

/// The host's own words are left out: they are a stranger's, and may repeat what was sent.
fn why(error: &lettre::transport::smtp::Error) -> Why {
    if let Some(code) = error.status() {
        return Why::Reply(code.into());
    }
    if error.is_timeout() {
        return Why::TimedOut;
    }
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return Why::Tls(error.to_string());
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            let inner = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>());
            return match inner {
                Some(error) => Why::Tls(error.to_string()),
                None => Why::NotConnected(error.kind().to_string()),
            };
        }
        cause = error.source();
    }
    Why::Protocol
}
