//! What a person, or a script, gets to see: words, JSON or nothing, on a terminal or in a pipe.
//!
//! Results go to standard output, complaints and the line that tells what goes on to standard
//! error. A reader that has left is no fault: the rest is not written, and what was to be done is
//! done all the same.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    net::IpAddr,
};

use dequeue_api::PokeView;
use dequeue_core::{Text, record::DomainView, sink, text::name};
use dequeue_platform::console;
use dequeue_smtp::{DialogueLine, Method, Outcome, Reason, Speaker};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use crate::{arguments::Shown, failure::Failure};

/// A terminal is at least so wide: the line that is rewritten must not wrap.
const TERMINAL_WIDTH: usize = 79;

/// Where everything is said.
pub(crate) struct Output {
    /// The user's language.
    pub(crate) text: Text,
    shown: Shown,
    /// How many characters the line that tells what goes on has on the terminal; `None` where no
    /// such line is shown.
    live: Option<usize>,
    fault: Option<io::Error>,
}

#[derive(Serialize)]
struct Wrong<'a> {
    error: &'a Failure,
}

impl Output {
    pub(crate) fn new(shown: Shown, text: Text) -> Self {
        let rewritten = !shown.quiet && !shown.json && io::stderr().is_terminal();
        Self {
            text,
            shown,
            live: rewritten.then_some(0),
            fault: None,
        }
    }

    /// Whether JSON is wanted.
    pub(crate) const fn is_json(&self) -> bool {
        self.shown.json
    }

    /// Whether the dialogue is wanted.
    pub(crate) const fn is_verbose(&self) -> bool {
        self.shown.verbose
    }

    /// Whether there is a line that tells what goes on.
    pub(crate) const fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Whether nobody reads what is written: what is done only to be shown may end.
    pub(crate) const fn is_closed(&self) -> bool {
        self.fault.is_some()
    }

    /// What kept the output from being written, except for a reader that has left.
    pub(crate) fn into_fault(mut self) -> Option<io::Error> {
        self.end_live();
        self.fault.filter(|fault| !is_reader_gone(fault))
    }

    /// Says a line, or several, where words are wanted.
    pub(crate) fn say(&mut self, line: &str) {
        self.say_as_it_is(&sink::text(line));
    }

    /// Gives out what a file may be made of, where words are wanted: on a terminal with nothing that
    /// acts there, elsewhere as it is.
    pub(crate) fn give_out(&mut self, content: &str) {
        if io::stdout().is_terminal() {
            self.say(content);
        } else {
            self.say_as_it_is(content);
        }
    }

    fn say_as_it_is(&mut self, line: &str) {
        if !self.shown.json && !self.shown.quiet {
            self.write(line);
        }
    }

    /// Says an object, where JSON is wanted.
    pub(crate) fn object(&mut self, object: &impl Serialize) {
        if !self.shown.json {
            return;
        }
        match serde_json::to_string(object) {
            Ok(line) => self.write(&sink::json(&line)),
            Err(error) => self.fault = Some(error.into()),
        }
    }

    /// Says on standard error what deserves attention but stops nothing.
    pub(crate) fn warn(&mut self, sentence: &str) {
        self.end_live();
        if !self.shown.quiet {
            let line = format!("{}\n", sink::text(sentence));
            // Where there is no standard error either, nobody can be told.
            let _ = io::stderr().write_all(&console::for_stderr(&line));
        }
    }

    /// Whether somebody sits there who sees a question and can answer it.
    pub(crate) fn can_ask(&self) -> bool {
        let Shown { json, quiet, .. } = self.shown;
        !json && !quiet && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Says why the command was not carried out.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        if self.shown.json {
            self.object(&Wrong { error: failure });
        } else {
            self.warn(&failure.message);
        }
    }

    /// Says on a terminal what goes on, in a line that the next one takes the place of.
    pub(crate) fn going_on(&mut self, line: &str) {
        let Some(before) = self.live else { return };
        let line = sink::line(line);
        let mut shown: String = line.chars().take(TERMINAL_WIDTH).collect();
        let count = shown.chars().count();
        // Spaces, not an escape sequence, which older consoles of Windows would show.
        let _ = write!(shown, "{:1$}", "", before.saturating_sub(count));
        let mut terminal = io::stderr().lock();
        let _ = write!(terminal, "\r{shown}\r{line:.count$}").and_then(|()| terminal.flush());
        self.live = Some(count);
    }

    fn end_live(&mut self) {
        if self.live.is_some_and(|count| count > 0) {
            self.going_on("");
        }
    }

    /// As whoever reads standard output takes it: JSON is UTF-8 everywhere.
    fn coded<'a>(&self, line: &'a str) -> Cow<'a, [u8]> {
        if self.shown.json {
            Cow::Borrowed(line.as_bytes())
        } else {
            console::for_stdout(line)
        }
    }

    fn write(&mut self, line: &str) {
        self.end_live();
        if self.fault.is_none() {
            let line = format!("{line}\n");
            self.fault = io::stdout().write_all(&self.coded(&line)).err();
        }
    }

    /// A poke that has ended, after its dialogue where that is wanted.
    pub(crate) fn poke(&mut self, poke: &PokeView) {
        if self.shown.json {
            return self.object(poke);
        }
        if self.shown.verbose {
            self.dialogue(&poke.dialogue);
        }
        self.poke_ended(poke);
    }

    /// A poke that has ended, its dialogue being known.
    pub(crate) fn poke_ended(&mut self, poke: &PokeView) {
        if self.shown.json {
            return self.object(poke);
        }
        let name = match poke.account.as_str() {
            "" => &poke.host,
            account => account,
        };
        let mut how = Vec::new();
        if poke.method != Method::Auto {
            how.push(
                self.text
                    .format("cli-method", &[("method", poke.method.name().into())]),
            );
        }
        how.extend(Self::place(poke));
        how.push(poke.duration_words.clone());
        let values = [
            ("name", name.into()),
            ("outcome", self.outcome(poke.outcome).into()),
            ("how", how.join(", ").into()),
        ];
        self.say(&self.text.format("cli-poke", &values));
        self.say(&poke.explanation);
        for domain in &poke.domains {
            self.domain(domain);
        }
        let answer = answer(poke.code, poke.text.as_deref());
        if poke.domains.is_empty() && !answer.is_empty() {
            self.say(&self.text.format("cli-answer", &[("answer", answer.into())]));
        }
        self.detail(poke);
        self.offer_pin(poke);
    }

    /// Where the poke went: the host, unless that is said already, and its address.
    pub(crate) fn place(poke: &PokeView) -> Option<String> {
        let Some(address) = &poke.address else {
            return Some(poke.host.clone()).filter(|_| !poke.account.is_empty());
        };
        let is_said = poke.account.is_empty() || poke.host.parse::<IpAddr>().is_ok();
        Some(if is_said {
            address.clone()
        } else {
            format!("{}, {address}", poke.host)
        })
    }

    /// Why the poke went as it did, and what became known on the way.
    pub(crate) fn detail(&mut self, poke: &PokeView) {
        if let Some(choice) = poke.choice {
            let why = self.text.get(&format!("choice-{}", name(&choice)));
            let values = [("method", poke.method.name().into()), ("why", why.into())];
            self.say(&self.text.format("cli-choice", &values));
        }
        if let Some(tls) = &poke.tls {
            let values = [
                ("version", tls.version.as_str().into()),
                ("cipher", tls.cipher.as_str().into()),
                ("peer", tls.peer.as_str().into()),
            ];
            let key = format!("cli-tls-{}", name(&tls.trust));
            self.say(&self.text.format(&key, &values));
        }
        // Where the poke failed for it, the explanation says so.
        let fault = poke.tls_fault.as_ref();
        if let Some(fault) = fault.filter(|_| poke.tls.is_none() && poke.outcome.is_success()) {
            let why = self.text.explain_tls(&poke.host, fault);
            let values = [("why", why.into())];
            self.say(&self.text.format("cli-tls-failed", &values));
        }
        if let Some(certificate) = poke.certificate.as_ref().filter(|_| self.shown.verbose) {
            let fingerprint = certificate.fingerprint.as_str();
            let values = [("fingerprint", fingerprint.into())];
            self.say(&self.text.format("cli-certificate", &values));
        }
        if let Some(delivered) = poke.delivered {
            let octets = delivered.octets.to_string();
            let values = [("octets", octets.into())];
            self.say(&self.text.format("cli-delivered", &values));
        }
        if let Some(address) = poke.seen_address.filter(|_| self.shown.verbose) {
            let values = [("address", address.to_string().into())];
            self.say(&self.text.format("cli-seen", &values));
        }
        self.busy(poke);
    }

    /// How long the provider was busy after its goodbye, where that tells anything.
    pub(crate) fn busy(&mut self, poke: &PokeView) {
        if let Some(busy) = self.busy_for(poke) {
            self.say(&format!("  {busy}"));
        }
    }

    /// The same as a sentence.
    pub(crate) fn busy_for(&self, poke: &PokeView) -> Option<String> {
        let time = poke.busy_words.as_deref()?;
        Some(self.text.format("arrivals-busy", &[("time", time.into())]))
    }

    /// Where only the certificate stood in the way: what it is, and how it is trusted, if the
    /// provider says that it is theirs.
    fn offer_pin(&mut self, poke: &PokeView) {
        let Some(certificate) = poke.certificate.as_ref().filter(|_| poke.can_be_pinned) else {
            return;
        };
        let pin = certificate.fingerprint.as_str();
        // A pin counts only where every connection is encrypted; where it is not, the login stopped.
        let stopped_at_login = poke.reason == Reason::LoginUnverified;
        let command = match (poke.account.as_str(), stopped_at_login) {
            ("", false) => format!("--pin {pin}"),
            ("", true) => format!("--tls required --pin {pin}"),
            (account, false) => format!(
                "dequeue account set {} pin={pin}",
                sink::shell_word(account)
            ),
            (account, true) => {
                let account = sink::shell_word(account);
                format!("dequeue account set {account} tls=required pin={pin}")
            }
        };
        let key = if poke.account.is_empty() {
            "cli-pin-host"
        } else {
            "cli-pin-account"
        };
        for line in [
            "",
            &self.text.get("cli-pin-seen"),
            &format!("  {pin}"),
            &self.text.get(key),
            &format!("  {command}"),
        ] {
            self.say(line);
        }
    }

    fn domain(&mut self, domain: &DomainView) {
        let outcome = self.outcome(domain.outcome);
        let text = domain.text.as_deref();
        let answer = answer(domain.code, text);
        let line = if answer.is_empty() {
            format!("  {}: {outcome}", domain.domain)
        } else {
            format!("  {}: {outcome} ({answer})", domain.domain)
        };
        self.say(&line);
    }

    /// A whole dialogue.
    pub(crate) fn dialogue(&mut self, dialogue: &[DialogueLine]) {
        for line in dialogue {
            self.dialogue_line(line);
        }
    }

    /// A line of a dialogue.
    pub(crate) fn dialogue_line(&mut self, line: &DialogueLine) {
        self.say(&self.said(line));
    }

    /// A line of a dialogue, with who said it and when.
    pub(crate) fn said(&self, line: &DialogueLine) -> String {
        let at = self
            .text
            .format("duration-ms", &[("number", line.at_ms.to_string().into())]);
        let event;
        let (mark, said) = match line.from {
            Speaker::Provider => ("<<<", &line.line),
            Speaker::Us => (">>>", &line.line),
            Speaker::Connection => {
                let (name, host) = line.event_and_host();
                let values = [("host", host.unwrap_or_default().into())];
                event = self.text.format(&format!("window-line-{name}"), &values);
                ("---", &event)
            }
        };
        format!("{at:>10}  {mark} {said}")
    }

    /// What came of a poke, in a word or two.
    pub(crate) fn outcome(&self, outcome: Outcome) -> String {
        self.text.get(&format!("outcome-{}", outcome.name()))
    }
}

/// What the provider answered: the code and the text, as far as there are any.
fn answer(code: Option<u16>, text: Option<&str>) -> String {
    let code = code.map(|code| code.to_string());
    let parts: Vec<&str> = code.as_deref().into_iter().chain(text).collect();
    parts.join(" ")
}

/// A moment in this machine's time, as in `2026-11-25 10:15:00`.
pub(crate) fn local(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Whether a reader has left, who has seen enough. Windows has a further word for it, where the other
/// end is no program of its own (`ERROR_PIPE_NOT_CONNECTED`).
fn is_reader_gone(fault: &io::Error) -> bool {
    const NOT_CONNECTED: i32 = 233;
    fault.kind() == io::ErrorKind::BrokenPipe
        || cfg!(windows) && fault.raw_os_error() == Some(NOT_CONNECTED)
}

#[cfg(test)]
mod tests {
    use dequeue_core::text::LANGUAGES;
    use dequeue_smtp::{CertificateTrust, Choice, report::CONNECTION_EVENTS};

    use super::*;

    #[test]
    fn whatever_happens_has_its_words() {
        let choices = [
            Choice::NoDomains,
            Choice::EtrnOffered,
            Choice::EtrnAnswered,
            Choice::EtrnUnknown,
            Choice::AtrnOffered,
            Choice::Remembered,
        ];
        let choices = choices.map(|choice| format!("choice-{}", name(&choice)));
        let trusts = [
            CertificateTrust::Verified,
            CertificateTrust::Pinned,
            CertificateTrust::Unverified,
        ];
        let trusts = trusts.map(|trust| format!("cli-tls-{}", name(&trust)));
        let events = CONNECTION_EVENTS.map(|event| format!("window-line-{event}"));
        for language in LANGUAGES {
            let text = Text::for_language(language);
            for key in events.iter().chain(&choices).chain(&trusts) {
                assert_ne!(&text.get(key), key, "{language}");
            }
        }
    }

    #[test]
    fn a_provider_was_busy_only_where_that_tells_anything() {
        let busy_for = |busy_ms: Option<u32>, language| {
            let poke = serde_json::from_value(serde_json::json!({
                "id": 1, "account": "a", "host": "h.test", "address": null, "method": "signal",
                "outcome": "signalled", "reason": "quit-signals", "code": 221, "text": null,
                "domains": [], "trigger": "schedule", "started_at": "2026-11-25T09:15:00Z",
                "duration_ms": 1, "round_trips": 3, "tls": null, "busy_ms": busy_ms,
                "seen_address": null, "dialogue": []
            }));
            let text = Text::for_language(language);
            let poke = PokeView::new(poke.unwrap(), &text);
            Output::new(Shown::default(), text).busy_for(&poke)
        };
        for quick in [None, Some(0), Some(299)] {
            assert_eq!(busy_for(quick, "en"), None);
        }
        for (ms, said) in [(300, "300 ms"), (1849, "1.8 s"), (59_960, "1 min 0 s")] {
            let sentence =
                format!("The provider stayed connected for {said}, as it does while it delivers.");
            assert_eq!(busy_for(Some(ms), "en"), Some(sentence));
        }
        let dutch = busy_for(Some(1849), "nl").unwrap();
        assert!(dutch.contains("1,8 s"), "{dutch}");
    }
}
