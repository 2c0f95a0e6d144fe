//! What goes wrong with a request, in words.

use std::path::Path;

use dequeue_api::{ApiError, ErrorCode, FieldError, client::error, paths::Paths};
use dequeue_core::{
    import::new_commands,
    settings::{definition::Defined, fault::Fault, file::FileFault},
    text::Text,
};

use crate::{history::HistoryError, settings_file::EditError};

/// There is no account of this name, only those of these `names`.
pub(super) fn no_such_account<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
    text: &Text,
) -> ApiError {
    let names: Vec<&str> = names.collect();
    let key = if names.is_empty() {
        "error-no-accounts"
    } else {
        "error-no-such-account"
    };
    let values = [("name", name.into()), ("accounts", names.join(", ").into())];
    error(ErrorCode::NoSuchAccount, text.format(key, &values))
}

pub(super) fn history(fault: &HistoryError, paths: &Paths, text: &Text) -> ApiError {
    let message = about("error-history", fault, paths.data(), text);
    error(ErrorCode::History, message)
}

pub(super) fn invalid(faults: &[Fault], text: &Text) -> ApiError {
    wrong(fields(faults, "", text))
}

/// Wrong fields, each key behind `place`.
pub(super) fn fields(faults: &[Fault], place: &str, text: &Text) -> Vec<FieldError> {
    let fields = faults.iter().map(|fault| FieldError {
        field: format!("{place}{}", fault.field),
        message: fault.sentence(text),
    });
    fields.collect()
}

pub(super) fn wrong(fields: Vec<FieldError>) -> ApiError {
    let sentences: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
    ApiError {
        code: ErrorCode::InvalidInput,
        message: sentences.join("\n"),
        fields,
    }
}

/// The programs that settings start and that those before them did not, each key behind `place`.
pub(super) fn commands<T: Defined>(
    before: &T,
    after: &T,
    account: Option<&str>,
    place: &str,
    text: &Text,
) -> Vec<FieldError> {
    let commands = new_commands(before, after).into_iter();
    let field = |(key, line): (&str, String)| {
        let sentence = match account {
            Some(_) => "import-command-of-account",
            None => "import-command",
        };
        let values = [
            ("account", account.unwrap_or_default().into()),
            ("key", key.into()),
            ("command", line.into()),
        ];
        FieldError {
            field: format!("{place}{key}"),
            message: text.format(sentence, &values),
        }
    };
    commands.map(field).collect()
}

/// Nobody has allowed these programs.
pub(super) fn not_allowed(commands: Vec<FieldError>) -> ApiError {
    ApiError {
        code: ErrorCode::CommandsNotAllowed,
        ..wrong(commands)
    }
}

/// What is wrong with the settings file; `None` where nothing is.
pub(super) fn fault_sentence(faults: &[FileFault], text: &Text) -> Option<String> {
    let sentences: Vec<String> = faults.iter().map(|fault| fault.sentence(text)).collect();
    (!sentences.is_empty()).then(|| sentences.join("\n"))
}

/// The settings file cannot be read.
pub(super) fn faulty(faults: &[FileFault], text: &Text) -> ApiError {
    let fault = fault_sentence(faults, text).unwrap_or_default();
    error(ErrorCode::SettingsFault, fault)
}

/// The settings file cannot be read, and so it cannot be changed.
pub(super) fn faulty_not_saved(faults: &[FileFault], text: &Text) -> ApiError {
    let fault = fault_sentence(faults, text).unwrap_or_default();
    let message = text.format("settings-faulty-not-saved", &[("fault", fault.into())]);
    error(ErrorCode::SettingsFault, message)
}

/// The settings file was not changed.
pub(super) fn not_edited(fault: EditError<ApiError>, paths: &Paths, text: &Text) -> ApiError {
    let not_written = |key, fault: &dyn std::fmt::Display| {
        let message = about(key, fault, paths.settings(), text);
        error(ErrorCode::SettingsNotWritable, message)
    };
    match fault {
        EditError::Refused(error) => error,
        EditError::Faulty(faults) => faulty_not_saved(&faults, text),
        EditError::NotWritable(fault) => not_written("settings-not-writable", &fault),
        EditError::Contended => not_written("settings-contended", &""),
    }
}

/// A sentence on something that went wrong with a path.
fn about(key: &str, fault: &dyn std::fmt::Display, path: &Path, text: &Text) -> String {
    let values = [
        ("error", fault.to_string().into()),
        ("path", path.display().to_string().into()),
    ];
    text.format(key, &values)
}
