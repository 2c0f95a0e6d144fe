//! One poke: drives a [`Session`] over a TCP connection, within the session's limits.

use std::io;

use dequeue_smtp::{DialogueLine, DomainReport, Input, Plan, Session, Step};
use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout_at},
};

use crate::{
    api::{self, Trigger},
    clock::Clock,
    connect::{connect, own_name},
    settings::Account,
    text::Text,
};

/// Pokes the account's provider once. `on_line` sees each line of the dialogue as it is said.
/// Whatever happens is in the result; it never fails to give one.
pub async fn poke(
    account: &Account,
    trigger: Trigger,
    clock: Clock,
    text: &Text,
    mut on_line: impl FnMut(&DialogueLine),
) -> api::Poke {
    // As the history keeps it, so that it is the same before and after a restart.
    let started_at = whole_milliseconds(clock.now());
    let origin = Instant::now();
    let mut session = Session::new(Plan {
        method: account.method,
        targets: account.domains.clone(),
        ehlo: account.ehlo.clone().or_else(own_name),
        normal_codes: account.normal_codes.clone(),
        limits: account.limits,
    });
    let mut stream: Option<TcpStream> = None;
    let mut address = None;
    let mut shown = 0;
    let mut buffer = [0; 4096];
    loop {
        match session.step() {
            Step::Done => break,
            Step::Connect { limit, until } => {
                // The connection before has ended: it is closed before a new one is opened.
                stream = None;
                match connect(account, limit, origin + until).await {
                    Ok(new) => {
                        address = new.peer_addr().ok().or(address);
                        let local = new
                            .local_addr()
                            .map_or(account.bind, |local| Some(local.ip()));
                        stream = Some(new);
                        let local = local.unwrap_or_else(|| [127, 0, 0, 1].into());
                        session.feed(origin.elapsed(), Input::Connected { local });
                    }
                    Err(not) => {
                        address = not.address.or(address);
                        session.feed(origin.elapsed(), Input::ConnectFailed(not.fault));
                    }
                }
            }
            Step::Send { bytes, until } => {
                let done = match &mut stream {
                    Some(stream) => timeout_at(origin + until, stream.write_all(bytes)).await,
                    None => Ok(Err(io::ErrorKind::NotConnected.into())),
                };
                session.feed(
                    origin.elapsed(),
                    match done {
                        Ok(Ok(())) => Input::Sent,
                        Ok(Err(_)) => Input::Reset,
                        Err(_) => Input::TimedOut,
                    },
                );
            }
            Step::Receive { until } => {
                let got = match &mut stream {
                    Some(stream) => timeout_at(origin + until, stream.read(&mut buffer)).await,
                    None => Ok(Err(io::ErrorKind::NotConnected.into())),
                };
                session.feed(
                    origin.elapsed(),
                    match got {
                        Ok(Ok(0)) => Input::Closed,
                        Ok(Ok(count)) => Input::Received(&buffer[..count]),
                        Ok(Err(_)) => Input::Reset,
                        Err(_) => Input::TimedOut,
                    },
                );
            }
        }
        for line in &session.dialogue()[shown..] {
            on_line(line);
        }
        shown = session.dialogue().len();
    }
    let duration_ms = u32::try_from(origin.elapsed().as_millis()).unwrap_or(u32::MAX);
    let report = session.into_report();
    let mut poke = api::Poke {
        id: 0,
        account: account.name.clone(),
        host: account.host.to_string(),
        address: address.map(|address| address.to_string()),
        method: report.method,
        exit_status: report.verdict.exit_status(),
        outcome: report.verdict.outcome,
        reason: report.verdict.reason,
        code: report.verdict.code,
        text: report.verdict.text,
        domains: report.domains.into_iter().map(domain_view).collect(),
        explanation: String::new(),
        trigger,
        started_at,
        duration_ms,
        round_trips: report.round_trips,
        tls: None,
        seen_address: report.seen_address,
        dialogue: report.dialogue,
    };
    poke.explanation = text.explain_poke(&poke);
    tracing::info!(
        account = account.name,
        outcome = poke.outcome.name(),
        duration_ms,
        "poked"
    );
    poke
}

fn whole_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn domain_view(domain: DomainReport) -> api::DomainView {
    api::DomainView {
        domain: domain.target.into(),
        outcome: domain.verdict.outcome,
        reason: domain.verdict.reason,
        pending: domain.verdict.pending,
        code: domain.verdict.code,
        enhanced: domain.verdict.enhanced,
        text: domain.verdict.text,
    }
}
