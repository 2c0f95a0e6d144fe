//! Why a command was not carried out: one shape for everything, with the exit status.

use dequeue_api::{ApiError, ErrorCode, Snapshot};
use dequeue_core::{
    Text,
    settings::{
        Account,
        fault::Fault,
        file::{FileFault, FileFaultKind},
    },
    text,
};
use dequeue_engine::StartError;
use dequeue_smtp::TlsFault;
use serde::Serialize;

/// The exit statuses of `sysexits.h` for what never became a poke; a poke brings its own.
pub(crate) mod status {
    /// A command line or a value that cannot be used.
    pub(crate) const USAGE: u8 = 64;
    /// The service is not there, or does not answer.
    pub(crate) const UNAVAILABLE: u8 = 69;
    /// A fault of our own, or of this machine.
    pub(crate) const FAULT: u8 = 70;
    /// It takes an administrator.
    pub(crate) const NOT_ALLOWED: u8 = 77;
    /// The settings are wrong (EX_CONFIG of sysexits.h).
    pub(crate) const SETTINGS: u8 = 78;
}

/// Why a command was not carried out.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// The exit status.
    #[serde(skip)]
    pub(crate) status: u8,
    /// For programs: an [`ErrorCode`] of the api, or `usage`, `not-started`, `output`.
    pub(crate) code: String,
    /// For people: what is wrong, and what to do. May have several lines.
    pub(crate) message: String,
    /// The fields that are wrong, where it is about fields.
    pub(crate) fields: Vec<WrongField>,
}

/// A field that is wrong.
#[derive(Debug, Serialize)]
pub(crate) struct WrongField {
    /// Its key in the settings file; empty for a fault of the file itself.
    field: String,
    /// Its line in the settings file.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// One sentence: the field, the fault, the remedy.
    message: String,
}

impl Failure {
    /// A command line that is not one.
    pub(crate) fn usage(message: String) -> Self {
        Self {
            status: status::USAGE,
            code: "usage".to_owned(),
            message,
            fields: Vec::new(),
        }
    }

    /// A fault of this machine's or our own.
    pub(crate) fn fault(code: &str, message: String) -> Self {
        Self {
            status: status::FAULT,
            code: code.to_owned(),
            message,
            fields: Vec::new(),
        }
    }

    /// No engine could be had.
    pub(crate) fn start(error: &StartError, text: &Text) -> Self {
        Self::fault("not-started", error.sentence(text))
    }

    /// Values that cannot be used.
    pub(crate) fn values(faults: &[Fault], text: &Text) -> Self {
        let fields = faults.iter().map(|fault| WrongField {
            field: fault.field.clone(),
            line: None,
            message: fault.sentence(text),
        });
        Self::about(ErrorCode::InvalidInput, fields.collect())
    }

    /// A settings file with faults.
    pub(crate) fn settings(faults: &[FileFault], text: &Text) -> Self {
        let fields = faults.iter().map(|fault| WrongField {
            field: match &fault.kind {
                FileFaultKind::Setting(wrong) => wrong.field.clone(),
                _ => String::new(),
            },
            line: fault.line,
            message: fault.sentence(text),
        });
        Self::about(ErrorCode::SettingsFault, fields.collect())
    }

    /// Files that accounts name for TLS and that cannot be used: each with its account.
    pub(crate) fn tls_files(faults: &[(&Account, TlsFault)], text: &Text) -> Self {
        let fields = faults.iter().map(|(account, fault)| {
            let host = account.host.as_str();
            let (why, advice) = (text.explain_tls(host, fault), text.advise_tls(host, fault));
            let values = [
                ("account", account.name.as_str().into()),
                ("fault", format!("{why} {advice}").into()),
            ];
            WrongField {
                field: match fault {
                    TlsFault::File { file, .. } => text::name(file),
                    _ => String::new(),
                },
                line: None,
                message: text.format("settings-of-account", &values),
            }
        });
        Self::about(ErrorCode::SettingsFault, fields.collect())
    }

    /// No account has this name.
    pub(crate) fn no_such_account(name: &str, snapshot: &Snapshot, text: &Text) -> Self {
        let accounts = snapshot
            .accounts
            .iter()
            .map(|account| account.name.as_str());
        let accounts = accounts.collect::<Vec<_>>().join(", ");
        let key = if accounts.is_empty() {
            "error-no-accounts"
        } else {
            "error-no-such-account"
        };
        let values = [("name", name.into()), ("accounts", accounts.into())];
        Self::of(ErrorCode::NoSuchAccount, text.format(key, &values))
    }

    /// One with a code of the api.
    pub(crate) fn of(code: ErrorCode, message: String) -> Self {
        ApiError {
            code,
            message,
            fields: Vec::new(),
        }
        .into()
    }

    fn about(code: ErrorCode, fields: Vec<WrongField>) -> Self {
        let sentences: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
        let message = sentences.join("\n");
        Self {
            fields,
            ..Self::of(code, message)
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let status = match error.code {
            ErrorCode::InvalidInput
            | ErrorCode::NoSuchAccount
            | ErrorCode::NoSuchPoke
            | ErrorCode::CommandsNotAllowed => status::USAGE,
            ErrorCode::NotAllowed => status::NOT_ALLOWED,
            ErrorCode::SettingsFault | ErrorCode::SettingsNotWritable => status::SETTINGS,
            ErrorCode::History
            | ErrorCode::Demo
            | ErrorCode::StartAtLogin
            | ErrorCode::Log
            | ErrorCode::Update
            | ErrorCode::Secret
            | ErrorCode::EngineGone
            | ErrorCode::Protocol
            | ErrorCode::TooLarge
            | ErrorCode::HandOver => status::FAULT,
        };
        let fields = error.fields.into_iter().map(|wrong| WrongField {
            field: wrong.field,
            line: None,
            message: wrong.message,
        });
        Self {
            status,
            code: text::name(&error.code),
            message: error.message,
            fields: fields.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_for_programs() {
        let faults = dequeue_core::settings::Account::unnamed([(
            "host",
            dequeue_core::settings::value::Value::Text("two words"),
        )]);
        let failure = Failure::values(&faults.unwrap_err(), &Text::for_language("en"));
        let json = serde_json::to_value(&failure).unwrap();
        let sentence = "Host: “two words” contains a space. Enter only the provider's name or address, as in bsmtp.example.org.";
        assert_eq!(
            json,
            serde_json::json!({
                "code": "invalid-input",
                "message": sentence,
                "fields": [{ "field": "host", "message": sentence }],
            })
        );
        assert_eq!(failure.status, 64);
    }
}
