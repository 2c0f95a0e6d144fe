//! Throw-away certificates for the providers that speak TLS.

use std::{net::Ipv4Addr, path::Path, process::Command};

use super::process;

/// Makes a self-signed certificate for `mail.provider.test` and the address `ip`: `cert.pem` and
/// `key.pem` in `folder`.
///
/// # Panics
/// When openssl fails.
pub fn make(folder: &Path, ip: Ipv4Addr) {
    let output = Command::new(process::find("openssl", "openssl"))
        .current_dir(folder)
        .args(["req", "-x509", "-nodes", "-days", "30"])
        .args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-subj", "/CN=mail.provider.test", "-addext"])
        .arg(format!("subjectAltName=DNS:mail.provider.test,IP:{ip}"))
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .output()
        .expect("openssl can be run");
    assert!(
        output.status.success(),
        "openssl: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
