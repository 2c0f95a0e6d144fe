//! Connections that end at every single octet of a whole conversation.

use dequeue_core::record::Poke;
use dequeue_smtp::{Outcome, Reason, Speaker};

use crate::{
    Ended, MEMORY_AT_MOST, TURN, Visit, hold_still,
    peer::{Op, Peer, say},
    protected::Authority,
};

/// Why there was no answer, by what had been said: it may have worked only where it was asked for.
fn unanswered(poke: &Poke) -> Reason {
    let said = |from, start: &str| {
        // On the last connection.
        let lines = poke.dialogue.iter().rev();
        let mut lines = lines.take_while(|line| line.line != "connected");
        lines.any(|line| line.from == from && line.line.starts_with(start))
    };
    if said(Speaker::Us, "ETRN") {
        Reason::HungUp
    } else if said(Speaker::Us, "EHLO") {
        Reason::HungUpBeforeRequest
    } else {
        Reason::NotGreeted
    }
}

fn conversation() -> Vec<Op> {
    vec![
        say("220 mail.provider.test ESMTP\r\n"),
        Op::Hear("EHLO"),
        say("250-mail.provider.test\r\n250-PIPELINING\r\n250 ETRN\r\n"),
        Op::Hear("ETRN"),
        say("250 Queuing started\r\n"),
        Op::Hear("QUIT"),
        say("221 bye\r\n"),
        Op::Close,
    ]
}

/// Plays the script cut at every octet until it is whole, each `step`th where that takes too long;
/// `check` sees what came of it, and how many operations had been done.
async fn at_every_octet(
    account: &[(&str, &str)],
    script: &[Op],
    step: impl Fn(usize) -> usize,
    mut check: impl FnMut(usize, &Ended),
) {
    let mut octets = 0;
    loop {
        let cut = script.to_vec();
        // On further connections, such as the one with HELO, it ends as soon as it can.
        let provider = Peer::cut(vec![cut, vec![Op::Close]], octets).await;
        let visit = Visit {
            account,
            ..Visit::to(&provider)
        };
        let ended = visit.poke().await;
        assert!(
            ended.memory < MEMORY_AT_MOST,
            "cut at {octets}: {} octets",
            ended.memory
        );
        assert_eq!(ended.seconds, 0, "cut at {octets}");
        assert!(provider.connections() <= 2, "cut at {octets}");
        check(provider.done(), &ended);
        if provider.said() < octets as u64 {
            assert!(octets > 50, "there was nothing to cut");
            return;
        }
        octets += step(octets);
    }
}

#[tokio::test(start_paused = true)]
async fn in_the_clear() {
    let _turn = TURN.lock().await;
    let _still = hold_still();
    let script = conversation();
    at_every_octet(
        &[],
        &script,
        |_| 1,
        |done, ended| {
            // The fifth is the answer.
            let expected = if done >= 5 {
                (Outcome::Started, Reason::QueuingStarted)
            } else {
                (Outcome::Unknown, unanswered(&ended.poke))
            };
            let poke = &ended.poke;
            assert_eq!(
                (poke.outcome, poke.reason),
                expected,
                "{done} {:?}",
                poke.dialogue
            );
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn in_the_handshake_and_after_it() {
    let _turn = TURN.lock().await;
    let _still = hold_still();
    let authority = Authority::new();
    let (file, config) = (
        authority.file(),
        authority.server("127.0.0.1", (2020, 2040)),
    );
    let script: Vec<Op> = [Op::Tls(config)]
        .into_iter()
        .chain(conversation())
        .collect();
    let account = [
        ("tls", "implicit"),
        ("ca_file", file.path().to_str().unwrap()),
    ];
    at_every_octet(
        &account,
        &script,
        |_| 1,
        |done, ended| {
            let expected = match done {
                0 => (Outcome::Refused, Reason::TlsFailed),
                1..6 => (Outcome::Unknown, unanswered(&ended.poke)),
                _ => (Outcome::Started, Reason::QueuingStarted),
            };
            let poke = &ended.poke;
            assert_eq!(
                (poke.outcome, poke.reason),
                expected,
                "{done} {:?}",
                poke.dialogue
            );
        },
    )
    .await;
}

fn provider_with_a_message() -> Vec<Op> {
    vec![
        say("220 odmr.provider.test\r\n"),
        Op::Hear("EHLO"),
        say("250-odmr.provider.test\r\n250 ATRN\r\n"),
        Op::Hear("ATRN"),
        say("250 turning\r\n"),
        Op::Hear("220"),
        say("EHLO p\r\n"),
        Op::Hear("250"),
        say("MAIL FROM:<a@b.test>\r\n"),
        Op::Hear("250"),
        say("RCPT TO:<c@d.test>\r\n"),
        Op::Hear("250"),
        say("DATA\r\n"),
        Op::Hear("354"),
        say("Subject: x\r\n\r\nhello\r\n.\r\n"),
        Op::Hear("250"),
        say("QUIT\r\n"),
        Op::Hear("221"),
        Op::Close,
    ]
}

fn provider_without() -> Vec<Op> {
    vec![
        say("220 odmr.provider.test\r\n"),
        // EHLO, or HELO where it hung up on that before.
        Op::HearSome,
        say("250-odmr.provider.test\r\n250 ATRN\r\n"),
        Op::Hear("ATRN"),
        say("453 no mail\r\n"),
        Op::Hear("QUIT"),
        say("221 bye\r\n"),
        Op::Close,
    ]
}

/// How many operations of the mail server are done when it has taken the message.
const TAKEN: usize = 11;

fn mail_server() -> Vec<Op> {
    vec![
        say("220 own\r\n"),
        Op::Hear("EHLO"),
        say("250 own\r\n"),
        Op::Hear("MAIL"),
        say("250 ok\r\n"),
        Op::Hear("RCPT"),
        say("250 ok\r\n"),
        Op::Hear("DATA"),
        say("354 go on\r\n"),
        Op::Hear("."),
        say("250 taken\r\n"),
        Op::Hear("QUIT"),
        say("221 bye\r\n"),
        Op::Close,
    ]
}

/// Nothing is claimed that was not taken, and what was taken is not concealed.
fn check_bridge(octets: usize, ended: &Ended, own: &Peer) {
    let Ended {
        poke,
        memory,
        seconds,
    } = ended;
    let taken = own.done() >= TAKEN;
    let counted = poke
        .delivered
        .as_ref()
        .and_then(|delivered| delivered.messages);
    let dialogue = &poke.dialogue;
    assert_eq!(
        counted.unwrap_or(0),
        u32::from(taken),
        "cut at {octets} {dialogue:?}"
    );
    assert!(
        taken || poke.outcome != Outcome::Delivered,
        "cut at {octets} {dialogue:?}"
    );
    assert!(*memory < MEMORY_AT_MOST, "cut at {octets}: {memory} octets");
    assert!(*seconds <= 60, "cut at {octets}: {seconds} s");
    let answer = own.heard().contains("hello");
    assert!(!taken || answer, "an answer to nothing");
}

async fn bridge_cut_at_every_octet(provider_is_cut: bool) {
    let _turn = TURN.lock().await;
    let _still = hold_still();
    let mut octets = 0;
    let mut delivered = 0;
    loop {
        let (provider_cut, own_cut) = match provider_is_cut {
            true => (octets, usize::MAX),
            false => (usize::MAX, octets),
        };
        let provider = Peer::cut(
            vec![provider_with_a_message(), provider_without()],
            provider_cut,
        )
        .await;
        let own = Peer::cut(vec![mail_server()], own_cut).await;
        let visit = Visit {
            account: &[
                ("method", "atrn"),
                ("domains", "d.test"),
                ("mail_server_test", "false"),
            ],
            mail_server: Some(&own),
            ..Visit::to(&provider)
        };
        let ended = visit.poke().await;
        check_bridge(octets, &ended, &own);
        delivered += u32::from(ended.poke.outcome == Outcome::Delivered);
        let whole = match provider_is_cut {
            true => provider.done() == provider_with_a_message().len() - 1,
            false => own.done() == mail_server().len() - 1,
        };
        if whole {
            assert_eq!(ended.poke.outcome, Outcome::Delivered);
            break;
        }
        octets += 1;
    }
    assert!(octets > 60 && delivered > 0);
}

#[tokio::test(start_paused = true)]
async fn by_the_provider_over_a_bridge() {
    bridge_cut_at_every_octet(true).await;
}

#[tokio::test(start_paused = true)]
async fn by_the_mail_server_over_a_bridge() {
    bridge_cut_at_every_octet(false).await;
}
