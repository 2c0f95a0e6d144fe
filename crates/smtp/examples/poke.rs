//! Asks a provider for held mail over a plain TCP connection, without TLS and without a login:
//!
//! ```text
//! cargo run -p dequeue-smtp --example poke -- mail.provider.example example.org
//! ```

use std::{
    env,
    error::Error,
    io::{ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    process::ExitCode,
    time::{Duration, Instant},
};

use dequeue_smtp::{ConnectFault, Input, Method, Plan, Report, Session, Step, TlsFault};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let host = arguments
        .next()
        .ok_or("usage: poke HOST[:PORT] [DOMAIN]...")?;
    let plan = Plan {
        targets: arguments
            .map(|domain| domain.parse())
            .collect::<Result<_, _>>()?,
        ..Plan::new(Method::Auto)
    };
    let report = poke(&host, plan);
    for line in &report.dialogue {
        // The provider's words are as they came: none of them is to act on the terminal.
        let said = line.line.escape_debug();
        println!("{:>6} ms {:?}: {said}", line.at_ms, line.from);
    }
    for domain in &report.domains {
        println!("{}: {}", domain.target, domain.verdict.outcome.name());
    }
    println!("all in all: {}", report.verdict.outcome.name());
    Ok(ExitCode::from(report.verdict.exit_status()))
}

/// The driver: takes each step of the session, and feeds its result back with the time.
fn poke(host: &str, plan: Plan) -> Report {
    let start = Instant::now();
    let mut session = Session::new(plan);
    let mut stream = None;
    let mut buffer = [0; 4096];
    loop {
        let input = match session.step() {
            Step::Done => return session.into_report(),
            Step::Connect { limit, .. } => match connect(host, limit) {
                Ok((connected, input)) => {
                    stream = Some(connected);
                    input
                }
                Err(fault) => Input::ConnectFailed(fault),
            },
            Step::Send { bytes, until } => match within(&stream, until, start) {
                Some(mut stream) => match stream.write_all(bytes) {
                    Ok(()) => Input::Sent,
                    Err(error) => fault(error.kind()),
                },
                None => Input::Closed,
            },
            Step::Receive { until } => match within(&stream, until, start) {
                Some(mut stream) => match stream.read(&mut buffer) {
                    Ok(0) => Input::Closed,
                    Ok(length) => Input::Received(&buffer[..length]),
                    Err(error) => fault(error.kind()),
                },
                None => Input::Closed,
            },
            // The plan asks for none of these.
            Step::StartTls { .. } => Input::TlsFailed(&TlsFault::Closed, None),
            Step::ConnectMailServer { .. } => Input::ConnectFailed(ConnectFault::Local),
            Step::ReceiveFromMailServer { .. } => Input::Closed,
            Step::Bridge { .. } => Input::BridgeOver,
        };
        session.feed(start.elapsed(), input);
    }
}

/// Connects to the first address that answers; port 25 unless the host names another.
fn connect(host: &str, limit: Duration) -> Result<(TcpStream, Input<'static>), ConnectFault> {
    let addresses = host
        .to_socket_addrs()
        .or_else(|_| (host, 25).to_socket_addrs())
        .map_err(|_| ConnectFault::NoAddress)?;
    let mut fault = ConnectFault::NoAddress;
    for address in addresses {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => {
                let local = stream.local_addr().map_err(|_| ConnectFault::Local)?.ip();
                return Ok((stream, Input::Connected { local }));
            }
            Err(error) => {
                fault = match error.kind() {
                    ErrorKind::ConnectionRefused => ConnectFault::Refused,
                    ErrorKind::ConnectionReset => ConnectFault::Reset,
                    ErrorKind::TimedOut => ConnectFault::TimedOut,
                    ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                        ConnectFault::NoRoute
                    }
                    _ => ConnectFault::Local,
                }
            }
        }
    }
    Err(fault)
}

/// The connection, with a time limit for what is done next with it.
fn within(stream: &Option<TcpStream>, until: Duration, start: Instant) -> Option<&TcpStream> {
    let stream = stream.as_ref()?;
    let left = until.saturating_sub(start.elapsed());
    // Zero would mean no limit at all.
    let left = Some(left.max(Duration::from_millis(1)));
    stream.set_read_timeout(left).ok()?;
    stream.set_write_timeout(left).ok()?;
    Some(stream)
}

fn fault(kind: ErrorKind) -> Input<'static> {
    match kind {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Input::TimedOut,
        _ => Input::Reset,
    }
}
