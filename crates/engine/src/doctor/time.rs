//! What time it is, by time servers on the Internet (SNTP, RFC 5905 14).
//!
//! Only the doctor asks here. Where nobody answers, as behind a firewall that lets no UDP through,
//! the time stays unknown, which is no fault.

use std::{
    env,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use dequeue_core::settings::value::OtherHost;
use futures_util::future::join_all;
use jiff::SignedDuration;
use rsntp::{AsyncSntpClient, Config};
use tokio::{net::lookup_host, time::timeout};

/// The variable that names another time server: a host, with or without a port; `none` to ask nobody.
pub const TIME_SERVER_VARIABLE: &str = "DEQUEUE_TIME_SERVER";

/// Servers of volunteers all over the world; each time some others.
const POOL: &str = "pool.ntp.org";
const PORT: u16 = 123;
/// How long the name may take, and how long a server may.
const PATIENCE: Duration = Duration::from_secs(3);
/// No more of the servers behind the name are asked.
const SERVERS: usize = 4;

/// What a time server says of this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeAnswer {
    /// Which server.
    pub(super) server: SocketAddr,
    /// What is to be added to the clock.
    pub(super) offset: SignedDuration,
}

/// Whether nobody is to be asked: [`TIME_SERVER_VARIABLE`] says so.
pub(super) fn is_off() -> bool {
    env::var(TIME_SERVER_VARIABLE).is_ok_and(|text| text.trim() == "none")
}

/// The answer, of those of a few servers, that finds the clock the least wrong: among volunteers one
/// may be wrong itself. `None` where none answers.
pub(super) async fn ask() -> Option<TimeAnswer> {
    let (host, port) = server(env::var(TIME_SERVER_VARIABLE).ok().as_deref())?;
    let found = timeout(PATIENCE, lookup_host((host.as_str(), port))).await;
    let servers = found.ok()?.ok()?.take(SERVERS);
    let answers = join_all(servers.map(ask_one)).await;
    nearest(answers.into_iter().flatten())
}

/// Whom to ask, by the variable.
fn server(variable: Option<&str>) -> Option<(String, u16)> {
    match variable.map(str::trim) {
        None | Some("") => Some((POOL.to_owned(), PORT)),
        Some("none") => None,
        Some(text) => {
            let named: OtherHost = text.parse().ok()?;
            Some((named.host.to_string(), named.port.unwrap_or(PORT)))
        }
    }
}

async fn ask_one(server: SocketAddr) -> Option<TimeAnswer> {
    let local: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let config = Config::default().bind_address(local).timeout(PATIENCE);
    let answer = AsyncSntpClient::with_config(config)
        .synchronize(server)
        .await
        .inspect_err(|error| tracing::debug!(%server, %error, "no time"))
        .ok()?;
    let offset = answer.clock_offset().as_secs_f64();
    let offset = SignedDuration::try_from_secs_f64(offset).ok()?;
    Some(TimeAnswer { server, offset })
}

fn nearest(answers: impl Iterator<Item = TimeAnswer>) -> Option<TimeAnswer> {
    answers.min_by_key(|answer| answer.offset.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_ask() {
        let pool = Some((POOL.to_owned(), PORT));
        let named = |host: &str, port| Some((host.to_owned(), port));
        for (variable, expected) in [
            (None, pool.clone()),
            (Some(""), pool),
            (Some("none"), None),
            (Some("two words"), None),
            (Some("time.customer.test"), named("time.customer.test", 123)),
            (Some("192.0.2.1:1123"), named("192.0.2.1", 1123)),
            (Some("[2001:db8::1]:1123"), named("2001:db8::1", 1123)),
        ] {
            assert_eq!(server(variable), expected, "{variable:?}");
        }
    }

    #[test]
    fn one_that_is_wrong_itself_does_not_count() {
        let answer = |seconds| TimeAnswer {
            server: ([192, 0, 2, 1], PORT).into(),
            offset: SignedDuration::from_secs(seconds),
        };
        let of = |offsets: &[i64]| nearest(offsets.iter().map(|it| answer(*it)));
        assert_eq!(of(&[7200, -1, 86_400]), Some(answer(-1)));
        assert_eq!(of(&[-7201, -7200]), Some(answer(-7200)));
        assert_eq!(of(&[]), None);
    }
}
