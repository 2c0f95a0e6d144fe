//! The window once more, as an administrator.

use std::env;

use dequeue_api::{
    ApiError, ErrorCode, Text,
    client::error,
    elevated::{self, Opened},
};

/// Opens it. Gives whether the other window takes this one's place; else it has been closed again.
///
/// # Errors
/// In words: nobody has consented, or the system has no such way.
pub(crate) async fn open(text: &Text) -> Result<bool, ApiError> {
    let opened = match env::current_exe() {
        Ok(program) => elevated::open(program).await,
        Err(fault) => Err(fault),
    };
    match opened {
        Ok(Opened::Instead) => Ok(true),
        Ok(Opened::Beside) => Ok(false),
        Ok(Opened::Refused) => Err(refused(text)),
        Err(fault) => Err(no_way(&fault.to_string(), text)),
    }
}

fn refused(text: &Text) -> ApiError {
    error(ErrorCode::NotAllowed, text.get("elevation-refused"))
}

fn no_way(fault: &str, text: &Text) -> ApiError {
    let command = if cfg!(windows) {
        "dequeue account"
    } else {
        "sudo dequeue account"
    };
    let values = [("error", fault.into()), ("command", command.into())];
    let message = text.format("elevation-none", &values);
    error(ErrorCode::NotAllowed, message)
}
