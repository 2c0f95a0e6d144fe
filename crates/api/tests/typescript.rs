//! Writes the window's TypeScript from the api's types. A stale file is rewritten and fails the
//! test, so that CI never passes with a page that speaks another language than the engine.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{fs, path::Path};

use dequeue_core::{
    alarm::AlarmKind,
    arrivals::{ArrivalMonitoring, Arrivals, Count, MonitoringUnavailable},
    day::{ArrivedAmount, Day},
    health::Health,
    import::Withheld,
    mail_server::MailServerState,
    record,
    settings::channel::Channel,
};
use dequeue_smtp::{
    Certificate, CertificateTrust, Choice, DialogueLine, Method, Outcome, Reason, Security,
    Speaker, Tls,
};
use ts_rs::{Config, TS};

#[test]
fn the_windows_types_are_the_engines() {
    use dequeue_api as api;

    let mut text = String::from(
        "// Generated from crates/api by `cargo test -p dequeue-api --test typescript`.\n",
    );
    let config = Config::default();
    let mut add = |declaration: String| {
        text.push_str("\nexport ");
        text.push_str(&declaration);
        text.push('\n');
    };
    macro_rules! add {
        ($($name:ty),* $(,)?) => { $( add(<$name as TS>::decl(&config)); )* };
    }
    add!(
        api::Request,
        api::Response,
        api::ApiError,
        api::ErrorCode,
        api::FieldError,
        api::Event,
        api::Snapshot,
        api::GivenNotice,
        api::NewVersion,
        api::LogLevel,
        api::LogWanted,
        api::LogFrom,
        api::LogPlace,
        api::LogEntry,
        api::LogPage,
        api::PauseLength,
        Health,
        api::General,
        api::AccountView,
        api::SettingsView,
        api::AlarmView,
        AlarmKind,
        record::Notify,
        api::PokeView,
        record::Tried,
        record::DomainView,
        record::Delivered,
        ArrivalMonitoring,
        MonitoringUnavailable,
        MailServerState,
        Arrivals,
        Count,
        record::Trigger,
        record::Notice,
        record::NoticeKind,
        Day,
        ArrivedAmount,
        Channel,
        api::ChannelView,
        api::Kept,
        api::PasswordKept,
        Withheld,
        api::Trial,
        api::Check,
        api::CheckState,
        api::Finding,
        api::DiagnosisVerdict,
        api::Diagnosis,
        Method,
        Choice,
        Security,
        Tls,
        CertificateTrust,
        Certificate,
        Outcome,
        Reason,
        DialogueLine,
        Speaker,
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/api.ts");
    if fs::read_to_string(&path).ok().as_deref() != Some(&text) {
        fs::write(&path, &text).unwrap();
        panic!("ui/src/api.ts was stale and has been written anew: commit it");
    }
}
